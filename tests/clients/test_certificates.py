# SPDX-License-Identifier: Apache-2.0
"""Certificates as `aws acm` and boto3 see them, beyond their import."""

import base64
import json
import sqlite3

import pytest
from botocore.exceptions import ClientError

from harness import openssl, signature_of, verifies
from raw import call

IOT = "AWSIoTDeviceManagement-SHA256-ECDSA"


def newer(server, operation, **body):
    """The answer of an operation, or to a member, that Debian's boto3 does not know yet."""
    answer = call(server, "acm", "POST", "/", json.dumps(body).encode(), {
        "X-Amz-Target": f"CertificateManager.{operation}", "Content-Type": "application/x-amz-json-1.1"})
    assert answer.status == 200, answer.body
    return json.loads(answer.body or b"{}")


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def test_an_imported_certificate_needs_no_waiting(aws, clients, identities):
    identity = identities["p256"]
    arn = clients.acm.import_certificate(Certificate=identity.certificate.read_bytes(),
                                         PrivateKey=identity.key.read_bytes())["CertificateArn"]
    aws.run("acm", "wait", "certificate-validated", "--certificate-arn", arn)
    # The waiter of boto3 asks once; it would ask again after a minute.
    clients.acm.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig={"MaxAttempts": 1})


def test_a_team_without_a_certificate_requests_one(aws, clients, signing, bucket, tmp_path):
    arn = aws("acm", "request-certificate", "--domain-name", "boot.example.com", "--key-algorithm", "EC_prime256v1",
              "--subject-alternative-names", "loader.example.com", "--tags", "Key=team,Value=boot",
              "--idempotency-token", "first")["CertificateArn"]
    again = aws("acm", "request-certificate", "--domain-name", "boot.example.com", "--key-algorithm", "EC_prime256v1",
                "--subject-alternative-names", "loader.example.com", "--idempotency-token", "first")
    assert again["CertificateArn"] == arn
    aws.run("acm", "wait", "certificate-validated", "--certificate-arn", arn)
    shown = clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert (shown["Type"], shown["Status"], shown["InUseBy"]) == ("PRIVATE", "ISSUED", [])
    assert shown["SubjectAlternativeNames"] == ["boot.example.com", "loader.example.com"]
    assert aws("acm", "list-tags-for-certificate", "--certificate-arn", arn)["Tags"] == [
        {"Key": "team", "Value": "boot"}]

    texts = clients.acm.get_certificate(CertificateArn=arn)
    leaf, root = tmp_path / "leaf.pem", tmp_path / "root.pem"
    leaf.write_text(texts["Certificate"])
    root.write_text(texts["CertificateChain"])
    assert b"OK" in openssl("verify", "-x509_strict", "-purpose", "any", "-CAfile", root, leaf).stdout
    printed = openssl("x509", "-in", leaf, "-noout", "-text").stdout.decode()
    assert "Code Signing" in printed and "DNS:loader.example.com" in printed

    profile = clients.signer.put_signing_profile(profileName="requested", platformId=IOT,
                                                 signingMaterial={"certificateArn": arn})["arn"]
    assert clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"] == [profile]
    (summary,) = [one for one in clients.acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})[
        "CertificateSummaryList"] if one["CertificateArn"] == arn]
    assert summary["InUse"] is True
    signed, _ = signing.sign("requested", bucket, b"image")
    public = tmp_path / "public.pem"
    public.write_bytes(openssl("x509", "-in", leaf, "-noout", "-pubkey").stdout)
    assert verifies(public, "sha256", signature_of(signed), b"image", tmp_path)

    # Renewed for the same key: what devices were given stays right.
    aws("acm", "renew-certificate", "--certificate-arn", arn)
    renewed = tmp_path / "renewed.pem"
    renewed.write_text(clients.acm.get_certificate(CertificateArn=arn)["Certificate"])
    assert renewed.read_text() != leaf.read_text()
    assert openssl("x509", "-in", renewed, "-noout", "-pubkey").stdout == public.read_bytes()
    signed, _ = signing.sign("requested", bucket, b"another image")
    assert verifies(public, "sha256", signature_of(signed), b"another image", tmp_path)

    clients.signer.cancel_signing_profile(profileName="requested")
    assert clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"] == []


def test_a_key_is_exported_under_a_passphrase(aws, clients, server, tmp_path):
    arn = aws("acm", "request-certificate", "--domain-name", "export.example.com")["CertificateArn"]
    (tmp_path / "passphrase").write_text("open sesame")
    given = aws("acm", "export-certificate", "--certificate-arn", arn, "--passphrase",
                f"fileb://{tmp_path / 'passphrase'}")
    key, leaf = tmp_path / "key.pem", tmp_path / "leaf.pem"
    key.write_text(given["PrivateKey"])
    leaf.write_text(given["Certificate"])
    assert openssl("pkey", "-in", key, "-passin", "pass:open barley", check=False).returncode != 0
    assert (openssl("pkey", "-in", key, "-passin", "pass:open sesame", "-pubout").stdout ==
            openssl("x509", "-in", leaf, "-noout", "-pubkey").stdout)
    newer(server, "UpdateCertificateOptions", CertificateArn=arn, Options={"Export": "DISABLED"})
    assert refused(clients.acm.export_certificate, CertificateArn=arn, Passphrase=b"pass") == "ValidationException"
    # Neither the key nor the passphrase is on record.
    with sqlite3.connect(f"file:{server.folder}/firmsign.db?mode=ro", uri=True) as database:
        records = [one for (one,) in database.execute("SELECT record FROM cloudtrail_records")
                   if '"ExportCertificate"' in one]
    assert len(records) == 2
    for record in records:
        assert "HIDDEN_DUE_TO_SECURITY_REASONS" in record
        assert "ENCRYPTED PRIVATE KEY" not in record and base64.b64encode(b"open sesame").decode() not in record


def test_a_revoked_certificate_signs_nothing(server, clients, signing, bucket):
    arn = clients.acm.request_certificate(DomainName="revoked.example.com", KeyAlgorithm="EC_prime256v1")[
        "CertificateArn"]
    clients.signer.put_signing_profile(profileName="revoked", platformId=IOT, signingMaterial={"certificateArn": arn})
    signing.sign("revoked", bucket, b"image")
    revoked = newer(server, "RevokeCertificate", CertificateArn=arn, RevocationReason="KEY_COMPROMISE")
    assert revoked == {"CertificateArn": arn}
    assert clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] == "REVOKED"
    job = signing.end(signing.start("revoked", bucket, signing.put(bucket, b"image")))
    assert job["status"] == "Failed" and "revoked" in job["statusReason"]
    assert refused(clients.signer.put_signing_profile, profileName="revoked2", platformId=IOT,
                   signingMaterial={"certificateArn": arn}) == "ValidationException"


def test_what_concerns_the_account(aws):
    assert aws("acm", "get-account-configuration") == {"ExpiryEvents": {"DaysBeforeExpiry": 45}}
    aws.run("acm", "put-account-configuration", "--expiry-events", "DaysBeforeExpiry=10", "--idempotency-token", "x")
    assert aws("acm", "get-account-configuration") == {"ExpiryEvents": {"DaysBeforeExpiry": 10}}
