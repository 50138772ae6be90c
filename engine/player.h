/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * player: the playlist as one stream of frames at the server's rate.
 *
 * Three threads: control cues, disk reads ahead into a ring, process plays.
 * A cue names a track and a position; it gets a generation, and everything the
 * disk thread writes for it is marked with that. process throws away what is
 * older than the generation it was told to play. Tracks follow one another
 * without a gap; a file of another rate is converted (libsoxr VHQ), each track
 * and each cue with a fresh converter, so that frame n of (track, position) is
 * the same whenever it is asked for.
 *
 * out      planar stereo double, 1.0 is 0 dBFS; mono files go to both sides
 * fades    a stop, a locate and a dry ring fade out over PLAYER_FADE_MS, still reading; a start
 *          at position 0 of a track is exact, any other fades in. Path as in fade.h.
 * notices  each start and end of sound with its frame: replayed by the offline
 *          render, they give the same bits (see player_script)
 */
#ifndef ENGINE_PLAYER_H
#define ENGINE_PLAYER_H

#include "dsp/dsp.h"
#include "engine/err.h"

enum { PLAYER_FADE_MS = 5, PLAYER_AHEAD_MS = 4000, PLAYER_READY_MS = 1000 };

enum player_loop { LOOP_OFF, LOOP_TRACK, LOOP_LIST };

struct player_track {
    char path[1024]; /* or "demo:" */
    int64_t length;  /* frames at the server's rate; 0: can't be read */
    double rate_hz;  /* the file's own */
};

/* What happened in the process thread, for control. */
struct player_notice {
    enum player_notice_kind { PLAYER_BEGAN, PLAYER_ENDED, PLAYER_FINISHED } kind;
    /* BEGAN: sound of (track, position) from this frame on. ENDED: the last frame of sound was the one
       before `frame` (natural), or a fade-out starts at `frame` (faded). FINISHED: the whole list is over. */
    uint64_t frame;   /* the caller's clock, see player_process */
    int track;        /* from 0 */
    int64_t position; /* frames into the track */
    bool faded;
    bool dry; /* ENDED because the disk was late */
};

struct player;

/* --- control thread --- */

/* Looks into each file; tracks that can't be read keep their place with length 0 and one line each through
   player_news. NO_MEM; BAD_ARG for the rate. */
enum status player_open(struct player **p, double rate_hz, const char *const *paths, int npaths);
void player_close(struct player *p);
int player_ntracks(const struct player *p);
const struct player_track *player_track(const struct player *p, int track);

/* Have the disk thread read from there. Returns the generation to hand to player_play (through a message to the
   process thread). Out-of-range positions are clamped; unreadable tracks are skipped forwards (backwards if
   `back`). 0: nothing in the list can be played. */
uint32_t player_cue(struct player *p, int track, int64_t position, bool back);
/* Heard at the next track's end at the latest, even if the disk has already read past it. */
void player_loop(struct player *p, enum player_loop loop);
/* Is PLAYER_READY_MS (or all there is) read for the newest cue? */
bool player_ready(const struct player *p);
/* Offline: the disk stops at each track's end instead of going on, so that a script decides. */
void player_script(struct player *p, bool on);
/* Offline, before it runs: a start inside a track is a cut, without the fade-in. */
void player_cut(struct player *p, bool on);
/* The next line about a file that failed; NULL: none. Valid until the next call. */
const char *player_news(struct player *p);

/* --- disk thread (or whoever drives it offline) --- */

/* One step of reading ahead, a few thousand frames at most; false when there was nothing to do. */
bool player_fill(struct player *p);

/* --- process thread --- */

RT void player_play(struct player *p,
                    uint32_t generation); /* as soon as its data is there (a fade-out first) */
/* Likewise, in step with another clock: the track's frame `position` belongs at `frame` of the caller's. What is read and
   lies before is passed over; what lies ahead is waited for. To call again is harmless. */
RT void player_follow(struct player *p, uint32_t generation, int64_t position, uint64_t frame);
RT void player_stop(struct player *p);
/* Fills n frames (silence where nothing plays). frame: the caller's clock at out[.][0]. */
RT void player_process(struct player *p, double *const *out, int nframes, uint64_t frame);
/* Takes the oldest notice; false: none. At most 64 wait: take them once a block. */
RT bool player_notice(struct player *p, struct player_notice *n);
/* Where the sound is now. track -1: nothing yet. */
RT void player_where(const struct player *p, int *track, int64_t *position, bool *playing);

#endif
