/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/door.h"

#include "control/clients.h"
#include "control/guests.h"
#include "engine/errand.h"
#include "engine/folder.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

/*
 * Two lists of hosts with a bucket each: those that are in, which nobody can push out, and the last STRANGERS others,
 * where a new one takes the place of whoever was quiet longest. Who sends from made-up addresses has new buckets for
 * ever, so all strangers share one more.
 *
 * A change is made to the list in memory at once, and then by an errand to the file's, one after the other: read, changed,
 * written, as another host of this user, or a person, may have written it. `in` is always `known`, which is what the
 * file said last, with the changes that are on their way. A pairing that fails is taken back; a revocation stays, and
 * is tried again.
 *
 * What is compared with a secret takes as long whether it is right or wrong, wherever the first difference is.
 */
enum { STRANGERS = 64, DIGITS = 8, TOKEN_BYTES = 16, CHANGES = DOOR_HOSTS + 8, RETRY_S = 5 };

struct stranger {
    struct address at;
    int64_t seen_ns; /* 0: a free place */
    struct allowance packets;
};

struct work { /* the errand's while it is out */
    char path[FOLDER_PATH];
    struct guests_change change;
    bool changes, changed; /* or does it but read? And did that change anything? */
    struct guests guests;
    enum status status;
    struct err err;
};

struct door {
    char path[FOLDER_PATH]; /* "": nothing is remembered */
    struct guests in, known;
    struct guest listed[DOOR_LISTED];
    int nlisted;

    struct errand errand;
    struct work work;
    struct guests_change change[CHANGES]; /* on their way, the oldest first */
    int nchanges;
    bool reads; /* the file is to be read before anything else */
    int64_t retry_ns;
    struct err failed; /* told last; "": all is well */

    struct stranger stranger[STRANGERS];
    struct allowance strangers, tries_pace;

    char code[DIGITS + 1], shown[DOOR_CODE_SIZE]; /* "": closed */
    int64_t until_ns;
    int tries; /* left */
    struct door_counts counts;
};

static struct guest *
host_in(const struct door *d, const struct address *from)
{
    struct guest *h = guests_find(d->in.guest, d->in.n, from);

    return h ? h : guests_find(d->listed, d->nlisted, from);
}

/* --- secrets ------------------------------------------------------------------------------------- */

static bool
same_bytes(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    unsigned char differs = 0;

    for (size_t i = 0; i < n; i++)
        differs |= x[i] ^ y[i];
    return differs == 0;
}

static bool
draw(void *out, size_t n)
{
    return getrandom(out, n, GRND_NONBLOCK) == (ssize_t)n;
}

static bool
draw_code(char code[DIGITS + 1])
{
    const uint32_t codes = 100000000,
                   whole = UINT32_MAX / codes * codes; /* above it some codes would be likelier */
    uint32_t x;

    do
        if (!draw(&x, sizeof x))
            return false;
    while (x >= whole);
    snprintf(code, DIGITS + 1, "%08u", x % codes);
    return true;
}

static void
print_hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
}

/* --- remembering --------------------------------------------------------------------------------- */

#define NOBODY "%.60s: no such host is paired: see /control/paired"

static void
shut(struct door *d)
{
    explicit_bzero(d->code, sizeof d->code);
    explicit_bzero(d->shown, sizeof d->shown);
    d->until_ns = 0;
}

/* On the errand's thread. */
static void
work_off(void *with)
{
    struct work *w = with;

    w->status = w->path[0] ? guests_read(w->path, &w->guests, &w->err) : OK;
    if (w->status != OK || !w->changes)
        return;
    w->changed = guests_apply(&w->guests, &w->change);
    if (w->changed && w->path[0])
        w->status = guests_write(w->path, &w->guests, &w->err);
}

/* What the file said last, and what is on its way. The buckets stay as full as they are. */
static void
count_in(struct door *d)
{
    struct guests g = d->known;

    for (int i = 0; i < d->nchanges; i++)
        guests_apply(&g, &d->change[i]);
    for (int i = 0; i < g.n; i++) {
        const struct guest *old = guests_find(d->in.guest, d->in.n, &g.guest[i].at);

        if (old)
            g.guest[i].packets = old->packets;
    }
    d->in = g;
}

/* No pairing waits for a disk that takes nothing: who is in and not in the file would be gone with us. */
static void
keep_revocations(struct door *d)
{
    int kept = 0;

    for (int i = 0; i < d->nchanges; i++)
        if (!d->change[i].adds)
            d->change[kept++] = d->change[i];
    d->nchanges = kept;
}

static void
take_failure(struct door *d, int64_t now_ns, struct err *e)
{
    const struct work *w = &d->work;
    bool again = strcmp(d->failed.text, w->err.text) == 0;

    d->failed = w->err;
    if (!w->changes) /* nobody could be added to it */
        shut(d);
    if (w->changes && w->change.adds)
        err_set(e, "%s is not paired: %s", w->change.guest.name, w->err.text);
    else if (!again || !w->changes)
        err_set(e, "%s", w->err.text);
    keep_revocations(d);
    d->retry_ns = now_ns + RETRY_S * INT64_C(1000000000);
}

static void
take_success(struct door *d, struct err *e)
{
    const struct work *w = &d->work;

    d->failed.text[0] = '\0';
    d->known = w->guests;
    if (!w->changes)
        return;
    memmove(&d->change[0], &d->change[1], sizeof d->change[0] * (size_t)--d->nchanges);
    if (!w->change.adds && w->changed)
        err_set(e, "no longer paired: %s", w->change.who);
    else if (!w->change.adds)
        err_set(e, NOBODY, w->change.who);
    else if (!w->changed)
        err_set(e, "%s is not paired: %d hosts are: revoke one first", w->change.guest.name, DOOR_HOSTS);
}

static void
take_back(struct door *d, int64_t now_ns, struct err *e)
{
    if (d->work.status == OK)
        take_success(d, e);
    else
        take_failure(d, now_ns, e);
    count_in(d);
}

static bool
prepare(struct door *d)
{
    struct work *w = &d->work;

    if (!d->reads && !d->nchanges)
        return false;
    *w = (struct work){.changes = !d->reads, .guests = d->known};
    memcpy(w->path, d->path, sizeof w->path);
    if (w->changes)
        w->change = d->change[0];
    d->reads = false;
    return true;
}

bool
door_tick(struct door *d, int64_t now_ns, struct err *e)
{
    e->text[0] = '\0';
    if (errand_back(&d->errand))
        take_back(d, now_ns, e);
    if (errand_is_out(&d->errand) || (now_ns < d->retry_ns && !d->reads))
        return e->text[0] != '\0';
    if (prepare(d) && errand_send(&d->errand, work_off, &d->work) != OK)
        d->reads |= !d->work.changes; /* no thread to be had: the next time */
    return e->text[0] != '\0';
}

bool
door_is_idle(const struct door *d)
{
    return !d->reads && !d->nchanges && !errand_is_out(&d->errand);
}

/* All of it, now. */
static void
finish(struct door *d)
{
    struct err e;

    if (errand_wait(&d->errand))
        take_back(d, 0, &e);
    d->reads = false;
    for (int i = d->nchanges; i > 0 && prepare(d); i--) {
        work_off(&d->work);
        take_back(d, 0, &e);
        if (d->work.status != OK)
            break;
    }
}

/* --- opening ------------------------------------------------------------------------------------- */

static enum status
take_listed(struct door *d, const char *const *listed, struct err *e)
{
    for (; listed && *listed; listed++) {
        if (d->nlisted == DOOR_LISTED) {
            err_set(e, "remotes: more than %d: list fewer", DOOR_LISTED);
            return BAD_ARG;
        }
        if (!guests_parse_host(*listed, &d->listed[d->nlisted].at)) {
            err_set(e, "remotes: '%.60s' is no address of a host: write it as 192.0.2.7", *listed);
            return BAD_ARG;
        }
        d->nlisted++;
    }
    return OK;
}

static enum status
read_known(struct door *d, struct err *e)
{
    enum status status = d->path[0] ? guests_read(d->path, &d->known, e) : OK;

    d->in = d->known;
    return status;
}

enum status
door_open(struct door **door, const char *file, const char *const *listed, struct err *e)
{
    struct door *d = calloc(1, sizeof *d);
    enum status status;

    *door = NULL;
    if (!d) {
        err_set(e, "the door: no memory");
        return NO_MEM;
    }
    if (file)
        snprintf(d->path, sizeof d->path, "%s", file);
    else if (!folder_of_user("paired", d->path, sizeof d->path))
        d->path[0] = '\0';
    status = take_listed(d, listed, e);
    if (status == OK)
        status = read_known(d, e);
    if (status == OK)
        *door = d;
    else
        door_close(d);
    return status;
}

void
door_close(struct door *d)
{
    if (!d)
        return;
    finish(d);
    explicit_bzero(d, sizeof *d);
    free(d);
}

/* --- knocking ------------------------------------------------------------------------------------ */

static bool
take(struct allowance *a, double rate_hz, double burst, size_t size, int64_t now_ns)
{
    for (size_t n = 0; n <= size / DOOR_CHUNK; n++)
        if (!allowance_take(a, rate_hz, burst, now_ns))
            return false;
    return true;
}

static struct stranger *
stranger_of(struct door *d, const struct address *from, int64_t now_ns)
{
    struct stranger *s = &d->stranger[0];

    for (int i = 0; i < STRANGERS; i++) {
        struct stranger *k = &d->stranger[i];

        if (k->seen_ns && address_same_host(&k->at, from)) {
            s = k;
            break;
        }
        if (k->seen_ns < s->seen_ns)
            s = k;
    }
    if (!s->seen_ns || !address_same_host(&s->at, from))
        *s = (struct stranger){.at = *from};
    s->seen_ns = now_ns > 0 ? now_ns : 1;
    return s;
}

static bool
stranger_may(struct door *d, const struct address *from, size_t size, int64_t now_ns)
{
    struct stranger *s = stranger_of(d, from, now_ns);

    return take(&s->packets, DOOR_STRANGER_HZ, DOOR_STRANGER_BURST, size, now_ns) &&
           take(&d->strangers, DOOR_STRANGERS_HZ, DOOR_STRANGERS_HZ, size, now_ns);
}

enum door_verdict
door_knock(struct door *d, const struct address *from, size_t size, int64_t now_ns)
{
    struct guest *h;

    if (address_is_loopback(from))
        return DOOR_IN;
    h = host_in(d, from);
    if (h ? take(&h->packets, DOOR_HOST_HZ, 2.0 * DOOR_HOST_HZ, size, now_ns)
          : stranger_may(d, from, size, now_ns)) {
        d->counts.strangers += !h;
        return h ? DOOR_IN : DOOR_STRANGER;
    }
    d->counts.floods++;
    return DOOR_FLOOD;
}

bool
door_knows(const struct door *d, const struct address *from)
{
    return address_is_loopback(from) || host_in(d, from);
}

const char *
door_name(const struct door *d, const struct address *from)
{
    const struct guest *h = guests_find(d->in.guest, d->in.n, from);

    return h ? h->name : NULL;
}

/* --- pairing ------------------------------------------------------------------------------------- */

enum status
door_let(struct door *d, bool open, int64_t now_ns, struct err *e)
{
    shut(d);
    if (!open)
        return OK;
    if (!draw_code(d->code)) {
        err_set(e, "pairing: the system has no random numbers yet: try again in a moment");
        return UNAVAILABLE;
    }
    snprintf(d->shown, sizeof d->shown, "%.4s-%s", d->code, d->code + 4);
    d->until_ns = now_ns + DOOR_OPEN_S * INT64_C(1000000000);
    d->tries = DOOR_TRIES;
    d->reads = d->path[0] != '\0';
    return OK;
}

const char *
door_code(const struct door *d, int64_t now_ns)
{
    return now_ns < d->until_ns ? d->shown : "";
}

double
door_left_s(const struct door *d, int64_t now_ns)
{
    return now_ns < d->until_ns ? (double)(d->until_ns - now_ns) * 1e-9 : 0.0;
}

/* As many digits as there are, whatever is between them; more than DIGITS are as wrong as fewer. */
static bool
code_is_right(const struct door *d, const char *code)
{
    char given[DIGITS + 1] = "";
    size_t n = 0;

    for (; *code; code++)
        if (isdigit((unsigned char)*code)) {
            given[n % DIGITS] = *code;
            n++;
        } else if (!strchr(" -.", *code)) {
            n = DIGITS + 1;
            break;
        }
    return (n == DIGITS) & same_bytes(given, d->code, DIGITS);
}

/* False: not this one; counted. */
static bool
try_code(struct door *d, const char *code, int64_t now_ns, struct err *e)
{
    if (!door_code(d, now_ns)[0]) {
        shut(d);
        d->counts.closed++;
        return err_set(e, "pairing is closed: open it at the desk first");
    }
    if (!allowance_take(&d->tries_pace, DOOR_TRIES_HZ, DOOR_TRIES, now_ns)) {
        d->counts.floods++;
        return err_set(e, "too many tries: wait a second");
    }
    if (code_is_right(d, code))
        return true;
    d->counts.wrong_codes++;
    if (--d->tries == 0)
        shut(d);
    return err_set(e, d->tries ? "the code is wrong" : "the code is wrong, and pairing is closed now");
}

static bool
make_token(struct guest *h, char token[DOOR_TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];

    if (!draw(bytes, sizeof bytes))
        return false;
    print_hex(bytes, sizeof bytes, token);
    explicit_bzero(bytes, sizeof bytes);
    guests_hash(token, &h->token[h->ntokens++]);
    return true;
}

static void
describe(struct guest *h, const struct address *from, const char *name)
{
    char host[ADDRESS_NAME_SIZE];
    time_t now = time(NULL);
    struct tm tm;

    address_host(from, host);
    guests_parse_host(host, &h->at);
    guests_clean_name(from, name, h->name);
    localtime_r(&now, &tm);
    strftime(h->date, sizeof h->date, "%Y-%m-%d", &tm);
}

static bool
welcome(struct door *d, const struct address *from, const char *name, char token[DOOR_TOKEN_SIZE],
        struct err *e)
{
    struct guests_change c = {.adds = true};

    if (d->nchanges == CHANGES)
        return err_set(e, "too much is to be written still: try again in a moment");
    describe(&c.guest, from, name);
    if (token && !make_token(&c.guest, token))
        return err_set(e, "pairing: the system has no random numbers yet: try again in a moment");
    if (guests_apply(&d->in, &c)) {
        d->change[d->nchanges++] = c;
        return true;
    }
    if (token)
        explicit_bzero(token, DOOR_TOKEN_SIZE);
    return err_set(e, "%d hosts are paired: revoke one first", DOOR_HOSTS);
}

bool
door_pair(struct door *d, const struct address *from, const char *name, const char *code,
          char token[DOOR_TOKEN_SIZE], int64_t now_ns, struct err *e)
{
    if (token)
        token[0] = '\0';
    if (address_is_loopback(from))
        return true;
    if (!try_code(d, code, now_ns, e) || !welcome(d, from, name, token, e))
        return false;
    shut(d);
    d->counts.paired++;
    return true;
}

enum status
door_revoke(struct door *d, const char *who, struct err *e)
{
    struct guests_change c = {.adds = false};

    if (strlen(who) >= sizeof c.who) {
        err_set(e, NOBODY, who);
        return NOT_FOUND;
    }
    snprintf(c.who, sizeof c.who, "%s", who);
    guests_apply(&d->in, &c);
    if (d->nchanges == CHANGES) {
        err_set(e, "%s: is out, but can't be written: too much is to be written still", c.who);
        return UNAVAILABLE;
    }
    d->change[d->nchanges++] = c;
    return OK;
}

void
door_list(const struct door *d, char *out, size_t size)
{
    char host[ADDRESS_NAME_SIZE];
    size_t used = 0;

    if (size)
        out[0] = '\0';
    for (int i = 0; i < d->in.n && used < size; i++) {
        const struct guest *h = &d->in.guest[i];

        if (!guests_find(d->known.guest, d->known.n, &h->at))
            continue;
        address_host(&h->at, host);
        used += (size_t)snprintf(out + used, size - used, "%s%s %s", used ? ", " : "", h->name, host);
    }
}

/* --- the web's part -------------------------------------------------------------------------------- */

bool
door_token(struct door *d, const struct address *from, const char *token)
{
    const struct guest *h = guests_find(d->in.guest, d->in.n, from);
    struct guest_token given;
    int found = 0;

    if (address_is_loopback(from))
        return true;
    guests_hash(token ? token : "", &given);
    for (int i = 0; h && i < h->ntokens; i++)
        found |= same_bytes(given.hash, h->token[i].hash, sizeof given.hash);
    d->counts.bad_tokens += !found;
    return found;
}

/* "host", "host:port", "[::1]:port" as a browser writes it. False: none of that. */
static bool
split_site(const char *site, char *host, size_t size, int *port)
{
    bool boxed = *site == '[';
    const char *end = boxed ? strchr(site, ']') : site + strcspn(site, ":"), *digits;
    size_t n;

    if (!end)
        return false;
    n = (size_t)(end - site) - boxed;
    digits = end + boxed;
    if (n == 0 || n >= size || (*digits && *digits != ':'))
        return false;
    memcpy(host, site + boxed, n);
    host[n] = '\0';
    *port = 80;
    if (!*digits)
        return true;
    if (!digits[1] || strlen(digits + 1) > 5 || digits[1 + strspn(digits + 1, "0123456789")])
        return false;
    *port = atoi(digits + 1);
    return true;
}

static bool
site_is_ours(const char *site, const char *const *own, int port)
{
    static const char *const here[] = {"localhost", "127.0.0.1", "::1", NULL};
    char host[256];
    int at;

    if (!split_site(site, host, sizeof host, &at) || at != port)
        return false;
    for (const char *const *name = here; *name; name++)
        if (strcasecmp(*name, host) == 0)
            return true;
    for (; own && *own; own++)
        if (strcasecmp(*own, host) == 0)
            return true;
    return false;
}

bool
door_site(struct door *d, const char *host, const char *origin, const char *const *own, int port)
{
    static const char scheme[] = "http://";

    if (!host || !site_is_ours(host, own, port)) {
        d->counts.bad_hosts++;
        return false;
    }
    if (origin && (strncasecmp(origin, scheme, sizeof scheme - 1) != 0 ||
                   !site_is_ours(origin + sizeof scheme - 1, own, port))) {
        d->counts.bad_origins++;
        return false;
    }
    return true;
}

struct door_counts *
door_counts(struct door *d)
{
    return &d->counts;
}
