# SPDX-License-Identifier: Apache-2.0
"""A C++ file with its comments and strings blanked out, line for line, so that rules can look at code alone."""

import re

TOKEN = re.compile(
    r"""//[^\n]*"""
    r"""|/\*.*?\*/"""
    r"""|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)\""""
    r"""|"(?:\\.|[^"\\\n])*\""""
    r"""|'(?:\\.|[^'\\\n])+'""",
    re.DOTALL | re.VERBOSE,
)
NUMBER_BEFORE = re.compile(r"[0-9a-fA-F]$")


class Source:
    """Text of a file, its code (comments and literals blanked), and its string literals as (line, contents)."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self.strings = []
        self.comments = []
        self.code = self._blank(text)
        self.code_lines = self.code.split("\n")

    def _blank(self, text):
        out, at = [], 0
        while True:
            match = TOKEN.search(text, at)
            if not match:
                break
            token = match[0]
            start = match.start()
            if token[0] == "'" and start > 0 and NUMBER_BEFORE.search(text[start - 1]):
                out.append(text[at : start + 1])  # a digit separator, as in 1'000
                at = start + 1
                continue
            out.append(text[at:start])
            line = text.count("\n", 0, start) + 1
            if token.startswith('"'):
                self.strings.append((line, token[1:-1]))
                keep = '""'
            elif token.startswith("R"):
                self.strings.append((line, token[token.index("(") + 1 : token.rindex(")")]))
                keep = '""'
            elif token.startswith("'"):
                keep = "' '"
            else:
                self.comments.append((line, token))
                keep = ""
            out.append(keep + "\n" * token.count("\n"))
            at = match.end()
        out.append(text[at:])
        # An #include names a file between quotes; keep those lines as they are.
        code = "".join(out).split("\n")
        for number, line in enumerate(self.lines):
            if line.startswith("#include") and number < len(code):
                code[number] = line
        return "\n".join(code)
