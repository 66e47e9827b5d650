# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment: every acknowledged job ends exactly once, and what was acknowledged is there."""

import json
import os
import threading
import uuid

import pytest
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from conftest import Clients, Signing
from harness import IOT, Server, eventually, signature_of, verifies

IMAGE = os.urandom(200_000)
BUCKET = "firmware"
# Acknowledged jobs after which the server is killed; different places in the stream, and a burst at the end.
KILL_AFTER = [1, 7, 40, 150]


class Stream:
    """Threads that start jobs until the server dies; remembers which token was acknowledged with which job."""

    def __init__(self, server, profile, version, threads=4):
        self.acknowledged = {}
        self.unanswered = set()
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(server, profile, version)) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, server, profile, version):
        signer = Clients(server).signer
        while not self._enough.is_set():
            token = str(uuid.uuid4())
            try:
                job = start(signer, profile, version, token)
            except (BotoCoreError, HTTPClientError, ClientError):
                with self._lock:
                    self.unanswered.add(token)
                return
            with self._lock:
                self.acknowledged[token] = job

    def count(self):
        with self._lock:
            return len(self.acknowledged)

    def join(self):
        self._enough.set()
        for thread in self._threads:
            thread.join(60)


def start(signer, profile, version, token):
    return signer.start_signing_job(
        profileName=profile, clientRequestToken=token,
        source={"s3": {"bucketName": BUCKET, "key": "firmware.bin", "version": version}},
        destination={"s3": {"bucketName": BUCKET, "prefix": "signed/"}})["jobId"]


def prepare(server, identities):
    signing = Signing(Clients(server), identities)
    signing.clients.s3.create_bucket(Bucket=BUCKET)
    signing.clients.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return signing.profile(IOT, "p256"), signing.put(BUCKET, IMAGE)


def versions_under(s3, prefix):
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for page in pages for one in page.get("Versions", [])]


def assert_all_ended_once(clients, jobs):
    """Every job Succeeded, with one version of its signed object; and no signed object without its job."""
    for job in jobs:
        eventually(lambda: clients.signer.describe_signing_job(jobId=job)["status"] != "InProgress", f"{job} ends")
        assert clients.signer.describe_signing_job(jobId=job)["status"] == "Succeeded"
    pages = clients.signer.get_paginator("list_signing_jobs").paginate()
    listed = [one for page in pages for one in page["jobs"]]
    ids = [one["jobId"] for one in listed]
    assert len(ids) == len(set(ids))
    assert set(jobs) <= set(ids)
    for one in ids:
        eventually(lambda: clients.signer.describe_signing_job(jobId=one)["status"] == "Succeeded", f"{one} succeeds")
    assert sorted(versions_under(clients.s3, "signed/")) == sorted(f"signed/{one}" for one in ids)


def test_every_acknowledged_job_ends_exactly_once(tmp_path, identities):
    server = Server(tmp_path / "data").start()
    profile, version = prepare(server, identities)
    jobs = {}
    try:
        for target in KILL_AFTER:
            stream = Stream(server, profile, version)
            eventually(lambda: stream.count() >= target or not server.is_running(), f"{target} jobs are acknowledged")
            assert server.is_running(), server.output[-4000:]
            server.kill()
            stream.join()
            jobs.update(stream.acknowledged)

            server = Server(tmp_path / "data").start()
            clients = Clients(server)
            # What was acknowledged is known under its token; what was not answered may be asked again.
            for token, job in list(stream.acknowledged.items())[:20]:
                assert start(clients.signer, profile, version, token) == job
            for token in stream.unanswered:
                jobs[token] = start(clients.signer, profile, version, token)
            assert_all_ended_once(clients, jobs.values())
        assert len(jobs) >= sum(KILL_AFTER)
        for job in list(jobs.values())[:: max(1, len(jobs) // 25)]:
            signed = clients.s3.get_object(Bucket=BUCKET, Key=f"signed/{job}")["Body"].read()
            assert json.loads(signed)["payloadLocation"]["s3"]["version"] == version
            assert verifies(identities["p256"].public, "sha256", signature_of(signed), IMAGE, tmp_path)
    finally:
        server.kill()


def test_acknowledged_uploads_survive(tmp_path):
    server = Server(tmp_path / "data").start()
    try:
        clients = Clients(server)
        clients.s3.create_bucket(Bucket=BUCKET)
        stored = {}
        done = threading.Event()

        def put():
            for number in range(10_000):
                body = os.urandom(100 if number % 2 else 300_000)
                try:
                    clients.s3.put_object(Bucket=BUCKET, Key=f"image-{number}", Body=body)
                except (BotoCoreError, HTTPClientError, ClientError):
                    break
                stored[f"image-{number}"] = body
                if number == 30:
                    done.set()

        thread = threading.Thread(target=put)
        thread.start()
        assert done.wait(60)
        server.kill()
        thread.join(60)
        server = Server(tmp_path / "data").start()
        clients = Clients(server)
        for key, body in stored.items():
            assert clients.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body
        listed = [one["Key"] for one in clients.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert set(stored) <= set(listed) and len(listed) <= len(stored) + 1
    finally:
        server.kill()


@pytest.mark.parametrize("when", ["parts", "completed"])
def test_a_multipart_upload_survives(tmp_path, when):
    part = os.urandom(5 * 1024 * 1024)
    server = Server(tmp_path / "data").start()
    try:
        s3 = Clients(server).s3
        s3.create_bucket(Bucket=BUCKET)
        place = {"Bucket": BUCKET, "Key": "big"}
        upload = s3.create_multipart_upload(**place)["UploadId"]
        parts = [{"PartNumber": number, "ETag": s3.upload_part(**place, UploadId=upload, PartNumber=number,
                                                              Body=part)["ETag"]} for number in (1, 2)]
        if when == "completed":
            s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
        server.kill()
        server = Server(tmp_path / "data").start()
        s3 = Clients(server).s3
        if when == "parts":
            s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
        assert s3.get_object(**place)["Body"].read() == part + part
    finally:
        server.kill()


def test_sigterm_drains(tmp_path, identities):
    server = Server(tmp_path / "data").start()
    profile, version = prepare(server, identities)
    stream = Stream(server, profile, version)
    eventually(lambda: stream.count() >= 20, "20 jobs are acknowledged")
    assert server.stop() == 0
    stream.join()
    with Server(tmp_path / "data") as again:
        clients = Clients(again)
        jobs = dict(stream.acknowledged)
        for token in stream.unanswered:
            jobs[token] = start(clients.signer, profile, version, token)
        assert_all_ended_once(clients, jobs.values())


def test_a_second_process_on_the_same_folder_is_refused(tmp_path):
    with Server(tmp_path / "data") as first:
        second = Server(tmp_path / "data")
        with pytest.raises(RuntimeError):
            second.start()
        assert second.process.returncode not in (0, None)
        assert "data" in second.output and "another" in second.output.lower()
        assert Clients(first).sts.get_caller_identity()["Account"]
    with Server(tmp_path / "data") as third:  # the lock went with the process that was killed
        assert Clients(third).sts.get_caller_identity()["Account"]
