/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/history.h"

#include <math.h>

void
history_start(struct history *h, int64_t first)
{
    h->count = 0;
    h->step = first;
    h->filled = 0;
}

int64_t
history_left(const struct history *h)
{
    return h->step - h->filled;
}

static void
halve(struct history *h)
{
    for (int i = 0; i < h->count / 2; i++)
        h->value[i] = fmax(h->value[2 * i], h->value[2 * i + 1]);
    h->count /= 2;
    h->step *= 2;
}

void
history_add(struct history *h, double value, int64_t units)
{
    double *at = &h->value[h->count];

    *at = h->filled ? fmax(*at, value) : value;
    h->filled += units;
    if (h->filled < h->step)
        return;
    h->count++;
    h->filled = 0;
    if (h->count == HISTORY_POINTS)
        halve(h);
}

void
history_report(struct history *h, struct report *r, const char *key, double from, double unit, double sign)
{
    struct series s = {.from = from, .step = (double)h->step * unit, .value = h->value};

    s.count = h->count + (h->filled > 0);
    for (int i = 0; i < s.count; i++)
        h->value[i] *= sign;
    report_series(r, key, &s);
}
