# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of a test: servers, hosts, probes. They end with us, whatever happens."""
import array
import ctypes
import glob
import os
import re
import shutil
import signal
import subprocess
import threading
import time

from checks import *

_libc = ctypes.CDLL(None)


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
    def __init__(self, name, rate, period, realtime=False, waits=False):
        """waits: for each client to be done with a period, however late: nothing that is played is lost."""
        env = dict(os.environ, JACK_NO_AUDIO_RESERVATION='1')
        super().__init__([find_tool('jackd'), '-n', name, '-R' if realtime else '-r',
                          *(['-S', '-t', '5000'] if waits else []), '-d', 'dummy', '-r', str(rate), '-p', str(period),
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

    def http_port(self):
        return int(self.await_line(r'^http://[^:]*:(\d+)/', PATIENCE).group(1))

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


def adopt_orphans():
    """What a killed host leaves behind comes to us: not every machine's first process buries the dead."""
    _libc.prctl(36, 1, 0, 0, 0)         # PR_SET_CHILD_SUBREAPER


def orphans(known):
    """Our children that are nobody's program: (pid, state)."""
    found = []
    for path in glob.glob('/proc/[0-9]*/stat'):
        try:
            with open(path) as f:
                pid, rest = int(path.split('/')[2]), f.read().rsplit(')', 1)[1].split()
        except (OSError, ValueError):
            continue
        if int(rest[1]) == os.getpid() and pid not in known:
            found.append((pid, rest[0]))
    return found


def reap_orphans(known):
    """Waits for them, then insists. A zombie's name would stay taken with JACK."""
    insist = time.monotonic() + 5
    while True:
        left = orphans(known)
        for pid, state in left:
            if state == 'Z':
                os.waitpid(pid, 0)
            elif time.monotonic() > insist:
                os.kill(pid, signal.SIGKILL)
        if not left:
            return
        time.sleep(0.02)
