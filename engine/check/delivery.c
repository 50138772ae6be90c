/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/delivery.h"

#include "engine/check/album.h"
#include "engine/check/target.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Meters differ by this much; beyond it a ceiling is broken for good. Ours. */
#define PEAK_GRACE_DB 0.1

/* Figures are judged as people read them: loudness to 0.1 LU (EBU Tech 3341), peaks to 0.01 dB. */
#define LOUDNESS_STEP 10.0
#define PEAK_STEP     100.0
#define HAIR          1e-6 /* that a limit's own binary digits may be off */

static const struct figure figures[] = {
    {"delivery/target", "Target", FIGURE_TEXT, UNIT_NONE, 0, "What the file is measured against."},
};

struct judge {
    const struct check_context *x;
    const struct target *t;
    struct report *r;
    double integrated, range, short_term, peak, itu_peak; /* as read; NAN: not measured */
};

static double
as_read(const struct report *r, const char *key, double step)
{
    return round(report_number(r, key) * step) / step;
}

/* --- findings --- */

/* Of the file as a whole. Tell then adds the mend and writes it into the report. */
static void __attribute__((format(printf, 4, 5)))
find(struct finding *f, const char *kind, enum severity severity, const char *what, ...)
{
    va_list ap;

    *f = (struct finding){kind, severity, -1, FINDING_WHOLE, FINDING_WHOLE, "", ""};
    va_start(ap, what);
    vsnprintf(f->what, sizeof f->what, what, ap);
    va_end(ap);
}

static void __attribute__((format(printf, 3, 4)))
tell(const struct judge *j, struct finding *f, const char *mend, ...)
{
    va_list ap;

    va_start(ap, mend);
    vsnprintf(f->mend, sizeof f->mend, mend, ap);
    va_end(ap);
    report_find(j->r, f);
}

/* --- peaks --- */

static bool
is_measured_on_arrival(const struct target *t)
{
    return t->kind == TARGET_BROADCAST || t->kind == TARGET_VIDEO || t->kind == TARGET_DELIVERY;
}

/* The Recommendation's own filter reads up to 0.5 dB more than the wave has: that alone fails only where somebody will
   measure with it. */
static enum severity
peak_severity(const struct judge *j, double over_db, bool itu)
{
    if (over_db <= PEAK_GRACE_DB + HAIR || j->t->ceiling_advised)
        return SEVERITY_WARN;
    return itu && !is_measured_on_arrival(j->t) ? SEVERITY_WARN : SEVERITY_FAIL;
}

static void
judge_peak(const struct judge *j, bool itu)
{
    const char *kind = itu ? "itu_peak_over" : "true_peak_over";
    const char *reading = itu ? "true peak as other meters read it (ITU, 4 x 12 taps)" : "true peak";
    double peak = itu ? j->itu_peak : j->peak;
    double over = peak - j->t->ceiling_dbtp, loud_over = peak - j->t->ceiling_loud_dbtp;
    struct finding f;

    if (over > HAIR) {
        find(&f, kind, peak_severity(j, over, itu),
             "%s of %.2f dBTP is %.2f dB above the ceiling for %s, %g dBTP", reading, peak, over, j->t->title,
             j->t->ceiling_dbtp);
        tell(j, &f, "lower by %.1f dB, or limit to %g dBTP", ceil(over * 10.0 - HAIR) / 10.0,
             j->t->ceiling_dbtp);
    } else if (loud_over > HAIR && j->integrated > j->t->loudness_lufs + HAIR) {
        find(&f, kind, SEVERITY_WARN,
             "%s of %.2f dBTP is %.2f dB above what %s advises for masters louder than %g LUFS, %g dBTP",
             reading, peak, loud_over, j->t->title, j->t->loudness_lufs, j->t->ceiling_loud_dbtp);
        tell(j, &f, "limit to %g dBTP, or listen to what its encoder makes of it", j->t->ceiling_loud_dbtp);
    }
}

/* --- loudness --- */

/* Dialogue is not what we measure, and a guideline is for services: nobody turns the file away. */
static enum severity
loudness_severity(const struct target *t)
{
    return t->gate == GATE_DIALOGUE || t->kind == TARGET_GUIDELINE ? SEVERITY_WARN : SEVERITY_FAIL;
}

static const char *
gate_remark(const struct target *t)
{
    return t->gate == GATE_DIALOGUE ? "; it means the dialogue, this is the programme" : "";
}

static void
judge_too_loud(const struct judge *j, double off)
{
    struct finding f;

    find(&f, "too_loud", loudness_severity(j->t), "%.1f LUFS is %.1f LU above %g for %s%s", j->integrated,
         off, j->t->loudness_lufs, j->t->title, gate_remark(j->t));
    tell(j, &f, "lower by %.1f dB", off);
}

static void
judge_too_quiet(const struct judge *j, double off)
{
    double peak = j->peak + off, ceiling = target_ceiling_dbtp(j->t);
    struct finding f;

    find(&f, "too_quiet", loudness_severity(j->t), "%.1f LUFS is %.1f LU below %g for %s%s", j->integrated,
         off, j->t->loudness_lufs, j->t->title, gate_remark(j->t));
    if (peak > ceiling + HAIR)
        tell(j, &f, "raise by %.1f dB and limit to %g dBTP: its peak would be at %.1f dBTP", off, ceiling,
             peak);
    else
        tell(j, &f, "raise by %.1f dB", off);
}

/* The file may have any loudness: it is turned. Not a fault, but good to know. */
static void
judge_turned(const struct judge *j)
{
    char rule[REPORT_WORDS];
    double gain = target_gain_db(j->t, j->integrated, j->peak, rule, sizeof rule);
    double missing = j->t->loudness_lufs - j->integrated - gain;
    struct finding f;

    if (gain < -HAIR) {
        find(&f, "too_loud", SEVERITY_NOTE, "%s turns it down by %.1f dB, to %g LUFS", j->t->title, -gain,
             j->t->loudness_lufs);
        tell(j, &f, "nothing must be done; a master less limited would be as loud there");
    } else if (missing > HAIR) {
        find(&f, "too_quiet", SEVERITY_NOTE, "%s plays it at %.1f LUFS, %.1f LU below most", j->t->title,
             j->integrated + gain, missing);
        tell(j, &f, "raise by %.1f dB if it is to be as loud as others there", missing);
    }
}

static void
judge_loudness(const struct judge *j)
{
    double off = j->integrated - j->t->loudness_lufs;

    if (isnan(off))
        return;
    if (isnan(j->t->tolerance_lu) && j->t->normalise != NORMALISE_NONE)
        judge_turned(j);
    else if (off > j->t->tolerance_lu + HAIR)
        judge_too_loud(j, off);
    else if (-off > j->t->tolerance_lu + HAIR && !j->t->quieter_ok)
        judge_too_quiet(j, -off);
}

static void
judge_dynamics(const struct judge *j)
{
    double over = j->short_term - j->t->max_short_term_lufs;
    struct finding f;

    if (over > HAIR) {
        find(&f, "short_term_over", SEVERITY_FAIL,
             "short-term loudness reaches %.1f LUFS, %.1f LU above the %g for %s", j->short_term, over,
             j->t->max_short_term_lufs, j->t->title);
        tell(j, &f, "lower its loudest 3 s by %.1f dB", over);
    }
    if (j->range > j->t->range_max_lu + HAIR) {
        find(&f, "range_over", SEVERITY_WARN, "loudness range of %.1f LU is above the %g LU for %s", j->range,
             j->t->range_max_lu, j->t->title);
        tell(j, &f, "bring loud and quiet parts %.1f LU closer", j->range - j->t->range_max_lu);
    }
    if (j->range < j->t->range_min_lu - HAIR) {
        find(&f, "range_under", SEVERITY_WARN, "loudness range of %.1f LU is below the %g LU for %s",
             j->range, j->t->range_min_lu, j->t->title);
        tell(j, &f, "leave more between loud and quiet parts");
    }
}

/* --- format --- */

static bool
takes(const struct form_numbers *list, double value)
{
    for (int i = 0; i < list->count; i++)
        if (list->value[i] == value)
            return true;
    return list->count == 0;
}

/* "44100, 48000 or 96000". */
static const char *
words_of(const struct form_numbers *list, char *out, size_t size)
{
    size_t used = 0;

    for (int i = 0; i < list->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%g",
                                 i == 0                 ? ""
                                 : i == list->count - 1 ? " or "
                                                        : ", ",
                                 list->value[i]);
    return out;
}

static void
judge_format(const struct judge *j)
{
    const struct sound_info *s = j->x->sound;
    const struct target *t = j->t;
    struct finding f;
    char words[128];

    if (!takes(&t->rates_hz, s->rate_hz)) {
        find(&f, "wrong_rate", SEVERITY_FAIL, "%g Hz is not what %s takes", s->rate_hz, t->title);
        tell(j, &f, "convert to %s Hz", words_of(&t->rates_hz, words, sizeof words));
    }
    if (!takes(&t->bits, s->is_float || s->is_lossy ? 0.0 : s->bits)) {
        find(&f, "wrong_bits", SEVERITY_FAIL, "%s is not what %s takes", s->coding, t->title);
        tell(j, &f, "%s %s bit PCM", s->is_lossy ? "go back to the master and make" : "make",
             words_of(&t->bits, words, sizeof words));
    }
    if (!takes(&t->channels, s->nch)) {
        find(&f, "wrong_channels", SEVERITY_FAIL, "%d channel%s: not what %s takes", s->nch,
             s->nch == 1 ? "" : "s", t->title);
        tell(j, &f, "make a file of %s channels", words_of(&t->channels, words, sizeof words));
    }
}

static const char *
minutes(double s, char *out, size_t size)
{
    snprintf(out, size, "%d:%04.1f", (int)(s / 60.0), s - 60.0 * (int)(s / 60.0));
    return out;
}

/* Tracks of a CD or a record are short each; their sum is the album's business. */
static void
judge_length(const struct judge *j)
{
    const struct target *t = j->t;
    double length = (double)j->x->frames / j->x->sound->rate_hz;
    double most = length > t->max_length_s ? t->max_length_s : t->good_length_s;
    bool of_album = j->x->album && (t->cd || t->vinyl);
    struct finding f;
    char is[32], may[32];

    minutes(length, is, sizeof is);
    if (length > most && !of_album) {
        find(&f, "too_long", length > t->max_length_s ? SEVERITY_FAIL : SEVERITY_WARN,
             "it lasts %s, the %s for %s is %s", is, length > t->max_length_s ? "most" : "good length",
             t->title, minutes(most, may, sizeof may));
        tell(j, &f, "make it %.1f s shorter%s", length - most,
             t->vinyl ? ", or cut it at a lower level" : "");
    }
    if (length < t->min_length_s) {
        find(&f, "too_short", SEVERITY_FAIL, "it lasts %s, the least for %s is %s", is, t->title,
             minutes(t->min_length_s, may, sizeof may));
        tell(j, &f, "add %.1f s of silence, or join it to its neighbour", t->min_length_s - length);
    }
}

/* --- services --- */

static void
add_platform(const struct judge *j, const struct target *t)
{
    struct platform p;

    snprintf(p.name, sizeof p.name, "%s", t->name);
    snprintf(p.title, sizeof p.title, "%s", t->title);
    snprintf(p.date, sizeof p.date, "%s", t->date);
    p.gain_db = target_gain_db(t, j->integrated, j->peak, p.rule, sizeof p.rule);
    p.played_lufs = j->integrated + p.gain_db;
    if (!isnan(p.played_lufs))
        report_platform(j->r, &p);
}

static void
judge_services(const struct judge *j)
{
    struct target **all;
    struct err e;
    struct finding f;
    int count;
    enum status status = target_list(&all, &count, &e);

    for (int i = 0; i < count; i++)
        if (all[i]->kind == TARGET_STREAMING)
            add_platform(j, all[i]);
    target_free_list(all, count);
    if (status == OK && !e.text[0])
        return;
    find(&f, "target_unreadable", SEVERITY_NOTE, "%.*s", REPORT_WORDS - 1, e.text);
    tell(j, &f, "mend the file, or take it away: it was passed over");
}

/* --- the inspector --- */

static enum status
delivery_open(void **self, const struct check_context *x, struct err *e)
{
    (void)x;
    (void)e;
    *self = malloc(1); /* so that finish is called */
    return *self ? OK : NO_MEM;
}

static void
delivery_process(void *self, const double *const *in, int nframes)
{
    (void)self;
    (void)in;
    (void)nframes;
}

static void
delivery_finish(void *self, const struct check_context *x, struct report *r)
{
    struct judge j = {.x = x,
                      .t = x->target,
                      .r = r,
                      .integrated = as_read(r, "loudness/integrated", LOUDNESS_STEP),
                      .range = as_read(r, "loudness/range", LOUDNESS_STEP),
                      .short_term = as_read(r, "loudness/max_short_term", LOUDNESS_STEP),
                      .peak = as_read(r, "levels/max_true_peak", PEAK_STEP),
                      .itu_peak = as_read(r, "levels/max_true_peak_itu", PEAK_STEP)};

    (void)self;
    judge_services(&j);
    if (x->album)
        album_take_sound(x->album, x->sound, x->frames);
    if (!j.t)
        return;
    report_text(r, "delivery/target", "%s (%s, facts of %s)", j.t->name, j.t->title, j.t->date);
    judge_peak(&j, false);
    judge_peak(&j, true);
    judge_loudness(&j);
    judge_dynamics(&j);
    judge_format(&j);
    judge_length(&j);
}

static void
delivery_close(void *self)
{
    free(self);
}

const struct inspector delivery_inspector = {
    "delivery", figures, LEN(figures), 0, delivery_open, delivery_process, delivery_finish, delivery_close};
