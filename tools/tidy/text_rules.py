# SPDX-License-Identifier: Apache-2.0
"""Rules about any text file. A rule takes (tree, path, text) and yields (line, message)."""

import re

SPDX = "SPDX-License-Identifier: Apache-2.0"
NEEDS_SPDX = re.compile(
    r"(\.(h|cc|c|py|cmake|sh|smithy|service)|(^|/)(CMakeLists\.txt|quickstart|test|run|run-clang-tidy))$")
DATA = re.compile(r"^tests/(vectors|corpus|golden)/|^LICENSE$|\.(md|smithy|wire)$|\.lock$|package-lock\.json$")
LINES_MAX = 600
# Spelled in pieces so that this file passes its own rule.
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(" + "|".join(["wo" + "rk", "ho" + "me", "ro" + "ot", "Us" + "ers"]) + r")/\w")


def spdx(tree, path, text):
    """Every source file names its licence in one of its first two lines."""
    if NEEDS_SPDX.search(path) and not DATA.match(path) and SPDX not in "\n".join(text.split("\n")[:2]):
        yield 1, f"a file without a licence line is banned, use `{SPDX}`"


def file_length(tree, path, text):
    """No source file has more than 600 lines."""
    lines = text.count("\n")
    if re.search(r"\.(h|cc|c|py|cmake)$", path) and lines > LINES_MAX:
        yield LINES_MAX, f"a file of {lines} lines is banned, use several of at most {LINES_MAX}"


def machine_path(tree, path, text):
    """No absolute path of somebody's machine."""
    if DATA.match(path) and not path.endswith(".md"):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if MACHINE_PATH.search(line):
            yield number, "an absolute path of one machine is banned, use a path relative to the repository"


def white_space(tree, path, text):
    """No carriage return, tab or blank at the end of a line; a newline at the end of a file."""
    if re.match(r"tests/(vectors|corpus|golden)/|tests/wire/.*\.wire$|LICENSE$", path) or not text:
        return
    if not text.endswith("\n"):
        yield text.count("\n") + 1, "a last line without newline is banned, use one"
    for number, line in enumerate(text.split("\n"), 1):
        if line.endswith((" ", "\t", "\r")):
            yield number, "white space at the end of a line is banned, use none"
        if "\t" in line and re.search(r"\.(h|cc|c|py|cmake|smithy)$", path):
            yield number, "a tab is banned, use spaces"


def fuzz_corpus(tree, path, text):
    """Every fuzz target has a corpus."""
    match = re.match(r"src/.*/(\w+)_fuzz\.cc$", path)
    if match and not any(name.startswith(f"tests/corpus/{match[1]}/") for name in tree.files):
        yield 1, f"a fuzz target without corpus is banned, use files in tests/corpus/{match[1]}/"


RULES = {
    "spdx": spdx,
    "file-length": file_length,
    "machine-path": machine_path,
    "white-space": white_space,
    "fuzz-corpus": fuzz_corpus,
}
