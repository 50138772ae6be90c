# SPDX-License-Identifier: GPL-3.0-or-later
"""The host under a flood of moves. Figures are notes; only --long asks more of the machine than being a machine."""
import time

import harness
from harness import *
from sound import playing

PERIOD = 64
RATE = 5000             # messages a second


def figures(room, osc, what):
    values = {name: osc.value('/meter/dsp/' + name) for name in ('load', 'worst', 'p9999', 'overruns', 'xruns')}
    room.note('%s: load %.2f %% mean, p99.99 %.1f %%, worst %.1f %%, overruns %d, xruns %d'
              % (what, values['load'], values['p9999'], values['worst'], values['overruns'], values['xruns']))
    return values


def settle(osc, seconds):
    osc.send('/meter/reset', 1)
    time.sleep(seconds)


def can_be_realtime():
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        return True
    except OSError:
        return False


def flood(osc, seconds):
    """Each of nine rows rises, strictly; returns what was sent to each."""
    paths = ['/input/trim'] + ['/eq/%d/gain' % band for band in range(1, 9)]
    total = int(RATE * seconds)
    sent = {path: [] for path in paths}
    start = time.monotonic()
    for i in range(total):
        path = paths[i % len(paths)]
        value, = struct.unpack('f', struct.pack('f', -20 + 26 * i / total))
        osc.send(path, value)
        sent[path].append(value)
        if i % 25 == 24:
            wait = start + i / RATE - time.monotonic()
            if wait > 0:
                time.sleep(wait)
    return sent, total / (time.monotonic() - start)


def dropped_by_the_kernel(port):
    with open('/proc/net/udp') as f:
        for line in f.readlines()[1:]:
            words = line.split()
            if int(words[1].split(':')[1], 16) == port:
                return int(words[-1])
    return 0


@test(seconds=400)
def a_flood_of_moves_arrives_whole_and_in_order(room):
    write_wav(room.path('song.wav'), programme(4))
    realtime = harness.LONG and can_be_realtime()
    server = room.jackd(48000, PERIOD, realtime=realtime)
    sets = ['--set', '/eq/on=1', '--set', '/comp/on=1', '--set', '/comp/threshold=-30', '--set', '/limit/on=1', '--set',
            '/limit/gain=6'] + [w for b in range(1, 9) for w in ('--set', '/eq/%d/on=1' % b)]
    host = room.host(server, '--stopped', '--loop', 'track', '--log', 'take.log', *sets, 'song.wav')
    osc = room.osc(host)
    seconds = 60 if harness.LONG else 8
    overruns = 0
    settle(osc, seconds / 4)
    overruns += figures(room, osc, 'idle')['overruns']
    osc.send('/transport/play', 1)
    playing(osc)
    settle(osc, seconds / 4)
    overruns += figures(room, osc, 'playing')['overruns']
    osc.send('/meter/reset', 1)
    sent, rate = flood(osc, seconds)
    overruns += figures(room, osc, '%.0f messages a second for %d s at %d frames%s'
                        % (rate, seconds, PERIOD, ', real-time' if realtime else ''))['overruns']
    for path, values in sent.items():
        osc.await_value(path, lambda v, want=values[-1]: abs(v - want) < 1e-5, 'what was sent last')
    lost = dropped_by_the_kernel(host.port)
    at = osc.value('/transport/position')
    osc.await_value('/transport/position', lambda s: s != at, 'moving')
    host.quit()
    took = collections.defaultdict(list)
    frames, coalesced = [], 0
    for line in read_log(room.path('take.log')):
        if line.get('set') in sent:
            took[line['set']].append(line['value'])
            frames.append(line['frame'])
            coalesced += line['by'] == 'late'
    check_equal(frames, sorted(frames), 'frames in the log never go back')
    for path, values in sent.items():
        check_equal(took[path], sorted(set(took[path])), 'order of the moves of ' + path)
        if not lost and not coalesced:
            check_equal(len(took[path]), len(values), 'moves of %s in the log' % path)
        check(set(took[path]) <= set(values), 'values as they were sent')
    room.note('%d moves sent, %d in the log, %d dropped by the kernel, %d sent late'
              % (sum(map(len, sent.values())), sum(map(len, took.values())), lost, coalesced))
    if harness.LONG:
        check_equal(overruns, 0, 'callback overruns by its own clock')
