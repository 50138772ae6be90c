/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax run: what was asked for on the command line, to the host.
 */
#include "control/cli/cli.h"
#include "control/cli/host.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

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
    "  --surface NAME      MIDI surface's profile, for the boxes that it fits; NAME=WORDS: for the one with "
    "these\n"
    "                      words in its name; NAME=jack: on midi_in and midi_out; none: no others. Again for "
    "more\n"
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
    OPT_SURFACE,
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
    {"surface", required_argument, NULL, OPT_SURFACE},
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
    struct host_choices host;
    struct cli_words set;
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
choose_surface(struct choices *c)
{
    struct surfaces_choices *s = &c->host.surfaces;

    if (s->nasked == SURFACES_ASKED)
        return cli_fail(2, "--surface: at most %d of them", SURFACES_ASKED);
    s->asked[s->nasked++] = optarg;
    return 0;
}

static int
choose(struct choices *c, int option)
{
    switch (option) {
    case OPT_SET: cli_words_add(&c->set, optarg); return 0;
    case OPT_PRESET: c->host.engine.preset_path = optarg; return 0;
    case OPT_STATE: c->host.engine.state_dir = optarg; return 0;
    case OPT_PRINT: c->host.engine.print_path = optarg; return 0;
    case OPT_FORMAT: return choose_word(c, "/print/format", optarg, c->format, sizeof c->format);
    case OPT_LOG: c->host.engine.log_path = optarg; return 0;
    case OPT_ONCE: c->host.engine.once = true; return 0;
    case OPT_STOPPED: c->host.engine.play = false; return 0;
    case OPT_LOOP: return choose_word(c, "/transport/loop", optarg, c->loop, sizeof c->loop);
    case OPT_INTERFACE: c->host.engine.interface = optarg; return 0;
    case OPT_NO_CONNECT: c->host.engine.connect = false; return 0;
    case OPT_SERVER: c->host.engine.server_name = optarg; return 0;
    case OPT_NAME: c->host.engine.client_name = optarg; return 0;
    case OPT_OSC_PORT: c->host.network.osc_port = (int)cli_number("--osc-port", optarg, 0, 65535); return 0;
    case OPT_HTTP_PORT:
        c->host.network.http_asked = true;
        c->host.network.http_port =
            strcmp(optarg, "off") == 0 ? -1 : (int)cli_number("--http-port", optarg, 0, 65535);
        return 0;
    case OPT_LISTEN: c->host.network.listen = optarg; return 0;
    case OPT_PAIR: c->host.network.pair = true; return 0;
    case OPT_HEADLESS: c->host.headless = true; return 0;
    case OPT_PROFILES: c->host.engine.profile_dir = c->host.surfaces.profile_dir = optarg; return 0;
    case OPT_SURFACE: return choose_surface(c);
    case OPT_TRANSPORT:
        if (strcmp(optarg, "jack") != 0)
            return cli_fail(2, "--transport: %s is no choice: use jack", optarg);
        c->host.engine.transport = TRANSPORT_JACK;
        return 0;
    default: return 2;
    }
}

int
run_main(int argc, char **argv)
{
    struct choices c = {.host = {.engine = {.connect = true, .play = true},
                                 .network = {.osc_port = OSC_PORT, .http_port = WEB_PORT}}};
    int option, status = 0;

    while (status == 0 && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == OPT_HELP || option == 'h') {
            fputs(help, stdout);
            return 0;
        }
        status = choose(&c, option);
    }
    c.host.engine.files = (const char *const *)argv + optind;
    c.host.engine.nfiles = argc - optind;
    if (status == 0)
        status = host_run(&c.host, c.set.word, c.set.n);
    cli_words_free(&c.set);
    return status;
}
