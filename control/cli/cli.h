/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli: one file a verb. argv[0] is the verb. Exit status: 0 done, 1 the work failed, 2 wrong use.
 */
#ifndef CONTROL_CLI_CLI_H
#define CONTROL_CLI_CLI_H

int run_main(int argc, char **argv);
int render_main(int argc, char **argv);
int check_main(int argc, char **argv);
int ctl_main(int argc, char **argv);
int calibrate_main(int argc, char **argv);
int params_main(int argc, char **argv);
int preset_main(int argc, char **argv);
int profile_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int bench_main(int argc, char **argv);
int bridge_main(int argc, char **argv);
int layout_main(int argc, char **argv);
int completion_main(int argc, char **argv);

/* "deadwax: TEXT" on standard error; returns status. */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Growing list of words, "--set A=B --set C=D". */
struct cli_words {
    const char **word;
    int n;
};

void cli_words_add(struct cli_words *w, const char *word);
void cli_words_free(struct cli_words *w);

/* A whole number in a range; wrong use ends the program with 2 and one line. */
long cli_number(const char *option, const char *word, long min, long max);
double cli_real(const char *option, const char *word, double min, double max);

#endif
