/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way is laid out upwards from 0: `place` is how far raw has come from min towards max, whichever is the larger.
 * The detent lies from `before` to `after` on it.
 */
#include "engine/surfacescale.h"

#include <math.h>
#include <stdlib.h>

#define TICKS_MOST 16384.0 /* of one message, whatever the acceleration */

struct laid {
    int length;        /* raw steps from end to end, at least 1 */
    int before, after; /* equal: no detent */
};

struct surfacescale
surfacescale_of(const struct surface_control *c)
{
    const struct surface_way *w = c->in ? c->in : c->out;
    struct surfacescale s = {c->min, c->max, c->centre, c->detent};

    if (!s.min && !s.max && w)
        s.max = surface_way_max(w);
    return s;
}

RT static int
clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

RT static int
place_of(const struct surfacescale *s, int raw)
{
    return s->max < s->min ? s->min - raw : raw - s->min;
}

RT static struct laid
lay(const struct surfacescale *s)
{
    int length = abs(s->max - s->min), centre = place_of(s, s->centre);
    struct laid l = {length ? length : 1, 0, 0};

    if (s->detent > 0) {
        l.before = clamp(centre - s->detent, 0, l.length);
        l.after = clamp(centre + s->detent, 0, l.length);
    }
    return l;
}

double
surfacescale_value(const struct surfacescale *s, int raw)
{
    struct laid l = lay(s);
    int place = clamp(place_of(s, raw), 0, l.length);

    if (l.before == l.after)
        return (double)place / l.length;
    if (place < l.before)
        return 0.5 * place / l.before;
    if (place > l.after)
        return 0.5 + 0.5 * (place - l.after) / (l.length - l.after);
    return 0.5;
}

int
surfacescale_raw(const struct surfacescale *s, double value)
{
    struct laid l = lay(s);
    double place;

    value = value > 0.0 ? value < 1.0 ? value : 1.0 : 0.0;
    if (l.before == l.after)
        place = value * l.length;
    else if (value < 0.5)
        place = 2.0 * value * l.before;
    else if (value > 0.5)
        place = l.after + (2.0 * value - 1.0) * (l.length - l.after);
    else
        return clamp(s->centre, s->min < s->max ? s->min : s->max, s->min < s->max ? s->max : s->min);
    return s->max < s->min ? s->min - (int)(place + 0.5) : s->min + (int)(place + 0.5);
}

int
surfacescale_steps(const struct surfacescale *s)
{
    struct laid l = lay(s);
    int steps = l.length - (l.after - l.before);

    return steps > 0 ? steps : 1;
}

RT static int
signed_ticks(enum surface_coding coding, int byte)
{
    if (byte == 64 && coding != SURFACE_BEND_SIGN)
        return 0;
    switch (coding) {
    case SURFACE_TWOS_COMPLEMENT: return byte < 64 ? byte : byte - 128;
    case SURFACE_OFFSET64: return byte - 64;
    case SURFACE_SIGN_MAGNITUDE: return byte < 64 ? byte : 64 - byte;
    case SURFACE_SIGN_MAGNITUDE_INVERTED: return byte < 64 ? -byte : byte - 64;
    case SURFACE_BEND_SIGN: return byte < 64 ? 1 : -1;
    default: return 0;
    }
}

double
surfacescale_ticks(enum surface_coding coding, int byte, double acceleration)
{
    int ticks = signed_ticks(coding, byte);
    double size = abs(ticks);

    if (size > 1.0 && acceleration > 0.0 && acceleration != 1.0) {
        size = pow(size, acceleration);
        size = size < TICKS_MOST ? size : TICKS_MOST;
    }
    return ticks < 0 ? -size : size;
}
