/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/level.h"

#include <string.h>

static const double both_sides[STEREO] = {1.0, 1.0};

enum status
level_prepare(struct level *l, double rate_hz, int ticks)
{
    memset(l, 0, sizeof *l);
    l->ticks = ticks;
    truepeak_meter_prepare(&l->truepeak);
    return kweight_prepare(&l->windows, rate_hz, both_sides, STEREO);
}

RT void
level_process(struct level *l, const double *const *in, int from, int nframes)
{
    truepeak_meter_process(&l->truepeak, (const double *const[]){in[0] + from, in[1] + from}, nframes);
    l->ticks += l->windows.ticked;
}

RT static struct truepeak_reading
larger(struct truepeak_reading a, struct truepeak_reading b)
{
    return (struct truepeak_reading){b.wave > a.wave ? b.wave : a.wave, b.itu > a.itu ? b.itu : a.itu};
}

RT void
level_take(struct level *l, struct truepeak_reading new[STEREO])
{
    for (int c = 0; c < STEREO; c++) {
        new[c] = truepeak_meter_take(&l->truepeak, c);
        l->slice[l->at][c] = larger(l->slice[l->at][c], new[c]);
    }
}

RT bool
level_slice_ends(const struct level *l)
{
    return l->windows.ticked && l->ticks >= LEVEL_SLICE_TICKS;
}

RT void
level_slice_next(struct level *l)
{
    l->at = (l->at + 1) % LEVEL_SLICES;
    memset(l->slice[l->at], 0, sizeof l->slice[l->at]);
    l->ticks = 0;
}

RT struct truepeak_reading
level_newest(const struct level *l, int channel)
{
    return truepeak_meter_recent(&l->truepeak, channel);
}

RT struct truepeak_reading
level_needle(const struct level *l, int channel)
{
    struct truepeak_reading most = level_newest(l, channel);

    for (int back = 0; back < LEVEL_HELD; back++)
        most = larger(most, l->slice[(l->at + LEVEL_SLICES - back) % LEVEL_SLICES][channel]);
    return most;
}

RT double
level_window(const struct level *l)
{
    double most = 0.0;

    for (int i = 0; i < LEVEL_SLICES; i++)
        for (int c = 0; c < STEREO; c++)
            most = l->slice[i][c].wave > most ? l->slice[i][c].wave : most;
    return most;
}
