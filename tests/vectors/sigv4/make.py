#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the vectors beside this file with software that is not ours.

requests.json: requests signed by botocore's four signers (run with the Python that has botocore).
chunked.json:  aws-chunked bodies signed with hmac and hashlib, after AWS's published description; the first two are
               the worked examples of that description, and the signatures printed there are checked here.

Usage: make.py  (writes both files into this folder; running it again changes nothing)
"""

import base64
import datetime
import hashlib
import hmac
import json
import pathlib
import zlib
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HERE = pathlib.Path(__file__).parent
ACCESS_KEY = "AKIDEXAMPLEEXAMPLE01"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQ=+token=="
NOW = datetime.datetime(2026, 11, 23, 9, 42, 38)


class FrozenDatetime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW

    @classmethod
    def now(cls, tz=None):
        return NOW if tz is None else NOW.replace(tzinfo=tz)


# name, signer, service, region, method, path with query as it is sent, headers, body, token
ARN = "arn%3Aaws%3Asigner%3Aus-east-1%3A111122223333%3A%2Fsigning-profiles%2FMyProfile"
CASES = [
    ("plain get", "v4", "signer", "us-east-1", "GET", "/signing-jobs", [], b"", False),
    ("query with repeated names", "v4", "signer", "us-east-1", "GET",
     "/signing-jobs?statuses=Canceled&statuses=Active&maxResults=5", [], b"", False),
    ("query with encoded time and blank", "v4", "signer", "us-east-1", "GET",
     "/signing-jobs?signatureExpiresBefore=2026-01-02T03%3A04%3A05Z&x=a%20b&empty=", [], b"", False),
    ("query sorted by encoded name", "v4", "signer", "us-east-1", "GET",
     "/signing-jobs?b=1&B=2&a-b=3&a=4&a%2Fb=5", [], b"", False),
    ("arn label is encoded twice", "v4", "signer", "us-east-1", "GET", "/tags/" + ARN, [], b"", False),
    ("delete with tag keys", "v4", "signer", "us-east-1", "DELETE", "/tags/" + ARN + "?tagKeys=a&tagKeys=%C3%A9",
     [], b"", False),
    ("post json", "v4", "signer", "eu-west-1", "POST", "/signing-jobs",
     [("Content-Type", "application/json")], b'{"profileName":"MyProfile"}', False),
    ("put json with token", "v4", "signer", "us-east-1", "PUT", "/signing-profiles/P",
     [("Content-Type", "application/json")], '{"ä":"€"}'.encode(), True),
    ("target protocol", "v4", "acm", "us-east-1", "POST", "/",
     [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "CertificateManager.ListCertificates")],
     b"{}", False),
    ("form protocol", "v4", "sts", "us-east-1", "POST", "/",
     [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
     b"Action=GetCallerIdentity&Version=2011-06-15", True),
    ("header with inner and outer blanks", "v4", "signer", "us-east-1", "GET", "/",
     [("X-Custom", "  a   b  c "), ("X-Empty", "")], b"", False),
    ("repeated header", "v4", "signer", "us-east-1", "GET", "/",
     [("X-Custom", "one"), ("X-Custom", "two  and"), ("X-Custom", "three")], b"", False),
    ("dot segments", "v4", "iot", "us-east-1", "GET", "/things/./a/../b//c/", [], b"", False),
    ("unicode path", "v4", "iot", "us-east-1", "GET", "/things/%E4%B8%AD%20%C3%BC", [], b"", False),
    ("tilde and plus in path", "v4", "iot", "us-east-1", "GET", "/a~b/c%2Bd/e%25f", [], b"", False),
    ("port in host", "v4", "signer", "us-east-1", "GET", "/signing-platforms", [], b"", False),
    ("s3 get", "s3v4", "s3", "us-east-1", "GET", "/bucket/key.txt", [], b"", False),
    ("s3 put", "s3v4", "s3", "us-east-1", "PUT", "/bucket/a/b/c.bin",
     [("Content-Type", "application/octet-stream"), ("X-Amz-Meta-Who", " J  Doe ")], b"hello", False),
    ("s3 dots and slashes stay", "s3v4", "s3", "us-east-1", "GET", "/bucket/./a/../b//c/", [], b"", False),
    ("s3 odd key", "s3v4", "s3", "us-east-1", "GET", "/bucket/a%20b%2Bc%3Dd%26e%25f%27%28%29%2A%21", [], b"", False),
    ("s3 unicode key with token", "s3v4", "s3", "eu-central-1", "DELETE", "/bucket/%E4%B8%AD%20%C3%BC~", [], b"", True),
    ("s3 bare subresource", "s3v4", "s3", "us-east-1", "GET", "/bucket?location", [], b"", False),
    ("s3 listing", "s3v4", "s3", "us-east-1", "GET",
     "/bucket?list-type=2&prefix=a%2Fb%20c&delimiter=%2F&encoding-type=url", [], b"", False),
    ("presigned sts", "v4-query", "sts", "us-east-1", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15",
     [("x-k8s-aws-id", "cluster")], b"", True),
    ("presigned signer", "v4-query", "signer", "us-east-1", "GET", "/tags/" + ARN, [], b"", False),
    ("presigned s3", "s3v4-query", "s3", "us-east-1", "GET", "/bucket/a%20b/c?versionId=x%2By", [], b"", False),
    ("presigned s3 put with token", "s3v4-query", "s3", "us-east-1", "PUT", "/bucket/k",
     [("Content-Type", "text/plain")], b"", True),
]
SIGNERS = {
    "v4": botocore.auth.SigV4Auth,
    "s3v4": botocore.auth.S3SigV4Auth,
    "v4-query": botocore.auth.SigV4QueryAuth,
    "s3v4-query": botocore.auth.S3SigV4QueryAuth,
}


def make_request(case):
    name, kind, service, region, method, target, headers, body, with_token = case
    host = "signer.example.net:8443" if name == "port in host" else f"{service}.example.net"
    request = AWSRequest(method=method, url=f"https://{host}{target}", data=body)
    for header, value in headers:
        request.headers.add_header(header, value)
    if kind.startswith("s3"):
        request.context["client_config"] = None
    credentials = Credentials(ACCESS_KEY, SECRET, TOKEN if with_token else None)
    seen = {}

    class Recorder(SIGNERS[kind]):
        def canonical_request(self, signed):
            seen["canonical_request"] = super().canonical_request(signed)
            return seen["canonical_request"]

        def string_to_sign(self, signed, canonical):
            seen["string_to_sign"] = super().string_to_sign(signed, canonical)
            return seen["string_to_sign"]

        def signature(self, text, signed):
            seen["signature"] = super().signature(text, signed)
            return seen["signature"]

    signer = Recorder(credentials, service, region)
    with mock.patch.object(botocore.auth.datetime, "datetime", FrozenDatetime):
        signer.add_auth(request)
    url = request.url
    wire = [["Host", host]] + [[k, v] for k, v in request.headers.items()]
    return {
        "name": name,
        "s3": kind.startswith("s3"),
        "presigned": kind.endswith("query"),
        "service": service,
        "region": region,
        "token": TOKEN if with_token else "",
        "method": method,
        "target": url[len(f"https://{host}"):],
        "headers": wire,
        "body": body.decode(),
        **seen,
    }


def sha(data):
    return hashlib.sha256(data).hexdigest()


def chain(secret, *parts):
    key = ("AWS4" + secret).encode()
    for part in parts:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def make_body(key, date, scope, seed, chunks, trailers):
    """The framed body and every signature, in order. `key` None: unsigned."""
    body, signatures, previous = b"", [], seed
    for chunk in [*chunks, b""]:
        head = f"{len(chunk):x}"
        if key is not None:
            text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, sha(b""), sha(chunk)])
            previous = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
            signatures.append(previous)
            head += f";chunk-signature={previous}"
        body += head.encode() + b"\r\n" + chunk + (b"\r\n" if chunk else b"")
    for name, value in trailers:
        body += f"{name}:{value}\r\n".encode()
    if key is not None and trailers:
        lines = "".join(f"{name}:{value}\n" for name, value in trailers)
        text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", date, scope, previous, sha(lines.encode())])
        signatures.append(hmac.new(key, text.encode(), hashlib.sha256).hexdigest())
        body += f"x-amz-trailer-signature:{signatures[-1]}\r\n".encode()
    return body + b"\r\n", signatures


def make_chunked(name, chunks, trailers=(), signed=True, has_trailer=None, date="20130524T000000Z",
                 secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", seed="0" * 64, expected=None):
    scope = f"{date[:8]}/us-east-1/s3/aws4_request"
    key = chain(secret, *scope.split("/")) if signed else None
    body, signatures = make_body(key, date, scope, seed, chunks, trailers)
    if expected is not None:
        assert signatures == expected, (name, signatures)
    data = b"".join(chunks)
    return {
        "name": name,
        "signed": signed,
        "has_trailer": bool(trailers) if has_trailer is None else has_trailer,
        "secret": secret if signed else "",
        "amz_date": date,
        "scope": scope,
        "seed_signature": seed,
        "chunk_bytes": [len(chunk) for chunk in chunks],
        # The body is too long to store: it is the frames around `fill` repeated, unless `body` gives it.
        "fill": "a" if len(data) > 4096 else "",
        "body": "" if len(data) > 4096 else base64.b64encode(body).decode(),
        "data": "" if len(data) > 4096 else base64.b64encode(data).decode(),
        "body_bytes": len(body),
        "body_sha256": sha(body),
        "data_sha256": sha(data),
        "signatures": signatures,
        "trailers": [list(trailer) for trailer in trailers],
    }


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def make_all_chunked():
    odd = bytes(range(256)) + b"\r\n0\r\n\r\n"
    return [
        make_chunked(
            "documented example", [b"a" * 65536, b"a" * 1024],
            seed="4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
            expected=["ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                      "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                      "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"]),
        make_chunked(
            "documented example with a trailer", [b"a" * 65536, b"a" * 1024],
            trailers=[("x-amz-checksum-crc32c", "sOO8/Q==")],
            seed="106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
            expected=["b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
                      "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
                      "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
                      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"]),
        make_chunked("empty object", []),
        make_chunked("empty object with a trailer", [], trailers=[("x-amz-checksum-crc32", crc32(b""))]),
        make_chunked("several small chunks", [b"hello", b" ", b"world", odd]),
        make_chunked("two trailers", [odd, b"x"], trailers=[("x-amz-checksum-crc32", crc32(odd + b"x")),
                                                            ("x-amz-meta-late", "yes: it is")]),
        make_chunked("unsigned", [b"hello"], trailers=[("x-amz-checksum-crc32", crc32(b"hello"))], signed=False),
        make_chunked("unsigned and empty", [], trailers=[("x-amz-checksum-crc32", crc32(b""))], signed=False),
        make_chunked("unsigned without the trailer", [odd, odd], signed=False, has_trailer=True),
    ]


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    requests = {
        "access_key": ACCESS_KEY,
        "secret": SECRET,
        "now": NOW.strftime("%Y%m%dT%H%M%SZ"),
        "cases": [make_request(case) for case in CASES],
    }
    write("requests.json", requests)
    write("chunked.json", {"cases": make_all_chunked()})


if __name__ == "__main__":
    main()
