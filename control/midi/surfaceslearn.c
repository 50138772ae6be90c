/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/surfacesinside.h"

#include "control/midi/learnt.h"
#include "engine/folder.h"

#include <stdio.h>
#include <string.h>

static void
hear(void *context, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    const struct surfaces_ear *ear = context;

    learn_hear(&ear->surfaces->learn, ear->seat, bytes, size, now_ns);
}

static void
begin_learning(struct surfaces *s, int64_t now_ns)
{
    s->learning = learn_begin(&s->learn, s->engine) == OK;
    if (s->learning)
        surfaces_look(s, now_ns);
}

static void
end_learning(struct surfaces *s, int64_t now_ns)
{
    s->learning = false;
    learn_end(&s->learn);
    for (int i = 0; i < SURFACES_SEATS; i++)
        if (seat_taken(&s->seat[i]))
            seat_learn(&s->seat[i], NULL, NULL);
    surfaces_look(s, now_ns); /* who has no profile leaves */
}

static bool
same_way(const struct surface_way *way, int n, const struct surface_way *in)
{
    if (way->message != in->message || surface_way_channel(way, n) + 1 != in->channel)
        return false;
    return in->message == SURFACE_PITCH_BEND || in->message == SURFACE_CHANNEL_PRESSURE ||
           surface_way_number(way, n) == in->number;
}

/* The learning seat's control, if its profile knows it: "encoder/3". */
static bool
known_control(const struct surface_profile *p, const struct surface_way *in, char *name, size_t size)
{
    for (unsigned g = 0; p && g < p->controls_count; g++) {
        const struct surface_control *c = &p->controls[g];

        for (int n = 0; c->in && n < c->count; n++)
            if (same_way(c->in, n, in)) {
                if (c->count == 1)
                    snprintf(name, size, "%s", c->name);
                else
                    snprintf(name, size, "%s/%d", c->name, n + 1);
                return true;
            }
    }
    return false;
}

static enum status
write_learnt(struct surfaces *s, const struct seat *seat, char *said, size_t size, struct err *e)
{
    char folder[FOLDER_PATH], path[FOLDER_PATH], known[SURFACES_NAME], control[SURFACES_NAME],
        from[FOLDER_PATH];
    struct learnt l = {.box = seat->jack ? "jack" : seat->device.client,
                       .usb = seat->device.usb,
                       .to = param_at(s->learn.param)->path};
    enum status status;

    if (!folder_of_user("hw-profiles/surfaces", folder, sizeof folder)) {
        err_set(e, "there is no home folder to write a profile to: set HOME");
        return NOT_FOUND;
    }
    guess_what(&s->learn.guess, &l.what);
    if (seat->profile) {
        l.profile = seat->profile->name;
        l.page = surface_page_name(seat->surface);
        if (surface_shelf_path(&s->shelf, seat->profile, from, sizeof from))
            l.from = from;
        if (known_control(seat->profile, &l.what.in, known, sizeof known))
            l.control = known;
    }
    status = learnt_write(&l, folder, path, sizeof path, control, sizeof control, e);
    if (status == OK)
        snprintf(said, size, "%s moves %s: written to %.300s", control, l.to, path);
    return status;
}

static void
take_learnt(struct surfaces *s, int64_t now_ns)
{
    const struct seat *seat = &s->seat[s->learn.who];
    char said[LEARN_SAID];
    struct err e = {""};
    bool good = seat_taken(seat) && write_learnt(s, seat, said, sizeof said, &e) == OK;

    if (!good)
        snprintf(said, sizeof said, "%.500s", e.text[0] ? e.text : "the surface is gone: touch it again");
    surfaces_tell(s, "%s", said);
    learn_taken(&s->learn, said);
    if (good)
        surfaces_reload(s, now_ns);
}

void
surfaces_learn_tick(struct surfaces *s, int64_t now_ns)
{
    bool on = engine_get(s->engine, s->id_on) != 0.0;
    const char *to = engine_get_text(s->engine, s->id_to);
    struct err e;

    if (on && !s->learning)
        begin_learning(s, now_ns);
    else if (!on && s->learning)
        end_learning(s, now_ns);
    if (!s->learning) {
        engine_report(s->engine, s->id_on, 0.0);
        return;
    }
    for (int i = 0; i < SURFACES_SEATS; i++)
        if (seat_taken(&s->seat[i]) && !s->seat[i].learner) {
            s->ear[i] = (struct surfaces_ear){s, i};
            seat_learn(&s->seat[i], hear, &s->ear[i]);
        }
    if (to[0] && !learn_name(&s->learn, to, &e))
        surfaces_tell(s, "/surface/learn/to: %s", e.text);
    if (to[0])
        engine_report_text(s->engine, s->id_to, "");
    if (learn_tick(&s->learn, now_ns) == LEARN_READY)
        take_learnt(s, now_ns);
    engine_report_text(s->engine, s->id_said, learn_said(&s->learn));
}

void
surfaces_learn_close(struct surfaces *s)
{
    if (s->learning)
        learn_end(&s->learn);
    s->learning = false;
}
