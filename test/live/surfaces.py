# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shipped profile in the whole program, and a simulated box on JACK MIDI at its other end; what else midi_in can bring."""
import concurrent.futures
import statistics

from boxes import *
from harness import *
from midi import MidiEnd

PERIOD = 128
AT_ONCE = 7             # hosts on one server
QUIET_MS = 2000


def surface_host(room, server, profile, name='deadwax', **more):
    return room.host(server, '--stopped', '--no-connect', '--name', name, '--surface', profile + '=jack', '--surface', 'none',
                     **more)


class Desk:
    """A host with one profile on midi_in, and the profile's box."""

    def __init__(self, room, server, profile, number=0):
        self.profile, host = profile, 'deadwax%d' % number if number else 'deadwax'
        self.host = surface_host(room, server, profile, host)
        self.osc = room.osc(self.host)
        self.box = Box(room, server, profile, 'box%d' % number, host)

    def noticed(self):
        return len([line for line in list(self.host.lines) if 'surface on midi_in' in line])

    def plug(self):
        """Until the host says that somebody new is there."""
        before = self.noticed()
        self.box.connect()
        wait_for(lambda: self.noticed() > before, 'the host to see the box; it said:\n' + self.host.output())

    def agree(self, when):
        await_agreement(self.box, self.osc, when)

    def at(self, stand, place, slack, what):
        """The row is at that place of its way; in steps, at half a step."""
        row = row_of(stand['path'])
        if row['type'] in ('int', 'enum') and 0 < place < 1:
            slack += 0.5 / max(1, (row['max'] - row['min']) * abs(stand['high'] - stand['low']))
        last = [None]

        def look():
            last[0] = way(self.osc, stand)
            return abs(last[0] - place) <= slack + 2e-6
        wait_for(look, lambda: '%s: %s/%d: %s to be at %.4f of its way; it is at %.4f'
                 % (what, stand['name'], stand['n'], stand['path'], place, last[0]))

    def set(self, stand, place):
        norm = stand['low'] + place * (stand['high'] - stand['low'])
        self.osc.send(stand['path'] + '/norm', float(norm))

    def quiet(self):
        """It comes to it that nothing is said for a while, but what keeps a box awake."""
        gap = int(self.box.ask('gap')[0])
        said = [0]

        def look():
            before = self.box.heard()
            self.box.ask('wait %d' % QUIET_MS)
            said[0] = self.box.heard() - before
            return said[0] <= (QUIET_MS // gap + 1 if gap else 0)
        wait_for(look, lambda: 'silence: %d messages came in %d ms in which nothing happens' % (said[0], QUIET_MS))

    def count(self, name):
        return int(self.osc.value('/control/midi/' + name))


# One control of each kind.

def is_number(stand):
    return row_of(stand['path'])['type'] == 'float' and not stand['by'] and 'read_only' not in row_of(stand['path'])['flags']


def is_switch(stand):
    return (stand['kind'] == 'button' and row_of(stand['path'])['type'] == 'bool' and not stand['by']
            and stand['value'] is None and not stand['path'].startswith(TOUCHY))


def drive_absolute(desk, stand):
    for place in (0, 1, 0):
        desk.box.hand('move', stand, place)
        desk.at(stand, place, 0, 'by hand')
    desk.box.hand('move', stand, 1)
    desk.box.hand('move', stand, 0.5)
    desk.at(stand, 0.5, 1.0 / stand['steps'], 'by hand')
    if stand['touch']:
        desk.box.hand('touch', stand, 0)


def drive_kept(desk, stand):
    desk.box.hand('turn', stand, 128)
    desk.box.hand('turn', stand, -128)
    desk.at(stand, 0, 0, 'by hand')
    desk.box.hand('turn', stand, 128)
    desk.at(stand, 1, 0, 'by hand')
    desk.box.hand('turn', stand, -64)
    desk.at(stand, 0.5, 1.0 / (stand['steps'] or 127), 'by hand')


def drive_relative(desk, stand):
    """Fast to one end; then ten slow ticks go ten steps."""
    def go(ticks, end):
        def look():
            desk.box.hand('turn', stand, ticks)
            return way(desk.osc, stand) == end
        wait_for(look, '%s/%d to turn %s to its end' % (stand['name'], stand['n'], stand['path']))
    go(36, 1)
    go(-36, 0)
    desk.box.hand('tick', stand, 10)
    desk.at(stand, min(1, 10 * stand['step']), 0, 'by hand')


def drive_button(desk, stand):
    before = way(desk.osc, stand)
    for place in (1 - before, before):
        desk.box.hand('press', stand, 1)
        desk.box.hand('press', stand, 0)
        desk.at(stand, place, 0, 'pressed')
        desk.agree('%s/%d was pressed' % (stand['name'], stand['n']))


KINDS = [('fader', lambda s: s['kind'] == 'fader' and is_number(s), drive_absolute),
         ('pot', lambda s: s['kind'] == 'pot' and is_number(s), drive_absolute),
         ('endless', lambda s: s['kind'] == 'encoder' and s['relative'] and is_number(s), drive_relative),
         ('encoder', lambda s: s['kind'] == 'encoder' and not s['relative'] and is_number(s), drive_kept),
         ('button', is_switch, drive_button)]


def by_hand(desk):
    """{kind: its control} of what there is."""
    driven = {}
    for kind, good, drive in KINDS:
        stand = desk.box.first(good)
        if stand:
            drive(desk, stand)
            desk.agree('%s/%d was moved' % (stand['name'], stand['n']))
            driven[kind] = stand
    check(driven, 'no control of the first page can be tried')
    return driven


def by_others(desk, driven, place):
    """Moves by OSC; the display, if there is one, says what the last of those with a slot is now."""
    for kind, stand in driven.items():
        desk.set(stand, (place > 0.5) if kind == 'button' else place)
    desk.agree('OSC moved them')


def is_displayed(desk, driven):
    shown = [s for s in driven.values() if s['slots'] and is_number(s)]
    if not shown or not any(s['text'] for s in desk.box.sights().values()):
        return False
    desk.set(shown[-1], 0.85)
    desk.at(shown[-1], 0.85, 0, 'by OSC')
    value = desk.osc.value(shown[-1]['path'])
    wait_for(lambda: is_written(desk.box, value), lambda: '%s = %g to be on the display; it says %s' % (
        shown[-1]['path'], value, [s['text'] for s in desk.box.sights().values() if s['text']]))
    return True


def gone_and_back(desk, driven):
    """Unplugged it forgets all, while somebody else goes on."""
    desk.box.disconnect()
    time.sleep(1)               # time to notice
    desk.box.ask('power')
    for kind, stand in driven.items():
        desk.set(stand, 0 if kind == 'button' else 0.6)
    desk.plug()
    desk.agree('it was off, and is connected again')


def drive(room, server, profile, number):
    desk = Desk(room, server, profile, number)
    check_equal(desk.osc.value('/surface/1/profile'), profile, 'the profile on midi_in')
    desk.plug()
    desk.agree('it is connected')
    greeting = desk.box.heard()
    driven = by_hand(desk)
    by_others(desk, driven, 0.25)
    displayed = is_displayed(desk, driven)
    gone_and_back(desk, driven)
    desk.quiet()
    desk.agree('all is quiet')
    counts = {name: desk.count(name) for name in ('in', 'out', 'loops', 'lost', 'refused')}
    for name in ('loops', 'lost', 'refused'):
        check_equal(counts[name], 0, 'messages counted as ' + name)
    desk.box.end()
    desk.host.quit()
    return '%s: told %d messages to begin with; tried %s%s; %d in, %d out' % (
        profile, greeting, ', '.join('%s/%d' % (s['name'], s['n']) for s in driven.values()),
        ' and its display' if displayed else '', counts['in'], counts['out'])


@test(seconds=600)
def every_shipped_profile_and_its_box_understand_each_other_by_jack(room):
    server = room.jackd(48000, PERIOD)
    params()
    begun, faults = time.monotonic(), []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {name: pool.submit(drive, room, server, name, n) for n, name in enumerate(profiles(), 1)}
        for name, job in jobs.items():
            try:
                room.note(job.result())
            except Failure as e:
                faults.append('%s: %s' % (name, e))
    room.note('%d profiles in %.0f s' % (len(jobs), time.monotonic() - begun))
    check(not faults, '%d of %d:\n%s' % (len(faults), len(jobs), '\n'.join(faults)))
