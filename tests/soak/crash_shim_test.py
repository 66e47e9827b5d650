#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""crash_shim.so ends a process where it says, and leaves what it says. Usage: crash_shim_test.py [SHIM]"""

import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SHIM = os.environ.get("FIRMSIGN_CRASH_SHIM", str(Path(__file__).resolve().parents[2] / "build/release/crash_shim.so"))
PRELUDE = """
import os
def write(name, text, sync=True, flags=os.O_WRONLY | os.O_CREAT):
    file = os.open(name, flags, 0o600)
    os.write(file, text)
    if sync: os.fsync(file)
    os.close(file)
def sync_folder():
    folder = os.open(".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
"""


class CrashShim(unittest.TestCase):
    def run_under(self, code, at, mode="kill", before=None):
        """The exit code of a Python program, and the files that it left, by name."""
        with tempfile.TemporaryDirectory() as scratch:
            folder, undo = Path(scratch, "data"), Path(scratch, "undo")
            folder.mkdir()
            undo.mkdir()
            for name, content in (before or {}).items():
                (folder / name).write_bytes(content)
            environment = {**os.environ, "LD_PRELOAD": SHIM, "FIRMSIGN_CRASH_FOLDER": str(folder),
                           "FIRMSIGN_CRASH_AT": str(at), "FIRMSIGN_CRASH_MODE": mode, "FIRMSIGN_CRASH_UNDO": str(undo),
                           "FIRMSIGN_CRASH_COUNT": str(Path(scratch, "count"))}
            answer = subprocess.run([sys.executable, "-c", PRELUDE + code], cwd=folder, env=environment, check=False)
            self.count = int(Path(scratch, "count").read_text()) if Path(scratch, "count").exists() else None
            return answer.returncode, {file.name: file.read_bytes() for file in folder.iterdir()}

    def test_counts_and_lets_live(self):
        code, files = self.run_under("write('a', b'1'); os.rename('a', 'b'); os.remove('b'); open('/dev/null', 'w').write('x')", 0)
        self.assertEqual((0, {}, 4), (code, files, self.count))

    def test_ends_before_the_call(self):
        program = "write('a', b'1'); os.rename('a', 'b'); write('c', b'2')"
        self.assertEqual((-signal.SIGKILL, {"a": b""}), self.run_under(program, 1))
        self.assertEqual((-signal.SIGKILL, {"a": b"1"}), self.run_under(program, 3))
        self.assertEqual((-signal.SIGKILL, {"b": b"1", "c": b""}), self.run_under(program, 4))
        self.assertEqual((0, {"b": b"1", "c": b"2"}), self.run_under(program, 6))

    def test_tears_a_write(self):
        self.assertEqual((-signal.SIGKILL, {"a": b"12"}), self.run_under("write('a', b'1234')", 1, "torn"))

    def test_power_keeps_what_was_synced(self):
        program = "write('a', b'1'); sync_folder(); write('b', b'2')"
        self.assertEqual((-signal.SIGKILL, {"a": b"1"}), self.run_under(program, 5, "power"))

    def test_power_loses_a_name_whose_folder_was_not_synced(self):
        self.assertEqual((-signal.SIGKILL, {}), self.run_under("write('a', b'1'); write('b', b'2')", 3, "power"))

    def test_power_loses_data_that_was_not_synced(self):
        program = "write('a', b'12', sync=False); write('b', b'')"
        self.assertEqual((-signal.SIGKILL, {"a": b"old"}), self.run_under(program, 2, "power", {"a": b"old"}))
        program = "write('a', b'new and longer', sync=False); os.truncate; write('b', b'')"
        self.assertEqual((-signal.SIGKILL, {"a": b"old"}), self.run_under(program, 2, "power", {"a": b"old"}))

    def test_power_undoes_an_append_and_a_truncation(self):
        program = ("write('a', b'+', sync=False, flags=os.O_WRONLY | os.O_APPEND); file = os.open('a', os.O_RDWR); "
                   "os.ftruncate(file, 1); write('b', b'')")
        self.assertEqual((-signal.SIGKILL, {"a": b"old"}), self.run_under(program, 3, "power", {"a": b"old"}))

    def test_power_undoes_a_rename_over_another_file(self):
        program = "os.rename('a', 'b'); write('c', b'')"
        before = {"a": b"new", "b": b"old"}
        self.assertEqual((-signal.SIGKILL, before), self.run_under(program, 2, "power", before))
        program = "os.rename('a', 'b'); sync_folder(); write('c', b'')"
        self.assertEqual((-signal.SIGKILL, {"b": b"new"}), self.run_under(program, 3, "power", before))

    def test_power_brings_back_what_was_removed(self):
        program = "os.remove('a'); write('c', b'')"
        self.assertEqual((-signal.SIGKILL, {"a": b"1"}), self.run_under(program, 2, "power", {"a": b"1"}))


if __name__ == "__main__":
    unittest.main()
