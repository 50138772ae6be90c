/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/door.h"

#include "control/clients.h"
#include "engine/folder.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Two lists of hosts with a bucket each: those that are in, which nobody can push out, and the last STRANGERS others,
 * where a new one takes the place of whoever was quiet longest. Who sends from made-up addresses has new buckets for
 * ever, so all strangers share one more.
 *
 * What is compared with a secret takes as long whether it is right or wrong, wherever the first difference is.
 */
enum { STRANGERS = 64, DIGITS = 8, LINE = 1024, DATE = 16, TOKEN_BYTES = 16 };

struct token {
    unsigned char hash[SHA256_DIGEST_LENGTH];
};

struct host {
    struct address at;
    char name[DOOR_NAME_SIZE], date[DATE];
    struct token token[DOOR_TOKENS]; /* the oldest first */
    int ntokens;
    struct allowance packets;
};

struct stranger {
    struct address at;
    int64_t seen_ns; /* 0: a free place */
    struct allowance packets;
};

/* What a file holds. */
struct guests {
    struct host host[DOOR_HOSTS];
    int n;
};

struct door {
    char path[FOLDER_PATH]; /* "": nothing is remembered */
    struct guests in;
    struct host listed[DOOR_LISTED];
    int nlisted;

    struct stranger stranger[STRANGERS];
    struct allowance strangers, tries_pace;

    char code[DIGITS + 1], shown[DOOR_CODE_SIZE]; /* "": closed */
    int64_t until_ns;
    int tries; /* left */
    struct door_counts counts;
};

/* --- hosts --------------------------------------------------------------------------------------- */

static bool
host_parse(const char *text, struct address *a)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

    *a = (struct address){.size = 0};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        memcpy(&a->at, &in, a->size = sizeof in);
    else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
        memcpy(&a->at, &in6, a->size = sizeof in6);
    return a->size != 0;
}

static struct host *
host_find(const struct host *host, int n, const struct address *from)
{
    for (int i = 0; i < n; i++)
        if (address_same_host(&host[i].at, from))
            return (struct host *)&host[i];
    return NULL;
}

static struct host *
host_in(const struct door *d, const struct address *from)
{
    struct host *h = host_find(d->in.host, d->in.n, from);

    return h ? h : host_find(d->listed, d->nlisted, from);
}

/* Nothing in it can steer a terminal, begin a comment, end a line of the file or an item of the list. */
static void
clean_name(const struct address *from, const char *name, char out[DOOR_NAME_SIZE])
{
    char host[ADDRESS_NAME_SIZE];
    int n = 0;

    address_host(from, host);
    if (!name || !name[strspn(name, " ")])
        name = host;
    for (name += strspn(name, " "); *name && n < DOOR_NAME_SIZE - 1; name++)
        out[n++] = *name >= ' ' && *name <= '~' && !strchr("#,:", *name) ? *name : '_';
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

/* Those that are no host's: hands of the program itself, what revokes all, and the address of any but itself. */
static bool
name_is_taken(const struct guests *g, const char *name, const struct host *but)
{
    static const char *const own[] = {"terminal", "late", "*"};
    struct address a;

    if (host_parse(name, &a) && !address_same_host(&a, &but->at))
        return true;
    for (size_t i = 0; i < LEN(own); i++)
        if (strcasecmp(own[i], name) == 0)
            return true;
    for (int i = 0; i < g->n; i++)
        if (&g->host[i] != but && strcasecmp(g->host[i].name, name) == 0)
            return true;
    return false;
}

static void
name_host(const struct guests *g, struct host *h, const char *wanted)
{
    snprintf(h->name, sizeof h->name, "%s", wanted);
    for (int i = 2; name_is_taken(g, h->name, h); i++)
        snprintf(h->name, sizeof h->name, "%.*s %d", DOOR_NAME_SIZE - 16, wanted, i);
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
hash_token(const char *token, struct token *t)
{
    SHA2_CTX sha;

    SHA256Init(&sha);
    SHA256Update(&sha, (const uint8_t *)token, strlen(token));
    SHA256Final(t->hash, &sha);
}

static void
print_hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
}

static bool
read_hex(const char *text, unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {text[2 * i], text[2 * i] ? text[2 * i + 1] : '\0'};

        if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
            return false;
        bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return text[2 * n] == '\0';
}

/* --- the file ------------------------------------------------------------------------------------ */

static bool
read_tokens(struct host *h, char *text)
{
    char *rest = NULL;

    if (strcmp(text, "-") == 0)
        return true;
    for (char *t = strtok_r(text, " ", &rest); t; t = strtok_r(NULL, " ", &rest))
        if (h->ntokens == DOOR_TOKENS || !read_hex(t, h->token[h->ntokens++].hash, SHA256_DIGEST_LENGTH))
            return false;
    return true;
}

/* NAME \t HOST \t DATE \t TOKENS, or a comment. What is wrong with it; NULL: nothing. */
static const char *
read_line(struct guests *g, char *line)
{
    char *part[4], *rest = line;
    char name[DOOR_NAME_SIZE];
    struct host h = {.ntokens = 0};

    if (!line[strspn(line, " \t")] || *line == '#')
        return NULL;
    for (size_t i = 0; i < LEN(part); i++)
        if (!(part[i] = strsep(&rest, "\t")))
            return "write NAME, HOST, DATE and TOKENS (or -) with tabs between";
    if (rest || strlen(part[2]) >= sizeof h.date || strlen(part[0]) >= sizeof h.name)
        return "write NAME, HOST, DATE and TOKENS (or -) with tabs between";
    if (!host_parse(part[1], &h.at))
        return "the second word is no address of a host";
    if (!read_tokens(&h, part[3]))
        return "the last word is no list of at most 4 SHA-256 of tokens, nor -";
    if (host_find(g->host, g->n, &h.at))
        return "this host is there twice: keep one line";
    if (g->n == DOOR_HOSTS)
        return "there are more hosts than 32: delete some";
    clean_name(&h.at, part[0], name);
    snprintf(h.date, sizeof h.date, "%s", part[2]);
    g->host[g->n] = h;
    name_host(g, &g->host[g->n], name);
    g->n++;
    return NULL;
}

static enum status
read_lines(FILE *f, const char *path, struct guests *g, struct err *e)
{
    char line[LINE];

    for (int n = 1; fgets(line, sizeof line, f); n++) {
        size_t length = strcspn(line, "\n");
        const char *wrong = line[length] || feof(f) ? NULL : "a line that is too long";

        line[length] = '\0';
        wrong = wrong ? wrong : read_line(g, line);
        if (wrong) {
            err_set(e, "%.400s:%d: %s", path, n, wrong);
            return BAD_ARG;
        }
    }
    if (ferror(f)) {
        err_set(e, "%.400s: %s", path, strerror(errno));
        return IO_ERROR;
    }
    return OK;
}

/* Who can write it can let in whom they like. */
static enum status
check_owner(FILE *f, const char *path, struct err *e)
{
    struct stat st;

    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) {
        err_set(e, "%.400s: is no file: who is paired stands there: move it away", path);
        return IO_ERROR;
    }
    if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & (S_IWGRP | S_IWOTH))) {
        err_set(
            e, "%.400s: others can write it, and so let in anyone: look through it, then chown and chmod 600",
            path);
        return BAD_ARG;
    }
    return OK;
}

/* None is one with nobody in it. */
static enum status
read_file(const char *path, struct guests *g, struct err *e)
{
    int fd = *path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    enum status status;

    *g = (struct guests){.n = 0};
    if (!f && (!*path || (fd < 0 && errno == ENOENT)))
        return OK;
    if (!f) {
        err_set(e, "%.400s: %s: who is paired stands there", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return IO_ERROR;
    }
    status = check_owner(f, path, e);
    if (status == OK)
        status = read_lines(f, path, g, e);
    fclose(f);
    return status;
}

static bool
print_guests(FILE *f, const struct guests *g)
{
    char hex[2 * SHA256_DIGEST_LENGTH + 1], host[ADDRESS_NAME_SIZE];

    fprintf(f, "# deadwax: who is paired. NAME, HOST, DATE, SHA-256 of tokens. A line taken away is a host "
               "revoked.\n");
    for (int i = 0; i < g->n; i++) {
        const struct host *h = &g->host[i];

        address_host(&h->at, host);
        fprintf(f, "%s\t%s\t%s\t%s", h->name, host, h->date, h->ntokens ? "" : "-");
        for (int k = 0; k < h->ntokens; k++) {
            print_hex(h->token[k].hash, sizeof h->token[k].hash, hex);
            fprintf(f, "%s%s", k ? " " : "", hex);
        }
        fputc('\n', f);
    }
    return fflush(f) == 0 && !ferror(f) && fsync(fileno(f)) == 0;
}

static bool
make_folder(const char *path)
{
    char folder[FOLDER_PATH];
    char *slash;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (!slash || slash == folder)
        return true;
    *slash = '\0';
    return folder_make(folder);
}

/* The change of name too: who was revoked must not come back with the power. */
static bool
sync_folder(const char *path)
{
    char folder[FOLDER_PATH];
    char *slash;
    bool good;
    int fd;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

/* The new one in the old one's place, so that there is always a whole one. */
static bool
replace(const char *path, const struct guests *g)
{
    char new[FOLDER_PATH + 8];
    int fd;
    FILE *f;
    bool good;

    snprintf(new, sizeof new, "%s.new", path);
    if (!make_folder(path) || (unlink(new) != 0 && errno != ENOENT))
        return false;
    fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!f) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    good = print_guests(f, g);
    good = fclose(f) == 0 && good && rename(new, path) == 0 && sync_folder(path);
    if (!good) {
        int error = errno;

        unlink(new);
        errno = error;
    }
    return good;
}

static enum status
write_file(const struct door *d, const struct guests *g, struct err *e)
{
    if (!d->path[0] || replace(d->path, g))
        return OK;
    err_set(e, "%.400s: %s: who is paired can't be written there", d->path, strerror(errno));
    return IO_ERROR;
}

/* Another host of this user may have written it, or a person. Buckets are not in there. */
static enum status
read_again(struct door *d, struct err *e)
{
    struct guests g;
    enum status status = d->path[0] ? read_file(d->path, &g, e) : OK;

    if (status != OK || !d->path[0])
        return status;
    for (int i = 0; i < g.n; i++) {
        const struct host *old = host_find(d->in.host, d->in.n, &g.host[i].at);

        if (old)
            g.host[i].packets = old->packets;
    }
    d->in = g;
    return OK;
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
        if (!host_parse(*listed, &d->listed[d->nlisted].at)) {
            err_set(e, "remotes: '%.60s' is no address of a host: write it as 192.0.2.7", *listed);
            return BAD_ARG;
        }
        d->nlisted++;
    }
    return OK;
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
        status = read_file(d->path, &d->in, e);
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
    struct host *h;

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
    const struct host *h = host_find(d->in.host, d->in.n, from);

    return h ? h->name : NULL;
}

/* --- pairing ------------------------------------------------------------------------------------- */

static void
shut(struct door *d)
{
    explicit_bzero(d->code, sizeof d->code);
    explicit_bzero(d->shown, sizeof d->shown);
    d->until_ns = 0;
}

enum status
door_let(struct door *d, bool open, int64_t now_ns, struct err *e)
{
    enum status status;

    shut(d);
    if (!open)
        return OK;
    status = read_again(d, e);
    if (status != OK)
        return status;
    if (!draw_code(d->code)) {
        err_set(e, "pairing: the system has no random numbers yet: try again in a moment");
        return UNAVAILABLE;
    }
    snprintf(d->shown, sizeof d->shown, "%.4s-%s", d->code, d->code + 4);
    d->until_ns = now_ns + DOOR_OPEN_S * INT64_C(1000000000);
    d->tries = DOOR_TRIES;
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
make_token(struct host *h, char token[DOOR_TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];

    if (!draw(bytes, sizeof bytes))
        return false;
    print_hex(bytes, sizeof bytes, token);
    explicit_bzero(bytes, sizeof bytes);
    if (h->ntokens == DOOR_TOKENS)
        memmove(&h->token[0], &h->token[1], sizeof h->token[0] * (size_t)--h->ntokens);
    hash_token(token, &h->token[h->ntokens++]);
    return true;
}

static struct host *
add_host(struct guests *g, const struct address *from, const char *name)
{
    struct host *h = host_find(g->host, g->n, from);
    char host[ADDRESS_NAME_SIZE], clean[DOOR_NAME_SIZE];
    time_t now = time(NULL);
    struct tm tm;

    if (!h && g->n == DOOR_HOSTS)
        return NULL;
    if (!h) {
        h = &g->host[g->n++];
        *h = (struct host){.ntokens = 0};
        address_host(from, host);
        host_parse(host, &h->at);
    }
    clean_name(from, name, clean);
    name_host(g, h, clean);
    localtime_r(&now, &tm);
    strftime(h->date, sizeof h->date, "%Y-%m-%d", &tm);
    return h;
}

/* In the file first: who is in and not in there would be gone with us. */
static bool
welcome(struct door *d, const struct address *from, const char *name, char token[DOOR_TOKEN_SIZE],
        struct err *e)
{
    struct guests g;
    struct host *h;

    if (read_again(d, e) != OK)
        return false;
    g = d->in;
    h = add_host(&g, from, name);
    if (!h)
        return err_set(e, "%d hosts are paired: revoke one first", DOOR_HOSTS);
    if (token && !make_token(h, token))
        return err_set(e, "pairing: the system has no random numbers yet: try again in a moment");
    if (write_file(d, &g, e) != OK) {
        if (token)
            explicit_bzero(token, DOOR_TOKEN_SIZE);
        return false;
    }
    d->in = g;
    return true;
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

static bool
is_meant(const struct host *h, const char *who)
{
    struct address a;

    return strcmp(who, "*") == 0 || strcasecmp(h->name, who) == 0 ||
           (host_parse(who, &a) && address_same_host(&a, &h->at));
}

static int
drop(struct guests *g, const char *who)
{
    int kept = 0, gone;

    for (int i = 0; i < g->n; i++)
        if (!is_meant(&g->host[i], who))
            g->host[kept++] = g->host[i];
    gone = g->n - kept;
    g->n = kept;
    return gone;
}

/* A file that can't be read stays as it is, for whoever mends it. */
enum status
door_revoke(struct door *d, const char *who, struct err *e)
{
    enum status status = read_again(d, e);
    bool gone = drop(&d->in, who) > 0;

    if (!gone && status == OK) {
        err_set(e, "%.60s: no such host is paired: see /control/paired", who);
        return NOT_FOUND;
    }
    if (status == OK)
        status = write_file(d, &d->in, e);
    return status == OK ? OK : IO_ERROR;
}

void
door_list(const struct door *d, char *out, size_t size)
{
    char host[ADDRESS_NAME_SIZE];
    size_t used = 0;

    if (size)
        out[0] = '\0';
    for (int i = 0; i < d->in.n && used < size; i++) {
        address_host(&d->in.host[i].at, host);
        used += (size_t)snprintf(out + used, size - used, "%s%s %s", i ? ", " : "", d->in.host[i].name, host);
    }
}

/* --- the web's part -------------------------------------------------------------------------------- */

bool
door_token(struct door *d, const struct address *from, const char *token)
{
    const struct host *h = host_find(d->in.host, d->in.n, from);
    struct token given;
    int found = 0;

    if (address_is_loopback(from))
        return true;
    hash_token(token ? token : "", &given);
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
