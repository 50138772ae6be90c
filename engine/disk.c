/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/disk.h"

#include <signal.h>
#include <unistd.h>

enum { IDLE_US = 2000 };

static void *
run(void *arg)
{
    struct disk *d = arg;

    while (!publish_count_get(&d->stop)) {
        bool busy = d->recorder && recorder_drain(d->recorder);

        busy |= d->player && player_fill(d->player);
        busy |= d->references && references_fill(d->references);
        if (!busy)
            usleep(IDLE_US);
    }
    return NULL;
}

enum status
disk_start(struct disk *d, struct player *player, struct recorder *recorder, struct references *references)
{
    sigset_t all, before;
    int result;

    d->player = player;
    d->recorder = recorder;
    d->references = references;
    publish_count_set(&d->stop, 0);
    sigfillset(&all); /* signals are the control thread's */
    pthread_sigmask(SIG_BLOCK, &all, &before);
    result = pthread_create(&d->thread, NULL, run, d);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    d->running = result == 0;
    return d->running ? OK : NO_MEM;
}

void
disk_stop(struct disk *d)
{
    if (!d->running)
        return;
    publish_count_set(&d->stop, 1);
    pthread_join(d->thread, NULL);
    d->running = false;
}
