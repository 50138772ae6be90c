/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture's own coordinates are 0..1000 across and 0..HEIGHT down; the page stretches them to its width.
 */
#include "control/cli/reportchart.h"

#include "control/cli/markup.h"
#include "control/cli/results.h"

#include <math.h>
#include <stdlib.h>

enum { ACROSS = 1000, HEIGHT = 200, TICKS = 16 };

struct ticks {
    double at[TICKS];
    int count;
};

double
series_at(const struct series *s, int i)
{
    return s->log ? s->from * pow(s->step, i) : s->from + i * s->step;
}

double
series_end(const struct series *s)
{
    return s->count ? series_at(s, s->count - 1) : s->from;
}

double
chart_across(const struct chart *c, double x)
{
    double share = c->log ? log(x / c->from) / log(c->to / c->from) : (x - c->from) / (c->to - c->from);

    return isfinite(share) ? fmin(fmax(share, 0.0), 1.0) : 0.0;
}

static double
down(const struct chart *c, double y)
{
    return (1.0 - (fmin(fmax(y, c->low), c->high) - c->low) / (c->high - c->low)) * HEIGHT;
}

/* --- marks on the axes ---------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten. */
static double
round_step(double span, int most)
{
    static const double steps[] = {1.0, 2.0, 5.0, 10.0};
    double least = span / most, power = pow(10.0, floor(log10(least)));

    for (size_t i = 0; i < LEN(steps); i++)
        if (steps[i] * power >= least * (1.0 - 1e-9))
            return steps[i] * power;
    return 10.0 * power;
}

static double
time_step(double span)
{
    static const double steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400};

    if (span < 6.0)
        return round_step(span, 6);
    for (size_t i = 0; i < LEN(steps); i++)
        if (span / steps[i] <= 8.0)
            return steps[i];
    return round_step(span / 3600.0, 8) * 3600.0;
}

static void
tick(struct ticks *t, double at)
{
    if (t->count < TICKS)
        t->at[t->count++] = at;
}

static struct ticks
steps_from(double low, double high, double step)
{
    struct ticks t = {.count = 0};

    for (double i = ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && t.count < TICKS; i++)
        tick(&t, i * step);
    return t;
}

static struct ticks
across_ticks(const struct chart *c)
{
    static const double freqs[] = {1,   2,   5,    10,   20,   50,    100,   200,
                                   500, 1e3, 2000, 5000, 10e3, 20000, 50000, 100e3};
    struct ticks t = {.count = 0};

    if (!c->log)
        return steps_from(c->from, c->to, time_step(c->to - c->from));
    for (size_t i = 0; i < LEN(freqs); i++)
        if (freqs[i] >= c->from * 0.999 && freqs[i] <= c->to * 1.001)
            tick(&t, freqs[i]);
    return t;
}

static struct ticks
up_ticks(const struct chart *c)
{
    static const double amplitudes[] = {-1.0, -0.5, 0.5, 1.0};
    struct ticks t = {.count = 0};

    if (!c->amplitude)
        return steps_from(c->low, c->high, round_step(c->high - c->low, 5));
    for (size_t i = 0; i < LEN(amplitudes); i++)
        tick(&t, amplitudes[i]);
    return t;
}

static void
name_across(const struct chart *c, double x, char out[RESULTS_NUMBER])
{
    long s = lround(x);

    if (c->log)
        snprintf(out, RESULTS_NUMBER, x >= 1000.0 ? "%gk" : "%g", x >= 1000.0 ? x / 1000.0 : x);
    else if (c->to - c->from < 6.0)
        snprintf(out, RESULTS_NUMBER, "%g s", x);
    else if (s < 3600)
        snprintf(out, RESULTS_NUMBER, "%ld:%02ld", s / 60, s % 60);
    else
        snprintf(out, RESULTS_NUMBER, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
}

static void
name_up(const struct chart *c, double y, char out[RESULTS_NUMBER])
{
    if (c->amplitude)
        snprintf(out, RESULTS_NUMBER, fabs(y) == 1.0 ? "0" : "−6");
    else
        snprintf(out, RESULTS_NUMBER, y < -1e-9 ? "−%g" : "%g", fabs(y) < 1e-9 ? 0.0 : fabs(y));
}

bool
chart_fit(struct chart *c, double span)
{
    double low = INFINITY, high = -INFINITY, step;

    for (int l = 0; l < c->nlines; l++)
        for (int i = 0; i < c->line[l].series->count; i++)
            if (isfinite(c->line[l].series->value[i])) {
                low = fmin(low, c->line[l].series->value[i]);
                high = fmax(high, c->line[l].series->value[i]);
            }
    if (low > high)
        return false;
    for (int i = 0; i < c->nlevels; i++) {
        low = fmin(low, c->level[i].at);
        high = fmax(high, c->level[i].at);
    }
    if (span > 0.0)
        low = fmax(low, high - span);
    if (high - low < 1e-6 * fmax(1.0, fabs(high))) {
        low -= 1.0;
        high += 1.0;
    }
    step = round_step(high - low, 8);
    c->low = floor(low / step) * step;
    c->high = ceil(high / step) * step;
    return true;
}

/* --- curves --------------------------------------------------------------------------------------- */

/* Pieces of a curve, each by its least and its most, in the order in which they come. */
static int
thin(const struct series *s, double *x, double *y)
{
    int pieces = s->count < CHART_POINTS ? s->count : CHART_POINTS, n = 0;

    for (int p = 0; p < pieces; p++) {
        int from = (int)((int64_t)s->count * p / pieces), to = (int)((int64_t)s->count * (p + 1) / pieces);
        int least = from, most = from;

        for (int i = from; i < to; i++) {
            least = !(s->value[i] >= s->value[least]) && isfinite(s->value[i]) ? i : least;
            most = !(s->value[i] <= s->value[most]) && isfinite(s->value[i]) ? i : most;
        }
        x[n] = series_at(s, least < most ? least : most);
        y[n++] = s->value[least < most ? least : most];
        if (least != most) {
            x[n] = series_at(s, least < most ? most : least);
            y[n++] = s->value[least < most ? most : least];
        }
    }
    return n;
}

static void
write_line(FILE *out, const struct chart *c, int l)
{
    double x[2 * CHART_POINTS], y[2 * CHART_POINTS];
    int n = thin(c->line[l].series, x, y);
    bool drawn = false;

    fprintf(out, "<path class=\"line c%d\" d=\"", l);
    for (int i = 0; i < n; i++) {
        bool good = isfinite(y[i]) && x[i] >= c->from * 0.9999 && x[i] <= c->to * 1.0001;

        if (good)
            fprintf(out, "%c%.1f %.1f", drawn ? 'L' : 'M', chart_across(c, x[i]) * ACROSS, down(c, y[i]));
        if (good && !drawn && (i + 1 == n || !isfinite(y[i + 1])))
            fputs("h1", out); /* a lone point */
        drawn = good;
    }
    fputs("\"/>", out);
}

/* The least below, the most above, of each piece. */
static double
extreme(const struct series *s, int piece, int pieces, bool most)
{
    int to = (int)((int64_t)s->count * (piece + 1) / pieces);
    double found = NAN;

    for (int i = (int)((int64_t)s->count * piece / pieces); i < to; i++)
        found = most ? fmax(found, s->value[i]) : fmin(found, s->value[i]);
    return isfinite(found) ? found : 0.0;
}

static void
write_area(FILE *out, const struct chart *c, int l)
{
    const struct series *low = c->line[l].series, *high = c->line[l].top;
    int count = low->count < high->count ? low->count : high->count;
    int pieces = count < CHART_POINTS ? count : CHART_POINTS;
    const double thinnest = (c->high - c->low) / HEIGHT / 2.0; /* silence is a line, not nothing */

    fprintf(out, "<path class=\"area c%d\" d=\"", l);
    for (int p = 0; p < 2 * pieces; p++) {
        int piece = p < pieces ? p : 2 * pieces - 1 - p;
        double x = series_at(low, (int)((int64_t)count * piece / pieces));

        fprintf(out, "%c%.1f %.1f", p ? 'L' : 'M', chart_across(c, x) * ACROSS,
                down(c, p < pieces ? extreme(high, piece, pieces, true) + thinnest
                                   : extreme(low, piece, pieces, false) - thinnest));
    }
    fputs("Z\"/>", out);
}

static void
write_grid(FILE *out, const struct chart *c)
{
    struct ticks across = across_ticks(c), up = up_ticks(c);

    fputs("<path class=\"grid\" d=\"", out);
    for (int i = 0; i < across.count; i++)
        fprintf(out, "M%.1f 0V%d", chart_across(c, across.at[i]) * ACROSS, HEIGHT);
    for (int i = 0; i < up.count; i++)
        fprintf(out, "M0 %.1fH%d", down(c, up.at[i]), ACROSS);
    fputs("\"/>", out);
    if (c->low < 0.0 && c->high > 0.0)
        fprintf(out, "<path class=\"zero\" d=\"M0 %.1fH%d\"/>", down(c, 0.0), ACROSS);
}

static void
write_spans(FILE *out, const struct chart *c)
{
    for (int i = 0; i < c->nspans; i++) {
        double from = chart_across(c, c->span[i].from), to = chart_across(c, c->span[i].to);

        fprintf(out, "<rect class=\"span %s\" x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"%d\"/>",
                c->span[i].class, from * ACROSS, fmax((to - from) * ACROSS, 1.0), HEIGHT);
    }
}

static void
write_picture(FILE *out, const struct chart *c)
{
    char from[RESULTS_NUMBER], to[RESULTS_NUMBER];

    name_across(c, c->from, from);
    name_across(c, c->to, to);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
            "role=\"img\" aria-label=\"",
            ACROSS, HEIGHT);
    markup_format(out, "%s, from %s to %s%s", c->title, from, to, c->log ? " Hz" : "");
    fputs("\">", out);
    write_grid(out, c);
    write_spans(out, c);
    for (int l = 0; l < c->nlines; l++)
        if (c->line[l].top)
            write_area(out, c, l);
    for (int i = 0; i < c->nlevels; i++)
        fprintf(out, "<path class=\"level v%d\" d=\"M0 %.1fH%d\"/>", i, down(c, c->level[i].at), ACROSS);
    for (int l = c->nlines - 1; l >= 0; l--)
        if (!c->line[l].top)
            write_line(out, c, l);
    fputs("</svg>", out);
}

/* --- words ---------------------------------------------------------------------------------------- */

static void
write_words(FILE *out, const struct chart *c)
{
    struct ticks across = across_ticks(c), up = up_ticks(c);
    char name[RESULTS_NUMBER];

    fputs("<div class=\"up\" aria-hidden=\"true\">", out);
    for (int i = 0; i < up.count; i++) {
        name_up(c, up.at[i], name);
        fprintf(out, "<span style=\"top:%.2f%%\">%s</span>", down(c, up.at[i]) / HEIGHT * 100.0, name);
    }
    fputs("</div><div class=\"across\" aria-hidden=\"true\">", out);
    for (int i = 0; i < across.count; i++) {
        name_across(c, across.at[i], name);
        fprintf(out, "<span style=\"left:%.2f%%\">%s</span>", chart_across(c, across.at[i]) * 100.0, name);
    }
    fputs("</div>", out);
}

static void
write_sample(FILE *out, const char *class, int number, const char *label)
{
    fprintf(out,
            "<li><svg class=\"sample\" viewBox=\"0 0 24 8\" aria-hidden=\"true\">"
            "<path class=\"%s%d\" d=\"M0 4H24\"/></svg>",
            class, number);
    markup_text(out, label);
    fputs("</li>", out);
}

static void
write_legend(FILE *out, const struct chart *c)
{
    if (c->nlines + c->nlevels < 2)
        return;
    fputs("<ul class=\"legend\">", out);
    for (int l = 0; l < c->nlines; l++)
        write_sample(out, "line c", l, c->line[l].label);
    for (int i = 0; i < c->nlevels; i++)
        write_sample(out, "level v", i, c->level[i].label);
    fputs("</ul>", out);
}

/* What the pointer reads: no more than the picture shows. */
static json_t *
readings(const struct chart *c, const struct series *s)
{
    json_t *values = json_array();
    int pieces = s->count < CHART_POINTS ? s->count : CHART_POINTS;

    for (int p = 0; p < pieces; p++) {
        double most = extreme(s, p, pieces, true);
        bool measured = isfinite(s->value[(int)((int64_t)s->count * p / pieces)]);

        json_array_append_new(values, measured ? json_real(round(most * pow(10.0, c->decimals + 1)) /
                                                           pow(10.0, c->decimals + 1))
                                               : json_null());
    }
    return values;
}

static json_t *
data_of(const struct chart *c)
{
    json_t *lines = json_array();

    for (int l = 0; l < c->nlines; l++) {
        const struct series *s = c->line[l].series;

        if (!c->line[l].top)
            json_array_append_new(lines,
                                  json_pack("{s:s, s:f, s:f, s:o}", "label", c->line[l].label, "from",
                                            series_at(s, 0), "to", series_end(s), "values", readings(c, s)));
    }
    return json_pack("{s:f, s:f, s:b, s:s, s:i, s:o}", "from", c->from, "to", c->to, "log", c->log, "unit",
                     c->unit, "decimals", c->decimals, "lines", lines);
}

void
chart_write(FILE *out, const struct chart *c, void (*lane)(FILE *out, const struct chart *c, void *arg),
            void *arg)
{
    const char heading[] = {'h', (char)('0' + c->heading), '\0'};

    fprintf(out, "<figure class=\"chart%s\" id=\"%s\"><figcaption>", c->amplitude ? " wave" : "", c->id);
    markup_element(out, heading, NULL, c->title);
    markup_element(out, "p", "about", c->text);
    write_legend(out, c);
    fputs("</figcaption><div class=\"frame\">", out);
    if (lane) {
        fputs("<div class=\"lane\">", out);
        lane(out, c, arg);
        fputs("</div>", out);
    }
    fputs("<div class=\"plot\">", out);
    write_picture(out, c);
    fputs("</div>", out);
    write_words(out, c);
    markup_element(out, "div", "unit", c->amplitude ? "dBFS" : c->unit);
    fputs("</div><script type=\"application/json\">", out);
    markup_json(out, data_of(c));
    fputs("</script></figure>\n", out);
}
