/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stage table, and what every stage is given by the chain: a place for its
 * state, a delay-matched way past it, a switch without a click, a stopwatch.
 */
#include "engine/chain.h"

#include "engine/clock.h"

#include <stdlib.h>
#include <string.h>

enum { SWITCH_MS = 20, WARM_MS = 10 };

#define NO_SWITCH ((size_t)-1)

/* The shape in dsp.h, with the state's type wiped off. */
/* clang-format off */
#define STAGE(name)                                                                                           \
    static enum status name##_prepare_(void *s, double rate_hz) { return name##_prepare(s, rate_hz); }        \
    static void name##_free_(void *s) { name##_free(s); }                                                     \
    RT static void name##_reset_(void *s) { name##_reset(s); }                                                \
    RT static void name##_set_(void *s, const void *settings) { name##_set(s, settings); }                    \
    RT static void name##_process_(void *s, double *const *io, int n) { name##_process(s, io, n); }           \
    RT static int name##_latency_frames_(const void *s) { return name##_latency_frames(s); }

STAGE(input)
STAGE(eq)
STAGE(comp)
STAGE(limit)
/* clang-format on */

RT static double
comp_reduction(void *s)
{
    return comp_take_reduction_db(s);
}

RT static double
limit_reduction(void *s)
{
    return limit_take_reduction_db(s);
}

static const struct stage_row {
    const char *name;
    size_t size;                    /* of the state */
    size_t settings, settings_size; /* where in struct settings */
    size_t on;                      /* its switch there; NO_SWITCH: always on */
    enum status (*prepare)(void *, double);
    void (*free)(void *);
    void (*reset)(void *);
    void (*set)(void *, const void *);
    void (*process)(void *, double *const *, int);
    int (*latency_frames)(const void *);
    double (*take_reduction_db)(void *); /* NULL: takes nothing away */
} stages[STAGES] = {
#define ROW(name, on, reduction)                                                                             \
    {                                                                                                        \
#name, sizeof(struct name), offsetof(struct settings, name), sizeof(struct name##_settings), on,     \
            name##_prepare_, name##_free_, name##_reset_, name##_set_, name##_process_,                      \
            name##_latency_frames_, reduction                                                                \
    }
    [STAGE_INPUT] = ROW(input, NO_SWITCH, NULL),
    [STAGE_EQ] = ROW(eq, offsetof(struct settings, eq.on), NULL),
    [STAGE_COMP] = ROW(comp, offsetof(struct settings, comp.on), comp_reduction),
    [STAGE_LIMIT] = ROW(limit, offsetof(struct settings, limit.on), limit_reduction),
};

const char *
chain_stage_name(enum stage s)
{
    return stages[s].name;
}

static enum status
slot_prepare(struct chain_slot *slot, const struct stage_row *row, double rate_hz)
{
    enum status s;

    slot->state = aligned_alloc(64, (row->size + 63) / 64 * 64);
    if (!slot->state)
        return NO_MEM;
    memset(slot->state, 0, row->size);
    s = row->prepare(slot->state, rate_hz);
    if (s == OK)
        s = delay_prepare(&slot->dry, row->latency_frames(slot->state));
    fade_prepare(&slot->on, rate_hz, SWITCH_MS);
    return s;
}

static enum status
scratch_prepare(struct chain *c)
{
    c->scratch[0] = calloc(CHAIN_BLOCK * STEREO * 2, sizeof **c->scratch);
    if (!c->scratch[0])
        return NO_MEM;
    c->scratch[1] = c->scratch[0] + CHAIN_BLOCK;
    c->bypass[0] = c->scratch[1] + CHAIN_BLOCK;
    c->bypass[1] = c->bypass[0] + CHAIN_BLOCK;
    return OK;
}

enum status
chain_prepare(struct chain *c, double rate_hz)
{
    enum status s = rate_ok(rate_hz) ? OK : BAD_ARG;

    *c = (struct chain){.rate_hz = rate_hz};
    for (int i = 0; i < STAGES && s == OK; i++) {
        s = slot_prepare(&c->slot[i], &stages[i], rate_hz);
        c->latency += c->slot[i].dry.length;
    }
    if (s == OK)
        s = delay_prepare(&c->dry, c->latency);
    if (s == OK)
        s = scratch_prepare(c);
    if (s != OK) {
        chain_free(c);
        return s;
    }
    fade_prepare(&c->wet, rate_hz, SWITCH_MS);
    chain_reset(c);
    return OK;
}

void
chain_free(struct chain *c)
{
    for (int i = 0; i < STAGES; i++) {
        if (c->slot[i].state)
            stages[i].free(c->slot[i].state);
        free(c->slot[i].state);
        delay_free(&c->slot[i].dry);
    }
    delay_free(&c->dry);
    free(c->scratch[0]);
    *c = (struct chain){0};
}

void
chain_reset(struct chain *c)
{
    for (int i = 0; i < STAGES; i++) {
        stages[i].reset(c->slot[i].state);
        delay_reset(&c->slot[i].dry);
    }
    delay_reset(&c->dry);
    c->fresh = true;
}

RT static void
slot_switch(struct chain *c, struct chain_slot *slot, const struct stage_row *row, bool on,
            const void *settings)
{
    if (c->fresh) {
        fade_jump(&slot->on, on);
        slot->running = on;
        slot->warm = 0;
    } else if (on && !slot->running) {
        row->reset(slot->state);
        row->set(slot->state, settings);
        slot->running = true;
        slot->warm = slot->dry.length + (int)(c->rate_hz * WARM_MS / 1000);
    } else if (!on && slot->warm) {
        slot->running = false;
        slot->warm = 0;
    } else if (slot->running && !slot->warm) {
        fade_to(&slot->on, on);
    }
}

void
chain_set(struct chain *c, const struct settings *s, size_t changed)
{
    const char *base = (const char *)s;

    for (int i = 0; i < STAGES; i++) {
        const struct stage_row *row = &stages[i];

        if (!c->fresh && changed != SETTINGS_ALL &&
            (changed < row->settings || changed >= row->settings + row->settings_size))
            continue;
        row->set(c->slot[i].state, base + row->settings);
        slot_switch(c, &c->slot[i], row, row->on == NO_SWITCH || *(const bool *)(base + row->on),
                    base + row->settings);
    }
    if (c->fresh)
        fade_jump(&c->wet, !s->chain.bypass);
    else
        fade_to(&c->wet, !s->chain.bypass);
    c->fresh = false;
}

RT static void
mix(struct fade *f, double *const *wet, const double *const *dry, int nframes)
{
    if (fade_is(f, true))
        return;
    for (int i = 0; i < nframes; i++) {
        double w = fade_next(f);

        for (int c = 0; c < STEREO; c++)
            if (w == 0.0) /* at rest to the bit (-0, too), wherever a block ends */
                wet[c][i] = dry[c][i];
            else if (w < 1.0)
                wet[c][i] = dry[c][i] + w * (wet[c][i] - dry[c][i]);
    }
}

RT static void
copy(double *const *to, const double *const *from, int nframes)
{
    for (int c = 0; c < STEREO; c++)
        memcpy(to[c], from[c], sizeof(double) * (size_t)nframes);
}

/* At most CHAIN_BLOCK frames, and none past the end of warming up. */
RT static void
slot_process(struct chain *c, struct chain_slot *slot, const struct stage_row *row, double *const *io,
             int nframes)
{
    const double *const *in = (const double *const *)io;
    const double *const *dry = (const double *const *)c->scratch;

    if (!slot->running) {
        if (slot->dry.length)
            delay_process(&slot->dry, in, io, nframes);
        return;
    }
    delay_process(&slot->dry, in, c->scratch, nframes);
    row->process(slot->state, io, nframes);
    if (slot->warm) {
        copy(io, dry, nframes);
        slot->warm -= nframes;
        if (slot->warm == 0)
            fade_to(&slot->on, true);
        return;
    }
    mix(&slot->on, io, dry, nframes);
    if (fade_is(&slot->on, false))
        slot->running = false;
}

/* The next span in which no slot's warming ends and no fade-out finishes. */
RT static int
slot_span(const struct chain_slot *slot, int nframes)
{
    int span = nframes < CHAIN_BLOCK ? nframes : CHAIN_BLOCK;

    if (slot->running && slot->warm && slot->warm < span)
        span = slot->warm;
    if (slot->running && slot->on.direction < 0 && slot->on.position < span)
        span = slot->on.position;
    return span;
}

RT static void
stage_process(struct chain *c, int stage, double *const *io, int nframes)
{
    struct chain_slot *slot = &c->slot[stage];

    for (int done = 0, n; done < nframes; done += n) {
        double *const at[STEREO] = {io[0] + done, io[1] + done};

        n = slot_span(slot, nframes - done);
        slot_process(c, slot, &stages[stage], at, n);
    }
}

void
chain_process(struct chain *c, double *const *io, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        double *const at[STEREO] = {io[0] + done, io[1] + done};
        int64_t then;

        n = nframes - done < CHAIN_BLOCK ? nframes - done : CHAIN_BLOCK;
        delay_process(&c->dry, (const double *const *)at, c->bypass, n);
        then = clock_ns();
        for (int i = 0; i < STAGES; i++) {
            int64_t now;

            stage_process(c, i, at, n);
            now = clock_ns();
            c->slot[i].spent_ns += now - then;
            then = now;
        }
        if (fade_is(&c->wet, false))
            copy(at, (const double *const *)c->bypass, n);
        else
            mix(&c->wet, at, (const double *const *)c->bypass, n);
    }
}

int
chain_latency_frames(const struct chain *c)
{
    return c->latency;
}

double
chain_take_reduction_db(struct chain *c, enum stage s)
{
    return stages[s].take_reduction_db && c->slot[s].running ? stages[s].take_reduction_db(c->slot[s].state)
                                                             : 0.0;
}

int64_t
chain_take_ns(struct chain *c, enum stage s)
{
    int64_t ns = c->slot[s].spent_ns;

    c->slot[s].spent_ns = 0;
    return ns;
}
