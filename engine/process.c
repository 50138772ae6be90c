/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A period is cut where an event is due and at most every CHAIN_BLOCK frames.
 * Nothing that is heard depends on those cuts: each stage counts its own
 * frames. Only the moments at which events, disk data and readings cross the
 * threads depend on the period, and each such moment is told in a notice.
 */
#include "engine/process.h"

#include "engine/clock.h"
#include "engine/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)TAP_BLOCK >= (int)CHAIN_BLOCK, "a span fits the tap");
_Static_assert((int)REFERENCES_BLOCK >= (int)CHAIN_BLOCK, "a span fits the references");
_Static_assert((int)REFERENCES == (int)COMPARE_REFERENCES, "each can be compared");

enum { SOURCE_MS = 20, OUTPUTS_MS = 30, GAP_MS = 100, READINGS_MS = 10, SLOW_READINGS = 10 };

#define NO_FRAME UINT64_MAX

static enum status
buffers_prepare(struct process *p)
{
    double **pair[] = {p->io, p->live, p->key, p->solo, p->heard, p->set_a, p->set_b};

    p->moved_at = calloc((size_t)params_count(), sizeof *p->moved_at);
    p->buffer = aligned_alloc(64, sizeof(double) * CHAIN_BLOCK * STEREO * LEN(pair));
    if (!p->buffer || !p->moved_at)
        return NO_MEM;
    memset(p->moved_at, 0, sizeof *p->moved_at * (size_t)params_count());
    memset(p->buffer, 0, sizeof(double) * CHAIN_BLOCK * STEREO * LEN(pair));
    for (size_t i = 0; i < LEN(pair); i++)
        for (int c = 0; c < STEREO; c++)
            pair[i][c] = p->buffer + (i * STEREO + (size_t)c) * CHAIN_BLOCK;
    return OK;
}

struct settings
settings_of(const double *values)
{
    struct settings s;

    memset(&s, 0, sizeof s);
    for (int i = 0; i < params_count(); i++)
        if (param_at(i)->owner == OWNER_CHAIN || param_at(i)->owner == OWNER_MONITOR)
            param_store(param_at(i), &s, values ? values[i] : param_at(i)->def);
    return s;
}

enum status
process_prepare(struct process *p, double rate_hz, struct player *player, struct recorder *recorder)
{
    struct settings s;
    enum status status;

    *p = (struct process){.rate_hz = rate_hz, .player = player, .recorder = recorder};
    status = chain_prepare(&p->chain, rate_hz);
    if (status == OK)
        status = meters_prepare(&p->meters, rate_hz);
    for (int k = 0; k < INSERTS && status == OK; k++)
        status = outboard_prepare(&p->outboard[k], rate_hz);
    if (status == OK)
        status = buffers_prepare(p);
    if (status == OK)
        status = agenda_prepare(&p->agenda, PROCESS_EVENTS);
    if (status == OK)
        status = ring_prepare(&p->events, sizeof(struct event), PROCESS_EVENTS);
    if (status == OK)
        status = ring_prepare(&p->notices, sizeof(struct notice), PROCESS_NOTICES);
    if (status == OK)
        status = publish_prepare(&p->readings, sizeof(struct readings));
    if (status == OK)
        status = publish_prepare(&p->tick, sizeof(struct process_tick));
    if (status == OK)
        status = publish_prepare(&p->map, sizeof(struct midimap_table));
    if (status == OK)
        status = midiport_prepare(&p->midi);
    if (status != OK) {
        process_free(p);
        return status;
    }
    monitor_prepare(&p->monitor, rate_hz);
    fade_prepare(&p->source, rate_hz, SOURCE_MS);
    fade_prepare(&p->outputs, rate_hz, OUTPUTS_MS);
    p->param_source = param_find("/transport/source");
    p->param_reset = param_find("/meter/reset");
    p->param_album = param_find("/meter/album/reset");
    p->param_run = param_find("/meter/run");
    p->param_ping[0] = param_find("/insert/1/ping");
    p->param_ping[1] = param_find("/insert/2/ping");
    s = settings_of(NULL);
    process_begin(p, &s, true);
    return OK;
}

void
process_free(struct process *p)
{
    chain_free(&p->chain);
    for (int k = 0; k < INSERTS; k++)
        outboard_free(&p->outboard[k]);
    meters_free(&p->meters);
    ring_free(&p->events);
    ring_free(&p->notices);
    publish_free(&p->readings);
    publish_free(&p->tick);
    publish_free(&p->map);
    midiport_free(&p->midi);
    free(p->moved_at);
    agenda_free(&p->agenda);
    free(p->buffer);
    *p = (struct process){0};
}

RT static void
fade_in(struct process *p)
{
    fade_jump(&p->outputs, false);
    fade_to(&p->outputs, true);
}

void
process_begin(struct process *p, const struct settings *s, bool from_player)
{
    p->settings = *s;
    chain_reset(&p->chain);
    chain_set(&p->chain, &p->settings, SETTINGS_ALL);
    monitor_reset(&p->monitor);
    monitor_set(&p->monitor, &p->settings.monitor);
    if (p->compare)
        compare_begin(p->compare, &s->compare);
    publish_count_set(&p->latency, (uint64_t)p->chain.latency);
    fade_jump(&p->source, from_player);
    measure_run(&p->meters.measure, s->meter.run);
    if (!from_player)
        measure_begin(&p->meters.measure, p->frame, MEASURE_LIVE, true);
    fade_in(p);
}

bool
process_send(struct process *p, const struct event *e)
{
    return ring_write(&p->events, e, 1) == 1;
}

bool
process_notice(struct process *p, struct notice *n)
{
    return ring_read(&p->notices, n, 1) == 1;
}

void
process_map(struct process *p, const struct midimap *map, uint32_t hand)
{
    struct midimap_table t;

    midimap_index(&t, map, hand);
    publish_write(&p->map, &t);
}

/* Room is kept for it: see apply_due. */
RT static void
tell(struct process *p, struct notice n)
{
    ring_write(&p->notices, &n, 1);
}

/* --- events --------------------------------------------------------------------------------------- */

RT static void
events_collect(struct process *p)
{
    struct event e;

    while (!agenda_full(&p->agenda) && ring_read(&p->events, &e, 1)) {
        if (e.frame == EVENT_NOW) {
            e.frame = p->frame;
        } else if (e.frame < p->frame) {
            e.frame = p->frame;
            p->late_events++;
        }
        agenda_put(&p->agenda, &e);
    }
}

/* A trigger that is not the chain's own; false: it is something else. */
RT static bool
apply_trigger(struct process *p, int param)
{
    for (int k = 0; k < INSERTS; k++)
        if (param == p->param_ping[k]) {
            outboard_ping(&p->outboard[k]);
            return true;
        }
    if (param == p->param_reset)
        meters_reset(&p->meters);
    else if (param == p->param_album)
        measure_reset_album(&p->meters.measure);
    return param == p->param_reset || param == p->param_album;
}

/* The frame of the output where what is heard now comes out. */
RT static uint64_t
heard_at(const struct process *p, uint64_t frame)
{
    return frame + (uint64_t)p->chain.latency;
}

/* For the meters the input is a track, and the player's track goes on when it is heard again. */
RT static void
set_source(struct process *p, bool player)
{
    int64_t position;
    bool playing = false;
    int track = -1;

    if (player == p->source.want)
        return;
    fade_to(&p->source, player);
    if (player && p->player)
        player_where(p->player, &track, &position, &playing);
    if (!player)
        measure_begin(&p->meters.measure, heard_at(p, p->frame), MEASURE_LIVE, true);
    else if (playing)
        measure_begin(&p->meters.measure, heard_at(p, p->frame), track, false);
    else
        measure_end(&p->meters.measure, heard_at(p, p->frame));
}

/* The monitors' settings have come, or the master will be another one. */
RT static void
tell_compare(struct process *p, const struct param *param)
{
    if (!p->compare)
        return;
    if (param->owner == OWNER_MONITOR)
        compare_set(p->compare, &p->settings.compare);
    else if (param->flags & PARAM_PRINTED)
        compare_moved(p->compare, chain_settle_frames(&p->chain));
}

/* As it came, and what became of it. */
RT static struct notice
notice_of(const struct process *p, const struct event *e)
{
    return (struct notice){.kind = NOTICE_SET,
                           .frame = p->frame,
                           .param = e->param,
                           .value = e->value,
                           .hand = e->hand,
                           .timed = e->timed,
                           .shown = e->shown,
                           .travels = e->travels,
                           .own = e->own};
}

/* A passage does not know yet that a hand has taken the row from it. */
RT static bool
is_overtaken(const struct process *p, const struct event *e)
{
    return e->travels && (int32_t)(e->heard - p->moved_at[e->param]) < 0;
}

RT static void
tell_void(struct process *p, const struct event *e)
{
    struct notice n = notice_of(p, e);

    n.off = true;
    n.value = param_load(param_at(e->param), &p->settings);
    tell(p, n);
}

RT static void
apply_set(struct process *p, const struct event *e)
{
    const struct param *param = param_at(e->param);

    if (is_overtaken(p, e)) {
        tell_void(p, e);
        return;
    }
    param_store(param, &p->settings, e->value);
    if (e->param == p->param_source)
        set_source(p, e->value == 0.0);
    else if (e->param == p->param_run)
        measure_run(&p->meters.measure, p->settings.meter.run);
    else if (apply_trigger(p, e->param))
        ;
    else if (param->owner == OWNER_MONITOR)
        monitor_set(&p->monitor, &p->settings.monitor);
    else
        chain_set(&p->chain, &p->settings, param->offset);
    tell_compare(p, param);
    tell(p, notice_of(p, e));
}

RT static void
print_start(struct process *p)
{
    p->printing = true;
    p->print_from = p->frame + (uint64_t)p->chain.latency;
    p->print_to = NO_FRAME;
    p->printed = 0;
    tell(p, (struct notice){.kind = NOTICE_PRINT_BEGAN, .frame = p->frame});
}

RT static void
print_stop(struct process *p, uint64_t frame)
{
    uint64_t to = frame + (uint64_t)p->chain.latency;

    if (p->printing && to < p->print_to) {
        p->print_to = to > p->frame ? to : p->frame;
        p->print_end = p->print_to - (uint64_t)p->chain.latency;
    }
}

/* Moves a row if the message is for one, and goes to control. */
RT static void
apply_midi(struct process *p, const uint8_t *bytes, size_t size, uint64_t frame)
{
    struct midimap_move move;
    enum midimap_did did = midimap_take(&p->mapped, bytes, size, &p->settings, &move);

    if (did == MIDIMAP_MOVES) {
        p->moved_at[move.param] = ++p->own;
        apply_set(p, &(struct event){.kind = EVENT_SET,
                                     .param = move.param,
                                     .value = move.value,
                                     .hand = p->mapped.table->hand,
                                     .own = true});
    }
    midiport_take(&p->midi, bytes, size, frame, did != MIDIMAP_NONE);
}

RT static void
apply(struct process *p, const struct event *e)
{
    switch (e->kind) {
    case EVENT_SET: apply_set(p, e); break;
    case EVENT_PLAY: player_play(p->player, e->generation); break;
    case EVENT_STOP: player_stop(p->player); break;
    case EVENT_PRINT_START: print_start(p); break;
    case EVENT_PRINT_STOP: print_stop(p, p->frame); break;
    case EVENT_OUTPUTS:
        fade_to(&p->outputs, e->value != 0.0);
        if (e->value == 0.0 && fade_is(&p->outputs, false))
            tell(p, (struct notice){.kind = NOTICE_SILENT, .frame = p->frame});
        break;
    case EVENT_CUED:
        p->cued_generation = e->generation;
        p->transport_cued = e->transport;
        p->transport_ready = true;
        break;
    case EVENT_CONTENDER:
        if (p->compare)
            compare_take(p->compare, (enum compare_place)e->param);
        break;
    case EVENT_BLIND:
        if (p->compare)
            compare_blind(p->compare, (enum compare_x)e->value);
        break;
    case EVENT_MIDI: apply_midi(p, e->midi, midimap_size(e->midi[0]), e->frame); break;
    }
}

/* What can't be told to control waits: a move that nobody hears of would be lost to the log. And so does what a flood
   brings beyond a run's share: the music goes on. */
RT static bool
may_move(struct process *p)
{
    return p->moves_left-- > 0 && ring_writable(&p->notices) > PROCESS_NOTICES_KEPT;
}

RT static void
apply_due(struct process *p)
{
    while (agenda_due(&p->agenda, p->frame) && may_move(p)) {
        struct event e = agenda_take(&p->agenda);

        apply(p, &e);
    }
}

/* --- midi_in -------------------------------------------------------------------------------------- */

/* Later ones must not overtake. */
RT static bool
midi_waits(struct process *p)
{
    return agenda_due(&p->agenda, p->frame) || !may_move(p);
}

RT static void
midi_defer(struct process *p, const struct process_midi *m)
{
    struct event e = {.kind = EVENT_MIDI, .frame = p->frame};

    memcpy(e.midi, m->bytes, m->size);
    if (!agenda_full(&p->agenda))
        agenda_put(&p->agenda, &e);
    else
        midiport_lose(&p->midi, 1);
}

/* Those up to this place in the period; spans end where one may move something, so that it is at its frame. */
RT static void
midi_due(struct process *p, const struct process_io *io, int at)
{
    while (p->midi_next < io->nmidi && io->midi[p->midi_next].offset <= at) {
        const struct process_midi *m = &io->midi[p->midi_next++];

        if (midimap_has(&p->mapped, m->bytes, m->size) && midi_waits(p))
            midi_defer(p, m);
        else
            apply_midi(p, m->bytes, m->size, p->midi_from + (uint64_t)m->offset);
    }
}

RT static void
midi_begin(struct process *p, const struct process_io *io, int nframes)
{
    p->midi_next = 0;
    p->midi_from = p->frame;
    midimap_change(&p->mapped, publish_read(&p->map));
    midiport_lose(&p->midi, io->midi_lost);
    if (io->midi_put)
        midiport_give(&p->midi, p->frame, nframes, io->midi_put, io->midi_out);
}

/* The frames from `at` to the next one that may move something. */
RT static int
midi_span(const struct process *p, const struct process_io *io, int at, int nframes)
{
    for (int i = p->midi_next; i < io->nmidi && io->midi[i].offset < at + nframes; i++)
        if (midimap_has(&p->mapped, io->midi[i].bytes, io->midi[i].size))
            return io->midi[i].offset - at;
    return nframes;
}

/* --- spans ---------------------------------------------------------------------------------------- */

RT static int
span_frames(const struct process *p, const struct process_io *io, int at, int left)
{
    return agenda_until(&p->agenda, p->frame, midi_span(p, io, at, left < CHAIN_BLOCK ? left : CHAIN_BLOCK));
}

/* --- JACK transport ------------------------------------------------------------------------------- */

bool
process_transport_ready(struct process *p, uint32_t transport_frame)
{
    if (p->transport_ready && p->transport_cued == transport_frame)
        return true;
    if (p->transport_asked != transport_frame + 1) { /* + 1: 0 is "nothing asked" */
        p->transport_asked = transport_frame + 1;
        p->transport_ready = false;
        tell(p, (struct notice){.kind = NOTICE_TRANSPORT, .frame = p->frame, .transport = transport_frame});
    }
    return false;
}

/* Rolls when the cue is there: at once when JACK waited for us, later when it lost patience. */
RT static void
transport_follow(struct process *p, const struct process_io *io)
{
    if (io->transport_rolling && p->transport_ready) {
        player_play(p->player, p->cued_generation);
        p->transport_ready = false;
    } else if (!io->transport_rolling && p->transport_rolling) {
        player_stop(p->player);
    }
    if (io->transport_rolling != p->transport_rolling)
        p->transport_asked = 0;
    p->transport_rolling = io->transport_rolling;
}

/* --- sound ---------------------------------------------------------------------------------------- */

RT static void
player_measure(struct process *p, const struct player_notice *n)
{
    uint64_t fade = n->faded ? (uint64_t)(p->rate_hz * PLAYER_FADE_MS / 1000) : 0;

    if (!p->source.want)
        return;
    if (n->kind == PLAYER_BEGAN)
        measure_begin(&p->meters.measure, heard_at(p, n->frame), n->track, n->position == 0);
    else if (n->kind == PLAYER_ENDED)
        measure_end(&p->meters.measure, heard_at(p, n->frame + fade));
}

RT static void
player_tell(struct process *p)
{
    struct player_notice n;

    while (player_notice(p->player, &n)) {
        player_measure(p, &n);
        if (p->references)
            references_transport(p->references, &n);
        tell(p, (struct notice){.kind = NOTICE_PLAYER, .frame = n.frame, .player = n});
        if (n.kind == PLAYER_FINISHED && p->print_with_list)
            print_stop(p, n.frame);
    }
}

/* From a port of ours, or silence where there is none. */
RT static void
port_read(struct process *p, const float *const *port, int at, double *const *to, int nframes)
{
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < nframes; i++) {
            double x = port[c] ? port[c][at + i] : 0.0;

            if (!isfinite(x)) {
                p->bad_samples++;
                x = 0.0;
            }
            to[c][i] = x;
        }
}

RT static void
source_read(struct process *p, const struct process_io *io, int at, int nframes)
{
    int64_t then = clock_ns();

    if (p->player) {
        player_process(p->player, p->io, nframes, p->frame);
        player_tell(p);
    } else {
        for (int c = 0; c < STEREO; c++)
            memset(p->io[c], 0, sizeof(double) * (size_t)nframes);
    }
    p->player_ns += clock_ns() - then;
    if (fade_is(&p->source, true))
        return;
    port_read(p, io->in, at, p->live, nframes);
    for (int i = 0; i < nframes; i++) {
        double v = fade_next(&p->source);

        for (int c = 0; c < STEREO; c++)
            if (v < 1.0) /* at rest to the bit, wherever a span ends */
                p->io[c][i] = v == 0.0 ? p->live[c][i] : p->live[c][i] + v * (p->io[c][i] - p->live[c][i]);
    }
}

RT static void
print(struct process *p, int nframes)
{
    uint64_t from = p->print_from > p->frame ? p->print_from - p->frame : 0;
    uint64_t to = p->print_to - p->frame < (uint64_t)nframes ? p->print_to - p->frame : (uint64_t)nframes;
    const double *at[STEREO] = {p->io[0] + from, p->io[1] + from};
    uint64_t latency = (uint64_t)p->chain.latency;

    if (!p->printing)
        return;
    if (from < to) {
        int n = recorder_write(p->recorder, at, (int)(to - from));

        p->printed += (uint64_t)n;
        if (n < (int)(to - from)) {
            p->printing = false;
            tell(p, (struct notice){.kind = NOTICE_PRINT_HOLE,
                                    .frame = p->frame + from + (uint64_t)n - latency});
            return;
        }
    }
    if (p->print_to <= p->frame + (uint64_t)nframes) {
        p->printing = false;
        tell(p, (struct notice){.kind = NOTICE_PRINT_ENDED, .frame = p->print_end});
    }
}

/* To the loudspeakers: no NaN, no step at start and end. */
RT static void
guard(struct process *p, double *const *x, float *const *out, struct fade f, int at, int nframes)
{
    if (!out[0])
        return;
    for (int i = 0; i < nframes; i++) {
        double gain = fade_next(&f);

        for (int c = 0; c < STEREO; c++) {
            float y = (float)(x[c][i] * gain); /* infinite, too, where a float ends */

            if (!isfinite(y)) {
                p->bad_samples++;
                y = 0.0f;
            }
            out[c][at + i] = y;
        }
    }
}

/* heard: what the monitors play. */
RT static void
outputs_write(struct process *p, const struct process_io *io, const double *const *heard, int at, int nframes)
{
    struct fade before = p->outputs;
    bool silent = fade_is(&p->outputs, false);

    for (int c = 0; c < STEREO; c++)
        if (io->tap[c])
            memcpy(io->tap[c] + at, p->io[c], sizeof(double) * (size_t)nframes);
    guard(p, p->io, io->master, before, at, nframes);
    if (io->monitor_a[0]) {
        monitor_process(&p->monitor, heard, p->heard, nframes);
        monitor_speakers(&p->monitor, (const double *const *)p->heard, p->set_a, p->set_b, nframes);
        guard(p, p->set_a, io->monitor_a, before, at, nframes);
        guard(p, p->set_b, io->monitor_b, before, at, nframes);
        guard(p, p->heard, io->phones, before, at, nframes);
    }
    for (int i = 0; i < nframes; i++)
        fade_next(&p->outputs);
    if (!silent && fade_is(&p->outputs, false))
        tell(p, (struct notice){.kind = NOTICE_SILENT, .frame = p->frame});
}

RT static void
outboards_process(struct process *p, const struct chain_sound *sound, int nframes)
{
    for (int k = 0; k < INSERTS && sound->send[k][0]; k++) {
        enum outboard_news news = outboard_process(&p->outboard[k], sound->send[k], sound->ret[k],
                                                   p->settings.insert[k].on, nframes);

        if (news != OUTBOARD_NOTHING)
            tell(p, (struct notice){.kind = NOTICE_OUTBOARD,
                                    .frame = p->frame,
                                    .param = k,
                                    .value = news == OUTBOARD_PINGED});
    }
}

/* Does anything run behind the tap for the monitors? */
RT static bool
compares(const struct process *p, const struct process_io *io)
{
    return p->compare && io->monitor_a[0] && compare_runs(p->compare);
}

RT static bool
has_key(const struct process *p, const struct process_io *io)
{
    return io->key[0] && (chain_is_keyed(&p->chain) || (compares(p, io) && compare_is_keyed(p->compare)));
}

/* Is something else to be heard than the output? It is in p->solo then. */
RT static bool
chain_run(struct process *p, const struct process_io *io, int at, int nframes)
{
    struct chain_sound sound = {.io = {p->io[0], p->io[1]}};
    bool solo = io->monitor_a[0] && chain_is_listened(&p->chain);
    bool keyed = has_key(p, io);

    if (keyed)
        port_read(p, io->key, at, p->key, nframes);
    for (int k = 0; k < INSERTS; k++) {
        sound.hold[k] = outboard_holds(&p->outboard[k]);
        for (int c = 0; c < STEREO; c++) {
            sound.send[k][c] = io->send[k][0] ? io->send[k][c] + at : NULL;
            sound.ret[k][c] = io->send[k][0] ? io->ret[k][c] + at : NULL;
        }
    }
    for (int c = 0; c < STEREO; c++) {
        sound.key[c] = keyed ? p->key[c] : NULL;
        sound.heard[c] = solo ? p->solo[c] : NULL;
    }
    chain_process(&p->chain, &sound, nframes);
    outboards_process(p, &sound, nframes);
    return solo;
}

/* Those that are compared play, heard or not: what they do, and what that costs, tells nobody which one is heard. */
RT static void
references_run(struct process *p, const struct process_io *io, int nframes)
{
    struct references_demand d = {0};

    if (!p->references || !p->compare)
        return;
    for (int i = 0; i < REFERENCES; i++)
        d.chosen |= (unsigned)(compares(p, io) && compare_hears_reference(p->compare, i)) << i;
    d.heard = d.chosen;
    references_process(p->references, d, p->frame, nframes);
    for (int i = 0; i < REFERENCES; i++) {
        uint32_t number = references_number(p->references, i);

        for (int c = 0; c < STEREO; c++)
            p->reference[i][c] = references_sound(p->references, i)[c];
        if (number != p->referenced[i])
            compare_reference(p->compare, i, number != 0, references_lufs(p->references, i));
        p->referenced[i] = number;
    }
}

/* What the monitors play: the master, what a solo or delta asks for, or a contender. */
RT static const double *const *
choose_heard(struct process *p, const struct process_io *io, bool solo, int nframes)
{
    double *const *heard = solo ? p->solo : p->io;
    struct compare_sound sound = {.latency = p->chain.latency};
    bool keyed = has_key(p, io);

    if (!compares(p, io))
        return (const double *const *)heard;
    for (int c = 0; c < STEREO; c++) {
        sound.master[c] = p->io[c];
        sound.heard[c] = heard[c];
        sound.key[c] = keyed ? p->key[c] : NULL;
    }
    memcpy(sound.reference, p->reference, sizeof sound.reference);
    compare_process(p->compare, &sound, nframes);
    return (const double *const *)p->compare->out;
}

RT static void
meter_input(struct process *p, const double *const *sound, int nframes)
{
    int64_t then = clock_ns();

    meters_input(&p->meters, sound, nframes);
    if (p->tap)
        tap_input(p->tap, sound, nframes);
    p->meters_ns += clock_ns() - then;
}

RT static void
meter_output(struct process *p, const double *const *sound, int nframes)
{
    int64_t then = clock_ns();

    meters_output(&p->meters, sound, nframes);
    if (p->tap)
        tap_output(p->tap, sound, nframes);
    for (int i = 0; i < STAGES; i++)
        peak_hold_add(&p->meters.reduction[i], chain_take_reduction_db(&p->chain, i), nframes);
    for (int i = 0; i < MULTIBAND_BANDS; i++)
        peak_hold_add(&p->meters.multiband[i], chain_take_band_reduction_db(&p->chain, STAGE_MULTIBAND, i),
                      nframes);
    for (int i = 0; i < EQ_BANDS; i++)
        peak_hold_add(&p->meters.eq[i], chain_take_band_reduction_db(&p->chain, STAGE_EQ, i), nframes);
    p->meters_ns += clock_ns() - then;
}

RT static void
span_process(struct process *p, const struct process_io *io, int at, int nframes)
{
    const double *const *sound = (const double *const *)p->io;
    bool solo;

    source_read(p, io, at, nframes);
    references_run(p, io, nframes);
    if (!p->unread)
        meter_input(p, sound, nframes);
    if (compares(p, io))
        compare_input(p->compare, sound, nframes);
    solo = chain_run(p, io, at, nframes);
    print(p, nframes);
    outputs_write(p, io, choose_heard(p, io, solo, nframes), at, nframes);
    if (!p->unread)
        meter_output(p, sound, nframes);
    p->frame += (uint64_t)nframes;
}

/* --- readings ------------------------------------------------------------------------------------- */

RT static void
share_add(double *share, int64_t ns, double period_ns, double weight)
{
    *share += ((double)ns / period_ns - *share) * weight;
}

RT static void
clocks_read(struct process *p, int64_t spent_ns, int nframes)
{
    double period_ns = nframes * 1e9 / p->rate_hz, weight = nframes / (nframes + p->rate_hz);

    times_add(&p->meters.times, (double)spent_ns / period_ns);
    for (int i = 0; i < STAGES; i++)
        share_add(&p->meters.stage_share[i], chain_take_ns(&p->chain, i), period_ns, weight);
    share_add(&p->meters.player_share, p->player_ns, period_ns, weight);
    share_add(&p->meters.meters_share, p->meters_ns, period_ns, weight);
    p->player_ns = p->meters_ns = 0;
}

RT static void
transport_read(struct process *p, struct readings *r)
{
    int64_t position = 0;
    bool playing = false;
    int track = -1;

    if (p->player)
        player_where(p->player, &track, &position, &playing);
    r->transport_track = track + 1;
    r->transport_seconds = (double)position / p->rate_hz;
    r->transport_playing = playing;
}

RT static void
readings_publish(struct process *p, int nframes)
{
    struct readings *r = &p->latest;

    p->until_readings -= nframes;
    if (p->until_readings > 0)
        return;
    p->until_readings = (int)(p->rate_hz * READINGS_MS / 1000);
    meters_read(&p->meters, r);
    if (p->slow_readings-- == 0) {
        r->p9999_percent = times_quantile(&p->meters.times, 0.9999) * 100.0;
        p->slow_readings = SLOW_READINGS;
    }
    transport_read(p, r);
    if (p->compare)
        compare_read(p->compare, &r->compare);
    r->late_events = (double)p->late_events;
    r->bad_samples = (double)p->bad_samples;
    r->period_frames = nframes;
    r->latency_frames = p->chain.latency;
    r->print_seconds = (double)p->printed / p->rate_hz;
    r->frame = p->frame;
    r->callbacks = p->runs;
    publish_write(&p->readings, r);
}

/* After a silence that was not ours (a server lost, an interface pulled) the sound goes on in mid-wave: to the
   loudspeakers it comes from nothing, as at the start. */
RT static void
mind_gap(struct process *p, int64_t time_ns, int nframes)
{
    double gap_ns = (double)(time_ns - p->ran_ns) - 2e9 * nframes / p->rate_hz;

    if (p->ran_ns && gap_ns > GAP_MS * 1e6 && p->outputs.want)
        fade_in(p);
    p->ran_ns = time_ns;
}

void
process_run(struct process *p, const struct process_io *io, int nframes)
{
    int64_t start = clock_ns();
    struct process_tick tick = {p->frame, io->time_ns, nframes};

    p->runs++;
    publish_write(&p->tick, &tick);
    p->moves_left = PROCESS_MOVES + PROCESS_MOVES_A_FRAME * nframes;
    mind_gap(p, io->time_ns, nframes);
    events_collect(p);
    if (io->transport_follows)
        transport_follow(p, io);
    apply_due(p);
    midi_begin(p, io, nframes);
    for (int done = 0, n; done < nframes; done += n) {
        midi_due(p, io, done);
        n = span_frames(p, io, done, nframes - done);
        span_process(p, io, done, n);
        apply_due(p);
    }
    midi_due(p, io, nframes);
    readings_publish(p, nframes);
    publish_count_add(&p->callbacks, 1);
    publish_count_set(&p->latency, (uint64_t)p->chain.latency);
    if (nframes)
        clocks_read(p, clock_ns() - start, nframes);
}
