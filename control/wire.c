/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/wire.h"

#include <math.h>
#include <string.h>

bool
wire_has(const struct param *p, bool norm)
{
    return p->type != PARAM_TRIGGER && !(norm && !param_is_number(p));
}

static bool
is_number(char type)
{
    return type && strchr("ihfdTF", type);
}

static enum wire_want
bad_type(const struct param *p, char type, const char *use, struct err *e)
{
    err_set(e, "%s: type '%c' is no value here: use %s", p->path, type, use);
    return WIRE_BAD;
}

/* 0.7 as a float is not 0.7: the ends of the range are meant when their floats come. */
static double
from_float(const struct param *p, double v)
{
    if (v == (double)(float)p->max)
        return p->max;
    if (v == (double)(float)p->min)
        return p->min;
    return v;
}

static enum wire_want
read_trigger(const struct param *p, const struct packet_arg *a, double *value, struct err *e)
{
    if (a->type == 'I')
        *value = 1.0;
    else if (is_number(a->type))
        *value = a->number;
    else if (!a->text)
        return bad_type(p, a->type, "i, f, T or I", e);
    else if (!param_parse(p, a->text, value, e))
        return WIRE_BAD;
    if (!isfinite(*value)) {
        err_set(e, "%s: %g is no number", p->path, *value);
        return WIRE_BAD;
    }
    return *value == 0.0 ? WIRE_RELEASE : WIRE_SET;
}

static enum wire_want
read_text(const struct param *p, const struct packet_arg *a, const char **text, struct err *e)
{
    if (!a->text)
        return bad_type(p, a->type, "s", e);
    *text = a->text;
    return WIRE_SET;
}

static enum wire_want
read_norm(const struct param *p, const struct packet_arg *a, double *value, struct err *e)
{
    if (!is_number(a->type))
        return bad_type(p, a->type, "f or i, 0 to 1", e);
    return param_from_norm(p, a->number, value, e) ? WIRE_SET : WIRE_BAD;
}

static enum wire_want
read_value(const struct param *p, const struct packet_arg *a, double *value, struct err *e)
{
    if (a->text)
        return param_parse(p, a->text, value, e) ? WIRE_SET : WIRE_BAD;
    if (!is_number(a->type))
        return bad_type(p, a->type, "i, f, s, T or F", e);
    *value = a->type == 'f' ? from_float(p, a->number) : a->number;
    return WIRE_SET;
}

bool
wire_is_question(const struct packet_message *m)
{
    return m->nargs == 0 || (m->nargs == 1 && m->arg[0].type == 'N');
}

enum wire_want
wire_read(const struct param *p, bool norm, const struct packet_message *m, double *value, const char **text,
          struct err *e)
{
    const struct packet_arg *a = &m->arg[0];
    bool choice = p->type == PARAM_ENUM && m->nargs == 2 && a->type == 'i' && m->arg[1].type == 's';

    if (p->type == PARAM_SERIES) {
        param_check(p, 0.0, e);
        return WIRE_BAD;
    }
    if (norm && !wire_has(p, true)) {
        err_set(e, "%s/norm: has no 0 to 1: use %s", p->path, p->path);
        return WIRE_BAD;
    }
    if (m->nargs != 1 && !choice) {
        err_set(e, "%s: takes one value, not %d", p->path, m->nargs);
        return WIRE_BAD;
    }
    if (p->type == PARAM_TRIGGER)
        return read_trigger(p, a, value, e);
    if (p->type == PARAM_TEXT)
        return read_text(p, a, text, e);
    return norm ? read_norm(p, a, value, e) : read_value(p, a, value, e);
}

/* Part of a choice is none: a step of 0.4 stays where it is. */
static double
stepped(const struct param *p, double at, double step)
{
    double value = fmin(fmax(at + step, p->min), p->max);

    return p->type == PARAM_FLOAT ? value : round(value);
}

enum wire_want
wire_read_step(const struct param *p, double at, const struct packet_message *m, double *value, struct err *e)
{
    const struct packet_arg *a = &m->arg[0];
    bool has = p->type == PARAM_FLOAT || p->type == PARAM_INT || p->type == PARAM_ENUM;

    if (p->flags & PARAM_READ_ONLY)
        param_check(p, 0.0, e);
    else if (!has)
        err_set(e, "%s/step: has no steps: use %s", p->path, p->path);
    else if (m->nargs != 1)
        err_set(e, "%s/step: takes one number, not %d", p->path, m->nargs);
    else if (!a->type || !strchr("ihfd", a->type) || !isfinite(a->number))
        err_set(e, "%s/step: takes a number to be added: use i or f", p->path);
    else {
        *value = stepped(p, at, a->number);
        return WIRE_SET;
    }
    return WIRE_BAD;
}

static double
place(const struct param *p, double value)
{
    double norm = param_to_norm(p, value);

    return norm >= 0.0 ? fmin(norm, 1.0) : 0.0; /* NaN too: a log row's reading of 0 */
}

double
wire_number(const struct param *p, double value)
{
    return isfinite(value) ? value : value > 0.0 ? p->max : p->min;
}

int
wire_write(const struct param *p, bool norm, double value, const char *text, struct packet_arg arg[WIRE_ARGS])
{
    value = wire_number(p, value);
    arg[0] = (struct packet_arg){.type = 'f', .number = value};
    if (norm) {
        arg[0].number = place(p, value);
        return 1;
    }
    if (p->type == PARAM_TEXT) {
        arg[0] = (struct packet_arg){.type = 's', .text = text ? text : ""};
        return 1;
    }
    if (p->type == PARAM_FLOAT)
        return 1;
    arg[0].type = fabs(value) <= INT32_MAX ? 'i' : 'h';
    if (p->type != PARAM_ENUM || value < 0 || value > p->max)
        return 1;
    arg[1] = (struct packet_arg){.type = 's', .text = p->names[(int)value]};
    return 2;
}

int
wire_write_series(const struct param *p, const double *value, struct packet_arg arg[PACKET_ARGS])
{
    int n = p->points < PACKET_ARGS ? p->points : PACKET_ARGS;

    for (int i = 0; i < n; i++)
        arg[i] = (struct packet_arg){.type = 'f', .number = wire_number(p, value[i])};
    return n;
}

/* FNV-1a */
static uint64_t
hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h;
}

uint64_t
wire_mark(const struct param *p, bool norm, double value, const char *text)
{
    uint64_t bits;

    if (p->type == PARAM_TEXT)
        return hash(text ? text : "");
    if (norm)
        return (uint64_t)llround(1e6 * place(p, wire_number(p, value)));
    value = p->type == PARAM_FLOAT ? (double)(float)value : value;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static bool
cut(const char *path, const char *tail, char out[WIRE_PATH_SIZE], bool *had)
{
    size_t n = strlen(path), nt = strlen(tail);

    if (n >= WIRE_PATH_SIZE)
        return false;
    *had = n >= nt && strcmp(path + n - nt, tail) == 0;
    n -= *had ? nt : 0;
    memcpy(out, path, n);
    out[n] = '\0';
    return true;
}

bool
wire_cut_norm(const char *path, char out[WIRE_PATH_SIZE], bool *norm)
{
    return cut(path, "/norm", out, norm);
}

bool
wire_cut_step(const char *path, char out[WIRE_PATH_SIZE], bool *step)
{
    return cut(path, "/step", out, step);
}

bool
wire_cut_blob(const char *path, char out[WIRE_PATH_SIZE], bool *blob, bool *paths)
{
    if (!cut(path, "/blob/paths", out, paths))
        return false;
    *blob = false;
    return *paths || cut(path, "/blob", out, blob);
}

bool
wire_inside(const char *path, const char *prefix)
{
    size_t n = strlen(prefix);

    if (n && prefix[n - 1] == '/')
        n--;
    return strncmp(path, prefix, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool
wire_told(const struct param *p, bool norm, const char *prefix)
{
    return wire_has(p, norm) && wire_inside(p->path, prefix) &&
           (p->type != PARAM_SERIES || strlen(prefix) >= strlen(p->path)) &&
           (!(p->flags & PARAM_COUNTER) || strlen(prefix) > 1);
}
