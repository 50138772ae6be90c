/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/nsm.h"

#include "control/carrier.h"
#include "control/packet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The socket is not connected, since the answer may come from another address than we wrote to. Refusals (nobody has
 * the port any more) are asked for with IP_RECVERR, and found where the socket is next used.
 */
enum {
    API_MAJOR = 1,
    API_MINOR = 1,
    HOST_SIZE = 256,
    PATH_SIZE = 4096,
    TEXT_SIZE = 512,
    PACKETS = 64 /* taken in a call */
};

#define CAPABILITIES ":dirty:progress:message:"

#define SECOND INT64_C(1000000000)

struct nsm {
    struct nsm_hand hand;
    int fd;
    struct address server;
    enum nsm_state state;
    int64_t until_ns, now_ns; /* of ASKED and JOINED */
    bool dirty, gone;
    char path[PATH_SIZE], display[TEXT_SIZE], id[NSM_ID_MOST + 1];
    char news[TEXT_SIZE], told[TEXT_SIZE];
    unsigned char data[PACKET_SIZE];
};

/* --- news ---------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void
tell(struct nsm *n, const char *format, ...)
{
    size_t used = strlen(n->news);
    va_list ap;

    if (used && used + 3 < sizeof n->news)
        used += (size_t)snprintf(n->news + used, sizeof n->news - used, "; ");
    va_start(ap, format);
    vsnprintf(n->news + used, sizeof n->news - used, format, ap);
    va_end(ap);
    for (unsigned char *c = (unsigned char *)n->news; *c; c++) /* it ends up on a terminal */
        if (*c < ' ' || *c == 127)
            *c = '?';
}

const char *
nsm_news(struct nsm *n)
{
    memcpy(n->told, n->news, sizeof n->told);
    n->news[0] = '\0';
    return n->told;
}

static void
refused(struct nsm *n)
{
    if (n->state == NSM_ASKED) {
        n->state = NSM_ALONE;
        tell(n, "no session manager answers at NSM_URL: running without a session");
    } else if (n->state != NSM_ALONE && !n->gone) {
        tell(n, "the session manager has gone: running on without it");
    }
    n->gone = true;
}

/* --- sending ------------------------------------------------------------------------------------- */

static bool
is_refusal(int error)
{
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

/* What was refused comes back to us; only that it was is of use. */
static void
drop_errors(int fd)
{
    char data[64], control[512];
    struct iovec part = {data, sizeof data};

    for (;;) {
        struct msghdr m = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};

        if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return;
    }
}

/* Twice: the first try may only hear of what became of the packet before. */
static void
send_message(struct nsm *n, const char *path, const struct packet_arg *arg, int nargs)
{
    struct packet_writer w;

    packet_message(&w);
    if (!packet_add(&w, path, arg, nargs))
        return;
    for (int tries = 0; tries < 2; tries++) {
        if (sendto(n->fd, w.data, w.size, 0, (const struct sockaddr *)&n->server.at, n->server.size) >= 0)
            return;
        if (is_refusal(errno))
            refused(n);
    }
}

static void
send_progress(struct nsm *n, double share)
{
    const struct packet_arg arg = {.type = 'f', .number = share};

    send_message(n, "/nsm/client/progress", &arg, 1);
}

/* To the message of that path. */
static void
answer(struct nsm *n, const char *path, enum nsm_code code, const char *text)
{
    const struct packet_arg done[] = {{.type = 's', .text = path}, {.type = 's', .text = text}};
    const struct packet_arg error[] = {
        {.type = 's', .text = path}, {.type = 'i', .number = code}, {.type = 's', .text = text}};

    if (code == NSM_DONE)
        send_message(n, "/reply", done, LEN(done));
    else
        send_message(n, "/error", error, LEN(error));
}

void
nsm_dirty(struct nsm *n, bool dirty)
{
    if (n->state != NSM_OPEN || dirty == n->dirty)
        return;
    n->dirty = dirty;
    send_message(n, dirty ? "/nsm/client/is_dirty" : "/nsm/client/is_clean", NULL, 0);
}

void
nsm_message(struct nsm *n, int priority, const char *text)
{
    const struct packet_arg arg[] = {
        {.type = 'i',
         .number = priority < 0   ? 0
                   : priority > 3 ? 3
                                  : priority},
        {.type = 's', .text = text},
    };

    if (n->state == NSM_OPEN)
        send_message(n, "/nsm/client/message", arg, LEN(arg));
}

/* --- what the manager says ------------------------------------------------------------------------- */

static const char *
text_of(const struct packet_message *m, int i)
{
    return i < m->nargs && m->arg[i].text ? m->arg[i].text : NULL;
}

static bool
is_of_announcement(const struct nsm *n, const struct packet_message *m)
{
    const char *what = text_of(m, 0);

    return n->state == NSM_ASKED && what && strcmp(what, "/nsm/server/announce") == 0;
}

static void
take_reply(struct nsm *n, const struct packet_message *m)
{
    if (!is_of_announcement(n, m))
        return;
    n->state = NSM_JOINED;
    n->until_ns = n->now_ns + NSM_OPEN_S * SECOND;
    tell(n, "in a session of %.80s", text_of(m, 2) ? text_of(m, 2) : "a session manager");
}

static void
take_error(struct nsm *n, const struct packet_message *m)
{
    const char *why = text_of(m, 2);

    if (!is_of_announcement(n, m))
        return;
    n->state = NSM_ALONE;
    tell(n, "the session manager says: %.200s: running without a session", why ? why : "no");
}

/* False: answered with what is wrong. */
static bool
can_open(struct nsm *n, const char *path, const char *display, const char *id)
{
    static const char what[] = "/nsm/client/open";

    if (!path || !display || !id || path[0] != '/' || strlen(path) >= sizeof n->path || !id[0] ||
        strlen(id) > NSM_ID_MOST) {
        answer(n, what, NSM_GENERAL,
               "it takes an absolute path, a display name and a client id of 1 to 63 bytes");
        return false;
    }
    if (n->state == NSM_OPEN && strcmp(path, n->path) == 0 && strcmp(id, n->id) == 0) {
        answer(n, what, NSM_DONE, "open already"); /* the same packet once more */
        return false;
    }
    if (n->state == NSM_OPEN || n->state == NSM_ALONE) {
        answer(n, what, NSM_NOT_NOW, "runs already: end it, and the session starts it anew");
        return false;
    }
    return true;
}

/* Without a word of welcome before it, too: who has something to open for us has us in a session. */
static void
take_open(struct nsm *n, const struct packet_message *m)
{
    const char *path = text_of(m, 0), *display = text_of(m, 1), *id = text_of(m, 2);
    struct err e = {""};
    enum nsm_code code;

    if (!can_open(n, path, display, id))
        return;
    snprintf(n->path, sizeof n->path, "%s", path);
    snprintf(n->display, sizeof n->display, "%.*s", (int)sizeof n->display - 1, display);
    snprintf(n->id, sizeof n->id, "%s", id);
    send_progress(n, 0.0);
    code = n->hand.open(n->hand.context, n->path, n->display, n->id, &e);
    if (code == NSM_DONE) {
        n->state = NSM_OPEN;
        send_progress(n, 1.0);
    }
    answer(n, "/nsm/client/open", code, code == NSM_DONE ? "open" : e.text);
}

static void
take_save(struct nsm *n, const struct packet_message *m)
{
    struct err e = {""};
    enum nsm_code code = NSM_NOT_NOW;

    (void)m;
    if (n->state == NSM_OPEN)
        code = n->hand.save(n->hand.context, &e);
    else
        err_set(&e, "nothing is open");
    answer(n, "/nsm/client/save", code, code == NSM_DONE ? "saved" : e.text);
}

/* Whatever else there is (session_is_loaded, of the GUI that we have not) asks for no answer. */
static void
take_message(void *context, const struct packet_message *m)
{
    static const struct {
        const char *path;
        void (*take)(struct nsm *n, const struct packet_message *m);
    } known[] = {
        {"/reply", take_reply},
        {"/error", take_error},
        {"/nsm/client/open", take_open},
        {"/nsm/client/save", take_save},
    };

    for (size_t i = 0; i < LEN(known); i++)
        if (strcmp(m->path, known[i].path) == 0)
            known[i].take(context, m);
}

/* --- receiving ----------------------------------------------------------------------------------- */

static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
              "a port has the same place in both families");

static bool
is_server(const struct nsm *n, const struct address *from)
{
    const struct sockaddr_in *a = (const struct sockaddr_in *)&n->server.at;
    const struct sockaddr_in *b = (const struct sockaddr_in *)&from->at;

    return a->sin_port == b->sin_port && (address_same_host(&n->server, from) ||
                                          (address_is_loopback(&n->server) && address_is_loopback(from)));
}

void
nsm_receive(struct nsm *n)
{
    for (int i = 0; i < PACKETS; i++) {
        struct address from = {.size = sizeof from.at};
        ssize_t got = recvfrom(n->fd, n->data, sizeof n->data, 0, (struct sockaddr *)&from.at, &from.size);

        if (got < 0 && !is_refusal(errno))
            break;
        if (got < 0) {
            refused(n);
        } else if (is_server(n, &from)) {
            n->gone = false;
            packet_read(n->data, (size_t)got, take_message, n);
        }
    }
    drop_errors(n->fd);
}

void
nsm_tick(struct nsm *n, int64_t now_ns)
{
    n->now_ns = now_ns;
    if (!nsm_waits(n) || now_ns < n->until_ns)
        return;
    tell(n, "the session manager %s: running without a session",
         n->state == NSM_ASKED ? "does not answer" : "has nothing for us to open");
    n->state = NSM_ALONE;
}

bool
nsm_waits(const struct nsm *n)
{
    return n->state == NSM_ASKED || n->state == NSM_JOINED;
}

enum nsm_state
nsm_state(const struct nsm *n)
{
    return n->state;
}

int
nsm_fd(const struct nsm *n)
{
    return n->fd;
}

/* --- opening ------------------------------------------------------------------------------------- */

static bool
is_port(const char *at, const char *end)
{
    long port = strtol(at, NULL, 10);

    return end - at == (ptrdiff_t)strspn(at, "0123456789") && end - at <= 5 && port >= 1 && port <= 65535;
}

/* "osc.udp://host:14000/", "osc.udp://[::1]:14000/" */
static bool
split_url(const char *url, char host[HOST_SIZE], char port[8], struct err *e)
{
    static const char scheme[] = "osc.udp://";
    const char *at = url + strlen(scheme), *colon, *end;
    size_t n;

    if (strncasecmp(url, scheme, strlen(scheme)) != 0)
        return err_set(e, "NSM_URL: %.100s: only osc.udp://HOST:PORT/ is known", url);
    end = at + strcspn(at, "/");
    colon = memrchr(at, ':', (size_t)(end - at));
    if (!colon || !is_port(colon + 1, end))
        n = 0;
    else if (*at == '[' && colon[-1] == ']' && colon - at > 2)
        n = (size_t)(colon - ++at) - 1;
    else
        n = (size_t)(colon - at);
    if (n == 0 || n >= HOST_SIZE || memchr(at, '[', n))
        return err_set(e, "NSM_URL: %.100s has no host and port: osc.udp://HOST:PORT/ is what it looks like",
                       url);
    snprintf(host, HOST_SIZE, "%.*s", (int)n, at);
    snprintf(port, 8, "%.*s", (int)(end - colon - 1), colon + 1);
    return true;
}

/* A manager of this machine needs no door to the network. */
static bool
bind_as(int fd, const struct address *server)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    if (!address_is_loopback(server))
        return true;
    return server->at.ss_family == AF_INET6 ? bind(fd, (const struct sockaddr *)&in6, sizeof in6) == 0
                                            : bind(fd, (const struct sockaddr *)&in, sizeof in) == 0;
}

static bool
open_socket(struct nsm *n, const struct addrinfo *a)
{
    bool six = a->ai_family == AF_INET6;
    int yes = 1;

    n->server = (struct address){.size = a->ai_addrlen};
    memcpy(&n->server.at, a->ai_addr, a->ai_addrlen);
    n->fd = socket(a->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (n->fd < 0)
        return false;
    if (bind_as(n->fd, &n->server)) {
        setsockopt(n->fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVERR : IP_RECVERR, &yes, sizeof yes);
        return true;
    }
    close(n->fd);
    n->fd = -1;
    return false;
}

static void
announce(struct nsm *n, const char *name, const char *executable)
{
    const struct packet_arg arg[] = {
        {.type = 's', .text = name},        {.type = 's', .text = CAPABILITIES},
        {.type = 's', .text = executable},  {.type = 'i', .number = API_MAJOR},
        {.type = 'i', .number = API_MINOR}, {.type = 'i', .number = getpid()},
    };

    send_message(n, "/nsm/server/announce", arg, LEN(arg));
}

/* Is there nobody? On this machine that is known at once. */
static bool
nobody_there(struct nsm *n)
{
    char byte;
    bool refusal = recv(n->fd, &byte, 1, MSG_PEEK) < 0 && is_refusal(errno);

    drop_errors(n->fd);
    return refusal || n->state == NSM_ALONE;
}

/* One after the other and never two: each announcement that arrives is a client more. IPv4 first, as managers are. */
static bool
find_server(struct nsm *n, const struct addrinfo *found, const char *name, const char *executable)
{
    static const int families[] = {AF_INET, AF_INET6};

    for (size_t f = 0; f < LEN(families); f++)
        for (const struct addrinfo *a = found; a; a = a->ai_next) {
            if (a->ai_family != families[f] || !open_socket(n, a))
                continue;
            announce(n, name, executable);
            if (!nobody_there(n))
                return true;
            close(n->fd);
            n->fd = -1;
            n->state = NSM_ASKED;
            n->gone = false;
            n->news[0] = '\0';
        }
    return false;
}

enum status
nsm_open(struct nsm **out, const char *url, const char *name, const char *executable,
         const struct nsm_hand *hand, int64_t now_ns, struct err *e)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
    char host[HOST_SIZE], port[8];
    struct addrinfo *found = NULL;
    struct nsm *n;
    int error;

    *out = NULL;
    if (!split_url(url, host, port, e))
        return BAD_ARG;
    n = calloc(1, sizeof *n);
    if (!n)
        return NO_MEM;
    n->hand = *hand;
    n->fd = -1;
    n->now_ns = now_ns;
    n->until_ns = now_ns + NSM_REPLY_S * SECOND;
    error = getaddrinfo(host, port, &hints, &found);
    if (error || !find_server(n, found, name, executable)) {
        err_set(e, "no session manager at %.200s%s%s", url, error ? ": " : "",
                error ? gai_strerror(error) : "");
        if (found)
            freeaddrinfo(found);
        nsm_close(n);
        return UNAVAILABLE;
    }
    freeaddrinfo(found);
    *out = n;
    return OK;
}

void
nsm_close(struct nsm *n)
{
    if (!n)
        return;
    if (n->fd >= 0)
        close(n->fd);
    free(n);
}
