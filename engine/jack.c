/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/backend.h"

#include "dsp/denormals.h"
#include "engine/clock.h"

#include <jack/jack.h>
#include <jack/metadata.h>
#include <jack/midiport.h>
#include <jack/statistics.h>
#include <jack/uuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIDI_EVENTS = 4096 }; /* in a period: more than a port's buffer holds in JACK2 */

struct backend {
    jack_client_t *client;
    jack_port_t *port[PORTS];
    struct process *process;
    struct process_midi midi[MIDI_EVENTS];
    bool follow, described;
    struct publish_count gone, xruns, resizes;
};

/* In the order in which people should see them. A pair is a group; its sides are the last letters of the names. */
static const struct {
    const char *name, *group; /* group NULL: it is alone */
    unsigned long flags;
} ports[PORTS] = {
    [PORT_IN_L] = {"in_L", "Input", JackPortIsInput},
    [PORT_IN_R] = {"in_R", "Input", JackPortIsInput},
    [PORT_SIDECHAIN_L] = {"sidechain_L", "Sidechain", JackPortIsInput},
    [PORT_SIDECHAIN_R] = {"sidechain_R", "Sidechain", JackPortIsInput},
    [PORT_RETURN_1_L] = {"return_1_L", "Return 1", JackPortIsInput},
    [PORT_RETURN_1_R] = {"return_1_R", "Return 1", JackPortIsInput},
    [PORT_RETURN_2_L] = {"return_2_L", "Return 2", JackPortIsInput},
    [PORT_RETURN_2_R] = {"return_2_R", "Return 2", JackPortIsInput},
    [PORT_MASTER_L] = {"master_L", "Master", JackPortIsOutput},
    [PORT_MASTER_R] = {"master_R", "Master", JackPortIsOutput},
    [PORT_MONITOR_A_L] = {"monitor_A_L", "Monitor A", JackPortIsOutput},
    [PORT_MONITOR_A_R] = {"monitor_A_R", "Monitor A", JackPortIsOutput},
    [PORT_MONITOR_B_L] = {"monitor_B_L", "Monitor B", JackPortIsOutput},
    [PORT_MONITOR_B_R] = {"monitor_B_R", "Monitor B", JackPortIsOutput},
    [PORT_PHONES_L] = {"phones_L", "Headphones", JackPortIsOutput},
    [PORT_PHONES_R] = {"phones_R", "Headphones", JackPortIsOutput},
    [PORT_SEND_1_L] = {"send_1_L", "Send 1", JackPortIsOutput},
    [PORT_SEND_1_R] = {"send_1_R", "Send 1", JackPortIsOutput},
    [PORT_SEND_2_L] = {"send_2_L", "Send 2", JackPortIsOutput},
    [PORT_SEND_2_R] = {"send_2_R", "Send 2", JackPortIsOutput},
    [PORT_MIDI_IN] = {"midi_in", NULL, JackPortIsInput},
    [PORT_MIDI_OUT] = {"midi_out", NULL, JackPortIsOutput},
};

static bool
is_midi(enum port p)
{
    return p == PORT_MIDI_IN || p == PORT_MIDI_OUT;
}

#define ICON "multimedia-volume-control" /* every icon theme has it */

const char *
port_name(enum port p)
{
    return ports[p].name;
}

/* --- JACK's threads ------------------------------------------------------------------------------- */

/* JACK's clock is not ours (it is the raw one): only its differences count. */
RT static int64_t
cycle_ns(struct backend *b)
{
    jack_nframes_t frames;
    jack_time_t start, next;
    float period;

    if (jack_get_cycle_times(b->client, &frames, &start, &next, &period) != 0)
        return clock_ns();
    return clock_ns() - (int64_t)(jack_get_time() - start) * 1000;
}

/* What the server had no room for is no event any more; it is counted. */
RT static void
read_midi(struct backend *b, void *port, jack_nframes_t nframes, struct process_io *io)
{
    uint32_t n = jack_midi_get_event_count(port);
    jack_midi_event_t e;

    io->midi = b->midi;
    io->midi_lost = jack_midi_get_lost_event_count(port);
    for (uint32_t i = 0; i < n; i++) {
        if (io->nmidi == MIDI_EVENTS || jack_midi_event_get(&e, port, i) != 0) {
            io->midi_lost++;
            continue;
        }
        b->midi[io->nmidi++] = (struct process_midi){
            .offset = (int)(e.time < nframes ? e.time : nframes - 1), .bytes = e.buffer, .size = e.size};
    }
}

/* Asked for first: what is refused, the server counts as lost. */
RT static bool
put_midi(void *port, int offset, const uint8_t *bytes, size_t size)
{
    return jack_midi_max_event_size(port) >= size &&
           jack_midi_event_write(port, (jack_nframes_t)offset, bytes, size) == 0;
}

RT static int
on_process(jack_nframes_t nframes, void *arg)
{
    struct backend *b = arg;
    struct process_io io = {.time_ns = cycle_ns(b), .midi_put = put_midi};
    void *buffer[PORTS];

    denormals_flush();
    for (int i = 0; i < PORTS; i++)
        buffer[i] = jack_port_get_buffer(b->port[i], nframes);
    jack_midi_clear_buffer(buffer[PORT_MIDI_OUT]);
    io.midi_out = buffer[PORT_MIDI_OUT];
    read_midi(b, buffer[PORT_MIDI_IN], nframes, &io);
    for (int c = 0; c < STEREO; c++) {
        io.in[c] = buffer[PORT_IN_L + c];
        io.key[c] = buffer[PORT_SIDECHAIN_L + c];
        io.master[c] = buffer[PORT_MASTER_L + c];
        io.monitor_a[c] = buffer[PORT_MONITOR_A_L + c];
        io.monitor_b[c] = buffer[PORT_MONITOR_B_L + c];
        io.phones[c] = buffer[PORT_PHONES_L + c];
        for (int k = 0; k < INSERTS; k++) {
            io.send[k][c] = buffer[PORT_SEND_1_L + STEREO * k + c];
            io.ret[k][c] = buffer[PORT_RETURN_1_L + STEREO * k + c];
        }
    }
    if (b->follow) {
        io.transport_follows = true;
        io.transport_rolling = jack_transport_query(b->client, NULL) == JackTransportRolling;
    }
    process_run(b->process, &io, (int)nframes);
    return 0;
}

RT static int
on_sync(jack_transport_state_t state, jack_position_t *position, void *arg)
{
    struct backend *b = arg;

    return state == JackTransportStopped || process_transport_ready(b->process, position->frame);
}

static int
on_xrun(void *arg)
{
    publish_count_add(&((struct backend *)arg)->xruns, 1);
    return 0;
}

static int
on_buffer_size(jack_nframes_t nframes, void *arg)
{
    (void)nframes;
    publish_count_add(&((struct backend *)arg)->resizes, 1);
    return 0;
}

static void
on_shutdown(jack_status_t code, const char *reason, void *arg)
{
    (void)code;
    (void)reason;
    publish_count_set(&((struct backend *)arg)->gone, 1);
}

static void
pass_latency(jack_port_t *from, jack_port_t *to, jack_latency_callback_mode_t mode, int frames)
{
    jack_latency_range_t range;

    jack_port_get_latency_range(from, mode, &range);
    range.min += (jack_nframes_t)frames;
    range.max += (jack_nframes_t)frames;
    jack_port_set_latency_range(to, mode, &range);
}

static void
on_latency(jack_latency_callback_mode_t mode, void *arg)
{
    struct backend *b = arg;
    int frames = (int)publish_count_get(&b->process->latency);

    for (int c = 0; c < STEREO; c++) {
        if (mode == JackPlaybackLatency) {
            pass_latency(b->port[PORT_MASTER_L + c], b->port[PORT_IN_L + c], mode, frames);
            pass_latency(b->port[PORT_MASTER_L + c], b->port[PORT_SIDECHAIN_L + c], mode, frames);
            continue;
        }
        for (int out = PORT_MASTER_L; out < PORT_SEND_1_L; out += STEREO)
            pass_latency(b->port[PORT_IN_L + c], b->port[out + c], mode, frames);
    }
}

/* --- control thread ------------------------------------------------------------------------------- */

static void
quiet(const char *line)
{
    (void)line; /* what goes wrong is told by us, once and with its mend */
}

enum status
backend_open(struct backend **out, const char *client, const char *server, struct err *e)
{
    jack_options_t options = JackNoStartServer | (server ? JackServerName : 0);
    struct backend *b = calloc(1, sizeof *b);
    jack_status_t status = 0;

    if (!b)
        return NO_MEM;
    for (int i = 0; i < MIDI_EVENTS; i++)
        b->midi[i].offset = -1; /* touched, so that no page fault waits in the process thread */
    jack_set_error_function(quiet);
    jack_set_info_function(quiet);
    b->client = jack_client_open(client, options, &status, server);
    if (!b->client) {
        free(b);
        err_set(e, "no JACK server answers%s%s (status 0x%x)", server ? " by the name " : "",
                server ? server : "", (unsigned)status);
        return UNAVAILABLE;
    }
    *out = b;
    return OK;
}

double
backend_rate_hz(const struct backend *b)
{
    return jack_get_sample_rate(b->client);
}

int
backend_period(const struct backend *b)
{
    return (int)jack_get_buffer_size(b->client);
}

bool
backend_realtime(const struct backend *b)
{
    return jack_is_realtime(b->client);
}

/* --- what patchbays show -------------------------------------------------------------------------- */

/* A server may have no place to keep it in: nothing is lost but looks. */
static void
put_property(struct backend *b, jack_uuid_t what, const char *key, const char *value, const char *type)
{
    jack_set_property(b->client, what, key, value, type);
}

static void
describe_sound(struct backend *b, enum port p, jack_uuid_t uuid)
{
    char pretty[32];

    snprintf(pretty, sizeof pretty, "%s %c", ports[p].group, ports[p].name[strlen(ports[p].name) - 1]);
    put_property(b, uuid, JACK_METADATA_PRETTY_NAME, pretty, "text/plain");
    put_property(b, uuid, JACK_METADATA_PORT_GROUP, ports[p].group, "text/plain");
    put_property(b, uuid, JACK_METADATA_SIGNAL_TYPE, "AUDIO", "text/plain");
}

static void
describe_midi(struct backend *b, enum port p, jack_uuid_t uuid)
{
    put_property(b, uuid, JACK_METADATA_PRETTY_NAME, p == PORT_MIDI_IN ? "MIDI in" : "MIDI out",
                 "text/plain");
    put_property(b, uuid, JACK_METADATA_EVENT_TYPES, "MIDI", "text/plain");
}

static void
describe_port(struct backend *b, enum port p)
{
    jack_uuid_t uuid = jack_port_uuid(b->port[p]);
    char order[8];

    snprintf(order, sizeof order, "%d", (int)p);
    put_property(b, uuid, JACK_METADATA_ORDER, order, "http://www.w3.org/2001/XMLSchema#int");
    if (is_midi(p))
        describe_midi(b, p, uuid);
    else
        describe_sound(b, p, uuid);
}

/* False: the server does not say. */
static bool
own_uuid(const struct backend *b, jack_uuid_t *uuid)
{
    char *text = jack_get_uuid_for_client_name(b->client, jack_get_client_name(b->client));
    bool known = text && jack_uuid_parse(text, uuid) == 0;

    jack_free(text);
    return known;
}

static void
describe(struct backend *b)
{
    jack_uuid_t uuid;

    if (own_uuid(b, &uuid))
        put_property(b, uuid, JACK_METADATA_ICON_NAME, ICON, "text/plain");
    for (int i = 0; i < PORTS; i++)
        describe_port(b, i);
    b->described = true;
}

/* It would stay in the server's folder, under names that nobody has. */
static void
undescribe(struct backend *b)
{
    jack_uuid_t uuid;

    if (!b->described)
        return;
    for (int i = 0; i < PORTS; i++)
        jack_remove_properties(b->client, jack_port_uuid(b->port[i]));
    if (own_uuid(b, &uuid))
        jack_remove_properties(b->client, uuid);
}

/* --- opening and closing -------------------------------------------------------------------------- */

enum status
backend_start(struct backend *b, struct process *p, bool follow, struct err *e)
{
    b->process = p;
    b->follow = follow;
    for (int i = 0; i < PORTS; i++) {
        const char *type = is_midi(i) ? JACK_DEFAULT_MIDI_TYPE : JACK_DEFAULT_AUDIO_TYPE;

        b->port[i] = jack_port_register(b->client, ports[i].name, type, ports[i].flags, 0);
        if (!b->port[i]) {
            err_set(e, "the JACK server refuses port %s", ports[i].name);
            return UNAVAILABLE;
        }
    }
    jack_set_process_callback(b->client, on_process, b);
    jack_set_xrun_callback(b->client, on_xrun, b);
    jack_set_buffer_size_callback(b->client, on_buffer_size, b);
    jack_set_latency_callback(b->client, on_latency, b);
    jack_on_info_shutdown(b->client, on_shutdown, b);
    if (follow)
        jack_set_sync_callback(b->client, on_sync, b);
    if (jack_activate(b->client) != 0) {
        err_set(e, "the JACK server does not let our client run");
        return UNAVAILABLE;
    }
    describe(b);
    return OK;
}

void
backend_close(struct backend *b)
{
    if (!b)
        return;
    if (!publish_count_get(&b->gone)) {
        undescribe(b);
        jack_deactivate(b->client);
    }
    jack_client_close(b->client);
    free(b);
}

bool
backend_gone(const struct backend *b)
{
    return publish_count_get(&b->gone) != 0;
}

uint64_t
backend_xruns(const struct backend *b)
{
    return publish_count_get(&b->xruns);
}

uint64_t
backend_resizes(const struct backend *b)
{
    return publish_count_get(&b->resizes);
}

void
backend_latency_changed(struct backend *b)
{
    jack_recompute_total_latencies(b->client);
}

enum status
backend_connect(struct backend *b, enum port p, const char *other, struct err *e)
{
    const char *own = jack_port_name(b->port[p]);
    bool out = ports[p].flags & JackPortIsOutput;
    int result;

    if (jack_port_connected_to(b->port[p], other))
        return OK;
    result = out ? jack_connect(b->client, own, other) : jack_connect(b->client, other, own);
    if (result == 0)
        return OK;
    err_set(e, "%s can't be connected to %s", own, other);
    return NOT_FOUND;
}

bool
backend_connected(const struct backend *b, enum port p)
{
    return jack_port_connected(b->port[p]) > 0;
}

bool
backend_linked(const struct backend *b, enum port p, const char *other)
{
    return jack_port_connected_to(b->port[p], other);
}

bool
backend_exists(const struct backend *b, const char *other)
{
    return jack_port_by_name(b->client, other) != NULL;
}

const char **
backend_connections(const struct backend *b, enum port p)
{
    return jack_port_get_connections(b->port[p]);
}

/* The system's own are midi_capture_1 and so on, in no lasting order. */
static void
name_behind(const struct backend *b, const char *port, char *name, size_t size)
{
    jack_port_t *other = jack_port_by_name(b->client, port);
    int most = jack_port_name_size();
    char *alias[2] = {calloc(1, (size_t)most), calloc(1, (size_t)most)};
    int n = other && alias[0] && alias[1] && strncmp(port, "system:midi_", 12) == 0
                ? jack_port_get_aliases(other, alias)
                : 0;

    snprintf(name, size, "%s", n > 0 && alias[0][0] ? alias[0] : port);
    free(alias[0]);
    free(alias[1]);
}

bool
backend_other(const struct backend *b, enum port p, char *name, size_t size)
{
    const char **names = backend_connections(b, p);
    bool found = names && names[0];

    if (found)
        name_behind(b, names[0], name, size);
    backend_free_names(names);
    return found;
}

void
backend_free_names(const char **names)
{
    if (names)
        jack_free(names);
}

bool
backend_playback_port(const struct backend *b, int channel, char *name, size_t size)
{
    const char **all =
        jack_get_ports(b->client, NULL, JACK_DEFAULT_AUDIO_TYPE, JackPortIsPhysical | JackPortIsInput);
    bool found = false;

    for (int i = 0; all && all[i] && !found; i++)
        if (i == channel) {
            snprintf(name, size, "%s", all[i]);
            found = true;
        }
    backend_free_names(all);
    return found;
}

void
backend_transport_start(struct backend *b)
{
    jack_transport_start(b->client);
}

void
backend_transport_stop(struct backend *b)
{
    jack_transport_stop(b->client);
}

void
backend_transport_locate(struct backend *b, uint32_t frame)
{
    jack_transport_locate(b->client, frame);
}
