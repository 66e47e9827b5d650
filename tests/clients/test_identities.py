# SPDX-License-Identifier: Apache-2.0
"""A team as an account's owner would build it: an administrator, a signer who may use one profile, an auditor who may
only read, roles for a CI system; each is stopped exactly where the policies say. The policies of the guide."""

import json
import sqlite3
import time

import pytest
from botocore.exceptions import ClientError
from conftest import Clients
from harness import IOT, eventually
from team import NAMES, allow, code, deny, document, message, signing, team, trust


def test_a_team_is_stopped_exactly_where_its_policies_say(team, clients, signing):
    profile, other = signing.profile(), signing.profile()
    source = signing.upload(b"firmware")
    _, admin = team.user()
    team.root.iam.attach_user_policy(UserName=f"user{next(NAMES) - 1}",
                                     PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    objects = f"arn:aws:s3:::{signing.bucket}/*"
    signer_name, signer = team.user(
        allow(["signer:StartSigningJob", "signer:GetSigningProfile"], team.profile_arn(profile)),
        allow("signer:DescribeSigningJob"), allow(["s3:GetObjectVersion", "s3:PutObject", "s3:GetObject"], objects))
    clients.iam.create_group(GroupName="auditors")
    clients.iam.put_group_policy(GroupName="auditors", PolicyName="read",
                                 PolicyDocument=document(allow(["signer:List*", "signer:Get*", "signer:Describe*"])))
    auditor_name, auditor = team.user()
    assert code(auditor.signer.list_signing_jobs) == "AccessDeniedException"
    clients.iam.add_user_to_group(GroupName="auditors", UserName=auditor_name)

    request = {"source": {"s3": source}, "destination": {"s3": {"bucketName": signing.bucket, "prefix": "signed/"}}}
    job = signer.signer.start_signing_job(profileName=profile, **request)["jobId"]
    signer.signer.get_waiter("successful_signing_job").wait(jobId=job)
    assert code(signer.signer.start_signing_job, profileName=other, **request) == "AccessDeniedException"
    assert code(signer.signer.list_signing_jobs) == "AccessDeniedException"
    assert code(signer.signer.cancel_signing_profile, profileName=profile) == "AccessDeniedException"
    assert code(signer.iam.create_access_key, UserName=signer_name) == "AccessDenied"
    assert code(signer.s3.list_buckets) == "AccessDenied"
    assert code(signer.s3.delete_object, Bucket=signing.bucket, Key=source["key"]) == "AccessDenied"

    assert job in [one["jobId"] for one in auditor.signer.list_signing_jobs()["jobs"]]
    auditor.signer.describe_signing_job(jobId=job)
    assert code(auditor.signer.start_signing_job, profileName=profile, **request) == "AccessDeniedException"
    assert code(auditor.signer.revoke_signature, jobId=job, reason="because") == "AccessDeniedException"
    assert code(auditor.s3.get_object, Bucket=signing.bucket, Key=source["key"]) == "AccessDenied"

    admin.iam.remove_user_from_group(GroupName="auditors", UserName=auditor_name)
    assert code(auditor.signer.list_signing_jobs) == "AccessDeniedException", "from the next request on"
    admin.signer.cancel_signing_profile(profileName=other)
    assert admin.sts.get_caller_identity()["Arn"].startswith(team.user_arn(""))


def test_signing_needs_rights_on_source_and_destination(team, signing):
    profile = signing.profile()
    source = signing.upload(b"firmware")
    request = {"profileName": profile, "source": {"s3": source},
               "destination": {"s3": {"bucketName": signing.bucket, "prefix": "out/"}}}
    bucket = f"arn:aws:s3:::{signing.bucket}"
    for statements, is_allowed in (
            ([allow("signer:StartSigningJob")], False),
            ([allow(["signer:StartSigningJob", "s3:GetObjectVersion"])], False),
            ([allow(["signer:StartSigningJob", "s3:PutObject"])], False),
            ([allow(["signer:StartSigningJob", "s3:GetObjectVersion", "s3:PutObject"])], True),  # the guide's policy
            ([allow(["signer:StartSigningJob", "s3:GetObjectVersion", "s3:PutObject"]), deny("*", f"{bucket}/out/*")],
             False),
            ([allow(["signer:StartSigningJob", "s3:GetObjectVersion"]), allow("s3:PutObject", f"{bucket}/out/*")], True),
            ([allow(["signer:StartSigningJob", "s3:GetObjectVersion"]), allow("s3:PutObject", f"{bucket}/in/*")], False)):
        _, user = team.user(*statements)
        assert code(user.signer.start_signing_job, **request) == (None if is_allowed else "AccessDeniedException")


# The policies that the guide prints, and what each lets its user do.
GUIDE = [
    ({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "signer:StartSigningJob", "Resource": "*"}]},
     []),
    ({"Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "signer:DescribeSigningJob", "Resource": "*"}}, ["describe"]),
    ({"Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "signer:ListSigningJobs", "Resource": "*"}}, ["list_jobs"]),
    # The guide's own spelling of the action, in its table.
    ({"Version": "2012-10-17",
      "Statement": {"Effect": "Allow", "Action": "signer:ListSigningJob", "Resource": "*"}}, ["list_jobs"]),
    ({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "signer:*", "Resource": "*"}]},
     ["describe", "list_jobs", "list_profiles", "list_platforms", "get_platform", "get_profile", "cancel"]),
    ({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["signer:*"], "Resource": ["*"]}]},
     ["describe", "list_jobs", "list_profiles", "list_platforms", "get_platform", "get_profile", "cancel"]),
]


@pytest.mark.parametrize("policy, allowed", GUIDE)
def test_the_policies_of_the_guide_allow_what_it_says(team, clients, signing, policy, allowed):
    profile = signing.profile()
    name, user = team.user()
    arn = clients.iam.create_policy(PolicyName=f"guide{next(NAMES)}",
                                    PolicyDocument=json.dumps(policy))["Policy"]["Arn"]
    clients.iam.attach_user_policy(UserName=name, PolicyArn=arn)
    job = signing.start(profile, signing.upload(b"x"))
    calls = {"describe": lambda: user.signer.describe_signing_job(jobId=job),
             "list_jobs": user.signer.list_signing_jobs, "list_profiles": user.signer.list_signing_profiles,
             "list_platforms": user.signer.list_signing_platforms,
             "get_platform": lambda: user.signer.get_signing_platform(platformId=IOT),
             "get_profile": lambda: user.signer.get_signing_profile(profileName=profile),
             "cancel": lambda: user.signer.cancel_signing_profile(profileName=profile)}
    for call, run in calls.items():
        assert code(run) == (None if call in allowed else "AccessDeniedException"), call


def test_a_denial_names_the_statement_and_so_does_the_audit_trail(team, clients):
    name, user = team.user(allow("signer:*"), deny("signer:ListSigningJobs", Sid="NoJobs"))
    text = message(user.signer.list_signing_jobs)
    assert "with an explicit deny in an identity-based policy" in text
    assert f"statement NoJobs of inline policy own of {team.user_arn(name)}" in text

    def recorded():
        with sqlite3.connect(f"file:{team.server.folder}/firmsign.db?mode=ro", uri=True) as database:
            records = [json.loads(record) for (record,) in database.execute(
                "SELECT record FROM cloudtrail_records WHERE event_name = 'ListSigningJobs'")]
        return [record for record in records if record["userIdentity"].get("userName") == name]

    record = eventually(recorded, "the record of the refused call")[0]
    assert record["errorCode"] == "AccessDeniedException"
    assert record["errorMessage"] == text
    assert record["userIdentity"]["type"] == "IAMUser"


def test_keys_that_are_switched_off_or_deleted_stop_at_once(team, clients):
    name, user = team.user(allow("signer:*"))
    key = clients.iam.list_access_keys(UserName=name)["AccessKeyMetadata"][0]["AccessKeyId"]
    assert code(user.signer.list_signing_jobs) is None
    for _ in range(3):
        clients.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
        assert code(user.signer.list_signing_jobs) == "UnrecognizedClientException"
        clients.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Active")
        assert code(user.signer.list_signing_jobs) is None
    clients.iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert code(user.signer.list_signing_jobs) == "UnrecognizedClientException"
    assert code(user.sts.get_caller_identity) == "InvalidClientTokenId"


def test_boundaries_limit_what_policies_allow(team, clients):
    name, user = team.user(allow("*"))
    boundary = clients.iam.create_policy(PolicyName=f"boundary{next(NAMES)}",
                                         PolicyDocument=document(allow("signer:List*")))["Policy"]["Arn"]
    clients.iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    assert code(user.signer.list_signing_jobs) is None
    assert "because no permissions boundary allows" in message(user.s3.list_buckets)
    assert code(clients.iam.delete_policy, PolicyArn=boundary) == "DeleteConflict"
    clients.iam.delete_user_permissions_boundary(UserName=name)
    assert code(user.s3.list_buckets) is None


def test_who_gives_rights_can_be_held_to_a_boundary(team, clients):
    """The delegation that AWS's documentation describes: rights are given to users within a boundary only."""
    boundary = clients.iam.create_policy(PolicyName=f"boundary{next(NAMES)}",
                                         PolicyDocument=document(allow("signer:*")))["Policy"]["Arn"]
    within = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}}}
    _, maker = team.user({**allow(["iam:CreateUser", "iam:PutUserPolicy", "iam:AttachUserPolicy",
                                   "iam:PutUserPermissionsBoundary"]), **within})
    inside, outside = f"in{next(NAMES)}", team.user()[0]
    assert code(maker.iam.create_user, UserName=inside) == "AccessDenied"
    maker.iam.create_user(UserName=inside, PermissionsBoundary=boundary)
    policy = {"PolicyName": "p", "PolicyDocument": document(allow("*"))}
    maker.iam.put_user_policy(UserName=inside, **policy)
    assert code(maker.iam.put_user_policy, UserName=outside, **policy) == "AccessDenied"
    assert code(maker.iam.attach_user_policy, UserName=outside,
                PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess") == "AccessDenied"
    assert code(maker.iam.put_user_permissions_boundary, UserName=inside,
                PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess") == "AccessDenied"
    maker.iam.put_user_permissions_boundary(UserName=outside, PermissionsBoundary=boundary)
    maker.iam.put_user_policy(UserName=outside, **policy)
    assert code(maker.iam.delete_user_permissions_boundary, UserName=inside) == "AccessDenied"


def test_a_new_default_version_counts_at_once(team, clients):
    name, user = team.user()
    arn = clients.iam.create_policy(PolicyName=f"versions{next(NAMES)}",
                                    PolicyDocument=document(allow("signer:ListSigningJobs")))["Policy"]["Arn"]
    clients.iam.attach_user_policy(UserName=name, PolicyArn=arn)
    assert code(user.signer.list_signing_jobs) is None
    second = clients.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*")),
                                               SetAsDefault=True)["PolicyVersion"]["VersionId"]
    assert second == "v2"
    assert code(user.signer.list_signing_jobs) == "AccessDeniedException"
    assert code(user.s3.list_buckets) is None
    clients.iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert code(user.signer.list_signing_jobs) is None
    assert code(clients.iam.delete_policy_version, PolicyArn=arn, VersionId="v1") == "DeleteConflict"
    clients.iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    assert clients.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(
        allow("s3:*")))["PolicyVersion"]["VersionId"] == "v3", "numbers are not used again"


def test_roles_are_assumed_by_whom_they_trust(team, clients):
    ci, ci_clients = team.user()
    _, other = team.user(allow("sts:AssumeRole"))
    _, arn = team.role({"AWS": team.user_arn(ci)}, allow("signer:List*"), MaxSessionDuration=7200,
                       Condition={"StringEquals": {"sts:ExternalId": "build-farm"}})
    assume = {"RoleArn": arn, "RoleSessionName": "build-7", "ExternalId": "build-farm"}
    answer = ci_clients.sts.assume_role(**assume)
    session = team.session(answer)
    assert session("sts").get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert code(session("signer").list_signing_jobs) is None
    assert code(session("s3").list_buckets) == "AccessDenied"
    assert code(session("iam").list_users) == "AccessDenied"
    assert code(other.sts.assume_role, **assume) == "AccessDenied"
    assert code(ci_clients.sts.assume_role, **{**assume, "ExternalId": "wrong"}) == "AccessDenied"
    assert code(ci_clients.sts.assume_role, RoleArn=arn, RoleSessionName="ci") == "AccessDenied"
    assert code(ci_clients.sts.assume_role, **{**assume, "RoleArn": arn + "x"}) == "AccessDenied"
    assert code(ci_clients.sts.assume_role, **assume, DurationSeconds=7201) == "ValidationError"
    assert code(clients.sts.assume_role, **assume) == "AccessDenied", "roots assume no roles"
    limited = team.session(ci_clients.sts.assume_role(**assume, Policy=document(allow("signer:ListSigningProfiles"))))
    assert code(limited("signer").list_signing_profiles) is None
    assert "because no session policy allows" in message(limited("signer").list_signing_jobs)


def test_sessions_end_with_their_role_and_lose_its_rights_at_once(team, clients):
    ci, ci_clients = team.user()
    name, arn = team.role({"AWS": team.user_arn(ci)}, allow("signer:List*"))
    session = team.session(ci_clients.sts.assume_role(RoleArn=arn, RoleSessionName="ci"))
    assert code(session("signer").list_signing_jobs) is None
    clients.iam.put_role_policy(RoleName=name, PolicyName="revoked", PolicyDocument=document(
        deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}})))
    assert code(session("signer").list_signing_jobs) == "AccessDeniedException"
    clients.iam.delete_role_policy(RoleName=name, PolicyName="revoked")
    assert code(session("signer").list_signing_jobs) is None
    clients.iam.delete_role_policy(RoleName=name, PolicyName="own")
    clients.iam.delete_role(RoleName=name)
    assert code(session("signer").list_signing_jobs) == "AccessDeniedException"


def test_tokens_that_are_not_whole_or_another_keys_are_refused(team, clients):
    ci, ci_clients = team.user()
    _, arn = team.role({"AWS": team.user_arn(ci)}, allow("signer:*"))
    first = ci_clients.sts.assume_role(RoleArn=arn, RoleSessionName="ci")
    second = ci_clients.sts.assume_role(RoleArn=arn, RoleSessionName="ci")

    def with_token(token):
        return team.session({"Credentials": {**first["Credentials"], "SessionToken": token}})

    token = first["Credentials"]["SessionToken"]
    assert code(with_token(token)("signer").list_signing_jobs) is None
    for wrong in (second["Credentials"]["SessionToken"], token[:-4], token + "AAAA", "x", "A" * 40_000,
                  token[:40] + ("A" if token[40] != "A" else "B") + token[41:]):
        assert code(with_token(wrong)("signer").list_signing_jobs) in ("UnrecognizedClientException", "413", "431"), wrong
    key = (first["Credentials"]["AccessKeyId"], first["Credentials"]["SecretAccessKey"])
    assert code(Clients(team.server, key=key).signer.list_signing_jobs) == "UnrecognizedClientException"


def test_session_tokens_of_users(team, clients):
    name, user = team.user(allow(["signer:*", "iam:*"]))
    session = team.session(user.sts.get_session_token(DurationSeconds=900))
    assert session("sts").get_caller_identity()["Arn"] == team.user_arn(name)
    assert code(session("signer").list_signing_jobs) is None
    assert code(session("iam").list_users) == "AccessDenied", "not without MFA"
    assert code(session("sts").get_session_token) == "AccessDenied"
    key = clients.iam.list_access_keys(UserName=name)["AccessKeyMetadata"][0]["AccessKeyId"]
    clients.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert code(session("signer").list_signing_jobs) == "UnrecognizedClientException", "it ends with the key"


def test_federated_users_have_what_both_sides_allow(team, clients):
    _, user = team.user(allow(["signer:*", "sts:GetFederationToken"]))
    bob = team.session(user.sts.get_federation_token(Name="bob", Policy=document(allow(["signer:List*", "s3:*"]))))
    assert code(bob("signer").list_signing_jobs) is None
    assert code(bob("s3").list_buckets) == "AccessDenied", "the user has no such right"
    assert code(bob("signer").get_signing_platform, platformId=IOT) == "AccessDeniedException"
    nobody = team.session(user.sts.get_federation_token(Name="nobody"))
    assert code(nobody("signer").list_signing_jobs) == "AccessDeniedException"
    assert nobody("sts").get_caller_identity()["UserId"] == f"{team.account}:nobody"


def test_what_is_made_is_asked_for_by_its_whole_name(team, clients):
    """Paths and tags give rights, so they are rights: of what is made, and of what something becomes."""
    _, maker = team.user(allow(["iam:Create*", "iam:UpdateUser", "iam:UpdateGroup"],
                               f"arn:aws:iam::{team.account}:*/made/*"))
    name = f"made{next(NAMES)}"
    calls = ((maker.iam.create_user, {"UserName": name}), (maker.iam.create_group, {"GroupName": name}),
             (maker.iam.create_role, {"RoleName": name, "AssumeRolePolicyDocument": trust({"AWS": team.account})}),
             (maker.iam.create_policy, {"PolicyName": name, "PolicyDocument": document(allow("s3:*"))}),
             (maker.iam.create_instance_profile, {"InstanceProfileName": name}),
             (maker.iam.create_virtual_mfa_device, {"VirtualMFADeviceName": name}))
    for call, members in calls:
        assert code(call, **members) == "AccessDenied"
        assert code(call, **members, Path="/admin/") == "AccessDenied"
        if call != maker.iam.create_group:
            assert "iam:Tag" in message(call, **members, Path="/made/", Tags=[{"Key": "team", "Value": "admin"}])
        call(**members, Path="/made/")
    assert code(maker.iam.update_user, UserName=name, NewPath="/admin/") == "AccessDenied"
    assert code(maker.iam.update_group, GroupName=name, NewPath="/") == "AccessDenied"
    maker.iam.update_user(UserName=name, NewPath="/made/on/")
    assert clients.iam.get_user(UserName=name)["User"]["Arn"] == team.user_arn(f"made/on/{name}")

    _, holder = team.user(allow("iam:AddRoleToInstanceProfile"))
    assert "iam:PassRole" in message(holder.iam.add_role_to_instance_profile, InstanceProfileName=name, RoleName=name)

    _, broker = team.user(allow("sts:GetFederationToken"))
    assert "sts:TagSession" in message(broker.sts.get_federation_token, Name="bob",
                                       Tags=[{"Key": "team", "Value": "admin"}])


def test_documents_are_refused_with_reason_and_place(team, clients):
    name, _ = team.user()
    for text, said in ((document(allow("StartSigningJob")), "Statement[0].Action"),
                       (document(allow("signer:*"), {"Effect": "Allow", "Action": "s3:*"}), "Statement[1]"),
                       ("{", "invalid Json"), (document({**allow("s3:*"), "Principal": "*"}), "principal")):
        with pytest.raises(ClientError) as error:
            clients.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text)
        assert error.value.response["Error"]["Code"] == "MalformedPolicyDocument"
        assert said in error.value.response["Error"]["Message"]
    large = document(*[allow("signer:*", f"arn:aws:s3:::{'x' * 50}{i}") for i in range(30)])
    assert code(clients.iam.put_user_policy, UserName=name, PolicyName="p", PolicyDocument=large) == "LimitExceeded"
    assert code(clients.iam.create_role, RoleName="r", AssumeRolePolicyDocument=document(
        {"Effect": "Allow", "Principal": "*", "Action": "signer:*"})) == "MalformedPolicyDocument"


def test_simulations_agree_with_what_happens(team, clients):
    name, user = team.user(allow("signer:List*"), deny("signer:ListSigningJobs", Sid="NoJobs"))
    answer = clients.iam.simulate_principal_policy(
        PolicySourceArn=team.user_arn(name),
        ActionNames=["signer:ListSigningProfiles", "signer:ListSigningJobs", "s3:ListAllMyBuckets"])["EvaluationResults"]
    assert [one["EvalDecision"] for one in answer] == ["allowed", "explicitDeny", "implicitDeny"]
    assert code(user.signer.list_signing_profiles) is None
    assert code(user.signer.list_signing_jobs) == "AccessDeniedException"
    assert "own" in answer[1]["MatchedStatements"][0]["SourcePolicyId"]
    custom = clients.iam.simulate_custom_policy(
        PolicyInputList=[document(allow("s3:GetObject", "arn:aws:s3:::b/*",
                                        Condition={"Bool": {"aws:SecureTransport": "true"}}))],
        ActionNames=["s3:GetObject"], ResourceArns=["arn:aws:s3:::b/k"])["EvaluationResults"][0]
    assert custom["EvalDecision"] == "implicitDeny"
    assert custom["MissingContextValues"] == ["aws:securetransport"]
    custom = clients.iam.simulate_custom_policy(
        PolicyInputList=[document(allow("s3:GetObject", "arn:aws:s3:::b/*",
                                        Condition={"Bool": {"aws:SecureTransport": "true"}}))],
        ActionNames=["s3:GetObject"], ResourceArns=["arn:aws:s3:::b/k"],
        ContextEntries=[{"ContextKeyName": "aws:SecureTransport", "ContextKeyValues": ["true"],
                         "ContextKeyType": "boolean"}])["EvaluationResults"][0]
    assert custom["EvalDecision"] == "allowed"


def test_lists_come_in_pages(team, clients):
    for number in range(7):
        clients.iam.create_user(UserName=f"page{number}", Path="/pages/")
    pages = list(clients.iam.get_paginator("list_users").paginate(PathPrefix="/pages/",
                                                                  PaginationConfig={"PageSize": 3}))
    assert [len(page["Users"]) for page in pages] == [3, 3, 1]
    assert [user["UserName"] for page in pages for user in page["Users"]] == [f"page{n}" for n in range(7)]
    assert code(clients.iam.list_users, Marker="!") == "ValidationError"
    assert code(clients.iam.create_user, UserName="PAGE1") == "EntityAlreadyExists", "names are the same in any case"


def test_what_a_user_has_keeps_it_from_being_deleted(team, clients):
    name, _ = team.user(allow("s3:*"))
    iam = clients.iam
    assert code(iam.delete_user, UserName=name) == "DeleteConflict"
    iam.delete_user_policy(UserName=name, PolicyName="own")
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        assert code(iam.delete_user, UserName=name) == "DeleteConflict"
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.create_login_profile(UserName=name, Password="Correct-Horse-7")
    assert code(iam.delete_user, UserName=name) == "DeleteConflict"
    assert code(iam.update_login_profile, UserName=name, Password="short") == "PasswordPolicyViolation"
    iam.delete_login_profile(UserName=name)
    iam.delete_user(UserName=name)
    assert code(iam.get_user, UserName=name) == "NoSuchEntity"


def test_the_stock_command_shows_and_changes_identities(aws, team):
    assert aws("iam", "create-user", "--user-name", "cli", "--tags", "Key=team,Value=boot")["User"]["Tags"] == [
        {"Key": "team", "Value": "boot"}]
    assert aws("iam", "list-user-tags", "--user-name", "cli")["Tags"] == [{"Key": "team", "Value": "boot"}]
    aws("iam", "put-user-policy", "--user-name", "cli", "--policy-name", "p", "--policy-document",
        document(allow("signer:*")))
    shown = aws("iam", "get-user-policy", "--user-name", "cli", "--policy-name", "p")
    assert shown["PolicyDocument"]["Statement"][0]["Action"] == "signer:*"
    assert aws("iam", "get-account-summary")["SummaryMap"]["UsersQuota"] == 5000
    aws("iam", "generate-credential-report")
    report = aws("iam", "get-credential-report")
    assert report["ReportFormat"] == "text/csv"
    details = aws("iam", "get-account-authorization-details", "--filter", "User")
    assert "cli" in [one["UserName"] for one in details["UserDetailList"]]


def test_roles_are_waited_for(clients, team):
    name, _ = team.role({"Service": "iot.amazonaws.com"})
    began = time.monotonic()
    clients.iam.get_waiter("role_exists").wait(RoleName=name)
    assert time.monotonic() - began < 5
