/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * box: a control surface that is not there (test/boxes) as a JACK client: its MIDI out and in, and a hand on it.
 *
 *   box SERVER PROFILE.yaml [NAME]     ports midi_out (what the box says) midi_in (what it hears)
 *
 * The box is the one that the profile was made for (test/boxes/shipped.h). It lives in the main thread; of the profile it
 * knows only which control stands for what.
 *
 * time   the server's frames, in which each message has its place: what the host has put 5 ms apart, is 5 ms apart, however late
 *        a period was handled. What the server has lost (it does without periods that it is too late for) is put on when it
 *        is more than LATE_MS, so that the clock never falls behind the host's
 *
 *   stands                    what each control stands for on the first page: "control JSON" each; see below
 *   writes                    1: by the profile it has a display with names and values
 *   gap                       ms from one message that keeps the box awake to the next; 0: it needs none
 *   see                       "sees JSON" each: what a person sees of each control, and texts
 *   move NAME N PLACE         the hand goes there within a third of a second, and stays
 *   jump NAME N PLACE         at once
 *   touch NAME N 1|0          N from 1
 *   turn NAME N TICKS         one after another, fast: in turns of nine
 *   tick NAME N TICKS         one after another, slowly
 *   press NAME N 1|0
 *   push NAME N 1             down and up, as long as a person takes
 *   power                     off and on
 *   jitter NAME N COUNT MS    a knob that is worn out says so many values in so many ms, and jumps with each
 *   say HEX                   what no hand says
 *   heard, said               how many messages
 *   settle                    until nothing has come for half a second; what keeps it awake is no message
 *   wait MS
 *   connect FROM TO, disconnect FROM TO
 *   quit
 *
 * Each line is answered by one that begins with "ok" or "no". What the box blames the host for is told as "fault TEXT".
 */
#include "control/midi/pages.h"
#include "engine/profile.h"
#include "test/boxes/box.h"
#include "test/boxes/partner.h"
#include "test/boxes/shipped.h"

#include <assert.h>
#include <jack/jack.h>
#include <jack/midiport.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000LL

enum { BYTES = 1024, SLOTS = 4096, OPEN_MS = 20000, LOOK_MS = 3, LATE_MS = 10, PUSH_MS = 200 };
enum { REST_MS = 100, MOVED_MS = 300, LOOK_MOST_MS = 2000, SETTLED_MS = 500 };

struct message {
    int64_t at_ns;
    size_t size;
    uint8_t bytes[BYTES];
};

/* One thread puts, one takes. */
struct queue {
    struct message *slot; /* SLOTS */
    _Atomic size_t put, taken;
};

static jack_client_t *client;
static double rate_hz;
static jack_port_t *midi_in, *midi_out;
static struct queue said, heard;
static _Atomic int64_t clock_ns; /* the next period's start */
static _Atomic uint64_t lost;
static uint64_t nheard, nsaid;
static int64_t heard_ns, said_ns; /* the last one */

static uint8_t alive[SURFACE_BYTES]; /* what keeps it awake */
static size_t alive_size;
static struct box *box;
static struct surface_profile *profile;
static struct pages *pages;
static struct partner partner[PARTNERS];
static int partners;

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

static int64_t
ns_of(jack_nframes_t frames)
{
    return (int64_t)(frames * 1e9 / rate_hz);
}

static int64_t
wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 * MS + t.tv_nsec;
}

/* --- the process thread --------------------------------------------------------------------------- */

static void
send_all(void *port)
{
    struct message *m;

    jack_midi_clear_buffer(port);
    while ((m = queue_first(&said))) {
        if (jack_midi_max_event_size(port) < m->size || jack_midi_event_write(port, 0, m->bytes, m->size))
            return; /* with the next period */
        queue_step(&said.taken);
    }
}

static void
hear_all(void *port, int64_t first_ns)
{
    jack_midi_event_t e;

    for (uint32_t i = 0; i < jack_midi_get_event_count(port); i++) {
        struct message *m = queue_room(&heard);

        if (!m || jack_midi_event_get(&e, port, i) || e.size > BYTES) {
            atomic_fetch_add_explicit(&lost, 1, memory_order_relaxed);
            continue;
        }
        m->at_ns = first_ns + ns_of(e.time);
        m->size = e.size;
        memcpy(m->bytes, e.buffer, e.size);
        queue_step(&heard.put);
    }
}

static int
on_process(jack_nframes_t nframes, void *arg)
{
    int64_t first_ns = atomic_load_explicit(&clock_ns, memory_order_relaxed), wall_ns = wall();

    (void)arg;
    if (wall_ns - first_ns > LATE_MS * MS)
        first_ns = wall_ns;
    hear_all(jack_port_get_buffer(midi_in, nframes), first_ns);
    send_all(jack_port_get_buffer(midi_out, nframes));
    atomic_store_explicit(&clock_ns, first_ns + ns_of(nframes), memory_order_release);
    return 0;
}

static void
on_shutdown(void *arg)
{
    (void)arg;
    _exit(0);
}

/* --- the box and its time -------------------------------------------------------------------------- */

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

static int64_t
now_ns(void)
{
    return atomic_load_explicit(&clock_ns, memory_order_acquire);
}

static void
tell_faults(void)
{
    if (atomic_exchange_explicit(&lost, 0, memory_order_relaxed))
        answer("fault messages came faster than they could be taken");
    if (!box_fault(box))
        return;
    answer("fault %s%s", box_fault(box), box_faults(box) > 1 ? ", and more" : "");
    box_forgive(box);
}

static void
from_box(void *context, const uint8_t *bytes, size_t size, int64_t at_ns)
{
    struct message *m;

    (void)context;
    (void)at_ns;
    assert(size <= BYTES);
    while (!(m = queue_room(&said)))
        usleep(1000);
    m->size = size;
    memcpy(m->bytes, bytes, size);
    queue_step(&said.put);
    nsaid++;
    said_ns = now_ns();
}

/* Up to now: each message at its frame. */
static int64_t
live(void)
{
    int64_t now = now_ns();
    struct message *m;

    while ((m = queue_first(&heard))) {
        box_receive(box, m->bytes, m->size, m->at_ns);
        nheard++;
        if (m->size != alive_size || memcmp(m->bytes, alive, alive_size) != 0)
            heard_ns = m->at_ns;
        queue_step(&heard.taken);
    }
    box_tick(box, now);
    tell_faults();
    return now;
}

static void
wait_ms(int ms)
{
    int64_t end = now_ns() + ms * MS;

    while (live() < end)
        usleep(LOOK_MS * 1000);
}

/* --- what a control stands for ---------------------------------------------------------------------- */

/* What is lit by no row; NULL: no source says. */
static json_t *
lit(const struct pages_target *t)
{
    switch (t->does) {
    case PAGES_NOTHING:
    case PAGES_FLIP:
    case PAGES_LAYER:
    case PAGES_FINE: return json_false();
    case PAGES_PAGE: return json_boolean(t->page == pages_page(pages));
    case PAGES_BANK_NEXT:
    case PAGES_SLOT_NEXT: return json_boolean(pages_bank(pages) + pages_window(pages) < pages_slots(pages));
    case PAGES_BANK_PREVIOUS:
    case PAGES_SLOT_PREVIOUS: return json_false();
    default: return json_null();
    }
}

static const char *
style_word(enum surface_style style)
{
    switch (style) {
    case SURFACE_SHOWS_VALUE: return "value";
    case SURFACE_SHOWS_LIGHT: return "light";
    case SURFACE_SHOWS_RING_MACKIE:
    case SURFACE_SHOWS_RING_13:
    case SURFACE_SHOWS_BAR: return "ring";
    default: return "";
    }
}

static void
tell_stand(const struct partner *k)
{
    static const char *const kinds[] = {"fader", "pot", "encoder", "jog", "button"};
    const struct box_control *seen = box_control(box, k->c);
    const struct surface_control *c = &profile->controls[k->group];
    const struct pages_target *t = pages_target(pages, k->group, k->m);
    json_t *j = json_pack("{ss si ss si sb sb sb sb si}", "name", seen->name, "n", k->n + 1, "kind",
                          kinds[seen->kind], "steps", seen->steps, "motor", seen->motor, "keeps", seen->keeps,
                          "touch", seen->touch, "light", seen->light, "rings", seen->ring_steps);
    char *text;

    json_object_update_new(j, json_pack("{ss sb ss so sb sf}", "style", style_word(c->style), "relative",
                                        c->coding != SURFACE_ABSOLUTE, "does",
                                        t->does == PAGES_ROW       ? "row"
                                        : t->does == PAGES_NOTHING ? "nothing"
                                                                   : "other",
                                        "lit", lit(t), "toggles", c->press == SURFACE_TOGGLE, "step",
                                        t->assign && t->assign->step > 0 ? t->assign->step : 0.01));
    if (t->does == PAGES_ROW)
        json_object_update_new(
            j,
            json_pack("{ss sf sf sf sb so}", "path", param_at(t->param)->path, "low", t->low, "high", t->high,
                      "by", t->assign->by, "slots", !strcmp(t->assign->to, "slots"), "value",
                      t->has_value ? json_real(param_to_norm(param_at(t->param), t->value)) : json_null()));
    text = json_dumps(j, JSON_COMPACT);
    printf("control %s\n", text);
    free(text);
    json_decref(j);
}

static void
tell_stands(void)
{
    for (int i = 0; i < partners; i++)
        if (partner[i].group >= 0)
            tell_stand(&partner[i]);
    answer("ok");
}

/* --- what is seen ----------------------------------------------------------------------------------- */

static void
tell_sight(int c, int n)
{
    const struct box_control *seen = box_control(box, c);
    struct box_shows s = box_shows(box, c, n);
    json_t *rows = json_array(), *j;
    char *text;

    for (int row = 0; row < seen->rows; row++)
        json_array_append_new(rows, json_string(s.text[row]));
    j = json_pack("{ss si sf sb si si si sb so}", "name", seen->name, "n", n + 1, "place", s.place, "lit",
                  s.light != BOX_OFF, "colour", s.colour, "ring", s.ring, "last", s.ring_last, "blinks",
                  s.light == BOX_BLINK || s.ring_blinks, "text", rows);
    text = json_dumps(j, JSON_COMPACT);
    printf("sees %s\n", text);
    free(text);
    json_decref(j);
}

static void
tell_sights(void)
{
    for (int c = 0; c < box_controls(box); c++)
        for (int n = 0; n < box_control(box, c)->count; n++)
            tell_sight(c, n);
    answer("ok");
}

/* --- a hand ------------------------------------------------------------------------------------------ */

static void
settle(void)
{
    int64_t begun = live(), now = begun;

    while (now - begun < SETTLED_MS * MS || now - heard_ns < SETTLED_MS * MS) {
        usleep(LOOK_MS * 1000);
        now = live();
    }
}

/* A person looks first: what is on its way to the box, and what answers the last move, has come. */
static void
look_first(void)
{
    int64_t begun = live(), now = begun;

    while (now - begun < LOOK_MOST_MS * MS &&
           (now - heard_ns < REST_MS * MS || now - said_ns < MOVED_MS * MS)) {
        usleep(LOOK_MS * 1000);
        now = live();
    }
}

static void
sweep(int c, int n, double place)
{
    double from = box_shows(box, c, n).place;

    for (int i = 1; i <= 16; i++) {
        box_move(box, c, n, from + (place - from) * i / 16, live());
        wait_ms(20);
    }
}

static void
turn(int c, int n, int ticks, int most)
{
    while (ticks) {
        int now = ticks > most ? most : ticks < -most ? -most : ticks;

        box_turn(box, c, n, now, live());
        do
            wait_ms(20);
        while (box_owes(box, c, n));
        ticks -= now;
    }
}

static void
push(int c, int n)
{
    box_press(box, c, n, true, live());
    wait_ms(PUSH_MS); /* longer than the host takes what it has lit itself for a loop */
    box_press(box, c, n, false, live());
}

static void
jitter(int c, int n, int count, int ms)
{
    int64_t begun = live();

    for (int i = 0; i < count;) {
        int due = (int)((live() - begun) * count / (ms * MS));

        for (; i < due && i < count; i++)
            box_move(box, c, n, i % 2 ? 0.5 + (double)(i % 128) / 256 : 0.25, now_ns());
        usleep(1000);
    }
}

static bool
is_kind(int c, bool turned, bool moved, bool pressed)
{
    enum box_kind kind = box_control(box, c)->kind;

    return ((kind == BOX_ENCODER || kind == BOX_JOG) && turned) ||
           ((kind == BOX_FADER || kind == BOX_POT) && moved) || (kind == BOX_BUTTON && pressed);
}

/* False: the box has none such, or it can't be done with it. */
static bool
hand(const char *word, const char *name, int n, double a, double b)
{
    int c = box_find(box, name);

    if (c < 0 || n < 1 || n > box_control(box, c)->count)
        return false;
    look_first();
    if (!strcmp(word, "touch") && box_control(box, c)->touch)
        box_touch(box, c, n - 1, a != 0, live());
    else if (!strcmp(word, "move") && is_kind(c, false, true, false))
        sweep(c, n - 1, a);
    else if (!strcmp(word, "jump") && is_kind(c, false, true, false))
        box_move(box, c, n - 1, a, live());
    else if (!strcmp(word, "turn") && is_kind(c, true, false, false))
        turn(c, n - 1, (int)a, 9);
    else if (!strcmp(word, "tick") && is_kind(c, true, false, false))
        turn(c, n - 1, (int)a, 1);
    else if (!strcmp(word, "press") && is_kind(c, false, false, true))
        box_press(box, c, n - 1, a != 0, live());
    else if (!strcmp(word, "push") && is_kind(c, false, false, true))
        push(c, n - 1);
    else if (!strcmp(word, "jitter") && is_kind(c, false, true, false))
        jitter(c, n - 1, (int)a, (int)b);
    else
        return false;
    return true;
}

static bool
say(const char *hex)
{
    uint8_t bytes[BYTES];
    size_t n = 0;
    unsigned byte;

    for (; n < BYTES && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
        bytes[n] = (uint8_t)byte;
    if (n)
        from_box(NULL, bytes, n, 0);
    return n > 0;
}

static bool
has_strips(void)
{
    for (unsigned g = 0; g < profile->controls_count; g++)
        if (profile->controls[g].text == SURFACE_TEXT_MACKIE ||
            profile->controls[g].text == SURFACE_TEXT_FADERPORT ||
            profile->controls[g].text == SURFACE_TEXT_XTOUCH)
            return true;
    return false;
}

/* False: it is none. */
static bool
question(const char *word)
{
    live();
    if (!strcmp(word, "stands"))
        tell_stands();
    else if (!strcmp(word, "see"))
        tell_sights();
    else if (!strcmp(word, "writes"))
        answer("ok %d", has_strips());
    else if (!strcmp(word, "gap"))
        answer("ok %d", profile->keep_alive ? profile->keep_alive_ms : 0);
    else if (!strcmp(word, "heard"))
        answer("ok %llu", (unsigned long long)nheard);
    else if (!strcmp(word, "said"))
        answer("ok %llu", (unsigned long long)nsaid);
    else
        return false;
    return true;
}

/* --- lines ------------------------------------------------------------------------------------------- */

static bool
command(const char *line)
{
    char word[16] = "", a[300] = "", b[300] = "", c[64] = "", d[64] = "";
    bool good = true;
    int words = sscanf(line, "%15s %299s %299s %63s %63s", word, a, b, c, d);

    if (words < 1)
        good = false;
    else if (!strcmp(word, "quit"))
        return false;
    else if (!strcmp(word, "connect"))
        good = jack_connect(client, a, b) == 0;
    else if (!strcmp(word, "disconnect"))
        good = jack_disconnect(client, a, b) == 0;
    else if (!strcmp(word, "power"))
        box_power(box, live());
    else if (!strcmp(word, "settle"))
        settle();
    else if (!strcmp(word, "wait"))
        wait_ms(atoi(a));
    else if (!strcmp(word, "say"))
        good = say(a);
    else if (question(word))
        return true;
    else
        good = words >= 4 && hand(word, a, atoi(b), atof(c), atof(d));
    answer(good ? "ok" : "no");
    return true;
}

static void
run(void)
{
    static char line[2 * BYTES + 64];
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};

    setvbuf(stdin, NULL, _IONBF, 0); /* what poll does not see must not lie in a buffer */
    for (;;) {
        live();
        if (poll(&in, 1, LOOK_MS) > 0 && (!fgets(line, sizeof line, stdin) || !command(line)))
            return;
    }
}

/* --- */

static bool
make_queue(struct queue *q)
{
    q->slot = malloc(SLOTS * sizeof *q->slot);
    if (q->slot)
        memset(q->slot, 1, SLOTS * sizeof *q->slot); /* no page fault in the process thread */
    return q->slot != NULL;
}

static bool
open_client(const char *server, const char *name, struct err *e)
{
    for (int ms = 0; !client && ms < OPEN_MS; ms += 50) {
        client = jack_client_open(name, JackNoStartServer | JackServerName, NULL, server);
        if (!client)
            usleep(50000);
    }
    if (!client)
        return err_set(e, "no JACK server answers");
    midi_in = jack_port_register(client, "midi_in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    midi_out = jack_port_register(client, "midi_out", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    if (!midi_in || !midi_out)
        return err_set(e, "it can't have ports");
    rate_hz = jack_get_sample_rate(client);
    atomic_store_explicit(&clock_ns, wall(), memory_order_relaxed);
    jack_set_process_callback(client, on_process, NULL);
    jack_on_shutdown(client, on_shutdown, NULL);
    return jack_activate(client) == 0 || err_set(e, "the JACK client can't be activated");
}

static bool
open_box(const char *path, struct err *e)
{
    const struct shipped *s;

    params_init();
    if (profile_load_surface(path, &profile, e) != OK || pages_open(&pages, profile, e) != OK)
        return false;
    alive_size = profile->keep_alive ? (size_t)surface_bytes(profile->keep_alive, alive, sizeof alive) : 0;
    s = shipped_find(profile->name);
    if (!s)
        return err_set(e, "%s has no box: write it into test/boxes/shipped.c", profile->name);
    partners = partner_find(partner, PARTNERS, s->model, profile, e);
    if (partners < 0)
        return false;
    box = box_open(s->model, from_box, NULL, wall());
    return box || err_set(e, "no memory for a box");
}

static void
quiet(const char *line)
{
    (void)line;
}

int
main(int argc, char **argv)
{
    struct err e = {""};

    if (argc < 3)
        return 2;
    jack_set_error_function(quiet);
    jack_set_info_function(quiet);
    if (!make_queue(&said) || !make_queue(&heard) || !open_box(argv[2], &e) ||
        !open_client(argv[1], argc > 3 ? argv[3] : "box", &e)) {
        answer("no %s", e.text);
        return 1;
    }
    answer("ok");
    run();
    jack_client_close(client);
    box_close(box);
    pages_close(pages);
    surface_free(profile);
    return 0;
}
