/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

unsigned char *
file_bytes(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    unsigned char *bytes;
    long end;

    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    end = ftell(f);
    assert_true(end >= 0);
    *size = (size_t)end;
    rewind(f);
    bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, f), *size);
    fclose(f);
    return bytes;
}

bool
same_bytes(const char *path, const char *other)
{
    size_t na, nb;
    unsigned char *a = file_bytes(path, &na), *b = file_bytes(other, &nb);
    bool same = na == nb && memcmp(a, b, na) == 0;

    free(a);
    free(b);
    return same;
}

void
assert_same_bytes(const char *path, const char *other)
{
    if (!same_bytes(path, other))
        fail_msg("%s and %s are not the same", path, other);
}

void
file_limit(rlim_t bytes)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}
