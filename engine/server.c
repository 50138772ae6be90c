/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/server.h"

#include "engine/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* GONE: libjack's own thread may still be at work on the goodbye when it has told us. Closing cancels it, and with it
   go its locks, for ever. */
enum { CARDS = 16, LINKS_MS = 300, SERVER_POLL_MS = 50, GONE_MS = 300, XRUNS_MS = 1000 };

#define MS INT64_C(1000000)

static void
tell(struct server *s, const char *line)
{
    size_t used = strlen(s->news);

    snprintf(s->news + used, sizeof s->news - used, "%s%s", used ? "\n" : "", line);
}

/* --- joining and starting ------------------------------------------------------------------------- */

static enum status
join(struct server *s, struct err *e)
{
    enum status status = backend_open(&s->backend, s->config.client, s->config.name, e);

    if (status == OK)
        s->state = SERVER_JOINED;
    return status;
}

static void
forget_profile(struct server *s)
{
    interface_free(s->profile);
    s->profile = NULL;
    s->card.number = -1;
}

static enum status
choose_profile(struct server *s, struct err *e)
{
    struct machine_card cards[CARDS];
    const struct machine_card *card = NULL;
    int ncards = machine_cards(cards, CARDS, "");
    enum status status;

    forget_profile(s);
    if (s->config.interface) {
        status = profile_named_interface(s->config.profile_dir, s->config.interface, &s->profile, e);
        if (status == OK)
            card = profile_card_for(s->profile, cards, ncards);
        if (status == OK && !card && strcmp(s->profile->backend, "dummy") != 0) {
            err_set(e, "no sound card fits profile %s: plug it in, or choose another with --interface",
                    s->config.interface);
            return NOT_FOUND;
        }
    } else {
        status = profile_choose_interface(s->config.profile_dir, cards, ncards, &s->profile, &card, e);
    }
    if (card)
        s->card = *card;
    return status;
}

/* A jackd takes a moment to answer, or says on its way out why it can't: because another one that starts just now has
   the name, perhaps; then that is the one to join. */
static enum status
await(struct server *s, struct err *e)
{
    int64_t until = clock_ns() + SERVER_START_MS * MS;
    enum status status;

    do {
        bool alive = jackd_alive(&s->jackd);

        status = join(s, e);
        if (status != UNAVAILABLE)
            return status;
        if (!alive && !strstr(jackd_last_words(&s->jackd), "already active"))
            break;
        usleep(SERVER_POLL_MS * 1000);
    } while (clock_ns() < until);
    err_set(e, "%s did not start: %s", s->jackd.text, jackd_last_words(&s->jackd));
    jackd_stop(&s->jackd);
    return UNAVAILABLE;
}

static enum status
start(struct server *s, struct err *e)
{
    enum status status =
        jackd_start(&s->jackd, s->config.name, s->profile, s->card.number < 0 ? NULL : &s->card, e);

    if (status == OK)
        status = await(s, e);
    s->ours = status == OK && jackd_alive(&s->jackd);
    return status;
}

static void
describe(struct server *s)
{
    const char *realtime = backend_realtime(s->backend) ? ", real-time" : "";

    if (s->ours)
        snprintf(s->text, sizeof s->text, "%s%s", s->jackd.text, realtime);
    else
        snprintf(s->text, sizeof s->text, "JACK server found running, %.0f Hz, %d frames%s",
                 backend_rate_hz(s->backend), backend_period(s->backend), realtime);
}

enum status
server_open(struct server *s, const struct server_config *c, struct err *e)
{
    enum status status;

    *s = (struct server){.config = *c, .jackd = {.log_fd = -1}, .card = {.number = -1}};
    status = join(s, e);
    if (status == UNAVAILABLE) {
        status = choose_profile(s, e);
        if (status == OK && s->card.number < 0)
            tell(s, "no sound card found: starting JACK's dummy backend, which is silent");
        if (status == OK)
            status = start(s, e);
    } else if (status == OK && c->interface) {
        status = choose_profile(s, e);
    }
    if (status != OK) {
        server_close(s);
        return status;
    }
    describe(s);
    return OK;
}

/* --- connections ---------------------------------------------------------------------------------- */

static bool
has_link(const struct server *s, enum port p, const char *other)
{
    for (int i = 0; i < s->nlinks; i++)
        if (s->link[i].port == p && strcmp(s->link[i].other, other) == 0)
            return true;
    return false;
}

static void
add_link(struct server *s, enum port p, const char *other)
{
    if (s->nlinks == SERVER_LINKS || has_link(s, p, other))
        return;
    s->link[s->nlinks].port = p;
    snprintf(s->link[s->nlinks++].other, sizeof s->link->other, "%s", other);
}

static void
first_links(struct server *s)
{
    int channel[STEREO] = {0, 1};
    char name[sizeof s->link->other];

    if (!s->config.connect)
        return;
    if (s->profile)
        profile_monitor_channels(s->profile, &channel[0], &channel[1]);
    for (int c = 0; c < STEREO; c++)
        if (backend_playback_port(s->backend, channel[c], name, sizeof name))
            add_link(s, PORT_MASTER_L + c, name);
}

/* Joins what should be joined; what can't be yet (its owner is away) is tried again later. */
static void
restore_links(struct server *s)
{
    for (int i = 0; i < s->nlinks; i++) {
        struct server_link *l = &s->link[i];

        l->away = backend_connect(s->backend, l->port, l->other, NULL) != OK;
    }
}

/* Learns what hands have joined; forgets what they took apart while both ends were there. */
static void
observe_links(struct server *s)
{
    int kept = 0;

    for (int i = 0; i < s->nlinks; i++) {
        struct server_link *l = &s->link[i];

        if (backend_linked(s->backend, l->port, l->other) || !backend_exists(s->backend, l->other))
            s->link[kept++] = *l;
    }
    s->nlinks = kept;
    for (int p = 0; p < PORTS; p++) {
        const char **names = backend_connections(s->backend, p);

        for (int i = 0; names && names[i]; i++)
            add_link(s, p, names[i]);
        backend_free_names(names);
    }
}

/* An owner that came back: its ports exist again, unjoined. Told apart from a hand's doing by having been away. */
static void
tend_links(struct server *s, int64_t now_ns)
{
    if (now_ns < s->links_ns)
        return;
    s->links_ns = now_ns + LINKS_MS * MS;
    for (int i = 0; i < s->nlinks; i++) {
        struct server_link *l = &s->link[i];
        bool there = backend_exists(s->backend, l->other);

        if (there && l->away)
            backend_connect(s->backend, l->port, l->other, NULL);
        l->away = !there;
    }
    observe_links(s);
}

/* --- running -------------------------------------------------------------------------------------- */

enum status
server_run(struct server *s, struct process *p, struct err *e)
{
    enum status status = backend_start(s->backend, p, s->config.follow, e);

    if (status != OK)
        return status;
    s->process = p;
    s->state = SERVER_RUNNING;
    s->moved_ns = clock_ns();
    s->callbacks = publish_count_get(&p->callbacks);
    s->resizes = backend_resizes(s->backend);
    s->xruns = 0;
    if (!s->linked_once)
        first_links(s);
    s->linked_once = true;
    restore_links(s);
    s->links_ns = clock_ns() + LINKS_MS * MS;
    describe(s);
    return OK;
}

void
server_lose(struct server *s, int64_t now_ns, const char *line)
{
    if (line)
        tell(s, line);
    s->xruns_before += backend_xruns(s->backend);
    if (s->ours)
        jackd_stop(&s->jackd);
    backend_close(s->backend);
    s->backend = NULL;
    s->gone_ns = 0;
    s->state = SERVER_LOST;
    s->retry_ns = now_ns + SERVER_POLL_MS * MS;
}

static bool
moving(struct server *s, int64_t now_ns)
{
    uint64_t callbacks = publish_count_get(&s->process->callbacks);

    if (callbacks != s->callbacks) {
        s->callbacks = callbacks;
        s->moved_ns = now_ns;
    }
    return now_ns - s->moved_ns < SERVER_STALL_MS * MS;
}

static void
watch(struct server *s, int64_t now_ns)
{
    uint64_t xruns = backend_xruns(s->backend);
    char line[160];

    if (s->resizes != backend_resizes(s->backend)) {
        s->resizes = backend_resizes(s->backend);
        backend_latency_changed(s->backend);
        snprintf(line, sizeof line, "period is now %d frames", backend_period(s->backend));
        tell(s, line);
        describe(s);
    }
    if (s->latency != publish_count_get(&s->process->latency)) {
        s->latency = publish_count_get(&s->process->latency);
        backend_latency_changed(s->backend);
    }
    if (xruns != s->xruns && now_ns >= s->xruns_ns) {
        s->xruns_ns = now_ns + XRUNS_MS * MS;
        snprintf(line, sizeof line, "%llu xrun%s, %llu so far", (unsigned long long)(xruns - s->xruns),
                 xruns - s->xruns == 1 ? "" : "s", (unsigned long long)(xruns + s->xruns_before));
        tell(s, line);
        s->xruns = xruns;
    }
    tend_links(s, now_ns);
}

/* Told at once, let go of when libjack has got over it. */
static void
goodbye(struct server *s, int64_t now_ns, const char *line)
{
    tell(s, line);
    s->gone_ns = now_ns;
    if (s->ours)
        jackd_stop(&s->jackd);
}

static void
tick_running(struct server *s, int64_t now_ns)
{
    if (s->gone_ns) {
        if (now_ns - s->gone_ns >= GONE_MS * MS)
            server_lose(s, now_ns, NULL);
    } else if (backend_gone(s->backend)) {
        goodbye(s, now_ns,
                s->ours ? "the JACK server has died: starting it again"
                        : "the JACK server has gone: waiting for it to come back");
    } else if (moving(s, now_ns)) {
        if (s->state == SERVER_STALLED)
            tell(s, "the JACK server runs again");
        s->state = SERVER_RUNNING;
        watch(s, now_ns);
    } else if (s->ours) {
        goodbye(s, now_ns, "the JACK server stands still (interface pulled?): starting it again");
    } else if (s->state == SERVER_RUNNING) {
        s->state = SERVER_STALLED;
        tell(s, "the JACK server stands still (interface pulled?) and is not ours: plug the interface in and "
                "restart it; we join again by ourselves");
    }
}

/* The card that we started for, by what does not change when it is plugged in again. */
static bool
card_is_back(struct server *s)
{
    struct machine_card cards[CARDS];
    int ncards = machine_cards(cards, CARDS, "");

    if (s->card.number < 0)
        return true;
    for (int i = 0; i < ncards; i++)
        if (strcmp(cards[i].usb, s->card.usb) == 0 && strcmp(cards[i].name, s->card.name) == 0 &&
            cards[i].playback == s->card.playback) {
            s->card = cards[i];
            return true;
        }
    return false;
}

/* Its own jackd: started when the card is there, waited for, told about once when it refuses. */
static void
revive(struct server *s)
{
    struct err e = {""};

    if (s->jackd.pid && jackd_alive(&s->jackd)) {
        s->retry_ns = clock_ns() + SERVER_POLL_MS * MS;
        return;
    }
    if (s->jackd.log_fd > 0) { /* it has ended, and its words are still there */
        err_set(&e, "%s did not start: %s", s->jackd.text, jackd_last_words(&s->jackd));
        jackd_stop(&s->jackd);
    } else if (!card_is_back(s)) {
        err_set(&e, "waiting for %s: plug it back in", s->card.name);
    } else if (jackd_start(&s->jackd, s->config.name, s->profile, s->card.number < 0 ? NULL : &s->card, &e) ==
               OK) {
        s->retry_ns = clock_ns() + SERVER_POLL_MS * MS;
    }
    if (e.text[0] && strcmp(e.text, s->told) != 0) {
        tell(s, e.text);
        snprintf(s->told, sizeof s->told, "%s", e.text);
    }
}

static void
tick_lost(struct server *s, int64_t now_ns)
{
    char line[sizeof s->text + 16];

    if (now_ns < s->retry_ns)
        return;
    s->retry_ns = now_ns + SERVER_RETRY_MS * MS;
    if (join(s, NULL) != OK) {
        if (s->ours)
            revive(s);
        return;
    }
    s->ours = s->jackd.pid && jackd_alive(&s->jackd);
    s->told[0] = '\0';
    describe(s);
    snprintf(line, sizeof line, "back on %s", s->text);
    tell(s, line);
}

void
server_tick(struct server *s, int64_t now_ns)
{
    s->news[0] = '\0';
    if (s->state == SERVER_RUNNING || s->state == SERVER_STALLED)
        tick_running(s, now_ns);
    if (s->state == SERVER_LOST)
        tick_lost(s, now_ns);
}

void
server_close(struct server *s)
{
    backend_close(s->backend);
    s->backend = NULL;
    jackd_stop(&s->jackd);
    forget_profile(s);
    s->state = SERVER_CLOSED;
}

uint64_t
server_xruns(const struct server *s)
{
    return s->xruns_before + (s->backend ? backend_xruns(s->backend) : 0);
}
