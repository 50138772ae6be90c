/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the limiter does beyond its ceiling (test/dsp/limit): how it lets go, what it does to a bass, the link of the
 * channels, and what a listener hears.
 */
#include "dsp/limit.h"

#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, MAX_FRAMES = 1 << 19 };

static const char *const names[LIMIT_MODES] = {"transparent", "punchy", "loud"};
static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};

static struct limit_settings
with(int mode, double gain_db, double release_ms)
{
    return (struct limit_settings){.gain_db = gain_db,
                                   .ceiling_dbtp = -1.0,
                                   .release_ms = release_ms,
                                   .lookahead_ms = 1.5,
                                   .mode = mode,
                                   .link = 100.0};
}

/* In place; returns how late it comes out. */
static int
limited(double rate, const struct limit_settings *s, int n)
{
    struct limit l;
    int late;

    assert_int_equal(limit_prepare(&l, rate), OK);
    limit_set(&l, s);
    limit_process(&l, io, n);
    late = limit_latency_frames(&l);
    limit_free(&l);
    return late;
}

/* --- release --------------------------------------------------------------------------------------- */

enum { PEAK_AT = 1000, SPAN = 120000 };
#define SHOWN 0.01 /* a low constant, which shows the gain */

/* A tone so long (frames), 6 dB over, and then the constant. Leaves the reduction, linear, in sound[1]; returns how
   late it is. */
static int
reduction_after(int length, const struct limit_settings *s)
{
    int late;

    for (int i = 0; i < SPAN; i++)
        sound[0][i] = sound[1][i] = SHOWN;
    for (int i = PEAK_AT; i < PEAK_AT + length; i++)
        sound[0][i] = 1.78 * cos(2.0 * PI * (i - PEAK_AT) / 48.0);
    late = limited(RATE, s, SPAN);
    for (int i = 0; i < SPAN; i++)
        sound[1][i] = 1.0 - sound[1][i] / SHOWN;
    return late;
}

/* From where the gain has begun to move back by half the spline, which is the middle of its corner, in ms. */
static double
time_back_ms(int length, double share, const struct limit_settings *s)
{
    int start, end;

    start = end = PEAK_AT + length - 1 + reduction_after(length, s);
    while (sound[1][end] > (1.0 - share) * sound[1][start])
        end++;
    return (end - start - 36) * 1000.0 / RATE;
}

/* 3 % and 0.15 ms: the spline's corner, and the slow stage's share. */
static void
a_single_peak_is_forgotten_in_the_modes_share_of_the_release(void **state)
{
    static const double share[LIMIT_MODES] = {1.0, 0.25, 0.125}, release_ms[] = {10.0, 80.0, 400.0};

    (void)state;
    for (int mode = 0; mode < LIMIT_MODES; mode++)
        for (size_t k = 0; k < LEN(release_ms); k++) {
            struct limit_settings s = with(mode, 0.0, release_ms[k]);
            double want = share[mode] * release_ms[k], ms = time_back_ms(1, 1.0 - exp(-1.0), &s);

            print_message("# %s, release %g ms: 63 %% in %.2f ms\n", names[mode], release_ms[k], ms);
            assert_true(fabs(ms - want) < 0.03 * want + 0.15);
        }
}

/* 300 ms over, release 80 ms: what was dense comes back slower, each mode in its own time. */
static void
what_lasted_comes_back_slower(void **state)
{
    static const double least_ms[LIMIT_MODES] = {400.0, 150.0, 40.0};
    static const double most_ms[LIMIT_MODES] = {650.0, 200.0, 60.0};

    (void)state;
    for (int mode = 0; mode < LIMIT_MODES; mode++) {
        struct limit_settings s = with(mode, 0.0, 80.0);
        double ms = time_back_ms(14400, 1.0 - exp(-1.0), &s);

        print_message("# %s: 63 %% back in %.1f ms after 300 ms\n", names[mode], ms);
        assert_true(ms > least_ms[mode] && ms < most_ms[mode]);
    }
}

/* Bursts at 8 Hz: the reduction that is left when the second one and the last one begin. */
static void
dense_peaks_slow_the_release(void **state)
{
    struct limit_settings s = with(LIMIT_TRANSPARENT, 0.0, 40.0);
    const int n = 96000, period = 6000;
    double first, last;
    int late;

    (void)state;
    for (int i = 0; i < n; i++) {
        sound[0][i] = i % period < 2400 ? 2.0 * sin(2.0 * PI * i / 48.0) : 0.0;
        sound[1][i] = SHOWN;
    }
    late = limited(RATE, &s, n);
    first = 1.0 - sound[1][period + late - 200] / SHOWN;
    last = 1.0 - sound[1][n - period + late - 200] / SHOWN;
    print_message("# reduction before the 2nd peak %.3f, before the last %.3f\n", first, last);
    assert_true(last > 1.25 * first);
}

/* Kick, snare, bass, chord. */
static void
programme(int n)
{
    static const double chord_hz[] = {220.0, 277.18, 329.63, 440.0, 1318.5};

    dice_state = 1;
    for (int i = 0; i < n; i++) {
        double t = (double)i / RATE, beat = fmod(t, 0.5), off = fmod(t + 0.25, 0.5), x = 0.03 * noise();

        x += 0.6 * exp(-beat * 18.0) * sin(2.0 * PI * (50.0 * beat + 6.0 * (1.0 - exp(-beat * 40.0))));
        x += 0.5 * exp(-off * 35.0) * noise() + 0.15 * sin(2.0 * PI * 55.0 * t);
        for (size_t k = 0; k < LEN(chord_hz); k++)
            x += 0.06 * sin(2.0 * PI * chord_hz[k] * t);
        sound[0][i] = sound[1][i] = x;
    }
}

/* At the same drive and under the same ceiling. */
static void
modes_are_louder_one_than_the_other(void **state)
{
    double level_db[LIMIT_MODES];
    const int n = 5 * RATE;

    (void)state;
    for (int mode = 0; mode < LIMIT_MODES; mode++) {
        struct limit_settings s = with(mode, 12.0, 80.0);
        double sum = 0.0;

        programme(n);
        limited(RATE, &s, n);
        for (int i = RATE; i < n; i++)
            sum += sound[0][i] * sound[0][i];
        level_db[mode] = 10.0 * log10(sum / (n - RATE));
        print_message("# %s: %.2f dB rms\n", names[mode], level_db[mode]);
    }
    assert_true(level_db[LIMIT_PUNCHY] > level_db[LIMIT_TRANSPARENT] + 0.3);
    assert_true(level_db[LIMIT_LOUD] > level_db[LIMIT_PUNCHY] + 0.3);
}

/* --- bass ------------------------------------------------------------------------------------------ */

static double
distortion_percent(double rate, double freq_hz, const struct limit_settings *s)
{
    int n = (int)rate;

    tone_make(io, rate, freq_hz, 0.89, 2 * n);
    limited(rate, s, 2 * n);
    return tone_distortion_percent(sound[0] + n, rate, freq_hz, n);
}

/* 6 dB over. Clipping would make 22 %, and the fast stage alone, at 80 ms, 1.5 %. */
static void
transparent_keeps_a_basss_shape_at_any_rate(void **state)
{
    static const double rates[] = {44100.0, 48000.0, 88200.0, 96000.0, 176400.0, 192000.0};
    static const double freqs_hz[] = {20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 250.0, 400.0};

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        double worst = 0.0;

        for (size_t f = 0; f < LEN(freqs_hz); f++) {
            struct limit_settings s = with(LIMIT_TRANSPARENT, 6.0, f % 2 ? 80.0 : 10.0);

            worst = fmax(worst, distortion_percent(rates[r], freqs_hz[f], &s));
        }
        print_message("# %g Hz: %.5f %%\n", rates[r], worst);
        assert_true(worst < 0.001);
    }
}

static void
the_other_modes_hold_a_bass_for_a_shorter_time(void **state)
{
    static const double freqs_hz[] = {20.0, 30.0, 40.0, 50.0, 80.0, 150.0};
    double percent[LIMIT_MODES][LEN(freqs_hz)];

    (void)state;
    for (int mode = 0; mode < LIMIT_MODES; mode++)
        for (size_t f = 0; f < LEN(freqs_hz); f++) {
            struct limit_settings s = with(mode, 6.0, 80.0);

            percent[mode][f] = distortion_percent(RATE, freqs_hz[f], &s);
            print_message("# %s, %g Hz: %.4f %%\n", names[mode], freqs_hz[f], percent[mode][f]);
        }
    assert_true(percent[LIMIT_PUNCHY][2] < 0.1 && percent[LIMIT_PUNCHY][3] < 0.1);
    assert_true(percent[LIMIT_LOUD][3] < 1.0 && percent[LIMIT_LOUD][4] < 0.1);
    assert_true(percent[LIMIT_LOUD][3] > percent[LIMIT_PUNCHY][3]);
}

/* A click at the top of a bass: what it took more than the bass comes back at the release's pace, not the hold's. */
static void
a_click_on_a_bass_is_not_held(void **state)
{
    struct limit_settings s = with(LIMIT_TRANSPARENT, 0.0, 5.0);
    const int n = RATE, at = RATE / 2;
    double deepest, later;
    int late;

    (void)state;
    for (int i = 0; i < n; i++) {
        sound[0][i] = 0.3 * sin(2.0 * PI * 50.0 * i / RATE) + (i == at ? 1.5 : 0.0);
        sound[1][i] = SHOWN;
    }
    late = limited(RATE, &s, n);
    deepest = 1.0 - sound[1][at + late] / SHOWN;
    later = 1.0 - sound[1][at + late + RATE / 50] / SHOWN; /* 20 ms */
    print_message("# reduction %.3f, %.3f 20 ms later\n", deepest, later);
    assert_true(deepest > 0.35);
    assert_true(later < 0.2 * deepest);
}

/* --- a new mode ------------------------------------------------------------------------------------ */

enum { STEP = RATE, END = 2 * RATE, LISTEN = RATE / 5 };

/* Tones that swell and fade, left 6 dB above right: so that reduction, its release and the channels' difference are
   never at rest. */
static double
loudest_leak(const struct limit_settings *from, const struct limit_settings *to, int step)
{
    struct leak leak;
    struct limit l;

    for (int i = 0; i < END; i++) {
        double t = (double)i / RATE;

        sound[0][i] =
            2.0 * LEAK_TONE_GAIN * sin(2.0 * PI * LEAK_TONE_HZ * t) * (1.0 + 0.5 * sin(2.0 * PI * 8.0 * t));
        sound[1][i] = 0.5 * sound[0][i];
    }
    assert_int_equal(limit_prepare(&l, RATE), OK);
    limit_set(&l, from);
    limit_process(&l, io, step);
    limit_set(&l, to);
    limit_process(&l, (double *[]){sound[0] + step, sound[1] + step}, END - step);
    limit_free(&l);
    leak_prepare(&leak, RATE);
    return fmax(leak_peak(&leak, sound[0], STEP - LEAK_HALF, STEP + LISTEN),
                leak_peak(&leak, sound[1], STEP - LEAK_HALF, STEP + LISTEN));
}

static void
check_no_click(const char *what, const struct limit_settings *from, const struct limit_settings *to)
{
    assert_no_click(what, fmax(loudest_leak(from, from, STEP), loudest_leak(to, to, STEP)),
                    loudest_leak(from, to, STEP + 1234));
}

static void
a_new_mode_does_not_click(void **state)
{
    (void)state;
    for (int from = 0; from < LIMIT_MODES; from++)
        for (int to = 0; to < LIMIT_MODES; to++) {
            struct limit_settings a = with(from, 12.0, 80.0), b = with(to, 12.0, 80.0);

            if (from != to)
                check_no_click(names[to], &a, &b);
        }
}

static void
a_new_link_does_not_click(void **state)
{
    struct limit_settings apart = with(LIMIT_TRANSPARENT, 12.0, 80.0), together = apart;

    (void)state;
    apart.link = 0.0;
    check_no_click("link 100 %", &apart, &together);
    check_no_click("link 0 %", &together, &apart);
}

/* --- link ------------------------------------------------------------------------------------------ */

/* Left goes over, right does not. */
static int
one_sided(double link)
{
    struct limit_settings s = with(LIMIT_PUNCHY, 0.0, 50.0);

    dice_state = 3;
    for (int i = 0; i < RATE; i++) {
        sound[0][i] = 3.0 * noise() * exp(-fmod(i, 6000.0) / 500.0);
        sound[1][i] = 0.25 * noise();
    }
    memcpy(before, sound, sizeof before);
    s.link = link;
    return limited(RATE, &s, RATE);
}

static void
channels_apart_leave_one_another_alone(void **state)
{
    int late = one_sided(0.0);

    (void)state;
    assert_memory_equal(sound[1] + late, before[1], sizeof(double) * (size_t)(RATE - late));
}

static double
gain_of(int channel, int frame, int late)
{
    return sound[channel][frame] / before[channel][frame - late];
}

static void
channels_linked_keep_the_picture(void **state)
{
    int late = one_sided(100.0);

    (void)state;
    for (int i = late; i < RATE; i++)
        assert_true(fabs(gain_of(0, i, late) / gain_of(1, i, late) - 1.0) < 1e-12);
}

/* 1e-9: rounded up to whole numbers on the way. */
static void
half_a_link_takes_half(void **state)
{
    int late = one_sided(50.0);
    double most = 0.0;

    (void)state;
    for (int i = late; i < RATE; i++) {
        double left = 1.0 - gain_of(0, i, late), right = 1.0 - gain_of(1, i, late);

        assert_true(right >= 0.5 * left - 1e-9);
        most = fmax(most, fabs(right - 0.5 * left));
    }
    assert_true(most < 1e-3); /* slow has its own way down near 0 */
}

/* --- what a listener hears ------------------------------------------------------------------------- */

static double heard[STEREO][MAX_FRAMES], out[STEREO][MAX_FRAMES];

static void
listened(const struct limit_settings *s, int n, int block, bool listens)
{
    struct limit l;

    programme(n);
    memcpy(before, sound, sizeof before);
    assert_int_equal(limit_prepare(&l, RATE), OK);
    limit_set(&l, s);
    for (int at = 0; at < n; at += block) {
        if (listens)
            limit_listen(&l, (double *const[]){heard[0] + at, heard[1] + at});
        limit_process(&l, (double *[]){sound[0] + at, sound[1] + at}, n - at < block ? n - at : block);
    }
    limit_free(&l);
}

static void
what_is_heard_and_what_goes_out_make_the_input(void **state)
{
    struct limit_settings s = with(LIMIT_LOUD, 12.0, 80.0);
    const double gain = pow(10.0, 12.0 / 20.0);
    const int n = RATE / 2;
    struct limit l;
    double most = 0.0;
    int late;

    (void)state;
    assert_int_equal(limit_prepare(&l, RATE), OK);
    late = limit_latency_frames(&l);
    limit_free(&l);
    listened(&s, n, 100, true);
    for (int c = 0; c < STEREO; c++)
        for (int i = late; i < n; i++) {
            assert_true(fabs(sound[c][i] + heard[c][i] - gain * before[c][i - late]) < 1e-12);
            most = fmax(most, fabs(heard[c][i]));
        }
    assert_true(most > 0.5);
}

static void
listening_changes_no_bit_of_what_goes_out(void **state)
{
    struct limit_settings s = with(LIMIT_TRANSPARENT, 12.0, 80.0);
    const int n = RATE / 2;

    (void)state;
    listened(&s, n, 64, false);
    memcpy(out, sound, sizeof out);
    s.delta = true;
    listened(&s, n, 7, true);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(sound[c], out[c], sizeof(double) * (size_t)n);
}

/* Only the next call is listened to. */
static void
who_does_not_ask_again_hears_no_more(void **state)
{
    double x[STEREO][64] = {{0}}, y[STEREO][64];
    double *const both[STEREO] = {x[0], x[1]};
    struct limit l;

    (void)state;
    for (int i = 0; i < 64; i++)
        y[0][i] = y[1][i] = 5.0;
    assert_int_equal(limit_prepare(&l, RATE), OK);
    limit_listen(&l, (double *const[]){y[0], y[1]});
    limit_process(&l, both, 32);
    limit_process(&l, both, 64);
    assert_true(y[0][31] == 0.0 && y[1][31] == 0.0);
    assert_true(y[0][32] == 5.0 && y[1][32] == 5.0);
    limit_free(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_peak_is_forgotten_in_the_modes_share_of_the_release),
        cmocka_unit_test(what_lasted_comes_back_slower),
        cmocka_unit_test(dense_peaks_slow_the_release),
        cmocka_unit_test(modes_are_louder_one_than_the_other),
        cmocka_unit_test(transparent_keeps_a_basss_shape_at_any_rate),
        cmocka_unit_test(the_other_modes_hold_a_bass_for_a_shorter_time),
        cmocka_unit_test(a_click_on_a_bass_is_not_held),
        cmocka_unit_test(a_new_mode_does_not_click),
        cmocka_unit_test(a_new_link_does_not_click),
        cmocka_unit_test(channels_apart_leave_one_another_alone),
        cmocka_unit_test(channels_linked_keep_the_picture),
        cmocka_unit_test(half_a_link_takes_half),
        cmocka_unit_test(what_is_heard_and_what_goes_out_make_the_input),
        cmocka_unit_test(listening_changes_no_bit_of_what_goes_out),
        cmocka_unit_test(who_does_not_ask_again_hears_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
