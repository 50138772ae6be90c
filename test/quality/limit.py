# SPDX-License-Identifier: GPL-3.0-or-later
"""The limiter against sounds that are made to get past it."""
import numpy as np

import plots
import sounds
from judge import coherent, db, distortion, tone, true_peak
from program import at

CEILING = -1.0
RATES = (44100, 48000, 96000, 192000)
PUSHES = (6, 12, 20)
SECONDS = {44100: 0.5, 48000: 0.5, 96000: 0.25, 192000: 0.125}


def modes(program):
    return program.choices('/limit/mode') or [None]


def settings(mode, push, **more):
    words = at('/limit', on=1, gain=push, ceiling=CEILING, **more)
    return {**words, '/limit/mode': mode} if mode else words


def overshoots(program):
    """[mode, push, rate, sound] -> dB over the ceiling by the fine judge, and by the ITU's filter."""
    stuff = {rate: [sounds.adversarial(name, rate, SECONDS[rate]) for name in sounds.ADVERSARIAL] for rate in RATES}
    cases = [(m, p, r) for m in modes(program) for p in PUSHES for r in RATES]

    def one(case):
        mode, push, rate = case
        return [true_peak(y) for y in program.render_each(stuff[rate], rate, settings(mode, push))]
    found = db(np.array(program.map(one, cases))) - CEILING
    return found.reshape(len(modes(program)), len(PUSHES), len(RATES), len(sounds.ADVERSARIAL), 2)


def ceiling(s, program):
    over = overshoots(program)
    for m, mode in enumerate(modes(program)):
        for p, push in enumerate(PUSHES):
            text = '%slouder by %d dB: highest over the ceiling, ' % (mode + ', ' if mode else '', push)
            s.most(text + '32 x, 96 taps', over[m, p, ..., 0].max(), 0.1)
            s.most(text + 'ITU filter', over[m, p, ..., 1].max(), 0.1)
    s.least('quietest result of all: it limits and does not just turn down', over.max(-1).min(), -3.0, digits=2)
    fig, axes = plots.figure(1, len(RATES), height=3.3, widths=None)
    worst = over.max((0, 4))
    for i, rate in enumerate(RATES):
        plots.heat(axes[i], worst[:, i].T, list(sounds.ADVERSARIAL) if i == 0 else [''] * len(sounds.ADVERSARIAL),
                   ['+%d dB' % p for p in PUSHES], '%+.3f', -0.3, 0.1, plots.SCALE)
        axes[i].set_title('%g kHz' % (rate / 1000))
    s.plot(fig, 'True peak over the ceiling in dB: the worse of both judges and of all modes, by sound, rate and drive. '
           'Below 0 is below the ceiling; 0.1 is asked.')


def detail(s, program):
    """What comes in, what goes out, and the gain between them."""
    rate, push = 48000, 9
    x = sounds.programme(rate, 2.0)
    fig, axes = plots.figure(2, 1, height=4.6, ratios=(2, 1), sharex=True)
    t = np.arange(len(x)) / rate * 1000
    part = slice(int(1.20 * rate), int(1.62 * rate))
    axes[0].plot(t[part], x[part, 0] * 10 ** (push / 20), color='#c9c2b4', linewidth=0.8, rasterized=True,
                 label='in, %+d dB' % push)
    for colour, mode in zip(plots.COLOURS, modes(program)):
        y = program.render(x, rate, settings(mode, push))
        loud = np.abs(x[:, 0]) > 1e-4
        ratio = np.interp(np.arange(len(x)), np.nonzero(loud)[0], (y[loud, 0] / x[loud, 0]))
        if colour == plots.COLOURS[0]:
            axes[0].plot(t[part], y[part, 0], color=colour, linewidth=0.9, rasterized=True, label='out')
        axes[1].plot(t[part][::16], db(ratio[part])[::16] - push, color=colour, linewidth=1.2, label=mode or 'gain')
    plots.bound(axes[0], 10 ** (CEILING / 20), -10 ** (CEILING / 20))
    axes[0].set_title('A programme, louder by %d dB' % push)
    axes[0].legend(loc='upper right', ncols=2)
    axes[1].set_ylabel('gain, dB')
    axes[1].set_xlabel('ms')
    axes[1].legend(loc='lower right', bbox_to_anchor=(1, 0.97), ncols=3)
    s.plot(fig, 'Dashed: the ceiling. Below: the gain of each mode, which begins to move before the peak and is smooth.')


def bass(s, program):
    """Distortion of steady low tones."""
    rate, n = 48000, 96000
    hz = np.array([20, 30, 40, 50, 70, 100, 150, 200, 400, 1000])
    exact = [coherent(f, rate, n) for f in hz]
    fig, axes = plots.figure(1, 2, height=3.2)
    for colour, mode in zip(plots.COLOURS, modes(program)):
        def one(freq, push=6.0):
            x = tone(freq, rate, 2 * n, 10 ** (CEILING / 20))
            return 100 * distortion(program.render(x, rate, settings(mode, push))[n:, 0], freq, rate)
        found = program.map(one, exact)
        fifty = found[list(hz).index(50)]
        if mode in ('transparent', None) and program.has('/limit/mode'):
            s.most('50 Hz pushed 6 dB over the ceiling, transparent: distortion', fifty, 0.1, '%', 4)
        else:
            s.told('50 Hz pushed 6 dB over the ceiling%s: distortion' % (', ' + mode if mode else ''), fifty, '%', 4)
        axes[0].loglog(hz, np.maximum(found, 1e-6), '.-', color=colour, label=mode or 'as it is')
        pushes = np.array([1, 2, 4, 6, 9, 12, 18, 24])
        axes[1].semilogy(pushes, np.maximum(program.map(lambda p: one(exact[3], p), pushes), 1e-6), '.-', color=colour)
    plots.hz(axes[0], 20, 1000)
    axes[0].set_title('Distortion of a tone pushed 6 dB, %')
    axes[1].set_title('Distortion of 50 Hz by drive, %')
    axes[1].set_xlabel('dB over the ceiling')
    for ax in axes:
        plots.bound(ax, 0.1)
    axes[0].legend()
    s.plot(fig, 'A steady tone should only be turned down. Dashed: 0.1 %, asked of the transparent mode at 50 Hz.')


def latency(s, program):
    for rate in RATES:
        frames = program.latency('limit', rate)
        s.most('latency, %g kHz' % (rate / 1000), 1000 * frames / rate, 3.0, 'ms', 2)
    rate, x = 48000, sounds.programme(48000, 1.0) * 0.05
    y = program.render(x, rate, settings(modes(program)[0], 0))
    s.true('below the ceiling it is a wire, and as late as it says: the same bits', np.array_equal(x, y))


def measure(s, program):
    if not program.has('/limit/on'):
        return 'not built in'
    ceiling(s, program)
    detail(s, program)
    bass(s, program)
    latency(s, program)


SECTIONS = {'limit': ('Limiter', 'Eight sounds that are made to get past a limiter, louder by 6, 12 and 20 dB, ceiling '
                      '-1 dBTP. Two judges look between the samples of what comes out: an interpolator of 32 times with '
                      '96 taps a phase, and the filter that ITU-R BS.1770 prescribes for meters.', measure)}
