# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the test programs, reads their TAP, shows what failed, counts.

tap.py BUILD unit|live|hardware|all [NAME...]
tap.py --has-tests BUILD

The last line is "N passed, N failed" (", N skipped"); status 1 when any failed. A program that dies, hangs, or gives
fewer results than it announced has failed once more than it says.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JOBS = 2
LIVE_S = 1800           # all of test/live together; each test has its own, shorter limit


class Report:
    """One program's results."""

    def __init__(self, name):
        self.name, self.planned, self.status = name, None, None
        self.passed, self.failed, self.skipped = [], [], []
        self.words = {}         # by failed test: what it said
        self.loose = []         # lines that belong to no test
        self._last, self.last_failed = None, False

    def line(self, text):
        """Takes one line; returns the finished result, if it is one."""
        match = re.match(r'(ok|not ok)\b\s*\d*\s*-?\s*(.*)$', text)
        if re.match(r'1\.\.\d+', text):
            self.planned = int(re.match(r'1\.\.(\d+)', text).group(1))
        elif match:
            return self.result(match.group(1) == 'ok', match.group(2))
        elif text.startswith('Bail out!'):
            self.failed.append(text)
            self._last = self.words.setdefault(text, [])
        elif text.strip() and not text.startswith('TAP version'):
            (self.loose if self._last is None else self._last).append(text)
        return None

    def result(self, good, name):
        skip = re.search(r'#\s*skip\b\s*(.*)$', name, re.I)
        if skip:
            name = name[:skip.start()].strip()
            self.skipped.append((name, skip.group(1)))
        elif good:
            self.passed.append(name)
        else:
            self.failed.append(name)
        said = [] if skip or good else self.loose   # cmocka's words come before the result, ours after
        self.loose = []
        self._last, self.last_failed = said, not (skip or good)
        if not (skip or good):
            self.words[name] = said
        return 'skip' if skip else 'ok' if good else 'FAIL', name

    def end(self, status, what=''):
        """Sees to it that what went wrong outside of any test counts as well."""
        seen = len(self.passed) + len(self.failed) + len(self.skipped)
        if what:
            self.trouble(what)
        elif self.planned is None or seen < self.planned:
            self.trouble('ended (status %s) after %d of %s tests' % (status, seen, self.planned or 'its'))
        elif status != 0 and not self.failed:
            self.trouble('ended with status %s, though no test failed' % status)

    def trouble(self, what):
        name = '%s: %s' % (self.name, what)
        self.failed.append(name)
        self.words[name] = (self._last or []) + self.loose


def meson_tests(build):
    done = subprocess.run(['meson', 'introspect', '--tests', build], capture_output=True, stdin=subprocess.DEVNULL)
    return json.loads(done.stdout) if done.returncode == 0 else []


printing = threading.Lock()


def say(text):
    with printing:
        print(text, flush=True)


def run_unit(entry):
    report = Report(entry['name'])
    start = time.monotonic()
    try:
        done = subprocess.run(entry['cmd'], cwd=entry['workdir'] or ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, **entry['env'], 'CMOCKA_MESSAGE_OUTPUT': 'TAP'},
                              timeout=entry['timeout'])
        output, status, what = done.stdout, done.returncode, ''
    except subprocess.TimeoutExpired as e:
        output, status, what = e.stdout or b'', None, 'took longer than %d s' % entry['timeout']
    except OSError as e:
        output, status, what = b'', None, str(e)
    for line in output.decode('utf-8', 'replace').splitlines():
        report.line(line)
    report.end(status, what)
    storey = entry['suite'][0].split(':')[-1] if entry['suite'] else ''
    say('%-4s %s %s: %d (%.1f s)' % ('FAIL' if report.failed else 'ok', storey, report.name, len(report.passed),
                                    time.monotonic() - start))
    return report


def run_units(build, names):
    """The virtual machine is meson's too, but not one of the units."""
    entries = [t for t in meson_tests(build) if t['name'] != 'hardware']
    entries = [t for t in entries
               if not names or t['name'] in names or any(s.split(':')[-1] in names for s in t['suite'])]
    if not entries:
        report = Report('unit tests')
        report.trouble('there are none%s: is cmocka installed?' % (' named ' + ' '.join(names) if names else ''))
        return [report]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(run_unit, entries))


def run_live(build, names):
    """The whole-program tests print as they go: each may take seconds."""
    report = Report('live tests')
    child = subprocess.Popen([sys.executable, os.path.join(ROOT, 'test', 'live', 'run')] + names, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, DEADWAX_BUILD=build))
    timer = threading.Timer(LIVE_S, child.kill)
    timer.start()
    for raw in child.stdout:
        line = raw.decode('utf-8', 'replace').rstrip('\n')
        result = report.line(line)
        if result:
            say('%-4s live %s' % result)
        elif line.startswith('# ') and not report.last_failed:
            say('     ' + line[2:])
    status = child.wait()
    timer.cancel()
    report.end(status)
    return report


def show(reports):
    for report in reports:
        for name in report.failed:
            say('\nFAILED  %s  %s' % (report.name, name))
            for line in report.words.get(name, []):
                say('    ' + line.removeprefix('# '))
    skipped = [s for report in reports for s in report.skipped]
    if skipped:
        say('')
    for name, why in skipped:
        say('skipped  %s: %s' % (name, why))


def main(words):
    if words[:1] == ['--has-tests']:
        return 0 if meson_tests(words[1]) else 1
    build, which, names = os.path.abspath(words[0]), words[1], words[2:]
    reports = []
    if which in ('unit', 'all'):
        reports += run_units(build, names)
    if which in ('live', 'all'):
        reports.append(run_live(build, names))
    if which == 'hardware':
        reports.append(run_live(build, ['hardware'] + names))
    if which == 'all':
        reports.append(run_live(build, ['--kvm', 'hardware']))
    show(reports)
    passed, failed, skipped = (sum(len(getattr(r, kind)) for r in reports) for kind in ('passed', 'failed', 'skipped'))
    say('')
    say('%d passed, %d failed%s' % (passed, failed, ', %d skipped' % skipped if skipped else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
