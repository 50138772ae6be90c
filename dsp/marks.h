/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * marks: where something was found: the largest of many, and the count of all.
 *
 * Of two that are as large the earlier one is kept.
 */
#ifndef DSP_MARKS_H
#define DSP_MARKS_H

#include "dsp/dsp.h"

enum { MARKS = 20 };

struct mark {
    int64_t frame, length; /* frames */
    int channel;           /* -1: all */
    double size;           /* its kernel says of what */
};

struct marks {
    struct mark mark[MARKS]; /* in no order until marks_sort */
    int kept;
    int64_t count;
};

RT static inline void
marks_add(struct marks *m, const struct mark *found)
{
    int least = 0;

    m->count++;
    if (m->kept < MARKS) {
        m->mark[m->kept++] = *found;
        return;
    }
    for (int i = 1; i < MARKS; i++)
        if (m->mark[i].size < m->mark[least].size ||
            (m->mark[i].size == m->mark[least].size && m->mark[i].frame > m->mark[least].frame))
            least = i;
    if (found->size > m->mark[least].size)
        m->mark[least] = *found;
}

/* By time, then by channel. */
static inline void
marks_sort(struct marks *m)
{
    for (int i = 1; i < m->kept; i++) {
        struct mark x = m->mark[i];
        int k = i;

        for (; k > 0 && (m->mark[k - 1].frame > x.frame ||
                         (m->mark[k - 1].frame == x.frame && m->mark[k - 1].channel > x.channel));
             k--)
            m->mark[k] = m->mark[k - 1];
        m->mark[k] = x;
    }
}

#endif
