/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/render.h"

#include "dsp/denormals.h"
#include "engine/model.h"
#include "engine/params.h"
#include "engine/process.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1024, BLOCK_MAX = 1 << 20, WATCH_US = 100000 };

struct render {
    struct render_job *job;
    struct player *player;
    struct process process;
    struct soundwriter *writer;
    struct soundfile *live; /* what the JACK inputs heard, from `from` on */
    double rate_hz;
    uint64_t from, to; /* programme frames to write; to: UINT64_MAX is until the sound ends */
    uint64_t tap_from,
        tap_to; /* the same of the tap, late by the latency of that moment; UINT64_MAX: not yet */
    const struct take *take;
    struct take script;  /* a plain render's: one begin */
    int next;            /* move */
    double *tap, *pairs; /* planar, interleaved; block frames */
    float *in;
    int block;
    bool ended;
    uint64_t end; /* then: the frame after the sound's last one */
};

static bool
fail(struct render *r, enum status status, const char *text)
{
    r->job->status = status;
    return err_set(&r->job->err, "%s", text);
}

/* --- what to play --------------------------------------------------------------------------------- */

static bool
plan_plain(struct render *r, const struct soundfile_info *info, int64_t length)
{
    struct render_job *job = r->job;
    int64_t start = llround(job->start_s * info->rate_hz);
    int64_t left = length - start;

    if (start < 0 || left <= 0) {
        job->status = BAD_ARG;
        return err_set(&job->err, "%s: --start is past its end (%.3f s)", job->in,
                       (double)length / info->rate_hz);
    }
    if (job->length_s > 0 && llround(job->length_s * info->rate_hz) < left)
        left = llround(job->length_s * info->rate_hz);
    r->script.move = malloc(sizeof *r->script.move);
    if (!r->script.move)
        return fail(r, NO_MEM, "out of memory");
    *r->script.move = (struct take_move){.kind = TAKE_BEGIN, .position = start};
    r->script.nmoves = 1;
    r->take = &r->script;
    r->rate_hz = info->rate_hz;
    r->from = 0;
    r->to = (uint64_t)left;
    return true;
}

static bool
plan_take(struct render *r)
{
    const struct take *t = r->job->take;

    r->take = t;
    r->rate_hz = t->rate_hz;
    r->from = t->printed ? t->print_from : 0;
    r->to = t->printed ? t->print_to : UINT64_MAX;
    return true;
}

/* Nothing but the file's own samples will come out. */
static bool
neutral(const struct render_job *job)
{
    for (int i = 0; i < params_count(); i++)
        if ((param_at(i)->flags & PARAM_PRINTED) && job->values[i] != param_at(i)->def)
            return false;
    return true;
}

static int
format_bits(enum sound_format f)
{
    return f == SOUND_WAV16 || f == SOUND_FLAC16 ? 16 : f == SOUND_WAV24 || f == SOUND_FLAC24 ? 24 : 64;
}

static enum sound_format
choose_format(const struct render_job *job, const struct soundfile_info *info)
{
    if (job->format >= 0)
        return (enum sound_format)job->format;
    if (job->take && job->take->printed)
        return print_sound_format((enum print_format)print_settings_of(job->take->values).format);
    if (job->take || info->is_float || info->bits > 24)
        return SOUND_WAV32F;
    return info->is_flac ? SOUND_FLAC24 : SOUND_WAV24;
}

/* A take is made as it was printed; who names a dither gets it; else a copy stays one. */
static struct dither_settings
choose_dither(const struct render_job *job, const struct soundfile_info *info, enum sound_format f)
{
    struct dither_settings s = print_settings_of(job->take ? job->take->values : job->values).dither;
    bool copy =
        !job->take && neutral(job) && !info->is_float && info->bits != 0 && info->bits <= format_bits(f);

    if (s.shape == DITHER_AUTO && copy)
        s.shape = DITHER_NONE;
    return s;
}

/* --- set-up --------------------------------------------------------------------------------------- */

static bool
open_source(struct render *r, const struct soundfile_info *info, int64_t length)
{
    struct render_job *job = r->job;
    const char *const one[] = {job->in};
    const char *const *files = job->take && !job->in ? (const char *const *)job->take->files : one;
    int nfiles = job->take && !job->in ? job->take->nfiles : 1;
    const char *line;

    if (!(job->take ? plan_take(r) : plan_plain(r, info, length)))
        return false;
    if (job->take && job->take->live) {
        job->status = soundfile_open(&r->live, job->in, r->rate_hz, 0, &job->err);
        return job->status == OK;
    }
    job->status = player_open(&r->player, r->rate_hz, files, nfiles);
    if (job->status != OK)
        return fail(r, job->status, "the playlist can't be opened");
    line = player_news(r->player);
    if (line && nfiles == 1)
        return fail(r, IO_ERROR, line);
    player_script(r->player, true);
    player_cut(r->player, !job->take);
    return true;
}

/* What comes from outside can't be rendered: its sound is not in the file. */
static bool
stays_inside(struct render *r, const struct settings *s)
{
    for (int k = 0; k < INSERTS; k++)
        if (s->insert[k].on) {
            r->job->status = BAD_ARG;
            return err_set(&r->job->err,
                           "insert %d goes through outboard: print it live, or set /insert/%d/on=off", k + 1,
                           k + 1);
        }
    for (int i = 0; i < STAGES; i++)
        if (stage_table[i].is_keyed && stage_table[i].is_on(s) && stage_table[i].is_keyed(s)) {
            r->job->status = BAD_ARG;
            return err_set(&r->job->err,
                           "%s hears the sidechain inputs: print it live, or set /%s/sidechain=internal",
                           stage_table[i].name, stage_table[i].name);
        }
    return true;
}

static bool
open_process(struct render *r)
{
    struct render_job *job = r->job;
    const double *values = job->take ? job->take->values : job->values;
    int source = param_find("/transport/source");
    struct settings s = settings_of(values);
    enum status status = process_prepare(&r->process, r->rate_hz, r->player, NULL);

    r->block = job->block > 0 && job->block <= BLOCK_MAX ? job->block : BLOCK;
    if (status != OK)
        return fail(r, status, status == NO_MEM ? "out of memory" : "the file's rate is out of range");
    r->tap = malloc(sizeof *r->tap * (size_t)r->block * STEREO);
    r->pairs = malloc(sizeof *r->pairs * (size_t)r->block * STEREO);
    r->in = calloc((size_t)r->block * STEREO, sizeof *r->in);
    if (!r->tap || !r->pairs || !r->in)
        return fail(r, NO_MEM, "out of memory");
    process_begin(&r->process, &s, values[source] == 0.0);
    r->process.unread = true;
    return stays_inside(r, &s);
}

static bool
open_all(struct render *r)
{
    struct render_job *job = r->job;
    struct soundfile_info info = {.is_float = true};
    int64_t length = 0;
    struct soundfile *s;
    enum sound_format f;
    struct dither_settings dither;

    if (job->take && job->take->live && !job->in)
        return fail(r, BAD_ARG,
                    "the take was played from the JACK inputs: give the file that was heard there");
    if (job->in || !job->take) { /* a take's own list may hold files that never could be read */
        job->status = soundfile_open(&s, job->in, 0, 0, &job->err);
        if (job->status != OK)
            return false;
        info = *soundfile_info(s);
        length = soundfile_length(s);
        soundfile_close(s);
    }
    if (!open_source(r, &info, length) || !open_process(r))
        return false;
    f = choose_format(job, &info);
    dither = choose_dither(job, &info, f);
    job->status = soundwriter_open(&r->writer, job->out, r->rate_hz, f, &dither, &job->err);
    publish_count_set(&job->total, r->to == UINT64_MAX ? 0 : r->to - r->from);
    return job->status == OK;
}

/* --- going through it ----------------------------------------------------------------------------- */

static void
drain(struct render *r)
{
    uint64_t fade = (uint64_t)(r->rate_hz * PLAYER_FADE_MS / 1000 + 0.5);
    struct notice n;

    while (process_notice(&r->process, &n))
        if (n.kind == NOTICE_PLAYER && n.player.kind == PLAYER_ENDED) {
            r->ended = true;
            r->end = n.player.frame + (n.player.faded ? fade : 0);
        }
}

/* What has no end stops with its sound, or its last move: at a frame, whatever the block. */
static void
find_end(struct render *r)
{
    uint64_t last = r->take->nmoves ? r->take->move[r->take->nmoves - 1].frame : 0;

    if (r->to == UINT64_MAX && r->ended && r->next == r->take->nmoves)
        r->to = r->end > last ? r->end : last;
}

static void
fill(struct render *r)
{
    while (r->player && player_fill(r->player))
        ;
}

/* As the process thread does it. Around it, as the disk thread does it: a file may well hold denormals. */
static void
run(struct render *r, const struct process_io *io, int nframes)
{
    uint64_t before = denormals_flush();

    process_run(&r->process, io, nframes);
    denormals_restore(before);
}

/* Done at once: many at one frame are more than process takes in one run. */
static void
order(struct render *r, const struct event *e)
{
    struct process_io io = {0};

    process_send(&r->process, e);
    run(r, &io, 0);
    drain(r);
}

/* The player would take the next one that can be read, and so make another master. */
static bool
track_is_there(struct render *r, int track)
{
    int ntracks = player_ntracks(r->player);

    if (track < 0 || track >= ntracks) {
        r->job->status = BAD_ARG;
        return err_set(&r->job->err, "the take plays track %d, and there are %d", track + 1, ntracks);
    }
    if (player_track(r->player, track)->length > 0)
        return true;
    r->job->status = NOT_FOUND;
    return err_set(&r->job->err, "%s: the take plays it, and it can't be read",
                   player_track(r->player, track)->path);
}

/* The player is made to begin right here, whatever it has read ahead. */
static void
begin(struct render *r, const struct take_move *m)
{
    struct process_io io = {0};
    struct event e = {.kind = EVENT_PLAY, .frame = EVENT_NOW};

    if (!r->player || !track_is_there(r, m->track))
        return;
    e.generation = player_cue(r->player, m->track, m->position, false);
    if (!e.generation) {
        fail(r, IO_ERROR, "the playlist can't be played");
        return;
    }
    order(r, &e);
    do {
        run(r, &io, 0);
        fill(r);
    } while (!player_ready(r->player));
    drain(r);
    r->ended = false;
}

/* A render has one of both: silence for the other would be another master. */
static bool
source_is_there(struct render *r, const struct take_move *m)
{
    bool player = m->value == 0.0;

    if (m->kind != TAKE_SET || m->param != r->process.param_source ||
        (player ? r->player != NULL : r->live != NULL))
        return true;
    return fail(r, BAD_ARG,
                player
                    ? "the take switches to the player after it heard the JACK inputs: it can't be made again"
                    : "the take switches to the JACK inputs: it can't be made again from its files");
}

static void
move(struct render *r, const struct take_move *m)
{
    struct event e = {.kind = EVENT_SET, .frame = EVENT_NOW, .param = m->param, .value = m->value};

    if (!source_is_there(r, m))
        return;
    if (m->kind == TAKE_BEGIN)
        begin(r, m);
    if (m->kind == TAKE_END && m->faded)
        e.kind = EVENT_STOP;
    if (m->kind == TAKE_SET || (m->kind == TAKE_END && m->faded && r->player))
        order(r, &e);
    stays_inside(r, &r->process.settings);
}

/* Moves that are due now; returns how many frames there are to the next one. */
static int
moves_due(struct render *r, int nframes)
{
    while (r->next < r->take->nmoves && r->take->move[r->next].frame <= r->process.frame)
        move(r, &r->take->move[r->next++]);
    if (r->next < r->take->nmoves && r->take->move[r->next].frame - r->process.frame < (uint64_t)nframes)
        return (int)(r->take->move[r->next].frame - r->process.frame);
    return nframes;
}

/* The file that the inputs heard begins where the print does. */
static void
read_live(struct render *r, int nframes)
{
    uint64_t first = r->process.frame;
    int silent = first >= r->from                      ? 0
                 : r->from - first < (uint64_t)nframes ? (int)(r->from - first)
                                                       : nframes;
    int got = soundfile_read(r->live, r->pairs, nframes - silent);

    memset(r->in, 0, sizeof *r->in * (size_t)r->block * STEREO);
    for (int i = 0; i < got; i++)
        for (int c = 0; c < STEREO; c++)
            r->in[c * r->block + silent + i] = (float)r->pairs[STEREO * i + c];
    if (got < nframes - silent && !r->ended) {
        r->ended = true;
        r->end = first + (uint64_t)(silent + got);
    }
}

/* As the live print does: a latency that changes moves the ends only of what comes later. */
static void
mark_ends(struct render *r, uint64_t first)
{
    uint64_t latency = (uint64_t)chain_latency_frames(&r->process.chain);

    if (r->tap_from == UINT64_MAX && first >= r->from)
        r->tap_from = r->from + latency;
    if (r->tap_to == UINT64_MAX && r->process.frame >= r->to)
        r->tap_to = r->to + latency;
}

static bool
write_tap(struct render *r, uint64_t first, int nframes)
{
    uint64_t from = r->tap_from, to = r->tap_to;
    int skip = from > first ? (int)(from - first < (uint64_t)nframes ? from - first : (uint64_t)nframes) : 0;
    int end = to - first < (uint64_t)nframes ? (int)(to - first) : nframes;

    for (int i = skip; i < end; i++)
        for (int c = 0; c < STEREO; c++)
            r->pairs[STEREO * (i - skip) + c] = r->tap[c * r->block + i];
    if (end <= skip)
        return true;
    publish_count_add(&r->job->done, (uint64_t)(end - skip));
    r->job->status = soundwriter_write(r->writer, r->pairs, end - skip, &r->job->err);
    return r->job->status == OK;
}

static bool
finished(const struct render *r)
{
    return r->tap_to != UINT64_MAX && r->process.frame >= r->tap_to;
}

/* No block reaches over an end. */
static int
until_end(const struct render *r, int nframes)
{
    const uint64_t end[] = {r->from, r->to};
    uint64_t at = r->process.frame;

    for (size_t i = 0; i < LEN(end); i++)
        if (end[i] > at && end[i] - at < (uint64_t)nframes)
            nframes = (int)(end[i] - at);
    return nframes;
}

static bool
go_through(struct render *r)
{
    struct process_io io = {.tap = {r->tap, r->tap + r->block}};

    if (r->live)
        io.in[0] = r->in, io.in[1] = r->in + r->block;
    r->tap_from = r->tap_to = UINT64_MAX;
    while (!finished(r)) {
        int n = until_end(r, moves_due(r, r->block));
        uint64_t first = r->process.frame;

        if (r->job->status != OK)
            return false;
        if (publish_count_get(&r->job->cancel))
            return fail(r, UNAVAILABLE, "stopped");
        fill(r);
        if (r->live)
            read_live(r, n);
        run(r, &io, n);
        drain(r);
        find_end(r);
        mark_ends(r, first);
        if (!write_tap(r, first, n))
            return false;
    }
    return true;
}

/* A file that broke off in the middle is no master of the whole. A live take had the same file. */
static bool
whole(struct render *r)
{
    const char *line =
        r->player && !r->job->take && r->ended && r->end <= r->to ? player_news(r->player) : NULL;

    return line ? fail(r, IO_ERROR, line) : true;
}

bool
render_heeds(int id)
{
    const struct param *p = param_at(id);

    return (p->flags & PARAM_PRINTED) ||
           (p->owner == OWNER_PRINT && (p->flags & PARAM_SAVED) && id != param_find("/print/format"));
}

enum status
render_run(struct render_job *job)
{
    struct render r = {.job = job};
    enum status status;
    bool ok, opened;

    job->status = OK;
    ok = open_all(&r);
    opened = r.writer != NULL;
    ok = ok && go_through(&r) && whole(&r);
    if (opened) {
        status = soundwriter_close(r.writer, ok ? &job->err : NULL);
        if (ok && status != OK)
            job->status = status;
    }
    if (opened && job->status != OK)
        unlink(job->out);
    process_free(&r.process);
    player_close(r.player);
    soundfile_close(r.live);
    free(r.script.move);
    free(r.tap);
    free(r.pairs);
    free(r.in);
    return job->status;
}

/* --- several -------------------------------------------------------------------------------------- */

struct crew {
    struct render_job *jobs;
    int njobs;
    struct publish_count next, finished;
};

static void *
work(void *arg)
{
    struct crew *crew = arg;

    for (;;) {
        uint64_t i = publish_count_take(&crew->next);

        if (i >= (uint64_t)crew->njobs)
            return NULL;
        render_run(&crew->jobs[i]);
        publish_count_add(&crew->finished, 1);
    }
}

int
render_all(struct render_job *jobs, int njobs, bool (*watch)(struct render_job *, int, void *), void *arg)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int nthreads = njobs < processors ? njobs : (int)processors, started = 0, failed = 0;
    struct crew crew = {.jobs = jobs, .njobs = njobs};
    pthread_t thread[nthreads > 0 ? nthreads : 1];
    sigset_t all, before;

    sigfillset(&all); /* signals are the caller's */
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (started < nthreads && pthread_create(&thread[started], NULL, work, &crew) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started == 0)
        work(&crew);
    while (watch && publish_count_get(&crew.finished) < (uint64_t)njobs) {
        if (!watch(jobs, njobs, arg))
            for (int i = 0; i < njobs; i++)
                publish_count_set(&jobs[i].cancel, 1);
        usleep(WATCH_US);
    }
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < njobs; i++)
        failed += jobs[i].status != OK;
    return failed;
}
