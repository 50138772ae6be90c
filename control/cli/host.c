/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/host.h"

#include "control/cli/cli.h"
#include "control/cli/picture.h"
#include "control/cli/terminal.h"
#include "control/nsm.h"
#include "engine/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 10, PICTURE_MS = 50, STATUS_S = 10 };

#define MS INT64_C(1000000)

struct host {
    const struct host_choices *choices;
    struct engine_config config; /* of the choices, and of the session that we are in */
    const char *const *set;
    int nset;
    struct engine *engine;
    struct loop *loop;
    struct network network;
    struct surfaces *surfaces;
    struct nsm *nsm; /* NULL: no session */
    bool tried;      /* to open the parts, with this result: */
    enum status status;
    struct err err;
    struct terminal terminal;
    struct view view;
    bool picture;
    int64_t start_ns, picture_ns, status_ns;
    char news[512]; /* the last line */
    int id_play, id_next, id_previous, id_bypass, id_record, id_undo, id_redo;
};

static volatile sig_atomic_t stop_asked;

/* --- showing -------------------------------------------------------------------------------------- */

static void
show(struct host *h, int64_t now_ns)
{
    static char lines[VIEW_PICTURE];
    struct view_state s = {.time_s = (double)(now_ns - h->start_ns) * 1e-9};
    int columns, rows;

    if (now_ns < h->picture_ns)
        return;
    h->picture_ns = now_ns + PICTURE_MS * MS;
    if (!terminal_wants(&h->terminal, &columns, &rows))
        return;
    picture_fill(&s, h->engine);
    for (int i = 0; i < NETWORK_ADDRESSES; i++)
        if (h->network.address[i][0])
            s.address[s.naddresses++] = h->network.address[i];
    s.guarded = network_is_open(&h->network);
    s.code = network_code(&h->network, now_ns);
    s.code_s = network_code_s(&h->network, now_ns);
    s.code_url = h->network.code_url;
    s.qr = &h->network.qr;
    s.news = h->news;
    view_draw(&h->view, lines, sizeof lines, columns, rows, &s);
    terminal_show(&h->terminal, lines);
}

static void
status_line(struct host *h, int64_t now_ns)
{
    char line[PARAM_TEXT_SIZE + 256];

    if (now_ns < h->status_ns)
        return;
    h->status_ns = now_ns + STATUS_S * INT64_C(1000000000);
    picture_line(line, sizeof line, h->engine);
    printf("%s\n", line);
    fflush(stdout);
}

static void
tell(struct host *h, const char *line)
{
    snprintf(h->news, sizeof h->news, "%.500s", line);
    if (h->picture)
        return;
    printf("%s\n", line);
    fflush(stdout);
}

static void
tell_news(struct host *h)
{
    const char *line;

    while ((line = engine_news(h->engine))) {
        tell(h, line);
        if (h->nsm)
            nsm_message(h->nsm, 1, line);
    }
    while ((line = network_news(&h->network)))
        tell(h, line);
    while ((line = surfaces_news(h->surfaces)))
        tell(h, line);
}

/* --- hands ---------------------------------------------------------------------------------------- */

static void
press(struct host *h, int id, double value)
{
    struct err e;

    if (!engine_set(h->engine, id, value, ENGINE_NOW, "terminal", &e))
        snprintf(h->news, sizeof h->news, "%.500s", e.text);
}

static void
toggle(struct host *h, int id)
{
    press(h, id, engine_get(h->engine, id) == 0.0);
}

static void
take_keys(struct host *h)
{
    int pressed;

    while (h->picture && (pressed = terminal_key(&h->terminal)) != TERMINAL_NONE) {
        enum view_key key = view_key(pressed);

        if (key == VIEW_KEY_PLAY)
            toggle(h, h->id_play);
        else if (key == VIEW_KEY_NEXT)
            press(h, h->id_next, 1.0);
        else if (key == VIEW_KEY_PREVIOUS)
            press(h, h->id_previous, 1.0);
        else if (key == VIEW_KEY_BYPASS)
            toggle(h, h->id_bypass);
        else if (key == VIEW_KEY_PRINT)
            toggle(h, h->id_record);
        else if (key == VIEW_KEY_UNDO)
            press(h, h->id_undo, 1.0);
        else if (key == VIEW_KEY_REDO)
            press(h, h->id_redo, 1.0);
        else if (key == VIEW_KEY_DOOR)
            network_let(&h->network, !network_code(&h->network, clock_ns())[0], clock_ns());
        else if (key == VIEW_KEY_QUIT)
            stop_asked = 1;
    }
}

static void
on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

static void
catch_signals(void)
{
    struct sigaction ask = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGINT, &ask, NULL);
    sigaction(SIGTERM, &ask, NULL);
    sigaction(SIGHUP, &ask, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* a full disk is an error of the print, not our end */
}

/* --- a session ------------------------------------------------------------------------------------ */

static void
open_parts(struct host *h)
{
    h->tried = true;
    h->status = engine_open(&h->engine, &h->config, h->set, h->nset, &h->err);
    if (h->status == OK)
        h->status = network_open(&h->network, &h->choices->network, h->engine, h->loop, &h->err);
    if (h->status == OK)
        h->status =
            surfaces_open(&h->surfaces, &h->choices->surfaces, h->engine, h->loop, clock_ns(), &h->err);
}

static void
receive_session(void *context, int fd)
{
    struct host *h = context;

    (void)fd;
    nsm_receive(h->nsm);
}

static void
tend_session(struct host *h, int64_t now_ns)
{
    const char *line;

    if (!h->nsm)
        return;
    nsm_tick(h->nsm, now_ns);
    if (h->engine)
        nsm_dirty(h->nsm, !engine_is_kept(h->engine));
    line = nsm_news(h->nsm);
    if (line[0])
        tell(h, line);
}

static enum nsm_code
open_session(void *context, const char *path, const char *display, const char *id, struct err *e)
{
    struct host *h = context;

    (void)display;
    h->config.client_name = id;
    h->config.state_dir = path;
    open_parts(h);
    *e = h->err;
    return h->status == OK ? NSM_DONE : NSM_GENERAL;
}

static enum nsm_code
save_session(void *context, struct err *e)
{
    struct host *h = context;

    return engine_keep(h->engine, e) == OK ? NSM_DONE : NSM_GENERAL;
}

/* In a session it is the manager who has the parts opened: JACK is not joined before it has said under which name. */
static void
join_session(struct host *h)
{
    const struct nsm_hand hand = {open_session, save_session, h};
    const char *url = getenv("NSM_URL"), *name = h->config.client_name;
    char line[sizeof h->news];
    struct err e = {""};

    if (!url || !url[0])
        return;
    if (nsm_open(&h->nsm, url, name ? name : "deadwax", program_invocation_name, &hand, clock_ns(), &e) !=
        OK) {
        snprintf(line, sizeof line, "%s: running without a session", e.text);
        tell(h, line);
        return;
    }
    loop_watch(h->loop, nsm_fd(h->nsm), false, receive_session, h);
    while (!stop_asked && !h->tried && nsm_waits(h->nsm)) {
        loop_wait(h->loop, TICK_MS);
        tend_session(h, clock_ns());
    }
}

/* --- the whole ------------------------------------------------------------------------------------ */

/* A tick, or as soon as a surface can be told more. */
static int
wait_ms(const struct host *h)
{
    int64_t left_ns = surfaces_next_ns(h->surfaces) - clock_ns();

    return left_ns >= TICK_MS * MS ? TICK_MS : left_ns <= MS ? 1 : (int)(left_ns / MS);
}

static void
loop(struct host *h)
{
    while (!stop_asked && engine_running(h->engine)) {
        int64_t now_ns;

        loop_wait(h->loop, wait_ms(h));
        now_ns = clock_ns();
        take_keys(h);
        engine_tick(h->engine);
        surfaces_tick(h->surfaces, now_ns);
        network_tick(&h->network, now_ns);
        tell_news(h);
        tend_session(h, now_ns);
        if (h->picture)
            show(h, now_ns);
        else
            status_line(h, now_ns);
    }
}

static void
find_ids(struct host *h)
{
    h->id_play = param_find("/transport/play");
    h->id_next = param_find("/transport/next");
    h->id_previous = param_find("/transport/previous");
    h->id_bypass = param_find("/chain/bypass");
    h->id_record = param_find("/print/record");
    h->id_undo = param_find("/undo");
    h->id_redo = param_find("/redo");
}

/* False: it should have played something, and could not. */
static bool
close_parts(struct host *h)
{
    bool good = true;

    surfaces_close(h->surfaces); /* what it says in parting goes out with the last periods */
    h->surfaces = NULL;
    network_close(&h->network);
    if (h->engine) {
        engine_fade_out(h->engine);
        tell_news(h);
        good = !engine_failed(h->engine);
    }
    engine_close(h->engine);
    nsm_close(h->nsm);
    loop_close(h->loop);
    return good;
}

static void
begin(struct host *h)
{
    h->start_ns = clock_ns();
    h->status_ns = h->start_ns + STATUS_S * INT64_C(1000000000);
    h->picture = !h->choices->headless && terminal_open(&h->terminal) == OK;
    h->view = (struct view){.utf8 = h->terminal.utf8, .colour = h->terminal.colour, .keys = h->terminal.keys};
    for (int i = 0; i < NETWORK_ADDRESSES && !h->picture; i++)
        if (h->network.address[i][0])
            printf("%s\n", h->network.address[i]);
    tell_news(h);
}

int
host_run(const struct host_choices *c, const char *const *set, int nset)
{
    struct host h = {.choices = c, .config = c->engine, .set = set, .nset = nset};

    find_ids(&h);
    catch_signals();
    if (loop_open(&h.loop) != OK)
        return cli_fail(1, "the control loop: no memory or no descriptors left");
    join_session(&h);
    if (!h.tried && !stop_asked)
        open_parts(&h);
    if (!h.tried || h.status != OK) {
        close_parts(&h);
        return h.tried ? cli_fail(h.status == BAD_ARG ? 2 : 1, "%s", h.err.text) : 0;
    }
    begin(&h);
    loop(&h);
    if (h.picture)
        terminal_close(&h.terminal);
    h.picture = false;
    return close_parts(&h) ? 0 : 1;
}
