/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/log.h"

#include "engine/params.h"
#include "test/kit/defaults.h"
#include "test/kit/tree.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[64];
static const struct print_settings wav16 = {PRINT_WAV16,
                                            {.shape = DITHER_STRONG, .seed = 999999, .blank = false}};

static int
make_folder(void **state)
{
    params_init();
    if (tree_make(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s", tree_path("take.log"));
    return 0;
}

static void
open_log(struct log *l)
{
    struct err e;

    if (log_open(l, path, &e) != OK)
        fail_msg("%s", e.text);
}

static void
header(struct log *l, double rate_hz)
{
    const char *const files[] = {"one.wav"};
    double *values = default_values();

    log_header(l, rate_hz, "player", files, 1, values);
    free(values);
}

static void
append(const char *text)
{
    FILE *f = fopen(path, "a");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
read_back(struct take *t)
{
    struct err e;

    if (take_read(t, path, &e) != OK)
        fail_msg("%s", e.text);
}

/* A number somewhere in the row's range with all 52 bits of its fraction in use. */
static double
awkward(const struct param *p, int k)
{
    double v = p->min + (p->max - p->min) * fmod(0.1234567890123456 + k * 0.6180339887498949, 1.0);

    return p->type == PARAM_FLOAT ? v : floor(v);
}

static void
all_numbers_come_back_to_the_bit(void **state)
{
    const char *const files[] = {"a.wav", "mit \"Anf\xc3\xbchrung\".flac", "c\\d\n.wav"};
    double *values = default_values();
    struct log l;
    struct take t;
    int moves = 0;

    (void)state;
    for (int i = 0; i < params_count(); i++)
        if (param_at(i)->flags & PARAM_AUTOMATED)
            values[i] = awkward(param_at(i), i);
    open_log(&l);
    log_header(&l, 44100.1, "player", files, 3, values);
    for (int i = 0; i < params_count(); i++)
        for (int k = 0; k < 5 && (param_at(i)->flags & PARAM_AUTOMATED); k++)
            log_set(&l, UINT64_C(1) << (10 * k), i, awkward(param_at(i), i + k), "osc 127.0.0.1:5005");
    log_close(&l);
    read_back(&t);
    assert_true(t.rate_hz == 44100.1);
    assert_false(t.live);
    assert_false(t.printed);
    assert_int_equal(t.nfiles, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(t.files[i], files[i]);
    assert_memory_equal(t.values, values, sizeof *values * (size_t)params_count());
    for (int i = 0; i < params_count(); i++)
        for (int k = 0; k < 5 && (param_at(i)->flags & PARAM_AUTOMATED); k++) {
            const struct take_move *m = &t.move[moves++];
            double want = awkward(param_at(i), i + k);

            assert_int_equal(m->kind, TAKE_SET);
            assert_int_equal(m->frame, UINT64_C(1) << (10 * k));
            assert_int_equal(m->param, i);
            assert_memory_equal(&m->value, &want, sizeof want);
        }
    assert_int_equal(t.nmoves, moves);
    take_free(&t);
    free(values);
}

static void
assert_settings(const struct take *t, const struct print_settings *want)
{
    struct print_settings s = print_settings_of(t->values);

    assert_int_equal(s.format, want->format);
    assert_int_equal(s.dither.shape, want->dither.shape);
    assert_int_equal(s.dither.seed, want->dither.seed);
    assert_int_equal(s.dither.blank, want->dither.blank);
}

/* There was one dither, and it was never blanked. */
static void
a_print_of_old_is_made_as_it_was(void **state)
{
    static const struct print_settings old = {.format = PRINT_WAV32F};
    struct log l;
    struct take t;

    (void)state;
    open_log(&l);
    header(&l, 48000);
    log_close(&l);
    append("{\"frame\":5,\"print\":\"began\",\"file\":\"a.wav\"}\n");
    read_back(&t);
    assert_settings(&t, &old);
    take_free(&t);
}

static void
the_last_print_settings_are_the_ones(void **state)
{
    static const struct print_settings each[] = {{PRINT_WAV24, {DITHER_LIGHT, 3, true}},
                                                 {PRINT_WAV32F, {DITHER_AUTO, 0, true}}};
    struct log l;
    struct take t;

    (void)state;
    open_log(&l);
    header(&l, 48000);
    for (size_t i = 0; i < LEN(each); i++) {
        log_print(&l, 10 * i, "a.wav", &each[i]);
        log_print(&l, 10 * i + 5, "a.wav", NULL);
    }
    log_close(&l);
    read_back(&t);
    assert_settings(&t, &each[1]);
    take_free(&t);
}

static void
print_settings_that_make_no_sense_are_told(void **state)
{
    static const char *const words[] = {"\"dither\":\"loud\"", "\"format\":\"mp3\"", "\"dither\":3",
                                        "\"seed\":-1"};
    struct log l;
    struct take t;
    struct err e;
    char line[128];

    (void)state;
    for (size_t i = 0; i < LEN(words); i++) {
        unlink(path);
        open_log(&l);
        header(&l, 48000);
        log_close(&l);
        snprintf(line, sizeof line, "{\"frame\":5,\"print\":\"began\",\"file\":\"a.wav\",%s}\n", words[i]);
        append(line);
        assert_int_equal(take_read(&t, path, &e), BAD_ARG);
        assert_non_null(strstr(e.text, ":2: /print/"));
    }
}

static void
what_the_player_and_the_print_did_comes_back(void **state)
{
    static const struct player_notice began = {.kind = PLAYER_BEGAN,
                                               .frame = 480,
                                               .track = 2,
                                               .position = 123456789012},
                                      faded = {.kind = PLAYER_ENDED, .frame = 960, .faded = true},
                                      ended = {.kind = PLAYER_ENDED, .frame = 961},
                                      finished = {.kind = PLAYER_FINISHED, .frame = 961};
    struct log l;
    struct take t;

    (void)state;
    open_log(&l);
    header(&l, 48000);
    log_print(&l, 400, "master \xff.wav", &wav16); /* no UTF-8: the line must not be lost */
    log_player(&l, &began);
    log_player(&l, &faded);
    log_player(&l, &ended);
    log_player(&l, &finished); /* no sound begins or ends by it */
    log_print(&l, 900, "master.wav", NULL);
    log_close(&l);
    read_back(&t);
    assert_int_equal(t.nmoves, 5);
    assert_true(t.move[1].kind == TAKE_BEGIN && t.move[1].frame == 480 && t.move[1].track == 2 &&
                t.move[1].position == 123456789012);
    assert_true(t.move[2].kind == TAKE_END && t.move[2].frame == 960 && t.move[2].faded);
    assert_true(t.move[3].kind == TAKE_END && t.move[3].frame == 961 && !t.move[3].faded);
    assert_true(t.printed && t.print_from == 400 && t.print_to == 900);
    assert_settings(&t, &wav16);
    take_free(&t);
}

static void
a_print_that_never_ended_has_no_end(void **state)
{
    struct log l;
    struct take t;

    (void)state;
    open_log(&l);
    header(&l, 48000);
    log_print(&l, 5, "a.wav", &wav16);
    log_print(&l, 10, "a.wav", NULL);
    log_print(&l, 20, "b.wav", &wav16); /* the last print is the one */
    log_close(&l);
    read_back(&t);
    assert_true(t.printed && t.print_from == 20 && t.print_to == UINT64_MAX);
    take_free(&t);
}

static void
the_last_take_with_a_print_is_taken(void **state)
{
    struct log l;
    struct take t;

    (void)state;
    for (int k = 0; k < 4; k++) { /* each adds to the file of the one before */
        open_log(&l);
        header(&l, 44100 + k);
        if (k == 1 || k == 2)
            log_print(&l, (uint64_t)k, "a.wav", &wav16);
        log_close(&l);
    }
    read_back(&t);
    assert_true(t.rate_hz == 44102 && t.print_from == 2);
    take_free(&t);
    unlink(path);
    for (int k = 0; k < 3; k++) {
        open_log(&l);
        header(&l, 44100 + k);
        log_close(&l);
    }
    read_back(&t);
    assert_true(t.rate_hz == 44102 && !t.printed);
    take_free(&t);
}

static void
a_last_line_that_was_cut_is_no_loss(void **state)
{
    struct log l;
    struct take t;

    (void)state;
    open_log(&l);
    header(&l, 48000);
    log_set(&l, 1, param_find("/eq/on"), 1, "osc");
    log_close(&l);
    append("{\"frame\":2,\"set\":\"/eq/1/ga");
    read_back(&t);
    assert_int_equal(t.nmoves, 1);
    take_free(&t);
}

/* Killed while writing, then started again with the same log: the cut line stands in the middle. */
static void
a_take_after_a_cut_line_is_read(void **state)
{
    struct log l;
    struct take t;

    (void)state;
    open_log(&l);
    header(&l, 44100);
    log_close(&l);
    append("{\"frame\":2,\"set\":\"/eq/1/ga");
    open_log(&l);
    header(&l, 48000);
    log_set(&l, 1, param_find("/eq/on"), 1, "osc");
    log_close(&l);
    read_back(&t);
    assert_true(t.rate_hz == 48000);
    assert_int_equal(t.nmoves, 1);
    take_free(&t);
}

/* --- what people and disks do to a log --------------------------------------------------------------- */

#define HEADER                                                                                               \
    "{\"deadwax\":\"0.1.0\",\"rate\":48000,\"source\":\"player\",\"files\":[\"a.wav\"],\"settings\":{}}\n"

static void
refused(const char *text, int line, const char *reason)
{
    char start[100];
    struct take t;
    struct err e = {""};

    tree_put("take.log", text);
    snprintf(start, sizeof start, "%s:%d: ", path, line);
    if (take_read(&t, path, &e) != BAD_ARG)
        fail_msg("was taken: %s", text);
    if (strncmp(e.text, start, strlen(start)) != 0 || !strstr(e.text, reason))
        fail_msg("\"%s\" should begin with %s and say %s", e.text, start, reason);
    assert_true(!t.values && !t.files && !t.move);
    take_free(&t);
}

static void
damage_is_told_with_file_and_line(void **state)
{
    (void)state;
    refused(HEADER "nonsense\n" HEADER "more nonsense\n" HEADER, 2, "no JSON");
    refused(HEADER "{\"frame\":1,\"set\":\"/eq/1/gian\",\"value\":1}\n", 2, "nearest are /eq/1/gain");
    refused(HEADER "{\"frame\":1,\"set\":\"/eq/1/gain\",\"value\":99}\n", 2, "use -24 to 24 dB");
    refused(HEADER "\n{\"frame\":1,\"set\":\"/eq/1/gain\",\"value\":1}\n", 2, "no JSON");
    refused(HEADER "{\"frame\":1,\"set\":\"/eq/1/gain\",\"value\":\"loud\"}\n", 2, "\"value\" is missing");
    refused(HEADER "{\"frame\":1,\"set\":\"/eq/1/gain\"}\n", 2, "\"value\" is missing");
    refused(HEADER "{\"set\":\"/eq/1/gain\",\"value\":1}\n", 2, "\"frame\" is missing");
    refused(HEADER "{\"frame\":-1,\"set\":\"/eq/1/gain\",\"value\":1}\n", 2, "\"frame\" is missing");
    refused(HEADER "{\"frame\":1,\"dance\":1}\n", 2, "no move");
    refused(HEADER "[1,2]\n", 2, "no move");
    refused("{\"frame\":1,\"set\":\"/eq/1/gain\",\"value\":1}\n" HEADER, 1, "ahead of the first header");
    refused("{\"deadwax\":\"0.1.0\",\"rate\":1,\"settings\":{}}\n", 1, "\"rate\"");
    refused("{\"deadwax\":\"0.1.0\",\"settings\":{}}\n", 1, "\"rate\"");
    refused("{\"deadwax\":\"0.1.0\",\"rate\":48000,\"settings\":{\"/eq/no\":1}}\n", 1, "nearest are /eq/on");
    refused("{\"deadwax\":\"0.1.0\",\"rate\":48000,\"settings\":{\"/eq/on\":7}}\n", 1, "no switch");
    refused("{\"deadwax\":\"0.1.0\",\"rate\":48000,\"settings\":{\"/eq/on\":\"on\"}}\n", 1,
            "/eq/on: is no number");
}

static void
no_file_or_an_empty_one_is_told(void **state)
{
    struct take t;
    struct err e;

    (void)state;
    unlink(path);
    assert_int_equal(take_read(&t, path, &e), NOT_FOUND);
    assert_non_null(strstr(e.text, path));
    append("");
    assert_int_equal(take_read(&t, path, &e), BAD_ARG);
    assert_non_null(strstr(e.text, "no header"));
    append("{\"deadw");
    assert_int_equal(take_read(&t, path, &e), BAD_ARG);
    assert_int_equal(take_read(&t, tree_root, &e), BAD_ARG);
    assert_non_null(strstr(e.text, "irectory"));
}

static void
a_log_that_cannot_be_written_is_told(void **state)
{
    struct log l;
    struct err e = {""};

    (void)state;
    assert_int_equal(log_open(&l, tree_root, &e), IO_ERROR);
    assert_non_null(strstr(e.text, tree_root));
    assert_null(l.file);
    log_set(&l, 1, 0, 1.0, "nobody"); /* no log, no crash */
    assert_true(log_flush(&l, &e));
    log_close(&l);
    assert_int_equal(log_open(&l, "/dev/full", &e), OK);
    header(&l, 48000);
    assert_false(log_flush(&l, &e));
    assert_non_null(strstr(e.text, "No space"));
    assert_true(log_flush(&l, &e)); /* told once */
    log_close(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_numbers_come_back_to_the_bit, tree_clear),
        cmocka_unit_test_teardown(what_the_player_and_the_print_did_comes_back, tree_clear),
        cmocka_unit_test_teardown(a_print_of_old_is_made_as_it_was, tree_clear),
        cmocka_unit_test_teardown(the_last_print_settings_are_the_ones, tree_clear),
        cmocka_unit_test_teardown(print_settings_that_make_no_sense_are_told, tree_clear),
        cmocka_unit_test_teardown(a_print_that_never_ended_has_no_end, tree_clear),
        cmocka_unit_test_teardown(the_last_take_with_a_print_is_taken, tree_clear),
        cmocka_unit_test_teardown(a_last_line_that_was_cut_is_no_loss, tree_clear),
        cmocka_unit_test_teardown(a_take_after_a_cut_line_is_read, tree_clear),
        cmocka_unit_test_teardown(damage_is_told_with_file_and_line, tree_clear),
        cmocka_unit_test_teardown(no_file_or_an_empty_one_is_told, tree_clear),
        cmocka_unit_test_teardown(a_log_that_cannot_be_written_is_told, tree_clear),
    };

    return cmocka_run_group_tests(tests, make_folder, tree_remove);
}
