/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/show.h"

#include "control/midi/codec.h"

#include <math.h>
#include <string.h>

enum {
    MACKIE_CENTRE = 0x40, /* the LED below the ring */
    MACKIE_OVER = 0xE,
    MACKIE_NOT_OVER = 0xF,
    BAR_OFF = 4
};

/* So near to the middle that no box tells the difference: half a step of 7 bits. */
#define AT_CENTRE (0.5 / 127.0)

static int
write(const struct surface_way *w, int n, int raw, uint8_t *bytes)
{
    return w ? codec_write(w, n, raw, bytes) : 0;
}

/* 0..1 to 0..steps. */
static int
step(double value, int steps)
{
    return (int)lround(fmin(fmax(value, 0.0), 1.0) * steps); /* fmax: no number is 0 */
}

/* Raw as the control sends it itself; a way out that tells fewer or more values apart has the same share of them. */
static int
raw_out(const struct surface_control *c, double value)
{
    int raw = codec_raw(c, fmin(fmax(value, 0.0), 1.0));
    int in = c->in ? surface_way_max(c->in) : 0, out = surface_way_max(surface_out(c));

    return in && in != out ? (int)lround((double)raw * out / in) : raw;
}

/* Modes count alike on rings of Mackie's, X-Touch's and FaderPort's bars: one place, from the centre, from the left,
   both ways. */
static int
mode_number(enum surface_ring ring)
{
    switch (ring) {
    case SURFACE_RING_BOOST_CUT: return 1;
    case SURFACE_RING_WRAP: return 2;
    case SURFACE_RING_SPREAD: return 3;
    case SURFACE_RING_BY_ROW:
    case SURFACE_RING_DOT: break;
    }
    return 0;
}

static int
ring_mackie(double value, enum surface_ring ring)
{
    int place = 1 + step(value, ring == SURFACE_RING_SPREAD ? 5 : 10);
    bool centre = ring == SURFACE_RING_BOOST_CUT && fabs(value - 0.5) < AT_CENTRE;

    return mode_number(ring) << 4 | place | (centre ? MACKIE_CENTRE : 0);
}

int
show_value(const struct surface_control *c, int n, double value, enum surface_ring ring, uint8_t *bytes)
{
    const struct surface_way *w = surface_out(c);

    if (!w)
        return 0;
    switch (c->style) {
    case SURFACE_SHOWS_VALUE: return write(w, n, raw_out(c, value), bytes);
    case SURFACE_SHOWS_LIGHT: return show_light(c, n, value >= 0.5 ? SHOW_ON : SHOW_OFF, NULL, bytes);
    case SURFACE_SHOWS_RING_MACKIE: return write(w, n, ring_mackie(value, ring), bytes);
    case SURFACE_SHOWS_RING_13: return write(w, n, 1 + step(value, 12), bytes);
    case SURFACE_SHOWS_BAR: return write(w, n, step(value, 127), bytes);
    case SURFACE_SHOWS_METER_MACKIE:
    case SURFACE_SHOWS_METER_127:
    case SURFACE_SHOWS_NOTHING: break;
    }
    return 0;
}

static bool
has_mode(const struct surface_control *c)
{
    return c->style == SURFACE_SHOWS_RING_13 || c->style == SURFACE_SHOWS_BAR;
}

int
show_mode(const struct surface_control *c, int n, enum surface_ring ring, uint8_t *bytes)
{
    return has_mode(c) ? write(c->mode, n, mode_number(ring), bytes) : 0;
}

int
show_nothing(const struct surface_control *c, int n, uint8_t *bytes)
{
    switch (c->style) {
    case SURFACE_SHOWS_VALUE: return c->motor ? show_value(c, n, 0.0, SURFACE_RING_DOT, bytes) : 0;
    case SURFACE_SHOWS_LIGHT: return show_light(c, n, SHOW_OFF, NULL, bytes);
    case SURFACE_SHOWS_RING_MACKIE:
    case SURFACE_SHOWS_RING_13:
    case SURFACE_SHOWS_BAR: return write(surface_out(c), n, 0, bytes);
    case SURFACE_SHOWS_METER_MACKIE:
    case SURFACE_SHOWS_METER_127: return show_meter(c, n, -INFINITY, false, bytes);
    case SURFACE_SHOWS_NOTHING: break;
    }
    return 0;
}

int
show_nothing_mode(const struct surface_control *c, int n, uint8_t *bytes)
{
    return c->style == SURFACE_SHOWS_BAR ? write(c->mode, n, BAR_OFF, bytes) : 0;
}

static const struct surface_colour *
find_colour(const struct surface_control *c, const char *name)
{
    for (unsigned i = 0; name && i < c->colours_count; i++)
        if (strcmp(c->colours[i].name, name) == 0)
            return &c->colours[i];
    return NULL;
}

/* Red, green and blue on the three channels behind that of the light. */
static int
write_rgb(const struct surface_way *w, int n, int rgb, uint8_t *bytes)
{
    struct surface_way colour = *w;
    int size = 0;

    colour.channel = surface_way_channel(w, 0) + 1;
    for (int shift = 16; shift >= 0; shift -= 8) {
        colour.channel++;
        size += write(&colour, n, (rgb >> shift & 0xff) / 2, bytes + size);
    }
    return size;
}

int
show_light(const struct surface_control *c, int n, enum show_light light, const char *colour, uint8_t *bytes)
{
    const struct surface_way *w = surface_out(c);
    const struct surface_colour *named = find_colour(c, colour);
    int raw = named && !c->rgb ? named->value : c->on, size = 0;

    if (c->style != SURFACE_SHOWS_LIGHT || !w)
        return 0;
    if (light == SHOW_OFF)
        return write(w, n, c->off, bytes);
    if (light == SHOW_BLINK && c->blink)
        raw = c->blink;
    if (c->rgb) /* before the light, which else is up in the colour that it had */
        size = write_rgb(w, n, named ? named->value : 0xffffff, bytes);
    return size + write(w, n, raw, bytes + size);
}

/* surfaces.md 1.3: what each step begins at; 13 is above 0 dB. */
static int
meter_mackie(double dbfs)
{
    static const double from[] = {-60, -50, -40, -30, -20, -14, -10, -8, -6, -4, -2, 0};
    int level = 0;

    while (level < (int)LEN(from) && dbfs >= from[level])
        level++;
    return dbfs > 0.0 ? level + 1 : level;
}

/* Channel pressure has one byte for both, which of the strips and how much; where each strip has a message of its own,
   the level is all. */
static int
write_meter_mackie(const struct surface_way *w, int n, int level, uint8_t *bytes)
{
    if (w->message == SURFACE_CHANNEL_PRESSURE)
        level |= surface_way_number(w, n) << 4;
    return write(w, n, level, bytes);
}

int
show_meter(const struct surface_control *c, int n, double dbfs, bool over, uint8_t *bytes)
{
    const struct surface_way *w = surface_out(c);
    int size;

    if (!w)
        return 0;
    if (c->style == SURFACE_SHOWS_METER_127)
        return write(w, n, (int)lround(fmin(fmax(2.0 * dbfs + 127.0, 0.0), 127.0)), bytes);
    if (c->style != SURFACE_SHOWS_METER_MACKIE)
        return 0;
    size = write_meter_mackie(w, n, meter_mackie(dbfs), bytes);
    return size + write_meter_mackie(w, n, over ? MACKIE_OVER : MACKIE_NOT_OVER, bytes + size);
}
