/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/tree.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

char tree_root[32];

int
tree_make(void **state)
{
    (void)state;
    strcpy(tree_root, "/tmp/deadwax-XXXXXX");
    return mkdtemp(tree_root) ? 0 : -1;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)type;
    return place->level == 0 ? 0 : remove(path);
}

int
tree_clear(void **state)
{
    (void)state;
    return nftw(tree_root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
tree_remove(void **state)
{
    return tree_clear(state) ? -1 : rmdir(tree_root);
}

const char *
tree_path(const char *name)
{
    static char path[4][512];
    static int turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", tree_root, name);
    return path[turn];
}

static void
make_folders(const char *path)
{
    char folder[512];

    snprintf(folder, sizeof folder, "%s", path);
    for (char *c = folder + strlen(tree_root) + 1; (c = strchr(c, '/')); *c++ = '/') {
        *c = 0;
        mkdir(folder, 0700);
    }
}

const char *
tree_put_bytes(const char *name, const void *bytes, size_t size)
{
    const char *path = tree_path(name);
    FILE *f;

    make_folders(path);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    return path;
}

const char *
tree_put(const char *name, const char *text)
{
    return tree_put_bytes(name, text, strlen(text));
}
