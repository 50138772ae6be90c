/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/profile.h"

#include "engine/folder.h"
#include "engine/sheet.h"
#include "engine/word.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

/* --- one file --- */

static char *
name_of_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash ? slash + 1 : path);
    size_t n = name ? strlen(name) : 0;

    if (n > 5 && !strcmp(name + n - 5, ".yaml"))
        name[n - 5] = 0;
    return name;
}

enum status
profile_load_interface(const char *path, struct interface_profile **p, struct err *e)
{
    enum status status = interface_load(path, p, NULL, e);

    if (status != OK || ((*p)->name = name_of_file(path)))
        return status;
    interface_free(*p);
    *p = NULL;
    err_set(e, "%.400s:1: no memory to read it", path);
    return NO_MEM;
}

/* --- the folder --- */

static bool
has_interfaces(const char *dir)
{
    char path[PATH_SIZE];
    struct stat st;

    return snprintf(path, sizeof path, "%s/interfaces", dir) < PATH_SIZE && !stat(path, &st) &&
           S_ISDIR(st.st_mode);
}

static bool
search_above_program(char *dir, size_t size)
{
    static const char *const places[] = {"hw-profiles", "share/deadwax/hw-profiles"};

    return folder_near_program(places, LEN(places), has_interfaces, dir, size);
}

enum status
profile_dir(const char *given, char *dir, size_t size, struct err *e)
{
    const char *wanted = given ? given : getenv("DEADWAX_HW_PROFILES");

    if (wanted && *wanted) {
        if (snprintf(dir, size, "%s", wanted) < (int)size && has_interfaces(dir))
            return OK;
        err_set(e, "%.400s: no hardware profiles there: name a folder that holds interfaces/", wanted);
        return NOT_FOUND;
    }
    if (search_above_program(dir, size))
        return OK;
    err_set(e,
            "no hardware profiles found near the program: set DEADWAX_HW_PROFILES to the hw-profiles folder");
    return NOT_FOUND;
}

static int
is_profile(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return n > 5 && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - 5, ".yaml");
}

/* By bytes, so that it is the same in every locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* dir/KIND, or the default one's. */
static enum status
folder_of(const char *dir, const char *kind, char *path, struct err *e)
{
    char found[PATH_SIZE];
    enum status status = OK;

    if (!dir)
        status = profile_dir(NULL, found, sizeof found, e);
    if (status == OK && snprintf(path, PATH_SIZE, "%s/%s", dir ? dir : found, kind) >= PATH_SIZE) {
        err_set(e, "%.400s...: too long a path: move the hw-profiles folder", path);
        status = NOT_FOUND;
    }
    return status;
}

struct names {
    char **name;
    int count;
};

/* The folder's names, sorted, behind those that are there. */
static enum status
read_names(const char *path, struct names *to, struct err *e)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, is_profile, by_name), had = to->count;
    char **grown;

    if (n < 0) {
        err_set(e, "%.400s: can't be read (%s): name the hw-profiles folder", path, strerror(errno));
        return NOT_FOUND;
    }
    grown = realloc(to->name, ((size_t)to->count + (size_t)n + 1) * sizeof *grown);
    if (grown)
        to->name = grown;
    for (int i = 0; i < n; i++) {
        if (grown && (to->name[to->count] = name_of_file(entries[i]->d_name)))
            to->count++;
        free(entries[i]);
    }
    free(entries);
    if (grown && to->count == had + n)
        return OK;
    err_set(e, "%.400s: no memory to read it", path);
    return NO_MEM;
}

static enum status
give_names(enum status status, struct names *found, char ***names, int *count)
{
    if (status != OK) {
        profile_free_names(found->name, found->count);
        *found = (struct names){NULL, 0};
    }
    *names = found->name;
    *count = found->count;
    return status;
}

enum status
profile_names(const char *dir, char ***names, int *count, struct err *e)
{
    char path[PATH_SIZE];
    struct names found = {NULL, 0};
    enum status status = folder_of(dir, "interfaces", path, e);

    if (status == OK)
        status = read_names(path, &found, e);
    return give_names(status, &found, names, count);
}

void
profile_free_names(char **names, int count)
{
    for (int i = 0; names && i < count; i++)
        free(names[i]);
    free(names);
}

/* Says which one was meant, of names that are freed here. */
static enum status
unknown_name(const char *kind, const char *name, const char *folder, char **names, int count, struct err *e)
{
    err_set(e, "no %s profile '%.100s' in %.400s: did you mean '%s'?", kind, name, folder,
            word_nearest(name, (const char *const *)names, (size_t)count));
    profile_free_names(names, count);
    return NOT_FOUND;
}

/* FOLDER/NAME.yaml, if there is one. */
static bool
find_file(const char *folder, const char *name, char *path, size_t size)
{
    return *name && !strchr(name, '/') && name[0] != '.' &&
           snprintf(path, size, "%s/%s.yaml", folder, name) < (int)size && !access(path, F_OK);
}

enum status
profile_named_interface(const char *dir, const char *name, struct interface_profile **p, struct err *e)
{
    char folder[PATH_SIZE], path[2 * PATH_SIZE], **names;
    int count;

    *p = NULL;
    if (folder_of(dir, "interfaces", folder, e) != OK)
        return NOT_FOUND;
    if (find_file(folder, name, path, sizeof path))
        return profile_load_interface(path, p, e);
    if (profile_names(dir, &names, &count, e) != OK)
        return NOT_FOUND;
    return unknown_name("interface", name, folder, names, count, e);
}

/* --- surfaces --- */

bool
profile_is_surface(const char *path)
{
    static const struct sheet_kind kind = {"profile", "generic-cc.yaml"};
    static const char *const keys[] = {"controls", "pages", "assign", "macros"};
    struct sheet *s;
    struct err e;
    bool is = false;

    if (sheet_open(&s, path, kind, &e) != OK)
        return strstr(path, "surfaces/");
    for (size_t i = 0; i < LEN(keys); i++)
        is |= sheet_has(s, "%s", keys[i]);
    sheet_close(s);
    return is;
}

enum status
profile_load_surface(const char *path, struct surface_profile **p, struct err *e)
{
    enum status status = surface_load(path, p, NULL, e);

    if (status != OK || ((*p)->name = name_of_file(path)))
        return status;
    surface_free(*p);
    *p = NULL;
    err_set(e, "%.400s:1: no memory to read it", path);
    return NO_MEM;
}

/* The user's own; false: there is none. */
static bool
own_folder(char *path)
{
    return folder_of_user("hw-profiles/surfaces", path, FOLDER_PATH) && folder_exists(path);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
drop_doubles(struct names *n)
{
    int kept = 0;

    if (n->count)
        qsort(n->name, (size_t)n->count, sizeof *n->name, by_text);
    for (int i = 0; i < n->count; i++)
        if (kept && !strcmp(n->name[i], n->name[kept - 1]))
            free(n->name[i]);
        else
            n->name[kept++] = n->name[i];
    n->count = kept;
}

/* A folder of profiles without surfaces is one that has none. */
enum status
profile_surface_names(const char *dir, char ***names, int *count, struct err *e)
{
    char path[PATH_SIZE], own[FOLDER_PATH];
    struct names found = {NULL, 0};
    enum status status = folder_of(dir, "surfaces", path, e);

    if (status == OK && folder_exists(path))
        status = read_names(path, &found, e);
    if (status == OK && own_folder(own))
        status = read_names(own, &found, e);
    drop_doubles(&found);
    return give_names(status, &found, names, count);
}

enum status
profile_surface_path(const char *dir, const char *name, char *path, size_t size, bool *own, struct err *e)
{
    char folder[PATH_SIZE], mine[FOLDER_PATH], **names;
    int count;

    *own = own_folder(mine) && find_file(mine, name, path, size);
    if (*own)
        return OK;
    if (folder_of(dir, "surfaces", folder, e) != OK)
        return NOT_FOUND;
    if (find_file(folder, name, path, size))
        return OK;
    if (profile_surface_names(dir, &names, &count, e) != OK)
        return NOT_FOUND;
    return unknown_name("surface", name, folder, names, count, e);
}

enum status
profile_named_surface(const char *dir, const char *name, struct surface_profile **p, struct err *e)
{
    char path[FOLDER_PATH + PATH_SIZE];
    enum status status;
    bool own;

    *p = NULL;
    status = profile_surface_path(dir, name, path, sizeof path, &own, e);
    return status == OK ? profile_load_surface(path, p, e) : status;
}

/* --- choosing --- */

enum { SCORE_NONE = 0, SCORE_GENERIC = 1, SCORE_WORDS = 1000, SCORE_USB = 2000 };

/* The word as a whole: "M4" is not in "TEAM400". */
static bool
text_has(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; *at; at++)
        if (!strncasecmp(at, word, n) && (at == text || !isalnum((unsigned char)at[-1])) &&
            !isalnum((unsigned char)at[n]))
            return true;
    return false;
}

/* Length of the longest word found in the card's names, 0 if none. */
static int
words_score(const struct interface_profile *p, const struct machine_card *c)
{
    size_t best = 0;

    for (unsigned i = 0; i < p->match_count; i++)
        if (strlen(p->match[i]) > best &&
            (text_has(c->name, p->match[i]) || text_has(c->long_name, p->match[i]) ||
             text_has(c->id, p->match[i])))
            best = strlen(p->match[i]);
    return (int)best;
}

static bool
same_maker(const struct interface_profile *p, const struct machine_card *c)
{
    for (unsigned i = 0; i < p->usb_count; i++)
        if (!strncasecmp(p->usb[i], c->usb, 5))
            return true;
    return !p->usb_count || !c->usb[0];
}

/* A box with an id of its own can share it (MOTU M2, M4): the words then decide. A name in the mouth of another
   maker is chance. */
static int
score(const struct interface_profile *p, const struct machine_card *c)
{
    int words = words_score(p, c);

    if (!c->playback || strcmp(p->backend, "alsa"))
        return SCORE_NONE;
    for (unsigned i = 0; c->usb[0] && i < p->usb_count; i++)
        if (!strcasecmp(p->usb[i], c->usb))
            return SCORE_USB + words;
    return words && same_maker(p, c) ? SCORE_WORDS + words : SCORE_NONE;
}

/* Which card to take when none is known: an interface on USB before the one on the board, and what no ear hears
   last. */
static int
generic_score(const struct machine_card *c)
{
    if (!c->playback)
        return SCORE_NONE;
    if (!strcmp(c->driver, "Loopback"))
        return SCORE_GENERIC;
    if (!strcmp(c->driver, "Dummy"))
        return SCORE_GENERIC + 1;
    if (c->hdmi)
        return SCORE_GENERIC + 2;
    return SCORE_GENERIC + (c->usb[0] ? 4 : 3);
}

/* The card that p fits best, the first of equals; NULL and 0 if none. */
static const struct machine_card *
best_card(const struct interface_profile *p, const struct machine_card *cards, int ncards, int *best)
{
    const struct machine_card *card = NULL;
    bool generic = !strcmp(p->name, "generic");

    *best = SCORE_NONE;
    for (int i = 0; i < ncards; i++) {
        int s = generic ? generic_score(&cards[i]) : score(p, &cards[i]);

        if (s > *best) {
            *best = s;
            card = &cards[i];
        }
    }
    return card;
}

struct choice {
    struct interface_profile *p; /* ours */
    const struct machine_card *card;
    int score;
};

/* Takes p over or frees it. */
static void
weigh(struct choice *best, struct interface_profile *p, const struct machine_card *cards, int ncards)
{
    struct choice mine = {.p = p};

    mine.card = best_card(p, cards, ncards, &mine.score);
    if (mine.score <= best->score) {
        interface_free(p);
        return;
    }
    interface_free(best->p);
    *best = mine;
}

enum status
profile_choose_interface(const char *dir, const struct machine_card *cards, int ncards,
                         struct interface_profile **p, const struct machine_card **card, struct err *e)
{
    struct choice best = {NULL, NULL, 0};
    struct err passed = {""}, why;
    char **names;
    int count;
    enum status status = profile_names(dir, &names, &count, e);

    *p = NULL;
    *card = NULL;
    if (status != OK)
        return status;
    for (int i = 0; ncards > 0 && i < count; i++) {
        struct interface_profile *one;

        if (!strcmp(names[i], "dummy"))
            continue;
        if (profile_named_interface(dir, names[i], &one, &why) == OK)
            weigh(&best, one, cards, ncards);
        else
            passed = why;
    }
    profile_free_names(names, count);
    *p = best.p;
    *card = best.card;
    if (!best.p)
        status = profile_named_interface(dir, "dummy", p, e);
    if (status == OK)
        err_set(e, "%s", passed.text);
    return status;
}

const struct machine_card *
profile_card_for(const struct interface_profile *p, const struct machine_card *cards, int ncards)
{
    int how_well;

    return best_card(p, cards, ncards, &how_well);
}

void
profile_monitor_channels(const struct interface_profile *p, int *left, int *right)
{
    *left = 0;
    *right = 1;
    for (unsigned i = 0; i < p->outputs_count; i++)
        if (!strcmp(p->outputs[i].role, "monitor_a")) {
            *left = p->outputs[i].left;
            *right = p->outputs[i].right;
        }
}
