/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows of 3 s come every 100 ms. What goes on for a while is told as a region: from the middle of the first window
 * that is so to the middle of the last, which is where it is where both sides of its edge are equally loud.
 */
#include "engine/check/channels.h"

#include "dsp/correlation.h"
#include "dsp/offset.h"
#include "engine/check/against.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct figure figures[] = {
    {"channels/correlation", "Correlation", FIGURE_NUMBER, UNIT_NONE, 2,
     "How left and right go together: 1 mono, 0 nothing in common, -1 opposite polarity."},
    {"channels/correlation_low", "Correlation below 150 Hz", FIGURE_NUMBER, UNIT_NONE, 2,
     "Correlation below 150 Hz."},
    {"channels/correlation_mid", "Correlation, 150 Hz to 2.5 kHz", FIGURE_NUMBER, UNIT_NONE, 2,
     "Correlation from 150 Hz to 2.5 kHz."},
    {"channels/correlation_high", "Correlation above 2.5 kHz", FIGURE_NUMBER, UNIT_NONE, 2,
     "Correlation above 2.5 kHz."},
    {"channels/negative_share", "Time with correlation below 0", FIGURE_NUMBER, UNIT_PERCENT, 1,
     "Share of the windows of 3 s whose correlation is negative."},
    {"channels/mono_loss", "Mono sum", FIGURE_NUMBER, UNIT_LU, 1,
     "Loudness of the mono sum against stereo: 0 fully correlated, -3.0 uncorrelated."},
    {"channels/mono_loss_worst", "Mono sum, worst 3 s", FIGURE_NUMBER, UNIT_LU, 1,
     "The window of 3 s that loses most in mono."},
    {"channels/mono_loss_worst_at", "Mono sum, worst 3 s at", FIGURE_NUMBER, UNIT_S, 1,
     "Where that window begins."},
    {"channels/balance", "Balance", FIGURE_NUMBER, UNIT_LU, 1,
     "Loudness of left against right: positive where left is louder."},
    {"channels/side_mid", "Side to mid", FIGURE_NUMBER, UNIT_DB, 1,
     "Power of the side against that of the mid."},
    {"channels/side_mid_low", "Side to mid below 150 Hz", FIGURE_NUMBER, UNIT_DB, 1,
     "Power of the side against that of the mid, below 150 Hz."},
    {"channels/dc", "DC offset", FIGURE_CHANNELS, UNIT_DBFS, 1, "Mean of all samples."},
    {"channels/below_5hz", "Below 5 Hz", FIGURE_CHANNELS, UNIT_DBFS, 1, "RMS of what is below 5 Hz."},
    {"channels/reference_delay", "Later than the reference", FIGURE_NUMBER, UNIT_MS, 2,
     "Delay against the reference file; negative: earlier."},
    {"channels/reference_straight", "Reference, straight", FIGURE_NUMBER, UNIT_NONE, 2,
     "Mean correlation of left with the reference's left and right with its right, 150 Hz to 2 kHz."},
    {"channels/reference_crossed", "Reference, crossed", FIGURE_NUMBER, UNIT_NONE, 2,
     "Mean correlation of left with the reference's right and right with its left, 150 Hz to 2 kHz."},
    {"channels/correlation_history", "Correlation over time", FIGURE_SERIES, UNIT_NONE, 2,
     "Correlation over windows of 3 s, at their middle; 0 where there is no sound."},
};

/* Thresholds: the checklist of delivery.md 6, which proposes them where no public figure exists, but for: */
static const double dc_warn_dbfs = -60.0, dc_fail_dbfs = -40.0;
static const double dc_least_s = 1.0;
/* Ours: of the power below 5 Hz. One-sided beats of a drum have a mean, too; two a second make 0.25 of it, an offset 1. */
static const double dc_share = 0.5;
static const double sound_dbfs = CORRELATION_GATE_DBFS;
static const double silent_dbfs = -70.0, silent_below_db = 40.0; /* ours; the loudest 100 ms */
static const double null_dbfs = -90.0;
static const double inverted_below = -0.95;
static const double imbalance_lu = 1.5;
static const double loss_lu = -6.0;
static const double share_percent = 5.0;
/* Ours. Wide ambience goes around 0: of pink noise that has nothing in common, windows of 3 s spread by 0.03, below
   150 Hz by 0.04; in an hour none fell below -0.19. At -0.2 the side is 1.8 dB above the mid. */
static const double clearly_negative = -0.2;
static const double region_least_s =
    1.0; /* ours: of correlation; a window that loses 6 dB in mono is told as it is */
/* Ours: bass that nobody hears below the rest, rumble and room, is not told. */
static const double low_dbfs = -50.0, low_below_db = 20.0;

enum { HISTORY = 2400, REGIONS = 64 };

struct region {
    double from_s, to_s;
    double worst;
};

struct regions { /* where something is so */
    bool open;
    double worst;
    double from_s, to_s; /* of the one that is open */
    int count;
    struct region region[REGIONS];
};

struct history {
    double value[HISTORY], half; /* half of a pair that is under way */
    int count, every, in_pair;   /* windows a value */
};

struct channels {
    double rate_hz;
    int nch, left, right; /* left < 0: no pair */
    bool first;           /* no window yet */
    struct correlation correlation;
    struct offset offset;
    struct regions negative, loss, low;
    uint64_t clear; /* windows that are clearly negative */
    struct history history;
    struct against *against; /* NULL: no reference */
};

/* --- hearing --- */

static void
regions_close(struct regions *g, double least_s)
{
    if (g->open && g->to_s - g->from_s >= least_s && g->count < REGIONS)
        g->region[g->count++] = (struct region){g->from_s, g->to_s, g->worst};
    g->open = false;
}

static void
regions_add(struct regions *g, const struct correlation_window *w, bool so, double value, bool first,
            double least_s)
{
    double middle = (w->from_s + w->to_s) / 2.0;

    if (!so) {
        regions_close(g, least_s);
        return;
    }
    if (!g->open) {
        g->open = true;
        g->from_s = first ? 0.0 : middle;
        g->worst = value;
    }
    g->to_s = middle;
    g->worst = fmin(g->worst, value);
}

static bool
low_is_heard(const struct correlation_window *w)
{
    return w->low_dbfs >= low_dbfs && w->low_dbfs >= w->level_dbfs - low_below_db;
}

static void
judge(struct channels *s, const struct correlation_window *w)
{
    bool negative = w->counts && w->correlation < clearly_negative;
    bool low = w->counts && low_is_heard(w) && w->low_correlation < clearly_negative;

    s->clear += negative;
    regions_add(&s->negative, w, negative, w->correlation, s->first, region_least_s);
    regions_add(&s->low, w, low, w->low_correlation, s->first, region_least_s);
    regions_add(&s->loss, w, w->counts && w->mono_lu < loss_lu, w->mono_lu, s->first, 0.0);
    s->first = false;
}

/* When it is full, two values become one. */
static void
history_add(struct history *h, double value)
{
    h->half += value;
    if (++h->in_pair < h->every)
        return;
    h->value[h->count++] = h->half / h->every;
    h->half = 0.0;
    h->in_pair = 0;
    if (h->count < HISTORY)
        return;
    for (int i = 0; i < HISTORY / 2; i++)
        h->value[i] = (h->value[2 * i] + h->value[2 * i + 1]) / 2.0;
    h->count = HISTORY / 2;
    h->every *= 2;
}

static void
hear_pair(struct channels *s, const double *left, const double *right, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        const double *const in[STEREO] = {left + done, right + done};
        uint64_t before = correlation_windows(&s->correlation);
        const struct correlation_window *w = correlation_window(&s->correlation);

        n = correlation_due_frames(&s->correlation);
        n = n < nframes - done ? n : nframes - done;
        correlation_process(&s->correlation, in, n);
        if (correlation_windows(&s->correlation) == before)
            continue;
        judge(s, w);
        history_add(&s->history, w->counts ? w->correlation : 0.0);
    }
    if (s->against)
        against_process(s->against, left, right, nframes);
}

static void
channels_process(void *self, const double *const *in, int nframes)
{
    struct channels *s = self;

    offset_process(&s->offset, in, nframes);
    if (s->left >= 0)
        hear_pair(s, in[s->left], in[s->right], nframes);
}

/* --- opening --- */

static void
find_pair(struct channels *s, const struct sound_info *info)
{
    s->left = s->right = -1;
    for (int c = info->nch - 1; c >= 0; c--) {
        s->left = info->place[c] == PLACE_LEFT ? c : s->left;
        s->right = info->place[c] == PLACE_RIGHT ? c : s->right;
    }
    if (s->right < 0)
        s->left = -1;
}

static void
channels_close(void *self)
{
    struct channels *s = self;

    against_close(s->against);
    free(s);
}

static enum status
channels_open(void **self, const struct check_context *x, struct err *e)
{
    struct channels *s = calloc(1, sizeof *s);
    enum status status;

    *self = s;
    if (!s)
        return NO_MEM;
    s->rate_hz = x->sound->rate_hz;
    s->nch = x->sound->nch;
    s->first = true;
    s->history.every = 1;
    find_pair(s, x->sound);
    status = offset_prepare(&s->offset, s->rate_hz, s->nch);
    if (status == OK)
        status = correlation_prepare(&s->correlation, s->rate_hz);
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", x->sound->path, s->rate_hz);
    if (status == OK && x->reference && s->left >= 0)
        status = against_open(&s->against, x, e);
    return status;
}

/* --- telling: direct current --- */

static double
dbfs(double gain)
{
    return 20.0 * log10(fmax(fabs(gain), 1e-10));
}

static void
tell_dc(struct report *r, int channel, double offset, double from_s, double to_s)
{
    struct finding f = {.kind = "dc_offset",
                        .severity = dbfs(offset) > dc_fail_dbfs ? SEVERITY_FAIL : SEVERITY_WARN,
                        .channel = channel,
                        .from_s = from_s,
                        .to_s = to_s};

    snprintf(f.what, sizeof f.what, "a DC offset of %.1f dBFS (%+.5f)%s", dbfs(offset), offset,
             from_s < 0.0 ? "" : " for a second and more");
    snprintf(f.mend, sizeof f.mend, "High-pass at 5 Hz or below before the limiter, or take the mean out.");
    report_find(r, &f);
}

static void
finish_dc(const struct channels *s, int64_t frames, struct report *r)
{
    for (int c = 0; c < s->nch; c++) {
        struct offset_reading o;
        bool whole;

        offset_read(&s->offset, c, &o);
        report_put_channel(r, "channels/dc", c, dbfs(o.mean));
        report_put_channel(r, "channels/below_5hz", c, dbfs(o.below_rms));
        whole = (double)frames >= dc_least_s * s->rate_hz && dbfs(o.mean) > dc_warn_dbfs &&
                o.mean * o.mean >= dc_share * o.below_rms * o.below_rms;
        if (whole)
            tell_dc(r, c, o.mean, FINDING_WHOLE, FINDING_WHOLE);
        if (dbfs(o.steady) > dc_warn_dbfs && (!whole || fabs(o.steady) > 2.0 * fabs(o.mean)))
            tell_dc(r, c, o.steady, o.from_s, o.to_s);
    }
}

/* --- telling: left and right --- */

static struct finding
about(const char *kind, enum severity severity, int channel)
{
    return (struct finding){.kind = kind,
                            .severity = severity,
                            .channel = channel,
                            .from_s = FINDING_WHOLE,
                            .to_s = FINDING_WHOLE};
}

static bool
tell_silent(const struct channels *s, struct report *r)
{
    double level[STEREO] = {correlation_loudest_dbfs(&s->correlation, 0),
                            correlation_loudest_dbfs(&s->correlation, 1)};
    int quiet = level[1] < level[0];
    struct finding f = about("channel_silent", SEVERITY_FAIL, quiet ? s->right : s->left);

    if (level[!quiet] < sound_dbfs || level[quiet] > silent_dbfs ||
        level[quiet] > level[!quiet] - silent_below_db)
        return false;
    if (level[quiet] <= -200.0)
        snprintf(f.what, sizeof f.what, "the %s channel is silent throughout", quiet ? "right" : "left");
    else
        snprintf(f.what, sizeof f.what, "the %s channel is silent throughout: never above %.1f dBFS",
                 quiet ? "right" : "left", level[quiet]);
    snprintf(f.mend, sizeof f.mend, "Print it again with both channels routed, or deliver mono on purpose.");
    report_find(r, &f);
    return true;
}

static bool
tell_dual_mono(const struct channels *s, struct report *r)
{
    double null = correlation_null_dbfs(&s->correlation);
    struct finding f = about("dual_mono", SEVERITY_NOTE, -1);

    if (null > null_dbfs || correlation_loudest_dbfs(&s->correlation, 0) < sound_dbfs)
        return false;
    snprintf(f.what, sizeof f.what, "left and right are the same%s",
             null <= -200.0 ? ", to the bit" : ": what differs is below -90 dBFS");
    snprintf(f.mend, sizeof f.mend, "Nothing, if it is meant to be mono; else look for a summed bus.");
    report_find(r, &f);
    return true;
}

static bool
tell_inverted(const struct correlation_reading *c, struct report *r)
{
    struct finding f = about("inverted", SEVERITY_FAIL, -1);

    if (c->integrated[CORRELATION_FULL] >= inverted_below)
        return false;
    snprintf(f.what, sizeof f.what, "one channel's polarity is turned over: the correlation is %.2f",
             c->integrated[CORRELATION_FULL]);
    snprintf(f.mend, sizeof f.mend, "Turn one channel's polarity back; in mono next to nothing is left.");
    report_find(r, &f);
    return true;
}

static void
tell_imbalance(const struct correlation_reading *c, struct report *r)
{
    struct finding f = about("imbalance", SEVERITY_WARN, -1);

    if (fabs(c->integrated_balance_lu) <= imbalance_lu)
        return;
    snprintf(f.what, sizeof f.what, "the %s channel is louder by %.1f LU",
             c->integrated_balance_lu > 0.0 ? "left" : "right", fabs(c->integrated_balance_lu));
    snprintf(f.mend, sizeof f.mend,
             "Check the balance against the mix; leave it where the music asks for it.");
    report_find(r, &f);
}

static void
tell_regions(const struct regions *g, const char *kind, const char *what, const char *mend, struct report *r)
{
    for (int i = 0; i < g->count; i++) {
        const struct region *n = &g->region[i];
        struct finding f = about(kind, SEVERITY_WARN, -1);

        f.from_s = n->from_s;
        f.to_s = n->to_s;
        snprintf(f.what, sizeof f.what, what, n->worst);
        snprintf(f.mend, sizeof f.mend, "%s", mend);
        report_find(r, &f);
    }
}

static void
tell_share(double percent, struct report *r)
{
    struct finding f = about("out_of_phase", SEVERITY_WARN, -1);

    if (!(percent > share_percent))
        return;
    snprintf(f.what, sizeof f.what, "left and right work against each other for %.0f %% of the time",
             percent);
    snprintf(f.mend, sizeof f.mend, "Listen in mono; narrow the stereo, or look for a channel turned over.");
    report_find(r, &f);
}

/* A file shorter than a window is one. */
static void
finish_short(struct channels *s)
{
    struct correlation_window w = correlation_whole(&s->correlation);

    judge(s, &w);
}

static void
finish_regions(struct channels *s, double end_s, struct report *r)
{
    struct regions *const all[] = {&s->negative, &s->low, &s->loss};
    uint64_t count = s->correlation.counted;

    for (size_t i = 0; i < LEN(all); i++) {
        if (all[i]->open)
            all[i]->to_s = end_s;
        regions_close(all[i], all[i] == &s->loss ? 0.0 : fmin(region_least_s, end_s));
    }
    if (count)
        tell_share(100.0 * (double)s->clear / (double)count, r);
    tell_regions(&s->negative, "out_of_phase",
                 "left and right are out of phase: the correlation falls to %.2f",
                 "Listen in mono; narrow the stereo, or look for a channel turned over.", r);
    tell_regions(&s->loss, "mono_loss", "in mono this loses more than 6 LU, up to %.1f",
                 "Listen in mono; narrow the stereo here.", r);
    tell_regions(&s->low, "low_side",
                 "below 150 Hz the side is louder than the mid: the correlation falls to %.2f",
                 "Make the bass mono below 100 to 150 Hz (/stereo/mono_below).", r);
}

static void
put_figures(const struct channels *s, const struct correlation_reading *c, struct report *r)
{
    bool windows = c->windows > 0.0;

    report_put(r, "channels/correlation", c->integrated[CORRELATION_FULL]);
    report_put(r, "channels/correlation_low", c->integrated[CORRELATION_LOW]);
    report_put(r, "channels/correlation_mid", c->integrated[CORRELATION_MID]);
    report_put(r, "channels/correlation_high", c->integrated[CORRELATION_HIGH]);
    report_put(r, "channels/negative_share", windows ? 100.0 * c->negative_share : NAN);
    report_put(r, "channels/mono_loss", c->integrated_mono_lu);
    report_put(r, "channels/mono_loss_worst", windows ? c->worst_mono_lu : NAN);
    report_put(r, "channels/mono_loss_worst_at", windows ? c->worst_from_s : NAN);
    report_put(r, "channels/balance", c->integrated_balance_lu);
    report_put(r, "channels/side_mid", c->side_mid_db);
    report_put(r, "channels/side_mid_low", c->low_side_mid_db);
    if (s->history.count > 0)
        report_series(r, "channels/correlation_history",
                      &(struct series){.from = 1.5 + 0.05 * (s->history.every - 1),
                                       .step = 0.1 * s->history.every,
                                       .value = s->history.value,
                                       .count = s->history.count});
}

static void
channels_finish(void *self, const struct check_context *x, struct report *r)
{
    struct channels *s = self;
    struct correlation_reading c;
    bool sound, silent;

    finish_dc(s, x->frames, r);
    if (s->left < 0)
        return;
    sound = fmax(correlation_loudest_dbfs(&s->correlation, 0),
                 correlation_loudest_dbfs(&s->correlation, 1)) >= sound_dbfs;
    if (!sound)
        return;
    correlation_read(&s->correlation, &c);
    put_figures(s, &c, r);
    silent = tell_silent(s, r);
    if (!silent && !tell_dual_mono(s, r))
        tell_imbalance(&c, r);
    if (s->first)
        finish_short(s);
    if (!silent && !tell_inverted(&c, r))
        finish_regions(s, (double)x->frames / s->rate_hz, r);
    if (s->against)
        against_finish(s->against, r);
}

const struct inspector channels_inspector = {
    "channels", figures, LEN(figures), 8, channels_open, channels_process, channels_finish, channels_close};
