/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codec: what a box's messages say, by its profile: which control did what.
 *
 * 14 bits   two CCs are one value, told when the second half has come, or with the last half known when only one comes
 *           again; a new high half alone counts the low one as 0 (as MIDI says), unless low_first. A first half that is
 *           left alone for CODEC_HALF_NS is told by codec_tick. NRPN and RPN: CC 99/98 or 101/100 select, 6 and 38
 *           set, 96 and 97 step (an absolute one by one raw, once its value is known); 127/127 selects nothing.
 * relative  a value of 64 is no tick; magnitude 0 neither. Of a message of 14 bits the high seven speak
 * keys      of a button or touch. MOMENTARY: PRESS when the threshold is reached, when a note is struck again, and when
 *           the same value comes again (the box does not say when it is let go); RELEASE once, when a pressed one falls
 *           below. TOGGLE: each message is ON or OFF. PRESS_ONLY: each is PRESS, but a note's end
 * notes     an end, 8n or velocity 0, is the value 0
 * program   of a button: its number, a press. Of others: the program is the value
 * sysex     a template without a value says 127
 * LED, METER, DISPLAY
 *           say nothing, whatever their `in`
 * sources   shared reference surfaces.md 0.1, 0.2
 */
#ifndef CONTROL_MIDI_CODEC_H
#define CONTROL_MIDI_CODEC_H

#include "engine/surface.h"

#define CODEC_HALF_NS 10000000LL

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
    int steps;    /* how many values it can tell apart, less one: 127, 16383, less those of a detent */
    double ticks; /* up is positive; acceleration has been counted */
};

struct codec;

enum status codec_open(struct codec **c, const struct surface_profile *p); /* NO_MEM; p must outlive it */
void codec_close(struct codec *c);
/* One whole message; how many events it is (0: none of the profile's controls, or not yet one), at most `size`. What
   belongs to several controls is told of each, in the profile's order. now_ns never going back. */
int codec_read(struct codec *c, const uint8_t *bytes, size_t nbytes, int64_t now_ns,
               struct codec_event *events, int size);
/* Was the last one of a control of the profile, though it may have told nothing yet: a half, a select, a bounce? */
bool codec_known(const struct codec *c);
/* About each 10 ms: what codec_read has waited for in vain. How many events, at most `size`; others come next time. */
int codec_tick(struct codec *c, int64_t now_ns, struct codec_event *events, int size);
/* Puts a raw value into the n-th control's message; how many bytes, in up to six messages one behind the other;
   0: it can't. Of NRPN: 99 98 6 38, and 99 98 with 127 127, so that what others set does not get there. Of 14 bits the high
   half goes first. bytes: SURFACE_BYTES. */
int codec_write(const struct surface_way *w, int n, int raw, uint8_t *bytes);
/* 0..1 to the nearest raw of the control's min..max; 0.5 of one with a detent to its centre. */
int codec_raw(const struct surface_control *c, double value);

#endif
