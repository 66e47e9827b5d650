# SPDX-License-Identifier: Apache-2.0
"""The model of one service: the parsed file with its names resolved and its meaning checked."""

import re
from dataclasses import dataclass, field

from smithy import ModelError, Shape, parse

PRELUDE = {kind.capitalize(): kind for kind in ("blob", "boolean", "string", "integer", "long", "double", "timestamp")}
PROTOCOLS = {"restJson1": "kRestJson", "awsJson1_1": "kJson11", "awsQuery": "kQuery", "restXml": "kRestXml"}
AUDIT = {"write": "kWrite", "issue": "kIssue", "read": "kRead", "data": "kData"}


@dataclass
class Operation:
    shape: Shape
    name: str
    method: str
    uri: str
    status: int
    input: Shape
    output: Shape
    has_output: bool
    errors: list  # names, as AWS's own model lists them
    observed_errors: list  # names that mixins marked @observed add
    iam: list
    traits: dict = field(default_factory=dict)

    def all_errors(self):
        return self.errors + [name for name in self.observed_errors if name not in self.errors]


class Model:
    """path, name ("s3"), service (Shape), shapes (by name, prelude included), operations (in the file's order)."""

    def __init__(self, path, text):
        self.document = parse(path, text)
        self.path = path
        self.name = self.document.namespace.rsplit(".", 1)[-1]
        self.shapes = {name: Shape(kind, name, 0) for name, kind in PRELUDE.items()}
        for shape in self.document.shapes.values():
            if shape.name in PRELUDE:
                self.fail(shape, f"{shape.name} is Smithy's own")
            self.shapes[shape.name] = shape
        services = [shape for shape in self.document.shapes.values() if shape.kind == "service"]
        if len(services) != 1:
            raise ModelError(path, 1, "a model has exactly one service")
        self.service = services[0]
        protocols = [name for name in PROTOCOLS if name in self.service.traits]
        if len(protocols) != 1:
            self.fail(self.service, "a service has exactly one protocol trait")
        self.protocol = protocols[0]
        for shape in self.document.shapes.values():
            self.check_members(shape)
        self.operations = [self.operation(name) for name in self.property(self.service, "operations", [])]
        self.check_use()
        self.structures()

    def fail(self, where, message):
        raise ModelError(self.path, where.line, message)

    def property(self, shape, key, default=None):
        if key not in shape.properties and default is None:
            self.fail(shape, f"{shape.name} has no {key}")
        return shape.properties.get(key, default)

    def find(self, name, where, kind=None):
        shape = self.shapes.get(name)
        if shape is None:
            self.fail(where, f"no shape is named {name}")
        if kind and shape.kind != kind:
            self.fail(where, f"{name} is a {shape.kind}, not a {kind}")
        return shape

    def mixin(self, name, where, kind):
        shape = self.find(name, where, kind)
        if "mixin" not in shape.traits:
            self.fail(where, f"{name} is not a @mixin")
        return shape

    def members(self, shape):
        """A structure's members, those of its mixins first."""
        own = [m for name in shape.mixins for m in self.members(self.mixin(name, shape, "structure"))]
        return own + shape.members

    def check_members(self, shape):
        names = set()
        for member in self.members(shape) if shape.kind == "structure" else shape.members:
            if member.name in names:
                self.fail(shape, f"{shape.name} has two members {member.name}")
            names.add(member.name)
            if self.find(member.target, member).kind in ("service", "operation"):
                self.fail(member, f"{member.target} cannot be a member")
            for trait in ("length", "range", "pattern"):
                if trait in member.traits:
                    self.fail(member, f"@{trait} belongs to a named shape, not to a member")
        wanted = {"list": {"member"}, "map": {"key", "value"}}.get(shape.kind)
        if wanted and names != wanted:
            self.fail(shape, f"a {shape.kind} has {' and '.join(sorted(wanted))}")
        if shape.kind == "map" and any(self.find(m.target, m).kind not in ("string", "enum") for m in shape.members):
            self.fail(shape, "a map is from string to string")

    def empty(self, operation, which):
        """The structure of an operation that has no input or output of its own."""
        suffix = self.document.control.get(f"operation{which}Suffix", which)
        shape = Shape("structure", operation.name + suffix, operation.line)
        if shape.name not in self.shapes:
            self.shapes[shape.name] = self.document.shapes[shape.name] = shape
        return self.shapes[shape.name]

    def operation(self, name):
        shape = self.find(name, self.service, "operation")
        traits, errors, observed = dict(shape.traits), list(self.property(self.service, "errors", [])), []
        for mixin in (self.mixin(m, shape, "operation") for m in shape.mixins):
            (observed if "observed" in mixin.traits else errors).extend(self.property(mixin, "errors", []))
        errors += self.property(shape, "errors", [])
        for error in errors + observed:
            if "error" not in self.find(error, shape, "structure").traits:
                self.fail(shape, f"{error} is not an @error")
        if len(set(errors)) != len(errors):
            self.fail(shape, f"{name} lists an error twice")
        http = traits.get("http", {"method": "POST", "uri": "/"})
        given = [self.find(shape.properties[w], shape, "structure") if w in shape.properties else None
                 for w in ("input", "output")]
        operation = Operation(
            shape, name, http["method"], http["uri"], http.get("code", 200), given[0] or self.empty(shape, "Input"),
            given[1] or self.empty(shape, "Output"), given[1] is not None, errors, list(dict.fromkeys(observed)),
            traits.get("iam", []), traits)
        self.check_operation(operation)
        return operation

    def check_operation(self, operation):
        shape, traits = operation.shape, operation.traits
        rest = self.protocol in ("restJson1", "restXml")
        if rest != ("http" in traits):
            self.fail(shape, f"{operation.name}: @http belongs to the rest protocols, and there always")
        if traits.get("audit") not in AUDIT:
            self.fail(shape, f"{operation.name} needs @audit(\"write\"), (\"issue\"), (\"read\") or (\"data\")")
        if ("iam" in traits) == ("noIam" in traits):
            self.fail(shape, f"{operation.name} needs @iam or, with the reason, @noIam")
        if traits.get("auth", []) != []:
            self.fail(shape, f"{operation.name}: @auth([]) is for an operation that is not signed; there is no other")
        members = {m.name: m for m in self.members(operation.input)}
        labels = {label.rstrip("+") for label in re.findall(r"{(\w+\+?)}", operation.uri)}
        bound = {m.name for m in members.values() if "httpLabel" in m.traits}
        if labels != bound:
            self.fail(shape, f"{operation.name}: URI labels {sorted(labels)}, @httpLabel members {sorted(bound)}")
        for name in bound:
            if "required" not in members[name].traits:
                self.fail(members[name], f"{name} is in the path and so @required")
        for rule in operation.iam:
            if not set(rule) <= {"action", "resource", "condition", "alias"} or not {"action", "resource"} <= set(rule):
                self.fail(shape, f"{operation.name}: an @iam entry has action, resource, perhaps condition and alias")
            names = re.findall(r"{(\w+)}", rule["resource"])
            names += [rule["condition"].lstrip("!")] if "condition" in rule else []
            for name in names:
                if name not in members and name not in ("region", "account"):
                    self.fail(shape, f"{operation.name}: @iam speaks of {name}, which the input does not have")

    def structures(self):
        """All structures that are not errors or mixins, each after those it contains."""
        ordered, state = [], {}

        def visit(shape):
            if state.get(shape.name) == "done":
                return
            if state.get(shape.name) == "open":
                self.fail(shape, f"{shape.name} contains itself")
            state[shape.name] = "open"
            for member in self.members(shape) if shape.kind == "structure" else shape.members:
                visit(self.shapes[member.target])
            state[shape.name] = "done"
            if shape.kind == "structure" and "error" not in shape.traits and "mixin" not in shape.traits:
                ordered.append(shape)

        for operation in self.operations:
            visit(operation.input)
            visit(operation.output)
        return ordered

    def used(self):
        """Names of all shapes that the service reaches."""
        names, pending = set(), [self.service.name]
        for operation in self.operations:
            pending += [operation.name, operation.input.name, operation.output.name, *operation.shape.mixins]
            pending += operation.all_errors()
        while pending:
            name = pending.pop()
            if name in names:
                continue
            names.add(name)
            shape = self.shapes[name]
            pending += [m.target for m in shape.members] + (shape.mixins if shape.kind == "structure" else [])
        return names

    def check_use(self):
        used = self.used()
        for shape in self.document.shapes.values():
            if shape.name not in used:
                self.fail(shape, f"{shape.name} is not used")

    def is_streaming(self, member):
        return "streaming" in self.shapes[member.target].traits

    def is_sensitive(self, member):
        return "sensitive" in member.traits or "sensitive" in self.shapes[member.target].traits


def load(path):
    with open(path, encoding="utf-8") as file:
        return Model(str(path), file.read())
