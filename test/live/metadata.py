# SPDX-License-Identifier: GPL-3.0-or-later
"""What a patchbay shows of us, read back by another client."""
import glob
import os

from harness import *

INT = 'http://www.w3.org/2001/XMLSchema#int'
# In the order in which people should see them.
PORTS = [('in', 'Input'), ('sidechain', 'Sidechain'), ('return_1', 'Return 1'), ('return_2', 'Return 2'),
         ('master', 'Master'), ('monitor_A', 'Monitor A'), ('monitor_B', 'Monitor B'), ('phones', 'Headphones'),
         ('send_1', 'Send 1'), ('send_2', 'Send 2')]


def subject(probe, name):
    got = probe.ask('uuid ' + name)
    check(got, 'the server knows %s' % name)
    return got[0]


def check_described(probe, client='deadwax'):
    """UUIDs of all that is described: the client, then its ports."""
    uuids = [subject(probe, client)]
    check_equal(probe.ask('property %s icon-name' % uuids[0]), ['multimedia-volume-control', 'text/plain'], 'icon')
    names = ['%s_%s' % (name, side) for name, _ in PORTS for side in 'LR']
    check_equal(sorted(p.split(':')[1] for p in probe.ask('ports') if p.startswith(client + ':')), sorted(names),
                'ports')
    for order, name in enumerate(names):
        uuid = subject(probe, '%s:%s' % (client, name))
        group = dict(PORTS)[name[:-2]]
        for key, want in (('pretty-name', '%s %s text/plain' % (group, name[-1])),
                          ('port-group', group + ' text/plain'), ('signal-type', 'AUDIO text/plain'),
                          ('order', '%d %s' % (order, INT))):
            check_equal(' '.join(probe.ask('property %s %s' % (uuid, key)) or []), want, '%s of %s' % (key, name))
        uuids.append(uuid)
    return uuids


def must_be_alone(*servers):
    """All servers of a user keep metadata in one place (/dev/shm/jack_db-UID), and the first to end takes it away."""
    for path in glob.glob('/proc/[0-9]*/comm'):
        try:
            with open(path) as f:
                pid, name = int(path.split('/')[2]), f.read().strip()
            if (name.startswith('jackd') and pid not in [s.pid for s in servers]
                    and os.stat('/proc/%d' % pid).st_uid == os.getuid()):
                raise Skip('another JACK server of this user runs, and servers share their metadata')
        except OSError:
            pass


class Alone:
    """What fails while other servers run has not failed."""

    def __init__(self, *servers):
        self.servers = list(servers)

    def __enter__(self):
        must_be_alone(*self.servers)
        return self

    def __exit__(self, kind, value, trace):
        if kind is Failure:
            must_be_alone(*self.servers)


def can_keep(probe):
    own = subject(probe, 'probe')
    if probe.ask('keeps ' + own) is None:
        raise Skip('this JACK server keeps no metadata')


@test
def patchbays_show_ports_by_name_pair_and_order_while_we_are_there(room):
    server = room.jackd()
    with Alone(server):
        probe = room.probe(server)
        can_keep(probe)
        host = room.host(server)
        uuids = check_described(probe)
        host.quit()
        for uuid in uuids:
            check_equal(probe.ask('properties ' + uuid), ['0'], 'left behind under %s' % uuid)


@test
def a_server_that_comes_back_is_told_again(room):
    server = room.jackd()
    with Alone(server) as alone:
        can_keep(room.probe(server))
        host = room.host(server)
        server.kill()
        host.await_line('the JACK server has gone: waiting')
        server = room.jackd(48000, 256, name=server.server)
        alone.servers.append(server)
        host.await_line('^back on ')
        check_described(room.probe(server, 'other'))
