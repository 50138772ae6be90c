/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies at the pointer. The page is whole without it. */
'use strict';
(function () {
  function clock(s) {
    const minutes = Math.floor(s / 60), rest = (s - minutes * 60).toFixed(1).padStart(4, '0');
    return minutes >= 60 ? Math.floor(minutes / 60) + ':' + String(minutes % 60).padStart(2, '0') + ':' + rest
                         : minutes + ':' + rest;
  }

  function place(data, share) {
    return data.log ? data.from * Math.pow(data.to / data.from, share) : data.from + share * (data.to - data.from);
  }

  function valueAt(data, line, x) {
    const n = line.values.length;
    const share = data.log ? Math.log(x / line.from) / Math.log(line.to / line.from)
                           : (x - line.from) / (line.to - line.from);
    const i = Math.round(share * (n - 1));
    return i >= 0 ? (n > i ? line.values[i] : null) : null;
  }

  function row(name, value) {
    const div = document.createElement('div'), a = document.createElement('span'), b = document.createElement('b');
    a.textContent = name;
    b.textContent = value;
    div.append(a, b);
    return div;
  }

  function attach(chart) {
    const plot = chart.querySelector('.plot'), script = chart.querySelector('script');
    const data = JSON.parse(script.textContent);
    const cursor = document.createElement('div'), reading = document.createElement('div');
    cursor.className = 'cursor';
    reading.className = 'reading';
    cursor.hidden = reading.hidden = true;
    reading.setAttribute('aria-hidden', 'true');
    plot.append(cursor, reading);
    return {
      plot: plot, log: data.log,
      show: function (share, talk) {
        const x = place(data, share);
        cursor.hidden = false;
        cursor.style.left = share * 100 + '%';
        reading.hidden = !talk;
        reading.style.left = share > 0.5 ? 'auto' : 'calc(' + share * 100 + '% + 8px)';
        reading.style.right = share > 0.5 ? 'calc(' + (1 - share) * 100 + '% + 8px)' : 'auto';
        reading.replaceChildren(row(data.log ? Math.round(x) + ' Hz' : clock(x), ''));
        data.lines.forEach(function (line) {
          const v = valueAt(data, line, x);
          reading.append(row(line.label, v === null ? '–' : v.toFixed(data.decimals).replace('-', '−') + ' ' + data.unit));
        });
      },
      hide: function () { cursor.hidden = reading.hidden = true; }
    };
  }

  document.querySelectorAll('article').forEach(function (article) {
    const charts = Array.from(article.querySelectorAll('.chart')).map(attach);
    charts.forEach(function (chart) {
      /* One moment in all curves over time. */
      const together = charts.filter(function (c) { return c === chart || (!c.log === !chart.log); });
      chart.plot.addEventListener('pointermove', function (e) {
        const box = chart.plot.getBoundingClientRect();
        const share = Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
        together.forEach(function (c) { if (c === chart || !chart.log) { c.show(share, true); } });
      });
      chart.plot.addEventListener('pointerleave', function () { together.forEach(function (c) { c.hide(); }); });
    });
  });

  /* Escape puts away what a mark says. */
  document.addEventListener('keydown', function (e) {
    if (e.key === 'Escape') {
      if (document.activeElement) { document.activeElement.blur(); }
    }
  });
}());
