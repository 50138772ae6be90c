# SPDX-License-Identifier: GPL-3.0-or-later
"""A locked host besieged: a flood, crowds that say nothing or very little, and half of a TCP handshake over and over,
while who is paired goes on with its work."""
import harness
import http.client
import threading

from door import *
from harness import *

NOBODY = '198.51.100.9'     # whose answers go nowhere
FLOOD_HZ = 50000
RATE, PERIOD = 48000, 1024
WAYS = ('udp', 'tcp', 'web', 'get')


def token_for(locked, source, name):
    """Pairs over HTTP, as a browser does it."""
    connection = http.client.HTTPConnection(DESK, locked.host.http_port(), timeout=PATIENCE, source_address=(source, 0))
    connection.request('POST', '/pair?code=%s&name=%s' % (locked.code(), name))
    answer = connection.getresponse()
    check_equal(answer.status, 200, 'pairing over HTTP')
    token = json.loads(answer.read())['TOKEN']
    connection.close()
    return token


class Siege:
    """siege.c, as many as it takes."""

    def __init__(self, room, locked, seconds):
        self.arms = {'packets': ['flood', THIEF, DESK, locked.port, FLOOD_HZ, seconds]}
        for name, port in (('osc', locked.port), ('http', locked.host.http_port())):
            self.arms['silent on ' + name] = ['crowd', THIEF, DESK, port, 'silent', 200, seconds]
            self.arms['dribbling on ' + name] = ['crowd', THIEF, DESK, port, name, 100, seconds]
            self.arms['half open on ' + name] = ['half', NOBODY, DESK, port, 200, seconds]
        self.programs = [room.keep(Program([find_tool('siege')] + [str(word) for word in words]))
                         for words in self.arms.values()]

    def end(self):
        said = []
        for name, program in zip(self.arms, self.programs):
            check_equal(program.wait(), 0, '%s; it said:\n%s' % (name, program.output()))
            said.append((name, int(program.output().split()[-1])))
        return said


def friends(room, locked, token, seconds, ms):
    """How each way of moving fares for so long: {way: {word: number}}."""
    found = {}

    def go(way):
        port = locked.port if way in ('udp', 'tcp') else locked.host.http_port()
        program = room.keep(Program([find_tool('siege'), 'ask', way, TABLET, DESK, str(port), str(int(seconds * 1000 / ms)),
                                     str(ms), token]))
        status = program.wait(seconds + 10 * PATIENCE)
        words = program.output().split()
        found[way] = {a: float(b) for a, b in zip(words[::2], words[1::2])} if status == 0 else program.output()
    threads = [threading.Thread(target=go, args=(way,)) for way in WAYS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def tell(what, found):
    return '%s: %s' % (what, '; '.join('%s %d, %d sent again, median %.2f ms, p99 %.2f, worst %.1f'
                                       % (way, found[way]['answered'], found[way]['again'], found[way]['median'],
                                          found[way]['p99'], found[way]['most']) for way in WAYS))


def callback(desk):
    return {name: desk.value('/meter/dsp/' + name) for name in ('overruns', 'load', 'p9999', 'worst')}


def overran(room, desk, what, before, seconds):
    """The share of the periods that overran since then."""
    now = callback(desk)
    share = (now['overruns'] - before['overruns']) / (seconds * RATE / PERIOD)
    room.note("%s: the callback's load %.2f %%, p99.99 %.1f %%, worst %.1f %% of the period, %d overran"
              % (what, now['load'], now['p9999'], now['worst'], now['overruns'] - before['overruns']))
    return share


class Queue:
    """How long the host's control thread stood ready to run while others ran: the machine's part of any delay."""

    def __init__(self, host):
        self.path = '/proc/%d/task/%d/schedstat' % (host.pid, host.pid)
        self.over = threading.Event()
        self.first = self.last = self.waited()
        self.worst = 0.0
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def waited(self):
        try:
            with open(self.path) as f:
                return int(f.read().split()[1]) / 1e6
        except OSError:                 # a system that does not say
            return 0.0

    def watch(self):
        while not self.over.wait(0.01):
            now = self.waited()
            self.worst, self.last = max(self.worst, now - self.last), now

    def end(self):
        self.over.set()
        self.thread.join()
        return 'its control thread waited %.0f ms for a processor, %.1f ms at once' % (self.waited() - self.first, self.worst)


@test(seconds=600)
@in_a_network
def a_siege_delays_no_friend_and_no_callback(room):
    """Of times only notes are taken, for machines differ; what is to be true on each: every move comes through, no
    stranger's does, it is all counted, and the callback does not wait for any of it."""
    seconds, ms = (30, 10) if harness.LONG else (3, 20)
    check_equal(subprocess.run([find_tool('ip'), 'route', 'add', NOBODY + '/32', 'dev', 'lo']).returncode, 0, 'a route')
    locked = Locked(room, server=room.jackd(RATE, PERIOD))
    desk = locked.desk
    token = token_for(locked, TABLET, 'tablet')
    shares = {}
    for what in ('calm', 'besieged'):
        siege = Siege(room, locked, seconds) if what == 'besieged' else None
        desk.send('/meter/reset', 1)
        before, start = callback(desk), time.monotonic()
        queue = Queue(locked.host)
        found = friends(room, locked, token, seconds - 0.5, ms)
        room.note('%s: %s' % (what, queue.end()))
        shares[what] = overran(room, desk, what, before, time.monotonic() - start)
        for way in WAYS:
            check(isinstance(found[way], dict), '%s, %s: %s' % (what, way, found[way]))
        room.note(tell(what, found))
        for way in WAYS:
            check_equal(found[way]['answered'], found[way]['asked'], '%s, %s: moves that came through' % (what, way))
    sent = siege.end()
    room.note('the siege: ' + ', '.join('%d %s' % each[::-1] for each in sent))
    room.note('the strangers: ' + ', '.join('%s %d' % (name, locked.count(name)) for name in
                                            ('door/strangers', 'door/floods', 'tcp/connections', 'tcp/given_away',
                                             'tcp/turned_out', 'tcp/no_room')))
    check_equal(desk.value('/input/trim'), 0.0, 'the trim that the flood would move')
    locked.await_count('door/floods', 1000)
    locked.await_count('tcp/given_away', 1)
    check(shares['besieged'] <= shares['calm'] + 0.05,
          '%.1f %% of the callbacks overran in the siege, %.1f %% before' % (100 * shares['besieged'], 100 * shares['calm']))
