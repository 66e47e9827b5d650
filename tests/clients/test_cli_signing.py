# SPDX-License-Identifier: Apache-2.0
"""The main job, with Debian's `aws` command and OpenSSL alone: the six steps of the README."""

import json
import os
import re

import pytest
from harness import FREERTOS, IOT, TI, flip_bit, signature_of, verifies

MIB = 1024 * 1024
PLATFORMS = [IOT, "AWSLambda-SHA384-ECDSA", TI, FREERTOS]


@pytest.fixture(scope="module")
def certificate(aws, identities):
    def imported(kind):
        identity = identities[kind]
        return aws("acm", "import-certificate", "--certificate", f"fileb://{identity.certificate}", "--private-key",
                   f"fileb://{identity.key}")["CertificateArn"]

    return imported


def upload(aws, bucket, folder, image):
    """Steps 3: a bucket with versioning, the image in it; its version."""
    (folder / "firmware.bin").write_bytes(image)
    aws.run("s3", "mb", f"s3://{bucket}")
    aws("s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled")
    aws.run("s3", "cp", folder / "firmware.bin", f"s3://{bucket}/firmware.bin", "--no-progress")
    versions = aws("s3api", "list-object-versions", "--bucket", bucket)["Versions"]
    assert [one["Size"] for one in versions] == [len(image)]
    return versions[0]["VersionId"]


def sign(aws, bucket, version, profile, folder):
    """Steps 5 and 6: a job, waited for, and its signed object."""
    started = aws("signer", "start-signing-job", "--profile-name", profile, "--source",
                  f"s3={{bucketName={bucket},key=firmware.bin,version={version}}}", "--destination",
                  f"s3={{bucketName={bucket},prefix=signed/}}")
    job = started["jobId"]
    aws.run("signer", "wait", "successful-signing-job", "--job-id", job)
    described = aws("signer", "describe-signing-job", "--job-id", job)
    assert described["status"] == "Succeeded"
    assert described["signedObject"] == {"s3": {"bucketName": bucket, "key": f"signed/{job}"}}
    listed = aws("signer", "list-signing-jobs", "--status", "Succeeded")["jobs"]
    assert job in [one["jobId"] for one in listed]
    aws.run("s3", "cp", f"s3://{bucket}/signed/{job}", folder / "signed.json", "--no-progress")
    return (folder / "signed.json").read_bytes(), described


def put_profile(aws, name, platform, certificate, *more):
    return aws("signer", "put-signing-profile", "--profile-name", name, "--platform-id", platform,
               "--signing-material", f"certificateArn={certificate}", *more)


def test_who_am_i(aws):
    identity = aws("sts", "get-caller-identity")
    assert re.fullmatch(r"\d{12}", identity["Account"])
    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:root"
    assert identity["UserId"] == identity["Account"]


@pytest.mark.parametrize("size", [64 * 1024, 9 * MIB + 12345], ids=["one put", "multipart"])
def test_an_image_is_signed_and_verified(aws, certificate, identities, tmp_path, unique, size):
    image = os.urandom(size)
    bucket = unique.replace("_", "-") + "-cli"
    version = upload(aws, bucket, tmp_path, image)
    put_profile(aws, unique, IOT, certificate("p256"))
    signed, _ = sign(aws, bucket, version, unique, tmp_path)

    content = json.loads(signed)
    assert list(content) == ["rawPayloadSize", "signature", "signatureAlgorithm", "payloadLocation"]
    assert content["rawPayloadSize"] == size
    assert content["signatureAlgorithm"] == "SHA256withECDSA"
    assert content["payloadLocation"] == {"s3": {"bucketName": bucket, "key": "firmware.bin", "version": version}}
    assert signed == json.dumps(content, separators=(",", ":")).encode()
    public = identities["p256"].public
    assert verifies(public, "sha256", signature_of(signed), image, tmp_path)
    assert not verifies(public, "sha256", signature_of(signed), flip_bit(image, 8 * size - 1), tmp_path)


def test_multipart_upload_is_what_the_command_used(aws, tmp_path, unique):
    bucket = unique.replace("_", "-") + "-cli"
    upload(aws, bucket, tmp_path, os.urandom(17 * MIB))
    entity_tag = aws("s3api", "head-object", "--bucket", bucket, "--key", "firmware.bin")["ETag"]
    assert entity_tag.endswith('-3"')
    aws.run("s3", "cp", f"s3://{bucket}/firmware.bin", tmp_path / "back.bin", "--no-progress")
    assert (tmp_path / "back.bin").read_bytes() == (tmp_path / "firmware.bin").read_bytes()


def test_platforms(aws):
    platforms = aws("signer", "list-signing-platforms")["platforms"]
    assert [one["platformId"] for one in platforms][:4] == PLATFORMS
    by_id = {one["platformId"]: one for one in platforms}
    for name in (IOT, TI, FREERTOS):
        assert aws("signer", "get-signing-platform", "--platform-id", name) == by_id[name]
    assert by_id[IOT]["maxSizeInMB"] == 2048
    assert by_id[TI]["signingConfiguration"]["hashAlgorithmOptions"] == {"allowedValues": ["SHA1"], "defaultValue": "SHA1"}
    assert by_id[FREERTOS]["signingImageFormat"] == {"supportedFormats": ["JSONEmbedded"], "defaultFormat": "JSONEmbedded"}


def test_profile_is_what_was_put(aws, certificate, unique):
    arn = certificate("p256")
    put = put_profile(aws, unique, IOT, arn, "--signing-parameters", "certname=a,certificatePathOnDevice=/b")
    assert re.fullmatch(r"[A-Za-z0-9]{10}", put["profileVersion"])
    assert put["arn"].endswith(f":/signing-profiles/{unique}")
    assert put["profileVersionArn"] == f"{put['arn']}/{put['profileVersion']}"
    got = aws("signer", "get-signing-profile", "--profile-name", unique)
    assert got["status"] == "Active"
    assert got["platformId"] == IOT
    assert got["signingMaterial"] == {"certificateArn": arn}
    assert got["signingParameters"] == {"certname": "a", "certificatePathOnDevice": "/b"}
    assert "signatureValidityPeriod" not in got


def test_a_missing_job_says_so(aws):
    error = aws.refused("signer", "describe-signing-job", "--job-id", "cc9067a9-9258-489a-abae-1c3408191071")
    assert "(ResourceNotFoundException)" in error


def test_the_waiter_fails_for_a_failed_job(aws, certificate, tmp_path, unique):
    bucket = unique.replace("_", "-") + "-cli"
    version = upload(aws, bucket, tmp_path, b"image")
    put_profile(aws, unique, IOT, certificate("rsa2048"))
    job = aws("signer", "start-signing-job", "--profile-name", unique, "--source",
              f"s3={{bucketName={bucket},key=firmware.bin,version={version}}}", "--destination",
              f"s3={{bucketName={bucket}}}")["jobId"]
    error = aws.refused("signer", "wait", "successful-signing-job", "--job-id", job)
    assert "terminal failure state" in error
