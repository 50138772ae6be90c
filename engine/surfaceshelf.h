/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfaceshelf: all profiles of control surfaces that there are, read once and asked often: which one is a device's?
 *
 * fits     by USB id; or by a part of ALSA's names for it, any case. What has neither usb nor match fits nothing.
 * best     who knows the USB id, then who knows the longest part of a name; of equals the user's own, then the shortest name
 *          ("x-touch-mini" before "x-touch-mini-mc": a box's other modes are asked for by name), then the first
 */
#ifndef ENGINE_SURFACESHELF_H
#define ENGINE_SURFACESHELF_H

#include "engine/surface.h"

struct surface_shelved {
    struct surface_profile *profile;
    char *path; /* its file */
    bool own;   /* the user's */
};

struct surface_shelf { /* all zero: empty */
    char *dir;         /* NULL: profile_dir finds it */
    struct surface_shelved *shelved;
    int count;
};

/* dir: hw-profiles; NULL: found. A file that can't be read is passed over: OK then comes with the first one's error in e,
   else with e->text empty. NOT_FOUND, NO_MEM: the shelf is empty. */
enum status surface_shelf_open(struct surface_shelf *s, const char *dir, struct err *e);
void surface_shelf_close(struct surface_shelf *s);

/* What they return lives until the shelf is closed. NULL: there is none of that name, or it was passed over; e (may be
   NULL) says which. */
const struct surface_profile *surface_shelf_named(const struct surface_shelf *s, const char *name,
                                                  struct err *e);
/* The best for a device; usb "1397:00b3" or "", ALSA's names of its client and port. NULL: none fits. */
const struct surface_profile *surface_shelf_for(const struct surface_shelf *s, const char *usb,
                                                const char *client, const char *port);
/* The file of one of the shelf's. False: it is none, or longer than size. */
bool surface_shelf_path(const struct surface_shelf *s, const struct surface_profile *p, char *path,
                        size_t size);

bool surface_profile_fits(const struct surface_profile *p, const char *usb, const char *client,
                          const char *port);

#endif
