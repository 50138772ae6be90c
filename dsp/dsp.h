/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dsp: what every kernel shares.
 *
 * RT marks a function that the process thread may call: no memory, lock, file,
 * log or system call, here or below.
 *
 * A stage has one shape:
 *
 *   enum status X_prepare(struct X *x, double rate_hz);
 *       takes all the memory there will ever be. BAD_ARG unless rate_hz is
 *       8000..384000; NO_MEM. After an error *x owns nothing.
 *   void X_free(struct X *x);          also what a half-done prepare left; twice is harmless
 *   RT void X_reset(struct X *x);      forget the sound; the next set applies at once
 *   RT void X_set(struct X *x, const struct X_settings *s);
 *                                      moves without a click; settings are in the parameter table's units
 *   RT void X_process(struct X *x, double *const *io, int nframes);
 *                                      planar stereo, in place, 1.0 is 0 dBFS, nframes >= 0
 *   RT int X_latency_frames(const struct X *x);     fixed from prepare on, unless it says otherwise
 *
 * and gives the same bits however the input is cut into blocks, as long as
 * each set comes at the same frame. Some have more:
 *
 *   int X_latency_max_frames(const struct X *x);
 *       where a setting (linear phase) changes the latency: the most there can be. A set makes
 *       X_latency_frames() the new one at once; the sound goes over to it without a click.
 *   RT void X_restart(struct X *x);
 *       where a reset costs too much for the sound's time: forgets the sound as cheaply as can be; the next
 *       set need not apply at once, but X_warm_frames() later.
 *   RT int X_warm_frames(const struct X *x);
 *       frames after a restart and a set until what comes out is right.
 *   RT void X_listen(struct X *x, double *const *heard);
 *       where a setting (solo, delta) asks for something else to be heard than goes on: heard is where the
 *       next process call also writes what a listener is to hear, as many frames as io has; NULL: nobody
 *       listens. The two places are kept, not the array (and so with X_key). io never changes for it: what is
 *       listened to is not printed.
 *   RT void X_key(struct X *x, const double *const *key);
 *       the sound of the external sidechain that goes with the next process call; NULL: silence.
 *   RT double X_take_reduction_db(struct X *x);
 *       the most taken away since last asked.
 */
#ifndef DSP_DSP_H
#define DSP_DSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RT
#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PI     3.14159265358979323846

enum { STEREO = 2 };

enum status { OK, BAD_ARG, NO_MEM, IO_ERROR, NOT_FOUND, EXISTS, NO_SPACE, UNAVAILABLE };

enum { RATE_MIN_HZ = 8000, RATE_MAX_HZ = 384000 };

static inline bool
rate_ok(double rate_hz)
{
    return rate_hz >= RATE_MIN_HZ && rate_hz <= RATE_MAX_HZ;
}

#endif
