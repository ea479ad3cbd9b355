#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""json_path.py stats DEVICE KEY... | port NAME KEY | status KEY...: one value of the JSON on stdin.

For the shell tests. A counter that is not there is 0, as it is for people who
read the JSON; a key of `status' that is not there is the empty string.
"""

import json
import sys


def walk(value, keys, default):
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return default
        value = value[key]
    return value


def main():
    data = json.load(sys.stdin)
    kind, words = sys.argv[1], sys.argv[2:]
    if kind == "stats":
        if words[0] in ("unknown", "events", "generation", "policy"):
            found = walk(data, words, 0)
        else:
            device = next((d for d in data["devices"] if d["name"] == words[0]), None)
            if device is None:
                sys.exit("no device %s in stats" % words[0])
            found = walk(device, words[1:], 0)
    elif kind == "port":
        port = next((p for p in data["ports"] if p["port"] == words[0]), None)
        found = walk(port, words[1:], "")
    else:
        found = walk(data, words, "")
    print(str(found).lower() if isinstance(found, bool) else found)


if __name__ == "__main__":
    main()
