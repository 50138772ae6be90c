/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/surfaceinside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 16 /* of one message */ };

/* --- controls -------------------------------------------------------------------------------------------- */

struct control *
surface_control_at(struct surface *s, int group, int n)
{
    if (group < 0 || group >= (int)s->p->controls_count || n < 0 || n >= s->at[group + 1] - s->at[group])
        return NULL;
    return &s->control[s->at[group] + n];
}

const char *
surface_control_name(const struct control *k, char *name, size_t size)
{
    snprintf(name, size, k->c->count > 1 ? "%s/%d" : "%s", k->c->name, k->n + 1);
    return name;
}

int
surface_control_cells(const struct surface_control *c)
{
    if (c->style == SURFACE_SHOWS_METER_MACKIE)
        return 2;
    if (c->kind != SURFACE_DISPLAY)
        return c->mode && (c->style == SURFACE_SHOWS_RING_13 || c->style == SURFACE_SHOWS_BAR) ? 2 : 1;
    if (c->text == SURFACE_TEXT_DIGITS)
        return c->columns > 0 ? c->columns : 1;
    return c->rows > 0 ? c->rows : 1;
}

static int
count_of(const struct surface_profile *p, unsigned group)
{
    return p->controls[group].count > 0 ? p->controls[group].count : 1;
}

static int
find_touch(const struct surface *s, const struct control *k)
{
    for (unsigned group = 0; k->c->touch && group < s->p->controls_count; group++)
        if (strcmp(s->p->controls[group].name, k->c->touch) == 0)
            return k->n < count_of(s->p, group) ? s->at[group] + k->n : -1;
    return -1;
}

static enum status
open_controls(struct surface *s)
{
    s->at = calloc(s->p->controls_count + 1, sizeof *s->at);
    if (!s->at)
        return NO_MEM;
    for (unsigned group = 0; group < s->p->controls_count; group++)
        s->at[group + 1] = s->controls += count_of(s->p, group);
    s->control = calloc((size_t)s->controls + 1, sizeof *s->control);
    if (!s->control)
        return NO_MEM;
    for (unsigned group = 0; group < s->p->controls_count; group++)
        for (int n = 0; n < count_of(s->p, group); n++) {
            struct control *k = surface_control_at(s, (int)group, n);

            k->group = (int)group;
            k->n = n;
            k->c = &s->p->controls[group];
            k->cell = s->cells;
            k->steps = 127;
            k->moved_ns = k->shown_ns = k->added_ns = k->acted_ns = k->flushed_ns = SURFACE_NEVER;
            k->sent_ns = k->echo_ns = k->echoes_ns = k->cut_ns = k->presses.since_ns = SURFACE_NEVER;
            s->cells += surface_control_cells(k->c);
        }
    for (int i = 0; i < s->controls; i++)
        s->control[i].touch = find_touch(s, &s->control[i]);
    s->cell_colours = s->cells;
    s->cell_hello = s->cells += (int)s->p->controls_count;
    s->cells += surface_hello_cells(s->p);
    return OK;
}

/* --- what its files share -------------------------------------------------------------------------------- */

bool
pace_allows(struct pace *p, int64_t now_ns, int most)
{
    if (now_ns - p->since_ns >= SURFACE_PACE_NS) {
        p->since_ns = now_ns;
        p->count = 0;
    }
    return p->count++ < most;
}

/* The oldest makes room. */
void
surface_tell(struct surface *s, const char *format, ...)
{
    struct err *e = &s->news[(s->news_first + s->news_count) % SURFACE_NEWS];
    va_list list;

    va_start(list, format);
    vsnprintf(e->text, sizeof e->text, format, list);
    va_end(list);
    if (s->news_count < SURFACE_NEWS)
        s->news_count++;
    else
        s->news_first = (s->news_first + 1) % SURFACE_NEWS;
}

static bool
is_live(const struct surface *s, const struct pages_target *t)
{
    int id = surface_row(s, t);
    const struct param *row = param_at(id);

    return row && (row->owner == OWNER_METER || row->owner == OWNER_CONTROL || row->flags & PARAM_COUNTER);
}

static bool
same_target(const struct pages_target *a, const struct pages_target *b)
{
    return a->does == b->does && a->assign == b->assign && a->param == b->param && a->macro == b->macro;
}

void
surface_retarget(struct surface *s)
{
    if (pages_changes(s->pages) == s->seen_pages)
        return;
    s->seen_pages = pages_changes(s->pages);
    s->stale = true;
    s->any_live = false;
    for (int i = 0; i < s->controls; i++) {
        struct control *k = &s->control[i];
        const struct pages_target *t = pages_target(s->pages, k->group, k->n);

        if (!same_target(t, &k->on)) {
            k->takeover.holds = k->followed = k->waits = false;
            k->rest = k->ticks = 0.0;
            k->added_ns = SURFACE_NEVER;
            k->shown_ns = k->touched ? k->shown_ns : SURFACE_NEVER;
        }
        k->on = *t;
        k->live = is_live(s, t);
        s->any_live = s->any_live || k->live || k->c->kind == SURFACE_METER;
    }
}

void
surface_tell_all(struct surface *s)
{
    outbox_forget_all(s->outbox);
    s->stale = true;
}

/* --- opening --------------------------------------------------------------------------------------------- */

static enum status
open_parts(struct surface *s, struct err *e)
{
    enum status status = pages_open(&s->pages, s->p, e);

    if (status != OK)
        return status;
    status = open_controls(s);
    if (status == OK)
        status = codec_open(&s->codec, s->p);
    if (status == OK)
        status = surface_echo_open(s);
    if (status == OK)
        status = surface_hello_open(s);
    s->out = surface_echo_port(s);
    if (status == OK)
        status = outbox_open(&s->outbox, s->p, s->cells, &s->out);
    if (status != OK)
        err_set(e, "%s: no memory for the surface", s->p->name ? s->p->name : s->hand);
    return status;
}

static void
free_parts(struct surface *s)
{
    outbox_close(s->outbox);
    surface_hello_close(s);
    codec_close(s->codec);
    pages_close(s->pages);
    free(s->echo);
    free(s->control);
    free(s->at);
    free(s);
}

enum status
surface_open(struct surface **out, const struct surface_profile *p, struct engine *engine, const char *hand,
             const struct midi_port *port, struct err *e)
{
    struct surface *s = calloc(1, sizeof *s);
    enum status status;

    *out = NULL;
    if (!s) {
        err_set(e, "no memory for the surface");
        return NO_MEM;
    }
    s->p = p;
    s->engine = engine;
    s->port = port;
    snprintf(s->hand, sizeof s->hand, "%s", hand);
    s->live_ns = s->loop_ns = s->refused_ns = s->shows.since_ns = SURFACE_NEVER;
    s->due_ns = INT64_MAX;
    s->seen_pages = UINT64_MAX;
    status = open_parts(s, e);
    if (status != OK) {
        free_parts(s);
        return status;
    }
    s->now_ns = SURFACE_NEVER; /* until it is told */
    surface_retarget(s);
    surface_say_hello(s);
    *out = s;
    return OK;
}

void
surface_close(struct surface *s)
{
    if (!s)
        return;
    surface_say_bye(s);
    free_parts(s);
}

/* --- messages -------------------------------------------------------------------------------------------- */

static void
touch(struct surface *s, const struct control *finger, bool on)
{
    for (int i = 0; i < s->controls; i++) {
        struct control *k = &s->control[i];

        if (k->touch < 0 || &s->control[k->touch] != finger)
            continue;
        k->touched = on;
        k->owed = true;
        k->shown_ns = s->now_ns;
        k->moved_ns = on ? k->moved_ns : SURFACE_NEVER; /* the hand is off: nothing to wait for */
        if (k->c->style == SURFACE_SHOWS_VALUE)
            outbox_drop(s->outbox, k->cell);
        s->map_changes += k->c->motor;
    }
    s->stale = true;
}

static bool
is_hand(const struct surface *s, const struct control *k, const struct codec_event *e, bool echo)
{
    return !echo && !(e->what == CODEC_VALUE && surface_is_motor(s, k));
}

/* A key that is down comes up, though its light has just been told the same. */
static bool
comes_up(struct surface *s, const struct codec_event *events, int n)
{
    const struct control *k = n > 0 ? surface_control_at(s, events[0].group, events[0].n) : NULL;

    return k && events[0].what == CODEC_RELEASE && (k->pressed || k->layer || k->fine);
}

static void
take_event(struct surface *s, const struct codec_event *e, uint64_t frame, bool moved, bool echo)
{
    struct control *k = surface_control_at(s, e->group, e->n);

    if (k->c->kind == SURFACE_TOUCH) {
        touch(s, k, e->what == CODEC_PRESS || e->what == CODEC_ON);
        return;
    }
    if (!is_hand(s, k, e, echo))
        return;
    if (s->learner) {
        surface_note_hand(s, k);
        if (e->what == CODEC_RELEASE || e->what == CODEC_OFF)
            surface_let_go(s, k);
        return;
    }
    switch (e->what) {
    case CODEC_VALUE: surface_take_value(s, k, e, frame, moved); break;
    case CODEC_TICKS: surface_take_ticks(s, k, e->ticks, frame, moved); break;
    case CODEC_PRESS:
    case CODEC_RELEASE:
    case CODEC_ON:
    case CODEC_OFF: surface_take_button(s, k, e->what, frame); break;
    }
}

/* Which control an echo is to be counted for; a motor that says where it is has not been told so by a cable. */
static struct control *
echoed(struct surface *s, const struct codec_event *events, int n, int control)
{
    if (n > 0)
        return surface_control_at(s, events[0].group, events[0].n);
    return control >= 0 ? &s->control[control] : NULL;
}

void
surface_take(struct surface *s, const uint8_t *bytes, size_t size, uint64_t frame, bool moved, int64_t now_ns)
{
    struct codec_event events[EVENTS];
    int control, n;
    bool echo;

    s->now_ns = now_ns;
    s->counts.in++;
    if (surface_hear_hello(s, bytes, size))
        return;
    n = codec_read(s->codec, bytes, size, now_ns, events, EVENTS);
    echo = surface_is_echo(s, bytes, size, &control) && !comes_up(s, events, n);
    if (echo)
        surface_count_echo(s, echoed(s, events, n, control));
    else if (!codec_known(s->codec))
        s->counts.unknown++;
    if (s->learner && !echo)
        s->learner(s->learner_context, bytes, size, now_ns);
    for (int i = 0; i < n; i++)
        take_event(s, &events[i], frame, moved, echo);
}

/* Halves of values whose other half did not come; those of an echo are one. */
static void
take_late(struct surface *s)
{
    struct codec_event events[EVENTS];
    int n = codec_tick(s->codec, s->now_ns, events, EVENTS);

    for (int i = 0; i < n; i++) {
        const struct control *k = surface_control_at(s, events[i].group, events[i].n);

        take_event(s, &events[i], ENGINE_NOW, false, s->now_ns - k->echo_ns < SURFACE_ECHO_NS);
    }
}

void
surface_tick(struct surface *s, int64_t now_ns)
{
    s->now_ns = now_ns;
    take_late(s);
    surface_hello_tick(s);
    surface_flush(s);
    surface_feed(s);
    outbox_tick(s->outbox, now_ns);
}

int64_t
surface_next_ns(const struct surface *s)
{
    return outbox_next_ns(s->outbox);
}

void
surface_resync(struct surface *s)
{
    surface_tell_all(s);
}

/* --- asking ---------------------------------------------------------------------------------------------- */

const struct surface_profile *
surface_profile_of(const struct surface *s)
{
    return s->p;
}

const char *
surface_hand(const struct surface *s)
{
    return s->hand;
}

const struct pages *
surface_pages(const struct surface *s)
{
    return s->pages;
}

const char *
surface_page_name(const struct surface *s)
{
    const char *name = s->p->pages[pages_page(s->pages)].name;

    return name ? name : "";
}

bool
surface_open_page(struct surface *s, const char *name)
{
    for (unsigned i = 0; i < s->p->pages_count; i++)
        if (s->p->pages[i].name && strcmp(s->p->pages[i].name, name) == 0) {
            pages_open_page(s->pages, (int)i);
            surface_retarget(s);
            return true;
        }
    return false;
}

const struct surface_counts *
surface_counts(const struct surface *s)
{
    return &s->counts;
}

const char *
surface_news(struct surface *s)
{
    const char *line = s->news[s->news_first].text;

    if (s->news_count == 0)
        return NULL;
    s->news_first = (s->news_first + 1) % SURFACE_NEWS;
    s->news_count--;
    return line;
}

void
surface_learn(struct surface *s, surface_learner *learner, void *context)
{
    s->learner = learner;
    s->learner_context = context;
    s->map_changes++;
}
