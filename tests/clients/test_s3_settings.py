# SPDX-License-Identifier: Apache-2.0
"""Settings of buckets and attributes of objects, as infrastructure tools and the stock clients ask for them."""

import json
import os

import pytest
from test_s3 import MIB, code

POLICY = {"Version": "2012-10-17",
          "Statement": [{"Sid": "build", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
                         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/*"}]}

# What a tool that manages buckets reads of each, and the answer for a new one: a member, or the error.
NOTHING_SET = {
    "get_bucket_accelerate_configuration": None,
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_logging": None,
    "get_bucket_notification_configuration": None,
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_policy_status": "NoSuchBucketPolicy",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_bucket_tagging": "NoSuchTagSet",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
}


def without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def policy_for(bucket, **changes):
    statement = {**POLICY["Statement"][0], "Resource": f"arn:aws:s3:::{bucket}/*", **changes}
    return json.dumps({**POLICY, "Statement": [statement]})


@pytest.mark.parametrize("probe", NOTHING_SET)
def test_a_new_bucket_has_nothing_set(clients, bucket, probe):
    if NOTHING_SET[probe]:
        assert code(getattr(clients.s3, probe), Bucket=bucket) == (404, NOTHING_SET[probe])
    else:
        assert without_metadata(getattr(clients.s3, probe)(Bucket=bucket)) == {}


def test_a_new_bucket_is_closed_and_its_owners_alone(clients, bucket):
    block = clients.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
                     "RestrictPublicBuckets": True}
    rules = clients.s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    encryption = clients.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert [one["ApplyServerSideEncryptionByDefault"] for one in encryption] == [{"SSEAlgorithm": "AES256"}]
    assert clients.s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    owner = clients.s3.list_buckets()["Owner"]["ID"]
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    for acl in (clients.s3.get_bucket_acl(Bucket=bucket), clients.s3.get_object_acl(Bucket=bucket, Key="k")):
        assert acl["Owner"]["ID"] == owner
        assert acl["Grants"] == [{"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]


def test_settings_are_kept_and_removed(clients, bucket):
    tags = [{"Key": "team", "Value": "boot"}, {"Key": "größe", "Value": ""}]
    clients.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert clients.s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    clients.s3.delete_bucket_tagging(Bucket=bucket)
    assert code(clients.s3.get_bucket_tagging, Bucket=bucket) == (404, "NoSuchTagSet")

    text = policy_for(bucket)
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert clients.s3.get_bucket_policy(Bucket=bucket)["Policy"] == text
    assert clients.s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    clients.s3.delete_bucket_policy(Bucket=bucket)
    assert code(clients.s3.get_bucket_policy, Bucket=bucket) == (404, "NoSuchBucketPolicy")

    clients.s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    clients.s3.put_bucket_acl(Bucket=bucket, ACL="private")
    clients.s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert code(clients.s3.get_bucket_ownership_controls, Bucket=bucket) == (404, "OwnershipControlsNotFoundError")


def test_everybody_is_let_in_only_where_that_is_not_blocked(clients, bucket):
    everybody = policy_for(bucket, Principal="*")
    assert code(clients.s3.put_bucket_policy, Bucket=bucket, Policy=everybody) == (403, "AccessDenied")
    clients.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": False})
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=everybody)
    assert clients.s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}
    clients.s3.delete_public_access_block(Bucket=bucket)
    assert code(clients.s3.get_public_access_block, Bucket=bucket) == (404, "NoSuchPublicAccessBlockConfiguration")


@pytest.mark.parametrize("policy", ["{", "[]", json.dumps({"Version": "2012-10-17"}),
                                    policy_for("another-bucket"), policy_for("b", Effect="Perhaps")])
def test_what_is_no_policy_of_the_bucket_is_refused(clients, bucket, policy):
    assert code(clients.s3.put_bucket_policy, Bucket=bucket, Policy=policy) == (400, "MalformedPolicy")
    assert code(clients.s3.get_bucket_policy, Bucket=bucket) == (404, "NoSuchBucketPolicy")


def test_what_there_is_not_is_refused_and_not_ignored(clients, bucket):
    assert code(clients.s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == (400, "AccessControlListNotSupported")
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
    assert code(clients.s3.put_bucket_encryption, Bucket=bucket,
                ServerSideEncryptionConfiguration=kms) == (501, "NotImplemented")
    assert code(clients.s3.put_bucket_notification_configuration, Bucket=bucket,
                NotificationConfiguration={"EventBridgeConfiguration": {}}) == (501, "NotImplemented")
    clients.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


ATTRIBUTES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]


def test_attributes_of_an_object(clients, bucket):
    put = clients.s3.put_object(Bucket=bucket, Key="k", Body=b"image", ChecksumAlgorithm="SHA256")
    told = without_metadata(clients.s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=ATTRIBUTES))
    assert told.pop("LastModified")
    assert told.pop("Checksum")["ChecksumSHA256"] == put["ChecksumSHA256"]
    assert told == {"VersionId": put["VersionId"], "ETag": put["ETag"].strip('"'), "StorageClass": "STANDARD",
                    "ObjectSize": 5}
    told = clients.s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"])
    assert set(without_metadata(told)) == {"LastModified", "VersionId", "ObjectSize"}
    place = {"Bucket": bucket, "ObjectAttributes": ATTRIBUTES}
    assert code(clients.s3.get_object_attributes, **place, Key="other") == (404, "NoSuchKey")
    marker = clients.s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    assert code(clients.s3.get_object_attributes, **place, Key="k") == (404, "NoSuchKey")
    assert code(clients.s3.get_object_attributes, **place, Key="k", VersionId=marker) == (405, "MethodNotAllowed")


def test_attributes_of_the_parts_of_an_object_are_paged(clients, bucket):
    place = {"Bucket": bucket, "Key": "big"}
    sizes = [5 * MIB, 5 * MIB, 7]
    upload = clients.s3.create_multipart_upload(**place, ChecksumAlgorithm="SHA256")["UploadId"]
    parts = [{"PartNumber": number * 3, **{
        name: value for name, value in clients.s3.upload_part(
            **place, UploadId=upload, PartNumber=number * 3, Body=os.urandom(size), ChecksumAlgorithm="SHA256").items()
        if name in ("ETag", "ChecksumSHA256")}} for number, size in enumerate(sizes, 1)]
    clients.s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})

    def page(**more):
        return clients.s3.get_object_attributes(**place, ObjectAttributes=ATTRIBUTES, **more)

    whole = page()
    assert whole["ObjectSize"] == sum(sizes)
    assert whole["Checksum"]["ChecksumSHA256"].endswith("-3")
    assert whole["ObjectParts"] == {
        "TotalPartsCount": 3, "PartNumberMarker": 0, "NextPartNumberMarker": 9, "MaxParts": 1000, "IsTruncated": False,
        "Parts": [{"PartNumber": part["PartNumber"], "Size": size, "ChecksumSHA256": part["ChecksumSHA256"]}
                  for part, size in zip(parts, sizes)]}
    first = page(MaxParts=2)["ObjectParts"]
    assert ([one["PartNumber"] for one in first["Parts"]], first["IsTruncated"]) == ([3, 6], True)
    rest = page(MaxParts=2, PartNumberMarker=first["NextPartNumberMarker"])["ObjectParts"]
    assert ([one["PartNumber"] for one in rest["Parts"]], rest["IsTruncated"]) == ([9], False)
