# SPDX-License-Identifier: GPL-3.0-or-later
"""The fair comparison from the hands' side: settings by name come and go, and the print hears nothing of it."""
from harness import *
from prints import chain_params, one_move, render_equals
from sound import playing
import random
import time


def home(room):
    return {'XDG_CONFIG_HOME': room.path('config')}


def ready(osc, place, word='ready'):
    """What `place` plays is there, or not."""
    states = {p['path']: p for p in params()}['/compare/state/a']['names']
    return osc.await_value('/compare/state/' + place, lambda s: states[int(s)] == word, '%s is %s' % (place, word))


def contender(name):
    return {p['path']: p for p in params()}['/compare/a']['names'].index(name)


@test
def settings_by_name_are_compared_with_the_master(room):
    server = room.jackd()
    host = room.host(server, '--set', '/input/trim=-6', **home(room))
    osc = room.osc(host)
    playing(osc)
    osc.send('/chain/save', 'soft')
    wait_for(lambda: os.path.exists(room.path('config/deadwax/presets/soft.preset')), 'the file')
    osc.send('/input/trim', 0.0)
    osc.send('/compare/a', contender('named'))
    osc.send('/compare/b', contender('now'))
    osc.send('/compare/named', 'nosuch')
    osc.send('/compare/on', 1)
    ready(osc, 'a', 'missing')
    osc.send('/compare/named', 'soft')
    ready(osc, 'a')
    osc.await_value('/compare/offset', lambda lu: abs(lu - 6) < 0.01, 'now is 6 dB louder')
    osc.await_value('/compare/gain/b', lambda db: abs(db + 6) < 0.01, 'and turned down')
    check_equal(osc.value('/compare/gain/a'), 0.0, 'soft is not')
    osc.send('/input/trim', -3.0)
    osc.await_value('/compare/offset', lambda lu: abs(lu - 3) < 0.01, 'the move is measured')
    osc.send('/chain/save', 'soft')
    osc.await_value('/compare/offset', lambda lu: abs(lu) < 0.01, 'what is saved anew is heard anew')
    osc.send('/compare/on', 0)
    ready(osc, 'a', 'off')
    host.quit()


@test(seconds=180)
def a_print_hears_nothing_of_a_comparison(room):
    """Moves of the chain and of the comparison, all at once: the print is the render of the chain's moves alone."""
    write_wav(room.path('song.wav'), programme(10))
    server = room.jackd(48000, 128)
    host = room.host(server, '--print', 'live.wav', '--log', 'take.log', '--once', 'song.wav', '--set', '/compare/on=on',
                     '--set', '/compare/b=input', **home(room))
    osc = room.osc(host)
    rng = random.Random(5)
    rows = chain_params()
    heard = [p for p in params() if p['path'].startswith('/compare/') and p['owner'] == 'monitor']
    osc.send('/chain/save', 'mine')
    osc.send('/compare/named', 'mine')
    start = time.monotonic()
    while time.monotonic() - start < 9:
        p = rng.choice(rows)
        one_move(osc, p, random_value(p, rng), rng)
        p = rng.choice(heard)
        osc.send(p['path'], random_value(p, rng) if p['path'] not in ('/compare/a', '/compare/b')
                 else contender(rng.choice(('now', 'input', 'named'))))
        if p['path'] != '/compare/on':
            osc.send('/compare/on', 1)
        time.sleep(0.05)
    check_equal(host.wait(60), 0, 'exit status')
    render_equals(room, 'live.wav', 'take.log', [None, '64'])
    check(not [m for m in read_log(room.path('take.log')) if str(m.get('set', '')).startswith('/compare/')],
          'a take knows of no comparison')
