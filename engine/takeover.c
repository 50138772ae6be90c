/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control stands where it stands: between two of its steps there is nothing, so that all is compared to half of a step.
 *
 * A value outside the control's way (set by somebody whose way is longer) counts as at the end of it, or it could
 * never be reached.
 */
#include "engine/takeover.h"

#include <math.h>

RT static bool
same(double a, double b, int steps)
{
    return fabs(a - b) <= 0.5 / (steps > 1 ? steps : 1);
}

RT static double
within(double value)
{
    return value > 0.0 ? value < 1.0 ? value : 1.0 : 0.0;
}

bool
takeover_holds(const struct takeover *t, double value, int steps)
{
    return (t->holds && same(value, t->gave, steps)) || (t->known && same(within(value), t->at, steps));
}

/* Has it come to the value or past it, on its way from t->at? */
RT static bool
reaches(const struct takeover *t, double to, double value, int steps)
{
    return same(to, value, steps) || (t->known && (t->at < value) != (to < value));
}

/* The share of what was left above or below the control that it took, of what is left to the value. At an end: all. */
RT static double
scaled(double at, double to, double value)
{
    if (to > at)
        return value + (1.0 - value) * ((to - at) / (1.0 - at));
    return value * (to / at);
}

RT static bool
give(struct takeover *t, double value, bool holds, double *out)
{
    *out = t->gave = value;
    t->holds = holds;
    return true;
}

bool
takeover_move(struct takeover *t, enum surface_takeover how, double to, double value, int steps, double *out)
{
    struct takeover before = *t;

    t->known = true;
    t->at = to;
    if (how == SURFACE_JUMP || takeover_holds(&before, value, steps))
        return give(t, to, true, out);
    t->holds = false;
    value = within(value);
    if (how == SURFACE_PICKUP)
        return reaches(&before, to, value, steps) && give(t, to, true, out);
    if (!before.known)
        return same(to, value, steps) && give(t, to, true, out);
    if (to == before.at)
        return false;
    value = scaled(before.at, to, value);
    return give(t, value, same(to, value, steps), out);
}

void
takeover_gave(struct takeover *t, double value)
{
    t->gave = value;
}
