/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/outboard.h"

#include <stdlib.h>
#include <string.h>

enum status
outboard_prepare(struct outboard *o, double rate_hz)
{
    float **part[] = {&o->sent[0], &o->sent[1], &o->back[0], &o->back[1]};

    *o = (struct outboard){.rate_hz = rate_hz, .until = (int)(rate_hz * OUTBOARD_WATCH_S)};
    o->signal = calloc(PING_FRAMES + LEN(part) * PING_SPAN, sizeof *o->signal);
    if (!o->signal)
        return NO_MEM;
    for (size_t i = 0; i < LEN(part); i++)
        *part[i] = o->signal + PING_FRAMES + i * PING_SPAN;
    ping_signal(o->signal);
    return OK;
}

void
outboard_free(struct outboard *o)
{
    free(o->signal);
    *o = (struct outboard){0};
}

/* --- process thread --------------------------------------------------------------------------------- */

RT static int
frames_of(const struct outboard *o, int ms)
{
    return (int)(o->rate_hz * ms / 1000);
}

RT static void
go_to(struct outboard *o, enum outboard_state state, int frames)
{
    o->state = state;
    o->left = frames;
}

/* Has control done with what was kept? */
RT static bool
is_free(const struct outboard *o)
{
    return publish_count_get(&o->taken) == o->told;
}

RT void
outboard_ping(struct outboard *o)
{
    if ((o->state == OUTBOARD_IDLE || o->state == OUTBOARD_WATCH) && is_free(o))
        go_to(o, OUTBOARD_QUIET, frames_of(o, OUTBOARD_QUIET_MS));
}

RT bool
outboard_holds(const struct outboard *o)
{
    return o->state == OUTBOARD_QUIET || o->state == OUTBOARD_PING || o->state == OUTBOARD_REST;
}

/* at: where in the span that is kept. */
RT static void
keep(struct outboard *o, float *const *send, const float *const *ret, int at, int from, int n)
{
    for (int c = 0; c < STEREO; c++) {
        memcpy(o->sent[c] + at, send[c] + from, sizeof(float) * (size_t)n);
        if (ret[c])
            memcpy(o->back[c] + at, ret[c] + from, sizeof(float) * (size_t)n);
        else
            memset(o->back[c] + at, 0, sizeof(float) * (size_t)n);
    }
}

/* The test signal on both sides, or silence when it is over. */
RT static void
replace(const struct outboard *o, float *const *send, int at, int from, int n)
{
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < n; i++)
            send[c][from + i] = at >= 0 && at + i < PING_FRAMES ? o->signal[at + i] : 0.0f;
}

RT static enum outboard_news
tell(struct outboard *o, enum outboard_news news)
{
    o->told++;
    o->until = frames_of(o, OUTBOARD_WATCH_S * 1000);
    return news;
}

/* The state's frames have run out. */
RT static enum outboard_news
next(struct outboard *o)
{
    switch (o->state) {
    case OUTBOARD_IDLE: break;
    case OUTBOARD_QUIET: go_to(o, OUTBOARD_PING, PING_SPAN); break;
    case OUTBOARD_PING: go_to(o, OUTBOARD_REST, INSERT_LONGEST); return tell(o, OUTBOARD_PINGED);
    case OUTBOARD_REST: go_to(o, OUTBOARD_IDLE, 0); break;
    case OUTBOARD_WATCH: go_to(o, OUTBOARD_IDLE, 0); return tell(o, OUTBOARD_WATCHED);
    }
    return OUTBOARD_NOTHING;
}

/* While the programme is out again its ping's tail must be over: QUIET sends silence, REST the programme. */
RT static void
part(struct outboard *o, float *const *send, const float *const *ret, int from, int n)
{
    int at = PING_SPAN - o->left;

    if (o->state == OUTBOARD_QUIET)
        replace(o, send, -1, from, n);
    if (o->state == OUTBOARD_PING)
        replace(o, send, at, from, n);
    if (o->state == OUTBOARD_PING || o->state == OUTBOARD_WATCH)
        keep(o, send, ret, at, from, n);
}

RT enum outboard_news
outboard_process(struct outboard *o, float *const *send, const float *const *ret, bool on, int nframes)
{
    enum outboard_news news = OUTBOARD_NOTHING;

    if (o->state == OUTBOARD_IDLE && on && (o->until -= nframes) <= 0 && is_free(o))
        go_to(o, OUTBOARD_WATCH, PING_SPAN);
    if (o->state == OUTBOARD_WATCH && !on)
        go_to(o, OUTBOARD_IDLE, 0);
    for (int done = 0, n; done < nframes && o->state != OUTBOARD_IDLE; done += n) {
        n = nframes - done < o->left ? nframes - done : o->left;
        part(o, send, ret, done, n);
        o->left -= n;
        if (o->left == 0) {
            enum outboard_news more = next(o);

            news = more != OUTBOARD_NOTHING ? more : news;
        }
    }
    return news;
}

/* --- control thread --------------------------------------------------------------------------------- */

void
outboard_measure(struct outboard *o, struct ping *p, struct ping_result *r)
{
    ping_measure(p, o->sent[0], o->back[0], r);
    if (!r->found)
        ping_measure(p, o->sent[1], o->back[1], r);
}

void
outboard_taken(struct outboard *o)
{
    publish_count_add(&o->taken, 1);
}
