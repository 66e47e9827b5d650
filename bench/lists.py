#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long a page of ListSigningJobs takes among many jobs, filter by filter, beside a call that lists nothing.

    bench/lists.py [JOBS]      1,000,000 unless another number is given; needs build/release/firmsign and python3-boto3

One job is signed through the API; then, with the server stopped, its row is copied with other ids, times and members, and
each list is asked for many times over one connection each. The figures are medians in milliseconds; the last column is the
ratio to GetSigningPlatform in the same run, which reads nothing.
"""

import json
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/clients"))

import harness  # noqa: E402
from conftest import Clients, Signing  # noqa: E402
from many import milliseconds, multiply_row  # noqa: E402

ROOT = "arn:aws:iam::111122223333:root"
NOBODY = "arn:aws:iam::111122223333:user/nobody"
LISTS = {
    "newest": "",
    "status=Succeeded (999 of 1,000)": "status=Succeeded",
    "status=Failed (1 of 1,000)": "status=Failed",
    "status=InProgress (none)": "status=InProgress",
    "platformId (half)": f"platformId={harness.IOT}",
    "requestedBy (all)": f"requestedBy={quote(ROOT, safe='')}",
    "requestedBy (none)": f"requestedBy={quote(NOBODY, safe='')}",
    "isRevoked=true (1 of 5,000)": "isRevoked=true",
    "isRevoked=false": "isRevoked=false",
    "jobInvoker (own account)": "jobInvoker=111122223333",
    "jobInvoker (another, none)": "jobInvoker=444455556666",
    "signatureExpiresAfter (1 of 100)": "signatureExpiresAfter=2026-01-01T00%3A00%3A00Z",
    "signatureExpiresAfter (none)": "signatureExpiresAfter=2099-01-01T00%3A00%3A00Z",
    "signatureExpiresBefore (none)": "signatureExpiresBefore=1999-01-01T00%3A00%3A00Z",
    "Failed and requestedBy (1 of 1,000)": f"status=Failed&requestedBy={quote(ROOT, safe='')}",
    "two filters, together nothing": f"status=InProgress&requestedBy={quote(ROOT, safe='')}",
    "three filters, together nothing": f"status=Succeeded&platformId={harness.TI}&isRevoked=false",
}


def jobs(count):
    """What is different about each job, newest last."""

    def changes(first):
        for i in range(count):
            at = first["created_at"] - (count - i) * 1000
            yield {"id": f"{i:032x}", "token": str(i), "created_at": at, "completed_at": at + 5,
                   "status": "Succeeded" if i % 1000 else "Failed",
                   "platform_id": harness.IOT if i % 2 else harness.FREERTOS,
                   "signature_expires_at": first["created_at"] + i if i % 100 == 0 else None,
                   "revoked_at": at + 9 if i % 5000 == 0 else None}

    return changes


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "data"
        with harness.Server(folder, "--account", "111122223333") as server:
            clients = Clients(server)
            signing = Signing(clients, {"p256": harness.Identity(scratch, "p256")})
            clients.s3.create_bucket(Bucket="images")
            clients.s3.put_bucket_versioning(Bucket="images", VersioningConfiguration={"Status": "Enabled"})
            signing.sign(signing.profile(harness.IOT, "p256"), "images", b"firmware")
            server.stop()
        multiply_row(folder, "signer_jobs", jobs(count))
        with harness.Server(folder) as server:
            floor, _ = milliseconds(server, "signer", "GET", f"/signing-platforms/{harness.IOT}")
            print(f"{count} jobs; GetSigningPlatform {floor:.2f} ms")
            for name, query in LISTS.items():
                took, body = milliseconds(server, "signer", "GET", f"/signing-jobs?{query}" if query else "/signing-jobs")
                print(f"{name:38} {took:6.2f} ms  {took / floor:5.1f} x  {len(json.loads(body)['jobs']):2} jobs")


if __name__ == "__main__":
    main()
