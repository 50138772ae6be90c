/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lossy: a trip through the codecs that libsndfile writes and reads.
 *
 * file     what is encoded lies in a file without a name in $TMPDIR (/tmp), gone with the trip whatever
 *          happens; about as large as rate and length say. Memory does not depend on the length
 * level    Vorbis, Opus and MP3 are fed with floats and decoded to floats: nothing is clipped by libsndfile.
 *          MP3 of 128 kbit/s comes back 0.4 dB softer, that of 320 does not (measured: LAME 3.100)
 * repeats  only the serial number of an Ogg stream differs from trip to trip; the sound does not
 * sources  qualities: libsndfile 1.2.0, ogg_vorbis.c (1 - level), ogg_opus.c (6..256 kbit/s a channel),
 *          mpeg_l3_encode.c (320 - level * 288 kbit/s from 32 kHz up)
 */
#ifndef ENGINE_CHECK_LOSSY_H
#define ENGINE_CHECK_LOSSY_H

#include "dsp/dsp.h"
#include "engine/check/trip.h"

enum lossy_codec { LOSSY_VORBIS, LOSSY_OPUS, LOSSY_MP3 };

/* quality: of Vorbis, 0..10; of the others kbit/s, all channels together (MP3: constant). UNAVAILABLE when
   this libsndfile does not write it at this rate; NO_SPACE; IO_ERROR; NO_MEM. One line in e. */
enum status lossy_trip(enum lossy_codec codec, int quality, const struct trip *t, struct err *e);

#endif
