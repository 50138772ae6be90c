/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One thread reads the file, block after block, into one of two buffers; while it reads into the one, the inspectors
 * hear the other, shared out among threads by their cost. Who meets whom is settled by two barriers a block.
 */
#include "engine/check/check.h"

#include "engine/check/breaks.h"
#include "engine/check/channels.h"
#include "engine/check/clipping.h"
#include "engine/check/codec.h"
#include "engine/check/delivery.h"
#include "engine/check/disturbances.h"
#include "engine/check/dynamics.h"
#include "engine/check/format.h"
#include "engine/check/hum.h"
#include "engine/check/intersample.h"
#include "engine/check/levels.h"
#include "engine/check/metadata.h"
#include "engine/check/origin.h"
#include "engine/check/sound.h"
#include "engine/check/tone.h"
#include "engine/check/vinyl.h"
#include "engine/check/words.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order in which they finish, and in which the report's groups come. */
static const struct inspector *const inspectors[] = {
    &format_inspector,       &words_inspector,    &levels_inspector,
    &dynamics_inspector,     &clipping_inspector, &intersample_inspector,
    &disturbances_inspector, &breaks_inspector,   &channels_inspector,
    &tone_inspector,         &origin_inspector,   &hum_inspector,
    &vinyl_inspector,        &codec_inspector,    &metadata_inspector,
    &delivery_inspector, /* last: it reads what the others wrote */
};

enum { INSPECTORS = LEN(inspectors), THREADS = 8, BUFFERS = 2 };

struct worker {
    struct check *check;
    pthread_t thread;
    const struct inspector *inspector[INSPECTORS];
    void *self[INSPECTORS];
    int count, cost;
};

struct check {
    struct check_context context;
    struct sound *sound;
    void *self[INSPECTORS];
    double *memory, *io[BUFFERS][CHECK_CHANNELS];
    int filled[BUFFERS]; /* frames; 0: the end */
    struct worker worker[THREADS];
    int nworkers;
    pthread_mutex_t begin;
    pthread_barrier_t turn;
};

static void
hear(const struct worker *w, int buffer)
{
    struct check *k = w->check;

    for (int i = 0; i < w->count; i++)
        w->inspector[i]->process(w->self[i], (const double *const *)k->io[buffer], k->filled[buffer]);
}

/* A worker's thread. At each turn the buffer that was read is heard. */
static void *
work(void *arg)
{
    struct worker *w = arg;

    pthread_mutex_lock(&w->check->begin);
    pthread_mutex_unlock(&w->check->begin);
    for (int buffer = 0;; buffer = !buffer) {
        pthread_barrier_wait(&w->check->turn);
        if (w->check->filled[buffer] == 0)
            return NULL;
        hear(w, buffer);
    }
}

/* The dearest ones first, each to whom has least to do. The first worker reads as well: it starts with that. */
static void
share_out(struct check *k, int nworkers)
{
    bool given[INSPECTORS] = {false};

    k->nworkers = nworkers;
    for (int i = 0; i < nworkers; i++)
        k->worker[i] = (struct worker){.check = k, .thread = k->worker[i].thread, .cost = i == 0 ? 15 : 0};
    for (int n = 0; n < INSPECTORS; n++) {
        struct worker *idle = &k->worker[0];
        int dearest = -1;

        for (int i = 0; i < INSPECTORS; i++)
            if (k->self[i] && !given[i] && (dearest < 0 || inspectors[i]->cost > inspectors[dearest]->cost))
                dearest = i;
        if (dearest < 0)
            return;
        for (int i = 1; i < nworkers; i++)
            if (k->worker[i].cost < idle->cost)
                idle = &k->worker[i];
        given[dearest] = true;
        idle->inspector[idle->count] = inspectors[dearest];
        idle->self[idle->count++] = k->self[dearest];
        idle->cost += inspectors[dearest]->cost;
    }
}

static void
read_into(struct check *k, int buffer)
{
    k->filled[buffer] = sound_read(k->sound, k->io[buffer], CHECK_BLOCK);
    k->context.frames += k->filled[buffer];
}

static void
tell_progress(const struct check *k, const struct check_options *o, int64_t *told)
{
    int64_t step = k->context.sound->frames / 200 + CHECK_BLOCK;

    if (!o->progress || k->context.frames < *told + step)
        return;
    *told = k->context.frames;
    o->progress(o->who, (double)*told / (double)k->context.sound->frames);
}

/* As many as the system gives; none of them goes before `begin` is let go. */
static int
start_workers(struct check *k)
{
    int started = 1;

    while (started < k->nworkers &&
           pthread_create(&k->worker[started].thread, NULL, work, &k->worker[started]) == 0)
        started++;
    return started;
}

/* Reads, and is the first worker. */
static void
run(struct check *k, const struct check_options *o)
{
    int64_t told = 0;
    int started;

    pthread_mutex_init(&k->begin, NULL);
    pthread_mutex_lock(&k->begin);
    started = start_workers(k);
    if (started < k->nworkers)
        share_out(k, started);
    pthread_barrier_init(&k->turn, NULL, (unsigned)started);
    pthread_mutex_unlock(&k->begin);
    read_into(k, 0);
    for (int buffer = 0;; buffer = !buffer) {
        pthread_barrier_wait(&k->turn); /* all have heard the other buffer */
        if (k->filled[buffer] == 0)
            break;
        read_into(k, !buffer);
        hear(&k->worker[0], buffer);
        tell_progress(k, o, &told);
    }
    for (int i = 1; i < started; i++)
        pthread_join(k->worker[i].thread, NULL);
    pthread_barrier_destroy(&k->turn);
    pthread_mutex_destroy(&k->begin);
}

static enum status
prepare(struct check *k, const struct check_options *o, struct err *e)
{
    int nch = k->context.sound->nch;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = o->threads > 0 ? o->threads : processors > 0 ? (int)processors : 1;

    k->memory = malloc(sizeof(double) * BUFFERS * CHECK_BLOCK * (size_t)nch);
    if (!k->memory)
        return NO_MEM;
    for (int b = 0; b < BUFFERS; b++)
        for (int c = 0; c < nch; c++)
            k->io[b][c] = k->memory + (size_t)(b * nch + c) * CHECK_BLOCK;
    for (int i = 0; i < INSPECTORS; i++) {
        enum status status = inspectors[i]->open(&k->self[i], &k->context, e);

        if (status != OK)
            return status;
    }
    share_out(k, threads < THREADS ? threads : THREADS);
    return OK;
}

static enum status
write_report(struct check *k, struct report **out)
{
    struct report *r = *out;

    k->context.bad_samples = sound_bad_samples(k->sound);
    for (int i = 0; i < INSPECTORS; i++)
        if (report_add(r, inspectors[i]->figures, inspectors[i]->nfigures) != OK)
            return NO_MEM;
    for (int i = 0; i < INSPECTORS; i++)
        if (k->self[i])
            inspectors[i]->finish(k->self[i], &k->context, r);
    return report_finish(r);
}

enum status
check_file(struct report **out, const char *path, const struct check_options *o, struct err *e)
{
    struct check *k = calloc(1, sizeof *k);
    enum status status = k ? report_open(out, path) : NO_MEM;

    err_set(e, "%s: out of memory", path);
    if (status == OK)
        status = sound_open(&k->sound, path, e);
    if (status == OK) {
        k->context = (struct check_context){.sound = sound_info(k->sound),
                                            .target = o->target,
                                            .reference = o->reference,
                                            .curve = o->curve,
                                            .album = o->album,
                                            .codec = o->codec};
        status = prepare(k, o, e);
    }
    if (status == OK) {
        run(k, o);
        status = write_report(k, out);
    }
    if (k) {
        for (int i = 0; i < INSPECTORS; i++)
            if (k->self[i])
                inspectors[i]->close(k->self[i]);
        sound_close(k->sound);
        free(k->memory);
    }
    free(k);
    if (status != OK) {
        report_close(*out);
        *out = NULL;
    }
    return status;
}
