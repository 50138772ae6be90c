/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax calibrate: asks a running host to measure, waits, and tells what it found. The host does the work and
 * keeps the result, so that a tablet's button does the same.
 */
#include "control/cli/cli.h"

#include "control/cli/client.h"
#include "control/wire.h"
#include "engine/meters.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE, FAILED, USAGE };

static const char help[] = "deadwax calibrate insert N [OPTION...]\n"
                           "\n"
                           "Pings insert N (1 or 2) of a running host: a burst of noise at -20 dBFS goes out "
                           "of send_N and comes back on\n"
                           "return_N, past the music. Sets /insert/N/delay, gain and polarity to what came "
                           "back, and tells them; null is\n"
                           "what is left of the return when the dry sound, as late and as loud, is taken "
                           "from it. Takes about a second.\n"
                           "\n"
                           "  --host H   127.0.0.1     --port N   9000     --json   one JSON object\n";

struct calibrate {
    struct client client;
    int insert;
    bool json, heard;
    double value[8]; /* by enum reading; NAN: not yet told */
};

enum reading { STATE, DELAY, GAIN, NULL_DB, PINGS, POLARITY, READINGS };

static const char *const path_of[READINGS] = {
    [STATE] = "/meter/insert/%d/state", [DELAY] = "/meter/insert/%d/delay",
    [GAIN] = "/meter/insert/%d/gain",   [NULL_DB] = "/meter/insert/%d/null",
    [PINGS] = "/meter/insert/%d/pings", [POLARITY] = "/insert/%d/polarity",
};

static void
path_write(const struct calibrate *c, enum reading r, char path[WIRE_PATH_SIZE])
{
    snprintf(path, WIRE_PATH_SIZE, path_of[r], c->insert);
}

static void
message(void *context, const struct packet_message *m)
{
    struct calibrate *c = context;
    char path[WIRE_PATH_SIZE];

    c->heard = true;
    for (int r = 0; r < READINGS; r++) {
        path_write(c, (enum reading)r, path);
        if (strcmp(m->path, path) == 0 && m->nargs > 0)
            c->value[r] = m->arg[0].number;
    }
}

static bool
all_told(const struct calibrate *c)
{
    for (int r = 0; r < READINGS; r++)
        if (isnan(c->value[r]))
            return false;
    return true;
}

/* Asks for every reading, and waits for all; false: no answer in a second. */
static bool
ask(struct calibrate *c)
{
    int64_t until = client_now_ns() + CLIENT_NS;
    struct packet_writer w;
    char path[WIRE_PATH_SIZE];

    packet_bundle(&w, PACKET_NOW);
    for (int r = 0; r < READINGS; r++) {
        c->value[r] = NAN;
        path_write(c, (enum reading)r, path);
        packet_add(&w, path, NULL, 0);
    }
    client_send(&c->client, &w);
    while (!all_told(c) && client_now_ns() < until)
        if (client_receive(&c->client, until, message, c) == CLIENT_GONE)
            return false;
    return all_told(c);
}

static void
ping(const struct calibrate *c)
{
    struct packet_arg on = {.type = 'i', .number = 1};
    struct packet_writer w;
    char path[WIRE_PATH_SIZE];

    snprintf(path, sizeof path, "/insert/%d/ping", c->insert);
    packet_message(&w);
    packet_add(&w, path, &on, 1);
    client_send(&c->client, &w);
}

static void
pause_until(const struct calibrate *c, int64_t until_ns)
{
    while (client_now_ns() < until_ns)
        client_receive(&c->client, until_ns, message, (void *)c);
}

/* Pings until the host has measured once more: a watch that runs when the first one comes makes it be passed over. */
static bool
measure(struct calibrate *c)
{
    enum { TRIES = 4, ASKS = 30 };
    double before;

    if (!ask(c))
        return false;
    before = c->value[PINGS];
    for (int i = 0; i < TRIES * ASKS; i++) {
        if (i % ASKS == 0)
            ping(c);
        pause_until(c, client_now_ns() + CLIENT_NS / 10);
        if (!ask(c))
            return false;
        if (c->value[PINGS] > before)
            return true;
    }
    return true;
}

static int
tell(const struct calibrate *c)
{
    bool found = (int)c->value[STATE] == INSERT_MEASURED;

    if (c->json) {
        json_t *o = json_pack("{s:i, s:b, s:f, s:f, s:b, s:f}", "insert", c->insert, "found", found,
                              "delay_frames", c->value[DELAY], "gain_db", c->value[GAIN], "inverted",
                              c->value[POLARITY] != 0.0, "null_db", c->value[NULL_DB]);

        json_dumpf(o, stdout, JSON_REAL_PRECISION(7) | JSON_COMPACT);
        putchar('\n');
        json_decref(o);
    } else if (found) {
        printf("insert %d: delay %.2f frames, gain %+.2f dB, polarity %s, null %.1f dB\n", c->insert,
               c->value[DELAY], c->value[GAIN], c->value[POLARITY] != 0.0 ? "inverted" : "normal",
               c->value[NULL_DB]);
    }
    return found ? DONE
                 : cli_fail(FAILED,
                            "insert %d: nothing came back: connect send_%d_L/R to the outboard and its "
                            "outputs to return_%d_L/R",
                            c->insert, c->insert, c->insert);
}

static int
act(struct calibrate *c)
{
    double before;
    int status = FAILED;

    if (!client_open(&c->client))
        return FAILED;
    before = ask(c) ? c->value[PINGS] : NAN;
    if (isnan(before) || !measure(c))
        status = client_no_host(&c->client);
    else if (c->value[PINGS] == before)
        status =
            cli_fail(FAILED, "insert %d: the host did not measure: does the JACK server run?", c->insert);
    else
        status = tell(c);
    client_close(&c->client);
    return status;
}

enum { OPT_HOST = 256, OPT_PORT, OPT_JSON };

static const struct option options[] = {
    {"host", required_argument, NULL, OPT_HOST},
    {"port", required_argument, NULL, OPT_PORT},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {0},
};

int
calibrate_main(int argc, char **argv)
{
    struct calibrate c = {.client = CLIENT_DEFAULT};

    optind = 1;
    for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;)
        switch (o) {
        case OPT_HOST: c.client.host = optarg; break;
        case OPT_PORT: c.client.port = optarg; break;
        case OPT_JSON: c.json = true; break;
        case 'h': fputs(help, stdout); return DONE;
        default: return cli_fail(USAGE, "calibrate: see deadwax calibrate --help");
        }
    if (argc - optind != 2 || strcmp(argv[optind], "insert") != 0)
        return cli_fail(USAGE, "calibrate: say what: deadwax calibrate insert 1");
    c.insert = (int)cli_number("insert", argv[optind + 1], 1, INSERTS);
    return act(&c);
}
