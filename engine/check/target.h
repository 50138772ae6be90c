/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * target: what a place that masters go to asks for, and how it plays them. Data, not code: one YAML file each, dated and
 * with its source; how one is written: engine/targets/spotify.yaml.
 *
 * A target has a name, or a path (which holds a '/' or ends in .yaml). Names are looked for in the user's folder
 * ($XDG_CONFIG_HOME/deadwax/targets), then in that which comes with the program (engine/targets), or in
 * $DEADWAX_TARGETS instead of both.
 */
#ifndef ENGINE_CHECK_TARGET_H
#define ENGINE_CHECK_TARGET_H

#include "dsp/dsp.h"
#include "engine/err.h"
#include "engine/form.h"

enum target_kind {
    TARGET_STREAMING,
    TARGET_DOWNLOAD,
    TARGET_DELIVERY, /* to those who pass it on */
    TARGET_BROADCAST,
    TARGET_VIDEO, /* with pictures, over the network */
    TARGET_CD,
    TARGET_VINYL,
    TARGET_GUIDELINE /* of a society, for services */
};
enum target_gate { GATE_PROGRAMME, GATE_DIALOGUE };
enum target_normalise { NORMALISE_NONE, NORMALISE_DOWN, NORMALISE_DOWN_AND_UP };
enum target_unit {
    NORMALISE_TRACK,
    NORMALISE_ALBUM,
    NORMALISE_LOUDEST
}; /* loudest: the album, by its loudest track */

/* What the file does not give is NAN, or an empty list. */
struct target {
    char *name;                                 /* of its file, without .yaml */
    char *title, *date, *source, *notes, *adds; /* adds: a word on the rule; notes and adds may be NULL */
    int kind, gate, normalise, unit;            /* enums above */
    double loudness_lufs;
    double tolerance_lu; /* NAN: not asked of the file, it is what it is played at */
    bool quieter_ok;     /* there is no lower bound */
    double
        headroom_dbtp; /* turned up only until the true peak is there; NAN with down_and_up: a limiter at limiter_dbfs */
    double limiter_dbfs;
    double ceiling_dbtp, ceiling_loud_dbtp; /* loud: of a master above loudness_lufs */
    bool ceiling_advised;                   /* nobody turns a file away for it */
    double max_short_term_lufs, range_min_lu, range_max_lu;
    struct form_numbers rates_hz, bits, channels;
    double min_length_s, good_length_s, max_length_s; /* of a file; of an album's sum on cd and vinyl */
    bool vinyl, cd;
};

/* NOT_FOUND (with the nearest name), BAD_ARG ("FILE:LINE: what: mend", all that is wrong), NO_MEM. */
enum status target_load(struct target **t, const char *name_or_path, struct err *e);
void target_free(struct target *t); /* NULL is harmless */

/* All there are, by name. A file that can't be read is passed over: OK then comes with its error in e, else with
   e->text empty. NOT_FOUND: there is no folder; NO_MEM. */
enum status target_list(struct target ***targets, int *count, struct err *e);
void target_free_list(struct target **targets, int count);

/* t may be NULL (none chosen) from here on. */
const char *target_name(const struct target *t);    /* "" */
double target_ceiling_dbtp(const struct target *t); /* -1 dBTP when none is given */
bool target_is_vinyl(const struct target *t);
bool target_is_cd(const struct target *t);

const char *target_kind_name(int kind); /* "streaming" */

/* How a programme is played: by how much it is turned, and by which rule, a sentence. NAN: it cannot be told (the
   loudness, or a peak that matters, was not measured). */
double target_gain_db(const struct target *t, double integrated_lufs, double max_dbtp, char *rule,
                      size_t size);

#endif
