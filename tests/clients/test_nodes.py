# SPDX-License-Identifier: Apache-2.0
"""Several nodes over one PostgreSQL: what one does the others know, and what does not fit is refused."""

import base64
import datetime
import os
import shutil
import subprocess
import sys
import threading
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from harness import BINARY, IOT, ROOT, Aws, Identity, Server, eventually, free_port, openssl, signature_of, verifies

sys.path.insert(0, str(ROOT / "tools/testing"))

from postgres import PrivateCluster  # noqa: E402

pytestmark = pytest.mark.skipif(not PrivateCluster.is_installed(), reason="PostgreSQL 15 is not installed")


@pytest.fixture(scope="module")
def cluster():
    with PrivateCluster() as one:
        yield one


@pytest.fixture
def url(cluster, request):
    """A database of its own for each test."""
    name = request.node.name.lower()
    cluster.rows(f'CREATE DATABASE "{name}"')
    yield cluster.url_of(name)
    cluster.rows(f'DROP DATABASE "{name}" WITH (FORCE)')


def node(folder, url, first=None, *arguments, **more):
    """A node that joins the deployment of `first`, or makes one."""
    if first is not None:
        folder.mkdir()
        shutil.copy2(first.folder / "master.key", folder / "master.key")
    return Server(folder, "--database", url, *arguments, **more)


class Elsewhere(Aws):
    """The stock command with the root key of the node that made the deployment, pointed at another."""

    def __init__(self, first, server):
        super().__init__(first)
        self.server = server


def start_and_end(folder, *arguments, environment=None):
    """What a server that does not start says, and its exit code."""
    command = [str(BINARY), "serve", "--data", str(folder), "--listen", "127.0.0.1:0", *map(str, arguments)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                            env={**os.environ, **(environment or {})})
    return answer.returncode, answer.stdout + answer.stderr


def test_what_one_node_does_the_others_know(tmp_path, url):
    identity = Identity(tmp_path, "p256")
    image = tmp_path / "image.bin"
    image.write_bytes(os.urandom(200_000))
    with node(tmp_path / "one", url) as one, node(tmp_path / "two", url, one) as two:
        first, second = Aws(one), Elsewhere(one, two)
        assert not (two.folder / "credentials").exists()
        arn = first("acm", "import-certificate", "--certificate", f"fileb://{identity.certificate}", "--private-key",
                    f"fileb://{identity.key}")["CertificateArn"]
        second.run("s3", "mb", "s3://firmware")
        first.run("s3api", "put-bucket-versioning", "--bucket", "firmware", "--versioning-configuration",
                  "Status=Enabled")
        version = second("s3api", "put-object", "--bucket", "firmware", "--key", "image", "--body", image)["VersionId"]
        first("signer", "put-signing-profile", "--profile-name", "release", "--platform-id", IOT, "--signing-material",
              f"certificateArn={arn}")
        source = f"s3={{bucketName=firmware,key=image,version={version}}}"
        start = ["signer", "start-signing-job", "--profile-name", "release", "--source", source, "--destination",
                 "s3={bucketName=firmware,prefix=signed/}", "--client-request-token", "once"]
        job = second(*start)["jobId"]
        assert first(*start)["jobId"] == job
        eventually(lambda: first("signer", "describe-signing-job", "--job-id", job)["status"] == "Succeeded", "it ends")
        signed = tmp_path / "signed"
        first("s3api", "get-object", "--bucket", "firmware", "--key", f"signed/{job}", signed)
        assert verifies(identity.public, "sha256", signature_of(signed.read_bytes()), image.read_bytes(), tmp_path)

        # A renewed certificate counts from its answer on, also on the node that had the old key in memory.
        renewed = tmp_path / "renewed"
        renewed.mkdir()
        again = Identity(renewed, "p256")
        first("acm", "import-certificate", "--certificate-arn", arn, "--certificate", f"fileb://{again.certificate}",
              "--private-key", f"fileb://{again.key}")
        next_job = second(*start[:-1], "twice")["jobId"]
        eventually(lambda: second("signer", "describe-signing-job", "--job-id", next_job)["status"] == "Succeeded",
                   "it ends")
        second("s3api", "get-object", "--bucket", "firmware", "--key", f"signed/{next_job}", signed)
        assert verifies(again.public, "sha256", signature_of(signed.read_bytes()), image.read_bytes(), tmp_path)

        # A canceled profile signs nowhere.
        first("signer", "cancel-signing-profile", "--profile-name", "release")
        assert "Only Active profiles can sign" in second.refused(*start[:-1], "thrice")


def test_large_objects_without_a_folder_are_refused_with_what_to_do(tmp_path, url):
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(3 << 20))
    with node(tmp_path / "one", url, None, "--set", "s3.database_bytes_max=2097152") as one:
        aws = Aws(one)
        aws.run("s3", "mb", "s3://firmware")
        answer = aws.refused("s3api", "put-object", "--bucket", "firmware", "--key", "large", "--body", large)
        assert "EntityTooLarge" in answer and "s3.objects_folder" in answer
        (tmp_path / "small.bin").write_bytes(bytes(2 << 20))
        aws("s3api", "put-object", "--bucket", "firmware", "--key", "small", "--body", tmp_path / "small.bin")
        aws("s3api", "get-object", "--bucket", "firmware", "--key", "small", tmp_path / "back.bin")
        assert (tmp_path / "back.bin").read_bytes() == bytes(2 << 20)


def test_rate_limits_hold_across_nodes(tmp_path, url):
    rate = 25
    with node(tmp_path / "one", url, limits=True) as one, node(tmp_path / "two", url, one, limits=True) as two:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import ClientError

        key, secret = one.credentials()
        # Made here: boto3's default session is for one thread.
        clients = [(server, boto3.client("signer", endpoint_url=server.endpoint, region_name="us-east-1",
                                         aws_access_key_id=key, aws_secret_access_key=secret,
                                         config=Config(retries={"max_attempts": 1, "mode": "standard"})))
                   for server in (one, two) for _ in range(2)]
        granted, begin, seconds = [], time.monotonic(), 5

        def hammer(server, client):
            while time.monotonic() - begin < seconds:
                try:
                    client.list_signing_profiles()
                    granted.append(server)
                except ClientError as error:
                    assert error.response["Error"]["Code"] == "TooManyRequestsException"

        threads = [threading.Thread(target=hammer, args=pair) for pair in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.monotonic() - begin
        # A bucket that holds one second's worth, and what flows in; a busy machine may ask for less.
        assert len(granted) <= 1.2 * rate * elapsed + rate
        assert {one, two} == set(granted)


def test_a_node_that_does_not_fit_does_not_start(tmp_path, url, cluster):
    with node(tmp_path / "one", url):
        code, said = start_and_end(tmp_path / "keyless", "--database", url)
        assert code == 1 and "copy it from another node" in said
        (tmp_path / "stranger").mkdir()
        (tmp_path / "stranger/master.key").write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
        code, said = start_and_end(tmp_path / "stranger", "--database", url)
        assert code == 1 and "not the master key of the deployment" in said
    for folder in ("keyless", "stranger"):
        assert not (tmp_path / folder / "credentials").exists()
        assert not (tmp_path / folder / "firmsign.db").exists()


def test_a_database_that_does_not_fit_is_named_and_its_password_is_not(tmp_path, cluster):
    cases = {
        "postgresql://firmsign:hunter2@127.0.0.1:1/x": "could not connect|Connection refused",
        "postgresql://firmsign:hunter2%zz@127.0.0.1/x": "postgres://",
        cluster.url_of("nothing_here") + "&password=hunter2": "nothing_here",
        cluster.url_of("postgres").replace("user=postgres", "user=nobody_here") + "&password=hunter2": "nobody_here",
    }
    for number, (wrong, expected) in enumerate(cases.items()):
        code, said = start_and_end(tmp_path / str(number), "--database", wrong)
        assert code == 1
        assert "--database" in said and any(part in said for part in expected.split("|")), said
        assert "hunter2" not in said
        assert not (tmp_path / str(number) / "master.key").exists(), "it did not start half-way"


def test_a_read_only_replica_is_refused(tmp_path, cluster):
    with cluster.replica() as replica:
        code, said = start_and_end(tmp_path / "data", "--database", replica)
        assert code == 1
        assert "read-only replica; name the primary server" in said
        assert not (tmp_path / "data/master.key").exists()


def test_tls_to_the_server_and_a_password_from_a_file(tmp_path):
    port = free_port()
    with PrivateCluster(password="correct horse", tls_port=port) as cluster:
        passwords = tmp_path / "passwords"
        passwords.write_text(f"127.0.0.1:{port}:*:postgres:correct horse\n")
        passwords.chmod(0o600)
        right = {"PGPASSFILE": str(passwords)}
        trusting = f"postgres://postgres@127.0.0.1:{port}/postgres?sslmode=verify-full&sslrootcert="
        url = trusting + str(cluster.folder / "server.crt")
        with Server(tmp_path / "data", "--database", url, environment=right) as server:
            Aws(server)("sts", "get-caller-identity")
        code, said = start_and_end(tmp_path / "second", "--database", url, environment={"PGPASSFILE": os.devnull})
        assert code == 1 and "password" in said
        stranger = tmp_path / "stranger.crt"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                "-keyout", os.devnull, "-out", stranger)
        code, said = start_and_end(tmp_path / "third", "--database", trusting + str(stranger), environment=right)
        assert code == 1 and "certificate verify failed" in said
        for folder in ("second", "third"):
            assert not (tmp_path / folder / "master.key").exists()


def test_a_database_in_use_is_not_moved(tmp_path, url):
    def migrate():
        command = [str(BINARY), "migrate", "--from", url, "--to", str(tmp_path / "copy")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    with node(tmp_path / "one", url) as one:
        refused = migrate()
        assert refused.returncode == 1 and "1 nodes use the database" in refused.stderr
        assert not (tmp_path / "copy/firmsign.db").exists()
        assert one.stop() == 0
    moved = migrate()
    assert moved.returncode == 0, moved.stderr
    assert (tmp_path / "copy/firmsign.db").exists()


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_node_with_a_wrong_clock_does_its_work(tmp_path, url, seconds):
    """Leases, times and the age of signatures go by the database's clock."""
    shim = {"LD_PRELOAD": str(BINARY.parent / "clock_shim.so"), "FIRMSIGN_CLOCK_SECONDS": str(seconds)}
    identity = Identity(tmp_path, "p256")
    with node(tmp_path / "one", url) as one, node(tmp_path / "two", url, one, environment=shim) as two:
        wrong = Elsewhere(one, two)
        wrong("sts", "get-caller-identity")  # an hour's difference would be refused
        line = next(line for line in two.output.splitlines() if "GetCallerIdentity" in line)
        logged = datetime.datetime.fromisoformat(line.split()[0].replace("Z", "+00:00")).timestamp()
        assert abs(logged - time.time() - seconds) < 600, "its own clock, which the log shows, is wrong"
        arn = wrong("acm", "import-certificate", "--certificate", f"fileb://{identity.certificate}", "--private-key",
                    f"fileb://{identity.key}")["CertificateArn"]
        wrong.run("s3", "mb", "s3://firmware")
        wrong.run("s3api", "put-bucket-versioning", "--bucket", "firmware", "--versioning-configuration",
                  "Status=Enabled")
        version = wrong("s3api", "put-object", "--bucket", "firmware", "--key", "image", "--body", identity.key)
        wrong("signer", "put-signing-profile", "--profile-name", "release", "--platform-id", IOT, "--signing-material",
              f"certificateArn={arn}")
        job = wrong("signer", "start-signing-job", "--profile-name", "release", "--source",
                    f"s3={{bucketName=firmware,key=image,version={version['VersionId']}}}", "--destination",
                    "s3={bucketName=firmware,prefix=signed/}", "--client-request-token", "once")["jobId"]
        described = eventually(lambda: (answer := Aws(one)("signer", "describe-signing-job", "--job-id", job))["status"]
                               == "Succeeded" and answer, "it ends")
        for name in ("createdAt", "completedAt"):
            told = datetime.datetime.fromisoformat(described[name]).timestamp()
            assert abs(told - time.time()) < 600, name


def test_a_changed_policy_counts_on_every_node_at_once(tmp_path, url):
    policy = ('{"Version":"2012-10-17","Statement":{"Effect":"%s","Action":"signer:ListSigningPlatforms",'
              '"Resource":"*"}}')
    with node(tmp_path / "one", url) as one, node(tmp_path / "two", url, one) as two:
        first = Aws(one)
        first("iam", "create-user", "--user-name", "sam")
        key = first("iam", "create-access-key", "--user-name", "sam")["AccessKey"]
        session = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
        config = Config(retries={"max_attempts": 0}, proxies={})
        root = boto3.session.Session(*one.credentials(), region_name="us-east-1").client(
            "iam", endpoint_url=one.endpoint, config=config)
        signers = [session.client("signer", endpoint_url=server.endpoint, config=config) for server in (one, two)]

        def is_allowed(client):
            try:
                client.list_signing_platforms()
            except ClientError as error:
                assert error.response["Error"]["Code"] in ("AccessDeniedException", "UnrecognizedClientException")
                return False
            return True

        for turn in range(20):
            effect = "Deny" if turn % 2 else "Allow"
            root.put_user_policy(UserName="sam", PolicyName="p", PolicyDocument=policy % effect)
            assert [is_allowed(client) for client in signers] == [effect == "Allow"] * 2, turn
        root.put_user_policy(UserName="sam", PolicyName="p", PolicyDocument=policy % "Allow")
        for turn in range(10):
            status = "Active" if turn % 2 else "Inactive"
            root.update_access_key(UserName="sam", AccessKeyId=key["AccessKeyId"], Status=status)
            assert [is_allowed(client) for client in signers] == [status == "Active"] * 2, turn
        # A node that is gone is waited for no longer than its lease.
        two.kill()
        began = time.monotonic()
        root.put_user_policy(UserName="sam", PolicyName="p", PolicyDocument=policy % "Deny")
        print(f"with a dead node: {time.monotonic() - began:.1f} s")
        assert not is_allowed(signers[0])
