/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of 14 bits, in two halves: CCs, NRPN and RPN. */
#include "control/midi/codec.h"

#include "test/control/codec_room.h"
#include "test/kit/dice.h"

/* --- two halves -------------------------------------------------------------------------------- */

static struct surface_way halves = {.message = SURFACE_CC14, .channel = 1, .number = 7, .number_step = 1};

static void
two_halves_are_one_value(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .count = 2, .in = &halves}};

    (void)state;
    begin(c, 1);
    assert_int_equal(HEAR("\xB0\x27\x11"), 0); /* a low one before any high one */
    assert_int_equal(HEAR("\xB0\x07\x40"), 0);
    assert_true(codec_known(codec));
    assert_true(VALUE("\xB0\x27\x03") == (64 * 128 + 3) / 16383.0);
    assert_int_equal(event[0].steps, 16383);
    assert_true(VALUE("\xB0\x27\x04") == (64 * 128 + 4) / 16383.0); /* the low one alone */
    assert_int_equal(HEAR("\xB0\x07\x41"), 0);
    assert_int_equal(HEAR("\xB0\x08\x10"), 0); /* another's comes between */
    assert_true(VALUE("\xB0\x28\x01") == (16 * 128 + 1) / 16383.0);
    assert_int_equal(event[0].n, 1);
    assert_true(VALUE("\xB0\x27\x7F") == (65 * 128 + 127) / 16383.0);
    assert_int_equal(event[0].n, 0);
}

static void
a_high_half_that_comes_again_counts_the_low_one_as_0(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .in = &halves}};

    (void)state;
    begin(c, 1);
    HEAR("\xB0\x07\x40");
    VALUE("\xB0\x27\x55");
    assert_int_equal(HEAR("\xB0\x07\x41"), 0);
    assert_true(VALUE("\xB0\x07\x42") == 66 * 128 / 16383.0);
    assert_true(VALUE("\xB0\x07\x43") == 67 * 128 / 16383.0); /* a box of 7 bits: each is told */
    assert_true(VALUE("\xB0\x27\x01") == (67 * 128 + 1) / 16383.0);
    assert_int_equal(HEAR("\xB0\x07\x44"), 0); /* and it is one of 14 again */
}

static void
the_low_half_may_come_first(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .in = &halves, .low_first = true}};

    (void)state;
    begin(c, 1);
    assert_int_equal(HEAR("\xB0\x27\x03"), 0);
    assert_true(VALUE("\xB0\x07\x40") == (64 * 128 + 3) / 16383.0);
    assert_int_equal(HEAR("\xB0\x27\x05"), 0);
    assert_true(VALUE("\xB0\x27\x06") == (64 * 128 + 6) / 16383.0);
    assert_true(VALUE("\xB0\x07\x41") == (65 * 128 + 6) / 16383.0);
    assert_true(VALUE("\xB0\x07\x42") == (66 * 128 + 6) / 16383.0); /* the last known */
}

static void
a_first_half_that_is_left_alone_is_told_after_a_while(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .in = &halves}};

    (void)state;
    begin(c, 1);
    assert_int_equal(codec_tick(codec, 0, event, EVENTS), 0);
    assert_int_equal(HEAR_AT(5 * MS, "\xB0\x07\x40"), 0);
    assert_int_equal(codec_tick(codec, 5 * MS + CODEC_HALF_NS - 1, event, EVENTS), 0);
    assert_int_equal(codec_tick(codec, 5 * MS + CODEC_HALF_NS, event, 0), 0); /* no room: next time */
    assert_true(value_of(codec_tick(codec, 5 * MS + CODEC_HALF_NS, event, EVENTS)) == 64 * 128 / 16383.0);
    assert_int_equal(codec_tick(codec, 90 * MS, event, EVENTS), 0); /* once */
    assert_true(value_of(HEAR_AT(91 * MS, "\xB0\x27\x01")) == (64 * 128 + 1) / 16383.0);
    assert_int_equal(codec_tick(codec, 200 * MS, event, EVENTS), 0);
}

/* How boxes send their halves. */
enum manner { BOTH, WHAT_CHANGED, NO_LOW_ZERO, HIGH_ALONE, LOW_FIRST, MANNERS };

/* A box of four faders moves one: the last that is said of it; -1: nothing yet. */
static double
send_halves(enum manner m, int n, int from, int to, int64_t now_ns)
{
    char high[] = {(char)0xB0, (char)(7 + n), (char)(to >> 7)},
         low[] = {(char)0xB0, (char)(39 + n), (char)(to & 127)};
    bool new_high = to >> 7 != from >> 7,
         send_low = m != HIGH_ALONE && !(m == NO_LOW_ZERO && !(to & 127) && new_high);
    double said = -1.0;

    if (m == LOW_FIRST) {
        assert_int_equal(hear_at(now_ns, low, 3), 0);
        return value_of(hear_at(now_ns, high, 3));
    }
    if ((m != WHAT_CHANGED || new_high) && hear_at(now_ns, high, 3))
        said = event[0].value;
    if (send_low)
        said = value_of(hear_at(now_ns, low, 3));
    return said;
}

static void
every_manner_of_sending_halves_ends_where_the_fader_is(void **state)
{
    (void)state;
    dice_state = 11;
    for (enum manner m = 0; m < MANNERS; m++) {
        struct surface_control c[] = {
            {.name = "fader", .kind = SURFACE_FADER, .count = 4, .in = &halves, .low_first = m == LOW_FIRST}};
        int at[4] = {-1, -1, -1, -1}, late = 0;
        int64_t now_ns = 0;

        begin(c, 1);
        for (int i = 0; i < 20000; i++) {
            int n = (int)dice(4), to = (int)dice(at[n] < 0 || dice(2) ? 16384 : 300);
            double want, said;

            to = dice(9) ? to : to & ~127; /* often a low half of 0 */
            to = m == HIGH_ALONE ? to & ~127 : to;
            want = to / 16383.0;
            now_ns += dice(3) * MS;
            said = send_halves(m, n, at[n] < 0 ? ~to : at[n], to, now_ns);
            if (said < 0.0) {
                now_ns += CODEC_HALF_NS;
                said = value_of(codec_tick(codec, now_ns, event, EVENTS));
                assert_int_equal(event[0].n, n);
                late++;
            }
            assert_true(said == want);
            assert_int_equal(codec_tick(codec, now_ns, event, EVENTS), 0);
            at[n] = to;
        }
        assert_true(m == NO_LOW_ZERO || m == HIGH_ALONE ? late > 0 : late == 0);
    }
}

/* --- parameters -------------------------------------------------------------------------------- */

static void
an_nrpn_is_selected_and_set(void **state)
{
    struct surface_way n = {.message = SURFACE_NRPN, .channel = 1, .number = 300, .number_step = 1};
    struct surface_way r = {.message = SURFACE_RPN, .channel = 1, .number = 300, .number_step = 1};
    struct surface_control c[] = {{.name = "n", .kind = SURFACE_POT, .count = 4, .in = &n},
                                  {.name = "r", .kind = SURFACE_POT, .count = 4, .in = &r}};

    (void)state;
    begin(c, 2);
    assert_int_equal(HEAR("\xB0\x06\x10"), 0); /* nothing is selected */
    assert_false(codec_known(codec));
    HEAR("\xB0\x63\x02"); /* 2 * 128 + 45 = 301: the second */
    assert_true(codec_known(codec));
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    HEAR("\xB0\x62\x2D");
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    assert_true(VALUE("\xB0\x26\x01") == (16 * 128 + 1) / 16383.0);
    assert_true(event[0].group == 0 && event[0].n == 1 && event[0].steps == 16383);
    assert_int_equal(HEAR("\xB1\x26\x02"), 0); /* another channel */
    HEAR("\xB0\x65\x02");
    HEAR("\xB0\x64\x2C"); /* RPN 300 */
    HEAR("\xB0\x06\x7F");
    assert_true(VALUE("\xB0\x26\x7F") == 1.0);
    assert_true(event[0].group == 1 && event[0].n == 0);
    HEAR("\xB0\x65\x7F");
    HEAR("\xB0\x64\x7F"); /* nothing */
    assert_int_equal(HEAR("\xB0\x26\x01"), 0);
    assert_int_equal(HEAR("\xB0\x06\x01"), 0);
}

/* Some select before each half, some never send the low one. */
static void
an_nrpn_may_be_selected_before_each_half(void **state)
{
    struct surface_way n = {.message = SURFACE_NRPN, .number = 0, .number_step = 1};
    struct surface_control c[] = {{.name = "n", .kind = SURFACE_POT, .count = 2, .in = &n}};

    (void)state;
    begin(c, 1);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x01");
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x01");
    assert_true(VALUE("\xB0\x26\x01") == (16 * 128 + 1) / 16383.0);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x00");
    assert_int_equal(HEAR("\xB0\x06\x20"), 0);
    HEAR("\xB0\x62\x00");
    assert_true(VALUE("\xB0\x06\x21") == 33 * 128 / 16383.0);
    assert_int_equal(event[0].n, 0);
}

static void
increments_are_ticks_or_steps(void **state)
{
    struct surface_way n = {.message = SURFACE_NRPN, .number = 0, .number_step = 1};
    struct surface_way m = {.message = SURFACE_NRPN, .number = 1, .number_step = 1};
    struct surface_control c[] = {
        {.name = "wheel", .kind = SURFACE_ENCODER, .in = &n, .coding = SURFACE_INCREMENT},
        {.name = "pot", .kind = SURFACE_POT, .in = &m, .min = 0, .max = 300},
    };

    (void)state;
    begin(c, 2);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x00");
    assert_true(ticks_of(HEAR("\xB0\x60\x00")) == 1.0);
    assert_true(ticks_of(HEAR("\xB0\x61\x7F")) == -1.0);
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    assert_int_equal(HEAR("\xB0\x26\x10"), 0);
    HEAR("\xB0\x62\x01");
    assert_int_equal(HEAR("\xB0\x60\x00"), 0); /* from where? */
    HEAR("\xB0\x06\x02");
    assert_true(VALUE("\xB0\x26\x2B") == 299 / 300.0);
    assert_true(VALUE("\xB0\x60\x00") == 1.0);
    assert_true(VALUE("\xB0\x60\x00") == 1.0);
    assert_true(VALUE("\xB0\x61\x00") == 299 / 300.0); /* the end was not run over */
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(two_halves_are_one_value, end),
        cmocka_unit_test_teardown(a_high_half_that_comes_again_counts_the_low_one_as_0, end),
        cmocka_unit_test_teardown(the_low_half_may_come_first, end),
        cmocka_unit_test_teardown(a_first_half_that_is_left_alone_is_told_after_a_while, end),
        cmocka_unit_test_teardown(every_manner_of_sending_halves_ends_where_the_fader_is, end),
        cmocka_unit_test_teardown(an_nrpn_is_selected_and_set, end),
        cmocka_unit_test_teardown(an_nrpn_may_be_selected_before_each_half, end),
        cmocka_unit_test_teardown(increments_are_ticks_or_steps, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
