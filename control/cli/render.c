/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax render: files through the chain, without a server.
 */
#include "control/cli/cli.h"
#include "engine/params.h"
#include "engine/preset.h"
#include "engine/render.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "deadwax render [OPTION...] IN... -o OUT\n"
    "\n"
    "Masters files through the chain, as fast as the processors go. OUT is a file, or a folder (made if need "
    "be) for\n"
    "several INs. It is as long as IN, latency taken out, and never written over.\n"
    "\n"
    "  --set PATH=VALUE    a parameter (deadwax params names them); /print/dither, seed and blank are the "
    "file's\n"
    "  --preset NAME|FILE  many of them: see \"deadwax preset list\", or PATH=VALUE lines\n"
    "  --log FILE          make a logged take again, bit for bit: deadwax run --log wrote it; INs replace "
    "its files\n"
    "  --format F          wav16, wav24, wav32f, wav64f, flac16, flac24; else as IN but not below 24 bit,\n"
    "                      and as the print was with --log\n"
    "  --start S --length S    a part of IN, in seconds\n"
    "  --block N           frames a block; the sound does not depend on it\n";

enum { OPT_SET = 256, OPT_PRESET, OPT_LOG, OPT_FORMAT, OPT_START, OPT_LENGTH, OPT_BLOCK };

static const struct option options[] = {
    {"set", required_argument, NULL, OPT_SET},
    {"preset", required_argument, NULL, OPT_PRESET},
    {"log", required_argument, NULL, OPT_LOG},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"start", required_argument, NULL, OPT_START},
    {"length", required_argument, NULL, OPT_LENGTH},
    {"block", required_argument, NULL, OPT_BLOCK},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct choices {
    struct cli_words set;
    const char *preset, *log, *out;
    int format, block;
    double start_s, length_s;
};

static int
choose(struct choices *c, int option)
{
    enum sound_format f;
    struct err e;

    switch (option) {
    case OPT_SET: cli_words_add(&c->set, optarg); return 0;
    case OPT_PRESET: c->preset = optarg; return 0;
    case OPT_LOG: c->log = optarg; return 0;
    case OPT_START: c->start_s = cli_real("--start", optarg, 0, 1e6); return 0;
    case OPT_LENGTH: c->length_s = cli_real("--length", optarg, 1e-6, 1e6); return 0;
    case OPT_BLOCK: c->block = (int)cli_number("--block", optarg, 1, 1 << 20); return 0;
    case 'o': c->out = optarg; return 0;
    case OPT_FORMAT:
        if (!sound_format_parse(optarg, &f, &e))
            return cli_fail(2, "%s", e.text);
        c->format = (int)f;
        return 0;
    default: return 2;
    }
}

static bool
settings(const struct choices *c, double *values, struct err *e)
{
    for (int i = 0; i < params_count(); i++)
        values[i] = param_at(i)->def;
    if (c->preset && preset_begin(c->preset, values, e) != OK)
        return false;
    for (int i = 0; i < c->set.n; i++) {
        double value;
        int id;

        if (!param_parse_assignment(c->set.word[i], &id, &value, e))
            return false;
        if (!render_heeds(id))
            return err_set(e, "%s: does not change a render", param_at(id)->path);
        values[id] = value;
    }
    return true;
}

/* --- names ---------------------------------------------------------------------------------------- */

static bool
is_folder(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* OUT itself, or OUT/name.wav for a folder. */
static char *
out_name(const struct choices *c, const char *in, int format)
{
    const char *base = strrchr(in, '/') ? strrchr(in, '/') + 1 : in, *dot = strrchr(base, '.');
    bool flac =
        format == SOUND_FLAC16 || format == SOUND_FLAC24 || (format < 0 && dot && strcmp(dot, ".flac") == 0);
    char *name = NULL;

    if (!is_folder(c->out))
        return strdup(c->out);
    if (asprintf(&name, "%s/%.*s.%s", c->out, dot ? (int)(dot - base) : (int)strlen(base), base,
                 flac ? "flac" : "wav") < 0)
        return NULL;
    return name;
}

/* --- progress ------------------------------------------------------------------------------------- */

static bool
progress(struct render_job *jobs, int njobs, void *arg)
{
    uint64_t done = 0, total = 0;
    int share, width = 40;

    (void)arg;
    for (int i = 0; i < njobs; i++) {
        done += publish_count_get(&jobs[i].done);
        total += publish_count_get(&jobs[i].total);
    }
    share = total ? (int)(done * 100 / total) : 0;
    fprintf(stderr, "\r%3d %% [%.*s%*s] ", share, share * width / 100,
            "########################################", width - share * width / 100, "");
    return true;
}

static int
render(const struct choices *c, char **in, int n, const double *values, const struct take *take)
{
    int njobs = n ? n : 1, failed;
    struct render_job *jobs = calloc((size_t)njobs, sizeof *jobs);
    bool terminal = isatty(STDERR_FILENO);

    if (!jobs)
        return cli_fail(1, "out of memory");
    for (int i = 0; i < njobs; i++) {
        jobs[i] = (struct render_job){.in = n ? in[i] : NULL,
                                      .values = values,
                                      .take = take,
                                      .format = c->format,
                                      .block = c->block,
                                      .start_s = c->start_s,
                                      .length_s = c->length_s};
        jobs[i].out = out_name(c, n ? in[i] : "take.wav", c->format);
    }
    failed = render_all(jobs, njobs, terminal ? progress : NULL, NULL);
    if (terminal)
        fprintf(stderr, "\r%60s\r", "");
    for (int i = 0; i < njobs; i++) {
        if (jobs[i].status != OK)
            cli_fail(1, "%s", jobs[i].err.text);
        free((char *)jobs[i].out);
    }
    free(jobs);
    return failed ? 1 : 0;
}

static int
check_use(const struct choices *c, int n)
{
    if (!c->out || !c->out[0])
        return cli_fail(2, "render: say where to: -o OUT");
    if (n == 0 && !c->log)
        return cli_fail(2, "render: say what: IN..., or --log FILE");
    if (n > 1 && c->log)
        return cli_fail(2, "render: --log takes one IN at most");
    if (c->log && (c->set.n || c->preset || c->start_s > 0 || c->length_s > 0))
        return cli_fail(2, "render: with --log the take says what to do: leave out --set, --preset, --start, "
                           "--length");
    if ((n > 1 || c->out[strlen(c->out) - 1] == '/') && !is_folder(c->out) && mkdir(c->out, 0777) != 0)
        return cli_fail(2, "render: %s is no folder and can't be made", c->out);
    return 0;
}

int
render_main(int argc, char **argv)
{
    struct choices c = {.format = -1};
    struct take take = {0};
    struct err e = {""};
    double *values = calloc((size_t)params_count(), sizeof *values);
    int option, status = values ? 0 : cli_fail(1, "out of memory");

    while (status == 0 && (option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            free(values);
            return 0;
        }
        status = choose(&c, option);
    }
    if (status == 0)
        status = check_use(&c, argc - optind);
    if (status == 0 && !settings(&c, values, &e))
        status = cli_fail(2, "%s", e.text);
    if (status == 0 && c.log && take_read(&take, c.log, &e) != OK)
        status = cli_fail(1, "%s", e.text);
    if (status == 0)
        status = render(&c, argv + optind, argc - optind, values, c.log ? &take : NULL);
    take_free(&take);
    cli_words_free(&c.set);
    free(values);
    return status;
}
