# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files, and a programme to put into them."""
import array
import math
import random
import struct

from checks import *


class Sound:
    """A file's format and its samples' bytes."""

    def __init__(self, rate, channels, bits, is_float, data, container):
        self.rate, self.channels, self.bits, self.is_float = rate, channels, bits, is_float
        self.data, self.container = data, container

    def frames(self):
        return len(self.data) // (self.channels * self.bits // 8)

    def samples(self):
        """1.0 is full scale."""
        if self.is_float:
            return array.array('f' if self.bits == 32 else 'd', self.data)
        if self.bits == 16:
            return array.array('d', (x / 32768 for x in array.array('h', self.data)))
        check_equal(self.bits, 24, 'sample size')
        return array.array('d', (x / (1 << 23) for x in integers24(self.data)))

    def channel(self, c):
        return self.samples()[c::self.channels]


def integers24(data):
    """24-bit samples as whole numbers."""
    padded = bytearray(len(data) // 3 * 4)
    padded[1::4], padded[2::4], padded[3::4] = data[0::3], data[1::3], data[2::3]
    return [x >> 8 for x in array.array('i', bytes(padded))]


def read_wav(path):
    with open(path, 'rb') as f:
        raw = f.read()
    check(raw[:4] in (b'RIFF', b'RF64') and raw[8:12] == b'WAVE', '%s is no WAV: %r' % (path, raw[:16]))
    at, long_size, form = 12, None, None
    while at + 8 <= len(raw):
        tag, size = struct.unpack_from('<4sI', raw, at)
        if tag == b'ds64':
            long_size, = struct.unpack_from('<Q', raw, at + 16)
        elif tag == b'fmt ':
            form = struct.unpack_from('<HHIIHH', raw, at + 8)
            code = form[0] if form[0] != 0xfffe else struct.unpack_from('<H', raw, at + 32)[0]
        elif tag == b'data':
            check(form, '%s: data before its format' % path)
            size = long_size if size == 0xffffffff and long_size is not None else size
            return Sound(form[2], form[1], form[5], code == 3, raw[at + 8:at + 8 + size], raw[:4].decode())
        at += 8 + size + size % 2
    raise Failure('%s has no sound in it' % path)


def write_wav(path, samples, rate=48000, channels=2, kind='f32'):
    """samples interleaved, 1.0 is full scale; kind f32, 16 or 24."""
    bits = {'f32': 32, '16': 16, '24': 24}[kind]
    if kind == 'f32':
        data = array.array('f', samples).tobytes()
    elif kind == '16':
        data = array.array('h', (round(x * 32767) for x in samples)).tobytes()
    else:
        wide = array.array('i', (round(x * 8388607) << 8 for x in samples)).tobytes()
        data = bytearray(len(wide) // 4 * 3)
        data[0::3], data[1::3], data[2::3] = wide[1::4], wide[2::4], wide[3::4]
        data = bytes(data)
    frame = channels * bits // 8
    with open(path, 'wb') as f:
        f.write(b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ')
        f.write(struct.pack('<IHHIIHH', 16, 3 if kind == 'f32' else 1, channels, rate, rate * frame, frame, bits))
        f.write(b'data' + struct.pack('<I', len(data)) + data)
    return path


_programmes = {}


def programme(seconds, rate=48000, seed=1):
    """Interleaved stereo that gives every stage work: beats of noise, a bass, chords, loud and soft halves."""
    key = (seconds, rate, seed)
    if key in _programmes:
        return _programmes[key]
    rng = random.Random(seed)
    noise = [rng.uniform(-1, 1) for _ in range(8192)]
    out = array.array('f', bytes(8 * int(seconds * rate)))
    sine, two_pi = math.sin, 2 * math.pi
    a, b = two_pi * (55 + seed) / rate, two_pi * 997 / rate
    beat = rate // 3
    for i in range(int(seconds * rate)):
        since = i % beat
        loud = 0.8 if (i // (2 * rate)) % 2 else 0.25
        hit = noise[(i * 7 + i // 8192) % 8192] * (1 - since / 2400) if since < 2400 else 0.0
        x = 0.45 * sine(a * i)
        y = 0.25 * sine(b * i + 0.3 * sine(a * i))
        out[2 * i] = loud * (x + y + 0.5 * hit)
        out[2 * i + 1] = loud * (x - y + 0.4 * hit)
    _programmes[key] = out
    return out


def same_bytes(a, b, what, frame=8):
    """Two data chunks; says where they part."""
    if a == b:
        return
    if len(a) != len(b):
        raise Failure('%s: %d frames and %d frames%s' % (what, len(a) // frame, len(b) // frame,
                                                         '' if a[:min(len(a), len(b))] != b[:min(len(a), len(b))]
                                                         else ', alike as far as they go'))
    at = next(i for i in range(0, len(a), frame) if a[i:i + frame] != b[i:i + frame])
    differ = sum(a[i:i + frame] != b[i:i + frame] for i in range(0, len(a), frame))
    raise Failure('%s: differ from frame %d on, in %d of %d frames' % (what, at // frame, differ, len(a) // frame))
