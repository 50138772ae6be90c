/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscquery.h"

#include "control/told.h"
#include "control/utf8.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * What never changes of a node is made into text once; an answer is these texts with the values between them.
 */
struct node {
    const char *path; /* its parameter's, or that of the first one below it; of which */
    size_t length;    /* so many bytes are its own */
    size_t name;      /* where in the path its name begins */
    int id;           /* -1: a container alone */
    char *fixed;      /* "FULL_PATH":...; without braces */
    json_t *attributes;
    int child, next; /* -1: none */
};

struct text {
    char *at;
    size_t size, room;
    bool failed; /* no memory */
};

enum { ORDERED = 64 };

struct oscquery {
    const struct engine *engine;
    struct oscquery_host host;
    struct node *node; /* the first one is "/" */
    int nnodes, room;
    int order[ORDERED], nordered; /* ids below OSCQUERY_ORDER, as they were last */
};

static const char *const units[] = {
    [UNIT_NONE] = NULL,
    [UNIT_DB] = "gain.db",
    [UNIT_DBFS] = "gain.dbfs",
    [UNIT_DBTP] = "gain.dbtp",
    [UNIT_LUFS] = "loudness.lufs",
    [UNIT_LU] = "loudness.lu",
    [UNIT_HZ] = "time.hz",
    [UNIT_MS] = "time.ms",
    [UNIT_S] = "time.second",
    [UNIT_PERCENT] = "ratio.percent",
    [UNIT_RATIO] = "ratio",
    [UNIT_FRAMES] = "time.samples",
    [UNIT_DEGREES] = "angle.degree",
};

/* --- text -------------------------------------------------------------------------------------- */

static void
put(struct text *t, const char *data, size_t size)
{
    if (t->size + size > t->room) {
        size_t room = 2 * (t->size + size) + 1024;
        char *at = realloc(t->at, room);

        t->failed |= !at;
        if (!at)
            return;
        t->at = at;
        t->room = room;
    }
    memcpy(t->at + t->size, data, size);
    t->size += size;
}

static void
put_word(struct text *t, const char *word)
{
    put(t, word, strlen(word));
}

/* As many digits as a double has for certain; whole numbers as such. */
static void
put_number(struct text *t, double value)
{
    char word[32];

    if (value == floor(value) && fabs(value) < 1e15)
        snprintf(word, sizeof word, "%.0f", value == 0.0 ? 0.0 : value);
    else
        snprintf(word, sizeof word, "%.15g", value);
    put_word(t, word);
}

/* A file's name may be any bytes: those that are no UTF-8 become '?'. */
static void
put_string(struct text *t, const char *string)
{
    wchar_t c;

    put(t, "\"", 1);
    for (int n; (n = utf8_decode(string, &c)) > 0; string += n) {
        char escape[8];

        if (c == UTF8_BROKEN && n == 1)
            put(t, "?", 1);
        else if (c < ' ' || c == '"' || c == '\\' || c == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
            put_word(t, escape);
        } else
            put(t, string, (size_t)n);
    }
    put(t, "\"", 1);
}

/* --- values ------------------------------------------------------------------------------------ */

static void
put_value(const struct oscquery *q, struct text *t, int id, bool norm)
{
    struct packet_arg arg[PACKET_ARGS];
    int n = told_arguments(q->engine, id, norm, arg);

    put_word(t, "\"VALUE\":[");
    for (int i = 0; i < n; i++) {
        if (i)
            put(t, ",", 1);
        if (arg[i].text)
            put_string(t, arg[i].text);
        else
            put_number(t, arg[i].number);
    }
    put(t, "]", 1);
}

/* --- attributes that stay ---------------------------------------------------------------------- */

static int
access_of(const struct param *p)
{
    return p->type == PARAM_TRIGGER ? 2 : p->flags & PARAM_READ_ONLY ? 1 : 3;
}

static json_t *
type_of(const struct oscquery *q, int id, bool norm)
{
    struct packet_arg arg[PACKET_ARGS];
    char types[PACKET_ARGS + 1];
    int n;

    if (param_at(id)->type == PARAM_TRIGGER)
        return json_string("I");
    n = told_arguments(q->engine, id, norm, arg);
    for (int i = 0; i < n; i++)
        types[i] = arg[i].type;
    return json_stringn(types, (size_t)n);
}

static json_t *
number(double value)
{
    return value == floor(value) ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *
between(double min, double max)
{
    return json_pack("{soso}", "MIN", number(min), "MAX", number(max));
}

static json_t *
indices(const struct param *p)
{
    json_t *range = between(p->min, p->max), *vals = json_array();

    for (int i = (int)p->min; i <= (int)p->max; i++)
        json_array_append_new(vals, json_integer(i));
    json_object_set_new(range, "VALS", vals);
    return range;
}

static json_t *
words(const struct param *p)
{
    json_t *vals = json_array();

    for (int i = 0; i <= (int)p->max; i++)
        json_array_append_new(vals, json_string(p->names[i]));
    return json_pack("{so}", "VALS", vals);
}

/* NULL: none. */
static json_t *
range_of(const struct param *p, bool norm)
{
    if (norm)
        return json_pack("[o]", between(0.0, 1.0));
    switch (p->type) {
    case PARAM_SERIES: return between(p->min, p->max);
    case PARAM_FLOAT:
    case PARAM_INT: return json_pack("[o]", between(p->min, p->max));
    case PARAM_BOOL: return json_pack("[o]", indices(p));
    case PARAM_ENUM: return json_pack("[oo]", indices(p), words(p));
    case PARAM_TRIGGER:
    case PARAM_TEXT: break;
    }
    return NULL;
}

static json_t *
unit_of(const struct param *p, bool norm)
{
    const char *unit = norm ? NULL : units[p->unit];

    if (!unit)
        return NULL;
    return p->type == PARAM_SERIES ? json_string(unit) : json_pack("[s]", unit);
}

static void
set(json_t *o, const char *key, json_t *value)
{
    if (value)
        json_object_set_new(o, key, value);
}

static json_t *
method_attributes(const struct oscquery *q, int id, bool norm)
{
    const struct param *p = param_at(id);
    json_t *o = json_object();

    set(o, "FULL_PATH", json_sprintf("%s%s", p->path, norm ? "/norm" : ""));
    set(o, "DESCRIPTION", json_sprintf("%s: %s", p->label, p->text));
    set(o, "ACCESS", json_integer(access_of(p)));
    set(o, "TYPE", type_of(q, id, norm));
    set(o, "RANGE", range_of(p, norm));
    set(o, "UNIT", unit_of(p, norm));
    return o;
}

static json_t *
container_attributes(const struct node *n)
{
    return json_pack("{ss#si}", "FULL_PATH", n->length ? n->path : "/", n->length ? (int)n->length : 1,
                     "ACCESS", 0);
}

/* As text, without the braces around it. */
static char *
bare(const json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(15));
    size_t n = text ? strlen(text) : 0;

    if (!text)
        return NULL;
    memmove(text, text + 1, n - 2);
    text[n - 2] = '\0';
    return text;
}

/* --- the tree ---------------------------------------------------------------------------------- */

static int
new_node(struct oscquery *q, struct node n)
{
    if (q->nnodes == q->room) {
        int room = 2 * q->room + 256;
        struct node *node = realloc(q->node, (size_t)room * sizeof *node);

        if (!node)
            return -1;
        q->node = node;
        q->room = room;
    }
    n.id = n.child = n.next = -1;
    q->node[q->nnodes] = n;
    return q->nnodes++;
}

static bool
same_name(const struct node *a, const struct node *b)
{
    return a->length - a->name == b->length - b->name &&
           memcmp(a->path + a->name, b->path + b->name, a->length - a->name) == 0;
}

/* The child of that name, behind its elder ones if it is new; -1: no memory. */
static int
child_of(struct oscquery *q, int parent, struct node n)
{
    int i = q->node[parent].child, last = -1;

    for (; i >= 0; i = q->node[i].next) {
        if (same_name(&q->node[i], &n))
            return i;
        last = i;
    }
    i = new_node(q, n);
    if (i >= 0 && last >= 0)
        q->node[last].next = i;
    else if (i >= 0)
        q->node[parent].child = i;
    return i;
}

static bool
plant(struct oscquery *q, int id)
{
    const char *path = param_at(id)->path;
    int at = 0;

    for (size_t end = 0; path[end] && at >= 0;) {
        size_t name = end + 1;

        end = name + strcspn(path + name, "/");
        at = child_of(q, at, (struct node){.path = path, .length = end, .name = name});
    }
    if (at >= 0)
        q->node[at].id = id;
    return at >= 0;
}

static bool
describe(struct oscquery *q, struct node *n)
{
    n->attributes = n->id >= 0 ? method_attributes(q, n->id, false) : container_attributes(n);
    n->fixed = n->attributes ? bare(n->attributes) : NULL;
    return n->fixed != NULL;
}

static int
find(const struct oscquery *q, const char *path)
{
    int at = 0;

    while (*path == '/' && path[1]) {
        size_t n = strcspn(path + 1, "/");
        struct node wanted = {.path = path, .name = 1, .length = 1 + n};

        for (at = q->node[at].child; at >= 0 && !same_name(&q->node[at], &wanted);)
            at = q->node[at].next;
        if (at < 0)
            return -1;
        path += 1 + n;
    }
    return *path == '\0' || (at == 0 && strcmp(path, "/") == 0) ? at : -1;
}

/* --- the order of the stages ------------------------------------------------------------------- */

/* Stages at the same place stand as in the table. */
static bool
sort_order(struct oscquery *q)
{
    bool changed = false;

    for (int i = 1; i < q->nordered; i++)
        for (int k = i; k > 0; k--) {
            int a = q->order[k - 1], b = q->order[k];
            double x = engine_get(q->engine, a), y = engine_get(q->engine, b);

            if (x < y || (x == y && a < b))
                break;
            q->order[k - 1] = b;
            q->order[k] = a;
            changed = true;
        }
    return changed;
}

bool
oscquery_rearranged(struct oscquery *q)
{
    return sort_order(q);
}

/* --- answers ----------------------------------------------------------------------------------- */

static void put_node(struct oscquery *q, struct text *t, int i);

static void
put_child(struct oscquery *q, struct text *t, int i)
{
    const struct node *n = &q->node[i];

    if (t->size && t->at[t->size - 1] != '{')
        put(t, ",", 1);
    put(t, "\"", 1);
    put(t, n->path + n->name, n->length - n->name);
    put(t, "\":", 2);
    put_node(q, t, i);
}

static void
put_node(struct oscquery *q, struct text *t, int i)
{
    const struct node *n = &q->node[i];

    put(t, "{", 1);
    put_word(t, n->fixed);
    if (n->id >= 0 && access_of(param_at(n->id)) & 1) {
        put(t, ",", 1);
        put_value(q, t, n->id, false);
    }
    if (n->child >= 0 || n->id < 0) {
        put_word(t, ",\"CONTENTS\":{");
        for (int k = n->child; k >= 0; k = q->node[k].next)
            put_child(q, t, k);
        put(t, "}", 1);
    }
    put(t, "}", 1);
}

static void
put_norm(struct oscquery *q, struct text *t, int id)
{
    json_t *o = method_attributes(q, id, true);
    char *fixed = o ? bare(o) : NULL;

    json_decref(o);
    t->failed |= !fixed;
    put(t, "{", 1);
    put_word(t, fixed ? fixed : "");
    put(t, ",", 1);
    put_value(q, t, id, true);
    put(t, "}", 1);
    free(fixed);
}

static int
host_info(const struct oscquery *q, struct text *t)
{
    json_t *o =
        json_pack("{ss si ss si s{sb sb sb sb sb sb sb}}", "NAME", q->host.name, "OSC_PORT", q->host.osc_port,
                  "OSC_TRANSPORT", "UDP", "WS_PORT", q->host.ws_port, "EXTENSIONS", "ACCESS", 1, "VALUE", 1,
                  "RANGE", 1, "DESCRIPTION", 1, "UNIT", 1, "LISTEN", 1, "PATH_CHANGED", 1);
    char *fixed = o ? bare(o) : NULL;

    json_decref(o);
    if (!fixed)
        return 500;
    put(t, "{", 1);
    put_word(t, fixed);
    put(t, "}", 1);
    free(fixed);
    return 200;
}

static int
one_attribute(struct oscquery *q, struct text *t, const json_t *attributes, int id, bool norm,
              const char *name)
{
    const json_t *value = json_object_get(attributes, name);
    char *dump;

    put(t, "{", 1);
    if (id >= 0 && strcmp(name, "VALUE") == 0 && access_of(param_at(id)) & 1)
        put_value(q, t, id, norm);
    else if (value) {
        dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        t->failed |= !dump;
        put_string(t, name);
        put(t, ":", 1);
        put_word(t, dump ? dump : "");
        free(dump);
    } else if (id >= 0 || strcmp(name, "TYPE") != 0) /* the specification has {} for a container's type */
        return 204;
    put(t, "}", 1);
    return 200;
}

static int
contents(struct oscquery *q, struct text *t, int at)
{
    if (q->node[at].child < 0)
        return 204;
    put_word(t, "{\"CONTENTS\":{");
    for (int k = q->node[at].child; k >= 0; k = q->node[k].next)
        put_child(q, t, k);
    put(t, "}}", 2);
    return 200;
}

/* The row whose twin it is; -1: none. */
static int
twin(const char *path)
{
    char plain[WIRE_PATH_SIZE];
    bool norm;
    int id = wire_cut_norm(path, plain, &norm) && norm ? param_find(plain) : -1;

    return id >= 0 && wire_has(param_at(id), true) ? id : -1;
}

static int
answer_twin(struct oscquery *q, struct text *t, int id, const char *attribute)
{
    json_t *attributes;
    int status;

    if (!*attribute) {
        put_norm(q, t, id);
        return 200;
    }
    attributes = method_attributes(q, id, true);
    status = one_attribute(q, t, attributes, id, true, attribute);
    json_decref(attributes);
    return status;
}

static int
answer(struct oscquery *q, struct text *t, const char *path, const char *attribute)
{
    static const char *const known[] = {"FULL_PATH", "CONTENTS",    "TYPE",      "ACCESS",        "VALUE",
                                        "RANGE",     "DESCRIPTION", "TAGS",      "EXTENDED_TYPE", "UNIT",
                                        "CRITICAL",  "CLIPMODE",    "OVERLOADS", "HTML"};
    int at, id;
    bool knows = !*attribute;

    if (strcmp(attribute, "HOST_INFO") == 0)
        return host_info(q, t);
    for (size_t i = 0; i < LEN(known); i++)
        knows |= strcmp(attribute, known[i]) == 0;
    if (!knows)
        return 400;
    at = find(q, path);
    id = at < 0 ? twin(path) : -1;
    if (at < 0 && id < 0)
        return 404;
    if (at < 0)
        return answer_twin(q, t, id, attribute);
    if (strcmp(attribute, "CONTENTS") == 0)
        return contents(q, t, at);
    if (*attribute)
        return one_attribute(q, t, q->node[at].attributes, q->node[at].id, false, attribute);
    put_node(q, t, at);
    return 200;
}

int
oscquery_answer(struct oscquery *q, const char *path, const char *attribute, char **body, size_t *size)
{
    struct text t = {NULL, 0, 0, false};
    int status = answer(q, &t, path, attribute);

    if (t.failed)
        status = 500;
    if (status != 200) {
        free(t.at);
        t = (struct text){NULL, 0, 0, false};
    }
    *body = t.at;
    *size = t.size;
    return status;
}

/* --- opening ----------------------------------------------------------------------------------- */

static bool
build(struct oscquery *q)
{
    if (new_node(q, (struct node){.path = ""}) < 0)
        return false;
    for (int id = 0; id < params_count(); id++) {
        if (!plant(q, id))
            return false;
        if (wire_inside(param_at(id)->path, OSCQUERY_ORDER) && q->nordered < ORDERED)
            q->order[q->nordered++] = id;
    }
    for (int i = 0; i < q->nnodes; i++)
        if (!describe(q, &q->node[i]))
            return false;
    sort_order(q);
    return true;
}

enum status
oscquery_open(struct oscquery **oscquery, const struct engine *engine, const struct oscquery_host *host)
{
    struct oscquery *q = calloc(1, sizeof *q);

    *oscquery = NULL;
    if (!q)
        return NO_MEM;
    params_init();
    q->engine = engine;
    q->host = *host;
    if (!build(q)) {
        oscquery_close(q);
        return NO_MEM;
    }
    *oscquery = q;
    return OK;
}

void
oscquery_close(struct oscquery *q)
{
    if (!q)
        return;
    for (int i = 0; i < q->nnodes; i++) {
        free(q->node[i].fixed);
        json_decref(q->node[i].attributes);
    }
    free(q->node);
    free(q);
}
