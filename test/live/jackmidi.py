# SPDX-License-Identifier: GPL-3.0-or-later
"""JACK's midi_in and midi_out: each message at its frame, in the sound, in the log, in a render of it."""
import random

from harness import *
from midi import *
from prints import render_equals

KNOB = 16
ROWS = ['/input/trim', '/eq/3/freq', '/eq/3/gain', '/comp/threshold', '/limit/gain', '/comp/mix', '/eq/3/q',
        '/stereo/width', '/saturate/drive', '/eq/5/type']


def moves_of(room, path=None):
    return [line for line in read_log(room.path('take.log')) if 'set' in line and path in (None, line['set'])]


def counter_at(live, index):
    """What midiend's out_L said in the print's frame."""
    return round(array.array('f', live.data[8 * index:8 * index + 4])[0] * (1 << 24))


@test(seconds=180)
def a_message_moves_its_row_at_the_frame_at_which_it_was_sent(room):
    """The sender says in sound which frame it is; the print has kept what was heard when the row moved."""
    for period in (64, 300, 1024):
        for name in ('live.wav', 'take.log'):
            if os.path.exists(room.path(name)):
                os.remove(room.path(name))
        server = room.jackd(48000, period, waits=True)
        host = MidiHost(room, server, '--set', '/transport/source=input', '--print', 'live.wav', '--log', 'take.log',
                        '--map', 'B0:%x:/monitor/level' % KNOB)
        end = MidiEnd(room, server)
        for side in 'LR':
            end.connect('midiend:out_' + side, 'deadwax:in_' + side)
        end.connect('midiend:midi_out', 'deadwax:midi_in')
        rng = random.Random(period)
        frame, sent = end.frame() + 12000, []
        for i in range(200):
            frame += rng.randrange(1, 700)
            sent.append(frame)
            end.send_at(frame, 0xB0, KNOB, i % 128)
        end.await_sent()
        wait_for(lambda: len(host.messages()) == 200, lambda: 'all messages: %d came' % len(host.messages()))
        host.say('print off')
        host.await_line('^printed ')
        host.quit()
        live = read_wav(room.path('live.wav'))
        began = [line['frame'] for line in read_log(room.path('take.log')) if line.get('print') == 'began'][0]
        moved = moves_of(room, '/monitor/level')
        check_equal([counter_at(live, line['frame'] - began) for line in moved], [f % (1 << 22) for f in sent],
                    'frames of the moves, period %d' % period)
        check_equal([line['by'] for line in moved], ['midi test'] * 200, 'whose moves they are')
        check_equal([f for f, _, _ in host.messages()], [line['frame'] for line in moved], 'frames as control has them')
        check(all(m for _, m, _ in host.messages()), 'control is told that they moved a row')
        end.end()
        server.end()
        room.note('period %d: 200 of 200 moves at the frame of their message' % period)


def take(room, period):
    write_wav(room.path('song.wav'), programme(8))
    server = room.jackd(48000, period)
    words = [w for i, path in enumerate(ROWS) for w in ('--map', 'B0:%x:%s:%d' % (KNOB + i, path, i % 3 == 1))]
    words += ['--map', 'E3:0:/clip/drive']
    switches = [w for name in ('eq', 'comp', 'limit', 'stereo', 'saturate', 'clip') for w in ('--set', '/%s/on=1' % name)]
    end = MidiEnd(room, server)
    host = MidiHost(room, server, *switches, '--print', 'live.wav', '--log', 'take.log', '--once', *words, 'song.wav')
    end.connect('midiend:midi_out', 'deadwax:midi_in')
    rng = random.Random(period)
    frame = end.frame() + 4800
    for _ in range(700):
        frame += rng.randrange(0, 900)
        which = rng.randrange(len(ROWS) + 1)
        if which == len(ROWS):
            end.send_at(frame, 0xE3, rng.randrange(128), rng.randrange(128))
        else:
            end.send_at(frame, 0xB0, KNOB + which, rng.choice((1, 2, 126, 127)) if which % 3 == 1 else rng.randrange(128))
    check_equal(host.wait(60), 0, 'exit status')
    render_equals(room, 'live.wav', 'take.log', [None, '37', '1000'])
    done = moves_of(room)
    check(len(done) > 400, 'only %d moves are in the log' % len(done))
    check(len({line['frame'] % period for line in done}) > min(period, len(done)) // 4, 'they are at frames of their own')
    check_equal({line['by'] for line in done}, {'midi test'}, 'whose moves they are')
    room.note('%d moves from midi_in, period %d: the render is the print' % (len(done), period))


@test(seconds=180)
def what_midi_moved_renders_to_the_print_at_32_frames(room):
    take(room, 32)


@test(seconds=180)
def what_midi_moved_renders_to_the_print_at_480_frames(room):
    take(room, 480)


@test(seconds=180)
def a_surface_on_midi_in_moves_its_row_at_the_frame(room):
    """The whole program: the profile that is on midi_in by itself, whatever its knob on CC 16 stands for."""
    if not os.path.exists(os.path.join(ROOT, 'hw-profiles/surfaces/jack-midi.yaml')):
        raise Skip('there is no profile jack-midi')
    write_wav(room.path('song.wav'), programme(8))
    server = room.jackd(48000, 256, waits=True)
    end = MidiEnd(room, server)
    host = room.host(server, '--print', 'live.wav', '--log', 'take.log', '--once', 'song.wav')
    end.connect('midiend:midi_out', 'deadwax:midi_in')
    frame, sent = end.frame() + 4800, []
    for i in range(127 + 200):              # past wherever the row is, then 200 moves
        frame += 1 + (i * 37) % 500
        sent.append(frame)
        end.send_at(frame, 0xB0, KNOB, i if i < 127 else (i * 41) % 127)
    check_equal(host.wait(60), 0, 'exit status')
    done = [line for line in moves_of(room) if line['by'].startswith('midi')]
    check(len(done) >= 200, 'only %d moves are in the log' % len(done))
    check_equal({logged['frame'] - f for logged, f in zip(done[-200:], sent[-200:])}, {done[-1]['frame'] - sent[-1]},
                'how far the two clocks are apart')
    render_equals(room, 'live.wav', 'take.log', [None, '37'])
    room.note('%s: %d moves' % (done[-1]['set'], len(done)))


@test
def what_goes_out_is_whole_in_order_and_at_a_periods_start(room):
    server = room.jackd(48000, 256, waits=True)
    end = MidiEnd(room, server)
    host = MidiHost(room, server)
    start = end.frame() % 256
    end.connect('deadwax:midi_out', 'midiend:midi_in')
    rng = random.Random(1)
    sent = []
    for _ in range(300):
        kind = rng.random()
        if kind < 0.2:
            message = bytes([0xF0] + [rng.randrange(128) for _ in range(rng.randrange(1000))] + [0xF7])
        else:
            message = bytes([rng.choice((0x90, 0xB5, 0xE0)), rng.randrange(128), rng.randrange(128)])
        sent.append(message)
        host.say('write ' + message.hex())
    wait_for(lambda: len(end.heard()) >= len(sent), lambda: 'all messages: %d came' % len(end.heard()))
    check_equal([m for _, m in end.heard()], sent, 'what came')
    check_equal({f % 256 for f, _ in end.heard()}, {start}, 'where in a period')
    host.say('write ' + 'f0' + '01' * 1023 + 'f7')       # longer than any message may be
    host.await_line('^no room')
    host.quit()


@test
def a_sysex_of_any_length_comes_in_whole_or_is_counted(room):
    server = room.jackd(48000, 256, waits=True)
    end = MidiEnd(room, server)
    host = MidiHost(room, server)
    end.connect('midiend:midi_out', 'deadwax:midi_in')
    whole = [bytes([0xF0] + [n % 128] * n + [0xF7]) for n in (0, 1, 100, 1022)]
    for message in whole + [bytes([0xF0] + [1] * 1023 + [0xF7]), bytes([0x90, 60, 0])]:
        check(end.ask('now ' + message.hex()) is not None, 'sent')
    wait_for(lambda: len(host.messages()) >= len(whole) + 1, lambda: 'messages: %r' % host.messages())
    check_equal([m for _, _, m in host.messages()], whole + [bytes([0x90, 60, 0])], 'what came')
    check(not any(moved for _, moved, _ in host.messages()), 'they moved nothing')
    host.quit()
    host.await_line('^lost 1$')


def shows(host, name):
    """Asks until it is so: it looks a few times a second."""
    def look():
        start = len(host.lines)
        host.say('other')
        return host.await_line('^other ?(.*)$', start=start).group(1) == name
    wait_for(look, 'it to be connected with "%s"' % name)


@test
def who_is_connected_is_known_and_comes_back_with_the_server(room):
    server = room.jackd()
    end = MidiEnd(room, server)
    host = MidiHost(room, server, '--map', 'B0:%x:/input/trim' % KNOB)
    shows(host, '')
    end.connect('deadwax:midi_out', 'midiend:midi_in')
    shows(host, 'midiend:midi_in')
    end.connect('midiend:midi_out', 'deadwax:midi_in')
    shows(host, 'midiend:midi_out')
    host.say('write b01040')
    wait_for(lambda: end.heard(), 'a message')
    time.sleep(1)               # time to notice connections
    server.kill()
    host.await_line('the JACK server has gone: waiting')
    shows(host, '')
    host.say('write b01041')
    host.await_line('^no room')
    server = room.jackd(48000, 128, name=server.server)
    host.await_line('^back on ')
    end = MidiEnd(room, server)
    shows(host, 'midiend:midi_out')
    before = len(host.messages())
    end.send_at(0, 0xB0, KNOB, 100)
    wait_for(lambda: len(host.messages()) > before, 'a message')
    check_equal(host.messages()[-1][1:], (True, bytes([0xB0, KNOB, 100])), 'what came')
    host.say('write b01042')
    wait_for(lambda: end.heard(), 'a message')
    check_equal(end.heard()[0][1], bytes([0xB0, 0x10, 0x42]), 'what came')
    host.quit()


@test
def midi_does_nothing_forbidden_in_the_callback(room):
    """Floods, maps that come and go, sysex both ways, periods that change: the trap is the judge."""
    server = room.jackd(48000, 256)
    end = MidiEnd(room, server)
    words = [w for i, path in enumerate(ROWS) for w in ('--map', 'B0:%x:%s:%d' % (KNOB + i, path, i % 3 == 1))]
    host = MidiHost(room, server, *words, '--map', 'E3:0:/clip/drive')
    end.connect('midiend:midi_out', 'deadwax:midi_in')
    end.connect('deadwax:midi_out', 'midiend:midi_in')
    rng = random.Random(4)
    for turn in range(10):
        end.ask('period %d' % rng.choice((64, 128, 300, 1024)))
        frame = end.frame() + 1000
        for _ in range(150):
            end.send_at(frame, 0xB0, KNOB + rng.randrange(12), rng.randrange(128))
            end.send_at(frame, 0xE3, rng.randrange(128), rng.randrange(128))
            frame += rng.randrange(0, 20)
        end.send_at(frame, 0xF0, *[1] * rng.randrange(1200), 0xF7)
        host.say('map %s' % ('off', 'on')[turn % 2])
        for _ in range(20):
            host.say('write b0%02x40' % rng.randrange(128))
        host.say('write f0%sf7' % ('05' * rng.randrange(1000)))
        end.await_sent()
    host.say('map on')
    end.send_at(0, 0xB0, KNOB, 5)
    wait_for(lambda: host.messages() and host.messages()[-1][2] == bytes([0xB0, KNOB, 5]), 'the last message')
    check(end.heard(), 'something came out')
    host.quit()
    check(len(room.trapped()) == 0, '\n'.join(room.trapped()))
