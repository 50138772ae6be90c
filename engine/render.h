/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * render: the process of the live host, driven from files.
 *
 * A plain render plays one file through the chain with settings that stand
 * still; latency is taken out, the output is as long as the input. The render
 * of a take (log.h) plays what was played live, move by move at its frame, and
 * makes the print again bit for bit, however the frames are cut into blocks.
 */
#ifndef ENGINE_RENDER_H
#define ENGINE_RENDER_H

#include "engine/err.h"
#include "engine/log.h"
#include "engine/publish.h"
#include "engine/soundfile.h"

struct render_job {
    const char *in, *out;
    const double *values;    /* one a parameter, by id (plain render) */
    const struct take *take; /* NULL: plain render */
    int format; /* enum sound_format; -1: as the source but not below 24 bit; a take: as its print, else wav32f */
    int block;                                /* frames a period; 0: 1024 */
    double start_s, length_s;                 /* of the source (plain render); length 0: all */
    struct publish_count done, total, cancel; /* frames, for who watches from another thread */
    enum status status;
    struct err err;
};

/* Does a parameter change what a plain render writes? */
bool render_heeds(int id);

/* Does the job; its status and, when it failed, one line in err. Leaves no half file behind. */
enum status render_run(struct render_job *job);

/* Does them side by side, at most one a processor; calls watch about ten times a second until all are done (may be
   NULL; false cancels). Returns how many failed. */
int render_all(struct render_job *jobs, int njobs, bool (*watch)(struct render_job *, int, void *),
               void *arg);

#endif
