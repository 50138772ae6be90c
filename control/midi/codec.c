/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a message could be of is found in one table: a hash of kind, channel and number. All that one message may say
 * hangs in one chain, in the order of the profile. Sysex has a list of its own, by template.
 *
 * place   of a control among all of the profile's: group after group
 * half    of a value of 14 bits: a state for each control, so that a box which selects its NRPN anew before each
 *         half is read as well as one that does not
 */
#include "control/midi/codec.h"

#include "control/midi/message.h"
#include "engine/surfacescale.h"
#include "engine/surfaceway.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 1024,
    NONE = -1,
    CHANNELS = 16,

    ANY_PROGRAM = 128,
    NS_PER_MS = 1000000
};

/* The controllers that MIDI has given a meaning. */
enum { DATA_HIGH = 6, DATA_LOW = 38, DATA_UP = 96, DATA_DOWN, NRPN_LOW, NRPN_HIGH, RPN_LOW, RPN_HIGH };

enum part { WHOLE, HIGH, LOW };

struct slot { /* one thing that a message may be */
    uint32_t key;
    int next;
    int place;
    enum part part;
};

struct control {
    const struct surface_control *of;
    int group, n;
    struct surfacescale scale;
    int steps, threshold;
    int high, low;    /* halves; NONE: unknown */
    bool waiting;     /* for the other half, */
    int64_t since_ns; /* from then on; -1: what it waits with has been told */
    int raw;          /* last; NONE: nothing yet */
    bool down, stepped;
    double direction;
    int64_t stepped_ns;
};

struct sysex {
    int group, first; /* place of its first */
    int ntokens;
    int token[SURFACE_BYTES];
};

struct selected { /* on one channel */
    bool used;    /* by the profile */
    bool rpn;
    int high[2], low[2]; /* NRPN, RPN */
};

struct codec {
    const struct surface_profile *profile;
    int bucket[BUCKETS];
    struct slot *slot;
    int nslots;
    struct control *control;
    int ncontrols, nwaiting;
    struct sysex *sysex;
    int nsysex;
    struct selected selected[CHANNELS];
    bool known;
};

struct told { /* where events go */
    struct codec_event *events;
    int size, n;
    int64_t now_ns;
    struct codec_event lost; /* what found no room */
};

/* --- the table --------------------------------------------------------------------------------- */

static uint32_t
key_of(enum surface_message message, int channel, int number)
{
    return (uint32_t)message << 18 | (uint32_t)channel << 14 | (uint32_t)number;
}

static int *
bucket_of(struct codec *c, uint32_t key)
{
    return &c->bucket[key * 2654435761u >> 22]; /* Knuth's, 10 bits */
}

static void
add_slot(struct codec *c, enum surface_message message, int channel, int number, int place, enum part part)
{
    uint32_t key = key_of(message, channel, number);
    int *bucket = bucket_of(c, key);

    c->slot[c->nslots] = (struct slot){key, *bucket, place, part};
    *bucket = c->nslots++;
}

static bool
is_key(const struct surface_control *c)
{
    return c->kind == SURFACE_BUTTON || c->kind == SURFACE_TOUCH;
}

/* Those that only show have an `in` just for its way out. */
static bool
speaks(const struct surface_control *c)
{
    return c->in && c->kind != SURFACE_LED && c->kind != SURFACE_METER && c->kind != SURFACE_DISPLAY;
}

static void
add_control(struct codec *c, int place)
{
    const struct control *ctl = &c->control[place];
    const struct surface_way *w = ctl->of->in;
    int channel, number;

    if (!speaks(ctl->of) || !surfaceway_exists(w, ctl->n))
        return;
    channel = surface_way_channel(w, ctl->n);
    number = surface_way_number(w, ctl->n);
    switch (w->message) {
    case SURFACE_NONE:
    case SURFACE_SYSEX: return;
    case SURFACE_CC14:
        add_slot(c, SURFACE_CC, channel, number, place, HIGH);
        add_slot(c, SURFACE_CC, channel, number + 32, place, LOW);
        return;
    case SURFACE_PITCH_BEND:
    case SURFACE_CHANNEL_PRESSURE: add_slot(c, w->message, channel, 0, place, WHOLE); return;
    case SURFACE_PROGRAM:
        add_slot(c, w->message, channel, is_key(ctl->of) ? number : ANY_PROGRAM, place, WHOLE);
        return;
    case SURFACE_NRPN:
    case SURFACE_RPN: c->selected[channel].used = true; /* fall through */
    default: add_slot(c, w->message, channel, number, place, WHOLE); return;
    }
}

static bool
is_sysex(const struct surface_control *c)
{
    return speaks(c) && c->in->message == SURFACE_SYSEX && c->in->sysex;
}

static int
count_sysex(const struct surface_profile *p)
{
    int n = 0;

    for (unsigned g = 0; g < p->controls_count; g++)
        n += is_sysex(&p->controls[g]);
    return n;
}

static void
add_sysex(struct codec *c, int group, int first)
{
    const struct surface_control *of = &c->profile->controls[group];
    struct sysex *x = &c->sysex[c->nsysex];

    if (!is_sysex(of))
        return;
    x->group = group;
    x->first = first;
    x->ntokens = surfaceway_template(of->in->sysex, x->token, SURFACE_BYTES);
    c->nsysex += x->ntokens > 0;
}

static int
count_of(const struct surface_control *c)
{
    return c->count ? c->count : 1;
}

static void
begin_control(struct control *ctl, const struct surface_control *of, int group, int n)
{
    *ctl = (struct control){.of = of, .group = group, .n = n, .high = NONE, .low = NONE, .raw = NONE};
    ctl->scale = surfacescale_of(of);
    ctl->steps = surfacescale_steps(&ctl->scale);
    ctl->threshold = of->threshold ? of->threshold : 64;
}

/* Chains are built from behind, so that they run forward. */
static void
fill(struct codec *c)
{
    int place = 0;

    memset(c->bucket, 0xff, sizeof c->bucket); /* NONE */
    for (int ch = 0; ch < CHANNELS; ch++)
        for (int k = 0; k < 2; k++)
            c->selected[ch].high[k] = c->selected[ch].low[k] = NONE;
    for (unsigned g = 0; g < c->profile->controls_count; g++) {
        add_sysex(c, (int)g, place);
        for (int n = 0; n < count_of(&c->profile->controls[g]); n++)
            begin_control(&c->control[place++], &c->profile->controls[g], (int)g, n);
    }
    while (place > 0)
        add_control(c, --place);
}

enum status
codec_open(struct codec **c, const struct surface_profile *p)
{
    struct codec *made = calloc(1, sizeof *made);

    *c = made;
    if (!made)
        return NO_MEM;
    made->profile = p;
    for (unsigned g = 0; g < p->controls_count; g++)
        made->ncontrols += count_of(&p->controls[g]);
    made->control = calloc((size_t)made->ncontrols + 1, sizeof *made->control);
    made->slot = calloc(2 * (size_t)made->ncontrols + 1, sizeof *made->slot);
    made->sysex = calloc((size_t)count_sysex(p) + 1, sizeof *made->sysex);
    if (!made->control || !made->slot || !made->sysex) {
        codec_close(made);
        *c = NULL;
        return NO_MEM;
    }
    fill(made);
    return OK;
}

void
codec_close(struct codec *c)
{
    if (!c)
        return;
    free(c->control);
    free(c->slot);
    free(c->sysex);
    free(c);
}

/* --- what a control says ----------------------------------------------------------------------- */

static struct codec_event *
tell(struct told *t, const struct control *ctl, enum codec_what what)
{
    struct codec_event *e = t->n < t->size ? &t->events[t->n++] : &t->lost;

    *e = (struct codec_event){.group = ctl->group, .n = ctl->n, .what = what};
    return e;
}

/* A key that says the same once more was let go in silence; other values of one that is down are how hard it is
   held. A note is struck, whatever was before. */
static void
tell_key(struct told *t, struct control *ctl, int raw)
{
    bool down = raw >= ctl->threshold, note = ctl->of->in->message == SURFACE_NOTE;

    switch (ctl->of->press) {
    case SURFACE_TOGGLE: tell(t, ctl, down ? CODEC_ON : CODEC_OFF); break;
    case SURFACE_PRESS_ONLY:
        if (!note || raw > 0)
            tell(t, ctl, CODEC_PRESS);
        break;
    case SURFACE_MOMENTARY:
        if (down && (!ctl->down || note || raw == ctl->raw))
            tell(t, ctl, CODEC_PRESS);
        if (!down && ctl->down)
            tell(t, ctl, CODEC_RELEASE);
        break;
    }
    ctl->down = down;
    ctl->raw = raw;
}

static void
tell_ticks(struct told *t, struct control *ctl, double ticks)
{
    double direction = ticks > 0.0 ? 1.0 : -1.0;
    int64_t past_ns = t->now_ns - ctl->stepped_ns;

    if (ticks == 0.0)
        return;
    if (ctl->stepped && past_ns < (int64_t)ctl->of->debounce_ms * NS_PER_MS)
        return;
    if (ctl->stepped && direction != ctl->direction && past_ns < (int64_t)ctl->of->reverse_ms * NS_PER_MS)
        return;
    ctl->stepped = true;
    ctl->stepped_ns = t->now_ns;
    ctl->direction = direction;
    tell(t, ctl, CODEC_TICKS)->ticks = ticks;
}

static void
tell_value(struct told *t, struct control *ctl, int raw)
{
    struct codec_event *e = tell(t, ctl, CODEC_VALUE);

    ctl->raw = raw;
    e->value = surfacescale_value(&ctl->scale, raw);
    e->steps = ctl->steps;
}

static bool
is_relative(const struct surface_control *c)
{
    return !is_key(c) && c->coding != SURFACE_ABSOLUTE;
}

/* byte: raw, or its high half. */
static void
say(struct told *t, struct control *ctl, int raw, int byte)
{
    if (is_key(ctl->of))
        tell_key(t, ctl, raw);
    else if (is_relative(ctl->of))
        tell_ticks(t, ctl, surfacescale_ticks(ctl->of->coding, byte, ctl->of->acceleration));
    else
        tell_value(t, ctl, raw);
}

/* --- halves ------------------------------------------------------------------------------------ */

static void
set_waiting(struct codec *c, struct control *ctl, bool waiting)
{
    c->nwaiting += (int)waiting - (int)ctl->waiting;
    ctl->waiting = waiting;
}

/* Is it time to tell? The half that opens a value waits for the other one; one that comes again does not. */
static bool
take_half(struct codec *c, struct control *ctl, bool high, int v, int64_t now_ns)
{
    bool opens = high != ctl->of->low_first, again = ctl->waiting;

    *(high ? &ctl->high : &ctl->low) = v;
    if (ctl->low == NONE || (high && opens))
        ctl->low = 0;
    set_waiting(c, ctl, opens);
    ctl->since_ns = opens && !again ? now_ns : -1;
    return ctl->high != NONE && (!opens || again);
}

static void
say_half(struct codec *c, struct told *t, struct control *ctl, bool high, int v)
{
    if (is_relative(ctl->of)) {
        if (high)
            say(t, ctl, v * 128, v);
    } else if (take_half(c, ctl, high, v, t->now_ns)) {
        say(t, ctl, ctl->high * 128 + ctl->low, ctl->high);
    }
}

int
codec_tick(struct codec *c, int64_t now_ns, struct codec_event *events, int size)
{
    struct told t = {.events = events, .size = size, .now_ns = now_ns};

    for (int i = 0; i < c->ncontrols && c->nwaiting > 0; i++) {
        struct control *ctl = &c->control[i];

        if (!ctl->waiting || ctl->since_ns < 0 || now_ns - ctl->since_ns < CODEC_HALF_NS || t.n == size)
            continue;
        ctl->since_ns = -1;
        if (ctl->high != NONE)
            say(&t, ctl, ctl->high * 128 + ctl->low, ctl->high);
    }
    return t.n;
}

/* --- messages ---------------------------------------------------------------------------------- */

static void
look_up(struct codec *c, struct told *t, enum surface_message message, int channel, int number, int raw)
{
    uint32_t key = key_of(message, channel, number);

    for (int i = *bucket_of(c, key); i != NONE; i = c->slot[i].next) {
        const struct slot *s = &c->slot[i];
        struct control *ctl = &c->control[s->place];

        if (s->key != key)
            continue;
        c->known = true;
        if (s->part == WHOLE)
            say(t, ctl, raw, message == SURFACE_PITCH_BEND ? raw >> 7 : raw);
        else
            say_half(c, t, ctl, s->part == HIGH, raw);
    }
}

static void
step(struct told *t, struct control *ctl, int by)
{
    const struct surfacescale *s = &ctl->scale;
    int low = s->min < s->max ? s->min : s->max, high = s->min < s->max ? s->max : s->min,
        raw = ctl->raw + by;

    if (is_key(ctl->of))
        return;
    if (ctl->of->coding == SURFACE_INCREMENT)
        tell_ticks(t, ctl, by);
    else if (!is_relative(ctl->of) && ctl->raw != NONE)
        tell_value(t, ctl, raw < low ? low : raw > high ? high : raw);
}

/* Data entry, for what is selected: 127/127 is no control's (surfaceway_exists). */
static void
enter_data(struct codec *c, struct told *t, int channel, int controller, int v)
{
    const struct selected *s = &c->selected[channel];
    int number = s->high[s->rpn] * 128 + s->low[s->rpn];
    uint32_t key = key_of(s->rpn ? SURFACE_RPN : SURFACE_NRPN, channel, number);

    if (s->high[s->rpn] == NONE || s->low[s->rpn] == NONE)
        return;
    for (int i = *bucket_of(c, key); i != NONE; i = c->slot[i].next) {
        struct control *ctl = &c->control[c->slot[i].place];

        if (c->slot[i].key != key)
            continue;
        c->known = true;
        switch (controller) {
        case DATA_HIGH:
        case DATA_LOW: say_half(c, t, ctl, controller == DATA_HIGH, v); break;
        case DATA_UP: step(t, ctl, 1); break;
        case DATA_DOWN: step(t, ctl, -1); break;
        }
    }
}

static void
select_half(struct codec *c, int channel, bool rpn, bool high, int v)
{
    struct selected *s = &c->selected[channel];

    s->rpn = rpn;
    *(high ? &s->high[rpn] : &s->low[rpn]) = v;
    c->known = c->known || s->used;
}

static void
read_cc(struct codec *c, struct told *t, int channel, int controller, int v)
{
    look_up(c, t, SURFACE_CC, channel, controller, v);
    switch (controller) {
    case NRPN_LOW:
    case NRPN_HIGH: select_half(c, channel, false, controller == NRPN_HIGH, v); break;
    case RPN_LOW:
    case RPN_HIGH: select_half(c, channel, true, controller == RPN_HIGH, v); break;
    case DATA_HIGH:
    case DATA_LOW:
    case DATA_UP:
    case DATA_DOWN: enter_data(c, t, channel, controller, v); break;
    }
}

/* What stands at the template's places; -1: it has none of those. False: the message is another. */
static bool
fits(const struct sysex *x, const uint8_t *bytes, size_t nbytes, int *at)
{
    for (int k = 0; k <= SURFACEWAY_INDEX - SURFACEWAY_NUMBER; k++)
        at[k] = -1;
    if (nbytes != (size_t)x->ntokens)
        return false;
    for (int i = 0; i < x->ntokens; i++) {
        int token = x->token[i], *place = token < 256 ? NULL : &at[token - SURFACEWAY_NUMBER];

        if (place ? *place >= 0 && *place != bytes[i] : token != bytes[i])
            return false;
        if (place)
            *place = bytes[i];
    }
    return true;
}

static void
read_sysex(struct codec *c, struct told *t, const uint8_t *bytes, size_t nbytes)
{
    int at[SURFACEWAY_INDEX - SURFACEWAY_NUMBER + 1];

    for (int i = 0; i < c->nsysex; i++) {
        const struct sysex *x = &c->sysex[i];
        const struct surface_control *of = &c->profile->controls[x->group];
        int number, value, high, low, index, byte, raw;

        if (!fits(x, bytes, nbytes, at))
            continue;
        number = at[0], value = at[1], high = at[2], low = at[3], index = at[4];
        byte = high >= 0 ? high : value >= 0 ? value : low >= 0 ? low : surface_way_max(of->in);
        raw = high >= 0 ? high * 128 + (low >= 0 ? low : 0) : byte;
        for (int n = 0; n < count_of(of); n++) {
            if ((number >= 0 && number != surface_way_number(of->in, n)) || (index >= 0 && index != n))
                continue;
            c->known = true;
            say(t, &c->control[x->first + n], raw, byte);
        }
    }
}

int
codec_read(struct codec *c, const uint8_t *bytes, size_t nbytes, int64_t now_ns, struct codec_event *events,
           int size)
{
    struct told t = {.events = events, .size = size, .now_ns = now_ns};
    int channel;

    c->known = false;
    if (!midi_whole(bytes, nbytes))
        return 0;
    channel = bytes[0] & 15;
    switch (bytes[0] >> 4) {
    case 0x8: look_up(c, &t, SURFACE_NOTE, channel, bytes[1], 0); break;
    case 0x9: look_up(c, &t, SURFACE_NOTE, channel, bytes[1], bytes[2]); break;
    case 0xA: look_up(c, &t, SURFACE_POLY_PRESSURE, channel, bytes[1], bytes[2]); break;
    case 0xB: read_cc(c, &t, channel, bytes[1], bytes[2]); break;
    case 0xC:
        look_up(c, &t, SURFACE_PROGRAM, channel, bytes[1], 127);
        look_up(c, &t, SURFACE_PROGRAM, channel, ANY_PROGRAM, bytes[1]);
        break;
    case 0xD: look_up(c, &t, SURFACE_CHANNEL_PRESSURE, channel, 0, bytes[1]); break;
    case 0xE: look_up(c, &t, SURFACE_PITCH_BEND, channel, 0, bytes[1] + bytes[2] * 128); break;
    case 0xF:
        if (bytes[0] == 0xF0)
            read_sysex(c, &t, bytes, nbytes);
        break;
    }
    return t.n;
}

bool
codec_known(const struct codec *c)
{
    return c->known;
}
