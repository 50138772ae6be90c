/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codec: what a box's messages say, by its profile: which control did what.
 *
 * 14 bits   two CCs are one value, told when the second half has come, or with the last half known when only one comes
 *           again; a new high half alone counts the low one as 0 (as MIDI says), unless low_first. NRPN and RPN: CC 99/98
 *           or 101/100 select, 6 and 38 set, 96 and 97 step; 127/127 selects nothing.
 * relative  a value of 64 is no tick; magnitude 0 neither
 * sources   shared reference surfaces.md 0.1, 0.2
 */
#ifndef CONTROL_MIDI_CODEC_H
#define CONTROL_MIDI_CODEC_H

#include "engine/surface.h"

enum codec_what {
    CODEC_VALUE, /* value, steps */
    CODEC_TICKS, /* ticks */
    CODEC_PRESS,
    CODEC_RELEASE,
    CODEC_ON, /* a button that keeps its own state */
    CODEC_OFF
};

struct codec_event {
    int group, n; /* the control: profile->controls[group], its n-th from 0 */
    enum codec_what what;
    double value; /* 0..1 of its way; exactly 0.5 in a detent */
    int steps;    /* how many values it can tell apart, less one: 127, 16383 */
    double ticks; /* up is positive; acceleration has been counted */
};

struct codec;

enum status codec_open(struct codec **c, const struct surface_profile *p); /* NO_MEM; p must outlive it */
void codec_close(struct codec *c);
/* One whole message; how many events it is (0: none of the profile's controls), at most `size`. */
int codec_read(struct codec *c, const uint8_t *bytes, size_t nbytes, int64_t now_ns,
               struct codec_event *events, int size);
/* Puts a raw value into the n-th control's message; how many bytes, in up to three messages one behind the other;
   0: it can't. Of NRPN: 99 98 6 38 and the null. bytes: SURFACE_BYTES. */
int codec_write(const struct surface_way *w, int n, int raw, uint8_t *bytes);
/* 0..1 to raw min..max of the control and back, its centre included. */
int codec_raw(const struct surface_control *c, double value);

#endif
