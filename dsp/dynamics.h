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

#include "dsp/clones.h"
#include "dsp/dsp.h"
#include "dsp/xmath.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/* zero is 0.0. From where gcc can't see that it is a constant it makes maxima of whole vectors. */
INLINE double
dynamics_bent(const struct dynamics_curve *c, double level_db, double zero)
{
    double over = level_db - c->foot_db;
    double u = over > zero ? over : zero;
    double inside = u < c->knee_db ? u : c->knee_db;

    return c->slope * (inside * inside * c->bend + (u - inside));
}

/*
 * The paper's three cases in one line: with u = level - foot, the knee gives u^2 / (2 knee) while u is inside
 * it, knee / 2 + (u - knee) = level - threshold above. No branch. NaN gives 0.
 */
RT static inline double
dynamics_reduction_db(const struct dynamics_curve *c, double level_db)
{
    return dynamics_bent(c, level_db, 0.0);
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

/* --- two at once, with a release that goes by the programme ----------------------------------------- */

typedef double dynamics_pair __attribute__((vector_size(16))); /* two channels, side by side */

/* Lane by lane a > b ? a : b, so b where one is no number. */
INLINE dynamics_pair
dynamics_larger(dynamics_pair a, dynamics_pair b)
{
#if defined(__SSE2__)
    return _mm_max_pd(a, b);
#else
    return (dynamics_pair){a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]};
#endif
}

/*
 * Program-dependent release: `held` falls twice as fast as the release says; `slow` is charged by it at the
 * release's pace and falls five times slower than the release says; the larger of them counts. A transient of a
 * twentieth of the release charges slow to a twentieth of itself and is forgotten fast; what has lasted three releases
 * charges it to 95 %, and is let go of slowly (63 % in 5.5 releases, as both are in the way). At 100..200 ms these
 * are the usual 50..100 ms and 0.5..1 s.
 */
#define DYNAMICS_FAST_RATIO   0.5 /* held's fall, in releases */
#define DYNAMICS_CHARGE_RATIO 1.0 /* slow's rise */
#define DYNAMICS_SLOW_RATIO   5.0 /* slow's fall */

struct dynamics_pace { /* one-pole steps */
    double attack, release;
    double charge, slow; /* both 0: there is no slow one */
};

RT static inline struct dynamics_pace
dynamics_pace_of(double attack_ms, double release_ms, bool auto_release, double rate_hz)
{
    return (struct dynamics_pace){
        .attack = dynamics_step(attack_ms, rate_hz),
        .release = dynamics_step(auto_release ? DYNAMICS_FAST_RATIO * release_ms : release_ms, rate_hz),
        .charge = auto_release ? dynamics_step(DYNAMICS_CHARGE_RATIO * release_ms, rate_hz) : 0.0,
        .slow = auto_release ? dynamics_step(DYNAMICS_SLOW_RATIO * release_ms, rate_hz) : 0.0,
    };
}

struct dynamics_detectors {
    dynamics_pair held, slow, out;
};

/*
 * The detector above for two channels, written for the shortest way round from frame to frame: what is kept plus
 * what is new. Rising is charge's faster pace, falling slow's: the larger of both moves is the right one in either.
 */
INLINE dynamics_pair
dynamics_detectors_next(struct dynamics_detectors *d, dynamics_pair in, const struct dynamics_pace *p,
                        bool auto_release)
{
    dynamics_pair top;

    d->held = dynamics_larger(in, (1.0 - p->release) * d->held + p->release * in);
    top = d->held;
    if (auto_release) {
        d->slow = dynamics_larger((1.0 - p->charge) * d->slow + p->charge * d->held,
                                  (1.0 - p->slow) * d->slow + p->slow * d->held);
        top = dynamics_larger(top, d->slow);
    }
    d->out = (1.0 - p->attack) * d->out + p->attack * top;
    return d->out;
}

/* As dynamics_detector_settle: 0 when all three have come to nothing. */
RT static inline void
dynamics_detectors_settle(struct dynamics_detectors *d)
{
    const double nothing_db = 1e-12;

    for (int i = 0; i < STEREO; i++)
        if (d->held[i] < nothing_db && d->slow[i] < nothing_db && d->out[i] < nothing_db)
            d->held[i] = d->slow[i] = d->out[i] = 0.0;
}

RT static inline bool
dynamics_detectors_idle(const struct dynamics_detectors *d)
{
    dynamics_pair most = dynamics_larger(dynamics_larger(d->held, d->slow), d->out);

    return most[0] == 0.0 && most[1] == 0.0;
}

#endif
