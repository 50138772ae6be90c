# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings by name, from the start and while it plays."""
from harness import *
from sound import playing


def home(room):
    return {'XDG_CONFIG_HOME': room.path('config')}


@test
def a_preset_is_loaded_and_saved_while_it_plays(room):
    server = room.jackd()
    host = room.host(server, '--preset', 'club', '--log', 'take.log', **home(room))
    osc = room.osc(host)
    playing(osc)
    check_equal(osc.value('/limit/ceiling'), -0.30000001192092896, 'club, from the start')
    osc.send('/monitor/level', -33.0)
    osc.send('/chain/preset', 'acoustic')
    osc.await_value('/comp/mix', lambda mix: mix == 60, 'acoustic')
    check_equal(osc.value('/multiband/on'), 0, 'what it does not name goes back')
    check_equal(osc.value('/monitor/level'), -33.0, 'ears stay')
    osc.send('/chain/preset', 'eq/air')
    osc.await_value('/eq/8/on', lambda on: on == 1, 'a stage')
    check_equal(osc.value('/comp/mix'), 60.0, 'the others stay')
    osc.send('/chain/save', 'mine')
    wait_for(lambda: os.path.exists(room.path('config/deadwax/presets/mine.preset')), 'the file')
    osc.send('/chain/preset', 'transparent')
    osc.await_value('/comp/on', lambda on: on == 0, 'transparent')
    osc.send('/chain/preset', 'mine')
    osc.await_value('/eq/8/on', lambda on: on == 1, 'mine')
    osc.send('/chain/preset', 'nosuch')
    words = osc.await_path('/error')
    check('no such preset' in words[1], words)
    playing(osc, osc.value('/transport/position') + 0.2)  # the moves come into force 50 ms after they were asked for
    host.quit()
    moves = [line for line in read_log(room.path('take.log')) if 'set' in line]
    frames = collections.Counter(line['frame'] for line in moves)
    check(max(frames.values()) > 10, 'the moves of a preset come into force at one frame')


@test
def presets_are_listed_and_shown(room):
    listed = json.loads(room.must('preset', 'list', '--json'))['presets']
    names = [p['name'] for p in listed]
    for name in ('transparent', 'streaming-loud', 'vinyl-pre-master', 'acoustic', 'club', 'eq/air', 'comp/glue'):
        check(name in names, name)
    check('/limit/on=on' in room.must('preset', 'show', 'club'), 'what is in it')
    status, out, err = room.deadwax('preset', 'show', 'nosuch')
    check_equal((status, out), (1, ''), err)
    check_equal(room.deadwax('preset', 'nonsense')[0], 2, 'wrong use')
