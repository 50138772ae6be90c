/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dr: dynamic range as the TT meter tells it ("DR14"), crest factor, RMS.
 *
 * in       planar, nch channels, 1.0 is 0 dBFS; only read
 * dr       blocks of 3 s (132480 frames at 44.1 kHz, as the paper has it). Of each channel: RMS of the loudest fifth
 *          of its blocks, where a full-scale sine has 0 dB, against the second highest of all blocks' peaks. The
 *          whole is the mean over channels that have sound, and is read rounded. A last block that is cut short
 *          counts only where it is the only one
 * crest    highest sample against RMS (a sine: 3.01 dB) since the reset, of all frames
 * memory   flat: a histogram of 0.01 dB a channel, whose bins keep their exact energy
 * hostile  a channel's block that holds NaN, infinity or more than +80 dBFS is silence
 * bits     the same however the input is cut into blocks
 * cost     0.6 ns a frame of stereo (Sapphire Rapids)
 * sources  "Measuring DR", Algorithmix, v1.3, 2009
 */
#ifndef DSP_DR_H
#define DSP_DR_H

#include "dsp/squares.h"

enum { DR_CHANNELS = 8, DR_GROUPS = 110, DR_BINS = 100 /* a group of 1 dB, from -100 up */ };

struct dr_bin {
    double energy; /* sum of the mean squares that fell in here */
    uint32_t count;
};

struct dr_channel {
    struct dr_bin *bin; /* DR_GROUPS x DR_BINS */
    uint32_t group[DR_GROUPS];
    struct squares block; /* under way */
    double total;         /* squares of whole blocks */
    double peak[2];       /* of whole blocks: the highest, the second; linear */
};

struct dr {                    /* by value in its owner; fields are dr.c's business */
    int nch, block_frames, at; /* into the block under way */
    uint64_t blocks;
    struct dr_channel channel[DR_CHANNELS];
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *d owns nothing. */
enum status dr_prepare(struct dr *d, double rate_hz, int nch);
void dr_free(struct dr *d);

/* From here on callable in the process thread. */
RT void dr_reset(struct dr *d);
RT void dr_process(struct dr *d, const double *const *in, int nframes);
/* NAN: no sound. */
RT double dr_db(const struct dr *d, int channel);
RT double dr_overall_db(const struct dr *d); /* not rounded: llround() of it is the figure that is told */
RT double dr_crest_db(const struct dr *d, int channel);
RT double dr_rms_dbfs(const struct dr *d, int channel); /* a full-scale sine: -3.01 */

#endif
