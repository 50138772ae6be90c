/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader: the player's disk side. Reads the playlist ahead onto the rings of a flow, and tells it by marks.
 *
 * Control says where to read; a step of reader_fill takes that up, or reads a few thousand frames on.
 */
#ifndef ENGINE_READER_H
#define ENGINE_READER_H

#include "engine/flow.h"
#include "engine/player.h"
#include "engine/soundfile.h"

enum { READER_CHUNK = 4096 }; /* frames a step */

/* From control. */
struct reader_command {
    enum { COMMAND_CUE, COMMAND_LOOP, COMMAND_SCRIPT } kind;
    uint32_t generation;
    int track, value;
    int64_t position;
    bool back;
};

struct reader_line {
    char text[1200];
};

struct reader_place {
    struct soundfile *file; /* NULL: nothing to read */
    int track;
    int64_t position; /* of the next frame */
};

struct reader { /* by value in its owner; fields are reader.c's business */
    double rate_hz;
    size_t ahead, enough;              /* frames */
    const struct player_track *tracks; /* the player's */
    int ntracks;
    struct flow_rings *rings; /* the player's */
    struct ring commands;     /* control -> disk */
    struct ring readies;      /* disk -> control: generations */
    struct ring news;         /* disk -> control: lines */
    struct reader_line line;  /* control's: the last one taken */

    /* What the disk thread alone touches. */
    struct flow flow, undo; /* undo: the flow before the SPLICE that waits for its answer */
    struct reader_place reading;
    struct reader_place old;   /* what undo read; its file is closed */
    struct reader_command cue; /* generation 0: none waits */
    enum player_loop loop;
    bool script, loop_changed;
    bool waits; /* for the answer to SPLICE `number` */
    uint32_t number;
    size_t spliced_at;   /* where the undone flow stopped */
    size_t join, passed; /* of SPLICE `number`; joins up to here were refused */
    bool ready_told;
    bool *bad, *told; /* ours: tracks that failed, and that people know of it */
    double chunk[READER_CHUNK * STEREO];
};

/* --- control thread --- */

/* r is zero. The tracks and rings are the caller's and must outlast it. NO_MEM. */
enum status reader_prepare(struct reader *r, double rate_hz, const struct player_track *tracks, int ntracks,
                           struct flow_rings *rings);
void reader_free(struct reader *r);

/* False: the disk thread has been away for thousands of cues. The track may be one that can't be read: the nearest
   is taken, backwards if `back`. */
bool reader_cue(struct reader *r, uint32_t generation, int track, int64_t position, bool back);
void reader_loop(struct reader *r, enum player_loop loop);
void reader_script(struct reader *r, bool on);
/* Is enough read of this generation, which must be the newest? */
bool reader_ready(const struct reader *r, uint32_t generation);
const char *reader_news(struct reader *r);

/* --- disk thread --- */

/* The track can't be read: it is passed over from now on, and `text` is news. Control may, before the thread runs. */
void reader_refuse(struct reader *r, int track, const char *text);
/* One step; false when there was nothing to do. */
bool reader_fill(struct reader *r);

#endif
