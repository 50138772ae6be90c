/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/rack.h"

#include "engine/clock.h"

#include <stdlib.h>
#include <string.h>

enum { SWITCH_MS = 20, WARM_MS = 10 };

static int
longest_frames(const struct stage_row *row, const void *state)
{
    return row->latency_max_frames ? row->latency_max_frames(state) : row->latency_frames(state);
}

static enum status
slot_prepare(struct slot *slot, const struct stage_row *row, double rate_hz)
{
    enum status s;

    slot->state = aligned_alloc(64, (row->size + 63) / 64 * 64);
    if (!slot->state)
        return NO_MEM;
    memset(slot->state, 0, row->size);
    s = row->prepare(slot->state, rate_hz);
    if (s == OK)
        s = lag_prepare(&slot->dry, rate_hz, longest_frames(row, slot->state));
    if (s == OK)
        lag_jump(&slot->dry, slot->latency = row->latency_frames(slot->state));
    fade_prepare(&slot->on, rate_hz, SWITCH_MS);
    return s;
}

enum status
rack_prepare(struct rack *r, double rate_hz)
{
    enum status s = OK;

    *r = (struct rack){.rate_hz = rate_hz};
    r->scratch[0] = calloc(RACK_BLOCK * STEREO, sizeof **r->scratch);
    if (!r->scratch[0])
        return NO_MEM;
    r->scratch[1] = r->scratch[0] + RACK_BLOCK;
    for (int i = 0; i < STAGES && s == OK; i++) {
        s = slot_prepare(&r->slot[i], &stage_table[i], rate_hz);
        r->order[i] = (enum stage)i;
    }
    if (s != OK)
        rack_free(r);
    return s;
}

void
rack_free(struct rack *r)
{
    for (int i = 0; i < STAGES; i++) {
        if (r->slot[i].state)
            stage_table[i].free(r->slot[i].state);
        free(r->slot[i].state);
        lag_free(&r->slot[i].dry);
    }
    free(r->scratch[0]);
    *r = (struct rack){0};
}

RT static const void *
settings_of_stage(const struct stage_row *row, const struct settings *s)
{
    return (const char *)s + row->settings;
}

RT static void
slot_begin(struct slot *slot, const struct stage_row *row, const struct settings *s)
{
    row->set(slot->state, settings_of_stage(row, s));
    slot->latency = row->latency_frames(slot->state);
    lag_to(&slot->dry, slot->latency);
    lag_reset(&slot->dry);
    slot->running = row->is_on(s);
    slot->warm = 0;
    fade_jump(&slot->on, slot->running);
}

RT static void
restart(const struct slot *slot, const struct stage_row *row)
{
    if (row->restart)
        row->restart(slot->state);
    else
        row->reset(slot->state);
}

RT static int
warm_frames(const struct rack *r, const struct slot *slot, const struct stage_row *row)
{
    int least = slot->latency + (int)(r->rate_hz * WARM_MS / 1000);
    int own = row->warm_frames ? row->warm_frames(slot->state) : 0;

    return own > least ? own : least;
}

RT void
rack_wake(struct rack *r, enum stage stage, const struct settings *s)
{
    restart(&r->slot[stage], &stage_table[stage]);
    slot_begin(&r->slot[stage], &stage_table[stage], s);
}

void
rack_begin(struct rack *r, const struct settings *s)
{
    stages_order(s, r->order);
    for (int i = 0; i < STAGES; i++) {
        stage_table[i].reset(r->slot[i].state);
        slot_begin(&r->slot[i], &stage_table[i], s);
    }
}

RT int
rack_warm_frames(const struct rack *r)
{
    int most = 0;

    for (int i = 0; i < STAGES; i++) {
        int n = r->slot[i].running ? warm_frames(r, &r->slot[i], &stage_table[i]) : 0;

        most = n > most ? n : most;
    }
    return most;
}

RT static void
slot_switch(const struct rack *r, struct slot *slot, const struct stage_row *row, const struct settings *s)
{
    bool on = row->is_on(s);

    if (on && !slot->running) {
        restart(slot, row);
        row->set(slot->state, settings_of_stage(row, s));
        slot->running = true;
        slot->warm = warm_frames(r, slot, row);
    } else if (!on && slot->warm) {
        slot->running = false;
        slot->warm = 0;
    } else if (slot->running && !slot->warm) {
        fade_to(&slot->on, on);
    }
}

RT void
rack_set(struct rack *r, const struct settings *s, size_t changed)
{
    for (int i = 0; i < STAGES; i++) {
        const struct stage_row *row = &stage_table[i];
        struct slot *slot = &r->slot[i];

        if (changed != SETTINGS_ALL &&
            (changed < row->settings || changed >= row->settings + row->settings_size))
            continue;
        row->set(slot->state, settings_of_stage(row, s));
        slot->latency = row->latency_frames(slot->state);
        lag_to(&slot->dry, slot->latency);
        slot_switch(r, slot, row, s);
    }
}

/* Is the way past the stage heard, or will it be within this call? */
RT static bool
dry_is_heard(const struct slot *slot)
{
    return slot->warm || !fade_is(&slot->on, true);
}

RT static void
slot_process(struct rack *r, struct slot *slot, const struct stage_row *row, double *const *io, int nframes)
{
    const double *const *in = (const double *const *)io;
    bool dry = dry_is_heard(slot);

    if (!slot->running) {
        if (slot->dry.longest)
            lag_process(&slot->dry, in, io, nframes);
        return;
    }
    if (dry)
        lag_process(&slot->dry, in, r->scratch, nframes);
    else
        lag_feed(&slot->dry, in, r->scratch, nframes);
    row->process(slot->state, io, nframes);
    if (slot->warm) {
        for (int c = 0; c < STEREO; c++)
            memcpy(io[c], r->scratch[c], sizeof **io * (size_t)nframes);
        slot->warm -= nframes;
        if (slot->warm == 0)
            fade_to(&slot->on, true);
        return;
    }
    if (dry)
        fade_mix(&slot->on, io, (const double *const *)r->scratch, nframes);
    if (fade_is(&slot->on, false))
        slot->running = false;
}

/* The next span in which no warming ends and no fade finishes. */
RT static int
slot_span(const struct slot *slot, int nframes)
{
    int left = slot->warm ? slot->warm : fade_left(&slot->on);

    return slot->running && left && left < nframes ? left : nframes;
}

RT static void
plug(struct slot *slot, const struct stage_row *row, const struct rack_sound *sound, int at)
{
    float *const *send = sound->send[row->nth];
    const float *const *ret = sound->ret[row->nth];

    row->hold(slot->state, sound->hold[row->nth]);
    row->ports(slot->state, send[0] ? (float *const[]){send[0] + at, send[1] + at} : NULL,
               ret[0] ? (const float *const[]){ret[0] + at, ret[1] + at} : NULL);
}

/* What goes beside the sound, to the call that is next. */
RT static void
attend(struct slot *slot, const struct stage_row *row, const struct rack_sound *sound, bool listened, int at)
{
    if (row->listen)
        row->listen(slot->state,
                    listened ? (double *const[]){sound->heard[0] + at, sound->heard[1] + at} : NULL);
    if (row->key)
        row->key(slot->state,
                 sound->key[0] ? (const double *const[]){sound->key[0] + at, sound->key[1] + at} : NULL);
    if (row->ports)
        plug(slot, row, sound, at);
}

RT static void
stage_process(struct rack *r, enum stage stage, const struct rack_sound *sound, int nframes)
{
    const struct stage_row *row = &stage_table[stage];
    struct slot *slot = &r->slot[stage];
    bool listened = sound->heard[0] && sound->listened == stage;

    for (int done = 0, n; done < nframes; done += n) {
        double *const io[STEREO] = {sound->io[0] + done, sound->io[1] + done};

        n = slot_span(slot, nframes - done);
        if (slot->running)
            attend(slot, row, sound, listened, done);
        slot_process(r, slot, row, io, n);
    }
}

RT void
rack_process(struct rack *r, const struct rack_sound *sound, int nframes)
{
    for (int i = 0; i < STAGES; i++) {
        enum stage stage = r->order[i];
        int64_t then = (int)stage == sound->watched ? clock_ns() : 0;

        stage_process(r, stage, sound, nframes);
        if ((int)stage == sound->watched)
            r->slot[stage].spent_ns += clock_ns() - then;
    }
}

RT int
rack_latency_frames(const struct rack *r, enum stage until)
{
    int sum = 0;

    for (int i = 0; i < STAGES && r->order[i] != until; i++)
        sum += r->slot[r->order[i]].latency;
    return sum;
}

RT int
rack_stage_latency_frames(const struct rack *r, enum stage stage)
{
    return r->slot[stage].latency;
}

int
rack_longest_frames(const struct rack *r)
{
    int sum = 0;

    for (int i = 0; i < STAGES; i++)
        sum += r->slot[i].dry.longest;
    return sum;
}
