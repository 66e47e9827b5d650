# SPDX-License-Identifier: Apache-2.0
"""The same steps through four clients, eight years apart: each finds what is expected, and all find the same."""

import concurrent.futures
import io
import re
import zipfile
from dataclasses import dataclass, field

import pytest
import sdks
from conftest import Clients, Signing
from differential.sequence import STEPS
from harness import Server

REFERENCE = "boto3"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENTS = {"createdAt", "completedAt", "signatureExpiresAt", "revokedAt"}
DATA = ("signer-data", "GetRevocationStatus")
SAVED = [name for one in STEPS for name in one.get("save", {})]


@dataclass
class Client:
    """A client, and the one thing that is known to be different about it."""

    region: str  # its own; all are of one length, since policies have their size in bytes
    command: object
    lacks: set = field(default_factory=set)  # operations that are newer than the client


CLIENTS = {
    "boto3": Client("us-east-1", lambda: [sdks.python(), sdks.DRIVE]),
    "boto3-of-Debian": Client("us-east-2", lambda: [sdks.DEBIAN_PYTHON, sdks.DRIVE], lacks={
        ("signer", "SignPayload"), ("signer", "GetRevocationStatus"), DATA}),
    "JavaScript": Client("us-west-1", lambda: ["node", sdks.javascript() / "sequence.mjs"]),
    "Java": Client("us-west-2", lambda: [*sdks.java(), "firmsign.Sequence"], lacks={DATA}),
}


def variables(server, identities, region):
    """What a client finds in its region: two certificates, a bucket, an image and a zip file."""
    clients = Clients(server, region)
    signing = Signing(clients, identities)
    bucket = f"firmware-{region}"
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    clients.s3.create_bucket(Bucket=bucket, **place)
    clients.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("handler.py", "def handler(event, context):\n    return 1\n")
    return {"region": region, "account": clients.sts.get_caller_identity()["Account"], "bucket": bucket,
            "certificate": signing.certificate("p256"), "rsa_certificate": signing.certificate("rsa2048"),
            "version": signing.put(bucket, b"an image", "image"),
            "zip_version": signing.put(bucket, file.getvalue(), "function.zip")}


@dataclass
class Run:
    """What one client was answered, or why it did not ask."""

    variables: dict = None
    lines: dict = field(default_factory=dict)
    skipped: str = None
    failed: str = None


def run_client(server, identities, client):
    try:
        command = client.command()
    except pytest.skip.Exception as reason:
        return Run(skipped=str(reason))
    run = Run(variables(server, identities, client.region))
    given = {**dict.fromkeys(SAVED, "nothing-was-saved"), **run.variables}
    lines, run.failed = sdks.drive(server, command, STEPS, given, client.region)
    run.lines = {line["name"]: line for line in lines}
    return run


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that revokes what AWS revokes, and no more."""
    folder = tmp_path_factory.mktemp("server") / "data"
    with Server(folder, "--set", "signer.revoke_every_platform=false") as running:
        yield running
        assert running.is_running()


@pytest.fixture(scope="module")
def runs(server, identities):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = {name: pool.submit(run_client, server, identities, client) for name, client in CLIENTS.items()}
        return {name: one.result() for name, one in waiting.items()}


@pytest.fixture(params=CLIENTS)
def client(request, runs):
    run = runs[request.param]
    if run.skipped:
        pytest.skip(run.skipped)
    assert not run.failed, run.failed
    return request.param


def is_lacking(name, step):
    return (step.get("client", "signer"), step["operation"]) in CLIENTS[name].lacks


def steps_of(name):
    """What a client can do, and what that does not build upon."""
    lacks = CLIENTS[name].lacks
    return [one for one in STEPS if not is_lacking(name, one) and ("signer", one.get("needs")) not in lacks]


def filled(value, names):
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda match: names.get(match[1], match[0]), value)
    if isinstance(value, dict):
        return {filled(key, names): filled(one, names) for key, one in value.items()}
    return [filled(one, names) for one in value] if isinstance(value, list) else value


def mismatch(step, line, names):
    """In words, or nothing."""
    expected = filled(step["expect"], names)
    found = {key: line.get(key) for key in ("status", "error", "code") if key in expected or key in ("status", "error")}
    wanted = {"status": 200, "error": None, **{key: one for key, one in expected.items() if key != "output"}}
    if found != wanted:
        return f"{step['name']}: {wanted} was expected, {line} was answered"
    for key, value in expected.get("output", {}).items():
        if line["output"].get(key) != value:
            return f"{step['name']}: {key} was to be {value!r}, and is {line['output'].get(key)!r}"
    if line.get("error") and not line.get("message"):
        return f"{step['name']}: an error without a message: {line}"
    return None


def save(step, line, names):
    """Into `names`, as the client's program has done it."""
    for name, path in step.get("save", {}).items():
        value = line.get("output")
        for word in path.split("."):
            value = value[word] if value else None
        if value:
            names[name] = value


def test_a_client_finds_what_is_expected(runs, client):
    run = runs[client]
    names, found = dict(run.variables), []
    for one in steps_of(client):
        found += filter(None, [mismatch(one, run.lines[one["name"]], names)])
        save(one, run.lines[one["name"]], names)
    assert not found, f"{len(found)} steps:\n" + "\n".join(found)


def test_a_client_lacks_only_what_is_newer(runs, client):
    absent = {(one.get("client", "signer"), one["operation"]) for one in STEPS
              if runs[client].lines[one["name"]].get("absent")}
    assert absent == CLIENTS[client].lacks


class Plain:
    """Answers without what is another each time: what was made up gets a number by its first appearance."""

    def __init__(self, run):
        given = sorted(run.variables.items(), key=lambda item: -len(item[1]))
        self._given = [(value, f"<{name}>") for name, value in given]
        self._versions = {value for line in run.lines.values() for value in found_under("profileVersion", line)}
        self._numbers = {}

    def value(self, value, name=None):
        if isinstance(value, dict):
            return {self.text(key): self.value(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if name in MOMENTS:
            assert value > 1_700_000_000
            return "<moment>"
        if name == "signature":
            assert value
            return "<signature>"
        return self.text(value) if isinstance(value, str) else value

    def text(self, text):
        for value, name in self._given:
            text = text.replace(value, name)
        text = UUID.sub(lambda match: self._number(match[0]), text)
        for version in self._versions:
            text = text.replace(version, self._number(version)) if version in text else text
        return text

    def _number(self, made_up):
        return f"<{self._numbers.setdefault(made_up, len(self._numbers))}>"


def found_under(name, value):
    if isinstance(value, dict):
        for key, one in value.items():
            yield from [one] if key == name else found_under(name, one)
    elif isinstance(value, list):
        for one in value:
            yield from found_under(name, one)


@pytest.mark.parametrize("client", [name for name in CLIENTS if name != REFERENCE], indirect=True)
def test_clients_find_the_same(runs, client):
    reference = next(name for name in CLIENTS if not runs[name].skipped and not runs[name].failed)
    if reference == client:
        pytest.skip("there is no other client to compare it with")
    both = [one for one in steps_of(client) if one in steps_of(reference)]
    # Numbers are given in the order of appearance, so only what both did is read.
    found = []
    for one, left, right in zip(both, *(answers(runs[name], both) for name in (reference, client))):
        if left != right:
            found.append(f"{one['name']}:\n  {reference}: {left}\n  {client}: {right}")
    assert not found, f"{len(found)} steps:\n" + "\n".join(found)


def answers(run, steps):
    plain = Plain(run)
    return [plain.value(run.lines[one["name"]]) for one in steps]
