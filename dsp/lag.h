/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lag: a stereo delay whose length may change while sound runs: it cross-fades from the old tap to the new one.
 *
 * io       planar stereo, in place or apart; output is late by length frames, at rest to the bit
 * moves    LAG_FADE_MS by fade.h's path; what comes meanwhile waits, the last one wins
 * bits     the same at any block split
 */
#ifndef DSP_LAG_H
#define DSP_LAG_H

#include "dsp/dsp.h"
#include "dsp/fade.h"

#include <stdlib.h>
#include <string.h>

enum { LAG_FADE_MS = 20, LAG_CHUNK = 256 };

struct lag {
    double *line[STEREO];     /* ours, from prepare to free; NULL when longest is 0 */
    int longest, size, at;    /* frames; at: where the next one is written */
    int length, next, wanted; /* now; where a running fade goes; after that */
    struct fade fade;         /* 0: length, 1: next */
};

static inline void
lag_free(struct lag *l)
{
    free(l->line[0]);
    *l = (struct lag){0};
}

/* Of length 0 until told. BAD_ARG if longest is negative; NO_MEM. */
static inline enum status
lag_prepare(struct lag *l, double rate_hz, int longest)
{
    *l = (struct lag){.longest = longest};
    fade_prepare(&l->fade, rate_hz, LAG_FADE_MS);
    if (longest < 0)
        return BAD_ARG;
    if (longest == 0)
        return OK;
    l->size = longest + LAG_CHUNK; /* a chunk is written before it is read */
    l->line[0] = calloc((size_t)l->size * STEREO, sizeof *l->line[0]);
    if (!l->line[0])
        return NO_MEM;
    l->line[1] = l->line[0] + l->size;
    return OK;
}

/* Silence, and at the length last asked for. */
RT static inline void
lag_reset(struct lag *l)
{
    if (l->longest)
        memset(l->line[0], 0, sizeof *l->line[0] * (size_t)l->size * STEREO);
    l->at = 0;
    l->length = l->wanted;
    fade_jump(&l->fade, false);
}

/* 0 <= length <= longest. */
RT static inline void
lag_jump(struct lag *l, int length)
{
    l->length = l->wanted = length;
    fade_jump(&l->fade, false);
}

RT static inline void
lag_to(struct lag *l, int length)
{
    l->wanted = length;
}

/* A place in the line, at most once around too far. A division would cost more than all the rest of a short block. */
RT static inline int
lag_wrap(const struct lag *l, int at)
{
    return at < 0 ? at + l->size : at >= l->size ? at - l->size : at;
}

RT static inline void
lag_write(struct lag *l, const double *in, double *line, int n)
{
    int first = n < l->size - l->at ? n : l->size - l->at;

    memcpy(line + l->at, in, sizeof *in * (size_t)first);
    if (first < n)
        memcpy(line, in + first, sizeof *in * (size_t)(n - first));
}

/* As if the newest frame were the one before `at`. */
RT static inline void
lag_read(const struct lag *l, int at, const double *line, double *out, int n)
{
    int from = lag_wrap(l, at - l->length);
    int first = n < l->size - from ? n : l->size - from;

    memcpy(out, line + from, sizeof *out * (size_t)first);
    if (first < n)
        memcpy(out + first, line, sizeof *out * (size_t)(n - first));
}

/* Within a chunk: up to n frames of a fade; returns how many. */
RT static inline int
lag_glide(struct lag *l, double *const *out, int done, int n)
{
    int i = 0;

    for (; i < n && fade_moving(&l->fade); i++) {
        int at = l->at + done + i; /* of this frame, wrapped below */
        double w = fade_next(&l->fade);

        for (int c = 0; c < STEREO; c++) {
            double old = l->line[c][lag_wrap(l, lag_wrap(l, at) - l->length)];
            double new = l->line[c][lag_wrap(l, lag_wrap(l, at) - l->next)];

            out[c][done + i] = w < 1.0 ? old + w * (new - old) : new;
        }
    }
    if (!fade_moving(&l->fade)) {
        l->length = l->next;
        fade_jump(&l->fade, false);
    }
    return i;
}

/* in_place: without a delay what is to come out is there already. */
RT static inline void
lag_chunk(struct lag *l, double *const *out, bool in_place, int n)
{
    for (int done = 0; done < n;) {
        if (!fade_moving(&l->fade) && l->wanted != l->length) {
            l->next = l->wanted;
            fade_to(&l->fade, true);
        }
        if (fade_moving(&l->fade)) {
            done += lag_glide(l, out, done, n - done);
            continue;
        }
        for (int c = 0; c < STEREO && !(in_place && l->length == 0); c++)
            lag_read(l, lag_wrap(l, l->at + done), l->line[c], out[c] + done, n - done);
        break;
    }
    l->at = lag_wrap(l, l->at + n);
}

/* Nothing moves and nothing wraps: most calls are so, and a chain has many lines. */
RT static inline bool
lag_is_straight(const struct lag *l, int n)
{
    int from = lag_wrap(l, l->at - l->length);

    return l->wanted == l->length && !fade_moving(&l->fade) && n <= LAG_CHUNK && l->at + n <= l->size &&
           from + n <= l->size;
}

RT static inline void
lag_straight(struct lag *l, const double *const *in, double *const *out, int n)
{
    size_t bytes = sizeof **out * (size_t)n;
    int from = lag_wrap(l, l->at - l->length);

    for (int c = 0; c < STEREO; c++) {
        memcpy(l->line[c] + l->at, in[c], bytes);
        if (l->length || in[c] != out[c])
            memcpy(out[c], l->line[c] + from, bytes);
    }
    l->at = lag_wrap(l, l->at + n);
}

/* out may be in. */
RT static inline void
lag_process(struct lag *l, const double *const *in, double *const *out, int nframes)
{
    if (l->longest && lag_is_straight(l, nframes)) {
        lag_straight(l, in, out, nframes);
        return;
    }
    for (int done = 0, n; done < nframes; done += n) {
        double *const to[STEREO] = {out[0] + done, out[1] + done};

        n = nframes - done < LAG_CHUNK ? nframes - done : LAG_CHUNK;
        for (int c = 0; c < STEREO; c++) {
            if (l->longest)
                lag_write(l, in[c] + done, l->line[c], n);
            else if (in[c] != out[c])
                memcpy(to[c], in[c] + done, sizeof **out * (size_t)n);
        }
        if (l->longest)
            lag_chunk(l, to, in[0] == out[0], n);
    }
}

/* The same where nobody wants what comes out: out may be left as it is. */
RT static inline void
lag_feed(struct lag *l, const double *const *in, double *const *out, int nframes)
{
    if (!l->longest)
        return;
    if (!lag_is_straight(l, nframes)) {
        lag_process(l, in, out, nframes);
        return;
    }
    for (int c = 0; c < STEREO; c++)
        memcpy(l->line[c] + l->at, in[c], sizeof **out * (size_t)nframes);
    l->at = lag_wrap(l, l->at + nframes);
}

#endif
