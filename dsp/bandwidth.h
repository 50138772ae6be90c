/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bandwidth: how far up a programme reaches, and whether a lower rate or a lossy codec ended it there.
 *
 * in       planar, 1.0 is 0 dBFS; only read. Nothing but samples: no file's word
 * frames   one of 21 ms each 85 ms (1024 and 4096 at 44.1 and 48 kHz, scaled with the rate), Hann window, power mean
 *          of the channels. Bands of eight bins, 375 Hz, read their median bin: noise and dense sound fill it,
 *          single tones do not
 * edge     where the long-term mean of the medians falls by 40 dB within 1/12 octave, or by 18 dB onto a flat floor,
 *          with nothing but floor above and something in all bands of the 3 kHz below.
 *          The band before it must have sounded in five frames or more: (sum)^2 / sum of squares of its medians. A sweep
 *          passes once
 * own      an edge above 0.93 of half the rate is that of the rate's own filter: none is told
 * holes    frames in which sound above 9 kHz breaks off by 25 dB within two bands, six bands below filled and three
 *          above empty, elsewhere than at the edge, one band to either side, and below 0.9 of half the rate. Codecs
 *          switch whole bands off and on (a scalefactor band has no bits left, MP3's above 16 kHz before all);
 *          filters and microphones do not. Encoders at high rates leave no holes: then only the edge is seen, and
 *          what made it cannot be told
 * sure     our own scale: 1 - exp(-holes / 3 %) for codecs; for rates by how near half of a usual one the edge is
 * memory   some kB, whatever the length
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_BANDWIDTH_H
#define DSP_BANDWIDTH_H

#include "dsp/fft.h"

enum { BANDWIDTH_CHANNELS = 8, BANDWIDTH_BAND = 8 /* bins */ };

struct bandwidth_finding {
    bool edge;         /* else the next five are 0 */
    double edge_hz;    /* half way down, in dB */
    double stop_hz;    /* where the floor is reached */
    double fall_db;    /* within 1/12 octave */
    double from_hz;    /* half of this rate is stop_hz, most likely: 44100; 0: no known rate */
    double from_sure;  /* 0..1 */
    double holes;      /* 0..1: of the frames */
    double holes_hz;   /* where most of them are */
    double codec_sure; /* 0..1 */
    int frames;        /* it is all made of */
};

struct bandwidth { /* by value in its owner; fields are bandwidth.c's business */
    double rate_hz, bin_hz;
    int nch, size, period, at; /* frames */
    int nbins, nbands;
    struct fft fft;
    double *window, *line[BANDWIDTH_CHANNELS], *frames, *bin, *power;
    double *sum;    /* a bin: of power */
    double *level;  /* a band, of the frame at hand: dB */
    double *linear; /* a band: sum of medians */
    double *square; /* and of their squares */
    double *cliffs; /* a band: frames that break off behind it */
    int active;     /* frames that were looked at */
    void *memory;
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *b owns nothing. */
enum status bandwidth_prepare(struct bandwidth *b, double rate_hz, int nch);
void bandwidth_free(struct bandwidth *b);
void bandwidth_process(struct bandwidth *b, const double *const *in, int nframes);
struct bandwidth_finding bandwidth_find(const struct bandwidth *b);

#endif
