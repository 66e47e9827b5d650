# SPDX-License-Identifier: Apache-2.0
"""Uploads by a form of a page, as browsers send it, with a policy that boto3 signs."""

import base64
import contextlib
import http.client
import json
import os
import sqlite3
import urllib.parse
import xml.etree.ElementTree

import pytest
from conftest import Clients
from harness import Server

MIB = 1 << 20
BOUNDARY = "----WebKitFormBoundaryE19zNvXGzXaLvS5C"


@pytest.fixture(scope="module")
def s3(server):
    return Clients(server, config={"signature_version": "s3v4"}).s3


@pytest.fixture(scope="module", autouse=True)
def bucket(s3):
    s3.create_bucket(Bucket="forms")
    s3.put_bucket_versioning(Bucket="forms", VersioningConfiguration={"Status": "Enabled"})


def form(fields, data, file_name="firmware.bin", after=()):
    """What a browser makes of the fields and the chosen file."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]
    if data is not None:
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
                     "Content-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n")
    parts += [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nx\r\n'.encode() for name in after]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def post(server, path, body, host=None):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        connection.request("POST", path, body, {**headers, "Host": host} if host else headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


def signed(s3, key, conditions=(), seconds=60, **fields):
    """The fields of a form that the owner of the key allows."""
    wanted = [*conditions, *({name: value} for name, value in fields.items())]
    return s3.generate_presigned_post("forms", key, Fields=fields, Conditions=wanted, ExpiresIn=seconds)["fields"]


def code(body):
    return xml.etree.ElementTree.fromstring(body).findtext("Code")


@pytest.mark.parametrize("size", [0, 1, 70_000, 3 * MIB])
def test_a_form_puts_an_object(server, s3, size):
    data = os.urandom(size)
    fields = signed(s3, "builds/${filename}", [["starts-with", "$key", "builds/"], ["content-length-range", 0, size]],
                    **{"Content-Type": "application/x-test", "x-amz-meta-build": "7", "acl": "private"})
    status, headers, body = post(server, "/forms", form(fields, data, f"image-{size} +ü.bin", after=["submit"]))
    assert (status, body) == (204, "")
    got = s3.get_object(Bucket="forms", Key=f"builds/image-{size} +ü.bin")
    assert got["Body"].read() == data
    assert (got["ContentType"], got["Metadata"]) == ("application/x-test", {"build": "7"})
    assert (headers["ETag"], headers["x-amz-version-id"]) == (got["ETag"], got["VersionId"])
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        parts = urllib.parse.urlsplit(headers["Location"])
        assert urllib.parse.unquote(parts.path) == f"/forms/builds/image-{size} +ü.bin"
        connection.request("GET", parts.path)
        assert connection.getresponse().status == 403, "and nobody else reads it"


def test_a_form_says_how_it_is_answered(server, s3):
    created = post(server, "/forms/", form(signed(s3, "a&b", success_action_status="201"), b"x"))
    assert created[0] == 201
    told = {one.tag: one.text for one in xml.etree.ElementTree.fromstring(created[2])}
    assert told == {"Location": f"http://127.0.0.1:{server.port}/forms/a%26b", "Bucket": "forms", "Key": "a&b",
                    "ETag": s3.head_object(Bucket="forms", Key="a&b")["ETag"]}
    assert post(server, "/forms", form(signed(s3, "k", success_action_status="200"), b"x"))[0] == 200
    assert post(server, "/forms", form(signed(s3, "k", success_action_status="999"), b"x"))[0] == 204
    fields = signed(s3, "k", success_action_redirect="http://pages.test/done?a=b")
    status, headers, _ = post(server, "/forms", form(fields, b"x"))
    address = urllib.parse.urlsplit(headers["Location"])
    assert (status, address.netloc, address.path) == (303, "pages.test", "/done")
    assert dict(urllib.parse.parse_qsl(address.query)) == {"a": "b", "bucket": "forms", "key": "k",
                                                          "etag": s3.head_object(Bucket="forms", Key="k")["ETag"]}
    assert post(server, "/", form(signed(s3, "by host"), b"x"), host=f"forms.localhost:{server.port}")[0] == 204
    assert s3.get_object(Bucket="forms", Key="by host")["Body"].read() == b"x"


def test_a_form_that_its_policy_does_not_allow_is_refused(server, s3):
    def refused(fields, data=b"0123456789", path="/forms"):
        status, _, body = post(server, path, form(fields, data))
        return status, code(body)

    good = signed(s3, "refused", [["content-length-range", 2, 10]])
    assert refused({**good, "key": "another"}) == (403, "AccessDenied")
    assert refused({**good, "x-amz-meta-more": "1"}) == (403, "AccessDenied")
    assert refused(good, b"1") == (400, "EntityTooSmall")
    assert refused(good, b"0123456789a") == (400, "EntityTooLarge")
    assert refused(good, os.urandom(2 * MIB)) == (400, "EntityTooLarge")
    assert refused(good, path="/other") == (403, "AccessDenied")
    assert refused(signed(s3, "refused", seconds=-1)) == (403, "AccessDenied")
    assert refused({**good, "x-amz-signature": "0" * 64}) == (403, "SignatureDoesNotMatch")
    looser = json.loads(base64.b64decode(good["policy"]))
    looser["conditions"] = [{"bucket": "forms"}, ["starts-with", "$key", ""]]
    assert refused({**good, "policy": base64.b64encode(json.dumps(looser).encode()).decode()}) == (
        403, "SignatureDoesNotMatch")
    assert refused({"key": "refused"}) == (403, "AccessDenied"), "nobody may write without a policy"
    nobody = good["x-amz-credential"].split("/", 1)[1]
    assert refused({**good, "x-amz-credential": f"AKIAIOSFODNN7EXAMPLE/{nobody}"}) == (403, "InvalidAccessKeyId")
    assert refused({**good, "x-amz-credential": "x"}) == (400, "InvalidArgument")
    assert "Contents" not in s3.list_objects_v2(Bucket="forms", Prefix="refused")


def test_a_form_is_never_another_request(server, s3):
    s3.put_object(Bucket="forms", Key="source", Body=b"secret")
    for field, value in {"x-amz-copy-source": "/forms/source", "tagging": "<Tagging/>",
                         "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}.items():
        status, _, body = post(server, "/forms", form(signed(s3, "other", **{field: value}), b"x"))
        assert (status, code(body)) == (501, "NotImplemented"), field
    status, _, body = post(server, "/forms", form(signed(s3, "other", **{"Content-Type": "a\r\nx-evil: 1"}), b"x"))
    assert (status, code(body)) == (400, "InvalidArgument")
    # A key that is empty, and an address without a bucket, are no reason to make a bucket.
    buckets = s3.list_buckets()["Buckets"]
    fields = signed(s3, "${filename}", [["starts-with", "$key", ""]])
    status, _, body = post(server, "/forms", form(fields, b"x", file_name=""))
    assert (status, code(body)) == (400, "InvalidArgument")
    for path in ("/", "/forms/key", "//forms"):
        assert post(server, path, form(signed(s3, "new-bucket"), b"x"))[0] in (400, 403, 404, 405)
    assert s3.list_buckets()["Buckets"] == buckets
    assert "Contents" not in s3.list_objects_v2(Bucket="forms", Prefix="other")


def test_forms_are_in_the_audit_trail(tmp_path):
    with Server(tmp_path / "data", "--set", "audit.data_events=true") as server:
        s3 = Clients(server, config={"signature_version": "s3v4"}).s3
        s3.create_bucket(Bucket="forms")
        assert post(server, "/forms", form(signed(s3, "taken"), b"x"))[0] == 204
        assert post(server, "/forms", form({**signed(s3, "taken"), "key": "denied"}, b"x"))[0] == 403
        assert server.stop() == 0
    with contextlib.closing(sqlite3.connect(f"file:{tmp_path}/data/firmsign.db?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT record FROM cloudtrail_records").fetchall()
    records = [json.loads(record) for (record,) in rows]
    outcomes = [one.get("errorCode") for one in records if one["eventName"] == "PutObject"]
    assert sorted(outcomes, key=str) == ["AccessDenied", None]


def test_what_is_no_form_is_refused(server, s3):
    fields = signed(s3, "broken")
    whole = form(fields, b"0123456789")
    for body, expected in {whole[: whole.index(b"policy")]: "MalformedPOSTRequest", form(fields, None): "InvalidArgument",
                           form({"x": "y" * 30_000, **fields}, b""): "MaxPostPreDataLengthExceededError",
                           b"": "MalformedPOSTRequest", whole[:-30]: "IncompleteBody",
                           form({**fields, "KEY": "another"}, b""): "MalformedPOSTRequest"}.items():
        status, _, answer = post(server, "/forms", body)
        assert (status, code(answer)) == (400, expected)
    assert "Contents" not in s3.list_objects_v2(Bucket="forms", Prefix="broken")
