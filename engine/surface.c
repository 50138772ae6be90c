/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surface.h"

#include "engine/schema.h"
#include "engine/surfacesense.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- words --------------------------------------------------------------------------------------- */

static const cyaml_strval_t kinds[] = {
    {"fader", SURFACE_FADER}, {"pot", SURFACE_POT},       {"encoder", SURFACE_ENCODER},
    {"jog", SURFACE_JOG},     {"button", SURFACE_BUTTON}, {"touch", SURFACE_TOUCH},
    {"led", SURFACE_LED},     {"meter", SURFACE_METER},   {"display", SURFACE_DISPLAY},
};

static const cyaml_strval_t messages[] = {
    {"cc", SURFACE_CC},
    {"cc14", SURFACE_CC14},
    {"nrpn", SURFACE_NRPN},
    {"rpn", SURFACE_RPN},
    {"note", SURFACE_NOTE},
    {"pitch_bend", SURFACE_PITCH_BEND},
    {"channel_pressure", SURFACE_CHANNEL_PRESSURE},
    {"poly_pressure", SURFACE_POLY_PRESSURE},
    {"program", SURFACE_PROGRAM},
    {"sysex", SURFACE_SYSEX},
};

static const cyaml_strval_t codings[] = {
    {"absolute", SURFACE_ABSOLUTE},
    {"twos_complement", SURFACE_TWOS_COMPLEMENT},
    {"offset64", SURFACE_OFFSET64},
    {"sign_magnitude", SURFACE_SIGN_MAGNITUDE},
    {"sign_magnitude_inverted", SURFACE_SIGN_MAGNITUDE_INVERTED},
    {"bend_sign", SURFACE_BEND_SIGN},
    {"increment", SURFACE_INCREMENT},
};

static const cyaml_strval_t presses[] = {
    {"momentary", SURFACE_MOMENTARY}, {"toggle", SURFACE_TOGGLE}, {"press_only", SURFACE_PRESS_ONLY}};

static const cyaml_strval_t styles[] = {
    {"nothing", SURFACE_SHOWS_NOTHING},
    {"value", SURFACE_SHOWS_VALUE},
    {"light", SURFACE_SHOWS_LIGHT},
    {"ring_mackie", SURFACE_SHOWS_RING_MACKIE},
    {"ring_13", SURFACE_SHOWS_RING_13},
    {"bar", SURFACE_SHOWS_BAR},
    {"meter_mackie", SURFACE_SHOWS_METER_MACKIE},
    {"meter_127", SURFACE_SHOWS_METER_127},
};

static const cyaml_strval_t texts[] = {
    {"none", SURFACE_TEXT_NONE},           {"mackie", SURFACE_TEXT_MACKIE}, {"digits", SURFACE_TEXT_DIGITS},
    {"faderport", SURFACE_TEXT_FADERPORT}, {"ec4", SURFACE_TEXT_EC4},       {"xtouch", SURFACE_TEXT_XTOUCH},
};

static const cyaml_strval_t strip_colours[] = {
    {"none", SURFACE_COLOURS_NONE}, {"xtouch", SURFACE_COLOURS_XTOUCH}, {"icon", SURFACE_COLOURS_ICON}};

static const cyaml_strval_t takeovers[] = {
    {"pickup", SURFACE_PICKUP}, {"scale", SURFACE_SCALE}, {"jump", SURFACE_JUMP}};

static const cyaml_strval_t rings[] = {
    {"by_row", SURFACE_RING_BY_ROW}, {"dot", SURFACE_RING_DOT},       {"boost_cut", SURFACE_RING_BOOST_CUT},
    {"wrap", SURFACE_RING_WRAP},     {"spread", SURFACE_RING_SPREAD},
};

static const cyaml_strval_t handshakes[] = {{"none", SURFACE_NO_HANDSHAKE},
                                            {"mackie", SURFACE_MACKIE_HANDSHAKE}};

/* --- schema -------------------------------------------------------------------------------------- */

enum { LABEL_MAX = 64, BYTES_TEXT_MAX = 3 * SURFACE_BYTES, ROWS_MAX = 128, PAGES_MAX = 64, ASSIGN_MAX = 256 };

#define MAYBE             CYAML_FLAG_OPTIONAL
#define MAYBE_PTR         (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define WHOLE(t, f)       CYAML_FIELD_INT(#f, MAYBE, struct t, f)
#define REAL(t, f)        CYAML_FIELD_FLOAT(#f, MAYBE, struct t, f)
#define YES_NO(t, f)      CYAML_FIELD_BOOL(#f, MAYBE, struct t, f)
#define CHOICE(t, f, w)   CYAML_FIELD_ENUM(#f, MAYBE | CYAML_FLAG_STRICT, struct t, f, w, LEN(w))
#define TEXT(t, f, n)     CYAML_FIELD_STRING_PTR(#f, MAYBE_PTR, struct t, f, 1, n)
#define NEEDED(t, f, n)   CYAML_FIELD_STRING_PTR(#f, CYAML_FLAG_POINTER, struct t, f, 1, n)
#define LIST(t, f, of, n) CYAML_FIELD_SEQUENCE(#f, MAYBE_PTR, struct t, f, &of, 1, n)
#define WAY(f)            CYAML_FIELD_MAPPING_PTR(#f, MAYBE_PTR, struct surface_control, f, way_fields)

static const cyaml_schema_value_t word_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, LABEL_MAX)};
static const cyaml_schema_value_t bytes_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, BYTES_TEXT_MAX)};
static const cyaml_schema_value_t number_schema = {CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, int)};

static const cyaml_schema_field_t way_fields[] = {
    CYAML_FIELD_ENUM("message", CYAML_FLAG_STRICT, struct surface_way, message, messages, LEN(messages)),
    WHOLE(surface_way, channel),
    WHOLE(surface_way, channel_step),
    WHOLE(surface_way, number),
    WHOLE(surface_way, number_step),
    LIST(surface_way, numbers, number_schema, SURFACE_COUNT),
    TEXT(surface_way, sysex, BYTES_TEXT_MAX),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t colour_fields[] = {
    NEEDED(surface_colour, name, LABEL_MAX),
    CYAML_FIELD_INT("value", CYAML_FLAG_DEFAULT, struct surface_colour, value),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t colour_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct surface_colour, colour_fields)};

static const cyaml_schema_field_t control_fields[] = {
    NEEDED(surface_control, name, LABEL_MAX),
    TEXT(surface_control, label, LABEL_MAX),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct surface_control, kind, kinds, LEN(kinds)),
    WHOLE(surface_control, count),
    WAY(in),
    CHOICE(surface_control, coding, codings),
    WHOLE(surface_control, min),
    WHOLE(surface_control, max),
    WHOLE(surface_control, centre),
    WHOLE(surface_control, detent),
    YES_NO(surface_control, low_first),
    REAL(surface_control, acceleration),
    WHOLE(surface_control, debounce_ms),
    WHOLE(surface_control, reverse_ms),
    CHOICE(surface_control, press, presses),
    WHOLE(surface_control, threshold),
    TEXT(surface_control, touch, LABEL_MAX),
    YES_NO(surface_control, motor),
    WAY(out),
    CHOICE(surface_control, style, styles),
    WAY(mode),
    WHOLE(surface_control, off),
    WHOLE(surface_control, on),
    WHOLE(surface_control, blink),
    LIST(surface_control, colours, colour_schema, 128),
    YES_NO(surface_control, rgb),
    CHOICE(surface_control, text, texts),
    WHOLE(surface_control, rows),
    WHOLE(surface_control, columns),
    TEXT(surface_control, header, BYTES_TEXT_MAX),
    CHOICE(surface_control, strip_colours, strip_colours),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t control_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct surface_control, control_fields)};

static const cyaml_schema_field_t assign_fields[] = {
    NEEDED(surface_assign, control, LABEL_MAX),
    NEEDED(surface_assign, to, LABEL_MAX),
    TEXT(surface_assign, layer, LABEL_MAX),
    TEXT(surface_assign, value, LABEL_MAX),
    TEXT(surface_assign, low, LABEL_MAX),
    TEXT(surface_assign, high, LABEL_MAX),
    YES_NO(surface_assign, invert),
    REAL(surface_assign, by),
    TEXT(surface_assign, base, LABEL_MAX),
    REAL(surface_assign, step),
    WHOLE(surface_assign, first),
    TEXT(surface_assign, colour, LABEL_MAX),
    CHOICE(surface_assign, ring, rings),
    CHOICE(surface_assign, takeover, takeovers),
    TEXT(surface_assign, text, LABEL_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t assign_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct surface_assign, assign_fields)};

static const cyaml_schema_field_t move_fields[] = {
    NEEDED(surface_move, to, LABEL_MAX),
    TEXT(surface_move, low, LABEL_MAX),
    TEXT(surface_move, high, LABEL_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t move_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct surface_move, move_fields)};

static const cyaml_schema_field_t macro_fields[] = {
    NEEDED(surface_macro, name, LABEL_MAX),
    NEEDED(surface_macro, label, LABEL_MAX),
    CYAML_FIELD_SEQUENCE("moves", CYAML_FLAG_POINTER, struct surface_macro, moves, &move_schema, 1, 32),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t macro_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct surface_macro, macro_fields)};

static const cyaml_schema_field_t page_fields[] = {
    NEEDED(surface_page, name, LABEL_MAX),
    NEEDED(surface_page, label, LABEL_MAX),
    TEXT(surface_page, code, 2),
    LIST(surface_page, slots, word_schema, ROWS_MAX),
    LIST(surface_page, assign, assign_schema, ASSIGN_MAX),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t page_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct surface_page, page_fields)};

static const cyaml_schema_field_t profile_fields[] = {
    NEEDED(surface_profile, label, 128),
    LIST(surface_profile, usb, word_schema, 32),
    LIST(surface_profile, match, word_schema, 32),
    WHOLE(surface_profile, port),
    CHOICE(surface_profile, takeover, takeovers),
    CHOICE(surface_profile, handshake, handshakes),
    LIST(surface_profile, hello, bytes_schema, 32),
    LIST(surface_profile, init, bytes_schema, 512),
    LIST(surface_profile, bye, bytes_schema, 512),
    WHOLE(surface_profile, gap_us),
    WHOLE(surface_profile, gap_status),
    WHOLE(surface_profile, sysex_gap_us),
    WHOLE(surface_profile, byte_gap_us),
    TEXT(surface_profile, keep_alive, BYTES_TEXT_MAX),
    WHOLE(surface_profile, keep_alive_ms),
    CYAML_FIELD_SEQUENCE("controls", CYAML_FLAG_POINTER, struct surface_profile, controls, &control_schema, 1,
                         SURFACE_GROUPS),
    LIST(surface_profile, macros, macro_schema, 64),
    LIST(surface_profile, assign, assign_schema, ASSIGN_MAX),
    CYAML_FIELD_SEQUENCE("pages", CYAML_FLAG_POINTER, struct surface_profile, pages, &page_schema, 1,
                         PAGES_MAX),
    NEEDED(surface_profile, source, 2048),
    TEXT(surface_profile, notes, 4096),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t profile_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct surface_profile, profile_fields)};

/* --- what a file leaves out ------------------------------------------------------------------------ */

/* Only what is not written: "channel: 0" is a mistake, and is told. */
static void
complete_way(struct sheet *s, struct surface_way *w, const char *key, unsigned i)
{
    if (!w)
        return;
    if (!sheet_has(s, "controls[%u].%s.channel", i, key))
        w->channel = 1;
    if (!sheet_has(s, "controls[%u].%s.number_step", i, key))
        w->number_step = w->channel_step ? 0 : 1;
}

static void
complete_int(struct sheet *s, int *value, const char *key, unsigned i, int missing)
{
    if (!sheet_has(s, "controls[%u].%s", i, key))
        *value = missing;
}

/* The way whose raw values min and max are. */
static const struct surface_way *
way_of_range(const struct surface_control *c)
{
    return c->in && c->coding == SURFACE_ABSOLUTE ? c->in : surface_out(c);
}

static void
complete_control(struct sheet *s, struct surface_control *c, unsigned i)
{
    complete_way(s, c->in, "in", i);
    complete_way(s, c->out, "out", i);
    complete_way(s, c->mode, "mode", i);
    complete_int(s, &c->count, "count", i, 1);
    complete_int(s, &c->max, "max", i, way_of_range(c) ? surface_way_max(way_of_range(c)) : 127);
    complete_int(s, &c->threshold, "threshold", i, 64);
    complete_int(s, &c->on, "on", i, 127);
    complete_int(s, &c->blink, "blink", i, c->on);
    complete_int(s, &c->rows, "rows", i, 1);
    if (!sheet_has(s, "controls[%u].acceleration", i))
        c->acceleration = 1;
}

static void
complete_assign(struct sheet *s, struct surface_assign *a, unsigned count, const char *where)
{
    for (unsigned i = 0; i < count; i++) {
        a[i].has_takeover = sheet_has(s, "%s[%u].takeover", where, i);
        if (a[i].first == 0)
            a[i].first = 1;
    }
}

static void
complete(struct sheet *s, void *data)
{
    struct surface_profile *p = data;

    if (!sheet_has(s, "sysex_gap_us"))
        p->sysex_gap_us = 5000;
    for (unsigned i = 0; i < p->controls_count; i++)
        complete_control(s, &p->controls[i], i);
    complete_assign(s, p->assign, p->assign_count, "assign");
    for (unsigned i = 0; i < p->pages_count; i++) {
        char where[32];

        snprintf(where, sizeof where, "pages[%u].assign", i);
        complete_assign(s, p->pages[i].assign, p->pages[i].assign_count, where);
    }
}

/* --- loading --------------------------------------------------------------------------------------- */

/* The key alone goes before the text: the line says the rest. */
static void
complain_at(void *context, const char *where, const struct err *e)
{
    struct sheet *s = context;
    const char *dot = strrchr(where, '.');

    sheet_complain(s, sheet_line_of(s, "%s", where), NULL, "%s: %s", dot ? dot + 1 : where, e->text);
}

struct more {
    surface_words *words; /* or NULL */
};

static void
check(struct sheet *s, const void *data, const void *context)
{
    const struct surface_profile *p = data;
    const struct more *more = context;

    surfacesense_check(s, p);
    if (more->words && surfacesense_counted(p))
        more->words(p, complain_at, s);
}

static enum status
load(const char *path, const void *text, size_t size, surface_words *words, struct surface_profile **p,
     struct faults *faults, struct err *e)
{
    const struct more more = {words};
    const struct schema schema = {{"profile", "generic-cc.yaml"}, &profile_schema, complete, check, &more};

    return schema_load(&schema, path, text, size, (void **)p, faults, e);
}

enum status
surface_load(const char *path, struct surface_profile **p, struct faults *faults, struct err *e)
{
    return load(path, NULL, 0, NULL, p, faults, e);
}

enum status
surface_load_words(const char *path, surface_words *words, struct surface_profile **p, struct faults *faults,
                   struct err *e)
{
    return load(path, NULL, 0, words, p, faults, e);
}

enum status
surface_read(const char *name, const void *text, size_t size, surface_words *words,
             struct surface_profile **p, struct faults *faults, struct err *e)
{
    return load(name, text, size, words, p, faults, e);
}

void
surface_free(struct surface_profile *p)
{
    if (!p)
        return;
    free(p->name);
    schema_free(&profile_schema, p);
}
