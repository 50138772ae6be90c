/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/demo.h"

#include <math.h>
#include <string.h>

/*
 * A note is a formula of the time since it began. To be cheap, its decaying
 * sines are rotating phasors, set exactly at the start of each block and turned
 * frame by frame within it. Blocks lie on a grid that is fixed to frame 0, so
 * who asks for which frames makes no difference. Noise is a hash of the frame.
 */

enum { BLOCK = 256 };
enum { KICK, SNARE, HAT, OPEN_HAT, BASS, KEY, BELL };

#define BEAT 0.5 /* s */
#define BAR  (4 * BEAT)

static const double LEVEL = 0.235; /* brings the loudest peak near -6 dBFS */

struct block {
    const struct demo *demo;
    int64_t frame; /* of the grid */
    double sound[STEREO][BLOCK];
};

/* --- the score --- */

static double
pitch(int key) /* MIDI's numbers: 69 is 440 Hz */
{
    return 440.0 * exp2((key - 69) / 12.0);
}

static void
add(struct demo *d, int voice, double at, double length, int key, double gain, double pan)
{
    struct demo_note n = {at, at + length, pitch(key), gain, pan, voice};
    int i = d->nnotes++;

    for (; i > 0 && d->note[i - 1].at > at; i--)
        d->note[i] = d->note[i - 1];
    d->note[i] = n;
}

static void
add_drums(struct demo *d, int bar)
{
    static const double kicks[] = {0, 1.75, 2.5};
    double t = bar * BAR;
    bool full = bar >= 4;

    for (size_t i = 0; i < LEN(kicks); i++)
        add(d, KICK, t + kicks[i] * BEAT, 0.35, 33, i == 1 ? 0.55 : 0.75, 0.0);
    for (int beat = 1; beat < 4 && bar >= 2; beat += 2)
        add(d, SNARE, t + beat * BEAT, 0.4, 57, 0.8, 0.05);
    for (int i = 0; i < 16; i++) {
        double swing = i % 2 ? 0.02 : 0.0;

        if (!full && i % 2)
            continue;
        add(d, i == 14 ? OPEN_HAT : HAT, t + i * BEAT / 4 + swing, i == 14 ? 0.3 : 0.09, 69,
            i % 4 == 2 ? 0.5 : 0.28 + 0.05 * (i % 3), i % 2 ? 0.45 : 0.25);
    }
    if (bar % 8 == 7) {
        for (int i = 0; i < 4; i++)
            add(d, SNARE, t + (3 + i * 0.25) * BEAT, 0.25, 57 + i, 0.35 + 0.12 * i, 0.3 - 0.2 * i);
    }
}

static const int root[4] = {38, 34, 41, 36}; /* D, B flat, F, C */
static const int chord[4][4] = {{57, 60, 64, 65}, {57, 60, 62, 65}, {55, 57, 60, 64}, {55, 59, 62, 64}};

static void
add_bass(struct demo *d, int bar)
{
    static const double at[] = {0, 0.75, 1.5, 2.5, 3.0, 3.5};
    static const int up[] = {0, 0, 12, 0, 7, 10};

    for (size_t i = 0; i < LEN(at); i++)
        add(d, BASS, bar * BAR + at[i] * BEAT, i % 2 ? 0.2 : 0.34, root[bar % 4] + up[i], i ? 0.75 : 0.95,
            0.0);
}

static void
add_chord(struct demo *d, int bar)
{
    static const double at[] = {0, 1.5, 3.25};

    for (size_t i = 0; i < LEN(at); i++) {
        for (int k = 0; k < 4; k++)
            add(d, KEY, bar * BAR + at[i] * BEAT + 0.006 * k, i ? 0.7 : 1.1, chord[bar % 4][k], i ? 0.5 : 0.8,
                -0.6 + 0.4 * k);
    }
}

static void
add_bells(struct demo *d, int bar)
{
    static const int tune[4][4] = {{81, 77, 76, 72}, {74, 77, 81, 79}, {76, 72, 69, 72}, {74, 71, 67, 69}};

    for (int i = 0; i < 4; i++)
        add(d, BELL, bar * BAR + (0.5 + i * 0.75) * BEAT, 1.2, tune[bar % 4][i], 0.5 - 0.05 * i,
            i % 2 ? 0.7 : -0.7);
}

/* The last bar: one stroke, and time for it to die away. */
static void
add_end(struct demo *d)
{
    double t = 15 * BAR;

    add(d, KICK, t, 0.35, 33, 0.75, 0.0);
    add(d, OPEN_HAT, t, 0.3, 69, 0.5, -0.3);
    add(d, BASS, t, 1.2, 38, 0.95, 0.0);
    for (int k = 0; k < 4; k++)
        add(d, KEY, t + 0.01 * k, 1.8, chord[0][k], 0.9, -0.6 + 0.4 * k);
    add(d, BELL, t + 0.1, 1.7, 86, 0.4, 0.2);
}

/* --- the instruments --- */

/* 0..1..0: in within `in` seconds, out within the note's last 20 ms. */
static double
edge(const struct demo_note *n, double t, double in)
{
    double left = n->until - n->at - t, g = 1.0;

    if (t < in)
        g = t / in * (2.0 - t / in);
    if (left < 0.02)
        g *= left / 0.02 * (2.0 - left / 0.02);
    return g;
}

static void
put(struct block *b, const struct demo_note *n, int i, double x)
{
    b->sound[0][i] += x * (1.0 - fmax(n->pan, 0.0));
    b->sound[1][i] += x * (1.0 + fmin(n->pan, 0.0));
}

/* White, -1..1, another one for each salt. */
static double
hiss(int64_t frame, uint64_t salt)
{
    uint64_t z = ((uint64_t)frame + salt * 0x1000000u) * 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)(int64_t)(z ^ (z >> 31)) * 0x1p-63;
}

/* A decaying sine from x[from] to x[to]; t: the note's time at x[from]. */
static void
ring(double *x, int from, int to, double t, double rate_hz, double freq_hz, double gain, double tau)
{
    double size = gain * exp(-t / tau), turn = 2.0 * PI * freq_hz / rate_hz,
           fall = exp(-1.0 / (tau * rate_hz));
    double angle = 2.0 * PI * fmod(freq_hz * t, 1.0);
    double re = size * cos(angle), im = size * sin(angle), c = fall * cos(turn), s = fall * sin(turn);

    if (freq_hz > 0.45 * rate_hz)
        return;
    for (int i = from; i < to; i++) {
        double next = re * c - im * s;

        x[i] += im;
        im = re * s + im * c;
        re = next;
    }
}

static void
play_kick(struct block *b, const struct demo_note *n, int from, int to, double t)
{
    double dt = 1.0 / b->demo->rate_hz;

    for (int i = from; i < to; i++, t += dt) {
        double sweep = exp(-t / 0.03), turns = 46.0 * t + 130.0 * 0.03 * (1.0 - sweep);
        double click = t < 0.004 ? 0.25 * hiss(b->frame + i, KICK) * (1.0 - t / 0.004) : 0.0;

        put(b, n, i, n->gain * edge(n, t, 0.0005) * (sin(2.0 * PI * turns) * exp(-t / 0.13) + click));
    }
}

static void
play_snare(struct block *b, const struct demo_note *n, int from, int to, double t)
{
    double x[BLOCK] = {0}, dt = 1.0 / b->demo->rate_hz, size = exp(-t / 0.075), fall = exp(-dt / 0.075);

    ring(x, from, to, t, b->demo->rate_hz, n->freq_hz * 0.85, 0.55, 0.06);
    ring(x, from, to, t, b->demo->rate_hz, n->freq_hz * 1.47, 0.3, 0.04);
    for (int i = from; i < to; i++, t += dt, size *= fall) {
        int64_t f = b->frame + i;
        double noise = hiss(f, SNARE) - 0.6 * hiss(f - 1, SNARE) - 0.3 * hiss(f - 2, SNARE);

        put(b, n, i, n->gain * edge(n, t, 0.0005) * (x[i] + 0.5 * size * noise));
    }
}

static void
play_hat(struct block *b, const struct demo_note *n, int from, int to, double t)
{
    double tau = n->voice == HAT ? 0.022 : 0.11, dt = 1.0 / b->demo->rate_hz;
    double size = exp(-t / tau), fall = exp(-dt / tau);

    for (int i = from; i < to; i++, t += dt, size *= fall) {
        int64_t f = b->frame + i;
        double noise = hiss(f, HAT) - 2.0 * hiss(f - 1, HAT) + hiss(f - 2, HAT);

        put(b, n, i, 0.3 * n->gain * edge(n, t, 0.0005) * size * noise);
    }
}

static void
play_tone(struct block *b, const struct demo_note *n, int from, int to, double t)
{
    /* partial, size, time to fall */
    static const double bass[][3] = {
        {1, 0.75, 0.5}, {2, 0.35, 0.25}, {3, 0.2, 0.16}, {4, 0.1, 0.1}, {6, 0.04, 0.06}};
    static const double key[][3] = {{1, 0.2, 0.55}, {2, 0.09, 0.35}, {3, 0.04, 0.2}, {7, 0.02, 0.08}};
    static const double bell[][3] = {{1, 0.2, 0.45}, {2.76, 0.09, 0.25}, {5.4, 0.04, 0.12}};
    const double(*part)[3] = n->voice == BASS ? bass : n->voice == KEY ? key : bell;
    size_t count = n->voice == BASS ? LEN(bass) : n->voice == KEY ? LEN(key) : LEN(bell);
    double x[BLOCK] = {0}, dt = 1.0 / b->demo->rate_hz;

    for (size_t k = 0; k < count; k++)
        ring(x, from, to, t, b->demo->rate_hz, n->freq_hz * part[k][0], part[k][1], part[k][2]);
    for (int i = from; i < to; i++, t += dt)
        put(b, n, i, n->gain * edge(n, t, n->voice == KEY ? 0.01 : 0.004) * x[i]);
}

static void
play(struct block *b, const struct demo_note *n)
{
    double rate_hz = b->demo->rate_hz;
    int64_t begin = llround(n->at * rate_hz), end = llround(n->until * rate_hz);
    int from = begin > b->frame ? (int)(begin - b->frame) : 0;
    int to = end < b->frame + BLOCK ? (int)(end - b->frame) : BLOCK;
    double t = (double)(b->frame + from - begin) / rate_hz;

    if (from >= to)
        return;
    if (n->voice == KICK)
        play_kick(b, n, from, to, t);
    else if (n->voice == SNARE)
        play_snare(b, n, from, to, t);
    else if (n->voice == HAT || n->voice == OPEN_HAT)
        play_hat(b, n, from, to, t);
    else
        play_tone(b, n, from, to, t);
}

static void
render(struct block *b)
{
    double begin = (double)b->frame / b->demo->rate_hz, end = (double)(b->frame + BLOCK) / b->demo->rate_hz;

    memset(b->sound, 0, sizeof b->sound);
    for (int i = 0; i < b->demo->nnotes && b->demo->note[i].at <= end; i++) {
        if (b->demo->note[i].until >= begin)
            play(b, &b->demo->note[i]);
    }
}

/* --- the header's functions --- */

enum status
demo_prepare(struct demo *d, double rate_hz)
{
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    d->rate_hz = rate_hz;
    d->frames = llround(16 * BAR * rate_hz);
    d->nnotes = 0;
    for (int bar = 0; bar < 15; bar++) {
        add_drums(d, bar);
        add_bass(d, bar);
        if (bar >= 2)
            add_chord(d, bar);
        if (bar >= 8)
            add_bells(d, bar);
    }
    add_end(d);
    return OK;
}

int64_t
demo_frames(const struct demo *d)
{
    return d->frames;
}

void
demo_read(const struct demo *d, int64_t position, double *out, int nframes)
{
    struct block b = {.demo = d, .frame = -1};

    for (int i = 0; i < nframes; i++, position++) {
        bool there = position >= 0 && position < d->frames;
        int64_t grid = position & ~(int64_t)(BLOCK - 1);

        if (there && grid != b.frame) {
            b.frame = grid;
            render(&b);
        }
        for (int c = 0; c < STEREO; c++)
            *out++ = there ? LEVEL * b.sound[c][position - grid] : 0.0;
    }
}
