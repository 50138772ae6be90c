/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/chain.h"

#include <stdlib.h>
#include <string.h>

enum { SWITCH_MS = 20, SETTLE_MS = 100, OVER_MS = 40, KEY_MS = 100, WAKE_GAP = 64, NOBODY = -1 };

const char *
chain_stage_name(enum stage s)
{
    return stage_table[s].name;
}

static enum status
buffers_prepare(struct chain *c)
{
    double **pair[] = {c->bypass, c->other, c->solo, c->sidechain};

    c->buffer = calloc(CHAIN_BLOCK * STEREO * LEN(pair), sizeof *c->buffer);
    if (!c->buffer)
        return NO_MEM;
    for (size_t i = 0; i < LEN(pair); i++)
        for (int k = 0; k < STEREO; k++)
            pair[i][k] = c->buffer + (i * STEREO + (size_t)k) * CHAIN_BLOCK;
    return OK;
}

enum status
chain_prepare(struct chain *c, double rate_hz)
{
    enum status s = rate_ok(rate_hz) ? OK : BAD_ARG;

    *c = (struct chain){.rate_hz = rate_hz, .listened = NOBODY, .listen = NOBODY, .fresh = true};
    for (int i = 0; i < 2 && s == OK; i++)
        s = rack_prepare(&c->rack[i], rate_hz);
    if (s == OK)
        s = lag_prepare(&c->dry, rate_hz, rack_longest_frames(&c->rack[0]));
    if (s == OK)
        s = lag_prepare(&c->key, rate_hz, rack_longest_frames(&c->rack[0]));
    if (s == OK)
        s = buffers_prepare(c);
    if (s != OK) {
        chain_free(c);
        return s;
    }
    fade_prepare(&c->wet, rate_hz, SWITCH_MS);
    fade_prepare(&c->over, rate_hz, OVER_MS);
    fade_prepare(&c->heard, rate_hz, SWITCH_MS);
    for (int k = 0; k < INSERTS; k++)
        fade_prepare(&c->sending[k], rate_hz, OVER_MS);
    c->latency = rack_latency_frames(&c->rack[0], STAGES);
    c->watch_one = NOBODY;
    return OK;
}

void
chain_free(struct chain *c)
{
    for (int i = 0; i < 2; i++)
        rack_free(&c->rack[i]);
    lag_free(&c->dry);
    lag_free(&c->key);
    free(c->buffer);
    *c = (struct chain){0};
}

void
chain_reset(struct chain *c)
{
    c->fresh = true;
}

/* --- a new order ---------------------------------------------------------------------------------- */

RT static bool
order_differs(const struct chain *c)
{
    enum stage order[STAGES];

    stages_order(&c->settings, order);
    return memcmp(order, c->rack[c->now].order, sizeof order) != 0;
}

RT static void
turn_begin(struct chain *c)
{
    stages_order(&c->settings, c->rack[!c->now].order);
    c->turn = TURN_WAKING;
    c->waking = 0;
    c->turn_left = WAKE_GAP;
}

/* Where the key is heard, and how late the whole is. */
RT static void
follow_latency(struct chain *c)
{
    const struct rack *r = &c->rack[c->turn == TURN_FADING ? !c->now : c->now];
    int key = 0;

    for (int i = 0; i < STAGES; i++)
        if (stage_table[i].key)
            key = rack_latency_frames(r, (enum stage)i);
    c->latency = rack_latency_frames(r, STAGES);
    lag_to(&c->dry, c->latency);
    lag_to(&c->key, key);
}

/* Frames from an insert's send to its return. */
RT static int
round_trip(const struct chain *c, int insert)
{
    const struct insert_settings *s = &c->settings.insert[insert];

    return s->on ? (int)(s->delay_frames + 0.5) : 0;
}

/* From its own round trip before the end of SENDING each insert is sent to by the other rack. */
RT static void
sending_step(struct chain *c)
{
    for (int k = 0; k < INSERTS && c->turn == TURN_SENDING; k++)
        fade_to(&c->sending[k], c->turn_left <= round_trip(c, k));
}

RT static void
turn_over(struct chain *c)
{
    c->turn = TURN_FADING;
    fade_jump(&c->over, false);
    fade_to(&c->over, true);
    c->turn_left = fade_left(&c->over);
    follow_latency(c);
}

/* The stages of the other rack wake one at a time, because a reset and a set cost. */
RT static void
turn_step(struct chain *c)
{
    struct rack *other = &c->rack[!c->now];

    switch (c->turn) {
    case TURN_NONE: return;
    case TURN_WAKING:
        rack_wake(other, (enum stage)c->waking++, &c->settings);
        c->turn_left = WAKE_GAP;
        if (c->waking < STAGES)
            return;
        c->turn = TURN_WARMING;
        c->turn_left = c->latency + rack_warm_frames(other) + (int)(c->rate_hz * CHAIN_TURN_MS / 1000);
        return;
    case TURN_WARMING:
        c->turn = TURN_SENDING;
        c->turn_left = 0;
        for (int k = 0; k < INSERTS; k++)
            c->turn_left = round_trip(c, k) > c->turn_left ? round_trip(c, k) : c->turn_left;
        if (c->turn_left == 0)
            turn_over(c);
        return;
    case TURN_SENDING: turn_over(c); return;
    case TURN_FADING:
        c->now = !c->now;
        c->turn = TURN_NONE;
        for (int k = 0; k < INSERTS; k++)
            fade_jump(&c->sending[k], false);
        if (order_differs(c))
            turn_begin(c);
    }
}

/* --- settings -------------------------------------------------------------------------------------- */

/* The last in the order that is asked for: what comes after it is not heard anyway. */
RT static void
choose_listened(struct chain *c)
{
    const enum stage *order = c->rack[c->now].order;

    c->listen = NOBODY;
    for (int i = 0; i < STAGES; i++) {
        const struct stage_row *row = &stage_table[order[i]];

        if (row->is_listened && row->is_on(&c->settings) && row->is_listened(&c->settings))
            c->listen = (int)order[i];
    }
}

/* A line that has stood still has old sound in it. */
RT static void
choose_keyed(struct chain *c)
{
    bool keyed = false;

    for (int i = 0; i < STAGES; i++)
        keyed |= stage_table[i].is_keyed && stage_table[i].is_keyed(&c->settings);
    if (keyed && !chain_is_keyed(c))
        lag_reset(&c->key);
    if (c->keyed && !keyed)
        c->key_left = (int)(c->rate_hz * KEY_MS / 1000);
    c->keyed = keyed;
}

RT static void
begin(struct chain *c)
{
    c->turn = TURN_NONE;
    rack_begin(&c->rack[c->now], &c->settings);
    follow_latency(c);
    lag_reset(&c->dry);
    lag_reset(&c->key);
    fade_jump(&c->wet, !c->settings.chain.bypass);
    choose_listened(c);
    choose_keyed(c);
    c->listened = c->listen;
    fade_jump(&c->heard, c->listen != NOBODY);
    c->fresh = false;
}

void
chain_set(struct chain *c, const struct settings *s, size_t changed)
{
    c->settings = *s;
    if (c->fresh) {
        begin(c);
        return;
    }
    rack_set(&c->rack[c->now], s, changed);
    if (c->turn != TURN_NONE)
        rack_set(&c->rack[!c->now], s, changed);
    follow_latency(c);
    fade_to(&c->wet, !s->chain.bypass);
    choose_listened(c);
    choose_keyed(c);
    if (c->turn == TURN_NONE && order_differs(c))
        turn_begin(c);
}

/* --- sound ----------------------------------------------------------------------------------------- */

RT static void
copy(double *const *to, const double *const *from, int nframes)
{
    for (int c = 0; c < STEREO; c++)
        memcpy(to[c], from[c], sizeof **to * (size_t)nframes);
}

/* The frames until something here ends or begins. */
RT static int
span(const struct chain *c, int nframes)
{
    int n = nframes < CHAIN_BLOCK ? nframes : CHAIN_BLOCK;

    if (c->turn != TURN_NONE && c->turn_left < n)
        n = c->turn_left;
    for (int k = 0; k < INSERTS && c->turn == TURN_SENDING; k++)
        if (c->turn_left > round_trip(c, k) && c->turn_left - round_trip(c, k) < n)
            n = c->turn_left - round_trip(c, k);
    if (fade_moving(&c->heard) && fade_left(&c->heard) < n)
        n = fade_left(&c->heard);
    return n;
}

/* Whoever is listened to leaves before another comes. */
RT static void
listen_step(struct chain *c)
{
    if (c->listened != c->listen && fade_is(&c->heard, false))
        c->listened = c->listen;
    fade_to(&c->heard, c->listened == c->listen && c->listen != NOBODY);
}

/* What the other rack sends goes to its own place; from there as much of it as is heard to the ports. */
RT static void
twin_plug(struct chain *c, struct rack_sound *twin, int nframes)
{
    for (int k = 0; k < INSERTS; k++)
        for (int i = 0; twin->send[k][0] && i < STEREO; i++) {
            twin->send[k][i] = c->twin_send[k][i];
            memset(twin->send[k][i], 0, sizeof(float) * (size_t)nframes);
        }
}

RT static void
sends_mix(struct chain *c, const struct rack_sound *sound, int nframes)
{
    for (int k = 0; k < INSERTS; k++) {
        for (int i = 0; sound->send[k][0] && i < nframes; i++) {
            float w = (float)fade_next(&c->sending[k]);

            for (int s = 0; s < STEREO; s++)
                sound->send[k][s][i] += w * (c->twin_send[k][s][i] - sound->send[k][s][i]);
        }
    }
}

RT static void
racks_process(struct chain *c, const struct rack_sound *sound, int nframes)
{
    struct rack_sound twin = *sound;
    bool both = c->turn >= TURN_WARMING;

    twin.heard[0] = NULL;
    twin.io[0] = c->other[0];
    twin.io[1] = c->other[1];
    if (both) {
        twin_plug(c, &twin, nframes);
        copy(c->other, (const double *const *)sound->io, nframes);
    }
    rack_process(&c->rack[c->now], sound, nframes);
    if (both)
        rack_process(&c->rack[!c->now], &twin, nframes);
    if (c->turn >= TURN_SENDING)
        sends_mix(c, sound, nframes);
    if (c->turn == TURN_FADING) {
        fade_mix(&c->over, c->other, (const double *const *)sound->io, nframes);
        copy(sound->io, (const double *const *)c->other, nframes);
    }
    if (c->turn != TURN_NONE && (c->turn_left -= nframes) == 0)
        turn_step(c);
}

RT static void
listen_process(struct chain *c, double *const *io, double *const *heard, int nframes)
{
    if (!fade_is(&c->heard, false)) {
        copy(heard, (const double *const *)c->solo, nframes);
        fade_mix(&c->heard, heard, (const double *const *)io, nframes);
    } else {
        copy(heard, (const double *const *)io, nframes);
    }
}

RT static void
block_process(struct chain *c, struct rack_sound *at, double *const *heard, int nframes)
{
    const double *const *io = (const double *const *)at->io;

    if (!chain_is_keyed(c))
        at->key[0] = NULL;
    if (at->key[0]) {
        c->key_left -= c->key_left < nframes ? c->key_left : nframes;
        lag_process(&c->key, at->key, c->sidechain, nframes);
        at->key[0] = c->sidechain[0];
        at->key[1] = c->sidechain[1];
    }
    if (fade_is(&c->wet, true))
        lag_feed(&c->dry, io, c->bypass, nframes);
    else
        lag_process(&c->dry, io, c->bypass, nframes);
    if (heard && !fade_is(&c->heard, false)) {
        memset(c->solo[0], 0, sizeof **c->solo * CHAIN_BLOCK); /* where the stage is off */
        memset(c->solo[1], 0, sizeof **c->solo * CHAIN_BLOCK);
        at->heard[0] = c->solo[0];
        at->heard[1] = c->solo[1];
        at->listened = (enum stage)c->listened;
    }
    racks_process(c, at, nframes);
    if (fade_is(&c->wet, false))
        copy(at->io, (const double *const *)c->bypass, nframes);
    else if (!fade_is(&c->wet, true))
        fade_mix(&c->wet, at->io, (const double *const *)c->bypass, nframes);
    if (heard)
        listen_process(c, at->io, heard, nframes);
}

/* What no stage writes is silence. */
RT static void
plug(struct rack_sound *at, const struct chain_sound *sound, int done, int nframes)
{
    for (int k = 0; k < INSERTS; k++) {
        at->hold[k] = sound->hold[k];
        for (int s = 0; s < STEREO; s++) {
            at->send[k][s] = sound->send[k][0] ? sound->send[k][s] + done : NULL;
            at->ret[k][s] = sound->ret[k][0] ? sound->ret[k][s] + done : NULL;
            if (at->send[k][s])
                memset(at->send[k][s], 0, sizeof(float) * (size_t)nframes);
        }
    }
}

void
chain_process(struct chain *c, const struct chain_sound *sound, int nframes)
{
    int watched = c->watch_one != NOBODY ? c->watch_one : c->watch;

    c->watch = (c->watch + 1) % STAGES;
    for (int done = 0, n; done < nframes; done += n) {
        struct rack_sound at = {.io = {sound->io[0] + done, sound->io[1] + done}, .watched = watched};
        double *heard[STEREO];

        listen_step(c);
        sending_step(c);
        n = span(c, nframes - done);
        for (int k = 0; k < STEREO; k++) {
            heard[k] = sound->heard[0] ? sound->heard[k] + done : NULL;
            at.key[k] = sound->key[0] ? sound->key[k] + done : NULL;
        }
        plug(&at, sound, done, n);
        block_process(c, &at, heard[0] ? heard : NULL, n);
    }
}

bool
chain_is_keyed(const struct chain *c)
{
    return c->keyed || c->key_left > 0;
}

bool
chain_is_listened(const struct chain *c)
{
    return c->listen != NOBODY || !fade_is(&c->heard, false);
}

int
chain_latency_frames(const struct chain *c)
{
    return c->latency;
}

int
chain_settle_frames(const struct chain *c)
{
    int ms = (int)(c->rate_hz / 1000), once = c->latency + rack_warm_frames(&c->rack[c->now]), trip = 0;

    for (int k = 0; k < INSERTS; k++)
        trip = round_trip(c, k) > trip ? round_trip(c, k) : trip;
    if (c->turn == TURN_NONE)
        return once + SETTLE_MS * ms;
    return 2 * (once + trip + STAGES * WAKE_GAP + (CHAIN_TURN_MS + OVER_MS) * ms) + SETTLE_MS * ms;
}

double
chain_take_reduction_db(struct chain *c, enum stage s)
{
    struct slot *slot = &c->rack[c->now].slot[s];

    return stage_table[s].take_reduction_db && slot->running ? stage_table[s].take_reduction_db(slot->state)
                                                             : 0.0;
}

double
chain_take_band_reduction_db(struct chain *c, enum stage s, int band)
{
    struct slot *slot = &c->rack[c->now].slot[s];

    return slot->running ? stage_table[s].take_band_reduction_db(slot->state, band) : 0.0;
}

int64_t
chain_take_ns(struct chain *c, enum stage s)
{
    int64_t ns = 0;

    for (int i = 0; i < 2; i++) {
        ns += c->rack[i].slot[s].spent_ns;
        c->rack[i].slot[s].spent_ns = 0;
    }
    return c->watch_one == NOBODY ? ns * STAGES : ns;
}

void
chain_watch(struct chain *c, int stage)
{
    c->watch_one = stage;
}
