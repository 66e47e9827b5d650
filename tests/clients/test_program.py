# SPDX-License-Identifier: Apache-2.0
"""The program itself: init, serve, the admin listener and socket, sign and verify in one command."""

import configparser
import json
import os
import pty
import re
import socket
import stat
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import Clients, Signing
from harness import BINARY, IOT, Server, client_environment, flip_bit, free_port


def firmsign(*words, environment=None, check=True):
    answer = subprocess.run([str(BINARY), *map(str, words)], capture_output=True, text=True, check=False, timeout=120,
                            env=environment, stdin=subprocess.DEVNULL)
    if check:
        assert answer.returncode == 0, answer.stderr
    return answer


def test_init_makes_a_folder_that_only_its_owner_reads(tmp_path):
    folder = tmp_path / "data"
    printed = firmsign("init", "--data", folder, "--account", "111122223333").stdout
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    credentials = folder / "credentials"
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    parser = configparser.ConfigParser()
    parser.read(credentials)
    assert parser["default"]["aws_secret_access_key"] in printed
    with Server(folder) as server:
        identity = Clients(server).sts.get_caller_identity()
        assert identity["Arn"] == "arn:aws:iam::111122223333:root"
        assert parser["default"]["aws_secret_access_key"] not in server.output
    for file in folder.rglob("*"):
        if file.is_file():
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, f"{file} is open to others"


def test_init_refuses_a_folder_that_is_in_use_and_a_bad_account(tmp_path):
    firmsign("init", "--data", tmp_path / "data")
    before = (tmp_path / "data/credentials").read_bytes()
    assert firmsign("init", "--data", tmp_path / "data", check=False).returncode != 0
    assert (tmp_path / "data/credentials").read_bytes() == before
    assert firmsign("init", "--data", tmp_path / "other", "--account", "12", check=False).returncode != 0
    assert not (tmp_path / "other/credentials").exists()


def test_serve_initialises_an_empty_folder_and_says_how_to_use_it(tmp_path):
    with Server(tmp_path / "data") as server:
        assert "AWS_SHARED_CREDENTIALS_FILE" in server.output and "--endpoint-url" in server.output
        assert len(server.output.splitlines()) <= 30
        assert re.fullmatch(r"\d{12}", Clients(server).sts.get_caller_identity()["Account"])


@pytest.mark.parametrize("setting", ["nonsense.option=1", "limits.enabled=perhaps", "no-equals-sign"])
def test_a_doubtful_option_stops_start_up(tmp_path, setting):
    server = Server(tmp_path / "data", "--set", setting)
    with pytest.raises(RuntimeError):
        server.start()
    assert server.process.returncode not in (0, None)
    assert setting.split("=")[0] in server.output


def test_an_address_for_others_needs_tls(tmp_path):
    server = Server(tmp_path / "data", listen=f"0.0.0.0:{free_port()}")
    with pytest.raises(RuntimeError):
        server.start()
    assert "TLS" in server.output


def test_the_admin_listener_stays_on_this_machine(tmp_path):
    server = Server(tmp_path / "data", "--admin-listen", f"0.0.0.0:{free_port()}")
    with pytest.raises(RuntimeError):
        server.start()
    assert "admin listener" in server.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("settings", [["region.default_region=Mars 1"], ['region.regions=["eu-west-1"]']])
def test_regions_that_would_lock_everybody_out_stop_the_start(tmp_path, settings):
    server = Server(tmp_path / "data", *(word for setting in settings for word in ("--set", setting)))
    with pytest.raises(RuntimeError):
        server.start()
    assert "region" in server.output
    assert not (tmp_path / "data").exists()


def test_the_log_ties_a_request_to_its_job(tmp_path, identities):
    with Server(tmp_path / "data", "--set", "log.format=json") as server:
        clients = Clients(server)
        signing = Signing(clients, identities)
        clients.s3.create_bucket(Bucket="firmware")
        clients.s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})
        version = signing.put("firmware", b"an image")
        started = clients.signer.start_signing_job(
            profileName=signing.profile(IOT, "p256"), clientRequestToken="one",
            source={"s3": {"bucketName": "firmware", "key": "firmware.bin", "version": version}},
            destination={"s3": {"bucketName": "firmware"}})
        signing.end(started["jobId"])
        assert server.stop() == 0
    lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
    request = started["ResponseMetadata"]["RequestId"]
    assert [line["event"] for line in lines if line.get("request") == request] == ["job_accepted", "request"]
    jobs = [line for line in lines if line.get("job") == started["jobId"]]
    assert [(line["event"], line.get("status")) for line in jobs] == [("job_accepted", None), ("job_ended", "Succeeded")]


def test_version_and_help():
    assert re.match(r"firmsign \d+\.\d+", firmsign("--version").stdout)
    text = firmsign("--help").stdout
    for command in ("init", "serve", "sign", "verify"):
        assert command in text


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_admin_listener(tmp_path):
    port = free_port()
    with Server(tmp_path / "data", "--admin-listen", f"127.0.0.1:{port}") as server:
        assert get(port, "/healthz")[0] == 200
        status, text = get(port, "/readyz")
        assert status == 200
        for part in ("database", "disk", "key"):
            assert part in text
        Clients(server).signer.list_signing_platforms()
        status, metrics = get(port, "/metrics")
        assert status == 200 and metrics.endswith("# EOF\n")
        assert 'ListSigningPlatforms"' in metrics
        assert get(port, "/nothing")[0] == 404
        # The API's listener has none of them: there they are names of buckets.
        assert get(server.port, "/healthz")[0] == 403


def test_admin_socket(tmp_path):
    with Server(tmp_path / "data") as server:
        path = tmp_path / "data/admin.sock"
        assert stat.S_ISSOCK(path.stat().st_mode) and stat.S_IMODE(path.stat().st_mode) == 0o600
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(path))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: admin\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 ")
        assert server.stop() == 0
        assert not path.exists()


def test_each_request_leaves_one_line_with_its_id(tmp_path):
    with Server(tmp_path / "data") as server:
        answer = Clients(server).signer.list_signing_platforms()
        request = answer["ResponseMetadata"]["RequestId"]
        assert server.stop() == 0
        lines = [line for line in server.output.splitlines() if request in line]
        assert len(lines) == 1 and "ListSigningPlatforms" in lines[0]


@pytest.fixture(scope="module")
def profile(signing):
    return signing.profile(IOT, "p256")


@pytest.mark.parametrize("size", [1000, 9 * 1024 * 1024])
def test_sign_and_verify_in_one_command(server, profile, identities, tmp_path, size):
    image = tmp_path / "image.bin"
    image.write_bytes(os.urandom(size))
    environment = client_environment(server)
    signed = tmp_path / "image.bin.signed"
    firmsign("sign", image, "--profile", profile, "--endpoint-url", server.endpoint, "--output", signed,
             environment=environment)
    assert json.loads(signed.read_bytes())["rawPayloadSize"] == size

    verify = ["verify", image, "--signed-object", signed, "--certificate", identities["p256"].certificate]
    firmsign(*verify)
    image.write_bytes(flip_bit(image.read_bytes(), 8 * size - 1))
    refused = firmsign(*verify, check=False)
    assert refused.returncode != 0 and refused.stderr
    image.write_bytes(flip_bit(image.read_bytes(), 8 * size - 1))
    verify[-1] = identities["rsa2048"].certificate
    assert firmsign(*verify, check=False).returncode != 0


def test_sign_says_what_is_wrong(server, tmp_path):
    image = tmp_path / "image.bin"
    image.write_bytes(b"image")
    environment = client_environment(server)
    refused = firmsign("sign", image, "--profile", "nobody", "--endpoint-url", server.endpoint,
                       environment=environment, check=False)
    assert refused.returncode != 0 and "profile with name nobody does not exist" in refused.stderr
    refused = firmsign("sign", tmp_path / "absent", "--profile", "nobody", "--endpoint-url", server.endpoint,
                       environment=environment, check=False)
    assert refused.returncode != 0 and "absent" in refused.stderr


def on_a_terminal(*words, environment=None):
    """The exit code of a command, and what it wrote to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([str(BINARY), *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other side is closed
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(120), shown.decode()


def test_large_images_show_a_progress_bar_on_a_terminal(tmp_path, identities):
    image = tmp_path / "firmware.bin"
    image.write_bytes(os.urandom(9 << 20))
    with Server(tmp_path / "data") as server:
        profile = Signing(Clients(server), identities).profile(IOT, "p256")
        environment = client_environment(server)
        code, shown = on_a_terminal("sign", image, "--profile", profile, "--endpoint-url", server.endpoint, "--output",
                                    tmp_path / "signed", environment=environment)
    assert code == 0, shown
    for what in ("hashing", "uploading"):
        assert re.search(what + r" +\[#{40}\] 100%", shown), shown
    code, shown = on_a_terminal("verify", image, "--signed-object", tmp_path / "signed", "--certificate",
                                identities["p256"].certificate)
    assert code == 0, shown
    assert re.search(r"verifying +\[#{40}\] 100%", shown), shown
    assert "%" not in firmsign("verify", image, "--signed-object", tmp_path / "signed", "--certificate",
                               identities["p256"].certificate).stderr, "no terminal, no bar"
