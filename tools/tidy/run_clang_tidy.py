#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over our own files, several at once.

Usage: tools/tidy/run_clang_tidy.py [BUILD [FILE...]]     BUILD has compile_commands.json, by default build/tidy

The files are those of the compilation database under src/, bench/ and tests/, or those named. In a unity build, as the
preset `tidy` is, they are read together, many in one: most of the time goes into the headers that they share. Prints
the findings, each once (a header's finding appears in every file that includes it), and a last line that counts them.
The target `generated` of BUILD must have been built.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^#include "(.*)"$', re.MULTILINE)
FINDING = re.compile(r"^(?P<file>[^\s:][^:]*):(?P<line>\d+):\d+: (error|warning): (?P<text>.*)$")


def sources_of(file):
    """The file itself, or what a file of a unity build includes."""
    if file.parent.name != "Unity":
        return [file]
    return [Path(name) for name in INCLUDE.findall(file.read_text())]


def is_ours(file):
    return any(file.is_relative_to(ROOT / top) for top in ("src", "bench", "tests"))


def our_files(build):
    """What to run over, and how many of our files are in it."""
    entries = json.loads((build / "compile_commands.json").read_text())
    sources = {}
    for file in {Path(entry["directory"], entry["file"]).resolve() for entry in entries}:
        sources[file] = [source for source in sources_of(file) if is_ours(source)]
    files = [file for file in sources if sources[file]]

    def size(file):
        return sum(source.stat().st_size for source in sources[file])

    # The longest first, so that no core waits for one big file at the end.
    return sorted(files, key=size, reverse=True), sum(len(sources[file]) for file in files)


def run(build, file):
    command = ["clang-tidy-19", "--quiet", "-p", str(build), str(file)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return file, answer.returncode, answer.stdout, answer.stderr


def main(arguments):
    build = Path(arguments[0] if arguments else ROOT / "build/tidy").resolve()
    files = [Path(name).resolve() for name in arguments[1:]]
    count_of_files = len(files)
    if not files:
        files, count_of_files = our_files(build)
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
    print(f"clang-tidy: {count_of_files} files, {count} findings")
    return 1 if count or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
