/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A move may join an earlier step only if no later step has moved the same parameter; then it commutes with all
 * that lies between, and the list stays true. `last` knows without a search.
 */
#include "engine/history.h"

#include "engine/params.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    REACH = 32, /* steps looked back for one that a move may join */
    FINGERS =
        5 /* that a hand has on its knobs at a time: more parameters are no gesture, but a script's moves */
};

/* As much as fits, no letter of several bytes cut in two. */
static void
copy_words(char *out, size_t size, const char *words)
{
    size_t n = strlen(words);

    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)words[n] & 0xc0) == 0x80)
            n--;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = iscntrl((unsigned char)words[i]) ? '?' : words[i];
    out[n] = '\0';
}

/* --- the list ------------------------------------------------------------------------------------- */

enum status
history_prepare(struct history *h, int nids)
{
    *h = (struct history){0};
    h->step = calloc(HISTORY_STEPS, sizeof *h->step);
    h->last = calloc((size_t)nids, sizeof *h->last);
    if (h->step && h->last)
        return OK;
    history_free(h);
    return NO_MEM;
}

static struct history_step *
at(const struct history *h, int i)
{
    return &h->step[(h->first + i) % HISTORY_STEPS];
}

static void
clear(struct history_step *s)
{
    free(s->more);
    *s = (struct history_step){0};
}

void
history_forget(struct history *h)
{
    for (int i = 0; i < h->count; i++)
        clear(at(h, i));
    h->first = h->count = h->done = 0;
    h->closed = h->number;
    h->changes++;
}

void
history_free(struct history *h)
{
    if (h->step)
        history_forget(h);
    free(h->step);
    free(h->last);
    *h = (struct history){0};
}

/* Its place; -1: it has gone, or was none. */
static int
find(const struct history *h, uint32_t number)
{
    int low = 0, high = h->done;

    while (low < high) {
        int middle = (low + high) / 2;

        if (at(h, middle)->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < h->done && at(h, low)->number == number ? low : -1;
}

const struct history_change *
history_changes(const struct history_step *s, int *n)
{
    *n = s->nchanges;
    return s->more ? s->more : &s->one;
}

/* The moves of a crossfade come in the same order over and over: look behind the last one first. */
static struct history_change *
change_of(struct history_step *s, int id)
{
    struct history_change *c = s->more ? s->more : &s->one;

    for (int i = 0; i < s->nchanges; i++) {
        int k = s->looked + i < s->nchanges ? s->looked + i : s->looked + i - s->nchanges;

        if (c[k].id == id) {
            s->looked = k + 1 < s->nchanges ? k + 1 : 0;
            return &c[k];
        }
    }
    return NULL;
}

static bool
add_change(struct history_step *s, struct history_change c)
{
    struct history_change *more;

    if (s->nchanges == 0) {
        s->one = c;
        s->nchanges = 1;
        return true;
    }
    more = realloc(s->more, sizeof *more * (size_t)(s->nchanges + 1));
    if (!more)
        return false;
    if (!s->more)
        more[0] = s->one;
    s->more = more;
    s->more[s->nchanges++] = c;
    return true;
}

/* The parameter is at c.to now. */
static bool
put_change(struct history *h, struct history_step *s, struct history_change c)
{
    struct history_change *old = h->last[c.id] == s->number ? change_of(s, c.id) : NULL;

    h->last[c.id] = s->number;
    if (!old)
        return add_change(s, c);
    old->to = c.to;
    return true;
}

/* The newest step below place `below` that moved it. */
static uint32_t
last_below(const struct history *h, int below, int id)
{
    while (below-- > 0)
        if (change_of(at(h, below), id))
            return at(h, below)->number;
    return 0;
}

static void
take_out(struct history *h, int place)
{
    struct history_step *s = at(h, place);
    int n;
    const struct history_change *c = history_changes(s, &n);

    for (int i = 0; i < n; i++)
        if (h->last[c[i].id] == s->number)
            h->last[c[i].id] = last_below(h, place, c[i].id);
    clear(s);
    for (int i = place; i + 1 < h->count; i++)
        *at(h, i) = *at(h, i + 1);
    h->count--;
    h->done--;
    *at(h, h->count) = (struct history_step){0};
}

static void
cut_redo(struct history *h)
{
    while (h->count > h->done)
        clear(at(h, --h->count));
}

static struct history_step *
add_step(struct history *h, const struct history_move *m, const struct history_group *g)
{
    struct history_step *s;

    if (h->count == HISTORY_STEPS) {
        clear(at(h, 0));
        h->first = (h->first + 1) % HISTORY_STEPS;
        h->count--;
        h->done--;
    }
    s = at(h, h->count);
    *s = (struct history_step){.number = ++h->number, .group = g != NULL};
    if (g)
        memcpy(s->label, g->label, sizeof s->label);
    copy_words(s->by, sizeof s->by, m->by);
    h->done = ++h->count;
    return s;
}

static bool
is_nothing(const struct history_step *s)
{
    int n;
    const struct history_change *c = history_changes(s, &n);

    for (int i = 0; i < n; i++)
        if (c[i].from != c[i].to)
            return false;
    return true;
}

/* --- gestures ------------------------------------------------------------------------------------- */

static bool
is_hands(const struct history *h, const struct history_step *s, const struct history_move *m)
{
    return s->number > h->closed && !s->group && strncmp(s->by, m->by, HISTORY_HAND - 1) == 0;
}

static bool
is_live(const struct history *h, const struct history_step *s, const struct history_move *m)
{
    return m->now_ns - s->moved_ns <= HISTORY_REST_NS && is_hands(h, s, m);
}

static bool
is_act(const struct history *h, const struct history_step *s, const struct history_move *m)
{
    return s->together == m->together && is_live(h, s, m) && h->last[m->id] <= s->number;
}

/* The gesture or act that goes on with this move; NULL: it begins one. */
static struct history_step *
step_of_gesture(const struct history *h, const struct history_move *m)
{
    int place = find(h, h->last[m->id]);

    if (place >= 0 && is_live(h, at(h, place), m))
        return at(h, place);
    for (int i = h->done - 1; m->together && i >= 0 && i >= h->done - REACH; i--)
        if (is_act(h, at(h, i), m))
            return at(h, i);
    return NULL;
}

/* Does a step between the two places move what the later one moves? */
static bool
is_crossed(const struct history *h, int place, int later)
{
    int n;
    const struct history_change *c = history_changes(at(h, later), &n);

    for (int i = place + 1; i < later; i++)
        for (int k = 0; k < n; k++)
            if (change_of(at(h, i), c[k].id))
                return true;
    return false;
}

/* The later step's changes go to the earlier one. */
static bool
absorb(struct history *h, int place, int later)
{
    struct history_step *s = at(h, place), *t = at(h, later);
    int n;
    const struct history_change *c = history_changes(t, &n);

    for (int i = 0; i < n; i++) {
        struct history_change *old = change_of(s, c[i].id);

        if (old)
            old->to = c[i].to;
        else if (!add_change(s, c[i]))
            return false;
        if (h->last[c[i].id] == t->number)
            h->last[c[i].id] = s->number;
    }
    take_out(h, later);
    return true;
}

/* A hand that is back at s has had what it moved since then in hand all the time. */
static bool
join(struct history *h, int place, const struct history_move *m)
{
    for (int i = place + 1; i < h->done && i <= place + REACH; i++)
        if (is_live(h, at(h, i), m) && at(h, place)->nchanges + at(h, i)->nchanges <= FINGERS &&
            !is_crossed(h, place, i) && !absorb(h, place, i--))
            return false;
    return true;
}

/* --- groups --------------------------------------------------------------------------------------- */

static struct history_group *
group_at(struct history *h, int handle)
{
    for (int i = 0; i < HISTORY_GROUPS && handle; i++)
        if (h->group[i].handle == handle)
            return &h->group[i];
    return NULL;
}

static struct history_group *
group_of_hand(struct history *h, const char *by)
{
    for (int i = 0; i < HISTORY_GROUPS; i++)
        if (h->group[i].handle && h->group[i].hand && strncmp(h->group[i].by, by, HISTORY_HAND - 1) == 0)
            return &h->group[i];
    return NULL;
}

bool
history_is_open(const struct history *h, int group)
{
    return group_at((struct history *)h, group) != NULL;
}

int
history_begin(struct history *h, const char *label, const char *by, bool hand)
{
    struct history_group *g = &h->group[0];

    if (hand)
        history_end_hand(h, by);
    for (int i = 1; i < HISTORY_GROUPS; i++)
        if (h->group[i].handle < g->handle) /* free, or the oldest */
            g = &h->group[i];
    history_end(h, g->handle);
    *g = (struct history_group){.handle = ++h->handles, .hand = hand};
    copy_words(g->label, sizeof g->label, label);
    copy_words(g->by, sizeof g->by, by);
    return g->handle;
}

void
history_end(struct history *h, int group)
{
    struct history_group *g = group_at(h, group);
    int place = g ? find(h, g->step) : -1;

    if (place >= 0 && is_nothing(at(h, place))) {
        take_out(h, place);
        h->changes++;
    }
    if (g)
        *g = (struct history_group){0};
}

void
history_end_hand(struct history *h, const char *by)
{
    struct history_group *g = group_of_hand(h, by);

    if (g)
        history_end(h, g->handle);
}

static struct history_step *
step_of_group(const struct history *h, const struct history_group *g, int id)
{
    int place = find(h, g->step);

    return place >= 0 && h->last[id] <= g->step ? at(h, place) : NULL;
}

/* --- the way in ----------------------------------------------------------------------------------- */

bool
history_note(struct history *h, int group, const struct history_move *m)
{
    struct history_group *g = group ? group_at(h, group) : group_of_hand(h, m->by);
    struct history_step *s;
    bool new, ok;
    int place;

    if (m->from == m->to)
        return true;
    cut_redo(h);
    h->changes++;
    s = g ? step_of_group(h, g, m->id) : step_of_gesture(h, m);
    new = !s;
    if (new)
        s = add_step(h, m, g);
    if (g)
        g->step = s->number;
    s->moved_ns = m->now_ns;
    s->together = m->together;
    place = find(h, s->number);
    ok = put_change(h, s, (struct history_change){m->id, m->from, m->to}) && (new || g || join(h, place, m));
    if (!ok)
        history_forget(h);
    else if (!g && is_nothing(at(h, place)))
        take_out(h, place);
    return ok;
}

/* --- back and forth ------------------------------------------------------------------------------- */

int
history_undo_steps(const struct history *h)
{
    return h->done;
}

int
history_redo_steps(const struct history *h)
{
    return h->count - h->done;
}

const struct history_step *
history_next(const struct history *h, bool redo)
{
    if (redo)
        return h->done < h->count ? at(h, h->done) : NULL;
    return h->done > 0 ? at(h, h->done - 1) : NULL;
}

void
history_go(struct history *h, bool redo)
{
    if (!history_next(h, redo))
        return;
    h->done += redo ? 1 : -1;
    h->closed = h->number;
    memset(h->group, 0, sizeof h->group);
    h->changes++;
}

/* --- in words ------------------------------------------------------------------------------------- */

static void
describe_change(const struct history_change *c, char *out, size_t size)
{
    const struct param *p = param_at(c->id);
    char values[2 * PARAM_VALUE_SIZE + 8];

    param_format_move(p, c->from, c->to, values, sizeof values);
    snprintf(out, size, "%s %s", p->path + 1, values);
}

void
history_describe(const struct history_step *s, char *out, size_t size)
{
    enum { CHANGE = PARAM_PATH_SIZE + 2 * PARAM_VALUE_SIZE + 16 };
    char change[2][CHANGE];
    int n, moved = 0;
    const struct history_change *c = history_changes(s, &n);

    for (int i = 0; i < n; i++)
        if (c[i].from != c[i].to && moved++ < 2)
            describe_change(&c[i], change[moved - 1], CHANGE);
    if (s->label[0])
        snprintf(out, size, "%s (%d value%s), %s", s->label, moved, moved == 1 ? "" : "s", s->by);
    else if (moved == 0)
        snprintf(out, size, "nothing, %s", s->by);
    else if (moved == 1)
        snprintf(out, size, "%s, %s", change[0], s->by);
    else if (moved == 2)
        snprintf(out, size, "%s, %s, %s", change[0], change[1], s->by);
    else
        snprintf(out, size, "%s and %d more, %s", change[0], moved - 1, s->by);
}

size_t
history_bytes(const struct history *h)
{
    size_t bytes = sizeof *h->step * HISTORY_STEPS;

    for (int i = 0; i < h->count; i++)
        bytes += at(h, i)->more ? sizeof *at(h, i)->more * (size_t)at(h, i)->nchanges : 0;
    return bytes;
}
