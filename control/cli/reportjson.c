/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/reportjson.h"

#include "control/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *
text(const char *s)
{
    char *clean = utf8_clean(s);
    json_t *j = clean ? json_string(clean) : NULL;

    free(clean);
    return j;
}

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
    return json_pack("{s:o, s:o, s:s, s:o}", "from", number(s->from), "step", number(s->step), "axis",
                     s->log ? "Hz" : "s", "values", numbers(s->value, s->count));
}

static json_t *
value(const struct figure_value *v)
{
    switch (v->figure->kind) {
    case FIGURE_NUMBER: return number(v->number[0]);
    case FIGURE_CHANNELS: return numbers(v->number, v->count);
    case FIGURE_TEXT: return text(v->text);
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
    json_t *o = json_pack("{s:s, s:s, s:o, s:o}", "kind", f->kind, "severity", severity_name(f->severity),
                          "what", text(f->what), "mend", text(f->mend));

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

        json_array_append_new(a, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", text(p->name), "title",
                                           text(p->title), "gain", number(p->gain_db), "played",
                                           number(p->played_lufs), "rule", text(p->rule), "date",
                                           text(p->date)));
    }
    return a;
}

static json_t *
tracks(const struct report *r)
{
    json_t *a = json_array();

    for (int i = 0; i < report_tracks(r); i++) {
        const struct track *t = report_track_at(r, i);

        json_array_append_new(a, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file", text(t->path),
                                           "integrated", number(t->integrated_lufs), "offset",
                                           number(t->offset_lu), "range", number(t->range_lu),
                                           "max_true_peak", number(t->max_dbtp), "gap", number(t->gap_s),
                                           "tone", number(t->tone_db)));
    }
    return a;
}

/* {"clipping": {"failure": 14}}: all there are, also where not all are kept. */
static json_t *
counts(const struct report *r)
{
    json_t *o = json_object();

    for (int i = 0; i < report_findings(r); i++) {
        const struct finding *f = report_finding(r, i);
        json_t *kind = json_object_get(o, f->kind);

        if (!kind) {
            json_object_set_new(o, f->kind, json_object());
            kind = json_object_get(o, f->kind);
        }
        json_object_set_new(kind, severity_name(f->severity),
                            json_integer(report_count(r, f->kind, f->severity)));
    }
    return o;
}

static void
put_figures(json_t *o, const struct report *r)
{
    json_t *units = json_object();

    for (int i = 0; i < report_figures(r); i++) {
        const struct figure_value *v = report_figure(r, i);
        const char *unit = param_unit_name(v->figure->unit);

        if (!report_measured(r, v->figure->key))
            continue;
        put(o, v->figure->key, value(v));
        if (unit[0])
            json_object_set_new(units, v->figure->key, json_string(unit));
    }
    json_object_set_new(o, "units", units);
}

json_t *
report_to_json(const struct report *r)
{
    json_t *o = json_object(), *findings = json_array();

    json_object_set_new(o, "file", text(report_path(r)));
    json_object_set_new(o, "passed", json_boolean(report_worst(r) != SEVERITY_FAIL));
    json_object_set_new(o, "worst",
                        json_string(report_findings(r) ? severity_name(report_worst(r)) : "clean"));
    put_figures(o, r);
    for (int i = 0; i < report_findings(r); i++)
        json_array_append_new(findings, finding(report_finding(r, i)));
    json_object_set_new(o, "findings", findings);
    json_object_set_new(o, "counts", counts(r));
    json_object_set_new(o, "platforms", platforms(r));
    if (report_tracks(r))
        json_object_set_new(o, "tracks", tracks(r));
    return o;
}

static json_t *
result_to_json(const struct result *r)
{
    if (r->report)
        return report_to_json(r->report);
    return json_pack("{s:o, s:b, s:o}", "file", text(r->path), "passed", 0, "error", text(r->err.text));
}

json_t *
results_to_json(const struct results *r)
{
    static const char *const standards[] = {"ITU-R BS.1770-5", "EBU R 128", "EBU Tech 3341", "EBU Tech 3342"};
    json_t *o = json_object(), *names = json_array(), *files = json_array();
    char when[32];
    struct tm tm;

    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&r->when, &tm));
    for (size_t i = 0; i < LEN(standards); i++)
        json_array_append_new(names, json_string(standards[i]));
    for (int i = 0; i < r->count; i++)
        json_array_append_new(files, result_to_json(&r->file[i]));
    json_object_set_new(o, "deadwax", json_string(DEADWAX_VERSION));
    json_object_set_new(o, "standards", names);
    json_object_set_new(o, "checked", json_string(when));
    if (r->target)
        json_object_set_new(o, "target", text(r->target));
    json_object_set_new(o, "files", files);
    if (r->album)
        json_object_set_new(o, "album", report_to_json(r->album));
    return o;
}
