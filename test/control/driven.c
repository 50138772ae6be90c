/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every shipped profile, driven by a box that knows the hardware and not the profile.
 *
 * What a value must be comes from the row's range and the hand's place; what must be seen, from what the row is then and the
 * box's own rules. That each message is one that the box knows, the box says itself.
 */
#include "test/control/surface_drive.h"

#include "test/boxes/shipped.h"
#include "test/kit/dice.h"

#include <assert.h>
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EVENTS = 100000, HOUR_MS = 3600 * 1000, SHIPPED_MOST = 64 };

static struct rig rig;

static void
open_pair(void **state)
{
    const struct shipped *p = *state;

    rig_open(&rig, p->profile, p->model);
}

static void
each_control_of_the_profile_is_one_of_the_box(void **state)
{
    const struct shipped *p = *state;
    int without = 0;

    rig_meet(&rig, p->profile, p->model);
    for (int i = 0; i < rig.controls; i++)
        without += rig.control[i].group < 0;
    print_message("# %s: %d of %d controls are in the profile\n", p->profile, rig.controls - without,
                  rig.controls);
    rig_close(&rig);
}

/* --- one control after another ----------------------------------------------------------------------------------- */

static void
drive_page(struct rig *r)
{
    const struct rig_control *next = find_action(r, PAGES_BANK_NEXT),
                             *back = find_action(r, PAGES_BANK_PREVIOUS);
    int bank = -1;

    for (int i = 0; back && i < 64 && pages_bank(surface_pages(r->surface)) > 0; i++)
        rig_push(r, back);
    do {
        bank = pages_bank(surface_pages(r->surface));
        drive_all(r, "all of a bank moved");
        if (next)
            rig_push(r, next);
        rig_run(r, 1000);
        must_agree(r, "a bank is changed");
    } while (pages_bank(surface_pages(r->surface)) != bank);
    if (next && pages_bank(surface_pages(r->surface)) + pages_window(surface_pages(r->surface)) <
                    pages_slots(surface_pages(r->surface)))
        fail_msg("%s: page %s ends at slot %d of %d", r->name, surface_page_name(r->surface),
                 pages_bank(surface_pages(r->surface)) + pages_window(surface_pages(r->surface)),
                 pages_slots(surface_pages(r->surface)));
}

static void
each_control_moves_its_row_to_both_ends_and_the_middle(void **state)
{
    struct rig *r = &rig;

    open_pair(state);
    for (unsigned i = 0; i < r->profile->pages_count; i++) {
        assert_true(surface_open_page(r->surface, r->profile->pages[i].name));
        rig_run(r, 1500);
        must_agree(r, "a page is opened");
        drive_page(r);
        drive_layers(r);
    }
    rig_close(r);
}

/* --- buttons that move what controls stand for ------------------------------------------------------------------ */

static void
pages_open_at_their_buttons(void **state)
{
    struct rig *r = &rig;

    open_pair(state);
    for (int i = 0; i < r->controls; i++) {
        const struct rig_control *k = &r->control[i];
        const struct pages *g = surface_pages(r->surface);
        int page = k->group >= 0 ? rig_target(r, k)->page : 0, before = pages_page(g);
        int pages = (int)r->profile->pages_count;

        if (k->group < 0)
            continue;
        switch (rig_target(r, k)->does) {
        case PAGES_PAGE: break;
        case PAGES_PAGE_NEXT: page = (before + 1) % pages; break;
        case PAGES_PAGE_PREVIOUS: page = (before + pages - 1) % pages; break;
        default: continue;
        }
        rig_push(r, k);
        rig_run(r, 1000);
        if (pages_page(g) != page)
            fail_msg("%s: page %d is open, and not %d", rig_label(r, k), pages_page(g), page);
        must_agree(r, rig_label(r, k));
    }
    rig_close(r);
}

static void
flip_changes_faders_and_encoders_and_back(void **state)
{
    struct rig *r = &rig;
    const struct rig_control *flip;

    open_pair(state);
    flip = find_action(r, PAGES_FLIP);
    for (int turn = 0; flip && turn < 2; turn++) {
        rig_push(r, flip);
        rig_run(r, 1000);
        assert_int_equal(pages_flipped(surface_pages(r->surface)), turn == 0);
        must_agree(r, "flip");
        drive_all(r, "all moved, flipped");
    }
    rig_close(r);
}

/* --- manners --------------------------------------------------------------------------------------------------- */

static bool
picks_up(const struct rig *r, const struct rig_control *k)
{
    const struct box_control *seen = box_control(r->box, k->c);
    const struct pages_target *t = k->group >= 0 ? rig_target(r, k) : NULL;

    return t && (seen->kind == BOX_FADER || seen->kind == BOX_POT) && !seen->motor && !seen->keeps &&
           is_movable(t) && param_at(t->param)->type == PARAM_FLOAT && !t->assign->has_takeover &&
           r->profile->takeover == SURFACE_PICKUP;
}

static void
what_has_no_motor_waits_until_it_is_picked_up(void **state)
{
    struct rig *r = &rig;

    open_pair(state);
    for (int i = 0; i < r->controls; i++) {
        const struct rig_control *k = &r->control[i];
        const struct pages_target *t = picks_up(r, k) ? rig_target(r, k) : NULL;
        double value, left;
        struct err e;

        if (!t)
            continue;
        rig_sweep(r, k, 1);
        rig_sweep(r, k, 0);
        assert_true(param_from_norm(param_at(t->param), t->low + 0.75 * (t->high - t->low), &value, &e));
        fake_engine_move(r->engine, param_at(t->param)->path, value);
        left = rig_way(r, t);
        rig_run(r, 100);
        rig_sweep(r, k, 0.5);
        is_at(r, k, left, 0);
        rig_sweep(r, k, 1);
        is_at(r, k, 1, 0);
        rig_let_go(r, k);
    }
    rig_check(r, "all was picked up");
    rig_close(r);
}

/* --- text --------------------------------------------------------------------------------------------------------- */

/* The number at the beginning of a value on a display, "1.25k", "-3.5dB"; NaN: there is none. */
static double
number_in(const char *text)
{
    char *end;
    double v = strtod(text, &end);

    if (end == text)
        return NAN;
    return *end == 'k' ? v * 1000 : v;
}

/* Some text of the box is the value, to what its digits can say. */
static bool
is_shown(const struct rig *r, const struct param *row, double value)
{
    for (int c = 0; c < box_controls(r->box); c++) {
        const struct box_control *seen = box_control(r->box, c);

        for (int n = 0; seen->kind == BOX_TEXT && n < seen->count; n++) {
            struct box_shows s = box_shows(r->box, c, n);

            for (int line = 0; line < seen->rows; line++) {
                const char *text = s.text[line] + strspn(s.text[line], " ");

                if (row->names && strncasecmp(text, row->names[(int)value], 3) == 0)
                    return true;
                if (!row->names && fabs(number_in(text) - value) <= fmax(0.06, fabs(value) * 0.06))
                    return true;
            }
        }
    }
    return false;
}

static bool
has_strips(const struct rig *r)
{
    for (unsigned g = 0; g < r->profile->controls_count; g++)
        if (r->profile->controls[g].text == SURFACE_TEXT_MACKIE ||
            r->profile->controls[g].text == SURFACE_TEXT_FADERPORT ||
            r->profile->controls[g].text == SURFACE_TEXT_XTOUCH)
            return true;
    return false;
}

/* What a person turns is to be read while they turn it. */
static void
a_display_names_what_moves(void **state)
{
    struct rig *r = &rig;
    int looked = 0;

    open_pair(state);
    for (int i = 0; has_strips(r) && i < r->controls; i++) {
        const struct rig_control *k = &r->control[i];
        const struct pages_target *t = k->group >= 0 ? rig_target(r, k) : NULL;
        const struct param *row;

        if (!t || !is_movable(t) || t->assign->by || strcmp(t->assign->to, "slots") != 0)
            continue;
        row = param_at(t->param);
        if (box_control(r->box, k->c)->kind == BOX_FADER)
            rig_sweep(r, k, 0.3);
        else
            rig_turn(r, k, 3);
        rig_run(r, 300);
        if (row->type != PARAM_BOOL && !is_shown(r, row, engine_get(r->engine, t->param)))
            fail_msg("%s: nothing on the display is %s = %g", rig_label(r, k), row->path,
                     engine_get(r->engine, t->param));
        rig_let_go(r, k);
        looked++;
    }
    assert_true(looked || !has_strips(r) || !find_action(r, PAGES_ROW));
    rig_check(r, "displays");
    rig_close(r);
}

/* --- a box that goes and comes -------------------------------------------------------------------------------- */

/* What announces itself is told all anew; anything else goes from the machine's ports, and is opened again when it is back. */
static void
a_box_that_was_off_is_told_all_anew(void **state)
{
    struct rig *r = &rig;

    open_pair(state);
    box_power(r->box, r->now_ns);
    if (r->queued)
        rig_run(r, 500);
    else
        rig_reopen(r);
    rig_run(r, 4000);
    must_agree(r, "it was off and on");
    rig_close(r);
}

/* --- a random hour --------------------------------------------------------------------------------------------------- */

/* Another hand: any row that some control stands for goes anywhere. */
static void
recall_something(struct rig *r)
{
    const struct rig_control *k = &r->control[dice((uint32_t)r->controls)];
    const struct pages_target *t = k->group >= 0 ? rig_target(r, k) : NULL;
    double value;
    struct err e;

    if (t && is_movable(t) && param_from_norm(param_at(t->param), chance(), &value, &e))
        fake_engine_move(r->engine, param_at(t->param)->path, value);
}

static void
use_something(struct rig *r)
{
    const struct rig_control *k = &r->control[dice((uint32_t)r->controls)];
    enum box_kind kind = box_control(r->box, k->c)->kind;
    bool touched = box_control(r->box, k->c)->touch;

    if (kind == BOX_BUTTON)
        box_press(r->box, k->c, k->n, !box_is_down(r->box, k->c, k->n), r->now_ns);
    else if (kind == BOX_ENCODER || kind == BOX_JOG)
        box_turn(r->box, k->c, k->n, (int)dice(11) - 5, r->now_ns);
    else if (touched && dice(3) == 0)
        box_touch(r->box, k->c, k->n, dice(2), r->now_ns);
    else
        for (int i = 0, moves = 1 + (int)dice(4); i < moves; i++) /* several within one tick: a flood */
            box_move(r->box, k->c, k->n, chance() < 0.1 ? dice(2) : chance(), r->now_ns);
}

static void
one_event(struct rig *r)
{
    uint32_t what = dice(100);

    if (what < 75)
        use_something(r);
    else if (what < 97)
        recall_something(r);
    else
        surface_open_page(r->surface, r->profile->pages[dice(r->profile->pages_count)].name);
    rig_run(r, HOUR_MS / EVENTS / 2 + dice(HOUR_MS / EVENTS));
}

static void
let_go_of_all(struct rig *r)
{
    for (int i = 0; i < r->controls; i++)
        rig_let_go(r, &r->control[i]);
    for (int i = 0; i < r->controls; i++)
        while (box_owes(r->box, r->control[i].c, r->control[i].n))
            rig_run(r, 20);
}

static void
box_and_engine_agree_after_a_random_hour(void **state)
{
    struct rig *r = &rig;
    uint64_t before;

    open_pair(state);
    dice_state = 1 + (uint32_t)((const struct shipped *)*state - shipped_at(0));
    for (int i = 0; i < EVENTS; i++) {
        one_event(r);
        if (i % 1000 == 0)
            rig_check(r, "a random event");
        if (i % 5000)
            continue;
        let_go_of_all(r);
        rig_run(r, 1000);
        must_agree(r, "a second of quiet");
    }
    let_go_of_all(r);
    rig_run(r, 1000);
    must_agree(r, "a second of quiet");
    rig_run(r, 2000); /* displays go back from values to names */
    before = r->sent;
    rig_run(r, 5000);
    if (r->sent - before > (r->profile->keep_alive_ms ? 5000 / (uint64_t)r->profile->keep_alive_ms + 1 : 0))
        fail_msg("%s: %d messages in 5 s in which nothing happens", r->name, (int)(r->sent - before));
    if (r->most_in_a_second > 3000)
        fail_msg("%s: %d messages in one second", r->name, (int)r->most_in_a_second);
    must_agree(r, "silence");
    print_message(
        "# %s: %d controls, %llu messages, at most %llu a second, %llu in, %llu moves, %llu coalesced\n",
        r->name, r->controls, (unsigned long long)r->sent, (unsigned long long)r->most_in_a_second,
        (unsigned long long)surface_counts(r->surface)->in,
        (unsigned long long)surface_counts(r->surface)->moves,
        (unsigned long long)surface_counts(r->surface)->coalesced);
    rig_close(r);
}

/* --- all of them --------------------------------------------------------------------------------------------------- */

static void
every_shipped_profile_has_its_box(void **state)
{
    DIR *folder = opendir("hw-profiles/surfaces");
    struct dirent *entry;
    int found = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        char *dot = strstr(entry->d_name, ".yaml");

        if (!dot)
            continue;
        *dot = 0;
        if (!shipped_find(entry->d_name))
            fail_msg("%s has no box that drives it: write it into the table", entry->d_name);
        found++;
    }
    closedir(folder);
    assert_non_null(shipped_at(found - 1));
    assert_null(shipped_at(found));
}

static const struct {
    const char *name;
    CMUnitTestFunction test;
} driven[] = {
#define DRIVEN(test)                                                                                         \
    {                                                                                                        \
#test, test                                                                                          \
    }
    DRIVEN(each_control_of_the_profile_is_one_of_the_box),
    DRIVEN(each_control_moves_its_row_to_both_ends_and_the_middle),
    DRIVEN(pages_open_at_their_buttons),
    DRIVEN(flip_changes_faders_and_encoders_and_back),
    DRIVEN(what_has_no_motor_waits_until_it_is_picked_up),
    DRIVEN(a_display_names_what_moves),
    DRIVEN(a_box_that_was_off_is_told_all_anew),
    DRIVEN(box_and_engine_agree_after_a_random_hour),
};

int
main(int argc, char **argv)
{
    static struct CMUnitTest tests[1 + SHIPPED_MOST * LEN(driven)];
    static char names[LEN(tests)][128];
    const struct shipped *p;
    size_t n = 0;

    if (argc > 1) /* of one profile, or one of its tests */
        cmocka_set_test_filter(argv[1]);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_shipped_profile_has_its_box);
    for (int i = 0; (p = shipped_at(i)) && n + LEN(driven) <= LEN(tests); i++)
        for (size_t d = 0; d < LEN(driven); d++, n++) {
            snprintf(names[n], sizeof names[n], "%s: %s", p->profile, driven[d].name);
            tests[n] = (struct CMUnitTest){names[n], driven[d].test, NULL, NULL, (void *)p};
        }
    assert(!p); /* else SHIPPED_MOST is too few */
    return _cmocka_run_group_tests("control/driven", tests, n, NULL, NULL);
}
