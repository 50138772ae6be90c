/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Per piece: sidechain -> rider -> dB, + makeup -> factor -> mixed with 1 -> the sound, as late as the look-ahead.
 *
 * Moving the curve under a running detector would make steps: the detector lives on peaks, and each half wave
 * would meet another threshold. So a new curve, or any other thing that can't glide, gets a rider of its own,
 * which starts where the old one is; each hears its own sidechain and works on its own part of the picture with its
 * own delay, and the output goes from one to the other. A move that comes during a fade waits for its end; the last
 * one wins.
 *
 * The work is in pieces of at most COMP_CHUNK frames. Where nothing can come of a step (no level reaches the
 * curve's foot, no reduction is left) it is left out: such short cuts give what the long way would, bit for bit.
 */
#include "dsp/comp.h"

#include "dsp/clones.h"
#include "dsp/decibel.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = COMP_CHUNK };

static const double glide_ms = 20.0;

/* What all riders of a piece share. */
struct piece {
    _Alignas(64) double makeup_db[CHUNK], mix[CHUNK];
};

static int
lookahead_frames(double rate_hz, double lookahead_ms)
{
    return (int)(rate_hz * lookahead_ms * 1e-3 + 0.5);
}

enum status
comp_prepare(struct comp *c, double rate_hz)
{
    int most = lookahead_frames(rate_hz, COMP_LOOKAHEAD_MAX_MS);
    double *next;
    size_t size;

    *c = (struct comp){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    size = 2 * (line_size(most) + rider_size(most)) * sizeof *c->memory;
    next = c->memory = aligned_alloc(64, size); /* a vector's */
    if (!c->memory)
        return NO_MEM;
    memset(c->memory, 0, size);
    for (int k = 0; k < 2; k++) {
        next = line_place(&c->delay[k], next, most);
        next = rider_place(&c->path[k].rider, next, most);
        sidechain_prepare(&c->path[k].sidechain, rate_hz);
    }
    smooth_prepare(&c->makeup_db, rate_hz, glide_ms, 1e-6);
    smooth_prepare(&c->mix, rate_hz, glide_ms, 1e-8);
    fade_prepare(&c->listening, rate_hz, glide_ms);
    fade_prepare(&c->fade, rate_hz, glide_ms);
    c->fresh = true;
    comp_set(c, &(struct comp_settings){.ratio = 1.0,
                                        .attack_ms = 10.0,
                                        .release_ms = 100.0,
                                        .mix = 100.0,
                                        .link = 100.0,
                                        .sidechain_hpf_hz = SIDECHAIN_HPF_OFF_HZ});
    comp_reset(c);
    return OK;
}

void
comp_free(struct comp *c)
{
    free(c->memory);
    *c = (struct comp){0};
}

/* --- moves ----------------------------------------------------------------------------------------- */

static bool
path_is_wanted(const struct comp *c, const struct comp_path *p)
{
    return p->external == c->wanted.external && p->sidechain.kind == c->wanted.kind &&
           rider_way_same(&p->rider.way, &c->wanted.way);
}

static void
path_change(struct comp *c)
{
    struct comp_path *from = &c->path[c->now], *to = &c->path[!c->now];

    if (c->fading || path_is_wanted(c, from))
        return;
    to->external = c->wanted.external;
    if (to->external == from->external && from->sidechain.kind == c->wanted.kind)
        to->sidechain = from->sidechain;
    else
        sidechain_start(&to->sidechain, c->wanted.kind, c->wanted.hpf_hz);
    rider_follow(&to->rider, &c->wanted.way, &from->rider);
    fade_jump(&c->fade, false);
    fade_to(&c->fade, true);
    c->fading = true;
}

static void
settle(struct comp *c)
{
    struct comp_path *p = &c->path[c->now];

    p->external = c->wanted.external;
    sidechain_start(&p->sidechain, c->wanted.kind, c->wanted.hpf_hz);
    rider_reset(&p->rider, &c->wanted.way);
    c->fading = false;
    smooth_jump(&c->makeup_db, c->makeup_db.target);
    smooth_jump(&c->mix, c->mix.target);
    fade_jump(&c->listening, c->listening.want);
}

RT void
comp_reset(struct comp *c)
{
    settle(c);
    for (int k = 0; k < STEREO; k++)
        memset(c->delay[k].x, 0, sizeof *c->delay[k].x * line_size((int)c->delay[k].mask + 1 - LINE_PIECE));
    c->frame = 0;
    comp_key(c, NULL);
    comp_listen(c, NULL);
    c->most_db = 0.0;
    c->fresh = true;
}

/* Upwards the curve is the same, turned upside down. One channel has nothing to be linked with. */
static struct rider_way
way_of(const struct comp *c, const struct comp_settings *s)
{
    double threshold_db = s->mode == RIDER_UP ? -s->threshold_db : s->threshold_db;

    return (struct rider_way){
        .curve = dynamics_curve_of(threshold_db, 1.0 - 1.0 / s->ratio, s->knee_db),
        .pace = dynamics_pace_of(s->attack_ms, s->release_ms, s->auto_release, c->rate_hz),
        .range_db = s->range_db,
        .rms = s->detector * 0.01,
        .link = s->channels == CHANNELS_STEREO ? s->link * 0.01 : 1.0,
        .rms_step = dynamics_step(RIDER_RMS_MS, c->rate_hz),
        .mode = s->mode,
        .channels = s->channels,
        .lookahead = lookahead_frames(c->rate_hz, s->lookahead_ms),
        .auto_release = s->auto_release,
    };
}

/* A filter that is faded out keeps its frequency. */
static void
sidechain_set(struct comp *c, const struct comp_settings *s)
{
    c->wanted.external = comp_is_keyed(s);
    c->wanted.kind = sidechain_kind(s->sidechain_shape, s->sidechain_hpf_hz);
    c->wanted.hpf_hz = s->sidechain_hpf_hz;
    for (int i = 0; i < 2; i++)
        if (c->path[i].sidechain.kind == c->wanted.kind)
            sidechain_glide(&c->path[i].sidechain, c->wanted.hpf_hz);
}

RT void
comp_set(struct comp *c, const struct comp_settings *s)
{
    c->wanted.way = way_of(c, s);
    sidechain_set(c, s);
    smooth_to(&c->makeup_db, s->makeup_db);
    smooth_to(&c->mix, s->mix * 0.01);
    fade_to(&c->listening, s->listen);
    if (c->fresh)
        settle(c);
    path_change(c);
    c->fresh = false;
}

/* --- gain ------------------------------------------------------------------------------------------ */

/* What to take away in, factors out. */
CLONES static void
factors(const struct piece *p, double *restrict v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = 1.0 + p->mix[i] * (decibel_quick_gain(p->makeup_db[i] - v[i]) - 1.0);
}

INLINE void
times(double *restrict x, const double *restrict v, int n)
{
    for (int i = 0; i < n; i++)
        x[i] *= v[i];
}

/* The middle or the sides times v, as what that adds, so that a factor of 1 adds nothing. sign: of the right side. */
INLINE void
times_part(double *restrict left, double *restrict right, const double *restrict v, double sign, int n)
{
    for (int i = 0; i < n; i++) {
        double more = (v[i] - 1.0) * (0.5 * (left[i] + sign * right[i]));

        left[i] = v[i] == 1.0 ? left[i] : left[i] + more;
        right[i] = v[i] == 1.0 ? right[i] : right[i] + sign * more;
    }
}

/* v: one row for each of the rider's. */
CLONES static void
apply(const struct rider *r, double (*v)[CHUNK], double *const *x, int n)
{
    switch (r->way.channels) {
    case CHANNELS_MID: times_part(x[0], x[1], v[0], 1.0, n); break;
    case CHANNELS_SIDE: times_part(x[0], x[1], v[0], -1.0, n); break;
    case CHANNELS_LEFT: times(x[0], v[0], n); break;
    case CHANNELS_RIGHT: times(x[1], v[0], n); break;
    default: times(x[0], v[0], n); times(x[1], v[rider_rows(r) - 1], n);
    }
}

/* The sound as late as the rider's look-ahead. */
static void
delay(const struct comp *c, const struct rider *r, double *const *io, double *const *out, int n)
{
    for (int k = 0; k < STEREO; k++) {
        const double *x =
            r->way.lookahead ? line_at(&c->delay[k], c->frame - (unsigned)r->way.lookahead) : io[k];

        if (x != out[k])
            memcpy(out[k], x, sizeof *x * (size_t)n);
    }
}

/* Has what was taken away no effect? */
static bool
unheard(const struct comp *c, double most_db)
{
    bool unity = most_db == 0.0 && c->makeup_db.target == 0.0;

    return !c->makeup_db.moving && !c->mix.moving && (c->mix.target == 0.0 || unity);
}

/* --- a piece --------------------------------------------------------------------------------------- */

static void
glide(struct smooth *s, double *out, int n)
{
    if (!s->moving)
        for (int i = 0; i < n; i++)
            out[i] = s->target;
    else
        for (int i = 0; i < n; i++)
            out[i] = smooth_next(s);
}

/* What there is to multiply with; NULL if nothing. */
static const struct piece *
piece_of(struct comp *c, double most_db, struct piece *p, int n)
{
    if (unheard(c, most_db))
        return NULL;
    glide(&c->makeup_db, p->makeup_db, n);
    glide(&c->mix, p->mix, n);
    return p;
}

/* b to the bit at the end of the way, and a where they are the same. */
INLINE double
between(double a, double b, double share)
{
    double x = a == b ? a : a + share * (b - a);

    return share < 1.0 ? x : b;
}

CLONES static void
cross(double *restrict x, const double *restrict to, const double *restrict share, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = between(x[i], to[i], share[i]);
}

/* What a rider's largest change is to the meter. */
static double
taken(const struct rider *r, double most_db)
{
    return r->way.mode == RIDER_DOWN ? most_db : 0.0;
}

static void
meter(struct comp *c, double reduction_db)
{
    c->most_db = reduction_db > c->most_db ? reduction_db : c->most_db;
}

/* db: what the rider takes away, p NULL if that has no effect. out may be io. */
static void
work(const struct comp *c, const struct piece *p, const struct rider *r, double (*db)[CHUNK],
     double *const *io, double *const *out, int n)
{
    delay(c, r, io, out, n);
    if (!p)
        return;
    for (int k = 0; k < rider_rows(r); k++)
        factors(p, db[k], n);
    apply(r, db, out, n);
}

static const double silence[CHUNK];

/* What the path's rider hears. */
static void
listen(struct comp_path *path, const double *const *io, const double *const *external, double (*room)[CHUNK],
       const double **key, int n)
{
    const double *const none[STEREO] = {silence, silence};
    const double *const *from = !path->external ? io : external ? external : none;

    sidechain_process(&path->sidechain, from, room, key, n);
}

/* Do both hear the same? Then `to` began with a copy of the other's filter, and one does for both. */
static bool
same_ears(const struct comp_path *from, const struct comp_path *to)
{
    return from->external == to->external && from->sidechain.kind == to->sidechain.kind;
}

/* From what one path makes of io to what the other does. */
static void
change(struct comp *c, double *const *io, const double *const *external, double *const *heard, int n)
{
    struct comp_path *from = &c->path[c->now], *to = &c->path[!c->now];
    _Alignas(64) double room[STEREO][CHUNK], to_room[STEREO][CHUNK], db[STEREO][CHUNK], to_db[STEREO][CHUNK];
    double share[CHUNK], most, to_most;
    const double *key[STEREO], *to_key[STEREO];
    bool shared = same_ears(from, to);
    struct piece piece;
    const struct piece *p;

    listen(from, (const double *const *)io, external, room, key, n);
    if (!shared)
        listen(to, (const double *const *)io, external, to_room, to_key, n);
    most = rider_process(&from->rider, key, db, n);
    to_most = rider_process(&to->rider, shared ? key : to_key, to_db, n);
    for (int i = 0; i < n; i++)
        share[i] = fade_next(&c->fade);
    meter(c, taken(&from->rider, most) * (1.0 - share[n - 1]) + taken(&to->rider, to_most) * share[n - 1]);
    for (int k = 0; k < STEREO && heard; k++) {
        memcpy(heard[k], key[k], sizeof **heard * (size_t)n);
        if (!shared)
            cross(heard[k], to_key[k], share, n);
    }
    p = piece_of(c, most > to_most ? most : to_most, &piece, n);
    work(c, p, &to->rider, to_db, io, (double *[]){to_room[0], to_room[1]}, n);
    work(c, p, &from->rider, db, io, io, n);
    for (int k = 0; k < STEREO; k++)
        cross(io[k], to_room[k], share, n);
    if (!fade_is(&c->fade, true))
        return;
    if (shared)
        to->sidechain = from->sidechain;
    c->now = !c->now;
    c->fading = false;
}

static void
compress(struct comp *c, double *const *io, const double *const *external, double *const *heard, int n)
{
    struct comp_path *now = &c->path[c->now];
    _Alignas(64) double room[STEREO][CHUNK], db[STEREO][CHUNK];
    const double *key[STEREO];
    struct piece piece;
    double most;

    listen(now, (const double *const *)io, external, room, key, n);
    for (int k = 0; k < STEREO && heard; k++)
        memcpy(heard[k], key[k], sizeof **heard * (size_t)n);
    most = rider_process(&now->rider, key, db, n);
    meter(c, taken(&now->rider, most));
    work(c, piece_of(c, most, &piece, n), &now->rider, db, io, io, n);
}

/* heard comes back from both with the sidechain in it. */
static void
run(struct comp *c, double *const *io, const double *const *external, double *const *heard, int n)
{
    for (int k = 0; k < STEREO; k++)
        line_write(&c->delay[k], c->frame, io[k], n);
    if (c->fading)
        change(c, io, external, heard, n);
    else
        compress(c, io, external, heard, n);
    for (int i = 0; i < n && heard; i++) {
        double w = fade_next(&c->listening);

        for (int k = 0; k < STEREO; k++)
            heard[k][i] = w == 0.0 ? io[k][i] : between(io[k][i], heard[k][i], w);
    }
    c->frame += (unsigned)n;
}

/* On the frame grid: the end of decays, what a NaN left, the move that had to wait. */
static void
tidy(struct comp *c)
{
    for (int i = 0; i < 2; i++) {
        sidechain_tidy(&c->path[i].sidechain);
        rider_tidy(&c->path[i].rider);
    }
    path_change(c);
}

RT void
comp_process(struct comp *c, double *const *io, int nframes)
{
    const double *const *key = c->key[0] ? c->key : NULL;
    double *const *heard = c->heard[0] ? c->heard : NULL;

    if (!heard)
        fade_jump(&c->listening, c->listening.want);
    for (int at = 0, n; at < nframes; at += n) {
        n = CHUNK - (int)(c->frame % CHUNK);
        n = n < nframes - at ? n : nframes - at;
        run(c, (double *[]){io[0] + at, io[1] + at},
            key ? (const double *[]){key[0] + at, key[1] + at} : NULL,
            heard ? (double *[]){heard[0] + at, heard[1] + at} : NULL, n);
        if (c->frame % CHUNK == 0)
            tidy(c);
    }
    comp_key(c, NULL);
    comp_listen(c, NULL);
}

RT int
comp_latency_frames(const struct comp *c)
{
    return c->wanted.way.lookahead;
}

int
comp_latency_max_frames(const struct comp *c)
{
    return lookahead_frames(c->rate_hz, COMP_LOOKAHEAD_MAX_MS);
}

RT void
comp_key(struct comp *c, const double *const *key)
{
    for (int k = 0; k < STEREO; k++)
        c->key[k] = key ? key[k] : NULL;
}

RT void
comp_listen(struct comp *c, double *const *heard)
{
    for (int k = 0; k < STEREO; k++)
        c->heard[k] = heard ? heard[k] : NULL;
}

RT double
comp_take_reduction_db(struct comp *c)
{
    double most_db = c->most_db;

    c->most_db = 0.0;
    return most_db;
}
