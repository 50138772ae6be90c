/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A place (a, b) wants a contender; a voice plays one. Three voices are enough for two places: one may be on its way
 * out, heard, while both places get new ones. Everything is decided between spans (step), and no span goes over a
 * frame at which something could be decided.
 */
#include "engine/compare.h"

#include "dsp/xmath.h"

#include <stdlib.h>
#include <string.h>

enum { SWITCH_MS = 20 };

static const double stereo_weights[STEREO] = {1.0, 1.0};

static enum status
buffers_prepare(struct compare *c)
{
    double **pair[] = {c->input, c->other, c->out};

    c->buffer = calloc(LEN(pair) * STEREO * RACK_BLOCK, sizeof *c->buffer);
    if (!c->buffer)
        return NO_MEM;
    for (size_t i = 0; i < LEN(pair); i++)
        for (int k = 0; k < STEREO; k++)
            pair[i][k] = c->buffer + (i * STEREO + (size_t)k) * RACK_BLOCK;
    return OK;
}

enum status
compare_prepare(struct compare *c, double rate_hz)
{
    enum status s = rate_ok(rate_hz) ? OK : BAD_ARG;

    *c = (struct compare){.rate_hz = rate_hz};
    for (int i = 0; i < COMPARE_VOICES && s == OK; i++)
        s = voice_prepare(&c->voice[i], rate_hz);
    for (int i = 0; i < COMPARE_PLACES && s == OK; i++)
        s = publish_prepare(&c->offers[i], sizeof(struct compare_offer));
    for (int i = 0; i < COMPARE_PLACES && s == OK; i++)
        s = kweight_prepare(&c->weight[i], rate_hz, stereo_weights, STEREO);
    if (s == OK)
        s = buffers_prepare(c);
    if (s != OK) {
        compare_free(c);
        return s;
    }
    fade_prepare(&c->over, rate_hz, SWITCH_MS);
    fade_prepare(&c->dip, rate_hz, SWITCH_MS);
    fade_jump(&c->dip, true);
    c->x = COMPARE_SEEN;
    compare_begin(c, &(struct compare_settings){0});
    return OK;
}

void
compare_free(struct compare *c)
{
    for (int i = 0; i < COMPARE_VOICES; i++)
        voice_free(&c->voice[i]);
    for (int i = 0; i < COMPARE_PLACES; i++)
        publish_free(&c->offers[i]);
    free(c->buffer);
    *c = (struct compare){0};
}

void
compare_offer(struct compare *c, enum compare_place place, const struct compare_offer *offer)
{
    publish_write(&c->offers[place], offer);
}

/* --- who is wanted ------------------------------------------------------------------------------------ */

struct want {
    int which;
    uint32_t number;
    bool there;
    const struct settings *settings; /* NULL: it has none */
};

RT static struct want
wanted(const struct compare *c, int place)
{
    const struct compare_offer *o = &c->offer[place];
    struct want w = {.which = place == COMPARE_A ? c->settings.a : c->settings.b, .there = true};

    if (contender_is_set(w.which)) {
        w.there = o->there && o->which == w.which;
        w.number = o->number;
        w.settings = &o->settings;
    } else if (w.which >= CONTENDER_REFERENCE) {
        const struct compare_reference *r = &c->reference[w.which - CONTENDER_REFERENCE];

        w.there = r->there;
        w.number = r->number;
    }
    return w;
}

RT static bool
is_audible(const struct compare *c, int voice)
{
    return voice == c->heard || (fade_moving(&c->over) && voice == c->next);
}

/* One that nobody hears, and no place counts on; NOBODY: soon, when the fade is over. */
RT static int
spare(const struct compare *c)
{
    for (int i = 0; i < COMPARE_VOICES; i++)
        if (!is_audible(c, i) && i != c->of[COMPARE_A] && i != c->of[COMPARE_B])
            return i;
    return COMPARE_NOBODY;
}

/* One after the other. */
RT static int
wakes_frames(const struct compare *c)
{
    int most = 0, n;

    for (int i = 0; i < COMPARE_VOICES; i++)
        if ((n = voice_wakes_frames(&c->voice[i])) > most)
            most = n;
    return most;
}

RT static void
assign(struct compare *c, int place)
{
    struct want w = wanted(c, place);
    int wait;

    if (w.there && c->of[place] != COMPARE_NOBODY && voice_is(&c->voice[c->of[place]], w.which, w.number))
        return;
    c->of[place] = COMPARE_NOBODY;
    if (!w.there)
        return;
    c->of[place] = spare(c);
    if (c->of[place] == COMPARE_NOBODY)
        return;
    voice_end(&c->voice[c->of[place]]);
    wait = wakes_frames(c);
    voice_begin(&c->voice[c->of[place]], w.which, w.number, w.settings);
    voice_wait(&c->voice[c->of[place]], wait);
    c->begun++;
}

/* --- loudness ----------------------------------------------------------------------------------------- */

RT static double
loudness(const struct compare *c, int place)
{
    const struct voice *v = &c->voice[c->of[place]];

    return v->which >= CONTENDER_REFERENCE ? c->reference[v->which - CONTENDER_REFERENCE].lufs
                                           : recent_lufs(&c->recent, place, c->settings.window_s);
}

/* The louder one by the difference, never up. */
RT static void
set_gains(struct compare *c)
{
    for (int i = 0; i < COMPARE_PLACES && c->paired; i++) {
        double more = i == COMPARE_A ? -c->latest.offset_lu : c->latest.offset_lu; /* LU over the other */
        double gain = c->settings.match && more > 0.0 ? db_to_gain(-more) : 1.0;

        (is_audible(c, c->of[i]) ? smooth_to : smooth_jump)(&c->voice[c->of[i]].gain, gain);
    }
}

RT static void
weigh(struct compare *c)
{
    double a = loudness(c, COMPARE_A), b = loudness(c, COMPARE_B);

    c->latest.measured_s = recent_measured_s(&c->recent, c->settings.window_s);
    if (a > LOUDNESS_NONE_LUFS && b > LOUDNESS_NONE_LUFS) {
        c->latest.loudness_lufs[COMPARE_A] = a;
        c->latest.loudness_lufs[COMPARE_B] = b;
        c->latest.offset_lu = b - a;
        set_gains(c);
    }
    for (int i = 0; i < COMPARE_PLACES; i++)
        c->voice[c->of[i]].known = true;
}

/* New voices are measured from here on; what one of them was before says nothing. */
RT static void
pair(struct compare *c)
{
    bool ready = true;

    for (int i = 0; i < COMPARE_PLACES; i++)
        ready &= c->of[i] != COMPARE_NOBODY && c->voice[c->of[i]].state == VOICE_READY;
    if (ready && (!c->paired || c->paired_at != c->begun)) {
        for (int i = 0; i < COMPARE_PLACES; i++)
            kweight_reset(&c->weight[i]);
        recent_restart(&c->recent);
        c->paired_at = c->begun;
    }
    if (!ready || !c->paired)
        c->latest = (struct compare_readings){.loudness_lufs = {LOUDNESS_NONE_LUFS, LOUDNESS_NONE_LUFS}};
    c->paired = ready;
}

/* At most to the end of the tick under way. */
RT static void
measure(struct compare *c, int nframes)
{
    const double *const *a = (const double *const *)c->voice[c->of[COMPARE_A]].sound;
    const double *const *b = (const double *const *)c->voice[c->of[COMPARE_B]].sound;
    struct kweight *wa = &c->weight[COMPARE_A], *wb = &c->weight[COMPARE_B];

    kweight_process_two(wa, a, wb, b, 0, nframes);
    if (wa->ticked && recent_tick(&c->recent, wa, wb))
        weigh(c);
}

/* --- what is heard ------------------------------------------------------------------------------------ */

RT static int
listened(const struct compare *c)
{
    switch (c->settings.listen) {
    case COMPARE_LISTEN_A: return COMPARE_A;
    case COMPARE_LISTEN_B: return COMPARE_B;
    }
    return c->x == COMPARE_X_IS_B ? COMPARE_B : COMPARE_A;
}

/* Where to go; who is not ready yet is waited for. */
RT static int
destination(const struct compare *c)
{
    int place = listened(c), voice = c->of[place];
    bool measured = c->settings.match && wanted(c, !place).there; /* will it be? */

    if (!c->settings.on || !wanted(c, place).there)
        return COMPARE_MASTER;
    if (voice != COMPARE_NOBODY && c->voice[voice].state == VOICE_READY &&
        (c->voice[voice].known || !measured))
        return voice;
    return fade_moving(&c->over) ? c->next : c->heard;
}

/* At the bottom of a dip who is heard changes at once. */
RT static void
turn(struct compare *c)
{
    if (!fade_is(&c->dip, false))
        return;
    c->heard = destination(c);
    fade_jump(&c->over, false);
    c->dipping = false;
    fade_to(&c->dip, true);
}

RT static void
cross(struct compare *c)
{
    if (c->dipping && !fade_moving(&c->over))
        turn(c);
    if (fade_is(&c->over, true)) {
        c->heard = c->next;
        fade_jump(&c->over, false);
    }
    if (c->dipping || fade_moving(&c->over) || destination(c) == c->heard)
        return;
    c->next = destination(c);
    fade_to(&c->over, true);
}

/* All as late as the latest. */
RT static void
align(struct compare *c, int master_latency)
{
    int latest = master_latency;

    for (int i = 0; i < COMPARE_PLACES; i++) {
        struct voice *v = &c->voice[c->of[i] == COMPARE_NOBODY ? 0 : c->of[i]];

        if (c->of[i] == COMPARE_NOBODY)
            continue;
        if (v->which == CONTENDER_NOW)
            v->latency = master_latency;
        if (v->state >= VOICE_WARMING && v->latency > latest)
            latest = v->latency;
    }
    for (int i = 0; i < COMPARE_PLACES; i++)
        if (c->of[i] != COMPARE_NOBODY) {
            struct voice *v = &c->voice[c->of[i]];

            voice_delay(v, c->settings.align ? latest - v->latency : 0);
        }
}

RT static void
step(struct compare *c, int master_latency)
{
    for (int i = 0; i < COMPARE_PLACES && c->settings.on; i++)
        assign(c, i);
    align(c, master_latency);
    pair(c);
    cross(c);
    for (int i = 0; i < COMPARE_VOICES; i++)
        if (!is_audible(c, i) && i != c->of[COMPARE_A] && i != c->of[COMPARE_B])
            voice_end(&c->voice[i]);
}

/* --- the header's functions --------------------------------------------------------------------------- */

RT static void
stop(struct compare *c)
{
    for (int i = 0; i < COMPARE_VOICES; i++)
        voice_end(&c->voice[i]);
    c->of[COMPARE_A] = c->of[COMPARE_B] = COMPARE_NOBODY;
    c->paired = false;
    c->settling = 0;
}

void
compare_begin(struct compare *c, const struct compare_settings *s)
{
    stop(c);
    c->heard = COMPARE_MASTER;
    c->x = COMPARE_SEEN;
    c->dipping = false;
    fade_jump(&c->over, false);
    fade_jump(&c->dip, true);
    c->settings = *s;
}

void
compare_set(struct compare *c, const struct compare_settings *s)
{
    bool match = s->match != c->settings.match;

    if (c->x != COMPARE_SEEN && s->listen != c->settings.listen && compare_runs(c)) {
        c->dipping = true;
        fade_to(&c->dip, false);
    }
    c->settings = *s;
    if (!compare_runs(c))
        stop(c); /* what was on its way would go on with a hole in it */
    if (match)
        set_gains(c);
}

void
compare_take(struct compare *c, enum compare_place place)
{
    c->offer[place] = *(const struct compare_offer *)publish_read(&c->offers[place]);
}

void
compare_reference(struct compare *c, int track, bool there, double lufs)
{
    struct compare_reference *r = &c->reference[track];

    *r = (struct compare_reference){.there = there, .number = r->number + 1, .lufs = lufs};
}

void
compare_blind(struct compare *c, enum compare_x x)
{
    c->x = x;
}

void
compare_moved(struct compare *c, int frames)
{
    if (!compare_runs(c) || (c->settings.a != CONTENDER_NOW && c->settings.b != CONTENDER_NOW))
        return;
    if (!c->settling)
        recent_restart(&c->recent);
    c->settling = frames > 0 ? frames : 1;
}

bool
compare_runs(const struct compare *c)
{
    return c->settings.on || c->heard != COMPARE_MASTER || !fade_is(&c->over, false) ||
           !fade_is(&c->dip, true);
}

bool
compare_is_keyed(const struct compare *c)
{
    bool keyed = false;

    for (int i = 0; i < COMPARE_VOICES; i++)
        keyed |= c->voice[i].state != VOICE_FREE && c->voice[i].keyed;
    return keyed;
}

bool
compare_hears_reference(const struct compare *c, int track)
{
    const int which = CONTENDER_REFERENCE + track;
    bool hears = c->settings.on && (c->settings.a == which || c->settings.b == which);

    for (int i = 0; i < COMPARE_VOICES; i++)
        hears |= c->voice[i].state != VOICE_FREE && c->voice[i].which == which;
    return hears;
}

RT static void
copy(double *const *to, const double *const *from, int nframes)
{
    for (int k = 0; k < STEREO; k++)
        memcpy(to[k], from[k], sizeof **to * (size_t)nframes);
}

void
compare_input(struct compare *c, const double *const *in, int nframes)
{
    copy(c->input, in, nframes);
}

RT static int
span(const struct compare *c, int nframes)
{
    int n = nframes, left = fade_left(&c->over);

    if (left && left < n)
        n = left;
    left = fade_left(&c->dip);
    if (left && left < n)
        n = left;
    for (int i = 0; i < COMPARE_VOICES; i++)
        if (c->voice[i].state != VOICE_FREE)
            n = voice_span(&c->voice[i], n);
    if (c->settling && c->settling < n)
        n = c->settling;
    if (c->paired && c->weight[0].left < n)
        n = c->weight[0].left;
    return n;
}

RT static void
play(struct compare *c, int who, const double *const *heard, double *const *to, int nframes)
{
    if (who == COMPARE_MASTER)
        copy(to, heard, nframes);
    else
        voice_play(&c->voice[who], to, nframes);
}

RT static void
mix(struct compare *c, const double *const *heard, double *const *out, int nframes)
{
    bool fading = fade_moving(&c->over);

    play(c, c->heard, heard, out, nframes);
    if (!fading)
        return;
    play(c, c->next, heard, c->other, nframes);
    fade_mix(&c->over, c->other, (const double *const *)out, nframes);
    copy(out, (const double *const *)c->other, nframes);
}

RT static void
dip(struct compare *c, double *const *out, int nframes)
{
    if (fade_is(&c->dip, true))
        return;
    for (int i = 0; i < nframes; i++) {
        double v = fade_next(&c->dip);

        for (int k = 0; k < STEREO; k++)
            out[k][i] *= v;
    }
}

/* Of the sound's pairs, from frame `at` on. */
RT static void
shift(const double *to[STEREO], const double *const *from, int at)
{
    for (int k = 0; k < STEREO; k++)
        to[k] = from[0] ? from[k] + at : NULL;
}

RT static void
span_process(struct compare *c, const struct compare_sound *sound, int at, int nframes)
{
    double *const out[STEREO] = {c->out[0] + at, c->out[1] + at};
    struct voice_sources from = {.input = {c->input[0] + at, c->input[1] + at}};
    const double *heard[STEREO];

    shift(heard, sound->heard, at);
    shift(from.master, sound->master, at);
    shift(from.key, sound->key, at);
    for (int i = 0; i < COMPARE_REFERENCES; i++)
        shift(from.reference[i], sound->reference[i], at);
    for (int i = 0; i < COMPARE_VOICES; i++)
        voice_process(&c->voice[i], &from, nframes);
    mix(c, heard, out, nframes);
    dip(c, out, nframes);
    if (c->paired)
        measure(c, nframes);
    for (int i = 0; i < COMPARE_VOICES; i++)
        voice_advance(&c->voice[i], nframes);
    if (c->settling && (c->settling -= nframes) == 0)
        recent_restart(&c->recent);
}

bool
compare_process(struct compare *c, const struct compare_sound *sound, int nframes)
{
    bool ran = compare_runs(c);

    for (int done = 0, n; done < nframes && ran; done += n) {
        step(c, sound->latency);
        n = span(c, nframes - done);
        span_process(c, sound, done, n);
    }
    if (ran && !c->settings.on && c->next == COMPARE_MASTER && fade_is(&c->over, true)) {
        c->heard = COMPARE_MASTER;
        fade_jump(&c->over, false);
    }
    if (ran && !compare_runs(c))
        stop(c);
    return ran;
}

void
compare_read(const struct compare *c, struct compare_readings *r)
{
    if (!compare_runs(c)) {
        *r = (struct compare_readings){.loudness_lufs = {LOUDNESS_NONE_LUFS, LOUDNESS_NONE_LUFS}};
        return;
    }
    *r = c->latest;
    for (int i = 0; i < COMPARE_PLACES; i++) {
        const struct voice *v = c->of[i] == COMPARE_NOBODY ? NULL : &c->voice[c->of[i]];

        r->gain_db[i] = v ? gain_to_db(smooth_target(&v->gain)) : 0.0; /* a glide would tell who is heard */
        r->delay_frames[i] = v ? v->delay : 0;
        r->state[i] = !wanted(c, i).there                                                ? COMPARE_MISSING
                      : v && v->state == VOICE_READY && (v->known || !c->settings.match) ? COMPARE_READY
                                                                                         : COMPARE_WARMING;
    }
}
