/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax bench: what each stage costs while it works.
 *
 * What is timed are the chain and the process of the live host themselves, on the computed programme, with the
 * stages' own stopwatches. All modules take turns in each round, so that a warm or a busy spell of the machine
 * falls on all of them alike; a round's figure is its best pass, and what is told is the median of the rounds.
 * The same rounds time a plain biquad, so that figures of two machines can be compared as multiples of it.
 */
#include "control/cli/cli.h"
#include "dsp/denormals.h"
#include "engine/clock.h"
#include "engine/demo.h"
#include "engine/params.h"
#include "engine/process.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7, PASSES = 3, BLOCK_MAX = 8192 };

static const char help[] =
    "deadwax bench [OPTION...]\n"
    "\n"
    "Times the stages, each at work on a computed programme: eight bands on, several dB of reduction. The "
    "figures are\n"
    "nanoseconds a frame (both sides), as multiples of a plain biquad's too, and the share of one core.\n"
    "\n"
    "  --module M      only this one (may be given again)\n"
    "  --block N       frames a block: 64\n"
    "  --rate R        Hz: 48000\n"
    "  --seconds S     length of the programme: 2\n"
    "  --json          one JSON object\n";

enum { OPT_MODULE = 256, OPT_BLOCK, OPT_RATE, OPT_SECONDS, OPT_JSON };

static const struct option options[] = {
    {"module", required_argument, NULL, OPT_MODULE},
    {"block", required_argument, NULL, OPT_BLOCK},
    {"rate", required_argument, NULL, OPT_RATE},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* Settings under which nobody idles; a stage that is not named here works with its defaults. */
static const char *const work[] = {
    "/input/trim=-1",       "/input/balance=5", "/eq/1/type=low_cut",     "/eq/1/freq=28",
    "/eq/2/type=low_shelf", "/eq/2/freq=90",    "/eq/2/gain=2",           "/eq/3/freq=250",
    "/eq/3/gain=-3",        "/eq/4/freq=600",   "/eq/4/gain=1.5",         "/eq/5/freq=1500",
    "/eq/5/gain=-1",        "/eq/6/freq=4000",  "/eq/6/gain=2",           "/eq/7/type=high_shelf",
    "/eq/7/freq=9000",      "/eq/7/gain=2",     "/eq/8/type=notch",       "/eq/8/freq=12000",
    "/comp/threshold=-20",  "/comp/ratio=3",    "/comp/attack=5",         "/comp/release=120",
    "/comp/makeup=3",       "/comp/mix=90",     "/comp/sidechain_hpf=80", "/limit/gain=12",
    "/limit/ceiling=-1",
};

/* What takes its turn. */
struct module {
    const char *name;
    enum { STAGE_ALONE, CHAIN_AT_WORK, CHAIN_NEUTRAL, PROCESS, BIQUAD } kind;
    enum stage stage;
    bool wanted;
    struct chain chain;
    struct process process;
    double round_ns[ROUNDS]; /* a frame */
    double worst_ns;         /* a block: the longest of a pass, of the pass where that is least */
    double reduction_db;
};

enum { MODULES = STAGES + 4 };

struct bench {
    struct module module[MODULES];
    double rate_hz, seconds;
    int block;
    bool json;
    struct cli_words only;
    int nframes;
    double *sound[STEREO]; /* the programme */
    float *ports[STEREO];  /* the same, as it comes from JACK */
    double *io[STEREO];    /* a block */
    float *out[2 * STEREO];
};

/* --- modules -------------------------------------------------------------------------------------- */

static void
name_modules(struct bench *b)
{
    static const struct {
        const char *name;
        int kind;
    } whole[] = {
        {"chain", CHAIN_AT_WORK}, {"neutral", CHAIN_NEUTRAL}, {"process", PROCESS}, {"biquad", BIQUAD}};

    for (int i = 0; i < STAGES; i++) {
        b->module[i].name = chain_stage_name((enum stage)i);
        b->module[i].stage = (enum stage)i;
    }
    for (size_t i = 0; i < LEN(whole); i++) {
        b->module[STAGES + i].name = whole[i].name;
        b->module[STAGES + i].kind = whole[i].kind;
    }
}

static bool
of_stage(const char *path, const char *stage)
{
    size_t n = strlen(stage);

    return strncmp(path + 1, stage, n) == 0 && path[1 + n] == '/';
}

/* Every switch of a stage and its bands on; stage NULL: of all stages. */
static void
switch_on(double *values, const char *stage)
{
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        size_t n = strlen(p->path);

        if (p->type == PARAM_BOOL && p->owner == OWNER_CHAIN && strcmp(p->path + n - 3, "/on") == 0 &&
            (!stage || of_stage(p->path, stage)))
            values[i] = 1.0;
    }
}

static bool
settings_for(const struct module *m, struct settings *s)
{
    double *values = calloc((size_t)params_count(), sizeof *values);
    struct err e;

    memset(s, 0, sizeof *s);
    for (int i = 0; values && i < params_count(); i++)
        values[i] = param_at(i)->def;
    for (size_t i = 0; values && i < LEN(work) && m->kind != CHAIN_NEUTRAL; i++) {
        double value;
        int id;

        if (!param_parse_assignment(work[i], &id, &value, &e))
            exit(cli_fail(1, "bench: %s", e.text));
        values[id] = value;
    }
    if (values && m->kind != CHAIN_NEUTRAL)
        switch_on(values, m->kind == STAGE_ALONE ? m->name : NULL);
    for (int i = 0; values && i < params_count(); i++)
        if (param_at(i)->owner == OWNER_CHAIN || param_at(i)->owner == OWNER_MONITOR)
            param_store(param_at(i), s, values[i]);
    free(values);
    return values != NULL;
}

static bool
module_open(struct module *m, double rate_hz)
{
    struct settings s;

    if (!settings_for(m, &s))
        return false;
    if (m->kind == PROCESS) {
        if (process_prepare(&m->process, rate_hz, NULL, NULL) != OK)
            return false;
        process_begin(&m->process, &s, false);
    } else if (m->kind != BIQUAD) {
        if (chain_prepare(&m->chain, rate_hz) != OK)
            return false;
        chain_watch(&m->chain, m->kind == STAGE_ALONE ? 1 : CHAIN_WATCH);
        chain_set(&m->chain, &s, SETTINGS_ALL);
    }
    return true;
}

/* --- a block, timed ------------------------------------------------------------------------------- */

/* One side after the other in transposed direct form II: five multiplications that wait for one another. */
static double
plain_biquad(double *const *io, int nframes)
{
    static double z1[STEREO], z2[STEREO];

    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < nframes; i++) {
            double x = io[c][i], y = 0.2 * x + z1[c];

            z1[c] = 0.4 * x + 0.37 * y + z2[c];
            z2[c] = 0.2 * x - 0.19 * y;
            io[c][i] = y;
        }
    return io[0][0];
}

static int64_t
time_block(struct bench *b, struct module *m, int at, int nframes)
{
    static volatile double kept;
    struct process_io io = {
        .in = {b->ports[0] + at, b->ports[1] + at},
        .master = {b->out[0], b->out[1]},
        .monitor_a = {b->out[2], b->out[3]},
    };
    int64_t then;

    for (int c = 0; c < STEREO; c++)
        memcpy(b->io[c], b->sound[c] + at, sizeof(double) * (size_t)nframes);
    then = clock_ns();
    if (m->kind == PROCESS)
        process_run(&m->process, &io, nframes);
    else if (m->kind == BIQUAD)
        kept = plain_biquad(b->io, nframes);
    else
        chain_process(&m->chain, &(struct chain_sound){.io = {b->io[0], b->io[1]}}, nframes);
    (void)kept;
    return m->kind == STAGE_ALONE ? chain_take_ns(&m->chain, m->stage) : clock_ns() - then;
}

/* Through the whole programme once; nanoseconds a frame. */
static double
time_pass(struct bench *b, struct module *m)
{
    int64_t sum = 0, worst = 0;

    for (int at = 0, n; at < b->nframes; at += n) {
        int64_t ns;

        n = b->block < b->nframes - at ? b->block : b->nframes - at;
        ns = time_block(b, m, at, n);
        worst = ns > worst ? ns : worst;
        sum += ns;
    }
    if (m->worst_ns == 0.0 || (double)worst < m->worst_ns)
        m->worst_ns = (double)worst;
    return (double)sum / b->nframes;
}

/* The first pass warms caches and lets envelopes settle; it is not counted. */
static void
time_round(struct bench *b, int round)
{
    for (int i = 0; i < MODULES; i++) {
        struct module *m = &b->module[i];
        double best = 0.0;

        if (!m->wanted)
            continue;
        for (int pass = 0; pass < PASSES + (round == 0); pass++) {
            double ns = time_pass(b, m);

            if (round == 0 && pass == 0)
                m->worst_ns = 0.0;
            else if (best == 0.0 || ns < best)
                best = ns;
        }
        m->round_ns[round] = best;
        if (m->kind == STAGE_ALONE)
            m->reduction_db = chain_take_reduction_db(&m->chain, m->stage);
    }
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double
median_ns(const struct module *m)
{
    double sorted[ROUNDS];

    memcpy(sorted, m->round_ns, sizeof sorted);
    qsort(sorted, ROUNDS, sizeof sorted[0], by_size);
    return sorted[ROUNDS / 2];
}

/* --- set-up --------------------------------------------------------------------------------------- */

static bool
make_programme(struct bench *b)
{
    static struct demo demo;
    size_t n = (size_t)b->nframes, block = (size_t)b->block;
    double *pairs = malloc(sizeof *pairs * STEREO * n);
    int64_t from;

    for (int c = 0; c < STEREO; c++) {
        b->sound[c] = malloc(sizeof(double) * n);
        b->ports[c] = malloc(sizeof(float) * n);
        b->io[c] = calloc(block, sizeof(double));
        b->out[c] = calloc(block, sizeof(float));
        b->out[STEREO + c] = calloc(block, sizeof(float));
        if (!b->sound[c] || !b->ports[c] || !b->io[c] || !b->out[c] || !b->out[STEREO + c])
            return false;
    }
    if (!pairs || demo_prepare(&demo, b->rate_hz) != OK)
        return false;
    from = (demo_frames(&demo) - b->nframes) / 2; /* the middle: everybody plays */
    demo_read(&demo, from > 0 ? from : 0, pairs, b->nframes);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < STEREO; c++)
            b->ports[c][i] = (float)(b->sound[c][i] = pairs[STEREO * i + c]);
    free(pairs);
    return true;
}

static int
choose_modules(struct bench *b)
{
    for (int k = 0; k < b->only.n; k++) {
        bool known = false;

        for (int i = 0; i < MODULES; i++)
            if (strcmp(b->only.word[k], b->module[i].name) == 0)
                known = b->module[i].wanted = true;
        if (known)
            continue;
        fprintf(stderr, "deadwax: --module: no module \"%s\": use", b->only.word[k]);
        for (int i = 0; i < MODULES; i++)
            fprintf(stderr, "%s %s", i ? "," : "", b->module[i].name);
        fprintf(stderr, "\n");
        return 2;
    }
    for (int i = 0; i < MODULES; i++)
        b->module[i].wanted |= b->only.n == 0 || b->module[i].kind == BIQUAD;
    return 0;
}

static void
close_all(struct bench *b)
{
    for (int i = 0; i < MODULES; i++) {
        chain_free(&b->module[i].chain);
        process_free(&b->module[i].process);
    }
    for (int c = 0; c < STEREO; c++) {
        free(b->sound[c]);
        free(b->ports[c]);
        free(b->io[c]);
        free(b->out[c]);
        free(b->out[STEREO + c]);
    }
    cli_words_free(&b->only);
    free(b);
}

/* --- telling -------------------------------------------------------------------------------------- */

static void
tell_json(const struct bench *b)
{
    const char *comma = "";

    printf("{\"deadwax\": \"%s\", \"rate\": %.0f, \"block\": %d, \"seconds\": %.10g, \"rounds\": %d, "
           "\"modules\": [",
           DEADWAX_VERSION, b->rate_hz, b->block, b->seconds, ROUNDS);
    for (int i = 0; i < MODULES; i++) {
        const struct module *m = &b->module[i];
        double ns = median_ns(m);

        if (!m->wanted)
            continue;
        printf(
            "%s\n  {\"name\": \"%s\", \"ns_per_frame\": %.3f, \"biquads\": %.3f, \"worst_block_us\": %.3f, "
            "\"core_percent\": %.4f",
            comma, m->name, ns, ns / median_ns(&b->module[MODULES - 1]), m->worst_ns / 1000.0,
            ns * b->rate_hz * 1e-7);
        if (m->reduction_db > 0.0)
            printf(", \"reduction_db\": %.2f", m->reduction_db);
        printf("}");
        comma = ",";
    }
    printf("\n]}\n");
}

static void
tell_table(const struct bench *b)
{
    printf("%d frames a block at %.0f Hz; median of %d rounds, best of %d passes through %.10g s\n\n",
           b->block, b->rate_hz, ROUNDS, PASSES, b->seconds);
    printf("%-10s %10s %9s %12s %8s %11s\n", "", "ns/frame", "biquads", "worst block", "core", "reduction");
    for (int i = 0; i < MODULES; i++) {
        const struct module *m = &b->module[i];
        double ns = median_ns(m);

        if (!m->wanted)
            continue;
        printf("%-10s %10.1f %9.1f %9.1f us %6.2f %%", m->name, ns, ns / median_ns(&b->module[MODULES - 1]),
               m->worst_ns / 1000.0, ns * b->rate_hz * 1e-7);
        if (m->reduction_db > 0.0)
            printf(" %8.1f dB", m->reduction_db);
        printf("\n");
    }
    printf("\nEach stage alone; chain: all of them; neutral: all off; process: chain, meters, monitor and "
           "ports, as in\n"
           "the callback; biquad: a plain one, both sides, to compare machines by.\n");
}

static int
bench(struct bench *b)
{
    b->nframes = (int)(b->rate_hz * b->seconds);
    if (!make_programme(b))
        return cli_fail(1, "out of memory");
    for (int i = 0; i < MODULES; i++)
        if (b->module[i].wanted && !module_open(&b->module[i], b->rate_hz))
            return cli_fail(1, "out of memory");
    denormals_flush();
    for (int round = 0; round < ROUNDS; round++)
        time_round(b, round);
    if (b->json)
        tell_json(b);
    else
        tell_table(b);
    return 0;
}

static int
choose(struct bench *b, int option)
{
    switch (option) {
    case OPT_MODULE: cli_words_add(&b->only, optarg); return 0;
    case OPT_BLOCK: b->block = (int)cli_number("--block", optarg, 1, BLOCK_MAX); return 0;
    case OPT_RATE: b->rate_hz = (double)cli_number("--rate", optarg, RATE_MIN_HZ, RATE_MAX_HZ); return 0;
    case OPT_SECONDS: b->seconds = cli_real("--seconds", optarg, 0.1, 30); return 0;
    case OPT_JSON: b->json = true; return 0;
    default: return 2;
    }
}

int
bench_main(int argc, char **argv)
{
    struct bench *b = calloc(1, sizeof *b);
    int option, status = b ? 0 : cli_fail(1, "out of memory");

    if (status)
        return status;
    b->rate_hz = 48000;
    b->seconds = 2;
    b->block = 64;
    name_modules(b);
    while (status == 0 && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            close_all(b);
            return 0;
        }
        status = choose(b, option);
    }
    if (status == 0 && optind < argc)
        status = cli_fail(2, "bench: takes no %s: deadwax bench --help says what", argv[optind]);
    if (status == 0)
        status = choose_modules(b);
    if (status == 0)
        status = bench(b);
    close_all(b);
    return status;
}
