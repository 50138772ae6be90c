/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: bytes as a TCP connection brings them. However they are cut, the same packets come out.
 */
#include "test/fuzz/fuzz.h"

#include "control/stream.h"

#include <stdlib.h>
#include <string.h>

static struct stream *s; /* one for all: to clear another each time would take longer than all else */

/* FNV-1a over all that happens. */
static uint64_t
add(uint64_t h, const void *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        h = (h ^ ((const unsigned char *)data)[i]) * 0x100000001b3u;
    return h;
}

static uint64_t
run(const uint8_t *data, size_t size, unsigned cut)
{
    uint64_t h = 0xcbf29ce484222325u;
    uint32_t chance = cut;
    bool bad = false;

    stream_reset(s);
    for (size_t at = 0, n; at < size && !bad; at += n) {
        chance = chance * 1664525u + 1013904223u;
        n = cut ? 1 + (chance >> 8) % cut : size;
        if (n > size - at)
            n = size - at;
        for (size_t done = 0, used; done < n && !bad; done += used) {
            enum stream_event event = stream_take(s, data + at + done, n - done, &used);

            assert(used <= n - done);
            assert(used > 0 || event != STREAM_MORE);
            assert(s->size <= PACKET_SIZE);
            bad = event == STREAM_BAD;
            if (event != STREAM_MORE)
                h = add(h, &event, sizeof event);
            if (event == STREAM_PACKET) {
                h = add(h, &s->size, sizeof s->size);
                h = add(h, s->packet, s->size);
            }
        }
    }
    return h;
}

static void
comes_back(enum stream_framing framing, const uint8_t *data, size_t size)
{
    static unsigned char framed[2 * PACKET_SIZE + 16];
    size_t n, used = 0;
    enum stream_event event = STREAM_MORE;

    stream_reset(s);
    if (size > 0 && size <= 4096) {
        n = stream_frame(framing, data, size, framed);
        assert(n <= stream_framed_most(size));
        for (size_t done = 0; done < n && event != STREAM_PACKET; done += used)
            event = stream_take(s, framed + done, n - done, &used);
        assert(event == STREAM_PACKET && s->size == size && memcmp(s->packet, data, size) == 0);
        assert(s->framing == framing);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t whole;

    s = s ? s : calloc(1, sizeof *s);
    assert(s);
    whole = run(data, size, 0);

    assert(run(data, size, 1) == whole);
    assert(run(data, size, 7) == whole);
    comes_back(STREAM_SLIP, data, size);
    comes_back(STREAM_LENGTH, data, size);
    return 0;
}
