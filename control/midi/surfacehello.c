/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a box is greeted. Mackie's have a handshake; most of its kind do without an answer.
 *
 * sources  surfaces.md 1.7
 */
#include "control/midi/surfaceinside.h"

#include "control/midi/message.h"

#include <stdlib.h>
#include <string.h>

/* What the box answers to its init must not bring another one. */
#define INIT_NS   (2000 * SURFACE_MS)
#define RESYNC_NS (250 * SURFACE_MS)
#define BYE_NS    (50 * SURFACE_MS)

enum { CELL_QUERY, CELL_ANSWER, CELL_ALIVE, CELL_WORDS /* init and bye */ };
enum { LOGIC_CONTROL = 0x10, LOGIC_CONTROL_XT = 0x11 };
enum {
    MACKIE_QUERY = 0x00,
    MACKIE_READY = 0x01,
    MACKIE_ANSWER = 0x02,
    MACKIE_CONFIRMED = 0x03,
    MACKIE_REFUSED = 0x04,
    MACKIE_COMPACT = 0x06
};

int
surface_hello_cells(const struct surface_profile *p)
{
    unsigned words = p->init_count > p->bye_count ? p->init_count : p->bye_count;

    return CELL_WORDS + (int)words;
}

static void
read_greeting(const char *text, struct greeting *g)
{
    g->size = text ? surface_bytes(text, g->bytes, sizeof g->bytes) : 0;
    g->size = g->size < 0 ? 0 : g->size;
}

/* Of the first display that has one; else a Mackie Control's. */
static void
find_header(struct surface *s)
{
    static const uint8_t usual[] = {0xf0, 0x00, 0x00, 0x66, 0x14};
    uint8_t bytes[SURFACE_BYTES];

    memcpy(s->hello.header, usual, sizeof usual);
    for (unsigned i = 0; i < s->p->controls_count; i++) {
        const struct surface_control *c = &s->p->controls[i];

        if (c->text != SURFACE_TEXT_MACKIE || !c->header)
            continue;
        if (surface_bytes(c->header, bytes, sizeof bytes) == sizeof usual && !memcmp(bytes, usual, 4)) {
            memcpy(s->hello.header, bytes, sizeof usual);
            return;
        }
    }
}

enum status
surface_hello_open(struct surface *s)
{
    struct hello *h = &s->hello;

    h->begins = calloc(s->p->hello_count + 1, sizeof *h->begins);
    if (!h->begins)
        return NO_MEM;
    for (unsigned i = 0; i < s->p->hello_count; i++)
        read_greeting(s->p->hello[i], &h->begins[h->begins_count++]);
    read_greeting(s->p->keep_alive, &h->keep_alive);
    h->init_ns = h->alive_ns = h->resync_ns = SURFACE_NEVER;
    find_header(s);
    return OK;
}

void
surface_hello_close(struct surface *s)
{
    free(s->hello.begins);
}

/* --- what is said ---------------------------------------------------------------------------------------- */

static void
say_words(struct surface *s, char *const *words, unsigned count)
{
    struct greeting g;

    for (unsigned i = 0; i < count; i++) {
        read_greeting(words[i], &g);
        outbox_push(s->outbox, s->cell_hello + CELL_WORDS + (int)i, OUTBOX_ANSWER, g.bytes, (size_t)g.size);
    }
}

static void
say_mackie(struct surface *s, int cell, uint8_t device, uint8_t what, const uint8_t *rest, size_t size)
{
    uint8_t bytes[SURFACE_BYTES];

    memcpy(bytes, s->hello.header, 4);
    bytes[4] = device;
    bytes[5] = what;
    memcpy(bytes + 6, rest, size);
    bytes[6 + size] = 0xf7;
    outbox_push(s->outbox, s->cell_hello + cell, OUTBOX_ANSWER, bytes, size + 7);
}

void
surface_say_hello(struct surface *s)
{
    say_words(s, s->p->init, s->p->init_count);
    s->hello.init_ns = s->now_ns;
    if (s->p->handshake == SURFACE_MACKIE_HANDSHAKE)
        say_mackie(s, CELL_QUERY, s->hello.header[4], MACKIE_QUERY, (const uint8_t *)"", 0);
}

/* There is no time to wait in: what the port takes at once. */
static int64_t
do_not_wait(void *context, int64_t until_ns)
{
    (void)context;
    return until_ns;
}

void
surface_say_bye(struct surface *s)
{
    outbox_drop_all(s->outbox);
    say_words(s, s->p->bye, s->p->bye_count);
    outbox_flush(s->outbox, s->now_ns, BYE_NS, do_not_wait, NULL);
}

/* --- what is heard --------------------------------------------------------------------------------------- */

/* The first of the formulas that are known; c: the challenge. */
static void
answer_challenge(struct surface *s, const uint8_t *bytes, const uint8_t *c)
{
    uint8_t rest[11];

    memcpy(rest, bytes + 6, 7); /* its serial number */
    rest[7] = (uint8_t)(c[0] + (c[1] ^ 0x0a) - c[3]) & 0x7f;
    rest[8] = (uint8_t)((c[2] >> 4) ^ (c[0] + c[3])) & 0x7f;
    rest[9] = (uint8_t)((c[3] - (c[2] << 2)) ^ (c[0] | c[1])) & 0x7f;
    rest[10] = (uint8_t)(c[1] - c[2] + (0xf0 ^ (c[3] << 4))) & 0x7f;
    say_mackie(s, CELL_ANSWER, bytes[4], MACKIE_ANSWER, rest, sizeof rest);
}

static bool
hear_mackie(struct surface *s, const uint8_t *bytes, size_t size)
{
    enum { CHALLENGE = 18 };
    bool logic;

    if (size < 7 || memcmp(bytes, s->hello.header, 4) != 0)
        return false;
    logic = bytes[4] == LOGIC_CONTROL || bytes[4] == LOGIC_CONTROL_XT;
    switch (bytes[5]) {
    case MACKIE_READY:
        if (logic && size == CHALLENGE)
            answer_challenge(s, bytes, bytes + 13);
        else
            s->hello.resync = true;
        return true;
    case MACKIE_CONFIRMED:
    case MACKIE_COMPACT: s->hello.resync = true; return true;
    case MACKIE_REFUSED:
        surface_tell(s, "it refused our answer to its challenge: switch it off and on again");
        return true;
    }
    return false;
}

static bool
begins_with(const uint8_t *bytes, size_t size, const struct greeting *g)
{
    return g->size > 0 && size >= (size_t)g->size && memcmp(bytes, g->bytes, (size_t)g->size) == 0;
}

bool
surface_hear_hello(struct surface *s, const uint8_t *bytes, size_t size)
{
    for (int i = 0; i < s->hello.begins_count; i++)
        if (begins_with(bytes, size, &s->hello.begins[i])) {
            s->hello.resync = true;
            if (s->p->handshake == SURFACE_MACKIE_HANDSHAKE)
                hear_mackie(s, bytes, size);
            return true;
        }
    return s->p->handshake == SURFACE_MACKIE_HANDSHAKE && hear_mackie(s, bytes, size);
}

/* No finger is on it, no button held. */
static void
forget_hands(struct surface *s)
{
    for (int i = 0; i < s->controls; i++) {
        s->control[i].touched = false;
        s->control[i].takeover = (struct takeover){.known = false};
        surface_let_go(s, &s->control[i]);
    }
}

/* The box has come up; but what answers our own greeting was up before, and there may be a hand on it by now. */
static void
start_anew(struct surface *s)
{
    bool answers = s->now_ns - s->hello.init_ns < INIT_NS;

    s->hello.resync = false;
    s->hello.resync_ns = s->now_ns;
    if (!answers)
        forget_hands(s);
    surface_tell_all(s);
    if (answers)
        return;
    say_words(s, s->p->init, s->p->init_count);
    s->hello.init_ns = s->now_ns;
}

void
surface_hello_tick(struct surface *s)
{
    struct hello *h = &s->hello;

    if (h->init_ns == SURFACE_NEVER) /* it leaves now */
        h->init_ns = s->now_ns;
    if (h->resync && s->now_ns - h->resync_ns >= RESYNC_NS)
        start_anew(s);
    if (h->keep_alive.size == 0 || s->p->keep_alive_ms <= 0 ||
        s->now_ns - h->alive_ns < s->p->keep_alive_ms * SURFACE_MS)
        return;
    h->alive_ns = s->now_ns;
    outbox_push(s->outbox, s->cell_hello + CELL_ALIVE, OUTBOX_ANSWER, h->keep_alive.bytes,
                (size_t)h->keep_alive.size);
}
