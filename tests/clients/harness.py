# SPDX-License-Identifier: Apache-2.0
"""Starts, stops and kills the real program on a scratch folder, and makes keys with the OpenSSL command.

Standard library only: tests/soak uses it too.
"""

import base64
import configparser
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("FIRMSIGN_BINARY", ROOT / "build/release/firmsign"))
OTA_VECTORS = ROOT.parent / "shared/vectors/ota"
REGION = "us-east-1"
START_SECONDS_MAX = 30
READY = re.compile(r"^ready (https?://\S+)$", re.MULTILINE)

IOT = "AWSIoTDeviceManagement-SHA256-ECDSA"
FREERTOS = "AmazonFreeRTOS-Default"
TI = "AmazonFreeRTOS-TI-CC3220SF"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


CRASH_SHIM = BINARY.parent / "crash_shim.so"


def crash_at(folder, number, mode, undo):
    """The environment in which a program ends at its write of this number to the folder."""
    return {"LD_PRELOAD": str(CRASH_SHIM), "FIRMSIGN_CRASH_FOLDER": str(folder), "FIRMSIGN_CRASH_AT": str(number),
            "FIRMSIGN_CRASH_MODE": mode, "FIRMSIGN_CRASH_UNDO": str(undo)}


class Server:
    """One `firmsign serve`. Its output is collected; `endpoint` is known once it printed `ready`."""

    def __init__(self, folder, *arguments, listen=None, environment=None, limits=False):
        self.folder = Path(folder)
        command = [str(BINARY), "serve", "--data", str(self.folder), "--listen", listen or f"127.0.0.1:{free_port()}"]
        if not limits:
            command += ["--set", "limits.enabled=false"]
        self.command = command + [str(word) for word in arguments]
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        self.endpoint = None
        self._lines = []
        self._ready = threading.Event()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=self.environment)
        self._ready.clear()
        self.endpoint = None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()
        self._ready.wait(START_SECONDS_MAX)
        if self.endpoint is None:
            self.kill()
            raise RuntimeError(f"the server did not become ready:\n{self.output[-4000:]}")
        return self

    def _read(self, pipe):
        for line in iter(pipe.readline, b""):
            self._lines.append(line.decode(errors="replace"))
            match = READY.match(line.decode(errors="replace").rstrip("\n"))
            if match:
                self.endpoint = match[1]
                self._ready.set()
        self._ready.set()

    @property
    def output(self):
        """What the server has printed so far."""
        return "".join(self._lines)

    def stop(self, seconds_max=60):
        """SIGTERM, and its exit code once it has drained."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds_max)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        return self.wait(30)

    def wait(self, seconds_max):
        code = self.process.wait(seconds_max)
        self._reader.join(10)
        return code

    def is_running(self):
        return self.process.poll() is None

    @property
    def port(self):
        return int(self.endpoint.rsplit(":", 1)[1].rstrip("/"))

    @property
    def credentials_file(self):
        return self.folder / "credentials"

    def credentials(self):
        """The access key id and the secret of the first account's root."""
        parser = configparser.ConfigParser()
        parser.read(self.credentials_file)
        return parser["default"]["aws_access_key_id"], parser["default"]["aws_secret_access_key"]

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


def client_environment(server, **more):
    """An environment in which `aws` knows this server's root and nothing of the person who runs the test."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith("AWS_") and not name.lower().endswith("_proxy")}
    clean.update(AWS_SHARED_CREDENTIALS_FILE=str(server.credentials_file), AWS_CONFIG_FILE=os.devnull,
                 AWS_DEFAULT_REGION=REGION, AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true",
                 AWS_MAX_ATTEMPTS="1", **more)
    return clean


class Aws:
    """The stock `aws` command of Debian, pointed at a server."""

    def __init__(self, server, **environment):
        self.server = server
        self.environment = client_environment(server, **environment)

    def run(self, *words, check=True):
        command = ["/usr/bin/aws", "--endpoint-url", self.server.endpoint, *map(str, words)]
        answer = subprocess.run(command, capture_output=True, text=True, env=self.environment, check=False, timeout=180)
        if check and answer.returncode != 0:
            raise AssertionError(f"{' '.join(command)}\nended with {answer.returncode}: {answer.stderr}")
        return answer

    def __call__(self, *words):
        """The JSON answer of a command, or None when it prints nothing."""
        text = self.run(*words, "--output", "json").stdout
        return json.loads(text) if text.strip() else None

    def refused(self, *words):
        """The error text of a command that has to fail."""
        answer = self.run(*words, check=False)
        if answer.returncode == 0:
            raise AssertionError(f"aws {' '.join(map(str, words))} was to fail and printed {answer.stdout}")
        return answer.stderr


def openssl(*words, check=True, data=None):
    answer = subprocess.run(["openssl", *map(str, words)], capture_output=True, input=data, check=False, timeout=60)
    if check and answer.returncode != 0:
        raise AssertionError(f"openssl {' '.join(map(str, words))}: {answer.stderr.decode()}")
    return answer


class Identity:
    """A key and its self-signed code-signing certificate, made by OpenSSL."""

    ALGORITHMS = {"p256": ("ec", "ec_paramgen_curve:P-256"), "rsa2048": ("rsa", "rsa_keygen_bits:2048")}

    def __init__(self, folder, kind):
        self.kind = kind
        self.key = Path(folder, f"{kind}.key.pem")
        self.certificate = Path(folder, f"{kind}.crt.pem")
        self.public = Path(folder, f"{kind}.pub.pem")
        algorithm, option = self.ALGORITHMS[kind]
        openssl("req", "-x509", "-newkey", algorithm, "-pkeyopt", option, "-nodes", "-days", 30, "-subj",
                f"/CN=test {kind}", "-addext", "keyUsage=critical,digitalSignature", "-addext",
                "extendedKeyUsage=codeSigning", "-keyout", self.key, "-out", self.certificate)
        self.public.write_bytes(openssl("x509", "-in", self.certificate, "-noout", "-pubkey").stdout)


class Authority:
    """A certificate authority, and what makes a server serve https with its certificate for 127.0.0.1 and localhost."""

    def __init__(self, folder):
        self.root = folder / "ca.pem"
        key, request, certificate, names = (folder / name for name in ("server.key", "server.csr", "server.pem", "names"))
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *ec, "-days", 2, "-subj", "/CN=test authority", "-keyout", folder / "ca.key", "-out",
                self.root)
        openssl("req", *ec, "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request)
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        openssl("x509", "-req", "-in", request, "-CA", self.root, "-CAkey", folder / "ca.key", "-CAcreateserial",
                "-days", 2, "-extfile", names, "-out", certificate)
        self.certificate, self.key = certificate, key
        self.options = ["--set", f"listen.tls_certificate={certificate}", "--set", f"listen.tls_key={key}"]


def verifies(public, digest, signature, data, folder):
    """Whether `openssl dgst -verify` accepts the signature over the data."""
    signature_file, data_file = Path(folder, "verify.sig"), Path(folder, "verify.bin")
    signature_file.write_bytes(signature)
    data_file.write_bytes(data)
    answer = openssl("dgst", f"-{digest}", "-verify", public, "-signature", signature_file, data_file, check=False)
    if answer.returncode == 0:
        assert answer.stdout.decode().strip() == "Verified OK"
        return True
    return False


def flip_bit(data, bit=0):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def signature_of(signed_object):
    """The signature inside a signed object in JSON."""
    return base64.b64decode(json.loads(signed_object)["signature"], validate=True)


def eventually(condition, what, seconds_max=60):
    """Polls until `condition()` is true. For what another process does in its own time."""
    end = time.monotonic() + seconds_max
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds_max} s: {what}")
