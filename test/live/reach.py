# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a move reaches the other hands, and what those cost; the way to the sound is in reply.py."""
from harness import *
from reply import quantile
from replicas import SO_TIMESTAMPNS

SUBSCRIBERS = 8
RATE_HZ = 60.0
TICK_S = 0.01           # of the control loop


class Listener:
    """A subscriber whose packets are stamped by the system as they come."""

    def __init__(self, host, *prefixes):
        self.osc = Osc(host.port)
        self.osc.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.osc.socket.settimeout(0)
        self.bytes = self.packets = 0
        for prefix in prefixes:
            self.osc.send('/subscribe', prefix, 3600.0, RATE_HZ)

    def drain(self, path=None, value=None):
        """Takes what has come; the moment at which path came with this value, if it did."""
        came = None
        while True:
            try:
                data, more, _, _ = self.osc.socket.recvmsg(65536, 256)
            except BlockingIOError:
                return came
            self.packets += 1
            self.bytes += len(data)
            if path and came is None and any(m[0] == path and m[1][0] == value for m in decode(data)):
                seconds, ns = struct.unpack('qq', more[0][2][:16])
                came = seconds + ns * 1e-9


def one_move(mover, listeners, path, value):
    """Seconds from just before the packet is sent to its coming to the last of them."""
    for listener in listeners:
        listener.drain()
    start = time.clock_gettime(time.CLOCK_REALTIME)
    mover.send(path, value)
    came, end = {}, time.monotonic() + PATIENCE
    while len(came) < len(listeners):
        check(time.monotonic() < end, 'a move was not told to all')
        time.sleep(0.005)
        for listener in listeners:
            when = listener.drain(path, value)
            if when is not None:
                came.setdefault(listener, when)
    return max(came.values()) - start


@test(seconds=240)
def a_move_reaches_eight_others_in_the_same_turn_of_the_loop(room):
    """Half of the moves, that is: the machine may be busy. A row that rests waits for no period, and for no tick."""
    host = room.host(room.jackd(48000, 256), '--no-connect')
    mover = room.osc(host)
    listeners = [Listener(host, '/') for _ in range(SUBSCRIBERS)]
    end = time.monotonic() + 3
    while time.monotonic() < end:       # the first values, and as often again as they come
        time.sleep(0.01)
        for listener in listeners:
            listener.drain()
    times = []
    for i in range(1000 if harness_long() else 100):
        times.append(one_move(mover, listeners, '/monitor/level', -21.0 - i % 50 * 0.5))
        time.sleep(0.03)
    room.note('%d moves to the feedback of all %d at %g Hz with meters: median %.2f ms, 90 %% %.2f, 99 %% %.2f, max %.2f'
              % (len(times), SUBSCRIBERS, RATE_HZ, quantile(times, 0.5) * 1e3, quantile(times, 0.9) * 1e3,
                 quantile(times, 0.99) * 1e3, max(times) * 1e3))
    check(quantile(times, 0.5) < TICK_S / 2, 'half of the moves are told later than a tick would have it')


def harness_long():
    import harness
    return harness.LONG


def control_seconds(host):
    """What the control loop's thread, the program's first, has had of a core."""
    with open('/proc/%d/task/%d/schedstat' % (host.pid, host.pid)) as f:
        return int(f.read().split()[0]) * 1e-9


def cost(host, listeners, seconds):
    """Per cent of a core; packets and bytes a second to each listener."""
    for listener in listeners:
        listener.drain()
        listener.packets = listener.bytes = 0
    used, start = control_seconds(host), time.monotonic()
    while time.monotonic() < start + seconds:
        time.sleep(0.05)
        for listener in listeners:
            listener.drain()
    took, used = time.monotonic() - start, control_seconds(host) - used
    n = max(len(listeners), 1)
    return (100 * used / took, sum(l.packets for l in listeners) / took / n, sum(l.bytes for l in listeners) / took / n)


@test(seconds=240)
def eight_subscribers_cost_little(room):
    """The demo programme plays, so that all meters move."""
    server = room.jackd(48000, 256)
    seconds = 10 if harness_long() else 2
    figures = {}
    for name, prefixes in (('all rows', ['/']), ('a blob of all meters', ['/blob', '/eq', '/comp', '/limit'])):
        host = room.host(server, '--no-connect')
        listeners = []
        for n in (0, 1, SUBSCRIBERS):
            while len(listeners) < n:
                listeners.append(Listener(host, *prefixes))
            cost(host, listeners, 4)    # the first values, and as often again as they come
            figures[name, n] = cost(host, listeners, seconds)
        room.note('%s at %g Hz, per cent of a core for 0, 1, 8 subscribers: %s; %.0f packets, %.0f kB a second to each'
                  % (name, RATE_HZ, ', '.join('%.2f' % figures[name, n][0] for n in (0, 1, SUBSCRIBERS)),
                     figures[name, SUBSCRIBERS][1], figures[name, SUBSCRIBERS][2] / 1e3))
        packets = figures[name, SUBSCRIBERS][1]
        check(packets > 1, 'the meters do not move: %.1f packets a second' % packets)
        host.quit()
    check(figures['a blob of all meters', 8][2] < figures['all rows', 8][2] / 2, 'a blob is no smaller than its rows')
