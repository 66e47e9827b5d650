# SPDX-License-Identifier: Apache-2.0
"""What cannot be signed ends as the service documents it: refused at once, or a Failed job with a reason."""

import uuid

import pytest
from botocore.exceptions import ClientError
from harness import FREERTOS, IOT, TI

MIB = 1024 * 1024


def refusal(call, *arguments, **named):
    """Status, code and message with which a call is refused."""
    with pytest.raises(ClientError) as error:
        call(*arguments, **named)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def assert_failed(clients, bucket, description, reason):
    assert description["status"] == "Failed", description
    assert reason in description["statusReason"]
    assert "signedObject" not in description
    assert "Versions" not in clients.s3.list_object_versions(Bucket=bucket, Prefix="signed/")
    listed = clients.signer.list_signing_jobs(status="Failed")["jobs"]
    mine = [job for job in listed if job["jobId"] == description["jobId"]]
    assert len(mine) == 1 and "signedObject" not in mine[0]


@pytest.mark.parametrize("platform, kind", [(IOT, "rsa2048"), (FREERTOS, "rsa2048"), (TI, "p256")])
def test_a_wrong_key_type_fails_the_job(signing, clients, bucket, platform, kind):
    profile = signing.profile(platform, kind)
    description = signing.end(signing.start(profile, bucket, signing.put(bucket, b"image")))
    assert_failed(clients, bucket, description, "can't identify EC private key." if kind == "rsa2048" else "RSA")


def test_an_image_above_the_platforms_limit(signing, clients, bucket):
    profile = signing.profile(TI, "rsa2048")
    fits = signing.end(signing.start(profile, bucket, signing.put(bucket, b"\0" * (16 * MIB)), prefix="fits/"))
    assert fits["status"] == "Succeeded"
    version = signing.put(bucket, b"\0" * (16 * MIB + 1))
    try:
        job = signing.start(profile, bucket, version)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationException"
        assert "Versions" not in clients.s3.list_object_versions(Bucket=bucket, Prefix="signed/")
    else:
        assert_failed(clients, bucket, signing.end(job), "16")


def test_a_missing_object(signing, bucket):
    profile = signing.profile(IOT, "p256")
    version = signing.put(bucket, b"image")
    answer = refusal(signing.start, profile, bucket, version, key="absent.bin")
    assert answer == (403, "AccessDeniedException", "S3 object absent.bin not accessible. Please check your permissions")


def test_a_missing_version(signing, clients, bucket):
    profile = signing.profile(IOT, "p256")
    version = signing.put(bucket, b"image")
    clients.s3.delete_object(Bucket=bucket, Key="firmware.bin", VersionId=version)
    signing.put(bucket, b"another")
    assert refusal(signing.start, profile, bucket, version)[:2] == (403, "AccessDeniedException")
    assert refusal(signing.start, profile, bucket, "made-up")[:2] == (403, "AccessDeniedException")


def test_a_version_of_another_object(signing, bucket):
    profile = signing.profile(IOT, "p256")
    foreign = signing.put(bucket, b"image", key="other.bin")
    signing.put(bucket, b"image")
    assert refusal(signing.start, profile, bucket, foreign)[:2] == (403, "AccessDeniedException")


def test_a_missing_source_bucket(signing, bucket):
    profile = signing.profile(IOT, "p256")
    version = signing.put(bucket, b"image")
    assert refusal(signing.start, profile, "no-such-bucket-anywhere", version)[:2] == (403, "AccessDeniedException")


def test_a_missing_destination_bucket(signing, clients, bucket):
    profile, version = signing.profile(IOT, "p256"), signing.put(bucket, b"image")
    try:
        job = clients.signer.start_signing_job(
            profileName=profile, source={"s3": {"bucketName": bucket, "key": "firmware.bin", "version": version}},
            destination={"s3": {"bucketName": "no-such-bucket-anywhere"}})["jobId"]
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDeniedException", "ValidationException")
    else:
        assert signing.end(job)["status"] == "Failed"


def test_a_missing_profile(signing, bucket):
    version = signing.put(bucket, b"image")
    answer = refusal(signing.start, "nobody", bucket, version)
    assert answer == (404, "ResourceNotFoundException", "profile with name nobody does not exist")


def test_a_canceled_profile(signing, clients, bucket):
    profile, version = signing.profile(IOT, "p256"), signing.put(bucket, b"image")
    clients.signer.cancel_signing_profile(profileName=profile)
    assert refusal(signing.start, profile, bucket, version)[:2] == (400, "ValidationException")
    assert clients.signer.get_signing_profile(profileName=profile)["status"] == "Canceled"
    clients.signer.cancel_signing_profile(profileName=profile)  # again, without effect
    active = clients.signer.list_signing_profiles()["profiles"]
    assert profile not in [one["profileName"] for one in active]
    pages = clients.signer.get_paginator("list_signing_profiles").paginate(includeCanceled=True)
    assert profile in [one["profileName"] for page in pages for one in page["profiles"]]


def test_canceling_a_missing_profile(clients):
    answer = refusal(clients.signer.cancel_signing_profile, profileName="nobody")
    assert answer == (404, "ResourceNotFoundException", "Signing Profile with name nobody does not exist.")


def test_a_taken_profile_name(signing, clients):
    profile = signing.profile(IOT, "p256")
    again = dict(profileName=profile, platformId=IOT,
                 signingMaterial={"certificateArn": signing.certificate("p256")})
    with pytest.raises(ClientError) as error:
        clients.signer.put_signing_profile(**again)
    assert error.value.response["Error"] == {"Code": "ValidationException",
                                             "Message": f"Profile with name {profile} already exists"}
    assert error.value.response["code"] == "ProfileAlreadyExists"
    clients.signer.cancel_signing_profile(profileName=profile)
    assert refusal(clients.signer.put_signing_profile, **again)[1] == "ValidationException"


def test_profile_without_material(clients, unique):
    answer = refusal(clients.signer.put_signing_profile, profileName=unique, platformId=IOT)
    assert answer == (400, "ValidationException", "signing material cannot be null.")


def test_profile_with_a_missing_certificate(clients, unique):
    account = clients.sts.get_caller_identity()["Account"]
    arn = f"arn:aws:acm:us-east-1:{account}:certificate/{uuid.uuid4()}"
    answer = refusal(clients.signer.put_signing_profile, profileName=unique, platformId=IOT,
                     signingMaterial={"certificateArn": arn})
    assert answer[:2] == (400, "ValidationException")
    assert arn in answer[2]


def test_profile_on_an_unknown_platform(signing, clients, unique):
    material = {"certificateArn": signing.certificate("p256")}
    status, code, _ = refusal(clients.signer.put_signing_profile, profileName=unique, platformId="AmazonFreeRTOS",
                              signingMaterial=material)
    assert (status, code) == (404, "ResourceNotFoundException")


def test_an_unknown_platform(clients):
    answer = refusal(clients.signer.get_signing_platform, platformId="AmazonFreeRTOS")
    assert answer[:2] == (404, "ResourceNotFoundException")


@pytest.mark.parametrize("overrides", [{"signingConfiguration": {"encryptionAlgorithm": "RSA"}},
                                       {"signingConfiguration": {"hashAlgorithm": "SHA1"}}])
def test_an_override_that_the_platform_does_not_allow(signing, clients, unique, overrides):
    material = {"certificateArn": signing.certificate("p256")}
    answer = refusal(clients.signer.put_signing_profile, profileName=unique, platformId=IOT, signingMaterial=material,
                     overrides=overrides)
    assert answer[:2] == (400, "ValidationException")


def test_a_key_that_is_not_the_certificates(clients, identities):
    status, code, _ = refusal(clients.acm.import_certificate,
                              Certificate=identities["p256"].certificate.read_bytes(),
                              PrivateKey=identities["rsa2048"].key.read_bytes())
    assert (status, code) == (400, "ValidationException")
