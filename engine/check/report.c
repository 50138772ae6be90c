/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/report.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally { /* of a kind and severity */
    const char *kind;
    enum severity severity;
    int count;
};

struct report {
    char *path;
    struct figure_value *value;
    int nvalues;
    struct finding *finding;
    struct tally *tally; /* REPORT_FINDINGS of each */
    int nfindings, ntallies;
    struct platform *platform;
    struct track *track;
    int nplatforms, ntracks;
    bool no_mem;
};

enum status
report_open(struct report **out, const char *path)
{
    struct report *r = calloc(1, sizeof *r);

    *out = r;
    if (!r)
        return NO_MEM;
    r->path = strdup(path);
    r->finding = calloc(REPORT_FINDINGS, sizeof *r->finding);
    r->tally = calloc(REPORT_FINDINGS, sizeof *r->tally);
    if (r->path && r->finding && r->tally)
        return OK;
    report_close(r);
    *out = NULL;
    return NO_MEM;
}

void
report_close(struct report *r)
{
    if (!r)
        return;
    for (int i = 0; i < r->nvalues; i++) {
        free(r->value[i].text);
        free((double *)r->value[i].series.value);
    }
    free(r->value);
    free(r->finding);
    free(r->tally);
    free(r->platform);
    free(r->track);
    free(r->path);
    free(r);
}

static struct figure_value *
look_up(const struct report *r, const char *key)
{
    for (int i = 0; i < r->nvalues; i++)
        if (strcmp(r->value[i].figure->key, key) == 0)
            return &r->value[i];
    return NULL;
}

enum status
report_add(struct report *r, const struct figure *figures, int count)
{
    struct figure_value *more = realloc(r->value, sizeof *more * (size_t)(r->nvalues + count + 1));

    if (!more)
        return NO_MEM;
    r->value = more;
    for (int i = 0; i < count; i++) {
        assert(!look_up(r, figures[i].key));
        r->value[r->nvalues++] = (struct figure_value){.figure = &figures[i]};
    }
    return OK;
}

/* --- writing -------------------------------------------------------------------------------------- */

static struct figure_value *
of_kind(struct report *r, const char *key, enum figure_kind kind)
{
    struct figure_value *v = look_up(r, key);

    assert(v && v->figure->kind == kind);
    return v;
}

void
report_put(struct report *r, const char *key, double value)
{
    struct figure_value *v = of_kind(r, key, FIGURE_NUMBER);

    v->number[0] = value;
    v->count = isfinite(value);
}

void
report_put_channel(struct report *r, const char *key, int channel, double value)
{
    struct figure_value *v = of_kind(r, key, FIGURE_CHANNELS);

    assert(channel >= 0 && channel < REPORT_CHANNELS);
    for (; v->count <= channel; v->count++)
        v->number[v->count] = NAN;
    v->number[channel] = value;
}

void
report_text(struct report *r, const char *key, const char *format, ...)
{
    struct figure_value *v = of_kind(r, key, FIGURE_TEXT);
    char *text = NULL;
    va_list ap;

    va_start(ap, format);
    if (vasprintf(&text, format, ap) < 0) {
        r->no_mem = true;
        text = NULL;
    }
    va_end(ap);
    free(v->text);
    v->text = text;
}

void
report_series(struct report *r, const char *key, const struct series *s)
{
    struct figure_value *v = of_kind(r, key, FIGURE_SERIES);
    double *copy = malloc(sizeof *copy * (size_t)(s->count + 1));

    if (!copy) {
        r->no_mem = true;
        return;
    }
    for (int i = 0; i < s->count; i++)
        copy[i] = s->value[i];
    free((double *)v->series.value);
    v->series = *s;
    v->series.value = copy;
}

static struct tally *
tally_of(const struct report *r, const char *kind, enum severity severity)
{
    for (int i = 0; i < r->ntallies; i++)
        if (r->tally[i].severity == severity && strcmp(r->tally[i].kind, kind) == 0)
            return &r->tally[i];
    return NULL;
}

void
report_find(struct report *r, const struct finding *f)
{
    struct tally *t = tally_of(r, f->kind, f->severity);

    if (!t && r->ntallies < REPORT_FINDINGS) {
        t = &r->tally[r->ntallies++];
        *t = (struct tally){.kind = f->kind, .severity = f->severity};
    }
    if (t && t->count++ < REPORT_OF_A_KIND && r->nfindings < REPORT_FINDINGS)
        r->finding[r->nfindings++] = *f;
}

void
report_platform(struct report *r, const struct platform *p)
{
    struct platform *more = realloc(r->platform, sizeof *more * (size_t)(r->nplatforms + 1));

    if (!more) {
        r->no_mem = true;
        return;
    }
    r->platform = more;
    r->platform[r->nplatforms++] = *p;
}

void
report_track(struct report *r, const struct track *t)
{
    struct track *more = realloc(r->track, sizeof *more * (size_t)(r->ntracks + 1));

    if (!more) {
        r->no_mem = true;
        return;
    }
    r->track = more;
    r->track[r->ntracks++] = *t;
}

static int
by_time(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;

    if (x->from_s != y->from_s)
        return x->from_s < y->from_s ? -1 : 1;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    return strcmp(x->kind, y->kind) != 0 ? strcmp(x->kind, y->kind) : x->channel - y->channel;
}

enum status
report_finish(struct report *r)
{
    qsort(r->finding, (size_t)r->nfindings, sizeof *r->finding, by_time);
    return r->no_mem ? NO_MEM : OK;
}

/* --- reading -------------------------------------------------------------------------------------- */

const char *
report_path(const struct report *r)
{
    return r->path;
}

int
report_figures(const struct report *r)
{
    return r->nvalues;
}

const struct figure_value *
report_figure(const struct report *r, int i)
{
    return &r->value[i];
}

const struct figure_value *
report_measured(const struct report *r, const char *key)
{
    const struct figure_value *v = look_up(r, key);

    return v && (v->count || v->text || v->series.count) ? v : NULL;
}

double
report_number(const struct report *r, const char *key)
{
    const struct figure_value *v = report_measured(r, key);

    return v && v->count ? v->number[0] : NAN;
}

int
report_findings(const struct report *r)
{
    return r->nfindings;
}

const struct finding *
report_finding(const struct report *r, int i)
{
    return &r->finding[i];
}

int
report_count(const struct report *r, const char *kind, enum severity severity)
{
    const struct tally *t = tally_of(r, kind, severity);

    return t ? t->count : 0;
}

enum severity
report_worst(const struct report *r)
{
    enum severity worst = SEVERITY_NOTE;

    for (int i = 0; i < r->nfindings; i++)
        if (r->finding[i].severity > worst)
            worst = r->finding[i].severity;
    return worst;
}

int
report_platforms(const struct report *r)
{
    return r->nplatforms;
}

const struct platform *
report_platform_at(const struct report *r, int i)
{
    return &r->platform[i];
}

int
report_tracks(const struct report *r)
{
    return r->ntracks;
}

const struct track *
report_track_at(const struct report *r, int i)
{
    return &r->track[i];
}

const char *
severity_name(enum severity s)
{
    static const char *const names[] = {"note", "warning", "failure"};

    return names[s];
}
