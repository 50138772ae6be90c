/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/qr.h"

#ifdef HAVE_QRENCODE
#include <qrencode.h>

bool
qr_make(struct qr *q, const char *text)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

    q->size = code && code->width <= QR_MOST ? code->width : 0;
    for (int y = 0; y < q->size; y++)
        for (int x = 0; x < q->size; x++)
            q->dark[y][x] = code->data[y * code->width + x] & 1;
    QRcode_free(code);
    return q->size > 0;
}
#else
bool
qr_make(struct qr *q, const char *text)
{
    (void)text;
    q->size = 0;
    return false;
}
#endif

bool
qr_dark(const struct qr *q, int y, int x)
{
    return y >= 0 && x >= 0 && y < q->size && x < q->size && q->dark[y][x];
}
