# SPDX-License-Identifier: Apache-2.0
"""Every operation of IAM about something that is not there, and with names that nothing can have. The tables are made of
the model: what lists NoSuchEntityException is asked about somebody whom nobody made."""

import re

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from harness import ROOT
from team import allow, code, document, trust

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# What they need is always there, or root itself is asked.
NEVER_MISSING = {"ChangePassword", "CreateGroup", "CreateServiceLinkedRole", "UpdateAccountPasswordPolicy"}
BAD_NAMES = {"UserName": "a b", "GroupName": "a/b", "RoleName": "a:b", "InstanceProfileName": "a\n", "PolicyName": "a*",
             "VirtualMFADeviceName": "a?", "AccountAlias": "Upper", "Name": "a b"}


def operations():
    """(name, names of its errors) of the model."""
    model = (ROOT / "model/iam.smithy").read_text()
    # What others are made of begins with its brace.
    for name, body in re.findall(r"^operation (\w+) with [^{]*\{(.*?)^\}", model, re.MULTILINE | re.DOTALL):
        errors = re.search(r"errors: \[([^\]]*)\]", body)
        yield name, errors.group(1).split(", ") if errors else []


OPERATIONS = dict(operations())


class Call:
    """An operation as boto3 calls it, and what a call about nobody says."""

    def __init__(self, clients, operation):
        names = {value: key for key, value in clients.iam.meta.method_to_api_mapping.items()}
        if operation not in names:
            pytest.skip(f"this boto3 does not know {operation}")
        self.run = getattr(clients.iam, names[operation])
        shape = clients.iam.meta.service_model.operation_model(operation).input_shape
        self.members = set(shape.members) if shape is not None else set()
        wanted = (set(shape.required_members) if shape is not None else set()) | ({"UserName"} & self.members)
        if operation == "CreateUser":
            wanted.add("PermissionsBoundary")
        known = self._known(clients.sts.get_caller_identity()["Account"], operation)
        self.given = {name: known[name] for name in wanted}

    @staticmethod
    def _known(account, operation):
        arn = f"arn:aws:iam::{account}"
        attaches = operation.startswith(("Attach", "Detach"))
        return {"UserName": "nobody", "GroupName": "nobody", "RoleName": "nobody", "InstanceProfileName": "nobody",
                "PolicyName": "nobody", "PolicyArn": ADMINISTRATOR if attaches else f"{arn}:policy/nobody",
                "PolicyDocument": trust({"AWS": account}) if "AssumeRole" in operation else document(allow("s3:*")),
                "AssumeRolePolicyDocument": trust({"AWS": account}), "VersionId": "v1",
                "AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "Status": "Active", "SerialNumber": f"{arn}:mfa/nobody",
                "AuthenticationCode1": "123456", "AuthenticationCode2": "654321", "Password": "some-Passw0rd",
                "OldPassword": "some-Passw0rd", "NewPassword": "a-Passw0rd", "Description": "x",
                "OpenIDConnectProviderArn": f"{arn}:oidc-provider/nobody.example.com", "ClientID": "x",
                "Url": "https://nobody.example.com", "ThumbprintList": ["0" * 40], "Name": "nobody",
                "SAMLProviderArn": f"{arn}:saml-provider/nobody", "SAMLMetadataDocument": "x" * 1000,
                "Tags": [{"Key": "a", "Value": "b"}], "TagKeys": ["a"], "PolicyInputList": [document(allow("s3:*"))],
                "PermissionsBoundary": f"{arn}:policy/nobody" if operation == "CreateUser" else ADMINISTRATOR,
                "PolicySourceArn": f"{arn}:user/nobody", "ActionNames": ["s3:GetObject"],
                "AccountAlias": "nobodys-alias", "VirtualMFADeviceName": "nobody", "AWSServiceName": "x.amazonaws.com"}


@pytest.mark.parametrize("operation", sorted(name for name, errors in OPERATIONS.items()
                                             if "NoSuchEntityException" in errors and name not in NEVER_MISSING))
def test_what_is_not_there_is_said_to_be_missing(clients, operation):
    call = Call(clients, operation)
    with pytest.raises(ClientError) as error:
        call.run(**call.given)
    said = error.value.response
    assert (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]) == ("NoSuchEntity", 404)
    assert said["Error"]["Message"]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_names_that_nothing_can_have_are_refused(clients, operation):
    call = Call(clients, operation)
    for name in BAD_NAMES.keys() & call.members:
        for bad in (BAD_NAMES[name], "", "x" * 1000):
            # The model limits this name by that of the serial number alone, which has the path, too.
            answer = "InvalidInput" if (name, bad[:1]) == ("VirtualMFADeviceName", "x") else "ValidationError"
            try:
                assert code(call.run, **{**call.given, name: bad}) == answer, (name, bad)
            except ParamValidationError:
                assert bad == "", "the client itself refuses what is empty, and nothing else"
