/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/packet.h"

#include <lo/lo.h>
#include <lo/lo_lowlevel.h>
#include <string.h>

enum { BUNDLE_HEAD = 16, BAD = -1 }; /* "#bundle", 0, time tag */

static uint32_t
get32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t
get64(const unsigned char *p)
{
    return (uint64_t)get32(p) << 32 | get32(p + 4);
}

static void
put32(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> (24 - 8 * i));
}

/* --- checking ---------------------------------------------------------------------------------- */

/* Bytes that a string takes with its padding; BAD unless it ends inside size and is padded with zeros. */
static long
string_size(const unsigned char *p, size_t size)
{
    size_t n = strnlen((const char *)p, size), padded = (n / 4 + 1) * 4;

    if (padded > size)
        return BAD;
    for (size_t i = n; i < padded; i++)
        if (p[i])
            return BAD;
    return (long)padded;
}

static long
blob_size(const unsigned char *p, size_t size)
{
    size_t n;

    if (size < 4)
        return BAD;
    n = get32(p);
    if (n > size - 4)
        return BAD;
    return (long)(4 + (n + 3) / 4 * 4);
}

/* Bytes that an argument takes; BAD when it does not fit. */
static long
arg_size(char type, const unsigned char *p, size_t size)
{
    switch (type) {
    case 'T':
    case 'F':
    case 'N':
    case 'I': return 0;
    case 'i':
    case 'f':
    case 'c':
    case 'r':
    case 'm': return 4;
    case 'h':
    case 'd':
    case 't': return 8;
    case 's':
    case 'S': return string_size(p, size);
    case 'b': return blob_size(p, size);
    }
    return BAD;
}

static bool
path_ok(const unsigned char *p)
{
    if (*p != '/')
        return false;
    for (; *p; p++)
        if (*p <= ' ' || *p >= 127)
            return false;
    return true;
}

/* What nobody knows hides the sizes of all that comes after it. */
static bool
types_known(const char *types)
{
    return strspn(types, ",ifhdsSTFNIbtcrm") == strlen(types);
}

static bool
message_ok(const unsigned char *p, size_t size)
{
    long n = string_size(p, size);
    const char *types;

    if (n == BAD || !path_ok(p))
        return false;
    p += n;
    size -= (size_t)n;
    if (!size) /* old senders leave the types out */
        return true;
    types = (const char *)p;
    n = string_size(p, size);
    if (n == BAD || *types != ',')
        return false;
    if (!types_known(types))
        return true;
    p += n;
    size -= (size_t)n;
    while (*++types) {
        n = arg_size(*types, p, size);
        if (n == BAD || (size_t)n > size)
            return false;
        p += n;
        size -= (size_t)n;
    }
    return size == 0;
}

static bool
packet_ok(const unsigned char *p, size_t size, int depth)
{
    if (!size || size % 4)
        return false;
    if (*p != '#')
        return message_ok(p, size);
    if (depth == PACKET_DEPTH || size < BUNDLE_HEAD || memcmp(p, "#bundle", 8) != 0)
        return false;
    for (size_t at = BUNDLE_HEAD; at < size;) {
        size_t n = get32(p + at); /* size is a multiple of 4: there are 4 bytes */

        at += 4;
        if (n > size - at || !packet_ok(p + at, n, depth + 1))
            return false;
        at += n;
    }
    return true;
}

/* --- reading ----------------------------------------------------------------------------------- */

struct walk {
    packet_each *each;
    void *context;
};

static struct packet_arg
decode_arg(char type, const lo_arg *a)
{
    struct packet_arg arg = {.type = type};
    union {
        int32_t i;
        int64_t h;
        float f;
        double d;
    } v;

    switch (type) { /* liblo aligns by 4: copy what is 8 wide */
    case 'i':
        memcpy(&v.i, a, sizeof v.i);
        arg.number = v.i;
        break;
    case 'h':
        memcpy(&v.h, a, sizeof v.h);
        arg.number = (double)v.h;
        break;
    case 'f':
        memcpy(&v.f, a, sizeof v.f);
        arg.number = (double)v.f;
        break;
    case 'd':
        memcpy(&v.d, a, sizeof v.d);
        arg.number = v.d;
        break;
    case 'T': arg.number = 1.0; break;
    case 's':
    case 'S': arg.text = (const char *)a; break;
    }
    return arg;
}

static void
decode(struct packet_message *m, const unsigned char *p, size_t size)
{
    size_t n = (size_t)string_size(p, size);
    const char *types = (const char *)p + n;
    lo_arg **argv;

    m->path = (const char *)p;
    if (n == size || !types[1])
        return;
    m->decoded = types_known(types) ? lo_message_deserialise((void *)p, size, NULL) : NULL;
    if (!m->decoded) {
        m->nargs = -1;
        return;
    }
    m->nargs = lo_message_get_argc(m->decoded);
    argv = lo_message_get_argv(m->decoded);
    for (int i = 0; i < m->nargs && i < PACKET_ARGS; i++)
        m->arg[i] = decode_arg(types[1 + i], argv[i]);
}

const void *
packet_blob(const struct packet_message *m, int i, size_t *size)
{
    lo_blob blob;

    if (i < 0 || i >= m->nargs || i >= PACKET_ARGS || m->arg[i].type != 'b')
        return NULL;
    blob = (lo_blob)lo_message_get_argv(m->decoded)[i];
    *size = lo_blob_datasize(blob);
    return lo_blob_dataptr(blob);
}

static void
walk(const struct walk *w, const unsigned char *p, size_t size, bool bundled, uint64_t tag)
{
    struct packet_message m = {.bundled = bundled, .tag = tag};

    if (*p != '#') {
        decode(&m, p, size);
        w->each(w->context, &m);
        lo_message_free(m.decoded);
        return;
    }
    if (get64(p + 8) > tag)
        tag = get64(p + 8);
    for (size_t at = BUNDLE_HEAD; at < size;) {
        size_t n = get32(p + at);

        walk(w, p + at + 4, n, true, tag);
        at += 4 + n;
    }
}

bool
packet_read(const void *data, size_t size, packet_each *each, void *context)
{
    const struct walk w = {each, context};

    if (size > PACKET_SIZE || !packet_ok(data, size, 0))
        return false;
    walk(&w, data, size, false, PACKET_NOW);
    return true;
}

/* --- time -------------------------------------------------------------------------------------- */

/* 1900 to 1970; a tag without its top bit is in the era that begins in 2036 (RFC 4330, 3). */
#define NTP_TO_UNIX 2208988800LL
#define NTP_ERA     4294967296LL
#define NS          1000000000LL

int64_t
packet_tag_ns(uint64_t tag)
{
    int64_t s = (int64_t)(tag >> 32);
    uint64_t fraction = tag & 0xffffffffu;

    if (s < NTP_ERA / 2)
        s += NTP_ERA;
    return (s - NTP_TO_UNIX) * NS + (int64_t)((fraction * NS + (1u << 31)) >> 32);
}

uint64_t
packet_tag(int64_t realtime_ns)
{
    int64_t s = realtime_ns / NS, ns = realtime_ns % NS;

    if (ns < 0) {
        s--;
        ns += NS;
    }
    return (uint64_t)(s + NTP_TO_UNIX) << 32 | (((uint64_t)ns << 32) + NS / 2) / NS;
}

/* --- writing ----------------------------------------------------------------------------------- */

void
packet_message(struct packet_writer *w)
{
    w->size = 0;
    w->count = 0;
    w->bundle = false;
}

void
packet_bundle(struct packet_writer *w, uint64_t tag)
{
    memcpy(w->data, "#bundle", 8);
    put32(w->data + 8, (uint32_t)(tag >> 32));
    put32(w->data + 12, (uint32_t)tag);
    w->size = BUNDLE_HEAD;
    w->count = 0;
    w->bundle = true;
}

static bool
add(struct packet_writer *w, const char *path, lo_message m)
{
    size_t n = lo_message_length(m, path), head = w->bundle ? 4 : 0;

    if ((!w->bundle && w->count) || w->size + head + n > sizeof w->data)
        return false;
    if (w->bundle)
        put32(w->data + w->size, (uint32_t)n);
    lo_message_serialise(m, path, w->data + w->size + head, NULL);
    w->size += head + n;
    w->count++;
    return true;
}

static bool
append(lo_message m, const struct packet_arg *a)
{
    switch (a->type) {
    case 'i': return lo_message_add_int32(m, (int32_t)a->number) >= 0;
    case 'h': return lo_message_add_int64(m, (int64_t)a->number) >= 0;
    case 'f': return lo_message_add_float(m, (float)a->number) >= 0;
    case 'd': return lo_message_add_double(m, a->number) >= 0;
    case 's': return lo_message_add_string(m, a->text) >= 0;
    case 'T': return lo_message_add_true(m) >= 0;
    case 'F': return lo_message_add_false(m) >= 0;
    case 'I': return lo_message_add_infinitum(m) >= 0;
    case 'N': return lo_message_add_nil(m) >= 0;
    }
    return false;
}

bool
packet_add(struct packet_writer *w, const char *path, const struct packet_arg *arg, int nargs)
{
    lo_message m = lo_message_new();
    bool good = m != NULL;

    for (int i = 0; i < nargs && good; i++)
        good = append(m, &arg[i]);
    good = good && add(w, path, m);
    lo_message_free(m);
    return good;
}

bool
packet_add_blob(struct packet_writer *w, const char *path, const void *data, size_t size)
{
    lo_blob blob = size && size <= sizeof w->data ? lo_blob_new((int32_t)size, data) : NULL;
    lo_message m = lo_message_new();
    bool good = blob && m && lo_message_add_blob(m, blob) >= 0 && add(w, path, m);

    if (blob)
        lo_blob_free(blob);
    lo_message_free(m);
    return good;
}

bool
packet_add_echo(struct packet_writer *w, const char *path, const struct packet_message *m,
                const char *const *text, int ntext)
{
    lo_message copy = m->decoded ? lo_message_clone(m->decoded) : lo_message_new();
    bool good = copy != NULL;

    for (int i = 0; i < ntext && good; i++)
        good = lo_message_add_string(copy, text[i]) >= 0;
    good = good && add(w, path, copy);
    lo_message_free(copy);
    return good;
}
