/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/view.h"

#include "control/cli/terminal.h"
#include "test/kit/qrread.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

static char picture[VIEW_PICTURE];

static struct view_state
usual(void)
{
    return (struct view_state){
        .server = "jackd, hw:USB, 48000 Hz, 128 x 2",
        .latency_ms = 5.3,
        .transport = VIEW_PLAYING,
        .track = "2/3 side-a.wav",
        .position_s = 83.9,
        .length_s = 245.0,
        .input_peak_dbfs = {-8.1, -9.2},
        .output_peak_dbfs = {-1.3, -2.4},
        .stage = {{"input", true, false, 0.0},
                  {"eq", false, false, 0.0},
                  {"comp", true, true, 2.1},
                  {"limit", true, true, 0.4}},
        .nstages = 4,
        .momentary_lufs = -13.2,
        .short_term_lufs = -14.4,
        .integrated_lufs = -15.6,
        .range_lu = 4.7,
        .measured_s = 90.0,
        .true_peak_dbtp = -0.9,
        .plr_lu = 14.7,
        .psr_lu = 11.2,
        .correlation = 0.86,
        .printing = true,
        .print_file = "prints/mix-001.wav",
        .print_s = 65.0,
        .load_percent = 3.4,
        .worst_percent = 7.6,
        .xruns = 12,
        .address = {"osc.udp://127.0.0.1:9000/"},
        .naddresses = 1,
        .news = "printing to mix-001.wav",
    };
}

/* A state no host should have, for which the picture must hold all the same. */
static struct view_state
nasty(void)
{
    struct view_state s = usual();

    s.server = "\033[2J\007\r\n\t\x7f\xc2\x9b jackd";
    s.track = "日本語の長いファイル名 e\xcc\x81\xcc\x81\xcc\x81 \xe2\x80\xae gnp.wav "
              "\xff\xfe\xe0\x81\x81\xed\xa0\x80 "
              "\xf0\x9f\x8e\xb5 \xe2\x82";
    s.print_file = "/\xe6\x97\xa5\xe6\x9c\xac/\xc3\x28/very/long/very/long/very/long/very/long/very/long/"
                   "path/to/a/file.wav";
    s.code = s.code_url = s.surfaces = s.server;
    s.code_s = NAN;
    s.guarded = true;
    s.news = "a line of news that is much too long for a small terminal, and goes on and on, until nobody "
             "reads it, "
             "and then goes on still: \033]0;title\007";
    s.address[1] = s.address[2] = s.address[3] = s.news;
    s.naddresses = 4;
    s.position_s = NAN;
    s.length_s = 1e300;
    s.print_s = -1.0;
    s.input_peak_dbfs[0] = NAN;
    s.input_peak_dbfs[1] = INFINITY;
    s.output_peak_dbfs[0] = 4000.0;
    s.output_peak_dbfs[1] = -INFINITY;
    s.nstages = 1000;
    for (int i = 0; i < VIEW_STAGES; i++)
        s.stage[i] =
            (struct view_stage){i % 3 ? "a-stage-with-a-long-name" : NULL, i & 1, true, i % 2 ? 1e300 : NAN};
    s.momentary_lufs = NAN;
    s.range_lu = 1e300;
    s.latency_ms = 1e300;
    s.load_percent = s.worst_percent = 1e300;
    s.xruns = -1234567890123456789;
    return s;
}

/* Columns of a line as a terminal counts them; fails on bytes that would move the cursor or are not text. */
static int
columns_of(const char *line, size_t n)
{
    const char *end = line + n;
    mbstate_t state = {0};
    int columns = 0;

    while (line < end) {
        wchar_t c;
        size_t used;

        if (*line == '\033') {
            assert_int_equal(line[1], '[');
            for (line += 2; *line != 'm'; line++)
                assert_true(*line >= '0' && *line <= '9');
            line++;
            continue;
        }
        used = mbrtowc(&c, line, (size_t)(end - line), &state);
        assert_true(used > 0 && used <= (size_t)(end - line));
        assert_true(wcwidth(c) >= 0);
        columns += wcwidth(c);
        line += used;
    }
    return columns;
}

static void
assert_fits(int columns, int rows, int nlines)
{
    int n = 0;

    for (const char *l = picture; l; n++) {
        const char *end = strchr(l, '\n');
        int got = columns_of(l, end ? (size_t)(end - l) : strlen(l));

        if (got > columns)
            fail_msg("line %d has %d columns of %d: %s", n, got, columns, l);
        l = end ? end + 1 : NULL;
    }
    assert_int_equal(n, nlines);
    assert_true(n <= rows);
}

static void
no_line_is_longer_than_the_terminal(void **state)
{
    const struct view_state states[] = {usual(), nasty(), {.nstages = 0}};

    (void)state;
    for (int look = 0; look < 4; look++)
        for (size_t i = 0; i < LEN(states); i++)
            for (int columns = 1; columns <= 400; columns++) {
                struct view v = {.utf8 = look & 1, .colour = look & 2, .keys = true};
                int n = view_draw(&v, picture, sizeof picture, columns, 50, &states[i]);

                assert_true(n >= 20);
                assert_fits(columns, 50, n);
            }
}

static void
fewer_rows_keep_what_matters(void **state)
{
    struct view_state s = usual();
    struct view v = {.keys = true};

    (void)state;
    for (int rows = 1; rows <= 30; rows++) {
        int n = view_draw(&v, picture, sizeof picture, 100, rows, &s);

        assert_fits(100, rows, n);
        assert_int_equal(n, rows < 24 ? rows : 24);
        assert_non_null(strstr(picture, "out L"));
        assert_true(rows < 5 || strstr(picture, "integrated -15.6 LUFS"));
        assert_true(
            rows < 24 ||
            strstr(picture, "true peak  -0.9 dBTP   PLR  14.7 LU   PSR  11.2 LU   correlation  0.86"));
    }
    assert_int_equal(view_draw(&v, picture, sizeof picture, 0, 10, &s), 0);
    assert_int_equal(view_draw(&v, picture, sizeof picture, 10, -1, &s), 0);
}

static void
a_small_buffer_is_never_overrun(void **state)
{
    struct view_state s = usual();
    struct view v = {.utf8 = true, .colour = true};
    char *room;

    (void)state;
    for (size_t size = 0; size < 3000; size += 37) {
        room = malloc(size ? size : 1); /* so that a sanitizer sees the first byte too many */
        view_draw(&v, room, size, 100, 30, &s);
        assert_true(size == 0 || strlen(room) < size);
        free(room);
    }
}

static void
all_that_was_asked_for_is_there(void **state)
{
    static const char *const words[] = {
        "deadwax",
        "jackd, hw:USB, 48000 Hz, 128 x 2",
        "latency 5.3 ms",
        "playing",
        "2/3 side-a.wav",
        "1:23 / 4:05",
        "-8.1",
        "-9.2",
        "-1.3",
        "-2.4",
        "comp",
        "-2.1 dB",
        "limit",
        "-0.4 dB",
        "-13.2",
        "-14.4",
        "-15.6 LUFS",
        "4.7 LU",
        "● input",
        "○ eq",
        "● comp",
        "mix-001.wav",
        "1:05",
        "3.4 %",
        "7.6 %",
        "xruns 12",
        "osc.udp://127.0.0.1:9000/",
        "printing to mix-001.wav",
        "space",
        "u undo",
        "U redo",
        "q quit",
    };
    struct view_state s = usual();
    struct view v = {.utf8 = true, .keys = true};

    (void)state;
    for (int columns = 80; columns <= 160; columns += 20) {
        view_draw(&v, picture, sizeof picture, columns, 24, &s);
        for (size_t i = 0; i < LEN(words); i++)
            if (!strstr(picture, words[i]))
                fail_msg("%d columns lack \"%s\":\n%s", columns, words[i], picture);
    }
    s.rate_hz = 44100.0;
    s.period = 256;
    view_draw(&v, picture, sizeof picture, 100, 24, &s);
    assert_non_null(strstr(picture, "44.1 kHz   256 frames   latency 5.3 ms"));
}

static void
states_are_named(void **state)
{
    struct view_state s = usual();
    struct view v = {0};

    (void)state;
    s.bypass = true;
    s.transport = VIEW_STOPPED;
    s.printing = false;
    s.measured_s = 10.0;
    s.stage[2].on = false;
    view_draw(&v, picture, sizeof picture, 80, 24, &s);
    assert_non_null(strstr(picture, "BYPASSED"));
    assert_non_null(strstr(picture, "# stopped"));
    assert_non_null(strstr(picture, "done: prints/mix-001.wav"));
    assert_non_null(strstr(picture, "4.7 LU?"));
    assert_non_null(strstr(picture, "comp       off"));
    assert_non_null(strstr(picture, "limit      bypassed"));
    s.transport = VIEW_WAITING;
    s.print_file = "";
    s.integrated_lufs = -120.0;
    view_draw(&v, picture, sizeof picture, 80, 24, &s);
    assert_non_null(strstr(picture, "waiting for the JACK server"));
    assert_non_null(strstr(picture, "print      off"));
    assert_non_null(strstr(picture, "integrated    -- LUFS  range --"));
}

/* More stages than a line holds: those that are on, and how many are not; a row for those that take something away. */
static void
what_is_off_gives_way(void **state)
{
    static const char *const names[] = {"input",    "eq",       "insert/1", "deess",  "multiband", "comp",
                                        "insert/2", "saturate", "exciter",  "stereo", "clip",      "limit"};
    struct view_state s = usual();
    struct view v = {0};

    (void)state;
    s.nstages = LEN(names);
    for (int i = 0; i < s.nstages; i++)
        s.stage[i] = (struct view_stage){names[i], i < 2 || i == 11, i == 3 || i == 5 || i == 11, 1.5};
    view_draw(&v, picture, sizeof picture, 80, 24, &s);
    assert_non_null(strstr(picture, "input"));
    assert_non_null(strstr(picture, "limit"));
    assert_non_null(strstr(picture, "9 off"));
    assert_null(strstr(picture, "multiband"));
    assert_null(strstr(picture, "deess      "));
    view_draw(&v, picture, sizeof picture, 120, 24, &s);
    assert_non_null(strstr(picture, "9 off"));
}

static size_t
count(const char *text, const char *word)
{
    size_t n = 0;

    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        n++;
    return n;
}

/* Only "out L" is fed, so all full cells are its. */
static size_t
filled(double peak_dbfs)
{
    struct view_state s = {.input_peak_dbfs = {NAN, NAN}, .output_peak_dbfs = {peak_dbfs, NAN}};
    struct view v = {.utf8 = true};

    view_draw(&v, picture, sizeof picture, 100, 24, &s);
    return count(picture, "█");
}

/* 79 cells; -20 dBFS stands in the middle. */
static void
bars_follow_the_level(void **state)
{
    (void)state;
    assert_int_equal(filled(NAN), 0);
    assert_int_equal(filled(-60.0), 0);
    assert_int_equal(filled(-20.0), 39);
    assert_int_equal(filled(0.0), 79);
    assert_int_equal(filled(6.0), 79);
    for (int db = -60; db < 0; db++)
        assert_true(filled(db) <= filled(db + 1));
}

static void
peaks_hold_and_fall(void **state)
{
    struct view_state s = usual();
    struct view v = {0};

    (void)state;
    s.output_peak_dbfs[0] = -3.0;
    view_draw(&v, picture, sizeof picture, 80, 24, &s);
    assert_non_null(strstr(picture, "  -3.0"));
    s.output_peak_dbfs[0] = -40.0;
    s.time_s = 1.4;
    view_draw(&v, picture, sizeof picture, 80, 24, &s);
    assert_non_null(strstr(picture, "  -3.0"));
    assert_true(fabs(v.output[0].level_dbfs - -31.0) < 1e-9); /* 20 dB a second */
    s.time_s = 1.6;
    view_draw(&v, picture, sizeof picture, 80, 24, &s);
    assert_null(strstr(picture, "  -3.0"));
    assert_non_null(strstr(picture, " -40.0"));
    s.time_s = 60.0;
    s.output_peak_dbfs[0] = NAN;
    view_draw(&v, picture, sizeof picture, 80, 24, &s);
    assert_non_null(strstr(picture, "-inf"));
}

static void
text_from_outside_cannot_steer_the_terminal(void **state)
{
    struct view_state s = nasty();
    struct view v = {.utf8 = true};

    (void)state;
    view_draw(&v, picture, sizeof picture, 160, 50, &s);
    assert_null(strchr(picture, '\033'));
    assert_null(strchr(picture, '\007'));
    assert_null(strchr(picture, '\r'));
    assert_null(strstr(picture, "\xc2\x9b"));
    assert_null(strstr(picture, "\xe2\x80\xae"));
    assert_non_null(strstr(picture, "日本語"));
    v.utf8 = false;
    view_draw(&v, picture, sizeof picture, 160, 50, &s);
    for (const char *c = picture; *c; c++)
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7f));
}

static void
without_colour_there_is_no_escape(void **state)
{
    struct view_state s = usual();
    struct view v = {.utf8 = true, .keys = true};

    (void)state;
    view_draw(&v, picture, sizeof picture, 100, 24, &s);
    assert_null(strchr(picture, '\033'));
    v.colour = true;
    view_draw(&v, picture, sizeof picture, 100, 24, &s);
    assert_non_null(strchr(picture, '\033'));
}

static void
keys_do_what_the_last_line_says(void **state)
{
    static const struct {
        int pressed;
        enum view_key key;
    } keys[] = {
        {' ', VIEW_KEY_PLAY},
        {'n', VIEW_KEY_NEXT},
        {TERMINAL_RIGHT, VIEW_KEY_NEXT},
        {TERMINAL_DOWN, VIEW_KEY_NEXT},
        {'p', VIEW_KEY_PREVIOUS},
        {TERMINAL_LEFT, VIEW_KEY_PREVIOUS},
        {TERMINAL_UP, VIEW_KEY_PREVIOUS},
        {'b', VIEW_KEY_BYPASS},
        {'r', VIEW_KEY_PRINT},
        {'u', VIEW_KEY_UNDO},
        {'U', VIEW_KEY_REDO},
        {'r' & 0x1f, VIEW_KEY_REDO},
        {'d', VIEW_KEY_DOOR},
        {'q', VIEW_KEY_QUIT},
    };
    int meant = 0;

    (void)state;
    for (size_t i = 0; i < LEN(keys); i++)
        assert_int_equal(view_key(keys[i].pressed), keys[i].key);
    for (int pressed = 0; pressed < 512; pressed++)
        meant += view_key(pressed) != VIEW_KEY_NONE;
    assert_int_equal(meant, LEN(keys));
}

/* The picture's modules, as they are to be seen: `light` letters on dark. */
struct picture_qr {
    int y, x; /* of the code's first line and column, without its frame */
};

static wchar_t
letter_at(int line, int column)
{
    const char *l = picture;
    mbstate_t state = {0};
    wchar_t c = 0;

    for (; line > 0 && l; line--)
        l = (l = strchr(l, '\n')) ? l + 1 : NULL;
    for (int at = 0; l && at <= column;) {
        size_t used;

        if (*l == '\033') {
            l = strchr(l, 'm') + 1;
            continue;
        }
        used = *l && *l != '\n' ? mbrtowc(&c, l, MB_CUR_MAX, &state) : 0;
        if (!used || used > 8)
            return 0;
        at += wcwidth(c);
        l += used;
    }
    return c;
}

static bool
picture_dark(const void *context, int y, int x)
{
    const struct picture_qr *q = context;
    wchar_t c = letter_at(q->y + y / 2, q->x + x);

    return y % 2 ? c != L'█' && c != L'▄' : c != L'█' && c != L'▀';
}

/* Found by its frame: the first two lines are all light. */
static bool
find_qr(struct picture_qr *q, int lines)
{
    for (int y = 0; y + 1 < lines; y++)
        if (letter_at(y, 1) == L'█' && letter_at(y, 20) == L'█' && letter_at(y + 1, 20) == L'█') {
            *q = (struct picture_qr){y + QR_QUIET / 2, (letter_at(y, 0) == L' ') + QR_QUIET};
            return true;
        }
    return false;
}

static void
an_open_door_shows_its_code_and_a_picture_of_it(void **state)
{
    static const char url[] = "http://192.0.2.1:9001/pair?code=4711-0815";
    struct view v = {.utf8 = true, .keys = true};
    struct view_state s = usual();
    struct picture_qr q;
    struct qr qr;
    char text[128];
    int lines;

    (void)state;
    s.guarded = true;
    lines = view_draw(&v, picture, sizeof picture, 79, 24, &s);
    assert_int_equal(lines, 24 < lines ? 24 : lines);
    assert_null(strstr(picture, "pair with"));
    assert_non_null(strstr(picture, "d pair"));
    s.code = "4711-0815";
    s.code_s = 87.4;
    s.code_url = "http://192.0.2.1:9001/pair";
    s.qr = &qr;
    if (!qr_make(&qr, url))
        skip();
    for (int colour = 0; colour < 2; colour++) {
        v.colour = colour;
        lines = view_draw(&v, picture, sizeof picture, 79, 24, &s);
        assert_fits(79, 24, lines);
        assert_non_null(strstr(picture, "4711-0815"));
        assert_non_null(strstr(picture, "87 s"));
        assert_true(find_qr(&q, lines));
        assert_true(qr_read(picture_dark, &q, qr.size, text, sizeof text));
        assert_string_equal(text, url);
        assert_true(!colour == !strstr(picture, "\033[97m\033[40m"));
    }
}

/* Half a picture helps nobody: then the digits alone. */
static void
surfaces_have_a_line_when_there_are_some(void **state)
{
    struct view_state s = usual();
    struct view v = {.utf8 = true};

    (void)state;
    view_draw(&v, picture, sizeof picture, 100, 30, &s);
    assert_null(strstr(picture, "surfaces"));
    s.surfaces = "X-TOUCH MINI: eq   MIDI Mix: dynamics";
    assert_fits(100, 30, view_draw(&v, picture, sizeof picture, 100, 30, &s));
    assert_non_null(strstr(picture, " surfaces   X-TOUCH MINI: eq   MIDI Mix: dynamics"));
}

static void
a_code_without_room_is_digits_alone(void **state)
{
    static const struct {
        int columns, rows;
        bool utf8, whole;
    } cases[] = {{79, 20, true, true},
                 {79, 19, true, false},
                 {38, 24, true, true},
                 {36, 24, true, false},
                 {79, 24, false, false}};
    struct view_state s = usual();
    struct picture_qr q;
    struct qr qr;

    (void)state;
    s.code = "4711-0815";
    s.qr = &qr;
    if (!qr_make(&qr, "http://192.0.2.1:9001/pair?code=4711-0815"))
        skip();
    assert_int_equal(qr.size, 29); /* with its frame 37 x 37: 19 lines and that of the code */
    for (size_t i = 0; i < LEN(cases); i++) {
        struct view v = {.utf8 = cases[i].utf8, .keys = true};
        int lines = view_draw(&v, picture, sizeof picture, cases[i].columns, cases[i].rows, &s);

        assert_fits(cases[i].columns, cases[i].rows, lines);
        assert_non_null(strstr(picture, "4711-0815"));
        assert_int_equal(find_qr(&q, lines), cases[i].whole);
    }
}

static void
a_host_that_nobody_else_can_reach_names_no_key_for_pairing(void **state)
{
    struct view v = {.utf8 = true, .keys = true};
    struct view_state s = usual();

    (void)state;
    view_draw(&v, picture, sizeof picture, 100, 40, &s);
    assert_null(strstr(picture, "pair"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_is_longer_than_the_terminal),
        cmocka_unit_test(fewer_rows_keep_what_matters),
        cmocka_unit_test(a_small_buffer_is_never_overrun),
        cmocka_unit_test(all_that_was_asked_for_is_there),
        cmocka_unit_test(states_are_named),
        cmocka_unit_test(what_is_off_gives_way),
        cmocka_unit_test(bars_follow_the_level),
        cmocka_unit_test(peaks_hold_and_fall),
        cmocka_unit_test(text_from_outside_cannot_steer_the_terminal),
        cmocka_unit_test(without_colour_there_is_no_escape),
        cmocka_unit_test(keys_do_what_the_last_line_says),
        cmocka_unit_test(an_open_door_shows_its_code_and_a_picture_of_it),
        cmocka_unit_test(surfaces_have_a_line_when_there_are_some),
        cmocka_unit_test(a_code_without_room_is_digits_alone),
        cmocka_unit_test(a_host_that_nobody_else_can_reach_names_no_key_for_pairing),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
