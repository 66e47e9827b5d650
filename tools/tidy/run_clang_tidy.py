#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over our own files, several at once.

Usage: tools/tidy/run_clang_tidy.py [BUILD [FILE...]]     BUILD has compile_commands.json, by default build/dev

The files are those of the compilation database under src/, bench/ and tests/, or those named. Prints the findings, each
once (a header's finding appears in every file that includes it), and a last line that counts them. BUILD must have been
built: generated headers are read.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FINDING = re.compile(r"^(?P<file>[^\s:][^:]*):(?P<line>\d+):\d+: (error|warning): (?P<text>.*)$")


def our_files(build):
    entries = json.loads((build / "compile_commands.json").read_text())
    files = {Path(entry["directory"], entry["file"]).resolve() for entry in entries}
    ours = [file for file in files if any(file.is_relative_to(ROOT / top) for top in ("src", "bench", "tests"))]
    # The longest first, so that no core waits for one big file at the end.
    return sorted(ours, key=lambda file: -file.stat().st_size)


def run(build, file):
    command = ["clang-tidy-19", "--quiet", "-p", str(build), str(file)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return file, answer.returncode, answer.stdout, answer.stderr


def main(arguments):
    build = Path(arguments[0] if arguments else ROOT / "build/dev").resolve()
    files = [Path(name).resolve() for name in arguments[1:]] or our_files(build)
    seen, broken = set(), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = [pool.submit(run, build, file) for file in files]
        for done in concurrent.futures.as_completed(waiting):
            file, code, output, error = done.result()
            lines = [line for line in output.splitlines() if FINDING.match(line)]
            for line in lines:
                if line not in seen:
                    seen.add(line)
                    print(line.replace(f"{ROOT}/", ""), flush=True)
            if code != 0 and not lines:
                broken += 1
                print(f"{file}: clang-tidy ended with {code}\n{output}{error}", flush=True)
    count = len(seen) + broken
    print(f"clang-tidy: {len(files)} files, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
