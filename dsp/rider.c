/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Step by step over a whole piece, because only mean square and detector depend on the frame before; logarithms
 * stand side by side. Where both channels get the larger one's gain they become one as early as can be: at once
 * where only peaks or only mean squares count.
 */
#include "dsp/rider.h"

#include "dsp/clones.h"
#include "dsp/decibel.h"

#include <limits.h>
#include <string.h>

enum { PIECE = RIDER_PIECE, PAST = RIDER_PAST, LANES = 8 };

size_t
rider_size(int lookahead_max)
{
    return hold_size(lookahead_max + 1);
}

double *
rider_place(struct rider *r, double *memory, int lookahead_max)
{
    *r = (struct rider){0};
    return hold_place(&r->hold, memory, lookahead_max + 1);
}

RT bool
rider_way_same(const struct rider_way *a, const struct rider_way *b)
{
    _Static_assert(sizeof *a == 12 * sizeof(double) + 4 * sizeof(int), "no padding: bytes can be compared");
    return memcmp(a, b, sizeof *a) == 0;
}

RT int
rider_rows(const struct rider *r)
{
    return r->way.channels == CHANNELS_STEREO && r->way.link < 1.0 ? 2 : 1;
}

static void
take_way(struct rider *r, const struct rider_way *way)
{
    double foot_db = way->mode == RIDER_UP ? RIDER_FLOOR_DBFS : way->curve.foot_db;
    double foot = db_to_gain(foot_db - 1e-6); /* below it whatever the logarithm's last bits say */

    r->way = *way;
    r->foot_power = foot * foot;
    r->quiet = way->lookahead + 1;
    hold_start(&r->hold, way->lookahead + 1);
}

/* known: how many squares the means are of; very many, and it is silence that they are of. */
static void
forget_squares(struct rider *r, int known)
{
    memset(r->square, 0, sizeof r->square);
    memset(r->mean, 0, sizeof r->mean);
    r->squares = known;
}

RT void
rider_reset(struct rider *r, const struct rider_way *way)
{
    take_way(r, way);
    r->detectors = (struct dynamics_detectors){0};
    forget_squares(r, INT_MAX);
}

static dynamics_pair
both_largest(dynamics_pair p)
{
    return dynamics_larger(p, (dynamics_pair){p[1], p[0]});
}

/* Another mode's detector speaks of something else: upwards begins with a level that nothing comes of. */
RT void
rider_follow(struct rider *r, const struct rider_way *way, const struct rider *from)
{
    double start = way->mode == RIDER_UP ? -RIDER_FLOOR_DBFS : 0.0;
    struct dynamics_detectors *d = &r->detectors;

    take_way(r, way);
    *d = from->detectors;
    if (way->mode != from->way.mode)
        *d = (struct dynamics_detectors){{start, start}, {start, start}, {start, start}};
    if (!way->auto_release)
        d->slow = (dynamics_pair){0};
    if (rider_rows(r) == 1)
        *d = (struct dynamics_detectors){both_largest(d->held), both_largest(d->slow), both_largest(d->out)};
    if (way->channels == from->way.channels && from->way.rms > 0.0) {
        memcpy(r->square, from->square, sizeof r->square);
        memcpy(r->mean, from->mean, sizeof r->mean);
        r->squares = from->squares;
    } else {
        forget_squares(r, 0);
    }
}

/* --- level ----------------------------------------------------------------------------------------- */

/* The ends of ranges, hidden: of x > 0.0 ? x : 0.0 gcc makes a maximum only if it doesn't know the constant. */
struct limits {
    double zero, loudest;
};

INLINE struct limits
limits(void)
{
    struct limits l = {0.0, 1e12}; /* power, +120 dBFS: so that no burst lasts for ever */

    __asm__("" : "+m"(l));
    return l;
}

/* NaN is nothing. */
INLINE double
power_of(double x, struct limits l)
{
    double p = x * x, loud = p > l.zero ? p : l.zero;

    return loud < l.loudest ? loud : l.loudest;
}

/* Squares of what is worked on; returns how many channels that is. */
INLINE int
squares(int channels, const double *const *key, double (*p)[PIECE], int n)
{
    const double *restrict a = key[0], *restrict b = key[1];
    const struct limits l = limits();

    switch (channels) {
    case CHANNELS_MID:
        for (int i = 0; i < n; i++)
            p[0][i] = power_of(0.5 * (a[i] + b[i]), l);
        return 1;
    case CHANNELS_SIDE:
        for (int i = 0; i < n; i++)
            p[0][i] = power_of(0.5 * (a[i] - b[i]), l);
        return 1;
    case CHANNELS_LEFT:
    case CHANNELS_RIGHT:
        a = channels == CHANNELS_LEFT ? a : b;
        for (int i = 0; i < n; i++)
            p[0][i] = power_of(a[i], l);
        return 1;
    default:
        for (int i = 0; i < n; i++)
            p[0][i] = power_of(a[i], l);
        for (int i = 0; i < n; i++)
            p[1][i] = power_of(b[i], l);
        return 2;
    }
}

typedef double four __attribute__((vector_size(32), aligned(8), may_alias));

/* y[i] += a4 y[i - 4] from y[4] on, n of them: four ways side by side, in a register where there are four to do. */
INLINE void
decay(double a4, double *y, int n)
{
    four last = *(four *)y;
    int i = 0;

    for (; i + PAST <= n; i += PAST) {
        last = a4 * last + *(four *)(y + PAST + i);
        *(four *)(y + PAST + i) = last;
    }
    for (; i < n; i++)
        y[PAST + i] = a4 * y[i] + y[PAST + i];
}

/*
 * y[n] = a y[n-1] + b x[n], b = 1 - a, four frames at a time: y[n] = a^4 y[n-4] + b (x[n] + a x[n-1] + a^2 x[n-2] + a^3
 * x[n-3]). Where y takes up in mid-sound it is the mean of all that has come since, so that it is worth something from
 * the first period on.
 */
INLINE void
mean_square(struct rider *r, int k, const double *restrict p, double *restrict m, int n)
{
    double b = r->way.rms_step, a = 1.0 - b, ba = b * a, baa = ba * a, baaa = baa * a, a4 = a * a * (a * a);
    _Alignas(64) double x[PAST + PIECE], y[PAST + PIECE];
    int first = 0, count = r->squares;

    memcpy(x, r->square[k], sizeof r->square[k]);
    memcpy(y, r->mean[k], sizeof r->mean[k]);
    for (int i = 0; i < n; i++)
        x[PAST + i] = p[i];
    for (; first < n && count * b < 1.0; first++)
        y[PAST + first] = y[PAST + first - 1] + (p[first] - y[PAST + first - 1]) / ++count;
    for (int i = first; i < n; i++)
        y[PAST + i] = (b * x[i + 4] + ba * x[i + 3]) + (baa * x[i + 2] + baaa * x[i + 1]);
    decay(a4, y + first, n - first);
    for (int i = 0; i < n; i++)
        m[i] = y[PAST + i];
    memcpy(r->square[k], x + n, sizeof r->square[k]);
    memcpy(r->mean[k], y + n, sizeof r->mean[k]);
}

INLINE void
mean_squares(struct rider *r, double (*p)[PIECE], double (*m)[PIECE], int channels, int n)
{
    for (int k = 0; k < channels; k++)
        mean_square(r, k, p[k], m[k], n);
    if (r->squares * r->way.rms_step < 1.0)
        r->squares += n;
}

INLINE double
largest(const double *v, int n)
{
    double lane[LANES] = {0}, most = 0.0;
    int i = 0;

    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] = v[i + k] > lane[k] ? v[i + k] : lane[k];
    for (; i < n; i++)
        lane[0] = v[i] > lane[0] ? v[i] : lane[0];
    for (int k = 0; k < LANES; k++)
        most = lane[k] > most ? lane[k] : most;
    return most;
}

INLINE void
larger(double *restrict a, const double *restrict b, int n)
{
    for (int i = 0; i < n; i++)
        a[i] = a[i] > b[i] ? a[i] : b[i];
}

INLINE void
levels(double *restrict v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = decibel_of_power(v[i]);
}

INLINE void
blended_levels(double *restrict v, const double *restrict square, double rms, int n)
{
    for (int i = 0; i < n; i++) {
        double peak_db, rms_db;

        decibel_of_powers(v[i], square[i], &peak_db, &rms_db);
        v[i] = peak_db + rms * (rms_db - peak_db);
    }
}

/* --- what the detector works on -------------------------------------------------------------------- */

INLINE void
bend(const struct rider_way *w, double *restrict v, int n)
{
    const double zero = limits().zero, range = w->range_db;

    if (w->mode == RIDER_UP) {
        for (int i = 0; i < n; i++)
            v[i] = v[i] - RIDER_FLOOR_DBFS > zero ? v[i] - RIDER_FLOOR_DBFS : zero;
        return;
    }
    for (int i = 0; i < n; i++) {
        double db = dynamics_bent(&w->curve, v[i], zero);

        v[i] = db < range ? db : range;
    }
}

INLINE void
link_channels(double link, double *restrict a, double *restrict b, int n)
{
    for (int i = 0; i < n; i++) {
        double most = a[i] > b[i] ? a[i] : b[i];

        a[i] = link * most + (1.0 - link) * a[i];
        b[i] = link * most + (1.0 - link) * b[i];
    }
}

INLINE void
detect(struct rider *r, double (*v)[PIECE], int rows, int n, bool auto_release)
{
    struct dynamics_detectors d = r->detectors;
    struct dynamics_pace pace = r->way.pace;
    double *a = v[0], *b = v[rows - 1];

    for (int i = 0; i < n; i++) {
        dynamics_pair out = dynamics_detectors_next(&d, (dynamics_pair){a[i], b[i]}, &pace, auto_release);

        a[i] = out[0];
        b[i] = out[1]; /* of one row both are the same */
    }
    r->detectors = d;
}

/* From the level above the floor to a reduction that raises. */
INLINE void
raise_levels(const struct rider_way *w, double *restrict v, int n)
{
    for (int i = 0; i < n; i++) {
        double db = dynamics_reduction_db(&w->curve, -(RIDER_FLOOR_DBFS + v[i]));

        db = db < w->range_db ? db : w->range_db;
        v[i] = -(db < v[i] ? db : v[i]);
    }
}

INLINE double
largest_raise(double *restrict v, int n)
{
    double up[PIECE];

    for (int i = 0; i < n; i++)
        up[i] = -v[i];
    return largest(up, n);
}

/* Squares, mean squares or both to the levels of one or two rows, as many as rider_rows says. */
INLINE void
row_levels(const struct rider *r, double (*v)[PIECE], double (*m)[PIECE], int channels, int n)
{
    bool both = r->way.rms > 0.0 && r->way.rms < 1.0;
    int rows = rider_rows(r);

    if (!both && channels > rows) {
        larger(v[0], v[1], n);
        channels = 1;
    }
    for (int k = 0; k < channels; k++)
        if (both)
            blended_levels(v[k], m[k], r->way.rms, n);
        else
            levels(v[k], n);
    if (channels > rows)
        larger(v[0], v[1], n);
}

INLINE bool
under_foot(const struct rider *r, double (*v)[PIECE], int channels, int n)
{
    double most = largest(v[0], n);

    if (channels > 1)
        most = most > largest(v[1], n) ? most : largest(v[1], n);
    return most < r->foot_power;
}

/* Has nothing come for so long, and does nothing come now? Then the long way ends in zeros. */
INLINE bool
asleep(struct rider *r, double (*v)[PIECE], double (*m)[PIECE], int channels, int n)
{
    bool both = r->way.rms > 0.0 && r->way.rms < 1.0;

    if (!dynamics_detectors_idle(&r->detectors) || r->quiet <= r->way.lookahead)
        return false;
    return under_foot(r, v, channels, n) && (!both || under_foot(r, m, channels, n));
}

/* Frames of zeros need not be written into what is held: forgetting is the same. */
INLINE void
hold_rows(struct rider *r, double (*v)[PIECE], int rows, int n)
{
    bool any = largest(v[0], n) > 0.0 || (rows > 1 && largest(v[1], n) > 0.0);

    r->quiet = any ? 0 : r->quiet + (r->quiet <= r->way.lookahead ? n : 0);
    hold_process(&r->hold, v, rows, n);
}

INLINE double
finish(struct rider *r, double (*v)[PIECE], int rows, int n)
{
    double most = 0.0;

    for (int k = 0; k < rows; k++) {
        double here;

        if (r->way.mode == RIDER_UP)
            raise_levels(&r->way, v[k], n);
        here = r->way.mode == RIDER_UP ? largest_raise(v[k], n) : largest(v[k], n);
        most = here > most ? here : most;
    }
    return most;
}

CLONES static double
ride(struct rider *r, const double *const *key, double (*v)[PIECE], int n)
{
    _Alignas(64) double m[STEREO][PIECE];
    int rows = rider_rows(r), channels = squares(r->way.channels, key, v, n);

    if (r->way.rms > 0.0)
        mean_squares(r, v, m, channels, n);
    if (r->way.rms == 1.0)
        memcpy(v, m, sizeof m);
    if (asleep(r, v, m, channels, n)) {
        memset(v, 0, sizeof m);
        hold_start(&r->hold, r->way.lookahead + 1);
        return 0.0;
    }
    row_levels(r, v, m, channels, n);
    for (int k = 0; k < rows; k++)
        bend(&r->way, v[k], n);
    if (rows == 2 && r->way.link > 0.0)
        link_channels(r->way.link, v[0], v[1], n);
    if (r->way.lookahead)
        hold_rows(r, v, rows, n);
    if (r->way.auto_release)
        detect(r, v, rows, n, true);
    else
        detect(r, v, rows, n, false);
    return finish(r, v, rows, n);
}

RT double
rider_process(struct rider *r, const double *const *key, double (*db)[RIDER_PIECE], int nframes)
{
    return nframes > 0 ? ride(r, key, db, nframes) : 0.0;
}

RT void
rider_tidy(struct rider *r)
{
    dynamics_detectors_settle(&r->detectors);
    for (int k = 0; k < STEREO; k++)
        for (int i = 0; i < PAST; i++)
            if (r->mean[k][i] < 1e-100)
                r->mean[k][i] = 0.0;
}
