/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cells that wait stand in one queue an urgency, chained by their numbers: in and out cost the same however many there
 * are. A cell that leaves goes from `waiting` to `told`, which is both what later bytes are compared with and what its
 * later messages leave from.
 */
#include "control/midi/outbox.h"

#include "engine/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NOBODY = -1, METER_TURN = 9 /* departures of others that a meter may have to wait for */ };

struct cell {
    uint8_t told[SURFACE_BYTES], waiting[SURFACE_BYTES];
    size_t told_size, waiting_size;
    enum outbox_urgency urgency;
    bool queued, known,
        always;        /* known: the box shows told; always: what waits leaves even if it is the same */
    int before, after; /* in the queue */
};

struct queue {
    int first, last;
    int passed; /* departures of other urgencies while it waited */
};

struct outbox {
    struct midi_port port;
    struct surface_profile gaps; /* these alone */
    int64_t ready_ns, retry_ns;  /* nothing leaves sooner; the port had no room: it is no use before */
    uint64_t sent;
    struct queue queues[OUTBOX_URGENCIES];
    int leaving; /* the cell of which only the first messages have left */
    size_t at;   /* in its told: the next message */
    int ncells;
    struct cell *cells;
};

static void
queue_push(struct outbox *o, int cell, enum outbox_urgency u)
{
    struct queue *q = &o->queues[u];
    struct cell *c = &o->cells[cell];

    c->urgency = u;
    c->queued = true;
    c->before = q->last;
    c->after = NOBODY;
    if (q->last == NOBODY)
        q->first = cell;
    else
        o->cells[q->last].after = cell;
    q->last = cell;
}

static void
queue_remove(struct outbox *o, int cell)
{
    struct cell *c = &o->cells[cell];
    struct queue *q = &o->queues[c->urgency];

    if (c->before == NOBODY)
        q->first = c->after;
    else
        o->cells[c->before].after = c->after;
    if (c->after == NOBODY)
        q->last = c->before;
    else
        o->cells[c->after].before = c->before;
    c->queued = false;
    if (q->first == NOBODY) /* nobody's turn is due */
        q->passed = 0;
}

/* How long the message at the front is: a sysex to its F7, others to the next status. */
static size_t
message_size(const uint8_t *bytes, size_t size)
{
    size_t n = 1;

    if (bytes[0] == 0xf0)
        while (n < size && bytes[n - 1] != 0xf7)
            n++;
    else
        while (n < size && bytes[n] < 0x80)
            n++;
    return n;
}

static int64_t
later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* gap_us is for all messages, or for those of one status alone. */
int64_t
outbox_gap_ns(const struct surface_profile *p, const uint8_t *bytes, size_t size)
{
    int64_t gap_us = !p->gap_status || (size && bytes[0] == p->gap_status) ? p->gap_us : 0;

    if (size && bytes[0] == 0xf0)
        gap_us = later(gap_us, later(p->sysex_gap_us, p->byte_gap_us * (int64_t)size));
    return gap_us * 1000;
}

enum status
outbox_open(struct outbox **o, const struct surface_profile *p, int ncells, const struct midi_port *port)
{
    struct outbox *b = calloc(1, sizeof *b);

    *o = NULL;
    if (b)
        b->cells = calloc(ncells > 0 ? (size_t)ncells : 1, sizeof *b->cells);
    if (!b || !b->cells) {
        free(b);
        return NO_MEM;
    }
    b->port = *port;
    b->gaps = (struct surface_profile){.gap_us = p->gap_us,
                                       .gap_status = p->gap_status,
                                       .sysex_gap_us = p->sysex_gap_us,
                                       .byte_gap_us = p->byte_gap_us};
    b->leaving = NOBODY;
    b->ncells = ncells;
    for (int u = 0; u < OUTBOX_URGENCIES; u++)
        b->queues[u] = (struct queue){NOBODY, NOBODY, 0};
    *o = b;
    return OK;
}

void
outbox_close(struct outbox *o)
{
    if (o)
        free(o->cells);
    free(o);
}

static void
take(struct outbox *o, int cell, enum outbox_urgency u, const uint8_t *bytes, size_t size, bool always)
{
    struct cell *c = &o->cells[cell];

    assert(cell >= 0 && cell < o->ncells && size <= SURFACE_BYTES && u < OUTBOX_URGENCIES);
    if (!size)
        return;
    assert(bytes[0] & 0x80);
    always |= c->queued && c->always;
    if (!always && c->known && c->told_size == size && memcmp(c->told, bytes, size) == 0) {
        outbox_drop(o, cell);
        return;
    }
    memcpy(c->waiting, bytes, size);
    c->waiting_size = size;
    if (c->queued && u < c->urgency)
        queue_remove(o, cell);
    if (!c->queued)
        queue_push(o, cell, u);
    c->always = always;
}

void
outbox_put(struct outbox *o, int cell, enum outbox_urgency u, const uint8_t *bytes, size_t size)
{
    take(o, cell, u, bytes, size, false);
}

void
outbox_push(struct outbox *o, int cell, enum outbox_urgency u, const uint8_t *bytes, size_t size)
{
    take(o, cell, u, bytes, size, true);
}

void
outbox_forget(struct outbox *o, int cell)
{
    assert(cell >= 0 && cell < o->ncells);
    o->cells[cell].known = false;
}

void
outbox_forget_all(struct outbox *o)
{
    for (int i = 0; i < o->ncells; i++)
        outbox_forget(o, i);
}

void
outbox_drop(struct outbox *o, int cell)
{
    assert(cell >= 0 && cell < o->ncells);
    if (o->cells[cell].queued)
        queue_remove(o, cell);
}

void
outbox_drop_all(struct outbox *o)
{
    for (int i = 0; i < o->ncells; i++)
        outbox_drop(o, i);
}

/* Whose turn it is: the most urgent, unless a less urgent one has waited for too many. Meters go before texts in that, so
   that theirs is never the eleventh. */
static int
next_urgency(const struct outbox *o)
{
    for (int u = OUTBOX_URGENCIES - 1; u > 0; u--)
        if (o->queues[u].passed >= METER_TURN)
            return u;
    for (int u = 0; u < OUTBOX_URGENCIES; u++)
        if (o->queues[u].first != NOBODY)
            return u;
    return NOBODY;
}

static void
count_turn(struct outbox *o, int served)
{
    for (int u = 0; u < OUTBOX_URGENCIES; u++)
        if (u == served || o->queues[u].first == NOBODY)
            o->queues[u].passed = 0;
        else
            o->queues[u].passed++;
}

/* The message at the front of what is given; how many bytes of it have left, 0: the port has no room. */
static size_t
send_first(struct outbox *o, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    size_t n = message_size(bytes, size);

    if (!o->port.send(o->port.context, bytes, n)) {
        o->retry_ns = now_ns + OUTBOX_RETRY_NS;
        return 0;
    }
    o->ready_ns = o->retry_ns = now_ns + outbox_gap_ns(&o->gaps, bytes, n);
    o->sent++;
    return n;
}

/* Begins with the cell whose turn it is. False: there is none, or no room. */
static bool
begin(struct outbox *o, int64_t now_ns)
{
    int u = next_urgency(o), cell = u == NOBODY ? NOBODY : o->queues[u].first;
    struct cell *c = cell == NOBODY ? NULL : &o->cells[cell];
    size_t n = c ? send_first(o, c->waiting, c->waiting_size, now_ns) : 0;

    if (!n)
        return false;
    memcpy(c->told, c->waiting, c->waiting_size);
    c->told_size = c->waiting_size;
    c->known = true;
    queue_remove(o, cell);
    count_turn(o, u);
    o->leaving = n < c->told_size ? cell : NOBODY;
    o->at = n;
    return true;
}

static bool
go_on(struct outbox *o, int64_t now_ns)
{
    const struct cell *c = &o->cells[o->leaving];
    size_t n = send_first(o, c->told + o->at, c->told_size - o->at, now_ns);

    o->at += n;
    if (o->at == c->told_size)
        o->leaving = NOBODY;
    return n > 0;
}

void
outbox_tick(struct outbox *o, int64_t now_ns)
{
    while (now_ns >= o->ready_ns && (o->leaving != NOBODY ? go_on(o, now_ns) : begin(o, now_ns)))
        ;
}

bool
outbox_empty(const struct outbox *o)
{
    for (int u = 0; u < OUTBOX_URGENCIES; u++)
        if (o->queues[u].first != NOBODY)
            return false;
    return o->leaving == NOBODY;
}

uint64_t
outbox_sent(const struct outbox *o)
{
    return o->sent;
}

int64_t
outbox_next_ns(const struct outbox *o)
{
    return outbox_empty(o) ? INT64_MAX : o->retry_ns;
}

/* context: the time now, by the caller's clock. */
static int64_t
sleep_until(void *context, int64_t until_ns)
{
    int64_t *now_ns = context, begun_ns = clock_ns(), left_ns = until_ns - *now_ns;
    struct timespec t = {left_ns / 1000000000, left_ns % 1000000000};

    while (left_ns > 0 && nanosleep(&t, &t) < 0 && errno == EINTR)
        ;
    return *now_ns += clock_ns() - begun_ns;
}

bool
outbox_flush(struct outbox *o, int64_t now_ns, int64_t wait_ns, outbox_wait *wait, void *context)
{
    int64_t end_ns = now_ns + wait_ns, clock = now_ns;
    bool all;

    if (!wait)
        wait = sleep_until, context = &clock;
    for (;;) {
        outbox_tick(o, now_ns);
        if (outbox_empty(o) || outbox_next_ns(o) > end_ns)
            break;
        now_ns = wait(context, outbox_next_ns(o));
    }
    all = outbox_empty(o);
    outbox_drop_all(o);
    o->leaving = NOBODY;
    return all;
}
