/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bands stand in a fixed order. Those that are at rest share cascades (cascade.h), all sections of eight at once;
 * those that ride or move are run on their own between them (eqband.h). What is run, and whether on left and right
 * or on mid and side, is the plan, made anew on the grid when a band starts or ends to move. A stereo band runs on
 * whatever pair the sound comes as, so that one mid band in a row of stereo ones does not part the row; its states
 * are turned when that changes.
 *
 * While a section is in a cascade its states are there, and the band's are stale until the next plan is made.
 */
#include "dsp/eqmin.h"

#include <string.h>

/* --- the plan -------------------------------------------------------------------------------------- */

/* With the states that are in it. */
static void
drop_plan(struct eqmin *e)
{
    e->plan.ncascades = e->plan.nsteps = 0;
}

static void
take_back(struct eqmin *e)
{
    for (int c = 0; c < e->plan.ncascades; c++)
        for (int i = 0; i < e->plan.cascade[c].n; i++) {
            int home = e->plan.home[c][i];

            cascade_take(&e->plan.cascade[c], i,
                         &e->band[home / EQDESIGN_SECTIONS].curve.run[home % EQDESIGN_SECTIONS]);
        }
    drop_plan(e);
}

static void
add_step(struct eq_plan *p, int kind, int which)
{
    p->step[p->nsteps].kind = kind;
    p->step[p->nsteps++].which = which;
}

/* To the cascade that is being filled, if it is the last step and has room, else to a new one. */
static void
add_section(struct eq_plan *p, const struct eq_band *b, int band, int section)
{
    bool open = p->nsteps > 0 && p->step[p->nsteps - 1].kind == EQ_CASCADE &&
                p->cascade[p->ncascades - 1].n < CASCADE_SECTIONS;
    struct cascade *c = &p->cascade[open ? p->ncascades - 1 : p->ncascades];

    if (!open) {
        cascade_clear(c);
        add_step(p, EQ_CASCADE, p->ncascades++);
    }
    p->home[p->ncascades - 1][c->n] = (unsigned char)(EQDESIGN_SECTIONS * band + section);
    cascade_add(c, &b->curve.run[section], eqband_sides(b->channels[1]));
}

static void
add_band(struct eq_plan *p, struct eq_band *b, int band)
{
    if (eqband_is_dynamic(b))
        add_step(p, EQ_RIDE, band);
    if (b->curve.moving)
        add_step(p, EQ_MOVE, band);
    for (int s = 0; !b->curve.moving && s < b->curve.n; s++)
        add_section(p, b, band, s);
}

static void
make_plan(struct eqmin *e)
{
    struct eq_plan *p = &e->plan;
    bool mid_side = false;

    take_back(e);
    for (int i = 0; i < EQ_BANDS; i++) {
        struct eq_band *b = &e->band[i];

        if (!eqband_is_dynamic(b) && !b->curve.moving && b->curve.n == 0)
            continue;
        if (eqband_needs(b, !mid_side)) {
            mid_side = !mid_side;
            add_step(p, mid_side ? EQ_ENCODE : EQ_DECODE, 0);
        }
        eqband_turn(b, mid_side);
        add_band(p, b, i);
    }
    if (mid_side)
        add_step(p, EQ_DECODE, 0);
}

/* --- the grid -------------------------------------------------------------------------------------- */

/* What there is to be done at all. */
static void
look_around(struct eqmin *e)
{
    e->astir = e->soloed = false;
    for (int i = 0; i < EQ_BANDS; i++) {
        const struct eq_band *b = &e->band[i];

        e->astir |= b->moving || b->waiting || b->designing;
        e->soloed |= eqband_is_solo(b);
    }
}

static void
heal(struct eqmin *e)
{
    for (int c = 0; c < e->plan.ncascades; c++)
        cascade_heal(&e->plan.cascade[c]);
    for (int i = 0; i < EQ_BANDS; i++)
        eqband_heal(&e->band[i]);
}

/* One design, and whoever needs none. The next to be asked first is who is not done with designing, or the one
   after it. */
static bool
start_moves(struct eqmin *e)
{
    int designs = 1, first = e->turn;
    bool changed = false;

    for (int i = 0; i < EQ_BANDS; i++) {
        int band = (first + i) % EQ_BANDS, before = designs;
        bool ready = eqband_ready(&e->band[band], &designs);

        if (designs < before)
            e->turn = ready ? (band + 1) % EQ_BANDS : band;
        if (!ready)
            continue;
        take_back(e);
        if (e->warm > 0)
            eqband_jump(&e->band[band]);
        else
            eqband_start(&e->band[band]);
        changed = true;
    }
    return changed;
}

static void
tick(struct eqmin *e)
{
    bool changed = false;

    if (e->plan.nsteps > 0 || e->soloed)
        heal(e);
    if (!e->astir && e->warm == 0)
        return;
    for (int i = 0; i < EQ_BANDS; i++)
        changed |= eqband_arrive(&e->band[i]);
    changed |= start_moves(e);
    if (changed)
        make_plan(e);
    look_around(e);
    e->warm = e->warm > EQ_FRAMES ? e->warm - EQ_FRAMES : 0;
}

/* --- sound ----------------------------------------------------------------------------------------- */

/* What a block is worked on with. */
struct work {
    biquad_pair in[EQ_FRAMES], io[EQ_FRAMES];
    double w[EQ_BANDS][EQ_FRAMES];
};

static void
join(biquad_pair *to, double *const *from, int at, int nframes)
{
    const double *left = from[0] + at, *right = from[1] + at;

    for (int i = 0; i < nframes; i++)
        to[i] = (biquad_pair){left[i], right[i]};
}

static void
part(double *const *to, int at, const biquad_pair *from, int nframes)
{
    double *left = to[0] + at, *right = to[1] + at;

    for (int i = 0; i < nframes; i++) {
        left[i] = from[i][0];
        right[i] = from[i][1];
    }
}

/* To mid and side (scale 1/2) or back (1), as in channels.h. */
static void
rotate(biquad_pair *io, double scale, int nframes)
{
    for (int i = 0; i < nframes; i++)
        io[i] = scale * (biquad_pair){io[i][0] + io[i][1], io[i][0] - io[i][1]};
}

static void
run_step(struct eqmin *e, const struct eq_step *s, struct work *k, int nframes)
{
    switch (s->kind) {
    case EQ_ENCODE: rotate(k->io, 0.5, nframes); break;
    case EQ_DECODE: rotate(k->io, 1.0, nframes); break;
    case EQ_RIDE: eqband_ride(&e->band[s->which], k->w[s->which], k->io, nframes); break;
    case EQ_MOVE: eqband_curve(&e->band[s->which], k->w[s->which], k->io, nframes); break;
    case EQ_CASCADE: cascade_process(&e->plan.cascade[s->which], k->io, nframes); break;
    }
}

static void
listen(struct eqmin *e, struct work *k, double *const *heard, int at, int nframes)
{
    biquad_pair sum[EQ_FRAMES];
    double rest_of[EQ_FRAMES];

    for (int i = 0; i < nframes; i++) {
        sum[i] = (biquad_pair){0.0, 0.0};
        rest_of[i] = 1.0;
    }
    for (int b = 0; b < EQ_BANDS; b++)
        if (eqband_is_solo(&e->band[b]))
            eqband_listen(&e->band[b], k->w[b], k->in, sum, rest_of, nframes);
    for (int i = 0; i < nframes; i++)
        sum[i] += rest_of[i] * k->io[i];
    part(heard, at, sum, nframes);
}

/* Up to the grid at most. */
static void
run(struct eqmin *e, double *const *io, int at, int nframes)
{
    bool solo = e->heard[0] && e->soloed;
    struct work k;

    for (int b = 0; e->astir && b < EQ_BANDS; b++)
        eqband_weights(&e->band[b], k.w[b], nframes);
    if (e->plan.nsteps > 0 || solo) {
        join(k.io, io, at, nframes);
        if (solo)
            memcpy(k.in, k.io, sizeof *k.in * (size_t)nframes);
        for (int s = 0; s < e->plan.nsteps; s++)
            run_step(e, &e->plan.step[s], &k, nframes);
        part(io, at, k.io, nframes);
    }
    if (solo)
        listen(e, &k, e->heard, at, nframes);
    for (int c = 0; e->heard[0] && !solo && c < STEREO; c++)
        memcpy(e->heard[c] + at, io[c] + at, sizeof(double) * (size_t)nframes);
}

/* --- the stage ------------------------------------------------------------------------------------- */

enum status
eqmin_prepare(struct eqmin *e, double rate_hz)
{
    *e = (struct eqmin){.rate_hz = rate_hz, .fresh = true};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    for (int b = 0; b < EQ_BANDS; b++)
        eqband_prepare(&e->band[b], rate_hz, EQ_FADE_MS);
    return OK;
}

void
eqmin_free(struct eqmin *e)
{
    (void)e;
}

RT void
eqmin_reset(struct eqmin *e)
{
    drop_plan(e);
    for (int b = 0; b < EQ_BANDS; b++)
        eqband_settle(&e->band[b]);
    make_plan(e);
    look_around(e);
    e->phase = e->turn = e->warm = 0;
    e->fresh = true;
}

RT void
eqmin_restart(struct eqmin *e)
{
    drop_plan(e);
    for (int b = 0; b < EQ_BANDS; b++)
        eqband_stop(&e->band[b]);
    look_around(e);
    e->phase = e->turn = 0;
    e->warm = EQ_WARM_FRAMES;
    e->fresh = false;
}

RT int
eqmin_warm_frames(const struct eqmin *e)
{
    (void)e;
    return EQ_WARM_FRAMES;
}

RT void
eqmin_set(struct eqmin *e, const struct eqmin_settings *s)
{
    if (e->fresh)
        drop_plan(e);
    for (int b = 0; b < EQ_BANDS; b++) {
        eqband_want(&e->band[b], &s->band[b]);
        if (e->fresh)
            eqband_settle(&e->band[b]);
    }
    if (e->fresh)
        make_plan(e);
    look_around(e);
    e->fresh = false;
}

RT void
eqmin_listen(struct eqmin *e, double *const *heard)
{
    for (int c = 0; c < STEREO; c++)
        e->heard[c] = heard ? heard[c] : NULL;
}

RT bool
eqmin_is_listened(const struct eqmin_settings *s)
{
    for (int b = 0; b < EQ_BANDS; b++)
        if (s->band[b].on && s->band[b].solo)
            return true;
    return false;
}

RT void
eqmin_process(struct eqmin *e, double *const *io, int nframes)
{
    for (int b = 0; e->heard[0] && !e->was_heard && b < EQ_BANDS; b++) /* they have not gone on meanwhile */
        eqfilter_forget(&e->band[b].solo);
    for (int at = 0, n; at < nframes; at += n) {
        if (e->phase == 0)
            tick(e);
        n = EQ_FRAMES - e->phase;
        n = n < nframes - at ? n : nframes - at;
        run(e, io, at, n);
        e->phase = (e->phase + n) % EQ_FRAMES;
    }
    if (nframes > 0)
        e->was_heard = e->heard[0] != NULL;
    eqmin_listen(e, NULL);
}

RT int
eqmin_latency_frames(const struct eqmin *e)
{
    (void)e;
    return 0;
}
