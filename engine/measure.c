/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/measure.h"

#include "dsp/xmath.h"

#include <string.h>

#define PSR_FLOOR_LUFS (-50.0) /* below it a ratio says nothing about dynamics (our choice) */

/* --- who measures --------------------------------------------------------------------------------- */

RT static bool
is_track(int which)
{
    return which == MEASURED_TRACK || which == MEASURED_ALBUM;
}

RT static bool
runs(const struct measure *m, int which)
{
    return m->run && (m->sounds || !is_track(which));
}

RT static void
keep(struct truepeak_reading *most, struct truepeak_reading new)
{
    most->wave = new.wave > most->wave ? new.wave : most->wave;
    most->itu = new.itu > most->itu ? new.itu : most->itu;
}

/* What the detectors have found so far goes to those who measured when it was played. */
RT static void
settle(struct measure *m)
{
    struct truepeak_reading in[STEREO], out[STEREO];

    level_take(&m->input, in);
    level_take(&m->output, out);
    for (int i = 0; i < MEASURES; i++)
        for (int c = 0; c < STEREO && m->peaks[i].runs; c++)
            keep(&m->most[i][c], i == MEASURED_INPUT ? in[c] : out[c]);
}

/* What was decided reaches the peaks. */
RT static void
land(struct measure *m)
{
    settle(m);
    m->landing = 0;
    for (int i = 0; i < MEASURES; i++) {
        if (m->peaks[i].restarts)
            memset(m->most[i], 0, sizeof m->most[i]);
        m->peaks[i] = (struct measure_peaks){.runs = runs(m, i)};
    }
}

/* Who runs is about to change, or to begin anew: not for the sound that the detectors are still late with. */
RT static void
take_off(struct measure *m)
{
    if (m->landing)
        land(m);
    m->landing = TRUEPEAK_METER_DELAY;
}

RT static void
restart(struct measure *m, int which)
{
    programme_restart(&m->programme[which]);
    m->peaks[which].restarts = true;
}

RT static void
decide(struct measure *m)
{
    for (int i = 0; i < MEASURES; i++)
        programme_run(&m->programme[i], runs(m, i));
}

/* --- the header's functions --- */

enum status
measure_prepare(struct measure *m, double rate_hz)
{
    enum status status;

    memset(m, 0, sizeof *m);
    status = level_prepare(&m->input, rate_hz, LEVEL_SLICE_TICKS / 2);
    if (status == OK)
        status = level_prepare(&m->output, rate_hz, 0);
    for (int i = 0; i < MEASURES && status == OK; i++)
        status = programme_prepare(&m->programme[i]);
    if (status != OK) {
        measure_free(m);
        return status;
    }
    for (int i = 0; i < MEASURES; i++)
        m->seen[i].integrated_lufs = LOUDNESS_NONE_LUFS;
    m->track = -1;
    m->run = true;
    land(m);
    decide(m);
    return OK;
}

void
measure_free(struct measure *m)
{
    for (int i = 0; i < MEASURES; i++)
        programme_free(&m->programme[i]);
    memset(m, 0, sizeof *m);
}

RT void
measure_reset(struct measure *m)
{
    take_off(m);
    kweight_align(&m->input.windows);
    kweight_align(&m->output.windows);
    restart(m, MEASURED_INPUT);
    restart(m, MEASURED_OUTPUT);
    m->psr_min_lu = 0.0;
    m->slices = 0;
}

RT void
measure_reset_album(struct measure *m)
{
    take_off(m);
    restart(m, MEASURED_ALBUM);
}

RT void
measure_run(struct measure *m, bool on)
{
    take_off(m);
    m->slices = on == m->run ? m->slices : 0;
    m->run = on;
    decide(m);
}

/* --- tracks --------------------------------------------------------------------------------------- */

RT static void
take_mark(struct measure *m)
{
    const struct measure_mark *k = &m->mark[m->marks_out++ % MEASURE_MARKS];

    take_off(m);
    if (k->begins && (k->anew || k->track != m->track))
        restart(m, MEASURED_TRACK);
    if (k->begins)
        m->track = k->track;
    m->sounds = k->begins;
    decide(m);
}

/* When too many wait, the oldest takes effect early. */
RT static void
put_mark(struct measure *m, struct measure_mark k)
{
    if (m->marks_in - m->marks_out == MEASURE_MARKS)
        take_mark(m);
    m->mark[m->marks_in++ % MEASURE_MARKS] = k;
}

RT void
measure_begin(struct measure *m, uint64_t frame, int track, bool anew)
{
    put_mark(m, (struct measure_mark){.frame = frame, .begins = true, .anew = anew, .track = track});
}

RT void
measure_end(struct measure *m, uint64_t frame)
{
    put_mark(m, (struct measure_mark){.frame = frame});
}

/* Frames until the next mark is due or the last one lands, at most nframes. */
RT static int
before_mark(const struct measure *m, int nframes)
{
    const struct measure_mark *k = &m->mark[m->marks_out % MEASURE_MARKS];

    if (m->marks_in != m->marks_out && k->frame < m->frame + (uint64_t)nframes)
        nframes = k->frame > m->frame ? (int)(k->frame - m->frame) : 0;
    return m->landing && m->landing < nframes ? m->landing : nframes;
}

/* --- the sound ------------------------------------------------------------------------------------ */

RT static void
compare(struct measure *m)
{
    double loud = kweight_short_term_lufs(&m->output.windows);

    m->psr_lu = loud < PSR_FLOOR_LUFS ? 0.0 : gain_to_db(level_window(&m->output)) - loud;
    if (m->slices < LEVEL_SLICES)
        m->slices += m->run;
    if (m->slices == LEVEL_SLICES && m->run && m->psr_lu != 0.0 &&
        (m->psr_min_lu == 0.0 || m->psr_lu < m->psr_min_lu))
        m->psr_min_lu = m->psr_lu;
}

RT static void
slice_end(struct measure *m, struct level *l)
{
    bool input = l == &m->input;
    struct truepeak_reading new[STEREO];

    level_take(l, new);
    for (int i = 0; i < MEASURES; i++)
        for (int c = 0; c < STEREO && input == (i == MEASURED_INPUT) && m->peaks[i].runs; c++)
            keep(&m->most[i][c], new[c]);
    if (!input)
        compare(m);
    level_slice_next(l);
}

/* To the tick's end at most; returns how many frames. */
RT static int
hear(struct measure *m, const double *const *in, const double *const *out, int from, int nframes)
{
    int n = kweight_process_two(&m->input.windows, in, &m->output.windows, out, from, nframes);

    level_process(&m->input, in, from, n);
    level_process(&m->output, out, from, n);
    for (int i = 0; i < MEASURES && m->output.windows.ticked; i++)
        programme_tick(&m->programme[i], i == MEASURED_INPUT ? &m->input.windows : &m->output.windows);
    if (level_slice_ends(&m->input))
        slice_end(m, &m->input);
    if (level_slice_ends(&m->output))
        slice_end(m, &m->output);
    return n;
}

RT void
measure_process(struct measure *m, const double *const *in, const double *const *out, int nframes)
{
    for (int done = 0; done < nframes;) {
        int n = before_mark(m, nframes - done);
        bool was_landing = m->landing > 0;

        if (n == 0) {
            take_mark(m);
            continue;
        }
        n = hear(m, in, out, done, n);
        done += n;
        m->frame += (uint64_t)n;
        m->landing -= m->landing ? n : 0;
        if (was_landing && !m->landing)
            land(m);
    }
}

/* --- readings ------------------------------------------------------------------------------------- */

RT void
measure_look(struct measure *m)
{
    for (int tried = 0; tried < MEASURES; tried++) {
        struct measure_seen *seen = &m->seen[m->look];
        const struct programme *p = &m->programme[m->look];
        bool changed = programme_changes(p) != seen->changes;

        m->look = (m->look + 1) % MEASURES;
        if (!changed)
            continue;
        *seen =
            (struct measure_seen){programme_changes(p), programme_integrated_lufs(p), programme_range_lu(p)};
        return;
    }
}

RT struct measure_reading
measure_read(const struct measure *m, enum measured which)
{
    const struct programme *p = &m->programme[which];
    struct measure_reading r = {
        .integrated_lufs = m->seen[which].integrated_lufs,
        .range_lu = m->seen[which].range_lu,
        .max_momentary_lufs = programme_max_momentary_lufs(p),
        .max_short_term_lufs = programme_max_short_term_lufs(p),
        .measured_s = programme_measured_s(p),
    };

    for (int c = 0; c < STEREO; c++) {
        r.most[c] = m->most[which][c];
        if (m->peaks[which].runs)
            keep(&r.most[c], level_newest(which == MEASURED_INPUT ? &m->input : &m->output, c));
    }
    return r;
}

RT double
measure_psr_lu(const struct measure *m)
{
    return m->psr_lu;
}

RT double
measure_psr_min_lu(const struct measure *m)
{
    return m->psr_min_lu;
}

RT double
measure_plr_lu(const struct measure *m)
{
    struct measure_reading r = measure_read(m, MEASURED_OUTPUT);
    double most = r.most[0].wave > r.most[1].wave ? r.most[0].wave : r.most[1].wave;

    return r.integrated_lufs > LOUDNESS_NONE_LUFS ? gain_to_db(most) - r.integrated_lufs : 0.0;
}
