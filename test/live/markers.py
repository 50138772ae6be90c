# SPDX-License-Identifier: GPL-3.0-or-later
"""Markers in the tracks of the playlist, and in the state."""
from harness import *


def go(osc, seconds):
    osc.send('/transport/locate', seconds)
    osc.await_value('/transport/position', lambda s: abs(s - seconds) < 1e-3)


@test
def markers_are_set_gone_to_and_taken_away_in_their_track(room):
    for name in ('a.wav', 'b.wav'):
        write_wav(room.path(name), programme(8))
    server = room.jackd()
    host = room.host(server, '--stopped', '--state', 'desk', 'a.wav', 'b.wav')
    osc = room.osc(host)
    for seconds in (5.0, 2.5, 6.25):
        go(osc, seconds)
        osc.send('/transport/marker/add', 1)
    osc.await_value('/transport/marker/list', '0:02.500 0:05.000 0:06.250')
    go(osc, 1.0)
    for want in (2.5, 5.0, 6.25):
        osc.send('/transport/marker/next', 1)
        osc.await_value('/transport/position', lambda s: abs(s - want) < 1e-3)
    osc.all(0.3)
    osc.send('/transport/marker/next', 1)
    check_equal(osc.await_path('/error'), ['/transport/marker/next', '/transport/marker/next: this track has no marker '
                                           'after here'], 'at the last one')
    for want in (5.0, 2.5):
        osc.send('/transport/marker/previous', 1)
        osc.await_value('/transport/position', lambda s: abs(s - want) < 1e-3)
    go(osc, 5.9)
    osc.send('/transport/marker/remove', 1)
    osc.await_value('/transport/marker/list', '0:02.500 0:05.000')
    osc.send('/transport/track', 2)
    osc.await_value('/transport/marker/list', '')
    go(osc, 4.0)
    osc.send('/transport/marker/add', 1)
    osc.await_value('/transport/marker/list', '0:04.000')
    osc.send('/transport/marker/remove', 1)
    osc.await_value('/transport/marker/list', '')
    osc.all(0.3)
    osc.send('/transport/marker/remove', 1)
    check(osc.await_path('/error')[1].startswith('/transport/marker/remove: no marker is within 1 s of 0:04.000'),
          'with none there')
    osc.send('/transport/marker/add', 1)
    osc.await_value('/transport/marker/list', '0:04.000')
    host.quit()
    host = room.host(server, '--stopped', '--state', 'desk', 'b.wav', 'a.wav')      # in another order
    osc = room.osc(host)
    osc.await_value('/transport/marker/list', '0:04.000')
    osc.send('/transport/track', 2)
    osc.await_value('/transport/marker/list', '0:02.500 0:05.000')
    host.quit()


@test
def previous_goes_on_back_while_it_plays(room):
    write_wav(room.path('a.wav'), programme(20))
    host = room.host(room.jackd(), '--stopped', 'a.wav')
    osc = room.osc(host)
    for seconds in (3.0, 9.0):
        go(osc, seconds)
        osc.send('/transport/marker/add', 1)
    osc.await_value('/transport/marker/list', '0:03.000 0:09.000')
    go(osc, 8.9)
    osc.send('/transport/play', 1)
    osc.await_value('/transport/position', lambda s: s > 9.01)
    position = osc.value('/transport/position')
    osc.send('/transport/marker/previous', 1)
    want = 3.0 if position < 9.4 else 9.0       # a slow machine is past that half second
    osc.await_value('/transport/position', lambda s: want <= s < want + 4.0 and (want == 3.0 or s >= 9.0))
    host.quit()
