/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/reach.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void
add(struct reach *r, const struct address *a)
{
    char host[ADDRESS_NAME_SIZE];

    address_host(a, host);
    for (int i = 0; i < r->n; i++)
        if (strcmp(r->host[i], host) == 0)
            return;
    if (r->n < REACH_MOST)
        snprintf(r->host[r->n++], ADDRESS_NAME_SIZE, "%s", host);
}

static bool
is_any(const struct address *a)
{
    return a->at.ss_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)&a->at)->sin6_addr)
               : ((const struct sockaddr_in *)&a->at)->sin_addr.s_addr == INADDR_ANY;
}

/* Of one network cable alone: nobody can type it. */
static bool
is_link_local(const struct address *a)
{
    return a->at.ss_family == AF_INET6
               ? IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)&a->at)->sin6_addr)
               : (ntohl(((const struct sockaddr_in *)&a->at)->sin_addr.s_addr) >> 16) == 0xa9fe;
}

static bool
take(const struct ifaddrs *i, struct address *a)
{
    int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;

    if (!(i->ifa_flags & IFF_UP) || (family != AF_INET && family != AF_INET6))
        return false;
    *a = (struct address){.size =
                              family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)};
    memcpy(&a->at, i->ifa_addr, a->size);
    return true;
}

/* Those of all interfaces; what is no use elsewhere only if asked for. */
static void
add_interfaces(struct reach *r, int family, bool any)
{
    struct ifaddrs *all;
    struct address a;

    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *i = all; i; i = i->ifa_next)
        if (take(i, &a) && a.at.ss_family == family &&
            (any || (!address_is_loopback(&a) && !is_link_local(&a))))
            add(r, &a);
    freeifaddrs(all);
}

void
reach_find(struct reach *r, const char *listen)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE}, *found;
    struct address a = {.size = 0};

    r->n = 0;
    if (!listen || getaddrinfo(listen, NULL, &hints, &found) != 0)
        return;
    memcpy(&a.at, found->ai_addr, a.size = found->ai_addrlen);
    freeaddrinfo(found);
    if (!is_any(&a)) {
        add(r, &a);
        return;
    }
    for (int any = 0; any < 2 && r->n == 0; any++) {
        add_interfaces(r, AF_INET, any);
        if (a.at.ss_family == AF_INET6)
            add_interfaces(r, AF_INET6, any);
    }
}

void
reach_url(char *out, size_t size, const char *scheme, const char *host, int port, const char *rest)
{
    snprintf(out, size, strchr(host, ':') ? "%s://[%s]:%d/%s" : "%s://%s:%d/%s", scheme, host, port, rest);
}
