# SPDX-License-Identifier: GPL-3.0-or-later
"""The de-esser: by the share that a band has in the sound, not by its level."""
import numpy as np
from scipy import signal

import plots
import sounds
from judge import analog, db, gain, tone
from program import at

RATE, LOW, HIGH = 48000, 300, 6500


def settings(**more):
    return at('/deess', on=1, freq=HIGH, q=1, **{'attack': 1, 'release': 50, 'threshold': -12, 'range': 10, **more})


def amplitude(x, hz):
    return np.abs((x * np.exp(-2j * np.pi * hz * np.arange(len(x)) / RATE)).mean()) * 2


def share_curve(program, level_db, shares, **more):
    """What is done to the high tone, by its share in the sum of two, at one level of the whole."""
    n = RATE // 2
    x = []
    for share in shares:
        high = np.sqrt(10 ** (share / 10))
        low = np.sqrt(max(1 - high ** 2, 0))
        x.append(gain(level_db) * (low * tone(LOW, RATE, n) + high * tone(HIGH, RATE, n)))
    whole = np.concatenate(x)
    y = program.render(whole, RATE, settings(**more))[:, 0].reshape(len(shares), n)[:, n // 2:]
    x = whole.reshape(len(shares), n)[:, n // 2:]
    return np.array([db(amplitude(b, HIGH)) - db(amplitude(a, HIGH)) for a, b in zip(x, y)])


def speech(rate):
    """A voice of two seconds: a buzz, and sibilants on top of it."""
    t = np.arange(2 * rate) / rate
    buzz = 0.25 * sounds.saw(t, 140) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    hiss = signal.sosfilt(signal.butter(2, (4500, 9500), 'bandpass', fs=rate, output='sos'), sounds.noise(len(t), 31))
    return buzz + 0.6 * hiss * (np.fmod(t, 0.4) > 0.3)


def measure(s, program):
    if not program.has('/deess/on'):
        return 'not built in'
    shares, levels = np.arange(-30.0, 0.1, 1.5), (0, -20, -40, -60)
    found = program.map(lambda level: share_curve(program, level, shares), levels)
    fig, axes = plots.figure(1, 2, height=3.4, widths=(1, 1.4))
    for colour, level, curve in zip(plots.shades(len(levels)), levels, found):
        axes[0].plot(shares, curve, color=colour, label='%d dBFS' % level)
    spill = np.abs(analog('band_pass', LOW, HIGH, q=1.0)) ** 2     # of the low tone into the band
    power = 10 ** (shares / 10)
    over = 10 * np.log10(power + (1 - power) * spill) + 12
    want = -np.minimum(np.where(over < -3, 0, np.where(over > 3, over, (over + 3) ** 2 / 12)), 10)
    axes[0].plot(shares[want > -7], want[want > -7], '.', color=plots.INK, markersize=3)
    axes[0].set_title('6.5 kHz, by its share in the sound')
    axes[0].set_xlabel('share, dB')
    axes[0].set_ylabel('gain, dB')
    axes[0].legend(loc='lower left')
    s.most('level independence: one sound from 0 down to -60 dBFS, largest difference of gain',
           np.ptp(np.array(found), axis=0).max(), 0.1, 'dB', 4)
    inside = want > -7      # towards the range it bends softly
    s.most('off the formula: 1 dB less for each above the threshold, knee 6 dB', np.abs(found[0] - want)[inside].max(), 0.3, 'dB', 3)

    x = speech(RATE)
    outs = {level: program.render(gain(level) * x, RATE, settings(threshold=-10))[:, 0] / gain(level) for level in (0, -30)}
    t = np.arange(len(x)) / RATE * 1000
    part = slice(RATE // 4, RATE // 2 + RATE // 4)
    axes[1].plot(t[part], x[part], color='#d9c7a8', linewidth=0.6, rasterized=True, label='in')
    axes[1].plot(t[part], outs[0][part], color=plots.RED, linewidth=0.6, rasterized=True, label='out')
    axes[1].set_title('A buzz with sibilants')
    axes[1].set_xlabel('ms')
    axes[1].legend(loc='upper right', ncols=2)
    s.plot(fig, 'Left: the same two tones at four levels, one curve; dots: the formula. Right: only the sibilants are '
           'turned down.')
    s.most('the same voice 30 dB softer: difference of the results, of the peak', db(np.abs(outs[0] - outs[-30]).max() / np.abs(x).max()),
           -60, 'dB', 1)
    low = tone(LOW, RATE, 2 * RATE, 0.5)
    rest = np.abs(program.render(low, RATE, settings())[:, 0] - low)[RATE:]
    s.most('a low tone: what is taken from it a second after its onset', db(rest.max()), -120, 'dBFS', 1)


SECTIONS = {'deess': ('De-esser', 'Two tones whose levels stand in a given proportion, at four levels of the whole, and a '
                      'buzz with bursts of noise. What is done to the upper tone may depend on its share alone.', measure)}
