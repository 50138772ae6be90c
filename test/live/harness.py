# SPDX-License-Identifier: GPL-3.0-or-later
"""What the whole-program tests stand on: servers, hosts, OSC, sound files, TAP.

A test is a function of one Room. The room starts programs and ends them again,
whatever happens; it ends no others. Nothing waits for a time to pass where it
can wait for a thing to happen, and what may take long on a slow machine has
long to do it.
"""
# Some of these are for the tests, which take all names from here.
import array
import collections
import glob
import json
import math
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

from checks import *
from midi import Talker
from osc import *
from programs import *
from room import *
from table import *
from wav import *

LONG = False            # --long: the figures for the note

tests = []


def test(function=None, seconds=120):
    """Marks a test; its name is a sentence."""
    def mark(f):
        f.seconds = seconds
        tests.append(f)
        return f
    return mark(function) if function else mark


class TooLong(BaseException):
    pass


def _alarm(number, frame):
    raise TooLong()


def worth_reading(program):
    """Without the server's banner, its talk about dropouts, and the answers of what is asked."""
    dull = r'jackdmp|Copyright|This is free|under certain|JACK server starting|self-connect|.*XRun|.*Process error|(ok|sees|control)\b'
    return [line for line in program.lines if not isinstance(program, (Jackd, Probe, Talker)) or not re.match(dull, line)]


def _lines(text):
    return ''.join('# %s\n' % line for line in text.splitlines())


def run_one(f):
    """("ok" | "not ok" | "skip", text)."""
    room = Room(f.__name__)
    result, text = 'ok', ''
    signal.signal(signal.SIGALRM, _alarm)
    signal.alarm(f.seconds)
    try:
        f(room)
    except Skip as e:
        result, text = 'skip', str(e)
    except Failure as e:
        result, text = 'not ok', str(e)
    except TooLong:
        result, text = 'not ok', 'took longer than %d s\n%s' % (f.seconds, traceback.format_exc())
    except Exception:
        result, text = 'not ok', traceback.format_exc()
    signal.alarm(0)
    said = [(p.name(), p) for p in room.programs]
    faults = room.close()
    if faults and result != 'not ok':
        result, text = 'not ok', ''
    text = '\n'.join([text] * bool(text) + faults)
    if result == 'not ok':
        for name, program in said:
            if worth_reading(program) and program.output() not in text:
                text += '\n%s said:\n%s' % (name, '\n'.join(worth_reading(program)[-40:]))
    if result == 'not ok' and os.environ.get('DEADWAX_KEEP'):
        text += '\nkept: ' + room.folder
    else:
        room.remove()
    return result, text, room.notes


def run_all(chosen):
    """TAP on standard output; true when none failed."""
    out = sys.stdout
    good = True
    adopt_orphans()
    out.write('1..%d\n' % len(chosen))
    for number, f in enumerate(chosen, 1):
        start = time.monotonic()
        result, text, notes = run_one(f)
        line = '%s %d - %s' % ('ok' if result == 'skip' else result, number, f.__name__)
        out.write(line + (' # SKIP %s' % text.splitlines()[0] if result == 'skip' else '') + '\n')
        out.write(_lines('\n'.join(notes)))
        if result == 'not ok':
            out.write(_lines(text))
            good = False
        out.write('# %.1f s\n' % (time.monotonic() - start))
        out.flush()
    return good
