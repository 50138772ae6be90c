/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list, as the kernel prints it:
 *
 *   Client  36 : "Four Ports" [Kernel Legacy]
 *     Port   0 : "Four Ports MIDI 1" (RWeX)
 *       Connecting To: 129:0, 128:1[tick:0]
 *       Connected From: 40:0
 *
 * A name may have anything in it, also quotes and brackets: it goes up to the last quote of its line.
 */
#include "control/midi/sequencer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 512, FIRST_OF_CARDS = 16, PER_CARD = 4, FIRST_OF_PROGRAMS = 128, SUBDEVICES = 32 };

static FILE *
open_file(const char *root, const char *name)
{
    char path[PATH_SIZE];

    if (snprintf(path, sizeof path, "%s/%s", root ? root : "", name) >= PATH_SIZE)
        return NULL;
    return fopen(path, "re");
}

/* From the first quote to the one that `after` follows last. Returns what comes behind that quote; NULL: no name. */
static const char *
name_of(const char *line, const char *after, char *name)
{
    const char *from = strchr(line, '"'), *to = NULL;

    if (!from++)
        return NULL;
    for (const char *at = from; (at = strstr(at, after)); at++)
        to = at;
    if (!to)
        return NULL;
    snprintf(name, SEQUENCER_NAME, "%.*s", (int)(to - from), from);
    return to + 1;
}

static bool
read_client(struct sequencer_port *p, const char *line)
{
    const char *rest;

    if (sscanf(line, "Client %d :", &p->client) != 1)
        return false;
    rest = name_of(line, "\" [", p->client_name);
    if (!rest)
        p->client = -1;
    else
        p->kernel = strncmp(rest, " [Kernel", 8) == 0;
    return true;
}

/* Capital letters: open to others; small ones: to its owner alone. */
static bool
read_port(struct sequencer_port *p, const char *line)
{
    const char *rest;

    if (p->client < 0 || sscanf(line, "  Port %d :", &p->port) != 1)
        return false;
    rest = name_of(line, "\" (", p->name);
    if (!rest || strlen(rest) < 6)
        return false;
    p->sends = rest[2] == 'R';
    p->takes = rest[3] == 'W';
    return true;
}

bool
sequencer_ports(const char *root, sequencer_each *each, void *context)
{
    struct sequencer_port p = {.client = -1};
    FILE *f = open_file(root, "proc/asound/seq/clients");
    char *line = NULL;
    size_t size = 0;

    if (!f)
        return false;
    while (getline(&line, &size, f) > 0)
        if (!read_client(&p, line) && read_port(&p, line))
            each(context, &p);
    free(line);
    fclose(f);
    return true;
}

/* "40:0, 128:1[tick:0]" */
static bool
has_address(const char *list, int client, int port)
{
    int c, p;

    for (; list; list = strchr(list, ',')) {
        list += *list == ',';
        if (sscanf(list, " %d:%d", &c, &p) == 2 && c == client && p == port)
            return true;
    }
    return false;
}

void
sequencer_joined(const char *root, int ours, int client, int port, bool *hears, bool *heard)
{
    static const char from[] = "    Connected From: ", to[] = "    Connecting To: ";
    FILE *f = open_file(root, "proc/asound/seq/clients");
    char *line = NULL;
    size_t size = 0;
    int number = -1;

    *hears = *heard = false;
    if (!f)
        return;
    while (getline(&line, &size, f) > 0) {
        sscanf(line, "Client %d :", &number);
        if (number != ours)
            continue;
        *hears |= !strncmp(line, from, strlen(from)) && has_address(line + strlen(from), client, port);
        *heard |= !strncmp(line, to, strlen(to)) && has_address(line + strlen(to), client, port);
    }
    free(line);
    fclose(f);
}

static int
card_of(int client)
{
    return client < FIRST_OF_CARDS || client >= FIRST_OF_PROGRAMS ? -1 : (client - FIRST_OF_CARDS) / PER_CARD;
}

int
sequencer_card(const struct sequencer_port *p)
{
    return p->kernel ? card_of(p->client) : -1;
}

/* The card's midi0 lists each output, and of those that are open the buffer and what of it is free:
 *
 *   Output 1
 *     Tx bytes     : 0
 *     Buffer size  : 4096
 *     Avail        : 4096
 */
long
sequencer_waiting(const char *root, int client, int port)
{
    long buffer = -1, waiting = -1, value;
    int card = card_of(client), output = -1;
    char name[64], *line = NULL;
    size_t size = 0;
    FILE *f;

    snprintf(name, sizeof name, "proc/asound/card%d/midi%d", card, port / SUBDEVICES);
    f = card < 0 ? NULL : open_file(root, name);
    if (!f)
        return -1;
    while (getline(&line, &size, f) > 0) {
        if (!strncmp(line, "Input", 5))
            break; /* they have such lines as well */
        sscanf(line, "Output %d", &output);
        if (output != port % SUBDEVICES)
            continue;
        sscanf(line, " Buffer size : %ld", &buffer);
        if (sscanf(line, " Avail : %ld", &value) == 1 && buffer >= value)
            waiting = buffer - value;
    }
    free(line);
    fclose(f);
    return waiting;
}
