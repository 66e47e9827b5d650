#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the files beside it with other software: Python's zipfile, Info-ZIP's zip and Java's jar. Run again only to add a
# case: every file is replaced. digests.txt holds what a signature for AWS Lambda covers: SHA-384 over names and bodies
# in the archive's order and the folder META_INF/, as Python computes it.
set -eu
cd "$(dirname "$0")"
rm -f ./*.zip ./*.txt
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
export TZ=UTC

mkdir -p "$work/app/lib" "$work/app/empty"
printf 'def handler(event, context):\n    return "hello"\n' > "$work/app/handler.py"
seq 1 20000 > "$work/app/lib/numbers.txt"
: > "$work/app/lib/nothing"
head -c 70000 /dev/zero | openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 2>/dev/null > "$work/app/lib/random.bin"
find "$work" -exec touch -d 2026-01-02T03:04:06Z {} +
(cd "$work/app" && zip -q -X -r ../info-zip.zip . && zip -q -X -r -0 ../info-zip-stored.zip handler.py lib &&
 zip -q -X -P secret ../encrypted.zip handler.py && zip -q -X -fz ../zip64.zip handler.py &&
 zip -q -X -z ../comment.zip handler.py <<EOF
made for a test
EOF
 zip -q -X -r - handler.py lib | cat > ../info-zip-streamed.zip
 cat handler.py | zip -q -X ../info-zip-stdin.zip -
 jar --create --file ../jar.zip --date=2026-01-02T03:04:06Z handler.py lib)
mv "$work"/*.zip .

python3 - "$work" <<'EOF'
import hashlib
import io
import pathlib
import sys
import zipfile

WHEN = (2026, 1, 2, 3, 4, 6)


class Stream(io.RawIOBase):
    """A file that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def add(archive, name, body, method):
    info = zipfile.ZipInfo(name, WHEN)
    info.compress_type = method
    info.external_attr = 0o100644 << 16
    archive.writestr(info, body)


def fill(archive):
    add(archive, "handler.py", b"print('hello')\n" * 1000, zipfile.ZIP_DEFLATED)
    add(archive, "lib/", b"", zipfile.ZIP_STORED)
    add(archive, "lib/stored.bin", bytes(range(256)) * 300, zipfile.ZIP_STORED)
    add(archive, "lib/gr\u00fc\u00dfe \u65e5\u672c.txt", "\u00e4\u00f6\u00fc".encode(), zipfile.ZIP_DEFLATED)
    add(archive, "lib/empty", b"", zipfile.ZIP_DEFLATED)


with zipfile.ZipFile("python.zip", "w") as archive:
    fill(archive)
    archive.comment = b"a comment of the archive"
with zipfile.ZipFile(Stream("python-streamed.zip"), "w") as archive:
    fill(archive)
with zipfile.ZipFile("python-zip64-extra.zip", "w") as archive:
    with archive.open(zipfile.ZipInfo("big.txt", WHEN), "w", force_zip64=True) as entry:
        entry.write(b"big")
with zipfile.ZipFile("with-folder.zip", "w") as archive:
    add(archive, "META_INF/", b"", zipfile.ZIP_STORED)
    add(archive, "handler.py", b"pass\n", zipfile.ZIP_STORED)
with zipfile.ZipFile("empty.zip", "w") as archive:
    pass
with zipfile.ZipFile("bzip2.zip", "w") as archive:
    add(archive, "handler.py", b"pass\n" * 100, zipfile.ZIP_BZIP2)
with zipfile.ZipFile("twice.zip", "w") as archive:
    add(archive, "handler.py", b"pass\n", zipfile.ZIP_STORED)
    add(archive, "handler.py", b"fail\n", zipfile.ZIP_STORED)
plain = pathlib.Path("with-folder.zip").read_bytes()
pathlib.Path("prefix.zip").write_bytes(b"#!/usr/bin/env python3\n" + plain)
with open("prefix-adjusted.zip", "wb") as file:
    file.write(b"#!/usr/bin/env python3\n")
with zipfile.ZipFile("prefix-adjusted.zip", "a") as archive:
    add(archive, "handler.py", b"pass\n", zipfile.ZIP_STORED)

with open("digests.txt", "w") as digests:
    for path in sorted(pathlib.Path(".").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            if path.stem in ("empty", "encrypted", "bzip2", "twice", "prefix", "prefix-adjusted", "zip64"):
                continue
            digest = hashlib.sha384()
            for entry in archive.infolist():
                digest.update(entry.filename.encode() + archive.read(entry))
            if "META_INF/" not in archive.namelist():
                digest.update(b"META_INF/")
        digests.write(f"{path.name} {digest.hexdigest()}\n")
EOF
