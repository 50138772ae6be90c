/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/rows.h"

#include "engine/analyser.h"
#include "engine/meters.h"
#include "engine/player.h"

#define KIND(x)                                                                                              \
    _Generic((x), double : FIELD_DOUBLE, int : FIELD_INT, bool : FIELD_BOOL, uint64_t : FIELD_NONE)
#define IN(type, member) KIND(((struct type *)0)->member), offsetof(struct type, member), 1, 0, 0
/* One of `count` equals: member names the first. */
#define EACH(type, member, array, count)                                                                     \
    KIND(((struct type *)0)->member), offsetof(struct type, member), count,                                  \
        sizeof(((struct type *)0)->array[0]), 0
#define NOWHERE FIELD_NONE, 0, 1, 0, 0
/* A curve. */
#define CURVE(member)                                                                                        \
    FIELD_SERIES, offsetof(struct series_readings, member), 1, 0,                                            \
        LEN(((struct series_readings *)0)->member.value)

enum {
    MOVE = PARAM_SAVED | PARAM_AUTOMATED | PARAM_PRINTED, /* a knob of the chain */
    HEARD = PARAM_SAVED | PARAM_AUTOMATED,                /* a knob of the monitor path */
    ACT = 0,
    READ = PARAM_READ_ONLY
};

static const char *const polarity_names[] = {"normal", "left", "right", "both", NULL};
static const char *const eq_type_names[] = {"bell",  "low_shelf", "high_shelf", "low_cut", "high_cut",
                                            "notch", "band_pass", "tilt",       NULL};
static const char *const eq_slope_names[] = {"6", "12", "18", "24", "30", "36", "42", "48", NULL};
static const char *const multiband_phase_names[] = {"minimum", "linear", NULL};
static const char *const multiband_slope_names[] = {"lr24", "lr48", NULL};
static const char *const channels_names[] = {"stereo", "mid", "side", "left", "right", NULL};
static const char *const saturate_shape_names[] = {"tape", "tube", "transistor", NULL};
static const char *const eq_phase_names[] = {"minimum", "linear", "mixed", NULL};
static const char *const limit_mode_names[] = {"transparent", "punchy", "loud", NULL};
static const char *const loop_names[] = {"off", "track", "list", NULL};
static const char *const insert_mode_names[] = {"stereo", "mid_side", NULL};
static const char *const insert_state_names[] = {"unknown", "measured", "nothing_back", "drifted", NULL};
static const char *const set_names[] = {"a", "b", NULL};
static const char *const source_names[] = {"player", "input", NULL};
static const char *const comp_mode_names[] = {"downward", "upward", NULL};
static const char *const sidechain_names[] = {"internal", "external", NULL};
static const char *const sidechain_shape_names[] = {"12db", "6db", "tilt", NULL};
static const char *const print_format_names[] = {"wav32f", "wav24", "wav16", NULL};
static const char *const dither_names[] = {"auto", "none", "tpdf", "light", "medium", "strong", NULL};
static const char *const deess_shape_names[] = {"bell", "shelf", NULL};
static const char *const deess_listen_names[] = {"off", "band", "removed", NULL};

const struct row param_rows[] = {
#define FLOAT(scale, unit, min, max, def) PARAM_FLOAT, SCALE_##scale, UNIT_##unit, min, max, def, NULL
#define BOOL(def)                         PARAM_BOOL, SCALE_LINEAR, UNIT_NONE, 0, 1, def, NULL
#define ENUM(names, def)                  PARAM_ENUM, SCALE_LINEAR, UNIT_NONE, 0, LEN(names) - 2, def, names
#define INT(unit, min, max, def)          PARAM_INT, SCALE_LINEAR, UNIT_##unit, min, max, def, NULL
#define TRIGGER                           PARAM_TRIGGER, SCALE_LINEAR, UNIT_NONE, 0, 1, 0, NULL
#define TEXT                              PARAM_TEXT, SCALE_LINEAR, UNIT_NONE, 0, 0, 0, NULL
#define SERIES(scale, unit, min, max)     PARAM_SERIES, SCALE_##scale, UNIT_##unit, min, max, min, NULL
#define CHAIN                             OWNER_CHAIN, MOVE
#define DESK                              OWNER_CHAIN, MOVE | PARAM_DESK
#define LISTEN                            OWNER_CHAIN, PARAM_AUTOMATED
#define MONITOR                           OWNER_MONITOR, HEARD
#define METER                             OWNER_METER, READ

    {"/input/trim", "Trim", FLOAT(DB, DB, -24, 24, 0), CHAIN, "Gain ahead of the chain.",
     IN(settings, input.trim_db)},
    {"/input/balance", "Balance", FLOAT(LINEAR, PERCENT, -100, 100, 0), CHAIN,
     "Turns the far side down: -100 is left only, 100 right only.", IN(settings, input.balance)},
    {"/input/polarity", "Polarity", ENUM(polarity_names, 0), CHAIN, "Which sides are turned upside down.",
     IN(settings, input.polarity)},

    {"/eq/on", "EQ", BOOL(0), CHAIN, "Equaliser in the chain or passed by.", IN(settings, eq.on)},
    {"/eq/phase", "Phase", ENUM(eq_phase_names, 0), CHAIN,
     "Minimum: no latency. Linear, mixed: as the curves are, but late; mixed is minimum in the bass, which "
     "spares it "
     "pre-echo.",
     IN(settings, eq.phase)},
    {"/eq/corner", "Corner", FLOAT(LOG, HZ, 20, 2000, 200), CHAIN,
     "Mixed phase is minimum below this, linear from an octave above.", IN(settings, eq.corner_hz)},
#define BAND(member) EACH(settings, eq.band[0].member, eq.band, EQ_BANDS)
    {"/eq/#/on", "On", BOOL(0), CHAIN, "Band in use.", BAND(on)},
    {"/eq/#/type", "Type", ENUM(eq_type_names, 0), CHAIN, "Shape of the band.", BAND(type)},
    {"/eq/#/freq", "Frequency", FLOAT(LOG, HZ, 10, 40000, 1000), CHAIN, "Centre or corner of the band.",
     BAND(freq_hz)},
    {"/eq/#/gain", "Gain", FLOAT(DB, DB, -24, 24, 0), CHAIN, "Boost or cut of a bell, shelf or tilt.",
     BAND(gain_db)},
    {"/eq/#/q", "Q", FLOAT(LOG, NONE, 0.1, 40, 0.7071), CHAIN, "Resonance: higher is narrower.", BAND(q)},
    {"/eq/#/slope", "Slope", ENUM(eq_slope_names, 1), CHAIN,
     "Decibels an octave of a cut, and of a shelf up to 24.", BAND(slope)},
    {"/eq/#/channels", "Channels", ENUM(channels_names, 0), CHAIN, "What of the stereo picture it works on.",
     BAND(channels)},
    {"/eq/#/dynamic", "Dynamic", BOOL(0), CHAIN,
     "A bell or shelf moves its gain with the level of its own part of the sound.", BAND(dynamic)},
    {"/eq/#/threshold", "Threshold", FLOAT(DB, DBFS, -80, 0, -24), CHAIN,
     "Level of its own part above which a dynamic band moves.", BAND(threshold_dbfs)},
    {"/eq/#/range", "Range", FLOAT(DB, DB, -24, 24, -6), CHAIN,
     "How far a dynamic band moves at most: down or up.", BAND(range_db)},
    {"/eq/#/attack", "Attack", FLOAT(LOG, MS, 0.1, 200, 10), CHAIN,
     "Time for a dynamic band to move by 63 % of what is due.", BAND(attack_ms)},
    {"/eq/#/release", "Release", FLOAT(LOG, MS, 5, 3000, 150), CHAIN,
     "Time to move back by 63 %, on top of the attack.", BAND(release_ms)},
    {"/eq/#/solo", "Solo", BOOL(0), LISTEN, "Hear what comes in where the band works, and only that.",
     BAND(solo)},

#define INSERT(member) EACH(settings, insert[0].member, insert, INSERTS)
    {"/insert/#/on", "Insert", BOOL(0), CHAIN, "Outboard in the chain or passed by.", INSERT(on)},
    {"/insert/#/mode", "Mode", ENUM(insert_mode_names, 0), DESK,
     "What the two ports carry: left and right, or mid and side.", INSERT(mode)},
    {"/insert/#/delay", "Delay", FLOAT(LINEAR, FRAMES, 0, INSERT_LONGEST, 0), DESK,
     "From send to return; a ping finds it.", INSERT(delay_frames)},
    {"/insert/#/gain", "Return gain", FLOAT(DB, DB, -24, 24, 0), DESK,
     "Of what comes back; a ping sets it to what the way there and back takes away.", INSERT(gain_db)},
    {"/insert/#/polarity", "Polarity", BOOL(0), DESK, "Turns what comes back upside down.", INSERT(polarity)},
    {"/insert/#/mix", "Mix", FLOAT(LINEAR, PERCENT, 0, 100, 100), CHAIN,
     "Share of what comes back; the rest is the dry sound, as late.", INSERT(mix)},
    {"/insert/#/ping", "Ping", TRIGGER, OWNER_CHAIN, ACT,
     "Measures delay, gain and polarity of the way there and back; the music goes past it meanwhile.",
     FIELD_NONE, 0, INSERTS, 0, 0},
    {"/deess/on", "De-esser", BOOL(0), CHAIN, "De-esser in the chain or passed by.", IN(settings, deess.on)},
    {"/deess/freq", "Frequency", FLOAT(LOG, HZ, 2000, 16000, 6500), CHAIN,
     "Centre of the bell, corner of the shelf.", IN(settings, deess.freq_hz)},
    {"/deess/shape", "Shape", ENUM(deess_shape_names, 0), CHAIN,
     "Takes away around the frequency or above it.", IN(settings, deess.shape)},
    {"/deess/q", "Q", FLOAT(LOG, NONE, 0.3, 6, 1), CHAIN, "Of the bell: higher is narrower.",
     IN(settings, deess.q)},
    {"/deess/threshold", "Threshold", FLOAT(DB, DB, -40, 0, -9), CHAIN,
     "The band's share of the sound above which it is turned down; the sound's level does not matter.",
     IN(settings, deess.threshold_db)},
    {"/deess/range", "Range", FLOAT(LINEAR, DB, 0, 24, 8), CHAIN, "The most that is taken away.",
     IN(settings, deess.range_db)},
    {"/deess/attack", "Attack", FLOAT(LOG, MS, 0.1, 50, 1), CHAIN, "Time to take away 63 % of what is due.",
     IN(settings, deess.attack_ms)},
    {"/deess/release", "Release", FLOAT(LOG, MS, 5, 500, 50), CHAIN,
     "Time to give back 63 %, on top of the attack.", IN(settings, deess.release_ms)},
    {"/deess/channels", "Channels", ENUM(channels_names, 0), CHAIN,
     "The part of the picture that is listened to and turned down.", IN(settings, deess.channels)},
    {"/deess/listen", "Listen", ENUM(deess_listen_names, 0), LISTEN,
     "Monitors hear the band or what is taken away; the print does not.", IN(settings, deess.listen)},

    {"/multiband/on", "Multiband", BOOL(0), CHAIN, "Multiband compressor in the chain or passed by.",
     IN(settings, multiband.on)},
    {"/multiband/phase", "Phase", ENUM(multiband_phase_names, 0), CHAIN,
     "Minimum: no latency, the sum turns phase. Linear: the sum is a delay.", IN(settings, multiband.phase)},
    {"/multiband/slope", "Slope", ENUM(multiband_slope_names, 0), CHAIN,
     "Linkwitz-Riley crossovers of 24 or 48 dB an octave.", IN(settings, multiband.slope)},
    {"/multiband/mix", "Mix", FLOAT(LINEAR, PERCENT, 0, 100, 100), CHAIN,
     "Share of compressed sound in the output; the rest has the same phase.", IN(settings, multiband.mix)},
#define XOVER(nth, below, above, def)                                                                        \
    "Crossover " #nth, FLOAT(LOG, HZ, 20, 20000, def), CHAIN,                                                \
        "Where band " #below " ends and band " #above " begins; crossovers are sorted.",                     \
        IN(settings, multiband.xover_hz[nth - 1])
    {"/multiband/xover/1", XOVER(1, 1, 2, 120)},
    {"/multiband/xover/2", XOVER(2, 2, 3, 1000)},
    {"/multiband/xover/3", XOVER(3, 3, 4, 6000)},
#define MULTIBAND(member) EACH(settings, multiband.band[0].member, multiband.band, MULTIBAND_BANDS)
    {"/multiband/#/active", "Active", BOOL(1), CHAIN,
     "Band in use; when off, the one below it takes its range, or the one above the lowest.",
     MULTIBAND(active)},
    {"/multiband/#/on", "On", BOOL(1), CHAIN, "The band's compressor, or the band as it is.", MULTIBAND(on)},
    {"/multiband/#/threshold", "Threshold", FLOAT(DB, DBFS, -60, 0, -18), CHAIN,
     "Level in the band above which gain is taken away.", MULTIBAND(threshold_db)},
    {"/multiband/#/ratio", "Ratio", FLOAT(LOG, RATIO, 0.5, 20, 2), CHAIN,
     "Decibels in for one decibel out above the threshold; below 1 gain is given there.", MULTIBAND(ratio)},
    {"/multiband/#/attack", "Attack", FLOAT(LOG, MS, 0.1, 200, 10), CHAIN,
     "Time to cover 63 % of what is due.", MULTIBAND(attack_ms)},
    {"/multiband/#/release", "Release", FLOAT(LOG, MS, 5, 3000, 100), CHAIN,
     "Time to go 63 % of the way back, on top of the attack.", MULTIBAND(release_ms)},
    {"/multiband/#/knee", "Knee", FLOAT(LINEAR, DB, 0, 24, 6), CHAIN,
     "Width of the bend around the threshold.", MULTIBAND(knee_db)},
    {"/multiband/#/makeup", "Make-up", FLOAT(DB, DB, -12, 24, 0), CHAIN, "Gain after the compression.",
     MULTIBAND(makeup_db)},
    {"/multiband/#/range", "Range", FLOAT(LINEAR, DB, 0, 40, 40), CHAIN,
     "Most that is taken away or given, make-up aside.", MULTIBAND(range_db)},
    {"/multiband/#/channels", "Channels", ENUM(channels_names, 0), CHAIN,
     "What of the band is worked on: both sides, mid, side or one of them.", MULTIBAND(channels)},
    {"/multiband/#/solo", "Solo", BOOL(0), LISTEN, "The monitors play the bands in solo only.",
     MULTIBAND(solo)},

    {"/comp/on", "Compressor", BOOL(0), CHAIN, "Compressor in the chain or passed by.",
     IN(settings, comp.on)},
    {"/comp/mode", "Mode", ENUM(comp_mode_names, 0), CHAIN,
     "Takes away above the threshold, or raises what is below it.", IN(settings, comp.mode)},
    {"/comp/threshold", "Threshold", FLOAT(DB, DBFS, -60, 0, -18), CHAIN,
     "Level above which gain is taken away; upward: below which it is given.",
     IN(settings, comp.threshold_db)},
    {"/comp/ratio", "Ratio", FLOAT(LOG, RATIO, 1, 20, 2), CHAIN,
     "Decibels in for one decibel out beyond the threshold.", IN(settings, comp.ratio)},
    {"/comp/attack", "Attack", FLOAT(LOG, MS, 0.1, 200, 20), CHAIN, "Time to take away 63 % of what is due.",
     IN(settings, comp.attack_ms)},
    {"/comp/release", "Release", FLOAT(LOG, MS, 5, 3000, 200), CHAIN,
     "Time to give back 63 %, on top of the attack.", IN(settings, comp.release_ms)},
    {"/comp/auto_release", "Auto release", BOOL(0), CHAIN,
     "Transients recover twice as fast as the release says, what has lasted up to five times slower.",
     IN(settings, comp.auto_release)},
    {"/comp/knee", "Knee", FLOAT(LINEAR, DB, 0, 24, 6), CHAIN, "Width of the bend around the threshold.",
     IN(settings, comp.knee_db)},
    {"/comp/range", "Range", FLOAT(LINEAR, DB, 0, 60, 60), CHAIN, "Most that is taken away or raised.",
     IN(settings, comp.range_db)},
    {"/comp/makeup", "Make-up", FLOAT(DB, DB, -12, 24, 0), CHAIN, "Gain after the compression.",
     IN(settings, comp.makeup_db)},
    {"/comp/mix", "Mix", FLOAT(LINEAR, PERCENT, 0, 100, 100), CHAIN,
     "Share of compressed sound in the output.", IN(settings, comp.mix)},
    {"/comp/detector", "Detector", FLOAT(LINEAR, PERCENT, 0, 100, 0), CHAIN,
     "Level measured by peaks at 0, by RMS at 100, in between in decibels.", IN(settings, comp.detector)},
    {"/comp/lookahead", "Look-ahead", FLOAT(LINEAR, MS, 0, 5, 0), CHAIN,
     "How long before a peak the gain starts to move; it is latency.", IN(settings, comp.lookahead_ms)},
    {"/comp/link", "Link", FLOAT(LINEAR, PERCENT, 0, 100, 100), CHAIN,
     "Share of the louder channel's reduction that both get; at 0 each has its own.",
     IN(settings, comp.link)},
    {"/comp/channels", "Channels", ENUM(channels_names, 0), CHAIN,
     "What is measured and compressed; the rest passes.", IN(settings, comp.channels)},
    {"/comp/sidechain", "Sidechain", ENUM(sidechain_names, 0), CHAIN,
     "Whose level counts: the sound's own or that of the sidechain inputs.", IN(settings, comp.sidechain)},
    {"/comp/sidechain_hpf", "Sidechain HPF", FLOAT(LOG, HZ, 20, 500, 20), CHAIN,
     "The detector hears less below this; 20 Hz is off.", IN(settings, comp.sidechain_hpf_hz)},
    {"/comp/sidechain_shape", "Sidechain shape", ENUM(sidechain_shape_names, 0), CHAIN,
     "Slope of the sidechain's high-pass; tilt rises by 3 dB an octave instead, at any frequency.",
     IN(settings, comp.sidechain_shape)},
    {"/comp/listen", "Listen", BOOL(0), LISTEN, "The monitors hear the filtered sidechain.",
     IN(settings, comp.listen)},

    {"/saturate/on", "Saturation", BOOL(0), CHAIN, "Saturation in the chain or passed by.",
     IN(settings, saturate.on)},
    {"/saturate/shape", "Shape", ENUM(saturate_shape_names, 0), CHAIN,
     "Tape is soft and bends the treble more, tube adds even harmonics, transistor stays straight for "
     "longer.",
     IN(settings, saturate.shape)},
    {"/saturate/drive", "Drive", FLOAT(DB, DB, 0, 24, 0), CHAIN,
     "How far the sound goes into the bend; at 0 dB it is left alone.", IN(settings, saturate.drive_db)},
    {"/saturate/even", "Even", FLOAT(LINEAR, PERCENT, -100, 100, 0), CHAIN,
     "Balance of harmonics: -100 is odd ones alone, 0 as the shape is, 100 as many even ones as can be.",
     IN(settings, saturate.even)},
    {"/saturate/tone", "Tone", FLOAT(DB, DB, -12, 12, 0), CHAIN,
     "How much more the treble is bent; what is left alone keeps its balance.",
     IN(settings, saturate.tone_db)},
    {"/saturate/mix", "Mix", FLOAT(LINEAR, PERCENT, 0, 100, 100), CHAIN,
     "Share of saturated sound in the output.", IN(settings, saturate.mix)},
    {"/saturate/channels", "Channels", ENUM(channels_names, 0), CHAIN,
     "Which part of the picture is saturated.", IN(settings, saturate.channels)},
    {"/saturate/auto_gain", "Auto gain", BOOL(1), CHAIN, "Keeps the loudness as it was.",
     IN(settings, saturate.auto_gain)},
    {"/saturate/trim", "Trim", FLOAT(DB, DB, -12, 12, 0), CHAIN, "Gain after the saturation.",
     IN(settings, saturate.trim_db)},

    {"/exciter/on", "Exciter", BOOL(0), CHAIN, "Exciter in the chain or passed by.",
     IN(settings, exciter.on)},
    {"/exciter/freq", "Frequency", FLOAT(LOG, HZ, 2000, 8000, 4000), CHAIN,
     "Treble above this is given new harmonics.", IN(settings, exciter.freq_hz)},
    {"/exciter/drive", "Drive", FLOAT(DB, DB, 0, 36, 18), CHAIN, "How far the treble goes into the bend.",
     IN(settings, exciter.drive_db)},
    {"/exciter/even", "Even", FLOAT(LINEAR, PERCENT, 0, 100, 50), CHAIN,
     "Balance of harmonics: 0 is odd ones alone.", IN(settings, exciter.even)},
    {"/exciter/mix", "Mix", FLOAT(LINEAR, PERCENT, 0, 30, 0), CHAIN, "How much of the harmonics is added.",
     IN(settings, exciter.mix)},

    {"/stereo/on", "Stereo", BOOL(0), CHAIN, "Stereo tools in the chain or passed by.",
     IN(settings, stereo.on)},
    {"/stereo/width", "Width", FLOAT(LINEAR, PERCENT, 0, 200, 100), CHAIN,
     "Of all bands: 0 is mono, 100 as it came; the sum of both sides stays.", IN(settings, stereo.width)},
    {"/stereo/#/width", "Width", FLOAT(LINEAR, PERCENT, 0, 200, 100), CHAIN,
     "Of the band, on top of the width of all; 1 is the low one.",
     EACH(settings, stereo.band[0].width, stereo.band, STEREO_BANDS)},
    {"/stereo/xover/1", "Low crossover", FLOAT(LOG, HZ, 40, 2000, 250), CHAIN,
     "Between the low band and the middle one.", IN(settings, stereo.xover_hz[0])},
    {"/stereo/xover/2", "High crossover", FLOAT(LOG, HZ, 500, 16000, 4000), CHAIN,
     "Between the middle band and the high one.", IN(settings, stereo.xover_hz[1])},
    {"/stereo/mono_below", "Mono below", FLOAT(LOG, HZ, 20, 500, 20), CHAIN,
     "Both sides become one below this, 12 dB/oct; 20 Hz is off.", IN(settings, stereo.mono_below_hz)},
    {"/stereo/rotation", "Rotation", FLOAT(LINEAR, DEGREES, -45, 45, 0), CHAIN,
     "Turns the picture: 45 brings its middle to the right.", IN(settings, stereo.rotation_degrees)},
    {"/stereo/balance", "Balance", FLOAT(LINEAR, PERCENT, -100, 100, 0), CHAIN,
     "Turns the far side down: -100 is left only, 100 right only.", IN(settings, stereo.balance)},

    {"/clip/on", "Clipper", BOOL(0), CHAIN, "Clipper in the chain or passed by.", IN(settings, clip.on)},
    {"/clip/drive", "Drive", FLOAT(DB, DB, 0, 18, 0), CHAIN, "Gain into the clipper.",
     IN(settings, clip.drive_db)},
    {"/clip/ceiling", "Ceiling", FLOAT(DB, DBFS, -24, 0, -1), CHAIN, "Level at which peaks are cut off.",
     IN(settings, clip.ceiling_dbfs)},
    {"/clip/knee", "Knee", FLOAT(LINEAR, PERCENT, 0, 100, 0), CHAIN,
     "How early the bend begins: 0 is hard, 100 begins 12 dB below the ceiling.", IN(settings, clip.knee)},

    {"/limit/on", "Limiter", BOOL(0), CHAIN, "True-peak limiter in the chain or passed by.",
     IN(settings, limit.on)},
    {"/limit/gain", "Gain", FLOAT(DB, DB, 0, 24, 0), CHAIN, "Drive into the limiter.",
     IN(settings, limit.gain_db)},
    {"/limit/ceiling", "Ceiling", FLOAT(DB, DBTP, -12, 0, -1), CHAIN, "True peak that is never passed.",
     IN(settings, limit.ceiling_dbtp)},
    {"/limit/release", "Release", FLOAT(LOG, MS, 1, 1000, 80), CHAIN,
     "Time for the gain to recover 63 % after a peak.", IN(settings, limit.release_ms)},
    {"/limit/lookahead", "Look-ahead", FLOAT(LINEAR, MS, 0.75, 1.5, 1.5), CHAIN,
     "How long before a peak the gain starts to move; the latency stays.", IN(settings, limit.lookahead_ms)},
    {"/limit/mode", "Mode", ENUM(limit_mode_names, 0), CHAIN,
     "What a peak leaves behind: transparent holds a bass's shape, punchy lets up after transients, loud is "
     "dense.",
     IN(settings, limit.mode)},
    {"/limit/link", "Link", FLOAT(LINEAR, PERCENT, 0, 100, 100), CHAIN,
     "Share of the other side's reduction that each side takes at least.", IN(settings, limit.link)},
    {"/limit/delta", "Delta", BOOL(0), LISTEN,
     "The monitors hear what the limiter takes away; the print does not.", IN(settings, limit.delta)},

    {"/chain/preset", "Preset", TEXT, OWNER_PRESET, ACT,
     "Loads a preset by its name: \"club\" for the chain, \"eq/air\" for one stage.", NOWHERE},
    {"/chain/save", "Save", TEXT, OWNER_PRESET, ACT,
     "Saves the chain under a name, or one stage under its name, '/' and a name.", NOWHERE},
    {"/chain/bypass", "Bypass", BOOL(0), CHAIN, "Hear the chain's input, as late as its output.",
     IN(settings, chain.bypass)},
#define PLACE(stage, label)                                                                                  \
    label, INT(NONE, 0, 1000, 10 * (stage)), CHAIN, "Its place in the chain: lower comes first.",            \
        IN(settings, chain.place[stage])
    {"/chain/order/eq", PLACE(STAGE_EQ, "EQ")},
    {"/chain/order/insert/1", PLACE(STAGE_INSERT_1, "Insert 1")},
    {"/chain/order/deess", PLACE(STAGE_DEESS, "De-esser")},
    {"/chain/order/multiband", PLACE(STAGE_MULTIBAND, "Multiband")},
    {"/chain/order/comp", PLACE(STAGE_COMP, "Compressor")},
    {"/chain/order/insert/2", PLACE(STAGE_INSERT_2, "Insert 2")},
    {"/chain/order/saturate", PLACE(STAGE_SATURATE, "Saturation")},
    {"/chain/order/exciter", PLACE(STAGE_EXCITER, "Exciter")},
    {"/chain/order/stereo", PLACE(STAGE_STEREO, "Stereo")},
    {"/chain/order/clip", PLACE(STAGE_CLIP, "Clipper")},

    {"/monitor/level", "Level", FLOAT(DB, DB, -80, 0, -20), MONITOR, "Level of the monitor outputs.",
     IN(settings, monitor.level_db)},
    {"/monitor/dim", "Dim", BOOL(0), MONITOR, "Monitors 20 dB down.", IN(settings, monitor.dim)},
    {"/monitor/mute", "Mute", BOOL(0), MONITOR, "Monitors silent.", IN(settings, monitor.mute)},
    {"/monitor/mono", "Mono", BOOL(0), MONITOR, "Both sides hear the sum.", IN(settings, monitor.mono)},
    {"/monitor/set", "Speakers", ENUM(set_names, 0), MONITOR,
     "Which speakers play; the headphones hear the same.", IN(settings, monitor.set)},
    {"/monitor/swap", "Swap", BOOL(0), MONITOR, "Left and right exchanged.", IN(settings, monitor.swap)},

#define TRANSPORT OWNER_TRANSPORT, ACT
    {"/transport/play", "Play", BOOL(0), TRANSPORT, "Plays, or stops when 0.", NOWHERE},
    {"/transport/stop", "Stop", TRIGGER, TRANSPORT, "Stops where it is.", NOWHERE},
    {"/transport/locate", "Locate", FLOAT(LINEAR, S, 0, 86400, 0), TRANSPORT, "Goes to a time in the track.",
     NOWHERE},
    {"/transport/loop", "Loop", ENUM(loop_names, 0), TRANSPORT, "What is repeated.", NOWHERE},
    {"/transport/track", "Track", INT(NONE, 1, 999, 1), TRANSPORT, "Goes to the start of a track.", NOWHERE},
    {"/transport/next", "Next", TRIGGER, TRANSPORT, "Goes to the next track.", NOWHERE},
    {"/transport/previous", "Previous", TRIGGER, TRANSPORT,
     "Goes to the start of the track, or to the one before within its first 2 s.", NOWHERE},
    {"/transport/source", "Source", ENUM(source_names, 0), OWNER_CHAIN, PARAM_AUTOMATED | PARAM_PRINTED,
     "What the chain hears: the player or the JACK inputs.", NOWHERE},
    {"/transport/file", "File", TEXT, OWNER_TRANSPORT, READ, "The file of the current track.", NOWHERE},
    {"/transport/position", "Position", FLOAT(LINEAR, S, 0, 86400, 0), METER, "Time into the track.",
     IN(readings, transport_seconds)},

    {"/print/record", "Print", BOOL(0), OWNER_PRINT, ACT, "Prints the master while 1.", NOWHERE},
    {"/print/file", "File", TEXT, OWNER_PRINT, ACT, "Where the next print goes; empty makes a name.",
     NOWHERE},
    {"/print/format", "Format", ENUM(print_format_names, 0), OWNER_PRINT, PARAM_SAVED,
     "Samples of the next print: 24 and 16 bit are dithered.", NOWHERE},
    {"/print/dither", "Dither", ENUM(dither_names, 0), OWNER_PRINT, PARAM_SAVED,
     "Noise of 24 and 16 bit: auto is tpdf, or none for an exact copy; the last three are shaped up to 48 "
     "kHz.",
     NOWHERE},
    {"/print/seed", "Seed", INT(NONE, 0, 999999, 0), OWNER_PRINT, PARAM_SAVED,
     "Another number is another dither noise; the same is the same file.", NOWHERE},
    {"/print/blank", "Blank", BOOL(1), OWNER_PRINT, PARAM_SAVED,
     "No dither after 4096 frames of digital silence, until sound comes.", NOWHERE},
    {"/print/time", "Printed", FLOAT(LINEAR, S, 0, 1e6, 0), METER, "Length of the running or last print.",
     IN(readings, print_seconds)},

#define PEAKS(member) EACH(readings, member[0], member, STEREO)
    {"/meter/input/peak/#", "Input peak", FLOAT(DB, DBFS, -120, 40, -120), METER,
     "Highest sample ahead of the chain in the last 300 ms; 1 is left.", PEAKS(input_peak_dbfs)},
    {"/meter/output/peak/#", "Output peak", FLOAT(DB, DBFS, -120, 40, -120), METER,
     "Highest sample of the master in the last 300 ms; 1 is left.", PEAKS(output_peak_dbfs)},
    {"/meter/output/max/#", "Output maximum", FLOAT(DB, DBFS, -120, 40, -120), METER,
     "Highest sample of the master since reset; 1 is left.", PEAKS(output_max_dbfs)},
    {"/meter/output/momentary", "Momentary", FLOAT(LINEAR, LUFS, -120, 20, -120), METER,
     "Loudness of the last 400 ms of the master.", IN(readings, momentary_lufs)},
    {"/meter/output/short_term", "Short-term", FLOAT(LINEAR, LUFS, -120, 20, -120), METER,
     "Loudness of the last 3 s of the master.", IN(readings, short_term_lufs)},
    {"/meter/output/integrated", "Integrated", FLOAT(LINEAR, LUFS, -120, 20, -120), METER,
     "Gated loudness of the master since reset.", IN(readings, integrated_lufs)},
    {"/meter/output/range", "Loudness range", FLOAT(LINEAR, LU, 0, 120, 0), METER,
     "Spread of the short-term loudness since reset.", IN(readings, range_lu)},
    {"/meter/output/measured", "Measured", FLOAT(LINEAR, S, 0, 1e9, 0), METER,
     "Sound that the integrated loudness and the range are read from.", IN(readings, measured_s)},
    {"/meter/reset", "Reset", TRIGGER, OWNER_CHAIN, ACT, "Starts loudness and maxima afresh.", NOWHERE},
#define RETURN(member) EACH(readings, insert[0].member, insert, INSERTS)
    {"/meter/insert/#/state", "Insert", ENUM(insert_state_names, 0), METER,
     "What the last ping, and the watch since then, found.", RETURN(state)},
    {"/meter/insert/#/delay", "Measured delay", FLOAT(LINEAR, FRAMES, 0, INSERT_LONGEST, 0), METER,
     "From send to return, as last seen.", RETURN(delay_frames)},
    {"/meter/insert/#/gain", "Measured gain", FLOAT(DB, DB, -400, 400, 0), METER,
     "Of the way there and back, as last seen.", RETURN(gain_db)},
    {"/meter/insert/#/null", "Null", FLOAT(DB, DB, -200, 0, 0), METER,
     "What is left of the return when the dry sound, as late and as loud, is taken from it.",
     RETURN(null_db)},
    {"/meter/insert/#/drift", "Drift", FLOAT(LINEAR, FRAMES, -INSERT_LONGEST, INSERT_LONGEST, 0), METER,
     "How far the measured delay has moved from the one that is set.", RETURN(drift_frames)},
    {"/meter/insert/#/pings", "Pings", FLOAT(LINEAR, NONE, 0, 1e15, 0), METER,
     "How often it has been measured by a ping.", RETURN(pings)},
    {"/meter/eq/reduction", "EQ", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that a dynamic band of the equaliser moved in the last 300 ms, up or down.",
     IN(readings, reduction_db[STAGE_EQ])},
    {"/meter/eq/#/move", "Band", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that this dynamic band moved in the last 300 ms, the way its range goes.",
     EACH(readings, eq_move_db[0], eq_move_db, EQ_BANDS)},
    {"/meter/deess/reduction", "De-esser", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that the de-esser took away in the last 300 ms.", IN(readings, reduction_db[STAGE_DEESS])},
    {"/meter/multiband/reduction", "Multiband", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that a band of the multiband compressor took away in the last 300 ms.",
     IN(readings, reduction_db[STAGE_MULTIBAND])},
    {"/meter/multiband/#/reduction", "Band", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that this band's compressor took away in the last 300 ms.",
     EACH(readings, multiband_reduction_db[0], multiband_reduction_db, MULTIBAND_BANDS)},
    {"/meter/comp/reduction", "Compressor", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that the compressor took away in the last 300 ms.", IN(readings, reduction_db[STAGE_COMP])},
    {"/meter/clip/reduction", "Clipper", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that the clipper took away in the last 300 ms.", IN(readings, reduction_db[STAGE_CLIP])},
    {"/meter/limit/reduction", "Limiter", FLOAT(DB, DB, 0, 120, 0), METER,
     "Most that the limiter took away in the last 300 ms.", IN(readings, reduction_db[STAGE_LIMIT])},
#define HISTORY(label, stage)                                                                                \
    label, SERIES(DB, DB, 0, 120), METER,                                                                    \
        "Reduction of the last 60 s, oldest first: each value the most of a quarter second.", CURVE(stage)
    {"/meter/eq/history", HISTORY("EQ, 60 s", eq)},
    {"/meter/deess/history", HISTORY("De-esser, 60 s", deess)},
    {"/meter/multiband/history", HISTORY("Multiband, 60 s", multiband)},
    {"/meter/comp/history", HISTORY("Compressor, 60 s", comp)},
    {"/meter/clip/history", HISTORY("Clipper, 60 s", clip)},
    {"/meter/limit/history", HISTORY("Limiter, 60 s", limit)},
#define SHARE(label, member, text) label, FLOAT(LINEAR, PERCENT, 0, 1e6, 0), METER, text, IN(readings, member)
    {"/meter/dsp/load", SHARE("DSP load", load_percent, "Mean time of the process callback, of its period.")},
    {"/meter/dsp/worst",
     SHARE("DSP worst", worst_percent, "Longest process callback since reset, of its period.")},
    {"/meter/dsp/p9999", SHARE("DSP p99.99", p9999_percent,
                               "Time that 99.99 % of the process callbacks stay within, of the period.")},
    {"/meter/dsp/input",
     SHARE("Input", stage_percent[STAGE_INPUT], "Time of the input stage, of the period.")},
    {"/meter/dsp/eq", SHARE("EQ", stage_percent[STAGE_EQ], "Time of the equaliser, of the period.")},
    {"/meter/dsp/insert/1",
     SHARE("Insert 1", stage_percent[STAGE_INSERT_1], "Time of insert 1, of the period.")},
    {"/meter/dsp/insert/2",
     SHARE("Insert 2", stage_percent[STAGE_INSERT_2], "Time of insert 2, of the period.")},
    {"/meter/dsp/deess",
     SHARE("De-esser", stage_percent[STAGE_DEESS], "Time of the de-esser, of the period.")},
    {"/meter/dsp/multiband",
     SHARE("Multiband", stage_percent[STAGE_MULTIBAND], "Time of the multiband compressor, of the period.")},
    {"/meter/dsp/comp",
     SHARE("Compressor", stage_percent[STAGE_COMP], "Time of the compressor, of the period.")},
    {"/meter/dsp/saturate",
     SHARE("Saturation", stage_percent[STAGE_SATURATE], "Time of the saturation, of the period.")},
    {"/meter/dsp/exciter",
     SHARE("Exciter", stage_percent[STAGE_EXCITER], "Time of the exciter, of the period.")},
    {"/meter/dsp/stereo",
     SHARE("Stereo", stage_percent[STAGE_STEREO], "Time of the stereo tools, of the period.")},
    {"/meter/dsp/clip", SHARE("Clipper", stage_percent[STAGE_CLIP], "Time of the clipper, of the period.")},
    {"/meter/dsp/limit", SHARE("Limiter", stage_percent[STAGE_LIMIT], "Time of the limiter, of the period.")},
    {"/meter/dsp/player", SHARE("Player", player_percent, "Time of the player, of the period.")},
    {"/meter/dsp/meters", SHARE("Meters", meters_percent, "Time of the meters, of the period.")},
#define COUNT(label, member, text) label, FLOAT(LINEAR, NONE, 0, 1e15, 0), METER, text, IN(readings, member)
    {"/meter/dsp/overruns",
     COUNT("Overruns", overruns,
           "Process callbacks that took longer than their period, by their own clock.")},
    {"/meter/dsp/xruns", COUNT("Xruns", xruns, "Dropouts that the JACK server told of.")},
    {"/meter/dsp/late_events",
     COUNT("Late events", late_events, "Moves whose frame had passed when they came.")},
    {"/meter/dsp/bad_samples",
     COUNT("Bad samples", bad_samples, "Samples that were no number, replaced by silence.")},
    {"/meter/dsp/period", "Period", FLOAT(LINEAR, FRAMES, 0, 1e6, 0), METER, "Frames in a period.",
     IN(readings, period_frames)},
    {"/meter/dsp/latency", "Latency", FLOAT(LINEAR, FRAMES, 0, 1e6, 0), METER,
     "Frames that the chain is late.", IN(readings, latency_frames)},
};

const int param_nrows = LEN(param_rows);
