# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo, by many hands."""
import time

from harness import *
from prints import moves_at_random, render_equals
from sound import playing
from terminal import Terminal

REST = 0.6      # ends a gesture


def ctl(room, host, *words):
    return room.must('ctl', '--port', host.port, *words)


def here(room, *args):
    write_wav(room.path('song.wav'), programme(2))
    return room.host(room.jackd(), '--loop', 'track', '--log', 'take.log', *args, 'song.wav')


@test
def two_tablets_move_and_a_script_takes_it_back(room):
    host = here(room)
    one, two = room.osc(host), room.osc(host)
    for osc in (one, two):
        osc.send('/subscribe', '', 60.0, 60.0)
    for step in range(1, 31):                           # one knob turn each, at the same time
        one.send('/eq/3/gain', step / 8)
        two.send('/comp/ratio', 2 + step / 10)
        time.sleep(0.01)
    one.await_value('/history/steps', 2)
    time.sleep(REST)
    one.bundle(None, ('/eq/3/gain', 4.5), ('/eq/3/freq', 500.0))
    told = 'eq/3/gain 3.75 -> 4.50 dB, eq/3/freq 1000 -> 500 Hz, osc 127.0.0.1:%d' % one.port()
    two.await_value('/history/undo', told)
    ctl(room, host, '/undo', 1)
    host.await_line('^undo ' + re.escape(told))
    for osc in (one, two):
        osc.await_value('/eq/3/gain', 3.75)
        osc.await_value('/eq/3/freq', 1000.0)
        osc.await_value('/history/redo', told)
    ctl(room, host, '/undo', 1)
    two.await_value('/comp/ratio', 2.0)
    ctl(room, host, '/undo', 1)
    two.await_value('/eq/3/gain', 0.0)
    two.await_value('/history/undo', '')
    check_equal(two.value('/history/redo_steps'), 3, 'steps to redo')
    one.all(0.5)
    one.send('/undo', 1.0)
    check_equal(one.await_path('/error'), ['/undo', '/undo: there is nothing to undo'], 'with nothing to undo')
    for _ in range(3):
        ctl(room, host, '/redo', 1)
    two.await_value('/eq/3/gain', 4.5)
    check_near(two.value('/comp/ratio'), 5.0, 1e-6, 'redone')
    ctl(room, host, '/undo', 1)
    two.await_value('/eq/3/gain', 3.75)
    two.send('/limit/gain', 1.0)
    two.await_value('/history/redo_steps', 0)
    host.quit()
    by = {line['by'] for line in read_log(room.path('take.log')) if 'set' in line}
    check({'undo', 'redo'} <= by, 'who moved: %r' % by)


@test
def a_preset_and_a_loaded_dump_are_one_step_each(room):
    host = here(room)
    osc = room.osc(host)
    osc.send('/eq/1/gain', 1.5)
    osc.await_value('/history/steps', 1)
    with open(room.path('kept'), 'w') as f:
        f.write(ctl(room, host, 'dump'))
    ctl(room, host, '/chain/preset', 'club')
    osc.await_value('/history/undo', lambda text: re.match(r'preset club \(\d+ values\), osc 127\.0\.0\.1:\d+$', text))
    osc.await_value('/limit/on', 1)
    ctl(room, host, 'load', 'kept')
    osc.await_value('/history/undo', lambda text: re.match(r'load kept \(\d+ values\), osc ', text))
    check_equal(osc.value('/history/steps'), 3, 'steps')
    check_equal((osc.value('/limit/on'), osc.value('/eq/1/gain')), (0, 1.5), 'as it was kept')
    ctl(room, host, '/undo', 1)
    osc.await_value('/limit/on', 1)
    ctl(room, host, '/undo', 1)
    osc.await_value('/limit/on', 0)
    check_equal(osc.value('/eq/1/gain'), 1.5, 'ahead of the preset')
    with open(room.path('after'), 'w') as f:
        f.write(ctl(room, host, 'dump', '/eq'))
    kept = [line for line in open(room.path('kept')) if line.startswith('/eq/')]
    check_equal([line for line in open(room.path('after'))], kept, 'all of the EQ')


@test(seconds=180)
def print_equals_render_with_undos_in_it(room):
    write_wav(room.path('song.wav'), programme(8))
    host = room.host(room.jackd(48000, 128), '--print', 'live.wav', '--log', 'take.log', '--once', 'song.wav')
    osc = room.osc(host)
    for part in range(4):
        moves_at_random(osc, 1.2, 60, seed=part)
        time.sleep(0.4)         # bundles that wait for their time would cut off what is to be done again
        for way in ['/undo'] * 12 + ['/redo'] * 8 + ['/undo'] * 3:
            osc.send(way, 1.0)
            time.sleep(0.01)
    osc.send('/chain/preset', 'club')
    osc.await_value('/limit/on', 1)
    osc.send('/undo', 1.0)
    check_equal(host.wait(60), 0, 'exit status')
    render_equals(room, 'live.wav', 'take.log', [None, '37'])
    by = collections.Counter(line['by'] for line in read_log(room.path('take.log')) if 'set' in line)
    check(by['undo'] > 20 and by['redo'] > 10, 'who moved: %r' % by)
    room.note('%d moves undone, %d done again' % (by['undo'], by['redo']))


@test
def keys_undo_and_redo(room):
    write_wav(room.path('a.wav'), programme(4))
    t = Terminal(room, 100, 30, '--server', room.jackd().server, '--loop', 'track', 'a.wav')

    def shows(bypassed):
        return wait_for(lambda: (t.look(), ('BYPASSED' in t.screen.text()) == bypassed)[1],
                        lambda: 'the bypass to be %s:\n%s' % (bypassed, t.screen.text()))
    t.await_text('u undo   U redo')
    t.press('b')
    shows(True)
    for key, bypassed in (('u', False), ('u', False), ('\x12', True), ('u', False), ('U', True)):
        t.press(key)
        shows(bypassed)
    t.press('q')
    check_equal(t.wait(), 0, 'exit status')
