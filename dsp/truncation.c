/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A window is given up at its first loud sample, at the first that is no whole number, and when it has moved too often:
 * most sound costs a look at each window's beginning.
 */
#include "dsp/truncation.h"

#include "dsp/clones.h"

#include <math.h>

enum { DEEPEST = 18 /* bit: below, at -108 dBFS, nobody hears what sticks */, PIECE = 64 };

#define WINDOW_S    0.5
#define GAP_S       0.05 /* of zeros: digital silence */
#define ACTIVE_S    0.2  /* less than that in a window tells nothing */
#define LOUD        0.01 /* a peak, 20 dB above quiet: no RMS of -60 dBFS is left to hope for */
#define ONE_STEP    1.25 /* most of a mean move; 1 is a value that goes through all steps */
#define LEAST_STEPS 3.0
#define LEAST_MOVES 20
#define WORD        0x1p31

void
truncation_prepare(struct truncation *t, double rate_hz, int nch)
{
    *t = (struct truncation){.nch = nch, .length = (int)(rate_hz * WINDOW_S), .gap = (int)(rate_hz * GAP_S)};
}

static bool
sticks(const struct truncation *t, const struct truncation_window *w, int bits, double step)
{
    return bits <= DEEPEST && w->moves >= LEAST_MOVES &&
           w->active >= (int)(t->length * (ACTIVE_S / WINDOW_S)) &&
           w->square <= w->active * pow(10.0, TRUNCATION_QUIET_DBFS / 10.0) &&
           w->active >= TRUNCATION_STAY * w->moves && w->path <= ONE_STEP * step * w->moves &&
           w->high - w->low >= LEAST_STEPS * step;
}

/* The passage that ended where this window begins goes on. */
static struct truncation_passage *
passage_at(struct truncation *t, int c, int64_t from)
{
    for (int i = t->npassages - 1; i >= 0; i--)
        if (t->passage[i].channel == c && t->passage[i].to == from)
            return &t->passage[i];
    if (t->npassages == TRUNCATION_PASSAGES)
        return NULL;
    t->passage[t->npassages] = (struct truncation_passage){.channel = c, .from = from, .first = -1.0};
    return &t->passage[t->npassages++];
}

static void
close_window(struct truncation *t, int c)
{
    struct truncation_window *w = &t->window[c];
    int lowest = w->used ? __builtin_ctzll(w->used) : 0, bits = 32 - lowest;

    if (w->zeros < t->gap)
        w->active += w->zeros;
    if (!w->given_up && w->used && sticks(t, w, bits, ldexp(1.0, 1 - bits))) {
        struct truncation_passage *p = passage_at(t, c, t->at[c] - w->frames);
        double stay = (double)w->active / w->moves;

        if (p) {
            p->to = t->at[c];
            p->last = w->square / w->active;
            p->first = p->first < 0.0 ? p->last : p->first;
            p->stay = fmax(p->stay, stay);
            p->bits = bits > p->bits ? bits : p->bits;
        }
    }
    *w = (struct truncation_window){0};
}

CLONES static double
highest(const double *x, int nframes)
{
    double peak = 0.0;

    for (int i = 0; i < nframes; i++)
        peak = fabs(x[i]) > peak ? fabs(x[i]) : peak;
    return peak;
}

static void
follow(struct truncation_window *w, const double *x, int nframes, int gap)
{
    for (int i = 0; i < nframes; i++) {
        double v = x[i] * WORD, move = fabs(x[i] - w->before);
        int64_t word = (int64_t)v;

        w->odd |= (double)word != v;
        w->used |= (uint64_t)word;
        w->square += x[i] * x[i];
        w->moves += move != 0.0;
        w->path += move;
        w->low = x[i] < w->low ? x[i] : w->low;
        w->high = x[i] > w->high ? x[i] : w->high;
        w->before = x[i];
        if (x[i] == 0.0) {
            w->zeros++;
            continue;
        }
        w->active += w->zeros < gap ? w->zeros + 1 : 1;
        w->zeros = 0;
    }
}

static void
look(struct truncation *t, int c, const double *x, int nframes)
{
    struct truncation_window *w = &t->window[c];

    if (w->frames == 0) {
        w->before = w->low = w->high = x[0];
        w->zeros = 0;
    }
    for (int i = 0; i < nframes && !w->given_up; i += PIECE) {
        int n = nframes - i < PIECE ? nframes - i : PIECE;
        double peak = highest(x + i, n);

        if (peak > LOUD)
            w->given_up = true;
        else if (peak == 0.0 && w->before == 0.0)
            w->zeros += n;
        else
            follow(w, x + i, n, t->gap);
        w->given_up |= w->odd || w->moves * TRUNCATION_STAY > t->length;
    }
    w->frames += nframes;
}

void
truncation_process(struct truncation *t, const double *const *in, int nframes)
{
    for (int c = 0; c < t->nch; c++)
        for (int done = 0; done < nframes;) {
            int n = t->length - t->window[c].frames;

            if (n > nframes - done)
                n = nframes - done;
            look(t, c, in[c] + done, n);
            t->at[c] += n;
            done += n;
            if (t->window[c].frames == t->length)
                close_window(t, c);
        }
}

void
truncation_finish(struct truncation *t)
{
    for (int c = 0; c < t->nch; c++)
        if (t->window[c].frames)
            close_window(t, c);
}
