/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Control's own part, and what holds the others together: the reader fills the rings in the disk thread, the playhead
 * plays them in the process thread, and the flow's marks say what lies on them.
 */
#include "engine/player.h"

#include "engine/flow.h"
#include "engine/playhead.h"
#include "engine/reader.h"
#include "engine/soundfile.h"

#include <stdio.h>
#include <stdlib.h>

enum { RESERVE_MS = 1400 }; /* room kept for a cue or a splice while the old sound is still there */

struct player {
    double rate_hz;
    int ntracks;
    struct player_track *tracks; /* ours */
    uint32_t generation;         /* of the newest cue */
    struct flow_rings rings;
    struct reader reader;
    struct playhead playhead;
};

/* --- control thread --- */

static void
look_into(struct player *p, int track, const char *path)
{
    struct player_track *t = &p->tracks[track];
    struct soundfile *file;
    struct err e;

    if ((size_t)snprintf(t->path, sizeof t->path, "%s", path) >= sizeof t->path) {
        err_set(&e, "%.200s...: the name is too long: rename or move the file", path);
    } else if (soundfile_open(&file, path, p->rate_hz, 0, &e) == OK) {
        t->length = soundfile_length(file);
        t->rate_hz = soundfile_info(file)->rate_hz;
        soundfile_close(file);
        return;
    }
    reader_refuse(&p->reader, track, e.text);
}

enum status
player_open(struct player **player, double rate_hz, const char *const *paths, int npaths)
{
    size_t room;
    struct player *p;

    *player = NULL;
    if (!rate_ok(rate_hz) || npaths < 0)
        return BAD_ARG;
    p = calloc(1, sizeof *p);
    if (!p)
        return NO_MEM;
    p->rate_hz = rate_hz;
    p->ntracks = npaths;
    p->tracks = calloc((size_t)npaths + 1, sizeof *p->tracks);
    room = (size_t)(rate_hz * (PLAYER_AHEAD_MS + RESERVE_MS) * 1e-3) + READER_CHUNK;
    if (!p->tracks || flow_rings_prepare(&p->rings, room) != OK ||
        reader_prepare(&p->reader, rate_hz, p->tracks, npaths, &p->rings) != OK) {
        player_close(p);
        return NO_MEM;
    }
    playhead_prepare(&p->playhead, rate_hz, &p->rings);
    for (int i = 0; i < npaths; i++)
        look_into(p, i, paths[i]);
    *player = p;
    return OK;
}

void
player_close(struct player *p)
{
    if (!p)
        return;
    reader_free(&p->reader);
    flow_rings_free(&p->rings);
    free(p->tracks);
    free(p);
}

int
player_ntracks(const struct player *p)
{
    return p->ntracks;
}

const struct player_track *
player_track(const struct player *p, int track)
{
    return &p->tracks[track];
}

uint32_t
player_cue(struct player *p, int track, int64_t position, bool back)
{
    uint32_t generation = p->generation + 1 ? p->generation + 1 : 1;
    int tried = 0;

    track = track < 0 ? 0 : track < p->ntracks ? track : p->ntracks - 1;
    for (; tried < p->ntracks && p->tracks[track].length == 0; tried++) {
        track = (track + (back ? p->ntracks - 1 : 1)) % p->ntracks;
        position = 0;
    }
    if (tried == p->ntracks)
        return 0;
    if (position >= p->tracks[track].length)
        position = p->tracks[track].length - 1;
    if (!reader_cue(&p->reader, generation, track, position > 0 ? position : 0, back))
        return 0;
    return p->generation = generation;
}

void
player_loop(struct player *p, enum player_loop loop)
{
    reader_loop(&p->reader, loop);
}

bool
player_ready(const struct player *p)
{
    return reader_ready(&p->reader, p->generation);
}

void
player_script(struct player *p, bool on)
{
    reader_script(&p->reader, on);
}

void
player_cut(struct player *p, bool on)
{
    playhead_cut(&p->playhead, on);
}

const char *
player_news(struct player *p)
{
    return reader_news(&p->reader);
}

/* --- disk thread --- */

bool
player_fill(struct player *p)
{
    return reader_fill(&p->reader);
}

/* --- process thread --- */

RT void
player_play(struct player *p, uint32_t generation)
{
    playhead_play(&p->playhead, generation);
}

RT void
player_follow(struct player *p, uint32_t generation, int64_t position, uint64_t frame)
{
    playhead_follow(&p->playhead, generation, position, frame);
}

RT void
player_stop(struct player *p)
{
    playhead_stop(&p->playhead);
}

RT void
player_process(struct player *p, double *const *out, int nframes, uint64_t frame)
{
    playhead_process(&p->playhead, out, nframes, frame);
}

RT bool
player_notice(struct player *p, struct player_notice *n)
{
    return playhead_notice(&p->playhead, n);
}

RT void
player_where(const struct player *p, int *track, int64_t *position, bool *playing)
{
    playhead_where(&p->playhead, track, position, playing);
}
