/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * comp: feed-forward compressor, downwards or upwards, stereo or on one part of the picture.
 *
 * io       planar stereo, in place; late by comp_latency_frames(): the look-ahead, whose setting changes it
 * level    rider.h: peaks, mean squares or a blend of both, of the sound itself or of an external one (comp_key),
 *          through a filter (sidechain.h)
 * times    attack covers 63 % of a reduction in attack_ms; after a steady level the release has covered 63 % of
 *          the way back after attack and release together (dynamics.h). Both run in dB. With auto_release transients
 *          are given back twice as fast, and up to five times slower what has lasted (dynamics.h)
 * laws     downwards and upwards, linking: rider.h
 * channels all but stereo: the level of that part alone is measured, and it alone is changed
 * exact    mix 0 % at rest gives the input's bits (late); so does no reduction with makeup 0 dB
 * clicks   makeup, mix and the sidechain's frequency glide; all else starts another rider and fades to it, with the
 *          look-ahead from one tap of a delay to another. The last move wins
 * bits     the same however the input is cut into blocks
 * cost     in deadwax bench, with all features on, 3.5 plain biquads and half of LSP's compressor; at the defaults 1.3
 *          biquads. Twice that while it fades from one path to another
 * sources  Giannoulis, Massberg, Reiss, JAES 60(6), 2012
 */
#ifndef DSP_COMP_H
#define DSP_COMP_H

#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/rider.h"
#include "dsp/sidechain.h"
#include "dsp/smooth.h"

#define COMP_LOOKAHEAD_MAX_MS 5.0

enum comp_sidechain { COMP_INTERNAL, COMP_EXTERNAL };

struct comp_settings {
    bool on;                 /* the chain's */
    int mode;                /* enum rider_mode */
    double threshold_db;     /* -60..0 */
    double ratio;            /* 1..20 */
    double attack_ms;        /* 0.1..200 */
    double release_ms;       /* 5..3000 */
    bool auto_release;       /* goes by the programme */
    double knee_db;          /* 0..24, the whole width */
    double range_db;         /* 0..60: most taken away or raised */
    double makeup_db;        /* -12..24 */
    double mix;              /* %, 0..100 */
    double detector;         /* %, 0 peak .. 100 RMS */
    double lookahead_ms;     /* 0..5 */
    double link;             /* %, 0..100; stereo only */
    int channels;            /* enum channels */
    int sidechain;           /* enum comp_sidechain */
    double sidechain_hpf_hz; /* 20..500; 20 is off */
    int sidechain_shape;     /* enum sidechain_shape */
    bool listen;             /* comp_listen hears the sidechain */
};

enum { COMP_CHUNK = RIDER_PIECE }; /* frames; work is done in pieces that end on multiples of it */

/* One way of compressing: whose level, through which filter, ridden how. */
struct comp_path {
    bool external;
    struct sidechain sidechain;
    struct rider rider;
};

struct comp {
    double rate_hz;
    struct comp_path path[2];
    struct { /* what the next path is to be */
        bool external;
        int kind; /* of sidechain */
        double hpf_hz;
        struct rider_way way;
    } wanted;
    struct fade fade; /* from path[now] to the other one */
    int now;
    bool fading;
    struct smooth makeup_db, mix; /* mix 0..1 */
    struct fade listening;
    double *memory; /* ours, from prepare to free: delay lines and riders */
    struct line delay[STEREO];
    unsigned frame;            /* since reset; wraps */
    const double *key[STEREO]; /* for the next process call; [0] NULL: silence */
    double *heard[STEREO];     /* the same; [0] NULL: nobody listens */
    double most_db;            /* largest reduction since last asked */
    bool fresh;                /* the next set applies at once */
};

enum status comp_prepare(struct comp *c, double rate_hz);
void comp_free(struct comp *c);

RT void comp_reset(struct comp *c); /* forget the sound; the next set applies at once */
RT void comp_set(struct comp *c, const struct comp_settings *s);
RT void comp_process(struct comp *c, double *const *io, int nframes);
RT int comp_latency_frames(const struct comp *c);
int comp_latency_max_frames(const struct comp *c);
/* Do the settings ask for the external sound, or to hear the sidechain? */
RT static inline bool
comp_is_keyed(const struct comp_settings *s)
{
    return s->sidechain == COMP_EXTERNAL;
}

RT static inline bool
comp_is_listened(const struct comp_settings *s)
{
    return s->listen;
}

/* The external sound that comes with the next process call; NULL: silence. */
RT void comp_key(struct comp *c, const double *const *key);
/* Where the next process call also writes what a listener is to hear: with `listen` the sidechain behind its filter
   (which no look-ahead delays), else the output; NULL: nobody listens. Not where io is. */
RT void comp_listen(struct comp *c, double *const *heard);
/* The detector's largest since last asked, before mix and makeup. */
RT double comp_take_reduction_db(struct comp *c);

#endif
