/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * web: frames of three WebSockets, the third a stranger's, moves and time. Who has sent texts alone is told those rows
 * that it listens to, by addresses of the table; a text is a command or there is a sentence about it; a stranger is told
 * nothing.
 *
 * input    records: a byte (low three bits: what; the next two: who), then what it needs:
 *          0..2 a text: two bytes of size, its bytes; 3 a packet: likewise; 4 time in 5 ms; 5 a move: row (2), place (1);
 *          6 the same as text: listen or not to a row (2); 7 the peer is gone
 */
#include "test/fuzz/fuzz.h"

#include "control/command.h"
#include "control/osc.h"
#include "control/packet.h"
#include "control/web.h"
#include "test/control/fake_engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEERS = 3, STRANGER = 2, TURNS = 64 };

static struct engine *engine;
static struct osc *osc;
static int64_t now_ns = INT64_C(1000000000);

static struct peer {
    struct address at;
    bool packets;             /* has sent some: may be told anything */
    int heard[TURNS], nheard; /* rows ever listened to since it came, and their twins beyond params_count() */
} peer[PEERS];

static void
check_heard(void *context, const struct packet_message *m)
{
    const struct peer *p = context;
    char plain[WIRE_PATH_SIZE];
    bool norm, found = p->packets;
    int id;

    assert(m->path[0] == '/' && m->nargs >= 0);
    if (found)
        return;
    assert(wire_cut_norm(m->path, plain, &norm));
    id = param_find(plain);
    assert(id >= 0);
    for (int i = 0; i < p->nheard; i++)
        found |= p->heard[i] == id + norm * params_count();
    assert(found);
}

static enum carried
take_sent(void *context, const struct address *to, const void *data, size_t size)
{
    static unsigned sent;
    const struct peer *p = &peer[to->place];

    (void)context;
    assert(to->carrier == CARRIER_WEB && to->place != STRANGER);
    assert(packet_read(data, size, check_heard, (void *)(uintptr_t)p));
    sent++;
    return sent % 11 == 3 ? CARRIED_LATER : CARRIED;
}

static void
begin(void)
{
    static const struct carrier carrier = {take_sent, NULL};
    static const char *const host[PEERS] = {"127.0.0.1", "127.0.0.1", "192.0.2.9"};
    struct err e;

    engine = fake_engine_open();
    assert(osc_open(&osc, engine, NULL, 0, &e) == OK);
    osc_carry(osc, CARRIER_WEB, &carrier);
    for (int i = 0; i < PEERS; i++) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(4000 + i))};

        assert(inet_pton(AF_INET, host[i], &in.sin_addr) == 1);
        peer[i].at = (struct address){
            .size = sizeof in, .carrier = CARRIER_WEB, .connection = (uint64_t)i + 1, .place = i};
        memcpy(&peer[i].at.at, &in, sizeof in);
    }
}

static void
pass(int64_t ms)
{
    now_ns += ms * 1000000;
    osc_tick(osc, now_ns);
}

static void
listen_to(struct peer *p, const struct command *c)
{
    assert(c->id >= 0 && c->id < params_count() && wire_has(param_at(c->id), c->norm));
    if (p == &peer[STRANGER]) /* web.c takes no command of one */
        return;
    if (c->verb == COMMAND_LISTEN)
        p->heard[p->nheard++] = c->id + c->norm * params_count();
    assert(osc_listen(osc, &p->at, c->id, c->norm, c->verb == COMMAND_LISTEN));
}

static void
text(struct peer *p, const void *data, size_t size)
{
    struct command c;
    struct err e = {""};

    if (size > WEB_COMMAND)
        return;
    if (command_read(&c, data, size))
        listen_to(p, &c);
    else {
        command_complain(&c, &e);
        assert(e.text[0] && c.verb != COMMAND_LISTEN && c.verb != COMMAND_IGNORE);
    }
    assert(strnlen(c.about, sizeof c.about) < sizeof c.about);
}

static void
packet(struct peer *p, const void *data, size_t size)
{
    int before = engine->nsets;

    p->packets |= p != &peer[STRANGER];
    osc_take(osc, &p->at, data, size);
    assert(p != &peer[STRANGER] || engine->nsets == before);
}

static void
frame(struct feed *f, struct peer *p, void (*take)(struct peer *p, const void *data, size_t size))
{
    unsigned high = feed_byte(f);
    size_t size;
    const uint8_t *data = feed_bytes(f, high << 8 | feed_byte(f), &size);
    uint8_t *exact = malloc(size ? size : 1);

    assert(exact);
    if (size)
        memcpy(exact, data, size);
    take(p, exact, size);
    free(exact);
}

static int
row(struct feed *f)
{
    unsigned high = feed_byte(f);

    return (int)((high << 8 | feed_byte(f)) % (unsigned)params_count());
}

static void
row_as_text(struct feed *f, struct peer *p, bool norm, bool on)
{
    char command[256];

    snprintf(command, sizeof command, "{\"COMMAND\":\"%s\",\"DATA\":\"%s%s\"}", on ? "LISTEN" : "IGNORE",
             param_at(row(f))->path, norm ? "/norm" : "");
    text(p, command, strlen(command));
}

static void
move(struct feed *f)
{
    int id = row(f);
    const struct param *p = param_at(id);
    double value, norm = feed_byte(f) / 255.0;

    if (param_is_number(p) && p->type != PARAM_TRIGGER && param_from_norm(p, norm, &value, NULL))
        fake_engine_move(engine, p->path, value);
}

static void
go(struct peer *p)
{
    osc_forget(osc, &p->at);
    p->packets = false;
    p->nheard = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size};

    if (!osc)
        begin();
    for (int turn = 0; f.left && turn < TURNS; turn++) {
        unsigned op = feed_byte(&f);
        struct peer *p = &peer[(op >> 3 & 3) % PEERS];

        switch (op & 7) {
        case 3: frame(&f, p, packet); break;
        case 4: pass(5 * feed_byte(&f)); break;
        case 5: move(&f); break;
        case 6: row_as_text(&f, p, op & 0x40, !(op & 0x80)); break;
        case 7: go(p); break;
        default: frame(&f, p, text); break;
        }
    }
    pass(10);
    for (int i = 0; i < PEERS; i++)
        go(&peer[i]);
    assert(osc_clients(osc) == 0);
    return 0;
}
