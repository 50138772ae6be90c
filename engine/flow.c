/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/flow.h"

#include <string.h>

enum { MARKS = 256 };

enum status
flow_rings_prepare(struct flow_rings *r, size_t nframes)
{
    if (ring_prepare(&r->sound, sizeof(double) * STEREO, nframes) == OK &&
        ring_prepare(&r->marks, sizeof(struct flow_mark), MARKS) == OK &&
        ring_prepare(&r->answers, sizeof(struct flow_answer), MARKS) == OK)
        return OK;
    return NO_MEM;
}

void
flow_rings_free(struct flow_rings *r)
{
    ring_free(&r->sound);
    ring_free(&r->marks);
    ring_free(&r->answers);
}

RT bool
flow_add(struct flow *f, struct flow_segment s)
{
    if (f->n == FLOW_SEGMENTS)
        return false;
    flow_close(f, s.from);
    f->segment[f->n++] = s;
    f->complete = false;
    return true;
}

RT void
flow_close(struct flow *f, size_t at)
{
    if (f->n && f->segment[f->n - 1].to == FLOW_OPEN)
        f->segment[f->n - 1].to = at;
}

RT void
flow_end(struct flow *f, size_t at, bool last)
{
    flow_close(f, at);
    f->complete = true;
    f->last = last;
}

RT void
flow_drop_first(struct flow *f)
{
    f->n--;
    memmove(f->segment, f->segment + 1, sizeof f->segment[0] * (size_t)f->n);
}

RT int
flow_find(const struct flow *f, size_t join)
{
    for (int i = 0; i < f->n; i++) {
        if (f->segment[i].to == join && f->segment[i].from < join)
            return i;
    }
    return -1;
}

RT size_t
flow_frames(const struct flow *f, size_t tail, size_t head)
{
    size_t sum = 0;

    for (int i = 0; i < f->n; i++) {
        size_t from = f->segment[i].from > tail ? f->segment[i].from : tail;
        size_t to = f->segment[i].to < head ? f->segment[i].to : head;

        if (to > from)
            sum += to - from;
    }
    return sum;
}

RT bool
flow_ready(const struct flow *f, size_t frames, size_t enough)
{
    return frames >= enough || f->complete || f->n >= FLOW_READY;
}
