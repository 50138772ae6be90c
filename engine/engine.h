/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine: the host's public face, for the control thread alone.
 *
 * Control pulls: it calls engine_tick() about every 10 ms and after each
 * batch of moves, and reads values, readings and news. The engine never calls
 * up. All functions here belong to one thread.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "dsp/dsp.h"
#include "engine/err.h"
#include "engine/params.h"

struct engine;

enum transport_follow { TRANSPORT_OWN, TRANSPORT_JACK };

struct engine_config {
    const char *client_name; /* JACK client; NULL: "deadwax" */
    const char *server_name; /* JACK server; NULL: the default one */
    const char *interface;   /* profile's name; NULL: what ALSA reports */
    const char *profile_dir; /* hw-profiles; NULL: beside the program or as installed */
    bool connect;            /* join master outputs to the profile's playback ports */
    enum transport_follow transport;
    const char *const *files; /* the playlist */
    int nfiles;
    const char *print_path;  /* print from the first frame; NULL: none */
    const char *preset_path; /* settings ahead of `set`; NULL: none */
    const char *state_dir;   /* resumed ahead of the preset, and kept; NULL: none */
    const char *log_path;    /* moves with their frames, JSON lines; NULL: none */
    bool once;               /* end after the last file */
    bool play;               /* start playing at once */
};

/* Opens files, server and client; sound runs when it returns OK. `set` are "PATH=VALUE" words, applied first. */
enum status engine_open(struct engine **engine, const struct engine_config *config, const char *const *set,
                        int nset, struct err *e);
/* To silence within 50 ms, then the end of a print; sound is over. engine_news() still tells. */
void engine_fade_out(struct engine *engine);
/* Fades to silence if need be, closes print and log, stops the server it started. NULL is harmless. */
void engine_close(struct engine *engine);

/* What belongs on disk (snapshots, with state_dir the state) is there when it returns OK. It waits for the disk; else
   that happens by itself, within a second of a move. IO_ERROR. */
enum status engine_keep(struct engine *engine, struct err *e);
/* Nothing has changed since it was on disk. */
bool engine_is_kept(const struct engine *engine);

/* Takes what the process thread sent, writes the log, watches the server. */
void engine_tick(struct engine *engine);
/* False once the last file has been played with `once`, or the engine can't go on. */
bool engine_running(const struct engine *engine);
/* It has ended by itself without having played anything. */
bool engine_failed(const struct engine *engine);

/* --- parameters ----------------------------------------------------------------------------------- */

/* frame: engine_frame_at() or ENGINE_NOW. by: whose hand, "osc 127.0.0.1:53211", for the log and for undo: one hand's
   moves for one frame are one step (history.h). */
#define ENGINE_NOW 0
bool engine_set(struct engine *engine, int id, double value, uint64_t frame, const char *by, struct err *e);
bool engine_set_text(struct engine *engine, int id, const char *value, const char *by, struct err *e);
/* The value as set (not its glide); a reading for OWNER_METER, as of the last tick. */
double engine_get(const struct engine *engine, int id);
const char *engine_get_text(const struct engine *engine, int id);
/* Of a PARAM_SERIES: as many numbers as the row has points, valid until the next tick; the generation counts renewals. */
const double *engine_get_series(const struct engine *engine, int id, uint64_t *generation);
/* Rows of OWNER_CONTROL are the hands' own: the engine keeps what they say, and hands read it. */
void engine_report(struct engine *engine, int id, double value);
void engine_report_text(struct engine *engine, int id, const char *text);
/* Counts every change of any value that is neither a reading nor a counter: unchanged number, nothing to send. */
uint64_t engine_changes(const struct engine *engine);

/* The frame that sounds at a moment of CLOCK_REALTIME, in ns; past moments give the next frame. */
uint64_t engine_frame_at(const struct engine *engine, int64_t realtime_ns);

/* --- JACK's midi_in and midi_out ---------------------------------------------------------------------- */

struct midimap;

struct engine_midi {
    uint64_t frame;       /* when it came: a move by it is for now all the same */
    bool moved;           /* it is for a row of the map, which has been moved or is held where it is (takeover) */
    const uint8_t *bytes; /* one whole message, until the next call */
    size_t size;
};

/* The next message that came in, oldest first. *lost, if that is not NULL: how many ever there was no room for, that were
   longer than 1024 bytes, or were no messages; or had no room on the way out. */
bool engine_midi_read(struct engine *engine, struct engine_midi *m, uint64_t *lost);
/* One whole message out, with the next period, of at most 1024 bytes; nothing leaves behind it for rest_ns, which is counted in
   frames. False: no room at the moment, or nothing runs. */
bool engine_midi_write(struct engine *engine, const uint8_t *bytes, size_t size, int64_t rest_ns);
/* From the next period on midi_in moves these rows, by this hand; NULL: none. */
void engine_midi_map(struct engine *engine, const struct midimap *map, const char *by);
/* Is somebody connected to midi_in or midi_out? Their port's name, as it was a moment ago; "": nobody. */
const char *engine_midi_other(const struct engine *engine);
/* The same of midi_out alone: who hears us. */
const char *engine_midi_hearer(const struct engine *engine);

/* --- what people want to know ---------------------------------------------------------------------- */

double engine_rate_hz(const struct engine *engine);
int engine_latency_frames(const struct engine *engine);
const char *engine_server_text(const struct engine *engine); /* "jackd, hw:USB, 48000 Hz, 128 x 2" */
const char *engine_track_text(const struct engine *engine);  /* "2/3 side-a.wav" */

double engine_track_seconds(const struct engine *engine);   /* its length; 0: unknown */
const char *engine_print_path(const struct engine *engine); /* the running or last print's; "" */
bool engine_sounding(const struct engine *engine);          /* a server runs our callback */

/* The n-th host that the interface's profile lists as a remote, "192.0.2.7"; NULL: no more. There is a profile where we
   started the server, or where one was asked for. */
const char *engine_remote(const struct engine *engine, int n);

/* The next line of news ("xrun", "server gone", a file that can't be read), oldest first; NULL: none.
   Valid until the next call. */
const char *engine_news(struct engine *engine);

#endif
