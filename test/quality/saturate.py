# SPDX-License-Identifier: GPL-3.0-or-later
"""What bends the wave: saturation, exciter, clipper. What it adds, and what it must not add."""
import numpy as np

import plots
import sounds
from judge import aliasing_db, coherent, db, gain, harmonics, loudness, tone, true_peak
from program import at

RATES = (44100, 48000)
N = 1 << 16


def steady(program, words, freq, rate, peak, settle=1 << 16):
    """N frames of what becomes of a tone, and the tone's exact frequency."""
    freq = coherent(freq, rate, N)
    x = tone(freq, rate, settle + N + (1 << 14), peak)
    return program.render(x, rate, words)[settle:settle + N, 0], freq


def bars(ax, amplitudes, colour, offset=0.0, width=0.25, label=None):
    level = np.maximum(db(amplitudes / amplitudes[0]), -140)
    ax.bar(np.arange(1, len(level) + 1) + offset, level + 140, width, bottom=-140, color=colour, label=label)


def spectrum(ax, y, rate, colour, label=None):
    window = np.hanning(len(y))
    level = db(np.fft.rfft(y * window) * 4 / len(y))
    hz = np.fft.rfftfreq(len(y), 1 / rate)
    step = 16
    top = level[:len(level) // step * step].reshape(-1, step).max(1)
    ax.plot(hz[:len(top) * step:step] / 1000, top, color=colour, linewidth=0.7, label=label)
    ax.set_xlabel('kHz')
    ax.set_ylim(-200, 5)


# --- saturation -------------------------------------------------------------------------------------------

def measure_saturate(s, program):
    if not program.has('/saturate/on'):
        return 'not built in'
    shapes, rate = program.choices('/saturate/shape'), 48000
    words = lambda **more: at('/saturate', on=1, **more)
    fig, axes = plots.figure(1, 3, height=3.4)
    for ax, peak in zip(axes, (-18, -12, -6)):
        for i, (colour, shape) in enumerate(zip(plots.COLOURS, shapes)):
            y, freq = steady(program, words(shape=shape, drive=12, auto_gain=0), 1000, rate, gain(peak))
            found = harmonics(y, freq, rate, 9)
            bars(ax, found, colour, 0.27 * (i - (len(shapes) - 1) / 2), label=shape)
            if peak == -12:
                for n in (2, 3, 5):
                    s.told('%s, drive 12 dB, 1 kHz at -12 dBFS: harmonic %d' % (shape, n), db(found[n - 1] / found[0]), 'dB', 1)
        ax.set_title('1 kHz at %d dBFS, drive 12 dB' % peak)
        ax.set_xticks(range(1, 10))
        ax.set_xlabel('harmonic')
        ax.grid(axis='x', visible=False)
    axes[0].set_ylabel('dB')
    axes[0].legend(loc='upper right', ncols=1)
    s.plot(fig, 'The series of harmonics of each shape, over the tone itself.')

    fig, axes = plots.figure(1, 2, height=3.2)
    for ax, rate in zip(axes, RATES):
        for colour, shape in zip(plots.COLOURS, shapes):
            y, freq = steady(program, words(shape=shape, drive=12, auto_gain=0), 5000, rate, gain(-6))
            spectrum(ax, y, rate, colour, shape)
            s.most('%s, drive 12 dB, 5 kHz at -6 dBFS, %g kHz: all below 20 kHz that is no harmonic' % (shape, rate / 1000),
                   aliasing_db(y, freq, rate)[1], -90, 'dB', 1)
        ax.set_title('5 kHz at -6 dBFS, drive 12 dB, at %g kHz' % (rate / 1000))
    axes[0].legend(loc='upper right', ncols=3)
    s.plot(fig, 'What is not a multiple of 5 kHz has been folded back and does not belong there.')
    neutral_loudness(s, program, words, shapes)
    x = sounds.programme(48000, 1.0)
    s.true('drive 0 dB: the same bits', np.array_equal(program.render(x, 48000, words(drive=0)), x))


def neutral_loudness(s, program, words, shapes):
    """A programme of 12 s, of which the last 4 s count."""
    rate = 48000
    x = 0.35 * sounds.programme(rate, 12.0)
    x *= gain(-16 - loudness(x, rate))
    drives = (3, 6, 12, 18)
    fig, ax = plots.figure(1, 1, width=5.4, height=3.0)
    for colour, shape in zip(plots.COLOURS, shapes):
        y = program.map(lambda d: program.render(x, rate, words(shape=shape, drive=d))[-4 * rate:], drives)
        change = [loudness(z, rate) - loudness(x[-4 * rate:], rate) for z in y]
        ax.plot(drives, change, '.-', color=colour, label=shape)
        s.most('%s, drive 3 to 18 dB, auto gain: change of loudness' % shape, np.abs(change).max(), 0.5, 'LU', 2)
    ax.set_title('Loudness kept by auto gain, LU')
    ax.set_xlabel('drive, dB')
    plots.bound(ax, 0.5, -0.5)
    ax.legend()
    s.plot(fig, 'A programme of -16 LUFS: how much louder or softer it comes out.', wide=False)


# --- exciter ----------------------------------------------------------------------------------------------

def measure_exciter(s, program):
    if not program.has('/exciter/on'):
        return 'not built in'
    words = lambda **more: at('/exciter', on=1, **{'freq': 4000, 'drive': 18, 'mix': 30, **more})
    x = sounds.programme(48000, 1.0)
    s.true('mix 0 %: the same bits', np.array_equal(program.render(x, 48000, words(mix=0)), x))
    fig, axes = plots.figure(1, 2, height=3.2)
    for ax, rate in zip(axes, RATES):
        for colour, even in zip(plots.COLOURS, (0, 50, 100)):
            y, freq = steady(program, words(even=even), 5000, rate, 0.25)
            spectrum(ax, y, rate, colour, 'even %d %%' % even)
            if even == 50:
                dry = tone(freq, rate, N + (1 << 16), 0.25)[-N:]
                found = harmonics(y, freq, rate, 4)
                s.most('5 kHz, %g kHz: change of the tone itself' % (rate / 1000), np.abs(db(found[0] / 0.25)), 0.1, 'dB', 4)
                s.told('5 kHz, %g kHz: harmonics 2 and 3 together' % (rate / 1000), db(np.hypot(*found[1:3]) / found[0]), 'dB', 1)
                s.most('5 kHz, %g kHz: all below 20 kHz that is no harmonic' % (rate / 1000), aliasing_db(y, freq, rate)[1],
                       -90, 'dB', 1)
        ax.set_title('5 kHz at -12 dBFS, mix 30 %%, at %g kHz' % (rate / 1000))
    axes[0].legend(loc='upper right', ncols=3)
    s.plot(fig, 'Harmonics are added; nothing below the tone, and nothing that is folded back.')
    bass = tone(coherent(200, 48000, N), 48000, N, 0.5)
    y = program.render(bass, 48000, words())[N // 2:, 0]
    s.most('200 Hz at -6 dBFS: what is added to it', db(np.abs(y - bass[N // 2:]).max() / 0.5), -60, 'dB', 1)


# --- clipper ----------------------------------------------------------------------------------------------

def measure_clip(s, program):
    if not program.has('/clip/on'):
        return 'not built in'
    ceiling = -6.0
    words = lambda **more: at('/clip', on=1, **{'ceiling': ceiling, 'drive': 0, 'knee': 0, **more})
    fig, axes = plots.figure(1, 2, height=3.2)
    for ax, rate in zip(axes, RATES):
        for colour, freq in ((plots.TEAL, 1000), (plots.RED, 5000)):
            y, exact = steady(program, words(drive=6), freq, rate, gain(ceiling))
            spectrum(ax, y, rate, colour, '%g kHz' % (freq / 1000))
            strongest, whole = aliasing_db(y, exact, rate)
            s.most('%g kHz, 6 dB over, %g kHz: all below 20 kHz that is no harmonic' % (freq / 1000, rate / 1000), whole, -90, 'dB', 1)
        y, exact = steady(program, words(drive=18), 5000, rate, gain(ceiling))
        s.told('5 kHz, 18 dB over, %g kHz: the same' % (rate / 1000), aliasing_db(y, exact, rate)[1], 'dB', 1)
        ax.set_title('6 dB over, hard, at %g kHz' % (rate / 1000))
    axes[0].legend(loc='upper right')
    s.plot(fig, 'Only odd multiples of the tone belong here; everything else has been folded back.')

    fig, axes = plots.figure(1, 2, height=3.2)
    rate = 48000
    over = {}
    for colour, push in zip(plots.shades(3), (3, 6, 12)):
        y, exact = steady(program, words(drive=push), 5000, rate, gain(ceiling))
        over[push] = max(db(true_peak(np.stack([y, y], 1)))) - ceiling
    s.most('5 kHz, 6 dB over: true peak over the ceiling', over[6], 2.0, 'dB', 2)
    s.told('5 kHz, 12 dB over: true peak over the ceiling', over[12], 'dB', 2)
    t = np.arange(480) / rate * 1000
    for colour, knee in zip(plots.shades(4), (0, 33, 66, 100)):
        y, exact = steady(program, words(drive=6, knee=knee), 200, rate, gain(ceiling))
        start = int(np.argmin(np.abs(y[100:600]))) + 100
        axes[0].plot(t, y[start:start + 480], color=colour, label='knee %d %%' % knee)
    ramp = np.linspace(0, 1, rate)
    for colour, knee in zip(plots.shades(4), (0, 33, 66, 100)):
        y = program.render(ramp, rate, words(knee=knee))[:, 0]
        axes[1].plot(ramp[::200], y[::200], color=colour)
    plots.bound(axes[0], gain(ceiling), -gain(ceiling))
    plots.bound(axes[1], gain(ceiling))
    axes[0].set_title('200 Hz, 6 dB over')
    axes[0].set_xlabel('ms')
    axes[0].legend(loc='lower left', ncols=2)
    axes[1].set_title('The curve')
    axes[1].set_xlabel('in')
    axes[1].set_ylabel('out')
    s.plot(fig, 'Dashed: the ceiling.')
    x = 0.2 * sounds.programme(rate, 1.0)
    x *= 0.4 / np.abs(x).max()
    s.true('below the knee: the same bits', np.array_equal(program.render(x, rate, words()), x))


SECTIONS = {
    'saturate': ('Saturation', 'Tones of 1 kHz for the series of harmonics, of 5 kHz for what is folded back, and a programme '
                 'for the loudness.', measure_saturate),
    'exciter': ('Exciter', 'A tone in the treble: its harmonics are wanted, all else is not.', measure_exciter),
    'clip': ('Clipper', 'Tones pushed over the ceiling. What is not a harmonic of the tone, below 20 kHz, is aliasing.',
             measure_clip)}
