/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk: the thread that reads ahead for the player and the references, and writes behind for the recorder.
 */
#ifndef ENGINE_DISK_H
#define ENGINE_DISK_H

#include "engine/player.h"
#include "engine/publish.h"
#include "engine/recorder.h"
#include "engine/references.h"

#include <pthread.h>

struct disk {
    pthread_t thread;
    bool running;
    struct publish_count stop;
    struct player *player;         /* not ours; NULL: none */
    struct recorder *recorder;     /* not ours; NULL: none */
    struct references *references; /* not ours; NULL: none */
};

enum status disk_start(struct disk *d, struct player *player, struct recorder *recorder,
                       struct references *references);
void disk_stop(struct disk *d); /* harmless when it does not run */

#endif
