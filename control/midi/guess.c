/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/guess.h"

#include <stdlib.h>
#include <string.h>

enum {
    DATA_HIGH = 6,
    DATA_LOW = 38,
    UP = 96,
    DOWN = 97,
    NRPN_LOW = 98,
    NRPN_HIGH = 99,
    RPN_LOW = 100,
    RPN_HIGH = 101
};
enum { ENOUGH = 8 /* messages of a knob */, PRESSES = 2, FAST = 24 /* ticks in one message at most */ };

/* --- hearing -------------------------------------------------------------------------------------- */

static void
note(struct guess *g, struct guess_heard h)
{
    if (g->count == GUESS_HEARD) /* the newest half says enough */
        memmove(g->heard, g->heard + GUESS_HEARD / 2,
                sizeof g->heard[0] * (size_t)(g->count = GUESS_HEARD / 2));
    g->heard[g->count++] = h;
}

/* A (N)RPN's selection and data; false: a control change like any other. */
static bool
registered(struct guess *g, int channel, int number, int value, int64_t now_ns)
{
    int *select = g->select[channel];
    struct guess_heard h = {.channel = channel, .at_ns = now_ns};
    bool data = number == DATA_HIGH || number == DATA_LOW || number == UP || number == DOWN;

    if (number >= NRPN_LOW && number <= RPN_HIGH) {
        g->registered[channel] = number >= RPN_LOW;
        select[number == NRPN_HIGH || number == RPN_HIGH ? 0 : 1] = value + 1;
        g->high[channel] = 0;
        return true;
    }
    if (!data || !select[0] || !select[1] || (select[0] == 128 && select[1] == 128))
        return false;
    h.message = g->registered[channel] ? SURFACE_RPN : SURFACE_NRPN;
    h.number = (select[0] - 1) * 128 + select[1] - 1;
    if (number == DATA_HIGH) {
        g->high[channel] = value + 1;
        h.value = value * 128;
    } else if (number == DATA_LOW) {
        h.value = (g->high[channel] ? (g->high[channel] - 1) * 128 : 0) + value;
    } else {
        h.value = number; /* 96, 97: its own coding */
    }
    note(g, h);
    return true;
}

void
guess_hear(struct guess *g, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    struct guess_heard h = {.channel = bytes[0] & 15, .at_ns = now_ns};

    if (size != 3 && !(size == 2 && (bytes[0] & 0xF0) == 0xD0))
        return;
    h.number = bytes[1];
    h.value = size == 3 ? bytes[2] : bytes[1];
    switch (bytes[0] & 0xF0) {
    case 0x80:
    case 0x90:
        h.message = SURFACE_NOTE;
        h.off = (bytes[0] & 0xF0) == 0x80 || h.value == 0;
        h.value = h.off ? 0 : h.value;
        break;
    case 0xA0: h.message = SURFACE_POLY_PRESSURE; break;
    case 0xB0:
        if (registered(g, h.channel, h.number, h.value, now_ns))
            return;
        h.message = SURFACE_CC;
        break;
    case 0xD0:
        h.message = SURFACE_CHANNEL_PRESSURE;
        h.number = 0;
        break;
    case 0xE0:
        h.message = SURFACE_PITCH_BEND;
        h.value = bytes[1] + 128 * bytes[2];
        h.number = 0;
        break;
    default: return;
    }
    note(g, h);
}

/* --- which one ------------------------------------------------------------------------------------ */

static bool
same(const struct guess_heard *a, const struct guess_heard *b)
{
    return a->message == b->message && a->channel == b->channel && a->number == b->number;
}

static int
times(const struct guess *g, const struct guess_heard *h)
{
    int n = 0;

    for (int i = 0; i < g->count; i++)
        n += same(&g->heard[i], h);
    return n;
}

/* The one heard most: a touched fader's note comes once or twice, its movement many times. */
static const struct guess_heard *
most(const struct guess *g)
{
    const struct guess_heard *best = NULL;
    int n = 0;

    for (int i = 0; i < g->count; i++) {
        int k = times(g, &g->heard[i]);

        if (k > n) {
            n = k;
            best = &g->heard[i];
        }
    }
    return best;
}

struct values {
    int v[GUESS_HEARD];
    int n;
};

static void
values_of(const struct guess *g, const struct guess_heard *h, struct values *v)
{
    v->n = 0;
    for (int i = 0; i < g->count; i++)
        if (same(&g->heard[i], h))
            v->v[v->n++] = g->heard[i].value;
}

/* The other half of a 14-bit control, if it comes in turn with this one: number n and n + 32. */
static bool
halves(const struct guess *g, const struct guess_heard *h, int *high, bool *low_first)
{
    struct guess_heard other = *h;
    int n, pairs = 0, first = -1;

    if (h->message != SURFACE_CC || h->number >= 64)
        return false;
    other.number = h->number < 32 ? h->number + 32 : h->number - 32;
    *high = h->number < 32 ? h->number : other.number;
    n = times(g, &other);
    if (n < ENOUGH / 2 || n * 2 < times(g, h))
        return false;
    for (int i = 1; i < g->count; i++) {
        const struct guess_heard *a = &g->heard[i - 1], *b = &g->heard[i];

        if (a->message != SURFACE_CC || a->channel != h->channel || b->channel != h->channel)
            continue;
        pairs += (a->number == *high && b->number == *high + 32) ||
                 (b->number == *high && a->number == *high + 32);
        if (first < 0 && (a->number == *high || a->number == *high + 32))
            first = a->number;
    }
    *low_first = first == *high + 32;
    return pairs >= n / 2;
}

/* --- what it is ----------------------------------------------------------------------------------- */

/* Ticks of a value by a coding; 0: none of it, or an edge case. */
static int
ticks(enum surface_coding coding, int v)
{
    int t = 0;

    switch (coding) {
    case SURFACE_TWOS_COMPLEMENT: t = v < 64 ? v : v - 128; break;
    case SURFACE_OFFSET64: t = v - 64; break;
    case SURFACE_SIGN_MAGNITUDE: t = v < 64 ? v : 64 - v; break;
    case SURFACE_SIGN_MAGNITUDE_INVERTED: t = v > 64 ? v - 64 : -v; break;
    default: break;
    }
    return abs(t) <= FAST ? t : 0;
}

struct turn {
    bool all;      /* each value is one of the coding's */
    bool up, down; /* has gone each way */
    bool first_up;
    int changes; /* of direction */
    int total;   /* ticks, without sign */
};

static struct turn
turn_of(enum surface_coding coding, const struct values *v)
{
    struct turn t = {.all = v->n > 0};
    int last = 0;

    for (int i = 0; i < v->n; i++) {
        int k = ticks(coding, v->v[i]);

        t.all = t.all && k != 0;
        t.up |= k > 0;
        t.down |= k < 0;
        t.changes += last && k && (last > 0) != (k > 0);
        t.total += abs(k);
        if (!last)
            t.first_up = k > 0;
        last = k ? k : last;
    }
    return t;
}

/* How often a value is the one before it: an endless knob says the same again and again, an absolute one hardly ever. */
static double
repeats(const struct values *v)
{
    int n = 0;

    for (int i = 1; i < v->n; i++)
        n += v->v[i] == v->v[i - 1];
    return v->n > 1 ? (double)n / (v->n - 1) : 0.0;
}

/* The first movement is up, and the way back was told of: of the codings that explain each value, the one that took the
   fewest ticks. */
static bool
relative(const struct values *v, enum surface_coding *coding, bool *both)
{
    int best = -1;

    *both = false;
    if (repeats(v) < 0.4)
        return false;
    for (int c = SURFACE_TWOS_COMPLEMENT; c <= SURFACE_SIGN_MAGNITUDE_INVERTED; c++) {
        struct turn t = turn_of(c, v);

        if (!t.all || !t.first_up || t.changes > v->n / 4 || (best >= 0 && t.total >= best))
            continue;
        best = t.total;
        *coding = c;
        *both = t.up && t.down;
    }
    return best >= 0;
}

static bool
two_values(const struct values *v, int *low, int *high)
{
    *low = *high = v->v[0];
    for (int i = 0; i < v->n; i++) {
        if (v->v[i] < *low)
            *low = v->v[i];
        if (v->v[i] > *high)
            *high = v->v[i];
    }
    for (int i = 0; i < v->n; i++)
        if (v->v[i] != *low && v->v[i] != *high)
            return false;
    return true;
}

/* Two presses are four messages, two that differ or two alike. */
static void
as_button(const struct values *v, int low, int high, struct guess_what *w)
{
    w->kind = SURFACE_BUTTON;
    w->min = low < high ? low : 0;
    w->max = high;
    w->threshold = w->min + (high - w->min + 1) / 2;
    w->press = low == high ? SURFACE_PRESS_ONLY : v->n >= 2 * PRESSES ? SURFACE_MOMENTARY : SURFACE_TOGGLE;
    if (v->n < PRESSES || (v->n < 2 * PRESSES && v->n % 2))
        w->sure = "press it twice";
}

/* Two values alone that are no ticks, or one that is the highest. Notes, and the pressure of single keys, are no knob's. */
static bool
is_button(const struct guess_heard *h, const struct values *v, int *low, int *high)
{
    bool two = two_values(v, low, high);

    if (h->message == SURFACE_NOTE) {
        if (!two)
            *low = 0; /* as hard as it was pressed */
        return true;
    }
    if (h->message == SURFACE_POLY_PRESSURE)
        return two;
    if (!two || repeats(v) >= 0.4)
        return *low == *high && *high == 127 && v->n < ENOUGH;
    return *low == *high ? *high == 127 : (*low == 0 && *high >= 32) || (*low >= 32 && *high == 127);
}

static void
as_knob(const struct guess_heard *h, const struct values *v, struct guess_what *w)
{
    enum surface_coding coding;
    bool both;

    w->kind = h->message == SURFACE_PITCH_BEND ? SURFACE_FADER : SURFACE_POT;
    w->coding = SURFACE_ABSOLUTE;
    if (v->n < ENOUGH)
        w->sure = "turn it up, then down again";
    if (w->in.message == SURFACE_NRPN || w->in.message == SURFACE_RPN) {
        int low, high;

        if (two_values(v, &low, &high) && low >= UP && high <= DOWN) {
            w->kind = SURFACE_ENCODER;
            w->coding = SURFACE_INCREMENT;
        }
        return;
    }
    if (w->in.message == SURFACE_CC && relative(v, &coding, &both)) {
        w->kind = SURFACE_ENCODER;
        w->coding = coding;
        if (!both)
            w->sure = "turn it up, then down again";
    }
}

bool
guess_what(const struct guess *g, struct guess_what *w)
{
    const struct guess_heard *h = most(g);
    struct values v;
    int high, low;

    *w = (struct guess_what){.threshold = 64};
    if (!h)
        return false;
    w->in = (struct surface_way){.message = h->message, .channel = h->channel + 1, .number = h->number};
    values_of(g, h, &v);
    if (halves(g, h, &high, &w->low_first)) {
        w->in.message = SURFACE_CC14;
        w->in.number = high;
        w->kind = SURFACE_POT;
        w->sure = v.n < ENOUGH ? "turn it up, then down again" : NULL;
    } else if (h->message != SURFACE_PITCH_BEND && is_button(h, &v, &low, &high)) {
        as_button(&v, low, high, w);
    } else {
        as_knob(h, &v, w);
    }
    return true;
}
