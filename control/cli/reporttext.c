/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/reporttext.h"

#include "control/cli/line.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OF_A_KIND = 5 /* at most; JSON and the page have them all */ };
enum { WIDTH = 80, WIDE = 1000, INDENT = 2, WORD_AT = 8, VALUE_AT = 30, VALUE_WIDTH = 9, ROW = 4 };

static const enum line_style style_of[] = {PLAIN, YELLOW, RED};
static const char *const word_of[] = {"note", "warn", "FAIL"};

struct reporttext
reporttext_here(void)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    bool terminal = isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;

    setlocale(LC_CTYPE, "");
    return (struct reporttext){.out = stdout,
                               .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
                               .colour = terminal && !(no_colour && *no_colour)};
}

static void
begin(const struct reporttext *t, struct line *l, int margin, int width)
{
    line_begin(l, margin, width, t->utf8, t->colour);
}

static void
end(const struct reporttext *t, const struct line *l)
{
    size_t n = l->bytes;

    while (n && l->text[n - 1] == ' ')
        n--;
    fprintf(t->out, "%.*s\n", (int)n, l->text);
}

static void
put_right(struct line *l, enum line_style style, const char *text, int column)
{
    line_pad_to(l, column - line_width_of(l, text));
    line_put(l, style, text);
}

/* Goes on in a line that has begun; the next ones begin at its margin. */
static void
put_wrapped(const struct reporttext *t, struct line *l, enum line_style style, const char *text, int margin)
{
    char word[REPORT_WORDS + 1];
    bool first = true;

    while (*(text += strspn(text, " "))) {
        int n = (int)strcspn(text, " ");

        snprintf(word, sizeof word, "%.*s", n, text);
        if (!first && l->columns + 1 + line_width_of(l, word) > WIDTH) {
            end(t, l);
            begin(t, l, margin, WIDTH);
            first = true;
        }
        if (!first)
            line_put(l, style, " ");
        line_put(l, style, word);
        first = false;
        text += n;
    }
    end(t, l);
}

/* --- one file ------------------------------------------------------------------------------------- */

/* Not cut: what follows a pipe looks for the name. */
static void
write_verdict(const struct reporttext *t, const char *name, const struct report *r, const char *target)
{
    char counts[RESULTS_SENTENCE];
    bool failed = report_worst(r) == SEVERITY_FAIL;
    struct line l;

    result_counts(r, counts);
    begin(t, &l, 0, WIDE);
    line_put(&l, failed ? RED : GREEN, failed ? "FAIL" : "PASS");
    line_put(&l, PLAIN, "  ");
    line_put(&l, BOLD, name);
    line_put(&l, PLAIN, target ? "  for " : "");
    line_put(&l, PLAIN, target ? target : "");
    line_put(&l, PLAIN, "  ");
    line_put(&l, report_findings(r) ? style_of[report_worst(r)] : PLAIN, counts);
    end(t, &l);
}

static void
write_head_of(const struct reporttext *t, const struct report *r, const struct finding *f)
{
    char when[RESULTS_NUMBER * 2 + 8];
    struct line l;

    result_when(f, "-", when);
    begin(t, &l, INDENT, WIDTH);
    line_put(&l, style_of[f->severity], word_of[f->severity]);
    line_pad_to(&l, WORD_AT);
    line_put(&l, BOLD, when);
    line_put(&l, PLAIN, "  ");
    if (f->channel >= 0 && result_channels(r) > 1) {
        line_put(&l, PLAIN, result_channel(f->channel, result_channels(r)));
        line_put(&l, PLAIN, "  ");
    }
    line_put(&l, DIM, f->kind);
    end(t, &l);
}

static void
write_mend(const struct reporttext *t, const char *mend)
{
    struct line l;

    begin(t, &l, WORD_AT, WIDTH);
    line_put(&l, GREEN, t->utf8 ? "→ " : "> ");
    put_wrapped(t, &l, PLAIN, mend, WORD_AT + 2);
}

static void
write_finding(const struct reporttext *t, const struct report *r, const struct finding *f,
              const struct finding *before)
{
    struct line l;

    write_head_of(t, r, f);
    begin(t, &l, WORD_AT, WIDTH);
    if (!before || strcmp(before->what, f->what) != 0)
        put_wrapped(t, &l, PLAIN, f->what, WORD_AT);
    if (f->mend[0] && (!before || strcmp(before->mend, f->mend) != 0))
        write_mend(t, f->mend);
}

static void
write_more(const struct reporttext *t, int more)
{
    char text[RESULTS_NUMBER];
    struct line l;

    if (more <= 0)
        return;
    snprintf(text, sizeof text, "and %d more of this kind", more);
    begin(t, &l, WORD_AT, WIDTH);
    line_put(&l, DIM, text);
    end(t, &l);
}

static void
write_findings(const struct reporttext *t, const struct report *r)
{
    int *index = calloc((size_t)report_findings(r) + 1, sizeof *index), shown = 0;
    const struct finding *before = NULL;

    if (!index)
        return;
    result_order(r, index);
    for (int i = 0; i < report_findings(r); i++) {
        const struct finding *f = report_finding(r, index[i]);
        bool same = before && before->severity == f->severity && strcmp(before->kind, f->kind) == 0;

        shown = same ? shown + 1 : 1;
        if (i == 0)
            fputc('\n', t->out);
        if (shown <= OF_A_KIND)
            write_finding(t, r, f, same ? before : NULL);
        if (result_is_last(r, index, i))
            write_more(t, report_count(r, f->kind, f->severity) - (shown < OF_A_KIND ? shown : OF_A_KIND));
        before = f;
    }
    free(index);
}

static void
write_numbers(const struct reporttext *t, const struct figure_value *v)
{
    int columns = v->count < ROW ? v->count : ROW;
    char number[RESULTS_NUMBER];
    struct line l;

    begin(t, &l, INDENT + 2, WIDTH);
    line_put(&l, PLAIN, v->figure->label);
    for (int c = 0; c < v->count; c++) {
        if (c && c % ROW == 0) {
            end(t, &l);
            begin(t, &l, INDENT + 2, WIDTH);
        }
        result_number(v->figure, v->number[c], number);
        put_right(&l, PLAIN, number, VALUE_AT + VALUE_WIDTH * (c % ROW + 1));
    }
    line_pad_to(&l, VALUE_AT + VALUE_WIDTH * columns + 1);
    line_put(&l, DIM, result_unit(v->figure, v->number[0]));
    end(t, &l);
}

static void
write_words(const struct reporttext *t, const struct figure_value *v)
{
    struct line l;

    begin(t, &l, INDENT + 2, WIDTH);
    line_put(&l, PLAIN, v->figure->label);
    line_put(&l, PLAIN, " ");
    line_pad_to(&l, VALUE_AT + 2);
    put_wrapped(t, &l, PLAIN, v->text, VALUE_AT + 2);
}

static void
write_heading(const struct reporttext *t, const char *text)
{
    struct line l;

    fputc('\n', t->out);
    begin(t, &l, INDENT, WIDTH);
    line_put(&l, BOLD, text);
    end(t, &l);
}

static void
write_figures(const struct reporttext *t, const struct report *r)
{
    const char *group = NULL;
    char name[RESULTS_NUMBER];

    for (int i = 0; i < report_figures(r); i++) {
        const struct figure_value *v = report_figure(r, i);
        const char *key = v->figure->key;
        size_t n = strcspn(key, "/") + 1;

        if (!v->count && !v->text)
            continue;
        if (!group || strncmp(group, key, n) != 0)
            write_heading(t, result_group(key, name));
        group = key;
        if (v->text)
            write_words(t, v);
        else
            write_numbers(t, v);
    }
}

/* --- places and tracks ---------------------------------------------------------------------------- */

static const struct figure plain_db = {.unit = UNIT_DB, .decimals = 1},
                           plain_lufs = {.unit = UNIT_LUFS, .decimals = 1};

/* Ends at the column. */
static void
put_number(struct line *l, const struct figure *f, double value, int column)
{
    char number[RESULTS_NUMBER];

    result_number(f, value, number);
    put_right(l, PLAIN, number, column);
}

enum { TITLE_END = 46, GAIN_END = 54, PLAYED_END = 67 };

static void
write_platforms(const struct reporttext *t, const struct report *r)
{
    struct line l;

    if (report_platforms(r))
        write_heading(t, "Where it will be played, by rules of");
    for (int i = 0; i < report_platforms(r); i++) {
        const struct platform *p = report_platform_at(r, i);

        begin(t, &l, INDENT + 2, WIDTH);
        l.limit = TITLE_END;
        line_put_cut(&l, PLAIN, p->title);
        l.limit = WIDTH;
        put_number(&l, &plain_db, p->gain_db, GAIN_END);
        line_put(&l, DIM, " dB, at");
        put_number(&l, &plain_lufs, p->played_lufs, PLAYED_END);
        line_put(&l, DIM, " LUFS");
        put_right(&l, DIM, p->date, WIDTH);
        end(t, &l);
    }
}

static void
write_tracks(const struct reporttext *t, const struct report *r)
{
    static const char *const heads[] = {"LUFS", "off", "LRA", "TP", "gap s", "tone"};
    enum { FIRST_END = 38, CELL = 7 };
    struct line l;

    if (report_tracks(r) == 0)
        return;
    fputc('\n', t->out);
    begin(t, &l, INDENT, WIDTH);
    line_put(&l, BOLD, "Tracks");
    for (int c = 0; c < (int)LEN(heads); c++)
        put_right(&l, DIM, heads[c], FIRST_END + c * CELL);
    end(t, &l);
    for (int i = 0; i < report_tracks(r); i++) {
        const struct track *k = report_track_at(r, i);
        const double cells[] = {k->integrated_lufs, k->offset_lu, k->range_lu,
                                k->max_dbtp,        k->gap_s,     k->tone_db};

        begin(t, &l, INDENT + 2, FIRST_END - CELL);
        line_put_cut(&l, PLAIN, result_name(k->path));
        l.limit = WIDTH;
        for (int c = 0; c < (int)LEN(cells); c++)
            put_number(&l, &plain_db, cells[c], FIRST_END + c * CELL);
        end(t, &l);
    }
}

static void
write_report(const struct reporttext *t, const char *name, const struct report *r, const char *target)
{
    write_verdict(t, name, r, target);
    write_findings(t, r);
    write_tracks(t, r);
    write_figures(t, r);
    write_platforms(t, r);
}

static void
write_error(const struct reporttext *t, const struct result *r)
{
    struct line l;

    begin(t, &l, 0, WIDE);
    line_put(&l, RED, "FAIL");
    line_put(&l, PLAIN, "  ");
    line_put(&l, BOLD, r->path);
    line_put(&l, PLAIN, "  could not be checked");
    end(t, &l);
}

/* --- several -------------------------------------------------------------------------------------- */

enum { NAME_END = 30 };

/* Where a column ends. */
static int
column_end(int column)
{
    int end_at = NAME_END;

    for (int c = 0; c <= column; c++)
        end_at += results_columns[c].width;
    return end_at;
}

static void
write_heads(const struct reporttext *t)
{
    struct line l;

    begin(t, &l, 0, WIDTH);
    line_put(&l, BOLD, "      File");
    for (int c = 0; c < RESULTS_COLUMNS; c++)
        put_right(&l, BOLD, results_columns[c].label, column_end(c));
    line_put(&l, BOLD, "  fail/warn");
    end(t, &l);
}

static void
write_cells(const struct reporttext *t, struct line *l, const struct report *r)
{
    char number[RESULTS_NUMBER];
    int failures = result_count(r, SEVERITY_FAIL), warnings = result_count(r, SEVERITY_WARN);

    for (int c = 0; c < RESULTS_COLUMNS; c++) {
        double value;
        const struct figure *f = result_column(r, c, &value);

        snprintf(number, sizeof number, "-");
        if (f)
            result_number(f, value, number);
        put_right(l, PLAIN, number, column_end(c));
    }
    snprintf(number, sizeof number, "%d", failures);
    line_put(l, PLAIN, " ");
    put_right(l, failures ? RED : PLAIN, number, column_end(RESULTS_COLUMNS - 1) + 6);
    snprintf(number, sizeof number, "%d", warnings);
    line_put(l, PLAIN, "/");
    line_put(l, warnings ? YELLOW : PLAIN, number);
    end(t, l);
}

static void
write_row(const struct reporttext *t, const char *name, const struct report *r, bool failed)
{
    struct line l;

    begin(t, &l, 0, NAME_END);
    line_put(&l, failed ? RED : GREEN, failed ? "FAIL" : "PASS");
    line_put(&l, PLAIN, "  ");
    line_put_tail(&l, PLAIN, name);
    l.limit = WIDTH;
    if (r) {
        write_cells(t, &l, r);
    } else {
        line_put(&l, PLAIN, "  could not be checked");
        end(t, &l);
    }
}

static void
write_comparison(const struct reporttext *t, const struct results *r)
{
    write_heads(t);
    for (int i = 0; i < r->count; i++)
        write_row(t, r->file[i].path, r->file[i].report, result_failed(&r->file[i]));
    if (r->album)
        write_row(t, "(together)", r->album, report_worst(r->album) == SEVERITY_FAIL);
}

void
reporttext_write(const struct reporttext *t, const struct results *r)
{
    if (r->count > 1)
        write_comparison(t, r);
    for (int i = 0; i < r->count; i++) {
        if (r->count > 1)
            fputc('\n', t->out);
        if (r->file[i].report)
            write_report(t, r->file[i].path, r->file[i].report, r->target);
        else
            write_error(t, &r->file[i]);
    }
    if (r->album) {
        fputc('\n', t->out);
        write_report(t, "The album", r->album, r->target);
    }
}
