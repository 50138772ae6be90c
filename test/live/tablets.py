# SPDX-License-Identifier: GPL-3.0-or-later
"""OSC as a tablet speaks it; liblo's own oscsend and oscdump are the peer where they can be."""
import random
import time

from harness import *


TOLD = 14       # times that UDP tells a value which rests: control/clients.h


def here(room, period=256, *args, **more):
    """A host that plays, steered by nobody yet."""
    write_wav(room.path('song.wav'), programme(2))
    host = room.host(room.jackd(48000, period), '--loop', 'track', '--log', 'take.log', *args, 'song.wav', **more)
    return host, room.osc(host)


def oscsend(room, host, path, types='', *values):
    status, out = room.tool('oscsend', '127.0.0.1', host.port, path, *([types] if types else []), *values)
    check_equal(status, 0, 'oscsend %s: %s' % (path, out))


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def oscdump(room):
    """A listening liblo and its port."""
    port = free_port()
    dump = room.keep(Program([find_tool('oscdump'), '-L', str(port)]))

    def hears():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(message('/are/you/there'), ('127.0.0.1', port))
        return dump.find('/are/you/there')
    wait_for(hears, 'oscdump to listen', every=0.1)
    return dump, port


@test
def oscsend_sets_every_type_that_makes_sense(room):
    host, osc = here(room)
    moves = [
        ('/eq/1/gain', 'f', '-2.5', -2.5), ('/eq/1/gain', 'i', '3', 3.0), ('/eq/1/gain', 'd', '1.25', 1.25),
        ('/eq/1/gain', 'h', '-4', -4.0), ('/eq/1/gain', 's', '2.75', 2.75), ('/eq/1/gain', 's', '-1.5 dB', -1.5),
        ('/eq/on', 'T', None, 1), ('/eq/on', 'F', None, 0), ('/eq/on', 'i', '1', 1), ('/eq/on', 's', 'off', 0),
        ('/eq/on', 'f', '1', 1), ('/eq/1/type', 's', 'notch', 5), ('/eq/1/type', 'i', '2', 2),
        ('/eq/1/freq', 'f', '440', 440.0), ('/transport/loop', 's', 'list', 2),
    ]
    for path, kind, word, want in moves:
        oscsend(room, host, path, kind, *([word] if word is not None else []))
        osc.await_value(path, want)
    check_equal(osc.ask('/eq/1/type'), [2, 'high_shelf'], 'a choice comes as number and word')
    oscsend(room, host, '/print/file', 's', 'a name.wav')
    osc.await_value('/print/file', 'a name.wav')


@test
def norm_sends_the_same_row_from_nought_to_one(room):
    host, osc = here(room)
    oscsend(room, host, '/eq/2/freq/norm', 'f', '0')
    osc.await_value('/eq/2/freq', 10.0)
    oscsend(room, host, '/eq/2/freq/norm', 'f', '1')
    osc.await_value('/eq/2/freq', 40000.0)
    oscsend(room, host, '/eq/2/freq/norm', 'f', '0.5')
    osc.await_value('/eq/2/freq', lambda hz: abs(hz - math.sqrt(10 * 40000)) < 0.1, 'the middle on a log scale')
    check_near(osc.value('/eq/2/freq/norm'), 0.5, 1e-6, '/norm asked for')
    osc.send('/eq/2/freq/norm', 1.5)
    check('/eq/2/freq' in osc.await_path('/error')[0], 'an error for 1.5')
    check_near(osc.value('/eq/2/freq/norm'), 0.5, 1e-6, 'unchanged')


@test
def steps_add_up_and_end_at_the_range(room):
    host, osc = here(room)
    osc.send('/subscribe', '/monitor', 60.0, 30.0)
    osc.await_value('/monitor/level', -20.0)
    for _ in range(5):
        osc.send('/monitor/level/step', 1.0)
    osc.await_value('/monitor/level', -15.0)
    osc.bundle(None, ('/monitor/level/step', -2), ('/monitor/level/step', -2))
    osc.await_value('/monitor/level', -19.0)
    osc.send('/monitor/level/step', 500.0)
    osc.await_value('/monitor/level', 0.0)
    osc.send('/monitor/dim/step', 1.0)
    check('no steps' in osc.await_path('/error')[1], 'a switch')


@test
def a_pattern_moves_all_rows_that_match(room):
    host, osc = here(room)
    oscsend(room, host, '/eq/[1-3]/on', 'T')
    for band in range(1, 9):
        osc.await_value('/eq/%d/on' % band, 1 if band <= 3 else 0)
    oscsend(room, host, '/{comp,limit}/on', 'i', '1')
    osc.await_value('/comp/on', 1)
    osc.await_value('/limit/on', 1)
    check_equal(osc.value('/eq/on'), 0, 'a row that does not match')
    osc.send('/eq/*/gain')
    answers = dict(osc.all())
    check_equal(sorted(answers), ['/eq/%d/gain' % b for b in range(1, 9)], 'answers to a pattern')
    oscsend(room, host, '/nothing/*/here', 'f', '1')
    osc.send('/nothing/*', 1.0)
    check_equal(osc.await_path('/error')[0], '/nothing/*', 'a pattern that matches nothing')


@test
def a_trigger_fires_once_for_a_button_pressed_and_released(room):
    write_wav(room.path('b.wav'), programme(3))
    host, osc = here(room, 256, 'b.wav')
    osc.await_value('/transport/track', 1)
    oscsend(room, host, '/transport/next', 'f', '1')
    oscsend(room, host, '/transport/next', 'f', '0')
    osc.await_value('/transport/track', 2)
    osc.send('/transport/next', 0.0)
    osc.send('/transport/previous', True)
    osc.await_value('/transport/track', 1)
    check_equal([m for m in osc.all() if m[0] == '/error'], [], 'errors for a release')


@test
def oscdump_hears_everything_once_and_then_what_changes(room):
    host, osc = here(room)
    dump, port = oscdump(room)
    oscsend(room, host, '/subscribe', 'sffi', '/eq', '60', '30', str(port))
    for p in params():
        if p['path'].startswith('/eq/'):
            dump.await_line(' %s ' % re.escape(p['path']))
    wait_for(lambda: (lambda n: time.sleep(0.3) or len(dump.lines) == n)(len(dump.lines)), 'silence')
    before = len(dump.lines)
    oscsend(room, host, '/eq/3/gain', 'f', '4.5')
    dump.await_line(r'/eq/3/gain f 4\.5', start=before)
    oscsend(room, host, '/comp/ratio', 'f', '4')
    oscsend(room, host, '/eq/on', 'T')
    dump.await_line(r'/eq/on i 1', start=before)
    osc.value('/eq/on')
    wait_for(lambda: (lambda n: time.sleep(0.3) or len(dump.lines) == n)(len(dump.lines)), 'silence')
    told = collections.Counter(line.split()[1] for line in dump.lines[before:])
    check_equal(told, {'/eq/3/gain': TOLD, '/eq/on': TOLD},
                'what was told after the dump: changes within the prefix, so often that UDP may lose some')


@test
def two_tablets_agree_and_one_that_left_is_forgotten(room):
    host, one = here(room)
    two = room.osc(host)
    for osc in (one, two):
        osc.send('/subscribe', '/comp', 60.0, 60.0)
        check(len(osc.all(1.0)) >= 9, 'all of /comp is told at first')
    one.send('/comp/ratio', 8.0)
    check_equal(two.await_path('/comp/ratio'), [8.0], 'what the other hears')
    two.send('/comp/ratio', 3.0)
    check_equal(one.await_path('/comp/ratio'), [3.0], 'what the first hears')
    two.send('/unsubscribe')
    two.value('/comp/ratio')
    two.all(0.5)
    one.send('/comp/ratio', 5.0)
    one.await_value('/comp/ratio', 5.0)
    check_equal([m for m in two.all(0.5) if m[0] == '/comp/ratio'], [], 'what one hears that has left')


@test
def who_only_sends_hears_the_others_and_ctl_leaves_nothing_behind(room):
    host, one = here(room)
    two = room.osc(host)
    one.send('/comp/ratio', 8.0)
    check_equal(one.await_path('/comp/ratio'), [8.0], 'what became of its own move')
    two.send('/ping')
    two.await_path('/pong')
    one.all(0.5)
    subscriber = OscStream(host.port, 'slip')
    subscriber.send('/comp/ratio', 3.0)
    check_equal(one.await_path('/comp/ratio'), [3.0], 'what another did')
    subscriber.close()
    desk = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)     # what ctl takes for a host
    desk.settimeout(PATIENCE)
    desk.bind(('127.0.0.1', 0))
    ctl = room.keep(Program([deadwax_path(), 'ctl', '--port', str(desk.getsockname()[1]), '/comp/ratio', '4']))
    data, who = desk.recvfrom(65536)
    check_equal([m[0] for m in decode(data)], ['/comp/ratio', '/comp/ratio'], 'a value and a question')
    desk.sendto(message('/comp/ratio', 4.0), who)
    check_equal(decode(desk.recvfrom(65536)[0]), [('/unsubscribe', [])], 'its last word')
    check_equal(ctl.wait(), 0, 'exit status')
    desk.close()


@test
def meters_come_as_a_blob_with_a_list_of_what_is_in_it(room):
    host, osc = here(room)
    osc.send('/meter/output/blob/paths')
    first, *paths = osc.await_path('/meter/output/blob/paths')
    check_equal(first, 0, 'the place of the first path')
    want = [p['path'] for p in params() if p['path'].startswith('/meter/output/') and p['type'] not in ('series', 'text')
            and p['owner'] == 'meter']
    while len(paths) < len(want):
        paths += osc.await_path('/meter/output/blob/paths')[1:]
    check_equal(paths, want, 'the paths, in table order')
    osc.send('/subscribe', '/meter/output/blob', 60.0, 60.0)

    def numbers():
        data = osc.await_path('/meter/output/blob')[0]
        check_equal(struct.unpack_from('>i', data)[0], len(want), 'the count')
        return dict(zip(want, struct.unpack_from('>%df' % len(want), data, 4)))
    wait_for(lambda: -40 < numbers()['/meter/output/momentary'] < 0, 'a loudness')


@test
def a_lease_runs_out_unless_it_is_renewed(room):
    host, one = here(room)
    two = room.osc(host)
    one.send('/subscribe', '/limit', 1.0, 60.0)
    one.all(1.5)
    two.send('/limit/gain', 2.0)
    two.await_value('/limit/gain', 2.0)
    check_equal(one.all(0.5), [], 'what one hears whose lease is over')


@test
def meters_move_for_who_subscribes_to_them(room):
    host, osc = here(room)
    osc.send('/subscribe', '/meter/output', 60.0, 30.0)
    seen = collections.Counter()
    end = time.monotonic() + PATIENCE
    while seen['/meter/output/peak/1'] < 10 and time.monotonic() < end:
        got = osc.receive(1)
        if got:
            seen[got[0]] += 1
    check(seen['/meter/output/peak/1'] >= 10, 'the peak moved %d times' % seen['/meter/output/peak/1'])
    osc.await_value('/meter/output/momentary', lambda lufs: -40 < lufs < 0, 'a loudness')


def all_told():
    """What who wants everything is told: no curves, and no counters, which to tell counts, too."""
    return {p['path'] for p in params() if p['type'] not in ('trigger', 'series') and 'counter' not in p['flags']}


@test
def a_dump_has_all_rows_that_have_a_value(room):
    host, osc = here(room)
    want = all_told()
    osc.send('/dump')
    got, end = set(), time.monotonic() + PATIENCE
    while got != want and time.monotonic() < end:
        m = osc.receive(1)
        if m:
            got.add(m[0])
    check_equal(sorted(want - got), [], 'rows that are missing')
    check_equal(sorted(got - want), [], 'rows that nobody knows')


@test
def a_curve_comes_whole_to_who_names_it(room):
    host, osc = here(room)
    wanted = {p['path']: p['points'] for p in params() if p['type'] == 'series'}
    check(len(wanted) > 10 and max(wanted.values()) > 200, '%r' % wanted)
    for path, points in wanted.items():
        check_equal(len(osc.ask(path)), points, path)
    osc.await_value('/transport/position', lambda s: s > 0.5, 'past 0.5 s')
    osc.send('/subscribe', '/meter/output/spectrum', 10.0, 20.0)
    first, then = osc.await_path('/meter/output/spectrum'), osc.await_path('/meter/output/spectrum')
    check(first != then, 'it moves')
    check(-60 < max(then) < 6, 'the programme is heard: %r' % max(then))
    osc.await_value('/meter/output/correlation', lambda r: r != 0, 'no 0')
    check_equal(osc.value('/meter/dsp/tap_lost'), 0.0, 'nothing is lost on the way')


@test
def ping_brings_the_same_words_back_with_our_name(room):
    host, osc = here(room)
    osc.send('/ping', 7, 'x')
    pong = osc.await_path('/pong')
    check_equal(pong[:3], [7, 'x', 'deadwax'], 'the pong')


@test
def a_bundles_moves_sound_at_the_frame_of_its_time_tag(room):
    host, osc = here(room, 64)
    osc.await_value('/transport/position', lambda s: s > 0.2, 'playing')
    now = time.time()
    # One packet, so that both are reckoned from the same moment: what is left is rounding.
    osc.packet(bundle(now + 0.3, bundle(now + 0.5, message('/input/trim', -3.0)),
                      bundle(now + 0.6, message('/input/trim', -6.0), message('/input/balance', 10.0))))
    osc.await_value('/input/trim', -6.0)
    lines = wait_for(lambda: (lambda m: m if len(m) == 3 else None)(
        [line for line in read_log(room.path('take.log')) if 'set' in line]), 'three moves in the log')
    check_equal([line['value'] for line in lines], [-3.0, -6.0, 10.0], 'moves in their order')
    check_near(lines[1]['frame'] - lines[0]['frame'], 4800, 64, 'frames between tags 100 ms apart')
    check_equal(lines[1]['frame'], lines[2]['frame'], 'both of a bundle at the same frame')
    room.note('100 ms at 48 kHz: %d frames' % (lines[1]['frame'] - lines[0]['frame']))
    osc.bundle(now + 600, ('/input/trim', 1.0))
    check('#bundle' in osc.await_path('/error')[0], 'ten minutes ahead is refused')
    osc.bundle(now - 5, ('/input/trim', 2.0))
    osc.await_value('/input/trim', 2.0)


@test
def what_is_refused_is_told_with_the_range_or_the_nearest_name(room):
    host, osc = here(room)
    refused = [
        ('/limit/ceiling', 3.0, ['-12', '0', 'dBTP']), ('/limit/ceiling', float('nan'), ['/limit/ceiling']),
        ('/comp/ratio', float('inf'), ['1', '20']), ('/eq/1/gian', 3.0, ['/eq/1/gain']), ('/eq/9/gain', 1.0, ['/eq/', '/gain']),
        ('/eq/1/type', 'bellow', ['bell', 'low_shelf']), ('/meter/output/momentary', 1.0, ['read']),
        ('/eq/1/type', 77, ['/eq/1/type']), ('/eq/1/gain', ('b', b'1234'), ['/eq/1/gain']),
    ]
    before = {path: osc.ask(path) for path in ('/limit/ceiling', '/comp/ratio', '/eq/1/type', '/eq/1/gain')}
    for path, value, parts in refused:
        osc.send(path, value)
        told = osc.await_path('/error')
        check_equal(told[0], path, 'the path of the error')
        check(all(part in told[1] for part in parts), 'for %s %r: %s' % (path, value, told[1]))
    for path, value in before.items():
        check_equal(osc.ask(path), value, 'unchanged: ' + path)


@test
def malformed_and_hostile_packets_change_nothing(room):
    host, osc = here(room)
    osc.send('/dump', '/eq')
    before = sorted(osc.all(1.0))
    check(len(before) > 40, 'a dump')
    rng = random.Random(11)
    good = message('/eq/1/gain', 3.0)
    nested = good
    for _ in range(200):
        nested = bundle(None, nested)
    hostile = [b'', b'\0', b'#bundle\0', b'#bundle\0' + b'\xff' * 12, good[:-1], good[:-4], good + b'\0', nested[:60000],
               b'/eq/1/gain\0\0,' + b'f' * 60000, b'/' * 65000, message('/' + '*' * 8000, 1.0),
               message('/{' + ','.join('eq' * 50) + '}/1/gain', 'x' * 9000), b'#bundle\0' + bytes(8) + b'\x7f\xff\xff\xff',
               bundle(None, good)[:-2], message('/eq/1/gain', ('s', 'x' * 60000)), b'/eq/1/gain\0\0,f\xff\xff\0\0\0\0']
    for packet in hostile:
        osc.packet(packet[:65000])
    for _ in range(3000):
        if rng.random() < 0.5:
            packet = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 200)))
        else:
            packet = bytearray(bundle(None, message('/nobody/home', 3.0, 'x'), message('/no/body', 1)))
            packet[rng.randrange(8, len(packet))] ^= 1 << rng.randrange(8)
        osc.packet(bytes(packet))
        if rng.random() < 0.02:
            time.sleep(0.005)
    peer = room.osc(host)
    peer.value('/eq/1/gain')
    peer.send('/dump', '/eq')
    check_equal(sorted(peer.all(1.0)), before, 'the equaliser after all that')
    peer.send('/eq/1/gain', 3.0)
    peer.await_value('/eq/1/gain', 3.0)
    check(host.alive(), 'the host lives')


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
            s.bind(('::1', 0))
    except OSError:
        return False
    return True


def steers_over_a_connection(host, peer, udp):
    osc = OscStream(host.port, *peer)
    who = '%s to %s' % peer
    osc.send('/ping', 7, 'x')
    check_equal(osc.await_path('/pong')[:3], [7, 'x', 'deadwax'], 'the pong, ' + who)
    osc.send('/eq/1/gain', 2.5)
    udp.await_value('/eq/1/gain', 2.5)
    osc.send('/limit/ceiling', 3.0)
    check('dBTP' in osc.await_path('/error')[1], 'a refusal, ' + who)
    want = all_told()
    osc.send('/dump')
    got, end = set(), time.monotonic() + PATIENCE
    while got < want and time.monotonic() < end:
        got.add((osc.receive(1) or ('',))[0])
    check_equal(sorted(want - got), [], 'rows that a dump leaves out, ' + who)
    osc.send('/subscribe', '/comp', 60.0, 60.0)
    osc.await_path('/comp/ratio')
    osc.all()
    udp.send('/comp/ratio', 8.0)
    check_equal(osc.await_path('/comp/ratio'), [8.0], 'what is told of another\'s move, ' + who)
    udp.send('/comp/ratio', 3.0)
    check_equal(osc.await_path('/comp/ratio'), [3.0], 'and of the next, ' + who)
    udp.send('/eq/1/gain', 0.0)
    udp.await_value('/eq/1/gain', 0.0)
    osc.close()


def steers_in_both_framings(room, address):
    host, udp = here(room)
    for framing in ('length', 'slip'):
        steers_over_a_connection(host, (framing, address), udp)
    return host


@test
def a_tablet_over_tcp_can_do_all_that_one_over_udp_can(room):
    host = steers_in_both_framings(room, '127.0.0.1')
    host.await_line(r'^osc\.tcp://127\.0\.0\.1:%d/' % host.port)


@test
def ipv6_is_as_good(room):
    if not has_ipv6():
        raise Skip('this machine has no ::1')
    steers_in_both_framings(room, '::1')


@test
def what_floods_or_sleeps_on_a_connection_holds_nobody_up(room):
    host, udp = here(room)
    rng = random.Random(12)
    asleep = [OscStream(host.port, framing) for framing in ('length', 'slip')]
    for osc in asleep:
        osc.send('/subscribe', '/', 60.0, 60.0)
    for _ in range(200):
        with socket.create_connection(('127.0.0.1', host.port), PATIENCE) as s:
            try:
                s.sendall(rng.choice([b'\0', b'\xc0', b'/', b'G', b'\0\0\0\x10']) +
                          bytes(rng.randrange(256) for _ in range(rng.randrange(2000))))
            except (BrokenPipeError, ConnectionResetError):
                pass
    flood = OscStream(host.port, 'length')
    for _ in range(2000):
        flood.packet(message('/eq/?/on', False))
    start = time.monotonic()
    udp.value('/eq/1/gain')
    flood.value('/eq/1/gain')
    room.note('both answer %.0f ms after the flood' % ((time.monotonic() - start) * 1e3))
    check(host.alive(), 'the host lives')


@test
def osc_listens_on_loopback_alone_unless_told(room):
    server = room.jackd()
    host = room.host(server)

    def bound_to(port, table='udp'):
        with open('/proc/net/' + table) as f:
            rows = [line.split()[1:4] for line in f.readlines()[1:]]
        return [row[0].split(':')[0] for row in rows
                if int(row[0].split(':')[1], 16) == port and (table != 'tcp' or row[2] == '0A')]
    check_equal(bound_to(host.port), ['0100007F'], 'the address that the socket is bound to (127.0.0.1)')
    check_equal(bound_to(host.port, 'tcp'), ['0100007F'], 'the address that TCP listens at')
    open_host = room.start(server, '--listen', '0.0.0.0', '--name', 'other')
    open_host.ready()
    check_equal(bound_to(open_host.port), ['00000000'], 'with --listen 0.0.0.0')
    check_equal(bound_to(open_host.port, 'tcp'), ['00000000'], 'TCP with --listen 0.0.0.0')
    third = room.start(server, '--osc-port', host.port, '--name', 'third')
    check_equal(third.wait(), 1, 'exit status for a port that is taken')
    check(str(host.port) in third.output(), third.output())
