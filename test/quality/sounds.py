# SPDX-License-Identifier: GPL-3.0-or-later
"""Sounds to measure with. All are computed; the same name is the same sound."""
import numpy as np


def impulse(rate, seconds=2.0, before=0.25, peak=1.0):
    """And the frame that it is at."""
    x = np.zeros(int(rate * seconds))
    x[int(rate * before)] = peak
    return x, int(rate * before)


def saw(t, hz):
    p = t * hz
    return 2 * (p - np.floor(p)) - 1


def noise(n, seed):
    return np.random.default_rng(seed).uniform(-1, 1, n)


def programme(rate, seconds, seed=1):
    """Kick, snare, bass, chord, stereo."""
    t = np.arange(int(rate * seconds)) / rate
    beat, off = np.fmod(t, 0.25), np.fmod(t + 0.125, 0.25)
    kick = 0.6 * np.exp(-18 * beat) * np.sin(2 * np.pi * (50 * beat + 6 * (1 - np.exp(-40 * beat))))
    snare = 0.5 * np.exp(-35 * off) * noise(len(t), seed)
    bass = 0.25 * saw(t, 55.0)
    chord = 0.06 * sum(np.sin(2 * np.pi * f * t) for f in (220.0, 277.18, 329.63, 440.0, 1318.5))
    air = 0.03 * np.stack([noise(len(t), seed + 1), noise(len(t), seed + 2)], 1)
    return np.stack([kick + snare + bass + chord, kick + 0.8 * snare + bass + 0.9 * chord], 1) + air


def _noise_drums(rate, t):
    fall = np.exp(-60 * np.fmod(t, 0.06))
    return np.stack([noise(len(t), 11) * fall, noise(len(t), 12) * fall], 1)


def _white(rate, t):
    return np.stack([noise(len(t), 13), noise(len(t), 14)], 1)


def _clipped_saw(rate, t):
    return np.clip(1.6 * np.stack([saw(t, 317.0), saw(t, 1931.0)], 1), -0.9, 0.9)


def _quarter_rate_bursts(rate, t):
    """Samples 3 dB below the wave's tops."""
    i = np.arange(len(t))
    on = np.where(np.fmod(t, 0.02) < 0.004, 1.0, 0.05)
    return np.stack([on * np.sin(np.pi / 2 * i + np.pi / 4), on * np.sin(np.pi / 2 * i - np.pi / 4)], 1)


def _clipped_noise(rate, t):
    return np.clip(np.stack([3 * noise(len(t), 15), 6 * noise(len(t), 16)], 1), -0.9, 0.9)


def _sign_flips(rate, t):
    """Full scale, the sign at random: content up to half the rate, far between the samples."""
    return 0.9 * np.sign(np.stack([noise(len(t), 17), noise(len(t), 18)], 1))


def _kick_on_sub(rate, t):
    """A step in level every 150 ms on a 41 Hz tone: what pumps, and what catches a slow gain."""
    hit = np.fmod(t, 0.15) < 0.03
    x = np.sin(2 * np.pi * 41.2 * t) * np.where(hit, 1.0, 0.2)
    return np.stack([x, x + 0.3 * np.where(hit, noise(len(t), 19), 0)], 1)


ADVERSARIAL = {
    'programme': lambda rate, t: programme(rate, len(t) / rate)[:len(t)],
    'noise drums': _noise_drums,
    'white noise': _white,
    'clipped saw': _clipped_saw,
    'rate/4 bursts': _quarter_rate_bursts,
    'clipped noise': _clipped_noise,
    'sign flips': _sign_flips,
    'kick on sub': _kick_on_sub,
}


def adversarial(name, rate, seconds):
    return ADVERSARIAL[name](rate, np.arange(int(rate * seconds)) / rate)
