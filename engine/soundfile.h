/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * soundfile: files as streams of stereo double frames (the only libsoxr; libsndfile is here, in check/sound and
 * check/lossy).
 *
 * Reads what the installed libsndfile reads (WAV, RF64, W64, AIFF, FLAC, Ogg, Opus, MP3) and "demo:", the computed
 * programme (demo.h). Mono goes to both sides; more than two channels are refused by name.
 */
#ifndef ENGINE_SOUNDFILE_H
#define ENGINE_SOUNDFILE_H

#include "dsp/dither.h"
#include "engine/err.h"

struct soundfile;

struct soundfile_info {
    double rate_hz; /* the file's own */
    int64_t frames; /* at the file's own rate */
    int channels;
    int bits; /* 16, 24, 32...; 0 for lossy files */
    bool is_float, is_flac;
};

/* Opens for reading at rate_hz (0: the file's own), from `position` on (frames at rate_hz).
   NOT_FOUND, IO_ERROR (damaged, empty, unknown format), BAD_ARG (channels), NO_MEM; one line in e with the path. */
enum status soundfile_open(struct soundfile **s, const char *path, double rate_hz, int64_t position,
                           struct err *e);
void soundfile_close(struct soundfile *s);
const struct soundfile_info *soundfile_info(const struct soundfile *s);
/* Frames of the whole file at the rate it was opened with: ceil(frames * rate / own rate). Whole CD frames (588 at
   44.1 kHz) come out whole at 48 and 96 kHz, so that such tracks join without a shift. */
int64_t soundfile_length(const struct soundfile *s);
/* Interleaved stereo. Frame n of a file at a rate has the same bits wherever one began to read. Less than nframes:
   the end. A file shorter than its header says ends early (soundfile_cut, also where the header alone gives it away).
   Never more than soundfile_length in all; not a number and infinite become silence. */
int soundfile_read(struct soundfile *s, double *out, int nframes);
bool soundfile_cut(const struct soundfile *s);

/* --- writing --- */

enum sound_format { SOUND_WAV16, SOUND_WAV24, SOUND_WAV32F, SOUND_WAV64F, SOUND_FLAC16, SOUND_FLAC24 };

bool sound_format_parse(const char *word, enum sound_format *f, struct err *e); /* "wav24" */
const char *sound_format_name(enum sound_format f);

struct soundwriter;

/* Creates a file that must not exist (EXISTS), at rate_hz, stereo. 16 and 24 bit are dithered (seeded, the same bits
   each time) or, for sound that has this depth already, only rounded (NULL): a copy is then exact, where dither would
   change it. 32f is a plain cast and 64f what came, neither is dithered or clipped. WAV: RF64 when it outgrows 4 GiB.
   No time stamp is written: the same sound gives the same bytes. */
enum status soundwriter_open(struct soundwriter **w, const char *path, double rate_hz, enum sound_format f,
                             const struct dither_settings *dither, struct err *e);
/* Interleaved stereo. NO_SPACE, IO_ERROR. */
enum status soundwriter_write(struct soundwriter *w, const double *in, int nframes, struct err *e);
/* Makes a WAV file readable up to here, on the disk, whatever happens next. FLAC: only once it is closed. */
enum status soundwriter_sync(struct soundwriter *w, struct err *e);
/* Frames that are in the file. */
int64_t soundwriter_frames(const struct soundwriter *w);
/* Closes whatever happens. NULL is harmless. */
enum status soundwriter_close(struct soundwriter *w, struct err *e);

#endif
