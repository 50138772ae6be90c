# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked, what was measured: kept by section, told in the terminal, as JSON, and on one page."""
import html
import math
import sys
import traceback

import plots
from program import Refused


class Check:
    """One figure. ok is None where nothing was asked."""

    def __init__(self, name, measured, unit='', sense=None, bound=None, digits=3, target=None):
        self.name, self.unit, self.digits = name, unit, digits
        self.sense, self.bound, self.target = sense, bound, target
        self.measured = bool(measured) if isinstance(bound, bool) else float(measured)
        self.ok = None if sense is None else bool({
            'most': lambda: self.measured <= bound, 'least': lambda: self.measured >= bound,
            'near': lambda: abs(self.measured - target) <= bound, 'is': lambda: self.measured == bound}[sense]())

    def _number(self, x):
        if isinstance(x, bool):
            return 'yes' if x else 'no'
        if math.isnan(x):
            return 'no number'
        if x != 0 and abs(x) < 0.5 * 10 ** -self.digits:
            return '%.1e' % x
        return '%.*f' % (self.digits, x)

    def unit_text(self):
        return (' ' + self.unit) if self.unit else ''

    def asked_text(self):
        if self.sense is None:
            return ''
        if self.sense == 'near':
            return '%g ± %g%s' % (self.target, self.bound, self.unit_text())
        if self.sense == 'is':
            return self._number(self.bound)
        return '%s %g%s' % ({'most': '≤', 'least': '≥'}[self.sense], self.bound, self.unit_text())

    def measured_text(self):
        return self._number(self.measured) + self.unit_text()

    def mark(self):
        return {True: 'pass', False: 'FAIL', None: ''}[self.ok]

    def json(self):
        number = self.measured if isinstance(self.measured, bool) or math.isfinite(self.measured) else None
        return {'name': self.name, 'measured': number, 'unit': self.unit, 'sense': self.sense, 'bound': self.bound,
                'target': self.target, 'ok': self.ok}


class Section:
    """A stage's page: what was found, and pictures of it."""

    def __init__(self, name, title, lead):
        self.name, self.title, self.lead = name, title, lead
        self.blocks = []        # ('check', Check) | ('plot', svg, caption) | ('note', text)
        self.absent = self.broken = None
        self.seconds = 0.0

    def most(self, name, measured, bound, unit='dB', digits=3):
        self._add(Check(name, measured, unit, 'most', bound, digits))

    def least(self, name, measured, bound, unit='dB', digits=1):
        self._add(Check(name, measured, unit, 'least', bound, digits))

    def near(self, name, measured, target, tolerance, unit='dB', digits=2):
        self._add(Check(name, measured, unit, 'near', tolerance, digits, target))

    def true(self, name, measured):
        self._add(Check(name, measured, '', 'is', True))

    def told(self, name, measured, unit='dB', digits=2):
        self._add(Check(name, measured, unit, None, None, digits))

    def plot(self, figure, caption, wide=True):
        self.blocks.append(('plot', plots.svg(figure), caption, wide))

    def note(self, text):
        self.blocks.append(('note', text))

    def _add(self, check):
        self.blocks.append(('check', check))

    def checks(self):
        return [b[1] for b in self.blocks if b[0] == 'check']

    def failed(self):
        return bool(self.broken) or any(c.ok is False for c in self.checks())

    def measure(self, function, program):
        try:
            self.absent = function(self, program)
        except Refused as e:
            self.broken = str(e)
        except Exception:
            self.broken = traceback.format_exc()

    def state(self):
        if self.absent:
            return self.absent
        passed = sum(c.ok is True for c in self.checks())
        failed = sum(c.ok is False for c in self.checks()) + bool(self.broken)
        return '%d of %d bounds kept' % (passed, passed + failed)

    def json(self):
        return {'name': self.name, 'title': self.title, 'absent': self.absent, 'broken': self.broken,
                'seconds': round(self.seconds, 1), 'figures': [c.json() for c in self.checks()]}


# --- the terminal ----------------------------------------------------------------------------------------

def tell(section, out=sys.stdout):
    """One section's table; colours only where somebody looks."""
    colour = out.isatty()
    paint = lambda text, code: '\033[%sm%s\033[0m' % (code, text) if colour else text
    out.write('%s  %s\n' % (paint('%-10s' % section.name, '1'), paint(section.state(), '2')))
    for c in section.checks():
        mark = {'pass': paint('pass', '32'), 'FAIL': paint('FAIL', '1;31'), '': '    '}[c.mark()]
        out.write('  %s  %-66s %16s   %s\n' % (mark, c.name, c.measured_text(), paint(c.asked_text(), '2')))
    if section.broken:
        out.write('  %s  %s\n' % (paint('FAIL', '1;31'), section.broken.strip().replace('\n', '\n        ')))
    out.write('\n')
    out.flush()


# --- the page --------------------------------------------------------------------------------------------

def page(sections, about):
    checks = [c for s in sections for c in s.checks()]
    passed, failed = sum(c.ok is True for c in checks), sum(c.ok is False for c in checks)
    failed += sum(bool(s.broken) for s in sections)
    verdict = 'All %d bounds are kept' % passed if not failed else '%d of %d bounds are broken' % (failed, passed + failed)
    return PAGE % {
        'style': STYLE, 'verdict': verdict, 'class': 'bad' if failed else 'good',
        'about': ''.join('<div><dt>%s</dt><dd>%s</dd></div>' % tuple(map(html.escape, pair)) for pair in about),
        'index': ''.join(_index(s) for s in sections), 'sections': '\n'.join(_section(s) for s in sections)}


def _class(s):
    return 'absent' if s.absent else 'bad' if s.failed() else 'good'


def _index(s):
    return '<a class="%s" href="#%s"><b>%s</b><span>%s</span></a>' % (_class(s), s.name, html.escape(s.title),
                                                                    html.escape(s.state()))


def _section(s):
    out = ['<section id="%s"><header><h2>%s</h2><p class="state %s">%s</p></header><p class="lead">%s</p>'
           % (s.name, html.escape(s.title), _class(s), html.escape(s.state()), html.escape(s.lead))]
    if s.broken:
        out.append('<pre class="broken">%s</pre>' % html.escape(s.broken))
    plots_ = [b for b in s.blocks if b[0] == 'plot']
    out.append('<div class="plots">%s</div>' % ''.join(
        '<figure class="%s">%s<figcaption>%s</figcaption></figure>' % ('wide' if b[3] else 'half', b[1], html.escape(b[2]))
        for b in plots_))
    out += ['<p class="note">%s</p>' % html.escape(b[1]) for b in s.blocks if b[0] == 'note']
    if s.checks():
        rows = ''.join(_row(c) for c in s.checks())
        out.append('<table><thead><tr><th></th><th>figure</th><th>measured</th><th>asked</th></tr></thead>'
                   '<tbody>%s</tbody></table>' % rows)
    return ''.join(out) + '</section>'


def _row(c):
    kind = {True: 'good', False: 'bad', None: 'told'}[c.ok]
    mark = {True: '✓', False: '✗', None: ''}[c.ok]
    return '<tr class="%s"><td class="mark">%s</td><td>%s</td><td class="num">%s</td><td class="num ask">%s</td></tr>' % (
        kind, mark, html.escape(c.name), html.escape(c.measured_text()), html.escape(c.asked_text()))


STYLE = '''
:root { --ink:#1c1b1a; --soft:#6d6a64; --line:#e4e0d8; --paper:#f7f5f0; --card:#fffefb; --good:#2f7d4f; --bad:#c0392b;
  --accent:#b5482a; }
* { box-sizing:border-box; }
html { scroll-behavior:smooth; scroll-padding-top:1rem; }
body { margin:0; background:var(--paper); color:var(--ink); font:15px/1.55 system-ui,"Segoe UI","DejaVu Sans",sans-serif; }
main { max-width:1120px; margin:0 auto; padding:0 24px 96px; }
.top { background:#1c1b1a; color:#f4f0e8; }
.top > div { max-width:1120px; margin:0 auto; padding:40px 24px 34px; display:flex; gap:32px; align-items:center; }
.top svg { flex:none; width:96px; height:96px; }
.top h1 { margin:0; font-size:34px; font-weight:650; letter-spacing:-.02em; }
.top p { margin:4px 0 0; color:#bdb6a8; max-width:62ch; }
.top .verdict { font-size:17px; margin-top:12px; font-weight:600; }
.top .verdict.good { color:#8fd3a8; } .top .verdict.bad { color:#ff9d8c; }
dl { display:flex; flex-wrap:wrap; gap:4px 36px; margin:24px 0 0; }
dt { color:var(--soft); font-size:12px; } dd { margin:0; font-variant-numeric:tabular-nums; }
nav { display:grid; grid-template-columns:repeat(auto-fill,minmax(196px,1fr)); gap:10px; margin:24px 0 8px; }
nav a { background:var(--card); border:1px solid var(--line); border-left:4px solid var(--soft); border-radius:6px;
  padding:10px 14px; color:inherit; text-decoration:none; }
nav a:hover { border-color:#c9c2b4; } nav b { display:block; font-weight:600; } nav span { color:var(--soft); font-size:12.5px; }
nav a.good { border-left-color:var(--good); } nav a.bad { border-left-color:var(--bad); }
nav a.absent { opacity:.6; border-left-color:#bbb4a6; }
section { margin-top:56px; } section header { display:flex; align-items:baseline; gap:16px; border-bottom:2px solid var(--ink); }
h2 { margin:0; font-size:24px; font-weight:650; letter-spacing:-.01em; }
.state { margin:0 0 0 auto; font-size:13px; font-weight:600; } .state.good { color:var(--good); } .state.bad { color:var(--bad); }
.state.absent { color:var(--soft); }
.lead { max-width:84ch; color:#3d3a36; } .note { max-width:84ch; color:var(--soft); font-size:13.5px; }
.plots { display:grid; grid-template-columns:1fr 1fr; gap:16px; }
figure { margin:0; background:var(--card); border:1px solid var(--line); border-radius:8px; padding:14px 14px 10px; min-width:0; }
figure.wide { grid-column:1 / -1; } figure svg { width:100%; height:auto; display:block; }
figcaption { color:var(--soft); font-size:13px; margin:8px 4px 2px; line-height:1.45; }
table { border-collapse:collapse; width:100%; margin-top:18px; font-size:14px; background:var(--card);
  border:1px solid var(--line); }
th { text-align:left; font-weight:600; color:var(--soft); font-size:12.5px; } th:nth-child(n+3) { text-align:right; }
td, th { padding:5px 12px; border-bottom:1px solid var(--line); } tr:last-child td { border-bottom:0; }
.mark { width:1.6em; padding-right:0; font-weight:700; } .good .mark { color:var(--good); } .bad .mark { color:var(--bad); }
tr.bad td { background:#fdeeea; } .num { text-align:right; white-space:nowrap; font-variant-numeric:tabular-nums; }
.ask, tr.told td { color:var(--soft); } tr.told .num { color:var(--ink); }
.broken { background:#fdeeea; border:1px solid #eec3b9; padding:12px; overflow:auto; font-size:12.5px; }
@media (max-width:760px) { .plots { grid-template-columns:1fr; } .top > div { flex-direction:column; align-items:flex-start; } }
@media print { body { background:#fff; } nav { display:none; } section { break-before:page; } }
'''

PAGE = '''<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Deadwax, measured</title><style>%(style)s</style></head><body>
<div class="top"><div>
<svg viewBox="0 0 100 100" aria-hidden="true"><g fill="none" stroke="#f4f0e8">
<circle cx="50" cy="50" r="48" stroke-width="1.5"/><g stroke-width=".7" opacity=".55"><circle cx="50" cy="50" r="44"/>
<circle cx="50" cy="50" r="41"/><circle cx="50" cy="50" r="38"/><circle cx="50" cy="50" r="35"/></g>
<circle cx="50" cy="50" r="24" stroke-width=".7" opacity=".4"/></g><circle cx="50" cy="50" r="17" fill="#b5482a"/>
<circle cx="50" cy="50" r="2.2" fill="#1c1b1a"/></svg>
<div><h1>Deadwax, measured</h1>
<p>Every figure on this page was taken from outside: a sound file in, the program's own render, the file that came out.
The judges are formulas from standards and textbooks, and none of the program's own code.</p>
<p class="verdict %(class)s">%(verdict)s</p></div></div></div>
<main><dl>%(about)s</dl><nav>%(index)s</nav>
%(sections)s
</main></body></html>
'''
