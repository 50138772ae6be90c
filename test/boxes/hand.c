/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a person does to a box, and what the box says of it.
 */
#include "test/boxes/inside.h"

#include <assert.h>
#include <math.h>

/* The most ticks that one message carries: boxes send larger numbers for faster turns, and no one is faster. */
enum { TICKS_MOST = 9 };

void
box_say(struct box *b, const uint8_t *bytes, size_t size)
{
    if (b->says && !b->sleeps && !b->silent)
        b->says(b->context, bytes, size, b->now_ns);
}

static void
say3(struct box *b, int status, int channel, int one, int two)
{
    uint8_t bytes[3] = {(uint8_t)(status | (channel + b->channel_shift)), (uint8_t)one, (uint8_t)two};

    box_say(b, bytes, 3);
}

void
box_call(struct box *b, const struct call *c, int n, int value)
{
    int channel = call_channel(c, n), number = call_number(c, n);

    switch (c->form) {
    case FORM_NONE: break;
    case FORM_CC: say3(b, 0xb0, channel, number, value); break;
    case FORM_CC_PAIR:
        say3(b, 0xb0, channel, number, value >> 7);
        say3(b, 0xb0, channel, number + 32, value & 127);
        break;
    case FORM_NOTE: say3(b, 0x90, channel, number, value); break;
    case FORM_BEND: say3(b, 0xe0, channel, value & 127, value >> 7); break;
    case FORM_POLY: say3(b, 0xa0, channel, number, value); break;
    case FORM_PROGRAM:
    case FORM_PRESSURE: /* they are only heard */ break;
    }
}

static struct part *
lay_hand(struct box *b, int c, int n, int64_t now_ns)
{
    struct part *p = box_part(b, c, n);

    b->now_ns = now_ns > b->now_ns ? now_ns : b->now_ns;
    p->hand_ns = b->now_ns;
    return p;
}

void
box_touch(struct box *b, int c, int n, bool on, int64_t now_ns)
{
    const struct group *group = &b->model->groups[c];
    struct part *p;

    if (!group->seen.touch)
        return;
    if (box_part(b, c, n)->touched == on)
        return; /* where no hand is, none lets go */
    p = lay_hand(b, c, n, now_ns);
    p->touched = on;
    box_call(b, &group->touched, n, !on ? 0 : group->touched.form == FORM_POLY ? 1 : 127);
}

static int
raw_of(const struct group *group, double place)
{
    int step = group->raw_step ? group->raw_step : 1;

    return (int)lround(place * group->seen.steps) * step;
}

void
box_move(struct box *b, int c, int n, double place, int64_t now_ns)
{
    const struct group *group = &b->model->groups[c];
    struct part *p;
    int before;

    assert(group->seen.kind == BOX_FADER || group->seen.kind == BOX_POT);
    box_touch(b, c, n, true, now_ns);
    b->now_ns = now_ns > b->now_ns ? now_ns : b->now_ns;
    p = box_part(b, c, n);
    before = raw_of(group, p->place);
    p->place = place < 0 ? 0 : place > 1 ? 1 : place;
    if (raw_of(group, p->place) == before)
        return; /* nobody can know */
    p->hand_ns = b->now_ns;
    box_call(b, &group->hand, n, raw_of(group, p->place));
}

/* A stretch of at most TICKS_MOST, in the box's own coding. */
static int
coded(enum coding coding, int ticks)
{
    int way = ticks < 0 ? -ticks : ticks;

    switch (coding) {
    case CODED_TWOS: return ticks & 127;
    case CODED_OFFSET: return 64 + ticks;
    case CODED_SIGNED: return way | (ticks < 0 ? 64 : 0);
    case CODED_SIGNED_INVERTED: return way | (ticks > 0 ? 64 : 0);
    case CODED_BEND: return (ticks & 127) << 7;
    case CODED_PLACE: break;
    }
    assert(!"it has no coding");
    return 0;
}

/* It stands somewhere: turned against its end, it says nothing. */
static void
turn_place(struct box *b, int c, int n, int ticks)
{
    const struct group *group = &b->model->groups[c];
    struct part *p = box_part(b, c, n);
    int before = (int)lround(p->place * group->seen.steps), after = before + ticks;

    after = after < 0 ? 0 : after > group->seen.steps ? group->seen.steps : after;
    if (after == before)
        return;
    p->place = (double)after / group->seen.steps;
    if (b->model->own_ring && group->ring_rule == RING_13)
        p->ring = 1 + (int)lround(p->place * 12);
    box_call(b, &group->hand, n, raw_of(group, p->place));
}

void
box_turn(struct box *b, int c, int n, int ticks, int64_t now_ns)
{
    const struct group *group = &b->model->groups[c];

    assert(group->seen.kind == BOX_ENCODER || group->seen.kind == BOX_JOG);
    lay_hand(b, c, n, now_ns);
    if (b->model->turned && b->model->turned(b, c, n, ticks))
        return;
    if (group->coding == CODED_PLACE) {
        turn_place(b, c, n, ticks);
        return;
    }
    while (ticks) {
        int now = ticks > TICKS_MOST ? TICKS_MOST : ticks < -TICKS_MOST ? -TICKS_MOST : ticks;

        box_call(b, &group->hand, n, coded(group->coding, now));
        ticks -= now;
    }
}

void
box_press(struct box *b, int c, int n, bool down, int64_t now_ns)
{
    const struct group *group = &b->model->groups[c];
    struct part *p = lay_hand(b, c, n, now_ns);

    assert(group->seen.kind == BOX_BUTTON);
    if (p->down == down)
        return;
    p->down = down;
    if (b->model->pressed && b->model->pressed(b, c, n, down))
        return;
    if (group->toggles) {
        if (down)
            box_call(b, &group->hand, n, p->light = p->light >= 64 ? 0 : 127);
        return;
    }
    if (!down && group->note_off)
        say3(b, 0x80, call_channel(&group->hand, n), call_number(&group->hand, n), 0);
    else
        box_call(b, &group->hand, n, !down ? 0 : group->press ? group->press : 127);
}

bool
box_switch(struct box *b, int to, int64_t now_ns)
{
    b->now_ns = now_ns > b->now_ns ? now_ns : b->now_ns;
    return b->model->switched && b->model->switched(b, to);
}
