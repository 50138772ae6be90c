/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/announce.h"

#include "control/carrier.h"
#include "engine/clock.h"
#include "engine/publish.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_AVAHI
#include <avahi-client/client.h>
#include <avahi-client/publish.h>
#include <avahi-common/alternative.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#endif

/* --- what ---------------------------------------------------------------------------------------- */

/* framing: the OSC 1.1 way; the 1.0 way (sizes) is found by its first byte as well. */
int
announce_services(const struct announce_what *w, struct announce_service s[ANNOUNCE_SERVICES])
{
    static const char version[] = "version=1.0", types[] = "types=ifhdsSTFNI", txtvers[] = "txtvers=1";
    int n = 0;

    s[n++] = (struct announce_service){"_osc._udp", w->osc_port, {txtvers, version, types}};
    if (w->osc_tcp)
        s[n++] =
            (struct announce_service){"_osc._tcp", w->osc_port, {txtvers, version, types, "framing=slip"}};
    if (w->http_port) {
        s[n++] = (struct announce_service){"_oscjson._tcp", w->http_port, {txtvers}};
        s[n++] = (struct announce_service){"_http._tcp", w->http_port, {"path=/"}};
    }
    return n;
}

void
announce_name(const char *host, char name[ANNOUNCE_NAME_SIZE])
{
    char all[sizeof "Deadwax on " + 256];
    size_t n = ANNOUNCE_NAME_SIZE - 1;

    snprintf(all, sizeof all, "Deadwax on %.255s", host);
    if (strlen(all) > n)
        while (n > 0 && ((unsigned char)all[n] & 0xc0) == 0x80)
            n--;
    snprintf(name, ANNOUNCE_NAME_SIZE, "%.*s", (int)n, all);
}

/* --- where --------------------------------------------------------------------------------------- */

static bool
is_any(const struct address *a)
{
    static const struct in6_addr any = IN6ADDR_ANY_INIT;

    if (a->at.ss_family == AF_INET6)
        return memcmp(&((const struct sockaddr_in6 *)&a->at)->sin6_addr, &any, sizeof any) == 0;
    return ((const struct sockaddr_in *)&a->at)->sin_addr.s_addr == htonl(INADDR_ANY);
}

static size_t
size_of(const struct sockaddr *at)
{
    return at->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/* The interface's number; 0: none has it. */
static int
interface_of(const struct address *a)
{
    struct ifaddrs *all = NULL;
    int number = 0;

    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *i = all; i && !number; i = i->ifa_next) {
        struct address own = {.size = 0};

        if (!i->ifa_addr || i->ifa_addr->sa_family != a->at.ss_family)
            continue;
        memcpy(&own.at, i->ifa_addr, size_of(i->ifa_addr));
        if (address_same_host(&own, a))
            number = (int)if_nametoindex(i->ifa_name);
    }
    freeifaddrs(all);
    return number;
}

bool
announce_reach(const char *listen, struct announce_reach *r)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    struct address a = {.size = 0};

    if (!listen || getaddrinfo(listen, NULL, &hints, &found) != 0)
        return false;
    memcpy(&a.at, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (address_is_loopback(&a))
        return false;
    *r = (struct announce_reach){.family = a.at.ss_family};
    if (!is_any(&a)) {
        r->interface = interface_of(&a);
        return r->interface != 0;
    }
    if (a.at.ss_family == AF_INET6) /* "::" takes IPv4 too */
        r->family = AF_UNSPEC;
    return true;
}

#ifdef HAVE_AVAHI

/* --- the thread that waits for daemons --------------------------------------------------------------- */

enum { LOST_MS = 500, RETRY_MS = 10000, NAMES = 100, CLOSE_MS = 500 };

struct announce {
    struct announce_service service[ANNOUNCE_SERVICES];
    int nservices;
    AvahiIfIndex interface;
    AvahiProtocol protocol;
    AvahiSimplePoll *poll;
    AvahiEntryGroup *group; /* NULL: not yet */
    char name[ANNOUNCE_NAME_SIZE];
    int names; /* tried */
    bool lost; /* the daemon: a new client is due */
    struct publish_count stop;
    pthread_t thread;
};

static int
add_services(struct announce *a)
{
    int error = 0;

    for (int i = 0; i < a->nservices && error == 0; i++) {
        const struct announce_service *s = &a->service[i];
        AvahiStringList *txt = NULL;

        for (int k = 0; s->txt[k]; k++) /* the first comes first on the wire */
            txt = avahi_string_list_add(txt, s->txt[k]);
        error = avahi_entry_group_add_service_strlst(a->group, a->interface, a->protocol, 0, a->name, s->type,
                                                     NULL, NULL, (uint16_t)s->port, txt);
        avahi_string_list_free(txt);
    }
    return error;
}

/* False: enough have been tried. */
static bool
rename_us(struct announce *a)
{
    char *next = a->names++ < NAMES ? avahi_alternative_service_name(a->name) : NULL;

    if (next)
        snprintf(a->name, sizeof a->name, "%s", next);
    avahi_free(next);
    return next != NULL;
}

/* A name that another program here has is known at once; one that another machine has comes to on_group. */
static void
register_services(struct announce *a)
{
    int error;

    do {
        avahi_entry_group_reset(a->group);
        error = add_services(a);
    } while (error == AVAHI_ERR_COLLISION && rename_us(a));
    if (error == 0)
        avahi_entry_group_commit(a->group);
}

static void
on_group(AvahiEntryGroup *group, AvahiEntryGroupState state, void *context)
{
    struct announce *a = context;

    if (state != AVAHI_ENTRY_GROUP_COLLISION || !rename_us(a))
        return;
    a->group = group;
    register_services(a);
}

static void
on_client(AvahiClient *client, AvahiClientState state, void *context)
{
    struct announce *a = context;

    if (state == AVAHI_CLIENT_S_RUNNING) {
        if (!a->group) {
            const char *host = avahi_client_get_host_name(client);

            announce_name(host ? host : "this machine", a->name);
            a->group = avahi_entry_group_new(client, on_group, a);
        }
        if (a->group)
            register_services(a);
    } else if (state == AVAHI_CLIENT_FAILURE) {
        a->lost = true;
    } else if (a->group) { /* the machine has another name now, or is looking for one */
        avahi_entry_group_reset(a->group);
    }
}

static bool
stopped(const struct announce *a)
{
    return publish_count_get(&a->stop) != 0;
}

static void
pause_for(struct announce *a, int ms)
{
    int64_t until = clock_ns() + ms * INT64_C(1000000), now;

    while (!stopped(a) && (now = clock_ns()) < until)
        if (avahi_simple_poll_iterate(a->poll, (int)((until - now) / 1000000) + 1) != 0)
            return;
}

static void *
run(void *arg)
{
    struct announce *a = arg;

    while (!stopped(a)) {
        AvahiClient *client;

        a->group = NULL;
        a->names = 0;
        a->lost = false;
        client = avahi_client_new(avahi_simple_poll_get(a->poll), AVAHI_CLIENT_NO_FAIL, on_client, a, NULL);
        while (client && !a->lost && !stopped(a) && avahi_simple_poll_iterate(a->poll, -1) == 0)
            ;
        if (client)
            avahi_client_free(client); /* with its group */
        pause_for(a, a->lost ? LOST_MS : RETRY_MS);
    }
    return NULL;
}

static bool
start(struct announce *a)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all); /* signals are the control thread's */
    pthread_sigmask(SIG_BLOCK, &all, &before);
    started = pthread_create(&a->thread, NULL, run, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

enum status
announce_open(struct announce **out, const struct announce_what *w)
{
    struct announce_reach reach;
    struct announce *a;

    *out = NULL;
    if (!announce_reach(w->listen, &reach))
        return UNAVAILABLE;
    a = calloc(1, sizeof *a);
    if (!a)
        return NO_MEM;
    a->nservices = announce_services(w, a->service);
    a->interface = reach.interface ? reach.interface : AVAHI_IF_UNSPEC;
    a->protocol = avahi_af_to_proto(reach.family);
    a->poll = avahi_simple_poll_new();
    if (!a->poll || !start(a)) {
        if (a->poll)
            avahi_simple_poll_free(a->poll);
        free(a);
        return NO_MEM;
    }
    *out = a;
    return OK;
}

void
announce_close(struct announce *a)
{
    struct timespec until;

    if (!a)
        return;
    publish_count_set(&a->stop, 1);
    avahi_simple_poll_wakeup(a->poll);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += CLOSE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (pthread_timedjoin_np(a->thread, NULL, &until) != 0) {
        pthread_detach(a->thread);
        return;
    }
    avahi_simple_poll_free(a->poll);
    free(a);
}

#else

enum status
announce_open(struct announce **a, const struct announce_what *w)
{
    (void)w;
    *a = NULL;
    return UNAVAILABLE;
}

void
announce_close(struct announce *a)
{
    (void)a;
}

#endif
