/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between frames j and j + 1 the points are y_p = sum_k c_p[k] x[j - k] + c_(8-p)[k] x[j + 1 + k], p = 1..7,
 * c_p[k] = h(k + p / 8), h a windowed sinc: phase 8 - p is phase p mirrored. With
 *
 *     s_k = x[j - k] + x[j + 1 + k],  e_p = (c_p + c_(8-p)) / 2,  E = sum e_p[k] s_k
 *     d_k = x[j - k] - x[j + 1 + k],  o_p = (c_p - c_(8-p)) / 2,  O = sum o_p[k] d_k
 *
 * y_p = E + O and y_(8-p) = E - O, so that half the products do, and the larger of the two is |E| + |O|.
 * The ITU filter's phases 3 and 2 mirror 0 and 1 in the same way.
 *
 * Eight intervals go in eight lanes. Each lane adds its 48 products in the order of k, whatever the CPU's width.
 */
#include "dsp/truepeak.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

typedef float lanes __attribute__((vector_size(32)));
typedef float loose __attribute__((vector_size(32), aligned(4), may_alias)); /* the same at any address */
typedef int32_t masks __attribute__((vector_size(32)));

#define LANES(p)        (*(const loose *)(p))
#define ABS(a)          ((lanes)((masks)(a)&0x7fffffff))
#define CHOOSE(m, a, b) ((lanes)(((m) & (masks)(a)) | (~(m) & (masks)(b))))
#define MAX(a, b)       CHOOSE((a) > (b), a, b)

/* One source, a copy for wide CPUs: the loader picks. The same sums in the same order. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline)) /* so that a clone has its own */

enum { PHASES = 8, GROUP = TRUEPEAK_GROUP, HALF = TRUEPEAK_HALF, GROUPS = TRUEPEAK_RING / GROUP };

/* The window's side lobes (-80 dB) against its width: flat to 0.475 of the rate. */
static const double kaiser_beta = 8.0;
static const float largest_input = 1e9f;

static const double itu[2][12] = {
    {0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
     0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500},
    {-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
     0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375},
};
/* Above the larger absolute tap sum (2.0231), with room for rounding. */
static const float itu_bound = 2.024f;

/* Modified Bessel function of the first kind, order 0, by its series. */
static double
bessel_i0(double x)
{
    double sum = 1.0, term = 1.0;

    for (int k = 1; k < 60; k++) {
        term *= (0.5 * x / k) * (0.5 * x / k);
        sum += term;
    }
    return sum;
}

/* The interpolator's response at a distance in frames, 0 < distance < HALF. */
static double
response(double distance)
{
    double u = distance / HALF;

    return x_sin(PI * distance) / (PI * distance) * bessel_i0(kaiser_beta * sqrt(1.0 - u * u)) /
           bessel_i0(kaiser_beta);
}

static void
design(double tap[PHASES][HALF])
{
    for (int p = 1; p < PHASES; p++)
        for (int k = 0; k < HALF; k++)
            tap[p][k] = response(k + (double)p / PHASES);
    for (int p = 1; p <= PHASES / 2; p++) {
        double sum = 0.0;

        for (int k = 0; k < HALF; k++)
            sum += tap[p][k] + tap[PHASES - p][k];
        for (int k = 0; k < HALF; k++) {
            tap[p][k] /= sum;
            if (p != PHASES - p)
                tap[PHASES - p][k] /= sum;
        }
    }
}

/* Which of the groups under the filter a frame is in; 0 is the oldest. */
static int
span_group(int frame)
{
    return (frame + HALF) / GROUP;
}

/* For each lane and group the largest absolute sum, over the phases, of the taps that meet that group. */
static void
bound_sums(struct truepeak *t, double tap[PHASES][HALF])
{
    memset(t->bound, 0, sizeof t->bound);
    for (int lane = 0; lane < GROUP; lane++) {
        for (int p = 1; p < PHASES; p++) {
            double sum[TRUEPEAK_SPAN] = {0};

            for (int k = 0; k < HALF; k++) {
                sum[span_group(lane - k)] += fabs(tap[p][k]);
                sum[span_group(lane + 1 + k)] += fabs(tap[PHASES - p][k]);
            }
            for (int g = 0; g < TRUEPEAK_SPAN; g++)
                t->bound[g][lane] = fmaxf(t->bound[g][lane], (float)(sum[g] * 1.00001)); /* for rounding */
        }
    }
}

void
truepeak_prepare(struct truepeak *t)
{
    double tap[PHASES][HALF];

    memset(t, 0, sizeof *t);
    design(tap);
    bound_sums(t, tap);
    for (int k = 0; k < HALF; k++) {
        for (int p = 1; p < PHASES / 2; p++) {
            t->even[k][p - 1] = (float)(0.5 * (tap[p][k] + tap[PHASES - p][k]));
            t->odd[k][p - 1] = (float)(0.5 * (tap[p][k] - tap[PHASES - p][k]));
        }
        t->even[k][PHASES / 2 - 1] = (float)tap[PHASES / 2][k];
    }
    for (int k = 0; k < 6; k++) {
        for (int p = 0; p < 2; p++) {
            t->itu_even[k][p] = (float)(0.5 * (itu[p][6 + k] + itu[p][5 - k]));
            t->itu_odd[k][p] = (float)(0.5 * (itu[p][6 + k] - itu[p][5 - k]));
        }
    }
}

RT void
truepeak_reset(struct truepeak *t)
{
    memset(t->ring, 0, sizeof t->ring);
    memset(t->top, 0, sizeof t->top);
    t->wave_before = t->itu_before = 0.0f;
    t->at = 0;
}

INLINE float
larger(float a, float b)
{
    return a > b ? a : b; /* fmaxf minds NaN, which there is none of, and is slow for it */
}

INLINE float
clean(double x)
{
    if (fabs(x) <= largest_input)
        return (float)x;
    return x > 0.0 ? largest_input : x < 0.0 ? -largest_input : 0.0f;
}

INLINE void
take(struct truepeak *t, const double *in)
{
    float *to = t->ring + t->at, top = 0.0f;

    for (int i = 0; i < GROUP; i++) {
        to[i] = to[i + TRUEPEAK_RING] = clean(in[i]);
        top = larger(top, fabsf(to[i]));
    }
    t->top[t->at / GROUP] = t->top[t->at / GROUP + GROUPS] = top;
}

/* Can any of the eight intervals read above the floor? top: of the oldest group under the filter. */
INLINE bool
wave_matters(const struct truepeak *t, const float *top, float floor)
{
    lanes most = {0};
    masks above;
    uint64_t any[4];

    for (int g = 0; g < TRUEPEAK_SPAN; g++)
        most += LANES(t->bound[g]) * top[g];
    above = most > floor;
    memcpy(any, &above, sizeof any);
    return any[0] | any[1] | any[2] | any[3];
}

INLINE bool
itu_matters(const float *top, float floor)
{
    const float *near = top + HALF / GROUP;

    return itu_bound * larger(near[0], larger(near[-1], near[1])) > floor;
}

/* x: frame j in lane 0. In two passes, because 4 + 3 sums of 8 lanes don't fit into SSE2's registers at once. */
INLINE void
read_wave(const struct truepeak *t, const float *x, float *out)
{
    lanes e1 = {0}, e2 = {0}, e3 = {0}, e4 = {0}, o1 = {0}, o2 = {0}, o3 = {0};

    for (int k = 0; k < HALF; k++) {
        lanes s = LANES(x - k) + LANES(x + 1 + k);

        e1 += t->even[k][0] * s;
        e2 += t->even[k][1] * s;
        e3 += t->even[k][2] * s;
        e4 += t->even[k][3] * s;
    }
    for (int k = 0; k < HALF; k++) {
        lanes d = LANES(x - k) - LANES(x + 1 + k);

        o1 += t->odd[k][0] * d;
        o2 += t->odd[k][1] * d;
        o3 += t->odd[k][2] * d;
    }
    e1 = ABS(e1) + ABS(o1);
    e2 = ABS(e2) + ABS(o2);
    e3 = ABS(e3) + ABS(o3);
    e4 = ABS(e4);
    e1 = MAX(e1, e2);
    e3 = MAX(e3, e4);
    *(loose *)out = MAX(e1, e3);
}

INLINE void
read_itu(const struct truepeak *t, const float *x, float *out)
{
    lanes e0 = {0}, e1 = {0}, o0 = {0}, o1 = {0};

    for (int k = 0; k < 6; k++) {
        lanes a = LANES(x - k), b = LANES(x + 1 + k), s = a + b, d = a - b;

        e0 += t->itu_even[k][0] * s;
        e1 += t->itu_even[k][1] * s;
        o0 += t->itu_odd[k][0] * d;
        o1 += t->itu_odd[k][1] * d;
    }
    e0 = ABS(e0) + ABS(o0);
    e1 = ABS(e1) + ABS(o1);
    *(loose *)out = MAX(e0, e1);
}

/* From intervals to frames: each frame has one on either side. before: the last of the previous group. */
INLINE void
beside(const float *interval, float *before, float *frame)
{
    for (int i = 0; i < GROUP; i++) {
        frame[i] = larger(*before, interval[i]);
        *before = interval[i];
    }
}

CLONES static void
read_group(struct truepeak *t, const double *in, float wave_floor, float itu_floor,
           struct truepeak_group *out)
{
    const float *top = t->top + t->at / GROUP + GROUPS - (TRUEPEAK_SPAN - 1);
    int then = (t->at - TRUEPEAK_DELAY) & (TRUEPEAK_RING - 1);
    const float *x = t->ring + (then < HALF ? then + TRUEPEAK_RING : then);
    float wave[GROUP] = {0}, itu_read[GROUP] = {0};

    take(t, in);
    if (wave_matters(t, top, wave_floor))
        read_wave(t, x, wave);
    if (itu_matters(top, itu_floor))
        read_itu(t, x, itu_read);
    beside(wave, &t->wave_before, out->wave);
    beside(itu_read, &t->itu_before, out->itu);
    for (int i = 0; i < GROUP; i++)
        out->wave[i] = larger(out->wave[i], fabsf(x[i]));
    t->at = (t->at + GROUP) & (TRUEPEAK_RING - 1);
}

RT void
truepeak_group(struct truepeak *t, const double *in, float wave_floor, float itu_floor,
               struct truepeak_group *out)
{
    read_group(t, in, wave_floor, itu_floor, out);
}

void
truepeak_meter_prepare(struct truepeak_meter *m)
{
    memset(m, 0, sizeof *m);
    for (int c = 0; c < STEREO; c++)
        truepeak_prepare(&m->channel[c]);
}

RT void
truepeak_meter_reset(struct truepeak_meter *m)
{
    for (int c = 0; c < STEREO; c++)
        truepeak_reset(&m->channel[c]);
    truepeak_meter_clear(m);
    m->fill = 0;
}

/* The peak so far is the floor: only what would raise it is worked out. */
static void
meter_group(struct truepeak_meter *m)
{
    for (int c = 0; c < STEREO; c++) {
        struct truepeak_reading *peak = &m->peak[c];
        struct truepeak_group g;

        truepeak_group(&m->channel[c], m->group[c], (float)peak->wave, (float)peak->itu, &g);
        for (int i = 0; i < GROUP; i++) {
            peak->wave = fmax(peak->wave, g.wave[i]);
            peak->itu = fmax(peak->itu, g.itu[i]);
        }
    }
}

RT void
truepeak_meter_process(struct truepeak_meter *m, const double *const *in, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        for (int c = 0; c < STEREO; c++)
            m->group[c][m->fill] = in[c][i];
        if (++m->fill == GROUP) {
            meter_group(m);
            m->fill = 0;
        }
    }
}

RT struct truepeak_reading
truepeak_meter_read(const struct truepeak_meter *m, int channel)
{
    return m->peak[channel];
}

RT void
truepeak_meter_clear(struct truepeak_meter *m)
{
    memset(m->peak, 0, sizeof m->peak);
}
