/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limit: look-ahead true-peak limiter.
 *
 * io       planar stereo, in place; 1.0 is 0 dBFS
 * output   late by limit_latency_frames(), 2.75 ms at 48 kHz; true peak, and what a BS.1770 meter reads of it, at
 *          most ceiling_dbtp + 0.001 dB, whatever the mode, the link and the drive, and while they change. While
 *          the ceiling glides down this holds for the new one from the glide's end on (60 ms, latency included)
 * exact    input whose detector reading stays below the ceiling (truepeak.h: it may read 0.17 dB above
 *          the wave, 0.5 dB where there is much near rate/2) with gain 0 dB comes out bit for bit
 * modes    how fast a peak is forgotten, as a share of release_ms, and what a longer reduction leaves behind:
 *            transparent  all of it; after dense programme up to eight times as slow; a bass is held from crest to
 *                         crest, 28 ms: from 20 Hz on, pushed 6 dB, a tone distorts below 0.001 %
 *            punchy       a quarter: what follows a transient is let up at once; what lasts comes back in twice
 *                         release_ms; a bass is held for 14 ms, 40 Hz and up stay clean (30 Hz 0.04 %, 20 Hz 0.5 %).
 *                         0.8 LU louder than transparent at 12 dB of drive
 *            loud         an eighth; what lasts comes back in half of release_ms; a bass is held for 6 ms (80 Hz
 *                         0.04 %, 50 Hz 0.7 %, 30 Hz 2.8 %). 1.4 LU louder than transparent
 * link     100 %: both channels are turned down alike; 0 %: each for itself; between: a channel takes at least
 *          that share of the other's reduction (linear)
 * listen   what is taken away: the input, driven and as late as the output, less the output
 * bits     the same however the input is cut into blocks
 * sources  structure: limit.c; true peak: truepeak.h
 */
#ifndef DSP_LIMIT_H
#define DSP_LIMIT_H

#include "dsp/basshold.h"
#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/smooth.h"
#include "dsp/spline.h"
#include "dsp/summit.h"
#include "dsp/truepeak.h"

/* A gain that moves faster would move what lies between the samples: 0.05 dB over at 0.5 ms. */
#define LIMIT_LOOKAHEAD_MIN_MS 0.75
#define LIMIT_LOOKAHEAD_MAX_MS 1.5

enum limit_mode { LIMIT_TRANSPARENT, LIMIT_PUNCHY, LIMIT_LOUD, LIMIT_MODES };

struct limit_settings {
    bool on;             /* the chain's */
    double gain_db;      /* 0..24, before the limiter */
    double ceiling_dbtp; /* -12..0 */
    double release_ms;   /* 1..1000: time to recover 63 % (linear) after a single peak; see modes */
    double lookahead_ms; /* 0.75..1.5; in steps of 4 frames */
    int mode;            /* enum limit_mode */
    double link;         /* %, 0..100 */
    bool delta;          /* the chain's: the listener hears what is taken away */
};

/* The lowest of the last `window` thresholds: those that may yet be it, oldest and lowest first. */
struct limit_lowest {
    double *value;
    int64_t *frame;
    unsigned mask, first, count; /* none: it has long been the same */
    int window;                  /* frames */
};

struct limit_pace {    /* of the release */
    double keep;       /* what fast keeps, a frame */
    double rise, fall; /* slow's one-pole steps, a group */
};

/* One gain curve: keeps every frame safe, whatever its look-ahead. */
struct limit_curve {
    int lookahead;                     /* frames: the spline's support, less one */
    double fast[STEREO], slow[STEREO]; /* reductions, linear: 1 - gain */
    struct spline spline;
};

struct limit {
    double rate_hz;
    struct smooth gain_db, ceiling; /* ceiling linear */
    double gain, threshold;         /* linear; threshold: ceiling / gain, for what comes in */
    struct limit_lowest lowest;     /* over all frames on their way */
    struct smooth link;             /* 0..1, a step a group */
    struct limit_pace pace;
    int mode;
    struct truepeak detector;
    struct summit peak;   /* what the detector read */
    struct basshold bass; /* the same, held for a bass */
    struct limit_curve curve[2];
    struct fade fade;     /* from curve[now] to the other one, when the look-ahead changes */
    int now;              /* which curve is in charge */
    int warming;          /* frames until the other one is safe; 0: there is no other one */
    int lookahead_wanted; /* frames */
    bool fading;

    double
        *audio[STEREO]; /* rings, and the first group once more behind the last; ours, from prepare to free */
    uint64_t *words;    /* of the splines and lowest */
    float *peaks;       /* of peak */
    unsigned mask;      /* capacity of audio - 1 */
    int lookahead_max;  /* frames */
    int64_t frame;      /* since reset */

    double group[STEREO][TRUEPEAK_GROUP]; /* going in; and, behind `fill`, still to come out */
    double taken[STEREO][TRUEPEAK_GROUP]; /* of those to come out */
    double *heard[STEREO];                /* NULL: nobody listens */
    int fill;
    double least; /* smallest gain since last asked */
    bool fresh;   /* the next set applies at once */
};

enum status limit_prepare(struct limit *l, double rate_hz);
void limit_free(struct limit *l);

RT void limit_reset(struct limit *l);
RT void limit_set(struct limit *l, const struct limit_settings *s);
RT void limit_process(struct limit *l, double *const *io, int nframes);
RT int limit_latency_frames(const struct limit *l);
/* For the next process call (dsp.h); is anything asked for? */
RT void limit_listen(struct limit *l, double *const *heard);
RT static inline bool
limit_is_listened(const struct limit_settings *s)
{
    return s->delta;
}

/* The largest since last asked; 0 when nothing was taken. */
RT double limit_take_reduction_db(struct limit *l);

#endif
