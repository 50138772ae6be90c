/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameter model's only writer, with moves.c. A move goes four ways: into
 * the model and the history at once, to the process thread as an event, and,
 * when that says at which frame it came into force, into the log.
 *
 * What sounds (player, process, disk) is built for one rate. When the server
 * comes back with another one it is built again, at the place where it was.
 */
#include "engine/inside.h"

#include "engine/clock.h"
#include "engine/preset.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CUE_MS = 2000, FADE_MS = 60, PRINT_MS = 2000 };

#define MS INT64_C(1000000)

static const char *const demo_files[] = {"demo:"};

/* --- news ----------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) void
engine_tell(struct engine *g, const char *format, ...)
{
    va_list ap;

    if (g->news_last - g->news_first == NEWS)
        g->news_first++; /* the oldest goes */
    va_start(ap, format);
    vsnprintf(g->news[g->news_last++ % NEWS], NEWS_SIZE, format, ap);
    va_end(ap);
}

const char *
engine_news(struct engine *g)
{
    return g->news_first == g->news_last ? NULL : g->news[g->news_first++ % NEWS];
}

static void
tell_server(struct engine *g)
{
    const char *line = g->server.news, *end;

    for (; *line; line = end) {
        end = line + strcspn(line, "\n");
        engine_tell(g, "%.*s", (int)(end - line), line);
        end += *end == '\n';
    }
}

/* --- the model ------------------------------------------------------------------------------------ */

void
engine_put(struct engine *g, int id, double value)
{
    model_put(&g->model, id, value);
}

/* Out of memory it keeps the old one: what acts on a text has it already. */
void
engine_put_text(struct engine *g, int id, const char *text)
{
    model_put_text(&g->model, id, text);
}

void
engine_report(struct engine *g, int id, double value)
{
    engine_put(g, id, value);
}

void
engine_report_text(struct engine *g, int id, const char *text)
{
    engine_put_text(g, id, text);
}

/* Who moves something and asks at once is told what it has become, ahead of the next tick. */
static void
fresh(const struct engine *g, int id)
{
    if (param_at(id)->owner == OWNER_MEMORY)
        moves_show((struct engine *)g);
}

double
engine_get(const struct engine *g, int id)
{
    const struct param *p = param_at(id);

    fresh(g, id);
    if (id == g->id_position && g->cued && !g->readings.transport_playing)
        return g->seconds;
    return p->owner == OWNER_METER ? param_load(p, &g->readings) : g->model.values[id];
}

const double *
engine_get_series(const struct engine *g, int id, uint64_t *generation)
{
    const char *at = (const char *)&g->analyser.series + param_at(id)->offset;

    *generation = *(const uint64_t *)at;
    return (const double *)(at + sizeof *generation);
}

const char *
engine_get_text(const struct engine *g, int id)
{
    fresh(g, id);
    return model_text(&g->model, id);
}

uint64_t
engine_changes(const struct engine *g)
{
    return g->model.changes;
}

bool
engine_send(struct engine *g, struct event e)
{
    if (!g->built)
        return false;
    for (int i = 0; i < 100; i++) {
        if (process_send(&g->process, &e))
            return true;
        if (g->server.state != SERVER_RUNNING)
            break;
        usleep(1000);
    }
    engine_tell(g, "an order got lost: no server runs, and too many wait for it");
    return false;
}

/* --- print ---------------------------------------------------------------------------------------- */

static bool
print_begin(struct engine *g, struct err *e)
{
    char made[64];
    const char *path = model_text(&g->model, g->id_print_file);
    struct print_settings settings;
    time_t now = time(NULL);
    struct tm tm;

    if (g->finishing)
        return err_set(e, "%s: is still being closed: try again in a moment", recorder_path(g->recorder));
    if (g->printing)
        return true;
    if (!path[0]) {
        localtime_r(&now, &tm);
        strftime(made, sizeof made, "print-%Y%m%d-%H%M%S.wav", &tm);
        path = made;
    }
    settings = print_settings_of(g->model.values);
    if (recorder_open(g->recorder, path, &settings, e) != OK)
        return false;
    g->printing = true;
    engine_put(g, g->id_record, 1.0);
    engine_send(g, (struct event){.kind = EVENT_PRINT_START});
    engine_tell(g, "printing to %s", path);
    return true;
}

static void
print_end(struct engine *g)
{
    if (g->printing)
        engine_send(g, (struct event){.kind = EVENT_PRINT_STOP});
}

bool
engine_print(struct engine *g, bool on, struct err *e)
{
    if (on)
        return print_begin(g, e);
    print_end(g);
    return true;
}

/* process no longer writes. */
static void
print_close(struct engine *g, uint64_t frame)
{
    struct err e = {""};
    enum status status;

    if (!g->printing)
        return;
    status = recorder_close(g->recorder, &e);
    g->printing = g->finishing = g->print_failed = false;
    engine_put(g, g->id_record, 0.0);
    log_print(&g->log, frame, recorder_path(g->recorder), NULL);
    if (status == OK)
        engine_tell(g, "printed %.1f s to %s", (double)recorder_frames(g->recorder) / g->process.rate_hz,
                    recorder_path(g->recorder));
    else
        engine_tell(g, "%s", e.text);
}

/* The disk may be slow to close it: control does not wait. */
static void
print_finish(struct engine *g, uint64_t frame)
{
    if (!g->printing)
        return;
    g->print_to = frame;
    g->finishing = true;
    recorder_finish(g->recorder);
}

static void
print_watch(struct engine *g)
{
    struct err e = {""};

    if (g->finishing && recorder_finished(g->recorder))
        print_close(g, g->print_to);
    if (!g->printing || g->print_failed || recorder_state(g->recorder, &e) == OK)
        return;
    g->print_failed = true;
    engine_tell(g, "the print has ended: %s; the music goes on", e.text);
    print_end(g);
}

/* --- what process tells --------------------------------------------------------------------------- */

static void
on_set(struct engine *g, const struct notice *n)
{
    if (n->param == g->id_reset)
        analyser_restart(&g->analyser);
    moves_applied(g, n);
}

static void
on_player(struct engine *g, const struct player_notice *n)
{
    log_player(&g->log, n);
    if (n->kind == PLAYER_BEGAN) {
        transport_show(g, n->track);
        g->cued = g->finished = false;
    }
    if (transport_follows(g))
        engine_put(g, g->id_play, n->kind == PLAYER_BEGAN);
    if (n->kind == PLAYER_ENDED && n->dry)
        engine_tell(g, "the disk is too slow: the player waits for it");
    if (n->kind == PLAYER_FINISHED && !g->cued) { /* cued: a hand was faster, and plays on from elsewhere */
        g->playing = false;
        g->finished = true;
        engine_put(g, g->id_play, 0.0);
        transport_cue(g, 0, 0.0, false);
    }
}

static void
on_outboard(struct engine *g, int which, bool pinged)
{
    struct inserts_move move[INSERTS_MOVES];
    char line[INSERTS_LINE], label[32];
    int n =
        inserts_measure(&g->inserts, which, &g->process.outboard[which], pinged, g->model.values, move, line);
    int group;

    snprintf(label, sizeof label, "ping insert %d", which + 1);
    group = engine_group_begin(g, label, "ping");
    for (int i = 0; i < n; i++)
        engine_move(g, group, move[i].param, move[i].value, ENGINE_NOW, "ping", NULL);
    engine_group_end(g, group);
    if (line[0])
        engine_tell(g, "%s", line);
}

static void
on_notice(struct engine *g, const struct notice *n)
{
    switch (n->kind) {
    case NOTICE_SET: on_set(g, n); break;
    case NOTICE_PLAYER: on_player(g, &n->player); break;
    case NOTICE_PRINT_BEGAN:
        log_print(&g->log, n->frame, recorder_path(g->recorder), recorder_settings(g->recorder));
        break;
    case NOTICE_PRINT_HOLE:
        engine_tell(g, "the disk is too slow: the print has ended");
        print_finish(g, n->frame);
        break;
    case NOTICE_PRINT_ENDED: print_finish(g, n->frame); break;
    case NOTICE_OUTBOARD: on_outboard(g, n->param, n->value != 0.0); break;
    case NOTICE_SILENT: g->silent = true; break;
    case NOTICE_TRANSPORT:
        g->transport_asked = true;
        g->transport_frame = n->transport;
        g->transport_generation = 0;
        break;
    }
}

static void
take_notices(struct engine *g)
{
    struct notice n;

    while (process_notice(&g->process, &n))
        on_notice(g, &n);
}

/* --- building what sounds ------------------------------------------------------------------------- */

static enum status
build(struct engine *g, struct err *e)
{
    double rate_hz = backend_rate_hz(g->server.backend);
    struct settings s = settings_of(g->model.values);
    enum status status = player_open(&g->player, rate_hz, g->files, g->nfiles);

    if (status == OK)
        status = recorder_prepare(&g->recorder, rate_hz);
    if (status == OK)
        status = process_prepare(&g->process, rate_hz, g->player, g->recorder);
    if (status == OK)
        status = inserts_prepare(&g->inserts, rate_hz);
    if (status == OK)
        status = tap_prepare(&g->tap, rate_hz);
    if (status == OK)
        status = analyser_prepare(&g->analyser, rate_hz);
    if (status == OK)
        status = compare_prepare(&g->compare, rate_hz);
    if (status == OK)
        status = references_prepare(&g->references, rate_hz);
    if (status != OK) {
        err_set(e, status == NO_MEM ? "out of memory" : "the server's rate of %g Hz is out of range",
                rate_hz);
        return status;
    }
    g->built = true;
    g->process.tap = &g->tap;
    g->process.compare = &g->compare;
    contenders_begin(g);
    g->process.references = &g->references;
    listening_build(g);
    model_forget_moves(&g->model);
    midi_build(g);
    process_begin(&g->process, &s, g->model.values[g->id_source] == 0.0);
    g->process.print_with_list = g->config.once;
    player_loop(g->player, (enum player_loop)g->model.values[g->id_loop]);
    log_header(&g->log, rate_hz, g->model.values[g->id_source] == 0.0 ? "player" : "input", g->files,
               g->nfiles, g->model.values);
    return disk_start(&g->disk, g->player, g->recorder, &g->references);
}

/* The programme frame after the last one that came out of the chain: what is inside it is lost. */
static uint64_t
printed_to(const struct engine *g)
{
    uint64_t latency = (uint64_t)g->process.chain.latency;
    uint64_t to = g->process.frame > latency ? g->process.frame - latency : 0;
    uint64_t from = g->process.print_from > latency ? g->process.print_from - latency : 0;

    return to > from ? to : from;
}

static void
unbuild(struct engine *g)
{
    listening_end(g, "the server has gone");
    if (g->built)
        take_notices(g);
    if (g->printing)
        print_close(g, g->finishing ? g->print_to : printed_to(g));
    disk_stop(&g->disk);
    midi_unbuild(g);
    if (g->built)
        process_free(&g->process);
    inserts_free(&g->inserts);
    tap_free(&g->tap);
    analyser_free(&g->analyser);
    compare_free(&g->compare);
    references_free(&g->references);
    g->built = false;
    player_close(g->player);
    recorder_free(g->recorder);
    g->player = NULL;
    g->recorder = NULL;
}

static void
await_cue(struct engine *g)
{
    int64_t until = clock_ns() + CUE_MS * MS;

    while (!player_ready(g->player) && clock_ns() < until)
        usleep(2000);
}

static void
tell_barren(struct engine *g)
{
    engine_tell(g, "none of the files can be played: check their names, or connect an input");
    g->barren = g->finished = true;
    print_end(g);
}

/* From the first frame on: print first, so that it hears all of the player. */
static enum status
run(struct engine *g, bool playing, struct err *e)
{
    uint32_t generation = transport_cue(g, g->track, g->seconds, false);
    const char *line;

    while ((line = player_news(g->player)))
        engine_tell(g, "%s", line);
    await_cue(g);
    if (!generation)
        tell_barren(g);
    g->playing = playing && generation && !transport_follows(g);
    engine_put(g, g->id_play, g->playing);
    if (g->playing)
        engine_send(g, (struct event){.kind = EVENT_PLAY, .generation = generation});
    return server_run(&g->server, &g->process, e);
}

/* The server is back: go on where we were, with what we had. */
static void
resume(struct engine *g)
{
    struct err e = {""};
    bool playing = g->playing;
    enum status status = OK;

    recall_land(g);
    if (g->process.rate_hz == backend_rate_hz(g->server.backend)) {
        status = server_run(&g->server, &g->process, &e);
    } else {
        engine_tell(g, "the rate is %.0f Hz now", backend_rate_hz(g->server.backend));
        g->seconds = transport_seconds(g);
        unbuild(g);
        status = build(g, &e);
        if (status == OK)
            status = run(g, playing, &e);
    }
    if (status != OK)
        server_lose(&g->server, clock_ns(), e.text);
}

/* --- open and close ------------------------------------------------------------------------------- */

static void
find_ids(struct engine *g)
{
    g->id_play = param_find("/transport/play");
    g->id_track = param_find("/transport/track");
    g->id_file = param_find("/transport/file");
    g->id_loop = param_find("/transport/loop");
    g->id_source = param_find("/transport/source");
    g->id_position = param_find("/transport/position");
    g->id_markers = param_find("/transport/marker/list");
    g->id_print_file = param_find("/print/file");
    g->id_reset = param_find("/meter/reset");
}

/* Does it say something before anything runs? */
static bool
comes_first(const struct engine *g, int id)
{
    const struct param *p = param_at(id);

    return p->owner == OWNER_CHAIN || p->owner == OWNER_MONITOR || id == g->id_loop ||
           ((p->owner == OWNER_PRINT || p->owner == OWNER_MEMORY) && (p->flags & PARAM_SAVED));
}

/* A preset says the whole chain: of a state that is resumed it leaves what is not in presets. */
static bool
first_preset(struct engine *g, struct err *e)
{
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);

        if (p->owner == OWNER_CHAIN && (p->flags & PARAM_SAVED) && !(p->flags & PARAM_DESK))
            g->model.values[i] = p->def;
    }
    return preset_begin(g->config.preset_path, g->model.values, e) == OK;
}

static bool
first_values(struct engine *g, const char *const *set, int nset, struct err *e)
{
    if (g->config.preset_path && !first_preset(g, e))
        return false;
    for (int i = 0; i < nset; i++) {
        double value;
        int id;

        if (!param_parse_assignment(set[i], &id, &value, e))
            return false;
        if (!comes_first(g, id))
            return err_set(e, "%s: can't be set before the host runs", param_at(id)->path);
        if (param_at(id)->type != PARAM_TRIGGER)
            g->model.values[id] = value;
    }
    return true;
}

static enum status
make(struct engine **out, const struct engine_config *config)
{
    struct engine *g = calloc(1, sizeof *g);
    enum status status;

    if (!g)
        return NO_MEM;
    params_init();
    g->config = *config;
    g->server.jackd.log_fd = -1;
    g->files = config->nfiles ? config->files : demo_files;
    g->nfiles = config->nfiles ? config->nfiles : 1;
    g->source_auto = !config->nfiles;
    find_ids(g);
    *out = g;
    status = model_prepare(&g->model);
    if (status == OK)
        status = moves_prepare(g);
    return status == OK ? recall_open(g) : status;
}

static enum status
open_all(struct engine *g, const char *const *set, int nset, struct err *e)
{
    struct server_config c = {.client = g->config.client_name ? g->config.client_name : "deadwax",
                              .name = g->config.server_name,
                              .interface = g->config.interface,
                              .profile_dir = g->config.profile_dir,
                              .connect = g->config.connect,
                              .follow = g->config.transport == TRANSPORT_JACK};
    enum status status;

    if ((status = state_open(g, e)) != OK)
        return status;
    if (!first_values(g, set, nset, e))
        return BAD_ARG;
    if (g->config.log_path && (status = log_open(&g->log, g->config.log_path, e)) != OK)
        return status;
    if (!g->config.nfiles)
        g->model.values[g->id_loop] = LOOP_LIST;
    status = server_open(&g->server, &c, e);
    tell_server(g);
    if (status != OK)
        return status;
    engine_tell(g, "%s", g->server.text);
    status = build(g, e);
    if (status != OK)
        return status;
    if (g->config.print_path) {
        engine_put_text(g, g->id_print_file, g->config.print_path);
        if (!print_begin(g, e))
            return IO_ERROR;
    }
    return run(g, g->config.play, e);
}

enum status
engine_open(struct engine **out, const struct engine_config *config, const char *const *set, int nset,
            struct err *e)
{
    enum status status = make(out, config);

    if (status == OK)
        status = open_all(*out, set, nset, e);
    else
        err_set(e, "out of memory");
    if (status != OK) {
        engine_close(*out);
        *out = NULL;
    } else {
        (*out)->opened = true;
    }
    return status;
}

static void
wait_for(struct engine *g, bool *done, bool want, int ms)
{
    int64_t until = clock_ns() + ms * MS;

    while (*done != want && clock_ns() < until) {
        take_notices(g);
        print_watch(g);
        usleep(1000);
    }
}

/* The print's end is still on its way through the chain when the ports are silent already. */
void
engine_fade_out(struct engine *g)
{
    if (!g->built || g->server.state != SERVER_RUNNING || g->silent)
        return;
    engine_send(g, (struct event){.kind = EVENT_PRINT_STOP});
    engine_send(g, (struct event){.kind = EVENT_OUTPUTS, .value = 0.0});
    wait_for(g, &g->silent, true, FADE_MS);
    wait_for(g, &g->printing, false, PRINT_MS);
}

void
engine_close(struct engine *g)
{
    if (!g)
        return;
    listening_close(g);
    engine_fade_out(g);
    server_close(&g->server);
    unbuild(g);
    log_flush(&g->log, NULL);
    log_close(&g->log);
    reference_close(&g->reference);
    state_close(g, g->opened);
    recall_close(g);
    markers_free(&g->markers);
    history_free(&g->history);
    model_free(&g->model);
    free(g);
}

/* --- tick ----------------------------------------------------------------------------------------- */

static void
tend_source(struct engine *g)
{
    struct backend *b = g->server.backend;

    if (!g->source_auto || g->server.state != SERVER_RUNNING)
        return;
    if (!backend_connected(b, PORT_IN_L) && !backend_connected(b, PORT_IN_R))
        return;
    g->source_auto = false;
    engine_tell(g, "an input is connected: the demo gives way to it");
    engine_move(g, MOVE_SILENT, g->id_source, 1.0, ENGINE_NOW, "engine", NULL);
}

static void
tend_server(struct engine *g)
{
    server_tick(&g->server, clock_ns());
    tell_server(g);
    if (g->server.state == SERVER_JOINED) {
        resume(g);
        if (g->server.state == SERVER_LOST)
            tell_server(g);
    }
}

void
engine_tick(struct engine *g)
{
    struct err e;
    const char *line;

    if (!g->built)
        return;
    g->readings = *(const struct readings *)publish_read(&g->process.readings);
    g->readings.xruns = (double)server_xruns(&g->server);
    memcpy(g->readings.insert, g->inserts.reading, sizeof g->readings.insert);
    analyser_tick(&g->analyser, &g->tap, g->model.values, reference_curve(&g->reference), &g->readings);
    if (reference_tick(&g->reference, &e))
        engine_tell(g, "%s%s", e.text[0] ? "no reference: " : "reference ",
                    e.text[0] ? e.text : g->reference.wanted);
    take_notices(g);
    model_send_late(&g->model, &g->process);
    contenders_tick(g);
    moves_show(g);
    transport_tend(g);
    listening_tick(g);
    midi_tick(g);
    tend_source(g);
    print_watch(g);
    recall_tick(g);
    state_tick(g);
    while ((line = player_news(g->player)))
        engine_tell(g, "%s", line);
    tend_server(g);
    if (!log_flush(&g->log, &e))
        engine_tell(g, "%s", e.text);
}

bool
engine_running(const struct engine *g)
{
    return g->built && !(g->config.once && g->finished && !g->printing);
}

bool
engine_failed(const struct engine *g)
{
    return g->config.once && g->barren;
}

/* --- what people want to know --------------------------------------------------------------------- */

uint64_t
engine_frame_at(const struct engine *g, int64_t realtime_ns)
{
    const struct process_tick *t = publish_read((struct publish *)&g->process.tick);
    int64_t there = realtime_ns - clock_realtime_ns() + clock_ns() - t->time_ns;
    double frames = (double)there * 1e-9 * g->process.rate_hz;

    /* The period that started at time_ns is made; what happens while it sounds is heard one period later. */
    return t->frame + (uint64_t)t->nframes + (frames > 0.0 ? (uint64_t)frames : 0);
}

double
engine_rate_hz(const struct engine *g)
{
    return g->process.rate_hz;
}

int
engine_latency_frames(const struct engine *g)
{
    return (int)publish_count_get(&g->process.latency);
}

const char *
engine_server_text(const struct engine *g)
{
    return g->server.text;
}

double
engine_track_seconds(const struct engine *g)
{
    const struct player_track *t = player_track(g->player, g->track);

    return t ? (double)t->length / g->process.rate_hz : 0.0;
}

const char *
engine_print_path(const struct engine *g)
{
    return recorder_path(g->recorder);
}

const char *
engine_remote(const struct engine *g, int n)
{
    const struct interface_profile *p = g->server.profile;

    return p && n >= 0 && (unsigned)n < p->remotes_count ? p->remotes[n] : NULL;
}

bool
engine_sounding(const struct engine *g)
{
    return g->server.state == SERVER_RUNNING;
}

const char *
engine_track_text(const struct engine *g)
{
    static char line[PARAM_TEXT_SIZE + 32];
    const char *file = model_text(&g->model, g->id_file), *slash = strrchr(file, '/');

    if (strcmp(file, demo_files[0]) == 0)
        return "demo programme";
    snprintf(line, sizeof line, "%d/%d %s", g->track + 1, g->nfiles, slash ? slash + 1 : file);
    return line;
}
