# SPDX-License-Identifier: GPL-3.0-or-later
"""What a patchbay shows of us, read back by another client."""
import ctypes
import glob
import os

from harness import *

INT = 'http://www.w3.org/2001/XMLSchema#int'
# In the order in which people should see them.
PORTS = [('in', 'Input'), ('sidechain', 'Sidechain'), ('return_1', 'Return 1'), ('return_2', 'Return 2'),
         ('master', 'Master'), ('monitor_A', 'Monitor A'), ('monitor_B', 'Monitor B'), ('phones', 'Headphones'),
         ('send_1', 'Send 1'), ('send_2', 'Send 2')]
MIDI = [('midi_in', 'MIDI in'), ('midi_out', 'MIDI out')]


def subject(probe, name):
    got = probe.ask('uuid ' + name)
    check(got, 'the server knows %s' % name)
    return got[0]


def check_described(probe, client='deadwax'):
    """UUIDs of all that is described: the client, then its ports."""
    uuids = [subject(probe, client)]
    check_equal(probe.ask('property %s icon-name' % uuids[0]), ['multimedia-volume-control', 'text/plain'], 'icon')
    names = ['%s_%s' % (name, side) for name, _ in PORTS for side in 'LR']
    check_equal(sorted(p.split(':')[1] for p in probe.ask('ports') if p.startswith(client + ':')),
                sorted(names + [name for name, _ in MIDI]), 'ports')
    for order, name in enumerate(names):
        uuid = subject(probe, '%s:%s' % (client, name))
        group = dict(PORTS)[name[:-2]]
        for key, want in (('pretty-name', '%s %s text/plain' % (group, name[-1])),
                          ('port-group', group + ' text/plain'), ('signal-type', 'AUDIO text/plain'),
                          ('order', '%d %s' % (order, INT))):
            check_equal(' '.join(probe.ask('property %s %s' % (uuid, key)) or []), want, '%s of %s' % (key, name))
        uuids.append(uuid)
    for order, (name, pretty) in enumerate(MIDI, len(names)):
        uuid = subject(probe, '%s:%s' % (client, name))
        for key, want in (('pretty-name', pretty + ' text/plain'), ('event-types', 'MIDI text/plain'),
                          ('order', '%d %s' % (order, INT))):
            check_equal(' '.join(probe.ask('property %s %s' % (uuid, key)) or []), want, '%s of %s' % (key, name))
        uuids.append(uuid)
    return uuids


NEW_MOUNTS, PRIVATE = 0x20000, 1 << 18 | 1 << 14    # CLONE_NEWNS, MS_PRIVATE | MS_REC


def have_own_place(room):
    """All servers of a user keep metadata in one place (/dev/shm/jack_db-UID), and the first to end takes it away."""
    libc = ctypes.CDLL(None)
    folder, before = os.getcwd(), os.open('/proc/self/ns/mnt', os.O_RDONLY)

    def back():
        libc.setns(before, NEW_MOUNTS)
        os.close(before)
        os.chdir(folder)
    room.cleanups.append(back)
    if (libc.unshare(NEW_MOUNTS) or libc.mount(None, b'/', None, ctypes.c_ulong(PRIVATE), None)
            or libc.mount(b'deadwax-test', b'/dev/shm', b'tmpfs', ctypes.c_ulong(0), None)):
        must_be_alone()


def must_be_alone():
    for path in glob.glob('/proc/[0-9]*/comm'):
        try:
            with open(path) as f:
                alone = not f.read().startswith('jackd') or os.stat(path).st_uid != os.getuid()
        except OSError:
            continue
        if not alone:
            raise Skip('another JACK server of this user runs, and servers share their metadata')


def can_keep(probe):
    own = subject(probe, 'probe')
    if probe.ask('keeps ' + own) is None:
        raise Skip('this JACK server keeps no metadata')


@test
def patchbays_show_ports_by_name_pair_and_order_while_we_are_there(room):
    have_own_place(room)
    server = room.jackd()
    probe = room.probe(server)
    can_keep(probe)
    host = room.host(server)
    uuids = check_described(probe)
    host.quit()
    for uuid in uuids:
        check_equal(probe.ask('properties ' + uuid), ['0'], 'left behind under %s' % uuid)


@test
def a_server_that_comes_back_is_told_again(room):
    have_own_place(room)
    server = room.jackd()
    can_keep(room.probe(server))
    host = room.host(server)
    server.kill()
    host.await_line('the JACK server has gone: waiting')
    server = room.jackd(48000, 256, name=server.server)
    host.await_line('^back on ')
    check_described(room.probe(server, 'other'))
