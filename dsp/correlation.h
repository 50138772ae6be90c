/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * correlation: how left and right go together: correlation in the whole and in three bands, balance, what the mono
 * sum loses.
 *
 * in       planar stereo, 1.0 is 0 dBFS; only read
 * bands    low 10..150 Hz (6 dB an octave below, 18 above), mid 150..2500 Hz (12, 12), high from 2500 Hz on (24):
 *          Butterworth, -3 dB at the corners. The whole has no filter, but means are taken out: an offset is no
 *          correlation
 * mono     the sum (L + R) / sqrt 2 against both channels, K-weighted, as a loudness meter would tell: 0 LU where
 *          both are the same, -3.01 where they have nothing in common, down to CORRELATION_FLOOR_LU. Balance is
 *          K-weighted too: left against right, > 0 where left is louder
 * needles  averages of 300 ms, to 63 %
 * windows  3 s long, one every 100 ms, from 3 s after the reset on. One that is below CORRELATION_GATE_DBFS tells
 *          nothing and is left out of shares and worst values
 * grid     products are gathered in ticks of 10 ms counted in frames: needles move once a tick
 * bits     the same however the input is cut into blocks
 * hostile  a tick that holds NaN, infinity or more than +80 dBFS is silence, and the filters start anew
 * cost     6 ns a frame (Sapphire Rapids)
 * sources  correlation of the mono sum: 10 lg((1 + r) / 2) for equal powers; K weighting: ITU-R BS.1770-5, Annex 1;
 *          needle of 300 ms: F. Adriaensen's phase meter (jkmeter)
 */
#ifndef DSP_CORRELATION_H
#define DSP_CORRELATION_H

#include "dsp/dsp.h"

#define CORRELATION_GATE_DBFS (-60.0)  /* mean power of both channels; what is quieter tells nothing */
#define CORRELATION_FLOOR_LU  (-100.0) /* reading of a mono sum that has gone; balance: +-100 */
#define CORRELATION_LOW_HZ    150.0
#define CORRELATION_HIGH_HZ   2500.0

enum correlation_band {
    CORRELATION_FULL,
    CORRELATION_LOW,
    CORRELATION_MID,
    CORRELATION_HIGH,
    CORRELATION_BANDS,
    CORRELATION_K = CORRELATION_BANDS, /* not read: K-weighted */
    CORRELATION_VIEWS
};

enum { CORRELATION_SLOTS = 30, CORRELATION_LANES = CORRELATION_VIEWS - 1 };

/* Sums over frames. */
struct correlation_sums {
    double ll[CORRELATION_VIEWS], rr[CORRELATION_VIEWS], lr[CORRELATION_VIEWS];
    double l, r, frames;
};

/* What a window came to. */
struct correlation_window {
    double from_s, to_s; /* since the reset */
    double level_dbfs;   /* mean power of both channels */
    double low_dbfs;     /* of what is below 150 Hz */
    double correlation, low_correlation;
    double mono_lu;
    bool counts; /* above the gate */
};

struct correlation_reading {
    double needle[CORRELATION_BANDS], integrated[CORRELATION_BANDS]; /* -1..1; 0 where there is no sound */
    double balance_lu, integrated_balance_lu;
    double mono_lu;                                 /* of the last 3 s */
    double integrated_mono_lu;                      /* since the reset */
    double worst_mono_lu, worst_from_s, worst_to_s; /* the window that loses most; 0 and 0..0: none counted */
    double side_mid_db, low_side_mid_db;            /* since the reset, whole and below 150 Hz, +-100 */
    double negative_share;                          /* of the windows that count: correlation below 0; 0..1 */
    double windows;                                 /* that count */
    double measured_s;
};

struct correlation_loudest { /* power of the loudest 100 ms, of each channel and of their difference */
    double channel[STEREO], null;
};

/* A filter of two sections for each of the views; fields are correlation.c's business. */
struct correlation_filter {
    double x[2], y[2][CORRELATION_LANES], z[2][CORRELATION_LANES]; /* newest first */
};

struct correlation { /* by value in its owner; 6 kB */
    double rate_hz;
    double b1[CORRELATION_LANES], b2[CORRELATION_LANES], a1[CORRELATION_LANES], a2[CORRELATION_LANES];
    double c1[CORRELATION_LANES], c2[CORRELATION_LANES], d1[CORRELATION_LANES], d2[CORRELATION_LANES];
    double scale[CORRELATION_LANES]; /* of a power: what the filters' gain is made of */
    struct correlation_filter filter[STEREO];
    struct correlation_sums tick, slot, needle, total, ring[CORRELATION_SLOTS];
    int at_tick, left;    /* tick within the second; frames it still wants */
    int ticks, slots, at; /* in the slot; in the ring, at most all; where the next one goes */
    uint64_t frame;       /* since the reset, up to the tick under way */
    struct correlation_window window, worst;
    uint64_t windows, counted, negative;
    struct correlation_loudest loudest;
};

/* BAD_ARG unless rate_hz is 8000..384000. Takes no memory. */
enum status correlation_prepare(struct correlation *c, double rate_hz);

/* From here on callable in the process thread. */
RT void correlation_reset(struct correlation *c);
RT void correlation_process(struct correlation *c, const double *const *in, int nframes);
RT void correlation_read(const struct correlation *c, struct correlation_reading *r);
/* Windows so far; the newest one (all 0 while there is none). */
RT uint64_t correlation_windows(const struct correlation *c);
RT const struct correlation_window *correlation_window(const struct correlation *c);
/* All since the reset as if it were one: for sound that is shorter than a window. */
RT struct correlation_window correlation_whole(const struct correlation *c);
/* Frames to the end of the tick: who processes no more at a time sees each window. */
RT int correlation_due_frames(const struct correlation *c);
/* RMS of the loudest 100 ms (of all, where there is less) of a channel; of left less right. */
RT double correlation_loudest_dbfs(const struct correlation *c, int channel);
RT double correlation_null_dbfs(const struct correlation *c);

#endif
