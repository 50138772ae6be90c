/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqdyn.h"

#include "dsp/decibel.h"

#include <math.h>

static const double loudest = 1e10; /* +200 dBFS: what is louder, or no number, is not believed */

static struct eqdyn_rider
rider_of(const struct eqdyn_law *law, double rate_hz)
{
    struct dynamics_curve curve = dynamics_curve_of(law->threshold_dbfs, EQDYN_SLOPE, EQDYN_KNEE_DB);

    return (struct eqdyn_rider){
        .law = *law,
        .curve = curve,
        .foot = db_to_gain(curve.foot_db - 1e-9),
        .attack = dynamics_step(law->attack_ms, rate_hz),
        .release = dynamics_step(law->release_ms, rate_hz),
    };
}

RT void
eqdyn_jump(struct eqdyn *d, const struct eqdyn_law *law, double rate_hz)
{
    d->now = rider_of(law, rate_hz);
    d->moving = false;
}

static bool
same_law(const struct eqdyn_law *a, const struct eqdyn_law *b)
{
    return a->threshold_dbfs == b->threshold_dbfs && a->range_db == b->range_db &&
           a->attack_ms == b->attack_ms && a->release_ms == b->release_ms && a->channels == b->channels;
}

RT void
eqdyn_go(struct eqdyn *d, const struct eqdyn_law *law, double rate_hz)
{
    if (same_law(&d->now.law, law))
        return;
    d->last = d->now;
    d->now = rider_of(law, rate_hz);
    d->now.detector = d->last.detector;
    d->moving = true;
}

RT void
eqdyn_arrive(struct eqdyn *d)
{
    d->moving = false;
}

RT void
eqdyn_settle(struct eqdyn *d)
{
    dynamics_detector_settle(&d->now.detector);
    if (d->moving)
        dynamics_detector_settle(&d->last.detector);
}

/* The louder of left and right is |mid| + |side|. */
static void
levels(const struct eqdyn_rider *r, const biquad_pair *own, bool mid_side, double *level, int nframes)
{
    int side = r->law.channels == CHANNELS_SIDE || r->law.channels == CHANNELS_RIGHT;

    if (r->law.channels != CHANNELS_STEREO) {
        for (int i = 0; i < nframes; i++)
            level[i] = fabs(own[i][side]);
    } else if (mid_side) {
        for (int i = 0; i < nframes; i++)
            level[i] = fabs(own[i][0]) + fabs(own[i][1]);
    } else {
        for (int i = 0; i < nframes; i++) {
            double a = fabs(own[i][0]), b = fabs(own[i][1]);

            level[i] = a > b ? a : b;
        }
    }
    for (int i = 0; i < nframes; i++)
        level[i] = level[i] > loudest ? loudest : level[i];
}

static double
largest(const double *v, int nframes)
{
    double most = 0.0;

    for (int i = 0; i < nframes; i++)
        most = v[i] > most ? v[i] : most;
    return most;
}

static void
reductions(const struct eqdyn_rider *r, double *v, int nframes)
{
    struct dynamics_curve curve = r->curve;
    double range_db = fabs(r->law.range_db);

    for (int i = 0; i < nframes; i++) {
        double due = dynamics_reduction_db(&curve, v[i]);

        v[i] = due < range_db ? due : range_db;
    }
}

/* own in, the move in dB out. False where nothing reaches the curve, whatever the logarithm's last bit says. */
static bool
ride(struct eqdyn_rider *r, const biquad_pair *own, bool mid_side, double *v, int nframes)
{
    struct dynamics_detector d = r->detector;
    double sign = copysign(1.0, r->law.range_db), attack = r->attack, release = r->release;

    levels(r, own, mid_side, v, nframes);
    if (dynamics_detector_idle(&d) && largest(v, nframes) < r->foot)
        return false;
    decibel_from_gain(v, nframes);
    reductions(r, v, nframes);
    for (int i = 0; i < nframes; i++)
        v[i] = sign * dynamics_detector_next(&d, v[i], attack, release);
    r->detector = d;
    return true;
}

static void
silent(double *v, int nframes)
{
    for (int i = 0; i < nframes; i++)
        v[i] = 0.0;
}

static void
note_move(struct eqdyn *d, const double *v, int nframes)
{
    double most = 0.0;

    for (int i = 0; i < nframes; i++)
        most = fabs(v[i]) > most ? fabs(v[i]) : most;
    for (int taker = 0; taker < 2; taker++)
        d->moved_db[taker] = most > d->moved_db[taker] ? most : d->moved_db[taker];
}

RT bool
eqdyn_process(struct eqdyn *d, const double *w, const biquad_pair *own, bool mid_side, double *more,
              int nframes)
{
    double last[EQDYN_FRAMES];
    bool now_rides = ride(&d->now, own, mid_side, more, nframes);
    bool last_rides = d->moving && ride(&d->last, own, mid_side, last, nframes);

    if (!now_rides && !last_rides)
        return false;
    if (now_rides)
        note_move(d, more, nframes);
    else
        silent(more, nframes);
    if (!last_rides)
        silent(last, nframes);
    for (int i = 0; d->moving && i < nframes; i++)
        more[i] = last[i] + w[i] * (more[i] - last[i]);
    decibel_to_gain(more, nframes);
    for (int i = 0; i < nframes; i++)
        more[i] -= 1.0;
    return true;
}

double
eqdyn_take_move_db(struct eqdyn *d, int taker)
{
    double most = d->moved_db[taker];

    d->moved_db[taker] = 0.0;
    return most;
}
