/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/glide.h"

#include "dsp/clones.h"
#include "dsp/smooth.h"

typedef glide_quad quad;

void
glide_prepare(struct glide *g, double rate_hz, double settle_ms, double near)
{
    struct smooth s;

    smooth_prepare(&s, rate_hz, settle_ms, near);
    *g = (struct glide){.step = s.step, .near = near};
}

RT void
glide_jump(struct glide *g, int which, double value)
{
    for (int i = 0; i < 4; i++)
        g->pole[i][which] = value;
    g->target[which] = value;
}

RT void
glide_to(struct glide *g, int which, double target)
{
    if (target == g->target[which])
        return;
    g->target[which] = target;
    g->moving = true;
}

CLONES static void
next(struct glide *g, double (*to)[GLIDE_CHUNK], int n)
{
    const quad target = g->target;
    const double step = g->step;
    quad a = g->pole[0], b = g->pole[1], c = g->pole[2], d = g->pole[3];

    for (int i = 0; i < n; i++) {
        a += step * (target - a);
        b += step * (a - b);
        c += step * (b - c);
        d += step * (c - d);
        for (int k = 0; k < GLIDES; k++)
            to[k][i] = d[k];
    }
    g->pole[0] = a;
    g->pole[1] = b;
    g->pole[2] = c;
    g->pole[3] = d;
}

RT void
glide_next(struct glide *g, double (*to)[GLIDE_CHUNK], int n)
{
    next(g, to, n);
}

RT void
glide_land(struct glide *g)
{
    if (!g->moving)
        return;
    g->moving = false;
    for (int k = 0; k < GLIDES; k++) {
        double far = 0.0;

        for (int i = 0; i < 4; i++)
            far = fmax(far, fabs(g->pole[i][k] - g->target[k]));
        if (far <= g->near)
            glide_jump(g, k, g->target[k]);
        else
            g->moving = true;
    }
}
