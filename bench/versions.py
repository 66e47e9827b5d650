#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long a page of 1,000 takes from a bucket of a million versions, beside a call that lists nothing.

    bench/versions.py [VERSIONS]   1,000,000 unless another number is given; needs build/release/firmsign and python3-boto3

One object is put through the API; then, with the server stopped, its row is copied with other keys and sequences: five
versions of each key, the newest of every tenth key a delete marker, a thousand keys in each folder. Each list is asked for
many times. The figures are medians in milliseconds; the last column is the ratio to HeadBucket in the same run.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/clients"))

import harness  # noqa: E402
from conftest import Clients  # noqa: E402
from many import milliseconds, multiply_row  # noqa: E402

VERSIONS_OF_A_KEY = 5
MIDDLE = "folder-0100%2Fkey-00000500"
LISTS = {
    "objects, first page": "list-type=2",
    "objects, from the middle": f"list-type=2&start-after={MIDDLE}",
    "objects, a prefix": "list-type=2&prefix=folder-0150%2F",
    "objects, folders only": "list-type=2&delimiter=%2F",
    "objects, version 1": f"marker={MIDDLE}",
    "versions, first page": "versions",
    "versions, from the middle": f"versions&key-marker={MIDDLE}",
    "versions, folders only": "versions&delimiter=%2F",
    "uploads (none)": "uploads",
}


def versions(count):
    """What is different about each version, key by key."""

    def changes(_):
        for i in range(count):
            key, version = divmod(i, VERSIONS_OF_A_KEY)
            is_marker = version == VERSIONS_OF_A_KEY - 1 and key % 10 == 0
            yield {"key": f"folder-{key // 1000:04}/key-{key:08}".encode(), "sequence": version + 1,
                   "version_id": f"{i:032}", "is_delete_marker": int(is_marker)}

    return changes


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "data"
        with harness.Server(folder) as server:
            s3 = Clients(server).s3
            s3.create_bucket(Bucket="images")
            s3.put_bucket_versioning(Bucket="images", VersioningConfiguration={"Status": "Enabled"})
            s3.put_object(Bucket="images", Key="first", Body=b"firmware")
            server.stop()
        multiply_row(folder, "s3_versions", versions(count))
        with harness.Server(folder) as server:
            floor, _ = milliseconds(server, "s3", "HEAD", "/images")
            print(f"{count} versions; HeadBucket {floor:.2f} ms")
            for name, query in LISTS.items():
                took, body = milliseconds(server, "s3", "GET", f"/images?{query}")
                told = sum(body.count(tag) for tag in (b"<Key>", b"</Prefix></CommonPrefixes>"))
                print(f"{name:28} {took:7.2f} ms  {took / floor:5.1f} x  {told:4} told")


if __name__ == "__main__":
    main()
