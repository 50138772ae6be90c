/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status
eq_prepare(struct eq *e, double rate_hz)
{
    enum status s;

    memset(e, 0, sizeof *e);
    e->rate_hz = rate_hz;
    e->fresh = true;
    s = eqmin_prepare(&e->all, rate_hz);
    if (s == OK)
        s = eqmin_prepare(&e->riding, rate_hz);
    if (s == OK)
        s = eqfir_prepare(&e->fir, rate_hz);
    if (s == OK) {
        e->other[0] = calloc(EQ_BLOCK * STEREO, sizeof *e->other[0]);
        s = e->other[0] ? OK : NO_MEM;
    }
    if (s != OK) {
        eq_free(e);
        return s;
    }
    e->other[1] = e->other[0] + EQ_BLOCK;
    handover_prepare(&e->way, rate_hz, EQ_OVER_MS);
    return OK;
}

void
eq_free(struct eq *e)
{
    eqmin_free(&e->all);
    eqmin_free(&e->riding);
    eqfir_free(&e->fir);
    free(e->other[0]);
    e->other[0] = e->other[1] = NULL;
}

/* --- settings -------------------------------------------------------------------------------------- */

RT static void
all_of(const struct eq_settings *s, struct eqmin_settings *to)
{
    memcpy(to->band, s->band, sizeof to->band);
}

/* What moves with the sound can't be in a fixed filter: that part alone, around a curve that does nothing. */
RT static void
riding_of(const struct eq_settings *s, struct eqmin_settings *to)
{
    for (int b = 0; b < EQ_BANDS; b++) {
        to->band[b] = s->band[b];
        to->band[b].on = s->band[b].on && s->band[b].dynamic && s->band[b].type <= EQ_HIGH_SHELF;
        to->band[b].gain_db = 0.0;
        to->band[b].solo = false;
    }
}

RT static void
curves_of(const struct eq_settings *s, struct eqfir_settings *to)
{
    *to = (struct eqfir_settings){.phase = s->phase == EQ_MIXED ? EQFIR_MIXED : EQFIR_LINEAR,
                                  .corner_hz = s->corner_hz};
    for (int b = 0; b < EQ_BANDS; b++) {
        to->band[b].on = eq_band_curve(&s->band[b], &to->band[b].curve);
        to->band[b].channels = s->band[b].channels;
    }
}

RT static void
set_near(struct eq *e)
{
    struct eqmin_settings s;

    all_of(&e->settings, &s);
    eqmin_set(&e->all, &s);
}

RT static void
set_far(struct eq *e)
{
    struct eqmin_settings riding;
    struct eqfir_settings curves;

    riding_of(&e->settings, &riding);
    curves_of(&e->settings, &curves);
    eqmin_set(&e->riding, &riding);
    eqfir_set(&e->fir, &curves);
}

RT static void
restart_near(struct eq *e)
{
    eqmin_restart(&e->all);
    set_near(e);
}

/* A design may be under way when the one that counts is asked for; or none is needed. */
RT static void
set_far_anew(struct eq *e)
{
    int designs = !eqfir_settled(&e->fir);

    set_far(e);
    designs += !eqfir_settled(&e->fir);
    e->far_warm = designs * eqfir_settle_frames(&e->fir) + eqfir_latency_frames(&e->fir);
}

RT static void
restart_far(struct eq *e)
{
    eqmin_restart(&e->riding);
    eqfir_restart(&e->fir);
    set_far_anew(e);
}

RT static int
warm_frames(const struct eq *e, bool far)
{
    int near = eqmin_warm_frames(&e->all);

    return far && e->far_warm > near ? e->far_warm : near;
}

RT void
eq_reset(struct eq *e)
{
    eqmin_reset(&e->all);
    eqmin_reset(&e->riding);
    eqfir_reset(&e->fir);
    e->fresh = true;
    e->restarted = false;
}

RT void
eq_restart(struct eq *e)
{
    eqmin_restart(&e->all);
    eqmin_restart(&e->riding);
    eqfir_restart(&e->fir);
    e->fresh = false;
    e->restarted = true;
}

RT int
eq_warm_frames(const struct eq *e)
{
    return warm_frames(e, e->way.far);
}

RT void
eq_set(struct eq *e, const struct eq_settings *s)
{
    bool far = s->phase != EQ_MINIMUM;

    e->settings = *s;
    if (e->fresh || e->restarted) {
        handover_jump(&e->way, far);
        set_near(e); /* also for who listens */
        if (far)
            set_far_anew(e);
    } else {
        if (handover_to(&e->way, far)) {
            if (far)
                restart_far(e);
            else
                restart_near(e);
            handover_warm(&e->way, warm_frames(e, far));
        }
        set_near(e);
        if (handover_far_runs(&e->way))
            set_far(e);
    }
    e->fresh = e->restarted = false;
}

/* --- sound ----------------------------------------------------------------------------------------- */

RT void
eq_listen(struct eq *e, double *const *heard)
{
    for (int c = 0; c < STEREO; c++)
        e->heard[c] = heard ? heard[c] : NULL;
}

RT bool
eq_is_listened(const struct eq_settings *s)
{
    for (int b = 0; b < EQ_BANDS; b++)
        if (s->band[b].on && s->band[b].solo)
            return true;
    return false;
}

RT static void
far_process(struct eq *e, double *const *io, int nframes)
{
    eqmin_process(&e->riding, io, nframes);
    eqfir_process(&e->fir, io, nframes);
}

/* While both run, or one listens to what is not heard: the other one works on a copy. */
RT static void
both_process(struct eq *e, double *const *io, int nframes)
{
    const double *const *other = (const double *const *)e->other;

    for (int c = 0; c < STEREO; c++)
        memcpy(e->other[c], io[c], sizeof *io[c] * (size_t)nframes);
    eqmin_process(&e->all, e->other, nframes);
    if (!handover_far_runs(&e->way)) {
        for (int c = 0; c < STEREO; c++)
            memcpy(io[c], e->other[c], sizeof *io[c] * (size_t)nframes);
        return;
    }
    far_process(e, io, nframes);
    fade_mix(&e->way.over, io, other, nframes);
}

RT void
eq_process(struct eq *e, double *const *io, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        double *const at[STEREO] = {io[0] + done, io[1] + done};

        n = handover_span(&e->way, nframes - done < EQ_BLOCK ? nframes - done : EQ_BLOCK);
        if (e->heard[0])
            eqmin_listen(&e->all, (double *const[]){e->heard[0] + done, e->heard[1] + done});
        if (!handover_far_runs(&e->way))
            eqmin_process(&e->all, at, n);
        else if (handover_near_runs(&e->way) || e->heard[0])
            both_process(e, at, n);
        else
            far_process(e, at, n);
        handover_advance(&e->way, n);
    }
    eq_listen(e, NULL);
}

RT int
eq_latency_frames(const struct eq *e)
{
    return e->way.far ? eqfir_latency_frames(&e->fir) : 0;
}

int
eq_latency_max_frames(const struct eq *e)
{
    return eqfir_latency_frames(&e->fir);
}

/* Both are asked: only one of them rides, but for the time of a change of phase. */
static double
take_move_db(struct eq *e, int band, int taker)
{
    return fmax(eqdyn_take_move_db(&e->all.band[band].dyn, taker),
                eqdyn_take_move_db(&e->riding.band[band].dyn, taker));
}

double
eq_take_band_reduction_db(struct eq *e, int band)
{
    return take_move_db(e, band, 0);
}

double
eq_take_reduction_db(struct eq *e)
{
    double most = 0.0;

    for (int k = 0; k < EQ_BANDS; k++)
        most = fmax(most, take_move_db(e, k, 1));
    return most;
}
