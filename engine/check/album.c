/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/album.h"

#include "engine/check/target.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ODD_DEVIATIONS (3.5 * 1.4826) /* median absolute deviations; the header names the source */

/* Differences to the median that a listener lets pass: proposals of ours, no public figures exist. */
#define ODD_LOUDNESS_LU 2.0
#define ODD_RANGE_LU    5.0
#define ODD_PEAK_DB     2.0
#define ODD_TONE_DB     2.0
#define ODD_GAP_S       1.0

#define GRID_RATE_HZ 48000.0 /* of the joined measurement; the tracks' own may differ */

enum { CD_TRACKS = 99 };

/* --- what was taken --- */

struct heard { /* of a track */
    char *path;
    double rate_hz, length_s;
    int bits, nch;
};

struct album {
    const struct target *target;
    struct loudness loudness; /* of all, joined */
    bool has_loudness, no_mem;
    struct heard *heard;
    int nheard;
};

enum status
album_open(struct album **out, const struct target *t)
{
    struct album *a = calloc(1, sizeof *a);

    *out = a;
    if (!a)
        return NO_MEM;
    a->target = t;
    if (loudness_prepare(&a->loudness, GRID_RATE_HZ) == OK)
        return OK;
    free(a);
    *out = NULL;
    return NO_MEM;
}

void
album_close(struct album *a)
{
    if (!a)
        return;
    for (int i = 0; i < a->nheard; i++)
        free(a->heard[i].path);
    free(a->heard);
    loudness_free(&a->loudness);
    free(a);
}

void
album_take_loudness(struct album *a, const struct loudness *track)
{
    loudness_join(&a->loudness, track);
    a->has_loudness = true;
}

void
album_take_sound(struct album *a, const struct sound_info *sound, int64_t frames)
{
    struct heard *more = realloc(a->heard, sizeof *more * (size_t)(a->nheard + 1));
    char *path = strdup(sound->path);

    if (more)
        a->heard = more;
    if (!more || !path) {
        a->no_mem = true;
        free(path);
        return;
    }
    a->heard[a->nheard++] = (struct heard){.path = path,
                                           .rate_hz = sound->rate_hz,
                                           .length_s = (double)frames / sound->rate_hz,
                                           .bits = sound->bits,
                                           .nch = sound->nch};
}

/* --- the album under judgement --- */

enum { BANDS = 28, BAND_LOWEST = -15 /* third octaves from 1 kHz: 31.5 Hz to 16 kHz */ };

struct entry { /* of a track; NAN: not measured */
    const struct report *r;
    const struct heard *heard; /* NULL: nothing was */
    const char *name, *md5;    /* md5: NULL: not measured */
    double integrated, range, peak, head, tail;
    double tone[BANDS];            /* dB to its own mean */
    double tone_distance, tone_db; /* to the others' mean, RMS; where it is farthest */
    int tone_band;
};

struct judged {
    struct album *a;
    struct entry *track;
    double *scratch, *value; /* room for sorting; three columns of a number a track */
    int n;
    struct report *out;
};

static const struct figure figures[] = {
    {"album/tracks", "Tracks", FIGURE_NUMBER, UNIT_NONE, 0, "How many files were checked as one album."},
    {"album/length", "Length", FIGURE_NUMBER, UNIT_S, 1, "All tracks, one after the other."},
    {"album/integrated", "Integrated", FIGURE_NUMBER, UNIT_LUFS, 1,
     "Loudness of the album as one programme, gated."},
    {"album/range", "Loudness range", FIGURE_NUMBER, UNIT_LU, 1, "Of the album as one programme."},
    {"album/max_true_peak", "True peak", FIGURE_NUMBER, UNIT_DBTP, 2, "The highest of any track."},
    {"album/loudest", "Loudest track", FIGURE_TEXT, UNIT_NONE, 0, "By integrated loudness."},
    {"album/quietest", "Quietest track", FIGURE_TEXT, UNIT_NONE, 0, "By integrated loudness."},
    {"album/median", "Median", FIGURE_NUMBER, UNIT_LUFS, 1,
     "Loudness that as many tracks are above as below."},
    {"album/loudness_spread", "Loudness spread", FIGURE_NUMBER, UNIT_LU, 1,
     "From the quietest track to the loudest."},
    {"album/range_spread", "Range spread", FIGURE_NUMBER, UNIT_LU, 1,
     "From the smallest loudness range of a track to the largest."},
    {"album/peak_spread", "Peak spread", FIGURE_NUMBER, UNIT_DB, 2,
     "From the lowest true peak of a track to the highest."},
    {"album/tone_distance", "Tonal distance", FIGURE_NUMBER, UNIT_DB, 1,
     "Of the track whose tonal balance is farthest from that of the others, RMS over third octaves."},
    {"album/shortest_gap", "Shortest gap", FIGURE_NUMBER, UNIT_S, 2,
     "Silence between neighbours: the tail of one and the head of the next."},
    {"album/longest_gap", "Longest gap", FIGURE_NUMBER, UNIT_S, 2,
     "Silence between neighbours: the tail of one and the head of the next."},
    {"album/odd_one_out", "Odd one out", FIGURE_TEXT, UNIT_NONE, 0,
     "The track that fits the others least, and by which measure."},
};

static void __attribute__((format(printf, 5, 6)))
tell(struct judged *j, const char *kind, enum severity severity, const char *mend, const char *what, ...)
{
    struct finding f = {kind, severity, -1, FINDING_WHOLE, FINDING_WHOLE, "", ""};
    va_list ap;

    va_start(ap, what);
    vsnprintf(f.what, sizeof f.what, what, ap);
    va_end(ap);
    snprintf(f.mend, sizeof f.mend, "%s", mend);
    report_find(j->out, &f);
}

/* --- numbers --- */

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of those that are measured, which are left sorted in scratch; NAN: none is. */
static double
median(struct judged *j, const double *value, int n, int *count)
{
    *count = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(value[i]))
            j->scratch[(*count)++] = value[i];
    if (*count == 0)
        return NAN;
    qsort(j->scratch, (size_t)*count, sizeof *j->scratch, by_value);
    return (j->scratch[(*count - 1) / 2] + j->scratch[*count / 2]) / 2.0;
}

/* How far from the median a value must be to be odd; infinity where nothing can be. */
static double
odd_limit(struct judged *j, const double *value, int n, double middle, double least)
{
    double deviation;
    int count;

    for (int i = 0; i < n; i++)
        j->value[i] = fabs(value[i] - middle);
    deviation = median(j, j->value, n, &count);
    return count < 3 ? INFINITY : fmax(ODD_DEVIATIONS * deviation, least);
}

static double
spread(struct judged *j, const double *value, double *least, double *most)
{
    int count;
    double middle = median(j, value, j->n, &count);

    *least = count ? j->scratch[0] : NAN;
    *most = count ? j->scratch[count - 1] : NAN;
    return middle;
}

/* One number of each track into a column. */
static void
column(const struct judged *j, size_t offset, double *value)
{
    for (int i = 0; i < j->n; i++)
        value[i] = *(const double *)((const char *)&j->track[i] + offset);
}

/* --- tonal balance --- */

/* Third octaves of a curve on a grid of log frequency, in dB to their own mean; what is 60 dB below the strongest is
   taken for nothing but floor. */
static void
balance_of(const struct series *s, double *tone)
{
    double power[BANDS] = {0.0}, top = -INFINITY, mean = 0.0;
    int points[BANDS] = {0}, count = 0;

    for (int i = 0; i < s->count; i++) {
        int b = (int)round(3.0 * log2(s->from * pow(s->step, i) / 1000.0)) - BAND_LOWEST;

        if (b >= 0 && b < BANDS && isfinite(s->value[i])) {
            power[b] += pow(10.0, s->value[i] / 10.0);
            points[b]++;
        }
    }
    for (int b = 0; b < BANDS; b++) {
        tone[b] = points[b] ? 10.0 * log10(power[b] / points[b] + 1e-30) : NAN;
        top = fmax(top, tone[b]);
    }
    for (int b = 0; b < BANDS; b++)
        if (!isnan(tone[b])) {
            tone[b] = fmax(tone[b], top - 60.0);
            mean += tone[b];
            count++;
        }
    for (int b = 0; b < BANDS; b++)
        tone[b] -= mean / (count ? count : 1);
}

static void
read_balance(struct entry *t)
{
    const struct figure_value *v = report_measured(t->r, "tone/spectrum");

    for (int b = 0; b < BANDS; b++)
        t->tone[b] = NAN;
    if (v && v->figure->kind == FIGURE_SERIES && v->series.log)
        balance_of(&v->series, t->tone);
}

/* The others' mean in a band; NAN: it has none. */
static double
others_tone(const struct judged *j, int self, int band)
{
    double sum = 0.0;
    int count = 0;

    for (int i = 0; i < j->n; i++)
        if (i != self && !isnan(j->track[i].tone[band])) {
            sum += j->track[i].tone[band];
            count++;
        }
    return count ? sum / count : NAN;
}

static void
compare_balance(struct judged *j, int self)
{
    struct entry *t = &j->track[self];
    double sum = 0.0;
    int count = 0;

    t->tone_db = 0.0;
    for (int b = 0; b < BANDS; b++) {
        double d = t->tone[b] - others_tone(j, self, b);

        if (isnan(d))
            continue;
        sum += d * d;
        count++;
        if (fabs(d) > fabs(t->tone_db)) {
            t->tone_db = d;
            t->tone_band = b;
        }
    }
    t->tone_distance = count > BANDS / 2 ? sqrt(sum / count) : NAN;
}

/* --- the odd one out --- */

struct measure {
    const char *name, *unit, *low, *high, *mend;
    size_t offset;
    double least; /* that counts */
    bool only_above;
};

static const struct measure measures[] = {
    {"loudness", "LU", "quieter", "louder", "move its level nearer to the others', unless it is meant so",
     offsetof(struct entry, integrated), ODD_LOUDNESS_LU, false},
    {"loudness range", "LU", "narrower", "wider", "compare its dynamics with the others'",
     offsetof(struct entry, range), ODD_RANGE_LU, false},
    {"true peak", "dB", "lower", "higher", "limit it to the others' ceiling", offsetof(struct entry, peak),
     ODD_PEAK_DB, false},
    {"tonal balance", "dB", "", "away", "compare its equalisation with the others'",
     offsetof(struct entry, tone_distance), ODD_TONE_DB, true},
};

enum { MEASURES = LEN(measures) };

static void
describe(const struct judged *j, const struct measure *m, int track, double off, char *text, size_t size)
{
    const struct entry *t = &j->track[track];

    if (m->only_above)
        snprintf(text, size, "%s: %s, %.1f dB RMS from the others, most at %.0f Hz, %+.1f dB", t->name,
                 m->name, t->tone_distance, 1000.0 * pow(2.0, (t->tone_band + BAND_LOWEST) / 3.0),
                 t->tone_db);
    else
        snprintf(text, size, "%s: %s, %.1f %s %s than the median", t->name, m->name, fabs(off), m->unit,
                 off < 0.0 ? m->low : m->high);
}

struct oddness {
    const struct measure *by; /* NULL: not odd */
    double how, off;          /* in limits; from the median */
};

static void
weigh(struct judged *j, const struct measure *m, struct oddness *odd)
{
    double *value = j->value + j->n, middle, limit;
    int count;

    column(j, m->offset, value);
    middle = median(j, value, j->n, &count);
    limit = odd_limit(j, value, j->n, middle, m->least);
    for (int i = 0; i < j->n; i++) {
        double off = value[i] - middle, how = (m->only_above ? off : fabs(off)) / limit;

        if (how > 1.0 && how > odd[i].how)
            odd[i] = (struct oddness){m, how, off};
    }
}

/* A track is told once, by the measure that makes it oddest. */
static void
find_odd(struct judged *j, struct oddness *odd)
{
    char text[REPORT_WORDS];
    double worst = 0.0;

    for (int m = 0; m < MEASURES; m++)
        weigh(j, &measures[m], odd);
    for (int i = 0; i < j->n; i++) {
        if (!odd[i].by)
            continue;
        describe(j, odd[i].by, i, odd[i].off, text, sizeof text);
        tell(j, "odd_one_out", SEVERITY_WARN, odd[i].by->mend, "%s", text);
        if (odd[i].how > worst)
            report_text(j->out, "album/odd_one_out", "%s", text);
        worst = fmax(worst, odd[i].how);
    }
}

/* --- formats --- */

static double
rate_of(const struct heard *h)
{
    return h->rate_hz;
}

static double
bits_of(const struct heard *h)
{
    return h->bits;
}

static double
channels_of(const struct heard *h)
{
    return h->nch;
}

/* The first of those that most tracks have. */
static double
most_common(const struct judged *j, double (*of)(const struct heard *))
{
    double best = NAN;
    int most = 0;

    for (int i = 0; i < j->n; i++) {
        int count = 0;

        if (!j->track[i].heard)
            continue;
        for (int k = i; k < j->n; k++)
            count += j->track[k].heard && of(j->track[k].heard) == of(j->track[i].heard);
        if (count > most) {
            most = count;
            best = of(j->track[i].heard);
        }
    }
    return best;
}

static void
find_mixed(struct judged *j, const char *kind, const char *unit, double (*of)(const struct heard *))
{
    double usual = most_common(j, of);

    for (int i = 0; i < j->n; i++)
        if (j->track[i].heard && of(j->track[i].heard) != usual)
            tell(j, kind, SEVERITY_WARN, "make all tracks alike", "%s has %g %s, the album %g",
                 j->track[i].name, of(j->track[i].heard), unit, usual);
}

static void
find_same(struct judged *j)
{
    for (int i = 1; i < j->n; i++)
        for (int k = 0; k < i; k++)
            if (j->track[i].md5 && j->track[k].md5 && strcmp(j->track[i].md5, j->track[k].md5) == 0) {
                tell(j, "same_sound", SEVERITY_WARN, "take one of them out, or find the file that was meant",
                     "%s and %s hold the same sound, bit for bit", j->track[k].name, j->track[i].name);
                break;
            }
}

/* --- spacing and length --- */

static void
find_gaps(struct judged *j, double *gap)
{
    double middle, limit, least, most;
    int count;

    gap[0] = NAN;
    for (int i = 1; i < j->n; i++)
        gap[i] = j->track[i - 1].tail + j->track[i].head;
    spread(j, gap, &least, &most);
    report_put(j->out, "album/shortest_gap", least);
    report_put(j->out, "album/longest_gap", most);
    middle = median(j, gap, j->n, &count);
    limit = odd_limit(j, gap, j->n, middle, ODD_GAP_S);
    for (int i = 1; i < j->n; i++)
        if (fabs(gap[i] - middle) > limit)
            tell(j, "odd_gap", SEVERITY_NOTE, "listen to it from end to start",
                 "%.2f s of silence before %s, the median is %.2f s", gap[i], j->track[i].name, middle);
}

static void
judge_length(struct judged *j)
{
    const struct target *t = j->a->target;
    double length = 0.0, most;
    bool over;

    for (int i = 0; i < j->n; i++)
        length += j->track[i].heard ? j->track[i].heard->length_s : NAN;
    report_put(j->out, "album/length", length);
    if (!target_is_cd(t) && !target_is_vinyl(t))
        return;
    over = length > t->max_length_s;
    most = over ? t->max_length_s : t->good_length_s;
    if (length > most)
        tell(j, "too_long", over ? SEVERITY_FAIL : SEVERITY_WARN, "leave a track out, or use a second one",
             "all tracks last %d:%02d, the %s for %s is %d:%02d", (int)(length / 60.0), (int)length % 60,
             over ? "most" : "good length", t->title, (int)(most / 60.0), (int)most % 60);
    if (target_is_cd(t) && j->n > CD_TRACKS)
        tell(j, "too_many_tracks", SEVERITY_FAIL, "join some, or use a second one",
             "%d tracks, a CD has %d at most", j->n, CD_TRACKS);
}

/* --- levels --- */

static void
put_extremes(struct judged *j)
{
    int loudest = -1, quietest = -1;

    for (int i = 0; i < j->n; i++) {
        double l = j->track[i].integrated;

        if (isnan(l))
            continue;
        if (loudest < 0 || l > j->track[loudest].integrated)
            loudest = i;
        if (quietest < 0 || l < j->track[quietest].integrated)
            quietest = i;
    }
    if (loudest < 0)
        return;
    report_text(j->out, "album/loudest", "%s, %.1f LUFS", j->track[loudest].name,
                j->track[loudest].integrated);
    report_text(j->out, "album/quietest", "%s, %.1f LUFS", j->track[quietest].name,
                j->track[quietest].integrated);
}

static void
put_levels(struct judged *j, double *value)
{
    double integrated = loudness_integrated_lufs(&j->a->loudness), least, most;
    bool measured = j->a->has_loudness && integrated > LOUDNESS_NONE_LUFS;

    report_put(j->out, "album/tracks", j->n);
    report_put(j->out, "album/integrated", measured ? integrated : NAN);
    report_put(j->out, "album/range", measured ? loudness_range_lu(&j->a->loudness) : NAN);
    put_extremes(j);
    column(j, offsetof(struct entry, integrated), value);
    report_put(j->out, "album/median", spread(j, value, &least, &most));
    report_put(j->out, "album/loudness_spread", most - least);
    column(j, offsetof(struct entry, range), value);
    spread(j, value, &least, &most);
    report_put(j->out, "album/range_spread", most - least);
    column(j, offsetof(struct entry, peak), value);
    spread(j, value, &least, &most);
    report_put(j->out, "album/max_true_peak", most);
    report_put(j->out, "album/peak_spread", most - least);
    column(j, offsetof(struct entry, tone_distance), value);
    spread(j, value, &least, &most);
    report_put(j->out, "album/tone_distance", most);
}

/* Services that turn albums as one; the others play the tracks as their own reports say. */
static void
add_platform(struct judged *j, const struct target *t)
{
    double integrated = round(report_number(j->out, "album/integrated") * 10.0) / 10.0, by = integrated;
    const struct figure_value *loudest = report_measured(j->out, "album/loudest");
    char rule[REPORT_WORDS / 2];
    struct platform p;

    if (t->unit == NORMALISE_LOUDEST) {
        by = NAN;
        for (int i = 0; i < j->n; i++)
            by = fmax(by, round(j->track[i].integrated * 10.0) / 10.0);
    }
    snprintf(p.name, sizeof p.name, "%s", t->name);
    snprintf(p.title, sizeof p.title, "%s", t->title);
    snprintf(p.date, sizeof p.date, "%s", t->date);
    p.gain_db = target_gain_db(t, by, report_number(j->out, "album/max_true_peak"), rule, sizeof rule);
    p.played_lufs = integrated + p.gain_db;
    if (t->unit == NORMALISE_LOUDEST && loudest)
        snprintf(p.rule, sizeof p.rule, "by its loudest track (%.80s): %s", loudest->text, rule);
    else
        snprintf(p.rule, sizeof p.rule, "the album as one: %s", rule);
    if (!isnan(p.played_lufs))
        report_platform(j->out, &p);
}

static void
judge_services(struct judged *j)
{
    struct target **all;
    struct err e;
    int count;

    target_list(&all, &count, &e);
    for (int i = 0; i < count; i++)
        if (all[i]->kind == TARGET_STREAMING && all[i]->unit != NORMALISE_TRACK)
            add_platform(j, all[i]);
    target_free_list(all, count);
}

/* --- all of it --- */

static void
read_track(struct judged *j, int i, const struct report *r, int *from)
{
    const char *path = report_path(r), *slash = strrchr(path, '/');
    const struct figure_value *md5 = report_measured(r, "format/pcm_md5");
    struct entry *t = &j->track[i];

    *t = (struct entry){.r = r,
                        .name = slash ? slash + 1 : path,
                        .md5 = md5 ? md5->text : NULL,
                        .integrated = report_number(r, "loudness/integrated"),
                        .range = report_number(r, "loudness/range"),
                        .peak = report_number(r, "levels/max_true_peak"),
                        .head = report_number(r, "faults/head_quiet"),
                        .tail = report_number(r, "faults/tail_quiet")};
    for (int k = *from; k < j->a->nheard && !t->heard; k++)
        if (strcmp(j->a->heard[k].path, path) == 0) {
            t->heard = &j->a->heard[k];
            *from = k + 1;
        }
    read_balance(t);
}

static void
put_tracks(struct judged *j, const double *gap)
{
    double middle = report_number(j->out, "album/median");

    for (int i = 0; i < j->n; i++) {
        struct track t = {.integrated_lufs = j->track[i].integrated,
                          .offset_lu = j->track[i].integrated - middle,
                          .range_lu = j->track[i].range,
                          .max_dbtp = j->track[i].peak,
                          .gap_s = gap[i],
                          .tone_db = j->track[i].tone_distance};

        snprintf(t.path, sizeof t.path, "%s", report_path(j->track[i].r));
        report_track(j->out, &t);
    }
}

static void
judge(struct judged *j, const struct report *const *r, struct oddness *odd)
{
    double *gap = j->value + 2 * j->n;
    int from = 0;

    for (int i = 0; i < j->n; i++)
        read_track(j, i, r[i], &from);
    for (int i = 0; i < j->n; i++)
        compare_balance(j, i);
    put_levels(j, j->value + j->n);
    find_gaps(j, gap);
    judge_length(j);
    find_mixed(j, "mixed_rates", "Hz", rate_of);
    find_mixed(j, "mixed_bits", "bit", bits_of);
    find_mixed(j, "mixed_channels", "channels", channels_of);
    find_same(j);
    find_odd(j, odd);
    put_tracks(j, gap);
    judge_services(j);
}

enum status
album_finish(struct album *a, const struct report *const *r, int n, struct report **out)
{
    struct judged j = {.a = a, .n = n};
    struct oddness *odd = calloc((size_t)n + 1, sizeof *odd);
    enum status status = report_open(&j.out, "album");

    *out = NULL;
    j.track = calloc((size_t)n + 1, sizeof *j.track);
    j.scratch = calloc(4 * ((size_t)n + 1), sizeof *j.scratch);
    j.value = j.scratch ? j.scratch + n + 1 : NULL;
    if (status == OK && (!j.track || !odd || !j.scratch || a->no_mem))
        status = NO_MEM;
    if (status == OK)
        status = report_add(j.out, figures, LEN(figures));
    if (status == OK && n > 0) {
        judge(&j, r, odd);
        status = report_finish(j.out);
    }
    free(j.track);
    free(odd);
    free(j.scratch);
    if (status == OK)
        *out = j.out;
    else
        report_close(j.out);
    return status;
}
