/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One state-variable filter does both: its bandpass k v1 and its highpass are what the detector hears, and what is
 * taken away is made of them:
 *
 *   bell    y = x + (g - 1) band
 *   shelf   y = x + (g - 1) high + (sqrt g - 1) band
 *
 * The powers are smooth over 3 ms, so that their ratio need not be looked at more often than every fourth frame (of the
 * absolute grid): there logarithm, curve, detector and exponential give the gain at the end of the next four, which
 * goes there in a straight line.
 *
 * The work is in pieces of at most DEESS_CHUNK frames, step by step over a whole piece. Where no band reaches the
 * knee's foot and no reduction is left, all after the powers is left out: it would give 0.
 */
#include "dsp/deess.h"

#include "dsp/clones.h"
#include "dsp/decibel.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

static const double glide_ms = 20.0, power_ms = 1.5; /* twice */
static const double slow_ms =
    60.0; /* what the detector hears of: a share may sweep over the knee meanwhile */
static const double knee_db = 6.0, root2 = 1.41421356237309504880;
static const double top = 0.45;       /* of the rate: the filter is no higher */
static const double no_power = 1e-30; /* -300 dBFS: so that silence has a ratio */

typedef double pair __attribute__((vector_size(16)));

enum { GROUP = 4, GROUPS = DEESS_CHUNK / GROUP };

/* Of a piece. */
struct piece {
    int first, looks; /* frames into its first group; groups that end in it */
    double band[STEREO][DEESS_CHUNK], high[STEREO][DEESS_CHUNK]; /* of each lane */
    double whole[DEESS_CHUNK], power[DEESS_CHUNK];               /* mean powers: of all, of the band */
    double shelf[DEESS_CHUNK], in[DEESS_CHUNK];
    double ratio[GROUPS], threshold_db[GROUPS], range_db[GROUPS], reduction_db[GROUPS];
    double root[GROUPS + 2]; /* sqrt g - 1 at the ends of groups, from the one before its first group */
    double line[DEESS_CHUNK + 2 * GROUP]; /* the same of each frame, from the first group's first on */
    double share[STEREO][DEESS_CHUNK];    /* how much of band and high is added: below 0 */
    double added[STEREO][DEESS_CHUNK];    /* to each lane */
};

/* --- settings -------------------------------------------------------------------------------------- */

static void
tune(struct deess *d, double octaves, double k)
{
    double g = x_tan(PI * fmin(x_exp2(octaves) / d->rate_hz, top)), twice = 2.0 / (1.0 + g * (g + k));

    d->filter.c = twice - 1.0;
    d->filter.d = g * twice;
    d->filter.e = g * (g * twice);
    d->filter.k = k;
}

static void
forget(struct deess *d)
{
    memset(d->filter.i1, 0, sizeof d->filter.i1);
    memset(d->filter.i2, 0, sizeof d->filter.i2);
    memset(d->filter.first, 0, sizeof d->filter.first);
    memset(d->filter.mean, 0, sizeof d->filter.mean);
    d->detector = (struct dynamics_detector){0};
    d->root[0] = d->root[1] = 0.0;
}

static void
settle(struct deess *d)
{
    struct smooth *all[] = {&d->octaves, &d->k, &d->shelf, &d->threshold_db, &d->range_db, &d->removed};

    for (size_t i = 0; i < LEN(all); i++)
        smooth_jump(all[i], all[i]->target);
    tune(d, d->octaves.target, d->k.target);
    d->channels = d->channels_wanted;
    fade_jump(&d->in, true);
}

enum status
deess_prepare(struct deess *d, double rate_hz)
{
    *d = (struct deess){.rate_hz = rate_hz, .fresh = true};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    d->filter.step = dynamics_step(power_ms, rate_hz);
    smooth_prepare(&d->octaves, rate_hz, slow_ms, 1e-7);
    smooth_prepare(&d->k, rate_hz, slow_ms, 1e-8);
    smooth_prepare(&d->shelf, rate_hz, slow_ms, 1e-8);
    smooth_prepare(&d->threshold_db, rate_hz / GROUP, slow_ms, 1e-6);
    smooth_prepare(&d->range_db, rate_hz / GROUP, glide_ms, 1e-6);
    smooth_prepare(&d->removed, rate_hz, glide_ms, 1e-6);
    fade_prepare(&d->in, rate_hz, glide_ms);
    deess_set(d, &(struct deess_settings){.freq_hz = 6500.0, .q = 1.0, .attack_ms = 1.0, .release_ms = 50.0});
    deess_reset(d);
    return OK;
}

void
deess_free(struct deess *d)
{
    *d = (struct deess){0};
}

RT void
deess_reset(struct deess *d)
{
    settle(d);
    forget(d);
    d->most_db = 0.0;
    d->phase = 0;
    d->fresh = true;
}

RT void
deess_set(struct deess *d, const struct deess_settings *s)
{
    bool shelf = s->shape == DEESS_SHELF;

    smooth_to(&d->octaves, x_log2(s->freq_hz));
    smooth_to(&d->k, shelf ? root2 : 1.0 / s->q);
    smooth_to(&d->shelf, shelf ? 1.0 : 0.0);
    smooth_to(&d->threshold_db, s->threshold_db);
    smooth_to(&d->range_db, s->range_db);
    if (s->listen != DEESS_LISTEN_OFF) /* else a listener who leaves hears the last one out */
        smooth_to(&d->removed, s->listen == DEESS_LISTEN_REMOVED ? 1.0 : 0.0);
    d->attack = dynamics_step(s->attack_ms, d->rate_hz / GROUP);
    d->release = dynamics_step(s->release_ms, d->rate_hz / GROUP);
    d->channels_wanted = s->channels;
    if (d->fresh)
        settle(d);
    d->fresh = false;
    fade_to(&d->in, d->channels == d->channels_wanted);
}

RT void
deess_listen(struct deess *d, double *const *heard)
{
    d->heard[0] = heard ? heard[0] : NULL;
    d->heard[1] = heard ? heard[1] : NULL;
}

/* A glide's next n values. */
CLONES static void
fill(double *restrict v, double value, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = value;
}

static void
glide(struct smooth *s, double *v, int n)
{
    if (!s->moving) {
        fill(v, s->target, n);
        return;
    }
    for (int i = 0; i < n; i++)
        v[i] = smooth_next(s);
}

static void
fade_out_and_in(struct fade *f, double *v, int n)
{
    if (!fade_moving(f)) {
        fill(v, fade_value(f), n);
        return;
    }
    for (int i = 0; i < n; i++)
        v[i] = fade_next(f);
}

RT bool
deess_is_listened(const struct deess_settings *s)
{
    return s->listen != DEESS_LISTEN_OFF;
}

/* --- filter and powers ----------------------------------------------------------------------------- */

/* How much of each lane's power counts. */
static pair
weights(int channels)
{
    bool first = channels != CHANNELS_SIDE && channels != CHANNELS_RIGHT;
    bool second = channels != CHANNELS_MID && channels != CHANNELS_LEFT;

    return (pair){first ? 1.0 : 0.0, second ? 1.0 : 0.0};
}

INLINE void
filter(struct deess_filter *restrict filter, const double *restrict left, const double *restrict right,
       struct piece *restrict p, double shelf, pair weight, int n, bool mid_side)
{
    struct deess_filter f = *filter; /* in registers */
    pair i1 = {f.i1[0], f.i1[1]}, i2 = {f.i2[0], f.i2[1]}, first = {f.first[0], f.first[1]};
    pair mean = {f.mean[0], f.mean[1]};
    double half_k = 0.5 * f.k, step = f.step, keep = 1.0 - f.step;

    for (int i = 0; i < n; i++) {
        pair x = {left[i], right[i]}, v3, n1, n2, band, high, heard;

        if (mid_side)
            x = (pair){0.5 * (left[i] + right[i]), 0.5 * (left[i] - right[i])};
        v3 = x - i2;
        n1 = f.c * i1 + f.d * v3;
        n2 = (i2 + f.d * i1) + f.e * v3;
        band = half_k * (i1 + n1);
        high = (x - band) - 0.5 * (i2 + n2);
        i1 = n1;
        i2 = n2;
        heard = (1.0 - shelf) * band + shelf * high;
        heard = weight * (heard * heard);
        x = weight * (x * x);
        first = keep * first + step * ((pair){x[0], heard[0]} + (pair){x[1], heard[1]});
        mean = keep * mean + step * first;
        p->whole[i] = mean[0];
        p->power[i] = mean[1];
        for (int c = 0; c < STEREO; c++) {
            p->band[c][i] = band[c];
            p->high[c][i] = high[c];
        }
    }
    for (int c = 0; c < STEREO; c++) {
        filter->i1[c] = i1[c];
        filter->i2[c] = i2[c];
        filter->first[c] = first[c];
        filter->mean[c] = mean[c];
    }
}

CLONES static void
filter_sides(struct deess *d, const double *left, const double *right, struct piece *p, int n)
{
    filter(&d->filter, left, right, p, d->shelf.target, weights(d->channels), n, false);
}

CLONES static void
filter_mid_side(struct deess *d, const double *left, const double *right, struct piece *p, int n)
{
    filter(&d->filter, left, right, p, d->shelf.target, weights(d->channels), n, true);
}

static void
filter_moving(struct deess *d, const double *left, const double *right, struct piece *p, int n)
{
    pair weight = weights(d->channels);
    struct piece one;

    for (int i = 0; i < n; i++) {
        double octaves = smooth_next(&d->octaves);

        tune(d, octaves, smooth_next(&d->k));
        filter(&d->filter, left + i, right + i, &one, p->shelf[i], weight, 1,
               channels_are_mid_side(d->channels));
        for (int c = 0; c < STEREO; c++) {
            p->band[c][i] = one.band[c][0];
            p->high[c][i] = one.high[c][0];
        }
        p->whole[i] = one.whole[0];
        p->power[i] = one.power[0];
    }
}

static void
filter_piece(struct deess *d, double *const *io, struct piece *p, int n)
{
    bool moving = d->octaves.moving || d->k.moving || d->shelf.moving;

    glide(&d->shelf, p->shelf, n);
    if (moving)
        filter_moving(d, io[0], io[1], p, n);
    else if (channels_are_mid_side(d->channels))
        filter_mid_side(d, io[0], io[1], p, n);
    else
        filter_sides(d, io[0], io[1], p, n);
}

/* --- reduction ------------------------------------------------------------------------------------- */

/* The frames that are looked at are the last ones of their groups. */
static void
look(struct deess *d, struct piece *p, int n)
{
    p->first = d->phase % GROUP;
    p->looks = (p->first + n) / GROUP;
    for (int k = 0, i = GROUP - 1 - p->first; k < p->looks; k++, i += GROUP)
        p->ratio[k] = p->power[i] / (p->whole[i] + no_power);
    glide(&d->threshold_db, p->threshold_db, p->looks);
    glide(&d->range_db, p->range_db, p->looks);
}

/* Nothing is reduced, and no band reaches the knee's foot, whatever the logarithm's last bit says? */
static bool
is_idle(const struct deess *d, const struct piece *p, bool moving)
{
    double foot = db_to_gain(2.0 * (d->threshold_db.target - 0.5 * knee_db - 1e-9));
    int over = moving || fade_moving(&d->in) || d->root[0] != 0.0 || d->root[1] != 0.0 ||
               !dynamics_detector_idle(&d->detector);

    for (int k = 0; k < p->looks; k++)
        over |= !(p->ratio[k] < foot);
    return !over;
}

/* Each dB over the threshold, with the knee; each dB over the range's end not, with the same one. */
CLONES static void
due(struct piece *p, const struct dynamics_curve *curve, int n)
{
    for (int k = 0; k < n; k++) {
        double over = 0.5 * p->ratio[k] - p->threshold_db[k];

        p->reduction_db[k] =
            dynamics_reduction_db(curve, over) - dynamics_reduction_db(curve, over - p->range_db[k]);
    }
}

/* The gains at the ends of the groups; two are there from before. */
static void
ride(struct deess *d, struct piece *p)
{
    const struct dynamics_curve curve = dynamics_curve_of(0.0, 1.0, knee_db);
    int n = p->looks;

    decibel_from_gain(p->ratio, n);
    due(p, &curve, n);
    for (int k = 0; k < n; k++) {
        double reduction_db = dynamics_detector_next(&d->detector, p->reduction_db[k], d->attack, d->release);

        d->most_db = reduction_db > d->most_db ? reduction_db : d->most_db;
        p->root[k + 2] = -0.5 * reduction_db;
    }
    decibel_to_gain(p->root + 2, n);
    for (int k = 0; k < n; k++)
        p->root[k + 2] -= 1.0;
    p->root[0] = d->root[0];
    p->root[1] = d->root[1];
    d->root[0] = p->root[n];
    d->root[1] = p->root[n + 1];
}

/* --- sound ----------------------------------------------------------------------------------------- */

/* Each group goes from the end of the one before to its own. */
CLONES static void
draw_line(struct piece *p, int n)
{
    int groups = (p->first + n + GROUP - 1) / GROUP;

    for (int k = 0; k < groups; k++)
        for (int i = 0; i < GROUP; i++)
            p->line[GROUP * k + i] = p->root[k] + (p->root[k + 1] - p->root[k]) * ((i + 1) * (1.0 / GROUP));
}

CLONES static void
shares(struct piece *p, int n)
{
    const double *restrict line = p->line + p->first;

    for (int i = 0; i < n; i++) {
        double root = line[i], gain = root * (root + 2.0); /* both less 1 */

        p->share[0][i] = p->in[i] * ((1.0 - p->shelf[i]) * gain + p->shelf[i] * root);
        p->share[1][i] = p->in[i] * (p->shelf[i] * gain);
    }
}

CLONES static void
additions(struct piece *p, int n)
{
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < n; i++)
            p->added[c][i] = p->share[0][i] * p->band[c][i] + p->share[1][i] * p->high[c][i];
}

/* Lanes to sides: how much of either lane goes to either side. */
struct way {
    double left[STEREO], right[STEREO];
};

static struct way
way_out(const struct deess *d)
{
    switch (d->channels) {
    case CHANNELS_MID: return (struct way){{1.0, 0.0}, {1.0, 0.0}};
    case CHANNELS_SIDE: return (struct way){{0.0, 1.0}, {0.0, -1.0}};
    case CHANNELS_LEFT: return (struct way){{1.0, 0.0}, {0.0, 0.0}};
    case CHANNELS_RIGHT: return (struct way){{0.0, 0.0}, {0.0, 1.0}};
    default: return (struct way){{1.0, 0.0}, {0.0, 1.0}};
    }
}

/* Where nothing is reduced, and where a side has no part in it, not even -0 changes. */
CLONES static void
add(double *restrict io, const struct piece *p, const double *part, int n)
{
    double a = part[0], b = part[1];

    for (int i = 0; i < n; i++) {
        double y = io[i] + (a * p->added[0][i] + b * p->added[1][i]);

        io[i] = p->share[0][i] != 0.0 ? y : io[i];
    }
}

static void
reduce(const struct way *way, double *const *io, struct piece *p, int n)
{
    shares(p, n);
    additions(p, n);
    if (way->left[0] != 0.0 || way->left[1] != 0.0)
        add(io[0], p, way->left, n);
    if (way->right[0] != 0.0 || way->right[1] != 0.0)
        add(io[1], p, way->right, n);
}

/* The band as it is detected, or the opposite of what was added. */
static void
let_hear(struct deess *d, const struct way *way, const struct piece *p, int n)
{
    for (int i = 0; i < n; i++) {
        double removed = smooth_next(&d->removed), lane[STEREO];

        for (int c = 0; c < STEREO; c++) {
            double band = (1.0 - p->shelf[i]) * p->band[c][i] + p->shelf[i] * p->high[c][i];

            lane[c] = band - removed * (band + p->added[c][i]);
        }
        d->heard[0][i] = way->left[0] * lane[0] + way->left[1] * lane[1];
        d->heard[1][i] = way->right[0] * lane[0] + way->right[1] * lane[1];
    }
    d->heard[0] += n;
    d->heard[1] += n;
}

static void
run(struct deess *d, double *const *io, int n)
{
    struct piece p;
    struct way way = way_out(d);
    bool moving;

    if (n < 1) /* never; but the compiler can't know that the arrays are written */
        return;
    filter_piece(d, io, &p, n);
    moving = d->threshold_db.moving;
    look(d, &p, n);
    if (!is_idle(d, &p, moving)) {
        fade_out_and_in(&d->in, p.in, n);
        ride(d, &p);
        draw_line(&p, n);
        reduce(&way, io, &p, n);
    } else if (d->heard[0]) {
        memset(p.added, 0, sizeof p.added);
    }
    if (d->heard[0])
        let_hear(d, &way, &p, n);
}

/* On the frame grid: ends decays before they become denormals, and what a NaN left. */
static void
tidy(struct deess *d)
{
    struct deess_filter *f = &d->filter;
    double most = fabs(f->i1[0]) + fabs(f->i1[1]) + fabs(f->i2[0]) + fabs(f->i2[1]);

    if (!(most > 1e-100 && most < 1e100)) {
        memset(f->i1, 0, sizeof f->i1);
        memset(f->i2, 0, sizeof f->i2);
    }
    most = f->first[0] + f->mean[0] + f->first[1] + f->mean[1];
    if (!(most > 1e-200 && most < 1e200)) {
        memset(f->first, 0, sizeof f->first);
        memset(f->mean, 0, sizeof f->mean);
    }
    dynamics_detector_settle(&d->detector);
}

/* With no effect in force other channels come in, with nothing in the filter. */
static void
change_channels(struct deess *d)
{
    if (d->channels == d->channels_wanted || !fade_is(&d->in, false))
        return;
    d->channels = d->channels_wanted;
    forget(d);
    fade_to(&d->in, true);
}

RT void
deess_process(struct deess *d, double *const *io, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        int left = fade_left(&d->in);

        n = DEESS_CHUNK - d->phase;
        n = n < nframes - at ? n : nframes - at;
        n = left && left < n ? left : n;
        run(d, (double *const[]){io[0] + at, io[1] + at}, n);
        change_channels(d);
        d->phase += n;
        if (d->phase == DEESS_CHUNK) {
            tidy(d);
            d->phase = 0;
        }
    }
}

RT int
deess_latency_frames(const struct deess *d)
{
    (void)d;
    return 0;
}

RT double
deess_take_reduction_db(struct deess *d)
{
    double most_db = d->most_db;

    d->most_db = 0.0;
    return most_db;
}
