# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in a room full of computers, and the music that goes on."""
import resource
import time

from harness import *
from prints import render_equals
from sound import playing


def song(room, seconds=12, name='song.wav', rate=48000, seed=1):
    samples = programme(seconds, rate, seed)
    write_wav(room.path(name), samples, rate)
    return samples


def restart(room, server, rate=48000, period=256):
    return room.jackd(rate, period, name=server.server)


@test
def a_server_that_was_killed_and_comes_back_finds_everything_as_it_was(room):
    song(room)
    server = room.jackd()
    host = room.host(server, '--loop', 'track', 'song.wav')
    osc = room.osc(host)
    probe = room.probe(server)
    probe.connect('deadwax:master_L', 'system:playback_4')
    probe.connect('system:capture_2', 'deadwax:in_R')
    probe.ask('disconnect deadwax:master_R system:playback_2')
    osc.send('/eq/1/gain', 4.5)
    osc.send('/limit/on', True)
    playing(osc, 1.5)
    time.sleep(1)               # the host looks at its connections a few times a second
    server.kill()
    host.await_line('the JACK server has gone: waiting')
    at = osc.value('/transport/position')
    check_equal(osc.value('/eq/1/gain'), 4.5, 'a value while no server is there')
    osc.send('/eq/2/gain', -3.0)
    osc.await_value('/eq/2/gain', -3.0)
    server = restart(room, server)
    host.await_line('^back on ')
    osc.await_value('/transport/position', lambda s: s > at + 0.2, 'beyond %.2f s' % at)
    check(osc.value('/transport/position') < at + 8, 'it went on from where it was')
    for path, want in (('/eq/1/gain', 4.5), ('/eq/2/gain', -3.0), ('/limit/on', 1), ('/transport/loop', 1)):
        check_equal(osc.value(path), want, path)
    probe = room.probe(server)
    wait_for(lambda: sorted(probe.ask('linked deadwax:master_L')) == ['system:playback_1', 'system:playback_4'],
             'both connections of master_L')
    wait_for(lambda: probe.ask('linked deadwax:in_R') == ['system:capture_2'], 'the connection of in_R')
    check_equal(probe.ask('linked deadwax:master_R'), [], 'what a hand had taken apart stays apart')
    osc.await_value('/meter/output/peak/1', lambda db: db > -60, 'sound')


@test
def a_server_killed_while_printing_leaves_one_whole_print(room):
    song(room, 5)
    server = room.jackd(48000, 128)
    host = room.host(server, '--print', 'live.wav', '--log', 'take.log', '--once', '--set', '/limit/on=on', '--set',
                     '/limit/gain=4', 'song.wav')
    osc = room.osc(host)
    playing(osc, 1.5)
    server.kill()
    host.await_line('the JACK server has gone: waiting')
    osc.send('/eq/on', True)
    osc.send('/eq/1/on', True)
    osc.send('/eq/1/gain', 6.0)
    restart(room, server, 48000, 512)
    host.await_line('^back on ')
    check_equal(host.wait(60), 0, 'exit status')
    live = render_equals(room, 'live.wav', 'take.log', [None])
    check_equal(live.frames(), 5 * 48000, 'frames')


@test
def a_change_of_the_period_is_told_and_not_heard(room):
    samples = song(room, 5)
    server = room.jackd(48000, 256)
    host = room.host(server, '--print', 'live.wav', '--once', 'song.wav')
    osc = room.osc(host)
    probe = room.probe(server)
    for at, period in ((0.5, 1024), (1.5, 64), (2.5, 300)):
        playing(osc, at)
        check(probe.ask('period %d' % period) is not None, 'the server takes a period of %d' % period)
        host.await_line('period is now %d frames' % period)
        osc.await_value('/meter/dsp/period', float(period))
    check_equal(host.wait(60), 0, 'exit status')
    same_bytes(read_wav(room.path('live.wav')).data, samples.tobytes(), 'the print and the file')


@test
def a_server_that_comes_back_at_another_rate_goes_on_there(room):
    song(room, 10)
    server = room.jackd(48000, 256)
    host = room.host(server, '--print', 'live.wav', '--log', 'take.log', '--set', '/eq/1/gain=2', 'song.wav')
    osc = room.osc(host)
    playing(osc, 1.5)
    server.kill()
    host.await_line('the JACK server has gone: waiting')
    at = osc.value('/transport/position')
    restart(room, server, 44100, 256)
    host.await_line('the rate is 44100 Hz now')
    host.await_line('printed .* to live.wav')
    osc.await_value('/transport/position', lambda s: s > at + 0.3, 'beyond %.2f s' % at)
    check(osc.value('/transport/position') < at + 5, 'it went on from where it was')
    check_equal(osc.value('/eq/1/gain'), 2.0, 'a setting')
    check_equal(osc.value('/transport/play'), 1, 'playing')
    check_equal([line['rate'] for line in read_log(room.path('take.log')) if 'rate' in line], [48000, 44100], 'rates in the log')
    host.quit()
    live = render_equals(room, 'live.wav', 'take.log', [None])
    check_near(live.frames() / 48000, at, 0.5, 'seconds printed')


@test
def a_server_that_stands_still_is_seen_within_a_second(room):
    """As when a USB interface is pulled: jackd lives, no callback comes, nobody says goodbye."""
    song(room)
    server = room.jackd()
    host = room.host(server, '--loop', 'track', 'song.wav')
    osc = room.osc(host)
    playing(osc)
    start = time.monotonic()
    server.signal(signal.SIGSTOP)
    host.await_line('stands still.*not ours.*plug the interface in')
    took = time.monotonic() - start
    check(took < 3, 'seen after %.1f s' % took)
    at = osc.value('/transport/position')
    server.signal(signal.SIGCONT)
    host.await_line('the JACK server runs again')
    osc.await_value('/transport/position', lambda s: s != at, 'moving')
    room.note('seen after %.2f s' % took)


@test
def dropouts_are_told_and_counted(room):
    song(room)
    server = room.jackd(48000, 128)
    host = room.host(server, '--loop', 'track', 'song.wav')
    osc = room.osc(host)
    playing(osc, 0.3)
    before = len(host.lines)
    host.signal(signal.SIGSTOP)
    time.sleep(0.15)
    host.signal(signal.SIGCONT)
    host.await_line(r'\d+ xruns?, \d+ so far', start=before)
    osc.await_value('/meter/dsp/xruns', lambda n: n >= 1, 'at least 1')
    at = osc.value('/transport/position')
    osc.await_value('/transport/position', lambda s: s != at, 'moving')


def full_disk(room, host, path, samples):
    host.await_line('print has ended.*the music goes on')
    osc = room.osc(host)
    osc.await_value('/print/record', 0)
    at = osc.value('/transport/position')
    osc.await_value('/transport/position', lambda s: s > at, 'moving')
    line = host.find('print has ended.*').group(0)
    host.quit()
    got = read_wav(path)
    check(got.frames() > 4800, 'what fitted: %d frames' % got.frames())
    same_bytes(got.data, samples.tobytes()[:len(got.data)], 'what fitted and the file')
    room.note('%s (%d frames kept)' % (line, got.frames()))


@test
def a_full_disk_ends_the_print_and_not_the_music(room):
    samples = song(room, 12)
    os.mkdir(room.path('small'))
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=512k', 'deadwax-test', room.path('small')],
                          capture_output=True)
    if done.returncode:
        raise Skip('mounting a small disk is not allowed here')
    room.cleanups.append(lambda: subprocess.run(['umount', '-l', room.path('small')]))
    host = room.host(room.jackd(), '--print', 'small/live.wav', 'song.wav')
    full_disk(room, host, room.path('small/live.wav'), samples)


@test
def a_file_size_limit_ends_the_print_and_not_the_music(room):
    samples = song(room, 12)
    host = room.host(room.jackd(), '--print', 'live.wav', 'song.wav',
                     limits=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400000, 400000)))
    full_disk(room, host, room.path('live.wav'), samples)


@test
def a_log_that_can_not_be_written_is_told_and_the_music_goes_on(room):
    song(room)
    host = room.host(room.jackd(), '--log', '/dev/full', 'song.wav')
    host.await_line("the log can't be written any more")
    playing(room.osc(host), 0.5)
    other = room.start(host.argv[3], '--log', '/nowhere/at/all.log', '--name', 'other', 'song.wav')
    check_equal(other.wait(), 1, 'exit status')
    check('/nowhere/at/all.log' in other.output(), other.output())


@test
def files_that_can_not_be_played_get_a_line_each_and_the_list_goes_on(room):
    song(room, 1, 'good.wav')
    song(room, 1, 'last.wav', seed=2)
    song(room, 0.5, 'fine192.wav', 192000, 3)
    with open(room.path('empty.wav'), 'w'):
        pass
    with open(room.path('text.wav'), 'w') as f:
        f.write('this is no sound\n' * 100)
    with open(room.path('good.wav'), 'rb') as f:
        whole = f.read()
    with open(room.path('cut.wav'), 'wb') as f:
        f.write(whole[:len(whole) // 2])
    with open(room.path('stub.wav'), 'wb') as f:
        f.write(whole[:20])
    os.mkdir(room.path('folder.wav'))
    write_wav(room.path('eight.wav'), array.array('f', bytes(4 * 8 * 1000)), channels=8)
    bad = ['empty.wav', 'text.wav', 'stub.wav', 'eight.wav', 'folder.wav', 'missing.wav']
    host = room.host(room.jackd(), '--print', 'live.wav', '--log', 'take.log', '--once', 'empty.wav', 'good.wav', 'text.wav',
                     'stub.wav', 'eight.wav', 'cut.wav', 'folder.wav', 'fine192.wav', 'missing.wav', 'last.wav')
    check_equal(host.wait(60), 0, 'exit status')
    for name in bad + ['cut.wav']:
        lines = [line for line in host.lines if re.search(r'\b' + re.escape(name), line) and not re.match(r'\d+/\d+ ', line)]
        check_equal(len(lines), 1, 'lines about %s: %r' % (name, lines))
        check(len(lines[0]) < 300, 'a short line')
    check(not any('fine192' in line for line in host.lines), 'nothing to say about 192 kHz')
    begun = [line['begin']['track'] for line in read_log(room.path('take.log')) if 'begin' in line]
    check_equal(begun, [1, 5, 7, 9], 'tracks that were played')
    live = render_equals(room, 'live.wav', 'take.log', [None])
    check_near(live.frames(), 48000 * 3, 48, 'frames: 1 s, the half that is there, 0.5 s and 1 s')
    for name in bad:
        room.note([line for line in host.lines if name in line][0])


@test
def a_list_without_a_single_good_file_says_so(room):
    with open(room.path('text.wav'), 'w') as f:
        f.write('this is no sound')
    host = room.start(room.jackd(), '--once', 'text.wav', 'missing.wav')
    status = host.wait()
    check(status in (0, 1), 'it ended by itself')
    check_equal(status, 1, 'exit status: nothing could be played')
    check(host.find('text.wav') and host.find('missing.wav'), host.output())


@test
def a_print_cut_by_kill_9_is_readable_up_to_its_last_second(room):
    samples = song(room, 12)
    host = room.host(room.jackd(), '--print', 'live.wav', '--log', 'take.log', '--set', '/limit/on=1', '--set', '/limit/gain=3',
                     'song.wav')
    osc = room.osc(host)
    playing(osc, 3.3)
    printed = osc.value('/print/time')
    host.kill()
    live = read_wav(room.path('live.wav'))
    check(live.frames() >= (printed - 1) * 48000, '%d frames of %.2f s printed' % (live.frames(), printed))
    room.must('render', '--log', 'take.log', '-o', 'again.wav')
    again = read_wav(room.path('again.wav'))
    same_bytes(live.data, again.data[:len(live.data)], 'what is left and its render')
    check_equal(len(again.data), len(samples) * 4, 'the render goes on to the end of the file')
    room.note('%.2f s printed, %.2f s readable' % (printed, live.frames() / 48000))


@test
def signals_end_the_host_cleanly_and_close_the_print(room):
    song(room)
    server = room.jackd()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        name = '%d.wav' % number
        host = room.host(server, '--print', name, '--log', name + '.log', '--set', '/limit/on=1', 'song.wav')
        playing(room.osc(host), 0.4)
        host.signal(number)
        check_equal(host.wait(), 0, 'exit status after signal %d' % number)
        check(host.find('printed .* to ' + name), host.output())
        room.must('render', '--log', name + '.log', '-o', 'r' + name)
        same_bytes(read_wav(room.path('r' + name)).data, read_wav(room.path(name)).data, 'signal %d: render and print' % number)


@test
def denormals_in_a_file_come_through_untouched_live_and_offline(room):
    """The tail of a fade in a float file: below 1.2e-38 the chain's flushing must not reach the files."""
    samples = array.array('f', (2.0 ** (-100 - i // 200 % 48) * (1 if i % 3 else -1) for i in range(2 * 24000)))
    write_wav(room.path('tail.wav'), samples)
    room.must('render', 'tail.wav', '-o', 'out.wav')
    same_bytes(read_wav(room.path('out.wav')).data, samples.tobytes(), 'render and source')
    host = room.host(room.jackd(), '--print', 'live.wav', '--once', 'tail.wav')
    check_equal(host.wait(60), 0, 'exit status')
    same_bytes(read_wav(room.path('live.wav')).data, samples.tobytes(), 'print and source')
