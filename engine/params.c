/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * params_init() spreads the rows' groups of equals ("/eq/#/gain") into one
 * struct param each, so that everyone else sees a flat table.
 */
#include "engine/params.h"

#include "dsp/dsp.h"
#include "engine/rows.h"
#include "engine/word.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_PARAMS = 1024 };

static struct param table[MAX_PARAMS];
static char paths[MAX_PARAMS][PARAM_PATH_SIZE];
static int ntable;
static int by_path[MAX_PARAMS]; /* ids, in the order of their paths */

static const struct {
    const char *word; /* on the wire, in --json */
    const char *mark; /* behind a number, for people */
} units[] = {
    [UNIT_NONE] = {"", ""},
    [UNIT_DB] = {"dB", "dB"},
    [UNIT_DBFS] = {"dBFS", "dBFS"},
    [UNIT_DBTP] = {"dBTP", "dBTP"},
    [UNIT_LUFS] = {"LUFS", "LUFS"},
    [UNIT_LU] = {"LU", "LU"},
    [UNIT_HZ] = {"Hz", "Hz"},
    [UNIT_MS] = {"ms", "ms"},
    [UNIT_S] = {"s", "s"},
    [UNIT_PERCENT] = {"%", "%"},
    [UNIT_RATIO] = {"ratio", ":1"},
    [UNIT_FRAMES] = {"frames", "frames"},
    [UNIT_DEGREES] = {"degrees", "deg"},
};

static void
add(const struct row *r, int index)
{
    const char *mark = strchr(r->path, '#');
    char *path = paths[ntable];

    assert(ntable < MAX_PARAMS);
    if (mark)
        snprintf(path, PARAM_PATH_SIZE, "%.*s%d%s", (int)(mark - r->path), r->path, index + 1, mark + 1);
    else
        snprintf(path, PARAM_PATH_SIZE, "%s", r->path);
    table[ntable++] = (struct param){
        path,     r->label, r->type,  r->scale, r->unit, r->min,   r->max,
        r->def,   r->names, r->owner, r->flags, r->text, r->field, r->offset + r->stride * (size_t)index,
        r->points};
}

/* Groups of equals are spread group by group: all of band 1, then all of band 2. */
static int
group_length(const struct row *r, const struct row *end)
{
    const char *mark = strchr(r->path, '#');
    int n = 1;

    if (!mark)
        return 1;
    while (r + n < end && strncmp(r[n].path, r->path, (size_t)(mark - r->path + 1)) == 0)
        n++;
    return n;
}

static int
compare_paths(const void *a, const void *b)
{
    return strcmp(table[*(const int *)a].path, table[*(const int *)b].path);
}

void
params_init(void)
{
    const struct row *end = param_rows + param_nrows;

    if (ntable)
        return;
    for (const struct row *r = param_rows; r < end;) {
        int n = group_length(r, end);

        for (int index = 0; index < r->count; index++)
            for (int i = 0; i < n; i++)
                add(r + i, index);
        r += n;
    }
    for (int i = 0; i < ntable; i++)
        by_path[i] = i;
    qsort(by_path, (size_t)ntable, sizeof by_path[0], compare_paths);
}

int
params_count(void)
{
    return ntable;
}

const struct param *
param_at(int id)
{
    return id >= 0 && id < ntable ? &table[id] : NULL;
}

int
param_find(const char *path)
{
    int low = 0, high = ntable;

    while (low < high) {
        int middle = (low + high) / 2, order = strcmp(table[by_path[middle]].path, path);

        if (order == 0)
            return by_path[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

bool
param_is_number(const struct param *p)
{
    return p->type != PARAM_TEXT && p->type != PARAM_SERIES;
}

bool
param_is_whole(const struct param *p)
{
    return p->type == PARAM_INT || p->type == PARAM_BOOL || p->type == PARAM_ENUM;
}

static void
join_names(const struct param *p, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i <= (int)p->max && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", p->names[i]);
}

static bool
range_error(const struct param *p, const char *value, struct err *e)
{
    char names[256];

    if (p->type == PARAM_ENUM) {
        join_names(p, names, sizeof names);
        return err_set(e, "%s: %s is no choice: use %s", p->path, value, names);
    }
    if (p->type == PARAM_BOOL)
        return err_set(e, "%s: %s is no switch: use 0, 1, off or on", p->path, value);
    return err_set(e, "%s: %s is out of range: use %g to %g%s%s", p->path, value, p->min, p->max,
                   p->unit == UNIT_NONE ? "" : " ", param_unit_name(p->unit));
}

bool
param_check(const struct param *p, double value, struct err *e)
{
    bool whole = param_is_whole(p);
    char word[32];

    snprintf(word, sizeof word, "%g", value);
    if (p->flags & PARAM_READ_ONLY)
        return err_set(e, "%s: can only be read", p->path);
    if (p->type == PARAM_TEXT)
        return err_set(e, "%s: takes a text, not %s", p->path, word);
    if (p->type == PARAM_TRIGGER)
        return value == value ? true : err_set(e, "%s: %s is no number", p->path, word);
    if (!(value >= p->min && value <= p->max)) /* NaN too */
        return range_error(p, word, e);
    if (whole && value != floor(value))
        return p->type == PARAM_INT ? err_set(e, "%s: %s is not whole: use a whole number from %g to %g",
                                              p->path, word, p->min, p->max)
                                    : range_error(p, word, e);
    return true;
}

double
param_to_norm(const struct param *p, double value)
{
    if (p->max == p->min)
        return 0.0;
    if (p->scale == SCALE_LOG)
        return log(value / p->min) / log(p->max / p->min);
    return (value - p->min) / (p->max - p->min);
}

double
param_at_norm(const struct param *p, double norm)
{
    double value =
        p->scale == SCALE_LOG ? p->min * pow(p->max / p->min, norm) : p->min + norm * (p->max - p->min);

    if (param_is_whole(p))
        value = floor(value + 0.5);
    return fmin(fmax(value, p->min), p->max);
}

bool
param_from_norm(const struct param *p, double norm, double *value, struct err *e)
{
    if (!(norm >= 0.0 && norm <= 1.0))
        return err_set(e, "%s/norm: %g is out of range: use 0 to 1", p->path, norm);
    *value = param_at_norm(p, norm);
    return true;
}

static bool
parse_name(const struct param *p, const char *word, double *value)
{
    static const char *const off[] = {"off", "false", "no"}, *const on[] = {"on", "true", "yes"};

    for (int i = 0; p->type == PARAM_ENUM && i <= (int)p->max; i++)
        if (strcasecmp(word, p->names[i]) == 0) {
            *value = i;
            return true;
        }
    for (size_t i = 0; p->type == PARAM_BOOL && i < LEN(on); i++)
        if (strcasecmp(word, on[i]) == 0 || strcasecmp(word, off[i]) == 0) {
            *value = strcasecmp(word, on[i]) == 0;
            return true;
        }
    return false;
}

bool
param_parse(const struct param *p, const char *word, double *value, struct err *e)
{
    char *end;

    if (p->flags & PARAM_READ_ONLY)
        return param_check(p, 0.0, e);
    if (p->type == PARAM_TEXT)
        return err_set(e, "%s: takes a text: set it with deadwax ctl", p->path);
    if (parse_name(p, word, value))
        return param_check(p, *value, e);
    *value = strtod(word, &end);
    if (end == word)
        return p->type == PARAM_ENUM || p->type == PARAM_BOOL
                   ? range_error(p, word, e)
                   : err_set(e, "%s: \"%s\" is no number", p->path, word);
    while (isspace((unsigned char)*end))
        end++;
    if (*end && strcasecmp(end, units[p->unit].word) != 0 && strcasecmp(end, units[p->unit].mark) != 0)
        return err_set(e, "%s: \"%s\" is not in %s", p->path, word,
                       p->unit == UNIT_NONE ? "plain numbers" : units[p->unit].word);
    return param_check(p, *value, e);
}

bool
param_parse_assignment(const char *text, int *id, double *value, struct err *e)
{
    const char *equals = strchr(text, '=');
    char path[PARAM_PATH_SIZE];

    if (!equals || (size_t)(equals - text) >= sizeof path)
        return err_set(e, "\"%s\": write PATH=VALUE, for instance /eq/1/gain=-2", text);
    snprintf(path, sizeof path, "%.*s", (int)(equals - text), text);
    *id = param_find(path);
    if (*id < 0)
        return param_unknown(path, e);
    return param_parse(&table[*id], equals + 1, value, e);
}

void
param_format(const struct param *p, double value, char *out, size_t size)
{
    const char *mark = units[p->unit].mark;

    if (p->type == PARAM_ENUM && value >= 0 && value <= p->max)
        snprintf(out, size, "%s", p->names[(int)value]);
    else if (p->type == PARAM_BOOL)
        snprintf(out, size, "%s", value != 0.0 ? "on" : "off");
    else
        snprintf(out, size, "%.6g%s%s", value, *mark && *mark != ':' ? " " : "", mark);
}

/* Of a number as param_format has it; -1: it takes an exponent. */
static int
decimals(double value)
{
    char number[32];
    const char *point;

    snprintf(number, sizeof number, "%.6g", value);
    point = strchr(number, '.');
    return strchr(number, 'e') ? -1 : point ? (int)strlen(point + 1) : 0;
}

/* Of both alike: four digits of the larger one, or as many more as it takes to tell them apart. */
static int
move_decimals(double from, double to)
{
    int a = decimals(from), b = decimals(to), most = a > b ? a : b, n = 3;
    char before[PARAM_VALUE_SIZE], after[PARAM_VALUE_SIZE];

    if (a < 0 || b < 0)
        return -1;
    for (double x = fmax(fabs(from), fabs(to)); x >= 10.0 && n > 0; x /= 10.0)
        n--;
    for (; n < most; n++) {
        snprintf(before, sizeof before, "%.*f", n, from);
        snprintf(after, sizeof after, "%.*f", n, to);
        if (strcmp(before, after) != 0)
            return n;
    }
    return most;
}

void
param_format_move(const struct param *p, double from, double to, char *out, size_t size)
{
    bool number = (p->type == PARAM_FLOAT || p->type == PARAM_INT) && p->unit != UNIT_RATIO;
    int n = number ? move_decimals(from, to) : -1;
    const char *mark = units[p->unit].mark;
    char before[PARAM_VALUE_SIZE], after[PARAM_VALUE_SIZE];

    if (n >= 0) {
        snprintf(out, size, "%.*f -> %.*f%s%s", n, from, n, to, *mark ? " " : "", mark);
        return;
    }
    param_format(p, from, before, sizeof before);
    param_format(p, to, after, sizeof after);
    snprintf(out, size, "%s -> %s", before, after);
}

bool
param_unknown(const char *path, struct err *e)
{
    enum { NEAREST = 3 };
    char word[PARAM_PATH_SIZE];
    int id[NEAREST], far[NEAREST];

    snprintf(word, sizeof word, "%s", path);
    for (char *c = word; *c; c++) /* it comes from anywhere, and goes to terminals */
        if (!isprint((unsigned char)*c))
            *c = '?';
    for (int k = 0; k < NEAREST; k++)
        far[k] = 1000, id[k] = 0;
    for (int i = 0; i < ntable; i++) {
        int d = word_distance(word, table[i].path, far[NEAREST - 1]), at = i;

        for (int k = 0; k < NEAREST; k++)
            if (d < far[k]) {
                int was_far = far[k], was_id = id[k];

                far[k] = d, id[k] = at;
                d = was_far, at = was_id;
            }
    }
    return err_set(e, "%s: no such parameter: nearest are %s, %s, %s", word, table[id[0]].path,
                   table[id[1]].path, table[id[2]].path);
}

const char *
param_type_name(enum param_type t)
{
    static const char *const name[] = {"float", "int", "bool", "enum", "trigger", "text", "series"};

    return name[t];
}

const char *
param_unit_name(enum param_unit u)
{
    return units[u].word;
}

const char *
param_scale_name(enum param_scale s)
{
    static const char *const name[] = {"linear", "log", "db"};

    return name[s];
}

const char *
param_owner_name(enum param_owner o)
{
    static const char *const name[] = {"chain", "monitor", "transport", "print", "preset",
                                       "view",  "memory",  "control",   "meter"};

    return name[o];
}

double
param_load(const struct param *p, const void *owner)
{
    const char *at = (const char *)owner + p->offset;

    switch (p->field) {
    case FIELD_DOUBLE: return *(const double *)at;
    case FIELD_INT: return *(const int *)at;
    case FIELD_BOOL: return *(const bool *)at;
    case FIELD_SERIES:
    case FIELD_NONE: break;
    }
    return 0.0;
}

void
param_store(const struct param *p, void *owner, double value)
{
    char *at = (char *)owner + p->offset;

    switch (p->field) {
    case FIELD_DOUBLE: *(double *)at = value; break;
    case FIELD_INT: *(int *)at = (int)value; break;
    case FIELD_BOOL: *(bool *)at = value != 0.0; break;
    case FIELD_SERIES:
    case FIELD_NONE: break;
    }
}
