# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback never waits. Every host of every test runs in the trap (trap.c); here the trap itself is tried."""
import random
import time

from harness import *
from midi import MidiEnd
from prints import one_move
from sound import playing

SINS = {'malloc': ['malloc'], 'free': ['free'], 'lock': ['pthread_mutex_lock'], 'wait': ['sem_wait'], 'sleep': ['usleep'],
        'open': ['open', 'close'], 'write': ['write'], 'print': ['fprintf'], 'syscall': ['syscall']}


@test
def the_trap_catches_each_of_these_in_a_callback(room):
    server = room.jackd()
    for sin, names in list(SINS.items()) + [('none', [])]:
        trap = room.path('bait-' + sin)
        done = subprocess.run([find_tool('trap_bait'), server.server, sin], capture_output=True, timeout=PATIENCE,
                              env=dict(os.environ, LD_PRELOAD=room.without_spaces(find_tool('trap')),
                                       DEADWAX_TRAP=trap))
        check_equal(done.returncode, 0, 'the bait with %s: %s' % (sin, done.stderr.decode()))
        check(os.path.exists(trap + '.armed'), 'armed for ' + sin)
        report = ''
        if os.path.exists(trap):
            with open(trap) as f:
                report = f.read()
        caught = re.findall('^in the callback: (.*)$', report, re.M)
        check(set(names) <= set(caught), '%s: caught %r, wanted %r' % (sin, caught, names))
        check(names or not caught, 'caught without a sin: ' + report)
        check(not names or 'trap_bait' in report, 'a backtrace: ' + report)


@test
def everything_at_once_does_nothing_forbidden_in_the_callback(room):
    """All parameters, transport, prints, period changes, JACK's transport, live input: the trap is the judge."""
    for name, seconds in (('a.wav', 2), ('b.wav', 1)):
        write_wav(room.path(name), programme(seconds, 44100, seconds), 44100)
    server = room.jackd(48000, 256)
    host = room.host(server, '--transport', 'jack', '--loop', 'list', '--log', 'take.log', 'a.wav', 'b.wav')
    osc = room.osc(host)
    probe = room.probe(server)
    probe.ask('count')
    probe.connect('probe:out_L', 'deadwax:in_L')
    probe.ask('play')
    end = MidiEnd(room, server)
    end.connect('midiend:midi_out', 'deadwax:midi_in')
    end.connect('deadwax:midi_out', 'midiend:midi_in')
    playing(osc)
    rng = random.Random(3)
    rows = [p for p in params() if p['owner'] in ('chain', 'monitor') and p['type'] != 'trigger']
    osc.send('/compare/named', 'club')
    for turn in range(12):
        for _ in range(100):
            end.send_at(0, rng.choice((0x90, 0xB0, 0xE0)), rng.randrange(128), rng.randrange(128))
        end.send_at(0, 0xF0, *[turn] * 10 ** (turn % 4), 0xF7)
        for p in rows:
            one_move(osc, p, random_value(p, rng) if p['path'] != '/transport/source' else rng.randrange(2), rng)
        osc.send('/meter/reset', 1)
        osc.send('/print/file', 'print-%d.wav' % turn)
        osc.send('/print/record', 1)
        probe.ask('period %d' % rng.choice((64, 128, 300, 1024)))
        probe.ask(rng.choice(('play', 'stop', 'locate 30000', 'locate 100000')))
        time.sleep(0.15)
        osc.send('/print/record', 0)
        osc.send(rng.choice(('/transport/next', '/transport/stop', '/transport/play')), 1)
        osc.value('/meter/dsp/load')
    host.quit()
    check(len(room.trapped()) == 0, '\n'.join(room.trapped()))
