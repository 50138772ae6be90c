/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midibridge: devices and bridges alone, without a host, for the tests in the virtual machine.
 *
 * midibridge DEADWAX list                       a line a port: client:port ways nth usb place client|port
 * midibridge DEADWAX hear CLIENT:PORT           its messages in hex, a line each; ends with "end WHY"; stdin: hex to it;
 *                                               its end is when stdin is closed
 * midibridge DEADWAX latency CLIENT:PORT NODE N N messages into the raw MIDI node that feeds the port, one after the
 *                                               other: microseconds until bridge_receive has them: median p99 worst
 * midibridge DEADWAX flood CLIENT:PORT NODE N   N messages as fast as NODE takes them, and nobody reads for the first of
 *                                               them: how many came, in order, and what was told
 * midibridge DEADWAX look N                     microseconds that a look at the devices takes
 */
#include "control/midi/bridge.h"
#include "control/midi/devices.h"
#include "engine/surface.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *program;

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static _Noreturn void
die(const char *what)
{
    fprintf(stderr, "midibridge: %s\n", what);
    exit(1);
}

static int
list(void)
{
    static struct midi_devices d;

    devices_look(&d, "");
    for (int i = 0; i < d.count; i++) {
        const struct midi_device *m = &d.device[i];

        printf("%d:%d %s%s %d %s %s %s|%s\n", m->client_number, m->port_number, m->in ? "i" : "",
               m->out ? "o" : "", m->nth, m->usb[0] ? m->usb : "-", m->place[0] ? m->place : "-", m->client,
               m->port);
    }
    return 0;
}

static struct bridge *
open_bridge(const char *address)
{
    static struct midi_devices d;
    struct bridge *b;
    struct err e;
    char text[32];

    devices_look(&d, "");
    for (int i = 0; i < d.count; i++) {
        snprintf(text, sizeof text, "%d:%d", d.device[i].client_number, d.device[i].port_number);
        if (strcmp(text, address))
            continue;
        if (bridge_open(&b, program, &d.device[i], &e) != OK)
            die(e.text);
        return b;
    }
    die("there is no such port");
}

static bool
is_readable(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, timeout_ms) > 0;
}

/* --- hear ----------------------------------------------------------------------------------------------------------- */

static void
print(void *context, const uint8_t *bytes, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++)
        printf("%02X%c", bytes[i], i + 1 < size ? ' ' : '\n');
    fflush(stdout);
}

/* False: it has ended, which has been said. */
static bool
hear_some(struct bridge *b)
{
    const char *news;
    bool good = bridge_receive(b, print, NULL);

    while ((news = bridge_news(b)))
        printf("news %s\n", news);
    if (!good)
        printf("end %s\n", bridge_why(b));
    fflush(stdout);
    return good;
}

/* False: there will be no more. */
static bool
send_line(struct bridge *b)
{
    static char line[4096];
    uint8_t bytes[1024];
    struct midi_port port = bridge_port(b);
    int n;

    if (!fgets(line, sizeof line, stdin))
        return false;
    n = surface_bytes(line, bytes, sizeof bytes);
    if (n < 1)
        die("that is no MIDI");
    while (!port.send(port.context, bytes, (size_t)n)) {
        if (!hear_some(b))
            return false;
        usleep(1000);
    }
    return true;
}

static int
hear(const char *address)
{
    struct bridge *b = open_bridge(address);
    struct pollfd p[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = bridge_fd(b), .events = POLLIN}};
    bool good = true;

    setvbuf(stdin, NULL, _IONBF, 0);
    while (good && poll(p, 2, -1) >= 0) {
        good = !p[1].revents || hear_some(b);
        if (good && p[0].revents)
            good = send_line(b);
    }
    bridge_close(b);
    return bridge_reap(BRIDGE_LEAVE_MS * 10);
}

/* --- figures -------------------------------------------------------------------------------------------------------- */

struct count {
    int64_t at_ns;
    long n, out_of_order;
    int last;
};

static void
count(void *context, const uint8_t *bytes, size_t size)
{
    struct count *c = context;
    int value = size == 3 ? bytes[1] << 7 | bytes[2] : -1;

    c->at_ns = now_ns();
    c->out_of_order += c->n && value <= c->last;
    c->last = value;
    c->n++;
}

static void
receive(struct bridge *b, struct count *c)
{
    if (!bridge_receive(b, count, c))
        die(bridge_why(b));
}

static int
open_node(const char *node)
{
    int fd = open(node, O_WRONLY);

    if (fd < 0)
        die("the node does not open");
    return fd;
}

/* Until the first one comes through: the other process takes its time to come up. */
static void
warm_up(struct bridge *b, int node, struct count *c)
{
    static const uint8_t first[3] = {0xB0, 0, 0};

    for (int i = 0; i < 600 && !c->n; i++) {
        if (write(node, first, sizeof first) != sizeof first)
            die("the node takes nothing");
        if (is_readable(bridge_fd(b), 100))
            receive(b, c);
    }
    if (!c->n)
        die("nothing comes through");
    while (is_readable(bridge_fd(b), 300))
        receive(b, c);
}

static int
by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void
print_figures(int64_t *ns, int n)
{
    qsort(ns, (size_t)n, sizeof *ns, by_size);
    printf("%.0f %.0f %.0f\n", (double)ns[n / 2] / 1e3, (double)ns[(int)(n * 0.99)] / 1e3,
           (double)ns[n - 1] / 1e3);
}

static int
latency(const char *address, const char *path, int n)
{
    struct bridge *b = open_bridge(address);
    int node = open_node(path);
    int64_t *ns = calloc((size_t)n, sizeof *ns);
    struct count c = {.n = 0};

    warm_up(b, node, &c);
    for (int i = 0; i < n; i++) {
        uint8_t bytes[3] = {0xB0, (uint8_t)(i >> 7 & 127), (uint8_t)(i & 127)};
        int64_t start;
        long before = c.n;

        usleep(2000 + (unsigned)i * 7919 % 5000);
        start = now_ns();
        if (write(node, bytes, sizeof bytes) != sizeof bytes)
            die("the node takes nothing");
        while (c.n == before) {
            if (!is_readable(bridge_fd(b), 5000))
                die("one is lost");
            receive(b, &c);
        }
        ns[i] = c.at_ns - start;
    }
    print_figures(ns, n);
    bridge_close(b);
    return bridge_reap(BRIDGE_LEAVE_MS * 10);
}

static int
flood(const char *address, const char *path, int n)
{
    struct bridge *b = open_bridge(address);
    int node = open_node(path);
    struct count c = {.n = 0};
    const char *news;

    warm_up(b, node, &c);
    c.n = 0;
    for (int i = 1; i <= n; i++) {
        uint8_t bytes[3] = {0xB0, (uint8_t)(i >> 7 & 127), (uint8_t)(i & 127)};

        if (write(node, bytes, sizeof bytes) != sizeof bytes)
            die("the node takes nothing");
    }
    usleep(500000);
    while (is_readable(bridge_fd(b), 1000))
        receive(b, &c);
    news = bridge_news(b);
    printf("%ld %ld %s\n", c.n, c.out_of_order, news ? news : "-");
    bridge_close(b);
    return bridge_reap(BRIDGE_LEAVE_MS * 10);
}

static int
look(int n)
{
    static struct midi_devices d;
    int64_t *ns = calloc((size_t)n, sizeof *ns);

    devices_look(&d, "");
    for (int i = 0; i < n; i++) {
        int64_t start = now_ns();

        if (devices_look(&d, ""))
            die("something has changed");
        ns[i] = now_ns() - start;
    }
    print_figures(ns, n);
    return 0;
}

int
main(int argc, char **argv)
{
    const char *verb = argc > 2 ? argv[2] : "";

    program = argc > 1 ? argv[1] : NULL;
    if (argc == 3 && !strcmp(verb, "list"))
        return list();
    if (argc == 4 && !strcmp(verb, "look"))
        return look(atoi(argv[3]));
    if (argc == 4 && !strcmp(verb, "hear"))
        return hear(argv[3]);
    if (argc == 6 && !strcmp(verb, "latency"))
        return latency(argv[3], argv[4], atoi(argv[5]));
    if (argc == 6 && !strcmp(verb, "flood"))
        return flood(argv[3], argv[4], atoi(argv[5]));
    die("use: midibridge DEADWAX list | look N | hear PORT | latency PORT NODE N | flood PORT NODE N");
}
