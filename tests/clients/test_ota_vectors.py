# SPDX-License-Identifier: Apache-2.0
"""AWS's own OTA test data through the server: the RSA answers byte for byte, the ECDSA one by verification."""

import base64
import hashlib
import json

import pytest
from botocore.exceptions import ClientError
from conftest import Clients
from harness import FREERTOS, OTA_VECTORS, TI, Server, openssl, verifies


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One that takes keys which everybody has."""
    with Server(tmp_path_factory.mktemp("ota") / "data", "--set", "acm.allow_published_keys=true") as started:
        yield started


@pytest.fixture(scope="module")
def vector():
    if not OTA_VECTORS.is_dir():
        pytest.skip("../shared/vectors/ota is not here")
    return lambda name: (OTA_VECTORS / name).read_bytes()


def certificate_for(key):
    """AWS's certificates expired in 2019, so its keys are imported with new ones."""
    return openssl("req", "-x509", "-key", OTA_VECTORS / f"{key}.key.pem", "-days", 30, "-subj", "/CN=test signer",
                   "-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=codeSigning").stdout


def test_the_keys_are_refused_elsewhere(vector, tmp_path):
    with Server(tmp_path / "data") as other:
        for key in ("ecdsa-sha256-signer", "rsa-sha1-signer", "rsa-sha256-signer"):
            with pytest.raises(ClientError) as refused:
                Clients(other).acm.import_certificate(Certificate=certificate_for(key),
                                                      PrivateKey=vector(f"{key}.key.pem"))
            assert f"Everybody has the private key: it is Amazon FreeRTOS's {key}.key.pem" in str(refused.value)


def content_signed_with(signing, bucket, vector, key, platform, image, unique, **more):
    """Imports AWS's key, signs the image with it, and returns the signed object."""
    acm, signer = signing.clients.acm, signing.clients.signer
    arn = acm.import_certificate(Certificate=certificate_for(key), PrivateKey=vector(f"{key}.key.pem"))
    signer.put_signing_profile(profileName=unique, platformId=platform,
                               signingMaterial={"certificateArn": arn["CertificateArn"]}, **more)
    return json.loads(signing.sign(unique, bucket, image)[0])


def test_ti_answer(signing, bucket, vector, unique):
    image = vector("dummy.bin")
    content = content_signed_with(signing, bucket, vector, "rsa-sha1-signer", TI, image[20:], unique)
    assert hashlib.sha1(image[20:]).digest() == image[:20]
    assert base64.b64decode(content["signature"]) == vector("sha1.ucValidSignature")
    assert base64.b64decode(content["payload"]) == image
    assert content["rawPayloadSize"] == len(image)


def test_rsa_sha256_answer(signing, bucket, vector, unique):
    overrides = {"signingConfiguration": {"encryptionAlgorithm": "RSA", "hashAlgorithm": "SHA256"}}
    content = content_signed_with(signing, bucket, vector, "rsa-sha256-signer", FREERTOS, vector("dummy.bin"), unique,
                                  overrides=overrides)
    assert base64.b64decode(content["signature"]) == vector("sha256.ucValidSignature")
    assert base64.b64decode(content["signature"]) != vector("sha256.ucInvalidSignature")


def test_ecdsa_answer_fits_the_devices_certificate(signing, bucket, vector, unique, tmp_path):
    image = vector("dummy.bin")
    content = content_signed_with(signing, bucket, vector, "ecdsa-sha256-signer", FREERTOS, image, unique)
    public = tmp_path / "public.pem"
    public.write_bytes(openssl("x509", "-in", OTA_VECTORS / "ecdsa-sha256-signer.crt.pem", "-noout", "-pubkey").stdout)
    assert verifies(public, "sha256", base64.b64decode(content["signature"]), image, tmp_path)
    assert verifies(public, "sha256", vector("ecdsa.ucValidSignature"), image, tmp_path)
    assert not verifies(public, "sha256", vector("ecdsa.ucInvalidSignature"), image, tmp_path)
