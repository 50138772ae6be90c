/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/message.h"

enum { SYSEX = 0xF0, SYSEX_END = 0xF7, REALTIME = 0xF8 };

size_t
midi_size(uint8_t status)
{
    static const uint8_t channel[] = {3, 3, 3, 3, 2, 2, 3}; /* 8n to En */
    static const uint8_t system[] = {0, 2, 3, 2, 1, 1, 1, 0};

    if (status < 0x80)
        return 0;
    if (status < SYSEX)
        return channel[(status >> 4) - 8];
    return status < REALTIME ? system[status - SYSEX] : 1;
}

static bool
all_data(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] >= 0x80)
            return false;
    return true;
}

bool
midi_whole(const uint8_t *bytes, size_t size)
{
    if (!size)
        return false;
    if (bytes[0] == SYSEX)
        return size >= 2 && bytes[size - 1] == SYSEX_END && all_data(bytes + 1, size - 2);
    return size == midi_size(bytes[0]) && all_data(bytes + 1, size - 1);
}

/* --- the parser -------------------------------------------------------------------------------- */

/* Between messages, size is 0: then a data byte begins one with the running status. */

static void
drop_unfinished(struct midi_parser *p)
{
    if (p->size && !p->too_long) /* what is too long has been counted */
        p->dropped++;
    p->size = 0;
    p->sysex = p->too_long = false;
}

static void
put(struct midi_parser *p, uint8_t byte)
{
    if (p->too_long)
        return;
    if (p->size == MESSAGE_MAX) {
        p->dropped++;
        p->too_long = true;
        return;
    }
    p->bytes[p->size++] = byte;
}

static void
hand_on(struct midi_parser *p, midi_each *each, void *context)
{
    size_t size = p->size;

    p->size = 0;
    p->sysex = false;
    each(context, p->bytes, size);
}

static void
take_data(struct midi_parser *p, uint8_t byte, midi_each *each, void *context)
{
    if (!p->size && !p->status) {
        p->dropped++;
        return;
    }
    if (!p->size)
        put(p, p->status);
    put(p, byte);
    if (!p->sysex && p->size == midi_size(p->bytes[0]))
        hand_on(p, each, context);
}

static void
take_status(struct midi_parser *p, uint8_t byte, midi_each *each, void *context)
{
    if (byte == SYSEX_END && p->sysex) {
        put(p, byte);
        if (p->too_long)
            drop_unfinished(p);
        else
            hand_on(p, each, context);
        return;
    }
    drop_unfinished(p);
    p->status = byte < SYSEX ? byte : 0;
    if (byte == SYSEX_END)
        return;
    put(p, byte);
    p->sysex = byte == SYSEX;
    if (midi_size(byte) == 1)
        hand_on(p, each, context);
}

void
midi_parse(struct midi_parser *p, const uint8_t *bytes, size_t size, midi_each *each, void *context)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] >= REALTIME)
            each(context, &bytes[i], 1);
        else if (bytes[i] >= 0x80)
            take_status(p, bytes[i], each, context);
        else
            take_data(p, bytes[i], each, context);
}
