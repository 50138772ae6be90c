/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/programme.h"

#include "test/kit/dice.h"

#include <math.h>
#include <string.h>

static const double turn = 6.283185307179586;

static void
make_sine(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = sin(turn * fmod((997.0 + c) * i / rate_hz, 1.0));
}

static void
make_low_sine(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = sin(turn * fmod((31.0 + c) * i / rate_hz, 1.0));
}

static void
make_high_sine(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = sin(turn * fmod((0.31 * rate_hz + c) * i / rate_hz, 1.0));
}

static void
make_square(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = fmod((110.0 + c) * i / rate_hz, 1.0) < 0.5 ? 1.0 : -1.0;
}

static void
make_slow_square(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = fmod((9.3 + c) * i / rate_hz, 1.0) < 0.5 ? 1.0 : -1.0;
}

static void
make_pulse(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = fmod((110.0 + c) * i / rate_hz, 1.0) < 0.07 ? 1.0 : -0.1;
}

/* Added up from sines: nothing above rate/2. */
static void
make_soft_square(double *x, int n, double rate_hz, int c)
{
    memset(x, 0, sizeof *x * (size_t)n);
    for (int k = 1; k * (110.0 + c) < 0.45 * rate_hz && k < 60; k += 2)
        for (int i = 0; i < n; i++)
            x[i] += sin(turn * fmod(k * (110.0 + c) * i / rate_hz, 1.0)) / k;
}

static void
make_saw(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = 2.0 * fmod((82.4 + c) * i / rate_hz, 1.0) - 1.0;
}

static void
make_noise(double *x, int n, double rate_hz, int c)
{
    (void)rate_hz;
    (void)c;
    for (int i = 0; i < n; i++)
        x[i] = noise();
}

/* Brown, kept near zero. */
static void
make_dark_noise(double *x, int n, double rate_hz, int c)
{
    double y = 0.0;

    (void)c;
    for (int i = 0; i < n; i++)
        x[i] = y += noise() - turn * 40.0 / rate_hz * y;
}

/* 0.2 s of noise, as long nothing, with edges of 1 ms. */
static void
make_bursts(double *x, int n, double rate_hz, int c)
{
    (void)c;
    for (int i = 0; i < n; i++) {
        double t = fmod(i / rate_hz, 0.4), edge = fmin(t, 0.2 - t) / 0.001;

        x[i] = noise() * fmax(0.0, fmin(1.0, edge));
    }
}

/* The same with none. */
static void
make_hard_bursts(double *x, int n, double rate_hz, int c)
{
    (void)c;
    for (int i = 0; i < n; i++)
        x[i] = fmod(i / rate_hz, 0.4) < 0.2 ? noise() : 1e-4 * noise();
}

static void
make_tone_bursts(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] =
            fmod(i / rate_hz, 0.31) < 0.2 ? sin(turn * fmod((440.0 + c) * i / rate_hz, 1.0)) : 1e-5 * noise();
}

static void
make_am(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = (1.0 + 0.9 * sin(turn * fmod(6.0 * i / rate_hz, 1.0))) *
               sin(turn * fmod((700.0 + 13 * c) * i / rate_hz, 1.0));
}

static void
make_fm(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = sin(turn * fmod(300.0 * i / rate_hz, 1.0) +
                   (4.0 + c) * sin(turn * fmod(70.0 * i / rate_hz, 1.0)));
}

/* Strings, each plucked in turn, into a soft clipper, an output transformer and a loudspeaker. */
static void
make_distorted(double *x, int n, double rate_hz, int c)
{
    double last = 0.0, dull = 0.0, low = 0.0;

    for (int i = 0; i < n; i++) {
        double t = fmod(i / rate_hz, 0.37), y = 0.0;

        for (int k = 1; k <= 8; k++)
            y += sin(turn *
                     fmod((110.0 + 55.0 * fmod(floor(i / rate_hz / 0.37), 4.0)) * k * i / rate_hz, 1.0)) *
                 exp(-t * (2.0 + k)) / k;
        y = tanh(12.0 * y * fmin(1.0, t / 0.002));
        last += fmin(1.0, turn * 4500.0 / rate_hz) * (y - last);
        dull += fmin(1.0, turn * 4500.0 / rate_hz) * (last - dull);
        low += turn * 80.0 / rate_hz * (dull - low);
        x[i] = (1.0 + 0.01 * c) * (dull - low);
    }
}

struct drum {
    double at, tau, low, noisy, size;
};

static void
strike(double *x, int n, double rate_hz, const struct drum *d)
{
    int from = (int)(d->at * rate_hz);
    double before = 0.0;

    for (int i = from; i < n && i < from + rate_hz; i++) {
        double t = (i - from) / rate_hz, white = noise();

        x[i] += d->size * exp(-t / d->tau) *
                ((1.0 - d->noisy) * sin(turn * (d->low * t + 0.03 * d->low * (1.0 - exp(-t / 0.03)))) +
                 d->noisy * 0.5 * (white - before));
        before = white;
    }
}

static void
make_drums(double *x, int n, double rate_hz, int c)
{
    memset(x, 0, sizeof *x * (size_t)n);
    for (double t = 0.05; t < n / rate_hz; t += 0.5) {
        strike(x, n, rate_hz, &(struct drum){t, 0.12, 55.0, 0.0, 1.0});
        strike(x, n, rate_hz, &(struct drum){t + 0.25, 0.06, 190.0, 0.6, 0.8 + 0.02 * c});
    }
    for (double t = 0.05; t < n / rate_hz; t += 0.125)
        strike(x, n, rate_hz, &(struct drum){t, 0.02, 400.0, 1.0, 0.2 + 0.1 * chance()});
}

/* Drums and a chord over a bass. */
static void
make_band(double *x, int n, double rate_hz, int c)
{
    make_drums(x, n, rate_hz, c);
    for (int i = 0; i < n; i++) {
        double t = fmod(i / rate_hz, 0.5);

        for (int k = 1; k <= 6; k++)
            x[i] += 0.3 / k * exp(-t * k) * fmin(1.0, fmin(t, 0.5 - t) / 0.003) *
                    sin(turn * fmod(61.7 * k * i / rate_hz, 1.0));
        for (int k = 0; k < 4; k++)
            x[i] += 0.06 * sin(turn * fmod((220.0 + 66.0 * k + c) * i / rate_hz, 1.0)) +
                    0.02 * sin(turn * fmod((663.0 + 197.0 * k) * i / rate_hz, 1.0));
    }
}

/* A voice: pulses of the glottis through three resonances. */
static void
make_voice(double *x, int n, double rate_hz, int c)
{
    static const double at[] = {600.0, 1200.0, 2700.0}, width[] = {70.0, 90.0, 150.0};
    double y[3][2] = {{0}}, phase = 0.0;

    for (int i = 0; i < n; i++) {
        double in = 0.0005 * noise();

        phase += (125.0 + 7.0 * sin(turn * 5.0 * i / rate_hz) + c) / rate_hz;
        if (phase >= 1.0) {
            phase -= 1.0;
            in += 1.0;
        }
        x[i] = 0.0;
        for (int k = 0; k < 3; k++) {
            double r = exp(-0.5 * turn * width[k] / rate_hz);
            double next = in + 2.0 * r * cos(turn * at[k] / rate_hz) * y[k][0] - r * r * y[k][1];

            y[k][1] = y[k][0];
            y[k][0] = next;
            x[i] += next / (k + 1);
        }
    }
}

/* Six bits at an eighth of the rate. */
static void
make_crushed(double *x, int n, double rate_hz, int c)
{
    double held = 0.0;

    make_band(x, n, rate_hz, c);
    for (int i = 0; i < n; i++) {
        if (i % 8 == 0)
            held = rint(x[i] * 32.0) / 32.0;
        x[i] = held;
    }
}

static void
make_fade(double *x, int n, double rate_hz, int c)
{
    make_band(x, n, rate_hz, c);
    for (int i = 0; i < n; i++)
        x[i] *= pow(10.0, -4.0 * i / n);
}

/* Only the half above zero. */
static void
make_rectified(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++)
        x[i] = fmax(0.0, sin(turn * fmod((60.0 + c) * i / rate_hz, 1.0)));
}

/* Grains of 20 ms, 5 ms apart. */
static void
make_grains(double *x, int n, double rate_hz, int c)
{
    for (int i = 0; i < n; i++) {
        double t = fmod(i / rate_hz, 0.025), u = sin(0.5 * turn * t / 0.02);

        x[i] = t < 0.02 ? u * u * sin(turn * fmod((523.0 + c) * i / rate_hz, 1.0)) : 0.0;
    }
}

const struct programme programmes[] = {
    {"sine", make_sine},
    {"low sine", make_low_sine},
    {"high sine", make_high_sine},
    {"square", make_square},
    {"slow square", make_slow_square},
    {"pulse", make_pulse},
    {"soft square", make_soft_square},
    {"saw", make_saw},
    {"noise", make_noise},
    {"dark noise", make_dark_noise},
    {"bursts", make_bursts},
    {"hard bursts", make_hard_bursts},
    {"tone bursts", make_tone_bursts},
    {"AM", make_am},
    {"FM", make_fm},
    {"distorted", make_distorted},
    {"drums", make_drums},
    {"band", make_band},
    {"voice", make_voice},
    {"crushed", make_crushed},
    {"fade", make_fade},
    {"rectified", make_rectified},
    {"grains", make_grains},
    {0},
};

void
programme_make(const struct programme *p, double *x, int nframes, double rate_hz, int channel,
               double peak_dbfs)
{
    int fade = (int)(0.02 * rate_hz);
    double most = 0.0;

    dice_state = (uint32_t)(channel + 1);
    p->make(x, nframes, rate_hz, channel);
    for (int i = 0; i < nframes; i++) {
        int edge = i < nframes - 1 - i ? i : nframes - 1 - i;

        if (edge < fade)
            x[i] *= 0.5 - 0.5 * cos(0.5 * turn * edge / fade);
        most = fmax(most, fabs(x[i]));
    }
    for (int i = 0; i < nframes && most > 0.0; i++)
        x[i] *= pow(10.0, peak_dbfs / 20.0) / most;
}

void
programme_round(double *x, int nframes, int bits, int dither)
{
    double scale = ldexp(1.0, bits - 1);

    for (int i = 0; i < nframes; i++) {
        double y = rint(x[i] * scale + (dither ? 0.5 * (noise() + noise()) : 0.0)) / scale;

        x[i] = fmax(-1.0, fmin((scale - 1.0) / scale, y));
    }
}
