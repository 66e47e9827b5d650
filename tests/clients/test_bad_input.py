# SPDX-License-Identifier: Apache-2.0
"""Bad input: each gets its service's own error and status, and the server stays up with nothing half-written."""

import datetime
import json
import re
import socket
from unittest import mock
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from conftest import Clients
from harness import eventually
from raw import call, exchange, send, signed_head

JSON = {"Content-Type": "application/json"}
HOUR = datetime.timedelta(hours=1)


def json_error(answer):
    """Status and code of a rest-json error, which must be complete."""
    content = json.loads(answer.body)
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-amzn-requestid"])
    assert "message" in content or "Message" in content
    return answer.status, answer.headers["x-amzn-errortype"].split(":")[0].split("#")[-1]


def target_error(answer):
    """Status and code of a json 1.1 error."""
    return answer.status, json.loads(answer.body)["__type"].split("#")[-1]


def xml_error(answer):
    """Status and code of an error in XML (query protocol, S3)."""
    code = re.search(rb"<Code>([^<]+)</Code>", answer.body)
    assert re.search(rb"<Message>[^<]*</Message>", answer.body)
    return answer.status, code[1].decode()


def acm(server, target, body=b"{}", **options):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    return call(server, "acm", "POST", "/", body, headers, **options)


def sts(server, body=b"Action=GetCallerIdentity&Version=2011-06-15", **options):
    return call(server, "sts", "POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"}, **options)


@pytest.fixture(autouse=True)
def still_serves(server):
    yield
    answer = sts(server)
    assert answer.status == 200 and b"<Arn>" in answer.body


# ---- Signer: rest-json

@pytest.mark.parametrize("body", [b"{", b"[]", b"nonsense", b'{"a":}', b'{"source":"\xff"}', b"[" * 5000, b'{"a":1}x'])
def test_malformed_json(server, body):
    assert json_error(call(server, "signer", "POST", "/signing-jobs", body, JSON)) == (400, "SerializationException")


@pytest.mark.parametrize("body", [b'{"source":1}', b'{"profileName":[]}', b'{"source":{"s3":[]}}'])
def test_members_of_the_wrong_type(server, body):
    assert json_error(call(server, "signer", "POST", "/signing-jobs", body, JSON)) == (400, "SerializationException")


@pytest.mark.parametrize("body", [b"{}", b'{"source":{},"destination":{},"profileName":"p"}',
                                  b'{"source":{"s3":{"bucketName":"b","key":"k","version":"v"}},"profileName":"pr"}'])
def test_missing_members(server, body):
    assert json_error(call(server, "signer", "POST", "/signing-jobs", body, JSON)) == (400, "ValidationException")


@pytest.mark.parametrize("path", ["/signing-platforms?maxResults=0", "/signing-platforms?maxResults=26",
                                  "/signing-jobs?status=Done", "/signing-jobs?jobInvoker=12"])
def test_members_out_of_bounds(server, path):
    assert json_error(call(server, "signer", "GET", path)) == (400, "ValidationException")


def test_a_query_member_that_is_no_number(server):
    status, code = json_error(call(server, "signer", "GET", "/signing-platforms?maxResults=many"))
    assert status == 400 and code in ("SerializationException", "ValidationException")


def test_a_bad_profile_name(server):
    answer = call(server, "signer", "PUT", "/signing-profiles/a%20b", b'{"platformId":"x"}', JSON)
    assert json_error(answer) == (400, "ValidationException")


def test_unknown_path(server):
    answer = call(server, "signer", "GET", "/nothing-here")
    assert json_error(answer) == (404, "UnknownOperationException")


def test_a_body_that_is_too_large(server):
    body = b'{"a":"' + b"x" * (2 * 1024 * 1024) + b'"}'
    answer = call(server, "signer", "POST", "/signing-jobs", body, JSON)
    assert answer.status == 413


# ---- authentication, by protocol family

def test_no_credentials(server):
    host = {"Host": f"signer.us-east-1.localhost:{server.port}"}
    assert json_error(send(server, "GET", "/signing-jobs", host)) == (403, "MissingAuthenticationTokenException")
    target = {"Host": f"127.0.0.1:{server.port}", "X-Amz-Target": "CertificateManager.ListCertificates",
              "Content-Type": "application/x-amz-json-1.1", "Content-Length": "2"}
    assert target_error(send(server, "POST", "/", target, b"{}")) == (403, "MissingAuthenticationTokenException")
    form = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"Host": f"127.0.0.1:{server.port}", "Content-Type": "application/x-www-form-urlencoded",
               "Content-Length": str(len(form))}
    assert xml_error(send(server, "POST", "/", headers, form)) == (403, "MissingAuthenticationToken")
    assert xml_error(send(server, "GET", "/some-bucket/key", {"Host": f"127.0.0.1:{server.port}"})) == (403, "AccessDenied")


def bent(server, service, change):
    """A GET whose Authorization header is changed after it was signed."""
    path = {"signer": "/signing-platforms", "s3": "/", "sts": "/?Action=GetCallerIdentity&Version=2011-06-15"}[service]
    pairs = signed_head(server, service, "GET", path)
    pairs["Authorization"] = change(pairs["Authorization"])
    return send(server, "GET", path, pairs)


def test_a_wrong_signature(server):
    def change(header):
        return header[:-1] + ("0" if header[-1] != "0" else "1")

    assert json_error(bent(server, "signer", change)) == (403, "InvalidSignatureException")
    assert xml_error(bent(server, "sts", change)) == (403, "SignatureDoesNotMatch")
    answer = bent(server, "s3", change)
    assert xml_error(answer) == (403, "SignatureDoesNotMatch")
    assert b"<StringToSign>AWS4-HMAC-SHA256" in answer.body and b"<CanonicalRequest>GET" in answer.body


@pytest.mark.parametrize("header", ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b",
                                    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/signer/aws4_request"])
def test_a_broken_authorization_header(server, header):
    host = {"Host": f"signer.us-east-1.localhost:{server.port}", "Authorization": header}
    status, code = json_error(send(server, "GET", "/signing-jobs", host))
    assert (status, code) == (403, "IncompleteSignatureException")


def test_an_unknown_key(server):
    key = ("AKIAAAAAAAAAAAAAAAAA", "secret")
    answer = call(server, "signer", "GET", "/signing-platforms", key=key)
    assert json_error(answer) == (403, "UnrecognizedClientException")
    assert json.loads(answer.body)["message"] == "The security token included in the request is invalid."
    assert xml_error(sts(server, key=key)) == (403, "InvalidClientTokenId")
    assert xml_error(call(server, "s3", "GET", "/", key=key)) == (403, "InvalidAccessKeyId")


@pytest.mark.parametrize("shift", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_a_skewed_clock(server, shift):
    at = datetime.datetime.utcnow() + shift
    assert json_error(call(server, "signer", "GET", "/signing-platforms", at=at)) == (403, "InvalidSignatureException")
    status, code = xml_error(sts(server, at=at))
    assert status == 403 and code in ("SignatureDoesNotMatch", "RequestExpired")
    assert xml_error(call(server, "s3", "GET", "/", at=at)) == (403, "RequestTimeTooSkewed")


def test_ten_minutes_of_skew_are_accepted(server):
    at = datetime.datetime.utcnow() - datetime.timedelta(minutes=10)
    assert call(server, "signer", "GET", "/signing-platforms", at=at).status == 200


@pytest.mark.parametrize("region", ["nowhere", "US-EAST-1", "us-east-1."])
def test_a_malformed_region(server, region):
    answer = call(server, "signer", "GET", "/signing-platforms", region=region)
    assert json_error(answer) == (403, "InvalidSignatureException")
    assert "Credential should be scoped to a valid region" in json.loads(answer.body)["message"]
    assert xml_error(sts(server, region=region)) == (403, "SignatureDoesNotMatch")
    assert xml_error(call(server, "s3", "GET", "/", region=region)) == (400, "AuthorizationHeaderMalformed")


def test_a_bucket_of_another_region(server, bucket):
    answer = call(server, "s3", "GET", f"/{bucket}?list-type=2", region="eu-west-1")
    assert (answer.status, answer.headers.get("x-amz-bucket-region")) in ((400, "us-east-1"), (301, "us-east-1"))
    assert b"us-east-1" in answer.body


def test_a_changed_body(server):
    pairs = signed_head(server, "signer", "POST", "/signing-jobs", b'{"a":1}', JSON)
    assert json_error(send(server, "POST", "/signing-jobs", pairs, b'{"a":2}')) == (403, "InvalidSignatureException")


# ---- json 1.1 and query

def test_acm_errors(server):
    list_all = "CertificateManager.ListCertificates"
    assert target_error(acm(server, list_all, b"{")) == (400, "SerializationException")
    assert target_error(acm(server, "CertificateManager.Nothing"))[1] == "UnknownOperationException"
    assert target_error(acm(server, list_all, b'{"MaxItems":0}')) == (400, "ValidationException")
    describe = "CertificateManager.DescribeCertificate"
    missing = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
    assert target_error(acm(server, describe, json.dumps({"CertificateArn": missing}).encode())) == (
        400, "ResourceNotFoundException")


def test_sts_errors(server):
    assert xml_error(sts(server, b"Action=Nothing&Version=2011-06-15")) == (400, "InvalidAction")


# ---- S3

def test_malformed_xml(server, bucket):
    answer = call(server, "s3", "PUT", f"/{bucket}?versioning", b"<VersioningConfiguration><Status>")
    assert xml_error(answer) == (400, "MalformedXML")


def test_an_entity_bomb_is_not_expanded(server, bucket):
    bomb = (b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'"><!ENTITY c "' + b"&b;" * 1000 + b'">]>'
            b"<VersioningConfiguration><Status>&c;</Status></VersioningConfiguration>")
    assert xml_error(call(server, "s3", "PUT", f"/{bucket}?versioning", bomb)) == (400, "MalformedXML")


def test_a_body_that_is_not_what_its_hash_says(server, clients, bucket):
    pairs = signed_head(server, "s3", "PUT", f"/{bucket}/half", b"right")
    assert xml_error(send(server, "PUT", f"/{bucket}/half", pairs, b"wrong")) == (400, "XAmzContentSHA256Mismatch")
    assert "Versions" not in clients.s3.list_object_versions(Bucket=bucket)


def test_a_wrong_md5(server, clients, bucket):
    answer = call(server, "s3", "PUT", f"/{bucket}/half", b"image", {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="})
    assert xml_error(answer) == (400, "BadDigest")
    answer = call(server, "s3", "PUT", f"/{bucket}/half", b"image", {"Content-MD5": "x"})
    assert xml_error(answer) == (400, "InvalidDigest")
    assert "Versions" not in clients.s3.list_object_versions(Bucket=bucket)


def test_broken_chunk_framing(server, clients, bucket):
    headers = {"X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "Content-Encoding": "aws-chunked",
               "X-Amz-Decoded-Content-Length": "5", "X-Amz-Trailer": "x-amz-checksum-crc32"}
    path = f"/{bucket}/half"
    for body in (b"5\r\nhello", b"zz\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloo\r\n0\r\n\r\n",
                 b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", b"fffffffffffffffff\r\n"):
        answer = call(server, "s3", "PUT", path, body, headers)
        assert answer.status == 400, body
        assert xml_error(answer)[1] in ("IncompleteBody", "InvalidRequest", "BadDigest", "InvalidChunkSizeError"), body
    assert "Versions" not in clients.s3.list_object_versions(Bucket=bucket)


def test_s3_names_and_arguments(server, bucket):
    assert xml_error(call(server, "s3", "PUT", "/A_B")) == (400, "InvalidBucketName")
    assert xml_error(call(server, "s3", "GET", "/no-such-bucket-here?list-type=2")) == (404, "NoSuchBucket")
    assert xml_error(call(server, "s3", "GET", f"/{bucket}/none")) == (404, "NoSuchKey")
    assert xml_error(call(server, "s3", "GET", f"/{bucket}?list-type=2&max-keys=-1")) == (400, "InvalidArgument")
    assert xml_error(call(server, "s3", "PUT", f"/{bucket}/{'k' * 1025}", b"")) == (400, "KeyTooLongError")
    assert xml_error(call(server, "s3", "PUT", f"/{bucket}/k?partNumber=1&uploadId=none", b"x")) == (404, "NoSuchUpload")


def presigned(clients, bucket, key):
    """Path and query of a presigned GET."""
    parts = urlsplit(clients.s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60))
    return f"{parts.path}?{parts.query}"


def test_presigned_addresses(server, bucket):
    clients = Clients(server, config={"signature_version": "s3v4"})
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"image")
    host = {"Host": f"127.0.0.1:{server.port}"}
    target = presigned(clients, bucket, "k")
    assert send(server, "GET", target, host).body == b"image"
    assert xml_error(send(server, "GET", target.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), host)) == (
        403, "SignatureDoesNotMatch")
    broken = re.sub(r"X-Amz-Date=[^&]+&", "", target)
    assert xml_error(send(server, "GET", broken, host)) == (400, "AuthorizationQueryParametersError")
    # Debian's botocore signs through awscrt where that is installed, whose clock cannot be set: its own signer can.
    request = AWSRequest(method="GET", url=f"{server.endpoint}/{bucket}/k")
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = datetime.datetime.utcnow() - HOUR
        S3SigV4QueryAuth(Credentials(*server.credentials()), "s3", "us-east-1", expires=60).add_auth(request)
    parts = urlsplit(request.url)
    answer = send(server, "GET", f"{parts.path}?{parts.query}", host)
    assert xml_error(answer) == (403, "AccessDenied") and b"Request has expired" in answer.body


# ---- HTTP itself

@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                                  b"GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n", b"nonsense\r\n\r\n",
                                  b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                                  b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                                  b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
                                  b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                                  b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n"])
def test_malformed_http(server, head):
    assert exchange(server, head).status == 400


def test_oversized_headers(server):
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(1000))
    assert exchange(server, b"GET / HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n").status == 400
    long = b"X: " + b"a" * 200_000 + b"\r\n"
    assert exchange(server, b"GET / HTTP/1.1\r\nHost: a\r\n" + long + b"\r\n").status == 431


def stored_files(server):
    return {file for file in (server.folder / "objects").rglob("*") if file.is_file()}


def test_a_connection_that_breaks_within_a_body_leaves_nothing(server, clients, bucket):
    pairs = signed_head(server, "s3", "PUT", f"/{bucket}/half", b"x" * 100_000)
    lines = [f"PUT /{bucket}/half HTTP/1.1", *(f"{name}: {value}" for name, value in pairs.items())]
    before = stored_files(server)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + b"x" * 90_000)
        eventually(lambda: stored_files(server) != before, "the body is staged")
    eventually(lambda: stored_files(server) == before, "the staged bytes are gone")
    assert "Versions" not in clients.s3.list_object_versions(Bucket=bucket)
