# SPDX-License-Identifier: Apache-2.0
"""Clients that meet the limits and go on by themselves, as AWS's clients do: no job is lost and none is made twice."""

import concurrent.futures
import json
import threading

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import Clients, Signing
from harness import IOT, Server, eventually
from raw import call

JOBS = 200
ATTEMPTS = 10
# Limits are for each region, so these run at once without disturbing one another.
SEQUENCE, CROWD, LEGACY, BURST = "us-east-1", "eu-west-1", "eu-central-1", "ap-south-1"
CROWD_SIZE = 16


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("limited") / "data", limits=True) as running:
        yield running
        assert running.is_running()


class Region:
    """A region with a profile and an image; its clients retry."""

    def __init__(self, server, identities, name):
        self.server, self.name, self.bucket = server, name, f"firmware-{name}"
        self.clients = Clients(server, name)
        signing = Signing(self.clients, identities)
        place = {} if name == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": name}}
        self.clients.s3.create_bucket(Bucket=self.bucket, **place)
        self.clients.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.profile, self.version = signing.profile(IOT, "p256"), signing.put(self.bucket, b"an image")
        self.retries = 0
        self._lock = threading.Lock()

    def signer(self, mode="standard"):
        key, secret = self.server.credentials()
        # A session of its own for each client: they are made from many threads.
        session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=self.name)
        return session.client("signer", endpoint_url=self.server.endpoint, config=Config(
            retries={"mode": mode, "max_attempts": ATTEMPTS}, proxies={}))

    def request(self):
        return {"profileName": self.profile,
                "source": {"s3": {"bucketName": self.bucket, "key": "firmware.bin", "version": self.version}},
                "destination": {"s3": {"bucketName": self.bucket, "prefix": "signed/"}}}

    def start(self, count, mode="standard"):
        """The ids of jobs that one client starts, one after another."""
        signer, jobs = self.signer(mode), []
        for _ in range(count):
            answer = signer.start_signing_job(**self.request())
            jobs.append(answer["jobId"])
            with self._lock:
                self.retries += answer["ResponseMetadata"]["RetryAttempts"]
        return jobs

    def listed(self):
        pages = self.signer().get_paginator("list_signing_jobs").paginate(PaginationConfig={"PageSize": 25})
        return [one for page in pages for one in page["jobs"]]

    def signed_keys(self):
        pages = self.clients.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix="signed/")
        return sorted(one["Key"] for page in pages for one in page.get("Versions", []))

    def assert_each_job_is_there_once(self, jobs):
        assert len(set(jobs)) == len(jobs)
        assert sorted(one["jobId"] for one in self.listed()) == sorted(jobs)
        eventually(lambda: all(one["status"] != "InProgress" for one in self.listed()), "all jobs end")
        assert {one["status"] for one in self.listed()} == {"Succeeded"}
        assert self.signed_keys() == sorted(f"signed/{job}" for job in jobs)
        assert self.retries > 0, "nothing was limited, so nothing was tried"


@pytest.fixture(scope="module")
def regions(limited, identities):
    return {name: Region(limited, identities, name) for name in (SEQUENCE, CROWD, LEGACY, BURST)}


@pytest.fixture(scope="module")
def started(regions):
    """What each of three kinds of clients started, all at once. They wait most of the time."""

    def crowd(count):
        region = regions[CROWD]
        with concurrent.futures.ThreadPoolExecutor(CROWD_SIZE) as pool:
            shares = [count // CROWD_SIZE + (number < count % CROWD_SIZE) for number in range(CROWD_SIZE)]
            return [job for jobs in pool.map(region.start, shares) for job in jobs]

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        waiting = {SEQUENCE: pool.submit(regions[SEQUENCE].start, JOBS), CROWD: pool.submit(crowd, JOBS),
                   LEGACY: pool.submit(regions[LEGACY].start, 25, "legacy")}
    return waiting


@pytest.mark.parametrize("kind", [SEQUENCE, CROWD, LEGACY], ids=["one-after-another", "from-16-clients", "legacy-mode"])
def test_retries_get_every_job_through_once(regions, started, kind):
    jobs = started[kind].result()
    assert len(jobs) == (25 if kind == LEGACY else JOBS)
    regions[kind].assert_each_job_is_there_once(jobs)


def test_a_refusal_is_one_that_old_clients_know(limited, regions):
    """In 2018 it was ThrottlingException; StartSigningJob kept that, the others have TooManyRequestsException."""
    signer = regions[BURST].clients.signer
    for request, known in ((lambda: signer.start_signing_job(**regions[BURST].request()),
                            (signer.exceptions.ThrottlingException, signer.exceptions.TooManyRequestsException)),
                           (signer.list_signing_profiles, (signer.exceptions.TooManyRequestsException,))):
        refusals = []
        for _ in range(400):
            try:
                request()
            except ClientError as error:
                refusals.append(error)
        assert refusals
        for one in refusals:
            assert isinstance(one, known)
            assert one.response["ResponseMetadata"]["HTTPStatusCode"] == 429
            assert one.response["Error"]["Message"] and one.response["message"]


def test_a_refusal_is_whole(limited):
    """As bytes: what each SDK decides by is there, and the connection can be used again."""
    for _ in range(200):
        answer = call(limited, "signer", "GET", "/signing-platforms", region=BURST)
        if answer.status != 200:
            break
    assert answer.status == 429
    assert answer.headers["x-amzn-errortype"].split(":")[0] == "TooManyRequestsException"
    assert answer.headers["x-amzn-requestid"]
    assert answer.headers.get("connection", "keep-alive").lower() != "close"
    assert json.loads(answer.body)["message"]
