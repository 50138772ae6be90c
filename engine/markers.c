/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/markers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S 86400.0

void
markers_free(struct markers *m)
{
    for (int i = 0; i < m->n; i++)
        free(m->at[i].file);
    m->n = 0;
}

/* Where the first is that is not before it. */
static int
place_of(const struct markers *m, const char *file, double seconds)
{
    int i = 0;

    for (; i < m->n; i++) {
        int order = strcmp(m->at[i].file, file);

        if (order > 0 || (order == 0 && m->at[i].seconds >= seconds))
            break;
    }
    return i;
}

static bool
is_of(const struct markers *m, int i, const char *file)
{
    return i >= 0 && i < m->n && strcmp(m->at[i].file, file) == 0;
}

/* -1: none as near as that. */
static int
nearest(const struct markers *m, const char *file, double seconds, double within)
{
    int after = place_of(m, file, seconds), before = after - 1, best = -1;

    if (is_of(m, after, file) && m->at[after].seconds - seconds <= within)
        best = after;
    if (is_of(m, before, file) && seconds - m->at[before].seconds <= within &&
        (best < 0 || seconds - m->at[before].seconds < m->at[after].seconds - seconds))
        best = before;
    return best;
}

static int
count(const struct markers *m, const char *file)
{
    int n = 0;

    for (int i = 0; i < m->n; i++)
        n += is_of(m, i, file);
    return n;
}

static void
time_text(double seconds, char *text, size_t size)
{
    long ms = lround(seconds * 1000.0), s = ms / 1000;

    if (s < 3600)
        snprintf(text, size, "%ld:%02ld.%03ld", s / 60, s % 60, ms % 1000);
    else
        snprintf(text, size, "%ld:%02ld:%02ld.%03ld", s / 3600, s / 60 % 60, s % 60, ms % 1000);
}

bool
markers_add(struct markers *m, const char *file, double seconds, struct err *e)
{
    char *own;
    int at;

    seconds = round(seconds * 1000.0) / 1000.0;
    if (nearest(m, file, seconds, MARKERS_APART_S) >= 0)
        return true;
    if (count(m, file) == MARKERS_A_TRACK)
        return err_set(e, "this track has %d markers: remove one first", MARKERS_A_TRACK);
    if (m->n == MARKERS)
        return err_set(e, "there are %d markers: remove some first", MARKERS);
    own = strdup(file);
    if (!own)
        return err_set(e, "out of memory");
    at = place_of(m, file, seconds);
    memmove(m->at + at + 1, m->at + at, sizeof *m->at * (size_t)(m->n - at));
    m->at[at] = (struct marker){own, seconds};
    m->n++;
    return true;
}

bool
markers_remove(struct markers *m, const char *file, double seconds, struct err *e)
{
    int at = nearest(m, file, seconds, MARKERS_NEAR_S);
    char text[32];

    time_text(seconds, text, sizeof text);
    if (at < 0)
        return err_set(e, "no marker is within %g s of %s: go to one first", MARKERS_NEAR_S, text);
    free(m->at[at].file);
    m->n--;
    memmove(m->at + at, m->at + at + 1, sizeof *m->at * (size_t)(m->n - at));
    return true;
}

bool
markers_next(const struct markers *m, const char *file, double seconds, double *to)
{
    int at = place_of(m, file, seconds);

    while (is_of(m, at, file) && m->at[at].seconds <= seconds)
        at++;
    if (!is_of(m, at, file))
        return false;
    *to = m->at[at].seconds;
    return true;
}

bool
markers_previous(const struct markers *m, const char *file, double seconds, double *to)
{
    int at = place_of(m, file, seconds) - 1;

    if (!is_of(m, at, file))
        return false;
    *to = m->at[at].seconds;
    return true;
}

void
markers_list(const struct markers *m, const char *file, char *text, size_t size)
{
    size_t used = 0, more = sizeof " ...";
    char time[32];

    text[0] = '\0';
    for (int i = place_of(m, file, 0.0); is_of(m, i, file); i++) {
        time_text(m->at[i].seconds, time, sizeof time);
        if (used + 1 + strlen(time) + more > size) {
            snprintf(text + used, size - used, " ...");
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", time);
    }
}

void
markers_write(const struct marker *k, char *text, size_t size)
{
    snprintf(text, size, "%.3f %s", k->seconds, k->file);
}

bool
markers_read(struct markers *m, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end != ' ' || !end[1] || !(seconds >= 0.0 && seconds <= DAY_S))
        return false;
    return markers_add(m, end + 1, seconds, NULL);
}
