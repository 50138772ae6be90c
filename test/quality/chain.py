# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain as a whole: a wire while it is off, the same bits whatever the block, in the order that is asked for."""
import numpy as np

import plots
import sounds
from judge import db, leak, tone
from program import at

RATE = 48000
# What puts each stage to work.
WORK = {
    'eq': {**at('/eq', on=1), **at('/eq/1', on=1, type='bell', freq=300, gain=4, q=1),
           **at('/eq/2', on=1, type='high_shelf', freq=8000, gain=-3)},
    'deess': at('/deess', on=1, threshold=-20),
    'multiband': {**at('/multiband', on=1), **at('/multiband/1', threshold=-30, ratio=3),
                  **at('/multiband/3', threshold=-35, ratio=2)},
    'comp': at('/comp', on=1, threshold=-30, ratio=4, attack=10, release=120),
    'saturate': at('/saturate', on=1, drive=9),
    'exciter': at('/exciter', on=1, mix=20),
    'stereo': at('/stereo', on=1, width=140, mono_below=90),
    'clip': at('/clip', on=1, drive=3, ceiling=-4),
    'limit': at('/limit', on=1, gain=6),
}


def stages(program):
    return [n for n in WORK if program.has('/%s/on' % n)]


def all_at_work(program):
    return {k: v for n in stages(program) for k, v in WORK[n].items()}


def wires(s, program):
    sound = sounds.programme(RATE, 2.0)
    for rate in (44100, 48000, 96000, 192000):
        x = sounds.programme(rate, 0.5)
        s.true('nothing set, %g kHz: the same bits' % (rate / 1000), np.array_equal(program.render(x, rate), x))
    words = all_at_work(program)
    off = {k: (0 if k.endswith('/on') and k.count('/') == 2 else v) for k, v in words.items()}
    s.true('everything set up but off: the same bits', np.array_equal(program.render(sound, RATE, off), sound))
    s.true('everything on, chain bypassed: the same bits',
           np.array_equal(program.render(sound, RATE, {**words, '/chain/bypass': 1}), sound))


def blocks(s, program):
    x, words = sounds.programme(RATE, 1.0), all_at_work(program)
    make = lambda n: program.render_each([x], RATE, words, block=n, raw=True)[0]
    whole = make(None)
    for n in (1, 64, 1000):
        s.true('all stages at work, blocks of %d: the same bytes' % n, make(n) == whole)


def order(s, program):
    """A stage after another is that stage's render of the other's."""
    x = 0.5 * sounds.programme(RATE, 1.5)
    eq, comp = WORK['eq'], WORK['comp']
    both = {**eq, **comp}
    first_eq = program.render(program.render(x, RATE, eq), RATE, comp)
    first_comp = program.render(program.render(x, RATE, comp), RATE, eq)
    s.true('equaliser before compressor: as two renders, one after the other', np.array_equal(program.render(x, RATE, both), first_eq))
    if program.has('/chain/order/eq', '/chain/order/comp'):
        turned = program.render(x, RATE, {**both, '/chain/order/eq': 900, '/chain/order/comp': 1})
        s.true('the other way round: likewise', np.array_equal(turned, first_comp))
        s.true('and the two differ', not np.array_equal(first_eq, first_comp))
    working = [n for n in stages(program) if n != 'limit']
    one_by_one = x
    for name in working:
        one_by_one = program.render(one_by_one, RATE, WORK[name])
    at_once = program.render(x, RATE, {k: v for n in working for k, v in WORK[n].items()})
    # A late stage has its sound elsewhere on the grid of frames when it comes after another late one, and a file's end
    # cuts what would still go into it.
    rest = np.abs(at_once - one_by_one)[:-RATE // 10]
    s.most('all stages but the limiter at once: off one render after the other', db(rest.max()), -100, 'dBFS', 1)


def switches(s, program):
    """Each stage on and off again under a tone that it does not bend: what is left away from the tone."""
    x = tone(997.0, RATE, 3 * RATE, 0.25118864315)
    names = [n for n in stages(program) if n in ('eq', 'deess', 'multiband', 'stereo', 'limit')]
    names += [n for n in stages(program) if n == 'comp']

    def one(name):
        words = {**WORK[name], '/%s/on' % name: 0}
        y = program.perform(x, RATE, words, [(RATE, '/%s/on' % name, 1), (2 * RATE, '/%s/on' % name, 0)])
        return leak(y[RATE // 4:-RATE // 4, 0], RATE)
    found = program.map(one, names)
    fig, ax = plots.figure(1, 1, height=2.9)
    for colour, name, y in zip(plots.COLOURS, names, found):
        steps = np.abs(y[:len(y) // 240 * 240]).reshape(-1, 240).max(1)
        ax.plot((np.arange(len(steps)) * 240 + RATE // 4 + 500) / RATE, db(steps), color=colour, label=name, linewidth=1.1)
        near = [np.abs(y[k * RATE - RATE // 4 - 2400:k * RATE - RATE // 4 + 9600]).max() for k in (1, 2)]
        if name != 'comp':
            s.most('%s switched on and off under 997 Hz at -12 dBFS: loudest click' % name, db(max(near)), -90, 'dBFS', 1)
    plots.bound(ax, -90)
    ax.set_title('What is left above 3.5 kHz when a stage is switched on (1 s) and off (2 s) under a tone')
    ax.set_ylabel('dBFS')
    ax.set_xlabel('s')
    ax.set_ylim(-190, -60)
    ax.legend(ncols=6, loc='upper left')
    s.plot(fig, 'A click is broad: it would stand out of the tone. What the compressor shows in between is its own gain at '
           'work. Dashed: what is asked.')


def measure(s, program):
    wires(s, program)
    blocks(s, program)
    order(s, program)
    switches(s, program)


SECTIONS = {'chain': ('The chain', 'Renders compared bit by bit: with nothing set, in blocks of 1, 64 and 1000 frames, in '
                      'one go or stage by stage.', measure)}
