/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/http.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

/*
 * One epoll instance watches all; a place is a number there: listeners first, then connections.
 *
 * A connection asks, is answered, and leaves: its sending side is shut, and what still comes is thrown away until it
 * has ended or LEAVE_S is over. Closing with bytes unread would make the system take back the answer.
 */
enum {
    HOSTS = 3, /* the address asked for, loopback of both families */
    PLACES = HOSTS + HTTP_CONNECTIONS,
    WORK = 128 * 1024, /* bytes of answers in a call */
    ACCEPTS = 16,      /* in a call */
    BACKLOG = 256,     /* whose SYN finds no room here comes again after 1 s */
    TRIES = 8,         /* for a port that is free for all of them */
    ROOM = 64 * 1024,  /* in the system, for what goes out */
    LEAVE_S = 1,
    LEAVE_BYTES = 64 * 1024
};

enum stage { ASKING, ASKED, ANSWERING, LEAVING };

struct connection {
    struct http_asker who;
    bool known;
    enum stage stage;
    int64_t since_ns; /* accepted; last took something; left */
    char request[REQUEST_HEAD];
    size_t asked;
    char head[1024];
    size_t head_size, sent; /* sent: of head and body */
    char *body;
    size_t body_size;
    size_t thrown;
};

struct http {
    struct http_hand hand;
    int epoll, own[HOSTS], port; /* -1: not open */
    int64_t now_ns;
    uint64_t numbers;
    int turn;
    bool full;                                       /* the listeners are not watched */
    struct connection *connection[HTTP_CONNECTIONS]; /* NULL: free */
};

/* --- connections ------------------------------------------------------------------------------- */

static bool
watch(struct http *h, int what, int fd, int place, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)place};

    return epoll_ctl(h->epoll, what, fd, &event) == 0;
}

static bool
would_wait(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void
forget(struct http *h, int i)
{
    free(h->connection[i]->body);
    free(h->connection[i]);
    h->connection[i] = NULL;
}

static void
end(struct http *h, int i)
{
    close(h->connection[i]->who.fd);
    forget(h, i);
}

static bool
may_go(const struct http *h, const struct connection *c)
{
    if (c->stage != ASKING && c->stage != LEAVING)
        return false;
    return !c->known || h->now_ns - c->since_ns >= HTTP_GRACE_MS * INT64_C(1000000);
}

/* Whose place may be taken before b's? */
static bool
goes_before(const struct connection *a, const struct connection *b)
{
    if (a->known != b->known)
        return !a->known;
    return a->who.from.connection < b->who.from.connection;
}

/* One that is free, or else that of who goes first; -1: none. */
static int
find_place(const struct http *h)
{
    int first = -1;

    for (int i = 0; i < HTTP_CONNECTIONS; i++) {
        const struct connection *c = h->connection[i];

        if (!c)
            return i;
        if (may_go(h, c) && (first < 0 || goes_before(c, h->connection[first])))
            first = i;
    }
    return first;
}

static void
name_here(struct http_asker *who)
{
    struct address here = {.size = sizeof here.at};

    if (getsockname(who->fd, (struct sockaddr *)&here.at, &here.size) == 0)
        address_host(&here, who->here);
}

static bool
join(struct http *h, int i, int fd, const struct address *from)
{
    bool known = h->hand.knows(h->hand.context, from);
    int yes = 1, room = ROOM;
    struct connection *c;

    if (h->connection[i] && h->connection[i]->known && !known)
        return false;
    c = calloc(1, sizeof *c);
    if (!c)
        return false;
    if (h->connection[i])
        end(h, i);
    c->who.from = *from;
    c->who.from.connection = ++h->numbers;
    c->who.fd = fd;
    c->known = known;
    c->since_ns = h->now_ns;
    name_here(&c->who);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (!watch(h, EPOLL_CTL_ADD, fd, HOSTS + i, EPOLLIN)) {
        free(c);
        return false;
    }
    h->connection[i] = c;
    return true;
}

/* While there is no place the system keeps them. */
static void
watch_listeners(struct http *h, bool on)
{
    for (int i = 0; i < HOSTS; i++)
        if (h->own[i] >= 0 && h->full == on)
            watch(h, EPOLL_CTL_MOD, h->own[i], i, on ? EPOLLIN : 0);
    h->full = !on;
}

static void
take_connections(struct http *h, int listener)
{
    for (int n = 0; n < ACCEPTS; n++) {
        struct address from = {.size = sizeof from.at, .carrier = CARRIER_WEB};
        int i = find_place(h), fd;

        if (i < 0) {
            watch_listeners(h, false);
            return;
        }
        fd = accept4(listener, (struct sockaddr *)&from.at, &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (!join(h, i, fd, &from))
            close(fd);
    }
}

/* --- answering --------------------------------------------------------------------------------- */

static const char *
reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {204, "No Content"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Too Large"},
        {414, "URI Too Long"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Too Large"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "Not Supported"},
    };

    for (size_t i = 0; i < LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Internal Server Error";
}

/* Nothing more is read until it leaves. */
static void
leave(struct http *h, int i)
{
    struct connection *c = h->connection[i];

    c->stage = LEAVING;
    c->since_ns = h->now_ns;
    shutdown(c->who.fd, SHUT_WR);
    if (!watch(h, EPOLL_CTL_MOD, c->who.fd, HOSTS + i, EPOLLIN))
        end(h, i);
}

static void
go_on(struct http *h, int i)
{
    struct connection *c = h->connection[i];

    while (c->sent < c->head_size + c->body_size) {
        bool head = c->sent < c->head_size;
        const char *at = head ? c->head + c->sent : c->body + (c->sent - c->head_size);
        size_t left = head ? c->head_size - c->sent : c->body_size - (c->sent - c->head_size);
        ssize_t n = send(c->who.fd, at, left, MSG_NOSIGNAL | (head && c->body_size ? MSG_MORE : 0));

        if (n < 0 && would_wait(errno)) {
            if (!watch(h, EPOLL_CTL_MOD, c->who.fd, HOSTS + i, EPOLLOUT))
                end(h, i);
            return;
        }
        if (n <= 0) {
            end(h, i);
            return;
        }
        c->sent += (size_t)n;
        c->since_ns = h->now_ns;
    }
    leave(h, i);
}

static void
begin_brief(struct http *h, int i, const struct http_answer *a)
{
    struct connection *c = h->connection[i];

    c->head_size =
        (size_t)snprintf(c->head, sizeof c->head, "HTTP/1.1 %d %s\r\n\r\n", a->status, reason(a->status));
    if (c->head_size > c->asked) {
        end(h, i);
        return;
    }
    go_on(h, i);
}

static void
print_head(struct connection *c, const struct http_answer *a)
{
    char type[96] = "";
    int n;

    if (a->type)
        snprintf(type, sizeof type, "Content-Type: %s\r\n", a->type);
    if (a->status == 204) /* has no length */
        n = snprintf(c->head, sizeof c->head, "HTTP/1.1 204 %s\r\n%sConnection: close\r\n\r\n", reason(204),
                     a->header);
    else if (a->within) /* what may not be large is not told how large it is, nor what else may be left out */
        n = snprintf(c->head, sizeof c->head, "HTTP/1.1 %d %s\r\n%s%s\r\n", a->status, reason(a->status),
                     type, a->header);
    else
        n = snprintf(c->head, sizeof c->head,
                     "HTTP/1.1 %d %s\r\n%s%sContent-Length: %zu\r\nConnection: close\r\n"
                     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n",
                     a->status, reason(a->status), type, a->header, a->size);
    c->head_size = (size_t)n;
}

static void
begin(struct http *h, int i, const struct request *r, struct http_answer *a)
{
    struct connection *c = h->connection[i];

    c->stage = ANSWERING;
    c->since_ns = h->now_ns;
    print_head(c, a);
    if (a->within && c->head_size + a->size > c->asked) {
        free(a->body);
        *a = (struct http_answer){.status = 403, .brief = true};
    }
    if (a->brief) {
        begin_brief(h, i, a);
        return;
    }
    c->body = a->body;
    c->body_size = r->method == REQUEST_IS_HEAD || !a->body ? 0 : a->size;
    go_on(h, i);
}

static void
refuse(struct http *h, int i, const struct request *r)
{
    struct http_answer a = {.status = r->status, .brief = true};

    h->hand.refused(h->hand.context, &h->connection[i]->who, r);
    begin(h, i, r, &a);
}

/* How much work it was. */
static int64_t
serve(struct http *h, int i)
{
    struct connection *c = h->connection[i];
    struct http_answer a = {.status = 500};
    struct request r;
    int64_t work = REQUEST_HEAD;

    if (request_read(&r, c->request, c->asked) == REQUEST_REFUSED) {
        refuse(h, i, &r);
        return work;
    }
    if (r.websocket && c->asked != r.size) { /* it has to wait until we have agreed */
        r.status = 400;
        r.fault = REQUEST_MALFORMED;
        refuse(h, i, &r);
        return work;
    }
    if (r.websocket) /* a taker wants it to itself */
        epoll_ctl(h->epoll, EPOLL_CTL_DEL, c->who.fd, NULL);
    switch (h->hand.request(h->hand.context, &c->who, &r, &a)) {
    case HTTP_TAKEN: forget(h, i); return work;
    case HTTP_SILENCE: end(h, i); return work;
    case HTTP_ANSWER: break;
    }
    work += (int64_t)a.size;
    if (r.websocket && !watch(h, EPOLL_CTL_ADD, c->who.fd, HOSTS + i, EPOLLOUT)) {
        free(a.body);
        end(h, i);
        return work;
    }
    begin(h, i, &r, &a);
    return work;
}

/* --- receiving --------------------------------------------------------------------------------- */

static void
ask(struct http *h, int i)
{
    struct connection *c = h->connection[i];
    ssize_t n = recv(c->who.fd, c->request + c->asked, sizeof c->request - c->asked, 0);
    struct request r;

    if (n < 0 && would_wait(errno))
        return;
    if (n <= 0) {
        end(h, i);
        return;
    }
    c->asked += (size_t)n;
    if (request_read(&r, c->request, c->asked) == REQUEST_MORE)
        return;
    c->stage = ASKED;
    if (!watch(h, EPOLL_CTL_MOD, c->who.fd, HOSTS + i, 0))
        end(h, i);
}

static void
throw_away(struct http *h, int i)
{
    struct connection *c = h->connection[i];
    char rest[REQUEST_HEAD];
    ssize_t n = recv(c->who.fd, rest, sizeof rest, 0);

    if (n < 0 && would_wait(errno))
        return;
    c->thrown += n > 0 ? (size_t)n : 0;
    if (n <= 0 || c->thrown > LEAVE_BYTES)
        end(h, i);
}

static void
take(struct http *h, int i, uint32_t events)
{
    struct connection *c = h->connection[i];

    if (c->stage == ANSWERING)
        go_on(h, i);
    else if (c->stage == LEAVING)
        throw_away(h, i);
    else if (c->stage == ASKING)
        ask(h, i);
    else if (events & (EPOLLERR | EPOLLHUP))
        end(h, i);
}

/* One after the other, from where the last call ended. */
static void
serve_all(struct http *h)
{
    int start = h->turn;
    int64_t work = WORK;

    for (int k = 0; k < HTTP_CONNECTIONS && work > 0; k++) {
        int i = (start + k) % HTTP_CONNECTIONS;

        if (!h->connection[i] || h->connection[i]->stage != ASKED)
            continue;
        work -= serve(h, i);
        h->turn = (i + 1) % HTTP_CONNECTIONS;
    }
}

void
http_receive(struct http *h)
{
    struct epoll_event event[PLACES];
    int n = epoll_wait(h->epoll, event, PLACES, 0);

    for (int k = 0; k < n; k++) {
        int i = (int)event[k].data.u32 - HOSTS;

        if (i >= 0 && h->connection[i])
            take(h, i, event[k].events);
    }
    serve_all(h); /* before their places can be taken */
    for (int k = 0; k < n; k++)
        if (event[k].data.u32 < HOSTS)
            take_connections(h, h->own[event[k].data.u32]);
}

void
http_tick(struct http *h, int64_t now_ns)
{
    static const int64_t patience_s[] = {
        [ASKING] = HTTP_ASK_S, [ASKED] = HTTP_PATIENCE_S, [ANSWERING] = HTTP_PATIENCE_S, [LEAVING] = LEAVE_S};

    h->now_ns = now_ns;
    serve_all(h);
    for (int i = 0; i < HTTP_CONNECTIONS; i++) {
        const struct connection *c = h->connection[i];

        if (c && now_ns - c->since_ns > patience_s[c->stage] * INT64_C(1000000000))
            end(h, i);
    }
    if (h->full && find_place(h) >= 0)
        watch_listeners(h, true);
}

/* --- opening ----------------------------------------------------------------------------------- */

/* 0 or errno */
static int
open_place(struct http *h, int place, const struct sockaddr *at, socklen_t size)
{
    int yes = 1, error, fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, at, size) == 0 && listen(fd, BACKLOG) == 0 && watch(h, EPOLL_CTL_ADD, fd, place, EPOLLIN)) {
        h->own[place] = fd;
        return 0;
    }
    error = errno;
    close(fd);
    return error;
}

static void
find_port(struct http *h)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;

    if (getsockname(h->own[0], (struct sockaddr *)&at, &size) == 0)
        h->port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                                 : ((struct sockaddr_in *)&at)->sin_port);
}

static void
close_own(struct http *h)
{
    for (int i = 0; i < HOSTS; i++) {
        if (h->own[i] >= 0)
            close(h->own[i]);
        h->own[i] = -1;
    }
}

/* 0 also for a machine without that family. */
static int
open_loopback(struct http *h, int place, int family)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)h->port)};
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons((uint16_t)h->port)};
    int error;

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    error = family == AF_INET ? open_place(h, place, (struct sockaddr *)&in, sizeof in)
                              : open_place(h, place, (struct sockaddr *)&in6, sizeof in6);
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT ? 0 : error;
}

/* Of a wildcard, which has loopback in it, or loopback itself. */
static bool
has_loopback(int fd)
{
    struct address at = {.size = sizeof at.at};
    char host[ADDRESS_NAME_SIZE];

    if (getsockname(fd, (struct sockaddr *)&at.at, &at.size) != 0)
        return false;
    address_host(&at, host);
    return address_is_loopback(&at) || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

/* With any port there is one that is free for all. */
static int
open_all(struct http *h, bool asked, int port, const struct addrinfo *found)
{
    int error = 0;

    for (int tries = port ? 1 : TRIES; tries > 0; tries--) {
        close_own(h);
        for (const struct addrinfo *a = found; a && h->own[0] < 0; a = a->ai_next)
            error = open_place(h, 0, a->ai_addr, a->ai_addrlen);
        if (h->own[0] < 0)
            return error;
        find_port(h);
        error = asked && !has_loopback(h->own[0]) ? open_loopback(h, 1, AF_INET) : 0;
        if (!error && (!asked || !has_loopback(h->own[0])))
            error = open_loopback(h, 2, AF_INET6);
        if (!error)
            break;
    }
    return error;
}

static enum status
open_sockets(struct http *h, const char *listen, int port, struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found;
    const char *host = listen ? listen : "127.0.0.1";
    char service[8];
    int error;

    if (port < 0 || port > 65535) {
        err_set(e, "HTTP port %d: use 0 to 65535", port);
        return BAD_ARG;
    }
    h->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (h->epoll < 0) {
        err_set(e, "HTTP: %s", strerror(errno));
        return UNAVAILABLE;
    }
    snprintf(service, sizeof service, "%d", port);
    error = getaddrinfo(host, service, &hints, &found);
    if (error) {
        err_set(e, "HTTP at %s: %s: use an address of this machine", host, gai_strerror(error));
        return UNAVAILABLE;
    }
    error = open_all(h, listen != NULL, port, found);
    freeaddrinfo(found);
    if (!error)
        return OK;
    err_set(e, "HTTP at %s port %d: %s: %s", host, port, strerror(error),
            error == EADDRINUSE ? "does another host run? use --http-port N"
                                : "use an address of this machine");
    return UNAVAILABLE;
}

enum status
http_open(struct http **http, const struct http_hand *hand, const char *listen, int port, struct err *e)
{
    struct http *h = calloc(1, sizeof *h);
    enum status status;

    *http = NULL;
    if (!h) {
        err_set(e, "HTTP: no memory");
        return NO_MEM;
    }
    h->hand = *hand;
    h->epoll = -1;
    for (int i = 0; i < HOSTS; i++)
        h->own[i] = -1;
    status = open_sockets(h, listen, port, e);
    if (status == OK)
        *http = h;
    else
        http_close(h);
    return status;
}

void
http_close(struct http *h)
{
    if (!h)
        return;
    for (int i = 0; i < HTTP_CONNECTIONS; i++)
        if (h->connection[i])
            end(h, i);
    close_own(h);
    if (h->epoll >= 0)
        close(h->epoll);
    free(h);
}

int
http_fd(const struct http *h)
{
    return h->epoll;
}

int
http_port(const struct http *h)
{
    return h->port;
}

int
http_connections(const struct http *h)
{
    int n = 0;

    for (int i = 0; i < HTTP_CONNECTIONS; i++)
        n += h->connection[i] != NULL;
    return n;
}
