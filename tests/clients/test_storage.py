# SPDX-License-Identifier: Apache-2.0
"""firmsign storage: how much is stored, and whether it is undamaged, with a server and without one."""

import os
import re
import subprocess

from conftest import Clients, Signing
from harness import BINARY, IOT, Server

PART = 5 << 20


def storage(command, folder, *words, code=0):
    answer = subprocess.run([str(BINARY), "storage", command, "--data", str(folder), *map(str, words)], check=False,
                            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer.stdout


def usage(report, name):
    """Signed objects, other objects and unfinished parts of a line, each with its bytes."""
    line = next(line for line in report.splitlines() if line.endswith(f"  {name}"))
    numbers = [int(word) for word in line.removesuffix(name).split()]
    return numbers[0], list(zip(numbers[1::2], numbers[2::2]))


def test_what_is_stored_is_reported_and_scrubbed(tmp_path, identities):
    folder = tmp_path / "data"
    with Server(folder) as server:
        clients = Clients(server)
        signing = Signing(clients, identities)
        for name in ("firmware", "other"):
            clients.s3.create_bucket(Bucket=name)
        clients.s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})
        signed, _ = signing.sign(signing.profile(IOT, "p256"), "firmware", os.urandom(300_000))
        clients.s3.put_object(Bucket="firmware", Key="firmware.bin", Body=b"again")
        clients.s3.put_object(Bucket="other", Key="a key\x1b[31m", Body=os.urandom(100_000))
        place = {"Bucket": "other", "Key": "parts"}
        upload = clients.s3.create_multipart_upload(**place)["UploadId"]
        clients.s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=os.urandom(PART))
        report = storage("report", folder)
        account = int(clients.sts.get_caller_identity()["Account"])
        assert usage(report, "firmware") == (account, [(1, len(signed)), (2, 300_005), (0, 0)])
        assert usage(report, "other") == (account, [(0, 0), (1, 100_000), (1, PART)])
        assert usage(report, "(all buckets)") == (account, [(1, len(signed)), (3, 400_005), (1, PART)])
        clean = storage("scrub", folder)
        assert clean == f"read 5 objects and parts, {len(signed) + 400_005 + PART} bytes: 0 damaged\n"
        assert server.stop() == 0
    assert storage("report", folder) == report
    assert storage("scrub", folder) == clean

    for file in (folder / "objects").rglob("*"):
        if file.is_file() and file.stat().st_size in (100_000, PART):
            data = bytearray(file.read_bytes())
            data[50_000] ^= 1
            file.write_bytes(data)
        elif file.is_file() and file.stat().st_size == 300_000:
            file.unlink()
    told = storage("scrub", folder, code=1).splitlines()
    assert told[-1].endswith(": 3 damaged")
    assert re.fullmatch(r"damaged  s3://firmware/firmware\.bin  version \S{32}: its file is missing", told[0])
    assert told[1] == r"damaged  s3://other/a key\x1b[31m  version null: its SHA-256 is another one"
    assert told[2] == "damaged  s3://other/parts  version (upload not complete), part 1: its ETag is that of other bytes"
