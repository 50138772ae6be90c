/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a band does besides its curve: channels, riding on its level, solo. All through the whole equaliser.
 */
#include "dsp/eqmin.h"

#include "dsp/xmath.h"
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

#define RATE 48000.0

enum { NFRAMES = 48000 };

static double in[STEREO][NFRAMES], want[STEREO][NFRAMES], got[STEREO][NFRAMES], heard[STEREO][NFRAMES];

STAGE(eqmin);

static struct eq_band_settings
band_of(int type, double freq_hz, double gain_db, double q)
{
    return (struct eq_band_settings){
        .on = true,
        .type = type,
        .freq_hz = freq_hz,
        .gain_db = gain_db,
        .q = q,
        .slope = 1,
        .threshold_dbfs = -30.0,
        .range_db = -6.0,
        .attack_ms = 10.0,
        .release_ms = 150.0,
    };
}

static void
process(struct eqmin *e, double io[STEREO][NFRAMES], int from, int nframes)
{
    eqmin_process(e, (double *[]){io[0] + from, io[1] + from}, nframes);
}

/* in -> got. */
static void
through(const struct eqmin_settings *s)
{
    static struct eqmin e;

    memcpy(got, in, sizeof in);
    assert_int_equal(eqmin_prepare(&e, RATE), OK);
    eqmin_set(&e, s);
    process(&e, got, 0, NFRAMES);
}

static void
make_noise(void)
{
    stage_noise((double *[]){in[0], in[1]}, RATE, NFRAMES);
}

/* --- channels -------------------------------------------------------------------------------------- */

/* What each of left, right, mid and side becomes, against a stereo band's way with the same sound. */
static void
each_channel_is_worked_on_alone(void **state)
{
    struct eqmin_settings s = {.band[1] = band_of(EQ_LOW_SHELF, 3000.0, 9.0, 0.7)};

    (void)state;
    make_noise();
    through(&s);
    memcpy(want, got, sizeof got);
    for (int channels = CHANNELS_MID; channels <= CHANNELS_RIGHT; channels++) {
        s.band[1].channels = channels;
        through(&s);
        for (int i = 0; i < NFRAMES; i++) {
            const double *a[] = {channels == CHANNELS_LEFT || channels == CHANNELS_MID ? want[0] : in[0],
                                 channels == CHANNELS_RIGHT || channels == CHANNELS_MID ? want[1] : in[1]};
            const double *b[] = {channels == CHANNELS_SIDE ? want[0] : in[0],
                                 channels == CHANNELS_SIDE ? want[1] : in[1]};
            double left = a[0][i], right = a[1][i];

            if (channels == CHANNELS_MID || channels == CHANNELS_SIDE) {
                double mid =
                    channels == CHANNELS_MID ? 0.5 * (a[0][i] + a[1][i]) : 0.5 * (in[0][i] + in[1][i]);
                double side =
                    channels == CHANNELS_SIDE ? 0.5 * (b[0][i] - b[1][i]) : 0.5 * (in[0][i] - in[1][i]);

                left = mid + side;
                right = mid - side;
            }
            assert_true(fabs(got[0][i] - left) < 1e-13 && fabs(got[1][i] - right) < 1e-13);
        }
    }
}

static void
the_other_side_keeps_its_bits(void **state)
{
    struct eqmin_settings s = {.band[0] = band_of(EQ_BELL, 500.0, 6.0, 1.0)};

    (void)state;
    make_noise();
    in[0][77] = in[1][77] = -0.0;
    s.band[0].channels = CHANNELS_LEFT;
    s.band[0].dynamic = true;
    through(&s);
    assert_memory_equal(got[1], in[1], sizeof in[1]);
    s.band[0].channels = CHANNELS_RIGHT;
    through(&s);
    assert_memory_equal(got[0], in[0], sizeof in[0]);
}

/* A stereo band between others runs on mid and side with them; that is no other sound. */
static void
stereo_bands_sound_the_same_among_mid_bands(void **state)
{
    static struct eqmin e;
    struct eqmin_settings s = {0}, plain = {0};

    (void)state;
    make_noise();
    for (int b = 0; b < EQ_BANDS; b++)
        s.band[b] = plain.band[b] = band_of(EQ_BELL, 100.0 * x_exp2(b), b % 2 ? 6.0 : -6.0, 1.0);
    through(&plain);
    memcpy(want, got, sizeof got);
    memcpy(got, in, sizeof in);
    eqmin_prepare(&e, RATE);
    s.band[2].channels = CHANNELS_MID;
    s.band[2].gain_db = 0.001;
    plain.band[2].gain_db = 0.001;
    eqmin_set(&e, &s);
    process(&e, got, 0, 20000);
    memcpy(want, in, sizeof in);
    {
        static struct eqmin f;

        eqmin_prepare(&f, RATE);
        eqmin_set(&f, &plain);
        process(&f, want, 0, NFRAMES);
    }
    s.band[2].on = false; /* all of them turn from mid and side to left and right, and nobody hears it */
    eqmin_set(&e, &s);
    process(&e, got, 20000, NFRAMES - 20000);
    for (int i = 0; i < NFRAMES; i++) /* 0.001 dB of the side of -6 dBFS noise, through +-6 dB */
        assert_true(fabs(got[0][i] - want[0][i]) < 6e-4);
    for (int i = 30000; i < NFRAMES; i++)
        assert_true(fabs((got[0][i] - got[1][i]) - (want[0][i] - want[1][i])) < 6e-4);
}

/* The last of moves that have to go by way of off. */
static void
from_mid_to_left_and_on(void **state)
{
    static struct eqmin e, direct;
    struct eqmin_settings s = {.band[4] = band_of(EQ_HIGH_SHELF, 2000.0, 6.0, 0.7)};

    (void)state;
    make_noise();
    memcpy(got, in, sizeof in);
    memcpy(want, in, sizeof in);
    s.band[4].channels = CHANNELS_MID;
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    process(&e, got, 0, 1000);
    s.band[4].channels = CHANNELS_LEFT;
    eqmin_set(&e, &s);
    process(&e, got, 1000, 300);
    s.band[4].gain_db = -9.0; /* while it goes */
    s.band[4].channels = CHANNELS_RIGHT;
    eqmin_set(&e, &s);
    process(&e, got, 1300, NFRAMES - 1300);
    eqmin_prepare(&direct, RATE);
    eqmin_set(&direct, &s);
    process(&direct, want, 0, NFRAMES);
    for (int i = 12000; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            assert_true(fabs(got[c][i] - want[c][i]) < 1e-12);
}

/* --- riding ---------------------------------------------------------------------------------------- */

/* Amplitude of hz in the last quarter of a second, which holds whole periods of it. */
static double
level_of(const double *x, double hz)
{
    double re = 0.0, im = 0.0;
    int n = 12000;

    for (int i = NFRAMES - n; i < NFRAMES; i++) {
        double phase = 2.0 * PI * fmod(hz * i / RATE, 1.0);

        re += x[i] * x_cos(phase);
        im += x[i] * x_sin(phase);
    }
    return 2.0 * sqrt(re * re + im * im) / n;
}

static void
make_tone(double hz, double dbfs)
{
    tone_make((double *[]){in[0], in[1]}, RATE, hz, db_to_gain(dbfs), NFRAMES);
}

static void
add_tone(double hz, double dbfs)
{
    for (int i = 0; i < NFRAMES; i++) {
        double x = db_to_gain(dbfs) * x_sin(2.0 * PI * fmod(hz * i / RATE, 1.0));

        in[0][i] += x;
        in[1][i] += x;
    }
}

/* The static law: 2:1 over the threshold, half way into it inside the knee, no further than the range. */
static double
law_db(double over_db, double range_db)
{
    double knee = EQDYN_KNEE_DB, move = 0.0;

    if (over_db > 0.5 * knee)
        move = 0.5 * over_db;
    else if (over_db > -0.5 * knee)
        move = 0.5 * (over_db + 0.5 * knee) * (over_db + 0.5 * knee) / (2.0 * knee);
    return copysign(fmin(move, fabs(range_db)), range_db);
}

/* Fast enough to sit on the tone's peaks, slow enough to stay there. */
static struct eq_band_settings
riding(int type, double freq_hz, double gain_db, double q, double range_db)
{
    struct eq_band_settings b = band_of(type, freq_hz, gain_db, q);

    b.dynamic = true;
    b.range_db = range_db;
    b.attack_ms = 20.0;
    b.release_ms = 3000.0;
    return b;
}

static void
a_dynamic_bell_moves_by_the_law(void **state)
{
    static const double ranges_db[] = {-12.0, -3.0, 6.0, 24.0};

    (void)state;
    for (size_t r = 0; r < LEN(ranges_db); r++)
        for (double over = -6.0; over <= 24.0; over += 5.0) {
            struct eqmin_settings s = {.band[2] = riding(EQ_BELL, 1000.0, 2.0, 2.0, ranges_db[r])};
            double moved;

            make_tone(1000.0, -30.0 + over);
            through(&s);
            moved = gain_to_db(level_of(got[0], 1000.0)) - (-30.0 + over);
            if (fabs(moved - (2.0 + law_db(over, ranges_db[r]))) >
                0.15) /* dB: the curve as designed, the ripple */
                fail_msg("range %g, %g dB over: %.3f dB", ranges_db[r], over, moved);
        }
}

static void
a_dynamic_shelf_moves_its_side(void **state)
{
    (void)state;
    for (int type = EQ_LOW_SHELF; type <= EQ_HIGH_SHELF; type++)
        for (int up = 0; up < 2; up++) {
            double range_db = up ? 6.0 : -6.0;
            double here = type == EQ_LOW_SHELF ? 60.0 : 11000.0,
                   there = type == EQ_LOW_SHELF ? 18000.0 : 60.0;
            struct eqmin_settings s = {.band[0] = riding(type, 1000.0, 3.0, 0.7071, range_db)};

            make_tone(here, -22.0);
            add_tone(there, -10.0); /* over the threshold, but not its side */
            through(&s);
            assert_true(fabs(gain_to_db(level_of(got[0], here)) - (-22.0 + 3.0 + law_db(8.0, range_db))) <
                        0.1);
            assert_true(fabs(gain_to_db(level_of(got[0], there)) - -10.0) < 0.1);
        }
}

static void
what_is_not_its_own_part_does_not_move_it(void **state)
{
    struct eqmin_settings s = {.band[0] = riding(EQ_BELL, 4000.0, 0.0, 4.0, -12.0)};

    (void)state;
    make_tone(200.0, -6.0); /* its band-pass is down 38 dB there */
    through(&s);
    assert_memory_equal(got, in, sizeof in);
}

/* Fully out, a range of minus the gain takes the band away: the probes, off its centre, pass as they came. */
static void
at_full_range_it_is_one_curve_times_another(void **state)
{
    static const double probes_hz[] = {600.0, 800.0, 1200.0, 1600.0, 2400.0};

    (void)state;
    for (double gain_db = -9.0; gain_db <= 9.0; gain_db += 18.0) {
        struct eqmin_settings s = {.band[0] = riding(EQ_BELL, 1000.0, gain_db, 1.0, -gain_db)};

        make_tone(1000.0, -3.0);
        for (size_t i = 0; i < LEN(probes_hz); i++)
            add_tone(probes_hz[i], -50.0);
        through(&s);
        for (size_t i = 0; i < LEN(probes_hz); i++)
            assert_true(fabs(gain_to_db(level_of(got[0], probes_hz[i])) - -50.0) < 0.05);
    }
}

/* A move of 6 dB, and how long until 63 % of it are there (in dB, as the detector counts). */
static void
attack_and_release_take_their_time(void **state)
{
    static struct eqmin e;
    struct eqmin_settings s = {.band[0] = riding(EQ_BELL, 4000.0, 0.0, 0.5, -6.0)};
    double loud = db_to_gain(-6.0), quiet = db_to_gain(-40.0);
    int down = 0, up = 0, back = 24000;

    (void)state;
    s.band[0].release_ms = 100.0;
    for (int i = 0; i < NFRAMES; i++) { /* quadrature: each frame tells the level */
        double phase = 2.0 * PI * fmod(4000.0 * i / RATE, 1.0), a = i >= 2400 && i < back ? loud : quiet;

        in[0][i] = a * x_sin(phase);
        in[1][i] = a * x_cos(phase);
    }
    memcpy(got, in, sizeof in);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    process(&e, got, 0, NFRAMES);
    for (int i = 2400; i < NFRAMES; i++) {
        double moved_db = gain_to_db(hypot(got[0][i], got[1][i]) / hypot(in[0][i], in[1][i]));

        if (!down && i > 2420 && moved_db < -6.0 * 0.632)
            down = i - 2400;
        if (!up && i > back + 240 && moved_db > -6.0 * 0.368)
            up = i - back;
    }
    print_message("# attack %.1f ms, release %.1f ms\n", down / 48.0, up / 48.0);
    assert_true(fabs(down / 48.0 - 20.0) < 1.0);
    assert_true(up / 48.0 > 100.0 && up / 48.0 < 130.0); /* release and attack, one after the other */
}

static void
other_types_do_not_ride(void **state)
{
    static const int types[] = {EQ_LOW_CUT, EQ_HIGH_CUT, EQ_NOTCH, EQ_BAND_PASS, EQ_TILT};

    (void)state;
    make_noise();
    for (size_t i = 0; i < LEN(types); i++) {
        struct eqmin_settings s = {.band[0] = band_of(types[i], 1000.0, 3.0, 1.0)};

        through(&s);
        memcpy(want, got, sizeof got);
        s.band[0].dynamic = true;
        through(&s);
        assert_memory_equal(got, want, sizeof got);
    }
}

/* A tone below the band's, that it reaches with its skirt. Times so slow that no harmonics are made. */
static void
moves_of_a_dynamic_band_do_not_click(void **state)
{
#define FIELD(member, least, most)                                                                           \
    {                                                                                                        \
#member, offsetof(struct eqmin_settings, band[0].member), least, most                                \
    }
    static const struct stage_field fields[] = {
        FIELD(threshold_dbfs, -80.0, 0.0), FIELD(range_db, -24.0, 24.0),
        FIELD(range_db, 0.0, 12.0),        FIELD(attack_ms, 0.1, 200.0),
        FIELD(release_ms, 500.0, 3000.0),  FIELD(freq_hz, 300.0, 2000.0),
        FIELD(gain_db, -24.0, 24.0),       FIELD(q, 0.1, 40.0),
        FIELD(freq_hz, 900.0, 1000.0),
    };

    (void)state;
    for (int type = EQ_BELL; type <= EQ_HIGH_SHELF; type++) {
        struct eqmin_settings s = {.band[0] = riding(type, 1100.0, 3.0, 2.0, -12.0)};

        s.band[0].attack_ms = 200.0;
        assert_moves_do_not_click(&eqmin_stage, &s, sizeof s, fields, LEN(fields), 24000);
    }
}

/* --- solo ------------------------------------------------------------------------------------------ */

/* in -> got and heard, in blocks; moves are the caller's. */
static void
listen(struct eqmin *e, int from, int to, int block)
{
    for (int at = from, n; at < to; at += n) {
        n = block < to - at ? block : to - at;
        eqmin_listen(e, (double *[]){heard[0] + at, heard[1] + at});
        process(e, got, at, n);
    }
}

static void
begin_listening(struct eqmin *e, const struct eqmin_settings *s)
{
    memcpy(got, in, sizeof in);
    eqmin_prepare(e, RATE);
    eqmin_set(e, s);
}

static void
without_solo_one_hears_what_goes_on(void **state)
{
    static struct eqmin e;
    struct eqmin_settings s = {.band[0] = band_of(EQ_BELL, 1000.0, 6.0, 1.0)};

    (void)state;
    make_noise();
    begin_listening(&e, &s);
    listen(&e, 0, NFRAMES, 64);
    assert_memory_equal(heard, got, sizeof got);
}

static void
a_solo_changes_no_bit_of_what_goes_on(void **state)
{
    static struct eqmin e;
    struct eqmin_settings s = {.band[0] = band_of(EQ_BELL, 1000.0, 6.0, 1.0)};

    (void)state;
    make_noise();
    through(&s);
    memcpy(want, got, sizeof got);
    s.band[0].solo = true;
    begin_listening(&e, &s);
    listen(&e, 0, 20000, 64);
    s.band[0].solo = false;
    eqmin_set(&e, &s);
    listen(&e, 20000, 30000, 64);
    process(&e, got, 30000, NFRAMES - 30000); /* nobody listens */
    assert_memory_equal(got, want, sizeof got);
    assert_memory_not_equal(heard, want, 10000 * sizeof(double));
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(heard[c] + 24000, want[c] + 24000, 6000 * sizeof(double));
}

static void
what_is_heard_has_the_same_bits_at_any_block(void **state)
{
    static const int blocks[] = {1, 7, 64, 1000};
    static double first[STEREO][NFRAMES];

    (void)state;
    make_noise();
    for (size_t k = 0; k < LEN(blocks); k++) {
        static struct eqmin e;
        struct eqmin_settings s = {.band[2] = band_of(EQ_LOW_SHELF, 300.0, 6.0, 1.0)};

        s.band[5] = riding(EQ_BELL, 3000.0, 0.0, 3.0, -12.0);
        begin_listening(&e, &s);
        for (int i = 0; i < 20; i++) {
            s.band[2].solo = i % 3 == 1;
            s.band[5].solo = i % 2;
            s.band[5].channels = i % 5;
            s.band[5].freq_hz = 1000.0 + 300.0 * i;
            eqmin_set(&e, &s);
            listen(&e, i * 2401, i == 19 ? NFRAMES : (i + 1) * 2401, blocks[k]);
        }
        if (k == 0) {
            memcpy(first, heard, sizeof heard);
            memcpy(want, got, sizeof got);
        }
        assert_memory_equal(heard, first, sizeof heard);
        assert_memory_equal(got, want, sizeof got);
    }
}

/* Each type's own part: a tone inside comes through, one outside does not. */
static void
a_solo_is_where_the_band_works(void **state)
{
    static const struct {
        int type;
        double inside_hz, outside_hz;
    } cases[] = {
        {EQ_BELL, 1000.0, 60.0},       {EQ_NOTCH, 1000.0, 16000.0},    {EQ_BAND_PASS, 1000.0, 60.0},
        {EQ_LOW_SHELF, 60.0, 16000.0}, {EQ_HIGH_SHELF, 16000.0, 60.0}, {EQ_LOW_CUT, 60.0, 16000.0},
        {EQ_HIGH_CUT, 16000.0, 60.0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        static struct eqmin e;
        struct eqmin_settings s = {.band[3] = band_of(cases[i].type, 1000.0, -9.0, 4.0)};

        s.band[3].solo = true;
        s.band[4] = band_of(EQ_HIGH_CUT, 500.0, 0.0, 0.7); /* heard is what comes in, not this */
        make_tone(cases[i].inside_hz, -20.0);
        add_tone(cases[i].outside_hz, -20.0);
        begin_listening(&e, &s);
        listen(&e, 0, NFRAMES, 256);
        assert_true(fabs(gain_to_db(level_of(heard[0], cases[i].inside_hz)) - -20.0) < 0.15);
        assert_true(gain_to_db(level_of(heard[0], cases[i].outside_hz)) < -50.0);
    }
}

static void
a_solo_is_heard_in_its_channels_and_solos_add(void **state)
{
    static struct eqmin e;
    struct eqmin_settings s = {.band[0] = band_of(EQ_BELL, 200.0, 6.0, 8.0)};

    (void)state;
    s.band[1] = band_of(EQ_BELL, 4000.0, 6.0, 8.0);
    s.band[0].solo = s.band[1].solo = true;
    s.band[0].channels = CHANNELS_SIDE;
    s.band[1].channels = CHANNELS_LEFT;
    make_tone(200.0, -20.0);
    add_tone(4000.0, -20.0);
    memset(in[1], 0, sizeof in[1]); /* left only: mid and side are half of it */
    begin_listening(&e, &s);
    listen(&e, 0, NFRAMES, 100);
    assert_true(fabs(gain_to_db(level_of(heard[0], 200.0)) - -26.02) < 0.15);
    assert_true(fabs(gain_to_db(level_of(heard[1], 200.0)) - -26.02) < 0.15);
    assert_true(fabs(gain_to_db(level_of(heard[0], 4000.0)) - -20.0) < 0.15);
    assert_true(gain_to_db(level_of(heard[1], 4000.0)) < -60.0);
}

static void
solos_do_not_click(void **state)
{
    static struct leak leak;
    double most = DB_SILENCE;

    (void)state;
    leak_prepare(&leak, RATE);
    make_tone(LEAK_TONE_HZ, -12.0);
    for (int type = 0; type < EQ_TYPES; type++) {
        static struct eqmin e;
        struct eqmin_settings s = {.band[6] = band_of(type, 1200.0, 9.0, 10.0)};

        begin_listening(&e, &s);
        for (int i = 0; i < 10; i++) {
            s.band[6].solo = !(i % 2);
            if (i > 5)
                s.band[6].freq_hz = 8000.0;
            eqmin_set(&e, &s);
            listen(&e, i * 4500, i < 9 ? (i + 1) * 4500 : NFRAMES, 64);
        }
        most = fmax(most, gain_to_db(leak_peak(&leak, heard[0], 4500, NFRAMES - LEAK_HALF)));
    }
    print_message("# solo: %.1f dBFS\n", most);
    assert_true(most < -90.0);
}

/* --- moves ----------------------------------------------------------------------------------------- */

static void
a_frequency_swept_at_each_frame_stays_bounded(void **state)
{
    static struct eqmin e;
    double most = 0.0;

    (void)state;
    make_noise();
    for (int type = 0; type < EQ_TYPES; type++) {
        struct eqmin_settings s = {.band[0] = band_of(type, 1000.0, 12.0, 8.0)};

        s.band[0].slope = type;
        s.band[0].dynamic = type % 2;
        memcpy(got, in, sizeof in);
        eqmin_prepare(&e, RATE);
        for (int i = 0; i < NFRAMES; i++) {
            s.band[0].freq_hz = 20.0 * x_exp2(4.8 + 4.8 * x_sin(2.0 * PI * fmod(i * 100.0 / RATE, 1.0)));
            eqmin_set(&e, &s);
            process(&e, got, i, 1);
            most = fmax(most, fmax(fabs(got[0][i]), fabs(got[1][i])));
        }
    }
    print_message("# swept at 100 Hz: peak %.2f, of noise of 0.5\n", most);
    assert_true(most < 8.0); /* 12 dB and the resonance of steep cuts at q 8 */
}

/* Eight at once: one design at each grid point, so 8 of them, the fade with its start, and what states keep. */
static void
eight_moves_at_once_all_arrive(void **state)
{
    static struct eqmin e, direct;
    struct eqmin_settings s = {0};

    (void)state;
    make_noise();
    memcpy(got, in, sizeof in);
    memcpy(want, in, sizeof in);
    for (int b = 0; b < EQ_BANDS; b++)
        s.band[b] = band_of(EQ_BELL, 300.0 + 500.0 * b, 3.0, 1.0);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    process(&e, got, 0, 640);
    for (int b = 0; b < EQ_BANDS; b++)
        s.band[b].gain_db = -3.0;
    eqmin_set(&e, &s);
    process(&e, got, 640, NFRAMES - 640);
    eqmin_prepare(&direct, RATE);
    eqmin_set(&direct, &s);
    process(&direct, want, 0, NFRAMES);
    for (int i = 640 + 512 + 960 + 192 + 3000; i < NFRAMES; i++)
        assert_true(fabs(got[0][i] - want[0][i]) < 1e-12);
}

/* Designed one after the other, and no fade at its end. */
static void
a_restart_is_right_after_its_warm_frames(void **state)
{
    static struct eqmin e, direct;
    struct eqmin_settings s = {0}, other = {0};
    int from = 1000, right;

    (void)state;
    make_noise();
    for (int b = 0; b < EQ_BANDS; b++) {
        other.band[b] = band_of(EQ_NOTCH, 100.0 + 500.0 * b, 3.0, 1.0);
        s.band[b] = riding(EQ_BELL, 300.0 + 500.0 * b, 3.0, 1.0, 6.0);
        s.band[b].channels = b % 3;
        s.band[b].threshold_dbfs = 0.0;
    }
    memcpy(got, in, sizeof in);
    memcpy(want, in, sizeof in);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &other);
    process(&e, got, 0, from);
    eqmin_restart(&e);
    eqmin_set(&e, &s);
    right = from + eqmin_warm_frames(&e);
    process(&e, got, from, NFRAMES - from);
    eqmin_prepare(&direct, RATE);
    eqmin_set(&direct, &s);
    process(&direct, want, 0, NFRAMES);
    for (int i = right; i < NFRAMES; i++) /* what the states of the last band have to build up yet */
        assert_true(fabs(got[0][i] - want[0][i]) < (i < right + 3000 ? 1e-3 : 1e-12));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_channel_is_worked_on_alone),
        cmocka_unit_test(the_other_side_keeps_its_bits),
        cmocka_unit_test(stereo_bands_sound_the_same_among_mid_bands),
        cmocka_unit_test(from_mid_to_left_and_on),
        cmocka_unit_test(a_dynamic_bell_moves_by_the_law),
        cmocka_unit_test(a_dynamic_shelf_moves_its_side),
        cmocka_unit_test(what_is_not_its_own_part_does_not_move_it),
        cmocka_unit_test(at_full_range_it_is_one_curve_times_another),
        cmocka_unit_test(attack_and_release_take_their_time),
        cmocka_unit_test(other_types_do_not_ride),
        cmocka_unit_test(moves_of_a_dynamic_band_do_not_click),
        cmocka_unit_test(without_solo_one_hears_what_goes_on),
        cmocka_unit_test(a_solo_changes_no_bit_of_what_goes_on),
        cmocka_unit_test(what_is_heard_has_the_same_bits_at_any_block),
        cmocka_unit_test(a_solo_is_where_the_band_works),
        cmocka_unit_test(a_solo_is_heard_in_its_channels_and_solos_add),
        cmocka_unit_test(solos_do_not_click),
        cmocka_unit_test(a_frequency_swept_at_each_frame_stays_bounded),
        cmocka_unit_test(eight_moves_at_once_all_arrive),
        cmocka_unit_test(a_restart_is_right_after_its_warm_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
