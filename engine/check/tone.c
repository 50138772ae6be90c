/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/tone.h"

#include "dsp/spectrum.h"
#include "engine/check/curve.h"
#include "engine/check/fullband.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* All our own. */
#define TILT_FROM_HZ  50.0
#define TILT_TO_HZ    10000.0
#define LOW_TO_HZ     250.0
#define MID_TO_HZ     4000.0
#define SPREADS       2.0 /* a curve's standard deviations that a band may be off .. */
#define LEAST_DB      3.0 /* .. but no less than that */
#define ALONE_DB      5.0 /* where the curve is of one file and has no spread */
#define TILT_FLOOR_DB 70.0

enum { WIDE = 4 /* points in a row that are worth telling: 1/3 octave */ };

static const struct figure figures[] = {
    {"tone/spectrum", "Spectrum", FIGURE_SERIES, UNIT_DBFS, 1,
     "Long-term, 1/12 octave; pink noise is flat, a sine of full scale on all channels is 0."},
    {"tone/tilt", "Tilt, an octave", FIGURE_NUMBER, UNIT_DB, 2,
     "Per octave, 50 Hz to 10 kHz, of 1/3-octave bands; pink noise is 0."},
    {"tone/low", "Low", FIGURE_NUMBER, UNIT_DB, 1, "20 to 250 Hz, against the whole."},
    {"tone/mid", "Mid", FIGURE_NUMBER, UNIT_DB, 1, "250 Hz to 4 kHz, against the whole."},
    {"tone/high", "High", FIGURE_NUMBER, UNIT_DB, 1, "4 to 20 kHz, against the whole."},
    {"tone/difference", "Difference to the curve", FIGURE_SERIES, UNIT_DB, 1,
     "1/3 octave, the level taken out; above 0: the file has more."},
    {"tone/distance", "Distance to the curve", FIGURE_NUMBER, UNIT_DB, 1,
     "RMS of the difference, half weight below 40 Hz and above 16 kHz."},
};

struct tone {
    struct fullband programme;
    struct spectrum spectrum;
};

static void
tone_close(void *self)
{
    struct tone *t = self;

    spectrum_free(&t->spectrum);
    free(t);
}

static enum status
tone_open(void **self, const struct check_context *x, struct err *e)
{
    struct tone *t;

    (void)e;
    if (!rate_ok(x->sound->rate_hz))
        return OK;
    *self = t = calloc(1, sizeof *t);
    if (!t)
        return NO_MEM;
    t->programme = fullband_of(x->sound);
    return spectrum_prepare(&t->spectrum, x->sound->rate_hz, t->programme.nch, SPECTRUM_FILE);
}

static void
tone_process(void *self, const double *const *in, int nframes)
{
    struct tone *t = self;
    const double *picked[CHECK_CHANNELS];

    fullband_pick(&t->programme, in, picked);
    spectrum_process(&t->spectrum, picked, nframes);
}

/* Of least squares over octaves. Where nothing is, levels say nothing about tone: held up to 70 dB below the highest. */
static double
tilt_of(const double *thirds, int points)
{
    double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0, lowest = SPECTRUM_NONE_DB;

    for (int i = 0; i < points; i++)
        lowest = fmax(lowest, thirds[i] - TILT_FLOOR_DB);
    for (int i = 0; i < points; i++) {
        double octave = log2(spectrum_hz(i)), db = fmax(thirds[i], lowest);

        if (spectrum_hz(i) < TILT_FROM_HZ || spectrum_hz(i) > TILT_TO_HZ)
            continue;
        n += 1.0;
        x += octave;
        y += db;
        xx += octave * octave;
        xy += octave * db;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

static void
put_balance(struct report *r, const double *twelfths, int points)
{
    double low = 0.0, mid = 0.0, high = 0.0, all;

    for (int i = 0; i < points; i++) {
        double power = pow(10.0, 0.1 * twelfths[i]);

        *(spectrum_hz(i) < LOW_TO_HZ ? &low : spectrum_hz(i) < MID_TO_HZ ? &mid : &high) += power;
    }
    all = low + mid + high;
    report_put(r, "tone/low", 10.0 * log10(low / all));
    report_put(r, "tone/mid", 10.0 * log10(mid / all));
    report_put(r, "tone/high", high > 0.0 ? 10.0 * log10(high / all) : NAN);
}

static void
put_series(struct report *r, const char *key, int first, const double *value, int count)
{
    report_series(r, key, &(struct series){spectrum_hz(first), SPECTRUM_STEP, true, value, count});
}

/* --- against a curve ------------------------------------------------------------------------------ */

static bool
is_beyond(const struct curve *c, int i, double db)
{
    double spread = c->spread_db[i];

    return fabs(db) > (isnan(spread) ? ALONE_DB : fmax(SPREADS * spread, LEAST_DB));
}

static void
tell_range(struct report *r, const struct curve *c, const double *db, int from, int to)
{
    struct finding f = {"tonal_difference", SEVERITY_WARN, -1, FINDING_WHOLE, FINDING_WHOLE, "", ""};
    int most = from;
    char spread[40] = "";

    for (int i = from; i < to; i++)
        if (fabs(db[i]) > fabs(db[most]))
            most = i;
    if (!isnan(c->spread_db[most]))
        snprintf(spread, sizeof spread, " (its spread is %.1f dB)", c->spread_db[most]);
    snprintf(f.what, sizeof f.what, "%.0f to %.0f Hz: up to %.1f dB %s than the curve%s", spectrum_hz(from),
             spectrum_hz(to - 1), fabs(db[most]), db[most] > 0.0 ? "more" : "less", spread);
    snprintf(f.mend, sizeof f.mend,
             "Compare by ear at one loudness: a bell of %+.1f dB at %.0f Hz would go there.", -db[most],
             spectrum_hz(most));
    report_find(r, &f);
}

static void
tell_differences(struct report *r, const struct curve *c, const double *db)
{
    for (int i = 0; i < CURVE_POINTS;) {
        int from = i;

        while (i < CURVE_POINTS && !isnan(db[i]) && is_beyond(c, i, db[i]) &&
               (db[i] > 0.0) == (db[from] > 0.0))
            i++;
        if (i - from >= WIDE)
            tell_range(r, c, db, from, i);
        i += i == from;
    }
}

static void
compare(struct tone *t, const struct curve *to, struct report *r)
{
    struct curve own;
    double db[CURVE_POINTS];
    int first = 0, end;

    if (!curve_of_spectrum(&own, &t->spectrum))
        return;
    report_put(r, "tone/distance", curve_difference(&own, to, db));
    while (first < CURVE_POINTS && isnan(db[first]))
        first++;
    for (end = first; end < CURVE_POINTS && !isnan(db[end]);)
        end++;
    if (first < end)
        put_series(r, "tone/difference", first, db + first, end - first);
    tell_differences(r, to, db);
}

static void
tone_finish(void *self, const struct check_context *x, struct report *r)
{
    struct tone *t = self;
    double db[SPECTRUM_POINTS];
    int points = spectrum_points(&t->spectrum);

    spectrum_finish(&t->spectrum);
    if (!spectrum_long_term(&t->spectrum, 12, SPECTRUM_NOISE, db))
        return;
    put_series(r, "tone/spectrum", 0, db, points);
    put_balance(r, db, points);
    spectrum_long_term(&t->spectrum, 3, SPECTRUM_NOISE, db);
    report_put(r, "tone/tilt", tilt_of(db, points));
    if (x->curve)
        compare(t, x->curve, r);
}

const struct inspector tone_inspector = {"tone",    figures,      LEN(figures), 15,
                                         tone_open, tone_process, tone_finish,  tone_close};
