/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sound: a file as it is, for checking: every channel, its own rate, nothing made right.
 */
#ifndef ENGINE_CHECK_SOUND_H
#define ENGINE_CHECK_SOUND_H

#include "engine/check/inspect.h"

struct sound;

/* NOT_FOUND, IO_ERROR (no file but a directory, pipe or device; empty, damaged, unknown format), BAD_ARG (more than
   CHECK_CHANNELS channels, a rate outside 8..384 kHz, no frames), NO_MEM; one line in e: the path, what, the mend.
   "demo:" is the computed programme. A FLAC file whose header does not know its length is read through once first. */
enum status sound_open(struct sound **s, const char *path, struct err *e);
void sound_close(struct sound *s); /* NULL is harmless */
const struct sound_info *sound_info(const struct sound *s);
/* Planar, never more than info's frames in all. Less than nframes: the end, wherever the file really has it. What is not finite becomes silence and is counted. */
int sound_read(struct sound *s, double *const *out, int nframes);
int64_t sound_bad_samples(const struct sound *s);

#endif
