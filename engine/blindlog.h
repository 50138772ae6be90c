/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * blindlog: finished blind comparisons as JSON lines in the user's data folder, one a run, written on a thread of its
 * own.
 *
 *   {"deadwax":"0.1.0","began":"2026-02-03T10:00:00Z","ended":"2026-02-03T10:04:10Z","why":"switched off",
 *    "a":"chain","b":"reference_1","file_b":"old.wav","offset_lu":-1.5,"delay_frames":37,"match":true,"moves":0,
 *    "trials":[{"x":"a","vote":"a"},{"x":"b","vote":"a"}],"correct":1,"p":0.75}
 *
 * file_a, file_b   the reference's, or what `named` stands for; else not there
 * offset, delay    of b against a before they are matched and aligned, as they stood at the end; null: not known
 * moves            of the chain's settings during the run: what was compared was not the same throughout
 * file             $XDG_DATA_HOME/deadwax/blind.jsonl, or ~/.local/share/deadwax/blind.jsonl; added to, to the disk
 */
#ifndef ENGINE_BLINDLOG_H
#define ENGINE_BLINDLOG_H

#include "engine/blind.h"
#include "engine/errand.h"
#include "engine/folder.h"
#include "engine/params.h"

#include <time.h>

struct blindlog_run {
    time_t began, ended;
    char why[128];
    char name[2][PARAM_VALUE_SIZE]; /* what a and b are, by enum blind_side */
    char file[2][PARAM_TEXT_SIZE];  /* "": none */
    double offset_lu, delay_frames; /* NAN: not known */
    bool match;
    int moves;
};

struct blindlog_job { /* the errand's while it is out */
    char *text;       /* ours: whole lines */
    char path[FOLDER_PATH];
    struct err e;
};

struct blindlog { /* all zero: nothing to write */
    struct errand errand;
    struct blindlog_job job;
    char *waiting; /* ours: lines that the next errand takes; NULL: none */
    bool failed;   /* the last one could not write them: they wait for the next line, or the end */
};

/* The line of a run that has ended, with its newline, to be freed; NULL: no memory. */
char *blindlog_line(const struct blind *b, const struct blind_result *r, const struct blindlog_run *run);
/* Takes the line; false: no memory, it is lost. */
bool blindlog_add(struct blindlog *l, char *line);
/* True once for each time that lines were not written: e says why. They are kept, and tried again with the next. */
bool blindlog_tick(struct blindlog *l, struct err *e);
/* Waits until all is written. False: e says why not. */
bool blindlog_close(struct blindlog *l, struct err *e);

#endif
