/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contenders: on the control thread's side of the comparison (compare.h): settings by name go to the places that name
 * them, when the choice changes and when what stands behind a name does.
 */
#ifndef ENGINE_CONTENDERS_H
#define ENGINE_CONTENDERS_H

#include "engine/compare.h"
#include "engine/params.h"

struct contenders {
    int id_named;
    struct contenders_place {
        int id, which;              /* the row, and its value as last looked at */
        char name[PARAM_TEXT_SIZE]; /* of its settings */
        bool sent;                  /* process has the offer, */
        bool fresh;                 /* and it is what stands behind the name */
        struct compare_offer offer;
    } place[COMPARE_PLACES];
};

struct engine;

/* A new process knows of none. */
void contenders_begin(struct engine *g);
/* Each engine tick. */
void contenders_tick(struct engine *g);
/* Some settings have been stored, renamed or removed: who hears them gets them anew. */
void contenders_renew(struct engine *g);

#endif
