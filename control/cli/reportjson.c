/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/reportjson.h"

#include <math.h>
#include <string.h>

static json_t *
number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}

static json_t *
numbers(const double *v, int n)
{
    json_t *a = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(a, number(v[i]));
    return a;
}

static json_t *
curve(const struct series *s)
{
    return json_pack("{s:f, s:f, s:s, s:o}", "from", s->from, "step", s->step, "axis", s->log ? "Hz" : "s",
                     "values", numbers(s->value, s->count));
}

static json_t *
value(const struct figure_value *v)
{
    switch (v->figure->kind) {
    case FIGURE_NUMBER: return number(v->number[0]);
    case FIGURE_CHANNELS: return numbers(v->number, v->count);
    case FIGURE_TEXT: return json_string(v->text);
    case FIGURE_SERIES: return curve(&v->series);
    }
    return NULL;
}

/* "group/name": into the group's own object. */
static void
put(json_t *o, const char *key, json_t *v)
{
    const char *slash = strchr(key, '/');
    char group[64];
    json_t *inner;

    snprintf(group, sizeof group, "%.*s", (int)(slash - key), key);
    inner = json_object_get(o, group);
    if (!inner) {
        json_object_set_new(o, group, json_object());
        inner = json_object_get(o, group);
    }
    json_object_set_new(inner, slash + 1, v);
}

static json_t *
finding(const struct finding *f)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "kind", f->kind, "severity", severity_name(f->severity),
                          "what", f->what, "mend", f->mend);

    if (f->from_s >= 0.0) {
        json_object_set_new(o, "from", json_real(f->from_s));
        json_object_set_new(o, "to", json_real(f->to_s));
    }
    if (f->channel >= 0)
        json_object_set_new(o, "channel", json_integer(f->channel + 1));
    return o;
}

static json_t *
platforms(const struct report *r)
{
    json_t *a = json_array();

    for (int i = 0; i < report_platforms(r); i++) {
        const struct platform *p = report_platform_at(r, i);

        json_array_append_new(a, json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "name", p->name, "title",
                                           p->title, "gain", number(p->gain_db), "played",
                                           number(p->played_lufs), "rule", p->rule, "date", p->date));
    }
    return a;
}

static json_t *
tracks(const struct report *r)
{
    json_t *a = json_array();

    for (int i = 0; i < report_tracks(r); i++) {
        const struct track *t = report_track_at(r, i);

        json_array_append_new(a,
                              json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "file", t->path, "integrated",
                                        number(t->integrated_lufs), "offset", number(t->offset_lu), "range",
                                        number(t->range_lu), "max_true_peak", number(t->max_dbtp), "gap",
                                        number(t->gap_s), "tone", number(t->tone_db)));
    }
    return a;
}

json_t *
report_to_json(const struct report *r)
{
    json_t *o = json_object(), *units = json_object(), *findings = json_array();

    json_object_set_new(o, "file", json_string(report_path(r)));
    json_object_set_new(o, "worst",
                        json_string(report_findings(r) ? severity_name(report_worst(r)) : "clean"));
    for (int i = 0; i < report_figures(r); i++) {
        const struct figure_value *v = report_figure(r, i);

        if (!report_measured(r, v->figure->key))
            continue;
        put(o, v->figure->key, value(v));
        if (param_unit_name(v->figure->unit)[0])
            json_object_set_new(units, v->figure->key, json_string(param_unit_name(v->figure->unit)));
    }
    json_object_set_new(o, "units", units);
    for (int i = 0; i < report_findings(r); i++)
        json_array_append_new(findings, finding(report_finding(r, i)));
    json_object_set_new(o, "findings", findings);
    json_object_set_new(o, "platforms", platforms(r));
    if (report_tracks(r))
        json_object_set_new(o, "tracks", tracks(r));
    return o;
}
