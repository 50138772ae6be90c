# SPDX-License-Identifier: GPL-3.0-or-later
"""MIDI devices that are plugged in, pulled and put back, on PortMidi: inside the little virtual machine, as hardware.py.

A Box is a whole USB device: what is written into its inside comes out of its plug, and what the host sends arrives there.
"""
import random
import threading
import time

from harness import *
from hardware import on_the_card
from sound import playing
from takeover import gone

SECONDS = 6000          # of the machine: while it waits for a file and has nothing to do, its clock runs ahead
NOTICED_S = 2.0         # by the machine's clock; so does the issue have it
LATENCY_MS = 3.0
MINI = ('X-TOUCH MINI', '1397:00b3')
KNOBS = ('Knobs', '1209:0001')


def hw(*words):
    done = subprocess.run(['hwvm-hw'] + [str(w) for w in words], stdin=subprocess.DEVNULL, capture_output=True)
    check(done.returncode == 0, 'hwvm-hw %s: %s' % (' '.join(map(str, words)), done.stderr.decode()))
    return done.stdout.decode().strip()


class Box:
    def __init__(self, room, socket, name, usb):
        self.socket, self.name, self.usb = socket, name, usb
        self.fd = -1
        self.plug()
        room.cleanups.append(self.unplug)

    def plug(self):
        hw('midi-plug', self.socket, self.name, self.usb)
        card, device = hw('midi-dev', self.socket).removeprefix('hw:').split(',')
        self.node = '/dev/snd/midiC%sD%s' % (card, device)
        wait_for(lambda: os.path.exists(self.node), self.node)
        self.fd = os.open(self.node, os.O_RDWR | os.O_NONBLOCK)
        self.heard = bytearray()

    def warm(self):
        """Once all the way: what this takes is in memory afterwards, and reading it costs no time of the machine's."""
        self.unplug()
        self.plug()
        return self

    def unplug(self):
        if self.fd >= 0:
            self.leave()
        hw('midi-unplug', self.socket)

    def leave(self):
        """To another program: the inside can be opened once."""
        os.close(self.fd)
        self.fd = -1
        return self

    def say(self, *messages):
        """In hex, as the box's hand would have it."""
        for text in messages:
            data = bytes.fromhex(text)
            while data:
                try:
                    data = data[os.write(self.fd, data):]
                except BlockingIOError:
                    time.sleep(0.001)

    def listen(self, quiet=0.3, seconds=PATIENCE):
        """All that has come, when for a while nothing more does."""
        end = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() < min(end, last + quiet):
            try:
                self.heard += os.read(self.fd, 4096)
                last = time.monotonic()
            except BlockingIOError:
                time.sleep(0.005)
        return bytes(self.heard)

    def shows(self, quiet=0.5):
        """What it shows, by address: of each control change and note the last value. No sysex is expected."""
        data, cells = self.listen(quiet), {}
        at = 0
        while at < len(data):
            size = 2 if data[at] & 0xE0 == 0xC0 else 3
            check(data[at] >= 0x80 and len(data) >= at + size, 'whole messages: %s' % data.hex(' '))
            if size == 3:
                cells[data[at], data[at + 1]] = data[at + 2]
            at += size
        return cells


def bridge(*words, **more):
    return [find_tool('midibridge'), deadwax_path()] + [str(w) for w in words]


def listed(room):
    status, out = room.tool('midibridge', deadwax_path(), 'list')
    check_equal(status, 0, out)
    return out.splitlines()


def ports(room):
    """By place: "36:0"."""
    return {line.split()[4]: line.split()[0] for line in listed(room)}


def moves(osc, path, share):
    osc.await_value(path + '/norm', lambda v: abs(v - share) < 1e-3, share)


def figures(room, *words):
    status, out = room.tool('midibridge', deadwax_path(), *words, seconds=300)
    check_equal(status, 0, out)
    return out.split()


@test(seconds=SECONDS)
def a_knob_of_a_box_that_is_there_moves_its_row_and_the_box_shows_what_is_so(room):
    box = Box(room, 0, *MINI)
    host = room.host(room.jackd(), '--surface', 'behringer-x-touch-mini')
    osc = room.osc(host)
    host.await_line('surface X-TOUCH MINI is there: Behringer X-Touch Mini')
    shown = box.shows()
    check(all((0xBA, n) in shown for n in range(1, 9)), 'each encoder is told: %r' % shown)
    box.say('BA 01 40')
    moves(osc, '/eq/1/freq', 64 / 127)
    box.say('BA 01 00')
    moves(osc, '/eq/1/freq', 0)
    box.say('BA 01 7F')
    moves(osc, '/eq/1/freq', 1)
    box.listen(0.2)
    box.heard.clear()
    osc.send('/eq/1/freq/norm', 0.0)
    wait_for(lambda: box.shows(0.05).get((0xBA, 1)) == 0, 'the ring to go down')
    host.quit()


@test(seconds=SECONDS)
def a_box_that_is_pulled_while_it_plays_comes_back_and_the_other_does_not_notice(room):
    one, two = Box(room, 0, *MINI).warm(), Box(room, 1, *KNOBS)
    name, host, osc = on_the_card(room, '--surface', 'behringer-x-touch-mini', '--surface', 'generic-cc=Knobs')
    playing(osc)
    host.await_line('surface X-TOUCH MINI is there')
    host.await_line('surface Knobs is there')
    for path, value in (('/eq/1/freq', 0.25), ('/eq/1/gain', 0.75), ('/limit/gain', 0.5)):
        osc.send(path + '/norm', value)
        moves(osc, path, value)
    shown = one.shows()
    before, said, going = osc.value('/control/midi/in'), [0], [True]

    def turn():
        while going[0]:
            two.say('B0 17 %02X' % (said[0] % 128))     # a row that the first does not show
            said[0] += 1
            time.sleep(0.01)
    hand = threading.Thread(target=turn)
    hand.start()
    try:
        start = time.monotonic()
        one.unplug()
        host.await_line('surface X-TOUCH MINI is gone')
        left = time.monotonic() - start
        lines = len(host.lines)
        one.plug()
        start = time.monotonic()
        host.await_line('surface X-TOUCH MINI is there', start=lines)
        back = time.monotonic() - start
    finally:
        going[0] = False
        hand.join()
    room.note('gone %.2f s after the order to pull it, there again %.2f s after it was plugged in; meanwhile the other '
              'said %d' % (left, back, said[0]))
    check(left <= NOTICED_S and back <= NOTICED_S, 'noticed within %g s' % NOTICED_S)
    check(said[0] > 50, 'the other was turned all the time: %d' % said[0])
    again = one.shows()
    wait_for(lambda: osc.value('/control/midi/in') == before + said[0],
             lambda: 'all %d to arrive; %d did' % (said[0], osc.value('/control/midi/in') - before))
    check_equal(osc.value('/control/midi/lost'), 0, 'messages that were lost')
    check_equal(again, shown, 'what the box is told when it comes back')
    one.say('BA 01 20')
    moves(osc, '/eq/1/freq', 32 / 127)
    at = osc.value('/transport/position')
    osc.await_value('/transport/position', lambda s: s != at, 'moving')
    check(not host.find('stands still|starting it again'), 'it played on: %s' % host.output())
    host.quit()
    gone(name)


@test(seconds=SECONDS)
def one_that_is_pulled_and_put_back_at_once_works_on(room):
    box = Box(room, 0, *MINI)
    host = room.host(room.jackd(), '--surface', 'behringer-x-touch-mini')
    osc = room.osc(host)
    host.await_line('surface X-TOUCH MINI is there')
    box.say('BA 01 40')
    moves(osc, '/eq/1/freq', 64 / 127)
    for value in (0x10, 0x50):
        lines = len(host.lines)
        box.unplug()
        box.plug()
        host.await_line('surface X-TOUCH MINI is there', start=lines)
        box.say('BA 01 %02X' % value)
        moves(osc, '/eq/1/freq', value / 127)
    host.quit()


@test(seconds=SECONDS)
def two_of_a_kind_are_themselves_wherever_they_stand_in_the_list(room):
    one, two = Box(room, 0, *MINI), Box(room, 1, *MINI)
    host = room.host(room.jackd(), '--surface', 'behringer-x-touch-mini')
    osc = room.osc(host)
    wait_for(lambda: len([line for line in host.lines if 'X-TOUCH MINI is there' in line]) == 2, 'both')
    numbers = ports(room)
    two.say('9A 09 7F', '8A 09 00')         # its page is dynamics from now on
    two.say('BA 01 40')
    moves(osc, '/comp/threshold', 64 / 127)
    one.say('BA 01 30')
    moves(osc, '/eq/1/freq', 48 / 127)
    lines = len(host.lines)
    one.unplug()
    two.unplug()
    wait_for(lambda: len([line for line in host.lines[lines:] if 'is gone' in line]) == 2, 'both to be gone')
    two.plug()
    one.plug()
    wait_for(lambda: len([line for line in host.lines[lines:] if 'is there' in line]) == 2, 'both to be back')
    swapped = ports(room)
    places = sorted(set(numbers) & set(swapped) - {'-', 'snd_virmidi.0'})
    check_equal([swapped[p] for p in places], [numbers[p] for p in reversed(places)], 'numbers the other way round')
    two.say('BA 01 10')
    moves(osc, '/comp/threshold', 16 / 127)
    one.say('BA 01 60')
    moves(osc, '/eq/1/freq', 96 / 127)
    moves(osc, '/comp/threshold', 16 / 127)
    host.quit()


@test(seconds=SECONDS)
def what_a_box_sends_and_is_sent_comes_through_byte_for_byte(room):
    box = Box(room, 2, 'Say "hi" [x] (R)', '1209:0002')
    port = ports(room)['5-1']
    program = room.keep(Program(bridge('hear', port), stdin=subprocess.PIPE))

    def send(text):
        program.child.stdin.write((text + '\n').encode())
        program.child.stdin.flush()
    send('B0 00 00')
    wait_for(lambda: box.listen(0.05).endswith(b'\xb0\0\0'), 'the first one')
    box.heard.clear()
    long = 'F0 ' + ' '.join('%02X' % (i % 128) for i in range(1022)) + ' F7'
    talk = ['B0 10 40', 'E3 7F 7F', 'C5 01', 'D2 00', '90 3C 00', long, 'F0 7E 7F 06 01 F7', 'FA']
    box.say(talk[0], 'FE', *talk[1:], 'F8')
    for line in talk:
        program.await_line('^%s$' % line)
    check_equal([line for line in program.lines if line in ('FE', 'F8')], [], 'clock and sensing')
    for line in talk:
        send(line)
    program.child.stdin.close()             # and at once it is over
    want = bytes.fromhex(''.join(talk))
    wait_for(lambda: len(box.listen(0.05)) >= len(want), lambda: '%d bytes; there are %d' % (len(want), len(box.heard)))
    check_equal(bytes(box.heard), want, 'what the box heard')
    program.wait()


@test(seconds=SECONDS)
def a_bridge_ends_with_its_host_and_with_its_box(room):
    box = Box(room, 0, *KNOBS)
    program = room.keep(Program(bridge('hear', ports(room)['3-1']), stdin=subprocess.PIPE))
    helper = wait_for(lambda: helpers(program.pid), 'the process')[0]
    program.kill()
    wait_for(lambda: not alive(helper), 'the process to end with its host', 5)
    program = room.keep(Program(bridge('hear', ports(room)['3-1']), stdin=subprocess.PIPE))
    heard(box, program)
    start = time.monotonic()
    box.unplug()
    program.await_line('^end it is gone$')
    room.note('it ends %.2f s after the order to pull it' % (time.monotonic() - start))


def helpers(parent):
    found = []
    for path in glob.glob('/proc/[0-9]*/stat'):
        try:
            with open(path) as f:
                rest = f.read().rsplit(')', 1)[1].split()
            if int(rest[1]) == parent:
                found.append(int(path.split('/')[2]))
        except (OSError, ValueError):
            continue
    return found


def alive(pid):
    """Not a zombie either."""
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def heard(box, program):
    def look():
        box.say('B0 01 02')
        time.sleep(0.05)
        return program.find('^B0 01 02$')
    wait_for(look, 'the box to be heard')


@test(seconds=SECONDS)
def a_box_that_is_slow_is_not_run_over(room):
    """The driver drops what its buffer can't take. No emulated box is slow: what the buffer says of itself is made up."""
    box = Box(room, 0, *KNOBS)
    port = ports(room)['3-1']
    program = room.keep(Program(bridge('hear', port), stdin=subprocess.PIPE))
    heard(box, program)
    page, fake = '/proc/asound/card%d/midi0' % ((int(port.split(':')[0]) - 16) // 4), room.path('midi0')

    def waiting(n):
        with open(fake, 'w') as f:
            f.write('Knobs\n\nOutput 0\n  Tx bytes     : 0\n  Buffer size  : 4096\n  Avail        : %d\n' % (4096 - n))

    def send(text):
        program.child.stdin.write((text + '\n').encode())
        program.child.stdin.flush()
    waiting(1024)
    check_equal(subprocess.run(['mount', '--bind', fake, page]).returncode, 0, 'mount')
    room.cleanups.append(lambda: subprocess.run(['umount', page]))
    send('B0 01 02')
    send('90 01 02')
    check_equal(box.listen(1.0), b'', 'what it hears while 1024 bytes wait')
    box.say('B0 05 06')
    program.await_line('^B0 05 06$')
    waiting(1022)
    check_equal(box.listen(0.5), b'', 'what it hears while there is room for two bytes')
    waiting(1021)
    wait_for(lambda: box.listen(0.1) == b'\xb0\1\2\x90\1\2', 'both')


@test(seconds=SECONDS)
def a_program_that_stops_for_a_moment_is_waited_for_and_one_that_hangs_is_left(room):
    taker = room.keep(Program(['stdbuf', '-oL', find_tool('aseqdump')]))
    port = wait_for(lambda: [line.split()[0] for line in listed(room) if line.endswith('|aseqdump')], 'its port')[0]
    program = room.keep(Program(bridge('hear', port), stdin=subprocess.PIPE))

    def send(first, last):
        for i in range(first, last):
            program.child.stdin.write(b'B0 %02X %02X\n' % (i // 128, i % 128))
        program.child.stdin.flush()

    def taken():
        return [tuple(int(n) for n in re.findall(r'controller (\d+), value (\d+)', line)[0]) for line in taker.lines
                if 'Control change' in line]
    send(0, 1)
    wait_for(lambda: taken() == [(0, 0)], 'the first')
    taker.signal(signal.SIGSTOP)
    send(1, 300)                            # the kernel keeps 200 for it, and loses these when there are more
    time.sleep(0.5)
    taker.signal(signal.SIGCONT)
    wait_for(lambda: taken()[-99:] == [(i // 128, i % 128) for i in range(201, 300)],
             lambda: 'those that waited, in order; there came %r' % taken())
    taker.signal(signal.SIGSTOP)
    send(0, 300)
    program.await_line('^end it has taken nothing of what it was sent for 2 s$')
    taker.signal(signal.SIGCONT)


@test(seconds=SECONDS)
def a_message_is_with_the_host_in_time(room):
    Box(room, 0, *KNOBS).leave()
    for what, port, node in (('virtual port', '24:0', '/dev/snd/midiC2D0'), ('USB', ports(room)['3-1'], '/dev/snd/midiC20D0')):
        median, p99, worst = [float(w) / 1e3 for w in figures(room, 'latency', port, node, 400)]
        room.note('%s: median %.3f ms, p99 %.3f, worst %.3f of 400, by the clock of the machine, which counts '
                  'instructions' % (what, median, p99, worst))
        check(p99 <= LATENCY_MS, '%s: p99 %.3f ms' % (what, p99))


@test(seconds=SECONDS)
def a_flood_arrives_and_what_is_too_much_is_told(room):
    n, disorder, *news = figures(room, 'flood', '24:0', '/dev/snd/midiC2D0', 1500)
    check_equal((n, disorder, news), ('1500', '0', ['-']), 'of 1500 messages')
    n, disorder, *news = figures(room, 'flood', '24:0', '/dev/snd/midiC2D0', 8000)
    room.note('of 8000 that nobody read for a while %s came' % n)
    check(disorder == '0' and int(n) < 8000 and 'lost' in news, 'of 8000: %s %s %s' % (n, disorder, ' '.join(news)))


@test(seconds=SECONDS)
def looking_is_cheap(room):
    for n in range(4):
        Box(room, n, 'Box %d' % n, '1209:000%d' % n)
    median, p99, worst = [float(w) / 1e3 for w in figures(room, 'look', 200)]
    room.note('a look at 8 ports: median %.2f ms, worst %.2f, where code runs some ten times slower' % (median, worst))
    check(median < 10, 'twice a second, %.2f ms each' % median)
