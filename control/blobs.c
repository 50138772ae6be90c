/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/blobs.h"

#include <stdio.h>
#include <string.h>

static void
put32(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> (24 - 8 * i));
}

static void
put_float(unsigned char *p, double number)
{
    float f = (float)number;
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    put32(p, bits);
}

static size_t
length(const char *prefix)
{
    size_t n = strlen(prefix);

    return n && prefix[n - 1] == '/' ? n - 1 : n;
}

static bool
is_reading(const struct param *p)
{
    return p->owner == OWNER_METER && param_is_number(p) && p->type != PARAM_TRIGGER;
}

static bool
fill(struct blob *b, const char *prefix, struct err *e)
{
    int id;

    *b = (struct blob){.series = -1};
    snprintf(b->prefix, sizeof b->prefix, "%.*s", (int)length(prefix), prefix);
    id = param_find(b->prefix);
    if (id >= 0 && param_at(id)->type == PARAM_SERIES) {
        b->series = id;
        b->n = param_at(id)->points;
    }
    for (id = 0; id < params_count() && b->series < 0; id++)
        if (is_reading(param_at(id)) && wire_inside(param_at(id)->path, b->prefix)) {
            if (b->n < BLOBS_MOST)
                b->id[b->n] = id;
            b->n++;
        }
    if (!b->n)
        return err_set(e, "%s/blob: has no readings: use a meter's path, as /meter/output/blob", b->prefix);
    if (b->n > BLOBS_MOST)
        return err_set(e, "%s/blob: has %d readings, and %d fit in a packet: use a longer path", b->prefix,
                       b->n, BLOBS_MOST);
    return true;
}

bool
blobs_is(const struct blobs *b, int place, const char *prefix)
{
    const struct blob *blob = &b->blob[place];

    return blob->n && strlen(blob->prefix) == length(prefix) &&
           strncmp(blob->prefix, prefix, length(prefix)) == 0;
}

int
blobs_place(struct blobs *b, const char *prefix, bool (*in_use)(void *context, int place), void *context,
            struct err *e)
{
    struct blob made;
    int place = 0;

    for (int i = 0; i < BLOBS; i++)
        if (blobs_is(b, i, prefix))
            return i;
    if (!fill(&made, prefix, e))
        return -1;
    while (place < BLOBS && b->blob[place].n && in_use(context, place))
        place++;
    if (place == BLOBS) {
        err_set(e, "%s/blob: %d others are in use: use one of theirs", made.prefix, BLOBS);
        return -1;
    }
    b->blob[place] = made;
    return place;
}

size_t
blobs_write(const struct blobs *b, int place, const struct engine *engine, unsigned char out[BLOBS_SIZE])
{
    const struct blob *blob = &b->blob[place];
    uint64_t generation;
    const double *series = blob->series < 0 ? NULL : engine_get_series(engine, blob->series, &generation);

    put32(out, (uint32_t)blob->n);
    for (int i = 0; i < blob->n; i++) {
        int id = series ? blob->series : blob->id[i];

        put_float(out + 4 + 4 * i, wire_number(param_at(id), series ? series[i] : engine_get(engine, id)));
    }
    return 4 + 4 * (size_t)blob->n;
}

/* FNV-1a, a number at a time. */
uint64_t
blobs_mark(const struct blobs *b, int place, const struct engine *engine)
{
    const struct blob *blob = &b->blob[place];
    uint64_t h = 0xcbf29ce484222325u;

    if (blob->series >= 0) {
        engine_get_series(engine, blob->series, &h);
        return h;
    }
    for (int i = 0; i < blob->n; i++)
        h = (h ^ wire_mark(param_at(blob->id[i]), false, engine_get(engine, blob->id[i]), NULL)) *
            0x100000001b3u;
    return h;
}

const struct param *
blobs_row(const struct blobs *b, int place, int i)
{
    const struct blob *blob = &b->blob[place];

    if (blob->series >= 0)
        return i == 0 ? param_at(blob->series) : NULL;
    return i >= 0 && i < blob->n ? param_at(blob->id[i]) : NULL;
}
