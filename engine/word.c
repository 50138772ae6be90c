/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/word.h"

#include <ctype.h>
#include <string.h>

/* Levenshtein, one row of the table. */
int
word_distance(const char *a, const char *b)
{
    int na = (int)strnlen(a, 63), nb = (int)strnlen(b, 63), row[64];

    for (int j = 0; j <= nb; j++)
        row[j] = j;
    for (int i = 1; i <= na; i++) {
        int diagonal = row[0];

        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int change = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            diagonal = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[nb];
}

/* People forget endings more than beginnings: rate is meant for rate_hz, not for label. */
const char *
word_nearest(const char *word, const char *const *words, size_t count)
{
    const char *best = "";
    int least = 1000;

    for (size_t i = 0; i < count; i++) {
        int d = 2 * word_distance(word, words[i]), same = 0;

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
