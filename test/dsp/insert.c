/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/insert.h"

#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

STAGE(insert);

enum { N = 30000, RATE = 48000, TRIP = 512 };

static double io[STEREO][N], was[STEREO][N], want[STEREO][N];
static float line[STEREO][N + TRIP]; /* what is sent at frame n stands at n + TRIP */

static struct insert_settings
plain(void)
{
    return (struct insert_settings){.on = true, .delay_frames = TRIP, .mix = 100.0};
}

static void
make_noise(void)
{
    dice_state = 21;
    for (int i = 0; i < N; i++)
        for (int c = 0; c < STEREO; c++)
            was[c][i] = 0.5 * (dice(2000001) * 1e-6 - 1.0);
}

struct move {
    int frame;
    struct insert_settings s;
};

/* Outboard of TRIP frames that does `work` to each sample of a side, NULL: nothing. */
static void
run(const struct insert_settings *start, const struct move *move, int nmoves, int block,
    float (*work)(float, int))
{
    struct insert s;

    assert_int_equal(insert_prepare(&s, RATE), OK);
    insert_set(&s, start);
    memcpy(io, was, sizeof io);
    memset(line, 0, sizeof line);
    for (int at = 0, next = 0, n; at < N; at += n) {
        for (; next < nmoves && move[next].frame == at; next++)
            insert_set(&s, &move[next].s);
        n = block < N - at ? block : N - at;
        if (next < nmoves && move[next].frame - at < n)
            n = move[next].frame - at;
        insert_ports(&s, (float *const[]){line[0] + TRIP + at, line[1] + TRIP + at},
                     (const float *const[]){line[0] + at, line[1] + at});
        insert_process(&s, (double *const[]){io[0] + at, io[1] + at}, n);
        for (int c = 0; work && c < STEREO; c++)
            for (int i = 0; i < n; i++)
                line[c][TRIP + at + i] = work(line[c][TRIP + at + i], c);
    }
    insert_free(&s);
}

static void
what_comes_back_goes_on(void **state)
{
    struct insert_settings s = plain();

    (void)state;
    make_noise();
    run(&s, NULL, 0, 64, NULL);
    for (int c = 0; c < STEREO; c++)
        for (int i = TRIP; i < N; i++)
            assert_true(io[c][i] == (double)(float)was[c][i - TRIP]);
}

static float
louder_and_inverted(float x, int side)
{
    (void)side;
    return -2.0f * x;
}

static void
gain_and_polarity_undo_the_way(void **state)
{
    struct insert_settings s = plain();

    (void)state;
    make_noise();
    s.gain_db = -20.0 * log10(2.0);
    s.polarity = true;
    run(&s, NULL, 0, 64, louder_and_inverted);
    for (int i = TRIP; i < N; i++)
        assert_true(fabs(io[0][i] - was[0][i - TRIP]) < 1e-7); /* single precision on the way */
}

static float
only_the_second(float x, int side)
{
    return side == 1 ? x : 0.0f;
}

static void
mid_and_side_go_out_on_their_own_ports(void **state)
{
    struct insert_settings s = plain();

    (void)state;
    make_noise();
    s.mode = INSERT_MID_SIDE;
    run(&s, NULL, 0, 64, only_the_second); /* the side alone comes back */
    for (int i = TRIP; i < N; i++) {
        double side = 0.5 * (was[0][i - TRIP] - was[1][i - TRIP]);

        assert_true(fabs(io[0][i] - side) < 1e-7 && fabs(io[1][i] + side) < 1e-7);
    }
}

/* The return is TRIP frames late, the dry sound a fraction more, as set: both tell the same tone. */
static void
the_dry_sound_is_late_by_a_fraction_too(void **state)
{
    static const double freqs[] = {50.0, 997.0, 10000.0, 19000.0}; /* Hz; 0.4 of the rate is 19200 */
    struct insert_settings s = plain();

    (void)state;
    s.delay_frames = 300.37;
    s.mix = 0.0;
    for (size_t k = 0; k < LEN(freqs); k++) {
        double w = 2.0 * PI * freqs[k] / RATE, most = 0.0;

        for (int i = 0; i < N; i++)
            was[0][i] = was[1][i] = 0.5 * sin(w * i);
        run(&s, NULL, 0, 64, NULL);
        for (int i = 2000; i < N; i++)
            most = fmax(most, fabs(io[0][i] - 0.5 * sin(w * (i - 300.37))));
        assert_true(most < 0.5 * 0.00115); /* 0.01 dB */
    }
}

static void
dry_at_a_whole_delay_keeps_the_bits(void **state)
{
    struct insert_settings s = plain();

    (void)state;
    make_noise();
    s.mix = 0.0;
    run(&s, NULL, 0, 64, NULL);
    for (int c = 0; c < STEREO; c++)
        for (int i = TRIP; i < N; i++)
            assert_true(io[c][i] == was[c][i - TRIP]);
}

static void
it_gives_the_same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 64, 100, TRIP};
    struct insert_settings s = plain();
    struct move moves[] = {{3000, s}, {3100, s}, {9000, s}, {9500, s}, {16000, s}};

    (void)state;
    make_noise();
    moves[0].s.delay_frames = 100.5;
    moves[0].s.mix = 40.0;
    moves[1].s = moves[0].s;
    moves[1].s.delay_frames = 700.25;
    moves[2].s = moves[1].s;
    moves[2].s.mode = INSERT_MID_SIDE;
    moves[3].s = moves[2].s;
    moves[3].s.polarity = true;
    run(&s, moves, LEN(moves), 1, NULL);
    memcpy(want, io, sizeof io);
    for (size_t k = 0; k < LEN(blocks); k++) {
        run(&s, moves, LEN(moves), blocks[k], NULL);
        assert_memory_equal(io, want, sizeof io);
    }
}

static void
moves_do_not_click(void **state)
{
    static struct leak leak;
    struct insert_settings s = plain();
    struct move moves[] = {{5000, s}, {8000, s}, {11000, s}, {14000, s}, {17000, s}, {20000, s}};

    (void)state;
    leak_prepare(&leak, RATE);
    tone_make((double *const[]){was[0], was[1]}, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, N);
    moves[0].s.mix = 0.0;
    moves[1].s.mix = 0.0;
    moves[1].s.delay_frames = 24.5;
    moves[2].s.mix = 0.0;
    moves[2].s.delay_frames = 0.0;
    moves[4].s.polarity = true;
    moves[5].s.gain_db = 12.0;
    run(&s, moves, LEN(moves), 64, NULL);
    assert_true(leak_peak(&leak, io[0], 4000, 26000) < 3.2e-5 * 4.0); /* -90 dBFS, 12 dB louder at the end */
}

static void
while_held_only_the_dry_sound_goes_on(void **state)
{
    struct insert_settings settings = plain();
    struct insert s;

    (void)state;
    make_noise();
    memcpy(io, was, sizeof io);
    assert_int_equal(insert_prepare(&s, RATE), OK);
    insert_set(&s, &settings);
    insert_ports(&s, NULL, NULL); /* nothing comes back */
    insert_hold(&s, true);
    for (int at = 0; at < N; at += 100)
        insert_process(&s, (double *const[]){io[0] + at, io[1] + at}, 100);
    for (int i = RATE * INSERT_FADE_MS / 1000 + TRIP; i < N; i++)
        assert_true(io[0][i] == was[0][i - TRIP]);
    insert_free(&s);
}

static void
its_latency_is_the_delay_rounded(void **state)
{
    static const struct {
        double delay;
        int latency;
    } rows[] = {{0.0, 0}, {0.4, 0}, {133.27, 133}, {133.5, 134}, {INSERT_LONGEST, INSERT_LONGEST}};
    struct insert s;

    (void)state;
    assert_int_equal(insert_prepare(&s, RATE), OK);
    for (size_t i = 0; i < LEN(rows); i++) {
        insert_set(&s, &(struct insert_settings){.delay_frames = rows[i].delay});
        assert_int_equal(insert_latency_frames(&s), rows[i].latency);
        assert_in_range(insert_latency_frames(&s), 0, insert_latency_max_frames(&s));
    }
    insert_free(&s);
}

static void
odd_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&insert_stage);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_back_goes_on),
        cmocka_unit_test(gain_and_polarity_undo_the_way),
        cmocka_unit_test(mid_and_side_go_out_on_their_own_ports),
        cmocka_unit_test(the_dry_sound_is_late_by_a_fraction_too),
        cmocka_unit_test(dry_at_a_whole_delay_keeps_the_bits),
        cmocka_unit_test(it_gives_the_same_bits_at_any_block),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(while_held_only_the_dry_sound_goes_on),
        cmocka_unit_test(its_latency_is_the_delay_rounded),
        cmocka_unit_test(odd_rates_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
