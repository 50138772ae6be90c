/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/carrier.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

bool
address_same(const struct address *a, const struct address *b)
{
    return a->carrier == b->carrier && a->connection == b->connection && a->size == b->size &&
           memcmp(&a->at, &b->at, a->size) == 0;
}

/* As IPv6, which has a place for every IPv4 address. */
static struct in6_addr
host_of(const struct address *a)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&a->at;
    struct in6_addr host = {.s6_addr = {[10] = 0xff, 0xff}};

    if (a->at.ss_family == AF_INET6)
        return ((const struct sockaddr_in6 *)&a->at)->sin6_addr;
    memcpy(host.s6_addr + 12, &in->sin_addr, 4);
    return host;
}

bool
address_same_host(const struct address *a, const struct address *b)
{
    struct in6_addr x = host_of(a), y = host_of(b);

    return memcmp(&x, &y, sizeof x) == 0;
}

bool
address_is_loopback(const struct address *a)
{
    struct in6_addr host = host_of(a);

    return IN6_IS_ADDR_LOOPBACK(&host) || (IN6_IS_ADDR_V4MAPPED(&host) && host.s6_addr[12] == 127);
}

bool
address_loses(const struct address *a)
{
    return a->carrier == CARRIER_SOCKETS && !a->connection;
}

void
address_host(const struct address *a, char name[ADDRESS_NAME_SIZE])
{
    struct in6_addr host = host_of(a);
    bool v4 = IN6_IS_ADDR_V4MAPPED(&host);

    if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? host.s6_addr + 12 : host.s6_addr, name, ADDRESS_NAME_SIZE))
        snprintf(name, ADDRESS_NAME_SIZE, "?");
}

static int
port_of(const struct address *a)
{
    return ntohs(a->at.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&a->at)->sin6_port
                                             : ((const struct sockaddr_in *)&a->at)->sin_port);
}

void
address_name(const struct address *a, char name[ADDRESS_NAME_SIZE])
{
    char host[ADDRESS_NAME_SIZE];
    const char *way = a->carrier == CARRIER_WEB ? "web" : a->connection ? "osc tcp" : "osc";

    address_host(a, host);
    snprintf(name, ADDRESS_NAME_SIZE, strchr(host, ':') ? "%s [%.45s]:%d" : "%s %.45s:%d", way, host,
             port_of(a));
}

bool
address_set_port(struct address *a, double port)
{
    if (!(port >= 1 && port <= 65535))
        return false;
    if (a->connection)
        return true;
    if (a->at.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&a->at)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)&a->at)->sin_port = htons((uint16_t)port);
    return true;
}
