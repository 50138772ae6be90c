/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * meters: what the process thread reads off, and the struct that the table's
 * meter rows point into.
 */
#ifndef ENGINE_METERS_H
#define ENGINE_METERS_H

#include "engine/analyser.h"
#include "engine/chain.h"
#include "engine/compare.h"
#include "engine/measure.h"

enum insert_state { INSERT_UNKNOWN, INSERT_MEASURED, INSERT_NOTHING_BACK, INSERT_DRIFTED };

struct readings {
    double input_peak_dbfs[STEREO], output_peak_dbfs[STEREO]; /* highest of the last 300 ms */
    double output_max_dbfs[STEREO];                           /* since reset */
    struct level_reading {                                    /* of the input, of the output */
        double momentary_lufs, short_term_lufs;
        double integrated_lufs, range_lu, max_momentary_lufs, max_short_term_lufs,
            measured_s; /* since reset */
        int range_stable;
        double true_peak_dbtp[STEREO], true_peak_itu_dbtp[STEREO];         /* highest of the last 300 ms */
        double true_peak_max_dbtp[STEREO], true_peak_itu_max_dbtp[STEREO]; /* since reset */
    } input, output;
    struct programme_reading {
        double integrated_lufs, range_lu, max_momentary_lufs, max_short_term_lufs, true_peak_dbtp, measured_s;
    } track, album;
    double psr_lu, psr_min_lu, plr_lu; /* of the output; 0: none yet */
    struct insert_reading {
        int state; /* enum insert_state */
        double delay_frames, gain_db, null_db, drift_frames;
        double pings;            /* how often measured, found or not */
    } insert[INSERTS];           /* the engine fills them in */
    double reduction_db[STAGES]; /* highest of the last 300 ms */
    double multiband_reduction_db[MULTIBAND_BANDS], eq_move_db[EQ_BANDS];
    double load_percent, worst_percent, p9999_percent; /* callback's own time, of its period */
    double stage_percent[STAGES], player_percent, meters_percent;
    double overruns, xruns, late_events, bad_samples;
    double period_frames, latency_frames;
    double transport_seconds, transport_track, transport_playing; /* track from 1; 0: none */
    double print_seconds;
    struct compare_readings compare;
    struct analyser_readings analysed; /* the engine fills them in */
    uint64_t frame;                    /* the clock at the period's end */
    uint64_t callbacks;
};

#define METER_FLOOR_DBFS (-120.0)

/* Peak of a span, kept for METER_HOLD_MS, counted in frames. */
enum { METER_HOLD_MS = 300, METER_SLICES = 6 };

struct peak_hold {
    double slice[METER_SLICES]; /* linear; slice[at] is being filled */
    int at, filled, slice_frames;
};

void peak_hold_prepare(struct peak_hold *p, double rate_hz);
RT void peak_hold_add(struct peak_hold *p, double value, int nframes);
RT double peak_hold_value(const struct peak_hold *p);

/* Callback time in 0.5 % steps of the period, the last one open. */
enum { TIMES_BINS = 400 };

struct times {
    uint64_t bin[TIMES_BINS + 1], count, overruns;
    double mean, worst; /* share of the period */
};

RT void times_add(struct times *t, double share);
RT double times_quantile(const struct times *t, double q); /* share, the bin's upper edge */

struct meters {
    struct peak_hold input[STEREO], output[STEREO], reduction[STAGES], multiband[MULTIBAND_BANDS],
        eq[EQ_BANDS];
    double max[STEREO]; /* linear */
    struct measure measure;
    double held[STEREO][CHAIN_BLOCK]; /* the input, for the output to come */
    struct times times;
    double stage_share[STAGES], player_share, meters_share; /* smoothed over about 1 s */
};

enum status meters_prepare(struct meters *m, double rate_hz);
void meters_free(struct meters *m);
RT void meters_reset(struct meters *m); /* but track and album */
/* One after the other, of the same frames: at most CHAIN_BLOCK. */
RT void meters_input(struct meters *m, const double *const *in, int nframes);
RT void meters_output(struct meters *m, const double *const *out, int nframes);
RT void meters_read(struct meters *m, struct readings *r);

#endif
