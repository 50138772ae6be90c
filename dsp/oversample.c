/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A half-band filter has a middle tap of 1/2, and every second one beside it is 0. Going up, the samples there are
 * stay as they are and one is put between each two; going down, half of each even sample and half of the same sum
 * over the odd ones beside it make one:
 *
 *   between(t) = sum_k g_k (x[t - k] + x[t + 1 + k])
 *   down(t)    = (even[t] + sum_k g_k (odd[t - 1 - k] + odd[t + k])) / 2
 *
 * With P phases, sample t = P i + p stands in array p at frame i; t +- k in another array a few frames away. The
 * stage next to the base rate has the narrow transition (20 to 24.1 kHz at 44.1 kHz) and many taps, those above few.
 *
 * Each stage gives only the frames for which it has all that it needs, so its output is some frames later than its
 * input (up_ahead, down_ahead). Arrays of different lateness are read at an offset.
 */
#include "dsp/oversample.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum { LONG = OVERSAMPLE_LONG, SHORT = OVERSAMPLE_SHORT, MOST = 24 /* taps that fit into registers */ };

/* Equiripple; stop band -111.5 dB from 0.2732 of the higher rate (20 kHz at 44.1 kHz) on. */
static const double narrow[] = {
    0.63604256589953501,    -0.21048067484772506,    0.12446632546717433,    -0.086984290381069584,
    0.065708727867269598,   -0.051830310604135753,   0.041965842186497779,   -0.034540064275230722,
    0.028721404826460385,   -0.024029841148104993,   0.02016882439974672,    -0.016944902043738726,
    0.014225945994561017,   -0.011917985000370217,   0.0099516726514942717,  -0.0082740494564727783,
    0.0068433598660692157,  -0.0056257061492606605,  0.0045928455995885679,  -0.0037207196978259614,
    0.002988462450321713,   -0.0023777276612318254,  0.0018722303478541039,  -0.0014574324090572076,
    0.0011203248911146133,  -0.00084927366319167443, 0.00063390566911692499, -0.00046501963300759095,
    0.00033451024153043876, -0.00023529850366234425, 0.00016126351744070685, -0.00010717304725406512,
    6.8611765294982426e-05, -4.1907014162882229e-05, 2.40527163808721e-05,   -1.2632542642987282e-05,
    6.7751055988956119e-06,
};

/* -113 dB from 0.2917 on: 20 kHz at 48 kHz. */
static const double middling[] = {
    0.63479366721941632,    -0.20678523901446519,    0.11847465933578191,    -0.078935647445051105,
    0.055915508842244707,   -0.040657992074130074,   0.029810401275865126,   -0.021804814056536805,
    0.01579510003667433,    -0.011267671608370703,   0.0078775242141098465,  -0.0053727184733125396,
    0.0035576966167982491,  -0.0022749441875693915,  0.0013956228014620538,  -0.0008145445504852848,
    0.000447097691521253,   -0.00022689124351644874, 0.00010352934885873056, -4.0297410347444816e-05,
    1.2150000137031087e-05,
};

/* -115 dB from 0.3866 on: 20 kHz at 88.2 kHz. */
static const double wide[] = {
    0.61744629387913952,   -0.16064772303071531,  0.057677286378371044,
    -0.018086393677578087, 0.0041129324664267181, -0.00050399552474771558,
};

/* -130 dB from 0.4433 on: 20 kHz at 176.4 kHz. */
static const double widest[] = {
    0.60083037862597821,
    -0.12456586152602242,
    0.026788258018268427,
    -0.0030530765843549889,
};

static const double loudest = 1e6; /* +120 dBFS */

#define FILTER(taps) ((struct oversample_filter){taps, LEN(taps)})

int
oversample_stages(double rate_hz, int stages)
{
    int n = stages - (rate_hz >= 88200.0) - (rate_hz >= 176400.0);

    return n > 1 ? n : 1;
}

/* For a stage that goes up from rate_hz. Below 32 kHz the latency counts for more than the last octave. */
static struct oversample_filter
filter_for(double rate_hz, int stage)
{
    if (rate_hz < 32000.0)
        return stage < 2 ? FILTER(wide) : FILTER(widest);
    if (rate_hz < 48000.0 && stage == 0)
        return FILTER(narrow);
    if (rate_hz < 88200.0 && stage == 0)
        return FILTER(middling);
    return rate_hz < 176400.0 && stage < 2 ? FILTER(wide) : FILTER(widest);
}

/* --- arrays ---------------------------------------------------------------------------------------- */

/* The piece of what goes up with `phases` phases, as it is when it is `late` frames behind the input. */
INLINE const double *
up_at(const struct oversample *o, int phases, int p, int late)
{
    int made = 0; /* how late it was when it was made */

    if (p == 0)
        return o->in + LONG + o->up_at - late;
    for (int s = 0, gap = phases / 2; gap >= 1; s++, gap /= 2) { /* stage s has filled the gaps 2 gap wide */
        made += o->up_ahead[s];
        if (p % (2 * gap) == gap)
            return o->between[(1 << s) - 1 + p / (2 * gap)] + SHORT + o->up_at - (late - made);
    }
    return NULL;
}

/* The piece of what goes down into a stage. */
INLINE double *
back_at(struct oversample *o, int stage, int p)
{
    if (stage == 0)
        return o->base[p] + LONG + o->down_at;
    return o->high[(stage == 1 ? 0 : 4) + p] + SHORT + o->down_at;
}

/* The last `keep` frames, a multiple of 8, go to the front; upwards, as they may overlap. */
INLINE void
roll(double *line, int keep, int nframes)
{
    for (int i = -keep; i < 0; i += 8) {
        double eight[8];

        memcpy(eight, line + nframes + i, sizeof eight);
        memcpy(line + i, eight, sizeof eight);
    }
}

/* --- one stage ------------------------------------------------------------------------------------- */

INLINE int
floor_div(int a, int b)
{
    return (a + 64 * b) / b - 64;
}

/* Sample t, counted from the first of the frame that x's arrays point to. */
#define SAMPLE(x, phases, t) ((x)[(t)-floor_div(t, phases) * (phases)] + floor_div(t, phases))

/* What taps from .. to - 1 give for the place between samples t and t + 1 of frame i. */
INLINE double
sum_taps(const double *const *x, const int phases, const int t, const double *tap, const int from,
         const int to, int i)
{
    double sum = tap[from] * (SAMPLE(x, phases, t - from)[i] + SAMPLE(x, phases, t + 1 + from)[i]);

#pragma GCC unroll 24
    for (int k = from + 1; k < to; k++)
        sum += tap[k] * (SAMPLE(x, phases, t - k)[i] + SAMPLE(x, phases, t + 1 + k)[i]);
    return sum;
}

INLINE void
up(struct oversample *o, int stage, const int phases, const int ntaps, int late, int nframes)
{
    const double *tap = o->filter[stage].tap;
    const double *x[4];
    double *y[4];

#pragma GCC unroll 4
    for (int p = 0; p < 4; p++) {
        x[p] = up_at(o, phases, p % phases, late);
        y[p] = o->between[phases - 1 + p % phases] + SHORT + o->up_at;
    }
#pragma GCC ivdep
    for (int i = 0; i < nframes; i++) {
        double a = sum_taps(x, phases, 0, tap, 0, ntaps < MOST ? ntaps : MOST, i);
        double b = phases > 1 ? sum_taps(x, phases, 1, tap, 0, ntaps, i) : 0.0;
        double c = phases > 2 ? sum_taps(x, phases, 2, tap, 0, ntaps, i) : 0.0;
        double d = phases > 2 ? sum_taps(x, phases, 3, tap, 0, ntaps, i) : 0.0;

        y[0][i] = a;
        if (phases > 1)
            y[1][i] = b;
        if (phases > 2) {
            y[2][i] = c;
            y[3][i] = d;
        }
    }
    if (ntaps > MOST)
#pragma GCC ivdep
        for (int i = 0; i < nframes; i++)
            y[0][i] += sum_taps(x, phases, 0, tap, MOST, ntaps, i);
}

/* out: NULL for the arrays of the stage below. */
INLINE void
down(struct oversample *o, int stage, const int phases, const int ntaps, double *out, int nframes)
{
    int late = o->down_ahead[stage];
    const double *tap = o->filter[stage].tap;
    const double *odd[4], *even[4];
    double *y[4];

#pragma GCC unroll 4
    for (int p = 0; p < 4; p++) {
        odd[p] = back_at(o, stage, 2 * (p % phases) + 1) - late;
        even[p] = back_at(o, stage, 2 * (p % phases)) - late;
        y[p] = out ? out : back_at(o, stage - 1, p % phases);
    }
    if (ntaps > MOST)
#pragma GCC ivdep
        for (int i = 0; i < nframes; i++)
            y[0][i] = even[0][i] + sum_taps(odd, phases, -1, tap, MOST, ntaps, i);
#pragma GCC ivdep
    for (int i = 0; i < nframes; i++) {
        double a = (ntaps > MOST ? y[0][i] : even[0][i]) +
                   sum_taps(odd, phases, -1, tap, 0, ntaps < MOST ? ntaps : MOST, i);
        double b = phases > 1 ? even[1][i] + sum_taps(odd, phases, 0, tap, 0, ntaps, i) : 0.0;
        double c = phases > 2 ? even[2][i] + sum_taps(odd, phases, 1, tap, 0, ntaps, i) : 0.0;
        double d = phases > 2 ? even[3][i] + sum_taps(odd, phases, 2, tap, 0, ntaps, i) : 0.0;

        y[0][i] = 0.5 * a;
        if (phases > 1)
            y[1][i] = 0.5 * b;
        if (phases > 2) {
            y[2][i] = 0.5 * c;
            y[3][i] = 0.5 * d;
        }
    }
}

/* --- all stages ------------------------------------------------------------------------------------ */

/* Taps are counted out here, so that each loop over them has an end that the compiler knows. */
CLONES static void
run_up(struct oversample *o, const double *in, int nframes, int n)
{
    double *to = o->in + LONG + o->up_at;
    int late = o->up_ahead[0];

#pragma GCC ivdep
    for (int i = 0; i < nframes; i++)
        to[i] = fabs(in[i]) <= loudest ? in[i] : 0.0;

    switch (o->filter[0].ntaps) {
    case LEN(narrow): up(o, 0, 1, LEN(narrow), late, n); break;
    case LEN(middling): up(o, 0, 1, LEN(middling), late, n); break;
    case LEN(wide): up(o, 0, 1, LEN(wide), late, n); break;
    default: up(o, 0, 1, LEN(widest), late, n);
    }
    late += o->up_ahead[1];
    if (o->stages > 1 && o->filter[1].ntaps == LEN(wide))
        up(o, 1, 2, LEN(wide), late, n);
    else if (o->stages > 1)
        up(o, 1, 2, LEN(widest), late, n);
    if (o->stages > 2)
        up(o, 2, 4, LEN(widest), late + o->up_ahead[2], n);
}

CLONES static void
run_down(struct oversample *o, double *out, int n)
{
    if (o->stages > 2)
        down(o, 2, 4, LEN(widest), NULL, n);
    if (o->stages > 1 && o->filter[1].ntaps == LEN(wide))
        down(o, 1, 2, LEN(wide), NULL, n);
    else if (o->stages > 1)
        down(o, 1, 2, LEN(widest), NULL, n);
    switch (o->filter[0].ntaps) {
    case LEN(narrow): down(o, 0, 1, LEN(narrow), out, n); break;
    case LEN(middling): down(o, 0, 1, LEN(middling), out, n); break;
    case LEN(wide): down(o, 0, 1, LEN(wide), out, n); break;
    default: down(o, 0, 1, LEN(widest), out, n);
    }
}

static void
move_up(struct oversample *o, int to)
{
    for (int p = 0; p <= 1 << o->stages; p++)
        o->phase[p] += to - o->up_at;
    o->up_at = to;
}

static void
move_down(struct oversample *o, int to)
{
    for (int p = 0; p < 1 << o->stages; p++)
        o->back[p] += to - o->down_at;
    o->down_at = to;
}

CLONES static void
roll_up(struct oversample *o)
{
    roll(o->in + LONG, o->keep, o->up_at);
    for (int p = 0; p < (1 << o->stages) - 1; p++)
        roll(o->between[p] + SHORT, SHORT, o->up_at);
}

CLONES static void
roll_down(struct oversample *o)
{
    for (int p = 0; p < 2; p++)
        roll(o->base[p] + LONG, o->keep, o->down_at);
    for (int p = 0; p < (o->stages > 2 ? 12 : o->stages > 1 ? 4 : 0); p++)
        roll(o->high[p] + SHORT, SHORT, o->down_at);
}

/* The next piece stands behind this one; where there is no room for it, at the front, with what is kept. */
static void
step_up(struct oversample *o, int nframes)
{
    move_up(o, o->up_at + nframes);
    if (o->up_at <= OVERSAMPLE_ROOM - OVERSAMPLE_PIECE)
        return;
    roll_up(o);
    move_up(o, 0);
}

static void
step_down(struct oversample *o, int nframes)
{
    move_down(o, o->down_at + nframes);
    if (o->down_at <= OVERSAMPLE_ROOM - OVERSAMPLE_PIECE)
        return;
    roll_down(o);
    move_down(o, 0);
}

/* Loops run over whole vectors; what is beyond the piece is never shown. */
static int
whole(int nframes)
{
    return (nframes + 7) / 8 * 8;
}

/* --- the header's ---------------------------------------------------------------------------------- */

void
oversample_prepare(struct oversample *o, double rate_hz, int stages)
{
    int late = 0;

    memset(o, 0, sizeof *o);
    o->stages = stages;
    for (int s = 0; s < stages; s++) {
        int phases = 1 << s;

        o->filter[s] = filter_for(rate_hz * phases, s);
        o->up_ahead[s] = (o->filter[s].ntaps + phases - 1) / phases;
        o->down_ahead[s] = (o->filter[s].ntaps + phases - 2) / phases;
        late += o->up_ahead[s];
    }
    o->down_ahead[0] += stages == 1; /* the last phase comes a frame late; above, there is room for that */
    o->keep = whole(2 * o->filter[0].ntaps);
    for (int p = 0; p < 1 << stages; p++)
        o->phase[p] = up_at(o, 1 << stages, p, late);
    for (int p = 0; p < 1 << stages; p++)
        o->back[p] = back_at(o, stages - 1, p);
    o->phase[1 << stages] = o->phase[0] + 1;
}

RT void
oversample_reset(struct oversample *o)
{
    move_up(o, 0);
    move_down(o, 0);
    memset(o->in, 0, sizeof o->in);
    memset(o->between, 0, sizeof o->between);
    memset(o->base, 0, sizeof o->base);
    memset(o->high, 0, sizeof o->high);
}

RT int
oversample_up_frames(const struct oversample *o)
{
    int n = 0;

    for (int s = 0; s < o->stages; s++)
        n += o->up_ahead[s];
    return n;
}

RT int
oversample_latency_frames(const struct oversample *o)
{
    int n = oversample_up_frames(o);

    for (int s = 0; s < o->stages; s++)
        n += o->down_ahead[s];
    return n;
}

RT void
oversample_up(struct oversample *o, const double *in, int nframes)
{
    run_up(o, in, nframes, whole(nframes));
}

RT void
oversample_down(struct oversample *o, double *out, int nframes)
{
    run_down(o, out, whole(nframes));
    step_up(o, nframes);
    step_down(o, nframes);
}

RT void
oversample_skip(struct oversample *o, int nframes)
{
    step_up(o, nframes);
}
