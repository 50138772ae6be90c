/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A start or a continuation begins the grid of ticks anew, so that what is measured doesn't depend on what was
   before. */
#include "dsp/loudness.h"

enum status
loudness_prepare(struct loudness *l, double rate_hz)
{
    static const double weights[STEREO] = {1.0, 1.0};

    return loudness_prepare_layout(l, rate_hz, weights, STEREO);
}

enum status
loudness_prepare_layout(struct loudness *l, double rate_hz, const double *weights, int nch)
{
    enum status status;

    *l = (struct loudness){0};
    status = kweight_prepare(&l->windows, rate_hz, weights, nch);
    return status == OK ? programme_prepare(&l->programme) : status;
}

void
loudness_free(struct loudness *l)
{
    programme_free(&l->programme);
    *l = (struct loudness){0};
}

void
loudness_reset(struct loudness *l)
{
    kweight_reset(&l->windows);
    programme_restart(&l->programme);
}

void
loudness_restart(struct loudness *l)
{
    kweight_align(&l->windows);
    programme_restart(&l->programme);
}

void
loudness_run(struct loudness *l, bool on)
{
    if (on && !l->programme.running)
        kweight_align(&l->windows);
    programme_run(&l->programme, on);
}

void
loudness_process(struct loudness *l, const double *const *in, int nframes)
{
    for (int done = 0; done < nframes;) {
        done += kweight_process(&l->windows, in, done, nframes - done);
        if (l->windows.ticked)
            programme_tick(&l->programme, &l->windows);
    }
}

double
loudness_momentary_lufs(const struct loudness *l)
{
    return kweight_momentary_lufs(&l->windows);
}

double
loudness_short_term_lufs(const struct loudness *l)
{
    return kweight_short_term_lufs(&l->windows);
}

double
loudness_integrated_lufs(const struct loudness *l)
{
    return programme_integrated_lufs(&l->programme);
}

double
loudness_range_lu(const struct loudness *l)
{
    return programme_range_lu(&l->programme);
}

double
loudness_max_momentary_lufs(const struct loudness *l)
{
    return programme_max_momentary_lufs(&l->programme);
}

double
loudness_max_short_term_lufs(const struct loudness *l)
{
    return programme_max_short_term_lufs(&l->programme);
}

double
loudness_measured_s(const struct loudness *l)
{
    return programme_measured_s(&l->programme);
}

uint64_t
loudness_skipped(const struct loudness *l)
{
    return l->windows.skipped;
}

void
loudness_join(struct loudness *l, const struct loudness *more)
{
    programme_join(&l->programme, &more->programme);
    l->windows.skipped += more->windows.skipped;
}
