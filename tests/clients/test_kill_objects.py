# SPDX-License-Identifier: Apache-2.0
"""kill -9, torn writes and power cuts while objects are put, copied, assembled and deleted: after the restart everything
that was acknowledged is there and whole, and nothing half-done is visible."""

import os
import shutil
import signal
import subprocess

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from conftest import Clients
from harness import BINARY, Server

SHIM = BINARY.parent / "crash_shim.so"
POINTS = 12  # in each mode, spread over all calls
BUCKET = "firmware"
PART = os.urandom(5 << 20)
# In the database, in a file, and in a file that is written past the page cache.
SMALL, MIDDLE, LARGE = (os.urandom(size) for size in (100, 100_000, 1_500_000))

pytestmark = pytest.mark.skipif(not SHIM.exists(), reason=f"{SHIM.name} is not built: sanitizers do not bear it")


class Work:
    """Changes one after the other, and what each may leave behind: a key is what it was or what it becomes."""

    def __init__(self, s3):
        self.s3 = s3
        self.there = {}  # key -> bytes, as acknowledged
        self.going_on = {}  # key -> bytes or None, of the change that is not acknowledged yet

    def change(self, becomes, operation, **named):
        self.going_on = becomes
        answer = getattr(self.s3, operation)(Bucket=BUCKET, **named)
        for key, data in becomes.items():
            if data is None:
                self.there.pop(key, None)
            else:
                self.there[key] = data
        self.going_on = {}
        return answer

    def put(self, key, data):
        self.change({key: data}, "put_object", Key=key, Body=data)

    def copy(self, key, source):
        self.change({key: self.there[source]}, "copy_object", Key=key, CopySource={"Bucket": BUCKET, "Key": source})

    def assemble(self, key, *pieces):
        upload = self.s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        parts = [{"PartNumber": number, "ETag": self.s3.upload_part(
            Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=piece)["ETag"]}
            for number, piece in enumerate(pieces, 1)]
        self.change({key: b"".join(pieces)}, "complete_multipart_upload", Key=key, UploadId=upload,
                    MultipartUpload={"Parts": parts})

    def delete(self, *keys):
        if len(keys) == 1:
            self.change({keys[0]: None}, "delete_object", Key=keys[0])
        else:
            self.change(dict.fromkeys(keys), "delete_objects", Delete={"Objects": [{"Key": key} for key in keys]})

    def do(self):
        for key, data in (("small", SMALL), ("middle", MIDDLE), ("large", LARGE)):
            self.put(key, data)
        for key in ("small", "middle", "large"):
            self.copy(f"copy/{key}", key)
        self.put("middle", LARGE)
        self.copy("large", "small")
        self.assemble("parts", PART, MIDDLE)
        self.copy("copy/parts", "parts")
        self.assemble("parts", PART, SMALL)
        self.delete("copy/parts")
        self.delete("parts", "small", "copy/middle", "copy/large")


def run(folder, tmp_path, **environment):
    """Works until the server dies, or is done: what was acknowledged, and how the server ended."""
    undo = tmp_path / "undo"
    undo.mkdir(exist_ok=True)
    shim = {"LD_PRELOAD": str(SHIM), "FIRMSIGN_CRASH_FOLDER": str(folder), "FIRMSIGN_CRASH_UNDO": str(undo)}
    server = Server(folder, environment={**shim, **environment})
    try:
        try:
            server.start()
        except RuntimeError:
            return Work(None), server.process.returncode
        work = Work(Clients(server).s3)
        try:
            work.do()
        except (BotoCoreError, ClientError) as error:
            assert not isinstance(error, ClientError), f"an answer that was no success: {error}"
            return work, server.wait(30)
        return work, server.stop()
    finally:
        server.kill()


def check(folder, work):
    with Server(folder) as server:
        s3 = Clients(server).s3
        listed = s3.list_objects_v2(Bucket=BUCKET)
        found = {one["Key"]: s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
                 for one in listed.get("Contents", [])}
        for key in set(found) | set(work.there) | set(work.going_on):
            allowed = [work.there.get(key)]
            if key in work.going_on:
                allowed.append(work.going_on[key])
            assert found.get(key) in allowed, f"{key} is neither what it was nor what it was to become"
        scrubbed = subprocess.run([str(BINARY), "storage", "scrub", "--data", str(folder)], capture_output=True, text=True,
                                  check=False, timeout=60)
        assert scrubbed.returncode == 0, scrubbed.stdout + scrubbed.stderr
        # And it goes on.
        s3.put_object(Bucket=BUCKET, Key="afterwards", Body=LARGE)
        assert s3.get_object(Bucket=BUCKET, Key="afterwards")["Body"].read() == LARGE
        assert server.stop() == 0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with an empty bucket, and how many calls the work makes that may be the last one."""
    folder = tmp_path_factory.mktemp("prepared")
    with Server(folder / "data") as server:
        Clients(server).s3.create_bucket(Bucket=BUCKET)
        assert server.stop() == 0
    shutil.copytree(folder / "data", folder / "counted")
    work, code = run(folder / "counted", folder, FIRMSIGN_CRASH_COUNT=str(folder / "count"))
    assert code == 0
    check(folder / "counted", work)
    return folder / "data", int((folder / "count").read_text())


@pytest.mark.parametrize("mode", ["kill", "torn", "power"])
def test_what_was_acknowledged_is_whole_and_nothing_else_is_seen(prepared, tmp_path, mode):
    original, calls = prepared
    assert calls > 100
    step = calls / POINTS
    ends = []
    offset = {"kill": 0.2, "torn": 0.5, "power": 0.8}[mode]
    for point in (max(1, int((number + offset) * step)) for number in range(POINTS)):
        folder = tmp_path / f"at-{point}"
        shutil.copytree(original, folder)
        work, code = run(folder, tmp_path, FIRMSIGN_CRASH_AT=str(point), FIRMSIGN_CRASH_MODE=mode)
        ends.append(code)
        check(folder, work)
        shutil.rmtree(folder)
    # The number of calls differs a little from run to run: the last point may lie behind the end.
    assert ends[:-1] == [-signal.SIGKILL] * (POINTS - 1)
    assert ends[-1] in (-signal.SIGKILL, 0)
