/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exact: doubles into a sound file of any coding, to the bit. libsndfile would scale them by 2^(n-1) - 1 on their way into
 * whole numbers, and by 2^(n-1) on their way out.
 */
#ifndef TEST_KIT_EXACT_H
#define TEST_KIT_EXACT_H

#include <math.h>
#include <sndfile.h>

/* In short pieces: libsndfile's Vorbis encoder overflows the stack in one go. */
static inline void
exact_write(SNDFILE *s, int format, int nch, const double *x, int nframes)
{
    int sub = format & SF_FORMAT_SUBMASK, word[8 * 256];
    int whole = sub == SF_FORMAT_PCM_S8 || sub == SF_FORMAT_PCM_U8 || sub == SF_FORMAT_PCM_16 ||
                sub == SF_FORMAT_PCM_24 || sub == SF_FORMAT_PCM_32 ||
                (sub >= SF_FORMAT_ALAC_16 && sub <= SF_FORMAT_ALAC_32);

    for (int at = 0; at < nframes; at += 256) {
        int n = nframes - at < 256 ? nframes - at : 256;
        const double *from = x + (long)at * nch;

        for (int i = 0; i < n * nch && whole; i++)
            word[i] = (int)fmax(fmin(rint(from[i] * 0x1p31), 2147483647.0), -2147483648.0);
        if (whole)
            sf_writef_int(s, word, n);
        else
            sf_writef_double(s, from, n);
    }
}

#endif
