/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * defaults: the parameter table's, as its users hold them. params_init() comes first.
 */
#ifndef TEST_KIT_DEFAULTS_H
#define TEST_KIT_DEFAULTS_H

#include "engine/chain.h"

/* One a parameter, by id; to be freed. */
double *default_values(void);

struct settings default_settings(void);

/* Of a row that there is. */
int id_of(const char *path);

#endif
