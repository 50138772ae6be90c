/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surface_rig: a shipped profile's surface on a stand-in engine, with a simulated box (test/boxes) at its other end, and time
 * that is a number.
 *
 * partner   which of the profile's controls speaks when a hand is on a control of the box: partner.h
 */
#ifndef TEST_CONTROL_SURFACE_RIG_H
#define TEST_CONTROL_SURFACE_RIG_H

#include "control/midi/pages.h"
#include "control/midi/surface.h"
#include "test/boxes/box.h"
#include "test/boxes/partner.h"
#include "test/control/fake_engine.h"

#define MS 1000000LL

enum { RIG_TICK_MS = 10, RIG_CONTROLS = PARTNERS };

struct rig_control { /* one control of the box */
    int c, n;        /* in the box; */
    int group, m;    /* in the profile; group -1: it has none */
};

struct rig {
    const char *name; /* the profile's */
    struct surface_profile *profile;
    struct engine *engine;
    struct surface *surface;
    struct box *box;
    struct midi_port port;
    bool cut; /* nothing arrives at the box */
    int64_t now_ns;
    struct rig_control control[RIG_CONTROLS];
    int controls;
    uint8_t queue[1 << 16]; /* what the box has said: a size of two bytes, and the message */
    size_t queued;
    uint64_t sent;                   /* to the box */
    uint64_t sent_at_second, second; /* at the last whole second */
    uint64_t most_in_a_second;
};

/* The profile alone, and who is whose partner: a control of the profile that no control of the box is, fails the test. */
void rig_meet(struct rig *r, const char *profile, const char *model);
/* The test fails where it can't. */
void rig_open(struct rig *r, const char *profile, const char *model);
void rig_close(struct rig *r); /* of either */

/* The surface is closed, without a word that would arrive, and opened anew. */
void rig_reopen(struct rig *r);
/* Lets time pass, in ticks. */
void rig_run(struct rig *r, int64_t ms);
/* The test fails where the box has found a fault, or where the surface had something to complain of. */
void rig_check(const struct rig *r, const char *after);

const struct pages_target *rig_target(const struct rig *r, const struct rig_control *k);
const struct surface_control *rig_described(const struct rig *r, const struct rig_control *k);
/* "encoder/3", by the profile. */
const char *rig_label(const struct rig *r, const struct rig_control *k);

/* Hands that take a person's time. */
void rig_sweep(struct rig *r, const struct rig_control *k, double place);
void rig_turn(struct rig *r, const struct rig_control *k, int ticks);
void rig_push(struct rig *r, const struct rig_control *k); /* down, and up */
void rig_let_go(struct rig *r, const struct rig_control *k);

/* Where the row stands on the target's way: 0 low, 1 high. */
double rig_way(const struct rig *r, const struct pages_target *t);
/* Each control shows what its row is. False: e says which does not. */
bool rig_agrees(const struct rig *r, struct err *e);

#endif
