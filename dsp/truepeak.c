/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The points between frames j and j + 1, and what each is made of:
 *
 *     middle   1/2            samples; windowed sinc, as the samples may hold anything up to rate/2
 *     first    1/4            samples and middles: at this doubled rate nothing is above a quarter of it, so
 *     third    3/4            that few taps do
 *     -        1/8 ... 7/8    samples, middles, quarters: nothing above an eighth of the rate
 *
 * Each point lies half-way between two points of the step before and takes the same from either side:
 * y = sum_k c[k] (u[i - k] + u[i + 1 + k]). For u of frequencies up to F this is right if
 * sum_k 2 c[k] cos((2k + 1) pi f) = 1 for all f <= F. The left side is cos(pi f) times a polynomial in
 * cos^2(pi f), and is made exact at the Chebyshev nodes of that: wrong by 1.3e-5 and 4e-5 at most.
 *
 * A group's middles are of frames 48 earlier, its quarters of 51 (they look 3 frames on), its eighths, and with
 * them its readings, of 52. Where a group is skipped, its points are missing; when the next one needs them they
 * are made then: never more than all would have been.
 */
#include "dsp/truepeak.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

enum {
    GROUP = TRUEPEAK_GROUP,
    HALF = TRUEPEAK_HALF,
    REACH = TRUEPEAK_REACH,
    GROUPS = TRUEPEAK_RING / GROUP,
    MIDDLE_LATE = 48, /* frames: of what middles, quarters are made when a group comes */
    QUARTER_LATE = 51,
    SUMS = 4, /* that a middle is added up in, so that an addition need not wait for the one before */
    PHASES = 8
};

/* x: a ring of pairs at a frame; of the eight frames from there on, shifted by some. */
#define AT(x, frames) (*(const lanes_loose *)((x) + STEREO * (frames)))

/* The window's side lobes (-80 dB) against its width: flat to 0.475 of the rate. */
static const double kaiser_beta = 8.0;
static const double largest_input = 1e9;

static const double itu[2][12] = {
    {0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
     0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500},
    {-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
     0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375},
};
/* Above the larger absolute tap sum (2.0231), with room for rounding. */
static const float itu_bound = 2.024f;
/* 1 and what the lines' ends are missed by, with room for rounding. */
static const float line_bound = 1.0002f, itu_line_bound = 1.002f;
/* What rounding may make of a reading, as a share of the samples under it, against the bend's taps. */
static const float rounding = 4e-6f;

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

/* Taps of a middle, on one side; they add up to 1/2. */
static void
design_half(double *tap)
{
    double sum = 0.0;

    for (int k = 0; k < HALF; k++)
        sum += tap[k] = response(k + 0.5);
    for (int k = 0; k < HALF; k++)
        tap[k] *= 0.5 / sum;
}

enum { UNKNOWNS = TRUEPEAK_QUARTER };

/* Gauss; the matrix needs no change of rows. Solution in the last column. */
static void
solve(double m[UNKNOWNS][UNKNOWNS + 1], int n)
{
    for (int p = 0; p < n; p++) {
        for (int c = n; c >= p; c--)
            m[p][c] /= m[p][p];
        for (int r = 0; r < n; r++)
            for (int c = n; r != p && c >= p; c--)
                m[r][c] -= m[r][p] * m[p][c];
    }
}

/* For what holds nothing above `most`, as a share of its rate. */
static void
design_short(double *tap, int ntaps, double most)
{
    double edge = x_cos(PI * most), m[UNKNOWNS][UNKNOWNS + 1];

    for (int i = 0; i < ntaps; i++) {
        double node = x_cos(PI * (i + 0.5) / ntaps);
        double square = 0.5 * (1.0 + edge * edge) + 0.5 * (1.0 - edge * edge) * node;
        double now = sqrt(square), before = now, twice = 2.0 * (2.0 * square - 1.0);

        /* cos(-w), then cos(w), cos(3 w), ...: each is the last one times 2 cos(2 w) less the one before. */
        for (int k = 0; k < ntaps; k++) {
            double next = twice * now - before;

            m[i][k] = 2.0 * now;
            before = now;
            now = next;
        }
        m[i][ntaps] = 1.0;
    }
    solve(m, ntaps);
    for (int k = 0; k < ntaps; k++)
        tap[k] = m[k][ntaps];
}

/* --- the bound ------------------------------------------------------------------------------------- */

/* A signal on the 8x grid: frame 0 is at [CENTRE]. */
enum { CENTRE = PHASES * (REACH + 4), FINE = 2 * CENTRE };

static void
between(double *grid, int at, int step, const double *tap, int ntaps)
{
    grid[at] = 0.0;
    for (int k = 0; k < ntaps; k++)
        grid[at] += tap[k] * (grid[at - step * (2 * k + 1)] + grid[at + step * (2 * k + 1)]);
}

/* What the seven points behind frame 0 make of a single 1 at `frame`. */
static void
points_of_one(int frame, const double *half, const double *quarter, const double *eighth,
              double point[PHASES])
{
    double grid[FINE + 1] = {0};

    grid[CENTRE + PHASES * frame] = 1.0;
    for (int j = -4; j <= 4; j++) {
        int at = CENTRE + PHASES * j + 4;

        grid[at] = frame > j - HALF && frame <= j + HALF ? half[frame > j ? frame - j - 1 : j - frame] : 0.0;
    }
    for (int j = -1; j <= 1; j++) {
        between(grid, CENTRE + PHASES * j + 2, 2, quarter, TRUEPEAK_QUARTER);
        between(grid, CENTRE + PHASES * j + 6, 2, quarter, TRUEPEAK_QUARTER);
    }
    for (int p = 1; p < PHASES; p += 2)
        between(grid, CENTRE + p, 1, eighth, TRUEPEAK_EIGHTH);
    memcpy(point, grid + CENTRE, PHASES * sizeof *point);
}

/* Which of the groups under the filters a frame is in; 0 is the oldest. Lane 0 is frame 0. */
static int
span_group(int frame)
{
    return (frame + TRUEPEAK_DELAY) / GROUP;
}

/* From taps on frames -reach..reach, [reach] is frame 0, to those on the second differences around them. What is left
   over is taken as of frames 0 and 1. */
static void
bend_taps(const double *tap, int reach, double *h)
{
    double sum = 0.0, moment = 0.0, once = 0.0;

    for (int k = -reach; k <= reach; k++) {
        sum += tap[reach + k];
        moment += k * tap[reach + k];
    }
    h[0] = 0.0;
    for (int k = -reach; k < reach; k++) {
        once += tap[reach + k] - (k == 0 ? sum - moment : k == 1 ? moment : 0.0);
        h[reach + k + 1] = h[reach + k] + once;
    }
}

/* For each lane and group the largest absolute sum, over the points, of the taps that meet that group. */
static void
design_bound(struct truepeak *t, const double *half, const double *quarter, const double *eighth)
{
    double sum[TRUEPEAK_SPAN][GROUP][PHASES] = {{{0}}};

    for (int frame = -REACH; frame <= REACH; frame++) {
        double point[PHASES];

        points_of_one(frame, half, quarter, eighth, point);
        for (int lane = 0; lane < GROUP; lane++)
            for (int p = 1; p < PHASES; p++)
                sum[span_group(lane + frame)][lane][p] += fabs(point[p]);
    }
    memset(t->bound, 0, sizeof t->bound);
    for (int g = 0; g < TRUEPEAK_SPAN; g++)
        for (int i = 0; i < LANES; i++)
            for (int p = 1; p < PHASES; p++)
                t->bound[g][i] =
                    fmaxf(t->bound[g][i], (float)(sum[g][i / STEREO][p] * 1.00001)); /* for rounding */
}

/* A second difference is found when the sample behind it comes, and counts for that one's group. */
static void
design_bend(struct truepeak *t, const double *half, const double *quarter, const double *eighth)
{
    double sum[TRUEPEAK_SPAN][GROUP][PHASES] = {{{0}}}, tap[PHASES][2 * REACH + 1], h[2 * REACH + 1];

    for (int frame = -REACH; frame <= REACH; frame++) {
        double point[PHASES];

        points_of_one(frame, half, quarter, eighth, point);
        for (int p = 1; p < PHASES; p++)
            tap[p][REACH + frame] = point[p];
    }
    for (int p = 1; p < PHASES; p++) {
        bend_taps(tap[p], REACH, h);
        for (int frame = 1 - REACH; frame < REACH; frame++)
            for (int lane = 0; lane < GROUP; lane++)
                sum[span_group(lane + frame + 1)][lane][p] += fabs(h[REACH + frame]);
    }
    memset(t->bend, 0, sizeof t->bend);
    for (int g = 0; g < TRUEPEAK_SPAN; g++)
        for (int i = 0; i < LANES; i++)
            for (int p = 1; p < PHASES; p++)
                t->bend[g][i] = fmaxf(t->bend[g][i], (float)sum[g][i / STEREO][p]);
}

/* Phases 2 and 3 mirror 1 and 0. */
static void
design_itu_bend(struct truepeak *t)
{
    enum { SIDE = 6 };

    t->itu_bend = 0.0f;
    for (int p = 0; p < 2; p++) {
        double tap[2 * SIDE + 1] = {0}, h[2 * SIDE + 1], sum = 0.0;

        for (int k = 0; k < 12; k++)
            tap[k + 1] = itu[p][k];
        bend_taps(tap, SIDE, h);
        for (int k = 0; k <= 2 * SIDE; k++)
            sum += fabs(h[k]);
        t->itu_bend = fmaxf(t->itu_bend, (float)sum);
    }
}

void
truepeak_prepare(struct truepeak *t)
{
    double half[HALF], quarter[TRUEPEAK_QUARTER], eighth[TRUEPEAK_EIGHTH];

    memset(t, 0, sizeof *t);
    design_half(half);
    design_short(quarter, TRUEPEAK_QUARTER, 0.25);
    design_short(eighth, TRUEPEAK_EIGHTH, 0.125);
    design_bound(t, half, quarter, eighth);
    design_bend(t, half, quarter, eighth);
    design_itu_bend(t);
    for (int k = 0; k < HALF; k++)
        t->half[k] = (float)half[k];
    for (int k = 0; k < TRUEPEAK_QUARTER; k++)
        t->quarter[k] = (float)quarter[k];
    for (int k = 0; k < TRUEPEAK_EIGHTH; k++)
        t->eighth[k] = (float)eighth[k];
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
    memset(t->sound, 0, sizeof t->sound);
    memset(t->top, 0, sizeof t->top);
    memset(t->curve, 0, sizeof t->curve);
    t->middles = t->quarters = 0;
    t->at = 0;
}

/* --- a group --------------------------------------------------------------------------------------- */

INLINE float
clean(double x)
{
    double low = x > -largest_input ? x : -largest_input; /* NaN, too */
    double y = low < largest_input ? low : largest_input;

    return (float)(x == x ? y : 0.0);
}

INLINE void
spread(float *lane, const float *pair)
{
    for (int i = 0; i < LANES; i++)
        lane[i] = pair[i % STEREO];
}

typedef float four __attribute__((vector_size(16), may_alias));

/* The largest of a side in all its lanes. Shuffled at 16 bytes, which every CPU does at once. */
INLINE void
largest(const float *level, float *out)
{
    _Alignas(16) float a[LANES / 2], b[LANES / 4], other[LANES / 4];

    for (int i = 0; i < LANES / 2; i++)
        a[i] = lanes_larger(level[i], level[i + LANES / 2]);
    for (int i = 0; i < LANES / 4; i++)
        b[i] = lanes_larger(a[i], a[i + LANES / 4]);
    *(four *)other = __builtin_shufflevector(*(const four *)b, *(const four *)b, 2, 3, 0, 1);
    for (int i = 0; i < LANES / 4; i++)
        b[i] = lanes_larger(b[i], other[i]);
    for (int i = 0; i < LANES; i++)
        out[i] = b[i % (LANES / 4)];
}

/* The newest group's first frame. */
INLINE const float *
now(const struct truepeak *t)
{
    return t->sound + STEREO * (t->at + TRUEPEAK_RING);
}

/* Of the group's samples but the last, and of the last one before. */
INLINE void
take_curve(struct truepeak *t, const float *top, float *out)
{
    const float *x = now(t);
    float level[LANES];
    lanes_loose difference = (AT(x, 0) - AT(x, -1)) - (AT(x, -1) - AT(x, -2));

    for (int i = 0; i < LANES; i++)
        level[i] = fabsf(difference[i]);
    largest(level, out);
    for (int i = 0; i < LANES; i++)
        out[i] += rounding * top[i];
}

INLINE void
take(struct truepeak *t, const double *const *in)
{
    float *to = t->sound + STEREO * t->at, pair[LANES], level[LANES], top[LANES], curve[LANES];
    int group = t->at / GROUP;

    for (int i = 0; i < GROUP; i++) {
        pair[STEREO * i] = clean(in[0][i]);
        pair[STEREO * i + 1] = clean(in[1][i]);
    }
    lanes_copy(to, pair);
    lanes_copy(to + STEREO * TRUEPEAK_RING, pair);
    for (int i = 0; i < LANES; i++)
        level[i] = fabsf(pair[i]);
    largest(level, top);
    lanes_copy(t->top[group], top);
    lanes_copy(t->top[group + GROUPS], top);
    take_curve(t, top, curve);
    lanes_copy(t->curve[group], curve);
    lanes_copy(t->curve[group + GROUPS], curve);
}

INLINE bool
any_above(const float *lane, const float *floor)
{
    int32_t above = 0;

    for (int i = 0; i < LANES; i++)
        above |= lane[i] > floor[i];
    return above;
}

/* What the groups under the filters allow; of: tops or curves of the oldest group on. */
INLINE void
allowed(const float (*bound)[LANES], const float (*of)[LANES], float *most)
{
    lanes even = {0}, odd = {0};

    for (int g = 0; g < TRUEPEAK_SPAN; g += 2) {
        even += AT(bound[g], 0) * AT(of[g], 0);
        odd += AT(bound[g + 1], 0) * AT(of[g + 1], 0);
    }
    *(lanes_loose *)most = even + odd;
}

/* Can any of the eight intervals read above the floor? */
INLINE bool
wave_matters(const struct truepeak *t, int oldest, const float *floor)
{
    const int middle = oldest + TRUEPEAK_SPAN / 2;
    const float *x = now(t) - STEREO * TRUEPEAK_DELAY;
    float most[LANES];

    if (t->top[middle][0] > floor[0] || t->top[middle][1] > floor[1]) /* a sample is */
        return true;
    allowed(t->bend, t->curve + oldest, most);
    for (int i = 0; i < LANES; i++)
        most[i] += line_bound * lanes_larger(fabsf(x[i]), fabsf(x[i + STEREO]));
    if (!any_above(most, floor))
        return false;
    allowed(t->bound, t->top + oldest, most);
    return any_above(most, floor);
}

INLINE float
largest_near(const float (*of)[LANES], int first, int last, int c)
{
    float most = of[first][c];

    for (int g = first + 1; g <= last; g++)
        most = lanes_larger(most, of[g][c]);
    return most;
}

INLINE bool
itu_matters(const struct truepeak *t, int oldest, const float *floor)
{
    const int middle = oldest + TRUEPEAK_SPAN / 2;
    bool any = false;

    for (int c = 0; c < STEREO; c++) {
        float near = largest_near(t->top, middle - 1, middle, c);
        float all = lanes_larger(near, lanes_larger(t->top[middle - 2][c], t->top[middle + 1][c]));
        float curve = largest_near(t->curve, middle - 2, middle + 1, c);

        any |= itu_bound * all > floor[c] && itu_line_bound * near + t->itu_bend * curve > floor[c];
    }
    return any;
}

/* Where a group's points go and are: the group that came `back` groups ago. */
INLINE int
near_slot(const struct truepeak *t, int back)
{
    return (t->at - GROUP * back) & (TRUEPEAK_NEAR - 1);
}

INLINE void
near_put(float *ring, int slot, const float *points)
{
    lanes_copy(ring + STEREO * slot, points);
    lanes_copy(ring + STEREO * (slot + TRUEPEAK_NEAR), points);
}

INLINE void
make_middles(struct truepeak *t, int back)
{
    const float *x = now(t) - STEREO * (MIDDLE_LATE + GROUP * back);
    lanes sum[SUMS] = {{0}};
    float points[LANES];

    for (int k = 0; k < HALF; k += SUMS)
        for (int i = 0; i < SUMS; i++)
            sum[i] += t->half[k + i] * (AT(x, -(k + i)) + AT(x, 1 + k + i));
    *(lanes_loose *)points = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    near_put(t->middle, near_slot(t, back), points);
}

/* Three pairs, from either side: what is nearest first. */
INLINE float
short_sum(const float *c, float a0, float b0, float a1, float b1, float a2, float b2)
{
    return c[0] * (a0 + b0) + c[1] * (a1 + b1) + c[2] * (a2 + b2);
}

INLINE void
make_quarters(struct truepeak *t, int back)
{
    const int slot = near_slot(t, 0) + TRUEPEAK_NEAR - GROUP * back;
    const float *x = now(t) - STEREO * (QUARTER_LATE + GROUP * back);
    const float *m = t->middle + STEREO * (slot - (QUARTER_LATE - MIDDLE_LATE)), *near = t->quarter,
                *far = near + 3;
    float first[LANES], third[LANES];

    for (int i = 0; i < LANES; i++) {
        const float *a = x + i, *b = m + i;

        first[i] = short_sum(near, a[0], b[0], b[-2], a[2], a[-2], b[2]) +
                   short_sum(far, b[-4], a[4], a[-4], b[4], b[-6], a[6]);
        third[i] = short_sum(near, b[0], a[2], a[0], b[2], b[-2], a[4]) +
                   short_sum(far, a[-2], b[4], b[-4], a[6], a[-4], b[6]);
    }
    near_put(t->first, near_slot(t, back), first);
    near_put(t->third, near_slot(t, back), third);
}

INLINE void
read_wave(const struct truepeak *t, float *out)
{
    const int slot = near_slot(t, 0) + TRUEPEAK_NEAR;
    const float *x = now(t) - STEREO * TRUEPEAK_DELAY, *c = t->eighth;
    const float *m = t->middle + STEREO * (slot - (TRUEPEAK_DELAY - MIDDLE_LATE));
    const float *q = t->first + STEREO * (slot - (TRUEPEAK_DELAY - QUARTER_LATE));
    const float *r = t->third + STEREO * (slot - (TRUEPEAK_DELAY - QUARTER_LATE));

    for (int i = 0; i < LANES; i++) {
        float y1 = short_sum(c, x[i], q[i], r[i - 2], m[i], m[i - 2], r[i]);
        float y3 = short_sum(c, q[i], m[i], x[i], r[i], r[i - 2], x[i + 2]);
        float y5 = short_sum(c, m[i], r[i], q[i], x[i + 2], x[i], q[i + 2]);
        float y7 = short_sum(c, r[i], x[i + 2], m[i], q[i + 2], q[i], m[i + 2]);
        float a = lanes_larger(fabsf(x[i]), fabsf(m[i])), b = lanes_larger(fabsf(q[i]), fabsf(r[i]));
        float d = lanes_larger(fabsf(y1), fabsf(y3)), e = lanes_larger(fabsf(y5), fabsf(y7));

        a = lanes_larger(a, b);
        d = lanes_larger(d, e);
        out[i] = lanes_larger(a, d);
    }
}

/* With even and odd parts of the taps, so that phases 3 and 2, which mirror 0 and 1, come with them. */
INLINE void
read_itu(const struct truepeak *t, float *out)
{
    const float *x = now(t) - STEREO * TRUEPEAK_DELAY;

    for (int i = 0; i < LANES; i++) {
        float e0 = 0.0f, e1 = 0.0f, o0 = 0.0f, o1 = 0.0f;

        for (int k = 0; k < 6; k++) {
            float a = x[i - STEREO * k], b = x[i + STEREO * (1 + k)], s = a + b, d = a - b;

            e0 += t->itu_even[k][0] * s;
            e1 += t->itu_even[k][1] * s;
            o0 += t->itu_odd[k][0] * d;
            o1 += t->itu_odd[k][1] * d;
        }
        e0 = fabsf(e0) + fabsf(o0);
        e1 = fabsf(e1) + fabsf(o1);
        out[i] = lanes_larger(e0, e1);
    }
}

/* The points that this group's readings are made of, as far as the groups before did not leave them. */
INLINE void
make_points(struct truepeak *t)
{
    for (int back = 2; back >= 0; back--)
        if (back == 0 || back > t->middles)
            make_middles(t, back);
    for (int back = 1; back >= 0; back--)
        if (back == 0 || back > t->quarters)
            make_quarters(t, back);
}

CLONES static void
read_group(struct truepeak *t, const double *const *in, const struct truepeak_floor *floor,
           struct truepeak_group *out)
{
    const int oldest = t->at / GROUP + GROUPS - (TRUEPEAK_SPAN - 1);
    float wave_floor[LANES];

    spread(wave_floor, floor->wave);
    take(t, in);
    if (wave_matters(t, oldest, wave_floor)) {
        make_points(t);
        read_wave(t, out->wave);
        t->middles = 2;
        t->quarters = 1;
    } else {
        for (int i = 0; i < LANES; i++)
            out->wave[i] = fabsf(now(t)[i - STEREO * TRUEPEAK_DELAY]);
        t->middles = t->quarters = 0;
    }
    if (itu_matters(t, oldest, floor->itu))
        read_itu(t, out->itu);
    else
        memset(out->itu, 0, sizeof out->itu);
    t->at = (t->at + GROUP) & (TRUEPEAK_RING - 1);
}

RT void
truepeak_group(struct truepeak *t, const double *const *in, const struct truepeak_floor *floor,
               struct truepeak_group *out)
{
    read_group(t, in, floor, out);
}

/* --- the meter ------------------------------------------------------------------------------------- */

void
truepeak_meter_prepare(struct truepeak_meter *m)
{
    memset(m, 0, sizeof *m);
    truepeak_prepare(&m->detector);
}

RT void
truepeak_meter_reset(struct truepeak_meter *m)
{
    truepeak_reset(&m->detector);
    truepeak_meter_clear(m);
    m->fill = 0;
}

/* By halves: lane after lane would take longer than all the rest of a group that is skipped. */
static void
raise_to(float *most, const float *lane)
{
    float a[LANES / 2], b[LANES / 4];

    for (int i = 0; i < LANES / 2; i++)
        a[i] = lanes_larger(lane[i], lane[i + LANES / 2]);
    for (int i = 0; i < LANES / 4; i++)
        b[i] = lanes_larger(a[i], a[i + LANES / 4]);
    for (int c = 0; c < STEREO; c++)
        most[c] = lanes_larger(most[c], lanes_larger(b[c], b[c + STEREO]));
}

/* The peak so far is the floor: only what would raise it is worked out. */
static void
meter_group(struct truepeak_meter *m, const double *const *in)
{
    struct truepeak_group g;

    truepeak_group(&m->detector, in, &m->recent, &g);
    raise_to(m->recent.wave, g.wave);
    raise_to(m->recent.itu, g.itu);
}

RT void
truepeak_meter_process(struct truepeak_meter *m, const double *const *in, int nframes)
{
    const double *const filled[STEREO] = {m->group[0], m->group[1]};

    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < GROUP - m->fill ? nframes - done : GROUP - m->fill;
        if (n == GROUP) {
            meter_group(m, (const double *const[]){in[0] + done, in[1] + done});
            continue;
        }
        for (int c = 0; c < STEREO; c++)
            memcpy(m->group[c] + m->fill, in[c] + done, sizeof(double) * (size_t)n);
        m->fill = (m->fill + n) % GROUP;
        if (m->fill == 0)
            meter_group(m, filled);
    }
}

RT struct truepeak_reading
truepeak_meter_read(const struct truepeak_meter *m, int channel)
{
    struct truepeak_reading r = m->past[channel];

    r.wave = m->recent.wave[channel] > r.wave ? m->recent.wave[channel] : r.wave;
    r.itu = m->recent.itu[channel] > r.itu ? m->recent.itu[channel] : r.itu;
    return r;
}

RT void
truepeak_meter_clear(struct truepeak_meter *m)
{
    memset(&m->recent, 0, sizeof m->recent);
    memset(m->past, 0, sizeof m->past);
}

RT struct truepeak_reading
truepeak_meter_recent(const struct truepeak_meter *m, int channel)
{
    return (struct truepeak_reading){m->recent.wave[channel], m->recent.itu[channel]};
}

RT struct truepeak_reading
truepeak_meter_take(struct truepeak_meter *m, int channel)
{
    struct truepeak_reading r = truepeak_meter_recent(m, channel);

    m->past[channel] = truepeak_meter_read(m, channel);
    m->recent.wave[channel] = m->recent.itu[channel] = 0.0f;
    return r;
}
