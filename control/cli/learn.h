/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * learn: deadwax profile learn: the running host learns what a control is for, and says how it goes.
 */
#ifndef CONTROL_CLI_LEARN_H
#define CONTROL_CLI_LEARN_H

/* argv[0] is "learn". The exit status. */
int learn_main(int argc, char **argv);

#endif
