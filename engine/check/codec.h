/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codec: what becomes of the track where it is sold: encoded, decoded, measured again.
 *
 * codecs   Vorbis, Opus, MP3 (lossy.h) and, with the program ffmpeg, AAC (aac.h), each at what services send.
 *          Mono and stereo; other layouts are told as not tried
 * rate     44.1 kHz and 48 kHz as they are; others are converted first as services do, to 44.1 kHz where that
 *          divides them or is divided by them, else to 48 kHz. Opus: always 48 kHz
 * peak     the higher of the two readings of truepeak.h: who meters by either sees no over
 * ceiling  the whole track is turned down to a true peak in tenths of a dB, encoded and measured again, until
 *          that is the highest that comes back CODEC_MARGIN_DB under 0 dBTP (six more trips at most). To
 *          lower a limiter's ceiling and what goes into it alike is the same as to turn down. What a codec
 *          adds changes with the level, by some tenths of a dB (ffmpeg's AAC: by dBs)
 *          and not always the same way: the ceiling named was seen to hold; lower ones were not all tried
 * time     the whole file goes through each codec once, and one to six times more where it comes back over;
 *          the codecs beside each other, after the file was heard
 */
#ifndef ENGINE_CHECK_CODEC_H
#define ENGINE_CHECK_CODEC_H

#include "engine/check/inspect.h"

/* The 8x grid's own loss at a quarter of the rate: other meters may read that more. */
#define CODEC_MARGIN_DB 0.05

extern const struct inspector codec_inspector;

#endif
