/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/analyser.h"

#include "dsp/xmath.h"
#include "engine/check/curve.h"
#include "engine/meters.h"
#include "engine/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { READ_FRAMES = 512, PICTURES_A_SECOND = 25, COMPARISONS_A_SECOND = 2 };

#define FALL_DB_S 20.0
#define K_SPL     83.0 /* where 0 of the scale belongs */

/* The histories, and whose reduction each is of. */
static const struct {
    enum stage stage;
    size_t offset;
} histories[ANALYSER_HISTORIES] = {
#define HISTORY(stage, member)                                                                               \
    {                                                                                                        \
        stage, offsetof(struct series_readings, member)                                                      \
    }
    HISTORY(STAGE_EQ, eq),     HISTORY(STAGE_DEESS, deess), HISTORY(STAGE_MULTIBAND, multiband),
    HISTORY(STAGE_COMP, comp), HISTORY(STAGE_CLIP, clip),   HISTORY(STAGE_LIMIT, limit),
};

typedef SERIES_OF(HISTORY_POINTS) history;

enum status
analyser_prepare(struct analyser *a, double rate_hz)
{
    enum status status;

    *a = (struct analyser){.rate_hz = rate_hz};
    a->id_octave = param_find("/meter/spectrum/octave");
    a->id_average = param_find("/meter/spectrum/average");
    a->id_hold = param_find("/meter/spectrum/hold");
    a->id_k = param_find("/meter/k/scale");
    a->id_level = param_find("/monitor/level");
    a->id_reference = param_find("/monitor/reference");
    status = correlation_prepare(&a->correlation, rate_hz);
    if (status == OK)
        status = offset_prepare(&a->offset, rate_hz, STEREO);
    if (status == OK)
        status = kmeter_prepare(&a->kmeter, rate_hz, STEREO);
    if (status == OK)
        status = goniometer_prepare(&a->goniometer, rate_hz);
    if (status == OK)
        status = dr_prepare(&a->dr, rate_hz, STEREO);
    if (status == OK)
        status = spectrum_prepare(&a->input, rate_hz, STEREO, SPECTRUM_LIVE);
    if (status == OK)
        status = spectrum_prepare(&a->output, rate_hz, STEREO, SPECTRUM_LIVE);
    if (status != OK)
        analyser_free(a);
    return status;
}

void
analyser_free(struct analyser *a)
{
    dr_free(&a->dr);
    spectrum_free(&a->input);
    spectrum_free(&a->output);
}

void
analyser_restart(struct analyser *a)
{
    correlation_reset(&a->correlation);
    offset_reset(&a->offset);
    dr_reset(&a->dr);
    spectrum_restart(&a->input);
    spectrum_restart(&a->output);
}

/* --- histories ------------------------------------------------------------------------------------ */

static void
history_push(history *h, double value)
{
    memmove(h->value, h->value + 1, sizeof h->value - sizeof h->value[0]);
    h->value[HISTORY_POINTS - 1] = value;
    h->generation++;
}

/* A quarter second is over whenever the frame clock says so; the readings are the most of 300 ms. */
static void
histories_tick(struct analyser *a, const struct readings *r)
{
    uint64_t step = (uint64_t)(a->rate_hz * HISTORY_S / HISTORY_POINTS);

    if (r->frame < a->history_frame)
        return;
    /* After a long wait (a machine asleep) once is enough for what nobody saw. */
    a->history_frame = r->frame - r->frame % step + step;
    for (int i = 0; i < ANALYSER_HISTORIES; i++)
        history_push((history *)((char *)&a->series + histories[i].offset),
                     r->reduction_db[histories[i].stage]);
}

static double
known(double v) /* 0 where there is no sound to tell of */
{
    return isfinite(v) ? v : 0.0;
}

/* --- what the tap brings -------------------------------------------------------------------------- */

static void
settings_take(struct analyser *a, const double *values)
{
    struct spectrum_settings s = {.per_octave = (int)values[a->id_octave],
                                  .average_ms = values[a->id_average],
                                  .hold_s = values[a->id_hold],
                                  .fall_db_s = FALL_DB_S,
                                  .scale = SPECTRUM_TONE};

    if (s.per_octave == a->spectrum.per_octave && s.average_ms == a->spectrum.average_ms &&
        s.hold_s == a->spectrum.hold_s)
        return;
    a->spectrum = s;
    spectrum_set(&a->input, &s);
    spectrum_set(&a->output, &s);
}

static void
hear(struct analyser *a, const struct tap_frame *frame, int nframes)
{
    double in[STEREO][READ_FRAMES], out[STEREO][READ_FRAMES];
    const double *const ins[STEREO] = {in[0], in[1]}, *const outs[STEREO] = {out[0], out[1]};

    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < STEREO; c++) {
            in[c][i] = frame[i].in[c];
            out[c][i] = frame[i].out[c];
        }
    correlation_process(&a->correlation, outs, nframes);
    offset_process(&a->offset, outs, nframes);
    kmeter_process(&a->kmeter, outs, nframes);
    dr_process(&a->dr, outs, nframes);
    goniometer_process(&a->goniometer, outs, nframes);
    spectrum_process(&a->input, ins, nframes);
    spectrum_process(&a->output, outs, nframes);
    a->frames += (uint64_t)nframes;
}

static void
pictures_tick(struct analyser *a)
{
    struct goniometer_point point[GONIOMETER_POINTS];
    struct series_readings *s = &a->series;

    if (a->frames < a->picture_frame)
        return;
    a->picture_frame = a->frames + (uint64_t)(a->rate_hz / PICTURES_A_SECOND);
    goniometer_read(&a->goniometer, point);
    for (int i = 0; i < ANALYSER_GONIOMETER; i++) {
        s->goniometer.value[2 * i] = (double)point[2 * i].x;
        s->goniometer.value[2 * i + 1] = (double)point[2 * i].y;
    }
    s->goniometer.generation++;
#define PICTURE(end)                                                                                         \
    spectrum_needle(&a->end, s->end.needle.value);                                                           \
    spectrum_hold(&a->end, s->end.hold.value);                                                               \
    spectrum_long_term(&a->end, a->spectrum.per_octave, SPECTRUM_TONE, s->end.average.value);                \
    s->end.needle.generation++, s->end.hold.generation++, s->end.average.generation++
    PICTURE(input);
    PICTURE(output);
}

/* How the master's average since the reset differs; what one of them has not is no difference. */
static void
compare(struct analyser *a, const struct curve *reference)
{
    struct series_readings *s = &a->series;
    struct curve own;
    double distance_db = NAN;

    if (a->frames < a->compare_frame)
        return;
    a->compare_frame = a->frames + (uint64_t)(a->rate_hz / COMPARISONS_A_SECOND);
    for (int i = 0; i < SPECTRUM_POINTS; i++) {
        s->difference.value[i] = 0.0;
        s->reference.value[i] =
            reference && isfinite(reference->level_db[i]) ? reference->level_db[i] : SPECTRUM_NONE_DB;
    }
    if (reference && curve_of_spectrum(&own, &a->output))
        distance_db = curve_difference(&own, reference, s->difference.value);
    for (int i = 0; i < SPECTRUM_POINTS; i++)
        s->difference.value[i] = known(s->difference.value[i]);
    a->readings.distance_db = known(distance_db);
    s->reference.generation++, s->difference.generation++;
}

/* --- readings ------------------------------------------------------------------------------------- */

static void
phase_read(const struct analyser *a, struct analyser_readings *r)
{
    struct correlation_reading c;

    correlation_read(&a->correlation, &c);
    memcpy(r->correlation, c.needle, sizeof r->correlation);
    r->average_correlation = c.integrated[CORRELATION_FULL];
    r->balance_lu = c.balance_lu;
    r->average_balance_lu = c.integrated_balance_lu;
    r->mono_lu = c.mono_lu;
    r->worst_mono_lu = c.worst_mono_lu;
    r->negative_percent = 100.0 * c.negative_share;
}

static void
k_read(const struct analyser *a, const double *values, struct analyser_readings *r)
{
    static const double zero_dbfs[] = {[K_20] = -20.0, [K_14] = -14.0, [K_12] = -12.0};
    double zero = zero_dbfs[(int)values[a->id_k]], reference = values[a->id_reference];

    for (int c = 0; c < STEREO; c++) {
        r->k_db[c] = kmeter_rms_dbfs(&a->kmeter, c) - zero;
        r->k_peak_db[c] = kmeter_peak_dbfs(&a->kmeter, c) - zero;
    }
    r->k_spl = reference > 0.0 ? reference + (zero + 20.0) + values[a->id_level] : 0.0;
    r->k_level_db = reference > 0.0 ? K_SPL - reference - (zero + 20.0) : 0.0;
}

static void
dynamics_read(const struct analyser *a, struct analyser_readings *r)
{
    struct offset_reading o;

    r->dr = known(dr_overall_db(&a->dr));
    for (int c = 0; c < STEREO; c++) {
        offset_read(&a->offset, c, &o);
        r->offset_dbfs[c] = fmax(gain_to_db(fabs(o.mean)), METER_FLOOR_DBFS);
        r->crest_db[c] = known(dr_crest_db(&a->dr, c));
    }
}

void
analyser_tick(struct analyser *a, struct tap *tap, const double *values, const struct curve *reference,
              struct readings *r)
{
    struct tap_frame frame[READ_FRAMES];
    int n;

    settings_take(a, values);
    while ((n = tap_read(tap, frame, READ_FRAMES)) > 0)
        hear(a, frame, n);
    histories_tick(a, r);
    pictures_tick(a);
    compare(a, reference);
    phase_read(a, &a->readings);
    k_read(a, values, &a->readings);
    dynamics_read(a, &a->readings);
    a->readings.lost = (double)tap_lost(tap);
    r->analysed = a->readings;
}
