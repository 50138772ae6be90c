/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wav: writes WAV files that are whole at each sync.
 *
 * Written by hand, because libsndfile 1.2.0 puts a PEAK chunk with the time of
 * day into RF64 float files and the extensible form into all RF64 ones, which
 * disc tools refuse. Here the same sound gives the same bytes.
 *
 * layout   RIFF WAVE, JUNK (28 bytes kept for ds64), fmt (PCM or IEEE float, plain), data; RF64 past 4 GiB
 * crash    sizes are brought up to date by wav_sync alone, in one write: what was synced opens, always
 * sources  EBU Tech 3306 v1.1 (RF64), IBM/Microsoft Multimedia Programming Interface 1.0 (RIFF)
 */
#ifndef ENGINE_WAV_H
#define ENGINE_WAV_H

#include "dsp/dsp.h"

struct wav { /* by value in its owner */
    int fd;  /* ours, from open to close */
    uint32_t rate_hz;
    int bits, frame_bytes;
    bool is_float;
    uint64_t bytes;    /* of sound written, whole frames */
    uint64_t riff_max; /* a file longer than this is RF64; a test may lower it after wav_open */
};

/* bits 16, 24, or 32 and 64 for float; stereo. IO_ERROR, NO_SPACE or EXISTS with errno; nothing is open then. */
enum status wav_open(struct wav *w, const char *path, double rate_hz, int bits, bool is_float);
/* Whole frames of little-endian sound. After NO_SPACE or IO_ERROR (errno) what fitted is kept, whole frames. */
enum status wav_write(struct wav *w, const void *frames, int nframes);
enum status wav_sync(struct wav *w);
/* Syncs; closes whatever happens. */
enum status wav_close(struct wav *w);
uint64_t wav_frames(const struct wav *w);

#endif
