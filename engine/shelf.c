/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/shelf.h"

#include "engine/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shelf_order {
    struct shelf_order *next;
    char *path, *text; /* text NULL: drop it */
    bool keep_old, failed;
    bool tried; /* and failed before: nobody waits for it any more */
    struct err err;
};

static void
order_free(struct shelf_order *o)
{
    if (!o)
        return;
    free(o->path);
    free(o->text);
    free(o);
}

static struct shelf_order **
end_of(struct shelf_order **list)
{
    while (*list)
        list = &(*list)->next;
    return list;
}

static const struct shelf_order *
find(const struct shelf_order *list, const char *path)
{
    while (list && strcmp(list->path, path) != 0)
        list = list->next;
    return list;
}

static void
remove_of(struct shelf_order **list, const char *path)
{
    while (*list)
        if (strcmp((*list)->path, path) == 0) {
            struct shelf_order *gone = *list;

            *list = gone->next;
            order_free(gone);
        } else {
            list = &(*list)->next;
        }
}

/* --- the errand ------------------------------------------------------------------------------------- */

static bool
write_new(const char *new, const char *text)
{
    int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    size_t left = strlen(text);
    bool ok = fd >= 0;

    while (ok && left > 0) {
        ssize_t n = write(fd, text, left);

        ok = n > 0 || (n < 0 && errno == EINTR);
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    if (ok)
        ok = fsync(fd) == 0;
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok;
}

/* A name is on disk when its folder is. Not all file systems can say so. */
static void
sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* At no moment is there neither the old one nor the new one. */
static bool
keep_as_old(const char *path, const char *old)
{
    unlink(old);
    return link(path, old) == 0 || errno == ENOENT || errno == EPERM || errno == EOPNOTSUPP;
}

static bool
fulfil(const struct shelf_order *o)
{
    char new[FOLDER_PATH], old[FOLDER_PATH], dir[FOLDER_PATH];
    bool ok;

    errno = ENAMETOOLONG;
    if (snprintf(new, sizeof new, "%s.new", o->path) >= (int)sizeof new)
        return false;
    snprintf(old, sizeof old, "%s~", o->path);
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(o->path, '/') - o->path), o->path);
    if (o->text)
        ok = folder_make(dir) && write_new(new, o->text) && (!o->keep_old || keep_as_old(o->path, old)) &&
             rename(new, o->path) == 0;
    else
        ok = rename(o->path, old) == 0 || errno == ENOENT;
    if (ok)
        sync_folder(dir);
    return ok;
}

static void
fulfil_all(void *with)
{
    for (struct shelf_order *o = with; o; o = o->next) {
        o->failed = !fulfil(o);
        if (o->failed)
            err_set(&o->err, "%s: %s", o->path, strerror(errno));
    }
}

/* --- the control thread ----------------------------------------------------------------------------- */

static enum status
add(struct shelf *s, const char *path, char *text, bool keep_old)
{
    struct shelf_order *new = calloc(1, sizeof *new);

    if (new)
        *new = (struct shelf_order){.path = strdup(path), .text = text, .keep_old = keep_old};
    else
        free(text);
    if (!new || !new->path) {
        order_free(new);
        return NO_MEM;
    }
    remove_of(&s->waiting, path);
    *end_of(&s->waiting) = new;
    s->retry_ns = 0;
    return OK;
}

enum status
shelf_put(struct shelf *s, const char *path, char *text, bool keep_old)
{
    return text ? add(s, path, text, keep_old) : NO_MEM;
}

enum status
shelf_drop(struct shelf *s, const char *path)
{
    return add(s, path, NULL, true);
}

bool
shelf_awaits(const struct shelf *s, const char *path)
{
    const struct shelf_order *o = find(s->waiting, path);

    if (!o)
        o = find(s->out, path);
    return o && !o->tried;
}

bool
shelf_is_idle(const struct shelf *s)
{
    return !s->waiting && !s->out;
}

/* What failed goes ahead of what has come meanwhile, unless that has a newer one of the same name. */
static bool
take_back(struct shelf *s, struct err *e)
{
    struct shelf_order *failed = NULL, **end = &failed;
    struct err why = {""};

    for (struct shelf_order *o = s->out, *next; o; o = next) {
        next = o->next;
        if (o->failed && !why.text[0])
            why = o->err;
        if (!o->failed || find(s->waiting, o->path)) {
            order_free(o);
        } else {
            o->tried = true;
            *end = o;
            end = &o->next;
        }
    }
    *end = s->waiting;
    s->waiting = failed;
    s->out = NULL;
    if (e)
        err_set(e, "%s", strcmp(why.text, s->failed.text) == 0 ? "" : why.text);
    s->failed = why;
    return !why.text[0];
}

static void
send(struct shelf *s)
{
    s->out = s->waiting;
    s->waiting = NULL;
    if (errand_send(&s->errand, fulfil_all, s->out) == OK)
        return;
    s->waiting = s->out; /* no thread to be had: later */
    s->out = NULL;
}

bool
shelf_tick(struct shelf *s, int64_t now_ns, struct err *e)
{
    bool back = errand_back(&s->errand);

    if (back && !take_back(s, e))
        s->retry_ns = now_ns + SHELF_RETRY_MS * INT64_C(1000000);
    if (!s->out && s->waiting && now_ns >= s->retry_ns)
        send(s);
    return back;
}

enum status
shelf_finish(struct shelf *s, struct err *e)
{
    if (errand_wait(&s->errand))
        take_back(s, NULL);
    s->out = s->waiting;
    s->waiting = NULL;
    fulfil_all(s->out);
    if (take_back(s, NULL))
        return OK;
    err_set(e, "%s", s->failed.text);
    return IO_ERROR;
}

void
shelf_close(struct shelf *s)
{
    shelf_finish(s, NULL);
    for (struct shelf_order *o = s->waiting, *next; o; o = next) {
        next = o->next;
        order_free(o);
    }
    *s = (struct shelf){0};
}
