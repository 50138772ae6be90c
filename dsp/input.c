/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/input.h"

#include "dsp/xmath.h"

#define NEAR 1e-9 /* of the factor: landing on the target is a jump of -180 dBFS at most */

enum status
input_prepare(struct input *in, double rate_hz)
{
    *in = (struct input){.fresh = true};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    for (int c = 0; c < STEREO; c++) {
        smooth_prepare(&in->gain[c], rate_hz, INPUT_SETTLE_MS, NEAR);
        smooth_jump(&in->gain[c], 1.0);
    }
    return OK;
}

void
input_free(struct input *in)
{
    (void)in;
}

/* Nothing here remembers sound; only the glides end. */
RT void
input_reset(struct input *in)
{
    for (int c = 0; c < STEREO; c++)
        smooth_jump(&in->gain[c], in->gain[c].target);
    in->fresh = true;
}

static double
channel_gain(const struct input_settings *s, int channel)
{
    double away = channel == 0 ? s->balance : -s->balance; /* %, towards the other side */
    int turned = channel == 0 ? POLARITY_LEFT : POLARITY_RIGHT;
    double gain = db_to_gain(s->trim_db) * (1.0 - fmin(fmax(away, 0.0), 100.0) / 100.0);

    return s->polarity == turned || s->polarity == POLARITY_BOTH ? -gain : gain;
}

RT void
input_set(struct input *in, const struct input_settings *s)
{
    for (int c = 0; c < STEREO; c++) {
        double gain = channel_gain(s, c);

        if (in->fresh)
            smooth_jump(&in->gain[c], gain);
        else
            smooth_to(&in->gain[c], gain);
    }
    in->fresh = false;
}

static void
process_channel(struct smooth *gain, double *io, int nframes)
{
    int i = 0;

    for (; i < nframes && gain->moving; i++)
        io[i] *= smooth_next(gain);
    if (gain->target == 1.0)
        return;
    for (; i < nframes; i++)
        io[i] *= gain->target;
}

RT void
input_process(struct input *in, double *const *io, int nframes)
{
    for (int c = 0; c < STEREO; c++)
        process_channel(&in->gain[c], io[c], nframes);
}

RT int
input_latency_frames(const struct input *in)
{
    (void)in;
    return 0;
}
