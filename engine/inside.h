/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inside: what the engine is made of, for the files that it is written in (engine.c, transport.c) and nobody else.
 */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

#include "engine/engine.h"

#include "engine/analyser.h"
#include "engine/disk.h"
#include "engine/inserts.h"
#include "engine/log.h"
#include "engine/model.h"
#include "engine/reference.h"
#include "engine/server.h"

enum { NEWS = 64, NEWS_SIZE = 512 };

struct engine {
    struct engine_config config;
    struct model model;

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
        id_save, id_reset, id_reference;
};

/* A line of news. */
void engine_tell(struct engine *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Into the model alone. */
void engine_put(struct engine *g, int id, double value);
void engine_put_text(struct engine *g, int id, const char *text);
/* To the process thread; false when it could not be, and that is told. */
bool engine_send(struct engine *g, struct event e);

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
