/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder: where the data that comes with the program lies, and the user's own.
 */
#ifndef ENGINE_FOLDER_H
#define ENGINE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

enum { FOLDER_PATH = 4096 };

/* From the program's own folder upwards (build/deadwax, build/control/deadwax, PREFIX/bin/deadwax) the first of
   `places` that is_it says yes to. */
bool folder_near_program(const char *const *places, int nplaces, bool (*is_it)(const char *dir), char *dir,
                         size_t size);
bool folder_exists(const char *dir);
/* $XDG_CONFIG_HOME/deadwax/NAME, or ~/.config/deadwax/NAME; false: there is no home. It need not exist. */
bool folder_of_user(const char *name, char *dir, size_t size);
/* $XDG_DATA_HOME/deadwax/NAME, or ~/.local/share/deadwax/NAME; the same. */
bool folder_of_user_data(const char *name, char *dir, size_t size);
/* It and all above it. */
bool folder_make(const char *dir);

#endif
