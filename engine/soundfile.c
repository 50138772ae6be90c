/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/soundfile.h"

#include "engine/demo.h"
#include "engine/regular.h"
#include "engine/wav.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <soxr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Reading at another rate. The two rates' ratio is up / down in lowest terms,
 * so every `down` own frames fall exactly together with every `up` frames of
 * ours. The file is converted in segments on that grid, about a second each,
 * always the same ones, each by a converter that starts anew a margin before
 * and ends a margin after. The margin covers the filter, so the joints are as
 * good as no joints (-183 dBFS, libsoxr's own residue), and frame n of a file
 * has the same bits whether one came to it by playing or by locating.
 *
 * Before its first frame and after its last a file is continued by linear
 * prediction (Burg's method) instead of silence: a piece cut in the middle of
 * a sound does not ring at the cut, and pieces of an album join.
 */

enum {
    CHUNK = 4096,    /* frames to libsndfile at a time */
    SEGMENT = 48000, /* frames, the longer side, unless the ratio needs more */
    MARGIN = 256,    /* frames at the lower rate; 200 were enough at all rates tried */
    ORDER = 32,      /* of the prediction */
    LEARN = 2048,    /* frames it learns from, at most */
    PREROLL = 16384  /* own frames decoded before a place in a lossy file, so that its past is forgotten */
};

struct converter {
    soxr_t soxr;
    int up, down; /* ours : own */
    int in, out;  /* frames of a segment */
    int margin_in, margin_out;
    double *window;  /* own frames: margin, segment, margin */
    double *segment; /* margin, segment, margin, converted */
    int64_t at;      /* which segment is there; -1: none */
};

struct soundfile {
    struct soundfile_info info;
    SNDFILE *file; /* NULL for the demo */
    struct demo *demo;
    double *raw;              /* CHUNK frames of the file's channels */
    int64_t own;              /* the own frame that libsndfile gives next */
    int64_t end;              /* own frames there are, as far as we know */
    int64_t position, length; /* frames at our rate */
    bool cut, lossy, converts;
    struct converter converter;
};

/* --- continuing a sound --- */

/* Burg's method on x[0..n) (every STEREO-th number), step -1 to learn backwards in time. */
static void
learn(const double *x, int n, int step, double *a, double *f, double *b)
{
    double power = 0.0;

    for (int i = 0; i < n; i++) {
        f[i] = b[i] = x[(ptrdiff_t)i * step];
        power += f[i] * f[i];
    }
    memset(a, 0, sizeof *a * (ORDER + 1));
    a[0] = 1.0;
    for (int m = 1; m <= ORDER && power > 0.0; m++) {
        double num = 0.0, den = 0.0, k;

        for (int i = m; i < n; i++) {
            num += f[i] * b[i - 1];
            den += f[i] * f[i] + b[i - 1] * b[i - 1];
        }
        if (den <= power * 1e-16) /* nothing left to learn but rounding */
            break;
        k = -2.0 * num / den;
        for (int i = 0; i <= m / 2; i++) {
            double low = a[i], high = a[m - i];

            a[i] = low + k * high;
            if (i != m - i)
                a[m - i] = high + k * low;
        }
        for (int i = n - 1; i >= m; i--) {
            double fi = f[i], bi = b[i - 1];

            f[i] = fi + k * bi;
            b[i] = bi + k * fi;
        }
    }
}

/* Goes on from `last`, the sound's last (step 1) or first (step -1) frame, for n frames that die away. */
static void
extend(double *last, int known, int n, int step)
{
    double a[ORDER + 1], f[LEARN], b[LEARN];

    if (known > LEARN)
        known = LEARN;
    if (known < 2 * ORDER)
        return;
    for (int c = 0; c < STEREO; c++) {
        double *x = last + c;
        ptrdiff_t s = (ptrdiff_t)step * STEREO;

        learn(x - s * (known - 1), known, step * STEREO, a, f, b);
        for (int i = 1; i <= n; i++) {
            double sum = 0.0;

            for (int j = 1; j <= ORDER; j++)
                sum -= a[j] * x[s * (i - j)];
            x[s * i] = sum;
        }
        for (int i = 1; i <= n; i++) {
            double u = 1.0 - (double)i / (n + 1);

            x[s * i] *= u * u * (3.0 - 2.0 * u);
        }
    }
}

/* --- own frames --- */

static double
sane(double x)
{
    return isfinite(x) ? x : 0.0;
}

static void
to_stereo(const double *raw, int channels, double *out, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        out[i * STEREO] = sane(raw[i * channels]);
        out[i * STEREO + 1] = sane(raw[i * channels + channels - 1]);
    }
}

/* What a lossy decoder says depends on what it decoded before: come from far enough away. */
static bool
go_to(struct soundfile *s, int64_t frame)
{
    int64_t from = s->lossy ? frame - PREROLL : frame;

    if (from < 0)
        from = 0;
    if (sf_seek(s->file, from, SEEK_SET) != from)
        return false;
    while (from < frame) {
        sf_count_t n = frame - from < CHUNK ? frame - from : CHUNK;

        if (sf_readf_double(s->file, s->raw, n) != n)
            return false;
        from += n;
    }
    s->own = frame;
    return true;
}

/* Own frames from `from` on; fewer at the end, wherever the file really has it. */
static int
read_own(struct soundfile *s, int64_t from, double *out, int nframes)
{
    int done = 0;

    if (nframes > s->end - from)
        nframes = s->end > from ? (int)(s->end - from) : 0;
    if (s->demo) {
        demo_read(s->demo, from, out, nframes);
        return nframes;
    }
    if (nframes == 0 || (s->own != from && !go_to(s, from)))
        nframes = 0;
    while (done < nframes) {
        int n = nframes - done < CHUNK ? nframes - done : CHUNK;
        int got = (int)sf_readf_double(s->file, s->raw, n);

        if (got <= 0)
            break;
        to_stereo(s->raw, s->info.channels, out + done * STEREO, got);
        done += got;
        s->own += got;
        if (got < n)
            break;
    }
    return done;
}

/* As read_own, and a file that ends before its time is known to. */
static int
read_or_end(struct soundfile *s, int64_t from, double *out, int nframes)
{
    int64_t there = s->end - from < nframes ? s->end - from : nframes;
    int got = read_own(s, from, out, nframes);

    if (got < there) {
        s->end = from + got;
        s->cut = true;
    }
    return got;
}

/* --- converting --- */

static int64_t
gcd(int64_t a, int64_t b)
{
    return b ? gcd(b, a % b) : a;
}

static bool
converter_create(struct converter *c, double own_hz, double rate_hz)
{
    soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I);
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    soxr_error_t error = NULL;

    c->soxr = soxr_create(own_hz, rate_hz, STEREO, &error, &io, &quality, &runtime);
    return c->soxr && !error;
}

static enum status
converter_prepare(struct converter *c, double own_hz, double rate_hz)
{
    int64_t common = gcd(llround(own_hz), llround(rate_hz));
    int times, margin;

    c->up = (int)(llround(rate_hz) / common);
    c->down = (int)(llround(own_hz) / common);
    times = SEGMENT / (c->up > c->down ? c->up : c->down);
    if (times < 1)
        times = 1;
    margin = c->up > c->down ? MARGIN : (int)((int64_t)MARGIN * c->down / c->up);
    margin = margin / c->down + 1;
    c->in = times * c->down;
    c->out = times * c->up;
    c->margin_in = margin * c->down;
    c->margin_out = margin * c->up;
    c->at = -1;
    c->window = malloc(sizeof *c->window * STEREO * (size_t)(c->in + 2 * c->margin_in));
    c->segment = malloc(sizeof *c->segment * STEREO * (size_t)(c->out + 2 * c->margin_out));
    return c->window && c->segment && converter_create(c, own_hz, rate_hz) ? OK : NO_MEM;
}

static void
converter_free(struct converter *c)
{
    if (c->soxr)
        soxr_delete(c->soxr);
    free(c->window);
    free(c->segment);
}

/* The own frames of segment k with its margins. */
static void
fill_window(struct soundfile *s, int64_t k)
{
    struct converter *c = &s->converter;
    int64_t from = k * c->in - c->margin_in;
    int size = c->in + 2 * c->margin_in, before = from < 0 ? (int)-from : 0, got;

    memset(c->window, 0, sizeof *c->window * STEREO * (size_t)size);
    got = read_or_end(s, from + before, c->window + before * STEREO, size - before);
    if (before)
        extend(c->window + before * STEREO, got, before, -1);
    if (before + got < size)
        extend(c->window + (before + got - 1) * STEREO, got, size - before - got, 1);
}

static void
convert(struct soundfile *s, int64_t k)
{
    struct converter *c = &s->converter;
    size_t want = (size_t)(c->out + 2 * c->margin_out), given = (size_t)(c->in + 2 * c->margin_in);
    size_t at = 0, taken = 0, used, done;

    fill_window(s, k);
    memset(c->segment, 0, sizeof *c->segment * STEREO * want);
    soxr_clear(c->soxr);
    for (;;) {
        const double *in = taken < given ? c->window + taken * STEREO : NULL;

        if (at == want ||
            soxr_process(c->soxr, in, given - taken, &used, c->segment + at * STEREO, want - at, &done))
            break;
        if (!in && !done)
            break;
        taken += used;
        at += done;
    }
    for (size_t i = 0; i < want * STEREO; i++)
        c->segment[i] = sane(c->segment[i]);
    c->at = k;
}

static int
read_converted(struct soundfile *s, double *out, int nframes)
{
    struct converter *c = &s->converter;
    int done = 0;

    while (done < nframes) {
        int64_t k = (s->position + done) / c->out, end;
        int at = (int)((s->position + done) % c->out), n = c->out - at;

        if (c->at != k)
            convert(s, k);
        end = (s->end * c->up + c->down - 1) / c->down;
        if (n > nframes - done)
            n = nframes - done;
        if (n > end - s->position - done)
            n = (int)(end - s->position - done);
        if (n <= 0)
            break;
        memcpy(out + done * STEREO, c->segment + (c->margin_out + at) * STEREO,
               sizeof *out * STEREO * (size_t)n);
        done += n;
    }
    return done;
}

/* --- opening --- */

static enum status
open_demo(struct soundfile *s, double rate_hz)
{
    if (rate_hz == 0.0)
        rate_hz = 48000;
    s->demo = malloc(sizeof *s->demo);
    if (!s->demo)
        return NO_MEM;
    if (demo_prepare(s->demo, rate_hz) != OK)
        return BAD_ARG;
    s->info = (struct soundfile_info){
        .rate_hz = rate_hz, .frames = demo_frames(s->demo), .channels = STEREO, .bits = 64, .is_float = true};
    return OK;
}

static void
say_unreadable(const char *path, struct err *e)
{
    if (sf_error(NULL) == SF_ERR_UNRECOGNISED_FORMAT)
        err_set(e, "%s: is no sound file, whatever its name says: use WAV, AIFF, FLAC, Ogg or MP3", path);
    else
        err_set(e, "%s: can't be read (%s): export it again, as WAV if in doubt", path, sf_strerror(NULL));
}

static enum status
check_format(const SF_INFO *format, const char *path, struct err *e)
{
    if (format->channels < 1 || format->channels > STEREO) {
        err_set(e, "%s: has %d channels: make a mono or stereo file of it first", path, format->channels);
        return BAD_ARG;
    }
    if (format->samplerate < 1000 || format->samplerate > 1536000) {
        err_set(e, "%s: has a rate of %d Hz: convert it to 8000 to 384000 Hz first", path,
                format->samplerate);
        return IO_ERROR;
    }
    if (format->frames < 1) {
        err_set(e, "%s: holds no sound (0 frames): export it again", path);
        return IO_ERROR;
    }
    return OK;
}

static void
describe(struct soundfile *s, const SF_INFO *format)
{
    int sub = format->format & SF_FORMAT_SUBMASK, type = format->format & SF_FORMAT_TYPEMASK;
    static const struct {
        int sub, bits;
    } depth[] = {{SF_FORMAT_PCM_S8, 8},   {SF_FORMAT_PCM_U8, 8},   {SF_FORMAT_PCM_16, 16},
                 {SF_FORMAT_PCM_24, 24},  {SF_FORMAT_PCM_32, 32},  {SF_FORMAT_FLOAT, 32},
                 {SF_FORMAT_DOUBLE, 64},  {SF_FORMAT_ALAC_16, 16}, {SF_FORMAT_ALAC_20, 20},
                 {SF_FORMAT_ALAC_24, 24}, {SF_FORMAT_ALAC_32, 32}};

    s->info.rate_hz = format->samplerate;
    s->info.frames = format->frames;
    s->info.channels = format->channels;
    s->info.is_float = sub == SF_FORMAT_FLOAT || sub == SF_FORMAT_DOUBLE;
    s->info.is_flac = type == SF_FORMAT_FLAC;
    for (size_t i = 0; i < LEN(depth); i++) {
        if (depth[i].sub == sub)
            s->info.bits = depth[i].bits;
    }
    s->lossy = s->info.bits == 0;
}

/* Sizes that a writer into a pipe puts there because it can't know. */
static bool
is_placeholder(uint64_t size)
{
    return size == 0 || (size >= 0x7fffe000u && size <= 0x7fffffffu) ||
           (size >= 0xffffe000u && size <= UINT32_MAX) || size > INT64_MAX / 2;
}

/* libsndfile silently shortens what a header promises to what is there; only its log tells. */
static bool
promises_more(const struct soundfile *s)
{
    static const char *const tags[] = {"\n  Data size : ", "\n  Data Size   : ", "\ndata : ", "\n SSND : "};
    uint64_t there = (uint64_t)s->info.frames * (unsigned)(s->info.channels * s->info.bits / 8);
    char log[16384] = "";

    if (s->info.bits == 0 || s->info.is_flac)
        return false;
    sf_command(s->file, SFC_GET_LOG_INFO, log, sizeof log);
    for (size_t i = 0; i < LEN(tags); i++) {
        const char *line = strstr(log, tags[i]);
        uint64_t promised = line ? strtoull(line + strlen(tags[i]), NULL, 0) : 0;

        if (line)
            return !is_placeholder(promised) && promised > there + 64; /* some count a chunk's head, too */
    }
    return false;
}

/* A FLAC file whose writer died does not know its length. */
static int64_t
count_frames(struct soundfile *s)
{
    int64_t count = 0;
    sf_count_t got;

    while ((got = sf_readf_double(s->file, s->raw, CHUNK)) > 0)
        count += got;
    sf_seek(s->file, 0, SEEK_SET);
    return count;
}

static enum status
open_file(struct soundfile *s, const char *path, struct err *e)
{
    SF_INFO format = {0};
    int fd = -1;
    enum status status = regular_open(path, &fd, e);

    if (status != OK) {
        if (fd >= 0)
            close(fd);
        return status;
    }
    s->file = sf_open_fd(fd, SFM_READ, &format, SF_TRUE); /* closes fd, also when it fails */
    if (!s->file) {
        say_unreadable(path, e);
        return IO_ERROR;
    }
    status = check_format(&format, path, e);
    if (status != OK)
        return status;
    s->raw = malloc(sizeof *s->raw * CHUNK * (size_t)format.channels);
    if (!s->raw)
        return NO_MEM;
    describe(s, &format);
    s->cut = promises_more(s);
    if (s->info.frames == SF_COUNT_MAX)
        s->info.frames = count_frames(s);
    return OK;
}

static enum status
open_source(struct soundfile *s, const char *path, double rate_hz, struct err *e)
{
    enum status status;

    if (rate_hz != 0.0 && (!rate_ok(rate_hz) || rate_hz != rint(rate_hz))) {
        err_set(e, "%s: can't be played at %g Hz: use a whole rate from %d to %d Hz", path, rate_hz,
                RATE_MIN_HZ, RATE_MAX_HZ);
        return BAD_ARG;
    }
    status = strcmp(path, "demo:") ? open_file(s, path, e) : open_demo(s, rate_hz);
    if (status != OK)
        return status;
    s->end = s->info.frames;
    s->length = s->end;
    s->converts = rate_hz != 0.0 && rate_hz != s->info.rate_hz;
    if (!s->converts)
        return OK;
    status = converter_prepare(&s->converter, s->info.rate_hz, rate_hz);
    s->length = (s->end * s->converter.up + s->converter.down - 1) / s->converter.down;
    return status;
}

/* --- the header's functions: reading --- */

enum status
soundfile_open(struct soundfile **s, const char *path, double rate_hz, int64_t position, struct err *e)
{
    enum status status;

    *s = calloc(1, sizeof **s);
    status = *s ? open_source(*s, path, rate_hz, e) : NO_MEM;
    if (status != OK) {
        if (status == NO_MEM)
            err_set(e, "%s: not enough memory to play it: close other programs", path);
        soundfile_close(*s);
        *s = NULL;
        return status;
    }
    (*s)->position = position > 0 ? position : 0;
    return OK;
}

void
soundfile_close(struct soundfile *s)
{
    if (!s)
        return;
    if (s->file)
        sf_close(s->file);
    if (s->converts)
        converter_free(&s->converter);
    free(s->demo);
    free(s->raw);
    free(s);
}

const struct soundfile_info *
soundfile_info(const struct soundfile *s)
{
    return &s->info;
}

int64_t
soundfile_length(const struct soundfile *s)
{
    return s->length;
}

int
soundfile_read(struct soundfile *s, double *out, int nframes)
{
    int done;

    if (s->position >= s->length || nframes <= 0)
        return 0;
    done = s->converts ? read_converted(s, out, nframes) : read_or_end(s, s->position, out, nframes);
    s->position += done;
    return done;
}

bool
soundfile_cut(const struct soundfile *s)
{
    return s->cut;
}

/* --- writing --- */

struct soundwriter {
    enum sound_format format;
    struct dither dither;
    struct wav wav;
    SNDFILE *flac; /* NULL: wav */
    int64_t frames;
    double rate_hz;
    int32_t steps[CHUNK * STEREO];
    unsigned char bytes[CHUNK * STEREO * sizeof(double)];
    char path[];
};

static const struct {
    const char *name;
    int bits;
    bool is_float, is_flac;
} formats[] = {
    [SOUND_WAV16] = {"wav16", 16, false, false},  [SOUND_WAV24] = {"wav24", 24, false, false},
    [SOUND_WAV32F] = {"wav32f", 32, true, false}, [SOUND_WAV64F] = {"wav64f", 64, true, false},
    [SOUND_FLAC16] = {"flac16", 16, false, true}, [SOUND_FLAC24] = {"flac24", 24, false, true},
};

bool
sound_format_parse(const char *word, enum sound_format *f, struct err *e)
{
    for (size_t i = 0; i < LEN(formats); i++) {
        if (!strcmp(word, formats[i].name)) {
            *f = (enum sound_format)i;
            return true;
        }
    }
    return err_set(e, "%s: no such format: use wav16, wav24, wav32f, wav64f, flac16 or flac24", word);
}

const char *
sound_format_name(enum sound_format f)
{
    return formats[f].name;
}

/* One sentence for whatever the system refused. */
static enum status
refused(const struct soundwriter *w, enum status status, struct err *e)
{
    const char *why = strerror(errno ? errno : EIO);

    if (status == EXISTS)
        err_set(e, "%s: exists already: name another file, nothing is overwritten", w->path);
    else if (status == NO_SPACE)
        err_set(e, "%s: no space after %.1f s (%s): make room, then write to a new file", w->path,
                (double)w->frames / w->rate_hz, why);
    else
        err_set(e, "%s: can't be written (%s): check the directory, its permissions and its disk", w->path,
                why);
    return status;
}

static enum status
flac_failed(void)
{
    return errno == ENOSPC || errno == EFBIG || errno == EDQUOT ? NO_SPACE : IO_ERROR;
}

static enum status
flac_open(struct soundwriter *w)
{
    SF_INFO format = {.samplerate = (int)lround(w->rate_hz),
                      .channels = STEREO,
                      .format = SF_FORMAT_FLAC |
                                (formats[w->format].bits == 16 ? SF_FORMAT_PCM_16 : SF_FORMAT_PCM_24)};
    int fd = open(w->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0)
        return errno == EEXIST ? EXISTS : flac_failed();
    errno = 0;
    w->flac = sf_open_fd(fd, SFM_WRITE, &format, SF_TRUE);
    if (w->flac)
        return OK;
    unlink(w->path); /* ours: we have just made it */
    return flac_failed();
}

enum status
soundwriter_open(struct soundwriter **w, const char *path, double rate_hz, enum sound_format f,
                 const struct dither_settings *dither, struct err *e)
{
    static const struct dither_settings none = {.shape = DITHER_NONE};
    enum status status;

    *w = NULL;
    if (!rate_ok(rate_hz) || rate_hz != rint(rate_hz)) {
        err_set(e, "%s: can't be written at %g Hz: use a whole rate from %d to %d Hz", path, rate_hz,
                RATE_MIN_HZ, RATE_MAX_HZ);
        return BAD_ARG;
    }
    *w = calloc(1, sizeof **w + strlen(path) + 1);
    if (!*w) {
        err_set(e, "%s: not enough memory to write it: close other programs", path);
        return NO_MEM;
    }
    strcpy((*w)->path, path);
    (*w)->format = f;
    (*w)->rate_hz = rate_hz;
    if (!formats[f].is_float &&
        dither_prepare(&(*w)->dither, formats[f].bits, rate_hz, dither ? dither : &none) != OK)
        assert(!"a dither of the table");
    status = formats[f].is_flac ? flac_open(*w)
                                : wav_open(&(*w)->wav, path, rate_hz, formats[f].bits, formats[f].is_float);
    if (status != OK) {
        refused(*w, status, e);
        free(*w);
        *w = NULL;
    }
    return status;
}

static void
pack(unsigned char *at, uint64_t value, int nbytes)
{
    while (nbytes--) {
        *at++ = (unsigned char)value;
        value >>= 8;
    }
}

static void
pack_floats(struct soundwriter *w, const double *in, int nframes)
{
    int size = formats[w->format].bits / 8;

    for (int i = 0; i < nframes * STEREO; i++) {
        float narrow = (float)in[i];
        uint32_t word;
        uint64_t wide;

        memcpy(&word, &narrow, sizeof word);
        memcpy(&wide, &in[i], sizeof wide);
        pack(w->bytes + i * size, size == 4 ? word : wide, size);
    }
}

static enum status
write_wav(struct soundwriter *w, const double *in, int nframes)
{
    int size = formats[w->format].bits / 8;
    enum status status;

    if (formats[w->format].is_float) {
        pack_floats(w, in, nframes);
    } else {
        dither_process(&w->dither, in, w->steps, nframes);
        for (int i = 0; i < nframes * STEREO; i++)
            pack(w->bytes + i * size, (uint64_t)w->steps[i], size);
    }
    status = wav_write(&w->wav, w->bytes, nframes);
    w->frames = (int64_t)wav_frames(&w->wav);
    return status;
}

static enum status
write_flac(struct soundwriter *w, const double *in, int nframes)
{
    sf_count_t done;

    dither_process(&w->dither, in, w->steps, nframes);
    for (int i = 0; i < nframes * STEREO; i++)
        w->steps[i] *= 1 << (32 - formats[w->format].bits); /* libsndfile takes the upper bits */
    errno = 0;
    done = sf_writef_int(w->flac, w->steps, nframes);
    if (done == nframes && !sf_error(w->flac)) {
        w->frames += done;
        return OK;
    }
    return flac_failed();
}

enum status
soundwriter_write(struct soundwriter *w, const double *in, int nframes, struct err *e)
{
    for (int at = 0; at < nframes; at += CHUNK) {
        int n = nframes - at < CHUNK ? nframes - at : CHUNK;
        enum status status = w->flac ? write_flac(w, in + at * STEREO, n) : write_wav(w, in + at * STEREO, n);

        if (status != OK)
            return refused(w, status, e);
    }
    return OK;
}

enum status
soundwriter_sync(struct soundwriter *w, struct err *e)
{
    enum status status = OK;

    if (w->flac)
        sf_write_sync(w->flac);
    else
        status = wav_sync(&w->wav);
    return status == OK ? OK : refused(w, status, e);
}

int64_t
soundwriter_frames(const struct soundwriter *w)
{
    return w->frames;
}

enum status
soundwriter_close(struct soundwriter *w, struct err *e)
{
    enum status status;

    if (!w)
        return OK;
    if (w->flac) {
        errno = 0;
        status = sf_close(w->flac) ? flac_failed() : OK;
    } else {
        status = wav_close(&w->wav);
    }
    if (status != OK)
        refused(w, status, e);
    free(w);
    return status;
}
