# SPDX-License-Identifier: Apache-2.0
"""Certificates whose keys lie in a hardware token: SoftHSM, and a token that fails on purpose."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import Clients, Signing
from harness import BINARY, IOT, Identity, Server, eventually, openssl, signature_of, verifies

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "planted-pin-4711"


class SoftHsm:
    """A token called firmware, and what a server must be told of it."""

    def __init__(self, folder):
        self.folder = folder
        self.tokens = folder / "tokens"
        self.tokens.mkdir(parents=True)
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\n"
                                              "log.level = ERROR\n")
        self.environment = {"SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
        self.pin_file = folder / "pin"
        self.pin_file.write_text(PIN + "\n")
        self.pin_file.chmod(0o600)
        self.setting = (f"pkcs11.tokens=hsm=pkcs11:token=firmware?module-path={MODULE}"
                        f"&pin-source=file:{self.pin_file}")
        self.util("--init-token", "--free", "--label", "firmware", "--pin", PIN, "--so-pin", "12345678")

    def util(self, *words):
        subprocess.run(["softhsm2-util", *words], env={**os.environ, **self.environment}, check=True,
                       capture_output=True, timeout=60)

    def put(self, identity, label, key_id):
        pkcs8 = self.folder / f"{label}.pk8"
        openssl("pkcs8", "-topk8", "-nocrypt", "-in", identity.key, "-out", pkcs8)
        self.util("--import", str(pkcs8), "--token", "firmware", "--label", label, "--id", key_id, "--pin", PIN)
        pkcs8.unlink()


@pytest.fixture
def hsm(tmp_path, identities):
    made = SoftHsm(tmp_path / "hsm")
    made.put(identities["p256"], "boot", "a1")
    made.put(identities["rsa2048"], "application", "a2")
    return made


def attach(folder, identity, *words, code=0, environment=None):
    answer = subprocess.run([str(BINARY), "certificate", "attach", "--data", str(folder), "--token", "hsm",
                             "--certificate", str(identity.certificate), *map(str, words)], check=False,
                            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                            env={**os.environ, **(environment or {})})
    assert answer.returncode == code, answer.stdout + answer.stderr
    return answer.stdout.strip() if code == 0 else answer.stderr


def workers(server):
    """The process ids of the server's token workers."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == server.process.pid and fields[0] != "Z":
                found.append(int(folder.name))
        except (OSError, IndexError):
            continue
    return found


def profile_of(clients, arn, platform=IOT, **more):
    name = "token_" + arn[-12:]
    clients.signer.put_signing_profile(profileName=name, platformId=platform, signingMaterial={"certificateArn": arn},
                                       **more)
    return name


def make_bucket(clients):
    clients.s3.create_bucket(Bucket="firmware")
    clients.s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})


def test_a_certificate_of_a_token_is_one_like_any_other(tmp_path, identities, hsm):
    identity = identities["p256"]
    with Server(tmp_path / "data", "--set", hsm.setting, environment=hsm.environment) as server:
        clients = Clients(server)
        signing = Signing(clients, identities)
        make_bucket(clients)
        arn = attach(server.folder, identity)
        shown = clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]
        assert (shown["Type"], shown["Status"]) == ("IMPORTED", "ISSUED")
        profile = profile_of(clients, arn)
        assert clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"] != []
        signed, _ = signing.sign(profile, "firmware", b"image")
        public = tmp_path / "public.pem"
        public.write_bytes(openssl("x509", "-in", identity.certificate, "-noout", "-pubkey").stdout)
        assert verifies(public, "sha256", signature_of(signed), b"image", tmp_path)

        rsa = attach(server.folder, identities["rsa2048"], "--key-label", "application", "--key-id", "A2")
        configuration = {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}
        profile = profile_of(clients, rsa, "AmazonFreeRTOS-Default", overrides={"signingConfiguration": configuration})
        signing.sign(profile, "firmware", b"image")

        with pytest.raises(clients.acm.exceptions.ClientError) as refused:
            clients.acm.import_certificate(CertificateArn=arn, Certificate=identity.certificate.read_bytes(),
                                           PrivateKey=identity.key.read_bytes())
        assert "lies in the token hsm" in str(refused.value)

        assert attach(server.folder, identity, "--certificate-arn", arn) == arn
        signing.sign(profile, "firmware", b"image")
        away = attach(server.folder, identity, "--region", "eu-west-1")
        assert away.startswith("arn:aws:acm:eu-west-1:")
        assert attach(server.folder, identity, "--certificate-arn", away) == away
        assert "has no certificate" in attach(server.folder, identity, "--certificate-arn", away, "--region",
                                              "us-east-1", code=1)

        # What the workers know: their lanes, the token's settings, and no secret on a command line.
        for pid in workers(server):
            process = Path("/proc") / str(pid)
            assert (process / "cmdline").read_bytes().split(b"\0")[1] == b"token-worker"
            assert PIN.encode() not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            targets = [os.readlink(descriptor) for descriptor in (process / "fd").iterdir()]
            assert not [target for target in targets if str(server.folder) in target], targets
            names = {line.split(b"=")[0] for line in (process / "environ").read_bytes().split(b"\0") if line}
            assert names == {b"SOFTHSM2_CONF"}
        assert PIN not in server.output
        assert server.stop() == 0
        assert PIN.encode() not in b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file())

    # And without a server.
    again = attach(tmp_path / "data", identity, "--set", hsm.setting, environment=hsm.environment)
    assert again.startswith("arn:aws:acm:") and again != arn


def test_attach_says_what_does_not_fit(tmp_path, identities, hsm):
    with Server(tmp_path / "data", "--set", hsm.setting, environment=hsm.environment) as server:
        assert "no key of the token signs" in attach(server.folder, Identity(tmp_path, "p256"), code=1)
        assert "no key of the token signs" in attach(server.folder, identities["p256"], "--key-id", "a2", code=1)
        assert "hexadecimal" in attach(server.folder, identities["p256"], "--key-id", "xyz", code=1)
        hsm.pin_file.chmod(0o644)
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        assert "chmod 600" in attach(server.folder, identities["p256"], code=1)
    with Server(tmp_path / "other") as server:
        assert "no token called hsm" in attach(server.folder, identities["p256"], code=1)


def test_jobs_outlive_workers_that_die_and_hang_and_a_token_that_is_away(tmp_path, identities, hsm):
    arguments = ["--set", hsm.setting, "--set", "pkcs11.answer_seconds_max=1", "--set", "pkcs11.workers=1"]
    with Server(tmp_path / "data", *arguments, environment=hsm.environment) as server:
        clients = Clients(server)
        signing = Signing(clients, identities)
        make_bucket(clients)
        profile = profile_of(clients, attach(server.folder, identities["p256"]))
        version = signing.put("firmware", b"image")

        def start(count):
            return [signing.start(profile, "firmware", version) for _ in range(count)]

        jobs = start(5)
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        jobs += start(5)
        assert {signing.end(job)["status"] for job in jobs} == {"Succeeded"}
        # One that is stopped while it starts may take half a minute: vendors' modules do.
        for pid in workers(server):
            os.kill(pid, signal.SIGSTOP)
        stopped = start(5)
        assert {signing.end(job)["status"] for job in stopped} == {"Succeeded"}
        jobs += stopped

        hsm.tokens.rename(hsm.folder / "away")
        hsm.tokens.mkdir()
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        waiting = start(3)
        eventually(lambda: "no such token now" in server.output, "the log says that the token is away")
        assert {clients.signer.describe_signing_job(jobId=job)["status"] for job in waiting} == {"InProgress"}
        hsm.tokens.rmdir()
        (hsm.folder / "away").rename(hsm.tokens)
        assert {signing.end(job)["status"] for job in waiting} == {"Succeeded"}
        jobs += waiting
        objects = clients.s3.list_object_versions(Bucket="firmware", Prefix="signed/")["Versions"]
        assert len(objects) == len(jobs), "every job has signed once"
        assert server.stop() == 0


def test_a_token_that_vanishes_under_its_workers(tmp_path, identities, hsm):
    with Server(tmp_path / "data", "--set", hsm.setting, environment=hsm.environment) as server:
        clients = Clients(server)
        signing = Signing(clients, identities)
        make_bucket(clients)
        profile = profile_of(clients, attach(server.folder, identities["p256"]))
        version = signing.put("firmware", b"image")
        for _ in range(3):
            assert signing.end(signing.start(profile, "firmware", version))["status"] == "Succeeded"
        # SoftHSM goes on showing the token, without keys.
        hsm.tokens.rename(hsm.folder / "away")
        hsm.tokens.mkdir()
        job = signing.start(profile, "firmware", version)
        eventually(lambda: "no such token now" in server.output, "the log says that the token is away")
        assert clients.signer.describe_signing_job(jobId=job)["status"] == "InProgress"
        hsm.tokens.rmdir()
        (hsm.folder / "away").rename(hsm.tokens)
        assert signing.end(job)["status"] == "Succeeded"


def test_workers_end_with_a_server_that_is_killed(tmp_path, identities, hsm):
    with Server(tmp_path / "data", "--set", hsm.setting, environment=hsm.environment) as server:
        attach(server.folder, identities["p256"])
        pids = workers(server)
        assert pids
        server.kill()
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), "the workers are gone")


@pytest.mark.parametrize("setting, why", [
    ("pkcs11.tokens=hsm", "write NAME=URI"),
    ("pkcs11.tokens=[\"hsm=pkcs11:token=a?module-path=/m.so\"]", "write NAME=URI"),
    ("pkcs11.tokens=pkcs11:token=a?module-path=/m.so&pin-value=1234", "write NAME=URI"),
    ("pkcs11.tokens=hsm=pkcs11:token=a?module-path=/m.so&pin-value=1234", "a PIN does not belong"),
    ("pkcs11.tokens=a=pkcs11:token=a?module-path=/m.so,a=pkcs11:token=b?module-path=/m.so", "two tokens are called a"),
])
def test_a_configuration_that_does_not_fit_stops_the_start(tmp_path, setting, why):
    answer = subprocess.run([str(BINARY), "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--set",
                             setting], check=False, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 1 and why in answer.stderr
    assert "1234" not in answer.stderr
