/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/midiport.h"

#include <string.h>

enum { SYSEX = 0xF0, SYSEX_END = 0xF7, REALTIME = 0xF8 };

/* What lies on a ring ahead of a message's bytes. */
struct head {
    uint64_t frame;
    uint32_t size, rest;
    bool moved;
};

enum status
midiport_prepare(struct midiport *m)
{
    *m = (struct midiport){0};
    if (ring_prepare(&m->in, 1, MIDIPORT_ROOM) == OK && ring_prepare(&m->out, 1, MIDIPORT_ROOM) == OK)
        return OK;
    midiport_free(m);
    return NO_MEM;
}

void
midiport_free(struct midiport *m)
{
    ring_free(&m->in);
    ring_free(&m->out);
}

/* --- a ring of messages --------------------------------------------------------------------------- */

/* In one piece: the other end sees all of it or nothing. */
RT static bool
ring_put(struct ring *r, struct head h, const uint8_t *bytes)
{
    unsigned char whole[sizeof h + MIDIPORT_BYTES];

    if (h.size > MIDIPORT_BYTES || ring_writable(r) < sizeof h + h.size)
        return false;
    memcpy(whole, &h, sizeof h);
    memcpy(whole + sizeof h, bytes, h.size);
    ring_write(r, whole, sizeof h + h.size);
    return true;
}

/* The first one stays there until it is dropped. */
RT static bool
ring_look(const struct ring *r, struct head *h, uint8_t *bytes)
{
    if (ring_peek(r, 0, h, sizeof *h) < sizeof *h)
        return false;
    ring_peek(r, sizeof *h, bytes, h->size);
    return true;
}

RT static void
ring_next(struct ring *r, const struct head *h)
{
    ring_drop(r, sizeof *h + h->size);
}

/* --- control -------------------------------------------------------------------------------------- */

bool
midiport_read(struct midiport *m, struct midiport_message *to)
{
    struct head h;

    if (!ring_look(&m->in, &h, to->bytes))
        return false;
    ring_next(&m->in, &h);
    to->frame = h.frame;
    to->moved = h.moved;
    to->size = h.size;
    return true;
}

bool
midiport_write(struct midiport *m, const uint8_t *bytes, size_t size, uint32_t rest)
{
    return size > 0 && size <= MIDIPORT_BYTES &&
           ring_put(&m->out, (struct head){.size = (uint32_t)size, .rest = rest}, bytes);
}

uint64_t
midiport_lost(const struct midiport *m)
{
    return publish_count_get(&m->lost);
}

/* --- process thread ------------------------------------------------------------------------------- */

void
midiport_lose(struct midiport *m, uint64_t n)
{
    if (n)
        publish_count_add(&m->lost, n);
}

/* Bytes of a message with this status, a sysex aside; 0: there is none. */
RT static size_t
size_of(uint8_t status)
{
    static const uint8_t voice[] = {3, 3, 3, 3, 2, 2, 3}, system[] = {0, 2, 3, 2, 0, 0, 1, 0};

    if (status < SYSEX)
        return voice[(status >> 4) - 8];
    return status < REALTIME ? system[status - SYSEX] : 1;
}

RT static bool
are_data(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] >= 0x80)
            return false;
    return true;
}

RT static void
hand_over(struct midiport *m, const uint8_t *bytes, size_t size, uint64_t frame, bool moved)
{
    struct head h = {.frame = frame, .size = (uint32_t)size, .moved = moved};

    if (!ring_put(&m->in, h, bytes))
        midiport_lose(m, 1);
}

RT static void
take_short(struct midiport *m, const uint8_t *bytes, size_t size, uint64_t frame, bool moved)
{
    if (size == size_of(bytes[0]) && are_data(bytes + 1, size - 1))
        hand_over(m, bytes, size, frame, moved);
    else
        midiport_lose(m, 1);
}

/* More of a sysex; its end hands it over. */
RT static void
sysex_add(struct midiport *m, const uint8_t *bytes, size_t size, uint64_t frame)
{
    if (m->nsysex + size > sizeof m->sysex)
        m->too_long = true;
    if (!m->too_long)
        memcpy(m->sysex + m->nsysex, bytes, size);
    m->nsysex += m->too_long ? 0 : size;
    if (bytes[size - 1] != SYSEX_END)
        return;
    if (m->too_long || !are_data(m->sysex + 1, m->nsysex - 2))
        midiport_lose(m, 1);
    else
        hand_over(m, m->sysex, m->nsysex, frame, false);
    m->nsysex = 0;
    m->too_long = false;
}

/* Another message has come instead of the rest. */
RT static void
sysex_abandon(struct midiport *m)
{
    if (m->nsysex || m->too_long)
        midiport_lose(m, 1);
    m->nsysex = 0;
    m->too_long = false;
}

void
midiport_take(struct midiport *m, const uint8_t *bytes, size_t size, uint64_t frame, bool moved)
{
    if (size == 0)
        return;
    if (bytes[0] >= REALTIME) { /* these may stand anywhere */
        take_short(m, bytes, size, frame, moved);
        return;
    }
    if (bytes[0] < 0x80 || bytes[0] == SYSEX_END) {
        if (m->nsysex || m->too_long)
            sysex_add(m, bytes, size, frame);
        else
            midiport_lose(m, 1);
        return;
    }
    sysex_abandon(m);
    if (bytes[0] == SYSEX)
        sysex_add(m, bytes, size, frame);
    else
        take_short(m, bytes, size, frame, moved);
}

void
midiport_give(struct midiport *m, uint64_t frame, int nframes, midiport_put *put, void *context)
{
    uint8_t bytes[MIDIPORT_BYTES];
    struct head h;

    for (bool first = true; ring_look(&m->out, &h, bytes); first = false) {
        int offset = m->ready <= frame                      ? 0
                     : m->ready - frame < (uint64_t)nframes ? (int)(m->ready - frame)
                                                            : nframes;
        bool gone = offset < nframes && put(context, offset, bytes, h.size);

        if (!gone && (!first || offset == nframes))
            return;
        if (gone)
            m->ready = frame + (uint64_t)offset + h.rest;
        else
            midiport_lose(m, 1);
        ring_next(&m->out, &h);
    }
}
