/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pattern: OSC address patterns.
 *
 * ?  *  [a-z]  [!abc]  {foo,bar} stay within one part of a path; // stands for
 * any number of parts. Compiled into the positions that may follow each
 * position, then all places of the match are walked at once: the time is at
 * most pattern times path, whatever the pattern.
 *
 * sources  OSC 1.0, "OSC Message Dispatching and Pattern Matching"; // from OSC 1.1
 *          Glushkov, Russian Mathematical Surveys 16(5), 1961
 */
#ifndef CONTROL_PATTERN_H
#define CONTROL_PATTERN_H

#include "engine/err.h"

#include <stdint.h>

enum { PATTERN_LENGTH = 62 }; /* characters to match; a class counts as one */

struct pattern {         /* by value in its owner; fields are pattern.c's business */
    uint64_t takes[128]; /* by character: the positions that take it */
    uint64_t follow[64]; /* by position: the positions after it; 0 is the start */
    uint64_t ends;       /* positions after which the pattern may be over */
    int used;
};

/* Has it any of the signs at all? */
bool pattern_is(const char *text);
/* False, with the reason, when a bracket is left open or it is too long. */
bool pattern_compile(struct pattern *p, const char *text, struct err *e);
bool pattern_match(const struct pattern *p, const char *path);

#endif
