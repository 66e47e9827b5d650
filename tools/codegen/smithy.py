# SPDX-License-Identifier: Apache-2.0
"""Reads model/*.smithy: a subset of Smithy IDL 2 (https://smithy.io/2.0/spec/idl.html), described in model/README.md.

Gives shapes as they are written; model.py resolves names and checks what they mean. Every mistake is a ModelError that
names file and line.
"""

import re
from dataclasses import dataclass, field

SIMPLE_KINDS = {"blob", "boolean", "string", "integer", "long", "double", "timestamp"}
AGGREGATE_KINDS = {"list", "map", "structure", "enum", "operation", "service"}

# The traits that the model uses; an unknown one is a mistake. The second group is ours, beyond Smithy's own.
TRAITS = {
    "required", "length", "range", "pattern", "sensitive", "streaming", "idempotencyToken", "timestampFormat",
    "http", "httpLabel", "httpQuery", "httpHeader", "httpPrefixHeaders", "httpPayload", "xmlName", "xmlFlattened",
    "xmlNamespace", "error", "httpError", "awsQueryError", "optionalAuth", "auth", "mixin", "deprecated", "sigv4",
    "restJson1", "awsJson1_1", "awsQuery", "restXml", "s3UnwrappedXmlOutput",
} | {"iam", "noIam", "audit", "bodyMax", "bodyDigestRequired", "observed", "omits", "since", "cppName", "eventSource",
     "targetPrefix", "subresources", "operatorOnly", "conditionKey"}


class ModelError(Exception):
    """A mistake in a model: `file:line: what is wrong`."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")


@dataclass
class Member:
    name: str
    target: str
    line: int
    traits: dict = field(default_factory=dict)
    doc: str = ""


@dataclass
class Shape:
    kind: str
    name: str
    line: int
    traits: dict = field(default_factory=dict)
    doc: str = ""
    members: list = field(default_factory=list)  # structure, list ("member"), map ("key", "value")
    values: list = field(default_factory=list)  # enum: Members whose target is the value on the wire
    properties: dict = field(default_factory=dict)  # operation, service: name -> node value
    mixins: list = field(default_factory=list)


@dataclass
class Document:
    path: str
    namespace: str = ""
    control: dict = field(default_factory=dict)
    shapes: dict = field(default_factory=dict)


TOKEN = re.compile(
    r"""(?P<space>[ \t\r,]+)|(?P<newline>\n)|(?P<doc>///[^\n]*)|(?P<comment>//[^\n]*)
      |(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+)|(?P<name>[A-Za-z_][A-Za-z0-9_.\#]*)
      |(?P<walrus>:=)|(?P<mark>[@${}()\[\]:=])""",
    re.VERBOSE)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}


def tokenize(path, text):
    """Yields (kind, text, line); a mark's kind is the mark itself. The last one is ("end", "", line)."""
    tokens, position, line = [], 0, 1
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise ModelError(path, line, f"unexpected character {text[position]!r}")
        kind, value = match.lastgroup, match.group()
        if kind in ("mark", "walrus"):
            tokens.append((value, value, line))
        elif kind in ("doc", "string", "number", "name"):
            tokens.append((kind, value, line))
        line += value.count("\n")
        position = match.end()
    tokens.append(("end", "", line))
    return tokens


class Parser:
    """One file, recursive descent, one token of look-ahead."""

    def __init__(self, path, text):
        self.document = Document(path)
        self.tokens = tokenize(path, text)
        self.position = 0

    def fail(self, message, line=None):
        raise ModelError(self.document.path, line or self.tokens[self.position][2], message)

    def peek(self):
        return self.tokens[self.position][0]

    def take(self, kind, what=None):
        got, text, line = self.tokens[self.position]
        if got != kind:
            self.fail(f"expected {what or kind}, found {text or 'the end of the file'}")
        self.position += 1
        return text, line

    def accept(self, kind):
        if self.peek() != kind:
            return False
        self.position += 1
        return True

    def parse(self):
        while self.accept("$"):
            key, _ = self.take("name")
            self.take(":")
            self.document.control[key] = self.node()
        while self.peek() == "doc":
            self.position += 1
        if self.take("name", "namespace")[0] != "namespace":
            self.fail("expected namespace")
        self.document.namespace = self.take("name", "a namespace")[0]
        while self.peek() != "end":
            self.statement()
        return self.document

    def node(self):
        """A value: string, number, true, false, [list], {object}; a bare name stands for a shape."""
        kind = self.peek()
        if kind == "string":
            return self.unquote(*self.take("string"))
        if kind == "number":
            return int(self.take("number")[0])
        if kind == "name":
            name = self.take("name")[0]
            return {"true": True, "false": False}.get(name, name)
        if self.accept("["):
            values = []
            while not self.accept("]"):
                values.append(self.node())
            return values
        if self.accept("{"):
            return self.pairs("}")
        self.fail("expected a value")

    def unquote(self, text, line):
        def escape(match):
            if match[1] not in ESCAPES:
                self.fail(f"unknown escape \\{match[1]}", line)
            return ESCAPES[match[1]]
        return re.sub(r"\\(.)", escape, text[1:-1])

    def pairs(self, end):
        values = {}
        while not self.accept(end):
            key, line = self.take("string") if self.peek() == "string" else self.take("name", "a key")
            key = key.strip('"')
            if key in values:
                self.fail(f"{key} appears twice", line)
            self.take(":")
            values[key] = self.node()
        return values

    def traits(self):
        """Comments and traits in front of a shape or member: (doc, traits)."""
        doc, traits = [], {}
        while True:
            if self.peek() == "doc":
                doc.append(self.take("doc")[0][3:].strip())
            elif self.accept("@"):
                name, line = self.take("name", "a trait")
                if name not in TRAITS:
                    self.fail(f"unknown trait @{name}", line)
                if name in traits:
                    self.fail(f"@{name} appears twice", line)
                traits[name] = self.trait_value()
            else:
                return " ".join(doc), traits

    def trait_value(self):
        if not self.accept("("):
            return True
        if self.tokens[self.position][0] in ("name", "string") and self.tokens[self.position + 1][0] == ":":
            return self.pairs(")")
        value = self.node()
        self.take(")")
        return value

    def statement(self):
        doc, traits = self.traits()
        kind, line = self.take("name", "a shape")
        if kind not in SIMPLE_KINDS | AGGREGATE_KINDS:
            self.fail(f"unknown kind of shape {kind}", line)
        name, line = self.take("name", "the shape's name")
        shape = self.add(Shape(kind, name, line, traits, doc))
        self.mixins(shape)
        if kind in ("structure", "list", "map"):
            self.members(shape)
        elif kind == "enum":
            self.enum_values(shape)
        elif kind in ("operation", "service"):
            self.properties(shape)

    def add(self, shape):
        if shape.name in self.document.shapes:
            self.fail(f"{shape.name} is defined twice", shape.line)
        self.document.shapes[shape.name] = shape
        return shape

    def mixins(self, shape):
        if self.tokens[self.position][:2] == ("name", "with"):
            self.position += 1
            self.take("[")
            while not self.accept("]"):
                shape.mixins.append(self.take("name", "a mixin")[0])

    def members(self, shape):
        self.take("{")
        while True:
            doc, traits = self.traits()
            if self.accept("}"):
                return
            name, line = self.take("name", "a member")
            if any(member.name == name for member in shape.members):
                self.fail(f"{shape.name} has two members {name}", line)
            self.take(":")
            shape.members.append(Member(name, self.take("name", "a shape")[0], line, traits, doc))

    def enum_values(self, shape):
        self.take("{")
        while True:
            doc, traits = self.traits()
            if self.accept("}"):
                return
            name, line = self.take("name", "a value")
            wire = self.unquote(*self.take("string", "a string")) if self.accept("=") else name
            shape.values.append(Member(name, wire, line, traits, doc))

    def properties(self, shape):
        self.take("{")
        while not self.accept("}"):
            key, line = self.take("name", "a property")
            if key in shape.properties:
                self.fail(f"{key} appears twice", line)
            if self.accept(":="):
                shape.properties[key] = self.inline_structure(shape, key, line)
            else:
                self.take(":")
                shape.properties[key] = self.node()

    def inline_structure(self, operation, key, line):
        """`input := { ... }`: a structure named after its operation, see $operationInputSuffix."""
        default = {"input": "Input", "output": "Output"}.get(key) or self.fail(f"{key} cannot be inline", line)
        name = operation.name + self.document.control.get(f"operation{default}Suffix", default)
        doc, traits = self.traits()
        shape = self.add(Shape("structure", name, line, traits, doc))
        self.mixins(shape)
        self.members(shape)
        return name


def parse(path, text):
    return Parser(path, text).parse()
