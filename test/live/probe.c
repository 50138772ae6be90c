/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe: a JACK client that a test steers by lines on standard input.
 *
 *   probe SERVER [NAME]       ports in_L in_R out_L out_R
 *
 *   format                    rate, period, xruns so far
 *   period N                  sets the server's
 *   ports                     all names
 *   connect FROM TO, disconnect FROM TO
 *   linked PORT               who is connected to it
 *   latency PORT capture|playback
 *   play, stop, locate N, where       JACK's transport
 *   uuid NAME                 of a port or a client
 *   property UUID KEY         value and type; KEY without "http://jackaudio.org/metadata/"
 *   properties UUID           how many
 *   keeps UUID                can the server keep one, and give it back?
 *   level V                   out_L and out_R give V
 *   count                     out_L counts frames in steps of 2^-24, out_R the same upside down
 *   feed FILE                 out_L and out_R play it, raw float32 pairs, then silence; answers when it is over
 *   freewheel 1|0             the server's cycles follow one another as fast as all clients can, or by its clock
 *   record                    keeps what comes in from now on
 *   keep FILE                 ends that and writes it: raw float32, pairs
 *   reply UDP_PORT PATH A B N         sets PATH to A, B, A ... N times over OSC; measures, see below
 *   quit
 *
 * Each line is answered by one that begins with "ok" or "no".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jack/jack.h>
#include <jack/metadata.h>
#include <jack/uuid.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RECORD_S = 60, OPEN_MS = 20000, REPLY_MS = 5000, REST_MS = 60, REPLIES = 1000 };

enum out { OUT_LEVEL, OUT_COUNT, OUT_FEED };

static jack_client_t *client;
static jack_port_t *in[2], *out[2];
static _Atomic int mode, xruns;
static _Atomic float level;
static unsigned counter; /* of the process thread */

static const float *reel; /* pairs */
static size_t reel_frames;
static _Atomic size_t reel_at; /* reel_frames: over */

static float *tape; /* pairs */
static size_t tape_frames;
static _Atomic size_t taped;
static _Atomic int taping;

/* Frames count from our first callback; JACK's own clock is guessed from wake-up times and jumps after an xrun. */
static _Atomic long now_frame;   /* the first of the running period, */
static _Atomic long long now_ns; /* and when that came */

/* The first frame after `armed` was set that differs from the one before. */
static _Atomic int armed, found;
static _Atomic long found_frame;

static void
write_reel(float *const *y, unsigned nframes)
{
    size_t at = atomic_load_explicit(&reel_at, memory_order_relaxed);

    for (unsigned i = 0; i < nframes; i++) {
        y[0][i] = at < reel_frames ? reel[2 * at] : 0.0f;
        y[1][i] = at < reel_frames ? reel[2 * at + 1] : 0.0f;
        at += at < reel_frames;
    }
    atomic_store_explicit(&reel_at, at, memory_order_release);
}

static void
write_out(float *const *y, unsigned nframes)
{
    float v = atomic_load_explicit(&level, memory_order_relaxed);
    int counting = atomic_load_explicit(&mode, memory_order_relaxed) == OUT_COUNT;

    if (atomic_load_explicit(&mode, memory_order_acquire) == OUT_FEED) {
        write_reel(y, nframes);
        return;
    }
    for (unsigned i = 0; i < nframes; i++) {
        float step = (float)(counter++ % (1u << 22)) / (1 << 24);

        y[0][i] = counting ? step : v;
        y[1][i] = counting ? -step : v;
    }
}

static void
write_tape(float *const *x, unsigned nframes)
{
    size_t at = atomic_load_explicit(&taped, memory_order_relaxed);

    for (unsigned i = 0; i < nframes && at < tape_frames; i++, at++) {
        tape[2 * at] = x[0][i];
        tape[2 * at + 1] = x[1][i];
    }
    atomic_store_explicit(&taped, at, memory_order_release);
}

static void
look(const float *x, unsigned nframes)
{
    static float before;
    long first = atomic_load_explicit(&now_frame, memory_order_relaxed);

    for (unsigned i = 0; i < nframes; i++) {
        if (x[i] != before && atomic_exchange_explicit(&armed, 0, memory_order_acquire)) {
            atomic_store_explicit(&found_frame, first + (long)i, memory_order_relaxed);
            atomic_store_explicit(&found, 1, memory_order_release);
        }
        before = x[i];
    }
}

static long long
clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int
on_process(jack_nframes_t nframes, void *arg)
{
    static long next;
    float *x[2], *y[2];

    (void)arg;
    atomic_store_explicit(&now_frame, next, memory_order_relaxed);
    atomic_store_explicit(&now_ns, clock_ns(), memory_order_release);
    next += nframes;
    for (int c = 0; c < 2; c++) {
        x[c] = jack_port_get_buffer(in[c], nframes);
        y[c] = jack_port_get_buffer(out[c], nframes);
    }
    write_out(y, nframes);
    if (atomic_load_explicit(&taping, memory_order_acquire))
        write_tape(x, nframes);
    look(x[0], nframes);
    return 0;
}

static int
on_xrun(void *arg)
{
    (void)arg;
    atomic_fetch_add_explicit(&xruns, 1, memory_order_relaxed);
    return 0;
}

static void
on_shutdown(void *arg)
{
    (void)arg;
    _exit(0);
}

/* --- answers -------------------------------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void
answer(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

static void
result(int bad)
{
    answer(bad ? "no" : "ok");
}

static void
names(const char **list)
{
    printf("ok");
    for (int i = 0; list && list[i]; i++)
        printf(" %s", list[i]);
    jack_free(list);
    answer("%s", "");
}

static void
tell_latency(const char *name, const char *which)
{
    jack_port_t *port = jack_port_by_name(client, name);
    jack_latency_range_t range;

    if (!port) {
        answer("no");
        return;
    }
    jack_port_get_latency_range(port, strcmp(which, "capture") ? JackPlaybackLatency : JackCaptureLatency,
                                &range);
    answer("ok %u %u", range.min, range.max);
}

static void
tell_where(void)
{
    static const char *const word[] = {"stopped", "rolling", "looping", "starting", "starting"};
    jack_position_t position;
    jack_transport_state_t state = jack_transport_query(client, &position);

    answer("ok %s %u", (unsigned)state < sizeof word / sizeof *word ? word[state] : "?", position.frame);
}

static void
tell_uuid(const char *name)
{
    jack_port_t *port = jack_port_by_name(client, name);
    char *text = port ? NULL : jack_get_uuid_for_client_name(client, name);
    jack_uuid_t uuid = port ? jack_port_uuid(port) : 0;

    if (text && jack_uuid_parse(text, &uuid))
        uuid = 0;
    jack_free(text);
    if (uuid)
        answer("ok %" PRIu64, uuid);
    else
        answer("no");
}

static void
tell_property(jack_uuid_t uuid, const char *key)
{
    char *value = NULL, *type = NULL, full[400];

    snprintf(full, sizeof full, "http://jackaudio.org/metadata/%s", key);
    if (jack_get_property(uuid, full, &value, &type) == 0)
        answer("ok %s %s", value, type ? type : "-");
    else
        answer("no");
    jack_free(value);
    jack_free(type);
}

static void
count_properties(jack_uuid_t uuid)
{
    jack_description_t all = {0};
    int n = jack_get_properties(uuid, &all);

    if (n > 0)
        jack_free_description(&all, 0);
    answer("ok %d", n > 0 ? n : 0);
}

static void
try_property(jack_uuid_t uuid)
{
    static const char key[] = "http://jackaudio.org/metadata/pretty-name";
    char *value = NULL, *type = NULL;
    int bad = jack_set_property(client, uuid, key, "probe", "text/plain") ||
              jack_get_property(uuid, key, &value, &type) || strcmp(value, "probe");

    jack_remove_properties(client, uuid);
    jack_free(value);
    jack_free(type);
    result(bad);
}

static void
give(enum out what, float v)
{
    atomic_store_explicit(&level, v, memory_order_relaxed);
    atomic_store_explicit(&mode, what, memory_order_relaxed);
    answer("ok");
}

static void
feed(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    void *bytes = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0)
        bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED) {
        answer("no %s", strerror(errno));
        return;
    }
    reel = bytes;
    reel_frames = (size_t)st.st_size / (2 * sizeof *reel);
    atomic_store_explicit(&reel_at, 0, memory_order_relaxed);
    atomic_store_explicit(&mode, OUT_FEED, memory_order_release);
    while (atomic_load_explicit(&reel_at, memory_order_acquire) < reel_frames)
        usleep(1000);
    atomic_store_explicit(&level, 0.0f, memory_order_relaxed);
    atomic_store_explicit(&mode, OUT_LEVEL, memory_order_release);
    usleep(50000); /* a callback may be at it still */
    munmap(bytes, (size_t)st.st_size);
    answer("ok");
}

static void
record(void)
{
    atomic_store_explicit(&taped, 0, memory_order_relaxed);
    atomic_store_explicit(&taping, 1, memory_order_release);
    answer("ok");
}

static void
keep(const char *path)
{
    size_t n;
    FILE *f;

    atomic_store_explicit(&taping, 0, memory_order_release);
    usleep(100000); /* a callback may be at it still */
    n = atomic_load_explicit(&taped, memory_order_acquire);
    f = fopen(path, "wb");
    if (!f || fwrite(tape, 2 * sizeof *tape, n, f) != n || fclose(f)) {
        answer("no %s", strerror(errno));
        return;
    }
    answer("ok %zu", n);
}

/* --- how long a move takes ------------------------------------------------------------------------ */

static size_t
put_text(unsigned char *at, const char *text)
{
    size_t n = strlen(text) / 4 * 4 + 4;

    memset(at, 0, n);
    memcpy(at, text, strlen(text));
    return n;
}

static size_t
set_message(unsigned char *packet, const char *path, float value)
{
    size_t n = put_text(packet, path);
    uint32_t bits;

    n += put_text(packet + n, ",f");
    memcpy(&bits, &value, sizeof bits);
    bits = htonl(bits);
    memcpy(packet + n, &bits, sizeof bits);
    return n + sizeof bits;
}

/* Where in our frames this moment is: into the running period, at most to its end. */
static double
place(void)
{
    long long ns = atomic_load_explicit(&now_ns, memory_order_acquire);
    double into = (double)(clock_ns() - ns) * 1e-9 * jack_get_sample_rate(client);
    double period = jack_get_buffer_size(client);

    return (double)atomic_load_explicit(&now_frame, memory_order_relaxed) + (into < period ? into : period);
}

/* Frames from just before the packet is sent to the first output frame that differs; -1: none came. */
static double
one_reply(int fd, const struct sockaddr_in *to, const char *path, float value)
{
    unsigned char packet[256];
    size_t n = set_message(packet, path, value);
    double sent;

    atomic_store_explicit(&found, 0, memory_order_relaxed);
    atomic_store_explicit(&armed, 1, memory_order_release);
    sent = place();
    if (sendto(fd, packet, n, 0, (const struct sockaddr *)to, sizeof *to) != (ssize_t)n)
        return -1;
    for (int ms = 0; ms < REPLY_MS; ms++) {
        if (atomic_load_explicit(&found, memory_order_acquire))
            return (double)atomic_load_explicit(&found_frame, memory_order_relaxed) - sent;
        usleep(1000);
    }
    return -1;
}

static void
replies(int port, const char *path, float a, float b, int n)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || strlen(path) > 100 || n < 1 || n > REPLIES) {
        answer("no");
        return;
    }
    printf("ok");
    srand(1);
    for (int i = 0; i < n; i++) {
        printf(" %.1f", one_reply(fd, &to, path, i % 2 ? b : a));
        usleep((useconds_t)(REST_MS * 1000 + rand() % 3000)); /* at rest again; anywhere in a period */
    }
    close(fd);
    answer("%s", "");
}

/* --- lines ---------------------------------------------------------------------------------------- */

static int
command(char *line)
{
    char word[16] = "", a[300] = "", b[300] = "";
    float x, y;
    int port, n, got = sscanf(line, "%15s %299s %299s", word, a, b);

    if (got < 1)
        answer("no");
    else if (!strcmp(word, "quit"))
        return 0;
    else if (!strcmp(word, "format"))
        answer("ok %u %u %d", jack_get_sample_rate(client), jack_get_buffer_size(client), (int)xruns);
    else if (!strcmp(word, "period"))
        result(jack_set_buffer_size(client, (jack_nframes_t)atoi(a)));
    else if (!strcmp(word, "ports"))
        names(jack_get_ports(client, NULL, NULL, 0));
    else if (!strcmp(word, "connect"))
        result(jack_connect(client, a, b));
    else if (!strcmp(word, "disconnect"))
        result(jack_disconnect(client, a, b));
    else if (!strcmp(word, "linked"))
        names(jack_port_by_name(client, a)
                  ? jack_port_get_all_connections(client, jack_port_by_name(client, a))
                  : NULL);
    else if (!strcmp(word, "latency"))
        tell_latency(a, b);
    else if (!strcmp(word, "uuid"))
        tell_uuid(a);
    else if (!strcmp(word, "property"))
        tell_property(strtoull(a, NULL, 10), b);
    else if (!strcmp(word, "properties"))
        count_properties(strtoull(a, NULL, 10));
    else if (!strcmp(word, "keeps"))
        try_property(strtoull(a, NULL, 10));
    else if (!strcmp(word, "play"))
        jack_transport_start(client), answer("ok");
    else if (!strcmp(word, "stop"))
        jack_transport_stop(client), answer("ok");
    else if (!strcmp(word, "locate"))
        result(jack_transport_locate(client, (jack_nframes_t)strtoul(a, NULL, 10)));
    else if (!strcmp(word, "where"))
        tell_where();
    else if (!strcmp(word, "level"))
        give(OUT_LEVEL, strtof(a, NULL));
    else if (!strcmp(word, "count"))
        give(OUT_COUNT, 0.0f);
    else if (!strcmp(word, "feed"))
        feed(a);
    else if (!strcmp(word, "freewheel"))
        result(jack_set_freewheel(client, atoi(a)));
    else if (!strcmp(word, "record"))
        record();
    else if (!strcmp(word, "keep"))
        keep(a);
    else if (sscanf(line, "reply %d %299s %f %f %d", &port, a, &x, &y, &n) == 5)
        replies(port, a, x, y, n);
    else
        answer("no such command");
    return 1;
}

static int
open_client(const char *server, const char *name)
{
    static const char *const port_name[] = {"in_L", "in_R", "out_L", "out_R"};

    for (int ms = 0; !client && ms < OPEN_MS; ms += 50) {
        client = jack_client_open(name, JackNoStartServer | JackServerName, NULL, server);
        if (!client)
            usleep(50000);
    }
    if (!client)
        return 1;
    for (int i = 0; i < 4; i++)
        (i < 2 ? in : out)[i % 2] = jack_port_register(client, port_name[i], JACK_DEFAULT_AUDIO_TYPE,
                                                       i < 2 ? JackPortIsInput : JackPortIsOutput, 0);
    tape_frames = (size_t)jack_get_sample_rate(client) * RECORD_S;
    tape = calloc(tape_frames, 2 * sizeof *tape);
    if (!tape || !in[1] || !out[1])
        return 1;
    memset(tape, 0, tape_frames * 2 * sizeof *tape);
    jack_set_process_callback(client, on_process, NULL);
    jack_set_xrun_callback(client, on_xrun, NULL);
    jack_on_shutdown(client, on_shutdown, NULL);
    return jack_activate(client);
}

static void
quiet(const char *line)
{
    (void)line;
}

int
main(int argc, char **argv)
{
    char line[1024];

    if (argc < 2)
        return 2;
    jack_set_error_function(quiet);
    jack_set_info_function(quiet);
    if (open_client(argv[1], argc > 2 ? argv[2] : "probe")) {
        answer("no JACK server answers");
        return 1;
    }
    answer("ok");
    while (fgets(line, sizeof line, stdin) && command(line))
        ;
    jack_client_close(client);
    free(tape);
    return 0;
}
