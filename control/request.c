/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct text { /* a part of what has come; no end of its own */
    const char *at;
    size_t size;
};

/* What we act on, or have to know to read on. */
enum header {
    HEADER_HOST,
    HEADER_ORIGIN,
    HEADER_AUTHORIZATION,
    HEADER_COOKIE,
    HEADER_LENGTH,
    HEADER_ENCODING,
    HEADER_CONNECTION,
    HEADER_UPGRADE,
    HEADER_KEY,
    HEADER_VERSION,
    HEADERS
};

static const char *const header_names[HEADERS] = {
    [HEADER_HOST] = "host",
    [HEADER_ORIGIN] = "origin",
    [HEADER_AUTHORIZATION] = "authorization",
    [HEADER_COOKIE] = "cookie",
    [HEADER_LENGTH] = "content-length",
    [HEADER_ENCODING] = "transfer-encoding",
    [HEADER_CONNECTION] = "connection",
    [HEADER_UPGRADE] = "upgrade",
    [HEADER_KEY] = "sec-websocket-key",
    [HEADER_VERSION] = "sec-websocket-version",
};

static bool
refuse(struct request *r, int status, enum request_fault fault)
{
    r->status = status;
    r->fault = fault;
    return false;
}

/* --- texts ------------------------------------------------------------------------------------- */

static bool
is(struct text t, const char *word)
{
    return t.size == strlen(word) && strncasecmp(t.at, word, t.size) == 0;
}

static struct text
trim(struct text t)
{
    while (t.size && (*t.at == ' ' || *t.at == '\t'))
        t.at++, t.size--;
    while (t.size && (t.at[t.size - 1] == ' ' || t.at[t.size - 1] == '\t'))
        t.size--;
    return t;
}

/* Cuts off what stands before the mark, and the mark; all of it when there is none. */
static struct text
cut(struct text *t, char mark)
{
    const char *end = t->size ? memchr(t->at, mark, t->size) : NULL;
    struct text first = {t->at, end ? (size_t)(end - t->at) : t->size};

    t->at += first.size + (end != NULL);
    t->size -= first.size + (end != NULL);
    return first;
}

static bool
lists(struct text t, const char *word)
{
    while (t.size)
        if (is(trim(cut(&t, ',')), word))
            return true;
    return false;
}

static bool
copy(struct text t, char *out, size_t size)
{
    if (t.size >= size)
        return false;
    memcpy(out, t.at, t.size);
    out[t.size] = '\0';
    return true;
}

static bool
all_printable(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (t.at[i] <= ' ' || t.at[i] > '~')
            return false;
    return true;
}

/* RFC 9110, tchar */
static bool
is_token(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (t.at[i] <= ' ' || t.at[i] > '~' || strchr("\"(),/:;<=>?@[\\]{}", t.at[i]))
            return false;
    return t.size > 0;
}

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Escapes to bytes; printable ASCII (and spaces in a query's value) alone. */
static bool
decode(struct text t, char *out, size_t size, bool spaces)
{
    size_t n = 0;

    for (size_t i = 0; i < t.size; i++) {
        int c = t.at[i];

        if (c == '%') {
            int high = i + 2 < t.size ? hex(t.at[i + 1]) : -1, low = high >= 0 ? hex(t.at[i + 2]) : -1;

            if (low < 0)
                return false;
            c = 16 * high + low;
            i += 2;
        } else if (spaces && c == '+')
            c = ' ';
        if (c < (spaces ? ' ' : '!') || c > '~' || n + 1 >= size)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

/* --- the first line ---------------------------------------------------------------------------- */

static bool
read_method(struct request *r, struct text word)
{
    static const char *const names[] = {
        [REQUEST_GET] = "GET", [REQUEST_IS_HEAD] = "HEAD", [REQUEST_POST] = "POST"};

    for (size_t i = 0; i < LEN(names); i++)
        if (word.size == strlen(names[i]) && memcmp(word.at, names[i], word.size) == 0) {
            r->method = (enum request_method)i;
            return true;
        }
    return refuse(r, is_token(word) ? 405 : 400, REQUEST_MALFORMED);
}

/* Part by part: an escape is decoded within its part and can't make a new one. */
static bool
read_path(struct request *r, struct text path)
{
    size_t n = 0;

    if (!path.size || *path.at != '/')
        return refuse(r, 400, REQUEST_BAD_PATH);
    cut(&path, '/');
    do {
        struct text part = cut(&path, '/');
        char *start = r->path + n + 1;

        if (n + 2 >= sizeof r->path)
            return refuse(r, 414, REQUEST_OVERSIZED);
        r->path[n] = '/';
        if (part.size >= sizeof r->path - n - 1)
            return refuse(r, 414, REQUEST_OVERSIZED);
        if (!decode(part, start, sizeof r->path - n - 1, false) || strpbrk(start, "/\\%") ||
            strcmp(start, ".") == 0 || strcmp(start, "..") == 0)
            return refuse(r, 400, REQUEST_BAD_PATH);
        n += 1 + strlen(start);
    } while (path.size);
    return true;
}

static bool
read_first(struct request *r, struct text line)
{
    struct text method = cut(&line, ' '), url = cut(&line, ' '), path;

    if (!read_method(r, method))
        return false;
    if (!is(line, "HTTP/1.1") && !is(line, "HTTP/1.0"))
        return refuse(r, line.size > 5 && strncmp(line.at, "HTTP/", 5) == 0 ? 505 : 400, REQUEST_MALFORMED);
    if (url.size >= REQUEST_URL)
        return refuse(r, 414, REQUEST_OVERSIZED);
    if (!all_printable(url))
        return refuse(r, 400, REQUEST_BAD_PATH);
    url = cut(&url, '#');
    path = cut(&url, '?');
    copy(url, r->query, sizeof r->query);
    return read_path(r, path);
}

/* --- headers ----------------------------------------------------------------------------------- */

/* A value may have bytes beyond ASCII, but no control characters. */
static bool
is_value(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (((unsigned char)t.at[i] < ' ' && t.at[i] != '\t') || t.at[i] == 0x7f)
            return false;
    return true;
}

static bool
read_header(struct request *r, struct text line, struct text value[HEADERS])
{
    struct text name = cut(&line, ':');

    if (!is_token(name) || name.at + name.size == line.at || !is_value(line))
        return refuse(r, 400, REQUEST_MALFORMED);
    for (int i = 0; i < HEADERS; i++) {
        if (!is(name, header_names[i]))
            continue;
        if (value[i].at)
            return refuse(r, 400, REQUEST_MALFORMED);
        value[i] = trim(line);
    }
    return true;
}

static bool
read_body(struct request *r, const struct text value[HEADERS])
{
    struct text length = value[HEADER_LENGTH];
    long n = 0;

    if (value[HEADER_ENCODING].at)
        return refuse(r, 501, REQUEST_MALFORMED);
    if (!length.at)
        return true;
    if (!length.size || length.size > 18)
        return refuse(r, 400, REQUEST_MALFORMED);
    for (size_t i = 0; i < length.size; i++) {
        if (length.at[i] < '0' || length.at[i] > '9')
            return refuse(r, 400, REQUEST_MALFORMED);
        n = 10 * n + (length.at[i] - '0');
    }
    return n <= REQUEST_BODY ? true : refuse(r, 413, REQUEST_OVERSIZED);
}

/* A name or address with a port, or an origin: no spaces, no user, nothing that is not there to be compared. */
static bool
read_site(struct request *r, const struct text value[HEADERS])
{
    const struct text *host = &value[HEADER_HOST], *origin = &value[HEADER_ORIGIN];

    if (!host->size || !all_printable(*host) || memchr(host->at, '@', host->size) ||
        memchr(host->at, '/', host->size))
        return refuse(r, 400, REQUEST_MALFORMED);
    if (!copy(*host, r->host, sizeof r->host))
        return refuse(r, 431, REQUEST_OVERSIZED);
    if (!origin->at)
        return true;
    if (!origin->size || !all_printable(*origin))
        return refuse(r, 400, REQUEST_MALFORMED);
    return copy(*origin, r->origin, sizeof r->origin) ? true : refuse(r, 431, REQUEST_OVERSIZED);
}

static void
read_cookie(struct request *r, struct text cookies)
{
    while (cookies.size) {
        struct text value = trim(cut(&cookies, ';')), name = cut(&value, '=');

        if (is(name, "deadwax") && copy(value, r->token, sizeof r->token))
            return;
    }
}

/* One that is too long is none of ours. */
static void
read_token(struct request *r, const struct text value[HEADERS])
{
    struct text bearer = value[HEADER_AUTHORIZATION];

    if (bearer.size && is(cut(&bearer, ' '), "bearer") && copy(trim(bearer), r->token, sizeof r->token))
        return;
    if (request_value(r, "token", r->token, sizeof r->token))
        return;
    r->token[0] = '\0';
    read_cookie(r, value[HEADER_COOKIE]);
}

/* 16 bytes in base64 */
static bool
is_key(struct text key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return key.size == REQUEST_KEY - 1 && strspn(key.at, digits) >= REQUEST_KEY - 3 &&
           key.at[REQUEST_KEY - 3] == '=' && key.at[REQUEST_KEY - 2] == '=';
}

static bool
read_upgrade(struct request *r, const struct text value[HEADERS])
{
    if (!lists(value[HEADER_UPGRADE], "websocket") || !lists(value[HEADER_CONNECTION], "upgrade"))
        return true; /* another one need not be followed */
    if (r->method != REQUEST_GET || !is_key(value[HEADER_KEY]))
        return refuse(r, 400, REQUEST_MALFORMED);
    if (!is(value[HEADER_VERSION], "13"))
        return refuse(r, 426, REQUEST_MALFORMED);
    r->websocket = true;
    return copy(value[HEADER_KEY], r->key, sizeof r->key);
}

static bool
read_head(struct request *r, struct text head)
{
    struct text value[HEADERS] = {{NULL, 0}}, line;

    line = cut(&head, '\n');
    line.size--; /* the CR that was seen before */
    if (!read_first(r, line))
        return false;
    while (head.size) {
        line = cut(&head, '\n');
        line.size--;
        if (!read_header(r, line, value))
            return false;
    }
    if (!read_body(r, value) || !read_site(r, value) || !read_upgrade(r, value))
        return false;
    read_token(r, value);
    return true;
}

/* Bytes of the head, without the empty line; 0: its end has not come. False: a line that ends in another way. */
static bool
find_end(const char *data, size_t size, size_t *end)
{
    *end = 0;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\0' || (data[i] == '\n' && (i == 0 || data[i - 1] != '\r')) ||
            (data[i] == '\r' && i + 1 < size && data[i + 1] != '\n'))
            return false;
        if (data[i] == '\n' && i >= 3 && data[i - 2] == '\n') {
            *end = i - 1;
            return true;
        }
    }
    return true;
}

enum request_progress
request_read(struct request *r, const char *data, size_t size)
{
    size_t end;
    bool clean = find_end(data, size < REQUEST_HEAD ? size : REQUEST_HEAD, &end);

    memset(r, 0, sizeof *r);
    r->size = size;
    if (!clean || (end && end < 2)) {
        refuse(r, 400, REQUEST_MALFORMED);
        return REQUEST_REFUSED;
    }
    if (!end && size >= REQUEST_HEAD) {
        refuse(r, 431, REQUEST_OVERSIZED);
        return REQUEST_REFUSED;
    }
    if (!end)
        return REQUEST_MORE;
    r->size = end + 2;
    return read_head(r, (struct text){data, end}) ? REQUEST_WHOLE : REQUEST_REFUSED;
}

/* --- the query --------------------------------------------------------------------------------- */

bool
request_value(const struct request *r, const char *name, char *out, size_t size)
{
    struct text query = {r->query, strlen(r->query)};

    while (query.size) {
        struct text item = cut(&query, '&');
        bool has = item.size && memchr(item.at, '=', item.size);
        struct text key = cut(&item, '=');

        if (has && key.size == strlen(name) && memcmp(key.at, name, key.size) == 0)
            return decode(item, out, size, true);
    }
    return false;
}

bool
request_word(const struct request *r, char *out, size_t size)
{
    struct text query = {r->query, strlen(r->query)};

    out[0] = '\0';
    while (query.size) {
        struct text item = cut(&query, '&');

        if (!item.size || memchr(item.at, '=', item.size))
            continue;
        if (out[0] || !decode(item, out, size, false))
            return false;
    }
    return true;
}
