/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pagesinside: a profile's words, looked up: what passes between pagewords.c, which reads them, and pages.c.
 */
#ifndef CONTROL_MIDI_PAGESINSIDE_H
#define CONTROL_MIDI_PAGESINSIDE_H

#include "control/midi/pages.h"

enum { PAGES_LAYERS = 32 };

struct stand { /* what one control of an assignment stands for */
    struct pages_target target;
    int slot; /* of the window's, from 0; -1: it does not look at slots */
};

struct part {                /* one assignment */
    int group, first, count; /* its controls, from 0; group -1: it is wrong */
    int layer;               /* -1: none */
    bool slots;
    struct stand *stand; /* one a control */
};

struct parts {
    struct part *part;
    int count;
};

struct slots {
    int *param;
    int count;
};

struct moves {
    struct pages_move *move;
    int count;
};

struct words {
    const struct surface_profile *p;
    struct parts *parts; /* one a page, and all pages' behind them */
    struct slots *slots; /* one a page */
    struct moves *macros;
    const char *layer[PAGES_LAYERS];
    int layers;
};

/* Of a group's controls; a group without a count is one. */
static inline int
words_count(const struct surface_profile *p, int group)
{
    return p->controls[group].count > 0 ? p->controls[group].count : 1;
}

/* OK, BAD_ARG when something was told to be wrong, NO_MEM. Whatever it returns, words_free. */
enum status words_read(struct words *w, const struct surface_profile *p, pages_wrong *wrong, void *context);
void words_free(struct words *w);
int words_layer(const struct words *w, const char *name); /* -1: none */

#endif
