/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/line.h"

#include "control/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define RESET "\033[0m"

static const char *const sgr[LINE_STYLES] = {"",         "\033[1m",  "\033[2m",         "\033[32m",
                                             "\033[33m", "\033[31m", "\033[97m\033[40m"};

/* [0] for any terminal, [1] for UTF-8; all are one column wide but GLYPH_ARROWS. */
static const char *const glyphs[][2] = {
    [GLYPH_ELLIPSIS] = {"~", "…"}, [GLYPH_PLAY] = {">", "►"}, [GLYPH_STOP] = {"#", "■"},
    [GLYPH_DOT] = {"*", "●"},      [GLYPH_RING] = {"-", "○"}, [GLYPH_ARROWS] = {"<- ->", "← →"},
    [GLYPH_TRACK] = {".", "·"},    [GLYPH_HOLD] = {"|", "│"}, [GLYPH_DONE] = {"=", "━"},
    [GLYPH_HEAD] = {">", "╸"},     [GLYPH_TODO] = {"-", "─"},
};

/* Columns, or -1 for what must not reach the terminal: controls, and marks that turn the writing's direction. */
static int
width_of(wchar_t c, bool utf8)
{
    if (utf8_steers(c))
        return -1;
    return c < 0x7f ? 1 : utf8 ? wcwidth(c) : -1;
}

void
line_begin(struct line *l, int margin, int width, bool utf8, bool colour)
{
    l->bytes = 0;
    l->text[0] = '\0';
    l->columns = 0;
    l->limit = l->width = width;
    l->margin = margin;
    l->utf8 = utf8;
    l->colour = colour;
    l->last = PLAIN;
    line_pad_to(l, margin);
}

const char *
line_glyph(const struct line *l, enum line_glyph g)
{
    return glyphs[g][l->utf8];
}

int
line_width_of(const struct line *l, const char *text)
{
    int columns = 0, n;
    wchar_t c;

    for (; (n = utf8_decode(text, &c)) > 0; text += n) {
        int w = width_of(c, l->utf8);

        columns += w < 0 ? 1 : w;
    }
    return columns;
}

void
line_put(struct line *l, enum line_style style, const char *text)
{
    bool styled = style != PLAIN && l->colour;
    int n;
    wchar_t c;

    if (l->columns >= l->limit || l->bytes + 32 > sizeof l->text)
        return;
    if (styled && style == l->last)
        l->bytes -= sizeof RESET - 1; /* goes on as before */
    else if (styled)
        l->bytes += (size_t)sprintf(l->text + l->bytes, "%s", sgr[style]);
    for (; (n = utf8_decode(text, &c)) > 0; text += n) {
        int w = width_of(c, l->utf8);

        if (l->columns + abs(w) > l->limit || l->bytes + 16 > sizeof l->text)
            break;
        memcpy(l->text + l->bytes, w < 0 ? "?" : text, w < 0 ? 1 : (size_t)n);
        l->bytes += w < 0 ? 1 : (size_t)n;
        l->columns += abs(w);
    }
    if (styled)
        l->bytes += (size_t)sprintf(l->text + l->bytes, RESET);
    l->last = styled ? style : PLAIN;
    l->text[l->bytes] = '\0';
}

void
line_put_cut(struct line *l, enum line_style style, const char *text)
{
    int limit = l->limit;

    if (l->columns + line_width_of(l, text) <= limit) {
        line_put(l, style, text);
        return;
    }
    l->limit = limit - 1;
    line_put(l, style, text);
    l->limit = limit;
    line_put(l, DIM, line_glyph(l, GLYPH_ELLIPSIS));
}

void
line_put_tail(struct line *l, enum line_style style, const char *text)
{
    wchar_t c;

    if (l->columns + line_width_of(l, text) > l->limit)
        line_put(l, DIM, line_glyph(l, GLYPH_ELLIPSIS));
    while (*text && l->columns + line_width_of(l, text) > l->limit)
        text += utf8_decode(text, &c);
    line_put(l, style, text);
}

void
line_pad_to(struct line *l, int column)
{
    while (l->columns < column && l->columns < l->limit)
        line_put(l, PLAIN, " ");
}

bool
line_reserve_right(struct line *l, const char *right)
{
    int limit = l->width - line_width_of(l, right) - 2;

    if (!*right || limit < l->margin + 12)
        return false;
    l->limit = limit;
    return true;
}

void
line_put_right(struct line *l, enum line_style style, const char *right)
{
    l->limit = l->width;
    line_pad_to(l, l->width - line_width_of(l, right));
    line_put(l, style, right);
}
