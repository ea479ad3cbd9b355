# SPDX-License-Identifier: GPL-2.0-only
"""Compare the JSON Schema of policies with what the reader says.

Started by test_schema.c, which writes to our standard input:
    key TABLE KEY REQUIRED IN_FORCE
    case NAME ACCEPTED MUST_BE_EQUAL LENGTH, then LENGTH bytes and a newline
    end
Exits with 1 and says where the two differ.  Must not know the language itself.
"""

import json
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as error:
    sys.exit("schema_check.py: %s: install python3-yaml and python3-jsonschema" % error)


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it (PyYAML's own is 1.1)."""

    yaml_implicit_resolvers = {}


for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789")):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile("^(?:%s)$" % pattern),
                               list(first))


def core_int(loader, node):
    return int(node.value.lstrip("0") or "0", 10) if node.value.isdigit() else int(node.value, 0)


Core.add_constructor("tag:yaml.org,2002:int", core_int)


def text_keys(value):
    """Keys of maps are text to an editor, whatever they look like."""
    if isinstance(value, dict):
        return {str(key): text_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [text_keys(item) for item in value]
    return value


def schema_accepts(validator, text):
    try:
        value = text_keys(yaml.load(text, Core))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError):
        return False
    return validator.is_valid(value)


def compare_keys(schema, keys):
    """Each table of the reader is a map of the schema, with the same keys."""
    problems = []
    for table in sorted({row[0] for row in keys}):
        part = schema if table == "policy" else schema["definitions"].get(table, {})
        rows = {row[1]: row for row in keys if row[0] == table}
        if set(part.get("properties", {})) != set(rows):
            problems.append("%s: reader has %s, schema has %s" % (
                table, sorted(rows), sorted(part.get("properties", {}))))
            continue
        if part.get("additionalProperties") is not False:
            problems.append("%s: the schema allows other keys" % table)
        required = {key for key, row in rows.items() if row[2] == "1"}
        if required != set(part.get("required", [])):
            problems.append("%s: required are %s" % (table, sorted(required)))
        for key, row in rows.items():
            not_yet = "#/definitions/not-yet" in json.dumps(part["properties"][key])
            if not_yet != (row[3] == "0"):
                problems.append("%s.%s: in force: %s, schema: %s" % (table, key, row[3], not not_yet))
    return problems


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    keys, problems, cases, ended = [], [], 0, False
    stream = sys.stdin.buffer
    for line in stream:
        words = line.decode().split()
        if words[0] == "key":
            keys.append(words[1:])
        elif words[0] == "case":
            name, accepted, equal, length = words[1], words[2] == "1", words[3] == "1", words[4]
            text = stream.read(int(length))
            stream.read(1)
            cases += 1
            valid = schema_accepts(validator, text)
            if valid != accepted and (equal or accepted):
                problems.append("%s: the reader %s, the schema %s" % (
                    name, "accepts" if accepted else "refuses", "accepts" if valid else "refuses"))
        elif words[0] == "end":
            ended = True
    problems += compare_keys(schema, keys)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not ended or not cases or not keys:
        sys.exit("schema_check.py: the input is not complete")
    sys.exit(1 if problems else 0)


main()
