#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the vectors beside this file: signatures to verify, right ones and wrong ones, after the ideas of Project
Wycheproof. Of its files none is copied.

One JSON file is one group: a key, a hash, the digest of a text, and vectors of {comment, flag, result, signature}. A
vector may name a `key` or a `digest` of its own. The keys are made here from a fixed seed, with plain integers, so that
anything can be signed with them; they are of no use outside of the tests. What is right follows from the standards
(FIPS 186-4, X.690, RFC 8017, RFC 7518): curves.py, der.py and the generators assert each result by arithmetic of their
own, and none was taken from firmsign.

Usage: make.py          writes the files into this folder; running it again changes nothing (it takes a minute)
       make.py --check  has `openssl pkeyutl` judge every vector in DER or of RSA, and tells where it differs. It takes
                        keys with a curve that is spelled out, and keys with e = 1; firmsign refuses both.

Java 17, asked once, agreed but for this: it takes a missing zero before a number and a DigestInfo without NULL, its
NONEwithECDSA takes a digest of any length, and it refuses compressed keys, and right signatures whose x is beyond the
order.
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ecdsa_vectors  # noqa: E402
import rsa_vectors  # noqa: E402

OPENSSL_TAKES = {"SpelledOut", "Exponent"}


class Stream:
    """Numbers that look random and are the same each time."""

    def __init__(self, seed):
        self.seed, self.count = seed.encode(), 0

    def bytes(self, count):
        data = b""
        while len(data) < count:
            self.count += 1
            data += hashlib.sha512(self.seed + self.count.to_bytes(8, "big")).digest()
        return data[:count]

    def bits(self, count):
        return int.from_bytes(self.bytes((count + 7) // 8), "big") % (1 << count)

    def below(self, bound):
        return 1 + self.bits(bound.bit_length() + 128) % (bound - 1)


def write(name, group):
    vectors = group.pop("vectors")
    head = json.dumps({**group, "number_of_vectors": len(vectors)}, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join("  " + json.dumps(vector, separators=(",", ":")) for vector in vectors)
    (HERE / name).write_text(f'{head},\n "vectors": [\n{lines}\n ]\n}}\n', encoding="utf-8")


def accepts(folder, group, vector):
    key, digest = vector.get("key", group["key"]), vector.get("digest", group["digest"])
    for name, data in (("key", key.encode()), ("digest", bytes.fromhex(digest)),
                       ("signature", bytes.fromhex(vector["signature"]))):
        (folder / name).write_bytes(data)
    answer = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder / "key", "-sigfile",
                             folder / "signature", "-in", folder / "digest", "-pkeyopt",
                             "digest:" + group["hash"].replace("-", "").lower()], capture_output=True, check=False)
    return answer.returncode == 0


def check():
    count = differing = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(HERE.glob("*.json")):
            group = json.loads(path.read_text(encoding="utf-8"))
            if group["encoding"] == "raw":
                continue
            for vector in group["vectors"]:
                count += 1
                is_valid = accepts(pathlib.Path(scratch), group, vector)
                if is_valid != (vector["result"] == "valid") and vector["flag"] not in OPENSSL_TAKES:
                    differing += 1
                    print(f"{path.name}: openssl {'takes' if is_valid else 'refuses'}: {vector['comment']}")
    print(f"{count} vectors judged by openssl, {differing} differ")
    return 1 if differing or not count else 0


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    for path in HERE.glob("*.json"):
        path.unlink()
    for generator, seed in ((ecdsa_vectors, "ecdsa"), (rsa_vectors, "rsa")):
        for name, group in generator.groups(Stream(seed)):
            write(name, group)
    return 0


if __name__ == "__main__":
    sys.exit(main())
