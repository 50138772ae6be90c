/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct results_column results_columns[RESULTS_COLUMNS] = {
    {"I", "Loudness", "loudness/integrated", "album/integrated", 6, "How loud it sounds on the whole."},
    {"S max", "Loudest 3 s", "loudness/max_short_term", NULL, 7, "The loudest passage."},
    {"TP", "True peak", "levels/max_true_peak", "album/max_true_peak", 7,
     "The highest point of the wave; above 0 it distorts."},
    {"LRA", "Loudness range", "loudness/range", "album/range", 6,
     "From the quiet passages to the loud ones."},
    {"PLR", "Peak to loudness", "dynamics/plr", NULL, 6, "How far the peaks stand above the rest."},
    {"DR", "Dynamic range", "dynamics/dr", NULL, 5, "The larger, the less it was squeezed."},
};

bool
result_failed(const struct result *r)
{
    return !r->report || report_worst(r->report) == SEVERITY_FAIL;
}

const char *
result_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

static bool
alike(const struct finding *a, const struct finding *b)
{
    return a->severity == b->severity && strcmp(a->kind, b->kind) == 0;
}

/* Index of the first of its kind and severity. */
static int
first_alike(const struct report *r, int i)
{
    int first = 0;

    while (!alike(report_finding(r, first), report_finding(r, i)))
        first++;
    return first;
}

int
result_count(const struct report *r, enum severity s)
{
    int sum = 0;

    for (int i = 0; i < report_findings(r); i++) {
        const struct finding *f = report_finding(r, i);

        if (f->severity == s && first_alike(r, i) == i)
            sum += report_count(r, f->kind, s);
    }
    return sum;
}

void
result_counts(const struct report *r, char out[RESULTS_SENTENCE])
{
    int used = 0;

    for (int s = SEVERITY_FAIL; s >= SEVERITY_NOTE; s--) {
        int n = result_count(r, (enum severity)s);

        if (n)
            used += snprintf(out + used, RESULTS_SENTENCE - (size_t)used, "%s%d %s%s", used ? ", " : "", n,
                             severity_name((enum severity)s), n == 1 ? "" : "s");
    }
    if (!used)
        snprintf(out, RESULTS_SENTENCE, "nothing found");
}

void
result_verdict(const struct report *r, const char *target, char out[RESULTS_SENTENCE])
{
    int failures = r ? result_count(r, SEVERITY_FAIL) : 0, warnings = r ? result_count(r, SEVERITY_WARN) : 0;
    const char *for_what = target ? " for " : "", *what = target ? target : "";

    if (!r)
        snprintf(out, RESULTS_SENTENCE, "This file could not be checked.");
    else if (failures)
        snprintf(out, RESULTS_SENTENCE, "Not ready%s%.100s: %d problem%s to mend first.", for_what, what,
                 failures, failures == 1 ? "" : "s");
    else if (warnings)
        snprintf(out, RESULTS_SENTENCE, "Good to go%s%.100s, with %d point%s worth a look.", for_what, what,
                 warnings, warnings == 1 ? "" : "s");
    else
        snprintf(out, RESULTS_SENTENCE, "Good to go%s%.100s: nothing wrong was found.", for_what, what);
}

static int
compare(const void *a, const void *b, void *report)
{
    int i = *(const int *)a, j = *(const int *)b;
    const struct finding *x = report_finding(report, i), *y = report_finding(report, j);
    int first_x = first_alike(report, i), first_y = first_alike(report, j);

    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    return first_x != first_y ? first_x - first_y : i - j;
}

void
result_order(const struct report *r, int *index)
{
    for (int i = 0; i < report_findings(r); i++)
        index[i] = i;
    qsort_r(index, (size_t)report_findings(r), sizeof *index, compare, (void *)r);
}

bool
result_is_last(const struct report *r, const int *index, int i)
{
    return i + 1 == report_findings(r) ||
           !alike(report_finding(r, index[i]), report_finding(r, index[i + 1]));
}

int
result_left_out(const struct report *r, const struct finding *f)
{
    int kept = 0;

    for (int k = 0; k < report_findings(r); k++)
        kept += alike(f, report_finding(r, k));
    return report_count(r, f->kind, f->severity) - kept;
}

/* --- numbers -------------------------------------------------------------------------------------- */

void
result_time(double s, char out[RESULTS_NUMBER])
{
    long long ms = llround(fmin(fmax(s, 0.0), 1e12) * 1e3), minutes = ms / 60000;

    if (minutes < 60)
        snprintf(out, RESULTS_NUMBER, "%lld:%02lld.%03lld", minutes, ms / 1000 % 60, ms % 1000);
    else
        snprintf(out, RESULTS_NUMBER, "%lld:%02lld:%02lld.%03lld", minutes / 60, minutes % 60, ms / 1000 % 60,
                 ms % 1000);
}

void
result_when(const struct finding *f, const char *dash, char out[RESULTS_NUMBER * 2 + 8])
{
    char from[RESULTS_NUMBER], to[RESULTS_NUMBER];

    result_time(f->from_s, from);
    result_time(f->to_s, to);
    if (f->from_s < 0.0)
        snprintf(out, RESULTS_NUMBER, "overall");
    else if (f->to_s <= f->from_s || strcmp(from, to) == 0)
        snprintf(out, RESULTS_NUMBER, "%s", from);
    else
        snprintf(out, RESULTS_NUMBER * 2 + 8, "%s%.4s%s", from, dash, to);
}

static bool
in_minutes(const struct figure *f, double value)
{
    return f->unit == UNIT_S && value >= 60.0;
}

void
result_number(const struct figure *f, double value, char out[RESULTS_NUMBER])
{
    if (isnan(value))
        snprintf(out, RESULTS_NUMBER, "-");
    else if (isinf(value))
        snprintf(out, RESULTS_NUMBER, value < 0.0 ? "-inf" : "inf");
    else if (in_minutes(f, value))
        result_time(value, out);
    else
        snprintf(out, RESULTS_NUMBER, fabs(value) < 1e15 ? "%.*f" : "%.*e", f->decimals, value);
    if (out[0] == '-' && out[1] && !out[strspn(out, "-0.")]) /* minus nothing */
        memmove(out, out + 1, strlen(out));
}

const char *
result_unit(const struct figure *f, double value)
{
    if (f->unit == UNIT_RATIO)
        return ":1";
    return in_minutes(f, value) ? "" : param_unit_name(f->unit);
}

const char *
result_group(const char *key, char out[RESULTS_NUMBER])
{
    snprintf(out, RESULTS_NUMBER, "%.*s", (int)strcspn(key, "/"), key);
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    for (char *c = out; *c; c++)
        if (*c == '_')
            *c = ' ';
    return out;
}

int
result_channels(const struct report *r)
{
    int most = 0;

    for (int i = 0; i < report_figures(r); i++) {
        const struct figure_value *v = report_figure(r, i);

        if (v->figure->kind == FIGURE_CHANNELS && v->count > most)
            most = v->count;
    }
    return most;
}

const char *
result_channel(int channel, int count)
{
    static const char *const names[REPORT_CHANNELS] = {"1", "2", "3", "4", "5", "6", "7", "8"};

    if (count <= 1)
        return "";
    return count == STEREO ? (channel == 0 ? "L" : "R") : names[channel];
}

const struct figure *
result_column(const struct report *r, int column, double *value)
{
    const struct results_column *c = &results_columns[column];
    const struct figure_value *v = report_measured(r, c->key);

    if (!v && c->album_key)
        v = report_measured(r, c->album_key);
    if (!v || !v->count)
        return NULL;
    *value = v->number[0];
    for (int i = 1; i < v->count; i++)
        *value = fmax(*value, v->number[i]);
    return isnan(*value) ? NULL : v->figure;
}
