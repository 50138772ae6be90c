/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqfir.h"

#include <string.h>

enum { TAPS = 8192 }; /* at 44.1 and 48 kHz */

enum status
eqfir_prepare(struct eqfir *e, double rate_hz)
{
    struct firdesign_size size = firdesign_size(rate_hz, TAPS);
    struct convolver_shape shape = {
        .block = size.block,
        .parts = size.taps / size.block,
        .centre = size.taps / 2,
        .fade_blocks = size.fade_blocks,
        .npairs = 1,
        .nfilters = CONVOLVER_FILTERS,
    };
    enum status status;

    memset(e, 0, sizeof *e);
    e->rate_hz = rate_hz;
    e->fresh = true;
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    status = convolver_prepare(&e->convolver, &shape);
    if (status == OK)
        status = firdesign_prepare(&e->design, rate_hz, &size, CONVOLVER_FILTERS);
    if (status != OK)
        eqfir_free(e);
    return status;
}

void
eqfir_free(struct eqfir *e)
{
    convolver_free(&e->convolver);
    firdesign_free(&e->design);
}

static void
respond(const void *owner, struct firdesign *d, int row, int band)
{
    const struct eqfir *e = owner;
    double first_hz = firdesign_hz(d, row, 0), *re[CONVOLVER_FILTERS], *im[CONVOLVER_FILTERS];

    for (int f = 0; f < CONVOLVER_FILTERS; f++) {
        re[f] = firdesign_re(d, f, row);
        im[f] = firdesign_im(d, f, row);
    }
    eqresponse_add(&e->goal, band, first_hz, firdesign_hz(d, row, 1) - first_hz, firdesign_points(d), re, im);
}

static unsigned
filters_of(const struct convolver_use *use)
{
    static const unsigned by_form[] = {
        [CONVOLVER_EACH] = 1, [CONVOLVER_LEFT_RIGHT] = 3, [CONVOLVER_MID_SIDE] = 3, [CONVOLVER_MATRIX] = 15};

    return use->filters ? by_form[use->form] : 0;
}

static void
begin(struct eqfir *e)
{
    e->goal = e->want;
    e->waiting = false;
    e->designing = true;
    firdesign_begin(&e->design, &e->convolver, filters_of(&e->goal.use), respond, e, e->goal.nbands,
                    eqresponse_weight(&e->goal, e->rate_hz) * firdesign_points(&e->design));
}

/* Not in the sound's time. */
static void
begin_and_finish(struct eqfir *e)
{
    begin(e);
    firdesign_finish(&e->design);
    e->designing = false;
    convolver_jump(&e->convolver, &e->goal.use);
}

RT void
eqfir_reset(struct eqfir *e)
{
    convolver_reset(&e->convolver);
    if (e->waiting || e->designing)
        begin_and_finish(e);
    e->fresh = true;
}

RT void
eqfir_restart(struct eqfir *e)
{
    convolver_reset(&e->convolver);
    e->fresh = false;
}

RT void
eqfir_set(struct eqfir *e, const struct eqfir_settings *s)
{
    eqresponse_of(&e->want, s, e->rate_hz);
    e->waiting = memcmp(&e->want, &e->goal, sizeof e->want) != 0;
    if (e->waiting && e->fresh)
        begin_and_finish(e);
}

static void
end_slot(struct eqfir *e)
{
    if (!e->designing && e->waiting && !convolver_busy(&e->convolver))
        begin(e);
    if (e->designing && firdesign_slot(&e->design)) {
        e->designing = false;
        convolver_swap(&e->convolver, &e->goal.use);
    }
}

RT void
eqfir_process(struct eqfir *e, double *const *io, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        double *const here[STEREO] = {io[0] + at, io[1] + at};

        e->fresh = false;
        n = convolver_advance(&e->convolver, (const double *const *)here, nframes - at);
        for (int c = 0; c < STEREO; c++)
            memcpy(here[c], convolver_output(&e->convolver, c), (size_t)n * sizeof **here);
        if (convolver_slot_over(&e->convolver))
            end_slot(e);
    }
}

RT int
eqfir_latency_frames(const struct eqfir *e)
{
    return convolver_latency_frames(&e->convolver) + e->design.size.taps / 2;
}

RT bool
eqfir_settled(const struct eqfir *e)
{
    return !e->waiting && !e->designing && !convolver_busy(&e->convolver);
}

RT int
eqfir_settle_frames(const struct eqfir *e)
{
    const struct firdesign_size *s = &e->design.size;

    return CONVOLVER_SLOT * (1 + s->slots) + s->block * (2 + s->fade_blocks);
}
