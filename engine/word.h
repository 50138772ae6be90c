/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * word: which word somebody meant.
 */
#ifndef ENGINE_WORD_H
#define ENGINE_WORD_H

#include <stddef.h>

enum { WORD_FAR = 64 }; /* more than any distance */

/* Edits from one word to another, in any case, or `most` if they are as many or more, which is found out sooner. Words
   longer than 63 are cut. */
int word_distance(const char *a, const char *b, int most);
/* The first of the nearest; "" when there is none to choose from. */
const char *word_nearest(const char *word, const char *const *words, size_t count);

#endif
