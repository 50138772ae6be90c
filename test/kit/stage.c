/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/stage.h"

#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct sound {
    double *io[STEREO];
};

static struct sound
sound_of(int nframes)
{
    double *left = calloc((size_t)nframes * STEREO, sizeof *left);

    assert_non_null(left);
    return (struct sound){{left, left + nframes}};
}

static void
sound_free(struct sound *x)
{
    free(x->io[0]);
}

static void
assert_same_sound(const struct sound *got, const struct sound *want, int nframes, const char *what, int which)
{
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < nframes; i++)
            if (memcmp(&got->io[c][i], &want->io[c][i], sizeof(double)) != 0)
                fail_msg("%s %d: frame %d is %.17g, not %.17g", what, which, i, got->io[c][i],
                         want->io[c][i]);
}

static void
process(const struct stage_face *s, const struct sound *x, int from, int nframes)
{
    s->process(s->state, (double *[]){x->io[0] + from, x->io[1] + from}, nframes);
}

void
assert_odd_rates_are_refused(const struct stage_face *s)
{
    static const double rates[] = {0.0, 7999.0, 384001.0, -48000.0, NAN, INFINITY};

    for (size_t i = 0; i < LEN(rates); i++) {
        assert_int_equal(s->prepare(s->state, rates[i]), BAD_ARG);
        s->free(s->state);
        s->free(s->state);
    }
}

/* --- moves at random frames ------------------------------------------------------------------------ */

void
stage_noise(double *const *io, double rate_hz, int nframes)
{
    (void)rate_hz;
    dice_state = 1;
    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < STEREO; c++)
            io[c][i] = chance() - 0.5;
}

static int
least(int a, int b, int c)
{
    int ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* The same moves for any block size: frame and settings come from the dice alone. Blocks end on multiples of
   their size, as JACK's do, and where a move is due. */
static void
run(const struct stage_face *s, const struct stage_moves *m, const struct sound *x, int block)
{
    int next = 0, nth = 0;

    dice_state = 7;
    assert_int_equal(s->prepare(s->state, m->rate_hz), OK);
    for (int at = 0, n; at < m->nframes; at += n) {
        if (at == next) {
            s->set(s->state, m->move(nth++));
            next += 1 + (int)dice((uint32_t)m->gap);
        }
        n = least(block - at % block, m->nframes - at, next - at);
        process(s, x, at, n);
    }
    s->free(s->state);
}

void
assert_same_bits_at_any_block(const struct stage_face *s, const struct stage_moves *m)
{
    const int blocks[] = {7, 16, 64, 100, 480, 1024, m->nframes};
    struct sound want = sound_of(m->nframes), got = sound_of(m->nframes);

    m->make(want.io, m->rate_hz, m->nframes);
    run(s, m, &want, 1);
    for (size_t i = 0; i < LEN(blocks); i++) {
        m->make(got.io, m->rate_hz, m->nframes);
        run(s, m, &got, blocks[i]);
        assert_same_sound(&got, &want, m->nframes, "in blocks of", blocks[i]);
    }
    sound_free(&want);
    sound_free(&got);
}

void
assert_silence_stays_silent(const struct stage_face *s, const struct stage_moves *m)
{
    struct sound x = sound_of(m->nframes);

    run(s, m, &x, 64);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < m->nframes; i++)
            assert_true(x.io[c][i] == 0.0);
    sound_free(&x);
}

/* --- clicks ---------------------------------------------------------------------------------------- */

enum { RATE = 48000, STEP = RATE / 2, LISTEN = 7200, REST = 2400 };

void
stage_field_set(void *settings, const struct stage_field *f, double value)
{
    *(double *)((char *)settings + f->offset) = value;
}

void
assert_no_click(const char *what, double at_rest, double in_the_move)
{
    print_message("# %s: steady %.1f, move %.1f dBFS\n", what, 20.0 * log10(at_rest + 1e-12),
                  20.0 * log10(in_the_move + 1e-12));
    assert_true(in_the_move <= 1.05 * at_rest + 3.1622776601683795e-5); /* -90 dBFS */
}

static void
check_click(const struct stage_face *s, const char *what, const void *from, const void *to, int settle_frames)
{
    int settled = STEP + settle_frames, end = settled + REST;
    struct sound x = sound_of(end);
    struct leak l;

    leak_prepare(&l, RATE);
    tone_make(x.io, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, end);
    assert_int_equal(s->prepare(s->state, RATE), OK);
    s->set(s->state, from);
    process(s, &x, 0, STEP);
    s->set(s->state, to);
    process(s, &x, STEP, end - STEP);
    s->free(s->state);
    assert_no_click(what,
                    fmax(leak_peak(&l, x.io[0], STEP - 2000, STEP - LEAK_HALF),
                         leak_peak(&l, x.io[0], settled, end - LEAK_HALF)),
                    leak_peak(&l, x.io[0], STEP - LEAK_HALF, STEP + LISTEN));
    sound_free(&x);
}

void
assert_moves_do_not_click(const struct stage_face *s, const void *settings, size_t size,
                          const struct stage_field *fields, size_t nfields, int settle_frames)
{
    char *low = malloc(size), *high = malloc(size);

    assert_true(low && high);
    for (size_t i = 0; i < nfields; i++) {
        memcpy(low, settings, size);
        memcpy(high, settings, size);
        stage_field_set(low, &fields[i], fields[i].least);
        stage_field_set(high, &fields[i], fields[i].most);
        check_click(s, fields[i].name, low, high, settle_frames);
        check_click(s, fields[i].name, high, low, settle_frames);
    }
    free(low);
    free(high);
}

/* --- reset ----------------------------------------------------------------------------------------- */

enum { RESET_FRAMES = 8000 };

static void
process_anew(const struct stage_face *s, stage_sound *make, const void *settings, const struct sound *x)
{
    make(x->io, RATE, RESET_FRAMES);
    s->set(s->state, settings);
    process(s, x, 0, RESET_FRAMES);
}

void
assert_reset_forgets(const struct stage_face *s, stage_sound *make, const void *settings, const void *other)
{
    struct sound want = sound_of(RESET_FRAMES), got = sound_of(RESET_FRAMES);

    assert_int_equal(s->prepare(s->state, RATE), OK);
    process_anew(s, make, settings, &want);
    s->set(s->state, other);
    make(got.io, RATE, RESET_FRAMES);
    got.io[0][100] = NAN;
    got.io[1][200] = INFINITY;
    got.io[0][300] = -1e300;
    process(s, &got, 0, 1001);
    s->reset(s->state);
    process_anew(s, make, settings, &got);
    s->free(s->state);
    assert_same_sound(&got, &want, RESET_FRAMES, "after a reset, side by side", STEREO);
    sound_free(&want);
    sound_free(&got);
}
