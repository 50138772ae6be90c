# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/quality: that it runs and tells; what it measures is its own affair."""
from harness import *


def python_with(*modules):
    for python in ('/usr/bin/python3', 'python3'):
        if shutil.which(python) and subprocess.run([python, '-c', 'import ' + ', '.join(modules)],
                                                   capture_output=True).returncode == 0:
            return python
    raise Skip('no python3 here can import %s' % ', '.join(modules))


@test
def the_quality_report_measures_a_stage_and_writes_a_page(room):
    python = python_with('numpy', 'scipy', 'matplotlib')
    tool = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'quality', 'run')
    done = subprocess.run([python, tool, deadwax_path(), '--out', room.path('page'), '--json', 'deess'],
                          capture_output=True, text=True)
    check_equal(done.returncode, 0, 'exit status, with %s' % done.stderr)
    section, = json.loads(done.stdout)['sections']
    check(section['figures'] and all(f['ok'] is not False for f in section['figures']), 'figures: %r' % section)
    with open(room.path('page/index.html')) as f:
        page = f.read()
    check('De-esser' in page and '<svg' in page and 'http-equiv' not in page, 'the page')
    wrong = subprocess.run([python, tool, deadwax_path(), '--out', room.path('page'), 'nonsense'], capture_output=True, text=True)
    check_equal(wrong.returncode, 2, 'exit status for a section that there is not')
