/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/pages.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A box with 8 faders, 8 encoders with a push each, 4 keys and a light. */
enum { FADER, ENCODER, PUSH, KEY, LAMP, DIGITS, TOUCH, METER };

static struct surface_way some_way = {.message = SURFACE_CC, .channel = 1};

static struct surface_colour colours[] = {{"red", 1}, {"green", 2}};

static struct surface_control controls[] = {
    [FADER] = {.name = "fader", .kind = SURFACE_FADER, .count = 8, .in = &some_way},
    [ENCODER] = {.name = "encoder",
                 .kind = SURFACE_ENCODER,
                 .count = 8,
                 .in = &some_way,
                 .coding = SURFACE_TWOS_COMPLEMENT,
                 .style = SURFACE_SHOWS_RING_MACKIE},
    [PUSH] = {.name = "push", .kind = SURFACE_BUTTON, .count = 8, .in = &some_way},
    [KEY] = {.name = "key",
             .kind = SURFACE_BUTTON,
             .count = 4,
             .in = &some_way,
             .style = SURFACE_SHOWS_LIGHT,
             .colours = colours,
             .colours_count = LEN(colours)},
    [LAMP] = {.name = "lamp", .kind = SURFACE_LED, .count = 1, .out = &some_way},
    [DIGITS] = {.name = "digits", .kind = SURFACE_DISPLAY, .count = 1, .out = &some_way},
    [TOUCH] = {.name = "touch", .kind = SURFACE_TOUCH, .count = 8, .in = &some_way},
    [METER] = {.name = "meter", .kind = SURFACE_METER, .count = 8, .out = &some_way},
};

static struct surface_move air_moves[] = {{"/eq/8/gain", "0 dB", "3 dB"}, {"/exciter/mix", NULL, NULL}};
static struct surface_macro macros[] = {{"air", "Air", air_moves, LEN(air_moves)}};

static struct surface_profile
box(struct surface_assign *all, unsigned nall, struct surface_page *pages, unsigned npages)
{
    params_init();
    return (struct surface_profile){.name = "box",
                                    .controls = controls,
                                    .controls_count = LEN(controls),
                                    .macros = macros,
                                    .macros_count = LEN(macros),
                                    .assign = all,
                                    .assign_count = nall,
                                    .pages = pages,
                                    .pages_count = npages};
}

static struct pages *
open_pages(const struct surface_profile *p)
{
    struct pages *g;
    struct err e = {""};

    if (pages_open(&g, p, &e) != OK)
        fail_msg("%s", e.text);
    return g;
}

static void
stands_for(const struct pages *g, int group, int n, const char *path)
{
    const struct pages_target *t = pages_target(g, group, n);

    if (!path) {
        assert_int_equal(t->does, PAGES_NOTHING);
        return;
    }
    assert_int_equal(t->does, PAGES_ROW);
    assert_string_equal(param_at(t->param)->path, path);
}

/* --- what a control stands for ----------------------------------------------------------------------- */

static void
a_number_sign_is_the_control_s_number_in_its_assignment(void **state)
{
    struct surface_assign a[] = {{.control = "encoder/2..4", .to = "/eq/#/gain"}};
    struct surface_page page[] = {{.name = "one", .assign = a, .assign_count = LEN(a)}};
    struct surface_profile p = box(NULL, 0, page, 1);
    struct pages *g = open_pages(&p);

    (void)state;
    stands_for(g, ENCODER, 0, NULL);
    stands_for(g, ENCODER, 1, "/eq/1/gain");
    stands_for(g, ENCODER, 2, "/eq/2/gain");
    stands_for(g, ENCODER, 3, "/eq/3/gain");
    stands_for(g, ENCODER, 4, NULL);
    stands_for(g, ENCODER, 8, NULL);
    stands_for(g, 99, 0, NULL);
    pages_close(g);
}

/* There are four multiband bands. */
static void
a_number_beyond_the_table_stands_for_nothing(void **state)
{
    struct surface_assign a[] = {{.control = "encoder", .to = "/multiband/#/ratio"}};
    struct surface_page page[] = {{.name = "one", .assign = a, .assign_count = LEN(a)}};
    struct surface_profile p = box(NULL, 0, page, 1);
    struct pages *g = open_pages(&p);

    (void)state;
    stands_for(g, ENCODER, 3, "/multiband/4/ratio");
    stands_for(g, ENCODER, 4, NULL);
    pages_close(g);
}

static void
a_page_s_own_goes_before_all_pages_and_the_narrower_before_the_wider(void **state)
{
    struct surface_assign all[] = {{.control = "encoder/1", .to = "/input/trim"},
                                   {.control = "fader", .to = "/eq/#/gain"},
                                   {.control = "fader/8", .to = "/monitor/level"}};
    struct surface_assign a[] = {{.control = "encoder", .to = "/eq/#/freq"}};
    struct surface_page page[] = {{.name = "one", .assign = a, .assign_count = LEN(a)}, {.name = "two"}};
    struct surface_profile p = box(all, LEN(all), page, 2);
    struct pages *g = open_pages(&p);

    (void)state;
    stands_for(g, ENCODER, 0, "/eq/1/freq");
    stands_for(g, FADER, 6, "/eq/7/gain");
    stands_for(g, FADER, 7, "/monitor/level");
    assert_true(pages_open_page(g, 1));
    stands_for(g, ENCODER, 0, "/input/trim");
    stands_for(g, ENCODER, 1, NULL);
    pages_close(g);
}

static void
ends_and_values_are_read_in_the_row_s_unit(void **state)
{
    struct surface_assign a[] = {
        {.control = "fader/1", .to = "/eq/1/gain", .low = "-6 dB", .high = "6"},
        {.control = "fader/2", .to = "/eq/1/gain", .low = "-6 dB", .high = "6", .invert = true},
        {.control = "fader/3", .to = "/eq/1/freq", .low = "100"},
        {.control = "fader/4", .to = "/eq/2/gain", .invert = true},
        {.control = "key/1", .to = "/eq/#/type", .value = "notch"},
        {.control = "encoder/1", .to = "/transport/locate", .by = 1, .base = "/transport/position"},
    };
    struct surface_page page[] = {{.name = "one", .assign = a, .assign_count = LEN(a)}};
    struct surface_profile p = box(NULL, 0, page, 1);
    struct pages *g = open_pages(&p);
    const struct pages_target *t = pages_target(g, FADER, 0);

    (void)state;
    /* /eq/1/gain goes from -24 to 24 */
    assert_true(fabs(t->low - (18.0 / 48.0)) < 1e-12);
    assert_true(fabs(t->high - (30.0 / 48.0)) < 1e-12);
    t = pages_target(g, FADER, 1);
    assert_true(fabs(t->low - (30.0 / 48.0)) < 1e-12);
    assert_true(fabs(t->high - (18.0 / 48.0)) < 1e-12);
    t = pages_target(g, FADER, 2); /* from 10 to 40000, logarithmic */
    assert_true(fabs(t->low - (log(10.0) / log(4000.0))) < 1e-12);
    assert_true(fabs(t->high - (1.0)) < 1e-12);
    t = pages_target(g, FADER, 3);
    assert_true(t->low == 1.0 && t->high == 0.0);
    t = pages_target(g, KEY, 0);
    assert_true(t->has_value && t->value == 5.0);
    t = pages_target(g, ENCODER, 0);
    assert_int_equal(t->param, param_find("/transport/locate"));
    assert_int_equal(t->base, param_find("/transport/position"));
    assert_int_equal(pages_target(g, FADER, 0)->base, param_find("/eq/1/gain"));
    pages_close(g);
}

static void
actions_know_whom_they_name(void **state)
{
    struct surface_assign a[] = {
        {.control = "push", .to = "default encoder"},
        {.control = "key/1", .to = "page two"},
        {.control = "key/2", .to = "toggle fader"},
        {.control = "fader/1", .to = "macro air"},
        {.control = "lamp", .to = "flip"},
        {.control = "encoder/1", .to = "slot_next"},
    };
    struct surface_page page[] = {{.name = "one", .assign = a, .assign_count = LEN(a)}, {.name = "two"}};
    struct surface_profile p = box(NULL, 0, page, 2);
    struct pages *g = open_pages(&p);
    const struct pages_move *moves;

    (void)state;
    assert_int_equal(pages_target(g, PUSH, 4)->does, PAGES_DEFAULT);
    assert_int_equal(pages_target(g, PUSH, 4)->group, ENCODER);
    assert_int_equal(pages_target(g, PUSH, 4)->number, 4);
    assert_int_equal(pages_target(g, KEY, 0)->does, PAGES_PAGE);
    assert_int_equal(pages_target(g, KEY, 0)->page, 1);
    assert_int_equal(pages_target(g, KEY, 1)->group, FADER);
    assert_int_equal(pages_target(g, KEY, 1)->number, 1);
    assert_int_equal(pages_target(g, FADER, 0)->does, PAGES_MACRO);
    assert_int_equal(pages_target(g, LAMP, 0)->does, PAGES_FLIP);
    assert_int_equal(pages_macro(g, pages_target(g, FADER, 0)->macro, &moves), 2);
    assert_int_equal(moves[0].param, param_find("/eq/8/gain"));
    assert_true(fabs(moves[0].low - (0.5)) < 1e-12);
    assert_true(fabs(moves[0].high - (27.0 / 48.0)) < 1e-12);
    assert_true(moves[1].low == 0.0 && moves[1].high == 1.0);
    assert_int_equal(pages_macro(g, 1, &moves), 0);
    pages_close(g);
}

static void
a_row_s_switch_is_the_nearest_on_above_it(void **state)
{
    static const char *const pairs[][2] = {
        {"/eq/3/gain", "/eq/3/on"},
        {"/eq/phase", "/eq/on"},
        {"/multiband/xover/2", "/multiband/on"},
        {"/stereo/2/width", "/stereo/on"},
        {"/limit/ceiling", "/limit/on"},
        {"/monitor/level", NULL},
    };

    (void)state;
    params_init();
    for (size_t i = 0; i < LEN(pairs); i++)
        assert_int_equal(pages_switch(param_find(pairs[i][0])), pairs[i][1] ? param_find(pairs[i][1]) : -1);
    assert_int_equal(pages_switch(-1), -1);
}

/* --- slots, banks, flip ---------------------------------------------------------------------------------- */

static char *eq_slots[] = {"/eq/#/gain", "/eq/#/freq", "/comp/threshold", "/comp/ratio"}; /* 18 rows */

static void
a_window_shows_slots_and_moves_over_them(void **state)
{
    struct surface_assign a[] = {{.control = "encoder", .to = "slots"}};
    struct surface_page page[] = {
        {.name = "one", .slots = eq_slots, .slots_count = LEN(eq_slots), .assign = a, .assign_count = LEN(a)},
        {.name = "two"}};
    struct surface_profile p = box(NULL, 0, page, 2);
    struct pages *g = open_pages(&p);

    (void)state;
    assert_int_equal(pages_slots(g), 18);
    assert_int_equal(pages_window(g), 8);
    stands_for(g, ENCODER, 7, "/eq/8/gain");
    assert_false(pages_move_bank(g, -1));
    assert_true(pages_move_bank(g, 8));
    stands_for(g, ENCODER, 0, "/eq/1/freq");
    assert_int_equal(pages_slot_param(g, 1), param_find("/eq/2/freq"));
    assert_int_equal(pages_slot_param(g, 8), -1);
    assert_true(pages_move_bank(g, 8)); /* the last ones fill the window */
    assert_int_equal(pages_bank(g), 10);
    stands_for(g, ENCODER, 7, "/comp/ratio");
    assert_false(pages_move_bank(g, 1));
    pages_open_page(g, 1); /* each page keeps its bank */
    assert_int_equal(pages_slot_param(g, 0), -1);
    assert_false(pages_move_bank(g, 1));
    pages_step_page(g, 1);
    assert_int_equal(pages_page(g), 0);
    assert_int_equal(pages_bank(g), 10);
    pages_close(g);
}

static void
a_window_larger_than_the_slots_leaves_controls_alone(void **state)
{
    static char *few[] = {"/comp/ratio", "/comp/mix"};
    struct surface_assign all[] = {{.control = "encoder/3..6", .to = "slots"}};
    struct surface_page page[] = {{.name = "one", .slots = few, .slots_count = LEN(few)}};
    struct surface_profile p = box(all, LEN(all), page, 1);
    struct pages *g = open_pages(&p);

    (void)state;
    stands_for(g, ENCODER, 1, NULL);
    stands_for(g, ENCODER, 2, "/comp/ratio");
    stands_for(g, ENCODER, 3, "/comp/mix");
    stands_for(g, ENCODER, 4, NULL);
    assert_false(pages_move_bank(g, 4));
    pages_close(g);
}

static void
flip_swaps_faders_and_encoders_that_look_at_slots(void **state)
{
    struct surface_assign a[] = {{.control = "fader/1..7", .to = "slots"},
                                 {.control = "fader/8", .to = "/monitor/level"},
                                 {.control = "encoder", .to = "slots", .first = 9}};
    struct surface_page page[] = {{.name = "one",
                                   .slots = eq_slots,
                                   .slots_count = LEN(eq_slots),
                                   .assign = a,
                                   .assign_count = LEN(a)}};
    struct surface_profile p = box(NULL, 0, page, 1);
    struct pages *g = open_pages(&p);
    uint64_t changes = pages_changes(g);

    (void)state;
    assert_int_equal(pages_window(g), 16);
    assert_true(pages_flip(g));
    assert_true(pages_flipped(g));
    assert_true(pages_changes(g) != changes);
    stands_for(g, FADER, 2, "/eq/3/freq");
    stands_for(g, ENCODER, 2, "/eq/3/gain");
    stands_for(g, FADER, 7, "/monitor/level");
    stands_for(g, ENCODER, 7, "/eq/8/freq");
    assert_true(pages_flip(g));
    stands_for(g, FADER, 2, "/eq/3/gain");
    pages_close(g);
}

/* --- layers ---------------------------------------------------------------------------------------------- */

static void
a_layer_holds_while_a_button_holds_it(void **state)
{
    struct surface_assign all[] = {{.control = "key/1", .to = "layer shift"},
                                   {.control = "key/2", .to = "layer_lock shift"},
                                   {.control = "key/3", .to = "layer other"},
                                   {.control = "encoder/1", .to = "/limit/ceiling", .layer = "shift"}};
    struct surface_assign a[] = {{.control = "encoder", .to = "/eq/#/gain"},
                                 {.control = "encoder/2", .to = "/limit/gain", .layer = "shift"},
                                 {.control = "encoder/2", .to = "/clip/drive", .layer = "other"}};
    struct surface_page page[] = {{.name = "one", .assign = a, .assign_count = LEN(a)}};
    struct surface_profile p = box(all, LEN(all), page, 1);
    struct pages *g = open_pages(&p);

    (void)state;
    stands_for(g, ENCODER, 0, "/eq/1/gain");
    assert_true(pages_set_layer(g, "shift", true));
    stands_for(g, ENCODER, 0, "/limit/ceiling"); /* a layer goes before a page */
    stands_for(g, ENCODER, 1, "/limit/gain");
    stands_for(g, ENCODER, 2, "/eq/3/gain"); /* not in the layer: as without */
    assert_true(pages_set_layer(g, "other", true));
    stands_for(g, ENCODER, 1, "/clip/drive"); /* the later one */
    stands_for(g, ENCODER, 0, "/limit/ceiling");
    assert_true(pages_set_layer(g, "other", false));
    assert_false(pages_set_layer(g, "shift", true)); /* a second button */
    assert_false(pages_set_layer(g, "shift", false));
    assert_true(pages_layer_is(g, "shift"));
    assert_true(pages_set_layer(g, "shift", false));
    assert_false(pages_set_layer(g, "shift", false));
    stands_for(g, ENCODER, 0, "/eq/1/gain");
    assert_true(pages_lock_layer(g, "shift"));
    stands_for(g, ENCODER, 0, "/limit/ceiling");
    assert_true(pages_lock_layer(g, "shift"));
    assert_false(pages_layer_is(g, "shift"));
    assert_false(pages_set_layer(g, "none such", true));
    pages_close(g);
}

/* --- what is wrong --------------------------------------------------------------------------------------- */

struct told {
    int count;
    char where[40][64];
    char what[40][sizeof(struct err)];
};

static void
note(void *context, const char *where, const struct err *e)
{
    struct told *t = context;

    assert_true(t->count < (int)LEN(t->where));
    snprintf(t->where[t->count], sizeof t->where[0], "%s", where);
    snprintf(t->what[t->count++], sizeof t->what[0], "%s", e->text);
}

static void
expect(const struct told *t, const char *where, const char *words)
{
    for (int i = 0; i < t->count; i++)
        if (strcmp(t->where[i], where) == 0 && strstr(t->what[i], words))
            return;
    for (int i = 0; i < t->count; i++)
        print_error("%s: %s\n", t->where[i], t->what[i]);
    fail_msg("nobody said of %s: %s", where, words);
}

static void
every_unknown_word_is_told_with_its_place_and_the_nearest(void **state)
{
    static char *slots[] = {"/eq/#/gian", "/comp/ratio", "/transport/file"};
    struct surface_move moves[] = {
        {"/eq/8/gian", NULL, NULL}, {"/eq/8/gain", "loud", NULL}, {"/undo", NULL, NULL}};
    struct surface_macro bad[] = {{"air", "Air", moves, LEN(moves)}, {"empty", "Empty", NULL, 0}};
    struct surface_assign all[] = {{.control = "encodr", .to = "/comp/rati"},
                                   {.control = "encoder/9", .to = "/comp/ratio"},
                                   {.control = "encoder/2..x", .to = "/comp/ratio"},
                                   {.control = "key/1", .to = "pag two"},
                                   {.control = "key/1", .to = "page tow"},
                                   {.control = "fader/1", .to = "macro ait"},
                                   {.control = "key/1", .to = "default faders"},
                                   {.control = "key/1", .to = "layer shift"},
                                   {.control = "key/1", .to = "flip it"},
                                   {.control = "key/1", .to = "page"},
                                   {.control = "encoder/1", .to = "/comp/ratio", .layer = "alt"}};
    struct surface_assign a[] = {
        {.control = "fader", .to = "/eq/#/gain", .low = "-60 dB", .high = "loud"},
        {.control = "key/1", .to = "/eq/1/type", .value = "bel", .colour = "gren"},
        {.control = "encoder/1", .to = "/transport/locate", .by = 1, .base = "/transport/positon"},
    };
    struct surface_page page[] = {
        {.name = "one", .assign = all, .assign_count = 0},
        {.name = "two", .slots = slots, .slots_count = LEN(slots), .assign = a, .assign_count = LEN(a)}};
    struct surface_profile p = box(all, LEN(all), page, 2);
    struct told t = {0};
    struct pages *g;
    struct err e;

    (void)state;
    p.macros = bad;
    p.macros_count = LEN(bad);
    assert_false(pages_check(&p, note, &t));
    expect(&t, "assign[0].control", "did you mean 'encoder'?");
    expect(&t, "assign[0].to", "/comp/ratio");
    expect(&t, "assign[1].control", "use encoder/1 to encoder/8");
    expect(&t, "assign[2].control", "write encoder, encoder/3 or encoder/2..4");
    expect(&t, "assign[3].to", "did you mean 'page'?");
    expect(&t, "assign[4].to", "no page 'tow': did you mean 'two'?");
    expect(&t, "assign[5].to", "no macro 'ait': did you mean 'air'?");
    expect(&t, "assign[6].to", "did you mean 'fader'?");
    expect(&t, "assign[7].to", "no layer 'shift': did you mean 'alt'?");
    expect(&t, "assign[8].to", "flip stands alone");
    expect(&t, "assign[9].to", "write page NAME");
    expect(&t, "assign[10].layer", "no control holds the layer 'alt'");
    expect(&t, "pages[1].slots[0]", "/eq/1/gain");
    expect(&t, "pages[1].slots[2]", "/transport/file: is no number");
    expect(&t, "pages[1].assign[0].low", "-60 is out of range: use -24 to 24 dB");
    expect(&t, "pages[1].assign[0].high", "\"loud\" is no number");
    expect(&t, "pages[1].assign[1].value", "bel is no choice: use bell");
    expect(&t, "pages[1].assign[1].colour", "did you mean 'green'?");
    expect(&t, "pages[1].assign[2].base", "/transport/position");
    expect(&t, "macros[0].moves[0].to", "/eq/8/gain");
    expect(&t, "macros[0].moves[1].low", "\"loud\" is no number");
    expect(&t, "macros[0].moves[2].to", "/undo: is a trigger");
    expect(&t, "macros[1].moves", "'empty' moves nothing");
    assert_int_equal(t.count, 23); /* each once */
    assert_int_equal(pages_open(&g, &p, &e), BAD_ARG);
    assert_memory_equal(e.text, "macros[0].moves[0].to: /eq/8/gian: no such parameter", 52);
    assert_null(g);
}

static void
what_has_no_sense_on_a_control_is_told(void **state)
{
    static const struct {
        struct surface_assign a;
        const char *key, *words;
    } cases[] = {
        {{.control = "fader/1", .to = "/transport/file"}, "to", "only a display can show it"},
        {{.control = "fader/1", .to = "/comp/threshold", .by = 1}, "by", "neither presses nor ticks"},
        {{.control = "fader/1", .to = "/meter/comp/reduction"}, "to", "can only be read"},
        {{.control = "fader/1", .to = "/undo"}, "to", "is fired by a button"},
        {{.control = "fader/1", .to = "page_next"}, "to", "is for a button"},
        {{.control = "fader/1", .to = "slots"}, "to", "slots: the page has none"},
        {{.control = "fader/1", .to = "/comp/ratio", .value = "2"}, "value", "what a button sets"},
        {{.control = "fader/1", .to = "/comp/ratio", .base = "/comp/ratio"}, "base", "give by as well"},
        {{.control = "encoder/1", .to = "/meter/output/spectrum"}, "to", "is a curve"},
        {{.control = "encoder/1", .to = "flip"}, "to", "is for a button"},
        {{.control = "key/1", .to = "/comp/ratio"}, "to", "give key a value to set, or by to add"},
        {{.control = "key/1", .to = "/comp/on", .by = 1}, "to", "leave by out"},
        {{.control = "key/1", .to = "/comp/on", .low = "on"}, "low", "leave it out here"},
        {{.control = "key/1", .to = "/comp/on", .invert = true}, "invert", "has none"},
        {{.control = "key/1", .to = "macro air"}, "to", "needs a fader"},
        {{.control = "push/1", .to = "/meter/comp/reduction"}, "to", "can only be read"},
        {{.control = "push/1", .to = "/comp/on", .colour = "red"}, "colour", "push has no colours"},
        {{.control = "touch/1", .to = "/comp/on"}, "to", "a touch moves nothing"},
        {{.control = "meter/1", .to = "/comp/ratio"}, "to", "is no level"},
        {{.control = "fader/1", .to = "/chain/preset"}, "to", "is a text"},
        {{.to = "/comp/ratio"}, "control", "is missing"},
        {{.control = "fader/1"}, "to", "is missing"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct surface_assign a = cases[i].a;
        struct surface_page page[] = {{.name = "one", .assign = &a, .assign_count = 1}};
        struct surface_profile p = box(NULL, 0, page, 1);
        struct told t = {0};
        char where[64];

        assert_false(pages_check(&p, note, &t));
        snprintf(where, sizeof where, "pages[0].assign[0].%s", cases[i].key);
        expect(&t, where, cases[i].words);
        assert_int_equal(t.count, 1);
    }
}

static void
what_has_a_sense_is_not_told(void **state)
{
    struct surface_assign a[] = {
        {.control = "encoder/1", .to = "/meter/comp/reduction", .low = "0", .high = "20 dB"},
        {.control = "encoder/2", .to = "/comp/ratio", .by = 0.5},
        {.control = "encoder/3", .to = "bank_next"},
        {.control = "key/1", .to = "/comp/ratio", .value = "4"},
        {.control = "key/2", .to = "/comp/threshold", .by = -1, .low = "-20", .colour = "red"},
        {.control = "key/3", .to = "/undo"},
        {.control = "key/4", .to = "/snapshot/slot/1/used"},
        {.control = "lamp", .to = "/comp/on"},
        {.control = "digits", .to = "/transport/file"},
        {.control = "meter", .to = "/meter/output/peak/#"},
        {.control = "push", .to = "/eq/#/type"},
    };
    struct surface_page page[] = {{.name = "one", .assign = a, .assign_count = LEN(a)}};
    struct surface_profile p = box(NULL, 0, page, 1);
    struct told t = {0};

    (void)state;
    pages_check(&p, note, &t);
    for (int i = 0; i < t.count; i++)
        print_error("%s: %s\n", t.where[i], t.what[i]);
    assert_int_equal(t.count, 0);
    assert_true(pages_check(&p, NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_sign_is_the_control_s_number_in_its_assignment),
        cmocka_unit_test(a_number_beyond_the_table_stands_for_nothing),
        cmocka_unit_test(a_page_s_own_goes_before_all_pages_and_the_narrower_before_the_wider),
        cmocka_unit_test(ends_and_values_are_read_in_the_row_s_unit),
        cmocka_unit_test(actions_know_whom_they_name),
        cmocka_unit_test(a_row_s_switch_is_the_nearest_on_above_it),
        cmocka_unit_test(a_window_shows_slots_and_moves_over_them),
        cmocka_unit_test(a_window_larger_than_the_slots_leaves_controls_alone),
        cmocka_unit_test(flip_swaps_faders_and_encoders_that_look_at_slots),
        cmocka_unit_test(a_layer_holds_while_a_button_holds_it),
        cmocka_unit_test(every_unknown_word_is_told_with_its_place_and_the_nearest),
        cmocka_unit_test(what_has_no_sense_on_a_control_is_told),
        cmocka_unit_test(what_has_a_sense_is_not_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
