/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file is gone through in steps of 100 ms, counted in the ticks of the K filter; at each step's end the
 * histories get their points, and the peak-to-short-term ratio is looked at.
 *
 * The detector of true peaks is 60 frames late: the 3 s of peaks that are held against a short-term value end that much
 * earlier than the 3 s of loudness. In so little sound there is no loudness to speak of.
 *
 * sources  layouts' weights: ITU-R BS.1770-5, Annex 3; silence behind a file: EBU Tech 3342 v4
 *          PLR: AES TD1008 and I. Shepherd's usage; PSR: 3 s, as above; below -50 LUFS a ratio says nothing about
 *          dynamics (our choice)
 */
#include "engine/check/levels.h"

#include "dsp/decibel.h"
#include "dsp/loudness.h"
#include "engine/check/album.h"
#include "engine/check/history.h"
#include "engine/check/peaks.h"

#include <math.h>
#include <stdlib.h>

#define PSR_FLOOR_LUFS  (-50.0)
#define RANGE_SILENCE_S 1.5

enum { STEP_TICKS = 10, STEPS = LOUDNESS_SHORT_TERM_TICKS / STEP_TICKS, STEPS_A_SECOND = 10, SUMS = 8 };

static const struct figure figures[] = {
    {"loudness/integrated", "Integrated", FIGURE_NUMBER, UNIT_LUFS, 1, "Programme loudness, gated."},
    {"loudness/range", "Loudness range", FIGURE_NUMBER, UNIT_LU, 1, "Spread of the short-term loudness."},
    {"loudness/range_is", "Range is", FIGURE_TEXT, UNIT_NONE, 0,
     "Below 60 s the range is not to be relied on."},
    {"loudness/max_momentary", "Momentary, max", FIGURE_NUMBER, UNIT_LUFS, 1, "Loudest 400 ms."},
    {"loudness/max_short_term", "Short-term, max", FIGURE_NUMBER, UNIT_LUFS, 1, "Loudest 3 s."},
    {"loudness/measured", "Measured", FIGURE_NUMBER, UNIT_S, 1,
     "Sound that loudness and range are read from."},
    {"loudness/short_term_history", "Short-term", FIGURE_SERIES, UNIT_LUFS, 1,
     "Short-term loudness over the file, the largest of each step."},
    {"loudness/momentary_history", "Momentary", FIGURE_SERIES, UNIT_LUFS, 1,
     "Momentary loudness over the file, the largest of each step."},
    {"levels/sample_peak", "Sample peak", FIGURE_CHANNELS, UNIT_DBFS, 2, "Largest sample."},
    {"levels/true_peak", "True peak", FIGURE_CHANNELS, UNIT_DBTP, 2,
     "Top of the wave between the samples, by a long filter at 8 times the rate."},
    {"levels/true_peak_itu", "True peak, ITU 4x12", FIGURE_CHANNELS, UNIT_DBTP, 2,
     "What meters with the filter of BS.1770 show."},
    {"levels/max_sample_peak", "Sample peak, max", FIGURE_NUMBER, UNIT_DBFS, 2,
     "Largest sample of all channels."},
    {"levels/max_sample_peak_at", "Sample peak at", FIGURE_NUMBER, UNIT_S, 3, "Where the largest sample is."},
    {"levels/max_true_peak", "True peak, max", FIGURE_NUMBER, UNIT_DBTP, 2,
     "Largest true peak of all channels."},
    {"levels/max_true_peak_at", "True peak at", FIGURE_NUMBER, UNIT_S, 3, "Where the largest true peak is."},
    {"levels/max_true_peak_itu", "ITU 4x12, max", FIGURE_NUMBER, UNIT_DBTP, 2,
     "Largest true peak of all channels by the filter of BS.1770."},
    {"levels/max_true_peak_itu_at", "ITU 4x12 at", FIGURE_NUMBER, UNIT_S, 3, "Where that is."},
    {"levels/waveform_high", "Waveform, top", FIGURE_SERIES, UNIT_NONE, 4,
     "Largest sample of all channels in each step."},
    {"levels/waveform_low", "Waveform, bottom", FIGURE_SERIES, UNIT_NONE, 4,
     "Lowest sample of all channels in each step."},
    {"dynamics/plr", "PLR", FIGURE_NUMBER, UNIT_LU, 1, "Largest true peak above the integrated loudness."},
    {"dynamics/psr_min", "PSR, min", FIGURE_NUMBER, UNIT_LU, 1,
     "Least distance of the true peak of 3 s from their loudness; below 8 is dense."},
    {"dynamics/psr_min_at", "PSR min at", FIGURE_NUMBER, UNIT_S, 1, "End of these 3 s."},
};

struct levels {
    int nch;
    struct loudness loudness;
    struct peaks peaks;
    int64_t frame; /* of the next one */
    struct peak sample[CHECK_CHANNELS];
    int ticks, steps;     /* in the step under way; whole ones so far */
    double momentary;     /* the largest of the step */
    double recent[STEPS]; /* true peak of each step, linear; [steps % STEPS] is the next */
    double psr_min;
    int psr_step;
    struct history short_term_curve, momentary_curve, high, low; /* steps, steps, frames, frames */
};

/* Of Annex 3: 1.41 at the sides, from 60 to 120 degrees. "Back" left and right are the surrounds of a 5.1 file (at 110
   degrees), of a 7.1 file they stand at 135 to 150: there the sides have the weight. */
static double
weight_of(const struct sound_info *s, int channel)
{
    bool sides = false;
    enum place p = s->place[channel];

    for (int c = 0; c < s->nch; c++)
        sides |= s->place[c] == PLACE_SIDE_LEFT || s->place[c] == PLACE_SIDE_RIGHT;
    if (p == PLACE_LFE)
        return 0.0;
    if (p == PLACE_SIDE_LEFT || p == PLACE_SIDE_RIGHT)
        return 1.41;
    return (p == PLACE_BACK_LEFT || p == PLACE_BACK_RIGHT) && !sides ? 1.41 : 1.0;
}

static void
levels_close(void *self)
{
    struct levels *l = self;

    loudness_free(&l->loudness);
    free(l);
}

static enum status
levels_open(void **self, const struct check_context *x, struct err *e)
{
    struct levels *l = calloc(1, sizeof *l);
    double weight[CHECK_CHANNELS];
    enum status status;

    *self = l;
    if (!l)
        return NO_MEM;
    l->nch = x->sound->nch;
    l->psr_min = INFINITY;
    peaks_start(&l->peaks, l->nch);
    history_start(&l->short_term_curve, 1);
    history_start(&l->momentary_curve, 1);
    history_start(&l->high, 1);
    history_start(&l->low, 1);
    for (int c = 0; c < l->nch; c++)
        weight[c] = weight_of(x->sound, c);
    status = loudness_prepare_layout(&l->loudness, x->sound->rate_hz, weight, l->nch);
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", x->sound->path, x->sound->rate_hz);
    return status;
}

/* --- samples -------------------------------------------------------------------------------------- */

struct span {
    double low, high;
};

INLINE double
larger(double a, double b)
{
    return a > b ? a : b;
}

INLINE double
lower(double a, double b)
{
    return a < b ? a : b;
}

CLONES static struct span
span_of(const double *x, int n)
{
    double low[SUMS], high[SUMS];
    struct span s;

    for (int k = 0; k < SUMS; k++)
        low[k] = high[k] = x[0];
    for (int i = 0; i + SUMS <= n; i += SUMS)
        for (int k = 0; k < SUMS; k++) {
            low[k] = lower(x[i + k], low[k]);
            high[k] = larger(x[i + k], high[k]);
        }
    for (int i = n - n % SUMS; i < n; i++) {
        low[0] = lower(x[i], low[0]);
        high[0] = larger(x[i], high[0]);
    }
    s = (struct span){low[0], high[0]};
    for (int k = 1; k < SUMS; k++)
        s = (struct span){lower(low[k], s.low), larger(high[k], s.high)};
    return s;
}

static void
keep_sample(struct levels *l, int c, const double *x, int n, double peak)
{
    int i = 0;

    if (peak <= l->sample[c].value)
        return;
    while (i < n && fabs(x[i]) < peak)
        i++;
    l->sample[c] = (struct peak){peak, l->frame + i};
}

/* Within a step of the waveform. */
static void
hear_samples(struct levels *l, const double *const *in, int from, int n)
{
    struct span all = {INFINITY, -INFINITY};

    for (int c = 0; c < l->nch; c++) {
        struct span s = span_of(in[c] + from, n);

        keep_sample(l, c, in[c] + from, n, larger(s.high, -s.low));
        all = (struct span){lower(s.low, all.low), larger(s.high, all.high)};
    }
    history_add(&l->high, all.high, n);
    history_add(&l->low, -all.low, n);
    l->frame += n;
}

static void
process_samples(struct levels *l, const double *const *in, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        int64_t left = history_left(&l->high);

        n = left < nframes - done ? (int)left : nframes - done;
        hear_samples(l, in, done, n);
    }
}

/* --- steps of 100 ms ------------------------------------------------------------------------------ */

static void
compare(struct levels *l)
{
    double most = 0.0, loud = loudness_short_term_lufs(&l->loudness), psr;

    for (int i = 0; i < STEPS; i++)
        most = larger(l->recent[i], most);
    psr = gain_to_db(most) - loud;
    if (l->steps < STEPS || loud < PSR_FLOOR_LUFS || psr >= l->psr_min)
        return;
    l->psr_min = psr;
    l->psr_step = l->steps;
}

static void
step_end(struct levels *l)
{
    l->recent[l->steps++ % STEPS] = peaks_take(&l->peaks);
    history_add(&l->short_term_curve, loudness_short_term_lufs(&l->loudness), 1);
    history_add(&l->momentary_curve, l->momentary, 1);
    compare(l);
    l->ticks = 0;
    l->momentary = LOUDNESS_NONE_LUFS;
}

/* To the end of the step, or of the block: returns how many frames. */
static int
hear_loudness(struct levels *l, const double *const *in, int from, int nframes)
{
    struct kweight *k = &l->loudness.windows;
    int done = 0;

    while (done < nframes && l->ticks < STEP_TICKS) {
        done += kweight_process(k, in, from + done, nframes - done);
        if (!k->ticked)
            continue;
        programme_tick(&l->loudness.programme, k);
        l->momentary = larger(kweight_momentary_lufs(k), l->ticks++ ? l->momentary : LOUDNESS_NONE_LUFS);
    }
    return done;
}

static void
levels_process(void *self, const double *const *in, int nframes)
{
    struct levels *l = self;

    process_samples(l, in, nframes);
    for (int done = 0, n; done < nframes; done += n) {
        n = hear_loudness(l, in, done, nframes - done);
        peaks_process(&l->peaks, in, done, n);
        if (l->ticks == STEP_TICKS)
            step_end(l);
    }
}

/* --- the report ----------------------------------------------------------------------------------- */

static double
or_none(double lufs)
{
    return lufs > LOUDNESS_NONE_LUFS ? lufs : NAN;
}

static void
write_peaks(struct report *r, const struct peak *p, int nch, double rate_hz, const char *const key[3])
{
    int most = 0;

    for (int c = 0; c < nch; c++) {
        report_put_channel(r, key[0], c, gain_to_db(p[c].value));
        most = p[c].value > p[most].value ? c : most;
    }
    if (!(p[most].value > 0.0))
        return;
    report_put(r, key[1], gain_to_db(p[most].value));
    report_put(r, key[2], (double)p[most].frame / rate_hz);
}

/* After everything else was read: EBU Tech 3342 has the silence for the range alone. */
static void
write_range(struct levels *l, struct report *r)
{
    double measured_s = loudness_measured_s(&l->loudness), rate_hz = l->loudness.windows.rate_hz;
    static const double silence[CHECK_BLOCK];
    const double *in[CHECK_CHANNELS];

    for (int c = 0; c < l->nch; c++)
        in[c] = silence;
    for (int left = (int)(RANGE_SILENCE_S * rate_hz); left > 0; left -= CHECK_BLOCK)
        loudness_process(&l->loudness, in, left < CHECK_BLOCK ? left : CHECK_BLOCK);
    if (!programme_has_range(&l->loudness.programme))
        return;
    report_put(r, "loudness/range", loudness_range_lu(&l->loudness));
    if (measured_s < PROGRAMME_RANGE_STABLE_S)
        report_text(r, "loudness/range_is", "unstable: %.0f s measured, 60 wanted", floor(measured_s));
    else
        report_text(r, "loudness/range_is", "stable");
}

static void
write_loudness(struct levels *l, struct report *r)
{
    const double step_s = 1.0 / STEPS_A_SECOND;

    report_put(r, "loudness/integrated", or_none(loudness_integrated_lufs(&l->loudness)));
    report_put(r, "loudness/max_momentary", or_none(loudness_max_momentary_lufs(&l->loudness)));
    report_put(r, "loudness/max_short_term", or_none(loudness_max_short_term_lufs(&l->loudness)));
    report_put(r, "loudness/measured", loudness_measured_s(&l->loudness));
    history_report(&l->short_term_curve, r, "loudness/short_term_history", step_s, step_s, 1.0);
    history_report(&l->momentary_curve, r, "loudness/momentary_history", step_s, step_s, 1.0);
}

static void
levels_finish(void *self, const struct check_context *x, struct report *r)
{
    static const char *const sample[] = {"levels/sample_peak", "levels/max_sample_peak",
                                         "levels/max_sample_peak_at"};
    static const char *const wave[] = {"levels/true_peak", "levels/max_true_peak", "levels/max_true_peak_at"};
    static const char *const itu[] = {"levels/true_peak_itu", "levels/max_true_peak_itu",
                                      "levels/max_true_peak_itu_at"};
    struct levels *l = self;
    double rate_hz = x->sound->rate_hz;

    peaks_end(&l->peaks);
    write_peaks(r, l->sample, l->nch, rate_hz, sample);
    write_peaks(r, l->peaks.wave, l->nch, rate_hz, wave);
    write_peaks(r, l->peaks.itu, l->nch, rate_hz, itu);
    history_report(&l->high, r, "levels/waveform_high", 0.0, 1.0 / rate_hz, 1.0);
    history_report(&l->low, r, "levels/waveform_low", 0.0, 1.0 / rate_hz, -1.0);
    write_loudness(l, r);
    if (x->album)
        album_take_loudness(x->album, &l->loudness);
    report_put(r, "dynamics/plr",
               report_number(r, "levels/max_true_peak") - report_number(r, "loudness/integrated"));
    report_put(r, "dynamics/psr_min", l->psr_min);
    if (isfinite(l->psr_min))
        report_put(r, "dynamics/psr_min_at", (double)l->psr_step / STEPS_A_SECOND);
    write_range(l, r);
}

const struct inspector levels_inspector = {"levels",    figures,        LEN(figures),  20,
                                           levels_open, levels_process, levels_finish, levels_close};
