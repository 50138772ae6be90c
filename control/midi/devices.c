/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looked at twice a second, so: one list from the sequencer, and three short reads a card.
 *
 * What is there is summed up in one number (FNV-1a, 64 bit), so that a look at 64 ports and more says whether anything
 * is new without keeping what was there. A device that was pulled and put back between two looks has all its old names,
 * and often its number; the number on its USB bus is a new one.
 */
#include "control/midi/devices.h"

#include "control/midi/sequencer.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 512 };

struct card {
    int number;
    char usb[16], place[64];
    int plugged;
};

struct look {
    struct midi_devices *d;
    const char *root;
    uint64_t seen;
    struct card card; /* the last one that was read: its ports stand together */
    int client, nth;
};

__attribute__((format(printf, 3, 4))) static bool
path_of(char *path, const char *root, const char *format, ...)
{
    int n = snprintf(path, PATH_SIZE, "%s/", root ? root : "");
    va_list ap;

    if (n >= PATH_SIZE)
        return false;
    va_start(ap, format);
    n += vsnprintf(path + n, (size_t)(PATH_SIZE - n), format, ap);
    va_end(ap);
    return n < PATH_SIZE;
}

static void
read_word(const char *root, int card, const char *name, char *word, size_t size)
{
    char path[PATH_SIZE];
    ssize_t n = -1;
    int fd;

    word[0] = 0;
    if (!path_of(path, root, "proc/asound/card%d/%s", card, name))
        return;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    n = read(fd, word, size - 1);
    close(fd);
    word[n > 0 ? n : 0] = 0;
    word[strcspn(word, " \n")] = 0;
}

/* "../../../1-2.3:1.0" is interface 1.0 of what is in 1-2.3. */
static void
read_place(struct card *c, const char *root)
{
    char path[PATH_SIZE], to[PATH_SIZE], *last;
    ssize_t n;

    if (!path_of(path, root, "sys/class/sound/card%d/device", c->number))
        return;
    n = readlink(path, to, sizeof to - 1);
    if (n <= 0)
        return;
    to[n] = 0;
    last = strrchr(to, '/');
    last = last ? last + 1 : to;
    if (c->usb[0])
        last[strcspn(last, ":")] = 0;
    snprintf(c->place, sizeof c->place, "%.63s", last);
}

static void
read_card(struct card *c, const char *root, int number)
{
    char bus[16];
    int at, device;

    memset(c, 0, sizeof *c);
    c->number = number;
    if (number < 0)
        return;
    read_word(root, number, "usbid", c->usb, sizeof c->usb);
    read_word(root, number, "usbbus", bus, sizeof bus);
    if (sscanf(bus, "%d/%d", &at, &device) == 2)
        c->plugged = at * 1000 + device;
    read_place(c, root);
}

static void
sum_up(uint64_t *seen, const void *data, size_t size)
{
    const uint8_t *byte = data;

    for (size_t i = 0; i < size; i++)
        *seen = (*seen ^ byte[i]) * 0x100000001b3u;
}

/* The System client's timer and announcements are no device. */
static void
take_port(void *context, const struct sequencer_port *p)
{
    struct look *l = context;
    struct midi_device *m, here = {.client_number = p->client, .port_number = p->port};

    if (p->client == 0 || (!p->sends && !p->takes))
        return;
    if (p->client != l->client)
        l->nth = 0;
    l->client = p->client;
    if (sequencer_card(p) != l->card.number)
        read_card(&l->card, l->root, sequencer_card(p));
    snprintf(here.client, sizeof here.client, "%s", p->client_name);
    snprintf(here.port, sizeof here.port, "%s", p->name);
    snprintf(here.usb, sizeof here.usb, "%s", l->card.usb);
    snprintf(here.place, sizeof here.place, "%s", l->card.place);
    here.in = p->sends;
    here.out = p->takes;
    here.card = l->card.number;
    here.plugged = l->card.plugged;
    here.nth = l->nth++;
    sum_up(&l->seen, here.client, strlen(here.client) + 1);
    sum_up(&l->seen, here.port, strlen(here.port) + 1);
    sum_up(&l->seen, here.usb, strlen(here.usb) + 1);
    sum_up(&l->seen, here.place, strlen(here.place) + 1);
    sum_up(&l->seen, (int[]){here.client_number, here.port_number, here.in, here.out, here.plugged},
           sizeof(int[5]));
    if (l->d->count == DEVICES_MAX)
        return;
    m = &l->d->device[l->d->count++];
    *m = here;
}

/* Where nothing has used MIDI since the machine came up, the kernel has not loaded its sequencer, and there is no list:
   it loads it when somebody opens the node that udev has put there. */
static void
ask_for_sequencer(const char *root)
{
    char path[PATH_SIZE];
    int fd = path_of(path, root, "dev/snd/seq") ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;

    if (fd >= 0)
        close(fd);
}

bool
devices_look(struct midi_devices *d, const char *root)
{
    struct look l = {.d = d, .root = root, .seen = 0xcbf29ce484222325u, .card = {.number = -1}, .client = -1};
    bool changed;

    d->count = 0;
    if (!sequencer_ports(root, take_port, &l) && !d->asked) {
        d->asked = true;
        ask_for_sequencer(root);
        sequencer_ports(root, take_port, &l);
    }
    changed = l.seen != d->seen && (l.d->count || d->seen);
    d->seen = l.seen;
    return changed;
}
