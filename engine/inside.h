/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inside: what the engine is made of, for the files that it is written in (engine.c, moves.c, recall.c, state.c,
 * transport.c) and nobody else.
 */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

#include "engine/engine.h"

#include "engine/analyser.h"
#include "engine/blindlog.h"
#include "engine/contenders.h"
#include "engine/disk.h"
#include "engine/folder.h"
#include "engine/history.h"
#include "engine/inserts.h"
#include "engine/log.h"
#include "engine/markers.h"
#include "engine/model.h"
#include "engine/passage.h"
#include "engine/reference.h"
#include "engine/references.h"
#include "engine/server.h"
#include "engine/shelf.h"
#include "engine/snapshot.h"

enum { NEWS = 64, NEWS_SIZE = 512 };

/* recall.c's. */
struct recall {
    struct snapshots book;
    struct morph morph;
    struct passage passage;
    char now[SNAPSHOT_NAME];  /* the last recalled or stored as a whole; "": none */
    char by[MODEL_HAND_SIZE]; /* whose passage it is */
    int group;                /* the passage's, as a step that can be undone; */
    int morph_group;          /* the morph's, while a hand keeps moving it */
    int64_t morphed_ns;
    uint64_t sent_to;   /* frame: the latest move of a passage that is under way */
    uint64_t looked_at; /* the model's changes when `changed` was last found, */
    bool ran;           /* and whether a passage ran then */
    int id_store, id_recall, id_remove, id_rename, id_fade, id_list, id_now, id_changed, id_compare,
        id_difference, id_from, id_to, id_position, id_lock, id_unlock, id_locked;
    int id_slot_store[SNAPSHOT_SLOTS], id_slot_recall[SNAPSHOT_SLOTS], id_slot_used[SNAPSHOT_SLOTS];
    int id_scope[SNAPSHOT_PARTS];
};

/* state.c's. */
struct keeping {
    struct shelf shelf;
    char folder[FOLDER_PATH]; /* of the snapshots; "": there is none */
    char path[FOLDER_PATH];   /* the state's; "": values are not kept */
    int lock;                 /* a descriptor that keeps others out; 0 or less: none */
    uint64_t seen;            /* the model's changes when it was last looked at */
    uint64_t written;         /* the sum of the state that was last on its way */
    int64_t written_ns;
};

/* listening.c: reference tracks and a blind comparison. */
struct listening {
    struct blind blind;
    struct blindlog log;
    struct blindlog_run run; /* the one under way, or the last */
    bool heard;              /* x, in this trial */
    int id_on, id_vote[2], id_trials, id_correct, id_p;
    int id_compared, id_side[2], id_listen, id_match, id_offset, id_delay[2], id_state[2];
    struct listening_reference {
        int id_file, id_sync, id_offset, id_loudness, id_length;
    } reference[REFERENCES];
};

/* midi.c's. */
struct midi {
    struct midimap map;
    char by[MODEL_HAND_SIZE];
    struct midiport_message message; /* the last one read */
    uint64_t lost_before;            /* by processes that are no more */
    char other[320], hearer[320];    /* as they were */
    int64_t other_ns;
};

struct engine {
    struct engine_config config;
    struct model model;
    struct history history;
    uint64_t history_shown; /* its `changes` that the rows tell */
    struct recall recall;
    struct keeping keeping;

    struct server server;
    struct process process;
    bool built, opened; /* opened: engine_open had all it needs */
    struct player *player;
    struct recorder *recorder;
    struct disk disk;
    struct log log;
    struct readings readings;
    struct inserts inserts;
    struct tap tap;
    struct analyser analyser;
    struct reference reference;
    struct compare compare;
    struct contenders contenders;
    struct references references;
    struct listening listening;
    struct midi midi;
    struct markers markers;

    bool playing;         /* what the hands want */
    int track;            /* where: from 0, */
    double seconds;       /* and where in it, once cued */
    bool cued;            /* and not begun yet */
    bool transport_asked; /* JACK transport waits for us to cue */
    uint32_t transport_frame, transport_generation;
    bool printing, print_failed, finished, silent;
    bool finishing; /* the print has ended, the disk thread closes it */
    uint64_t print_to;
    bool barren;     /* not one file could be played */
    int source_auto; /* the demo gives way to a live input once */

    const char *const *files;
    int nfiles;
    char news[NEWS][NEWS_SIZE];
    unsigned news_first, news_last;
    int id_play, id_track, id_file, id_record, id_source, id_print_file, id_loop, id_position, id_preset,
        id_save, id_reset, id_reference, id_undo, id_redo, id_history_undo, id_history_redo, id_history_steps,
        id_history_redo_steps, id_history_group, id_markers;
};

/* A line of news. */
void engine_tell(struct engine *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Into the model alone. */
void engine_put(struct engine *g, int id, double value);
void engine_put_text(struct engine *g, int id, const char *text);
/* To the process thread; false when it could not be, and that is told. */
bool engine_send(struct engine *g, struct event e);

/* A print begins, or ends when it is through the chain. */
bool engine_print(struct engine *g, bool on, struct err *e);

/* --- moves.c: the way in of every move --- */

/*
 * Each change of a number row that counts is noted as a step that can be undone (history.h): all that hands move of
 * the chain, the monitor, what meters show, and how prints are made; not what is compared with what and which is heard,
 * triggers, transport, record, readings, texts.
 * It is noted when the model shows it: a move with a frame of its own that is not soon, when it comes into force.
 *
 *   /undo, /redo     set with by = "undo", "redo", are logged like any move, and are not noted
 *   a preset         one step, "preset NAME"
 *   a ping           its results are one step, "ping insert 1" by "ping": a hand asked for it
 *   the engine       what it moves of its own accord (the demo gives way to an input) is no step: MOVE_SILENT
 *   --set, --preset  are where it all begins: no steps
 *   an OSC bundle    one step: its moves have one frame and one hand
 */
enum { MOVE_ALONE = 0, MOVE_SILENT = -1 };

/* g->model is prepared. NO_MEM. */
enum status moves_prepare(struct engine *g);
/* Is its change a step? */
bool moves_count(const struct param *p);
/* engine_set() as part of a group, or one of the above. */
bool engine_move(struct engine *g, int group, int id, double value, uint64_t frame, const char *by,
                 struct err *e);
/*
 * A group is one step with a label of its own, for as long as it is open: many moves over seconds, too. What hands move
 * besides makes steps of their own. An undo or redo closes all groups, so who moves over time asks engine_group_open()
 * ahead of each move and stops when it is false: else it would fight the undo.
 */
int engine_group_begin(struct engine *g, const char *label, const char *by);
bool engine_group_open(const struct engine *g, int group);
void engine_group_end(struct engine *g, int group);
/* Sets all rows that count and differ from values (one a parameter, by id) at one frame, as one labelled step. frame:
   ENGINE_NOW is a little ahead, so that they come into force together. All or, with a value out of range, nothing. */
bool engine_move_group(struct engine *g, const double *values, const char *label, const char *by,
                       uint64_t frame, struct err *e);
/* The same for a row that travels, of the chain or the monitor: shown at once, however far ahead its frame is, so that
   whoever takes the row comes after it. Where too many wait for their time it does not. */
void engine_travel(struct engine *g, int group, int id, double value, uint64_t frame, const char *by);
/* Process tells of a move. */
void moves_applied(struct engine *g, const struct notice *n);
/* Brings the rows of /history up to date. */
void moves_show(struct engine *g);

/* --- contenders.c --- */

/* The settings that a name stands for; false: there are none. */
bool engine_snapshot_settings(struct engine *g, const char *name, struct settings *s);

/* --- transport.c --- */

double transport_seconds(const struct engine *g); /* where we are in the track */
bool transport_follows(const struct engine *g);   /* JACK's transport leads */
void transport_show(struct engine *g, int track);
/* The player reads ahead there; its number, 0: nothing can be played. */
uint32_t transport_cue(struct engine *g, int track, double seconds, bool back);
/* A row of OWNER_TRANSPORT is set. */
bool transport_set(struct engine *g, int id, double value, struct err *e);
/* The markers of the track have changed, or the track has. */
void transport_show_markers(struct engine *g);
/* JACK asked for a place: find it, cue it, say so. */
void transport_tend(struct engine *g);

/* --- midi.c --- */

void midi_build(struct engine *g);   /* the process is new: it gets the map */
void midi_unbuild(struct engine *g); /* it is about to go */
void midi_tick(struct engine *g);

/* --- recall.c: the rows below /snapshot --- */

enum status recall_open(struct engine *g); /* NO_MEM */
void recall_close(struct engine *g);
bool recall_owns(const struct param *p);
bool recall_set(struct engine *g, int id, double value, uint64_t frame, const char *by, struct err *e);
bool recall_set_text(struct engine *g, int id, const char *value, const char *by, struct err *e);
/* The values as they will be when what is on its way has come. */
void recall_end(const struct engine *g, double *values);
/* What makes the sound of a snapshot, all of it, into values; false: there is none of that name. */
bool recall_values(const struct engine *g, const char *name, double *values);
/* values are to be set: what is locked keeps its own, what is on its way there goes on, what is on its way to elsewhere
   leaves. */
void recall_spare(struct engine *g, double *values);
/* A hand moves a row: it is on its way to nowhere any more. */
void recall_leave(struct engine *g, int id);
/* Nothing runs, or soon not on this frame clock: what is on its way is there. */
void recall_land(struct engine *g);
/* Sends what is due of a passage, and looks whether the state is still what was recalled. */
void recall_tick(struct engine *g);
/* What is on disk has changed. */
void recall_list(struct engine *g);
/* As read from the state. */
void recall_lock(struct engine *g, const char *path);

/* --- state.c: the disk --- */

/* Reads snapshots and the state, if there are any; into the model alone. What can't be read is told. IO_ERROR: state_dir
   can't be ours. */
enum status state_open(struct engine *g, struct err *e);
void state_store(struct engine *g, const struct snapshot *s);
void state_drop(struct engine *g, const char *name);
/* Is it stored, as far as can be? */
bool state_has(const struct engine *g, const char *name);
void state_tick(struct engine *g);
/* write: what is not on disk yet. */
void state_close(struct engine *g, bool write);

/* --- listening.c --- */

void listening_find(struct engine *g);  /* its rows */
void listening_build(struct engine *g); /* the references are new: they are told what the rows say */
/* A text is set; it is in the model. */
void listening_set_text(struct engine *g, int id, const char *text);
/* A row is set: false: it is none of listening's. *ok: it could be. */
bool listening_set(struct engine *g, int id, double value, bool *ok, struct err *e);
/* Any row is about to get this value (a text: any): the run may be over with it. */
void listening_moved(struct engine *g, int id, double value);
/* Ends the run, if there is one, and tells how it went. */
void listening_end(struct engine *g, const char *why);
void listening_tick(struct engine *g);
void listening_close(struct engine *g); /* its end is on the disk then */

#endif
