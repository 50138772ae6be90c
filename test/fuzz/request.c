/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request: bytes as they come to the port of HTTP, and what OSCQuery answers. A head is taken or refused for what it is,
 * however it is cut; its path leads nowhere but into the table; an answer is JSON and names what was asked for.
 *
 * input    the bytes; those behind the head are the value of the row asked for: a text, or a number's eight bytes
 */
#include "test/fuzz/fuzz.h"

#include "control/oscquery.h"
#include "control/request.h"
#include "control/wire.h"
#include "test/control/fake_engine.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { CUTS = 4, SEEN = 256 };

static struct engine *engine;
static struct oscquery *oscquery;

static enum request_progress
take(struct request *r, const uint8_t *data, size_t size)
{
    char *exact = malloc(size ? size : 1);
    enum request_progress progress;

    assert(exact);
    if (size)
        memcpy(exact, data, size);
    progress = request_read(r, exact, size);
    free(exact);
    return progress;
}

/* --- the head ---------------------------------------------------------------------------------- */

static void
check_text(const char *text, size_t room, int from, int to)
{
    assert(strnlen(text, room) < room);
    for (; *text; text++)
        assert(*text >= from && *text <= to);
}

static void
check_path(const char *path)
{
    check_text(path, REQUEST_PATH, '!', '~');
    assert(path[0] == '/' && !strpbrk(path, "\\%"));
    for (const char *part = path; part; part = strchr(part + 1, '/')) {
        size_t n = strcspn(part + 1, "/");

        assert(!(n == 1 && part[1] == '.') && !(n == 2 && part[1] == '.' && part[2] == '.'));
    }
}

static void
check_whole(const struct request *r, size_t size)
{
    char value[64];

    assert(r->size >= 4 && r->size <= size && r->size <= REQUEST_HEAD);
    assert(r->status == 0 && r->fault == REQUEST_FINE);
    check_path(r->path);
    check_text(r->query, sizeof r->query, '!', '~');
    check_text(r->host, sizeof r->host, '!', '~');
    check_text(r->origin, sizeof r->origin, '!', '~');
    check_text(r->token, sizeof r->token, -128, 127);
    assert(r->host[0] && !strpbrk(r->host, "@/"));
    assert(strlen(r->key) == (r->websocket ? REQUEST_KEY - 1 : 0));
    assert(!r->websocket || r->method == REQUEST_GET);
    if (request_value(r, "code", value, sizeof value))
        check_text(value, sizeof value, ' ', '~');
}

static void
check_refused(const struct request *r)
{
    static const int known[] = {400, 405, 413, 414, 426, 431, 501, 505};
    bool found = false;

    for (size_t i = 0; i < LEN(known); i++)
        found |= r->status == known[i];
    assert(found && r->fault != REQUEST_FINE);
}

/* What has been said stays said, and nothing is said too early. */
static void
check_cut(const uint8_t *data, size_t size, size_t at, enum request_progress progress,
          const struct request *whole)
{
    struct request r;
    enum request_progress first = take(&r, data, at);

    if (progress == REQUEST_WHOLE)
        assert(first == (at < whole->size ? REQUEST_MORE : REQUEST_WHOLE));
    assert(first == REQUEST_MORE || first == progress);
    assert(first == REQUEST_MORE || (r.status == whole->status && r.fault == whole->fault));
    assert(first != REQUEST_WHOLE || memcmp(&r, whole, sizeof r) == 0);
    (void)size;
}

static void
check_cuts(const uint8_t *data, size_t size, enum request_progress progress, const struct request *whole)
{
    uint32_t chance = 2166136261u;

    for (size_t i = 0; i < size && i < 64; i++)
        chance = (chance ^ data[i]) * 16777619u;
    for (int i = 0; i < CUTS; i++, chance = chance * 1664525u + 1013904223u)
        check_cut(data, size, (chance >> 8) % (size + 1), progress, whole);
    if (progress == REQUEST_WHOLE) {
        check_cut(data, size, whole->size - 1, progress, whole);
        check_cut(data, size, whole->size, progress, whole);
    }
}

/* --- the answer -------------------------------------------------------------------------------- */

/* Large answers come again and again: each is looked at once. */
static bool
seen(const char *body, size_t size)
{
    static struct {
        char *body;
        size_t size;
    } known[SEEN];
    size_t i = size % SEEN;

    if (size < 2048)
        return false;
    if (known[i].size == size && memcmp(known[i].body, body, size) == 0)
        return true;
    free(known[i].body);
    known[i].body = malloc(size);
    known[i].size = size;
    assert(known[i].body);
    memcpy(known[i].body, body, size);
    return false;
}

static void
check_body(const char *path, const char *attribute, const char *body, size_t size)
{
    json_error_t e;
    json_t *o;
    const char *full;

    if (seen(body, size))
        return;
    o = json_loadb(body, size, JSON_REJECT_DUPLICATES, &e);
    assert(json_is_object(o));
    full = json_string_value(json_object_get(o, "FULL_PATH"));
    if (!*attribute)
        assert(full && strcmp(full, path) == 0);
    else if (strcmp(attribute, "HOST_INFO") != 0)
        assert(json_object_size(o) == 1 ? json_object_get(o, attribute) != NULL
                                        : json_object_size(o) == 0 && strcmp(attribute, "TYPE") == 0);
    json_decref(o);
}

/* The row that a path leads to; -1: none. */
static int
row_of(const char *path)
{
    char plain[WIRE_PATH_SIZE];
    bool norm;

    return wire_cut_norm(path, plain, &norm) ? param_find(plain) : -1;
}

static void
put_value(int id, const uint8_t *data, size_t size)
{
    double number = 0.0;

    if (size)
        memcpy(&number, data, size < sizeof number ? size : sizeof number);
    if (param_at(id)->type == PARAM_SERIES)
        engine->series[0] = engine->series[LEN(engine->series) - 1] = number;
    else if (param_at(id)->type == PARAM_TEXT) {
        size = size < PARAM_TEXT_SIZE ? size : PARAM_TEXT_SIZE - 1;
        if (size)
            memcpy(engine->text[id], data, size);
        engine->text[id][size] = '\0';
    } else if (param_at(id)->flags & PARAM_READ_ONLY || param_check(param_at(id), number, NULL))
        engine->value[id] = number;
}

static void
ask(const struct request *r, const uint8_t *data, size_t size)
{
    char word[32], *body;
    int id = row_of(r->path), status;

    if (!request_word(r, word, sizeof word))
        return;
    check_text(word, sizeof word, '!', '~');
    if (id >= 0)
        put_value(id, data, size);
    status = oscquery_answer(oscquery, r->path, word, &body, &size);
    assert(status == 200 || status == 204 || status == 400 || status == 404);
    assert((status == 200) == (body != NULL) && (body != NULL) == (size > 0));
    if (body)
        check_body(r->path, word, body, size);
    free(body);
    if (id >= 0) {
        engine->value[id] = param_at(id)->def;
        engine->series[0] = engine->series[LEN(engine->series) - 1] = 0.0;
        engine->text[id][0] = '\0';
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct oscquery_host host = {"deadwax", 9000, 9001};
    struct request r;
    enum request_progress progress;

    if (!oscquery) {
        engine = fake_engine_open();
        assert(oscquery_open(&oscquery, engine, &host) == OK);
    }
    progress = take(&r, data, size);
    if (progress == REQUEST_MORE)
        assert(size < REQUEST_HEAD);
    else if (progress == REQUEST_WHOLE)
        check_whole(&r, size);
    else
        check_refused(&r);
    check_cuts(data, size, progress, &r);
    if (progress == REQUEST_WHOLE)
        ask(&r, data + r.size, size - r.size);
    return 0;
}
