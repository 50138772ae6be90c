# SPDX-License-Identifier: GPL-3.0-or-later
"""The locked door, from a network: each test runs in a network namespace of its own, where addresses that are not
loopback's are to be had without any hardware."""
import functools
import harness
import select
import socket
import subprocess
import sys
import threading
import time

from harness import *

DESK = '192.0.2.1'
TABLET, PHONE, LISTED, THIEF = '192.0.2.7', '192.0.2.8', '192.0.2.20', '192.0.2.66'


def own_network():
    """Once in a process: addresses for everybody, on loopback's interface."""
    for words in (['link', 'set', 'lo', 'up'],
                  *(['addr', 'add', host + '/24', 'dev', 'lo'] for host in (DESK, TABLET, PHONE, LISTED, THIEF)),
                  ['addr', 'add', '2001:db8::1/64', 'dev', 'lo', 'nodad']):
        done = subprocess.run([find_tool('ip')] + words, capture_output=True)
        if done.returncode:
            raise Skip('ip %s: %s' % (' '.join(words), done.stderr.decode().strip()))


def in_a_network(f):
    """The test, run by another run in a namespace; its lines are handed on."""
    @functools.wraps(f)
    def outer(room):
        if os.environ.get('DEADWAX_NETWORK') == 'own':
            own_network()
            return f(room)
        tried = subprocess.run([find_tool('unshare'), '-rn', 'true'], capture_output=True)
        if tried.returncode:
            raise Skip('no network of its own to be had: ' + tried.stderr.decode().strip())
        argv = [find_tool('unshare'), '-rn', sys.executable, os.path.join(HERE, 'run'), f.__name__] + ['--long'] * harness.LONG
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 env=dict(os.environ, DEADWAX_NETWORK='own'), preexec_fn=die_with_us)
        room.cleanups.append(lambda: child.poll() is None and child.kill())
        lines = child.communicate()[0].decode('utf-8', 'replace').splitlines()
        result = next((line for line in lines if re.match('(not )?ok 1 ', line)), None)
        check(result and child.returncode == 0 and not result.startswith('not'),
              'in a network of its own:\n' + '\n'.join(lines))
        for line in lines:
            if line.startswith('# ') and not re.match(r'# [0-9.]+ s$', line):
                room.note(line[2:])
        if '# SKIP' in result:
            raise Skip(result.split('# SKIP ')[1])
    return outer


class Remote(Osc):
    """A peer at an address of its own, that counts its bytes."""

    def __init__(self, port, source, to=DESK):
        family = socket.AF_INET6 if ':' in source else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.connect((to, port))
        self.waiting = collections.deque()
        self.sent = self.got = 0

    def packet(self, data):
        self.sent += len(data)
        try:
            self.socket.send(data)
        except ConnectionRefusedError:
            pass

    def bytes_back(self, quiet=0.5):
        """All that comes until it has been quiet for so long; answers are decoded too."""
        while select.select([self.socket], [], [], quiet)[0]:
            data = self.socket.recv(65536)
            self.got += len(data)
            self.waiting.extend(decode(data))
        return self.got

    def answer(self, path, seconds=PATIENCE):
        return self.await_path(path, seconds)

    def pair(self, name, code):
        self.send('/pair', name, code)
        check_equal(self.answer('/paired'), [name], 'the answer to the right code')


class RemoteStream(OscStream):
    def __init__(self, port, source, to=DESK):
        self.socket = socket.create_connection((to, port), PATIENCE, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.framing = 'length'
        self.waiting = collections.deque()
        self.bytes = b''


class Locked:
    """A host that listens to the network, and its desk on loopback."""

    def __init__(self, room, *args, listen=DESK, server=None):
        self.room = room
        self.server = server or room.jackd()
        if not os.path.exists(room.path('song.wav')):
            write_wav(room.path('song.wav'), programme(2))
        self.host = room.host(self.server, '--loop', 'track', '--listen', listen, *args, 'song.wav',
                              XDG_CONFIG_HOME=room.path('config'))
        self.port = self.host.port
        self.desk = room.osc(self.host)

    def code(self):
        self.desk.send('/pair/open')
        return self.desk.await_path('/pair/code')[0]

    def remote(self, source, to=DESK):
        return Remote(self.port, source, to)

    def paired(self, source, name):
        remote = self.remote(source)
        remote.pair(name, self.code())
        return remote

    def count(self, name):
        return self.desk.value('/control/' + name)

    def await_count(self, name, least):
        """Counters are told once a second."""
        return self.desk.await_value('/control/' + name, lambda n: n >= least, 'at least %d' % least)


def asks_and_moves():
    """Each way to look and to move, as packets."""
    return [message('/eq/1/gain', 6.0), message('/eq/1/gain/norm', 1.0), message('/eq/1/gain/step', 1.0),
            message('/eq/*/gain', 6.0), message('/eq/1/gain'), message('/*/*/*'), message('/dump'),
            message('/dump', '/meter'), message('/subscribe', '/', 60.0, 60.0), message('/subscribe', '/eq', 60.0, 60.0, 9),
            message('/ping'), message('/nonsense'), message('/control/pair/open', 1), message('/control/revoke', '*'),
            message('/pair/open'), message('/pair/code'), message('/unpair'), message('/pair'),
            bundle(None, message('/eq/1/gain', 6.0), message('/eq/1/gain')),
            bundle(time.time() + 1, message('/eq/1/gain', 6.0)), b'/eq/1/gain\0\0,?\0\0', b'rubbish!', b'']


@test
@in_a_network
def a_stranger_looks_at_nothing_and_moves_nothing(room):
    locked = Locked(room)
    locked.desk.send('/subscribe', '/eq', 60.0, 60.0)
    thief = locked.remote(THIEF)
    packets = asks_and_moves()
    for data in packets:
        thief.packet(data)
        time.sleep(0.25)            # slower than its allowance, so that each is looked at
    check_equal(thief.bytes_back(), 0, 'bytes that came back over UDP')
    stream = RemoteStream(locked.port, THIEF)
    for data in packets:
        if data:
            stream.packet(data)
            time.sleep(0.25)
    check_equal(stream.receive(0.5), None, 'what came back over TCP')
    check_equal(locked.desk.value('/eq/1/gain'), 0.0, 'the gain that was to be moved')
    check_equal(locked.desk.value('/control/pair/open'), 0, 'pairing')
    check_equal(locked.count('osc/sets'), 0, 'sets taken')
    counted = locked.await_count('door/strangers', 2 * len(packets) - 2)
    room.note('%d packets of a stranger over UDP and TCP: %d counted, %d bytes sent, 0 came back'
              % (2 * len(packets) - 1, counted, thief.sent))


@test
@in_a_network
def a_code_lets_one_host_in_and_its_moves_bear_its_name(room):
    locked = Locked(room, '--pair', '--log', 'take.log')
    code = locked.host.await_line(r'pairing is open for 120 s: (\d{4}-\d{4}) at (?:http|osc\.udp)://192\.0\.2\.1:').group(1)
    check_equal(locked.code(), code, 'the code that loopback is shown')
    tablet = locked.remote(TABLET)
    tablet.pair('tablet', code.replace('-', ''))
    tablet.send('/eq/1/gain', 3.0)
    check_equal(tablet.value('/eq/1/gain'), 3.0, 'the gain that it moved')
    locked.desk.await_value('/control/paired', 'tablet ' + TABLET)      # once it is on the disk
    locked.host.await_line('^pairing is closed')
    wait_for(lambda: '"tablet"' in open(room.path('take.log')).read(), 'its name in the log')
    thief = locked.remote(THIEF)
    thief.send('/pair', 'thief', code)
    check_equal(thief.answer('/refused'), ['closed'], 'a replayed code')
    thief.send('/eq/1/gain', -3.0)
    time.sleep(0.3)
    check_equal(locked.desk.value('/eq/1/gain'), 3.0, 'the gain')
    locked.await_count('door/paired', 1)
    locked.await_count('door/closed', 1)


@test
@in_a_network
def wrong_codes_close_pairing(room):
    locked = Locked(room)
    code = locked.code()
    wrong = '%08d' % ((int(code.replace('-', '')) + 1) % 100000000)
    for n, source in enumerate((THIEF, THIEF, PHONE, THIEF, PHONE)):
        thief = locked.remote(source)
        thief.send('/pair', 'thief', wrong)
        check_equal(thief.answer('/refused'), ['wrong'], 'try %d' % (n + 1))
    locked.host.await_line('^pairing is closed')
    thief = locked.remote(THIEF)
    thief.send('/pair', 'thief', code)
    check_equal(thief.answer('/refused'), ['closed'], 'the right code, too late')
    locked.await_count('door/wrong_codes', 5)
    check_equal(locked.desk.value('/control/paired'), '', '/control/paired')


@test
@in_a_network
def a_pairing_is_remembered_and_ends_when_revoked(room):
    locked = Locked(room)
    tablet = locked.paired(TABLET, 'tablet')
    pairing = message('/pair', 'tablet', locked.code())
    locked.host.quit()
    locked = Locked(room, server=locked.server)
    locked.host.await_line('^locked: paired tablet 192.0.2.7')
    tablet = locked.remote(TABLET)
    tablet.send('/subscribe', '/eq', 60.0, 60.0)
    tablet.await_path('/eq/1/gain')
    stream = RemoteStream(locked.port, TABLET)
    stream.send('/subscribe', '/eq', 60.0, 60.0)
    stream.await_path('/eq/1/gain')
    locked.desk.send('/control/revoke', 'tablet')
    locked.host.await_line('^no longer paired: tablet')
    wait_for(lambda: closes(stream), 'its connection to end')
    tablet.bytes_back()
    tablet.got = 0
    locked.desk.send('/eq/1/gain', 4.0)
    for data in [pairing] + asks_and_moves():
        tablet.packet(data)
        time.sleep(0.25)
    tablet.bytes_back()
    answers = [m for m in tablet.waiting if m[0] == '/refused']
    check_equal(len(answers), 1, 'answers to a replayed pairing')
    check(tablet.got <= len(pairing), '%d bytes for a pairing of %d' % (tablet.got, len(pairing)))
    check_equal(locked.desk.value('/eq/1/gain'), 4.0, 'the gain')
    with open(room.path('config/deadwax/paired')) as f:
        check(TABLET not in f.read(), 'the file knows it still')


def closes(stream):
    """Reads on to the end."""
    try:
        return stream.socket.recv(65536) == b''
    except socket.timeout:
        return False
    except ConnectionResetError:
        return True


@test
@in_a_network
def nothing_comes_back_larger_than_it_went(room):
    """Whatever it is, open or closed: what a stranger can make us send is at most what it sent itself."""
    locked = Locked(room)
    worst = 0.0
    for opened in (False, True):
        for path in ('/pair', '/ping', '/error', '/dump', '/subscribe', '/refused', '/paired', '/eq/1/gain', '/*'):
            for args in ((), ('1',), ('12345678',), ('a', '1'), ('a' * 40, '12345678'), ('a' * 190, '12345678'),
                         (1,), (True,), ('a', 'b', 'c'), ('a' * 5000,), ('x', '9' * 60000)):
                if opened and not locked.desk.value('/control/pair/open'):
                    locked.code()
                thief = locked.remote(THIEF)
                thief.send(path, *args)
                thief.bytes_back(0.03)
                check(thief.got <= thief.sent, '%s %r: %d bytes for %d' % (path, args, thief.got, thief.sent))
                worst = max(worst, thief.got / thief.sent)
                if worst and thief.got:
                    time.sleep(0.2)
                thief.socket.close()
    locked.await_count('door/oversized', 1)
    check(worst > 0, 'not one answer came')
    room.note('bytes back for a byte sent: %.2f at most' % worst)


@test
@in_a_network
def a_flood_of_a_stranger_does_not_stop_a_paired_host(room):
    locked = Locked(room)
    tablet = locked.paired(TABLET, 'tablet')
    stream = RemoteStream(locked.port, TABLET)
    stop = threading.Event()
    sent = [0]

    def flood():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((THIEF, 0))
            s.connect((DESK, locked.port))
            data = message('/pair', 'thief', '12345678')
            begun = time.monotonic()
            while not stop.is_set():
                while sent[0] < 50000 * (time.monotonic() - begun):
                    s.send(data)
                    sent[0] += 1
                time.sleep(0.001)

    def moves(packets):
        """400, or more until so many have been sent in the flood: how long each took to be in force, in ms; and how
        many had to be sent again."""
        took, again = [], 0
        while len(took) < 400 or sent[0] < packets:
            n = len(took)
            gain = n % 400 / 20
            began = time.monotonic()
            peer = stream if n % 2 else tablet
            peer.send('/eq/1/gain', gain)
            while True:             # over UDP the system itself may lose some
                peer.send('/eq/1/gain')
                got = peer.receive(1.0)
                if got and abs(got[1][0] - gain) < 1e-4:
                    break
                again += 1
                check(time.monotonic() - began < PATIENCE, 'move %d did not come through' % n)
                peer.send('/eq/1/gain', gain)
            took.append((time.monotonic() - began) * 1e3)
            time.sleep(0.001)       # a fader's pace: the host has a rate of its own
        return sorted(took), again

    def busy():
        """Seconds that the host has computed."""
        with open('/proc/%d/stat' % locked.host.pid) as f:
            return sum(map(int, f.read().rsplit(')', 1)[1].split()[11:13])) / os.sysconf('SC_CLK_TCK')
    calm, _ = moves(0)
    thread = threading.Thread(target=flood, daemon=True)
    start, worked = time.monotonic(), busy()
    thread.start()
    took, lost = moves(100000)
    stop.set()
    thread.join()
    seconds = time.monotonic() - start
    worked = busy() - worked
    locked.await_count('door/floods', 1000)
    check_equal(locked.count('tcp/turned_out'), 0, 'connections of the paired host that were ended')
    room.note('%.0f packets/s of a stranger, %d moves of a paired host by UDP and TCP: %d sent again; there and back '
              'median %.2f ms, p99 %.2f, worst %.1f; without the flood %.2f, %.2f, %.1f. '
              'The host computed for %.0f %% of the time'
              % (sent[0] / seconds, len(took), lost, took[len(took) // 2], took[len(took) * 99 // 100], took[-1],
                 calm[200], calm[396], calm[-1],
                 100 * worked / seconds))


@test
@in_a_network
def strangers_connections_hold_no_places(room):
    locked = Locked(room)
    locked.paired(TABLET, 'tablet')
    strangers = []
    for n in range(200):
        try:
            strangers.append(RemoteStream(locked.port, THIEF))
        except OSError:
            pass
    for n in range(20):
        stream = RemoteStream(locked.port, TABLET)
        stream.send('/eq/1/gain', float(n) / 4)
        check_near(stream.value('/eq/1/gain'), n / 4, 1e-6, 'a move of the paired host over connection %d' % n)
        strangers.append(stream)
    locked.await_count('tcp/given_away', 200 - 32)
    one = RemoteStream(locked.port, PHONE)
    one.packet(b'/pair\0\0\0,s\0\0' + b'1' * 1000 + b'\0\0\0\0')
    wait_for(lambda: closes(one), 'the end of a stranger who sends too much')
    locked.await_count('door/oversized', 1)
    for s in strangers:
        s.close()


@test
@in_a_network
def a_host_listed_in_the_profile_is_in(room):
    shutil.copytree(os.path.join(ROOT, 'hw-profiles'), room.path('profiles'))
    with open(room.path('profiles/interfaces/dummy.yaml')) as f:
        dummy = f.read()
    with open(room.path('profiles/interfaces/desk.yaml'), 'w') as f:
        f.write(dummy + 'remotes: ["%s"]\n' % LISTED)
    locked = Locked(room, '--profiles', room.path('profiles'), '--interface', 'desk')
    listed = locked.remote(LISTED)
    listed.send('/eq/1/gain', 2.0)
    check_equal(listed.value('/eq/1/gain'), 2.0, 'the gain that it moved')
    thief = locked.remote(THIEF)
    thief.send('/eq/1/gain')
    check_equal(thief.bytes_back(), 0, 'bytes to who is not listed')


@test
@in_a_network
def ctl_shows_the_code_here_and_pairs_from_there(room):
    locked = Locked(room, listen='::')
    code = room.must('ctl', 'pair', '--port', locked.port).strip()
    check(re.match(r'\d{4}-\d{4}$', code), code)
    status, out, err = room.deadwax('ctl', '--host', DESK, '--port', locked.port, '/eq/1/gain')
    check_equal(status, 1, 'exit status of one that is not paired: %s' % err)
    wrong = '%08d' % ((int(code.replace('-', '')) + 1) % 100000000)
    status, out, err = room.deadwax('ctl', '--host', DESK, '--port', locked.port, '--pair', wrong)
    check(status == 1 and 'not the code' in err, '%d %s' % (status, err))
    out = room.must('ctl', '--host', DESK, '--port', locked.port, '--pair', code, '--name', 'laptop')
    check_equal(out, 'paired with %s as laptop\n' % DESK, 'what ctl says')
    check_equal(room.must('ctl', '--host', DESK, '--port', locked.port, '/eq/1/gain'), '/eq/1/gain 0 dB\n', 'its question')
    six = locked.remote('2001:db8::1', '2001:db8::1')
    six.send('/eq/1/gain')
    check_equal(six.bytes_back(), 0, 'bytes to a stranger over IPv6')
    six.pair('six', locked.code())
    check_equal(six.value('/eq/1/gain'), 0.0, 'the gain over IPv6')
    status, out, err = room.deadwax('ctl', 'pair', '--host', DESK, '--port', locked.port)
    check(status == 1 and 'only on the machine' in err, 'the code, from elsewhere: %d %s %s' % (status, out, err))


@test
@in_a_network
def a_damaged_list_of_the_paired_locks_the_door(room):
    locked = Locked(room)
    locked.paired(TABLET, 'tablet')
    locked.host.quit()
    with open(room.path('config/deadwax/paired'), 'a') as f:
        f.write('thief 192.0.2.66\n')
    host = room.start(locked.server, '--listen', DESK, XDG_CONFIG_HOME=room.path('config'))
    check_equal(host.wait(), 1, 'exit status with a damaged list')
    check(re.search(r'paired:3: write NAME', host.output()), host.output())
    alone = room.host(locked.server, XDG_CONFIG_HOME=room.path('config'))
    alone.await_line('paired:3: write NAME')
    check_equal(room.osc(alone).value('/control/paired'), '', 'who is paired where nobody else can come')
