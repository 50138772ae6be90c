/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/splitter.h"

#include <stdlib.h>
#include <string.h>

enum status
splitter_prepare(struct splitter *s, double rate_hz)
{
    enum status status;

    memset(s, 0, sizeof *s);
    s->rate_hz = rate_hz;
    s->fresh = true;
    status = crossover_prepare(&s->near, rate_hz);
    if (status == OK)
        status = crossfir_prepare(&s->far, rate_hz);
    if (status == OK) {
        s->buffer = calloc(2 * SPLITTER_BANDS * STEREO * SPLITTER_CHUNK, sizeof *s->buffer);
        status = s->buffer ? OK : NO_MEM;
    }
    if (status != OK) {
        splitter_free(s);
        return status;
    }
    for (int b = 0; b < SPLITTER_BANDS; b++)
        for (int c = 0; c < STEREO; c++) {
            s->cut[b][c] = s->buffer + (b * STEREO + c) * SPLITTER_CHUNK;
            s->sum[b][c] = s->cut[b][c] + SPLITTER_BANDS * STEREO * SPLITTER_CHUNK;
        }
    handover_prepare(&s->way, rate_hz, SPLITTER_OVER_MS);
    fade_prepare(&s->move, rate_hz, CROSSOVER_FADE_MS);
    return OK;
}

void
splitter_free(struct splitter *s)
{
    crossover_free(&s->near);
    crossfir_free(&s->far);
    free(s->buffer);
    s->buffer = NULL;
}

/* --- settings -------------------------------------------------------------------------------------- */

/* A band that is not in use leaves its range to the one below it, at the low end to the lowest; with none, to band 0. */
RT static struct splitter_route
route_of(const bool *active)
{
    struct splitter_route r;
    int lowest = 0, to;

    while (lowest < SPLITTER_BANDS && !active[lowest])
        lowest++;
    to = lowest < SPLITTER_BANDS ? lowest : 0;
    for (int b = 0; b < SPLITTER_BANDS; b++) {
        if (active[b])
            to = b;
        r.to[b] = to;
    }
    return r;
}

RT static bool
same_route(const struct splitter_route *a, const struct splitter_route *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* One that comes in the middle of a move waits for its end. */
RT static void
route_to(struct splitter *s)
{
    struct splitter_route r = route_of(s->settings.split.active);

    if (fade_moving(&s->move) || same_route(&s->route, &r))
        return;
    s->next = r;
    fade_jump(&s->move, false);
    fade_to(&s->move, true);
}

RT static void
set_far(struct splitter *s)
{
    const struct crossover_settings *split = &s->settings.split;
    struct crossfir_settings far = {.nsplits = CROSSFIR_SPLITS,
                                    .slope = split->slope == CROSSOVER_LR48 ? 48 : 24};

    for (int i = 0; i < CROSSFIR_SPLITS; i++) { /* in any order, as crossover.h takes them */
        int at = i;

        for (; at > 0 && far.freq_hz[at - 1] > split->freq_hz[i]; at--)
            far.freq_hz[at] = far.freq_hz[at - 1];
        far.freq_hz[at] = split->freq_hz[i];
    }
    crossfir_set(&s->far, &far);
}

/* As eq.c's: a design may be under way when the one that counts is asked for. */
RT static void
set_far_anew(struct splitter *s)
{
    int designs = !crossfir_settled(&s->far);

    set_far(s);
    designs += !crossfir_settled(&s->far);
    s->far_warm = designs * crossfir_settle_frames(&s->far) + crossfir_latency_frames(&s->far);
    s->route = route_of(s->settings.split.active);
    fade_jump(&s->move, false);
}

RT static int
warm_frames(const struct splitter *s, bool far)
{
    int near = (int)(s->rate_hz * CROSSOVER_WARM_MS / 1000);

    return far && s->far_warm > near ? s->far_warm : near;
}

RT void
splitter_reset(struct splitter *s)
{
    crossover_reset(&s->near);
    crossfir_reset(&s->far);
    s->fresh = true;
    s->restarted = false;
}

RT void
splitter_restart(struct splitter *s)
{
    crossover_reset(&s->near);
    crossfir_restart(&s->far);
    s->fresh = false;
    s->restarted = true;
}

RT int
splitter_warm_frames(const struct splitter *s)
{
    return warm_frames(s, s->way.far);
}

RT void
splitter_set(struct splitter *s, const struct splitter_settings *settings)
{
    bool far = settings->linear;

    s->settings = *settings;
    if (s->fresh || s->restarted) {
        handover_jump(&s->way, far);
        if (far)
            set_far_anew(s);
        crossover_set(&s->near, &settings->split);
    } else {
        if (handover_to(&s->way, far)) {
            if (far) {
                crossfir_restart(&s->far);
                set_far_anew(s);
            } else {
                crossover_reset(&s->near);
            }
            handover_warm(&s->way, warm_frames(s, far));
        }
        if (handover_near_runs(&s->way))
            crossover_set(&s->near, &settings->split);
        if (handover_far_runs(&s->way))
            set_far(s);
    }
    s->fresh = s->restarted = false;
}

/* --- sound ----------------------------------------------------------------------------------------- */

RT static void
add(double *to, const double *from, int nframes)
{
    for (int i = 0; i < nframes; i++)
        to[i] += from[i];
}

/* What each band gets of band b: w of it where it goes, the rest where it went. */
RT static void
add_moving(const struct splitter *s, double *const *sum[], int b, const double *w, int nframes)
{
    int from = s->route.to[b], to = s->next.to[b];

    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < nframes; i++) {
            double x = s->cut[b][c][i], part = w[i] * x;

            sum[to][c][i] += part;
            sum[from][c][i] += x - part;
        }
}

RT static void
far_process(struct splitter *s, const double *const *in, double *const *band[SPLITTER_BANDS], int nframes)
{
    double *const *cut[SPLITTER_BANDS] = {s->cut[0], s->cut[1], s->cut[2], s->cut[3]}, w[SPLITTER_CHUNK];
    bool moving;

    route_to(s);
    moving = fade_moving(&s->move);
    for (int b = 0; b < SPLITTER_BANDS; b++)
        for (int c = 0; c < STEREO; c++) {
            memset(s->cut[b][c], 0, sizeof(double) * (size_t)nframes);
            memset(band[b][c], 0, sizeof(double) * (size_t)nframes);
        }
    crossfir_process(&s->far, in, cut, nframes);
    if (moving)
        fade_fill(&s->move, w, nframes);
    for (int b = 0; b < SPLITTER_BANDS; b++) {
        if (moving && s->route.to[b] != s->next.to[b])
            add_moving(s, band, b, w, nframes);
        else
            for (int c = 0; c < STEREO; c++)
                add(band[s->route.to[b]][c], s->cut[b][c], nframes);
    }
    if (moving && fade_is(&s->move, true)) {
        s->route = s->next;
        fade_jump(&s->move, false);
    }
}

RT static void
both_process(struct splitter *s, const double *const *in, double *const *band[SPLITTER_BANDS], int nframes)
{
    double *const *near[SPLITTER_BANDS] = {s->sum[0], s->sum[1], s->sum[2], s->sum[3]};
    struct fade f = s->way.over;

    crossover_process(&s->near, in, near, nframes);
    far_process(s, in, band, nframes);
    for (int b = 0; b < SPLITTER_BANDS; b++) { /* each band by the same fade */
        s->way.over = f;
        fade_mix(&s->way.over, band[b], (const double *const *)near[b], nframes);
    }
}

RT void
splitter_process(struct splitter *s, const double *const *in, double *const *band[SPLITTER_BANDS],
                 int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        const double *const from[STEREO] = {in[0] + done, in[1] + done};
        double *at[SPLITTER_BANDS][STEREO];
        double *const *to[SPLITTER_BANDS];

        for (int b = 0; b < SPLITTER_BANDS; b++) {
            for (int c = 0; c < STEREO; c++)
                at[b][c] = band[b][c] + done;
            to[b] = at[b];
        }
        n = handover_span(&s->way, nframes - done);
        if (fade_left(&s->move) && fade_left(&s->move) < n)
            n = fade_left(&s->move);
        if (!handover_far_runs(&s->way))
            crossover_process(&s->near, from, to, n);
        else if (handover_near_runs(&s->way))
            both_process(s, from, to, n);
        else
            far_process(s, from, to, n);
        handover_advance(&s->way, n);
    }
}

RT unsigned
splitter_bands(const struct splitter *s)
{
    unsigned bands = handover_near_runs(&s->way) ? crossover_bands(&s->near) : 0;
    struct splitter_route wanted = route_of(s->settings.split.active);

    for (int b = 0; b < SPLITTER_BANDS && handover_far_runs(&s->way); b++) {
        bands |= 1u << s->route.to[b] | 1u << wanted.to[b];
        if (fade_moving(&s->move))
            bands |= 1u << s->next.to[b];
    }
    return bands;
}

RT int
splitter_latency_frames(const struct splitter *s)
{
    return s->way.far ? crossfir_latency_frames(&s->far) : 0;
}

int
splitter_latency_max_frames(const struct splitter *s)
{
    return crossfir_latency_frames(&s->far);
}
