/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/hum.h"

#include "dsp/hum.h"
#include "engine/check/fullband.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* 12 dB: reference/delivery.md, section 6. The rest is our own. */
#define ABOVE_DB     12.0
#define SPREAD_HZ    0.1
#define OFF_HZ       0.25 /* of the mains, their multiples' as many times */
#define FOUND        0.8
#define BELOW_DB     12.0    /* what is quiet: that much below the loudest window .. */
#define SOFT_DBFS    (-50.0) /* .. or below this */
#define AUDIBLE_DBFS (-70.0) /* a warning from here on */

static const struct figure figures[] = {
    {"hum/mains", "Hum at", FIGURE_NUMBER, UNIT_HZ, 2,
     "Frequency of the mains that is in the quiet parts, as measured."},
    {"hum/level", "Hum level", FIGURE_NUMBER, UNIT_DBFS, 1, "Its strongest line; a sine of full scale is 0."},
    {"hum/above", "Hum above neighbours", FIGURE_NUMBER, UNIT_DB, 1,
     "That line against its neighbours up to 8 Hz away."},
    {"hum/quiet", "Bass of the quiet parts", FIGURE_NUMBER, UNIT_DBFS, 0,
     "20 to 750 Hz in the quietest tenth, RMS; a sine of full scale is 0."},
};

struct hum_check {
    struct fullband programme;
    struct hum hum;
};

static void
hum_close(void *self)
{
    struct hum_check *k = self;

    hum_free(&k->hum);
    free(k);
}

static enum status
hum_open(void **self, const struct check_context *x, struct err *e)
{
    struct hum_check *k;

    (void)e;
    if (!rate_ok(x->sound->rate_hz))
        return OK;
    *self = k = calloc(1, sizeof *k);
    if (!k)
        return NO_MEM;
    k->programme = fullband_of(x->sound);
    return hum_prepare(&k->hum, x->sound->rate_hz, k->programme.nch);
}

static void
hum_hear(void *self, const double *const *in, int nframes)
{
    struct hum_check *k = self;
    const double *picked[CHECK_CHANNELS];

    fullband_pick(&k->programme, in, picked);
    hum_process(&k->hum, picked, nframes);
}

static bool
is_mains(const struct hum_line *l, int harmonic, double nominal_hz)
{
    return l->found >= FOUND && l->above_db > ABOVE_DB && l->spread_hz < SPREAD_HZ &&
           fabs(l->freq_hz - nominal_hz) <= OFF_HZ * (harmonic < 2 ? harmonic + 1 : 2);
}

/* The strongest line of this mains, if its fundamental or its second (a rectifier's) is there; else -1. */
static int
strongest(const struct hum_line *line, double mains_hz)
{
    int best = -1;

    if (!is_mains(&line[0], 0, mains_hz) && !is_mains(&line[1], 1, 2.0 * mains_hz))
        return -1;
    for (int n = 0; n < HUM_HARMONICS; n++)
        if (is_mains(&line[n], n, mains_hz * (n + 1)) &&
            (best < 0 || line[n].level_dbfs > line[best].level_dbfs))
            best = n;
    return best;
}

static void
tell(struct report *r, const struct hum_line *l, int harmonic)
{
    struct finding f = {.kind = "hum",
                        .severity = l->level_dbfs > AUDIBLE_DBFS ? SEVERITY_WARN : SEVERITY_NOTE,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};

    report_put(r, "hum/mains", l->freq_hz / (harmonic + 1));
    report_put(r, "hum/level", l->level_dbfs);
    report_put(r, "hum/above", l->above_db);
    snprintf(f.what, sizeof f.what,
             "hum in the quiet parts: %.2f Hz at %.1f dBFS, %.0f dB above its neighbours", l->freq_hz,
             l->level_dbfs, l->above_db);
    snprintf(f.mend, sizeof f.mend, "Find the ground loop, or notch %.0f Hz and its multiples.",
             l->freq_hz / (harmonic + 1));
    report_find(r, &f);
}

/* Else a steady sound may be the programme itself. */
static bool
has_quiet_parts(const struct hum *h)
{
    return hum_quiet_dbfs(h) < hum_loudest_dbfs(h) - BELOW_DB || hum_quiet_dbfs(h) < SOFT_DBFS;
}

static void
hum_finish(void *self, const struct check_context *x, struct report *r)
{
    struct hum_check *k = self;
    struct hum_line line[HUM_MAINS][HUM_HARMONICS];
    int found = -1, harmonic = -1;

    (void)x;
    for (int m = 0; m < HUM_MAINS; m++) {
        int best = hum_lines(&k->hum, m, line[m]) > 0 ? strongest(line[m], hum_mains_hz(m)) : -1;

        if (best >= 0 && (found < 0 || line[m][best].level_dbfs > line[found][harmonic].level_dbfs)) {
            found = m;
            harmonic = best;
        }
    }
    if (hum_quiet_dbfs(&k->hum) > HUM_LOWEST_DBFS)
        report_put(r, "hum/quiet", hum_quiet_dbfs(&k->hum));
    if (found >= 0 && has_quiet_parts(&k->hum))
        tell(r, &line[found][harmonic], harmonic);
}

const struct inspector hum_inspector = {"hum",    figures,  LEN(figures), 3,
                                        hum_open, hum_hear, hum_finish,   hum_close};
