# SPDX-License-Identifier: Apache-2.0
"""Many rows, made from one, and how long a call takes among them."""

import sqlite3
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


def multiply_row(folder, table, changes):
    """Inserts the only row of a table again for each of `changes`, which says what is different, by column."""
    with sqlite3.connect(folder / "firmsign.db") as rows:
        names = [row[1] for row in rows.execute(f"PRAGMA table_info({table})")]
        first = dict(zip(names, rows.execute(f"SELECT * FROM {table}").fetchone()))
        rows.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(names))})",
                         ([one.get(name, first[name]) for name in names] for one in changes(first)))
