/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transport: play, stop, where; by our own player, or as a follower of JACK's transport.
 */
#include "engine/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PREVIOUS_S 2.0
#define BEFORE_S   0.5 /* a marker that has just been passed is not the one before */

double
transport_seconds(const struct engine *g)
{
    return engine_get(g, g->id_position);
}

void
transport_show(struct engine *g, int track)
{
    const struct player_track *t = player_track(g->player, track);

    g->track = track;
    engine_put(g, g->id_track, track + 1);
    if (t)
        engine_put_text(g, g->id_file, t->path);
    transport_show_markers(g);
}

uint32_t
transport_cue(struct engine *g, int track, double seconds, bool back)
{
    uint32_t generation;

    g->seconds = seconds;
    g->cued = true;
    references_located(&g->references, llround(seconds * g->process.rate_hz));
    generation = player_cue(g->player, track, llround(seconds * g->process.rate_hz), back);
    transport_show(g, track);
    return generation;
}

/* With JACK's transport the order goes to the server, and comes back to all clients from there. */
static uint32_t
transport_position(struct engine *g, int track, double seconds)
{
    int64_t frames = llround(seconds * g->process.rate_hz);

    for (int i = 0; i < track; i++)
        frames += player_track(g->player, i)->length;
    return (uint32_t)frames;
}

bool
transport_follows(const struct engine *g)
{
    return g->config.transport == TRANSPORT_JACK && g->server.backend;
}

static void
go(struct engine *g, int track, double seconds, bool back)
{
    uint32_t generation;

    if (transport_follows(g)) {
        backend_transport_locate(g->server.backend, transport_position(g, track, seconds));
        return;
    }
    generation = transport_cue(g, track, seconds, back);
    if (g->playing && generation)
        engine_send(g, (struct event){.kind = EVENT_PLAY, .generation = generation});
}

static void
play(struct engine *g)
{
    if (transport_follows(g)) {
        backend_transport_start(g->server.backend);
        return;
    }
    if (g->playing)
        return;
    g->playing = true;
    engine_put(g, g->id_play, 1.0);
    go(g, g->track, transport_seconds(g), false);
}

static void
stop(struct engine *g)
{
    if (transport_follows(g)) {
        backend_transport_stop(g->server.backend);
        return;
    }
    if (!g->playing)
        return;
    g->playing = false;
    engine_put(g, g->id_play, 0.0);
    engine_send(g, (struct event){.kind = EVENT_STOP});
}

static int
clamp_track(const struct engine *g, int track)
{
    int last = player_ntracks(g->player) - 1;

    return track < 0 ? 0 : track > last ? last : track;
}

/* --- markers -------------------------------------------------------------------------------------- */

void
transport_show_markers(struct engine *g)
{
    char list[PARAM_TEXT_SIZE];

    markers_list(&g->markers, model_text(&g->model, g->id_file), list, sizeof list);
    engine_put_text(g, g->id_markers, list);
}

static bool
go_to_marker(struct engine *g, bool next, struct err *e)
{
    const char *file = model_text(&g->model, g->id_file);
    double now = transport_seconds(g), to;
    bool there;

    if (next)
        there = markers_next(&g->markers, file, now + MARKERS_APART_S, &to);
    else
        there = markers_previous(&g->markers, file, now - (g->playing ? BEFORE_S : MARKERS_APART_S), &to);
    if (!there)
        return err_set(e, "/transport/marker/%s: this track has no marker %s here",
                       next ? "next" : "previous", next ? "after" : "before");
    go(g, g->track, to, false);
    return true;
}

static bool
set_marker(struct engine *g, const char *word, struct err *e)
{
    const char *file = model_text(&g->model, g->id_file);
    struct err why;
    bool ok;

    if (strcmp(word, "next") == 0 || strcmp(word, "previous") == 0)
        return go_to_marker(g, word[0] == 'n', e);
    if (strcmp(word, "add") == 0)
        ok = markers_add(&g->markers, file, transport_seconds(g), &why);
    else
        ok = markers_remove(&g->markers, file, transport_seconds(g), &why);
    transport_show_markers(g);
    return ok || err_set(e, "/transport/marker/%s: %s", word, why.text);
}

/* --- */

bool
transport_set(struct engine *g, int id, double value, struct err *e)
{
    const char *word = param_at(id)->path + strlen("/transport/");

    if (strncmp(word, "marker/", 7) == 0)
        return set_marker(g, word + 7, e);
    if (strcmp(word, "play") == 0)
        value != 0.0 ? play(g) : stop(g);
    else if (strcmp(word, "stop") == 0)
        stop(g);
    else if (strcmp(word, "locate") == 0)
        go(g, g->track, value, false);
    else if (strcmp(word, "track") == 0)
        go(g, clamp_track(g, (int)value - 1), 0.0, false);
    else if (strcmp(word, "next") == 0)
        go(g, clamp_track(g, g->track + 1), 0.0, false);
    else if (strcmp(word, "previous") == 0)
        go(g, clamp_track(g, g->track - (transport_seconds(g) < PREVIOUS_S)), 0.0, true);
    else if (strcmp(word, "loop") == 0)
        player_loop(g->player, (enum player_loop)value);
    if (id == g->id_loop || strcmp(word, "locate") == 0)
        engine_put(g, id, value);
    return true;
}

/* JACK rolls when all slow clients are ready: find the place, cue it, say so. */
void
transport_tend(struct engine *g)
{
    int64_t frame = g->transport_frame;
    int track = 0, last = player_ntracks(g->player) - 1;

    if (!g->transport_asked)
        return;
    if (!g->transport_generation) {
        while (track < last && frame >= player_track(g->player, track)->length)
            frame -= player_track(g->player, track++)->length;
        g->transport_generation = transport_cue(g, track, (double)frame / g->process.rate_hz, false);
    }
    if (!player_ready(g->player))
        return;
    engine_send(g, (struct event){.kind = EVENT_CUED,
                                  .generation = g->transport_generation,
                                  .transport = g->transport_frame});
    g->transport_asked = false;
}
