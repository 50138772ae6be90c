/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What displays show. A display with an assignment shows that. Of the others each strip shows what the controls in its
 * column stand for: what has just moved, else the encoder's row, the fader's, the pot's. A single display shows what has
 * just moved anywhere; digits show the page's code.
 *
 * two rows   the name, and its value below
 * one row    the name; the value while it moves, and a second after
 */
#include "control/midi/surfaceinside.h"

#include "control/midi/display.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = PARAM_TEXT_SIZE, DIGIT_BYTES = 3, SURFACE_ROWS = 16 };

static int
rows_of(const struct surface_control *c)
{
    int rows = c->rows > 0 ? c->rows : 1;

    return rows < SURFACE_ROWS ? rows : SURFACE_ROWS;
}

/* --- names and values ------------------------------------------------------------------------------------ */

/* Its first part: "eq". */
static void
module_of(const struct param *row, char *module, size_t size)
{
    snprintf(module, size, "%.*s", (int)strcspn(row->path + 1, "/"), row->path + 1);
}

/* "EQ", "Comp". */
static void
module_word(const struct param *row, char *word, size_t size)
{
    module_of(row, word, size);
    for (size_t i = 0; word[i]; i++)
        if (i == 0 || strlen(word) <= 2)
            word[i] = (char)toupper((unsigned char)word[i]);
}

/* The number in its path: "3" of /eq/3/gain; "". */
static void
band_word(const struct param *row, char *word, size_t size)
{
    *word = '\0';
    for (const char *at = strchr(row->path + 1, '/'); at; at = strchr(at + 1, '/')) {
        size_t n = strspn(at + 1, "0123456789");

        if (n && (at[1 + n] == '/' || !at[1 + n])) {
            snprintf(word, size, "%.*s", (int)n, at + 1);
            return;
        }
    }
}

/* With its band's number ahead, or its module's name where that has room. */
static void
name_row(const struct param *row, int columns, char *text, size_t size)
{
    char word[PARAM_PATH_SIZE], label[64];
    int room;

    band_word(row, word, sizeof word);
    room = columns - (int)strlen(word) - 1;
    if (*word && room >= 4) {
        display_short(row->label, room, label, sizeof label);
        snprintf(text, size, "%s %s", word, label);
        return;
    }
    module_word(row, word, sizeof word);
    if ((int)(strlen(word) + 1 + strlen(row->label)) <= columns && strcmp(word, row->label) != 0)
        snprintf(text, size, "%s %s", word, row->label);
    else
        display_short(row->label, columns, text, size);
}

static void
name_of(const struct surface *s, const struct pages_target *t, int columns, char *text, size_t size)
{
    const struct surface_macro *m = t->does == PAGES_MACRO ? &s->p->macros[t->macro] : NULL;

    if (t->assign && t->assign->text)
        display_short(t->assign->text, columns, text, size);
    else if (m)
        display_short(m->label ? m->label : m->name, columns, text, size);
    else if (t->does == PAGES_ROW)
        name_row(param_at(t->param), columns, text, size);
    else
        *text = '\0';
}

/* Of a file the name alone. */
static void
text_row(const struct surface *s, int id, char *text, size_t size)
{
    const char *all = engine_get_text(s->engine, id), *slash = strrchr(all, '/');

    snprintf(text, size, "%s", slash && slash[1] ? slash + 1 : all);
}

static void
value_of(const struct surface *s, const struct pages_target *t, int columns, char *text, size_t size)
{
    const struct param *row = t->does == PAGES_ROW ? param_at(t->param) : NULL;

    *text = '\0';
    if (t->does == PAGES_MACRO)
        snprintf(text, size, "%.0f%%", 100.0 * surface_place(s, t));
    else if (row && row->type == PARAM_TEXT)
        text_row(s, t->param, text, size);
    else if (row && row->type != PARAM_TRIGGER)
        display_value(row, engine_get(s->engine, t->param), columns, text, size);
}

/* --- what a strip is about ------------------------------------------------------------------------------- */

/* Is the control in the display's column? A single display is about all of them. */
static bool
in_column(const struct control *display, const struct control *k)
{
    int columns = display->c->count, count = k->c->count;

    if (k->c->kind == SURFACE_DISPLAY || k->on.does == PAGES_NOTHING)
        return false;
    return columns <= 1 || (count >= columns && k->n == display->n);
}

/* What has moved last, while it is shown; NULL: nothing has. */
static const struct control *
find_moved(const struct surface *s, const struct control *display)
{
    const struct control *found = NULL;

    for (int i = 0; i < s->controls; i++) {
        const struct control *k = &s->control[i];

        if (in_column(display, k) && surface_is_shown(s, k) && surface_row(s, &k->on) >= 0 &&
            (!found || k->shown_ns > found->shown_ns))
            found = k;
    }
    return found;
}

static const struct control *
find_resting(const struct surface *s, const struct control *display)
{
    static const enum surface_kind kinds[] = {SURFACE_ENCODER, SURFACE_FADER, SURFACE_POT};

    for (size_t kind = 0; kind < LEN(kinds); kind++)
        for (int i = 0; i < s->controls; i++) {
            const struct control *k = &s->control[i];
            bool alone = display->c->count > 1 || k->c->count <= 1;

            if (k->c->kind == kinds[kind] && alone && in_column(display, k) && surface_has_place(s, &k->on))
                return k;
        }
    return NULL;
}

/* --- colours --------------------------------------------------------------------------------------------- */

/* Bright ones: a dark strip can't be read. */
static uint32_t
colour_of_row(const struct param *row)
{
    static const struct {
        const char *module;
        uint32_t rgb;
    } colours[] = {
        {"input", 0xffffff},     {"eq", 0x00ff00},   {"insert", 0xffffff},   {"deess", 0xff00ff},
        {"multiband", 0x00ffff}, {"comp", 0x0000ff}, {"saturate", 0xff0000}, {"exciter", 0xffff00},
        {"stereo", 0x00ffff},    {"clip", 0xff00ff}, {"limit", 0xff0000},    {"monitor", 0xffff00},
        {"transport", 0x00ff00},
    };
    char module[PARAM_PATH_SIZE];

    module_of(row, module, sizeof module);
    for (size_t i = 0; i < LEN(colours); i++)
        if (strcmp(colours[i].module, module) == 0)
            return colours[i].rgb;
    return 0xffffff;
}

/* Of what a strip is about while nothing moves. */
static uint32_t
colour_of(const struct surface *s, const struct control *display)
{
    const struct control *k = display->on.does == PAGES_NOTHING ? find_resting(s, display) : display;
    int id = k ? surface_row(s, &k->on) : -1;

    return id >= 0 ? colour_of_row(param_at(id)) : 0xffffff;
}

static void
show_colours(struct surface *s, int group)
{
    const struct surface_control *c = &s->p->controls[group];
    uint32_t rgb[SURFACE_COUNT];
    uint8_t bytes[SURFACE_BYTES];
    int count = c->count > 0 ? c->count : 1, size;

    for (int n = 0; n < count && n < SURFACE_COUNT; n++)
        rgb[n] = colour_of(s, surface_control_at(s, group, n));
    size = display_colours(c, rgb, count < SURFACE_COUNT ? count : SURFACE_COUNT, bytes);
    outbox_put(s->outbox, s->cell_colours + group, OUTBOX_TEXT, bytes, (size_t)size);
}

/* --- displays -------------------------------------------------------------------------------------------- */

/* texts: one a row; those beyond the display's are nothing. */
static void
show_rows(struct surface *s, const struct control *display, const char *const *texts)
{
    const struct surface_control *c = display->c;
    uint8_t bytes[SURFACE_BYTES];
    int size;

    if (c->text == SURFACE_TEXT_XTOUCH) {
        size = display_strip(c, display->n, texts, colour_of(s, display), bytes);
        outbox_put(s->outbox, display->cell, OUTBOX_TEXT, bytes, (size_t)size);
        return;
    }
    for (int row = 0; row < rows_of(c); row++) {
        size = display_row(c, display->n, row, texts[row], bytes);
        outbox_put(s->outbox, display->cell + row, OUTBOX_TEXT, bytes, (size_t)size);
    }
}

static void
show_target(struct surface *s, const struct control *display, const struct pages_target *t, bool value)
{
    const char *texts[SURFACE_ROWS];
    int columns = display_columns(display->c);
    char name[TEXT_SIZE], number[TEXT_SIZE];

    for (int row = 0; row < SURFACE_ROWS; row++)
        texts[row] = "";
    name_of(s, t, columns, name, sizeof name);
    value_of(s, t, columns, number, sizeof number);
    texts[0] = name;
    if (rows_of(display->c) > 1)
        texts[1] = number;
    else if (value && *number)
        texts[0] = number;
    show_rows(s, display, texts);
}

static const char *
page_label(const struct surface *s)
{
    const struct surface_page *page = &s->p->pages[pages_page(s->pages)];

    return page->label ? page->label : page->name ? page->name : "";
}

static void
show_page(struct surface *s, const struct control *display)
{
    const char *texts[SURFACE_ROWS];
    char text[TEXT_SIZE];

    for (int row = 0; row < SURFACE_ROWS; row++)
        texts[row] = "";
    display_short(page_label(s), display_columns(display->c), text, sizeof text);
    texts[0] = text;
    show_rows(s, display, texts);
}

static void
show_strip(struct surface *s, const struct control *display)
{
    const struct control *moved = find_moved(s, display), *k = moved ? moved : find_resting(s, display);
    int slot = pages_slot_param(s->pages, display->n);
    struct pages_target t = {.does = PAGES_NOTHING, .param = -1};

    if (k)
        t = k->on;
    else if (display->c->count > 1 && slot >= 0)
        t = (struct pages_target){.does = PAGES_ROW, .param = slot, .high = 1.0};
    else if (display->c->count <= 1) {
        show_page(s, display);
        return;
    }
    show_target(s, display, &t, moved || s->values);
}

static void
show_digits(struct surface *s, const struct control *display)
{
    const struct surface_page *page = &s->p->pages[pages_page(s->pages)];
    const struct pages_target *t = &display->on;
    uint8_t bytes[SURFACE_BYTES];
    char text[TEXT_SIZE] = "";
    int size;

    if (t->does == PAGES_NOTHING)
        snprintf(text, sizeof text, page->code ? "%s" : "%.2s", page->code ? page->code : page_label(s));
    else if (t->does == PAGES_ROW && param_at(t->param)->unit == UNIT_S &&
             param_is_number(param_at(t->param)))
        display_time(engine_get(s->engine, t->param), display->c->columns, text, sizeof text);
    else
        value_of(s, t, display->c->columns, text, sizeof text);
    size = display_row(display->c, display->n, 0, text, bytes);
    for (int i = 0; i < size / DIGIT_BYTES && i < surface_control_cells(display->c); i++)
        outbox_put(s->outbox, display->cell + i, OUTBOX_TEXT, bytes + DIGIT_BYTES * i, DIGIT_BYTES);
}

void
surface_feed_texts(struct surface *s)
{
    for (unsigned group = 0; group < s->p->controls_count; group++) {
        const struct surface_control *c = &s->p->controls[group];

        if (c->kind != SURFACE_DISPLAY || c->text == SURFACE_TEXT_NONE)
            continue;
        for (int n = 0; n < (c->count > 0 ? c->count : 1); n++) {
            struct control *display = surface_control_at(s, (int)group, n);

            if (c->text == SURFACE_TEXT_DIGITS)
                show_digits(s, display);
            else if (display->on.does == PAGES_NOTHING)
                show_strip(s, display);
            else
                show_target(s, display, &display->on, true);
        }
        if (c->strip_colours != SURFACE_COLOURS_NONE)
            show_colours(s, (int)group);
    }
}
