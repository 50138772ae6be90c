/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A block first looks at what the disk has written, then plays piece by piece: up to the end of a segment, of a fade or
 * of what is there. What comes next is decided at these borders alone, by counts of frames, never by the block's size.
 */
#include "engine/playhead.h"

#include <limits.h>
#include <string.h>

enum { PIECE = 64 }; /* frames copied at a time */

/* --- what the disk says --- */

static void
answer(struct playhead *h, uint32_t number, bool taken)
{
    struct flow_answer a = {number, taken};

    ring_write(&h->rings->answers, &a, 1);
}

static bool
take_splice(struct playhead *h, struct flow *f, const struct flow_mark *m)
{
    int i = h->ended && f == &h->now ? -1 : flow_find(f, m->join);

    if (i < 0) { /* past it; the old flow stops where the new one would have begun */
        flow_close(f, m->at);
        return false;
    }
    f->n = i + 1;
    if (m->kind == MARK_CUT)
        flow_end(f, m->join, m->last);
    else
        flow_add(f, (struct flow_segment){m->at, FLOW_OPEN, m->track, m->position, m->goes_on});
    return true;
}

static void
take_mark(struct playhead *h, const struct flow_mark *m)
{
    struct flow *f = h->next.generation ? &h->next : &h->now;

    if (m->kind == MARK_CUE) {
        if (f == &h->now)
            flow_close(f, m->at);
        h->next.generation = m->generation;
        h->next.from = m->at;
        h->next.n = 0;
        h->next.complete = false;
    } else if (m->kind == MARK_BEGIN) {
        flow_add(f, (struct flow_segment){m->at, FLOW_OPEN, m->track, m->position, m->goes_on});
    } else if (m->kind == MARK_END) {
        flow_end(f, m->at, m->last);
    } else {
        answer(h, m->number, take_splice(h, f, m));
    }
}

/* head first, marks afterwards: what lies below head has its marks by then. */
static void
look(struct playhead *h)
{
    struct flow_mark m;

    h->head = ring_written(&h->rings->sound);
    while (h->now.n < FLOW_SEGMENTS && h->next.n < FLOW_SEGMENTS && ring_read(&h->rings->marks, &m, 1))
        take_mark(h, &m);
}

static void
skip_to(struct playhead *h, size_t number)
{
    size_t tail = ring_taken(&h->rings->sound);

    if (number > tail)
        ring_drop(&h->rings->sound, number - tail);
}

/* While silent: a newer generation takes the place of the old one, whose sound goes. */
static void
adopt(struct playhead *h)
{
    if (!h->next.generation)
        return;
    h->now = h->next;
    h->next.generation = 0;
    h->ended = false;
    skip_to(h, h->now.from);
}

/* Steps over segments that are over. */
static void
advance(struct playhead *h)
{
    struct flow *f = &h->now;

    while (f->n > 1 && ring_taken(&h->rings->sound) >= f->segment[0].to) {
        flow_drop_first(f);
        skip_to(h, f->segment[0].from);
    }
}

/* --- the sound --- */

static void
notify(struct playhead *h, struct player_notice n)
{
    if (h->notices_in - h->notices_out < PLAYHEAD_NOTICES)
        h->notice[h->notices_in++ % PLAYHEAD_NOTICES] = n;
}

static struct player_notice
notice_here(const struct playhead *h, enum player_notice_kind kind, uint64_t frame)
{
    return (struct player_notice){.kind = kind, .frame = frame, .track = h->track, .position = h->position};
}

static void
find_place(struct playhead *h)
{
    if (!h->now.n)
        return;
    h->track = h->now.segment[0].track;
    h->position =
        h->now.segment[0].position + (int64_t)(ring_taken(&h->rings->sound) - h->now.segment[0].from);
}

/* Frames to the end of the segment, wherever that is known to be. */
static size_t
left_in_segment(const struct playhead *h)
{
    const struct flow_segment *s = &h->now.segment[0];

    return s->to == FLOW_OPEN ? SIZE_MAX : s->to - ring_taken(&h->rings->sound);
}

static size_t
available(const struct playhead *h)
{
    return flow_frames(&h->now, ring_taken(&h->rings->sound), h->head);
}

static int
shorter(int a, size_t b)
{
    return b < (size_t)a ? (int)b : a;
}

/* Frames by which what would be played is late; negative: early. */
static int64_t
lag(const struct playhead *h, uint64_t frame)
{
    return h->follow_position + (int64_t)(frame - h->follow_frame) - h->position;
}

/* Passes over what should have been heard already. False: what is to be heard now is not there. */
static bool
catch_up(struct playhead *h, size_t there, uint64_t frame)
{
    int64_t late = lag(h, frame);

    if (late < 0 || (size_t)late >= there || (size_t)late >= left_in_segment(h) ||
        !flow_ready(&h->now, there - (size_t)late, h->enough))
        return false;
    ring_drop(&h->rings->sound, (size_t)late);
    find_place(h);
    return true;
}

/* Begins if it may. */
static void
begin(struct playhead *h, uint64_t frame)
{
    size_t there;

    adopt(h);
    if (!h->want || h->want != h->now.generation || h->ended)
        return;
    advance(h);
    there = available(h);
    if (there == 0 && h->now.complete) { /* a list without a single frame, or played to its end */
        h->ended = true;
        h->want = 0;
        if (h->now.last)
            notify(h, notice_here(h, PLAYER_FINISHED, frame));
        return;
    }
    if (there == 0 || !flow_ready(&h->now, there, h->enough))
        return;
    find_place(h);
    if (h->follows && !catch_up(h, there, frame))
        return;
    h->sounding = true;
    h->in_at = h->out_at = h->out_length = 0;
    h->in_length = h->position && !h->cut ? shorter(h->fade, left_in_segment(h)) : 0;
    notify(h, notice_here(h, PLAYER_BEGAN, frame));
}

/* All that was to be heard has been. */
static void
end(struct playhead *h, uint64_t frame)
{
    h->sounding = false;
    h->ended = true;
    if (h->want == h->now.generation)
        h->want = 0;
    notify(h, notice_here(h, PLAYER_ENDED, frame));
    if (h->now.last)
        notify(h, notice_here(h, PLAYER_FINISHED, frame));
}

/* A fade never reaches into the next track: what follows is for whoever replays the notices to say. */
static void
start_fade_out(struct playhead *h, uint64_t frame, bool dry)
{
    struct player_notice n;

    h->out_length = shorter(shorter(h->fade, left_in_segment(h)), available(h));
    h->out_at = 0;
    n = notice_here(h, PLAYER_ENDED, frame);
    n.faded = h->out_length > 0;
    n.dry = dry;
    notify(h, n);
    if (!h->out_length)
        h->sounding = false;
}

/* The path of fade.h, of whatever length. */
static double
fade_path(int at, int length)
{
    double t = (double)at / length;

    return t * t * t * (t * (6.0 * t - 15.0) + 10.0);
}

static double
next_gain(struct playhead *h)
{
    double gain = 1.0;

    if (h->in_at < h->in_length)
        gain = fade_path(++h->in_at, h->in_length + 1);
    if (h->out_at < h->out_length) {
        h->out_at++;
        gain *= fade_path(h->out_length + 1 - h->out_at, h->out_length + 1);
    }
    return gain;
}

static void
copy(struct playhead *h, double *const *out, int at, int nframes)
{
    double piece[PIECE * STEREO];

    for (int done = 0; done < nframes; done += PIECE) {
        int n = nframes - done < PIECE ? nframes - done : PIECE;

        ring_read(&h->rings->sound, piece, (size_t)n);
        for (int i = 0; i < n; i++) {
            double gain = next_gain(h);

            for (int c = 0; c < STEREO; c++)
                out[c][at + done + i] = gain * piece[i * STEREO + c];
        }
    }
    h->position += nframes;
}

/* Into the next track, if this one is over. */
static void
cross(struct playhead *h, uint64_t frame)
{
    bool goes_on = true;

    while (h->now.n > 1 && ring_taken(&h->rings->sound) >= h->now.segment[0].to) {
        flow_drop_first(&h->now);
        skip_to(h, h->now.segment[0].from);
        goes_on = goes_on && h->now.segment[0].goes_on;
    }
    find_place(h);
    if (!goes_on) {
        h->in_length = 0; /* a fade-in ends with the track it began in */
        notify(h, notice_here(h, PLAYER_BEGAN, frame));
    }
}

/* At most n frames, one idea after the other; returns how many were played. */
static int
play_some(struct playhead *h, double *const *out, int at, int n, uint64_t frame)
{
    size_t there = available(h), run = (size_t)n;

    if (!h->out_length && h->want != h->now.generation)
        start_fade_out(h, frame, false);
    else if (!h->out_length && !h->now.complete && there <= (size_t)h->fade)
        start_fade_out(h, frame, true);
    if (!h->sounding)
        return 0;
    if (left_in_segment(h) == 0)
        cross(h, frame);
    if (h->out_length)
        there = (size_t)(h->out_length - h->out_at);
    else if (!h->now.complete)
        there -= (size_t)h->fade;
    run = run < there ? run : there;
    run = run < left_in_segment(h) ? run : left_in_segment(h);
    copy(h, out, at, (int)run);
    if (h->out_length && h->out_at == h->out_length) {
        h->sounding = false;
        h->out_length = 0;
    } else if (h->now.complete && available(h) == 0) {
        end(h, frame + run);
    }
    return (int)run;
}

/* Frames to wait before it begins; INT_MAX: it is not known to begin. */
static int
early(const struct playhead *h, uint64_t frame)
{
    int64_t late = h->follows ? lag(h, frame) : 0;

    return late < 0 && late > -INT_MAX && h->want == h->now.generation && !h->ended ? (int)-late : INT_MAX;
}

static int
silence(double *const *out, int at, int nframes)
{
    for (int c = 0; c < STEREO; c++)
        memset(out[c] + at, 0, sizeof **out * (size_t)nframes);
    return nframes;
}

/* --- the header's functions --- */

void
playhead_prepare(struct playhead *h, double rate_hz, struct flow_rings *rings)
{
    h->rings = rings;
    h->fade = (int)(rate_hz * PLAYER_FADE_MS * 1e-3 + 0.5);
    h->enough = (size_t)(rate_hz * PLAYER_READY_MS * 1e-3);
    h->track = -1;
}

void
playhead_cut(struct playhead *h, bool on)
{
    h->cut = on;
}

RT void
playhead_play(struct playhead *h, uint32_t generation)
{
    h->want = generation;
    h->follows = false;
}

RT void
playhead_follow(struct playhead *h, uint32_t generation, int64_t position, uint64_t frame)
{
    h->want = generation;
    h->follows = true;
    h->follow_position = position;
    h->follow_frame = frame;
}

RT void
playhead_stop(struct playhead *h)
{
    h->want = 0;
}

RT void
playhead_process(struct playhead *h, double *const *out, int nframes, uint64_t frame)
{
    int at = 0;

    look(h);
    while (at < nframes) {
        if (!h->sounding)
            begin(h, frame + (uint64_t)at);
        if (h->sounding)
            at += play_some(h, out, at, nframes - at, frame + (uint64_t)at);
        else if (early(h, frame + (uint64_t)at) < nframes - at)
            at += silence(out, at, early(h, frame + (uint64_t)at));
        else
            break;
    }
    silence(out, at, nframes - at);
}

RT bool
playhead_notice(struct playhead *h, struct player_notice *n)
{
    if (h->notices_in == h->notices_out)
        return false;
    *n = h->notice[h->notices_out++ % PLAYHEAD_NOTICES];
    return true;
}

RT void
playhead_where(const struct playhead *h, int *track, int64_t *position, bool *playing)
{
    *track = h->track;
    *position = h->position;
    *playing = h->sounding;
}
