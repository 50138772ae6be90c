/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midiport: the messages of JACK's midi_in and midi_out, on their way between the process thread and control.
 *
 * in    whole messages, each with the frame at which it came. JACK may hand over a sysex in parts: it is put together, and
 *       has the frame of its end
 * lost  what there was no room for, what is longer than MIDIPORT_BYTES, and what is no message: counted, never waited for
 * out   whole messages, in order, each as soon as there is room for it, and the rest that was asked for behind the one before is
 *       over. That is in frames: two messages that control wrote some ms apart may leave with one period, at its start
 */
#ifndef ENGINE_MIDIPORT_H
#define ENGINE_MIDIPORT_H

#include "engine/publish.h"
#include "engine/ring.h"

enum { MIDIPORT_BYTES = 1024 /* of a message */, MIDIPORT_ROOM = 1 << 16 /* bytes each way */ };

struct midiport {
    struct ring in, out; /* a head, and its bytes */
    struct publish_count lost;
    uint8_t sysex[MIDIPORT_BYTES]; /* the process thread's: what has come of one */
    size_t nsysex;                 /* 0: none is under way */
    bool too_long;
    uint64_t ready; /* the process thread's: nothing leaves before this frame */
};

struct midiport_message {
    uint64_t frame;
    bool moved;
    size_t size;
    uint8_t bytes[MIDIPORT_BYTES];
};

/* Into the port's buffer for this period, offset frames from its start. False: it has no room for so many bytes any more. */
typedef bool midiport_put(void *context, int offset, const uint8_t *bytes, size_t size);

enum status midiport_prepare(struct midiport *m); /* NO_MEM. After an error *m owns nothing. */
void midiport_free(struct midiport *m);

/* control */
bool midiport_read(struct midiport *m, struct midiport_message *to); /* false: nothing has come */
/* rest: frames behind it in which nothing leaves. False: there is no room at the moment, or it is longer than
   MIDIPORT_BYTES, or empty. */
bool midiport_write(struct midiport *m, const uint8_t *bytes, size_t size, uint32_t rest);
uint64_t midiport_lost(const struct midiport *m); /* ever */

/* process thread */
RT void midiport_take(struct midiport *m, const uint8_t *bytes, size_t size, uint64_t frame, bool moved);
RT void midiport_lose(struct midiport *m, uint64_t n); /* the server had no room for them */
/* What is to go out in the period from this frame on, as far as there is room. One that has none in an empty buffer never
   will: it is lost. */
RT void midiport_give(struct midiport *m, uint64_t frame, int nframes, midiport_put *put, void *context);

#endif
