/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recorder: prints a stereo stream to a file while it is heard.
 *
 * process writes doubles into a ring, disk converts, dithers and writes. The
 * header is brought up to date at least each 500 ms, so a print cut by
 * `kill -9` opens and holds all but its last second. WAV becomes RF64 past
 * 4 GiB. A file that exists is never touched. Once the disk refuses, what
 * fitted stays a readable file and the rest of the print is thrown away.
 *
 * control and disk hand the file over under a lock, which process never sees.
 */
#ifndef ENGINE_RECORDER_H
#define ENGINE_RECORDER_H

#include "engine/err.h"
#include "engine/soundfile.h"

enum print_format { PRINT_WAV32F, PRINT_WAV24, PRINT_WAV16 };

/* What makes a print of a master: with these and the same sound it is the same file. */
struct print_settings {
    int format;                    /* enum print_format */
    struct dither_settings dither; /* of 24 and 16 bit */
};

enum sound_format print_sound_format(enum print_format f);

/* Of the parameter table: one value a parameter, by id. */
struct print_settings print_settings_of(const double *values);

enum { RECORDER_AHEAD_MS = 10000 };

struct recorder;

/* --- control thread --- */

/* For prints at rate_hz, one at a time. BAD_ARG, NO_MEM. */
enum status recorder_prepare(struct recorder **r, double rate_hz);
void recorder_free(struct recorder *r); /* closes first */
/* EXISTS, IO_ERROR and NO_SPACE (with the system's reason), BAD_ARG (a print runs already), NO_MEM.
   From OK on recorder_write may be called. */
enum status recorder_open(struct recorder *r, const char *path, const struct print_settings *s,
                          struct err *e);
/* Has the disk thread write what is left and close: process must have stopped writing. Never waits; then
   recorder_close() does not, once recorder_finished(). */
void recorder_finish(struct recorder *r);
bool recorder_finished(const struct recorder *r);
/* Writes what is left and closes; says what recorder_state would. process must have stopped writing. */
enum status recorder_close(struct recorder *r, struct err *e);
/* OK while all is well; NO_SPACE or IO_ERROR once the disk refused (nothing more is written then). */
enum status recorder_state(const struct recorder *r, struct err *e);
uint64_t recorder_frames(const struct recorder *r);  /* in the file, of this print or the last */
const char *recorder_path(const struct recorder *r); /* likewise; "" before the first */
const struct print_settings *recorder_settings(const struct recorder *r);

/* --- disk thread --- */

/* One step of writing; false when there was nothing to do. */
bool recorder_drain(struct recorder *r);

/* --- process thread --- */

/* Returns how many frames fitted; less than nframes means the disk was too late and the print has a hole. */
RT int recorder_write(struct recorder *r, const double *const *in, int nframes);

#endif
