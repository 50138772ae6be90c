/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pages: which control of a surface stands for what at the moment: page, bank, layer, flip.
 *
 * Bookkeeping alone: no MIDI, no clock. A profile's words (paths, values, actions) are looked up once, when it is opened;
 * profiles that were checked (surface_load) have none that are unknown.
 *
 * page    one of the profile's; each keeps its bank
 * bank    where the window over the page's slots begins
 * layer   a word that buttons hold down, or lock
 * flip    faders and encoders that both look at slots change places: fader/n shows what encoder/n stood for, and back
 */
#ifndef CONTROL_MIDI_PAGES_H
#define CONTROL_MIDI_PAGES_H

#include "engine/params.h"
#include "engine/surface.h"

enum pages_does {
    PAGES_NOTHING,
    PAGES_ROW,   /* param, low, high ... */
    PAGES_MACRO, /* macro */
    PAGES_PAGE,  /* page: opens it; lit while it is open */
    PAGES_PAGE_NEXT,
    PAGES_PAGE_PREVIOUS,
    PAGES_BANK_NEXT, /* by as many slots as the window has; lit while there is more */
    PAGES_BANK_PREVIOUS,
    PAGES_SLOT_NEXT, /* by one */
    PAGES_SLOT_PREVIOUS,
    PAGES_FLIP,       /* lit while flipped */
    PAGES_LAYER,      /* layer: while held */
    PAGES_LAYER_LOCK, /* layer: until pressed again */
    PAGES_DEFAULT,    /* "default encoder": the row of that group's same number gets its default */
    PAGES_TOGGLE,     /* "toggle encoder": its row's module is switched: /eq/3/gain: /eq/3/on, else /eq/on */
    PAGES_FINE,       /* while held, ticks move a tenth */
    PAGES_VALUES,     /* displays show all values, not only what moves */
    PAGES_RESYNC      /* tells the box all anew */
};

struct pages_target {
    enum pages_does does;
    const struct surface_assign *assign; /* NULL: NOTHING */
    int param;                           /* -1: none */
    int base;                            /* the row that `by` is added to; param where none is named */
    double low, high;                    /* 0..1 on the row's scale: ends of the way, invert counted */
    double low_value, high_value;        /* the same in the row's unit */
    bool has_value;
    double value;           /* a button's, in the row's unit */
    int macro, page, group; /* group: of DEFAULT and TOGGLE */
    int number;             /* and which of it, from 0 */
    const char *layer;
};

struct pages_move { /* one row of a macro */
    int param;
    double low, high;             /* 0..1 on the row's scale, where the macro is 0 and 1; */
    double low_value, high_value; /* the same in the row's unit */
};

struct pages;

/* where: "pages[2].assign[5].to", numbers from 0. */
typedef void pages_wrong(void *context, const char *where, const struct err *e);
/* All words of the profile that are unknown or have no sense where they stand. False: there is one. wrong may be NULL. */
bool pages_check(const struct surface_profile *p, pages_wrong *wrong, void *context);

/* p and the table must outlive it. BAD_ARG: a word that is unknown, e says which. NO_MEM. */
enum status pages_open(struct pages **g, const struct surface_profile *p, struct err *e);
void pages_close(struct pages *g);

/* What a control stands for now; never NULL. Valid until the next call that changes something. */
const struct pages_target *pages_target(const struct pages *g, int group, int n);
/* The rows of a macro, the one that says where it stands first; how many. */
int pages_macro(const struct pages *g, int macro, const struct pages_move **moves);
/* The switch of a row's module: /eq/3/gain: /eq/3/on, else /eq/on; -1: it has none. */
int pages_switch(int param);
/* The slot in the window that belongs to a control's column, for displays; -1: none. */
int pages_slot_param(const struct pages *g, int column);

/* Each returns whether anything stands for something else now. */
bool pages_open_page(struct pages *g, int page);
bool pages_step_page(struct pages *g, int by);
bool pages_move_bank(struct pages *g, int by_slots);
bool pages_set_layer(struct pages *g, const char *layer, bool held);
bool pages_lock_layer(struct pages *g, const char *layer);
bool pages_flip(struct pages *g);

int pages_page(const struct pages *g);
int pages_window(const struct pages *g); /* slots that are seen at once; 0: the page has none */
int pages_bank(const struct pages *g);   /* the window's first, from 0 */
int pages_slots(const struct pages *g);
bool pages_flipped(const struct pages *g);
bool pages_layer_is(const struct pages *g, const char *layer);
/* Counts changes: unchanged number, the same targets. */
uint64_t pages_changes(const struct pages *g);

#endif
