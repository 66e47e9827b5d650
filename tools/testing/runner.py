# SPDX-License-Identifier: Apache-2.0
"""Runs programs for ./test: with a log, a time limit, and nothing left behind."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path


class Runner:
    """Starts every program in a process group of its own and ends that group when the program ends or time is up.

    Thread safety: safe.
    """

    def __init__(self, root):
        self.root = Path(root)
        self.logs = self.root / "build/test-logs"
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self.scratch = Path(tempfile.mkdtemp(prefix="firmsign-test-"))
        self.environment = {
            name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY") and "AWS_" not in name
        }
        symbolizer = shutil.which("llvm-symbolizer-19")
        self.environment.update(
            TMPDIR=str(self.scratch),
            PYTHONDONTWRITEBYTECODE="1",
            ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1"
            + (f":external_symbolizer_path={symbolizer}" if symbolizer else ""),
            UBSAN_OPTIONS="print_stacktrace=1",
            TSAN_OPTIONS="halt_on_error=0:second_deadlock_stack=1"
            + (f":external_symbolizer_path={symbolizer}" if symbolizer else ""),
        )
        self._lock = threading.Lock()
        self._running = set()

    def run(self, command, log, seconds_max, directory=None):
        """The exit code (-1 when time was up) and the output, which is also in build/test-logs/<log>.log."""
        path = self.logs / f"{log}.log"
        with path.open("ab") as out:
            out.write(f"$ {' '.join(map(str, command))}\n".encode())
            out.flush()
            start = out.tell()
            try:
                process = subprocess.Popen(
                    [str(word) for word in command], cwd=directory or self.root, env=self.environment, stdout=out,
                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
            except OSError as error:
                out.write(f"{error}\n".encode())
                return 127, str(error)
            with self._lock:
                self._running.add(process.pid)
            try:
                code = process.wait(seconds_max)
            except subprocess.TimeoutExpired:
                code = -1
                out.write(f"\nended after {seconds_max} seconds\n".encode())
            finally:
                self._end_group(process.pid)
                process.wait()
                with self._lock:
                    self._running.discard(process.pid)
        with path.open("rb") as out:
            out.seek(start)
            return code, out.read().decode(errors="replace")

    def close(self):
        """Ends what still runs and removes the scratch folder."""
        with self._lock:
            for pid in self._running:
                self._end_group(pid)
        shutil.rmtree(self.scratch, ignore_errors=True)

    @staticmethod
    def _end_group(pid):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
