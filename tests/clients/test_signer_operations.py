# SPDX-License-Identifier: Apache-2.0
"""Every operation of Signer through boto3, and what it signs held against OpenSSL's own judgement.

Debian's boto3 lacks two of them and the client signer-data; there the newest boto3 is asked.
"""

import base64
import datetime
import hashlib
import io
import json
import subprocess
import uuid
import zipfile

import pytest
import sdks
from botocore.exceptions import ClientError
from conftest import Clients
from harness import BINARY, IOT, openssl
from raw import call

LAMBDA, NOTATION = "AWSLambda-SHA384-ECDSA", "Notation-OCI-SHA384-ECDSA"
PAYLOAD_FORMAT = "application/vnd.cncf.notary.payload.v1+json"
SIGNATURE_FILE = "META_INF/aws_signer_signature_v1.0.SF"
DESCRIPTOR = {"targetArtifact": {"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 942,
                                 "digest": "sha256:" + hashlib.sha256(b"a manifest").hexdigest()}}
NEWER = {"SignPayload", "GetRevocationStatus"}
CALLED = set()


@pytest.fixture(scope="module")
def signer(clients):
    def note(model, **_):
        CALLED.add(model.name)

    clients.signer.meta.events.register("before-call.signer", note)
    return clients.signer


@pytest.fixture(scope="module")
def account(clients):
    return clients.sts.get_caller_identity()["Account"]


def refusal(method, **arguments):
    """Type, sub-code and message of an error."""
    with pytest.raises(ClientError) as error:
        method(**arguments)
    answer = error.value.response
    return answer["Error"]["Code"], answer.get("code"), answer["Error"]["Message"]


def newest(server, operation, client="signer", **given):
    """An operation that Debian's boto3 does not know, by the newest boto3: its output, or its error's type."""
    step = {"name": operation, "operation": operation, "client": client, "input": given}
    lines, failed = sdks.drive(server, [sdks.python(), sdks.DRIVE], [step])
    assert not failed, failed
    CALLED.add(operation)
    return lines[0]["output"] if lines[0]["status"] == 200 else lines[0]["error"]


@pytest.fixture
def iot(signing):
    return signing.profile(IOT, "p256")


def managed(signer, unique, platform, **more):
    """A profile whose keys are the deployment's own: its name, ARN and version."""
    made = signer.put_signing_profile(profileName=unique, platformId=platform, **more)
    return unique, made["arn"], made["profileVersion"]


# ---- platforms and profiles

def test_platforms(signer):
    listed = signer.list_signing_platforms()["platforms"]
    assert [one["platformId"] for one in listed][0] == IOT and len(listed) == 5
    for one in listed:
        answer = signer.get_signing_platform(platformId=one["platformId"])
        assert {name: answer[name] for name in one} == one
        assert one["revocationSupported"], "Firmsign revokes on every platform; test_differential.py does as AWS"


def test_a_profile_from_its_name_to_its_end(signer, signing, account, unique):
    certificate = signing.certificate("p256")
    made = signer.put_signing_profile(profileName=unique, platformId=IOT, tags={"team": "boot"},
                                      signingMaterial={"certificateArn": certificate},
                                      signingParameters={"certname": "device"})
    assert made["arn"] == f"arn:aws:signer:us-east-1:{account}:/signing-profiles/{unique}"
    assert made["profileVersionArn"] == f"{made['arn']}/{made['profileVersion']}"
    profile = signer.get_signing_profile(profileName=unique, profileOwner=account)
    assert profile["signingMaterial"] == {"certificateArn": certificate}
    assert (profile["status"], profile["tags"], profile["arn"]) == ("Active", {"team": "boot"}, made["arn"])
    assert {"signatureValidityPeriod", "revocationRecord", "overrides"}.isdisjoint(profile)
    assert refusal(signer.put_signing_profile, profileName=unique, platformId=IOT,
                   signingMaterial={"certificateArn": certificate}) == (
        "ValidationException", "ProfileAlreadyExists", f"Profile with name {unique} already exists")

    assert signer.cancel_signing_profile(profileName=unique)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert signer.get_signing_profile(profileName=unique)["status"] == "Canceled"
    pages = signer.get_paginator("list_signing_profiles").paginate
    assert unique not in [one["profileName"] for page in pages() for one in page["profiles"]]
    assert unique in [one["profileName"] for page in pages(includeCanceled=True) for one in page["profiles"]]
    assert refusal(signer.get_signing_profile, profileName="nobody")[:2] == (
        "ResourceNotFoundException", "ProfileNotFound")


def test_managed_platforms_have_a_validity_and_no_certificate(signer, signing, unique):
    managed(signer, unique, LAMBDA, signatureValidityPeriod={"value": 3, "type": "YEARS"})
    profile = signer.get_signing_profile(profileName=unique)
    assert profile["signatureValidityPeriod"] == {"value": 3, "type": "YEARS"}
    assert profile["signingMaterial"] == {}
    managed(signer, unique + "_default", NOTATION)
    profile = signer.get_signing_profile(profileName=unique + "_default")
    assert profile["signatureValidityPeriod"] == {"value": 135, "type": "MONTHS"}


# ---- tags and permissions

def test_tags(signer, iot):
    arn = signer.get_signing_profile(profileName=iot)["arn"]
    assert signer.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    signer.tag_resource(resourceArn=arn, tags={"team": "boot", "a/b=c:d.e-f": "größer"})
    signer.tag_resource(resourceArn=arn, tags={"team": "kernel"})
    assert signer.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "kernel", "a/b=c:d.e-f": "größer"}
    signer.untag_resource(resourceArn=arn, tagKeys=["a/b=c:d.e-f", "never-there"])
    assert signer.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "kernel"}
    assert refusal(signer.tag_resource, resourceArn=arn + "x", tags={"a": "b"})[0] == "NotFoundException"


def test_a_profile_has_at_most_fifty_tags(signer, iot):
    arn = signer.get_signing_profile(profileName=iot)["arn"]
    keys = [f"key-{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(51)]
    signer.tag_resource(resourceArn=arn, tags={key: "" for key in keys[:50]})
    assert refusal(signer.tag_resource, resourceArn=arn, tags={keys[50]: ""})[0] == "BadRequestException"
    assert len(signer.list_tags_for_resource(resourceArn=arn)["tags"]) == 50


def test_permissions(signer, account, unique):
    name, _, version = managed(signer, unique, LAMBDA)
    assert refusal(signer.list_profile_permissions, profileName=name)[:2] == (
        "ResourceNotFoundException", "PolicyNotFound")
    grant = {"profileName": name, "action": "signer:StartSigningJob", "principal": account, "statementId": "one"}
    # Terraform's first call.
    revision = signer.add_profile_permission(**grant, revisionId="")["revisionId"]
    assert signer.add_profile_permission(**grant)["revisionId"] == revision
    second = signer.add_profile_permission(**{**grant, "statementId": "two", "action": "signer:GetSigningProfile"},
                                           profileVersion=version, revisionId=revision)["revisionId"]
    assert uuid.UUID(second) and second != revision
    policy = signer.list_profile_permissions(profileName=name)
    assert policy["revisionId"] == second and 100 < policy["policySizeBytes"] <= 2000
    assert policy["permissions"] == [
        {"action": "signer:StartSigningJob", "principal": account, "statementId": "one"},
        {"action": "signer:GetSigningProfile", "principal": account, "statementId": "two",
         "profileVersion": version}]
    stale = refusal(signer.remove_profile_permission, profileName=name, statementId="one", revisionId=revision)
    assert stale[:2] == ("ConflictException", "PolicyRevisionIdMismatch")
    assert revision in stale[2] and second in stale[2]
    third = signer.remove_profile_permission(profileName=name, statementId="one", revisionId=second)["revisionId"]
    signer.remove_profile_permission(profileName=name, statementId="two", revisionId=third)
    assert refusal(signer.list_profile_permissions, profileName=name)[1] == "PolicyNotFound"


def test_a_policy_has_at_most_2000_bytes(signer, account, unique):
    name, _, _ = managed(signer, unique, LAMBDA)
    revision, count = "", 0
    with pytest.raises(signer.exceptions.ServiceLimitExceededException) as error:
        for count in range(30):
            revision = signer.add_profile_permission(
                profileName=name, action="signer:StartSigningJob", principal=account, revisionId=revision,
                statementId=f"statement-{count}")["revisionId"]
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 402
    assert len(signer.list_profile_permissions(profileName=name)["permissions"]) == count > 5


# ---- Lambda

@pytest.fixture(scope="module")
def root(server, tmp_path_factory):
    """The file of the root certificate behind the deployment's own keys."""

    def shown():
        answer = call(server, "signer", "GET", "/code-signing-authority")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    # There is no key before the first signature, and the root is the same before and after.
    before = shown()
    assert "signingCertificate" not in before
    for method, path, body in (("PUT", "/signing-profiles/first_of_all", {"platformId": NOTATION}),
                               ("POST", "/signing-jobs/with-payload",
                                {"profileName": "first_of_all", "payloadFormat": PAYLOAD_FORMAT,
                                 "payload": base64.b64encode(json.dumps(DESCRIPTOR).encode()).decode()})):
        answer = call(server, "signer", method, path, json.dumps(body).encode())
        assert answer.status == 200, answer.body
    content = shown()
    assert content["rootCertificate"] == before["rootCertificate"]
    path = tmp_path_factory.mktemp("authority") / "root.pem"
    path.write_text(content["rootCertificate"])
    leaf = path.with_name("leaf.pem")
    leaf.write_text(content["signingCertificate"])
    assert content["rotatesAt"] > datetime.datetime.now().timestamp()
    openssl("verify", "-x509_strict", "-purpose", "any", "-CAfile", path, leaf)
    return path


def test_the_command_prints_the_same_root(server, root):
    answer = subprocess.run([BINARY, "authority", "root", "--data", server.folder], capture_output=True, text=True,
                            check=False, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == root.read_text().strip()


def function(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def sign_function(signing, profile, bucket, image):
    """The signed archive, None when there is none, and the job's description."""
    version = signing.put(bucket, image, "function.zip")
    job = signing.end(signing.start(profile, bucket, version, key="function.zip"))
    return signing.signed_object(job) if "signedObject" in job else None, job


def signature_parts(signed):
    """The signature file of a signed archive, and the digest that it is over: names and bodies, in archive order."""
    digest = hashlib.sha384()
    with zipfile.ZipFile(io.BytesIO(signed)) as archive:
        assert archive.testzip() is None
        for entry in archive.infolist():
            if entry.filename != SIGNATURE_FILE:
                digest.update(entry.filename.encode() + archive.read(entry))
        return archive.read(SIGNATURE_FILE), digest.digest()


def cms_verifies(folder, signature, content, root):
    (folder / "signature.pem").write_bytes(signature)
    (folder / "content").write_bytes(content)
    answer = openssl("cms", "-verify", "-binary", "-inform", "PEM", "-in", folder / "signature.pem", "-content",
                     folder / "content", "-CAfile", root, "-purpose", "any", "-out", folder / "out", check=False)
    return answer.returncode == 0


FILES = {"handler.py": b"def handler(event, context):\n    return 1\n" * 500, "lib/": b"", "lib/\xe4.txt": b"",
         "data.bin": bytes(range(256)) * 300}


def test_a_signed_function_verifies_with_openssl(signer, signing, bucket, unique, root, tmp_path):
    name, _, _ = managed(signer, unique, LAMBDA, signatureValidityPeriod={"value": 12, "type": "MONTHS"})
    signed, job = sign_function(signing, name, bucket, function(FILES))
    assert job["signedObject"]["s3"]["key"] == f"signed/{job['jobId']}.zip"
    assert job["signatureExpiresAt"] > job["completedAt"] + datetime.timedelta(days=360)
    with zipfile.ZipFile(io.BytesIO(signed)) as archive:
        assert {one: archive.read(one) for one in FILES} == FILES
        assert set(archive.namelist()) == {*FILES, "META_INF/", SIGNATURE_FILE}
    signature, digest = signature_parts(signed)
    assert signature.startswith(b"-----BEGIN PKCS7-----")
    assert cms_verifies(tmp_path, signature, digest, root)
    changed = bytearray(digest)
    changed[0] ^= 1
    assert not cms_verifies(tmp_path, signature, bytes(changed), root)


@pytest.mark.parametrize("image", [b"", b"no zip at all", function({})], ids=["nothing", "no zip", "empty zip"])
def test_what_is_no_function_fails_with_a_reason(signer, signing, bucket, unique, image):
    name, _, _ = managed(signer, unique, LAMBDA)
    signed, job = sign_function(signing, name, bucket, image)
    assert signed is None and job["status"] == "Failed" and job["statusReason"]


def test_a_signed_function_is_not_signed_again(signer, signing, bucket, unique):
    name, _, _ = managed(signer, unique, LAMBDA)
    signed, _ = sign_function(signing, name, bucket, function(FILES))
    again, job = sign_function(signing, name, bucket, signed)
    assert again is None and job["status"] == "Failed" and "signed" in job["statusReason"]


# ---- Notation

def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der_signature(raw):
    """ES384's two numbers as OpenSSL has them."""
    half = len(raw) // 2

    def integer(number):
        content = number.lstrip(b"\0") or b"\0"
        content = (b"\0" if content[0] & 0x80 else b"") + content
        return bytes([2, len(content)]) + content

    body = integer(raw[:half]) + integer(raw[half:])
    return bytes([0x30, len(body)]) + body


def pem(der):
    return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"


def sign_payload(server, name, payload=None, payload_format=PAYLOAD_FORMAT, **more):
    text = json.dumps(DESCRIPTOR).encode() if payload is None else payload
    return newest(server, "SignPayload", profileName=name, payloadFormat=payload_format,
                  payload={"$bytes": base64.b64encode(text).decode()}, **more)


def test_a_signed_payload_verifies_with_openssl(server, signer, account, unique, root, tmp_path):
    name, _, version = managed(signer, unique, NOTATION)
    answer = sign_payload(server, name)
    assert answer["jobOwner"] == account
    envelope = json.loads(base64.b64decode(answer["signature"]))
    assert json.loads(decoded(envelope["payload"])) == DESCRIPTOR
    protected = json.loads(decoded(envelope["protected"]))
    assert protected["alg"] == "ES384" and protected["cty"] == PAYLOAD_FORMAT
    assert protected["io.cncf.notary.signingScheme"] == "notary.x509.signingAuthority"
    arn = f"arn:aws:signer:us-east-1:{account}:/signing"
    assert protected["com.amazonaws.signer.signingJob"] == f"{arn}-jobs/{answer['jobId']}"
    assert protected["com.amazonaws.signer.signingProfileVersion"] == f"{arn}-profiles/{name}/{version}"
    assert set(protected["crit"]) <= set(protected)

    chain = [base64.b64decode(one) for one in envelope["header"]["x5c"]]
    assert chain[-1] == openssl("x509", "-in", root, "-outform", "DER").stdout
    files = [tmp_path / f"{number}.pem" for number in range(len(chain))]
    for file, der in zip(files, chain):
        file.write_text(pem(der))
    between = [word for file in files[1:-1] for word in ("-untrusted", file)]
    openssl("verify", "-x509_strict", "-purpose", "any", "-CAfile", root, *between, files[0])
    public = tmp_path / "leaf.pub"
    public.write_bytes(openssl("x509", "-in", files[0], "-noout", "-pubkey").stdout)
    (tmp_path / "signature").write_bytes(der_signature(decoded(envelope["signature"])))
    text = f"{envelope['protected']}.{envelope['payload']}".encode()
    words = ["dgst", "-sha384", "-verify", public, "-signature", tmp_path / "signature"]
    assert openssl(*words, data=text).stdout.strip() == b"Verified OK"
    assert openssl(*words, data=text + b"x", check=False).returncode != 0

    job = signer.describe_signing_job(jobId=answer["jobId"])
    assert (job["status"], job["profileName"], job["platformId"]) == ("Succeeded", name, NOTATION)
    assert "source" not in job and "signedObject" not in job
    assert job["signatureExpiresAt"] > job["completedAt"]


def test_payloads_that_are_refused(server, signer, signing, unique):
    name, _, _ = managed(signer, unique, NOTATION)
    assert sign_payload(server, name, b"x" * 4097) == "ValidationException"
    assert sign_payload(server, name, b"") == "ValidationException"
    assert sign_payload(server, name, payload_format="text/plain") == "ValidationException"
    assert sign_payload(server, signing.profile(IOT, "p256")) == "ValidationException"
    assert sign_payload(server, "nobody") == "ResourceNotFoundException"
    jobs = [one for page in signer.get_paginator("list_signing_jobs").paginate(platformId=NOTATION)
            for one in page["jobs"]]
    assert name not in [one["profileName"] for one in jobs]


# ---- jobs and revocation

def test_jobs_are_started_described_and_listed(signer, signing, bucket, iot, account):
    job = signing.start(iot, bucket, signing.put(bucket, b"an image"), profileOwner=account)
    assert signing.end(job)["status"] == "Succeeded"
    listed = signer.list_signing_jobs(status="Succeeded", platformId=IOT, jobInvoker=account, isRevoked=False)["jobs"]
    (one,) = [one for one in listed if one["jobId"] == job]
    assert one["isRevoked"] is False and one["profileName"] == iot
    assert refusal(signer.describe_signing_job, jobId=str(uuid.uuid4()))[:2] == (
        "ResourceNotFoundException", "JobNotFound")


def revoked(server, arn, version, job, client="signer", platform=NOTATION, hashes=("0" * 192,)):
    return newest(server, "GetRevocationStatus", client, platformId=platform, profileVersionArn=f"{arn}/{version}",
                  jobArn=job, certificateHashes=list(hashes),
                  signatureTimestamp={"$time": int(datetime.datetime.now().timestamp())})


def test_a_revoked_signature(server, signer, account, unique):
    name, arn, version = managed(signer, unique, NOTATION)
    first, second = (sign_payload(server, name)["jobId"] for _ in range(2))
    job_arn = f"arn:aws:signer:us-east-1:{account}:/signing-jobs/"
    assert revoked(server, arn, version, job_arn + first) == {"revokedEntities": []}
    signer.revoke_signature(jobId=first, reason="a bug", jobOwner=account)
    record = signer.describe_signing_job(jobId=first)["revocationRecord"]
    assert (record["reason"], record["revokedBy"]) == ("a bug", f"arn:aws:iam::{account}:root")
    assert [one["jobId"] for one in signer.list_signing_jobs(isRevoked=True, platformId=NOTATION)["jobs"]] == [first]
    for client in ("signer", "signer-data"):
        assert revoked(server, arn, version, job_arn + first, client) == {"revokedEntities": [job_arn + first]}
        assert revoked(server, arn, version, job_arn + second, client) == {"revokedEntities": []}


def test_a_job_without_a_signature_cannot_be_revoked(signer, signing, bucket):
    job = signing.start(signing.profile(IOT, "rsa2048"), bucket, signing.put(bucket, b"an image"))
    assert signing.end(job)["status"] == "Failed"
    assert refusal(signer.revoke_signature, jobId=job, reason="a bug")[0] == "ValidationException"
    assert "revocationRecord" not in signer.describe_signing_job(jobId=job)


def test_signatures_of_every_platform_can_be_revoked(server, signer, signing, bucket, iot, account):
    job = signing.start(iot, bucket, signing.put(bucket, b"an image"))
    signing.end(job)
    signer.revoke_signature(jobId=job, reason="a bug")
    assert signer.describe_signing_job(jobId=job)["revocationRecord"]["reason"] == "a bug"
    profile = signer.get_signing_profile(profileName=iot)
    job_arn = f"arn:aws:signer:us-east-1:{account}:/signing-jobs/{job}"
    assert revoked(server, profile["arn"], profile["profileVersion"], job_arn, platform=IOT) == {
        "revokedEntities": [job_arn]}


def test_a_revoked_profile(server, signer, account, unique):
    name, arn, version = managed(signer, unique, NOTATION)
    job = sign_payload(server, name)["jobId"]
    job_arn = f"arn:aws:signer:us-east-1:{account}:/signing-jobs/{job}"
    now = datetime.datetime.now(datetime.timezone.utc)
    hour, day = datetime.timedelta(hours=1), datetime.timedelta(days=1)
    revocation = {"profileName": name, "profileVersion": version, "reason": "the key is out"}
    assert refusal(signer.revoke_signing_profile, **revocation, effectiveTime=now + day)[0] == "ValidationException"
    signer.revoke_signing_profile(**revocation, effectiveTime=now - hour)
    profile = signer.get_signing_profile(profileName=name)
    assert profile["status"] == "Revoked"
    assert profile["revocationRecord"]["revokedBy"] == f"arn:aws:iam::{account}:root"
    assert abs(profile["revocationRecord"]["revocationEffectiveFrom"] - (now - hour)) < datetime.timedelta(seconds=1)
    # It may only move to an earlier time.
    assert refusal(signer.revoke_signing_profile, **revocation, effectiveTime=now)[0] == "ValidationException"
    signer.revoke_signing_profile(**revocation, effectiveTime=now - day)
    assert revoked(server, arn, version, job_arn) == {"revokedEntities": [f"{arn}/{version}"]}
    assert sign_payload(server, name) == "ValidationException"
    assert refusal(signer.cancel_signing_profile, profileName=name)[0] == "ValidationException"


# ---- last, in the order of the file

def test_every_operation_was_called(server, signer):
    known = {*Clients(server).signer.meta.service_model.operation_names, *NEWER}
    assert len(known) == 19
    assert CALLED == known
