/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/guests.h"

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
#include <sys/stat.h>
#include <unistd.h>

enum { LINE = 1024 };
_Static_assert(GUESTS_HASH == SHA256_DIGEST_LENGTH, "of SHA-256");

/* --- hosts --------------------------------------------------------------------------------------- */

bool
guests_parse_host(const char *text, struct address *a)
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

struct guest *
guests_find(const struct guest *guest, int n, const struct address *from)
{
    for (int i = 0; i < n; i++)
        if (address_same_host(&guest[i].at, from))
            return (struct guest *)&guest[i];
    return NULL;
}

void
guests_clean_name(const struct address *from, const char *name, char out[DOOR_NAME_SIZE])
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
name_is_taken(const struct guests *g, const char *name, const struct guest *but)
{
    static const char *const own[] = {"terminal", "late", "*"};
    struct address a;

    if (guests_parse_host(name, &a) && !address_same_host(&a, &but->at))
        return true;
    for (size_t i = 0; i < LEN(own); i++)
        if (strcasecmp(own[i], name) == 0)
            return true;
    for (int i = 0; i < g->n; i++)
        if (&g->guest[i] != but && strcasecmp(g->guest[i].name, name) == 0)
            return true;
    return false;
}

static void
name_guest(const struct guests *g, struct guest *h, const char *wanted)
{
    snprintf(h->name, sizeof h->name, "%s", wanted);
    for (int i = 2; name_is_taken(g, h->name, h); i++)
        snprintf(h->name, sizeof h->name, "%.*s %d", DOOR_NAME_SIZE - 16, wanted, i);
}

void
guests_hash(const char *token, struct guest_token *t)
{
    SHA2_CTX sha;

    SHA256Init(&sha);
    SHA256Update(&sha, (const uint8_t *)token, strlen(token));
    SHA256Final(t->hash, &sha);
}

/* --- changes ------------------------------------------------------------------------------------- */

static bool
add(struct guests *g, const struct guest *new)
{
    struct guest *h = guests_find(g->guest, g->n, &new->at);

    if (!h && g->n == DOOR_HOSTS)
        return false;
    if (!h) {
        h = &g->guest[g->n++];
        *h = (struct guest){.at = new->at};
    }
    name_guest(g, h, new->name);
    snprintf(h->date, sizeof h->date, "%s", new->date);
    if (new->ntokens && h->ntokens == DOOR_TOKENS)
        memmove(&h->token[0], &h->token[1], sizeof h->token[0] * (size_t)--h->ntokens);
    if (new->ntokens)
        h->token[h->ntokens++] = new->token[0];
    return true;
}

static bool
is_meant(const struct guest *h, const char *who)
{
    struct address a;

    return strcmp(who, "*") == 0 || strcasecmp(h->name, who) == 0 ||
           (guests_parse_host(who, &a) && address_same_host(&a, &h->at));
}

static bool
drop(struct guests *g, const char *who)
{
    int kept = 0, had = g->n;

    for (int i = 0; i < g->n; i++)
        if (!is_meant(&g->guest[i], who))
            g->guest[kept++] = g->guest[i];
    g->n = kept;
    return kept < had;
}

bool
guests_apply(struct guests *g, const struct guests_change *c)
{
    return c->adds ? add(g, &c->guest) : drop(g, c->who);
}

/* --- the file ------------------------------------------------------------------------------------ */

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

static bool
read_tokens(struct guest *h, char *text)
{
    char *rest = NULL;

    if (strcmp(text, "-") == 0)
        return true;
    for (char *t = strtok_r(text, " ", &rest); t; t = strtok_r(NULL, " ", &rest))
        if (h->ntokens == DOOR_TOKENS || !read_hex(t, h->token[h->ntokens++].hash, GUESTS_HASH))
            return false;
    return true;
}

/* NAME \t HOST \t DATE \t TOKENS, or a comment. What is wrong with it; NULL: nothing. */
static const char *
read_line(struct guests *g, char *line)
{
    char *part[4], *rest = line;
    char name[DOOR_NAME_SIZE];
    struct guest h = {.ntokens = 0};

    if (!line[strspn(line, " \t")] || *line == '#')
        return NULL;
    for (size_t i = 0; i < LEN(part); i++)
        if (!(part[i] = strsep(&rest, "\t")))
            return "write NAME, HOST, DATE and TOKENS (or -) with tabs between";
    if (rest || strlen(part[2]) >= sizeof h.date || strlen(part[0]) >= sizeof h.name)
        return "write NAME, HOST, DATE and TOKENS (or -) with tabs between";
    if (!guests_parse_host(part[1], &h.at))
        return "the second word is no address of a host";
    if (!read_tokens(&h, part[3]))
        return "the last word is no list of at most 4 SHA-256 of tokens, nor -";
    if (guests_find(g->guest, g->n, &h.at))
        return "this host is there twice: keep one line";
    if (g->n == DOOR_HOSTS)
        return "there are more hosts than 32: delete some";
    guests_clean_name(&h.at, part[0], name);
    snprintf(h.date, sizeof h.date, "%s", part[2]);
    g->guest[g->n] = h;
    name_guest(g, &g->guest[g->n], name);
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

enum status
guests_read(const char *path, struct guests *g, struct err *e)
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
    char hex[2 * GUESTS_HASH + 1], host[ADDRESS_NAME_SIZE];

    fprintf(f, "# deadwax: who is paired. NAME, HOST, DATE, SHA-256 of tokens. A line taken away is a host "
               "revoked.\n");
    for (int i = 0; i < g->n; i++) {
        const struct guest *h = &g->guest[i];

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

enum status
guests_write(const char *path, const struct guests *g, struct err *e)
{
    if (replace(path, g))
        return OK;
    err_set(e, "%.400s: %s: who is paired can't be written there", path, strerror(errno));
    return IO_ERROR;
}
