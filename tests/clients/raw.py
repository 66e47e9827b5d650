# SPDX-License-Identifier: Apache-2.0
"""Requests that no well-behaved client sends: signed by botocore's own signers, then bent, over a plain socket."""

import datetime
import socket
from dataclasses import dataclass
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from harness import REGION


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes


def exchange(server, data, seconds_max=30):
    """Sends bytes as they are; the first answer. Reads by its Content-Length, or to the end of the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds_max) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent; the answer may still be there
        return read_answer(connection)


def read_answer(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise AssertionError(f"the connection ended within the head: {data!r}")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
    length = int(headers["content-length"]) if "content-length" in headers else None
    while length is None or len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return Answer(int(lines[0].split()[1]), headers, body)


def signed_head(server, service, method, path, body=b"", headers=None, *, region=REGION, at=None, key=None):
    """Method, target and headers of a request signed by botocore, as a list of pairs that a test may bend."""
    identity = Credentials(*(key or server.credentials()))
    signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    request = AWSRequest(method=method, url=f"http://127.0.0.1:{server.port}{path}", data=body,
                         headers={"Host": f"127.0.0.1:{server.port}", **(headers or {})})
    word = (headers or {}).get("X-Amz-Content-SHA256", "")
    if word == "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
    moment = at or datetime.datetime.utcnow()
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = moment
        clock.datetime.strptime = datetime.datetime.strptime
        signer(identity, service, region).add_auth(request)
    pairs = dict(request.headers.items())
    if method in ("POST", "PUT") or body:
        pairs.setdefault("Content-Length", str(len(body)))
    return pairs


def send(server, method, path, pairs, body=b""):
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in pairs.items())]
    return exchange(server, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def call(server, service, method, path, body=b"", headers=None, **options):
    """A request that is correct but for what the arguments say."""
    return send(server, method, path, signed_head(server, service, method, path, body, headers, **options), body)
