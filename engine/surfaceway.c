/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surfaceway.h"

#include <string.h>

/* --- text to bytes ----------------------------------------------------------------------------- */

static int
digit(char c)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

/* The next two characters, which must stand alone; NULL: none are there, or other than two. */
static const char *
next_pair(const char **text)
{
    const char *pair = *text + strspn(*text, " \t\n");

    if (strcspn(pair, " \t\n") != 2)
        return NULL;
    *text = pair + 2;
    return pair;
}

static bool
at_end(const char *text)
{
    return !text[strspn(text, " \t\n")];
}

static int
pair_byte(const char *pair)
{
    int high = digit(pair[0]), low = digit(pair[1]);

    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

int
surface_bytes(const char *text, uint8_t *bytes, int size)
{
    int n = 0;

    do {
        const char *pair = next_pair(&text);
        int byte = pair ? pair_byte(pair) : -1;

        if (byte < 0 || n == size)
            return -1;
        bytes[n++] = (uint8_t)byte;
    } while (!at_end(text));
    return n;
}

static int
pair_token(const char *pair)
{
    static const char *const placeholder[] = {"nn", "vv", "mm", "ll", "ii"};

    for (size_t i = 0; i < LEN(placeholder); i++)
        if (memcmp(pair, placeholder[i], 2) == 0)
            return SURFACEWAY_NUMBER + (int)i;
    return pair_byte(pair);
}

int
surfaceway_template(const char *text, int *token, int size)
{
    int n = 0;

    do {
        const char *pair = next_pair(&text);
        int t = pair ? pair_token(pair) : -1;
        bool data = (t >= 0 && t < 0x80) || t >= SURFACEWAY_NUMBER;

        if (n == size || (n == 0 ? t != 0xF0 : at_end(text) ? t != 0xF7 : !data))
            return -1;
        token[n++] = t;
    } while (!at_end(text));
    return n > 1 ? n : -1;
}

/* --- ways -------------------------------------------------------------------------------------- */

const struct surface_way *
surface_out(const struct surface_control *c)
{
    return c->out ? c->out : c->in;
}

int
surface_way_number(const struct surface_way *w, int n)
{
    int step = w->number_step ? w->number_step : w->channel_step ? 0 : 1;

    if (w->numbers_count)
        return n < (int)w->numbers_count ? w->numbers[n] : -1;
    return w->number + n * step;
}

int
surface_way_channel(const struct surface_way *w, int n)
{
    return (w->channel ? w->channel - 1 : 0) + n * w->channel_step;
}

int
surface_way_max(const struct surface_way *w)
{
    switch (w->message) {
    case SURFACE_CC14:
    case SURFACE_NRPN:
    case SURFACE_RPN:
    case SURFACE_PITCH_BEND: return 16383;
    case SURFACE_SYSEX: return w->sysex && strstr(w->sysex, "mm") ? 16383 : 127;
    default: return 127;
    }
}

/* --- names ------------------------------------------------------------------------------------- */

/* "/3" to 2; "" to 0; -1: neither. */
static int
place(const char *text)
{
    int n = 0;

    if (!*text)
        return 0;
    if (text[0] != '/' || text[1] < '1' || text[1] > '9')
        return -1;
    while (*++text >= '0' && *text <= '9' && n <= SURFACE_COUNT)
        n = n * 10 + (*text - '0');
    return *text ? -1 : n - 1;
}

bool
surface_find(const struct surface_profile *p, const char *name, int *group, int *n)
{
    size_t length = strcspn(name, "/");
    int at = place(name + length);

    for (unsigned i = 0; i < p->controls_count; i++) {
        const struct surface_control *c = &p->controls[i];
        int count = c->count ? c->count : 1;

        if (strncmp(c->name, name, length) != 0 || c->name[length])
            continue;
        if (at < 0 || at >= count || (!name[length] && count > 1))
            return false;
        *group = (int)i;
        *n = at;
        return true;
    }
    return false;
}
