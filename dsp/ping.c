/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/ping.h"

#include "dsp/xmath.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 2 * PING_SPAN, BINS = PING_SPAN + 1, GAP = BINS + 7 };

static const double lowest_hz = 150.0; /* transformers turn the phase below */
static const double highest = 0.4;     /* of the rate: converters' filters above */
static const double clear = 8.0;       /* a peak so many times the correlation's RMS is no accident */
static const double silence = 1e-4;    /* RMS: nothing to compare */

enum status
ping_prepare(struct ping *p, double rate_hz)
{
    enum status s = rate_ok(rate_hz) ? OK : BAD_ARG;

    *p = (struct ping){.rate_hz = rate_hz};
    if (s == OK)
        s = fft_prepare_real(&p->fft, SIZE, GAP);
    if (s != OK)
        return s;
    p->frames = calloc((size_t)(SIZE + 4 * GAP), sizeof *p->frames);
    if (!p->frames) {
        ping_free(p);
        return NO_MEM;
    }
    p->sent = p->frames + SIZE;
    p->back = p->sent + 2 * GAP;
    return OK;
}

void
ping_free(struct ping *p)
{
    fft_free(&p->fft);
    free(p->frames);
    *p = (struct ping){0};
}

/* Uniform, -1..1, by a multiplicative generator. */
static double
draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)*state * 0x1p-63;
}

/* A low-pass's tap, k frames from its middle: what is above the band would come back as converters please. */
static double
tap(int k)
{
    enum { HALF = 64 };
    const double cut = 0.36;
    double u = (double)k / HALF, window = 0.42 + 0.5 * x_cos(PI * u) + 0.08 * x_cos(2.0 * PI * u);

    return k == 0 ? 2.0 * cut : abs(k) < HALF ? window * x_sin(2.0 * PI * cut * k) / (PI * k) : 0.0;
}

void
ping_signal(float *out)
{
    enum { EDGE = 256, HALF = 64, MORE = PING_FRAMES + 2 * HALF };
    const double level = 0.1 * sqrt(3.0 / 0.72); /* of a uniform draw, and of what the low-pass leaves */
    double taps[2 * HALF + 1], noise[2 * HALF + 1];
    uint64_t state = 20;

    for (int k = -HALF; k <= HALF; k++)
        taps[k + HALF] = tap(k);
    for (int i = 0; i < MORE; i++) {
        int n = i - 2 * HALF, edge = n < PING_FRAMES - 1 - n ? n : PING_FRAMES - 1 - n;
        double sum = 0.0;

        noise[i % (2 * HALF + 1)] = draw(&state);
        for (int k = 0; n >= 0 && k <= 2 * HALF; k++)
            sum += taps[k] * noise[(n + k) % (2 * HALF + 1)];
        if (n >= 0)
            out[n] = (float)(level * sum * (edge < EDGE ? (edge + 0.5) / EDGE : 1.0));
    }
}

static double
rms(const float *x, int n)
{
    double sum = 0.0;

    for (int i = 0; i < n; i++)
        sum += (double)x[i] * x[i];
    return sqrt(sum / n);
}

/* Hann over n frames from x on, zeros after. window false: as it is. */
static void
spectrum(struct ping *p, const float *x, int n, bool windowed, double *out)
{
    memset(p->frames, 0, sizeof *p->frames * SIZE);
    for (int i = 0; i < n; i++)
        p->frames[i] = x[i] * (windowed ? 0.5 - 0.5 * x_cos(2.0 * PI * (i + 0.5) / n) : 1.0);
    fft_real_forward(&p->fft, p->frames, out);
}

static int
bin_of(const struct ping *p, double freq_hz)
{
    return (int)(freq_hz / p->rate_hz * SIZE);
}

/* back x conjugate(sent) into back; whitened, and nothing outside the band. */
static void
cross(struct ping *p, bool whiten)
{
    int low = bin_of(p, lowest_hz), high = bin_of(p, highest * p->rate_hz);

    for (int k = 0; k < BINS; k++) {
        double a = p->sent[k], b = p->sent[GAP + k], c = p->back[k], d = p->back[GAP + k];
        double re = a * c + b * d, im = a * d - b * c, size = sqrt(re * re + im * im);
        double scale = k < low || k > high ? 0.0 : !whiten ? 1.0 : size > 0.0 ? 1.0 / size : 0.0;

        p->back[k] = re * scale;
        p->back[GAP + k] = im * scale;
    }
}

/* The whole frame nearest to the delay; -1: no clear peak. */
static int
coarse(struct ping *p, const float *sent, const float *back)
{
    double most = 0.0, sum = 0.0;
    int at = 0;

    spectrum(p, sent, PING_SPAN, false, p->sent);
    spectrum(p, back, PING_SPAN, false, p->back);
    cross(p, true);
    fft_real_inverse(&p->fft, p->back, p->frames);
    for (int i = 0; i <= INSERT_LONGEST; i++) {
        double x = fabs(p->frames[i]);

        sum += x * x;
        if (x > most)
            most = x, at = i;
    }
    return most > clear * sqrt(sum / (INSERT_LONGEST + 1)) ? at : -1;
}

/* The rest, -1..1 frames: the phase's slope, each bin by its weight. An inversion turns all of it by half a circle. */
static double
fine(struct ping *p, const float *sent, const float *back, int whole, bool *inverted)
{
    double num = 0.0, den = 0.0, re = 0.0;

    spectrum(p, sent, PING_SPAN - whole, true, p->sent);
    spectrum(p, back + whole, PING_SPAN - whole, true, p->back);
    cross(p, false);
    for (int k = 0; k < BINS; k++)
        re += p->back[k];
    *inverted = re < 0.0;
    for (int k = 1; k < BINS; k++) {
        double x = *inverted ? -p->back[k] : p->back[k], y = *inverted ? -p->back[GAP + k] : p->back[GAP + k];
        double weight = sqrt(x * x + y * y), w = 2.0 * PI * k / SIZE;

        if (weight == 0.0)
            continue;
        num += weight * w * -atan2(y, x);
        den += weight * w * w;
    }
    return den > 0.0 ? num / den : 0.0;
}

/* Gain and what is left, where all that came back was also seen going out. */
static void
compare(const float *sent, const float *back, struct ping_result *r)
{
    struct insert_taps t;
    double xx = 0.0, xy = 0.0, yy = 0.0, left;

    insert_taps_design(&t, r->delay_frames);
    for (int i = t.first + t.count; i < PING_SPAN; i++) {
        double x = 0.0, y = back[i];

        for (int k = 0; k < t.count; k++)
            x += t.tap[k] * sent[i - t.first - k];
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    r->inverted = xy < 0.0;
    r->gain_db = gain_to_db(xx > 0.0 ? fabs(xy) / xx : 0.0);
    left = xx > 0.0 && yy > 0.0 ? (yy - xy * xy / xx) / yy : 1.0;
    r->null_db = 0.5 * gain_to_db(fmax(left, 1e-20));
}

void
ping_measure(struct ping *p, const float *sent, const float *back, struct ping_result *r)
{
    bool inverted;
    int whole;

    *r = (struct ping_result){0};
    if (!(rms(sent, PING_SPAN) > silence) || !(rms(back, PING_SPAN) > 1e-2 * silence))
        return;
    whole = coarse(p, sent, back);
    if (whole < 0)
        return;
    r->found = true;
    r->delay_frames = fmax(whole + fine(p, sent, back, whole, &inverted), 0.0);
    compare(sent, back, r);
}
