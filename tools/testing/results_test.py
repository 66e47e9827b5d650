#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What counts as passed, failed and skipped."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import results  # noqa: E402


def numbers(counts):
    return counts.passed, counts.failed, counts.skipped


class Counting(unittest.TestCase):
    def test_googletest(self):
        tests = [{"classname": "S", "name": "a", "status": "RUN", "result": "COMPLETED"},
                 {"classname": "S", "name": "b", "status": "RUN", "result": "COMPLETED", "failures": [{"failure": "x"}]},
                 {"classname": "S", "name": "c", "status": "RUN", "result": "SKIPPED"},
                 {"classname": "S", "name": "d", "status": "NOTRUN", "result": "SUPPRESSED"}]
        counts = results.from_googletest(json.dumps({"testsuites": [{"testsuite": tests}]}), "p")
        self.assertEqual((1, 1, 1), numbers(counts))
        self.assertIn("FAILED p: S.b\nx", counts.notes)

    def test_unittest(self):
        self.assertEqual((3, 0, 0), numbers(results.from_unittest("Ran 3 tests in 1s\n\nOK\n", 0, "n")))
        text = "Ran 9 tests in 1s\n\nFAILED (failures=2, errors=1, skipped=1)\n"
        self.assertEqual((5, 3, 1), numbers(results.from_unittest(text, 1, "n")))

    def test_a_script_counts_as_one(self):
        self.assertEqual((1, 0, 0), numbers(results.from_unittest("fine", 0, "n")))
        self.assertEqual((0, 1, 0), numbers(results.from_unittest("Traceback", 1, "n")))

    def test_junit(self):
        text = ('<testsuites><testsuite><testcase classname="c" name="a"/><testcase classname="c" name="b"><failure '
                'message="m">why</failure></testcase><testcase classname="c" name="d"><skipped message="no"/></testcase>'
                '<testcase classname="c" name="e"><error message="broken"/></testcase></testsuite></testsuites>')
        counts = results.from_junit(text)
        self.assertEqual((1, 2, 1), numbers(counts))
        self.assertIn("skipped c.d: no", counts.notes)

    def test_last_line(self):
        self.assertEqual((7, 0, 2), numbers(results.from_last_line("x\n7 passed, 0 failed, 2 skipped\n", 0, "n")))
        self.assertEqual((7, 1, 0), numbers(results.from_last_line("7 passed, 0 failed\n", 3, "n")))
        self.assertEqual((0, 1, 0), numbers(results.from_last_line("", 0, "n")))


if __name__ == "__main__":
    unittest.main()
