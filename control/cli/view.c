/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture is a list of rows. Each holds a line (line.h) that can't grow too long whatever is put into it, and has a
 * rank; when the terminal has fewer rows than there are, the lowest ranks are left out.
 */
#include "control/cli/view.h"

#include "control/cli/line.h"
#include "control/cli/terminal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NOTHING      (-120.0)
#define FALL_DB_S    20.0
#define HOLD_S       1.5
#define REDUCTION_DB 12.0 /* a full bar */
#define CONTROL(key) ((key)&0x1f)
#define RANGE_SURE_S 60.0 /* EBU Tech 3341: unstable before */

enum {
    WIDTH = 120,
    WIDE = 58,
    NARROW = 40,
    ROWS = 40 + (QR_MOST + 2 * QR_QUIET + 1) / 2,
    BAR_MIN = 6,
    VALUE = 9,
    FEW_STAGES = 4
};

struct row {
    struct line line;
    int rank;
};

struct drawing {
    const struct view *v;
    int width, margin, label; /* columns */
    struct row row[ROWS];
    int nrows;
};

/* --- a row --- */

static struct line *
row_begin(struct drawing *d, int rank)
{
    struct row *r = &d->row[d->nrows < ROWS - 1 ? d->nrows++ : ROWS - 1];

    r->rank = rank;
    line_begin(&r->line, d->margin, d->width, d->v->utf8, d->v->colour);
    return &r->line;
}

/* A line with a name before it. */
static struct line *
row_named(struct drawing *d, int rank, const char *name)
{
    struct line *l = row_begin(d, rank);

    l->limit = d->margin + d->label - 1 < d->width ? d->margin + d->label - 1 : d->width;
    line_put(l, DIM, name);
    l->limit = d->width;
    line_pad_to(l, d->margin + d->label);
    return l;
}

static bool
is_set(const char *s)
{
    return s && *s;
}

static bool
is_reading(double x)
{
    return x > NOTHING && x < 1e6;
}

/* --- numbers --- */

static const char *
clock_text(char *out, size_t size, double seconds)
{
    long long t = seconds > 0.0 && seconds < 1e9 ? (long long)seconds : 0;

    if (t >= 3600)
        snprintf(out, size, "%lld:%02lld:%02lld", t / 3600, t / 60 % 60, t % 60);
    else
        snprintf(out, size, "%lld:%02lld", t / 60, t % 60);
    return out;
}

/* Always as wide, so that nothing moves when a number changes. */
static const char *
loudness_text(char *out, size_t size, double x, int width)
{
    if (is_reading(x))
        snprintf(out, size, "%*.1f", width, x);
    else
        snprintf(out, size, "%*s", width, "--");
    return out;
}

/* --- meters --- */

/* The top 20 dB take half the bar: that is where a master lives. */
static double
meter_place(double level_dbfs)
{
    static const double dbfs[] = {-60, -40, -30, -20, 0}, place[] = {0.0, 0.15, 0.3, 0.5, 1.0};

    if (!(level_dbfs > dbfs[0]))
        return 0.0;
    for (size_t i = 1; i < LEN(dbfs); i++)
        if (level_dbfs < dbfs[i])
            return place[i - 1] +
                   (place[i] - place[i - 1]) * (level_dbfs - dbfs[i - 1]) / (dbfs[i] - dbfs[i - 1]);
    return 1.0;
}

static enum line_style
meter_style(double place)
{
    return place >= meter_place(-1.0) ? RED : place >= meter_place(-6.0) ? YELLOW : GREEN;
}

static const char *
bar_part(const struct line *l, int eighths)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

    if (l->utf8)
        return parts[eighths < 8 ? eighths : 8];
    return eighths >= 4 ? "#" : line_glyph(l, GLYPH_TRACK);
}

/* hold: where its mark stands, 0 for none. style LINE_STYLES: as a level meter's zones. */
static void
put_bar(struct line *l, int width, double place, double hold, enum line_style style)
{
    int filled = (int)(place * width * 8.0 + 0.5), mark = hold > 0.0 ? (int)ceil(hold * width) - 1 : -1;

    for (int i = 0; i < width; i++) {
        int eighths = filled - 8 * i;
        enum line_style s = style == LINE_STYLES ? meter_style((double)i / width) : style;

        if (eighths > 0)
            line_put(l, eighths < 4 && !l->utf8 ? DIM : s, bar_part(l, eighths));
        else if (i == mark)
            line_put(l, s, line_glyph(l, GLYPH_HOLD));
        else
            line_put(l, DIM, line_glyph(l, GLYPH_TRACK));
    }
}

static int
bar_width(const struct drawing *d)
{
    int width = d->width - d->margin - d->label - VALUE;

    return width >= BAR_MIN ? width : 0;
}

static void
peak_update(struct view_peak *p, double peak_dbfs, double now_s, double passed_s)
{
    double x = is_reading(peak_dbfs) ? peak_dbfs : NOTHING;

    p->level_dbfs = fmax(x, p->level_dbfs - FALL_DB_S * passed_s);
    if (x >= p->hold_dbfs || !(now_s - p->held_since_s < HOLD_S)) {
        p->hold_dbfs = x;
        p->held_since_s = now_s;
    }
}

static void
peaks_update(struct view *v, const struct view_state *s)
{
    double passed = s->time_s - v->time_s;

    if (!v->drawn || !(passed >= 0.0)) {
        for (int c = 0; c < STEREO; c++)
            v->input[c] = v->output[c] = (struct view_peak){NOTHING, NOTHING, s->time_s};
        passed = 0.0;
    }
    for (int c = 0; c < STEREO; c++) {
        peak_update(&v->input[c], s->input_peak_dbfs[c], s->time_s, passed);
        peak_update(&v->output[c], s->output_peak_dbfs[c], s->time_s, passed);
    }
    v->time_s = s->time_s;
    v->drawn = true;
}

static void
draw_peak(struct drawing *d, int rank, const char *name, const struct view_peak *p)
{
    struct line *l = row_named(d, rank, name);
    char number[16] = "  -inf";

    put_bar(l, bar_width(d), meter_place(p->level_dbfs), meter_place(p->hold_dbfs), LINE_STYLES);
    if (is_reading(p->hold_dbfs))
        snprintf(number, sizeof number, "%+6.1f", fmin(p->hold_dbfs, 999.0));
    line_put(l, p->hold_dbfs >= 0.0 ? RED : PLAIN, number);
    if (bar_width(d) && p->hold_dbfs >= 0.0)
        line_put(l, RED, " !");
}

/* Each mark stands centred under its place; those that would touch the one before are left out. */
static void
draw_scale(struct drawing *d)
{
    static const int marks[] = {-60, -40, -30, -20, -10, -6, -3, 0};
    struct line *l = row_named(d, 12, "");
    int start = l->columns, width = bar_width(d);

    for (size_t i = 0; width && i < LEN(marks); i++) {
        char text[8];
        int n = snprintf(text, sizeof text, "%d", marks[i]);
        int at = start + (int)(meter_place(marks[i]) * width) - (i == LEN(marks) - 1 ? 1 : i ? n / 2 : 0);

        if (i == 0 || at > l->columns) {
            line_pad_to(l, at);
            line_put(l, DIM, text);
        }
    }
    if (width)
        line_put(l, DIM, "  dBFS");
}

static void
draw_reduction(struct drawing *d, const struct view_stage *g, bool bypass)
{
    struct line *l = row_named(d, 70, g->name ? g->name : "");
    double reduction = is_reading(g->reduction_db) ? fmax(g->reduction_db, 0.0) : 0.0;
    char number[16];

    if (!g->on || bypass) {
        line_put(l, DIM, g->on ? "bypassed" : "off");
        return;
    }
    put_bar(l, bar_width(d), fmin(reduction / REDUCTION_DB, 1.0), 0.0, YELLOW);
    snprintf(number, sizeof number, "%6.1f", fmin(reduction == 0.0 ? 0.0 : -reduction, 999.0));
    line_put(l, PLAIN, number);
    line_put(l, DIM, " dB");
}

/* --- the lines --- */

static void
blank(struct drawing *d, int rank)
{
    row_begin(d, rank);
}

static void
draw_head(struct drawing *d, const struct view_state *s)
{
    struct line *l = row_begin(d, 90);
    char right[96] = "";
    size_t used = 0;

    if (s->rate_hz > 0.0)
        used += (size_t)snprintf(right, sizeof right, "%g kHz   ", s->rate_hz / 1000.0);
    if (s->period > 0)
        used += (size_t)snprintf(right + used, sizeof right - used, "%d frames   ", s->period);
    if (s->latency_ms >= 0.0)
        snprintf(right + used, sizeof right - used, "latency %.1f ms", s->latency_ms);
    line_reserve_right(l, right);
    line_put(l, BOLD, "deadwax");
    if (is_set(s->server)) {
        line_put(l, PLAIN, "   ");
        line_put_cut(l, s->transport == VIEW_WAITING ? YELLOW : PLAIN, s->server);
    }
    if (l->limit < d->width)
        line_put_right(l, DIM, right);
}

static void
draw_transport(struct drawing *d, const struct view_state *s)
{
    static const struct {
        const char *word;
        enum line_style style;
        enum line_glyph glyph;
    } is[] = {
        [VIEW_STOPPED] = {"stopped", DIM, GLYPH_STOP},
        [VIEW_PLAYING] = {"playing", GREEN, GLYPH_PLAY},
        [VIEW_LIVE] = {"live", GREEN, GLYPH_DOT},
        [VIEW_WAITING] = {"waiting for the JACK server", YELLOW, GLYPH_ELLIPSIS},
    };
    struct line *l = row_begin(d, 80);
    char right[64] = "", a[24], b[24];
    bool room;

    if (s->length_s > 0.0)
        snprintf(right, sizeof right, "%s / %s", clock_text(a, sizeof a, s->position_s),
                 clock_text(b, sizeof b, s->length_s));
    else if (is_set(s->track))
        clock_text(right, sizeof right, s->position_s);
    room = line_reserve_right(l, right);
    line_put(l, is[s->transport].style, line_glyph(l, is[s->transport].glyph));
    line_put(l, PLAIN, " ");
    if (d->width >= NARROW || !is_set(s->track))
        line_put(l, is[s->transport].style, is[s->transport].word);
    if (d->width >= NARROW && l->columns < d->margin + d->label)
        line_pad_to(l, d->margin + d->label);
    else if (d->width >= NARROW)
        line_put(l, PLAIN, "  ");
    if (is_set(s->track))
        line_put_cut(l, BOLD, s->track);
    if (room)
        line_put_right(l, PLAIN, right);
}

static void
draw_progress(struct drawing *d, const struct view_state *s)
{
    struct line *l = row_begin(d, 30);
    int width = d->width - d->margin, at;
    double share = s->position_s / s->length_s;

    if (!(s->length_s > 0.0) || width < BAR_MIN)
        return;
    at = share > 0.0 ? (int)(fmin(share, 1.0) * width) : 0;
    for (int i = 0; i < width; i++)
        line_put(l, i <= at ? PLAIN : DIM,
                 line_glyph(l, i < at    ? GLYPH_DONE
                               : i == at ? GLYPH_HEAD
                                         : GLYPH_TODO));
}

/* From words to letters as the room shrinks; below that, what can't be read is left away. */
static void
draw_loudness(struct drawing *d, const struct view_state *s)
{
    static const struct {
        int width;
        const char *name[4], *gap, *lufs, *lu;
    } forms[] = {
        {87, {"momentary ", "short-term ", "integrated ", "range "}, "   ", " LUFS", " LU"},
        {79, {"momentary ", "short ", "integrated ", "range "}, "  ", " LUFS", " LU"},
        {52, {"M ", "S ", "I ", "LRA "}, "  ", " LUFS", " LU"},
        {0, {"I ", "M ", "S ", "R "}, " ", "", ""},
    };
    double value[4] = {s->momentary_lufs, s->short_term_lufs, s->integrated_lufs, s->range_lu};
    struct line *l = row_named(d, 85, d->width >= WIDE ? "loudness" : "loud");
    bool unsure = !(s->measured_s >= RANGE_SURE_S);
    size_t f = 0;
    char number[16];

    while (d->width < forms[f].width)
        f++;
    if (f == LEN(forms) - 1) { /* the one that counts first */
        value[0] = s->integrated_lufs;
        value[1] = s->momentary_lufs;
        value[2] = s->short_term_lufs;
    }
    if (!is_reading(s->integrated_lufs))
        value[3] = NOTHING;
    for (int i = 0; i < 4; i++) {
        int need = line_width_of(l, forms[f].name[i]) + 5;

        if (l->columns + need > l->limit)
            return;
        line_put(l, DIM, forms[f].name[i]);
        line_put(l, i == 3 && unsure ? DIM : PLAIN,
                 loudness_text(number, sizeof number, value[i], i == 3 ? 0 : 5));
        line_put(l, DIM, i == 2 ? forms[f].lufs : i == 3 ? forms[f].lu : "");
        line_put(l, DIM, i < 3 ? forms[f].gap : unsure && value[3] > NOTHING ? "?" : "");
    }
}

/* As many as there is room for, the one that fails a master first. Nothing is said before there was sound. */
static void
draw_peaks(struct drawing *d, const struct view_state *s)
{
    const struct {
        const char *name, *unit;
        double value;
        int decimals;
    } part[] = {
        {"true peak ", " dBTP", s->true_peak_dbtp, 1},
        {"PLR ", " LU", s->plr_lu, 1},
        {"PSR ", " LU", s->psr_lu, 1},
        {"correlation ", "", s->correlation, 2},
    };
    struct line *l = row_named(d, 45, "peaks");
    bool any = is_reading(s->true_peak_dbtp);
    char number[16];

    for (size_t i = 0; i < LEN(part); i++) {
        if (any)
            snprintf(number, sizeof number, "%5.*f", part[i].decimals, part[i].value);
        else
            snprintf(number, sizeof number, "%5s", "--");
        if (l->columns + line_width_of(l, part[i].name) + 8 > l->limit)
            return;
        line_put(l, DIM, part[i].name);
        line_put(l, PLAIN, number);
        line_put(l, DIM, part[i].unit);
        line_put(l, DIM, i + 1 < LEN(part) ? "   " : "");
    }
}

static int
chain_width(const struct drawing *d, const struct view_state *s, const struct line *l)
{
    int width = 0;

    for (int i = 0; i < s->nstages; i++)
        width += 2 + (s->stage[i].name ? line_width_of(l, s->stage[i].name) : 0) + (d->width >= WIDE ? 3 : 2);
    return width;
}

/* Where there is no room for all, those that are off are left out, and counted. */
static void
draw_chain(struct drawing *d, const struct view_state *s)
{
    struct line *l = row_named(d, 65, "chain");
    bool crowded;
    int left_out = 0;
    char off[24];

    if (s->bypass)
        line_put(l, YELLOW, "BYPASSED   ");
    crowded = l->columns + chain_width(d, s, l) > l->limit;
    for (int i = 0; i < s->nstages; i++) {
        const struct view_stage *g = &s->stage[i];
        const char *name = g->name ? g->name : "";
        bool on = g->on && !s->bypass;

        if (crowded && !g->on) {
            left_out++;
            continue;
        }
        if (l->columns + 2 + line_width_of(l, name) > l->limit)
            return;
        line_put(l, on ? GREEN : DIM, line_glyph(l, g->on ? GLYPH_DOT : GLYPH_RING));
        line_put(l, DIM, " ");
        line_put(l, on ? PLAIN : DIM, name);
        line_put(l, PLAIN, d->width >= WIDE ? "   " : "  ");
    }
    snprintf(off, sizeof off, "%d off", left_out);
    if (left_out && l->columns + line_width_of(l, off) <= l->limit)
        line_put(l, DIM, off);
}

static void
draw_print(struct drawing *d, const struct view_state *s)
{
    struct line *l = row_named(d, s->printing ? 75 : 22, "print");
    char length[24];
    bool room;

    if (!s->printing && !is_set(s->print_file)) {
        line_put(l, DIM, "off");
        return;
    }
    room = line_reserve_right(l, clock_text(length, sizeof length, s->print_s));
    if (s->printing) {
        line_put(l, RED, line_glyph(l, GLYPH_DOT));
        line_put(l, PLAIN, " ");
    } else {
        line_put(l, DIM, "done: ");
    }
    line_put_tail(l, s->printing ? BOLD : DIM, is_set(s->print_file) ? s->print_file : "");
    if (room)
        line_put_right(l, s->printing ? PLAIN : DIM, length);
}

static void
draw_load(struct drawing *d, const struct view_state *s)
{
    struct line *l = row_named(d, 55, "load");
    bool wide = d->width >= WIDE;
    int start = l->columns;
    char text[48];
    enum line_style worst = s->worst_percent >= 100.0 ? RED : s->worst_percent >= 70.0 ? YELLOW : PLAIN;

    snprintf(text, sizeof text, "%.1f %%", fmin(s->load_percent, 9999.0));
    line_put(l, PLAIN, text);
    line_put(l, DIM, wide ? " mean" : "");
    line_pad_to(l, start + (wide ? 15 : 8));
    snprintf(text, sizeof text, "%.1f %%", fmin(s->worst_percent, 9999.0));
    line_put(l, worst, text);
    line_put(l, DIM, d->width >= NARROW ? " worst" : "");
    line_pad_to(l, start + (wide ? 31 : d->width >= NARROW ? 22 : 16));
    line_put(l, DIM, d->width >= NARROW ? "xruns " : "xr ");
    snprintf(text, sizeof text, "%lld", s->xruns);
    line_put(l, s->xruns ? YELLOW : PLAIN, text);
}

static void
draw_surfaces(struct drawing *d, const struct view_state *s)
{
    if (is_set(s->surfaces))
        line_put_cut(row_named(d, 45, d->width >= WIDE ? "surfaces" : "surf"), PLAIN, s->surfaces);
}

static void
draw_addresses(struct drawing *d, const struct view_state *s)
{
    struct line *l = row_named(d, 50, d->width >= WIDE ? "address" : "addr");

    for (int i = 0; i < s->naddresses; i++) {
        if (!is_set(s->address[i]))
            continue;
        if (l->columns > d->margin + d->label)
            line_put(l, PLAIN, "   ");
        line_put_cut(l, PLAIN, s->address[i]);
    }
}

static void
draw_code(struct drawing *d, const struct view_state *s)
{
    struct line *l;
    char left[32];

    if (!is_set(s->code))
        return;
    snprintf(left, sizeof left, "%.0f s", fmin(fmax(s->code_s, 0.0), 9999.0));
    l = row_named(d, 98, d->width >= WIDE ? "pair with" : "pair");
    line_put(l, BOLD, s->code);
    line_put(l, PLAIN, "   ");
    line_put(l, DIM, left);
    if (is_set(s->code_url)) {
        line_put(l, DIM, "   ");
        line_put_cut(l, PLAIN, s->code_url);
    }
}

/* Two modules in a letter, light ones drawn: most terminals are dark, and scanners expect dark on light. All of it or
   nothing. */
static void
draw_qr(struct drawing *d, const struct view_state *s, int rows)
{
    static const char *const halves[] = {" ", "▄", "▀", "█"};
    int side = s->qr ? s->qr->size + 2 * QR_QUIET : 0;

    if (!is_set(s->code) || !s->qr || !s->qr->size || !d->v->utf8 || d->margin + side > d->width ||
        (side + 1) / 2 + 1 > rows)
        return;
    for (int y = -QR_QUIET; y < s->qr->size + QR_QUIET; y += 2) {
        struct line *l = row_begin(d, 99);

        for (int x = -QR_QUIET; x < s->qr->size + QR_QUIET; x++) {
            bool below = y + 1 < s->qr->size + QR_QUIET && !qr_dark(s->qr, y + 1, x);

            line_put(l, PAPER, halves[2 * !qr_dark(s->qr, y, x) + below]);
        }
    }
}

static void
draw_news(struct drawing *d, const struct view_state *s)
{
    struct line *l;

    if (!is_set(s->news)) { /* its place is kept: a picture that jumps is no calm one */
        blank(d, 5);
        return;
    }
    l = row_named(d, 88, "news");
    line_put_cut(l, YELLOW, s->news);
}

/* Left to right as listed; the highest `drop` goes first where there is no room. */
static void
draw_keys(struct drawing *d, const struct view_state *s)
{
    struct line *l = row_begin(d, 40);
    const struct {
        const char *key, *word;
        int drop;
    } keys[] = {
        {"space", "play/stop", 1},
        {line_glyph(l, GLYPH_ARROWS), "track", 2},
        {"b", "bypass", 3},
        {"r", "print", 4},
        {"u", "undo", 5},
        {"U", "redo", 7},
        {"d", "pair", s->guarded ? 6 : 9},
        {"q", "quit", 0},
    };
    int limit = 8, need; /* above it: not at all */

    do {
        need = d->margin;
        for (size_t i = 0; i < LEN(keys); i++)
            if (keys[i].drop < limit)
                need += line_width_of(l, keys[i].key) + 1 + line_width_of(l, keys[i].word) + 3;
    } while (need - 3 > d->width && --limit > 0);
    for (size_t i = 0; i < LEN(keys); i++) {
        if (keys[i].drop >= limit)
            continue;
        line_put(l, PLAIN, l->columns > d->margin ? "   " : "");
        line_put(l, BOLD, keys[i].key);
        line_put(l, PLAIN, " ");
        line_put(l, DIM, keys[i].word);
    }
}

static void
draw_all(struct drawing *d, const struct view_state *s, int rows)
{
    draw_head(d, s);
    blank(d, 9);
    draw_code(d, s);
    draw_qr(d, s, rows);
    draw_transport(d, s);
    draw_progress(d, s);
    blank(d, 8);
    draw_peak(d, 60, "in  L", &d->v->input[0]);
    draw_peak(d, 60, "    R", &d->v->input[1]);
    draw_scale(d);
    draw_peak(d, 95, "out L", &d->v->output[0]);
    draw_peak(d, 95, "    R", &d->v->output[1]);
    blank(d, 7);
    for (int i = 0; i < s->nstages; i++)
        if (s->stage[i].reduces && (s->stage[i].on || s->nstages <= FEW_STAGES))
            draw_reduction(d, &s->stage[i], s->bypass);
    blank(d, 6);
    draw_loudness(d, s);
    draw_peaks(d, s);
    blank(d, 4);
    draw_chain(d, s);
    draw_print(d, s);
    draw_load(d, s);
    draw_surfaces(d, s);
    draw_addresses(d, s);
    draw_news(d, s);
    if (d->v->keys) {
        blank(d, 3);
        draw_keys(d, s);
    }
}

/* Of equals the later goes first. */
static void
drop_rows(struct drawing *d, int rows)
{
    while (d->nrows > rows) {
        int least = 0;

        for (int i = 1; i < d->nrows; i++)
            if (d->row[i].rank <= d->row[least].rank)
                least = i;
        d->nrows--;
        memmove(&d->row[least], &d->row[least + 1], (size_t)(d->nrows - least) * sizeof d->row[0]);
    }
}

int
view_draw(struct view *v, char *out, size_t size, int columns, int rows, const struct view_state *s)
{
    struct view_state c = *s;
    struct drawing d = {.v = v, .width = columns < WIDTH ? columns : WIDTH};
    size_t used = 0;
    int n = 0;

    if (size)
        out[0] = '\0';
    c.nstages = c.nstages < VIEW_STAGES ? c.nstages : VIEW_STAGES;
    c.naddresses = c.naddresses < VIEW_ADDRESSES ? c.naddresses : VIEW_ADDRESSES;
    peaks_update(v, &c);
    if (columns < 1 || rows < 1)
        return 0;
    d.margin = d.width >= NARROW;
    d.label = d.width >= WIDE ? 11 : 6;
    draw_all(&d, &c, rows);
    drop_rows(&d, rows);
    for (; n < d.nrows && used + d.row[n].line.bytes + 2 <= size; n++)
        used += (size_t)sprintf(out + used, "%s%s", n ? "\n" : "", d.row[n].line.text);
    return n;
}

enum view_key
view_key(int pressed)
{
    switch (pressed) {
    case ' ': return VIEW_KEY_PLAY;
    case 'n':
    case TERMINAL_RIGHT:
    case TERMINAL_DOWN: return VIEW_KEY_NEXT;
    case 'p':
    case TERMINAL_LEFT:
    case TERMINAL_UP: return VIEW_KEY_PREVIOUS;
    case 'b': return VIEW_KEY_BYPASS;
    case 'r': return VIEW_KEY_PRINT;
    case 'u': return VIEW_KEY_UNDO;
    case 'U':
    case CONTROL('r'): return VIEW_KEY_REDO;
    case 'd': return VIEW_KEY_DOOR;
    case 'q': return VIEW_KEY_QUIT;
    }
    return VIEW_KEY_NONE;
}
