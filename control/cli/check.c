/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax check: what is right and what is wrong with files, measured.
 */
#include "control/cli/cli.h"
#include "control/cli/line.h"
#include "control/cli/reportjson.h"
#include "control/cli/reportpage.h"
#include "control/cli/reporttext.h"
#include "engine/check/album.h"
#include "engine/check/check.h"
#include "engine/check/curve.h"
#include "engine/check/target.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "deadwax check [OPTION...] FILE...\n"
    "\n"
    "Hears each FILE once and says what was measured and what is wrong with it, where, and how to mend it.\n"
    "Exit status: 0 all passed (notes and warnings are no failure), 1 one failed or could not be read, 2 "
    "wrong\n"
    "use. \"demo:\" is a FILE as well: a programme that is computed.\n"
    "\n"
    "  --json              one object on standard output, and nothing else\n"
    "  --html OUT          one page for all FILEs, with everything in it, to be sent to a client\n"
    "  --target NAME       what the place asks for that it is made for (a YAML file's path, too)\n"
    "  --targets           their names\n"
    "  --album             FILEs in this order are one album: one loudness, and how well they fit\n"
    "  --reference FILE    a file whose channels are to be compared\n"
    "  --against FILE      compare the tonal balance with a curve, or with a sound file\n"
    "  --curve OUT         write the tonal balance of all FILEs together to OUT, check nothing\n"
    "  --codec             encode and decode as well, as shops do: what becomes of the peaks\n"
    "  --threads N         1 to 64; as many as there are processors without it\n";

enum {
    OPT_JSON = 256,
    OPT_HTML,
    OPT_TARGET,
    OPT_TARGETS,
    OPT_ALBUM,
    OPT_REFERENCE,
    OPT_AGAINST,
    OPT_CURVE,
    OPT_CODEC,
    OPT_THREADS
};

static const struct option options[] = {
    {"json", no_argument, NULL, OPT_JSON},
    {"html", required_argument, NULL, OPT_HTML},
    {"target", required_argument, NULL, OPT_TARGET},
    {"targets", no_argument, NULL, OPT_TARGETS},
    {"album", no_argument, NULL, OPT_ALBUM},
    {"reference", required_argument, NULL, OPT_REFERENCE},
    {"against", required_argument, NULL, OPT_AGAINST},
    {"curve", required_argument, NULL, OPT_CURVE},
    {"codec", no_argument, NULL, OPT_CODEC},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct choices {
    struct check_options check;
    bool json, album;
    const char *html, *target, *against, *curve_out;
    struct curve curve;
};

static int
print_targets(void)
{
    struct target **targets;
    int count;
    struct err e;

    if (target_list(&targets, &count, &e) != OK)
        return cli_fail(1, "%s", e.text);
    for (int i = 0; i < count; i++)
        printf("%-22s %-10s %s, %s\n", targets[i]->name, target_kind_name(targets[i]->kind),
               targets[i]->title, targets[i]->date);
    target_free_list(targets, count);
    return e.text[0] ? cli_fail(1, "%s", e.text) : 0;
}

/* < 0: go on; else the program's exit status. */
static int
choose(struct choices *c, int option)
{
    switch (option) {
    case OPT_JSON: c->json = true; return -1;
    case OPT_HTML: c->html = optarg; return -1;
    case OPT_TARGET: c->target = optarg; return -1;
    case OPT_TARGETS: return print_targets();
    case OPT_ALBUM: c->album = true; return -1;
    case OPT_REFERENCE: c->check.reference = optarg; return -1;
    case OPT_AGAINST: c->against = optarg; return -1;
    case OPT_CURVE: c->curve_out = optarg; return -1;
    case OPT_CODEC: c->check.codec = true; return -1;
    case OPT_THREADS: c->check.threads = (int)cli_number("--threads", optarg, 1, 64); return -1;
    case 'h': fputs(help, stdout); return 0;
    default: return 2;
    }
}

/* --- the page's file ------------------------------------------------------------------------------ */

static bool
same_file(const char *a, const char *b)
{
    struct stat x, y;

    return strcmp(a, b) == 0 ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* A report may be written anew; a FILE that is checked, never. Found out before the work, not after it. */
static int
check_page(const struct choices *c, char **file, int n)
{
    bool is_new = access(c->html, F_OK) != 0;
    FILE *f;

    for (int i = 0; i < n; i++)
        if (same_file(c->html, file[i]))
            return cli_fail(2, "check: --html %s would overwrite a file that is to be checked", c->html);
    if (c->check.reference && same_file(c->html, c->check.reference))
        return cli_fail(2, "check: --html %s would overwrite the reference", c->html);
    f = fopen(c->html, "a");
    if (!f)
        return cli_fail(1, "%s: %s", c->html, strerror(errno));
    fclose(f);
    if (is_new)
        unlink(c->html);
    return 0;
}

static int
write_page(const char *path, const struct results *r)
{
    FILE *out = fopen(path, "w");
    bool failed;

    if (!out)
        return cli_fail(1, "%s: %s", path, strerror(errno));
    reportpage_write(out, r);
    failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        return cli_fail(1, "%s: %s", path, strerror(errno));
    return 0;
}

/* --- progress ------------------------------------------------------------------------------------- */

struct progress {
    const char *path;
    int number, count;
    bool utf8;
    int shown; /* percent */
};

static void
show_progress(void *who, double done)
{
    struct progress *p = who;
    int percent = (int)(fmin(fmax(done, 0.0), 1.0) * 100.0);
    char head[64];
    struct line l;

    if (percent == p->shown)
        return;
    p->shown = percent;
    snprintf(head, sizeof head, p->count > 1 ? "%3d %%  %d/%d  " : "%3d %%  ", percent, p->number, p->count);
    line_begin(&l, 0, 78, p->utf8, false);
    line_put(&l, PLAIN, head);
    line_put_tail(&l, PLAIN, p->path);
    line_pad_to(&l, 78);
    fprintf(stderr, "\r%s", l.text);
}

static void
erase_progress(void)
{
    fprintf(stderr, "\r%79s\r", "");
}

/* --- the work ------------------------------------------------------------------------------------- */

static void
check_all(struct choices *c, struct results *r, bool utf8)
{
    bool terminal = isatty(STDERR_FILENO);

    for (int i = 0; i < r->count; i++) {
        struct result *f = &r->file[i];
        struct progress p = {.path = f->path, .number = i + 1, .count = r->count, .utf8 = utf8, .shown = -1};

        c->check.progress = terminal ? show_progress : NULL;
        c->check.who = &p;
        if (terminal)
            show_progress(&p, 0.0);
        check_file(&f->report, f->path, &c->check, &f->err);
        if (terminal)
            erase_progress();
        if (!f->report)
            cli_fail(1, "%s", f->err.text);
    }
}

static int
tell(const struct choices *c, const struct results *r, const struct reporttext *text)
{
    int status = 0;

    for (int i = 0; i < r->count; i++)
        status |= result_failed(&r->file[i]);
    if (r->album && report_worst(r->album) == SEVERITY_FAIL)
        status = 1;
    if (c->html && write_page(c->html, r) != 0)
        status = 1;
    if (c->json) {
        json_t *all = results_to_json(r);

        if (!all || json_dumpf(all, stdout, JSON_COMPACT) != 0)
            status = cli_fail(1, "the object could not be written");
        putchar('\n');
        json_decref(all);
    } else {
        reporttext_write(text, r);
    }
    if (fflush(stdout) != 0)
        status = cli_fail(1, "standard output: %s", strerror(errno));
    return status;
}

/* The album's report is the caller's. */
static int
finish_album(struct album *a, struct results *r, struct report **out)
{
    const struct report **tracks = calloc((size_t)r->count, sizeof *tracks);
    enum status status = NO_MEM;
    int n = 0;

    for (int i = 0; tracks && i < r->count; i++)
        if (r->file[i].report)
            tracks[n++] = r->file[i].report;
    if (tracks && n)
        status = album_finish(a, tracks, n, out);
    free(tracks);
    r->album = *out;
    return status == OK || n == 0 ? 0 : cli_fail(1, "the album: out of memory");
}

static int
work(struct choices *c, struct results *r, const struct reporttext *text)
{
    struct album *album = NULL;
    struct report *together = NULL;
    int status = 0;

    if (c->album && album_open(&album, c->check.target) != OK)
        return cli_fail(1, "out of memory");
    c->check.album = album;
    check_all(c, r, text->utf8);
    if (album)
        status = finish_album(album, r, &together);
    status |= tell(c, r, text);
    report_close(together);
    album_close(album);
    return status;
}

static int
use(const struct choices *c, char **file, int n)
{
    if (n == 0)
        return cli_fail(2, "check: name a file: deadwax check --help");
    if (c->album && n < 2)
        return cli_fail(2, "check: --album: name all its files, in their order");
    return c->html ? check_page(c, file, n) : 0;
}

static int
load_target(const struct choices *c, struct target **t)
{
    struct err e;
    enum status status = c->target ? target_load(t, c->target, &e) : OK;

    return status == OK ? 0 : cli_fail(status == NOT_FOUND ? 2 : 1, "%s", e.text);
}

static int
build_curve(const char *out, char *const *paths, int count)
{
    struct curve curve;
    struct err e;

    if (curve_build(&curve, paths, count, &e) != OK || curve_save(&curve, out, paths, &e) != OK)
        return cli_fail(1, "%s", e.text);
    return 0;
}

static int
load_curve(struct choices *c)
{
    struct err e;

    if (c->against && curve_load(&c->curve, c->against, &e) != OK)
        return cli_fail(1, "%s", e.text);
    c->check.curve = c->against ? &c->curve : NULL;
    return 0;
}

int
check_main(int argc, char **argv)
{
    struct choices c = {.json = false};
    struct results r = {.target_lufs = NAN, .when = time(NULL)};
    struct reporttext text = reporttext_here();
    struct target *target = NULL;
    int option, status;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
        if ((status = choose(&c, option)) >= 0)
            return status;
    r.count = argc - optind;
    if ((status = use(&c, argv + optind, r.count)) != 0)
        return status;
    if (c.curve_out)
        return build_curve(c.curve_out, argv + optind, r.count);
    if ((status = load_curve(&c)) != 0 || (status = load_target(&c, &target)) != 0)
        return status;
    if (target) {
        c.check.target = target;
        r.target = target->title;
        r.target_lufs = target->loudness_lufs;
    }
    r.file = calloc((size_t)r.count, sizeof *r.file);
    for (int i = 0; r.file && i < r.count; i++)
        r.file[i].path = argv[optind + i];
    status = r.file ? work(&c, &r, &text) : cli_fail(1, "out of memory");
    for (int i = 0; r.file && i < r.count; i++)
        report_close(r.file[i].report);
    free(r.file);
    target_free(target);
    return status;
}
