/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax params: the parameter table for people, for the manual and for programs.
 *
 * --json gives every row as it is. The two readable forms fold equals into one line: /eq/1/gain .. /eq/8/gain are
 * /eq/1..8/gain when nothing but the number (and perhaps the default) tells them apart.
 */
#include "control/cli/cli.h"

#include "dsp/dsp.h"
#include "engine/params.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CELL = 512, MEANING_MIN = 24 };

/* --- which rows ------------------------------------------------------------------------------------- */

/* Is it the path, or one above it? The slash before may be left out. */
static bool
wanted(const struct param *p, const char *prefix)
{
    const char *path = p->path + (prefix[0] != '/');
    size_t n = strlen(prefix);

    while (n && prefix[n - 1] == '/')
        n--;
    return strncmp(path, prefix, n) == 0 && (path[n] == '/' || path[n] == '\0' || n == 0);
}

/* The number in a path ("/eq/3/gain": 3) and where it stands; 0: none. */
static int
index_of(const char *path, size_t *at, size_t *length)
{
    for (const char *c = path; (c = strchr(c, '/')) != NULL;) {
        size_t n = strspn(++c, "0123456789");

        if (n && (c[n] == '/' || c[n] == '\0')) {
            *at = (size_t)(c - path);
            *length = n;
            return atoi(c);
        }
    }
    return 0;
}

static const struct param *
find_wanted(const char *path, const char *prefix)
{
    int id = param_find(path);

    return id >= 0 && wanted(param_at(id), prefix) ? param_at(id) : NULL;
}

/* The same parameter of the equal with another number; NULL if there is none or it differs. */
static const struct param *
equal_of(const struct param *p, int step, const char *prefix)
{
    char path[PARAM_PATH_SIZE];
    const struct param *q;
    size_t at, length;
    int i = index_of(p->path, &at, &length);

    if (!i)
        return NULL;
    snprintf(path, sizeof path, "%.*s%d%s", (int)at, p->path, i + step, p->path + at + length);
    q = find_wanted(path, prefix);
    if (!q || q->type != p->type || q->scale != p->scale || q->unit != p->unit || q->min != p->min ||
        q->max != p->max || q->names != p->names || q->owner != p->owner || q->flags != p->flags ||
        strcmp(q->text, p->text) != 0)
        return NULL;
    return q;
}

static bool
is_first(const struct param *p, const char *prefix)
{
    return !equal_of(p, -1, prefix);
}

static int
count_equals(const struct param *p, const char *prefix)
{
    int n = 1;

    while (equal_of(p, n, prefix))
        n++;
    return n;
}

/* --- cells ------------------------------------------------------------------------------------------ */

enum cell { PATH, RANGE, DEFAULT, UNIT, MEANING, NCELLS };

static const char *const titles[NCELLS] = {"Path", "Range", "Default", "Unit", "Meaning"};

static void
append(char *out, const char *format, const char *word)
{
    size_t n = strlen(out);

    snprintf(out + n, CELL - n, format, word);
}

static void
path_cell(const struct param *p, const char *prefix, char *out)
{
    size_t at = 0, length = 0;
    int i = index_of(p->path, &at, &length), n = count_equals(p, prefix);

    if (n > 1)
        snprintf(out, CELL, "%.*s%d..%d%s", (int)at, p->path, i, i + n - 1, p->path + at + length);
    else
        snprintf(out, CELL, "%s", p->path);
}

static void
range_cell(const struct param *p, char *out)
{
    out[0] = '\0';
    if (p->flags & PARAM_READ_ONLY)
        append(out, p->type == PARAM_SERIES ? "%s of numbers" : "%s",
               p->type == PARAM_SERIES ? "row" : "reading");
    else if (p->type == PARAM_BOOL)
        append(out, "%s", "off, on");
    else if (p->type == PARAM_TRIGGER)
        append(out, "%s", "trigger");
    else if (p->type == PARAM_TEXT)
        append(out, "%s", "text");
    else if (p->type == PARAM_ENUM)
        for (int i = 0; i <= (int)p->max; i++)
            append(out, i ? ", %s" : "%s", p->names[i]);
    else
        snprintf(out, CELL, "%.10g to %.10g", p->min, p->max);
}

static void
append_default(const struct param *p, char *out, bool first)
{
    char word[64];

    if (p->type == PARAM_ENUM)
        snprintf(word, sizeof word, "%s", p->names[(int)p->def]);
    else if (p->type == PARAM_BOOL)
        snprintf(word, sizeof word, "%s", p->def != 0.0 ? "on" : "off");
    else
        snprintf(word, sizeof word, "%.10g", p->def);
    append(out, first ? "%s" : ", %s", word);
}

/* One for all equals, or one each where they differ. */
static void
default_cell(const struct param *p, const char *prefix, char *out)
{
    int n = count_equals(p, prefix);
    bool same = true;

    out[0] = '\0';
    if (p->flags & PARAM_READ_ONLY || p->type == PARAM_TRIGGER || p->type == PARAM_TEXT)
        return;
    for (int i = 1; i < n; i++)
        same &= equal_of(p, i, prefix)->def == p->def;
    append_default(p, out, true);
    for (int i = 1; i < n && !same; i++)
        append_default(equal_of(p, i, prefix), out, false);
}

static void
fill_cells(const struct param *p, const char *prefix, char cell[NCELLS][CELL])
{
    path_cell(p, prefix, cell[PATH]);
    range_cell(p, cell[RANGE]);
    default_cell(p, prefix, cell[DEFAULT]);
    snprintf(cell[UNIT], CELL, "%s", param_unit_name(p->unit));
    snprintf(cell[MEANING], CELL, "%s", p->text);
}

/* --- a table for the terminal ------------------------------------------------------------------------ */

/* Columns left for the last cell; 0: as much as it likes. */
static int
room_behind(int used)
{
    struct winsize w;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
        return 0;
    return w.ws_col - used >= MEANING_MIN ? w.ws_col - used : 0;
}

/* Broken between words, each further line under the first. */
static void
print_wrapped(const char *text, int indent, int room)
{
    int used = 0;

    for (const char *word = text; *word;) {
        int n = (int)strcspn(word, " ");

        if (used && room && used + 1 + n > room) {
            printf("\n%*s", indent, "");
            used = 0;
        }
        used += printf(used ? " %.*s" : "%.*s", n, word);
        word += n + (int)strspn(word + n, " ");
    }
    printf("\n");
}

static void
print_plain(const char *prefix)
{
    char cell[NCELLS][CELL];
    int width[NCELLS] = {0}, indent = 0;

    for (int i = 0; i < NCELLS; i++)
        width[i] = (int)strlen(titles[i]);
    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (!wanted(p, prefix) || !is_first(p, prefix))
            continue;
        fill_cells(p, prefix, cell);
        for (int i = 0; i < NCELLS; i++)
            if ((int)strlen(cell[i]) > width[i])
                width[i] = (int)strlen(cell[i]);
    }
    for (int i = 0; i < MEANING; i++)
        indent += width[i] + 2;
    for (int i = 0; i < MEANING; i++)
        printf("%-*s  ", width[i], titles[i]);
    printf("%s\n", titles[MEANING]);
    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (!wanted(p, prefix) || !is_first(p, prefix))
            continue;
        fill_cells(p, prefix, cell);
        for (int i = 0; i < MEANING; i++)
            printf("%-*s  ", width[i], cell[i]);
        print_wrapped(cell[MEANING], indent, room_behind(indent));
    }
}

/* --- the manual's reference -------------------------------------------------------------------------- */

static size_t
module_length(const char *path)
{
    return 1 + strcspn(path + 1, "/");
}

static void
print_escaped(const char *text)
{
    for (; *text; text++)
        printf(strchr("|\\*_`<", *text) ? "\\%c" : "%c", *text);
}

static void
print_markdown_row(const struct param *p, const char *prefix)
{
    char cell[NCELLS][CELL];

    fill_cells(p, prefix, cell);
    printf("| `%s` ", cell[PATH]);
    for (int i = RANGE; i < NCELLS; i++) {
        printf("| ");
        print_escaped(cell[i]);
        printf(*cell[i] ? " " : "");
    }
    printf("|\n");
}

/* Modules in the order of their first row; a module's rows together wherever they stand in the table. */
static bool
is_module_first(int id, const char *prefix)
{
    const char *path = param_at(id)->path;
    size_t n = module_length(path);

    for (int i = 0; i < id; i++)
        if (wanted(param_at(i), prefix) && module_length(param_at(i)->path) == n &&
            strncmp(param_at(i)->path, path, n) == 0)
            return false;
    return true;
}

static void
print_module(int first, const char *prefix)
{
    const char *name = param_at(first)->path;
    size_t n = module_length(name);

    printf("\n## %.*s\n\n| Path | Range | Default | Unit | Meaning |\n|---|---|---|---|---|\n", (int)n, name);
    for (int id = first; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (module_length(p->path) == n && strncmp(p->path, name, n) == 0 && wanted(p, prefix) &&
            is_first(p, prefix))
            print_markdown_row(p, prefix);
    }
}

static void
print_markdown(const char *prefix)
{
    printf("# Parameters\n\n"
           "Each path is an OSC address, a word for `--set PATH=VALUE` and for `deadwax ctl`. `1..8` stands "
           "for one\n"
           "of these numbers. Any number can also be had on its own scale from 0 to 1, at `PATH/norm`. "
           "Readings can\n"
           "only be read.\n");
    for (int id = 0; id < params_count(); id++)
        if (wanted(param_at(id), prefix) && is_module_first(id, prefix))
            print_module(id, prefix);
}

/* --- for programs ----------------------------------------------------------------------------------- */

/* 3, not 3.0; infinity and NaN, which JSON doesn't have, are null. */
static json_t *
json_number_of(double x)
{
    if (!isfinite(x))
        return json_null();
    return x == floor(x) && fabs(x) < 9e15 ? json_integer((json_int_t)x) : json_real(x);
}

static json_t *
json_names(const struct param *p)
{
    json_t *names = json_array();

    for (int i = 0; p->names && i <= (int)p->max; i++)
        json_array_append_new(names, json_string(p->names[i]));
    return names;
}

static json_t *
json_flags(const struct param *p)
{
    static const struct {
        unsigned flag;
        const char *name;
    } known[] = {
        {PARAM_SAVED, "saved"},     {PARAM_AUTOMATED, "automated"}, {PARAM_PRINTED, "printed"},
        {PARAM_COUNTER, "counter"}, {PARAM_READ_ONLY, "read_only"},
    };
    json_t *flags = json_array();

    for (size_t i = 0; i < LEN(known); i++)
        if (p->flags & known[i].flag)
            json_array_append_new(flags, json_string(known[i].name));
    return flags;
}

static json_t *
json_param(const struct param *p)
{
    bool number = param_is_number(p), ranged = number || p->type == PARAM_SERIES;

    return json_pack("{ss ss ss so so so so ss ss so so ss ss}", "path", p->path, "label", p->label, "type",
                     param_type_name(p->type), "points", p->points ? json_integer(p->points) : json_null(),
                     "min", ranged ? json_number_of(p->min) : json_null(), "max",
                     ranged ? json_number_of(p->max) : json_null(), "default",
                     number ? json_number_of(p->def) : json_null(), "unit", param_unit_name(p->unit), "scale",
                     param_scale_name(p->scale), "names", json_names(p), "flags", json_flags(p), "owner",
                     param_owner_name(p->owner), "text", p->text);
}

/* One object, a row a line: to be read by programs, and by diff. */
static int
print_json(const char *prefix)
{
    const char *before = "{\"params\": [\n";

    for (int id = 0; id < params_count(); id++) {
        json_t *row;
        char *text;

        if (!wanted(param_at(id), prefix))
            continue;
        row = json_param(param_at(id));
        text = row ? json_dumps(row, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15)) : NULL;
        json_decref(row);
        if (!text)
            return cli_fail(1, "out of memory");
        printf("%s%s", before, text);
        before = ",\n";
        free(text);
    }
    printf("\n]}\n");
    return 0;
}

/* --- the verb --------------------------------------------------------------------------------------- */

static int
usage(FILE *out, int status)
{
    fprintf(
        out,
        "usage: deadwax params [--json | --markdown] [PREFIX]\n\n"
        "  Every parameter there is: path, range, default, unit, meaning. PREFIX is a path or the start of\n"
        "  one: /eq, /eq/3, /meter/output.\n\n"
        "  --json       one JSON object, {\"params\": [{\"path\": ..., \"min\": ...}, ...]}\n"
        "  --markdown   the reference for the manual\n");
    return status;
}

static bool
any_wanted(const char *prefix)
{
    for (int id = 0; id < params_count(); id++)
        if (wanted(param_at(id), prefix))
            return true;
    return false;
}

int
params_main(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"markdown", no_argument, NULL, 'm'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *prefix = "/";
    int o, form = 0, status = 0;
    struct err e;

    params_init();
    optind = 0; /* main has read its own options before */
    while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (o == 'h' || o == '?')
            return usage(o == 'h' ? stdout : stderr, o == 'h' ? 0 : 2);
        if (form && form != o)
            return cli_fail(2, "params: --json and --markdown don't go together: choose one");
        form = o;
    }
    if (argc - optind > 1)
        return cli_fail(2, "params: \"%s\" is one word too many: give at most one PREFIX", argv[optind + 1]);
    if (optind < argc)
        prefix = argv[optind];
    if (!any_wanted(prefix)) {
        param_unknown(prefix, &e);
        return cli_fail(2, "%s", e.text);
    }
    if (form == 'j')
        status = print_json(prefix);
    else if (form == 'm')
        print_markdown(prefix);
    else
        print_plain(prefix);
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_fail(1, "params: can't write to standard output");
    return status;
}
