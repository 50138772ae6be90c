# SPDX-License-Identifier: GPL-3.0-or-later
"""The compressor: what it does to a level, how long it takes, what it adds."""
import numpy as np

import plots
from judge import coherent, db, distortion, gain, tone
from program import at

RATE = 48000


def settings(**more):
    return at('/comp', on=1, **more)


def curve(level, threshold, ratio, knee):
    """Output level by input level, dB: Giannoulis, Massberg, Reiss 2012, equation 4."""
    over = level - threshold
    bend = level + (1 / ratio - 1) * (over + knee / 2) ** 2 / (2 * max(knee, 1e-9))
    return np.where(2 * over < -knee, level, np.where(2 * over > knee, threshold + over / ratio, bend))


def staircase(levels, frames):
    return np.repeat(gain(levels), frames)


def static(program, **more):
    """Output level by input level. The level is a constant: what a detector of peaks hears of it is exact."""
    levels, frames = np.arange(-60.0, 0.1, 1.0), RATE // 10
    x = staircase(levels, frames)
    y = program.render(x, RATE, settings(attack=5, release=20, **more))[:, 0]
    return levels, db(y[frames - 1::frames])


def static_curves(s, program):
    fig, axes = plots.figure(1, 3, height=4.3)
    cases = [('Ratio, knee 0 dB', 'ratio', (1.5, 2, 4, 8, 20), {'threshold': -24, 'knee': 0}),
             ('Knee, 4 : 1', 'knee', (0, 6, 12, 24), {'threshold': -24, 'ratio': 4})]
    worst = 0.0
    for ax, (title, name, values, rest) in zip(axes, cases):
        ax.plot([-60, 0], [-60, 0], color='#c9c2b4', linewidth=0.8)
        for colour, value in zip(plots.shades(len(values)), values):
            levels, got = static(program, **{**rest, name: value})
            want = curve(levels, **{'knee': 0, **rest, name: value})
            worst = max(worst, np.abs(got - want).max())
            ax.plot(levels, got, color=colour, label='%g' % value)
            ax.plot(levels[::3], want[::3], '.', color=plots.INK, markersize=2.2)
        ax.set_title(title)
        ax.set_xlabel('in, dBFS')
        ax.legend(loc='upper left')
        ax.set_aspect('equal')
    axes[0].set_ylabel('out, dBFS')
    upward(axes[2], program)
    s.plot(fig, 'Lines: measured, on a constant level that rises by 1 dB every 100 ms. Dots: the formula.')
    s.most('static curve, ratio 1.5 to 20, knee 0 to 24 dB: largest error', worst, 0.01, digits=6)


def upward(ax, program):
    ax.plot([-60, 0], [-60, 0], color='#c9c2b4', linewidth=0.8)
    ax.set_xlabel('in, dBFS')
    ax.set_aspect('equal')
    if 'upward' in program.choices('/comp/mode'):
        ax.set_title('Upward, 2 : 1, by range')
        for colour, reach in zip(plots.shades(4), (3, 6, 12, 24)):
            levels, got = static(program, threshold=-20, ratio=2, knee=6, mode='upward', range=reach)
            ax.plot(levels, got, color=colour, label='%g dB' % reach)
    elif program.has('/comp/mix'):
        ax.set_title('Mix, 10 : 1')
        for colour, mix in zip(plots.shades(4), (25, 50, 75, 100)):
            levels, got = static(program, threshold=-36, ratio=10, knee=6, mix=mix)
            ax.plot(levels, got, color=colour, label='%g %%' % mix)
    ax.legend(loc='upper left')


# --- times ------------------------------------------------------------------------------------------------

LOUD, SOFT, THRESHOLD = -10.0, -40.0, -30.0


def envelope(program, loud_s, rest_s, **more):
    """Reduction in dB by frame, of a level that is loud for loud_s after 0.2 s, then soft again."""
    x = gain(np.concatenate([np.full(int(0.2 * RATE), SOFT), np.full(int(loud_s * RATE), LOUD), np.full(int(rest_s * RATE), SOFT)]))
    y = program.render(x, RATE, settings(threshold=THRESHOLD, ratio=4, knee=0, **more))[:, 0]
    return db(x) - db(y), int(0.2 * RATE), int((0.2 + loud_s) * RATE)


def crossing(y, level):
    """ms until y first passes level, between frames."""
    above = y >= level if y[0] < level else y <= level
    i = int(np.argmax(above))
    return 1000 / RATE * (i - (y[i] - level) / (y[i] - y[i - 1])) if above.any() and i else float('nan')


def times(s, program):
    fig, axes = plots.figure(1, 2, height=3.3)
    pairs = [(1, 50), (10, 100), (20, 200), (80, 800)]
    for colour, (attack, release) in zip(plots.shades(len(pairs)), pairs):
        took, up, down = envelope(program, 15 * attack / 1000 + 0.1, 8 * release / 1000, attack=attack, release=release)
        due = 15.0
        rise = crossing(took[up - 1:down], due * (1 - np.exp(-1)))
        fall = crossing(took[down - 1:], took[down - 1] * np.exp(-1))
        s.near('attack %g ms: time to 63 %%' % attack, rise, attack, max(0.05, 0.02 * attack), 'ms')
        s.near('release %g ms: time to 63 %% of the way back, attack included' % release, fall, attack + release,
               0.02 * (attack + release), 'ms')
        t = (np.arange(len(took)) - up) / RATE * 1000
        axes[0].plot(t, took, color=colour, label='%g / %g ms' % (attack, release))
        axes[1].plot(t - (down - up) / RATE * 1000, took, color=colour)
    for ax, title, left, right in ((axes[0], 'Attack: 15 dB are due', -5, 100), (axes[1], 'Release', -20, 900)):
        ax.set_xlim(left, right)
        ax.set_title(title)
        ax.set_xlabel('ms')
        ax.invert_yaxis()
    plots.bound(axes[0], 15 * (1 - np.exp(-1)))
    plots.bound(axes[1], 15 * np.exp(-1))
    axes[0].set_ylabel('reduction, dB')
    axes[0].legend(loc='upper right')
    s.plot(fig, 'A level steps from -40 to -10 dBFS and back. Dashed: 63 % of the way.')


def auto_release(s, program):
    if not program.has('/comp/auto_release'):
        s.note('Auto release is not built in.')
        return
    fig, ax = plots.figure(1, 1, height=3.2)
    lengths = (0.02, 0.2, 1.0, 4.0)
    back = []
    for colour, seconds in zip(plots.shades(len(lengths)), lengths):
        for auto in (1, 0):
            took, _, down = envelope(program, seconds, 3.0, attack=5, release=200, auto_release=auto)
            t = (np.arange(len(took)) - down) / RATE * 1000
            share = took / took[down - 1]
            ax.plot(t, share, color=colour, linewidth=1.6 if auto else 0.8, linestyle='-' if auto else (0, (3, 2)),
                    label='after %g s' % seconds if auto else None)
            if auto:
                back.append(crossing(share[down - 1:], np.exp(-1)))
                s.told('auto release, 200 ms set: 63 %% back after %g s of loud sound' % seconds, back[-1], 'ms', 0)
    s.true('auto release: what has lasted longer comes back later', all(a < b for a, b in zip(back, back[1:])))
    ax.set_xlim(-20, 1800)
    ax.set_ylim(-0.03, 1.05)
    ax.set_xlabel('ms after the sound fell')
    ax.set_ylabel('share of the reduction')
    ax.set_title('Auto release, 200 ms: what is left after a sound of 20 ms to 4 s')
    ax.legend()
    s.plot(fig, 'Lines: auto release. Dashed: the fixed one, which does not ask how long it was loud.')


# --- what it adds -----------------------------------------------------------------------------------------

def added(program, freq, **more):
    n = 2 * RATE
    freq = coherent(freq, RATE, n)
    x = tone(freq, RATE, 2 * n)
    y = program.render(x, RATE, settings(threshold=-20, ratio=4, knee=6, **more))[n:, 0]
    return 100 * distortion(y, freq, RATE)


def distortions(s, program):
    hz = (20, 30, 50, 70, 100, 200, 500, 1000)
    fig, ax = plots.figure(1, 1, height=3.2)
    rows = [('10 / 100 ms', {'attack': 10, 'release': 100}), ('1 / 100 ms', {'attack': 1, 'release': 100}),
            ('30 / 300 ms', {'attack': 30, 'release': 300})]
    if program.has('/comp/detector'):
        rows.append(('10 / 100 ms, RMS', {'attack': 10, 'release': 100, 'detector': 100}))
    for colour, (label, more) in zip(plots.COLOURS, rows):
        found = program.map(lambda f: added(program, f, **more), hz)
        ax.loglog(hz, found, '.-', color=colour, label=label)
        if label == '10 / 100 ms':
            s.most('50 Hz at 0 dBFS, -20 dBFS 4:1, 10/100 ms: distortion', found[hz.index(50)], 0.25, '%', 3)
        else:
            s.told('the same, %s' % label, found[hz.index(50)], '%', 3)
    plots.bound(ax, 0.25)
    plots.hz(ax, 20, 1000)
    ax.set_ylabel('%')
    ax.set_title('Distortion of a steady tone, about 15 dB of reduction')
    ax.legend()
    s.plot(fig, 'A gain that follows the wave instead of its level bends the wave. Dashed: what is asked at 50 Hz, 10/100 ms.')


def image(s, program):
    """Linked: both sides get the louder one's reduction, so that nothing moves in the picture."""
    x = np.stack([tone(997, RATE, RATE, 0.8), tone(1499, RATE, RATE, 0.08)], 1)
    y = program.render(x, RATE, settings(threshold=-30, ratio=4, attack=5, release=200))
    loud = np.abs(x) > 0.02
    both = loud[:, 0] & loud[:, 1]
    s.most('linked: largest difference of both sides’ gains', np.abs(db(y[both, 0] / x[both, 0]) - db(y[both, 1] / x[both, 1])).max(),
           1e-6, 'dB', 9)
    dry = program.render(x, RATE, settings(threshold=-30, ratio=4, mix=0))
    s.true('mix 0 %: the same bits', np.array_equal(dry, x))


def measure(s, program):
    if not program.has('/comp/on'):
        return 'not built in'
    static_curves(s, program)
    times(s, program)
    auto_release(s, program)
    distortions(s, program)
    image(s, program)


SECTIONS = {'comp': ('Compressor', 'Steady levels for the static curve, steps of level for the times, low tones for what '
                     'the moving gain adds. Attack and release are measured as they are defined: 63 % of the way, in dB.',
                     measure)}
