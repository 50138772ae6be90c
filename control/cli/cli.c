/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int
cli_fail(int status, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fprintf(stderr, "deadwax: ");
    vfprintf(stderr, format, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    return status;
}

void
cli_words_add(struct cli_words *w, const char *word)
{
    w->word = realloc(w->word, sizeof *w->word * (size_t)(w->n + 1));
    if (!w->word)
        exit(cli_fail(1, "out of memory"));
    w->word[w->n++] = word;
}

void
cli_words_free(struct cli_words *w)
{
    free(w->word);
    *w = (struct cli_words){0};
}

long
cli_number(const char *option, const char *word, long min, long max)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(word, &end, 10);
    if (end == word || *end || errno || n < min || n > max)
        exit(cli_fail(2, "%s: %s is not a whole number from %ld to %ld", option, word, min, max));
    return n;
}

double
cli_real(const char *option, const char *word, double min, double max)
{
    char *end;
    double x = strtod(word, &end);

    if (end == word || *end || !(x >= min && x <= max))
        exit(cli_fail(2, "%s: %s is not a number from %g to %g", option, word, min, max));
    return x;
}
