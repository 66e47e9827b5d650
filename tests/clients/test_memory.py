# SPDX-License-Identifier: Apache-2.0
"""Nothing is ever buffered whole: the server's memory does not grow with what is uploaded and signed."""

from conftest import Clients, Signing
from harness import IOT, Server

IMAGE_BYTES = 2 << 30
RESIDENT_MIB_MAX = 200


def resident_mib(server):
    """The largest that the server has ever been."""
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise AssertionError("the kernel does not tell the resident size")


def test_two_gibibytes_are_uploaded_and_signed_in_little_memory(tmp_path, identities):
    image = tmp_path / "large.bin"
    with open(image, "wb") as file:
        file.truncate(IMAGE_BYTES)  # without a block on the disk
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
