# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameter table, as the program prints it, and what is logged of it."""
import json
import subprocess

from programs import *

_params = []


def params():
    if not _params:
        done = subprocess.run([deadwax_path(), 'params', '--json'], capture_output=True, check=True)
        _params.extend(json.loads(done.stdout)['params'])
    return _params


def chain_params():
    """What a print depends on, a hand can move and a render can make again: nothing that comes from outside."""
    return [p for p in params() if p['owner'] == 'chain' and 'automated' in p['flags']
            and p['path'] not in ('/transport/source', '/comp/sidechain') and not p['path'].startswith('/insert/')]


def random_value(p, rng):
    if p['type'] == 'bool':
        return rng.random() < 0.7
    if p['type'] == 'enum':
        return rng.randrange(len(p['names']))
    if p['type'] == 'int':
        return rng.randint(int(p['min']), int(p['max']))
    if p['scale'] == 'log':
        return p['min'] * (p['max'] / p['min']) ** rng.random()
    return p['min'] + (p['max'] - p['min']) * rng.random()


def read_log(path):
    with open(path) as f:
        return [json.loads(line) for line in f if line.endswith('\n')]
