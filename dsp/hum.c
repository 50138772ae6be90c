/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/hum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOW_RATE_HZ 1500.0
#define SEARCH_HZ   0.4 /* a peak may be off by: a tape's speed, an island's grid */
#define NEAR_HZ     3.0 /* neighbours from here .. */
#define FAR_HZ      8.0 /* .. to here */
#define LOWEST_HZ   20.0
#define QUIET_SHARE 0.1
#define QUIET_LEAST 3.0
#define HANN_SUM    0.5

enum { NEIGHBOURS = 32 };

double
hum_mains_hz(int mains)
{
    return mains == 0 ? 50.0 : 60.0;
}

static double
nominal_hz(int line)
{
    return hum_mains_hz(line / HUM_HARMONICS) * (line % HUM_HARMONICS + 1);
}

static enum status
take_memory(struct hum *h)
{
    size_t size = (size_t)h->size, bins = size / 2 + 1, room = (size_t)(LOWRATE_BLOCK / h->low.factor + 1);
    double *at = calloc(size * (size_t)(h->nch + 2) + 3 * bins + room * (size_t)h->nch, sizeof *at);

    h->memory = at;
    h->class = calloc(HUM_CLASSES, sizeof *h->class);
    if (!at || !h->class)
        return NO_MEM;
    for (int c = 0; c < h->nch; c++, at += size)
        h->line[c] = at;
    for (int c = 0; c < h->nch; c++, at += room)
        h->low_out[c] = at;
    h->window = at;
    h->frames = at + size;
    h->bin = at + 2 * size;
    h->power = h->bin + 2 * bins;
    return OK;
}

enum status
hum_prepare(struct hum *h, double rate_hz, int nch)
{
    enum status status;

    *h = (struct hum){.nch = nch};
    status = lowrate_prepare(&h->low, rate_hz, LOW_RATE_HZ, nch);
    if (status != OK)
        return status;
    h->size = 2048;
    h->hop = h->size / 2;
    h->bin_hz = lowrate_hz(&h->low) / h->size;
    status = fft_prepare_real(&h->fft, h->size, h->size / 2 + 1);
    if (status == OK)
        status = take_memory(h);
    if (status != OK) {
        hum_free(h);
        return status;
    }
    for (int i = 0; i < h->size; i++)
        h->window[i] =
            (0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / h->size)) * 2.0 / (HANN_SUM * h->size * sqrt(nch));
    for (int i = 0; i < HUM_LINES; i++)
        h->gain[i] = -10.0 * log10(lowrate_power_gain(&h->low, nominal_hz(i)));
    return OK;
}

void
hum_free(struct hum *h)
{
    lowrate_free(&h->low);
    fft_free(&h->fft);
    free(h->memory);
    free(h->class);
    h->memory = NULL;
    h->class = NULL;
}

/* --- a window ------------------------------------------------------------------------------------- */

static void
transform(struct hum *h)
{
    int bins = h->size / 2 + 1;

    memset(h->power, 0, sizeof(double) * (size_t)bins);
    for (int c = 0; c < h->nch; c++) {
        for (int i = 0; i < h->size; i++)
            h->frames[i] = h->window[i] * h->line[c][i];
        fft_real_forward(&h->fft, h->frames, h->bin);
        for (int k = 0; k < bins; k++)
            h->power[k] += h->bin[k] * h->bin[k] + h->bin[bins + k] * h->bin[bins + k];
    }
}

/* A sine of full scale: 0 dBFS. The window's noise bandwidth is 1.5 bins. */
static double
level_dbfs(const struct hum *h)
{
    double sum = 0.0;

    for (int k = (int)(LOWEST_HZ / h->bin_hz); k <= h->size / 2; k++)
        sum += h->power[k];
    return 10.0 * log10(sum / 1.5 + 1e-30);
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
median_beside(const struct hum *h, double freq_hz)
{
    double power[2 * NEIGHBOURS];
    int n = 0, middle = (int)lround(freq_hz / h->bin_hz);
    int near = (int)ceil(NEAR_HZ / h->bin_hz), far = (int)(FAR_HZ / h->bin_hz);

    for (int d = near; d <= far && n < 2 * NEIGHBOURS - 1; d++) {
        power[n++] = h->power[middle - d];
        power[n++] = h->power[middle + d];
    }
    qsort(power, (size_t)n, sizeof *power, ascending);
    return power[n / 2];
}

/* The peak nearest to a line, if there is one that near. */
static bool
find_peak(const struct hum *h, double freq_hz, double *peak_hz, double *db)
{
    int middle = (int)lround(freq_hz / h->bin_hz), best = middle - 1;
    double a, b, c, off;

    for (int k = middle; k <= middle + 1; k++)
        if (h->power[k] > h->power[best])
            best = k;
    a = log(h->power[best - 1] + 1e-300);
    b = log(h->power[best] + 1e-300);
    c = log(h->power[best + 1] + 1e-300);
    if (b < a || b < c || b <= -600.0)
        return false;
    off = a - 2.0 * b + c < 0.0 ? 0.5 * (a - c) / (a - 2.0 * b + c) : 0.0;
    *peak_hz = (best + off) * h->bin_hz;
    *db = 4.342944819032518 * (b - 0.25 * (a - c) * off);
    return fabs(*peak_hz - freq_hz) <= SEARCH_HZ;
}

static void
note_line(const struct hum *h, struct hum_sums *s, int line)
{
    double freq_hz = nominal_hz(line), peak_hz, db;

    if (!find_peak(h, freq_hz, &peak_hz, &db))
        return;
    s->count += 1.0;
    s->freq += peak_hz - freq_hz;
    s->square += (peak_hz - freq_hz) * (peak_hz - freq_hz);
    s->level += db + h->gain[line];
    s->above += db - 10.0 * log10(median_beside(h, freq_hz) + 1e-30);
}

static void
note_window(struct hum *h)
{
    double level;
    int class;

    transform(h);
    level = level_dbfs(h);
    class = (int)floor(level - HUM_LOWEST_DBFS);
    if (class >= 0) {
        struct hum_class *k = &h->class[class < HUM_CLASSES ? class : HUM_CLASSES - 1];

        k->windows += 1.0;
        for (int i = 0; i < HUM_LINES; i++)
            note_line(h, &k->line[i], i);
    }
    for (int c = 0; c < h->nch; c++)
        memmove(h->line[c], h->line[c] + h->hop, sizeof(double) * (size_t)(h->size - h->hop));
    h->have = h->size - h->hop;
}

static void
take(struct hum *h, int from, int n)
{
    while (n > 0) {
        int some = h->size - h->have < n ? h->size - h->have : n;

        for (int c = 0; c < h->nch; c++)
            memcpy(h->line[c] + h->have, h->low_out[c] + from, sizeof(double) * (size_t)some);
        h->have += some;
        from += some;
        n -= some;
        if (h->have == h->size)
            note_window(h);
    }
}

void
hum_process(struct hum *h, const double *const *in, int nframes)
{
    for (int at = 0; at < nframes;) {
        int n = nframes - at < LOWRATE_BLOCK ? nframes - at : LOWRATE_BLOCK;
        const double *piece[LOWRATE_CHANNELS];

        for (int c = 0; c < h->nch; c++)
            piece[c] = in[c] + at;
        take(h, 0, lowrate_process(&h->low, piece, n, h->low_out));
        at += n;
    }
}

/* --- the quiet part ------------------------------------------------------------------------------- */

/* The classes 0 .. that - 1 are the quiet part; 0: there are too few windows. */
static int
quiet_classes(const struct hum *h)
{
    double all = 0.0, want, sum = 0.0;

    for (int i = 0; i < HUM_CLASSES; i++)
        all += h->class[i].windows;
    want = fmax(QUIET_LEAST, QUIET_SHARE * all);
    for (int i = 0; i < HUM_CLASSES; i++) {
        sum += h->class[i].windows;
        if (sum >= want)
            return i + 1;
    }
    return 0;
}

static void
add(struct hum_sums *to, const struct hum_sums *s)
{
    to->count += s->count;
    to->freq += s->freq;
    to->square += s->square;
    to->level += s->level;
    to->above += s->above;
}

static struct hum_line
line_of(const struct hum_sums *s, int line, double windows)
{
    double mean;

    if (s->count == 0.0)
        return (struct hum_line){.freq_hz = nominal_hz(line), .level_dbfs = HUM_LOWEST_DBFS};
    mean = s->freq / s->count;
    return (struct hum_line){.freq_hz = nominal_hz(line) + mean,
                             .spread_hz = sqrt(fmax(s->square / s->count - mean * mean, 0.0)),
                             .level_dbfs = s->level / s->count,
                             .above_db = s->above / s->count,
                             .found = s->count / windows};
}

int
hum_lines(const struct hum *h, int mains, struct hum_line *line)
{
    int classes = quiet_classes(h);
    double windows = 0.0;

    for (int i = 0; i < classes; i++)
        windows += h->class[i].windows;
    for (int n = 0; n < HUM_HARMONICS && classes > 0; n++) {
        struct hum_sums s = {0};

        for (int i = 0; i < classes; i++)
            add(&s, &h->class[i].line[mains * HUM_HARMONICS + n]);
        line[n] = line_of(&s, mains * HUM_HARMONICS + n, windows);
    }
    return (int)windows;
}

double
hum_quiet_dbfs(const struct hum *h)
{
    int classes = quiet_classes(h);

    return classes > 0 ? HUM_LOWEST_DBFS + classes : HUM_LOWEST_DBFS;
}

double
hum_loudest_dbfs(const struct hum *h)
{
    int top = HUM_CLASSES;

    while (top > 0 && h->class[top - 1].windows == 0.0)
        top--;
    return HUM_LOWEST_DBFS + top;
}
