/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qrread: what a QR code says, as a telephone reads it, but from a clean picture.
 *
 * source  ISO/IEC 18004:2015: 7.3 (placement), 7.8 (masks), 7.9 (format), 7.4.5 (byte mode). Versions 1 to 5 with
 *         error correction L, which have one block; its correction words are not looked at.
 */
#ifndef TEST_KIT_QRREAD_H
#define TEST_KIT_QRREAD_H

#include <stdbool.h>
#include <stddef.h>

/* dark(context, y, x): y down, x right, from 0, without the quiet zone. False: not such a code. */
bool qr_read(bool (*dark)(const void *context, int y, int x), const void *context, int size, char *text,
             size_t room);

#endif
