/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/voice.h"

#include "engine/chain.h"

#include <stdlib.h>
#include <string.h>

enum { WAKE_GAP = 64, GLIDE_MS = 500, PATIENCE_MS = 1000 };

bool
contender_is_set(int which)
{
    return which >= CONTENDER_SNAPSHOT && which <= CONTENDER_NAMED;
}

/* The process thread is to be the first on no page. */
static void
touch(struct voice *v)
{
    for (int i = 0; i < STAGES; i++) {
        stage_table[i].reset(v->rack.slot[i].state);
        lag_reset(&v->rack.slot[i].dry);
    }
    lag_reset(&v->align);
    lag_reset(&v->key);
}

enum status
voice_prepare(struct voice *v, double rate_hz)
{
    enum status s;

    *v = (struct voice){.rate_hz = rate_hz};
    s = rack_prepare(&v->rack, rate_hz);
    if (s == OK)
        s = lag_prepare(&v->align, rate_hz, rack_longest_frames(&v->rack));
    if (s == OK)
        s = lag_prepare(&v->key, rate_hz, rack_longest_frames(&v->rack));
    if (s == OK && !(v->buffer = calloc(2 * STEREO * RACK_BLOCK, sizeof *v->buffer)))
        s = NO_MEM;
    if (s != OK) {
        voice_free(v);
        return s;
    }
    for (int c = 0; c < STEREO; c++) {
        v->sound[c] = v->buffer + c * RACK_BLOCK;
        v->sidechain[c] = v->buffer + (STEREO + c) * RACK_BLOCK;
    }
    touch(v);
    smooth_prepare(&v->gain, rate_hz, GLIDE_MS, 1e-7);
    smooth_jump(&v->gain, 1.0);
    return OK;
}

void
voice_free(struct voice *v)
{
    rack_free(&v->rack);
    lag_free(&v->align);
    lag_free(&v->key);
    free(v->buffer);
    *v = (struct voice){0};
}

/* --- becoming ready --------------------------------------------------------------------------------- */

void
voice_end(struct voice *v)
{
    v->state = VOICE_FREE;
    v->keyed = false;
    v->left = 0;
}

RT static bool
has_rack(const struct voice *v)
{
    return contender_is_set(v->which) && !v->plain;
}

void
voice_begin(struct voice *v, int which, uint32_t number, const struct settings *s)
{
    v->which = which;
    v->number = number;
    v->waking = v->fed = v->latency = v->delay = 0;
    v->known = v->keyed = false;
    v->plain = which == CONTENDER_INPUT || (s && s->chain.bypass);
    smooth_jump(&v->gain, 1.0);
    lag_jump(&v->align, 0);
    v->state = VOICE_WARMING;
    v->left = 1;
    if (!has_rack(v))
        return;
    v->settings = *s;
    stages_order(s, v->rack.order);
    v->state = VOICE_WAKING;
    v->left = WAKE_GAP;
}

RT static void
rack_is_awake(struct voice *v)
{
    v->latency = rack_latency_frames(&v->rack, STAGES);
    for (int i = 0; i < STAGES; i++) {
        if (stage_table[i].key)
            lag_jump(&v->key, rack_latency_frames(&v->rack, (enum stage)i));
        v->keyed |= stage_table[i].is_keyed && stage_table[i].is_keyed(&v->settings);
    }
    v->state = VOICE_WARMING;
    v->left = v->latency + rack_warm_frames(&v->rack) + (int)(v->rate_hz * CHAIN_TURN_MS / 1000);
}

/* What a line holds from before is not heard: it is as long as what was fed, or shorter. */
RT static void
step(struct voice *v)
{
    switch (v->state) {
    case VOICE_FREE: return;
    case VOICE_WAKING:
        rack_wake(&v->rack, (enum stage)v->waking++, &v->settings);
        v->left = WAKE_GAP;
        if (v->waking == STAGES)
            rack_is_awake(v);
        return;
    case VOICE_WARMING:
        if (v->fed < v->delay) {
            v->left = v->delay - v->fed;
            return;
        }
        lag_jump(&v->align, v->delay);
        v->state = VOICE_READY;
        v->left = (int)(v->rate_hz * PATIENCE_MS / 1000);
        return;
    case VOICE_READY: v->known = true; return;
    }
}

int
voice_wakes_frames(const struct voice *v)
{
    return v->state == VOICE_WAKING ? v->left + (STAGES - 1 - v->waking) * WAKE_GAP : 0;
}

void
voice_wait(struct voice *v, int frames)
{
    if (v->state == VOICE_WAKING)
        v->left += frames;
}

void
voice_delay(struct voice *v, int delay)
{
    v->delay = delay < v->align.longest ? delay : v->align.longest;
    if (v->state == VOICE_READY && v->fed >= v->delay)
        lag_to(&v->align, v->delay);
}

/* --- sound -------------------------------------------------------------------------------------------- */

int
voice_span(const struct voice *v, int nframes)
{
    int n = v->left && v->left < nframes ? v->left : nframes;

    if (v->state == VOICE_READY && v->fed < v->delay && v->delay - v->fed < n)
        n = v->delay - v->fed;
    return n;
}

RT static void
rack_run(struct voice *v, const struct voice_sources *from, int nframes)
{
    struct rack_sound sound = {.io = {v->sound[0], v->sound[1]}, .watched = -1};

    for (int k = 0; k < INSERTS; k++)
        sound.hold[k] = true;
    if (v->keyed && from->key[0]) {
        lag_process(&v->key, from->key, v->sidechain, nframes);
        sound.key[0] = v->sidechain[0];
        sound.key[1] = v->sidechain[1];
    }
    for (int c = 0; c < STEREO; c++)
        memcpy(v->sound[c], from->input[c], sizeof **v->sound * (size_t)nframes);
    rack_process(&v->rack, &sound, nframes);
}

RT static const double *const *
source(const struct voice *v, const struct voice_sources *from)
{
    if (v->plain)
        return from->input;
    if (v->which == CONTENDER_NOW)
        return from->master;
    return has_rack(v) ? (const double *const *)v->sound : from->reference[v->which - CONTENDER_REFERENCE];
}

void
voice_process(struct voice *v, const struct voice_sources *from, int nframes)
{
    const double *const *in;

    if (v->state < VOICE_WARMING)
        return;
    in = source(v, from);
    if (has_rack(v))
        rack_run(v, from, nframes);
    if (!in[0]) {
        for (int c = 0; c < STEREO; c++)
            memset(v->sound[c], 0, sizeof **v->sound * (size_t)nframes);
        in = (const double *const *)v->sound;
    }
    lag_process(&v->align, in, v->sound, nframes);
}

void
voice_advance(struct voice *v, int nframes)
{
    int room = v->align.longest - v->fed;

    if (v->state >= VOICE_WARMING)
        v->fed += nframes < room ? nframes : room;
    if (v->left && (v->left -= nframes) == 0)
        step(v);
}

void
voice_play(struct voice *v, double *const *out, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        double gain = smooth_next(&v->gain);

        for (int c = 0; c < STEREO; c++)
            out[c][i] = gain * v->sound[c][i];
    }
}
