/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * peak of frame n      what the detector reads in both intervals beside it
 * threshold            ceiling / gain: the input is measured as it comes and driven afterwards
 * held                 the largest peak over look-ahead + 1 frames, or what is held of a bass (basshold.h)
 * need                 1 - threshold / held, the reduction asked for (linear, 0..1), with the lowest threshold of
 *                      all frames on their way. So a gliding gain or ceiling moves the need as smoothly as itself,
 *                      where held maxima of the driven sound would rise in steps, one for each half wave.
 *                      Then the link: the other channel's share
 * release              two stages: `fast` falls from each need at the release's pace; `slow` is charged by fast
 *                      and falls at its own. The larger counts. A single peak hardly charges slow and is soon
 *                      forgotten; dense programme charges it to the average, and then fast no longer lets
 *                      the gain all the way up between peaks. The modes are two paces each, and a bass's hold
 * smoothing            a cubic spline of look-ahead + 1 frames (spline.h). Its weights are not negative and add up
 *                      to 1, and each of the values under it is at least what the frame it is applied to needs
 *                      (they are maxima over just that stretch): so the reduction is, too
 *
 * All that is added to the need by hold, link and release only adds to it: the ceiling hangs on none of them.
 * The spline's sums are of whole numbers, rounded up: no reduction is exactly no reduction. Gain between frames
 * moves too slowly to matter for what lies between them; the grid's blindness is made up for by TRUEPEAK_GRID_LOSS.
 *
 * Any mean of two safe curves is safe. So a new look-ahead gets a curve of its own, which runs along until all
 * it remembers is real, and is then faded to.
 *
 * All work is on groups of TRUEPEAK_GROUP frames, counted from reset; a group costs the same whether or not
 * anything is taken away, but for the detector's skip and what glides.
 */
#include "dsp/limit.h"
#include "dsp/dynamics.h"
#include "dsp/xmath.h"

#include <stdlib.h>
#include <string.h>

enum { GROUP = LANES_GROUP, BOXES = 4 };

static const double nothing = 1e-6;  /* linear, -120 dB: a recovery this far along is over */
static const double glide_ms = 20.0; /* to 99 % */
static const double drive_ms = 50.0; /* the same of the gain: slower, as it may cross the ceiling */
static const double unread = 0.99;   /* of the threshold: read from there on, as a gain may start to glide */
static const double least_ms = 1.0;  /* of any release */

static const struct mode {
    double fast;         /* share of release_ms */
    double charge, slow; /* times of the slow stage to rise and to fall, shares of release_ms */
    double slow_least_ms;
    int hold;         /* slices that a bass is held */
    float bass_share; /* of the low-passed sound, that counts as the bass's part */
} modes[LIMIT_MODES] = {
    [LIMIT_TRANSPARENT] = {1.0, 4.0, 8.0, 200.0, BASSHOLD_SLICES, 2.0f},
    [LIMIT_PUNCHY] = {0.25, 0.5, 2.0, 100.0, 7, 1.25f},
    [LIMIT_LOUD] = {0.125, 0.25, 0.5, 40.0, 3, 1.25f},
};

INLINE double
larger(double a, double b)
{
    return a > b ? a : b;
}

/* A multiple of the boxes, so that they are alike. */
static int
lookahead_frames(double rate_hz, double lookahead_ms)
{
    double ms = larger(lookahead_ms, LIMIT_LOOKAHEAD_MIN_MS);
    int n = (int)(rate_hz * ms * 1e-3 / BOXES + 0.5);

    return n > 0 ? BOXES * n : BOXES;
}

static int
delay_frames(const struct limit *l)
{
    return l->lookahead_max + TRUEPEAK_DELAY;
}

/* --- the lowest threshold -------------------------------------------------------------------------- */

static double
lowest_next(struct limit_lowest *m, double value, int64_t frame)
{
    unsigned end;

    while (m->count && m->value[(m->first + m->count - 1) & m->mask] >= value)
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

static void
curve_start(struct limit_curve *c, int lookahead)
{
    double reduction[STEREO];

    c->lookahead = lookahead;
    for (int i = 0; i < STEREO; i++)
        reduction[i] = larger(c->fast[i], c->slow[i]);
    spline_start(&c->spline, lookahead / BOXES + 1, reduction);
}

/* The reduction that each frame asks for, but for the release. */
INLINE void
curve_need(const struct limit *l, const struct limit_curve *c, const double *threshold, double *need)
{
    double own[LANES], link = l->link.pole[3];
    float held[LANES];

    /* One frame more than the look-ahead's own: a peak stands in two intervals. */
    summit_read(&l->peak, l->frame, l->lookahead_max - c->lookahead, c->lookahead + 2, held);
    for (int i = 0; i < LANES; i++)
        held[i] = lanes_larger(held[i], l->bass.held[i % STEREO]);
    for (int i = 0; i < LANES; i++)
        own[i] = larger(1.0 - threshold[i] / held[i], 0.0);
    for (int i = 0; i < LANES; i++)
        need[i] = larger(own[i], link * own[i ^ 1]);
}

/* Slow goes straight, over a group, to where its one-pole is at the end. */
INLINE void
curve_release(struct limit_curve *c, const struct limit_pace *p, const double *need, double *reduction)
{
    for (int k = 0; k < STEREO; k++) {
        double fast = c->fast[k], slow = c->slow[k], far = fast - slow;
        double to = slow + larger(p->rise * far, p->fall * far), step; /* rise is the larger one */

        to = fast < nothing && to < nothing ? 0.0 : to;
        step = (to - slow) * (1.0 / GROUP);
        for (int i = 0; i < GROUP; i++) {
            fast = larger(need[STEREO * i + k], p->keep * fast);
            reduction[STEREO * i + k] = larger(fast, slow + step * (i + 1));
        }
        c->fast[k] = fast < nothing ? 0.0 : fast;
        c->slow[k] = to;
    }
}

CLONES static void
curve_gain(const struct limit *l, struct limit_curve *c, const double *threshold, double *gain)
{
    double need[LANES], reduction[LANES], smooth[LANES];

    curve_need(l, c, threshold, need);
    curve_release(c, &l->pace, need, reduction);
    spline_next(&c->spline, reduction, smooth);
    for (int i = 0; i < LANES; i++)
        gain[i] = 1.0 - smooth[i];
}

/* --- a new look-ahead ------------------------------------------------------------------------------ */

/* The other curve goes on from where this one is, at its own look-ahead. */
static void
change_begin(struct limit *l)
{
    struct limit_curve *from = &l->curve[l->now], *to = &l->curve[!l->now];

    memcpy(to->fast, from->fast, sizeof to->fast);
    memcpy(to->slow, from->slow, sizeof to->slow);
    curve_start(to, l->lookahead_wanted);
    l->warming = to->lookahead + GROUP;
    fade_jump(&l->fade, false);
    l->fading = true;
}

/* Mixes the other curve in. */
static void
change_next(struct limit *l, const double *other, double *gain)
{
    if (l->warming > 0) {
        l->warming -= GROUP;
        return;
    }
    fade_to(&l->fade, true);
    for (int i = 0; i < GROUP; i++) {
        double share = fade_next(&l->fade);

        for (int c = 0; c < STEREO; c++)
            gain[STEREO * i + c] += share * (other[STEREO * i + c] - gain[STEREO * i + c]);
    }
    if (fade_is(&l->fade, true)) {
        l->now = !l->now;
        l->fading = false;
    }
}

/* --- a group --------------------------------------------------------------------------------------- */

struct glide {
    double drive[GROUP];     /* the gain of each frame */
    double threshold[LANES]; /* the lowest over all frames on their way */
};

static bool
gliding(const struct limit *l)
{
    return l->gain_db.moving || l->ceiling.moving;
}

CLONES static void
glide_values(double *gain, double *threshold)
{
    for (int i = 0; i < GROUP; i++) {
        gain[i] = db_to_gain(gain[i]);
        threshold[i] /= gain[i];
    }
}

static void
glide_on(struct limit *l, struct glide *g)
{
    double threshold[GROUP];
    bool moved = gliding(l);

    for (int i = 0; i < GROUP && moved; i++) {
        g->drive[i] = smooth_next(&l->gain_db);
        threshold[i] = smooth_next(&l->ceiling);
    }
    if (moved)
        glide_values(g->drive, threshold);
    if (l->lowest.count == 0)
        lowest_next(&l->lowest, l->threshold, l->frame - 1);
    for (int i = 0; i < GROUP; i++) {
        if (moved) {
            l->gain = g->drive[i];
            l->threshold = threshold[i];
        }
        g->drive[i] = l->gain;
        g->threshold[STEREO * i] = g->threshold[STEREO * i + 1] =
            lowest_next(&l->lowest, l->threshold, l->frame + i);
    }
    if (!gliding(l) && g->threshold[LANES - 1] == l->threshold)
        l->lowest.count = 0; /* and so it stays */
}

static void
glide(struct limit *l, struct glide *g)
{
    if (gliding(l) || l->lowest.count > 0) {
        glide_on(l, g);
        return;
    }
    for (int i = 0; i < GROUP; i++)
        g->drive[i] = l->gain;
    for (int i = 0; i < LANES; i++)
        g->threshold[i] = l->threshold;
}

/* What may be left unread: nothing that is over the threshold now or will be when the glide is over. */
static double
read_floor(const struct limit *l, const struct glide *g)
{
    double floor = g->threshold[0];

    for (int i = 1; i < LANES; i++)
        floor = g->threshold[i] < floor ? g->threshold[i] : floor;
    if (gliding(l)) {
        double end = l->ceiling.target / db_to_gain(l->gain_db.target);

        floor = end < floor ? end : floor;
    }
    return floor * unread;
}

CLONES static void
take_peaks(struct limit *l, const struct truepeak_group *read)
{
    const double *const in[STEREO] = {l->group[0], l->group[1]};
    const struct mode *mode = &modes[l->mode];
    float peak[LANES];

    for (int i = 0; i < LANES; i++)
        peak[i] = lanes_larger(read->wave[i] * (float)(1.0 / TRUEPEAK_GRID_LOSS), read->itu[i]);
    summit_put(&l->peak, l->frame, peak);
    basshold_next(&l->bass, in, peak, mode->hold, mode->bass_share);
}

static void
group_detect(struct limit *l, const struct glide *g)
{
    const double *const in[STEREO] = {l->group[0], l->group[1]};
    float itu = (float)read_floor(l, g), wave = itu * (float)TRUEPEAK_GRID_LOSS;
    struct truepeak_group read;

    truepeak_group(&l->detector, in, &(struct truepeak_floor){{wave, wave}, {itu, itu}}, &read);
    take_peaks(l, &read);
}

static void
group_gain(struct limit *l, const double *threshold, double *gain)
{
    double other[LANES];

    smooth_next(&l->link);
    curve_gain(l, &l->curve[l->now], threshold, gain);
    if (l->fading) {
        curve_gain(l, &l->curve[!l->now], threshold, other);
        change_next(l, other, gain);
    }
}

CLONES static void
group_output(struct limit *l, const double *drive, const double *gain)
{
    unsigned to = (unsigned)(l->frame & l->mask);
    unsigned from = (unsigned)((l->frame - delay_frames(l)) & l->mask);
    double least = l->least;

    for (int c = 0; c < STEREO; c++) {
        double *audio = l->audio[c], driven[GROUP], late[GROUP], out[GROUP];

        for (int i = 0; i < GROUP; i++)
            driven[i] = l->group[c][i] * drive[i];
        for (int i = 0; i < GROUP; i++)
            audio[to + i] = driven[i];
        for (int i = 0; i < GROUP && to == 0; i++)
            audio[l->mask + 1 + i] = driven[i];
        for (int i = 0; i < GROUP; i++)
            late[i] = audio[from + i];
        for (int i = 0; i < GROUP; i++)
            out[i] = late[i] * gain[STEREO * i + c];
        for (int i = 0; i < GROUP; i++) {
            l->group[c][i] = out[i];
            l->taken[c][i] = late[i] - out[i];
        }
    }
    for (int i = 0; i < LANES; i++)
        least = gain[i] < least ? gain[i] : least;
    l->least = least;
}

static void
group_run(struct limit *l)
{
    double gain[LANES];
    struct glide g;

    if (!l->fading && l->lookahead_wanted != l->curve[l->now].lookahead)
        change_begin(l);
    glide(l, &g);
    group_detect(l, &g);
    group_gain(l, g.threshold, gain);
    group_output(l, g.drive, gain);
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

static enum status
memory_take(struct limit *l)
{
    unsigned capacity = ring_capacity(delay_frames(l) + 2 * GROUP);
    int length = l->lookahead_max / BOXES + 1, window = l->lookahead_max + 2;
    int kept = summit_capacity(window, l->lookahead_max);
    size_t words = spline_words(spline_capacity(length));

    l->mask = capacity - 1;
    l->audio[0] = calloc(STEREO * (capacity + GROUP) + capacity, sizeof *l->audio[0]);
    l->words = calloc(2 * words + capacity, sizeof *l->words);
    l->peaks = calloc(summit_floats(kept), sizeof *l->peaks);
    if (!l->audio[0] || !l->words || !l->peaks)
        return NO_MEM;
    l->audio[1] = l->audio[0] + capacity + GROUP;
    l->lowest = (struct limit_lowest){.value = l->audio[1] + capacity + GROUP,
                                      .frame = (int64_t *)(l->words + 2 * words),
                                      .mask = capacity - 1,
                                      .window = delay_frames(l) + GROUP};
    summit_place(&l->peak, l->peaks, window, kept);
    for (int k = 0; k < 2; k++)
        spline_place(&l->curve[k].spline, l->words + (size_t)k * words, length);
    return OK;
}

enum status
limit_prepare(struct limit *l, double rate_hz)
{
    *l = (struct limit){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    l->lookahead_max = lookahead_frames(rate_hz, LIMIT_LOOKAHEAD_MAX_MS);
    if (memory_take(l) != OK) {
        limit_free(l);
        return NO_MEM;
    }
    truepeak_prepare(&l->detector);
    basshold_prepare(&l->bass, rate_hz);
    smooth_prepare(&l->gain_db, rate_hz, drive_ms, 1e-6);
    smooth_prepare(&l->ceiling, rate_hz, glide_ms, 1e-7);
    smooth_prepare(&l->link, rate_hz / GROUP, glide_ms, 1e-6);
    fade_prepare(&l->fade, rate_hz, 20.0);
    l->lookahead_wanted = l->lookahead_max;
    limit_reset(l);
    limit_set(l, &(struct limit_settings){
                     .release_ms = 100.0, .lookahead_ms = LIMIT_LOOKAHEAD_MAX_MS, .link = 100.0});
    l->fresh = true;
    return OK;
}

void
limit_free(struct limit *l)
{
    free(l->audio[0]);
    free(l->words);
    free(l->peaks);
    *l = (struct limit){0};
}

static void
settle(struct smooth *s)
{
    smooth_jump(s, s->target);
}

static void
parameters_settle(struct limit *l)
{
    settle(&l->gain_db);
    settle(&l->ceiling);
    settle(&l->link);
    l->gain = db_to_gain(l->gain_db.target);
    l->threshold = l->ceiling.target / l->gain;
    l->lowest.count = 0;
}

RT void
limit_reset(struct limit *l)
{
    struct limit_curve *c = &l->curve[l->now];

    truepeak_reset(&l->detector);
    summit_reset(&l->peak);
    basshold_reset(&l->bass);
    memset(l->audio[0], 0, STEREO * (l->mask + 1 + GROUP) * sizeof *l->audio[0]);
    memset(l->group, 0, sizeof l->group);
    memset(l->taken, 0, sizeof l->taken);
    l->fill = l->warming = 0;
    l->frame = 0;
    l->least = 1.0;
    l->fading = false;
    limit_listen(l, NULL);
    parameters_settle(l);
    memset(c->fast, 0, sizeof c->fast);
    memset(c->slow, 0, sizeof c->slow);
    curve_start(c, l->lookahead_wanted);
    l->fresh = true;
}

static struct limit_pace
pace_of(const struct mode *m, double release_ms, double rate_hz)
{
    double slow_ms = larger(m->slow * release_ms, m->slow_least_ms);

    return (struct limit_pace){
        .keep = 1.0 - dynamics_step(larger(m->fast * release_ms, least_ms), rate_hz),
        .rise = dynamics_step(m->charge / m->slow * slow_ms, rate_hz / GROUP),
        .fall = dynamics_step(slow_ms, rate_hz / GROUP),
    };
}

RT void
limit_set(struct limit *l, const struct limit_settings *s)
{
    int lookahead = lookahead_frames(l->rate_hz, s->lookahead_ms);

    l->mode = s->mode;
    l->pace = pace_of(&modes[s->mode], s->release_ms, l->rate_hz);
    smooth_to(&l->gain_db, s->gain_db);
    smooth_to(&l->ceiling, db_to_gain(s->ceiling_dbtp));
    smooth_to(&l->link, 0.01 * s->link);
    l->lookahead_wanted = lookahead < l->lookahead_max ? lookahead : l->lookahead_max;
    if (l->fresh)
        parameters_settle(l);
    if (l->fresh && l->frame == 0)
        curve_start(&l->curve[l->now], l->lookahead_wanted);
    l->fresh = false;
}

/* Into the group, and out of it what went in before. */
INLINE void
swap(struct limit *l, double *const *io, int at, int n)
{
    for (int c = 0; c < STEREO; c++) {
        double *group = l->group[c] + l->fill, *sound = io[c] + at;

        for (int i = 0; i < n; i++) {
            double out = group[i];

            group[i] = sound[i];
            sound[i] = out;
        }
        if (l->heard[c])
            memcpy(l->heard[c] + at, l->taken[c] + l->fill, (size_t)n * sizeof *sound);
    }
    l->fill += n;
}

RT void
limit_process(struct limit *l, double *const *io, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < GROUP - l->fill ? nframes - done : GROUP - l->fill;
        if (n == GROUP)
            swap(l, io, done, GROUP);
        else
            swap(l, io, done, n);
        if (l->fill == GROUP) {
            group_run(l);
            l->fill = 0;
        }
    }
    limit_listen(l, NULL);
}

RT int
limit_latency_frames(const struct limit *l)
{
    return GROUP + delay_frames(l);
}

RT void
limit_listen(struct limit *l, double *const *heard)
{
    for (int c = 0; c < STEREO; c++)
        l->heard[c] = heard ? heard[c] : NULL;
}

RT double
limit_take_reduction_db(struct limit *l)
{
    double reduction_db = -gain_to_db(l->least);

    l->least = 1.0;
    return reduction_db > 0.0 ? reduction_db : 0.0;
}
