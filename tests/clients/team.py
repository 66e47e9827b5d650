# SPDX-License-Identifier: Apache-2.0
"""What tests of identities share: a team of users and roles, policies in short, errors of calls."""

import configparser
import itertools
import json
import subprocess

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import Clients, Signing
from harness import BINARY, IOT, REGION

NAMES = itertools.count(1)


def code(call, *arguments, **members):
    """The error code of a call, or None when it succeeds."""
    try:
        call(*arguments, **members)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def message(call, **members):
    with pytest.raises(ClientError) as error:
        call(**members)
    return error.value.response["Error"]["Message"]


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal, action="sts:AssumeRole", **more):
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


class Team:
    """Users and roles of the first account, each under a name of its own."""

    def __init__(self, server, clients):
        self.server, self.root = server, clients
        self.account = clients.sts.get_caller_identity()["Account"]

    def user(self, *statements, name=None):
        """A new user with one inline policy of these statements: (name, clients that sign as it)."""
        name = name or f"user{next(NAMES)}"
        self.root.iam.create_user(UserName=name)
        if statements:
            self.root.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
        key = self.root.iam.create_access_key(UserName=name)["AccessKey"]
        return name, Clients(self.server, key=(key["AccessKeyId"], key["SecretAccessKey"]))

    def role(self, principal, *statements, **members):
        name = f"role{next(NAMES)}"
        more = {key: members.pop(key) for key in ("Condition",) if key in members}
        arn = self.root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal, **more),
                                        **members)["Role"]["Arn"]
        if statements:
            self.root.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return name, arn

    def user_arn(self, name):
        return f"arn:aws:iam::{self.account}:user/{name}"

    def profile_arn(self, name):
        return f"arn:aws:signer:{REGION}:{self.account}:/signing-profiles/{name}"

    def session(self, answer):
        """boto3 clients that sign with temporary credentials."""
        credentials = answer["Credentials"]
        session = boto3.session.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"],
                                        credentials["SessionToken"], region_name=REGION)
        config = Config(retries={"max_attempts": 0}, proxies={})
        return lambda service: session.client(service, endpoint_url=self.server.endpoint, config=config)


def other_account(server):
    """Clients of the root of a new account."""
    name = f"other{next(NAMES)}"
    answer = subprocess.run([str(BINARY), "account", "create", "--data", str(server.folder), name], check=True,
                            capture_output=True, text=True, timeout=60)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(answer.stdout)
    return Clients(server, key=(parser[name]["aws_access_key_id"], parser[name]["aws_secret_access_key"]))


@pytest.fixture(scope="module")
def team(server, clients):
    return Team(server, clients)


class Workbench:
    """A bucket, profiles in it, and jobs over them."""

    def __init__(self, clients, bucket, identities):
        self.bucket = bucket
        self._signing = Signing(clients, identities)

    def profile(self):
        return self._signing.profile(IOT, "p256")

    def upload(self, image):
        """Where an object is, as StartSigningJob wants it."""
        return {"bucketName": self.bucket, "key": "firmware.bin", "version": self._signing.put(self.bucket, image)}

    def start(self, profile, source):
        return self._signing.start(profile, self.bucket, source["version"])


@pytest.fixture
def signing(clients, bucket, identities):
    return Workbench(clients, bucket, identities)
