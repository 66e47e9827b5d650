# SPDX-License-Identifier: Apache-2.0
"""The object store as the signing flow and the stock clients use it."""

import concurrent.futures
import hashlib
import io
import os
import threading

import pytest
from botocore.exceptions import ClientError
from conftest import Clients
from harness import IOT

MIB = 1024 * 1024


def code(call, **named):
    with pytest.raises(ClientError) as error:
        call(**named)
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"], error.value.response["Error"]["Code"]


@pytest.mark.parametrize("size", [0, 1, 5000, 70_000, 3 * MIB])
def test_what_is_put_is_got(clients, bucket, size):
    body = os.urandom(size)
    put = clients.s3.put_object(Bucket=bucket, Key="k", Body=body, Metadata={"build": "7"}, ContentType="text/x-test")
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = clients.s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == body
    assert (got["VersionId"], got["ETag"], got["ContentLength"]) == (put["VersionId"], put["ETag"], size)
    assert (got["Metadata"], got["ContentType"]) == ({"build": "7"}, "text/x-test")
    head = clients.s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentLength"], head["VersionId"]) == (size, put["VersionId"])


def test_puts_after_an_empty_one_on_the_same_connection(server, clients, bucket):
    # A connection of its own, and no second try: the client waits for 100 Continue even when there is nothing to send.
    client = Clients(server, config={"max_pool_connections": 1, "read_timeout": 20}).s3
    for number, body in enumerate((b"", b"first", b"", b"second")):
        client.put_object(Bucket=bucket, Key=f"k{number}", Body=body)
    listed = clients.s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Size"] for one in listed] == [0, 5, 0, 6]
    assert code(client.put_object, Bucket="no-such-bucket", Key="k", Body=b"") == (404, "NoSuchBucket")
    client.put_object(Bucket=bucket, Key="k", Body=b"third")


def test_ranges(clients, bucket):
    body = os.urandom(200_000)
    clients.s3.put_object(Bucket=bucket, Key="k", Body=body)
    for text, expected in (("bytes=0-0", body[:1]), ("bytes=100-299", body[100:300]), ("bytes=-7", body[-7:]),
                           ("bytes=199990-300000", body[199990:])):
        got = clients.s3.get_object(Bucket=bucket, Key="k", Range=text)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert got["Body"].read() == expected
        head = clients.s3.head_object(Bucket=bucket, Key="k", Range=text)
        assert head["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert head["ContentLength"] == len(expected)
    assert code(clients.s3.head_object, Bucket=bucket, Key="k", Range="bytes=200000-")[0] == 416
    assert code(clients.s3.get_object, Bucket=bucket, Key="k", Range="bytes=200000-") == (416, "InvalidRange")


def test_versions_newest_first_and_delete_markers(clients, bucket):
    versions = [clients.s3.put_object(Bucket=bucket, Key="k", Body=b"%d" % number)["VersionId"] for number in range(3)]
    marker = clients.s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    listed = clients.s3.list_object_versions(Bucket=bucket, Prefix="k")
    assert [one["VersionId"] for one in listed["Versions"]] == versions[::-1]
    assert [one["VersionId"] for one in listed["DeleteMarkers"]] == [marker["VersionId"]]
    assert [one["IsLatest"] for one in listed["Versions"] + listed["DeleteMarkers"]] == [False] * 3 + [True]
    assert code(clients.s3.get_object, Bucket=bucket, Key="k") == (404, "NoSuchKey")
    assert clients.s3.get_object(Bucket=bucket, Key="k", VersionId=versions[0])["Body"].read() == b"0"
    clients.s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert clients.s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


@pytest.mark.parametrize("options", [{}, {"ChecksumAlgorithm": "CRC32"}, {"ChecksumAlgorithm": "SHA256"}])
def test_delete_of_several(clients, bucket, options):
    for key in ("a", "b", "c"):
        clients.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = clients.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]}, **options)
    assert sorted(one["Key"] for one in answer["Deleted"]) == ["a", "b"]
    assert [one["Key"] for one in clients.s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["c"]


def test_version_lists_are_paged(clients, bucket):
    wanted = [(f"k{number % 4}", clients.s3.put_object(Bucket=bucket, Key=f"k{number % 4}", Body=b"x")["VersionId"])
              for number in range(11)]
    pages = clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    listed = [(one["Key"], one["VersionId"]) for page in pages for one in page.get("Versions", [])]
    assert sorted(listed) == sorted(wanted)
    assert [key for key, _ in listed] == sorted(key for key, _ in wanted)


def test_listing_with_a_delimiter(clients, bucket):
    for key in ("a/1", "a/2", "b/1", "c"):
        clients.s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = clients.s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [one["Key"] for one in answer["Contents"]] == ["c"]
    assert [one["Prefix"] for one in answer["CommonPrefixes"]] == ["a/", "b/"]


def test_keys_of_every_kind(clients, bucket):
    keys = ["with blank", "ümläut/日本", "plus+and&amp;=?#%41", "a//b", "./c", "quote'\"<>", "k" * 1024]
    for key in keys:
        clients.s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    for key in keys:
        assert clients.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    listed = [one["Key"] for one in clients.s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(keys, key=lambda key: key.encode())


def test_multipart(clients, bucket):
    parts = [os.urandom(5 * MIB), os.urandom(5 * MIB), b"end"]
    place = {"Bucket": bucket, "Key": "big"}
    upload = clients.s3.create_multipart_upload(**place)["UploadId"]
    tags = {}
    for number in (2, 3, 1):  # in any order
        tags[number] = clients.s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=parts[number - 1])["ETag"]
    assert code(clients.s3.head_object, **place)[0] == 404
    done = clients.s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={
        "Parts": [{"PartNumber": number, "ETag": tags[number]} for number in (1, 2, 3)]})
    digest = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest()
    assert done["ETag"] == f'"{digest}-3"'
    assert clients.s3.get_object(**place)["Body"].read() == b"".join(parts)
    assert clients.s3.get_object(**place, Range="bytes=5242870-5242889")["Body"].read() == parts[0][-10:] + parts[1][:10]


def test_multipart_refusals(clients, bucket):
    place = {"Bucket": bucket, "Key": "big"}
    upload = clients.s3.create_multipart_upload(**place)["UploadId"]
    tag = clients.s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"small")["ETag"]
    other = clients.s3.upload_part(**place, UploadId=upload, PartNumber=2, Body=b"small too")["ETag"]

    def complete(*parts):
        listed = [{"PartNumber": number, "ETag": entity_tag} for number, entity_tag in parts]
        return code(clients.s3.complete_multipart_upload, **place, UploadId=upload, MultipartUpload={"Parts": listed})

    assert complete((1, tag), (2, other)) == (400, "EntityTooSmall")
    assert complete((2, other), (1, tag)) == (400, "InvalidPartOrder")
    assert complete((1, other)) == (400, "InvalidPart")
    clients.s3.abort_multipart_upload(**place, UploadId=upload)
    assert complete((1, tag)) == (404, "NoSuchUpload")


def test_tags(clients, bucket):
    tags = [{"Key": "stage", "Value": "beta"}, {"Key": "größe & more", "Value": ""}]
    version = clients.s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="stage=alpha")["VersionId"]
    place = {"Bucket": bucket, "Key": "k"}
    assert clients.s3.get_object_tagging(**place)["TagSet"] == [{"Key": "stage", "Value": "alpha"}]
    assert code(clients.s3.put_object_tagging, **place, Tagging={"TagSet": tags}) == (400, "InvalidTag")
    tags[1]["Key"] = "größe"
    assert clients.s3.put_object_tagging(**place, Tagging={"TagSet": tags})["VersionId"] == version
    answer = clients.s3.get_object_tagging(**place)
    assert (answer["TagSet"], answer["VersionId"]) == (tags, version)
    assert clients.s3.get_object(**place)["TagCount"] == 2
    clients.s3.delete_object_tagging(**place, VersionId=version)
    assert clients.s3.get_object_tagging(**place)["TagSet"] == []
    assert clients.s3.get_object(**place)["Body"].read() == b"1"


def test_a_large_object_is_copied_by_the_command(clients, aws, bucket, tmp_path):
    body = os.urandom(20 * MIB)
    clients.s3.put_object(Bucket=bucket, Key="k", Body=body, Tagging="stage=beta&build=7", Metadata={"by": "test"},
                          ContentType="text/x-test")
    aws.run("s3", "cp", f"s3://{bucket}/k", f"s3://{bucket}/copies/k", "--only-show-errors")
    head = clients.s3.head_object(Bucket=bucket, Key="copies/k")
    assert head["ETag"].endswith('-3"'), "in parts of 8 MiB"
    assert (head["Metadata"], head["ContentType"]) == ({"by": "test"}, "text/x-test")
    tags = clients.s3.get_object_tagging(Bucket=bucket, Key="copies/k")["TagSet"]
    assert {one["Key"]: one["Value"] for one in tags} == {"stage": "beta", "build": "7"}
    aws.run("s3", "cp", f"s3://{bucket}/copies/k", tmp_path / "k", "--only-show-errors")
    assert (tmp_path / "k").read_bytes() == body
    aws.run("s3", "rm", "--recursive", f"s3://{bucket}/copies/", "--only-show-errors")


def test_an_empty_multipart_upload(clients, bucket):
    place = {"Bucket": bucket, "Key": "empty"}
    upload = clients.s3.create_multipart_upload(**place)["UploadId"]
    tag = clients.s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"")["ETag"]
    clients.s3.complete_multipart_upload(**place, UploadId=upload,
                                         MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    assert clients.s3.get_object(**place)["Body"].read() == b""


def test_managed_upload_and_download(clients, bucket):
    body = os.urandom(12 * MIB + 7)
    clients.s3.upload_fileobj(io.BytesIO(body), bucket, "k")
    out = io.BytesIO()
    clients.s3.download_fileobj(bucket, "k", out)
    assert out.getvalue() == body


def test_buckets(clients, bucket):
    assert bucket in [one["Name"] for one in clients.s3.list_buckets()["Buckets"]]
    clients.s3.head_bucket(Bucket=bucket)
    assert clients.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert clients.s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    clients.s3.create_bucket(Bucket=bucket)  # one's own, in us-east-1: no error
    version = clients.s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    assert code(clients.s3.delete_bucket, Bucket=bucket) == (409, "BucketNotEmpty")
    clients.s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    clients.s3.delete_bucket(Bucket=bucket)
    assert code(clients.s3.list_objects_v2, Bucket=bucket) == (404, "NoSuchBucket")


def test_writers_and_readers_of_one_key_see_whole_objects(server, clients):
    clients.s3.create_bucket(Bucket="contended")
    # From the database, from a file, and from one that is written past the page cache.
    bodies = [bytes([number]) * size for number, size in enumerate((10, 70_000, 1_200_000) * 2, 1)]
    clients.s3.put_object(Bucket="contended", Key="k", Body=bodies[0])
    written = threading.Event()

    def write(body):
        s3 = Clients(server).s3
        for _ in range(15):
            etag = s3.put_object(Bucket="contended", Key="k", Body=body)["ETag"]
            assert etag == f'"{hashlib.md5(body).hexdigest()}"'
            # What was acknowledged is listed, unless another one came after it.
            listed = s3.list_objects_v2(Bucket="contended")["Contents"]
            assert [one["Key"] for one in listed] == ["k"]
            assert listed[0]["Size"] in map(len, bodies)

    def read():
        s3 = Clients(server).s3
        reads = 0
        while not written.is_set() or reads == 0:
            got = s3.get_object(Bucket="contended", Key="k")
            data = got["Body"].read()
            assert data in bodies and got["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
            reads += 1
        return reads

    with concurrent.futures.ThreadPoolExecutor(len(bodies) + 2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for writer in [pool.submit(write, body) for body in bodies]:
                writer.result(120)
        finally:
            written.set()
        assert all(reader.result(120) > 1 for reader in readers)
    assert clients.s3.get_object(Bucket="contended", Key="k")["Body"].read() in bodies


def test_suspended_versioning_keeps_a_null_version(clients, bucket, signing):
    numbered = clients.s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    clients.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"3")
    listed = clients.s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [one["VersionId"] for one in listed] == ["null", numbered]
    assert clients.s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"3"
    # The literal `null` names a version that can be signed.
    job = signing.end(signing.start(signing.profile(IOT, "p256"), bucket, "null", key="k"))
    assert job["status"] == "Succeeded"
