/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/words.h"

#include "dsp/codegrid.h"
#include "dsp/decibel.h"
#include "dsp/truncation.h"
#include "dsp/wordlength.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A sound of fewer values than that is a test tone or a square wave: its empty bits mean nothing. */
enum { MUSIC_BITS = 8 };

/* From here on nobody loses anything: 24 bit in words of 32 are what many programs write (ours). */
enum { ENOUGH_BITS = 20 };

/* Samples of a 24 bit file that need no more than 16 bit: 1/256 by chance; above this share (ours) somebody padded. */
#define MOSTLY_COARSE 0.9
/* A fade: its level changes by more than this from its first half second to its last (ours). */
#define FADE_DB 6.0

static const struct figure figures[] = {
    {"format/bits_in_use", "Bits in use", FIGURE_CHANNELS, UNIT_NONE, 0,
     "From a sample's first bit to the lowest that ever sounds; of floating point: that whole numbers of 24 "
     "bit hold."},
    {"format/float_range", "Range of the floats", FIGURE_NUMBER, UNIT_DBFS, 2,
     "Largest sample of a floating-point file."},
    {"format/over_range", "Beyond full scale", FIGURE_CHANNELS, UNIT_NONE, 0,
     "Samples beyond full scale in a floating-point file."},
};

struct words {
    bool is_float, has_grid;
    int bits;
    struct wordlength length;
    struct truncation truncation;
    struct codegrid grid;
};

static void
words_close(void *self)
{
    struct words *w = self;

    codegrid_free(&w->grid);
    free(w);
}

static enum status
words_open(void **self, const struct check_context *x, struct err *e)
{
    const struct sound_info *s = x->sound;
    struct words *w;
    int asked = s->is_float ? WORDLENGTH_FLOAT : s->bits;

    (void)e;
    if (s->is_lossy)
        return OK;
    *self = w = calloc(1, sizeof *w);
    if (!w)
        return NO_MEM;
    w->is_float = s->is_float;
    w->bits = s->bits;
    wordlength_prepare(&w->length, asked, s->nch);
    truncation_prepare(&w->truncation, s->rate_hz, s->nch);
    w->has_grid = asked >= 16 && asked <= 24;
    return w->has_grid ? codegrid_prepare(&w->grid, asked, s->nch) : OK;
}

static void
words_process(void *self, const double *const *in, int nframes)
{
    struct words *w = self;

    wordlength_process(&w->length, in, nframes);
    truncation_process(&w->truncation, in, nframes);
    if (w->has_grid)
        codegrid_process(&w->grid, in, nframes);
}

/* --- judging ---------------------------------------------------------------------------------------- */

static struct finding
finding_of(const char *kind, enum severity s, int channel)
{
    return (struct finding){
        .kind = kind, .severity = s, .channel = channel, .from_s = FINDING_WHOLE, .to_s = FINDING_WHOLE};
}

/* Whether all channels give the same answer; then it is told once. */
static bool
all_alike(const struct words *w, int (*ask)(const struct words *w, int c))
{
    for (int c = 1; c < w->length.nch; c++)
        if (ask(w, c) != ask(w, 0))
            return false;
    return true;
}

static void
tell_each(const struct words *w, struct report *r, int (*ask)(const struct words *w, int c),
          void (*tell)(const struct words *w, struct report *r, int c, int channel))
{
    bool alike = all_alike(w, ask);

    for (int c = 0; c < (alike ? 1 : w->length.nch); c++)
        if (ask(w, c))
            tell(w, r, c, alike ? -1 : c);
}

/* Bits in use when they are fewer than a receiver may believe; 0: there is nothing to tell. */
static int
padded(const struct words *w, int c)
{
    int in_use = wordlength_in_use(&w->length, c);
    int promised = w->is_float ? WORDLENGTH_FLOAT : w->bits;

    return in_use >= MUSIC_BITS && promised >= 16 && in_use <= promised - 4 ? in_use : 0;
}

static void
tell_padded(const struct words *w, struct report *r, int c, int channel)
{
    int in_use = padded(w, c);
    struct finding f =
        finding_of("zero_padded", in_use < ENOUGH_BITS ? SEVERITY_WARN : SEVERITY_NOTE, channel);

    snprintf(f.what, sizeof f.what,
             w->is_float ? "Only %d bits are in use: the floats are whole numbers of %d bit."
                         : "Only %d bits are in use; the %d below are always zero.",
             in_use, w->is_float ? in_use : w->bits - in_use);
    snprintf(f.mend, sizeof f.mend, "Ask for the file before it was cut to %d bit, or call it what it is.",
             in_use);
    report_find(r, &f);
}

/* Per mille of the samples that need 16 bit only, where few do need more. */
static int
mostly_coarse(const struct words *w, int c)
{
    const struct wordlength_channel *t = &w->length.channel[c];
    int in_use = wordlength_in_use(&w->length, c);

    if (!w->length.below16 || in_use <= 16 || t->nonzero < 1000 ||
        t->coarse16 < MOSTLY_COARSE * (double)t->nonzero || t->coarse16 == t->nonzero)
        return 0;
    return (int)(1000.0 * (double)t->coarse16 / (double)t->nonzero);
}

static void
tell_coarse(const struct words *w, struct report *r, int c, int channel)
{
    struct finding f = finding_of("mostly_16_bit", SEVERITY_WARN, channel);
    int share = mostly_coarse(w, c);

    snprintf(f.what, sizeof f.what,
             "%d.%d %% of the samples use 16 bit only: 16 bit sound with a few places worked on.", share / 10,
             share % 10);
    snprintf(f.mend, sizeof f.mend, "Ask for the file before it was cut to 16 bit.");
    report_find(r, &f);
}

/* Thousandths of a value from one used value to the next, where there are regular gaps; 0: none. */
static int
gaps(const struct words *w, int c)
{
    double step;

    if (!w->has_grid || padded(w, c) || mostly_coarse(w, c))
        return 0;
    step = codegrid_step(&w->grid, c);
    return step > 1.0 ? (int)lrint(1000.0 * step) : 0;
}

static void
tell_gaps(const struct words *w, struct report *r, int c, int channel)
{
    struct finding f = finding_of("regular_gaps", SEVERITY_WARN, channel);
    int step = gaps(w, c);

    snprintf(f.what, sizeof f.what,
             "Only every %d.%03d-th value is in use: the level of coarser sound was changed without dither.",
             step / 1000, step % 1000);
    snprintf(f.mend, sizeof f.mend, "Change the level before the word length, and dither last.");
    report_find(r, &f);
}

static int
over(const struct words *w, int c)
{
    return w->is_float && w->length.channel[c].over > 0;
}

static void
tell_over(const struct words *w, struct report *r, int c, int channel)
{
    struct finding f = finding_of("over_range_float", SEVERITY_WARN, channel);
    int64_t count = 0;
    double peak = 0.0;

    for (int i = 0; i < w->length.nch; i++)
        if (channel < 0 || i == c) {
            count += w->length.channel[i].over;
            peak = fmax(peak, w->length.channel[i].peak);
        }
    snprintf(f.what, sizeof f.what,
             "%lld samples are beyond full scale, by %.2f dB at most: any file of whole "
             "numbers made of it will clip.",
             (long long)count, gain_to_db(peak));
    snprintf(f.mend, sizeof f.mend, "Lower its level by %.1f dB, or limit it.",
             ceil(10.0 * gain_to_db(peak)) / 10.0);
    report_find(r, &f);
}

/* --- truncated fades -------------------------------------------------------------------------------- */

/* The same passage of another channel is told along. */
static bool
joins(struct finding *found, int nfound, const struct finding *f)
{
    for (int i = 0; i < nfound; i++)
        if (found[i].channel != f->channel && f->from_s < found[i].to_s && f->to_s > found[i].from_s) {
            found[i].channel = -1;
            found[i].from_s = fmin(found[i].from_s, f->from_s);
            found[i].to_s = fmax(found[i].to_s, f->to_s);
            return true;
        }
    return false;
}

static void
tell_truncation(const struct words *w, double rate_hz, struct report *r)
{
    struct finding found[TRUNCATION_PASSAGES];
    int n = 0;

    for (int i = 0; i < w->truncation.npassages; i++) {
        const struct truncation_passage *p = &w->truncation.passage[i];
        bool fades = fabs(10.0 * log10(p->first / p->last)) >= FADE_DB;
        struct finding f = finding_of(fades ? "undithered_fade" : "truncated", SEVERITY_WARN, p->channel);

        f.from_s = (double)p->from / rate_hz;
        f.to_s = (double)p->to / rate_hz;
        snprintf(f.what, sizeof f.what,
                 "%s cut to %d bit without dither: a value stays for %.0f frames on average.",
                 fades ? "A fade was" : "Quiet sound was", p->bits, p->stay);
        snprintf(f.mend, sizeof f.mend, "Make the file again from its source, with dither as the last step.");
        if (!joins(found, n, &f))
            found[n++] = f;
    }
    for (int i = 0; i < n; i++)
        report_find(r, &found[i]);
}

static void
words_finish(void *self, const struct check_context *x, struct report *r)
{
    struct words *w = self;
    double peak = 0.0;

    truncation_finish(&w->truncation);
    for (int c = 0; c < w->length.nch; c++) {
        int in_use = wordlength_in_use(&w->length, c);

        if (in_use <= w->length.bits)
            report_put_channel(r, "format/bits_in_use", c, in_use);
        if (w->is_float)
            report_put_channel(r, "format/over_range", c, (double)w->length.channel[c].over);
        peak = fmax(peak, w->length.channel[c].peak);
    }
    if (w->is_float)
        report_put(r, "format/float_range", peak > 0.0 ? gain_to_db(peak) : NAN);
    tell_each(w, r, padded, tell_padded);
    tell_each(w, r, mostly_coarse, tell_coarse);
    tell_each(w, r, gaps, tell_gaps);
    tell_each(w, r, over, tell_over);
    tell_truncation(w, x->sound->rate_hz, r);
}

const struct inspector words_inspector = {"words",    figures,       LEN(figures), 4,
                                          words_open, words_process, words_finish, words_close};
