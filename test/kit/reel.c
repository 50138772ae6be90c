/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/reel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

struct soundfile *
reel_open(const char *path, double rate_hz, int64_t position)
{
    struct soundfile *s;
    struct err e = {""};

    if (soundfile_open(&s, path, rate_hz, position, &e) != OK)
        fail_msg("%s", e.text);
    return s;
}

double *
reel_read(const char *path, double rate_hz, int piece, int64_t *nframes)
{
    struct soundfile *s = reel_open(path, rate_hz, 0);
    double *x = malloc(sizeof *x * STEREO * (size_t)(soundfile_length(s) + piece));
    int got;

    assert_non_null(x);
    *nframes = 0;
    while ((got = soundfile_read(s, x + *nframes * STEREO, piece)) > 0)
        *nframes += got;
    soundfile_close(s);
    return x;
}

void
reel_write(const char *path, double rate_hz, enum sound_format f, bool dither, const double *x, int nframes)
{
    struct soundwriter *w;
    struct err e = {""};

    if (soundwriter_open(&w, path, rate_hz, f,
                         dither ? &(struct dither_settings){.shape = DITHER_TPDF} : NULL, &e) != OK)
        fail_msg("%s", e.text);
    assert_int_equal(soundwriter_write(w, x, nframes, &e), OK);
    assert_int_equal(soundwriter_frames(w), nframes);
    assert_int_equal(soundwriter_close(w, &e), OK);
}
