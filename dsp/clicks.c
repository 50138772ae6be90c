/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   a[0..P]      the model: e[n] = sum a[k] x[n - k], a[0] = 1 (forwards); b[n] = sum a[k] x[n + k] (backwards)
 *   cells        sixteenths of a hop, in which the excitation's mean size and its peak are taken; four on each side
 *                of the hop, so that a click at its edge has its surroundings
 *   difference   d = click - what replaces it, of w samples from s on. The least squares over all errors that hold
 *                one of them: T d = g, T[i][j] = sum a[k] a[k + |i - j|], g[i] = sum a[k] e[s + i + k].
 *                T is banded, Toeplitz, positive definite: Cholesky. The errors' energy falls by g . d
 */
#include "dsp/clicks.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum {
    P = CLICKS_ORDER,
    LAGS = P + 1,
    CELLS = 16,
    AROUND = 4,
    ALL_CELLS = CELLS + 2 * AROUND,
    PAD = 64,
    LANE = 8,
    REFITS = 4
};

typedef double vec __attribute__((vector_size(8 * LANE)));
typedef double vec_loose __attribute__((vector_size(8 * LANE), aligned(8), may_alias));

#define AT(x) (*(const vec_loose *)(x))

static const double longest_s = 0.003, near_s = 0.06;
static const double mean_to_sigma = 1.2533141373155003; /* of a normal distribution: sqrt(pi / 2) */
static const double predictable = 1e-4;  /* -80 dB: what is below that, against the sound, does not matter */
static const double least_peak = 3.2e-4; /* -70 dBFS: nor does this; a proposal of ours */
static const double calm = 1.8, restored = 2.0; /* see the header; measured on clean programmes */

enum status
clicks_prepare(struct clicks *k, double rate_hz, int nch, double step)
{
    size_t w, region;

    *k = (struct clicks){0};
    if (!rate_ok(rate_hz) || nch < 1 || nch > CHUNKS_CHANNELS)
        return BAD_ARG;
    for (k->hop = 256; k->hop * 49.0 < rate_hz; k->hop *= 2)
        ;
    k->cell = k->hop / CELLS;
    k->longest = (int)ceil(longest_s * rate_hz);
    k->near = (int64_t)(near_s * rate_hz);
    k->reach = 2 * P + k->cell;
    k->step = step;
    w = (size_t)k->longest;
    region = (size_t)(ALL_CELLS * k->cell + LANE);
    k->memory = calloc((size_t)(2 * k->hop) * 2 + PAD + 2 * region + w * (LAGS + 1), sizeof(double));
    if (!k->memory)
        return NO_MEM;
    k->hann = k->memory;
    k->windowed = k->hann + 2 * k->hop + PAD;
    k->error = k->windowed + 2 * k->hop;
    k->backward = k->error + region;
    k->band = k->backward + region;
    k->rhs = k->band + w * LAGS;
    for (int i = 0; i < 2 * k->hop; i++)
        k->hann[i] = 0.5 - 0.5 * cos(PI * (i + 0.5) / k->hop);
    if (chunks_prepare(&k->chunks, nch, k->hop + PAD, k->hop) == OK)
        return OK;
    clicks_free(k);
    return NO_MEM;
}

void
clicks_free(struct clicks *k)
{
    chunks_free(&k->chunks);
    free(k->memory);
    k->memory = NULL;
}

/* --- the model ------------------------------------------------------------------------------------- */

/* Lag P - j of x is in lane j; x has PAD numbers in front of it that are 0. */
CLONES static void
correlate(const double *x, int n, double *r)
{
    vec even[3] = {{0}}, odd[3] = {{0}};
    double lane[3 * LANE];

    for (int i = 0; i < n; i += 2)
        for (int v = 0; v < 3; v++) {
            even[v] += x[i] * AT(x + i - P + LANE * v);
            odd[v] += x[i + 1] * AT(x + i + 1 - P + LANE * v);
        }
    for (int v = 0; v < 3; v++)
        *(vec_loose *)(lane + LANE * v) = even[v] + odd[v];
    for (int j = 0; j < LAGS; j++)
        r[P - j] = lane[j];
}

CLONES static void
apply_window(double *out, const double *x, const double *window, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = x[i] * window[i];
}

CLONES static double
window_energy(const double *x, int n)
{
    double sum[LANE] = {0};

    for (int i = 0; i < n; i += LANE)
        for (int k = 0; k < LANE; k++)
            sum[k] += x[i + k] * x[i + k];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* Levinson and Durbin. Returns the error's energy. */
static double
solve_model(const double *r, double *a)
{
    double energy = r[0];

    memset(a, 0, sizeof *a * LAGS);
    a[0] = 1.0;
    for (int m = 1; m <= P; m++) {
        double sum = 0.0, reflection;

        for (int k = 0; k < m; k++)
            sum += a[k] * r[m - k];
        reflection = -sum / energy;
        for (int k = 0; k <= m / 2; k++) {
            double low = a[k], high = a[m - k];

            a[k] = low + reflection * high;
            a[m - k] = high + reflection * low;
        }
        energy *= 1.0 - reflection * reflection;
    }
    return energy;
}

/* e[i] = sum a[k] x[i + k * way]; n a multiple of LANE. */
CLONES static void
predict(double *e, const double *x, const double *a, int way, int n)
{
    for (int i = 0; i < n; i += LANE) {
        vec near = AT(x + i), far = {0};

        for (int k = 1; k < P; k += 2) {
            near += a[k] * AT(x + i + k * way);
            far += a[k + 1] * AT(x + i + (k + 1) * way);
        }
        near += a[P] * AT(x + i + P * way);
        *(vec_loose *)(e + i) = near + far;
    }
}

struct cell {
    double mean, peak;
};

CLONES static void
measure_cells(const double *e, int size, struct cell *cell)
{
    for (int c = 0; c < ALL_CELLS; c++, e += size) {
        double sum[LANE] = {0}, top[LANE] = {0};

        for (int i = 0; i < size; i += LANE)
            for (int k = 0; k < LANE; k++) {
                double level = fabs(e[i + k]);

                sum[k] += level;
                top[k] = level > top[k] ? level : top[k];
            }
        cell[c] = (struct cell){0};
        for (int k = 0; k < LANE; k++) {
            cell[c].mean += sum[k] / size;
            cell[c].peak = top[k] > cell[c].peak ? top[k] : cell[c].peak;
        }
    }
}

/* --- a candidate ----------------------------------------------------------------------------------- */

struct hop { /* of a channel, under analysis; index 0 of x, error, backward is the first cell's first frame */
    struct clicks *clicks;
    int channel;
    int64_t frame; /* of index 0 */
    const double *x;
    double a[LAGS], t[LAGS]; /* model; its own correlation */
    double least;            /* sigma is taken as no less */
    double level;            /* RMS */
    struct cell cell[ALL_CELLS];
    bool backward; /* has been made */
    int refits;    /* after the hop's first fit */
    bool again;    /* under judgement for the second time */
};

/* Of the excitation around a cell, without it: the lower ones before, as a click may have been there; the lowest
   behind, as this one may reach that far; the larger of both, as something may begin or end here. */
static double
sigma_around(const struct hop *h, int cell)
{
    double first = INFINITY, second = INFINITY, behind = INFINITY;

    for (int i = 1; i <= AROUND; i++) {
        double before = h->cell[cell - i].mean;

        if (before < first) {
            second = first;
            first = before;
        } else if (before < second)
            second = before;
        behind = fmin(behind, h->cell[cell + i].mean);
    }
    return fmax(h->least, mean_to_sigma * fmax(second, behind));
}

static void
correlate_model(struct hop *h)
{
    for (int lag = 0; lag <= P; lag++) {
        h->t[lag] = 0.0;
        for (int k = 0; k + lag <= P; k++)
            h->t[lag] += h->a[k] * h->a[k + lag];
    }
}

/* From what stands in windowed: the model, the errors it makes, their cells. */
static void
fit(struct hop *h, double level)
{
    struct clicks *k = h->clicks;
    double r[LAGS];

    correlate(k->windowed, 2 * k->hop, r);
    r[0] = r[0] * (1.0 + 1e-9) + 1e-20;
    solve_model(r, h->a);
    predict(k->error, h->x, h->a, -1, ALL_CELLS * k->cell);
    measure_cells(k->error, k->cell, h->cell);
    correlate_model(h);
    h->least = fmax(predictable * level, 0.5 * k->step * sqrt(h->t[0]));
    h->level = level;
    h->backward = false;
}

static void
look_back(struct hop *h)
{
    if (h->backward)
        return;
    predict(h->clicks->backward, h->x, h->a, 1, (ALL_CELLS - 1) * h->clicks->cell);
    h->backward = true;
}

struct stretch {
    int from, to; /* inclusive */
    int end;      /* last forward error above */
    double peak;
};

/* From the first forward error above on to the last backward one. */
static struct stretch
find_stretch(const struct hop *h, int start, double above)
{
    const double *e = h->clicks->error, *b = h->clicks->backward;
    int most = (ALL_CELLS - 1) * h->clicks->cell;
    struct stretch s = {.from = start, .to = start - P - 1, .end = start};

    for (int i = start; i < most && i <= s.end + P + 1; i++)
        if (fabs(e[i]) > above) {
            s.end = i;
            s.peak = fmax(s.peak, fabs(e[i]));
        }
    for (int i = start - P; i <= s.end; i++)
        if (fabs(b[i]) > above)
            s.to = i;
    return s;
}

static double
mean_size(const double *e, int n)
{
    double sum = 0.0;

    for (int i = 0; i < n; i++)
        sum += fabs(e[i]);
    return sum / n;
}

/* Solves for d in rhs; w numbers. */
static void
solve_difference(struct hop *h, int w)
{
    double *l = h->clicks->band, *d = h->clicks->rhs; /* l[i * LAGS + k]: row i, column i - k */

    for (int i = 0; i < w; i++)
        for (int k = i < P ? i : P; k >= 0; k--) {
            int j = i - k;
            double sum = h->t[k];

            for (int m = i - P > 0 ? i - P : 0; m < j; m++)
                sum -= j - m > P ? 0.0 : l[i * LAGS + i - m] * l[j * LAGS + j - m];
            l[i * LAGS + k] = k ? sum / l[j * LAGS] : sqrt(fmax(sum, 1e-12 * h->t[0]));
        }
    for (int i = 0; i < w; i++) {
        for (int k = 1; k <= P && k <= i; k++)
            d[i] -= l[i * LAGS + k] * d[i - k];
        d[i] /= l[i * LAGS];
    }
    for (int i = w - 1; i >= 0; i--) {
        for (int k = 1; k <= P && i + k < w; k++)
            d[i] -= l[(i + k) * LAGS + k] * d[i + k];
        d[i] /= l[i * LAGS];
    }
}

struct repair {
    double before, after; /* the errors' energy */
    double peak;          /* of the difference */
};

static struct repair
replace(struct hop *h, const struct stretch *s)
{
    const double *e = h->clicks->error + s->from;
    double *d = h->clicks->rhs, gain = 0.0;
    struct repair r = {0};
    int w = s->to - s->from + 1;

    for (int i = 0; i < w; i++) {
        d[i] = 0.0;
        for (int k = 0; k <= P; k++)
            d[i] += h->a[k] * e[i + k];
    }
    for (int i = 0; i < w + P; i++)
        r.before += e[i] * e[i];
    solve_difference(h, w);
    for (int i = 0; i < w; i++) {
        double g = 0.0;

        for (int k = 0; k <= P; k++)
            g += h->a[k] * e[i + k];
        gain += g * d[i];
        r.peak = fmax(r.peak, fabs(d[i]));
    }
    r.after = fmax(r.before - gain, 0.0);
    return r;
}

/* A held value is for others (clips.h, gaps.h) to judge. */
static bool
is_held(const double *x, int from, int to, double step)
{
    int equal = 0;

    for (int i = from; i <= to + 1; i++)
        equal += fabs(x[i] - x[i - 1]) <= 2.5 * step;
    return to - from >= 2 && 2 * equal > to - from;
}

static void
enqueue(struct clicks *k, const struct click *c)
{
    if (k->queued[c->channel] < CLICKS_QUEUE)
        k->queue[c->channel][k->queued[c->channel]++] = *c;
}

/* Are there more peaks like it around? Then it belongs to a tone, or to what goes on. */
static bool
is_one_of_many(const struct hop *h, const struct stretch *s, double above)
{
    int size = h->clicks->cell, from = s->from / size - 1, to = s->end / size + 1, count = 0;
    double like = fmax(0.5 * s->peak, 0.8 * above);

    for (int i = 0; i < ALL_CELLS; i++)
        count += (i < from || i > to) && h->cell[i].peak > like;
    return count >= 2;
}

/* Is what begins at start a click? Returns the last index it takes. */
static int judge(struct hop *h, int start, double sigma);

/* A large click makes a model that is as much the click's as the sound's: once more, with it taken out. */
static int
judge_again(struct hop *h, const struct stretch *s)
{
    struct clicks *k = h->clicks;
    const double *hann = k->hann + k->hop / 2 - AROUND * k->cell;
    double *windowed = k->windowed + k->hop / 2 - AROUND * k->cell, sigma, energy;
    int from = s->from - 4 > 0 ? s->from - 4 : 0;

    h->refits++;
    for (int i = s->from; i <= s->to; i++)
        windowed[i] -= k->rhs[i - s->from] * hann[i];
    energy = window_energy(k->windowed, 2 * k->hop) / (0.75 * k->hop);
    fit(h, sqrt(fmax(energy, 1e-12)));
    sigma = sigma_around(h, s->from / k->cell > AROUND ? s->from / k->cell
                                                       : AROUND); /* the first that has all in front */
    for (int i = from; i <= s->end; i++)
        if (fabs(k->error[i]) > CLICKS_SIGMA * sigma) {
            h->again = true;
            i = judge(h, i, sigma);
            h->again = false;
            return i > s->end ? i : s->end;
        }
    return s->end;
}

static int
judge(struct hop *h, int start, double sigma)
{
    struct clicks *k = h->clicks;
    struct stretch s;
    struct repair r;
    double before;
    bool crossed = false;

    look_back(h);
    s = find_stretch(h, start, CLICKS_SIGMA * sigma);
    if (s.to < s.from) { /* a small one's first error may be below the threshold while later ones are above */
        int from = s.to;

        if (s.from - from > 3)
            return s.end;
        crossed = true;
        s.to = s.from;
        s.from = from;
    }
    if (s.from < k->cell || s.to - s.from >= k->longest || s.end > s.to + P ||
        s.to + k->reach >= (ALL_CELLS - 1) * k->cell)
        return s.end;
    if (h->frame + s.from < k->reach || h->frame + s.to + k->reach > k->frames)
        return s.end;
    if (is_one_of_many(h, &s, CLICKS_SIGMA * sigma)) {
        enqueue(k, &(struct click){h->frame + s.from, 1, h->channel, 0.0, s.peak, true});
        return s.end;
    }
    r = replace(h, &s);
    if (!h->again && h->refits < REFITS)
        return judge_again(h, &s);
    before = fmax(mean_size(k->error + s.from - k->cell, k->cell), h->least / mean_to_sigma);
    if (mean_size(k->error + s.to + P + 1, k->cell) > calm * before ||
        mean_size(k->backward + s.to + 1, k->cell / 2) > calm * before)
        return s.end;
    if (r.after > P * restored * restored * sigma * sigma || r.peak < least_peak)
        return s.end;
    if (crossed && r.after > 0.5 * (r.before - s.peak * s.peak)) /* one error explains it better */
        return s.end;
    enqueue(k, &(struct click){h->frame + s.from, s.to - s.from + 1, h->channel, s.peak / sigma, r.peak,
                               is_held(h->x, s.from, s.to, k->step)});
    return s.end;
}

/* A start belongs to the cell it is in; in front of it there is calm. */
static void
search_cell(struct hop *h, int cell, int *done)
{
    const double *e = h->clicks->error;
    int size = h->clicks->cell;
    double sigma = sigma_around(h, cell), above = CLICKS_SIGMA * sigma;

    if (h->cell[cell].peak <= above)
        return;
    for (int i = cell * size; i < (cell + 1) * size; i++) {
        bool troubled = false;

        if (i <= *done || fabs(e[i]) <= above)
            continue;
        for (int b = i - size; b < i; b++)
            troubled |= fabs(e[b]) > above;
        *done = troubled ? i : judge(h, i, sigma);
    }
}

/* --- hops ------------------------------------------------------------------------------------------ */

/* The hop is the middle of the last two hops' frames. */
static void
hear_hop(struct clicks *k, int c)
{
    const double *window = k->chunks.x[c] + k->chunks.past - k->hop;
    int lead = k->hop / 2 - AROUND * k->cell, done = -1;
    struct hop h = {.clicks = k, .channel = c, .x = window + lead, .frame = k->chunks.at - k->hop + lead};
    double energy;

    apply_window(k->windowed, window, k->hann, 2 * k->hop);
    energy =
        window_energy(k->windowed, 2 * k->hop) / (0.75 * k->hop); /* of a Hann window: 3/8 of its length */
    if (energy < 1e-12)
        return;
    fit(&h, sqrt(energy));
    for (int i = AROUND; i < AROUND + CELLS; i++)
        search_cell(&h, i, &done);
}

/* --- who is alone ---------------------------------------------------------------------------------- */

static void
keep(struct clicks *k, const struct click *c)
{
    int least = 0;

    k->count++;
    if (k->kept < MARKS) {
        k->found[k->kept++] = *c;
        return;
    }
    for (int i = 1; i < MARKS; i++)
        if (k->found[i].peak < k->found[least].peak)
            least = i;
    if (c->peak > k->found[least].peak)
        k->found[least] = *c;
}

static int
neighbours(const struct clicks *k, const struct click *c)
{
    int count = 0;

    for (int i = 0; i < k->queued[c->channel]; i++) {
        const struct click *o = &k->queue[c->channel][i];

        count += o != c && llabs(o->frame - c->frame) <= k->near && o->peak > 0.25 * c->peak;
    }
    return count;
}

/* Those whose surroundings are known up to `frame` are settled; they stay for others' sake. */
static void
settle(struct clicks *k, int channel, int64_t from, int64_t frame)
{
    struct click *q = k->queue[channel];
    int stay = 0;

    for (int i = 0; i < k->queued[channel]; i++)
        if (!q[i].held && q[i].frame >= from - k->near && q[i].frame < frame - k->near &&
            neighbours(k, &q[i]) < CLICKS_TRAIN)
            keep(k, &q[i]);
    for (int i = 0; i < k->queued[channel]; i++)
        if (q[i].frame >= frame - 2 * k->near)
            q[stay++] = q[i];
    k->queued[channel] = stay;
}

static void
hear_chunk(struct clicks *k)
{
    int64_t known = k->chunks.at + k->hop / 2; /* from that hop on */

    for (int c = 0; c < k->chunks.nch; c++) {
        hear_hop(k, c);
        settle(k, c, known - k->hop, known);
    }
}

static void
hear(struct clicks *k, const double *const *in, int nframes)
{
    for (int done = 0; done < nframes;) {
        done += chunks_take(&k->chunks, in, done, nframes);
        if (chunks_full(&k->chunks)) {
            hear_chunk(k);
            chunks_next(&k->chunks);
        }
    }
}

RT void
clicks_process(struct clicks *k, const double *const *in, int nframes)
{
    k->frames += nframes;
    hear(k, in, nframes);
}

RT void
clicks_finish(struct clicks *k)
{
    hear(k, NULL, 2 * k->hop + (int)k->near + k->hop);
    for (int i = 1; i < k->kept; i++) {
        struct click x = k->found[i];
        int j = i;

        for (; j > 0 && k->found[j - 1].frame > x.frame; j--)
            k->found[j] = k->found[j - 1];
        k->found[j] = x;
    }
}
