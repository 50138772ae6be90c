/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/word.h"

#include <ctype.h>
#include <string.h>

/* Levenshtein, one row of the table. What is in a row is never less than all of the row before it. */
int
word_distance(const char *a, const char *b, int most)
{
    int na = (int)strnlen(a, 63), nb = (int)strnlen(b, 63), row[64];

    if (na - nb >= most || nb - na >= most)
        return most;
    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= na; i++) {
        int diagonal = row[0], least = i;

        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int change = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            diagonal = row[j];
            row[j] = change < best ? change : best;
            least = row[j] < least ? row[j] : least;
        }
        if (least >= most)
            return most;
    }
    return row[nb] < most ? row[nb] : most;
}

/* People forget endings more than beginnings: rate is meant for rate_hz, not for label. */
const char *
word_nearest(const char *word, const char *const *words, size_t count)
{
    const char *best = "";
    int least = 1000;

    for (size_t i = 0; i < count; i++) {
        int d = 2 * word_distance(word, words[i], WORD_FAR), same = 0;

        while (word[same] && word[same] == words[i][same])
            same++;
        d -= same;

        if (d < least) {
            least = d;
            best = words[i];
        }
    }
    return best;
}
