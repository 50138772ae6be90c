# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ALSA cards, pulled and plugged: inside the little virtual machine (hwvm), which outside() boots."""
import time

from harness import *
from sound import playing
from takeover import gone, own_server, servers

CARD = 'hw:USB'
MACHINE_S = 900         # without KVM all of it is emulated


def outside(names=(), only_with_kvm=False):
    """Boots the machine, runs the tests (all, or those that have these names) in it, hands on their lines. False when one
    failed."""
    if only_with_kvm and not os.path.exists('/dev/kvm'):
        return skip('there is no /dev/kvm here: scripts/test hardware runs them all the same, on an emulated processor')
    folder = tempfile.mkdtemp(prefix='deadwax-vm-')
    try:
        return boot(folder, list(names) or ['hardware'])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def skip(why):
    print('1..1\nok 1 - sound_cards_and_midi_devices_in_a_virtual_machine # SKIP ' + why)
    return True


def boot(folder, names):
    argv = [os.path.join(HERE, 'hwvm'), '--out', folder, '--timeout', str(MACHINE_S), '--virtual-time', '--', 'env',
            'DEADWAX_BUILD=' + BUILD, 'DEADWAX_TOOLS=' + os.environ.get('DEADWAX_TOOLS', ''), 'DEADWAX_PATIENCE=600',
            sys.executable, os.path.join(HERE, 'run'), '--inside'] + names
    done = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=die_with_us)
    out, err = done.communicate()
    text = out.decode('utf-8', 'replace').replace('\r', '')
    if done.returncode == 125:
        words = err.decode('utf-8', 'replace').strip().splitlines()
        return skip(words[-1] if words else 'it does not run here')
    sys.stdout.write(text)
    if done.returncode not in (0, 1) or not text.startswith('1..'):
        print('Bail out! the machine ended with status %d' % done.returncode)
        sys.stdout.write(''.join('# %s\n' % line for line in err.decode('utf-8', 'replace').splitlines()))
    return done.returncode == 0


def cards():
    with open('/proc/asound/cards') as f:
        return f.read()


def plug(there):
    subprocess.run(['hwvm-hw', 'usb-plug' if there else 'usb-unplug'], check=True, stdin=subprocess.DEVNULL)
    wait_for(lambda: ('USB-Audio' in cards()) == there, 'the card to %s' % ('come' if there else 'go'))


def on_the_card(room, *args):
    """A host that has started a server on the USB card by itself."""
    write_wav(room.path('song.wav'), programme(3))
    name = room.server_name()
    room.cleanups.append(lambda: [os.kill(pid, signal.SIGKILL) for pid in servers(name)])
    host = room.host(name, '--loop', 'track', *args, 'song.wav')
    return name, host, room.osc(host)


@test(seconds=600)
def the_card_that_is_there_is_found_and_played_on(room):
    name, host, osc = on_the_card(room)
    line = host.await_line(r'jackd -d alsa (hw:\S+), (\d+) Hz').group(0)
    check(CARD in line, 'the server is on %s: %s' % (CARD, line))
    playing(osc)
    check_equal(len(servers(name)), 1, 'servers')
    probe = room.probe(name)
    wait_for(lambda: probe.ask('linked deadwax:master_L') == ['system:playback_1'], 'the connection')
    room.note(line)
    host.quit()
    gone(name)


@test(seconds=600)
def a_card_that_is_pulled_and_plugged_back_plays_on(room):
    name, host, osc = on_the_card(room)
    playing(osc, 0.5)
    osc.send('/eq/1/gain', 3.0)
    osc.await_value('/eq/1/gain', 3.0)
    start = time.monotonic()
    plug(False)
    host.await_line('stands still.*starting it again|has died: starting it again')
    room.note('seen %.2f s after the order to pull it (the machine has its own slow time)' % (time.monotonic() - start))
    host.await_line('waiting for .*plug it back in')
    at = osc.value('/transport/position')
    check_equal(osc.value('/eq/1/gain'), 3.0, 'a value while nothing sounds')
    plug(True)
    host.await_line('^back on .*' + CARD)
    osc.await_value('/transport/position', lambda s: s != at, 'moving')
    check_equal(osc.value('/eq/1/gain'), 3.0, 'a value afterwards')
    probe = room.probe(name)
    wait_for(lambda: probe.ask('linked deadwax:master_R') == ['system:playback_2'], 'the connection to be back')
    host.quit()
    gone(name)


@test(seconds=600)
def a_server_of_somebody_else_on_a_pulled_card_is_left_to_them(room):
    write_wav(room.path('song.wav'), programme(3))
    name = room.server_name()

    def start():
        jackd = room.keep(Program([find_tool('jackd'), '-n', name, '-d', 'alsa', '-d', CARD, '-P', '-p', '256', '-n', '3'],
                                  dict(os.environ, JACK_NO_AUDIO_RESERVATION='1')))
        room.keep(Probe(name, 'ready')).end()
        return jackd
    server = start()
    host = room.host(name, '--loop', 'track', 'song.wav')
    osc = room.osc(host)
    playing(osc, 0.3)
    plug(False)
    host.await_line('stands still.*not ours.*plug the interface in and restart it')
    check(server.alive(), 'the server is not ours to end')
    plug(True)
    server.kill()
    start()
    host.await_line('^back on ')
    at = osc.value('/transport/position')
    osc.await_value('/transport/position', lambda s: s != at, 'moving')
