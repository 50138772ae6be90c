/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadwax midi-bridge: what control/midi/bridge.c starts; not for people.
 *
 * midi-bridge SOCKET CLIENT:PORT WAYS CLIENT-NAME PORT-NAME      ways: i, o, io
 */
#include "control/cli/cli.h"

#include "control/midi/portmidi.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static bool
is_socket(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int
bridge_main(int argc, char **argv)
{
    struct midi_device d = {.card = -1};
    int fd;

    if (argc != 6 || sscanf(argv[1], "%d", &fd) != 1 || !is_socket(fd) ||
        sscanf(argv[2], "%d:%d", &d.client_number, &d.port_number) != 2)
        return cli_fail(2, "midi-bridge is for deadwax run alone: say deadwax run --surface NAME");
    d.in = strchr(argv[3], 'i');
    d.out = strchr(argv[3], 'o');
    snprintf(d.client, sizeof d.client, "%s", argv[4]);
    snprintf(d.port, sizeof d.port, "%s", argv[5]);
    return portmidi_run(fd, &d);
}
