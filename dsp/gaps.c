/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A millisecond of equal samples holds a whole group of them, as groups are at most half of it: only where a group is
 * flat, its surroundings are looked at. Groups are heard `look` frames late, so that the millisecond behind is at
 * hand. All channels' quiet is followed on the groups' peaks, and found to the frame where it begins and ends.
 */
#include "dsp/gaps.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

static const double programme = 0.0031622776601683794; /* -50 dBFS */
static const double abrupt = 0.05;                     /* -26 dB */
static const double jump_steps = 4.0, cut_steps = 0.3;
static const double window_s = 0.05, long_s = 1.0, silence_s = 1.5;
static const double silent = 0.00031622776601683794, faint = 0.001; /* -70, -60 dBFS */

enum status
gaps_prepare(struct gaps *g, double rate_hz, int nch)
{
    *g = (struct gaps){0};
    if (!rate_ok(rate_hz) || nch < 1 || nch > CHUNKS_CHANNELS)
        return BAD_ARG;
    g->ms = (int)ceil(rate_hz / 1000.0);
    for (g->group = 4; 4 * g->group - 1 <= g->ms; g->group *= 2)
        ;
    g->look = (2 * g->ms / g->group + 1) * g->group;
    g->window = (int)(window_s * rate_hz) / g->group;
    g->short_max = (int64_t)(window_s * rate_hz);
    g->long_max = (int64_t)(long_s * rate_hz);
    g->zero = (struct gaps_quiet){.level = 0.0, .since = 0, .least = g->short_max + 1};
    g->quiet = (struct gaps_quiet){.level = silent, .since = 0, .least = (int64_t)(silence_s * rate_hz) + 1};
    g->faint = (struct gaps_quiet){.level = faint, .since = 0, .least = INT64_MAX};
    return chunks_prepare(&g->chunks, nch, 2 * g->look, GAPS_GROUPS * g->group);
}

void
gaps_free(struct gaps *g)
{
    chunks_free(&g->chunks);
}

/* --- groups ---------------------------------------------------------------------------------------- */

enum { LEAST = 4 }; /* frames of a group */

INLINE bool
is_flat(const double *x, int group)
{
    int i = 1;

    while (i < group && x[i] == x[0])
        i++;
    return i == group;
}

/* Peaks of groups, and which of them are flat. */
CLONES static void
scan_groups(const double *x, int group, double *peak, bool *flat)
{
    for (int g = 0; g < GAPS_GROUPS; g++, x += group) {
        double top[LEAST] = {0};

        for (int i = 0; i < group; i += LEAST)
            for (int k = 0; k < LEAST; k++) {
                double level = fabs(x[i + k]);

                top[k] = level > top[k] ? level : top[k];
            }
        top[0] = top[0] > top[1] ? top[0] : top[1];
        top[2] = top[2] > top[3] ? top[2] : top[3];
        peak[g] = top[0] > top[2] ? top[0] : top[2];
        flat[g] = is_flat(x, group);
    }
}

/* --- dropouts -------------------------------------------------------------------------------------- */

enum { NEAR = 4 }; /* samples next to a run */

struct side { /* the millisecond before or behind a run */
    double away, step, low, high;
    bool flat, cut; /* cut: the NEAR samples do not glide into the run */
};

/* x[0] .. x[n - 1], next to samples that stand at `value`: behind them, or in front of them. */
static struct side
look_at(const double *x, int n, double value, bool behind)
{
    struct side s = {.low = x[0], .high = x[0]};
    const double *edge = behind ? x : x + n - NEAR;
    double near = 0.0;
    int equal = 0;

    for (int i = 0; i < NEAR; i++)
        near = fmax(near, fabs(edge[i] - value));
    for (int i = 0; i < n; i++) {
        s.away = fmax(s.away, fabs(x[i] - value));
        s.low = fmin(s.low, x[i]);
        s.high = fmax(s.high, x[i]);
        if (i) {
            s.step += fabs(x[i] - x[i - 1]);
            equal += x[i] == x[i - 1];
        }
    }
    s.step /= n > 1 ? n - 1 : 1;
    s.flat = 3 * equal > n;
    s.cut = near > cut_steps * s.step;
    return s;
}

static double
recent_peak(const struct gaps *g, int channel, int64_t group)
{
    float most = 0.0f;

    for (int i = 0; i < g->window; i++)
        most = fmaxf(most, g->peak[channel][(group - i) & (GAPS_PEAKS - 1)]);
    return most;
}

/* x: the flat group's first sample, which is that of `frame`. */
static void
begin_run(struct gaps *g, int c, const double *x, int64_t frame)
{
    struct gaps_run *r = &g->run[c];
    struct side before;
    int back = 0;

    while (back < g->group && x[-back - 1] == x[0])
        back++;
    before = look_at(x - back - g->ms, g->ms, x[0], false);
    *r = (struct gaps_run){.under_way = true,
                           .start = frame - back,
                           .value = x[0],
                           .before = before.away,
                           .peak = recent_peak(g, c, frame / g->group),
                           .step = before.step,
                           .jump = fabs(x[-back] - x[-back - 1]),
                           .low = before.low,
                           .high = before.high,
                           .flat = before.flat,
                           .cut = before.cut};
}

/* Shortly before the run's end, but not so close that they may have begun a little earlier. */
static bool
others_sound(const struct gaps *g, int c, const double *end)
{
    ptrdiff_t at = end - g->chunks.x[c];

    for (int o = 0; o < g->chunks.nch; o++)
        for (int i = g->ms; o != c && i < 2 * g->ms; i++)
            if (fabs(g->chunks.x[o][at - i]) > programme)
                return true;
    return false;
}

static bool
is_cut_out(const struct gaps *g, const struct gaps_run *r, const double *end)
{
    struct side after = look_at(end, g->ms, r->value, true);
    double least = fmax(programme, abrupt * r->peak);
    bool top = r->value <= fmin(r->low, after.low) || r->value >= fmax(r->high, after.high);
    double jump = fmax(r->jump, fabs(end[0] - end[-1]));
    bool cut =
        r->value == 0.0 ? r->cut && after.cut : r->cut || after.cut; /* into a held value it may glide */

    return r->before > least && after.away > least && !r->flat && !after.flat && cut &&
           (!top || jump > jump_steps * fmax(r->step, after.step));
}

/* Two channels that lose the same are one mark. */
static void
add_dropout(struct gaps *g, int c, int64_t start, int64_t length)
{
    for (int i = 0; i < g->dropouts.kept; i++) {
        struct mark *m = &g->dropouts.mark[i];

        if (llabs(m->frame - start) <= g->ms && llabs(m->length - length) <= g->ms && m->channel != c) {
            m->channel = -1;
            return;
        }
    }
    marks_add(&g->dropouts, &(struct mark){start, length, c, (double)length});
}

/* end: the first sample that differs, of `frame`. */
static void
end_run(struct gaps *g, int c, const double *end, int64_t frame)
{
    struct gaps_run *r = &g->run[c];
    int64_t length = frame - r->start;

    r->under_way = false;
    if (length < g->ms || length > g->long_max || r->start < g->ms || frame + g->ms > g->frames)
        return;
    if (length > g->short_max && !others_sound(g, c, end))
        return;
    if (is_cut_out(g, r, end))
        add_dropout(g, c, r->start, length);
}

static void
hear_group(struct gaps *g, int c, const double *x, int64_t frame, bool flat)
{
    struct gaps_run *r = &g->run[c];
    int i = 0;

    if (r->under_way) {
        while (i < g->group && x[i] == r->value)
            i++;
        if (i < g->group)
            end_run(g, c, x + i, frame + i);
    }
    if (flat && !r->under_way && frame >= 0)
        begin_run(g, c, x, frame);
}

/* --- all channels' quiet --------------------------------------------------------------------------- */

/* Highest of all channels at the chunk's place. */
static double
highest(const struct gaps *g, ptrdiff_t at)
{
    double most = 0.0;

    for (int c = 0; c < g->chunks.nch; c++)
        most = fmax(most, fabs(g->chunks.x[c][at]));
    return most;
}

/* Does a channel's sound stand up to the edge, in the millisecond from `at` on? */
static bool
stands(const struct gaps *g, ptrdiff_t at, bool behind)
{
    for (int c = 0; c < g->chunks.nch; c++) {
        struct side s = look_at(g->chunks.x[c] + at, g->ms, 0.0, behind);

        if (s.away > programme && s.cut && !s.flat)
            return true;
    }
    return false;
}

static void
begin_quiet(struct gaps *g, struct gaps_quiet *q, ptrdiff_t at, int64_t frame)
{
    int back = 0;

    while (back < g->group && frame - back > 0 && highest(g, at - back - 1) <= q->level)
        back++;
    q->since = frame - back;
    if (q == &g->zero)
        g->hard_before = q->since >= g->ms && stands(g, at - back - g->ms, false);
}

static void
end_quiet(struct gaps *g, struct gaps_quiet *q, ptrdiff_t at, int64_t frame)
{
    int i = 0;
    int64_t length;

    while (highest(g, at + i) <= q->level)
        i++;
    length = frame + i - q->since;
    if (q->since == 0)
        q->head = length;
    else if (length >= q->least) {
        struct mark m = {q->since, length, -1, (double)length};

        marks_add(&q->marks, &m);
        if (q == &g->zero && g->hard_before && stands(g, at + i, true))
            marks_add(&g->hard, &m);
    }
    q->since = -1;
}

static void
follow(struct gaps *g, struct gaps_quiet *q, double peak, ptrdiff_t at, int64_t frame)
{
    if (peak <= q->level && q->since < 0)
        begin_quiet(g, q, at, frame);
    else if (peak > q->level && q->since >= 0)
        end_quiet(g, q, at, frame);
}

/* --- */

static void
hear_chunk(struct gaps *g)
{
    int from = g->chunks.past - g->look;
    int64_t frame = g->chunks.at - g->look;

    memset(g->all, 0, sizeof g->all);
    for (int c = 0; c < g->chunks.nch; c++) {
        const double *x = g->chunks.x[c] + from;
        double peak[GAPS_GROUPS];
        bool flat[GAPS_GROUPS];

        scan_groups(x, g->group, peak, flat);
        for (int i = 0; i < GAPS_GROUPS; i++) {
            int64_t at = frame + (int64_t)i * g->group;

            if (flat[i] || g->run[c].under_way)
                hear_group(g, c, x + i * g->group, at, flat[i]);
            g->peak[c][(at / g->group) & (GAPS_PEAKS - 1)] = (float)peak[i];
            g->all[i] = fmax(g->all[i], peak[i]);
        }
    }
    for (int i = 0; i < GAPS_GROUPS; i++) {
        int64_t at = frame + (int64_t)i * g->group;

        if (at < 0 || at >= g->frames + g->group)
            continue;
        g->top = fmax(g->top, g->all[i]);
        follow(g, &g->zero, g->all[i], from + i * g->group, at);
        follow(g, &g->quiet, g->all[i], from + i * g->group, at);
        follow(g, &g->faint, g->all[i], from + i * g->group, at);
    }
}

static void
hear(struct gaps *g, const double *const *in, int nframes)
{
    for (int done = 0; done < nframes;) {
        done += chunks_take(&g->chunks, in, done, nframes);
        if (chunks_full(&g->chunks)) {
            hear_chunk(g);
            chunks_next(&g->chunks);
        }
    }
}

RT void
gaps_process(struct gaps *g, const double *const *in, int nframes)
{
    if (nframes <= 0)
        return;
    if (g->frames == 0)
        for (int c = 0; c < g->chunks.nch; c++)
            g->first = fmax(g->first, fabs(in[c][0]));
    g->last = 0.0;
    for (int c = 0; c < g->chunks.nch; c++)
        g->last = fmax(g->last, fabs(in[c][nframes - 1]));
    g->frames += nframes;
    hear(g, in, nframes);
}

RT void
gaps_finish(struct gaps *g)
{
    hear(g, NULL, g->chunks.size + g->look);
}

RT int64_t
gaps_tail(const struct gaps *g, const struct gaps_quiet *q)
{
    return q->since >= 0 ? g->frames - q->since : 0;
}
