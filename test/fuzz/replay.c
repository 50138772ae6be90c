/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay FOLDER: without libFuzzer: each input of a corpus, then many that are bent out of them, the same at each run.
 */
#include "test/fuzz/fuzz.h"

#include "test/kit/dice.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUTS = 512, LARGEST = 1 << 16, BENT = 20000, BENDS = 6 };

static struct input {
    uint8_t *data;
    size_t size;
} input[INPUTS];
static int ninputs;

static uint8_t bent[2 * LARGEST];
static size_t nbent;

static void
read_input(const char *folder, const char *name)
{
    static uint8_t data[LARGEST];
    char path[4096];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "rb");
    if (!f || ninputs == INPUTS) {
        printf("Bail out! %s: can't be read, or is one too many\n", path);
        exit(1);
    }
    input[ninputs].size = fread(data, 1, sizeof data, f);
    input[ninputs].data = malloc(input[ninputs].size + 1);
    memcpy(input[ninputs].data, data, input[ninputs].size);
    ninputs++;
    fclose(f);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void
read_corpus(const char *folder)
{
    struct dirent **entry;
    int n = scandir(folder, &entry, NULL, by_name);

    for (int i = 0; i < n; i++) {
        if (entry[i]->d_name[0] != '.')
            read_input(folder, entry[i]->d_name);
        free(entry[i]);
    }
    if (n >= 0)
        free(entry);
}

/* What brought it down, as C text, so that a test can be made of it. */
static void
show_bent(int number)
{
    static const char hex[] = "0123456789abcdef";
    char out[3];

    signal(number, SIG_DFL);
    if (write(1, "\n# the input, in hex: ", 22) < 0)
        abort();
    for (size_t i = 0; i < nbent; i++) {
        out[0] = hex[bent[i] >> 4];
        out[1] = hex[bent[i] & 15];
        if (write(1, out, 2) < 0)
            abort();
    }
    raise(number);
}

static void
take(void)
{
    uint8_t *exact = malloc(nbent ? nbent : 1); /* so that a sanitizer sees the first byte beyond */

    memcpy(exact, bent, nbent);
    LLVMFuzzerTestOneInput(exact, nbent);
    free(exact);
}

static void
insert(size_t at, const uint8_t *data, size_t size)
{
    if (nbent + size > LARGEST)
        return;
    memmove(bent + at + size, bent + at, nbent - at);
    memcpy(bent + at, data, size);
    nbent += size;
}

static void
bend(void)
{
    static const uint8_t edge[] = {0, 1, 0x2f, 0x7f, 0x80, 0xc0, 0xdb, 0xff};
    size_t at = nbent ? dice((uint32_t)nbent) : 0, n = 1 + dice(16);
    const struct input *other = &input[dice((uint32_t)ninputs)];

    if (n > nbent - at)
        n = nbent - at;
    switch (dice(6)) {
    case 0: memmove(bent + at, bent + at + n, nbent - at - n), nbent -= n; break;
    case 1: nbent ? (void)(bent[at] ^= (uint8_t)(1u << dice(8))) : (void)0; break;
    case 2: nbent ? (void)(bent[at] = edge[dice(sizeof edge)]) : (void)0; break;
    case 3: nbent ? (void)(bent[at] = (uint8_t)dice(256)) : (void)0; break;
    case 4: {
        size_t from = other->size ? dice((uint32_t)other->size) : 0;

        insert(at, other->data + from, dice((uint32_t)(other->size - from) + 1));
        break;
    }
    case 5: insert(at, edge + dice(sizeof edge), 1); break;
    }
}

int
main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    signal(SIGABRT, show_bent);
    signal(SIGSEGV, show_bent);
    read_corpus(argv[1]);
    printf("1..2\n");
    if (!ninputs) {
        printf("Bail out! %s: no inputs there\n", argv[1]);
        return 1;
    }
    for (int i = 0; i < ninputs; i++) {
        memcpy(bent, input[i].data, nbent = input[i].size);
        take();
    }
    printf("ok 1 - each of %d kept inputs is taken\n", ninputs);
    fflush(stdout);
    dice_state = 20261121;
    for (int i = 0; i < BENT; i++) {
        const struct input *from = &input[dice((uint32_t)ninputs)];

        memcpy(bent, from->data, nbent = from->size);
        for (uint32_t k = 1 + dice(BENDS); k > 0; k--)
            bend();
        take();
    }
    printf("ok 2 - each of %d bent inputs is taken\n", BENT);
    for (int i = 0; i < ninputs; i++)
        free(input[i].data);
    return 0;
}
