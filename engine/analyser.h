/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * analyser: what is drawn and counted at leisure, on the control thread: phase, dynamics, K scale, spectra, histories.
 *
 * in       the tap's frames; readings, for what the process thread has measured
 * out      struct analyser_readings, and curves as wholes: their generation counts how often each has been renewed
 * K scale  0 stands at -20, -14 or -12 dBFS. Once the monitors are calibrated (/monitor/reference: what -20 dBFS of pink
 *          noise in one loudspeaker makes at a monitor level of 0 dB), it also tells where 0 is in the room, and which
 *          level puts it at 83 dB SPL
 * sources  K-System: B. Katz, JAES 48(9), 2000
 */
#ifndef ENGINE_ANALYSER_H
#define ENGINE_ANALYSER_H

#include "dsp/correlation.h"
#include "dsp/dr.h"
#include "dsp/goniometer.h"
#include "dsp/kmeter.h"
#include "dsp/offset.h"
#include "dsp/spectrum.h"
#include "engine/tap.h"

struct readings;
struct curve;

enum { HISTORY_S = 60, HISTORY_POINTS = 240 /* of a quarter second */, ANALYSER_HISTORIES = 6 };
enum { ANALYSER_GONIOMETER = GONIOMETER_POINTS / 2 };

enum k_scale { K_20, K_14, K_12 };

struct analyser_readings { /* of the master */
    double correlation[CORRELATION_BANDS], average_correlation;
    double balance_lu, average_balance_lu;
    double mono_lu, worst_mono_lu, negative_percent;
    double offset_dbfs[STEREO], dr, crest_db[STEREO];
    double k_db[STEREO], k_peak_db[STEREO]; /* on the scale */
    double k_spl, k_level_db;               /* 0: not calibrated */
    double distance_db;                     /* from the reference; 0: there is none */
    double lost;                            /* frames that came too fast */
};

#define SERIES_OF(points)                                                                                    \
    struct {                                                                                                 \
        uint64_t generation;                                                                                 \
        double value[points];                                                                                \
    }

/* What the table's rows of PARAM_SERIES point into. */
struct series_readings {
    SERIES_OF(HISTORY_POINTS) eq, deess, multiband, comp, clip, limit; /* reduction in dB, oldest first */
    SERIES_OF(2 * ANALYSER_GONIOMETER) goniometer;                     /* x, y, x, y */
    struct {
        SERIES_OF(SPECTRUM_POINTS) needle, hold, average; /* dBFS */
    } input, output;
    SERIES_OF(SPECTRUM_POINTS) reference, difference; /* thirds of an octave, levels taken out; dB */
};

struct analyser {
    double rate_hz;
    struct analyser_readings readings;
    struct series_readings series;
    uint64_t history_frame, picture_frame; /* the next one is due */
    uint64_t compare_frame;                /* the same */
    uint64_t frames;                       /* heard */

    struct correlation correlation;
    struct offset offset;
    struct dr dr;
    struct kmeter kmeter;
    struct goniometer goniometer;
    struct spectrum input, output;
    struct spectrum_settings spectrum; /* as in force */
    int id_octave, id_average, id_hold, id_k, id_level, id_reference;
};

enum status analyser_prepare(struct analyser *a, double rate_hz); /* BAD_ARG for the rate, NO_MEM */
void analyser_free(struct analyser *a);
/* What counts since the reset begins anew. */
void analyser_restart(struct analyser *a);
/* Takes what the tap has; values: one a parameter; reference: NULL is none. The readings are in *r, too. */
void analyser_tick(struct analyser *a, struct tap *tap, const double *values, const struct curve *reference,
                   struct readings *r);

#endif
