/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/references.h"

#include "dsp/loudness.h"
#include "engine/soundfile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE = 4096,
    MESSAGES = 64,
    EARLY_MS = 500 /* a cue that far ahead of the transport is waited for */
};

/* --- the errand ------------------------------------------------------------------------------------- */

static enum status
measure(struct references_job *j, struct soundfile *s)
{
    static const char no_memory[] = "out of memory";
    struct loudness l;
    double *piece = malloc(sizeof *piece * PIECE * STEREO * 2), *planar[STEREO];
    enum status status = piece ? loudness_prepare(&l, soundfile_info(s)->rate_hz) : NO_MEM;

    if (status != OK) {
        free(piece);
        err_set(&j->e, "%s: %s", j->path, status == NO_MEM ? no_memory : "its rate is out of range");
        return status;
    }
    for (int c = 0; c < STEREO; c++)
        planar[c] = piece + (STEREO + c) * PIECE;
    for (int n; !publish_count_get(&j->stop) && (n = soundfile_read(s, piece, PIECE)) > 0;) {
        for (int i = 0; i < n * STEREO; i++)
            planar[i % STEREO][i / STEREO] = piece[i];
        loudness_process(&l, (const double *const *)planar, n);
    }
    j->lufs = loudness_integrated_lufs(&l);
    loudness_free(&l);
    free(piece);
    return OK;
}

static enum status
open_player(struct references_job *j)
{
    const char *path = j->path, *line;
    enum status status = player_open(&j->player, j->rate_hz, &path, 1);

    if (status != OK) {
        err_set(&j->e, "%s: out of memory", path);
        return status;
    }
    line = player_news(j->player);
    if (!line)
        return OK;
    err_set(&j->e, "%s", line);
    player_close(j->player);
    j->player = NULL;
    return IO_ERROR;
}

static void
load(void *with)
{
    struct references_job *j = with;
    struct soundfile *s;

    j->player = NULL;
    j->status = soundfile_open(&s, j->path, 0.0, 0, &j->e);
    if (j->status != OK)
        return;
    j->status = measure(j, s);
    soundfile_close(s);
    if (j->status == OK && !publish_count_get(&j->stop))
        j->status = open_player(j);
}

/* --- control thread --------------------------------------------------------------------------------- */

enum status
references_prepare(struct references *r, double rate_hz)
{
    size_t size = sizeof *r->memory * REFERENCES * STEREO * REFERENCES_BLOCK;

    memset(r, 0, sizeof *r);
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    r->rate_hz = rate_hz;
    r->memory = malloc(size);
    if (!r->memory || ring_prepare(&r->orders, sizeof(struct references_order), MESSAGES) != OK ||
        ring_prepare(&r->asks, sizeof(struct references_ask), MESSAGES) != OK ||
        ring_prepare(&r->returned, sizeof(struct player *), MESSAGES) != OK ||
        ring_prepare(&r->hands, sizeof(struct references_hand), MESSAGES) != OK ||
        ring_prepare(&r->given, sizeof(struct player *), MESSAGES) != OK) {
        references_free(r);
        return NO_MEM;
    }
    memset(r->memory, 0, size);
    for (int i = 0; i < REFERENCES; i++) {
        r->slot[i].done = true;
        r->slot[i].now = r->deck[i].now = (struct references_order){.which = i, .lufs = LOUDNESS_NONE_LUFS};
        r->deck[i].silent = REFERENCES_BLOCK;
        for (int c = 0; c < STEREO; c++)
            r->deck[i].sound[c] = r->memory + (i * STEREO + c) * REFERENCES_BLOCK;
    }
    return OK;
}

void
references_free(struct references *r)
{
    for (int i = 0; i < REFERENCES; i++) {
        publish_count_set(&r->slot[i].job.stop, 1);
        if (errand_wait(&r->slot[i].errand))
            player_close(r->slot[i].job.player);
    }
    for (int i = 0; i < REFERENCES_ALIVE; i++)
        player_close(r->alive[i]);
    ring_free(&r->orders);
    ring_free(&r->asks);
    ring_free(&r->returned);
    ring_free(&r->hands);
    ring_free(&r->given);
    free(r->memory);
    memset(r, 0, sizeof *r);
}

static struct player **
alive(struct references *r, const struct player *p)
{
    for (int i = 0; i < REFERENCES_ALIVE; i++)
        if (r->alive[i] == p)
            return &r->alive[i];
    return NULL;
}

void
references_want(struct references *r, int which, const char *path)
{
    struct references_slot *s = &r->slot[which];

    snprintf(s->wanted, sizeof s->wanted, "%s", path);
    s->done = !path[0];
    publish_count_set(&s->job.stop, 1);
    if (!path[0]) {
        s->now.player = NULL;
        s->now.lufs = LOUDNESS_NONE_LUFS;
        s->dirty = true;
    }
}

static void
cue(struct references_slot *s, int64_t position)
{
    uint32_t generation;

    if (!s->now.player)
        return;
    position = position < 0 ? 0 : position < s->now.length ? position : s->now.length - 1;
    generation = player_cue(s->now.player, 0, position, false);
    if (!generation) /* it can't be played any more, and that has been told */
        return;
    s->now.generation = generation;
    s->now.position = position;
    s->dirty = true;
}

static void
set_loop(const struct references_slot *s)
{
    if (s->now.player)
        player_loop(s->now.player, s->now.sync ? LOOP_OFF : LOOP_TRACK);
}

void
references_sync(struct references *r, int which, bool on)
{
    r->slot[which].now.sync = on;
    r->slot[which].dirty = true;
    set_loop(&r->slot[which]);
}

void
references_offset(struct references *r, int which, double seconds)
{
    r->slot[which].now.offset = llround(seconds * r->rate_hz);
    r->slot[which].dirty = true;
}

void
references_located(struct references *r, int64_t position)
{
    for (int i = 0; i < REFERENCES; i++)
        if (r->slot[i].now.sync)
            cue(&r->slot[i], position + r->slot[i].now.offset);
}

/* From the disk's hands it comes back once it reads it no more. */
static void
take_back(struct references *r)
{
    struct player *p;
    struct references_hand h = {.take = false};

    while (ring_read(&r->returned, &h.player, 1))
        ring_write(&r->hands, &h, 1); /* room for each that is alive, twice */
    while (ring_read(&r->given, &p, 1)) {
        *alive(r, p) = NULL;
        player_close(p);
    }
}

static void
answer_asks(struct references *r)
{
    struct references_ask a;

    while (ring_read(&r->asks, &a, 1))
        cue(&r->slot[a.which], a.position);
}

static void
send_orders(struct references *r)
{
    for (int i = 0; i < REFERENCES; i++)
        if (r->slot[i].dirty && ring_write(&r->orders, &r->slot[i].now, 1))
            r->slot[i].dirty = false;
}

/* The one that was there comes back by and by. */
static void
install(struct references *r, struct references_slot *s)
{
    struct references_hand h = {s->job.player, true};

    *alive(r, NULL) = s->job.player;
    ring_write(&r->hands, &h, 1);
    s->now.player = s->job.player;
    s->now.lufs = s->job.lufs;
    s->now.length = player_track(s->job.player, 0)->length;
    set_loop(s);
    cue(s, 0);
}

static bool
loaded(struct references *r, int which, struct references_news *n)
{
    struct references_slot *s = &r->slot[which];

    if (!errand_back(&s->errand))
        return false;
    if (s->done || strcmp(s->job.path, s->wanted) != 0 || publish_count_get(&s->job.stop)) {
        player_close(s->job.player); /* another one is wanted by now */
        return false;
    }
    s->done = true;
    *n = (struct references_news){.which = which, .loaded = s->job.status == OK, .lufs = LOUDNESS_NONE_LUFS};
    n->failed = !n->loaded;
    if (n->failed) {
        snprintf(n->text, sizeof n->text, "%s", s->job.e.text);
        s->now.player = NULL;
        s->now.lufs = LOUDNESS_NONE_LUFS;
        s->dirty = true;
        return true;
    }
    install(r, s);
    n->lufs = s->now.lufs;
    n->length_s = (double)s->now.length / r->rate_hz;
    snprintf(n->text, sizeof n->text, "%s", s->wanted);
    return true;
}

/* Places in the list of the living are kept for all errands that are out. */
static bool
is_room(const struct references *r)
{
    int room = 0;

    for (int i = 0; i < REFERENCES_ALIVE; i++)
        room += !r->alive[i];
    return room > REFERENCES;
}

static void
send_errand(struct references *r, struct references_slot *s)
{
    if (s->done || errand_is_out(&s->errand) || !is_room(r))
        return;
    snprintf(s->job.path, sizeof s->job.path, "%s", s->wanted);
    s->job.rate_hz = r->rate_hz;
    s->job.player = NULL;
    publish_count_set(&s->job.stop, 0);
    errand_send(&s->errand, load, &s->job); /* no thread to be had: at the next tick */
}

static bool
any_line(struct references *r, struct references_news *n)
{
    for (int i = 0; i < REFERENCES; i++) {
        struct references_slot *s = &r->slot[i];
        const char *line = s->now.player ? player_news(s->now.player) : NULL;

        if (line) {
            *n = (struct references_news){.which = i};
            snprintf(n->text, sizeof n->text, "%s", line);
            return true;
        }
    }
    return false;
}

bool
references_tick(struct references *r, struct references_news *n)
{
    bool news = false;

    take_back(r);
    answer_asks(r);
    for (int i = 0; i < REFERENCES && !news; i++) {
        news = loaded(r, i, n);
        if (!news)
            send_errand(r, &r->slot[i]);
    }
    send_orders(r);
    return news || any_line(r, n);
}

/* --- disk thread ------------------------------------------------------------------------------------ */

static void
take_hand(struct references *r, const struct references_hand *h)
{
    for (int i = 0; i < REFERENCES_ALIVE; i++)
        if (r->reading[i] == (h->take ? NULL : h->player)) {
            r->reading[i] = h->take ? h->player : NULL;
            break;
        }
    if (!h->take)
        ring_write(&r->given, &h->player, 1);
}

bool
references_fill(struct references *r)
{
    struct references_hand h;
    bool busy = false;

    while (ring_read(&r->hands, &h, 1))
        take_hand(r, &h);
    for (int i = 0; i < REFERENCES_ALIVE; i++)
        busy |= r->reading[i] && player_fill(r->reading[i]);
    return busy;
}

/* --- process thread --------------------------------------------------------------------------------- */

RT static void
give_back(struct references *r, struct player *p)
{
    if (p)
        ring_write(&r->returned, &p, 1); /* room for each that is alive */
}

RT static void
take_orders(struct references *r)
{
    struct references_order o;

    while (ring_read(&r->orders, &o, 1)) {
        struct references_deck *d = &r->deck[o.which];

        if (d->fresh && d->next.player != d->now.player && d->next.player != o.player)
            give_back(r, d->next.player); /* it never played */
        d->next = o;
        d->fresh = true;
    }
}

RT static void
ask(struct references *r, struct references_deck *d, int64_t position)
{
    struct references_ask a = {d->now.which, position};

    if (!d->asked)
        d->asked = ring_write(&r->asks, &a, 1) == 1;
}

RT static bool
is_playing(const struct references_deck *d, int64_t *position)
{
    bool playing;
    int track;

    player_where(d->now.player, &track, position, &playing);
    return playing;
}

/* One that is heard first fades out. False: it still does. */
RT static bool
renew(struct references *r, struct references_deck *d)
{
    int64_t position;

    if (d->now.player != d->next.player) {
        if (d->now.player && d->runs && is_playing(d, &position)) {
            player_stop(d->now.player);
            return false;
        }
        give_back(r, d->now.player);
        d->number = d->next.player ? ++d->files : 0;
    }
    if (d->now.player != d->next.player || d->now.generation != d->next.generation)
        d->begun = d->over = d->asked = false;
    d->now = d->next;
    d->fresh = false;
    return true;
}

/* Can the newest cue still, or soon, give the frame that is wanted? Else it must be cued anew. */
RT static bool
in_reach(const struct references *r, const struct references_deck *d, int64_t want, int64_t at)
{
    int64_t ahead = (int64_t)(r->rate_hz * (PLAYER_AHEAD_MS - PLAYER_READY_MS - EARLY_MS) / 1000);
    int64_t early = d->begun ? 0 : (int64_t)(r->rate_hz * EARLY_MS / 1000);
    int64_t from = d->begun ? at : d->now.position;

    if (d->over || !d->now.generation)
        return false;
    return want - from < ahead && (from - want <= early || (from == 0 && want < 0));
}

RT static void
follow(struct references *r, struct references_deck *d, uint64_t frame)
{
    int64_t want = r->clock.position + (int64_t)(frame - r->clock.frame) + d->now.offset, at;
    bool playing = is_playing(d, &at);

    if (!r->clock.playing || want >= d->now.length) {
        player_stop(d->now.player);
        return;
    }
    if (playing && at == want)
        return;
    if (playing)
        player_stop(d->now.player);
    else if (in_reach(r, d, want, at))
        player_follow(d->now.player, d->now.generation, want, frame);
    else
        ask(r, d, want < 0 ? 0 : want);
}

RT static void
hear(struct references_deck *d)
{
    struct player_notice n;

    while (player_notice(d->now.player, &n)) {
        if (n.kind == PLAYER_BEGAN)
            d->begun = true;
        if (n.kind == PLAYER_ENDED)
            d->over |= !n.faded && !n.dry;
    }
}

RT static void
silence(struct references_deck *d, int at, int nframes)
{
    if (d->silent >= at + nframes)
        return;
    for (int c = 0; c < STEREO; c++)
        memset(d->sound[c] + at, 0, sizeof(double) * (size_t)nframes);
    if (d->silent >= at)
        d->silent = at + nframes;
}

/* Frames from .. to - 1 of the span that begins at `frame`. */
RT static void
deck_process(struct references *r, struct references_deck *d, bool chosen, bool heard, uint64_t frame,
             int from, int to)
{
    double *out[STEREO] = {d->sound[0] + from, d->sound[1] + from};
    bool steady = !d->fresh || renew(r, d);

    d->runs = d->now.player && (d->now.sync ? chosen : heard);
    if (!d->runs) {
        silence(d, from, to - from);
        return;
    }
    if (steady && d->now.sync)
        follow(r, d, frame + (uint64_t)from);
    else if (steady && d->over)
        ask(r, d, 0);
    else if (steady)
        player_play(d->now.player, d->now.generation);
    player_process(d->now.player, out, to - from, frame + (uint64_t)from);
    d->silent = d->silent < from ? d->silent : from;
    hear(d);
}

RT void
references_transport(struct references *r, const struct player_notice *n)
{
    if (r->nevents < REFERENCES_EVENTS)
        r->event[r->nevents++] = (struct references_clock){n->kind == PLAYER_BEGAN, n->frame, n->position};
}

RT static void
decks_process(struct references *r, struct references_demand d, uint64_t frame, int from, int to)
{
    for (int i = 0; from < to && i < REFERENCES; i++)
        deck_process(r, &r->deck[i], d.chosen >> i & 1, d.heard >> i & 1, frame, from, to);
}

RT void
references_process(struct references *r, struct references_demand d, uint64_t frame, int nframes)
{
    int at = 0;

    take_orders(r);
    for (int k = 0; k < r->nevents; k++) {
        int64_t ahead = (int64_t)(r->event[k].frame - frame);
        int to = ahead < at ? at : ahead < nframes ? (int)ahead : nframes;

        decks_process(r, d, frame, at, to);
        r->clock = r->event[k];
        at = to;
    }
    r->nevents = 0;
    decks_process(r, d, frame, at, nframes);
}

RT const double *const *
references_sound(const struct references *r, int which)
{
    return (const double *const *)r->deck[which].sound;
}

RT uint32_t
references_number(const struct references *r, int which)
{
    return r->deck[which].number;
}

RT double
references_lufs(const struct references *r, int which)
{
    return r->deck[which].now.lufs;
}
