# SPDX-License-Identifier: GPL-3.0-or-later
"""The server that the host starts itself."""
import time

from harness import *
from sound import playing
from survival import song


def is_ours(pid):
    """Did we, or a host of ours, start it?"""
    while pid > 1 and pid != os.getpid():
        try:
            with open('/proc/%d/stat' % pid) as f:
                pid = int(f.read().rsplit(')', 1)[1].split()[1])
        except OSError:
            return False
    return pid == os.getpid()


def servers(name):
    """Process ids of our jackds with that server name; a container beside us may use the same one."""
    found = []
    for path in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            with open(path, 'rb') as f:
                words = f.read().split(b'\0')
        except OSError:
            continue
        pid = int(path.split('/')[2])
        if os.path.basename(words[0]) == b'jackd' and name.encode() in words and is_ours(pid):
            found.append(pid)
    return found


def gone(name):
    wait_for(lambda: not servers(name), 'jackd -n %s to be gone' % name)


def own_server(room, *args):
    if glob.glob('/proc/asound/card[0-9]*'):
        args = ('--interface', 'dummy') + args
    name = room.server_name()

    def end():
        for pid in servers(name):
            os.kill(pid, signal.SIGKILL)
    room.cleanups.append(end)
    return name, room.host(name, *args)


@test
def without_a_server_the_host_starts_one_and_stops_it_again(room):
    song(room)
    name, host = own_server(room, 'song.wav')
    playing(room.osc(host))
    host.await_line('dummy')
    if not glob.glob('/proc/asound/card[0-9]*'):
        host.await_line("no sound card found: starting JACK's dummy backend, which is silent")
    check_equal(len(servers(name)), 1, 'servers of that name')
    host.quit()
    gone(name)


@test
def a_server_that_was_there_is_left_running(room):
    song(room)
    server = room.jackd()
    host = room.host(server, 'song.wav')
    host.await_line('found')
    playing(room.osc(host))
    host.quit()
    check(server.alive(), 'the server lives')
    room.probe(server)          # and answers


@test
def the_hosts_own_server_is_started_again_when_it_dies(room):
    song(room)
    name, host = own_server(room, '--loop', 'track', 'song.wav')
    osc = room.osc(host)
    playing(osc, 0.5)
    for how, line in ((signal.SIGKILL, 'has died: starting it again'), (signal.SIGSTOP, 'stands still.*starting it again')):
        before = len(host.lines)
        at = osc.value('/transport/position')
        pid = servers(name)[0]
        os.kill(pid, how)
        host.await_line(line, start=before)
        host.await_line('^back on ', start=before)
        osc.await_value('/transport/position', lambda s: s > at + 0.2 or s < at, 'going on from %.2f s' % at)
        check(servers(name) and pid not in servers(name), 'another server runs')
    host.quit()
    gone(name)


@test
def a_host_killed_hard_takes_its_server_with_it(room):
    song(room)
    name, host = own_server(room, 'song.wav')
    playing(room.osc(host))
    check_equal(len(servers(name)), 1, 'servers of that name')
    host.kill()
    gone(name)


@test
def a_server_that_comes_up_at_the_same_moment_is_joined(room):
    """Two that start a server of one name at once: one wins, the host plays on it in any case."""
    song(room)
    for delay in (0, 0.01, 0.03, 0.1):
        name = room.server_name()
        room.cleanups.append(lambda name=name: [os.kill(pid, signal.SIGKILL) for pid in servers(name)])
        room.keep(Jackd(name, 48000, 256))
        time.sleep(delay)
        host = room.host(name, 'song.wav')
        playing(room.osc(host))
        host.quit()


@test
def an_interface_that_nobody_knows_or_has_is_told_with_the_mend(room):
    name = room.server_name()
    host = room.start(name, '--interface', 'nonsense-9000')
    check_equal(host.wait(), 1, 'exit status')
    check('nonsense-9000' in host.output(), host.output())
    if glob.glob('/proc/asound/card[0-9]*'):
        return
    host = room.start(name, '--interface', 'focusrite-scarlett-2i2-3')
    check_equal(host.wait(), 1, 'exit status')
    check('plug it in' in host.output(), host.output())
    check_equal(servers(name), [], 'servers')
