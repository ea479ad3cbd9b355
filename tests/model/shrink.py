# SPDX-License-Identifier: GPL-2.0-only
"""The smallest case that still shows what a big one showed.

Used by diff.  `still(case)` says whether a candidate does; candidates need not be valid.
"""

import copy

from gen import Case
from yamltext import PolicyError


def holds(still, case):
    try:
        return still(case)
    except PolicyError:
        return False


def fewer(items, good):
    """Delta debugging: drops ever smaller runs while `good(rest)` holds."""
    size = max(len(items) // 2, 1)
    while True:
        start, dropped = 0, False
        while start < len(items):
            rest = items[:start] + items[start + size:]
            if good(rest):
                items, dropped = rest, True
            else:
                start += size
        if size == 1 and not dropped:
            return items
        size = max(size // 2, 1)


def paths(tree, prefix=()):
    """Every key and list item of a policy, outermost first."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    for key in keys:
        yield prefix + (key,)
    for key in keys:
        if isinstance(tree[key], (dict, list)):
            yield from paths(tree[key], prefix + (key,))


def without(tree, path):
    result = copy.deepcopy(tree)
    node = result
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return result


def smaller_policy(case, still):
    changed = True
    while changed:
        changed = False
        for path in list(paths(case.policy)):
            candidate = Case(without(case.policy, path), case.frames, case.unknown)
            if holds(still, candidate):
                case, changed = candidate, True
                break
    return case


def shrink(case, still):
    frames = fewer(case.frames, lambda rest: bool(rest) and holds(
        still, Case(case.policy, rest, case.unknown)))
    case = Case(case.policy, frames, case.unknown)
    case = smaller_policy(case, still)
    frames = fewer(case.frames, lambda rest: bool(rest) and holds(
        still, Case(case.policy, rest, case.unknown)))
    return Case(case.policy, frames, case.unknown)
