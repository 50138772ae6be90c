/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * backend: where periods come from: a JACK client (jack.c, the only JACK include).
 *
 * All functions are for the control thread. JACK's own threads only count and
 * run process_run(); whatever they notice is asked for here.
 */
#ifndef ENGINE_BACKEND_H
#define ENGINE_BACKEND_H

#include "engine/err.h"
#include "engine/process.h"

struct backend;

enum port {
    PORT_IN_L,
    PORT_IN_R,
    PORT_SIDECHAIN_L,
    PORT_SIDECHAIN_R,
    PORT_RETURN_1_L,
    PORT_RETURN_1_R,
    PORT_RETURN_2_L,
    PORT_RETURN_2_R,
    PORT_MASTER_L,
    PORT_MASTER_R,
    PORT_MONITOR_A_L,
    PORT_MONITOR_A_R,
    PORT_MONITOR_B_L,
    PORT_MONITOR_B_R,
    PORT_PHONES_L,
    PORT_PHONES_R,
    PORT_SEND_1_L,
    PORT_SEND_1_R,
    PORT_SEND_2_L,
    PORT_SEND_2_R,
    PORT_MIDI_IN,
    PORT_MIDI_OUT,
    PORTS
};

const char *port_name(enum port p); /* "master_L" */

/* Joins a server that runs; never starts one. UNAVAILABLE: none answers. server NULL: the default. */
enum status backend_open(struct backend **b, const char *client, const char *server, struct err *e);
void backend_close(struct backend *b); /* silent when the server is dead; NULL is harmless */

double backend_rate_hz(const struct backend *b);
int backend_period(const struct backend *b); /* frames; the server's current one */
bool backend_realtime(const struct backend *b);

/* Registers the ports and lets the callback run. p stays the caller's; follow: JACK transport. */
enum status backend_start(struct backend *b, struct process *p, bool follow, struct err *e);

/* The server has said goodbye: close and open again. */
bool backend_gone(const struct backend *b);
uint64_t backend_xruns(const struct backend *b);
/* Counts buffer size changes; after one, call backend_latency_changed(). */
uint64_t backend_resizes(const struct backend *b);
void backend_latency_changed(struct backend *b);

/* One of ours to a port by its full name (or alias); joining twice is fine. */
enum status backend_connect(struct backend *b, enum port p, const char *other, struct err *e);
bool backend_connected(const struct backend *b, enum port p);
bool backend_linked(const struct backend *b, enum port p, const char *other);
bool backend_exists(const struct backend *b, const char *other);
/* Names of what p is joined to, to be freed with backend_free_names(). NULL: nothing. */
const char **backend_connections(const struct backend *b, enum port p);
/* Who p is joined to, the first of them: the port's full name, or, where the system just numbers its MIDI ports, the alias
   that says what is behind it. False: nobody. */
bool backend_other(const struct backend *b, enum port p, char *name, size_t size);
void backend_free_names(const char **names);
/* The server's physical playback port number `channel` from 0, in `name`; false: there is none. */
bool backend_playback_port(const struct backend *b, int channel, char *name, size_t size);

/* JACK transport, when it is followed. */
void backend_transport_start(struct backend *b);
void backend_transport_stop(struct backend *b);
void backend_transport_locate(struct backend *b, uint32_t frame);

#endif
