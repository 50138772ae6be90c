/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/curve.h"

#include "engine/check/fullband.h"
#include "engine/check/sound.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_LINE   "deadwax curve 1"
#define FIRST_WORDS  "deadwax curve "
#define DEEPEST_DB   70.0 /* below the highest point */
#define EDGE_WEIGHT  0.5
#define EDGE_LOW_HZ  40.0
#define EDGE_HIGH_HZ 16000.0

enum { LINE_SIZE = 4200 };

/* --- of sound ------------------------------------------------------------------------------------- */

/* |H|^2 of b0 + b1 z^-1 + b2 z^-2 over 1 + a1 z^-1 + a2 z^-2. */
static double
biquad_power(const double *b, const double *a, double w)
{
    double c = cos(w), s = sin(w), c2 = cos(2.0 * w), s2 = sin(2.0 * w);
    double nr = b[0] + b[1] * c + b[2] * c2, ni = b[1] * s + b[2] * s2;
    double dr = 1.0 + a[0] * c + a[1] * c2, di = a[0] * s + a[1] * s2;

    return (nr * nr + ni * ni) / (dr * dr + di * di);
}

/* At 48 kHz, where the standard's table is: a curve belongs to no rate. */
static double
k_power(double freq_hz)
{
    static const double shelf_b[] = {1.53512485958697, -2.69169618940638, 1.19839281085285};
    static const double shelf_a[] = {-1.69065929318241, 0.73248077421585};
    static const double pass_b[] = {1.0, -2.0, 1.0}, pass_a[] = {-1.99004745483398, 0.99007225036621};
    double w = 2.0 * PI * freq_hz / 48000.0;

    return biquad_power(shelf_b, shelf_a, w) * biquad_power(pass_b, pass_a, w);
}

/* Bands of a twelfth of an octave lie side by side: their powers add up to the whole. */
static double
k_weighted_db(const double *twelfths, int points)
{
    double sum = 0.0;

    for (int i = 0; i < points; i++)
        sum += pow(10.0, 0.1 * twelfths[i]) * k_power(spectrum_hz(i));
    return 10.0 * log10(sum);
}

bool
curve_of_spectrum(struct curve *c, struct spectrum *s)
{
    double twelfths[CURVE_POINTS], db[CURVE_POINTS], loudness;
    int points = spectrum_points(s);

    if (!spectrum_long_term(s, 12, SPECTRUM_NOISE, twelfths))
        return false;
    spectrum_long_term(s, CURVE_PER_OCTAVE, SPECTRUM_NOISE, db);
    loudness = k_weighted_db(twelfths, points);
    c->files = 1;
    for (int i = 0; i < CURVE_POINTS; i++) {
        c->level_db[i] = i < points ? db[i] - loudness : NAN;
        c->spread_db[i] = NAN;
    }
    return true;
}

static enum status
hear(struct spectrum *s, struct sound *sound)
{
    const struct sound_info *info = sound_info(sound);
    struct fullband programme = fullband_of(info);
    double *memory = malloc(sizeof *memory * CHECK_BLOCK * (size_t)info->nch), *io[CHECK_CHANNELS];
    const double *picked[CHECK_CHANNELS];
    int n;

    if (!memory)
        return NO_MEM;
    for (int c = 0; c < info->nch; c++)
        io[c] = memory + (size_t)c * CHECK_BLOCK;
    fullband_pick(&programme, (const double *const *)io, picked);
    while ((n = sound_read(sound, io, CHECK_BLOCK)) > 0)
        spectrum_process(s, picked, n);
    spectrum_finish(s);
    free(memory);
    return OK;
}

static enum status
of_sound(struct curve *c, const char *path, struct err *e)
{
    struct sound *sound;
    struct spectrum s = {0};
    enum status status = sound_open(&sound, path, e);

    if (status != OK)
        return status;
    status =
        spectrum_prepare(&s, sound_info(sound)->rate_hz, fullband_of(sound_info(sound)).nch, SPECTRUM_FILE);
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", path, sound_info(sound)->rate_hz);
    else if (status == OK)
        status = hear(&s, sound);
    if (status == NO_MEM)
        err_set(e, "%s: out of memory", path);
    if (status == OK && !curve_of_spectrum(c, &s)) {
        status = BAD_ARG;
        err_set(e, "%s: silent: a tonal balance wants sound above %g dBFS", path, SPECTRUM_GATE_DBFS);
    }
    spectrum_free(&s);
    sound_close(sound);
    return status;
}

/* --- of many -------------------------------------------------------------------------------------- */

struct sums {
    double count[CURVE_POINTS], sum[CURVE_POINTS], square[CURVE_POINTS];
};

static void
add(struct sums *s, const struct curve *c)
{
    for (int i = 0; i < CURVE_POINTS; i++)
        if (!isnan(c->level_db[i])) {
            s->count[i] += 1.0;
            s->sum[i] += c->level_db[i];
            s->square[i] += c->level_db[i] * c->level_db[i];
        }
}

enum status
curve_build(struct curve *c, char *const *paths, int count, struct err *e)
{
    struct sums s = {0};

    for (int i = 0; i < count; i++) {
        enum status status = of_sound(c, paths[i], e);

        if (status != OK)
            return status;
        add(&s, c);
    }
    c->files = count;
    for (int i = 0; i < CURVE_POINTS; i++) {
        double n = s.count[i], mean = n > 0.0 ? s.sum[i] / n : NAN;

        c->level_db[i] = mean;
        c->spread_db[i] = n > 1.0 ? sqrt(fmax(s.square[i] - n * mean * mean, 0.0) / (n - 1.0)) : NAN;
    }
    return OK;
}

/* --- on the disk ---------------------------------------------------------------------------------- */

static void
write_number(FILE *f, const char *before, double value)
{
    if (isnan(value))
        fprintf(f, "%s-", before);
    else
        fprintf(f, "%s%.3f", before, value);
}

static void
write_all(FILE *f, const struct curve *c, char *const *paths)
{
    time_t now = time(NULL);
    struct tm day;
    char date[32];

    gmtime_r(&now, &day);
    strftime(date, sizeof date, "%Y-%m-%d", &day);
    fprintf(f, "%s\ndate %s\nfiles %d\n", FIRST_LINE, date, c->files);
    for (int i = 0; i < c->files && paths; i++)
        fprintf(f, "file %.*s\n", (int)strcspn(paths[i], "\n"), paths[i]);
    fprintf(f, "# 1/3 octave, long-term, K-weighted power 0 dB: Hz, level dB, standard deviation dB\n");
    for (int i = 0; i < CURVE_POINTS; i++) {
        fprintf(f, "%.2f", spectrum_hz(i));
        write_number(f, " ", c->level_db[i]);
        write_number(f, " ", c->spread_db[i]);
        fputc('\n', f);
    }
}

enum status
curve_save(const struct curve *c, const char *path, char *const *paths, struct err *e)
{
    FILE *f = fopen(path, "wxe");
    bool bad;

    if (!f) {
        err_set(e, errno == EEXIST ? "%s: %s: name another file" : "%s: %s", path, strerror(errno));
        return errno == EEXIST ? EXISTS : IO_ERROR;
    }
    write_all(f, c, paths);
    bad = ferror(f);
    errno = 0;
    if (fclose(f) == 0 && !bad)
        return OK;
    err_set(e, "%s: %s", path, errno ? strerror(errno) : "could not be written");
    remove(path);
    return errno == ENOSPC ? NO_SPACE : IO_ERROR;
}

struct reading {
    const char *path;
    int line, point;
    struct curve *curve;
};

static bool
complain(const struct reading *r, struct err *e, const char *what)
{
    return err_set(e, "%s:%d: %s", r->path, r->line, what);
}

/* "-" or a number of dB that is possible. */
static bool
read_number(char **at, double *value)
{
    char *end;

    *at += strspn(*at, " \t");
    if (**at == '-' && strchr(" \t\r\n", (*at)[1])) {
        *value = NAN;
        ++*at;
        return true;
    }
    *value = strtod(*at, &end);
    if (end == *at || !(fabs(*value) <= 1000.0))
        return false;
    *at = end;
    return true;
}

static bool
read_point(struct reading *r, char *line, struct err *e)
{
    char *at;
    double hz = strtod(line, &at), level, spread;

    if (at == line)
        return complain(r, e, "unknown word: use date, files, file, or HZ LEVEL SPREAD");
    if (r->point == CURVE_POINTS)
        return complain(r, e, "one point too many: 121 from 20 Hz to 20 kHz are wanted");
    if (!(fabs(hz / spectrum_hz(r->point) - 1.0) < 0.01))
        return err_set(e, "%s:%d: %g Hz is out of turn: %.2f Hz comes here", r->path, r->line, hz,
                       spectrum_hz(r->point));
    if (!read_number(&at, &level) || !read_number(&at, &spread) || at[strspn(at, " \t\r\n")])
        return complain(r, e, "HZ LEVEL SPREAD are wanted, in dB, or - for none");
    if (spread < 0.0)
        return complain(r, e, "a spread is not negative: use 0 or more, or - for none");
    r->curve->level_db[r->point] = level;
    r->curve->spread_db[r->point++] = spread;
    return true;
}

static bool
read_line(struct reading *r, char *line, struct err *e)
{
    static const char *const passed[] = {"#", "date ", "file ", "\n", "\r\n"};
    int files;

    if (r->line == 1)
        return strcmp(line, FIRST_LINE "\n") == 0 || strcmp(line, FIRST_LINE "\r\n") == 0 ||
               complain(r, e, "a curve of another version: \"" FIRST_LINE "\" can be read: build it anew");
    for (size_t i = 0; i < LEN(passed); i++)
        if (strncmp(line, passed[i], strlen(passed[i])) == 0)
            return true;
    if (strncmp(line, "files ", 6) != 0)
        return read_point(r, line, e);
    if (sscanf(line + 6, "%d", &files) != 1 || files < 1)
        return complain(r, e, "how many files? use 1 or more");
    r->curve->files = files;
    return true;
}

static enum status
read_text(struct curve *c, const char *path, FILE *f, struct err *e)
{
    struct reading r = {.path = path, .curve = c};
    char line[LINE_SIZE];

    c->files = 1;
    while (fgets(line, sizeof line, f)) {
        r.line++;
        if (!strchr(line, '\n') && !feof(f)) {
            complain(&r, e, "too long a line");
            return BAD_ARG;
        }
        if (!read_line(&r, line, e))
            return BAD_ARG;
    }
    if (ferror(f)) {
        err_set(e, "%s: %s", path, strerror(errno));
        return IO_ERROR;
    }
    if (r.point == CURVE_POINTS)
        return OK;
    err_set(e, "%s:%d: ends after %d of %d points: build it anew", path, r.line, r.point, CURVE_POINTS);
    return BAD_ARG;
}

enum status
curve_load(struct curve *c, const char *path, struct err *e)
{
    FILE *f = fopen(path, "re");
    char start[sizeof FIRST_WORDS] = "";
    enum status status;

    if (f && fread(start, 1, sizeof start - 1, f) == sizeof start - 1 && strcmp(start, FIRST_WORDS) == 0) {
        rewind(f);
        status = read_text(c, path, f, e);
    } else {
        status = of_sound(c, path, e);
        if (f && (status == NOT_FOUND || status == IO_ERROR))
            err_set(e, "%s: neither a curve nor a sound file: name one of the two", path);
    }
    if (f)
        fclose(f);
    return status;
}

/* --- two of them ---------------------------------------------------------------------------------- */

static double
weight_of(int point)
{
    double hz = spectrum_hz(point);

    return hz < EDGE_LOW_HZ || hz > EDGE_HIGH_HZ ? EDGE_WEIGHT : 1.0;
}

static double
highest(const struct curve *c)
{
    double top = -1000.0;

    for (int i = 0; i < CURVE_POINTS; i++)
        top = fmax(top, c->level_db[i]); /* fmax passes over NAN */
    return top;
}

double
curve_difference(const struct curve *of, const struct curve *to, double *db)
{
    double lowest_of = highest(of) - DEEPEST_DB, lowest_to = highest(to) - DEEPEST_DB;
    double weight = 0.0, sum = 0.0, square = 0.0, mean;

    for (int i = 0; i < CURVE_POINTS; i++) {
        db[i] = NAN;
        if (isnan(of->level_db[i]) || isnan(to->level_db[i]))
            continue;
        db[i] = fmax(of->level_db[i], lowest_of) - fmax(to->level_db[i], lowest_to);
        weight += weight_of(i);
        sum += weight_of(i) * db[i];
    }
    if (weight == 0.0)
        return NAN;
    mean = sum / weight;
    for (int i = 0; i < CURVE_POINTS; i++)
        if (!isnan(db[i])) {
            db[i] -= mean;
            square += weight_of(i) * db[i] * db[i];
        }
    return sqrt(square / weight);
}
