# SPDX-License-Identifier: GPL-3.0-or-later
"""The locked door over HTTP and WebSocket, from hosts that are really elsewhere: each attack is refused, and counted."""
from door import *
from harness import *
from siege import token_for
from web import *

COUNTERS = ('strangers', 'floods', 'paired', 'wrong_codes', 'closed', 'bad_tokens', 'bad_origins', 'bad_hosts', 'oversized',
            'bad_paths', 'malformed')
CLIMBS = ('/../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/%2E./etc/passwd', '/..%2f..%2fetc/passwd', '/..\\..\\etc',
          '/..%5c..%5cetc', '/%252e%252e/etc', '/%252e%252e%252fetc', '/eq%00/1', '/eq/1/gain%00.html', '/%c0%ae%c0%ae/etc',
          '/./eq', '/eq/%2e/1', '/eq/..', 'eq/1/gain', 'http://evil.example/', 'http://192.0.2.1/eq', '*', '/eq\x7f/1')


class Web(Locked):
    """And its web, with requests as bytes."""

    def __init__(self, room, *args):
        super().__init__(room, *args)
        self.web = self.host.http_port()
        self.site = '%s:%d' % (DESK, self.web)

    def request(self, target, method='GET', body='', **headers):
        lines = {'Host': self.site, **{name.replace('_', '-'): value for name, value in headers.items()}}
        if body:
            lines['Content-Length'] = len(body)
        return ('%s %s HTTP/1.1\r\n' % (method, target) + ''.join('%s: %s\r\n' % line for line in lines.items() if line[1])
                + '\r\n' + body).encode('latin-1')

    def upgrade(self, **headers):
        return handshake(self.web, **{'Host': self.site, **headers})[0]

    def send(self, source, data):
        return raw(self.web, data, host=DESK, source=source)

    def counts(self):
        """Told once a second; so wait for two tellings."""
        time.sleep(2.1)
        return {name: self.count('door/' + name) for name in COUNTERS}


def check_refused(locked, source, attacks, before):
    """Each of (what, bytes, status or None, counters...) gets that status at most, in no more bytes than it had; and what
    each counts is counted, no more and no less."""
    want, slow = collections.Counter(), 0.21 if source == THIEF else 0.01
    for what, data, status, *counters in attacks:
        answer = locked.send(source, data)
        check(not answer or answer.startswith(b'HTTP/1.1 %d ' % status), '%s: %r' % (what, answer[:200]))
        check(status == 405 or len(answer) <= len(data), '%s: %d bytes for %d' % (what, len(answer), len(data)))
        check(source != THIEF or len(answer) <= len(data), '%s: %d bytes for %d' % (what, len(answer), len(data)))
        want.update(counters)
        time.sleep(slow)                # no more often than its allowance, so that each is looked at
    now = locked.counts()
    check_equal({name: now[name] - before[name] for name in COUNTERS}, {name: want[name] for name in COUNTERS},
                'what was counted')
    return now


def stranger_attacks(locked, token, revoked, code):
    bearer, cookie = 'Bearer ' + token, 'deadwax=' + token
    asks = [('the tree', locked.request('/')), ('a value', locked.request('/eq/1/gain?VALUE')),
            ('HOST_INFO', locked.request('/?HOST_INFO')), ('HEAD', locked.request('/', 'HEAD')),
            ('a path that is none', locked.request('/no/such')), ('a WebSocket', locked.upgrade()),
            ('a stolen token', locked.request('/', Authorization=bearer)),
            ('a stolen cookie', locked.request('/', Cookie=cookie)),
            ('a stolen token in the query', locked.request('/eq/1/gain?VALUE&token=' + token)),
            ('a WebSocket with a stolen token', locked.upgrade(Authorization=bearer)),
            ('a WebSocket with a stolen cookie', locked.upgrade(Cookie=cookie)),
            ('a revoked token', locked.request('/', Authorization='Bearer ' + revoked)),
            ('a guessed token', locked.request('/', Authorization='Bearer ' + '0' * 32)),
            ('a body', locked.request('/eq/1/gain', 'POST', '{"VALUE": [6]}')),
            ('a body for the stolen token', locked.request('/eq/1/gain', 'POST', '{"VALUE": [6]}', Cookie=cookie)),
            ('the form in short', locked.request('/pair'))]
    attacks = [(what, data, 403, 'strangers') for what, data in asks]
    attacks += [('a replayed code', locked.request('/pair?code=%s&name=thief' % code, 'POST'), 403, 'strangers', 'closed'),
                ('a replayed code, by GET', locked.request('/pair?code=%s' % code), 403, 'strangers', 'closed'),
                ('no code', locked.request('/pair?name=thief', 'POST'), 400, 'strangers'),
                ('pairing by HEAD', locked.request('/pair?code=' + code, 'HEAD'), 405, 'strangers'),
                ('a rebound name', locked.request('/', Host='evil.example:%d' % locked.web), 403, 'strangers', 'bad_hosts'),
                ('another site', locked.request('/', Origin='http://evil.example'), 403, 'strangers', 'bad_origins'),
                ('PUT', locked.request('/eq/1/gain', 'PUT', 'x'), 405, 'strangers', 'malformed'),
                ('a long URL', locked.request('/' + 'x' * 2000), 414, 'strangers', 'oversized'),
                ('a large head', locked.request('/', X='x' * 9000), 431, 'strangers', 'oversized'),
                ('a large body', locked.request('/pair', 'POST', 'x' * 2000), 413, 'strangers', 'oversized')]
    return attacks + [('climbing by ' + path, locked.request(path), 400, 'strangers', 'bad_paths') for path in CLIMBS]


def friend_attacks(locked, token, other):
    """What comes from a host that is in, by its browser: other sites' pages, and its own mistakes."""
    good = {'Cookie': 'deadwax=' + token}
    attacks = [('no token', locked.request('/'), 403, 'bad_tokens'),
               ('a wrong token', locked.request('/', Cookie='deadwax=' + token[::-1]), 403, 'bad_tokens'),
               ("another host's token", locked.request('/', Authorization='Bearer ' + other), 403, 'bad_tokens'),
               ('a WebSocket without a token', locked.upgrade(), 403, 'bad_tokens'),
               ("a WebSocket with another host's token", locked.upgrade(Cookie='deadwax=' + other), 403, 'bad_tokens')]
    for origin in ('http://evil.example', 'null', 'http://%s.evil.example' % locked.site, 'https://' + locked.site,
                   'http://%s:1' % DESK, 'http://evil.example/' + locked.site):
        attacks += [('a WebSocket from ' + origin, locked.upgrade(Origin=origin, **good), 403, 'bad_origins'),
                    ('a look from ' + origin, locked.request('/', Origin=origin, **good), 403, 'bad_origins'),
                    ('pairing from ' + origin, locked.request('/pair?code=1', 'POST', Origin=origin, **good), 403,
                     'bad_origins')]
    for host in ('evil.example:%d' % locked.web, 'evil.example', '%s:1' % DESK, DESK, '%s.evil.example:%d' % (DESK, locked.web),
                 '192.0.2.2:%d' % locked.web):
        attacks += [('a look at ' + host, locked.request('/', Host=host, **good), 403, 'bad_hosts'),
                    ('a WebSocket to ' + host, locked.upgrade(Host=host, Origin='http://' + host, **good), 403, 'bad_hosts')]
    attacks += [('climbing by ' + path, locked.request(path, **good), 400, 'bad_paths') for path in CLIMBS]
    attacks += [('a body', locked.request('/eq/1/gain', 'POST', '{"VALUE": [6]}', **good), 405, 'malformed'),
                ('chunks', locked.request('/eq', Transfer_Encoding='chunked', **good), 501, 'malformed'),
                ('a NUL in a header', locked.request('/eq', X='a\0b', **good), 400, 'malformed'),
                ('two hosts', locked.request('/eq', **good).replace(b'\r\n', b'\r\nHost: evil.example\r\n', 1), 400,
                 'malformed'),
                ('a long URL', locked.request('/' + 'x' * 2000, **good), 414, 'oversized'),
                ('a large head', locked.request('/', X='x' * 9000, **good), 431, 'oversized'),
                ('a large body', locked.request('/eq', 'POST', 'x' * 2000, **good), 413, 'oversized'),
                ('words behind a handshake', locked.upgrade(**good) + frame(BINARY, message('/eq/1/gain', 6.0)), 400,
                 'malformed')]
    return attacks


@test
@in_a_network
def each_attack_over_the_web_is_refused_and_counted(room):
    locked = Web(room)
    token, other, revoked = (token_for(locked, *who) for who in ((TABLET, 'tablet'), (PHONE, 'phone'), (LISTED, 'gone')))
    locked.desk.send('/control/revoke', 'gone')
    locked.host.await_line('^no longer paired: gone')
    code = locked.code()
    fourth = raw(locked.web, locked.request('/pair?code=%s&name=tablet' % code, 'POST'), host=DESK, source=TABLET)
    check(fourth.startswith(b'HTTP/1.1 200 '), 'pairing once more: %r' % fourth)
    counts = locked.counts()
    strange = stranger_attacks(locked, token, revoked, code)
    counts = check_refused(locked, THIEF, strange, counts)
    friendly = friend_attacks(locked, token, other)
    check_refused(locked, TABLET, friendly, counts)
    check_equal(locked.desk.value('/eq/1/gain'), 0.0, 'the gain that was to be moved')
    check_equal(locked.desk.value('/control/paired'), 'tablet %s, phone %s' % (TABLET, PHONE), 'who is paired')
    good = locked.send(TABLET, locked.request('/eq/1/gain?VALUE', Authorization='Bearer ' + token))
    check(good.startswith(b'HTTP/1.1 200 ') and good.endswith(b'{"VALUE":[0]}'), 'the friend itself: %r' % good)
    room.note('%d attacks of a stranger and %d in the name of a friend: each refused and counted' % (len(strange), len(friendly)))


@test
@in_a_network
def a_stranger_gets_no_more_bytes_than_it_sent_over_http_either(room):
    locked = Web(room)
    locked.code()
    worst = sent = 0
    for pad in range(0, 700, 23):
        for target in ('/pair', '/'):
            data = locked.request(target, X='x' * pad)
            answer = locked.send(THIEF if pad % 2 else PHONE, data)
            check(len(answer) <= len(data), '%s: %d bytes for %d' % (target, len(answer), len(data)))
            worst = max(worst, len(answer) / len(data))
            sent += b'<form' in answer
            time.sleep(0.11)
    check(sent > 3, 'the form came %d times' % sent)
    room.note('bytes back for a byte sent: %.2f at most' % worst)


@test
@in_a_network
def bad_frames_end_their_connection_and_are_counted(room):
    locked = Web(room)
    token = token_for(locked, TABLET, 'tablet')
    before = locked.counts()

    def friend():
        return WebSocket(locked.web, host=DESK, source=TABLET, Authorization='Bearer ' + token)
    good = friend()
    move = message('/eq/1/gain', 6.0)
    endless = b''.join(frame(CONTINUED if n else BINARY, b'x' * 1000, False) for n in range(70))
    cases = [('a large packet', frame(BINARY, b'x' * 70000), 1009, 'oversized'),
             ('a large command', frame(TEXT, b'x' * 5000), 1009, 'oversized'),
             ('fragments without an end', endless, 1009, 'oversized'),
             ('a length of 2^62', b'\x82\xff\x40' + bytes(7) + b'\1\2\3\4' + b'x' * 70000, 1009, 'oversized'),
             ('no UTF-8', frame(TEXT, b'\xff\xfe'), 1007, 'malformed'),
             ('a frame of no kind', frame(5, b'x'), 1002, 'malformed'),
             ('a reserved bit', bytes([0xc2]) + frame(BINARY, move)[1:], 1002, 'malformed'),
             ('an end of nothing', frame(CONTINUED, move), 1002, 'malformed'),
             ('a ping in pieces', frame(PING, b'x', False), 1002, 'malformed'),
             ('a large ping', frame(PING, b'x' * 200), 1002, 'malformed')]
    want = collections.Counter()
    for what, data, reason, counter in cases:
        bad = friend()
        bad.socket.sendall(data)
        ended = bad.await_end()         # without a reason where it was hung up on with words still to be read
        check(ended in (reason, None), '%s: ended with %r, not %d' % (what, ended, reason))
        want[counter] += 1
    flood = friend()
    flood.socket.sendall(frame(PING, b'x' * 100) * 20000)
    for n in range(20):
        good.send('/eq/2/gain', n / 4)
        check_near(good.value('/eq/2/gain'), n / 4, 1e-6, 'a move of another, in a flood of pings')
    check_equal(locked.desk.value('/eq/1/gain'), 0.0, 'the gain that bad frames would move')
    now = locked.counts()
    check_equal({name: now[name] - before[name] for name in want}, dict(want), 'what was counted')


@test
@in_a_network
def the_address_that_is_asked_answers_and_tells(room):
    """A host at every address, asked at its second one by a connected socket, which takes nothing from the first."""
    locked = Locked(room, listen='0.0.0.0')
    second = '192.0.2.2'
    check_equal(subprocess.run([find_tool('ip'), 'addr', 'add', second + '/24', 'dev', 'lo']).returncode, 0, 'an address')
    for name, to in (('one', DESK), ('two', second)):
        remote = locked.remote(TABLET, to)
        if name == 'one':
            remote.pair('tablet', locked.code())
        check_equal(remote.value('/eq/1/gain'), 0.0, 'an answer of ' + to)
        remote.send('/subscribe', '/eq', 60.0, 60.0)
        remote.await_path('/eq/8/gain')
        remote.all()
        locked.desk.send('/eq/3/gain', 3.0 if name == 'one' else -3.0)
        check_equal(remote.await_path('/eq/3/gain'), [3.0 if name == 'one' else -3.0], 'told by ' + to)
