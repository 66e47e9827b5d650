# SPDX-License-Identifier: Apache-2.0
"""How long one call takes."""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/clients"))

import raw  # noqa: E402

CALLS = 60


def milliseconds(server, service, method, path):
    """The median of many calls, each signed before the clock starts; and the body of the last answer."""
    took = []
    for _ in range(CALLS):
        head = raw.signed_head(server, service, method, path)
        begun = time.perf_counter()
        answer = raw.send(server, method, path, head)
        took.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {answer.body!r}")
    return statistics.median(took), answer.body
