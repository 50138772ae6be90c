/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surfaceshelf.h"

#include "engine/folder.h"
#include "engine/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- fitting --- */

enum { SCORE_USB = 1000 }; /* more than any name is long */

/* Length of the longest part that is found in the names; 0: none. */
static int
match_score(const struct surface_profile *p, const char *client, const char *port)
{
    size_t best = 0;

    for (unsigned i = 0; i < p->match_count; i++)
        if (strlen(p->match[i]) > best && (strcasestr(client, p->match[i]) || strcasestr(port, p->match[i])))
            best = strlen(p->match[i]);
    return (int)best;
}

static int
score(const struct surface_profile *p, const char *usb, const char *client, const char *port)
{
    int words = match_score(p, client, port);

    for (unsigned i = 0; *usb && i < p->usb_count; i++)
        if (!strcasecmp(p->usb[i], usb))
            return SCORE_USB + words;
    return words;
}

bool
surface_profile_fits(const struct surface_profile *p, const char *usb, const char *client, const char *port)
{
    return score(p, usb, client, port) > 0;
}

/* The profiles are in the order of their names: the first of equals stays. */
const struct surface_profile *
surface_shelf_for(const struct surface_shelf *s, const char *usb, const char *client, const char *port)
{
    const struct surface_shelved *best = NULL;
    int most = 0;

    for (int i = 0; i < s->count; i++) {
        const struct surface_shelved *one = &s->shelved[i];
        int its = score(one->profile, usb, client, port);
        bool better = its > most;

        if (its > 0 && its == most)
            better =
                one->own != best->own ? one->own : strlen(one->profile->name) < strlen(best->profile->name);
        if (better) {
            most = its;
            best = one;
        }
    }
    return best ? best->profile : NULL;
}

/* --- the shelf --- */

/* NO_MEM alone ends it: a file that can't be read is told, the first one. */
static enum status
shelve(struct surface_shelf *s, const char *name, struct err *told)
{
    struct surface_shelved *to = &s->shelved[s->count];
    char path[2 * FOLDER_PATH];
    struct err e;
    enum status status = profile_surface_path(s->dir, name, path, sizeof path, &to->own, &e);

    if (status == OK)
        status = profile_load_surface(path, &to->profile, &e);
    if (status == OK && !(to->path = strdup(path))) {
        surface_free(to->profile);
        err_set(&e, "%.400s: no memory to read it", path);
        status = NO_MEM;
    }
    if (status == OK)
        s->count++;
    else if (status == NO_MEM || !told->text[0])
        *told = e;
    return status == NO_MEM ? NO_MEM : OK;
}

enum status
surface_shelf_open(struct surface_shelf *s, const char *dir, struct err *e)
{
    struct err told = {""};
    char **names = NULL;
    int count = 0;
    enum status status;

    *s = (struct surface_shelf){.dir = dir ? strdup(dir) : NULL};
    status = profile_surface_names(dir, &names, &count, &told);
    if (status == OK) {
        s->shelved = calloc((size_t)count + 1, sizeof *s->shelved);
        if (!s->shelved || (dir && !s->dir)) {
            err_set(&told, "no memory for the profiles of surfaces");
            status = NO_MEM;
        }
    }
    for (int i = 0; status == OK && i < count; i++)
        status = shelve(s, names[i], &told);
    profile_free_names(names, count);
    if (status != OK)
        surface_shelf_close(s);
    if (e)
        *e = told;
    return status;
}

void
surface_shelf_close(struct surface_shelf *s)
{
    for (int i = 0; i < s->count; i++) {
        surface_free(s->shelved[i].profile);
        free(s->shelved[i].path);
    }
    free(s->shelved);
    free(s->dir);
    *s = (struct surface_shelf){NULL, NULL, 0};
}

/* Who is not here is looked for in the folders, which say why. */
const struct surface_profile *
surface_shelf_named(const struct surface_shelf *s, const char *name, struct err *e)
{
    struct surface_profile *p = NULL;

    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->shelved[i].profile->name, name))
            return s->shelved[i].profile;
    if (e && profile_named_surface(s->dir, name, &p, e) == OK)
        err_set(e, "the surface profile '%.100s' has come since: start again", name);
    surface_free(p);
    return NULL;
}

bool
surface_shelf_path(const struct surface_shelf *s, const struct surface_profile *p, char *path, size_t size)
{
    for (int i = 0; i < s->count; i++)
        if (s->shelved[i].profile == p)
            return snprintf(path, size, "%s", s->shelved[i].path) < (int)size;
    return false;
}
