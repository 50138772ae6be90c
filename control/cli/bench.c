/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax bench: what each stage costs while it works.
 *
 * What is timed are the chain and the process of the live host themselves, on the computed programme, with the
 * stages' own stopwatches. All modules take turns in each round, so that a warm or a busy spell of the machine
 * falls on all of them alike; a round's figure is its best pass, and what is told is the median of the rounds.
 * A block's own time is the least of all passes through it: what is over that is the machine's. The worst block is the
 * largest of these, against their median. The same rounds time a plain biquad, so that figures of two machines
 * can be compared as multiples of it.
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

enum { ROUNDS = 7, PASSES = 3, BLOCK_MAX = 8192, MOST = 8 };
enum { MESSAGES_A_SECOND = 1000, FADER = 0xE0 };

static const char help[] =
    "deadwax bench [OPTION...]\n"
    "\n"
    "Times the stages, each at work on a computed programme: eight bands on, several dB of reduction. The "
    "figures are\n"
    "nanoseconds a frame (both sides), as multiples of a plain biquad's too, and the share of one core.\n"
    "\n"
    "  --module M      only this one (may be given again)\n"
    "  --block N       frames a block: 64 (may be given again)\n"
    "  --rate R        Hz: 48000 (may be given again)\n"
    "  --all           blocks of 16 to 1024 at 48000 Hz, and of 64 at 44100 to 192000 Hz\n"
    "  --seconds S     length of the programme: 2\n"
    "  --json          one JSON object\n";

enum { OPT_MODULE = 256, OPT_BLOCK, OPT_RATE, OPT_SECONDS, OPT_ALL, OPT_JSON };

static const struct option options[] = {
    {"module", required_argument, NULL, OPT_MODULE},
    {"block", required_argument, NULL, OPT_BLOCK},
    {"rate", required_argument, NULL, OPT_RATE},
    {"all", no_argument, NULL, OPT_ALL},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* Settings under which nobody idles; a stage that is not named here works with its defaults. */
static const char *const work[] = {
    "/input/trim=-1",        "/input/balance=5",      "/eq/1/type=low_cut",
    "/eq/1/freq=28",         "/eq/2/type=low_shelf",  "/eq/2/freq=90",
    "/eq/2/gain=2",          "/eq/3/freq=250",        "/eq/3/gain=-3",
    "/eq/4/freq=600",        "/eq/4/gain=1.5",        "/eq/5/freq=1500",
    "/eq/5/gain=-1",         "/eq/6/freq=4000",       "/eq/6/gain=2",
    "/eq/7/type=high_shelf", "/eq/7/freq=9000",       "/eq/7/gain=2",
    "/eq/8/type=notch",      "/eq/8/freq=12000",      "/deess/threshold=-30",
    "/deess/range=9",        "/deess/shape=shelf",    "/multiband/1/threshold=-24",
    "/multiband/1/ratio=3",  "/multiband/1/makeup=2", "/multiband/2/threshold=-24",
    "/multiband/2/ratio=3",  "/multiband/2/makeup=2", "/multiband/3/threshold=-28",
    "/multiband/3/ratio=3",  "/multiband/3/makeup=2", "/multiband/4/threshold=-36",
    "/multiband/4/ratio=3",  "/multiband/4/makeup=2", "/comp/threshold=-20",
    "/comp/ratio=3",         "/comp/attack=5",        "/comp/release=120",
    "/comp/makeup=3",        "/comp/mix=90",          "/comp/sidechain_hpf=80",
    "/comp/auto_release=on", "/comp/detector=50",     "/comp/lookahead=1.5",
    "/comp/knee=6",          "/comp/range=20",        "/comp/link=50",
    "/stereo/width=130",     "/stereo/1/width=60",    "/stereo/3/width=120",
    "/stereo/xover/1=250",   "/stereo/xover/2=4000",  "/stereo/mono_below=120",
    "/stereo/rotation=3",    "/stereo/balance=5",     "/saturate/drive=9",
    "/exciter/mix=15",       "/clip/drive=6",         "/clip/ceiling=-3",
    "/limit/gain=12",        "/limit/ceiling=-1",
};

/* What takes its turn. */
struct module {
    const char *name;
    enum {
        STAGE_ALONE,
        CHAIN_MASTERING,
        CHAIN_AT_WORK,
        CHAIN_NEUTRAL,
        PROCESS,
        MIDI,
        COMPARING,
        METERS,
        BIQUAD
    } kind;
    enum stage stage;
    bool wanted;
    struct chain chain;
    struct process process;
    struct compare compare;
    struct meters meters;
    struct readings readings;
    int taken;                  /* frames since they were read */
    double round_ns[ROUNDS];    /* a frame */
    double *least_ns;           /* of each block, the least of all passes */
    double middle_ns, worst_ns; /* of these the median, and the largest */
    double reduction_db;
    int latency; /* frames */
};

enum { MODULES = STAGES + 8 };

struct run {
    double rate_hz;
    int block;
};

struct bench {
    struct module module[MODULES];
    struct run run[2 * MOST];
    int nruns, blocks[MOST], nblocks, nrates;
    double rates_hz[MOST];
    double rate_hz, seconds; /* of the run */
    int block;
    bool json, all;
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
    } whole[] = {{"mastering", CHAIN_MASTERING},
                 {"chain", CHAIN_AT_WORK},
                 {"neutral", CHAIN_NEUTRAL},
                 {"process", PROCESS},
                 {"midi", MIDI},
                 {"comparing", COMPARING},
                 {"meters", METERS},
                 {"biquad", BIQUAD}};

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

/* What a mastering chain of other makers has: the rest is what they have no like of. */
static bool
in_mastering(const char *path)
{
    static const char *const stage[] = {"input",    "eq",     "multiband", "comp",
                                        "saturate", "stereo", "clip",      "limit"};

    for (size_t i = 0; i < LEN(stage); i++)
        if (of_stage(path, stage[i]))
            return true;
    return false;
}

/* Does a module work with it? Outboard is not there. */
static bool
is_used(const struct module *m, const char *path)
{
    if (strncmp(path, "/insert/", 8) == 0)
        return m->kind == STAGE_ALONE && of_stage(path, m->name);
    if (m->kind == STAGE_ALONE)
        return of_stage(path, m->name);
    return m->kind != CHAIN_MASTERING || in_mastering(path);
}

/* Every switch of the module's stages and their bands on. */
static void
switch_on(double *values, const struct module *m)
{
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        size_t n = strlen(p->path);

        if (p->type == PARAM_BOOL && p->owner == OWNER_CHAIN && strcmp(p->path + n - 3, "/on") == 0 &&
            is_used(m, p->path))
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
        switch_on(values, m);
    for (int i = 0; values && i < params_count(); i++)
        if (param_at(i)->owner == OWNER_CHAIN || param_at(i)->owner == OWNER_MONITOR)
            param_store(param_at(i), s, values[i]);
    free(values);
    return values != NULL;
}

/* The live host's; when comparing, two more chains at work behind its own. */
static bool
process_open(struct module *m, double rate_hz, struct settings *s)
{
    struct compare_offer offer = {.there = true, .which = CONTENDER_NAMED, .number = 1, .settings = *s};

    if (process_prepare(&m->process, rate_hz, NULL, NULL) != OK ||
        compare_prepare(&m->compare, rate_hz) != OK)
        return false;
    m->process.compare = &m->compare;
    s->compare.on = m->kind == COMPARING;
    s->compare.a = s->compare.b = CONTENDER_NAMED;
    process_begin(&m->process, s, false);
    for (int i = 0; i < COMPARE_PLACES; i++) {
        struct event e = {.kind = EVENT_CONTENDER, .param = i};

        compare_offer(&m->compare, (enum compare_place)i, &offer);
        process_send(&m->process, &e);
    }
    return true;
}

static bool
runs_process(const struct module *m)
{
    return m->kind == PROCESS || m->kind == MIDI || m->kind == COMPARING;
}

/* A fader on midi_in that has the trim. */
static void
process_listen(struct module *m)
{
    static const struct midimap map = {.count = 1,
                                       .entry[0] = {.status = FADER,
                                                    .message = SURFACE_PITCH_BEND,
                                                    .max = 16383,
                                                    .takeover = SURFACE_JUMP,
                                                    .high = 1.0}};
    struct midimap own = map;

    own.entry[0].param = param_find("/input/trim");
    process_map(&m->process, &own, 0);
}

static bool
module_open(struct module *m, double rate_hz, int nblocks)
{
    struct settings s;

    if (!settings_for(m, &s))
        return false;
    if (runs_process(m)) {
        if (!process_open(m, rate_hz, &s))
            return false;
        if (m->kind == MIDI)
            process_listen(m);
    } else if (m->kind == METERS) {
        if (meters_prepare(&m->meters, rate_hz) != OK)
            return false;
        measure_begin(&m->meters.measure, 0, 0, true);
    } else if (m->kind != BIQUAD) {
        if (chain_prepare(&m->chain, rate_hz) != OK)
            return false;
        if (m->kind == STAGE_ALONE)
            chain_watch(&m->chain, (int)m->stage);
        chain_set(&m->chain, &s, SETTINGS_ALL);
    }
    m->latency = m->process.rate_hz > 0   ? chain_latency_frames(&m->process.chain)
                 : m->kind == STAGE_ALONE ? rack_stage_latency_frames(&m->chain.rack[0], m->stage)
                                          : m->chain.latency;
    m->least_ns = calloc((size_t)nblocks, sizeof *m->least_ns);
    return m->least_ns != NULL;
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

/* Input and output, and what is read off every 10 ms. */
static void
meters_run(struct bench *b, struct module *m, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        const double *const sound[STEREO] = {b->io[0] + at, b->io[1] + at};

        n = nframes - at < CHAIN_BLOCK ? nframes - at : CHAIN_BLOCK;
        meters_input(&m->meters, sound, n);
        meters_output(&m->meters, sound, n);
    }
    m->taken += nframes;
    if (m->taken < b->rate_hz / 100)
        return;
    meters_read(&m->meters, &m->readings);
    m->taken = 0;
}

/* A thousand messages a second, each another value; control takes what is told of them. */
static void
hear_fader(struct bench *b, struct module *m, int at, int nframes, struct process_io *io)
{
    static struct process_midi midi[BLOCK_MAX];
    static uint8_t bytes[BLOCK_MAX][3];
    struct midiport_message told;
    struct notice n;
    int every = (int)(b->rate_hz / MESSAGES_A_SECOND);

    while (process_notice(&m->process, &n) || midiport_read(&m->process.midi, &told))
        ;
    for (int i = (every - at % every) % every; i < nframes; i += every) {
        int value = (at + i) / every * 37 % 16384;

        memcpy(bytes[io->nmidi], (uint8_t[]){FADER, value & 127, (uint8_t)(value >> 7)}, 3);
        midi[io->nmidi] = (struct process_midi){i, bytes[io->nmidi], 3};
        io->nmidi++;
    }
    io->midi = midi;
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
    if (m->kind == MIDI)
        hear_fader(b, m, at, nframes, &io);
    then = clock_ns();
    if (runs_process(m))
        process_run(&m->process, &io, nframes);
    else if (m->kind == METERS)
        meters_run(b, m, nframes);
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
    double sum = 0.0;

    for (int at = 0, n; at < b->nframes; at += n) {
        double *least = &m->least_ns[at / b->block], ns;

        n = b->block < b->nframes - at ? b->block : b->nframes - at;
        ns = (double)time_block(b, m, at, n);
        *least = *least == 0.0 || ns < *least ? ns : *least;
        sum += ns;
    }
    return sum / b->nframes;
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
                memset(m->least_ns, 0, sizeof *m->least_ns * (size_t)(b->nframes / b->block + 1));
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

/* The last block may be short: it is left out. */
static void
judge_blocks(struct module *m, int nblocks)
{
    if (nblocks < 1)
        return;
    qsort(m->least_ns, (size_t)nblocks, sizeof *m->least_ns, by_size);
    m->middle_ns = m->least_ns[nblocks / 2];
    m->worst_ns = m->least_ns[nblocks - 1];
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
close_run(struct bench *b)
{
    for (int i = 0; i < MODULES; i++) {
        struct module *m = &b->module[i];

        chain_free(&m->chain);
        process_free(&m->process);
        compare_free(&m->compare);
        meters_free(&m->meters);
        free(m->least_ns);
        m->least_ns = NULL;
    }
    for (int c = 0; c < STEREO; c++) {
        free(b->sound[c]);
        free(b->ports[c]);
        free(b->io[c]);
        free(b->out[c]);
        free(b->out[STEREO + c]);
        b->sound[c] = b->io[c] = NULL;
        b->ports[c] = b->out[c] = b->out[STEREO + c] = NULL;
    }
}

/* --- telling -------------------------------------------------------------------------------------- */

static void
tell_json(const struct bench *b, const char *between)
{
    const char *comma = "";

    printf("%s\n {\"rate\": %.0f, \"block\": %d, \"seconds\": %.10g, \"rounds\": %d, \"modules\": [", between,
           b->rate_hz, b->block, b->seconds, ROUNDS);
    for (int i = 0; i < MODULES; i++) {
        const struct module *m = &b->module[i];
        double ns = median_ns(m);

        if (!m->wanted)
            continue;
        printf(
            "%s\n  {\"name\": \"%s\", \"ns_per_frame\": %.3f, \"biquads\": %.3f, \"median_block_us\": %.3f, "
            "\"worst_block_us\": %.3f, \"core_percent\": %.4f, \"latency_frames\": %d",
            comma, m->name, ns, ns / median_ns(&b->module[MODULES - 1]), m->middle_ns / 1000.0,
            m->worst_ns / 1000.0, ns * b->rate_hz * 1e-7, m->latency);
        if (m->reduction_db > 0.0)
            printf(", \"reduction_db\": %.2f", m->reduction_db);
        printf("}");
        comma = ",";
    }
    printf("\n ]}");
}

static void
tell_table(const struct bench *b)
{
    printf("%d frames a block at %.0f Hz; median of %d rounds, best of %d passes through %.10g s\n\n",
           b->block, b->rate_hz, ROUNDS, PASSES, b->seconds);
    printf("%-10s %9s %8s %19s %8s %15s %10s\n", "", "ns/frame", "biquads", "worst block", "core", "latency",
           "reduction");
    for (int i = 0; i < MODULES; i++) {
        const struct module *m = &b->module[i];
        double ns = median_ns(m);

        if (!m->wanted)
            continue;
        printf("%-10s %9.1f %8.1f %7.1f us, %4.1f x %6.2f %% %5d, %5.2f ms", m->name, ns,
               ns / median_ns(&b->module[MODULES - 1]), m->worst_ns / 1000.0,
               m->middle_ns > 0.0 ? m->worst_ns / m->middle_ns : 0.0, ns * b->rate_hz * 1e-7, m->latency,
               m->latency * 1e3 / b->rate_hz);
        if (m->reduction_db > 0.0)
            printf(" %7.1f dB", m->reduction_db);
        printf("\n");
    }
    printf("\n");
}

static const char legend[] = "Each stage alone; mastering: eq, multiband, comp, saturate, stereo, clip, "
                             "limit; chain: all of them; neutral:\n"
                             "all off; process: chain, meters, monitor and ports, as in the callback; midi: "
                             "the same while a fader on midi_in\n"
                             "moves the trim 1000 times a second; comparing: the same while two snapshots at "
                             "work are compared; meters:\n"
                             "loudness and a falling true peak; biquad: a plain one, both sides, to compare "
                             "machines by. Worst block: by its\n"
                             "own least time, against the median block's.\n";

static int
bench(struct bench *b, const struct run *r)
{
    int nblocks = (int)(r->rate_hz * b->seconds) / r->block;

    b->rate_hz = r->rate_hz;
    b->block = r->block;
    b->nframes = (int)(b->rate_hz * b->seconds);
    if (!make_programme(b))
        return cli_fail(1, "out of memory");
    for (int i = 0; i < MODULES; i++)
        if (b->module[i].wanted && !module_open(&b->module[i], b->rate_hz, nblocks + 1))
            return cli_fail(1, "out of memory");
    denormals_flush();
    for (int round = 0; round < ROUNDS; round++)
        time_round(b, round);
    for (int i = 0; i < MODULES; i++)
        if (b->module[i].wanted)
            judge_blocks(&b->module[i], nblocks);
    return 0;
}

/* Every block at every rate that was named, or what --all stands for. */
static void
plan(struct bench *b)
{
    static const int blocks[] = {16, 32, 64, 128, 256, 512, 1024};
    static const double rates[] = {44100, 88200, 96000, 176400, 192000};

    for (size_t i = 0; b->all && i < LEN(blocks); i++)
        b->run[b->nruns++] = (struct run){48000, blocks[i]};
    for (size_t i = 0; b->all && i < LEN(rates); i++)
        b->run[b->nruns++] = (struct run){rates[i], 64};
    if (b->all)
        return;
    if (b->nblocks == 0)
        b->blocks[b->nblocks++] = 64;
    if (b->nrates == 0)
        b->rates_hz[b->nrates++] = 48000;
    for (int r = 0; r < b->nrates; r++)
        for (int k = 0; k < b->nblocks && b->nruns < (int)LEN(b->run); k++)
            b->run[b->nruns++] = (struct run){b->rates_hz[r], b->blocks[k]};
}

static int
bench_all(struct bench *b)
{
    int status = 0;

    if (b->json)
        printf("{\"deadwax\": \"%s\", \"runs\": [", DEADWAX_VERSION);
    for (int i = 0; i < b->nruns && status == 0; i++) {
        status = bench(b, &b->run[i]);
        if (status == 0 && b->json)
            tell_json(b, i ? "," : "");
        else if (status == 0)
            tell_table(b);
        fflush(stdout);
        close_run(b);
    }
    if (status == 0)
        fputs(b->json ? "\n]}\n" : legend, stdout);
    return status;
}

static int
too_many(const char *option)
{
    return cli_fail(2, "bench: %s: at most %d of them", option, MOST);
}

static int
choose(struct bench *b, int option)
{
    switch (option) {
    case OPT_MODULE: cli_words_add(&b->only, optarg); return 0;
    case OPT_BLOCK:
        if (b->nblocks == MOST)
            return too_many("--block");
        b->blocks[b->nblocks++] = (int)cli_number("--block", optarg, 1, BLOCK_MAX);
        return 0;
    case OPT_RATE:
        if (b->nrates == MOST)
            return too_many("--rate");
        b->rates_hz[b->nrates++] = (double)cli_number("--rate", optarg, RATE_MIN_HZ, RATE_MAX_HZ);
        return 0;
    case OPT_ALL: b->all = true; return 0;
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
    b->seconds = 2;
    name_modules(b);
    while (status == 0 && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            cli_words_free(&b->only);
            free(b);
            return 0;
        }
        status = choose(b, option);
    }
    if (status == 0 && optind < argc)
        status = cli_fail(2, "bench: takes no %s: deadwax bench --help says what", argv[optind]);
    if (status == 0)
        status = choose_modules(b);
    plan(b);
    if (status == 0)
        status = bench_all(b);
    cli_words_free(&b->only);
    free(b);
    return status;
}
