/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect: what an inspector is: it hears a file once from its start to its end, then writes into the report.
 *
 * An inspector lives in the file of its name here, with its table of figures; check.c has the table of inspectors,
 * and nothing else names them. Kernels (dsp) measure; inspectors judge. The thresholds stand in
 * the inspector's file, each with its source.
 *
 * memory   flat: none depends on the length of the file, but for what a few bytes a second need
 * threads  process may run beside that of other inspectors, never beside its own; open and finish run alone, finish
 *          in the table's order, so that a later one may read what an earlier one wrote
 */
#ifndef ENGINE_CHECK_INSPECT_H
#define ENGINE_CHECK_INSPECT_H

#include "engine/check/report.h"
#include "engine/err.h"

enum { CHECK_CHANNELS = REPORT_CHANNELS, CHECK_BLOCK = 4096 /* frames at most */ };

enum place { /* of a loudspeaker */
             PLACE_LEFT,
             PLACE_RIGHT,
             PLACE_CENTRE,
             PLACE_LFE,
             PLACE_SIDE_LEFT,
             PLACE_SIDE_RIGHT,
             PLACE_BACK_LEFT,
             PLACE_BACK_RIGHT,
             PLACE_BACK_CENTRE,
             PLACE_OTHER
};

/* The file as its header tells it. */
struct sound_info {
    const char *path;
    char container[32], coding[32]; /* "WAV", "PCM 24 bit" */
    double rate_hz;
    int nch;
    enum place place[CHECK_CHANNELS];
    int64_t frames;          /* as the header promises */
    int bits;                /* of a sample as stored; 0: lossy */
    bool is_float, is_lossy; /* lossy: the file itself is a lossy one */
};

struct target;
struct album;
struct curve;

struct check_context {
    const struct sound_info *sound;
    const struct target *target; /* NULL: none chosen */
    const char *reference;       /* a file to compare channels with; NULL: none */
    const struct curve *curve;   /* tonal balance to compare with; NULL: none */
    struct album *album;         /* NULL: a file of its own */
    bool codec;                  /* encode and decode as well */
    int64_t frames,
        bad_samples; /* in finish: what was really read; NaN and infinite samples (silence instead) */
};

struct inspector {
    const char *name; /* of its file */
    const struct figure *figures;
    int nfigures;
    int cost; /* ns a frame of stereo, roughly: work is shared out by it */
    /* *self may stay NULL when there is nothing to do for this file: no other function is called then. BAD_ARG ends
       the check with e, NO_MEM too. */
    enum status (*open)(void **self, const struct check_context *x, struct err *e);
    /* Planar, sound->nch channels, 1.0 is 0 dBFS, finite; nframes at most CHECK_BLOCK. */
    void (*process)(void *self, const double *const *in, int nframes);
    void (*finish)(void *self, const struct check_context *x, struct report *r);
    void (*close)(void *self);
};

#endif
