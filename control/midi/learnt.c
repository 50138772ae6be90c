/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A profile is kept as its lines: lists in blocks, an item a line, as ours are written. What is added goes to the end of
 * the controls, and to the top of the page's assignments, where it goes before what stood there for the same control.
 */
#include "control/midi/learnt.h"

#include "engine/faults.h"
#include "engine/folder.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME = 64, LINES = 4096, LINE = 1024 };

struct text {
    char **line; /* each without its end */
    int n;
};

/* --- lines ---------------------------------------------------------------------------------------- */

static void
text_free(struct text *t)
{
    for (int i = 0; i < t->n; i++)
        free(t->line[i]);
    free(t->line);
    *t = (struct text){0};
}

static bool
insert(struct text *t, int at, const char *line)
{
    char *copy = t->n < LINES ? strdup(line) : NULL;

    if (!copy)
        return false;
    memmove(t->line + at + 1, t->line + at, sizeof *t->line * (size_t)(t->n++ - at));
    t->line[at] = copy;
    return true;
}

static bool
replace(struct text *t, int at, const char *line)
{
    char *copy = strdup(line);

    if (!copy)
        return false;
    free(t->line[at]);
    t->line[at] = copy;
    return true;
}

static int
indent(const char *line)
{
    return (int)strspn(line, " ");
}

static bool
is_empty(const char *line)
{
    line += indent(line);
    return !*line || *line == '#';
}

/* The line of a key at this depth between two lines; -1: there is none. "- " before it counts as depth. */
static int
find_key(const struct text *t, int from, int to, int depth, const char *key)
{
    size_t n = strlen(key);

    for (int i = from; i < to; i++) {
        const char *line = t->line[i];
        int in = indent(line);

        if (line[in] == '-' && line[in + 1] == ' ')
            in += 2;
        if (in == depth && strncmp(line + in, key, n) == 0 && line[in + n] == ':')
            return i;
    }
    return -1;
}

/* After the last line of the block that begins below line `at`, which stands at `depth`: list items of the same depth are
   in it, as YAML has it. */
static int
block_end(const struct text *t, int at, int depth)
{
    int end = at + 1;

    for (int i = at + 1; i < t->n; i++) {
        int in = indent(t->line[i]);

        if (is_empty(t->line[i]))
            continue;
        if (in < depth || (in == depth && t->line[i][in] != '-'))
            break;
        end = i + 1;
    }
    return end;
}

/* --- reading and writing -------------------------------------------------------------------------- */

static bool
text_read(struct text *t, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;
    bool good = f != NULL;

    while (good && getline(&line, &size, f) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        good = insert(t, t->n, line);
    }
    good = good && !ferror(f);
    free(line);
    if (f)
        fclose(f);
    return good;
}

static bool
text_write(const struct text *t, const char *path)
{
    FILE *f = fopen(path, "w");
    bool good = f != NULL;

    for (int i = 0; good && i < t->n; i++)
        good = fprintf(f, "%s\n", t->line[i]) >= 0;
    good = good && fflush(f) == 0 && fsync(fileno(f)) == 0;
    if (f && fclose(f) != 0)
        good = false;
    return good;
}

/* For YAML, in quotes. */
static void
quote(const char *text, char *out, size_t size)
{
    size_t n = 0;

    for (; *text && n + 3 < size; text++) {
        if ((unsigned char)*text < ' ')
            continue;
        if (*text == '"' || *text == '\\')
            out[n++] = '\\';
        out[n++] = *text;
    }
    out[n] = '\0';
}

static bool
text_new(struct text *t, const struct learnt *l)
{
    char box[2 * NAME], line[4 * NAME];
    bool good;

    quote(l->box, box, sizeof box);
    snprintf(line, sizeof line, "label: \"%s\"", box);
    good = insert(t, 0,
                  "# Learnt from what was touched. How a profile is written: "
                  "hw-profiles/surfaces/generic-cc.yaml") &&
           insert(t, 1, line);
    if (l->usb && l->usb[0]) {
        snprintf(line, sizeof line, "usb: [\"%s\"]", l->usb);
        good = good && insert(t, t->n, line);
    }
    snprintf(line, sizeof line, "match: [\"%s\"]", box);
    return good && insert(t, t->n, line) && insert(t, t->n, "source: \"learnt from the box itself\"") &&
           insert(t, t->n, "controls:") && insert(t, t->n, "pages:") && insert(t, t->n, "  - name: main") &&
           insert(t, t->n, "    label: \"Main\"") && insert(t, t->n, "    assign:");
}

/* --- what is added -------------------------------------------------------------------------------- */

static const char *const message_words[] = {"none",          "cc",      "cc14",       "nrpn",
                                            "rpn",           "note",    "pitch_bend", "channel_pressure",
                                            "poly_pressure", "program", "sysex"};
static const char *const coding_words[] = {"absolute",       "twos_complement",         "offset64",
                                           "sign_magnitude", "sign_magnitude_inverted", "bend_sign",
                                           "increment"};
static const char *const press_words[] = {"momentary", "toggle", "press_only"};

static const char *
kind_word(enum surface_kind k)
{
    return k == SURFACE_FADER     ? "fader"
           : k == SURFACE_ENCODER ? "encoder"
           : k == SURFACE_BUTTON  ? "button"
                                  : "pot";
}

static bool
has_number(enum surface_message m)
{
    return m != SURFACE_PITCH_BEND && m != SURFACE_CHANNEL_PRESSURE;
}

/* "pot_cc16", "button_note40", with the channel where it is not the first. */
static void
name_control(const struct guess_what *w, char *name, size_t size)
{
    int n = snprintf(name, size, "%s_%s", kind_word(w->kind), message_words[w->in.message]);

    if (has_number(w->in.message))
        n += snprintf(name + n, size - (size_t)n, "%d", w->in.number);
    if (w->in.channel != 1)
        snprintf(name + n, size - (size_t)n, "_channel%d", w->in.channel);
}

static bool
add_control(struct text *t, const struct guess_what *w, const char *name)
{
    int key = find_key(t, 0, t->n, 0, "controls"), n;
    char line[LINE];

    if (key < 0)
        return false;
    n = snprintf(line, sizeof line, "  - {name: %s, kind: %s, in: {message: %s, channel: %d", name,
                 kind_word(w->kind), message_words[w->in.message], w->in.channel);
    if (has_number(w->in.message))
        n += snprintf(line + n, sizeof line - (size_t)n, ", number: %d", w->in.number);
    n += snprintf(line + n, sizeof line - (size_t)n, "}");
    if (w->coding != SURFACE_ABSOLUTE)
        n += snprintf(line + n, sizeof line - (size_t)n, ", coding: %s", coding_words[w->coding]);
    if (w->kind == SURFACE_BUTTON && w->press != SURFACE_MOMENTARY)
        n += snprintf(line + n, sizeof line - (size_t)n, ", press: %s", press_words[w->press]);
    if (w->kind == SURFACE_BUTTON && w->threshold != 64)
        n += snprintf(line + n, sizeof line - (size_t)n, ", threshold: %d", w->threshold);
    if (w->low_first)
        n += snprintf(line + n, sizeof line - (size_t)n, ", low_first: yes");
    snprintf(line + n, sizeof line - (size_t)n, "}");
    return insert(t, block_end(t, key, 0), line);
}

/* "  - name: eq", and not "name: eq2". */
static bool
is_named(const char *line, const char *name)
{
    const char *at = strstr(line, "name:");
    size_t n = strlen(name);

    if (!at)
        return false;
    at += strlen("name:");
    at += strspn(at, " \"'");
    return strncmp(at, name, n) == 0 && !isalnum((unsigned char)at[n]) && at[n] != '_' && at[n] != '-';
}

/* The page's item begins here and ends there; name NULL: the first one. */
static bool
find_page(const struct text *t, const char *name, int *from, int *to)
{
    int key = find_key(t, 0, t->n, 0, "pages"), end = key < 0 ? 0 : block_end(t, key, 0), depth = -1;

    *from = -1;
    for (int i = key + 1; i < end; i++) {
        int in = indent(t->line[i]);

        if (is_empty(t->line[i]) || t->line[i][in] != '-' || (depth >= 0 && in != depth))
            continue;
        depth = in;
        if (*from >= 0) {
            *to = i;
            return true;
        }
        if (!name || is_named(t->line[i], name))
            *from = i;
    }
    *to = end;
    return *from >= 0;
}

/* Learnt again, the line is replaced: "- {control: NAME, to: ...}" without a layer. */
static int
find_assignment(const struct text *t, int from, int to, const char *control)
{
    char begins[LINE];

    snprintf(begins, sizeof begins, "- {control: %s, to:", control);
    for (int i = from; i < to; i++)
        if (strncmp(t->line[i] + indent(t->line[i]), begins, strlen(begins)) == 0 &&
            !strstr(t->line[i], "layer:"))
            return i;
    return -1;
}

static bool
add_assignment(struct text *t, const struct learnt *l, const char *control, struct err *e)
{
    char line[LINE];
    int from, to, key, old, depth;

    if (!find_page(t, l->page, &from, &to))
        return err_set(e, "page '%.64s' is not written in lines: add {control: %s, to: %s} by hand",
                       l->page ? l->page : "", control, l->to);
    depth = indent(t->line[from]) + 2;
    key = find_key(t, from, to, depth, "assign");
    if (key < 0) {
        snprintf(line, sizeof line, "%*sassign:", depth, "");
        key = from + 1;
        if (!insert(t, key, line))
            return err_set(e, "no memory, or too long a file");
        to++;
    } else if (t->line[key][strcspn(t->line[key], ":") + 1] && !is_empty(strchr(t->line[key], ':') + 1)) {
        return err_set(
            e, "the assignments of page '%.64s' are not written in lines: add {control: %s, to: %s} by hand",
            l->page ? l->page : "", control, l->to);
    }
    snprintf(line, sizeof line, "%*s- {control: %s, to: %s}", depth + 2, "", control, l->to);
    old = find_assignment(t, key + 1, to, control);
    if (old >= 0 ? replace(t, old, line) : insert(t, key + 1, line))
        return true;
    return err_set(e, "no memory, or too long a file");
}

/* --- the file ------------------------------------------------------------------------------------- */

static void
name_file(const struct learnt *l, char *name, size_t size)
{
    const char *from = l->profile ? l->profile : l->box;
    size_t n = 0;

    for (; *from && n + 1 < size; from++)
        if (isalnum((unsigned char)*from) || (l->profile && *from == '_'))
            name[n++] = (char)tolower((unsigned char)*from);
        else if (n && name[n - 1] != '-')
            name[n++] = '-';
    while (n && name[n - 1] == '-')
        n--;
    name[n] = '\0';
    if (!n)
        snprintf(name, size, "learnt");
}

static bool
will_load(const char *path, struct err *e)
{
    struct surface_profile *p;

    if (surface_load(path, &p, NULL, e) != OK)
        return err_prefix(e, "not written");
    surface_free(p);
    return true;
}

static enum status
put_in_place(const struct text *t, const char *folder, const char *path, struct err *e)
{
    char trial[FOLDER_PATH];
    bool written;

    if (!folder_make(folder)) {
        err_set(e, "%.400s: can't be made (%s): make it", folder, strerror(errno));
        return IO_ERROR;
    }
    if (snprintf(trial, sizeof trial, "%s~", path) >= (int)sizeof trial) {
        err_set(e, "%.400s: too long a path", folder);
        return BAD_ARG;
    }
    written = text_write(t, trial);
    if (!written)
        err_set(e, "%.400s: can't be written (%s): make room, or make the folder yours", trial,
                strerror(errno));
    else if (!will_load(trial, e)) {
        unlink(trial);
        return BAD_ARG;
    } else if ((written = rename(trial, path) == 0)) {
        return OK;
    } else {
        err_set(e, "%.400s: can't be replaced (%s)", path, strerror(errno));
    }
    unlink(trial);
    return IO_ERROR;
}

enum status
learnt_write(const struct learnt *l, const char *folder, char *path, size_t path_size, char *control,
             size_t control_size, struct err *e)
{
    struct text t = {.line = calloc(LINES, sizeof *t.line)};
    char name[NAME];
    enum status status = IO_ERROR;

    name_file(l, name, sizeof name);
    if (!t.line) {
        err_set(e, "no memory for a profile");
        return NO_MEM;
    }
    if (snprintf(path, path_size, "%s/%s.yaml", folder, name) >= (int)path_size)
        err_set(e, "%.400s: too long a path", folder);
    else if (l->from ? !text_read(&t, l->from) : !text_new(&t, l))
        err_set(e, "%.400s: can't be read (%s)", l->from ? l->from : path, strerror(errno));
    else {
        if (l->control)
            snprintf(control, control_size, "%s", l->control);
        else
            name_control(&l->what, control, control_size);
        if (!l->control && !add_control(&t, &l->what, control))
            err_set(e, "%.400s: has no controls written in lines: add one by hand", path);
        else if (add_assignment(&t, l, control, e))
            status = put_in_place(&t, folder, path, e);
    }
    text_free(&t);
    return status;
}
