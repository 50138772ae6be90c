/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/codec.h"

#include "dsp/decibel.h"
#include "dsp/loudness.h"
#include "dsp/truepeak.h"
#include "engine/check/aac.h"
#include "engine/check/lossy.h"
#include "engine/soundfile.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
#define OF_CODEC(key, name)                                                                                  \
    {"codec/" key "_true_peak", name " true peak", FIGURE_NUMBER, UNIT_DBTP, 2,                              \
     "True peak of the decoded track, the higher of the wave's and of what a BS.1770 meter reads."},         \
    {"codec/" key "_overs", name " overs", FIGURE_NUMBER, UNIT_NONE, 0,                                      \
     "Decoded samples beyond full scale."},                                                                  \
    {"codec/" key "_loudness_shift", name " loudness shift", FIGURE_NUMBER, UNIT_LU, 2,                      \
     "By how much the decoded track is louder."},                                                            \
    {"codec/" key "_safe_ceiling", name " safe ceiling", FIGURE_NUMBER, UNIT_DBTP, 1,                        \
     "The highest true peak, the track's own at most, with which it was seen to come back under 0 dBTP."}

static const struct figure figures[] = {
    {"codec/source_true_peak", "Before encoding", FIGURE_NUMBER, UNIT_DBTP, 2,
     "True peak of the file itself."},
    OF_CODEC("vorbis_q5", "Vorbis q5"),
    OF_CODEC("vorbis_q9", "Vorbis q9"),
    OF_CODEC("opus_128", "Opus 128k"),
    OF_CODEC("opus_256", "Opus 256k"),
    OF_CODEC("mp3_128", "MP3 128k"),
    OF_CODEC("mp3_320", "MP3 320k"),
    OF_CODEC("aac_128", "AAC 128k"),
    OF_CODEC("aac_256", "AAC 256k"),
    {"codec/safe_ceiling", "Safe ceiling", FIGURE_NUMBER, UNIT_DBTP, 1,
     "The highest true peak, the track's own at most, with which all codecs tried come back under 0 dBTP."},
};
/* clang-format on */

enum { AAC = LOSSY_MP3 + 1 };

static const struct coding {
    const char *key, *name, *family;
    int codec, quality;
} codings[] = {
    {"vorbis_q5", "Vorbis q5", "Vorbis", LOSSY_VORBIS, 5},
    {"vorbis_q9", "Vorbis q9", "Vorbis", LOSSY_VORBIS, 9},
    {"opus_128", "Opus 128k", "Opus", LOSSY_OPUS, 128},
    {"opus_256", "Opus 256k", "Opus", LOSSY_OPUS, 256},
    {"mp3_128", "MP3 128k", "MP3", LOSSY_MP3, 128},
    {"mp3_320", "MP3 320k", "MP3", LOSSY_MP3, 320},
    {"aac_128", "AAC 128k", "AAC", AAC, 128},
    {"aac_256", "AAC 256k", "AAC", AAC, 256},
};

enum { NONE = INT32_MIN };

enum {
    CODINGS = LEN(codings),
    THREADS = 8,
    STEP = 512,     /* frames: how exactly the highest place is known */
    TRIPS = 6,      /* in search of a ceiling */
    SILENCE = 9600, /* frames behind the track */
    PADDING = 8192, /* frames: what codecs may lose or add at the ends */
    ENDLESS = 65536 /* frames more than came in: no codec's padding */
};

#define LOUDEST_DBFS 24.0   /* beyond that no codec can be trusted not to fall over */
#define NO_SOUND     1000.0 /* linear: no codec makes that of what we give it */

struct heard {   /* of the decoded track */
    double peak; /* linear, higher reading */
    int channel;
    double at_s;
    int64_t overs;
    double lufs;
};

struct job {
    const struct coding *coding;
    const char *path;
    double own_db; /* true peak of the file */
    enum status status;
    struct err err;
    struct heard first;
    bool over, found;
    double ceiling; /* dBTP, when found */

    /* --- of the trip under way --- */
    struct trip trip;
    struct soundfile *file;
    double gain;
    int64_t given, taken;
    int silence;   /* frames still to give behind the track */
    bool is_noise; /* what comes back is no sound */
    struct truepeak_meter meter;
    struct loudness loudness;
    struct heard heard;
};

struct codec {
    int nch;
    struct truepeak_meter meter; /* of the file */
    struct loudness loudness;
    double peak; /* sample, linear */
    struct job job[CODINGS];
    pthread_mutex_t lock; /* of next */
    int next;             /* job that nobody has begun */
};

/* --- hearing --------------------------------------------------------------------------------------- */

static enum status
prepare_loudness(struct loudness *l, double rate_hz, int nch)
{
    static const double weight[STEREO] = {1.0, 1.0};

    return loudness_prepare_layout(l, rate_hz, weight, nch);
}

static void
flush_meter(struct truepeak_meter *m)
{
    static const double silence[TRUEPEAK_METER_DELAY];
    const double *const in[STEREO] = {silence, silence};

    truepeak_meter_process(m, in, TRUEPEAK_METER_DELAY);
}

static void
look_for_top(struct job *j)
{
    double rate_hz = j->trip.rate_hz;
    int64_t delay = TRUEPEAK_DELAY + STEP / 2 + (j->coding->codec == AAC ? AAC_DELAY : 0);

    for (int c = 0; c < STEREO; c++) {
        struct truepeak_reading r = truepeak_meter_read(&j->meter, c);
        double peak = fmax(r.wave, r.itu);

        if (peak <= j->heard.peak)
            continue;
        j->heard.peak = peak;
        j->heard.channel = j->trip.nch == STEREO ? c : 0;
        j->heard.at_s = fmax(0.0, (double)(j->taken - delay) / rate_hz);
    }
}

static void
hear_step(struct job *j, const double *in, int nframes)
{
    int nch = j->trip.nch;
    double planar[STEREO][STEP];
    const double *const io[STEREO] = {planar[0], planar[nch - 1]};

    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < nch; c++) {
            double x = in[i * nch + c];

            j->is_noise |= !(fabs(x) < NO_SOUND);
            j->heard.overs += fabs(x) > 1.0;
            planar[c][i] = x;
        }
    truepeak_meter_process(&j->meter, io, nframes);
    loudness_process(&j->loudness, io, nframes);
    j->taken += nframes;
    look_for_top(j);
}

/* --- a trip ---------------------------------------------------------------------------------------- */

/* The track and some silence: libsndfile makes the last frame of Opus shorter, and what ends in mid-sound
   comes back up to 11 dB louder there; the same sound from ffmpeg's Opus does not. */
static int
give(void *who, double *out, int nframes)
{
    struct job *j = who;
    double stereo[STEREO * TRIP_FRAMES];
    int got = soundfile_read(j->file, stereo, nframes), nch = j->trip.nch;

    for (int i = 0; i < got; i++)
        for (int c = 0; c < nch; c++)
            out[i * nch + c] = stereo[i * STEREO + c] * j->gain;
    for (; got < nframes && j->silence > 0; got++, j->silence--)
        for (int c = 0; c < nch; c++)
            out[got * nch + c] = 0.0;
    j->given += got;
    return got;
}

static bool
take(void *who, const double *in, int nframes)
{
    struct job *j = who;

    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < STEP ? nframes - done : STEP;
        hear_step(j, in + done * j->trip.nch, n);
    }
    return !j->is_noise && j->taken < soundfile_length(j->file) + ENDLESS;
}

static int
rate_for(const struct coding *c, double rate_hz)
{
    int rate = (int)lround(rate_hz);

    if (c->codec != LOSSY_OPUS && (rate % 44100 == 0 || 44100 % rate == 0))
        return 44100;
    return 48000;
}

/* Is what came back as long as what went in, and a sound? */
static enum status
recognise(struct job *j)
{
    bool whole = llabs(j->taken - j->given) <= PADDING;

    if (whole && !j->is_noise)
        return OK;
    err_set(&j->err,
            "what comes back is not this track (%lld frames for %lld): check the codec's installation",
            (long long)j->taken, (long long)j->given);
    return IO_ERROR;
}

static enum status
travel(struct job *j, double gain_db, struct heard *heard)
{
    const struct coding *c = j->coding;
    enum status status = soundfile_open(&j->file, j->path, j->trip.rate_hz, 0, &j->err);

    if (status != OK)
        return status;
    j->gain = db_to_gain(gain_db);
    j->given = j->taken = 0;
    j->silence = SILENCE;
    j->heard = (struct heard){.lufs = LOUDNESS_NONE_LUFS};
    j->is_noise = false;
    truepeak_meter_reset(&j->meter);
    loudness_reset(&j->loudness);
    loudness_restart(&j->loudness);
    status = c->codec == AAC ? aac_trip(c->quality, &j->trip, &j->err)
                             : lossy_trip((enum lossy_codec)c->codec, c->quality, &j->trip, &j->err);
    flush_meter(&j->meter);
    look_for_top(j);
    soundfile_close(j->file);
    if (status == OK)
        status = recognise(j);
    j->heard.lufs = loudness_integrated_lufs(&j->loudness);
    *heard = j->heard;
    return status;
}

/* --- the ceiling ----------------------------------------------------------------------------------- */

/*
 * In tenths of a dB: `fails` is the lowest ceiling seen to fail (or above 0 dBTP), `holds` the highest seen
 * to hold. Down, and once up again, it goes to where the last one would have held if peaks followed the
 * level. They rarely do exactly, as what a codec leaves out depends on the level: from there on the two close
 * in by halves.
 */
struct bracket {
    int fails, holds;
};

static int
next_ceiling(struct bracket *b, int last, double too_high_db)
{
    int guess = last + (int)floor(-too_high_db * 10.0 + 1e-6);

    if (too_high_db > 0.0)
        b->fails = last;
    else
        b->holds = last;
    if (b->holds == NONE || (too_high_db <= 0.0 && guess < b->fails))
        return guess;
    return b->holds + (b->fails - b->holds) / 2;
}

static enum status
search(struct job *j)
{
    struct bracket b = {.fails = (int)ceil(fmin(j->own_db, 0.1) * 10.0 - 1e-6), .holds = NONE};
    double too_high_db = gain_to_db(j->first.peak) + CODEC_MARGIN_DB;
    int at = (int)floor(fmin(j->own_db - too_high_db, 0.0) * 10.0 + 1e-6);

    for (int i = 0; i < TRIPS && at > b.holds && at < b.fails; i++) {
        struct heard heard;
        enum status status = travel(j, at / 10.0 - j->own_db, &heard);

        if (status != OK)
            return status;
        at = next_ceiling(&b, at, gain_to_db(heard.peak) + CODEC_MARGIN_DB);
    }
    j->found = b.holds != NONE;
    j->ceiling = b.holds / 10.0;
    return OK;
}

static void
do_job(struct job *j)
{
    j->status = prepare_loudness(&j->loudness, j->trip.rate_hz, j->trip.nch);
    err_set(&j->err, "out of memory");
    if (j->status != OK)
        return;
    truepeak_meter_prepare(&j->meter);
    j->status = travel(j, 0.0, &j->first);
    j->over = j->first.peak > 1.0;
    j->found = !j->over;
    j->ceiling = j->own_db;
    if (j->status == OK && j->over)
        j->status = search(j);
    loudness_free(&j->loudness);
}

/* --- all codecs ------------------------------------------------------------------------------------ */

/* A worker's thread. Signals are others' business here, and that a file can't grow is an error of ours, not
   our end: SIGXFSZ goes with the thread. */
static void *
work(void *arg)
{
    struct codec *k = arg;
    int mine;

    for (;;) {
        pthread_mutex_lock(&k->lock);
        mine = CODINGS - 1 - k->next++; /* AAC, the slowest, first */
        pthread_mutex_unlock(&k->lock);
        if (mine < 0)
            return NULL;
        do_job(&k->job[mine]);
    }
}

static void
run_jobs(struct codec *k)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int wanted = processors < 1 ? 1 : processors > THREADS ? THREADS : (int)processors, started = 0;
    pthread_t thread[THREADS];
    sigset_t all, before;

    sigfillset(&all);
    pthread_mutex_init(&k->lock, NULL);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < wanted && pthread_create(&thread[started], NULL, work, k) == 0)
        started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    pthread_mutex_destroy(&k->lock);
}

static void
set_jobs(struct codec *k, const struct check_context *x, double own_db)
{
    for (int i = 0; i < CODINGS; i++) {
        struct job *j = &k->job[i];

        *j = (struct job){.coding = &codings[i], .path = x->sound->path, .own_db = own_db, .status = NO_MEM};
        err_set(&j->err, "out of memory");
        j->trip = (struct trip){.rate_hz = rate_for(j->coding, x->sound->rate_hz),
                                .nch = k->nch,
                                .give = give,
                                .take = take,
                                .who = j};
    }
}

/* --- the report ------------------------------------------------------------------------------------ */

static void
put(struct report *r, const struct job *j, const char *what, double value)
{
    char key[64];

    snprintf(key, sizeof key, "codec/%s_%s", j->coding->key, what);
    report_put(r, key, value);
}

static void
tell_over(struct report *r, const struct job *j)
{
    struct finding f = {.kind = "codec_over",
                        .severity = SEVERITY_WARN,
                        .channel = j->trip.nch == STEREO ? j->first.channel : -1,
                        .from_s = j->first.at_s,
                        .to_s = j->first.at_s};

    snprintf(f.what, sizeof f.what, "%s comes back at %+.2f dBTP, %lld samples over full scale",
             j->coding->name, gain_to_db(j->first.peak), (long long)j->first.overs);
    if (j->found)
        snprintf(f.mend, sizeof f.mend,
                 "%s comes back under 0 dBTP with a ceiling of %.1f dBTP: turn the track down by %.1f dB, or "
                 "limit it less",
                 j->coding->name, j->ceiling, j->own_db - j->ceiling);
    else
        snprintf(f.mend, sizeof f.mend,
                 "no ceiling was found with which %s comes back under 0 dBTP: limit it less",
                 j->coding->name);
    report_find(r, &f);
}

/* Once a family when it is the same trouble. */
static void
tell_trouble(struct report *r, const struct job *jobs, int n)
{
    const struct job *j = &jobs[n];
    struct finding f = {.kind = j->status == UNAVAILABLE ? "codec_untried" : "codec_failed",
                        .severity = j->status == UNAVAILABLE ? SEVERITY_NOTE : SEVERITY_WARN,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};
    size_t what = strcspn(j->err.text, ":");
    const char *mend = strrchr(j->err.text, ':');

    for (int i = 0; i < n; i++)
        if (jobs[i].status != OK && strcmp(jobs[i].coding->family, j->coding->family) == 0 &&
            strcmp(jobs[i].err.text, j->err.text) == 0)
            return;
    if (mend)
        what = (size_t)(mend - j->err.text);
    snprintf(f.what, sizeof f.what, "%s was not tried: %.*s", j->coding->family, (int)what, j->err.text);
    snprintf(f.mend, sizeof f.mend, "%s", mend ? mend + strspn(mend, ": ") : "");
    report_find(r, &f);
}

static void
tell_jobs(const struct codec *k, struct report *r, double own_lufs)
{
    double safe = INFINITY;
    bool all_found = true;

    for (int i = 0; i < CODINGS; i++) {
        const struct job *j = &k->job[i];

        if (j->status != OK) {
            tell_trouble(r, k->job, i);
            continue;
        }
        put(r, j, "true_peak", j->first.peak > 0.0 ? gain_to_db(j->first.peak) : NAN);
        put(r, j, "overs", (double)j->first.overs);
        if (own_lufs > LOUDNESS_NONE_LUFS && j->first.lufs > LOUDNESS_NONE_LUFS)
            put(r, j, "loudness_shift", j->first.lufs - own_lufs);
        put(r, j, "safe_ceiling", j->found ? j->ceiling : NAN);
        if (j->over)
            tell_over(r, j);
        all_found = all_found && j->found;
        safe = fmin(safe, j->ceiling);
    }
    report_put(r, "codec/safe_ceiling", all_found ? safe : NAN);
}

__attribute__((format(printf, 2, 3))) static void
tell_untried(struct report *r, const char *format, ...)
{
    struct finding f = {.kind = "codec_untried",
                        .severity = SEVERITY_NOTE,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};
    va_list ap;

    va_start(ap, format);
    vsnprintf(f.what, sizeof f.what, format, ap);
    va_end(ap);
    snprintf(f.mend, sizeof f.mend, "check the stereo master that services get");
    report_find(r, &f);
}

/* --- the inspector --------------------------------------------------------------------------------- */

static void
codec_close(void *self)
{
    struct codec *k = self;

    loudness_free(&k->loudness);
    free(k);
}

static enum status
codec_open(void **self, const struct check_context *x, struct err *e)
{
    struct codec *k;

    *self = NULL;
    if (!x->codec)
        return OK;
    *self = k = calloc(1, sizeof *k);
    if (!k)
        return NO_MEM;
    k->nch = x->sound->nch;
    truepeak_meter_prepare(&k->meter);
    if (k->nch > STEREO)
        return OK;
    if (!rate_ok(x->sound->rate_hz)) {
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", x->sound->path, x->sound->rate_hz);
        return BAD_ARG;
    }
    return prepare_loudness(&k->loudness, x->sound->rate_hz, k->nch);
}

static void
codec_process(void *self, const double *const *in, int nframes)
{
    struct codec *k = self;
    const double *const io[STEREO] = {in[0], in[k->nch - 1]};

    if (k->nch > STEREO)
        return;
    truepeak_meter_process(&k->meter, io, nframes);
    loudness_process(&k->loudness, in, nframes);
}

static void
codec_finish(void *self, const struct check_context *x, struct report *r)
{
    struct codec *k = self;
    double own = 0.0;

    if (k->nch > STEREO) {
        tell_untried(r, "codecs were not tried: the file has %d channels", k->nch);
        return;
    }
    flush_meter(&k->meter);
    for (int c = 0; c < STEREO; c++)
        own = fmax(own, truepeak_meter_read(&k->meter, c).wave);
    if (own > db_to_gain(LOUDEST_DBFS)) {
        tell_untried(r, "codecs were not tried: the peak of %+.0f dBTP is beyond what they take",
                     gain_to_db(own));
        return;
    }
    report_put(r, "codec/source_true_peak", own > 0.0 ? gain_to_db(own) : NAN);
    if (own == 0.0)
        return;
    set_jobs(k, x, gain_to_db(own));
    run_jobs(k);
    tell_jobs(k, r, loudness_integrated_lufs(&k->loudness));
}

const struct inspector codec_inspector = {"codec",    figures,       LEN(figures), 18,
                                          codec_open, codec_process, codec_finish, codec_close};
