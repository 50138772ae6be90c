/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile: what we know of the hardware, from hw-profiles: where the files are, and which one fits.
 *
 * How a file is written, and what each key means: hw-profiles/interfaces/generic.yaml, hw-profiles/surfaces/generic-cc.yaml.
 *
 * surfaces   also in the user's own folder (~/.config/deadwax/hw-profiles/surfaces), where a file goes before ours of the
 *            same name; surfaceshelf.h has them all and knows which one fits
 */
#ifndef ENGINE_PROFILE_H
#define ENGINE_PROFILE_H

#include "dsp/dsp.h"
#include "engine/err.h"
#include "engine/interface.h"
#include "engine/machine.h"
#include "engine/surfaceshelf.h"

/* Where hw-profiles is: given, else $DEADWAX_HW_PROFILES, else beside or above the program, else as installed
   (PREFIX/share/deadwax/hw-profiles). NOT_FOUND. */
enum status profile_dir(const char *given, char *dir, size_t size, struct err *e);
/* All names in dir/interfaces, sorted. dir, here and below: hw-profiles; NULL: profile_dir finds it. */
enum status profile_names(const char *dir, char ***names, int *count, struct err *e);
void profile_free_names(char **names, int count);

/* Errors are "FILE:LINE: what: mend". NOT_FOUND, BAD_ARG, NO_MEM. */
enum status profile_load_interface(const char *path, struct interface_profile **p, struct err *e);

/* By name in dir/interfaces. NOT_FOUND names the nearest one. */
enum status profile_named_interface(const char *dir, const char *name, struct interface_profile **p,
                                    struct err *e);
/* The best for what ALSA reports: USB id first, then names, then "generic" for any card with playback, then "dummy".
   HDMI, snd-dummy and snd-aloop cards only where there is nothing else. *card is the card meant, or NULL for dummy.
   A file that can't be read is passed over: OK then comes with its error in e, else with e->text empty. */
enum status profile_choose_interface(const char *dir, const struct machine_card *cards, int ncards,
                                     struct interface_profile **p, const struct machine_card **card,
                                     struct err *e);
/* The card that p describes, by the same rules; NULL: none is there. */
const struct machine_card *profile_card_for(const struct interface_profile *p,
                                            const struct machine_card *cards, int ncards);
/* Zero-based playback channels that the master goes to: role "monitor_a", else 0 and 1. */
void profile_monitor_channels(const struct interface_profile *p, int *left, int *right);

/* --- control surfaces --- */

/* By what is in it (controls, pages); where it can't be read, by its folder's name. */
bool profile_is_surface(const char *path);

/* All names in dir/surfaces and in the user's own folder, sorted, each once. */
enum status profile_surface_names(const char *dir, char ***names, int *count, struct err *e);
/* The file of that name, and whether it is the user's own. NOT_FOUND names the nearest one. */
enum status profile_surface_path(const char *dir, const char *name, char *path, size_t size, bool *own,
                                 struct err *e);
/* As profile_load_interface. */
enum status profile_load_surface(const char *path, struct surface_profile **p, struct err *e);
enum status profile_named_surface(const char *dir, const char *name, struct surface_profile **p,
                                  struct err *e);

#endif
