# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes in, what goes out: ports, player, live input, JACK's transport."""
import time

from harness import *


def playing(osc, past=0.1):
    osc.await_value('/transport/position', lambda s: s > past, 'past %g s' % past)


def hear(room, server, host):
    """A probe on the master outputs, recording."""
    probe = room.probe(server)
    for c in 'LR':
        probe.connect('deadwax:master_' + c, 'probe:in_' + c)
    probe.ask('record')
    return probe


def unheard_xruns(attempts, run):
    """A dropout of the dummy server cuts frames out of a recording, which is no fault of ours: again then."""
    for attempt in range(attempts):
        if run() is not None:
            return
    raise Skip('%d attempts, each with a dropout: this machine is too busy to listen without gaps' % attempts)


@test
def the_ports_are_there_and_connected_to_the_playback_ports(room):
    server = room.jackd()
    host = room.host(server)
    probe = room.probe(server)
    pairs = ('in', 'sidechain', 'return_1', 'return_2', 'send_1', 'send_2', 'master', 'monitor_A', 'monitor_B', 'phones')
    ports = ['deadwax:%s_%s' % (pair, side) for pair in pairs for side in 'LR']
    wait_for(lambda: set(ports) <= set(probe.ask('ports')), 'the ports')
    wait_for(lambda: probe.ask('linked deadwax:master_L') == ['system:playback_1'], 'master_L to be connected')
    wait_for(lambda: probe.ask('linked deadwax:master_R') == ['system:playback_2'], 'master_R to be connected')
    other = room.host(server, '--name', 'alone', '--no-connect')
    playing(room.osc(other))
    check_equal(probe.ask('linked alone:master_L'), [], '--no-connect')
    host.quit()
    other.quit()
    check_equal([p for p in probe.ask('ports') if p.startswith(('deadwax:', 'alone:'))], [], 'ports that stayed behind')


@test
def the_chains_latency_is_told_to_jack(room):
    server = room.jackd(48000, 256)
    host = room.host(server, '--no-connect')
    probe = room.probe(server)
    osc = room.osc(host)
    playing(osc)
    chain = int(osc.value('/meter/dsp/latency'))
    check(chain > 0, 'a chain latency of %d' % chain)
    probe.connect('deadwax:master_L', 'probe:in_L')
    probe.connect('system:capture_1', 'deadwax:in_L')
    want = wait_for(lambda: (lambda c: c if int(c[0]) > chain else None)(probe.ask('latency system:capture_1 capture')
                    and probe.ask('latency deadwax:master_L capture')), 'a latency on the master')
    source = int(probe.ask('latency system:capture_1 capture')[0])
    check_equal(int(want[0]), source + chain, 'capture latency at the master')


@test
def without_a_file_a_demo_plays_until_an_input_is_connected(room):
    def attempt():
        server = room.jackd(48000, 512)
        host = room.host(server, '--no-connect')
        osc = room.osc(host)
        playing(osc)
        check_equal(osc.value('/transport/file'), 'demo:', 'the file')
        osc.await_value('/meter/output/momentary', lambda lufs: lufs > -30, 'a programme')
        probe = room.probe(server)
        probe.ask('count')
        probe.connect('probe:out_L', 'deadwax:in_L')
        probe.connect('probe:out_R', 'deadwax:in_R')
        host.await_line('the demo gives way')
        check_equal(osc.ask('/transport/source'), [1, 'input'], 'the source')
        latency = int(osc.value('/meter/dsp/latency'))
        osc.await_value('/meter/output/peak/1', lambda db: db < 0, 'a level')
        # The probe both feeds and hears: JACK breaks the circle with one period.
        probe.connect('deadwax:master_L', 'probe:in_L')
        probe.connect('deadwax:master_R', 'probe:in_R')
        time.sleep(0.5)         # the fade from the demo to the input, and some sound to look at
        before = probe.xruns()
        probe.ask('record')
        time.sleep(0.7)
        left, right = probe.keep(room.path('heard.raw'))
        dropped = probe.xruns() != before
        for program in reversed(room.programs):
            program.end()
        if dropped:
            return None
        part = left[9600:24000]
        check(len(part) == 14400, 'enough was heard')
        first = round(part[0] * (1 << 24))
        check_equal([round(x * (1 << 24)) for x in part[:3]], [first, first + 1, first + 2], 'the count at the master')
        check(all(x * (1 << 24) == (first + i) % (1 << 22) for i, x in enumerate(part)), 'every frame comes once, unchanged')
        check(all(r == -x for x, r in zip(part, right[9600:24000])), 'and on the right likewise')
        room.note('chain latency %d frames' % latency)
        return True
    unheard_xruns(4, attempt)


@test
def sound_begins_and_ends_without_a_step(room):
    """A level of 0.5 makes any step visible; the end is within 50 ms of the signal."""
    write_wav(room.path('level.wav'), array.array('f', [0.5]) * (2 * 48000 * 5))

    def attempt():
        server = room.jackd(48000, 512)
        probe = room.probe(server)
        host = room.start(server, '--no-connect', '--loop', 'track', '--stopped', 'level.wav')
        host.ready()
        osc = room.osc(host)
        for c in 'LR':
            probe.connect('deadwax:master_' + c, 'probe:in_' + c)
        before = probe.xruns()
        probe.ask('record')
        osc.send('/transport/locate', 1.0)
        osc.send('/transport/play', 1)
        playing(osc, 1.3)
        host.signal(signal.SIGTERM)
        start = time.monotonic()
        check_equal(host.wait(), 0, 'exit status after SIGTERM')
        took = time.monotonic() - start
        left, _ = probe.keep(room.path('heard.raw'))
        dropped = probe.xruns() != before
        for program in reversed(room.programs):
            program.end()
        if dropped:
            return None
        check(max(left) == 0.5, 'the level was heard: %g' % max(left))
        steps = [abs(b - a) for a, b in zip(left, left[1:])]
        # 5 ms of the path of fade.h: 1.875 / 240 of the level a frame at its steepest.
        check(max(steps) <= 0.5 * 1.875 / 240 * 1.05, 'a step of %g at frame %d of %d'
              % (max(steps), steps.index(max(steps)), len(left)))
        last_full = max(i for i, x in enumerate(left) if x == 0.5)
        last_heard = max(i for i, x in enumerate(left) if x != 0)
        check(last_heard - last_full <= 2400, 'the fade takes %d frames' % (last_heard - last_full))
        room.note('fade of %d frames, ended after %.0f ms, greatest step %.5f' % (last_heard - last_full, took * 1e3,
                                                                              max(steps)))
        return True
    unheard_xruns(4, attempt)


@test
def the_transport_goes_where_it_is_told(room):
    for name, seconds in (('a.wav', 3), ('b.wav', 2), ('c.wav', 2.5)):
        write_wav(room.path(name), programme(seconds, 48000, seconds))
    host = room.host(room.jackd(48000, 256), '--stopped', 'a.wav', 'b.wav', 'c.wav')
    osc = room.osc(host)
    check_equal(osc.value('/transport/play'), 0, '--stopped')
    check_equal(osc.value('/transport/file'), 'a.wav', 'the first file')
    osc.send('/transport/locate', 1.25)
    osc.await_value('/transport/position', lambda s: abs(s - 1.25) < 1e-3, '1.25 s, at rest')
    osc.send('/transport/play', True)
    playing(osc, 1.4)
    osc.send('/transport/stop', 1)
    osc.await_value('/transport/play', 0)
    osc.send('/transport/next', 1)
    osc.await_value('/transport/track', 2)
    check_equal(osc.value('/transport/file'), 'b.wav', 'the second file')
    osc.send('/transport/track', 3)
    osc.await_value('/transport/track', 3)
    osc.send('/transport/previous', 1)
    osc.await_value('/transport/track', 2)
    osc.send('/transport/loop', 'track')
    osc.send('/transport/play', 1)
    osc.send('/transport/locate', 1.9)
    osc.await_value('/transport/position', lambda s: 0.05 < s < 1.5, 'round the loop')
    check_equal(osc.value('/transport/track'), 2, 'still the same track')
    osc.send('/transport/loop', 'off')
    osc.send('/transport/locate', 1.8)
    osc.await_value('/transport/track', 3, seconds=20)
    osc.await_value('/transport/play', 0, seconds=30)
    osc.await_value('/transport/track', 1)
    check(host.alive(), 'without --once the host stays when the list is over')


@test
def a_disk_that_stalls_for_500_ms_is_not_heard(room):
    song = programme(9)
    write_wav(room.path('song.wav'), song)
    host = room.host(room.jackd(48000, 256), '--print', 'live.wav', '--once', '--log', 'take.log', 'song.wav',
                     preload=[find_tool('slow')], SLOW_FILE=os.path.realpath(room.path('song.wav')), SLOW_MS='500',
                     SLOW_EVERY_MS='700', SLOW_COUNT=room.path('stalls'))
    check_equal(host.wait(90), 0, 'exit status')
    stalls = os.path.getsize(room.path('stalls'))
    check(stalls >= 3, 'only %d stalls' % stalls)
    check(not host.find('too slow'), host.output())
    check_equal(len([line for line in read_log(room.path('take.log')) if 'begin' in line]), 1, 'begins')
    same_bytes(read_wav(room.path('live.wav')).data, song.tobytes(), 'the print and the file')
    room.note('%d stalls of 500 ms' % stalls)


@test
def jacks_transport_is_followed_when_asked(room):
    write_wav(room.path('a.wav'), programme(4))
    write_wav(room.path('b.wav'), programme(4, 48000, 2))
    server = room.jackd(48000, 256)
    host = room.host(server, '--transport', 'jack', '--log', 'take.log', 'a.wav', 'b.wav')
    osc = room.osc(host)
    probe = room.probe(server)
    check_equal(probe.ask('where')[0], 'stopped', 'JACK at first')
    probe.ask('play')
    playing(osc, 0.2)
    osc.await_value('/transport/play', 1)
    probe.ask('stop')
    wait_for(lambda: probe.ask('where')[0] == 'stopped', 'JACK to stop')
    osc.await_value('/transport/play', 0)
    probe.ask('locate %d' % (48000 * 5))
    probe.ask('play')
    osc.await_value('/transport/track', 2)
    playing(osc, 1.1)
    position = osc.value('/transport/position')
    frame = int(probe.ask('where')[1])
    check(abs(frame / 48000 - 4 - position) < 0.5, 'JACK is at %.2f s, we at %.2f s' % (frame / 48000, 4 + position))
    begins = [line['begin'] for line in read_log(room.path('take.log')) if 'begin' in line]
    check_equal(begins[-1], {'track': 1, 'position': 48000}, 'the place where it began')
    osc.send('/transport/stop', 1)
    wait_for(lambda: probe.ask('where')[0] == 'stopped', "JACK to stop at our hand's word")
    osc.send('/transport/locate', 0.5)
    wait_for(lambda: abs(int(probe.ask('where')[1]) - 48000 * 4.5) < 256, 'JACK to go to 0.5 s of the second track')
    osc.send('/transport/play', 1)
    wait_for(lambda: probe.ask('where')[0] == 'rolling', "JACK to roll at our hand's word")
    playing(osc, 0.6)


@test
def the_compressor_hears_the_sidechain_inputs_when_told(room):
    server = room.jackd(48000, 256)
    host = room.host(server, '--set', '/comp/on=on', '--set', '/comp/threshold=-40', '--set', '/comp/ratio=10',
                     '--set', '/comp/sidechain=external')
    osc = room.osc(host)
    probe = room.probe(server)
    playing(osc, 1.0)
    check_equal(osc.value('/meter/comp/reduction'), 0.0, 'nothing is in the sidechain')
    for side in 'LR':
        probe.connect('deadwax:master_' + side, 'deadwax:sidechain_' + side)
    osc.await_value('/meter/comp/reduction', lambda db: db > 3.0, 'the master in its own sidechain')
