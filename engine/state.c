/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept on disk: snapshots, each in a file of its own, and with engine_config.state_dir the whole state.
 *
 *   DIR/state             all that is saved, how meters are shown, locks: PATH=VALUE lines (saved.h)
 *   DIR/snapshots/NAME.snapshot
 *
 * Without DIR snapshots lie in the user's data folder, and a host starts neutral. A snapshot is written at once, the
 * state at most WRITE_MS after a move and at the end. One host at a time has a DIR: DIR/lock says so. A state of another version is taken as far as it is known;
 * the file as it was stays as state~ then.
 */
#include "engine/inside.h"

#include "engine/clock.h"
#include "engine/saved.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { WRITE_MS = 500 };

#define ENDING ".snapshot"
#define MARKER "/transport/marker/list" /* a line for each */

/* --- what is in a file ------------------------------------------------------------------------------ */

static bool
is_state(const struct param *p)
{
    if (p->flags & PARAM_READ_ONLY || p->type == PARAM_TRIGGER || p->type == PARAM_SERIES)
        return false;
    return (p->flags & PARAM_SAVED) || p->owner == OWNER_VIEW;
}

static bool
is_kept(const struct param *p)
{
    return is_state(p) || strcmp(p->path, "/snapshot/lock") == 0 || strcmp(p->path, MARKER) == 0;
}

/* What is on its way is there. */
static double
value_of(const struct engine *g, int id)
{
    const struct passage *p = &g->recall.passage;

    return passage_has(p, id) ? p->to[id] : g->model.values[id];
}

static void
write_locks(const struct engine *g, FILE *f)
{
    char path[PARAM_PATH_SIZE];

    for (int id = 0; snapshots_next_lock(&g->recall.book, &id, path);)
        saved_write_text(f, param_at(g->recall.id_lock), path);
}

static void
write_markers(const struct engine *g, FILE *f)
{
    char text[FOLDER_PATH + 32];

    for (int i = 0; i < g->markers.n; i++) {
        markers_write(&g->markers.at[i], text, sizeof text);
        saved_write_text(f, param_at(g->id_markers), text);
    }
}

/* NULL: no memory. */
static char *
state_text(const struct engine *g)
{
    size_t size;
    char *text = NULL;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    fputs("# Deadwax " DEADWAX_VERSION ": the state of the desk\n", f);
    for (int i = 0; i < params_count(); i++)
        if (is_state(param_at(i)) && param_at(i)->type == PARAM_TEXT)
            saved_write_text(f, param_at(i), model_text(&g->model, i));
        else if (is_state(param_at(i)))
            saved_write(f, param_at(i), value_of(g, i));
    write_locks(g, f);
    write_markers(g, f);
    if (fclose(f) == 0)
        return text;
    free(text);
    return NULL;
}

/* FNV-1a */
static uint64_t
mix(uint64_t sum, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
    return sum;
}

/* Of what would be written: another number, another file. */
static uint64_t
sum_of(const struct engine *g)
{
    uint64_t sum = mix(UINT64_C(14695981039346656037), g->recall.book.locked, (size_t)params_count());

    for (int i = 0; i < params_count(); i++) {
        const char *text = model_text(&g->model, i);
        double value = value_of(g, i);

        if (is_state(param_at(i)) && param_at(i)->type == PARAM_TEXT)
            sum = mix(sum, text, strlen(text) + 1);
        else if (is_state(param_at(i)))
            sum = mix(sum, &value, sizeof value);
    }
    for (int i = 0; i < g->markers.n; i++) {
        sum = mix(sum, g->markers.at[i].file, strlen(g->markers.at[i].file) + 1);
        sum = mix(sum, &g->markers.at[i].seconds, sizeof g->markers.at[i].seconds);
    }
    return sum;
}

static char *
snapshot_text(const struct snapshot *s)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    fprintf(f, "# Deadwax " DEADWAX_VERSION ": snapshot %s\n", s->name);
    for (int i = 0; i < params_count(); i++)
        if (snapshot_holds(param_at(i)))
            saved_write(f, param_at(i), s->value[i]);
    if (fclose(f) == 0)
        return text;
    free(text);
    return NULL;
}

static bool
path_of(const struct engine *g, const char *name, char path[FOLDER_PATH])
{
    return g->keeping.folder[0] &&
           snprintf(path, FOLDER_PATH, "%s/%s" ENDING, g->keeping.folder, name) < FOLDER_PATH;
}

/* --- reading ---------------------------------------------------------------------------------------- */

static void
tell_strange(struct engine *g, const char *path, const struct saved *s, const char *more)
{
    if (s->nstrange)
        engine_tell(g, "%s: not known here, or out of range: %s%s%s", path, s->strange,
                    s->nstrange > 1 ? "..." : "", more);
}

/* The file as it was outlives the one that will be written in its place. */
static void
keep_old(const char *path)
{
    char old[FOLDER_PATH];

    if (snprintf(old, sizeof old, "%s~", path) >= (int)sizeof old)
        return;
    unlink(old);
    (void)!link(path, old);
}

static void
read_snapshot(struct engine *g, const char *name)
{
    struct saved s = {.wants = snapshot_holds};
    char path[FOLDER_PATH];
    struct err e = {""};

    s.values = malloc(sizeof *s.values * (size_t)params_count());
    for (int i = 0; s.values && i < params_count(); i++)
        s.values[i] = param_at(i)->def;
    if (!s.values || !path_of(g, name, path))
        ;
    else if (saved_read(&s, path, &e) != OK || !snapshots_store(&g->recall.book, name, s.values, &e))
        engine_tell(g, "%s", e.text);
    tell_strange(g, path, &s, "");
    free(s.values);
}

static void
read_snapshots(struct engine *g)
{
    DIR *d = g->keeping.folder[0] ? opendir(g->keeping.folder) : NULL;

    for (struct dirent *entry; d && (entry = readdir(d));) {
        size_t n = strlen(entry->d_name), end = strlen(ENDING);
        char word[256], name[SNAPSHOT_NAME];

        if (n <= end || strcmp(entry->d_name + n - end, ENDING) != 0)
            continue;
        snprintf(word, sizeof word, "%.*s", (int)(n - end), entry->d_name);
        if (snapshot_name(word, name, NULL) && strcmp(word, name) == 0)
            read_snapshot(g, name);
    }
    if (d)
        closedir(d);
}

static void
take_text(void *context, int id, const char *text)
{
    struct engine *g = context;

    if (id == g->recall.id_lock)
        recall_lock(g, text);
    else if (id == g->id_markers)
        markers_read(&g->markers, text);
    else
        engine_put_text(g, id, text);
    if (id == g->id_reference && *text)
        reference_want(&g->reference, text);
}

/* As it was written, and nothing else? */
static bool
read_state(struct engine *g)
{
    struct saved s = {.values = g->model.values, .wants = is_kept, .text = take_text, .context = g};
    struct err e = {""};
    enum status status = saved_read(&s, g->keeping.path, &e);

    tell_strange(g, g->keeping.path, &s, "; the file is kept as state~");
    if (s.nstrange)
        keep_old(g->keeping.path);
    if (status != OK && access(g->keeping.path, F_OK) == 0)
        engine_tell(g, "%s", e.text);
    return status == OK && !s.nstrange;
}

/* Not a file of ours alone, for the lock goes with us however we end. */
static bool
take_folder(struct keeping *k, const char *dir, struct err *e)
{
    char path[FOLDER_PATH];

    if (snprintf(k->folder, sizeof k->folder, "%s/snapshots", dir) >= FOLDER_PATH ||
        snprintf(k->path, sizeof k->path, "%s/state", dir) >= FOLDER_PATH ||
        snprintf(path, sizeof path, "%s/lock", dir) >= FOLDER_PATH)
        return err_set(e, "%.100s...: this name is too long", dir);
    k->lock = folder_make(dir) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (k->lock < 0)
        return err_set(e, "%s: the state can't be kept here: %s", path, strerror(errno));
    if (flock(k->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return err_set(e, "%s: another host keeps its state here: end it, or give another --state", dir);
    return true;
}

enum status
state_open(struct engine *g, struct err *e)
{
    struct keeping *k = &g->keeping;

    k->lock = -1;
    if (g->config.state_dir && !take_folder(k, g->config.state_dir, e))
        return IO_ERROR;
    if (!g->config.state_dir && !folder_of_user_data("snapshots", k->folder, sizeof k->folder))
        k->folder[0] = '\0';
    k->written = ~sum_of(g);
    if (k->path[0] && read_state(g))
        k->written = sum_of(g);
    read_snapshots(g);
    recall_list(g);
    return OK;
}

/* --- writing ---------------------------------------------------------------------------------------- */

static void
put(struct engine *g, const char *path, char *text, bool keep_old)
{
    if (shelf_put(&g->keeping.shelf, path, text, keep_old) != OK)
        engine_tell(g, "%s: out of memory", path);
}

void
state_store(struct engine *g, const struct snapshot *s)
{
    char path[FOLDER_PATH];

    if (path_of(g, s->name, path))
        put(g, path, snapshot_text(s), true);
    else
        engine_tell(g, "snapshot %s is not on disk: set HOME, or use --state", s->name);
    recall_list(g);
}

void
state_drop(struct engine *g, const char *name)
{
    char path[FOLDER_PATH];

    if (path_of(g, name, path) && shelf_drop(&g->keeping.shelf, path) != OK)
        engine_tell(g, "%s: out of memory", path);
}

bool
state_has(const struct engine *g, const char *name)
{
    char path[FOLDER_PATH];

    return !path_of(g, name, path) || !shelf_awaits(&g->keeping.shelf, path);
}

/* Are the values other ones than those that were written last? */
static bool
is_stale(const struct engine *g)
{
    return g->keeping.path[0] && sum_of(g) != g->keeping.written;
}

static void
write_state(struct engine *g)
{
    struct keeping *k = &g->keeping;

    if (!is_stale(g))
        return;
    k->written = sum_of(g);
    k->written_ns = clock_ns();
    put(g, k->path, state_text(g), false);
}

void
state_tick(struct engine *g)
{
    struct keeping *k = &g->keeping;
    int64_t now_ns = clock_ns();
    struct err e = {""};

    if (g->model.changes != k->seen && now_ns - k->written_ns >= WRITE_MS * INT64_C(1000000)) {
        k->seen = g->model.changes;
        write_state(g);
    }
    if (!shelf_tick(&k->shelf, now_ns, &e))
        return;
    if (e.text[0])
        engine_tell(g, "can't be kept: %s; it is tried again", e.text);
    recall_list(g);
}

enum status
engine_keep(struct engine *g, struct err *e)
{
    enum status status;

    write_state(g);
    status = shelf_finish(&g->keeping.shelf, e);
    recall_list(g);
    return status;
}

bool
engine_is_kept(const struct engine *g)
{
    return shelf_is_idle(&g->keeping.shelf) && !is_stale(g);
}

void
state_close(struct engine *g, bool write)
{
    struct err e = {""};

    if (write && engine_keep(g, &e) != OK)
        engine_tell(g, "can't be kept: %s", e.text);
    shelf_close(&g->keeping.shelf);
    if (g->keeping.lock > 0)
        close(g->keeping.lock);
}
