/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * msg: what crosses between the control and the process thread, on rings.
 */
#ifndef ENGINE_MSG_H
#define ENGINE_MSG_H

#include "engine/player.h"

/* control -> process: do this at `frame` (EVENT_NOW: at the next period's start). */
struct event {
    enum {
        EVENT_SET,  /* param, value */
        EVENT_PLAY, /* generation */
        EVENT_STOP,
        EVENT_PRINT_START, /* the recorder is open */
        EVENT_PRINT_STOP,
        EVENT_OUTPUTS, /* value 0 or 1: fade the ports out or in; the print does not hear it */
        EVENT_CUED,    /* generation is ready for JACK transport frame `transport` */
        EVENT_CONTENDER, /* what was last offered to the comparison's place `param` (compare_offer) comes into force */
        EVENT_BLIND, /* value: what x is, 0 a, 1 b; -1: no blind comparison runs. It comes back to nobody */
        EVENT_MIDI   /* the process thread's: `midi` is for a row of the map, and had to wait */
    } kind;
    int param;
    uint64_t frame;
    uint32_t hand;  /* control's number for who moved; comes back in the notice, */
    bool timed;     /* and so do these: it had a frame of its own; */
    bool shown;     /* hands read it already; */
    bool travels;   /* part of a passage: void once midi_in has moved the row since; */
    uint32_t heard; /* of what midi_in moved: how much control knew of when it sent this */
    bool own;       /* the process thread's: midi_in moves it */
    uint8_t midi[3];
    uint32_t generation;
    uint32_t transport;
    double value;
};

#define EVENT_NOW UINT64_C(0)

/* process -> control: this has been done, in this order. */
struct notice {
    enum {
        NOTICE_SET,         /* param, value, hand and what follows it: in force from `frame` on */
        NOTICE_PLAYER,      /* player */
        NOTICE_PRINT_BEGAN, /* first programme frame of the print: the chain's input at `frame` */
        NOTICE_PRINT_ENDED, /* the frame after the last one */
        NOTICE_PRINT_HOLE,  /* the disk was too late; the print ended before `frame` */
        NOTICE_SILENT,      /* the ports have faded out */
        NOTICE_OUTBOARD,    /* what insert `param` (from 0) sent and got back is kept; value 1: a ping */
        NOTICE_TRANSPORT    /* JACK transport wants `transport`, rolling or not (value) */
    } kind;
    int param;
    uint64_t frame;
    uint32_t hand;
    bool timed, shown, travels;
    bool own; /* nobody sent it: midi_in moved it; each counts for `heard` */
    bool off; /* it was not done: value is what is in force */
    uint32_t transport;
    double value;
    struct player_notice player;
};

#endif
