/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture is a list of lines. Each is built by `put`, which counts columns and stops at the line's limit, so no
 * line can be too long whatever is put into it. Each line has a rank; when the terminal has fewer rows than there
 * are lines, the lowest ranks are left out.
 *
 * The whole picture goes out in one write, from the top left corner, each line cleared behind its end: nothing is
 * blank for a moment, so nothing flickers. The terminal is opened a second time, because O_NONBLOCK on standard
 * output would be shared with the shell.
 */
#include "control/cli/view.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define NOTHING      (-120.0)
#define FALL_DB_S    20.0
#define HOLD_S       1.5
#define REDUCTION_DB 12.0 /* a full bar */
#define RANGE_SURE_S 60.0 /* EBU Tech 3341: unstable before */

enum { WIDTH = 120, WIDE = 58, NARROW = 40, LINE_BYTES = 2048, LINES = 40, BAR_MIN = 6, VALUE = 9 };

/* --- a line --- */

enum style { PLAIN, BOLD, DIM, GREEN, YELLOW, RED, NSTYLES };

#define RESET "\033[0m"

static const char *const sgr[NSTYLES] = {"", "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[31m"};

struct line {
    char text[LINE_BYTES];
    size_t bytes;
    int columns, limit;
    int rank;
    enum style last; /* what the text ends in */
};

struct drawing {
    const struct view *v;
    int width, margin, label; /* columns */
    struct line line[LINES];
    int nlines;
};

enum glyph { ELLIPSIS, PLAY, STOP, DOT, RING, ARROWS, TRACK, HOLD, DONE, HEAD, TODO };

/* [0] for any terminal, [1] for UTF-8; all are one column wide but ARROWS. */
static const char *const glyphs[][2] = {
    [ELLIPSIS] = {"~", "…"}, [PLAY] = {">", "►"},         [STOP] = {"#", "■"},  [DOT] = {"*", "●"},
    [RING] = {"-", "○"},     [ARROWS] = {"<- ->", "← →"}, [TRACK] = {".", "·"}, [HOLD] = {"|", "│"},
    [DONE] = {"=", "━"},     [HEAD] = {">", "╸"},         [TODO] = {"-", "─"},
};

static const char *
glyph(const struct drawing *d, enum glyph g)
{
    return glyphs[g][d->v->utf8];
}

/* Bytes of the character that starts with this one; 0: none does. */
static int
decode_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* One character of UTF-8; malformed and overlong bytes count one by one, as U+FFFF. Returns its length, 0 at the
   end. */
static int
decode(const char *s, wchar_t *c)
{
    static const wchar_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *u = (const unsigned char *)s;
    int n = decode_length(*u);
    wchar_t code = n == 1 ? *u : *u & (0x7f >> n);

    *c = 0xffff;
    for (int i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 1;
        code = code << 6 | (u[i] & 0x3f);
    }
    if (!n || code < least[n])
        return 1;
    *c = code;
    return *u ? n : 0;
}

/* Columns, or -1 for what must not reach the terminal: controls, and marks that turn the writing's direction. */
static int
width_of(wchar_t c, bool utf8)
{
    if (c < 0x20 || c == 0x7f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
        return -1;
    return c < 0x7f ? 1 : utf8 ? wcwidth(c) : -1;
}

static int
text_width(const struct drawing *d, const char *text)
{
    int columns = 0, n;
    wchar_t c;

    for (; (n = decode(text, &c)) > 0; text += n) {
        int w = width_of(c, d->v->utf8);

        columns += w < 0 ? 1 : w;
    }
    return columns;
}

/* Appends as much as the limit allows. */
static void
put(struct drawing *d, struct line *l, enum style style, const char *text)
{
    bool styled = style != PLAIN && d->v->colour;
    int n;
    wchar_t c;

    if (l->columns >= l->limit || l->bytes + 32 > sizeof l->text)
        return;
    if (styled && style == l->last)
        l->bytes -= sizeof RESET - 1; /* goes on as before */
    else if (styled)
        l->bytes += (size_t)sprintf(l->text + l->bytes, "%s", sgr[style]);
    for (; (n = decode(text, &c)) > 0; text += n) {
        int w = width_of(c, d->v->utf8);

        if (l->columns + abs(w) > l->limit || l->bytes + 16 > sizeof l->text)
            break;
        memcpy(l->text + l->bytes, w < 0 ? "?" : text, w < 0 ? 1 : (size_t)n);
        l->bytes += w < 0 ? 1 : (size_t)n;
        l->columns += abs(w);
    }
    if (styled)
        l->bytes += (size_t)sprintf(l->text + l->bytes, RESET);
    l->last = styled ? style : PLAIN;
    l->text[l->bytes] = '\0';
}

/* Cut with an ellipsis if it is too long. */
static void
put_cut(struct drawing *d, struct line *l, enum style style, const char *text)
{
    int limit = l->limit;

    if (l->columns + text_width(d, text) <= limit) {
        put(d, l, style, text);
        return;
    }
    l->limit = limit - 1;
    put(d, l, style, text);
    l->limit = limit;
    put(d, l, DIM, glyph(d, ELLIPSIS));
}

/* The same for a path, whose end tells more than its start. */
static void
put_tail(struct drawing *d, struct line *l, enum style style, const char *text)
{
    wchar_t c;

    if (l->columns + text_width(d, text) > l->limit)
        put(d, l, DIM, glyph(d, ELLIPSIS));
    while (*text && l->columns + text_width(d, text) > l->limit)
        text += decode(text, &c);
    put(d, l, style, text);
}

static void
pad_to(struct drawing *d, struct line *l, int column)
{
    while (l->columns < column && l->columns < l->limit)
        put(d, l, PLAIN, " ");
}

static struct line *
line_begin(struct drawing *d, int rank)
{
    struct line *l = &d->line[d->nlines < LINES - 1 ? d->nlines++ : LINES - 1];

    l->bytes = 0;
    l->text[0] = '\0';
    l->columns = 0;
    l->limit = d->width;
    l->rank = rank;
    l->last = PLAIN;
    pad_to(d, l, d->margin);
    return l;
}

/* A line with a name before it. */
static struct line *
line_named(struct drawing *d, int rank, const char *name)
{
    struct line *l = line_begin(d, rank);

    l->limit = d->margin + d->label - 1 < d->width ? d->margin + d->label - 1 : d->width;
    put(d, l, DIM, name);
    l->limit = d->width;
    pad_to(d, l, d->margin + d->label);
    return l;
}

/* Keeps room for `right` at the line's end, unless that would leave hardly any for the rest. */
static bool
reserve_right(struct drawing *d, struct line *l, const char *right)
{
    int limit = d->width - text_width(d, right) - 2;

    if (!*right || limit < d->margin + 12)
        return false;
    l->limit = limit;
    return true;
}

static void
put_right(struct drawing *d, struct line *l, enum style style, const char *right)
{
    l->limit = d->width;
    pad_to(d, l, d->width - text_width(d, right));
    put(d, l, style, right);
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

static enum style
meter_style(double place)
{
    return place >= meter_place(-1.0) ? RED : place >= meter_place(-6.0) ? YELLOW : GREEN;
}

static const char *
bar_part(const struct drawing *d, int eighths)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

    if (d->v->utf8)
        return parts[eighths < 8 ? eighths : 8];
    return eighths >= 4 ? "#" : glyph(d, TRACK);
}

/* hold: where its mark stands, 0 for none. style NSTYLES: as a level meter's zones. */
static void
put_bar(struct drawing *d, struct line *l, int width, double place, double hold, enum style style)
{
    int filled = (int)(place * width * 8.0 + 0.5), mark = hold > 0.0 ? (int)ceil(hold * width) - 1 : -1;

    for (int i = 0; i < width; i++) {
        int eighths = filled - 8 * i;
        enum style s = style == NSTYLES ? meter_style((double)i / width) : style;

        if (eighths > 0)
            put(d, l, eighths < 4 && !d->v->utf8 ? DIM : s, bar_part(d, eighths));
        else if (i == mark)
            put(d, l, s, glyph(d, HOLD));
        else
            put(d, l, DIM, glyph(d, TRACK));
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
    struct line *l = line_named(d, rank, name);
    char number[16] = "  -inf";

    put_bar(d, l, bar_width(d), meter_place(p->level_dbfs), meter_place(p->hold_dbfs), NSTYLES);
    if (is_reading(p->hold_dbfs))
        snprintf(number, sizeof number, "%+6.1f", fmin(p->hold_dbfs, 999.0));
    put(d, l, p->hold_dbfs >= 0.0 ? RED : PLAIN, number);
    if (bar_width(d) && p->hold_dbfs >= 0.0)
        put(d, l, RED, " !");
}

/* Each mark stands centred under its place; those that would touch the one before are left out. */
static void
draw_scale(struct drawing *d)
{
    static const int marks[] = {-60, -40, -30, -20, -10, -6, -3, 0};
    struct line *l = line_named(d, 12, "");
    int start = l->columns, width = bar_width(d);

    for (size_t i = 0; width && i < LEN(marks); i++) {
        char text[8];
        int n = snprintf(text, sizeof text, "%d", marks[i]);
        int at = start + (int)(meter_place(marks[i]) * width) - (i == LEN(marks) - 1 ? 1 : i ? n / 2 : 0);

        if (i == 0 || at > l->columns) {
            pad_to(d, l, at);
            put(d, l, DIM, text);
        }
    }
    if (width)
        put(d, l, DIM, "  dBFS");
}

static void
draw_reduction(struct drawing *d, const struct view_stage *g, bool bypass)
{
    struct line *l = line_named(d, 70, g->name ? g->name : "");
    double reduction = is_reading(g->reduction_db) ? fmax(g->reduction_db, 0.0) : 0.0;
    char number[16];

    if (!g->on || bypass) {
        put(d, l, DIM, g->on ? "bypassed" : "off");
        return;
    }
    put_bar(d, l, bar_width(d), fmin(reduction / REDUCTION_DB, 1.0), 0.0, YELLOW);
    snprintf(number, sizeof number, "%6.1f", fmin(reduction == 0.0 ? 0.0 : -reduction, 999.0));
    put(d, l, PLAIN, number);
    put(d, l, DIM, " dB");
}

/* --- the lines --- */

static void
blank(struct drawing *d, int rank)
{
    line_begin(d, rank);
}

static void
draw_head(struct drawing *d, const struct view_state *s)
{
    struct line *l = line_begin(d, 90);
    char right[96] = "";
    size_t used = 0;

    if (s->rate_hz > 0.0)
        used += (size_t)snprintf(right, sizeof right, "%g kHz   ", s->rate_hz / 1000.0);
    if (s->period > 0)
        used += (size_t)snprintf(right + used, sizeof right - used, "%d frames   ", s->period);
    if (s->latency_ms >= 0.0)
        snprintf(right + used, sizeof right - used, "latency %.1f ms", s->latency_ms);
    reserve_right(d, l, right);
    put(d, l, BOLD, "deadwax");
    if (is_set(s->server)) {
        put(d, l, PLAIN, "   ");
        put_cut(d, l, s->transport == VIEW_WAITING ? YELLOW : PLAIN, s->server);
    }
    if (l->limit < d->width)
        put_right(d, l, DIM, right);
}

static void
draw_transport(struct drawing *d, const struct view_state *s)
{
    static const struct {
        const char *word;
        enum style style;
        enum glyph glyph;
    } is[] = {
        [VIEW_STOPPED] = {"stopped", DIM, STOP},
        [VIEW_PLAYING] = {"playing", GREEN, PLAY},
        [VIEW_LIVE] = {"live", GREEN, DOT},
        [VIEW_WAITING] = {"waiting for the JACK server", YELLOW, ELLIPSIS},
    };
    struct line *l = line_begin(d, 80);
    char right[64] = "", a[24], b[24];
    bool room;

    if (s->length_s > 0.0)
        snprintf(right, sizeof right, "%s / %s", clock_text(a, sizeof a, s->position_s),
                 clock_text(b, sizeof b, s->length_s));
    else if (is_set(s->track))
        clock_text(right, sizeof right, s->position_s);
    room = reserve_right(d, l, right);
    put(d, l, is[s->transport].style, glyph(d, is[s->transport].glyph));
    put(d, l, PLAIN, " ");
    if (d->width >= NARROW || !is_set(s->track))
        put(d, l, is[s->transport].style, is[s->transport].word);
    if (d->width >= NARROW && l->columns < d->margin + d->label)
        pad_to(d, l, d->margin + d->label);
    else if (d->width >= NARROW)
        put(d, l, PLAIN, "  ");
    if (is_set(s->track))
        put_cut(d, l, BOLD, s->track);
    if (room)
        put_right(d, l, PLAIN, right);
}

static void
draw_progress(struct drawing *d, const struct view_state *s)
{
    struct line *l = line_begin(d, 30);
    int width = d->width - d->margin, at;
    double share = s->position_s / s->length_s;

    if (!(s->length_s > 0.0) || width < BAR_MIN)
        return;
    at = share > 0.0 ? (int)(fmin(share, 1.0) * width) : 0;
    for (int i = 0; i < width; i++)
        put(d, l, i <= at ? PLAIN : DIM, glyph(d, i < at ? DONE : i == at ? HEAD : TODO));
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
    struct line *l = line_named(d, 85, d->width >= WIDE ? "loudness" : "loud");
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
        int need = text_width(d, forms[f].name[i]) + 5;

        if (l->columns + need > l->limit)
            return;
        put(d, l, DIM, forms[f].name[i]);
        put(d, l, i == 3 && unsure ? DIM : PLAIN,
            loudness_text(number, sizeof number, value[i], i == 3 ? 0 : 5));
        put(d, l, DIM, i == 2 ? forms[f].lufs : i == 3 ? forms[f].lu : "");
        put(d, l, DIM, i < 3 ? forms[f].gap : unsure && value[3] > NOTHING ? "?" : "");
    }
}

static void
draw_chain(struct drawing *d, const struct view_state *s)
{
    struct line *l = line_named(d, 65, "chain");

    if (s->bypass)
        put(d, l, YELLOW, "BYPASSED   ");
    for (int i = 0; i < s->nstages; i++) {
        const struct view_stage *g = &s->stage[i];
        const char *name = g->name ? g->name : "";
        bool on = g->on && !s->bypass;

        if (l->columns + 2 + text_width(d, name) > l->limit)
            return;
        put(d, l, on ? GREEN : DIM, glyph(d, g->on ? DOT : RING));
        put(d, l, DIM, " ");
        put(d, l, on ? PLAIN : DIM, name);
        put(d, l, PLAIN, d->width >= WIDE ? "   " : "  ");
    }
}

static void
draw_print(struct drawing *d, const struct view_state *s)
{
    struct line *l = line_named(d, s->printing ? 75 : 22, "print");
    char length[24];
    bool room;

    if (!s->printing && !is_set(s->print_file)) {
        put(d, l, DIM, "off");
        return;
    }
    room = reserve_right(d, l, clock_text(length, sizeof length, s->print_s));
    if (s->printing) {
        put(d, l, RED, glyph(d, DOT));
        put(d, l, PLAIN, " ");
    } else {
        put(d, l, DIM, "done: ");
    }
    put_tail(d, l, s->printing ? BOLD : DIM, is_set(s->print_file) ? s->print_file : "");
    if (room)
        put_right(d, l, s->printing ? PLAIN : DIM, length);
}

static void
draw_load(struct drawing *d, const struct view_state *s)
{
    struct line *l = line_named(d, 55, "load");
    bool wide = d->width >= WIDE;
    int start = l->columns;
    char text[48];
    enum style worst = s->worst_percent >= 100.0 ? RED : s->worst_percent >= 70.0 ? YELLOW : PLAIN;

    snprintf(text, sizeof text, "%.1f %%", fmin(s->load_percent, 9999.0));
    put(d, l, PLAIN, text);
    put(d, l, DIM, wide ? " mean" : "");
    pad_to(d, l, start + (wide ? 15 : 8));
    snprintf(text, sizeof text, "%.1f %%", fmin(s->worst_percent, 9999.0));
    put(d, l, worst, text);
    put(d, l, DIM, d->width >= NARROW ? " worst" : "");
    pad_to(d, l, start + (wide ? 31 : d->width >= NARROW ? 22 : 16));
    put(d, l, DIM, d->width >= NARROW ? "xruns " : "xr ");
    snprintf(text, sizeof text, "%lld", s->xruns);
    put(d, l, s->xruns ? YELLOW : PLAIN, text);
}

static void
draw_addresses(struct drawing *d, const struct view_state *s)
{
    struct line *l = line_named(d, 50, d->width >= WIDE ? "address" : "addr");

    for (int i = 0; i < s->naddresses; i++) {
        if (!is_set(s->address[i]))
            continue;
        if (l->columns > d->margin + d->label)
            put(d, l, PLAIN, "   ");
        put_cut(d, l, PLAIN, s->address[i]);
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
    l = line_named(d, 88, "news");
    put_cut(d, l, YELLOW, s->news);
}

/* Left to right as listed; the highest `drop` goes first where there is no room. */
static void
draw_keys(struct drawing *d)
{
    const struct {
        const char *key, *word;
        int drop;
    } keys[] = {
        {"space", "play/stop", 1}, {glyph(d, ARROWS), "track", 2}, {"b", "bypass", 3}, {"r", "print", 4},
        {"q", "quit", 0},
    };
    struct line *l = line_begin(d, 40);
    int limit = LEN(keys), need;

    do {
        need = d->margin;
        for (size_t i = 0; i < LEN(keys); i++)
            if (keys[i].drop < limit)
                need += text_width(d, keys[i].key) + 1 + text_width(d, keys[i].word) + 3;
    } while (need - 3 > d->width && --limit > 0);
    for (size_t i = 0; i < LEN(keys); i++) {
        if (keys[i].drop >= limit)
            continue;
        put(d, l, PLAIN, l->columns > d->margin ? "   " : "");
        put(d, l, BOLD, keys[i].key);
        put(d, l, PLAIN, " ");
        put(d, l, DIM, keys[i].word);
    }
}

static void
draw_all(struct drawing *d, const struct view_state *s)
{
    draw_head(d, s);
    blank(d, 9);
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
        if (s->stage[i].reduces)
            draw_reduction(d, &s->stage[i], s->bypass);
    blank(d, 6);
    draw_loudness(d, s);
    blank(d, 4);
    draw_chain(d, s);
    draw_print(d, s);
    draw_load(d, s);
    draw_addresses(d, s);
    draw_news(d, s);
    if (d->v->keys) {
        blank(d, 3);
        draw_keys(d);
    }
}

/* Of equals the later goes first. */
static void
drop_lines(struct drawing *d, int rows)
{
    while (d->nlines > rows) {
        int least = 0;

        for (int i = 1; i < d->nlines; i++)
            if (d->line[i].rank <= d->line[least].rank)
                least = i;
        d->nlines--;
        memmove(&d->line[least], &d->line[least + 1], (size_t)(d->nlines - least) * sizeof d->line[0]);
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
    draw_all(&d, &c);
    drop_lines(&d, rows);
    for (; n < d.nlines && used + d.line[n].bytes + 2 <= size; n++)
        used += (size_t)sprintf(out + used, "%s%s", n ? "\n" : "", d.line[n].text);
    return n;
}

/* --- the terminal --- */

#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

/* What a signal handler needs to give the terminal back; one view at a time. */
static struct {
    volatile sig_atomic_t active;
    int fd;
    bool raw;
    struct termios saved;
} terminal;

static const int fatal[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
static struct sigaction before[LEN(fatal)];
static bool caught[LEN(fatal)];

/* Safe in a signal handler. */
static void
terminal_restore(void)
{
    struct pollfd p = {.fd = terminal.fd, .events = POLLOUT};

    if (!terminal.active)
        return;
    terminal.active = 0;
    poll(&p, 1, 100);
    if (write(terminal.fd, LEAVE, sizeof LEAVE - 1) < 0)
        p.revents = 0; /* the terminal is gone: nothing to restore */
    if (terminal.raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal.saved);
}

static void
on_fatal(int signal_number)
{
    terminal_restore();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* Only what nobody else handles. */
static void
catch_fatal(void)
{
    struct sigaction mine = {.sa_handler = on_fatal, .sa_flags = SA_RESETHAND};

    sigemptyset(&mine.sa_mask);
    for (size_t i = 0; i < LEN(fatal); i++) {
        sigaction(fatal[i], NULL, &before[i]);
        caught[i] = !(before[i].sa_flags & SA_SIGINFO) && before[i].sa_handler == SIG_DFL;
        if (caught[i])
            sigaction(fatal[i], &mine, NULL);
    }
}

static void
release_fatal(void)
{
    struct sigaction now;

    for (size_t i = 0; i < LEN(fatal); i++) {
        sigaction(fatal[i], NULL, &now);
        if (caught[i] && now.sa_handler == on_fatal)
            sigaction(fatal[i], &before[i], NULL);
        caught[i] = false;
    }
}

/* One key at a time and at once; signals from the keyboard stay, but for suspending: a stopped host is thrown out
   by the JACK server. */
static bool
raw_keys(void)
{
    struct termios t;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal.saved) < 0)
        return false;
    t = terminal.saved;
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    t.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
    t.c_cc[VMIN] = 0;
    t.c_cc[VTIME] = 0;
    t.c_cc[VSUSP] = _POSIX_VDISABLE;
    return tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
}

static int
open_terminal(void)
{
    const int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const char *name = ttyname(STDOUT_FILENO);
    int fd = name ? open(name, flags) : -1;

    return fd >= 0 ? fd : open("/dev/tty", flags);
}

static bool
in_foreground(int fd)
{
    pid_t group = tcgetpgrp(fd);

    return group < 0 || group == getpgrp(); /* < 0: not our controlling terminal, so nobody stops us */
}

enum status
view_open(struct view *v)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    static bool at_exit;

    *v = (struct view){.fd = -1};
    if (!isatty(STDOUT_FILENO) || !is_set(term) || strcmp(term, "dumb") == 0 || !in_foreground(STDOUT_FILENO))
        return UNAVAILABLE;
    v->fd = open_terminal();
    if (v->fd < 0)
        return UNAVAILABLE;
    setlocale(LC_CTYPE, "");
    v->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    v->colour = !is_set(no_colour);
    terminal.fd = v->fd;
    terminal.raw = v->keys = raw_keys();
    terminal.active = 1;
    if (!at_exit)
        at_exit = atexit(terminal_restore) == 0;
    catch_fatal();
    v->open = true;
    return OK;
}

static void
picture_add(struct view *v, const char *text, size_t n)
{
    if (v->size + n > sizeof v->picture)
        return;
    memcpy(v->picture + v->size, text, n);
    v->size += n;
}

static void
picture_make(struct view *v, const struct view_state *s)
{
    static char lines[VIEW_PICTURE - 1024];
    struct winsize w = {0};
    int columns = 80, rows = 24;

    if (ioctl(v->fd, TIOCGWINSZ, &w) == 0 && w.ws_col && w.ws_row) {
        columns = w.ws_col;
        rows = w.ws_row;
    }
    v->size = v->sent = 0;
    if (columns != v->columns || rows != v->rows)
        picture_add(v, ENTER, sizeof ENTER - 1);
    picture_add(v, "\033[H", 3);
    v->columns = columns;
    v->rows = rows;
    /* One column less than there is: in the last one, clearing to the line's end takes the character with it. */
    view_draw(v, lines, sizeof lines, columns > 1 ? columns - 1 : 1, rows, s);
    for (const char *l = lines, *end; l; l = end ? end + 1 : NULL) {
        end = strchr(l, '\n');
        picture_add(v, l, end ? (size_t)(end - l) : strlen(l));
        picture_add(v, end ? "\033[K\r\n" : "\033[K\033[J", end ? 5 : 6);
    }
}

void
view_show(struct view *v, const struct view_state *s)
{
    ssize_t n;

    if (!v->open)
        return;
    if (!in_foreground(v->fd)) {
        v->columns = 0; /* whoever had the terminal meanwhile: start from a clean one */
        return;
    }
    if (v->sent == v->size)
        picture_make(v, s);
    n = write(v->fd, v->picture + v->sent, v->size - v->sent);
    if (n > 0)
        v->sent += (size_t)n;
}

/* --- keys --- */

static enum view_key
key_of(char c)
{
    switch (c) {
    case ' ':
        return VIEW_KEY_PLAY;
    case 'n':
        return VIEW_KEY_NEXT;
    case 'p':
        return VIEW_KEY_PREVIOUS;
    case 'b':
        return VIEW_KEY_BYPASS;
    case 'r':
        return VIEW_KEY_PRINT;
    case 'q':
        return VIEW_KEY_QUIT;
    }
    return VIEW_KEY_NONE;
}

/* The last byte of an escape sequence. */
static enum view_key
arrow_of(char c)
{
    if (c == 'A' || c == 'D')
        return VIEW_KEY_PREVIOUS;
    return c == 'B' || c == 'C' ? VIEW_KEY_NEXT : VIEW_KEY_NONE;
}

/* Bytes of the sequence that `typed` starts with; 0 while it may go on. */
static int
sequence_length(const char *typed, int n)
{
    if (n < 2)
        return 0;
    if (typed[1] != '[' && typed[1] != 'O')
        return 2;
    for (int i = 2; i < n; i++)
        if (typed[i] >= 0x40 && typed[i] <= 0x7e)
            return i + 1;
    return 0;
}

enum view_key
view_key(struct view *v)
{
    enum view_key key = VIEW_KEY_NONE;
    ssize_t n;

    if (!v->open || !v->keys || !in_foreground(STDIN_FILENO))
        return VIEW_KEY_NONE;
    n = read(STDIN_FILENO, v->typed + v->ntyped, sizeof v->typed - (size_t)v->ntyped);
    if (n <= 0 && v->ntyped && v->typed[0] == '\033' && !sequence_length(v->typed, v->ntyped))
        v->ntyped = 0; /* the escape key, or a torn sequence */
    v->ntyped += n > 0 ? (int)n : 0;
    while (v->ntyped && key == VIEW_KEY_NONE) {
        bool escape = v->typed[0] == '\033';
        int length = escape ? sequence_length(v->typed, v->ntyped) : 1;

        if (!length && v->ntyped < (int)sizeof v->typed)
            break;
        length = length ? length : v->ntyped;
        key = !escape ? key_of(v->typed[0]) : length > 2 ? arrow_of(v->typed[length - 1]) : VIEW_KEY_NONE;
        v->ntyped -= length;
        memmove(v->typed, v->typed + length, (size_t)v->ntyped);
    }
    return key;
}

void
view_close(struct view *v)
{
    if (!v->open)
        return;
    terminal_restore();
    release_fatal();
    close(v->fd);
    v->open = false;
    v->fd = -1;
}
