/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile: a file of a control surface or an interface with anything in it, as people hand them on. What is taken makes
 * sense to all who use it; what is not is told, each thing with a line of the file.
 */
#include "test/fuzz/fuzz.h"

#include "control/midi/pages.h"
#include "engine/faults.h"
#include "engine/interface.h"
#include "engine/params.h"
#include "engine/surface.h"

#include <stdlib.h>
#include <string.h>

static const char name[] = "profile.yaml";

static int
lines_of(const uint8_t *data, size_t size)
{
    int n = 1;

    for (size_t i = 0; i < size; i++)
        n += data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xA8 || data[i] == 0xA9;
    return n;
}

/* "NAME:LINE: what: mend", one line, in order, and never libcyaml's own word. */
static void
check_faults(const struct faults *f, const struct err *e, int lines)
{
    assert(f->count > 0 && (f->more == 0 || f->count == FAULTS_MAX));
    assert(strcmp(f->fault[0].what.text, e->text) == 0);
    for (int i = 0; i < f->count; i++) {
        const char *text = f->fault[i].what.text;
        char *end;
        long line;

        assert(strncmp(text, name, sizeof name - 1) == 0 && text[sizeof name - 1] == ':');
        line = strtol(text + sizeof name, &end, 10);
        assert(line == f->fault[i].line && line >= 1 && line <= lines);
        assert(strncmp(end, ": ", 2) == 0 && end[2] && strncmp(end, ": libcyaml", 10) != 0);
        for (const char *c = text; *c; c++)
            assert((unsigned char)*c >= 32 && *c != 127);
        assert(i == 0 || f->fault[i - 1].line <= f->fault[i].line);
    }
}

static void
check_end(enum status status, const void *p, struct faults *f, const struct err *e, int lines)
{
    assert(status == OK || status == BAD_ARG);
    assert((status == OK) == (p != NULL));
    if (status == OK)
        assert(f->count == 0 && f->more == 0);
    else
        check_faults(f, e, lines);
    faults_free(f);
}

/* --- what was taken --- */

static void
check_way(const struct surface_control *c, const struct surface_way *w)
{
    if (!w)
        return;
    assert(w->message > SURFACE_NONE && w->message <= SURFACE_SYSEX);
    assert((w->message == SURFACE_SYSEX) == (w->sysex != NULL));
    for (int n = 0; n < c->count; n++) {
        assert(surface_way_channel(w, n) >= 0 && surface_way_channel(w, n) <= 15);
        if (w->message != SURFACE_PITCH_BEND && w->message != SURFACE_CHANNEL_PRESSURE)
            assert(surface_way_number(w, n) >= 0 && surface_way_number(w, n) <= 16383);
    }
}

static void
check_control(const struct surface_profile *p, unsigned i)
{
    const struct surface_control *c = &p->controls[i];
    int group = -1, n = -1;

    assert(c->name && c->count >= 1 && c->count <= SURFACE_COUNT && c->threshold >= 1);
    assert(c->min >= 0 && c->min < c->max && c->max <= 16383);
    assert(c->acceleration >= 0.1 && c->acceleration <= 4);
    assert(c->in || c->kind >= SURFACE_LED);
    assert(c->style == SURFACE_SHOWS_NOTHING || surface_out(c));
    check_way(c, c->in);
    check_way(c, c->out);
    check_way(c, c->mode);
    if (c->count == 1)
        assert(surface_find(p, c->name, &group, &n) && group == (int)i && n == 0);
    if (c->touch) {
        assert(surface_find(p, c->touch, &group, &n) || p->controls_count > 1);
    }
}

static void
check_bytes(char *const *text, unsigned count)
{
    uint8_t bytes[SURFACE_BYTES];

    for (unsigned i = 0; i < count; i++)
        assert(surface_bytes(text[i], bytes, SURFACE_BYTES) > 0 && bytes[0] >= 0x80);
}

static void
check_assign(const struct surface_assign *a, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert(a[i].control && a[i].to && a[i].first != 0 && a[i].step >= 0 && a[i].step <= 1);
}

static void
check_surface(const struct surface_profile *p)
{
    assert(p->label && p->source && !p->name && p->pages_count >= 1 && p->controls_count >= 1);
    for (unsigned i = 0; i < p->controls_count; i++)
        check_control(p, i);
    check_bytes(p->hello, p->hello_count);
    check_bytes(p->init, p->init_count);
    check_bytes(p->bye, p->bye_count);
    check_assign(p->assign, p->assign_count);
    for (unsigned i = 0; i < p->pages_count; i++) {
        assert(p->pages[i].name && p->pages[i].label);
        check_assign(p->pages[i].assign, p->pages[i].assign_count);
    }
}

/* Whose words were good can be opened, and each of its controls stands for something or nothing. */
static void
check_pages(const struct surface_profile *p)
{
    struct pages *g;
    struct err e;

    assert(pages_open(&g, p, &e) == OK);
    for (unsigned page = 0; page < p->pages_count; page++) {
        pages_open_page(g, (int)page);
        for (unsigned i = 0; i < p->controls_count; i++)
            for (int n = 0; n < p->controls[i].count; n++)
                assert(pages_target(g, (int)i, n)->param < params_count());
    }
    pages_close(g);
}

/* --- */

static void
take_surface(const uint8_t *data, size_t size, surface_words *words)
{
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e = {""};
    enum status status = surface_read(name, data, size, words, &p, &faults, &e);

    check_end(status, p, &faults, &e, lines_of(data, size));
    if (!p)
        return;
    check_surface(p);
    if (words)
        check_pages(p);
    surface_free(p);
}

static void
take_interface(const uint8_t *data, size_t size)
{
    struct faults faults = {NULL, 0, 0};
    struct interface_profile *p;
    struct err e = {""};
    enum status status = interface_read(name, data, size, &p, &faults, &e);

    check_end(status, p, &faults, &e, lines_of(data, size));
    if (p)
        assert(p->label && p->source && p->period >= 16 && p->nperiods >= 2);
    interface_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;

    if (!begun)
        params_init();
    begun = true;
    if (size > 65536)
        return 0;
    take_surface(data, size, size % 4 == 0 ? pages_check : NULL); /* to say which row is nearest takes long */
    take_interface(data, size);
    return 0;
}
