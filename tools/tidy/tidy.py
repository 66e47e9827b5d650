#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the source tree against the rules that neither the compiler nor clang-tidy knows.

Usage: tools/tidy/tidy.py [ROOT]     prints `file:line: x is banned, use y`, one finding a line; exit code 1 if any
       tools/tidy/tidy.py --rules    lists the rules
       tools/tidy/tidy.py --summary  the findings, then one line `rule NAME: ok` or `rule NAME: N findings` for each
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import components as components_module  # noqa: E402
import cpp_rules  # noqa: E402
import text_rules  # noqa: E402
from source import Source  # noqa: E402

CPP = (".h", ".cc", ".c")


class Tree:
    """The files of the repository and what src/CMakeLists.txt declares about them."""

    def __init__(self, root, files):
        self.root = Path(root)
        self.files = files
        cmake = self.root / "src/CMakeLists.txt"
        self.components = components_module.parse(cmake.read_text()) if cmake.exists() else {}

    def exists(self, path):
        return (self.root / path).exists()

    def component_of(self, path_under_src):
        return components_module.component_of(path_under_src, self.components)


def list_files(root):
    """Files that git tracks or would add; never what .gitignore names."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, capture_output=True, check=True)
    names = {name for name in answer.stdout.decode().split("\0") if name}
    return sorted(name for name in names if os.path.isfile(os.path.join(root, name)))


def check(root, files=None):
    """All findings as (path, line, rule, message)."""
    tree = Tree(root, files if files is not None else list_files(root))
    findings = []
    for path in tree.files:
        try:
            text = (tree.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a binary file
        for name, rule in text_rules.RULES.items():
            findings += [(path, line, name, message) for line, message in rule(tree, path, text)]
        if path.startswith("src/") and path.endswith(CPP):
            source = Source(path, text)
            for name, rule in cpp_rules.RULES.items():
                findings += [(path, line, name, message) for line, message in rule(tree, source)]
    return findings


def main(arguments):
    rules = list(text_rules.RULES) + list(cpp_rules.RULES)
    if "--rules" in arguments:
        everything = {**text_rules.RULES, **cpp_rules.RULES}
        for name in rules:
            print(f"{name}: {everything[name].__doc__.splitlines()[0]}")
        return 0
    paths = [argument for argument in arguments if not argument.startswith("--")]
    root = paths[0] if paths else Path(__file__).resolve().parents[2]
    findings = check(root)
    for path, line, name, message in sorted(findings):
        print(f"{path}:{line}: {message} [{name}]")
    if "--summary" in arguments:
        for name in rules:
            count = sum(1 for finding in findings if finding[2] == name)
            print(f"rule {name}: {f'{count} findings' if count else 'ok'}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
