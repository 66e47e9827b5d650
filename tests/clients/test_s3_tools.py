# SPDX-License-Identifier: Apache-2.0
"""What firmware teams point at the object store, doing its real work over HTTP and TLS: the stock command, s3cmd, rclone
and the newest SDK for JavaScript move a tree up and down and find it unchanged."""

import contextlib
import http.client
import json
import os
import random
import shutil
import ssl
import subprocess
import urllib.parse
from pathlib import Path

import pytest
import sdks
from conftest import COUNTER, Clients
from harness import REGION, Server, client_environment

MIB = 1024 * 1024
DOMAIN = "s3.test"


class Site:
    """A server, and what a client has to know to reach it.

    Buckets stand in the host name when `by_host`: the names mean nothing to a resolver, so the server is the client's
    proxy, too.
    """

    def __init__(self, server, authority=None, by_host=False):
        self.server = server
        self.authority = authority
        self.by_host = by_host
        self.address = DOMAIN if by_host else f"127.0.0.1:{server.port}"
        self.scheme = "https" if authority else "http"
        self.key, self.secret = server.credentials()

    @property
    def endpoint(self):
        return f"{self.scheme}://{self.address}"

    def environment(self, **more):
        """`more` counts before everything else."""
        proxy = {"http_proxy": self.server.endpoint.rstrip("/")} if self.by_host else {}
        trust = {"AWS_CA_BUNDLE": str(self.authority), "NODE_EXTRA_CA_CERTS": str(self.authority)} if self.authority else {}
        return client_environment(self.server) | proxy | trust | more

    def run(self, *words, data=None, check=True, **environment):
        answer = subprocess.run(list(map(str, words)), capture_output=True, input=data, check=False, timeout=240,
                                env=self.environment(**environment))
        if check and answer.returncode != 0:
            raise AssertionError(f"{words}\nended with {answer.returncode}: {answer.stdout.decode()[-2000:]}"
                                 f"{answer.stderr.decode()[-4000:]}")
        return answer.stdout.decode() if check else answer

    def clients(self):
        return Clients(self.server, verify=str(self.authority) if self.authority else None)


@pytest.fixture(scope="module", params=["http", "https", "bucket in the host name"])
def site(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    if request.param == "https":
        authority = request.getfixturevalue("authority")
        with Server(folder / "data", *authority.options) as server:
            yield Site(server, authority.root)
    else:
        with Server(folder / "data", "--set", f"s3.domains={DOMAIN}") as server:
            yield Site(server, by_host=request.param != "http")


@pytest.fixture
def name(site):
    """A bucket of this test's own, with versioning."""
    bucket = f"tree-{next(COUNTER)}-firmware"
    s3 = site.clients().s3
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Files as a build leaves them, one large enough for every tool to send it in parts."""
    top = tmp_path_factory.mktemp("tree")
    contents = {"firmware.bin": os.urandom(17 * MIB + 3), "empty": b"", "one": b"1", "notes with blanks.txt": b"boot + radio\n",
                "radio/größe=1&2#3%41.bin": os.urandom(70_000), "radio/deep/er/日本.map": os.urandom(5000)}
    contents.update({f"logs/{number:03}.log": random.Random(number).randbytes(number * 37) for number in range(40)})
    for path, data in contents.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(data)
    return top


def contents_of(top):
    return {str(file.relative_to(top)): file.read_bytes() for file in Path(top).rglob("*") if file.is_file()}


def keys_of(site, bucket):
    pages = site.clients().s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sorted(one["Key"] for page in pages for one in page.get("Contents", []))


def changed(tree, folder):
    """The tree after a day's work: a file more, one fewer, one longer."""
    shutil.copytree(tree, folder)
    (folder / "logs/000.log").unlink()
    (folder / "logs/new.log").write_bytes(b"new")
    (folder / "one").write_bytes(b"one more")
    return folder


def test_the_command_syncs_a_tree(site, name, tree, tmp_path):
    (tmp_path / "config").write_text(f"[default]\ns3 =\n  addressing_style = {'virtual' if site.by_host else 'path'}\n")

    def aws(*words):
        return site.run("/usr/bin/aws", "--endpoint-url", site.endpoint, *words, AWS_CONFIG_FILE=str(tmp_path / "config"))

    aws("s3", "sync", tree, f"s3://{name}/build", "--only-show-errors")
    assert keys_of(site, name) == sorted(f"build/{path}" for path in contents_of(tree))
    assert aws("s3", "sync", tree, f"s3://{name}/build") == "", "nothing to do a second time"
    work = changed(tree, tmp_path / "work")
    told = aws("s3", "sync", work, f"s3://{name}/build", "--delete", "--no-progress")
    assert len(told.splitlines()) == 3, told
    aws("s3", "sync", f"s3://{name}/build", tmp_path / "down", "--only-show-errors")
    assert contents_of(tmp_path / "down") == contents_of(work)
    aws("s3", "sync", f"s3://{name}/build", f"s3://{name}/copy", "--only-show-errors")
    assert len(keys_of(site, name)) == 2 * len(contents_of(work))
    aws("s3", "mv", f"s3://{name}/copy/firmware.bin", f"s3://{name}/moved/firmware.bin", "--only-show-errors")
    aws("s3", "cp", f"s3://{name}/moved/firmware.bin", tmp_path / "moved", "--only-show-errors")
    assert (tmp_path / "moved").read_bytes() == (tree / "firmware.bin").read_bytes()
    assert "Total Objects: 46" in aws("s3", "ls", "--recursive", "--summarize", f"s3://{name}/build")
    address = aws("s3", "presign", f"s3://{name}/build/one").strip()
    assert fetch(site, address) == b"one more"


def fetch(site, address):
    """What a browser gets that is given the address."""
    parts = urllib.parse.urlsplit(address)
    if site.authority:
        trust = ssl.create_default_context(cafile=site.authority)
        connection = http.client.HTTPSConnection("127.0.0.1", site.server.port, timeout=60, context=trust)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", site.server.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Host": parts.netloc})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return answer.read()


@pytest.fixture
def s3cmd(site, tmp_path):
    host_bucket = f"%(bucket)s.{DOMAIN}" if site.by_host else site.address
    lines = ["[default]", f"access_key = {site.key}", f"secret_key = {site.secret}", f"host_base = {site.address}",
             f"host_bucket = {host_bucket}", f"use_https = {bool(site.authority)}", f"bucket_location = {REGION}"]
    if site.authority:
        lines.append(f"ca_certs_file = {site.authority}")
    if site.by_host:
        lines += ["proxy_host = 127.0.0.1", f"proxy_port = {site.server.port}"]
    (tmp_path / "s3cfg").write_text("\n".join(lines) + "\n")
    # Without --acl-private it would copy access control lists, which new buckets do not take, here as on AWS.
    return lambda *words: site.run("/usr/bin/s3cmd", "--config", tmp_path / "s3cfg", "--no-progress", "--acl-private", *words)


def test_s3cmd_syncs_a_tree(site, s3cmd, name, tree, tmp_path):
    own = f"{name}-s3cmd"
    s3cmd("mb", f"s3://{own}")
    s3cmd("sync", f"{tree}/", f"s3://{own}/build/")
    assert keys_of(site, own) == sorted(f"build/{path}" for path in contents_of(tree))
    assert "upload:" not in s3cmd("sync", f"{tree}/", f"s3://{own}/build/"), "nothing to do a second time"
    work = changed(tree, tmp_path / "work")
    s3cmd("sync", "--delete-removed", f"{work}/", f"s3://{own}/build/")
    (tmp_path / "down").mkdir()
    s3cmd("sync", f"s3://{own}/build/", f"{tmp_path}/down/")
    assert contents_of(tmp_path / "down") == contents_of(work)
    assert f"s3://{own}/build/one" in s3cmd("ls", "--recursive", f"s3://{own}/")
    s3cmd("cp", f"s3://{own}/build/one", f"s3://{own}/two")
    s3cmd("mv", f"s3://{own}/two", f"s3://{own}/three")
    assert "MD5 sum" in s3cmd("info", f"s3://{own}/three")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
                                                      "Resource": f"arn:aws:s3:::{own}"}]}
    (tmp_path / "policy").write_text(json.dumps(policy))
    s3cmd("setpolicy", tmp_path / "policy", f"s3://{own}")
    assert "s3:DeleteBucket" in s3cmd("info", f"s3://{own}")
    s3cmd("delpolicy", f"s3://{own}")
    s3cmd("del", "--recursive", "--force", f"s3://{own}/")
    s3cmd("rb", f"s3://{own}")
    assert own not in s3cmd("ls")


@pytest.fixture
def rclone(site):
    options = {"TYPE": "s3", "PROVIDER": "AWS" if site.by_host else "Other", "ACCESS_KEY_ID": site.key, "SECRET_ACCESS_KEY": site.secret,
               "ENDPOINT": site.endpoint, "REGION": REGION, "FORCE_PATH_STYLE": str(not site.by_host).lower()}
    environment = {f"RCLONE_CONFIG_STORE_{option}": value for option, value in options.items()}
    words = ["/usr/bin/rclone", "--config", "", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M"]
    if site.authority:
        words += ["--ca-cert", site.authority]
        environment["AWS_CA_BUNDLE"] = ""  # which this version cannot read
    return lambda *more, data=None: site.run(*words, *more, data=data, **environment)


def test_rclone_syncs_a_tree(site, rclone, name, tree, tmp_path):
    rclone("sync", tree, f"store:{name}/build")
    assert keys_of(site, name) == sorted(f"build/{path}" for path in contents_of(tree))
    rclone("check", "--download", tree, f"store:{name}/build")
    work = changed(tree, tmp_path / "work")
    rclone("sync", work, f"store:{name}/build")
    rclone("copy", f"store:{name}/build", tmp_path / "down")
    assert contents_of(tmp_path / "down") == contents_of(work)
    assert (tmp_path / "down/one").stat().st_mtime == pytest.approx((work / "one").stat().st_mtime, abs=1e-3)
    rclone("moveto", f"store:{name}/build/firmware.bin", f"store:{name}/moved.bin")
    rclone("rcat", f"store:{name}/streamed", data=b"from a pipe" * 1_000_000)
    assert rclone("cat", f"store:{name}/streamed").encode() == b"from a pipe" * 1_000_000
    assert fetch(site, rclone("link", f"store:{name}/build/one").strip()) == b"one more"
    assert len(rclone("lsf", "--recursive", "--files-only", "--s3-versions", f"store:{name}/build").splitlines()) > 46
    rclone("purge", f"store:{name}/build")
    assert keys_of(site, name) == ["moved.bin", "streamed"]


def test_the_sdk_for_javascript_does_what_programs_do(site, name):
    program = sdks.javascript() / "s3.mjs"
    key, secret = site.server.credentials()
    task = {"endpoint": site.endpoint, "region": REGION, "key": key, "secret": secret, "bucket": name,
            "port": site.server.port if site.by_host else None}
    told = site.run("node", program, data=json.dumps(task).encode())
    assert told.splitlines()[-1] == "done", told
