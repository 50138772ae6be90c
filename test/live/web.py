# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP and WebSocket as bytes, and a peer that speaks OSC over the latter."""
import base64
import collections
import hashlib
import http.client
import json
import os
import socket
import struct
import time

from checks import *
from osc import *

CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def get(port, target, method='GET', **headers):
    """(status, headers, body) of one request; underscores in headers' names stand for hyphens."""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
    try:
        connection.putrequest(method, target, skip_host='Host' in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace('_', '-'), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def get_json(port, target):
    status, headers, body = get(port, target)
    check_equal(status, 200, target)
    check_equal(headers['Content-Type'], 'application/json', 'type of ' + target)
    return json.loads(body)


def raw(port, data, seconds=PATIENCE, host='127.0.0.1', source=''):
    """All that comes back for these bytes until the host hangs up."""
    with socket.create_connection((host, port), PATIENCE, (source, 0)) as s:
        s.settimeout(seconds)
        out = b''
        try:
            s.sendall(data)
            while True:
                more = s.recv(65536)
                if not more:
                    return out
                out += more
        except (ConnectionResetError, BrokenPipeError):
            return out


def handshake(port, **headers):
    lines = {'Host': '127.0.0.1:%d' % port, 'Upgrade': 'websocket', 'Connection': 'Upgrade',
             'Sec-WebSocket-Key': base64.b64encode(os.urandom(16)).decode(), 'Sec-WebSocket-Version': '13'}
    lines.update((name.replace('_', '-'), value) for name, value in headers.items())
    text = ''.join('%s: %s\r\n' % line for line in lines.items() if line[1] is not None)
    return ('GET / HTTP/1.1\r\n' + text + '\r\n').encode(), lines['Sec-WebSocket-Key']


def frame(kind, data, last=True, mask=b'\x11\x22\x33\x44'):
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else \
        b'\xfe' + struct.pack('>H', size) if size < 65536 else b'\xff' + struct.pack('>Q', size)
    keys = (mask * (size // 4 + 1))[:size]
    masked = (int.from_bytes(data, 'big') ^ int.from_bytes(keys, 'big')).to_bytes(size, 'big')
    return bytes([kind | (0x80 if last else 0)]) + length + mask + masked


class WebSocket(Osc):
    """An OSC peer over a WebSocket; text frames are kept in `said`."""

    def __init__(self, port, room=None, host='127.0.0.1', source='', **headers):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.settimeout(PATIENCE)
        self.socket.bind((source, 0))
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.waiting, self.said, self.bytes, self.closed = collections.deque(), [], b'', None
        asked, key = handshake(port, **{'Host': '%s:%d' % (host, port), **headers})
        self.socket.sendall(asked)
        while b'\r\n\r\n' not in self.bytes:
            more = self.socket.recv(65536)
            check(more, 'the host hung up at the handshake: %r' % self.bytes)
            self.bytes += more
        head, _, self.bytes = self.bytes.partition(b'\r\n\r\n')
        check(head.startswith(b'HTTP/1.1 101 '), 'the handshake: %r' % head)
        want = base64.b64encode(hashlib.sha1((key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').encode()).digest())
        check(want in head, 'the key was not accepted: %r' % head)

    def packet(self, data):
        self.socket.sendall(frame(BINARY, data))

    def command(self, word, data):
        self.socket.sendall(frame(TEXT, json.dumps({'COMMAND': word, 'DATA': data}).encode()))

    def _cut_frame(self):
        if len(self.bytes) < 2:
            return None
        check(not self.bytes[1] & 0x80, 'a server does not mask')
        size, at = self.bytes[1], 2
        if size >= 126:
            at = 4 if size == 126 else 10
            if len(self.bytes) < at:
                return None
            size = int.from_bytes(self.bytes[2:at], 'big')
        if len(self.bytes) < at + size:
            return None
        kind, data = self.bytes[0], self.bytes[at:at + size]
        self.bytes = self.bytes[at + size:]
        check(kind & 0xf0 == 0x80, 'a frame of kind %02x' % kind)
        return kind & 15, data

    def _take_frame(self, kind, data):
        if kind == BINARY:
            self.waiting.extend(decode(data))
        elif kind == TEXT:
            self.said.append(json.loads(data))
        elif kind == PING:
            self.socket.sendall(frame(PONG, data))
        elif kind == CLOSE:
            self.closed = int.from_bytes(data[:2], 'big')
            self.socket.sendall(frame(CLOSE, data[:2]))

    def receive(self, seconds):
        end = time.monotonic() + seconds
        while not self.waiting:
            cut = self._cut_frame()
            if cut:
                self._take_frame(*cut)
                continue
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            try:
                more = self.socket.recv(65536)
            except socket.timeout:
                return None
            check(more, 'the host has hung up (%s)' % self.closed)
            self.bytes += more
        return self.waiting.popleft()

    def await_said(self, message, seconds=PATIENCE):
        end, heard = time.monotonic() + seconds, []
        while message not in self.said:
            check(time.monotonic() < end, 'no %r within %g s; said were %r' % (message, seconds, self.said))
            got = self.receive(0.1)
            if got:
                heard.append(got)
        self.waiting.extendleft(reversed(heard))

    def await_end(self, seconds=PATIENCE):
        """Until the host hangs up; the reason that its close frame gave."""
        self.socket.settimeout(seconds)
        try:
            while True:
                cut = self._cut_frame()
                if cut:
                    self._take_frame(*cut)
                    continue
                more = self.socket.recv(65536)
                if not more:
                    return self.closed
                self.bytes += more
        except ConnectionResetError:
            return self.closed

    def close(self):
        self.socket.close()
