# SPDX-License-Identifier: GPL-3.0-or-later
"""The signals of EBU Tech 3341 v4 and 3342 v4 through a live host, at periods 64 and 1024.

A probe plays them into deadwax:in_L and in_R, to the frame; the server freewheels meanwhile, so 25 minutes of signal
take as long as the host needs for them. Levels, times and tolerances are the documents'.
"""
from harness import *

RATE = 48000
TONE = 48               # frames of a period of 1 kHz: every segment below is whole milliseconds
LU, RANGE_LU = 0.1, 1.0
OVER_DB, UNDER_DB = 0.2, 0.4


def tone(dbfs, seconds):
    """Raw float32 pairs; the phase runs on from segment to segment, as all are whole periods long."""
    gain = 10 ** (dbfs / 20)
    one = array.array('f', [gain * math.sin(2 * math.pi * (i // 2) / TONE) for i in range(2 * TONE)]).tobytes()
    return one * round(seconds * RATE / TONE)


def quiet(seconds):
    return bytes(8 * round(seconds * RATE))


def stereo(wave):
    return array.array('f', [x for x in wave for _ in range(2)]).tobytes()


def between(amplitude, period, degrees):
    """Cases 15 to 19: a sine that the samples miss the top of; 10 ms fades."""
    n = RATE // 2
    return stereo(amplitude * min(1, i / 480, (n - 1 - i) / 480) *
                  math.sin(2 * math.pi * (i / period + degrees / 360)) for i in range(n))


def bessel(x):
    total = term = 1.0
    for k in range(1, 60):
        term *= (x / 2 / k) ** 2
        total += term
    return total


def spliced(offset):
    """Cases 20 to 23: one period of rate/4 at 1.0 in rate/6 at 0.5, made at four times the rate, low-passed, decimated."""
    length, taps = 4 * 4800, 4 * 48
    middle = length // 48 * 24

    def at(i):
        if i < middle:
            x = 0.5 * math.sin(2 * math.pi * i / 24)
        elif i < middle + 16:
            x = math.sin(2 * math.pi * (i - middle) / 16)
        else:
            x = 0.5 * math.sin(2 * math.pi * (i - middle - 16) / 24)
        return x * min(1, i / 960, (length - 1 - i) / 960)
    high = [at(i) for i in range(length)]
    tap = [(math.sin(math.pi * k * 0.96 / 4) / (math.pi * k) if k else 0.24) *
           bessel(9 * math.sqrt(1 - (k / (taps + 1)) ** 2)) / bessel(9) for k in range(-taps, taps + 1)]
    total = sum(tap)
    padded = [0.0] * taps + high + [0.0] * taps
    return stereo(sum(a * b for a, b in zip(tap, padded[4 * i + offset:])) / total for i in range(length // 4))


class NoWheel(Exception):
    """The server had no thread to freewheel with ("Cannot start thread"), and stands still from then on: jackd gives it
    a second to come up, which a busy machine does not always."""


class Meter:
    """A host that hears the probe, and its readings."""

    def __init__(self, room, period):
        self.room = room
        server = room.jackd(RATE, period, waits=True)
        host = room.host(server, '--no-connect')
        self.osc = room.osc(host)
        self.osc.send('/transport/play', 0)
        self.osc.send('/transport/source', 'input')
        self.osc.await_value('/transport/source', 1)
        self.probe = room.probe(server)
        for side in 'LR':
            self.probe.connect('probe:out_' + side, 'deadwax:in_' + side)
        self.cases = 0
        self.seconds = 0

    def read(self, name):
        return self.osc.value('/meter/output/' + name)

    def reset(self):
        """What was played before is out of the windows, too."""
        self.wheel(quiet(3.2))
        self.osc.send('/meter/reset', 1)
        wait_for(lambda: self.read('measured') < 2 and self.read('integrated') == -120, 'the reset')

    def wheel(self, *parts):
        """Plays as fast as it goes, and a bit of silence that pushes the end through."""
        path = self.room.path('signal')
        with open(path, 'wb') as f:
            for part in parts:
                f.write(part)
            f.write(quiet(0.2))
        self.seconds += os.path.getsize(path) / 8 / RATE
        if self.probe.ask('freewheel 1') is None:
            raise NoWheel()
        fed = self.probe.ask('feed ' + path, seconds=200)
        check(self.probe.ask('freewheel 0') is not None, 'back to the clock')
        check(fed is not None, 'the signal')
        time.sleep(0.1)     # readings come every 10 ms, of four measurements in turn

    def play(self, *parts):
        self.reset()
        self.wheel(*parts)
        self.cases += 1

    def watch(self, name, part, times, settle):
        """The least and the largest reading while it plays, from `settle` seconds after its begin. By the clock, so
        that there are readings enough."""
        self.reset()
        path = self.room.path('signal')
        with open(path, 'wb') as f:
            f.write(part * times)
        self.probe.child.stdin.write(b'feed %s\n' % path.encode())
        self.probe.child.stdin.flush()
        seen, before, end = [], self.read('measured'), time.monotonic() + 100
        while len(self.probe.lines) == self.probe._said and time.monotonic() < end:
            value, after = self.read(name), self.read('measured')
            seen.append((before, value, after))
            before = after
        check(len(self.probe.lines) > self.probe._said, 'the signal to end')
        self.probe._said += 1
        self.cases += 1
        self.seconds += len(part) * times / 8 / RATE
        began = next((x for x in seen if x[1] > -100), None)
        check(began is not None, 'nothing came: %r' % seen[:5])
        over = began[0] + len(part) * times / 8 / RATE - 0.1
        steady = [value for before, value, after in seen if before > began[2] + settle and after < over]
        check(len(steady) >= 20, 'only %d readings of %s' % (len(steady), name))
        return min(steady), max(steady)

    def near(self, name, want, tolerance, what):
        check_near(self.read(name), want, tolerance, 'case %s: /meter/output/%s' % (what, name))

    def peaks(self, want, what):
        for name in ('true_peak_max/1', 'true_peak_max/2', 'true_peak_itu_max/1', 'true_peak_itu_max/2'):
            got = self.read(name)
            check(want - UNDER_DB <= got <= want + OVER_DB, 'case %s: %s: %r, wanted %r' % (what, name, got, want))


GATES = {
    '3': [(-36, 10), (-23, 60), (-36, 10)],
    '4': [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    '5': [(-26, 20), (-20, 20.1), (-26, 20)],
}
RANGES = [([-20, -30], 10), ([-20, -15], 5), ([-40, -20], 20), ([-50, -35, -20, -35, -50], 15)]
BETWEEN = [('15', 0.5, 4, 0, -6), ('16', 0.5, 4, 45, -6), ('17', 0.5, 6, 60, -6), ('18', 0.5, 8, 67.5, -6),
           ('19', 1.41, 4, 45, 3)]


def loudness_cases(m):
    for case, level in (('1', -23), ('2', -33)):
        m.play(tone(level, 20))
        for name in ('integrated', 'max_momentary', 'max_short_term'):
            m.near(name, level, LU, case)
    for case, segments in GATES.items():
        m.play(*(tone(*s) for s in segments))
        m.near('integrated', -23, LU, case)
    for i in range(20):
        m.play(quiet(0.15 * i), tone(-23, 3), quiet(1))
        m.near('max_short_term', -23, LU, '10, file %d' % (i + 1))
        m.play(quiet(0.02 * i), tone(-23, 0.4), quiet(1))
        m.near('max_momentary', -23, LU, '13, file %d' % (i + 1))


def rising_cases(m):
    """20 in a row, each louder than the one before: the maximum is always the newest one's."""
    for case, name, step, length in (('11', 'max_short_term', 0.15, 3), ('14', 'max_momentary', 0.02, 0.4)):
        m.reset()
        for i in range(20):
            m.wheel(quiet(step * i), tone(-38 + i, length), quiet(length - step * i))
            m.near(name, -38 + i, LU, '%s, tone %d' % (case, i + 1))
        m.cases += 1


def steady_cases(m):
    for case, name, part, times, settle in (
            ('9', 'short_term', tone(-20, 1.34) + tone(-30, 1.66), 5, 3),
            ('12', 'momentary', tone(-20, 0.18) + tone(-30, 0.22), 25, 1)):
        low, high = m.watch(name, part, times, settle)
        check(-23 - LU <= low and high <= -23 + LU, 'case %s: %s from %r to %r' % (case, name, low, high))


def range_cases(m):
    for number, (levels, want) in enumerate(RANGES, 1):
        m.play(*(tone(level, 20) for level in levels))
        m.near('range', want, RANGE_LU, '3342-%d' % number)
        # A server that freewheels before the probe feeds it plays seconds of silence, which are measured too.
        before, stable, after = m.read('measured'), m.read('range_stable'), m.read('measured')
        check(stable == 0 or after >= 60, 'case 3342-%d: stable after %.1f s' % (number, after))
        check(stable == 1 or before < 60, 'case 3342-%d: not stable after %.1f s' % (number, before))
        check(before >= 20 * len(levels), 'case 3342-%d: %.1f s measured' % (number, before))


def peak_cases(m):
    for case, amplitude, period, degrees, want in BETWEEN:
        m.play(quiet(0.1), between(amplitude, period, degrees))
        m.peaks(want, case)
    for offset in range(4):
        m.play(quiet(0.1), spliced(offset))
        m.peaks(0, str(20 + offset))


def all_cases(room, period):
    for _ in range(3):
        try:
            return cases_of(room, Meter(room, period), period)
        except NoWheel:
            room.note('a server that could not freewheel: begun again with another')
    raise Failure('three servers could not freewheel')


def cases_of(room, m, period):
    start = time.monotonic()
    loudness_cases(m)
    rising_cases(m)
    steady_cases(m)
    range_cases(m)
    peak_cases(m)
    check_equal(m.osc.value('/meter/dsp/period'), period, 'the period')
    room.note('%d frames: %d signals, %.0f s of sound in %.0f s' % (period, m.cases, m.seconds, time.monotonic() - start))


@test(seconds=600)
def the_ebus_signals_read_right_at_64_frames(room):
    all_cases(room, 64)


@test(seconds=600)
def the_ebus_signals_read_right_at_1024_frames(room):
    all_cases(room, 1024)


@test(seconds=180)
def each_track_is_measured_alone_and_the_album_as_one(room):
    """Three files in a row: what /meter/track reads at each one's end, /meter/album over all; a pause adds nothing."""
    levels = (-30, -20, -26)
    for i, level in enumerate(levels):
        write_wav(room.path('%d.wav' % i), array.array('f', tone(level, 4)))
    host = room.host(room.jackd(RATE, 256), '--no-connect', *('%d.wav' % i for i in range(3)))
    osc = room.osc(host)
    for i, level in enumerate(levels):
        osc.await_value('/transport/track', i + 1)
        osc.await_value('/meter/track/measured', lambda s: 3.0 < s < 3.95, 'nearly the whole track')
        check_near(osc.value('/meter/track/integrated'), level, 0.1, 'track %d' % (i + 1))
        check_near(osc.value('/meter/track/true_peak'), level, 0.1, 'peak of track %d' % (i + 1))
    osc.await_value('/transport/play', lambda v: not v)
    time.sleep(0.3)
    measured = osc.value('/meter/album/measured')
    check_near(measured, 12, 0.05, 'the album')
    check_near(osc.value('/meter/album/true_peak'), -20, 0.1, 'its peak')
    check_near(osc.value('/meter/album/max_short_term'), -20, 0.1, 'its loudest 3 s')
    time.sleep(0.5)
    check_equal(osc.value('/meter/album/measured'), measured, 'the album stands still')
    osc.send('/meter/run', 0)
    osc.await_value('/meter/run', lambda v: not v)
    paused = osc.value('/meter/output/measured')
    time.sleep(0.5)
    check_near(osc.value('/meter/output/measured'), paused, 0.05, 'a pause')
    osc.send('/meter/run', 1)
    osc.await_value('/meter/output/measured', lambda s: s > paused + 0.1, 'running again')
    osc.send('/meter/album/reset', 1)
    osc.await_value('/meter/album/measured', 0.0)
