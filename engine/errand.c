/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/errand.h"

static void *
go(void *arg)
{
    struct errand *e = arg;

    e->run(e->with);
    publish_count_add(&e->done, 1);
    return NULL;
}

enum status
errand_send(struct errand *e, void (*run)(void *), void *with)
{
    if (e->out)
        return UNAVAILABLE;
    e->run = run;
    e->with = with;
    e->out = pthread_create(&e->thread, NULL, go, e) == 0;
    return e->out ? OK : UNAVAILABLE;
}

bool
errand_is_out(const struct errand *e)
{
    return e->out;
}

bool
errand_wait(struct errand *e)
{
    if (!e->out)
        return false;
    pthread_join(e->thread, NULL);
    e->out = false;
    e->seen = publish_count_get(&e->done);
    return true;
}

bool
errand_back(struct errand *e)
{
    return e->out && publish_count_get(&e->done) != e->seen && errand_wait(e);
}
