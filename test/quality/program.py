# SPDX-License-Identifier: GPL-3.0-or-later
"""The program under test, as its users have it: files in, files out, settings by their paths."""
import concurrent.futures
import json
import os
import struct
import subprocess
import tempfile

import numpy as np

JOBS = 2


def write_wav(path, sound, rate):
    """Doubles, 1.0 is full scale; (n,) goes to both sides."""
    sound = np.asarray(sound, float)
    if sound.ndim == 1:
        sound = np.stack([sound, sound], 1)
    data = np.ascontiguousarray(sound, '<f8').tobytes()
    with open(path, 'wb') as f:
        f.write(b'RIFF' + struct.pack('<I', 48 + len(data)) + b'WAVEfmt ')
        f.write(struct.pack('<IHHIIHH', 16, 3, 2, rate, rate * 16, 16, 64))
        f.write(b'fact' + struct.pack('<II', 4, len(sound)) + b'data' + struct.pack('<I', len(data)))
        f.write(data)


def read_wav(path):
    """Doubles, frames x sides; 16 and 24 bits as fractions of full scale."""
    with open(path, 'rb') as f:
        raw = f.read()
    at, form = 12, None
    while at + 8 <= len(raw):
        tag, size = struct.unpack_from('<4sI', raw, at)
        if tag == b'fmt ':
            form = struct.unpack_from('<HHIIHH', raw, at + 8)
            code = form[0] if form[0] != 0xfffe else struct.unpack_from('<H', raw, at + 32)[0]
        elif tag == b'data':
            return samples(raw[at + 8:at + 8 + size], code == 3, form[5]).reshape(-1, form[1])
        at += 8 + size + size % 2
    raise ValueError('%s has no sound in it' % path)


def samples(data, is_float, bits):
    if is_float:
        return np.frombuffer(data, '<f4' if bits == 32 else '<f8').astype(float)
    if bits == 16:
        return np.frombuffer(data, '<i2') / 32768.0
    wide = np.zeros((len(data) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return wide.view('<i4')[:, 0] / 2147483648.0


class Refused(Exception):
    """The program would not; its own words."""


class Program:
    def __init__(self, path):
        self.path = path
        self.folder = tempfile.TemporaryDirectory(prefix='deadwax-quality-')
        self.params = {p['path']: p for p in json.loads(self.run('params', '--json'))['params']}
        self.renders = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(JOBS)

    def run(self, *words):
        done = subprocess.run([self.path, *words], capture_output=True, text=True)
        if done.returncode:
            raise Refused('deadwax %s: %s' % (' '.join(words), done.stderr.strip()))
        return done.stdout

    def version(self):
        return self.run('--version').split()[-1]

    def has(self, *paths):
        return all(p in self.params for p in paths)

    def choices(self, path):
        """The words of an enum; none where there is no such parameter."""
        return self.params[path]['names'] if path in self.params else []

    def first(self, path, *words):
        """Whichever of the words the enum knows."""
        return next(w for w in words if w in self.choices(path))

    def map(self, f, cases):
        """Side by side; the results in the cases' order. Not from within itself."""
        return list(self.pool.map(f, cases))

    def render(self, sound, rate, settings=None, form='wav64f', block=None):
        return self.render_each([sound], rate, settings, form, block)[0]

    def render_each(self, sounds, rate, settings=None, form='wav64f', block=None, raw=False):
        """Each of the sounds through a chain of its own; frames x sides, or the files' bytes."""
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            names = ['%d.wav' % i for i in range(len(sounds))]
            for name, sound in zip(names, sounds):
                write_wav(os.path.join(folder, name), sound, rate)
            out = os.path.join(folder, 'out')
            os.mkdir(out)
            self.run('render', *[os.path.join(folder, n) for n in names], '-o', out, '--format', form,
                     *(['--block', str(block)] if block else []), *assignments(settings))
            self.renders += len(sounds)
            made = [os.path.join(out, n) for n in names]
            return [open(m, 'rb').read() if raw else read_wav(m) for m in made]

    def perform(self, sound, rate, settings, moves):
        """The sound through one chain whose parameters move: (frame, path, value), as a live take has them."""
        with tempfile.TemporaryDirectory(dir=self.folder.name) as folder:
            source, log, out = (os.path.join(folder, n) for n in ('in.wav', 'take.log', 'out.wav'))
            write_wav(source, sound, rate)
            head = {'deadwax': '0', 'rate': float(rate), 'source': 'player', 'files': [source],
                    'settings': {k: self.number(k, v) for k, v in (settings or {}).items()}}
            lines = [head, {'frame': 0, 'begin': {'track': 0, 'position': 0}}, {'frame': 0, 'print': 'began', 'file': out}]
            lines += [{'frame': f, 'set': p, 'value': float(self.number(p, v)), 'by': 'quality'} for f, p, v in moves]
            lines += [{'frame': len(sound), 'end': {'faded': False}}]
            with open(log, 'w') as f:
                f.writelines(json.dumps(line) + '\n' for line in lines)
            self.run('render', '--log', log, '-o', out, '--format', 'wav64f')
            self.renders += 1
            return read_wav(out)

    def number(self, path, value):
        """A value as the log has it: words by their place."""
        return float(self.choices(path).index(value) if isinstance(value, str) else value)

    def latency(self, module, rate):
        """Frames, by its own word. A render takes as many out: a wrong word shows as a sound that is early or late."""
        told = json.loads(self.run('bench', '--json', '--module', module, '--rate', str(rate), '--seconds', '0.1'))
        return next(m['latency_frames'] for m in told['runs'][0]['modules'] if m['name'] == module)


def assignments(settings):
    return [word for path, value in (settings or {}).items() for word in ('--set', '%s=%s' % (path, value))]


def at(prefix, **values):
    """at('/eq/1', gain=3) is {'/eq/1/gain': 3}."""
    return {'%s/%s' % (prefix, name): value for name, value in values.items()}
