/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dynamics: what every gain rider is made of: a curve that says how much to
 * take away at a level, and a detector that says how fast.
 *
 * Levels and reductions in dB, reductions positive. Feed-forward: level in dB
 * -> curve -> detector -> gain; the detector works on the reduction, after the
 * curve, so that its times do not depend on threshold and ratio.
 *
 * sources  Giannoulis, Massberg, Reiss, "Digital Dynamic Range Compressor
 *          Design", JAES 60(6), 2012: curve eq. 4, smooth decoupled peak detector eq. 17
 */
#ifndef DSP_DYNAMICS_H
#define DSP_DYNAMICS_H

#include "dsp/dsp.h"
#include "dsp/xmath.h"

/* What a one-pole moves a frame to cover 63 % of a step in time_ms; 1 for no time at all. */
RT static inline double
dynamics_step(double time_ms, double rate_hz)
{
    return time_ms > 0.0 ? 1.0 - x_exp(-1000.0 / (time_ms * rate_hz)) : 1.0;
}

/* A downward compressor's curve. */
struct dynamics_curve {
    double foot_db; /* threshold - knee / 2: nothing happens up to here */
    double knee_db; /* >= 0 */
    double bend;    /* 1 / (2 knee), 0 without a knee */
    double slope;   /* 1 - 1 / ratio: 0..1 */
};

RT static inline struct dynamics_curve
dynamics_curve_of(double threshold_db, double slope, double knee_db)
{
    return (struct dynamics_curve){
        .foot_db = threshold_db - 0.5 * knee_db,
        .knee_db = knee_db,
        .bend = knee_db > 0.0 ? 0.5 / knee_db : 0.0,
        .slope = slope,
    };
}

/*
 * The paper's three cases in one line: with u = level - foot, the knee gives u^2 / (2 knee) while u is inside
 * it, knee / 2 + (u - knee) = level - threshold above. No branch. NaN gives 0.
 */
RT static inline double
dynamics_reduction_db(const struct dynamics_curve *c, double level_db)
{
    double over = level_db - c->foot_db;
    double u = over > 0.0 ? over : 0.0;
    double inside = u < c->knee_db ? u : c->knee_db;

    return c->slope * (inside * inside * c->bend + (u - inside));
}

/*
 * Smooth decoupled peak detector: `held` falls at the release's pace and never below the input; `out` follows it
 * at the attack's. A steady tone leaves a fifth of the ripple of the branching kind. Release to 37 % takes attack
 * and release together.
 */
struct dynamics_detector {
    double held, out;
};

RT static inline double
dynamics_detector_next(struct dynamics_detector *d, double in, double attack, double release)
{
    double fallen = d->held - release * d->held + release * in;

    d->held = in > fallen ? in : fallen;
    d->out += attack * (d->held - d->out);
    return d->out;
}

/* The last of a decay, too small for any ear or bit: 0 from then on (and no denormals). Call on a frame grid. */
RT static inline void
dynamics_detector_settle(struct dynamics_detector *d)
{
    const double nothing_db = 1e-12;

    if (d->held < nothing_db && d->out < nothing_db)
        *d = (struct dynamics_detector){0};
}

RT static inline bool
dynamics_detector_idle(const struct dynamics_detector *d)
{
    return d->held == 0.0 && d->out == 0.0;
}

#endif
