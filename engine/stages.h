/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stages: the stage table, one row a stage of the chain, and the settings that the parameter table's rows
 * point into. With rows.c the only one that knows the stages' headers.
 *
 * The table's order is the signal's, until /chain/order says otherwise; input stays first, limit last.
 */
#ifndef ENGINE_STAGES_H
#define ENGINE_STAGES_H

#include "dsp/clip.h"
#include "dsp/comp.h"
#include "dsp/deess.h"
#include "dsp/eq.h"
#include "dsp/exciter.h"
#include "dsp/input.h"
#include "dsp/insert.h"
#include "dsp/limit.h"
#include "dsp/multiband.h"
#include "dsp/saturate.h"
#include "dsp/stereo.h"

enum stage {
    STAGE_INPUT,
    STAGE_EQ,
    STAGE_INSERT_1,
    STAGE_DEESS,
    STAGE_MULTIBAND,
    STAGE_COMP,
    STAGE_INSERT_2,
    STAGE_SATURATE,
    STAGE_EXCITER,
    STAGE_STEREO,
    STAGE_CLIP,
    STAGE_LIMIT,
    STAGES
};

struct chain_settings {
    bool bypass;
    int place[STAGES]; /* lower comes first, equals in the table's order */
};

struct monitor_settings {
    double level_db;
    bool dim, mute, mono, swap;
    int set; /* enum monitor_set: which speakers play */
};

struct compare_settings {
    bool on, match, align;
    int a, b;   /* enum contender */
    int listen; /* enum compare_listen */
    double window_s;
};

struct meter_settings {
    bool run;
};

/* All that moves with a frame. The parameter table's rows point in here. */
struct settings {
    struct input_settings input;
    struct eq_settings eq;
    struct insert_settings insert[INSERTS];
    struct deess_settings deess;
    struct multiband_settings multiband;
    struct comp_settings comp;
    struct saturate_settings saturate;
    struct exciter_settings exciter;
    struct stereo_settings stereo;
    struct clip_settings clip;
    struct limit_settings limit;
    struct chain_settings chain;
    struct monitor_settings monitor;
    struct compare_settings compare;
    struct meter_settings meter;
};

/* The shape in dsp.h, with the state's type wiped off. */
struct stage_row {
    const char *name;
    size_t size;                    /* of the state */
    size_t settings, settings_size; /* where in struct settings */
    bool (*is_on)(const struct settings *);
    enum status (*prepare)(void *, double);
    void (*free)(void *);
    void (*reset)(void *);
    void (*set)(void *, const void *);
    void (*process)(void *, double *const *, int);
    int (*latency_frames)(const void *);
    /* NULL where the stage has none */
    int (*latency_max_frames)(const void *);
    void (*restart)(void *); /* reset, if NULL */
    int (*warm_frames)(const void *);
    double (*take_reduction_db)(void *);
    double (*take_band_reduction_db)(void *, int band); /* from 0 */
    void (*listen)(void *, double *const *);
    bool (*is_listened)(const struct settings *); /* does a solo or delta ask for it? */
    void (*key)(void *, const double *const *);
    bool (*is_keyed)(const struct settings *); /* does it hear the external sidechain? */
    void (*ports)(void *, float *const *, const float *const *);
    void (*hold)(void *, bool);
    int nth; /* of its kind, from 0 */
};

extern const struct stage_row stage_table[STAGES];

/* The stages in the order that s asks for. */
RT void stages_order(const struct settings *s, enum stage order[STAGES]);

#endif
