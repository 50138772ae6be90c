/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/ping.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static float sent[PING_SPAN], back[PING_SPAN];

/* Made by its formula, not by what is tested: a sinc of 400 frames to each side under a Hann window. */
static void
late(double delay, double gain)
{
    enum { HALF = 400 };

    for (int i = 0; i < PING_SPAN; i++) {
        double sum = 0.0;
        int whole = (int)floor(delay);

        for (int k = -HALF; k <= HALF; k++) {
            int from = i - whole - k;
            double x = k + whole - delay;

            if (from >= 0 && from < PING_SPAN)
                sum += sent[from] * (fabs(x) < 1e-12 ? 1.0 : sin(PI * x) / (PI * x)) *
                       (0.5 + 0.5 * cos(PI * x / (HALF + 1)));
        }
        back[i] = (float)(gain * sum);
    }
}

static void
add_hiss(double rms)
{
    for (int i = 0; i < PING_SPAN; i++)
        back[i] += (float)(rms * sqrt(3.0) * (dice(2000001) * 1e-6 - 1.0));
}

static void
signal_then_silence(void)
{
    memset(sent, 0, sizeof sent);
    ping_signal(sent);
}

static struct ping_result
measured(double rate_hz)
{
    struct ping_result r;
    struct ping p;

    assert_int_equal(ping_prepare(&p, rate_hz), OK);
    ping_measure(&p, sent, back, &r);
    ping_free(&p);
    ping_free(&p);
    return r;
}

static void
delay_gain_and_polarity_are_found(void **state)
{
    static const double delays[] = {0.0, 1.0, 64.0, 133.27, 300.5, 511.999, 4095.75, 16383.0};
    static const double gains[] = {1.0, 0.668, -1.0, -2.5};

    (void)state;
    signal_then_silence();
    for (size_t i = 0; i < LEN(delays); i++) {
        double gain = gains[i % LEN(gains)];
        struct ping_result r;

        late(delays[i], gain);
        r = measured(48000);
        assert_true(r.found);
        if (fabs(r.delay_frames - delays[i]) > 0.01)
            fail_msg("%g frames were measured as %.4f", delays[i], r.delay_frames);
        assert_true(fabs(r.gain_db - 20.0 * log10(fabs(gain))) <
                    0.02); /* dB: the last octave is out of the band */
        assert_true(r.inverted == (gain < 0.0));
    }
}

/* Whole frames null to single precision; a fraction as deep as the dry sound's interpolation reaches up. */
static void
the_null_says_how_well_it_fits(void **state)
{
    (void)state;
    signal_then_silence();
    late(512.0, 0.5);
    assert_true(measured(48000).null_db < -120.0);
    add_hiss(0.0005); /* half of the ping's RMS of 0.1 came back over a quarter of the span: 0.025 */
    assert_true(fabs(measured(48000).null_db - 20.0 * log10(0.0005 / 0.025)) < 0.5);
    late(512.5, 1.0);
    assert_true(measured(48000).null_db < -60.0);
}

static void
hiss_and_distortion_do_not_hide_it(void **state)
{
    struct ping_result r;

    (void)state;
    signal_then_silence();
    late(1000.25, 0.1);
    for (int i = 0; i < PING_SPAN; i++)
        back[i] = (float)tanh(8.0 * back[i]) / 8.0f;
    add_hiss(0.003); /* 10 dB below what came back */
    r = measured(96000);
    assert_true(r.found);
    assert_true(fabs(r.delay_frames - 1000.25) < 0.05); /* frames */
}

/* Programme instead of the ping: a watch has no other. Falls 6 dB an octave, as music does. */
static void
programme_will_do(void **state)
{
    struct ping_result r;
    double low = 0.0;

    (void)state;
    dice_state = 5;
    for (int i = 0; i < PING_SPAN; i++) {
        low += 0.02 * ((dice(2000001) * 1e-6 - 1.0) - low);
        sent[i] = (float)low;
    }
    late(777.6, -0.8);
    r = measured(48000);
    assert_true(r.found && r.inverted);
    assert_true(fabs(r.delay_frames - 777.6) < 0.02);
    assert_true(fabs(r.gain_db - 20.0 * log10(0.8)) < 0.02);
}

static void
what_has_nothing_to_do_with_it_is_not_found(void **state)
{
    (void)state;
    signal_then_silence();
    memset(back, 0, sizeof back);
    assert_false(measured(48000).found);
    dice_state = 9;
    add_hiss(0.1);
    assert_false(measured(48000).found);
    memset(sent, 0, sizeof sent);
    assert_false(measured(48000).found);
}

static void
the_signal_is_noise_of_minus_20_dbfs(void **state)
{
    double sum = 0.0, most = 0.0;

    (void)state;
    signal_then_silence();
    for (int i = 0; i < PING_FRAMES; i++) {
        sum += (double)sent[i] * sent[i];
        most = fmax(most, fabs(sent[i]));
    }
    assert_true(fabs(10.0 * log10(sum / PING_FRAMES) + 20.0) < 0.5);
    assert_true(most < 0.5);
}

static void
a_rate_that_is_none_is_refused(void **state)
{
    struct ping p;

    (void)state;
    assert_int_equal(ping_prepare(&p, 0.0), BAD_ARG);
    ping_free(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay_gain_and_polarity_are_found),
        cmocka_unit_test(the_null_says_how_well_it_fits),
        cmocka_unit_test(hiss_and_distortion_do_not_hide_it),
        cmocka_unit_test(programme_will_do),
        cmocka_unit_test(what_has_nothing_to_do_with_it_is_not_found),
        cmocka_unit_test(the_signal_is_noise_of_minus_20_dbfs),
        cmocka_unit_test(a_rate_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
