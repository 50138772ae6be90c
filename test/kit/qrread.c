/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/qrread.h"

#include <stdlib.h>

struct reader {
    bool (*dark)(const void *context, int y, int x);
    const void *context;
    int size, mask;
    unsigned char bits[4096];
    int nbits, at;
};

static bool
is_dark(const struct reader *r, int y, int x)
{
    return r->dark(r->context, y, x);
}

/* Dark, light, dark rings around (y, x), as far as `far`. */
static bool
is_finder(const struct reader *r, int y, int x)
{
    for (int dy = -3; dy <= 3; dy++)
        for (int dx = -3; dx <= 3; dx++) {
            int ring = abs(dy) > abs(dx) ? abs(dy) : abs(dx);

            if (is_dark(r, y + dy, x + dx) != (ring != 2))
                return false;
        }
    return true;
}

static unsigned
format_of(const struct reader *r)
{
    unsigned f = 0;

    for (int i = 0; i < 15; i++) {
        int y = i < 6 ? i : i < 8 ? i + 1 : 8, x = i < 8 ? 8 : i == 8 ? 7 : 14 - i;

        f |= (unsigned)is_dark(r, y, x) << i;
    }
    return f ^ 0x5412;
}

static bool
is_function(const struct reader *r, int y, int x)
{
    int end = r->size - 8, centre = r->size - 7;

    if (y == 6 || x == 6 || (y <= 8 && (x <= 8 || x >= end)) || (x <= 8 && y >= end))
        return true;
    return r->size > 21 && abs(y - centre) <= 2 && abs(x - centre) <= 2;
}

static bool
is_masked(int mask, int y, int x)
{
    switch (mask) {
    case 0: return (x + y) % 2 == 0;
    case 1: return y % 2 == 0;
    case 2: return x % 3 == 0;
    case 3: return (x + y) % 3 == 0;
    case 4: return (x / 3 + y / 2) % 2 == 0;
    case 5: return x * y % 2 + x * y % 3 == 0;
    case 6: return (x * y % 2 + x * y % 3) % 2 == 0;
    default: return ((x + y) % 2 + x * y % 3) % 2 == 0;
    }
}

/* Two columns at a time from the right, up and down in turn. */
static void
take_bits(struct reader *r)
{
    for (int right = r->size - 1; right > 0; right -= 2) {
        right -= right == 6;
        for (int k = 0; k < r->size; k++)
            for (int x = right; x > right - 2; x--) {
                int y = (right + 1) & 2 ? k : r->size - 1 - k;

                if (!is_function(r, y, x))
                    r->bits[r->nbits++] = is_dark(r, y, x) != is_masked(r->mask, y, x);
            }
    }
}

static int
number(struct reader *r, int nbits)
{
    int n = 0;

    while (nbits-- > 0 && r->at < r->nbits)
        n = 2 * n + r->bits[r->at++];
    return n;
}

bool
qr_read(bool (*dark)(const void *context, int y, int x), const void *context, int size, char *text,
        size_t room)
{
    struct reader r = {.dark = dark, .context = context, .size = size};
    unsigned format;
    int length;

    if (size < 21 || size > 37 || (size - 17) % 4 || !is_finder(&r, 3, 3) || !is_finder(&r, 3, size - 4) ||
        !is_finder(&r, size - 4, 3))
        return false;
    format = format_of(&r);
    r.mask = (int)(format >> 10 & 7);
    if (format >> 13 != 1) /* L */
        return false;
    take_bits(&r);
    if (number(&r, 4) != 4) /* bytes */
        return false;
    length = number(&r, 8);
    if ((size_t)length >= room)
        return false;
    for (int i = 0; i < length; i++)
        text[i] = (char)number(&r, 8);
    text[length] = '\0';
    return true;
}
