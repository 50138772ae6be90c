/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chunks that nowhere come near the top so far are passed over; that changes nothing, as none of their samples could
 * be in a run. The others are walked, AHEAD frames late, so that a run's surroundings are at hand.
 */
#include "dsp/clips.h"

#include "dsp/extent.h"

#include <math.h>

enum { CHUNK = 256, AHEAD = 4, PAST = 2 * AHEAD };

static const double least_step = 0x1p-23, most_step = 0x1p-7; /* 24 and 8 bit */
static const double corner_steps = 12.0, soft = 1.6;          /* see the header */
static const double flat_steps = 3.0;    /* dither moves a flat top by one to either side */
static const double over_apart_s = 0.01; /* stretches closer than this are one */

enum status
clips_prepare(struct clips *k, double rate_hz, int nch, double step)
{
    *k = (struct clips){0};
    if (!rate_ok(rate_hz) || nch < 1 || nch > CHUNKS_CHANNELS)
        return BAD_ARG;
    k->format_step = step > least_step ? step : least_step;
    k->apart = (int64_t)(over_apart_s * rate_hz);
    for (int c = 0; c < nch; c++) {
        k->step[c] = INFINITY;
        k->side[c][0].start = k->side[c][1].start = k->over[c].start = -1;
    }
    return chunks_prepare(&k->chunks, nch, PAST, CHUNK);
}

void
clips_free(struct clips *k)
{
    chunks_free(&k->chunks);
}

static double
step_of(const struct clips *k, int channel)
{
    double s = k->step[channel];

    return s > k->format_step && s <= most_step ? s : k->format_step;
}

/* Between a run's level and the samples next to it, the nearest first. */
static bool
is_corner(double level, double near, double next, double far, double step)
{
    double first = fabs(level - near), second = fabs(near - next), third = fabs(next - far);
    bool flat = second <= flat_steps * step || third <= flat_steps * step;

    return first > corner_steps * step && !flat && third <= soft * second;
}

static void
raise_top(struct clips_side *s, double level, double step)
{
    if (level > s->anchor + 1.5 * step) {
        s->anchor = level;
        s->start = -1;
        s->longest = 0;
        s->marks = (struct marks){0};
    }
    s->top = level;
}

/* x[0] is the first sample behind the run. */
static void
end_run(struct clips_side *s, const double *x, int64_t frame, int channel, double step)
{
    int64_t length = frame - s->start;
    bool corner = s->corner || is_corner(x[-1], x[0], x[1], x[2], step);

    if (length >= CLIPS_RUN && corner && s->top >= CLIPS_LEAST) {
        marks_add(&s->marks, &(struct mark){s->start, length, channel, (double)length});
        s->longest = length > s->longest ? length : s->longest;
    }
    s->start = -1;
}

static void
walk_side(struct clips *k, int c, int sign)
{
    struct clips_side *s = &k->side[c][sign < 0];
    const double *x = k->chunks.x[c] + PAST - AHEAD, step = step_of(k, c);

    for (int i = 0; i < CHUNK; i++) {
        double level = sign * x[i];
        int64_t frame = k->chunks.at - AHEAD + i;

        if (level > s->top)
            raise_top(s, level, step);
        if (level < s->top - 1.5 * step || level <= 0.0) {
            if (s->start >= 0)
                end_run(s, x + i, frame, c, step);
        } else if (s->start < 0) {
            s->start = frame;
            s->corner = is_corner(x[i], x[i - 1], x[i - 2], x[i - 3], step);
        }
    }
}

static void
end_over(struct clips_over *o, int channel)
{
    if (o->start >= 0)
        marks_add(&o->marks, &(struct mark){o->start, o->end - o->start, channel, o->stretch_top});
    o->start = -1;
}

static void
walk_over(struct clips *k, int c)
{
    struct clips_over *o = &k->over[c];
    const double *x = k->chunks.x[c] + PAST - AHEAD;

    for (int i = 0; i < CHUNK; i++) {
        int64_t frame = k->chunks.at - AHEAD + i;
        double level = fabs(x[i]);

        if (level <= 1.0)
            continue;
        if (o->start >= 0 && frame - o->end > k->apart)
            end_over(o, c);
        if (o->start < 0) {
            o->start = frame;
            o->stretch_top = level;
        }
        o->count++;
        o->end = frame + 1;
        o->stretch_top = fmax(o->stretch_top, level);
        o->top = fmax(o->top, level);
    }
}

/* Of the differences near a top; silence has none. */
static void
see_step(struct clips *k, int c)
{
    const double *x = k->chunks.x[c] + PAST - AHEAD;

    for (int i = 0; i < CHUNK; i++) {
        double d = fabs(x[i] - x[i - 1]);

        if (d > 0.0 && d < k->step[c])
            k->step[c] = d;
    }
}

CLONES static struct extent
chunk_extent(const double *x)
{
    return extent_of(x, CHUNK);
}

static void
hear_chunk(struct clips *k)
{
    for (int c = 0; c < k->chunks.nch; c++) {
        struct extent e = chunk_extent(k->chunks.x[c] + PAST - AHEAD);
        struct clips_side *above = &k->side[c][0], *below = &k->side[c][1];
        double step = 1.5 * step_of(k, c);
        bool up = above->start >= 0 || (e.high > 0.0 && e.high >= above->top - step);
        bool down = below->start >= 0 || (e.low < 0.0 && -e.low >= below->top - step);

        if (up || down)
            see_step(k, c);
        if (up)
            walk_side(k, c, 1);
        if (down)
            walk_side(k, c, -1);
        if (e.high > 1.0 || e.low < -1.0)
            walk_over(k, c);
    }
}

RT void
clips_process(struct clips *k, const double *const *in, int nframes)
{
    for (int done = 0; done < nframes;) {
        done += chunks_take(&k->chunks, in, done, nframes);
        if (chunks_full(&k->chunks)) {
            hear_chunk(k);
            chunks_next(&k->chunks);
        }
    }
}

/* Silence until all has been walked. */
RT void
clips_finish(struct clips *k)
{
    clips_process(k, NULL, CHUNK + AHEAD);
    for (int c = 0; c < k->chunks.nch; c++)
        end_over(&k->over[c], c);
}

struct clips_found
clips_read(const struct clips *k, int channel)
{
    struct clips_found f = {0};
    int64_t count = 0;

    for (int side = 0; side < 2; side++) {
        const struct clips_side *s = &k->side[channel][side];

        for (int i = 0; i < s->marks.kept; i++)
            marks_add(&f.marks, &s->marks.mark[i]);
        count += s->marks.count;
        f.longest = s->longest > f.longest ? s->longest : f.longest;
        if (s->marks.count && s->top > f.level)
            f.level = s->top;
    }
    f.marks.count = count;
    marks_sort(&f.marks);
    return f;
}
