/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/multiband.h"

#include "dsp/comp.h"
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

enum { MAX_FRAMES = 1 << 17, BANDS = MULTIBAND_BANDS };

static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES], heard[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};

STAGE(multiband);

#define BAND                                                                                                 \
    {                                                                                                        \
        .active = true, .on = true, .threshold_db = -24.0, .ratio = 4.0, .attack_ms = 10.0,                  \
        .release_ms = 100.0, .knee_db = 6.0, .makeup_db = 3.0, .range_db = 40.0                              \
    }

static const struct multiband_settings usual = {
    .mix = 100.0, .xover_hz = {120.0, 1000.0, 6000.0}, .band = {BAND, BAND, BAND, BAND}};

/* No band does anything. */
static struct multiband_settings
idle(void)
{
    struct multiband_settings s = usual;

    for (int k = 0; k < BANDS; k++)
        s.band[k].on = false;
    return s;
}

static double
gain_of(double db)
{
    return pow(10.0, db / 20.0);
}

/* Bass, middle and noise bursts, sides apart, and a rest in every second. */
static void
programme(double *const *out, double rate_hz, int n)
{
    dice_state = 1;
    for (int i = 0; i < n; i++) {
        double t = i / rate_hz, burst = exp(-fmod(t, 0.11) * 30.0), on = fmod(t, 1.0) < 0.8 ? 1.0 : 0.0;
        double low = 0.4 * sin(2.0 * PI * 55.0 * t), middle = 0.2 * sin(2.0 * PI * 440.0 * t);

        out[0][i] = on * (low + middle + 0.5 * burst * noise());
        out[1][i] = on * (low - 0.5 * middle + 0.4 * burst * noise());
    }
}

static void
make_programme(double rate_hz, int n)
{
    programme(io, rate_hz, n);
    memcpy(before, sound, sizeof before);
}

static void
start(struct multiband *m, double rate_hz, const struct multiband_settings *s)
{
    assert_int_equal(multiband_prepare(m, rate_hz), OK);
    multiband_set(m, s);
}

/* What is in sound[], through s from the start. */
static void
play(const struct multiband_settings *s, int n)
{
    struct multiband m;

    start(&m, 48000.0, s);
    multiband_process(&m, io, n);
    multiband_free(&m);
}

/* --- the whole ------------------------------------------------------------------------------------- */

static double
response_db(const double *h, double freq_hz, int n)
{
    double re = 0.0, im = 0.0;

    for (int i = 0; i < n; i++) {
        re += h[i] * cos(2.0 * PI * freq_hz / 48000.0 * i);
        im += h[i] * sin(2.0 * PI * freq_hz / 48000.0 * i);
    }
    return 10.0 * log10(re * re + im * im);
}

/* The impulse lies below every threshold. 0.001 dB is asked for. */
static void
at_any_mix_it_is_flat_while_nobody_works(void **state)
{
    static const double mixes[] = {0.0, 30.0, 50.0, 100.0};
    enum { N = 16384 };

    (void)state;
    for (size_t k = 0; k < LEN(mixes); k++)
        for (int slope = 0; slope < 2; slope++) {
            struct multiband_settings s = usual;

            s.mix = mixes[k];
            s.slope = slope;
            for (int b = 0; b < BANDS; b++)
                s.band[b].makeup_db = 0.0;
            memset(sound, 0, sizeof sound);
            sound[0][0] = 0.001;
            play(&s, N);
            for (double f = 20.0; f < 24000.0; f *= 1.4)
                assert_true(fabs(response_db(sound[0], f, N) + 60.0) < 1e-9);
        }
}

/* All bands 6 dB down and the mix at 50 % are 0.75 throughout: with a dry path of another phase there'd be combs. */
static void
the_dry_path_has_the_wet_ones_phase(void **state)
{
    enum { N = 16384 };
    struct multiband_settings s = usual;
    double want_db = 20.0 * log10(0.5 + 0.5 * gain_of(-6.0));

    (void)state;
    s.mix = 50.0;
    for (int b = 0; b < BANDS; b++)
        s.band[b].makeup_db = -6.0;
    memset(sound, 0, sizeof sound);
    sound[0][0] = 0.001;
    play(&s, N);
    for (double f = 20.0; f < 24000.0; f *= 1.4)
        assert_true(fabs(response_db(sound[0], f, N) + 60.0 - want_db) < 1e-9);
}

static void
mix_blends_what_0_and_100_percent_are(void **state)
{
    static double wet[STEREO][24000], dry[STEREO][24000];
    struct multiband_settings s = usual;

    (void)state;
    make_programme(48000.0, 24000);
    play(&s, 24000);
    memcpy(wet[0], sound[0], sizeof wet[0]);
    memcpy(wet[1], sound[1], sizeof wet[1]);
    make_programme(48000.0, 24000);
    s.mix = 0.0;
    play(&s, 24000);
    memcpy(dry[0], sound[0], sizeof dry[0]);
    memcpy(dry[1], sound[1], sizeof dry[1]);
    make_programme(48000.0, 24000);
    s.mix = 30.0;
    play(&s, 24000);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < 24000; i++)
            assert_true(fabs(sound[c][i] - (0.7 * dry[c][i] + 0.3 * wet[c][i])) < 1e-14);
    make_programme(48000.0, 24000); /* the allpasses alone are the bands with nobody on */
    s = idle();
    play(&s, 24000);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(sound[c], dry[c], sizeof dry[c]);
}

/* All in one band: then it is comp, but for the crossover's input, which is none. 1e-12: another order of sums. */
static void
one_band_is_the_compressor(void **state)
{
    static double want[STEREO][48000];
    struct multiband_settings s = usual;
    struct comp c;

    (void)state;
    make_programme(48000.0, 48000);
    assert_int_equal(comp_prepare(&c, 48000.0), OK);
    comp_set(&c, &(struct comp_settings){.threshold_db = -24.0,
                                         .ratio = 4.0,
                                         .attack_ms = 10.0,
                                         .release_ms = 100.0,
                                         .knee_db = 6.0,
                                         .makeup_db = 3.0,
                                         .mix = 80.0,
                                         .link = 100.0,
                                         .range_db = 60.0,
                                         .sidechain_hpf_hz = SIDECHAIN_HPF_OFF_HZ});
    comp_process(&c, io, 48000);
    comp_free(&c);
    memcpy(want[0], sound[0], sizeof want[0]);
    memcpy(want[1], sound[1], sizeof want[1]);
    s.mix = 80.0;
    s.band[0].active = s.band[1].active = s.band[3].active = false;
    make_programme(48000.0, 48000);
    play(&s, 48000);
    for (int k = 0; k < STEREO; k++)
        for (int i = 0; i < 48000; i++)
            assert_true(fabs(sound[k][i] - want[k][i]) < 1e-12);
}

/* --- bands ----------------------------------------------------------------------------------------- */

/* Peak of a tone, in its last tenth of 2 s; what the meters tell is of that tenth, too. */
static double
tone_through(struct multiband *m, double freq_hz, double amplitude)
{
    double most = 0.0;

    tone_make(io, 48000.0, freq_hz, amplitude, 96000);
    multiband_process(m, io, 86400);
    multiband_take_reduction_db(m);
    for (int b = 0; b < BANDS; b++)
        multiband_take_band_reduction_db(m, b);
    multiband_process(m, (double *[]){sound[0] + 86400, sound[1] + 86400}, 9600);
    for (int i = 86400; i < 96000; i++)
        most = fmax(most, fabs(sound[0][i]));
    return most;
}

/* For tones: rippleless, and apart. */
static struct multiband_settings
steady(void)
{
    struct multiband_settings s = usual;

    s.slope = CROSSOVER_LR48;
    for (int b = 0; b < BANDS; b++) {
        s.band[b].makeup_db = 0.0;
        s.band[b].release_ms = 300.0;
    }
    return s;
}

static const double middle_hz[BANDS] = {30.0, 375.0, 2500.0, 16000.0};

/* A tone in the middle of band k is turned down by that band's formula, and told of by its meter. 0.15 dB: what
   leaks to the neighbours, the detector's ripple, and samples beside the crest at 16 kHz. */
static void
each_band_compresses_its_own_range(void **state)
{
    (void)state;
    for (int k = 0; k < BANDS; k++) {
        struct multiband_settings s = steady();
        struct multiband m;
        double db, want_db = -9.0 + 0.75 * -15.0; /* 15 above -24 at 4:1, beyond the knee */

        for (int b = 0; b < BANDS; b++)
            s.band[b].threshold_db = b == k ? -24.0 : 0.0;
        start(&m, 48000.0, &s);
        db = 20.0 * log10(tone_through(&m, middle_hz[k], gain_of(-9.0)));
        print_message("# band %d: %.3f dB, formula %.3f\n", k + 1, db, want_db);
        assert_true(fabs(db - want_db) < 0.15);
        for (int b = 0; b < BANDS; b++)
            if (b != k)
                assert_true(multiband_take_band_reduction_db(&m, b) == 0.0);
        assert_true(fabs(multiband_take_reduction_db(&m) - 11.25) < 0.15);
        assert_true(fabs(multiband_take_band_reduction_db(&m, k) - 11.25) < 0.15);
        assert_true(multiband_take_reduction_db(&m) == 0.0);
        assert_true(multiband_take_band_reduction_db(&m, k) == 0.0);
    }
}

static void
range_is_the_most_that_is_taken_or_given(void **state)
{
    struct multiband_settings s = steady();
    struct multiband m;

    (void)state;
    for (int b = 0; b < BANDS; b++)
        s.band[b].range_db = 4.0;
    start(&m, 48000.0, &s);
    assert_true(fabs(20.0 * log10(tone_through(&m, 375.0, gain_of(-6.0))) + 10.0) < 0.1);
    for (int b = 0; b < BANDS; b++)
        s.band[b].ratio = 0.5;
    start(&m, 48000.0, &s);
    assert_true(fabs(20.0 * log10(tone_through(&m, 375.0, gain_of(-12.0))) + 8.0) < 0.1);
}

/* Band 2's compressor rides what was band 3's. */
static void
a_removed_band_is_its_neighbours(void **state)
{
    struct multiband_settings s = steady();
    struct multiband m;

    (void)state;
    s.band[2].active = false;
    for (int b = 0; b < BANDS; b++)
        s.band[b].on = b == 1;
    start(&m, 48000.0, &s);
    assert_true(fabs(20.0 * log10(tone_through(&m, 2500.0, gain_of(-9.0))) + 20.25) < 0.15);
    assert_true(multiband_take_band_reduction_db(&m, 1) > 11.0);
    assert_true(multiband_take_band_reduction_db(&m, 2) == 0.0);
}

/* --- channels -------------------------------------------------------------------------------------- */

/* Left and right are 375 Hz in mid and side of these amplitudes, 90 degrees apart. Returns what has become of them. */
static void
pictures(int channels, double mid, double side, double got[4])
{
    struct multiband_settings s = steady();

    for (int i = 0; i < 96000; i++) {
        double a = mid * sin(2.0 * PI * 375.0 / 48000.0 * i), b = side * cos(2.0 * PI * 375.0 / 48000.0 * i);

        sound[0][i] = a + b;
        sound[1][i] = a - b;
    }
    for (int b = 0; b < BANDS; b++)
        s.band[b].channels = channels;
    play(&s, 96000);
    memset(got, 0, sizeof(double) * 4);
    for (int i = 86400; i < 96000; i++) {
        double a = sound[0][i], b = sound[1][i];

        got[0] = fmax(got[0], fabs(0.5 * (a + b)));
        got[1] = fmax(got[1], fabs(0.5 * (a - b)));
        got[2] = fmax(got[2], fabs(a));
        got[3] = fmax(got[3], fabs(b));
    }
}

/* -9 dBFS in mid, -15 in side: 11.25 and 6.75 dB come off. 0.15 dB: as above. */
static void
mid_and_side_are_ridden_apart(void **state)
{
    double got[4], mid = gain_of(-9.0), side = gain_of(-15.0);

    (void)state;
    pictures(CHANNELS_MID, mid, side, got);
    assert_true(fabs(20.0 * log10(got[0] / mid) + 11.25) < 0.15);
    assert_true(fabs(20.0 * log10(got[1] / side)) < 0.01);
    pictures(CHANNELS_SIDE, mid, side, got);
    assert_true(fabs(20.0 * log10(got[0] / mid)) < 0.01);
    assert_true(fabs(20.0 * log10(got[1] / side) + 6.75) < 0.15);
}

/* The other side keeps its bits: the same as with nobody on. */
static void
left_or_right_alone_leave_the_other_alone(void **state)
{
    static double plain[STEREO][24000];
    struct multiband_settings s = idle();

    (void)state;
    make_programme(48000.0, 24000);
    play(&s, 24000);
    memcpy(plain[0], sound[0], sizeof plain[0]);
    memcpy(plain[1], sound[1], sizeof plain[1]);
    for (int c = 0; c < STEREO; c++) {
        s = usual;
        for (int b = 0; b < BANDS; b++)
            s.band[b].channels = c ? CHANNELS_RIGHT : CHANNELS_LEFT;
        make_programme(48000.0, 24000);
        play(&s, 24000);
        assert_memory_equal(sound[!c], plain[!c], sizeof plain[!c]);
        assert_memory_not_equal(sound[c], plain[c], sizeof plain[c]);
    }
}

/* --- solo ------------------------------------------------------------------------------------------ */

static void
play_heard(const struct multiband_settings *s, int n)
{
    struct multiband m;

    double *where[STEREO] = {heard[0], heard[1]};

    start(&m, 48000.0, s);
    multiband_listen(&m, where);
    where[0] = where[1] = NULL; /* the places count, not the array that told them */
    multiband_process(&m, io, n);
    multiband_free(&m);
}

static void
solo_is_heard_and_not_printed(void **state)
{
    static double want[STEREO][24000], all[STEREO][24000];
    struct multiband_settings s = usual;

    (void)state;
    assert_false(multiband_is_listened(&s));
    make_programme(48000.0, 24000);
    play_heard(&s, 24000);
    for (int c = 0; c < STEREO; c++) {
        memcpy(want[c], sound[c], sizeof want[c]);
        assert_memory_equal(heard[c], want[c], sizeof want[c]); /* nobody in solo */
    }
    memset(all, 0, sizeof all);
    for (int k = 0; k < BANDS; k++) { /* each alone: together they are the whole */
        s = usual;
        s.band[k].solo = true;
        assert_true(multiband_is_listened(&s));
        make_programme(48000.0, 24000);
        play_heard(&s, 24000);
        for (int c = 0; c < STEREO; c++) {
            assert_memory_equal(sound[c], want[c], sizeof want[c]);
            assert_memory_not_equal(heard[c], want[c], sizeof want[c]);
            for (int i = 0; i < 24000; i++)
                all[c][i] += heard[c][i];
        }
    }
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < 24000; i++)
            assert_true(fabs(all[c][i] - want[c][i]) < 1e-14);
}

static void
solo_has_only_its_band(void **state)
{
    double most = 0.0;
    struct multiband_settings s = idle();

    (void)state;
    s.slope = CROSSOVER_LR48;
    s.band[1].solo = true;
    tone_make(io, 48000.0, 6000.0, 0.5, 24000); /* 2.6 octaves above it, and 48 dB an octave */
    play_heard(&s, 24000);
    for (int i = 12000; i < 24000; i++)
        most = fmax(most, fabs(heard[0][i]));
    assert_true(most < 1e-5);
}

static void
solo_comes_and_goes_without_a_click(void **state)
{
    struct multiband_settings s = idle();
    struct multiband m;
    struct leak l;

    (void)state;
    leak_prepare(&l, 48000.0);
    tone_make(io, 48000.0, LEAK_TONE_HZ, LEAK_TONE_GAIN, 48000);
    start(&m, 48000.0, &s);
    for (int at = 0; at < 48000; at += 480) {
        s.band[0].solo = at >= 12000 && at < 36000;
        s.band[1].solo = at >= 24000 && at < 36000;
        multiband_set(&m, &s);
        multiband_listen(&m, (double *const[]){heard[0] + at, heard[1] + at});
        multiband_process(&m, (double *[]){sound[0] + at, sound[1] + at}, 480);
    }
    assert_no_click("solo", leak_peak(&l, heard[0], 10000, 11000), leak_peak(&l, heard[0], 11000, 47000));
}

/* --- bits and moves -------------------------------------------------------------------------------- */

static double
pick(double least, double most)
{
    return least + (most - least) * chance();
}

static const void *
move(int nth)
{
    static struct multiband_settings s;

    (void)nth;
    s.on = true;
    s.slope = (int)dice(2);
    s.mix = dice(2) ? 100.0 : pick(0.0, 100.0);
    for (int i = 0; i < CROSSOVER_SPLITS; i++)
        s.xover_hz[i] = 20.0 * pow(1000.0, chance());
    for (int k = 0; k < BANDS; k++)
        s.band[k] = (struct multiband_band_settings){.active = dice(6),
                                                     .on = dice(3),
                                                     .solo = !dice(4),
                                                     .threshold_db = pick(-60.0, 0.0),
                                                     .ratio = pick(0.5, 20.0),
                                                     .attack_ms = pick(0.1, 50.0),
                                                     .release_ms = pick(5.0, 300.0),
                                                     .knee_db = pick(0.0, 24.0),
                                                     .makeup_db = dice(2) ? 0.0 : pick(-12.0, 24.0),
                                                     .range_db = pick(0.0, 40.0),
                                                     .channels = dice(2) ? 0 : (int)dice(5)};
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = 44100.0, .nframes = 24000, .gap = 1600, .make = programme, .move = move};

static void
same_bits_at_any_block_size(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&multiband_stage, &many_moves);
}

/* What is heard, too, and whether anybody listens changes nothing of what goes on. */
static void
the_listener_hears_the_same_bits_at_any_block_size(void **state)
{
    static const int blocks[] = {1, 7, 100, 24000};
    static double want[STEREO][24000], went[STEREO][24000];

    (void)state;
    for (size_t b = 0; b < LEN(blocks); b++) {
        struct multiband m;

        make_programme(48000.0, 24000);
        dice_state = 5;
        start(&m, 48000.0, move(0));
        for (int at = 0, n; at < 24000; at += n) {
            if (at % 3000 == 0)
                multiband_set(&m, move(0));
            n = blocks[b] < 3000 - at % 3000 ? blocks[b] : 3000 - at % 3000;
            multiband_listen(&m, (double *const[]){heard[0] + at, heard[1] + at});
            multiband_process(&m, (double *[]){sound[0] + at, sound[1] + at}, n);
        }
        for (int c = 0; c < STEREO; c++) {
            if (b == 0) {
                memcpy(want[c], heard[c], sizeof want[c]);
                memcpy(went[c], sound[c], sizeof went[c]);
            }
            assert_memory_equal(heard[c], want[c], sizeof want[c]);
            assert_memory_equal(sound[c], went[c], sizeof went[c]);
        }
    }
}

static const struct stage_field fields[] = {
    {"mix", offsetof(struct multiband_settings, mix), 0.0, 100.0},
    {"xover 1", offsetof(struct multiband_settings, xover_hz[0]), 20.0, 20000.0},
    {"xover 2", offsetof(struct multiband_settings, xover_hz[1]), 20.0, 20000.0},
    {"xover 3", offsetof(struct multiband_settings, xover_hz[2]), 20.0, 20000.0},
    {"threshold", offsetof(struct multiband_settings, band[1].threshold_db), -60.0, 0.0},
    {"ratio", offsetof(struct multiband_settings, band[1].ratio), 0.5, 20.0},
    {"attack", offsetof(struct multiband_settings, band[1].attack_ms), 0.1, 200.0},
    {"release", offsetof(struct multiband_settings, band[1].release_ms), 5.0, 3000.0},
    {"knee", offsetof(struct multiband_settings, band[1].knee_db), 0.0, 24.0},
    {"makeup", offsetof(struct multiband_settings, band[1].makeup_db), -12.0, 24.0},
    {"range", offsetof(struct multiband_settings, band[1].range_db), 0.0, 40.0},
};

static void
moves_do_not_click(void **state)
{
    (void)state;
    assert_moves_do_not_click(&multiband_stage, &usual, sizeof usual, fields, LEN(fields), 36000);
}

static void
check_switch(const char *what, const struct multiband_settings *from, const struct multiband_settings *to)
{
    struct multiband m;
    struct leak l;

    leak_prepare(&l, 48000.0);
    tone_make(io, 48000.0, LEAK_TONE_HZ, LEAK_TONE_GAIN, 72000);
    start(&m, 48000.0, from);
    multiband_process(&m, io, 24000);
    multiband_set(&m, to);
    multiband_process(&m, (double *[]){sound[0] + 24000, sound[1] + 24000}, 48000);
    assert_no_click(what, fmax(leak_peak(&l, sound[0], 20000, 23000), leak_peak(&l, sound[0], 65000, 71000)),
                    leak_peak(&l, sound[0], 23000, 50000));
}

/* There and back: bands in use, compressors, slope, channels. */
static void
switches_do_not_click(void **state)
{
    (void)state;
    for (int k = 0; k < BANDS; k++) {
        struct multiband_settings other = usual;

        other.band[k].active = false;
        check_switch("active", &usual, &other);
        check_switch("active", &other, &usual);
        other = usual;
        other.band[k].on = false;
        check_switch("on", &usual, &other);
        check_switch("on", &other, &usual);
    }
    for (int channels = 1; channels < 5; channels++) {
        struct multiband_settings other = usual;

        for (int k = 0; k < BANDS; k++)
            other.band[k].channels = channels;
        other.slope = channels % 2;
        check_switch("channels", &usual, &other);
        check_switch("channels", &other, &usual);
    }
}

/* Moves within moves, then silence long enough to forget: as if it had never been otherwise. 1e-6: the glides' last
   steps. */
static void
the_last_move_arrives(void **state)
{
    static double want[STEREO][24000];

    (void)state;
    for (unsigned seed = 1; seed < 6; seed++) {
        struct multiband_settings last;
        struct multiband m;

        dice_state = seed;
        start(&m, 48000.0, move(0));
        for (int i = 0; i < 9; i++) {
            last = *(const struct multiband_settings *)move(0);
            multiband_set(&m, &last);
            stage_noise(io, 48000.0, 1000);
            dice_state = seed * 100 + (unsigned)i;
            multiband_process(&m, io, 1 + (int)dice(1000));
        }
        for (int i = 0; i < 6; i++) {
            memset(sound, 0, sizeof sound);
            multiband_process(&m, io, 120000);
        }
        make_programme(48000.0, 24000);
        multiband_process(&m, io, 24000);
        memcpy(want[0], sound[0], sizeof want[0]);
        memcpy(want[1], sound[1], sizeof want[1]);
        make_programme(48000.0, 24000);
        play(&last, 24000);
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < 24000; i++)
                assert_true(fabs(sound[c][i] - want[c][i]) < 1e-6);
    }
}

/* --- the contract ---------------------------------------------------------------------------------- */

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&multiband_stage, &many_moves);
}

static void
reset_forgets_everything_even_nan(void **state)
{
    struct multiband_settings other = usual;

    (void)state;
    other.slope = CROSSOVER_LR48;
    other.xover_hz[0] = 3000.0;
    other.mix = 40.0;
    other.band[0].active = other.band[2].on = false;
    other.band[1].channels = CHANNELS_SIDE;
    other.band[1].solo = true;
    other.band[3].threshold_db = -50.0;
    assert_reset_forgets(&multiband_stage, programme, &usual, &other);
}

/* None comes out, and the next frame is sound again. */
static void
nan_and_infinity_count_as_silence(void **state)
{
    static double want[STEREO][9600];

    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        make_programme(48000.0, 9600);
        for (int i = 3000; i < 3010; i++) {
            sound[0][i] = pass ? NAN : 0.0;
            sound[1][i + 500] = pass ? -INFINITY : 0.0;
        }
        play(&usual, 9600);
        for (int c = 0; c < STEREO; c++) {
            if (pass)
                assert_memory_equal(sound[c], want[c], sizeof want[c]);
            memcpy(want[c], sound[c], sizeof want[c]);
        }
    }
}

static void
bad_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&multiband_stage);
}

static void
latency_is_none(void **state)
{
    struct multiband m;

    (void)state;
    start(&m, 48000.0, &usual);
    memset(sound, 0, sizeof sound);
    sound[0][10] = 0.01;
    multiband_process(&m, io, 100);
    assert_int_equal(multiband_latency_frames(&m), 0);
    assert_true(sound[0][9] == 0.0);
    assert_true(fabs(sound[0][10]) > 0.001);
    multiband_free(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_any_mix_it_is_flat_while_nobody_works),
        cmocka_unit_test(the_dry_path_has_the_wet_ones_phase),
        cmocka_unit_test(mix_blends_what_0_and_100_percent_are),
        cmocka_unit_test(one_band_is_the_compressor),
        cmocka_unit_test(each_band_compresses_its_own_range),
        cmocka_unit_test(range_is_the_most_that_is_taken_or_given),
        cmocka_unit_test(a_removed_band_is_its_neighbours),
        cmocka_unit_test(mid_and_side_are_ridden_apart),
        cmocka_unit_test(left_or_right_alone_leave_the_other_alone),
        cmocka_unit_test(solo_is_heard_and_not_printed),
        cmocka_unit_test(solo_has_only_its_band),
        cmocka_unit_test(solo_comes_and_goes_without_a_click),
        cmocka_unit_test(same_bits_at_any_block_size),
        cmocka_unit_test(the_listener_hears_the_same_bits_at_any_block_size),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(switches_do_not_click),
        cmocka_unit_test(the_last_move_arrives),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(reset_forgets_everything_even_nan),
        cmocka_unit_test(nan_and_infinity_count_as_silence),
        cmocka_unit_test(bad_rates_are_refused),
        cmocka_unit_test(latency_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
