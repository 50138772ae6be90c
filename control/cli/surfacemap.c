/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/surfacemap.h"

#include "engine/params.h"

#include <stdlib.h>
#include <string.h>

static void
print_words(FILE *f, const char *title, char *const *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fprintf(f, "%-10s %s\n", i ? "" : title, words[i]);
}

/* --- the box ------------------------------------------------------------------------------------- */

static const char *const kinds[] = {"fader", "pot", "encoder", "jog",    "button",
                                    "touch", "led", "meter",   "display"};
static const char *const messages[] = {"nothing",       "CC",      "14-bit CC",  "NRPN",
                                       "RPN",           "note",    "pitch bend", "channel pressure",
                                       "poly pressure", "program", "sysex"};

/* "CC 16 to 23, channel 1"; what has no number: "pitch bend, channels 1 to 8". */
static void
print_way(FILE *f, const struct surface_control *c)
{
    const struct surface_way *w = c->in ? c->in : c->out;
    int last = c->count - 1, channel, to;

    if (!w) {
        fputs("\n", f);
        return;
    }
    fprintf(f, "  %s%s", c->in ? "" : "is sent ", messages[w->message]);
    if (w->message == SURFACE_SYSEX) {
        fprintf(f, " %s\n", w->sysex);
        return;
    }
    if (w->message != SURFACE_PITCH_BEND && w->message != SURFACE_CHANNEL_PRESSURE) {
        fprintf(f, " %d", surface_way_number(w, 0));
        for (int n = 1; w->numbers_count && n <= last; n++)
            fprintf(f, " %d", surface_way_number(w, n));
        if (!w->numbers_count && surface_way_number(w, last) != surface_way_number(w, 0))
            fprintf(f, " to %d", surface_way_number(w, last));
    }
    channel = surface_way_channel(w, 0) + 1;
    to = surface_way_channel(w, last) + 1;
    fprintf(f, to == channel ? ", channel %d\n" : ", channels %d to %d\n", channel, to);
}

static void
print_box(FILE *f, const struct surface_profile *p)
{
    static const char *const takeovers[] = {"pickup", "scale", "jump"};
    char name[96];

    fprintf(f, "%-10s %s\n%-10s %s\n", "name", p->name, "label", p->label);
    print_words(f, "usb", p->usb, p->usb_count);
    print_words(f, "match", p->match, p->match_count);
    if (!p->usb_count && !p->match_count)
        fprintf(f, "%-10s deadwax run --surface %s=WORDS-OF-ITS-NAME\n", "by name", p->name);
    if (p->port)
        fprintf(f, "%-10s %d\n", "port", p->port);
    fprintf(f, "%-10s %s\n", "takeover", takeovers[p->takeover]);
    for (unsigned i = 0; i < p->controls_count; i++) {
        const struct surface_control *c = &p->controls[i];

        if (c->count > 1)
            snprintf(name, sizeof name, "%s/1..%d", c->name, c->count);
        else
            snprintf(name, sizeof name, "%s", c->name);
        fprintf(f, "%-10s %-20s %-8s", i ? "" : "controls", name, kinds[c->kind]);
        print_way(f, c);
    }
    fprintf(f, "%-10s %s\n", "source", p->source);
    if (p->notes)
        fprintf(f, "%-10s %s\n", "notes", p->notes);
}

/* --- what it does -------------------------------------------------------------------------------- */

/* "/eq/#/gain": # becomes the number. */
static int
find_row(const char *to, int number)
{
    char path[2 * PARAM_PATH_SIZE] = "";
    size_t used = 0;

    for (; *to && used + 12 < sizeof path; to++)
        used += (size_t)snprintf(path + used, sizeof path - used, *to == '#' ? "%d" : "%c",
                                 *to == '#' ? number : *to);
    return param_find(path);
}

/* The ends that a row has where an assignment says nothing else. */
static void
end_of(const struct param *row, const char *said, double value, char *text, size_t size)
{
    if (said)
        snprintf(text, size, "%s", said);
    else
        param_format(row, value, text, size);
}

static void
print_range(FILE *f, const struct param *row, const struct surface_assign *a)
{
    char low[PARAM_VALUE_SIZE], high[PARAM_VALUE_SIZE];

    if (!param_is_number(row) || row->type == PARAM_TRIGGER)
        return;
    if (a->value) {
        fprintf(f, ": %s", a->value);
        return;
    }
    if (a->by != 0) {
        param_format(row, a->by, low, sizeof low);
        fprintf(f, ": %s%s each", a->by > 0 ? "+" : "", low);
    }
    if (row->type == PARAM_BOOL)
        return;
    end_of(row, a->low, row->min, low, sizeof low);
    end_of(row, a->high, row->max, high, sizeof high);
    fprintf(f, "%s %s to %s", a->by != 0 ? "," : ":", a->invert ? high : low, a->invert ? low : high);
}

/* A row's path and what people call it, or the action as it is written. */
static void
print_row(FILE *f, const struct surface_assign *a, int id)
{
    const struct param *row = param_at(id);

    fprintf(f, "%-28s %s", row->path, a->text ? a->text : row->label);
    print_range(f, row, a);
}

struct range { /* of a group's controls, from 0 */
    const struct surface_control *c;
    int first, last;
};

/* "encoder", "encoder/3", "encoder/2..4" */
static bool
find_controls(const struct surface_profile *p, const char *text, struct range *r)
{
    size_t length = strcspn(text, "/");
    int from = 1, to = 0;

    for (unsigned i = 0; i < p->controls_count; i++) {
        r->c = &p->controls[i];
        if (strncmp(r->c->name, text, length) || r->c->name[length])
            continue;
        if (!text[length])
            to = r->c->count;
        else if (sscanf(text + length, "/%d..%d", &from, &to) == 1)
            to = from;
        r->first = from - 1;
        r->last = to - 1;
        return from >= 1 && from <= to && to <= r->c->count;
    }
    return false;
}

/* "encoder/3 (shift)"; of more than one "encoder/2..4". */
static void
print_controls(FILE *f, const struct range *r, int first, int last, const struct surface_assign *a)
{
    char name[192];
    int used = snprintf(name, sizeof name, "%s", r->c->name);

    if (r->c->count > 1)
        used += snprintf(name + used, sizeof name - (size_t)used, last > first ? "/%d..%d" : "/%d", first + 1,
                         last + 1);
    if (a->layer)
        snprintf(name + used, sizeof name - (size_t)used, " (%s)", a->layer);
    fprintf(f, "  %-20s ", name);
}

/* Rows that the table has fewer of than there are controls are left out, as the controls do nothing. */
static void
print_rows(FILE *f, const struct surface_assign *a, const struct range *r)
{
    for (int n = r->first; n <= r->last; n++) {
        int id = find_row(a->to, n - r->first + 1);

        if (id < 0)
            continue;
        print_controls(f, r, n, n, a);
        print_row(f, a, id);
        fputs("\n", f);
    }
}

static void
print_assign(FILE *f, const struct surface_profile *p, const struct surface_assign *a)
{
    struct range r;

    if (!find_controls(p, a->control, &r))
        return;
    if (a->to[0] == '/') {
        print_rows(f, a, &r);
        return;
    }
    print_controls(f, &r, r.first, r.last, a);
    if (strcmp(a->to, "slots"))
        fprintf(f, "%s\n", a->to);
    else if (r.last > r.first)
        fprintf(f, "slots %d to %d\n", a->first, a->first + r.last - r.first);
    else
        fprintf(f, "slot %d\n", a->first);
}

/* "slot 1     /eq/1/freq  Frequency: 20 Hz to 20000 Hz"; # stands for each number that the table has. */
static void
print_slots(FILE *f, const struct surface_page *page)
{
    static const struct surface_assign plain;
    int slot = 0, id;

    for (unsigned i = 0; i < page->slots_count; i++) {
        bool many = strchr(page->slots[i], '#');

        for (int n = 1; (id = find_row(page->slots[i], n)) >= 0; n++) {
            char name[16];

            snprintf(name, sizeof name, "slot %d", ++slot);
            fprintf(f, "  %-20s ", name);
            print_row(f, &plain, id);
            fputs("\n", f);
            if (!many)
                break;
        }
    }
}

static void
print_macro(FILE *f, const struct surface_macro *m)
{
    fprintf(f, "\nmacro %s: %s\n", m->name, m->label);
    for (unsigned i = 0; i < m->moves_count; i++) {
        const struct surface_assign ends = {.low = m->moves[i].low, .high = m->moves[i].high};
        int id = find_row(m->moves[i].to, 1);

        fprintf(f, "  %-20s ", "");
        if (id >= 0)
            print_row(f, &ends, id);
        else
            fputs(m->moves[i].to, f);
        fputs("\n", f);
    }
}

void
surfacemap_print(FILE *f, const struct surface_profile *p)
{
    print_box(f, p);
    if (p->assign_count)
        fputs("\non all pages\n", f);
    for (unsigned i = 0; i < p->assign_count; i++)
        print_assign(f, p, &p->assign[i]);
    for (unsigned i = 0; i < p->pages_count; i++) {
        const struct surface_page *page = &p->pages[i];

        fprintf(f, "\npage %s: %s\n", page->name, page->label);
        for (unsigned k = 0; k < page->assign_count; k++)
            print_assign(f, p, &page->assign[k]);
        print_slots(f, page);
    }
    for (unsigned i = 0; i < p->macros_count; i++)
        print_macro(f, &p->macros[i]);
}
