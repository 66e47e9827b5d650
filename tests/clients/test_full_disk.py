# SPDX-License-Identifier: Apache-2.0
"""A full disk: writes are refused with the reason, nothing is damaged, reads go on, and so do writes once there is room."""

import os
import subprocess

import pytest
from botocore.exceptions import ClientError
from conftest import Clients, Signing
from harness import BINARY, IOT, Server, signature_of, verifies

SHIM = BINARY.parent / "full_shim.so"
PART = os.urandom(5 << 20)
# In the database, in a file, and in a file that is written past the page cache.
SIZES = {"small": 100, "middle": 100_000, "large": 3_000_000}

pytestmark = pytest.mark.skipif(not SHIM.exists(), reason=f"{SHIM.name} is not built: sanitizers do not bear it")


def refused(call, **named):
    with pytest.raises(ClientError) as error:
        call(**named)
    answer = error.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503, answer
    assert "no room left" in answer["Error"]["Message"], answer


@pytest.mark.parametrize("encrypts", [False, True], ids=["plain", "encrypted"])
def test_a_full_disk_refuses_writes_and_serves_reads(tmp_path, identities, encrypts):
    folder, full = tmp_path / "data", tmp_path / "full"
    shim = {"LD_PRELOAD": str(SHIM), "FIRMSIGN_FULL_FOLDER": str(folder), "FIRMSIGN_FULL_WHILE": str(full)}
    with Server(folder, "--set", f"s3.encrypt_objects={str(encrypts).lower()}", environment=shim) as server:
        clients = Clients(server)
        s3 = clients.s3
        s3.create_bucket(Bucket="firmware")
        s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})
        signing = Signing(clients, identities)
        profile = signing.profile(IOT, "p256")
        image = os.urandom(200_000)
        version = signing.put("firmware", image)
        bodies = {name: os.urandom(size) for name, size in SIZES.items()}
        for name, body in bodies.items():
            s3.put_object(Bucket="firmware", Key=name, Body=body)
        place = {"Bucket": "firmware", "Key": "parts"}
        upload = s3.create_multipart_upload(**place)["UploadId"]

        full.touch()
        for name, size in SIZES.items():
            refused(s3.put_object, Bucket="firmware", Key=name, Body=os.urandom(size))
            refused(s3.copy_object, Bucket="firmware", Key=f"copy/{name}", CopySource=f"firmware/{name}")
        refused(s3.upload_part, **place, UploadId=upload, PartNumber=1, Body=PART)
        refused(s3.create_bucket, Bucket="another")
        for name, body in bodies.items():
            assert s3.get_object(Bucket="firmware", Key=name)["Body"].read() == body
        assert [one["Key"] for one in s3.list_object_versions(Bucket="firmware")["Versions"]] == [
            "firmware.bin", *sorted(bodies)]
        assert clients.signer.get_signing_profile(profileName=profile)["status"] == "Active"

        full.unlink()
        etag = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=PART)["ETag"]
        s3.complete_multipart_upload(**place, UploadId=upload,
                                     MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
        assert s3.get_object(**place)["Body"].read() == PART
        description = signing.end(signing.start(profile, "firmware", version))
        signature = signature_of(signing.signed_object(description))
        assert verifies(identities["p256"].public, "sha256", signature, image, tmp_path)
        scrubbed = subprocess.run([str(BINARY), "storage", "scrub", "--data", str(folder)], capture_output=True, text=True,
                                  check=False, timeout=60)
        assert scrubbed.returncode == 0, scrubbed.stdout + scrubbed.stderr
        left = [file for file in (folder / "objects/tmp").iterdir()]
        assert not left, "what could not be written whole is removed at once"
        assert server.stop() == 0
