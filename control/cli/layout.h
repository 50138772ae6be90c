/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layout: what a tablet shows, from the parameter table: pages of columns of rows. One file each makes it a file for a
 * program.
 *
 * levels   what is in dB on a dB scale moves in steps (PATH/step) and by nothing else, so that no tap, and no tablet
 *          that doesn't know yet where the host stands, can make the sound jump
 */
#ifndef CONTROL_CLI_LAYOUT_H
#define CONTROL_CLI_LAYOUT_H

#include "engine/params.h"

enum { LAYOUT_PAGES = 10, LAYOUT_COLUMNS = 16, LAYOUT_ROWS = 14 };

enum layout_kind {
    LAYOUT_SWITCH,
    LAYOUT_CHOICE,
    LAYOUT_STEPS, /* less, more */
    LAYOUT_FADER,
    LAYOUT_PUSH,
    LAYOUT_WORDS, /* a text to be typed */
    LAYOUT_METER,
    LAYOUT_SHOWN /* a text, or a reading without a length to show */
};

struct layout_column {
    char title[PARAM_PATH_SIZE];
    const struct param *row[LAYOUT_ROWS];
    int nrows;
};

struct layout_page {
    const char *title;
    struct layout_column column[LAYOUT_COLUMNS];
    int ncolumns;
};

struct layout {
    struct layout_page page[LAYOUT_PAGES];
    int npages;
};

void layout_make(struct layout *l);

enum layout_kind layout_kind(const struct param *p);
/* Of one press or tick, in the row's unit. */
double layout_step(const struct param *p);
/* What of a meter's range is worth a place. */
void layout_span(const struct param *p, double *low, double *high);

/* The file's bytes, to be freed; NULL: no memory. port: where the tablet listens. */
unsigned char *layout_touchosc(const struct layout *l, int port, size_t *size);
unsigned char *layout_stagecontrol(const struct layout *l, size_t *size);

#endif
