/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qr: a short text as a QR code (the only libqrencode; without it there is none).
 *
 * source  ISO/IEC 18004: Model 2, bytes, error correction L
 */
#ifndef CONTROL_QR_H
#define CONTROL_QR_H

#include "dsp/dsp.h"

enum {
    QR_MOST = 57,
    QR_QUIET = 4
}; /* modules: of a side (version 10, 271 bytes); of the light frame around it */

struct qr {
    int size; /* modules of a side; 0: none */
    bool dark[QR_MOST][QR_MOST];
};

/* False, and size is 0: too long, no memory, or built without the library. */
bool qr_make(struct qr *q, const char *text);
/* Row y, column x, from 0; outside it is light. */
bool qr_dark(const struct qr *q, int y, int x);

#endif
