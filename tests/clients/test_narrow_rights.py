# SPDX-License-Identifier: Apache-2.0
"""Rights end where they were said to end: however an ARN is spelled, a name is reused, a request is signed, or a limit is
gone round."""

import json
import socket
import urllib.parse
import urllib.request
from urllib.error import HTTPError

import boto3
import pytest
from botocore.config import Config

from harness import REGION
from raw import call
from team import IOT, NAMES, Team, allow, code, deny, document, other_account, team, trust
from test_saml import provider


def presign(team, name, operation, **members):
    """An address signed by a user."""
    key = team.root.iam.create_access_key(UserName=name)["AccessKey"]
    session = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    client = session.client("s3", endpoint_url=team.server.endpoint, config=Config(signature_version="s3v4"))
    return client.generate_presigned_url(operation, Params=members)


def test_providers_are_found_by_their_very_arn(team, clients, provider):
    saml = clients.iam.create_saml_provider(Name="Prod", SAMLMetadataDocument=provider.metadata)["SAMLProviderArn"]
    openid = clients.iam.create_open_id_connect_provider(Url="https://token.example.com/r", ClientIDList=["a"],
                                                         ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
    _, user = team.user(allow("iam:*"), deny("iam:*", [saml, openid]))
    for arn in (saml, saml.replace("Prod", "prod"), saml.replace("/Prod", "/x/Prod")):
        assert code(user.iam.update_saml_provider, SAMLProviderArn=arn, SAMLMetadataDocument=provider.metadata) in (
            "AccessDenied", "NoSuchEntity")
        assert code(user.iam.delete_saml_provider, SAMLProviderArn=arn) in ("AccessDenied", "NoSuchEntity")
    for arn in (openid, openid.replace("token.example", "TOKEN.example"), openid[:-1] + "R"):
        assert code(user.iam.add_client_id_to_open_id_connect_provider, OpenIDConnectProviderArn=arn,
                    ClientID="evil") in ("AccessDenied", "NoSuchEntity")
    assert clients.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=openid)["ClientIDList"] == ["a"]
    assert len(clients.iam.list_saml_providers()["SAMLProviderList"]) == 1


def test_simulations_tell_of_the_named_entity_alone(team):
    other, _ = team.user(allow("s3:*"))
    _, user = team.user(allow("iam:*", [team.user_arn("simu*")]))
    for call, more in ((user.iam.simulate_principal_policy, {"ActionNames": ["s3:GetObject"]}),
                       (user.iam.get_context_keys_for_principal_policy, {})):
        assert code(call, PolicySourceArn=team.user_arn(other), **more) == "AccessDenied"
        assert code(call, PolicySourceArn=team.user_arn(f"simu/{other}"), **more) == "NoSuchEntity"


def test_a_simulation_has_a_bound(team):
    policy = document(*[allow("s3:*", ["arn:aws:s3:::*" + "a" * 900 + "b"] * 100)])
    asked = {"PolicyInputList": [policy], "ResourceArns": ["arn:aws:s3:::" + "a" * 1900]}
    assert code(team.root.iam.simulate_custom_policy, ActionNames=["s3:GetObject"], **asked) is None
    assert code(team.root.iam.simulate_custom_policy, ActionNames=[f"s3:Get{n}" for n in range(50)],
                **asked) == "InvalidInput"


def test_white_space_inside_of_texts_counts(team):
    name, _ = team.user()
    long = document(allow("s3:*", ["arn:aws:s3:::*" + " " * 1000] * 10))
    assert code(team.root.iam.put_user_policy, UserName=name, PolicyName="p", PolicyDocument=long) == "LimitExceeded"
    spaced = json.dumps(json.loads(document(allow("s3:*"))), indent=400)
    assert code(team.root.iam.put_user_policy, UserName=name, PolicyName="p", PolicyDocument=spaced) is None


def test_inherited_tags_and_source_identities_need_their_rights(team):
    name, user = team.user(allow("sts:*"))
    tagging = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    first = team.root.iam.create_role(RoleName=f"first{next(NAMES)}", AssumeRolePolicyDocument=trust(
        {"AWS": team.user_arn(name)}, tagging))["Role"]
    team.root.iam.put_role_policy(RoleName=first["RoleName"], PolicyName="p", PolicyDocument=document(allow("sts:*")))
    second, arn = team.role({"AWS": first["Arn"]})
    for more in ({"Tags": [{"Key": "Project", "Value": "secret"}], "TransitiveTagKeys": ["Project"]},
                 {"SourceIdentity": "mallory"}):
        sts = team.session(user.sts.assume_role(RoleArn=first["Arn"], RoleSessionName="s1", **more))("sts")
        assert code(sts.assume_role, RoleArn=arn, RoleSessionName="s2") == "AccessDenied"
    plain = team.session(user.sts.assume_role(RoleArn=first["Arn"], RoleSessionName="s1"))("sts")
    assert code(plain.assume_role, RoleArn=arn, RoleSessionName="s2") is None
    team.root.iam.update_assume_role_policy(RoleName=second, PolicyDocument=trust({"AWS": first["Arn"]}, tagging))
    assert sts.assume_role(RoleArn=arn, RoleSessionName="s2")["SourceIdentity"] == "mallory"


def test_a_session_follows_its_user_to_another_name(team, bucket):
    homes = f"arn:aws:s3:::{bucket}/homes/${{aws:username}}/*"
    name, user = team.user(allow("sts:GetSessionToken"), allow("s3:GetObject", homes))
    session = team.session(user.sts.get_session_token())("s3")
    team.root.s3.put_object(Bucket=bucket, Key=f"homes/{name}/k", Body=b"old")
    assert code(session.get_object, Bucket=bucket, Key=f"homes/{name}/k") is None
    team.root.iam.update_user(UserName=name, NewUserName=f"{name}-renamed")
    team.user(name=name)
    assert code(session.get_object, Bucket=bucket, Key=f"homes/{name}/k") == "AccessDenied"
    team.root.s3.put_object(Bucket=bucket, Key=f"homes/{name}-renamed/k", Body=b"new")
    assert code(session.get_object, Bucket=bucket, Key=f"homes/{name}-renamed/k") is None


def test_a_users_session_asks_the_token_service_for_roles_alone(team):
    _, user = team.user(allow("*"))
    sts = team.session(user.sts.get_session_token())("sts")
    assert code(sts.get_caller_identity) is None
    assert code(sts.get_access_key_info, AccessKeyId="AKIAIOSFODNN7EXAMPLE") == "AccessDenied"
    assert code(sts.decode_authorization_message, EncodedMessage="x") == "AccessDenied"


def test_a_boundary_is_a_policy_of_the_account(team):
    theirs = other_account(team.server)
    policy = theirs.iam.create_policy(PolicyName="hidden", PolicyDocument=document(allow("*")))["Policy"]["Arn"]
    assert code(team.root.iam.create_role, RoleName="bounded", PermissionsBoundary=policy,
                AssumeRolePolicyDocument=trust({"AWS": team.account})) == "InvalidInput"


def test_a_slow_upload_does_not_reach_the_next_owner_of_the_name(team, clients):
    theirs = other_account(team.server)
    bucket, body = f"reused-{next(NAMES)}", b"evil" * 50_000
    clients.s3.create_bucket(Bucket=bucket)
    name, _ = team.user(allow("s3:*"))
    url = urllib.parse.urlparse(presign(team, name, "put_object", Bucket=bucket, Key="install.sh"))
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        head = (f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(body)}\r\n"
                "Expect: 100-continue\r\n\r\n")
        connection.sendall(head.encode())
        assert b"100" in connection.recv(100), "it was let in"
        clients.s3.delete_bucket(Bucket=bucket)
        theirs.s3.create_bucket(Bucket=bucket)
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 404")
    assert theirs.s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_policy_that_opens_a_bucket_does_not_hand_it_over(team, clients, bucket):
    theirs = other_account(team.server)
    account = theirs.sts.get_caller_identity()["Account"]
    everything = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "s3:*",
                  "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(everything))
    assert code(theirs.s3.list_objects_v2, Bucket=bucket) is None
    for call, more in ((theirs.s3.put_bucket_policy, {"Policy": document(everything)}),
                       (theirs.s3.get_bucket_policy, {}), (theirs.s3.get_bucket_policy_status, {}),
                       (theirs.s3.delete_bucket_policy, {})):
        assert code(call, Bucket=bucket, **more) == "MethodNotAllowed"


def test_restricted_public_policies_are_for_the_own_account(team, clients, bucket):
    theirs = other_account(team.server)
    account = theirs.sts.get_caller_identity()["Account"]
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    named, everybody = {**read, "Principal": {"AWS": account}}, {**read, "Principal": "*"}
    clients.s3.delete_public_access_block(Bucket=bucket)
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(named, everybody))
    restrict = {"RestrictPublicBuckets": True}
    clients.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=restrict)
    assert code(theirs.s3.get_object, Bucket=bucket, Key="k") == "AccessDenied"
    _, own = team.user(allow("sts:GetCallerIdentity"))
    assert code(own.s3.get_object, Bucket=bucket, Key="k") is None
    clients.s3.put_bucket_policy(Bucket=bucket, Policy=document(named))
    assert code(theirs.s3.get_object, Bucket=bucket, Key="k") is None, "it is not public"


def test_deletes_of_many_are_asked_for_each_version(team, clients, bucket):
    kept, gone = (clients.s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"] for _ in range(2))
    _, user = team.user(allow("s3:*"), deny("s3:DeleteObjectVersion",
                                            Condition={"StringEquals": {"s3:VersionId": kept}}))
    answer = user.s3.delete_objects(Bucket=bucket, Delete={
        "Objects": [{"Key": "k", "VersionId": kept}, {"Key": "k", "VersionId": gone}]})
    assert [one["VersionId"] for one in answer["Deleted"]] == [gone]
    assert [one["Code"] for one in answer["Errors"]] == ["AccessDenied"]


@pytest.mark.parametrize("condition", [{"StringEquals": {"s3:authType": "REST-QUERY-STRING"}},
                                       {"NumericGreaterThan": {"s3:signatureAge": "-900000"}},
                                       {"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}])
def test_how_a_request_is_signed_can_be_asked(team, clients, bucket, condition):
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    name, user = team.user(allow("s3:*"), deny("s3:GetObject", Condition=condition))
    url = presign(team, name, "get_object", Bucket=bucket, Key="k")
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(url, timeout=30)
    assert refused.value.code == 403
    in_header = code(user.s3.get_object, Bucket=bucket, Key="k")
    assert in_header == (None if "s3:authType" in str(condition) else "AccessDenied")


def test_the_tags_that_a_request_gives_can_be_asked(team, clients, bucket):
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"bytes")
    only_owner = {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["Owner"]}}
    secret = {"StringEquals": {"s3:RequestObjectTag/Clearance": "secret"}}
    _, user = team.user(allow("s3:PutObjectTagging", Condition=only_owner), allow("s3:PutObject"),
                        deny("s3:PutObject", Condition=secret))
    tags = [{"Key": "Owner", "Value": "x"}]
    assert code(user.s3.put_object_tagging, Bucket=bucket, Key="k", Tagging={"TagSet": tags}) is None
    tags = [{"Key": "Clearance", "Value": "x"}]
    assert code(user.s3.put_object_tagging, Bucket=bucket, Key="k", Tagging={"TagSet": tags}) == "AccessDenied"
    assert code(user.s3.put_object, Bucket=bucket, Key="n", Body=b"", Tagging="Owner=x") is None
    assert code(user.s3.put_object, Bucket=bucket, Key="n", Body=b"", Tagging="Owner=x&Clearance=secret") == (
        "AccessDenied")


def test_a_variable_reads_the_tags_of_an_object(team, clients, bucket):
    name, user = team.user(allow("s3:*"), deny("s3:GetObject", Condition={
        "StringEquals": {"aws:username": "${s3:ExistingObjectTag/blocked}"}}))
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"bytes", Tagging=f"blocked={name}")
    assert code(user.s3.get_object, Bucket=bucket, Key="k") == "AccessDenied"
    clients.s3.put_object(Bucket=bucket, Key="k", Body=b"bytes", Tagging="blocked=somebody")
    assert code(user.s3.get_object, Bucket=bucket, Key="k") is None


def imported(clients, identity, **more):
    return clients.acm.import_certificate(Certificate=identity.certificate.read_bytes(),
                                          PrivateKey=identity.key.read_bytes(), **more)["CertificateArn"]


def test_the_tags_of_a_certificate_can_be_asked(team, clients, identities):
    tagged, other = (imported(clients, identities["p256"], Tags=[{"Key": "env", "Value": value}])
                     for value in ("prod", "test"))
    _, user = team.user(allow("acm:*"), deny("acm:DeleteCertificate", Condition={
        "StringEquals": {"aws:ResourceTag/env": "prod"}}))
    assert code(user.acm.delete_certificate, CertificateArn=tagged) == "AccessDeniedException"
    assert code(user.acm.delete_certificate, CertificateArn=other) is None


def test_the_tags_of_a_certificate_keep_its_key_in(team, clients):
    tagged, other = (clients.acm.request_certificate(DomainName="x.example.com", KeyAlgorithm="EC_prime256v1",
                                                     Tags=[{"Key": "env", "Value": value}])["CertificateArn"]
                     for value in ("prod", "test"))
    _, user = team.user(allow("acm:*"), deny("acm:ExportCertificate", Condition={
        "StringEquals": {"aws:ResourceTag/env": "prod"}}))
    assert code(user.acm.export_certificate, CertificateArn=tagged, Passphrase=b"secret") == "AccessDeniedException"
    assert code(user.acm.export_certificate, CertificateArn=other, Passphrase=b"secret") is None


def test_without_a_profile_the_rights_of_its_certificate_hold(team, clients, bucket, identities):
    arn = imported(clients, identities["p256"])
    clients.signer.put_signing_profile(profileName="Release", platformId=IOT, signingMaterial={"certificateArn": arn})
    version = clients.s3.put_object(Bucket=bucket, Key="in", Body=b"image")["VersionId"]
    asked = {"source": {"s3": {"bucketName": bucket, "key": "in", "version": version}},
             "destination": {"s3": {"bucketName": bucket}}, "platformId": IOT,
             "signingMaterial": {"certificateArn": arn}}
    _, denied = team.user(allow(["signer:*", "s3:*"]), deny("signer:StartSigningJob", team.profile_arn("Release")))
    _, signer = team.user(allow(["signer:StartSigningJob", "s3:*"]))
    _, trusted = team.user(allow(["signer:*", "s3:*"]))
    assert start(team, denied, asked) == 403
    assert start(team, signer, asked) == 403, "signing with a profile of one's own making is making one"
    assert start(team, trusted, asked) == 200


def start(team, clients, asked):
    """Debian's boto3 does not know how to start a job without a profile."""
    credentials = clients.signer._request_signer._credentials
    return call(team.server, "signer", "POST", "/signing-jobs", json.dumps(
        {**asked, "clientRequestToken": f"t{next(NAMES)}"}).encode(), {"Content-Type": "application/json"},
        key=(credentials.access_key, credentials.secret_key)).status
