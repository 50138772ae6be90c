/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/learn.h"

#include "control/cli/cli.h"
#include "control/cli/client.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define RENEW_NS CLIENT_NS
#define LOST_NS  (3 * CLIENT_NS)

static const char on[] = "/surface/learn/on", to[] = "/surface/learn/to", said[] = "/surface/learn/said";

struct learning {
    struct client client;
    const char *row; /* NULL: the one that is moved */
    bool heard, on;  /* the host; that it learns */
    bool learnt;     /* something was, or could not be */
    char last[1024];
    char refused[1024];
};

static void
send(const struct learning *l, const char *path, struct packet_arg arg)
{
    struct packet_writer w;

    packet_message(&w);
    packet_add(&w, path, &arg, 1);
    client_send(&l->client, &w);
}

static void
send_on(const struct learning *l, int value)
{
    send(l, on, (struct packet_arg){.type = 'i', .number = value});
}

/* What was learnt comes with "; " and what to do next behind it. */
static void
print(struct learning *l, const char *text)
{
    if (!text[0] || strcmp(text, l->last) == 0)
        return;
    snprintf(l->last, sizeof l->last, "%s", text);
    printf("%s\n", text);
    fflush(stdout);
    l->learnt = l->learnt || strstr(text, "written to ");
}

static void
message(void *context, const struct packet_message *m)
{
    struct learning *l = context;

    l->heard = true;
    if (strcmp(m->path, said) == 0 && m->nargs == 1 && m->arg[0].type == 's')
        print(l, m->arg[0].text);
    else if (strcmp(m->path, on) == 0 && m->nargs == 1)
        l->on = m->arg[0].type == 'T' || m->arg[0].number != 0.0;
    else if (strcmp(m->path, "/error") == 0 && m->nargs == 2 && m->arg[1].type == 's')
        snprintf(l->refused, sizeof l->refused, "%s", m->arg[1].text);
}

static void
begin(struct learning *l)
{
    send_on(l, 1);
    if (l->row)
        send(l, to, (struct packet_arg){.type = 's', .text = l->row});
}

/* One row that was named is one thing to learn; else until it is interrupted. */
static int
follow(struct learning *l)
{
    int64_t start = client_now_ns(), heard_ns = start, renew_ns = start;

    begin(l);
    while (!client_stopped() && !l->refused[0] && !(l->row && l->learnt)) {
        enum client_came came;

        if (client_now_ns() >= renew_ns) {
            send(l, "/subscribe", (struct packet_arg){.type = 's', .text = "/surface/learn"});
            renew_ns = client_now_ns() + RENEW_NS;
        }
        came = client_receive(&l->client, renew_ns, message, l);
        if (came == CLIENT_CAME)
            heard_ns = client_now_ns();
        else if (client_now_ns() - heard_ns >= (l->heard ? LOST_NS : CLIENT_NS))
            return client_no_host(&l->client);
    }
    send_on(l, 0);
    return l->refused[0] ? cli_fail(1, "%s", l->refused) : 0;
}

static int
usage(FILE *f, int status)
{
    fputs("usage: deadwax profile learn [--host H] [--port N] [PATH]\n"
          "  The running host waits for a control of a MIDI surface to be touched, and puts it together with "
          "PATH, or with\n"
          "  the row that is moved by another hand, in a profile of your own. Ctrl-C ends it.\n",
          f);
    return status;
}

int
learn_main(int argc, char **argv)
{
    static const struct option options[] = {{"host", required_argument, NULL, 'H'},
                                            {"port", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct learning l = {.client = CLIENT_DEFAULT};
    int o, status;

    optind = 0;
    while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (o == 'H')
            l.client.host = optarg;
        else if (o == 'p')
            l.client.port = optarg;
        else
            return usage(o == 'h' ? stdout : stderr, o == 'h' ? 0 : 2);
    }
    if (argc - optind > 1)
        return usage(stderr, 2);
    l.row = optind < argc ? argv[optind] : NULL;
    if (!client_open(&l.client))
        return 1;
    client_catch_signals();
    status = follow(&l);
    client_close(&l.client);
    return status;
}
