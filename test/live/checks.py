# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test says when something is not as it should be, and how it waits."""
import os
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get('DEADWAX_BUILD', os.path.join(ROOT, 'build'))
# Seconds until something that should happen at once counts as not happening.
PATIENCE = float(os.environ.get('DEADWAX_PATIENCE', 30))


class Failure(Exception):
    """The program did not do as it should."""


class Skip(Exception):
    """This machine can't run the test; says why."""


def check(good, what):
    if not good:
        raise Failure(what)


def check_equal(got, want, what):
    if got != want:
        raise Failure('%s: got %r, want %r' % (what, got, want))


def check_near(got, want, tolerance, what):
    if not abs(got - want) <= tolerance:
        raise Failure('%s: got %r, want %r +- %r' % (what, got, want, tolerance))


def wait_for(happened, what, seconds=PATIENCE, every=0.02):
    """Returns what happened() returns as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        result = happened()
        if result:
            return result
        if time.monotonic() > end:
            raise Failure('waited %g s for %s' % (seconds, what() if callable(what) else what))
        time.sleep(every)
