/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks up what a profile's words mean, and tells all that mean nothing. An assignment becomes one `stand` for each of its
 * controls; a wrong one stands for nothing, so that reading goes on behind it.
 */
#include "control/midi/pagesinside.h"

#include "control/midi/pagereader.h"
#include "control/midi/pagerules.h"
#include "engine/word.h"

#include <stdlib.h>
#include <string.h>

enum takes { TAKES_NOTHING, TAKES_PAGE, TAKES_MACRO, TAKES_LAYER, TAKES_GROUP };

static const struct {
    const char *word;
    enum pages_does does;
    enum takes takes;
} actions[] = {
    {"macro", PAGES_MACRO, TAKES_MACRO},           {"page", PAGES_PAGE, TAKES_PAGE},
    {"page_next", PAGES_PAGE_NEXT, TAKES_NOTHING}, {"page_previous", PAGES_PAGE_PREVIOUS, TAKES_NOTHING},
    {"bank_next", PAGES_BANK_NEXT, TAKES_NOTHING}, {"bank_previous", PAGES_BANK_PREVIOUS, TAKES_NOTHING},
    {"slot_next", PAGES_SLOT_NEXT, TAKES_NOTHING}, {"slot_previous", PAGES_SLOT_PREVIOUS, TAKES_NOTHING},
    {"flip", PAGES_FLIP, TAKES_NOTHING},           {"layer", PAGES_LAYER, TAKES_LAYER},
    {"layer_lock", PAGES_LAYER_LOCK, TAKES_LAYER}, {"default", PAGES_DEFAULT, TAKES_GROUP},
    {"toggle", PAGES_TOGGLE, TAKES_GROUP},         {"fine", PAGES_FINE, TAKES_NOTHING},
    {"values", PAGES_VALUES, TAKES_NOTHING},       {"resync", PAGES_RESYNC, TAKES_NOTHING},
};

/* --- names --------------------------------------------------------------------------------------------- */

#define FIND_IN(r, key, kind, name, array, count)                                                            \
    reader_name_in(r, key, kind, name, array, count, sizeof *(array), offsetof(__typeof__(*(array)), name))

/* "encoder", "encoder/3", "encoder/2..4"; false: told. */
static bool
read_controls(struct reader *r, const char *word, struct part *part)
{
    char name[64], extra;
    const char *slash = strchr(word, '/');
    int from = 1, to, count;

    part->group = -1;
    snprintf(name, sizeof name, "%.*s", slash ? (int)(slash - word) : (int)strlen(word), word);
    part->group = FIND_IN(r, "control", "control", name, r->p->controls, r->p->controls_count);
    if (part->group < 0)
        return false;
    to = count = words_count(r->p, part->group);
    if (slash && sscanf(slash + 1, "%d..%d%c", &from, &to, &extra) != 2) {
        if (sscanf(slash + 1, "%d%c", &from, &extra) != 1) {
            reader_say(r, "control", "'%.60s': write %s, %s/3 or %s/2..4", word, name, name, name);
            return part->group = -1, false;
        }
        to = from;
    }
    if (from < 1 || to < from || to > count) {
        reader_say(r, "control", "'%.60s': there are %d of %s: use %s/1 to %s/%d", word, count, name, name,
                   name, count);
        return part->group = -1, false;
    }
    part->first = from - 1;
    part->count = to - from + 1;
    return true;
}

int
words_layer(const struct words *w, const char *name)
{
    for (int i = 0; i < w->layers; i++)
        if (strcmp(w->layer[i], name) == 0)
            return i;
    return -1;
}

/* --- rows ---------------------------------------------------------------------------------------------- */

static void
read_base(struct reader *r, const struct surface_assign *a, int number, struct pages_target *t)
{
    bool beyond;
    int id;

    t->base = t->param;
    if (!a->base)
        return;
    id = reader_row(r, "base", a->base, number, &beyond);
    if (id >= 0 && !param_is_number(param_at(id)))
        reader_say(r, "base", "%s: has no number to add to", param_at(id)->path);
    else if (id >= 0)
        t->base = id;
}

/* Each control's row; what is wrong with one is wrong with all, and told once. */
static void
read_rows(struct reader *r, const struct surface_assign *a, const struct surface_control *c,
          struct part *part)
{
    for (int k = 0; k < part->count; k++) {
        struct pages_target *t = &part->stand[k].target;
        int before = r->faults, id;
        struct ends ends;
        bool beyond;
        struct err e;

        id = reader_row(r, "to", a->to, k + 1, &beyond);
        if (beyond)
            continue;
        if (id >= 0 && c && !pagerules_row(c, a, param_at(id), &e))
            reader_complain(r, "to", &e);
        if (id < 0 || r->faults > before)
            return;
        *t = (struct pages_target){.does = PAGES_ROW, .assign = a, .param = id};
        reader_ends(r, param_at(id), a->low, a->high, &ends);
        t->low = ends.low, t->high = ends.high;
        t->low_value = ends.low_value, t->high_value = ends.high_value;
        t->has_value = a->value && reader_value(r, "value", param_at(id), a->value, &t->value);
        read_base(r, a, k + 1, t);
        if (r->faults > before) {
            *t = (struct pages_target){.does = PAGES_NOTHING, .param = -1};
            return;
        }
    }
}

static void
read_slots(struct reader *r, const struct surface_assign *a, int page, struct part *part)
{
    bool any = page >= 0 && r->p->pages[page].slots_count;

    for (unsigned i = 0; page < 0 && i < r->p->pages_count; i++)
        any = any || r->p->pages[i].slots_count;
    if (!any) {
        reader_say(r, "to", "slots: %s has none: give it slots: [PATH, ...]",
                   page < 0 ? "no page" : "the page");
        return;
    }
    if (a->first < 0)
        reader_say(r, "first", "%d: the window's first is 1", a->first);
    part->slots = true;
    for (int k = 0; k < part->count; k++) {
        part->stand[k].slot = (a->first > 0 ? a->first - 1 : 0) + k;
        part->stand[k].target =
            (struct pages_target){.does = PAGES_ROW, .assign = a, .param = -1, .low = 0.0, .high = 1.0};
    }
}

/* --- actions ------------------------------------------------------------------------------------------- */

/* The word behind an action; "" where there is none. False: told. */
static bool
read_action(struct reader *r, const char *to, size_t *action, char *name, size_t size)
{
    const char *words[LEN(actions) + 1], *space = strchr(to, ' ');
    char word[64];
    size_t i = 0;

    snprintf(word, sizeof word, "%.*s", space ? (int)(space - to) : (int)strlen(to), to);
    snprintf(name, size, "%s", space ? space + strspn(space, " ") : "");
    while (i < LEN(actions) && strcmp(actions[i].word, word) != 0)
        i++;
    *action = i;
    if (i < LEN(actions)) {
        if ((actions[i].takes == TAKES_NOTHING) == !*name)
            return true;
        reader_say(r, "to", *name ? "'%.60s': %s stands alone" : "'%.60s': write %s NAME", to, word);
        return false;
    }
    for (i = 0; i < LEN(actions); i++)
        words[i] = actions[i].word;
    words[i++] = "slots";
    reader_say(r, "to", "'%.60s' is neither a path nor an action: did you mean '%s'?", to,
               word_nearest(word, words, i));
    return false;
}

static bool
name_action(struct reader *r, size_t action, const char *name, struct pages_target *t)
{
    int layer;

    switch (actions[action].takes) {
    case TAKES_NOTHING: return true;
    case TAKES_PAGE:
        t->page = FIND_IN(r, "to", "page", name, r->p->pages, r->p->pages_count);
        return t->page >= 0;
    case TAKES_MACRO:
        t->macro = FIND_IN(r, "to", "macro", name, r->p->macros, r->p->macros_count);
        return t->macro >= 0;
    case TAKES_GROUP:
        t->group = FIND_IN(r, "to", "control", name, r->p->controls, r->p->controls_count);
        return t->group >= 0;
    case TAKES_LAYER:
        layer = reader_name(r, "to", "layer", name, r->w->layer, r->w->layers);
        t->layer = layer >= 0 ? r->w->layer[layer] : NULL;
        return layer >= 0;
    }
    return false;
}

static void
read_actions(struct reader *r, const struct surface_assign *a, const struct surface_control *c,
             struct part *part)
{
    struct pages_target t = {.assign = a, .param = -1, .base = -1, .low = 0.0, .high = 1.0};
    char name[64];
    size_t action;
    struct err e;

    if (!read_action(r, a->to, &action, name, sizeof name))
        return;
    t.does = actions[action].does;
    if (c && !pagerules_action(c, a, t.does, &e)) {
        reader_complain(r, "to", &e);
        return;
    }
    if (!name_action(r, action, name, &t))
        return;
    for (int k = 0; k < part->count; k++) {
        part->stand[k].target = t;
        if (actions[action].takes != TAKES_GROUP)
            continue;
        /* The same number of that group; of a group that has not so many, of the assignment. */
        part->stand[k].target.number = part->first + k;
        if (part->first + k >= words_count(r->p, t.group))
            part->stand[k].target.number = k;
        if (k >= words_count(r->p, t.group))
            part->stand[k].target = (struct pages_target){.does = PAGES_NOTHING, .param = -1};
    }
}

/* --- the whole ----------------------------------------------------------------------------------------- */

static void
read_colour(struct reader *r, const struct surface_assign *a, const struct surface_control *c)
{
    if (a->colour && c && c->colours_count == 0)
        reader_say(r, "colour", "%s has no colours", c->name);
    else if (a->colour && c)
        reader_name_in(r, "colour", "colour", a->colour, c->colours, c->colours_count, sizeof *c->colours,
                       offsetof(struct surface_colour, name));
}

static void
invert(struct part *part)
{
    for (int k = 0; k < part->count; k++) {
        struct pages_target *t = &part->stand[k].target;
        double low = t->low, low_value = t->low_value;

        t->low = t->high, t->high = low;
        t->low_value = t->high_value, t->high_value = low_value;
    }
}

static void
read_assign(struct reader *r, const struct surface_assign *a, int page, struct part *part)
{
    const struct surface_control *c;
    struct err e;

    part->count = 1;
    part->layer = a->layer ? words_layer(r->w, a->layer) : -1;
    if (!a->control)
        reader_say(r, "control", "is missing: write control: NAME");
    c = a->control && read_controls(r, a->control, part) ? &r->p->controls[part->group] : NULL;
    part->stand = reader_take(r, (size_t)part->count, sizeof *part->stand);
    if (!part->stand) {
        part->count = 0;
        return;
    }
    for (int k = 0; k < part->count; k++)
        part->stand[k] = (struct stand){{.does = PAGES_NOTHING, .param = -1}, -1};
    if (!a->to) {
        reader_say(r, "to", "is missing: write to: PATH, slots, macro NAME or an action");
        return;
    }
    for (const char *key = ""; c && *(key = pagerules_key(c, a, key, &e));)
        reader_complain(r, key, &e);
    if (a->to[0] == '/')
        read_rows(r, a, c, part);
    else if (strcmp(a->to, "slots") == 0)
        read_slots(r, a, page, part);
    else
        read_actions(r, a, c, part);
    read_colour(r, a, c);
    if (a->invert)
        invert(part);
}

static void
read_parts(struct reader *r, const struct surface_assign *assign, unsigned count, int page,
           struct parts *parts)
{
    parts->part = reader_take(r, count, sizeof *parts->part);
    if (!parts->part)
        return;
    for (unsigned i = 0; i < count; i++) {
        reader_at(r, page, i);
        read_assign(r, &assign[i], page, &parts->part[parts->count++]);
    }
}

/* "/eq/#/freq" is as many slots as there are bands. */
static void
read_page_slots(struct reader *r, const struct surface_page *page, struct slots *slots)
{
    slots->param =
        reader_take(r, (size_t)params_count() * (page->slots_count ? page->slots_count : 1), sizeof(int));
    for (unsigned i = 0; slots->param && i < page->slots_count; i++) {
        const char *word = page->slots[i];
        bool many = strchr(word, '#') != NULL, beyond = false;
        char key[32];

        snprintf(key, sizeof key, "slots[%u]", i);
        for (int number = 1; number == 1 || (many && !beyond); number++) {
            int id = reader_row(r, key, word, number, &beyond);

            if (id >= 0 && !param_is_number(param_at(id))) {
                reader_say(r, key, "%s: is no number: no control can move it", param_at(id)->path);
                id = -1;
            }
            if (id < 0)
                break;
            slots->param[slots->count++] = id;
        }
    }
}

static void
read_macro(struct reader *r, const struct surface_macro *m, int number, struct moves *moves)
{
    snprintf(r->where, sizeof r->where, "macros[%d]", number);
    if (m->moves_count == 0)
        reader_say(r, "moves",
                   "macro '%.60s' moves nothing: write moves: [{to: PATH, low: VALUE, high: VALUE}]",
                   m->name ? m->name : "");
    moves->move = reader_take(r, m->moves_count, sizeof *moves->move);
    for (unsigned i = 0; moves->move && i < m->moves_count; i++) {
        struct pages_move *move = &moves->move[moves->count];
        struct ends ends;
        bool beyond;
        struct err e;

        snprintf(r->where, sizeof r->where, "macros[%d].moves[%u]", number, i);
        move->param = m->moves[i].to ? reader_row(r, "to", m->moves[i].to, 1, &beyond) : -1;
        if (!m->moves[i].to)
            reader_say(r, "to", "is missing: write to: PATH");
        if (move->param < 0)
            continue;
        if (!pagerules_move(param_at(move->param), &e))
            reader_complain(r, "to", &e);
        else if (reader_ends(r, param_at(move->param), m->moves[i].low, m->moves[i].high, &ends)) {
            *move = (struct pages_move){move->param, ends.low, ends.high, ends.low_value, ends.high_value};
            moves->count++;
        }
    }
}

static void
note_layers(struct reader *r, const struct surface_assign *assign, unsigned count, int page)
{
    for (unsigned i = 0; i < count; i++) {
        if (!assign[i].layer || words_layer(r->w, assign[i].layer) >= 0)
            continue;
        reader_at(r, page, i);
        if (r->w->layers == PAGES_LAYERS)
            reader_say(r, "layer", "'%.60s': too many layers: use at most %d", assign[i].layer, PAGES_LAYERS);
        else
            r->w->layer[r->w->layers++] = assign[i].layer;
    }
}

static bool
names_layer(const struct surface_assign *assign, unsigned count, const char *layer)
{
    for (unsigned i = 0; i < count; i++) {
        const char *to = assign[i].to ? assign[i].to : "", *name = strchr(to, ' ');

        if (name && strncmp(to, "layer", 5) == 0 && strcmp(name + 1, layer) == 0)
            return true;
    }
    return false;
}

/* A layer that nothing brings can't be reached. */
static void
check_layers(struct reader *r, const struct surface_assign *assign, unsigned count, int page)
{
    for (unsigned i = 0; i < count; i++) {
        const char *layer = assign[i].layer;
        bool known = !layer || names_layer(r->p->assign, r->p->assign_count, layer);

        for (unsigned k = 0; !known && k < r->p->pages_count; k++)
            known = names_layer(r->p->pages[k].assign, r->p->pages[k].assign_count, layer);
        if (known)
            continue;
        reader_at(r, page, i);
        reader_say(r, "layer", "no control holds the layer '%.60s': give a button to: \"layer %.60s\"", layer,
                   layer);
    }
}

static void
read_all(struct reader *r)
{
    const struct surface_profile *p = r->p;
    struct words *w = r->w;

    note_layers(r, p->assign, p->assign_count, -1);
    for (unsigned i = 0; i < p->pages_count; i++)
        note_layers(r, p->pages[i].assign, p->pages[i].assign_count, (int)i);
    for (unsigned i = 0; i < p->macros_count; i++)
        read_macro(r, &p->macros[i], (int)i, &w->macros[i]);
    check_layers(r, p->assign, p->assign_count, -1);
    read_parts(r, p->assign, p->assign_count, -1, &w->parts[p->pages_count]);
    for (unsigned i = 0; i < p->pages_count; i++) {
        snprintf(r->where, sizeof r->where, "pages[%u]", i);
        read_page_slots(r, &p->pages[i], &w->slots[i]);
        check_layers(r, p->pages[i].assign, p->pages[i].assign_count, (int)i);
        read_parts(r, p->pages[i].assign, p->pages[i].assign_count, (int)i, &w->parts[i]);
    }
}

enum status
words_read(struct words *w, const struct surface_profile *p, pages_wrong *wrong, void *context)
{
    struct reader r = {.w = w, .p = p, .wrong = wrong, .context = context};

    *w = (struct words){.p = p};
    if (p->pages_count == 0) {
        reader_say(&r, "pages", "there are none: give at least one, with a name");
        return BAD_ARG;
    }
    w->parts = reader_take(&r, p->pages_count + 1, sizeof *w->parts);
    w->slots = reader_take(&r, p->pages_count, sizeof *w->slots);
    w->macros = reader_take(&r, p->macros_count, sizeof *w->macros);
    if (!r.no_mem)
        read_all(&r);
    return r.no_mem ? NO_MEM : r.faults ? BAD_ARG : OK;
}

void
words_free(struct words *w)
{
    for (unsigned i = 0; w->parts && i <= w->p->pages_count; i++) {
        for (int k = 0; k < w->parts[i].count; k++)
            free(w->parts[i].part[k].stand);
        free(w->parts[i].part);
    }
    for (unsigned i = 0; w->slots && i < w->p->pages_count; i++)
        free(w->slots[i].param);
    for (unsigned i = 0; w->macros && i < w->p->macros_count; i++)
        free(w->macros[i].move);
    free(w->parts);
    free(w->slots);
    free(w->macros);
    *w = (struct words){.layers = 0};
}
