# SPDX-License-Identifier: GPL-3.0-or-later
"""The multiband compressor: its crossovers, and what each band does to a level."""
import numpy as np

import plots
import sounds
from comp import curve
from judge import db, gain, octaves, response, tone
from program import at

RATE = 48000
HZ = octaves()
XOVERS = (120, 1000, 6000)


def settings(slope=None, bands=None, xovers=XOVERS, **more):
    words = at('/multiband', on=1, **more)
    words.update({'/multiband/xover/%d' % (i + 1): hz for i, hz in enumerate(xovers)})
    for i in range(1, 5):
        words.update(at('/multiband/%d' % i, on=1, **{'ratio': 1, **(bands or {})}))
    if slope:
        words['/multiband/slope'] = slope
    return words


def heard(program, words, peak=0.01):
    sound, zero = sounds.impulse(RATE, 2.0, 0.5, peak)
    return program.render(sound, RATE, words)[:, 0] / peak, zero


def order_of(slope):
    """Decibels an octave of its word."""
    return int(''.join(c for c in slope if c.isdigit()))


def linkwitz(hz, freq, slope, high):
    """Magnitude of a Linkwitz-Riley low- or high-pass: a Butterworth of half the slope, squared."""
    x = (np.asarray(hz) / freq) ** (-1 if high else 1)
    return 1 / (1 + x ** (slope / 6))


def bands_of(program, words):
    """Complex response of each band alone: what 12 dB more of it add to the whole, over what 12 dB are."""
    flat, zero = heard(program, words)
    more = [heard(program, {**words, '/multiband/%d/makeup' % i: 12})[0] for i in range(1, 5)]
    return [response((m - flat) / (gain(12) - 1), RATE, HZ, zero) for m in more]


def sums(s, program):
    slopes = program.choices('/multiband/slope')
    fig, axes = plots.figure(2, len(slopes), height=4.6, ratios=(2.4, 1), sharex=True)
    for column, slope in enumerate(slopes):
        words, n = settings(slope), order_of(slope)
        whole, zero = heard(program, words)
        values, where = response(whole, RATE, HZ, zero)
        s.most('%s: sum of four bands off flat, 20 Hz to 20 kHz' % slope, np.abs(db(values)).max(), 0.001, 'dB', 7)
        parts = bands_of(program, words)
        for colour, (part, at_hz) in zip(plots.shades(4), parts):
            axes[0, column].plot(at_hz, db(part), color=colour)
        axes[0, column].plot(where, db(values), color=plots.INK, linewidth=0.9)
        turn = -np.gradient(np.unwrap(np.angle(values)), 2 * np.pi * where)
        axes[1, column].plot(where, 1000 * turn, color=plots.INK, linewidth=0.9)
        axes[0, column].set_ylim(-80, 6)
        axes[0, column].set_title('%d dB an octave' % n)
        plots.hz(axes[1, column])
        skirts(s, program, slope)
    axes[0, 0].set_ylabel('dB')
    axes[1, 0].set_ylabel('delay, ms')
    s.plot(fig, 'The four bands, and in black their sum: with all compressors at 1 : 1 only the phase is turned. Below, '
           'the group delay of the sum.')
    close = settings(slopes[0], xovers=(300, 600, 1200))
    values, _ = response(*[heard(program, close)[0], RATE, HZ])
    s.most('crossovers an octave apart: sum off flat', np.abs(db(values)).max(), 0.001, 'dB', 7)


def skirts(s, program, slope):
    """The lowest band, with the other crossovers out of its way."""
    corner, n = XOVERS[0], order_of(slope)
    low, hz = bands_of(program, settings(slope, xovers=(corner, 8000, 16000)))[0]
    want = db(linkwitz(hz, corner, n, False))
    near = (want > -80) & (hz < 4 * corner)
    s.most('%s: lowest band off a Linkwitz-Riley of %d dB an octave, up to two octaves above 120 Hz' % (slope, n),
           np.abs(db(low) - want)[near].max(), 0.1)
    i, j = (np.argmin(np.abs(hz - corner * k)) for k in (2, 4))
    s.told('%s: slope from 240 to 480 Hz' % slope, (db(low[i]) - db(low[j])) / np.log2(hz[j] / hz[i]), 'dB/oct', 1)


def linear(s, program):
    if 'linear' not in program.choices('/multiband/phase'):
        s.note('Linear phase is not built in.')
        return
    rate = RATE
    x = sounds.programme(rate, 2.0) * 0.3
    for slope in program.choices('/multiband/slope'):
        y = program.render(x, rate, {**settings(slope), '/multiband/phase': 'linear'})
        s.most('linear phase, %s: sum of all bands less the delayed input' % slope, db(np.abs(y - x).max()), -240, 'dBFS', 1)


def curves(s, program):
    """Tones that grow, far from all crossovers: else what the neighbours let by would be heard beside 20 dB less."""
    slope = max(program.choices('/multiband/slope'), key=order_of)
    far = ((60, (600, 6000, 16000)), (600, (60, 6000, 16000)), (1800, (60, 200, 16000)), (10700, (60, 200, 1500)))
    levels, frames = np.arange(-48.0, -0.9, 1.0), RATE // 5
    fig, axes = plots.figure(1, 4, height=3.0)
    worst = 0.0
    for band, (ax, (freq, xovers)) in enumerate(zip(axes, far), 1):
        x = tone(freq, RATE, len(levels) * frames) * np.repeat(gain(levels), frames)
        for colour, ratio in zip((plots.TEAL, plots.OCHRE, plots.RED), (1.5, 3, 10)):
            words = settings(slope, xovers=xovers)
            words.update(at('/multiband/%d' % band, ratio=ratio, threshold=-24, knee=6, attack=2, release=1500))
            y = program.render(x, RATE, words)[:, 0].reshape(len(levels), frames)[:, frames // 2:]
            power = lambda z: 10 * np.log10((z ** 2).mean(1) * 2)
            pure = power(x.reshape(len(levels), frames)[:, frames // 2:])
            want = curve(levels, -24, ratio, 6)
            worst = max(worst, np.abs(power(y) - pure - (want - levels)).max())
            ax.plot(levels, want, color=plots.INK, linewidth=0.7, linestyle=(0, (4, 3)))
            ax.plot(levels, power(y) - pure + levels, '.', markersize=3, color=colour, label='%g : 1' % ratio)
        ax.set_title('Band %d: %s' % (band, '%g kHz' % (freq / 1000) if freq >= 1000 else '%g Hz' % freq))
        ax.set_xlabel('in, dBFS')
        ax.set_aspect('equal')
    axes[0].set_ylabel('out, dBFS')
    axes[0].legend(loc='upper left')
    s.plot(fig, 'Dots: measured. Dashed: the formula, threshold -24 dBFS, knee 6 dB.')
    s.most('static curves of all bands, on tones: largest error', worst, 0.1)


def aside(s, program):
    """What one band does must not be heard in the others."""
    x = tone(3000, RATE, RATE, 0.05)
    x2 = x + tone(60, RATE, RATE, 0.8)
    words = settings(max(program.choices('/multiband/slope'), key=order_of))
    words.update(at('/multiband/1', ratio=8, threshold=-40, attack=5, release=300))
    alone, beside = (program.render(z, RATE, words)[RATE // 2:, 0] for z in (x, x2))
    at_3k = lambda z: db(np.abs((z * np.exp(-2j * np.pi * 3000 * np.arange(len(z)) / RATE)).mean()))
    s.most('a bass compressed by 15 dB moves 3 kHz by', np.abs(at_3k(beside) - at_3k(alone)), 0.01, 'dB', 6)


def measure(s, program):
    if not program.has('/multiband/on'):
        return 'not built in'
    sums(s, program)
    linear(s, program)
    curves(s, program)
    aside(s, program)


SECTIONS = {'multiband': ('Multiband compressor', 'Impulses through all bands at 1 : 1, and with one band 12 dB up, from '
                          'which each band’s own response follows. Tones of rising level for the bands’ static curves.',
                          measure)}
