/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * interface: the profile of a sound card, read from its file and checked.
 */
#ifndef ENGINE_INTERFACE_H
#define ENGINE_INTERFACE_H

#include "dsp/dsp.h"
#include "engine/err.h"

struct interface_channel {
    int index;   /* zero-based hardware channel */
    char *label; /* printed at the connector */
};

struct interface_role {
    char *role;      /* "monitor_a", "monitor_b", "phones", "line_in", ... */
    int left, right; /* zero-based hardware channel index; the same for a single loudspeaker */
};

struct interface_profile {
    char *name;  /* file's name without .yaml: "focusrite-scarlett-18i20-3" */
    char *label; /* "Focusrite Scarlett 18i20 (3rd gen)" */
    char **usb;  /* "1235:8215" */
    unsigned usb_count;
    char **match; /* words found in ALSA's names, any case, when no USB id fits */
    unsigned match_count;
    char *backend; /* "alsa" or "dummy" */
    int rate_hz, period, nperiods;
    int playback_channels, capture_channels; /* 0: as the card says */
    struct interface_channel *playback;
    unsigned playback_count;
    struct interface_channel *capture;
    unsigned capture_count;
    struct interface_role *outputs;
    unsigned outputs_count;
    struct interface_role *inputs;
    unsigned inputs_count;
    char **jack_args; /* more words for jackd's backend */
    unsigned jack_args_count;
    char **remotes; /* addresses of hosts that may look and move without being paired */
    unsigned remotes_count;
    char *source; /* where the facts come from */
    char *notes;
};

struct faults;

/* All but the name, which belongs to the folder (profile.h). faults may be NULL: each thing that is wrong, with its line;
   e has the first, "FILE:LINE: what: mend". NOT_FOUND, BAD_ARG, NO_MEM. */
enum status interface_load(const char *path, struct interface_profile **p, struct faults *faults,
                           struct err *e);
/* The same of a text; name is what its lines are called by. */
enum status interface_read(const char *name, const void *text, size_t size, struct interface_profile **p,
                           struct faults *faults, struct err *e);
void interface_free(struct interface_profile *p); /* and its name; NULL is harmless */

#endif
