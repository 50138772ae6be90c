/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * errand: one piece of slow work (a file to be read through) on a thread of its own, for the control thread, which
 * looks now and then whether it is done.
 */
#ifndef ENGINE_ERRAND_H
#define ENGINE_ERRAND_H

#include "engine/publish.h"

#include <pthread.h>

struct errand { /* all zero: none is out */
    pthread_t thread;
    bool out;
    struct publish_count done; /* errands that came back */
    uint64_t seen;
    void (*run)(void *);
    void *with;
};

/* with belongs to the errand until errand_back says true. UNAVAILABLE: one is out, or there is no thread to be had. */
enum status errand_send(struct errand *e, void (*run)(void *), void *with);
bool errand_is_out(const struct errand *e);
/* Has it come back? True once for each that was sent. */
bool errand_back(struct errand *e);
/* Waits for it. False: none was out. */
bool errand_wait(struct errand *e);

#endif
