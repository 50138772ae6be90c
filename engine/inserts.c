/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/inserts.h"

#include "engine/params.h"

#include <math.h>
#include <stdio.h>

enum status
inserts_prepare(struct inserts *s, double rate_hz)
{
    return ping_prepare(&s->ping, rate_hz);
}

void
inserts_free(struct inserts *s)
{
    ping_free(&s->ping);
}

static int
id_of(int which, const char *word)
{
    char path[PARAM_PATH_SIZE];

    snprintf(path, sizeof path, "/insert/%d/%s", which + 1, word);
    return param_find(path);
}

/* Gain beyond what the row takes stays at its end: the null shows it. */
static int
set_from(int which, const struct ping_result *r, struct inserts_move *move)
{
    const struct param *gain = param_at(id_of(which, "gain"));

    move[0] = (struct inserts_move){id_of(which, "delay"), r->delay_frames};
    move[1] = (struct inserts_move){id_of(which, "gain"), fmin(fmax(-r->gain_db, gain->min), gain->max)};
    move[2] = (struct inserts_move){id_of(which, "polarity"), r->inverted};
    return INSERTS_MOVES;
}

static int
ping_found(struct insert_reading *now, int which, const struct ping_result *r, struct inserts_move *move,
           char *line)
{
    if (!r->found) {
        now->state = INSERT_NOTHING_BACK;
        snprintf(line, INSERTS_LINE, "insert %d: nothing came back: connect send_%d and return_%d", which + 1,
                 which + 1, which + 1);
        return 0;
    }
    now->state = INSERT_MEASURED;
    now->drift_frames = 0.0;
    snprintf(line, INSERTS_LINE, "insert %d: %.2f frames, %+.2f dB, polarity %s, null %.1f dB", which + 1,
             r->delay_frames, r->gain_db, r->inverted ? "inverted" : "normal", r->null_db);
    return set_from(which, r, move);
}

/* Told when it begins, not every time it is seen. */
static void
watch_found(struct insert_reading *now, int which, double set_frames, char *line)
{
    bool far;

    now->drift_frames = now->delay_frames - set_frames;
    far = fabs(now->drift_frames) > INSERTS_DRIFT_FRAMES;
    if (far && now->state != INSERT_DRIFTED)
        snprintf(line, INSERTS_LINE,
                 "insert %d: the return is %.1f frames from where it is expected: ping again", which + 1,
                 now->drift_frames);
    now->state = far ? INSERT_DRIFTED : INSERT_MEASURED;
}

int
inserts_measure(struct inserts *s, int which, struct outboard *o, bool pinged, const double *values,
                struct inserts_move move[INSERTS_MOVES], char line[INSERTS_LINE])
{
    struct insert_reading *now = &s->reading[which];
    struct ping_result r;
    int nmoves = 0;

    line[0] = '\0';
    outboard_measure(o, &s->ping, &r);
    outboard_taken(o);
    now->pings += pinged;
    if (r.found) {
        now->delay_frames = r.delay_frames;
        now->gain_db = r.gain_db;
        now->null_db = r.null_db;
    }
    if (pinged)
        nmoves = ping_found(now, which, &r, move, line);
    else if (r.found && values[id_of(which, "delay")] > 0.0)
        watch_found(now, which, values[id_of(which, "delay")], line);
    return nmoves;
}
