/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * album: what several files are together: one loudness, and how well they fit each other. Made ahead of the first file,
 * handed to each check, and finished with the tracks' reports into one of its own.
 *
 * odd one out  more than 3.5 robust standard deviations (1.4826 x the median absolute deviation) from the median of
 *              all, and by more than a listener lets pass (album.c); never of fewer than three tracks
 * sources      3.5: Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993
 */
#ifndef ENGINE_CHECK_ALBUM_H
#define ENGINE_CHECK_ALBUM_H

#include "dsp/loudness.h"
#include "engine/check/inspect.h"

struct album;

/* t, which may be NULL, must outlive the album. NO_MEM. */
enum status album_open(struct album **a, const struct target *t);
void album_close(struct album *a); /* NULL is harmless */

/* Of each track once its file is through, in the order of the tracks: inspectors do it. */
void album_take_loudness(struct album *a, const struct loudness *track);
void album_take_sound(struct album *a, const struct sound_info *sound, int64_t frames);

/* r: the tracks' reports in their order, those whose file could not be checked left out. NO_MEM: *out is NULL. */
enum status album_finish(struct album *a, const struct report *const *r, int n, struct report **out);

#endif
