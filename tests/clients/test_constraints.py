# SPDX-License-Identifier: Apache-2.0
"""Every constraint of botocore's models of Signer: a request that breaks one alone is refused, naming member and rule.

The models are botocore's own, Debian's and, where it is there, a newer one; so what is demanded here was written by
others. And inputs that no model excludes but that nobody may store: separators, NUL, invalid UTF-8, what is too long,
what belongs to somebody else.
"""

import base64
import copy
import json
import re
from urllib.parse import quote

import botocore.loaders
import pytest
from botocore.model import ServiceModel
from harness import IOT, ROOT
from raw import call

LAMBDA, NOTATION = "AWSLambda-SHA384-ECDSA", "Notation-OCI-SHA384-ECDSA"
UUID = "12345678-1234-1234-1234-123456789012"
NEWER_MODEL = ROOT.parent / "shared/models/signer.json"
PAYLOAD = b'{"targetArtifact":{"mediaType":"text/plain","digest":"sha256:' + b"0" * 64 + b'","size":1}}'
JSON = {"Content-Type": "application/json"}

# What the service takes that its model excludes, or what no request can express.
EXCEPTIONS = {
    ("StartSigningJob", "profileName", "required"): "optional in the model of 2018, and the guide's requests have none",
    ("StartSigningJob", "clientRequestToken", "required"): "the guide's requests have none",
    ("AddProfilePermission", "profileName", "required"): "a part of the path",
    ("CancelSigningProfile", "profileName", "required"): "a part of the path",
    ("DescribeSigningJob", "jobId", "required"): "a part of the path",
    ("GetSigningPlatform", "platformId", "required"): "a part of the path",
    ("GetSigningProfile", "profileName", "required"): "a part of the path",
    ("ListProfilePermissions", "profileName", "required"): "a part of the path",
    ("ListTagsForResource", "resourceArn", "required"): "a part of the path",
    ("PutSigningProfile", "profileName", "required"): "a part of the path",
    ("RemoveProfilePermission", "profileName", "required"): "a part of the path",
    ("RemoveProfilePermission", "statementId", "required"): "a part of the path",
    ("RevokeSignature", "jobId", "required"): "a part of the path",
    ("RevokeSigningProfile", "profileName", "required"): "a part of the path",
    ("TagResource", "resourceArn", "required"): "a part of the path",
    ("UntagResource", "resourceArn", "required"): "a part of the path",
    ("PutSigningProfile", "signingMaterial.certificateArn", "required"):
        "platforms with keys of their own answer an empty structure, and take it",
    ("UntagResource", "tagKeys", "length min"): "without a key in the query the member is absent",
}


def models():
    loader = botocore.loaders.create_loader()
    yield loader.load_service_model("signer", "service-2")
    if NEWER_MODEL.exists():
        yield json.loads(NEWER_MODEL.read_text())


OPERATIONS = {name: ServiceModel(model).operation_model(name)
              for model in models() for name in ServiceModel(model).operation_names}


# ---- one valid request, or two, for each operation

def bases(world):
    """Requests that succeed but for what a test breaks: what is missed would be stored."""
    profile, version, arn = world.profile, world.version, world.arn
    place = {"bucketName": world.bucket, "key": "image", "version": world.object_version}
    reason = {"reason": "a bug"}
    return {
        "AddProfilePermission": [{"profileName": "lambda", "action": "signer:GetSigningProfile", "statementId": "one",
                                  "principal": world.account, "profileVersion": world.lambda_version}],
        "CancelSigningProfile": [{"profileName": profile}],
        "DescribeSigningJob": [{"jobId": UUID}],
        "GetRevocationStatus": [{"signatureTimestamp": "2026-01-02T03:04:05Z", "platformId": NOTATION,
                                 "profileVersionArn": f"{arn}/{version}", "certificateHashes": ["0" * 192],
                                 "jobArn": f"{arn.rpartition('/signing-profiles')[0]}/signing-jobs/{UUID}"}],
        "GetSigningPlatform": [{"platformId": IOT}],
        "GetSigningProfile": [{"profileName": profile, "profileOwner": world.account}],
        "ListProfilePermissions": [{"profileName": "lambda"}],
        "ListSigningJobs": [{"status": "Failed", "maxResults": 5, "jobInvoker": world.account}],
        "ListSigningPlatforms": [{"maxResults": 5}],
        "ListSigningProfiles": [{"maxResults": 5, "statuses": ["Active"]}],
        "ListTagsForResource": [{"resourceArn": arn}],
        "PutSigningProfile": [
            {"profileName": "new_one", "platformId": IOT, "signingMaterial": {"certificateArn": world.certificate},
             "overrides": {"signingImageFormat": "JSONDetached", "signingConfiguration": {
                 "encryptionAlgorithm": "ECDSA", "hashAlgorithm": "SHA256"}}, "tags": {"team": "boot"}},
            {"profileName": "new_two", "platformId": LAMBDA, "signatureValidityPeriod": {"value": 5, "type": "DAYS"}}],
        "RemoveProfilePermission": [{"profileName": "lambda", "statementId": "one", "revisionId": UUID}],
        "RevokeSignature": [{"jobId": UUID, "jobOwner": world.account, **reason}],
        "RevokeSigningProfile": [{"profileName": "lambda", "profileVersion": world.lambda_version,
                                  "effectiveTime": 1577836800, **reason}],
        "SignPayload": [{"profileName": "notation", "profileOwner": world.account,
                         "payload": base64.b64encode(PAYLOAD).decode(),
                         "payloadFormat": "application/vnd.cncf.notary.payload.v1+json"}],
        "StartSigningJob": [{"profileName": profile, "source": {"s3": place}, "clientRequestToken": "one",
                             "destination": {"s3": {"bucketName": world.bucket}}, "profileOwner": world.account}],
        "TagResource": [{"resourceArn": arn, "tags": {"team": "kernel"}}],
        "UntagResource": [{"resourceArn": arn, "tagKeys": ["team"]}],
    }


class World:
    """What there is: three profiles, a bucket, an image, no jobs."""

    def __init__(self, server, clients, signing):
        self.server, self.signer = server, clients.signer
        self.account = clients.sts.get_caller_identity()["Account"]
        self.certificate = signing.certificate("p256")
        self.bucket, self.profile = "constraints", "iot"
        clients.s3.create_bucket(Bucket=self.bucket)
        clients.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.object_version = signing.put(self.bucket, b"an image", "image")
        put = clients.signer.put_signing_profile
        made = put(profileName="iot", platformId=IOT, signingMaterial={"certificateArn": self.certificate},
                   tags={"first": "tag"})
        self.version, self.arn = made["profileVersion"], made["arn"]
        self.lambda_version = put(profileName="lambda", platformId=LAMBDA)["profileVersion"]
        put(profileName="notation", platformId=NOTATION)
        self.state = self.read()

    def read(self):
        """All that a request could have changed."""
        signer = self.signer
        profiles = [page for page in signer.get_paginator("list_signing_profiles").paginate(
            statuses=["Active", "Canceled", "Revoked"])]
        try:
            policy = signer.list_profile_permissions(profileName="lambda")["permissions"]
        except signer.exceptions.ResourceNotFoundException:
            policy = []
        return {"profiles": [one for page in profiles for one in page["profiles"]], "policy": policy,
                "jobs": signer.list_signing_jobs()["jobs"]}

    def send(self, operation, members, **texts):
        """Status, type of error and message of a request that the model describes."""
        method, path, body, headers = request_of(OPERATIONS[operation], members, **texts)
        answer = call(self.server, "signer", method, path, body, headers)
        content = json.loads(answer.body) if answer.body else {}
        return answer.status, answer.headers.get("x-amzn-errortype", "").split(":")[0], content.get("message", "")


@pytest.fixture(scope="module")
def world(server, clients, signing):
    return World(server, clients, signing)


def request_of(operation, members, escape=lambda text: text):
    """Method, path with query, body and headers. `escape` may bend the JSON."""
    path, query, body = operation.http["requestUri"], [], {}
    for name, value in members.items():
        shape = operation.input_shape.members[name]
        wire = shape.serialization.get("name", name)
        location = shape.serialization.get("location")
        if location == "uri":
            path = path.replace(f"{{{wire}}}", encoded(value))
        elif location == "querystring":
            query += [f"{wire}={encoded(one)}" for one in (value if isinstance(value, list) else [value])]
        else:
            body[wire] = value
    path += f"?{'&'.join(query)}" if query else ""
    has_body = operation.http["method"] in ("POST", "PUT")
    text = escape(json.dumps(body)) if has_body else ""
    text = text if isinstance(text, bytes) else text.encode()
    return operation.http["method"], path, text, JSON if has_body else {}


def encoded(value):
    return quote(value if isinstance(value, (str, bytes)) else str(value), safe="")


# ---- the constraints

def constraints():
    """Operation, path, kind, limit and shape of each constraint of each member that a client can give."""
    for name, operation in sorted(OPERATIONS.items()):
        yield from of_structure(name, operation.input_shape, ())


def of_structure(operation, shape, path):
    for member, child in shape.members.items():
        at = (*path, member)
        if member in shape.required_members:
            yield operation, at, "required", None, child
        yield from of_member(operation, child, at)


def of_member(operation, shape, path):
    yield from ((operation, path, *rule, shape) for rule in rules_of(shape))
    if shape.type_name == "structure":
        yield from of_structure(operation, shape, path)
    elif shape.type_name == "list":
        yield from ((operation, path, f"member {kind}", limit, shape) for kind, limit in rules_of(shape.member))
    elif shape.type_name == "map":
        yield from ((operation, path, f"key {kind}", limit, shape) for kind, limit in rules_of(shape.key))
        yield from ((operation, path, f"value {kind}", limit, shape) for kind, limit in rules_of(shape.value))


def rules_of(shape):
    word = "range" if shape.type_name in ("integer", "long", "double", "float") else "length"
    for name, limit in shape.metadata.items():
        if name in ("min", "max"):
            yield f"{word} {name}", limit
        elif name in ("pattern", "enum"):
            yield name, limit


CASES = [case for case in constraints() if (case[0], ".".join(case[1]), case[2]) not in EXCEPTIONS]
NAMES = [f"{operation}-{'.'.join(path)}-{kind}" for operation, path, kind, _, _ in CASES]


def length(shape, text, size):
    """A text or blob like this one, of that many characters or bytes."""
    if shape.type_name == "blob":
        return base64.b64encode(b"x" * size).decode()
    return (text + text[-1] * size)[:size]


def broken_text(shape, text, kind, limit):
    if kind == "length min":
        return length(shape, text, limit - 1)
    if kind == "length max":
        return length(shape, text, limit + 1)
    if kind == "enum":
        return "NoSuchValue"
    # One that begins right would pass as a match of a part.
    changed = [text[:-1] + "!", "!" + text[1:]]
    return next(one for one in changed if not re.fullmatch(limit.rstrip("$"), one))


def broken(shape, value, kind, limit):
    """The member's value with this rule broken, and no other."""
    if kind.startswith("member "):
        return [*value, broken_text(shape.member, value[0], kind[7:], limit)]
    if kind.startswith("key "):
        return {broken_text(shape.key, next(iter(value)), kind[4:], limit): "x"}
    if kind.startswith("value "):
        return {next(iter(value)): broken_text(shape.value, "x", kind[6:], limit)}
    if kind.startswith("range "):
        return limit + (1 if kind == "range max" else -1)
    if shape.type_name == "map":
        return {} if kind == "length min" else {f"k{letters(number)}": "x" for number in range(limit + 1)}
    if shape.type_name == "list":
        return [] if kind == "length min" else [f"k{letters(number)}" for number in range(limit + 1)]
    return broken_text(shape, value, kind, limit)


def letters(number):
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def rule_text(shape, kind, limit):
    words = kind.split()
    if words[0] in ("member", "key", "value"):
        inner = {"member": "member", "key": "key", "value": "value"}[words[0]]
        return rule_text(getattr(shape, inner), " ".join(words[1:]), limit)
    return {
        "required": "Member must not be null",
        "length min": f"Member must have length greater than or equal to {limit}",
        "length max": f"Member must have length less than or equal to {limit}",
        "range min": f"Member must have value greater than or equal to {limit}",
        "range max": f"Member must have value less than or equal to {limit}",
        "pattern": f"Member must satisfy regular expression pattern: {limit}",
        "enum": f"Member must satisfy enum value set: [{', '.join(limit) if words[0] == 'enum' else ''}",
    }[kind]


def parent_of(members, path):
    for word in path[:-1]:
        members = members.get(word, {})
    return members


def base_of(world, operation, path):
    """The valid request in which this member has a value."""
    for members in bases(world)[operation]:
        if path[-1] in parent_of(members, path):
            return copy.deepcopy(members)
    raise AssertionError(f"bases() of {operation} has no value for {'.'.join(path)}")


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_broken_constraint_is_named(world, case):
    operation, path, kind, limit, shape = case
    members = base_of(world, operation, path)
    parent = parent_of(members, path)
    if kind == "required":
        del parent[path[-1]]
    else:
        parent[path[-1]] = broken(shape, parent[path[-1]], kind, limit)
    status, error, message = world.send(operation, members)
    assert (status, error) == (400, "ValidationException"), message
    assert rule_text(shape, kind, limit) in message
    # And nothing else is wrong with it; a length and a pattern can be broken together.
    assert set(re.findall("at '([^']+)' failed to satisfy constraint: ", message)) == {".".join(path)}


def test_exceptions_are_constraints_of_the_models():
    known = {(operation, ".".join(path), kind) for operation, path, kind, _, _ in constraints()}
    assert set(EXCEPTIONS) <= known
    # No operation is without a constraint.
    assert {operation for operation, *_ in known} == set(OPERATIONS)


# ---- what no model excludes

def texts(shape, path=()):
    """Paths of all texts that a client can give, in structures, lists and maps."""
    for member, child in shape.members.items():
        if child.type_name == "string":
            yield (*path, member)
        elif child.type_name == "structure":
            yield from texts(child, (*path, member))


HOSTILE = [(operation, path) for operation, model in sorted(OPERATIONS.items()) for path in texts(model.input_shape)]
# Members of requests that bases() leaves out, since they exclude others or need something that is there.
MORE = {("AddProfilePermission", "revisionId"): UUID, ("ListProfilePermissions", "nextToken"): "token",
        ("ListSigningJobs", "nextToken"): "token", ("ListSigningJobs", "platformId"): IOT,
        ("ListSigningJobs", "requestedBy"): "arn:aws:iam::111122223333:root",
        ("ListSigningPlatforms", "category"): "AWS", ("ListSigningPlatforms", "partner"): "AmazonFreeRTOS",
        ("ListSigningPlatforms", "target"): "SHA256-ECDSA", ("ListSigningPlatforms", "nextToken"): "token",
        ("ListSigningProfiles", "nextToken"): "token", ("ListSigningProfiles", "platformId"): IOT,
        ("StartSigningJob", "destination.s3.prefix"): "signed/"}


def with_text(world, operation, path, change):
    key = (operation, ".".join(path))
    members = copy.deepcopy(bases(world)[operation][0]) if key in MORE else base_of(world, operation, path)
    parent = parent_of(members, path)
    parent[path[-1]] = change(MORE.get(key) or parent[path[-1]])
    return members


@pytest.mark.parametrize("operation,path", HOSTILE, ids=[f"{one}-{'.'.join(path)}" for one, path in HOSTILE])
def test_nul_and_invalid_utf8_are_refused(world, operation, path):
    status, error, message = world.send(operation, with_text(world, operation, path, lambda text: text + "\0"))
    assert (status, error) == (400, "ValidationException"), message
    assert f"'{'.'.join(path)}'" in message or path[-1] in message
    marked = with_text(world, operation, path, lambda text: text + "MARK")
    method, target, body, headers = request_of(OPERATIONS[operation], marked)
    for bad in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80"):
        answer = call(world.server, "signer", method, target.replace("MARK", quote(bad)), body.replace(b"MARK", bad),
                      headers)
        assert answer.status == 400, f"{bad}: {answer.body}"
        assert answer.headers["x-amzn-errortype"].split(":")[0] in ("ValidationException", "SerializationException")


@pytest.mark.parametrize("name", ["a/b", "../iot", "..", "a\\b", "a%2Fb", "iot/", "/iot", "a b", "a\nb", "ä_b",
                                  "iot;x"])
@pytest.mark.parametrize("operation", sorted(one for one, model in OPERATIONS.items()
                                             if "profileName" in model.input_shape.members))
def test_names_with_separators_are_refused(world, operation, name):
    status, error, message = world.send(operation, with_text(world, operation, ("profileName",), lambda _: name))
    assert (status, error) == (400, "ValidationException"), message
    assert "'profileName'" in message


@pytest.mark.parametrize("operation,member", [
    ("StartSigningJob", "clientRequestToken"), ("ListSigningJobs", "nextToken"), ("ListSigningPlatforms", "nextToken"),
    ("ListSigningProfiles", "nextToken"), ("ListProfilePermissions", "nextToken"),
    ("AddProfilePermission", "statementId"), ("AddProfilePermission", "principal"), ("AddProfilePermission", "action"),
    ("SignPayload", "payloadFormat")])
def test_overlong_tokens_and_names_are_refused(world, operation, member):
    if operation not in OPERATIONS:
        pytest.skip(f"no model of {operation} is here")
    status, error, message = world.send(operation, with_text(world, operation, (member,), lambda text: "t" * 5000))
    assert (status, error) == (400, "ValidationException"), message


@pytest.mark.parametrize("path,size", [(("source", "s3", "key"), 1025), (("source", "s3", "bucketName"), 300),
                                       (("source", "s3", "version"), 5000), (("destination", "s3", "bucketName"), 300),
                                       (("destination", "s3", "prefix"), 1024)], ids=lambda one: str(one))
def test_overlong_places_are_refused(world, path, size):
    members = with_text(world, "StartSigningJob", path, lambda _: "k" * size)
    status, error, message = world.send("StartSigningJob", members)
    assert (status, error) in ((400, "ValidationException"), (403, "AccessDeniedException")), message


FOREIGN = ["arn:aws:{service}:{region}:999999999999:{rest}", "arn:aws:{service}:eu-west-1:{account}:{rest}",
           "arn:aws:iam:{region}:{account}:{rest}", "arn:aws-cn:{service}:{region}:{account}:{rest}",
           "arn:aws:{service}:{region}:{account}:", "arn:aws:{service}:{region}:{account}:{rest}/../x", "{rest}",
           "arn:"]


@pytest.mark.parametrize("form", FOREIGN)
def test_foreign_certificates_are_refused(world, form):
    _, _, service, region, account, rest = world.certificate.split(":", 5)
    arn = form.format(service=service, region=region, account=account, rest=rest)
    members = with_text(world, "PutSigningProfile", ("signingMaterial", "certificateArn"), lambda _: arn)
    status, error, message = world.send("PutSigningProfile", members)
    assert (status, error) == (400, "ValidationException"), message
    assert "certificate" in message


@pytest.mark.parametrize("form", FOREIGN)
@pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "ListTagsForResource"])
def test_foreign_resources_are_refused(world, operation, form):
    _, _, service, region, account, rest = world.arn.split(":", 5)
    arn = form.format(service=service, region=region, account=account, rest=rest)
    status, error, message = world.send(operation, with_text(world, operation, ("resourceArn",), lambda _: arn))
    assert (status, error) in ((400, "BadRequestException"), (400, "ValidationException"), (404, "NotFoundException"),
                               (403, "AccessDeniedException")), message
    assert message


@pytest.mark.parametrize("principal", ["*", "arn:aws:iam::999999999999:user/x", "arn:aws:iam::9:role/x", "12345",
                                       "arn:aws:s3:::bucket", "arn:aws:iam::999999999999:role/"])
def test_principals_that_are_none_are_refused(world, principal):
    members = with_text(world, "AddProfilePermission", ("principal",), lambda _: principal)
    status, error, message = world.send("AddProfilePermission", members)
    assert (status, error) in ((400, "ValidationException"), (404, "ResourceNotFoundException")), message


# ---- last, in the order of the file: nothing of it is there, and it was not for another reason

def test_nothing_was_stored(world):
    assert world.read() == world.state
    assert world.state["jobs"] == [] and world.state["policy"] == []
    assert [one["profileName"] for one in world.state["profiles"]] == ["iot", "lambda", "notation"]


@pytest.mark.parametrize("operation", [*sorted(set(OPERATIONS) - {"CancelSigningProfile"}), "CancelSigningProfile"])
def test_unbroken_requests_are_not_invalid(world, operation):
    for members in bases(world)[operation]:
        status, error, message = world.send(operation, members)
        assert status == 200 or error in ("ResourceNotFoundException", "ConflictException"), message
