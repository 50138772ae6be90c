# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference tracks: loaded and measured while it plays; what can't be read is one line."""
from harness import *
from sound import playing


def row(which, word):
    return '/compare/reference/%d/%s' % (which, word)


@test
def a_reference_is_measured_while_it_plays(room):
    tone = [0.1 * math.sin(2 * math.pi * 997 * (i // 2) / 48000) for i in range(3 * 48000 * 2)]
    write_wav(room.path('tone.wav'), tone)
    host = room.host(room.jackd())
    osc = room.osc(host)
    playing(osc)
    osc.send(row(2, 'file'), room.path('tone.wav'))
    osc.await_value(row(2, 'length'), lambda s: abs(s - 3) < 1e-3, 'its length')
    check_near(osc.value(row(2, 'loudness')), -20.0, 0.05, 'its loudness, LUFS')
    check_equal(osc.value(row(1, 'loudness')), -120.0, 'the others have none')
    osc.send(row(2, 'sync'), 1)
    osc.send(row(2, 'offset'), -1.5)
    osc.await_value(row(2, 'offset'), -1.5)
    check_equal(osc.value(row(2, 'sync')), 1, 'a switch')
    playing(osc, osc.value('/transport/position') + 0.2)
    rows = {p['path']: p for p in params()}
    ready = rows['/compare/state/a']['names'].index('ready')
    osc.send(row(2, 'sync'), 0)
    osc.send('/compare/a', rows['/compare/a']['names'].index('reference_2'))
    osc.send('/compare/b', rows['/compare/a']['names'].index('now'))
    osc.send('/compare/on', 1)
    osc.await_value('/compare/state/a', lambda s: (s if isinstance(s, (int, float)) else s[0]) == ready, 'it is heard')
    osc.await_value('/compare/loudness/a', lambda lufs: abs(lufs + 20) < 0.05, 'by its own loudness')
    osc.send(row(2, 'file'), '')
    osc.await_value(row(2, 'length'), 0.0, 'gone')
    check_equal(osc.value(row(2, 'loudness')), -120.0, 'gone')
    host.quit()


@test
def what_is_no_sound_is_one_line(room):
    with open(room.path('words.wav'), 'w') as f:
        f.write('these are words\n')
    host = room.host(room.jackd())
    osc = room.osc(host)
    playing(osc)
    for name in ('words.wav', 'missing.wav'):
        osc.send(row(1, 'file'), room.path(name))
        host.await_line('no reference: .*' + name)
    playing(osc, osc.value('/transport/position') + 0.5)
    check_equal(len([line for line in host.lines if 'no reference' in line]), 2, 'once each')
    check_equal(osc.value(row(1, 'length')), 0.0, 'none')
    host.quit()
