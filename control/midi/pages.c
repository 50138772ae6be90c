/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Of the assignments that name a control, the one that holds is found in this order: of the layers that are active, the
 * one that came last; then those without a layer; of each the page's ahead of all pages'; of these the one that names the
 * fewest controls, and the first of equals. All controls are looked up anew after each change: there are few.
 */
#include "control/midi/pages.h"

#include "control/midi/pagesinside.h"

#include <stdlib.h>
#include <string.h>

struct layer {
    int held; /* buttons */
    bool locked;
    uint64_t since; /* larger: came later */
};

struct pages {
    struct words words;
    const struct surface_profile *p;
    int page;
    int *bank, *window; /* of each page: the first slot, from 0; how many are seen */
    bool flipped;
    struct layer layer[PAGES_LAYERS];
    uint64_t came, changes;
    int *at;                  /* of each group: its first in now */
    struct pages_target *now; /* each control's */
    int count;
};

/* --- looking up ---------------------------------------------------------------------------------------- */

static const struct stand *
find_in_parts(const struct parts *parts, int layer, int group, int n)
{
    const struct part *best = NULL;

    for (int i = 0; i < parts->count; i++) {
        const struct part *p = &parts->part[i];

        if (p->group == group && p->layer == layer && n >= p->first && n < p->first + p->count &&
            (!best || p->count < best->count))
            best = p;
    }
    return best ? &best->stand[n - best->first] : NULL;
}

/* layer -1: without. NULL: none. */
static const struct stand *
find_in_layer(const struct pages *g, int layer, int group, int n)
{
    const struct stand *s = find_in_parts(&g->words.parts[g->page], layer, group, n);

    return s ? s : find_in_parts(&g->words.parts[g->p->pages_count], layer, group, n);
}

static bool
is_active(const struct layer *l)
{
    return l->held > 0 || l->locked;
}

/* The active layer that came last before `before`; -1: none. */
static int
layer_before(const struct pages *g, uint64_t before)
{
    int found = -1;

    for (int i = 0; i < g->words.layers; i++)
        if (is_active(&g->layer[i]) && g->layer[i].since < before &&
            (found < 0 || g->layer[i].since > g->layer[found].since))
            found = i;
    return found;
}

static const struct stand *
find_stand(const struct pages *g, int group, int n)
{
    for (int layer = layer_before(g, UINT64_MAX); layer >= 0;
         layer = layer_before(g, g->layer[layer].since)) {
        const struct stand *s = find_in_layer(g, layer, group, n);

        if (s)
            return s;
    }
    return find_in_layer(g, -1, group, n);
}

/* The first group of a kind whose n-th looks at slots; -1: none. */
static int
looks_at_slots(const struct pages *g, enum surface_kind kind, int n)
{
    for (unsigned group = 0; group < g->p->controls_count; group++) {
        const struct stand *s;

        if (g->p->controls[group].kind != kind || n >= words_count(g->p, (int)group))
            continue;
        s = find_stand(g, (int)group, n);
        if (s && s->slot >= 0)
            return (int)group;
    }
    return -1;
}

/* Whose place the control has while flipped; itself, if it does not change. */
static int
flip_group(const struct pages *g, int group, int n)
{
    enum surface_kind kind = g->p->controls[group].kind;
    int fader, encoder;

    if (kind != SURFACE_FADER && kind != SURFACE_ENCODER)
        return group;
    fader = looks_at_slots(g, SURFACE_FADER, n);
    encoder = looks_at_slots(g, SURFACE_ENCODER, n);
    if (fader < 0 || encoder < 0)
        return group;
    return group == fader ? encoder : group == encoder ? fader : group;
}

static struct pages_target
find_target(const struct pages *g, int group, int n)
{
    const struct slots *slots = &g->words.slots[g->page];
    const struct stand *s = find_stand(g, g->flipped ? flip_group(g, group, n) : group, n);
    struct pages_target t = {.does = PAGES_NOTHING, .param = -1, .base = -1};

    if (!s || s->target.does == PAGES_NOTHING)
        return t;
    if (s->slot < 0)
        return s->target;
    if (g->bank[g->page] + s->slot >= slots->count)
        return t;
    t = s->target;
    t.param = t.base = slots->param[g->bank[g->page] + s->slot];
    t.low_value = t.low > t.high ? param_at(t.param)->max : param_at(t.param)->min;
    t.high_value = t.low > t.high ? param_at(t.param)->min : param_at(t.param)->max;
    return t;
}

static bool
same_target(const struct pages_target *a, const struct pages_target *b)
{
    return a->does == b->does && a->assign == b->assign && a->param == b->param && a->base == b->base;
}

/* Whether anything stands for something else than before. */
static bool
look_up(struct pages *g)
{
    bool differs = false;

    for (unsigned group = 0; group < g->p->controls_count; group++)
        for (int n = 0; n < words_count(g->p, (int)group); n++) {
            struct pages_target t = find_target(g, (int)group, n), *was = &g->now[g->at[group] + n];

            differs = differs || !same_target(&t, was);
            *was = t;
        }
    g->changes++;
    return differs;
}

/* In any layer: a layer that looks at the next eight makes it sixteen. What another assignment covers does not look. */
static int
measure_window(const struct pages *g)
{
    int window = 0;

    if (g->words.slots[g->page].count == 0)
        return 0;
    for (unsigned group = 0; group < g->p->controls_count; group++)
        for (int n = 0; n < words_count(g->p, (int)group); n++)
            for (int layer = -1; layer < g->words.layers; layer++) {
                const struct stand *s = find_in_layer(g, layer, (int)group, n);

                window = s && s->slot >= window ? s->slot + 1 : window;
            }
    return window;
}

/* --- opening ------------------------------------------------------------------------------------------- */

static void
keep_first(void *context, const char *where, const struct err *e)
{
    struct err *first = context;

    if (!first->text[0]) {
        *first = *e;
        err_prefix(first, "%s", where);
    }
}

bool
pages_check(const struct surface_profile *p, pages_wrong *wrong, void *context)
{
    struct words w;
    enum status s = words_read(&w, p, wrong, context);

    words_free(&w);
    return s != BAD_ARG;
}

enum status
pages_open(struct pages **out, const struct surface_profile *p, struct err *e)
{
    struct pages *g = calloc(1, sizeof *g);
    struct err first = {""};
    enum status s = NO_MEM;

    *out = NULL;
    if (g) {
        g->p = p;
        for (unsigned i = 0; i < p->controls_count; i++)
            g->count += words_count(p, (int)i);
        g->at = calloc(p->controls_count + 1, sizeof *g->at);
        g->bank = calloc(p->pages_count + 1, sizeof *g->bank);
        g->now = calloc((size_t)g->count + 1, sizeof *g->now);
        g->window = calloc(p->pages_count + 1, sizeof *g->window);
        s = g->at && g->bank && g->window && g->now ? words_read(&g->words, p, keep_first, &first) : NO_MEM;
    }
    if (s != OK) {
        err_set(e, "%s", s == NO_MEM ? "no memory for the pages" : first.text);
        pages_close(g);
        return s;
    }
    for (unsigned i = 1; i < p->controls_count; i++)
        g->at[i] = g->at[i - 1] + words_count(p, (int)i - 1);
    for (g->page = (int)p->pages_count - 1; g->page > 0; g->page--)
        g->window[g->page] = measure_window(g);
    g->window[0] = measure_window(g);
    look_up(g);
    *out = g;
    return OK;
}

void
pages_close(struct pages *g)
{
    if (!g)
        return;
    words_free(&g->words);
    free(g->at);
    free(g->bank);
    free(g->window);
    free(g->now);
    free(g);
}

/* --- asking -------------------------------------------------------------------------------------------- */

const struct pages_target *
pages_target(const struct pages *g, int group, int n)
{
    static const struct pages_target nothing = {.does = PAGES_NOTHING, .param = -1, .base = -1};

    if (group < 0 || group >= (int)g->p->controls_count || n < 0 || n >= words_count(g->p, (int)group))
        return &nothing;
    return &g->now[g->at[group] + n];
}

int
pages_macro(const struct pages *g, int macro, const struct pages_move **moves)
{
    if (macro < 0 || macro >= (int)g->p->macros_count)
        return 0;
    *moves = g->words.macros[macro].move;
    return g->words.macros[macro].count;
}

int
pages_switch(int param)
{
    char path[PARAM_PATH_SIZE + 4];
    char *slash;

    if (!param_at(param))
        return -1;
    snprintf(path, sizeof path, "%s", param_at(param)->path);
    while ((slash = strrchr(path, '/')) && slash > path) {
        int id;

        strcpy(slash, "/on");
        id = param_find(path);
        if (id >= 0)
            return id;
        *slash = '\0';
    }
    return -1;
}

int
pages_slot_param(const struct pages *g, int column)
{
    const struct slots *slots = &g->words.slots[g->page];
    int slot = g->bank[g->page] + column;

    return column >= 0 && column < pages_window(g) && slot < slots->count ? slots->param[slot] : -1;
}

int
pages_page(const struct pages *g)
{
    return g->page;
}

int
pages_window(const struct pages *g)
{
    return g->window[g->page];
}

int
pages_bank(const struct pages *g)
{
    return g->bank[g->page];
}

int
pages_slots(const struct pages *g)
{
    return g->words.slots[g->page].count;
}

bool
pages_flipped(const struct pages *g)
{
    return g->flipped;
}

bool
pages_layer_is(const struct pages *g, const char *layer)
{
    int i = words_layer(&g->words, layer);

    return i >= 0 && is_active(&g->layer[i]);
}

uint64_t
pages_changes(const struct pages *g)
{
    return g->changes;
}

/* --- changing ------------------------------------------------------------------------------------------ */

bool
pages_open_page(struct pages *g, int page)
{
    if (page < 0 || page >= (int)g->p->pages_count || page == g->page)
        return false;
    g->page = page;
    return look_up(g);
}

/* The first comes after the last. */
bool
pages_step_page(struct pages *g, int by)
{
    int count = (int)g->p->pages_count;

    return pages_open_page(g, ((g->page + by) % count + count) % count);
}

/* The window stays within the slots: the last ones fill it. */
bool
pages_move_bank(struct pages *g, int by_slots)
{
    int last = pages_slots(g) - pages_window(g), *bank = &g->bank[g->page], to = *bank + by_slots;

    to = to > last ? last : to;
    to = to < 0 ? 0 : to;
    if (to == *bank)
        return false;
    *bank = to;
    return look_up(g);
}

bool
pages_set_layer(struct pages *g, const char *layer, bool held)
{
    int i = words_layer(&g->words, layer);
    bool was;

    if (i < 0 || (!held && g->layer[i].held == 0))
        return false;
    was = is_active(&g->layer[i]);
    g->layer[i].held += held ? 1 : -1;
    if (was == is_active(&g->layer[i]))
        return false;
    g->layer[i].since = ++g->came;
    return look_up(g);
}

bool
pages_lock_layer(struct pages *g, const char *layer)
{
    int i = words_layer(&g->words, layer);
    bool was;

    if (i < 0)
        return false;
    was = is_active(&g->layer[i]);
    g->layer[i].locked = !g->layer[i].locked;
    if (was == is_active(&g->layer[i]))
        return false;
    g->layer[i].since = ++g->came;
    return look_up(g);
}

bool
pages_flip(struct pages *g)
{
    g->flipped = !g->flipped;
    return look_up(g);
}
