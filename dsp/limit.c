/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * peak of frame n      what the detector reads in both intervals beside it, either channel
 * threshold            ceiling / gain: the input is measured as it comes and driven afterwards
 * held                 the largest peak over look-ahead + 1 frames
 * need                 1 - threshold / held, the reduction asked for (linear, 0..1), with the lowest threshold of
 *                      all frames on their way. So a gliding gain or ceiling moves the need as smoothly as itself,
 *                      where held maxima of the driven sound would rise in steps, one for each half wave
 * release              two stages: `fast` falls from each need at the release's pace; `slow` is charged by fast
 *                      and falls eight times slower. The larger counts. A single peak charges slow to a sixth and
 *                      is soon forgotten; dense programme charges it to the average, and then fast no longer lets
 *                      the gain all the way up between peaks, nor within the period of a bass
 * smoothing            four box filters in a row, a cubic spline of look-ahead + 1 frames in all. Its weights are
 *                      not negative and add up to 1, and each of the values under it is at least what the frame
 *                      it is applied to needs (they are maxima over just that stretch): so the reduction is, too
 *
 * The sums are of whole numbers (reduction * 2^34, rounded up): they neither drift nor depend on history, and
 * no reduction is exactly no reduction. Gain between frames moves too slowly to matter for what lies between
 * them; the grid's blindness is made up for by TRUEPEAK_GRID_LOSS.
 *
 * Any mean of two safe curves is safe. So a new look-ahead gets a curve of its own, which runs along until all
 * it remembers is real, and is then faded to.
 *
 * All work is on groups of TRUEPEAK_GROUP frames, counted from reset.
 */
#include "dsp/limit.h"
#include "dsp/dynamics.h"
#include "dsp/xmath.h"

#include <stdlib.h>
#include <string.h>

enum { GROUP = TRUEPEAK_GROUP, WARM_EXTRA = 2 };

static const double unit = 0x1p34;    /* of a reduction of 1; 145^4 * 2^34 < 2^63 at 384 kHz */
static const double nothing = 1e-6;   /* linear, -120 dB: a recovery this far along is over */
static const double glide_ms = 20.0;  /* to 99 % */
static const double drive_ms = 50.0;  /* the same of the gain: slower, as it may cross the ceiling */
static const double slow_ratio = 8.0; /* slow stage's fall against the release */
static const double slow_least_ms = 200.0;
static const double slow_charge = 0.5; /* its rise against its fall */

static int
lookahead_frames(double rate_hz, double lookahead_ms)
{
    int n = (int)(rate_hz * lookahead_ms * 1e-3 + 0.5);

    return n > 0 ? n : 1;
}

static int
delay_frames(const struct limit *l)
{
    return l->lookahead_max + TRUEPEAK_DELAY;
}

/* --- running maximum ------------------------------------------------------------------------------- */

static void
maximum_start(struct limit_maximum *m, int window)
{
    m->first = m->count = 0;
    m->window = window;
}

static double
maximum_next(struct limit_maximum *m, double value, int64_t frame)
{
    unsigned end;

    while (m->count && m->value[(m->first + m->count - 1) & m->mask] <= value)
        m->count--;
    end = (m->first + m->count++) & m->mask;
    m->value[end] = value;
    m->frame[end] = frame;
    while (m->frame[m->first & m->mask] + m->window <= frame) {
        m->first++;
        m->count--;
    }
    return m->value[m->first & m->mask];
}

/* --- one curve ------------------------------------------------------------------------------------- */

/* Shares the look-ahead out, so that the boxes' support is look-ahead + 1; q is what they have seen so far. */
static void
curve_start(struct limit_curve *c, int lookahead, int64_t q)
{
    double total = unit;

    c->lookahead = lookahead;
    maximum_start(&c->peak, lookahead + 1);
    for (int b = 0; b < LIMIT_BOXES; b++) {
        struct limit_box *box = &c->box[b];

        box->length = lookahead / LIMIT_BOXES + (b < lookahead % LIMIT_BOXES) + 1;
        box->at = 0;
        for (int i = 0; i < box->length; i++)
            box->line[i] = q;
        box->sum = q *= box->length;
        total *= box->length;
    }
    c->scale = 1.0 / total;
}

struct pace { /* one-pole steps */
    double release, slow_rise, slow_fall;
};

static double
curve_release(struct limit_curve *c, double need, const struct pace *p)
{
    double far;

    c->fast -= p->release * c->fast;
    c->fast = need > c->fast ? need : c->fast;
    far = c->fast - c->slow;
    c->slow += (far > 0.0 ? p->slow_rise : p->slow_fall) * far;
    if (c->fast < nothing)
        c->fast = 0.0;
    if (c->slow < nothing)
        c->slow = 0.0;
    return c->fast > c->slow ? c->fast : c->slow;
}

static int64_t
quantum(double reduction)
{
    int64_t q = (int64_t)(reduction * unit);

    return q + (reduction > 0.0);
}

static int64_t
box_next(struct limit_box *b, int64_t in)
{
    b->sum += in - b->line[b->at];
    b->line[b->at] = in;
    if (++b->at == b->length)
        b->at = 0;
    return b->sum;
}

static double
curve_gain(struct limit_curve *c, double peak, double threshold, int64_t frame, const struct pace *p)
{
    double held = maximum_next(&c->peak, peak, frame);
    int64_t q = quantum(curve_release(c, held > threshold ? 1.0 - threshold / held : 0.0, p));

    for (int b = 0; b < LIMIT_BOXES; b++)
        q = box_next(&c->box[b], q);
    return 1.0 - (double)q * c->scale;
}

/* --- a new look-ahead ------------------------------------------------------------------------------ */

/* The other curve goes on from where this one is, at its own look-ahead. */
static void
change_begin(struct limit *l)
{
    struct limit_curve *from = &l->curve[l->now], *to = &l->curve[!l->now];
    double reduction = from->fast > from->slow ? from->fast : from->slow;

    to->fast = from->fast;
    to->slow = from->slow;
    curve_start(to, l->lookahead_wanted, quantum(reduction));
    l->warming = 2 * (to->lookahead + WARM_EXTRA); /* maxima, then boxes, full of what really came */
    fade_jump(&l->fade, false);
    l->fading = true;
}

static void
change_end(struct limit *l)
{
    l->now = !l->now;
    l->fading = false;
}

/* How much of the other curve. */
static double
change_next(struct limit *l)
{
    if (l->warming > 0) {
        l->warming--;
        return 0.0;
    }
    fade_to(&l->fade, true);
    return fade_next(&l->fade);
}

/* --- a group --------------------------------------------------------------------------------------- */

/* drive: the gain of each frame. lowest: threshold over all frames on their way. */
static void
group_glide(struct limit *l, double *drive, double *lowest)
{
    for (int i = 0; i < GROUP; i++) {
        if (l->gain_db.moving || l->ceiling.moving) {
            l->gain = db_to_gain(smooth_next(&l->gain_db));
            l->threshold = smooth_next(&l->ceiling) / l->gain;
        }
        drive[i] = l->gain;
        lowest[i] = -maximum_next(&l->lowest, -l->threshold, l->frame + i);
    }
}

/* What may be left unread: nothing that is over the threshold now or will be when the glide is over. */
static double
group_floor(const struct limit *l, const double *lowest)
{
    double floor = lowest[0];

    for (int i = 1; i < GROUP; i++)
        floor = lowest[i] < floor ? lowest[i] : floor;
    if (l->gain_db.moving || l->ceiling.moving) {
        double end = l->ceiling.target / db_to_gain(l->gain_db.target);

        floor = end < floor ? end : floor;
    }
    return floor * (1.0 - 1e-6); /* single precision's rounding */
}

/* Writes each frame's peak into the ring, at the time it is known. Returns if any is over the threshold. */
static bool
group_detect(struct limit *l, const double *lowest)
{
    struct truepeak_group read[STEREO];
    double floor = group_floor(l, lowest);
    bool over = false;

    for (int c = 0; c < STEREO; c++)
        truepeak_group(&l->detector[c], l->group[c], (float)(floor * TRUEPEAK_GRID_LOSS), (float)floor,
                       &read[c]);
    for (int i = 0; i < GROUP; i++) {
        double wave = read[0].wave[i] > read[1].wave[i] ? read[0].wave[i] : read[1].wave[i];
        double itu = read[0].itu[i] > read[1].itu[i] ? read[0].itu[i] : read[1].itu[i];
        double top = wave * (1.0 / TRUEPEAK_GRID_LOSS);
        double peak = top > itu ? top : itu;

        l->peak[(l->frame + i) & l->mask] = peak;
        over |= peak > lowest[i];
    }
    return over;
}

/* The curve's gain for the frame that goes out `at` now; all curves share one latency. */
static double
gain_at(struct limit *l, struct limit_curve *c, double threshold, int64_t at, const struct pace *p)
{
    return curve_gain(c, l->peak[(at - (l->lookahead_max - c->lookahead)) & l->mask], threshold, at, p);
}

static void
group_gain(struct limit *l, const double *lowest, double *gain)
{
    for (int i = 0; i < GROUP; i++) {
        struct limit_curve *a = &l->curve[l->now], *b = &l->curve[!l->now];
        struct pace p = {smooth_next(&l->release), smooth_next(&l->slow_rise), smooth_next(&l->slow_fall)};
        double other, share;

        gain[i] = gain_at(l, a, lowest[i], l->frame + i, &p);
        if (!l->fading)
            continue;
        other = gain_at(l, b, lowest[i], l->frame + i, &p);
        share = change_next(l);
        gain[i] += share * (other - gain[i]);
        if (fade_is(&l->fade, true))
            change_end(l);
    }
}

/* The maximum as it would be had it never slept: else a gliding gain would wake it up in mid-wave. */
static void
curve_recall(struct limit *l, struct limit_curve *c)
{
    int late = l->lookahead_max - c->lookahead;

    maximum_start(&c->peak, c->lookahead + 1);
    for (int64_t at = l->frame - c->lookahead; at < l->frame; at++)
        maximum_next(&c->peak, l->peak[(at - late) & l->mask], at);
}

static void
settle(struct smooth *s)
{
    smooth_jump(s, s->target);
}

static void
pace_settle(struct limit *l)
{
    settle(&l->release);
    settle(&l->slow_rise);
    settle(&l->slow_fall);
}

/* While all boxes hold zeros and no peak is over, the gain is 1 and stays so: nothing to work out. */
static bool
group_awake(struct limit *l, bool over)
{
    struct limit_curve *c = &l->curve[l->now];
    bool work = over || c->fast > 0.0 || c->slow > 0.0 || l->fading;

    if (work && l->awake <= 0)
        curve_recall(l, c);
    if (work)
        l->awake = 4 * (l->lookahead_max + GROUP);
    if (l->awake <= 0)
        return false;
    l->awake -= GROUP;
    return true;
}

static void
group_output(struct limit *l, const double *drive, const double *gain)
{
    for (int c = 0; c < STEREO; c++) {
        for (int i = 0; i < GROUP; i++) {
            l->audio[c][(l->frame + i) & l->mask] = l->group[c][i] * drive[i];
            l->group[c][i] = l->audio[c][(l->frame + i - delay_frames(l)) & l->mask] * gain[i];
        }
    }
    for (int i = 0; i < GROUP; i++)
        l->least = gain[i] < l->least ? gain[i] : l->least;
}

static void
group_run(struct limit *l)
{
    double drive[GROUP], lowest[GROUP], gain[GROUP];

    if (!l->fading && l->lookahead_wanted != l->curve[l->now].lookahead)
        change_begin(l);
    for (int i = 0; i < GROUP; i++)
        gain[i] = 1.0;
    group_glide(l, drive, lowest);
    if (group_awake(l, group_detect(l, lowest)))
        group_gain(l, lowest, gain);
    else
        pace_settle(l);
    group_output(l, drive, gain);
    l->frame += GROUP;
}

/* --- the header's ---------------------------------------------------------------------------------- */

static unsigned
ring_capacity(int frames)
{
    unsigned n = GROUP;

    while (n < (unsigned)frames)
        n *= 2;
    return n;
}

static void
maximum_place(struct limit_maximum *m, double **values, int64_t **frames, unsigned mask)
{
    m->mask = mask;
    m->value = *values;
    m->frame = *frames;
    *values += mask + 1;
    *frames += mask + 1;
}

/* Hands out the memory of the running maxima and the boxes. */
static void
lines_place(struct limit *l, double *values, int64_t *frames)
{
    maximum_place(&l->lowest, &values, &frames, l->mask);
    for (int k = 0; k < 2; k++) {
        struct limit_curve *c = &l->curve[k];

        maximum_place(&c->peak, &values, &frames, l->mask);
        for (int b = 0; b < LIMIT_BOXES; b++) {
            c->box[b].line = frames;
            frames += l->lookahead_max / LIMIT_BOXES + 2;
        }
    }
}

enum status
limit_prepare(struct limit *l, double rate_hz)
{
    size_t capacity, longest;

    *l = (struct limit){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    l->lookahead_max = lookahead_frames(rate_hz, LIMIT_LOOKAHEAD_MAX_MS);
    capacity = ring_capacity(delay_frames(l) + 2 * GROUP);
    longest = (size_t)l->lookahead_max / LIMIT_BOXES + 2;
    l->mask = (unsigned)capacity - 1;
    l->audio[0] = calloc(6 * capacity, sizeof *l->audio[0]);
    l->lines = calloc(3 * capacity + 2 * LIMIT_BOXES * longest, sizeof *l->lines);
    if (!l->audio[0] || !l->lines) {
        limit_free(l);
        return NO_MEM;
    }
    l->audio[1] = l->audio[0] + capacity;
    l->peak = l->audio[1] + capacity;
    lines_place(l, l->peak + capacity, l->lines);
    for (int c = 0; c < STEREO; c++)
        truepeak_prepare(&l->detector[c]);
    smooth_prepare(&l->gain_db, rate_hz, drive_ms, 1e-6);
    smooth_prepare(&l->ceiling, rate_hz, glide_ms, 1e-7);
    smooth_prepare(&l->release, rate_hz, glide_ms, 1e-9);
    smooth_prepare(&l->slow_rise, rate_hz, glide_ms, 1e-9);
    smooth_prepare(&l->slow_fall, rate_hz, glide_ms, 1e-9);
    fade_prepare(&l->fade, rate_hz, 20.0);
    l->lookahead_wanted = l->lookahead_max;
    limit_reset(l);
    limit_set(l, &(struct limit_settings){.release_ms = 100.0, .lookahead_ms = LIMIT_LOOKAHEAD_MAX_MS});
    l->fresh = true;
    return OK;
}

void
limit_free(struct limit *l)
{
    free(l->audio[0]);
    free(l->lines);
    *l = (struct limit){0};
}

static void
parameters_settle(struct limit *l)
{
    pace_settle(l);
    settle(&l->gain_db);
    l->gain = db_to_gain(l->gain_db.target);
    l->threshold = l->ceiling.target / l->gain;
    maximum_start(&l->lowest, delay_frames(l) + GROUP);
    settle(&l->ceiling);
}

RT void
limit_reset(struct limit *l)
{
    for (int c = 0; c < STEREO; c++)
        truepeak_reset(&l->detector[c]);
    memset(l->audio[0], 0, 3 * (l->mask + 1) * sizeof *l->audio[0]); /* and peak */
    memset(l->group, 0, sizeof l->group);
    l->fill = l->awake = l->warming = 0;
    l->frame = 0;
    l->least = 1.0;
    l->fading = false;
    parameters_settle(l);
    l->curve[l->now].fast = l->curve[l->now].slow = 0.0;
    curve_start(&l->curve[l->now], l->lookahead_wanted, 0);
    l->fresh = true;
}

RT void
limit_set(struct limit *l, const struct limit_settings *s)
{
    double slow_ms = fmax(slow_ratio * s->release_ms, slow_least_ms);
    int lookahead = lookahead_frames(l->rate_hz, s->lookahead_ms);

    smooth_to(&l->gain_db, s->gain_db);
    smooth_to(&l->ceiling, db_to_gain(s->ceiling_dbtp));
    smooth_to(&l->release, dynamics_step(s->release_ms, l->rate_hz));
    smooth_to(&l->slow_rise, dynamics_step(slow_charge * slow_ms, l->rate_hz));
    smooth_to(&l->slow_fall, dynamics_step(slow_ms, l->rate_hz));
    l->lookahead_wanted = lookahead < l->lookahead_max ? lookahead : l->lookahead_max;
    if (l->fresh)
        parameters_settle(l);
    if (l->fresh && l->frame == 0)
        curve_start(&l->curve[l->now], l->lookahead_wanted, 0);
    l->fresh = false;
}

RT void
limit_process(struct limit *l, double *const *io, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        for (int c = 0; c < STEREO; c++) {
            double out = l->group[c][l->fill];

            l->group[c][l->fill] = io[c][i];
            io[c][i] = out;
        }
        if (++l->fill == GROUP) {
            group_run(l);
            l->fill = 0;
        }
    }
}

RT int
limit_latency_frames(const struct limit *l)
{
    return GROUP + delay_frames(l);
}

RT double
limit_take_reduction_db(struct limit *l)
{
    double reduction_db = -gain_to_db(l->least);

    l->least = 1.0;
    return reduction_db > 0.0 ? reduction_db : 0.0;
}
