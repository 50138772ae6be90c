/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/surfacesinside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_NS  INT64_C(500000000)
#define RETRY_NS INT64_C(2000000000)

#define JACK_PROFILE "jack-midi"

void
surfaces_tell(struct surfaces *s, const char *format, ...)
{
    va_list ap;

    if (s->news_last - s->news_first == SURFACES_NEWS)
        s->news_first++; /* the oldest goes */
    va_start(ap, format);
    vsnprintf(s->news[s->news_last++ % SURFACES_NEWS], SURFACES_NEWS_SIZE, format, ap);
    va_end(ap);
}

const char *
surfaces_news(struct surfaces *s)
{
    return !s || s->news_first == s->news_last ? NULL : s->news[s->news_first++ % SURFACES_NEWS];
}

/* --- what was asked for --------------------------------------------------------------------------- */

/* "NAME=WORDS": SURFACES_NAME's length, and WORDS; NULL: there are none. */
static const char *
cut(const char *asked, int *length)
{
    const char *equals = strchr(asked, '=');

    *length = equals ? (int)(equals - asked) : (int)strlen(asked);
    return equals ? equals + 1 : NULL;
}

static const struct surface_profile *
asked_profile(struct surfaces *s, const char *asked, struct err *e)
{
    char name[SURFACES_NAME];
    int length;

    cut(asked, &length);
    snprintf(name, sizeof name, "%.*s", length, asked);
    return surface_shelf_named(&s->shelf, name, e);
}

static bool
check_asked(struct surfaces *s, struct err *e)
{
    s->others = true;
    for (int i = 0; i < s->choices.nasked; i++) {
        if (strcmp(s->choices.asked[i], "none") == 0)
            s->others = false;
        else if (!asked_profile(s, s->choices.asked[i], e))
            return err_prefix(e, "--surface");
    }
    return true;
}

static const struct surface_profile *
profile_for_jack(struct surfaces *s)
{
    const char *words;
    int length;

    for (int i = 0; i < s->choices.nasked; i++)
        if ((words = cut(s->choices.asked[i], &length)) && strcmp(words, "jack") == 0)
            return asked_profile(s, s->choices.asked[i], NULL);
    return s->others ? surface_shelf_named(&s->shelf, JACK_PROFILE, NULL) : NULL;
}

static const struct surface_profile *
profile_for(struct surfaces *s, const struct midi_device *d)
{
    const struct surface_profile *p = surface_shelf_for(&s->shelf, d->usb, d->client, d->port);
    const char *words;
    int length;

    for (int i = 0; i < s->choices.nasked; i++) {
        const struct surface_profile *asked = asked_profile(s, s->choices.asked[i], NULL);

        words = cut(s->choices.asked[i], &length);
        if (!asked || (words && strcmp(words, "jack") == 0))
            continue;
        if (words ? strcasestr(d->client, words) || strcasestr(d->port, words)
                  : surface_profile_fits(asked, d->usb, d->client, d->port))
            return asked;
    }
    return s->others ? p : NULL;
}

/* --- who comes and goes --------------------------------------------------------------------------- */

static bool
is_away(const struct surfaces_away *a, const struct midi_device *d)
{
    return a->nth == d->nth && strcmp(a->client, d->client) == 0 && strcmp(a->place, d->place) == 0;
}

/* The place of who is not known yet is the oldest one's. */
static struct surfaces_away *
remember(struct surfaces *s, const struct midi_device *d)
{
    struct surfaces_away *a = NULL;

    for (int i = 0; i < s->naway && i < SURFACES_AWAY; i++)
        if (is_away(&s->away[i], d))
            a = &s->away[i];
    if (a)
        return a;
    a = &s->away[s->naway++ % SURFACES_AWAY];
    *a = (struct surfaces_away){.nth = d->nth};
    snprintf(a->client, sizeof a->client, "%s", d->client);
    snprintf(a->place, sizeof a->place, "%s", d->place);
    return a;
}

static bool
same_device(const struct midi_device *a, const struct midi_device *b)
{
    return a->client_number == b->client_number && a->port_number == b->port_number &&
           a->plugged == b->plugged && strcmp(a->client, b->client) == 0 && strcmp(a->port, b->port) == 0 &&
           strcmp(a->place, b->place) == 0;
}

static void
leave(struct surfaces *s, struct seat *seat)
{
    struct surfaces_away *a = seat->jack ? NULL : remember(s, &seat->device);

    if (seat->surface) {
        surfaces_rows_add(&s->gone, surface_counts(seat->surface));
        if (a)
            snprintf(a->page, sizeof a->page, "%s", surface_page_name(seat->surface));
    }
    s->lost += seat->lost;
    seat_leave(seat);
}

/* Two of a kind are told apart by a number in the hand's name. */
static void
name_hand(struct surfaces *s, const struct midi_device *d, char *hand, size_t size)
{
    int nth = 1;

    snprintf(hand, size, "midi %.40s", d ? d->client : "jack");
    for (int i = 0; i < SURFACES_SEATS; i++)
        if (seat_taken(&s->seat[i]) && strcmp(s->seat[i].hand, hand) == 0) {
            snprintf(hand, size, "midi %.40s %d", d ? d->client : "jack", ++nth);
            i = -1;
        }
}

static struct seat *
free_seat(struct surfaces *s)
{
    for (int i = 0; i < SURFACES_SEATS; i++)
        if (!seat_taken(&s->seat[i]))
            return &s->seat[i];
    return NULL;
}

static void
come(struct surfaces *s, const struct midi_device *d, const struct surface_profile *p, int64_t now_ns)
{
    struct surfaces_away *a = d ? remember(s, d) : NULL;
    struct seat *seat = free_seat(s);
    char hand[SEAT_HAND];
    struct err e;

    if (!seat || (a && now_ns < a->until_ns))
        return;
    name_hand(s, d, hand, sizeof hand);
    if (seat_take(seat, s->engine, s->loop, s->choices.program, d, p, hand, now_ns, &e) != OK) {
        surfaces_tell(s, "surface %s: %s", d ? d->client : "jack", e.text);
        if (a)
            a->until_ns = now_ns + RETRY_NS;
        return;
    }
    if (a && a->page[0] && seat->surface)
        surface_open_page(seat->surface, a->page);
    if (d && p)
        surfaces_tell(s, "surface %s is there: %s, page %s", d->client, p->label,
                      surface_page_name(seat->surface));
}

/* midi_in is there whether or not somebody is connected. */
static void
sit_at_jack(struct surfaces *s, int64_t now_ns)
{
    const struct surface_profile *p = profile_for_jack(s);

    if (p)
        come(s, NULL, p, now_ns);
}

/* Known ones, and while somebody learns each one that sends. */
static bool
wanted(struct surfaces *s, const struct midi_device *d, const struct surface_profile **p)
{
    *p = profile_for(s, d);
    if (*p)
        return d->nth == (*p)->port && (d->in || d->out);
    return s->learning && d->in && d->card >= 0;
}

static bool
is_seated(const struct surfaces *s, const struct midi_device *d)
{
    for (int i = 0; i < SURFACES_SEATS; i++)
        if (s->seat[i].bridge && same_device(&s->seat[i].device, d))
            return true;
    return false;
}

static bool
is_there(const struct surfaces *s, const struct midi_device *d)
{
    for (int i = 0; i < s->devices.count; i++)
        if (same_device(&s->devices.device[i], d))
            return true;
    return false;
}

static void
dismiss(struct surfaces *s, int64_t now_ns)
{
    const struct surface_profile *p;

    for (int i = 0; i < SURFACES_SEATS; i++) {
        struct seat *seat = &s->seat[i];

        if (!seat->bridge)
            continue;
        if (!is_there(s, &seat->device)) {
            if (seat->profile)
                surfaces_tell(s, "surface %s is gone", seat->device.client);
            leave(s, seat);
        } else if (seat->ended) {
            surfaces_tell(s, "surface %s: %s", seat->device.client, bridge_why(seat->bridge));
            remember(s, &seat->device)->until_ns = now_ns + RETRY_NS;
            leave(s, seat);
        } else if (!wanted(s, &seat->device, &p) || p != seat->profile) {
            leave(s, seat);
        }
    }
}

/* False: it is who it was, or nobody any more. */
static bool
is_new(char *known, const char *name)
{
    if (strncmp(known, name, SURFACES_PORT - 1) == 0)
        return false;
    snprintf(known, SURFACES_PORT, "%s", name);
    return name[0];
}

/* Who is newly connected to midi_in or midi_out has heard nothing of what was said before. The two cables come one after the
   other: a box that is heard may not hear us yet. */
static void
tend_jack(struct surfaces *s, int64_t now_ns)
{
    const char *other = engine_midi_other(s->engine);
    bool speaks = is_new(s->other, other), hears = is_new(s->hearer, engine_midi_hearer(s->engine));
    char page[SURFACES_NAME];

    for (int i = 0; i < SURFACES_SEATS && (speaks || hears); i++) {
        struct seat *seat = &s->seat[i];

        if (!seat->jack || !seat->surface)
            continue;
        snprintf(page, sizeof page, "%s", surface_page_name(seat->surface));
        leave(s, seat);
        sit_at_jack(s, now_ns);
        if (seat->surface)
            surface_open_page(seat->surface, page);
        surfaces_tell(s, "surface on midi_in: %s", other);
        return;
    }
}

void
surfaces_look(struct surfaces *s, int64_t now_ns)
{
    const struct surface_profile *p;

    tend_jack(s, now_ns);
    bridge_reap(0);
    devices_look(&s->devices, s->choices.root ? s->choices.root : "");
    dismiss(s, now_ns);
    for (int i = 0; i < s->devices.count; i++) {
        const struct midi_device *d = &s->devices.device[i];

        if (!is_seated(s, d) && wanted(s, d, &p))
            come(s, d, p, now_ns);
    }
}

void
surfaces_reload(struct surfaces *s, int64_t now_ns)
{
    struct err e = {""};

    for (int i = 0; i < SURFACES_SEATS; i++)
        if (seat_taken(&s->seat[i]))
            leave(s, &s->seat[i]);
    surface_shelf_close(&s->shelf);
    surface_shelf_open(&s->shelf, s->choices.profile_dir, &e);
    if (e.text[0])
        surfaces_tell(s, "%s", e.text);
    sit_at_jack(s, now_ns);
    surfaces_look(s, now_ns);
}

/* --- the whole ------------------------------------------------------------------------------------ */

enum status
surfaces_open(struct surfaces **out, const struct surfaces_choices *c, struct engine *engine,
              struct loop *loop, int64_t now_ns, struct err *e)
{
    struct surfaces *s = calloc(1, sizeof *s);
    struct err news = {""};

    *out = s;
    if (!s) {
        err_set(e, "no memory for surfaces");
        return NO_MEM;
    }
    s->choices = *c;
    s->engine = engine;
    s->loop = loop;
    surfaces_rows_find(s);
    surface_shelf_open(&s->shelf, c->profile_dir, &news);
    if (news.text[0])
        surfaces_tell(s, "%s", news.text);
    if (!check_asked(s, e)) {
        surfaces_close(s);
        *out = NULL;
        return BAD_ARG;
    }
    sit_at_jack(s, now_ns);
    surfaces_look(s, now_ns);
    s->looked_ns = now_ns;
    return OK;
}

void
surfaces_close(struct surfaces *s)
{
    if (!s)
        return;
    surfaces_learn_close(s);
    for (int i = 0; i < SURFACES_SEATS; i++)
        if (seat_taken(&s->seat[i]))
            seat_leave(&s->seat[i]);
    bridge_reap(BRIDGE_LEAVE_MS);
    surface_shelf_close(&s->shelf);
    free(s);
}

void
surfaces_tick(struct surfaces *s, int64_t now_ns)
{
    const char *line;

    if (now_ns - s->looked_ns >= LOOK_NS) {
        s->looked_ns = now_ns;
        surfaces_look(s, now_ns);
    }
    surfaces_learn_tick(s, now_ns);
    for (int i = 0; i < SURFACES_SEATS; i++) {
        if (!seat_taken(&s->seat[i]))
            continue;
        seat_tick(&s->seat[i], now_ns);
        while (s->seat[i].surface && (line = surface_news(s->seat[i].surface)))
            surfaces_tell(s, "%s", line);
        while (s->seat[i].bridge && (line = bridge_news(s->seat[i].bridge)))
            surfaces_tell(s, "surface %s: %s", s->seat[i].device.client, line);
    }
    surfaces_rows_tick(s, now_ns);
}

int64_t
surfaces_next_ns(const struct surfaces *s)
{
    int64_t next_ns = INT64_MAX;

    for (int i = 0; i < SURFACES_SEATS; i++)
        if (s->seat[i].surface && surface_next_ns(s->seat[i].surface) < next_ns)
            next_ns = surface_next_ns(s->seat[i].surface);
    return next_ns;
}
