# SPDX-License-Identifier: GPL-3.0-or-later
"""The noise of a file of 16 bits."""
import numpy as np
from scipy import signal

import plots
import sounds
from judge import db, tone

STEP = 2.0 ** -15
RATE, SECONDS = 44100, 20
# Total, at 3.5 kHz and at 20 kHz over flat TPDF, dB; taps of the error's feedback. Lipshitz et al. 1991, Wannamaker 1992.
SHAPES = {'light': ((6.6, -19, 11), (1.623, -0.982, 0.109)),
          'medium': ((18.4, -25, 26), (2.412, -3.370, 3.937, -4.174, 3.353, -2.205, 1.281, -0.569, 0.0847)),
          'strong': ((23.1, -29, 30), (2.847, -4.685, 6.214, -7.184, 6.639, -5.032, 3.263, -1.632, 0.4191))}
FLAT_DBFS = 20 * np.log10(STEP * 0.5)     # 2 of TPDF and 1 of rounding, in twelfths of a step's square


def words(program, shape=None, **more):
    out = {'/print/dither': shape} if shape and program.has('/print/dither') else {}
    return {**out, **{'/print/' + k: v for k, v in more.items()}}


def density(noise, rate):
    """Power by frequency, as dB of what the same power spread flat would be."""
    hz, power = signal.welch(noise, rate, 'blackman', 4096)
    return hz, 10 * np.log10(power * rate / 2)


def asked(taps, hz):
    z = np.exp(-2j * np.pi * np.asarray(hz) / RATE)
    return db(1 - sum(c * z ** (k + 1) for k, c in enumerate(taps)))


def measure(s, program):
    quiet = 1e-3 * np.stack([sounds.noise(RATE * SECONDS, 41), sounds.noise(RATE * SECONDS, 42)], 1)
    error = lambda w: program.render(quiet, RATE, w, 'wav16') - quiet
    shapes = [n for n in SHAPES if n in program.choices('/print/dither')]
    flat = error(words(program, 'tpdf' if shapes else None))
    fig, ax = plots.figure(1, 1, height=3.9)
    hz, power = density(flat[:, 0], RATE)
    ax.plot(hz / 1000, power, color='#8a8378', label='TPDF', linewidth=1.2)
    s.near('TPDF: noise, RMS', db(np.sqrt((flat ** 2).mean())), round(FLAT_DBFS, 2), 0.05, 'dBFS', 2)
    flats = (power - FLAT_DBFS)[16:16 * (len(power) // 16)].reshape(-1, 16).mean(1)
    s.most('TPDF: spectrum off flat, in bands of 170 Hz', np.abs(flats).max(), 0.25, 'dB', 2)
    for colour, name in zip((plots.TEAL, plots.OCHRE, plots.RED), shapes):
        (total, mid, top), taps = SHAPES[name]
        noise = error(words(program, name))
        hz, power = density(noise[:, 0], RATE)
        ax.plot(hz / 1000, power, color=colour, label=name, linewidth=1.2)
        ax.plot(hz[::40] / 1000, FLAT_DBFS + asked(taps, hz[::40]), '.', color=plots.INK, markersize=2.5)
        near = lambda f: (power - FLAT_DBFS)[np.abs(hz - f) < 150].mean()
        s.near('%s: noise over TPDF, total' % name, db(np.sqrt((noise ** 2).mean())) - FLAT_DBFS, total, 0.3)
        s.near('%s: at 3.5 kHz' % name, near(3500), mid, 1.0)
        s.near('%s: at 20 kHz' % name, near(20000), top, 1.0)
    if not shapes:
        s.note('Shapes are not built in.')
    ax.set_xlim(0, 22.05)
    ax.set_xlabel('kHz')
    ax.set_ylabel('dBFS in the whole band')
    ax.set_title('Noise of 16 bits at 44.1 kHz')
    ax.legend(loc='upper left', ncols=4)
    s.plot(fig, 'Spectra of what rounding adds, over 20 s. Dots: |1 - Σ cₖ z⁻ᵏ| of the published coefficients.')
    behaviour(s, program)
    a_tone(s, program)


def a_tone(s, program):
    """A tone below the last bit."""
    rate, n = 48000, 1 << 18
    freq = 1000.0
    x = tone(freq, rate, n, 0.4 * STEP)
    fig, axes = plots.figure(1, 2, height=3.0)
    rows = [('rounded', 'none'), ('dithered', 'tpdf')] if program.has('/print/dither') else [('dithered', None)]
    for ax, (label, shape) in zip(axes, rows):
        y = program.render(x, rate, words(program, shape), 'wav16')[:, 0]
        t = np.arange(480) / rate * 1000
        ax.plot(t, x[4800:5280] / STEP, color='#c9c2b4', label='in')
        ax.plot(t, y[4800:5280] / STEP, color=plots.TEAL, linewidth=0.7, drawstyle='steps-mid', label=label)
        periods = y[:n // 48 * 48].reshape(-1, 48).mean(0)
        ax.plot(t[:480], np.tile(periods / STEP, 10), color=plots.RED, label='mean of 5461 periods')
        ax.set_title('A tone of 0.4 steps, ' + label)
        ax.set_xlabel('ms')
        ax.set_ylim(-2.6, 3.4)
        ax.legend(loc='upper right', ncols=3)
        if shape != 'none':
            wave = tone(freq, rate, 48, 0.4)
            s.most('a tone of 0.4 steps: mean of its periods off the tone', np.abs(periods / STEP - wave).max(), 0.05, 'steps', 3)
    axes[0].set_ylabel('steps')
    s.plot(fig, 'Rounding alone swallows it; with dither it goes on below the last bit.')


def behaviour(s, program):
    x = 0.5 * sounds.programme(RATE, 1.0)
    make = lambda sound, **more: program.render_each([sound], RATE, words(program, **more), 'wav16', raw=True)[0]
    s.true('the same render twice: the same bytes', make(x) == make(x))
    if program.has('/print/seed'):
        s.true('another seed: other bytes', make(x, seed=1) != make(x, seed=2))
        s.true('the same seed: the same bytes', make(x, seed=7) == make(x, seed=7))
    if program.has('/print/blank'):
        gap = np.concatenate([x, np.zeros((3 * 4096, 2)), x])
        y = program.render(gap, RATE, words(program, blank=1), 'wav16')
        silent = y[len(x) + 4096 + 64:len(x) + 3 * 4096]
        s.true('blank: after 4096 frames of silence, zeros', not silent.any())
        y = program.render(gap, RATE, words(program, blank=0), 'wav16')
        s.true('without blank the dither goes on', y[len(x) + 4096 + 64:len(x) + 3 * 4096].any())


SECTIONS = {'dither': ('Dither', 'Noise of -60 dBFS rendered to 16 bits; what was added is looked at by frequency and held '
                       'against the published filters.', measure)}
