# SPDX-License-Identifier: GPL-3.0-or-later
"""A blind comparison as a listener has it: nothing tells what x is before the end, and everything is kept after it."""
import random

from harness import *
from sound import playing

HIDDEN = {'trials': 0, 'correct': -1, 'p': 1.0}


def compared(room, *args):
    """A host that plays, with a comparison on, and all that it says to a hand from now on."""
    host = room.host(room.jackd(), '--log', 'take.log', *args, XDG_DATA_HOME=room.path('data'))
    osc = room.osc(host)
    playing(osc)
    osc.send('/compare/on', 1)
    osc.await_value('/compare/on', 1)
    return host, osc


def begin(osc):
    """Not before both can be heard: what is not there yet would be heard to come."""
    for side in 'ab':
        osc.await_value('/compare/state/' + side, lambda v: v in (3, [3, 'ready']), side + ' is ready')
    osc.send('/compare/blind/on', 1)
    osc.await_value('/compare/blind/on', 1)
    for row, value in HIDDEN.items():
        osc.await_value('/compare/blind/' + row, value, 'hidden: ' + row)


def vote(osc, side, nth):
    osc.send('/compare/listen', 2)
    osc.await_value('/compare/listen', lambda v: v == 2 or v[0] == 2, 'x is heard')
    osc.send('/compare/blind/vote/' + side, 1)
    osc.await_value('/compare/blind/trials', nth)


def runs(room):
    with open(room.path('data/deadwax/blind.jsonl')) as f:
        return [json.loads(line) for line in f]


def await_runs(room, n):
    path = room.path('data/deadwax/blind.jsonl')
    wait_for(lambda: os.path.exists(path) and len(runs(room)) == n, '%d runs in the log' % n)
    return runs(room)


def p_value(trials, correct):
    return sum(math.comb(trials, k) for k in range(correct, trials + 1)) / 2 ** trials


@test
def a_blind_run_is_hidden_told_and_kept(room):
    host, osc = compared(room)
    begin(osc)
    votes = [random.Random(1).choice('ab') for _ in range(12)]
    for nth, side in enumerate(votes, 1):
        vote(osc, side, nth)
        check_equal(osc.value('/compare/blind/correct'), -1, 'hidden after %d votes' % nth)
        check_equal(osc.value('/compare/blind/p'), 1.0, 'hidden after %d votes' % nth)
    check(not os.path.exists(room.path('data/deadwax/blind.jsonl')), 'nothing on the disk before the end')
    osc.send('/compare/blind/on', 0)
    run, = await_runs(room, 1)
    check_equal([t['vote'] for t in run['trials']], votes, 'the votes')
    correct = sum(t['x'] == t['vote'] for t in run['trials'])
    check_equal(run['correct'], correct, 'counted')
    check_near(run['p'], p_value(12, correct), 1e-12, 'p')
    check_equal(osc.value('/compare/blind/correct'), correct, 'told')
    check_near(osc.value('/compare/blind/p'), p_value(12, correct), 1e-6, 'told')
    check_equal(osc.value('/compare/blind/trials'), 12, 'stays')
    host.await_line(r'%d of 12 right' % correct)
    host.quit()


@test
def nothing_betrays_x_before_the_end(room):
    """Two runs of twenty votes for a: all that a hand hears of one, x aside, is what it hears of the other."""
    host, osc = compared(room)
    for p in params():
        if p['path'].startswith('/compare/') and p['owner'] != 'meter':  # test/engine/blind looks at readings
            osc.send('/subscribe', p['path'], 60.0, 60.0)
    heard = []
    for run in range(2):
        begin(osc)
        osc.all()
        heard.append([])
        for nth in range(1, 21):
            osc.send('/compare/listen', 2)
            osc.send('/compare/blind/vote/a', 1)
            said = []
            wait_for(lambda: said.extend(osc.all(0.1)) or any(m[0] == '/compare/blind/trials' for m in said), 'a vote')
            heard[-1].append(sorted({m[0] for m in said if m[0].startswith('/compare') and
                                     m[0] != '/compare/listen'}))
        osc.send('/compare/blind/on', 0)
        await_runs(room, run + 1)
    first, second = await_runs(room, 2)
    check([t['x'] for t in first['trials']] != [t['x'] for t in second['trials']], 'x is drawn anew')
    check_equal(heard[0], heard[1], 'what a hand hears')
    check_equal(heard[0], [['/compare/blind/trials']] * 20, 'and that is the count alone')
    host.quit()
    for line in read_log(room.path('take.log')):
        check(line.get('set', '') == '', 'the log of moves: %s' % line)


@test
def a_vote_needs_a_run_and_ears(room):
    host, osc = compared(room)
    osc.send('/compare/blind/vote/a', 1)
    check('no blind comparison runs' in osc.await_path('/error')[-1], 'without a run')
    begin(osc)
    osc.send('/compare/blind/vote/a', 1)
    check('x has not been heard' in osc.await_path('/error')[-1], 'without ears')
    vote(osc, 'a', 1)
    osc.send('/compare/blind/vote/a', 1)
    check('x has not been heard' in osc.await_path('/error')[-1], 'a second tap is no second vote')
    check_equal(osc.value('/compare/blind/trials'), 1, 'one vote')
    host.quit()
    run, = runs(room)
    check_equal((run['why'], len(run['trials'])), ('the host ends', 1), 'kept at the end of the host')


@test
def moving_the_comparison_ends_the_run(room):
    host, osc = compared(room)
    begin(osc)
    vote(osc, 'b', 1)
    osc.send('/comp/on', 1)
    osc.await_value('/comp/on', 1)
    check_equal(osc.value('/compare/blind/on'), 1, 'the chain may move')
    osc.send('/compare/match', 0)
    osc.await_value('/compare/blind/on', 0)
    names = {p['path']: p for p in params()}['/compare/b']['names']
    run, = await_runs(room, 1)
    check_equal((run['why'], run['moves']), ('/compare/match was moved', 1), 'why it ended')
    osc.send('/compare/b', names.index('snapshot_a'))
    begin(osc)
    vote(osc, 'b', 1)
    osc.send('/snapshot/slot/1/store', 1)
    osc.await_value('/compare/blind/on', 0)
    run = await_runs(room, 2)[1]
    check_equal((run['why'], run['b']), ('/snapshot/slot/1/store was moved', 'snapshot_a'), 'a snapshot is another one')
    osc.send('/compare/on', 0)
    osc.await_value('/compare/on', 0)
    osc.send('/compare/blind/on', 1)
    check('nothing is compared' in osc.await_path('/error')[-1], 'nothing to compare')
    check_equal(osc.value('/compare/blind/on'), 0, 'no run')
    host.quit()
