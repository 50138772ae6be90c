# SPDX-License-Identifier: GPL-3.0-or-later
"""How the page's pictures look."""
import io
import re

import matplotlib
matplotlib.use('svg')
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

INK, SOFT, LINE = '#1c1b1a', '#6d6a64', '#e4e0d8'
RED, TEAL, OCHRE, BLUE, PLUM, GREEN = '#b5482a', '#15717a', '#c98a1b', '#3b5b92', '#7d4a7c', '#4f7f46'
COLOURS = [RED, TEAL, OCHRE, BLUE, PLUM, GREEN, '#8a8378', '#d0764f']
SCALE = matplotlib.colors.LinearSegmentedColormap.from_list('wax', ['#15717a', '#7fb3a8', '#f3ead6', '#dd9a63', '#b5482a'])
LINES = matplotlib.colors.LinearSegmentedColormap.from_list('lines', ['#14505c', '#3c938f', '#b8a24a', '#d8853b', '#a8371f'])
HEAT = matplotlib.colors.LinearSegmentedColormap.from_list('heat', ['#fffefb', '#f3d9b8', '#dd9a63', '#b5482a', '#5d1f10'])

plt.rcParams.update({
    'font.family': 'DejaVu Sans', 'font.size': 9, 'text.color': INK, 'axes.labelcolor': SOFT, 'axes.edgecolor': '#b9b3a6',
    'axes.linewidth': 0.8, 'xtick.color': SOFT, 'ytick.color': SOFT, 'xtick.labelsize': 8.5, 'ytick.labelsize': 8.5,
    'axes.grid': True, 'grid.color': LINE, 'grid.linewidth': 0.7, 'axes.axisbelow': True, 'axes.titlesize': 10.5,
    'axes.titleweight': 'bold', 'axes.titlelocation': 'left', 'axes.titlepad': 8, 'axes.labelsize': 9,
    'axes.spines.top': False, 'axes.spines.right': False, 'legend.frameon': False, 'legend.fontsize': 8.5,
    'lines.linewidth': 1.5, 'lines.solid_capstyle': 'round', 'axes.prop_cycle': plt.cycler(color=COLOURS),
    'figure.facecolor': 'none', 'axes.facecolor': 'none', 'savefig.facecolor': 'none', 'svg.hashsalt': 'deadwax',
    'savefig.dpi': 160, 'path.simplify': True, 'path.simplify_threshold': 0.3, 'svg.fonttype': 'path',
})

_count = [0]


def figure(rows=1, columns=1, width=10.8, height=3.4, ratios=None, sharex=False, widths=None):
    grid = {k: v for k, v in (('height_ratios', ratios), ('width_ratios', widths)) if v}
    return plt.subplots(rows, columns, figsize=(width, height), sharex=sharex, gridspec_kw=grid, layout='constrained')


def svg(fig):
    """The picture as text to put into a page; its ids are its own."""
    out = io.StringIO()
    fig.savefig(out, format='svg', metadata={'Date': None, 'Creator': None})
    plt.close(fig)
    text = out.getvalue()
    text = text[text.index('<svg'):]
    _count[0] += 1
    mine = 'f%d-' % _count[0]
    text = re.sub(r'id="', 'id="' + mine, text)
    text = re.sub(r'(xlink:href="#|url\(#)', lambda m: m.group(1) + mine, text)
    text = re.sub(r'<metadata>.*?</metadata>', '', text, flags=re.S)
    return re.sub(r'(-?\d+\.\d{2})\d+', r'\1', text)


def hz(ax, low=20, high=20000, label=True):
    """A logarithmic axis of frequency, with the marks that an engineer looks for."""
    marks = [f for f in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000) if low <= f <= high]
    ax.set_xscale('log')
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator(marks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda f, _: '%gk' % (f / 1000) if f >= 1000 else '%g' % f))
    if label:
        ax.set_xlabel('Hz')


def bound(ax, *levels, label=None):
    """Where the asked bound is."""
    for i, level in enumerate(levels):
        ax.axhline(level, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=3, label=label if i == 0 else None)


def shades(count):
    """Colours for a family of curves, cold to warm."""
    return [LINES(x) for x in np.linspace(0, 1, count)] if count > 1 else [RED]


def tag(ax, text, x=0.985, y=0.95, **words):
    ax.text(x, y, text, transform=ax.transAxes, ha='right', va='top', fontsize=8.5, color=SOFT, **words)


def heat(ax, values, rows, columns, form='%+.3f', low=None, high=None, cmap=None):
    """A table whose cells are coloured by what they hold."""
    values = np.asarray(values, float)
    low = np.nanmin(values) if low is None else low
    high = np.nanmax(values) if high is None else high
    cells = ax.imshow(values, aspect='auto', cmap=cmap or HEAT, vmin=low, vmax=high)
    ax.grid(False)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for (r, c), v in np.ndenumerate(values):
        dark = np.dot(cells.to_rgba(v)[:3], (0.3, 0.59, 0.11)) < 0.5
        ax.text(c, r, form % v, ha='center', va='center', fontsize=8, color='#fffefb' if dark else INK)
