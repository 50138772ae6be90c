# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shipped profile in the whole program, and a simulated box on JACK MIDI at its other end; what else midi_in can bring."""
import concurrent.futures
import statistics
import threading

from boxes import *
import harness
from harness import *
from metadata import have_own_place
from midi import MidiEnd

PERIOD = 128
AT_ONCE = 4             # hosts on one server
# A run of minutes takes all of them; each message kind is in these. All are driven in memory by every run (test/control/driven).
FEW = ('akai-midimix', 'arturia-beatstep', 'behringer-bcf2000', 'behringer-x-touch', 'behringer-x-touch-mini', 'jack-midi',
       'korg-nanokontrol2', 'novation-launch-control-xl', 'presonus-faderport-8', 'presonus-faderport-classic')
QUIET_MS = 2000


def surface_host(room, server, profile, name='deadwax', **more):
    return room.start(server, '--stopped', '--no-connect', '--name', name, '--surface', profile + '=jack', '--surface', 'none',
                     **more)


def still(desk, counter):
    """Until it counts no more, but what keeps a box awake. It is told each second."""
    seen = [(-9, 0)]

    def look():
        now = desk.count(counter)
        if now > seen[0][0] + 2:
            seen[0] = now, time.monotonic()
        return time.monotonic() - seen[0][1] > 1.3
    wait_for(look, lambda: 'the messages "%s" to end at %d' % (counter, seen[0][0]), every=0.1)


class Desk:
    """A host with one profile on midi_in, and the profile's box."""

    def __init__(self, room, server, profile, number=0):
        self.profile, self.server = profile, server
        host = 'deadwax%d' % number if number else 'deadwax'
        self.host = surface_host(room, server, profile, host)
        self.box = Box(room, server, profile, 'box%d' % number, host)

    def ready(self):
        """A child dies with the thread that began it, so this is for the main one."""
        self.osc = Osc(self.host.ready().port)
        self.box.ready()
        return self

    def end(self):
        self.box.end()
        self.host.quit()

    def noticed(self):
        return len([line for line in list(self.host.lines) if 'surface on midi_in' in line])

    def plug(self, *cables):
        """Switched on, and one cable after the other, until the host says that somebody new is there. It has told all to
        nobody: in the midst of that a box would hear the end of what it has to hear from the beginning."""
        cables = cables or ('out', 'in')
        for which in cables:
            if which == 'out':
                still(self, 'out')
            if which == cables[0]:
                self.box.ask('power')
                self.box.since = len(self.box.lines)
            before = self.noticed()
            self.box.connect(which)
            wait_for(lambda: self.noticed() > before, 'the host to see the box on midi_%s; it said:\n%s'
                     % (which, self.host.output()))
            self.box.ask('settle')  # it may show all of it, by what came before, while it is told once more

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
    desk.box.hand('move', stand, 1)
    for place in (0, 1):
        desk.box.hand('move', stand, place)
        desk.at(stand, place, 0, 'by hand')
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
        desk.box.hand('push', stand, 1)
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
    if not shown or desk.box.ask('writes') == ['0']:
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
    for kind, stand in driven.items():
        desk.set(stand, 0 if kind == 'button' else 0.6)
    desk.plug()
    desk.agree('it was off, and is connected again')


def drive(desk):
    desk.osc.await_value('/surface/1/profile', desk.profile)
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
    return '%s: told %d messages to begin with; tried %s%s; %d in, %d out' % (
        desk.profile, greeting, ', '.join('%s/%d' % (s['name'], s['n']) for s in driven.values()),
        ' and its display' if displayed else '', counts['in'], counts['out'])


class Turns:
    """So many desks at once. One after the other they come and go: clients write what they are called into one data base of
    all, which does not notice when two of them wait for each other (JACK2 1.9.21)."""

    def __init__(self):
        self.one, self.slots = threading.Lock(), threading.Semaphore(AT_ONCE)

    def begin(self, room, server, profile, number):
        self.slots.acquire()
        with self.one:
            return Desk(room, server, profile, number).ready()

    def go(self, desk):
        try:
            return drive(desk)
        finally:
            with self.one:
                desk.end()
            self.slots.release()


@test(seconds=600)
def shipped_profiles_and_their_boxes_understand_each_other_by_jack(room):
    have_own_place(room)
    server = room.jackd(48000, PERIOD, waits=True)
    params()
    begun, faults, turns = time.monotonic(), [], Turns()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [(name, pool.submit(turns.go, turns.begin(room, server, name, n))) for n, name in enumerate(profiles() if harness.LONG else FEW, 1)]
    for name, job in jobs:
        try:
            room.note(job.result())
        except Failure as e:
            faults.append('%s: %s' % (name, e))
    room.note('%d profiles in %.0f s' % (len(jobs), time.monotonic() - begun))
    check(not faults, '%d of %d:\n%s' % (len(faults), len(jobs), '\n'.join(faults)))


# What else can come.

def one_desk(room, profile, waits=True):
    have_own_place(room)
    return Desk(room, room.jackd(48000, PERIOD, waits=waits), profile).ready()


def norms(desk):
    paths = {s['path'] for s in desk.box.stands if s['does'] == 'row' and row_of(s['path'])['type'] in ('float', 'int', 'bool', 'enum')}
    return {path: desk.osc.value(path + '/norm') for path in sorted(paths)}


@test(seconds=300)
def a_cable_from_midi_out_to_midi_in_moves_nothing_and_is_told(room):
    desk = one_desk(room, 'mackie-control')
    before, told = norms(desk), desk.noticed()
    desk.box.ask('connect deadwax:midi_out deadwax:midi_in')
    wait_for(lambda: desk.noticed() > told, 'the host to see its own port')
    start = time.monotonic()
    level = [0.0]

    def look():
        level[0] = 0.9 - level[0]
        desk.osc.send('/monitor/level/norm', level[0])
        return desk.host.find('MIDI loop: .* take the cable')
    wait_for(look, 'the loop to be told; it said:\n' + desk.host.output(), every=0.01)
    room.note('told after %.1f s: %s' % (time.monotonic() - start, desk.host.find('MIDI loop: (.*)').group(1)))
    desk.osc.send('/monitor/level/norm', before['/monitor/level'])
    still(desk, 'in')           # nothing goes round any more
    check_equal(norms(desk), before, 'the rows of the surface')
    room.note('%d messages went out, %d came in, %d were known for our own; %d moves'
              % tuple(desk.count(name) for name in ('out', 'in', 'loops', 'moves')))
    check(desk.count('loops') > 0, 'they are counted')
    check_equal(desk.count('moves'), 0, 'moves')
    desk.box.ask('disconnect deadwax:midi_out deadwax:midi_in')
    desk.plug()
    desk.agree('the cable is out, and the box connected')
    desk.end()


def answers(desk, until):
    """How long OSC takes, in ms, again and again."""
    out = []
    while not until() or len(out) < 20:
        begun = time.monotonic()
        desk.osc.value('/comp/ratio')
        out.append(1000 * (time.monotonic() - begun))
        time.sleep(0.02)
    return out


def told(times):
    return 'OSC answers within %.1f ms (median of %d; worst %.1f)' % (statistics.median(times), len(times), max(times))


@test(seconds=300)
def a_stuck_knob_holds_up_neither_the_callback_nor_osc(room):
    messages, seconds, usual = 50000, 3, {}
    desk = one_desk(room, 'jack-midi')
    desk.plug()
    knob = desk.box.first(lambda s: s['name'] == 'cc70')
    drive_absolute(desk, knob)
    desk.agree('it was turned')
    for flood in (False, True):
        desk.osc.send('/meter/reset', 1)
        heard, came, overruns = desk.box.heard(), desk.count('in'), desk.osc.value('/meter/dsp/overruns')
        begun = time.monotonic()
        desk.box.say('jitter cc70 1 %d %d' % (messages, 1000 * seconds) if flood else 'wait %d' % (1000 * seconds))
        times = answers(desk, lambda: any(line.startswith('ok') for line in desk.box.lines[desk.box.at:]))
        desk.box.answer('the flood')
        took = time.monotonic() - begun
        usual[flood] = (desk.osc.value('/meter/dsp/overruns') - overruns) / (took * 48000 / PERIOD), statistics.median(times)
        load = desk.osc.value('/meter/dsp/load')
        if flood:
            wait_for(lambda: desk.count('in') + desk.count('lost') >= came + messages,
                     lambda: 'all messages: %d came' % (desk.count('in') - came))
        room.note("%s: the callback's load %.1f %%, %.2f %% overran; %s" % ('flood' if flood else 'calm', load,
                                                                          100 * usual[flood][0], told(times)))
    back = desk.box.heard() - heard
    room.note('%d messages in %.1f s, %d lost, %d coalesced, %d answered' % (
        messages, took, desk.count('lost'), desk.count('coalesced'), back))
    check(back < messages / 50, '%d messages went back' % back)
    check(usual[True][0] <= usual[False][0] + 0.05, '%.1f %% of the callbacks overran in the flood, %.1f %% before'
          % (100 * usual[True][0], 100 * usual[False][0]))
    check(usual[True][1] <= usual[False][1] + 50, 'half of the answers took more than %.1f ms' % usual[True][1])
    drive_absolute(desk, knob)
    desk.agree('all is over')
    desk.end()


@test(seconds=300)
def a_box_that_dies_with_a_finger_on_it_is_not_held_for_ever(room):
    desk = one_desk(room, 'behringer-x-touch', waits=False)      # who waits for each client, waits for a dead one
    desk.plug()
    desk.agree('it is connected')
    fader = desk.box.first(lambda s: s['kind'] == 'fader' and is_number(s))
    desk.set(fader, 0.2)
    desk.agree('a row was moved')
    came = desk.count('in')
    desk.box.hand('touch', fader, 1)
    wait_for(lambda: desk.count('in') > came, 'the touch to be heard')
    desk.set(fader, 0.8)
    desk.at(fader, 0.8, 0, 'by OSC')
    desk.box.ask('wait 1000')
    place = desk.box.sights()[(fader['name'], fader['n'])]['place']
    check(abs(place - 0.2) < 0.01, 'the motor stands at %.3f while a finger is on it' % place)
    check_equal(desk.box.faults(), [], 'what the box says')
    desk.box.kill()
    desk.box = Box(room, desk.server, 'behringer-x-touch', 'again').ready()
    desk.plug('in', 'out')      # it is heard before it hears
    desk.agree('it is back, with no finger on it')
    place = desk.box.sights()[(fader['name'], fader['n'])]['place']
    check_near(place, 0.8, 0.01, 'the motor')
    room.note('the motor stood at 0.2 while it was held, and is at %.3f now' % place)
    desk.end()


@test(seconds=300)
def what_is_learnt_is_written_and_used_at_once(room):
    """Touch a knob, move a row by another hand: from then on the knob moves the row. One that no profile knows, and one that
    had been something else."""
    have_own_place(room)
    server = room.jackd(48000, PERIOD, waits=True)
    host = surface_host(room, server, 'generic-cc').ready()
    osc = room.osc(host)
    end = MidiEnd(room, server)
    end.connect('midiend:midi_out', 'deadwax:midi_in')
    wait_for(lambda: host.find('surface on midi_in'), 'the host to see the knob')
    learn = room.keep(Program([deadwax_path(), 'profile', 'learn', '--port', str(host.port)]))
    learn.await_line('touch a control')

    def turn(status, number, values):
        for value in values:
            end.send_at(0, status, number, value)
            end.await_sent()
            time.sleep(0.002)
    sweep = list(range(0, 128, 3)) + [127]
    own = room.path('config/deadwax/hw-profiles/surfaces/generic-cc.yaml')
    for status, number, path, value, name in ((0xB4, 90, '/comp/ratio', '3', 'CC 90 on channel 5'),
                                              (0xB0, 16, '/limit/gain', '2', 'CC 16 on channel 1')):
        start = len(learn.lines)
        turn(status, number, sweep + sweep[::-1])
        said = learn.await_line('.*%s.*' % name, start=start).group(0)
        check('a knob with two ends' in said, said)
        room.must('ctl', '--port', host.port, path, value)
        said = learn.await_line('.* moves %s: written to .*' % path, start=start).group(0)
        room.note(said)
        check(own in said, 'it is written to %s: %s' % (own, said))
        room.must('profile', 'check', own)
        with open(own) as f:
            check('to: %s' % path in f.read(), 'the row is in the profile')
    learn.signal(signal.SIGINT)
    check_equal(learn.wait(), 0, 'exit status of profile learn')
    osc.await_value('/surface/learn/on', lambda on: not on, 'off')
    for status, number, path in ((0xB4, 90, '/comp/ratio'), (0xB0, 16, '/limit/gain')):
        for values, norm in ((sweep, 1.0), (sweep[::-1], 0.0)):
            turn(status, number, values)
            osc.await_value(path + '/norm', norm)
    check_equal(osc.value('/eq/1/freq'), row_of('/eq/1/freq')['default'], 'what CC 16 was for')
    host.quit()
