/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status
regular_open(const char *path, int *fd, struct err *e)
{
    struct stat st;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not keep us waiting */
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        err_set(e, "%s: there is no such file: check the name", path);
        return NOT_FOUND;
    }
    if (*fd < 0 || fstat(*fd, &st)) {
        err_set(e, "%s: can't be opened (%s): check its permissions and its disk", path, strerror(errno));
        return IO_ERROR;
    }
    if (S_ISDIR(st.st_mode))
        err_set(e, "%s: is a directory: name the files in it", path);
    else if (!S_ISREG(st.st_mode))
        err_set(e, "%s: is not a file but a pipe or a device: copy the sound to a file first", path);
    else if (st.st_size == 0)
        err_set(e, "%s: is empty (0 bytes): export it again", path);
    else
        return OK;
    return IO_ERROR;
}
