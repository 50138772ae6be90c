# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the tests of midi_in and midi_out: midiend.c, and midihost.c, an engine with a map of its own."""
import os
import subprocess

from checks import *
from programs import *


class Talker(Program):
    """A program that is spoken to by lines."""

    def __init__(self, argv, env=None, cwd=None):
        super().__init__(argv, env, cwd, stdin=subprocess.PIPE)

    def say(self, line):
        self.child.stdin.write((line + '\n').encode())
        self.child.stdin.flush()

    def end(self, seconds=10):
        """By the door: a client that just dies keeps jackd waiting for seconds."""
        try:
            self.say('quit')
            self.child.stdin.close()
            self.child.wait(seconds)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.child.kill()
            self.child.wait()
        self._drain()
        return True


class MidiEnd(Talker):
    def __init__(self, room, server, name='midiend'):
        super().__init__([find_tool('midiend'), server.server, name])
        room.keep(self)
        self.await_line('^ok')
        self._answers = 1

    def ask(self, line, seconds=PATIENCE):
        """The words after "ok"; None for "no"."""
        self.say(line)
        self._answers += 1

        def answers():
            return [a for a in self.lines if a.startswith(('ok', 'no'))]
        wait_for(lambda: len(answers()) >= self._answers or not self.alive(), 'an answer to "%s"' % line[:60], seconds,
                 0.001)
        check(len(answers()) >= self._answers, 'the MIDI client died at "%s"' % line[:60])
        answer = answers()[self._answers - 1].split()
        return answer[1:] if answer[0] == 'ok' else None

    def frame(self):
        return int(self.ask('frame')[0])

    def send_at(self, frame, *message):
        check(self.ask('at %d %s' % (frame, bytes(message).hex())) is not None, 'a message is taken')

    def connect(self, source, sink):
        check(self.ask('connect %s %s' % (source, sink)) is not None, 'connecting %s to %s' % (source, sink))

    def await_sent(self):
        wait_for(lambda: self.ask('left') == ['0'], 'all to be sent')

    def heard(self):
        """(frame, bytes) of all that came so far."""
        return [(int(line.split()[1]), bytes.fromhex(line.split()[2])) for line in list(self.lines)
                if line.startswith('got ')]


class MidiHost(Talker):
    """In the trap, as every host."""

    def __init__(self, room, server, *args):
        super().__init__([find_tool('midihost'), server.server] + [str(a) for a in args], room.environment(), room.folder)
        room.keep(self)
        self.trap = room.traps[-1] if room.armed else None
        self.await_line('^ready')
        check(self.trap is None or os.path.exists(self.trap + '.armed'), 'the trap is armed')

    def quit(self):
        self.say('quit')
        check_equal(self.wait(), 0, 'exit status; it said:\n%s\n' % self.output())

    def messages(self):
        """(frame, moved, bytes) of all that came so far."""
        return [(int(w[1]), w[2] == 'moved', bytes.fromhex(w[3]))
                for w in (line.split() for line in list(self.lines) if line.startswith('midi '))]
