/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midihost: the engine on a server, with a map for midi_in that a test has made up: no surface, no profile, no page.
 *
 *   midihost SERVER OPTION... [FILE...]
 *
 *   --map STATUS:NUMBER:PATH[:CODING]   hexadecimal; "B0:10:/input/trim": the whole way of the row, at once. CODING 1: ticks
 *   --set PATH=VALUE, --log FILE, --print FILE, --once
 *
 * Lines on standard input: "write HEX" to midi_out; "map off", "map on"; "print off"; "other": who is connected; "quit".
 * On standard output: "ready", the engine's news, what came on midi_in as "midi FRAME moved HEX" or "midi FRAME free HEX",
 * "other NAME", at the end "lost N".
 */
#include "engine/engine.h"
#include "engine/midimap.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 64, TICK_MS = 5, BYTES = 2048 };

static struct midimap map;
static struct engine *engine;
static const char *set[WORDS], *file[WORDS];
static int nset;
static uint64_t lost;
static volatile sig_atomic_t ended;

static void
on_signal(int number)
{
    (void)number;
    ended = 1;
}

static bool
add_entry(const char *word)
{
    unsigned status, number, coding = 0;
    char path[PARAM_PATH_SIZE];

    if (map.count == MIDIMAP_MAX || sscanf(word, "%x:%x:%63[^:]:%u", &status, &number, path, &coding) < 3)
        return false;
    map.entry[map.count++] =
        (struct midimap_entry){.status = (uint8_t)status,
                               .number = (uint8_t)number,
                               .message = (status & 0xF0) == 0xE0 ? SURFACE_PITCH_BEND : SURFACE_CC,
                               .coding = coding ? SURFACE_TWOS_COMPLEMENT : SURFACE_ABSOLUTE,
                               .max = (status & 0xF0) == 0xE0 ? 16383 : 127,
                               .acceleration = 1.0,
                               .takeover = SURFACE_JUMP,
                               .param = param_find(path),
                               .high = 1.0,
                               .step = 0.01};
    return param_find(path) >= 0;
}

static bool
read_words(int argc, char **argv, struct engine_config *c)
{
    int nfiles = 0;

    for (int i = 2; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        bool takes = true, ok = nset < WORDS && nfiles < WORDS;

        if (strcmp(argv[i], "--map") == 0)
            ok &= add_entry(value);
        else if (strcmp(argv[i], "--set") == 0)
            set[nset++] = value;
        else if (strcmp(argv[i], "--log") == 0)
            c->log_path = value;
        else if (strcmp(argv[i], "--print") == 0)
            c->print_path = value;
        else
            takes = false;
        if (strcmp(argv[i], "--once") == 0)
            c->once = true;
        else if (!takes)
            file[nfiles++] = argv[i];
        i += takes;
        if (!ok)
            return false;
    }
    c->files = file;
    c->nfiles = nfiles;
    return true;
}

static void
write_hex(const char *hex)
{
    uint8_t bytes[BYTES];
    size_t n = 0;
    unsigned byte;

    for (; n < BYTES && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
        bytes[n] = (uint8_t)byte;
    if (!engine_midi_write(engine, bytes, n, 0))
        printf("no room\n");
}

static bool
command(const char *line)
{
    struct err e;

    if (strncmp(line, "write ", 6) == 0)
        write_hex(line + 6);
    else if (strcmp(line, "map off\n") == 0)
        engine_midi_map(engine, NULL, "midi test");
    else if (strcmp(line, "map on\n") == 0)
        engine_midi_map(engine, &map, "midi test");
    else if (strcmp(line, "print off\n") == 0)
        engine_set(engine, param_find("/print/record"), 0.0, ENGINE_NOW, "test", &e);
    else if (strcmp(line, "other\n") == 0)
        printf("other %s\n", engine_midi_other(engine));
    else
        return strcmp(line, "quit\n") != 0;
    return true;
}

static void
tell(void)
{
    struct engine_midi m;
    const char *line;

    while ((line = engine_news(engine)))
        printf("%s\n", line);
    while (engine_midi_read(engine, &m, &lost)) {
        printf("midi %llu %s ", (unsigned long long)m.frame, m.moved ? "moved" : "free");
        for (size_t i = 0; i < m.size; i++)
            printf("%02X", m.bytes[i]);
        printf("\n");
    }
    fflush(stdout);
}

static void
run(void)
{
    static char line[2 * BYTES + 64];
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};

    setvbuf(stdin, NULL, _IONBF, 0); /* what poll does not see must not lie in a buffer */
    while (!ended && engine_running(engine)) {
        engine_tick(engine);
        tell();
        if (poll(&in, 1, TICK_MS) > 0 && (!fgets(line, sizeof line, stdin) || !command(line)))
            break;
    }
}

int
main(int argc, char **argv)
{
    struct engine_config c = {.play = true};
    struct err e;

    params_init();
    if (argc < 2 || !read_words(argc, argv, &c)) {
        fprintf(stderr, "midihost: can't read its words\n");
        return 2;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    c.server_name = argv[1];
    if (engine_open(&engine, &c, set, nset, &e) != OK) {
        fprintf(stderr, "midihost: %s\n", e.text);
        return 1;
    }
    engine_midi_map(engine, &map, "midi test");
    printf("ready\n");
    run();
    engine_fade_out(engine);
    tell();
    printf("lost %llu\n", (unsigned long long)lost);
    engine_close(engine);
    return 0;
}
