# SPDX-License-Identifier: Apache-2.0
"""The waiter asks once: a small image is signed before its client looks. It would ask again after 20 seconds only."""

import io
import re
import urllib.request
import zipfile

import pytest
from conftest import Clients, Signing
from harness import FREERTOS, IOT, TI, Aws, Server, free_port

LAMBDA = "AWSLambda-SHA384-ECDSA"
KINDS = {IOT: "p256", FREERTOS: "p256", TI: "rsa2048", LAMBDA: None}
SIZES = [1 << 10, 1 << 16, 300_000, (1 << 20) - 1]


@pytest.fixture(scope="module")
def admin_port():
    return free_port()


@pytest.fixture(scope="module")
def server(tmp_path_factory, admin_port):
    """A server of this file's own, which nobody else asks, with its counters."""
    with Server(tmp_path_factory.mktemp("server") / "data", "--admin-listen", f"127.0.0.1:{admin_port}") as running:
        yield running
        assert running.is_running()


def described(port):
    """How many DescribeSigningJob calls the server has answered."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    counts = re.findall(r'^firmsign_requests_total\{[^}]*operation="DescribeSigningJob"[^}]*\} (\d+)', text,
                        re.MULTILINE)
    return sum(map(int, counts))


def image(platform, size):
    """An image of exactly that size; a Lambda function is a zip file."""
    if platform != LAMBDA:
        return bytes(size)
    empty = zip_of(b"")
    return zip_of(bytes(size - len(empty)))


def zip_of(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("handler", content)
    return file.getvalue()


@pytest.fixture(scope="module")
def profiles(server, identities):
    signing = Signing(Clients(server), identities)
    signing.clients.s3.create_bucket(Bucket="waiter")
    signing.clients.s3.put_bucket_versioning(Bucket="waiter", VersioningConfiguration={"Status": "Enabled"})
    names = {platform: platform.split("-")[0] + str(number) for number, platform in enumerate(KINDS)}
    for platform, kind in KINDS.items():
        material = {"signingMaterial": {"certificateArn": signing.certificate(kind)}} if kind else {}
        signing.clients.signer.put_signing_profile(profileName=names[platform], platformId=platform, **material)
    return names


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("platform", KINDS)
def test_the_waiter_of_boto3_asks_once(clients, signing, profiles, admin_port, platform, size):
    content = image(platform, size)
    assert len(content) == size
    version = signing.put("waiter", content, f"{platform}-{size}")
    before = described(admin_port)
    job = signing.start(profiles[platform], "waiter", version, key=f"{platform}-{size}")
    clients.signer.get_waiter("successful_signing_job").wait(jobId=job)
    assert described(admin_port) == before + 1


@pytest.mark.parametrize("platform", KINDS)
def test_the_waiter_of_the_command_asks_once(server, signing, profiles, admin_port, platform):
    version = signing.put("waiter", image(platform, SIZES[-1]), "command")
    before = described(admin_port)
    job = signing.start(profiles[platform], "waiter", version, key="command")
    Aws(server).run("signer", "wait", "successful-signing-job", "--job-id", job)
    assert described(admin_port) == before + 1
