/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Split, work on each band, add up. A band's sound is b, the part of it that is worked on p = M b with a matrix M
 * that is 1 for stereo, and what comes of it
 *
 *     y = b + e p,   e = on mix (gain - 1)
 *
 * with the gain from max |p|. As the bands' plain sum is what the allpasses make of the input, mixing the gains
 * with 1 mixes the whole with a dry path of the same phase.
 *
 * The work is in pieces of at most MULTIBAND_CHUNK frames, step by step over a whole piece. What is asked for is
 * taken up where a chunk begins, and decides for all of the chunk which way its frames go: so no cut into blocks
 * can change a bit.
 */
#include "dsp/multiband.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

static const double glide_ms = 20.0;

typedef double sound[STEREO][MULTIBAND_CHUNK];

static struct multiband_part
part_of(int channels)
{
    switch (channels) {
    case CHANNELS_MID: return (struct multiband_part){{0.5, 0.5}, 0.5};
    case CHANNELS_SIDE: return (struct multiband_part){{0.5, 0.5}, -0.5};
    case CHANNELS_LEFT: return (struct multiband_part){{1.0, 0.0}, 0.0};
    case CHANNELS_RIGHT: return (struct multiband_part){{0.0, 1.0}, 0.0};
    default: return (struct multiband_part){{1.0, 1.0}, 0.0};
    }
}

enum status
multiband_prepare(struct multiband *m, double rate_hz)
{
    struct multiband_settings neutral = {.mix = 100.0, .xover_hz = {120.0, 1000.0, 6000.0}};

    enum status status;

    memset(m, 0, sizeof *m);
    m->rate_hz = rate_hz;
    status = riders_prepare(&m->riders, rate_hz);
    if (status == OK)
        status = splitter_prepare(&m->splitter, rate_hz);
    if (status != OK)
        return status;
    smooth_prepare(&m->mix, rate_hz, glide_ms, 1e-8);
    for (int k = 0; k < MULTIBAND_BANDS; k++) {
        struct multiband_band *b = &m->band[k];

        fade_prepare(&b->on, rate_hz, MULTIBAND_FADE_MS);
        fade_prepare(&b->solo, rate_hz, MULTIBAND_FADE_MS);
        fade_prepare(&b->turn, rate_hz, MULTIBAND_FADE_MS);
        neutral.band[k] = (struct multiband_band_settings){.active = true, .ratio = 1.0};
    }
    m->fresh = true;
    multiband_set(m, &neutral);
    multiband_reset(m);
    return OK;
}

void
multiband_free(struct multiband *m)
{
    splitter_free(&m->splitter);
}

/* All at once where it is wanted. */
static void
settle(struct multiband *m)
{
    smooth_jump(&m->mix, m->mix.target);
    for (int k = 0; k < MULTIBAND_BANDS; k++) {
        struct multiband_band *b = &m->band[k];

        fade_jump(&b->on, m->on & 1u << k);
        fade_jump(&b->solo, m->solo & 1u << k);
        fade_jump(&b->turn, false);
        b->channels = b->wanted;
        b->part[1] = part_of(b->channels);
        m->most_db[k] = 0.0;
    }
    riders_reset(&m->riders);
    m->use = m->on;
    m->turning = 0;
    m->most_of_all_db = 0.0;
}

RT void
multiband_reset(struct multiband *m)
{
    splitter_reset(&m->splitter);
    settle(m);
    m->phase = 0;
    m->fresh = true;
}

RT void
multiband_restart(struct multiband *m)
{
    splitter_restart(&m->splitter);
    settle(m);
    m->phase = 0;
    m->fresh = true;
}

RT int
multiband_warm_frames(const struct multiband *m)
{
    return splitter_warm_frames(&m->splitter);
}

RT void
multiband_set(struct multiband *m, const struct multiband_settings *s)
{
    struct splitter_settings splits = {.split.slope = s->slope, .linear = s->phase == MULTIBAND_LINEAR};

    memcpy(splits.split.freq_hz, s->xover_hz, sizeof splits.split.freq_hz);
    m->on = m->solo = 0;
    for (int k = 0; k < MULTIBAND_BANDS; k++) {
        const struct multiband_band_settings *b = &s->band[k];

        splits.split.active[k] = b->active;
        m->on |= (unsigned)b->on << k;
        m->solo |= (unsigned)b->solo << k;
        m->band[k].wanted = b->channels;
        riders_set(&m->riders, k,
                   &(struct rider_settings){b->threshold_db, b->ratio, b->attack_ms, b->release_ms,
                                            b->knee_db, b->makeup_db, b->range_db});
    }
    if (m->solo == 0)
        m->solo = (1u << MULTIBAND_BANDS) - 1;
    smooth_to(&m->mix, s->mix * 0.01);
    splitter_set(&m->splitter, &splits);
    if (m->fresh)
        settle(m);
    m->fresh = false;
}

RT void
multiband_listen(struct multiband *m, double *const *heard)
{
    for (int c = 0; c < STEREO; c++)
        m->heard[c] = heard ? heard[c] : NULL;
}

/* --- chunks ---------------------------------------------------------------------------------------- */

static void
turn_begin(struct multiband *m, int k)
{
    struct multiband_band *b = &m->band[k];

    if (!(m->use & 1u << k)) {
        fade_jump(&b->turn, false);
        b->channels = b->wanted;
        b->part[1] = part_of(b->wanted);
    } else if (!fade_moving(&b->turn) && b->channels != b->wanted) {
        b->part[0] = b->part[1];
        b->part[1] = part_of(b->wanted);
        b->channels = b->wanted;
        fade_jump(&b->turn, false);
        fade_to(&b->turn, true);
    }
    m->turning |= (unsigned)fade_moving(&b->turn) << k;
}

/* At a chunk's first frame: takes up what is wanted. */
static void
begin(struct multiband *m)
{
    unsigned used = m->use, carried = splitter_bands(&m->splitter);

    m->use = m->turning = 0;
    for (int k = 0; k < MULTIBAND_BANDS; k++) {
        struct multiband_band *b = &m->band[k];

        fade_to(&b->solo, m->solo & 1u << k);
        if (carried & 1u << k)
            fade_to(&b->on, m->on & 1u << k);
        else
            fade_jump(&b->on, m->on & 1u << k);
        m->use |= carried & (unsigned)!fade_is(&b->on, false) << k;
        turn_begin(m, k);
        if (m->use & ~used & 1u << k)
            riders_forget(&m->riders, k);
    }
    riders_begin(&m->riders, m->use);
}

/* --- pieces ---------------------------------------------------------------------------------------- */

/* Planar buffers of a piece: the bands' sound, and what of it is worked on. */
struct piece {
    sound band[MULTIBAND_BANDS], part[MULTIBAND_BANDS];
    double *side[MULTIBAND_BANDS][STEREO], *const *split[MULTIBAND_BANDS];
    const double *worked[MULTIBAND_BANDS][STEREO];
    double v[MULTIBAND_BANDS][MULTIBAND_CHUNK]; /* level, then gain, then e */
};

CLONES static void
take_part(const struct multiband_part *p, double *const *in, sound out, int n)
{
    const double *restrict left = in[0], *restrict right = in[1];
    double *restrict a = out[0], *restrict b = out[1];
    struct multiband_part part = *p;

    for (int i = 0; i < n; i++) {
        a[i] = part.own[0] * left[i] + part.other * right[i];
        b[i] = part.own[1] * right[i] + part.other * left[i];
    }
}

/* The same while it moves. */
CLONES static void
take_moving_part(struct multiband_band *b, double *const *in, sound out, int n)
{
    const struct multiband_part from = b->part[0], to = b->part[1];
    double share[MULTIBAND_CHUNK];

    fade_fill(&b->turn, share, n);
    for (int c = 0; c < STEREO; c++) {
        const double *restrict own = in[c], *restrict other = in[!c];

        for (int i = 0; i < n; i++)
            out[c][i] = (from.own[c] + share[i] * (to.own[c] - from.own[c])) * own[i] +
                        (from.other + share[i] * (to.other - from.other)) * other[i];
    }
}

CLONES static void
take_level(const double *restrict left, const double *restrict right, double *restrict level, int n)
{
    for (int i = 0; i < n; i++) {
        double a = fabs(left[i]), b = fabs(right[i]);

        level[i] = a > b ? a : b;
    }
}

/* Chooses what of band k is worked on, and takes its level. */
static void
face(struct multiband *m, struct piece *p, int k, int n)
{
    struct multiband_band *b = &m->band[k];
    bool moving = m->turning & 1u << k, whole = b->channels == CHANNELS_STEREO && !moving;

    if (moving)
        take_moving_part(b, p->side[k], p->part[k], n);
    else if (!whole)
        take_part(&b->part[1], p->side[k], p->part[k], n);
    for (int c = 0; c < STEREO; c++)
        p->worked[k][c] = whole ? p->band[k][c] : p->part[k][c];
    take_level(p->worked[k][0], p->worked[k][1], p->v[k], n);
}

/* gain -> gain - 1 as far as the band is on. v: NULL where the gain is 1. */
static void
switch_effect(struct fade *on, double *v, int n)
{
    double share[MULTIBAND_CHUNK];

    fade_fill(on, share, n);
    for (int i = 0; i < n && v; i++)
        v[i] = share[i] * (v[i] - 1.0);
}

CLONES static void
full_effect(double *restrict v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] -= 1.0;
}

CLONES static void
scale(double *restrict v, double by, int n)
{
    for (int i = 0; i < n; i++)
        v[i] *= by;
}

/* gain -> e, of those `touched`; the others' switches go on moving. */
static void
effects(struct multiband *m, struct piece *p, unsigned touched, int n)
{
    double mix[MULTIBAND_CHUNK];
    bool mixing = m->mix.moving;

    for (int i = 0; i < n && mixing; i++)
        mix[i] = smooth_next(&m->mix);
    for (int k = 0; k < MULTIBAND_BANDS; k++) {
        struct fade *on = &m->band[k].on;
        bool here = touched & 1u << k;

        if (m->use & 1u << k && !fade_is(on, true))
            switch_effect(on, here ? p->v[k] : NULL, n);
        else if (here)
            full_effect(p->v[k], n);
        if (here && !mixing && m->mix.target != 1.0)
            scale(p->v[k], m->mix.target, n);
        for (int i = 0; i < n && here && mixing; i++)
            p->v[k][i] *= mix[i];
    }
}

/* y = b + e p, in b's place. */
CLONES static void
add_effect(double *restrict b, const double *restrict p, const double *restrict e, int n)
{
    for (int i = 0; i < n; i++)
        b[i] = b[i] + e[i] * p[i];
}

/* The same where p is b. */
CLONES static void
add_whole_effect(double *restrict b, const double *restrict e, int n)
{
    for (int i = 0; i < n; i++)
        b[i] = b[i] + e[i] * b[i];
}

CLONES static void
add_up(const sound *band, int c, double *restrict out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = ((band[0][c][i] + band[1][c][i]) + (band[2][c][i] + band[3][c][i])) + 0.0; /* no -0 */
}

/* What a listener hears: the bands in solo. */
static void
listen(struct multiband *m, const sound *band, double *const *io, double *const *heard, int n)
{
    double share[MULTIBAND_BANDS][MULTIBAND_CHUNK];
    bool all = true;

    for (int k = 0; k < MULTIBAND_BANDS; k++)
        all &= fade_is(&m->band[k].solo, true);
    for (int k = 0; k < MULTIBAND_BANDS && !all; k++)
        fade_fill(&m->band[k].solo, share[k], n);
    for (int c = 0; c < STEREO && heard; c++) {
        if (all)
            memcpy(heard[c], io[c], sizeof(double) * (size_t)n);
        for (int i = 0; i < n && !all; i++)
            heard[c][i] = ((share[0][i] * band[0][c][i] + share[1][i] * band[1][c][i]) +
                           (share[2][i] * band[2][c][i] + share[3][i] * band[3][c][i])) +
                          0.0;
    }
}

/* n frames within a chunk. */
static void
run(struct multiband *m, double *const *io, double *const *heard, int n)
{
    struct piece p;
    unsigned touched;

    for (int k = 0; k < MULTIBAND_BANDS; k++) {
        p.side[k][0] = p.band[k][0];
        p.side[k][1] = p.band[k][1];
        p.split[k] = p.side[k];
    }
    splitter_process(&m->splitter, (const double *const *)io, p.split, n);
    for (int k = 0; k < MULTIBAND_BANDS; k++)
        if (m->use & 1u << k)
            face(m, &p, k, n);
    touched = riders_process(&m->riders, m->use, p.v, n);
    effects(m, &p, touched, n);
    for (int k = 0; k < MULTIBAND_BANDS; k++)
        for (int c = 0; c < STEREO && touched & 1u << k; c++)
            if (p.worked[k][c] == p.band[k][c])
                add_whole_effect(p.band[k][c], p.v[k], n);
            else
                add_effect(p.band[k][c], p.worked[k][c], p.v[k], n);
    for (int c = 0; c < STEREO; c++)
        add_up(p.band, c, io[c], n);
    listen(m, p.band, io, heard, n);
}

RT void
multiband_process(struct multiband *m, double *const *io, int nframes)
{
    bool heard = m->heard[0];

    for (int at = 0, n; at < nframes; at += n) {
        double *const here[STEREO] = {io[0] + at, io[1] + at};
        double *const there[STEREO] = {heard ? m->heard[0] + at : NULL, heard ? m->heard[1] + at : NULL};

        if (m->phase == 0)
            begin(m);
        n = MULTIBAND_CHUNK - m->phase;
        n = n < nframes - at ? n : nframes - at;
        run(m, here, heard ? there : NULL, n);
        m->phase += n;
        if (m->phase == MULTIBAND_CHUNK) {
            riders_end(&m->riders);
            m->phase = 0;
        }
    }
    multiband_listen(m, NULL);
}

RT int
multiband_latency_frames(const struct multiband *m)
{
    return splitter_latency_frames(&m->splitter);
}

int
multiband_latency_max_frames(const struct multiband *m)
{
    return splitter_latency_max_frames(&m->splitter);
}

RT bool
multiband_is_listened(const struct multiband_settings *s)
{
    bool solo = false;

    for (int k = 0; k < MULTIBAND_BANDS; k++)
        solo |= s->band[k].solo;
    return solo;
}

static void
gather(struct multiband *m)
{
    for (int k = 0; k < MULTIBAND_BANDS; k++) {
        double db = riders_take_reduction_db(&m->riders, k);

        m->most_db[k] = fmax(m->most_db[k], db);
        m->most_of_all_db = fmax(m->most_of_all_db, db);
    }
}

RT double
multiband_take_band_reduction_db(struct multiband *m, int band)
{
    double db;

    gather(m);
    db = m->most_db[band];
    m->most_db[band] = 0.0;
    return db;
}

RT double
multiband_take_reduction_db(struct multiband *m)
{
    double db;

    gather(m);
    db = m->most_of_all_db;
    m->most_of_all_db = 0.0;
    return db;
}
