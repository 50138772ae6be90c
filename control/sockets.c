/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/sockets.h"

#include "control/stream.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/*
 * One epoll instance watches all: its descriptor is readable when one of them is. A place is a number there: sockets
 * of ours first, UDP and TCP of each host in turn, then connections.
 *
 * A connection's bytes are looked at before they are taken (MSG_PEEK), so that what there is no work left for stays
 * in the system's buffer and the descriptor stays readable.
 *
 * A connection that fails is marked and ended from sockets_receive or sockets_tick, never under the hands of a caller.
 */
enum {
    HOSTS = 3,
    OWN = 2 * HOSTS, /* places; even ones are UDP, odd ones TCP */
    PLACES = OWN + SOCKETS_CONNECTIONS,
    WORK = 128 * 1024, /* bytes that a UDP socket, and all connections together, may bring in a call */
    PACKET_WORK = 200, /* for each packet, however small */
    ACCEPTS = 8,       /* in a call */
    ERRORS = 64,       /* of a UDP socket, in a call */
    SEND_TRIES = 4,    /* an error of an earlier datagram is told to the next */
    PEEK = 16 * 1024,
    BACKLOG = 256,        /* whose SYN finds no room here comes again after 1 s */
    TRIES = 8,            /* for a port that is free for all of them */
    UDP_ROOM = 1 << 20,   /* for bursts */
    TCP_ROOM = 64 * 1024, /* little: what waits in there is old when it arrives */
    SILENT_S = 60,        /* until the system asks whether the peer is there */
    SILENT_AGAIN_S = 10,  /* and again */
    SILENT_TIMES = 3
};

struct connection {
    int fd;
    struct address peer;
    bool over, spoke; /* ends soon; has sent a packet */
    bool known;       /* no stranger, when last looked at */
    bool watches_room;
    int64_t came_ns;
    int64_t took_ns; /* when the peer last took something, or had nothing to take */
    size_t from, to; /* of what waits */
    unsigned char waiting[SOCKETS_WAITING];
    struct stream stream;
};

struct sockets {
    struct sockets_hand hand;
    int epoll, own[OWN], port; /* -1: not open */
    int64_t now_ns;
    uint64_t numbers;                                   /* of connections, ever */
    int turn;                                           /* who comes first */
    int64_t credit;                                     /* work; below 0: a debt of the last call */
    struct connection *connection[SOCKETS_CONNECTIONS]; /* NULL: free */
    char news[256];
    struct sockets_counts counts;
    unsigned char data[PACKET_SIZE];
};

/* --- epoll --------------------------------------------------------------------------------------- */

static bool
watch(struct sockets *s, int what, int fd, int place, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)place};

    return epoll_ctl(s->epoll, what, fd, &event) == 0;
}

/* --- connections --------------------------------------------------------------------------------- */

static bool
would_wait(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void
end_connection(struct sockets *s, int i)
{
    struct connection *c = s->connection[i];

    s->connection[i] = NULL;
    close(c->fd);
    s->hand.gone(s->hand.context, &c->peer);
    free(c);
}

static void
end_those_over(struct sockets *s)
{
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++)
        if (s->connection[i] && s->connection[i]->over)
            end_connection(s, i);
}

static bool
knows(const struct sockets *s, const struct address *peer)
{
    return !s->hand.knows || s->hand.knows(s->hand.context, peer);
}

/* 0: stays. */
static int
giving(const struct connection *c, bool for_known)
{
    return !c->known ? 2 : for_known && !c->spoke ? 1 : 0;
}

/* A free place, or that of a stranger, or of who has never said a word: who has been here longest; -1: none. */
static int
free_place(struct sockets *s, bool for_known)
{
    int best = -1, most = 0;

    for (int i = 0; i < SOCKETS_CONNECTIONS; i++) {
        const struct connection *c = s->connection[i];
        int gives = c ? giving(c, for_known) : 0;

        if (!c)
            return i;
        if (gives > most ||
            (gives && gives == most && c->peer.connection < s->connection[best]->peer.connection)) {
            best = i;
            most = gives;
        }
    }
    if (best < 0) {
        s->counts.no_room++;
        return -1;
    }
    s->counts.given_away++;
    end_connection(s, best);
    return best;
}

/* Not one of them is vital. */
static void
tune(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {SOL_SOCKET, SO_SNDBUF, TCP_ROOM},
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, SILENT_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, SILENT_AGAIN_S},
        {IPPROTO_TCP, TCP_KEEPCNT, SILENT_TIMES},
    };

    for (size_t i = 0; i < LEN(options); i++)
        setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}

static bool
join(struct sockets *s, int fd, const struct address *peer)
{
    bool known = knows(s, peer);
    int i = free_place(s, known);
    struct connection *c = i >= 0 ? calloc(1, sizeof *c) : NULL;

    if (!c)
        return false;
    c->fd = fd;
    c->known = known;
    c->came_ns = s->now_ns;
    c->peer = *peer;
    c->peer.connection = ++s->numbers;
    c->peer.place = OWN + i;
    c->took_ns = s->now_ns;
    if (!watch(s, EPOLL_CTL_ADD, fd, OWN + i, EPOLLIN)) {
        free(c);
        return false;
    }
    tune(fd);
    s->counts.connections++;
    s->connection[i] = c;
    return true;
}

static void
take_connections(struct sockets *s, int listener)
{
    for (int i = 0; i < ACCEPTS; i++) {
        struct address peer = {.size = sizeof peer.at};
        int fd = accept4(listener, (struct sockaddr *)&peer.at, &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0)
            return;
        if (!join(s, fd, &peer))
            close(fd);
    }
}

/* --- sending ------------------------------------------------------------------------------------- */

static void
flush(struct sockets *s, struct connection *c)
{
    bool full;

    while (c->from < c->to && !c->over) {
        ssize_t n = send(c->fd, c->waiting + c->from, c->to - c->from, MSG_NOSIGNAL);

        if (n < 0 && would_wait(errno))
            break;
        if (n <= 0) {
            c->over = true;
            return;
        }
        c->from += (size_t)n;
        c->took_ns = s->now_ns;
    }
    full = c->from < c->to;
    if (!full)
        c->from = c->to = 0;
    if (full != c->watches_room)
        watch(s, EPOLL_CTL_MOD, c->fd, c->peer.place, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
    c->watches_room = full;
}

static enum carried
send_connection(struct sockets *s, struct connection *c, const void *data, size_t size)
{
    if (c->over || stream_framed_most(size) > SOCKETS_WAITING)
        return CARRIED_LOST;
    if (SOCKETS_WAITING - (c->to - c->from) < stream_framed_most(size))
        return CARRIED_LATER;
    if (c->from == c->to)
        c->took_ns = s->now_ns; /* until now there was nothing to take */
    memmove(c->waiting, c->waiting + c->from, c->to - c->from);
    c->to -= c->from;
    c->from = 0;
    c->to += stream_frame(c->stream.framing, data, size, c->waiting + c->to);
    flush(s, c);
    return c->over ? CARRIED_LOST : CARRIED;
}

static bool
of_another(int error)
{
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH || error == EPROTO;
}

/* ip(7), RFC 3542: from which of our addresses. */
static void
leave_from(struct msghdr *m, int family, const struct in6_addr *own)
{
    struct in_pktinfo in = {0};
    struct in6_pktinfo in6 = {.ipi6_addr = *own};
    bool v4 = family == AF_INET;
    size_t size = v4 ? sizeof in : sizeof in6;
    struct cmsghdr *c;

    memcpy(&in.ipi_spec_dst, own->s6_addr + 12, sizeof in.ipi_spec_dst);
    m->msg_controllen = CMSG_SPACE(size);
    c = CMSG_FIRSTHDR(m);
    c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    c->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
    c->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(c), v4 ? (void *)&in : (void *)&in6, size);
}

static bool
send_once(int fd, const struct address *to, const void *data, size_t size, bool from_own)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = {0};
    struct iovec part = {(void *)data, size};
    struct msghdr m = {.msg_name = (void *)&to->at,
                       .msg_namelen = to->size,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = from_own ? control : NULL};

    if (from_own)
        leave_from(&m, to->at.ss_family, &to->own);
    return sendmsg(fd, &m, 0) == (ssize_t)size;
}

/* An address that is ours no longer is done without. */
static enum carried
send_datagram(int fd, const struct address *to, const void *data, size_t size)
{
    bool from_own = !IN6_IS_ADDR_UNSPECIFIED(&to->own);

    for (int tries = 0; tries < SEND_TRIES; tries++) {
        if (send_once(fd, to, data, size, from_own))
            return CARRIED;
        if (from_own && (errno == EINVAL || errno == EADDRNOTAVAIL || errno == ENETUNREACH))
            from_own = false;
        else if (!of_another(errno))
            break;
    }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? CARRIED_LATER : CARRIED_LOST;
}

enum carried
sockets_send(struct sockets *s, const struct address *to, const void *data, size_t size)
{
    struct connection *c;

    if (!to->connection)
        return send_datagram(s->own[to->place], to, data, size);
    c = s->connection[to->place - OWN];
    return c && c->peer.connection == to->connection ? send_connection(s, c, data, size) : CARRIED_LOST;
}

/* --- receiving ----------------------------------------------------------------------------------- */

static bool
says_nobody_listens(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        struct sock_extended_err e;

        if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
            !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
            continue;
        memcpy(&e, CMSG_DATA(c), sizeof e);
        if (e.ee_errno == ECONNREFUSED &&
            (e.ee_origin == SO_EE_ORIGIN_ICMP || e.ee_origin == SO_EE_ORIGIN_ICMP6))
            return true;
    }
    return false;
}

/* ip(7): the datagrams that came back, with the addresses that they were sent to. */
static void
take_errors(struct sockets *s, int place)
{
    for (int i = 0; i < ERRORS; i++) {
        struct address to = {.place = place};
        _Alignas(struct cmsghdr) char control[512];
        struct iovec data = {s->data, sizeof s->data};
        struct msghdr m = {.msg_name = &to.at,
                           .msg_namelen = sizeof to.at,
                           .msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};

        if (recvmsg(s->own[place], &m, MSG_ERRQUEUE) < 0)
            return;
        to.size = m.msg_namelen;
        if (says_nobody_listens(&m))
            s->hand.gone(s->hand.context, &to);
    }
}

/* What was sent to all comes to none that could be answered from. */
static void
note_own(struct msghdr *m, struct in6_addr *own)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        struct in_pktinfo in;
        struct in6_pktinfo in6;

        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            memcpy(&in, CMSG_DATA(c), sizeof in);
            *own = (struct in6_addr){.s6_addr = {[10] = 0xff, 0xff}};
            memcpy(own->s6_addr + 12, &in.ipi_spec_dst, sizeof in.ipi_spec_dst);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&in6, CMSG_DATA(c), sizeof in6);
            if (!IN6_IS_ADDR_MULTICAST(&in6.ipi6_addr))
                *own = in6.ipi6_addr;
        }
    }
}

static ssize_t
take_datagram(struct sockets *s, int place, struct address *from)
{
    _Alignas(struct cmsghdr) char control[512];
    struct iovec data = {s->data, sizeof s->data};
    struct msghdr m = {.msg_name = &from->at,
                       .msg_namelen = sizeof from->at,
                       .msg_iov = &data,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg(s->own[place], &m, 0);

    from->size = m.msg_namelen;
    if (n >= 0)
        note_own(&m, &from->own);
    return n;
}

static void
take_datagrams(struct sockets *s, int place)
{
    for (int64_t work = WORK; work > 0;) {
        struct address from = {.place = place};
        ssize_t n = take_datagram(s, place, &from);

        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        work -= PACKET_WORK;
        if (n < 0) /* an ICMP answer to something sent, for instance */
            continue;
        work -= n + s->hand.packet(s->hand.context, &from, s->data, (size_t)n);
    }
}

/* Bytes used of the n in s->data, for at most so much work (but one packet in any case). */
static size_t
take_packets(struct sockets *s, struct connection *c, size_t n, int64_t *work)
{
    size_t done = 0, used;

    while (done < n && !c->over && *work > 0) {
        enum stream_event event = stream_take(&c->stream, s->data + done, n - done, &used);

        done += used;
        *work -= (int64_t)used;
        if (event == STREAM_MORE)
            continue;
        *work -= PACKET_WORK;
        if (event == STREAM_PACKET) {
            c->spoke = true;
            *work -= s->hand.packet(s->hand.context, &c->peer, c->stream.packet, c->stream.size);
            continue;
        }
        s->hand.spoiled(s->hand.context);
        s->counts.spoiled += event == STREAM_BAD;
        c->over |= event == STREAM_BAD;
    }
    return done;
}

/* About so much work; returns how much it was. */
static int64_t
take_bytes(struct sockets *s, struct connection *c, int64_t share)
{
    int64_t work = share;

    while (work > 0 && !c->over) {
        ssize_t n = recv(c->fd, s->data, PEEK, MSG_PEEK);
        size_t used;

        if (n < 0 && would_wait(errno))
            break;
        work -= PACKET_WORK;
        if (n <= 0) {
            c->over = true;
            break;
        }
        used = take_packets(s, c, (size_t)n, &work);
        if (used && recv(c->fd, s->data, used, 0) != (ssize_t)used)
            c->over = true;
    }
    return share - work;
}

/* One after the other, from where the last call ended, while there is work to give away. What a packet costs beyond
   that is kept as a debt. */
static void
serve_connections(struct sockets *s, const uint32_t events[PLACES], int ready)
{
    int start = s->turn;

    s->credit = s->credit < 0 ? s->credit + WORK : WORK;
    for (int k = 0; k < SOCKETS_CONNECTIONS && s->credit > 0; k++) {
        int i = (start + k) % SOCKETS_CONNECTIONS;

        if (!s->connection[i] || !(events[OWN + i] & ~(uint32_t)EPOLLOUT))
            continue;
        s->credit -= take_bytes(s, s->connection[i], WORK / ready);
        s->turn = (i + 1) % SOCKETS_CONNECTIONS;
    }
}

void
sockets_receive(struct sockets *s)
{
    struct epoll_event event[PLACES];
    uint32_t events[PLACES] = {0};
    int n, ready = 0;

    end_those_over(s);
    n = epoll_wait(s->epoll, event, PLACES, 0);
    for (int i = 0; i < n; i++)
        events[event[i].data.u32] = event[i].events;
    for (int place = 0; place < OWN; place += 2)
        if (events[place]) {
            take_datagrams(s, place);
            take_errors(s, place);
        }
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++) {
        if (s->connection[i] && (events[OWN + i] & EPOLLOUT))
            flush(s, s->connection[i]);
        ready += events[OWN + i] != 0;
    }
    serve_connections(s, events, ready);
    for (int place = 1; place < OWN; place += 2)
        if (events[place])
            take_connections(s, s->own[place]);
    end_those_over(s);
}

void
sockets_end(struct sockets *s, const struct address *who)
{
    struct connection *c = who->connection ? s->connection[who->place - OWN] : NULL;

    if (!c || c->peer.connection != who->connection || c->over)
        return;
    c->over = true;
    s->counts.turned_out++;
}

const struct sockets_counts *
sockets_counts(const struct sockets *s)
{
    return &s->counts;
}

static void
look_at(struct sockets *s, struct connection *c)
{
    bool known = knows(s, &c->peer);

    if (!known && (c->known || s->now_ns - c->came_ns > SOCKETS_STRANGER_S * INT64_C(1000000000)))
        sockets_end(s, &c->peer);
    c->known = known;
    if (c->from < c->to && s->now_ns - c->took_ns > SOCKETS_PATIENCE_S * INT64_C(1000000000) && !c->over) {
        c->over = true;
        s->counts.slow++;
    }
}

void
sockets_tick(struct sockets *s, int64_t now_ns)
{
    s->now_ns = now_ns;
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++)
        if (s->connection[i])
            look_at(s, s->connection[i]);
    end_those_over(s);
}

/* --- opening ------------------------------------------------------------------------------------- */

static void
add_news(struct sockets *s, const char *what, const char *host, int error)
{
    size_t n = strlen(s->news);

    snprintf(s->news + n, sizeof s->news - n, "%sOSC over %s at %s port %d: %s: it goes on without",
             n ? "; " : "", what, host, s->port, strerror(error));
}

/* So that a client whose program has ended is not sent to for ever, and one that asked an address hears of that address,
   where we have several: a connected socket takes nothing else. Without it goes on as well. */
static void
ask_for_more(int fd)
{
    int yes = 1;

    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_IP, IP_RECVERR, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &yes, sizeof yes);
}

/* A socket for the place, bound (and for TCP listening); 0 or errno. */
static int
open_place(struct sockets *s, int place, const struct sockaddr_storage *at, socklen_t size)
{
    int type = place % 2 ? SOCK_STREAM : SOCK_DGRAM, room = UDP_ROOM, yes = 1, error;
    int fd = socket(at->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno;
    if (type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    else {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        ask_for_more(fd);
    }
    if (bind(fd, (const struct sockaddr *)at, size) == 0 &&
        (type == SOCK_DGRAM || listen(fd, BACKLOG) == 0) && watch(s, EPOLL_CTL_ADD, fd, place, EPOLLIN)) {
        s->own[place] = fd;
        return 0;
    }
    error = errno;
    close(fd);
    return error;
}

static void
find_port(struct sockets *s)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;

    if (getsockname(s->own[0], (struct sockaddr *)&at, &size) != 0)
        return;
    s->port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                             : ((struct sockaddr_in *)&at)->sin_port);
}

static void
put_port(struct sockaddr_storage *at, int port)
{
    struct address a = {.at = *at};

    if (address_set_port(&a, port))
        *at = a.at;
}

/* UDP, which must be, at the first of the host's addresses that takes it; then TCP there. Returns UDP's errno. */
static int
open_first(struct sockets *s, const char *host, const struct addrinfo *found)
{
    struct sockaddr_storage at;
    int error = 0;

    for (const struct addrinfo *a = found; a && s->own[0] < 0; a = a->ai_next) {
        memcpy(&at, a->ai_addr, a->ai_addrlen);
        error = open_place(s, 0, &at, a->ai_addrlen);
        if (error)
            continue;
        find_port(s);
        put_port(&at, s->port);
        error = open_place(s, 1, &at, a->ai_addrlen);
        if (error)
            add_news(s, "TCP", host, error);
    }
    return s->own[0] < 0 ? error : 0;
}

/* A machine without IPv6 has nothing to miss. */
static void
open_also(struct sockets *s, int place, const void *own, socklen_t size, const char *host)
{
    struct sockaddr_storage at = {0};

    memcpy(&at, own, size);
    put_port(&at, s->port);
    for (int tcp = 0; tcp < 2; tcp++) {
        int error = open_place(s, place + tcp, &at, size);

        if (error && error != EADDRNOTAVAIL && error != EAFNOSUPPORT)
            add_news(s, tcp ? "TCP" : "UDP", host, error);
    }
}

/* Loopback of both families beside the address asked for, where that is neither it nor every address: this machine's
   own hands are always in, and must find us. */
static void
open_loopback(struct sockets *s, bool asked)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct address first = {.size = sizeof first.at};
    bool any4, any6;

    if (getsockname(s->own[0], (struct sockaddr *)&first.at, &first.size) != 0 ||
        (asked && address_is_loopback(&first)))
        return;
    any4 = first.at.ss_family == AF_INET && !((struct sockaddr_in *)&first.at)->sin_addr.s_addr;
    any6 = first.at.ss_family == AF_INET6 &&
           IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)&first.at)->sin6_addr);
    if (asked && !any4 && !any6)
        open_also(s, 2, &in, sizeof in, "127.0.0.1");
    if (!any6)
        open_also(s, 4, &in6, sizeof in6, "::1");
}

static void
close_own(struct sockets *s)
{
    for (int place = 0; place < OWN; place++) {
        if (s->own[place] >= 0)
            close(s->own[place]);
        s->own[place] = -1;
    }
}

/* With any port there is one that is free for all; else it is what is free of it. */
static enum status
open_all(struct sockets *s, const char *listen, int port, const struct addrinfo *found, struct err *e)
{
    const char *host = listen ? listen : "127.0.0.1";

    for (int tries = port ? 1 : TRIES; tries > 0; tries--) {
        int error;

        close_own(s);
        s->news[0] = '\0';
        error = open_first(s, host, found);
        if (error) {
            err_set(e, "OSC at %s port %d: %s: %s", host, port, strerror(error),
                    error == EADDRINUSE ? "does another host run? use --osc-port N"
                                        : "use an address of this machine");
            return UNAVAILABLE;
        }
        open_loopback(s, listen != NULL);
        if (!s->news[0])
            break;
    }
    return OK;
}

static enum status
open_sockets(struct sockets *s, const char *listen, int port, struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE}, *found;
    char service[8];
    enum status status;
    int failed;

    if (port < 0 || port > 65535) {
        err_set(e, "OSC port %d: use 0 to 65535", port);
        return BAD_ARG;
    }
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll < 0) {
        err_set(e, "OSC: %s", strerror(errno));
        return UNAVAILABLE;
    }
    snprintf(service, sizeof service, "%d", port);
    failed = getaddrinfo(listen ? listen : "127.0.0.1", service, &hints, &found);
    if (failed) {
        err_set(e, "OSC at %s: %s: use an address of this machine", listen ? listen : "127.0.0.1",
                gai_strerror(failed));
        return UNAVAILABLE;
    }
    status = open_all(s, listen, port, found, e);
    freeaddrinfo(found);
    return status;
}

enum status
sockets_open(struct sockets **sockets, const struct sockets_hand *hand, const char *listen, int port,
             struct err *e)
{
    struct sockets *s = calloc(1, sizeof *s);
    enum status status;

    *sockets = NULL;
    if (!s) {
        err_set(e, "OSC: no memory");
        return NO_MEM;
    }
    s->hand = *hand;
    s->epoll = -1;
    for (int place = 0; place < OWN; place++)
        s->own[place] = -1;
    status = open_sockets(s, listen, port, e);
    if (status == OK)
        *sockets = s;
    else
        sockets_close(s);
    return status;
}

void
sockets_close(struct sockets *s)
{
    if (!s)
        return;
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++) {
        if (s->connection[i])
            close(s->connection[i]->fd);
        free(s->connection[i]);
    }
    close_own(s);
    if (s->epoll >= 0)
        close(s->epoll);
    free(s);
}

int
sockets_fd(const struct sockets *s)
{
    return s->epoll;
}

int
sockets_port(const struct sockets *s)
{
    return s->port;
}

bool
sockets_tcp(const struct sockets *s)
{
    return s->own[1] >= 0;
}

const char *
sockets_news(const struct sockets *s)
{
    return s->news;
}

int
sockets_connections(const struct sockets *s)
{
    int n = 0;

    for (int i = 0; i < SOCKETS_CONNECTIONS; i++)
        n += s->connection[i] != NULL;
    return n;
}
