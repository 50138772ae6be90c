/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/loop.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { READY = 32 }; /* told in one go; the rest comes next time */

struct watch {
    int fd;         /* -1: free */
    uint32_t watch; /* which it is, of all that ever were: a closed descriptor's number comes again */
    loop_hand *hand;
    void *context;
};

struct loop {
    int epoll;
    uint32_t watches; /* ever */
    struct watch watch[LOOP_WATCHES];
};

enum status
loop_open(struct loop **loop)
{
    struct loop *l = calloc(1, sizeof *l);

    *loop = NULL;
    if (!l)
        return NO_MEM;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0) {
        free(l);
        return UNAVAILABLE;
    }
    for (int i = 0; i < LOOP_WATCHES; i++)
        l->watch[i].fd = -1;
    *loop = l;
    return OK;
}

void
loop_close(struct loop *l)
{
    if (!l)
        return;
    close(l->epoll);
    free(l);
}

static struct watch *
find(struct loop *l, int fd)
{
    for (int i = 0; i < LOOP_WATCHES; i++)
        if (l->watch[i].fd == fd)
            return &l->watch[i];
    return NULL;
}

/* A number that is known may have been closed without our knowing: the system has forgotten it then. */
static bool
ask_for(struct loop *l, bool known, int fd, struct epoll_event event)
{
    return (known && epoll_ctl(l->epoll, EPOLL_CTL_MOD, fd, &event) == 0) ||
           epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool
loop_watch(struct loop *l, int fd, bool writable, loop_hand *hand, void *context)
{
    struct epoll_event event = {.events = EPOLLIN | (writable ? EPOLLOUT : 0)};
    struct watch *w = fd >= 0 ? find(l, fd) : NULL;
    bool known = w != NULL;

    if (!known && fd >= 0)
        w = find(l, -1);
    if (!w)
        return false;
    event.data.u64 = (uint64_t)++l->watches << 32 | (uint32_t)fd;
    if (!ask_for(l, known, fd, event))
        return false;
    *w = (struct watch){fd, l->watches, hand, context};
    return true;
}

void
loop_forget(struct loop *l, int fd)
{
    struct watch *w = fd >= 0 ? find(l, fd) : NULL;

    if (!w)
        return;
    w->fd = -1;
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* One that an earlier hand of this turn forgot is not called, and nobody else who has its number now. */
void
loop_wait(struct loop *l, int timeout_ms)
{
    struct epoll_event event[READY];
    int n = epoll_wait(l->epoll, event, READY, timeout_ms);

    for (int i = 0; i < n; i++) {
        struct watch *w = find(l, (int)(uint32_t)event[i].data.u64);

        if (w && w->watch == event[i].data.u64 >> 32)
            w->hand(w->context, w->fd);
    }
}
