# SPDX-License-Identifier: Apache-2.0
"""The main job over https, with a certificate authority made for the test."""

import base64
import json
import os
import socket

import pytest
from conftest import Clients, Signing
from harness import Aws, IOT, Server, verifies


@pytest.fixture(scope="module")
def secure(tmp_path_factory, authority):
    with Server(tmp_path_factory.mktemp("secure") / "data", *authority.options) as running:
        assert running.endpoint.startswith("https://127.0.0.1:")
        yield running


def test_the_command_signs_over_https(secure, authority, identities, tmp_path):
    aws = Aws(secure, AWS_CA_BUNDLE=str(authority.root))
    image = os.urandom(9 * 1024 * 1024)
    (tmp_path / "image.bin").write_bytes(image)
    arn = aws("acm", "import-certificate", "--certificate", f"fileb://{identities['p256'].certificate}",
              "--private-key", f"fileb://{identities['p256'].key}")["CertificateArn"]
    aws.run("s3", "mb", "s3://firmware")
    aws("s3api", "put-bucket-versioning", "--bucket", "firmware", "--versioning-configuration", "Status=Enabled")
    aws.run("s3", "cp", tmp_path / "image.bin", "s3://firmware/image.bin", "--no-progress")
    version = aws("s3api", "list-object-versions", "--bucket", "firmware")["Versions"][0]["VersionId"]
    aws("signer", "put-signing-profile", "--profile-name", "release", "--platform-id", IOT, "--signing-material",
        f"certificateArn={arn}")
    job = aws("signer", "start-signing-job", "--profile-name", "release", "--source",
              f"s3={{bucketName=firmware,key=image.bin,version={version}}}", "--destination",
              "s3={bucketName=firmware}")["jobId"]
    aws.run("signer", "wait", "successful-signing-job", "--job-id", job)
    aws.run("s3", "cp", f"s3://firmware/{job}", tmp_path / "signed.json", "--no-progress")
    signature = base64.b64decode(json.loads((tmp_path / "signed.json").read_text())["signature"])
    assert verifies(identities["p256"].public, "sha256", signature, image, tmp_path)


def test_without_the_authority_the_command_refuses(secure):
    assert "certificate verify failed" in Aws(secure).refused("sts", "get-caller-identity")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256"])
def test_a_checksum_in_the_trailer(secure, authority, identities, tmp_path, algorithm):
    """Over https botocore sends the streaming form, with the checksum behind the body."""
    clients = Clients(secure, verify=str(authority.root))
    name = f"trailer-{algorithm.lower()}"
    clients.s3.create_bucket(Bucket=name)
    clients.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    image = os.urandom(100_000)
    put = clients.s3.put_object(Bucket=name, Key="firmware.bin", Body=image, ChecksumAlgorithm=algorithm)
    assert put[f"Checksum{algorithm}"]
    assert clients.s3.get_object(Bucket=name, Key="firmware.bin")["Body"].read() == image
    signing = Signing(clients, identities)
    description = signing.end(signing.start(signing.profile(IOT, "p256"), name, put["VersionId"]))
    signature = base64.b64decode(json.loads(signing.signed_object(description))["signature"])
    assert verifies(identities["p256"].public, "sha256", signature, image, tmp_path)


def test_plain_http_to_the_secure_port_gets_no_answer_of_the_service(secure):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"<Error>" not in connection.recv(4096)
