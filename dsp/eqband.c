/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqband.h"

#include "dsp/cascade.h"

#include <math.h>
#include <string.h>

enum { DESIGN_CURVE, DESIGN_REACH, DESIGN_OWN };

#define FLAT_Q         0.7071067811865476
#define LEAD_MS        4.0  /* what starts from silence runs unheard for so long first */
#define LEAST_RANGE_DB 1e-3 /* less is none */

/* --- curves ---------------------------------------------------------------------------------------- */

RT bool
eq_band_curve(const struct eq_band_settings *s, struct eq_curve *c)
{
    *c = (struct eq_curve){s->type, s->freq_hz, s->gain_db, s->q, s->slope + 1};
    return s->on;
}

RT bool
eq_band_own_curve(const struct eq_band_settings *s, struct eq_curve *c)
{
    bool cut = s->type == EQ_LOW_CUT || s->type == EQ_HIGH_CUT;

    *c = (struct eq_curve){EQ_BAND_PASS, s->freq_hz, 0.0, s->q, 2};
    if (s->type == EQ_BELL || s->type == EQ_NOTCH || s->type == EQ_BAND_PASS)
        return true;
    c->type = s->type == EQ_LOW_SHELF || s->type == EQ_LOW_CUT ? EQ_HIGH_CUT : EQ_LOW_CUT;
    c->q = FLAT_Q;
    c->order = cut ? s->slope + 1 : 2;
    return cut || s->type == EQ_LOW_SHELF || s->type == EQ_HIGH_SHELF;
}

static bool
has_gain(int type)
{
    return type == EQ_BELL || type == EQ_LOW_SHELF || type == EQ_HIGH_SHELF;
}

static bool
is_dynamic(const struct eq_band_settings *s)
{
    return s->on && s->dynamic && has_gain(s->type) && fabs(s->range_db) > LEAST_RANGE_DB;
}

static struct eq_curve
reach_curve(const struct eq_band_settings *s)
{
    return (struct eq_curve){s->type, s->freq_hz, s->range_db, s->q, 2};
}

/* (B - 1) / (g - 1). */
static void
make_reach(struct biquad_coefs *c, double range_db)
{
    double scale = 1.0 / (db_to_gain(range_db) - 1.0);

    c->n0 = scale * (c->n0 - 1.0);
    c->n1 = scale * (c->n1 - c->k);
    c->n2 = scale * (c->n2 - 1.0);
}

/* --- designs --------------------------------------------------------------------------------------- */

static bool
same_curve(const struct eq_curve *a, const struct eq_curve *b)
{
    return a->type == b->type && a->freq_hz == b->freq_hz && a->gain_db == b->gain_db && a->q == b->q &&
           a->order == b->order;
}

/* Is it there, or could one be afforded? */
static bool
have(struct eq_design *d, const struct eq_curve *c, double rate_hz, int *designs)
{
    if (same_curve(&d->of, c))
        return true;
    if (*designs == 0)
        return false;
    --*designs;
    d->of = *c;
    d->n = eqdesign(c, rate_hz, d->section);
    return true;
}

static bool
design(struct eq_band *b, const struct eq_band_settings *s, int *designs)
{
    struct eq_design *reach = &b->design[DESIGN_REACH];
    struct eq_curve c;

    if (eq_band_curve(s, &c) && !have(&b->design[DESIGN_CURVE], &c, b->rate_hz, designs))
        return false;
    if (is_dynamic(s)) {
        struct eq_curve to = reach_curve(s);
        bool fresh = !same_curve(&reach->of, &to);

        if (!have(reach, &to, b->rate_hz, designs))
            return false;
        if (fresh && reach->n == 1)
            make_reach(&reach->section[0], s->range_db);
    }
    return !(is_dynamic(s) || (s->on && s->solo)) || !eq_band_own_curve(s, &c) ||
           have(&b->design[DESIGN_OWN], &c, b->rate_hz, designs);
}

/* Of a band that is off, and of a part that is all of the sound: no sections. */
static int
sections(const struct eq_band *b, int which, bool any)
{
    return any ? b->design[which].n : 0;
}

/* --- moves ----------------------------------------------------------------------------------------- */

static struct eqdyn_law
law_of(const struct eq_band_settings *s)
{
    return (struct eqdyn_law){s->threshold_dbfs, s->range_db, s->attack_ms, s->release_ms, s->channels};
}

static int
to_grid(int nframes)
{
    return (nframes + EQ_FRAMES - 1) / EQ_FRAMES * EQ_FRAMES;
}

RT void
eqband_prepare(struct eq_band *b, double rate_hz, double fade_ms)
{
    *b = (struct eq_band){.rate_hz = rate_hz};
    b->low_gg = x_tan(PI * fmin(EQFILTER_LOW_HZ / rate_hz, 0.25));
    fade_prepare(&b->fade, rate_hz, fade_ms);
    b->fade.length = to_grid(b->fade.length);
    b->lead_length = to_grid((int)(rate_hz * LEAD_MS * 1e-3));
}

static bool
same_settings(const struct eq_band_settings *a, const struct eq_band_settings *b)
{
    return a->on == b->on && a->type == b->type && a->freq_hz == b->freq_hz && a->gain_db == b->gain_db &&
           a->q == b->q && a->slope == b->slope && a->channels == b->channels && a->dynamic == b->dynamic &&
           a->threshold_dbfs == b->threshold_dbfs && a->range_db == b->range_db &&
           a->attack_ms == b->attack_ms && a->release_ms == b->release_ms && a->solo == b->solo;
}

static bool
are_numbers(const struct eq_band_settings *s)
{
    double sum =
        s->freq_hz + s->gain_db + s->q + s->threshold_dbfs + s->range_db + s->attack_ms + s->release_ms;

    return fabs(sum) < __builtin_inf();
}

RT void
eqband_want(struct eq_band *b, const struct eq_band_settings *s)
{
    b->want = are_numbers(s) ? *s : (struct eq_band_settings){.on = false};
    b->waiting = !same_settings(b->designing ? &b->next : &b->now, &b->want);
}

static void
after(struct eq_band *b)
{
    if (b->now.on) /* else those that it leaves */
        b->channels[1] = b->now.channels;
    b->dynamic[1] = is_dynamic(&b->now) && b->design[DESIGN_REACH].n == 1;
    b->solos[1] = b->now.on && b->now.solo;
}

static void
rest(struct eq_band *b)
{
    b->channels[0] = b->channels[1];
    b->dynamic[0] = b->dynamic[1];
    b->solos[0] = b->solos[1];
    b->moving = false;
    fade_jump(&b->fade, false);
}

static void
settle(struct eq_band *b, const struct eq_band_settings *s)
{
    struct eqdyn_law law = law_of(s);
    struct eq_curve c;
    int designs = LEN(b->design);

    b->now = *s;
    b->designing = false;
    design(b, s, &designs);
    after(b);
    rest(b);
    eqfilter_jump(&b->curve, b->design[DESIGN_CURVE].section, sections(b, DESIGN_CURVE, s->on));
    eqfilter_jump(&b->reach, b->design[DESIGN_REACH].section,
                  sections(b, DESIGN_REACH, b->dynamic[1] != 0.0));
    eqfilter_jump(&b->own, b->design[DESIGN_OWN].section, sections(b, DESIGN_OWN, eq_band_own_curve(s, &c)));
    eqfilter_jump(&b->solo, b->design[DESIGN_OWN].section, b->own.n);
    eqdyn_jump(&b->dyn, &law, b->rate_hz);
}

RT void
eqband_settle(struct eq_band *b)
{
    settle(b, &b->want);
    b->waiting = false;
}

RT void
eqband_stop(struct eq_band *b)
{
    b->want = (struct eq_band_settings){.on = false};
    eqband_settle(b);
}

RT void
eqband_jump(struct eq_band *b)
{
    settle(b, &b->next);
}

RT bool
eqband_arrive(struct eq_band *b)
{
    if (!b->moving || fade_moving(&b->fade))
        return false;
    eqfilter_arrive(&b->curve);
    eqfilter_arrive(&b->reach);
    eqfilter_arrive(&b->own);
    eqfilter_arrive(&b->solo);
    eqdyn_arrive(&b->dyn);
    rest(b);
    return true;
}

/* Of what is heard before and after: from the one to the other. Of what is heard only after: out of nothing. */
static bool
go(struct eq_band *b, struct eqfilter *f, int which, int n, bool before, bool carry)
{
    const struct biquad_coefs *c = b->design[which].section;

    if (before && eqfilter_is(f, c, n))
        return false;
    if (before)
        eqfilter_go(f, c, n, carry, b->low_gg);
    else
        eqfilter_start(f, c, n);
    return true;
}

static bool
go_dynamic(struct eq_band *b, int own_n, bool carry)
{
    struct eqdyn_law law = law_of(&b->now);
    bool before = b->dynamic[0] != 0.0, moves;

    if (b->dynamic[1] == 0.0)
        return before;
    moves = go(b, &b->reach, DESIGN_REACH, 1, before, carry);
    moves |= go(b, &b->own, DESIGN_OWN, own_n, before, carry);
    if (before)
        eqdyn_go(&b->dyn, &law, b->rate_hz);
    else
        eqdyn_jump(&b->dyn, &law, b->rate_hz);
    return moves || b->dyn.moving || b->channels[0] != b->channels[1];
}

static bool
go_solo(struct eq_band *b, int own_n, bool carry)
{
    bool before = b->solos[0] != 0.0;

    if (b->solos[1] == 0.0)
        return before;
    return go(b, &b->solo, DESIGN_OWN, own_n, before, carry) || b->channels[0] != b->channels[1];
}

/* The same channels or fewer: a side that has not gone through the filter yet has no states to carry. */
static bool
carries(int from, int to)
{
    return (eqband_sides(to) & ~eqband_sides(from)) == 0;
}

static bool
go_curve(struct eq_band *b, int n, bool carry)
{
    bool turned = b->channels[0] != b->channels[1] && (b->curve.n > 0 || n > 0);

    if (!turned && eqfilter_is(&b->curve, b->design[DESIGN_CURVE].section, n))
        return false;
    eqfilter_go(&b->curve, b->design[DESIGN_CURVE].section, n,
                carry && carries(b->channels[0], b->channels[1]), b->low_gg);
    return true;
}

/* Between left or right and mid or side it goes by way of off: a move has one pair to work on. */
static bool
must_go_by_off(const struct eq_band_settings *from, const struct eq_band_settings *to)
{
    return from->on && to->on && from->channels != CHANNELS_STEREO && to->channels != CHANNELS_STEREO &&
           channels_are_mid_side(from->channels) != channels_are_mid_side(to->channels);
}

static void
next_step(struct eq_band *b)
{
    if (must_go_by_off(&b->now, &b->next)) {
        b->now.on = false;
    } else {
        b->now = b->next;
        b->designing = false;
    }
}

RT bool
eqband_ready(struct eq_band *b, int *designs)
{
    if (b->moving)
        return false;
    if (!b->designing && b->waiting) {
        b->next = b->want;
        b->designing = true;
        b->waiting = false;
    }
    return b->designing && design(b, &b->next, designs);
}

RT void
eqband_start(struct eq_band *b)
{
    struct eq_band_settings was = b->now;
    struct eq_curve c;
    bool carry;
    int own_n;

    next_step(b);
    after(b);
    if (!was.on)
        b->channels[0] = b->channels[1];
    carry = was.type == b->now.type;
    own_n = sections(b, DESIGN_OWN, eq_band_own_curve(&b->now, &c));
    b->moving = go_curve(b, sections(b, DESIGN_CURVE, b->now.on), carry);
    b->moving |= go_dynamic(b, own_n, carry);
    b->moving |= go_solo(b, own_n, carry);
    if (!b->moving) {
        rest(b);
        return;
    }
    b->lead = b->curve.far || b->reach.far || b->own.far || b->solo.far ? b->lead_length : 0;
    fade_jump(&b->fade, false);
    fade_to(&b->fade, true);
}

RT void
eqband_heal(struct eq_band *b)
{
    if (b->curve.moving)
        eqfilter_heal(&b->curve);
    if (eqband_is_dynamic(b)) {
        eqfilter_heal(&b->reach);
        eqfilter_heal(&b->own);
        eqdyn_settle(&b->dyn);
    }
    if (eqband_is_solo(b))
        eqfilter_heal(&b->solo);
}

/* --- what it is ------------------------------------------------------------------------------------ */

RT bool
eqband_is_dynamic(const struct eq_band *b)
{
    return b->dynamic[0] != 0.0 || b->dynamic[1] != 0.0;
}

RT bool
eqband_is_solo(const struct eq_band *b)
{
    return b->solos[0] != 0.0 || b->solos[1] != 0.0;
}

RT int
eqband_sides(int channels)
{
    switch (channels) {
    case CHANNELS_MID:
    case CHANNELS_LEFT: return CASCADE_FIRST;
    case CHANNELS_SIDE:
    case CHANNELS_RIGHT: return CASCADE_SECOND;
    default: return CASCADE_BOTH;
    }
}

RT bool
eqband_needs(const struct eq_band *b, bool mid_side)
{
    for (int i = 0; i < 2; i++)
        if (b->channels[i] != CHANNELS_STEREO && channels_are_mid_side(b->channels[i]) == mid_side)
            return true;
    return false;
}

RT void
eqband_turn(struct eq_band *b, bool mid_side)
{
    if (b->mid_side == mid_side)
        return;
    b->mid_side = mid_side;
    eqfilter_turn(&b->curve, mid_side);
    eqfilter_turn(&b->reach, mid_side);
    eqfilter_turn(&b->own, mid_side);
}

/* --- sound ----------------------------------------------------------------------------------------- */

RT void
eqband_weights(struct eq_band *b, double *w, int nframes)
{
    for (int i = 0; b->moving && i < nframes; i++)
        w[i] = b->lead > 0 ? 0.0 : fade_next(&b->fade);
    if (b->moving && b->lead > 0)
        b->lead -= nframes;
}

static double
between(const double ends[2], bool moving, const double *w, int i)
{
    return moving ? ends[0] + w[i] * (ends[1] - ends[0]) : ends[1];
}

/* How much of either side is worked on before and after. */
static biquad_pair
sides_of(int channels, double amount)
{
    int sides = eqband_sides(channels);

    return (biquad_pair){sides & CASCADE_FIRST ? amount : 0.0, sides & CASCADE_SECOND ? amount : 0.0};
}

RT void
eqband_ride(struct eq_band *b, const double *w, biquad_pair *io, int nframes)
{
    biquad_pair own[EQ_FRAMES], part[EQ_FRAMES];
    biquad_pair from = sides_of(b->channels[0], b->dynamic[0]), to = sides_of(b->channels[1], b->dynamic[1]);
    double more[EQ_FRAMES];
    int sides = eqband_sides(b->channels[0]) | eqband_sides(b->channels[1]);
    bool rides;

    eqfilter_two(&b->own, &b->reach, w, io, own, part, nframes);
    rides = eqdyn_process(&b->dyn, w, own, b->mid_side, more, nframes);
    for (int i = 0; rides && i < nframes; i++) {
        biquad_pair amount = b->moving ? from + w[i] * (to - from) : to;
        biquad_pair y = io[i] + amount * (more[i] * part[i]);

        if (more[i] != 0.0) /* where nothing is added -0 stays, whatever the block and the side */
            io[i] = (biquad_pair){sides & CASCADE_FIRST ? y[0] : io[i][0],
                                  sides & CASCADE_SECOND ? y[1] : io[i][1]};
    }
}

RT void
eqband_curve(struct eq_band *b, const double *w, biquad_pair *io, int nframes)
{
    biquad_pair from[EQ_FRAMES], to[EQ_FRAMES];
    int was = eqband_sides(b->channels[0]), is = eqband_sides(b->channels[1]);

    eqfilter_both(&b->curve, w, io, from, to, nframes);
    for (int side = 0; side < 2; side++) {
        bool in_from = was >> side & 1, in_to = is >> side & 1;

        for (int i = 0; (in_from || in_to) && i < nframes; i++) {
            double a = in_from ? from[i][side] : io[i][side], z = in_to ? to[i][side] : io[i][side];

            io[i][side] = a + w[i] * (z - a);
        }
    }
}

/* What of a sound is heard when only its channels are. */
static biquad_pair
only(biquad_pair x, int channels)
{
    double mid = 0.5 * (x[0] + x[1]), side = 0.5 * (x[0] - x[1]);

    switch (channels) {
    case CHANNELS_MID: return (biquad_pair){mid, mid};
    case CHANNELS_SIDE: return (biquad_pair){side, -side};
    case CHANNELS_LEFT: return (biquad_pair){x[0], 0.0};
    case CHANNELS_RIGHT: return (biquad_pair){0.0, x[1]};
    default: return x;
    }
}

RT void
eqband_listen(struct eq_band *b, const double *w, const biquad_pair *in, biquad_pair *heard, double *rest_of,
              int nframes)
{
    biquad_pair part[EQ_FRAMES];

    memcpy(part, in, sizeof *in * (size_t)nframes);
    eqfilter_process(&b->solo, w, part, nframes);
    for (int i = 0; i < nframes; i++) {
        double solo = between(b->solos, b->moving, w, i);
        biquad_pair to = only(part[i], b->channels[1]);

        if (b->moving && b->channels[0] != b->channels[1]) {
            biquad_pair from = only(part[i], b->channels[0]);

            to = from + w[i] * (to - from);
        }
        heard[i] += solo * to;
        rest_of[i] *= 1.0 - solo;
    }
}
