# SPDX-License-Identifier: Apache-2.0
"""Roles assumed with the assertions of a SAML identity provider, which the xmlsec1 command signs."""

import base64
import datetime
import itertools
import subprocess

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from harness import REGION, openssl
from team import allow, code, document, message

CONFIG = {"retries": {"max_attempts": 0}, "proxies": {}}
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"
ISSUER = "https://idp.example.com/saml"
TEMPLATE = """
    <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
      <ds:SignedInfo>
        <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
        <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
        <ds:Reference URI="#{id}">
          <ds:Transforms>
            <ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
            <ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
          </ds:Transforms>
          <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
          <ds:DigestValue/>
        </ds:Reference>
      </ds:SignedInfo>
      <ds:SignatureValue/>
    </ds:Signature>"""


class Provider:
    """An identity provider, as companies have one."""

    def __init__(self, folder):
        self.folder, self.ids = folder, itertools.count(1)
        self.key, self.certificate = folder / "idp.key.pem", folder / "idp.crt.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.certificate, "-days",
                "30", "-subj", "/CN=idp.example.com")
        base64_lines = [line for line in self.certificate.read_text().splitlines() if not line.startswith("-----")]
        self.metadata = f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{ISSUER}">
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <ds:X509Data><ds:X509Certificate>
{chr(10).join(base64_lines)}
        </ds:X509Certificate></ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{ISSUER}/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"""

    def answer(self, role, provider, subject="sam@example.com", session="sam", at=None, **attributes):
        """A response in base64 with one assertion, as a browser would post it."""
        now = at or datetime.datetime.now(datetime.timezone.utc)
        spell = "{:%Y-%m-%dT%H:%M:%S.000Z}".format
        issued, until = spell(now), spell(now + datetime.timedelta(minutes=5))
        name = f"_a{next(self.ids)}"
        values = {f"{ATTRIBUTES}/Role": f"{role},{provider}", f"{ATTRIBUTES}/RoleSessionName": session,
                  **{f"{ATTRIBUTES}/{key}": value for key, value in attributes.items()}}
        statements = "".join(f"""
        <saml:Attribute Name="{key}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">
          <saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">{value}</saml:AttributeValue>
        </saml:Attribute>""" for key, value in values.items())
        text = f"""<?xml version="1.0" encoding="UTF-8"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r{name}" Version="2.0" IssueInstant="{issued}"
    Destination="https://signin.aws.amazon.com/saml">
  <saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{ISSUER}</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="{name}" IssueInstant="{issued}">
    <saml:Issuer>{ISSUER}</saml:Issuer>{TEMPLATE.format(id=name)}
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{subject}</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="https://signin.aws.amazon.com/saml"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="{issued}" NotOnOrAfter="{until}">
      <saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="{issued}" SessionIndex="{name}"><saml:AuthnContext>
      <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>
    </saml:AuthnContext></saml:AuthnStatement>
    <saml:AttributeStatement>{statements}
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>"""
        (self.folder / "unsigned.xml").write_text(text)
        signed = subprocess.run(
            ["xmlsec1", "--sign", "--privkey-pem", self.key, "--id-attr:ID",
             "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", self.folder / "unsigned.xml"],
            check=True, capture_output=True, timeout=60).stdout
        return base64.b64encode(signed).decode()


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    return Provider(tmp_path_factory.mktemp("saml"))


def test_people_sign_in_with_their_company(server, provider, clients, tmp_path):
    arn = clients.iam.create_saml_provider(Name="Office", SAMLMetadataDocument=provider.metadata,
                                        Tags=[{"Key": "site", "Value": "north"}])["SAMLProviderArn"]
    shown = clients.iam.get_saml_provider(SAMLProviderArn=arn)
    assert shown["SAMLMetadataDocument"] == provider.metadata
    assert shown["Tags"] == [{"Key": "site", "Value": "north"}]
    assert shown["ValidUntil"] > shown["CreateDate"]
    assert [one["Arn"] for one in clients.iam.list_saml_providers()["SAMLProviderList"]] == [arn]
    trust = {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithSAML",
             "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"},
                           "StringLike": {"saml:sub": "*@example.com"}}}
    role = clients.iam.create_role(RoleName="staff", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    clients.iam.put_role_policy(RoleName="staff", PolicyName="p", PolicyDocument=document(
        allow("signer:List*", Condition={"StringEquals": {"saml:sub": "sam@example.com"}})))
    sts = boto3.client("sts", region_name=REGION, endpoint_url=server.endpoint,
                       config=Config(signature_version=UNSIGNED, **CONFIG))
    asked = {"RoleArn": role, "PrincipalArn": arn}

    def listing(answer):
        made = answer["Credentials"]
        session = boto3.session.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"],
                                        region_name=REGION)
        signer = session.client("signer", endpoint_url=server.endpoint, config=Config(**CONFIG))
        return code(signer.list_signing_jobs)

    first = provider.answer(role, arn, SessionDuration="1800")
    answer = sts.assume_role_with_saml(SAMLAssertion=first, **asked)
    assert (answer["Subject"], answer["SubjectType"], answer["Issuer"]) == ("sam@example.com", "persistent", ISSUER)
    assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/staff/sam")
    assert answer["Audience"] == "https://signin.aws.amazon.com/saml"
    assert listing(answer) is None
    assert listing(sts.assume_role_with_saml(SAMLAssertion=provider.answer(role, arn, subject="eve@example.com"),
                                             **asked)) == "AccessDeniedException", "the role's policy asks who it is"
    assert code(sts.assume_role_with_saml, SAMLAssertion=first, **asked) == "InvalidIdentityToken", "it counts once"
    assert code(sts.assume_role_with_saml, SAMLAssertion=provider.answer(role, arn, subject="sam@else.example"),
                **asked) == "AccessDenied"
    assert "RoleSessionName" in message(sts.assume_role_with_saml,
                                        SAMLAssertion=provider.answer(role, arn, session="s"), **asked)
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=20)
    assert code(sts.assume_role_with_saml, SAMLAssertion=provider.answer(role, arn, at=old),
                **asked) == "ExpiredTokenException"
    fresh = base64.b64decode(provider.answer(role, arn))
    for bad in (fresh.replace(b">sam@example.com<", b">eve@example.com<"), fresh.replace(b"rsa-sha256", b"hmac-sha256"),
                fresh.replace(b"<samlp:Response", b"<!DOCTYPE a><samlp:Response", 1)):
        assert bad != fresh
        assert code(sts.assume_role_with_saml, SAMLAssertion=base64.b64encode(bad).decode(),
                    **asked) == "InvalidIdentityToken"

    tagged = {"PrincipalTag:team": "boot", "SourceIdentity": "sam"}
    assert code(sts.assume_role_with_saml, SAMLAssertion=provider.answer(role, arn, **tagged), **asked) == "AccessDenied"
    trust["Action"] = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
    clients.iam.update_assume_role_policy(RoleName="staff", PolicyDocument=document(trust))
    answer = sts.assume_role_with_saml(SAMLAssertion=provider.answer(role, arn, **tagged), **asked)
    assert answer["SourceIdentity"] == "sam"

    other = Provider(tmp_path)
    clients.iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=other.metadata)
    assert code(sts.assume_role_with_saml, SAMLAssertion=base64.b64encode(fresh).decode(),
                **asked) == "InvalidIdentityToken", "the old key is nobody's any more"
    clients.iam.delete_saml_provider(SAMLProviderArn=arn)
    assert code(clients.iam.get_saml_provider, SAMLProviderArn=arn) == "NoSuchEntity"


def test_the_stock_command_assumes_a_role_with_an_assertion(aws, provider, clients):
    (provider.folder / "metadata.xml").write_text(provider.metadata)
    arn = aws("iam", "create-saml-provider", "--name", "Lab", "--saml-metadata-document",
              f"file://{provider.folder / 'metadata.xml'}")["SAMLProviderArn"]
    role = clients.iam.create_role(RoleName="lab", AssumeRolePolicyDocument=document(
        {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithSAML"}))["Role"]["Arn"]
    (provider.folder / "assertion").write_text(provider.answer(role, arn))
    answer = aws("sts", "assume-role-with-saml", "--role-arn", role, "--principal-arn", arn, "--saml-assertion",
                 f"file://{provider.folder / 'assertion'}")
    assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/lab/sam")


def test_metadata_is_looked_at_when_it_is_given(provider, clients):
    calls = (("InvalidInput", {"SAMLMetadataDocument": "x" * 1000}),
             ("InvalidInput", {"SAMLMetadataDocument": provider.metadata.replace("IDPSSO", "SPSSO")}),
             ("InvalidInput", {"SAMLMetadataDocument": provider.metadata.replace(
                 "<md:EntityDescriptor", '<!DOCTYPE a [<!ENTITY b "c">]><md:EntityDescriptor')}),
             ("InvalidInput", {"SAMLMetadataDocument": provider.metadata.replace(
                 "entityID=", 'validUntil="2020-01-01T00:00:00Z" entityID=')}),
             ("ValidationError", {"SAMLMetadataDocument": provider.metadata, "Name": "a b"}))
    for answer, members in calls:
        assert code(clients.iam.create_saml_provider, **{"Name": "Bad", **members}) == answer
    clients.iam.create_saml_provider(Name="Good", SAMLMetadataDocument=provider.metadata)
    assert code(clients.iam.create_saml_provider, Name="good",
                SAMLMetadataDocument=provider.metadata) == "EntityAlreadyExists"
