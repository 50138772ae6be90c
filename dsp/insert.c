/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/insert.h"

#include "dsp/xmath.h"

#include <stdlib.h>
#include <string.h>

enum { MASK = 2 * INSERT_LONGEST - 1, TAPS = 2 * INSERT_HALF };

_Static_assert((2 * INSERT_LONGEST & MASK) == 0, "the line's length is a power of two");

static const double glide_ms = 20.0;

/* --- the fraction of a frame ------------------------------------------------------------------------ */

/* Blackman-Harris, -92 dB: u from -1 to 1. */
static double
window(double u)
{
    double a = PI * u;

    return 0.35875 + 0.48829 * x_cos(a) + 0.14128 * x_cos(2.0 * a) + 0.01168 * x_cos(3.0 * a);
}

static void
taps_whole(struct insert_taps *t, int delay)
{
    *t = (struct insert_taps){.first = delay, .count = 1};
    t->tap[0] = 1.0;
}

RT void
insert_taps_design(struct insert_taps *t, double delay_frames)
{
    int whole = (int)delay_frames, half = whole + 1 < INSERT_HALF ? whole + 1 : INSERT_HALF;
    double fraction = delay_frames - whole, sum = 0.0;

    if (fraction == 0.0 || whole == 0) { /* nothing stands ahead of the first frame to interpolate with */
        taps_whole(t, (int)(delay_frames + 0.5));
        return;
    }
    t->first = whole + 1 - half;
    t->count = 2 * half;
    for (int k = 0; k < t->count; k++) {
        double x = k - half + 1 - fraction;

        t->tap[k] = x_sin(PI * x) / (PI * x) * window(x / half);
        sum += t->tap[k];
    }
    for (int k = 0; k < t->count; k++)
        t->tap[k] /= sum;
}

RT static double
taps_read(const struct insert_taps *t, const double *line, int at)
{
    double sum = 0.0;

    for (int k = 0; k < t->count; k++)
        sum += t->tap[k] * line[(at - t->first - k) & MASK];
    return sum;
}

/* --- the header's ----------------------------------------------------------------------------------- */

enum status
insert_prepare(struct insert *s, double rate_hz)
{
    *s = (struct insert){.rate_hz = rate_hz, .fresh = true};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    s->line[0] = calloc(STEREO * (MASK + 1), sizeof *s->line[0]);
    if (!s->line[0])
        return NO_MEM;
    s->line[1] = s->line[0] + MASK + 1;
    fade_prepare(&s->move, rate_hz, INSERT_FADE_MS);
    fade_prepare(&s->hold, rate_hz, INSERT_FADE_MS);
    smooth_prepare(&s->gain, rate_hz, glide_ms, 1e-9);
    smooth_prepare(&s->mix, rate_hz, glide_ms, 1e-9);
    smooth_prepare(&s->matrix, rate_hz, glide_ms, 1e-9);
    insert_set(s, &(struct insert_settings){.mix = 100.0});
    insert_reset(s);
    return OK;
}

void
insert_free(struct insert *s)
{
    free(s->line[0]);
    *s = (struct insert){0};
}

static void
settle(struct insert *s)
{
    smooth_jump(&s->gain, s->gain.target);
    smooth_jump(&s->mix, s->mix.target);
    smooth_jump(&s->matrix, s->matrix.target);
    insert_taps_design(&s->taps, s->delay_frames);
    s->taps_for = s->delay_frames;
    fade_jump(&s->move, false);
}

RT void
insert_reset(struct insert *s)
{
    memset(s->line[0], 0, sizeof *s->line[0] * STEREO * (MASK + 1));
    s->at = 0;
    settle(s);
    fade_jump(&s->hold, s->hold.want);
    s->fresh = true;
}

RT void
insert_set(struct insert *s, const struct insert_settings *settings)
{
    double gain = db_to_gain(settings->gain_db);

    smooth_to(&s->gain, settings->polarity ? -gain : gain);
    smooth_to(&s->mix, settings->mix * 0.01);
    smooth_to(&s->matrix, settings->mode == INSERT_MID_SIDE);
    s->delay_frames = settings->delay_frames;
    if (s->fresh)
        settle(s);
    s->fresh = false;
}

RT void
insert_ports(struct insert *s, float *const *send, const float *const *ret)
{
    for (int c = 0; c < STEREO; c++) {
        s->send[c] = send ? send[c] : NULL;
        s->ret[c] = ret ? ret[c] : NULL;
    }
}

RT void
insert_hold(struct insert *s, bool hold)
{
    fade_to(&s->hold, hold);
}

/* A delay that was asked for goes on when the last one is there. */
static void
move_begin(struct insert *s)
{
    if (fade_moving(&s->move) || s->delay_frames == s->taps_for)
        return;
    insert_taps_design(&s->next, s->delay_frames);
    s->next_for = s->delay_frames;
    fade_jump(&s->move, false);
    fade_to(&s->move, true);
}

static void
move_end(struct insert *s)
{
    if (fade_moving(&s->move) || s->move.position == 0)
        return;
    s->taps = s->next;
    s->taps_for = s->next_for;
    fade_jump(&s->move, false);
}

/* The delayed sound of both sides. */
static void
dry_frame(struct insert *s, double dry[STEREO])
{
    double w = fade_next(&s->move);

    for (int c = 0; c < STEREO; c++) {
        dry[c] = w < 1.0 ? taps_read(&s->taps, s->line[c], s->at) : 0.0;
        if (w > 0.0)
            dry[c] += w * (taps_read(&s->next, s->line[c], s->at) - dry[c]);
    }
    if (w > 0.0)
        move_end(s);
}

/* m = 1: mid and side; in between on the way from one to the other. */
static void
send_frame(struct insert *s, const double x[STEREO], double m, int i)
{
    double mid = 0.5 * (x[0] + x[1]), side = 0.5 * (x[0] - x[1]);

    if (!s->send[0])
        return;
    s->send[0][i] = (float)(m == 0.0 ? x[0] : x[0] + m * (mid - x[0]));
    s->send[1][i] = (float)(m == 0.0 ? x[1] : x[1] + m * (side - x[1]));
}

static void
return_frame(const struct insert *s, double m, int i, double gain, double wet[STEREO])
{
    double a, b;

    if (!s->ret[0]) {
        wet[0] = wet[1] = 0.0;
        return;
    }
    a = s->ret[0][i];
    b = s->ret[1][i];
    a = __builtin_isfinite(a) ? gain * a : 0.0;
    b = __builtin_isfinite(b) ? gain * b : 0.0;
    wet[0] = m == 0.0 ? a : a + m * b;
    wet[1] = m == 0.0 ? b : b + m * (a - 2.0 * b);
}

RT void
insert_process(struct insert *s, double *const *io, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        const double x[STEREO] = {io[0][i], io[1][i]};
        double gain = smooth_next(&s->gain), m = smooth_next(&s->matrix);
        double mix = smooth_next(&s->mix) * (1.0 - fade_next(&s->hold));
        double wet[STEREO], dry[STEREO];

        s->at = (s->at + 1) & MASK;
        s->line[0][s->at] = x[0];
        s->line[1][s->at] = x[1];
        move_begin(s);
        send_frame(s, x, m, i);
        return_frame(s, m, i, gain, wet);
        if (mix == 1.0 && !fade_moving(&s->move)) { /* the dry sound is not heard: its sum is left out */
            io[0][i] = wet[0];
            io[1][i] = wet[1];
            continue;
        }
        dry_frame(s, dry);
        for (int c = 0; c < STEREO; c++)
            io[c][i] = dry[c] + mix * (wet[c] - dry[c]);
    }
}

RT int
insert_latency_frames(const struct insert *s)
{
    return (int)(s->delay_frames + 0.5);
}

int
insert_latency_max_frames(const struct insert *s)
{
    (void)s;
    return INSERT_LONGEST;
}
