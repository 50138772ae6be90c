/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/piece.h"

#include "control/midi/message.h"

enum { SYSEX = 0xF0, SYSEX_END = 0xF7, REALTIME = 0xF8 };

/* Within a sysex only data, its end and realtime may stand, or the beginning of another one. */
static bool
is_short(const struct piece *p, uint8_t first)
{
    if (first < 0x80 || first == SYSEX || first == SYSEX_END)
        return false;
    return !p->sysex || first < REALTIME;
}

int
piece_read(struct piece *p, uint32_t number, uint8_t *bytes)
{
    int n = 0;

    if (is_short(p, number & 0xff)) {
        p->sysex = false;
        for (int size = (int)midi_size(number & 0xff); n < size; n++)
            bytes[n] = (uint8_t)(number >> (8 * n));
        return n;
    }
    for (int i = 0; i < PIECE_SIZE; i++) {
        uint8_t byte = (uint8_t)(number >> (8 * i));

        if (byte == SYSEX)
            p->sysex = true;
        if (!p->sysex)
            continue;
        bytes[n++] = byte;
        if (byte == SYSEX_END) {
            p->sysex = false;
            break;
        }
    }
    return n;
}
