/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flow is written as the list goes, further than it is heard; what the disk has read past can still be taken back
 * by a splice (flow.h). `undo` and `old` keep what there was before it, until process has answered.
 *
 * Frame n of a file has the same bits wherever reading began (soundfile.h).
 */
#include "engine/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMANDS = 4096, MARKS_A_STEP = 8 };

/* --- what the disk thread says to control --- */

static void
tell(struct reader *r, int track, const char *text)
{
    struct reader_line line;

    if (r->told[track])
        return;
    r->told[track] = true;
    snprintf(line.text, sizeof line.text, "%s", text);
    ring_write(&r->news, &line, 1);
}

static void
tell_cut(struct reader *r, int track, int64_t position)
{
    char text[sizeof(struct reader_line)];

    snprintf(text, sizeof text,
             "%s: ends early, after %.1f s: the file is damaged or cut short, copy it again",
             r->tracks[track].path, (double)position / r->rate_hz);
    tell(r, track, text);
}

/* --- which file --- */

/* What follows a track; -1: nothing. */
static int
follow(const struct reader *r, int track)
{
    if (r->script)
        return -1;
    if (r->loop == LOOP_TRACK && !r->bad[track])
        return track;
    for (int i = 1; i <= r->ntracks; i++) {
        int next = track + i;

        if (next >= r->ntracks && r->loop != LOOP_LIST)
            return -1;
        if (!r->bad[next % r->ntracks])
            return next % r->ntracks;
    }
    return -1;
}

static void
stop_reading(struct reader *r)
{
    soundfile_close(r->reading.file);
    r->reading.file = NULL;
}

static bool
open_track(struct reader *r, int track, int64_t position)
{
    struct err e;

    stop_reading(r);
    if (r->bad[track])
        return false;
    if (soundfile_open(&r->reading.file, r->tracks[track].path, r->rate_hz, position, &e) != OK) {
        reader_refuse(r, track, e.text);
        return false;
    }
    r->reading.track = track;
    r->reading.position = position;
    return true;
}

/* Opens what follows a track, passing over what can't be opened. */
static bool
open_next(struct reader *r, int track)
{
    int next = follow(r, track);

    for (int i = 0; i <= r->ntracks && next >= 0; i++) {
        if (open_track(r, next, 0))
            return true;
        next = follow(r, next);
    }
    stop_reading(r);
    return false;
}

/* Opens the cued track, or the nearest in its direction that can be opened. */
static bool
open_cued(struct reader *r, const struct reader_command *c)
{
    int track = c->track;
    int64_t position = c->position;

    for (int i = 0; i < r->ntracks; i++) {
        if (open_track(r, track, position))
            return true;
        track = (track + (c->back ? r->ntracks - 1 : 1)) % r->ntracks;
        position = 0;
    }
    return false;
}

/* --- the flow --- */

static void
send(struct reader *r, struct flow_mark m)
{
    m.generation = r->flow.generation;
    ring_write(&r->rings->marks, &m, 1); /* room was looked for before the step */
}

static struct flow_segment
segment_here(const struct reader *r, size_t at, bool goes_on)
{
    return (struct flow_segment){at, FLOW_OPEN, r->reading.track, r->reading.position, goes_on};
}

/* From ring number `at` on the disk writes what it has just opened, or nothing more. */
static void
begin_or_end(struct reader *r, size_t at)
{
    const struct reader_place *here = &r->reading;

    if (here->file) {
        flow_add(&r->flow, segment_here(r, at, false));
        send(r, (struct flow_mark){
                    .kind = MARK_BEGIN, .at = at, .track = here->track, .position = here->position});
    } else {
        flow_end(&r->flow, at, !r->script);
        send(r, (struct flow_mark){.kind = MARK_END, .at = at, .last = !r->script});
    }
}

static void
start_cue(struct reader *r)
{
    struct reader_command c = r->cue;
    size_t at = ring_written(&r->rings->sound);

    r->cue.generation = 0;
    r->waits = r->loop_changed = r->ready_told = false;
    r->passed = at;
    r->flow = (struct flow){.generation = c.generation};
    send(r, (struct flow_mark){.kind = MARK_CUE, .at = at});
    open_cued(r, &c);
    begin_or_end(r, at);
}

/* The flow goes from `join` straight to what was just opened, or ends there. */
static void
splice(struct reader *r, size_t join, bool goes_on)
{
    size_t at = ring_written(&r->rings->sound);
    const struct reader_place *here = &r->reading;
    struct flow_mark m = {.kind = here->file ? MARK_SPLICE : MARK_CUT,
                          .number = ++r->number,
                          .join = join,
                          .at = at,
                          .last = !r->script,
                          .goes_on = goes_on};

    if (here->file) {
        m.track = here->track;
        m.position = here->position;
        flow_add(&r->flow, segment_here(r, at, goes_on));
    } else {
        flow_end(&r->flow, join, m.last);
    }
    r->waits = true;
    r->join = join;
    send(r, m);
}

/* The first end of a track still to be heard, after which something else was read than the loop now asks for. */
static int
find_disagreement(const struct reader *r)
{
    for (int i = 0; i < r->flow.n; i++) {
        const struct flow_segment *s = &r->flow.segment[i], *next = s + 1;
        bool more = i + 1 < r->flow.n;

        if (s->to == FLOW_OPEN || s->to <= r->passed || (more && next->goes_on) ||
            (!more && !r->flow.complete))
            continue;
        if ((more ? next->track : -1) != follow(r, s->track))
            return i;
    }
    return -1;
}

static void
change_loop(struct reader *r)
{
    int i = find_disagreement(r);

    r->loop_changed = false;
    if (i < 0)
        return;
    r->undo = r->flow;
    r->old = r->reading;
    r->spliced_at = ring_written(&r->rings->sound);
    if (!r->reading.file)
        r->old.track = -1;
    r->flow.n = i + 1;
    r->flow.complete = false;
    open_next(r, r->flow.segment[i].track);
    splice(r, r->flow.segment[i].to, false);
}

/* process was past the join: it plays the old flow to where we left it. Go on there; the loop is heard a track later. */
static void
undo_splice(struct reader *r)
{
    bool goes_on = true;

    r->loop_changed = true;
    r->passed = r->join;
    r->flow = r->undo;
    if (r->flow.complete || r->old.track < 0) {
        stop_reading(r);
        return;
    }
    r->flow.segment[r->flow.n - 1].to = r->spliced_at;
    if (r->flow.segment[r->flow.n - 1].from == r->spliced_at) { /* it was only just to begin */
        r->flow.n--;
        goes_on = false;
    }
    open_track(r, r->old.track, r->old.position);
    splice(r, r->spliced_at, goes_on);
}

static void
hear_answers(struct reader *r)
{
    struct flow_answer a;

    while (ring_read(&r->rings->answers, &a, 1)) {
        if (!r->waits || a.number != r->number)
            continue;
        r->waits = false;
        if (!a.taken)
            undo_splice(r);
    }
}

static void
hear_commands(struct reader *r)
{
    struct reader_command c;

    while (ring_read(&r->commands, &c, 1)) {
        if (c.kind == COMMAND_CUE)
            r->cue = c;
        else if (c.kind == COMMAND_SCRIPT)
            r->script = c.value;
        else if ((int)r->loop != c.value) {
            r->loop = (enum player_loop)c.value;
            r->loop_changed = true;
        }
    }
}

static void
forget_passed(struct reader *r)
{
    struct flow *f = &r->flow;
    size_t tail = ring_taken(&r->rings->sound);

    while (f->n && f->segment[0].to < tail)
        flow_drop_first(f);
}

static void
tell_ready(struct reader *r, size_t ahead)
{
    if (r->ready_told || r->flow.generation == 0)
        return;
    if (!flow_ready(&r->flow, ahead, r->enough))
        return;
    ring_write(&r->readies, &r->flow.generation, 1);
    r->ready_told = true;
}

/* The length in an MP3 or Ogg header may be off by a little without harm. */
static bool
is_cut(const struct soundfile *file, int64_t missing, double rate_hz)
{
    return soundfile_cut(file) && (soundfile_info(file)->bits || (double)missing > 0.1 * rate_hz);
}

/* The end of a track is marked before its last frames are there: process must never take a lack of sound for lateness. */
static void
read_chunk(struct reader *r)
{
    int64_t left = soundfile_length(r->reading.file) - r->reading.position;
    int ask = left < READER_CHUNK ? (int)left : READER_CHUNK, track = r->reading.track;
    int got = soundfile_read(r->reading.file, r->chunk, ask);

    r->reading.position += got;
    if (got < ask || got == left) {
        if (is_cut(r->reading.file, left - got, r->rate_hz))
            tell_cut(r, track, r->reading.position);
        open_next(r, track);
        begin_or_end(r, ring_written(&r->rings->sound) + (size_t)got);
    }
    ring_write(&r->rings->sound, r->chunk, (size_t)got);
}

static bool
read_ahead(struct reader *r)
{
    size_t ahead = flow_frames(&r->flow, ring_taken(&r->rings->sound), ring_written(&r->rings->sound));

    tell_ready(r, ahead);
    if (!r->reading.file || ahead >= r->ahead || r->flow.n >= FLOW_AHEAD ||
        ring_writable(&r->rings->sound) < READER_CHUNK)
        return false;
    read_chunk(r);
    tell_ready(r, flow_frames(&r->flow, ring_taken(&r->rings->sound), ring_written(&r->rings->sound)));
    return true;
}

/* --- control thread --- */

enum status
reader_prepare(struct reader *r, double rate_hz, const struct player_track *tracks, int ntracks,
               struct flow_rings *rings)
{
    r->rate_hz = rate_hz;
    r->ahead = (size_t)(rate_hz * PLAYER_AHEAD_MS * 1e-3);
    r->enough = (size_t)(rate_hz * PLAYER_READY_MS * 1e-3);
    r->tracks = tracks;
    r->ntracks = ntracks;
    r->rings = rings;
    r->bad = calloc((size_t)ntracks + 1, sizeof *r->bad);
    r->told = calloc((size_t)ntracks + 1, sizeof *r->told);
    if (r->bad && r->told && ring_prepare(&r->commands, sizeof(struct reader_command), COMMANDS) == OK &&
        ring_prepare(&r->readies, sizeof(uint32_t), COMMANDS) == OK &&
        ring_prepare(&r->news, sizeof(struct reader_line), (size_t)ntracks + 1) == OK)
        return OK;
    reader_free(r);
    return NO_MEM;
}

void
reader_free(struct reader *r)
{
    stop_reading(r);
    ring_free(&r->commands);
    ring_free(&r->readies);
    ring_free(&r->news);
    free(r->bad);
    free(r->told);
    r->bad = r->told = NULL;
}

bool
reader_cue(struct reader *r, uint32_t generation, int track, int64_t position, bool back)
{
    struct reader_command c = {COMMAND_CUE, generation, .track = track, .position = position, .back = back};

    ring_drop(&r->readies, ring_readable(&r->readies));
    return ring_write(&r->commands, &c, 1);
}

void
reader_loop(struct reader *r, enum player_loop loop)
{
    struct reader_command c = {.kind = COMMAND_LOOP, .value = (int)loop};

    ring_write(&r->commands, &c, 1);
}

void
reader_script(struct reader *r, bool on)
{
    struct reader_command c = {.kind = COMMAND_SCRIPT, .value = on};

    ring_write(&r->commands, &c, 1);
}

bool
reader_ready(const struct reader *r, uint32_t generation)
{
    size_t n = ring_readable(&r->readies);
    uint32_t ready;

    return n && ring_peek(&r->readies, n - 1, &ready, 1) && ready == generation;
}

const char *
reader_news(struct reader *r)
{
    return ring_read(&r->news, &r->line, 1) ? r->line.text : NULL;
}

/* --- disk thread --- */

void
reader_refuse(struct reader *r, int track, const char *text)
{
    r->bad[track] = true;
    tell(r, track, text);
}

bool
reader_fill(struct reader *r)
{
    hear_commands(r);
    if (ring_writable(&r->rings->marks) < MARKS_A_STEP) /* process stands still */
        return false;
    if (r->cue.generation) {
        start_cue(r);
        return true;
    }
    hear_answers(r);
    forget_passed(r);
    if (r->loop_changed && !r->waits) {
        change_loop(r);
        return true;
    }
    return read_ahead(r);
}
