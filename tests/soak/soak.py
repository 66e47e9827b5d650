#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ends the server at its n-th write, sync or rename, for many n, and checks that nothing acknowledged is lost.

Usage: tests/soak/soak.py [--short | --every N] [--mode kill|torn|power] [--only N]

For each crash point: a prepared data folder is copied, the server runs on it under crash_shim.so (see crash_shim.c) while
a client works (uploads, jobs, a profile), until the shim ends it. Then the server starts without the shim, and

  - it becomes ready; every acknowledged upload is there, whole; an unacknowledged one is whole or absent
  - every acknowledged job, and every other job that it lists, ends Succeeded, with one version of its signed object
  - the signature of each verifies with OpenSSL; no signed object is without its job; a repeated token answers its job
  - an acknowledged profile, and its cancelling, are there; an acknowledged removal stays

and the same for the very first start on an empty folder. --short (in ./test) takes a sample of crash points in each mode;
without it every point is taken, in every mode, which takes an hour. Ends with `N passed, N failed`.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/clients"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from client import Client, Gone, Refused  # noqa: E402
from harness import BINARY, IOT, Identity, Server, eventually, signature_of, verifies  # noqa: E402

SHIM = Path(os.environ.get("FIRMSIGN_CRASH_SHIM", BINARY.parent / "crash_shim.so"))
MODES = ["kill", "torn", "power"]
SMALL, LARGE = b"small image" * 100, bytes(range(256)) * 1200


class Acknowledged:
    """What the server said it had done, before it died."""

    def __init__(self):
        self.uploads = {}  # (key, version) -> bytes
        self.attempted = {}  # key -> bytes of each upload that was begun
        self.jobs = {}  # token -> job
        self.signed = {}  # job -> bytes that it signed
        self.unanswered = {}  # token -> (profile, key, version) of each start that got no answer
        self.profiles = {}  # name -> version
        self.canceled = set()
        self.removed = set()  # (key, version)
        self.going = set()  # profiles and (key, version) whose end was asked for


class Work:
    """The client's stream: the same every time, so that crash points can be counted."""

    def __init__(self, client, prepared, seen):
        self.client, self.prepared, self.seen = client, prepared, seen

    def run(self):
        """True when it came to its end, False when the server died under it."""
        try:
            small = self.put("small.bin", SMALL)
            large = self.put("large.bin", LARGE)
            jobs = [self.start("profile", "small.bin", small, SMALL), self.start("profile", "large.bin", large, LARGE)]
            self.profile("second")
            jobs.append(self.start("second", "large.bin", large, LARGE))
            self.wait(jobs)
            self.multipart("parts.bin")
            self.remove("small.bin", small)
            self.seen.going.add("second")
            self.client.cancel_profile("second")
            self.seen.canceled.add("second")
            self.wait([self.start("profile", "large.bin", large, LARGE)])
            return True
        except Gone:
            return False

    def put(self, key, body):
        self.seen.attempted[key] = body
        version = self.client.put("firmware", key, body)
        self.seen.uploads[key, version] = body
        return version

    def multipart(self, key):
        parts = [LARGE * 18, b"the end"]
        self.seen.attempted[key] = b"".join(parts)
        version = self.client.multipart("firmware", key, parts)
        self.seen.uploads[key, version] = b"".join(parts)

    def start(self, profile, key, version, body):
        token = str(uuid.uuid4())
        self.seen.unanswered[token] = (profile, key, version)
        job = self.client.start(profile, "firmware", key, version, token)
        del self.seen.unanswered[token]
        self.seen.jobs[token] = job
        self.seen.signed[job] = body
        return job

    def profile(self, name):
        self.seen.profiles[name] = self.client.put_profile(name, IOT, self.prepared.certificate)

    def remove(self, key, version):
        # From here until the answer it may be there or not.
        del self.seen.uploads[key, version]
        self.seen.going.add((key, version))
        self.client.remove("firmware", key, version)
        self.seen.removed.add((key, version))

    def wait(self, jobs):
        for job in jobs:
            eventually(lambda: self.client.job(job)["status"] != "InProgress", f"{job} ends", 30)


class Prepared:
    """A data folder with a certificate, a profile and a bucket, to be copied for each crash point."""

    def __init__(self, scratch):
        self.identity = Identity(scratch, "p256")
        self.folder = scratch / "prepared"
        server = Server(self.folder).start()
        client = Client(server)
        self.certificate = client.import_certificate(self.identity.certificate.read_bytes(),
                                                     self.identity.key.read_bytes())
        client.make_bucket("firmware")
        client.put_profile("profile", IOT, self.certificate)
        assert server.stop() == 0

    def copy(self, to):
        shutil.copytree(self.folder, to, ignore=shutil.ignore_patterns("*.sock"))


def shim_environment(folder, undo, mode, at, count=None):
    return {"LD_PRELOAD": str(SHIM), "FIRMSIGN_CRASH_FOLDER": str(folder), "FIRMSIGN_CRASH_AT": str(at),
            "FIRMSIGN_CRASH_MODE": mode, "FIRMSIGN_CRASH_UNDO": str(undo),
            **({"FIRMSIGN_CRASH_COUNT": str(count)} if count else {})}


def crash(prepared, scratch, mode, at):
    """Runs the stream against a server that ends at its n-th call, or at the end; what was acknowledged."""
    folder, undo = scratch / "data", scratch / "undo"
    undo.mkdir()
    if prepared.folder is not None:
        prepared.copy(folder)
    seen = Acknowledged()
    server = Server(folder, environment=shim_environment(folder, undo, mode, at))
    try:
        server.start()
        if not prepared.work or Work(Client(server), prepared, seen).run():
            server.process.send_signal(signal.SIGTERM)
        code = server.wait(60)
    except RuntimeError:
        code = server.process.returncode  # it ended before it was ready
        assert code == -signal.SIGKILL, f"it did not start, and the shim did not end it:\n{server.output}"
    finally:
        server.kill()
    assert code in (0, -signal.SIGKILL), f"ended with {code}:\n{server.output[-3000:]}"
    return seen


def check(prepared, scratch, seen):
    """Starts without the shim and compares with what was acknowledged. Raises AssertionError."""
    with Server(scratch / "data") as server:
        client = Client(server)
        if not prepared.work:
            client.make_bucket("firmware")
            assert client.get("firmware", "k", client.put("firmware", "k", b"x")) == b"x"
            assert server.stop() == 0
            return
        for (key, version), body in seen.uploads.items():
            assert client.get("firmware", key, version) == body, f"{key} {version} changed"
        for key, version in client.versions("firmware"):
            if not key.startswith("signed/"):
                assert client.get("firmware", key, version) == seen.attempted[key], f"{key} is there by half"
                assert (key, version) not in seen.removed, f"{key} {version} came back"
        for name, version in seen.profiles.items():
            assert client.profile(name)["profileVersion"] == version
        for name in seen.canceled:
            assert client.profile(name)["status"] == "Canceled"
        check_jobs(prepared, scratch, seen, client)
        assert server.stop() == 0, server.output[-3000:]


def check_jobs(prepared, scratch, seen, client):
    for token, job in seen.jobs.items():
        description = client.job(job)
        source = description["source"]["s3"]
        if seen.going.isdisjoint({(source["key"], source["version"]), description["profileName"]}):
            again = client.start(description["profileName"], "firmware", source["key"], source["version"], token)
            assert again == job, f"the token of {job} answered {again}"
    for token, (profile, key, version) in seen.unanswered.items():
        body = seen.attempted[key]
        job = client.start(profile, "firmware", key, version, token)
        seen.jobs[token], seen.signed[job] = job, body
    jobs = [one["jobId"] for one in client.jobs()]
    assert len(jobs) == len(set(jobs)) and set(seen.signed) <= set(jobs), f"{seen.signed.keys()} against {jobs}"
    for job in jobs:
        eventually(lambda: client.job(job)["status"] != "InProgress", f"{job} ends after the restart", 30)
        assert client.job(job)["status"] == "Succeeded", client.job(job)
    written = client.versions("firmware", "signed/")
    assert sorted(key for key, _ in written) == sorted(f"signed/{job}" for job in jobs), (written, jobs)
    for job in seen.signed:
        signature = signature_of(client.get("firmware", f"signed/{job}"))
        assert verifies(prepared.identity.public, "sha256", signature, seen.signed[job], scratch), f"{job} is no signature"


def count_calls(prepared, scratch):
    """How many calls the stream makes when nothing ends it."""
    folder, undo, count = scratch / "data", scratch / "undo", scratch / "count"
    undo.mkdir()
    if prepared.folder is not None:
        prepared.copy(folder)
    server = Server(folder, environment=shim_environment(folder, undo, "kill", 0, count)).start()
    if prepared.work:
        assert Work(Client(server), prepared, Acknowledged()).run(), server.output
    assert server.stop() == 0, server.output
    return int(count.read_text())


class FirstStart:
    """Nothing is prepared: the server makes its folder."""

    folder, work = None, False


def soak(options, root):
    passed = failed = 0
    prepared = Prepared(root)
    prepared.work = True
    for story, kind in (("work", prepared), ("first start", FirstStart)):
        total = count_calls(kind, make(root))
        print(f"{story}: {total} writes, syncs, renames, removals and truncations", flush=True)
        for mode in [options.mode] if options.mode else MODES:
            for at in points(options, total, mode, story):
                scratch = make(root)
                try:
                    check(kind, scratch, crash(kind, scratch, mode, at))
                    passed += 1
                except (AssertionError, RuntimeError, Refused, Gone) as error:
                    failed += 1
                    print(f"FAILED {story}, mode {mode}, at call {at}: {error}", flush=True)
                shutil.rmtree(scratch, ignore_errors=True)
    return passed, failed


def points(options, total, mode, story):
    """The crash points to take: all, every n-th, or for --short a sample that differs from mode to mode."""
    if options.only:
        return [options.only]
    if options.short:
        sample = min(total, 25 if story == "work" else 10)
        return sorted(random.Random(f"{mode} {story}").sample(range(1, total + 1), sample))
    return range(1, total + 1, options.every)


def make(root):
    return Path(tempfile.mkdtemp(dir=root))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a sample of crash points")
    parser.add_argument("--every", type=int, default=1, help="every n-th crash point")
    parser.add_argument("--mode", choices=MODES)
    parser.add_argument("--only", type=int, help="this crash point alone")
    options = parser.parse_args()
    if not SHIM.exists():
        print(f"{SHIM} is not built: cmake --build build/release --target crash_shim")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the scratch folder goes and the servers end
    root = Path(tempfile.mkdtemp(prefix="firmsign-soak-"))
    try:
        passed, failed = soak(options, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
