/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The convolver's filter i is the low-pass of split i, and a split that isn't there is THROUGH, a low-pass
 * that lets all through. So bands that aren't there are differences of equals, and splits come and go in the
 * convolver's fade.
 */
#include "dsp/crossfir.h"
#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum { TAPS = 4096 }; /* at 44.1 and 48 kHz */

enum status
crossfir_prepare(struct crossfir *x, double rate_hz)
{
    struct firdesign_size size = firdesign_size(rate_hz, TAPS);
    struct convolver_shape shape = {
        .block = size.block,
        .parts = size.taps / size.block,
        .centre = size.taps / 2,
        .fade_blocks = size.fade_blocks,
        .npairs = CROSSFIR_SPLITS,
        .nfilters = CROSSFIR_SPLITS,
    };
    enum status status;

    memset(x, 0, sizeof *x);
    x->fresh = true;
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    status = convolver_prepare(&x->convolver, &shape);
    if (status == OK)
        status = firdesign_prepare(&x->design, rate_hz, &size, CROSSFIR_SPLITS);
    if (status != OK)
        crossfir_free(x);
    return status;
}

void
crossfir_free(struct crossfir *x)
{
    convolver_free(&x->convolver);
    firdesign_free(&x->design);
}

/* --- design ---------------------------------------------------------------------------------------- */

/* Linkwitz-Riley: 1 / (1 + (f/split)^order), order 4 or 8, from 1 / split. */
CLONES static void
low_pass(double first_hz, double step_hz, double per_split, int order, double *restrict re,
         double *restrict im, int n)
{
    for (int i = 0; i < n; i++) {
        double x = (first_hz + i * step_hz) * per_split, x4 = x * x * (x * x);

        re[i] = 1.0 / (1.0 + (order == 8 ? x4 * x4 : x4));
        im[i] = 0.0;
    }
}

static void
respond(const void *owner, struct firdesign *d, int row, int split)
{
    const struct crossfir_settings *s = &((const struct crossfir *)owner)->goal;
    double first_hz = firdesign_hz(d, row, 0);

    low_pass(first_hz, firdesign_hz(d, row, 1) - first_hz, 1.0 / s->freq_hz[split], s->slope / 6,
             firdesign_re(d, split, row), firdesign_im(d, split, row), firdesign_points(d));
}

static struct convolver_use
use_of(const struct crossfir_settings *s)
{
    return (struct convolver_use){CONVOLVER_EACH, (1u << s->nsplits) - 1};
}

static void
begin(struct crossfir *x)
{
    x->goal = x->want;
    x->waiting = false;
    x->designing = true;
    firdesign_begin(&x->design, &x->convolver, use_of(&x->goal).filters, respond, x, x->goal.nsplits,
                    2.0 * firdesign_points(&x->design));
}

/* Not in the sound's time. */
static void
begin_and_finish(struct crossfir *x)
{
    struct convolver_use use;

    begin(x);
    firdesign_finish(&x->design);
    x->designing = false;
    use = use_of(&x->goal);
    convolver_jump(&x->convolver, &use);
}

static void
end_slot(struct crossfir *x)
{
    if (!x->designing && x->waiting && !convolver_busy(&x->convolver))
        begin(x);
    if (x->designing && firdesign_slot(&x->design)) {
        struct convolver_use use = use_of(&x->goal);

        x->designing = false;
        convolver_swap(&x->convolver, &use);
    }
}

/* --- settings -------------------------------------------------------------------------------------- */

/* In order, and nothing in it that doesn't matter. */
static struct crossfir_settings
ordered(const struct crossfir_settings *s)
{
    int n = s->nsplits < 0 ? 0 : s->nsplits > CROSSFIR_SPLITS ? CROSSFIR_SPLITS : s->nsplits;
    struct crossfir_settings o = {.nsplits = n, .slope = s->slope == 48 ? 48 : 24};
    double least_hz = 1.0;

    for (int i = 0; i < n; i++)
        o.freq_hz[i] = least_hz = fmax(s->freq_hz[i], least_hz);
    return o;
}

static bool
same(const struct crossfir_settings *a, const struct crossfir_settings *b)
{
    bool same = a->nsplits == b->nsplits && (a->slope == b->slope || a->nsplits == 0);

    for (int i = 0; i < a->nsplits; i++)
        same &= a->freq_hz[i] == b->freq_hz[i];
    return same;
}

RT void
crossfir_reset(struct crossfir *x)
{
    convolver_reset(&x->convolver);
    if (x->waiting || x->designing)
        begin_and_finish(x);
    x->fresh = true;
}

RT void
crossfir_restart(struct crossfir *x)
{
    convolver_reset(&x->convolver);
    x->fresh = false;
}

RT void
crossfir_set(struct crossfir *x, const struct crossfir_settings *s)
{
    x->want = ordered(s);
    x->waiting = !same(&x->want, &x->goal);
    if (x->waiting && x->fresh)
        begin_and_finish(x);
}

/* --- sound ----------------------------------------------------------------------------------------- */

CLONES static void
subtract(const double *restrict a, const double *restrict b, double *restrict to, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = a[i] - b[i];
}

/* One channel of the bands that n splits make. */
static void
part(const struct crossfir *x, double *const *band[CROSSFIR_BANDS], int channel, int at, int n, int nsplits)
{
    const double *whole = convolver_through(&x->convolver, channel), *below = NULL;

    for (int b = 0; b <= nsplits; b++) {
        const double *upto = b < nsplits ? convolver_output(&x->convolver, STEREO * b + channel) : whole;
        double *to = band[b][channel] + at;

        if (below)
            subtract(upto, below, to, n);
        else
            memcpy(to, upto, (size_t)n * sizeof *to);
        below = upto;
    }
}

static void
silence(double *const *band[CROSSFIR_BANDS], int first, int end, int at, int n)
{
    for (int b = first; b < end; b++)
        for (int c = 0; c < STEREO; c++)
            memset(band[b][c] + at, 0, (size_t)n * sizeof **band[b]);
}

/* A band that comes or goes within the call is silence for the rest of it. */
RT void
crossfir_process(struct crossfir *x, const double *const *in, double *const *band[CROSSFIR_BANDS],
                 int nframes)
{
    int nbands = 0;

    for (int at = 0, n; at < nframes; at += n) {
        int nsplits, before = nbands;

        x->fresh = false;
        n = convolver_advance(&x->convolver, (const double *[]){in[0] + at, in[1] + at}, nframes - at);
        nsplits = __builtin_popcount(convolver_filters(&x->convolver)); /* the lowest bits are set */
        nbands = nsplits + 1 > before ? nsplits + 1 : before;
        silence(band, before, nbands, 0, at);
        silence(band, nsplits + 1, nbands, at, n);
        for (int c = 0; c < STEREO; c++)
            part(x, band, c, at, n, nsplits);
        if (convolver_slot_over(&x->convolver))
            end_slot(x);
    }
    x->nbands = nframes > 0 ? nbands : x->nbands;
}

RT int
crossfir_nbands(const struct crossfir *x)
{
    return x->nbands;
}

RT int
crossfir_latency_frames(const struct crossfir *x)
{
    return convolver_latency_frames(&x->convolver) + x->design.size.taps / 2;
}

RT bool
crossfir_settled(const struct crossfir *x)
{
    return !x->waiting && !x->designing && !convolver_busy(&x->convolver);
}

RT int
crossfir_settle_frames(const struct crossfir *x)
{
    const struct firdesign_size *s = &x->design.size;

    return CONVOLVER_SLOT * (1 + s->slots) + s->block * (2 + s->fade_blocks);
}
