/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summit: the running maximum of a stereo stream, over any window, a group of eight frames at a time.
 *
 * The maxima of the last 1, 8, 16, 32 ... frames are kept, each made from two of the one before. Two of them,
 * shifted so that they meet or overlap, give any window in between. No branch hangs on the sound, so a group
 * costs the same whatever comes, and a window may be asked for at any time: the history is already there.
 *
 * values   single precision, not below 0, pairs: left and right of frame 0, of frame 1, ...
 */
#ifndef DSP_SUMMIT_H
#define DSP_SUMMIT_H

#include "dsp/dsp.h"
#include "dsp/lanes.h"

#include <string.h>

enum { SUMMIT_LEVELS = 9 };

struct summit {
    float *line
        [SUMMIT_LEVELS];  /* rings, twice over so that any stretch is in one piece: of 1, 8, 16 ... frames */
    int levels, capacity; /* frames; a power of two */
};

/* The capacity that windows of up to so many frames, that ended up to so many ago, need. */
static inline int
summit_capacity(int window, int late)
{
    int n = 2 * LANES_GROUP;

    while (n < window + late + LANES_GROUP)
        n *= 2;
    return n;
}

static inline size_t
summit_floats(int capacity)
{
    return (size_t)SUMMIT_LEVELS * STEREO * 2 * (size_t)capacity;
}

/* memory: summit_floats() of zeros, its owner's. */
static inline void
summit_place(struct summit *s, float *memory, int window, int capacity)
{
    s->capacity = capacity;
    s->levels = 1;
    for (int level = 0; level < SUMMIT_LEVELS; level++)
        s->line[level] = memory + (size_t)level * STEREO * 2 * (size_t)capacity;
    while (LANES_GROUP << (s->levels - 1) <= window && s->levels < SUMMIT_LEVELS)
        s->levels++;
}

RT static inline void
summit_reset(struct summit *s)
{
    memset(s->line[0], 0, (size_t)s->levels * STEREO * 2 * (size_t)s->capacity * sizeof(float));
}

/* Where a frame is; up to capacity frames before it and a group from it on are in one piece. */
INLINE float *
summit_at(const struct summit *s, int level, int64_t frame)
{
    return s->line[level] + STEREO * ((int)(frame & (s->capacity - 1)) + s->capacity);
}

/* frame: the group's first, a multiple of the group. */
INLINE void
summit_put(struct summit *s, int64_t frame, const float *pairs)
{
    const int capacity = s->capacity;
    float *restrict raw = summit_at(s, 0, frame), *restrict most = summit_at(s, 1, frame);

    lanes_copy(raw, pairs);
    lanes_copy(raw - STEREO * capacity, pairs);
    for (int i = 0; i < LANES; i++) {
        float a = lanes_larger(raw[i], raw[i - 2]), b = lanes_larger(raw[i - 4], raw[i - 6]);
        float c = lanes_larger(raw[i - 8], raw[i - 10]), d = lanes_larger(raw[i - 12], raw[i - 14]);

        a = lanes_larger(a, b);
        c = lanes_larger(c, d);
        most[i] = lanes_larger(a, c);
    }
    lanes_copy(most - STEREO * capacity, most);
    for (int level = 2; level < s->levels; level++) {
        const float *before = summit_at(s, level - 1, frame);
        float *to = summit_at(s, level, frame);

        lanes_max(to, before, before - STEREO * (LANES_GROUP << (level - 2)));
        lanes_copy(to - STEREO * capacity, to);
    }
}

/* For each frame of the group the largest of `window` frames up to the one `late` frames before it. */
INLINE void
summit_read(const struct summit *s, int64_t frame, int late, int window, float *most)
{
    int level = 0, span = 1;
    const float *at;

    for (; level + 1 < s->levels && LANES_GROUP << level <= window; level++)
        span = LANES_GROUP << level;
    at = summit_at(s, level, frame) - STEREO * late;
    if (level > 0) { /* two of them do */
        lanes_max(most, at, at - STEREO * (window - span));
        return;
    }
    lanes_copy(most, at);
    for (int back = 1; back < window; back++)
        lanes_max(most, most, at - STEREO * back);
}

#endif
