/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inside: what the engine is made of, for the files that it is written in (engine.c, moves.c,
 * transport.c) and nobody else.
 */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

#include "engine/engine.h"

#include "engine/analyser.h"
#include "engine/contenders.h"
#include "engine/disk.h"
#include "engine/history.h"
#include "engine/inserts.h"
#include "engine/log.h"
#include "engine/model.h"
#include "engine/reference.h"
#include "engine/server.h"

enum { NEWS = 64, NEWS_SIZE = 512 };

struct engine {
    struct engine_config config;
    struct model model;
    struct history history;
    uint64_t history_shown; /* its `changes` that the rows tell */

    struct server server;
    struct process process;
    bool built;
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
        id_history_redo_steps, id_history_group;
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
void transport_set(struct engine *g, int id, double value);
/* JACK asked for a place: find it, cue it, say so. */
void transport_tend(struct engine *g);

#endif
