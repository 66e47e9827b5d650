# SPDX-License-Identifier: Apache-2.0
"""Accounts that the operator makes, with a server and without one, and that each sees only what is its own."""

import configparser
import itertools
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import time

import pytest
import raw
from botocore.exceptions import ClientError
from conftest import Clients, Signing
from harness import BINARY, CRASH_SHIM, IOT, ROOT, Aws, Server, crash_at

sys.path.insert(0, str(ROOT / "tools/testing"))

from postgres import PrivateCluster  # noqa: E402

OTHER = "444455556666"


def account(command, folder, *words, check=True):
    answer = subprocess.run([str(BINARY), "account", command, "--data", str(folder), *map(str, words)], check=False,
                            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    if check:
        assert answer.returncode == 0, answer.stderr
    return answer


def profile_in(text, name):
    """Access key id and secret of a profile in the text of a credentials file."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser[name]["aws_access_key_id"], parser[name]["aws_secret_access_key"]


def listed(folder, *words):
    """The accounts that `account list` shows: (id, name) in their order."""
    lines = account("list", folder, *words).stdout.splitlines()
    return [tuple(re.fullmatch(r"(\d{12})  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  (.+)", line).groups()) for line in lines]


def stored(folder):
    """Accounts, keys and records of their making in the database of a server that does not run."""
    with sqlite3.connect(f"file:{folder}/firmsign.db?mode=ro", uri=True) as database:
        accounts = database.execute("SELECT a.account_id, name, COUNT(access_key_id) FROM iam_accounts a LEFT JOIN"
                                    " iam_access_keys k ON k.account_id = a.account_id GROUP BY a.account_id, name"
                                    " ORDER BY a.created_at").fetchall()
        keys = database.execute("SELECT account_id, access_key_id FROM iam_access_keys").fetchall()
        records = database.execute("SELECT record FROM cloudtrail_records WHERE event_source = 'firmsign'").fetchall()
    database.close()
    return accounts, keys, [json.loads(record) for (record,) in records]


@pytest.fixture(scope="module")
def two(server, identities):
    """The first account, which has signed something, and another."""
    made = account("create", server.folder, "--account-id", OTHER, "other").stdout
    first, other = Clients(server), Clients(server, key=profile_in(made, "other"))
    signing = Signing(first, identities)
    first.s3.create_bucket(Bucket="first-firmware")
    first.s3.put_bucket_versioning(Bucket="first-firmware", VersioningConfiguration={"Status": "Enabled"})
    profile = signing.profile(IOT, "p256")
    _, job = signing.sign(profile, "first-firmware", b"an image")
    return {"first": first, "other": other, "profile": profile, "job": job, "signing": signing,
            "owner": first.sts.get_caller_identity()["Account"]}


def refused(call, **arguments):
    """Status and code of a call that has to fail."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"], error.value.response["Error"]["Code"]


def test_the_stock_command_works_with_the_printed_credentials(server, tmp_path):
    printed = account("create", server.folder, "release-team").stdout
    file = tmp_path / "credentials"
    file.write_text(printed)
    aws = Aws(server)
    aws.environment |= {"AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_PROFILE": "release-team"}
    del aws.environment["AWS_DEFAULT_REGION"]  # the profile names one
    identity = aws("sts", "get-caller-identity")
    assert (identity["Account"], "release-team") in listed(server.folder)
    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:root"
    aws.run("s3", "mb", "s3://release-team-bucket")
    assert profile_in(printed, "release-team")[1] not in server.output


def test_each_account_sees_only_what_is_its_own(two):
    other = two["other"]
    assert other.sts.get_caller_identity()["Account"] == OTHER
    assert other.signer.list_signing_profiles()["profiles"] == []
    assert other.signer.list_signing_jobs()["jobs"] == []
    assert other.s3.list_buckets()["Buckets"] == []
    assert other.acm.list_certificates()["CertificateSummaryList"] == []
    other.s3.create_bucket(Bucket="other-firmware")
    assert [bucket["Name"] for bucket in other.s3.list_buckets()["Buckets"]] == ["other-firmware"]
    assert "other-firmware" not in [bucket["Name"] for bucket in two["first"].s3.list_buckets()["Buckets"]]


def test_jobs_profiles_and_objects_of_another_account_are_out_of_reach(two):
    other, profile, owner = two["other"], two["profile"], two["owner"]
    assert refused(other.signer.describe_signing_job, jobId=two["job"]["jobId"])[0] == 404
    assert refused(other.signer.get_signing_profile, profileName=profile)[0] == 404, "its own of that name"
    assert refused(other.signer.get_signing_profile, profileName=profile, profileOwner=owner) == (
        403, "AccessDeniedException")
    assert refused(other.signer.get_signing_profile, profileName="no_such", profileOwner=owner) == (
        403, "AccessDeniedException"), "names cannot be probed"
    assert refused(other.s3.get_object, Bucket="first-firmware", Key="firmware.bin")[0] == 403
    assert refused(other.s3.put_object, Bucket="first-firmware", Key="firmware.bin", Body=b"mine")[0] == 403
    version = two["signing"].put("first-firmware", b"another image")
    job = {"source": {"s3": {"bucketName": "first-firmware", "key": "firmware.bin", "version": version}},
           "destination": {"s3": {"bucketName": "first-firmware", "prefix": "signed/"}}}
    assert refused(other.signer.start_signing_job, profileName=profile, profileOwner=owner, **job) == (
        403, "AccessDeniedException")
    assert refused(other.signer.start_signing_job, profileName="no_such", profileOwner=owner, **job) == (
        403, "AccessDeniedException")
    assert refused(two["first"].signer.get_signing_profile, profileName=profile, profileOwner=OTHER) == (
        403, "AccessDeniedException")


def test_both_accounts_may_have_a_profile_of_one_name(two, identities):
    signing = Signing(two["other"], identities)
    arn = signing.certificate("p256")
    two["other"].signer.put_signing_profile(profileName=two["profile"], platformId=IOT,
                                            signingMaterial={"certificateArn": arn})
    mine = two["other"].signer.get_signing_profile(profileName=two["profile"])
    assert OTHER in mine["arn"]
    assert two["owner"] in two["first"].signer.get_signing_profile(profileName=two["profile"])["arn"]


def test_nobody_but_the_operator_makes_accounts(server, two):
    before = listed(server.folder)
    for method, body in (("POST", b'{"name":"mine"}'), ("GET", b"")):
        answer = raw.call(server, "firmsign", method, "/accounts", body)
        assert answer.status == 403
        assert answer.headers["x-amzn-errortype"] == "AccessDeniedException"
        assert "operator" in json.loads(answer.body)["message"]
        unsigned = {"Host": "firmsign", "Content-Length": str(len(body))}
        assert raw.send(server, method, "/accounts", unsigned, body).status == 403
    assert listed(server.folder) == before


def test_an_account_is_made_without_a_server_too(tmp_path):
    folder = tmp_path / "data"
    with Server(folder) as server:
        server.stop()
    printed = account("create", folder, "quiet", "--account-id", OTHER)
    assert printed.stderr == ""
    key = profile_in(printed.stdout, "quiet")
    assert listed(folder)[1:] == [(OTHER, "quiet")]
    accounts, keys, records = stored(folder)
    assert (OTHER, "quiet", 1) in accounts and (OTHER, key[0]) in keys
    made = [record for record in records if record["eventName"] == "CreateAccount"]
    assert len(made) == 1 and made[0]["userIdentity"]["type"] == "operator"
    assert made[0]["requestParameters"] == {"name": "quiet", "accountId": OTHER}
    assert key[1] not in json.dumps(records)
    assert [record["eventName"] for record in records].count("ListAccounts") == 1
    for file in folder.rglob("*"):
        assert file.is_dir() or key[1].encode() not in file.read_bytes(), f"the secret is in {file}"
    with Server(folder) as server:
        assert Clients(server, key=key).sts.get_caller_identity()["Account"] == OTHER


def test_bad_input_is_refused_and_nothing_stored(tmp_path):
    folder = tmp_path / "data"
    with Server(folder) as server:
        (first, _), = listed(folder)
        cases = [(["a\nb"], "1 to 50 characters"), (["\x1b[2J"], "1 to 50 characters"), (["x" * 255], "1 to 50"),
                 ([""], "1 to 50"), (["Zürich"], "ASCII"), ([" a"], "blank"), (["a", "--account-id", "12"], "12 digits"),
                 (["a", "--account-id", "12345678901x"], "12 digits"), (["a", "--account-id", first], f"{first} already"),
                 (["a", "--output", tmp_path], "is not a file"), (["a", "--output", tmp_path / "no/file"], "cannot open")]
        for server_runs in (True, False):
            if not server_runs:
                server.stop()
            for words, message in cases:
                answer = account("create", folder, *words, check=False)
                assert answer.returncode == 1 and answer.stdout == "", words
                assert message in answer.stderr and "firmsign: " in answer.stderr, answer.stderr
            assert [name for _, name in listed(folder)] == ["first"]
    assert len(stored(folder)[1]) == 1


def test_a_folder_without_a_deployment_stays_as_it_is(tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "absent"):
        for words in (["create", tmp_path / folder, "a"], ["list", tmp_path / folder]):
            answer = account(*words, check=False)
            assert answer.returncode == 1 and "there is no deployment in" in answer.stderr
    assert not (tmp_path / "absent").exists() and list((tmp_path / "empty").iterdir()) == []
    answer = subprocess.run([BINARY, "account", "list"], capture_output=True, text=True, check=False)
    assert answer.returncode == 1 and "--data" in answer.stderr


def test_a_credentials_file_gets_the_profile_and_nobody_else_reads_it(server, tmp_path):
    file = tmp_path / "credentials"
    printed = account("create", server.folder, "Team one", "--output", file)
    assert "[Team-one]" in printed.stdout, "blanks are not for every tool"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    one = profile_in(file.read_text(), "Team-one")
    assert one[1] not in printed.stdout + printed.stderr
    account("create", server.folder, "two", "--output", file)
    assert profile_in(file.read_text(), "Team-one") == one
    assert Clients(server, key=profile_in(file.read_text(), "two")).sts.get_caller_identity()
    before, accounts = file.read_bytes(), listed(server.folder)
    assert "has a profile [two]" in account("create", server.folder, "two", "--output", file, check=False).stderr
    file.chmod(0o640)
    assert "chmod 600" in account("create", server.folder, "three", "--output", file, check=False).stderr
    refused_new = account("create", server.folder, "--account-id", accounts[0][0], "x", "--output", tmp_path / "new",
                          check=False)
    assert refused_new.returncode == 1 and not (tmp_path / "new").exists()
    assert file.read_bytes() == before and listed(server.folder) == accounts


def test_a_new_account_is_whole_or_absent_when_the_server_is_killed_under_the_command(tmp_path):
    folder = tmp_path / "data"
    printed = {}
    for delay in [0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2]:
        with Server(folder) as server:
            command = subprocess.Popen([str(BINARY), "account", "create", "--data", str(folder), "a"], text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            server.kill()
            # It may come too late for the server, and then opens the folder itself.
            text = command.communicate(timeout=60)[0]
        if command.returncode == 0:
            printed[re.search(r"of account (\d{12})", text)[1]] = profile_in(text, "a")
        assert whole(folder) > len(printed)
    with Server(folder) as server:
        assert printed, "no round was long enough"
        for owner, key in printed.items():
            assert Clients(server, key=key).sts.get_caller_identity()["Account"] == owner


def test_commands_wait_for_each_other(tmp_path):
    folder = tmp_path / "data"
    with Server(folder) as server:
        server.stop()
    commands = [subprocess.Popen([str(BINARY), "account", "create", "--data", str(folder), f"n{number}"], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE) for number in range(4)]
    for command in commands:
        _, errors = command.communicate(timeout=60)
        assert command.returncode == 0 and errors == ""
    assert {name for _, name in listed(folder)} == {"first", "n0", "n1", "n2", "n3"}


def whole(folder):
    """The number of accounts, of which each has its key and, but for the first, its record."""
    accounts, keys, records = stored(folder)
    assert all(count == 1 for _, _, count in accounts), accounts
    assert sorted(owner for owner, _ in keys) == sorted(owner for owner, _, _ in accounts)
    made = [record for record in records if record["eventName"] == "CreateAccount"]
    assert len(made) == len(accounts) - 1, "a record for each account, and no other"
    return len(accounts)


@pytest.mark.skipif(not CRASH_SHIM.exists(), reason=f"{CRASH_SHIM.name} is not built: sanitizers do not bear it")
@pytest.mark.parametrize("mode", ["kill", "torn", "power"])
def test_a_new_account_is_whole_or_absent_at_whichever_write_the_command_ends(tmp_path, mode):
    empty = tmp_path / "empty"
    with Server(empty) as server:
        server.stop()
    ended, made = 0, 0
    for number in itertools.count(1):
        folder = tmp_path / f"data-{number}"
        shutil.copytree(empty, folder)
        (tmp_path / "undo").mkdir(exist_ok=True)
        answer = subprocess.run(
            [str(BINARY), "account", "create", "--data", str(folder), "a"], capture_output=True, text=True, check=False,
            env=os.environ | crash_at(folder, number, mode, tmp_path / "undo"))
        shown = [name for _, name in listed(folder)]
        assert shown in (["first"], ["first", "a"]) and whole(folder) == len(shown)
        shutil.rmtree(tmp_path / "undo")
        if answer.returncode == 0:
            break
        assert answer.returncode == -9, answer.stderr
        assert "aws_secret_access_key" not in answer.stdout or len(shown) == 2, "what was printed is there"
        ended, made = ended + 1, made + len(shown) - 1
        shutil.rmtree(folder)
    assert shown == ["first", "a"] and ended > 5 and made < ended


@pytest.mark.skipif(not PrivateCluster.is_installed(), reason="PostgreSQL 15 is not installed")
def test_every_node_knows_a_new_account_at_once(tmp_path):
    with PrivateCluster() as cluster:
        cluster.rows("CREATE DATABASE accounts")
        database = ["--database", cluster.url_of("accounts")]
        with Server(tmp_path / "one", *database) as one:
            for name in ("two", "three"):
                (tmp_path / name).mkdir()
                (tmp_path / name / "master.key").write_bytes((tmp_path / "one/master.key").read_bytes())
            with Server(tmp_path / "two", *database) as two:
                by_socket = account("create", one.folder, "by-socket").stdout
                assert Clients(two, key=profile_in(by_socket, "by-socket")).sts.get_caller_identity()
                # A folder that no server holds, beside nodes that run.
                alone = account("create", tmp_path / "three", *database, "--account-id", OTHER, "alone").stdout
                for node in (one, two):
                    identity = Clients(node, key=profile_in(alone, "alone")).sts.get_caller_identity()
                    assert identity["Account"] == OTHER
                assert [name for _, name in listed(tmp_path / "three", *database)] == ["first", "by-socket", "alone"]
                taken = account("create", one.folder, "--account-id", OTHER, "again", check=False)
                assert taken.returncode == 1 and f"{OTHER} already" in taken.stderr
