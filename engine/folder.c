/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
folder_exists(const char *dir)
{
    struct stat st;

    return stat(dir, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
folder_near_program(const char *const *places, int nplaces, bool (*is_it)(const char *dir), char *dir,
                    size_t size)
{
    char program[FOLDER_PATH], *slash;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    program[n > 0 ? n : 0] = 0;
    for (int up = 0; up < 4 && (slash = strrchr(program, '/')); up++) {
        *slash = 0;
        for (int i = 0; i < nplaces; i++)
            if (snprintf(dir, size, "%s/%s", program, places[i]) < (int)size && is_it(dir))
                return true;
    }
    return false;
}

static bool
users(const char *variable, const char *usual, const char *name, char *dir, size_t size)
{
    const char *base = getenv(variable), *home = getenv("HOME");

    if (base && base[0] == '/')
        return snprintf(dir, size, "%s/deadwax/%s", base, name) < (int)size;
    return home && home[0] == '/' && snprintf(dir, size, "%s/%s/deadwax/%s", home, usual, name) < (int)size;
}

bool
folder_of_user(const char *name, char *dir, size_t size)
{
    return users("XDG_CONFIG_HOME", ".config", name, dir, size);
}

bool
folder_of_user_data(const char *name, char *dir, size_t size)
{
    return users("XDG_DATA_HOME", ".local/share", name, dir, size);
}

bool
folder_make(const char *dir)
{
    char path[FOLDER_PATH];

    if (snprintf(path, sizeof path, "%s", dir) >= (int)sizeof path)
        return false;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}
