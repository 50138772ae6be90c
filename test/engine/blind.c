/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guessers and listeners are computed, and the coins that they and the book toss are seeded: nothing here is luck.
 *
 * A p-value of guessing is uniform as far as n trials let it be: it takes the values p(k) = P(K >= k), each with the
 * probability of k right, so P(p <= p(k)) is p(k) itself, and less than alpha in between. A random number between
 * p(k + 1) and p(k) in its place is uniform outright.
 */
#include "engine/blind.h"
#include "engine/blindlog.h"
#include "engine/compare.h"

#include "test/kit/dice.h"
#include "test/kit/tree.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { GUESSERS = 1000, TRIALS = 20, STEPS = TRIALS + 1 };

static struct blind b;

/* A generator of its own (SplitMix64), so that x and the guesses have nothing to do with one another. */
static int
toss(void *with)
{
    uint64_t z = *(uint64_t *)with += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (int)((z ^ (z >> 31)) >> 63);
}

static uint64_t coin_state;

static struct blind_coin
coin(uint64_t seed)
{
    coin_state = seed;
    return (struct blind_coin){toss, &coin_state};
}

/* --- p ------------------------------------------------------------------------------------------------ */

/* Numerators and denominators are exact in a double, and so must the quotients be. */
static void
small_p_values_are_the_exact_fractions(void **state)
{
    static const struct {
        int trials, correct;
        double above, below;
    } exact[] = {
        {0, 0, 1, 1},
        {1, 0, 1, 1},
        {1, 1, 1, 2},
        {2, 1, 3, 4},
        {5, 4, 3, 16},
        {10, 8, 7, 128},
        {10, 9, 11, 1024},
        {16, 12, 2517, 65536},
        {20, 10, 308333, 524288},
        {20, 15, 5425, 262144},
        {48, 20, 127127282865363, 140737488355328},
        {48, 30, 7839281541725, 140737488355328},
        {48, 48, 1, 281474976710656},
    };

    (void)state;
    for (size_t i = 0; i < LEN(exact); i++)
        assert_true(blind_p(exact[i].trials, exact[i].correct) == exact[i].above / exact[i].below);
}

/* Sums of binomial coefficients by rational arithmetic (Python's fractions), rounded once. */
static void
p_holds_up_to_ten_thousand_trials(void **state)
{
    static const struct {
        int trials, correct;
        double p;
    } known[] = {
        {100, 20, 0.9999999998648619},
        {100, 50, 0.5397946186935894},
        {100, 59, 0.04431304005703379},
        {1000, 450, 0.999304129202789},
        {1000, 527, 0.04684364573774833},
        {1000, 600, 1.3642320780330092e-10},
        {10000, 1, 1.0},
        {10000, 4900, 0.9777871004769597},
        {10000, 5000, 0.5039893230696911},
        {10000, 5116, 0.01044176630493474},
        {10000, 5500, 7.755320284123021e-24},
        {10000, 6000, 8.702158206134392e-90},
        {10000, 10000, 0.0}, /* 2^-10000 */
    };

    (void)state;
    for (size_t i = 0; i < LEN(known); i++)
        if (fabs(blind_p(known[i].trials, known[i].correct) - known[i].p) > 1e-11 * known[i].p)
            fail_msg("%d of %d: %.17g instead of %.17g", known[i].correct, known[i].trials,
                     blind_p(known[i].trials, known[i].correct), known[i].p);
}

static void
p_falls_with_each_one_right(void **state)
{
    static const int trials[] = {1, 2, 7, 100, 999, BLIND_TRIALS};

    (void)state;
    for (size_t i = 0; i < LEN(trials); i++)
        for (int k = 1; k <= trials[i]; k++) {
            double less = blind_p(trials[i], k - 1), more = blind_p(trials[i], k);

            assert_true(more >= 0.0 && less <= 1.0);
            assert_true(more <= less);
            assert_true(more < less || less == 1.0 || more < 1e-307 || less - more < 1e-15);
        }
}

/* --- guessers ------------------------------------------------------------------------------------------ */

/* A whole run by the book. right: the share of trials in which the listener hears it; the others are guessed. */
static struct blind_result
listen(double right, int trials)
{
    struct blind_result r;

    assert_int_equal(blind_begin(&b, b.coin), OK);
    for (int i = 0; i < trials; i++) {
        int x = blind_x(&b), other = chance() < 0.5;

        assert_int_equal(blind_vote(&b, (enum blind_side)(chance() < right ? x : other)), OK);
    }
    assert_true(blind_end(&b, &r));
    assert_int_equal(r.trials, trials);
    return r;
}

static struct blind_result guessed[GUESSERS];

static void
guess_all(void)
{
    dice_state = 1;
    b.coin = coin(2);
    for (int i = 0; i < GUESSERS; i++)
        guessed[i] = listen(0.0, TRIALS);
}

static int
count_up_to(double alpha)
{
    int n = 0;

    for (int i = 0; i < GUESSERS; i++)
        n += guessed[i].p <= alpha;
    return n;
}

/* Five standard deviations of a count: 3e-7. */
static double
much(double share)
{
    return GUESSERS * share + 5.0 * sqrt(GUESSERS * share * (1.0 - share));
}

static void
guessers_get_a_small_p_no_more_often_than_it_says(void **state)
{
    static const double alpha[] = {0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9};

    (void)state;
    guess_all();
    for (size_t i = 0; i < LEN(alpha); i++)
        assert_true(count_up_to(alpha[i]) <= much(alpha[i]));
    for (int k = 1; k <= TRIALS; k++) { /* at its own steps the share is p itself */
        double p = blind_p(TRIALS, k);

        assert_true(count_up_to(p) <= much(p));
        assert_true(GUESSERS - count_up_to(p) <= much(1.0 - p));
    }
}

/* Chi-square of the steps k = 5 .. 15 with the tails joined: 11 cells, 10 degrees of freedom; its quantile of 1 - 1e-6
   is 45.1 (each cell expects 6 guessers or more). */
static void
guessers_p_values_are_spread_as_the_binomial_says(void **state)
{
    double seen[STEPS] = {0}, chi = 0.0, sum = 0.0;

    (void)state;
    guess_all();
    for (int i = 0; i < GUESSERS; i++) {
        int k = guessed[i].correct;

        seen[k < 5 ? 5 : k > 15 ? 15 : k]++;
    }
    for (int k = 5; k <= 15; k++) {
        double from = k == 5 ? 1.0 : blind_p(TRIALS, k), to = k == 15 ? 0.0 : blind_p(TRIALS, k + 1);
        double expected = GUESSERS * (from - to);

        assert_true(expected > 5.0);
        chi += (seen[k] - expected) * (seen[k] - expected) / expected;
        sum += expected;
    }
    assert_true(fabs(sum - GUESSERS) < 1e-6);
    assert_true(chi < 45.1);
}

static int
compare_doubles(const void *a, const void *c)
{
    double x = *(const double *)a, y = *(const double *)c;

    return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov: of a uniform number, P(D > d) <= 2 exp(-2 n d^2) (Massart), 1e-6 at d = 0.0852 for 1,000. */
static double
distance_from_uniform(double *u, int n)
{
    double d = 0.0;

    qsort(u, (size_t)n, sizeof *u, compare_doubles);
    for (int i = 0; i < n; i++)
        d = fmax(d, fmax((i + 1.0) / n - u[i], u[i] - (double)i / n));
    return d;
}

static double
randomised(const struct blind_result *r)
{
    double below = r->correct < r->trials ? blind_p(r->trials, r->correct + 1) : 0.0;

    return below + chance() * (r->p - below);
}

static void
guessers_p_values_are_uniform(void **state)
{
    double u[GUESSERS], bound = sqrt(log(2.0 / 1e-6) / (2.0 * GUESSERS));

    (void)state;
    guess_all();
    for (int i = 0; i < GUESSERS; i++)
        u[i] = randomised(&guessed[i]);
    assert_true(distance_from_uniform(u, GUESSERS) < bound);
}

/* That the two tests above can fail: a listener who hears one trial in five is none of theirs. */
static void
who_hears_a_little_is_no_guesser(void **state)
{
    double u[GUESSERS], bound = sqrt(log(2.0 / 1e-6) / (2.0 * GUESSERS));

    (void)state;
    dice_state = 3;
    b.coin = coin(4);
    for (int i = 0; i < GUESSERS; i++) {
        guessed[i] = listen(0.2, TRIALS);
        u[i] = randomised(&guessed[i]);
    }
    assert_true(distance_from_uniform(u, GUESSERS) > bound);
    assert_true(count_up_to(0.05) > much(0.05));
}

/* What a listener who is right in 90 % of trials reaches, by the binomial distribution: in 20 trials p < 0.01 takes 16
   right (95.7 % of runs) and p < 0.001 takes 18 (67.7 %); in 40 it takes 31 (99.5 %). */
static void
who_is_right_nine_times_in_ten_is_found_out(void **state)
{
    int at_01 = 0, at_001 = 0, in_40 = 0;

    (void)state;
    dice_state = 5;
    b.coin = coin(6);
    for (int i = 0; i < GUESSERS; i++) {
        struct blind_result r = listen(0.8, TRIALS); /* and half of the rest */

        at_01 += r.p < 0.01;
        at_001 += r.p < 0.001;
        in_40 += listen(0.8, 2 * TRIALS).p < 0.001;
    }
    assert_true(at_01 <= much(0.957) && GUESSERS - at_01 <= much(1.0 - 0.957));
    assert_true(at_001 <= much(0.677) && GUESSERS - at_001 <= much(1.0 - 0.677));
    assert_true(in_40 > 970);
}

/* --- the book ------------------------------------------------------------------------------------------ */

static int
stubborn(void *with)
{
    return *(int *)with;
}

static void
votes_count_only_while_a_run_is_on(void **state)
{
    struct blind_result r;
    int side = BLIND_B;

    (void)state;
    memset(&b, 0, sizeof b);
    assert_int_equal(blind_x(&b), -1);
    assert_int_equal(blind_vote(&b, BLIND_A), BAD_ARG);
    assert_false(blind_end(&b, &r));
    assert_int_equal(blind_begin(&b, (struct blind_coin){stubborn, &side}), OK);
    assert_int_equal(blind_x(&b), BLIND_B);
    assert_int_equal(blind_vote(&b, BLIND_B), OK);
    assert_int_equal(blind_vote(&b, BLIND_A), OK);
    assert_int_equal(blind_vote(&b, BLIND_B), OK);
    assert_int_equal(blind_trials(&b), 3);
    assert_true(blind_end(&b, &r));
    assert_int_equal(r.trials, 3);
    assert_int_equal(r.correct, 2);
    assert_true(r.p == 0.5);
    assert_int_equal(blind_x(&b), -1);
    assert_int_equal(blind_vote(&b, BLIND_B), BAD_ARG);
    assert_false(blind_end(&b, &r));
    assert_int_equal(blind_begin(&b, b.coin), OK);
    assert_int_equal(blind_trials(&b), 0);
    assert_true(blind_end(&b, &r));
    assert_true(r.p == 1.0);
}

static void
without_a_coin_there_is_no_run_and_no_next_trial(void **state)
{
    struct blind_result r;
    int side = -1;

    (void)state;
    memset(&b, 0, sizeof b);
    assert_int_equal(blind_begin(&b, (struct blind_coin){stubborn, &side}), UNAVAILABLE);
    assert_false(blind_end(&b, &r));
    side = BLIND_A;
    assert_int_equal(blind_begin(&b, b.coin), OK);
    side = -1;
    assert_int_equal(blind_vote(&b, BLIND_A), UNAVAILABLE);
    assert_int_equal(blind_vote(&b, BLIND_A), BAD_ARG);
    assert_true(blind_end(&b, &r));
    assert_int_equal(r.trials, 1);
    assert_int_equal(r.correct, 1);
}

static void
a_run_is_full_at_ten_thousand(void **state)
{
    struct blind_result r;

    (void)state;
    assert_int_equal(blind_begin(&b, coin(7)), OK);
    for (int i = 1; i < BLIND_TRIALS; i++)
        assert_int_equal(blind_vote(&b, (enum blind_side)blind_x(&b)), OK);
    assert_int_equal(blind_vote(&b, (enum blind_side)blind_x(&b)), UNAVAILABLE);
    assert_int_equal(blind_vote(&b, BLIND_A), BAD_ARG);
    assert_true(blind_end(&b, &r));
    assert_int_equal(r.correct, BLIND_TRIALS);
    assert_true(r.p == 0.0);
}

/* 10,000 tosses: five standard deviations are 250 heads, and 250 changes. */
static void
the_systems_coin_is_fair(void **state)
{
    struct blind_coin c = blind_system_coin();
    int heads = 0, changes = 0, before = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int side = c.toss(c.with);

        assert_in_range(side, 0, 1);
        heads += side;
        changes += i && side != before;
        before = side;
    }
    assert_in_range(heads, 4750, 5250);
    assert_in_range(changes, 4750, 5250);
}

/* --- what the comparison tells ------------------------------------------------------------------------- */

enum { RATE = 48000, SPAN = 240, SPANS = 1200 };

static struct compare_readings reading[2][SPANS];

/* The chain's input against a master of another level, by and by another one still, x listened to for 3 of 6 s. */
static void
listen_to_x(bool x_is_b, struct compare_readings *to)
{
    static double in[STEREO][SPAN], master[STEREO][SPAN];
    static struct compare c;
    struct compare_settings s = {.on = true, .match = true, .align = true, .window_s = 3.0};
    struct compare_sound heard = {
        .master = {master[0], master[1]}, .heard = {master[0], master[1]}, .latency = 37};

    s.a = CONTENDER_INPUT;
    s.b = CONTENDER_NOW;
    assert_int_equal(compare_prepare(&c, RATE), OK);
    compare_begin(&c, &s);
    dice_state = 7;
    for (int i = 0; i < SPANS; i++) {
        for (int k = 0; k < SPAN * STEREO; k++) {
            in[k % STEREO][k / STEREO] = 0.1 * noise();
            master[k % STEREO][k / STEREO] = in[k % STEREO][k / STEREO] * (i % 400 < 200 ? 0.5 : 1.5);
        }
        if (i == 300 || i == 600 || i == 900) {
            s.listen = i == 600 ? COMPARE_LISTEN_A : COMPARE_LISTEN_X;
            compare_set(&c, &s);
            compare_blind(&c, x_is_b);
        }
        compare_input(&c, (const double *const[]){in[0], in[1]}, SPAN);
        compare_process(&c, &heard, SPAN);
        compare_read(&c, &to[i]);
    }
    assert_int_equal(c.voice[c.heard].which, x_is_b ? CONTENDER_NOW : CONTENDER_INPUT);
    compare_free(&c);
}

static void
no_reading_betrays_x(void **state)
{
    (void)state;
    for (int x = 0; x < 2; x++)
        listen_to_x(x, reading[x]);
    assert_true(reading[0][SPANS - 1].state[0] == COMPARE_READY &&
                reading[0][SPANS - 1].state[1] == COMPARE_READY);
    assert_true(reading[0][500].gain_db[0] != reading[0][SPANS - 1].gain_db[0] ||
                reading[0][500].gain_db[1] != reading[0][SPANS - 1].gain_db[1]);
    for (int i = 0; i < SPANS; i++)
        for (int side = 0; side < 2; side++) {
            assert_true(reading[0][i].gain_db[side] == reading[1][i].gain_db[side]);
            assert_true(reading[0][i].loudness_lufs[side] == reading[1][i].loudness_lufs[side]);
            assert_true(reading[0][i].delay_frames[side] == reading[1][i].delay_frames[side]);
            assert_int_equal(reading[0][i].state[side], reading[1][i].state[side]);
            assert_true(reading[0][i].offset_lu == reading[1][i].offset_lu);
            assert_true(reading[0][i].measured_s == reading[1][i].measured_s);
        }
}

/* --- the log ------------------------------------------------------------------------------------------- */

static char path[128]; /* of the log */

static int
make_home(void **state)
{
    int result = tree_make(state);

    snprintf(path, sizeof path, "%s", tree_path("deadwax/blind.jsonl"));
    return result || setenv("XDG_DATA_HOME", tree_root, 1);
}

static char *
line_of_three(void)
{
    struct blindlog_run run = {.began = 0,
                               .ended = 86400 + 61,
                               .why = "switched off",
                               .name = {"chain", "reference_1"},
                               .file = {"", "a \"new\" one.wav"},
                               .offset_lu = -1.5,
                               .delay_frames = NAN,
                               .match = true,
                               .moves = 2};
    struct blind_result r;
    int side = BLIND_B;

    assert_int_equal(blind_begin(&b, (struct blind_coin){stubborn, &side}), OK);
    blind_vote(&b, BLIND_B);
    side = BLIND_A;
    blind_vote(&b, BLIND_A);
    blind_vote(&b, BLIND_B);
    blind_end(&b, &r);
    return blindlog_line(&b, &r, &run);
}

static const char *
word(json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void
check_line(const char *line)
{
    static const char *const x[] = {"b", "b", "a"}, *const votes[] = {"b", "a", "b"};
    json_t *o = json_loads(line, 0, NULL), *trials = json_object_get(o, "trials");

    assert_non_null(o);
    assert_string_equal(word(o, "began"), "1970-01-01T00:00:00Z");
    assert_string_equal(word(o, "ended"), "1970-01-02T00:01:01Z");
    assert_string_equal(word(o, "why"), "switched off");
    assert_string_equal(word(o, "a"), "chain");
    assert_null(json_object_get(o, "file_a"));
    assert_string_equal(word(o, "b"), "reference_1");
    assert_string_equal(word(o, "file_b"), "a \"new\" one.wav");
    assert_true(json_real_value(json_object_get(o, "offset_lu")) == -1.5);
    assert_true(json_is_null(json_object_get(o, "delay_frames")));
    assert_true(json_is_true(json_object_get(o, "match")));
    assert_int_equal(json_integer_value(json_object_get(o, "moves")), 2);
    assert_int_equal(json_array_size(trials), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(word(json_array_get(trials, i), "x"), x[i]);
        assert_string_equal(word(json_array_get(trials, i), "vote"), votes[i]);
    }
    assert_int_equal(json_integer_value(json_object_get(o, "correct")), 1);
    assert_true(json_real_value(json_object_get(o, "p")) == 0.875);
    json_decref(o);
}

static void
await(struct blindlog *l)
{
    struct err e;

    do {
        assert_false(blindlog_tick(l, &e));
        usleep(1000);
    } while (l->waiting || errand_is_out(&l->errand));
}

/* The first line was cut by a death in its middle: what follows stands on lines of its own. */
static void
runs_are_added_to_the_log_line_by_line(void **state)
{
    struct blindlog l = {0};
    struct err e;
    char text[8192] = "", *line, *next;
    FILE *f;
    int n = 0;

    (void)state;
    assert_true(blindlog_add(&l, line_of_three()));
    await(&l);
    f = fopen(path, "a");
    assert_non_null(f);
    fputs("{\"deadw", f);
    fclose(f);
    assert_true(blindlog_add(&l, line_of_three()));
    assert_true(blindlog_add(&l, line_of_three()));
    assert_true(blindlog_close(&l, &e));
    f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    for (line = text; (next = strchr(line, '\n')); line = next + 1, n++) {
        *next = 0;
        if (n == 1)
            assert_string_equal(line, "{\"deadw");
        else
            check_line(line);
    }
    assert_int_equal(n, 4);
    assert_string_equal(line, "");
}

/* A folder stands where the file should be: one complaint a try, and the lines are there once it has gone. */
static void
what_can_not_be_written_is_told_and_kept(void **state)
{
    struct blindlog l = {0};
    struct err e = {""};
    struct stat st;
    char *line;
    int told = 0;

    (void)state;
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(blindlog_add(&l, line_of_three()));
    for (int i = 0; i < 5000 && !told; i++) {
        told += blindlog_tick(&l, &e);
        usleep(1000);
    }
    assert_int_equal(told, 1);
    assert_non_null(strstr(e.text, path));
    for (int i = 0; i < 50; i++) {
        assert_false(blindlog_tick(&l, &e));
        assert_false(errand_is_out(&l.errand));
    }
    assert_int_equal(rmdir(path), 0);
    assert_true(blindlog_add(&l, line_of_three()));
    await(&l);
    assert_true(blindlog_close(&l, &e));
    assert_int_equal(stat(path, &st), 0);
    line = line_of_three();
    assert_int_equal(st.st_size, 2 * (long)strlen(line));
    free(line);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_p_values_are_the_exact_fractions),
        cmocka_unit_test(p_holds_up_to_ten_thousand_trials),
        cmocka_unit_test(p_falls_with_each_one_right),
        cmocka_unit_test(guessers_get_a_small_p_no_more_often_than_it_says),
        cmocka_unit_test(guessers_p_values_are_spread_as_the_binomial_says),
        cmocka_unit_test(guessers_p_values_are_uniform),
        cmocka_unit_test(who_hears_a_little_is_no_guesser),
        cmocka_unit_test(who_is_right_nine_times_in_ten_is_found_out),
        cmocka_unit_test(votes_count_only_while_a_run_is_on),
        cmocka_unit_test(without_a_coin_there_is_no_run_and_no_next_trial),
        cmocka_unit_test(a_run_is_full_at_ten_thousand),
        cmocka_unit_test(the_systems_coin_is_fair),
        cmocka_unit_test(no_reading_betrays_x),
        cmocka_unit_test(runs_are_added_to_the_log_line_by_line),
        cmocka_unit_test(what_can_not_be_written_is_told_and_kept),
    };

    return cmocka_run_group_tests_name("blind", tests, make_home, tree_remove);
}
