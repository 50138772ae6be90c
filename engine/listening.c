/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listening: what is compared with what, as the hands have it: the reference tracks' rows, and blind comparisons: what
 * begins and ends a run, what is told of it, where x goes.
 *
 * x goes to the process thread as an event of its own, which is no row: it is in no value, no reading, no echo to a
 * hand and no line of the move log. Nor may it be heard when it is drawn: listening is at a before x changes, or the
 * change itself (or its absence) would tell of the next x from the last.
 */
#include "engine/inside.h"

#include <stdio.h>
#include <string.h>

enum { LISTEN_A, LISTEN_B, LISTEN_X }; /* /compare/listen */

static int
find_nth(const char *word, int n)
{
    char path[PARAM_PATH_SIZE];

    snprintf(path, sizeof path, "/compare/reference/%d/%s", n + 1, word);
    return param_find(path);
}

void
listening_find(struct engine *g)
{
    struct listening *l = &g->listening;

    for (int i = 0; i < REFERENCES; i++)
        l->reference[i] =
            (struct listening_reference){find_nth("file", i), find_nth("sync", i), find_nth("offset", i),
                                         find_nth("loudness", i), find_nth("length", i)};

    l->id_on = param_find("/compare/blind/on");
    l->id_vote[BLIND_A] = param_find("/compare/blind/vote/a");
    l->id_vote[BLIND_B] = param_find("/compare/blind/vote/b");
    l->id_trials = param_find("/compare/blind/trials");
    l->id_correct = param_find("/compare/blind/correct");
    l->id_p = param_find("/compare/blind/p");
    l->id_compared = param_find("/compare/on");
    l->id_side[BLIND_A] = param_find("/compare/a");
    l->id_side[BLIND_B] = param_find("/compare/b");
    l->id_listen = param_find("/compare/listen");
    l->id_match = param_find("/compare/match");
    l->id_offset = param_find("/compare/offset");
    l->id_delay[BLIND_A] = param_find("/compare/delay/a");
    l->id_delay[BLIND_B] = param_find("/compare/delay/b");
    l->id_state[BLIND_A] = param_find("/compare/state/a");
    l->id_state[BLIND_B] = param_find("/compare/state/b");
}

/* --- reference tracks --- */

/* What was measured is not of the file that is wanted now. */
static void
want_reference(struct engine *g, int which, const char *path)
{
    references_want(&g->references, which, path);
    engine_put(g, g->listening.reference[which].id_loudness, LOUDNESS_NONE_LUFS);
    engine_put(g, g->listening.reference[which].id_length, 0.0);
}

void
listening_build(struct engine *g)
{
    for (int i = 0; i < REFERENCES; i++) {
        const struct listening_reference *r = &g->listening.reference[i];

        references_sync(&g->references, i, engine_get(g, r->id_sync) != 0.0);
        references_offset(&g->references, i, engine_get(g, r->id_offset));
        want_reference(g, i, engine_get_text(g, r->id_file));
    }
}

void
listening_set_text(struct engine *g, int id, const char *text)
{
    for (int i = 0; i < REFERENCES; i++)
        if (id == g->listening.reference[i].id_file)
            want_reference(g, i, text);
}

static void
set_reference(struct engine *g, int id, double value)
{
    for (int i = 0; i < REFERENCES; i++) {
        if (id == g->listening.reference[i].id_sync)
            references_sync(&g->references, i, value != 0.0);
        if (id == g->listening.reference[i].id_offset)
            references_offset(&g->references, i, value);
    }
}

static void
on_reference(struct engine *g, const struct references_news *n)
{
    const struct listening_reference *r = &g->listening.reference[n->which];

    if (!n->loaded) {
        engine_tell(g, "%s%s", n->failed ? "no reference: " : "reference: ", n->text);
        return;
    }
    engine_put(g, r->id_loudness, n->lufs);
    engine_put(g, r->id_length, n->length_s);
    engine_tell(g, "reference %d: %s, %.1f LUFS", n->which + 1, n->text, n->lufs);
}

/* --- a run's beginning and end --- */

/* What a or b is, and which file or whose settings. */
static void
name_side(struct engine *g, enum blind_side side)
{
    struct blindlog_run *run = &g->listening.run;
    int id = g->listening.id_side[side], which = (int)engine_get(g, id), file = -1;

    param_format(param_at(id), engine_get(g, id), run->name[side], sizeof run->name[side]);
    if (which >= CONTENDER_REFERENCE)
        file = g->listening.reference[which - CONTENDER_REFERENCE].id_file;
    else if (which == CONTENDER_NAMED)
        file = g->contenders.id_named;
    snprintf(run->file[side], sizeof run->file[side], "%s", file >= 0 ? engine_get_text(g, file) : "");
}

/* False: nothing sounds that could be switched. */
static bool
switch_x(struct engine *g)
{
    g->listening.heard = false;
    return engine_move(g, MOVE_SILENT, g->listening.id_listen, LISTEN_A, ENGINE_NOW, "blind", NULL) &&
           engine_send(g, (struct event){.kind = EVENT_BLIND, .value = blind_x(&g->listening.blind)});
}

static bool
begin(struct engine *g, struct err *e)
{
    struct listening *l = &g->listening;
    struct blind_result none;

    if (blind_x(&l->blind) >= 0)
        return true;
    if (engine_get(g, l->id_compared) == 0.0)
        return err_set(e, "/compare/blind/on: nothing is compared: set /compare/on to 1 first");
    if (!engine_sounding(g))
        return err_set(e, "/compare/blind/on: nothing sounds: no server runs");
    if (engine_get(g, l->id_state[BLIND_A]) != COMPARE_READY ||
        engine_get(g, l->id_state[BLIND_B]) != COMPARE_READY)
        return err_set(
            e, "/compare/blind/on: a or b is not ready: see /compare/state, and try again in a moment");
    if (blind_begin(&l->blind, blind_system_coin()) != OK)
        return err_set(e, "/compare/blind/on: the system has no random numbers yet: try again in a moment");
    if (!switch_x(g)) {
        blind_end(&l->blind, &none);
        return err_set(e, "/compare/blind/on: x could not be switched: try again");
    }
    l->run = (struct blindlog_run){.began = time(NULL)};
    for (enum blind_side side = BLIND_A; side <= BLIND_B; side++)
        name_side(g, side);
    engine_put(g, l->id_on, 1.0);
    engine_put(g, l->id_trials, 0.0);
    engine_put(g, l->id_correct, -1.0);
    engine_put(g, l->id_p, 1.0);
    engine_tell(g, "blind comparison of %s and %s: listen to a, b and x, then vote for what x is",
                l->run.name[BLIND_A], l->run.name[BLIND_B]);
    return true;
}

static void
keep(struct engine *g, const struct blind_result *r)
{
    struct listening *l = &g->listening;

    l->run.ended = time(NULL);
    l->run.match = engine_get(g, l->id_match) == 1.0;
    l->run.offset_lu = engine_get(g, l->id_offset);
    l->run.delay_frames = engine_get(g, l->id_delay[BLIND_A]) - engine_get(g, l->id_delay[BLIND_B]);
    if (!blindlog_add(&l->log, blindlog_line(&l->blind, r, &l->run)))
        engine_tell(g, "the blind comparison is not kept: out of memory");
}

void
listening_end(struct engine *g, const char *why)
{
    struct listening *l = &g->listening;
    struct blind_result r;

    if (!blind_end(&l->blind, &r))
        return;
    if (engine_sounding(g))
        engine_send(g, (struct event){.kind = EVENT_BLIND, .value = -1.0});
    snprintf(l->run.why, sizeof l->run.why, "%s", why);
    engine_put(g, l->id_on, 0.0);
    if (r.trials == 0) {
        engine_tell(g, "blind comparison over (%s): no votes", why);
        return;
    }
    engine_put(g, l->id_correct, r.correct);
    engine_put(g, l->id_p, r.p);
    engine_tell(
        g, "blind comparison over (%s): %d of %d right, p = %.3g: guessing does as well in %.3g %% of runs%s",
        why, r.correct, r.trials, r.p, 100.0 * r.p, l->run.moves ? "; the chain was moved meanwhile" : "");
    keep(g, &r);
}

/* --- what hands do --- */

static bool
vote(struct engine *g, enum blind_side side, struct err *e)
{
    struct listening *l = &g->listening;
    const char *path = param_at(l->id_vote[side])->path;
    enum status status;

    if (blind_x(&l->blind) < 0)
        return err_set(e, "%s: no blind comparison runs: set /compare/blind/on to 1", path);
    if (!l->heard)
        return err_set(e, "%s: x has not been heard yet: set /compare/listen to x first", path);
    status = blind_vote(&l->blind, side);
    engine_put(g, l->id_trials, blind_trials(&l->blind));
    if (status != OK)
        listening_end(g, blind_trials(&l->blind) == BLIND_TRIALS ? "no more votes are counted"
                                                                 : "no random numbers are to be had");
    else if (!switch_x(g))
        listening_end(g, "x could not be switched");
    return true;
}

bool
listening_set(struct engine *g, int id, double value, bool *ok, struct err *e)
{
    struct listening *l = &g->listening;

    if (id == l->id_vote[BLIND_A] || id == l->id_vote[BLIND_B]) {
        *ok = vote(g, id == l->id_vote[BLIND_A] ? BLIND_A : BLIND_B, e);
        return true;
    }
    set_reference(g, id, value);
    if (id != l->id_on)
        return false;
    *ok = true;
    if (value != 0.0)
        *ok = begin(g, e);
    else
        listening_end(g, "switched off");
    return true;
}

/* All of /compare but who is listened to, and the votes. */
static bool
is_of_the_comparison(const struct engine *g, int id)
{
    static const char all[] = "/compare/", votes[] = "/compare/blind/";
    const char *path = param_at(id)->path;

    return strncmp(path, all, sizeof all - 1) == 0 && strncmp(path, votes, sizeof votes - 1) != 0 &&
           id != g->listening.id_listen;
}

/* Is what snapshots and presets stand for about to change? */
static bool
stores_settings(const struct engine *g, int id)
{
    static const char *const word[] = {"/snapshot/store", "/snapshot/remove", "/snapshot/rename"};
    static const char slot[] = "/snapshot/slot/";
    const char *path = param_at(id)->path;
    bool stores = id == g->id_save || (strncmp(path, slot, sizeof slot - 1) == 0 && strstr(path, "/store"));

    for (size_t i = 0; i < LEN(word); i++)
        stores |= strcmp(path, word[i]) == 0;
    return stores;
}

static bool
compares_settings(const struct engine *g)
{
    const int *side = g->listening.id_side;

    return contender_is_set((int)engine_get(g, side[BLIND_A])) ||
           contender_is_set((int)engine_get(g, side[BLIND_B]));
}

void
listening_moved(struct engine *g, int id, double value)
{
    struct listening *l = &g->listening;
    char why[PARAM_PATH_SIZE + 16];

    if (blind_x(&l->blind) < 0)
        return;
    if (id == l->id_listen)
        l->heard |= value == LISTEN_X;
    if (param_is_number(param_at(id)) && param_at(id)->type != PARAM_TRIGGER && value == g->model.values[id])
        return;
    l->run.moves += param_at(id)->owner == OWNER_CHAIN;
    if (is_of_the_comparison(g, id) || (stores_settings(g, id) && compares_settings(g))) {
        snprintf(why, sizeof why, "%s was moved", param_at(id)->path);
        listening_end(g, why);
    }
}

void
listening_tick(struct engine *g)
{
    struct references_news news;
    struct err e;

    while (references_tick(&g->references, &news))
        on_reference(g, &news);
    if (blindlog_tick(&g->listening.log, &e))
        engine_tell(g, "the blind comparison is not kept: %s", e.text);
}

void
listening_close(struct engine *g)
{
    struct err e;

    listening_end(g, "the host ends");
    if (!blindlog_close(&g->listening.log, &e))
        engine_tell(g, "the blind comparison is not kept: %s", e.text);
}
