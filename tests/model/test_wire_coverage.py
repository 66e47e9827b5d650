#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every operation of Signer has a conversation in tests/wire that succeeds, and one for each error of its model."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "codegen"))

from model import load  # noqa: E402

# The model still lists what the service replaced by TooManyRequestsException.
REPLACED = {"ThrottlingException"}
# They read nothing, so nothing can fail.
WITHOUT_STATE = {"GetSigningPlatform", "ListSigningPlatforms"}


def steps(text):
    """(method, target, status, error) of each step of a conversation."""
    for step in re.split(r"^---.*\n", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE):
        request = re.match(r"\s*(\S+) (\S+)\n", step)
        answer = re.search(r"^=> (\d+)$", step, re.MULTILINE)
        error = re.search(r"^x-amzn-ErrorType: (\w+)", step, re.MULTILINE)
        if request and answer:
            yield request[1], request[2], int(answer[1]), error[1] if error else None


def operation_of(operations, method, target):
    path = target.split("?")[0]
    fitting = [one for one in operations if one.method == method and
               re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.uri.split("?")[0]), path)]
    # Fixed paths before those with a label, as /signing-jobs/with-payload.
    return min(fitting, key=lambda one: one.uri.count("{"), default=None)


def wanted(operation):
    errors = {"success", *operation.errors} - REPLACED
    return errors - {"InternalServiceErrorException"} if operation.name in WITHOUT_STATE else errors


class WireCoverage(unittest.TestCase):
    def test_every_operation_and_error_of_signer(self):
        operations = load(ROOT / "model" / "signer.smithy").operations
        seen = {}
        for file in (ROOT / "tests/wire/signer").glob("*.wire"):
            for method, target, status, error in steps(file.read_text()):
                operation = operation_of(operations, method, target)
                if operation:
                    seen.setdefault(operation.name, set()).add("success" if status == 200 else error)
        missing = {operation.name: sorted(wanted(operation) - seen.get(operation.name, set())) for operation in operations}
        self.assertEqual({name: errors for name, errors in missing.items() if errors}, {})

    def test_it_can_fail(self):
        text = "# c\nGET /a/b\nsign: x\n\n=> 404\nx-amzn-ErrorType: NoSuch\n\n{}\n---\nPUT /a\n\n=> 200\n"
        self.assertEqual(list(steps(text)), [("GET", "/a/b", 404, "NoSuch"), ("PUT", "/a", 200, None)])


if __name__ == "__main__":
    unittest.main()
