/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Motors: 0.2 s for the whole way (unsourced: no maker says; hosts see it as lag). A motor that was told a place goes there;
 * one that has been moved by hand since stays, but that of a servo goes back to where it was told last (surfaces.md 0,
 * "motor fader echo"), as soon as the hand has been off for a while.
 */
#include "test/boxes/inside.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000LL

#define MOTOR_WAY_NS   (200 * MS)
#define SERVO_FELT_NS  (100 * MS) /* from a let go to going back, where hands are felt; */
#define SERVO_BLIND_NS (300 * MS) /* and from the last move, where they are not */

static const struct model *const families[] = {mackie_models,   xtouch_models,   bc2000_models,
                                               korg_models,     novation_models, plain_models,
                                               presonus_models, faderfox_models, arturia_models};

static const struct model *
nth_model(int n)
{
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (const struct model *m = families[f]; m->name; m++)
            if (n-- == 0)
                return m;
    return NULL;
}

const char *
box_model(int n)
{
    const struct model *m = nth_model(n);

    return m ? m->name : NULL;
}

static void
listen_for(struct box *b, const struct call *c, int g, int n, int nth_call, int what)
{
    int status = c->form == FORM_NOTE       ? 0x9
                 : c->form == FORM_BEND     ? 0xe
                 : c->form == FORM_PRESSURE ? 0xd
                 : c->form == FORM_POLY     ? 0xa
                 : c->form == FORM_PROGRAM  ? 0xc
                                            : 0xb;
    bool numbered = c->form != FORM_BEND && c->form != FORM_PRESSURE && c->form != FORM_PROGRAM;
    struct ear *ear;

    if (c->form == FORM_NONE)
        return;
    ear = &b->ear[status - 8][call_channel(c, nth_call)]
                 [(numbered ? call_number(c, nth_call) : 0) + (what == HEARS_LOW ? 32 : 0)];
    assert(ear->what == HEARS_NOTHING); /* else the table says two things of one message */
    *ear = (struct ear){(int16_t)g, (int16_t)n, (int16_t)what};
}

static void
listen(struct box *b, int g)
{
    const struct group *group = &b->model->groups[g];

    for (int n = 0; n < group->seen.count; n++) {
        listen_for(b, &group->place, g, n, n, HEARS_PLACE);
        if (group->place.form == FORM_CC_PAIR)
            listen_for(b, &group->place, g, n, n, HEARS_LOW);
        listen_for(b, &group->ring, g, n, n, HEARS_RING);
        listen_for(b, &group->ring_mode, g, n, n, HEARS_MODE);
        listen_for(b, &group->light, g, n, n, HEARS_LIGHT);
        for (int i = 0; i < 3; i++)
            listen_for(b, &group->rgb[i], g, n, n, HEARS_RED + i);
        listen_for(b, &group->meter, g, n, n, HEARS_METER);
    }
    for (int d = 0; group->digit.form && d < group->seen.columns; d++)
        listen_for(b, &group->digit, g, d, d, HEARS_DIGIT);
}

struct box *
box_open(const char *model, box_says *says, void *context, int64_t now_ns)
{
    const struct model *m;
    struct box *b;
    int n = 0;

    while ((m = nth_model(n++)) && strcmp(m->name, model) != 0)
        ;
    if (!m || !(b = calloc(1, sizeof *b)))
        return NULL;
    b->model = m;
    b->says = says;
    b->context = context;
    assert(m->ngroups <= (int)(sizeof b->first / sizeof *b->first));
    for (int g = 0; g < m->ngroups; g++) {
        b->first[g] = b->nparts;
        b->nparts += m->groups[g].seen.count;
        listen(b, g);
    }
    if (!(b->part = calloc((size_t)b->nparts, sizeof *b->part))) {
        free(b);
        return NULL;
    }
    box_power(b, now_ns);
    return b;
}

void
box_close(struct box *b)
{
    if (b)
        free(b->part);
    free(b);
}

void
box_power(struct box *b, int64_t now_ns)
{
    for (int i = 0; i < b->nparts; i++) {
        double place = b->part[i].place; /* faders stay where they are */

        b->part[i] = (struct part){.place = place, .high = -1, .hand_ns = INT64_MIN / 2};
        memset(b->part[i].text, ' ', sizeof b->part[i].text);
    }
    for (int g = 0; g < b->model->ngroups; g++) /* but what an encoder remembered is gone */
        for (int n = 0; b->model->groups[g].seen.keeps && n < b->model->groups[g].seen.count; n++)
            box_part(b, g, n)->place = 0;
    b->now_ns = b->alive_ns = now_ns;
    b->sysex_ns = b->colour_ns = INT64_MIN / 2;
    b->sysex_room_ns = 0;
    b->sleeps = b->silent = false;
    b->state = b->channel_shift = b->counter = 0;
    b->powered++;
    memset(b->scene, 0, sizeof b->scene);
    if (b->model->start)
        b->model->start(b);
}

void
box_blame(struct box *b, const char *format, ...)
{
    va_list list;
    int n;

    if (b->faults++)
        return;
    n = snprintf(b->fault, sizeof b->fault, "%s at %.3f s: ", b->model->name, (double)b->now_ns / 1e9);
    va_start(list, format);
    vsnprintf(b->fault + n, sizeof b->fault - (size_t)n, format, list);
    va_end(list);
}

static void
travel(struct box *b, int g, int n, int64_t passed_ns)
{
    const struct group *group = &b->model->groups[g];
    struct part *p = box_part(b, g, n);
    double way = (double)passed_ns / MOTOR_WAY_NS;
    int64_t wait = group->seen.touch ? SERVO_FELT_NS : SERVO_BLIND_NS;
    bool told_since = p->command_ns >= p->hand_ns;

    if (p->touched || !p->driven || (!told_since && (!b->model->servo || b->now_ns - p->hand_ns < wait)))
        return;
    if (fabs(p->commanded - p->place) <= way)
        p->place = p->commanded;
    else
        p->place += p->commanded > p->place ? way : -way;
}

static void
watch_over(struct box *b)
{
    if (!b->model->keep_alive_ms || b->sleeps || b->now_ns - b->alive_ns < b->model->keep_alive_ms * MS)
        return;
    b->sleeps = true;
    box_blame(b, "nothing kept it awake for %d ms: it has gone to sleep", b->model->keep_alive_ms);
}

void
box_tick(struct box *b, int64_t now_ns)
{
    int64_t passed = now_ns - b->now_ns;

    b->now_ns = now_ns;
    for (int g = 0; g < b->model->ngroups; g++)
        for (int n = 0; b->model->groups[g].seen.motor && n < b->model->groups[g].seen.count; n++)
            travel(b, g, n, passed);
    watch_over(b);
    if (b->model->tick)
        b->model->tick(b);
}

const char *
box_fault(const struct box *b)
{
    return b->faults ? b->fault : NULL;
}

int
box_faults(const struct box *b)
{
    return b->faults;
}

void
box_forgive(struct box *b)
{
    b->faults = 0;
}

int
box_controls(const struct box *b)
{
    return b->model->ngroups;
}

const struct box_control *
box_control(const struct box *b, int c)
{
    return &b->model->groups[c].seen;
}

int
box_find(const struct box *b, const char *name)
{
    for (int g = 0; g < b->model->ngroups; g++)
        if (strcmp(b->model->groups[g].seen.name, name) == 0)
            return g;
    return -1;
}

int
box_group(const struct box *b, const char *name)
{
    int g = box_find(b, name);

    assert(g >= 0);
    return g;
}

struct part *
box_part(const struct box *b, int c, int n)
{
    assert(c >= 0 && c < b->model->ngroups && n >= 0 && n < b->model->groups[c].seen.count);
    return &b->part[b->first[c] + n];
}

bool
box_is_down(const struct box *b, int c, int n)
{
    return box_part(b, c, n)->down;
}

bool
box_owes(const struct box *b, int c, int n)
{
    return box_part(b, c, n)->owed;
}

static void
light_of(enum light_rule rule, int v, struct box_shows *s)
{
    bool on = false, blinks = false;

    switch (rule) {
    case LIGHT_NONE: break;
    case LIGHT_MACKIE:
        on = v == 127;
        blinks = v & 1;
        break;
    case LIGHT_0_127:
    case LIGHT_0_1: on = v; break;
    case LIGHT_0_1_2:
        on = v == 1;
        blinks = v == 2;
        break;
    case LIGHT_HALF: on = v >= 64; break;
    case LIGHT_HALF_LATE: on = v >= 65; break;
    case LIGHT_64_BLINKS:
        on = v >= 65;
        blinks = v == 64;
        break;
    case LIGHT_RED_GREEN:
        on = v & 0x33;
        blinks = on && (v & 12) == 8;
        on = on && !blinks;
        break;
    }
    s->light = on ? BOX_ON : blinks ? BOX_BLINK : BOX_OFF;
    s->colour = v;
}

static void
ring_of(enum ring_rule rule, const struct part *p, struct box_shows *s)
{
    static const enum box_ring mackie[] = {BOX_DOT, BOX_FROM_CENTRE, BOX_FILL, BOX_SPREAD};
    static const enum box_ring thirteen[] = {BOX_DOT, BOX_FROM_CENTRE, BOX_FILL, BOX_SPREAD, BOX_TRIM};
    static const enum box_ring bar[] = {BOX_DOT, BOX_FROM_CENTRE, BOX_FILL, BOX_SPREAD, BOX_RING_OFF};

    switch (rule) {
    case RING_NONE: return;
    case RING_MACKIE:
        s->mode = mackie[p->ring >> 4 & 3];
        s->centre = p->ring & 0x40;
        s->ring = p->ring & 15;
        s->ring_last = s->mode == BOX_SPREAD ? 6 : 11;
        return;
    case RING_13:
        s->mode = thirteen[p->mode];
        s->ring_blinks = p->ring >= 14 && p->ring != 27;
        s->ring = p->ring > 26 ? 13 : p->ring > 13 ? p->ring - 13 : p->ring;
        s->ring_last = 13;
        return;
    case RING_PLACE:
        s->ring = (int)lround(p->place * 127);
        s->ring_last = 127;
        return;
    case RING_BAR:
    case RING_127:
        s->mode = bar[p->mode];
        s->ring = p->ring;
        s->ring_last = 127;
        return;
    }
}

struct box_shows
box_shows(const struct box *b, int c, int n)
{
    const struct group *group = &b->model->groups[c];
    const struct part *p = box_part(b, c, n);
    struct box_shows s = {.place = p->place, .meter = p->meter, .over = p->over};

    if (!b->model->bright || !b->model->bright(b, c, n, &s))
        light_of(group->light_rule, p->light, &s);
    s.rgb = group->rgb[0].form ? (uint32_t)(p->rgb[0] << 16 | p->rgb[1] << 8 | p->rgb[2]) : p->strip_rgb;
    ring_of(group->ring_rule, p, &s);
    for (int row = 0; row < group->seen.rows; row++)
        memcpy(s.text[row], p->text[row], (size_t)group->seen.columns);
    for (int i = 0; i < group->seen.columns; i++)
        s.dots[i] = p->dot[i] ? '.' : ' ';
    return s;
}
