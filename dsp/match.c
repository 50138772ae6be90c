/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Four channels side by side through one filter, so equal sounds give equal powers to the bit. As only the ratio
 * counts, no section is scaled.
 */
#include "dsp/match.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

static const double shelf_hz = 1681.974450955533, shelf_q = 0.7071752369554196;
static const double shelf_high = 1.5848647011308556;   /* 3.999843853973347 dB */
static const double shelf_middle = 1.2587209302325617; /* that to the power of 0.4996667741545416 */
static const double pass_hz = 38.13547087602444, pass_q = 0.5003270373238773;

static const double gate_power = 1e-6;         /* mean square, -60 dB */
static const double too_loud = 1e8;            /* mean square: nothing that is sound */
static const double fastest = 1.0174193995044; /* a tick: 0.15 dB */
static const double widest = 100.0;            /* 40 dB either way */

void
match_prepare(struct match *m, double rate_hz)
{
    double k = x_tan(PI * shelf_hz / rate_hz), a0 = 1.0 + k / shelf_q + k * k;
    double high = shelf_high, middle = shelf_middle * k / shelf_q;

    memset(m, 0, sizeof *m);
    m->b[0] = (high + middle + k * k) / a0;
    m->b[1] = 2.0 * (k * k - high) / a0;
    m->b[2] = (high - middle + k * k) / a0;
    m->a[0] = 2.0 * (k * k - 1.0) / a0;
    m->a[1] = (1.0 - k / shelf_q + k * k) / a0;
    k = x_tan(PI * pass_hz / rate_hz);
    a0 = 1.0 + k / pass_q + k * k;
    m->c[0] = 2.0 * (k * k - 1.0) / a0;
    m->c[1] = (1.0 - k / pass_q + k * k) / a0;
    m->tick_frames = (int)(rate_hz * 0.1 + 0.5);
    m->gate = gate_power * m->tick_frames;
    match_reset(m);
}

static void
filter_reset(struct match *m)
{
    for (int i = 0; i < 2; i++)
        m->shelf[i] = m->pass[i] = (match_lanes){0};
}

RT void
match_restart(struct match *m)
{
    m->ticks = m->next = 0;
}

RT bool
match_idle(const struct match *m)
{
    return m->from == 1.0 && m->to == 1.0;
}

RT double
match_gain(const struct match *m)
{
    return m->from + m->step * m->at;
}

RT void
match_stop(struct match *m)
{
    m->from = m->to = match_gain(m);
    m->step = 0.0;
}

RT void
match_reset(struct match *m)
{
    filter_reset(m);
    match_restart(m);
    m->power = (match_lanes){0};
    m->at = 0;
    m->from = m->to = 1.0;
    m->step = 0.0;
}

/* The gain that all ticks ask for; the present one while there are too few. */
static double
wanted(const struct match *m, double now)
{
    double reference = 0.0, sound = 0.0, gain;

    if (m->ticks < MATCH_TICKS_LEAST)
        return now;
    for (int i = 0; i < m->ticks; i++) {
        reference += m->reference[i];
        sound += m->sound[i];
    }
    gain = sqrt(reference / sound);
    if (!(gain < widest))
        return widest;
    return gain > 1.0 / widest ? gain : 1.0 / widest;
}

static void
tick_end(struct match *m)
{
    double reference = m->power[0] + m->power[1], sound = m->power[2] + m->power[3];
    double loudest = too_loud * m->tick_frames, gain = m->to, to;

    if (!(reference < loudest && sound < loudest))
        filter_reset(m);
    else if (reference > m->gate) {
        m->reference[m->next] = reference;
        m->sound[m->next] = sound;
        m->next = (m->next + 1) % MATCH_TICKS;
        m->ticks += m->ticks < MATCH_TICKS;
    }
    to = wanted(m, gain);
    if (!(fabs(m->shelf[0][0]) + fabs(m->shelf[0][2]) > 1e-60)) /* the last of a decay */
        filter_reset(m);
    to = to > gain * fastest ? gain * fastest : to;
    to = to < gain / fastest ? gain / fastest : to;
    m->from = gain;
    m->to = to;
    m->step = (to - m->from) / m->tick_frames;
    m->power = (match_lanes){0};
    m->at = 0;
}

/* Both sections in transposed direct form; what depends on the newest output is added last. */
CLONES static void
filter_run(struct match *m, const double *const *r, const double *const *s, int n)
{
    const double b0 = m->b[0], b1 = m->b[1], b2 = m->b[2], a1 = m->a[0], a2 = m->a[1], c1 = m->c[0],
                 c2 = m->c[1];
    match_lanes s0 = m->shelf[0], s1 = m->shelf[1], p0 = m->pass[0], p1 = m->pass[1], power = m->power;

    for (int i = 0; i < n; i++) {
        match_lanes x = {r[0][i], r[1][i], s[0][i], s[1][i]}, y = b0 * x + s0, z = y + p0;

        s0 = (b1 * x + s1) - a1 * y;
        s1 = b2 * x - a2 * y;
        p0 = (p1 - 2.0 * y) - c1 * z;
        p1 = y - c2 * z;
        power += z * z;
    }
    m->shelf[0] = s0;
    m->shelf[1] = s1;
    m->pass[0] = p0;
    m->pass[1] = p1;
    m->power = power;
}

RT void
match_process(struct match *m, const double *const *reference, const double *const *sound, double *gain,
              int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        n = m->tick_frames - m->at < nframes - at ? m->tick_frames - m->at : nframes - at;
        filter_run(m, (const double *[]){reference[0] + at, reference[1] + at},
                   (const double *[]){sound[0] + at, sound[1] + at}, n);
        for (int i = 0; i < n; i++)
            gain[at + i] = m->from + m->step * (m->at + i);
        m->at += n;
        if (m->at == m->tick_frames)
            tick_end(m);
    }
}
