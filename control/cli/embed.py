# SPDX-License-Identifier: GPL-3.0-or-later
"""embed.py IN... OUT: files as C strings: report.css becomes `const char report_css[]`."""
import os
import sys

with open(sys.argv[-1], 'w') as out:
    for path in sys.argv[1:-1]:
        with open(path, 'rb') as f:
            data = f.read()
        name = os.path.basename(path).replace('.', '_')
        out.write('const char %s[] = {' % name)
        for i in range(0, len(data), 20):
            out.write('\n' + ''.join('%d,' % byte for byte in data[i:i + 20]))
        out.write('0};\n')
