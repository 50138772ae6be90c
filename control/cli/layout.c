/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax layout: a ready tablet layout from the parameter table.
 */
#include "control/cli/layout.h"

#include "control/cli/cli.h"
#include "dsp/dsp.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What is where. A section is a row, or all rows right below its path; '#' is each number that there is. The rest,
 * and what a section holds, is the table's: a new row in a group is on its page.
 */
static const struct {
    const char *title, *sections[16];
} pages[LAYOUT_PAGES] = {
    {"EQ", {"/eq", "/eq/#"}},
    {"Dynamics",
     {"/comp", "/deess", "/limit", "/meter/comp/reduction", "/meter/multiband/reduction",
      "/meter/deess/reduction", "/meter/eq/reduction", "/meter/clip/reduction", "/meter/limit/reduction"}},
    {"Multiband", {"/multiband", "/multiband/xover", "/multiband/#", "/meter/multiband/#"}},
    {"Colour", {"/saturate", "/exciter", "/clip", "/stereo", "/stereo/#", "/stereo/xover"}},
    {"Inserts", {"/insert/#", "/meter/insert/#"}},
    {"Snapshots",
     {"/snapshot/slot/#", "/snapshot", "/snapshot/morph", "/snapshot/scope", "/snapshot/scope/insert"}},
    {"Compare",
     {"/compare", "/compare/blind", "/compare/blind/vote", "/compare/state", "/compare/loudness",
      "/compare/gain", "/compare/reference/#"}},
    {"Monitor", {"/monitor", "/input"}},
    {"Transport", {"/transport", "/print", "/chain", "/undo", "/redo", "/history/undo", "/history/redo"}},
    {"Meters",
     {"/meter/output/momentary", "/meter/output/short_term", "/meter/output/integrated",
      "/meter/output/range", "/meter/reset", "/meter/run", "/meter/output/peak", "/meter/output/true_peak",
      "/meter/output/true_peak_max", "/meter/output", "/meter/k", "/meter/album"}},
};

/* --- what a row needs --------------------------------------------------------------------------- */

enum layout_kind
layout_kind(const struct param *p)
{
    bool read = p->flags & PARAM_READ_ONLY || p->owner == OWNER_METER;

    switch (p->type) {
    case PARAM_BOOL: return read ? LAYOUT_SHOWN : LAYOUT_SWITCH;
    case PARAM_ENUM: return read ? LAYOUT_SHOWN : LAYOUT_CHOICE;
    case PARAM_INT: return read ? LAYOUT_SHOWN : LAYOUT_STEPS;
    case PARAM_TRIGGER: return LAYOUT_PUSH;
    case PARAM_TEXT: return read ? LAYOUT_SHOWN : LAYOUT_WORDS;
    case PARAM_SERIES: return LAYOUT_SHOWN;
    case PARAM_FLOAT: break;
    }
    if (!read)
        return p->scale == SCALE_DB ? LAYOUT_STEPS : LAYOUT_FADER;
    return p->unit == UNIT_S || p->unit == UNIT_FRAMES || p->max > 1e5 ? LAYOUT_SHOWN : LAYOUT_METER;
}

double
layout_step(const struct param *p)
{
    return p->type == PARAM_FLOAT && p->max - p->min <= 60.0 ? 0.5 : 1.0;
}

void
layout_span(const struct param *p, double *low, double *high)
{
    if (p->min == -p->max) {
        *high = fmin(p->max, 24.0);
        *low = -*high;
        return;
    }
    *low = fmax(p->min, -60.0);
    *high = p->unit == UNIT_PERCENT ? p->max : fmin(p->max, *low < 0.0 ? 6.0 : 24.0);
}

/* --- pages -------------------------------------------------------------------------------------- */

/* A curve has no place, nor has a time within a day: no finger can hit a second of it. */
static bool
in_section(const struct param *p, const char *section)
{
    size_t n = strlen(section);
    bool second_in_a_day = p->unit == UNIT_S && p->owner == OWNER_TRANSPORT;

    if (p->type == PARAM_SERIES || second_in_a_day || strncmp(p->path, section, n) != 0)
        return false;
    return p->path[n] == '\0' || (p->path[n] == '/' && !strchr(p->path + n + 1, '/'));
}

static bool
on_page(const struct layout_page *page, const struct param *p)
{
    for (int c = 0; c < page->ncolumns; c++)
        for (int r = 0; r < page->column[c].nrows; r++)
            if (page->column[c].row[r] == p)
                return true;
    return false;
}

/* The column that is being filled with what is called so; a new one when it is full. */
static struct layout_column *
column_of(struct layout_page *page, const char *title, bool *fits)
{
    struct layout_column *last = page->ncolumns ? &page->column[page->ncolumns - 1] : NULL;

    *fits = true;
    if (last && last->nrows < LAYOUT_ROWS && strcmp(last->title, title) == 0)
        return last;
    *fits = page->ncolumns < LAYOUT_COLUMNS;
    if (!*fits)
        return NULL;
    last = &page->column[page->ncolumns++];
    snprintf(last->title, sizeof last->title, "%s", title);
    return last;
}

/* "/eq/3" is "eq 3"; single rows stand together under the first part of their paths. */
static void
name_section(const char *section, char title[PARAM_PATH_SIZE])
{
    snprintf(title, PARAM_PATH_SIZE, "%s", section + 1);
    if (param_find(section) >= 0)
        title[strcspn(title, "/")] = '\0';
    for (char *c = title; *c; c++)
        if (*c == '/' || *c == '_')
            *c = ' ';
}

static bool
add_section(struct layout_page *page, const char *section)
{
    char title[PARAM_PATH_SIZE];
    bool found = false, fits;

    name_section(section, title);
    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);
        struct layout_column *c;

        if (!in_section(p, section) || on_page(page, p))
            continue;
        found = true;
        c = column_of(page, title, &fits);
        if (fits)
            c->row[c->nrows++] = p;
    }
    return found;
}

static void
add_sections(struct layout_page *page, const char *section)
{
    const char *mark = strchr(section, '#');
    char path[PARAM_PATH_SIZE];

    if (!mark) {
        add_section(page, section);
        return;
    }
    for (int i = 1;; i++) {
        snprintf(path, sizeof path, "%.*s%d%s", (int)(mark - section), section, i, mark + 1);
        if (!add_section(page, path))
            return;
    }
}

void
layout_make(struct layout *l)
{
    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < LEN(pages) && pages[i].title; i++) {
        struct layout_page *page = &l->page[l->npages++];

        page->title = pages[i].title;
        for (size_t s = 0; s < LEN(pages[i].sections) && pages[i].sections[s]; s++)
            add_sections(page, pages[i].sections[s]);
    }
}

/* --- the verb ----------------------------------------------------------------------------------- */

static int
usage(FILE *out, int status)
{
    fputs("use: deadwax layout touchosc|open-stage-control -o FILE\n"
          "  A tablet layout with a page each for the EQ, dynamics, colour, monitors, transport and meters.\n"
          "  Levels move in steps only: no tap can make them jump.\n\n"
          "  touchosc             FILE.tosc, for TouchOSC. It subscribes by itself.\n"
          "  open-stage-control   FILE.json, a session of Open Stage Control. \"Connect\" subscribes for an "
          "hour.\n"
          "  -o, --output FILE    is not overwritten...\n"
          "      --force          ...but with this\n"
          "      --port N         touchosc: where the tablet listens (its receive port), 9001\n",
          out);
    return status;
}

static int
write_file(const char *path, bool force, const unsigned char *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0666);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    bool good;

    if (!f && errno == EEXIST)
        return cli_fail(1, "%s: is there already: use another name, or --force", path);
    if (!f) {
        cli_fail(1, "%s: %s: use a place that can be written", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return 1;
    }
    good = fwrite(data, 1, size, f) == size;
    if (fclose(f) == 0 && good)
        return 0;
    cli_fail(1, "%s: %s", path, strerror(errno));
    if (!force)
        unlink(path);
    return 1;
}

static int
make(bool touchosc, const char *path, bool force, int port)
{
    struct layout *l = calloc(1, sizeof *l);
    unsigned char *data = NULL;
    size_t size = 0;
    int status;

    if (l) {
        layout_make(l);
        data = touchosc ? layout_touchosc(l, port, &size) : layout_stagecontrol(l, &size);
    }
    status = data ? write_file(path, force, data, size) : cli_fail(1, "out of memory");
    free(data);
    free(l);
    return status;
}

int
layout_main(int argc, char **argv)
{
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"force", no_argument, NULL, 'f'},
                                            {"port", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *path = NULL, *format;
    bool force = false, touchosc;
    int o, port = 9001;

    params_init();
    optind = 0; /* main has read its own options before */
    while ((o = getopt_long(argc, argv, "o:h", options, NULL)) != -1)
        switch (o) {
        case 'o': path = optarg; break;
        case 'f': force = true; break;
        case 'p': port = (int)cli_number("--port", optarg, 1, 65535); break;
        default: return usage(o == 'h' ? stdout : stderr, o == 'h' ? 0 : 2);
        }
    if (argc - optind != 1)
        return usage(stderr, 2);
    format = argv[optind];
    touchosc = strcmp(format, "touchosc") == 0;
    if (!touchosc && strcmp(format, "open-stage-control") != 0)
        return cli_fail(2, "layout: \"%s\" is no format: use touchosc or open-stage-control", format);
    if (!path)
        return cli_fail(2, "layout: where to? Use -o FILE");
    return make(touchosc, path, force, port);
}
