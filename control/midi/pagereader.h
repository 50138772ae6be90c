/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pagereader: who reads a profile's words: where it is, what of it is wrong, and the words that all places have: names,
 * rows, values.
 */
#ifndef CONTROL_MIDI_PAGEREADER_H
#define CONTROL_MIDI_PAGEREADER_H

#include "control/midi/pagesinside.h"

struct reader {
    struct words *w;
    const struct surface_profile *p;
    pages_wrong *wrong;
    void *context;
    bool no_mem;
    int faults;
    char where[96]; /* "pages[2].assign[5]" */
};

struct ends {
    double low, high, low_value, high_value;
};

/* key: of what `where` is; "" itself. */
void reader_complain(struct reader *r, const char *key, const struct err *e);
void reader_say(struct reader *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void reader_at(struct reader *r, int page, unsigned assign);    /* page -1: all pages' */
void *reader_take(struct reader *r, size_t count, size_t size); /* NULL is noted */

/* Which of `count` names is `name`; -1: told what it should have been. */
int reader_name(struct reader *r, const char *key, const char *kind, const char *name,
                const char *const *names, int count);
/* offset: of the name within what is `size` bytes large. */
int reader_name_in(struct reader *r, const char *key, const char *kind, const char *name, const void *array,
                   unsigned count, size_t size, size_t offset);

/* # becomes the number. -1: told, or # is beyond the table's rows, which is no fault: *beyond. */
int reader_row(struct reader *r, const char *key, const char *word, int number, bool *beyond);
/* As --set reads it, of readings too: rings show them. */
bool reader_value(struct reader *r, const char *key, const struct param *row, const char *word,
                  double *value);
/* Ends of a way; NULL: the row's. */
bool reader_ends(struct reader *r, const struct param *row, const char *low, const char *high,
                 struct ends *ends);

#endif
