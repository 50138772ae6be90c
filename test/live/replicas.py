# SPDX-License-Identifier: GPL-3.0-or-later
"""Eight hands at once on a bad network: none of them is wrong about the state."""
import heapq
import random
import selectors
import threading

from harness import *

MOVES = 10000
LOSS = 0.2              # of all UDP packets, both ways
LATE = 0.25             # of those that are left: by 0 to LATE_S, so that others overtake them
LATE_S = 0.04           # below what control/clients.h has put 50 ms for
PACE_S = 0.0022         # between two moves: never faster, however late we are
QUIET_S = 0.25          # what the engine may still have to say, and until when it must have said it
SILENCE_S = 5.0
FEW = ['/monitor/level', '/eq/1/gain', '/eq/1/freq', '/comp/ratio', '/limit/ceiling', '/eq/on', '/eq/2/type', '/input/trim']
SO_TIMESTAMPNS = 35
TCP_LAST_DATA_RECV = 52 # where struct tcp_info has it: ms since


class Replica:
    """What somebody has been told."""

    def __init__(self):
        self.value = {}
        self.known = {}     # bytes of a message: decoded

    def take(self, packet):
        if not packet.startswith(b'#bundle\0'):
            return self.message(packet)
        at = 16
        while at < len(packet):
            size, = struct.unpack_from('>i', packet, at)
            self.message(packet[at + 4:at + 4 + size])
            at += 4 + size

    def message(self, data):
        if data not in self.known:
            if len(self.known) > 20000:
                self.known.clear()
            self.known[data] = decode(data)[0]
        path, args = self.known[data]
        self.value[path] = args


class Net(threading.Thread):
    """One thread that has all sockets in hand: the bad network's, and those of the hands that we are ourselves."""

    def __init__(self):
        super().__init__(daemon=True)
        self.selector = selectors.DefaultSelector()
        self.due = []           # (when, number, what to do)
        self.number = 0
        self.lock = threading.Lock()
        self.going = True
        self.fault = None
        self.wake, self.woken = socket.socketpair()
        self.on(self.woken, lambda: self.woken.recv(4096))

    def on(self, sock, act):
        self.selector.register(sock, selectors.EVENT_READ, act)

    def later(self, when, act):
        with self.lock:
            self.number += 1
            heapq.heappush(self.due, (when, self.number, act))
        self.wake.send(b'.')

    def run(self):
        try:
            while self.going:
                self.turn()
        except Exception:
            self.fault = traceback.format_exc()

    def turn(self):
        with self.lock:
            wait = self.due[0][0] - time.time() if self.due else 0.1
        for key, _ in self.selector.select(max(0.0, min(wait, 0.1))):
            key.data()
        while True:
            with self.lock:
                if not self.due or self.due[0][0] > time.time():
                    return
                act = heapq.heappop(self.due)[2]
            act()

    def end(self):
        self.going = False
        self.join(PATIENCE)
        check(not self.fault, 'the network of the test: %s' % self.fault)


def stamped(sock):
    """A packet, from whom, and when it came, as the system says (CLOCK_REALTIME)."""
    data, more, _, address = sock.recvmsg(65536, 256)
    seconds, ns = next(struct.unpack('qq', m[2][:16]) for m in more if m[1] == SO_TIMESTAMPNS)
    return data, address, seconds + ns * 1e-9


class Link:
    """A UDP peer's way to the host and back, with loss and delay. front is where the peer sends to. What is late is so from
    the moment at which it came, not from when we got round to it: a spell without a core does not make it later."""

    def __init__(self, net, rng, host_port, peer=None):
        self.net, self.rng, self.peer = net, rng, peer
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (self.front, self.back):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            sock.bind(('127.0.0.1', 0))
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.back.connect(('127.0.0.1', host_port))
        self.port = self.front.getsockname()[1]
        self.told = []          # when the host sent each packet, as its system says (CLOCK_REALTIME)
        self.said = 0.0         # when the last packet went to the host
        self.lost = self.passed = self.size = 0
        net.on(self.front, self._from_peer)
        net.on(self.back, self._from_host)

    def _carry(self, came, act):
        if self.rng.random() < LOSS:
            self.lost += 1
            return
        self.passed += 1
        late = self.rng.random() * LATE_S if self.rng.random() < LATE else 0.0
        self.net.later(came + late, act)

    def _from_peer(self):
        try:
            data, address, came = stamped(self.front)
        except BlockingIOError:
            return
        if not self.peer:
            self.peer = address

        def send():
            self.back.send(data)
            self.said = time.time()
        self._carry(came, send)

    def _from_host(self):
        try:
            data, _, came = stamped(self.back)
        except BlockingIOError:
            return
        self.told.append(came)
        self.size += len(data)
        self._carry(came, lambda: self.front.sendto(data, self.peer))


class UdpHand:
    def __init__(self, net, rng, host, name):
        self.name = name
        self.link = Link(net, rng, host.port)
        self.osc = Osc(self.link.port)
        self.osc.socket.setblocking(False)
        self.replica = Replica()
        net.on(self.osc.socket, self._hear)

    def _hear(self):
        try:
            self.replica.take(self.osc.socket.recv(65536))
        except BlockingIOError:
            pass

    def move(self, path, value):
        self.osc.send(path, value)

    def wrong(self, path, args):
        return self.replica.value.get(path) != args


class LibloHand:
    """oscdump hears, oscsend moves."""

    def __init__(self, net, rng, host, room):
        self.name, self.room = 'liblo', room
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
        self.dump = room.keep(Program([find_tool('oscdump'), '-L', str(port)]))
        self.link = Link(net, rng, host.port, ('127.0.0.1', port))
        self.osc = Osc(self.link.port)
        self.words = {}

        def hears():
            self.osc.socket.sendto(message('/are/you/there'), ('127.0.0.1', port))
            return self.dump.find('/are/you/there')
        self.osc.socket.close()
        self.osc.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wait_for(hears, 'oscdump to listen', every=0.1)
        self.osc = Osc(self.link.port)

    def move(self, path, value):
        kind = 'i' if isinstance(value, (bool, int)) else 'f'
        self.room.tool('oscsend', '127.0.0.1', self.link.port, path, kind, repr(value + 0))

    def settle(self):
        for line in self.dump.lines:
            words = line.split(' ', 2)
            if len(words) == 3 and words[1].startswith('/'):
                self.words[words[1]] = words[2]

    def wrong(self, path, args):
        """As it prints what it has been told."""
        shapes = {int: ('i', '%d'), float: ('f', '%f'), str: ('s', '"%s"')}
        tags = ''.join(shapes[type(a)][0] for a in args)
        return self.words.get(path) != ' '.join([tags] + [shapes[type(a)][1] % a for a in args])


class StreamHand:
    """TCP or WebSocket: nothing is lost on the way."""

    def __init__(self, net, osc, name):
        self.name, self.osc, self.link = name, osc, None
        self.replica = Replica()
        self.lock = threading.Lock()
        net.on(osc.socket, self._hear)

    def _hear(self):
        try:
            more = self.osc.socket.recv(65536, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        check(more, 'the host has hung up on %s' % self.name)
        self.osc.bytes += more
        while True:
            packet = self.osc._cut_packet()
            if packet is None:
                return
            self.replica.take(packet)

    def move(self, path, value):
        self.osc.send(path, value)
        self.said = time.time()

    def told_last(self):
        """When its last byte came, as the system says."""
        info = self.osc.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        return time.time() - struct.unpack_from('I', info, TCP_LAST_DATA_RECV)[0] * 1e-3

    def wrong(self, path, args):
        return self.replica.value.get(path) != args


WITNESS = '''
import sys, time
while True:
    with open(sys.argv[1]) as f:
        used, waited = f.read().split()[:2]
    print(time.time(), used, waited, flush=True)
    time.sleep(0.005)
'''


class Witness:
    """Writes down what the host's control thread has had of a core, and how long it has waited for one while it had
    something to do: the machine's part in whatever comes late."""

    def __init__(self, room, host):
        self.program = room.keep(Program([sys.executable, '-c', WITNESS, '/proc/%d/task/%d/schedstat'
                                          % (host.pid, host.pid)]))
        self.program.await_line('.')

    def between(self, start, end):
        """Seconds: (used, waited)"""
        seen = [tuple(map(float, line.split())) for line in list(self.program.lines)]
        before = [s for s in seen if s[0] <= start][-1]
        after = [s for s in seen if s[0] >= end][0]
        del self.program.lines[:]       # nobody wants to read them
        return (after[1] - before[1]) * 1e-9, (after[2] - before[2]) * 1e-9


def hands_of(room, net, host, rng):
    """Eight, of four kinds."""
    streams = [('tcp length', OscStream(host.port, 'length')), ('tcp slip', OscStream(host.port, 'slip'))]
    streams += [('web', OscWeb(host.http_port())) for _ in range(2)]
    return ([LibloHand(net, rng, host, room) for _ in range(2)] +
            [UdpHand(net, rng, host, name) for name in ('udp', 'udp xremote')] +
            [StreamHand(net, osc, name) for name, osc in streams])


def subscribe_all(hands, groups):
    """Over UDP so often that it arrives; to renew costs nothing."""
    for hand in hands:
        for _ in range(12 if hand.link else 1):
            if hand.name == 'udp xremote':
                hand.osc.send('/xremote')
                continue
            for i in range(0, len(groups), 4):
                hand.osc.bundle(None, *(('/subscribe', g, 3600.0, 60.0 if hand.name == 'udp' else 20.0)
                                        for g in groups[i:i + 4]))


class Steady(threading.Thread):
    """Does it again and again until told to stop, or so many times."""

    def __init__(self, act, every, times=None):
        super().__init__(daemon=True)
        self.act, self.every, self.left, self.done = act, every, times, 0
        self.stop = threading.Event()
        self.fault = None
        self.start()

    def run(self):
        try:
            while not self.stop.is_set() and (self.left is None or self.done < self.left):
                self.act()
                self.done += 1
                self.stop.wait(self.every)
        except Exception:
            self.fault = traceback.format_exc()

    def end(self):
        self.stop.set()
        self.join(PATIENCE)
        check(not self.fault, self.fault)
        return self.done


def truth(host, paths):
    """What the engine says, over a connection that loses nothing."""
    osc = OscStream(host.port, 'length')
    osc.send('/refresh')
    state, end = {}, time.monotonic() + PATIENCE
    while not paths <= set(state) and time.monotonic() < end:
        got = osc.receive(1)
        if got:
            state[got[0]] = got[1]
    osc.close()
    check(paths <= set(state), 'the engine says nothing of %r' % sorted(paths - set(state))[:5])
    return state


def move_all(room, host, hands, rng):
    movable = [p for p in params() if p['owner'] in ('chain', 'monitor') and 'read_only' not in p['flags']
               and p['type'] in ('float', 'int', 'bool', 'enum') and not p['path'].startswith('/insert/')]
    few = [p for p in movable if p['path'] in FEW]
    check_equal(len(few), len(FEW), 'rows that everybody moves')
    fast = [h for h in hands if not isinstance(h, LibloHand)]

    def any_move(own):
        p = own.choice(few if own.random() < 0.3 else movable)
        value = random_value(p, own)
        return p['path'], float(value) if p['type'] == 'float' else int(value)

    def slow(hand):
        own = random.Random(rng.random())
        return lambda: hand.move(*any_move(own))

    def by_ctl():
        path, value = any_move(ctl_rng)
        room.deadwax('ctl', '--port', host.port, path, repr(value))
    ctl_rng = random.Random(rng.random())
    helpers = [Steady(by_ctl, 0.15)] + [Steady(slow(h), 0.1) for h in hands if isinstance(h, LibloHand)]
    sent, started = 0, time.monotonic()
    while sent + sum(h.done for h in helpers) < MOVES - 300:
        rng.choice(fast).move(*any_move(rng))
        sent += 1
        time.sleep(PACE_S)
    slow_ones = [h.end() for h in helpers]
    while sent + sum(slow_ones) < MOVES:     # the last are those whose moment is known
        rng.choice(fast).move(*any_move(rng))
        sent += 1
        time.sleep(PACE_S)
    room.note('%d moves in %.1f s, of them %d by ctl, %d by oscsend'
              % (sent + sum(slow_ones), time.monotonic() - started, slow_ones[0], sum(slow_ones[1:])))


def last_said(hands):
    return max(h.link.said if h.link else h.said for h in hands)


def last_told(hands):
    return max(h.link.told[-1] if h.link else h.told_last() for h in hands)


def wait_for_silence(hands):
    """Nobody says or is told anything for half a second."""
    def talk():
        return ', '.join('%s %.2f s ago' % (h.name, time.time() - (h.link.told[-1] if h.link else h.told_last()))
                         for h in hands)
    wait_for(lambda: time.time() - max(last_said(hands), last_told(hands)) > 0.5,
             lambda: 'the hands to fall silent; they were told: ' + talk())


@test(seconds=180)
def eight_hands_on_a_bad_network_agree_with_the_engine(room):
    """The verdict on time is of the engine's own packets, stamped by the system as they were sent; for how long the engine
    had something to do in that time but no core to do it on, the system says too, and that is the machine's."""
    rng = random.Random(20)
    host = room.host(room.jackd(48000, 1024), '--no-connect')
    net, witness = Net(), Witness(room, host)
    hands = hands_of(room, net, host, rng)
    net.start()
    room.must('ctl', '--port', host.port, '/transport/play', 'off')     # or tracks come and go by themselves
    controls = {p['path'] for p in params() if p['owner'] != 'meter' and p['type'] != 'trigger'}
    def group(p):
        return '/' + p['path'].split('/')[1]
    moving = {group(p) for p in params() if p['owner'] == 'meter'}      # by itself: no silence there
    groups = sorted({group(p) for p in params() if p['owner'] in ('chain', 'monitor')} - moving)
    check(len(groups) <= 16, 'groups fit into one client')
    paths = {path for path in controls if any(path.startswith(g + '/') for g in groups)}
    subscribe_all(hands, groups)
    renewal = Steady(lambda: hands[3].osc.send('/xremote'), 1.0)
    move_all(room, host, hands, rng)
    for hand in hands:
        hand.said = getattr(hand, 'said', 0.0)
    renewal.end()
    hands[3].osc.send('/xremote')
    wait_for_silence(hands)
    said, told = last_said(hands), last_told(hands)
    used, waited = witness.between(said, told)
    time.sleep(LATE_S)
    state = truth(host, paths)
    for hand in hands:
        if isinstance(hand, LibloHand):
            wait_for(lambda: (lambda n: time.sleep(0.1) or len(hand.dump.lines) == n)(len(hand.dump.lines)),
                     'oscdump to have printed all')
            hand.settle()
        wrong = sorted(path for path in paths if hand.wrong(path, state[path]))
        check(not wrong, '%s is wrong about %d of %d, first %s, which is %r' % (
            hand.name, len(wrong), len(paths), wrong[:1], state.get((wrong or [''])[0])))
    links = [h.link for h in hands if h.link]
    room.note('last packet told %.0f ms after the last one sent; control used %.0f ms of it and waited %.0f ms for a core'
              % ((told - said) * 1e3, used * 1e3, waited * 1e3))
    room.note('%d UDP packets lost of %d; told %.0f packets and %.0f kB a second to each'
              % (sum(l.lost for l in links), sum(l.lost + l.passed for l in links),
                 sum(len(l.told) for l in links) / len(links) / (told - links[0].told[0]),
                 sum(l.size for l in links) / len(links) / (told - links[0].told[0]) / 1e3))
    check(told - said <= QUIET_S + waited, 'the engine was still telling %.0f ms after the last move, of which it waited '
          '%.0f ms for a core' % ((told - said) * 1e3, waited * 1e3))
    rest = SILENCE_S - (time.time() - told)
    time.sleep(max(rest, 0.0))
    check(last_told(hands) - told < 0.2, 'no silence: something was told %.1f s later' % (last_told(hands) - told))
    net.end()
