/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/sound.h"

#include "engine/demo.h"

#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sound {
    SNDFILE *file;
    struct demo *demo;
    char *path;
    struct sound_info info;
    double *interleaved; /* CHECK_BLOCK frames */
    int64_t bad, at;
};

/* Where libsndfile's places are among ours. */
static enum place
place_of(int sf)
{
    switch (sf) {
    case SF_CHANNEL_MAP_LEFT:
    case SF_CHANNEL_MAP_FRONT_LEFT: return PLACE_LEFT;
    case SF_CHANNEL_MAP_RIGHT:
    case SF_CHANNEL_MAP_FRONT_RIGHT: return PLACE_RIGHT;
    case SF_CHANNEL_MAP_CENTER:
    case SF_CHANNEL_MAP_MONO:
    case SF_CHANNEL_MAP_FRONT_CENTER: return PLACE_CENTRE;
    case SF_CHANNEL_MAP_LFE: return PLACE_LFE;
    case SF_CHANNEL_MAP_SIDE_LEFT: return PLACE_SIDE_LEFT;
    case SF_CHANNEL_MAP_SIDE_RIGHT: return PLACE_SIDE_RIGHT;
    case SF_CHANNEL_MAP_REAR_LEFT: return PLACE_BACK_LEFT;
    case SF_CHANNEL_MAP_REAR_RIGHT: return PLACE_BACK_RIGHT;
    case SF_CHANNEL_MAP_REAR_CENTER: return PLACE_BACK_CENTRE;
    default: return PLACE_OTHER;
    }
}

/* Files that say nothing are in SMPTE's order. */
static const enum place usual[CHECK_CHANNELS + 1][CHECK_CHANNELS] = {
    [1] = {PLACE_CENTRE},
    [2] = {PLACE_LEFT, PLACE_RIGHT},
    [3] = {PLACE_LEFT, PLACE_RIGHT, PLACE_CENTRE},
    [4] = {PLACE_LEFT, PLACE_RIGHT, PLACE_BACK_LEFT, PLACE_BACK_RIGHT},
    [5] = {PLACE_LEFT, PLACE_RIGHT, PLACE_CENTRE, PLACE_SIDE_LEFT, PLACE_SIDE_RIGHT},
    [6] = {PLACE_LEFT, PLACE_RIGHT, PLACE_CENTRE, PLACE_LFE, PLACE_SIDE_LEFT, PLACE_SIDE_RIGHT},
    [7] = {PLACE_LEFT, PLACE_RIGHT, PLACE_CENTRE, PLACE_LFE, PLACE_BACK_CENTRE, PLACE_SIDE_LEFT,
           PLACE_SIDE_RIGHT},
    [8] = {PLACE_LEFT, PLACE_RIGHT, PLACE_CENTRE, PLACE_LFE, PLACE_BACK_LEFT, PLACE_BACK_RIGHT,
           PLACE_SIDE_LEFT, PLACE_SIDE_RIGHT},
};

static void
find_places(struct sound *s)
{
    int map[CHECK_CHANNELS];
    size_t size = sizeof *map * (size_t)s->info.nch;
    bool told = s->file && s->info.nch > 2 && sf_command(s->file, SFC_GET_CHANNEL_MAP_INFO, map, (int)size);

    for (int c = 0; c < s->info.nch; c++)
        told = told && place_of(map[c]) != PLACE_OTHER;
    for (int c = 0; c < s->info.nch; c++)
        s->info.place[c] = told ? place_of(map[c]) : usual[s->info.nch][c];
}

static const struct {
    int sf;
    const char *name;
} containers[] = {
    {SF_FORMAT_WAV, "WAV"}, {SF_FORMAT_WAVEX, "WAV"}, {SF_FORMAT_RF64, "RF64"},
    {SF_FORMAT_W64, "W64"}, {SF_FORMAT_AIFF, "AIFF"}, {SF_FORMAT_FLAC, "FLAC"},
    {SF_FORMAT_OGG, "Ogg"}, {SF_FORMAT_CAF, "CAF"},   {SF_FORMAT_MPEG, "MPEG"},
};

static const struct {
    int sf;
    const char *name;
    int bits;
    bool is_float;
} codings[] = {
    {SF_FORMAT_PCM_S8, "PCM 8 bit", 8, false},
    {SF_FORMAT_PCM_U8, "PCM 8 bit", 8, false},
    {SF_FORMAT_PCM_16, "PCM 16 bit", 16, false},
    {SF_FORMAT_PCM_24, "PCM 24 bit", 24, false},
    {SF_FORMAT_PCM_32, "PCM 32 bit", 32, false},
    {SF_FORMAT_FLOAT, "float 32 bit", 32, true},
    {SF_FORMAT_DOUBLE, "float 64 bit", 64, true},
    {SF_FORMAT_ALAC_16, "ALAC 16 bit", 16, false},
    {SF_FORMAT_ALAC_20, "ALAC 20 bit", 20, false},
    {SF_FORMAT_ALAC_24, "ALAC 24 bit", 24, false},
    {SF_FORMAT_ALAC_32, "ALAC 32 bit", 32, false},
    {SF_FORMAT_VORBIS, "Vorbis", 0, false},
    {SF_FORMAT_OPUS, "Opus", 0, false},
    {SF_FORMAT_MPEG_LAYER_III, "MP3", 0, false},
    {SF_FORMAT_MPEG_LAYER_II, "MPEG layer 2", 0, false},
    {SF_FORMAT_MPEG_LAYER_I, "MPEG layer 1", 0, false},
};

static void
tell_format(struct sound_info *info, int format)
{
    snprintf(info->container, sizeof info->container, "other");
    snprintf(info->coding, sizeof info->coding, "other");
    info->is_lossy = true;
    for (size_t i = 0; i < LEN(containers); i++)
        if (containers[i].sf == (format & SF_FORMAT_TYPEMASK))
            snprintf(info->container, sizeof info->container, "%s", containers[i].name);
    for (size_t i = 0; i < LEN(codings); i++)
        if (codings[i].sf == (format & SF_FORMAT_SUBMASK)) {
            snprintf(info->coding, sizeof info->coding, "%s", codings[i].name);
            info->bits = codings[i].bits;
            info->is_float = codings[i].is_float;
            info->is_lossy = codings[i].bits == 0;
        }
}

static enum status
open_file(struct sound *s, struct err *e)
{
    SF_INFO sf = {0};

    s->file = sf_open(s->path, SFM_READ, &sf);
    if (!s->file) {
        enum status status = errno == ENOENT ? NOT_FOUND : IO_ERROR;

        err_set(e, "%s: %s", s->path, status == NOT_FOUND ? strerror(ENOENT) : sf_strerror(NULL));
        return status;
    }
    if (sf.channels > CHECK_CHANNELS) {
        err_set(e, "%s: %d channels: at most %d can be checked", s->path, sf.channels, CHECK_CHANNELS);
        return BAD_ARG;
    }
    if (sf.frames <= 0) {
        err_set(e, "%s: has no sound in it", s->path);
        return BAD_ARG;
    }
    s->info.rate_hz = sf.samplerate;
    s->info.nch = sf.channels;
    s->info.frames = sf.frames;
    tell_format(&s->info, sf.format);
    return OK;
}

static enum status
open_demo(struct sound *s)
{
    s->info = (struct sound_info){.path = s->path,
                                  .container = "computed",
                                  .coding = "float 64 bit",
                                  .rate_hz = 48000.0,
                                  .nch = STEREO,
                                  .bits = 64,
                                  .is_float = true};
    s->demo = malloc(sizeof *s->demo);
    if (!s->demo || demo_prepare(s->demo, s->info.rate_hz) != OK)
        return NO_MEM;
    s->info.frames = demo_frames(s->demo);
    return OK;
}

enum status
sound_open(struct sound **out, const char *path, struct err *e)
{
    struct sound *s = calloc(1, sizeof *s);
    enum status status = NO_MEM;

    *out = s;
    if (s)
        s->path = strdup(path);
    if (s && s->path) {
        s->info.path = s->path;
        errno = 0;
        status = strcmp(path, "demo:") == 0 ? open_demo(s) : open_file(s, e);
    }
    if (status == OK) {
        find_places(s);
        s->interleaved = malloc(sizeof *s->interleaved * CHECK_BLOCK * (size_t)s->info.nch);
        status = s->interleaved ? OK : NO_MEM;
    }
    if (status == NO_MEM)
        err_set(e, "%s: out of memory", path);
    if (status != OK) {
        sound_close(s);
        *out = NULL;
    }
    return status;
}

void
sound_close(struct sound *s)
{
    if (!s)
        return;
    if (s->file)
        sf_close(s->file);
    free(s->demo);
    free(s->interleaved);
    free(s->path);
    free(s);
}

const struct sound_info *
sound_info(const struct sound *s)
{
    return &s->info;
}

static int
read_interleaved(struct sound *s, int nframes)
{
    if (s->file)
        return (int)sf_readf_double(s->file, s->interleaved, nframes);
    if (nframes > s->info.frames - s->at)
        nframes = (int)(s->info.frames - s->at);
    demo_read(s->demo, s->at, s->interleaved, nframes);
    return nframes;
}

int
sound_read(struct sound *s, double *const *out, int nframes)
{
    int nch = s->info.nch, done = 0;

    while (done < nframes) {
        int want = nframes - done < CHECK_BLOCK ? nframes - done : CHECK_BLOCK;
        int got = read_interleaved(s, want);

        for (int i = 0; i < got; i++)
            for (int c = 0; c < nch; c++) {
                double x = s->interleaved[i * nch + c];

                s->bad += !isfinite(x);
                out[c][done + i] = isfinite(x) ? x : 0.0;
            }
        done += got;
        s->at += got;
        if (got < want)
            break;
    }
    return done;
}

int64_t
sound_bad_samples(const struct sound *s)
{
    return s->bad;
}
