/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surfacesense.h"

#include "engine/schema.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- names ----------------------------------------------------------------------------------------- */

/* Other words are told apart from it by "/" and by a space. */
static bool
is_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_-", *c))
            return false;
    return true;
}

struct names { /* of what is a list in the file, each one with a name */
    const char *list;
    const void *first;
    unsigned count;
    size_t size, offset; /* of one; of its name in it */
};

static const char *
name_at(const struct names *of, unsigned i)
{
    return *(char *const *)((const char *)of->first + i * of->size + of->offset);
}

static void
check_names(struct sheet *s, const struct names *of)
{
    for (unsigned i = 0; i < of->count; i++) {
        int line = sheet_line_of(s, "%s[%u].name", of->list, i);

        if (!is_name(name_at(of, i)))
            sheet_complain(s, line, NULL, "name: '%s': use letters, digits, _ and -", name_at(of, i));
        for (unsigned k = 0; k < i; k++)
            if (!strcmp(name_at(of, i), name_at(of, k))) {
                sheet_complain(s, line, NULL, "name: %s is there twice in %s: give each its own",
                               name_at(of, i), of->list);
                break;
            }
    }
}

#define NAMES(p, l)                                                                                          \
    {                                                                                                        \
#l, (p)->l, (p)->l##_count, sizeof *(p)->l, offsetof(__typeof__(*(p)->l), name)                      \
    }

/* --- the box --------------------------------------------------------------------------------------- */

static void
check_range(struct sheet *s, const char *key, int value, int min, int max)
{
    if (value < min || value > max)
        sheet_complain(s, sheet_line_of(s, "%s", key), NULL, "%s: %d is out of range: use %d to %d", key,
                       value, min, max);
}

static void
check_messages(struct sheet *s, const char *key, char *const *text, unsigned count, bool beginning)
{
    for (unsigned i = 0; i < count; i++)
        surfacegroup_check_bytes(s, sheet_line_of(s, "%s[%u]", key, i), key, text[i], beginning);
}

/* A word of a letter or two would be found in every second box's name. */
static void
check_match(struct sheet *s, const struct surface_profile *p)
{
    for (unsigned i = 0; i < p->match_count; i++)
        if (strlen(p->match[i]) < 3)
            sheet_complain(s, sheet_line_of(s, "match[%u]", i), NULL,
                           "match: '%s' is in many a name: give three letters or more", p->match[i]);
}

static void
check_box(struct sheet *s, const struct surface_profile *p)
{
    schema_check_usb(s, p->usb, p->usb_count);
    check_match(s, p);
    check_range(s, "port", p->port, 0, 63);
    check_range(s, "gap_us", p->gap_us, 0, 1000000);
    if (p->gap_status)
        check_range(s, "gap_status", p->gap_status, 0x80, 0xEF);
    check_range(s, "sysex_gap_us", p->sysex_gap_us, 0, 1000000);
    check_range(s, "byte_gap_us", p->byte_gap_us, 0, 100000);
    check_messages(s, "hello", p->hello, p->hello_count, true);
    check_messages(s, "init", p->init, p->init_count, false);
    check_messages(s, "bye", p->bye, p->bye_count, false);
    if (p->keep_alive)
        check_messages(s, "keep_alive", &p->keep_alive, 1, false);
    if (p->keep_alive && !sheet_has(s, "keep_alive_ms"))
        sheet_complain(s, sheet_line_of(s, "keep_alive"), NULL, "keep_alive: how often? Add keep_alive_ms");
    else if (p->keep_alive)
        check_range(s, "keep_alive_ms", p->keep_alive_ms, 10, 60000);
    else if (sheet_has(s, "keep_alive_ms"))
        sheet_complain(s, sheet_line_of(s, "keep_alive_ms"), NULL,
                       "keep_alive_ms: of which message? Add keep_alive");
}

/* --- what they do ---------------------------------------------------------------------------------- */

static void
check_assign(struct sheet *s, const struct surface_assign *a, unsigned count, const char *where)
{
    for (unsigned i = 0; i < count; i++) {
        if (a[i].step < 0 || a[i].step > 1)
            sheet_complain(s, sheet_line_of(s, "%s[%u].step", where, i), NULL,
                           "step: %g is out of range: it is a share of the way, use up to 1", a[i].step);
        if (a[i].base && a[i].by == 0)
            sheet_complain(s, sheet_line_of(s, "%s[%u].base", where, i), NULL,
                           "base: what is added to it? Add by");
    }
}

static void
check_page(struct sheet *s, const struct surface_page *page, unsigned i)
{
    char where[32];

    for (const char *c = page->code; c && *c; c++)
        if (*c < 0x20 || *c > 0x7E) {
            sheet_complain(s, sheet_line_of(s, "pages[%u].code", i), NULL,
                           "code: '%s': displays of two digits have plain letters alone", page->code);
            break;
        }
    snprintf(where, sizeof where, "pages[%u].assign", i);
    check_assign(s, page->assign, page->assign_count, where);
}

/* --- all of it ------------------------------------------------------------------------------------- */

void
surfacesense_check(struct sheet *s, const struct surface_profile *p)
{
    const struct names names[] = {NAMES(p, controls), NAMES(p, macros), NAMES(p, pages)};

    check_box(s, p);
    for (size_t i = 0; i < LEN(names); i++)
        check_names(s, &names[i]);
    for (unsigned i = 0; i < p->controls_count; i++)
        surfacegroup_check(s, p, i);
    if (surfacesense_counted(p))
        surfacegroup_check_clashes(s, p);
    check_assign(s, p->assign, p->assign_count, "assign");
    for (unsigned i = 0; i < p->pages_count; i++)
        check_page(s, &p->pages[i], i);
}

bool
surfacesense_counted(const struct surface_profile *p)
{
    for (unsigned i = 0; i < p->controls_count; i++)
        if (p->controls[i].count < 1 || p->controls[i].count > SURFACE_COUNT)
            return false;
    return true;
}
