/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure: loudness and true peaks over time: of the output and the input since they were reset, of the track that
 * plays, of all tracks played since the album was begun.
 *
 * Each place in the path has one K filter and one detector of true peaks; what is measured of the output listens to
 * the same one three times.
 *
 * tracks   what the player begins and ends is told ahead of time, at the frame where the chain lets it out. A track is
 *          measured anew when another one begins, or the same one at its start. Track and album stand
 *          still while nothing plays; live input counts as one track
 * grid     a track begins with the tick of 10 ms that is under way; a reset begins the grid anew at its frame. Peaks
 *          are told apart to a group of 8 frames, and are known 60 frames later
 * bits     the same however the input is cut into periods
 */
#ifndef ENGINE_MEASURE_H
#define ENGINE_MEASURE_H

#include "dsp/programme.h"
#include "engine/level.h"

enum measured { MEASURED_OUTPUT, MEASURED_INPUT, MEASURED_TRACK, MEASURED_ALBUM, MEASURES };

enum { MEASURE_MARKS = 64, MEASURE_LIVE = -2 /* as a track: the input */ };

struct measure_mark {
    uint64_t frame; /* of the output */
    bool begins, anew;
    int track;
};

struct measure { /* by value in its owner; fields are measure.c's business */
    struct level input, output;
    struct programme programme[MEASURES];
    struct truepeak_reading most[MEASURES][STEREO]; /* linear */
    struct measure_seen {                           /* of a programme, when it had changed so often */
        uint32_t changes;
        double integrated_lufs, range_lu;
    } seen[MEASURES];
    struct measure_peaks { /* the detectors are late, and so is what was decided */
        bool runs, restarts;
    } peaks[MEASURES];
    int landing;      /* frames until that reaches the peaks; 0: it has */
    int look;         /* which is looked at next */
    bool run, sounds; /* as asked; a track plays, or the input is heard */
    int track;        /* MEASURE_LIVE, or as the player counts; -1: none yet */
    uint64_t frame;   /* of the output */
    struct measure_mark mark[MEASURE_MARKS];
    unsigned marks_in, marks_out;
    double psr_lu, psr_min_lu; /* 0: none yet */
    int slices;                /* of output measured in a row, at most LEVEL_SLICES */
};

struct measure_reading {
    double integrated_lufs, range_lu, max_momentary_lufs, max_short_term_lufs, measured_s;
    struct truepeak_reading most[STEREO]; /* linear */
};

/* BAD_ARG for the rate; NO_MEM. After an error *m owns nothing. Runs; nothing sounds. */
enum status measure_prepare(struct measure *m, double rate_hz);
void measure_free(struct measure *m);

/* From here on callable in the process thread. */
RT void measure_process(struct measure *m, const double *const *in, const double *const *out, int nframes);

RT void measure_reset(struct measure *m); /* output and input begin anew */
RT void measure_reset_album(struct measure *m);
RT void measure_run(struct measure *m, bool on); /* all: the needles go on */
/* A track begins or ends to be heard at that frame of the output, not before now, in their order. A track begun anew
   is measured anew even if it is the same. */
RT void measure_begin(struct measure *m, uint64_t frame, int track, bool anew);
RT void measure_end(struct measure *m, uint64_t frame);

/* Integrated and range cost some: each call looks at one that has changed, the others are as they were. MEASURES
   calls of measure_look bring all up to date. */
RT void measure_look(struct measure *m);
RT struct measure_reading measure_read(const struct measure *m, enum measured which);
RT double measure_psr_lu(const struct measure *m);     /* true peak of 3 s less their loudness; 0: too soft */
RT double measure_psr_min_lu(const struct measure *m); /* since reset; 0: none yet */
RT double measure_plr_lu(const struct measure *m);     /* the same; needs a look */

#endif
