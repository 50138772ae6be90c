/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The chain behind the peers' benchmark, so that the very loop that times LV2 plugins times it too: the shared object
 * deadwax_stage.so exports bench_stage, a struct of five functions.
 *
 *   lv2cost -x 'build/test/deadwax_stage.so:limit /limit/gain=3' -i in.wav -b 64
 *
 * args     names of stages that are switched on ("chain" is none by itself), and PATH=VALUE words of the parameter
 *          table, which come after and have the last word. "alone" ahead of one stage's name: that stage without
 *          the chain around it, as a plugin is timed without its host
 * set      -s PATH=VALUE: before and while it runs, as a hand would move it
 * sound    float in and out as the plugins', doubles between, which is in the time; so are, but for "alone", all of the
 *          chain's own ways past its stages
 *
 * Two lines of a file named in PEERS_CONF, with DEADWAX_LIB=build/test/deadwax_stage.so:
 *
 *   deadwax-lim  | limiter | -x "${DEADWAX_LIB}:alone limit" -s /limit/ceiling=-1
 *   deadwax-comp | comp    | -x "${DEADWAX_LIB}:alone comp /comp/ratio=2 /comp/attack=20" -s /comp/release=100
 */
#include "engine/chain.h"
#include "engine/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The benchmark's interface, version 1. */
struct bench_stage {
    int version;
    void *(*create)(double rate_hz, int block_max, const char *args);
    int (*set)(void *self, const char *name, double value); /* 0: done */
    void (*process)(void *self, const float *const in[STEREO], float *const out[STEREO], int nframes);
    double (*latency)(void *self); /* frames */
    void (*destroy)(void *self);
};

extern const struct bench_stage bench_stage;

struct peer {
    struct chain chain;
    struct settings settings;
    double *io[STEREO]; /* block_max frames each */
    const struct stage_row *alone;
    void *stage; /* its state; NULL: the chain is at work */
};

static void
defaults(struct settings *s)
{
    memset(s, 0, sizeof *s);
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);

        if (p->owner == OWNER_CHAIN || p->owner == OWNER_MONITOR)
            param_store(p, s, p->def);
    }
}

static bool
assign(struct settings *s, const char *word)
{
    double value;
    int id;
    struct err e;

    if (!param_parse_assignment(word, &id, &value, &e)) {
        fprintf(stderr, "deadwax_stage: %s\n", e.text);
        return false;
    }
    param_store(param_at(id), s, value);
    return true;
}

static bool
switch_on(struct settings *s, const char *stage)
{
    char word[PARAM_PATH_SIZE];

    if (strcmp(stage, "chain") == 0)
        return true;
    snprintf(word, sizeof word, "/%s/on=1", stage);
    return assign(s, word);
}

static const struct stage_row *
stage_called(const char *name)
{
    for (int i = 0; i < STAGES; i++)
        if (strcmp(stage_table[i].name, name) == 0)
            return &stage_table[i];
    return NULL;
}

static bool
read_args(struct peer *p, const char *args)
{
    char *text = strdup(args), *rest = NULL;
    bool good = text != NULL, alone = false;

    for (char *word = text ? strtok_r(text, " ", &rest) : NULL; word && good;
         word = strtok_r(NULL, " ", &rest)) {
        if (strcmp(word, "alone") == 0) {
            alone = true;
        } else if (*word == '/') {
            good = assign(&p->settings, word);
        } else {
            good = switch_on(&p->settings, word);
            p->alone = alone ? stage_called(word) : NULL;
        }
    }
    free(text);
    return good && alone == (p->alone != NULL);
}

static void
peer_apply(struct peer *p, size_t changed)
{
    if (p->alone)
        p->alone->set(p->stage, (const char *)&p->settings + p->alone->settings);
    else
        chain_set(&p->chain, &p->settings, changed);
}

static bool
peer_prepare(struct peer *p, double rate_hz)
{
    if (!p->alone)
        return chain_prepare(&p->chain, rate_hz) == OK;
    p->stage = aligned_alloc(64, (p->alone->size + 63) / 64 * 64);
    return p->stage && p->alone->prepare(p->stage, rate_hz) == OK;
}

static void
peer_destroy(void *self)
{
    struct peer *p = self;

    if (p->stage)
        p->alone->free(p->stage);
    else
        chain_free(&p->chain);
    free(p->stage);
    free(p->io[0]);
    free(p);
}

static void *
peer_create(double rate_hz, int block_max, const char *args)
{
    struct peer *p = aligned_alloc(64, (sizeof *p + 63) / 64 * 64);

    if (!p)
        return NULL;
    params_init();
    memset(p, 0, sizeof *p);
    defaults(&p->settings);
    p->io[0] = calloc(STEREO * (size_t)block_max, sizeof **p->io);
    p->io[1] = p->io[0] ? p->io[0] + block_max : NULL;
    if (!p->io[0] || !read_args(p, args) || !peer_prepare(p, rate_hz)) {
        free(p->stage);
        free(p->io[0]);
        free(p);
        return NULL;
    }
    peer_apply(p, SETTINGS_ALL);
    return p;
}

static int
peer_set(void *self, const char *name, double value)
{
    struct peer *p = self;
    int id = param_find(name);
    struct err e;

    if (id < 0 || param_at(id)->owner != OWNER_CHAIN || !param_check(param_at(id), value, &e))
        return -1;
    param_store(param_at(id), &p->settings, value);
    peer_apply(p, param_at(id)->offset);
    return 0;
}

static void
peer_process(void *self, const float *const in[STEREO], float *const out[STEREO], int nframes)
{
    struct peer *p = self;
    struct chain_sound sound = {.io = {p->io[0], p->io[1]}};

    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < nframes; i++)
            p->io[c][i] = in[c][i];
    if (p->alone)
        p->alone->process(p->stage, p->io, nframes);
    else
        chain_process(&p->chain, &sound, nframes);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < nframes; i++)
            out[c][i] = (float)p->io[c][i];
}

static double
peer_latency(void *self)
{
    struct peer *p = self;

    return p->alone ? p->alone->latency_frames(p->stage) : chain_latency_frames(&p->chain);
}

const struct bench_stage bench_stage = {.version = 1,
                                        .create = peer_create,
                                        .set = peer_set,
                                        .process = peer_process,
                                        .latency = peer_latency,
                                        .destroy = peer_destroy};
