# SPDX-License-Identifier: GPL-2.0-only
"""Cases of gen.py as packet cases (tests/prog/case.h) with the model's verdicts, and their run.

prog_cases judges them natively, by XDP test-run and by TC test-run, and holds the engines against
each other, counters and events included.  A disagreement therefore is a packet case already.
"""

import os
import re
import subprocess

from compare import ToolError
from gen import MILLISECOND, Step, yaml_text
from ringfence_model import Model

TIMEOUT = 1200      # seconds, for a batch
WITH_RULE = ("rule", "rule-deny", "inbound")
FAILURE = re.compile(r"^(\S+):(\d+): (\S+): (native|xdp|tc): (.*)$")
SUM = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)


class Wrong:
    """The first thing that an engine said differently about a case."""

    def __init__(self, engine, step, text):
        self.engine, self.step, self.text = engine, step, text

    def kind(self):
        """What is said, without what differs from one such case to the next.  Engines that agree
        in it are one kind: the native one is told first."""
        text = re.sub(r"rule=\S+( \([^)]*\))?|device=\S+|frame \d+: ", "", self.text)
        return re.sub(r"\d+", "N", re.sub(r"would=(\S+)", r"\1", text)).strip()


def expectation(verdict):
    text = "%s %s" % (verdict.verdict, verdict.reason)
    if verdict.would:
        text += " would=" + verdict.would
    if verdict.reason in WITH_RULE and verdict.rule:
        text += " rule=%d" % verdict.rule
    return text + " device=" + (verdict.device or "-")


def is_tagged(case):
    return any(isinstance(step, Step) and step.tag is not None for step in case.steps)


def complaint(run):
    """The first error of a run that broke off, without what differs from one to the next."""
    errors = [line for line in run.stderr.splitlines() if ": " in line and "warning:" not in line]
    text = (errors or run.stderr.splitlines() or run.stdout.splitlines()[-1:] or [""])[0]
    return re.sub("[0-9]+", "N", re.sub(r"^\S+/\S+: ", "", text))


class Story:
    """One case as lines; `policies` are the texts of NAME.0.yaml, NAME.1.yaml, ..."""

    def __init__(self, name, case, reasons=None):
        self.name, self.reasons = name, reasons
        self.policies = [yaml_text(tree) for tree in case.policies]
        self.model = Model(self.policies[0], name + ".0.yaml", True)
        self.lines = ["policy %s.0.yaml" % name, "case %s" % name]
        self.steps = [-1, -1]       # of each line, the step that it is of
        self.now = None
        self.reloads = self.frames = 0
        for index, step in enumerate(case.steps):
            lines = self.frame(step) if isinstance(step, Step) else self.reload()
            self.lines += lines
            self.steps += [index] * len(lines)

    def reload(self):
        self.reloads += 1
        self.model.reload(self.policies[self.reloads])
        return ["reload %s.%d.yaml" % (self.name, self.reloads)]

    def frame(self, step):
        lines, self.frames = [], self.frames + 1
        if self.now is not None and step.time > self.now:
            wait = (step.time - self.now) // MILLISECOND
            lines.append("wait %d.%03d" % (wait // 1000, wait % 1000))
        self.now = step.time
        for direction, verdict in self.model.hooks(*step):
            if step.tag is not None:
                lines.append("tag-meta 0x%x" % step.tag)
            if step.wire > len(step.data):
                lines.append("snap %d" % len(step.data))
            lines.append("%s %s| hex %s => %s" % (
                direction, step.port + " " if step.port and direction == "from" else "",
                (step.data + bytes(step.wire - len(step.data))).hex(), expectation(verdict)))
            if self.reasons is not None:
                self.reasons[direction, verdict.would or verdict.reason] += 1
        return lines

    def write(self, base, own_name=None):
        """BASE.case and its policies, which stand beside it; under another name if one is given."""
        folder, name = os.path.dirname(base), own_name or self.name
        for number, text in enumerate(self.policies):
            with open(os.path.join(folder, "%s.%d.yaml" % (name, number)), "w",
                      encoding="utf-8") as stream:
                stream.write(text)
        with open(base + ".case", "w", encoding="utf-8") as stream:
            stream.write("\n".join(line.replace(self.name, name) for line in self.lines) + "\n")


class Programs:
    """prog_cases on a folder of cases."""

    def __init__(self, path, folder):
        self.path, self.folder = os.path.abspath(path), folder

    def clear(self):
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))

    def run(self, stories, engines):
        """{name: [Wrong of each engine]} of the cases that failed, and how many were skipped."""
        self.clear()
        for story in stories:
            story.write(os.path.join(self.folder, story.name))
        by_name = {story.name: story for story in stories}
        try:
            run = subprocess.run([self.path, "--engines", ",".join(engines), self.folder],
                                 capture_output=True, text=True, timeout=TIMEOUT, errors="replace")
        except subprocess.TimeoutExpired:
            raise ToolError("prog_cases: no answer in %d s" % TIMEOUT)
        found, total = {}, SUM.search(run.stdout)
        for line in run.stdout.splitlines():
            match = FAILURE.match(line)
            if match:
                story = by_name[match[3]]
                found.setdefault(story.name, []).append(
                    Wrong(match[4], story.steps[int(match[2]) - 1], match[5]))
        told = sum(len(wrongs) for wrongs in found.values())
        if not total or int(total[2]) != told or run.returncode not in (0, 1) \
                or sum(int(part) for part in total.groups()) != len(stories) * len(engines):
            raise ToolError("prog_cases: exit %d: %s" % (run.returncode, complaint(run)))
        return found, int(total[3])
