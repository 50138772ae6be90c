/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * view: the live picture of a running host, and what its keys mean.
 *
 * view_draw makes lines out of values and holds no terminal (terminal.h does).
 *
 * Text from outside (file names, news) can't break the picture: control characters and what the terminal can't
 * show become '?', what is too long is cut.
 */
#ifndef CONTROL_CLI_VIEW_H
#define CONTROL_CLI_VIEW_H

#include "control/qr.h"
#include "dsp/dsp.h"

enum { VIEW_STAGES = 16, VIEW_ADDRESSES = 4, VIEW_PICTURE = 31744 /* bytes for any */ };

enum view_transport {
    VIEW_STOPPED,
    VIEW_PLAYING,
    VIEW_LIVE,   /* hears the inputs */
    VIEW_WAITING /* for a server */
};

struct view_stage {
    const char *name; /* "comp" */
    bool on;
    bool reduces; /* has a reduction to show */
    double reduction_db;
};

/* All strings are the caller's and need to live only as long as the call; NULL and "" are nothing. A level or
   loudness that is NaN or at most -120 is nothing, too. */
struct view_state {
    double time_s; /* any clock that only goes on; for the fall of the meters */

    const char *server; /* "jackd, hw:USB, 48000 Hz, 128 x 2" */
    double rate_hz;     /* 0 when `server` says it */
    int period;         /* frames; the same */
    double latency_ms;  /* of the chain */

    enum view_transport transport;
    const char *track;           /* "2/3 side-a.wav" */
    double position_s, length_s; /* length 0: unknown */

    double input_peak_dbfs[STEREO], output_peak_dbfs[STEREO]; /* since the last picture, or a little longer */

    struct view_stage stage[VIEW_STAGES];
    int nstages;
    bool bypass; /* the whole chain */

    double momentary_lufs, short_term_lufs, integrated_lufs, range_lu;
    double measured_s; /* below 60 the range is marked as unsure */
    double true_peak_dbtp, psr_lu, plr_lu,
        correlation; /* of the master, since reset but for psr and correlation */

    bool printing;
    const char *print_file; /* the one being printed, or the last one */
    double print_s;         /* its length */

    double load_percent, worst_percent; /* of the period */
    long long xruns;

    const char *surfaces;                /* "X-TOUCH MINI: eq"; "": none, and no line */
    const char *address[VIEW_ADDRESSES]; /* "osc.udp://127.0.0.1:9000/" */
    int naddresses;
    bool guarded;         /* others than this machine can reach us, once paired: the key for that is named */
    const char *code;     /* of the pairing that is open: "4711-0815" */
    double code_s;        /* how long it still is */
    const char *code_url; /* where to type it */
    const struct qr *qr;  /* both in one; NULL: none */
    const char *news;     /* the last line */
};

enum view_key {
    VIEW_KEY_NONE,
    VIEW_KEY_PLAY,     /* space: play or stop */
    VIEW_KEY_NEXT,     /* n, right, down */
    VIEW_KEY_PREVIOUS, /* p, left, up */
    VIEW_KEY_BYPASS,   /* b */
    VIEW_KEY_PRINT,    /* r */
    VIEW_KEY_UNDO,     /* u */
    VIEW_KEY_REDO,     /* U, control-r */
    VIEW_KEY_DOOR,     /* d: opens or closes pairing */
    VIEW_KEY_QUIT      /* q */
};

/* A peak as it is shown: falls 20 dB a second, its highest value stays for 1.5 s. */
struct view_peak {
    double level_dbfs, hold_dbfs, held_since_s;
};

struct view {                /* zero: draws plain ASCII without colour */
    bool utf8, colour, keys; /* keys: names them in the last line */

    struct view_peak input[STEREO], output[STEREO];
    double time_s;
    bool drawn;
};

/* At most `rows` lines of at most `columns` columns, separated by '\n'; with fewer rows the less important lines go
   first. Returns how many. Always ends in NUL; a line that no longer fits into `size` is left out. */
int view_draw(struct view *v, char *out, size_t size, int columns, int rows, const struct view_state *s);

/* What a key of terminal_key is for. */
enum view_key view_key(int pressed);

#endif
