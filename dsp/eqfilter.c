/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqfilter.h"

#include "dsp/cascade.h"
#include "dsp/clones.h"

#include <math.h>
#include <string.h>

#define NEAR_RATIO_LOW 1.4142135623730951
#define NEAR_RATIO     1.1
#define START_K        2.0 /* critically damped */
#define BAD            1e100

/* --- moves ----------------------------------------------------------------------------------------- */

static void
take_coefs(struct eqfilter *f, const struct biquad_coefs *c, int n)
{
    f->n = n;
    for (int s = 0; s < n; s++) {
        f->coefs[s] = c[s];
        biquad_set(&f->run[s], &c[s]);
    }
}

static void
start_far(struct eqfilter *f)
{
    for (int s = 0; s < f->n; s++) {
        biquad_reset(&f->run[s]);
        f->gg[s] = f->coefs[s].gg;
        f->k[s] = START_K;
    }
}

RT void
eqfilter_jump(struct eqfilter *f, const struct biquad_coefs *c, int n)
{
    take_coefs(f, c, n);
    f->last_n = 0;
    f->moving = f->alone = f->far = false;
    eqfilter_forget(f);
}

/* How far the poles go counts, not the band's frequency: a shelf's move with its gain. */
static bool
near(const struct eqfilter *f, const struct biquad_coefs *c, int n, double low_gg)
{
    if (f->n != n)
        return false;
    for (int s = 0; s < n; s++) {
        double low = fmin(f->coefs[s].gg, c[s].gg), high = fmax(f->coefs[s].gg, c[s].gg);

        if (!(high <= low * (high <= low_gg ? NEAR_RATIO_LOW : NEAR_RATIO)))
            return false;
    }
    return true;
}

RT void
eqfilter_go(struct eqfilter *f, const struct biquad_coefs *c, int n, bool carry, double low_gg)
{
    carry = carry && near(f, c, n, low_gg);
    f->last_n = f->n;
    memcpy(f->last, f->run, sizeof f->last);
    for (int s = 0; carry && s < n; s++) {
        f->gg[s] = f->coefs[s].gg;
        f->k[s] = f->coefs[s].k;
    }
    take_coefs(f, c, n);
    f->far = !carry && n > 0;
    if (!carry)
        start_far(f);
    f->moving = true;
    f->alone = false;
}

RT void
eqfilter_start(struct eqfilter *f, const struct biquad_coefs *c, int n)
{
    take_coefs(f, c, n);
    start_far(f);
    f->last_n = 0;
    f->moving = f->alone = f->far = true;
}

RT void
eqfilter_arrive(struct eqfilter *f)
{
    for (int s = 0; s < f->n; s++)
        biquad_set(&f->run[s], &f->coefs[s]);
    f->last_n = 0;
    f->moving = f->alone = f->far = false;
}

RT bool
eqfilter_is(const struct eqfilter *f, const struct biquad_coefs *c, int n)
{
    return f->n == n && memcmp(f->coefs, c, sizeof *c * (size_t)n) == 0;
}

/* --- sound ----------------------------------------------------------------------------------------- */

struct glide { /* of one section, a number a frame */
    double a1[EQFILTER_FRAMES], a2[EQFILTER_FRAMES], a3[EQFILTER_FRAMES];
    double c1[EQFILTER_FRAMES];
};

/* Less damped than it will be, v1 is louder: its tap takes that back. */
CLONES static void
glide_fill(struct glide *g, const struct biquad_coefs *to, double from_gg, double from_k, const double *w,
           int nframes)
{
    double c1 = to->n1 - to->k * to->n2, by_gg = to->gg - from_gg, by_k = to->k - from_k;

    for (int i = 0; i < nframes; i++) {
        double gg = from_gg + w[i] * by_gg, k = from_k + w[i] * by_k, less = k / to->k;

        g->a1[i] = 1.0 / (1.0 + gg * (gg + k));
        g->a2[i] = gg * g->a1[i];
        g->a3[i] = gg * g->a2[i];
        g->c1[i] = c1 * (less < 1.0 ? less : 1.0);
    }
}

static inline void
glide_to(struct biquad *b, const struct glide *g, int i)
{
    b->a1 = g->a1[i];
    b->a2 = g->a2[i];
    b->a3 = g->a3[i];
    b->c1 = g->c1[i];
}

/* At rest: in the form whose frames wait half as long for one another. */
static void
pass(struct biquad *b, biquad_pair *io, int nframes)
{
    struct cascade_section r = cascade_section_of(b);

    for (int i = 0; i < nframes; i++)
        io[i] = cascade_section_frame(&r, io[i]);
    b->i1 = r.i1;
    b->i2 = r.i2;
}

/* The same two at once: neither waits for the other. */
static void
pass_two(struct biquad *a, struct biquad *b, const biquad_pair *restrict in, biquad_pair *restrict by_a,
         biquad_pair *restrict by_b, int nframes)
{
    struct cascade_section r = cascade_section_of(a), s = cascade_section_of(b);

    for (int i = 0; i < nframes; i++) {
        by_a[i] = cascade_section_frame(&r, in[i]);
        by_b[i] = cascade_section_frame(&s, in[i]);
    }
    a->i1 = r.i1;
    a->i2 = r.i2;
    b->i1 = s.i1;
    b->i2 = s.i2;
}

static void
pass_gliding(struct biquad *b, const struct glide *g, biquad_pair *io, int nframes)
{
    struct biquad run = *b;

    for (int i = 0; i < nframes; i++) {
        glide_to(&run, g, i);
        io[i] = biquad_frame(&run, io[i]);
    }
    *b = run;
}

/* Before and after, at once as well. */
static void
pass_both(struct biquad *last, struct biquad *b, const struct glide *g, biquad_pair *restrict from,
          biquad_pair *restrict to, int nframes)
{
    struct biquad run = *b, old = *last;

    for (int i = 0; i < nframes; i++) {
        glide_to(&run, g, i);
        from[i] = biquad_frame(&old, from[i]);
        to[i] = biquad_frame(&run, to[i]);
    }
    *b = run;
    *last = old;
}

RT void
eqfilter_both(struct eqfilter *f, const double *w, const biquad_pair *io, biquad_pair *from, biquad_pair *to,
              int nframes)
{
    struct glide g;

    memcpy(from, io, sizeof *io * (size_t)nframes);
    memcpy(to, io, sizeof *io * (size_t)nframes);
    for (int s = 0; s < f->n || s < f->last_n; s++) {
        if (s < f->n)
            glide_fill(&g, &f->coefs[s], f->gg[s], f->k[s], w, nframes);
        if (s < f->n && s < f->last_n)
            pass_both(&f->last[s], &f->run[s], &g, from, to, nframes);
        else if (s < f->n)
            pass_gliding(&f->run[s], &g, to, nframes);
        else
            pass(&f->last[s], from, nframes);
    }
}

RT void
eqfilter_process(struct eqfilter *f, const double *w, biquad_pair *io, int nframes)
{
    biquad_pair from[EQFILTER_FRAMES], to[EQFILTER_FRAMES];

    if (!f->moving) {
        for (int s = 0; s < f->n; s++)
            pass(&f->run[s], io, nframes);
        return;
    }
    eqfilter_both(f, w, io, from, to, nframes);
    for (int i = 0; i < nframes; i++)
        io[i] = f->alone ? to[i] : from[i] + w[i] * (to[i] - from[i]);
}

RT void
eqfilter_two(struct eqfilter *f, struct eqfilter *g, const double *w, const biquad_pair *in,
             biquad_pair *by_f, biquad_pair *by_g, int nframes)
{
    if (!f->moving && !g->moving && f->n == 1 && g->n == 1) {
        pass_two(&f->run[0], &g->run[0], in, by_f, by_g, nframes);
        return;
    }
    memcpy(by_f, in, sizeof *in * (size_t)nframes);
    memcpy(by_g, in, sizeof *in * (size_t)nframes);
    eqfilter_process(f, w, by_f, nframes);
    eqfilter_process(g, w, by_g, nframes);
}

/* --- states ---------------------------------------------------------------------------------------- */

static biquad_pair
turned(biquad_pair x, double scale)
{
    return scale * (biquad_pair){x[0] + x[1], x[0] - x[1]};
}

RT void
eqfilter_turn(struct eqfilter *f, bool to_mid_side)
{
    double scale = to_mid_side ? 0.5 : 1.0;

    for (int s = 0; s < EQDESIGN_SECTIONS; s++) {
        f->run[s].i1 = turned(f->run[s].i1, scale);
        f->run[s].i2 = turned(f->run[s].i2, scale);
        f->last[s].i1 = turned(f->last[s].i1, scale);
        f->last[s].i2 = turned(f->last[s].i2, scale);
    }
}

RT void
eqfilter_forget(struct eqfilter *f)
{
    for (int s = 0; s < EQDESIGN_SECTIONS; s++) {
        biquad_reset(&f->run[s]);
        biquad_reset(&f->last[s]);
    }
}

static void
heal(struct biquad *b)
{
    if (!(fabs(b->i1[0]) < BAD && fabs(b->i1[1]) < BAD && fabs(b->i2[0]) < BAD && fabs(b->i2[1]) < BAD))
        biquad_reset(b);
}

RT void
eqfilter_heal(struct eqfilter *f)
{
    for (int s = 0; s < f->n; s++)
        heal(&f->run[s]);
    for (int s = 0; s < f->last_n; s++)
        heal(&f->last[s]);
}
