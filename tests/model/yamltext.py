# SPDX-License-Identifier: GPL-2.0-only
"""YAML as text: maps, lists and scalars with their line and column, and no type guessing.

Feeds policy.py.  It must not turn a scalar into anything but text: "Scalars are read by what
the key needs, not by YAML's type guessing".
"""

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PolicyError(Exception):
    """One complaint about a policy file, with the place it is about."""

    def __init__(self, where, message):
        line = getattr(where, "line", 1)
        column = getattr(where, "column", 1)
        super().__init__("%d:%d: %s" % (line, column, message))


class Text(str):
    line = column = 1


class Map(dict):
    line = column = 1


class Seq(list):
    line = column = 1


def placed(value, node):
    value.line = node.start_mark.line + 1
    value.column = node.start_mark.column + 1
    return value


def refuse_shorthand(text):
    """No anchors, aliases, tags or second documents: one way to write a policy."""
    documents = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        where = Text()
        where.line = event.start_mark.line + 1
        where.column = event.start_mark.column + 1
        if documents > 1:
            raise PolicyError(where, "a policy is one YAML document")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PolicyError(where, "anchors and aliases are not allowed")
        if getattr(event, "tag", None):
            raise PolicyError(where, "tags are not allowed")


def convert(node):
    if isinstance(node, yaml.ScalarNode):
        return placed(Text(node.value), node)
    if isinstance(node, yaml.SequenceNode):
        return placed(Seq(convert(child) for child in node.value), node)
    result = placed(Map(), node)
    for key_node, value_node in node.value:
        key = convert(key_node)
        if not isinstance(key, Text):
            raise PolicyError(key, "a key must be a word")
        if key in result:
            raise PolicyError(key, "duplicate key '%s'" % key)
        result[key] = convert(value_node)
    return result


def load(text):
    try:
        refuse_shorthand(text)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        where = Text()
        mark = getattr(error, "problem_mark", None)
        if mark:
            where.line, where.column = mark.line + 1, mark.column + 1
        raise PolicyError(where, "not YAML: %s" % getattr(error, "problem", error))
    if node is None or not isinstance(node, yaml.MappingNode):
        raise PolicyError(None, "a policy is a map")
    return convert(node)
