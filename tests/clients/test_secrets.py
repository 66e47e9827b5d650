# SPDX-License-Identifier: Apache-2.0
"""No secret shows in logs, answers, the audit trail, the data folder, on command lines or in core dumps.

Secrets are planted - keys, passwords, a PIN - and used rightly and wrongly; then each is looked for, in pieces and in
every form that text gives to bytes, wherever somebody else may look.
"""

import base64
import json
import os
import pwd
import re
import resource
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
import raw
from botocore.exceptions import ClientError
from conftest import Clients, Signing
from harness import BINARY, IOT, Identity, Server, eventually, free_port, openssl
from test_tokens import MODULE, PIN, SoftHsm, attach, make_bucket, profile_of, workers

PIECE_BYTES = 12
PIECES_MAX = 8
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern").read_text(encoding="ascii").strip()
NEEDS_SOFTHSM = pytest.mark.skipif(not MODULE.exists(), reason=f"there is no {MODULE}: install softhsm2")


def pieces(secret):
    """Of a long secret several, since a line end or the end of a database page may lie in the middle of one."""
    last = max(len(secret) - PIECE_BYTES, 0)
    step = max(PIECE_BYTES, len(secret) // PIECES_MAX)
    return {secret[start:start + PIECE_BYTES] for start in [*range(0, last, step), last]}


def in_base64(piece):
    """What stays the same of a piece wherever it stands in encoded bytes: at each of three alignments."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + piece)
        begin, end = (0, 2, 3)[before], (before + len(piece)) * 8 // 6
        yield f"base64 at {before}", text[begin:end]
        yield f"base64url at {before}", text[begin:end].translate(bytes.maketrans(b"+/", b"-_"))


def forms(piece):
    text = piece.hex()
    yield "raw", piece
    yield "hex", text.encode()
    yield "HEX", text.upper().encode()
    yield "hex with colons", piece.hex(":").encode()
    yield "HEX with colons", piece.hex(":").upper().encode()
    yield "percent-encoded", urllib.parse.quote_from_bytes(piece, safe="").encode()
    yield "backwards", piece[::-1]
    yield from in_base64(piece)


class Planted:
    """Secrets by name, and where they were found."""

    def __init__(self):
        self.needles = {}

    def plant(self, name, secret):
        secret = secret.encode() if isinstance(secret, str) else secret
        assert len(secret) >= 8, "so short a text is found by chance"
        for piece in pieces(secret):
            for form, needle in forms(piece):
                self.needles[needle] = f"{name}, {form}"

    def found(self, data, but=()):
        return sorted({name for needle, name in self.needles.items()
                       if needle in data and name.split(",")[0] not in but})


def private_numbers(path, *options):
    """The private numbers of a key, as openssl prints them: of EC the scalar, of RSA d, p and q."""
    text = openssl("pkey", "-in", path, "-noout", "-text", *options).stdout.decode()
    numbers = {}
    for name in ("priv", "privateExponent", "prime1", "prime2"):
        match = re.search(rf"^{name}:\n((?: +[0-9a-f:]+\n)+)", text, re.MULTILINE)
        if match:
            numbers[name] = bytes.fromhex(re.sub(r"[\s:]", "", match[1])).lstrip(b"\0")
    assert numbers, text[:40]
    return numbers


def in_pem(path, number):
    """The characters of a PEM file, line ends included, that say a number and nothing public."""
    head, *lines = path.read_text(encoding="ascii").splitlines()
    body = "".join(lines[:-1])
    begin = base64.b64decode(body).index(number)
    first, last = (begin * 8 + 5) // 6, (begin + len(number)) * 8 // 6
    return "\n".join([head, *lines])[len(head) + 1:][first + first // 64:last + last // 64]


class Story:
    """A server on which everything secret was used, rightly and wrongly, and what it answered."""

    def __init__(self, folder, identities):
        self.folder, self.identities, self.planted, self.answers = folder, identities, Planted(), []
        self.admin = free_port()
        self.server = Server(folder / "data", "--set", "log.level=debug", "--set", "log.format=json", "--admin-listen",
                             f"127.0.0.1:{self.admin}")
        self.refused_key = Identity(folder, "p256")
        for identity in (*identities.values(), self.refused_key):
            for name, number in private_numbers(identity.key).items():
                self.planted.plant(f"{name} of {identity.key}", number)
                self.planted.plant(f"PEM of {name} of {identity.key}", in_pem(identity.key, number))

    def listen(self, clients, *services):
        """Keeps every answer as it came, but those whose purpose is to tell a secret."""
        def keep(http_response, model, **_):
            body = b"" if model.has_streaming_output else http_response.content
            self.answers.append((model.name, body + repr(dict(http_response.headers)).encode()))

        for service in services:
            getattr(clients, service).meta.events.register("after-call", keep)

    def refused(self, call, **members):
        with pytest.raises(ClientError) as error:
            call(**members)
        self.answers.append((call.__name__, str(error.value).encode()))

    def bad(self, what, service, body, headers, path="/", method="POST", **options):
        answer = raw.call(self.server, service, method, path, body, headers, **options)
        assert answer.status >= 400, (what, answer)
        self.answers.append((what, answer.body + repr(answer.headers).encode()))

    def play(self):
        self.clients = Clients(self.server)
        self.listen(self.clients, "acm", "iam", "s3", "signer", "sts")
        self.planted.plant("master key", base64.b64decode((self.server.folder / "master.key").read_text()))
        self.planted.plant("root's secret", self.server.credentials()[1])
        self.sign()
        self.import_wrongly()
        self.export()
        self.use_identities()
        self.send_bad_requests()

    def sign(self):
        make_bucket(self.clients)
        signing = Signing(self.clients, self.identities)
        configuration = {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}
        signing.sign(signing.profile(IOT, "p256"), "firmware", b"image")
        signing.sign(signing.profile("AmazonFreeRTOS-Default", "rsa2048",
                                     overrides={"signingConfiguration": configuration}), "firmware", b"image")

    def import_wrongly(self):
        identity, key = self.identities["p256"], self.refused_key.key.read_bytes()
        own, passphrase = self.refused_key.certificate.read_bytes(), secrets.token_urlsafe(24)
        self.planted.plant("passphrase of a key", passphrase)
        encrypted = openssl("pkcs8", "-topk8", "-in", self.refused_key.key, "-passout", f"pass:{passphrase}").stdout
        traditional = openssl("ec", "-in", self.refused_key.key, "-text").stdout
        body = b"".join(key.splitlines()[1:-1])
        for wrong in (key[:len(key) // 2], key[:-5], key[60:], encrypted, body, key + key, traditional[:-40],
                      key.replace(b"PRIVATE KEY", b"SECRET"), key.replace(b"\n", b" "), base64.b64decode(body),
                      key.replace(b"PRIVATE KEY", b"RSA PRIVATE KEY")):
            self.refused(self.clients.acm.import_certificate, Certificate=own, PrivateKey=wrong)
        certificate = identity.certificate.read_bytes()
        right = identity.key.read_bytes()
        for wrong in ({"PrivateKey": key}, {"Certificate": key}, {"Certificate": certificate + key},
                      {"CertificateChain": key}):
            self.refused(self.clients.acm.import_certificate,
                         **{"Certificate": certificate, "PrivateKey": right, **wrong})

    def export(self):
        arn = self.clients.acm.request_certificate(DomainName="export.example.com")["CertificateArn"]
        passphrase = secrets.token_urlsafe(24)
        self.planted.plant("passphrase of an export", passphrase)
        given = self.clients.acm.export_certificate(CertificateArn=arn, Passphrase=passphrase.encode())
        exported = self.folder / "exported.pem"
        exported.write_text(given["PrivateKey"])
        for name, number in private_numbers(exported, "-passin", f"pass:{passphrase}").items():
            self.planted.plant(f"{name} of the exported key", number)
        self.refused(self.clients.acm.export_certificate, CertificateArn=arn + "0", Passphrase=passphrase.encode())

    def use_identities(self):
        iam, password, other = self.clients.iam, "Aa7-" + secrets.token_urlsafe(16), "Bb8-" + secrets.token_urlsafe(16)
        self.planted.plant("password", password)
        self.planted.plant("other password", other)
        iam.create_user(UserName="ada")
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        self.planted.plant("ada's secret", key["SecretAccessKey"])
        iam.create_login_profile(UserName="ada", Password=password)
        self.refused(iam.create_login_profile, UserName="ada", Password=password)
        self.refused(iam.create_login_profile, UserName="nobody", Password=password)
        iam.update_account_password_policy(MinimumPasswordLength=100)
        self.refused(iam.update_login_profile, UserName="ada", Password=other)
        iam.delete_account_password_policy()
        iam.put_user_policy(UserName="ada", PolicyName="password", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}))
        ada = Clients(self.server, key=(key["AccessKeyId"], key["SecretAccessKey"]))
        self.listen(ada, "iam", "sts")
        self.refused(ada.iam.change_password, OldPassword=other, NewPassword=other)
        ada.iam.change_password(OldPassword=password, NewPassword=other)
        session = ada.sts.get_session_token()["Credentials"]
        self.planted.plant("a session's secret", session["SecretAccessKey"])
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName="ada")["VirtualMFADevice"]
        self.planted.plant("MFA seed", base64.b32decode(device["Base32StringSeed"]))
        self.planted.plant("MFA seed in base32", device["Base32StringSeed"])
        self.refused(iam.enable_mfa_device, UserName="ada", SerialNumber=device["SerialNumber"],
                     AuthenticationCode1="000000", AuthenticationCode2="000001")
        wrong = Clients(self.server, key=(key["AccessKeyId"], self.server.credentials()[1]))
        self.refused(wrong.sts.get_caller_identity)
        self.password = password

    def send_bad_requests(self):
        key = self.refused_key.key.read_text()
        head = {"X-Amz-Target": "CertificateManager.ImportCertificate", "Content-Type": "application/x-amz-json-1.1"}
        rest = {"Certificate": base64.b64encode(self.refused_key.certificate.read_bytes()).decode()}
        whole = json.dumps({**rest, "PrivateKey": base64.b64encode(key.encode()).decode()})
        for what, body in (("JSON that is cut off", whole[:-60]),
                           ("a key of another type", json.dumps({"PrivateKey": [key]})),
                           ("a key that is an object", json.dumps({"PrivateKey": {key: 1}})),
                           ("a key that is no base64", json.dumps({**rest, "PrivateKey": key})),
                           ("a key for a name", json.dumps({key: key})), ("a key alone", key),
                           ("a key twice", whole[:-1] + "," + whole[1:])):
            self.bad(what, "acm", body.encode(), head)
        self.bad("of another operation", "acm", whole.encode(), {**head, "X-Amz-Target": "CertificateManager.Nonsense"})
        self.bad("by a wrong secret", "acm", whole.encode(), head,
                 key=(self.server.credentials()[0], "wrong" + secrets.token_hex(20)))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        words = f"Version=2010-05-08&UserName=nobody&Password={urllib.parse.quote(self.password)}"
        for what, body in (("a password of nobody", f"Action=CreateLoginProfile&{words}"),
                           ("a password for nothing", f"Action=Nonsense&{words}"), ("a password alone", words),
                           ("a password twice", f"Action=CreateLoginProfile&{words}&{words}"),
                           ("a password and a broken escape", f"Action=CreateLoginProfile&{words}%zz"),
                           ("a password in parts", f"Action=CreateLoginProfile&{words}&Password.1={self.password}")):
            self.bad(what, "iam", body.encode(), form)
        self.bad("a password in the address", "iam", b"", {}, path=f"/?Action=CreateLoginProfile&{words}", method="GET")

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=30) as answer:
            return answer.read()


@pytest.fixture(scope="module")
def story(tmp_path_factory, identities):
    told = Story(tmp_path_factory.mktemp("secrets"), identities)
    with told.server:
        told.play()
        yield told


# What may tell a secret, and which one: an operation's answer, or a file of the data folder.
TELLING = {"CreateAccessKey": ["ada's secret"], "GetSessionToken": ["a session's secret"],
           "CreateVirtualMFADevice": ["MFA seed", "MFA seed in base32"]}
HOLDING = {"master.key": ["master key"], "credentials": ["root's secret"]}


def shown_of(pid):
    """What others may read of a process."""
    process = Path("/proc") / str(pid)
    text = (process / "cmdline").read_bytes() + (process / "comm").read_bytes()
    try:
        return text + (process / "environ").read_bytes()
    except PermissionError:  # not even its own user may: it is not dumpable
        return text


def found_in(planted, folder):
    everything = {}
    for file in folder.rglob("*"):
        if file.is_file():
            found = planted.found(file.read_bytes() + str(file).encode(), HOLDING.get(file.name, ()))
            if found:
                everything[str(file.relative_to(folder))] = found
    return everything


def test_the_search_finds_a_secret_in_every_form(tmp_path):
    secret = secrets.token_bytes(32)
    planted = Planted()
    planted.plant("secret", secret)
    assert not planted.found(secrets.token_bytes(1 << 20))
    wrapped = base64.encodebytes(b"\x30\x41" + secret + b"\x04").replace(b"\n", b"\r\n")
    for form in (secret, secret.hex().encode(), secret.hex().upper().encode(), secret.hex(":").encode(), secret[::-1],
                 base64.b64encode(secret), base64.b64encode(b"1" + secret + b"2"),
                 base64.b64encode(b"12" + secret + b"3"), base64.urlsafe_b64encode(secret),
                 urllib.parse.quote(secret).encode(), wrapped, secret[:20], secret[10:],
                 json.dumps({"key": secret.hex()}).encode(), b"page" + secret[:16] + bytes(100) + secret[16:]):
        (tmp_path / "log").write_bytes(secrets.token_bytes(1000) + form + b" and more")
        assert found_in(planted, tmp_path) == {"log": planted.found(form)}
        assert planted.found(form), form
    (tmp_path / "log").write_bytes(b"")
    process = subprocess.Popen(["sleep", "60"], env={"PIN": secret.hex()})
    assert planted.found(shown_of(process.pid)), "in an environment"
    process.kill()
    process.wait()


def test_no_secret_is_logged_or_answered(story):
    eventually(lambda: "ChangePassword" in story.server.output, "the log tells of every request")
    assert not story.planted.found(story.server.output.encode())
    assert not story.planted.found(story.metrics())
    assert len(story.answers) > 80
    for what, answer in story.answers:
        assert not story.planted.found(answer, TELLING.get(what, ())), f"{what}: {answer!r}"
    for operation, names in TELLING.items():
        told = b"".join(answer for what, answer in story.answers if what == operation)
        assert names[-1] in {found.split(",")[0] for found in story.planted.found(told)}, "the search sees answers"


def test_no_secret_is_in_the_audit_trail(story):
    def records():
        with sqlite3.connect(f"file:{story.server.folder / 'firmsign.db'}?mode=ro", uri=True) as database:
            return [row[0] for row in database.execute("SELECT record FROM cloudtrail_records")]

    texts = eventually(lambda: (found := records()) and any("ChangePassword" in one for one in found) and found,
                       "the audit trail tells of the last calls")
    imports = [one for one in map(json.loads, texts) if one["eventName"] == "ImportCertificate"]
    assert len([one for one in imports if "errorCode" in one]) >= 10
    names = {json.loads(one)["eventName"] for one in texts}
    assert {"CreateLoginProfile", "ExportCertificate", "CreateAccessKey", "GetSessionToken"} <= names
    assert not story.planted.found("\n".join(texts).encode())


def test_no_secret_is_on_a_command_line(story):
    for pid in (story.server.process.pid, *workers(story.server)):
        assert b"firmsign" in shown_of(pid)
        assert not story.planted.found(shown_of(pid))


def test_no_secret_lies_in_the_data_folder(story):
    """The last of the story, which ends with its server."""
    assert not found_in(story.planted, story.server.folder)
    assert story.server.stop() == 0
    assert not found_in(story.planted, story.server.folder), "also after its last checkpoint"
    for name, names in HOLDING.items():
        found = story.planted.found((story.server.folder / name).read_bytes())
        assert {one.split(",")[0] for one in found} == set(names)
    assert not story.planted.found(story.server.output.encode())


@NEEDS_SOFTHSM
def test_a_pin_shows_nowhere(tmp_path, identities):
    hsm = SoftHsm(tmp_path / "hsm")
    hsm.put(identities["p256"], "boot", "a1")
    planted = Planted()
    planted.plant("PIN", PIN)
    settings = ["--set", hsm.setting, "--set", "log.level=debug"]
    with Server(tmp_path / "data", *settings, environment=hsm.environment) as server:
        clients = Clients(server)
        make_bucket(clients)
        arn = attach(server.folder, identities["p256"])
        Signing(clients, identities).sign(profile_of(clients, arn), "firmware", b"image")
        for pid in (server.process.pid, *workers(server)):
            assert not planted.found(shown_of(pid))
        assert workers(server)
        planted.plant("wrong PIN", PIN[::2])
        hsm.pin_file.write_text(PIN[::2] + "\n")
        for pid in workers(server):
            subprocess.run(["kill", "-9", str(pid)], check=True)
        wrong = attach(server.folder, identities["rsa2048"], code=1)
        assert "PIN" in wrong
        assert not planted.found(wrong.encode() + server.output.encode())
        assert not found_in(planted, server.folder)
        assert server.stop() == 0
        assert not found_in(planted, server.folder) and not planted.found(server.output.encode())


class Dumping:
    """A server in a scratch folder in which the shell allows core files of any size."""

    def __init__(self, folder, *arguments, environment=None):
        self.cores = folder / "cores"
        self.cores.mkdir()
        self.server = Server(folder / "data", *arguments, environment=environment)
        self.server.command = self.shell(self.server.command)

    def shell(self, command):
        return ["sh", "-c", 'ulimit -c unlimited && cd "$1" && shift && exec "$@"', "sh", str(self.cores), *command]

    def files(self):
        return list(self.cores.iterdir())


@pytest.fixture
def dumping(tmp_path):
    """Skips where no core file could appear in a process's folder anyway."""
    if "/" in CORE_PATTERN or CORE_PATTERN.startswith("|") or not CORE_PATTERN:
        pytest.skip(f"core files do not go to a process's folder here: core_pattern is {CORE_PATTERN}")
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != resource.RLIM_INFINITY:
        pytest.skip("core files are forbidden to this process, so nothing is shown by their absence")
    return lambda *arguments, **options: Dumping(tmp_path, *arguments, **options)


def core_limits(pid):
    text = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
    return re.search(r"^Max core file size +(\w+) +(\w+)", text, re.MULTILINE).groups()


def has_ended(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def crash(pid, number):
    subprocess.run(["kill", f"-{int(number)}", str(pid)], check=True)
    eventually(lambda: has_ended(pid), f"{pid} ends")


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_server_that_crashes_leaves_no_core_file(dumping, number):
    scratch = dumping()
    with scratch.server as server:
        assert core_limits(server.process.pid) == ("0", "0")
        server.process.send_signal(number)
        assert server.wait(60) == -number
    assert not scratch.files()


@NEEDS_SOFTHSM
def test_a_token_worker_that_crashes_leaves_no_core_file(tmp_path, dumping, identities):
    hsm = SoftHsm(tmp_path / "hsm")
    hsm.put(identities["p256"], "boot", "a1")
    scratch = dumping("--set", hsm.setting, environment=hsm.environment)
    with scratch.server as server:
        clients = Clients(server)
        signing, profile = Signing(clients, identities), profile_of(clients, attach(server.folder, identities["p256"]))
        make_bucket(clients)
        for number in (signal.SIGABRT, signal.SIGSEGV):
            pid = eventually(lambda: workers(server), "a worker runs")[0]
            assert core_limits(pid) == ("0", "0")
            crash(pid, number)
            signing.sign(profile, "firmware", b"image")  # another worker takes over
    assert not scratch.files()


def test_a_core_file_that_the_operator_asks_for_holds_secrets(dumping, identities):
    """Without this, the tests above would pass where nothing ever leaves a core file."""
    scratch, planted = dumping("--set", "core_dumps=true"), Planted()
    planted.plant("private key", private_numbers(identities["p256"].key)["priv"])
    with scratch.server as server:
        assert core_limits(server.process.pid) == ("unlimited", "unlimited")
        clients = Clients(server)
        make_bucket(clients)
        signing = Signing(clients, identities)
        signing.sign(signing.profile(IOT, "p256"), "firmware", b"image")
        planted.plant("root's secret", server.credentials()[1])
        server.process.send_signal(signal.SIGABRT)
        server.wait(120)
    (core,) = scratch.files()
    found = {one.split(",")[0] for one in planted.found(core.read_bytes())}
    core.unlink()
    assert found == {"private key", "root's secret"}


@pytest.fixture
def nobody(identities):
    """A folder, and what makes a command that of a user without rights in it: of this one, if this is not root."""
    # Not below $TMPDIR, which may be of this user alone.
    with tempfile.TemporaryDirectory(prefix="firmsign-", dir="/tmp") as name:
        folder = Path(name)
        firmsign = shutil.copy(BINARY, folder)  # where that user may reach it
        prefix = []
        if os.geteuid() == 0:
            folder.chmod(0o755)
            user = pwd.getpwnam("nobody")
            prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
                pytest.skip("root may not become another user here")

        def give():
            if prefix:
                subprocess.run(["chown", "-R", user.pw_name, folder], check=True)
            return prefix

        yield folder, firmsign, give


# What the kernel opens for who may trace a process, and for nobody else.
TRACED = ("environ", "maps", "mem", "fd/0")


def opens(prefix, pid, name):
    command = [*prefix, "sh", "-c", ': < "$1"', "sh", f"/proc/{pid}/{name}"]
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


@pytest.mark.parametrize("with_token", [False, pytest.param(True, marks=NEEDS_SOFTHSM)])
def test_not_even_its_own_user_reads_the_memory_of_a_server(nobody, identities, with_token):
    """PR_SET_DUMPABLE is 0: no core file, whatever core_pattern says, and no debugger."""
    folder, firmsign, give = nobody
    settings, environment = [], {}
    if with_token:
        hsm = SoftHsm(folder / "hsm")
        hsm.put(identities["p256"], "boot", "a1")
        settings, environment = ["--set", hsm.setting], hsm.environment
    server = Server(folder / "data", *settings, environment=environment)
    prefix = give()
    server.command = [*prefix, firmsign, *server.command[1:]]
    control = subprocess.Popen([*prefix, "sleep", "60"], stdin=subprocess.DEVNULL)
    eventually(lambda: Path(f"/proc/{control.pid}/comm").read_text(encoding="ascii") == "sleep\n", "sleep runs")
    for name in TRACED:
        assert opens(prefix, control.pid, name), f"of another process of this user: {name}"
    control.kill()
    control.wait()
    with server:
        processes = [server.process.pid]
        if with_token:
            attach(server.folder, identities["p256"])
            processes += workers(server)
            assert len(processes) > 1
        for pid in processes:
            assert core_limits(pid) == ("0", "0")
            for name in TRACED:
                assert not opens(prefix, pid, name), name
