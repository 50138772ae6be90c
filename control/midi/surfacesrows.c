/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/surfacesinside.h"

#include <stdio.h>
#include <string.h>

#define COUNTED_NS INT64_C(1000000000)

void
surfaces_rows_add(struct surface_counts *sum, const struct surface_counts *c)
{
    sum->in += c->in;
    sum->unknown += c->unknown;
    sum->moves += c->moves;
    sum->refused += c->refused;
    sum->coalesced += c->coalesced;
    sum->loops += c->loops;
    sum->out += c->out;
}

void
surfaces_rows_find(struct surfaces *s)
{
    char path[PARAM_PATH_SIZE];

    for (int i = 0; i < SURFACES_SEATS; i++) {
        snprintf(path, sizeof path, "/surface/%d/name", i + 1);
        s->row[i].name = param_find(path);
        snprintf(path, sizeof path, "/surface/%d/profile", i + 1);
        s->row[i].profile = param_find(path);
        snprintf(path, sizeof path, "/surface/%d/page", i + 1);
        s->row[i].page = param_find(path);
    }
    s->id_on = param_find("/surface/learn/on");
    s->id_to = param_find("/surface/learn/to");
    s->id_said = param_find("/surface/learn/said");
}

static void
report_text(struct surfaces *s, int id, const char *text)
{
    if (strcmp(engine_get_text(s->engine, id), text) != 0)
        engine_report_text(s->engine, id, text);
}

/* A hand has set the page when it is not the one that was told last. */
static void
tend_page(struct surfaces *s, int i)
{
    struct surface *surface = s->seat[i].surface;
    const char *said = engine_get_text(s->engine, s->row[i].page);

    if (surface && said[0] && strcmp(said, s->page[i]) != 0 && !surface_open_page(surface, said))
        surfaces_tell(s, "/surface/%d/page: %s has no page '%.64s'", i + 1, s->seat[i].profile->name, said);
    snprintf(s->page[i], sizeof s->page[i], "%s", surface ? surface_page_name(surface) : "");
    report_text(s, s->row[i].page, s->page[i]);
}

static void
report_seats(struct surfaces *s)
{
    for (int i = 0; i < SURFACES_SEATS; i++) {
        const struct seat *seat = &s->seat[i];

        report_text(s, s->row[i].name, seat_taken(seat) ? seat->hand + strlen("midi ") : "");
        report_text(s, s->row[i].profile, seat->profile ? seat->profile->name : "");
        tend_page(s, i);
    }
}

static void
count(struct surfaces *s)
{
    struct surface_counts sum = s->gone;
    uint64_t lost = s->lost;

    for (int i = 0; i < SURFACES_SEATS; i++) {
        lost += s->seat[i].lost;
        if (s->seat[i].surface)
            surfaces_rows_add(&sum, surface_counts(s->seat[i].surface));
    }
    engine_report(s->engine, param_find("/control/midi/in"), (double)sum.in);
    engine_report(s->engine, param_find("/control/midi/unknown"), (double)sum.unknown);
    engine_report(s->engine, param_find("/control/midi/moves"), (double)sum.moves);
    engine_report(s->engine, param_find("/control/midi/refused"), (double)sum.refused);
    engine_report(s->engine, param_find("/control/midi/coalesced"), (double)sum.coalesced);
    engine_report(s->engine, param_find("/control/midi/loops"), (double)sum.loops);
    engine_report(s->engine, param_find("/control/midi/out"), (double)sum.out);
    engine_report(s->engine, param_find("/control/midi/lost"), (double)lost);
}

void
surfaces_rows_tick(struct surfaces *s, int64_t now_ns)
{
    report_seats(s);
    if (now_ns - s->counted_ns < COUNTED_NS)
        return;
    s->counted_ns = now_ns;
    count(s);
}
