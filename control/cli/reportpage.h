/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reportpage: results as one page of HTML that needs nothing else: no network, no font, no script for what matters.
 *
 * For a client who knows nothing of dB, and an engineer who does: a verdict in plain words, what was found on the time
 * line, then every figure with its sentence. Light and dark, on a telephone and on paper. It is well-formed XML too.
 * Files are shown by their names without folders: it is made to be sent away.
 */
#ifndef CONTROL_CLI_REPORTPAGE_H
#define CONTROL_CLI_REPORTPAGE_H

#include "control/cli/results.h"

#include <stdio.h>

/* The caller looks at ferror and fclose. */
void reportpage_write(FILE *out, const struct results *r);

#endif
