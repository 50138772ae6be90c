# SPDX-License-Identifier: GPL-3.0-or-later
"""The stereo tools: what may never change is the sum of both sides."""
import numpy as np

import plots
import sounds
from judge import db, octaves, response
from program import at

RATE, HZ = 48000, octaves()


def settings(**more):
    return {'/stereo/on': 1, **{'/stereo/' + k.replace('__', '/'): v for k, v in more.items()}}


def mid_side(program, words):
    """Complex responses of mid and of side, and the frequencies."""
    sound, zero = sounds.impulse(RATE, 2.0, 0.5)
    y = program.render(np.stack([sound, np.zeros_like(sound)], 1), RATE, words)
    mid, where = response(y[:, 0] + y[:, 1], RATE, HZ, zero)
    side, _ = response(y[:, 0] - y[:, 1], RATE, HZ, zero)
    return mid, side, where


def goniometer(ax, program, x):
    wide = np.stack([x[:, 0], np.roll(x[:, 1], 331)], 1)
    for colour, width in zip((plots.OCHRE, plots.TEAL, plots.RED), (200, 100, 40)):
        y = program.render(wide, RATE, settings(width=width))[RATE // 2::7]
        ax.plot((y[:, 0] - y[:, 1]) / 2, (y[:, 0] + y[:, 1]) / 2, '.', color=colour, markersize=1, label='%d %%' % width,
                rasterized=True)
    ax.set_aspect('equal', 'datalim')
    ax.set_title('Width: side across, mid upwards')
    ax.legend(loc='lower right', markerscale=8)


def measure(s, program):
    if not program.has('/stereo/on'):
        return 'not built in'
    x = sounds.programme(RATE, 2.0)
    cases = [settings(width=w) for w in (0, 50, 150, 200)]
    if program.has('/stereo/1/width'):
        cases.append(settings(width=120))
    worst = max(np.abs(program.render(x, RATE, c).sum(1) - x.sum(1)).max() for c in cases)
    s.most('width 0 to 200 %: change of the mono sum', db(worst), -240, 'dBFS', 1)
    mono = program.render(x, RATE, settings(width=0))
    s.true('width 0 %: both sides are the same bits', np.array_equal(mono[:, 0], mono[:, 1]))
    s.true('width 100 %: the same bits', np.array_equal(program.render(x, RATE, settings(width=100)), x))

    fig, axes = plots.figure(1, 3, height=3.3)
    for colour, corner in zip(plots.shades(3), (60, 120, 300)):
        mid, side, where = mid_side(program, settings(mono_below=corner))
        axes[0].plot(where, db(side), color=colour, label='%d Hz' % corner)
        axes[0].plot(where, db(mid), color='#c9c2b4', linewidth=1)
        heard = db(side) > -60
        phase = np.degrees(np.abs(np.angle(side[heard] / mid[heard])))
        if corner == 120:
            s.most('mono below 120 Hz: mid off flat', np.abs(db(mid)).max(), 0.001, 'dB', 7)
            s.most('mono below 120 Hz: phase between mid and side, where the side is above -60 dB', phase.max(), 0.1, '°', 6)
            i, j, k = (np.argmin(np.abs(where - f)) for f in (30, 60, 120))
            s.told('mono below 120 Hz: side at 120 Hz', db(side[k]), 'dB', 2)
            s.near('mono below 120 Hz: slope of the side, 30 to 60 Hz',
                   (db(side[j]) - db(side[i])) / np.log2(where[j] / where[i]), 12, 2, 'dB/oct', 1)
    axes[0].set_title('Mono below: the side')
    axes[0].set_ylim(-60, 3)
    axes[0].legend()
    goniometer(axes[1], program, x)
    if program.has('/stereo/1/width', '/stereo/2/width', '/stereo/3/width'):
        for colour, widths in zip(plots.COLOURS, ((0, 100, 100), (100, 150, 100), (0, 100, 180))):
            words = settings(**{'%d__width' % (i + 1): w for i, w in enumerate(widths)})
            mid, side, where = mid_side(program, words)
            axes[2].plot(where, 100 * np.abs(side / mid), color=colour, label='%d, %d, %d %%' % widths)
            s.most('widths of the bands %d, %d, %d %%: mid off flat' % widths, np.abs(db(mid)).max(), 0.001, 'dB', 7)
        axes[2].legend(loc='lower right')
        axes[2].set_title('Width by band, %')
    for ax in (axes[0], axes[2]):
        plots.hz(ax)
    axes[0].set_ylabel('dB')
    s.plot(fig, 'From the impulse response of one side. Grey: the mid, which stays flat, and turns as the side does. '
           'Middle: a programme by its side and mid; the widths differ sideways only.')


SECTIONS = {'stereo': ('Stereo', 'A programme at several widths, whose mono sum may not change, and impulses on one side, '
                       'from which the responses of mid and side follow.', measure)}
