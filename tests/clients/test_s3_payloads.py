# SPDX-License-Identifier: Apache-2.0
"""Every form in which a client may send the body of an upload, over HTTP and TLS: in one piece with a length, in HTTP
chunks around it, and after 100 Continue; and each of them damaged in every way that its form can notice.

The signatures are made here, from AWS's description of version 4 alone.
"""

import base64
import binascii
import datetime
import hashlib
import hmac
import random
import re
import socket
import ssl

import pytest
from conftest import COUNTER, Clients
from harness import REGION, Server
from raw import read_answer

DATA = random.Random(7).randbytes(76_800)  # a chunk of 64 KiB and a shorter one
EMPTY = hashlib.sha256(b"").hexdigest()
CRC32 = base64.b64encode(binascii.crc32(DATA).to_bytes(4, "big")).decode()
CHUNK = 65_536


class Signer:
    """Version 4 for one request to S3."""

    def __init__(self, server):
        self.key, self.secret = server.credentials()
        self.moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.moment[:8]}/{REGION}/s3/aws4_request"
        key = f"AWS4{self.secret}".encode()
        for word in self.scope.split("/"):
            key = hmac.digest(key, word.encode(), "sha256")
        self.signing_key = key
        self.signature = None

    def sign(self, *lines):
        text = "\n".join(lines).encode()
        self.signature = hmac.new(self.signing_key, text, "sha256").hexdigest()
        return self.signature

    def head(self, method, path, host, payload, headers):
        headers = {"host": host, "x-amz-date": self.moment, "x-amz-content-sha256": payload, **headers}
        names = ";".join(sorted(headers))
        canonical = "\n".join([method, path, "", *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, payload])
        self.sign("AWS4-HMAC-SHA256", self.moment, self.scope, hashlib.sha256(canonical.encode()).hexdigest())
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key}/{self.scope}, SignedHeaders={names}, "
                                    f"Signature={self.signature}")
        return headers

    def chunk(self, data):
        return self.sign("AWS4-HMAC-SHA256-PAYLOAD", self.moment, self.scope, self.signature, EMPTY,
                         hashlib.sha256(data).hexdigest())

    def trailer(self, lines):
        return self.sign("AWS4-HMAC-SHA256-TRAILER", self.moment, self.scope, self.signature,
                         hashlib.sha256(lines).hexdigest())


def pieces(data):
    return [data[at:at + CHUNK] for at in range(0, len(data), CHUNK)] + [b""]


def chunked(signer, is_signed, trailer):
    """aws-chunked: each piece with its length and its signature, then what comes behind."""
    body = b""
    for piece in pieces(DATA):
        extension = f";chunk-signature={signer.chunk(piece)}" if is_signed else ""
        body += f"{len(piece):x}{extension}\r\n".encode() + piece + (b"\r\n" if piece else b"")
    if trailer:
        body += f"x-amz-checksum-crc32:{CRC32}\r\n".encode()
    if trailer and is_signed:
        lines = f"x-amz-checksum-crc32:{CRC32}\n".encode()
        body += f"x-amz-trailer-signature:{signer.trailer(lines)}\r\n".encode()
    return body + b"\r\n"


STREAMED = {"x-amz-decoded-content-length": str(len(DATA)), "content-encoding": "aws-chunked"}
BEHIND = {**STREAMED, "x-amz-trailer": "x-amz-checksum-crc32"}
# The word of x-amz-content-sha256, further headers, and the body.
KINDS = {
    "signed": (hashlib.sha256(DATA).hexdigest(), {}, lambda signer: DATA),
    "unsigned": ("UNSIGNED-PAYLOAD", {"x-amz-checksum-crc32": CRC32}, lambda signer: DATA),
    "signed chunks": ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", STREAMED, lambda signer: chunked(signer, True, False)),
    "signed chunks and trailer": ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", BEHIND,
                                  lambda signer: chunked(signer, True, True)),
    "unsigned chunks and trailer": ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", BEHIND,
                                    lambda signer: chunked(signer, False, True)),
}


@pytest.fixture(scope="module", params=["http", "https"])
def site(request, tmp_path_factory):
    authority = request.getfixturevalue("authority") if request.param == "https" else None
    with Server(tmp_path_factory.mktemp("site") / "data", *(authority.options if authority else [])) as server:
        context = ssl.create_default_context(cafile=authority.root) if authority else None
        clients = Clients(server, verify=str(authority.root) if authority else None)
        clients.s3.create_bucket(Bucket="payloads")

        def connect():
            plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
            return context.wrap_socket(plain, server_hostname="localhost") if context else plain

        yield server, clients.s3, connect


def send(connect, headers, path, body, framing):
    """The answer to an upload whose body is framed in one of three ways."""
    fields = {**headers, **({"transfer-encoding": "chunked"} if framing == "HTTP chunks" else
                            {"content-length": str(len(body))})}
    if framing == "after 100 Continue":
        fields["expect"] = "100-continue"
    head = "\r\n".join([f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]).encode()
    with connect() as connection:
        try:
            connection.sendall(head + b"\r\n\r\n")
            if framing == "after 100 Continue":
                answer = connection.recv(65_536)
                if not answer.startswith(b"HTTP/1.1 100 "):
                    raise AssertionError(f"not told to go on: {answer!r}")
            if framing == "HTTP chunks":
                # Their ends fall where they like.
                parts = [body[at:at + 10_007] for at in range(0, len(body), 10_007)]
                body = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"
            connection.sendall(body)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass  # refused before all was sent
        return read_answer(connection)


def upload(site, kind, framing="with a length", damage=None, drop=()):
    """Puts an object in this way; damage(body) may change what is sent. The answer, and the key."""
    server, _, connect = site
    key = f"key-{next(COUNTER)}"
    payload, more, make = KINDS[kind]
    signer = Signer(server)
    more = {name: value for name, value in more.items() if name not in drop}
    headers = signer.head("PUT", f"/payloads/{key}", f"127.0.0.1:{server.port}", payload, more)
    body = make(signer)
    return send(connect, headers, f"/payloads/{key}", damage(body) if damage else body, framing), key


@pytest.mark.parametrize("framing", ["with a length", "HTTP chunks", "after 100 Continue"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_form_of_body_is_taken(site, kind, framing):
    answer, key = upload(site, kind, framing)
    assert answer.status == 200, answer.body
    got = site[1].get_object(Bucket="payloads", Key=key, ChecksumMode="ENABLED")
    assert got["Body"].read() == DATA
    assert got["ETag"] == f'"{hashlib.md5(DATA).hexdigest()}"'
    assert "ContentEncoding" not in got or got["ContentEncoding"] == "", "aws-chunked is not the object's"
    if "trailer" in kind or kind == "unsigned":
        assert got["ResponseMetadata"]["HTTPHeaders"]["x-amz-checksum-crc32"] == CRC32


def replace(old, new):
    def damage(body):
        assert len(re.findall(old, body)) >= 1
        return re.sub(old, new, body, count=1)
    return damage


def flip(at):
    return lambda body: body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]


# How a body can be wrong, and for which kinds that can be noticed; the others have no such place.
DAMAGE = {
    "a bit of the data": (flip(30_000), set(KINDS)),
    "a bit at the end of the data": (lambda body: flip(body.rfind(DATA[-200:]) + 150)(body), set(KINDS)),
    "a signature of a chunk": (replace(rb"chunk-signature=.", b"chunk-signature=x"), {
        "signed chunks", "signed chunks and trailer"}),
    "no signature of a chunk": (replace(rb";chunk-signature=[0-9a-f]{64}", b""), {
        "signed chunks", "signed chunks and trailer"}),
    "two chunks in another order": (lambda body: re.sub(rb"(?s)^(10000.*?\r\n.{65536}\r\n)(2c00.*?\r\n.{11264}\r\n)",
                                                        rb"\2\1", body), {
        "signed chunks", "signed chunks and trailer", "unsigned chunks and trailer"}),
    "a chunk that is left out": (lambda body: re.sub(rb"(?s)2c00[^\r]*\r\n.{11264}\r\n", b"", body), {
        "signed chunks", "signed chunks and trailer", "unsigned chunks and trailer"}),
    "a length of a chunk": (replace(rb"^10000", b"fffe"), {
        "signed chunks", "signed chunks and trailer", "unsigned chunks and trailer"}),
    "no last chunk": (lambda body: body[:body.rindex(b"\r\n0") + 2], {
        "signed chunks", "signed chunks and trailer", "unsigned chunks and trailer"}),
    "a checksum behind": (replace(rb"crc32:.", b"crc32:_"), {"signed chunks and trailer", "unsigned chunks and trailer"}),
    "no trailer": (lambda body: body[:body.index(b"x-amz-checksum")] + b"\r\n", {
        "signed chunks and trailer", "unsigned chunks and trailer"}),
    "a signature of the trailer": (replace(rb"trailer-signature:.", b"trailer-signature:x"), {"signed chunks and trailer"}),
    "no signature of the trailer": (replace(rb"x-amz-trailer-signature:[0-9a-f]{64}\r\n", b""), {
        "signed chunks and trailer"}),
    "more behind the end": (lambda body: body + b"more", set(KINDS)),
    "an end that is cut off": (lambda body: body[:-20], set(KINDS)),
}


@pytest.mark.parametrize("damage, kind", [(damage, kind) for damage, (_, kinds) in DAMAGE.items() for kind in sorted(kinds)])
def test_every_damage_is_noticed(site, damage, kind):
    for framing in ("with a length", "HTTP chunks"):
        answer, key = upload(site, kind, framing, DAMAGE[damage][0])
        assert answer.status in (400, 403), (framing, answer.status, answer.body)
        assert b"<Code>" in answer.body
        assert "Contents" not in site[1].list_objects_v2(Bucket="payloads", Prefix=key)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "chunks" in kind])
def test_a_stream_without_its_length_is_refused(site, kind):
    answer, _ = upload(site, kind, drop=["x-amz-decoded-content-length"])
    assert (answer.status, re.search(rb"<Code>(\w+)", answer.body)[1]) == (411, b"MissingContentLength")
