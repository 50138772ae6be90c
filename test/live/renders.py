# SPDX-License-Identifier: GPL-3.0-or-later
"""deadwax render."""
import random

from harness import *


def source(room, name, kind, channels=2, seconds=1.3, rate=48000):
    song = programme(seconds, rate)
    samples = song if channels == 2 else song[0::2]
    write_wav(room.path(name), samples, rate, channels, kind)
    return read_wav(room.path(name))


@test
def an_untouched_render_is_its_source_to_the_sample(room):
    for kind, form in (('f32', 'wav32f'), ('24', 'wav24'), ('16', 'wav16')):
        want = source(room, kind + '.wav', kind)
        room.must('render', kind + '.wav', '-o', kind + '-out.wav', '--format', form)
        got = read_wav(room.path(kind + '-out.wav'))
        check_equal((got.bits, got.is_float, got.rate, got.channels), (want.bits, want.is_float, 48000, 2), kind)
        same_bytes(got.data, want.data, kind, want.channels * want.bits // 8)


@test
def a_render_has_its_sources_format_but_24_bits_at_least(room):
    want = source(room, 'a.wav', '16', rate=44100)
    room.must('render', 'a.wav', '-o', 'out.wav')
    got = read_wav(room.path('out.wav'))
    check_equal((got.bits, got.is_float, got.rate), (24, False, 44100), 'bits, float, rate')
    check_equal(got.samples(), want.samples(), 'samples')


@test
def mono_goes_to_both_sides(room):
    want = source(room, 'mono.wav', '24', 1)
    room.must('render', 'mono.wav', '-o', 'out.wav')
    got = read_wav(room.path('out.wav'))
    check_equal(got.channels, 2, 'channels')
    for c in (0, 1):
        check_equal(got.channel(c), want.samples(), 'channel %d' % c)


@test
def flac_there_and_back_is_the_same(room):
    want = source(room, 'a.wav', '24')
    room.must('render', 'a.wav', '-o', 'a.flac', '--format', 'flac24')
    with open(room.path('a.flac'), 'rb') as f:
        check_equal(f.read(4), b'fLaC', 'the first letters')
    room.must('render', 'a.flac', '-o', 'again.wav', '--format', 'wav24')
    same_bytes(read_wav(room.path('again.wav')).data, want.data, 'FLAC there and back', 6)


@test
def a_render_is_as_long_as_its_source_and_not_late(room):
    want = source(room, 'a.wav', 'f32')
    room.must('render', 'a.wav', '-o', 'out.wav', '--set', '/input/trim=-6', '--set', '/limit/on=on', '--set', '/eq/on=1',
              '--set', '/comp/on=1', '--set', '/comp/ratio=1')
    got = read_wav(room.path('out.wav'))
    check_equal(got.frames(), want.frames(), 'frames')
    gain = 10 ** (-6 / 20)
    worst = max(abs(g - gain * w) for g, w in zip(got.samples(), want.samples()))
    # Nothing reaches -1 dBTP: what is left of it all is the trim. Float has 24 bits.
    check(worst < 2.0 ** -22, 'off by %g' % worst)


@test
def start_and_length_cut_what_is_rendered(room):
    want = source(room, 'a.wav', '24')
    room.must('render', 'a.wav', '-o', 'out.wav', '--start', '0.25', '--length', '0.5')
    same_bytes(read_wav(room.path('out.wav')).data, want.data[6 * 12000:6 * 36000], 'the cut', 6)
    room.must('render', 'a.wav', '-o', 'rest.wav', '--start', '1')
    same_bytes(read_wav(room.path('rest.wav')).data, want.data[6 * 48000:], 'the rest', 6)
    status, _, err = room.deadwax('render', 'a.wav', '-o', 'none.wav', '--start', '9')
    check_equal(status, 1, 'exit status of a start past the end')
    check('a.wav' in err and '--start' in err, err)
    check(not os.path.exists(room.path('none.wav')), 'no file is left')


@test
def a_render_has_the_same_bits_at_any_block(room):
    source(room, 'a.wav', 'f32')
    sets = ['--set', '/input/trim=6', '--set', '/limit/on=on', '--set', '/eq/on=1', '--set', '/eq/1/on=1', '--set',
            '/eq/1/gain=5', '--set', '/comp/on=1', '--set', '/comp/threshold=-30']
    room.must('render', 'a.wav', '-o', 'want.wav', *sets)
    want = read_wav(room.path('want.wav'))
    check(want.data != read_wav(room.path('a.wav')).data, 'the chain does something')
    for block in (1, 7, 64, 1000, 100000):
        room.must('render', 'a.wav', '-o', '%d.wav' % block, '--block', block, *sets)
        same_bytes(read_wav(room.path('%d.wav' % block)).data, want.data, 'block %d' % block)


@test
def several_files_go_into_a_folder_and_a_pipe_sees_no_progress(room):
    wants = {name: source(room, name + '.wav', '24', seconds=0.5 + i / 10) for i, name in enumerate('abc')}
    os.mkdir(room.path('out'))
    status, out, err = room.deadwax('render', 'a.wav', 'b.wav', 'c.wav', '-o', 'out')
    check_equal((status, out, err), (0, '', ''), 'status, output, errors')
    for name, want in wants.items():
        same_bytes(read_wav(room.path('out/%s.wav' % name)).data, want.data, name, 6)
    check_equal(room.deadwax('render', 'a.wav', 'b.wav', '-o', 'new')[0], 0, 'a folder that is to be made')
    check_equal(sorted(os.listdir(room.path('new'))), ['a.wav', 'b.wav'], 'files in the new folder')
    status, _, err = room.deadwax('render', 'a.wav', 'b.wav', '-o', 'c.wav')
    check_equal(status, 2, 'exit status for a file where a folder should be')
    check('c.wav' in err, err)


@test
def one_bad_file_among_several_costs_only_itself(room):
    want = source(room, 'a.wav', '24')
    with open(room.path('bad.wav'), 'w') as f:
        f.write('this is no sound')
    os.mkdir(room.path('out'))
    status, _, err = room.deadwax('render', 'bad.wav', 'a.wav', '-o', 'out')
    check_equal(status, 1, 'exit status')
    check_equal(len(err.splitlines()), 1, 'lines of error: ' + err)
    check('bad.wav' in err, err)
    same_bytes(read_wav(room.path('out/a.wav')).data, want.data, 'the good one', 6)
    check(not os.path.exists(room.path('out/bad.wav')), 'no file is left of the bad one')


@test
def an_output_that_exists_is_refused_and_untouched(room):
    source(room, 'a.wav', '24')
    with open(room.path('out.wav'), 'w') as f:
        f.write('precious')
    status, _, err = room.deadwax('render', 'a.wav', '-o', 'out.wav')
    check_equal(status, 1, 'exit status')
    check('out.wav' in err, err)
    with open(room.path('out.wav')) as f:
        check_equal(f.read(), 'precious', 'what was there')
    status, _, err = room.deadwax('render', 'a.wav', '-o', 'a.wav')
    check_equal(status, 1, 'exit status for the source itself')


@test
def wrong_use_is_told_in_one_line_with_its_mend(room):
    source(room, 'a.wav', '24')
    wrong = [
        (['--set', '/eq/1/gian=3'], ['/eq/1/gian', '/eq/1/gain']),
        (['--set', '/limit/ceiling=3'], ['/limit/ceiling', '-12', '0', 'dBTP']),
        (['--set', '/limit/ceiling=nan'], ['/limit/ceiling']),
        (['--set', '/comp/ratio=inf'], ['/comp/ratio']),
        (['--set', '/eq/1/type=bellow'], ['/eq/1/type', 'bell']),
        (['--set', '/eq/1/gain'], ['PATH=VALUE']),
        (['--set', '/eq/1/gain='], ['/eq/1/gain']),
        (['--format', 'mp3'], ['mp3']),
        (['--block', '0'], ['--block']),
        (['--start', '-1'], ['--start']),
    ]
    for words, parts in wrong:
        status, out, err = room.deadwax('render', 'a.wav', '-o', 'out.wav', *words)
        check_equal(status, 2, 'exit status of %s' % ' '.join(words))
        check_equal((out, len(err.splitlines())), ('', 1), 'output of %s: %s' % (' '.join(words), err))
        check(err.startswith('deadwax: ') and all(part in err for part in parts), err)
        check(not os.path.exists(room.path('out.wav')), 'no file is left')
    for words in (['a.wav'], ['-o', 'out.wav'], []):
        check_equal(room.deadwax('render', *words)[0], 2, 'exit status of render %s' % ' '.join(words))


@test
def files_that_can_not_be_read_are_told_by_name(room):
    with open(room.path('empty.wav'), 'w'):
        pass
    write_wav(room.path('eight.wav'), array.array('f', bytes(4 * 8000)), channels=8)
    for name in ('empty.wav', 'eight.wav', 'missing.wav', '.'):
        status, _, err = room.deadwax('render', name, '-o', 'out.wav')
        check_equal(status, 1, 'exit status for ' + name)
        check_equal(len(err.splitlines()), 1, 'lines of error: ' + err)
        check(name in err, err)
        check(not os.path.exists(room.path('out.wav')), 'no file is left')


@test
def a_preset_and_set_words_agree(room):
    source(room, 'a.wav', 'f32')
    with open(room.path('loud.preset'), 'w') as f:
        f.write('# loud\n/limit/on=on\n/limit/gain=6\n')
    room.must('render', 'a.wav', '-o', 'one.wav', '--preset', 'loud.preset')
    room.must('render', 'a.wav', '-o', 'two.wav', '--set', '/limit/on=1', '--set', '/limit/gain=6')
    same_bytes(read_wav(room.path('one.wav')).data, read_wav(room.path('two.wav')).data, 'preset and words')
    with open(room.path('bad.preset'), 'w') as f:
        f.write('/limit/on=on\n\n/limit/ceiling=5\n')
    status, _, err = room.deadwax('render', 'a.wav', '-o', 'three.wav', '--preset', 'bad.preset')
    check_equal(status, 2, 'exit status')
    check('bad.preset:3:' in err and '-12' in err, err)


@test
def the_limiter_holds_its_ceiling_in_a_delivered_file(room):
    source(room, 'a.wav', 'f32')
    room.must('render', 'a.wav', '-o', 'out.wav', '--set', '/limit/on=1', '--set', '/limit/gain=12')
    peak = max(abs(x) for x in read_wav(room.path('out.wav')).samples())
    check(peak <= 10 ** (-1 / 20) * 1.0001, 'a sample at %.3f dBFS above the ceiling of -1' % (20 * math.log10(peak)))
    check(peak > 10 ** (-3 / 20), 'it is loud: %g' % peak)


def everything_on(rng):
    """All stages and bands on, every knob somewhere: words for --set."""
    words = []
    for p in chain_params():
        if 'saved' not in p['flags'] or p['path'].startswith('/chain/'):
            continue
        value = 1 if p['path'].endswith(('/on', '/active')) else random_value(p, rng)
        words += ['--set', '%s=%.17g' % (p['path'], value)]
    return words


@test
def narrow_and_wide_cpus_render_the_same_bits(room):
    write_wav(room.path('mix.wav'), programme(2))
    for seed in range(4):
        words = everything_on(random.Random(seed))
        wide = render_by(room, deadwax_path(), 'wide.wav', words)
        check(wide != read_wav(room.path('mix.wav')).data, 'the settings do something')
        for width in (16, 32):
            same_bytes(render_by(room, find_tool('deadwax-%d' % width), 'narrow.wav', words), wide,
                       'vectors of %d bytes, settings %d' % (width, seed))


def render_by(room, program, out, words):
    if os.path.exists(room.path(out)):
        os.unlink(room.path(out))
    done = subprocess.run([program, 'render', 'mix.wav', '-o', out, '--format', 'wav64f', *words], cwd=room.folder,
                          stdin=subprocess.DEVNULL, capture_output=True)
    check_equal((done.returncode, done.stderr), (0, b''), program)
    return read_wav(room.path(out)).data


@test
def a_folder_that_is_not_there_is_made_for_one_file_too(room):
    write_wav(room.path('mix.wav'), programme(0.2))
    room.must('render', 'mix.wav', '-o', 'masters/')
    check(os.path.exists(room.path('masters/mix.wav')), 'masters/mix.wav')
