# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a running server for each file, and clients that point at it."""

import itertools
import sys
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parent))

import harness  # noqa: E402

COUNTER = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def binary():
    if not harness.BINARY.exists():
        pytest.fail(f"{harness.BINARY} is not built: cmake --preset release && cmake --build build/release", pytrace=False)


@pytest.fixture(scope="session")
def identities(tmp_path_factory):
    """One key and certificate of each kind, for the whole run."""
    folder = tmp_path_factory.mktemp("keys")
    return {kind: harness.Identity(folder, kind) for kind in harness.Identity.ALGORITHMS}


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return harness.Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server without rate limits; shared by the tests of one file, which keep apart by names of their own."""
    with harness.Server(tmp_path_factory.mktemp("server") / "data") as running:
        yield running
        assert running.is_running(), f"the server ended during the tests:\n{running.output[-4000:]}"


class Clients:
    """boto3 clients of one server, made on demand: clients.signer, clients.s3, clients.acm, clients.sts.

    They sign with `key` (id, secret), or with that of the first account's root.
    """

    def __init__(self, server, region=harness.REGION, key=None, **options):
        self.server = server
        key, secret = key or server.credentials()
        self._session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
        self._options = options
        self._clients = {}

    def __getattr__(self, service):
        if service.startswith("_"):
            raise AttributeError(service)
        if service not in self._clients:
            config = Config(retries={"max_attempts": 0}, proxies={}, **self._options.get("config", {}))
            options = {name: value for name, value in self._options.items() if name != "config"}
            self._clients[service] = self._session.client(service, endpoint_url=self.server.endpoint, config=config,
                                                          **options)
        return self._clients[service]


@pytest.fixture(scope="module")
def clients(server):
    return Clients(server)


@pytest.fixture(scope="module")
def aws(server):
    return harness.Aws(server)


@pytest.fixture
def bucket(clients):
    """A bucket of this test's own, with versioning."""
    name = f"test-{next(COUNTER)}-firmware"
    clients.s3.create_bucket(Bucket=name)
    clients.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def unique():
    """A name that no other test of this file uses."""
    return f"name_{next(COUNTER)}"


class Signing:
    """What most tests do: import a certificate, make a profile, put an image, sign it."""

    def __init__(self, clients, identities):
        self.clients = clients
        self.identities = identities
        self._certificates = {}

    def certificate(self, kind):
        if kind not in self._certificates:
            identity = self.identities[kind]
            answer = self.clients.acm.import_certificate(Certificate=identity.certificate.read_bytes(),
                                                         PrivateKey=identity.key.read_bytes())
            self._certificates[kind] = answer["CertificateArn"]
        return self._certificates[kind]

    def profile(self, platform, kind, **more):
        name = f"profile_{next(COUNTER)}"
        self.clients.signer.put_signing_profile(profileName=name, platformId=platform,
                                                signingMaterial={"certificateArn": self.certificate(kind)}, **more)
        return name

    def put(self, bucket, image, key="firmware.bin"):
        """Uploads; the version id."""
        return self.clients.s3.put_object(Bucket=bucket, Key=key, Body=image)["VersionId"]

    def start(self, profile, bucket, version, key="firmware.bin", prefix="signed/", **more):
        answer = self.clients.signer.start_signing_job(
            profileName=profile, source={"s3": {"bucketName": bucket, "key": key, "version": version}},
            destination={"s3": {"bucketName": bucket, "prefix": prefix}}, **more)
        return answer["jobId"]

    def end(self, job):
        """The description of a job once it has ended."""

        def ended():
            description = self.clients.signer.describe_signing_job(jobId=job)
            return description if description["status"] != "InProgress" else None

        return harness.eventually(ended, f"job {job} ends")

    def signed_object(self, description):
        place = description["signedObject"]["s3"]
        return self.clients.s3.get_object(Bucket=place["bucketName"], Key=place["key"])["Body"].read()

    def sign(self, profile, bucket, image, **more):
        """The signed object of an image, and the job's description."""
        description = self.end(self.start(profile, bucket, self.put(bucket, image), **more))
        assert description["status"] == "Succeeded", description
        return self.signed_object(description), description


@pytest.fixture(scope="module")
def signing(clients, identities):
    return Signing(clients, identities)
