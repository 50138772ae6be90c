/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax run: opens the engine, lets hands move it, shows it, closes it.
 */
#include "control/announce.h"
#include "control/cli/cli.h"
#include "control/cli/terminal.h"
#include "control/cli/view.h"
#include "control/door.h"
#include "control/loop.h"
#include "control/nsm.h"
#include "control/osc.h"
#include "control/qr.h"
#include "control/reach.h"
#include "control/warden.h"
#include "control/web.h"
#include "engine/chain.h"
#include "engine/clock.h"
#include "engine/engine.h"
#include "engine/recorder.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TICK_MS = 10, PICTURE_MS = 50, STATUS_S = 10 };

#define MS INT64_C(1000000)

struct host {
    const struct choices *choices;
    struct engine_config config; /* of the choices, and of the session that we are in */
    struct engine *engine;
    struct loop *loop;
    struct osc *osc;
    struct door *door;
    struct warden warden;
    struct reach reach;                       /* where others find us; none: loopback alone */
    int http_port;                            /* 0: no web */
    char code[DOOR_CODE_SIZE], code_url[256]; /* told last; where to type it */
    struct qr qr;
    struct nsm *nsm; /* NULL: no session */
    struct announce *announce;
    bool tried; /* to open the parts, with this result: */
    enum status status;
    struct err err;
    struct web *web; /* NULL: none */
    char web_address[128], web_news[512];
    struct terminal terminal;
    struct view view;
    bool picture, quiet;
    int64_t start_ns, picture_ns, status_ns;
    char osc_address[128], tcp_address[128], news[512], print_file[PARAM_TEXT_SIZE];
    int id_play, id_next, id_previous, id_bypass, id_record, id_undo, id_redo;
};

static volatile sig_atomic_t stop_asked;

static const char help[] =
    "deadwax run [OPTION...] [FILE...]\n"
    "\n"
    "Plays FILEs (or, without, a demo programme until an input is connected) through the chain on JACK. "
    "Where no\n"
    "server answers it starts jackd for the sound card that is there.\n"
    "\n"
    "  --set PATH=VALUE    a parameter's first value (deadwax params names them)\n"
    "  --preset NAME|FILE  many of them: see \"deadwax preset list\", or PATH=VALUE lines\n"
    "  --state DIR         resume what was kept there, and keep it: the desk's state and its snapshots\n"
    "  --print FILE        print the master from the first frame; never overwrites\n"
    "  --print-format F    wav32f (as heard, to the bit), wav24 or wav16 (dithered)\n"
    "  --log FILE          write every move with its frame; deadwax render --log makes the take again\n"
    "  --once              end after the last FILE\n"
    "  --stopped           do not start playing\n"
    "  --loop off|track|list\n"
    "  --interface NAME    hardware profile (deadwax profile list)\n"
    "  --no-connect        leave the master outputs alone\n"
    "  --server NAME       JACK server\n"
    "  --name NAME         JACK client name (deadwax)\n"
    "  --transport jack    follow JACK's transport\n"
    "  --osc-port N        9000; 0 takes a free one\n"
    "  --http-port N       9001, for OSCQuery and WebSockets; 0 takes a free one, off has none\n"
    "  --listen ADDR       let others on the network in too, once they are paired; 0.0.0.0 is at every "
    "address\n"
    "  --pair              open pairing at once, and show the code\n"
    "  --headless          log lines, even on a terminal\n"
    "  --profiles DIR      hardware profiles\n";

enum {
    OPT_SET = 256,
    OPT_PRESET,
    OPT_STATE,
    OPT_PRINT,
    OPT_FORMAT,
    OPT_LOG,
    OPT_ONCE,
    OPT_STOPPED,
    OPT_LOOP,
    OPT_INTERFACE,
    OPT_NO_CONNECT,
    OPT_SERVER,
    OPT_NAME,
    OPT_TRANSPORT,
    OPT_OSC_PORT,
    OPT_HTTP_PORT,
    OPT_LISTEN,
    OPT_PAIR,
    OPT_HEADLESS,
    OPT_PROFILES,
    OPT_HELP
};

static const struct option options[] = {
    {"set", required_argument, NULL, OPT_SET},
    {"preset", required_argument, NULL, OPT_PRESET},
    {"state", required_argument, NULL, OPT_STATE},
    {"print", required_argument, NULL, OPT_PRINT},
    {"print-format", required_argument, NULL, OPT_FORMAT},
    {"log", required_argument, NULL, OPT_LOG},
    {"once", no_argument, NULL, OPT_ONCE},
    {"stopped", no_argument, NULL, OPT_STOPPED},
    {"loop", required_argument, NULL, OPT_LOOP},
    {"interface", required_argument, NULL, OPT_INTERFACE},
    {"no-connect", no_argument, NULL, OPT_NO_CONNECT},
    {"server", required_argument, NULL, OPT_SERVER},
    {"name", required_argument, NULL, OPT_NAME},
    {"transport", required_argument, NULL, OPT_TRANSPORT},
    {"osc-port", required_argument, NULL, OPT_OSC_PORT},
    {"http-port", required_argument, NULL, OPT_HTTP_PORT},
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"pair", no_argument, NULL, OPT_PAIR},
    {"headless", no_argument, NULL, OPT_HEADLESS},
    {"profiles", required_argument, NULL, OPT_PROFILES},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

struct choices {
    struct engine_config engine;
    struct cli_words set;
    const char *listen;
    int osc_port, http_port; /* -1: none */
    bool headless, pair, http_asked;
    char loop[32], format[48];
};

static int
choose_word(struct choices *c, const char *path, const char *word, char *out, size_t size)
{
    struct err e;
    double value;

    if (!param_parse(param_at(param_find(path)), word, &value, &e))
        return cli_fail(2, "%s", e.text);
    snprintf(out, size, "%s=%s", path, word);
    cli_words_add(&c->set, out);
    return 0;
}

static int
choose(struct choices *c, int option)
{
    switch (option) {
    case OPT_SET: cli_words_add(&c->set, optarg); return 0;
    case OPT_PRESET: c->engine.preset_path = optarg; return 0;
    case OPT_STATE: c->engine.state_dir = optarg; return 0;
    case OPT_PRINT: c->engine.print_path = optarg; return 0;
    case OPT_FORMAT: return choose_word(c, "/print/format", optarg, c->format, sizeof c->format);
    case OPT_LOG: c->engine.log_path = optarg; return 0;
    case OPT_ONCE: c->engine.once = true; return 0;
    case OPT_STOPPED: c->engine.play = false; return 0;
    case OPT_LOOP: return choose_word(c, "/transport/loop", optarg, c->loop, sizeof c->loop);
    case OPT_INTERFACE: c->engine.interface = optarg; return 0;
    case OPT_NO_CONNECT: c->engine.connect = false; return 0;
    case OPT_SERVER: c->engine.server_name = optarg; return 0;
    case OPT_NAME: c->engine.client_name = optarg; return 0;
    case OPT_OSC_PORT: c->osc_port = (int)cli_number("--osc-port", optarg, 0, 65535); return 0;
    case OPT_HTTP_PORT:
        c->http_asked = true;
        c->http_port = strcmp(optarg, "off") == 0 ? -1 : (int)cli_number("--http-port", optarg, 0, 65535);
        return 0;
    case OPT_LISTEN: c->listen = optarg; return 0;
    case OPT_PAIR: c->pair = true; return 0;
    case OPT_HEADLESS: c->headless = true; return 0;
    case OPT_PROFILES: c->engine.profile_dir = optarg; return 0;
    case OPT_TRANSPORT:
        if (strcmp(optarg, "jack") != 0)
            return cli_fail(2, "--transport: %s is no choice: use jack", optarg);
        c->engine.transport = TRANSPORT_JACK;
        return 0;
    default: return 2;
    }
}

/* --- showing -------------------------------------------------------------------------------------- */

static double
get(const struct host *h, const char *path)
{
    return engine_get(h->engine, param_find(path));
}

/* As the hands have ordered them. */
static void
order_stages(const struct host *h, enum stage order[STAGES])
{
    struct settings s = {0};
    char path[PARAM_PATH_SIZE];

    for (int i = 0; i < STAGES; i++) {
        snprintf(path, sizeof path, "/chain/order/%s", chain_stage_name(i));
        if (param_find(path) >= 0)
            s.chain.place[i] = (int)get(h, path);
    }
    stages_order(&s, order);
}

/* Which have a switch or take something away, the parameter table knows. */
static void
fill_stages(const struct host *h, struct view_state *s)
{
    enum stage order[STAGES];

    order_stages(h, order);
    for (int i = 0; i < STAGES && i < VIEW_STAGES; i++) {
        const char *name = chain_stage_name(order[i]);
        char on[PARAM_PATH_SIZE], reduction[PARAM_PATH_SIZE];

        snprintf(on, sizeof on, "/%s/on", name);
        snprintf(reduction, sizeof reduction, "/meter/%s/reduction", name);
        s->stage[s->nstages++] = (struct view_stage){
            .name = name,
            .on = param_find(on) < 0 || get(h, on) != 0,
            .reduces = param_find(reduction) >= 0,
            .reduction_db = param_find(reduction) >= 0 ? get(h, reduction) : 0.0,
        };
    }
    s->bypass = get(h, "/chain/bypass") != 0;
}

static void
fill_levels(const struct host *h, struct view_state *s)
{
    s->input_peak_dbfs[0] = get(h, "/meter/input/peak/1");
    s->input_peak_dbfs[1] = get(h, "/meter/input/peak/2");
    s->output_peak_dbfs[0] = get(h, "/meter/output/peak/1");
    s->output_peak_dbfs[1] = get(h, "/meter/output/peak/2");
    s->momentary_lufs = get(h, "/meter/output/momentary");
    s->true_peak_dbtp =
        fmax(get(h, "/meter/output/true_peak_max/1"), get(h, "/meter/output/true_peak_max/2"));
    s->plr_lu = get(h, "/meter/output/plr");
    s->psr_lu = get(h, "/meter/output/psr");
    s->correlation = get(h, "/meter/output/correlation");
    s->short_term_lufs = get(h, "/meter/output/short_term");
    s->integrated_lufs = get(h, "/meter/output/integrated");
    s->range_lu = get(h, "/meter/output/range");
    s->load_percent = get(h, "/meter/dsp/load");
    s->worst_percent = get(h, "/meter/dsp/worst");
    s->xruns = (long long)get(h, "/meter/dsp/xruns");
}

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
    s.server = engine_server_text(h->engine);
    s.latency_ms = engine_latency_frames(h->engine) * 1e3 / engine_rate_hz(h->engine);
    s.transport = get(h, "/transport/source") != 0         ? VIEW_LIVE
                  : engine_get(h->engine, h->id_play) != 0 ? VIEW_PLAYING
                                                           : VIEW_STOPPED;
    if (!engine_sounding(h->engine))
        s.transport = VIEW_WAITING;
    s.track = engine_track_text(h->engine);
    s.position_s = get(h, "/transport/position");
    s.length_s = engine_track_seconds(h->engine);
    fill_levels(h, &s);
    fill_stages(h, &s);
    s.measured_s = get(h, "/meter/output/measured");
    s.printing = engine_get(h->engine, h->id_record) != 0;
    s.print_file = engine_print_path(h->engine);
    s.print_s = get(h, "/print/time");
    s.address[s.naddresses++] = h->osc_address;
    if (h->web_address[0])
        s.address[s.naddresses++] = h->web_address;
    if (h->tcp_address[0]) /* OSC's port once more: last, where lines are cut */
        s.address[s.naddresses++] = h->tcp_address;
    s.guarded = h->reach.n > 0;
    s.code = door_code(h->door, now_ns);
    s.code_s = door_left_s(h->door, now_ns);
    s.code_url = h->code_url;
    s.qr = &h->qr;
    s.news = h->news;
    view_draw(&h->view, lines, sizeof lines, columns, rows, &s);
    terminal_show(&h->terminal, lines);
}

static void
status_line(struct host *h, int64_t now_ns)
{
    if (now_ns < h->status_ns)
        return;
    h->status_ns = now_ns + STATUS_S * INT64_C(1000000000);
    printf(
        "%s at %.1f s, out %.1f/%.1f dBFS, %.1f LUFS so far, load %.1f %% mean, %.1f %% worst, %.0f xruns\n",
        engine_track_text(h->engine), get(h, "/transport/position"), get(h, "/meter/output/peak/1"),
        get(h, "/meter/output/peak/2"), get(h, "/meter/output/integrated"), get(h, "/meter/dsp/load"),
        get(h, "/meter/dsp/worst"), get(h, "/meter/dsp/xruns"));
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
}

/* --- pairing -------------------------------------------------------------------------------------- */

/* Where the code is typed: on a page of ours, or into whatever speaks OSC. */
static void
name_code(struct host *h, const char *code)
{
    const char *at = h->reach.n ? h->reach.host[0] : "127.0.0.1";
    char url[256];

    if (h->http_port)
        reach_url(h->code_url, sizeof h->code_url, "http", at, h->http_port, "pair");
    else
        reach_url(h->code_url, sizeof h->code_url, "osc.udp", at, osc_port(h->osc), "");
    snprintf(url, sizeof url, "%.200s?code=%s", h->code_url, code);
    qr_make(&h->qr, url);
}

/* Once for each code, and when it is none any more. */
static void
tell_code(struct host *h, int64_t now_ns)
{
    const char *code = door_code(h->door, now_ns);
    char line[512];

    if (strcmp(code, h->code) == 0)
        return;
    snprintf(h->code, sizeof h->code, "%s", code);
    if (!code[0]) {
        h->qr.size = 0;
        tell(h, "pairing is closed");
        return;
    }
    name_code(h, code);
    if (h->picture) /* which has a line for it */
        return;
    snprintf(line, sizeof line, "pairing is open for %d s: %s at %s", DOOR_OPEN_S, code, h->code_url);
    tell(h, line);
}

static void
let_in(struct host *h, bool open, int64_t now_ns)
{
    struct err e;

    if (h->reach.n == 0)
        tell(h, "only this machine can reach us: start with --listen ADDR to pair others");
    else if (door_let(h->door, open, now_ns, &e) != OK)
        tell(h, e.text);
}

/* What the hands do below /control, and what they are told there. */
static void
tend_door(struct host *h, int64_t now_ns)
{
    char news[512];

    if (warden_tick(&h->warden, now_ns, news, sizeof news))
        tell(h, news);
    tell_code(h, now_ns);
}

/* At the start: whom others ask for, and that they are not in yet. */
static void
tell_lock(struct host *h)
{
    char line[512], paired[256];
    int used;

    if (h->reach.n == 0)
        return;
    door_list(h->door, paired, sizeof paired);
    used =
        snprintf(line, sizeof line, "locked: paired %s; pair another at", paired[0] ? paired : "nobody yet");
    for (int i = 0; i < h->reach.n && used < (int)sizeof line; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%s %s port %d", i ? "," : "",
                         h->reach.host[i], h->http_port ? h->http_port : osc_port(h->osc));
    if (used < (int)sizeof line)
        snprintf(line + used, sizeof line - (size_t)used, ": %s",
                 h->picture ? "press d" : "\"deadwax ctl pair\" here shows a code");
    tell(h, line);
}

/* A machine that nobody else can reach goes on with nobody paired when the file is damaged. */
static enum status
open_door(struct host *h, const char *listen, struct err *e)
{
    const char *listed[DOOR_LISTED + 1] = {NULL};
    enum status status;

    for (int i = 0; i < DOOR_LISTED && (listed[i] = engine_remote(h->engine, i)); i++)
        ;
    status = door_open(&h->door, NULL, listed, e);
    if (status == OK || listen)
        return status == BAD_ARG ? IO_ERROR : status; /* no wrong use of ours */
    tell(h, e->text);
    return door_open(&h->door, "", listed, e);
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
            let_in(h, !door_code(h->door, clock_ns())[0], clock_ns());
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

static void
receive(void *context, int fd)
{
    struct host *h = context;

    (void)fd;
    osc_receive(h->osc);
}

static void
receive_web(void *context, int fd)
{
    struct host *h = context;

    (void)fd;
    web_receive(h->web);
}

/* That the usual port is taken is no reason not to start. */
static enum status
open_web(struct host *h, const struct choices *c, struct err *e)
{
    enum status status;

    if (c->http_port < 0)
        return OK;
    status = web_open(&h->web, h->engine, h->osc, h->door, c->listen, c->http_port, e);
    if (status == UNAVAILABLE && !c->http_asked) {
        snprintf(h->web_news, sizeof h->web_news, "%.400s: it goes on without", e->text);
        return OK;
    }
    h->http_port = status == OK ? web_port(h->web) : 0;
    return status;
}

/* --- a session ------------------------------------------------------------------------------------ */

static void
open_parts(struct host *h)
{
    const struct choices *c = h->choices;

    h->tried = true;
    h->status = engine_open(&h->engine, &h->config, c->set.word, c->set.n, &h->err);
    if (h->status == OK)
        h->status = open_door(h, c->listen, &h->err);
    if (h->status == OK)
        h->status = osc_open(&h->osc, h->engine, c->listen, c->osc_port, &h->err);
    if (h->status == OK)
        h->status = open_web(h, c, &h->err);
    if (h->status == OK && (!loop_watch(h->loop, osc_fd(h->osc), false, receive, h) ||
                            (h->web && !loop_watch(h->loop, web_fd(h->web), false, receive_web, h)))) {
        err_set(&h->err, "the control loop: no descriptors left");
        h->status = UNAVAILABLE;
    }
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

static void
loop(struct host *h)
{
    while (!stop_asked && engine_running(h->engine)) {
        int64_t now_ns;

        loop_wait(h->loop, TICK_MS);
        now_ns = clock_ns();
        take_keys(h);
        engine_tick(h->engine);
        tend_door(h, now_ns);
        osc_tick(h->osc, now_ns);
        if (h->web)
            web_tick(h->web, now_ns);
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

static void
name_addresses(struct host *h, const char *at)
{
    const char *form = strchr(at, ':') ? "osc.%s://[%s]:%d/" : "osc.%s://%s:%d/";

    snprintf(h->osc_address, sizeof h->osc_address, form, "udp", at, osc_port(h->osc));
    if (osc_tcp(h->osc))
        snprintf(h->tcp_address, sizeof h->tcp_address, form, "tcp", at, osc_port(h->osc));
    if (h->web)
        snprintf(h->web_address, sizeof h->web_address, strchr(at, ':') ? "http://[%s]:%d/" : "http://%s:%d/",
                 at, web_port(h->web));
}

/* False: it should have played something, and could not. */
static bool
close_parts(struct host *h)
{
    bool good = true;

    loop_close(h->loop);
    web_close(h->web);
    osc_close(h->osc);
    door_close(h->door);
    if (h->engine) {
        engine_fade_out(h->engine);
        tell_news(h);
        good = !engine_failed(h->engine);
    }
    engine_close(h->engine);
    nsm_close(h->nsm);
    announce_close(h->announce);
    return good;
}

static int
host(const struct choices *c)
{
    struct host h = {.choices = c, .config = c->engine};

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
    announce_open(&h.announce, &(struct announce_what){.listen = c->listen,
                                                       .osc_port = osc_port(h.osc),
                                                       .osc_tcp = osc_tcp(h.osc),
                                                       .http_port = h.http_port});
    h.start_ns = clock_ns();
    h.status_ns = h.start_ns + STATUS_S * INT64_C(1000000000);
    osc_guard(h.osc, h.door);
    warden_begin(&h.warden, h.engine, h.door, h.osc);
    reach_find(&h.reach, c->listen);
    if (h.web)
        web_tick(h.web, h.start_ns);
    osc_tick(h.osc, h.start_ns); /* leases count from now, also those of the very first packet */
    name_addresses(&h, h.reach.n ? h.reach.host[0] : "127.0.0.1");
    h.picture = !c->headless && terminal_open(&h.terminal) == OK;
    h.view = (struct view){.utf8 = h.terminal.utf8, .colour = h.terminal.colour, .keys = h.terminal.keys};
    if (!h.picture)
        printf("%s\n%s%s%s%s", h.osc_address, h.tcp_address, h.tcp_address[0] ? "\n" : "", h.web_address,
               h.web_address[0] ? "\n" : "");
    tell_news(&h);
    if (osc_news(h.osc)[0])
        tell(&h, osc_news(h.osc));
    tell_lock(&h);
    if (c->pair)
        let_in(&h, true, h.start_ns);
    if (h.web_news[0])
        tell(&h, h.web_news);
    loop(&h);
    if (h.picture)
        terminal_close(&h.terminal);
    h.picture = false;
    return close_parts(&h) ? 0 : 1;
}

int
run_main(int argc, char **argv)
{
    struct choices c = {
        .engine = {.connect = true, .play = true}, .osc_port = OSC_PORT, .http_port = WEB_PORT};
    int option, status = 0;

    while (status == 0 && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == OPT_HELP || option == 'h') {
            fputs(help, stdout);
            return 0;
        }
        status = choose(&c, option);
    }
    c.engine.files = (const char *const *)argv + optind;
    c.engine.nfiles = argc - optind;
    if (status == 0)
        status = host(&c);
    cli_words_free(&c.set);
    return status;
}
