/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * learnt: what was learnt, written into a profile of the user's own, for people to read and to change.
 *
 * A profile of ours is copied there first, comments and all; for a box that nobody knows a new one is made. Only lines are
 * added; whatever else stands in the file stays as it is. What would not load is not written.
 */
#ifndef CONTROL_MIDI_LEARNT_H
#define CONTROL_MIDI_LEARNT_H

#include "control/midi/guess.h"

struct learnt {
    const char *profile;    /* its name: the file's; made of the box's name where there is none */
    const char *from;       /* a file of ours that is copied, or the user's; NULL: a new one */
    const char *box;        /* ALSA's name for it: label and match of a new one */
    const char *usb;        /* "" or "1397:00b3" */
    const char *control;    /* that the profile knows already: "encoder/3"; NULL: it is new */
    struct guess_what what; /* of a new one */
    const char *page;       /* on which the control does this; NULL: on all */
    const char *to;         /* a path */
};

/* path: the file that was written; control: its name there. IO_ERROR, BAD_ARG (it would not load), NO_MEM. */
enum status learnt_write(const struct learnt *l, const char *folder, char *path, size_t path_size,
                         char *control, size_t control_size, struct err *e);

#endif
