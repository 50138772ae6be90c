/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * saved: a file of values (state, snapshot, preset) with anything in it. What is taken is legal and comes back when it
 * is written and read again; what is not is named. The same bytes as a text, and as a snapshot's name.
 */
#include "test/fuzz/fuzz.h"

#include "engine/preset.h"
#include "engine/saved.h"
#include "engine/snapshot.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TEXTS = 16 };

static double *defaults, *values, *again;
static size_t room; /* bytes of each of them */
static int fd, first_text = -1;
static char path[32];

struct texts {
    int n, id[TEXTS];
    char *text[TEXTS];
};

static void
keep_text(void *context, int id, const char *text)
{
    struct texts *t = context;

    assert(param_at(id)->type == PARAM_TEXT);
    for (int i = 0; i < t->n; i++)
        if (t->id[i] == id) {
            free(t->text[i]);
            t->text[i] = strdup(text);
            return;
        }
    if (t->n == TEXTS)
        return;
    t->id[t->n] = id;
    t->text[t->n++] = strdup(text);
}

static void
drop_texts(struct texts *t)
{
    for (int i = 0; i < t->n; i++)
        free(t->text[i]);
    t->n = 0;
}

static bool
belongs(const struct param *p)
{
    return snapshot_holds(p) || (p->type == PARAM_TEXT && !(p->flags & PARAM_READ_ONLY));
}

static void
put_file(const void *data, size_t size)
{
    assert(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
}

static void
begin(void)
{
    params_init();
    room = sizeof *values * (size_t)params_count();
    defaults = malloc(room);
    values = malloc(room);
    again = malloc(room);
    assert(defaults && values && again);
    for (int i = 0; i < params_count(); i++) {
        defaults[i] = param_at(i)->def;
        if (first_text < 0 && param_at(i)->type == PARAM_TEXT && belongs(param_at(i)))
            first_text = i;
    }
    fd = memfd_create("saved", 0);
    assert(fd >= 0 && first_text >= 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
}

static void
check_values(void)
{
    struct err e;

    if (memcmp(values, defaults, room) == 0)
        return;
    for (int i = 0; i < params_count(); i++)
        assert(memcmp(&values[i], &defaults[i], sizeof values[i]) == 0 ||
               param_check(param_at(i), values[i], &e));
}

static int
lines_of(const uint8_t *data, size_t size)
{
    int n = 1;

    for (size_t i = 0; i < size; i++)
        n += data[i] == '\n';
    return n;
}

static void
read_saved(struct saved *s, double *into, struct texts *t)
{
    struct err e;

    *s = (struct saved){.values = into, .wants = belongs, .text = keep_text, .context = t};
    memcpy(into, defaults, room);
    assert(saved_read(s, path, &e) == OK);
    assert(strnlen(s->strange, sizeof s->strange) < sizeof s->strange);
    assert(s->nstrange > 0 || !s->strange[0]);
}

static void
check_again(const struct texts *t)
{
    struct texts u = {.n = 0};
    struct saved s;
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert(f);
    for (int i = 0; i < params_count(); i++)
        if (memcmp(&values[i], &defaults[i], sizeof values[i]) != 0)
            saved_write(f, param_at(i), values[i]);
    for (int i = 0; i < t->n; i++)
        saved_write_text(f, param_at(t->id[i]), t->text[i]);
    assert(fclose(f) == 0);
    put_file(text, size);
    free(text);
    read_saved(&s, again, &u);
    assert(s.nstrange == 0 && memcmp(values, again, room) == 0 && u.n == t->n);
    for (int i = 0; i < u.n; i++)
        assert(u.id[i] == t->id[i] && strcmp(u.text[i], t->text[i]) == 0);
    drop_texts(&u);
}

static void
check_saved(const uint8_t *data, size_t size)
{
    struct texts t = {.n = 0};
    struct saved s;

    read_saved(&s, values, &t);
    assert(s.nstrange <= lines_of(data, size));
    check_values();
    check_again(&t);
    drop_texts(&t);
}

/* Errors name file and line. */
static void
check_preset(const uint8_t *data, size_t size)
{
    struct err e = {""};
    enum status status;
    char *end;
    long line;

    memcpy(values, defaults, room);
    status = preset_read(path, values, &e);
    assert(status == OK || status == BAD_ARG);
    check_values();
    if (status == OK)
        return;
    assert(strncmp(e.text, path, strlen(path)) == 0 && e.text[strlen(path)] == ':');
    line = strtol(e.text + strlen(path) + 1, &end, 10);
    assert(line >= 1 && line <= lines_of(data, size) && strncmp(end, ": ", 2) == 0);
}

static void
check_text(const char *text)
{
    struct texts t = {.n = 1, .id = {first_text}};
    char name[SNAPSHOT_NAME], twice[SNAPSHOT_NAME];

    memcpy(values, defaults, room);
    t.text[0] = strdup(text);
    check_again(&t);
    drop_texts(&t);
    if (!snapshot_name(text, name, NULL))
        return;
    assert(snapshot_name(name, twice, NULL) && strcmp(name, twice) == 0);
    for (const char *c = name; *c; c++)
        assert(isalnum((unsigned char)*c) || strchr(" -_", *c));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[PARAM_TEXT_SIZE];
    size_t n = size < sizeof text ? size : sizeof text - 1;

    if (!defaults)
        begin();
    put_file(data, size);
    if (size % 4 == 0) /* to say which row is nearest takes longer than all else */
        check_preset(data, size);
    check_saved(data, size);
    if (n)
        memcpy(text, data, n);
    text[n] = '\0';
    check_text(text);
    return 0;
}
