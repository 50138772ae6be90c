/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/player.h"

#include "engine/ring.h"
#include "engine/soundfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * All sound goes through one ring, and every frame in it has a number for ever:
 * the count of frames written before it. What the numbers mean is said by marks
 * on a second ring, always written before the sound they speak of:
 *
 *   CUE     from `at` on everything belongs to a new generation
 *   BEGIN   at `at` a track begins (or goes on at a position); what was open ends there
 *   END     at `at` the sound ends
 *   SPLICE  what was to follow number `join` is off: go from there straight to `at`, where a track begins.
 *           So a change of the loop is heard at the next track's end, though the disk has read past it.
 *   CUT     likewise, but the sound ends at `join`
 *
 * Disk and process each keep the flow, the list of segments that the marks make.
 * They agree, but for one race: a SPLICE may come when process is past `join`.
 * It answers each SPLICE and CUT; if it says no, the disk goes on where the old
 * flow stopped, by a SPLICE to a segment that continues it.
 *
 * Frame n of a file has the same bits wherever reading began (soundfile.h), and
 * all that process decides by what happens to be read is told as a notice, so
 * that the notices are enough to make the same sound again.
 */

enum {
    CHUNK = 4096,        /* frames a step of the disk */
    RESERVE_MS = 1400,   /* room kept for a cue or a splice while the old sound is still there */
    SEGMENTS = 64,       /* a flow's */
    SEGMENTS_AHEAD = 32, /* the disk reads no further: a list of very short files */
    SEGMENTS_READY = 16, /* as good as PLAYER_READY_MS */
    MARKS = 256,
    COMMANDS = 4096,
    NOTICES = 64,
    PIECE = 64 /* frames process copies at a time */
};

#define OPEN_END SIZE_MAX

struct segment {
    size_t from, to; /* ring numbers; to: OPEN_END while the disk writes it */
    int track;
    int64_t position; /* in the track, at `from` */
    bool goes_on;     /* continues what was before it: nothing to tell */
};

struct flow {
    uint32_t generation;
    size_t from; /* where the generation begins */
    int n;
    bool complete; /* nothing follows the last segment... */
    bool last;     /* ...because the list is over */
    struct segment segment[SEGMENTS];
};

struct mark {
    enum { MARK_CUE, MARK_BEGIN, MARK_END, MARK_SPLICE, MARK_CUT } kind;
    uint32_t generation;
    uint32_t number; /* of a SPLICE or CUT */
    size_t join, at;
    int track;
    int64_t position;
    bool goes_on;
    bool last; /* END, CUT: the list is over */
};

struct answer {
    uint32_t number;
    bool taken;
};

struct command {
    enum { COMMAND_CUE, COMMAND_LOOP, COMMAND_SCRIPT } kind;
    uint32_t generation;
    int track, value;
    int64_t position;
    bool back;
};

struct line {
    char text[1200];
};

/* Where the disk thread reads. */
struct reading {
    struct soundfile *file; /* NULL: nothing to read */
    int track;
    int64_t position; /* of the next frame */
};

/* What the disk thread alone touches. */
struct disk {
    struct flow flow, undo; /* undo: the flow before the SPLICE that waits for its answer */
    struct reading reading;
    struct reading old; /* what undo read; its file is closed */
    struct command cue; /* generation 0: none waits */
    enum player_loop loop;
    bool script, loop_changed;
    bool waits; /* for the answer to SPLICE `number` */
    uint32_t number;
    size_t spliced_at;   /* where the undone flow stopped */
    size_t join, passed; /* of SPLICE `number`; joins up to here were refused */
    bool ready_told;
    bool *bad, *told; /* tracks that failed, and that people know of it */
    double chunk[CHUNK * STEREO];
};

/* What the process thread alone touches. */
struct process {
    struct flow now, next; /* next.generation 0: none */
    uint32_t want;         /* generation to play; 0: none */
    bool sounding;
    bool ended;           /* now is over and told */
    int in_length, in_at; /* the fade-in, frames; length 0: none */
    int out_length, out_at;
    size_t head; /* ring number up to which we may read in this block */
    int track;
    int64_t position;
    struct player_notice notice[NOTICES];
    unsigned notices_in, notices_out;
};

struct player {
    double rate_hz;
    int fade, ahead, ready; /* frames */
    bool cut;               /* starts inside a track are not faded in; stands before process runs */
    int ntracks;
    struct player_track *tracks;
    uint32_t generation;      /* control's: of the newest cue */
    struct line line;         /* control's: the last one taken */
    struct ring commands;     /* control -> disk */
    struct ring readies;      /* disk -> control: generations */
    struct ring news;         /* disk -> control: lines */
    struct ring sound, marks; /* disk -> process */
    struct ring answers;      /* process -> disk */
    struct disk disk;
    struct process process;
};

/* --- a flow --- */

static bool
flow_add(struct flow *f, struct segment s)
{
    if (f->n == SEGMENTS)
        return false;
    if (f->n && f->segment[f->n - 1].to == OPEN_END)
        f->segment[f->n - 1].to = s.from;
    f->segment[f->n++] = s;
    f->complete = false;
    return true;
}

static void
flow_end(struct flow *f, size_t at, bool last)
{
    if (f->n && f->segment[f->n - 1].to == OPEN_END)
        f->segment[f->n - 1].to = at;
    f->complete = true;
    f->last = last;
}

static void
flow_drop_first(struct flow *f)
{
    f->n--;
    memmove(f->segment, f->segment + 1, sizeof f->segment[0] * (size_t)f->n);
}

/* The segment that ends at `join`; -1: none. */
static int
flow_find(const struct flow *f, size_t join)
{
    for (int i = 0; i < f->n; i++) {
        if (f->segment[i].to == join && f->segment[i].from < join)
            return i;
    }
    return -1;
}

/* Frames from ring number `tail` on that are there (below head) and will be heard. */
static size_t
flow_frames(const struct flow *f, size_t tail, size_t head)
{
    size_t sum = 0;

    for (int i = 0; i < f->n; i++) {
        size_t from = f->segment[i].from > tail ? f->segment[i].from : tail;
        size_t to = f->segment[i].to < head ? f->segment[i].to : head;

        if (to > from)
            sum += to - from;
    }
    return sum;
}

/* --- disk thread: what it says to control --- */

static void
tell(struct player *p, int track, const char *text)
{
    struct line line;

    if (p->disk.told[track])
        return;
    p->disk.told[track] = true;
    snprintf(line.text, sizeof line.text, "%s", text);
    ring_write(&p->news, &line, 1);
}

static void
tell_cut(struct player *p, int track, int64_t position)
{
    char text[sizeof(struct line)];

    snprintf(text, sizeof text,
             "%s: ends early, after %.1f s: the file is damaged or cut short, copy it again",
             p->tracks[track].path, (double)position / p->rate_hz);
    tell(p, track, text);
}

/* --- disk thread: which file --- */

static int
step_track(const struct player *p, int track, int step)
{
    return (track + step + p->ntracks) % p->ntracks;
}

/* What follows a track; -1: nothing. */
static int
follow(const struct player *p, int track)
{
    const struct disk *d = &p->disk;

    if (d->script)
        return -1;
    if (d->loop == LOOP_TRACK && !d->bad[track])
        return track;
    for (int i = 1; i <= p->ntracks; i++) {
        int next = track + i;

        if (next >= p->ntracks && d->loop != LOOP_LIST)
            return -1;
        if (!d->bad[next % p->ntracks])
            return next % p->ntracks;
    }
    return -1;
}

static void
stop_reading(struct disk *d)
{
    soundfile_close(d->reading.file);
    d->reading.file = NULL;
}

static bool
open_track(struct player *p, int track, int64_t position)
{
    struct disk *d = &p->disk;
    struct err e;

    stop_reading(d);
    if (d->bad[track])
        return false;
    if (soundfile_open(&d->reading.file, p->tracks[track].path, p->rate_hz, position, &e) != OK) {
        d->bad[track] = true;
        tell(p, track, e.text);
        return false;
    }
    d->reading.track = track;
    d->reading.position = position;
    return true;
}

/* Opens what follows a track, passing over what can't be opened. */
static bool
open_next(struct player *p, int track)
{
    int next = follow(p, track);

    for (int i = 0; i <= p->ntracks && next >= 0; i++) {
        if (open_track(p, next, 0))
            return true;
        next = follow(p, next);
    }
    stop_reading(&p->disk);
    return false;
}

/* Opens the cued track, or the nearest in its direction that can be opened. */
static bool
open_cued(struct player *p, const struct command *c)
{
    int track = c->track;
    int64_t position = c->position;

    for (int i = 0; i < p->ntracks; i++) {
        if (open_track(p, track, position))
            return true;
        track = step_track(p, track, c->back ? -1 : 1);
        position = 0;
    }
    return false;
}

/* --- disk thread: the flow --- */

static void
send(struct player *p, struct mark m)
{
    m.generation = p->disk.flow.generation;
    ring_write(&p->marks, &m, 1); /* room was looked for before the step */
}

static struct segment
segment_here(const struct disk *d, size_t at, bool goes_on)
{
    return (struct segment){at, OPEN_END, d->reading.track, d->reading.position, goes_on};
}

/* From ring number `at` on the disk writes what it has just opened, or nothing more. */
static void
begin_or_end(struct player *p, size_t at)
{
    struct disk *d = &p->disk;
    const struct reading *r = &d->reading;

    if (r->file) {
        flow_add(&d->flow, segment_here(d, at, false));
        send(p, (struct mark){.kind = MARK_BEGIN, .at = at, .track = r->track, .position = r->position});
    } else {
        flow_end(&d->flow, at, !d->script);
        send(p, (struct mark){.kind = MARK_END, .at = at, .last = !d->script});
    }
}

static void
start_cue(struct player *p)
{
    struct disk *d = &p->disk;
    struct command c = d->cue;
    size_t at = ring_written(&p->sound);

    d->cue.generation = 0;
    d->waits = d->loop_changed = d->ready_told = false;
    d->passed = at;
    d->flow = (struct flow){.generation = c.generation};
    send(p, (struct mark){.kind = MARK_CUE, .at = at});
    open_cued(p, &c);
    begin_or_end(p, at);
}

/* The flow goes from `join` straight to what was just opened, or ends there. */
static void
splice(struct player *p, size_t join, bool goes_on)
{
    struct disk *d = &p->disk;
    size_t at = ring_written(&p->sound);
    const struct reading *r = &d->reading;
    struct mark m = {.kind = r->file ? MARK_SPLICE : MARK_CUT,
                     .number = ++d->number,
                     .join = join,
                     .at = at,
                     .last = !d->script,
                     .goes_on = goes_on};

    if (r->file) {
        m.track = r->track;
        m.position = r->position;
        flow_add(&d->flow, segment_here(d, at, goes_on));
    } else {
        flow_end(&d->flow, join, m.last);
    }
    d->waits = true;
    d->join = join;
    send(p, m);
}

/* The first end of a track still to be heard, after which something else was read than the loop now asks for. */
static int
find_disagreement(const struct player *p)
{
    const struct disk *d = &p->disk;

    for (int i = 0; i < d->flow.n; i++) {
        const struct segment *s = &d->flow.segment[i], *next = s + 1;
        bool more = i + 1 < d->flow.n;

        if (s->to == OPEN_END || s->to <= d->passed || (more && next->goes_on) ||
            (!more && !d->flow.complete))
            continue;
        if ((more ? next->track : -1) != follow(p, s->track))
            return i;
    }
    return -1;
}

static void
change_loop(struct player *p)
{
    struct disk *d = &p->disk;
    int i = find_disagreement(p);

    d->loop_changed = false;
    if (i < 0)
        return;
    d->undo = d->flow;
    d->old = d->reading;
    d->spliced_at = ring_written(&p->sound);
    if (!d->reading.file)
        d->old.track = -1;
    d->flow.n = i + 1;
    d->flow.complete = false;
    open_next(p, d->flow.segment[i].track);
    splice(p, d->flow.segment[i].to, false);
}

/* process was past the join: it plays the old flow to where we left it. Go on there; the loop is heard a track later. */
static void
undo_splice(struct player *p)
{
    struct disk *d = &p->disk;
    bool goes_on = true;

    d->loop_changed = true;
    d->passed = d->join;
    d->flow = d->undo;
    if (d->flow.complete || d->old.track < 0) {
        stop_reading(d);
        return;
    }
    d->flow.segment[d->flow.n - 1].to = d->spliced_at;
    if (d->flow.segment[d->flow.n - 1].from == d->spliced_at) { /* it was only just to begin */
        d->flow.n--;
        goes_on = false;
    }
    open_track(p, d->old.track, d->old.position);
    splice(p, d->spliced_at, goes_on);
}

static void
hear_answers(struct player *p)
{
    struct disk *d = &p->disk;
    struct answer a;

    while (ring_read(&p->answers, &a, 1)) {
        if (!d->waits || a.number != d->number)
            continue;
        d->waits = false;
        if (!a.taken)
            undo_splice(p);
    }
}

static void
hear_commands(struct player *p)
{
    struct disk *d = &p->disk;
    struct command c;

    while (ring_read(&p->commands, &c, 1)) {
        if (c.kind == COMMAND_CUE)
            d->cue = c;
        else if (c.kind == COMMAND_SCRIPT)
            d->script = c.value;
        else if ((int)d->loop != c.value) {
            d->loop = (enum player_loop)c.value;
            d->loop_changed = true;
        }
    }
}

static void
forget_passed(struct player *p)
{
    struct flow *f = &p->disk.flow;
    size_t tail = ring_taken(&p->sound);

    while (f->n && f->segment[0].to < tail)
        flow_drop_first(f);
}

static void
tell_ready(struct player *p, size_t ahead)
{
    struct disk *d = &p->disk;

    if (d->ready_told || d->flow.generation == 0)
        return;
    if (ahead < (size_t)p->ready && !d->flow.complete && d->flow.n < SEGMENTS_READY)
        return;
    ring_write(&p->readies, &d->flow.generation, 1);
    d->ready_told = true;
}

/* The length in an MP3 or Ogg header may be off by a little without harm. */
static bool
is_cut(const struct soundfile *file, int64_t missing, double rate_hz)
{
    return soundfile_cut(file) && (soundfile_info(file)->bits || (double)missing > 0.1 * rate_hz);
}

/* The end of a track is marked before its last frames are there: process must never take a lack of sound for lateness. */
static void
read_chunk(struct player *p)
{
    struct disk *d = &p->disk;
    int64_t left = soundfile_length(d->reading.file) - d->reading.position;
    int ask = left < CHUNK ? (int)left : CHUNK, track = d->reading.track;
    int got = soundfile_read(d->reading.file, d->chunk, ask);

    d->reading.position += got;
    if (got < ask || got == left) {
        if (is_cut(d->reading.file, left - got, p->rate_hz))
            tell_cut(p, track, d->reading.position);
        open_next(p, track);
        begin_or_end(p, ring_written(&p->sound) + (size_t)got);
    }
    ring_write(&p->sound, d->chunk, (size_t)got);
}

static bool
read_ahead(struct player *p)
{
    struct disk *d = &p->disk;
    size_t ahead = flow_frames(&d->flow, ring_taken(&p->sound), ring_written(&p->sound));

    tell_ready(p, ahead);
    if (!d->reading.file || ahead >= (size_t)p->ahead || d->flow.n >= SEGMENTS_AHEAD ||
        ring_writable(&p->sound) < CHUNK)
        return false;
    read_chunk(p);
    tell_ready(p, flow_frames(&d->flow, ring_taken(&p->sound), ring_written(&p->sound)));
    return true;
}

/* --- control thread --- */

static void
look_into(struct player *p, int track, const char *path)
{
    struct player_track *t = &p->tracks[track];
    struct soundfile *file;
    struct err e;

    if ((size_t)snprintf(t->path, sizeof t->path, "%s", path) >= sizeof t->path) {
        err_set(&e, "%.200s...: the name is too long: rename or move the file", path);
    } else if (soundfile_open(&file, path, p->rate_hz, 0, &e) == OK) {
        t->length = soundfile_length(file);
        t->rate_hz = soundfile_info(file)->rate_hz;
        soundfile_close(file);
        return;
    }
    p->disk.bad[track] = true;
    tell(p, track, e.text);
}

static enum status
prepare_rings(struct player *p)
{
    size_t frames = (size_t)(p->rate_hz * (PLAYER_AHEAD_MS + RESERVE_MS) * 1e-3);

    if (ring_prepare(&p->commands, sizeof(struct command), COMMANDS) == OK &&
        ring_prepare(&p->readies, sizeof(uint32_t), COMMANDS) == OK &&
        ring_prepare(&p->news, sizeof(struct line), (size_t)p->ntracks + 1) == OK &&
        ring_prepare(&p->sound, sizeof(double) * STEREO, frames + CHUNK) == OK &&
        ring_prepare(&p->marks, sizeof(struct mark), MARKS) == OK &&
        ring_prepare(&p->answers, sizeof(struct answer), MARKS) == OK)
        return OK;
    return NO_MEM;
}

enum status
player_open(struct player **player, double rate_hz, const char *const *paths, int npaths)
{
    struct player *p;

    *player = NULL;
    if (!rate_ok(rate_hz) || npaths < 0)
        return BAD_ARG;
    p = calloc(1, sizeof *p);
    if (!p)
        return NO_MEM;
    p->rate_hz = rate_hz;
    p->fade = (int)(rate_hz * PLAYER_FADE_MS * 1e-3 + 0.5);
    p->ahead = (int)(rate_hz * PLAYER_AHEAD_MS * 1e-3);
    p->ready = (int)(rate_hz * PLAYER_READY_MS * 1e-3);
    p->ntracks = npaths;
    p->process.track = -1;
    p->tracks = calloc((size_t)npaths + 1, sizeof *p->tracks);
    p->disk.bad = calloc((size_t)npaths + 1, sizeof *p->disk.bad);
    p->disk.told = calloc((size_t)npaths + 1, sizeof *p->disk.told);
    if (!p->tracks || !p->disk.bad || !p->disk.told || prepare_rings(p) != OK) {
        player_close(p);
        return NO_MEM;
    }
    for (int i = 0; i < npaths; i++)
        look_into(p, i, paths[i]);
    *player = p;
    return OK;
}

void
player_close(struct player *p)
{
    if (!p)
        return;
    stop_reading(&p->disk);
    ring_free(&p->commands);
    ring_free(&p->readies);
    ring_free(&p->news);
    ring_free(&p->sound);
    ring_free(&p->marks);
    ring_free(&p->answers);
    free(p->disk.bad);
    free(p->disk.told);
    free(p->tracks);
    free(p);
}

int
player_ntracks(const struct player *p)
{
    return p->ntracks;
}

const struct player_track *
player_track(const struct player *p, int track)
{
    return &p->tracks[track];
}

uint32_t
player_cue(struct player *p, int track, int64_t position, bool back)
{
    struct command c = {.kind = COMMAND_CUE, .back = back};
    int tried = 0;

    ring_drop(&p->readies, ring_readable(&p->readies));
    track = track < 0 ? 0 : track < p->ntracks ? track : p->ntracks - 1;
    for (; tried < p->ntracks && p->tracks[track].length == 0; tried++) {
        track = step_track(p, track, back ? -1 : 1);
        position = 0;
    }
    if (tried == p->ntracks)
        return 0;
    if (position >= p->tracks[track].length)
        position = p->tracks[track].length - 1;
    c.track = track;
    c.position = position > 0 ? position : 0;
    c.generation = p->generation + 1 ? p->generation + 1 : 1;
    if (!ring_write(&p->commands, &c, 1)) /* the disk thread has been away for thousands of cues */
        return 0;
    return p->generation = c.generation;
}

void
player_loop(struct player *p, enum player_loop loop)
{
    struct command c = {.kind = COMMAND_LOOP, .value = (int)loop};

    ring_write(&p->commands, &c, 1);
}

bool
player_ready(const struct player *p)
{
    size_t n = ring_readable(&p->readies);
    uint32_t generation;

    return n && ring_peek(&p->readies, n - 1, &generation, 1) && generation == p->generation;
}

void
player_script(struct player *p, bool on)
{
    struct command c = {.kind = COMMAND_SCRIPT, .value = on};

    ring_write(&p->commands, &c, 1);
}

void
player_cut(struct player *p, bool on)
{
    p->cut = on;
}

const char *
player_news(struct player *p)
{
    return ring_read(&p->news, &p->line, 1) ? p->line.text : NULL;
}

/* --- disk thread: a step --- */

bool
player_fill(struct player *p)
{
    struct disk *d = &p->disk;

    hear_commands(p);
    if (ring_writable(&p->marks) < 8) /* process stands still */
        return false;
    if (d->cue.generation) {
        start_cue(p);
        return true;
    }
    hear_answers(p);
    forget_passed(p);
    if (d->loop_changed && !d->waits) {
        change_loop(p);
        return true;
    }
    return read_ahead(p);
}

/* --- process thread: what the disk says --- */

static void
answer(struct player *p, uint32_t number, bool taken)
{
    struct answer a = {number, taken};

    ring_write(&p->answers, &a, 1);
}

static bool
take_splice(struct player *p, struct flow *f, const struct mark *m)
{
    int i = p->process.ended && f == &p->process.now ? -1 : flow_find(f, m->join);

    if (i < 0) { /* past it; the old flow stops where the new one would have begun */
        if (f->n && f->segment[f->n - 1].to == OPEN_END)
            f->segment[f->n - 1].to = m->at;
        return false;
    }
    f->n = i + 1;
    if (m->kind == MARK_CUT)
        flow_end(f, m->join, m->last);
    else
        flow_add(f, (struct segment){m->at, OPEN_END, m->track, m->position, m->goes_on});
    return true;
}

static void
take_mark(struct player *p, const struct mark *m)
{
    struct process *s = &p->process;
    struct flow *f = s->next.generation ? &s->next : &s->now;

    if (m->kind == MARK_CUE) {
        if (f == &s->now && f->n && f->segment[f->n - 1].to == OPEN_END)
            f->segment[f->n - 1].to = m->at;
        s->next.generation = m->generation;
        s->next.from = m->at;
        s->next.n = 0;
        s->next.complete = false;
    } else if (m->kind == MARK_BEGIN) {
        flow_add(f, (struct segment){m->at, OPEN_END, m->track, m->position, m->goes_on});
    } else if (m->kind == MARK_END) {
        flow_end(f, m->at, m->last);
    } else {
        answer(p, m->number, take_splice(p, f, m));
    }
}

/* head first, marks afterwards: what lies below head has its marks by then. */
static void
look(struct player *p)
{
    struct process *s = &p->process;
    struct mark m;

    s->head = ring_written(&p->sound);
    while (s->now.n < SEGMENTS && s->next.n < SEGMENTS && ring_read(&p->marks, &m, 1))
        take_mark(p, &m);
}

static void
skip_to(struct player *p, size_t number)
{
    size_t tail = ring_taken(&p->sound);

    if (number > tail)
        ring_drop(&p->sound, number - tail);
}

/* While silent: a newer generation takes the place of the old one, whose sound goes. */
static void
adopt(struct player *p)
{
    struct process *s = &p->process;

    if (!s->next.generation)
        return;
    s->now = s->next;
    s->next.generation = 0;
    s->ended = false;
    skip_to(p, s->now.from);
}

/* Steps over segments that are over. */
static void
advance(struct player *p)
{
    struct flow *f = &p->process.now;

    while (f->n > 1 && ring_taken(&p->sound) >= f->segment[0].to) {
        flow_drop_first(f);
        skip_to(p, f->segment[0].from);
    }
}

/* --- process thread: the sound --- */

static void
notify(struct process *s, struct player_notice n)
{
    if (s->notices_in - s->notices_out < NOTICES)
        s->notice[s->notices_in++ % NOTICES] = n;
}

static struct player_notice
notice_here(const struct player *p, enum player_notice_kind kind, uint64_t frame)
{
    const struct process *s = &p->process;
    return (struct player_notice){.kind = kind, .frame = frame, .track = s->track, .position = s->position};
}

static void
find_place(struct player *p)
{
    struct process *s = &p->process;

    if (!s->now.n)
        return;
    s->track = s->now.segment[0].track;
    s->position = s->now.segment[0].position + (int64_t)(ring_taken(&p->sound) - s->now.segment[0].from);
}

/* Frames to the end of the segment, wherever that is known to be. */
static size_t
left_in_segment(const struct player *p)
{
    const struct segment *s = &p->process.now.segment[0];

    return s->to == OPEN_END ? SIZE_MAX : s->to - ring_taken(&p->sound);
}

static size_t
available(const struct player *p)
{
    return flow_frames(&p->process.now, ring_taken(&p->sound), p->process.head);
}

static int
shorter(int a, size_t b)
{
    return b < (size_t)a ? (int)b : a;
}

/* Begins if it may. */
static void
begin(struct player *p, uint64_t frame)
{
    struct process *s = &p->process;
    size_t there;

    adopt(p);
    if (!s->want || s->want != s->now.generation || s->ended)
        return;
    advance(p);
    there = available(p);
    if (there == 0 && s->now.complete) { /* a list without a single frame, or played to its end */
        s->ended = true;
        s->want = 0;
        if (s->now.last)
            notify(s, notice_here(p, PLAYER_FINISHED, frame));
        return;
    }
    if (there == 0 || (there < (size_t)p->ready && !s->now.complete && s->now.n < SEGMENTS_READY))
        return;
    find_place(p);
    s->sounding = true;
    s->in_at = s->out_at = s->out_length = 0;
    s->in_length = s->position && !p->cut ? shorter(p->fade, left_in_segment(p)) : 0;
    notify(s, notice_here(p, PLAYER_BEGAN, frame));
}

/* All that was to be heard has been. */
static void
end(struct player *p, uint64_t frame)
{
    struct process *s = &p->process;

    s->sounding = false;
    s->ended = true;
    if (s->want == s->now.generation)
        s->want = 0;
    notify(s, notice_here(p, PLAYER_ENDED, frame));
    if (s->now.last)
        notify(s, notice_here(p, PLAYER_FINISHED, frame));
}

/* A fade never reaches into the next track: what follows is for whoever replays the notices to say. */
static void
start_fade_out(struct player *p, uint64_t frame, bool dry)
{
    struct process *s = &p->process;
    struct player_notice n;

    s->out_length = shorter(shorter(p->fade, left_in_segment(p)), available(p));
    s->out_at = 0;
    n = notice_here(p, PLAYER_ENDED, frame);
    n.faded = s->out_length > 0;
    n.dry = dry;
    notify(s, n);
    if (!s->out_length)
        s->sounding = false;
}

/* The path of fade.h, of whatever length. */
static double
fade_path(int at, int length)
{
    double t = (double)at / length;

    return t * t * t * (t * (6.0 * t - 15.0) + 10.0);
}

static double
next_gain(struct process *s)
{
    double gain = 1.0;

    if (s->in_at < s->in_length)
        gain = fade_path(++s->in_at, s->in_length + 1);
    if (s->out_at < s->out_length) {
        s->out_at++;
        gain *= fade_path(s->out_length + 1 - s->out_at, s->out_length + 1);
    }
    return gain;
}

static void
copy(struct player *p, double *const *out, int at, int nframes)
{
    double piece[PIECE * STEREO];

    for (int done = 0; done < nframes; done += PIECE) {
        int n = nframes - done < PIECE ? nframes - done : PIECE;

        ring_read(&p->sound, piece, (size_t)n);
        for (int i = 0; i < n; i++) {
            double gain = next_gain(&p->process);

            for (int c = 0; c < STEREO; c++)
                out[c][at + done + i] = gain * piece[i * STEREO + c];
        }
    }
    p->process.position += nframes;
}

/* Into the next track, if this one is over. */
static void
cross(struct player *p, uint64_t frame)
{
    struct process *s = &p->process;
    bool goes_on = true;

    while (s->now.n > 1 && ring_taken(&p->sound) >= s->now.segment[0].to) {
        flow_drop_first(&s->now);
        skip_to(p, s->now.segment[0].from);
        goes_on = goes_on && s->now.segment[0].goes_on;
    }
    find_place(p);
    if (!goes_on) {
        s->in_length = 0; /* a fade-in ends with the track it began in */
        notify(s, notice_here(p, PLAYER_BEGAN, frame));
    }
}

/* At most n frames, one idea after the other; returns how many were played. */
static int
play_some(struct player *p, double *const *out, int at, int n, uint64_t frame)
{
    struct process *s = &p->process;
    size_t there = available(p), run = (size_t)n;

    if (!s->out_length && s->want != s->now.generation)
        start_fade_out(p, frame, false);
    else if (!s->out_length && !s->now.complete && there <= (size_t)p->fade)
        start_fade_out(p, frame, true);
    if (!s->sounding)
        return 0;
    if (left_in_segment(p) == 0)
        cross(p, frame);
    if (s->out_length)
        there = (size_t)(s->out_length - s->out_at);
    else if (!s->now.complete)
        there -= (size_t)p->fade;
    run = run < there ? run : there;
    run = run < left_in_segment(p) ? run : left_in_segment(p);
    copy(p, out, at, (int)run);
    if (s->out_length && s->out_at == s->out_length) {
        s->sounding = false;
        s->out_length = 0;
    } else if (s->now.complete && available(p) == 0) {
        end(p, frame + run);
    }
    return (int)run;
}

RT void
player_process(struct player *p, double *const *out, int nframes, uint64_t frame)
{
    struct process *s = &p->process;
    int at = 0;

    look(p);
    while (at < nframes) {
        if (!s->sounding)
            begin(p, frame + (uint64_t)at);
        if (!s->sounding)
            break;
        at += play_some(p, out, at, nframes - at, frame + (uint64_t)at);
    }
    for (int c = 0; c < STEREO; c++)
        memset(out[c] + at, 0, sizeof **out * (size_t)(nframes - at));
}

RT void
player_play(struct player *p, uint32_t generation)
{
    p->process.want = generation;
}

RT void
player_stop(struct player *p)
{
    p->process.want = 0;
}

RT bool
player_notice(struct player *p, struct player_notice *n)
{
    struct process *s = &p->process;

    if (s->notices_in == s->notices_out)
        return false;
    *n = s->notice[s->notices_out++ % NOTICES];
    return true;
}

RT void
player_where(const struct player *p, int *track, int64_t *position, bool *playing)
{
    *track = p->process.track;
    *position = p->process.position;
    *playing = p->process.sounding;
}
