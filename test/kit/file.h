/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file: what is in one, byte for byte, and a disk that is full.
 */
#ifndef TEST_KIT_FILE_H
#define TEST_KIT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

/* All of it, to be freed. */
unsigned char *file_bytes(const char *path, size_t *size);
bool same_bytes(const char *path, const char *other);
void assert_same_bytes(const char *path, const char *other);

/* No file of this process may grow beyond, as if the disk were full there; RLIM_INFINITY ends it. SIGXFSZ must be
   ignored. */
void file_limit(rlim_t bytes);

#endif
