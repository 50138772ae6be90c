# SPDX-License-Identifier: GPL-3.0-or-later
"""A control surface that is not there, on JACK MIDI (box.c), and whether it shows what the rows are."""
import json

from checks import *
from midi import Talker
from programs import *
from table import params

PROFILES = os.path.join(ROOT, 'hw-profiles', 'surfaces')
TOUCHY = ('/transport', '/print', '/compare', '/snapshot', '/undo', '/redo', '/surface')     # do more than be a value


def profiles():
    return sorted(name[:-len('.yaml')] for name in os.listdir(PROFILES) if name.endswith('.yaml'))


def row_of(path):
    return next(p for p in params() if p['path'] == path)


class Box(Talker):
    def __init__(self, room, server, profile, name='box', host='deadwax'):
        super().__init__([find_tool('box'), server.server, os.path.join(PROFILES, profile + '.yaml'), name])
        room.keep(self)
        self.client, self.host, self.at, self.since = name, host, 0, 0

    def ready(self):
        self.answer('to open')
        self.stands = self.table('stands', 'control ')
        return self

    def answer(self, what, seconds=PATIENCE):
        """The next line that is one."""
        def look():
            while self.at < len(self.lines):
                self.at += 1
                if self.lines[self.at - 1].startswith(('ok', 'no')):
                    return self.lines[self.at - 1]
            return None
        answer = wait_for(lambda: look() or (not self.alive() and 'no: it died'), 'the box: ' + what, seconds, 0.002)
        check(answer.startswith('ok'), 'the box: %s: %s' % (what, answer))
        return answer.split()[1:]

    def ask(self, line, seconds=2 * PATIENCE):
        self.say(line)
        return self.answer(line, seconds)

    def table(self, word, prefix):
        start = self.at
        self.ask(word)
        return [json.loads(line[len(prefix):]) for line in self.lines[start:self.at] if line.startswith(prefix)]

    def sights(self):
        return {(s['name'], s['n']): s for s in self.table('see', 'sees ')}

    def faults(self):
        """Since it was plugged in: nobody keeps it awake before."""
        return [line for line in self.lines[self.since:] if line.startswith('fault ')]

    def heard(self):
        return int(self.ask('heard')[0])

    def hand(self, word, stand, *more):
        self.ask(' '.join([word, stand['name'], str(stand['n'])] + [str(m) for m in more]))

    def connect(self, which):
        self.ask('connect ' + ('%s:midi_out %s:midi_in' % ((self.client, self.host) if which == 'in' else (self.host, self.client))))

    def disconnect(self):
        self.ask('disconnect %s:midi_out %s:midi_in' % (self.client, self.host))
        self.ask('disconnect %s:midi_out %s:midi_in' % (self.host, self.client))

    def first(self, good):
        return next((s for s in self.stands if s['does'] == 'row' and good(s)), None)


# What is to be seen.

def way(osc, stand):
    """Where the row is between the ends that this control has: 0 low, 1 high."""
    norm = osc.value(stand['path'] + '/norm')
    return min(1.0, max(0.0, (norm - stand['low']) / (stand['high'] - stand['low'])))


def lamp_fault(osc, stand, sight):
    due = stand['lit']
    if stand['does'] == 'row':
        row = row_of(stand['path'])
        norm = osc.value(stand['path'] + '/norm') if row['type'] not in ('trigger', 'text') else None
        if norm is None:
            due = None
        elif stand['value'] is not None:
            due = abs(norm - stand['value']) < 1e-6
        else:
            due = norm > 0 if row['type'] == 'bool' or (row['type'] == 'enum' and not stand['by']) else None
    if due is None or due == sight['lit']:
        return None
    return 'it is dark' if due else 'it is lit (%d)' % sight['colour']


def way_fault(osc, stand, sight):
    """A motor, or what remembers, stands at the row's place; a ring shows the lamp that is nearest."""
    told = stand['style'] in ('value', 'ring')
    if not told or stand['does'] != 'row' or stand['by'] or row_of(stand['path'])['type'] in ('trigger', 'text'):
        return None
    due = way(osc, stand)
    stays = stand['motor'] or (stand['keeps'] and stand['style'] == 'value')
    if stays and abs(sight['place'] - due) > 1.0 / stand['steps'] + 1e-6:
        return 'it stands at %.4f where %.4f is due' % (sight['place'], due)
    if not stand['rings']:
        return None
    lamps = stand['rings'] < 127
    want = 1 + due * (sight['last'] - 1) if lamps else due * 127
    slack = 0.5 + 1e-5 + (6.0 / 127 if stand['keeps'] and lamps else 0) + (0 if lamps else 0.5)
    if abs(sight['ring'] - want) <= slack:
        return None
    return 'its ring is at %d of %d where %.2f is due' % (sight['ring'], sight['last'], want)


def disagreement(box, osc):
    """The first control that does not show what its row is; None: all do."""
    sights = box.sights()
    for stand in box.stands:
        sight, fault = sights[(stand['name'], stand['n'])], None
        if stand['kind'] != 'button':
            fault = way_fault(osc, stand, sight)
        elif stand['light'] and stand['style'] == 'light':
            fault = lamp_fault(osc, stand, sight)
        if fault:
            return '%s/%d (%s): %s' % (stand['name'], stand['n'], stand.get('path', stand['does']), fault)
    return None


def await_agreement(box, osc, when):
    last = [None]

    def look():
        last[0] = disagreement(box, osc)
        return last[0] is None or bool(box.faults())
    wait_for(look, lambda: 'all to be shown when %s: %s' % (when, last[0]), every=0.1)
    check_equal(box.faults(), [], 'what the box says when ' + when)


def number_in(text):
    match = re.match(r'\s*([-+]?[0-9.]+)(k?)', text)
    try:
        return float(match.group(1)) * (1000 if match.group(2) else 1) if match else None
    except ValueError:
        return None


def is_written(box, value):
    """Some text of the box is the value, to what its digits can say."""
    numbers = [number_in(text) for s in box.sights().values() for text in s['text']]
    return any(n is not None and abs(n - value) <= max(0.06, abs(value) * 0.06) for n in numbers)
