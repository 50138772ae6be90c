/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals and expected values are those of EBU Tech 3341 v4 and 3342 v4 where a case is named. */
#include "dsp/loudness.h"

#include <ebur128.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE         48000
#define EBU_LU       0.1 /* the standard's own tolerance */
#define EBU_RANGE_LU 1.0

enum { CHUNK = 4800, MAX_CHANNELS = 5 };

/* Plays into a meter; the tone's phase runs on over its segments, as in the EBU's files. */
struct stage {
    struct loudness meter;
    double rate_hz, freq_hz;
    int nch;
    uint64_t frame;
    double wave[CHUNK];
    /* What was seen after each 10 ms, from the frame `watch` on. */
    uint64_t watch;
    double low_m, high_m, low_s, high_s;
};

static void
watch_from(struct stage *s, double seconds)
{
    s->watch = (uint64_t)llround(seconds * s->rate_hz);
    s->low_m = s->low_s = 1000.0;
    s->high_m = s->high_s = -1000.0;
}

static void
look(struct stage *s)
{
    double m = loudness_momentary_lufs(&s->meter), st = loudness_short_term_lufs(&s->meter);

    if (s->frame < s->watch)
        return;
    s->low_m = fmin(s->low_m, m);
    s->high_m = fmax(s->high_m, m);
    s->low_s = fmin(s->low_s, st);
    s->high_s = fmax(s->high_s, st);
}

static void
open_at(struct stage *s, double rate_hz)
{
    *s = (struct stage){.rate_hz = rate_hz, .freq_hz = 1000.0, .nch = STEREO};
    assert_int_equal(loudness_prepare(&s->meter, rate_hz), OK);
    watch_from(s, 0.0);
}

/* sin(a) and sin(a - w) give sin(a + w): two sines a call instead of one a frame. */
static void
sine(struct stage *s, int n)
{
    double w = 2.0 * PI * s->freq_hz / s->rate_hz, twice = 2.0 * cos(w);

    for (int i = 0; i < n; i++)
        s->wave[i] =
            i < 2 ? sin(w * (double)(s->frame + (uint64_t)i)) : twice * s->wave[i - 1] - s->wave[i - 2];
}

static void
play(struct stage *s, const double *peak, double seconds)
{
    static double room[MAX_CHANNELS][CHUNK];
    const double *in[MAX_CHANNELS] = {room[0], room[1], room[2], room[3], room[4]};
    int64_t frames = llround(seconds * s->rate_hz);
    int step = (int)(s->rate_hz / 100.0);

    while (frames > 0) {
        int n = frames < step ? (int)frames : step;

        sine(s, n);
        for (int c = 0; c < s->nch; c++)
            for (int i = 0; i < n; i++)
                room[c][i] = peak[c] * s->wave[i];
        loudness_process(&s->meter, in, n);
        s->frame += (uint64_t)n;
        frames -= n;
        look(s);
    }
}

static void
tone(struct stage *s, double level_dbfs, double seconds)
{
    double peak = pow(10.0, level_dbfs / 20.0);

    play(s, (double[]){peak, peak}, seconds);
}

static void
quiet(struct stage *s, double seconds)
{
    play(s, (double[]){0.0, 0.0}, seconds);
}

static void
assert_lufs(double got, double want, double tolerance_lu)
{
    if (!(fabs(got - want) <= tolerance_lu))
        fail_msg("%.4f LUFS, wanted %.4f +- %g", got, want, tolerance_lu);
}

/* --- EBU Tech 3341 --- */

static void
steady_tone(double level_dbfs)
{
    struct stage s;

    open_at(&s, RATE);
    tone(&s, level_dbfs, 20.0);
    assert_lufs(loudness_momentary_lufs(&s.meter), level_dbfs, EBU_LU);
    assert_lufs(loudness_short_term_lufs(&s.meter), level_dbfs, EBU_LU);
    assert_lufs(loudness_integrated_lufs(&s.meter), level_dbfs, EBU_LU);
    loudness_free(&s.meter);
}

static void
ebu_case_1_and_2_steady_tones(void **state)
{
    (void)state;
    steady_tone(-23.0);
    steady_tone(-33.0);
}

struct segment {
    double level_dbfs, seconds;
};

static void
integrated_is_23(const struct segment *g, size_t n)
{
    struct stage s;

    open_at(&s, RATE);
    for (size_t i = 0; i < n; i++)
        tone(&s, g[i].level_dbfs, g[i].seconds);
    assert_lufs(loudness_integrated_lufs(&s.meter), -23.0, EBU_LU);
    loudness_free(&s.meter);
}

static void
ebu_case_3_to_5_gates(void **state)
{
    static const struct segment three[] = {{-36, 10}, {-23, 60}, {-36, 10}};
    static const struct segment four[] = {{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}};
    static const struct segment five[] = {{-26, 20}, {-20, 20.1}, {-26, 20}};

    (void)state;
    integrated_is_23(three, LEN(three));
    integrated_is_23(four, LEN(four));
    integrated_is_23(five, LEN(five));
}

static void
ebu_case_6_five_channels(void **state)
{
    static const double weights[] = {1.0, 1.0, 1.0, 1.41, 1.41};
    static const double levels[] = {-28.0, -28.0, -24.0, -30.0, -30.0};
    struct stage s = {.rate_hz = RATE, .freq_hz = 1000.0, .nch = LEN(weights)};
    double peak[LEN(weights)];

    (void)state;
    for (size_t c = 0; c < LEN(weights); c++)
        peak[c] = pow(10.0, levels[c] / 20.0);
    assert_int_equal(loudness_prepare_layout(&s.meter, RATE, weights, LEN(weights)), OK);
    play(&s, peak, 20.0);
    assert_lufs(loudness_integrated_lufs(&s.meter), -23.0, EBU_LU);
    loudness_free(&s.meter);
}

static void
ebu_case_9_short_term_is_steady(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    watch_from(&s, 3.0);
    for (int i = 0; i < 5; i++) {
        tone(&s, -20.0, 1.34);
        tone(&s, -30.0, 1.66);
    }
    assert_lufs(s.low_s, -23.0, EBU_LU);
    assert_lufs(s.high_s, -23.0, EBU_LU);
    loudness_free(&s.meter);
}

static void
ebu_case_10_short_term_of_20_files(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct stage s;

        open_at(&s, RATE);
        quiet(&s, 0.15 * i);
        tone(&s, -23.0, 3.0);
        quiet(&s, 1.0);
        assert_lufs(loudness_max_short_term_lufs(&s.meter), -23.0, EBU_LU);
        loudness_free(&s.meter);
    }
}

static void
ebu_case_11_short_term_live(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    for (int i = 0; i < 20; i++) {
        watch_from(&s, (double)s.frame / RATE);
        quiet(&s, 0.15 * i);
        tone(&s, -38.0 + i, 3.0);
        quiet(&s, 3.0 - 0.15 * i);
        assert_lufs(s.high_s, -38.0 + i, EBU_LU);
    }
    assert_lufs(loudness_max_short_term_lufs(&s.meter), -19.0, EBU_LU);
    loudness_free(&s.meter);
}

static void
ebu_case_12_momentary_is_steady(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    watch_from(&s, 1.0);
    for (int i = 0; i < 25; i++) {
        tone(&s, -20.0, 0.18);
        tone(&s, -30.0, 0.22);
    }
    assert_lufs(s.low_m, -23.0, EBU_LU);
    assert_lufs(s.high_m, -23.0, EBU_LU);
    loudness_free(&s.meter);
}

static void
ebu_case_13_momentary_of_20_files(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct stage s;

        open_at(&s, RATE);
        quiet(&s, 0.02 * i);
        tone(&s, -23.0, 0.4);
        quiet(&s, 1.0);
        assert_lufs(loudness_max_momentary_lufs(&s.meter), -23.0, EBU_LU);
        loudness_free(&s.meter);
    }
}

static void
ebu_case_14_momentary_live(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    for (int i = 0; i < 20; i++) {
        watch_from(&s, (double)s.frame / RATE);
        quiet(&s, 0.02 * i);
        tone(&s, -38.0 + i, 0.4);
        quiet(&s, 0.4 - 0.02 * i);
        assert_lufs(s.high_m, -38.0 + i, EBU_LU);
    }
    assert_lufs(loudness_max_momentary_lufs(&s.meter), -19.0, EBU_LU);
    loudness_free(&s.meter);
}

/* --- EBU Tech 3342 --- */

static void
ebu_range_cases(void **state)
{
    static const struct {
        double level_dbfs[5];
        int n;
        double range_lu;
    } cases[] = {
        {{-20, -30}, 2, 10.0},
        {{-20, -15}, 2, 5.0},
        {{-40, -20}, 2, 20.0},
        {{-50, -35, -20, -35, -50}, 5, 15.0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct stage s;

        open_at(&s, RATE);
        for (int k = 0; k < cases[i].n; k++)
            tone(&s, cases[i].level_dbfs[k], 20.0);
        assert_lufs(loudness_range_lu(&s.meter), cases[i].range_lu, EBU_RANGE_LU);
        loudness_free(&s.meter);
    }
}

/* --- BS.1770 --- */

/* BS.1770: a 0 dBFS sine of 997 Hz in one front channel reads -3.01. The K filter's gain there is +0.691014 dB,
   so exactly -3.0103 to within 0.0001; the filter at another rate may stray by 0.01. */
static void
sine_of_997_hz_reads_the_same_at_every_rate(void **state)
{
    static const double rates[] = {48000, 44100, 88200, 96000, 176400, 192000};

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        struct stage s;

        open_at(&s, rates[i]);
        s.freq_hz = 997.0;
        play(&s, (double[]){1.0, 0.0}, 4.0);
        assert_lufs(loudness_integrated_lufs(&s.meter), -3.0103, i ? 0.01 : 0.001);
        assert_lufs(loudness_short_term_lufs(&s.meter), -3.0103, i ? 0.01 : 0.001);
        loudness_free(&s.meter);
    }
}

/* The response BS.1770-5 tabulates, |H|^2 of its two sections at 48 kHz. */
static double
table_gain_db(double freq_hz)
{
    static const double b[2][3] = {{1.53512485958697, -2.69169618940638, 1.19839281085285}, {1, -2, 1}};
    static const double a[2][2] = {{-1.69065929318241, 0.73248077421585},
                                   {-1.99004745483398, 0.99007225036621}};
    double w = 2.0 * PI * freq_hz / 48000.0, gain = 1.0;

    for (int s = 0; s < 2; s++) {
        double top_re = b[s][0] + b[s][1] * cos(w) + b[s][2] * cos(2.0 * w);
        double top_im = b[s][1] * sin(w) + b[s][2] * sin(2.0 * w);
        double low_re = 1.0 + a[s][0] * cos(w) + a[s][1] * cos(2.0 * w);
        double low_im = a[s][0] * sin(w) + a[s][1] * sin(2.0 * w);

        gain *= (top_re * top_re + top_im * top_im) / (low_re * low_re + low_im * low_im);
    }
    return 10.0 * log10(gain);
}

/* Bilinear sections warp towards Nyquist: 0.008 dB at 20 kHz by the formulas, 0.01 allowed. The tones fit whole
   periods into 3 s, so a window reads them without ripple. */
static void
response_is_the_standard_s_at_every_rate(void **state)
{
    static const double rates[] = {44100, 48000, 96000, 192000};
    static const double freqs[] = {20.0, 40.0, 100.0, 500.0, 1500.0, 3000.0, 8000.0, 16000.0, 20000.0};

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++)
        for (size_t f = 0; f < LEN(freqs); f++) {
            struct stage s;

            open_at(&s, rates[r]);
            s.freq_hz = freqs[f];
            play(&s, (double[]){1.0, 0.0}, 4.0);
            assert_lufs(loudness_short_term_lufs(&s.meter), -0.691 - 3.0103 + table_gain_db(freqs[f]), 0.01);
            loudness_free(&s.meter);
        }
}

/* The relative gates alone would let both halves pass: -67 LUFS and 6 LU. Of the 3 s in which one half slides
   into the other, some 2.4 LU of range stay. */
static void
what_lies_below_70_lufs_counts_for_nothing(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    tone(&s, -65.0, 10.0);
    tone(&s, -71.0, 10.0);
    assert_lufs(loudness_integrated_lufs(&s.meter), -65.0, EBU_LU);
    assert_true(loudness_range_lu(&s.meter) < 3.0);
    loudness_free(&s.meter);
}

/* --- a computed programme, and a second opinion --- */

static uint32_t
noise(uint32_t *seed)
{
    return *seed = *seed * 1664525u + 1013904223u;
}

/* Noise under a slow swell, a beat, and a phrase that falls silent: -10 to below -70 LUFS. */
static void
programme(double *left, double *right, uint64_t from, int n, uint32_t *seed)
{
    for (int i = 0; i < n; i++) {
        double t = (double)(from + (uint64_t)i) / RATE;
        double swell = pow(10.0, -1.0 - sin(2.0 * PI * t / 17.0)), beat = exp(-8.0 * fmod(t, 0.5));
        double phrase = fmod(t, 23.0) < 20.0 ? 1.0 : 1e-4;

        left[i] =
            phrase * (swell * (noise(seed) / 2147483648.0 - 1.0) + 0.3 * beat * sin(2.0 * PI * 60.0 * t));
        right[i] =
            phrase * (swell * (noise(seed) / 2147483648.0 - 1.0) + 0.2 * beat * sin(2.0 * PI * 900.0 * t));
    }
}

enum { SECONDS = 60 };

/* libebur128 keeps every block (no histogram), so the distance shows our bins too: 0.005 LU for the integrated
   value at 48 kHz. It steps its short-term values by 1 s unless asked, hence the coarser range. */
static void
libebur128_agrees_on_a_programme(void **state)
{
    static double left[CHUNK], right[CHUNK], both[2 * CHUNK];
    const double *in[STEREO] = {left, right};
    ebur128_state *other = ebur128_init(2, RATE, EBUR128_MODE_I | EBUR128_MODE_S | EBUR128_MODE_LRA);
    struct loudness l;
    uint32_t seed = 1;
    double want;

    (void)state;
    assert_non_null(other);
    assert_int_equal(loudness_prepare(&l, RATE), OK);
    for (int k = 0; k < SECONDS * RATE / CHUNK; k++) {
        programme(left, right, (uint64_t)k * CHUNK, CHUNK, &seed);
        for (int i = 0; i < CHUNK; i++) {
            both[2 * i] = left[i];
            both[2 * i + 1] = right[i];
        }
        loudness_process(&l, in, CHUNK);
        ebur128_add_frames_double(other, both, CHUNK);
        if (k < 30)
            continue;
        ebur128_loudness_momentary(other, &want);
        assert_lufs(loudness_momentary_lufs(&l), want, 0.001);
        ebur128_loudness_shortterm(other, &want);
        assert_lufs(loudness_short_term_lufs(&l), want, 0.001);
    }
    ebur128_loudness_global(other, &want);
    assert_lufs(loudness_integrated_lufs(&l), want, 0.005);
    ebur128_loudness_range(other, &want);
    assert_lufs(loudness_range_lu(&l), want, 0.5);
    ebur128_destroy(&other);
    loudness_free(&l);
}

static void
run_programme(struct loudness *l, int period, int seconds)
{
    static double left[CHUNK], right[CHUNK];
    uint32_t seed = 1;

    for (int k = 0; k < seconds * RATE / CHUNK; k++) {
        programme(left, right, (uint64_t)k * CHUNK, CHUNK, &seed);
        for (int i = 0; i < CHUNK; i += period) {
            const double *in[STEREO] = {left + i, right + i};

            loudness_process(l, in, CHUNK - i < period ? CHUNK - i : period);
        }
    }
}

struct reading {
    double momentary, short_term, integrated, range, max_momentary, max_short_term, measured;
};

static struct reading
read_all(const struct loudness *l)
{
    return (struct reading){
        .momentary = loudness_momentary_lufs(l),
        .short_term = loudness_short_term_lufs(l),
        .integrated = loudness_integrated_lufs(l),
        .range = loudness_range_lu(l),
        .max_momentary = loudness_max_momentary_lufs(l),
        .max_short_term = loudness_max_short_term_lufs(l),
        .measured = loudness_measured_s(l),
    };
}

static void
same_bits_at_any_period(void **state)
{
    static const int periods[] = {1, 7, 64, 100, 1024};
    struct reading want, got;
    struct loudness l;

    (void)state;
    assert_int_equal(loudness_prepare(&l, RATE), OK);
    run_programme(&l, CHUNK, 8);
    want = read_all(&l);
    assert_true(want.integrated > -40.0 && want.range > 1.0);
    loudness_free(&l);
    for (size_t i = 0; i < LEN(periods); i++) {
        assert_int_equal(loudness_prepare(&l, RATE), OK);
        run_programme(&l, periods[i], 8);
        got = read_all(&l);
        assert_memory_equal(&got, &want, sizeof want);
        loudness_free(&l);
    }
}

static void
reset_forgets_all(void **state)
{
    struct reading want, got;
    struct loudness l;

    (void)state;
    assert_int_equal(loudness_prepare(&l, RATE), OK);
    run_programme(&l, 1000, 5);
    want = read_all(&l);
    run_programme(&l, 1000, 2);
    loudness_process(&l, (const double *[]){(double[7]){1.0}, (double[7]){1.0}}, 7);
    loudness_reset(&l);
    assert_true(loudness_momentary_lufs(&l) == LOUDNESS_NONE_LUFS);
    assert_true(loudness_integrated_lufs(&l) == LOUDNESS_NONE_LUFS);
    run_programme(&l, 1000, 5);
    got = read_all(&l);
    assert_memory_equal(&got, &want, sizeof want);
    loudness_free(&l);
}

static void
restart_measures_only_what_follows(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    tone(&s, -10.0, 5.0);
    tone(&s, -10.0, 0.0037);
    loudness_restart(&s.meter);
    tone(&s, -23.0, 0.1);
    assert_true(loudness_momentary_lufs(&s.meter) > -12.0);
    assert_true(loudness_max_momentary_lufs(&s.meter) < -28.0);
    tone(&s, -23.0, 9.9);
    assert_lufs(loudness_integrated_lufs(&s.meter), -23.0, EBU_LU);
    assert_lufs(loudness_max_momentary_lufs(&s.meter), -23.0, EBU_LU);
    assert_lufs(loudness_max_short_term_lufs(&s.meter), -23.0, EBU_LU);
    assert_lufs(loudness_range_lu(&s.meter), 0.0, EBU_LU);
    assert_true(loudness_measured_s(&s.meter) == 10.0);
    loudness_free(&s.meter);
}

/* EBU case 3 as three tracks, at two rates: an album's loudness is that of its tracks one after another. */
static void
tracks_joined_measure_as_the_album(void **state)
{
    static const struct segment track[] = {{-36, 10}, {-23, 60}, {-36, 10}};
    static const double rate[] = {48000, 96000, 44100};
    struct loudness album;

    (void)state;
    assert_int_equal(loudness_prepare(&album, 48000), OK);
    for (size_t i = 0; i < LEN(track); i++) {
        struct stage s;

        open_at(&s, rate[i]);
        tone(&s, track[i].level_dbfs, track[i].seconds);
        loudness_join(&album, &s.meter);
        loudness_free(&s.meter);
    }
    assert_lufs(loudness_integrated_lufs(&album), -23.0, EBU_LU);
    assert_lufs(loudness_max_short_term_lufs(&album), -23.0, EBU_LU);
    assert_lufs(loudness_range_lu(&album), 13.0, 0.2);
    assert_true(loudness_measured_s(&album) == 80.0);
    loudness_free(&album);
}

static void
pause_holds_the_measurement(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    tone(&s, -23.0, 10.0);
    loudness_run(&s.meter, false);
    tone(&s, -3.0, 10.0);
    assert_lufs(loudness_momentary_lufs(&s.meter), -3.0, EBU_LU);
    assert_lufs(loudness_integrated_lufs(&s.meter), -23.0, EBU_LU);
    loudness_run(&s.meter, true);
    tone(&s, -23.0, 10.0);
    assert_lufs(loudness_integrated_lufs(&s.meter), -23.0, EBU_LU);
    assert_lufs(loudness_max_momentary_lufs(&s.meter), -23.0, EBU_LU);
    assert_lufs(loudness_max_short_term_lufs(&s.meter), -23.0, EBU_LU);
    assert_lufs(loudness_range_lu(&s.meter), 0.0, EBU_LU);
    assert_true(loudness_measured_s(&s.meter) == 20.0);
    loudness_free(&s.meter);
}

static void
silence_reads_nothing(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    assert_true(loudness_integrated_lufs(&s.meter) == LOUDNESS_NONE_LUFS);
    quiet(&s, 5.0);
    assert_true(loudness_momentary_lufs(&s.meter) == LOUDNESS_NONE_LUFS);
    assert_true(loudness_short_term_lufs(&s.meter) == LOUDNESS_NONE_LUFS);
    assert_true(loudness_integrated_lufs(&s.meter) == LOUDNESS_NONE_LUFS);
    assert_true(loudness_range_lu(&s.meter) == 0.0);
    assert_true(loudness_max_momentary_lufs(&s.meter) == LOUDNESS_NONE_LUFS);
    loudness_free(&s.meter);
}

/* After a tone the high-pass rings down; within 3 s of silence its state must be zero and not a denormal. */
static void
silence_leaves_no_denormals(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    tone(&s, -20.0, 1.0);
    quiet(&s, 3.0);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < 2; i++) {
            assert_true(s.meter.windows.filter[0].shelf[i][c] == 0.0);
            assert_true(s.meter.windows.filter[0].pass[i][c] == 0.0);
        }
    loudness_free(&s.meter);
}

static void
bad_samples_do_not_poison(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};

    (void)state;
    for (size_t i = 0; i < LEN(bad); i++) {
        struct stage s;
        double x[1] = {bad[i]}, y[1] = {0.0};

        open_at(&s, RATE);
        tone(&s, -23.0, 10.0);
        loudness_process(&s.meter, (const double *[]){y, x}, 1);
        tone(&s, -23.0, 10.0);
        assert_int_equal(loudness_skipped(&s.meter), 1);
        assert_lufs(loudness_momentary_lufs(&s.meter), -23.0, EBU_LU);
        assert_lufs(loudness_short_term_lufs(&s.meter), -23.0, EBU_LU);
        assert_lufs(loudness_integrated_lufs(&s.meter), -23.0, EBU_LU);
        assert_lufs(loudness_max_momentary_lufs(&s.meter), -23.0, EBU_LU);
        assert_lufs(loudness_range_lu(&s.meter), 0.0, EBU_LU);
        loudness_free(&s.meter);
    }
}

/* +40 LUFS lies past the last bin: the gate is coarse there, the mean still exact. */
static void
loud_beyond_the_histogram_is_still_measured(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, RATE);
    tone(&s, 40.0, 5.0);
    assert_lufs(loudness_integrated_lufs(&s.meter), 40.0, EBU_LU);
    loudness_free(&s.meter);
}

static void
odd_rates_do_not_drift(void **state)
{
    struct stage s;

    (void)state;
    open_at(&s, 11025.0);
    tone(&s, -23.0, 10.0);
    assert_true(loudness_measured_s(&s.meter) == 10.0);
    assert_lufs(loudness_momentary_lufs(&s.meter), -23.0, EBU_LU);
    loudness_free(&s.meter);
}

static void
prepare_refuses_nonsense(void **state)
{
    static const double weights[LOUDNESS_CHANNELS + 1];
    struct loudness l;

    (void)state;
    assert_int_equal(loudness_prepare(&l, 7999.0), BAD_ARG);
    assert_int_equal(loudness_prepare(&l, NAN), BAD_ARG);
    assert_int_equal(loudness_prepare_layout(&l, RATE, weights, 0), BAD_ARG);
    assert_int_equal(loudness_prepare_layout(&l, RATE, weights, LOUDNESS_CHANNELS + 1), BAD_ARG);
    loudness_free(&l);
    loudness_free(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ebu_case_1_and_2_steady_tones),
        cmocka_unit_test(ebu_case_3_to_5_gates),
        cmocka_unit_test(ebu_case_6_five_channels),
        cmocka_unit_test(ebu_case_9_short_term_is_steady),
        cmocka_unit_test(ebu_case_10_short_term_of_20_files),
        cmocka_unit_test(ebu_case_11_short_term_live),
        cmocka_unit_test(ebu_case_12_momentary_is_steady),
        cmocka_unit_test(ebu_case_13_momentary_of_20_files),
        cmocka_unit_test(ebu_case_14_momentary_live),
        cmocka_unit_test(ebu_range_cases),
        cmocka_unit_test(sine_of_997_hz_reads_the_same_at_every_rate),
        cmocka_unit_test(response_is_the_standard_s_at_every_rate),
        cmocka_unit_test(what_lies_below_70_lufs_counts_for_nothing),
        cmocka_unit_test(libebur128_agrees_on_a_programme),
        cmocka_unit_test(same_bits_at_any_period),
        cmocka_unit_test(reset_forgets_all),
        cmocka_unit_test(restart_measures_only_what_follows),
        cmocka_unit_test(tracks_joined_measure_as_the_album),
        cmocka_unit_test(pause_holds_the_measurement),
        cmocka_unit_test(silence_reads_nothing),
        cmocka_unit_test(silence_leaves_no_denormals),
        cmocka_unit_test(bad_samples_do_not_poison),
        cmocka_unit_test(loud_beyond_the_histogram_is_still_measured),
        cmocka_unit_test(odd_rates_do_not_drift),
        cmocka_unit_test(prepare_refuses_nonsense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
