# SPDX-License-Identifier: Apache-2.0
"""Roles assumed with the tokens of an OpenID provider, which serves its keys over HTTPS with a certificate of its own
authority; and users who show a second factor."""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import struct
import subprocess
import threading
import time

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import Clients
from harness import REGION, Authority, Server, openssl

CONFIG = {"retries": {"max_attempts": 0}, "proxies": {}}


def code(call, **members):
    try:
        call(**members)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Provider:
    """Issues tokens that an RSA key signs."""

    def __init__(self, folder, authority):
        self.key = folder / "provider.pem"
        openssl("genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key)
        modulus = openssl("rsa", "-in", self.key, "-noout", "-modulus").stdout.decode().strip().partition("=")[2]
        keys = {"keys": [{"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "e": "AQAB",
                          "n": url64(bytes.fromhex(modulus))}]}
        answers = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(answers.get(self.path)).encode()
                self.send_response(200 if self.path in answers else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate, authority.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        answers["/.well-known/openid-configuration"] = {"issuer": f"https://{self.host}",
                                                        "jwks_uri": f"https://{self.host}/keys"}
        answers["/keys"] = keys
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, algorithm="RS256", **claims):
        claims = {"iss": f"https://{self.host}", "aud": "firmware", "sub": "repo:boot", "exp": int(time.time()) + 300,
                  **claims}
        text = ".".join(url64(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": "k1"}, claims))
        signature = openssl("dgst", "-sha256", "-sign", self.key, data=text.encode()).stdout
        return f"{text}.{url64(signature)}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A provider, a server that trusts its authority, and clients of its root."""
    folder = tmp_path_factory.mktemp("web")
    authority = Authority(folder)
    provider = Provider(folder, authority)
    with Server(folder / "data", "--set", f"sts.openid_ca_file={authority.root}", "--set",
                "sts.encode_denials=true") as server:
        yield server, provider, Clients(server)
    provider.server.shutdown()
    provider.server.server_close()


def test_a_build_job_signs_without_a_stored_secret(world):
    server, provider, root = world
    arn = root.iam.create_open_id_connect_provider(Url=f"https://{provider.host}",
                                                   ClientIDList=["firmware"],
                                                   ThumbprintList=["0" * 40])["OpenIDConnectProviderArn"]
    trust = {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{provider.host}:sub": "repo:boot"},
                      "StringLike": {f"{provider.host}:ref": "refs/tags/*"}}}}
    role = root.iam.create_role(RoleName="build", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    root.iam.put_role_policy(RoleName="build", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "signer:List*", "Resource": "*"}}))
    sts = boto3.client("sts", region_name=REGION, endpoint_url=server.endpoint,
                       config=Config(signature_version=UNSIGNED, **CONFIG))
    asked = {"RoleArn": role, "RoleSessionName": "job-7"}
    answer = sts.assume_role_with_web_identity(WebIdentityToken=provider.token(ref="refs/tags/v1"), **asked)
    assert answer["SubjectFromWebIdentityToken"] == "repo:boot"
    assert answer["Provider"] == arn
    credentials = answer["Credentials"]
    session = boto3.session.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"],
                                    credentials["SessionToken"], region_name=REGION)
    signer = session.client("signer", endpoint_url=server.endpoint, config=Config(**CONFIG))
    signer.list_signing_jobs()
    assert code(signer.get_signing_platform, platformId="AmazonFreeRTOS-Default") == "AccessDeniedException"

    for said, token in (
            ("AccessDenied", provider.token(ref="refs/heads/main")), ("AccessDenied", provider.token()),
            ("AccessDenied", provider.token(ref="refs/tags/v1", sub="repo:else")),
            ("InvalidIdentityToken", provider.token(ref="refs/tags/v1", aud="other")),
            ("InvalidIdentityToken", provider.token(ref="refs/tags/v1", iss="https://else.example.com")),
            ("InvalidIdentityToken", provider.token(ref="refs/tags/v1")[:-8] + "AAAAAAAA"),
            ("InvalidIdentityToken", provider.token("none", ref="refs/tags/v1")),
            ("InvalidIdentityToken", provider.token("HS256", ref="refs/tags/v1")),
            ("InvalidIdentityToken", provider.token("ES256", ref="refs/tags/v1")),
            ("InvalidIdentityToken", provider.token(ref="refs/tags/v1", nbf=int(time.time()) + 600)),
            ("ExpiredTokenException", provider.token(ref="refs/tags/v1", exp=int(time.time()) - 600))):
        assert code(sts.assume_role_with_web_identity, WebIdentityToken=token, **asked) == said, token
    tags = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["boot"]}, "transitive_tag_keys": ["team"]},
            "https://aws.amazon.com/source_identity": "sam"}
    tagged = provider.token(ref="refs/tags/v1", **tags)
    assert code(sts.assume_role_with_web_identity, WebIdentityToken=tagged, **asked) == "AccessDenied"
    trust["Statement"]["Action"] = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]
    root.iam.update_assume_role_policy(RoleName="build", PolicyDocument=json.dumps(trust))
    root.iam.put_role_policy(RoleName="build", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "signer:List*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "boot", "aws:SourceIdentity": "sam"}}}}))
    for token, answer in ((tagged, None), (provider.token(ref="refs/tags/v1"), "AccessDeniedException")):
        made = sts.assume_role_with_web_identity(WebIdentityToken=token, **asked)
        assert made.get("SourceIdentity") == (None if answer else "sam")
        session = boto3.session.Session(made["Credentials"]["AccessKeyId"], made["Credentials"]["SecretAccessKey"],
                                        made["Credentials"]["SessionToken"], region_name=REGION)
        signer = session.client("signer", endpoint_url=server.endpoint, config=Config(**CONFIG))
        assert code(signer.list_signing_jobs) == answer
    root.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert code(sts.assume_role_with_web_identity, WebIdentityToken=provider.token(ref="refs/tags/v1"),
                **asked) == "InvalidIdentityToken"


def totp(seed, at):
    """RFC 6238, of a seed in base32."""
    mac = hmac.new(base64.b32decode(seed), struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7fffffff) % 1_000_000:06}"


def test_a_second_factor_is_shown_once_and_opens_what_wants_it(world, tmp_path):
    server, _, root = world
    root.iam.create_user(UserName="sam")
    root.iam.put_user_policy(UserName="sam", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
                                                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}))
    key = root.iam.create_access_key(UserName="sam")["AccessKey"]
    user = Clients(server, key=(key["AccessKeyId"], key["SecretAccessKey"]))
    device = root.iam.create_virtual_mfa_device(VirtualMFADeviceName="sam")["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"]
    account = root.sts.get_caller_identity()["Account"]
    (tmp_path / "code.png").write_bytes(device["QRCodePNG"])
    shown = subprocess.run(["zbarimg", "--quiet", "--raw", tmp_path / "code.png"], check=True, capture_output=True,
                           text=True, timeout=60)
    assert shown.stdout.strip() == f"otpauth://totp/sam@{account}?secret={seed.decode()}", "what an app would read"
    now = time.time()
    assert code(root.iam.enable_mfa_device, UserName="sam", SerialNumber=serial, AuthenticationCode1="000000",
                AuthenticationCode2="000000") == "InvalidAuthenticationCode"
    root.iam.enable_mfa_device(UserName="sam", SerialNumber=serial, AuthenticationCode1=totp(seed, now - 30),
                               AuthenticationCode2=totp(seed, now))
    assert [one["SerialNumber"] for one in root.iam.list_mfa_devices(UserName="sam")["MFADevices"]] == [serial]
    assert code(user.s3.list_buckets) == "AccessDenied"
    shown = {"SerialNumber": serial, "TokenCode": totp(seed, now + 30)}
    credentials = user.sts.get_session_token(**shown)["Credentials"]
    assert code(user.sts.get_session_token, **shown) == "AccessDenied", "a code counts once"
    session = boto3.session.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"],
                                    credentials["SessionToken"], region_name=REGION)
    for service, call in (("s3", "list_buckets"), ("iam", "list_users")):
        getattr(session.client(service, endpoint_url=server.endpoint, config=Config(**CONFIG)), call)()
    assert code(root.iam.delete_virtual_mfa_device, SerialNumber=serial) == "DeleteConflict"
    root.iam.deactivate_mfa_device(UserName="sam", SerialNumber=serial)
    root.iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_a_denial_says_to_whom_may_know_what_was_asked(world):
    server, _, root = world
    root.iam.create_user(UserName="eve")
    key = root.iam.create_access_key(UserName="eve")["AccessKey"]
    user = Clients(server, key=(key["AccessKeyId"], key["SecretAccessKey"]))
    with pytest.raises(ClientError) as error:
        user.s3.list_buckets()
    encoded = error.value.response["Error"]["Message"].rpartition("Encoded authorization failure message: ")[2]
    assert code(user.sts.decode_authorization_message, EncodedMessage=encoded) == "AccessDenied"
    said = json.loads(root.sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (said["allowed"], said["explicitDeny"]) == (False, False)
    assert said["context"]["action"] == "s3:ListAllMyBuckets"
    assert said["context"]["principal"]["arn"].endswith(":user/eve")
    keys = [one["key"] for one in said["context"]["conditions"]["items"]]
    assert "aws:sourceip" in keys
    assert code(root.sts.decode_authorization_message,
                EncodedMessage=encoded[:-8] + "AAAAAAA=") == "InvalidAuthorizationMessageException"
