/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * references: up to four finished records to compare with, each a file with a player of its own.
 *
 * Three threads, as with the player. Control says which file, and how it goes; an errand opens and measures it. The
 * player then goes to the disk and the process thread by rings, and comes back by rings before it is closed: none is
 * ever used by a thread that was not told of it. Disk reads ahead as soon as there is a player, so that what is chosen
 * later is heard at once.
 *
 * out      planar stereo double, of one span; 1.0 is 0 dBFS, as loud as the file: matching is the comparison's
 * free     sync off: goes on where it was when it is heard again, begins again at its end
 * sync     frame n of the file sounds with frame n - offset of the transport's track: in step with what the player gives
 *          to the chain's INPUT, from the first frame on; who compares it with the chain's output delays it by the
 *          chain's latency, as he does the input. Silence where the transport stands still or the file has nothing.
 *          A place that is not read ahead yet is silent until it is (some 50 ms), then right to the frame
 * bits     those of the file as the player reads it (soundfile.h), but for 5 ms of fade at starts and stops
 * loudness integrated, BS.1770, of the whole file at its own rate, before it is first heard
 */
#ifndef ENGINE_REFERENCES_H
#define ENGINE_REFERENCES_H

#include "engine/errand.h"
#include "engine/params.h"
#include "engine/player.h"
#include "engine/ring.h"

enum {
    REFERENCES = 4,
    REFERENCES_BLOCK = 256,            /* frames of a span at most */
    REFERENCES_ALIVE = 4 * REFERENCES, /* players that are not closed yet: old ones are on their way back */
    REFERENCES_EVENTS = 64             /* of the transport in a span; as many as the player keeps */
};

struct references_job { /* the errand's while it is out */
    char path[PARAM_TEXT_SIZE];
    double rate_hz;
    struct publish_count stop; /* set by control: it is not wanted any more */
    struct player *player;
    double lufs;
    enum status status;
    struct err e;
};

/* All that the process thread needs to know of one. */
struct references_order {
    int which;
    struct player *player;  /* NULL: none */
    uint32_t generation;    /* of the newest cue... */
    int64_t position;       /* ...which is there */
    int64_t length, offset; /* frames */
    bool sync;
    double lufs;
};

struct references_ask { /* process -> control: cue it there */
    int which;
    int64_t position;
};

struct references_hand { /* control -> disk: */
    struct player *player;
    bool take; /* or give back */
};

struct references_slot { /* control's */
    struct errand errand;
    struct references_job job;
    char wanted[PARAM_TEXT_SIZE]; /* "": none */
    bool done;                    /* with it, found or not */
    struct references_order now;  /* as it is to be */
    bool dirty;                   /* and the process thread was not told yet */
    double offset_s;
};

struct references_deck { /* the process thread's */
    struct references_order now, next;
    bool fresh;             /* next is to come into force */
    bool runs;              /* it was played in the last span */
    bool begun;             /* the newest cue has sounded, */
    bool over;              /* or has come to its end */
    bool asked;             /* for another cue */
    uint32_t files, number; /* how many there have been; the one now, 0: none */
    double *sound[STEREO];
    int silent; /* frames of `sound` that are known to be silence, from its start */
};

struct references_clock { /* the transport's: `position` sounds, or stands, at `frame` */
    bool playing;
    uint64_t frame;
    int64_t position;
};

struct references { /* by value in its owner; fields are references.c's business */
    double rate_hz;
    struct references_slot slot[REFERENCES];
    struct player *alive[REFERENCES_ALIVE];   /* control's list of all there are */
    struct ring orders;                       /* control -> process */
    struct ring asks, returned;               /* process -> control */
    struct ring hands, given;                 /* control -> disk, disk -> control */
    struct player *reading[REFERENCES_ALIVE]; /* the disk thread's */
    struct references_deck deck[REFERENCES];
    struct references_clock clock;
    struct references_clock event[REFERENCES_EVENTS]; /* of the span to come */
    int nevents;
    double *memory; /* ours: the decks' sound */
};

/* Which are wanted: bit 0 is the first. Those in sync that are chosen go along unheard, so that a switch to them finds
   them in step; free ones that are not heard stand still. */
struct references_demand {
    unsigned chosen, heard;
};

/* What control is to tell. */
struct references_news {
    int which;
    bool failed, loaded;   /* neither: text is of the file while it plays */
    double lufs, length_s; /* of a loaded one; LOUDNESS_NONE_LUFS when it has none */
    char text[1200];
};

/* --- control thread --- */

/* BAD_ARG for the rate; NO_MEM. After an error *r owns nothing. */
enum status references_prepare(struct references *r, double rate_hz);
/* Waits for what is under way; neither disk nor process may run any more. */
void references_free(struct references *r);
/* From now on this file, or none (""); what was there goes. */
void references_want(struct references *r, int which, const char *path);
void references_sync(struct references *r, int which, bool on);
void references_offset(struct references *r, int which, double seconds);
/* The transport is to begin there: those in sync read ahead for it. */
void references_located(struct references *r, int64_t position);
/* False: there is nothing more to tell. Call until then, each tick. */
bool references_tick(struct references *r, struct references_news *n);

/* --- disk thread --- */

/* One step of reading ahead for each; false when there was nothing to do. */
bool references_fill(struct references *r);

/* --- process thread --- */

/* What the player told of the span to come, before references_process. */
RT void references_transport(struct references *r, const struct player_notice *n);
/* nframes <= REFERENCES_BLOCK, from `frame` on. */
RT void references_process(struct references *r, struct references_demand d, uint64_t frame, int nframes);
/* The sound of that span; silence for one that is not wanted. */
RT const double *const *references_sound(const struct references *r, int which);
/* 0: there is no file; another one, another file. */
RT uint32_t references_number(const struct references *r, int which);
/* LOUDNESS_NONE_LUFS: there is none, or it has none. */
RT double references_lufs(const struct references *r, int which);

#endif
