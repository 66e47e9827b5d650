#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares model/*.smithy with botocore's models: the one that Debian ships, and a newer one in ../shared/models if it is there.

Operations, methods, URIs, members, where they travel and under which names, types, constraints and errors must agree.
Differences are accepted only where the model states them: @observed (the live service does something else), @omits (left
out on purpose) and, against a model that is not the newest at hand, @since (it did not exist yet). An @observed or
@omits that is no difference from the newest model fails too, so that the marks stay true.

A service of our own (OWN) has no counterpart there; the check says so, and that nothing claims otherwise.

One line per check, then `N passed, N failed`.
"""

import gzip
import json
import pathlib
import subprocess
import sys
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "codegen"))

from model import load  # noqa: E402

# Our file -> botocore's service.
SERVICES = {"iam": "iam", "signer": "signer", "signer_data": "signer-data", "acm": "acm", "sts": "sts", "s3": "s3"}
# Services of our own: AWS has none like them, so there is nothing to compare.
OWN = ["operator_api"]
PROTOCOLS = {"restJson1": "rest-json", "awsJson1_1": "json", "awsQuery": "query", "restXml": "rest-xml"}
LOCATIONS = {"httpLabel": "uri", "httpQuery": "querystring", "httpHeader": "header", "httpPrefixHeaders": "headers"}
TIMESTAMP_FORMATS = {"iso8601": "date-time", "rfc822": "http-date", "unixTimestamp": "epoch-seconds"}


@dataclass
class Reference:
    """A botocore service model. `newest`: nothing later is at hand, so @since excuses nothing and marks must be used."""
    label: str
    data: dict
    newest: bool = True


def limits_of(shape):
    return {**shape.traits.get("length", {}), **shape.traits.get("range", {})}


class Comparison:
    """One of our models against one reference. `checks` maps the name of each check to its findings."""

    def __init__(self, model, reference):
        self.model, self.reference = model, reference
        self.shapes = reference.data["shapes"]
        self.checks, self.findings = {}, []
        self.compared, self.used_marks, self.used_omits = set(), set(), set()
        self.service_omits = model.service.traits.get("omits", [])

    def run(self):
        self.check("service", self.compare_service)
        for operation in self.model.operations:
            self.check(operation.name, lambda: self.compare_operation(operation))
        if "subresources" in self.model.service.traits:
            self.check("sub-resources", self.compare_subresources)
        if self.reference.newest:
            self.check("marks", self.compare_marks)
        return self.checks

    def check(self, name, function):
        self.findings = self.checks.setdefault(name, [])
        function()

    def differ(self, path, message, *marked):
        """A difference, unless a mark on one of `marked` (shapes or members, those concerned) states it."""
        for thing in marked:
            if "observed" in thing.traits:
                self.used_marks.add(id(thing))
                return
            if not self.reference.newest and "since" in thing.traits:
                return
        self.findings.append(f"{path}: {message}")

    def equal(self, path, what, ours, theirs, *marked):
        if ours != theirs:
            self.differ(path, f"{what} is {ours!r}, botocore says {theirs!r}", *marked)

    def compare_service(self):
        service, metadata = self.model.service, self.reference.data["metadata"]
        self.equal("service", "version", service.properties["version"], metadata["apiVersion"])
        self.equal("service", "protocol", PROTOCOLS[self.model.protocol], metadata["protocol"])
        signing = metadata.get("signingName", metadata["endpointPrefix"])
        self.equal("service", "signing name", service.traits["sigv4"]["name"], signing)
        self.equal("service", "target prefix", service.traits.get("targetPrefix"), metadata.get("targetPrefix"))
        if "xmlNamespace" in metadata:
            self.equal("service", "XML namespace", service.traits["xmlNamespace"]["uri"], metadata["xmlNamespace"])

    def compare_operation(self, ours):
        theirs = self.reference.data["operations"].get(ours.name)
        if theirs is None:
            self.differ(ours.name, "botocore has no such operation", ours.shape)
            return
        http = theirs["http"]
        self.equal(ours.name, "method", ours.method, http["method"], ours.shape)
        self.equal(ours.name, "URI", ours.uri, http["requestUri"], ours.shape)
        self.equal(ours.name, "status", ours.status, http.get("responseCode", 200), ours.shape)
        self.equal(ours.name, "having an output", ours.has_output, "output" in theirs, ours.shape, ours.output)
        for word, shape in (("input", ours.input), ("output", ours.output)):
            other = theirs.get(word, {}).get("shape")
            if other:
                self.compare_structure(f"{ours.name}.{word}", shape, other)
            elif self.model.members(shape):
                self.differ(f"{ours.name}.{word}", "botocore has none", shape)
        self.compare_errors(ours, theirs)

    def compare_errors(self, ours, theirs):
        listed = {error["shape"] for error in theirs.get("errors", [])}
        for name in sorted(listed - set(ours.errors)):
            if name in ours.shape.traits.get("omits", []):
                self.used_omits.add((ours.name, name))
                continue
            self.differ(ours.name, f"the error {name} is missing", ours.shape)
        for name in sorted(set(ours.errors) - listed):
            # An older model need not list what was observed before a newer one listed it.
            if self.reference.newest or name not in ours.observed_errors:
                self.differ(ours.name, f"the error {name} is not in botocore's list", self.model.shapes[name], ours.shape)
        for mixin in (self.model.shapes[name] for name in ours.shape.mixins):
            if not set(mixin.properties.get("errors", [])) <= listed:
                self.used_marks.add(id(mixin))
        for name in ours.all_errors():
            if name in self.shapes:
                self.compare_error(name)

    def compare_error(self, name):
        ours, theirs = self.model.shapes[name], self.shapes[name].get("error", {})
        status = ours.traits.get("httpError", 500 if ours.traits["error"] == "server" else 400)
        # json says nothing and means 400; older models of S3 say nothing at all.
        expected = theirs.get("httpStatusCode", 400 if self.model.protocol == "awsJson1_1" else status)
        self.equal(name, "status", status, expected, ours)
        code = ours.traits.get("awsQueryError", {}).get("code", name)
        self.equal(name, "code", code, theirs.get("code", name), ours)
        self.compare_structure(name, ours, name)

    def omitted(self, shape, name):
        for owner, names in (("service", self.service_omits), (shape.name, shape.traits.get("omits", []))):
            if name in names:
                self.used_omits.add((owner, name))
                return True
        return False

    def compare_structure(self, path, ours, name):
        theirs = self.shapes[name]
        if (ours.name, name) in self.compared:
            return
        self.compared.add((ours.name, name))
        members = {member.name: member for member in self.model.members(ours)}
        for member in theirs["members"]:
            if member not in members and not self.omitted(ours, member):
                self.differ(path, f"the member {member} is missing", ours)
        for member in members.values():
            other = theirs["members"].get(member.name)
            if other is None:
                target = self.model.shapes[member.target]
                self.differ(f"{path}.{member.name}", "botocore has no such member", member, target)
            else:
                self.compare_member(f"{path}.{member.name}", member, theirs, other)

    def compare_member(self, path, ours, structure, theirs):
        traits, target, other = ours.traits, self.model.shapes[ours.target], self.shapes[theirs["shape"]]
        location = next((LOCATIONS[trait] for trait in LOCATIONS if trait in traits), "body")
        is_payload = structure.get("payload") == ours.name
        self.equal(path, "location", location, theirs.get("location", "body"), ours)
        self.equal(path, "being the payload", "httpPayload" in traits, is_payload, ours)
        self.equal(path, "being required", "required" in traits, ours.name in structure.get("required", []), ours)
        token = "idempotencyToken" in traits
        self.equal(path, "being an idempotency token", token, theirs.get("idempotencyToken", False), ours)
        self.equal(path, "being flattened", "xmlFlattened" in traits, other.get("flattened", False), ours)
        streams = theirs.get("streaming", False) or other.get("streaming", False)
        self.equal(path, "being streamed", self.model.is_streaming(ours), streams, ours)
        wire_name, their_name = self.wire_name(ours, target), theirs.get("locationName", ours.name)
        if is_payload and other["type"] == "structure":
            their_name = theirs.get("locationName", theirs["shape"])
        self.equal(path, "the name on the wire", wire_name, their_name, ours)
        timestamp = theirs.get("timestampFormat", other.get("timestampFormat"))
        format_ = traits.get("timestampFormat", target.traits.get("timestampFormat"))
        self.equal(path, "timestamp format", format_, TIMESTAMP_FORMATS.get(timestamp), ours)
        secret = theirs.get("sensitive", False) or other.get("sensitive", False)
        self.equal(path, "being sensitive", self.model.is_sensitive(ours), secret, ours, target)
        self.compare_shape(path, target, theirs["shape"], ours)

    def wire_name(self, member, target):
        for trait in ("httpQuery", "httpHeader", "httpPrefixHeaders", "xmlName"):
            if trait in member.traits:
                return member.traits[trait]
        if "httpPayload" in member.traits and target.kind == "structure":
            return target.traits.get("xmlName", target.name)
        return member.name

    def compare_shape(self, path, ours, name, *marked):
        theirs, marked = self.shapes[name], (*marked, ours)
        kind = "string" if ours.kind == "enum" else ours.kind
        if kind != theirs["type"]:
            self.differ(path, f"the type is {kind}, botocore says {theirs['type']}", *marked)
            return
        limits = limits_of(ours)
        for word in ("min", "max"):
            self.equal(path, word, limits.get(word), theirs.get(word), *marked)
        self.equal(path, "pattern", ours.traits.get("pattern"), theirs.get("pattern"), *marked)
        if kind == "string":
            self.compare_enum(path, ours, theirs.get("enum", []))
        elif kind == "structure":
            self.compare_structure(path, ours, name)
        elif kind == "list":
            element, other = ours.members[0], theirs["member"]
            name = None if theirs.get("flattened") else other.get("locationName", "member")
            if name:
                self.equal(path, "the element's name", element.traits.get("xmlName", "member"), name, *marked)
            self.compare_shape(path + "[]", self.model.shapes[element.target], other["shape"], element)
        elif kind == "map":
            for member in ours.members:
                target = self.model.shapes[member.target]
                self.compare_shape(f"{path}.{member.name}", target, theirs[member.name]["shape"], member)

    def compare_enum(self, path, ours, theirs):
        values = {value.target: value for value in ours.values}
        for value in sorted(set(theirs) - set(values)):
            self.differ(path, f"the value {value} is missing", ours)
        for value in ours.values:
            if value.target not in theirs:
                self.differ(path, f"the value {value.target} is not in botocore's list", value, ours)

    def compare_subresources(self):
        """A query key that selects an operation is one of ours or a known sub-resource.

        Else a request for it would be taken for the plain operation: a PUT that renames would store an empty object.
        """
        known = set(self.model.service.traits["subresources"])
        for operation in self.model.operations:
            known.update(key.split("=")[0] for key in operation.uri.partition("?")[2].split("&"))
        for name, operation in self.reference.data["operations"].items():
            for key in filter(None, operation["http"]["requestUri"].partition("?")[2].split("&")):
                if key.split("=")[0] not in known:
                    self.differ("subresources", f"{key.split('=')[0]}, which selects {name}, is missing")

    def compare_marks(self):
        """Every @observed and @omits of what was compared must have excused something."""
        for shape in self.model.document.shapes.values():
            for thing in (shape, *shape.members, *shape.values):
                if "observed" in thing.traits and id(thing) not in self.used_marks:
                    self.findings.append(f"line {thing.line}: {thing.name} is marked @observed, but botocore agrees")
            for name in shape.traits.get("omits", []):
                owner = "service" if shape.kind == "service" else shape.name
                if (owner, name) not in self.used_omits:
                    self.findings.append(f"line {shape.line}: @omits {name}, which botocore does not have either")


def compare(model, reference):
    return Comparison(model, reference).run()


def read_json(path):
    with (gzip.open(path, "rt") if path.suffix == ".gz" else open(path)) as file:
        return json.load(file)


def debian_botocore():
    """(folder with the models, version), or None."""
    code = "import botocore; print(botocore.__path__[0]); print(botocore.__version__)"
    try:
        answer = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    folder, version = answer.stdout.split()
    return pathlib.Path(folder) / "data", version


def references(service):
    """What there is to compare with, and the reasons for what there is not."""
    found, missing = [], []
    debian = debian_botocore()
    if debian is None:
        missing.append("python3-botocore is not installed")
    else:
        files = sorted((debian[0] / service).glob("*/service-2.json*"))
        if files:
            found.append(Reference(f"botocore {debian[1]}", read_json(files[-1])))
        else:
            missing.append(f"botocore {debian[1]} has no {service}")
    shared = ROOT.parent / "shared" / "models" / f"{service}.json"
    if shared.exists():
        for older in found:
            older.newest = False
        found.append(Reference("../shared/models", read_json(shared)))
    else:
        missing.append("../shared/models is absent")
    if found and found[-1].label != "../shared/models":
        # Debian's botocore is older than what the model was written from: it cannot judge marks or newer things.
        found[-1].newest = False
    return found, missing


def not_ours(model, debian=None):
    """Why this model must be compared with AWS's after all; empty if it need not."""
    if "operatorOnly" not in model.service.traits:
        return "not @operatorOnly, so AWS's clients see it: compare it with botocore"
    marked = sorted(shape.name for shape in model.document.shapes.values() for thing in (shape, *shape.members, *shape.values)
                    if {"observed", "since", "omits"} & set(thing.traits))
    if marked:
        return f"{marked[0]} is marked as different from AWS's model, which does not exist"
    debian = debian or debian_botocore()
    signing_name = model.service.traits["sigv4"]["name"]
    if debian and (debian[0] / signing_name).exists():
        return f"botocore {debian[1]} has a service {signing_name}"
    return ""


def main():
    passed = failed = skipped = 0
    for name, service in SERVICES.items():
        model = load(ROOT / "model" / f"{name}.smithy")
        found, missing = references(service)
        for reason in missing:
            skipped += 1
            print(f"skipped {name}: {reason}")
        for reference in found:
            for check, findings in compare(model, reference).items():
                print(f"{'FAILED' if findings else 'ok'} {name} against {reference.label}: {check}")
                for finding in findings:
                    print(f"    {finding}")
                passed, failed = passed + (not findings), failed + bool(findings)
    for name in OWN:
        reason = not_ours(load(ROOT / "model" / f"{name}.smithy"))
        print(f"FAILED {name}: {reason}" if reason else f"ok {name}: ours alone, botocore has nothing to compare it with")
        passed, failed = passed + (not reason), failed + bool(reason)
    unlisted = {path.stem for path in (ROOT / "model").glob("*.smithy")} - set(SERVICES) - set(OWN)
    for name in sorted(unlisted):
        print(f"FAILED {name}: not in the list of {pathlib.Path(__file__).name}")
        failed += 1
    if passed + failed == 0:
        print("FAILED: nothing to compare with")
        failed += 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
