# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network is told of us: asked for as any machine in it would, on loopback, with a bus and a daemon of our own.

Avahi takes its folder in /run: it gets a /run of its own, in a mount namespace.
"""
import os
import socket
import struct
import time

from harness import *

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <auth>ANONYMOUS</auth>
  <allow_anonymous/>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_type="method_return"/>
    <allow send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
  </policy>
</busconfig>
"""
DAEMON = """[server]
host-name=deadwax-test
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo
disallow-other-stacks=no
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
publish-hinfo=no
"""


# --- a machine in the network ---

PTR, TXT, SRV = 12, 16, 33


def _labels(name):
    return b''.join(bytes([len(part)]) + part for part in name) + b'\0'


def _name(data, at):
    """(list of labels, what follows), pointers followed."""
    out, end = [], None
    while data[at]:
        if data[at] >= 0xc0:
            end = end or at + 2
            at = struct.unpack_from('>H', data, at)[0] & 0x3fff
            continue
        out.append(data[at + 1:at + 1 + data[at]])
        at += 1 + data[at]
    return out, end or at + 1


def ask(name, kind, seconds=1.0):
    """What is answered: PTR gives names, SRV (port, host), TXT a list."""
    query = struct.pack('>6H', 7, 0, 1, 0, 0, 0) + _labels(name) + struct.pack('>2H', kind, 1)
    out = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', 0))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('127.0.0.1'))
        s.sendto(query, ('224.0.0.251', 5353))
        end = time.monotonic() + seconds
        while not out and time.monotonic() < end:
            s.settimeout(max(end - time.monotonic(), 0.001))
            try:
                data = s.recv(9000)
            except socket.timeout:
                break
            _, _, questions, answers, _, _ = struct.unpack_from('>6H', data)
            at = 12
            for _ in range(questions):
                at = _name(data, at)[1] + 4
            for _ in range(answers):
                owner, at = _name(data, at)
                found, _, _, size = struct.unpack_from('>2HIH', data, at)
                at += 10
                if found == kind and owner == name:
                    if kind == PTR:
                        out.append(_name(data, at)[0])
                    elif kind == SRV:
                        port, = struct.unpack_from('>H', data, at + 4)
                        out.append((port, _name(data, at + 6)[0]))
                    else:
                        text, i = data[at:at + size], 0
                        while i < len(text):
                            out.append(text[i + 1:i + 1 + text[i]].decode())
                            i += 1 + text[i]
                at += size
    return out


def kind_of(service):
    return [part.encode() for part in service.split('.')] + [b'local']


def instances(service, wanted, seconds=PATIENCE):
    """Names of who offers it, as soon as they are the wanted ones."""
    last = [None]

    def look():
        last[0] = sorted(n[0].decode() for n in ask(kind_of(service), PTR))
        return last[0] == sorted(wanted)
    wait_for(look, lambda: '%s to be offered by %s: %s' % (service, wanted, last[0]), seconds)


def details(name, service):
    """(port, TXT)"""
    full = [name.encode()] + kind_of(service)
    port = wait_for(lambda: ask(full, SRV), 'the port of %s' % name)[0][0]
    return port, wait_for(lambda: ask(full, TXT), 'the text of %s' % name)


# --- the bus and the daemon ---

def write(room, name, text):
    with open(room.path(name), 'w') as f:
        f.write(text)
    return room.path(name)


def start_bus(room):
    path = room.path('bus')
    config = write(room, 'bus.conf', BUS % path)
    room.keep(Program([find_tool('dbus-daemon'), '--config-file=' + config, '--nofork', '--nopidfile']))
    wait_for(lambda: os.path.exists(path), 'the bus')
    return 'unix:path=' + path


def start_daemon(room, bus):
    config = write(room, 'avahi.conf', DAEMON)
    script = ('mount -t tmpfs deadwax-test /run && mkdir -p /run/avahi-daemon && exec "$0" --no-drop-root --no-chroot '
              '--no-rlimits --no-proc-title -f "$1"')
    own = ['-m'] if os.getuid() == 0 else ['-r', '-m']
    daemon = room.keep(Program([find_tool('unshare'), *own, 'sh', '-c', script, find_tool('avahi-daemon'), config],
                               dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=bus)))
    wait_for(lambda: daemon.find('Server startup complete') or not daemon.alive(), 'the daemon')
    if not daemon.alive():
        daemon.wait()
        raise Skip('avahi-daemon does not run here: %s' % ' '.join(daemon.output().split('\n')[-1:]))
    return daemon


def find_tools():
    if '/usr/sbin' not in os.environ['PATH'].split(':'):
        os.environ['PATH'] += ':/usr/sbin'
    for name in ('dbus-daemon', 'avahi-daemon', 'unshare'):
        find_tool(name)


def announced_host(room, server, bus, *args, listen='0.0.0.0', name='deadwax'):
    return room.host(server, '--listen', listen, '--name', name, *args,
                     env=dict(room.environment(), DBUS_SYSTEM_BUS_ADDRESS=bus))


TEXT = ['txtvers=1', 'version=1.0', 'types=ifhdsSTFNI']
NAME = 'Deadwax on deadwax-test'


@test
def the_network_is_told_where_osc_is_spoken_and_when_it_is_over(room):
    find_tools()
    bus = start_bus(room)
    start_daemon(room, bus)
    server = room.jackd()
    host = announced_host(room, server, bus)
    instances('_osc._udp', [NAME])
    check_equal(details(NAME, '_osc._udp'), (host.port, TEXT), '_osc._udp')
    instances('_osc._tcp', [NAME])
    check_equal(details(NAME, '_osc._tcp'), (host.port, TEXT + ['framing=slip']), '_osc._tcp')
    http = int(host.await_line(r'^http://[^ ]*:(\d+)/').group(1))
    instances('_oscjson._tcp', [NAME])
    check_equal(details(NAME, '_oscjson._tcp'), (http, ['txtvers=1']), '_oscjson._tcp')
    check_equal(details(NAME, '_http._tcp'), (http, ['path=/']), '_http._tcp')
    second = announced_host(room, server, bus, name='second')
    instances('_osc._udp', [NAME, NAME + ' #2'])
    check_equal(details(NAME + ' #2', '_osc._udp')[0], second.port, 'the port of the second')
    host.quit()
    instances('_osc._udp', [NAME + ' #2'])
    second.quit()
    instances('_osc._udp', [])


@test
def loopback_is_told_to_nobody(room):
    find_tools()
    bus = start_bus(room)
    start_daemon(room, bus)
    server = room.jackd()
    env = dict(room.environment(), DBUS_SYSTEM_BUS_ADDRESS=bus)
    room.host(server, '--name', 'alone', env=env)
    room.host(server, '--name', 'local', '--listen', '127.0.0.1', env=env)
    announced_host(room, server, bus)           # has come last: the others would have been there
    instances('_osc._udp', [NAME])


@test
def a_daemon_that_comes_late_or_comes_back_is_told(room):
    find_tools()
    bus = start_bus(room)
    server = room.jackd()
    host = announced_host(room, server, bus)
    check_equal(room.osc(host).value('/eq/1/gain'), 0.0, 'a value, no daemon there')
    daemon = start_daemon(room, bus)
    instances('_osc._udp', [NAME])
    daemon.end()
    start_daemon(room, bus)
    instances('_osc._udp', [NAME])
    host.quit()
    check(not host.find('stderr'), 'it said:\n' + host.output())


@test
def no_bus_or_one_that_hangs_is_nobodys_trouble(room):
    server = room.jackd()
    host = announced_host(room, server, 'unix:path=' + room.path('nowhere'))
    check_equal(room.osc(host).value('/eq/1/gain'), 0.0, 'a value, no bus there')
    host.quit()
    check(not host.find('stderr|vahi|bus'), 'it said:\n' + host.output())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as deaf:
        deaf.bind(room.path('deaf'))
        deaf.listen(1)                          # and never a word
        host = announced_host(room, server, 'unix:path=' + room.path('deaf'))
        deaf.settimeout(PATIENCE)
        peer, _ = deaf.accept()
        osc = room.osc(host)
        osc.send('/eq/1/gain', 1.5)
        osc.await_value('/eq/1/gain', 1.5)
        host.quit()
        check(not host.find('stderr'), 'it said:\n' + host.output())
        peer.close()
