/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile: what we know of the hardware, from hw-profiles (the only libcyaml, and libyaml under it for line numbers).
 *
 * How a file is written, and what each key means: hw-profiles/interfaces/generic.yaml.
 */
#ifndef ENGINE_PROFILE_H
#define ENGINE_PROFILE_H

#include "dsp/dsp.h"
#include "engine/err.h"
#include "engine/machine.h"

struct interface_profile;       /* fields are public below; made and freed by profile.c */

struct interface_channel {
    int index;                  /* zero-based hardware channel */
    char *label;                /* printed at the connector */
};

struct interface_role {
    char *role;                 /* "monitor_a", "monitor_b", "phones", "line_in", ... */
    int left, right;            /* zero-based hardware channel index; the same for a single loudspeaker */
};

struct interface_profile {
    char *name;                 /* file's name without .yaml: "focusrite-scarlett-18i20-3" */
    char *label;                /* "Focusrite Scarlett 18i20 (3rd gen)" */
    char **usb;                 /* "1235:8215" */
    unsigned usb_count;
    char **match;               /* words found in ALSA's names, any case, when no USB id fits */
    unsigned match_count;
    char *backend;              /* "alsa" or "dummy" */
    int rate_hz, period, nperiods;
    int playback_channels, capture_channels;    /* 0: as the card says */
    struct interface_channel *playback;
    unsigned playback_count;
    struct interface_channel *capture;
    unsigned capture_count;
    struct interface_role *outputs;
    unsigned outputs_count;
    struct interface_role *inputs;
    unsigned inputs_count;
    char **jack_args;           /* more words for jackd's backend */
    unsigned jack_args_count;
    char *source;               /* where the facts come from */
    char *notes;
};

/* Where hw-profiles is: given, else $DEADWAX_HW_PROFILES, else beside or above the program, else as installed
   (PREFIX/share/deadwax/hw-profiles). NOT_FOUND. */
enum status profile_dir(const char *given, char *dir, size_t size, struct err *e);
/* All names in dir/interfaces, sorted. dir, here and below: hw-profiles; NULL: profile_dir finds it. */
enum status profile_names(const char *dir, char ***names, int *count, struct err *e);
void profile_free_names(char **names, int count);

/* Errors are "FILE:LINE: what: mend". NOT_FOUND, BAD_ARG, NO_MEM. */
enum status profile_load_interface(const char *path, struct interface_profile **p, struct err *e);
void profile_free_interface(struct interface_profile *p);

/* By name in dir/interfaces. NOT_FOUND names the nearest one. */
enum status profile_named_interface(const char *dir, const char *name, struct interface_profile **p, struct err *e);
/* The best for what ALSA reports: USB id first, then names, then "generic" for any card with playback, then "dummy".
   HDMI, snd-dummy and snd-aloop cards only where there is nothing else. *card is the card meant, or NULL for dummy.
   A file that can't be read is passed over: OK then comes with its error in e, else with e->text empty. */
enum status profile_choose_interface(const char *dir, const struct machine_card *cards, int ncards,
                                     struct interface_profile **p, const struct machine_card **card,
                                     struct err *e);
/* The card that p describes, by the same rules; NULL: none is there. */
const struct machine_card *profile_card_for(const struct interface_profile *p, const struct machine_card *cards,
                                            int ncards);
/* Zero-based playback channels that the master goes to: role "monitor_a", else 0 and 1. */
void profile_monitor_channels(const struct interface_profile *p, int *left, int *right);

#endif
