/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/stream.h"

#include <string.h>

enum { END = 0xc0, ESC = 0xdb, ESC_END = 0xdc, ESC_ESC = 0xdd, SIZE_WORD = 4 };

void
stream_reset(struct stream *s)
{
    memset(s, 0, sizeof *s);
}

static enum stream_event
end_of_stream(struct stream *s)
{
    s->bad = true;
    return STREAM_BAD;
}

static bool
find_framing(struct stream *s, unsigned char first)
{
    if (first == 0)
        s->framing = STREAM_LENGTH;
    else if (first == END || first == '/' || first == '#')
        s->framing = STREAM_SLIP;
    return s->framing != STREAM_UNKNOWN;
}

/* --- length -------------------------------------------------------------------------------------- */

static enum stream_event
take_length(struct stream *s, const unsigned char *data, size_t size, size_t *used)
{
    size_t n;

    while (s->nhead < SIZE_WORD && *used < size) {
        s->want = s->want << 8 | data[(*used)++];
        s->nhead++;
    }
    if (s->nhead < SIZE_WORD)
        return STREAM_MORE;
    if (s->want > PACKET_SIZE)
        return end_of_stream(s);
    n = s->want - s->size < size - *used ? s->want - s->size : size - *used;
    memcpy(s->packet + s->size, data + *used, n);
    s->size += n;
    *used += n;
    if (s->size < s->want)
        return STREAM_MORE;
    s->done = true;
    return STREAM_PACKET;
}

/* --- SLIP ---------------------------------------------------------------------------------------- */

/* END has come: of a packet, of a spoiled one, or of none, as there may be any number of ENDs between two. */
static enum stream_event
end_of_packet(struct stream *s)
{
    bool spoiled = s->spoiled || s->escaped;

    if (!spoiled && !s->size)
        return STREAM_MORE;
    s->done = true;
    return spoiled ? STREAM_SPOILED : STREAM_PACKET;
}

/* The byte that was escaped; spoils the packet when there is no such escape. */
static unsigned char
unescape(struct stream *s, unsigned char c)
{
    s->escaped = false;
    s->spoiled = c != ESC_END && c != ESC_ESC;
    return c == ESC_END ? END : ESC;
}

static enum stream_event
take_slip(struct stream *s, const unsigned char *data, size_t size, size_t *used)
{
    while (*used < size) {
        unsigned char c = data[(*used)++];

        if (c == END) {
            enum stream_event event = end_of_packet(s);

            if (event != STREAM_MORE)
                return event;
            continue;
        }
        if (s->spoiled)
            continue;
        if (c == ESC && !s->escaped) {
            s->escaped = true;
            continue;
        }
        if (s->escaped)
            c = unescape(s, c);
        if (s->size == PACKET_SIZE)
            return end_of_stream(s);
        s->packet[s->size++] = c;
    }
    return STREAM_MORE;
}

/* ------------------------------------------------------------------------------------------------- */

enum stream_event
stream_take(struct stream *s, const void *data, size_t size, size_t *used)
{
    const unsigned char *bytes = data;

    *used = 0;
    if (s->bad)
        return STREAM_BAD;
    if (s->done) {
        s->size = 0;
        s->want = 0;
        s->nhead = 0;
        s->done = s->escaped = s->spoiled = false;
    }
    if (!size)
        return STREAM_MORE;
    if (!s->framing && !find_framing(s, bytes[0]))
        return end_of_stream(s);
    return s->framing == STREAM_LENGTH ? take_length(s, bytes, size, used) : take_slip(s, bytes, size, used);
}

size_t
stream_framed_most(size_t size)
{
    return 2 * size + SIZE_WORD;
}

static size_t
frame_slip(const unsigned char *data, size_t size, unsigned char *out)
{
    size_t n = 0;

    out[n++] = END;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == END || data[i] == ESC) {
            out[n++] = ESC;
            out[n++] = data[i] == END ? ESC_END : ESC_ESC;
        } else {
            out[n++] = data[i];
        }
    }
    out[n++] = END;
    return n;
}

size_t
stream_frame(enum stream_framing framing, const void *data, size_t size, void *out)
{
    unsigned char *bytes = out;

    if (framing == STREAM_SLIP)
        return frame_slip(data, size, bytes);
    for (int i = 0; i < SIZE_WORD; i++)
        bytes[i] = (unsigned char)(size >> 8 * (SIZE_WORD - 1 - i));
    memcpy(bytes + SIZE_WORD, data, size);
    return size + SIZE_WORD;
}
