# SPDX-License-Identifier: GPL-3.0-or-later
"""OSC as bytes, and a peer that speaks it."""
import base64
import collections
import hashlib
import math
import os
import socket
import struct
import time

from checks import *


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
        elif tag == 'b':
            size, = struct.unpack_from('>i', data, at)
            args.append(data[at + 4:at + 4 + size])
            at += 4 + (size + 3) // 4 * 4
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


class OscStream(Osc):
    """A peer on a connection of its own; framing is 'length' (OSC 1.0) or 'slip' (1.1)."""

    def __init__(self, port, framing, host='127.0.0.1'):
        self.socket = socket.create_connection((host, port), PATIENCE)
        self.framing = framing
        self.waiting = collections.deque()
        self.bytes = b''

    def packet(self, data):
        if self.framing == 'slip':
            data = b'\xc0' + data.replace(b'\xdb', b'\xdb\xdd').replace(b'\xc0', b'\xdb\xdc') + b'\xc0'
        else:
            data = struct.pack('>i', len(data)) + data
        self.socket.sendall(data)

    def _cut_packet(self):
        """The first whole packet of what has come; None if there is none."""
        if self.framing == 'slip':
            self.bytes = self.bytes.lstrip(b'\xc0')
            packet, end, rest = self.bytes.partition(b'\xc0')
            if not end:
                return None
            self.bytes = rest
            return packet.replace(b'\xdb\xdc', b'\xc0').replace(b'\xdb\xdd', b'\xdb')
        size = 4 + struct.unpack('>i', self.bytes[:4])[0] if len(self.bytes) >= 4 else 4
        if len(self.bytes) < size or size == 4:
            return None
        packet, self.bytes = self.bytes[4:size], self.bytes[size:]
        return packet

    def receive(self, seconds):
        end = time.monotonic() + seconds
        while not self.waiting:
            packet = self._cut_packet()
            if packet is not None:
                self.waiting.extend(decode(packet))
                continue
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            try:
                more = self.socket.recv(65536)
            except socket.timeout:
                return None
            check(more, 'the host has hung up')
            self.bytes += more
        return self.waiting.popleft()

    def close(self):
        self.socket.close()


class OscWeb(OscStream):
    """A peer on a WebSocket of its own: a packet is a binary message (RFC 6455). port is that of HTTP."""

    def __init__(self, port, host='127.0.0.1', path='/'):
        self.socket = socket.create_connection((host, port), PATIENCE)
        self.waiting = collections.deque()
        self.bytes = b''
        self.parts = b''        # of a message in several frames
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(('GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                             'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n'
                             % (path, host, port, key)).encode())
        head = self._head()
        accept = hashlib.sha1((key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').encode()).digest()
        check(head.split()[1:2] == ['101'], 'the handshake is answered with %r' % head)
        check(base64.b64encode(accept).decode() in head, 'the key is not ours: %r' % head)

    def _head(self):
        while b'\r\n\r\n' not in self.bytes:
            more = self.socket.recv(4096)
            check(more, 'the host has hung up in the handshake')
            self.bytes += more
        head, self.bytes = self.bytes.split(b'\r\n\r\n', 1)
        return head.decode('latin-1')

    def _frame(self, kind, data):
        mask = os.urandom(4)
        size = len(data)
        head = bytes([0x80 | kind]) + (bytes([0x80 | size]) if size < 126 else b'\xfe' + struct.pack('>H', size)
                                       if size < 65536 else b'\xff' + struct.pack('>Q', size))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def packet(self, data):
        self._frame(2, data)

    def _cut_frame(self):
        """(whole message, kind, data); None if it is not all there."""
        have, size, at = len(self.bytes), 0, 2
        if have < 2:
            return None
        size = self.bytes[1] & 127
        check(not self.bytes[1] & 128, 'a server does not mask')
        if size > 125:
            code, at = ('>H', 4) if size == 126 else ('>Q', 10)
            if have < at:
                return None
            size, = struct.unpack_from(code, self.bytes, 2)
        if have < at + size:
            return None
        first, data = self.bytes[0], self.bytes[at:at + size]
        self.bytes = self.bytes[at + size:]
        return bool(first & 128), first & 15, data

    def _cut_packet(self):
        while True:
            frame = self._cut_frame()
            if frame is None:
                return None
            whole, kind, data = frame
            if kind == 9:
                self._frame(10, data)
            check(kind != 8, 'the host has closed the WebSocket: %r' % data)
            if kind in (0, 2):
                self.parts += data
                if whole:
                    packet, self.parts = self.parts, b''
                    return packet
