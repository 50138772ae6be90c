/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/meters.h"

#include "dsp/clones.h"

#include <float.h>
#include <math.h>
#include <string.h>

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
    return measure_prepare(&m->measure, rate_hz);
}

void
meters_free(struct meters *m)
{
    measure_free(&m->measure);
}

void
meters_reset(struct meters *m)
{
    measure_reset(&m->measure);
    m->times = (struct times){0};
    for (int c = 0; c < STEREO; c++)
        m->max[c] = 0.0;
}

enum { TOPS = 8 }; /* so that a comparison need not wait for the one before */

CLONES static double
peak(const double *x, int nframes)
{
    double top[TOPS] = {0.0}, most = 0.0;

    for (int i = 0; i + TOPS <= nframes; i += TOPS)
        for (int k = 0; k < TOPS; k++) {
            double a = fabs(x[i + k]);

            top[k] = a > top[k] ? a : top[k];
        }
    for (int i = nframes - nframes % TOPS; i < nframes; i++)
        top[0] = fabs(x[i]) > top[0] ? fabs(x[i]) : top[0];
    for (int k = 0; k < TOPS; k++)
        most = top[k] > most ? top[k] : most;
    return most;
}

void
meters_input(struct meters *m, const double *const *in, int nframes)
{
    for (int c = 0; c < STEREO; c++) {
        peak_hold_add(&m->input[c], peak(in[c], nframes), nframes);
        memcpy(m->held[c], in[c], sizeof m->held[c][0] * (size_t)nframes);
    }
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
    measure_process(&m->measure, (const double *const[]){m->held[0], m->held[1]}, out, nframes);
}

RT static double
dbfs(double linear)
{
    double db = gain_to_db(fmin(linear, DBL_MAX)); /* finite, whatever was heard */

    return db > METER_FLOOR_DBFS ? db : METER_FLOOR_DBFS;
}

RT static double
larger_side(const struct truepeak_reading *most)
{
    return most[0].wave > most[1].wave ? most[0].wave : most[1].wave;
}

RT static void
level_read(const struct measure *m, const struct level *l, enum measured which, struct level_reading *r)
{
    struct measure_reading p = measure_read(m, which);

    r->momentary_lufs = kweight_momentary_lufs(&l->windows);
    r->short_term_lufs = kweight_short_term_lufs(&l->windows);
    r->integrated_lufs = p.integrated_lufs;
    r->range_lu = p.range_lu;
    r->range_stable = p.measured_s >= PROGRAMME_RANGE_STABLE_S;
    r->max_momentary_lufs = p.max_momentary_lufs;
    r->max_short_term_lufs = p.max_short_term_lufs;
    r->measured_s = p.measured_s;
    for (int c = 0; c < STEREO; c++) {
        struct truepeak_reading needle = level_needle(l, c);

        r->true_peak_dbtp[c] = dbfs(needle.wave);
        r->true_peak_itu_dbtp[c] = dbfs(needle.itu);
        r->true_peak_max_dbtp[c] = dbfs(p.most[c].wave);
        r->true_peak_itu_max_dbtp[c] = dbfs(p.most[c].itu);
    }
}

RT static void
programme_read(const struct measure *m, enum measured which, struct programme_reading *r)
{
    struct measure_reading p = measure_read(m, which);

    r->integrated_lufs = p.integrated_lufs;
    r->range_lu = p.range_lu;
    r->max_momentary_lufs = p.max_momentary_lufs;
    r->max_short_term_lufs = p.max_short_term_lufs;
    r->true_peak_dbtp = dbfs(larger_side(p.most));
    r->measured_s = p.measured_s;
}

RT static void
measures_read(struct measure *m, struct readings *r)
{
    measure_look(m);
    level_read(m, &m->input, MEASURED_INPUT, &r->input);
    level_read(m, &m->output, MEASURED_OUTPUT, &r->output);
    programme_read(m, MEASURED_TRACK, &r->track);
    programme_read(m, MEASURED_ALBUM, &r->album);
    r->psr_lu = measure_psr_lu(m);
    r->psr_min_lu = measure_psr_min_lu(m);
    r->plr_lu = measure_plr_lu(m);
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
    measures_read(&m->measure, r);
    r->load_percent = m->times.mean * 100.0;
    r->worst_percent = m->times.worst * 100.0;
    r->overruns = (double)m->times.overruns;
    for (int i = 0; i < STAGES; i++)
        r->stage_percent[i] = m->stage_share[i] * 100.0;
    r->player_percent = m->player_share * 100.0;
    r->meters_percent = m->meters_share * 100.0;
}
