/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/learnt.h"

#include "test/kit/file.h"
#include "test/kit/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char ours[] = "# A box of ours.\n"
                           "label: \"Box\"\n"
                           "match: [\"BOX\"]\n"
                           "source: \"a test\"\n"
                           "\n"
                           "controls:\n"
                           "  # eight of them\n"
                           "  - {name: knob, kind: pot, count: 8, in: {message: cc, number: 16}}\n"
                           "\n"
                           "assign:\n"
                           "  - {control: knob/8, to: /monitor/level}\n"
                           "\n"
                           "pages:\n"
                           "  - name: eq\n"
                           "    label: \"EQ\"\n"
                           "    assign:\n"
                           "      - {control: knob, to: \"/eq/#/gain\"} # all\n"
                           "  - name: comp\n"
                           "    label: \"Comp\"\n"
                           "    assign:\n"
                           "      - {control: knob/1, layer: shift, to: /comp/ratio}\n"
                           "      - {control: knob/1, to: /comp/threshold}\n";

static char path[4096], control[64];
static struct err err;

static enum status
write_learnt(const struct learnt *l)
{
    char folder[64];

    snprintf(folder, sizeof folder, "%s/home/surfaces", tree_root);
    err.text[0] = '\0';
    return learnt_write(l, folder, path, sizeof path, control, sizeof control, &err);
}

static char *
text_of(const char *file)
{
    size_t size;
    unsigned char *bytes = file_bytes(file, &size);
    char *text = calloc(size + 1, 1);

    assert_non_null(text);
    memcpy(text, bytes, size);
    free(bytes);
    return text;
}

/* All lines of `before` are in `after`, in their order; how many lines `after` has more. */
static int
lines_added(const char *before, const char *after)
{
    int more = 0;

    while (*after) {
        size_t a = strcspn(after, "\n") + 1, b = strcspn(before, "\n") + 1;

        if (a == b && strncmp(after, before, a) == 0)
            before += b;
        else
            more++;
        after += a;
    }
    assert_string_equal(before, "");
    return more;
}

static struct surface_profile *
load(void)
{
    struct surface_profile *p;

    if (surface_load(path, &p, NULL, &err) != OK)
        fail_msg("%s", err.text);
    return p;
}

static const struct guess_what pot = {.kind = SURFACE_POT,
                                      .in = {.message = SURFACE_CC, .channel = 1, .number = 7}};

static void
a_box_that_nobody_knows_gets_a_profile(void **state)
{
    const struct learnt l = {.box = "Knobs \"One\" 2", .usb = "1234:abcd", .what = pot, .to = "/eq/1/gain"};
    struct surface_profile *p;

    (void)state;
    if (write_learnt(&l) != OK)
        fail_msg("%s", err.text);
    assert_string_equal(strrchr(path, '/'), "/knobs-one-2.yaml");
    assert_string_equal(control, "pot_cc7");
    p = load();
    assert_string_equal(p->label, "Knobs \"One\" 2");
    assert_string_equal(p->usb[0], "1234:abcd");
    assert_int_equal(p->controls_count, 1);
    assert_int_equal(p->controls[0].in->number, 7);
    assert_string_equal(p->pages[0].assign[0].control, "pot_cc7");
    assert_string_equal(p->pages[0].assign[0].to, "/eq/1/gain");
    surface_free(p);
}

/* All that a guess can say comes back from the file as it was. */
static void
each_kind_is_written_as_it_was_guessed(void **state)
{
    static const struct guess_what kinds[] = {
        {.kind = SURFACE_ENCODER,
         .in = {SURFACE_CC, .channel = 3, .number = 9},
         .coding = SURFACE_TWOS_COMPLEMENT},
        {.kind = SURFACE_ENCODER, .in = {SURFACE_CC, .channel = 1, .number = 9}, .coding = SURFACE_OFFSET64},
        {.kind = SURFACE_ENCODER,
         .in = {SURFACE_CC, .channel = 1, .number = 9},
         .coding = SURFACE_SIGN_MAGNITUDE},
        {.kind = SURFACE_ENCODER,
         .in = {SURFACE_CC, .channel = 1, .number = 9},
         .coding = SURFACE_SIGN_MAGNITUDE_INVERTED},
        {.kind = SURFACE_ENCODER,
         .in = {SURFACE_NRPN, .channel = 1, .number = 261},
         .coding = SURFACE_INCREMENT},
        {.kind = SURFACE_POT, .in = {SURFACE_CC14, .channel = 1, .number = 0}, .low_first = true},
        {.kind = SURFACE_POT, .in = {SURFACE_RPN, .channel = 2, .number = 5}},
        {.kind = SURFACE_FADER, .in = {SURFACE_PITCH_BEND, .channel = 9}},
        {.kind = SURFACE_POT, .in = {SURFACE_CHANNEL_PRESSURE, .channel = 1}},
        {.kind = SURFACE_BUTTON, .in = {SURFACE_NOTE, .channel = 1, .number = 94}, .threshold = 64},
        {.kind = SURFACE_BUTTON,
         .in = {SURFACE_CC, .channel = 1, .number = 20},
         .press = SURFACE_TOGGLE,
         .threshold = 64},
        {.kind = SURFACE_BUTTON,
         .in = {SURFACE_CC, .channel = 1, .number = 46},
         .press = SURFACE_PRESS_ONLY,
         .threshold = 64},
        {.kind = SURFACE_BUTTON, .in = {SURFACE_POLY_PRESSURE, .channel = 1, .number = 18}, .threshold = 1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct learnt l = {.profile = "kind", .box = "Box", .what = kinds[i], .to = "/eq/1/gain"};
        const struct surface_control *c;
        struct surface_profile *p;

        if (write_learnt(&l) != OK)
            fail_msg("%zu: %s", i, err.text);
        p = load();
        c = &p->controls[0];
        assert_int_equal(c->kind, kinds[i].kind);
        assert_int_equal(c->in->message, kinds[i].in.message);
        assert_int_equal(c->in->channel, kinds[i].in.channel);
        assert_int_equal(c->in->number, kinds[i].in.number);
        assert_int_equal(c->coding, kinds[i].coding);
        assert_int_equal(c->low_first, kinds[i].low_first);
        if (c->kind == SURFACE_BUTTON) {
            assert_int_equal(c->press, kinds[i].press);
            assert_int_equal(c->threshold, kinds[i].threshold);
        }
        surface_free(p);
    }
}

static void
a_profile_of_ours_is_copied_and_only_grows(void **state)
{
    struct learnt l = {.profile = "box", .box = "BOX", .what = pot, .page = "eq", .to = "/eq/1/q"};
    struct surface_profile *p;
    char *text;

    (void)state;
    l.from = tree_put("ours/box.yaml", ours);
    if (write_learnt(&l) != OK)
        fail_msg("%s", err.text);
    text = text_of(path);
    assert_int_equal(lines_added(ours, text), 2);
    p = load();
    assert_int_equal(p->controls_count, 2);
    assert_string_equal(p->pages[0].assign[0].to, "/eq/1/q");
    assert_int_equal(p->pages[0].assign_count, 2);
    assert_int_equal(p->pages[1].assign_count, 2);
    surface_free(p);
    free(text);
    text = text_of(tree_path("ours/box.yaml"));
    assert_string_equal(text, ours);
    free(text);
}

/* On the open page, before what stood there; a second time in place of the first, but not of another layer's. */
static void
a_known_control_gets_another_row(void **state)
{
    struct learnt l = {
        .profile = "box", .box = "BOX", .control = "knob/1", .page = "comp", .to = "/comp/makeup"};
    struct surface_profile *p;

    (void)state;
    l.from = tree_put("ours/box.yaml", ours);
    assert_int_equal(write_learnt(&l), OK);
    p = load();
    assert_int_equal(p->controls_count, 1);
    assert_int_equal(p->pages[0].assign_count, 1);
    assert_int_equal(p->pages[1].assign_count, 2);
    assert_string_equal(p->pages[1].assign[0].to, "/comp/ratio");
    assert_string_equal(p->pages[1].assign[1].to, "/comp/makeup");
    surface_free(p);
    l.control = "knob/2";
    l.from = path;
    assert_int_equal(write_learnt(&l), OK);
    p = load();
    assert_int_equal(p->pages[1].assign_count, 3);
    assert_string_equal(p->pages[1].assign[0].control, "knob/2");
    surface_free(p);
}

static void
what_would_not_load_is_not_written(void **state)
{
    struct learnt l = {.profile = "box", .box = "BOX", .what = pot, .page = "eq", .to = "/eq/1/q"};
    char before[sizeof ours + 32], *text;

    (void)state;
    snprintf(before, sizeof before, "%sgap_us: -1\n", ours);
    l.from = tree_put("home/surfaces/box.yaml", before);
    assert_int_equal(write_learnt(&l), BAD_ARG);
    assert_non_null(strstr(err.text, "gap_us"));
    text = text_of(tree_path("home/surfaces/box.yaml"));
    assert_string_equal(text, before);
    free(text);
    assert_int_not_equal(access(tree_path("home/surfaces/box.yaml~"), F_OK), 0);
}

static void
a_page_that_is_not_written_in_lines_is_said(void **state)
{
    struct learnt l = {.profile = "box", .box = "BOX", .what = pot, .to = "/eq/1/q"};

    (void)state;
    l.from = tree_put("ours/box.yaml",
                      "label: Box\nsource: \"a test\"\ncontrols:\n"
                      "  - {name: knob, kind: pot, in: {message: cc, number: 16}}\n"
                      "pages: [{name: eq, label: EQ, assign: [{control: knob, to: /eq/1/gain}]}]\n");
    assert_int_not_equal(write_learnt(&l), OK);
    assert_non_null(strstr(err.text, "by hand"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_box_that_nobody_knows_gets_a_profile, tree_clear),
        cmocka_unit_test_teardown(each_kind_is_written_as_it_was_guessed, tree_clear),
        cmocka_unit_test_teardown(a_profile_of_ours_is_copied_and_only_grows, tree_clear),
        cmocka_unit_test_teardown(a_known_control_gets_another_row, tree_clear),
        cmocka_unit_test_teardown(what_would_not_load_is_not_written, tree_clear),
        cmocka_unit_test_teardown(a_page_that_is_not_written_in_lines_is_said, tree_clear),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
