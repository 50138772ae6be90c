/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/blindlog.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a line --- */

static json_t *
number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *
text(const char *s)
{
    json_t *t = json_string(s);

    return t ? t : json_string("(not UTF-8)");
}

static json_t *
date(time_t when)
{
    char word[32];
    struct tm tm;

    gmtime_r(&when, &tm);
    strftime(word, sizeof word, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return json_string(word);
}

static json_t *
trials(const struct blind *b)
{
    static const char *const side[] = {"a", "b"};
    json_t *list = json_array();

    for (int i = 0; i < blind_trials(b); i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "x", side[b->trial[i].x], "vote", side[b->trial[i].vote]));
    return list;
}

char *
blindlog_line(const struct blind *b, const struct blind_result *r, const struct blindlog_run *run)
{
    static const char *const file[] = {"file_a", "file_b"};
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "deadwax", DEADWAX_VERSION, "began",
                          date(run->began), "ended", date(run->ended), "why", text(run->why), "a",
                          text(run->name[BLIND_A]), "b", text(run->name[BLIND_B]));
    char *line = NULL, *words;

    for (int i = 0; i < 2; i++)
        if (run->file[i][0])
            json_object_set_new(o, file[i], text(run->file[i]));
    json_object_update_new(o, json_pack("{s:o, s:o, s:b, s:i, s:o, s:i, s:f}", "offset_lu",
                                        number(run->offset_lu), "delay_frames", number(run->delay_frames),
                                        "match", (int)run->match, "moves", run->moves, "trials", trials(b),
                                        "correct", r->correct, "p", r->p));
    words = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (words && asprintf(&line, "%s\n", words) < 0)
        line = NULL;
    free(words);
    json_decref(o);
    return line;
}

/* --- to the disk --- */

static bool
find_place(struct blindlog_job *j)
{
    char dir[FOLDER_PATH];

    if (!folder_of_user_data("blind.jsonl", j->path, sizeof j->path))
        return err_set(&j->e, "there is no home to keep it in: set HOME or XDG_DATA_HOME");
    snprintf(dir, sizeof dir, "%s", j->path);
    *strrchr(dir, '/') = 0;
    return folder_make(dir) || err_set(&j->e, "%s: the folder can't be made: %s", dir, strerror(errno));
}

/* Was the last who wrote here killed in the middle of a line? */
static bool
ends_in_mid_line(int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);
    char last = '\n';

    return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

static bool
write_all(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t wrote = write(fd, text, n);

        if (wrote < 0 && errno != EINTR)
            return false;
        text += wrote > 0 ? wrote : 0;
        n -= wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

static void
save(void *with)
{
    struct blindlog_job *j = with;
    int fd;

    j->e.text[0] = 0;
    if (!find_place(j))
        return;
    fd = open(j->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || (ends_in_mid_line(fd) && !write_all(fd, "\n", 1)) ||
        !write_all(fd, j->text, strlen(j->text)) || fsync(fd) != 0)
        err_set(&j->e, "%s: can't be written: %s", j->path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

/* --- from control --- */

bool
blindlog_add(struct blindlog *l, char *line)
{
    char *all = NULL;

    if (!line)
        return false;
    l->failed = false;
    if (!l->waiting) {
        l->waiting = line;
        return true;
    }
    if (asprintf(&all, "%s%s", l->waiting, line) < 0)
        all = NULL;
    free(line);
    if (!all)
        return false;
    free(l->waiting);
    l->waiting = all;
    return true;
}

static void
send(struct blindlog *l)
{
    if (!l->waiting || l->failed || errand_is_out(&l->errand))
        return;
    l->job.text = l->waiting;
    if (errand_send(&l->errand, save, &l->job) == OK) /* no thread to be had: at the next tick */
        l->waiting = NULL;
}

/* What was not written goes ahead of what waits. True: it was not. */
static bool
take_back(struct blindlog *l, struct err *e)
{
    char *unwritten = l->job.text, *after = l->waiting;
    bool failed = l->job.e.text[0] != 0;

    l->job.text = NULL;
    if (!failed) {
        free(unwritten);
        return false;
    }
    err_set(e, "%s", l->job.e.text);
    l->waiting = unwritten;
    if (after)
        blindlog_add(l, after);
    l->failed = !after;
    return true;
}

bool
blindlog_tick(struct blindlog *l, struct err *e)
{
    bool failed = errand_back(&l->errand) && take_back(l, e);

    send(l);
    return failed;
}

bool
blindlog_close(struct blindlog *l, struct err *e)
{
    bool failed = errand_wait(&l->errand) && take_back(l, e);

    if (l->waiting) {
        l->job.text = l->waiting;
        l->waiting = NULL;
        save(&l->job);
        failed = take_back(l, e);
    }
    free(l->waiting);
    l->waiting = NULL;
    return !failed;
}
