/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/surfaces.h"

#include "control/midi/learn.h"
#include "control/midi/learnt.h"
#include "control/midi/seat.h"
#include "engine/folder.h"
#include "engine/profile.h"
#include "engine/word.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOOK_NS    INT64_C(500000000)
#define COUNTED_NS INT64_C(1000000000)
#define RETRY_NS   INT64_C(2000000000)

enum { SEATS = PARAM_SURFACES, NEWS = 16, AWAY = 32, NAME = 64 };

#define JACK_PROFILE "jack-midi"

/* How a device was left that may come back, or why it is not spoken to. */
struct away {
    char client[NAME], place[NAME];
    int nth;
    char page[NAME];
    int64_t until_ns; /* not tried again before */
};

/* Whose messages a learner hears. */
struct ear {
    struct surfaces *surfaces;
    int seat;
};

struct row_ids {
    int name, profile, page;
};

struct surfaces {
    struct surfaces_choices choices;
    struct engine *engine;
    struct loop *loop;
    struct surface_shelf shelf;
    bool others; /* also those that were not asked for */
    struct midi_devices devices;
    int64_t looked_ns, counted_ns;
    struct seat seat[SEATS];
    struct surface_counts gone; /* of seats that were left */
    uint64_t lost;
    struct away away[AWAY];
    int naway;
    struct row_ids row[SEATS];
    char page[SEATS][NAME]; /* as told last */
    int id_on, id_to, id_said;
    bool learning;
    struct learn learn;
    struct ear ear[SEATS];
    char news[NEWS][SURFACES_NEWS_SIZE];
    unsigned news_first, news_last;
};

__attribute__((format(printf, 2, 3))) static void
tell(struct surfaces *s, const char *format, ...)
{
    va_list ap;

    if (s->news_last - s->news_first == NEWS)
        s->news_first++; /* the oldest goes */
    va_start(ap, format);
    vsnprintf(s->news[s->news_last++ % NEWS], SURFACES_NEWS_SIZE, format, ap);
    va_end(ap);
}

const char *
surfaces_news(struct surfaces *s)
{
    return s->news_first == s->news_last ? NULL : s->news[s->news_first++ % NEWS];
}

/* --- what was asked for --------------------------------------------------------------------------- */

/* "NAME=WORDS": NAME's length, and WORDS; NULL: there are none. */
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
    char name[NAME];
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
is_away(const struct away *a, const struct midi_device *d)
{
    return a->nth == d->nth && strcmp(a->client, d->client) == 0 && strcmp(a->place, d->place) == 0;
}

/* The place of who is not known yet is the oldest one's. */
static struct away *
remember(struct surfaces *s, const struct midi_device *d)
{
    struct away *a = NULL;

    for (int i = 0; i < s->naway && i < AWAY; i++)
        if (is_away(&s->away[i], d))
            a = &s->away[i];
    if (a)
        return a;
    a = &s->away[s->naway++ % AWAY];
    *a = (struct away){.nth = d->nth};
    snprintf(a->client, sizeof a->client, "%s", d->client);
    snprintf(a->place, sizeof a->place, "%s", d->place);
    return a;
}

static bool
same_device(const struct midi_device *a, const struct midi_device *b)
{
    return a->client_number == b->client_number && a->port_number == b->port_number &&
           strcmp(a->client, b->client) == 0 && strcmp(a->port, b->port) == 0 &&
           strcmp(a->place, b->place) == 0;
}

static void
count_seat(struct surface_counts *sum, const struct surface_counts *c)
{
    sum->in += c->in;
    sum->unknown += c->unknown;
    sum->moves += c->moves;
    sum->refused += c->refused;
    sum->coalesced += c->coalesced;
    sum->loops += c->loops;
    sum->out += c->out;
}

static void
leave(struct surfaces *s, struct seat *seat)
{
    struct away *a = seat->jack ? NULL : remember(s, &seat->device);

    if (seat->surface) {
        count_seat(&s->gone, surface_counts(seat->surface));
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
    for (int i = 0; i < SEATS; i++)
        if (seat_taken(&s->seat[i]) && strcmp(s->seat[i].hand, hand) == 0) {
            snprintf(hand, size, "midi %.40s %d", d ? d->client : "jack", ++nth);
            i = -1;
        }
}

static struct seat *
free_seat(struct surfaces *s)
{
    for (int i = 0; i < SEATS; i++)
        if (!seat_taken(&s->seat[i]))
            return &s->seat[i];
    return NULL;
}

static void
come(struct surfaces *s, const struct midi_device *d, const struct surface_profile *p, int64_t now_ns)
{
    struct away *a = d ? remember(s, d) : NULL;
    struct seat *seat = free_seat(s);
    char hand[SEAT_HAND];
    struct err e;

    if (!seat || (a && now_ns < a->until_ns))
        return;
    name_hand(s, d, hand, sizeof hand);
    if (seat_take(seat, s->engine, s->loop, s->choices.program, d, p, hand, now_ns, &e) != OK) {
        tell(s, "surface %s: %s", d ? d->client : "jack", e.text);
        if (a)
            a->until_ns = now_ns + RETRY_NS;
        return;
    }
    if (a && a->page[0] && seat->surface)
        surface_open_page(seat->surface, a->page);
    if (d && p)
        tell(s, "surface %s is there: %s, page %s", d->client, p->label, surface_page_name(seat->surface));
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
    for (int i = 0; i < SEATS; i++)
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

    for (int i = 0; i < SEATS; i++) {
        struct seat *seat = &s->seat[i];

        if (!seat->bridge)
            continue;
        if (!is_there(s, &seat->device)) {
            if (seat->profile)
                tell(s, "surface %s is gone", seat->device.client);
            leave(s, seat);
        } else if (seat->ended) {
            tell(s, "surface %s: %s", seat->device.client, bridge_why(seat->bridge));
            remember(s, &seat->device)->until_ns = now_ns + RETRY_NS;
            leave(s, seat);
        } else if (!wanted(s, &seat->device, &p) || p != seat->profile) {
            leave(s, seat);
        }
    }
}

static void
look(struct surfaces *s, int64_t now_ns)
{
    const struct surface_profile *p;

    devices_look(&s->devices, s->choices.root ? s->choices.root : "");
    dismiss(s, now_ns);
    for (int i = 0; i < s->devices.count; i++) {
        const struct midi_device *d = &s->devices.device[i];

        if (!is_seated(s, d) && wanted(s, d, &p))
            come(s, d, p, now_ns);
    }
}

/* --- learning ------------------------------------------------------------------------------------- */

static void
hear(void *context, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    const struct ear *ear = context;

    learn_hear(&ear->surfaces->learn, ear->seat, bytes, size, now_ns);
}

static void
begin_learning(struct surfaces *s, int64_t now_ns)
{
    s->learning = learn_begin(&s->learn, s->engine) == OK;
    if (s->learning)
        look(s, now_ns);
}

static void
end_learning(struct surfaces *s, int64_t now_ns)
{
    s->learning = false;
    learn_end(&s->learn);
    for (int i = 0; i < SEATS; i++)
        if (seat_taken(&s->seat[i]))
            seat_learn(&s->seat[i], NULL, NULL);
    look(s, now_ns); /* who has no profile leaves */
}

/* The learning seat's control, if its profile knows it: "encoder/3". */
static bool
known_control(const struct surface_profile *p, const struct surface_way *in, char *name, size_t size)
{
    for (unsigned g = 0; p && g < p->controls_count; g++) {
        const struct surface_control *c = &p->controls[g];

        for (int n = 0; c->in && n < c->count; n++)
            if (c->in->message == in->message && surface_way_channel(c->in, n) + 1 == in->channel &&
                surface_way_number(c->in, n) == in->number) {
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
    char folder[FOLDER_PATH], path[FOLDER_PATH], known[NAME], control[NAME], from[FOLDER_PATH];
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

/* Profiles are read anew: who sits by one stands up. */
static void
reload(struct surfaces *s, int64_t now_ns)
{
    struct err e = {""};

    for (int i = 0; i < SEATS; i++)
        if (seat_taken(&s->seat[i]))
            leave(s, &s->seat[i]);
    surface_shelf_close(&s->shelf);
    surface_shelf_open(&s->shelf, s->choices.profile_dir, &e);
    if (e.text[0])
        tell(s, "%s", e.text);
    sit_at_jack(s, now_ns);
    look(s, now_ns);
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
    tell(s, "%s", said);
    learn_taken(&s->learn, said);
    if (good)
        reload(s, now_ns);
}

static void
tend_learning(struct surfaces *s, int64_t now_ns)
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
    for (int i = 0; i < SEATS; i++)
        if (seat_taken(&s->seat[i]) && !s->seat[i].learner) {
            s->ear[i] = (struct ear){s, i};
            seat_learn(&s->seat[i], hear, &s->ear[i]);
        }
    if (to[0] && !learn_name(&s->learn, to, &e))
        tell(s, "/surface/learn/to: %s", e.text);
    if (to[0])
        engine_report_text(s->engine, s->id_to, "");
    if (learn_tick(&s->learn, now_ns) == LEARN_READY)
        take_learnt(s, now_ns);
    engine_report_text(s->engine, s->id_said, learn_said(&s->learn));
}

/* --- rows ----------------------------------------------------------------------------------------- */

static void
find_rows(struct surfaces *s)
{
    char path[PARAM_PATH_SIZE];

    for (int i = 0; i < SEATS; i++) {
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
        tell(s, "/surface/%d/page: %s has no page '%.64s'", i + 1, s->seat[i].profile->name, said);
    snprintf(s->page[i], sizeof s->page[i], "%s", surface ? surface_page_name(surface) : "");
    report_text(s, s->row[i].page, s->page[i]);
}

static void
report_seats(struct surfaces *s)
{
    for (int i = 0; i < SEATS; i++) {
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

    for (int i = 0; i < SEATS; i++) {
        lost += s->seat[i].lost;
        if (s->seat[i].surface)
            count_seat(&sum, surface_counts(s->seat[i].surface));
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
    find_rows(s);
    surface_shelf_open(&s->shelf, c->profile_dir, &news);
    if (news.text[0])
        tell(s, "%s", news.text);
    if (!check_asked(s, e)) {
        surfaces_close(s);
        *out = NULL;
        return BAD_ARG;
    }
    sit_at_jack(s, now_ns);
    look(s, now_ns);
    s->looked_ns = now_ns;
    return OK;
}

void
surfaces_close(struct surfaces *s)
{
    if (!s)
        return;
    if (s->learning)
        learn_end(&s->learn);
    for (int i = 0; i < SEATS; i++)
        if (seat_taken(&s->seat[i]))
            seat_leave(&s->seat[i]);
    surface_shelf_close(&s->shelf);
    free(s);
}

void
surfaces_tick(struct surfaces *s, int64_t now_ns)
{
    const char *line;

    if (now_ns - s->looked_ns >= LOOK_NS) {
        s->looked_ns = now_ns;
        look(s, now_ns);
    }
    tend_learning(s, now_ns);
    for (int i = 0; i < SEATS; i++) {
        if (!seat_taken(&s->seat[i]))
            continue;
        seat_tick(&s->seat[i], now_ns);
        while (s->seat[i].surface && (line = surface_news(s->seat[i].surface)))
            tell(s, "%s", line);
    }
    report_seats(s);
    if (now_ns - s->counted_ns >= COUNTED_NS) {
        s->counted_ns = now_ns;
        count(s);
    }
}
