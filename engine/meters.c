/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/meters.h"

#include <float.h>
#include <math.h>

void
peak_hold_prepare(struct peak_hold *p, double rate_hz)
{
    *p = (struct peak_hold){.slice_frames = (int)(rate_hz * METER_HOLD_MS / 1000 / METER_SLICES)};
}

void
peak_hold_add(struct peak_hold *p, double value, int nframes)
{
    if (value > p->slice[p->at])
        p->slice[p->at] = value;
    p->filled += nframes;
    if (p->filled >= p->slice_frames) {
        p->filled -= p->slice_frames;
        p->at = (p->at + 1) % METER_SLICES;
        p->slice[p->at] = 0.0;
    }
}

double
peak_hold_value(const struct peak_hold *p)
{
    double most = 0.0;

    for (int i = 0; i < METER_SLICES; i++)
        most = p->slice[i] > most ? p->slice[i] : most;
    return most;
}

void
times_add(struct times *t, double share)
{
    int bin = share * (TIMES_BINS / 2) < TIMES_BINS ? (int)(share * (TIMES_BINS / 2)) : TIMES_BINS;

    t->bin[bin]++;
    t->count++;
    t->overruns += share > 1.0;
    t->mean += (share - t->mean) / (double)t->count;
    if (share > t->worst)
        t->worst = share;
}

double
times_quantile(const struct times *t, double q)
{
    uint64_t need = (uint64_t)ceil((double)t->count * q), have = 0;

    for (int i = 0; i < TIMES_BINS; i++) {
        have += t->bin[i];
        if (have >= need)
            return fmin((i + 1) / (TIMES_BINS / 2.0), t->worst);
    }
    return t->worst;
}

enum status
meters_prepare(struct meters *m, double rate_hz)
{
    *m = (struct meters){0};
    for (int c = 0; c < STEREO; c++) {
        peak_hold_prepare(&m->input[c], rate_hz);
        peak_hold_prepare(&m->output[c], rate_hz);
    }
    for (int i = 0; i < STAGES; i++)
        peak_hold_prepare(&m->reduction[i], rate_hz);
    for (int i = 0; i < MULTIBAND_BANDS; i++)
        peak_hold_prepare(&m->multiband[i], rate_hz);
    for (int i = 0; i < EQ_BANDS; i++)
        peak_hold_prepare(&m->eq[i], rate_hz);
    return loudness_prepare(&m->loudness, rate_hz);
}

void
meters_free(struct meters *m)
{
    loudness_free(&m->loudness);
}

void
meters_reset(struct meters *m)
{
    loudness_restart(&m->loudness);
    m->times = (struct times){0};
    for (int c = 0; c < STEREO; c++)
        m->max[c] = 0.0;
}

RT static double
peak(const double *x, int nframes)
{
    double most = 0.0;

    for (int i = 0; i < nframes; i++) {
        double a = fabs(x[i]);

        most = a > most ? a : most;
    }
    return most;
}

void
meters_input(struct meters *m, const double *const *in, int nframes)
{
    for (int c = 0; c < STEREO; c++)
        peak_hold_add(&m->input[c], peak(in[c], nframes), nframes);
}

void
meters_output(struct meters *m, const double *const *out, int nframes)
{
    for (int c = 0; c < STEREO; c++) {
        double p = peak(out[c], nframes);

        peak_hold_add(&m->output[c], p, nframes);
        if (p > m->max[c])
            m->max[c] = p;
    }
    loudness_process(&m->loudness, out, nframes);
}

RT static double
dbfs(double linear)
{
    double db = gain_to_db(fmin(linear, DBL_MAX)); /* finite, whatever was heard */

    return db > METER_FLOOR_DBFS ? db : METER_FLOOR_DBFS;
}

void
meters_read(struct meters *m, struct readings *r)
{
    for (int c = 0; c < STEREO; c++) {
        r->input_peak_dbfs[c] = dbfs(peak_hold_value(&m->input[c]));
        r->output_peak_dbfs[c] = dbfs(peak_hold_value(&m->output[c]));
        r->output_max_dbfs[c] = dbfs(m->max[c]);
    }
    for (int i = 0; i < STAGES; i++)
        r->reduction_db[i] = peak_hold_value(&m->reduction[i]);
    for (int i = 0; i < MULTIBAND_BANDS; i++)
        r->multiband_reduction_db[i] = peak_hold_value(&m->multiband[i]);
    for (int i = 0; i < EQ_BANDS; i++)
        r->eq_move_db[i] = peak_hold_value(&m->eq[i]);
    r->momentary_lufs = loudness_momentary_lufs(&m->loudness);
    r->short_term_lufs = loudness_short_term_lufs(&m->loudness);
    r->integrated_lufs = loudness_integrated_lufs(&m->loudness);
    r->range_lu = loudness_range_lu(&m->loudness);
    r->measured_s = loudness_measured_s(&m->loudness);
    r->load_percent = m->times.mean * 100.0;
    r->worst_percent = m->times.worst * 100.0;
    r->overruns = (double)m->times.overruns;
    for (int i = 0; i < STAGES; i++)
        r->stage_percent[i] = m->stage_share[i] * 100.0;
    r->player_percent = m->player_share * 100.0;
    r->meters_percent = m->meters_share * 100.0;
}
