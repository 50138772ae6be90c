/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * siege: what an ill-meaning neighbour sends, and how long a friend waits meanwhile.
 *
 *   siege flood FROM TO PORT PACKETS_A_SECOND SECONDS   UDP packets of sets: "sent N"
 *   siege crowd FROM TO PORT KIND COUNT SECONDS         COUNT connections that say nothing (silent), or the beginning of
 *                                                       something, a byte at a time (http, osc); who is hung up on comes
 *                                                       again: "came N"
 *   siege half FROM TO PORT COUNT SECONDS               each second COUNT connections that are begun (SYN) and no more;
 *                                                       FROM is nobody's address: "sent N". Needs raw sockets
 *   siege ask KIND FROM TO PORT TIMES MS [TOKEN]        every MS a set and its question (udp, tcp, web), or a question by
 *                                                       a new request (get); the time to the answer that has the value, in
 *                                                       ms: "asked N answered N again N median X p99 X most X"
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = 50,
    PATIENCE_MS = 5000,
    AGAIN_MS = 250,
    CROWD = 1000,
    COME_AGAIN = 5,
    ROUND_MS = 10,
    PATH = 11
};

static struct sockaddr_in from, to;

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void
wait_ms(double ms)
{
    if (ms > 0)
        usleep((useconds_t)(ms * 1e3));
}

static int
fail(const char *what)
{
    fprintf(stderr, "siege: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int
open_socket(int type)
{
    int yes = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
        fail("connect");
    if ((type & 0xf) == SOCK_STREAM)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static size_t
pad(unsigned char *out, const char *text)
{
    size_t n = (strlen(text) + 4) & ~(size_t)3;

    memset(out, 0, n);
    memcpy(out, text, strlen(text));
    return n;
}

/* PATH f value; without a value a question. */
static size_t
message(unsigned char *out, const char *path, const float *value)
{
    size_t n = pad(out, path);
    uint32_t bits;

    n += pad(out + n, value ? ",f" : ",");
    if (!value)
        return n;
    memcpy(&bits, value, sizeof bits);
    bits = htonl(bits);
    memcpy(out + n, &bits, sizeof bits);
    return n + sizeof bits;
}

/* --- the neighbour ----------------------------------------------------------------------------- */

static int
flood(double rate, double seconds)
{
    int fd = open_socket(SOCK_DGRAM);
    unsigned char data[64];
    float value = -24.0f;
    size_t size = message(data, "/input/trim", &value);
    double start = now_ms();
    long long sent = 0;

    while (now_ms() - start < seconds * 1e3) {
        long long due = (long long)((now_ms() - start) * rate / 1e3);

        for (int i = 0; i < BATCH && sent < due; i++, sent++)
            if (send(fd, data, size, 0) < 0) /* refused or no room: an attacker does not care */
                continue;
        if (sent >= due)
            usleep(500);
    }
    printf("sent %lld\n", sent);
    return 0;
}

struct dribble {
    int fd;
    size_t said;
};

static bool
hung_up(int fd)
{
    char rest[256];
    ssize_t n = recv(fd, rest, sizeof rest, MSG_DONTWAIT);

    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* A request, or a packet of 60,000 bytes, that never ends. */
static size_t
beginning(const char *kind, char out[2048])
{
    if (strcmp(kind, "silent") == 0)
        return 0;
    memset(out, 'x', 2048);
    if (strcmp(kind, "osc") == 0)
        memcpy(out, "\0\0\xea\x60/pair\0\0", 12);
    else
        memcpy(out, "GET / HTTP/1.1\r\nX: ", 19);
    return 2048;
}

static int
crowd(const char *kind, int count, double seconds)
{
    static struct dribble each[CROWD];
    char text[2048];
    size_t size = beginning(kind, text);
    double start = now_ms();
    long long came = 0;

    count = count < CROWD ? count : CROWD;
    for (int i = 0; i < count; i++)
        each[i].fd = -1;
    for (int round = 0; now_ms() - start < seconds * 1e3; round++) {
        int come = round ? COME_AGAIN : count;

        for (int i = 0; i < count; i++) {
            struct dribble *d = &each[i];

            if (d->fd >= 0 && hung_up(d->fd)) {
                close(d->fd);
                d->fd = -1;
            }
            if (d->fd < 0 && come-- > 0) {
                *d = (struct dribble){.fd = open_socket(SOCK_STREAM | SOCK_NONBLOCK)};
                came++;
            }
            if (d->fd >= 0 && d->said < size && (round + i) % 10 == 0 &&
                send(d->fd, text + d->said, 1, MSG_NOSIGNAL) == 1)
                d->said++;
        }
        wait_ms(ROUND_MS);
    }
    printf("came %lld\n", came);
    return 0;
}

static uint16_t
checksum(const void *data, size_t size, uint32_t sum)
{
    const unsigned char *b = data;

    for (size_t i = 0; i < size; i += 2)
        sum += (uint32_t)b[i] << 8 | b[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

/* RFC 9293: a SYN; the system knows of no such connection and would take it back, were FROM an address of ours. */
static int
half(int count, double seconds)
{
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
    long long sent = 0;
    double start = now_ms();
    struct iphdr none = {0};
    int yes = 1;

    if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &yes, sizeof yes) != 0)
        fail("raw socket");
    for (; now_ms() - start < seconds * 1e3; sent++) {
        struct {
            struct iphdr ip;
            struct tcphdr tcp;
        } p = {.ip = none};
        uint32_t a = ntohl(from.sin_addr.s_addr), b = ntohl(to.sin_addr.s_addr);

        p.ip.version = 4;
        p.ip.ihl = 5;
        p.ip.ttl = 64;
        p.ip.tot_len = htons(sizeof p);
        p.ip.protocol = IPPROTO_TCP;
        p.ip.saddr = from.sin_addr.s_addr;
        p.ip.daddr = to.sin_addr.s_addr;
        p.tcp.source = htons((uint16_t)(1024 + sent % 60000));
        p.tcp.dest = to.sin_port;
        p.tcp.seq = htonl((uint32_t)sent * 77777);
        p.tcp.doff = 5;
        p.tcp.syn = 1;
        p.tcp.window = htons(64000);
        p.tcp.check =
            checksum(&p.tcp, sizeof p.tcp,
                     (a >> 16) + (a & 0xffff) + (b >> 16) + (b & 0xffff) + IPPROTO_TCP + sizeof p.tcp);
        if (sendto(fd, &p, sizeof p, 0, (struct sockaddr *)&to, sizeof to) < 0)
            fail("sending a SYN");
        wait_ms(1e3 / count);
    }
    printf("sent %lld\n", sent);
    return 0;
}

/* --- the friend -------------------------------------------------------------------------------- */

enum kind { UDP, TCP, WEB, GET };

struct friend
{
    enum kind kind;
    int fd;
    const char *token;
    char path[PATH]; /* its own: nobody else moves it between a set and its question */
    size_t have;
    unsigned char in[1 << 17];
};

/* What has come, or nothing within so many ms; -1: the host has hung up. */
static ssize_t
take(struct friend *f, double ms)
{
    struct pollfd p = {.fd = f->fd, .events = POLLIN};
    ssize_t n;

    if (poll(&p, 1, ms > 0 ? (int)ms + 1 : 0) <= 0)
        return 0;
    n = recv(f->fd, f->in + f->have, sizeof f->in - f->have, 0);
    if (n <= 0)
        return errno == ECONNREFUSED && n < 0 ? 0 : -1;
    f->have += (size_t)n;
    return n;
}

static void
shake_hands(struct friend *f)
{
    char text[512], host[INET_ADDRSTRLEN];
    int n;

    inet_ntop(AF_INET, &to.sin_addr, host, sizeof host);
    n = snprintf(text, sizeof text,
                 "GET / HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                 host, ntohs(to.sin_port), f->token);
    if (send(f->fd, text, (size_t)n, 0) != n)
        fail("handshake");
    while (!memmem(f->in, f->have, "\r\n\r\n", 4))
        if (take(f, PATIENCE_MS) <= 0)
            fail("handshake");
    if (memcmp(f->in, "HTTP/1.1 101", 12) != 0)
        fail((char *)f->in);
    f->have = 0;
}

static void
put(struct friend *f, const unsigned char *data, size_t size)
{
    unsigned char out[128];
    size_t head = f->kind == TCP ? 4 : f->kind == WEB ? 6 : 0; /* a mask of zeros is one as well */

    memset(out, 0, head);
    if (f->kind == TCP)
        out[3] = (unsigned char)size;
    if (f->kind == WEB) {
        out[0] = 0x82;
        out[1] = (unsigned char)(0x80 | size);
    }
    memcpy(out + head, data, size);
    if (send(f->fd, out, head + size, MSG_NOSIGNAL) < 0 && f->kind != UDP)
        fail("send");
}

/* Where a whole packet is in what has come, and where it ends; 0: there is none. */
static size_t
cut(const struct friend *f, size_t *begin)
{
    size_t size = f->have;

    *begin = f->kind == UDP ? 0 : f->kind == TCP ? 4 : 2;
    if (f->have < *begin + (f->kind == WEB ? 2 : 0))
        return 0;
    if (f->kind == TCP)
        size = 4 + ((size_t)f->in[2] << 8 | f->in[3]);
    if (f->kind == WEB && f->in[1] == 126) {
        *begin = 4;
        size = 4 + ((size_t)f->in[2] << 8 | f->in[3]);
    } else if (f->kind == WEB)
        size = 2 + (size_t)f->in[1];
    return size <= f->have ? size : 0;
}

static bool
holds(const char path[PATH], const unsigned char *data, size_t size, float value)
{
    uint32_t bits;
    float is;

    if (size < 16 || memcmp(data, path, PATH) != 0)
        return false;
    memcpy(&bits, data + size - 4, 4);
    bits = ntohl(bits);
    memcpy(&is, &bits, 4);
    return is == value;
}

/* Does one of the packets that have come hold this value? They are done with then. */
static bool
has_come(struct friend *f, float value)
{
    size_t begin, end;
    bool found = false;

    while ((end = cut(f, &begin)) > 0) {
        found |= holds(f->path, f->in + begin, end - begin, value);
        memmove(f->in, f->in + end, f->have - end);
        f->have -= end;
    }
    return found;
}

/* Until the answer holds this value; -1: never. What UDP loses is sent again. */
static double
move(struct friend *f, float value, long long *again)
{
    unsigned char set[64], question[64];
    size_t nset = message(set, f->path, &value), nquestion = message(question, f->path, NULL);
    double start = now_ms(), sent = -1e9;

    while (now_ms() - start < PATIENCE_MS) {
        if (now_ms() - sent >= (f->kind == UDP ? AGAIN_MS : 2 * PATIENCE_MS)) {
            *again += sent > 0;
            sent = now_ms();
            put(f, set, nset);
            put(f, question, nquestion);
        }
        if (take(f, AGAIN_MS) < 0)
            fail("the host has hung up");
        if (has_come(f, value))
            return now_ms() - start;
    }
    return -1.0;
}

static double
get(struct friend *f)
{
    char text[256], host[INET_ADDRSTRLEN];
    double start = now_ms();
    ssize_t n;

    inet_ntop(AF_INET, &to.sin_addr, host, sizeof host);
    f->fd = open_socket(SOCK_STREAM);
    f->have = 0;
    n = snprintf(text, sizeof text,
                 "GET /eq/1/gain?VALUE HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\n\r\n", host,
                 ntohs(to.sin_port), f->token);
    if (send(f->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
        n = -1;
    while (n >= 0 && !memmem(f->in, f->have, "\"VALUE\"", 7) && now_ms() - start < PATIENCE_MS)
        n = take(f, PATIENCE_MS);
    close(f->fd);
    return n >= 0 && f->have > 12 && memcmp(f->in, "HTTP/1.1 200", 12) == 0 ? now_ms() - start : -1.0;
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static int
ask(const char *word, int times, int ms, const char *token)
{
    static const char *const words[] = {[UDP] = "udp", [TCP] = "tcp", [WEB] = "web", [GET] = "get"};
    static struct friend f;
    double *took = calloc((size_t)times + 1, sizeof *took);
    long long again = 0;
    int n = 0;

    while (f.kind < GET && strcmp(words[f.kind], word) != 0)
        f.kind++;
    f.token = token;
    snprintf(f.path, sizeof f.path, "/eq/%d/gain", f.kind + 1);
    if (f.kind != GET)
        f.fd = open_socket(f.kind == UDP ? SOCK_DGRAM : SOCK_STREAM);
    if (f.kind == WEB)
        shake_hands(&f);
    for (int i = 0; took && i < times; i++) {
        float value = (float)(i % 2 ? 1.0 : -1.0) * (float)(i % 24 + 1) / 2.0f;
        double start = now_ms(), waited = f.kind == GET ? get(&f) : move(&f, value, &again);

        if (waited >= 0)
            took[n++] = waited;
        wait_ms(ms - (now_ms() - start));
    }
    if (!took)
        return 1;
    qsort(took, (size_t)n, sizeof *took, by_size);
    printf("asked %d answered %d again %lld median %.3f p99 %.3f most %.3f\n", times, n, again,
           n ? took[n / 2] : -1.0, n ? took[(n - 1) * 99 / 100] : -1.0, n ? took[n - 1] : -1.0);
    free(took);
    return 0;
}

int
main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    char **word = argv + (strcmp(verb, "ask") == 0 ? 3 : 2); /* FROM TO PORT ... */

    if (argc < 7) {
        fprintf(stderr, "siege flood|crowd|half|ask ...\n");
        return 2;
    }
    from = to = (struct sockaddr_in){.sin_family = AF_INET};
    to.sin_port = htons((uint16_t)atoi(word[2]));
    if (inet_pton(AF_INET, word[0], &from.sin_addr) != 1 || inet_pton(AF_INET, word[1], &to.sin_addr) != 1)
        fail("address");
    if (strcmp(verb, "flood") == 0)
        return flood(atof(word[3]), atof(word[4]));
    if (strcmp(verb, "crowd") == 0)
        return crowd(word[3], atoi(word[4]), atof(word[5]));
    if (strcmp(verb, "half") == 0)
        return half(atoi(word[3]), atof(word[4]));
    return ask(argv[2], atoi(word[3]), atoi(word[4]), argc > 8 ? argv[8] : "");
}
