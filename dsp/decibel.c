/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/decibel.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

CLONES static void
from_gain(double *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = gain_to_db(v[i]);
}

CLONES static void
to_gain(double *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = db_to_gain(v[i]);
}

RT void
decibel_from_gain(double *v, int n)
{
    from_gain(v, n);
}

RT void
decibel_to_gain(double *v, int n)
{
    to_gain(v, n);
}
