# SPDX-License-Identifier: Apache-2.0
"""Policies of what is used rather than of who uses it: of buckets, profiles and roles; within an account, from another,
and for everybody."""

import json
import urllib.error
import urllib.request

from team import NAMES, Team, allow, code, document, message, other_account, signing, team, trust

def test_a_bucket_policy_lets_another_account_in_only_where_both_sides_allow(team, clients, bucket):
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    theirs = other_account(team.server)
    their_team = Team(team.server, theirs)
    name, user = their_team.user(allow("s3:GetObject"))
    get = {"Bucket": bucket, "Key": "k"}
    assert code(theirs.s3.get_object, **get) == "AccessDenied"
    statement = {"Effect": "Allow", "Principal": {"AWS": their_team.account}, "Action": "s3:GetObject",
                 "Resource": f"arn:aws:s3:::{bucket}/*"}
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))
    assert code(theirs.s3.get_object, **get) is None
    assert code(user.s3.get_object, **get) is None
    assert code(theirs.s3.delete_object, **get) == "AccessDenied"
    theirs.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(allow("signer:*")))
    assert code(user.s3.get_object, **get) == "AccessDenied", "its own account does not allow it"
    theirs.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(allow("s3:*")))
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(
        statement, {**statement, "Effect": "Deny", "Principal": {"AWS": their_team.user_arn(name)}}))
    assert code(user.s3.get_object, **get) == "AccessDenied"
    assert code(theirs.s3.get_object, **get) is None


def test_a_profile_is_used_by_another_account_that_it_permits(team, clients, signing):
    theirs = other_account(team.server)
    their_team = Team(team.server, theirs)
    profile = signing.profile()
    theirs.s3.create_bucket(Bucket=f"their-bucket-{next(NAMES)}")
    bucket = theirs.s3.list_buckets()["Buckets"][0]["Name"]
    theirs.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = theirs.s3.put_object(Bucket=bucket, Key="in", Body=b"their firmware")["VersionId"]
    request = {"profileName": profile, "profileOwner": team.account,
               "source": {"s3": {"bucketName": bucket, "key": "in", "version": version}},
               "destination": {"s3": {"bucketName": bucket}}}
    assert code(theirs.signer.start_signing_job, **request) == "AccessDeniedException"
    clients.signer.add_profile_permission(profileName=profile, action="signer:StartSigningJob",
                                          principal=their_team.account, statementId="other")
    job = theirs.signer.start_signing_job(**request)
    assert job["jobOwner"] == team.account
    theirs.signer.get_waiter("successful_signing_job").wait(jobId=job["jobId"])
    assert code(theirs.signer.get_signing_profile, profileName=profile,
                profileOwner=team.account) == "AccessDeniedException", "another action"


def test_a_role_goes_on_trusting_the_same_user_and_not_its_name(team, clients):
    name, user = team.user()
    role, arn = team.role({"AWS": team.user_arn(name)})
    user.sts.assume_role(RoleArn=arn, RoleSessionName="ci")
    shown = clients.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": team.user_arn(name)}
    old = clients.iam.get_user(UserName=name)["User"]["UserId"]
    for key in clients.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        clients.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    clients.iam.delete_user(UserName=name)
    _, impostor = team.user(name=name)
    assert code(impostor.sts.assume_role, RoleArn=arn, RoleSessionName="ci") == "AccessDenied"
    shown = clients.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"] == {"AWS": old}, "the bare id of whoever is gone"
    assert code(clients.iam.create_role, RoleName="nobodys", AssumeRolePolicyDocument=trust(
        {"AWS": team.user_arn("nobody")})) == "MalformedPolicyDocument"


def test_a_bucket_goes_on_trusting_the_same_user_and_not_its_name(team, clients, bucket):
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    get = {"Bucket": bucket, "Key": "k"}
    name, user = team.user()
    statement = {"Sid": "Sam", "Effect": "Allow", "Principal": {"AWS": [team.user_arn(name)]}, "Action": "s3:GetObject",
                 "Resource": f"arn:aws:s3:::{bucket}/*"}
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))
    assert code(user.s3.get_object, **get) is None
    shown = json.loads(clients.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert shown["Statement"] == [statement]
    clients.iam.update_user(UserName=name, NewUserName=f"{name}x")
    assert code(user.s3.get_object, **get) is None, "the same user under another name"
    impostor_name, impostor = team.user(name=name)
    assert code(impostor.s3.get_object, **get) == "AccessDenied"
    shown = json.loads(clients.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert shown["Statement"][0]["Principal"] == {"AWS": [team.user_arn(f"{impostor_name}x")]}
    statement["Principal"] = {"AWS": team.user_arn("nobody")}
    assert "Invalid principal" in message(clients.s3.put_bucket_policy, Bucket=bucket, Policy=document(statement))


def test_tags_of_objects_decide_who_reads_them(team, clients, bucket):
    for key, tagging in (("open", "class=open"), ("secret", "class=secret"), ("none", "")):
        clients.s3.put_object(Bucket=bucket, Key=key, Body=b"bytes", Tagging=tagging)
    is_open = {"Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "open"}}}
    _, reader = team.user({**allow(["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging"]), **is_open},
                          allow(["s3:PutObject", "s3:ListBucket", "signer:*"]))
    get = [code(reader.s3.get_object, Bucket=bucket, Key=key) for key in ("open", "secret", "none", "missing")]
    assert get == [None, "AccessDenied", "AccessDenied", "AccessDenied"]
    assert code(reader.s3.head_object, Bucket=bucket, Key="secret") == "403"
    assert code(reader.s3.get_object_tagging, Bucket=bucket, Key="open") is None
    _, looker = team.user({**allow(["s3:GetObjectAttributes", "s3:GetObjectAcl", "s3:GetObject"]), **is_open})
    for call, more in ((looker.s3.get_object_acl, {}), (looker.s3.get_object_attributes, {"ObjectAttributes": ["ETag"]})):
        answers = [code(call, Bucket=bucket, Key=key, **more) for key in ("open", "secret")]
        assert answers == [None, "AccessDenied"]
    for key, answer in (("open", None), ("secret", "AccessDenied")):
        assert code(reader.s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/{key}",
                    TaggingDirective="REPLACE") == answer
    _, copier = team.user({**allow("s3:GetObjectTagging"), **is_open}, allow(["s3:GetObject", "s3:Put*", "s3:List*"]))
    for key, answer in (("open", None), ("secret", "AccessDenied")):
        assert code(copier.s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/{key}") == answer
    old = clients.s3.head_object(Bucket=bucket, Key="secret")["VersionId"]
    clients.s3.put_object(Bucket=bucket, Key="secret", Body=b"bytes", Tagging="class=open")
    assert code(reader.s3.get_object, Bucket=bucket, Key="secret") is None
    assert code(reader.s3.get_object, Bucket=bucket, Key="secret", VersionId=old) == "AccessDenied"
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*",
         **is_open}))
    assert code(clients.s3.get_object, Bucket=bucket, Key="open") == "AccessDenied", "a bucket's policy may ask, too"
    assert code(clients.s3.get_object, Bucket=bucket, Key="none") is None


def test_tags_of_an_image_decide_who_signs_it(team, signing, clients):
    profile, source = signing.profile(), signing.upload(b"firmware")
    tested = {"Condition": {"StringEquals": {"s3:ExistingObjectTag/tests": "passed"}}}
    _, user = team.user(allow(["signer:*", "s3:PutObject"]), {**allow("s3:GetObjectVersion"), **tested})
    start = {"profileName": profile, "source": {"s3": source},
             "destination": {"s3": {"bucketName": signing.bucket, "prefix": "signed/"}}}
    assert code(user.signer.start_signing_job, **start) == "AccessDeniedException"
    clients.s3.put_object_tagging(Bucket=signing.bucket, Key=source["key"],
                                  Tagging={"TagSet": [{"Key": "tests", "Value": "passed"}]})
    assert code(user.signer.start_signing_job, **start) is None


def anonymous(method, address, body=None):
    """Status and body of a request that nobody signed."""
    request = urllib.request.Request(address, data=body, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_bucket_can_be_open_to_everybody(clients, bucket, server):
    clients.s3.put_object(Bucket=bucket, Key="public/k", Body=b"bytes")
    address = f"{server.endpoint}/{bucket}/public/k"
    assert anonymous("GET", address)[0] == 403
    statement = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"],
                 "Resource": f"arn:aws:s3:::{bucket}/public/*"}
    assert code(clients.s3.put_bucket_policy, Bucket=bucket, Policy=document(statement)) == "AccessDenied"
    clients.s3.delete_public_access_block(Bucket=bucket)
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(statement))
    assert anonymous("GET", address) == (200, b"bytes")
    assert anonymous("PUT", address, b"others' bytes")[0] == 200
    assert anonymous("GET", address) == (200, b"others' bytes")
    assert anonymous("GET", f"{server.endpoint}/{bucket}/private")[0] == 403
    assert anonymous("DELETE", address)[0] == 403
    clients.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert anonymous("GET", address)[0] == 403, "from the next request on"
    assert clients.s3.get_object(Bucket=bucket, Key="public/k")["Body"].read() == b"others' bytes"


def test_a_root_takes_back_a_policy_that_keeps_everybody_out(clients, bucket):
    everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*",
                  "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(everything))
    assert code(clients.s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert json.loads(clients.s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == [everything]
    clients.s3.delete_bucket_policy(Bucket=bucket)
    assert code(clients.s3.list_objects_v2, Bucket=bucket) is None
