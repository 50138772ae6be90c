/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/wordlength.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

#define MAGIC 0x1.8p52
#define BIG   0x1p20 /* from here on the trick does not hold: 2^20 * 2^31 is as far as it goes */

void
wordlength_prepare(struct wordlength *w, int bits, int nch)
{
    *w = (struct wordlength){.nch = nch, .bits = bits, .scale = ldexp(1.0, bits - 1)};
    w->below16 = bits > 16 ? ((uint64_t)1 << (bits - 16)) - 1 : 0;
}

INLINE uint64_t
word_bits(double x)
{
    union {
        double x;
        uint64_t u;
    } both = {x};

    return both.u;
}

static double
peak_of(uint64_t u)
{
    union {
        uint64_t u;
        double x;
    } both = {u};

    return both.x;
}

/* Sizes are compared as the whole numbers that their bits are: for positive doubles that is the same order. */
CLONES static void
look(struct wordlength_channel *t, const double *x, int nframes, double scale, uint64_t below16)
{
    uint64_t used = 0, inexact = 0, nonzero = 0, coarse = 0, over = 0;
    uint64_t peak = word_bits(t->peak);

    for (int i = 0; i < nframes; i++) {
        double v = x[i] * scale, y = v + MAGIC;
        uint64_t size = word_bits(fabs(x[i]));
        uint64_t word = word_bits(y) - word_bits(MAGIC);
        uint64_t whole = y - MAGIC == v && size < word_bits(BIG) ? ~(uint64_t)0 : 0;
        uint64_t sounds = v != 0.0 ? 1 : 0, low = (word & below16) | ~whole;

        used |= word & whole;
        inexact += whole + 1;
        nonzero += sounds;
        coarse += low == 0 ? sounds : 0;
        over += size > word_bits(1.0) ? 1 : 0;
        peak = size > peak ? size : peak;
    }
    t->used |= used;
    t->inexact += (int64_t)inexact;
    t->nonzero += (int64_t)nonzero;
    t->coarse16 += (int64_t)coarse;
    t->over += (int64_t)over;
    t->peak = peak_of(peak);
}

void
wordlength_process(struct wordlength *w, const double *const *in, int nframes)
{
    for (int c = 0; c < w->nch; c++)
        look(&w->channel[c], in[c], nframes, w->scale, w->below16);
}

int
wordlength_in_use(const struct wordlength *w, int channel)
{
    const struct wordlength_channel *t = &w->channel[channel];

    if (t->inexact)
        return w->bits + 1;
    return t->used ? w->bits - __builtin_ctzll(t->used) : 0;
}
