# SPDX-License-Identifier: Apache-2.0
"""The nine Java samples of the guide, with the SDK that they were written for; and the guide's own request."""

import json
import re
import subprocess

import pytest
import sdks
from harness import IOT, REGION, client_environment, eventually, signature_of, verifies
from raw import call

SAMPLES = ["ListSigningPlatforms", "GetSigningPlatform", "PutSigningProfile", "GetSigningProfile",
           "ListSigningProfiles", "StartSigningJob", "DescribeSigningJob", "ListSigningJobs", "CancelSigningProfile"]
CONFIGURATION = ("{EncryptionAlgorithmOptions: {AllowedValues: [ECDSA],DefaultValue: ECDSA},"
                 "HashAlgorithmOptions: {AllowedValues: [SHA256],DefaultValue: SHA256}}")
IMAGE = b"an image for a microcontroller"


@pytest.fixture(scope="module")
def place(server, clients, signing):
    """A bucket with an image, and so many profiles that they fill more than a page."""
    clients.s3.create_bucket(Bucket="samples")
    clients.s3.put_bucket_versioning(Bucket="samples", VersioningConfiguration={"Status": "Enabled"})
    return {"certificate": signing.certificate("p256"), "version": signing.put("samples", IMAGE, "Code-Image-File")}


@pytest.fixture(scope="module")
def printed(server, clients, place):
    """What each sample printed."""
    words = [*sdks.java(), "firmsign.samples.Samples"]
    for name in ["OtherProfile", *(f"Profile{number}" for number in range(30))]:
        clients.signer.put_signing_profile(profileName=name, platformId=IOT,
                                           signingMaterial={"certificateArn": place["certificate"]})
    arguments = [server.credentials_file, server.endpoint, REGION, place["certificate"], IOT, "samples",
                 "Code-Image-File", place["version"]]
    answer = subprocess.run(list(map(str, [*words, *arguments])), capture_output=True, text=True, check=False,
                            timeout=240, env=client_environment(server))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    parts = re.split(r"^== (\w+)\n", answer.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2]))


def values(text, name):
    return re.findall(rf"^{name} ?: (.*)$", text, re.MULTILINE)


def test_each_sample_ran(printed):
    assert list(printed) == [*SAMPLES, "Refusals"]


def test_platforms(printed, clients):
    listed = clients.signer.list_signing_platforms()["platforms"]
    text = printed["ListSigningPlatforms"]
    assert values(text, "Platform Id") == [one["platformId"] for one in listed]
    assert values(text, "Display Name") == [one["displayName"] for one in listed]
    assert values(printed["GetSigningPlatform"], "Platform Id") == [IOT]
    assert values(printed["GetSigningPlatform"], "Signing Configuration") == [CONFIGURATION]


def test_profiles(printed, place):
    text = printed["GetSigningProfile"]
    assert values(text, "Profile Name") == ["MyProfile"]
    assert values(text, "Certificate Arn") == [place["certificate"]]
    assert values(text, "Platform") == [IOT]
    text = printed["ListSigningProfiles"]
    assert sorted(values(text, "Profile Name")) == sorted(
        ["MyProfile", "OtherProfile", *(f"Profile{number}" for number in range(30))])
    assert set(values(text, "Profile Status")) == {"Active"}
    assert set(values(text, "Cert Arn")) == {place["certificate"]}


def test_jobs(printed, place, clients, signing, identities, tmp_path):
    (job,) = values(printed["StartSigningJob"], "Job ID")
    assert f"JobId: {job}," in printed["DescribeSigningJob"] and "Status: " in printed["DescribeSigningJob"]
    assert printed["ListSigningJobs"].startswith("{")
    description = signing.end(job)
    assert description["signedObject"]["s3"] == {"bucketName": "samples", "key": job}
    signature = signature_of(signing.signed_object(description))
    assert verifies(identities["p256"].public, "sha256", signature, IMAGE, tmp_path)


def test_cancel(printed, clients):
    assert clients.signer.get_signing_profile(profileName="MyProfile")["status"] == "Canceled"


def test_the_exceptions_that_the_samples_catch(printed):
    text = printed["Refusals"]
    assert len(values(text, "ResourceNotFoundException")) == 2
    assert "Canceled" in values(text, "ValidationException")[0]
    assert "Status" in values(text, "ValidationException")[1]
    assert values(text, "AccessDeniedException") == [
        "S3 object no-such-key not accessible. Please check your permissions"]


# ---- the StartSigningJob request of the guide, which no published SDK can send

def guide_request(place, **more):
    return {"source": {"s3": {"bucketName": "samples", "key": "Code-Image-File", "version": place["version"]}},
            "destination": {"s3": {"bucketName": "samples"}},
            "signingMaterial": {"certificateArn": place["certificate"]}, "platform": IOT, **more}


def start(server, request):
    answer = call(server, "signer", "POST", "/signing-jobs", json.dumps(request).encode(),
                  {"Content-Type": "application/json"})
    return answer.status, json.loads(answer.body)


def test_the_guides_own_request_signs_without_a_profile(server, place, clients, signing, identities, tmp_path):
    status, answer = start(server, guide_request(place))
    assert status == 200, answer
    description = signing.end(answer["jobId"])
    assert description["status"] == "Succeeded", description
    assert description["platformId"] == IOT
    assert description["signingMaterial"] == {"certificateArn": place["certificate"]}
    assert "profileName" not in description and "profileVersion" not in description
    assert description["signedObject"]["s3"] == {"bucketName": "samples", "key": answer["jobId"]}
    signature = signature_of(signing.signed_object(description))
    assert verifies(identities["p256"].public, "sha256", signature, IMAGE, tmp_path)
    listed = eventually(lambda: clients.signer.list_signing_jobs(platformId=IOT)["jobs"], "the job is listed")
    assert answer["jobId"] in [one["jobId"] for one in listed]


def test_the_guides_own_request_with_parameters(server, place, signing):
    status, answer = start(server, guide_request(place, signingParameters={"certname": "device.crt"}))
    assert status == 200, answer
    description = signing.end(answer["jobId"])
    assert description["status"] == "Succeeded"
    assert description["signingParameters"] == {"certname": "device.crt"}
    # Without a token each is a new one.
    assert start(server, guide_request(place))[1]["jobId"] != start(server, guide_request(place))[1]["jobId"]


@pytest.mark.parametrize("change", [{"platform": None}, {"platform": "Platform"}, {"signingMaterial": None},
                                    {"signingMaterial": {"certificateArn": "arn:aws:acm:us-east-1:1:certificate/1"}}],
                         ids=["no platform", "unknown platform", "no certificate", "unknown certificate"])
def test_the_guides_own_request_with_less(server, place, clients, change):
    before = {one["jobId"] for one in clients.signer.list_signing_jobs()["jobs"]}
    request = {name: value for name, value in guide_request(place, **change).items() if value is not None}
    status, answer = start(server, request)
    assert status in (400, 404) and answer["message"], answer
    assert {one["jobId"] for one in clients.signer.list_signing_jobs()["jobs"]} == before
