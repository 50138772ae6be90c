/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guests: the hosts that are paired, as a list, and as a file that is replaced as a whole.
 *
 * Who can write the file can let in whom they like: one that others can write is an error, as is one that makes no
 * sense; so nobody is let in by accident and nobody forgotten.
 */
#ifndef CONTROL_GUESTS_H
#define CONTROL_GUESTS_H

#include "control/clients.h"
#include "control/door.h"

enum { GUESTS_DATE = 16, GUESTS_HASH = 32 };

struct guest_token {
    unsigned char hash[GUESTS_HASH]; /* SHA-256 of it */
};

struct guest {
    struct address at;
    char name[DOOR_NAME_SIZE], date[GUESTS_DATE];
    struct guest_token token[DOOR_TOKENS]; /* the oldest first */
    int ntokens;
    struct allowance packets; /* not in the file */
};

struct guests {
    struct guest guest[DOOR_HOSTS];
    int n;
};

/* One host more, or another token of one that is in; or some fewer. */
struct guests_change {
    bool adds;
    struct guest guest;       /* with a name that is clean, and one token or none */
    char who[DOOR_NAME_SIZE]; /* to be dropped: a name, a host, "*" */
};

bool guests_parse_host(const char *text, struct address *a);
struct guest *guests_find(const struct guest *guest, int n, const struct address *from);
/* Nothing in it can steer a terminal, begin a comment, end a line of the file or an item of the list. */
void guests_clean_name(const struct address *from, const char *name, char out[DOOR_NAME_SIZE]);
void guests_hash(const char *token, struct guest_token *t);

/* False: there is no room for one more, or nobody to drop. */
bool guests_apply(struct guests *g, const struct guests_change *c);

/* No file is one with nobody in it. BAD_ARG, IO_ERROR. */
enum status guests_read(const char *path, struct guests *g, struct err *e);
/* On the disk when it returns. IO_ERROR: what was there is there still. */
enum status guests_write(const char *path, const struct guests *g, struct err *e);

#endif
