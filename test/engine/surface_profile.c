/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surface.h"

#include "engine/faults.h"
#include "test/kit/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD  "label: B\nsource: s\n"
#define PAGES "pages:\n- {name: p, label: P}\n"
#define PLAIN "controls:\n- {name: k, kind: pot, in: {message: cc, number: 1}}\n"

/* What follows `controls:` begins on line 4; what follows `pages:` on line 6; what comes at the end on line 7. */
#define CONTROL(text) HEAD "controls:\n- {" text "}\n" PAGES
#define GROUPS(text)  HEAD "controls:\n" text PAGES
#define PAGE(text)    HEAD PLAIN "pages:\n- {name: p, label: P, " text "}\n"
#define TOP(text)     HEAD PLAIN PAGES text "\n"

static struct surface_profile *
read_good(const char *text)
{
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e = {""};

    if (surface_read("box.yaml", text, strlen(text), NULL, &p, &faults, &e) != OK)
        fail_msg("%s", e.text);
    assert_int_equal(faults.count, 0);
    assert_non_null(p);
    return p;
}

/* --- what is read ----------------------------------------------------------------------------------- */

static const char everything[] =
    "label: Big Box\n"
    "usb: [\"1397:00b3\", \"1397:00b4\"]\n"
    "match: [\"BIG BOX\"]\n"
    "port: 2\n"
    "takeover: scale\n"
    "handshake: mackie\n"
    "hello: [\"F0 00 00 66 14 01\"]\n"
    "init: [\"B0 7F 01\"]\n"
    "bye: [\"B0 7F 00\", \"F0 7E F7\"]\n"
    "gap_us: 100\n"
    "sysex_gap_us: 4000\n"
    "byte_gap_us: 400\n"
    "keep_alive: \"A0 00 00\"\n"
    "keep_alive_ms: 1000\n"
    "source: its manual\n"
    "notes: |\n  Two\n  lines.\n"
    "controls:\n"
    "  - name: fader\n"
    "    label: \"Faders\"\n"
    "    kind: fader\n"
    "    count: 9\n"
    "    in: {message: pitch_bend, channel_step: 1}\n"
    "    min: 16\n    max: 16000\n    centre: 8000\n    detent: 50\n"
    "    touch: touch\n    motor: yes\n    style: value\n"
    "  - {name: touch, kind: touch, count: 9, in: {message: note, number: 104}, threshold: 1}\n"
    "  - {name: encoder, kind: encoder, count: 2, in: {message: cc, channel: 3, number: 16, number_step: "
    "-2}, "
    "coding: sign_magnitude, acceleration: 1.5, debounce_ms: 5, reverse_ms: 30, "
    "out: {message: cc, numbers: [48, 50]}, style: ring_13, mode: {message: cc, number: 60}}\n"
    "  - {name: fine, kind: fader, in: {message: cc14, channel: 5, number: 2}, low_first: yes}\n"
    "  - {name: button, kind: button, in: {message: note, number: 0x10}, press: toggle, style: light, off: "
    "12, "
    "on: 60, blink: 1, colours: [{name: red, value: 15}]}\n"
    "  - {name: knob, kind: pot, in: {message: sysex, sysex: \"F0 7D nn mm ll F7\", number: 7}}\n"
    "  - {name: lamp, kind: led, out: {message: note, number: 1}, style: light, rgb: yes}\n"
    "  - {name: lcd, kind: display, count: 8, text: mackie, rows: 2, columns: 7, header: \"F0 00 00 66 14\", "
    "strip_colours: xtouch}\n"
    "macros:\n"
    "  - {name: air, label: \"Air\", moves: [{to: /eq/8/gain, low: \"0 dB\", high: 3}, {to: /eq/8/freq}]}\n"
    "assign:\n"
    "  - {control: button, to: macro air}\n"
    "pages:\n"
    "  - name: eq\n    label: \"EQ\"\n    code: EQ\n"
    "    slots: [\"/eq/#/gain\", /limit/gain]\n"
    "    assign:\n"
    "      - {control: encoder/2, to: slots, first: 4, layer: shift, low: \"-6 dB\", high: 6, invert: yes, "
    "step: 0.5, ring: wrap, takeover: pickup, text: Gain}\n"
    "      - {control: button, to: /eq/1/type, value: bell, colour: red, by: 0.25, base: /eq/2/type}\n"
    "  - {name: second, label: \"Second\"}\n";

static void
every_key_arrives_in_its_field(void **state)
{
    struct surface_profile *p = read_good(everything);
    const struct surface_control *c = p->controls;
    const struct surface_assign *a = p->pages[0].assign;

    (void)state;
    assert_string_equal(p->label, "Big Box");
    assert_null(p->name);
    assert_int_equal(p->usb_count, 2);
    assert_string_equal(p->usb[1], "1397:00b4");
    assert_int_equal(p->match_count, 1);
    assert_int_equal(p->port, 2);
    assert_int_equal(p->takeover, SURFACE_SCALE);
    assert_int_equal(p->handshake, SURFACE_MACKIE_HANDSHAKE);
    assert_string_equal(p->hello[0], "F0 00 00 66 14 01");
    assert_int_equal(p->init_count, 1);
    assert_int_equal(p->bye_count, 2);
    assert_int_equal(p->gap_us, 100);
    assert_int_equal(p->sysex_gap_us, 4000);
    assert_int_equal(p->byte_gap_us, 400);
    assert_string_equal(p->keep_alive, "A0 00 00");
    assert_int_equal(p->keep_alive_ms, 1000);
    assert_string_equal(p->source, "its manual");
    assert_string_equal(p->notes, "Two\nlines.\n");
    assert_int_equal(p->controls_count, 8);
    assert_string_equal(c[0].label, "Faders");
    assert_int_equal(c[0].kind, SURFACE_FADER);
    assert_int_equal(c[0].count, 9);
    assert_int_equal(c[0].in->message, SURFACE_PITCH_BEND);
    assert_int_equal(c[0].in->channel_step, 1);
    assert_int_equal(c[0].min, 16);
    assert_int_equal(c[0].max, 16000);
    assert_int_equal(c[0].centre, 8000);
    assert_int_equal(c[0].detent, 50);
    assert_string_equal(c[0].touch, "touch");
    assert_true(c[0].motor);
    assert_int_equal(c[0].style, SURFACE_SHOWS_VALUE);
    assert_int_equal(c[1].threshold, 1);
    assert_int_equal(c[2].coding, SURFACE_SIGN_MAGNITUDE);
    assert_int_equal(c[2].in->channel, 3);
    assert_int_equal(c[2].in->number_step, -2);
    assert_true(c[2].acceleration == 1.5);
    assert_int_equal(c[2].debounce_ms, 5);
    assert_int_equal(c[2].reverse_ms, 30);
    assert_int_equal(c[2].out->numbers_count, 2);
    assert_int_equal(c[2].out->numbers[1], 50);
    assert_int_equal(c[2].style, SURFACE_SHOWS_RING_13);
    assert_int_equal(c[2].mode->number, 60);
    assert_true(c[3].low_first);
    assert_int_equal(c[4].in->number, 16);
    assert_int_equal(c[4].press, SURFACE_TOGGLE);
    assert_int_equal(c[4].off, 12);
    assert_int_equal(c[4].on, 60);
    assert_int_equal(c[4].blink, 1);
    assert_string_equal(c[4].colours[0].name, "red");
    assert_int_equal(c[4].colours[0].value, 15);
    assert_string_equal(c[5].in->sysex, "F0 7D nn mm ll F7");
    assert_true(c[6].rgb);
    assert_null(c[6].in);
    assert_int_equal(c[7].text, SURFACE_TEXT_MACKIE);
    assert_int_equal(c[7].rows, 2);
    assert_int_equal(c[7].columns, 7);
    assert_string_equal(c[7].header, "F0 00 00 66 14");
    assert_int_equal(c[7].strip_colours, SURFACE_COLOURS_XTOUCH);
    assert_string_equal(p->macros[0].name, "air");
    assert_string_equal(p->macros[0].label, "Air");
    assert_int_equal(p->macros[0].moves_count, 2);
    assert_string_equal(p->macros[0].moves[0].low, "0 dB");
    assert_string_equal(p->macros[0].moves[0].high, "3");
    assert_null(p->macros[0].moves[1].low);
    assert_string_equal(p->assign[0].to, "macro air");
    assert_int_equal(p->pages_count, 2);
    assert_string_equal(p->pages[0].code, "EQ");
    assert_int_equal(p->pages[0].slots_count, 2);
    assert_string_equal(p->pages[0].slots[1], "/limit/gain");
    assert_string_equal(a[0].control, "encoder/2");
    assert_string_equal(a[0].to, "slots");
    assert_int_equal(a[0].first, 4);
    assert_string_equal(a[0].layer, "shift");
    assert_string_equal(a[0].low, "-6 dB");
    assert_string_equal(a[0].high, "6");
    assert_true(a[0].invert);
    assert_true(a[0].step == 0.5);
    assert_int_equal(a[0].ring, SURFACE_RING_WRAP);
    assert_int_equal(a[0].takeover, SURFACE_PICKUP);
    assert_true(a[0].has_takeover);
    assert_string_equal(a[0].text, "Gain");
    assert_string_equal(a[1].value, "bell");
    assert_string_equal(a[1].colour, "red");
    assert_true(a[1].by == 0.25);
    assert_string_equal(a[1].base, "/eq/2/type");
    assert_false(a[1].has_takeover);
    assert_string_equal(p->pages[1].name, "second");
    surface_free(p);
}

static void
what_a_file_leaves_out_is_filled_in(void **state)
{
    struct surface_profile *p =
        read_good(HEAD "controls:\n"
                       "- {name: a, kind: pot, in: {message: cc}}\n"
                       "- {name: b, kind: fader, count: 8, in: {message: pitch_bend, channel_step: 1}}\n"
                       "- {name: c, kind: button, in: {message: note, number: 3}, style: light, on: 5}\n"
                       "- {name: d, kind: pot, in: {message: sysex, sysex: \"F0 01 mm ll F7\"}}\n"
                       "- {name: e, kind: encoder, in: {message: cc, number: 9}, coding: offset64, out: "
                       "{message: pitch_bend, "
                       "channel: 9}, style: value}\n"
                       "- {name: f, kind: display, columns: 4, text: ec4, header: \"F0 00\"}\n"
                       "pages:\n- {name: p, label: P, assign: [{control: a, to: slots}]}\n");
    const struct surface_control *c = p->controls;

    (void)state;
    assert_int_equal(p->sysex_gap_us, 5000);
    assert_int_equal(p->gap_us, 0);
    assert_int_equal(c[0].count, 1);
    assert_int_equal(c[0].in->channel, 1);
    assert_int_equal(c[0].in->number_step, 1);
    assert_int_equal(c[0].min, 0);
    assert_int_equal(c[0].max, 127);
    assert_int_equal(c[0].threshold, 64);
    assert_true(c[0].acceleration == 1);
    assert_int_equal(c[1].in->number_step, 0); /* the channel steps instead */
    assert_int_equal(c[1].max, 16383);
    assert_int_equal(c[2].on, 5);
    assert_int_equal(c[2].blink, 5); /* it can't: it is on */
    assert_int_equal(c[0].on, 127);
    assert_int_equal(c[3].max, 16383);
    assert_int_equal(c[4].max, 16383); /* of what it is sent: it says ticks alone */
    assert_int_equal(c[5].rows, 1);
    assert_int_equal(p->pages[0].assign[0].first, 1);
    assert_false(p->pages[0].assign[0].has_takeover);
    surface_free(p);
}

static void
what_is_written_as_0_stays_0(void **state)
{
    struct surface_profile *p = read_good(TOP("sysex_gap_us: 0"));

    (void)state;
    assert_int_equal(p->sysex_gap_us, 0);
    surface_free(p);
    p = read_good(CONTROL("name: k, kind: button, in: {message: note}, style: light, off: 127, on: 0"));
    assert_int_equal(p->controls[0].on, 0);
    assert_int_equal(p->controls[0].blink, 0);
    surface_free(p);
}

/* --- what is wrong ---------------------------------------------------------------------------------- */

struct wrong {
    int line;
    const char *says, *mends;
};

static const struct {
    const char *text;
    struct wrong wrong[9]; /* all there is, in order */
} broken[] = {
    /* shapes and words */
    {CONTROL("name: k, kind: pott, in: {message: cd}"),
     {{4, "kind: unknown 'pott'", "'pot'"}, {4, "message: unknown 'cd'", "'cc'"}}},
    {CONTROL("name: k, kind: pot, in: {mesage: cc}, cout: 8"),
     {{4, "unknown key 'mesage'", "'message'"}, {4, "unknown key 'cout'", "'count'"}}},
    {HEAD PAGES, {{3, "controls is missing", "add it"}}},
    {HEAD "controls: []\npages: {}\n",
     {{3, "controls: has 0", "at least 1"}, {4, "pages: has a mapping", "[one, two]"}}},
    {HEAD PLAIN "pages:\n- {}\n", {{6, "name is missing", "add it"}, {6, "label is missing", "add it"}}},
    {TOP("port: one"), {{7, "port: 'one' is no whole number", "give one"}}},
    {TOP("port: 1.5"), {{7, "port: '1.5' is no whole number", "give one"}}},
    {TOP("port: 2x"), {{7, "port: '2x' is no whole number", "give one"}}},
    {TOP("port: 010"), {{7, "base eight", "take the 0"}}},
    {TOP("port: 99999999999999999999"), {{7, "out of range", "use"}}},
    {TOP("port: 1\nport: 2"), {{8, "port is there twice", "keep one"}}},
    {TOP("usb: \"1397:00b3\""), {{7, "usb: has a word '1397:00b3'", "[one, two]"}}},
    {TOP("takeover: [jump]"), {{7, "takeover: has a list", "one word"}}},
    {TOP("takeover:"), {{7, "takeover: is empty", "leave the line out"}}},
    {TOP("notes: \"\""), {{7, "notes: is empty", "leave the line out"}}},
    {TOP("notes: \"\\e[31m\""), {{7, "control character", "take it out"}}},
    {TOP("notes: \"a\\0b\""), {{7, "zero byte", "take it out"}}},
    {TOP("? [a]\n: b"), {{7, "a key is no word", "KEY: VALUE"}}},
    {CONTROL("name: k, kind: fader, in: {message: cc14}, low_first: on"),
     {{4, "low_first: 'on' is neither", "yes or no"}}},
    {CONTROL("name: k, kind: jog, in: {message: cc}, coding: offset64, acceleration: fast"),
     {{4, "acceleration: 'fast' is no number", "0.5"}}},
    {CONTROL("name: k, kind: jog, in: {message: cc}, coding: offset64, acceleration: .nan"),
     {{4, "acceleration: '.nan' is no number", "0.5"}}},
    {PAGE("code: EQU"), {{6, "code: has 3", "at most 2"}}},
    {HEAD "controls: &a\n- *a\npages: x\n", {{4, "an alias", "write out"}}},
    {HEAD "controls: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n", {{3, "17 deep", "generic-cc.yaml"}}},
    /* messages */
    {CONTROL("name: k, kind: pot, in: {message: cc, number: 128, channel: 17}"),
     {{4, "k: in.channel: 17 is out of range", "1 to 16"},
      {4, "in.number: 128 is out of range", "0 to 127"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc, channel: 0}"), {{4, "in.channel: 0", "1 to 16"}}},
    {CONTROL("name: k, kind: pot, count: 65, in: {message: cc}"), {{4, "count: 65", "1 to 64"}}},
    {CONTROL("name: k, kind: pot, count: 0, in: {message: cc}"), {{4, "count: 0", "1 to 64"}}},
    {CONTROL("name: k, kind: pot, count: 9, in: {message: cc, number: 120}"),
     {{4, "k/9 would have 128", "ends at 127"}}},
    {CONTROL("name: k, kind: pot, count: 2, in: {message: cc, number: 3, number_step: -4}"),
     {{4, "k/2 would have -1", "number_step"}}},
    {CONTROL("name: k, kind: pot, count: 17, in: {message: pitch_bend, channel_step: 1}"),
     {{4, "17th would be on channel 17", "1 to 16"}}},
    {CONTROL("name: k, kind: pot, count: 3, in: {message: cc, numbers: [1, 2]}"),
     {{4, "has 2, but count is 3", "one for each"}}},
    {CONTROL("name: k, kind: pot, count: 2, in: {message: cc, number: 4, numbers: [1, 2]}"),
     {{4, "numbers says it already", "keep one"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc14, number: 96}"), {{4, "number: 96", "0 to 95"}}},
    {CONTROL("name: k, kind: pot, in: {message: nrpn, number: 16384}"), {{4, "number: 16384", "0 to 16383"}}},
    {CONTROL("name: k, kind: pot, in: {message: pitch_bend, number: 0}"),
     {{4, "a pitch_bend has none", "take it out"}}},
    {CONTROL("name: k, kind: pot, in: {message: sysex}"), {{4, "its sysex is missing", "add sysex"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc, sysex: \"F0 vv F7\"}"),
     {{4, "the message is cc", "make it sysex"}}},
    {CONTROL("name: k, kind: pot, in: {message: sysex, sysex: \"F0 xx F7\"}"),
     {{4, "is no sysex", "F7 at its end"}}},
    {CONTROL("name: k, kind: pot, in: {message: sysex, sysex: \"F0 80 vv F7\"}"),
     {{4, "is no sysex", "below 80"}}},
    {CONTROL("name: k, kind: pot, in: {message: sysex, sysex: \"F0 mm F7\"}"),
     {{4, "one half", "go together"}}},
    {CONTROL("name: k, kind: pot, count: 2, in: {message: sysex, sysex: \"F0 vv F7\"}"),
     {{4, "the same for all 2", "nn"}}},
    {CONTROL("name: k, kind: led, out: {message: sysex, sysex: \"F0 nn F7\"}, style: light"),
     {{4, "no place for the value", "vv"}}},
    {GROUPS("- {name: a, kind: pot, count: 8, in: {message: cc, number: 16}}\n- {name: b, kind: pot, in: "
            "{message: cc, number: 23}}\n"),
     {{5, "b sends what a/8 sends", "of its own"}}},
    {GROUPS("- {name: a, kind: pot, in: {message: cc14, number: 7}}\n- {name: b, kind: pot, in: {message: "
            "cc, number: 39}}\n"),
     {{5, "b sends what a sends", "of its own"}}},
    {CONTROL("name: k, kind: fader, count: 2, in: {message: pitch_bend}"),
     {{4, "k/2 sends what k/1 sends", "of its own"}}},
    /* far out of range */
    {CONTROL("name: k, kind: button, count: 64, in: {message: note, channel_step: 999999999, number: 1, "
             "number_step: 999999999}, style: light, rgb: yes"),
     {{4, "in.channel_step: 999999999", "-15 to 15"}, {4, "in.number_step: 999999999", "-127 to 127"}}},
    /* what a control is */
    {CONTROL("name: k, kind: button"), {{4, "in is missing", "which message"}}},
    {CONTROL("name: k, kind: meter, in: {message: cc}, style: meter_127"),
     {{4, "a meter sends nothing", "write out"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, coding: offset64"),
     {{4, "a pot is absolute", "make it an encoder"}}},
    {CONTROL("name: k, kind: jog, in: {message: cc}"), {{4, "a jog has no ends", "coding"}}},
    {CONTROL("name: k, kind: jog, in: {message: cc}, coding: bend_sign"),
     {{4, "bend_sign is for pitch_bend", "not for cc"}}},
    {CONTROL("name: k, kind: jog, in: {message: cc}, coding: increment"),
     {{4, "increment is for nrpn", "not for cc"}}},
    {CONTROL("name: k, kind: jog, in: {message: nrpn}, coding: offset64"),
     {{4, "a nrpn has 14 bits", "use bend_sign or increment"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, low_first: yes"),
     {{4, "only a cc14 has halves", "take it out"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, acceleration: 9"), {{4, "acceleration: 9", "0.1 to 4"}}},
    {CONTROL("name: k, kind: button, in: {message: note}, threshold: 128"),
     {{4, "threshold: 128", "1 to 127"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, max: 128"), {{4, "max: 128", "0 to 127"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, min: 9, max: 9"),
     {{4, "min is 9 and max 9", "the higher one"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, centre: 127"), {{4, "centre: 127", "use 1 to 126"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, detent: 2"), {{4, "detent: of which middle", "centre"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, centre: 64, detent: 63"),
     {{4, "detent: 63", "use 0 to"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, debounce_ms: -1, reverse_ms: 1001"),
     {{4, "debounce_ms: -1", "0 to 1000"}, {4, "reverse_ms: 1001", "0 to 1000"}}},
    {GROUPS("- {name: f, kind: fader, count: 2, in: {message: cc}, touch: t}\n- {name: t, kind: touch, in: "
            "{message: note}}\n"),
     {{4, "touch: t has 1 for 2", "its own"}}},
    {GROUPS("- {name: f, kind: fader, in: {message: cc}, touch: tuch}\n- {name: touch, kind: touch, in: "
            "{message: note}}\n"),
     {{4, "there is no 'tuch'", "'touch'"}}},
    {CONTROL("name: k, kind: fader, in: {message: cc}, touch: k"), {{4, "k is a fader", "kind touch"}}},
    {CONTROL("name: k, kind: fader, in: {message: cc}, motor: yes"),
     {{4, "motor: nothing is sent", "style: value"}}},
    {CONTROL("name: k, kind: led, style: light"), {{4, "style: nothing is sent", "add out"}}},
    {CONTROL("name: k, kind: led, out: {message: note}"), {{4, "a led that shows nothing", "add style"}}},
    {CONTROL("name: k, kind: fader, in: {message: cc14}, out: {message: cc}, style: value"),
     {{4, "can't say 16383", "lower max"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, mode: {message: cc, number: 2}"),
     {{4, "only ring_13 and bar", "take it out"}}},
    {CONTROL("name: k, kind: button, in: {message: note}, style: light, off: 128, on: -1, blink: 200"),
     {{4, "off: 128", "0 to 127"}, {4, "on: -1", "0 to 127"}, {4, "blink: 200", "0 to 127"}}},
    {CONTROL("name: k, kind: button, in: {message: note}, colours: [{name: a, value: 1}]"),
     {{4, "colours are of a light", "style: light"}}},
    {CONTROL("name: k, kind: button, in: {message: note}, style: light, colours: [{name: a, value: 128}, "
             "{name: a, value: 1}]"),
     {{4, "a: 128 is out of range", "0 to 127"}, {4, "a is there twice", "keep one"}}},
    {CONTROL("name: k, kind: button, in: {message: note, channel: 14}, style: light, rgb: yes"),
     {{4, "three channels above", "1 to 16"}}},
    {CONTROL("name: k, kind: display"), {{4, "a display that shows nothing", "add text"}}},
    {CONTROL("name: k, kind: display, text: mackie, rows: 2, columns: 7"), {{4, "header is missing", "F0"}}},
    {CONTROL("name: k, kind: display, text: mackie, rows: 9, header: \"F0 F7\""),
     {{4, "rows: 9", "1 to 8"}, {4, "columns: 0", "1 to 112"}, {4, "begins no sysex", "without F7"}}},
    {CONTROL("name: k, kind: display, text: digits, columns: 2"),
     {{4, "digits are control changes", "add out"}}},
    {CONTROL("name: k, kind: pot, in: {message: cc}, columns: 3"), {{4, "is of a display", "take it out"}}},
    {GROUPS("- {name: a b, kind: pot, in: {message: cc}}\n- {name: c, kind: pot, in: {message: cc, number: "
            "1}}\n- {name: c, kind: pot, in: {message: cc, number: 2}}\n"),
     {{4, "name: 'a b'", "letters, digits"}, {6, "c is there twice", "its own"}}},
    /* the box */
    {TOP("usb: [\"1397:00B3\"]"), {{7, "'1397:00B3' is no USB id", "vendor:product"}}},
    {TOP("match: [M4]"), {{7, "'M4' is in many", "three letters"}}},
    {TOP("port: 64\ngap_us: -1\nsysex_gap_us: 1000001\nbyte_gap_us: 100001"),
     {{7, "port: 64", "0 to 63"},
      {8, "gap_us: -1", "0 to"},
      {9, "sysex_gap_us: 1000001", "0 to"},
      {10, "byte_gap_us", "0 to"}}},
    {TOP("init:\n- \"B0 7F\"\n- \"7F 00\"\n- \"B0 7F 00 00\"\n- \"F0 01\"\n- \"B0 7F 00 90 00 00\"\n- "
         "B07F00\n- \"\""),
     {{14, "init: is empty", "fill it in"}}},
    {TOP("init:\n- \"B0 7F\"\n- \"7F 00\"\n- \"B0 7F 00 00\"\n- \"F0 01\"\n- \"B0 7F 00 90 00 00\"\n- "
         "B07F00\n- \"C0 01\"\n- \"F8\""),
     {{8, "is not whole", "last bytes"},
      {9, "does not begin", "80 or more"},
      {10, "is longer", "take the rest"},
      {11, "is not whole", "F7"},
      {12, "more than one message", "its own line"},
      {13, "no row of bytes", "B0 7F 00"}}},
    {TOP("hello: [\"F0 00\", \"90\"]\nbye: [\"F0 00\"]"), {{8, "bye: 'F0 00' is not whole", "F7"}}},
    {TOP("keep_alive: \"A0 00 00\""), {{7, "how often", "keep_alive_ms"}}},
    {TOP("keep_alive_ms: 100"), {{7, "of which message", "keep_alive"}}},
    {TOP("keep_alive: \"A0 00 00\"\nkeep_alive_ms: 5"), {{8, "keep_alive_ms: 5", "10 to 60000"}}},
    /* what they do */
    {HEAD PLAIN "pages:\n- {name: p, label: P}\n- {name: p, label: Q}\n",
     {{7, "p is there twice in pages", "its own"}}},
    {TOP("macros:\n- {name: m, label: M, moves: []}"), {{8, "moves: has 0", "at least 1"}}},
    {PAGE("assign: [{control: k, to: slots, step: 1.5}]"), {{6, "step: 1.5", "up to 1"}}},
    {PAGE("assign: [{control: k, to: /limit/gain, base: /limit/gain}]"), {{6, "base: what is added", "by"}}},
    {PAGE("code: \"\xc3\xa4\""), {{6, "code", "plain letters"}}},
};

static void
fail_with(size_t i, const struct faults *f, const struct wrong *wanted)
{
    print_message("case %zu:\n%s", i, broken[i].text);
    for (int k = 0; k < f->count; k++)
        print_message("told: %s\n", f->fault[k].what.text);
    if (wanted)
        print_message("wanted: %d: %s ... %s\n", wanted->line, wanted->says, wanted->mends);
    fail();
}

static void
each_mistake_is_told_with_its_line_and_mend(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(broken); i++) {
        struct faults faults = {NULL, 0, 0};
        struct surface_profile *p = (struct surface_profile *)&faults;
        struct err e = {""};
        enum status status =
            surface_read("box.yaml", broken[i].text, strlen(broken[i].text), NULL, &p, &faults, &e);
        int k = 0;

        if (status != BAD_ARG || p)
            fail_with(i, &faults, NULL);
        for (; k < (int)LEN(broken[i].wrong) && broken[i].wrong[k].line; k++) {
            const struct wrong *w = &broken[i].wrong[k];
            char where[32];

            snprintf(where, sizeof where, "box.yaml:%d: ", w->line);
            if (k >= faults.count || faults.fault[k].line != w->line ||
                strncmp(faults.fault[k].what.text, where, strlen(where)) ||
                !strstr(faults.fault[k].what.text, w->says) || !strstr(faults.fault[k].what.text, w->mends))
                fail_with(i, &faults, w);
        }
        if (faults.count != k || strcmp(e.text, faults.fault[0].what.text))
            fail_with(i, &faults, NULL);
        faults_free(&faults);
    }
}

static void
all_that_is_wrong_is_told_at_once_in_the_order_of_lines(void **state)
{
    static const char text[] = "label: B\nport: 99\nsource: s\nmatch: [x]\ncontrols:\n"
                               "- {name: a, kind: pot, in: {message: cc, number: 200}}\n"
                               "- {name: a, kind: led, out: {message: note}}\n"
                               "pages:\n- {name: p, label: P}\n- {name: \"p p\", label: P}\n";
    static const int lines[] = {2, 4, 6, 7, 7, 10};
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e;

    (void)state;
    assert_int_equal(surface_read("x", text, sizeof text - 1, NULL, &p, &faults, &e), BAD_ARG);
    assert_int_equal(faults.count, LEN(lines));
    for (int i = 0; i < faults.count; i++)
        assert_int_equal(faults.fault[i].line, lines[i]);
    assert_string_equal(e.text, faults.fault[0].what.text);
    faults_free(&faults);
    assert_int_equal(surface_read("x", text, sizeof text - 1, NULL, &p, NULL, &e), BAD_ARG);
    assert_true(strncmp(e.text, "x:2: port", 9) == 0);
    assert_int_equal(surface_read("x", text, sizeof text - 1, NULL, &p, NULL, NULL), BAD_ARG);
}

/* A hundred are kept, the rest is counted. */
static void
more_faults_than_are_kept_are_counted(void **state)
{
    char *text = malloc(8192);
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e;
    int used = sprintf(text, TOP("init:"));

    (void)state;
    for (int i = 0; i < FAULTS_MAX + 17; i++)
        used += sprintf(text + used, "- \"B0 7F\"\n");
    assert_int_equal(surface_read("x", text, (size_t)used, NULL, &p, &faults, &e), BAD_ARG);
    assert_int_equal(faults.count, FAULTS_MAX);
    assert_int_equal(faults.more, 17);
    faults_free(&faults);
    assert_int_equal(faults.count + faults.more, 0);
    free(text);
}

/* --- words of the table ------------------------------------------------------------------------------ */

static bool
wrong_words(const struct surface_profile *p, surface_wrong *wrong, void *context)
{
    const struct err e = {"no such row: take another"};

    assert_string_equal(p->pages[1].assign[1].to, "/nothing");
    wrong(context, "pages[1].assign[1].to", &e);
    wrong(context, "macros[0].moves[1].high", &e);
    wrong(context, "pages[1].assign[0].value", &e); /* which is not there: the assignment's line */
    return false;
}

static void
words_that_others_look_up_are_told_with_their_lines(void **state)
{
    static const char text[] = HEAD PLAIN "macros:\n- name: m\n  label: M\n  moves:\n  - {to: /a}\n"
                                          "  - to: /b\n    high: 3\n"
                                          "pages:\n- {name: p, label: P}\n- name: q\n  label: Q\n  assign:\n"
                                          "  - control: k\n    to: /limit/gain\n"
                                          "  - control: k\n    to: /nothing\nport: 99\n";
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e;

    (void)state;
    assert_int_equal(surface_read("x", text, sizeof text - 1, wrong_words, &p, &faults, &e), BAD_ARG);
    assert_int_equal(faults.count, 4);
    assert_string_equal(faults.fault[0].what.text, "x:11: high: no such row: take another");
    assert_string_equal(faults.fault[1].what.text, "x:17: value: no such row: take another");
    assert_string_equal(faults.fault[2].what.text, "x:20: to: no such row: take another");
    assert_int_equal(faults.fault[3].line, 21);
    faults_free(&faults);
}

/* --- files ------------------------------------------------------------------------------------------- */

static void
a_file_is_read_and_its_name_is_in_its_errors(void **state)
{
    struct surface_profile *p;
    struct err e;
    const char *path = tree_put("box.yaml", CONTROL("name: k, kind: pot, in: {message: cc}"));

    (void)state;
    assert_int_equal(surface_load(path, &p, NULL, &e), OK);
    assert_string_equal(p->controls[0].name, "k");
    surface_free(p);
    path = tree_put("bad.yaml", HEAD "controls\n");
    assert_int_equal(surface_load(path, &p, NULL, &e), BAD_ARG);
    assert_true(strncmp(e.text, path, strlen(path)) == 0);
    assert_null(p);
    assert_int_equal(surface_load("/nonexistent/box.yaml", &p, NULL, &e), NOT_FOUND);
    assert_non_null(strstr(e.text, "/nonexistent/box.yaml"));
}

/* Any byte of a good file changed: a profile or an error of one line, and no harm. */
static void
no_damaged_file_does_harm(void **state)
{
    static const char bytes[] = {0,   '\n', ':',  '[', '{',        '"',       '&',
                                 '*', '-',  '\t', '9', (char)0x80, (char)0xff};
    static char text[sizeof everything];
    struct surface_profile *p;

    (void)state;
    for (size_t i = 0; i < sizeof everything - 1; i++)
        for (size_t k = 0; k < LEN(bytes); k++) {
            struct err e = {""};

            memcpy(text, everything, sizeof text);
            text[i] = bytes[k];
            if (surface_read("x", text, sizeof text - 1, NULL, &p, NULL, &e) == OK)
                surface_free(p);
            else
                assert_true(!p && strncmp(e.text, "x:", 2) == 0 && !strchr(e.text, '\n'));
        }
    surface_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_arrives_in_its_field),
        cmocka_unit_test(what_a_file_leaves_out_is_filled_in),
        cmocka_unit_test(what_is_written_as_0_stays_0),
        cmocka_unit_test(each_mistake_is_told_with_its_line_and_mend),
        cmocka_unit_test(all_that_is_wrong_is_told_at_once_in_the_order_of_lines),
        cmocka_unit_test(more_faults_than_are_kept_are_counted),
        cmocka_unit_test(words_that_others_look_up_are_told_with_their_lines),
        cmocka_unit_test_setup_teardown(a_file_is_read_and_its_name_is_in_its_errors, tree_make, tree_remove),
        cmocka_unit_test(no_damaged_file_does_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
