/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/utf8.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the character that starts with this one; 0: none does. */
static int
decode_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

int
utf8_decode(const char *s, wchar_t *c)
{
    static const wchar_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *u = (const unsigned char *)s;
    int n = decode_length(*u);
    wchar_t code = n == 1 ? *u : *u & (0x7f >> n);

    *c = UTF8_BROKEN;
    for (int i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 1;
        code = code << 6 | (u[i] & 0x3f);
    }
    if (!n || code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 1;
    *c = code;
    return *u ? n : 0;
}

bool
utf8_steers(wchar_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x2028 || c == 0x2029;
}

char *
utf8_clean(const char *s)
{
    char *out = malloc(strlen(s) * (sizeof REPLACEMENT - 1) + 1), *to = out;
    wchar_t c;

    if (!out)
        return NULL;
    for (int n; (n = utf8_decode(s, &c)) > 0; s += n) {
        bool broken = c == UTF8_BROKEN && n == 1;

        memcpy(to, broken ? REPLACEMENT : s, broken ? sizeof REPLACEMENT - 1 : (size_t)n);
        to += broken ? (int)sizeof REPLACEMENT - 1 : n;
    }
    *to = '\0';
    return out;
}
