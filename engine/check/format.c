/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The MD5 is FLAC's: of the samples as whole numbers, little-endian, interleaved, in as many bytes as their depth needs,
 * signed at any depth. So a WAV and a FLAC of the same sound have the same, and so has the file with other tags. It
 * costs most of what this inspector costs.
 */
#include "engine/check/format.h"

#include "engine/check/header.h"
#include "engine/check/target.h"

#include <endian.h>
#include <math.h>
#include <md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Red Book: 44.1 kHz, 16 bit, stereo, in sectors of 588 frames. */
enum { CD_RATE_HZ = 44100, CD_BITS = 16, CD_SECTOR = 588 };

enum { PIECE = 512 /* frames */, MD5_BYTES = 16 };

/* The standards whose editions the figures of a report go by. */
#define STANDARDS                                                                                            \
    "ITU-R BS.1770-5 (2023), EBU R 128, EBU Tech 3341 v4 and 3342 v4 (2023), Tech 3285 v2, Tech 3306, RFC "  \
    "9639"

/* Of studios, of discs and of broadcast; all others surprise whoever receives them. */
static const double usual_rates[] = {32000, 44100, 48000, 88200, 96000, 176400, 192000, 352800, 384000};

static const struct figure figures[] = {
    {"format/file", "File", FIGURE_TEXT, UNIT_NONE, 0, "Its name."},
    {"format/container", "Container", FIGURE_TEXT, UNIT_NONE, 0, "Kind of file."},
    {"format/coding", "Coding", FIGURE_TEXT, UNIT_NONE, 0, "How a sample is stored."},
    {"format/rate", "Sample rate", FIGURE_NUMBER, UNIT_HZ, 0, "By the header."},
    {"format/channels", "Channels", FIGURE_NUMBER, UNIT_NONE, 0, "By the header."},
    {"format/layout", "Layout", FIGURE_TEXT, UNIT_NONE, 0, "Loudspeakers, in the channels' order."},
    {"format/duration", "Duration", FIGURE_TEXT, UNIT_NONE, 0,
     "Of what is really there: hours, minutes, seconds."},
    {"format/duration_s", "Length", FIGURE_NUMBER, UNIT_S, 3, "Of what is really there."},
    {"format/frames", "Frames", FIGURE_NUMBER, UNIT_FRAMES, 0, "That are really there."},
    {"format/bits", "Bits", FIGURE_NUMBER, UNIT_NONE, 0, "Of a sample as stored; none in a lossy file."},
    {"format/file_size", "File size", FIGURE_NUMBER, UNIT_NONE, 0, "Bytes."},
    {"format/pcm_md5", "MD5 of the sound", FIGURE_TEXT, UNIT_NONE, 0,
     "Of the samples alone, as FLAC defines it: the same for the same sound in another lossless file."},
    {"format/measured_with", "Measured with", FIGURE_TEXT, UNIT_NONE, 0,
     "Program, standards and their editions."},
};

struct format {
    int nch, bytes; /* of a sample; 0: a lossy file, which has no MD5 */
    bool is_float;
    double scale;
    MD5_CTX md5;
    unsigned char packed[PIECE * CHECK_CHANNELS * sizeof(double)];
    struct header header;
};

static void
format_close(void *self)
{
    free(self);
}

static enum status
format_open(void **self, const struct check_context *x, struct err *e)
{
    struct format *f = calloc(1, sizeof *f);

    (void)e;
    *self = f;
    if (!f)
        return NO_MEM;
    f->nch = x->sound->nch;
    f->is_float = x->sound->is_float;
    f->bytes = (x->sound->bits + 7) / 8;
    f->scale = ldexp(1.0, x->sound->bits - 1);
    MD5Init(&f->md5);
    header_of(&f->header, x->sound->path); /* the computed programme has none: a header of no kind */
    return OK;
}

/* --- the MD5 ---------------------------------------------------------------------------------------- */

static size_t
pack_words(struct format *f, const double *const *in, int nframes)
{
    unsigned char *at = f->packed;

    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < f->nch; c++) {
            uint32_t word = htole32((uint32_t)(int32_t)(in[c][i] * f->scale));

            memcpy(at, &word, sizeof word); /* the next one overwrites what is too much */
            at += f->bytes;
        }
    return (size_t)(at - f->packed);
}

static size_t
pack_floats(struct format *f, const double *const *in, int nframes)
{
    unsigned char *at = f->packed;

    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < f->nch; c++) {
            union {
                float x;
                uint32_t u;
            } single = {(float)in[c][i]};
            union {
                double x;
                uint64_t u;
            } twice = {in[c][i]};

            single.u = htole32(single.u);
            twice.u = htole64(twice.u);
            memcpy(at, f->bytes == 4 ? (void *)&single : (void *)&twice, (size_t)f->bytes);
            at += f->bytes;
        }
    return (size_t)(at - f->packed);
}

static void
format_process(void *self, const double *const *in, int nframes)
{
    struct format *f = self;

    for (int at = 0; f->bytes && at < nframes; at += PIECE) {
        const double *from[CHECK_CHANNELS];
        int n = nframes - at < PIECE ? nframes - at : PIECE;

        for (int c = 0; c < f->nch; c++)
            from[c] = in[c] + at;
        MD5Update(&f->md5, f->packed, f->is_float ? pack_floats(f, from, n) : pack_words(f, from, n));
    }
}

/* --- the report ------------------------------------------------------------------------------------- */

static void
find_at(struct report *r, const char *kind, enum severity s, double at_s, const char *what, const char *mend)
{
    struct finding f = {.kind = kind, .severity = s, .channel = -1, .from_s = at_s, .to_s = at_s};

    snprintf(f.what, sizeof f.what, "%s", what);
    snprintf(f.mend, sizeof f.mend, "%s", mend);
    report_find(r, &f);
}

static void
put_layout(const struct sound_info *s, struct report *r)
{
    static const char *const name[] = {
        [PLACE_LEFT] = "L",       [PLACE_RIGHT] = "R",       [PLACE_CENTRE] = "C",
        [PLACE_LFE] = "LFE",      [PLACE_SIDE_LEFT] = "Ls",  [PLACE_SIDE_RIGHT] = "Rs",
        [PLACE_BACK_LEFT] = "Lb", [PLACE_BACK_RIGHT] = "Rb", [PLACE_BACK_CENTRE] = "Cb",
        [PLACE_OTHER] = "other"};
    char text[CHECK_CHANNELS * 8] = "";

    if (s->nch == 1) {
        report_text(r, "format/layout", "mono");
        return;
    }
    for (int c = 0; c < s->nch; c++)
        snprintf(text + strlen(text), sizeof text - strlen(text), c ? " %s" : "%s", name[s->place[c]]);
    report_text(r, "format/layout", "%s", text);
}

static void
put_duration(struct report *r, int64_t frames, double rate_hz)
{
    long long ms = llround((double)frames * 1000.0 / rate_hz);

    report_put(r, "format/duration_s", (double)frames / rate_hz);
    report_text(r, "format/duration", "%02lld:%02lld:%02lld.%03lld", ms / 3600000, ms / 60000 % 60,
                ms / 1000 % 60, ms % 1000);
}

static void
put_figures(const struct format *f, const struct check_context *x, struct report *r)
{
    const struct sound_info *s = x->sound;
    const char *slash = strrchr(s->path, '/');

    report_text(r, "format/file", "%s", slash && slash[1] ? slash + 1 : s->path);
    report_text(r, "format/container", "%s", f->header.kind == HEADER_BW64 ? "BW64" : s->container);
    report_text(r, "format/coding", "%s", s->coding);
    report_put(r, "format/rate", s->rate_hz);
    report_put(r, "format/channels", s->nch);
    report_put(r, "format/frames", (double)x->frames);
    report_put(r, "format/bits", s->bits ? s->bits : NAN);
    report_put(r, "format/file_size", f->header.file_bytes ? (double)f->header.file_bytes : NAN);
    report_text(r, "format/measured_with", "deadwax " DEADWAX_VERSION "; " STANDARDS);
    put_layout(s, r);
    put_duration(r, x->frames, s->rate_hz);
}

/* Samples that are no number were replaced before they came here: the MD5 would be of another sound. */
static void
put_md5(struct format *f, const struct check_context *x, struct report *r)
{
    unsigned char md5[MD5_BYTES];
    char text[2 * MD5_BYTES + 1];

    if (!f->bytes || x->bad_samples)
        return;
    MD5Final(md5, &f->md5);
    for (int i = 0; i < MD5_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", md5[i]);
    report_text(r, "format/pcm_md5", "%s", text);
    if (f->header.has_md5 && x->frames == x->sound->frames && memcmp(md5, f->header.md5, sizeof md5) != 0)
        find_at(r, "flac_md5", SEVERITY_FAIL, FINDING_WHOLE,
                "The sound is not what was encoded: its MD5 differs from that in the FLAC header.",
                "Copy the file again, or encode it again from the master.");
}

/* What the header's walk found; an end that comes too early is put where it is. */
static void
tell_faults(const struct format *f, const struct check_context *x, struct report *r)
{
    for (int i = 0; i < f->header.nfaults; i++) {
        struct finding found = f->header.fault[i];

        if (strcmp(found.kind, "ends_early") == 0 || strcmp(found.kind, "partial_frame") == 0)
            found.from_s = found.to_s = (double)x->frames / x->sound->rate_hz;
        report_find(r, &found);
    }
}

/* Lengths of lossy files are estimates: they may be off by a little without harm. */
static void
judge_end(const struct format *f, const struct check_context *x, struct report *r)
{
    int64_t promised =
        x->sound->is_lossy || f->header.frames < x->sound->frames ? x->sound->frames : f->header.frames;
    double missing = (double)(promised - x->frames) / x->sound->rate_hz;
    char what[REPORT_WORDS];

    if (missing <= (x->sound->is_lossy ? 1.0 : 0.0) || header_has(&f->header, "ends_early"))
        return;
    snprintf(what, sizeof what, "The file ends early: %lld of %lld frames are missing (%.3f s).",
             (long long)(promised - x->frames), (long long)promised, missing);
    find_at(r, "ends_early", SEVERITY_FAIL, (double)x->frames / x->sound->rate_hz, what,
            "Copy or export it again: the end of the sound is missing or damaged.");
}

static void
judge_rate(const struct sound_info *s, struct report *r)
{
    char what[REPORT_WORDS];

    for (size_t i = 0; i < LEN(usual_rates); i++)
        if (usual_rates[i] == s->rate_hz)
            return;
    snprintf(what, sizeof what, "The sample rate of %g Hz is unusual.", s->rate_hz);
    find_at(r, "unusual_rate", SEVERITY_WARN, FINDING_WHOLE, what,
            "Convert it to 44.1, 48, 88.2, 96, 176.4 or 192 kHz.");
}

/* Of a file that looks as if made for a CD it is a remark; of one that is checked for a CD, a fault. */
static void
judge_sector(const struct check_context *x, struct report *r)
{
    const struct sound_info *s = x->sound;
    bool is_asked = target_is_cd(x->target);
    char what[REPORT_WORDS];
    int rest = (int)(x->frames % CD_SECTOR);

    if (s->rate_hz != CD_RATE_HZ || s->nch != STEREO || rest == 0 ||
        (!is_asked && (s->bits != CD_BITS || s->is_float)))
        return;
    snprintf(what, sizeof what, "The length is no whole number of CD sectors: %d frames of %d in the last.",
             rest, CD_SECTOR);
    find_at(r, "cd_sector", is_asked ? SEVERITY_FAIL : SEVERITY_NOTE, FINDING_WHOLE, what,
            "For a CD, add silence to its end, or move the track's boundary.");
}

static void
judge_samples(const struct check_context *x, struct report *r)
{
    char what[REPORT_WORDS];

    if (x->bad_samples) {
        snprintf(what, sizeof what, "%lld samples are not a number or infinite.", (long long)x->bad_samples);
        find_at(r, "bad_samples", SEVERITY_FAIL, FINDING_WHOLE, what,
                "Find the processor that made them, and export again.");
    }
    if (x->sound->is_lossy) {
        snprintf(what, sizeof what, "The file itself is lossy (%s): a master should not be.",
                 x->sound->coding);
        find_at(r, "lossy_format", SEVERITY_WARN, FINDING_WHOLE, what,
                "Ask for the file it was encoded from.");
    }
}

static void
format_finish(void *self, const struct check_context *x, struct report *r)
{
    struct format *f = self;

    put_figures(f, x, r);
    put_md5(f, x, r);
    tell_faults(f, x, r);
    judge_end(f, x, r);
    judge_samples(x, r);
    judge_rate(x->sound, r);
    judge_sector(x, r);
}

const struct inspector format_inspector = {"format",    figures,        LEN(figures),  12,
                                           format_open, format_process, format_finish, format_close};
