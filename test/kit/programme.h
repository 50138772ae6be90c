/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * programme: computed sounds of every kind that a master may hold and that nothing is wrong with: none of them starts or
 * ends hard, clips, clicks or stops.
 */
#ifndef TEST_KIT_PROGRAMME_H
#define TEST_KIT_PROGRAMME_H

struct programme {
    const char *name;
    void (*make)(double *x, int nframes, double rate_hz, int channel);
};

/* Ends with a NULL name. */
extern const struct programme programmes[];

/* Faded in and out over 20 ms, highest sample at peak_dbfs. */
void programme_make(const struct programme *p, double *x, int nframes, double rate_hz, int channel,
                    double peak_dbfs);
/* To so many bits, with or without TPDF dither. */
void programme_round(double *x, int nframes, int bits, int dither);

#endif
