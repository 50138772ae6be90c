/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midiend: the far end of midi_in and midi_out: a JACK client that sends and hears MIDI at known frames.
 *
 *   midiend SERVER [NAME]     ports midi_in midi_out out_L out_R
 *
 * Frames count from its first callback. out_L says which one it is, in steps of 2^-24, from 0 again after 2^22; out_R the
 * same upside down: so whoever records it knows where each message was.
 *
 *   frame                     the next period's first
 *   at FRAME HEX              sends B01040 at that frame, or with the next period when that is over; frames never go back
 *   now HEX                   with the next period
 *   left                      how many wait to be sent
 *   connect FROM TO, disconnect FROM TO
 *   period N                  sets the server's
 *   quit
 *
 * Each line is answered by one that begins with "ok" or "no". What comes in is told as "got FRAME HEX".
 */
#include <jack/jack.h>
#include <jack/midiport.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES = 2048, SLOTS = 4096, OPEN_MS = 20000, LOOK_MS = 5 };

struct message {
    long frame;
    size_t size;
    uint8_t bytes[BYTES];
};

/* One thread puts, one takes. */
struct queue {
    struct message *slot; /* SLOTS */
    _Atomic size_t put, taken;
};

static jack_client_t *client;
static jack_port_t *midi_in, *midi_out, *out[2];
static struct queue sent, got;
static _Atomic long next_frame;

static struct message *
queue_room(struct queue *q)
{
    size_t put = atomic_load_explicit(&q->put, memory_order_relaxed);

    return put - atomic_load_explicit(&q->taken, memory_order_acquire) < SLOTS ? &q->slot[put % SLOTS] : NULL;
}

static struct message *
queue_first(struct queue *q)
{
    size_t taken = atomic_load_explicit(&q->taken, memory_order_relaxed);

    return atomic_load_explicit(&q->put, memory_order_acquire) != taken ? &q->slot[taken % SLOTS] : NULL;
}

static void
queue_step(_Atomic size_t *end)
{
    atomic_store_explicit(end, atomic_load_explicit(end, memory_order_relaxed) + 1, memory_order_release);
}

/* --- the process thread --------------------------------------------------------------------------- */

static void
send_due(void *port, long first, jack_nframes_t nframes)
{
    struct message *m;

    jack_midi_clear_buffer(port);
    while ((m = queue_first(&sent)) && m->frame < first + (long)nframes) {
        jack_nframes_t at = m->frame > first ? (jack_nframes_t)(m->frame - first) : 0;

        if (jack_midi_max_event_size(port) < m->size || jack_midi_event_write(port, at, m->bytes, m->size))
            return; /* with the next period */
        queue_step(&sent.taken);
    }
}

static void
hear(void *port, long first)
{
    jack_midi_event_t e;

    for (uint32_t i = 0; i < jack_midi_get_event_count(port); i++) {
        struct message *m = queue_room(&got);

        if (!m || jack_midi_event_get(&e, port, i) || e.size > BYTES)
            continue;
        m->frame = first + (long)e.time;
        m->size = e.size;
        memcpy(m->bytes, e.buffer, e.size);
        queue_step(&got.put);
    }
}

static int
on_process(jack_nframes_t nframes, void *arg)
{
    long first = atomic_load_explicit(&next_frame, memory_order_relaxed);
    float *y[2];

    (void)arg;
    for (int c = 0; c < 2; c++)
        y[c] = jack_port_get_buffer(out[c], nframes);
    for (jack_nframes_t i = 0; i < nframes; i++) {
        y[0][i] = (float)((first + (long)i) % (1 << 22)) / (1 << 24);
        y[1][i] = -y[0][i];
    }
    hear(jack_port_get_buffer(midi_in, nframes), first);
    send_due(jack_port_get_buffer(midi_out, nframes), first, nframes);
    atomic_store_explicit(&next_frame, first + (long)nframes, memory_order_release);
    return 0;
}

static void
on_shutdown(void *arg)
{
    (void)arg;
    _exit(0);
}

/* --- lines ---------------------------------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void
answer(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

static size_t
read_hex(const char *text, uint8_t *bytes)
{
    size_t n = 0;
    unsigned byte;

    for (; n < BYTES && sscanf(text + 2 * n, "%2x", &byte) == 1; n++)
        bytes[n] = (uint8_t)byte;
    return n;
}

static void
queue_message(long frame, const char *hex)
{
    struct message *m = queue_room(&sent);
    size_t n = m ? read_hex(hex, m->bytes) : 0;

    if (n) {
        m->frame = frame;
        m->size = n;
        queue_step(&sent.put);
    }
    answer(n ? "ok" : "no");
}

static void
tell_what_came(void)
{
    struct message *m;

    while ((m = queue_first(&got))) {
        printf("got %ld ", m->frame);
        for (size_t i = 0; i < m->size; i++)
            printf("%02X", m->bytes[i]);
        queue_step(&got.taken);
        answer("%s", "");
    }
}

static int
command(char *line)
{
    static char hex[2 * BYTES + 1];
    char word[16] = "", a[300] = "", b[300] = "";
    long frame;

    if (sscanf(line, "at %ld %4096s", &frame, hex) == 2)
        queue_message(frame, hex);
    else if (sscanf(line, "now %4096s", hex) == 1)
        queue_message(0, hex);
    else if (sscanf(line, "%15s %299s %299s", word, a, b) < 1)
        answer("no");
    else if (!strcmp(word, "quit"))
        return 0;
    else if (!strcmp(word, "frame"))
        answer("ok %ld", atomic_load_explicit(&next_frame, memory_order_acquire));
    else if (!strcmp(word, "left"))
        answer("ok %zu", atomic_load(&sent.put) - atomic_load(&sent.taken));
    else if (!strcmp(word, "connect"))
        answer(jack_connect(client, a, b) ? "no" : "ok");
    else if (!strcmp(word, "disconnect"))
        answer(jack_disconnect(client, a, b) ? "no" : "ok");
    else if (!strcmp(word, "period"))
        answer(jack_set_buffer_size(client, (jack_nframes_t)atoi(a)) ? "no" : "ok");
    else
        answer("no such command");
    return 1;
}

static int
run(void)
{
    static char line[2 * BYTES + 64];
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};

    setvbuf(stdin, NULL, _IONBF, 0); /* what poll does not see must not lie in a buffer */
    for (;;) {
        tell_what_came();
        if (poll(&in, 1, LOOK_MS) > 0 && (!fgets(line, sizeof line, stdin) || !command(line)))
            return 0;
    }
}

/* --- */

static int
make_queue(struct queue *q)
{
    q->slot = malloc(SLOTS * sizeof *q->slot);
    if (q->slot)
        memset(q->slot, 1, SLOTS * sizeof *q->slot); /* no page fault in the process thread */
    return q->slot == NULL;
}

static int
open_client(const char *server, const char *name)
{
    for (int ms = 0; !client && ms < OPEN_MS; ms += 50) {
        client = jack_client_open(name, JackNoStartServer | JackServerName, NULL, server);
        if (!client)
            usleep(50000);
    }
    if (!client || make_queue(&sent) || make_queue(&got))
        return 1;
    midi_in = jack_port_register(client, "midi_in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    midi_out = jack_port_register(client, "midi_out", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    out[0] = jack_port_register(client, "out_L", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    out[1] = jack_port_register(client, "out_R", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    if (!midi_in || !midi_out || !out[0] || !out[1])
        return 1;
    jack_set_process_callback(client, on_process, NULL);
    jack_on_shutdown(client, on_shutdown, NULL);
    return jack_activate(client);
}

static void
quiet(const char *line)
{
    (void)line;
}

int
main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    jack_set_error_function(quiet);
    jack_set_info_function(quiet);
    if (open_client(argv[1], argc > 2 ? argv[2] : "midiend")) {
        answer("no JACK server answers");
        return 1;
    }
    answer("ok");
    run();
    jack_client_close(client);
    return 0;
}
