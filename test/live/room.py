# SPDX-License-Identifier: GPL-3.0-or-later
"""A test's own world: a folder, the programs it started, and the trap in every host."""
import fcntl
import os
import re
import shutil
import subprocess
import tempfile

from checks import *
from osc import Osc
from programs import *


class Room:
    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix='deadwax-%s-' % name[:24])
        self.programs = []
        self.notes = []
        self.traps = []
        # The trap, in every host. A sanitizer, which has a malloc of its own, is the one reason to do without.
        self.armed = 'DEADWAX_NO_TRAP' not in os.environ
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
            lock = None
            try:
                lock = open(os.path.join(tempfile.gettempdir(), '%s-%d.lock' % (name, os.getuid())), 'w')
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if lock:
                    lock.close()
                continue
            self.locks.append(lock)
            return name
        raise Failure('no name for a JACK server is free')

    def jackd(self, rate=48000, period=256, name=None, realtime=False, waits=False):
        server = self.keep(Jackd(name or self.server_name(), rate, period, realtime, waits))
        subprocess.run([find_tool('probe'), server.server, 'ready'], stdin=subprocess.DEVNULL, capture_output=True,
                       timeout=PATIENCE, preexec_fn=die_with_us)
        check(server.alive(), 'jackd did not start; it said:\n' + server.output())
        return server

    def environment(self, preload=(), **more):
        env = dict(os.environ, LC_ALL='C.UTF-8', ASAN_OPTIONS='verify_asan_link_order=0',
                   XDG_DATA_HOME=self.path('data'), XDG_CONFIG_HOME=self.path('config'))     # not the developer's own
        env.update(more)
        libraries = list(preload)
        if self.armed:
            trap = self.path('trap.%d' % len(self.traps))
            self.traps.append(trap)
            libraries.insert(0, find_tool('trap'))
            env['DEADWAX_TRAP'] = trap
        if libraries:
            env['LD_PRELOAD'] = ':'.join(self.without_spaces(path) for path in libraries)
        return env

    def without_spaces(self, path):
        """The linker's list knows no quoting: a name in our own folder instead."""
        link = self.path(os.path.basename(path))
        if not os.path.lexists(link):
            os.symlink(path, link)
        return link

    def start(self, server, *args, preload=(), limits=None, env=None, **more):
        """deadwax run on a server (a Jackd or a name), not yet ready."""
        name = server if isinstance(server, str) else server.server
        argv = [deadwax_path(), 'run', '--server', name, '--headless', '--osc-port', '0', '--http-port', '0',
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
        reap_orphans({p.pid for p in self.programs})
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
