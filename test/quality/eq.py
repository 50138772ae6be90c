# SPDX-License-Identifier: GPL-3.0-or-later
"""The equaliser against its analog prototypes."""
import numpy as np

import plots
import sounds
from judge import analog, bilinear, db, leak, octaves, response, tone
from program import at

RATES = (44100, 48000)
FLOOR_DB = -60      # cuts and notches are compared down to here
HZ = octaves()
BUTTER = np.sqrt(0.5)


def band(kind, freq, gain=0.0, q=BUTTER, order=2, number=1):
    words = at('/eq/%d' % number, on=1, type=kind, freq=freq, gain=gain, q=q)
    if order != 2:
        words['/eq/%d/slope' % number] = 6 * order
    return {'/eq/on': 1, **words}


def measured(program, rate, kind, freq, gain=0.0, q=BUTTER, order=2, hz=HZ, **extra):
    """Response in dB, and where."""
    sound, zero = sounds.impulse(rate, 4.0 if freq < 100 else 1.5)
    settings = {**band(kind, freq, gain, q, order), **{'/eq/' + k: v for k, v in extra.items()}}
    heard = program.render(sound, rate, settings)[:, 0]
    values, where = response(heard, rate, hz, zero)
    return db(values), where


def error(program, rate, kind, freq, gain=0.0, q=BUTTER, order=2, **extra):
    """(dB by frequency, where) off the analog curve, where that is above the floor."""
    got, where = measured(program, rate, kind, freq, gain, q, order, **extra)
    want = db(analog(kind, where, freq, gain, q, order))
    return np.where(want > FLOOR_DB, got - want, 0.0), where


def worst(program, cases):
    """Of each case (rate, kind, freq, gain, q, order): the largest error of any sign."""
    return program.map(lambda c: np.abs(error(program, *c)[0]).max(), cases)


# --- what was asked ---------------------------------------------------------------------------------------

FREQS = (30, 120, 1000, 4000, 8000, 12000, 16000, 18000, 20000)


def bounds(s, program):
    rows = []
    for rate in RATES:
        for name, kinds, gains, qs, bound in (
                ('bells, ± 18 dB, q 0.5 to 8', ['bell'], (18, -18), (0.5, 1, 2, 8), 0.35),
                ('bells, ± 6 dB, q 0.5 to 8', ['bell'], (6, -6), (0.5, 1, 2, 8), 0.12),
                ('shelves, ± 6 and 12 dB, q 0.5 to 1', ['low_shelf', 'high_shelf'], (6, -6, 12), (0.5, BUTTER, 1), 0.11),
                ('shelves, ± 18 dB, q 0.5 to 1', ['low_shelf', 'high_shelf'], (18, -18), (0.5, BUTTER, 1), 0.17),
                ('high cut (low-pass), q 0.71', ['high_cut'], (0,), (BUTTER,), 0.18),
                ('low cut (high-pass), q 0.71', ['low_cut'], (0,), (BUTTER,), None),
                ('notch, q 2', ['notch'], (0,), (2,), None),
                ('band-pass, q 2', ['band_pass'], (0,), (2,), None),
                ('tilt, ± 6 dB, q 0.4', ['tilt'], (6, -6), (0.4,), None)):
            if not all(k in program.choices('/eq/1/type') for k in kinds):
                continue
            cases = [(rate, k, f, g, q) for k in kinds for g in gains for q in qs for f in FREQS if f >= 100 or q < 4]
            found = worst(program, cases)
            rows.append((name, rate, [max(e for c, e in zip(cases, found) if c[2] == f) for f in FREQS]))
            text = '%s, 20 Hz to 20 kHz, %g kHz' % (name, rate / 1000)
            if bound:
                s.most(text, max(found), bound)
            else:
                s.told(text, max(found), digits=3)
    return rows


def slopes(s, program):
    if not program.has('/eq/1/slope'):
        return
    for kind in ('low_cut', 'high_cut'):
        for rate in RATES:
            cases = [(rate, kind, f, 0, BUTTER, n) for n in range(1, 9) for f in (120, 1000, 8000, 16000)]
            s.told('%s, 6 to 48 dB an octave, %g kHz' % (kind.replace('_', ' '), rate / 1000),
                   max(worst(program, cases)), digits=3)


def high_rates(s, program):
    for rate in (96000, 192000):
        cases = [(rate, k, f, g, q) for k, g, q in (('bell', 18, 1), ('high_shelf', 18, BUTTER), ('high_cut', 0, BUTTER))
                 for f in (1000, 8000, 18000)]
        s.told('bell and shelf + 18 dB, high cut, %g kHz' % (rate / 1000), max(worst(program, cases)), digits=3)


# --- pictures ---------------------------------------------------------------------------------------------

def _curves(program, ax, cases, rate, rival=True):
    """Bundles of curves: measured as a line, asked as dots on it, the bilinear transform's as a thin one."""
    for colour, case in zip(plots.shades(len(cases)), cases):
        got, where = measured(program, rate, *case)
        if rival:
            ax.plot(where, db(bilinear(case[0], where, rate, *case[1:])), color='#a8a195', linewidth=0.7)
        ax.plot(where, got, color=colour, linewidth=1.7)
        ax.plot(where[::12], db(analog(case[0], where[::12], *case[1:])), '.', color=plots.INK, markersize=2.2)


def picture_of_bells(s, program):
    rate = 44100
    fig, (top, low) = plots.figure(2, 1, height=5.0, ratios=(3, 1.1), sharex=True)
    cases = [('bell', f, g, 1.0) for f in (60, 250, 1000, 4000, 10000, 16000) for g in (12, -12)]
    for colour, freq in zip(plots.shades(6), (60, 250, 1000, 4000, 10000, 16000)):
        for case in [c for c in cases if c[1] == freq]:
            got, where = measured(program, rate, *case)
            want = db(analog(case[0], where, *case[1:]))
            rival = db(bilinear(case[0], where, rate, *case[1:]))
            top.plot(where, rival, color='#a8a195', linewidth=0.7)
            top.plot(where, got, color=colour)
            top.plot(where[::12], want[::12], '.', color=plots.INK, markersize=2)
            low.plot(where, got - want, color=colour, linewidth=1.1)
            low.plot(where, rival - want, color='#a8a195', linewidth=0.6)
    top.set_ylabel('dB')
    top.set_title('Bells of 12 dB, q 1, at 44.1 kHz')
    low.set_ylabel('error, dB')
    low.set_ylim(-0.5, 0.5)
    plots.bound(low, 0.24, -0.24)
    plots.hz(low)
    s.plot(fig, 'Lines: measured. Dots: the analog curve. Grey: what a textbook bilinear transform makes of the same bell, '
           'which narrows towards the top and leaves the lower picture. Dashed: ± 0.24 dB.')


def picture_of_gains(s, program):
    fig, axes = plots.figure(1, 3, height=3.5)
    rows = (('bell', 8000, 1.0, 'Bell, 8 kHz, q 1'), ('high_shelf', 9000, BUTTER, 'High shelf, 9 kHz'),
            ('low_shelf', 120, BUTTER, 'Low shelf, 120 Hz'))
    for ax, (kind, freq, q, title) in zip(axes, rows):
        _curves(program, ax, [(kind, freq, g, q) for g in (-18, -12, -6, -3, 3, 6, 12, 18)], 44100)
        ax.set_title(title)
        ax.set_ylim(-20, 20)
        plots.hz(ax)
    axes[0].set_ylabel('dB')
    s.plot(fig, '3 to 18 dB, up and down, at 44.1 kHz. A cut is the mirror image of its boost.')


def picture_of_cuts(s, program):
    orders = range(1, 9) if program.has('/eq/1/slope') else (2,)
    more = [k for k in ('notch', 'band_pass', 'tilt') if k in program.choices('/eq/1/type')]
    fig, axes = plots.figure(1, 3, height=3.5)
    for ax, kind, freq in ((axes[0], 'low_cut', 60), (axes[1], 'high_cut', 9000)):
        _curves(program, ax, [(kind, freq, 0, BUTTER, n) for n in orders], 44100, rival=kind == 'high_cut')
        ax.set_title('%s, %s' % (kind.replace('_', ' ').capitalize(), '6 to 48 dB/oct' if len(orders) > 1 else '12 dB/oct'))
        ax.set_ylim(-60, 4)
        plots.hz(ax)
    for colour, kind in zip((plots.RED, plots.TEAL, plots.OCHRE), more):
        case = (kind, 1000, 9, 0.35 if kind == 'tilt' else 2.0)
        got, where = measured(program, 44100, *case)
        axes[2].plot(where, got, color=colour, label=kind.replace('_', '-'))
        axes[2].plot(where[::12], db(analog(kind, where[::12], *case[1:])), '.', color=plots.INK, markersize=2.2)
    axes[2].set_title('At 1 kHz')
    axes[2].set_ylim(-40, 8)
    axes[2].legend(loc='lower right')
    axes[0].set_ylabel('dB')
    plots.hz(axes[2])
    s.plot(fig, 'Cuts of every slope, notch, band-pass and tilt, at 44.1 kHz, as above.')


def picture_of_errors(s, rows):
    fig, ax = plots.figure(1, 1, height=0.28 * len(rows) + 0.8)
    names = ['%s, %g kHz' % (name, rate / 1000) for name, rate, _ in rows]
    columns = ['%gk' % (f / 1000) if f >= 1000 else '%g' % f for f in FREQS]
    plots.heat(ax, [errors for _, _, errors in rows], names, columns, '%.3f', 0, 0.4)
    ax.set_title('Largest error, 20 Hz to 20 kHz, by the band’s frequency (dB)')
    s.plot(fig, 'Every case of the table, by centre or corner frequency: the largest distance from the analog curve '
           'anywhere in the audible range.')


# --- phases, dynamics, motion -----------------------------------------------------------------------------

def phases(s, program):
    """Linear: symmetric about the frame that a render says is time 0, and the same curve."""
    names = program.choices('/eq/phase')
    if 'linear' not in names:
        s.note('Linear and mixed phase are not built in.')
        return
    rate, cases = 48000, [('bell', 1000, 6, 2.0), ('bell', 100, 6, 1.0), ('high_shelf', 10000, 6, BUTTER), ('low_cut', 40, 0, BUTTER)]
    fig, (left, right) = plots.figure(1, 2, height=3.2)
    odd, off = [], []
    for colour, case in zip(plots.COLOURS, cases):
        sound, zero = sounds.impulse(rate, 2.0, 0.5)
        heard = program.render(sound, rate, {**band(*case), '/eq/phase': 'linear'})[:, 0]
        span = zero - 1
        before, after = heard[zero - span:zero][::-1], heard[zero + 1:zero + 1 + span]
        odd.append(np.abs(before - after).max() / np.abs(heard).max())
        values, where = response(heard, rate, HZ, zero)
        want = db(analog(case[0], where, *case[1:]))
        wrong = np.where(want > FLOOR_DB, db(values) - want, 0)
        off.append(np.abs(wrong).max())
        t = (np.arange(len(heard)) - zero) / rate * 1000
        left.plot(t, db(heard), color=colour, linewidth=0.8, label='%s %g Hz' % (case[0].replace('_', ' '), case[1]))
        right.plot(where, wrong, color=colour)
    left.set_xlim(-60, 60)
    left.set_ylim(-160, 5)
    left.set_xlabel('ms')
    left.set_ylabel('dB')
    left.set_title('Linear phase: impulse responses')
    left.legend(loc='upper right')
    right.set_title('Error of the curve')
    right.set_ylabel('dB')
    plots.hz(right)
    s.plot(fig, 'Time 0 is where the sound belongs: the same ring before and after.')
    s.most('linear phase: difference of both halves, of the peak', max(odd), 1e-9, '', 12)
    s.most('linear phase: error, 20 Hz to 20 kHz, 48 kHz', max(off), 0.1)
    long = [('bell', 30, 6, 4.0), ('bell', 100, 12, 4.0)]
    found = program.map(lambda c: np.abs(error(program, rate, *c, phase='linear')[0]).max(), long)
    for (_, freq, gain, q), e in zip(long, found):
        s.told('linear phase, bell %g Hz, %+g dB, q %g, which rings longer than the filter' % (freq, gain, q), e, digits=2)
    if 'mixed' in names:
        found = program.map(lambda c: np.abs(error(program, rate, *c, phase='mixed')[0]).max(), cases)
        s.most('mixed phase: error, 20 Hz to 20 kHz, 48 kHz', max(found), 0.1)


def dynamic(s, program):
    """A band on a tone of its own frequency: 2:1 above the threshold, a knee of 6 dB, as far as the range goes."""
    if not program.has('/eq/1/dynamic'):
        s.note('Dynamic bands are not built in.')
        return
    rate, step, levels = 48000, 0.4, np.arange(-60.0, 0.1, 2.0)
    n = int(rate * step)
    x = np.concatenate([tone(1000.0, rate, n, 10 ** (l / 20)) for l in levels])
    fig, ax = plots.figure(1, 2, height=3.2)
    worst_off = 0.0
    for colour, reach in zip((plots.RED, plots.TEAL, plots.OCHRE), (-12, -6, 6)):
        settings = {**band('bell', 1000, 0, 1.0),
                    **at('/eq/1', dynamic=1, threshold=-30, range=reach, attack=5, release=200)}
        heard = program.render(x, rate, settings)[:, 0].reshape(len(levels), n)[:, n // 2:]
        moved = db(np.sqrt((heard ** 2).mean(1))) - db(np.sqrt((x.reshape(len(levels), n)[:, n // 2:] ** 2).mean(1)))
        over = levels + 30
        want = np.clip(np.where(over < -3, 0, np.where(over > 3, over / 2, (over + 3) ** 2 / 24)), 0, abs(reach)) * np.sign(reach)
        worst_off = max(worst_off, np.abs(moved - want).max())
        ax[0].plot(levels, want, color=colour, linewidth=0.8, linestyle=(0, (4, 3)))
        ax[0].plot(levels, moved, '.-', color=colour, markersize=4, label='range %+g dB' % reach)
        ax[1].plot((np.arange(6000) - 600) / rate * 1000, _onset(program, rate, settings), color=colour)
    ax[0].set_title('Dynamic bell at 1 kHz, threshold -30 dBFS')
    ax[0].set_xlabel('level of the tone, dBFS')
    ax[0].set_ylabel('gain, dB')
    ax[0].legend(loc='upper left')
    ax[1].set_title('Its gain when a tone of -6 dBFS sets in')
    ax[1].set_xlabel('ms')
    s.plot(fig, 'Dots: measured. Dashed: 2:1 above the threshold with a knee of 6 dB, up to the range.')
    s.most('dynamic bell: largest distance from its static curve', worst_off, 0.5, digits=2)


def _onset(program, rate, settings):
    """Gain in dB by frame, when the band's own tone goes from -60 to -6 dBFS."""
    quiet, loud = tone(1000.0, rate, rate // 2, 1e-3), tone(1000.0, rate, rate // 2, 0.5)
    x = np.concatenate([quiet, loud])
    heard = program.render(x, rate, settings)[:, 0]
    period = rate // 1000
    level = lambda y: np.sqrt(np.convolve(y * y, np.ones(period) / period, 'same'))
    return (db(level(heard)) - db(level(x)))[rate // 2 - 600:rate // 2 + 5400]


def modulated(s, program):
    """A bell of 12 dB, q 8, whose frequency jumps all over the range every 5 ms: bounded, and gone afterwards."""
    rate, n = 48000, 96000
    x = 0.1 * np.stack([sounds.noise(n, 3), sounds.noise(n, 4)], 1)
    rng = np.random.default_rng(5)
    moves = [(f, '/eq/1/freq', float(20 * 800 ** rng.random())) for f in range(4800, 72000, 240)]
    heard = program.perform(x, rate, band('bell', 1000, 12, 8.0), moves)
    s.most('bell of 12 dB, q 8, swept at random every 5 ms: peak of noise at -20 dBFS', db(np.abs(heard).max()), 0, 'dBFS', 2)
    tone_in = tone(997.0, rate, n, 0.25118864315)
    worst_click = 0.0
    for path, low, high in (('/eq/1/gain', -18, 18), ('/eq/1/freq', 30, 15000), ('/eq/1/q', 0.3, 12), ('/eq/1/on', 0, 1),
                            ('/eq/on', 0, 1)):
        start = {**band('bell', 1000, 12, 1.0), path: low}
        heard = program.perform(tone_in, rate, start, [(24000, path, high), (56000, path, low)])[12000:-12000, 0]
        worst_click = max(worst_click, np.abs(leak(heard, rate)).max())
    s.most('loudest click: any parameter of a bell stepped under 997 Hz at -12 dBFS', db(worst_click), -90, 'dBFS', 1)


def measure(s, program):
    rows = bounds(s, program)
    slopes(s, program)
    high_rates(s, program)
    picture_of_bells(s, program)
    picture_of_gains(s, program)
    picture_of_cuts(s, program)
    picture_of_errors(s, rows)
    dynamic(s, program)
    phases(s, program)
    modulated(s, program)


SECTIONS = {'eq': ('Equaliser', 'Impulse responses of single bands, transformed, and held against the transfer function '
                   'of the analog filter that the band is asked to be. The error is the largest anywhere from 20 Hz to '
                   '20 kHz; of cuts and notches, down to -60 dB.', measure)}
