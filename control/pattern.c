/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/pattern.h"

#include <string.h>

/*
 * Position 0 is the start; each character, class, star or any-part gets the
 * next one. `ends` is, while compiling, the set of positions after which the
 * pattern goes on here. A star may be left out, so it is added to ends and
 * does not replace them; so is an empty word in braces.
 */

static uint64_t
bit(int i)
{
    return (uint64_t)1 << i;
}

/* A new position that comes after each of p->ends; 0: no room. */
static int
position(struct pattern *p)
{
    int i = p->used + 1;

    if (i > PATTERN_LENGTH)
        return 0;
    p->used = i;
    for (uint64_t left = p->ends; left; left &= left - 1)
        p->follow[__builtin_ctzll(left)] |= bit(i);
    return i;
}

static bool
literal(struct pattern *p, unsigned char c)
{
    int i = position(p);

    if (!i || c >= 128)
        return false;
    p->takes[c] |= bit(i);
    p->ends = bit(i);
    return true;
}

/* Takes each printable character in (or not in) set, never '/'. */
static bool class(struct pattern *p, const bool *set, bool want)
{
    int i = position(p);

    if (!i)
        return false;
    for (int c = ' '; c < 127; c++)
        if (c != '/' && set[c] == want)
            p->takes[c] |= bit(i);
    p->ends = bit(i);
    return true;
}

static bool
star(struct pattern *p)
{
    static const bool none[128];
    uint64_t before = p->ends;

    if (!class(p, none, false))
        return false;
    p->follow[p->used] |= bit(p->used);
    p->ends |= before;
    return true;
}

/* "//": a slash, and then, or not, anything up to a further slash. */
static bool
any_parts(struct pattern *p)
{
    uint64_t first;
    int any;

    if (!literal(p, '/'))
        return false;
    first = p->ends;
    any = position(p);
    if (!any)
        return false;
    for (int c = ' '; c < 127; c++)
        p->takes[c] |= bit(any);
    p->follow[any] |= bit(any);
    p->ends = bit(any);
    if (!literal(p, '/'))
        return false;
    p->ends |= first;
    return true;
}

/* t is after '['; returns what follows the ']', NULL when there is none or no room. */
static const char *
brackets(struct pattern *p, const char *t)
{
    bool set[128] = {false}, negated = *t == '!';

    if (negated)
        t++;
    for (; *t && *t != ']'; t++) {
        unsigned char first = (unsigned char)*t, last = first;

        if (t[1] == '-' && t[2] && t[2] != ']') { /* a '-' at either end is itself */
            last = (unsigned char)t[2];
            t += 2;
        }
        for (int c = first; c <= last && c < 128; c++)
            set[c] = true;
    }
    return *t == ']' && class(p, set, !negated) ? t + 1 : NULL;
}

/* t is after '{'; as brackets. Words in braces are literal. */
static const char *
braces(struct pattern *p, const char *t)
{
    uint64_t before = p->ends, after = 0;

    for (; *t && *t != '}' && *t != '/'; t++) {
        if (*t == ',') {
            after |= p->ends;
            p->ends = before;
        } else if (!literal(p, (unsigned char)*t)) {
            return NULL;
        }
    }
    p->ends |= after;
    return *t == '}' ? t + 1 : NULL;
}

static const char *
compile_one(struct pattern *p, const char *t)
{
    static const bool none[128];

    switch (*t) {
    case '?': return class(p, none, false) ? t + 1 : NULL;
    case '*': return star(p) ? t + 1 : NULL;
    case '[': return brackets(p, t + 1);
    case '{': return braces(p, t + 1);
    case '/':
        if (t[1] == '/')
            return any_parts(p) ? t + 2 : NULL;
        break;
    }
    return literal(p, (unsigned char)*t) ? t + 1 : NULL;
}

bool
pattern_is(const char *text)
{
    return strpbrk(text, "?*[{") || strstr(text, "//");
}

bool
pattern_compile(struct pattern *p, const char *text, struct err *e)
{
    const char *t = text;

    memset(p, 0, sizeof *p);
    p->ends = bit(0);
    while (t && *t)
        t = compile_one(p, t);
    if (t)
        return true;
    if (p->used >= PATTERN_LENGTH)
        return err_set(e, "%.80s...: the pattern is too long: use at most %d characters", text,
                       PATTERN_LENGTH);
    return err_set(e, "%.80s: not a pattern: close each [ and { within its part of the path", text);
}

bool
pattern_match(const struct pattern *p, const char *path)
{
    uint64_t at = bit(0);

    for (; *path && at; path++) {
        uint64_t next = 0, can = p->takes[*path & 127];

        for (; at; at &= at - 1)
            next |= p->follow[__builtin_ctzll(at)];
        at = next & can;
    }
    return (at & p->ends) != 0;
}
