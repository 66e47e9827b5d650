# SPDX-License-Identifier: Apache-2.0
"""The master key: changed while servers serve, at every moment of a crash, and missed by a backup without it."""

import itertools
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

import pytest
from conftest import Clients, Signing
from harness import BINARY, CRASH_SHIM, IOT, ROOT, Server, crash_at
from test_tokens import MODULE, PIN, SoftHsm

sys.path.insert(0, str(ROOT / "tools/testing"))

from postgres import PrivateCluster  # noqa: E402

BUCKET = "firmware"


def firmsign(*words, check=True, environment=None):
    answer = subprocess.run([str(BINARY), *map(str, words)], check=False, capture_output=True, text=True, timeout=120,
                            stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    if check:
        assert answer.returncode == 0, answer.stderr
    return answer


def rotate(folder, *words, **more):
    return firmsign("keys", "rotate-master", "--data", folder, *words, **more)


def previous_in(text):
    return re.search(r"The key before is in (\S+)\.\n", text).group(1)


def prepare(server, identities):
    clients = Clients(server)
    clients.s3.create_bucket(Bucket=BUCKET)
    clients.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    signing = Signing(clients, identities)
    return signing, signing.profile(IOT, "p256"), signing.put(BUCKET, b"image")


def signs(server, identities, profile, version):
    signing = Signing(Clients(server), identities)
    return signing.end(signing.start(profile, BUCKET, version))["status"] == "Succeeded"


def test_a_new_key_while_a_server_serves(tmp_path, identities):
    folder = tmp_path / "data"
    with Server(folder) as server:
        signing, profile, version = prepare(server, identities)
        firmsign("backup", "--from", folder, "--to", tmp_path / "before")
        old = (folder / "master.key").read_bytes()
        previous = previous_in(rotate(folder).stdout)
        assert (folder / "master.key").read_bytes() != old
        with open(previous, "rb") as file:
            assert file.read() == old
        assert os.stat(previous).st_mode & 0o777 == 0o600
        assert signing.end(signing.start(profile, BUCKET, version))["status"] == "Succeeded", "without a new start"
        firmsign("backup", "--from", folder, "--to", tmp_path / "after")
        assert server.stop() == 0
    with Server(folder) as server:
        assert signs(server, identities, profile, version)
        assert server.stop() == 0
    rotate(folder)  # without a server
    with Server(folder) as server:
        assert signs(server, identities, profile, version)
        assert server.stop() == 0
    with sqlite3.connect(f"file:{folder}/firmsign.db?mode=ro", uri=True) as database:
        records = [record for (record,) in database.execute(
            "SELECT record FROM cloudtrail_records WHERE event_source = 'firmsign'")]
    database.close()
    assert len([record for record in records if json.loads(record)["eventName"] == "RotateMasterKey"]) == 2
    assert not [record for record in records if old.decode().strip() in record], "no key in the audit"

    # Each backup needs the key of its time.
    for name, good, bad in (("before", previous, folder / "master.key"), ("after", None, previous)):
        restored = tmp_path / name[0]  # short: the path of a socket has 107 bytes at most
        firmsign("restore", "--from", tmp_path / name, "--to", restored)
        none = firmsign("account", "list", "--data", restored, check=False)
        assert none.returncode == 1 and "without it no stored key can be opened" in none.stderr
        assert not (restored / "master.key").exists()
        shutil.copy(bad, restored / "master.key")
        wrong = firmsign("account", "list", "--data", restored, check=False)
        assert wrong.returncode == 1 and "is not the master key" in wrong.stderr
        if good is not None:
            shutil.copy(good, restored / "master.key")
            shutil.copy(folder / "credentials", restored / "credentials")
            with Server(restored) as server:
                assert signs(server, identities, profile, version)


def test_a_key_that_is_a_credential_goes_to_a_new_file(tmp_path, identities):
    folder = tmp_path / "data"
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
    with Server(folder) as server:
        _, profile, version = prepare(server, identities)
        assert server.stop() == 0
    (folder / "master.key").rename(credentials / "firmsign-master-key")
    with Server(folder, environment=environment) as server:
        refused = rotate(folder, check=False)
        assert refused.returncode == 1 and "credential of systemd" in refused.stderr and "--to FILE" in refused.stderr
        made = rotate(folder, "--to", tmp_path / "new.key")
        assert str(tmp_path / "new.key") in made.stdout and "before it starts again" in made.stdout
        again = rotate(folder, "--to", tmp_path / "new.key", check=False)
        assert again.returncode == 1 and "is there already" in again.stderr
        assert signs(server, identities, profile, version)
        assert server.stop() == 0
    old = firmsign("account", "list", "--data", folder, check=False, environment=environment)
    assert old.returncode == 1 and re.search("its master key is [0-9a-f]{16} since 20", old.stderr)
    (tmp_path / "new.key").replace(credentials / "firmsign-master-key")
    with Server(folder, environment=environment) as server:
        assert signs(server, identities, profile, version)


@pytest.mark.skipif(not CRASH_SHIM.exists(), reason=f"{CRASH_SHIM.name} is not built: sanitizers do not bear it")
@pytest.mark.parametrize("mode", ["kill", "torn", "power"])
def test_the_deployment_opens_at_whichever_write_the_command_ends(tmp_path, mode):
    empty = tmp_path / "empty"
    with Server(empty) as server:
        server.stop()
    first = (empty / "master.key").read_bytes()
    ended = 0
    for number in itertools.count(1):
        folder = tmp_path / f"data-{number}"
        shutil.copytree(empty, folder)
        (tmp_path / "undo").mkdir(exist_ok=True)
        answer = rotate(folder, check=False, environment=crash_at(folder, number, mode, tmp_path / "undo"))
        # Opens the keys: a list would do, but this writes, too.
        firmsign("account", "create", "--data", folder, "later")
        kept = [path.read_bytes() for path in folder.iterdir() if re.fullmatch(r"master\.key(\.[0-9a-f]{16})?", path.name)]
        assert first in kept, "no key is lost that a backup needs"
        shutil.rmtree(tmp_path / "undo")
        if answer.returncode == 0:
            break
        assert answer.returncode == -9, answer.stderr
        rotate(folder)
        firmsign("account", "list", "--data", folder)
        ended += 1
        shutil.rmtree(folder)
    assert ended > 5


@pytest.mark.skipif(not PrivateCluster.is_installed(), reason="PostgreSQL 15 is not installed")
def test_nodes_go_on_and_need_the_new_key_at_their_next_start(tmp_path, identities):
    with PrivateCluster() as cluster:
        cluster.rows("CREATE DATABASE keys")
        database = ["--database", cluster.url_of("keys")]
        with Server(tmp_path / "one", *database) as one:
            _, profile, version = prepare(one, identities)
            (tmp_path / "two").mkdir()
            shutil.copy(tmp_path / "one/master.key", tmp_path / "two/master.key")
            (tmp_path / "two/master.key").chmod(0o600)
            with Server(tmp_path / "two", *database) as two:
                (tmp_path / "two/credentials").write_bytes((tmp_path / "one/credentials").read_bytes())
                made = rotate(one.folder).stdout
                elsewhere = rotate(two.folder, check=False)
                assert elsewhere.returncode == 1 and "Rotate where the present key is kept" in elsewhere.stderr
                assert re.search("The new master key [0-9a-f]{16} is in", made)
                assert Clients(two).sts.get_caller_identity()
                assert signs(one, identities, profile, version)
                assert two.stop() == 0
            refused = firmsign("account", "list", "--data", tmp_path / "two", *database, check=False)
            assert refused.returncode == 1 and re.search("its master key is [0-9a-f]{16} since 20", refused.stderr)
            shutil.copy(tmp_path / "one/master.key", tmp_path / "two/master.key")
            with Server(tmp_path / "two", *database):
                pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to other users")
def test_root_leaves_the_key_to_the_user_of_the_service(tmp_path):
    folder = tmp_path / "data"
    with Server(folder) as server:
        server.stop()
    os.chown(folder / "master.key", 65534, 65534)
    previous = previous_in(rotate(folder).stdout)
    for path in (folder / "master.key", previous):
        assert (os.stat(path).st_uid, os.stat(path).st_mode & 0o777) == (65534, 0o600)


@pytest.mark.skipif(not MODULE.exists() or shutil.which("pkcs11-tool") is None, reason="softhsm2 or opensc is missing")
def test_a_key_that_wants_a_token(tmp_path, identities):
    hsm = SoftHsm(tmp_path / "hsm")
    made = subprocess.run(["pkcs11-tool", "--module", str(MODULE), "--token-label", "firmware", "--login", "--pin", PIN,
                           "--keygen", "--key-type", "GENERIC:32", "--label", "firmsign-master", "--usage-sign",
                           "--sensitive"], env={**os.environ, **hsm.environment}, check=False, capture_output=True,
                          text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "data"
    more = ["--set", hsm.setting]
    with Server(folder, *more, environment=hsm.environment) as server:
        _, profile, version = prepare(server, identities)
        none = rotate(folder, "--token", "hsm", "--key-label", "other", check=False)
        assert none.returncode == 1 and "the token has no such key" in none.stderr
        away = rotate(folder, "--token", "other", "--key-label", "firmsign-master", check=False)
        assert away.returncode == 1 and "no token called other is configured here" in away.stderr
        firmsign("backup", "--from", folder, "--to", tmp_path / "before")
        rotate(folder, "--token", "hsm", "--key-label", "firmsign-master")
        assert (folder / "master.key").read_text().startswith("token:hsm:firmsign-master:")
        assert signs(server, identities, profile, version)
        assert server.stop() == 0
    with Server(folder, *more, environment=hsm.environment) as server:
        assert signs(server, identities, profile, version)
        assert server.stop() == 0
    # The file without the token opens nothing, and what lies in the file is not the key.
    (tmp_path / "hsm/tokens").rename(tmp_path / "hsm/away")
    (tmp_path / "hsm/tokens").mkdir()
    gone = firmsign("account", "list", "--data", folder, *more, check=False, environment=hsm.environment)
    assert gone.returncode == 1 and "the master key wants the token hsm" in gone.stderr
    share = (folder / "master.key").read_text().rsplit(":", 1)[1]
    kept = (folder / "master.key").read_bytes()
    (folder / "master.key").write_text(share)
    wrong = firmsign("account", "list", "--data", folder, check=False)
    assert wrong.returncode == 1, "neither from the share alone"
    (folder / "master.key").write_bytes(kept)
    (tmp_path / "hsm/tokens").rmdir()
    (tmp_path / "hsm/away").rename(tmp_path / "hsm/tokens")
    # A command tries a PIN once, since tokens lock themselves.
    hsm.pin_file.write_text("wrong\n")
    locked = firmsign("account", "list", "--data", folder, *more, check=False, environment=hsm.environment)
    assert locked.returncode == 1 and locked.stderr.count("token_away") == 1, locked.stderr
    hsm.pin_file.write_text(PIN + "\n")
    # And back to a file.
    firmsign("keys", "rotate-master", "--data", folder, *more, environment=hsm.environment)
    with Server(folder) as server:
        assert signs(server, identities, profile, version)
