/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/clients.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A client's subscriptions are kept as they were asked for; what follows from
 * them for each row (period_ns, the shortest of those around it) is worked out
 * anew when one comes or goes, not when it is renewed.
 */

struct row {
    uint64_t mark;     /* last told to the client */
    int64_t next_ns;   /* not told before */
    int64_t hold_ns;   /* held until */
    int64_t told_ns;   /* the last time, or again */
    int64_t period_ns; /* 0: not subscribed */
    bool known;        /* mark is valid */
    bool asked;
    bool listened;       /* without a lease */
    unsigned char again; /* times to tell the same again */
};

struct subscription {
    char prefix[CLIENTS_PREFIX_SIZE];
    int64_t until_ns, period_ns;
};

struct client {
    char name[CLIENTS_NAME_SIZE]; /* "": a free place */
    struct subscription sub[CLIENTS_PREFIXES];
    int nsubs;
    int64_t seen_ns; /* last subscribed, renewed or asked */
    int nasked, nlistened;
    bool follows; /* its one subscription was not asked for */
    bool lossy;
    struct row *rows;
};

struct clients {
    const struct clients_rows *rows;
    struct client client[CLIENTS_MAX];
};

static double
clamp(double x, double min, double max)
{
    return x >= min ? (x <= max ? x : max) : min; /* NaN gives min */
}

/* --- coming and going -------------------------------------------------------------------------- */

static void
leave(struct client *k)
{
    free(k->rows);
    memset(k, 0, sizeof *k);
}

enum worth { GUEST, FOLLOWER, SUBSCRIBER };

static enum worth
worth(const struct client *k)
{
    return k->follows ? FOLLOWER : k->nsubs || k->nlistened ? SUBSCRIBER : GUEST;
}

static bool
worth_less(const struct client *a, const struct client *b)
{
    return worth(a) != worth(b) ? worth(a) < worth(b) : a->seen_ns < b->seen_ns;
}

/* A free place, or that of whoever is worth least; NULL when that is more than who comes. */
static struct client *
place(struct clients *c, enum worth comes)
{
    struct client *least = &c->client[0];

    for (int i = 0; i < CLIENTS_MAX; i++) {
        if (!c->client[i].name[0])
            return &c->client[i];
        if (worth_less(&c->client[i], least))
            least = &c->client[i];
    }
    if (worth(least) > comes)
        return NULL;
    leave(least);
    return least;
}

static int
join(struct clients *c, const char *name, enum worth comes)
{
    int i = clients_find(c, name);
    struct row *rows;
    struct client *k;

    if (i >= 0)
        return i;
    if (!*name || strlen(name) >= CLIENTS_NAME_SIZE)
        return -1;
    rows = calloc((size_t)c->rows->count + 1, sizeof *rows);
    k = rows ? place(c, comes) : NULL;
    if (!k) {
        free(rows);
        return -1;
    }
    k->rows = rows;
    snprintf(k->name, sizeof k->name, "%s", name);
    return (int)(k - c->client);
}

enum status
clients_open(struct clients **c, const struct clients_rows *rows)
{
    *c = calloc(1, sizeof **c);
    if (!*c)
        return NO_MEM;
    (*c)->rows = rows;
    return OK;
}

void
clients_close(struct clients *c)
{
    if (!c)
        return;
    for (int i = 0; i < CLIENTS_MAX; i++)
        leave(&c->client[i]);
    free(c);
}

int
clients_count(const struct clients *c)
{
    int n = 0;

    for (int i = 0; i < CLIENTS_MAX; i++)
        n += c->client[i].name[0] != '\0';
    return n;
}

int
clients_find(const struct clients *c, const char *name)
{
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (c->client[i].name[0] && strcmp(c->client[i].name, name) == 0)
            return i;
    return -1;
}

const char *
clients_name(const struct clients *c, int client)
{
    return c->client[client].name[0] ? c->client[client].name : NULL;
}

/* --- subscriptions ----------------------------------------------------------------------------- */

static int64_t
shortest_period(const struct clients *c, const struct client *k, int row)
{
    int64_t period = k->rows[row].listened ? llround(1e9 / CLIENTS_RATE_MAX_HZ) : 0;

    for (int i = 0; i < k->nsubs; i++)
        if ((!period || k->sub[i].period_ns < period) &&
            c->rows->inside(c->rows->context, row, k->sub[i].prefix))
            period = k->sub[i].period_ns;
    return period;
}

static void
work_out_period(struct clients *c, struct client *k, int row)
{
    struct row *r = &k->rows[row];
    int64_t period = shortest_period(c, k, row);

    if (period && period < r->period_ns)
        r->next_ns = 0; /* the old, longer wait is off */
    r->period_ns = period;
    if (period)
        return;
    r->known = false; /* what it hears of us is not all any more */
    r->again = 0;
}

static void
work_out_periods(struct clients *c, struct client *k)
{
    for (int i = 0; i < c->rows->count; i++)
        work_out_period(c, k, i);
}

static struct subscription *
find_subscription(struct client *k, const char *prefix)
{
    for (int i = 0; i < k->nsubs; i++)
        if (strcmp(k->sub[i].prefix, prefix) == 0)
            return &k->sub[i];
    return NULL;
}

static void
drop_subscription(struct client *k, int i)
{
    k->sub[i] = k->sub[--k->nsubs];
    k->follows = false;
}

/* It has said what it wants. */
static void
stop_following(struct clients *c, struct client *k)
{
    if (!k->follows)
        return;
    drop_subscription(k, 0);
    work_out_periods(c, k);
}

static void
tell_anew(struct clients *c, struct client *k, const char *prefix)
{
    for (int i = 0; i < c->rows->count; i++)
        if (c->rows->inside(c->rows->context, i, prefix))
            k->rows[i].known = false;
}

int
clients_subscribe(struct clients *c, const char *name, const char *prefix, double lease_s, double rate_hz,
                  int64_t now_ns)
{
    int64_t period = llround(1e9 / clamp(rate_hz, CLIENTS_RATE_MIN_HZ, CLIENTS_RATE_MAX_HZ));
    struct subscription *s;
    struct client *k;
    int i;

    if (strlen(prefix) >= CLIENTS_PREFIX_SIZE)
        return -1;
    i = join(c, name, SUBSCRIBER);
    if (i < 0)
        return -1;
    k = &c->client[i];
    stop_following(c, k);
    s = find_subscription(k, prefix);
    if (!s) {
        if (k->nsubs == CLIENTS_PREFIXES)
            return -1;
        s = &k->sub[k->nsubs++];
        *s = (struct subscription){.period_ns = 0};
        snprintf(s->prefix, sizeof s->prefix, "%s", prefix);
        tell_anew(c, k, prefix);
    }
    s->until_ns = now_ns + llround(1e9 * clamp(lease_s, CLIENTS_LEASE_MIN_S, CLIENTS_LEASE_MAX_S));
    k->seen_ns = now_ns;
    if (s->period_ns != period) {
        s->period_ns = period;
        work_out_periods(c, k);
    }
    return i;
}

int
clients_follow(struct clients *c, const char *name, int64_t now_ns)
{
    int i = join(c, name, FOLLOWER);
    struct client *k;

    if (i < 0)
        return -1;
    k = &c->client[i];
    if (worth(k) == SUBSCRIBER)
        return i;
    if (!k->follows) {
        k->sub[0] = (struct subscription){CLIENTS_CONTROLS, .period_ns = llround(1e9 / CLIENTS_RATE_MAX_HZ)};
        k->nsubs = 1;
        k->follows = true;
        work_out_periods(c, k);
    }
    k->seen_ns = now_ns;
    k->sub[0].until_ns = now_ns + llround(1e9 * CLIENTS_FOLLOW_S);
    return i;
}

bool
clients_follows(const struct clients *c, int client)
{
    return c->client[client].follows;
}

bool
clients_rename(struct clients *c, int client, const char *name)
{
    if (!*name || strlen(name) >= CLIENTS_NAME_SIZE || clients_find(c, name) >= 0)
        return false;
    snprintf(c->client[client].name, CLIENTS_NAME_SIZE, "%s", name);
    return true;
}

void
clients_lossy(struct clients *c, int client, bool lossy)
{
    c->client[client].lossy = lossy;
}

bool
clients_heard(const struct clients *c, int row)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        const struct client *k = &c->client[i];

        if (k->name[0] && (k->rows[row].period_ns || k->rows[row].asked))
            return true;
    }
    return false;
}

void
clients_unsubscribe(struct clients *c, int client, const char *prefix)
{
    struct client *k = &c->client[client];

    for (int i = k->nsubs - 1; i >= 0; i--)
        if (!prefix || strcmp(k->sub[i].prefix, prefix) == 0)
            drop_subscription(k, i);
    work_out_periods(c, k);
}

int
clients_listen(struct clients *c, const char *name, int row, bool on, int64_t now_ns)
{
    int i = join(c, name, SUBSCRIBER);
    struct client *k;

    if (i < 0)
        return -1;
    k = &c->client[i];
    stop_following(c, k);
    k->seen_ns = now_ns;
    if (k->rows[row].listened == on)
        return i;
    k->nlistened += on ? 1 : -1;
    k->rows[row].listened = on;
    k->rows[row].known = false;
    work_out_period(c, k, row);
    return i;
}

void
clients_leave(struct clients *c, int client)
{
    leave(&c->client[client]);
}

int
clients_guest(struct clients *c, const char *name, int64_t now_ns)
{
    int i = join(c, name, GUEST);

    if (i >= 0 && worth(&c->client[i]) == GUEST)
        c->client[i].seen_ns = now_ns;
    return i;
}

void
clients_ask(struct clients *c, int client, int row)
{
    struct client *k = &c->client[client];

    if (!k->rows[row].asked)
        k->nasked++;
    k->rows[row].asked = true;
}

static void
expire(struct clients *c, struct client *k, int64_t now_ns)
{
    int before = k->nsubs;

    for (int i = k->nsubs - 1; i >= 0; i--)
        if (k->sub[i].until_ns <= now_ns)
            drop_subscription(k, i);
    if (k->nsubs != before)
        work_out_periods(c, k);
    if (!k->nsubs && !k->nasked && !k->nlistened)
        leave(k);
}

void
clients_expire(struct clients *c, int64_t now_ns)
{
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (c->client[i].name[0])
            expire(c, &c->client[i], now_ns);
}

/* --- telling ----------------------------------------------------------------------------------- */

void
clients_hold(struct clients *c, int client, int row, int64_t now_ns)
{
    struct row *r = &c->client[client].rows[row];

    r->known = false;
    r->again = 0;
    r->hold_ns = now_ns + CLIENTS_REST_NS;
}

void
clients_assume(struct clients *c, int client, int row, uint64_t mark)
{
    struct row *r = &c->client[client].rows[row];

    if (!r->period_ns || r->hold_ns)
        return;
    r->mark = mark;
    r->known = true;
}

/* Rested, and told long enough ago? */
static bool
is_time_again(const struct clients *c, const struct row *r, int row, int64_t now_ns)
{
    int64_t still_ns = c->rows->reading[row] ? CLIENTS_READING_STILL_NS : CLIENTS_STILL_NS;

    return r->again && now_ns - r->told_ns >= CLIENTS_AGAIN_NS &&
           now_ns - c->rows->changed_ns[row] >= still_ns;
}

static bool
is_turn(const struct clients *c, const struct row *r, int row, enum clients_turn turn, int64_t now_ns)
{
    if (turn == TURN_NEW && r->asked)
        return true;
    if (!r->period_ns || now_ns < r->hold_ns)
        return false;
    if (!r->known)
        return turn == TURN_NEW;
    if (turn == TURN_AGAIN)
        return is_time_again(c, r, row, now_ns);
    return now_ns >= r->next_ns && turn == (c->rows->reading[row] ? TURN_READING : TURN_MOVED);
}

int
clients_next(const struct clients *c, int client, enum clients_turn turn, int from, int64_t now_ns)
{
    const struct row *rows = c->client[client].rows;

    for (int i = from; i < c->rows->count; i++)
        if (is_turn(c, &rows[i], i, turn, now_ns))
            return i;
    return -1;
}

bool
clients_wants(const struct clients *c, int client, enum clients_turn turn, int row, uint64_t mark)
{
    const struct row *r = &c->client[client].rows[row];

    if (turn == TURN_AGAIN)
        return r->mark == mark;
    return r->asked || !r->known || r->mark != mark;
}

/* The row's own grid is kept to, so that the caller's ticks do not lower the rate. */
static void
set_next(struct row *r, int64_t now_ns)
{
    if (now_ns < r->next_ns) /* an answer between two of its times */
        return;
    r->next_ns = now_ns - r->next_ns < r->period_ns ? r->next_ns + r->period_ns : now_ns + r->period_ns;
}

void
clients_told(struct clients *c, int client, int row, uint64_t mark, int64_t now_ns)
{
    struct client *k = &c->client[client];
    struct row *r = &k->rows[row];

    r->told_ns = now_ns;
    if (r->asked || !r->known || r->mark != mark) {
        r->again = k->lossy && r->period_ns ? CLIENTS_AGAIN : 0;
        set_next(r, now_ns);
    } else if (r->again) {
        r->again--;
    }
    if (r->asked)
        k->nasked--;
    r->asked = false;
    r->mark = mark;
    r->known = r->period_ns != 0;
}

bool
allowance_take(struct allowance *a, double rate_hz, double burst, int64_t now_ns)
{
    if (!a->at_ns && !a->left)
        a->left = burst;
    a->left = fmin(burst, a->left + rate_hz * fmax(0.0, (double)(now_ns - a->at_ns) * 1e-9));
    a->at_ns = now_ns ? now_ns : 1;
    if (a->left < 1.0)
        return false;
    a->left -= 1.0;
    return true;
}
