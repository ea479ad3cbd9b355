# SPDX-License-Identifier: GPL-2.0-only
"""The smallest case that still shows what a big one showed.

Used by diff.  `first(candidates)` gives the index of the first candidate that does, or None: many
are asked at once, because starting the kernel's engines takes seconds.  Candidates need not be
valid.
"""

import copy

GROUP = 24      # candidates asked at once


def groups(items):
    for start in range(0, len(items), GROUP):
        yield start, items[start:start + GROUP]


def first_of(first, candidates):
    for start, group in groups(candidates):
        found = first(group)
        if found is not None:
            return start + found
    return None


def fewer_steps(case, first):
    """Delta debugging: drops ever smaller runs of steps."""
    size = max(len(case.steps) // 2, 1)
    while True:
        start, dropped = 0, False
        while start < len(case.steps):
            places = range(start, len(case.steps), size)[:GROUP]
            candidates = [case.with_steps(case.steps[:at] + case.steps[at + size:])
                          for at in places]
            found = first(candidates) if len(case.steps) > size else None
            if found is None:
                start = places[-1] + size
            else:
                case, start, dropped = candidates[found], places[found], True
        if size == 1 and not dropped:
            return case
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


def smaller_policies(case):
    trees = case.policies
    for number, tree in enumerate(trees):
        for path in paths(tree):
            yield case.with_policies(trees[:number] + [without(tree, path)] + trees[number + 1:])


def smaller_policy(case, first):
    while True:
        candidates = list(smaller_policies(case))
        found = first_of(first, candidates)
        if found is None:
            return case
        case = candidates[found]


def shrink(case, first):
    case = fewer_steps(case, first)
    case = smaller_policy(case, first)
    return fewer_steps(case, first)
