/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/song.h"

#include "dsp/dsp.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct voice {
    double pink[3], before, low[2];
};

/* Kellet's economy filter: pink within 0.5 dB. */
static double
pink(struct voice *v, double white)
{
    v->pink[0] = 0.99765 * v->pink[0] + white * 0.0990460;
    v->pink[1] = 0.96300 * v->pink[1] + white * 0.2965164;
    v->pink[2] = 0.57000 * v->pink[2] + white * 1.0526913;
    return v->pink[0] + v->pink[1] + v->pink[2] + white * 0.1848;
}

/* All harmonics of 110 Hz, as 1 / m. The next sine comes of the two before. */
static double
chord(double t, double rate_hz)
{
    double w = 2.0 * PI * fmod(110.0 * t, 1.0), twice = 2.0 * cos(w), before = 0.0, now = sin(w), sum = 0.0;

    for (int m = 1; 110.0 * m < 0.49 * rate_hz && m < 190; m++) {
        double next = twice * now - before;

        sum += now / m;
        before = now;
        now = next;
    }
    return sum * (fmod(t, 2.0) < 1.0 ? 1.0 : 0.05);
}

double *
song_make(double rate_hz, int nframes)
{
    double *x = malloc(sizeof *x * STEREO * (size_t)nframes),
           corner = 1.0 - exp(-2.0 * PI * 3000.0 / rate_hz);
    struct voice voice[STEREO] = {{.before = 0.0}};

    assert_non_null(x);
    dice_state = 1;
    for (int i = 0; i < nframes; i++) {
        double t = i / rate_hz, saw = chord(t, rate_hz);
        double hats = 0.2 * exp(-fmod(t, 0.25) / 0.03) + 0.15 * exp(-fmod(t, 2.0) / 0.4);

        for (int c = 0; c < STEREO; c++) {
            struct voice *v = &voice[c];
            double body = 0.02 * pink(v, noise()) * (1.0 + 0.6 * sin(2.0 * PI * 0.3 * t + c));
            double white = noise(), y = body + hats * (white - v->before) + 0.1 * saw;

            v->before = white;
            v->low[0] += corner * (0.5 * y - v->low[0]);
            v->low[1] += corner * (v->low[0] - v->low[1]);
            x[STEREO * i + c] = v->low[1];
        }
    }
    return x;
}

int
song_write(const char *path, int format, double rate_hz, int nch, const double *x, int nframes)
{
    SF_INFO info = {.samplerate = (int)rate_hz, .channels = nch, .format = format};
    SNDFILE *f = sf_format_check(&info) ? sf_open(path, SFM_WRITE, &info) : NULL;
    bool all = true;

    if (!f)
        return 0;
    sf_command(f, SFC_SET_CLIPPING, NULL, SF_TRUE);
    for (int at = 0; at < nframes && all;) { /* in pieces: encoders like that better */
        int n = nframes - at < 1024 ? nframes - at : 1024;

        all = sf_writef_double(f, x + (size_t)at * (size_t)nch, n) == n;
        at += n;
    }
    sf_close(f);
    return all;
}

double *
song_read(const char *path, int *nch, int *nframes, double *rate_hz)
{
    SF_INFO info = {0};
    SNDFILE *f = sf_open(path, SFM_READ, &info);
    double *x;

    assert_non_null(f);
    x = malloc(sizeof *x * (size_t)info.channels * (size_t)(info.frames + 1));
    assert_non_null(x);
    *nch = info.channels;
    *rate_hz = info.samplerate;
    *nframes = (int)sf_readf_double(f, x, info.frames);
    sf_close(f);
    return x;
}
