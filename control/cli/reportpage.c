/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page's parts in their order, from its head to its foot. How they look is report.css, what the pointer finds out
 * report.js; both stand in the page.
 */
#include "control/cli/reportpage.h"

#include "control/cli/markup.h"
#include "control/cli/reportchart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const char report_css[], report_js[]; /* of embed.py */

struct article { /* one file, or the album */
    FILE *out;
    const struct results *all;
    const struct report *report;
    int number;  /* from 1; 0: the album */
    int heading; /* its sections' */
    double length_s;
    int *order; /* result_order */
};

static const char *const class_of[] = {"note", "warn", "fail"};
static const char *const severity_word[] = {"Note", "Worth a look", "To mend"};

static void
write_icon(FILE *out, const char *name)
{
    fprintf(out, "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#i-%s\"/></svg>", name);
}

/* A true minus sign, infinity, a dash for what was not measured. */
static void
write_number(FILE *out, const struct figure *f, double value)
{
    char number[RESULTS_NUMBER];
    const char *digits = number;

    result_number(f, value, number);
    if (isnan(value)) {
        fputs("–", out);
        return;
    }
    if (number[0] == '-') {
        fputs("−", out);
        digits++;
    }
    markup_text(out, strcmp(digits, "inf") == 0 ? "∞" : digits);
}

static void
write_heading(const struct article *a, const char *text)
{
    const char tag[] = {'h', (char)('0' + a->heading), '\0'};

    markup_element(a->out, tag, NULL, text);
}

/* --- verdict and the figures that come first ------------------------------------------------------ */

static const char *
verdict_class(const struct report *r)
{
    if (!r || report_worst(r) == SEVERITY_FAIL)
        return "fail";
    return result_count(r, SEVERITY_WARN) ? "warn" : "good";
}

static void
write_verdict(const struct article *a)
{
    char sentence[RESULTS_SENTENCE], counts[RESULTS_SENTENCE];
    const char *class = verdict_class(a->report);

    result_verdict(a->report, a->all->target, sentence);
    fprintf(a->out, "<div class=\"verdict %s\">", class);
    write_icon(a->out, class);
    fputs("<div>", a->out);
    markup_element(a->out, "p", "sentence", sentence);
    if (a->report && report_findings(a->report)) {
        result_counts(a->report, counts);
        markup_element(a->out, "p", "counts", counts);
    }
    fputs("</div></div>\n", a->out);
}

static void
write_tiles(const struct article *a)
{
    bool any = false;

    for (int c = 0; c < RESULTS_COLUMNS; c++) {
        double value;
        const struct figure *f = result_column(a->report, c, &value);

        if (!f)
            continue;
        fputs(any ? "<div>" : "<dl class=\"tiles\"><div>", a->out);
        any = true;
        markup_element(a->out, "dt", NULL, results_columns[c].name);
        fputs("<dd><b>", a->out);
        write_number(a->out, f, value);
        fputs("</b> ", a->out);
        markup_element(a->out, "span", "unit", result_unit(f, value));
        fputs("</dd>", a->out);
        markup_element(a->out, "dd", "about", results_columns[c].text);
        fputs("</div>", a->out);
    }
    if (any)
        fputs("</dl>\n", a->out);
}

/* --- findings ------------------------------------------------------------------------------------- */

static void
write_where(const struct article *a, const struct finding *f)
{
    if (f->channel < 0)
        return;
    if (result_channels(a->report) == STEREO)
        fputs(f->channel == 0 ? ", left" : ", right", a->out);
    else
        fprintf(a->out, ", channel %d", f->channel + 1);
}

/* The word for scripts, as people write it. */
static void
write_kind(FILE *out, const char *kind)
{
    char words[RESULTS_NUMBER];

    snprintf(words, sizeof words, "%s", kind);
    for (char *c = words; *c; c++)
        if (*c == '_')
            *c = ' ';
    markup_text(out, words);
}

static void
write_when(const struct article *a, int id)
{
    const struct finding *f = report_finding(a->report, id);
    char when[RESULTS_NUMBER * 2 + 8];

    result_when(f, "–", when);
    if (f->from_s < 0.0 || !(a->length_s > 0.0)) {
        markup_element(a->out, "span", "when", when);
        return;
    }
    fprintf(a->out, "<a class=\"when\" href=\"#m%d-%d\">", a->number, id);
    markup_text(a->out, when);
    fputs("</a>", a->out);
}

static bool
says_the_same(const struct article *a, int i, int j)
{
    const struct finding *f = report_finding(a->report, a->order[i]),
                         *g = report_finding(a->report, a->order[j]);

    return f->severity == g->severity && strcmp(f->kind, g->kind) == 0 && strcmp(f->what, g->what) == 0 &&
           strcmp(f->mend, g->mend) == 0;
}

/* Where else there is just the same. Returns how many. */
static int
write_again(const struct article *a, int i)
{
    int n = 1;

    for (; i + n < report_findings(a->report) && says_the_same(a, i, i + n); n++) {
        int id = a->order[i + n];

        fprintf(a->out, n == 1 ? "<p class=\"again\">Also at <span id=\"f%d-%d\">" : " <span id=\"f%d-%d\">",
                a->number, id);
        write_when(a, id);
        write_where(a, report_finding(a->report, id));
        fputs("</span>", a->out);
    }
    fputs(n > 1 ? "</p>" : "", a->out);
    return n;
}

/* And those that say the same. Returns how many it were. */
static int
write_finding(const struct article *a, int i)
{
    const struct finding *f = report_finding(a->report, a->order[i]);
    const struct finding *before = i > 0 ? report_finding(a->report, a->order[i - 1]) : NULL;
    int left_out = result_left_out(a->report, f), n;

    fprintf(a->out, "<li id=\"f%d-%d\">", a->number, a->order[i]);
    write_when(a, a->order[i]);
    fputs("<div>", a->out);
    markup_element(a->out, "p", "what", f->what);
    if (f->mend[0] && !(before && strcmp(before->mend, f->mend) == 0))
        markup_element(a->out, "p", "mend", f->mend);
    n = write_again(a, i);
    if (left_out > 0 && result_is_last(a->report, a->order, i + n - 1))
        fprintf(a->out, "<p class=\"more\">And %d more of this kind.</p>", left_out);
    fputs("</div><span class=\"kind\">", a->out);
    write_kind(a->out, f->kind);
    write_where(a, f);
    fputs("</span></li>\n", a->out);
    return n;
}

static void
write_findings(const struct article *a)
{
    const char tag = (char)('0' + a->heading + 1);
    int n = report_findings(a->report), before = -1;

    fputs("<section class=\"findings\">", a->out);
    write_heading(a, "What was found");
    if (n == 0)
        markup_element(a->out, "p", "about", "Nothing that would need a word.");
    for (int i = 0; i < n;) {
        enum severity s = report_finding(a->report, a->order[i])->severity;

        if ((int)s != before) {
            fprintf(a->out, "%s<h%c class=\"%s\">", before < 0 ? "" : "</ol>", tag, class_of[s]);
            write_icon(a->out, class_of[s]);
            fprintf(a->out, "%s <span class=\"count\">%d</span></h%c><ol class=\"%s\">", severity_word[s],
                    result_count(a->report, s), tag, class_of[s]);
        }
        before = (int)s;
        i += write_finding(a, i);
    }
    fputs(n ? "</ol></section>\n" : "</section>\n", a->out);
}

/* --- the time line -------------------------------------------------------------------------------- */

static double
length_of(const struct report *r)
{
    double length = 0.0;

    for (int i = 0; i < report_figures(r); i++) {
        const struct figure_value *v = report_figure(r, i);

        if (v->series.count && !v->series.log)
            length = fmax(length, series_end(&v->series));
    }
    for (int i = 0; i < report_findings(r); i++)
        length = fmax(length, report_finding(r, i)->to_s);
    return length;
}

/* The row of a severity in the lane: those that have no marks have no row. */
static int
lane_row(const struct report *r, enum severity s)
{
    int row = 0;

    for (int above = SEVERITY_FAIL; above > (int)s; above--)
        row += result_count(r, (enum severity)above) > 0;
    return row;
}

static void
write_mark(FILE *out, const struct chart *c, const struct article *a, int id)
{
    const struct finding *f = report_finding(a->report, id);
    double left = chart_across(c, f->from_s);
    char when[RESULTS_NUMBER * 2 + 8];

    result_when(f, "–", when);
    fprintf(out, "<a class=\"mark %s row%d%s\" id=\"m%d-%d\" href=\"#f%d-%d\" style=\"left:%.2f%%\">",
            class_of[f->severity], lane_row(a->report, f->severity), left > 0.5 ? " late" : "", a->number, id,
            a->number, id, left * 100.0);
    write_icon(out, class_of[f->severity]);
    fputs("<span class=\"tip\">", out);
    markup_element(out, "b", NULL, severity_word[f->severity]);
    fputs(" ", out);
    markup_element(out, "span", "when", when);
    fputs(" ", out);
    markup_element(out, "span", "said", f->what);
    fputs(" ", out);
    if (f->mend[0])
        markup_element(out, "i", NULL, f->mend);
    fputs("</span></a>", out);
}

static void
write_marks(FILE *out, const struct chart *c, void *arg)
{
    const struct article *a = arg;

    for (int s = SEVERITY_NOTE; s <= SEVERITY_FAIL; s++)
        for (int i = 0; i < report_findings(a->report); i++)
            if (report_finding(a->report, i)->from_s >= 0.0 &&
                (int)report_finding(a->report, i)->severity == s)
                write_mark(out, c, a, i);
}

static const struct series *
series_of(const struct report *r, const char *key)
{
    const struct figure_value *v = key ? report_measured(r, key) : NULL;

    return v && v->series.count ? &v->series : NULL;
}

static void
add_spans(struct chart *c, const struct report *r)
{
    for (int i = 0; i < report_findings(r) && c->nspans < CHART_SPANS; i++) {
        const struct finding *f = report_finding(r, i);

        if (f->from_s >= 0.0)
            c->span[c->nspans++] =
                (struct chart_span){.from = f->from_s, .to = f->to_s, .class = class_of[f->severity]};
    }
}

/* The waveform; without one the line of time alone carries the marks. */
static void
write_time_line(const struct article *a)
{
    const struct series *low = series_of(a->report, WAVEFORM_LOW),
                        *high = series_of(a->report, WAVEFORM_HIGH);
    struct chart *c = calloc(1, sizeof *c);
    char id[RESULTS_NUMBER];

    if (!c)
        return;
    snprintf(id, sizeof id, "t%d", a->number);
    *c = (struct chart){
        .id = id,
        .title = "From start to end",
        .text = "The sound as a wave: the taller, the louder. Marks show where something was found.",
        .unit = "",
        .heading = a->heading,
        .to = a->length_s,
        .low = -1.0,
        .high = 1.0,
        .amplitude = true};
    for (int i = 0; low && high && i < low->count && i < high->count; i++) {
        c->high = fmax(c->high, fmax(high->value[i], -low->value[i]));
        c->low = -c->high;
    }
    if (low && high)
        c->line[c->nlines++] = (struct chart_line){.series = low, .top = high, .label = "Wave"};
    add_spans(c, a->report);
    if (a->length_s > 0.0 && (c->nlines || c->nspans))
        chart_write(a->out, c, write_marks, (void *)a);
    free(c);
}

/* --- other curves --------------------------------------------------------------------------------- */

enum { PANEL_KEYS = 4 };

/* Curves that belong together, and how they are told; the first has the page's whole width. A curve that is in none of them has a picture of its own. */
static const struct panel {
    const char *title, *text;
    const char *key[PANEL_KEYS];
    double low, high; /* equal: as the curves are */
    double span;      /* 0: all of it */
    bool levels;      /* integrated loudness and the target's */
} panels[] = {
    {"Loudness over time",
     "How loud it sounds, from moment to moment. Higher is louder; the dashed lines are the average, and "
     "what is "
     "asked for.",
     {"loudness/short_term_history", "loudness/momentary_history"},
     .span = 30.0,
     .levels = true},
    {"Left and right",
     "At +1 both loudspeakers play the same, at 0 they have nothing in common. Where it stays below 0, sound "
     "is "
     "lost when both are played as one.",
     {"channels/correlation_history"},
     .low = -1.0,
     .high = 1.0},
    {"Tone",
     "How much there is of each pitch, from the deepest bass on the left to the highest treble on the right.",
     {"tone/spectrum"},
     .span = 72.0},
};

static bool
in_a_panel(const char *key)
{
    if (strcmp(key, WAVEFORM_LOW) == 0 || strcmp(key, WAVEFORM_HIGH) == 0)
        return true;
    for (size_t p = 0; p < LEN(panels); p++)
        for (int k = 0; k < PANEL_KEYS && panels[p].key[k]; k++)
            if (strcmp(panels[p].key[k], key) == 0)
                return true;
    return false;
}

static void
add_level(struct chart *c, double at, const char *label)
{
    if (isfinite(at))
        c->level[c->nlevels++] = (struct chart_level){.at = at, .label = label};
}

static void
add_line(struct chart *c, const struct article *a, const struct figure_value *v)
{
    const struct series *s = &v->series;

    if (c->nlines == 0) {
        c->log = s->log;
        c->from = s->log ? fmax(s->from, 10.0) : 0.0;
        c->to = s->log ? series_end(s) : a->length_s;
        c->unit = param_unit_name(v->figure->unit);
        c->decimals = v->figure->decimals;
    }
    if (s->log == c->log)
        c->line[c->nlines++] = (struct chart_line){.series = s, .label = v->figure->label};
}

static void
write_curves(const struct article *a, struct chart *c, double span)
{
    char id[RESULTS_NUMBER];

    if (!(c->to > c->from) || (c->low == c->high && !chart_fit(c, span)))
        return;
    snprintf(id, sizeof id, "c%d-%.40s", a->number, c->id);
    for (char *letter = id; *letter; letter++)
        if (*letter == '/')
            *letter = '-';
    c->id = id;
    chart_write(a->out, c, NULL, NULL);
}

static void
write_panel(const struct article *a, const struct panel *p)
{
    struct chart c = {.id = p->key[0],
                      .title = p->title,
                      .text = p->text,
                      .heading = a->heading,
                      .low = p->low,
                      .high = p->high};

    for (int k = 0; k < PANEL_KEYS && p->key[k]; k++)
        if (series_of(a->report, p->key[k]))
            add_line(&c, a, report_measured(a->report, p->key[k]));
    if (c.nlines == 0)
        return;
    if (p->levels) {
        add_level(&c, report_number(a->report, "loudness/integrated"), "Average");
        add_level(&c, a->all->target_lufs, a->all->target ? a->all->target : "Target");
    }
    write_curves(a, &c, p->span);
}

static bool
is_a_curve_of_its_own(const struct figure_value *v)
{
    return v->series.count > 0 && !in_a_panel(v->figure->key);
}

static void
write_charts(const struct article *a)
{
    write_time_line(a);
    write_findings(a);
    write_panel(a, &panels[0]);
    fputs("<div class=\"curves\">", a->out);
    for (size_t p = 1; p < LEN(panels); p++)
        write_panel(a, &panels[p]);
    for (int i = 0; i < report_figures(a->report); i++) {
        const struct figure_value *v = report_figure(a->report, i);
        struct chart c = {
            .id = v->figure->key, .title = v->figure->label, .text = v->figure->text, .heading = a->heading};

        if (!is_a_curve_of_its_own(v))
            continue;
        add_line(&c, a, v);
        write_curves(a, &c, 0.0);
    }
    fputs("</div>\n", a->out);
}

/* --- platforms ------------------------------------------------------------------------------------ */

static const struct figure plain_db = {.unit = UNIT_DB, .decimals = 1},
                           plain_lufs = {.unit = UNIT_LUFS, .decimals = 1},
                           plain_lu = {.unit = UNIT_LU, .decimals = 1},
                           plain_dbtp = {.unit = UNIT_DBTP, .decimals = 1},
                           plain_s = {.unit = UNIT_S, .decimals = 1};

/* A bar from the middle: left is turned down, right is turned up. */
static void
write_bar(FILE *out, double gain_db, double most_db)
{
    double width = fmin(fabs(gain_db) / most_db, 1.0) * 100.0;

    fprintf(out,
            "<svg class=\"bar\" viewBox=\"0 0 200 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            "<rect class=\"%s\" x=\"%.1f\" y=\"1\" width=\"%.1f\" height=\"10\"/>"
            "<path class=\"zero\" d=\"M100 0V12\"/></svg>",
            gain_db < 0.0 ? "down" : "raise", gain_db < 0.0 ? 100.0 - width : 100.0, width);
}

static void
write_platform(const struct article *a, const struct platform *p, double most_db)
{
    fputs("<tr><th scope=\"row\">", a->out);
    markup_text(a->out, p->title);
    fputs("<small>", a->out);
    markup_text(a->out, p->rule);
    markup_format(a->out, p->date[0] ? " (As of %s.)" : "%s", p->date);
    fputs("</small></th><td class=\"bars\">", a->out);
    if (isfinite(p->gain_db))
        write_bar(a->out, p->gain_db, most_db);
    fputs("</td><td class=\"number\">", a->out);
    if (fabs(p->gain_db) < 0.05) {
        fputs("as it is", a->out);
    } else if (isfinite(p->gain_db)) {
        write_number(a->out, &plain_db, fabs(p->gain_db));
        fputs(p->gain_db < 0.0 ? " dB down" : " dB up", a->out);
    } else {
        fputs("–", a->out);
    }
    fputs("</td><td class=\"number\">", a->out);
    write_number(a->out, &plain_lufs, p->played_lufs);
    fputs(" LUFS</td></tr>\n", a->out);
}

static void
write_platforms(const struct article *a)
{
    double most_db = 6.0;
    int n = report_platforms(a->report);

    if (n == 0)
        return;
    for (int i = 0; i < n; i++)
        if (isfinite(report_platform_at(a->report, i)->gain_db))
            most_db = fmax(most_db, fabs(report_platform_at(a->report, i)->gain_db));
    fputs("<section class=\"platforms\">", a->out);
    write_heading(a, "Where it will be played");
    markup_element(a->out, "p", "about",
                   "These places play everything about equally loud. So much do they turn this down or up.");
    fputs("<table><thead><tr><th scope=\"col\">Place</th><th scope=\"col\" class=\"bars\">Down / up</th>"
          "<th scope=\"col\" class=\"number\">Turned</th>"
          "<th scope=\"col\" class=\"number\">Played at</th></tr></thead><tbody>\n",
          a->out);
    for (int i = 0; i < n; i++)
        write_platform(a, report_platform_at(a->report, i), most_db);
    fputs("</tbody></table></section>\n", a->out);
}

/* --- all figures ---------------------------------------------------------------------------------- */

static void
write_value(FILE *out, const struct figure_value *v)
{
    if (v->text) {
        markup_text(out, v->text);
        return;
    }
    for (int c = 0; c < v->count; c++) {
        fputs(c ? " <span class=\"one\">" : "<span class=\"one\">", out);
        if (v->count > 1)
            fprintf(out, "<small>%s</small> ", result_channel(c, v->count));
        write_number(out, v->figure, v->number[c]);
        fputs("</span>", out);
    }
    fputs(" ", out);
    markup_element(out, "span", "unit", result_unit(v->figure, v->number[0]));
}

static void
write_group_name(FILE *out, const char *key)
{
    char name[RESULTS_NUMBER];

    fputs("<table><caption>", out);
    markup_text(out, result_group(key, name));
    fputs("</caption><tbody>", out);
}

static void
write_figures(const struct article *a)
{
    const char *group = NULL;

    for (int i = 0; i < report_figures(a->report); i++) {
        const struct figure_value *v = report_figure(a->report, i);
        const char *key = v->figure->key;

        if (!v->count && !v->text)
            continue;
        if (!group) {
            fputs("<section class=\"figures\">", a->out);
            write_heading(a, "All figures");
            fputs("<div class=\"groups\">", a->out);
        }
        if (!group || strncmp(group, key, strcspn(key, "/") + 1) != 0) {
            fputs(group ? "</tbody></table>\n" : "", a->out);
            write_group_name(a->out, key);
        }
        group = key;
        fputs("<tr><th scope=\"row\">", a->out);
        markup_text(a->out, v->figure->label);
        fputs("<small>", a->out);
        markup_text(a->out, v->figure->text);
        fprintf(a->out, "</small></th><td%s>", v->text || v->count > STEREO ? " class=\"words\"" : "");
        write_value(a->out, v);
        fputs("</td></tr>\n", a->out);
    }
    fputs(group ? "</tbody></table></div></section>\n" : "", a->out);
}

/* --- several files -------------------------------------------------------------------------------- */

static void
write_cell(FILE *out, const struct figure *f, double value)
{
    fputs("<td class=\"number\">", out);
    write_number(out, f, value);
    fputs("</td>", out);
}

static void
write_tracks(const struct article *a)
{
    int n = report_tracks(a->report);

    if (n == 0)
        return;
    fputs("<section class=\"tracks\">", a->out);
    write_heading(a, "Track by track");
    fputs("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Track</th>"
          "<th scope=\"col\" class=\"number\">Loudness<small>LUFS</small></th>"
          "<th scope=\"col\" class=\"number\">To the middle<small>LU</small></th>"
          "<th scope=\"col\" class=\"number\">Range<small>LU</small></th>"
          "<th scope=\"col\" class=\"number\">True peak<small>dBTP</small></th>"
          "<th scope=\"col\" class=\"number\">Gap before<small>s</small></th>"
          "<th scope=\"col\" class=\"number\">Tone differs<small>dB</small></th></tr></thead><tbody>\n",
          a->out);
    for (int i = 0; i < n; i++) {
        const struct track *t = report_track_at(a->report, i);

        fputs("<tr>", a->out);
        fputs("<th scope=\"row\">", a->out);
        markup_format(a->out, "%d. %s", i + 1, result_name(t->path));
        fputs("</th>", a->out);
        write_cell(a->out, &plain_lufs, t->integrated_lufs);
        write_cell(a->out, &plain_lu, t->offset_lu);
        write_cell(a->out, &plain_lu, t->range_lu);
        write_cell(a->out, &plain_dbtp, t->max_dbtp);
        write_cell(a->out, &plain_s, t->gap_s);
        write_cell(a->out, &plain_db, t->tone_db);
        fputs("</tr>\n", a->out);
    }
    fputs("</tbody></table></div></section>\n", a->out);
}

static void
write_contents_row(FILE *out, const struct result *r, int number)
{
    const char *class = verdict_class(r->report);
    char counts[RESULTS_SENTENCE] = "could not be checked";

    fprintf(out, "<tr class=\"%s\"><th scope=\"row\"><a href=\"#f%d\">", class, number);
    write_icon(out, class);
    markup_text(out, result_name(r->path));
    fputs("</a></th>", out);
    for (int c = 0; c < RESULTS_COLUMNS; c++) {
        double value = NAN;
        const struct figure *f = r->report ? result_column(r->report, c, &value) : NULL;

        write_cell(out, f ? f : &plain_db, value);
    }
    if (r->report)
        result_counts(r->report, counts);
    markup_element(out, "td", class, counts);
    fputs("</tr>\n", out);
}

/* The unit of a column, as the first file that has it says. */
static const char *
column_unit(const struct results *r, int column)
{
    for (int i = 0; i < r->count; i++) {
        double value;
        const struct figure *f = r->file[i].report ? result_column(r->file[i].report, column, &value) : NULL;

        if (f)
            return param_unit_name(f->unit);
    }
    return "";
}

static void
write_contents(FILE *out, const struct results *r)
{
    int failed = 0;

    for (int i = 0; i < r->count; i++)
        failed += result_failed(&r->file[i]);
    fprintf(out, "<h1>%d files</h1><div class=\"verdict %s\">", r->count, failed ? "fail" : "good");
    write_icon(out, failed ? "fail" : "good");
    fputs("<div><p class=\"sentence\">", out);
    if (failed)
        markup_format(out, "%d of %d %s not ready.", failed, r->count, failed == 1 ? "is" : "are");
    else
        markup_text(out, "All are good to go.");
    fputs("</p></div></div><nav class=\"contents\" aria-label=\"Files\"><div "
          "class=\"scroll\"><table><thead><tr>"
          "<th scope=\"col\">File</th>",
          out);
    for (int c = 0; c < RESULTS_COLUMNS; c++) {
        fputs("<th scope=\"col\" class=\"number\">", out);
        markup_text(out, results_columns[c].name);
        markup_element(out, "small", NULL, column_unit(r, c));
        fputs("</th>", out);
    }
    fputs("<th scope=\"col\">Found</th></tr></thead><tbody>\n", out);
    for (int i = 0; i < r->count; i++)
        write_contents_row(out, &r->file[i], i + 1);
    fputs("</tbody></table></div></nav>\n", out);
}

/* --- the page ------------------------------------------------------------------------------------- */

static void
write_parts(struct article *a)
{
    a->order = calloc((size_t)report_findings(a->report) + 1, sizeof *a->order);
    if (!a->order)
        return;
    a->length_s = length_of(a->report);
    result_order(a->report, a->order);
    write_tiles(a);
    write_charts(a);
    write_tracks(a);
    write_platforms(a);
    write_figures(a);
    free(a->order);
}

static void
write_article(FILE *out, const struct results *r, int number, const char *name, const struct report *report,
              const char *error)
{
    struct article a = {
        .out = out, .all = r, .report = report, .number = number, .heading = r->count > 1 ? 3 : 2};

    fprintf(out, "<article id=\"f%d\"><h%d><bdi>", number, a.heading - 1);
    markup_text(out, name);
    fprintf(out, "</bdi></h%d>", a.heading - 1);
    write_verdict(&a);
    if (report)
        write_parts(&a);
    else
        markup_element(out, "p", "error", error);
    fputs("</article>\n", out);
}

static void
write_head(FILE *out, const struct results *r)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"><head>"
          "<meta charset=\"utf-8\"/>"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
          "<meta name=\"color-scheme\" content=\"light dark\"/>"
          "<meta name=\"robots\" content=\"noindex\"/>"
          "<meta name=\"generator\" content=\"Deadwax " DEADWAX_VERSION "\"/><title>",
          out);
    if (r->count == 1)
        markup_text(out, result_name(r->file[0].path));
    else
        fprintf(out, "%d files", r->count);
    fprintf(out, " – quality check</title><style>\n%s</style></head>\n<body>", report_css);
}

/* Each severity has a shape of its own, for those who do not see its colour. */
static void
write_symbols(FILE *out)
{
    fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"symbols\" aria-hidden=\"true\" "
          "focusable=\"false\">"
          "<symbol id=\"i-good\" viewBox=\"0 0 16 16\"><circle class=\"ink\" cx=\"8\" cy=\"8\" r=\"8\"/>"
          "<path class=\"cut\" d=\"M4.2 8.4l2.6 2.6 5-5.6\"/></symbol>"
          "<symbol id=\"i-note\" viewBox=\"0 0 16 16\"><circle class=\"ink\" cx=\"8\" cy=\"8\" "
          "r=\"4.6\"/></symbol>"
          "<symbol id=\"i-warn\" viewBox=\"0 0 16 16\"><path class=\"ink\" d=\"M8 .8L16 15H0Z\"/>"
          "<path class=\"cut\" d=\"M8 5.4v4.4M8 11.8v1.4\"/></symbol>"
          "<symbol id=\"i-fail\" viewBox=\"0 0 16 16\"><path class=\"ink\" d=\"M4.7 0h6.6L16 4.7v6.6L11.3 "
          "16H4.7"
          "L0 11.3V4.7Z\"/><path class=\"cut\" d=\"M5 5l6 6M11 5l-6 6\"/></symbol></svg>\n",
          out);
}

static void
write_top(FILE *out, const struct results *r)
{
    char when[RESULTS_NUMBER];
    struct tm tm;

    strftime(when, sizeof when, "%-d %B %Y", localtime_r(&r->when, &tm));
    fputs("<header class=\"top\"><p class=\"brand\"><b>Deadwax</b> Quality check</p><p>", out);
    markup_text(out, when);
    fputs("</p></header>\n<main>", out);
}

static void
write_foot(FILE *out)
{
    fputs("</main><footer><p>Measured by Deadwax " DEADWAX_VERSION
          ". Loudness and true peak as in ITU-R BS.1770-5 and EBU R 128; loudness range as in EBU Tech 3342. "
          "LUFS: how loud it sounds; 1 LU is 1 dB. dBTP: the highest peak of the wave as it leaves the "
          "converter; "
          "0 is the most there can be.</p></footer>\n<script>/*<![CDATA[*/\n",
          out);
    fputs(report_js, out);
    fputs("/*]]>*/</script></body></html>\n", out);
}

void
reportpage_write(FILE *out, const struct results *r)
{
    write_head(out, r);
    write_symbols(out);
    write_top(out, r);
    if (r->count > 1)
        write_contents(out, r);
    if (r->album)
        write_article(out, r, 0, "All together", r->album, NULL);
    for (int i = 0; i < r->count; i++)
        write_article(out, r, i + 1, result_name(r->file[i].path), r->file[i].report, r->file[i].err.text);
    write_foot(out);
}
