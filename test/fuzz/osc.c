/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * osc: packets of four peers, other hands' moves and time, in any order. What is sent is good OSC with literal
 * addresses; no value leaves its range. The last peer is a stranger on the network: until it has paired, with the code
 * that the desk shows, it moves nothing, and is sent no more than it has sent.
 *
 * input    records: a byte (low three bits: what; the next two: who), then what it needs:
 *          0..3 a packet: two bytes of size, its bytes; 4 time in 5 ms; 5 another hand: row (2), place (1);
 *          6 listen or not: row (2); 7 the peer is gone
 */
#include "test/fuzz/fuzz.h"

#include "control/door.h"
#include "control/osc.h"
#include "control/packet.h"
#include "test/control/fake_engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { PEERS = 4, STRANGER = 3, TURNS = 64 };

static struct engine *engine;
static struct osc *osc;
static struct door *door;
static struct address peer[PEERS];
static int64_t now_ns = INT64_C(1000000000);
static uint64_t sent;
static size_t strange_in, strange_out; /* bytes of the stranger's, while it is one */

/* The door's random numbers: the code is 0000-0000 each time, so that inputs can know it. */
ssize_t
getrandom(void *out, size_t n, unsigned flags)
{
    (void)flags;
    memset(out, 0, n);
    return (ssize_t)n;
}

static bool
is_stranger(const struct address *who)
{
    return !door_knows(door, who);
}

static void
check(void *context, const struct packet_message *m)
{
    (void)context;
    assert(m->nargs >= 0);
    assert(!strpbrk(m->path, " #*,?[]{}"));
    for (int i = 0; i < m->nargs && i < PACKET_ARGS; i++)
        assert(m->arg[i].type != 'f' || m->arg[i].number - m->arg[i].number == 0.0);
}

static enum carried
take_sent(void *context, const struct address *to, const void *data, size_t size)
{
    (void)context;
    assert(to->carrier == CARRIER_WEB);
    assert(size <= PACKET_BUNDLE);
    assert(packet_read(data, size, check, NULL));
    if (is_stranger(to))
        assert((strange_out += size) <= strange_in);
    sent++;
    return sent % 7 == 3 ? CARRIED_LATER : sent % 31 == 5 ? CARRIED_LOST : CARRIED;
}

static void
begin(void)
{
    static const struct carrier carrier = {take_sent, NULL};
    struct err e;

    engine = fake_engine_open();
    assert(osc_open(&osc, engine, NULL, 0, &e) == OK);
    osc_carry(osc, CARRIER_WEB, &carrier);
    assert(door_open(&door, "", NULL, &e) == OK);
    osc_guard(osc, door);
    for (int i = 0; i < PEERS; i++) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(4000 + i))};

        in.sin_addr.s_addr = htonl(i == STRANGER ? 0xc0000209 : INADDR_LOOPBACK); /* 192.0.2.9 */
        peer[i] = (struct address){.size = sizeof in, .carrier = CARRIER_WEB, .connection = (uint64_t)i + 1};
        memcpy(&peer[i].at, &in, sizeof in);
    }
}

static void
pass(int64_t ms)
{
    now_ns += ms * 1000000;
    osc_tick(osc, now_ns);
}

static int
row(struct feed *f)
{
    unsigned high = feed_byte(f);

    return (int)((high << 8 | feed_byte(f)) % (unsigned)params_count());
}

static void
packet(struct feed *f, const struct address *from)
{
    unsigned high = feed_byte(f);
    size_t size;
    const uint8_t *data = feed_bytes(f, high << 8 | feed_byte(f), &size);
    uint8_t *exact = malloc(size ? size : 1);

    int sets = engine->nsets;
    bool strange = is_stranger(from);

    assert(exact);
    if (size)
        memcpy(exact, data, size);
    strange_in += strange ? size : 0;
    osc_take(osc, from, exact, size);
    assert(!strange || engine->nsets == sets);
    free(exact);
}

/* web.c asks the door first. */
static void
listen_to(struct feed *f, const struct address *who, bool norm, bool on)
{
    int id = row(f);

    if (!is_stranger(who))
        osc_listen(osc, who, id, norm, on);
}

static void
another_hand(struct feed *f)
{
    int id = row(f);
    const struct param *p = param_at(id);
    double value, norm = feed_byte(f) / 255.0;
    struct err e;

    if (param_is_number(p) && p->type != PARAM_TRIGGER && param_from_norm(p, norm, &value, &e))
        fake_engine_move(engine, p->path, value);
}

/* What has been set since. */
static void
check_values(int from)
{
    struct err e;

    for (int i = engine->nsets - from > FAKE_SETS ? engine->nsets - FAKE_SETS : from; i < engine->nsets;
         i++) {
        int id = fake_engine_set(engine, i)->id;
        const struct param *p = param_at(id);

        assert(!(p->flags & PARAM_READ_ONLY));
        assert(!param_is_number(p) || param_check(p, engine->value[id], &e));
        assert(strnlen(engine->text[id], PARAM_TEXT_SIZE) < PARAM_TEXT_SIZE);
    }
}

/* As it was at the start, for the next input. */
static void
end(void)
{
    struct err e;

    for (int i = 0; i < PEERS; i++)
        osc_forget(osc, &peer[i]);
    assert(osc_clients(osc) == 0);
    door_revoke(door, "*", &e);
    door_let(door, false, now_ns, &e);
    pass(60000); /* whoever was too loud may speak again */
    strange_in = strange_out = sent = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size};
    int sets;

    if (!osc)
        begin();
    sets = engine->nsets;
    for (int turn = 0; f.left && turn < TURNS; turn++) {
        unsigned op = feed_byte(&f);
        const struct address *who = &peer[op >> 3 & 3];

        switch (op & 7) {
        case 4: pass(5 * feed_byte(&f)); break;
        case 5: another_hand(&f); break;
        case 6: listen_to(&f, who, op & 0x40, op & 0x80); break;
        case 7: osc_forget(osc, who); break;
        default: packet(&f, who); break;
        }
    }
    pass(10);
    check_values(sets);
    end();
    return 0;
}
