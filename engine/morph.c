/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/morph.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where a row does nothing; '#' is a figure. What is not named has no such place. */
static const struct {
    const char *path;
    double value;
} rests[] = {
    {"/eq/#/gain", 0},        {"/eq/#/range", 0},         {"/insert/#/mix", 0},       {"/deess/range", 0},
    {"/multiband/mix", 0},    {"/multiband/#/ratio", 1},  {"/multiband/#/makeup", 0}, {"/comp/mix", 0},
    {"/saturate/mix", 0},     {"/saturate/trim", 0},      {"/exciter/mix", 0},        {"/stereo/width", 100},
    {"/stereo/#/width", 100}, {"/stereo/mono_below", 20}, {"/stereo/rotation", 0},    {"/stereo/balance", 0},
    {"/clip/drive", 0},       {"/clip/ceiling", 0},       {"/clip/knee", 0},          {"/limit/gain", 0},
    {"/limit/ceiling", 0},
};

static bool
matches(const char *pattern, const char *path)
{
    for (; *pattern && (*pattern == *path || (*pattern == '#' && isdigit((unsigned char)*path))); pattern++)
        path++;
    return !*pattern && !*path;
}

/* The row called `name` in the folder that ends at `end`, with its '/'. */
static int
neighbour(const char *path, const char *end, const char *name)
{
    char other[PARAM_PATH_SIZE];

    snprintf(other, sizeof other, "%.*s%s", (int)(end - path + 1), path, name);
    return param_find(other);
}

static struct morph_row
row_of(int id)
{
    const struct param *p = param_at(id);
    struct morph_row r = {.above = {-1, -1}, .rest = NAN, .type = -1};
    int n = 0;

    r.is_place = strncmp(p->path, "/chain/order/", 13) == 0;
    for (const char *slash = p->path + strlen(p->path); slash > p->path; slash--) {
        int on = *slash == '/' ? neighbour(p->path, slash, "on") : -1;

        r.is_switch |= on == id;
        if (on >= 0 && on != id && param_at(on)->type == PARAM_BOOL && n < MORPH_SWITCHES)
            r.above[n++] = on;
    }
    for (size_t i = 0; i < LEN(rests); i++)
        if (matches(rests[i].path, p->path))
            r.rest = rests[i].value;
    if (matches("/eq/#/freq", p->path))
        r.type = neighbour(p->path, strrchr(p->path, '/'), "type");
    return r;
}

enum status
morph_prepare(struct morph *m)
{
    m->row = calloc((size_t)params_count(), sizeof *m->row);
    if (!m->row)
        return NO_MEM;
    for (int i = 0; i < params_count(); i++)
        m->row[i] = row_of(i);
    return OK;
}

void
morph_free(struct morph *m)
{
    free(m->row);
    *m = (struct morph){0};
}

static bool
works(const struct morph_row *r, const double *values)
{
    for (int i = 0; i < MORPH_SWITCHES; i++)
        if (r->above[i] >= 0 && values[r->above[i]] == 0.0)
            return false;
    return true;
}

/* In a state where it works. */
static double
rest_of(const struct morph_row *r, const struct param *p, const double *values)
{
    const char *type = r->type >= 0 ? param_at(r->type)->names[(int)values[r->type]] : "";

    if (strcmp(type, "low_cut") == 0)
        return p->min;
    return strcmp(type, "high_cut") == 0 ? p->max : r->rest;
}

static double
between(const struct morph_row *r, const struct param *p, double a, double b, double x)
{
    double norm, value;

    if (a == b)
        return a;
    if (r->is_place || p->type == PARAM_BOOL || p->type == PARAM_ENUM)
        return x < 0.5 ? a : b;
    if (p->type == PARAM_INT)
        return floor(a + (b - a) * x + 0.5);
    norm = param_to_norm(p, a) + (param_to_norm(p, b) - param_to_norm(p, a)) * x;
    return param_from_norm(p, fmin(fmax(norm, 0.0), 1.0), &value, NULL) ? value : a;
}

double
morph_value(const struct morph *m, int id, const double *from, const double *to, double x)
{
    const struct morph_row *r = &m->row[id];
    const struct param *p = param_at(id);
    bool before = works(r, from), after = works(r, to);
    const double *there = before ? from : to; /* where it works, if that is but one */
    double rest;

    if (x <= 0.0 || x >= 1.0)
        return x <= 0.0 ? from[id] : to[id];
    if (r->is_switch)
        return from[id] == to[id] ? from[id] : (before && from[id] != 0.0) || (after && to[id] != 0.0);
    if (before == after)
        return between(r, p, from[id], to[id], x);
    rest = rest_of(r, p, there);
    return isnan(rest) ? there[id] : between(r, p, rest, there[id], before ? 1.0 - x : x);
}

bool
morph_leaves(const struct morph *m, int id, const double *from, const double *to)
{
    const struct morph_row *r = &m->row[id];

    return !r->is_switch && works(r, from) && !works(r, to);
}
