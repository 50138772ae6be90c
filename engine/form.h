/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * form: a flat sheet (KEY: VALUE lines) put into a struct by a table of its fields; all that is wrong is told at once.
 */
#ifndef ENGINE_FORM_H
#define ENGINE_FORM_H

#include "engine/sheet.h"

enum form_kind {
    FORM_TEXT,   /* char *, from malloc */
    FORM_DATE,   /* the same, YYYY-MM-DD, YYYY-MM or YYYY */
    FORM_NUMBER, /* double, min..max */
    FORM_YES_NO, /* bool: yes, no, true, false */
    FORM_WORD,   /* int, which of the words */
    FORM_NUMBERS /* struct form_numbers, each min..max */
};

enum { FORM_NUMBERS_MAX = 16, FORM_TEXT_MAX = 4096 };

struct form_numbers {
    int count;
    double value[FORM_NUMBERS_MAX];
};

struct form_field {
    const char *key;
    enum form_kind kind;
    size_t offset; /* in the struct */
    bool needed;
    double min, max;
    const char *const *words;
    int nwords;
};

/*
 * What the sheet does not name stays as it is in *into. BAD_ARG: e has "FILE:LINE: what: mend" of the first mistake,
 * and behind it "; line LINE: ..." of each other one that there is room for; NO_MEM. Texts in *into are the caller's to
 * free (form_free), after an error too.
 */
enum status form_fill(struct sheet *s, const struct form_field *fields, int nfields, void *into,
                      struct err *e);
void form_free(const struct form_field *fields, int nfields, void *into);

#endif
