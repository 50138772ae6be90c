/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/oversample.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const double rates[] = {8000, 32000, 44100, 48000, 88200, 96000, 176400, 192000, 384000};

enum { NFRAMES = 1024 };

static struct oversample over;

/* To go down again: into the last phase a frame late. */
static void
put(int p, const double *x, int n)
{
    int late = p == (1 << over.stages) - 1;

    memcpy(over.back[p] - late, x - late, sizeof(double) * (size_t)n);
}

/* Up and down again, in pieces as long as may be or shorter. */
static void
round_trip(const double *in, double *out, int piece)
{
    for (int at = 0, n; at < NFRAMES; at += n) {
        double y[OVERSAMPLE_PIECE];

        n = piece < NFRAMES - at ? piece : NFRAMES - at;
        oversample_up(&over, in + at, n);
        for (int p = 0; p < 1 << over.stages; p++)
            put(p, over.phase[p], n);
        oversample_down(&over, y, n);
        memcpy(out + at, y, sizeof(double) * (size_t)n);
    }
}

static double
gain_db(const double *x, int middle, double turns)
{
    double sum = x[middle];

    for (int i = 1; i <= middle && middle + i < NFRAMES; i++)
        sum += 2.0 * x[middle + i] * cos(2.0 * PI * turns * i);
    return 20.0 * log10(fabs(sum));
}

static double
edge_hz(double rate_hz)
{
    return fmin(20000.0, rate_hz * (rate_hz < 32000.0 ? 0.2267 : 0.4535));
}

/* Symmetry around a whole frame is linear phase and the latency in one. */
static void
up_and_down_is_a_flat_delay_of_whole_frames(void **state)
{
    (void)state;
    for (size_t r = 0; r < LEN(rates); r++)
        for (int stages = 2; stages <= 3; stages++) {
            double in[NFRAMES] = {1.0}, out[NFRAMES], worst = 0.0;
            int late;

            oversample_prepare(&over, rates[r], oversample_stages(rates[r], stages));
            late = oversample_latency_frames(&over);
            round_trip(in, out, OVERSAMPLE_PIECE);
            for (int i = 1; i <= late; i++)
                assert_true(fabs(out[late - i] - out[late + i]) < 1e-15);
            for (double hz = 0.0; hz <= edge_hz(rates[r]); hz += rates[r] / 4000.0)
                worst = fmax(worst, fabs(gain_db(out, late, hz / rates[r])));
            print_message("# %.0f Hz x%d: %d frames, flat to %.0f Hz within %.6f dB\n", rates[r],
                          1 << over.stages, late, edge_hz(rates[r]), worst);
            assert_true(worst < 0.0001);
        }
}

static void
latency_is_what_the_header_says(void **state)
{
    static const struct {
        double rate_hz;
        int stages, factor, frames;
    } want[] = {{44100, 2, 4, 79}, {44100, 3, 8, 81}, {48000, 2, 4, 47}, {48000, 3, 8, 49},
                {88200, 2, 2, 12}, {96000, 3, 4, 15}, {96000, 2, 2, 12}, {192000, 3, 2, 8},
                {176400, 2, 2, 8}, {384000, 3, 2, 8}, {8000, 2, 4, 17},  {8000, 3, 8, 19}};

    (void)state;
    for (size_t i = 0; i < LEN(want); i++) {
        oversample_prepare(&over, want[i].rate_hz, oversample_stages(want[i].rate_hz, want[i].stages));
        assert_int_equal(1 << over.stages, want[i].factor);
        assert_int_equal(oversample_latency_frames(&over), want[i].frames);
    }
}

/* The response on the way up, from an impulse, at the higher rate: images of all that is below the edge lie from
   rate - edge on. What goes down is filtered by the same taps. */
static void
images_are_111_db_down(void **state)
{
    (void)state;
    for (size_t r = 0; r < LEN(rates); r++)
        for (int stages = 2; stages <= 3; stages++) {
            static double high[NFRAMES * OVERSAMPLE_PHASES];
            double in[OVERSAMPLE_PIECE] = {1.0}, none[OVERSAMPLE_PIECE] = {0.0}, y[OVERSAMPLE_PIECE],
                   worst = 0.0;
            int factor, n = 0;

            oversample_prepare(&over, rates[r], oversample_stages(rates[r], stages));
            factor = 1 << over.stages;
            for (int piece = 0; piece < 4; piece++) {
                oversample_up(&over, piece ? none : in, OVERSAMPLE_PIECE);
                for (int i = 0; i < OVERSAMPLE_PIECE; i++)
                    for (int p = 0; p < factor; p++)
                        high[n++] = over.phase[p][i];
                oversample_down(&over, y, OVERSAMPLE_PIECE);
            }
            for (double hz = rates[r] - edge_hz(rates[r]); hz <= rates[r] * factor / 2.0;
                 hz += rates[r] / 500.0) {
                double a = 0.0, b = 0.0, w = 2.0 * PI * hz / (rates[r] * factor);

                if (fabs(remainder(hz, rates[r])) > edge_hz(rates[r]))
                    continue; /* image of what is above the edge */
                for (int i = 0; i < n; i++) {
                    a += high[i] * cos(w * i);
                    b += high[i] * sin(w * i);
                }
                worst = fmax(worst, sqrt(a * a + b * b) / factor);
            }
            print_message("# %.0f Hz x%d: %.1f dB\n", rates[r], factor, 20.0 * log10(worst));
            assert_true(20.0 * log10(worst) < -111.0);
        }
}

static void
same_bits_in_any_pieces(void **state)
{
    static const int pieces[] = {1, 7, 8, 33, 63};
    double in[NFRAMES], want[NFRAMES], got[NFRAMES];

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        in[i] = noise();
    for (size_t r = 0; r < LEN(rates); r++)
        for (int stages = 2; stages <= 3; stages++) {
            oversample_prepare(&over, rates[r], oversample_stages(rates[r], stages));
            round_trip(in, want, OVERSAMPLE_PIECE);
            for (size_t k = 0; k < LEN(pieces); k++) {
                oversample_reset(&over);
                round_trip(in, got, pieces[k]);
                assert_memory_equal(got, want, sizeof want);
            }
        }
}

/* The sample after the last of a frame is the first of the next one; the one before is there, too. */
static void
phases_go_on_from_frame_to_frame(void **state)
{
    double in[OVERSAMPLE_PIECE], y[OVERSAMPLE_PIECE], last = 0.0;

    (void)state;
    oversample_prepare(&over, 48000.0, 3);
    for (int piece = 0; piece < 5; piece++) {
        for (int i = 0; i < OVERSAMPLE_PIECE; i++)
            in[i] = noise();
        oversample_up(&over, in, OVERSAMPLE_PIECE);
        assert_true(over.phase[7][-1] == last);
        last = over.phase[7][OVERSAMPLE_PIECE - 1];
        for (int i = 0; i + 1 < OVERSAMPLE_PIECE; i++)
            assert_true(over.phase[8][i] == over.phase[0][i + 1]);
        for (int p = 0; p < 8; p++)
            memset(over.back[p], 0, sizeof in);
        oversample_down(&over, y, OVERSAMPLE_PIECE);
    }
}

static void
a_skip_is_a_silent_way_down(void **state)
{
    static struct oversample other;
    double in[OVERSAMPLE_PIECE], y[OVERSAMPLE_PIECE], z[OVERSAMPLE_PIECE];

    (void)state;
    oversample_prepare(&over, 44100.0, 3);
    oversample_prepare(&other, 44100.0, 3);
    for (int piece = 0; piece < 12; piece++) {
        for (int i = 0; i < OVERSAMPLE_PIECE; i++)
            in[i] = noise();
        oversample_up(&over, in, OVERSAMPLE_PIECE);
        oversample_up(&other, in, OVERSAMPLE_PIECE);
        for (int p = 0; p < 8; p++)
            for (int i = 0; i < OVERSAMPLE_PIECE; i++)
                over.back[p][i] = other.back[p][i] = piece < 2 || piece > 9 ? noise() : 0.0;
        oversample_down(&over, y, OVERSAMPLE_PIECE);
        if (piece >= 4 && piece <= 9) {
            oversample_skip(&other, OVERSAMPLE_PIECE);
            memset(z, 0, sizeof z);
        } else {
            oversample_down(&other, z, OVERSAMPLE_PIECE);
        }
        assert_memory_equal(y, z, sizeof y);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_and_down_is_a_flat_delay_of_whole_frames),
        cmocka_unit_test(latency_is_what_the_header_says),
        cmocka_unit_test(images_are_111_db_down),
        cmocka_unit_test(same_bits_in_any_pieces),
        cmocka_unit_test(phases_go_on_from_frame_to_frame),
        cmocka_unit_test(a_skip_is_a_silent_way_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
