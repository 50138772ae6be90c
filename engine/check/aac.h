/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * aac: a trip through the AAC encoder and decoder of the program `ffmpeg`, where there is one in PATH.
 *
 * way      two of them in a row, all through pipes: no file, no more memory for a longer sound
 * trouble  what hangs (nothing moves for AAC_PATIENCE_MS), drips (slower than the sound itself and
 *          AAC_SLOWEST_MS), fails or goes on for ever is ended, with all that it has started; its own words
 *          are not heard
 * level    nothing is clipped between the programs, but this encoder turns down windows with samples beyond
 *          0.95 (FFmpeg, libavcodec/aac.h, CLIP_AVOIDANCE_FACTOR), as other AAC encoders may not: of a tone
 *          at +4 dBFS few samples come back beyond full scale
 * delay    what comes back is AAC_DELAY frames late: the encoder's first frame
 */
#ifndef ENGINE_CHECK_AAC_H
#define ENGINE_CHECK_AAC_H

#include "dsp/dsp.h"
#include "engine/check/trip.h"

enum { AAC_PATIENCE_MS = 10000, AAC_SLOWEST_MS = 60000, AAC_DELAY = 1024 };

/* UNAVAILABLE: there is no ffmpeg; IO_ERROR: it has failed; NO_MEM. One line in e. */
enum status aac_trip(int kbps, const struct trip *t, struct err *e);

#endif
