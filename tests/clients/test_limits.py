# SPDX-License-Identifier: Apache-2.0
"""Signer's rate limits as the developer guide states them, and that other services have none."""

import time

import pytest
from botocore.exceptions import ClientError
from conftest import Clients, Signing
from harness import IOT, Server


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("limited") / "data", limits=True) as running:
        yield running


def burst(call, count):
    """How many of `count` calls pass, and the answers of those that do not; and the seconds that it took."""
    passed, refused, start = 0, [], time.monotonic()
    for _ in range(count):
        try:
            call()
            passed += 1
        except ClientError as error:
            refused.append(error.response)
    return passed, refused, time.monotonic() - start


def assert_limited(call, per_second, count):
    passed, refused, seconds = burst(call, count)
    # A bucket of one second's worth, refilled while the burst runs.
    assert per_second <= passed <= per_second * (2 + seconds) + 1
    assert refused, f"{count} calls within {seconds} s all passed"
    for answer in refused:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert answer["Error"]["Code"] in ("TooManyRequestsException", "ThrottlingException")


def test_jobs_are_limited_to_five_a_second(limited, identities):
    clients = Clients(limited)
    signing = Signing(clients, identities)
    clients.s3.create_bucket(Bucket="firmware")
    clients.s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})
    profile, version = signing.profile(IOT, "p256"), signing.put("firmware", b"image")
    assert_limited(lambda: signing.start(profile, "firmware", version), 5, 60)


def test_other_operations_are_limited_to_25_a_second_each(limited):
    signer = Clients(limited).signer
    assert_limited(signer.list_signing_platforms, 25, 300)


def test_each_region_has_limits_of_its_own(limited):
    here, there = Clients(limited).signer, Clients(limited, region="eu-west-1").signer
    _, refused, _ = burst(here.list_signing_profiles, 300)
    assert refused
    there.list_signing_profiles()


def test_other_services_are_not_limited(limited):
    assert burst(Clients(limited).sts.get_caller_identity, 150)[0] == 150
