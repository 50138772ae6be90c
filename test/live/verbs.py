# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that are not run and render, and their exit statuses."""
import xml.etree.ElementTree
import zlib

from harness import *
from sound import playing


@test
def wrong_use_is_exit_status_2_and_help_is_0(room):
    for words in ([], ['nonsense'], ['run', '--nonsense'], ['render', '--nonsense'], ['params', '--nonsense'], ['profile'],
                  ['profile', 'nonsense'], ['doctor', '--nonsense'], ['ctl'], ['run', '--osc-port', '70000'],
                  ['run', '--set', '/nothing=1'], ['run', '--loop', 'sometimes'], ['run', '--transport', 'mtc'],
                  ['layout', 'touchosc'], ['completion'], ['completion', 'tcsh'], ['layout', '-o', 'x'], ['layout', 'lemur', '-o', 'x']):
        status, out, err = room.deadwax(*words)
        check_equal((status, out), (2, ''), 'deadwax %s: %s' % (' '.join(words), err))
        check(err, 'a word on standard error')
    for verb in ('run', 'render', 'ctl', 'calibrate', 'params', 'profile', 'doctor', 'layout', 'completion', 'bench'):
        status, out, err = room.deadwax(verb, '--help')
        check_equal((status, err), (0, ''), verb + ' --help')
        check(len(out) > 50, verb + ' --help says something')
    check_equal(room.deadwax('--help')[0], 0, '--help')
    check(re.match(r'deadwax \d+\.\d+', room.must('--version')), '--version')


@test
def params_prints_the_whole_table_as_one_object(room):
    rows = json.loads(room.must('params', '--json'))['params']
    keys = {'path', 'label', 'type', 'min', 'max', 'default', 'unit', 'scale', 'flags', 'text'}
    for row in rows:
        check(keys <= set(row) | ({'min', 'max', 'default'} if row['type'] in ('text', 'trigger') else set()),
              '%s lacks %s' % (row.get('path'), keys - set(row)))
        check(row['type'] != 'enum' or len(row['names']) == row['max'] + 1, 'names of ' + row['path'])
    paths = [row['path'] for row in rows]
    check_equal(len(set(paths)), len(paths), 'different paths')
    for path in ('/eq/8/freq', '/comp/ratio', '/limit/ceiling', '/chain/bypass', '/transport/play', '/print/record',
                 '/meter/output/momentary', '/meter/dsp/load', '/monitor/level'):
        check(path in paths, path)
    manual = room.must('params', '--markdown')
    for path in ('/comp/ratio', '/limit/ceiling', '/transport/locate'):
        check(path in manual, '%s in the manual' % path)
    check('/eq/3/gain' in room.must('params', '/eq/3'), 'a prefix')


@test
def layout_makes_files_that_other_parsers_read(room):
    rows = {row['path']: row for row in json.loads(room.must('params', '--json'))['params']}
    room.must('layout', 'touchosc', '-o', 'tablet.tosc', '--port', '9123')
    room.must('layout', 'open-stage-control', '-o', 'tablet.json')
    status, _, err = room.deadwax('layout', 'touchosc', '-o', 'tablet.json')
    check_equal(status, 1, 'a file that is there already')
    check('--force' in err, err)
    with open(room.path('tablet.tosc'), 'rb') as f:
        tree = xml.etree.ElementTree.fromstring(zlib.decompress(f.read()))
    check_equal((tree.tag, tree.get('version'), tree.find('node').get('type')), ('lexml', '3', 'GROUP'), 'the root')
    check('value = 9123' in ''.join(tree.itertext()), 'the port in the script')
    paths = {node.text for node in tree.iterfind('.//osc/path/partial/value')}
    unknown = {path for path in paths if re.sub('/(norm|step)$', '', path) not in rows}
    check_equal(unknown, set(), 'addresses that no row has')
    check({'/monitor/level/step', '/eq/8/freq/norm', '/transport/play', '/meter/limit/reduction'} <= paths, '%r' % paths)
    check('/monitor/level' not in paths and '/monitor/level/norm' not in paths, 'no way for the level to jump')
    with open(room.path('tablet.json')) as f:
        session = json.load(f)
    check_equal((session['type'], session['content']['type']), ('session', 'root'), 'the session')
    labels = [tab['label'] for tab in session['content']['tabs']]
    check({'EQ', 'Dynamics', 'Monitor', 'Transport', 'Meters'} <= set(labels), '%r' % labels)


@test
def completion_knows_verbs_options_and_every_path(room):
    def completes(*words):
        script = ('PATH=%s:$PATH; eval "$(deadwax completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_deadwax; [ ${#COMPREPLY[@]} -eq 0 ] || printf "%%s\\n" "${COMPREPLY[@]}"' % os.path.dirname(deadwax_path()))
        done = subprocess.run(['bash', '-c', script, 'bash', 'deadwax', *words], capture_output=True, text=True, timeout=60)
        check_equal((done.returncode, done.stderr), (0, ''), ' '.join(words))
        return done.stdout.split()
    paths = [row['path'] for row in json.loads(room.must('params', '--json'))['params']]
    check({'run', 'render', 'ctl', 'layout', 'completion'} <= set(completes('')), 'verbs: %r' % completes(''))
    check_equal(completes('re'), ['render'], 'the start of a verb')
    check_equal(sorted(completes('ctl', '/')), sorted(paths), 'every path')
    check_equal(completes('ctl', '/limit/ce'), ['/limit/ceiling'], 'the start of a path')
    check_equal(completes('ctl', '--watch', '/monitor/le'), ['/monitor/level'], 'behind an option')
    check_equal(completes('run', '--set', '/comp/rat'), ['/comp/ratio'], 'behind --set')
    check_equal(completes('ctl', 'du'), ['dump'], 'a command')
    check_equal(completes('ctl', 'load', ''), [], 'a file is left to the shell')
    check_equal(completes('ctl', '--js'), ['--json'], 'an option')
    check_equal(completes('layout', '--f'), ['--force'], 'an option of another verb')
    check_equal(completes('layout', 't'), ['touchosc'], 'a format')
    check_equal(completes('check', 'song'), [], 'a file is left to the shell')
    for shell in ('zsh', 'fish'):
        check('completion words paths' in room.must('completion', shell), shell)


@test
def doctor_reports_and_its_json_is_one_object(room):
    status, out, err = room.deadwax('doctor', '--profiles', os.path.join(ROOT, 'hw-profiles'))
    check(status in (0, 1), 'exit status %d' % status)
    check(out and all(re.match('ok |note |problem | |[0-9]|all', line) for line in out.splitlines() if line), out)
    status_json, out, err = room.deadwax('doctor', '--json', '--profiles', os.path.join(ROOT, 'hw-profiles'))
    check_equal(status_json, status, 'the same exit status')
    check(isinstance(json.loads(out), dict), 'one object')


@test
def all_profiles_are_good_and_a_bad_one_is_told_with_its_line(room):
    files = sorted(glob.glob(os.path.join(ROOT, 'hw-profiles', 'interfaces', '*.yaml')))
    check(len(files) > 10, 'profiles')
    room.must('profile', 'check', *files)
    listed = room.must('profile', 'list', '--profiles', os.path.join(ROOT, 'hw-profiles'))
    for path in files:
        check(os.path.basename(path)[:-5] in listed, path)
    with open(files[0]) as f:
        lines = f.read().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith('rate_hz:'))
    lines[at] = 'rate_hz: fast'
    with open(room.path('bad.yaml'), 'w') as f:
        f.write('\n'.join(lines) + '\n')
    status, _, err = room.deadwax('profile', 'check', 'bad.yaml')
    check_equal(status, 1, 'exit status')
    check('bad.yaml:%d:' % (at + 1) in err, err)


@test
def surfaces_are_listed_shown_and_checked_with_all_that_is_wrong(room):
    profiles = os.path.join(ROOT, 'hw-profiles')
    files = sorted(glob.glob(os.path.join(profiles, 'surfaces', '*.yaml')))
    check(files, 'surfaces')
    room.must('profile', 'check', *files)
    listed = room.must('profile', 'list', '--profiles', profiles).splitlines()
    at = listed.index('surfaces')
    check_equal(listed[0], 'interfaces', 'the first heading')
    for path in files:
        check(any(line.split()[0] == os.path.basename(path)[:-5] for line in listed[at + 1:]), path)
    shown = room.must('profile', 'show', 'generic-cc', '--profiles', profiles)
    check(re.search(r'\n  fader/3 +/eq/3/gain +Gain: -24 dB to 24 dB\n', shown), shown)
    status, _, err = room.deadwax('profile', 'show', 'genericcc', '--profiles', profiles)
    check_equal(status, 1, 'an unknown name')
    check("did you mean 'generic-cc'" in err, err)
    with open(os.path.join(profiles, 'surfaces', 'generic-cc.yaml')) as f:
        lines = f.read().splitlines()
    wrong = {}
    for i, line in enumerate(lines):
        for old, new, says in (('takeover: pickup', 'takeover: never', "unknown 'never'"),
                               ('  - {name: knob, kind: pot,', '  - {name: knob, kind: pott,', "unknown 'pott'"),
                               ('      - {control: knob, to: "/eq/#/freq"}', '      - {control: knob, too: "/eq/#/freq"}', "'too'")):
            if line.startswith(old):
                lines[i] = line.replace(old, new)
                wrong[i + 1] = says
    check_equal(len(wrong), 3, 'lines made wrong')
    with open(room.path('bad.yaml'), 'w') as f:
        f.write('\n'.join(lines) + '\n')
    status, out, err = room.deadwax('profile', 'check', files[0], 'bad.yaml')
    check_equal(status, 1, 'exit status')
    check(': ok: ' in out, out)
    told = err.splitlines()
    check_equal(len(told), 3, 'faults, a line each: ' + err)
    for line, number in zip(told, sorted(wrong)):
        check(line.startswith('deadwax: bad.yaml:%d: ' % number) and wrong[number] in line, line)


@test
def a_word_that_no_row_has_is_told_with_its_line(room):
    with open(os.path.join(ROOT, 'hw-profiles', 'surfaces', 'generic-cc.yaml')) as f:
        lines = f.read().splitlines()
    at = next(i for i, line in enumerate(lines) if 'to: /comp/ratio' in line)
    lines[at] = lines[at].replace('/comp/ratio', '/comp/rattio')
    with open(room.path('bad.yaml'), 'w') as f:
        f.write('\n'.join(lines) + '\n')
    status, _, err = room.deadwax('profile', 'check', 'bad.yaml')
    check_equal(status, 1, 'exit status')
    check('bad.yaml:%d: to: /comp/rattio' % (at + 1) in err and '/comp/ratio' in err, err)


@test
def ctl_reads_sets_and_watches_a_running_host(room):
    write_wav(room.path('song.wav'), programme(4))
    host = room.host(room.jackd(), '--loop', 'track', 'song.wav')
    osc = room.osc(host)
    playing(osc)

    def ctl(*words):
        return room.deadwax('ctl', '--port', host.port, *words)

    check_equal(ctl('ping')[0], 0, 'ping')
    check_equal(ctl('/eq/1/gain', '-2.5')[0], 0, 'setting')
    osc.await_value('/eq/1/gain', -2.5)
    status, out, err = ctl('/eq/1/gain')
    check_equal(status, 0, 'reading: ' + err)
    check('-2.5' in out, out)
    check_equal(ctl('/eq/1/type', 'notch')[0], 0, 'a choice by name')
    osc.await_value('/eq/1/type', 5)
    check_equal(ctl('/eq/[1-3]/on', 'on')[0], 0, 'a pattern')
    osc.await_value('/eq/3/on', 1)
    status, out, err = ctl('--json', '/eq/*/on')
    check_equal(status, 0, 'a pattern as JSON: ' + err)
    check_equal(len(re.findall(r'/eq/\d/on', json.dumps(json.loads(out)))), 8, 'eight rows: ' + out)
    status, out, err = ctl('/limit/ceiling', '3')
    check_equal((status != 0, out), (True, ''), 'out of range')
    check('-12' in err and 'dBTP' in err, err)
    status, out, err = ctl('/eq/1/gian')
    check_equal(status, 2, 'an unknown path')
    check('/eq/1/gain' in err, err)
    status, out, err = ctl('dump')
    check_equal(status, 0, 'dump: ' + err)
    check('/meter/dsp/load' in out and '/comp/ratio' in out, out)
    with open(room.path('kept'), 'w') as f:
        f.write(out)
    osc.send('/eq/[1-3]/on', 0)
    osc.send('/eq/1/gain', 6.0)
    status, out, err = ctl('load', 'kept')
    check_equal((status, err), (0, ''), 'a whole dump is loaded')
    check('values loaded' in out, out)
    check_equal((osc.value('/eq/1/gain'), osc.value('/eq/3/on')), (-2.5, 1), 'as it was')
    watch = room.keep(Program([deadwax_path(), 'ctl', '--port', str(host.port), '--watch', '/comp']))
    watch.await_line('/comp/ratio')
    osc.send('/comp/ratio', 7.0)
    watch.await_line('/comp/ratio.* 7')
    watch.signal(signal.SIGINT)
    check(watch.wait() in (0, -signal.SIGINT), 'the end of watching')
    host.quit()
    status, _, err = ctl('--timeout', '0.3', '/eq/1/gain')
    check_equal(status, 1, 'without a host')
    check('no host answers' in err, err)
