# SPDX-License-Identifier: GPL-3.0-or-later
"""The live view on a real (pseudo) terminal."""
import fcntl
import pty
import select
import termios
import time
import unicodedata

from harness import *


class Screen:
    """As much of a terminal as the view needs: where the cursor is, what is on the lines."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.x = self.y = 0
        self.lines = {}
        self.widest = 0
        self.alternate = self.hidden = False
        self.unknown = set()
        self.rest = b''

    def feed(self, data):
        text = (self.rest + data)
        cut = len(text)
        while cut and text[cut - 1] & 0xc0 == 0x80:     # a letter that has come in part stays for later
            cut -= 1
        if cut and text[cut - 1] >= 0xc0:
            size = 2 if text[cut - 1] < 0xe0 else 3 if text[cut - 1] < 0xf0 else 4
            cut = cut - 1 if len(text) - cut + 1 < size else len(text)
        else:
            cut = len(text)
        whole = text[:cut].decode()
        open_escape = re.search('\x1b(\\[[0-9;?]*)?$', whole)
        if open_escape:
            self.rest = whole[open_escape.start():].encode() + text[cut:]
            whole = whole[:open_escape.start()]
        else:
            self.rest = text[cut:]
        for part in re.findall('\x1b\\[[0-9;?]*[A-Za-z]|\x1b.|[\\s\\S]', whole):
            self.one(part)

    def one(self, part):
        if part.startswith('\x1b['):
            self.control(part[2:-1], part[-1])
        elif part == '\r':
            self.x = 0
        elif part == '\n':
            self.y += 1
            self.x = 0
        elif part >= ' ':
            width = 0 if unicodedata.combining(part) else 2 if unicodedata.east_asian_width(part) in 'WF' else 1
            row = self.lines.setdefault(self.y, {})
            row[self.x] = part
            self.x += width
            self.widest = max(self.widest, self.x)
        elif part not in ('\x1b=', '\x1b>', '\x07'):
            self.unknown.add(part)

    def control(self, args, letter):
        if letter in 'Hf':
            numbers = [int(n or 1) for n in (args or '1').split(';')] + [1]
            self.y, self.x = numbers[0] - 1, numbers[1] - 1
        elif letter == 'K':
            self.lines[self.y] = {x: c for x, c in self.lines.get(self.y, {}).items() if x < self.x}
        elif letter == 'J':
            here = {x: c for x, c in self.lines.get(self.y, {}).items() if x < self.x}
            self.lines = {} if args == '2' else {y: row for y, row in self.lines.items() if y < self.y}
            if args != '2':
                self.lines[self.y] = here
        elif letter in 'hl' and args == '?1049':
            self.alternate = letter == 'h'
            self.lines = {}
        elif letter in 'hl' and args == '?25':
            self.hidden = letter == 'l'
        elif letter not in 'mhl':
            self.unknown.add(args + letter)

    def text(self):
        return '\n'.join(''.join(row.get(x, ' ') for x in range(max(row) + 1)) if row else ''
                         for _, row in sorted(self.lines.items()))


class Terminal:
    def __init__(self, room, columns, rows, *args, env=()):
        self.screen = Screen(columns, rows)
        self.master, self.slave = pty.openpty()
        self.size(columns, rows)
        self.before = termios.tcgetattr(self.slave)
        environment = room.environment()
        environment.update({'TERM': 'xterm-256color', **dict(env)})
        environment.pop('NO_COLOR', None)
        self.child = subprocess.Popen([deadwax_path(), 'run', '--profiles', os.path.join(ROOT, 'hw-profiles'),
                                       '--osc-port', '0', '--http-port', '0'] + [str(a) for a in args], cwd=room.folder, env=environment,
                                      stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True)
        room.cleanups.append(self.end)

    def size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def look(self, seconds=0.05):
        while select.select([self.master], [], [], seconds)[0]:
            try:
                self.screen.feed(os.read(self.master, 65536))
            except OSError:
                return
            seconds = 0

    def await_text(self, pattern):
        def seen():
            self.look()
            return re.search(pattern, self.screen.text())
        return wait_for(seen, lambda: 'the picture to show /%s/; it shows:\n%s' % (pattern, self.screen.text()))

    def press(self, keys):
        os.write(self.master, keys.encode())

    def wait(self):
        def ended():
            self.look()
            return self.child.poll() is not None
        wait_for(ended, 'the end')
        self.look()
        return self.child.returncode

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        for fd in (self.master, self.slave):
            os.close(fd)

    def given_back(self):
        check_equal((self.screen.alternate, self.screen.hidden), (False, False), 'alternate screen, hidden cursor')
        after = termios.tcgetattr(self.slave)
        check_equal(after[:6], self.before[:6], 'terminal settings')


@test
def the_view_fits_any_width_and_the_terminal_is_given_back(room):
    write_wav(room.path('a rather long name for a song, with umlauts \u00e4\u00f6\u00fc.wav'), programme(4))
    server = room.jackd()
    for columns, rows in ((12, 5), (40, 10), (80, 24), (100, 30), (203, 60)):
        t = Terminal(room, columns, rows, '--server', server.server, '--loop', 'track',
                     'a rather long name for a song, with umlauts \u00e4\u00f6\u00fc.wav')
        wait_for(lambda: (t.look(), t.screen.alternate and len(t.screen.text()) > 20)[1], 'a picture at %d' % columns)
        for _ in range(8):
            t.look(0.1)
        shown = t.screen.text()
        check(t.screen.widest <= columns, 'a line of %d columns on %d:\n%s' % (t.screen.widest, columns, shown))
        check(max(t.screen.lines) < rows, 'line %d on %d rows:\n%s' % (max(t.screen.lines) + 1, rows, shown))
        check_equal(t.screen.unknown, set(), 'sequences that no terminal knows')
        if columns == 80:
            for part in ('a rather long', '48000', '127.0.0.1', 'LUFS'):
                check(part in shown, '%s is missing in:\n%s' % (part, shown))
            for line in shown.splitlines():
                room.note(line)
        t.press('q')
        check_equal(t.wait(), 0, 'exit status after q')
        t.given_back()
        check(t.screen.widest <= columns, 'still %d columns' % columns)


@test
def the_view_follows_a_resize_and_its_keys_work(room):
    write_wav(room.path('a.wav'), programme(4))
    write_wav(room.path('b.wav'), programme(3))
    server = room.jackd()
    t = Terminal(room, 100, 30, '--server', server.server, 'a.wav', 'b.wav')
    t.await_text('1/2 a.wav')
    t.press('n')
    t.await_text('2/2 b.wav')
    t.press('p')
    t.await_text('1/2 a.wav')
    t.screen = Screen(50, 20)
    t.screen.alternate = t.screen.hidden = True
    t.size(50, 20)
    time.sleep(0.3)             # pictures for the old size that are under way
    t.look()
    t.screen.widest = 0
    for _ in range(10):
        t.look(0.1)
    check(0 < t.screen.widest <= 50, 'lines of %d columns after a resize to 50' % t.screen.widest)
    t.child.send_signal(signal.SIGTERM)
    check_equal(t.wait(), 0, 'exit status after SIGTERM')
    t.given_back()


@test
def control_letters_in_a_name_do_not_reach_the_terminal(room):
    name = 'evil\x1b]0;owned\x07\x1b[31m\r\n.wav'
    write_wav(room.path(name), programme(2))
    server = room.jackd()
    t = Terminal(room, 80, 24, '--server', server.server, '--loop', 'track', name)
    t.await_text('evil')
    for _ in range(5):
        t.look(0.1)
    check('owned' not in t.screen.text() or 'evil?' in t.screen.text(), t.screen.text())
    check_equal(t.screen.unknown, set(), 'sequences from the name')
    t.press('q')
    check_equal(t.wait(), 0, 'exit status')
