/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/cascade.h"

#include "dsp/eqdesign.h"
#include "dsp/xmath.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { NFRAMES = 3000 };

static const int widths[] = {16, 32, 64}; /* bytes */

static biquad_pair sound[NFRAMES], want[NFRAMES], got[NFRAMES];
static struct biquad section[CASCADE_SECTIONS];
static int sides[CASCADE_SECTIONS];

static void
make_sound(void)
{
    dice_state = 3;
    for (int i = 0; i < NFRAMES; i++)
        sound[i] = (biquad_pair){noise(), noise()};
    sound[7][0] = sound[9][1] = -0.0;
}

static void
make_sections(void)
{
    for (int s = 0; s < CASCADE_SECTIONS; s++) {
        struct biquad_coefs c = {.gg = x_exp2(-12.0 * chance()), .k = 0.05 + 2.0 * chance()};

        c.n0 = noise();
        c.n1 = 2.0 * noise();
        c.n2 = noise();
        section[s] = (struct biquad){0};
        biquad_set(&section[s], &c);
        section[s].i1 = (biquad_pair){noise(), noise()};
        sides[s] = CASCADE_BOTH;
    }
}

static struct cascade
cascade_of(int n)
{
    struct cascade c;

    cascade_clear(&c);
    for (int s = 0; s < n; s++)
        assert_int_equal(cascade_add(&c, &section[s], sides[s]), s);
    return c;
}

/* A section after the other, each through all frames, in the order of additions that cascade.h states. */
static void
plain(const struct cascade *c, biquad_pair *io)
{
    for (int lane = 0; lane < 2 * c->n; lane++) {
        double i1 = c->i1[lane], i2 = c->i2[lane];

        for (int i = 0; i < NFRAMES; i++) {
            double x = io[i][lane % 2], d = x - i2;
            double to1 = c->p[lane] * i1 + c->e[lane] * d, to2 = (i2 + c->e[lane] * i1) + c->f[lane] * d;

            io[i][lane % 2] = c->d[lane] * x + (c->c1[lane] * i1 + c->c2[lane] * i2);
            i1 = to1;
            i2 = to2;
        }
    }
}

static void
each_width_and_length_gives_the_bits_of_plain_sections(void **state)
{
    static const int blocks[] = {1, 2, 3, 6, 7, 8, 9, 16, 64, 333, NFRAMES};

    (void)state;
    make_sound();
    for (int n = 1; n <= CASCADE_SECTIONS; n++) {
        struct cascade c;

        make_sections();
        sides[n - 1] = CASCADE_FIRST;
        memcpy(want, sound, sizeof sound);
        c = cascade_of(n);
        plain(&c, want);
        for (size_t w = 0; w < LEN(widths); w++)
            for (size_t k = 0; k < LEN(blocks); k++) {
                bool ran = true;

                c = cascade_of(n);
                memcpy(got, sound, sizeof sound);
                for (int at = 0; ran && at < NFRAMES; at += blocks[k]) {
                    int len = blocks[k] < NFRAMES - at ? blocks[k] : NFRAMES - at;

                    ran = cascade_process_by(widths[w], &c, got + at, len);
                    ran = ran && cascade_process_by(widths[w], &c, got + at, 0);
                }
                if (ran && memcmp(got, want, sizeof want) != 0)
                    fail_msg("%d sections by %d bytes in blocks of %d", n, widths[w], blocks[k]);
                assert_true(ran || widths[w] > 16);
            }
    }
}

static void
what_this_cpu_runs_is_one_of_them(void **state)
{
    struct cascade c;

    (void)state;
    make_sound();
    make_sections();
    c = cascade_of(5);
    memcpy(want, sound, sizeof sound);
    assert_true(cascade_process_by(16, &c, want, NFRAMES));
    c = cascade_of(5);
    memcpy(got, sound, sizeof sound);
    cascade_process(&c, got, NFRAMES);
    assert_memory_equal(got, want, sizeof want);
}

static void
a_side_without_a_section_keeps_its_bits(void **state)
{
    (void)state;
    make_sound();
    for (int side = 0; side < 2; side++) {
        struct cascade c;

        make_sections();
        for (int s = 0; s < CASCADE_SECTIONS; s++)
            sides[s] = side ? CASCADE_SECOND : CASCADE_FIRST;
        c = cascade_of(6);
        memcpy(got, sound, sizeof sound);
        cascade_process(&c, got, NFRAMES);
        for (int i = 0; i < NFRAMES; i++) {
            double keeps = got[i][!side], was = sound[i][!side];

            assert_memory_equal(&keeps, &was, sizeof was);
            assert_true(got[i][side] != sound[i][side]);
        }
    }
}

/* To and fro: what one form leaves, the other goes on from. */
static void
states_pass_between_the_two_forms(void **state)
{
    struct cascade c;

    (void)state;
    make_sound();
    make_sections();
    memcpy(want, sound, sizeof sound);
    for (int i = 0; i < NFRAMES; i++) {
        static struct biquad b[3];

        if (i == 0)
            memcpy(b, section, sizeof b);
        for (int s = 0; s < 3; s++)
            want[i] = biquad_frame(&b[s], want[i]);
    }
    memcpy(got, sound, sizeof sound);
    for (int at = 0; at < NFRAMES; at += 100) {
        c = cascade_of(3);
        cascade_process(&c, got + at, 50);
        for (int s = 0; s < 3; s++) {
            cascade_take(&c, s, &section[s]);
            for (int i = at + 50; i < at + 100; i++)
                got[i] = biquad_frame(&section[s], got[i]);
        }
    }
    for (int i = 0; i < NFRAMES; i++) /* rounding: the sections' gains are up to 100 */
        assert_true(fabs(got[i][0] - want[i][0]) < 1e-10 && fabs(got[i][1] - want[i][1]) < 1e-10);
}

static void
what_is_no_number_is_forgotten(void **state)
{
    struct cascade c;

    (void)state;
    make_sound();
    make_sections();
    c = cascade_of(8);
    sound[100][0] = NAN;
    sound[101][1] = INFINITY;
    memcpy(got, sound, sizeof sound);
    cascade_process(&c, got, 200);
    assert_true(isnan(got[199][0]) && isnan(got[199][1]));
    cascade_heal(&c);
    cascade_process(&c, got + 200, 200);
    for (int i = 200; i < 400; i++)
        assert_true(isfinite(got[i][0]) && isfinite(got[i][1]));
}

/* --- rounding -------------------------------------------------------------------------------------- */

/* The form of biquad.h in 80 bits, from the coefficients as they are in double. */
struct fine {
    long double a1, a2, a3, c0, c1, c2, i1, i2;
};

static struct fine
fine_of(const struct biquad_coefs *c)
{
    struct fine f = {.a1 = 1.0L / (1.0L + (long double)c->gg * ((long double)c->gg + c->k))};

    f.a2 = c->gg * f.a1;
    f.a3 = c->gg * f.a2;
    f.c0 = c->n2;
    f.c1 = c->n1 - (long double)c->k * c->n2;
    f.c2 = (long double)c->n0 - c->n2;
    return f;
}

static long double
fine_frame(struct fine *f, long double x)
{
    long double v3 = x - f->i2, v1 = f->a1 * f->i1 + f->a2 * v3, v2 = f->i2 + f->a2 * f->i1 + f->a3 * v3;

    f->i1 = 2.0L * v1 - f->i1;
    f->i2 = 2.0L * v2 - f->i2;
    return f->c0 * x + f->c1 * v1 + f->c2 * v2;
}

/* The tone and noise of the figures in the header, over 4 s; coefficients rounded to double are part of it. */
static double
rounding_dbfs(const struct eq_curve *curve, double rate_hz)
{
    struct biquad_coefs coefs[EQDESIGN_SECTIONS];
    struct fine f[EQDESIGN_SECTIONS];
    struct cascade c;
    int n = eqdesign(curve, rate_hz, coefs), nframes = (int)(4.0 * rate_hz);
    double sum = 0.0;

    cascade_clear(&c);
    for (int s = 0; s < n; s++) {
        struct biquad b = {0};

        biquad_set(&b, &coefs[s]);
        cascade_add(&c, &b, CASCADE_BOTH);
        f[s] = fine_of(&coefs[s]);
    }
    dice_state = 5;
    for (int i = 0; i < nframes; i++) {
        double x = 0.5 * x_sin(2.0 * PI * fmod(1000.0 * i / rate_hz, 1.0)) + 0.01 * noise();
        biquad_pair y = {x, x};
        long double z = x;

        cascade_process(&c, &y, 1);
        for (int s = 0; s < n; s++)
            z = fine_frame(&f[s], z);
        sum += (double)((y[0] - z) * (y[0] - z));
    }
    return 10.0 * log10(sum / nframes);
}

static void
rounding_is_far_below_any_converter(void **state)
{
    static const struct {
        struct eq_curve curve;
        double rate_hz, most_dbfs; /* measured, and 6 dB */
    } cases[] = {
        {{EQ_BELL, 20.0, 6.0, 10.0, 2}, 44100.0, -314.0},
        {{EQ_BELL, 20.0, 6.0, 10.0, 2}, 192000.0, -316.0},
        {{EQ_BELL, 1000.0, 12.0, 1.0, 2}, 96000.0, -280.0},
        {{EQ_LOW_CUT, 20.0, 0.0, 0.7, 8}, 44100.0, -316.0},
        {{EQ_LOW_CUT, 20.0, 0.0, 0.7, 8}, 192000.0, -316.0},
        {{EQ_LOW_SHELF, 30.0, 12.0, 0.7, 2}, 96000.0, -316.0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        double dbfs = rounding_dbfs(&cases[i].curve, cases[i].rate_hz);

        print_message("# type %d at %g Hz, rate %g: %.1f dBFS\n", cases[i].curve.type, cases[i].curve.freq_hz,
                      cases[i].rate_hz, dbfs);
        assert_true(dbfs < cases[i].most_dbfs);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_width_and_length_gives_the_bits_of_plain_sections),
        cmocka_unit_test(what_this_cpu_runs_is_one_of_them),
        cmocka_unit_test(a_side_without_a_section_keeps_its_bits),
        cmocka_unit_test(states_pass_between_the_two_forms),
        cmocka_unit_test(what_is_no_number_is_forgotten),
        cmocka_unit_test(rounding_is_far_below_any_converter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
