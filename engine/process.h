/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process: everything that the process thread owns, in one struct, and the one
 * function that it runs. JACK drives it live, the render drives it offline.
 *
 *   player | in -> source -> chain -> tap -> master -> guard -> ports
 *                                      |-> recorder, loudness
 *                                      `-> compare -> monitor -> guard -> ports
 *
 * midi_in  what it moves by its map (midimap.h), it moves at the frame of the message, as an event of that frame that came
 *          last. Then the message goes to control, as do all others. What a flood brings beyond a run's share of moves
 *          waits, as events do
 * frames   process.frame counts from 0 at prepare and never jumps; events carry it
 * bits     the tap is the same however the frames are cut into periods
 */
#ifndef ENGINE_PROCESS_H
#define ENGINE_PROCESS_H

#include "engine/agenda.h"
#include "engine/chain.h"
#include "engine/compare.h"
#include "engine/meters.h"
#include "engine/midimap.h"
#include "engine/midiport.h"
#include "engine/monitor.h"
#include "engine/msg.h"
#include "engine/outboard.h"
#include "engine/publish.h"
#include "engine/recorder.h"
#include "engine/references.h"
#include "engine/ring.h"
#include "engine/tap.h"

enum { PROCESS_EVENTS = 8192, PROCESS_NOTICES = 16384, PROCESS_NOTICES_KEPT = 1024 };
/* What a run takes of a flood at most: a move costs about 1 us. */
enum { PROCESS_MOVES = 128, PROCESS_MOVES_A_FRAME = 4 };

/* A message on midi_in; offset: frames from the period's start, never going back. */
struct process_midi {
    int offset;
    const uint8_t *bytes;
    size_t size;
};

/* What a period brings. Any pointer pair may be NULL. */
struct process_io {
    const float *in[STEREO];
    const float *key[STEREO]; /* the external sidechain */
    const float *ret[INSERTS][STEREO];
    float *send[INSERTS][STEREO];
    float *master[STEREO]; /* this and all below: guarded, faded */
    float *monitor_a[STEREO], *monitor_b[STEREO], *phones[STEREO];
    double *tap[STEREO];                       /* what is printed, bit for bit */
    int64_t time_ns;                           /* CLOCK_MONOTONIC at the period's start */
    bool transport_follows, transport_rolling; /* JACK transport */
    const struct process_midi *midi;
    int nmidi;
    uint64_t midi_lost;     /* of this period, ahead of us */
    midiport_put *midi_put; /* into midi_out; NULL: there is none */
    void *midi_out;         /* its context */
};

/* Where the frame clock stood, when. */
struct process_tick {
    uint64_t frame; /* the period's first */
    int64_t time_ns;
    int nframes;
};

struct process {
    double rate_hz;
    uint64_t frame;

    struct ring events, notices; /* from and to control */
    struct agenda agenda;        /* events that wait for their frames */
    int64_t ran_ns;              /* time of the last period; 0: none yet */
    int moves_left;              /* in this run */
    struct publish readings, tick;
    struct publish_count callbacks, latency; /* latency: frames that the chain is late */

    struct midiport midi;
    struct publish map; /* struct midimap_table, from control */
    struct midimap_state mapped;
    int midi_next;      /* of the period's messages, */
    uint64_t midi_from; /* whose first frame it is */
    uint32_t own;       /* moves by midi_in, ever; */
    uint32_t *moved_at; /* which of these moved a parameter last, by id */

    struct settings settings;        /* as in force */
    struct player *player;           /* not ours; NULL: none */
    struct recorder *recorder;       /* not ours; NULL: none */
    struct tap *tap;                 /* not ours; NULL: nobody looks; set it before it runs */
    struct compare *compare;         /* not ours; NULL: nobody compares; set it before process_begin */
    struct references *references;   /* not ours; NULL: none; set it before it runs */
    uint32_t referenced[REFERENCES]; /* which of their files the comparison knows of */
    const double
        *reference[COMPARE_REFERENCES][STEREO]; /* its tracks in the span under way; [0] NULL: silence */
    struct fade source;                         /* 1: player, 0: the JACK inputs */
    struct chain chain;
    struct outboard outboard[INSERTS];
    struct monitor monitor;
    struct fade outputs; /* the ports: from silence, to silence */
    struct meters meters;
    bool unread; /* set before it runs: nobody reads the meters, they stand still (a render) */

    bool printing, print_with_list; /* ..._list: ends by itself when the playlist does */
    uint64_t print_from, print_to;  /* frames of the tap */
    uint64_t print_end;             /* the same of the programme: where it was told to end */
    uint64_t printed;

    bool transport_rolling;
    uint32_t transport_asked, transport_cued, cued_generation;
    bool transport_ready;

    double *buffer; /* seven stereo pairs of CHAIN_BLOCK */
    double *io[STEREO], *live[STEREO], *key[STEREO], *solo[STEREO];
    double *heard[STEREO], *set_a[STEREO], *set_b[STEREO];
    uint64_t late_events, bad_samples, runs;
    int until_readings; /* frames */
    int slow_readings;
    int64_t player_ns, meters_ns;
    int param_source, param_reset, param_album, param_run, param_ping[INSERTS];
    struct readings latest;
};

/* The fields of struct settings, from one value a parameter; NULL: the table's defaults. */
struct settings settings_of(const double *values);

/* Defaults in force. BAD_ARG for the rate, NO_MEM. After an error *p owns nothing. */
enum status process_prepare(struct process *p, double rate_hz, struct player *player,
                            struct recorder *recorder);
void process_free(struct process *p);

/* Before it runs: the state to start from, without a glide. */
void process_begin(struct process *p, const struct settings *s, bool from_player);

/* control thread: false when the ring is full: try again after the next period. */
bool process_send(struct process *p, const struct event *e);
bool process_notice(struct process *p, struct notice *n);
/* From the next period on midi_in moves these rows for this hand; NULL: none. */
void process_map(struct process *p, const struct midimap *map, uint32_t hand);

/* process thread */
RT void process_run(struct process *p, const struct process_io *io, int nframes);
/* JACK's slow-sync question: is the player ready to roll from there? */
RT bool process_transport_ready(struct process *p, uint32_t transport_frame);

#endif
