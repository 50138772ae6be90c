/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scarce: a calloc that gives nothing when told so, for tests of what prepare does then.
 *
 * It is the program's own calloc, so one file of a program includes this. glibc lets it; a sanitizer has its own
 * already: there, it isn't, and tests that need it are left out with the same #ifndef.
 */
#ifndef TEST_KIT_SCARCE_H
#define TEST_KIT_SCARCE_H

#include <stdlib.h>

#ifndef __SANITIZE_ADDRESS__
void *__libc_calloc(size_t count, size_t size);

static int callocs_left = -1; /* until none is given; -1: no end */

void *
calloc(size_t count, size_t size)
{
    if (callocs_left == 0)
        return NULL;
    if (callocs_left > 0)
        callocs_left--;
    return __libc_calloc(count, size);
}
#endif

#endif
