/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line: one line of a picture on a terminal.
 *
 * Whatever is put into it, it is never wider than its limit: columns are counted, what is too long is cut. Text from
 * outside (file names, news) can't steer the terminal: control characters and what it can't show become '?'.
 */
#ifndef CONTROL_CLI_LINE_H
#define CONTROL_CLI_LINE_H

#include "dsp/dsp.h"

enum { LINE_BYTES = 2048 };

enum line_style { PLAIN, BOLD, DIM, GREEN, YELLOW, RED, PAPER /* white on black */, LINE_STYLES };

enum line_glyph {
    GLYPH_ELLIPSIS,
    GLYPH_PLAY,
    GLYPH_STOP,
    GLYPH_DOT,
    GLYPH_RING,
    GLYPH_ARROWS,
    GLYPH_TRACK,
    GLYPH_HOLD,
    GLYPH_DONE,
    GLYPH_HEAD,
    GLYPH_TODO
};

struct line {
    char text[LINE_BYTES]; /* always ends in NUL */
    size_t bytes;
    int columns;
    int limit;         /* columns; the owner may narrow it for a while */
    int margin, width; /* columns; where it began, and the widest limit */
    bool utf8, colour;
    enum line_style last; /* what the text ends in */
};

void line_begin(struct line *l, int margin, int width, bool utf8, bool colour);
/* In the terminal's letters. One column wide, but for the arrows. */
const char *line_glyph(const struct line *l, enum line_glyph g);
int line_width_of(const struct line *l, const char *text);
/* Appends as much as the limit allows. */
void line_put(struct line *l, enum line_style style, const char *text);
/* Cut with an ellipsis if it is too long. */
void line_put_cut(struct line *l, enum line_style style, const char *text);
/* The same for a path, whose end tells more than its start. */
void line_put_tail(struct line *l, enum line_style style, const char *text);
void line_pad_to(struct line *l, int column);
/* Keeps room for `right` at the line's end; false, and none is kept, if that would leave hardly any for the rest. */
bool line_reserve_right(struct line *l, const char *right);
void line_put_right(struct line *l, enum line_style style, const char *right);

#endif
