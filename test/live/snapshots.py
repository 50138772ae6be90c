# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the desk by name: stored, recalled, morphed, locked, and on disk."""
import random
import time

from harness import *
from prints import render_equals
from sound import playing


def held():
    """Rows that a snapshot holds and a render can make again."""
    return [p for p in chain_params() if 'saved' in p['flags']]


def desk(room, *args, period=256, seconds=10):
    write_wav(room.path('song.wav'), programme(seconds))
    host = room.host(room.jackd(48000, period), *args, 'song.wav')
    return host, room.osc(host)


def put(osc, values):
    """Over a link that may lose: until it is so."""
    for path, value in values.items():
        osc.send(path, value)
    for path, value in values.items():
        osc.await_value(path, lambda got: abs(got - value) <= 1e-6 * max(1, abs(value)), value)


def names(osc):
    text = osc.value('/snapshot/list')
    return text.split(', ') if text else []


def store(osc, name):
    """Until it is on disk."""
    osc.send('/snapshot/store', name)
    wait_for(lambda: name in names(osc), 'snapshot %s to be on disk' % name)


def wild(osc, rng):
    """Everything somewhere else."""
    put(osc, {p['path']: random_value(p, rng) for p in rng.sample(held(), 60)})


def lines_of(path):
    """Path and value; of a file that is still to come: none."""
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        return dict(line.rstrip('\n').split('=', 1) for line in f if line.startswith('/'))


def print_through_recalls(room, period):
    host, osc = desk(room, '--print', 'live.wav', '--log', 'take.log', '--once', '--stopped', period=period, seconds=9)
    rng = random.Random(period)
    put(osc, {'/snapshot/fade': 0.0})
    for name in 'AB':
        wild(osc, rng)
        put(osc, {'/%s/on' % stage: 1 for stage in ('eq', 'eq/1', 'comp', 'limit')})
        store(osc, name)
    osc.send('/transport/play', True)
    playing(osc)
    osc.send('/snapshot/recall', 'A')       # all at one frame
    playing(osc, 1.2)
    osc.send('/snapshot/fade', 1.0)
    osc.send('/snapshot/recall', 'B')
    playing(osc, 1.7)
    osc.send('/snapshot/recall', 'A')       # from where things stand
    osc.send('/input/trim', -7.5)           # a hand in the middle of it
    playing(osc, 3.5)
    osc.send('/snapshot/morph/from', 'A')
    osc.send('/snapshot/morph/to', 'B')
    for k in range(20):
        osc.send('/snapshot/morph/position', k / 19)
        time.sleep(0.02)
    osc.send('/snapshot/fade', 5.0)
    osc.send('/snapshot/recall', 'A')       # still on its way when the print ends
    check_equal(host.wait(60), 0, 'exit status')
    render_equals(room, 'live.wav', 'take.log', [None, '100'])
    moves = [line for line in read_log(room.path('take.log')) if 'set' in line]
    late = [line for line in read_log(room.path('take.log')) if line.get('by') == 'late']
    check(len(moves) > 2000, 'only %d moves' % len(moves))
    check_equal(late, [], 'moves that could not be sent in time')
    room.note('%d moves, period %d' % (len(moves), period))


@test(seconds=180)
def a_print_through_recalls_is_made_again_to_the_bit_at_64_frames(room):
    print_through_recalls(room, 64)


@test(seconds=180)
def a_print_through_recalls_is_made_again_to_the_bit_at_1024_frames(room):
    print_through_recalls(room, 1024)


@test
def a_fade_takes_its_time_and_ends_to_the_bit(room):
    host, osc = desk(room, '--loop', 'track', '--state', 'desk')
    playing(osc)
    put(osc, {'/input/trim': -1.1, '/eq/on': 1, '/eq/1/freq': 60.0})
    store(osc, 'A')
    put(osc, {'/input/trim': -9.3, '/eq/1/freq': 6000.0})
    store(osc, 'B')
    put(osc, {'/snapshot/fade': 4.0})
    start = osc.value('/transport/position')
    osc.send('/snapshot/recall', 'A')
    osc.await_value('/input/trim', lambda db: -9 < db < -1.5, 'on its way')
    check_equal(osc.value('/snapshot/now'), 'A', 'what it is called')
    check_equal(osc.value('/snapshot/changed'), 0, 'while it is on its way')
    osc.await_value('/input/trim', -1.100000023841858)
    check(osc.value('/transport/position') - start > 2.0, 'it took less than half its time')
    osc.send('/snapshot/compare', 'A')
    osc.await_value('/snapshot/compare', 'A')
    wait_for(lambda: osc.value('/snapshot/difference') == '', 'nothing to differ from A')
    check_equal(osc.value('/snapshot/changed'), 0, 'changed, at the end')
    osc.send('/eq/1/gain', 2.0)
    osc.await_value('/snapshot/changed', 1)
    osc.send('/snapshot/compare', 'A')
    osc.await_value('/snapshot/difference', 'eq/1/gain 0 -> 2 dB')
    osc.send('/snapshot/compare', 'A B')
    osc.await_value('/snapshot/difference', 'input/trim -1.1 -> -9.3 dB\neq/1/freq 60 -> 6000 Hz')
    osc.send('/eq/1/gain', 0.0)
    osc.await_value('/snapshot/changed', 0)


@test
def a_hand_wins_over_a_fade(room):
    host, osc = desk(room, '--loop', 'track')
    playing(osc)
    put(osc, {'/input/trim': 6.0, '/input/balance': 50.0})
    store(osc, 'A')
    put(osc, {'/input/trim': -6.0, '/input/balance': -50.0, '/snapshot/fade': 1.0})
    osc.send('/snapshot/recall', 'A')
    osc.await_value('/input/trim', lambda db: db > -5, 'on its way')
    osc.send('/input/trim', -20.0)
    osc.await_value('/input/balance', 50.0)
    check_equal(osc.value('/input/trim'), -20.0, 'where the hand put it')
    osc.await_value('/snapshot/changed', 1)


@test
def a_fade_ends_where_it_should_when_the_server_goes(room):
    write_wav(room.path('song.wav'), programme(10))
    server = room.jackd()
    host = room.host(server, '--loop', 'track', 'song.wav')
    osc = room.osc(host)
    playing(osc)
    put(osc, {'/input/trim': 6.0, '/comp/on': 1})
    store(osc, 'A')
    put(osc, {'/input/trim': -6.0, '/comp/on': 0, '/snapshot/fade': 5.0})
    osc.send('/snapshot/recall', 'A')
    osc.await_value('/input/trim', lambda db: db > -5.5, 'on its way')
    server.kill()
    host.await_line('the JACK server has gone: waiting')
    osc.await_value('/input/trim', 6.0)
    room.jackd(44100, 256, name=server.server)
    host.await_line('the rate is 44100 Hz now')
    playing(osc)
    check_equal([osc.value('/input/trim'), osc.value('/comp/on'), osc.value('/snapshot/changed')], [6.0, 1, 0], 'after it')
    osc.send('/snapshot/fade', 0.1)
    osc.send('/input/trim', 0.0)
    osc.send('/snapshot/recall', 'A')
    osc.await_value('/input/trim', 6.0)


@test
def parts_and_locks_say_what_a_recall_moves(room):
    host, osc = desk(room, '--loop', 'track')
    away = {'/input/trim': 6.0, '/eq/3/gain': 4.0, '/comp/ratio': 8.0, '/chain/order/eq': 95, '/monitor/level': -40.0,
            '/insert/1/gain': 3.0, '/limit/ceiling': -2.0, '/insert/1/mix': 20.0}
    home = {'/input/trim': 0.0, '/eq/3/gain': 0.0, '/comp/ratio': 2.0, '/chain/order/eq': 10, '/monitor/level': -20.0,
            '/insert/1/gain': 0.0, '/limit/ceiling': -1.0, '/insert/1/mix': 100.0}

    def moved():
        """Rows that are home again: a recall with a fade of 0 moves all at once."""
        return sorted(path for path, value in home.items() if osc.value(path) == value)

    put(osc, {'/snapshot/fade': 0.0})
    store(osc, 'home')
    put(osc, away)
    osc.send('/snapshot/recall', 'home/eq')
    osc.await_value('/eq/3/gain', 0.0)
    check_equal(moved(), ['/eq/3/gain'], 'one stage alone')
    check_equal(osc.value('/snapshot/now'), 'home', 'stored last')
    osc.send('/snapshot/recall', 'home/nonsense')
    check('is no part of a snapshot' in osc.await_path('/error')[1], 'a part that there is not')
    put(osc, {'/snapshot/scope/comp': 0, '/snapshot/scope/order': 0})
    osc.send('/snapshot/lock', '/limit')
    osc.await_value('/snapshot/locked', '/limit')
    osc.send('/snapshot/recall', 'home')
    osc.await_value('/input/trim', 0.0)
    check_equal(moved(), ['/eq/3/gain', '/input/trim', '/insert/1/mix'], 'neither comp, order, desk, monitor nor what is locked')
    osc.send('/chain/preset', 'club')
    osc.await_value('/eq/1/on', 1)
    check_equal(round(osc.value('/limit/ceiling'), 6), -2.0, 'a preset and a lock')
    osc.send('/snapshot/unlock', '/limit')
    osc.await_value('/snapshot/locked', '')
    put(osc, {'/snapshot/scope/%s' % part: 1 for part in ('comp', 'order', 'desk', 'monitor')})
    osc.send('/snapshot/recall', 'home')
    osc.await_value('/limit/ceiling', -1.0)
    check_equal(moved(), sorted(home), 'all')


@test
def a_morph_goes_between_two_and_ends_in_both(room):
    host, osc = desk(room, '--loop', 'track')
    osc.send('/snapshot/morph/position', 0.5)
    check('between what' in osc.await_path('/error')[1], 'without ends')
    put(osc, {'/eq/on': 1, '/eq/1/on': 1, '/eq/1/gain': 6.0, '/input/trim': -3.3})
    store(osc, 'A')
    put(osc, {'/eq/on': 0, '/eq/1/gain': -6.0, '/input/trim': 2.7})
    store(osc, 'B')
    osc.send('/snapshot/lock', '/input/balance')
    osc.send('/snapshot/morph/from', 'A')
    osc.send('/snapshot/morph/to', 'B')
    osc.await_value('/snapshot/morph/to', 'B')
    put(osc, {'/input/balance': 33.0})
    for x, want in ((0.0, (1, 6.0, -3.3)), (0.5, (1, 3.0, -0.3)), (0.75, (1, 1.5, 1.2)), (1.0, (0, -6.0, 2.7))):
        osc.send('/snapshot/morph/position', x)
        osc.await_value('/snapshot/morph/position', x)
        got = [osc.value(path) for path in ('/eq/on', '/eq/1/gain', '/input/trim')]
        check(all(abs(g - w) < 1e-5 for g, w in zip(got, want)), 'at %g: %r, not %r' % (x, got, want))
    check_equal(osc.value('/input/balance'), 33.0, 'what is locked')
    osc.send('/snapshot/compare', 'B')
    osc.await_value('/snapshot/difference', 'input/balance 0 -> 33 %')
    osc.send('/snapshot/morph/to', 'nobody')
    check('no snapshot nobody' in osc.await_path('/error')[1], 'an end that there is not')


@test
def a_recall_and_a_morph_are_each_one_step_back(room):
    host, osc = desk(room, '--loop', 'track')
    playing(osc)
    put(osc, {'/input/trim': 6.0, '/eq/1/gain': 3.0, '/comp/on': 1})
    store(osc, 'A')
    put(osc, {'/input/trim': -6.0, '/eq/1/gain': 0.0, '/comp/on': 0})
    store(osc, 'B')
    steps = osc.value('/history/steps')
    put(osc, {'/snapshot/fade': 0.3})
    osc.send('/snapshot/recall', 'A')
    osc.await_value('/input/trim', 6.0)
    osc.await_value('/history/undo', lambda text: text.startswith('snapshot A ('))
    check_equal(osc.value('/history/steps'), steps + 1, 'steps')
    osc.send('/undo', 1)
    osc.await_value('/input/trim', -6.0)
    check_equal([osc.value('/eq/1/gain'), osc.value('/comp/on')], [0.0, 0], 'taken back')
    osc.send('/redo', 1)
    osc.await_value('/input/trim', 6.0)
    check_equal([osc.value('/eq/1/gain'), osc.value('/comp/on')], [3.0, 1], 'done again')
    put(osc, {'/snapshot/fade': 5.0})
    osc.send('/snapshot/recall', 'B')
    osc.await_value('/input/trim', lambda db: db < 5, 'on its way')
    osc.send('/undo', 1)                        # in the middle of it
    osc.await_value('/input/trim', 6.0)
    time.sleep(0.5)
    check_equal([osc.value(path) for path in ('/input/trim', '/eq/1/gain', '/comp/on')], [6.0, 3.0, 1], 'and it stays')
    steps = osc.value('/history/steps')
    osc.send('/snapshot/morph/from', 'A')
    osc.send('/snapshot/morph/to', 'B')
    osc.bundle(None, *(('/snapshot/morph/position', k / 9) for k in range(10)))     # at once, whatever the machine does
    osc.await_value('/input/trim', -6.0)
    osc.await_value('/history/undo', lambda text: text.startswith('morph A > B ('))
    check_equal(osc.value('/history/steps'), steps + 1, 'steps of a morph')
    osc.send('/undo', 1)
    osc.await_value('/input/trim', 6.0)


@test
def a_snapshot_is_held_against_the_master(room):
    host, osc = desk(room, '--loop', 'track')
    playing(osc)
    put(osc, {'/input/trim': -6.0})
    store(osc, 'A')
    put(osc, {'/input/trim': 0.0})
    for path, value in (('/compare/a', 'snapshot_a'), ('/compare/b', 'now'), ('/compare/on', 'on')):
        osc.send(path, value)
    osc.await_value('/compare/offset', lambda lu: abs(lu - 6) < 0.05, 'now is 6 dB louder')
    put(osc, {'/input/trim': -2.0})
    store(osc, 'A')
    osc.await_value('/compare/offset', lambda lu: abs(lu) < 0.05, 'what is stored anew is heard anew')


@test
def buttons_names_and_their_files(room):
    host, osc = desk(room, '--stopped')
    folder = room.path('data/deadwax/snapshots')
    osc.send('/snapshot/slot/3/store', 1)
    osc.await_value('/snapshot/slot/3/used', 1)
    osc.send('/snapshot/store', 'b')
    osc.await_value('/snapshot/slot/2/used', 1)
    store(osc, 'loud mix - 2')
    check_equal(names(osc), ['B', 'C', 'loud mix - 2'], 'in their order')
    osc.send('/snapshot/rename', 'loud mix - 2 > A')
    osc.await_value('/snapshot/list', 'A, B, C')
    osc.send('/snapshot/remove', 'B')
    osc.await_value('/snapshot/slot/2/used', 0)
    wait_for(lambda: sorted(os.listdir(folder)) == ['A.snapshot', 'B.snapshot~', 'C.snapshot', 'loud mix - 2.snapshot~'],
             lambda: 'the files; there are %r' % sorted(os.listdir(folder)))
    for name in ('../x', 'a/b', '', 'x' * 33):
        osc.send('/snapshot/store', name)
        check('is no name for a snapshot' in osc.await_path('/error')[1], 'for %r' % name)
    osc.send('/snapshot/recall', 'nobody')
    check('no snapshot nobody' in osc.await_path('/error')[1], 'one that is not there')
    osc.send('/input/trim', 3.0)
    osc.send('/snapshot/slot/3/recall', 1)
    osc.await_value('/input/trim', 0.0)


@test
def what_is_stored_survives_a_kill(room):
    """All that was shown as stored, at each of many moments."""
    write_wav(room.path('song.wav'), programme(2))
    server = room.jackd()
    kept = {}
    for turn in range(5):
        host = room.host(server, '--stopped', 'song.wav')
        osc = room.osc(host)
        check_equal(names(osc), sorted(kept), 'what is there again')
        for name, trim in kept.items():
            osc.send('/snapshot/recall', name)
            osc.await_value('/input/trim', float(trim))
        name = 'take %d' % turn
        put(osc, {'/input/trim': turn - 7.0})
        store(osc, name)
        kept[name] = turn - 7.0
        host.kill()


@test
def the_state_is_resumed_after_a_kill_and_set_wins(room):
    write_wav(room.path('song.wav'), programme(2))
    server = room.jackd()
    run = lambda *more: room.host(server, '--stopped', '--state', 'desk', *more, 'song.wav')
    host = run()
    osc = room.osc(host)
    put(osc, {'/eq/3/gain': 4.25, '/monitor/level': -31.0, '/print/seed': 7, '/meter/k/scale': 2, '/snapshot/fade': 1.5,
              '/snapshot/scope/monitor': 1})
    osc.send('/snapshot/lock', '/eq/3')
    osc.send('/meter/reference/file', room.path('song.wav'))
    osc.await_value('/meter/reference/file', room.path('song.wav'))
    wait_for(lambda: lines_of(room.path('desk/state')).get('/meter/reference/file') == room.path('song.wav'),
             'the state to be on disk')
    status, out, err = room.deadwax('run', '--headless', '--server', server.server, '--state', 'desk', '--osc-port', '0')
    check(status == 1 and 'another host keeps its state here' in err, 'a second host: %d %s' % (status, err))
    host.kill()
    host = run('--set', '/eq/4/gain=3')
    osc = room.osc(host)
    for path, want in (('/eq/3/gain', 4.25), ('/monitor/level', -31.0), ('/print/seed', 7), ('/snapshot/fade', 1.5),
                       ('/snapshot/locked', '/eq/3'), ('/snapshot/scope/monitor', 1), ('/eq/4/gain', 3.0),
                       ('/meter/reference/file', room.path('song.wav'))):
        check_equal(osc.value(path), want, path)
    check_equal(osc.ask('/meter/k/scale')[0], 2, '/meter/k/scale')
    osc.send('/eq/3/gain', 5.5)
    osc.await_value('/eq/3/gain', 5.5)
    host.quit()
    check_equal(lines_of(room.path('desk/state'))['/eq/3/gain'], '5.5', 'at the end')
    with open(room.path('desk/state'), 'a') as f:
        f.write('/eq/3/flavour=strawberry\n/comp/ratio=4000\n')
    host = run('--preset', 'club')
    host.await_line('desk/state: not known here, or out of range: /eq/3/flavour, /comp/ratio')
    osc = room.osc(host)
    check_equal(osc.value('/eq/3/gain'), 0.0, 'a preset at the start says the whole chain')
    check_equal(osc.value('/monitor/level'), -31.0, 'and leaves the rest')
    check('/eq/3/flavour' in lines_of(room.path('desk/state~')), 'the file of the other version')
    host.quit()
    check('/eq/3/flavour' not in lines_of(room.path('desk/state')), 'ours')
