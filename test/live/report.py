# SPDX-License-Identifier: GPL-3.0-or-later
"""deadwax check: its exit status, its JSON, and its page in a browser that nobody sees (Debian's package chromium)."""
import html
import pty
import struct
import xml.etree.ElementTree as ElementTree
import zlib

from harness import *

# Put into a copy of the page: what is wrong with how it looks, into the document's title, which --dump-dom shows.
PROBE = r'''
window.addEventListener('load', function () {
  const wrong = [];
  function channels(c) { const m = c.match(/[\d.]+/g).map(Number); return m.length === 3 ? m.concat(1) : m; }
  function luminance(c) {
    const l = c.slice(0, 3).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
  }
  function paper(e) {
    for (; e; e = e.parentElement) {
      const c = channels(getComputedStyle(e).backgroundColor);
      if (c[3] === 1) return c;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
  }
  function contrast(a, b) { const x = luminance(a), y = luminance(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let n; (n = words.nextNode());) {
    const e = n.parentElement;
    if (!n.textContent.trim() || ['SCRIPT', 'STYLE'].includes(e.tagName) || getComputedStyle(e).display === 'none') continue;
    texts++;
    const ratio = contrast(channels(getComputedStyle(e).color), paper(e));
    if (ratio < 4.5) wrong.push('contrast ' + ratio.toFixed(2) + ' of "' + n.textContent.trim().slice(0, 30) + '"');
  }
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    wrong.push('wider than the window: ' + root.scrollWidth + ' of ' + root.clientWidth);
    document.querySelectorAll('body *').forEach(e => {
      if (e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.scroll') && wrong.length < 9)
        wrong.push(e.tagName + '.' + e.className + ' ' + e.getBoundingClientRect().right);
    });
  }
  document.querySelectorAll('a[href^="#"]').forEach(a => {
    if (!document.getElementById(a.getAttribute('href').slice(1))) wrong.push('leads nowhere: ' + a.getAttribute('href'));
  });
  let before = 0;
  document.querySelectorAll('h1, h2, h3, h4, h5, h6').forEach(h => {
    const level = Number(h.tagName[1]);
    if (level > before + 1) wrong.push('a heading is left out before ' + h.textContent);
    before = level;
  });
  const plot = document.querySelector('.chart:not(.wave) .plot');
  let reading = 'none';
  if (plot) {
    const box = plot.getBoundingClientRect();
    plot.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width / 2, clientY: box.top + 5}));
    reading = plot.querySelector('.reading').innerText.replace(/\s+/g, ' ');
  }
  document.title = JSON.stringify({wrong: wrong, texts: texts, reading: reading, width: innerWidth,
    dark: matchMedia('(prefers-color-scheme: dark)').matches});
});
'''


class Browser:
    """Chromium without a window; each call is one run of it."""

    def __init__(self, room):
        self.program = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
        if not self.program:
            raise Skip('no chromium here: the package of that name')
        self.room = room
        self.runs = 0

    def run(self, path, *options, dark=False):
        said, out = self.start('file://' + path, *options, dark=dark)
        check(':CONSOLE' not in said, 'on the console: ' + '\n'.join(l for l in said.splitlines() if ':CONSOLE' in l))
        return out

    def start(self, url, *options, dark=False):
        """What is on its console, and its output."""
        self.runs += 1
        home = self.room.path('browser-%d' % self.runs)
        words = [self.program, '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run',
                 '--disable-dev-shm-usage', '--enable-logging=stderr', '--user-data-dir=' + home,
                 '--blink-settings=preferredColorScheme=%d' % (0 if dark else 1), *options, url]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE * 3,
                              env=dict(os.environ, HOME=home))
        said = done.stderr.decode(errors='replace')
        check(done.returncode == 0, 'chromium ended with %d:\n%s' % (done.returncode, said[-2000:]))
        return said, done.stdout.decode(errors='replace')

    def look(self, path, widths, dark=False):
        """What PROBE says of the page in frames of these widths."""
        with open(path) as f:
            page = f.read().replace('</body>', '<script>%s</script></body>' % PROBE)
        outer = self.room.path('frames.html')
        with open(outer, 'w') as f:
            f.write('<!DOCTYPE html><meta charset="utf-8"><title></title>')
            for width in widths:
                f.write('<iframe style="width:%dpx;height:2000px;border:0" srcdoc="%s"></iframe>'
                        % (width, html.escape(page, quote=True)))
            f.write('<script>const frames = [...document.querySelectorAll("iframe")];'
                    'setInterval(() => { document.title = "[" + frames.map(f => f.contentDocument.title).join() + "]"; }, 20);'
                    '</script>')
        dom = self.run(outer, '--window-size=1400,1200', '--virtual-time-budget=3000', '--dump-dom', dark=dark)
        return json.loads(html.unescape(re.search('<title>(.*?)</title>', dom, re.S).group(1)))

    def picture(self, path, dark=False):
        """(width, height, rows) of a screenshot, a byte a colour."""
        png = self.room.path('shot-%d.png' % self.runs)
        self.run(path, '--window-size=800,700', '--screenshot=' + png, dark=dark)
        with open(png, 'rb') as f:
            return read_png(f.read())


def read_png(data):
    """Eight bits a colour, not interlaced: as browsers write them."""
    at, packed = 8, b''
    while at < len(data):
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        if kind == b'IHDR':
            width, height, depth, colours = struct.unpack('>IIBB', data[at + 8:at + 18])
        if kind == b'IDAT':
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    check_equal(depth, 8, 'bits a colour')
    step = {2: 3, 6: 4}[colours]
    raw, rows, above = zlib.decompress(packed), [], bytearray(width * step)
    for y in range(height):
        row = bytearray(raw[y * (width * step + 1) + 1:(y + 1) * (width * step + 1)])
        unfilter(raw[y * (width * step + 1)], row, above, step)
        rows.append(row)
        above = row
    return width, height, step, rows


def unfilter(how, row, above, step):
    for i in range(len(row) if how else 0):
        left, up, corner = (row[i - step], above[i], above[i - step]) if i >= step else (0, above[i], 0)
        if how == 1:
            row[i] = row[i] + left & 255
        elif how == 2:
            row[i] = row[i] + up & 255
        elif how == 3:
            row[i] = row[i] + (left + up) // 2 & 255
        elif how == 4:
            p = left + up - corner
            near = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))[2]
            row[i] = row[i] + near & 255


def colours_of(picture):
    width, _, step, rows = picture
    return collections.Counter(bytes(row[x * step:x * step + 3]) for row in rows[::4] for x in range(0, width, 4))


def specimen(room, kind, *how):
    done = subprocess.run([find_tool('specimen'), kind, *how], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=PATIENCE)
    check_equal(done.returncode, 0, 'specimen ' + kind)
    path = room.path(kind + '.html')
    with open(path, 'wb') as f:
        f.write(done.stdout)
    return path


def write_song(path, gain=0.3, seconds=4):
    write_wav(path, array.array('f', [gain * math.sin(i // 2 * 0.05) * (1 + math.sin(i * 1e-4)) / 2
                                      for i in range(2 * 48000 * seconds)]))


# --- the verb ---

@test
def wrong_use_of_check_is_told(room):
    for words in (['check'], ['check', '--nonsense'], ['check', '--threads', '0', 'demo:'], ['check', '--html']):
        status, out, err = room.deadwax(*words)
        check_equal((status, out), (2, ''), ' '.join(words))
        check(err, 'a word on standard error')
    status, out, err = room.deadwax('check', '--help')
    check_equal((status, err), (0, ''), '--help')
    check('--html' in out, 'help')
    for threads in ('1', '3'):
        check_equal(room.deadwax('check', '--threads', threads, 'demo:')[0], 0, '--threads ' + threads)


@test
def one_that_can_not_be_read_does_not_stop_the_others(room):
    write_song(room.path('good.wav'))
    with open(room.path('bad.wav'), 'w') as f:
        f.write('no sound')
    status, out, err = room.deadwax('check', '--json', room.path('bad.wav'), room.path('none.wav'), room.path('good.wav'))
    check_equal(status, 1, 'exit status')
    files = json.loads(out)['files']
    check_equal([('error' in f) for f in files], [True, True, False], 'errors in JSON')
    check('integrated' in files[2]['loudness'], 'the good one is measured')
    check_equal(len(err.splitlines()), 2, 'a line on standard error for each: ' + err)


@test
def a_page_never_takes_the_place_of_a_file_that_is_checked(room):
    song = room.path('song.wav')
    write_song(song)
    os.symlink(song, room.path('link.html'))
    before = open(song, 'rb').read()
    for out in (song, room.path('link.html')):
        status, _, err = room.deadwax('check', '--html', out, song)
        check_equal(status, 2, 'exit status for ' + out)
        check('overwrite' in err, err)
    check_equal(open(song, 'rb').read() == before, True, 'the song is as it was')
    status, _, err = room.deadwax('check', '--html', room.path('no/such/folder.html'), song)
    check_equal(status, 1, 'a folder that is not there')
    for _ in range(2):          # a report may be written anew
        room.must('check', '--html', room.path('report.html'), song)
    check('song.wav' in open(room.path('report.html')).read(), 'the report')


@test
def targets_and_albums_are_asked_for_by_name(room):
    for name in ('one.wav', 'two.wav'):
        write_song(room.path(name))
    check('spotify' in room.must('check', '--targets'), 'the names of targets')
    status, _, err = room.deadwax('check', '--target', 'spotfy', room.path('one.wav'))
    check_equal(status, 2, 'a name that nobody has')
    check('spotify' in err, 'the nearest name: ' + err)
    status, _, err = room.deadwax('check', '--album', room.path('one.wav'))
    check_equal(status, 2, 'an album of one')
    page = room.path('album.html')
    _, out, err = room.deadwax('check', '--json', '--target', 'spotify', '--album', '--html', page, room.path('one.wav'),
                               room.path('two.wav'))
    album = json.loads(out)
    check_equal((len(album['files']), len(album['album']['tracks'])), (2, 2), 'files and tracks: ' + err)
    check_equal(album['target'], 'Spotify', 'the target')
    check('Track by track' in open(page).read(), 'the tracks on the page')
    ElementTree.parse(page)


@test
def progress_is_for_terminals_and_leaves_nothing(room):
    write_song(room.path('song.wav'))
    _, _, err = room.deadwax('check', room.path('song.wav'))
    check_equal(err, '', 'in a pipe')
    leader, follower = pty.openpty()
    done = subprocess.Popen([deadwax_path(), 'check', room.path('song.wav')], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=follower)
    os.close(follower)
    said = b''
    try:
        while True:
            said += os.read(leader, 4096)
    except OSError:             # the other end is closed
        pass
    done.wait(PATIENCE)
    os.close(leader)
    check(b'%' in said, 'progress on a terminal: %r' % said)
    check(b'\n' not in said, 'one line')
    check_equal(said.split(b'\r')[-2:], [b' ' * 79, b''], 'it is erased')


@test
def any_name_a_file_can_have_comes_through(room):
    name = b'a "b" <script>alert(1)<b> &\n\x1b[2J\xff \xe2\x80\xae.wav'
    path = os.path.join(os.fsencode(room.folder), name)
    try:
        write_song(path)
    except OSError:
        raise Skip('the file system takes no such name')
    page = room.path('page.html')
    done = subprocess.run([deadwax_path(), 'check', '--json', '--html', page, path],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    check(done.returncode in (0, 1), done.stderr)
    check('<script>' in json.loads(done.stdout)['files'][0]['file'], 'the name in JSON')
    ElementTree.parse(page)
    plain = subprocess.run([deadwax_path(), 'check', path], stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=PATIENCE).stdout
    check(b'\x1b' not in plain and b'\xe2\x80\xae' not in plain, 'the terminal is not steered')


# --- the page ---

@test
def the_page_is_well_formed(room):
    for kind in ('song', 'clean', 'album', 'hostile'):
        tree = ElementTree.parse(specimen(room, kind))
        ids = [e.get('id') for e in tree.iter() if e.get('id')]
        check_equal(len(ids), len(set(ids)), 'ids that are there once: ' + kind)
        for script in tree.iter('{http://www.w3.org/1999/xhtml}script'):
            if script.get('type') == 'application/json':
                json.loads(script.text)


@test(seconds=300)
def the_page_is_readable_in_light_and_dark_on_a_desk_and_a_telephone(room):
    browser = Browser(room)
    widths = (1200, 768, 390)
    for kind, dark in (('song', False), ('song', True), ('album', True), ('hostile', False)):
        for seen, width in zip(browser.look(specimen(room, kind), widths, dark), widths):
            where = '%s, %s, %d' % (kind, 'dark' if dark else 'light', width)
            check_equal((seen['dark'], seen['width']), (dark, width), 'what was asked for')
            check_equal(seen['wrong'], [], where)
            check(seen['texts'] > 20, 'words: ' + where)
            if kind == 'song':
                check(re.search(r'Short-term −\d+\.\d LUFS', seen['reading']), 'at the pointer: ' + seen['reading'])
    page = room.path('demo.html')
    room.deadwax('check', '--html', page, 'demo:')
    for seen in browser.look(page, widths):
        check_equal(seen['wrong'], [], 'what a check writes, %d' % seen['width'])


@test(seconds=120)
def the_page_is_drawn_and_dark_is_dark(room):
    browser = Browser(room)
    path = specimen(room, 'song')
    for dark in (False, True):
        colours = colours_of(browser.picture(path, dark))
        (paper, most), total = colours.most_common(1)[0], sum(colours.values())
        check((sum(paper) < 150) == dark, 'paper is %s in %s' % (tuple(paper), 'dark' if dark else 'light'))
        check(total * 0.3 < most < total * 0.97, 'paper covers %d of %d' % (most, total))
        check(len(colours) > 50, '%d colours' % len(colours))


@test(seconds=120)
def the_page_prints(room):
    browser = Browser(room)
    for kind, least, most in (('song', 2, 6), ('album', 6, 22)):
        pdf = room.path(kind + '.pdf')
        browser.run(specimen(room, kind), '--no-pdf-header-footer', '--print-to-pdf=' + pdf, dark=True)
        with open(pdf, 'rb') as f:
            data = f.read()
        pages = len(re.findall(rb'/Type\s*/Page\b', data))
        check(least <= pages <= most, '%s: %d pages' % (kind, pages))
        size = re.search(rb'/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)', data)
        check(abs(float(size.group(1)) - 595) < 2 and abs(float(size.group(2)) - 842) < 2, 'A4: %s' % size.group(0))
        room.note('%s: %d pages' % (kind, pages))


MEMORY_MIB = 200        # of a check, whatever the file's length


@test
def four_hours_are_checked_in_little_memory(room):
    """At 8 kHz and 8 bits, so that it takes a moment only: what is kept a second does not depend on the rate."""
    rate, seconds = 8000, 4 * 3600
    part = os.urandom(60 * rate)
    with open(room.path('long.wav'), 'wb') as f:
        f.write(b'RIFF' + struct.pack('<I', 36 + rate * seconds) + b'WAVEfmt ' +
                struct.pack('<IHHIIHH', 16, 1, 1, rate, rate, 1, 8) + b'data' + struct.pack('<I', rate * seconds))
        for _ in range(seconds // 60):
            f.write(part)
    with open(room.path('report.json'), 'wb') as out:
        child = subprocess.Popen([deadwax_path(), 'check', '--json', 'long.wav'], cwd=room.folder, stdout=out)
        most = 0            # KiB; the kernel's own maximum would count what this process had before the exec, too
        while child.poll() is None:
            with open('/proc/%d/status' % child.pid) as f:
                lines = [line for line in f if line.startswith('VmHWM')]
            most = int(lines[0].split()[1]) if lines else most
            time.sleep(0.02)
    with open(room.path('report.json')) as f:
        report = json.load(f)
    check_near(report['files'][0]['format']['duration_s'], seconds, 0.001, 'heard to its end')
    check(0 < most < MEMORY_MIB * 1024, '%d MiB' % (most // 1024))
    room.note('%.1f MiB' % (most / 1024))
