# SPDX-License-Identifier: Apache-2.0
"""firmsign migrate, backup and restore with the real program: what was signed is there, and signing goes on."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import Clients, Signing
from harness import BINARY, IOT, ROOT, Server, eventually, signature_of, verifies

sys.path.insert(0, str(ROOT / "tools/testing"))

import postgres  # noqa: E402

SHIM = Path(os.environ.get("FIRMSIGN_CRASH_SHIM", BINARY.parent / "crash_shim.so"))
NUMBERS = itertools.count(1)
VERIFIED = re.compile(r"^verified (\d+) records, (\d+) objects, (\d+) bytes$", re.MULTILINE)
SMALL, LARGE = os.urandom(5_000), os.urandom(300_000)
PART = os.urandom(5 << 20)
TAGS = [{"Key": "team", "Value": "boot"}]


@pytest.fixture(scope="module")
def cluster():
    if not postgres.PrivateCluster.is_installed():
        pytest.skip("PostgreSQL is not installed")
    with postgres.PrivateCluster() as running:
        yield running


@pytest.fixture
def database(cluster):
    """The URL of an empty database."""
    name = f"transfer_{next(NUMBERS)}"
    words = [postgres.BIN / "createdb", "-h", cluster.folder, "-U", "postgres", name]
    subprocess.run(list(map(str, words)), check=True, timeout=60, cwd="/")
    return cluster.url.replace("/postgres?", f"/{name}?")


def firmsign(*words, code=0):
    """What a command prints; standard error when it is to fail."""
    answer = subprocess.run([str(BINARY), *map(str, words)], capture_output=True, text=True, check=False, timeout=300)
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer.stderr if code else answer.stdout


def counts_of(output):
    return tuple(map(int, VERIFIED.search(output).groups()))


def node_folder(tmp_path, source, name):
    """A data folder with the master key and the root key of another one, and nothing else."""
    folder = tmp_path / name
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in ("master.key", "credentials"):
        shutil.copy(source / file, folder / file)
    return folder


class Deployed:
    """Something of everything, signed over one server, to be found again over another."""

    def __init__(self, server, identities):
        self.identities = identities
        clients = Clients(server)
        signing = Signing(clients, identities)
        clients.s3.create_bucket(Bucket="firmware")
        clients.s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})
        self.profile = signing.profile(IOT, "p256")
        self.versions = {key: clients.s3.put_object(Bucket="firmware", Key=key, Body=body)["VersionId"]
                         for key, body in (("small", SMALL), ("large", LARGE))}
        upload = clients.s3.create_multipart_upload(Bucket="firmware", Key="parts")["UploadId"]
        parts = [{"PartNumber": number, "ETag": clients.s3.upload_part(
            Bucket="firmware", Key="parts", UploadId=upload, PartNumber=number, Body=body)["ETag"]}
            for number, body in ((1, PART), (2, SMALL))]
        clients.s3.complete_multipart_upload(Bucket="firmware", Key="parts", UploadId=upload,
                                             MultipartUpload={"Parts": parts})
        clients.s3.put_bucket_tagging(Bucket="firmware", Tagging={"TagSet": TAGS})
        self.job = signing.start(self.profile, "firmware", self.versions["large"], key="large")
        self.description = signing.end(self.job)
        assert self.description["status"] == "Succeeded"
        self.signed = signing.signed_object(self.description)

    def check(self, server, tmp_path):
        clients = Clients(server)
        signing = Signing(clients, self.identities)
        found = clients.signer.describe_signing_job(jobId=self.job)
        for field in ("status", "source", "signedObject", "createdAt", "completedAt", "profileName"):
            assert found[field] == self.description[field]
        assert signing.signed_object(found) == self.signed
        for key, body in (("small", SMALL), ("large", LARGE), ("parts", PART + SMALL)):
            assert clients.s3.get_object(Bucket="firmware", Key=key)["Body"].read() == body
        assert clients.s3.get_bucket_tagging(Bucket="firmware")["TagSet"] == TAGS
        # The sealed private key opens, and signs.
        again = signing.end(signing.start(self.profile, "firmware", self.versions["small"], key="small"))
        assert again["status"] == "Succeeded", again
        signature = signature_of(signing.signed_object(again))
        assert verifies(self.identities["p256"].public, "sha256", signature, SMALL, tmp_path)


@pytest.mark.parametrize("encrypts", [False, True], ids=["plain", "encrypted"])
def test_a_deployment_moves_to_postgresql_and_back(tmp_path, identities, database, encrypts):
    with Server(tmp_path / "first", "--set", f"s3.encrypt_objects={str(encrypts).lower()}") as server:
        deployed = Deployed(server, identities)
        assert server.stop() == 0
    at_rest = b"".join(file.read_bytes() for file in (tmp_path / "first").rglob("*") if file.is_file())
    for bytes_ in (SMALL, LARGE, PART):
        assert (bytes_[1000:1100] in at_rest) is not encrypts
    there = firmsign("migrate", "--from", tmp_path / "first", "--to", database)
    node = node_folder(tmp_path, tmp_path / "first", "node")
    with Server(node, "--database", database) as server:
        deployed.check(server, tmp_path)
        assert server.stop() == 0
    assert not (node / "objects").exists()
    back = firmsign("migrate", "--from", database, "--to", tmp_path / "second")
    assert counts_of(back)[0] > counts_of(there)[0], "a job more, and what it wrote"
    with Server(node_folder(tmp_path, node, "second")) as server:
        deployed.check(server, tmp_path)
    # The source was not changed, so it can still be served.
    with Server(tmp_path / "first") as server:
        deployed.check(server, tmp_path)


def test_files_go_to_a_folder_that_nodes_share(tmp_path, identities, database):
    with Server(tmp_path / "first") as server:
        deployed = Deployed(server, identities)
        assert server.stop() == 0
    shared = tmp_path / "shared"
    firmsign("migrate", "--from", tmp_path / "first", "--to", database, "--to-objects", shared)
    node = node_folder(tmp_path, tmp_path / "first", "node")
    with Server(node, "--database", database, "--set", f"s3.objects_folder={shared}") as server:
        deployed.check(server, tmp_path)
        # Online, from PostgreSQL and the folder.
        firmsign("backup", "--from", database, "--from-objects", shared, "--to", tmp_path / "backup")
    firmsign("restore", "--from", tmp_path / "backup", "--to", tmp_path / "restored")
    with Server(node_folder(tmp_path, node, "restored")) as server:
        deployed.check(server, tmp_path)


class Load:
    """Threads that start jobs and overwrite an object until they are told to stop."""

    def __init__(self, server, deployed, threads=3):
        self.jobs = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._failures = []
        self._threads = [threading.Thread(target=self._run, args=(server, deployed, number))
                         for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, server, deployed, number):
        try:
            clients = Clients(server)
            signing = Signing(clients, deployed.identities)
            while not self._stop.is_set():
                job = signing.start(deployed.profile, "firmware", deployed.versions["small"], key="small")
                with self._lock:
                    self.jobs.append(job)
                # In a bucket without versions, so that files vanish all the time.
                clients.s3.put_object(Bucket="changing", Key=f"key-{number}", Body=os.urandom(150_000))
        except Exception as failure:  # noqa: BLE001 - told to the test
            self._failures.append(failure)

    def count(self):
        with self._lock:
            return len(self.jobs)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not self._failures


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_backup_of_a_busy_server_is_restored(tmp_path, identities, request, where):
    arguments, source = [], tmp_path / "data"
    if where == "postgresql":
        source = request.getfixturevalue("database")
        arguments = ["--database", source, "--set", f"s3.objects_folder={tmp_path / 'objects'}"]
    folder = ["--from-objects", tmp_path / "objects"] if arguments else []
    with Server(tmp_path / "data", *arguments) as server:
        deployed = Deployed(server, identities)
        Clients(server).s3.create_bucket(Bucket="changing")
        load = Load(server, deployed)
        eventually(lambda: load.count() >= 20, "20 jobs are acknowledged")
        before = list(load.jobs)
        output = firmsign("backup", "--from", source, *folder, "--to", tmp_path / "backup")
        at_the_end = load.count()
        eventually(lambda: load.count() >= at_the_end + 10, "the server goes on")
        load.stop()
    assert "THE MASTER KEY IS NOT IN IT" in output
    assert re.search("Keep a copy of the master key [0-9a-f]{16} somewhere else", output)
    assert sorted(one.name for one in (tmp_path / "backup").iterdir()) == ["firmsign.db", "objects"]
    restored = firmsign("restore", "--from", tmp_path / "backup", "--to", tmp_path / "restored")
    assert counts_of(restored) == counts_of(output)

    with Server(node_folder(tmp_path, tmp_path / "data", "restored")) as server:
        deployed.check(server, tmp_path)
        clients = Clients(server)
        # Acknowledged before: all are there, and those that were in progress end.
        for job in before:
            eventually(lambda: clients.signer.describe_signing_job(jobId=job)["status"] == "Succeeded", f"{job} ends")
            assert clients.s3.get_object(Bucket="firmware", Key=f"signed/{job}")["Body"].read()
        for one in clients.s3.list_objects_v2(Bucket="changing")["Contents"]:
            assert len(clients.s3.get_object(Bucket="changing", Key=one["Key"])["Body"].read()) == 150_000


def test_what_a_killed_server_acknowledged_is_copied_and_ends(tmp_path, identities, database):
    with Server(tmp_path / "data") as server:
        deployed = Deployed(server, identities)
        signing = Signing(Clients(server), identities)
        jobs = [signing.start(deployed.profile, "firmware", deployed.versions["large"], key="large")
                for _ in range(30)]
        server.kill()
    firmsign("backup", "--from", tmp_path / "data", "--to", tmp_path / "backup")
    firmsign("restore", "--from", tmp_path / "backup", "--to", database)
    node = node_folder(tmp_path, tmp_path / "data", "node")
    with Server(node, "--database", database) as server:
        for job in jobs:
            assert Signing(Clients(server), identities).end(job)["status"] == "Succeeded"
        deployed.check(server, tmp_path)


@pytest.mark.parametrize("mode", ["kill", "power"])
def test_a_backup_that_is_cut_off_is_whole_or_refused(tmp_path, identities, mode):
    with Server(tmp_path / "data") as server:
        Deployed(server, identities)
        assert server.stop() == 0
    count, undo, target = tmp_path / "count", tmp_path / "undo", tmp_path / "backup"

    def backup(**more):
        shutil.rmtree(target, ignore_errors=True)
        shutil.rmtree(undo, ignore_errors=True)
        undo.mkdir()
        words = [str(BINARY), "backup", "--from", tmp_path / "data", "--to", target]
        return subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, "LD_PRELOAD": str(SHIM), "FIRMSIGN_CRASH_FOLDER": str(target),
                                   "FIRMSIGN_CRASH_MODE": mode, "FIRMSIGN_CRASH_UNDO": str(undo), **more})

    whole = counts_of(backup(FIRMSIGN_CRASH_COUNT=str(count)).stdout)
    calls = int(count.read_text())
    assert calls > 100
    refusals = set()
    # Some in the middle, and each of the last, where it becomes a deployment.
    for at in [*range(1, calls - 15, calls // 15), *range(calls - 15, calls + 1)]:
        assert backup(FIRMSIGN_CRASH_AT=str(at)).returncode == -signal.SIGKILL, f"call {at} of {calls}"
        restored = tmp_path / f"restored-{at}"
        words = [str(BINARY), "restore", "--from", target, "--to", restored]
        answer = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, timeout=300)
        if answer.returncode == 0:
            assert counts_of(answer.stdout) == whole
            refusals.add("none")
        else:
            assert not restored.exists()
            found = re.search("not finished|holds no deployment|was cut off", answer.stderr)
            assert found, f"call {at} of {calls}: {answer.stderr}"
            refusals.add(found[0])
    assert {"none", "not finished"} <= refusals, "the cuts were on both sides"


def test_wrong_ends_are_refused_with_advice(tmp_path, identities, database):
    data, other = tmp_path / "data", tmp_path / "other"
    firmsign("init", "--data", other)
    with Server(data) as server:
        deployed = Deployed(server, identities)
        assert "stop it first" in firmsign("migrate", "--from", data, "--to", tmp_path / "new", code=1)
        assert "is not empty" in firmsign("backup", "--from", data, "--to", other, code=1)
        assert "a backup is a folder" in firmsign("backup", "--from", data, "--to", database, code=1)
        assert not (tmp_path / "new").exists()
        assert server.stop() == 0
    assert "there is no" in firmsign("restore", "--from", tmp_path / "nothing", "--to", tmp_path / "new", code=1)
    absent = database.replace("/transfer_", "/absent_")
    assert "--to: " in firmsign("migrate", "--from", data, "--to", absent, code=1)
    assert "--from: " in firmsign("migrate", "--from", absent, "--to", tmp_path / "new", code=1)
    assert "holds no deployment" in firmsign("migrate", "--from", database, "--to", tmp_path / "new", code=1)
    # The object in two parts has more than the limit.
    too_large = firmsign("migrate", "--from", data, "--to", database, "--object-bytes-max", 5 << 20, code=1)
    assert "s3://firmware/parts" in too_large and "--to-objects" in too_large
    firmsign("migrate", "--from", data, "--to", database)
    assert "is not empty" in firmsign("migrate", "--from", other, "--to", database, code=1)
    # What was refused has changed nothing.
    with Server(node_folder(tmp_path, data, "node"), "--database", database) as server:
        deployed.check(server, tmp_path)


def test_without_the_master_key_nothing_is_served(tmp_path):
    firmsign("init", "--data", tmp_path / "data")
    firmsign("backup", "--from", tmp_path / "data", "--to", tmp_path / "backup")
    firmsign("restore", "--from", tmp_path / "backup", "--to", tmp_path / "restored")
    server = Server(tmp_path / "restored")
    with pytest.raises(RuntimeError, match="master key .* is missing"):
        server.start()
