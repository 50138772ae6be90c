/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/web.h"

#include "control/clients.h"
#include "control/command.h"
#include "control/http.h"
#include "control/oscquery.h"
#include "control/packet.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * libwebsockets' own poll() loop, asked not to wait (lws_service with a negative time-out), sees to all its sockets and
 * time-outs. Its Debian build tells nobody what it polls, but as we gave it each socket we know them.
 *
 * What is sent in answer goes out with the next turn of the loop, and web_tick, which lets libwebsockets write, lets it
 * read too: what it takes there would be answered when the next timer is over.
 *
 * A frame waits as its length and its bytes. A peer that fails is marked, and ended from web_tick, never under the hands
 * of a caller.
 */
enum {
    FRAME_HEAD = 4,    /* bytes of its length */
    FRAME_SIZE = 4096, /* the largest that we send */
    READ_SIZE = 4096,  /* taken from a connection at a time */
    PING_S = 20,       /* of silence */
    GONE_S = 30        /* of silence after all */
};

static const double error_rate_hz = 10, error_burst = 20;

struct peer {
    struct lws *wsi;
    struct address address;
    bool over, rearranged; /* ends soon; is owed a PATH_CHANGED */
    int64_t took_ns;       /* when it last took something, or had nothing to take */
    struct allowance errors;
    size_t from, to; /* of what waits */
    size_t size;     /* of the message in the making */
    unsigned char waiting[WEB_WAITING];
    _Alignas(8) unsigned char message[PACKET_SIZE];
};

struct web {
    struct engine *engine;
    struct osc *osc;
    struct door *door; /* NULL: loopback alone */
    struct oscquery *oscquery;
    struct http *http;
    struct lws_context *lws;
    int epoll,
        again; /* again: readable when something was heard in web_tick, so that there is one more turn */
    bool ticks;
    int64_t now_ns;
    char name[72], local[80];           /* of this machine, the second with .local */
    struct peer *peer[WEB_CONNECTIONS]; /* NULL: free */
    struct peer *joining;               /* whose handshake libwebsockets is given at this moment */
};

/* --- who may ----------------------------------------------------------------------------------- */

static enum door_verdict
knock(struct web *w, const struct address *from, size_t size)
{
    if (w->door)
        return door_knock(w->door, from, size, w->now_ns);
    return address_is_loopback(from) ? DOOR_IN : DOOR_STRANGER;
}

static bool
knows(void *context, const struct address *from)
{
    const struct web *w = context;

    return w->door ? door_knows(w->door, from) : address_is_loopback(from);
}

/* Without a door: the names of loopback, and pages of our own. */
static bool
is_local_site(const struct request *r, int port)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    char host[32], origin[48];

    for (size_t i = 0; i < LEN(names); i++) {
        snprintf(host, sizeof host, "%s:%d", names[i], port);
        snprintf(origin, sizeof origin, "http://%s", host);
        if (strcmp(r->host, host) == 0)
            return !r->origin[0] || strcmp(r->origin, origin) == 0;
    }
    return false;
}

static bool
is_our_site(struct web *w, const struct http_asker *from, const struct request *r)
{
    const char *own[] = {from->here, w->name, w->local, NULL};

    if (!w->door)
        return is_local_site(r, web_port(w));
    return door_site(w->door, r->host, r->origin[0] ? r->origin : NULL, own, web_port(w));
}

static bool
has_token(struct web *w, const struct address *from, const struct request *r)
{
    return !w->door || door_token(w->door, from, r->token);
}

static void
refused(void *context, const struct http_asker *from, const struct request *r)
{
    struct web *w = context;

    if (!w->door)
        return;
    door_knock(w->door, &from->from, r->size, w->now_ns);
    door_counts(w->door)->oversized += r->fault == REQUEST_OVERSIZED;
    door_counts(w->door)->bad_paths += r->fault == REQUEST_BAD_PATH;
    door_counts(w->door)->malformed += r->fault == REQUEST_MALFORMED;
}

static bool
watch(struct web *w, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* --- WebSockets: going out --------------------------------------------------------------------- */

static enum carried
put_frame(struct web *w, struct peer *p, const void *data, size_t size)
{
    if (p->over || size > FRAME_SIZE)
        return CARRIED_LOST;
    if (WEB_WAITING - (p->to - p->from) < FRAME_HEAD + size)
        return CARRIED_LATER;
    if (p->from == p->to)
        p->took_ns = w->now_ns; /* until now there was nothing to take */
    if (p->from)
        memmove(p->waiting, p->waiting + p->from, p->to - p->from);
    p->to -= p->from;
    p->from = 0;
    memcpy(p->waiting + p->to, &(uint32_t){(uint32_t)size}, FRAME_HEAD);
    memcpy(p->waiting + p->to + FRAME_HEAD, data, size);
    p->to += FRAME_HEAD + size;
    return CARRIED;
}

static enum carried
carry(void *context, const struct address *to, const void *data, size_t size)
{
    struct web *w = context;
    struct peer *p = to->place >= 0 && to->place < WEB_CONNECTIONS ? w->peer[to->place] : NULL;

    return p && p->address.connection == to->connection ? put_frame(w, p, data, size) : CARRIED_LOST;
}

static bool
has_room(struct peer *p)
{
    return !lws_partial_buffered(p->wsi) && !lws_send_pipe_choked(p->wsi);
}

static bool
write_path_changed(struct peer *p)
{
    static const char text[] = "{\"COMMAND\":\"PATH_CHANGED\",\"DATA\":\"" OSCQUERY_ORDER "\"}";
    unsigned char room[LWS_PRE + sizeof text];

    p->rearranged = false;
    memcpy(room + LWS_PRE, text, sizeof text - 1);
    return lws_write(p->wsi, room + LWS_PRE, sizeof text - 1, LWS_WRITE_TEXT) >= 0;
}

static bool
write_frame(struct web *w, struct peer *p)
{
    unsigned char room[LWS_PRE + FRAME_SIZE];
    uint32_t size;

    memcpy(&size, p->waiting + p->from, FRAME_HEAD);
    memcpy(room + LWS_PRE, p->waiting + p->from + FRAME_HEAD, size);
    p->from += FRAME_HEAD + size;
    if (p->from == p->to)
        p->from = p->to = 0;
    p->took_ns = w->now_ns;
    return lws_write(p->wsi, room + LWS_PRE, size, LWS_WRITE_BINARY) >= 0;
}

/* As much as the system takes; false: the connection is over. */
static bool
write_all(struct web *w, struct peer *p)
{
    bool good = true;

    if (p->rearranged && has_room(p))
        good = write_path_changed(p);
    while (good && p->from < p->to && has_room(p))
        good = write_frame(w, p);
    if (good && (p->from < p->to || p->rearranged))
        lws_callback_on_writable(p->wsi);
    return good;
}

/* --- WebSockets: coming in --------------------------------------------------------------------- */

/* Whether it may, before a sentence is composed. */
static void
complain(struct web *w, struct peer *p, const struct command *c)
{
    struct packet_arg arg[] = {{.type = 's', .text = c->about}, {.type = 's'}};
    struct packet_writer out;
    struct err e;

    if (!allowance_take(&p->errors, error_rate_hz, error_burst, w->now_ns))
        return;
    command_complain(c, &e);
    arg[1].text = e.text;
    packet_message(&out);
    if (packet_add(&out, "/error", arg, LEN(arg)))
        put_frame(w, p, out.data, out.size);
}

static void
take_command(struct web *w, struct peer *p)
{
    struct command c;

    if (!command_read(&c, p->message, p->size) ||
        !osc_listen(w->osc, &p->address, c.id, c.norm, c.verb == COMMAND_LISTEN))
        complain(w, p, &c);
}

/* osc.h asks the door itself. */
static void
take_message(struct web *w, struct peer *p, bool binary)
{
    if (w->ticks)
        (void)!write(w->again, &(uint64_t){1}, sizeof(uint64_t));
    if (binary)
        osc_take(w->osc, &p->address, p->message, p->size);
    else if (knock(w, &p->address, p->size) == DOOR_IN)
        take_command(w, p);
}

/* A piece of a message; false: the connection ends. */
static bool
take_piece(struct web *w, struct peer *p, const void *data, size_t size)
{
    bool binary = lws_frame_is_binary(p->wsi);

    lws_validity_confirmed(p->wsi); /* who speaks is there, and need not answer pings as well */
    if (lws_is_first_fragment(p->wsi))
        p->size = 0;
    if (p->size + size > (binary ? PACKET_SIZE : WEB_COMMAND)) {
        lws_close_reason(p->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
        if (w->door)
            door_counts(w->door)->oversized++;
        return false;
    }
    memcpy(p->message + p->size, data, size);
    p->size += size;
    if (!lws_is_final_fragment(p->wsi))
        return true;
    take_message(w, p, binary);
    p->size = 0;
    return !p->over;
}

/* --- WebSockets: coming and going -------------------------------------------------------------- */

static void
gone(struct web *w, struct peer *p)
{
    w->peer[p->address.place] = NULL;
    osc_forget(w->osc, &p->address);
    free(p);
}

/* libwebsockets keeps the reason with which it ends a connection where it keeps the peer's. */
static void
count_reason(struct web *w, struct lws *wsi)
{
    const unsigned char *reason = lws_get_close_payload(wsi);
    int code = lws_get_close_length(wsi) >= 2 ? reason[0] << 8 | reason[1] : 0;

    if (w->door && (code == LWS_CLOSE_STATUS_PROTOCOL_ERR || code == LWS_CLOSE_STATUS_INVALID_PAYLOAD))
        door_counts(w->door)->malformed++;
}

static int
called(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in, size_t size)
{
    struct peer **session = user;
    struct web *w;

    switch (why) {
    case LWS_CALLBACK_ESTABLISHED:
        w = lws_context_user(lws_get_context(wsi));
        *session = w->joining;
        (*session)->wsi = wsi;
        return 0;
    case LWS_CALLBACK_RECEIVE:
        w = lws_context_user(lws_get_context(wsi));
        return take_piece(w, *session, in, size) ? 0 : -1;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        w = lws_context_user(lws_get_context(wsi));
        return write_all(w, *session) ? 0 : -1;
    case LWS_CALLBACK_CLOSED:
        w = lws_context_user(lws_get_context(wsi));
        count_reason(w, wsi);
        gone(w, *session);
        return 0;
    case LWS_CALLBACK_HTTP: return -1; /* http.c's business */
    default: return 0;
    }
}

static int
free_place(const struct web *w)
{
    for (int i = 0; i < WEB_CONNECTIONS; i++)
        if (!w->peer[i])
            return i;
    return -1;
}

/* The handshake in a form that has one meaning. libwebsockets owns the descriptor from here on, also when it fails. */
static bool
hand_over(struct web *w, struct peer *p, int fd, const char *key)
{
    char handshake[256];
    int n = snprintf(handshake, sizeof handshake,
                     "GET / HTTP/1.1\r\nHost: deadwax\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
                     key);
    struct lws *wsi;

    w->joining = p;
    wsi = lws_adopt_socket_readbuf(w->lws, fd, handshake, (size_t)n);
    w->joining = NULL;
    if (p->wsi)
        return watch(w, fd);
    if (wsi)
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
    return false;
}

static enum http_turn
take_over(struct web *w, const struct http_asker *from, const struct request *r, struct http_answer *a)
{
    int i = free_place(w);
    struct peer *p = i >= 0 ? calloc(1, sizeof *p) : NULL;

    if (!p) {
        a->status = 503;
        return HTTP_ANSWER;
    }
    p->address = from->from;
    p->address.place = i;
    p->took_ns = w->now_ns;
    w->peer[i] = p;
    if (!hand_over(w, p, from->fd, r->key)) {
        if (p->wsi)
            p->over = true;
        else
            gone(w, p);
    }
    return HTTP_TAKEN;
}

/* --- requests ---------------------------------------------------------------------------------- */

static enum http_turn
in_brief(struct http_answer *a, int status)
{
    a->status = status;
    a->brief = true;
    return HTTP_ANSWER;
}

static enum http_turn
with_text(struct http_answer *a, const char *type, char *body)
{
    a->status = body ? 200 : 500;
    a->type = type;
    a->body = body;
    a->size = body ? strlen(body) : 0;
    return HTTP_ANSWER;
}

/* For who has been sent to /pair without the code. A stranger gets it for a request as large as a browser's, which is
   why it has nothing that could be left out. */
static enum http_turn
ask_code(struct http_answer *a, enum door_verdict verdict)
{
    static const char form[] =
        "<!DOCTYPE html><meta name=viewport content=width=device-width><title>Deadwax</title><form "
        "action=/pair>"
        "Code <input name=code inputmode=numeric autofocus> <button>Pair</button></form>";

    snprintf(a->header, sizeof a->header,
             "Content-Security-Policy: default-src 'none';form-action 'self';frame-ancestors 'none'\r\n");
    a->within = verdict == DOOR_STRANGER;
    return with_text(a, "text/html", strdup(form));
}

static enum http_turn
tell_token(struct http_answer *a, enum request_method method, const char *token)
{
    static const char page[] =
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>Deadwax</title><p>This is paired with Deadwax.";
    char json[DOOR_TOKEN_SIZE + 16];

    snprintf(a->header, sizeof a->header,
             "Set-Cookie: deadwax=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000\r\n"
             "Content-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n",
             token);
    if (method == REQUEST_GET)
        return with_text(a, "text/html; charset=utf-8", strdup(page));
    snprintf(json, sizeof json, "{\"TOKEN\":\"%s\"}", token);
    return with_text(a, "application/json", strdup(json));
}

static enum http_turn
pair(struct web *w, const struct http_asker *from, enum door_verdict verdict, const struct request *r,
     struct http_answer *a)
{
    char code[2 * DOOR_CODE_SIZE], name[DOOR_NAME_SIZE], token[DOOR_TOKEN_SIZE];
    struct err e;

    if (r->method == REQUEST_IS_HEAD)
        return in_brief(a, 405);
    if (!w->door)
        return in_brief(a, 404);
    if (r->method == REQUEST_GET && !r->query[0])
        return ask_code(a, verdict);
    if (!request_value(r, "code", code, sizeof code))
        return in_brief(a, 400);
    if (!request_value(r, "name", name, sizeof name) || !name[0])
        snprintf(name, sizeof name, "browser");
    if (!door_pair(w->door, &from->from, name, code, token, w->now_ns, &e))
        return in_brief(a, 403);
    return tell_token(a, r->method, token);
}

static enum http_turn
query(struct web *w, const struct request *r, struct http_answer *a)
{
    char attribute[32];

    if (r->method == REQUEST_POST) {
        if (w->door)
            door_counts(w->door)->malformed++;
        a->status = 405;
        snprintf(a->header, sizeof a->header, "Allow: GET, HEAD\r\n");
        return HTTP_ANSWER;
    }
    if (!request_word(r, attribute, sizeof attribute)) {
        a->status = 400;
        return HTTP_ANSWER;
    }
    a->status = oscquery_answer(w->oscquery, r->path, attribute, &a->body, &a->size);
    a->type = a->body ? "application/json" : NULL;
    return HTTP_ANSWER;
}

static enum http_turn
request(void *context, const struct http_asker *from, const struct request *r, struct http_answer *a)
{
    struct web *w = context;
    enum door_verdict verdict = knock(w, &from->from, r->size);

    if (verdict == DOOR_FLOOD)
        return HTTP_SILENCE;
    if (!is_our_site(w, from, r))
        return in_brief(a, 403);
    if (strcmp(r->path, "/pair") == 0)
        return pair(w, from, verdict, r, a);
    if (verdict == DOOR_STRANGER || !has_token(w, &from->from, r))
        return in_brief(a, 403);
    return r->websocket ? take_over(w, from, r, a) : query(w, r, a);
}

/* --- the loop ---------------------------------------------------------------------------------- */

void
web_receive(struct web *w)
{
    uint64_t times;

    (void)!read(w->again, &times, sizeof times);
    http_receive(w->http);
    lws_service(w->lws, -1);
}

static void
tend(struct web *w, struct peer *p)
{
    bool waits = p->from < p->to;

    if (waits && w->now_ns - p->took_ns > WEB_PATIENCE_S * INT64_C(1000000000))
        p->over = true;
    if (!knows(w, &p->address))
        p->over = true;
    if (p->over)
        lws_set_timeout(p->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
    else if (waits || p->rearranged)
        lws_callback_on_writable(p->wsi);
}

void
web_tick(struct web *w, int64_t now_ns)
{
    bool rearranged = oscquery_rearranged(w->oscquery);

    w->now_ns = now_ns;
    http_tick(w->http, now_ns);
    for (int i = 0; i < WEB_CONNECTIONS; i++) {
        if (!w->peer[i])
            continue;
        w->peer[i]->rearranged |= rearranged;
        tend(w, w->peer[i]);
    }
    w->ticks = true;
    lws_service(w->lws, -1);
    w->ticks = false;
}

/* --- opening ----------------------------------------------------------------------------------- */

static const struct lws_protocols protocols[] = {
    {.name = "osc",
     .callback = called,
     .per_session_data_size = sizeof(struct peer *),
     .rx_buffer_size = READ_SIZE},
    {.name = NULL},
};

static const lws_retry_bo_t silence = {.secs_since_valid_ping = PING_S, .secs_since_valid_hangup = GONE_S};

static bool
open_lws(struct web *w)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .user = w,
        .max_http_header_data = 1024,
        .max_http_header_pool = 4,
        .timeout_secs = WEB_PATIENCE_S,
        .fd_limit_per_thread = WEB_CONNECTIONS + 8,
        .pt_serv_buf_size = READ_SIZE,
        .retry_and_idle_policy = &silence,
    };

    lws_set_log_level(0, NULL);
    w->lws = lws_create_context(&info);
    return w->lws != NULL;
}

static enum status
open_parts(struct web *w, const char *listen, int port, struct err *e)
{
    struct http_hand hand = {request, refused, knows, w};
    struct oscquery_host host = {.name = "deadwax", .osc_port = osc_port(w->osc)};
    struct carrier carrier = {carry, w};
    enum status status = http_open(&w->http, &hand, listen, port, e);

    if (status != OK)
        return status;
    host.ws_port = http_port(w->http);
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->again = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (oscquery_open(&w->oscquery, w->engine, &host) != OK || w->epoll < 0 || w->again < 0 ||
        !watch(w, w->again) || !watch(w, http_fd(w->http)) || !open_lws(w)) {
        err_set(e, "HTTP: no memory or no descriptors left");
        return UNAVAILABLE;
    }
    osc_carry(w->osc, CARRIER_WEB, &carrier);
    return OK;
}

enum status
web_open(struct web **web, struct engine *engine, struct osc *osc, struct door *door, const char *listen,
         int port, struct err *e)
{
    struct web *w = calloc(1, sizeof *w);
    enum status status;

    *web = NULL;
    if (!w) {
        err_set(e, "HTTP: no memory");
        return NO_MEM;
    }
    w->engine = engine;
    w->osc = osc;
    w->door = door;
    w->epoll = w->again = -1;
    if (gethostname(w->name, sizeof w->name) == 0)
        w->name[sizeof w->name - 1] = '\0';
    snprintf(w->local, sizeof w->local, "%s.local", w->name);
    status = open_parts(w, listen, port, e);
    if (status == OK)
        *web = w;
    else
        web_close(w);
    return status;
}

void
web_close(struct web *w)
{
    if (!w)
        return;
    osc_carry(w->osc, CARRIER_WEB, NULL);
    http_close(w->http);
    if (w->lws)
        lws_context_destroy(w->lws); /* tells of each connection that ends by it */
    oscquery_close(w->oscquery);
    if (w->again >= 0)
        close(w->again);
    if (w->epoll >= 0)
        close(w->epoll);
    free(w);
}

int
web_fd(const struct web *w)
{
    return w->epoll;
}

int
web_port(const struct web *w)
{
    return http_port(w->http);
}

int
web_connections(const struct web *w)
{
    int n = 0;

    for (int i = 0; i < WEB_CONNECTIONS; i++)
        n += w->peer[i] != NULL;
    return n;
}
