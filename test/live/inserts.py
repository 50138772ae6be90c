# SPDX-License-Identifier: GPL-3.0-or-later
"""Outboard: out on one port, back on another."""
from harness import *
from sound import playing


def calibrate(room, host, *words):
    status, out, err = room.deadwax('calibrate', 'insert', '1', '--port', str(host.port), *words)
    return status, out, err


@test
def an_insert_is_pinged_set_and_its_drift_is_told(room):
    server = room.jackd(48000, 256)
    host = room.host(server)
    osc = room.osc(host)
    probe = room.probe(server)
    playing(osc)
    status, out, err = calibrate(room, host)
    check_equal((status, out), (1, ''), 'nothing is plugged in: ' + err)
    check('return_1' in err, 'the mend: ' + err)
    for side in 'LR':
        probe.connect('deadwax:send_1_' + side, 'deadwax:return_1_' + side)
    status, out, err = calibrate(room, host, '--json')
    check_equal((status, err), (0, ''), 'a ping')
    found = json.loads(out)
    check_equal((found['found'], found['inverted']), (True, False), out)
    check(abs(found['delay_frames'] - 256) < 0.01, 'a cable from port to port takes a period: %s' % out)
    check(abs(found['gain_db']) < 0.01 and found['null_db'] < -100, out)
    check_equal(osc.value('/insert/1/delay'), 256.0, 'the delay is set')
    before = osc.value('/meter/dsp/latency')
    osc.send('/insert/1/on', 1)
    osc.send('/insert/1/delay', 300.0)
    osc.await_value('/meter/insert/1/state', lambda s: s == 3, 'drifted')
    check(abs(osc.value('/meter/insert/1/drift') + 44) < 0.01, 'by 44 frames')
    osc.await_value('/meter/dsp/latency', lambda n: n == before + 44, 'the chain is as late as the insert says')
    wait_for(lambda: any('ping again' in line for line in host.lines), 'the news')


@test
def what_goes_through_outboard_is_not_rendered(room):
    mix = room.path('mix.wav')
    write_wav(mix, programme(1))
    status, out, err = room.deadwax('render', mix, '-o', room.path('out.wav'), '--set', '/insert/2/on=on')
    check_equal(status, 1, 'exit status')
    check('insert 2' in err and 'live' in err, err)
    check(not os.path.exists(room.path('out.wav')), 'no file')
