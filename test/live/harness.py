# SPDX-License-Identifier: GPL-3.0-or-later
"""What the whole-program tests stand on: servers, hosts, OSC, sound files, TAP.

A test is a function of one Room. The room starts programs and ends them again,
whatever happens; it ends no others. Nothing waits for a time to pass where it
can wait for a thing to happen, and what may take long on a slow machine has
long to do it.
"""
import array
import collections
import ctypes
import fcntl
import glob
import json
import math
import os
import queue
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get('DEADWAX_BUILD', os.path.join(ROOT, 'build'))
PATIENCE = float(os.environ.get('DEADWAX_PATIENCE', 30))     # seconds until something that should happen at once counts as not happening
LONG = False            # --long: the figures for the note

_libc = ctypes.CDLL(None)


class Failure(Exception):
    """The program did not do as it should."""


class Skip(Exception):
    """This machine can't run the test; says why."""


def check(good, what):
    if not good:
        raise Failure(what)


def check_equal(got, want, what):
    if got != want:
        raise Failure('%s: got %r, want %r' % (what, got, want))


def check_near(got, want, tolerance, what):
    if not abs(got - want) <= tolerance:
        raise Failure('%s: got %r, want %r +- %r' % (what, got, want, tolerance))


def wait_for(happened, what, seconds=PATIENCE, every=0.02):
    """Returns what happened() returns as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        result = happened()
        if result:
            return result
        if time.monotonic() > end:
            raise Failure('waited %g s for %s' % (seconds, what() if callable(what) else what))
        time.sleep(every)


# --- programs ---------------------------------------------------------------------------------------


def find_tool(name):
    """One of our own helpers, as built; a system tool otherwise."""
    for place in (os.environ.get('DEADWAX_TOOLS', ''), os.path.join(BUILD, 'test')):
        for shape in ('live-%s', 'liblive-%s.so', '%s', '%s.so'):
            path = os.path.join(place, shape % name)
            if place and os.path.isfile(path):
                return path
    path = shutil.which(name)
    if not path:
        raise Skip('%s is not installed' % name)
    return path


def deadwax_path():
    path = os.path.join(BUILD, 'deadwax')
    if not os.path.exists(path):
        raise Failure('%s is not built' % path)
    return path


def die_with_us():
    _libc.prctl(1, signal.SIGKILL)      # PR_SET_PDEATHSIG: even if we are killed, nothing stays behind


class Program:
    """A child, its lines of output, and its end."""

    def __init__(self, argv, env=None, cwd=None, limits=None, stdin=subprocess.DEVNULL):
        def before():
            die_with_us()
            if limits:
                limits()
        self.argv = argv
        self.lines = []
        self.killed = False
        self.child = subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                                      cwd=cwd, preexec_fn=before)
        self.pid = self.child.pid
        self._readers = [threading.Thread(target=self._read, args=(f, tag), daemon=True)
                         for f, tag in ((self.child.stdout, ''), (self.child.stderr, 'stderr: '))]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, tag):
        for line in stream:
            self.lines.append(tag + line.decode('utf-8', 'replace').rstrip('\n'))

    def name(self):
        return os.path.basename(self.argv[0])

    def output(self):
        return '\n'.join(self.lines)

    def find(self, pattern, start=0):
        for line in self.lines[start:]:
            match = re.search(pattern, line)
            if match:
                return match
        return None

    def await_line(self, pattern, seconds=PATIENCE, start=0):
        """The match of the first line that has the pattern."""
        def look():
            found = self.find(pattern, start)
            if not found and self.child.poll() is not None:
                self._drain()
                found = self.find(pattern, start)
                check(found, '%s ended (%s) without saying /%s/; it said:\n%s'
                      % (self.name(), self.child.returncode, pattern, self.output()))
            return found
        return wait_for(look, lambda: '%s to say /%s/; it said:\n%s' % (self.name(), pattern, self.output()), seconds)

    def _drain(self):
        for reader in self._readers:
            reader.join(5)

    def alive(self):
        return self.child.poll() is None

    def wait(self, seconds=PATIENCE):
        try:
            status = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure('%s did not end within %g s; it said:\n%s' % (self.name(), seconds, self.output()))
        self._drain()
        return status

    def signal(self, number):
        if self.alive():
            self.child.send_signal(number)

    def kill(self):
        """SIGKILL, reaped."""
        self.killed = True
        if self.alive():
            self.child.kill()
        self.child.wait()
        self._drain()

    def end(self, seconds=10):
        """Asks, then insists."""
        self.signal(signal.SIGTERM)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            self._drain()
            return False
        self._drain()
        return True


class Jackd(Program):
    def __init__(self, name, rate, period, realtime=False):
        env = dict(os.environ, JACK_NO_AUDIO_RESERVATION='1')
        super().__init__([find_tool('jackd'), '-n', name, '-R' if realtime else '-r', '-d', 'dummy', '-r', str(rate), '-p', str(period),
                          '-C', '2', '-P', '8'], env)
        self.server = name


class Host(Program):
    """deadwax run."""

    def __init__(self, argv, env, cwd, limits=None):
        super().__init__(argv, env, cwd, limits)
        self.port = None

    def ready(self, seconds=PATIENCE):
        self.port = int(self.await_line(r'^osc\.udp://[^:]*:(\d+)/', seconds).group(1))
        return self

    def quit(self):
        """As a person does it; must be clean."""
        self.signal(signal.SIGINT)
        check_equal(self.wait(), 0, 'exit status after SIGINT; it said:\n%s\n' % self.output())


class Probe(Program):
    """test/live/probe.c, steered by lines."""

    def __init__(self, server, name='probe'):
        super().__init__([find_tool('probe'), server, name], stdin=subprocess.PIPE)
        self.server = server
        self.await_line('^ok')
        self._said = 1

    def ask(self, line, seconds=PATIENCE):
        """The words after "ok"; None for "no"."""
        self.child.stdin.write((line + '\n').encode())
        self.child.stdin.flush()
        wait_for(lambda: len(self.lines) > self._said or not self.alive(), 'the probe to answer "%s"' % line, seconds,
                 0.002)
        check(len(self.lines) > self._said, 'the probe died at "%s"' % line)
        answer = self.lines[self._said].split()
        self._said += 1
        return answer[1:] if answer[0] == 'ok' else None

    def end(self, seconds=10):
        """Leaves JACK by the door: a client that just dies keeps jackd waiting for seconds."""
        try:
            self.child.stdin.write(b'quit\n')
            self.child.stdin.close()
            self.child.wait(seconds)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.child.kill()
            self.child.wait()
        self._drain()
        return True

    def xruns(self):
        return int(self.ask('format')[2])

    def connect(self, source, sink):
        check(self.ask('connect %s %s' % (source, sink)) is not None, 'connecting %s to %s' % (source, sink))

    def keep(self, path):
        """What was recorded: left and right as arrays."""
        check(self.ask('keep ' + path) is not None, 'keeping the recording')
        pairs = array.array('f')
        with open(path, 'rb') as f:
            pairs.frombytes(f.read())
        return pairs[0::2], pairs[1::2]


# --- a test's own world -------------------------------------------------------------------------------


class Room:
    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix='deadwax-%s-' % name[:24])
        self.programs = []
        self.notes = []
        self.traps = []
        self.armed = True           # the trap, in every host
        self.cleanups = []
        self.locks = []         # of the names of our servers

    def path(self, name):
        return os.path.join(self.folder, name)

    def note(self, text):
        """A line beside the test's result."""
        self.notes.append(text)

    def keep(self, program):
        self.programs.append(program)
        return program

    def server_name(self):
        """One that nobody uses, and used before: JACK keeps eight names and never forgets those of killed servers."""
        for n in range(100):
            name = 'deadwax-live-%d' % n
            lock = open(os.path.join(tempfile.gettempdir(), name + '.lock'), 'w')
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                continue
            self.locks.append(lock)
            return name
        raise Failure('no name for a JACK server is free')

    def jackd(self, rate=48000, period=256, name=None, realtime=False):
        server = self.keep(Jackd(name or self.server_name(), rate, period, realtime))
        subprocess.run([find_tool('probe'), server.server, 'ready'], stdin=subprocess.DEVNULL, capture_output=True,
                       timeout=PATIENCE, preexec_fn=die_with_us)
        check(server.alive(), 'jackd did not start; it said:\n' + server.output())
        return server

    def environment(self, preload=(), **more):
        env = dict(os.environ, LC_ALL='C.UTF-8', ASAN_OPTIONS='verify_asan_link_order=0')
        env.update(more)
        libraries = list(preload)
        if self.armed:
            trap = self.path('trap.%d' % len(self.traps))
            self.traps.append(trap)
            libraries.insert(0, find_tool('trap'))
            env['DEADWAX_TRAP'] = trap
        if libraries:
            env['LD_PRELOAD'] = ' '.join(libraries)
        return env

    def start(self, server, *args, preload=(), limits=None, env=None, **more):
        """deadwax run on a server (a Jackd or a name), not yet ready."""
        name = server if isinstance(server, str) else server.server
        argv = [deadwax_path(), 'run', '--server', name, '--headless', '--osc-port', '0',
                '--profiles', os.path.join(ROOT, 'hw-profiles')]
        host = Host(argv + [str(a) for a in args], env or self.environment(preload, **more), self.folder, limits)
        host.trap = self.traps[-1] if self.armed else None
        return self.keep(host)

    def host(self, server, *args, **more):
        return self.start(server, *args, **more).ready()

    def probe(self, server, name='probe'):
        return self.keep(Probe(server if isinstance(server, str) else server.server, name))

    def osc(self, host):
        return Osc(host if isinstance(host, int) else host.port)

    def deadwax(self, *args, cwd=None, seconds=120):
        """Any verb, to its end: (status, standard output, standard error)."""
        done = subprocess.run([deadwax_path()] + [str(a) for a in args], stdin=subprocess.DEVNULL, capture_output=True,
                              cwd=cwd or self.folder, timeout=seconds, preexec_fn=die_with_us)
        return done.returncode, done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace')

    def must(self, *args, **more):
        """The same; anything but success is a failure."""
        status, out, err = self.deadwax(*args, **more)
        check(status == 0, 'deadwax %s: exit status %d: %s' % (' '.join(map(str, args)), status, err))
        return out

    def tool(self, *argv, seconds=PATIENCE):
        done = subprocess.run([find_tool(argv[0])] + [str(a) for a in argv[1:]], stdin=subprocess.DEVNULL,
                              capture_output=True, cwd=self.folder, timeout=seconds, preexec_fn=die_with_us)
        return done.returncode, done.stdout.decode('utf-8', 'replace') + done.stderr.decode('utf-8', 'replace')

    # The end.

    def close(self):
        """Ends all; returns what went wrong unseen."""
        faults = []
        for program in reversed(self.programs):
            was_alive = program.alive()
            if was_alive and not program.end():
                faults.append('%s had to be killed; it said:\n%s' % (program.name(), program.output()))
            if isinstance(program, Host) and not program.killed and program.child.returncode < 0:
                faults.append('deadwax died of signal %d; it said:\n%s'
                              % (-program.child.returncode, program.output()))
            if isinstance(program, Host) and program.port and program.trap and not os.path.exists(program.trap + '.armed'):
                faults.append('the trap was not armed in a host that ran')
            for stream in (program.child.stdin, program.child.stdout, program.child.stderr):
                if stream:
                    stream.close()
        for cleanup in reversed(self.cleanups):
            cleanup()
        for lock in self.locks:
            lock.close()
        faults += self.trapped()
        return faults

    def trapped(self):
        faults = []
        for trap in self.traps:
            if os.path.exists(trap):
                with open(trap) as f:
                    faults.append('the callback was caught:\n' + with_lines(f.read()))
        return faults

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def with_lines(report):
    """Puts file:line behind a backtrace's addresses, where addr2line is there to know."""
    tool = shutil.which('addr2line')
    out = []
    for line in report.splitlines():
        match = re.match(r'(\S*deadwax)\(\+(0x[0-9a-f]+)\)', line)
        if match and tool:
            done = subprocess.run([tool, '-f', '-p', '-e', match.group(1), match.group(2)], capture_output=True)
            line += '  ' + done.stdout.decode().strip()
        out.append(line)
    return '\n'.join(out)


# --- OSC --------------------------------------------------------------------------------------------


def _text(s):
    data = s.encode() + b'\0'
    return data + b'\0' * (-len(data) % 4)


def _argument(value):
    if isinstance(value, tuple):
        tag, value = value
    elif isinstance(value, bool):
        tag = 'T' if value else 'F'
    else:
        tag = {int: 'i', float: 'f', str: 's'}[type(value)]
    if tag in 'TFIN':
        return tag, b''
    if tag == 's':
        return tag, _text(value)
    if tag == 'b':
        return tag, struct.pack('>i', len(value)) + value + b'\0' * (-len(value) % 4)
    return tag, struct.pack({'i': '>i', 'h': '>q', 'f': '>f', 'd': '>d', 't': '>Q'}[tag], value)


def message(path, *args):
    tags, data = ',', b''
    for value in args:
        tag, part = _argument(value)
        tags += tag
        data += part
    return _text(path) + _text(tags) + data


def bundle(when, *messages):
    """when: None for at once, or seconds since 1970."""
    if when is None:
        tag = 1
    else:
        seconds = math.floor(when)
        tag = ((seconds + 2208988800) << 32) + int((when - seconds) * (1 << 32))
    return b'#bundle\0' + struct.pack('>Q', tag) + b''.join(struct.pack('>i', len(m)) + m for m in messages)


def _take_text(data, at):
    end = data.index(b'\0', at)
    return data[at:end].decode(), at + (end - at) // 4 * 4 + 4


def decode(data):
    """All messages in a packet, as (path, [arguments])."""
    if data.startswith(b'#bundle\0'):
        out, at = [], 16
        while at < len(data):
            size, = struct.unpack_from('>i', data, at)
            out += decode(data[at + 4:at + 4 + size])
            at += 4 + size
        return out
    path, at = _take_text(data, 0)
    tags, at = _take_text(data, at) if at < len(data) else (',', at)
    args = []
    for tag in tags[1:]:
        if tag in 'TF':
            args.append(tag == 'T')
        elif tag in 'NI':
            args.append(None)
        elif tag == 's':
            value, at = _take_text(data, at)
            args.append(value)
        else:
            code, size = {'i': ('>i', 4), 'h': ('>q', 8), 'f': ('>f', 4), 'd': ('>d', 8), 't': ('>Q', 8)}[tag]
            args.append(struct.unpack_from(code, data, at)[0])
            at += size
    return [(path, args)]


class Osc:
    """A peer on its own port."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.connect(('127.0.0.1', port))
        self.waiting = collections.deque()

    def port(self):
        return self.socket.getsockname()[1]

    def packet(self, data):
        self.socket.send(data)

    def send(self, path, *args):
        self.packet(message(path, *args))

    def bundle(self, when, *messages):
        self.packet(bundle(when, *(message(*m) for m in messages)))

    def receive(self, seconds):
        """The next message; None if none comes in time."""
        if self.waiting:
            return self.waiting.popleft()
        self.socket.settimeout(max(seconds, 0.001))
        try:
            self.waiting.extend(decode(self.socket.recv(65536)))
        except (socket.timeout, ConnectionRefusedError):
            return None
        return self.waiting.popleft() if self.waiting else None

    def all(self, quiet=0.3):
        """Everything until it has been quiet for so long."""
        out = []
        while True:
            got = self.receive(quiet)
            if got is None:
                return out
            out.append(got)

    def await_path(self, path, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.receive(min(0.5, end - time.monotonic()))
            if got and got[0] == path:
                return got[1]
        raise Failure('no %s came within %g s' % (path, seconds))

    def ask(self, path, seconds=PATIENCE):
        """A parameter's value. Asks again now and then: UDP may lose it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.send(path)
            part = time.monotonic() + 2
            while time.monotonic() < part:
                got = self.receive(0.5)
                if got and got[0] == path:
                    return got[1]
        raise Failure('no answer to %s within %g s' % (path, seconds))

    def value(self, path):
        return self.ask(path)[0]

    def await_value(self, path, good, what=None, seconds=PATIENCE):
        last = [None]

        def look():
            last[0] = self.value(path)
            return (good(last[0]) if callable(good) else last[0] == good) or None
        wait_for(look, lambda: '%s to be %s; it is %r' % (path, what or good, last[0]), seconds)
        return last[0]


# --- the parameter table ------------------------------------------------------------------------------

_params = []


def params():
    if not _params:
        done = subprocess.run([deadwax_path(), 'params', '--json'], capture_output=True, check=True)
        _params.extend(json.loads(done.stdout)['params'])
    return _params


def chain_params():
    """What a print depends on and a hand can move."""
    return [p for p in params() if p['owner'] == 'chain' and 'automated' in p['flags']
            and p['path'] != '/transport/source']


def random_value(p, rng):
    if p['type'] == 'bool':
        return rng.random() < 0.7
    if p['type'] == 'enum':
        return rng.randrange(len(p['names']))
    if p['type'] == 'int':
        return rng.randint(int(p['min']), int(p['max']))
    if p['scale'] == 'log':
        return p['min'] * (p['max'] / p['min']) ** rng.random()
    return p['min'] + (p['max'] - p['min']) * rng.random()


# --- sound ------------------------------------------------------------------------------------------


class Sound:
    """A file's format and its samples' bytes."""

    def __init__(self, rate, channels, bits, is_float, data, container):
        self.rate, self.channels, self.bits, self.is_float = rate, channels, bits, is_float
        self.data, self.container = data, container

    def frames(self):
        return len(self.data) // (self.channels * self.bits // 8)

    def samples(self):
        """1.0 is full scale."""
        if self.is_float:
            return array.array('f' if self.bits == 32 else 'd', self.data)
        if self.bits == 16:
            return array.array('d', (x / 32768 for x in array.array('h', self.data)))
        check_equal(self.bits, 24, 'sample size')
        return array.array('d', (x / (1 << 23) for x in integers24(self.data)))

    def channel(self, c):
        return self.samples()[c::self.channels]


def integers24(data):
    """24-bit samples as whole numbers."""
    padded = bytearray(len(data) // 3 * 4)
    padded[1::4], padded[2::4], padded[3::4] = data[0::3], data[1::3], data[2::3]
    return [x >> 8 for x in array.array('i', bytes(padded))]


def read_wav(path):
    with open(path, 'rb') as f:
        raw = f.read()
    check(raw[:4] in (b'RIFF', b'RF64') and raw[8:12] == b'WAVE', '%s is no WAV: %r' % (path, raw[:16]))
    at, long_size, form = 12, None, None
    while at + 8 <= len(raw):
        tag, size = struct.unpack_from('<4sI', raw, at)
        if tag == b'ds64':
            long_size, = struct.unpack_from('<Q', raw, at + 16)
        elif tag == b'fmt ':
            form = struct.unpack_from('<HHIIHH', raw, at + 8)
            code = form[0] if form[0] != 0xfffe else struct.unpack_from('<H', raw, at + 32)[0]
        elif tag == b'data':
            check(form, '%s: data before its format' % path)
            size = long_size if size == 0xffffffff and long_size is not None else size
            return Sound(form[2], form[1], form[5], code == 3, raw[at + 8:at + 8 + size], raw[:4].decode())
        at += 8 + size + size % 2
    raise Failure('%s has no sound in it' % path)


def write_wav(path, samples, rate=48000, channels=2, kind='f32'):
    """samples interleaved, 1.0 is full scale; kind f32, 16 or 24."""
    bits = {'f32': 32, '16': 16, '24': 24}[kind]
    if kind == 'f32':
        data = array.array('f', samples).tobytes()
    elif kind == '16':
        data = array.array('h', (round(x * 32767) for x in samples)).tobytes()
    else:
        wide = array.array('i', (round(x * 8388607) << 8 for x in samples)).tobytes()
        data = bytearray(len(wide) // 4 * 3)
        data[0::3], data[1::3], data[2::3] = wide[1::4], wide[2::4], wide[3::4]
        data = bytes(data)
    frame = channels * bits // 8
    with open(path, 'wb') as f:
        f.write(b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ')
        f.write(struct.pack('<IHHIIHH', 16, 3 if kind == 'f32' else 1, channels, rate, rate * frame, frame, bits))
        f.write(b'data' + struct.pack('<I', len(data)) + data)
    return path


_programmes = {}


def programme(seconds, rate=48000, seed=1):
    """Interleaved stereo that gives every stage work: beats of noise, a bass, chords, loud and soft halves."""
    key = (seconds, rate, seed)
    if key in _programmes:
        return _programmes[key]
    rng = random.Random(seed)
    noise = [rng.uniform(-1, 1) for _ in range(8192)]
    out = array.array('f', bytes(8 * int(seconds * rate)))
    sine, two_pi = math.sin, 2 * math.pi
    a, b = two_pi * (55 + seed) / rate, two_pi * 997 / rate
    beat = rate // 3
    for i in range(int(seconds * rate)):
        since = i % beat
        loud = 0.8 if (i // (2 * rate)) % 2 else 0.25
        hit = noise[(i * 7 + i // 8192) % 8192] * (1 - since / 2400) if since < 2400 else 0.0
        x = 0.45 * sine(a * i)
        y = 0.25 * sine(b * i + 0.3 * sine(a * i))
        out[2 * i] = loud * (x + y + 0.5 * hit)
        out[2 * i + 1] = loud * (x - y + 0.4 * hit)
    _programmes[key] = out
    return out


def same_bytes(a, b, what, frame=8):
    """Two data chunks; says where they part."""
    if a == b:
        return
    if len(a) != len(b):
        raise Failure('%s: %d frames and %d frames%s' % (what, len(a) // frame, len(b) // frame,
                                                         '' if a[:min(len(a), len(b))] != b[:min(len(a), len(b))]
                                                         else ', alike as far as they go'))
    at = next(i for i in range(0, len(a), frame) if a[i:i + frame] != b[i:i + frame])
    differ = sum(a[i:i + frame] != b[i:i + frame] for i in range(0, len(a), frame))
    raise Failure('%s: differ from frame %d on, in %d of %d frames' % (what, at // frame, differ, len(a) // frame))


def read_log(path):
    with open(path) as f:
        return [json.loads(line) for line in f if line.endswith('\n')]


# --- running ----------------------------------------------------------------------------------------

tests = []


def test(function=None, seconds=120):
    """Marks a test; its name is a sentence."""
    def mark(f):
        f.seconds = seconds
        tests.append(f)
        return f
    return mark(function) if function else mark


class TooLong(BaseException):
    pass


def _alarm(number, frame):
    raise TooLong()


def _lines(text):
    return ''.join('# %s\n' % line for line in text.splitlines())


def run_one(f):
    """("ok" | "not ok" | "skip", text)."""
    room = Room(f.__name__)
    result, text = 'ok', ''
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(f.seconds)
    try:
        f(room)
    except Skip as e:
        result, text = 'skip', str(e)
    except Failure as e:
        result, text = 'not ok', str(e)
    except TooLong:
        result, text = 'not ok', 'took longer than %d s' % f.seconds
    except Exception:
        result, text = 'not ok', traceback.format_exc()
    signal.alarm(0)
    said = [(p.name(), p) for p in room.programs]
    faults = room.close()
    if faults and result != 'not ok':
        result, text = 'not ok', ''
    text = '\n'.join([text] * bool(text) + faults)
    if result == 'not ok':
        for name, program in said:
            if program.output() and program.output() not in text:
                text += '\n%s said:\n%s' % (name, '\n'.join(program.lines[-40:]))
    if result == 'not ok' and os.environ.get('DEADWAX_KEEP'):
        text += '\nkept: ' + room.folder
    else:
        room.remove()
    return result, text, room.notes


def run_all(chosen):
    """TAP on standard output; true when none failed."""
    out = sys.stdout
    good = True
    out.write('1..%d\n' % len(chosen))
    for number, f in enumerate(chosen, 1):
        start = time.monotonic()
        result, text, notes = run_one(f)
        line = '%s %d - %s' % ('ok' if result == 'skip' else result, number, f.__name__)
        out.write(line + (' # SKIP %s' % text.splitlines()[0] if result == 'skip' else '') + '\n')
        out.write(_lines('\n'.join(notes)))
        if result == 'not ok':
            out.write(_lines(text))
            good = False
        out.write('# %.1f s\n' % (time.monotonic() - start))
        out.flush()
    return good
