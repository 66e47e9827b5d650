# SPDX-License-Identifier: Apache-2.0
"""Counts of what passed, failed and was skipped, read from what each kind of test program writes."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list = field(default_factory=list)  # what a person must see: failures and reasons of skips

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes

    def fail(self, note):
        self.failed += 1
        self.notes.append(note)


def from_googletest(text, program):
    """Counts of a --gtest_output=json file."""
    counts = Counts()
    for suite in json.loads(text).get("testsuites", []):
        for test in suite.get("testsuite", []):
            if test.get("status") == "NOTRUN":
                continue
            name = f"{program}: {test['classname']}.{test['name']}"
            if test.get("failures"):
                counts.fail(f"FAILED {name}\n" + "\n".join(one["failure"] for one in test["failures"]))
            elif test.get("result") == "SKIPPED":
                counts.skipped += 1
                counts.notes.append(f"skipped {name}")
            else:
                counts.passed += 1
    return counts


def from_unittest(output, code, name):
    """Counts of Python's unittest: the last lines of its standard error."""
    counts = Counts()
    ran = re.search(r"^Ran (\d+) tests?", output, re.MULTILINE)
    if not ran:
        if code == 0:
            counts.passed += 1
        else:
            counts.fail(f"FAILED {name}, exit code {code}\n{tail(output)}")
        return counts
    words = dict(re.findall(r"(failures|errors|skipped)=(\d+)", output[ran.end() :]))
    counts.failed = int(words.get("failures", 0)) + int(words.get("errors", 0))
    counts.skipped = int(words.get("skipped", 0))
    counts.passed = int(ran[1]) - counts.failed - counts.skipped
    if counts.failed or code != 0:
        counts.failed = max(counts.failed, 1)
        counts.notes.append(f"FAILED {name}\n{tail(output)}")
    return counts


def from_junit(text):
    """Counts of a JUnit file, as pytest writes it."""
    counts = Counts()
    for case in ElementTree.fromstring(text).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        problem = case.find("failure") if case.find("failure") is not None else case.find("error")
        skip = case.find("skipped")
        if problem is not None:
            counts.fail(f"FAILED {name}\n{tail(problem.text or problem.get('message') or '')}")
        elif skip is not None:
            counts.skipped += 1
            counts.notes.append(f"skipped {name}: {skip.get('message')}")
        else:
            counts.passed += 1
    return counts


def from_last_line(output, code, name):
    """Counts of a program of ours that ends with `N passed, N failed[, N skipped]`."""
    counts = Counts()
    found = re.findall(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", output)
    if found:
        counts.passed, counts.failed, counts.skipped = (int(number or 0) for number in found[-1])
    if counts.failed or code != 0 or not found:
        counts.failed = max(counts.failed, 1)
        counts.notes.append(f"FAILED {name}, exit code {code}\n{tail(output)}")
    return counts


def tail(text, lines=60):
    kept = text.rstrip().split("\n")[-lines:]
    return "\n".join("    " + line for line in kept)
