/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks up what a profile's words mean, and tells all that mean nothing. An assignment becomes one `stand` for each of its
 * controls; a wrong one stands for nothing, so that reading goes on behind it.
 */
#include "control/midi/pagesinside.h"

#include "control/midi/pagerules.h"
#include "engine/word.h"

#include <stdarg.h>
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

struct reader {
    struct words *w;
    const struct surface_profile *p;
    pages_wrong *wrong;
    void *context;
    bool no_mem;
    int faults;
    char where[96]; /* "pages[2].assign[5]" */
};

static void complain(struct reader *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
complain_err(struct reader *r, const char *key, const struct err *e)
{
    char where[128];

    r->faults++;
    snprintf(where, sizeof where, "%s%s%s", r->where, *key && *r->where ? "." : "", key);
    if (r->wrong)
        r->wrong(r->context, where, e);
}

static void
complain(struct reader *r, const char *key, const char *format, ...)
{
    struct err e;
    char text[sizeof e.text];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    err_set(&e, "%s", text);
    complain_err(r, key, &e);
}

/* page -1: all pages'. */
static void
be_at(struct reader *r, int page, unsigned assign)
{
    int used = page < 0 ? 0 : snprintf(r->where, sizeof r->where, "pages[%d].", page);

    snprintf(r->where + used, sizeof r->where - (size_t)used, "assign[%u]", assign);
}

static void *
take(struct reader *r, size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    r->no_mem = r->no_mem || !memory;
    return memory;
}

/* --- names --------------------------------------------------------------------------------------------- */

/* Which of `count` names is `name`; if none, says what it should have been. key: of the assignment. */
static int
find_name(struct reader *r, const char *key, const char *kind, const char *name, const char *const *names,
          int count)
{
    for (int i = 0; i < count; i++)
        if (names[i] && strcmp(names[i], name) == 0)
            return i;
    if (count == 0)
        complain(r, key, "%s '%.60s': the profile has no %s", kind, name, kind);
    else
        complain(r, key, "no %s '%.60s': did you mean '%s'?", kind, name,
                 word_nearest(name, names, (size_t)count));
    return -1;
}

/* offset: of the name within what is `size` bytes large. */
static int
find_in(struct reader *r, const char *key, const char *kind, const char *name, const void *array,
        unsigned count, size_t size, size_t offset)
{
    const char **names = take(r, count, sizeof *names);
    int found;

    if (!names)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        const char *at = (const char *)array + i * size + offset;

        names[i] = *(char *const *)at ? *(char *const *)at : "";
    }
    found = find_name(r, key, kind, name, names, (int)count);
    free(names);
    return found;
}

#define FIND_IN(r, key, kind, name, array, count)                                                            \
    find_in(r, key, kind, name, array, count, sizeof *(array), offsetof(__typeof__(*(array)), name))

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
            complain(r, "control", "'%.60s': write %s, %s/3 or %s/2..4", word, name, name, name);
            return part->group = -1, false;
        }
        to = from;
    }
    if (from < 1 || to < from || to > count) {
        complain(r, "control", "'%.60s': there are %d of %s: use %s/1 to %s/%d", word, count, name, name,
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

/* # becomes the number. False: it is too long. */
static bool
number_path(const char *word, int number, char *path)
{
    size_t used = 0;

    for (; *word && used < PARAM_PATH_SIZE; word++)
        used += (size_t)snprintf(path + used, PARAM_PATH_SIZE - used, *word == '#' ? "%d" : "%c",
                                 *word == '#' ? number : *word);
    return used < PARAM_PATH_SIZE;
}

/* -1: told, or # is beyond the table's rows, which is no fault: *beyond. */
static int
find_row(struct reader *r, const char *key, const char *word, int number, bool *beyond)
{
    char path[PARAM_PATH_SIZE];
    struct err e;
    int id = number_path(word, number, path) ? param_find(path) : -1;

    *beyond = id < 0 && number > 1 && strchr(word, '#');
    if (id < 0 && !*beyond) {
        param_unknown(path, &e);
        complain_err(r, key, &e);
    }
    return id;
}

/* As --set reads it, of readings too: rings show them. */
static bool
read_value(struct reader *r, const char *key, const struct param *row, const char *word, double *value)
{
    struct param p = *row;
    struct err e;

    p.flags &= ~(unsigned)PARAM_READ_ONLY;
    if (param_parse(&p, word, value, &e))
        return true;
    complain_err(r, key, &e);
    return false;
}

struct ends {
    double low, high, low_value, high_value;
};

/* Of a way, on the row's scale and in its unit. */
static bool
read_ends(struct reader *r, const struct param *row, const char *low, const char *high, struct ends *ends)
{
    bool good = true;

    *ends = (struct ends){0.0, 1.0, row->min, row->max};
    if (low && (good = read_value(r, "low", row, low, &ends->low_value)))
        ends->low = param_to_norm(row, ends->low_value);
    if (high && read_value(r, "high", row, high, &ends->high_value))
        ends->high = param_to_norm(row, ends->high_value);
    else if (high)
        good = false;
    return good;
}

static void
read_base(struct reader *r, const struct surface_assign *a, int number, struct pages_target *t)
{
    bool beyond;
    int id;

    t->base = t->param;
    if (!a->base)
        return;
    id = find_row(r, "base", a->base, number, &beyond);
    if (id >= 0 && !param_is_number(param_at(id)))
        complain(r, "base", "%s: has no number to add to", param_at(id)->path);
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

        id = find_row(r, "to", a->to, k + 1, &beyond);
        if (beyond)
            continue;
        if (id >= 0 && c && !pagerules_row(c, a, param_at(id), &e))
            complain_err(r, "to", &e);
        if (id < 0 || r->faults > before)
            return;
        *t = (struct pages_target){.does = PAGES_ROW, .assign = a, .param = id};
        read_ends(r, param_at(id), a->low, a->high, &ends);
        t->low = ends.low, t->high = ends.high;
        t->low_value = ends.low_value, t->high_value = ends.high_value;
        t->has_value = a->value && read_value(r, "value", param_at(id), a->value, &t->value);
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
        complain(r, "to", "slots: %s has none: give it slots: [PATH, ...]",
                 page < 0 ? "no page" : "the page");
        return;
    }
    if (a->first < 0)
        complain(r, "first", "%d: the window's first is 1", a->first);
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
        complain(r, "to", *name ? "'%.60s': %s stands alone" : "'%.60s': write %s NAME", to, word);
        return false;
    }
    for (i = 0; i < LEN(actions); i++)
        words[i] = actions[i].word;
    words[i++] = "slots";
    complain(r, "to", "'%.60s' is neither a path nor an action: did you mean '%s'?", to,
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
        layer = find_name(r, "to", "layer", name, r->w->layer, r->w->layers);
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
        complain_err(r, "to", &e);
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
        complain(r, "colour", "%s has no colours", c->name);
    else if (a->colour && c)
        find_in(r, "colour", "colour", a->colour, c->colours, c->colours_count, sizeof *c->colours,
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
        complain(r, "control", "is missing: write control: NAME");
    c = a->control && read_controls(r, a->control, part) ? &r->p->controls[part->group] : NULL;
    part->stand = take(r, (size_t)part->count, sizeof *part->stand);
    if (!part->stand) {
        part->count = 0;
        return;
    }
    for (int k = 0; k < part->count; k++)
        part->stand[k] = (struct stand){{.does = PAGES_NOTHING, .param = -1}, -1};
    if (!a->to) {
        complain(r, "to", "is missing: write to: PATH, slots, macro NAME or an action");
        return;
    }
    for (const char *key = ""; c && *(key = pagerules_key(c, a, key, &e));)
        complain_err(r, key, &e);
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
    parts->part = take(r, count, sizeof *parts->part);
    if (!parts->part)
        return;
    for (unsigned i = 0; i < count; i++) {
        be_at(r, page, i);
        read_assign(r, &assign[i], page, &parts->part[parts->count++]);
    }
}

/* "/eq/#/freq" is as many slots as there are bands. */
static void
read_page_slots(struct reader *r, const struct surface_page *page, struct slots *slots)
{
    slots->param = take(r, (size_t)params_count() * (page->slots_count ? page->slots_count : 1), sizeof(int));
    for (unsigned i = 0; slots->param && i < page->slots_count; i++) {
        const char *word = page->slots[i];
        bool many = strchr(word, '#') != NULL, beyond = false;
        char key[32];

        snprintf(key, sizeof key, "slots[%u]", i);
        for (int number = 1; number == 1 || (many && !beyond); number++) {
            int id = find_row(r, key, word, number, &beyond);

            if (id >= 0 && !param_is_number(param_at(id))) {
                complain(r, key, "%s: is no number: no control can move it", param_at(id)->path);
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
        complain(r, "moves",
                 "macro '%.60s' moves nothing: write moves: [{to: PATH, low: VALUE, high: VALUE}]",
                 m->name ? m->name : "");
    moves->move = take(r, m->moves_count, sizeof *moves->move);
    for (unsigned i = 0; moves->move && i < m->moves_count; i++) {
        struct pages_move *move = &moves->move[moves->count];
        struct ends ends;
        bool beyond;
        struct err e;

        snprintf(r->where, sizeof r->where, "macros[%d].moves[%u]", number, i);
        move->param = m->moves[i].to ? find_row(r, "to", m->moves[i].to, 1, &beyond) : -1;
        if (!m->moves[i].to)
            complain(r, "to", "is missing: write to: PATH");
        if (move->param < 0)
            continue;
        if (!pagerules_move(param_at(move->param), &e))
            complain_err(r, "to", &e);
        else if (read_ends(r, param_at(move->param), m->moves[i].low, m->moves[i].high, &ends)) {
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
        be_at(r, page, i);
        if (r->w->layers == PAGES_LAYERS)
            complain(r, "layer", "'%.60s': too many layers: use at most %d", assign[i].layer, PAGES_LAYERS);
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
        be_at(r, page, i);
        complain(r, "layer", "no control holds the layer '%.60s': give a button to: \"layer %.60s\"", layer,
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
        complain(&r, "pages", "there are none: give at least one, with a name");
        return BAD_ARG;
    }
    w->parts = take(&r, p->pages_count + 1, sizeof *w->parts);
    w->slots = take(&r, p->pages_count, sizeof *w->slots);
    w->macros = take(&r, p->macros_count, sizeof *w->macros);
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
