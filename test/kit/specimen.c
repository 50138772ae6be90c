/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/specimen.h"

#include "dsp/dsp.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

enum { WAVE = 2000, HISTORY = 2150, BANDS = 120 };

static const double length_s = 215.0;

static const struct figure figures[] = {
    {"format/container", "Container", FIGURE_TEXT, UNIT_NONE, 0, "What kind of file it is."},
    {"format/rate", "Sample rate", FIGURE_NUMBER, UNIT_HZ, 0, "Samples a second."},
    {"format/length", "Length", FIGURE_NUMBER, UNIT_S, 3, "From the first frame to the last."},
    {"loudness/integrated", "Integrated loudness", FIGURE_NUMBER, UNIT_LUFS, 1,
     "Programme loudness of the whole file, quiet passages gated out."},
    {"loudness/max_short_term", "Short-term maximum", FIGURE_NUMBER, UNIT_LUFS, 1,
     "The loudest three seconds."},
    {"loudness/max_momentary", "Momentary maximum", FIGURE_NUMBER, UNIT_LUFS, 1, "The loudest 400 ms."},
    {"loudness/range", "Loudness range", FIGURE_NUMBER, UNIT_LU, 1,
     "Between the quiet and the loud passages."},
    {"loudness/short_term_history", "Short-term", FIGURE_SERIES, UNIT_LUFS, 1, "Over three seconds."},
    {"loudness/momentary_history", "Momentary", FIGURE_SERIES, UNIT_LUFS, 1, "Over 400 ms."},
    {"levels/max_true_peak", "True peak, max", FIGURE_NUMBER, UNIT_DBTP, 2, "The highest of all channels."},
    {"levels/true_peak", "True peak", FIGURE_CHANNELS, UNIT_DBTP, 2,
     "Highest point of the wave between the samples."},
    {"levels/sample_peak", "Sample peak", FIGURE_CHANNELS, UNIT_DBFS, 2, "Largest sample."},
    {"levels/dc", "DC offset", FIGURE_CHANNELS, UNIT_DBFS, 1, "How far the middle of the wave is off zero."},
    {"levels/waveform_low", "Waveform, lowest", FIGURE_SERIES, UNIT_NONE, 3, "Least sample of each piece."},
    {"levels/waveform_high", "Waveform, highest", FIGURE_SERIES, UNIT_NONE, 3,
     "Greatest sample of each piece."},
    {"dynamics/plr", "Peak to loudness", FIGURE_NUMBER, UNIT_LU, 1, "True peak above integrated loudness."},
    {"dynamics/dr", "Dynamic range", FIGURE_NUMBER, UNIT_DB, 0, "The DR value of the TT meter."},
    {"dynamics/crest", "Crest factor", FIGURE_CHANNELS, UNIT_DB, 1, "Peak over the effective value."},
    {"channels/correlation", "Correlation", FIGURE_NUMBER, UNIT_NONE, 2,
     "+1 is mono, 0 unrelated, -1 cancels in mono."},
    {"channels/correlation_history", "Correlation", FIGURE_SERIES, UNIT_NONE, 2, "Correlation over time."},
    {"tone/tilt", "Tilt", FIGURE_NUMBER, UNIT_DB, 1, "Slope of the spectrum for each octave."},
    {"tone/spectrum", "Spectrum", FIGURE_SERIES, UNIT_DB, 1,
     "Mean power in bands of a twelfth of an octave."},
    {"tone/difference", "Difference from the reference", FIGURE_SERIES, UNIT_DB, 1,
     "Where it is brighter or darker than the curve it was compared with."},
    {"truth/missing", "Not measured", FIGURE_NUMBER, UNIT_DB, 1, "It stays away."},
};

/* A song's outline: verses, choruses, a break, a fade. */
static double
loud_at(double s)
{
    double part = s < 18    ? 0.45
                  : s < 52  ? 0.7
                  : s < 80  ? 1.0
                  : s < 112 ? 0.72
                  : s < 140 ? 1.0
                  : s < 156 ? 0.3
                            : 1.02;

    return s > 198 ? part * fmax(0.002, (length_s - s) / 17.0) : part;
}

/* The same on every machine: no libc's dice. */
static double
noise(int i)
{
    uint32_t x = (uint32_t)i * 2654435761u;

    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return x / 4294967296.0;
}

static void
put_curve(struct report *r, const char *key, double from, double step, bool log, const double *value,
          int count)
{
    report_series(r, key,
                  &(struct series){.from = from, .step = step, .log = log, .value = value, .count = count});
}

static void
put_wave(struct report *r)
{
    static double low[WAVE], high[WAVE];

    for (int i = 0; i < WAVE; i++) {
        double loud = loud_at(i * length_s / WAVE);

        high[i] = fmin(0.985, loud * (0.62 + 0.45 * noise(i)));
        low[i] = -fmin(0.985, loud * (0.6 + 0.45 * noise(i + 7777)));
    }
    put_curve(r, "levels/waveform_low", 0.0, length_s / WAVE, false, low, WAVE);
    put_curve(r, "levels/waveform_high", 0.0, length_s / WAVE, false, high, WAVE);
}

static void
put_histories(struct report *r)
{
    static double momentary[HISTORY], short_term[HISTORY], correlation[HISTORY];

    for (int i = 0; i < HISTORY; i++) {
        double s = i * 0.1, sum = 0.0;

        momentary[i] = s < 0.4 ? NAN : -8.2 + 20 * log10(loud_at(s)) + 4.0 * noise(i / 3) - 2.0;
        for (int k = 0; k < 30; k++)
            sum += loud_at(fmax(0.0, s - k * 0.1)) * loud_at(fmax(0.0, s - k * 0.1));
        short_term[i] = s < 3.0 ? NAN : -8.4 + 10 * log10(sum / 30) + 0.9 * noise(i / 20);
        correlation[i] = s > 140 && s < 156 ? -0.25 + 0.3 * noise(i / 8) : 0.55 + 0.35 * noise(i / 10);
    }
    put_curve(r, "loudness/momentary_history", 0.0, 0.1, false, momentary, HISTORY);
    put_curve(r, "loudness/short_term_history", 0.0, 0.1, false, short_term, HISTORY);
    put_curve(r, "channels/correlation_history", 0.0, 0.1, false, correlation, HISTORY);
}

static void
put_spectrum(struct report *r)
{
    double level[BANDS], difference[BANDS];

    for (int i = 0; i < BANDS; i++) {
        double octave = i / 12.0;

        level[i] = -18.0 - 4.0 * octave + 8.0 * exp(-pow(octave - 1.6, 2)) + 2.5 * noise(i) -
                   (i > 112 ? (i - 112) * 4 : 0);
        difference[i] = 2.4 * sin(octave * 1.3) + noise(i + 99);
    }
    put_curve(r, "tone/spectrum", 20.0, exp2(1 / 12.0), true, level, BANDS);
    put_curve(r, "tone/difference", 20.0, exp2(1 / 12.0), true, difference, BANDS);
}

static void
put_figures(struct report *r)
{
    report_text(r, "format/container", "WAV, PCM 24 bit, stereo");
    report_put(r, "format/rate", 44100);
    report_put(r, "format/length", length_s);
    report_put(r, "loudness/integrated", -8.73);
    report_put(r, "loudness/max_short_term", -6.94);
    report_put(r, "loudness/max_momentary", -5.81);
    report_put(r, "levels/max_true_peak", 0.31);
    report_put(r, "loudness/range", 5.42);
    report_put(r, "dynamics/plr", 9.04);
    report_put(r, "dynamics/dr", 6);
    report_put(r, "channels/correlation", 0.64);
    report_put(r, "tone/tilt", -4.46);
    for (int c = 0; c < STEREO; c++) {
        report_put_channel(r, "levels/true_peak", c, c ? 0.12 : 0.31);
        report_put_channel(r, "levels/sample_peak", c, c ? -0.13 : -0.1);
        report_put_channel(r, "levels/dc", c, c ? -INFINITY : -92.4);
        report_put_channel(r, "dynamics/crest", c, 9.1 + c * 0.3);
    }
}

static void
put_platforms(struct report *r)
{
    static const struct platform places[] = {
        {"spotify", "Spotify", "2024-05", -5.3, -14.0, "Loud masters are turned down to -14 LUFS."},
        {"apple", "Apple Music", "2024-05", -7.3, -16.0, "Sound Check brings everything to -16 LUFS."},
        {"youtube", "YouTube", "2024-05", -5.3, -14.0, "Only ever turned down."},
        {"club", "Beatport", "2024-05", 0.0, -8.7, "Played as it is."},
        {"broadcast", "EBU R 128", "2023-11", -14.3, -23.0, "Programmes are brought to -23 LUFS."},
        {"quiet", "A place that turns up", "2024-01", 2.2, -6.5, "Turned up to its level."},
    };

    for (size_t i = 0; i < LEN(places); i++)
        report_platform(r, &places[i]);
}

static void
find(struct report *r, const char *kind, enum severity s, int channel, double from, double to,
     const char *what, const char *mend)
{
    struct finding f = {.kind = kind, .severity = s, .channel = channel, .from_s = from, .to_s = to};

    snprintf(f.what, sizeof f.what, "%s", what);
    snprintf(f.mend, sizeof f.mend, "%s", mend);
    report_find(r, &f);
}

static void
put_findings(struct report *r)
{
    const char *lower = "Lower the limiter's ceiling to -1 dBTP and render again.";

    find(r, "true_peak", SEVERITY_FAIL, 0, 64.218, 64.218,
         "True peak of +0.31 dBTP, over the ceiling of -1 dBTP", lower);
    find(r, "true_peak", SEVERITY_FAIL, 1, 121.07, 121.07,
         "True peak of +0.12 dBTP, over the ceiling of -1 dBTP", lower);
    find(r, "clipping", SEVERITY_FAIL, 0, 63.9, 66.4, "14 runs of clipped samples, the longest of 11 frames",
         "Go back to the mix: it was clipped before it came here.");
    find(r, "phase", SEVERITY_WARN, -1, 140.0, 156.0,
         "Correlation stays below zero for 16 s: the pads all but vanish in mono",
         "Listen in mono; narrow the pads, or turn one channel's polarity.");
    for (int i = 0; i < 27; i++)
        find(r, "click", SEVERITY_WARN, i % 2, 91.3 + i * 0.41, 91.3 + i * 0.41,
             "A click of 3 frames, 22 dB above its surroundings",
             "Repair it in the mix, or with a declicker.");
    find(r, "loudness", SEVERITY_WARN, -1, FINDING_WHOLE, FINDING_WHOLE,
         "5.3 LU louder than Spotify plays it",
         "No need to change it: but what it gains in level it loses there.");
    find(r, "silence", SEVERITY_NOTE, -1, 0.0, 0.042, "42 ms of silence before the first sound", "");
    find(r, "fade", SEVERITY_NOTE, -1, 198.0, 215.0, "A fade of 17 s", "");
    find(r, "word_length", SEVERITY_NOTE, -1, FINDING_WHOLE, FINDING_WHOLE,
         "All 24 bits are used, and dithered", "");
}

struct report *
specimen_song(const char *path, bool with_faults)
{
    struct report *r;

    if (report_open(&r, path) != OK || report_add(r, figures, LEN(figures)) != OK)
        return NULL;
    put_figures(r);
    put_wave(r);
    put_histories(r);
    put_spectrum(r);
    put_platforms(r);
    if (with_faults)
        put_findings(r);
    assert(report_finish(r) == OK);
    return r;
}

static const struct figure hostile[] = {
    {"nasty/label", SPECIMEN_HOSTILE_TEXT, FIGURE_TEXT, UNIT_NONE, 0, SPECIMEN_HOSTILE_TEXT},
    {"nasty/curve", SPECIMEN_HOSTILE_TEXT, FIGURE_SERIES, UNIT_DB, 0, SPECIMEN_HOSTILE_TEXT},
    {"nasty/empty", "Empty", FIGURE_SERIES, UNIT_DB, 0, "Nothing in it."},
    {"nasty/nans", "NaNs", FIGURE_SERIES, UNIT_DB, 0, "No number in it."},
    {"nasty/one", "One", FIGURE_SERIES, UNIT_DB, 0, "One point."},
    {"nasty/infinite", "Infinite", FIGURE_SERIES, UNIT_DB, 0, "Infinity in it."},
    {"nasty/eight", "Eight channels", FIGURE_CHANNELS, UNIT_DBFS, 2, "Many."},
    {"nasty/huge", "Huge", FIGURE_NUMBER, UNIT_RATIO, 3, "More than fits."},
};

struct report *
specimen_hostile(void)
{
    const double curve[] = {1.0, -2.0, NAN, 3.0}, nans[] = {NAN, NAN}, infinite[] = {1.0, -INFINITY, 2.0};
    struct platform p = {.gain_db = NAN, .played_lufs = -INFINITY};
    struct report *r;

    if (report_open(&r, SPECIMEN_HOSTILE_PATH) != OK || report_add(r, hostile, LEN(hostile)) != OK)
        return NULL;
    report_text(r, "nasty/label", "%s", SPECIMEN_HOSTILE_TEXT);
    put_curve(r, "nasty/curve", 0.0, 1.0, false, curve, LEN(curve));
    put_curve(r, "nasty/empty", 0.0, 1.0, false, curve, 0);
    put_curve(r, "nasty/nans", 0.0, 1.0, false, nans, LEN(nans));
    put_curve(r, "nasty/one", 100.0, 2.0, true, curve, 1);
    put_curve(r, "nasty/infinite", 0.0, 1.0, true, infinite, LEN(infinite));
    for (int c = 0; c < REPORT_CHANNELS; c++)
        report_put_channel(r, "nasty/eight", c, c == 3 ? NAN : c == 4 ? INFINITY : -100.25 * c);
    report_put(r, "nasty/huge", -1.5e300);
    find(r, "nasty", SEVERITY_FAIL, 7, 1e9, 2e9, SPECIMEN_HOSTILE_TEXT, SPECIMEN_HOSTILE_TEXT);
    find(r, "nasty", SEVERITY_NOTE, -1, FINDING_WHOLE, FINDING_WHOLE, SPECIMEN_HOSTILE_TEXT, "");
    snprintf(p.title, sizeof p.title, "%.60s", SPECIMEN_HOSTILE_TEXT);
    snprintf(p.rule, sizeof p.rule, "%s", SPECIMEN_HOSTILE_TEXT);
    report_platform(r, &p);
    assert(report_finish(r) == OK);
    return r;
}

static const struct figure album[] = {
    {"album/integrated", "Integrated loudness", FIGURE_NUMBER, UNIT_LUFS, 1,
     "Of all tracks as one programme."},
    {"album/loudness_spread", "Loudness spread", FIGURE_NUMBER, UNIT_LU, 1,
     "Between the loudest track and the quietest."},
};

struct report *
specimen_album(void)
{
    struct report *r;

    if (report_open(&r, "album") != OK || report_add(r, album, LEN(album)) != OK)
        return NULL;
    report_put(r, "album/integrated", -9.1);
    report_put(r, "album/loudness_spread", 3.4);
    report_track(r, &(struct track){"/music/01 Groyne.wav", -8.7, 0.0, 5.4, 0.3, NAN, 1.1});
    report_track(r, &(struct track){"/music/02 Undertow.wav", -8.6, 0.1, 4.1, -1.0, 2.0, 0.8});
    report_track(r, &(struct track){"/music/03 Slack Water.wav", -12.1, -3.4, 9.8, -1.2, 2.5, 3.9});
    find(r, "album_level", SEVERITY_WARN, -1, FINDING_WHOLE, FINDING_WHOLE,
         "Slack Water is 3.4 LU quieter than the median of the album",
         "Raise it by 2 dB, unless it is meant so.");
    assert(report_finish(r) == OK);
    return r;
}
