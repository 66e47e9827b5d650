# SPDX-License-Identifier: Apache-2.0
"""boto3 against every platform: formats, algorithms, what is signed, lists, pagination and idempotency."""

import base64
import hashlib
import io
import json
import os
import re
import uuid

import pytest
from botocore.exceptions import ClientError
from harness import FREERTOS, IOT, TI, eventually, flip_bit, verifies

IMAGE = bytes(range(256)) * 300
RSA = {"signingConfiguration": {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}}
DETACHED = ["rawPayloadSize", "signature", "signatureAlgorithm", "payloadLocation"]
EMBEDDED = ["rawPayloadSize", "signature", "signatureAlgorithm", "payload"]
# platform, key, overrides, members, algorithm's name, hash
CASES = {
    "iot": (IOT, "p256", None, DETACHED, "SHA256withECDSA", "sha256"),
    "freertos": (FREERTOS, "p256", None, EMBEDDED, "SHA256withECDSA", "sha256"),
    "freertos rsa": (FREERTOS, "rsa2048", RSA, EMBEDDED, "SHA256withRSA", "sha256"),
    "ti": (TI, "rsa2048", None, EMBEDDED, "SHA1withRSA", "sha1"),
    "iot embedded": (IOT, "p256", {"signingImageFormat": "JSONEmbedded"}, EMBEDDED, "SHA256withECDSA", "sha256"),
    "freertos detached": (FREERTOS, "p256", {"signingImageFormat": "JSONDetached"}, DETACHED, "SHA256withECDSA",
                          "sha256"),
}


@pytest.mark.parametrize("case", CASES)
def test_platform(signing, identities, bucket, tmp_path, case):
    platform, kind, overrides, members, algorithm, digest = CASES[case]
    profile = signing.profile(platform, kind, **({"overrides": overrides} if overrides else {}))
    signed, description = signing.sign(profile, bucket, IMAGE)

    content = json.loads(signed)
    signed_bytes = hashlib.sha1(IMAGE).digest() + IMAGE if platform == TI else IMAGE
    assert list(content) == members
    assert signed == json.dumps(content, separators=(",", ":")).encode()
    assert content["signatureAlgorithm"] == algorithm
    assert content["rawPayloadSize"] == len(signed_bytes)
    if "payload" in content:
        assert base64.b64decode(content["payload"], validate=True) == signed_bytes
    signature = base64.b64decode(content["signature"], validate=True)
    public = identities[kind].public
    assert verifies(public, digest, signature, signed_bytes, tmp_path)
    assert not verifies(public, digest, signature, flip_bit(signed_bytes), tmp_path)
    assert description.get("overrides") == overrides


def test_an_embedded_image_larger_than_a_part(signing, identities, bucket, tmp_path, clients):
    image = os.urandom(11 * 1024 * 1024 + 1)
    clients.s3.upload_fileobj(io.BytesIO(image), bucket, "firmware.bin")
    version = clients.s3.head_object(Bucket=bucket, Key="firmware.bin")["VersionId"]
    description = signing.end(signing.start(signing.profile(FREERTOS, "p256"), bucket, version))
    content = json.loads(signing.signed_object(description))
    assert base64.b64decode(content["payload"]) == image
    signature = base64.b64decode(content["signature"])
    assert verifies(identities["p256"].public, "sha256", signature, image, tmp_path)


def test_the_version_that_was_named_is_signed(signing, identities, bucket, tmp_path):
    first = signing.put(bucket, b"first")
    signing.put(bucket, b"second")
    description = signing.end(signing.start(signing.profile(IOT, "p256"), bucket, first))
    signature = base64.b64decode(json.loads(signing.signed_object(description))["signature"])
    public = identities["p256"].public
    assert verifies(public, "sha256", signature, b"first", tmp_path)
    assert not verifies(public, "sha256", signature, b"second", tmp_path)


def test_description_of_a_job(signing, bucket, clients):
    profile = signing.profile(IOT, "p256", signingParameters={"certname": "c"})
    _, job = signing.sign(profile, bucket, IMAGE)
    account = clients.sts.get_caller_identity()["Account"]
    got = clients.signer.get_signing_profile(profileName=profile)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", job["jobId"])
    assert job["source"]["s3"]["bucketName"] == bucket
    assert job["statusReason"] == "Signing Succeeded"
    assert job["requestedBy"] == f"arn:aws:iam::{account}:root"
    assert (job["jobOwner"], job["jobInvoker"]) == (account, account)
    assert (job["profileName"], job["profileVersion"]) == (profile, got["profileVersion"])
    assert (job["platformId"], job["platformDisplayName"]) == (IOT, "AWS IoT Device Management SHA256-ECDSA ")
    assert job["signingParameters"] == {"certname": "c"}
    assert job["createdAt"] <= job["completedAt"]
    assert {"signatureExpiresAt", "revocationRecord", "overrides"}.isdisjoint(job)


def test_the_signed_object_has_one_version_under_prefix_and_job_id(signing, bucket, clients):
    _, job = signing.sign(signing.profile(IOT, "p256"), bucket, IMAGE, prefix="out-")
    assert job["signedObject"]["s3"]["key"] == f"out-{job['jobId']}"
    versions = clients.s3.list_object_versions(Bucket=bucket, Prefix="out-")["Versions"]
    assert [one["Key"] for one in versions] == [f"out-{job['jobId']}"]


def test_a_repeated_token_answers_the_first_job(signing, bucket, clients):
    profile, version = signing.profile(IOT, "p256"), signing.put(bucket, IMAGE)
    token = str(uuid.uuid4())
    jobs = [signing.start(profile, bucket, version, clientRequestToken=token) for _ in range(3)]
    assert len(set(jobs)) == 1
    signing.end(jobs[0])
    assert signing.start(profile, bucket, version, clientRequestToken=token) == jobs[0]
    assert len(clients.s3.list_object_versions(Bucket=bucket, Prefix="signed/")["Versions"]) == 1
    assert signing.start(profile, bucket, version, clientRequestToken=str(uuid.uuid4())) != jobs[0]


def test_a_token_with_other_parameters_is_refused(signing, bucket):
    profile, version = signing.profile(IOT, "p256"), signing.put(bucket, IMAGE)
    token = str(uuid.uuid4())
    signing.start(profile, bucket, version, clientRequestToken=token)
    with pytest.raises(ClientError) as error:
        signing.start(profile, bucket, version, prefix="elsewhere/", clientRequestToken=token)
    assert error.value.response["Error"]["Code"] == "ValidationException"


def test_job_lists_are_paged_newest_first_and_filtered(signing, bucket, clients):
    profile, version = signing.profile(FREERTOS, "p256"), signing.put(bucket, b"small")
    started = [signing.start(profile, bucket, version) for _ in range(7)]
    for job in started:
        signing.end(job)
    pages = list(clients.signer.get_paginator("list_signing_jobs").paginate(platformId=FREERTOS,
                                                                           PaginationConfig={"PageSize": 3}))
    assert all(len(page["jobs"]) <= 3 for page in pages)
    listed = [one["jobId"] for page in pages for one in page["jobs"]]
    assert len(listed) == len(set(listed))
    mine = [job for job in listed if job in started]
    assert mine == list(reversed(started))
    none = clients.signer.list_signing_jobs(platformId=FREERTOS, status="Failed")["jobs"]
    assert set(started).isdisjoint(one["jobId"] for one in none)


def test_a_bad_page_token_is_refused(clients):
    with pytest.raises(ClientError) as error:
        clients.signer.list_signing_jobs(nextToken="made up")
    assert error.value.response["Error"]["Code"] == "ValidationException"


def test_platform_filters(clients):
    def ids(**filters):
        return [one["platformId"] for one in clients.signer.list_signing_platforms(**filters)["platforms"]]

    assert ids(partner="AWSIoTDeviceManagement") == [IOT]
    assert ids(target="SHA1-RSA-TISHA1") == [TI]
    assert ids(partner="AmazonFreeRTOS", target="SHA256-ECDSA", category="AWS") == [FREERTOS]
    assert ids(partner="nobody") == []


def test_the_certificate_is_listed_and_described(signing, clients, identities):
    arn = signing.certificate("p256")
    listed = [one["CertificateArn"] for page in clients.acm.get_paginator("list_certificates").paginate(
        Includes={"keyTypes": ["EC_prime256v1", "RSA_2048"]}) for one in page["CertificateSummaryList"]]
    assert arn in listed
    certificate = clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert (certificate["Status"], certificate["Type"]) == ("ISSUED", "IMPORTED")
    assert certificate["KeyAlgorithm"] in ("EC_prime256v1", "EC-prime256v1")
    pem = clients.acm.get_certificate(CertificateArn=arn)["Certificate"]
    assert pem.strip() == identities["p256"].certificate.read_text().strip()


def test_many_jobs_at_once_each_end_once(signing, bucket, clients):
    profile, version = signing.profile(IOT, "p256"), signing.put(bucket, IMAGE)
    jobs = {signing.start(profile, bucket, version, prefix="many/") for _ in range(60)}
    assert len(jobs) == 60
    for job in jobs:
        assert signing.end(job)["status"] == "Succeeded"

    def written():
        page = clients.s3.list_object_versions(Bucket=bucket, Prefix="many/")
        return [one["Key"] for one in page.get("Versions", [])]

    keys = eventually(lambda: written() if len(written()) >= 60 else None, "all signed objects are listed")
    assert sorted(keys) == sorted(f"many/{job}" for job in jobs)
