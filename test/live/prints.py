# SPDX-License-Identifier: GPL-3.0-or-later
"""Live equals print equals render: one take, the same bits."""
import random
import time

from harness import *

BLOCKS = {32: ['7'], 64: ['1000', '1'], 480: ['64'], 1024: [None, '100']}


def one_move(osc, p, value, rng):
    """In any of the ways in which a hand can move it."""
    kind = rng.random()
    if kind < 0.15 and isinstance(value, float):
        osc.send(p['path'] + '/norm', rng.random())
    elif kind < 0.3:
        osc.bundle(time.time() + rng.uniform(-0.02, 0.3), (p['path'], value))
    elif kind < 0.4:
        osc.bundle(None, (p['path'], value), ('/input/trim', rng.uniform(-6, 3)))
    else:
        osc.send(p['path'], value)


def move_at_random(osc, seconds, moves, seed):
    """Chain parameters at times without a rhythm, for so long. What is sent is fixed by the seed."""
    rng = random.Random(seed)
    rows = chain_params()
    osc.bundle(None, ('/eq/on', True), ('/comp/on', True), ('/limit/on', True))
    for when in sorted(rng.uniform(0, seconds) for _ in range(moves)):
        p = rng.choice(rows)
        value = random_value(p, rng)
        start = move_at_random.start
        while time.monotonic() - start < when:
            time.sleep(min(0.01, when - (time.monotonic() - start) + 1e-4))
        one_move(osc, p, value, rng)


def moves_at_random(osc, seconds, moves, seed):
    move_at_random.start = time.monotonic()
    move_at_random(osc, seconds, moves, seed)


def render_take(room, log, out, block=None, form=None):
    room.must('render', '--log', log, '-o', out, *(['--block', block] if block else []),
              *(['--format', form] if form else []), seconds=300)
    return read_wav(room.path(out))


def render_equals(room, print_name, log, blocks):
    live = read_wav(room.path(print_name))
    check(live.is_float and live.bits == 32, 'the print is 32-bit float')
    for block in blocks:
        made = render_take(room, log, 'render-%s.wav' % block, block)
        same_bytes(made.data, live.data, 'render --block %s and the live print' % (block or 'as it comes'))
    return live


def moves_in(log):
    return [line for line in read_log(log) if 'set' in line]


def take(room, period):
    write_wav(room.path('song.wav'), programme(12))
    server = room.jackd(48000, period)
    host = room.host(server, '--print', 'live.wav', '--log', 'take.log', '--once', 'song.wav')
    moves_at_random(room.osc(host), 11, 500, seed=period)
    check_equal(host.wait(60), 0, 'exit status')
    live = render_equals(room, 'live.wav', 'take.log', BLOCKS[period])
    latest = 48000 // 4     # a change of phase on the way makes the rest later, or earlier
    check(abs(live.frames() - 12 * 48000) < latest, '%d frames in the print' % live.frames())
    done = moves_in(room.path('take.log'))
    check(len(done) >= 500, 'only %d moves are in the log' % len(done))
    check(len({line['frame'] for line in done}) > 300, 'the moves have frames of their own')
    source = array.array('f', programme(12)).tobytes()
    check(live.data != source, 'the moves changed the sound')
    room.note('%d moves, %d frames, period %d' % (len(done), live.frames(), period))


@test(seconds=180)
def print_equals_render_at_32_frames(room):
    take(room, 32)


@test(seconds=180)
def print_equals_render_at_64_frames(room):
    take(room, 64)


@test(seconds=180)
def print_equals_render_at_480_frames(room):
    take(room, 480)


@test(seconds=180)
def print_equals_render_at_1024_frames(room):
    take(room, 1024)


@test(seconds=180)
def print_equals_render_through_locates_stops_tracks_and_loops(room):
    write_wav(room.path('one.wav'), programme(4, 44100, 2), 44100)
    write_wav(room.path('two.wav'), programme(3, 48000, 3))
    host = room.host(room.jackd(48000, 128), '--print', 'live.wav', '--log', 'take.log', 'one.wav', 'two.wav')
    osc = room.osc(host)
    rng = random.Random(5)
    osc.bundle(None, ('/eq/on', True), ('/comp/on', True), ('/limit/on', True), ('/limit/gain', 6.0))
    hands = [('/transport/locate', 1.5), ('/transport/stop', 1), ('/transport/play', 1), ('/transport/next', 1),
             ('/transport/loop', 'track'), ('/transport/locate', 2.9), ('/transport/locate', 0.0), ('/transport/loop', 'off'),
             ('/transport/previous', 1), ('/transport/track', 2), ('/transport/stop', 1), ('/transport/locate', 0.7),
             ('/transport/play', True), ('/transport/loop', 'list'), ('/transport/locate', 2.5)]
    for path, value in hands:
        for _ in range(6):
            p = rng.choice(chain_params())
            one_move(osc, p, random_value(p, rng), rng)
            time.sleep(rng.uniform(0, 0.12))
        osc.send(path, value)
        time.sleep(rng.uniform(0.05, 0.4))
    osc.send('/print/record', False)
    host.await_line('printed .* to live.wav')
    host.quit()
    live = render_equals(room, 'live.wav', 'take.log', [None, '37'])
    log = read_log(room.path('take.log'))
    check(sum('begin' in line for line in log) >= 8, 'the log has the beginnings of the sound')
    room.note('%.1f s, %d begins, %d moves' % (live.frames() / 48000, sum('begin' in line for line in log),
                                               sum('set' in line for line in log)))


@test
def a_take_that_heard_the_jack_inputs_is_not_made_again_wrongly(room):
    write_wav(room.path('song.wav'), programme(3))
    host = room.host(room.jackd(), '--print', 'live.wav', '--log', 'take.log', '--once', 'song.wav')
    osc = room.osc(host)
    osc.await_value('/transport/position', lambda s: s > 0.2, 'past 0.2 s')
    osc.send('/transport/source', 'input')
    osc.send('/transport/source', 'player')
    check_equal(host.wait(60), 0, 'exit status')
    status, _, err = room.deadwax('render', '--log', 'take.log', '-o', 'out.wav')
    check_equal((status, len(err.splitlines())), (1, 1), 'exit status and lines: ' + err)
    check('inputs' in err, err)
    check(not os.path.exists(room.path('out.wav')), 'no file is left')


@test
def print_equals_render_of_two_rates_without_a_gap(room):
    write_wav(room.path('one.wav'), programme(2, 44100, 4), 44100)
    write_wav(room.path('two.wav'), programme(1.5, 48000, 5))
    host = room.host(room.jackd(48000, 256), '--print', 'live.wav', '--log', 'take.log', '--once', '--set', '/limit/on=on',
                     '--set', '/limit/gain=9', 'one.wav', 'two.wav')
    check_equal(host.wait(60), 0, 'exit status')
    live = render_equals(room, 'live.wav', 'take.log', [None, '7'])
    check_equal(live.frames(), 2 * 48000 + 72000, 'frames: the one after the other, no gap')


@test
def a_print_of_an_untouched_chain_is_its_file(room):
    song = programme(2)
    write_wav(room.path('song.wav'), song)
    host = room.host(room.jackd(48000, 100), '--print', 'live.wav', '--once', 'song.wav')
    check_equal(host.wait(60), 0, 'exit status')
    same_bytes(read_wav(room.path('live.wav')).data, song.tobytes(), 'the print and the file')


@test
def prints_of_24_and_16_bits_are_the_float_print_dithered(room):
    write_wav(room.path('song.wav'), programme(1.5))
    server = room.jackd(48000, 256)
    for form, bits in (('wav24', 24), ('wav16', 16)):
        host = room.host(server, '--print', form + '.wav', '--print-format', form, '--log', form + '.log', '--once',
                         '--set', '/limit/on=on', '--set', '/limit/gain=3', 'song.wav')
        check_equal(host.wait(60), 0, 'exit status')
        got = read_wav(room.path(form + '.wav'))
        check_equal((got.bits, got.is_float, got.channels, got.rate), (bits, False, 2, 48000), 'format')
        exact = render_take(room, form + '.log', form + '-float.wav', form='wav32f')
        check_equal(got.frames(), exact.frames(), 'frames')
        lsb = 2.0 ** (1 - bits)
        worst = max(abs(a - b) for a, b in zip(got.samples(), exact.samples())) / lsb
        # Triangular dither is within 1 LSB, rounding within half of one; float32 itself is not exact to 24 bits.
        check(0.5 < worst <= 1.5 + 0.5 * (bits == 24), '%s: %.3f LSB off at most' % (form, worst))
        same_bytes(render_take(room, form + '.log', form + '-again.wav').data, got.data, 'the print and its render')


@test
def a_print_never_overwrites_a_file(room):
    write_wav(room.path('song.wav'), programme(1))
    with open(room.path('live.wav'), 'w') as f:
        f.write('precious')
    server = room.jackd()
    host = room.start(server, '--print', 'live.wav', '--once', 'song.wav')
    check_equal(host.wait(), 1, 'exit status')
    check(host.find(r'stderr: deadwax: live\.wav: '), 'the file is named: ' + host.output())
    with open(room.path('live.wav')) as f:
        check_equal(f.read(), 'precious', 'what was there')


@test
def a_print_asked_for_later_begins_and_ends_where_it_should(room):
    write_wav(room.path('song.wav'), programme(12))
    host = room.host(room.jackd(48000, 64), '--log', 'take.log', 'song.wav')
    osc = room.osc(host)
    osc.await_value('/transport/position', lambda s: s > 0.5, 'past 0.5 s')
    osc.send('/print/file', 'late.wav')
    osc.send('/print/record', 1)
    osc.await_value('/print/time', lambda s: s > 1, 'past 1 s')
    osc.send('/print/record', 0)
    host.await_line('printed .* to late.wav')
    host.quit()
    live = render_equals(room, 'late.wav', 'take.log', [None, '333'])
    log = read_log(room.path('take.log'))
    began = next(line['frame'] for line in log if line.get('print') == 'began')
    ended = next(line['frame'] for line in log if line.get('print') == 'ended')
    start = next(line['frame'] for line in log if 'begin' in line)
    check_equal(live.frames(), ended - began, 'frames')
    song = programme(12).tobytes()[8 * (began - start):8 * (ended - start)]
    same_bytes(live.data, song, 'the print and its part of the file')
