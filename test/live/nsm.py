# SPDX-License-Identifier: GPL-3.0-or-later
"""A session manager that starts us, names us, and asks us to save."""
import signal
import socket
import time

from harness import *
import osc as codec


class Manager:
    """As much of nsmd as a client meets."""

    def __init__(self, at='127.0.0.1', name='127.0.0.1'):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((at, 0))
        self.url = 'osc.udp://%s:%d/' % (name, self.socket.getsockname()[1])
        self.client = None
        self.waiting = []
        self.dirty = False

    def hear(self, seconds=PATIENCE):
        """The next message; None if none comes in time."""
        if not self.waiting:
            self.socket.settimeout(seconds)
            try:
                data, self.client = self.socket.recvfrom(65536)
            except socket.timeout:
                return None
            self.waiting = codec.decode(data)
        got = self.waiting.pop(0)
        if got[0] in ('/nsm/client/is_dirty', '/nsm/client/is_clean'):
            check((got[0] == '/nsm/client/is_dirty') != self.dirty, '%s, as it was' % got[0])
            self.dirty = not self.dirty
        return got

    def say(self, path, *args):
        self.socket.sendto(codec.message(path, *args), self.client)

    def await_path(self, path, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.hear(end - time.monotonic())
            if got and got[0] == path:
                return got[1]
        raise Failure('the manager heard no %s within %g s' % (path, seconds))

    def await_dirt(self, dirty):
        while self.dirty != dirty:
            check(self.hear(), 'no %s came' % ('is_dirty' if dirty else 'is_clean'))

    def welcome(self):
        self.say('/reply', '/nsm/server/announce', 'hello', 'a test', ':server-control:')

    def open(self, path, name='song', client='deadwax.nTEST'):
        self.say('/nsm/client/open', path, name, client)

    def await_reply(self, to):
        while True:
            got = self.hear()
            check(got, 'no answer to %s' % to)
            if got[0] in ('/reply', '/error') and got[1][0] == to:
                check_equal(got[0], '/reply', 'answer to %s: %r' % (to, got[1]))
                return got[1]

    def close(self):
        self.socket.close()


def in_session(room, server, manager, *args, **more):
    """A host that has announced itself."""
    host = room.start(server, *args, env=dict(room.environment(), NSM_URL=manager.url), **more)
    announced = manager.await_path('/nsm/server/announce')
    return host, announced


@test
def a_manager_gives_the_name_under_which_we_join_jack(room):
    server = room.jackd()
    probe = room.probe(server)
    manager = Manager('0.0.0.0', '127.0.1.1')   # as Debian names a host; it answers from 127.0.0.1
    room.cleanups.append(manager.close)
    host, said = in_session(room, server, manager)
    check_equal(said, ['deadwax', ':dirty:progress:message:', deadwax_path(), 1, 1, host.pid], 'the announcement')
    manager.welcome()
    time.sleep(0.5)
    check(not any(name.startswith('deadwax') for name in probe.ask('ports')), 'it joined JACK before it was told how')
    manager.open(room.path('deadwax.nTEST'))
    check_equal(manager.await_path('/nsm/client/progress'), [0.0], 'progress')
    check_equal(manager.await_path('/nsm/client/progress'), [1.0], 'progress')
    manager.await_reply('/nsm/client/open')
    check('deadwax.nTEST:master_L' in probe.ask('ports'), 'ports under the name: %r' % probe.ask('ports'))
    host.ready()
    osc = room.osc(host)
    osc.send('/eq/1/gain', 3.0)
    osc.await_value('/eq/1/gain', 3.0)
    manager.open(room.path('deadwax.nOTHER'), 'other', 'deadwax.nOTHER')
    got = manager.await_path('/error')
    check_equal(got[:2], ['/nsm/client/open', -8], 'a switch')
    host.signal(signal.SIGTERM)                 # the manager's only way to end us
    check_equal(host.wait(), 0, 'exit status')


@test
def a_manager_starts_the_bare_name(room):
    server = room.jackd()
    manager = Manager()
    room.cleanups.append(manager.close)
    env = dict(room.environment(), NSM_URL=manager.url, JACK_DEFAULT_SERVER=server.server)
    host = room.keep(Program([deadwax_path()], env, room.folder))
    check_equal(manager.await_path('/nsm/server/announce')[2], deadwax_path(), 'executable')
    manager.welcome()
    manager.open(room.path('deadwax.nTEST'))
    manager.await_reply('/nsm/client/open')
    host.signal(signal.SIGTERM)
    check_equal(host.wait(), 0, 'exit status')


@test
def a_manager_that_is_not_there_or_says_no_keeps_nobody_from_music(room):
    server = room.jackd()
    manager = Manager()
    host, _ = in_session(room, server, manager)
    manager.say('/error', '/nsm/server/announce', -6, 'no session is open')
    host.ready()
    host.await_line('^the session manager says: no session is open: running without a session')
    host.quit()
    manager.close()
    host = room.host(server, env=dict(room.environment(), NSM_URL=manager.url))
    host.await_line('^no session manager at %s: running without a session' % manager.url)
    host.quit()
    silent = Manager()
    room.cleanups.append(silent.close)
    host, _ = in_session(room, server, silent)
    start = time.monotonic()
    host.ready()
    host.await_line('^the session manager does not answer: running without a session')
    check(time.monotonic() - start > 3, 'it waited')
    silent.open(room.path('late'))
    check_equal(silent.await_path('/error')[:2], ['/nsm/client/open', -8], 'a word that comes too late')
    check_near(room.osc(host).value('/eq/1/gain'), 0.0, 0, 'a value')
    host.quit()


@test
def a_manager_that_dies_takes_nobody_along(room):
    server = room.jackd()
    manager = Manager()
    host, _ = in_session(room, server, manager)
    manager.welcome()
    manager.open(room.path('deadwax.nTEST'))
    manager.await_reply('/nsm/client/open')
    host.ready()
    manager.close()
    probe = room.probe(server)
    check_equal(probe.ask('period 512'), [], 'a period that is news')   # which is told to a manager that is not there
    probe.ask('period 256')
    host.await_line('^period is now')
    host.await_line('^the session manager has gone: running on without it')
    osc = room.osc(host)
    osc.send('/limit/gain', 2.0)
    osc.await_value('/limit/gain', 2.0)
    host.quit()


@test
def who_is_told_to_go_while_it_waits_goes(room):
    server = room.jackd()
    manager = Manager()
    room.cleanups.append(manager.close)
    host, _ = in_session(room, server, manager)
    manager.welcome()
    host.await_line('^in a session of a test')
    host.signal(signal.SIGTERM)
    check_equal(host.wait(), 0, 'exit status')


@test
def what_a_session_saved_it_opens_again(room):
    server = room.jackd()
    folder = room.path('deadwax.nTEST')
    want = {'/eq/on': 1, '/eq/3/gain': -2.5, '/limit/ceiling': -1.5}
    for turn in ('first', 'second'):
        manager = Manager()
        room.cleanups.append(manager.close)
        host, _ = in_session(room, server, manager)
        manager.welcome()
        manager.open(folder)
        manager.await_reply('/nsm/client/open')
        host.ready()
        osc = room.osc(host)
        if turn == 'first':
            for path, value in want.items():
                osc.send(path, value)
            manager.await_dirt(True)
            manager.say('/nsm/client/save')
            manager.await_reply('/nsm/client/save')
            manager.await_dirt(False)
            osc.send('/input/trim', -3.0)       # never saved; what becomes of it is not said
            manager.await_dirt(True)
        else:
            for path, value in want.items():
                check_near(osc.value(path), value, 1e-6, path)
        host.signal(signal.SIGTERM)
        check_equal(host.wait(), 0, 'exit status')
