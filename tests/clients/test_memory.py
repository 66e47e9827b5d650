# SPDX-License-Identifier: Apache-2.0
"""Nothing is ever buffered whole: the server's memory does not grow with what is uploaded and signed."""

from conftest import Clients, Signing
from harness import IOT, Server

IMAGE_BYTES = 2 << 30
PUT_BYTES = 5 << 30  # the most that one request may bring
RESIDENT_MIB_MAX = 200


def resident_mib(server):
    """The largest that the server has ever been."""
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise AssertionError("the kernel does not tell the resident size")


def sparse(path, size):
    """A file of zeros without a block on the disk."""
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def test_two_gibibytes_are_uploaded_and_signed_in_little_memory(tmp_path, identities):
    image = sparse(tmp_path / "large.bin", IMAGE_BYTES)
    with Server(tmp_path / "data", "--set", "signer.use_stored_digest=false") as server:
        clients = Clients(server, config={"read_timeout": 600})
        signing = Signing(clients, identities)
        clients.s3.create_bucket(Bucket="firmware")
        clients.s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})
        with open(image, "rb") as body:
            version = signing.put("firmware", body)
        description = signing.end(signing.start(signing.profile(IOT, "p256"), "firmware", version))
        assert description["status"] == "Succeeded", description
        assert b'"rawPayloadSize":%d' % IMAGE_BYTES in signing.signed_object(description)
        assert resident_mib(server) < RESIDENT_MIB_MAX


def test_five_gibibytes_go_up_and_down_in_little_memory(tmp_path):
    image = sparse(tmp_path / "large.bin", PUT_BYTES)
    with Server(tmp_path / "data") as server:
        s3 = Clients(server, config={"read_timeout": 600}).s3
        s3.create_bucket(Bucket="firmware")
        with open(image, "rb") as body:
            s3.put_object(Bucket="firmware", Key="large", Body=body)
        downloaded = 0
        for block in s3.get_object(Bucket="firmware", Key="large")["Body"].iter_chunks(1 << 20):
            assert not block.strip(b"\0")
            downloaded += len(block)
        assert downloaded == PUT_BYTES
        assert resident_mib(server) < RESIDENT_MIB_MAX
