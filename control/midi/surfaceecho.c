/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What leaves is noted by what it is about (its status, and the note or controller), so that the same message coming in
 * is known for what it is: a cable from the box's output to its input, another host that echoes.
 */
#include "control/midi/surfaceinside.h"

#include "control/midi/message.h"

#include <stdlib.h>

int
surface_message_place(const uint8_t *bytes, size_t size)
{
    bool of_what = size == 3 && (bytes[0] & 0xf0) != 0xe0;

    if (size < 2 || size > 3 || bytes[0] < 0x80 || bytes[0] >= 0xf0)
        return -1;
    return (bytes[0] - 0x80) * 128 + (of_what ? bytes[1] & 0x7f : 0);
}

static uint16_t
value_of(const uint8_t *bytes, size_t size)
{
    if (size == 2)
        return bytes[1];
    return (bytes[0] & 0xf0) == 0xe0 ? (uint16_t)(bytes[1] | bytes[2] << 8) : bytes[2];
}

/* --- what leaves ----------------------------------------------------------------------------------------- */

static bool
note_and_send(void *context, const uint8_t *bytes, size_t size)
{
    struct surface *s = context;
    int place = surface_message_place(bytes, size);

    if (!s->port->send(s->port->context, bytes, size))
        return false;
    s->counts.out++;
    if (place < 0)
        return true;
    s->echo->sent_ns[place] = s->now_ns;
    s->echo->value[place] = value_of(bytes, size);
    if (s->echo->control[place] >= 0)
        s->control[s->echo->control[place]].sent_ns = s->now_ns;
    return true;
}

struct midi_port
surface_echo_port(struct surface *s)
{
    return (struct midi_port){note_and_send, s};
}

struct owner {
    struct echo *echo;
    int control;
};

static void
own(void *context, const uint8_t *bytes, size_t size)
{
    struct owner *o = context;
    int place = surface_message_place(bytes, size);

    if (place >= 0)
        o->echo->control[place] = (int16_t)o->control;
}

/* (N)RPNs share their controllers: whose they are, is not in one message. */
static void
own_way(struct surface *s, int control, const struct surface_way *w)
{
    struct midi_parser parser = {0};
    struct owner o = {s->echo, control};
    uint8_t bytes[SURFACE_BYTES];
    int size;

    if (!w || w->message == SURFACE_NRPN || w->message == SURFACE_RPN || w->message == SURFACE_SYSEX)
        return;
    size = codec_write(w, s->control[control].n, 0, bytes);
    if (size > 0)
        midi_parse(&parser, bytes, (size_t)size, own, &o);
}

enum status
surface_echo_open(struct surface *s)
{
    s->echo = malloc(sizeof *s->echo);
    if (!s->echo)
        return NO_MEM;
    for (int i = 0; i < ECHO_PLACES; i++) {
        s->echo->sent_ns[i] = SURFACE_NEVER;
        s->echo->value[i] = 0;
        s->echo->control[i] = -1;
    }
    for (int i = 0; i < s->controls; i++) {
        if (s->control[i].c->style == SURFACE_SHOWS_NOTHING)
            continue;
        own_way(s, i, surface_out(s->control[i].c));
        own_way(s, i, s->control[i].c->mode);
    }
    return OK;
}

/* --- what comes back ------------------------------------------------------------------------------------- */

bool
surface_is_echo(const struct surface *s, const uint8_t *bytes, size_t size, int *control)
{
    int place = surface_message_place(bytes, size);

    *control = place >= 0 ? s->echo->control[place] : -1;
    return place >= 0 && s->now_ns - s->echo->sent_ns[place] <= SURFACE_ECHO_NS &&
           s->echo->value[place] == value_of(bytes, size);
}

static void
cut(struct surface *s, struct control *k)
{
    char name[64];

    k->cut_ns = s->now_ns + SURFACE_CUT_NS;
    k->echoes = 0;
    s->map_changes++;
    outbox_drop(s->outbox, k->cell);
    outbox_forget(s->outbox, k->cell);
    if (!s->loop_told)
        surface_tell(
            s,
            "MIDI loop: what %s is sent comes back, and is cut: take the cable from its output to its"
            " input away",
            surface_control_name(k, name, sizeof name));
    s->loop_told = true;
}

/* Told once, until there has been none for a while. */
void
surface_count_echo(struct surface *s, struct control *k)
{
    s->counts.loops++;
    if (s->now_ns - s->loop_ns > 5 * SURFACE_CUT_NS)
        s->loop_told = false;
    s->loop_ns = s->now_ns;
    if (!k)
        return;
    k->echo_ns = s->now_ns;
    s->stale = true;
    if (s->now_ns - k->echoes_ns > 1000 * SURFACE_MS) {
        k->echoes_ns = s->now_ns;
        k->echoes = 0;
    }
    if (k->c->motor && k->touch < 0 && k->echoes == 0)
        k->moved_ns = s->now_ns; /* it may have been a hand after all: the motor does not pull at it */
    if (++k->echoes >= SURFACE_ECHOES && s->now_ns >= k->cut_ns)
        cut(s, k);
}

/* A hand on it would be felt. */
bool
surface_is_motor(const struct surface *s, const struct control *k)
{
    return k->c->motor && k->touch >= 0 && !k->touched && s->now_ns - k->sent_ns < SURFACE_MOTOR_NS;
}
