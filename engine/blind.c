/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/blind.h"

#include <assert.h>
#include <math.h>
#include <sys/random.h>

enum { SCALE = 900 }; /* binary places */

static int
system_toss(void *with)
{
    unsigned char byte;

    (void)with;
    return getrandom(&byte, 1, GRND_NONBLOCK) == 1 ? byte & 1 : -1;
}

struct blind_coin
blind_system_coin(void)
{
    return (struct blind_coin){.toss = system_toss};
}

static bool
draw(struct blind *b)
{
    int side = b->coin.toss(b->coin.with);

    b->x = side;
    return side == BLIND_A || side == BLIND_B;
}

enum status
blind_begin(struct blind *b, struct blind_coin coin)
{
    b->coin = coin;
    b->trials = b->correct = 0;
    b->running = draw(b);
    return b->running ? OK : UNAVAILABLE;
}

int
blind_x(const struct blind *b)
{
    return b->running ? b->x : -1;
}

enum status
blind_vote(struct blind *b, enum blind_side vote)
{
    if (!b->running || b->trials == BLIND_TRIALS || (b->x != BLIND_A && b->x != BLIND_B))
        return BAD_ARG;
    b->trial[b->trials++] = (struct blind_trial){(uint8_t)b->x, (uint8_t)vote};
    b->correct += (int)vote == b->x;
    return b->trials < BLIND_TRIALS && draw(b) ? OK : UNAVAILABLE;
}

bool
blind_end(struct blind *b, struct blind_result *r)
{
    if (!b->running)
        return false;
    b->running = false;
    *r = (struct blind_result){b->trials, b->correct, blind_p(b->trials, b->correct)};
    return true;
}

int
blind_trials(const struct blind *b)
{
    return b->trials;
}

/* C(n,k) as m * 2^(SCALE * *scales). Each step's product is exact while it has 53 bits, and so is its quotient, a
   binomial coefficient itself. */
static double
choose(int n, int k, int *scales)
{
    double m = 1.0;

    if (k > n - k)
        k = n - k;
    *scales = 0;
    for (int j = 1; j <= k; j++) {
        m = m * (n - k + j) / j;
        if (m > 0x1p900) {
            m = ldexp(m, -SCALE);
            (*scales)++;
        }
    }
    return m;
}

/* At least k right, k above the middle: the terms fall, and what is too small to count ends the sum. */
static double
upper_tail(int n, int k)
{
    int scales;
    double term = choose(n, k, &scales), sum = 0.0;

    for (int i = k; i <= n && sum + term != sum; i++) {
        sum += term;
        term = term * (n - i) / (i + 1);
    }
    return ldexp(sum, scales * SCALE - n);
}

double
blind_p(int trials, int correct)
{
    assert(0 <= correct && correct <= trials && trials <= BLIND_TRIALS);
    if (correct == 0)
        return 1.0;
    if (2 * correct > trials)
        return upper_tail(trials, correct);
    return 1.0 -
           upper_tail(trials, trials - correct + 1); /* at most so few as correct - 1, the mirror image */
}
