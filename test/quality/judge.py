# SPDX-License-Identifier: GPL-3.0-or-later
"""What judges the sound: formulas from standards and textbooks, none of them the program's own."""
import numpy as np
from scipy import signal

TINY = 1e-30


def db(x):
    return 20 * np.log10(np.maximum(np.abs(x), TINY))


def gain(decibels):
    return 10 ** (np.asarray(decibels, float) / 20)


# --- analog prototypes -----------------------------------------------------------------------------------

def analog(kind, hz, freq, gain_db=0.0, q=np.sqrt(0.5), order=2):
    """The curve that a band is asked for, complex; s in units of freq. Other orders than 2 are Butterworth's."""
    s = 1j * np.asarray(hz, float) / freq
    a = 10 ** (gain_db / 40)
    root, g = np.sqrt(a), a * a
    if kind == 'bell':
        return (s * s + s * a / q + 1) / (s * s + s / (a * q) + 1)
    if kind == 'notch':
        return (s * s + 1) / (s * s + s / q + 1)
    if kind == 'band_pass':
        return (s / q) / (s * s + s / q + 1)
    if kind == 'tilt':
        return analog('high_shelf', hz, freq, gain_db, q) / a
    if kind == 'low_cut':
        return analog('high_cut', freq * freq / np.maximum(hz, TINY), freq, 0, q, order)
    if kind == 'high_cut':
        return 1 / butterworth(s, order, q)
    if kind == 'low_shelf':
        return analog('high_shelf', freq * freq / np.maximum(hz, TINY), freq, gain_db, q, order)
    assert kind == 'high_shelf'
    if order == 2:
        return a * (a * s * s + root / q * s + 1) / (s * s + root / q * s + a)
    turn = g ** (1 / (2 * order))
    return butterworth(s * turn, order, q) / butterworth(s / turn, order, q)


def butterworth(s, order, q=np.sqrt(0.5)):
    """The polynomial of a low-pass; q over 0.7071 raises the most resonant pair."""
    out = 1 + s if order % 2 else np.ones_like(s)
    for i in range(order // 2):
        angle = np.pi * (2 * i + 1) / (2 * order)
        damping = 2 * np.sin(angle)
        if i == 0:
            damping /= q / np.sqrt(0.5)
        out = out * (s * s + damping * s + 1)
    return out


def bilinear(kind, hz, rate, freq, gain_db=0.0, q=np.sqrt(0.5), order=2):
    """The same curve as the textbook's bilinear transform would have it: for comparison."""
    warped = np.tan(np.pi * np.minimum(hz, 0.49999 * rate) / rate)
    return analog(kind, warped, np.tan(np.pi * freq / rate), gain_db, q, order)


def octaves(low=20.0, high=20000.0, per_octave=48):
    return np.geomspace(low, high, int(np.log2(high / low) * per_octave) + 1)


def response(impulse, rate, hz, at=0):
    """Complex response of an impulse response whose time 0 is at frame `at`, and the frequencies it is given at:
    those of a long transform that are next to hz, so that nothing is interpolated."""
    n = 1 << int(np.ceil(np.log2(max(len(impulse), 2 * rate))))
    bins = np.unique(np.round(np.asarray(hz) * n / rate).astype(int))
    bins = bins[(bins > 0) & (bins < n // 2)]
    whole = np.fft.rfft(impulse, n)[bins]
    return whole * np.exp(2j * np.pi * bins * at / n), bins * rate / n


# --- tones -----------------------------------------------------------------------------------------------

def coherent(freq, rate, n, odd=True):
    """The frequency next to freq that has a whole, odd number of periods in n frames."""
    k = int(round(freq * n / rate))
    return ((k | 1) if odd else k) * rate / n


def tone(freq, rate, n, peak=1.0, phase=0.0):
    return peak * np.sin(2 * np.pi * freq * np.arange(n) / rate + phase)


def harmonics(x, freq, rate, count=20):
    """Amplitudes of the tone and its harmonics below half the rate; x has a whole number of its periods."""
    n = len(x)
    bins = [int(round(k * freq * n / rate)) for k in range(1, count + 1)]
    spectrum = 2 * np.abs(np.fft.rfft(x)) / n
    return np.array([spectrum[b] for b in bins if b < n // 2])


def distortion(x, freq, rate):
    """All that is not the tone, over the tone, without DC; x has a whole number of its periods."""
    power = np.abs(np.fft.rfft(x)) ** 2
    k = int(round(freq * len(x) / rate))
    power[0] = 0
    return np.sqrt((power.sum() - power[k]) / power[k])


def aliasing_db(x, freq, rate, top=20000.0):
    """The strongest of all that is no harmonic below top, under the tone; x has a whole number of its periods."""
    n = len(x)
    power = np.abs(np.fft.rfft(x)) ** 2
    k = int(round(freq * n / rate))
    fundamental = power[k]
    rest = power.copy()
    rest[::k] = 0
    rest[int(top * n / rate):] = 0
    return 10 * np.log10(max(rest.max(), TINY) / fundamental), 10 * np.log10(max(rest.sum(), TINY) / fundamental)


# --- true peak -------------------------------------------------------------------------------------------

FINE, SIDE = 32, 48
ITU = np.array([      # ITU-R BS.1770-5, Annex 2, Table 1: four phases of twelve
    [0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
     0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500],
    [-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
     0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375]])
ITU = np.concatenate([ITU, ITU[::-1, ::-1]])


def _fine():
    distance = np.arange(2 * SIDE)[:, None] - (SIDE - 1) - np.arange(FINE)[None, :] / FINE
    inside = np.maximum(0, 1 - (distance / SIDE) ** 2)
    return np.sinc(distance) * np.i0(9.0 * np.sqrt(inside)) / np.i0(9.0)


FINE_TAPS = _fine()


def interpolated_peak(x, taps):
    """The highest that a bank of filters (taps x phases) makes of x, which begins after silence and is cut off."""
    length, peak = len(taps), 0.0
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, (length, 0)), length)
    for i in range(0, len(windows), 16384):
        peak = max(peak, np.abs(np.ascontiguousarray(windows[i:i + 16384]) @ taps).max())
    return peak


def true_peak(sound):
    """Linear, of both sides: 32 times, 96 taps a phase; and by the ITU's own filter."""
    return tuple(max(interpolated_peak(side, taps) for side in sound.T) for taps in (FINE_TAPS, ITU.T))


# --- loudness --------------------------------------------------------------------------------------------

def k_weighted(x, rate):
    """ITU-R BS.1770's two filters, made anew for the rate from their analog poles and zeros."""
    k = np.tan(np.pi * 1681.974450955533 / rate)
    high, q = 10 ** (3.999843853973347 / 20), 0.7071752369554196
    band = high ** 0.4996667741545416
    d = 1 + k / q + k * k
    shelf = [(high + band * k / q + k * k) / d, 2 * (k * k - high) / d, (high - band * k / q + k * k) / d,
             1, 2 * (k * k - 1) / d, (1 - k / q + k * k) / d]
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    d = 1 + k / q + k * k
    cut = [1, -2, 1, 1, 2 * (k * k - 1) / d, (1 - k / q + k * k) / d]
    return signal.sosfilt([shelf, cut], x, axis=0)


def loudness(sound, rate):
    """Ungated, LUFS."""
    return -0.691 + 10 * np.log10(max((k_weighted(sound, rate) ** 2).mean(0).sum(), TINY))


# --- clicks ----------------------------------------------------------------------------------------------

def leak(x, rate, edge=2850.0):
    """What is left of x above 3.5 kHz, when all below 2.2 kHz has gone: of a low tone only its clicks. 500 frames
    are lost at either end, where it would see the tone begin."""
    taps = signal.firwin(1001, edge, window=('kaiser', 14.5), pass_zero=False, fs=rate)
    return signal.oaconvolve(x, taps, mode='valid')
