/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf8: text that may come from anywhere, a file's name for one, which on Linux is any bytes.
 */
#ifndef CONTROL_UTF8_H
#define CONTROL_UTF8_H

#include <stdbool.h>
#include <wchar.h>

#define UTF8_BROKEN L'\xffff' /* what stands for a malformed byte */

/*
 * One character. Malformed and overlong bytes, halves of pairs and what lies beyond U+10FFFF count one by one, as
 * UTF8_BROKEN. Returns its length in bytes, 0 at the end.
 */
int utf8_decode(const char *s, wchar_t *c);

/* Controls, and marks that turn the writing's direction. */
bool utf8_steers(wchar_t c);

/* A copy that is UTF-8 for certain: U+FFFD for each malformed byte. To be freed; NULL: out of memory. */
char *utf8_clean(const char *s);

#endif
