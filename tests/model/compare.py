# SPDX-License-Identifier: GPL-2.0-only
"""Running the tool on a case, and telling where its answers differ from the model's.

Used by diff.  Judges nothing: who is wrong is for a person with the contract in hand.
"""

import ipaddress
import json
import os
import re
import subprocess

TIMEOUT = 120       # seconds; a replay takes milliseconds
KEYS = ("direction", "device", "verdict", "reason", "would", "l3", "proto", "src", "dst", "sport",
        "dport")


class ToolError(Exception):
    pass


class Tool:
    def __init__(self, path, engine, folder):
        self.path, self.engine = os.path.abspath(path), engine
        self.base = os.path.join(folder, "case")

    def replay(self, case):
        case.write(self.base)
        return self.replay_files(self.base + ".policy.yaml", self.base + ".pcap", case.unknown)

    def replay_files(self, policy, pcap, unknown):
        command = [self.path, "replay", "--policy", policy, "--engine", self.engine, "--json"]
        command += ["--unknown"] if unknown else []
        try:
            run = subprocess.run(command + [pcap], capture_output=True, text=True, timeout=TIMEOUT,
                                 errors="replace")
        except subprocess.TimeoutExpired:
            raise ToolError("tool: no answer in %d s" % TIMEOUT)
        if run.returncode:
            errors = [line for line in run.stderr.splitlines() if "warning:" not in line]
            words = (errors or [""])[0].replace(policy, "FILE")
            raise ToolError("tool: exit %d: %s" % (run.returncode, re.sub("[0-9]+", "N", words)))
        try:
            objects = [json.loads(line) for line in run.stdout.splitlines()]
        except ValueError as error:
            raise ToolError("tool: bad JSON: %s" % error)
        return [item for item in objects if "frame" in item]


def line_of(item):
    rule = item.get("rule")
    return rule.rsplit(":", 1)[1] if rule else None


def same(ours, theirs):
    if ours["verdict"] != theirs.get("verdict") or ours["reason"] != theirs.get("reason"):
        return False
    for key in ("direction", "device"):
        if ours[key] != theirs.get(key):
            return False
    if ours.get("would") != theirs.get("would"):
        return False
    if ours["reason"] in ("rule", "rule-deny", "inbound") and line_of(ours) != line_of(theirs):
        return False
    if ours["reason"] == "rule" and ours["name"] != theirs.get("name"):
        return theirs.get("name") in ours.get("names", ())
    return True


def address(text):
    """Two spellings of an address are one."""
    return text and ipaddress.ip_address(text)


def same_fields(ours, theirs):
    """What the frame is: only where both could tell, and never of what is malformed."""
    if ours["reason"] in ("malformed", "mode-off", "unpoliced"):
        return True
    return (all(address(ours[key]) == address(theirs.get(key)) for key in ("src", "dst"))
            and all(ours[key] == theirs.get(key) for key in ("sport", "dport")))


def difference(ours, theirs):
    """(index, ours, theirs) of the first frame that differs, or None."""
    for index, item in enumerate(ours):
        if index >= len(theirs):
            return index, item, None
        if not same(item, theirs[index]) or not same_fields(item, theirs[index]):
            return index, item, theirs[index]
    if len(theirs) != len(ours):
        return len(ours), None, theirs[len(ours)]
    return None


def short(item):
    if item is None:
        return "nothing"
    text = "%s %s" % (item.get("direction"), item["reason"])
    return text + ("(%s)" % item["would"] if item.get("would") else "")


def signature(found):
    """The kind of a disagreement, so that a thousand of one kind are one."""
    if found is None:
        return None
    _, ours, theirs = found
    text = "model %s, tool %s" % (short(ours), short(theirs))
    if ours and theirs and short(ours) == short(theirs):
        what = [key for key in ("device", "src", "dst", "sport", "dport", "name")
                if ours.get(key) != theirs.get(key)]
        text += " (%s)" % ",".join(what or ["rule"])
    return text
