/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surfacesense.h"

#include "engine/surfaceway.h"
#include "engine/word.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct group {
    struct sheet *s;
    const struct surface_profile *p;
    const struct surface_control *c;
    unsigned i;
};

static const char *const kind_name[] = {"fader", "pot", "encoder", "jog",    "button",
                                        "touch", "led", "meter",   "display"};
static const char *const message_name[] = {
    "",        "cc",   "cc14", "nrpn", "rpn", "note", "pitch_bend", "channel_pressure", "poly_pressure",
    "program", "sysex"};

/* "encoder: TEXT" at a key of the group: "in.number". */
static void __attribute__((format(printf, 3, 4)))
complain(const struct group *g, const char *key, const char *format, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    sheet_complain(g->s, sheet_line_of(g->s, "controls[%u].%s", g->i, key), NULL, "%s: %s", g->c->name, text);
}

static bool
written(const struct group *g, const char *key)
{
    return sheet_has(g->s, "controls[%u].%s", g->i, key);
}

static bool
check_range(const struct group *g, const char *key, int value, int min, int max)
{
    if (value < min || value > max)
        complain(g, key, "%s: %d is out of range: use %d to %d", key, value, min, max);
    return value >= min && value <= max;
}

/* --- bytes ----------------------------------------------------------------------------------------- */

/* Of a whole message that begins so; 0: of any length (sysex). */
static int
message_length(uint8_t status)
{
    static const uint8_t common[] = {0, 2, 3, 2, 1, 1, 1, 1};

    if (status >= 0xF8)
        return 1;
    if (status >= 0xF0)
        return common[status - 0xF0];
    return (status & 0xE0) == 0xC0 ? 2 : 3;
}

static const char *
wrong_with(const uint8_t *bytes, int n, bool beginning)
{
    int length = message_length(bytes[0]), end = n;

    if (bytes[0] < 0x80)
        return "does not begin a message: its first byte is 80 or more";
    if (bytes[0] == 0xF0 && bytes[n - 1] == 0xF7)
        end = n - 1;
    else if (bytes[0] == 0xF0 && !beginning)
        return "is not whole: end it with F7";
    for (int i = 1; i < end; i++)
        if (bytes[i] >= 0x80)
            return "is more than one message: give each one its own line";
    if (length && (n > length || (n < length && !beginning)))
        return n > length ? "is longer than its message: take the rest out"
                          : "is not whole: add its last bytes";
    return NULL;
}

int
surfacegroup_check_bytes(struct sheet *s, int line, const char *what, const char *text, bool beginning)
{
    uint8_t bytes[SURFACE_BYTES];
    int n = surface_bytes(text, bytes, SURFACE_BYTES);
    const char *wrong;

    if (n <= 0) {
        sheet_complain(s, line, NULL, "%s: '%.60s' is no row of bytes: write at most %d as \"B0 7F 00\"",
                       what, text, SURFACE_BYTES);
        return 0;
    }
    wrong = wrong_with(bytes, n, beginning);
    if (wrong)
        sheet_complain(s, line, NULL, "%s: '%.60s' %s", what, text, wrong);
    return wrong ? 0 : n;
}

/* --- ways ------------------------------------------------------------------------------------------ */

static const char *
join(char *text, size_t size, const char *way, const char *key)
{
    snprintf(text, size, "%s.%s", way, key);
    return text;
}

/* -1: the message has no number. Mackie's meters are all of one message, whose value has the strip's number in it. */
static int
number_max(const struct surface_control *c, const struct surface_way *w)
{
    if (w->message == SURFACE_CHANNEL_PRESSURE && w == c->out && c->style == SURFACE_SHOWS_METER_MACKIE)
        return 7;
    switch (w->message) {
    case SURFACE_CC14: return 95;
    case SURFACE_NRPN:
    case SURFACE_RPN: return 16383;
    case SURFACE_PITCH_BEND:
    case SURFACE_CHANNEL_PRESSURE: return -1;
    default: return 127;
    }
}

/* Its numbers can be added up: what is beyond this has been told. */
static bool
is_small(const struct surface_way *w)
{
    return abs(w->channel) <= 16 && abs(w->channel_step) <= 16 && abs(w->number) <= 16383 &&
           abs(w->number_step) <= 16383;
}

static bool
check_template(const struct group *g, const struct surface_way *w, const char *way)
{
    int token[SURFACE_BYTES], n;
    char key[32];

    join(key, sizeof key, way, "sysex");
    if (w->message != SURFACE_SYSEX) {
        if (w->sysex)
            complain(g, key, "%s: the message is %s: make it sysex, or take this out", key,
                     message_name[w->message]);
        return !w->sysex;
    }
    if (!w->sysex) {
        complain(g, way, "%s: its sysex is missing: add sysex: \"F0 ... F7\"", way);
        return false;
    }
    n = surfaceway_template(w->sysex, token, SURFACE_BYTES);
    if (n < 0)
        complain(g, key,
                 "%s: '%.60s' is no sysex: write F0, bytes below 80 or nn, vv, mm, ll, ii, and F7 at its end",
                 key, w->sysex);
    else if (g->c->count > 1 && !strstr(w->sysex, "nn") && !strstr(w->sysex, "ii") && !strcmp(way, "in"))
        complain(g, key, "%s: is the same for all %d: put nn (number) or ii (place) into it", key,
                 g->c->count);
    else if (!strstr(w->sysex, "mm") != !strstr(w->sysex, "ll"))
        complain(g, key, "%s: has one half of a value: mm and ll go together", key);
    return n >= 0;
}

/* Each number by itself, so that the sums below are small. */
static bool
check_steps(const struct group *g, const struct surface_way *w, const char *way)
{
    const int max = number_max(g->c, w);
    char key[32];
    bool good;

    good = check_range(g, join(key, sizeof key, way, "channel"), w->channel, 1, 16);
    good &= check_range(g, join(key, sizeof key, way, "channel_step"), w->channel_step, -15, 15);
    if (max < 0) {
        static const char *const none[] = {"number", "number_step", "numbers"};

        for (size_t i = 0; i < LEN(none); i++)
            if (written(g, join(key, sizeof key, way, none[i])))
                complain(g, key, "%s: a %s has none: take it out", key, message_name[w->message]);
        return good;
    }
    good &= check_range(g, join(key, sizeof key, way, "number"), w->number, 0, max);
    good &= check_range(g, join(key, sizeof key, way, "number_step"), w->number_step, -max, max);
    if (w->numbers_count && (written(g, join(key, sizeof key, way, "number")) ||
                             written(g, join(key, sizeof key, way, "number_step"))))
        complain(g, key, "%s: numbers says it already: keep one", key);
    if (w->numbers_count && (int)w->numbers_count != g->c->count) {
        complain(g, join(key, sizeof key, way, "numbers"), "%s: has %u, but count is %d: give one for each",
                 key, w->numbers_count, g->c->count);
        good = false;
    }
    return good;
}

static void
check_way(const struct group *g, const struct surface_way *w, const char *way)
{
    const int max = number_max(g->c, w), last = g->c->count - 1;
    char key[32];

    if (!check_template(g, w, way) || !check_steps(g, w, way))
        return;
    if (surface_way_channel(w, last) < 0 || surface_way_channel(w, last) > 15)
        complain(g, join(key, sizeof key, way, "channel_step"),
                 "%s: the %dth would be on channel %d: there are 1 to 16", key, g->c->count,
                 surface_way_channel(w, last) + 1);
    for (int n = 0; n <= last && max >= 0; n++)
        if (surface_way_number(w, n) < 0 || surface_way_number(w, n) > max) {
            complain(g, join(key, sizeof key, way, w->numbers_count ? "numbers" : "number"),
                     "%s: %s/%d would have %d, and a %s ends at %d: see number, number_step and count", key,
                     g->c->name, n + 1, surface_way_number(w, n), message_name[w->message], max);
            break;
        }
}

/* What is sent is a value: the template must have room for it. */
static void
check_way_out(const struct group *g, const struct surface_way *w, const char *way)
{
    char key[32];

    if (w->message == SURFACE_SYSEX && w->sysex && !strstr(w->sysex, "vv") && !strstr(w->sysex, "mm"))
        complain(g, join(key, sizeof key, way, "sysex"), "%s: has no place for the value: put vv into it",
                 key);
}

/* --- a group's input ------------------------------------------------------------------------------- */

static bool
shows_only(enum surface_kind k)
{
    return k == SURFACE_LED || k == SURFACE_METER || k == SURFACE_DISPLAY;
}

static void
check_coding(const struct group *g)
{
    const struct surface_control *c = g->c;
    bool endless = c->kind == SURFACE_ENCODER || c->kind == SURFACE_JOG,
         relative = c->coding != SURFACE_ABSOLUTE;
    enum surface_message m = c->in->message;

    if (relative && !endless)
        complain(g, "coding", "coding: a %s is absolute: take this out, or make it an encoder",
                 kind_name[c->kind]);
    else if (c->kind == SURFACE_JOG && !relative)
        complain(g, "kind", "a jog has no ends: give its coding, such as sign_magnitude");
    else if (c->coding == SURFACE_BEND_SIGN && m != SURFACE_PITCH_BEND)
        complain(g, "coding", "coding: bend_sign is for pitch_bend, not for %s", message_name[m]);
    else if (c->coding == SURFACE_INCREMENT && m != SURFACE_NRPN && m != SURFACE_RPN)
        complain(g, "coding", "coding: increment is for nrpn and rpn, not for %s", message_name[m]);
    else if (relative && c->coding != SURFACE_BEND_SIGN && c->coding != SURFACE_INCREMENT &&
             surface_way_max(c->in) > 127)
        complain(g, "coding", "coding: a %s has 14 bits, this coding 7: use bend_sign or increment",
                 message_name[m]);
    if (c->low_first && m != SURFACE_CC14)
        complain(g, "low_first", "low_first: only a cc14 has halves: take it out");
    if (c->acceleration < 0.1 || c->acceleration > 4)
        complain(g, "acceleration", "acceleration: %g is out of range: use 0.1 to 4", c->acceleration);
}

static void
check_in(const struct group *g)
{
    const struct surface_control *c = g->c;

    if (shows_only(c->kind)) {
        if (c->in)
            complain(g, "in", "in: a %s sends nothing: write out", kind_name[c->kind]);
        return;
    }
    if (!c->in) {
        complain(g, "name", "in is missing: say which message it sends");
        return;
    }
    check_way(g, c->in, "in");
    check_coding(g);
    check_range(g, "threshold", c->threshold, 1, surface_way_max(c->in));
}

/* min, max, centre are raw values of what it sends, or where that is ticks or nothing, of what it is sent. */
static void
check_raw(const struct group *g)
{
    const struct surface_control *c = g->c;
    const struct surface_way *w = c->in && c->coding == SURFACE_ABSOLUTE ? c->in : surface_out(c);
    int most = w ? surface_way_max(w) : 127;

    if (!check_range(g, "min", c->min, 0, most) || !check_range(g, "max", c->max, 0, most))
        return;
    if (c->min >= c->max)
        complain(g, "max", "min is %d and max %d: max is the higher one (an assignment can `invert`)", c->min,
                 c->max);
    else if (written(g, "centre") && (c->centre <= c->min || c->centre >= c->max))
        complain(g, "centre", "centre: %d is not between min and max: use %d to %d", c->centre, c->min + 1,
                 c->max - 1);
    else if (written(g, "detent") && !written(g, "centre"))
        complain(g, "detent", "detent: of which middle? Add centre");
    else if (c->detent < 0 || (c->detent && c->detent >= c->centre - c->min) ||
             (c->detent && c->detent >= c->max - c->centre))
        complain(g, "detent", "detent: %d is out of range: use 0 to less than what is beside the centre",
                 c->detent);
}

static void
check_touch(const struct group *g)
{
    const char *names[SURFACE_GROUPS];
    size_t n = 0;

    if (!g->c->touch)
        return;
    for (unsigned i = 0; i < g->p->controls_count; i++) {
        const struct surface_control *t = &g->p->controls[i];

        if (t->kind == SURFACE_TOUCH)
            names[n++] = t->name;
        if (strcmp(t->name, g->c->touch))
            continue;
        if (t->kind != SURFACE_TOUCH)
            complain(g, "touch", "touch: %s is a %s: make its kind touch", t->name, kind_name[t->kind]);
        else if (t->count < g->c->count)
            complain(g, "touch", "touch: %s has %d for %d of these: give each one its own", t->name, t->count,
                     g->c->count);
        return;
    }
    if (n)
        complain(g, "touch", "touch: there is no '%s': did you mean '%s'?", g->c->touch,
                 word_nearest(g->c->touch, names, n));
    else
        complain(g, "touch", "touch: there is no '%s': add a control of kind touch", g->c->touch);
}

/* --- what it shows --------------------------------------------------------------------------------- */

static void
check_colours(const struct group *g)
{
    const struct surface_control *c = g->c;
    const struct surface_way *out = surface_out(c);
    bool strips = c->kind == SURFACE_DISPLAY &&
                  (c->strip_colours != SURFACE_COLOURS_NONE || c->text == SURFACE_TEXT_XTOUCH);
    int most = c->rgb || strips ? 0xFFFFFF : out ? surface_way_max(out) : 127;
    char key[32];

    if (((c->colours_count && !strips) || c->rgb) && c->style != SURFACE_SHOWS_LIGHT)
        complain(g, c->rgb ? "rgb" : "colours",
                 "colours are of a light, or of strip_colours: add style: light");
    if (c->rgb && out && is_small(out) &&
        (surface_way_channel(out, 0) + 3 > 15 || surface_way_channel(out, c->count - 1) + 3 > 15))
        complain(g, "rgb", "rgb: takes the three channels above its own: there are 1 to 16");
    for (unsigned i = 0; i < c->colours_count; i++) {
        snprintf(key, sizeof key, "colours[%u]", i);
        if (c->colours[i].value < 0 || c->colours[i].value > most)
            complain(g, key, "colours: %s: %d is out of range: use 0 to %d", c->colours[i].name,
                     c->colours[i].value, most);
        for (unsigned k = 0; k < i; k++)
            if (!strcmp(c->colours[i].name, c->colours[k].name)) {
                complain(g, key, "colours: %s is there twice: keep one", c->colours[i].name);
                break;
            }
    }
}

static void
check_style(const struct group *g)
{
    const struct surface_control *c = g->c;
    const struct surface_way *out = surface_out(c);
    bool moded = c->style == SURFACE_SHOWS_RING_13 || c->style == SURFACE_SHOWS_BAR;

    if (c->style != SURFACE_SHOWS_NOTHING && !out)
        complain(g, "style", "style: nothing is sent to it: add out");
    if (c->style == SURFACE_SHOWS_NOTHING && (c->kind == SURFACE_LED || c->kind == SURFACE_METER))
        complain(g, "kind", "a %s that shows nothing: add style", kind_name[c->kind]);
    if (c->style == SURFACE_SHOWS_NOTHING && c->motor)
        complain(g, "motor", "motor: nothing is sent to it: add style: value");
    if (c->motor && c->coding != SURFACE_ABSOLUTE)
        complain(g, "motor", "motor: what only says ticks has no place to be moved to: take it out");
    if (c->style == SURFACE_SHOWS_VALUE && c->out && c->in && c->coding == SURFACE_ABSOLUTE &&
        c->max > surface_way_max(c->out))
        complain(g, "out", "out: can't say %d, its max: use a message that can, or lower max", c->max);
    if (c->mode && !moded)
        complain(g, "mode", "mode: only ring_13 and bar have one: take it out");
    if (c->style != SURFACE_SHOWS_LIGHT)
        return;
    if (out && c->rgb)
        return;
    check_range(g, "off", c->off, 0, out ? surface_way_max(out) : 127);
    check_range(g, "on", c->on, 0, out ? surface_way_max(out) : 127);
    check_range(g, "blink", c->blink, 0, out ? surface_way_max(out) : 127);
}

static void
check_header(const struct group *g)
{
    const struct surface_control *c = g->c;
    uint8_t bytes[SURFACE_BYTES];
    bool needed = (c->text != SURFACE_TEXT_NONE && c->text != SURFACE_TEXT_DIGITS) ||
                  c->strip_colours == SURFACE_COLOURS_XTOUCH;
    int n = c->header ? surface_bytes(c->header, bytes, SURFACE_BYTES / 4) : 0;
    bool good = n > 0 && bytes[0] == 0xF0;

    for (int i = 1; good && i < n; i++)
        good = bytes[i] < 0x80;
    if (c->header && !good)
        complain(g, "header", "header: '%.60s' begins no sysex: write F0 and bytes below 80, without F7",
                 c->header);
    if (needed && !c->header)
        complain(g, "name", "header is missing: add the beginning of its sysex, \"F0 00 00 66 14\"");
}

static void
check_display(const struct group *g)
{
    static const char *const own[] = {"text", "rows", "columns", "header", "strip_colours"};
    const struct surface_control *c = g->c;

    for (size_t i = 0; i < LEN(own) && c->kind != SURFACE_DISPLAY; i++)
        if (written(g, own[i]))
            complain(g, own[i], "%s: is of a display, this is a %s: take it out", own[i], kind_name[c->kind]);
    if (c->kind != SURFACE_DISPLAY)
        return;
    if (c->text == SURFACE_TEXT_NONE && c->strip_colours == SURFACE_COLOURS_NONE)
        complain(g, "kind", "a display that shows nothing: add text");
    if (c->text != SURFACE_TEXT_NONE) {
        check_range(g, "rows", c->rows, 1, 8);
        check_range(g, "columns", c->columns, 1, 112);
    }
    if (c->text == SURFACE_TEXT_DIGITS && (!c->out || c->out->message != SURFACE_CC))
        complain(g, "text", "text: digits are control changes: add out: {message: cc, ...}");
    check_header(g);
}

/* --- all of it ------------------------------------------------------------------------------------- */

void
surfacegroup_check(struct sheet *s, const struct surface_profile *p, unsigned i)
{
    const struct surface_control *c = &p->controls[i];
    const struct group g = {s, p, c, i};

    if (!check_range(&g, "count", c->count, 1, SURFACE_COUNT))
        return;
    check_in(&g);
    if (c->out)
        check_way(&g, c->out, "out");
    if (c->mode) {
        check_way(&g, c->mode, "mode");
        check_way_out(&g, c->mode, "mode");
    }
    if (c->style != SURFACE_SHOWS_NOTHING && surface_out(c))
        check_way_out(&g, surface_out(c), c->out ? "out" : "in");
    check_raw(&g);
    check_range(&g, "debounce_ms", c->debounce_ms, 0, 1000);
    check_range(&g, "reverse_ms", c->reverse_ms, 0, 1000);
    check_touch(&g);
    check_style(&g);
    check_colours(&g);
    check_display(&g);
}

/* --- clashes --------------------------------------------------------------------------------------- */

struct sent {
    uint32_t key; /* message, channel, number */
    unsigned group;
    int n;
};

static int
by_key(const void *a, const void *b)
{
    const struct sent *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->n - y->n;
}

/* A cc14 is two of cc. A program is its number on a button, a value elsewhere. What is out of range has been told. */
static int
list_sent(const struct surface_control *c, unsigned group, struct sent *list)
{
    const struct surface_way *w = c->in;
    int count = 0;

    if (!w || w->message == SURFACE_SYSEX || !is_small(w))
        return 0;
    for (int n = 0; n < c->count; n++) {
        bool whole = number_max(c, w) < 0 || (w->message == SURFACE_PROGRAM && c->kind != SURFACE_BUTTON);
        int number = whole ? 0 : surface_way_number(w, n), channel = surface_way_channel(w, n);
        uint32_t message = w->message == SURFACE_CC14 ? SURFACE_CC : w->message;
        uint32_t key = message << 18 | (uint32_t)channel << 14 | (uint32_t)number;

        if (channel < 0 || channel > 15 || number < 0 || number > 16383)
            continue;
        list[count++] = (struct sent){key, group, n};
        if (w->message == SURFACE_CC14)
            list[count++] = (struct sent){key + 32, group, n};
    }
    return count;
}

/* "encoder/3"; the only one of a group has no number. */
static const char *
control_name(const struct surface_profile *p, const struct sent *of, char *text, size_t size)
{
    const struct surface_control *c = &p->controls[of->group];

    if (c->count > 1)
        snprintf(text, size, "%s/%d", c->name, of->n + 1);
    else
        snprintf(text, size, "%s", c->name);
    return text;
}

static void
tell_clash(struct sheet *s, const struct surface_profile *p, const struct sent *a, const struct sent *b)
{
    const struct group g = {s, p, &p->controls[b->group], b->group};
    char one[96], other[96];

    complain(&g, "in", "in: %s sends what %s sends: give it a message of its own",
             control_name(p, b, one, sizeof one), control_name(p, a, other, sizeof other));
}

void
surfacegroup_check_clashes(struct sheet *s, const struct surface_profile *p)
{
    size_t size = 0;
    struct sent *list;
    int count = 0;
    bool told[SURFACE_GROUPS] = {false}; /* once a group is enough: the rest follows from it */

    for (unsigned i = 0; i < p->controls_count; i++)
        size += 2 * (size_t)p->controls[i].count;
    list = calloc(size, sizeof *list);
    if (!list) {
        sheet_complain(s, 1, NULL, "no memory to compare its messages");
        return;
    }
    for (unsigned i = 0; i < p->controls_count; i++)
        count += list_sent(&p->controls[i], i, list + count);
    qsort(list, (size_t)count, sizeof *list, by_key);
    for (int i = 1; i < count; i++)
        if (list[i].key == list[i - 1].key && !told[list[i].group]) {
            told[list[i].group] = true;
            tell_clash(s, p, &list[i - 1], &list[i]);
        }
    free(list);
}
