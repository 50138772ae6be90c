/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A Linkwitz-Riley low pass is a Butterworth low pass run twice, and low + high = A, an allpass with the
 * Butterworth's poles; so high = A - low. The first Butterworth section, a state-variable filter, has the low
 * pass in one state and the allpass x - 2 k v1 in the other: a split of 24 dB an octave costs two sections, one of
 * 48 five instead of twelve.
 *
 *                       +-- A(high) -- split low ---- end 0, end 1
 *     x -- split mid ---+
 *                       +-- A(low) --- split high --- end 2, end 3
 *
 * Each end has passed through all three allpasses, once each, so that their sum has, too. Both branches run side by
 * side: the four lanes are low left, low right, high left, high right. Where a split is missing its poles stand at
 * 0 Hz: then the section is x -> (0, x), exactly, and nothing moves in it.
 *
 * The sections are written as what a frame does to their two states,
 *     i1' = (2 D - 1) i1 + 2 g D (x - i2)
 *     i2' = i2 + 2 g D i1 + 2 g^2 D (x - i2)          D = 1 / (1 + g (g + k))
 * which is biquad.h's frame with 2 v - i multiplied out: three operations from state to state. Then
 * i1 + i1' = 2 v1, the band pass, and i2 + i2' = 2 v2, the low pass; the factors of 2 are taken back at the end.
 */
#include "dsp/crossover.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

/* About passing vectors to functions that aren't inlined; here all are. */
#pragma GCC diagnostic ignored "-Wpsabi"

enum { FEW_SECTIONS = 5 }; /* of the tree that isn't steep */

static const double loudest = 1e9; /* +180 dBFS */
static const double nothing =
    1e-20; /* -400 dBFS; what stays in a filter below it is cleared, or it would for ever */
static const double top = 0.47;                   /* of the rate */
static const double k24 = 1.41421356237309504880; /* 1 / q: Butterworth of order 2 */
static const double k48[2] = {1.84775906502257351226, 0.76536686473017954346}; /* of order 4 */

typedef crossover_quad quad;
typedef int64_t quad_pick __attribute__((vector_size(32)));

/* Of each frame of a piece. [0] is 24 dB's, or the first of 48's. */
struct course {
    double a[2][CROSSOVER_PLACES][CROSSOVER_CHUNK], b[2][CROSSOVER_PLACES][CROSSOVER_CHUNK],
        c[2][CROSSOVER_PLACES][CROSSOVER_CHUNK];
};

/* --- trees ----------------------------------------------------------------------------------------- */

/* Bands in use in ascending order; returns how many. */
static int
bands_in_use(unsigned active, int band[CROSSOVER_BANDS])
{
    int n = 0;

    for (int i = 0; i < CROSSOVER_BANDS; i++)
        if (active & 1u << i)
            band[n++] = i;
    if (n == 0)
        band[n++] = 0;
    return n;
}

/* Silent ends go to the bands that are not in use. */
static void
tree_fill(struct crossover_tree *t)
{
    unsigned free = (1u << CROSSOVER_BANDS) - 1;
    int next = 0;

    for (int i = 0; i < CROSSOVER_BANDS; i++)
        if (t->band[i] >= 0)
            free &= ~(1u << t->band[i]);
    for (int i = 0; i < CROSSOVER_BANDS; i++) {
        if (t->band[i] >= 0)
            continue;
        while (!(free & 1u << next))
            next++;
        t->band[i] = next++;
    }
}

/* Band n's lower edge is split n - 1. */
static void
tree_plant(struct crossover_tree *t, int slope, unsigned active)
{
    /* With so many bands: which end each comes from. */
    static const int ends[CROSSOVER_BANDS + 1][CROSSOVER_BANDS] = {{0}, {3}, {1, 3}, {0, 1, 3}, {0, 1, 2, 3}};
    int used[CROSSOVER_BANDS], n = bands_in_use(active, used);

    *t = (struct crossover_tree){
        .slope = slope, .active = active, .split = {-1, -1, -1}, .band = {-1, -1, -1, -1}};
    if (n == 2)
        t->split[CROSSOVER_MID] = used[1] - 1;
    if (n > 2) {
        t->split[CROSSOVER_LOW] = used[1] - 1;
        t->split[CROSSOVER_MID] = used[2] - 1;
    }
    if (n > 3)
        t->split[CROSSOVER_HIGH] = used[3] - 1;
    for (int i = 0; i < n; i++)
        t->band[ends[n][i]] = used[i];
    tree_fill(t);
}

/* The larger ones of both. */
INLINE void
raise(quad *most, const quad *x)
{
    quad_pick pick = *x > *most;

    *most = (quad)(((quad_pick)*x & pick) | ((quad_pick)*most & ~pick));
}

/* The largest of its states. */
static double
tree_loudest(const struct crossover_tree *t)
{
    int n = t->slope == CROSSOVER_LR48 ? CROSSOVER_SECTIONS : FEW_SECTIONS;
    quad most = {0.0, 0.0, 0.0, 0.0};

    for (int i = 0; i < n; i++) {
        quad i1 = -t->section[i].i1, i2 = -t->section[i].i2;

        raise(&most, &t->section[i].i1);
        raise(&most, &t->section[i].i2);
        raise(&most, &i1);
        raise(&most, &i2);
    }
    return fmax(fmax(most[0], most[1]), fmax(most[2], most[3]));
}

/* --- tunings --------------------------------------------------------------------------------------- */

/* Frames 0 .. n - 1 of one place and one k. */
CLONES static void
tune_place(double *restrict a, double *restrict b, double *restrict c, const double *restrict pitch, double k,
           int n)
{
    for (int i = 0; i < n; i++) {
        double g = x_exp2(pitch[i]), d = 1.0 / (1.0 + g * (g + k));

        a[i] = 2.0 * d - 1.0;
        b[i] = 2.0 * (g * d);
        c[i] = g * (2.0 * (g * d));
    }
}

static void
tune(const struct crossover_tree *t, double (*pitch)[CROSSOVER_CHUNK], struct course *g, int n)
{
    bool steep = t->slope == CROSSOVER_LR48;

    for (int which = 0; which < 1 + steep; which++)
        for (int place = 0; place < CROSSOVER_PLACES; place++) {
            double *a = g->a[which][place], *b = g->b[which][place], *c = g->c[which][place];

            if (t->split[place] >= 0) {
                tune_place(a, b, c, pitch[t->split[place]], steep ? k48[which] : k24, n);
                continue;
            }
            for (int i = 0; i < n; i++) {
                a[i] = 1.0;
                b[i] = c[i] = 0.0;
            }
        }
}

INLINE quad
spread(const double v[CROSSOVER_PLACES][CROSSOVER_CHUNK], int low, int high, int i)
{
    return (quad){v[low][i], v[low][i], v[high][i], v[high][i]};
}

INLINE struct crossover_tuning
tuning_at(const struct course *g, int which, int low, int high, int i)
{
    return (struct crossover_tuning){spread(g->a[which], low, high, i), spread(g->b[which], low, high, i),
                                     spread(g->c[which], low, high, i)};
}

INLINE void
tunings_at(const struct course *g, int count, int i, struct crossover_tunings *t)
{
    for (int which = 0; which < count; which++) {
        t->mid[which] = tuning_at(g, which, CROSSOVER_MID, CROSSOVER_MID, i);
        t->all[which] = tuning_at(g, which, CROSSOVER_HIGH, CROSSOVER_LOW, i);
        t->last[which] = tuning_at(g, which, CROSSOVER_LOW, CROSSOVER_HIGH, i);
    }
}

/* --- frames ---------------------------------------------------------------------------------------- */

/* Returns twice the low pass; *band is twice the band pass. */
INLINE quad
section(struct crossover_section *s, const struct crossover_tuning *t, const quad *x, quad *band)
{
    quad high = *x - s->i2;
    quad i1 = t->a * s->i1 + t->b * high;
    quad i2 = s->i2 + (t->b * s->i1 + t->c * high);
    quad low = s->i2 + i2;

    *band = s->i1 + i1;
    s->i1 = i1;
    s->i2 = i2;
    return low;
}

INLINE void
allpass(struct crossover_section *s, const struct crossover_tuning *t, double k, quad *x)
{
    quad band;

    section(s, t, x, &band);
    *x -= k * band;
}

/* x -> low, and high in its place. */
INLINE quad
split24(struct crossover_section *s, const struct crossover_tuning *t, quad *x)
{
    quad band, low = section(&s[0], t, x, &band), all = *x - k24 * band;

    low = 0.25 * section(&s[1], t, &low, &band);
    *x = all - low;
    return low;
}

INLINE quad
split48(struct crossover_section *s, const struct crossover_tuning *t, quad *x)
{
    quad band, low = section(&s[0], &t[0], x, &band), all = *x - k48[0] * band;

    allpass(&s[1], &t[1], k48[1], &all);
    low = section(&s[2], &t[1], &low, &band);
    low = section(&s[3], &t[0], &low, &band);
    low = 0.0625 * section(&s[4], &t[1], &low, &band);
    *x = all - low;
    return low;
}

/* left, right, left, right -> ends 0 and 2; ends 1 and 3 in x's place. */
INLINE quad
frame24(struct crossover_section *s, const struct crossover_tunings *t, quad *x)
{
    quad high = *x, low = split24(&s[0], &t->mid[0], &high);

    *x = __builtin_shufflevector(low, high, 0, 1, 6, 7);
    allpass(&s[2], &t->all[0], k24, x);
    return split24(&s[3], &t->last[0], x);
}

INLINE quad
frame48(struct crossover_section *s, const struct crossover_tunings *t, quad *x)
{
    quad high = *x, low = split48(&s[0], t->mid, &high);

    *x = __builtin_shufflevector(low, high, 0, 1, 6, 7);
    allpass(&s[5], &t->all[0], k48[0], x);
    allpass(&s[6], &t->all[1], k48[1], x);
    return split48(&s[7], t->last, x);
}

/* With constant arguments, so that each use is a loop of its own. g: NULL where nothing glides. */
INLINE void
run(struct crossover_tree *t, const struct course *g, const double *const *in, double *const *const *end,
    int n, bool steep)
{
    struct crossover_section s[CROSSOVER_SECTIONS];
    struct crossover_tunings now = t->still;
    size_t size = sizeof s[0] * (steep ? CROSSOVER_SECTIONS : FEW_SECTIONS);

    memcpy(s, t->section, size);
    for (int i = 0; i < n; i++) {
        quad x = {in[0][i], in[1][i], in[0][i], in[1][i]}, low;

        if (g)
            tunings_at(g, 1 + steep, i, &now);
        low = steep ? frame48(s, &now, &x) : frame24(s, &now, &x);
        for (int c = 0; c < STEREO; c++) {
            end[0][c][i] = low[c];
            end[1][c][i] = x[c];
            end[2][c][i] = low[2 + c];
            end[3][c][i] = x[2 + c];
        }
    }
    memcpy(t->section, s, size);
}

CLONES static void
run_tree(struct crossover_tree *t, const struct course *g, const double *const *in, double *const *const *end,
         int n)
{
    if (t->slope == CROSSOVER_LR48 && g)
        run(t, g, in, end, n, true);
    else if (t->slope == CROSSOVER_LR48)
        run(t, NULL, in, end, n, true);
    else if (g)
        run(t, g, in, end, n, false);
    else
        run(t, NULL, in, end, n, false);
}

/* --- the face -------------------------------------------------------------------------------------- */

enum status
crossover_prepare(struct crossover *x, double rate_hz)
{
    *x = (struct crossover){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    glide_prepare(&x->pitch, rate_hz, CROSSOVER_GLIDE_MS, 1e-9);
    fade_prepare(&x->fade, rate_hz, CROSSOVER_FADE_MS);
    x->fresh = true;
    crossover_set(x, &(struct crossover_settings){.freq_hz = {120.0, 1000.0, 6000.0}});
    crossover_reset(x);
    return OK;
}

void
crossover_free(struct crossover *x)
{
    *x = (struct crossover){0};
}

/* What the tree's sections are where nothing glides. */
static void
rest(const struct crossover *x, struct crossover_tree *t)
{
    double pitch[CROSSOVER_SPLITS][CROSSOVER_CHUNK];
    struct course course;

    for (int i = 0; i < CROSSOVER_SPLITS; i++)
        pitch[i][0] = x->pitch.target[i];
    tune(t, pitch, &course, 1);
    tunings_at(&course, 1 + (t->slope == CROSSOVER_LR48), 0, &t->still);
}

static void
settle(struct crossover *x)
{
    for (int i = 0; i < CROSSOVER_SPLITS; i++)
        glide_jump(&x->pitch, i, x->wanted[i]);
    tree_plant(&x->tree[x->now], x->slope, x->active);
    rest(x, &x->tree[x->now]);
    x->gliding = x->changing = x->pitch.moving = false;
}

RT void
crossover_reset(struct crossover *x)
{
    settle(x);
    x->asleep = true;
    x->phase = 0;
    x->fresh = true;
}

static double
pitch_of(double freq_hz, double rate_hz)
{
    double share = freq_hz / rate_hz;

    return x_log2(x_tan(PI * (share < top ? share : top)));
}

static void
order(double *a, double *b)
{
    double low = *a < *b ? *a : *b, high = *a < *b ? *b : *a;

    *a = low;
    *b = high;
}

RT void
crossover_set(struct crossover *x, const struct crossover_settings *s)
{
    x->slope = s->slope;
    x->active = 0;
    for (int i = 0; i < CROSSOVER_BANDS; i++)
        x->active |= (unsigned)s->active[i] << i;
    for (int i = 0; i < CROSSOVER_SPLITS; i++)
        x->wanted[i] = pitch_of(s->freq_hz[i], x->rate_hz);
    order(&x->wanted[0], &x->wanted[1]);
    order(&x->wanted[1], &x->wanted[2]);
    order(&x->wanted[0], &x->wanted[1]);
    if (x->fresh)
        settle(x);
    x->fresh = false;
}

/* --- pieces ---------------------------------------------------------------------------------------- */

typedef double sound[STEREO][CROSSOVER_CHUNK];

/* What is no sound is left out; returns whether anything is left. */
CLONES static uint64_t
admit(double *restrict to, const double *restrict in, int n)
{
    uint64_t any = 0;

    for (int i = 0; i < n; i++) {
        double x = (fabs(in[i]) < loudest ? in[i] : 0.0) + 0.0; /* -0 becomes 0 */

        to[i] = x;
        any |= x_bits(x);
    }
    return any;
}

static void
grow(struct crossover *x, struct crossover_tree *t, double (*pitch)[CROSSOVER_CHUNK], const double *const *in,
     double *const *const *band, int n)
{
    double *const *end[CROSSOVER_BANDS];
    struct course course;

    for (int i = 0; i < CROSSOVER_BANDS; i++)
        end[i] = band[t->band[i]];
    if (x->gliding)
        tune(t, pitch, &course, n);
    run_tree(t, x->gliding ? &course : NULL, in, end, n);
}

/* The other tree runs, too, and is or isn't heard yet. */
static void
change(struct crossover *x, double (*pitch)[CROSSOVER_CHUNK], const double *const *in,
       double *const *const *band, int n)
{
    sound other[CROSSOVER_BANDS];
    double *side[CROSSOVER_BANDS][STEREO], *const *into[CROSSOVER_BANDS];
    double share[CROSSOVER_CHUNK];

    for (int k = 0; k < CROSSOVER_BANDS; k++) {
        side[k][0] = other[k][0];
        side[k][1] = other[k][1];
        into[k] = side[k];
    }
    grow(x, &x->tree[!x->now], pitch, in, into, n);
    if (x->warm > 0)
        return;
    fade_fill(&x->fade, share, n);
    for (int k = 0; k < CROSSOVER_BANDS; k++)
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < n; i++)
                band[k][c][i] += share[i] * (other[k][c][i] - band[k][c][i]);
}

/* Within a chunk. */
static void
piece(struct crossover *x, const double *const *in, double *const *const *band, int n)
{
    sound clean;
    double pitch[GLIDES][CROSSOVER_CHUNK];
    const double *const from[STEREO] = {clean[0], clean[1]};
    uint64_t any = admit(clean[0], in[0], n) | admit(clean[1], in[1], n);

    x->asleep &= !any;
    if (x->asleep && !x->gliding && !x->changing) {
        for (int k = 0; k < CROSSOVER_BANDS; k++)
            for (int c = 0; c < STEREO; c++)
                memset(band[k][c], 0, sizeof(double) * (size_t)n);
        return;
    }
    if (x->gliding)
        glide_next(&x->pitch, pitch, n);
    grow(x, &x->tree[x->now], pitch, from, band, n);
    if (x->changing)
        change(x, pitch, from, band, n);
}

/* At a chunk's first frame: takes up what is wanted. */
static void
begin(struct crossover *x)
{
    const struct crossover_tree *t = &x->tree[x->now];
    bool tune_anew = x->gliding;

    for (int i = 0; i < CROSSOVER_SPLITS; i++)
        glide_to(&x->pitch, i, x->wanted[i]);
    x->gliding = x->pitch.moving;
    if (!x->changing && (t->slope != x->slope || t->active != x->active)) {
        tree_plant(&x->tree[!x->now], x->slope, x->active);
        fade_jump(&x->fade, false);
        x->warm = (int)(x->rate_hz * CROSSOVER_WARM_MS / 1000) + 1;
        x->changing = tune_anew = true;
    }
    if (tune_anew && !x->gliding) {
        rest(x, &x->tree[0]);
        rest(x, &x->tree[1]);
    }
}

/* Behind its last. */
static void
end(struct crossover *x)
{
    double most = tree_loudest(&x->tree[x->now]);

    glide_land(&x->pitch);
    if (x->changing) {
        most = fmax(most, tree_loudest(&x->tree[!x->now]));
        x->warm -= CROSSOVER_CHUNK;
        if (x->warm <= 0)
            fade_to(&x->fade, true);
        if (fade_is(&x->fade, true)) {
            x->now = !x->now;
            x->changing = false;
        }
    }
    x->asleep |= most < nothing;
    if (!x->asleep)
        return;
    for (int i = 0; i < 2; i++)
        memset(x->tree[i].section, 0, sizeof x->tree[i].section);
}

RT void
crossover_process(struct crossover *x, const double *const *in, double *const *band[CROSSOVER_BANDS],
                  int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        const double *const from[STEREO] = {in[0] + at, in[1] + at};
        double *side[CROSSOVER_BANDS][STEREO], *const *to[CROSSOVER_BANDS];

        for (int k = 0; k < CROSSOVER_BANDS; k++) {
            side[k][0] = band[k][0] + at;
            side[k][1] = band[k][1] + at;
            to[k] = side[k];
        }
        if (x->phase == 0)
            begin(x);
        n = CROSSOVER_CHUNK - x->phase;
        n = n < nframes - at ? n : nframes - at;
        piece(x, from, to, n);
        x->phase += n;
        if (x->phase == CROSSOVER_CHUNK) {
            end(x);
            x->phase = 0;
        }
    }
}

static unsigned
bands_of(unsigned active)
{
    return active ? active : 1;
}

RT unsigned
crossover_bands(const struct crossover *x)
{
    const struct crossover_tree *now = &x->tree[x->now], *next = &x->tree[!x->now];

    return bands_of(now->active) | bands_of(x->active) | (x->changing ? bands_of(next->active) : 0);
}

RT int
crossover_latency_frames(const struct crossover *x)
{
    (void)x;
    return 0;
}
