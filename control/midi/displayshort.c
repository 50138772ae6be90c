/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Letters are taken from a label one by one until it fits, those first that are missed least: words that everybody writes
 * short are; then vowels go, from the end of the longest word, which keeps its first letter; then the spaces, with a
 * capital behind each (where there are few columns, spaces before vowels); then consonants. Digits are never taken: half a number is another number.
 */
#include "control/midi/display.h"

#include "control/midi/displayinside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    WORDS = 16,
    WORD = 64,
    SPACED = 6 /* columns from which a number at the end keeps its space, and words as long as they can */
};

struct words {
    char word[WORDS][WORD];
    int n, room; /* room: the columns */
    bool mark;   /* the last is a number or a letter that tells it from its like */
    bool joined; /* without spaces */
};

/* Longest first; those that vowels alone would make as good are not here. */
static const struct {
    const char *word, *shorter[3];
} known[] = {
    {"attack", {"atk"}},
    {"average", {"avg"}},
    {"balance", {"bal"}},
    {"ceiling", {"ceil"}},
    {"channels", {"chans", "chan", "chn"}},
    {"compressor", {"comp", "cmp"}},
    {"correlation", {"corr", "cor"}},
    {"crossover", {"xover", "xov"}},
    {"de-esser", {"deesser", "deess", "dess"}},
    {"frequency", {"freq", "frq"}},
    {"input", {"in"}},
    {"integrated", {"integ", "int"}},
    {"look-ahead", {"lookahd", "lookah", "look"}},
    {"loudness", {"loud"}},
    {"make-up", {"makeup", "mkup"}},
    {"maximum", {"max"}},
    {"minimum", {"min"}},
    {"momentary", {"mom"}},
    {"multiband", {"multi", "mult"}},
    {"output", {"out"}},
    {"peak", {"pk"}},
    {"polarity", {"polar", "pol"}},
    {"position", {"pos"}},
    {"reference", {"ref"}},
    {"release", {"rel"}},
    {"saturation", {"satur", "sat"}},
    {"short-term", {"short"}},
    {"sidechain", {"sidech", "sdch", "sc"}},
    {"threshold", {"thresh", "thrsh", "thr"}},
};

static void
split(struct words *w, const char *label)
{
    char ascii[DISPLAY_TEXT], *rest = ascii, *word;

    display_ascii(label, ascii, sizeof ascii);
    while (w->n < WORDS && (word = strtok_r(rest, " ", &rest)))
        snprintf(w->word[w->n++], WORD, "%.*s", WORD - 1, word);
    if (w->n > 1) {
        const char *last = w->word[w->n - 1];

        w->mark = !last[1] || !last[strspn(last, "0123456789")];
    }
}

static int
length(const struct words *w)
{
    int n = w->n > 1 && (!w->joined || (w->mark && w->room >= SPACED)) ? (w->joined ? 1 : w->n - 1) : 0;

    for (int i = 0; i < w->n; i++)
        n += (int)strlen(w->word[i]);
    return n;
}

/* The next shorter form; NULL: it has none. */
static const char *
shorter(const char *word)
{
    for (size_t i = 0; i < LEN(known); i++) {
        bool is = strcasecmp(word, known[i].word) == 0;

        for (size_t k = 0; k < LEN(known[i].shorter) && known[i].shorter[k]; k++) {
            if (is)
                return known[i].shorter[k];
            is = strcasecmp(word, known[i].shorter[k]) == 0;
        }
    }
    return NULL;
}

static bool
take_form(char *word)
{
    const char *form = shorter(word);
    bool capital = isupper((unsigned char)word[0]);

    if (!form)
        return false;
    memcpy(word, form, strlen(form) + 1);
    if (capital)
        word[0] = (char)toupper((unsigned char)word[0]);
    return true;
}

static bool
take_last(char *word, const char *(*may_go)(const char *word, const char *at))
{
    for (char *at = word + strlen(word) - 1; at > word; at--)
        if (may_go(word, at)) {
            memmove(at, at + 1, strlen(at));
            return true;
        }
    return false;
}

static const char *
vowel(const char *word, const char *at)
{
    (void)word;
    return strchr("aeiou-", *at) ? at : NULL;
}

/* Anything but digits, and what stands between two. */
static const char *
letter(const char *word, const char *at)
{
    bool within = at > word && isdigit((unsigned char)at[-1]) && isdigit((unsigned char)at[1]);

    return within || isdigit((unsigned char)*at) ? NULL : at;
}

static bool
take_vowel(char *word)
{
    return take_last(word, vowel);
}

static bool
take_letter(char *word)
{
    return take_last(word, letter);
}

/* Of the longest word that has one to give. False: none has. */
static bool
take(struct words *w, bool (*from)(char *word))
{
    bool tried[WORDS] = {false};

    for (int left = w->n - w->mark; left > 0; left--) {
        int longest = -1;

        for (int i = 0; i < w->n - w->mark; i++)
            if (!tried[i] && (longest < 0 || strlen(w->word[i]) > strlen(w->word[longest])))
                longest = i;
        if (from(w->word[longest]))
            return true;
        tried[longest] = true;
    }
    return false;
}

static void
join(struct words *w)
{
    w->joined = true;
    for (int i = 1; i < w->n; i++)
        w->word[i][0] = (char)toupper((unsigned char)w->word[i][0]);
}

static void
shrink(struct words *w)
{
    while (length(w) > w->room && take(w, take_form))
        ;
    if (length(w) > w->room && w->room < SPACED)
        join(w);
    while (length(w) > w->room && take(w, take_vowel))
        ;
    if (length(w) > w->room && !w->joined)
        join(w);
    while (length(w) > w->room && take(w, take_letter))
        ;
}

/* The last word, but not the mark: for what can't be cut any more, numbers among them. */
static void
drop_word(struct words *w)
{
    if (w->mark)
        memmove(w->word[w->n - 2], w->word[w->n - 1], WORD);
    w->n--;
}

/* The mark comes whole, the others as far as there is room. */
static void
put_together(const struct words *w, char *text, size_t size)
{
    const char *mark = w->mark ? w->word[w->n - 1] : "";
    bool spaced = w->mark && (!w->joined || w->room >= SPACED);
    char all[DISPLAY_TEXT + WORDS] = "";
    size_t used = 0;
    int room = w->room - (int)strlen(mark) - spaced;

    for (int i = 0; i < w->n - w->mark; i++)
        used += (size_t)snprintf(all + used, used < sizeof all ? sizeof all - used : 0, "%s%s",
                                 i && !w->joined ? " " : "", w->word[i]);
    snprintf(text, size, "%.*s%s%s", room > 0 ? room : 0, all, spaced && room > 0 ? " " : "", mark);
}

void
display_short(const char *label, int columns, char *text, size_t size)
{
    struct words all = {.room = columns}, w;
    char shown[DISPLAY_TEXT];

    split(&all, label);
    for (;; drop_word(&all)) {
        w = all;
        shrink(&w);
        if (length(&w) <= columns || all.n - all.mark < 2)
            break;
    }
    put_together(&w, shown, sizeof shown);
    snprintf(text, size, "%.*s", columns > 0 ? columns : 0, shown);
}
