# SPDX-License-Identifier: Apache-2.0
"""A small client of the API, signed with Signature Version 4; standard library only, quick to start."""

import base64
import datetime
import hashlib
import hmac
import http.client
import json
import re
import uuid
from urllib.parse import quote

REGION = "us-east-1"


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:500]!r}")
        self.status = status


class Gone(Exception):
    """No complete answer came: the server died, and whether it did the thing is unknown."""


class Client:
    """What a call is said to come from (`user_agent`) stands in its audit record. Thread safety: none."""

    def __init__(self, server, seconds_max=60):
        self._port = server.port
        self._key, self._secret = server.credentials()
        self._seconds_max = seconds_max
        self.user_agent = None

    def _call(self, service, method, path, query=(), body=b"", headers=None):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        all_headers = {"host": f"127.0.0.1:{self._port}", "x-amz-content-sha256": digest, "x-amz-date": now,
                       **({"user-agent": self.user_agent} if self.user_agent else {}), **(headers or {})}
        canonical_query = "&".join(sorted(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query))
        names = ";".join(sorted(all_headers))
        raw_path = quote(path, safe="/-._~")
        canonical = "\n".join([method, raw_path, canonical_query,
                               *(f"{name}:{all_headers[name]}" for name in sorted(all_headers)), "", names, digest])
        scope = f"{now[:8]}/{REGION}/{service}/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = b"AWS4" + self._secret.encode()
        for part in (now[:8], REGION, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        all_headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self._key}/{scope}, SignedHeaders={names}, "
                                        f"Signature={signature}")
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._seconds_max)
        try:
            connection.request(method, raw_path + ("?" + canonical_query if canonical_query else ""), body, all_headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Gone(str(error)) from error
        finally:
            connection.close()
        if answer.status >= 500 and answer.status != 501:
            raise Gone(f"{answer.status}: {content[:300]!r}")  # it is going down, or cannot say
        if answer.status >= 300:
            raise Refused(answer.status, content)
        return answer, content

    def _json(self, method, path, body=None, query=()):
        data = json.dumps(body).encode() if body is not None else b""
        headers = {"content-type": "application/json"} if body is not None else {}
        content = self._call("signer", method, path, query, data, headers)[1]
        return json.loads(content) if content else {}

    def import_certificate(self, certificate, key):
        body = {"Certificate": base64.b64encode(certificate).decode(), "PrivateKey": base64.b64encode(key).decode()}
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "CertificateManager.ImportCertificate"}
        return json.loads(self._call("acm", "POST", "/", (), json.dumps(body).encode(), headers)[1])["CertificateArn"]

    def make_bucket(self, name):
        self._call("s3", "PUT", f"/{name}")
        text = '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status>'
        self._call("s3", "PUT", f"/{name}", [("versioning", "")], (text + "</VersioningConfiguration>").encode())

    def put(self, bucket, key, body):
        """The version id of what was put."""
        return self._call("s3", "PUT", f"/{bucket}/{key}", (), body)[0].getheader("x-amz-version-id")

    def get(self, bucket, key, version=None):
        return self._call("s3", "GET", f"/{bucket}/{key}", [("versionId", version)] if version else [])[1]

    def remove(self, bucket, key, version):
        self._call("s3", "DELETE", f"/{bucket}/{key}", [("versionId", version)])

    def multipart(self, bucket, key, parts):
        """Uploads in parts; the version id."""
        content = self._call("s3", "POST", f"/{bucket}/{key}", [("uploads", "")])[1].decode()
        upload = re.search("<UploadId>([^<]+)</UploadId>", content)[1]
        listed = ""
        for number, part in enumerate(parts, 1):
            query = [("partNumber", str(number)), ("uploadId", upload)]
            entity_tag = self._call("s3", "PUT", f"/{bucket}/{key}", query, part)[0].getheader("ETag")
            listed += f"<Part><PartNumber>{number}</PartNumber><ETag>{entity_tag}</ETag></Part>"
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        answer = self._call("s3", "POST", f"/{bucket}/{key}", [("uploadId", upload)], body)[0]
        return answer.getheader("x-amz-version-id")

    def versions(self, bucket, prefix=""):
        """(key, version id) of every version below a prefix, over all pages."""
        versions, markers = [], []
        while True:
            query = [("versions", ""), ("prefix", prefix), *markers]
            content = self._call("s3", "GET", f"/{bucket}", query)[1].decode()
            found = re.findall("<Version>(.*?)</Version>", content, re.DOTALL)
            versions += [(_text_of("Key", one), _text_of("VersionId", one)) for one in found]
            if _text_of("IsTruncated", content) != "true":
                return versions
            markers = [("key-marker", _text_of("NextKeyMarker", content)),
                       ("version-id-marker", _text_of("NextVersionIdMarker", content))]

    def put_profile(self, name, platform, certificate):
        body = {"platformId": platform, "signingMaterial": {"certificateArn": certificate}}
        return self._json("PUT", f"/signing-profiles/{name}", body)["profileVersion"]

    def profile(self, name):
        return self._json("GET", f"/signing-profiles/{name}")

    def cancel_profile(self, name):
        self._json("DELETE", f"/signing-profiles/{name}")

    def start(self, profile, bucket, key, version, token=None):
        body = {"profileName": profile, "clientRequestToken": token or str(uuid.uuid4()),
                "source": {"s3": {"bucketName": bucket, "key": key, "version": version}},
                "destination": {"s3": {"bucketName": bucket, "prefix": "signed/"}}}
        return self._json("POST", "/signing-jobs", body)["jobId"]

    def job(self, job):
        return self._json("GET", f"/signing-jobs/{job}")

    def jobs(self):
        """Every job, over all pages."""
        jobs, token = [], None
        while True:
            page = self._json("GET", "/signing-jobs", None, [("nextToken", token)] if token else [])
            jobs += page.get("jobs", [])
            token = page.get("nextToken")
            if not token:
                return jobs


def _text_of(name, xml):
    return re.search(f"<{name}>([^<]*)</{name}>", xml)[1]
