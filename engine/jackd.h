/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jackd: a JACK server of our own: started for a profile, watched, stopped. Never one that we did not start.
 *
 * All functions belong to one thread, and that must live as long as the server shall: the kernel sends the
 * parent-death signal when the *thread* that started it ends. Take the main thread.
 */
#ifndef ENGINE_JACKD_H
#define ENGINE_JACKD_H

#include "dsp/dsp.h"
#include "engine/err.h"
#include "engine/profile.h"

#include <sys/types.h>

struct jackd {
    pid_t pid;       /* 0: none */
    int log_fd;      /* its output, a file in memory; 0 or less: none */
    char text[256];  /* "jackd -d alsa hw:USB, 48000 Hz, 128 x 2" */
    char words[256]; /* jackd_last_words' answer */
};

/* Spawns jackd (in its own process group, parent-death signal set, output kept) for server_name (NULL: default).
   Real-time where RLIMIT_RTPRIO allows. card NULL, or a dummy profile: the dummy backend. Returns at once: whether it answers is for the
   JACK client to find out. UNAVAILABLE when there is no jackd to run. */
enum status jackd_start(struct jackd *j, const char *server_name, const struct interface_profile *p,
                        const struct machine_card *card, struct err *e);
/* SIGTERM, at most 3 s, SIGKILL; reaps it, forgets its output. Harmless when none runs. */
void jackd_stop(struct jackd *j);
bool jackd_alive(struct jackd *j); /* reaps it when it has ended */
/* The most telling line at the end of what it printed, for an error message; "" if none. Also after its end, until
   jackd_stop or jackd_start. Never blocks. */
const char *jackd_last_words(struct jackd *j);

/* Path of the program that would be started, and the version it reports; false if there is none in PATH. */
bool jackd_find(char *path, size_t size);
bool jackd_version(const char *path, char *version, size_t size);

#endif
