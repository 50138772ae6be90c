/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows are below; params_init() spreads groups of equals ("/eq/#/gain")
 * into one struct param each, so that everyone else sees a flat table.
 */
#include "engine/params.h"

#include "engine/meters.h"
#include "engine/player.h"
#include "engine/word.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KIND(x)                                                                                              \
    _Generic((x), double : FIELD_DOUBLE, int : FIELD_INT, bool : FIELD_BOOL, uint64_t : FIELD_NONE)
#define IN(type, member) KIND(((struct type *)0)->member), offsetof(struct type, member), 1, 0
/* One of `count` equals: member names the first. */
#define EACH(type, member, array, count)                                                                     \
    KIND(((struct type *)0)->member), offsetof(struct type, member), count,                                  \
        sizeof(((struct type *)0)->array[0])
#define NOWHERE FIELD_NONE, 0, 1, 0

enum {
    MOVE = PARAM_SAVED | PARAM_AUTOMATED | PARAM_PRINTED, /* a knob of the chain */
    HEARD = PARAM_SAVED | PARAM_AUTOMATED,                /* a knob of the monitor path */
    ACT = 0,
    READ = PARAM_READ_ONLY
};

static const char *const polarity_names[] = {"normal", "left", "right", "both", NULL};
static const char *const eq_type_names[] = {"bell",     "low_shelf", "high_shelf", "low_cut",
                                            "high_cut", "notch",     NULL};
static const char *const loop_names[] = {"off", "track", "list", NULL};
static const char *const set_names[] = {"a", "b", NULL};
static const char *const source_names[] = {"player", "input", NULL};
static const char *const print_format_names[] = {"wav32f", "wav24", "wav16", NULL};

static const struct row {
    const char *path, *label;
    enum param_type type;
    enum param_scale scale;
    enum param_unit unit;
    double min, max, def;
    const char *const *names;
    enum param_owner owner;
    unsigned flags;
    const char *text;
    enum param_field field;
    size_t offset;
    int count;
    size_t stride;
} rows[] = {
#define FLOAT(scale, unit, min, max, def) PARAM_FLOAT, SCALE_##scale, UNIT_##unit, min, max, def, NULL
#define BOOL(def)                         PARAM_BOOL, SCALE_LINEAR, UNIT_NONE, 0, 1, def, NULL
#define ENUM(names, def)                  PARAM_ENUM, SCALE_LINEAR, UNIT_NONE, 0, LEN(names) - 2, def, names
#define INT(unit, min, max, def)          PARAM_INT, SCALE_LINEAR, UNIT_##unit, min, max, def, NULL
#define TRIGGER                           PARAM_TRIGGER, SCALE_LINEAR, UNIT_NONE, 0, 1, 0, NULL
#define TEXT                              PARAM_TEXT, SCALE_LINEAR, UNIT_NONE, 0, 0, 0, NULL
#define CHAIN                             OWNER_CHAIN, MOVE
#define MONITOR                           OWNER_MONITOR, HEARD
#define METER                             OWNER_METER, READ

    {"/input/trim", "Trim", FLOAT(DB, DB, -24, 24, 0), CHAIN, "Gain ahead of the chain.",
     IN(settings, input.trim_db)},
    {"/input/balance", "Balance", FLOAT(LINEAR, PERCENT, -100, 100, 0), CHAIN,
     "Turns the far side down: -100 is left only, 100 right only.", IN(settings, input.balance)},
    {"/input/polarity", "Polarity", ENUM(polarity_names, 0), CHAIN, "Which sides are turned upside down.",
     IN(settings, input.polarity)},

    {"/eq/on", "EQ", BOOL(0), CHAIN, "Equaliser in the chain or passed by.", IN(settings, eq.on)},
#define BAND(member) EACH(settings, eq.band[0].member, eq.band, EQ_BANDS)
    {"/eq/#/on", "On", BOOL(0), CHAIN, "Band in use.", BAND(on)},
    {"/eq/#/type", "Type", ENUM(eq_type_names, 0), CHAIN, "Shape of the band.", BAND(type)},
    {"/eq/#/freq", "Frequency", FLOAT(LOG, HZ, 10, 40000, 1000), CHAIN, "Centre or corner of the band.",
     BAND(freq_hz)},
    {"/eq/#/gain", "Gain", FLOAT(DB, DB, -24, 24, 0), CHAIN, "Boost or cut of a bell or shelf.",
     BAND(gain_db)},
    {"/eq/#/q", "Q", FLOAT(LOG, NONE, 0.1, 40, 0.7071), CHAIN, "Resonance: higher is narrower.", BAND(q)},

    {"/comp/on", "Compressor", BOOL(0), CHAIN, "Compressor in the chain or passed by.",
     IN(settings, comp.on)},
    {"/comp/threshold", "Threshold", FLOAT(DB, DBFS, -60, 0, -18), CHAIN,
     "Level above which gain is taken away.", IN(settings, comp.threshold_db)},
    {"/comp/ratio", "Ratio", FLOAT(LOG, RATIO, 1, 20, 2), CHAIN,
     "Decibels in for one decibel out above the threshold.", IN(settings, comp.ratio)},
    {"/comp/attack", "Attack", FLOAT(LOG, MS, 0.1, 200, 20), CHAIN, "Time to take away 63 % of what is due.",
     IN(settings, comp.attack_ms)},
    {"/comp/release", "Release", FLOAT(LOG, MS, 5, 3000, 200), CHAIN,
     "Time to give back 63 %, on top of the attack.", IN(settings, comp.release_ms)},
    {"/comp/knee", "Knee", FLOAT(LINEAR, DB, 0, 24, 6), CHAIN, "Width of the bend around the threshold.",
     IN(settings, comp.knee_db)},
    {"/comp/makeup", "Make-up", FLOAT(DB, DB, -12, 24, 0), CHAIN, "Gain after the compression.",
     IN(settings, comp.makeup_db)},
    {"/comp/mix", "Mix", FLOAT(LINEAR, PERCENT, 0, 100, 100), CHAIN,
     "Share of compressed sound in the output.", IN(settings, comp.mix)},
    {"/comp/sidechain_hpf", "Sidechain HPF", FLOAT(LOG, HZ, 20, 500, 20), CHAIN,
     "The detector hears less below this; 20 Hz is off.", IN(settings, comp.sidechain_hpf_hz)},

    {"/limit/on", "Limiter", BOOL(0), CHAIN, "True-peak limiter in the chain or passed by.",
     IN(settings, limit.on)},
    {"/limit/gain", "Gain", FLOAT(DB, DB, 0, 24, 0), CHAIN, "Drive into the limiter.",
     IN(settings, limit.gain_db)},
    {"/limit/ceiling", "Ceiling", FLOAT(DB, DBTP, -12, 0, -1), CHAIN, "True peak that is never passed.",
     IN(settings, limit.ceiling_dbtp)},
    {"/limit/release", "Release", FLOAT(LOG, MS, 1, 1000, 80), CHAIN,
     "Time for the gain to recover 63 % after a peak.", IN(settings, limit.release_ms)},
    {"/limit/lookahead", "Look-ahead", FLOAT(LINEAR, MS, 0.5, 1.5, 1.5), CHAIN,
     "How long before a peak the gain starts to move; the latency stays.", IN(settings, limit.lookahead_ms)},

    {"/chain/bypass", "Bypass", BOOL(0), CHAIN, "Hear the chain's input, as late as its output.",
     IN(settings, chain.bypass)},

    {"/monitor/level", "Level", FLOAT(DB, DB, -80, 0, -20), MONITOR, "Level of the monitor outputs.",
     IN(settings, monitor.level_db)},
    {"/monitor/dim", "Dim", BOOL(0), MONITOR, "Monitors 20 dB down.", IN(settings, monitor.dim)},
    {"/monitor/mute", "Mute", BOOL(0), MONITOR, "Monitors silent.", IN(settings, monitor.mute)},
    {"/monitor/mono", "Mono", BOOL(0), MONITOR, "Both sides hear the sum.", IN(settings, monitor.mono)},
    {"/monitor/set", "Speakers", ENUM(set_names, 0), MONITOR,
     "Which speakers play; the headphones hear the same.", IN(settings, monitor.set)},
    {"/monitor/swap", "Swap", BOOL(0), MONITOR, "Left and right exchanged.", IN(settings, monitor.swap)},

#define TRANSPORT OWNER_TRANSPORT, ACT
    {"/transport/play", "Play", BOOL(0), TRANSPORT, "Plays, or stops when 0.", NOWHERE},
    {"/transport/stop", "Stop", TRIGGER, TRANSPORT, "Stops where it is.", NOWHERE},
    {"/transport/locate", "Locate", FLOAT(LINEAR, S, 0, 86400, 0), TRANSPORT, "Goes to a time in the track.",
     NOWHERE},
    {"/transport/loop", "Loop", ENUM(loop_names, 0), TRANSPORT, "What is repeated.", NOWHERE},
    {"/transport/track", "Track", INT(NONE, 1, 999, 1), TRANSPORT, "Goes to the start of a track.", NOWHERE},
    {"/transport/next", "Next", TRIGGER, TRANSPORT, "Goes to the next track.", NOWHERE},
    {"/transport/previous", "Previous", TRIGGER, TRANSPORT,
     "Goes to the start of the track, or to the one before within its first 2 s.", NOWHERE},
    {"/transport/source", "Source", ENUM(source_names, 0), OWNER_CHAIN, PARAM_AUTOMATED | PARAM_PRINTED,
     "What the chain hears: the player or the JACK inputs.", NOWHERE},
    {"/transport/file", "File", TEXT, OWNER_TRANSPORT, READ, "The file of the current track.", NOWHERE},
    {"/transport/position", "Position", FLOAT(LINEAR, S, 0, 86400, 0), METER, "Time into the track.",
     IN(readings, transport_seconds)},

    {"/print/record", "Print", BOOL(0), OWNER_PRINT, ACT, "Prints the master while 1.", NOWHERE},
    {"/print/file", "File", TEXT, OWNER_PRINT, ACT, "Where the next print goes; empty makes a name.",
     NOWHERE},
    {"/print/format", "Format", ENUM(print_format_names, 0), OWNER_PRINT, PARAM_SAVED,
     "Samples of the next print: 24 and 16 bit are dithered.", NOWHERE},
    {"/print/time", "Printed", FLOAT(LINEAR, S, 0, 1e6, 0), METER, "Length of the running or last print.",
     IN(readings, print_seconds)},

#define PEAKS(member) EACH(readings, member[0], member, STEREO)
    {"/meter/input/peak/#", "Input peak", FLOAT(DB, DBFS, -120, 40, -120), METER,
     "Highest sample ahead of the chain in the last 300 ms; 1 is left.", PEAKS(input_peak_dbfs)},
    {"/meter/output/peak/#", "Output peak", FLOAT(DB, DBFS, -120, 40, -120), METER,
     "Highest sample of the master in the last 300 ms; 1 is left.", PEAKS(output_peak_dbfs)},
    {"/meter/output/max/#", "Output maximum", FLOAT(DB, DBFS, -120, 40, -120), METER,
     "Highest sample of the master since reset; 1 is left.", PEAKS(output_max_dbfs)},
    {"/meter/output/momentary", "Momentary", FLOAT(LINEAR, LUFS, -120, 20, -120), METER,
     "Loudness of the last 400 ms of the master.", IN(readings, momentary_lufs)},
    {"/meter/output/short_term", "Short-term", FLOAT(LINEAR, LUFS, -120, 20, -120), METER,
     "Loudness of the last 3 s of the master.", IN(readings, short_term_lufs)},
    {"/meter/output/integrated", "Integrated", FLOAT(LINEAR, LUFS, -120, 20, -120), METER,
     "Gated loudness of the master since reset.", IN(readings, integrated_lufs)},
    {"/meter/output/range", "Loudness range", FLOAT(LINEAR, LU, 0, 120, 0), METER,
     "Spread of the short-term loudness since reset.", IN(readings, range_lu)},
    {"/meter/output/measured", "Measured", FLOAT(LINEAR, S, 0, 1e9, 0), METER,
     "Sound that the integrated loudness and the range are read from.", IN(readings, measured_s)},
    {"/meter/reset", "Reset", TRIGGER, OWNER_CHAIN, ACT, "Starts loudness and maxima afresh.", NOWHERE},
    {"/meter/comp/reduction", "Compressor", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that the compressor took away in the last 300 ms.", IN(readings, comp_reduction_db)},
    {"/meter/limit/reduction", "Limiter", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that the limiter took away in the last 300 ms.", IN(readings, limit_reduction_db)},
#define SHARE(label, member, text) label, FLOAT(LINEAR, PERCENT, 0, 1e6, 0), METER, text, IN(readings, member)
    {"/meter/dsp/load", SHARE("DSP load", load_percent, "Mean time of the process callback, of its period.")},
    {"/meter/dsp/worst",
     SHARE("DSP worst", worst_percent, "Longest process callback since reset, of its period.")},
    {"/meter/dsp/p9999", SHARE("DSP p99.99", p9999_percent,
                               "Time that 99.99 % of the process callbacks stay within, of the period.")},
    {"/meter/dsp/input",
     SHARE("Input", stage_percent[STAGE_INPUT], "Time of the input stage, of the period.")},
    {"/meter/dsp/eq", SHARE("EQ", stage_percent[STAGE_EQ], "Time of the equaliser, of the period.")},
    {"/meter/dsp/comp",
     SHARE("Compressor", stage_percent[STAGE_COMP], "Time of the compressor, of the period.")},
    {"/meter/dsp/limit", SHARE("Limiter", stage_percent[STAGE_LIMIT], "Time of the limiter, of the period.")},
    {"/meter/dsp/player", SHARE("Player", player_percent, "Time of the player, of the period.")},
    {"/meter/dsp/meters", SHARE("Meters", meters_percent, "Time of the meters, of the period.")},
#define COUNT(label, member, text) label, FLOAT(LINEAR, NONE, 0, 1e15, 0), METER, text, IN(readings, member)
    {"/meter/dsp/overruns",
     COUNT("Overruns", overruns,
           "Process callbacks that took longer than their period, by their own clock.")},
    {"/meter/dsp/xruns", COUNT("Xruns", xruns, "Dropouts that the JACK server told of.")},
    {"/meter/dsp/late_events",
     COUNT("Late events", late_events, "Moves whose frame had passed when they came.")},
    {"/meter/dsp/bad_samples",
     COUNT("Bad samples", bad_samples, "Samples that were no number, replaced by silence.")},
    {"/meter/dsp/period", "Period", FLOAT(LINEAR, FRAMES, 0, 1e6, 0), METER, "Frames in a period.",
     IN(readings, period_frames)},
    {"/meter/dsp/latency", "Latency", FLOAT(LINEAR, FRAMES, 0, 1e6, 0), METER,
     "Frames that the chain is late.", IN(readings, latency_frames)},
};

enum { MAX_PARAMS = 256 };

static struct param table[MAX_PARAMS];
static char paths[MAX_PARAMS][PARAM_PATH_SIZE];
static int ntable;

static const struct {
    const char *word; /* on the wire, in --json */
    const char *mark; /* behind a number, for people */
} units[] = {
    [UNIT_NONE] = {"", ""},         [UNIT_DB] = {"dB", "dB"},       [UNIT_DBFS] = {"dBFS", "dBFS"},
    [UNIT_DBTP] = {"dBTP", "dBTP"}, [UNIT_LUFS] = {"LUFS", "LUFS"}, [UNIT_LU] = {"LU", "LU"},
    [UNIT_HZ] = {"Hz", "Hz"},       [UNIT_MS] = {"ms", "ms"},       [UNIT_S] = {"s", "s"},
    [UNIT_PERCENT] = {"%", "%"},    [UNIT_RATIO] = {"ratio", ":1"}, [UNIT_FRAMES] = {"frames", "frames"},
};

static void
add(const struct row *r, int index)
{
    const char *mark = strchr(r->path, '#');
    char *path = paths[ntable];

    assert(ntable < MAX_PARAMS);
    if (mark)
        snprintf(path, PARAM_PATH_SIZE, "%.*s%d%s", (int)(mark - r->path), r->path, index + 1, mark + 1);
    else
        snprintf(path, PARAM_PATH_SIZE, "%s", r->path);
    table[ntable++] = (struct param){
        path,   r->label, r->type,  r->scale, r->unit, r->min,   r->max,
        r->def, r->names, r->owner, r->flags, r->text, r->field, r->offset + r->stride * (size_t)index};
}

/* Groups of equals are spread group by group: all of band 1, then all of band 2. */
static int
group_length(const struct row *r, const struct row *end)
{
    const char *mark = strchr(r->path, '#');
    int n = 1;

    if (!mark)
        return 1;
    while (r + n < end && strncmp(r[n].path, r->path, (size_t)(mark - r->path + 1)) == 0)
        n++;
    return n;
}

void
params_init(void)
{
    const struct row *end = rows + LEN(rows);

    if (ntable)
        return;
    for (const struct row *r = rows; r < end;) {
        int n = group_length(r, end);

        for (int index = 0; index < r->count; index++)
            for (int i = 0; i < n; i++)
                add(r + i, index);
        r += n;
    }
}

int
params_count(void)
{
    return ntable;
}

const struct param *
param_at(int id)
{
    return id >= 0 && id < ntable ? &table[id] : NULL;
}

int
param_find(const char *path)
{
    for (int i = 0; i < ntable; i++)
        if (strcmp(table[i].path, path) == 0)
            return i;
    return -1;
}

bool
param_is_number(const struct param *p)
{
    return p->type != PARAM_TEXT;
}

static void
join_names(const struct param *p, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i <= (int)p->max && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", p->names[i]);
}

static bool
range_error(const struct param *p, const char *value, struct err *e)
{
    char names[256];

    if (p->type == PARAM_ENUM) {
        join_names(p, names, sizeof names);
        return err_set(e, "%s: %s is no choice: use %s", p->path, value, names);
    }
    if (p->type == PARAM_BOOL)
        return err_set(e, "%s: %s is no switch: use 0, 1, off or on", p->path, value);
    return err_set(e, "%s: %s is out of range: use %g to %g%s%s", p->path, value, p->min, p->max,
                   p->unit == UNIT_NONE ? "" : " ", param_unit_name(p->unit));
}

bool
param_check(const struct param *p, double value, struct err *e)
{
    bool whole = p->type == PARAM_INT || p->type == PARAM_BOOL || p->type == PARAM_ENUM;
    char word[32];

    snprintf(word, sizeof word, "%g", value);
    if (p->flags & PARAM_READ_ONLY)
        return err_set(e, "%s: can only be read", p->path);
    if (p->type == PARAM_TEXT)
        return err_set(e, "%s: takes a text, not %s", p->path, word);
    if (p->type == PARAM_TRIGGER)
        return value == value ? true : err_set(e, "%s: %s is no number", p->path, word);
    if (!(value >= p->min && value <= p->max)) /* NaN too */
        return range_error(p, word, e);
    if (whole && value != floor(value))
        return p->type == PARAM_INT ? err_set(e, "%s: %s is not whole: use a whole number from %g to %g",
                                              p->path, word, p->min, p->max)
                                    : range_error(p, word, e);
    return true;
}

double
param_to_norm(const struct param *p, double value)
{
    if (p->max == p->min)
        return 0.0;
    if (p->scale == SCALE_LOG)
        return log(value / p->min) / log(p->max / p->min);
    return (value - p->min) / (p->max - p->min);
}

bool
param_from_norm(const struct param *p, double norm, double *value, struct err *e)
{
    if (!(norm >= 0.0 && norm <= 1.0))
        return err_set(e, "%s/norm: %g is out of range: use 0 to 1", p->path, norm);
    if (p->scale == SCALE_LOG)
        *value = p->min * pow(p->max / p->min, norm);
    else
        *value = p->min + norm * (p->max - p->min);
    if (p->type == PARAM_INT || p->type == PARAM_BOOL || p->type == PARAM_ENUM)
        *value = floor(*value + 0.5);
    *value = fmin(fmax(*value, p->min), p->max);
    return true;
}

static bool
parse_name(const struct param *p, const char *word, double *value)
{
    static const char *const off[] = {"off", "false", "no"}, *const on[] = {"on", "true", "yes"};

    for (int i = 0; p->type == PARAM_ENUM && i <= (int)p->max; i++)
        if (strcasecmp(word, p->names[i]) == 0) {
            *value = i;
            return true;
        }
    for (size_t i = 0; p->type == PARAM_BOOL && i < LEN(on); i++)
        if (strcasecmp(word, on[i]) == 0 || strcasecmp(word, off[i]) == 0) {
            *value = strcasecmp(word, on[i]) == 0;
            return true;
        }
    return false;
}

bool
param_parse(const struct param *p, const char *word, double *value, struct err *e)
{
    char *end;

    if (p->flags & PARAM_READ_ONLY)
        return param_check(p, 0.0, e);
    if (p->type == PARAM_TEXT)
        return err_set(e, "%s: takes a text: set it with deadwax ctl", p->path);
    if (parse_name(p, word, value))
        return param_check(p, *value, e);
    *value = strtod(word, &end);
    if (end == word)
        return p->type == PARAM_ENUM || p->type == PARAM_BOOL
                   ? range_error(p, word, e)
                   : err_set(e, "%s: \"%s\" is no number", p->path, word);
    while (isspace((unsigned char)*end))
        end++;
    if (*end && strcasecmp(end, units[p->unit].word) != 0 && strcasecmp(end, units[p->unit].mark) != 0)
        return err_set(e, "%s: \"%s\" is not in %s", p->path, word,
                       p->unit == UNIT_NONE ? "plain numbers" : units[p->unit].word);
    return param_check(p, *value, e);
}

bool
param_parse_assignment(const char *text, int *id, double *value, struct err *e)
{
    const char *equals = strchr(text, '=');
    char path[PARAM_PATH_SIZE];

    if (!equals || (size_t)(equals - text) >= sizeof path)
        return err_set(e, "\"%s\": write PATH=VALUE, for instance /eq/1/gain=-2", text);
    snprintf(path, sizeof path, "%.*s", (int)(equals - text), text);
    *id = param_find(path);
    if (*id < 0)
        return param_unknown(path, e);
    return param_parse(&table[*id], equals + 1, value, e);
}

void
param_format(const struct param *p, double value, char *out, size_t size)
{
    const char *mark = units[p->unit].mark;

    if (p->type == PARAM_ENUM && value >= 0 && value <= p->max)
        snprintf(out, size, "%s", p->names[(int)value]);
    else if (p->type == PARAM_BOOL)
        snprintf(out, size, "%s", value != 0.0 ? "on" : "off");
    else
        snprintf(out, size, "%.6g%s%s", value, *mark && *mark != ':' ? " " : "", mark);
}

bool
param_unknown(const char *path, struct err *e)
{
    enum { NEAREST = 3 };
    char word[PARAM_PATH_SIZE];
    int id[NEAREST], far[NEAREST];

    snprintf(word, sizeof word, "%s", path);
    for (char *c = word; *c; c++) /* it comes from anywhere, and goes to terminals */
        if (!isprint((unsigned char)*c))
            *c = '?';
    for (int k = 0; k < NEAREST; k++)
        far[k] = 1000, id[k] = 0;
    for (int i = 0; i < ntable; i++) {
        int d = word_distance(word, table[i].path), at = i;

        for (int k = 0; k < NEAREST; k++)
            if (d < far[k]) {
                int was_far = far[k], was_id = id[k];

                far[k] = d, id[k] = at;
                d = was_far, at = was_id;
            }
    }
    return err_set(e, "%s: no such parameter: nearest are %s, %s, %s", word, table[id[0]].path,
                   table[id[1]].path, table[id[2]].path);
}

const char *
param_type_name(enum param_type t)
{
    static const char *const name[] = {"float", "int", "bool", "enum", "trigger", "text"};

    return name[t];
}

const char *
param_unit_name(enum param_unit u)
{
    return units[u].word;
}

const char *
param_scale_name(enum param_scale s)
{
    static const char *const name[] = {"linear", "log", "db"};

    return name[s];
}

const char *
param_owner_name(enum param_owner o)
{
    static const char *const name[] = {"chain", "monitor", "transport", "print", "meter"};

    return name[o];
}

double
param_load(const struct param *p, const void *owner)
{
    const char *at = (const char *)owner + p->offset;

    switch (p->field) {
    case FIELD_DOUBLE: return *(const double *)at;
    case FIELD_INT: return *(const int *)at;
    case FIELD_BOOL: return *(const bool *)at;
    case FIELD_NONE: break;
    }
    return 0.0;
}

void
param_store(const struct param *p, void *owner, double value)
{
    char *at = (char *)owner + p->offset;

    switch (p->field) {
    case FIELD_DOUBLE: *(double *)at = value; break;
    case FIELD_INT: *(int *)at = (int)value; break;
    case FIELD_BOOL: *(bool *)at = value != 0.0; break;
    case FIELD_NONE: break;
    }
}
