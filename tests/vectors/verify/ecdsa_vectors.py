# SPDX-License-Identifier: Apache-2.0
"""Vectors of ECDSA. Every result is asserted by the arithmetic of curves.py and by the one right DER encoding."""

import hashlib

import der
from curves import P256, P384, P521

TEXT = b"The text that is signed.\n"


class Group:
    """The vectors of one curve, one hash and one encoding: "der" (X.509, CMS) or "raw" (JOSE)."""

    def __init__(self, curve, hash_name, stream, encoding="der"):
        self.curve, self.hash_name, self.stream, self.encoding = curve, hash_name, stream, encoding
        self.d = stream.below(curve.n)
        self.q = curve.times(self.d)
        self.digest = self.hashed(TEXT)
        self.r, self.s = self.with_high_bits()
        self.vectors = []

    def hashed(self, text):
        return hashlib.new(self.hash_name.replace("-", "").lower(), text).digest()

    def with_high_bits(self):
        """A signature whose numbers both need the zero before them, and whose s is not its own negative."""
        while True:
            r, s = self.curve.sign(self.d, self.digest, self.stream.below(self.curve.n))
            if r.bit_length() % 8 == 0 and s.bit_length() % 8 == 0:
                return r, s

    def encoded(self, r, s):
        if self.encoding == "der":
            return der.sequence(der.integer(r), der.integer(s))
        return r.to_bytes(self.curve.bytes, "big") + s.to_bytes(self.curve.bytes, "big")

    def add(self, comment, signature, *, flag, valid=False, digest=None, key=None):
        vector = {"comment": comment, "flag": flag, "result": "valid" if valid else "invalid",
                  "signature": signature.hex()}
        if digest is not None and digest != self.digest:
            vector["digest"] = digest.hex()
        if key is not None:
            vector["key"] = key
        self.vectors.append(vector)

    def add_numbers(self, comment, r, s, *, flag, valid=False, digest=None, q=None):
        """A right encoding of numbers; that they are worth what is said, the arithmetic asserts."""
        digest = self.digest if digest is None else digest
        assert self.curve.verifies(q or self.q, digest, r, s) == valid, comment
        self.add(comment, self.encoded(r, s), flag=flag, valid=valid, digest=digest,
                 key=None if q is None else der.ec_key(self.curve, q))

    def file(self, about):
        return {"about": about, "algorithm": "ECDSA", "encoding": self.encoding, "curve": self.curve.name,
                "hash": self.hash_name, "digest": self.digest.hex(), "key": der.ec_key(self.curve, self.q),
                "vectors": self.vectors}


def add_plain(group):
    curve, r, s = group.curve, group.r, group.s
    group.add_numbers("as it was signed", r, s, flag="Plain", valid=True)
    # Not unique: whoever has a signature can make this other one of the same text. Nothing of ours takes a signature
    # for a name, so both are right, as FIPS 186-4 has it.
    group.add_numbers("n - s in place of s", r, curve.n - s, flag="Malleable", valid=True)
    group.add_numbers("r and s swapped", s, r, flag="Changed")
    group.add_numbers("n - r in place of r", curve.n - r, s, flag="Changed")
    group.add_numbers("the inverse of s", r, pow(s, -1, curve.n), flag="Changed")
    group.add_numbers("r - 1", r - 1, s, flag="Changed")
    group.add_numbers("s + 1", r, s + 1, flag="Changed")
    group.add_numbers("of another text", r, s, flag="Changed", digest=group.hashed(TEXT + b"x"))
    group.add_numbers("for the negated key", r, s, flag="OtherKey", q=(group.q[0], curve.p - group.q[1]))
    group.add_numbers("for another key", r, s, flag="OtherKey", q=curve.times(group.d + 1))
    other = P384 if curve is P256 else P256
    numbers = other.sign(group.d % other.n, group.digest, 4711)
    if max(numbers) < 256**curve.bytes:
        group.add_numbers(f"by a key of {other.name}", *numbers, flag="OtherKey")
    other_hash = "SHA-512" if group.hash_name != "SHA-512" else "SHA-256"
    digest = hashlib.new(other_hash.replace("-", "").lower(), TEXT).digest()
    group.add_numbers(f"of the text's {other_hash}", *curve.sign(group.d, digest, 4712), flag="OtherHash")


def special_numbers(curve):
    return [("0", 0), ("1", 1), ("-1", -1), ("n - 1", curve.n - 1), ("n", curve.n), ("n + 1", curve.n + 1),
            ("p", curve.p), ("p + 1", curve.p + 1), ("2^bits", 1 << curve.n.bit_length())]


def add_ranges(group):
    """r and s are between 1 and n - 1, and nothing is reduced into this range first."""
    curve, r, s = group.curve, group.r, group.s
    add_numbers_of_note(group)
    for name, number in special_numbers(curve):
        for other_name, other in special_numbers(curve):
            group.add_numbers(f"r = {name}, s = {other_name}", number, other, flag="Range")
    for name, more in [("2n", 2 * curve.n), ("-n", -curve.n), ("2^bits", 1 << curve.n.bit_length()),
                       ("2^1024", 1 << 1024), ("n * 2^8192, of a kilobyte", curve.n << 8192)]:
        group.add_numbers(f"r + {name}", r + more, s, flag="Range")
        group.add_numbers(f"s + {name}", r, s + more, flag="Range")
    group.add_numbers("s + n * 2^16384, of two kilobytes", r, s + (curve.n << 16384), flag="Range")
    group.add_numbers("both + n", r + curve.n, s + curve.n, flag="Range")
    group.add_numbers("-r", -r, s, flag="Range")
    group.add_numbers("-s", r, -s, flag="Range")
    group.add_numbers("-r and -s", -r, -s, flag="Range")
    group.add_numbers("r with a zero byte behind it", r << 8, s, flag="Range")


def add_numbers_of_note(group):
    for name, number in special_numbers(group.curve):
        group.add_numbers(f"r = {name}", number, group.s, flag="Range")
        group.add_numbers(f"s = {name}", group.r, number, flag="Range")
    group.add_numbers("r + n", group.r + group.curve.n, group.s, flag="Range")
    group.add_numbers("s + n", group.r, group.s + group.curve.n, flag="Range")


def add_lengths(group):
    r, s = der.integer(group.r), der.integer(group.s)
    content, signature = r + s, group.encoded(group.r, group.s)
    short_r, short_s = der.integer_content(group.r), der.integer_content(group.s)
    for zeros, name in ((0, "in the long form"), (1, "with a zero before it"), (7, "of eight bytes")):
        if len(content) < 0x80 or zeros > 0:
            group.add(f"the length of the sequence {name}", der.tlv_long(0x30, content, zeros), flag="BerLength")
        group.add(f"the length of r {name}", der.sequence(der.tlv_long(0x02, short_r, zeros), s), flag="BerLength")
        group.add(f"the length of s {name}", der.sequence(r, der.tlv_long(0x02, short_s, zeros)), flag="BerLength")
    head = len(signature) - len(content)
    for name, at in (("the sequence", head - 1), ("r", head + 1), ("s", head + len(r) + 1)):
        for change in (1, -1):
            changed = bytearray(signature)
            changed[at] += change
            group.add(f"the length of {name} is {abs(change)} too {'long' if change > 0 else 'short'}", bytes(changed),
                      flag="WrongLength")
        start, body = {"the sequence": (b"\x30", content), "r": (b"\x02", short_r + s), "s": (b"\x02", short_s)}[name]
        for word, count in (("2^31 - 1", b"\x84\x7f\xff\xff\xff"), ("2^32 - 1", b"\x84\xff\xff\xff\xff"),
                            ("2^32 more", b"\x85\x01" + len(body).to_bytes(4, "big")),
                            ("2^64 - 1", b"\x88" + b"\xff" * 8), ("reserved", b"\xff"), ("missing", b"")):
            wrong = start + count + body
            outer = {"the sequence": wrong, "r": der.tlv(0x30, wrong), "s": der.tlv(0x30, r + wrong)}[name]
            group.add(f"the length of {name} is {word}", outer, flag="WrongLength")
    group.add("the sequence has an indefinite length", b"\x30\x80" + content + b"\0\0", flag="Indefinite")
    group.add("the sequence has an indefinite length and no end", b"\x30\x80" + content, flag="Indefinite")
    group.add("r has an indefinite length", der.sequence(b"\x02\x80" + short_r + b"\0\0", s), flag="Indefinite")
    group.add("s has an indefinite length", der.sequence(r, b"\x02\x80" + short_s + b"\0\0"), flag="Indefinite")
    group.add("r in pieces", der.sequence(der.tlv(0x22, der.tlv(0x02, short_r)), s), flag="Indefinite")


def add_integers(group):
    r, s = der.integer(group.r), der.integer(group.s)
    short_r, short_s = der.integer_content(group.r), der.integer_content(group.s)
    assert short_r[0] == short_s[0] == 0
    for count in (1, 2, 1000):
        zeros = bytes(count)
        group.add(f"{count} zeros before r", der.sequence(der.tlv(0x02, zeros + short_r), s), flag="Padded")
        group.add(f"{count} zeros before s", der.sequence(r, der.tlv(0x02, zeros + short_s)), flag="Padded")
    group.add("r without the zero that makes it positive", der.sequence(der.tlv(0x02, short_r[1:]), s), flag="Negative")
    group.add("s without the zero that makes it positive", der.sequence(r, der.tlv(0x02, short_s[1:])), flag="Negative")
    group.add("both without the zero that makes them positive",
              der.sequence(der.tlv(0x02, short_r[1:]), der.tlv(0x02, short_s[1:])), flag="Negative")
    group.add("r with ff before it", der.sequence(der.tlv(0x02, b"\xff" + short_r), s), flag="Negative")
    group.add("r is an integer of no bytes", der.sequence(der.tlv(0x02, b""), s), flag="NoBytes")
    group.add("s is an integer of no bytes", der.sequence(r, der.tlv(0x02, b"")), flag="NoBytes")
    group.add("both are integers of no bytes", der.sequence(der.tlv(0x02, b""), der.tlv(0x02, b"")), flag="NoBytes")
    for tag in (0x00, 0x01, 0x03, 0x04, 0x05, 0x0A, 0x0C, 0x22, 0x42, 0x82, 0xFF):
        group.add(f"r has the tag {tag:02x}", der.sequence(der.tlv(tag, short_r), s), flag="Tag")
        group.add(f"s has the tag {tag:02x}", der.sequence(r, der.tlv(tag, short_s)), flag="Tag")
    for tag in (0x00, 0x02, 0x04, 0x10, 0x31, 0x70, 0xA0, 0xB0, 0xFF):
        group.add(f"the sequence has the tag {tag:02x}", der.tlv(tag, r + s), flag="Tag")
    group.add("r has its tag in the long form", der.sequence(b"\x1f\x02" + r[1:], s), flag="Tag")
    group.add("r is a real number: infinity", der.sequence(b"\x09\x01\x40", s), flag="Tag")


def add_elements(group):
    r, s, signature = der.integer(group.r), der.integer(group.s), group.encoded(group.r, group.s)
    for name, bytes_ in (("a zero", b"\0"), ("two zeros", b"\0\0"), ("a NULL", b"\x05\0"),
                         ("four zeros", b"\0\0\0\0"), ("a byte", b"\x2a"), ("itself", signature)):
        group.add(f"{name} behind the sequence", signature + bytes_, flag="Trailing")
        group.add(f"{name} behind s", der.sequence(r, s, bytes_), flag="Trailing")
        group.add(f"{name} between r and s", der.sequence(r, bytes_, s), flag="Trailing")
        group.add(f"{name} before r", der.sequence(bytes_, r, s), flag="Trailing")
    group.add("a zero before the sequence", b"\0" + signature, flag="Trailing")
    group.add("a third integer", der.sequence(r, s, der.integer(1)), flag="Elements")
    group.add("r alone", der.sequence(r), flag="Elements")
    group.add("s twice", der.sequence(r, s, s), flag="Elements")
    group.add("a sequence of nothing", der.sequence(), flag="Elements")
    group.add("nothing", b"", flag="Elements")
    group.add("no sequence around the integers", r + s, flag="Elements")
    group.add("a sequence in a sequence", der.sequence(signature), flag="Elements")
    group.add("sequences of one integer", der.sequence(der.sequence(r), der.sequence(s)), flag="Elements")
    group.add("in a bit string", der.tlv(0x03, b"\0" + signature), flag="Elements")
    group.add("in an octet string", der.tlv(0x04, signature), flag="Elements")
    as_jose = b"".join(number.to_bytes(group.curve.bytes, "big") for number in (group.r, group.s))
    group.add("as JOSE writes it", as_jose, flag="Elements")
    group.add("in hexadecimal", signature.hex().encode(), flag="Elements")
    group.add("a kilobyte of sequences in sequences", b"\x30\x80" * 512, flag="Elements")


def add_cuts(group, places=()):
    signature = group.encoded(group.r, group.s)
    for at in places or range(1, len(signature)):
        group.add(f"cut off after {at} bytes", signature[:at], flag="CutOff")
    group.add("without its first byte", signature[1:], flag="CutOff")
    group.add("the last byte is a zero", signature[:-1] + b"\0", flag="CutOff")


def add_few_cuts(group):
    add_cuts(group, (1, 2, 3, 4, 5, group.curve.bytes, 2 * group.curve.bytes))


def add_digests(group):
    """Digests at the edges, and of what lengths they are."""
    curve, count = group.curve, len(group.digest)
    k = group.stream.below(curve.n)
    for name, digest in (("zeros alone", bytes(count)), ("ones alone", b"\xff" * count),
                         ("1", bytes(count - 1) + b"\1"), ("a first bit alone", b"\x80" + bytes(count - 1))):
        group.add_numbers(f"a digest of {name}", *curve.sign(group.d, digest, k), flag="Digest", valid=True,
                          digest=digest)
        group.add_numbers(f"r, s are for no digest of {name}", group.r, group.s, flag="Digest", digest=digest)
    for name, digest in (("nothing", b""), ("a byte less", group.digest[:-1]), ("a byte more", group.digest + b"\0"),
                         ("a zero before it", b"\0" + group.digest)):
        signature = group.encoded(*curve.sign(group.d, digest, k))
        group.add(f"a digest of another length than its hash: {name}", signature, flag="DigestLength", digest=digest)
    surplus = 8 * count - curve.n.bit_length()
    if surplus >= 8:
        changed = group.digest[:-1] + bytes([group.digest[-1] ^ 1])
        group.add_numbers("the digest differs beyond the order's length", group.r, group.s, flag="Truncated",
                          valid=True, digest=changed)
        group.add_numbers("the digest differs within the order's length", group.r, group.s, flag="Truncated",
                          digest=bytes([group.digest[0] ^ 0x80]) + group.digest[1:])
        for name, wrong in (("rightmost", int.from_bytes(group.digest[-curve.bytes:], "big")),
                            ("reduced", int.from_bytes(group.digest, "big") % curve.n)):
            r = curve.times(k)[0] % curve.n
            group.add_numbers(f"the digest was {name} instead of cut off", r,
                              pow(k, -1, curve.n) * (wrong + r * group.d) % curve.n, flag="Truncated")


def add_steps(group):
    """Where the formulas for adding points have their exceptions, and numbers of an extreme size.

    Signatures of chosen digests: nobody knows the text, and VerifyDigest does not ask for it.
    """
    curve, n, d, count = group.curve, group.curve.n, group.d, len(group.digest)

    def add(comment, r, s, number, valid=True, q=None):
        group.add_numbers(comment, r, s, flag="Arithmetic", valid=valid, digest=curve.digest_of(number % n, count), q=q)

    for name, k in (("1", 1), ("2", 2), ("n - 1", n - 1), ("1 / 2", pow(2, -1, n)), ("d", d), ("-d", n - d)):
        r = curve.times(k)[0] % n
        add(f"k = {name}", r, pow(k, -1, n) * (7 + r * d) % n, 7)
        for word, s in (("1", 1), ("2", 2), ("n - 1", n - 1), ("r", r)):
            add(f"k = {name}, s = {word}", r, s, s * k - r * d)
    u2 = group.stream.below(n)
    r = curve.times(2 * u2 * d)[0] % n
    s = r * pow(u2, -1, n) % n
    add("both summands are the same point", r, s, r * d)
    add("the sum is the point at infinity", r, s, -r * d, valid=False)
    add("the digest is the order", *curve.sign(d, bytes(count), 5), 0)
    if curve.n < 1 << curve.n.bit_length():
        digest = curve.digest_of(n, count)
        group.add_numbers("the digest is the order, unreduced", *curve.sign(d, digest, 5), flag="Arithmetic",
                          valid=True, digest=digest)
    for name, q in keys_of_note(group):
        u1, u2 = group.stream.below(n), group.stream.below(n)
        r = curve.add(curve.times(u1), curve.times(u2, q))[0] % n
        s = r * pow(u2, -1, n) % n
        add(f"a public key {name}", r, s, u1 * s, q=q)
        add(f"a public key {name}, of another digest", r, s, u1 * s + 1, valid=False, q=q)


def keys_of_note(group):
    curve = group.curve
    yield "with d = 1", curve.g
    yield "with d = n - 1", (curve.g[0], curve.p - curve.g[1])
    yield "with d = 2", curve.times(2)
    yield "with x = 0", curve.at(0)
    x = next(x for x in range(1, 100) if curve.at(x))
    yield f"with x = {x}", curve.at(x)
    x = next(x for x in range(curve.p - 1, 0, -1) if curve.at(x))
    yield "with the largest x", curve.at(x)


def add_large_x(group):
    """k * G has an x beyond the order: r is the rest, and comparing must know it."""
    curve, s = group.curve, group.stream.below(group.curve.n)
    x = next(x for x in range(curve.n + 1, curve.p) if curve.at(x))
    q = curve.key_for(curve.at(x), group.digest, s)
    group.add_numbers("x of k * G is larger than the order", x - curve.n, s, flag="LargeX", valid=True, q=q)
    group.add_numbers("x of k * G is larger than the order, and so is r", x, s, flag="LargeX", q=q)
    x = next(x for x in range(1, 100) if curve.at(x))
    q = curve.key_for(curve.at(x), group.digest, s)
    group.add_numbers("r is small, and x of k * G not larger", x, s, flag="LargeX", valid=True, q=q)
    x = next(x for x in range(curve.p - curve.n, curve.n) if curve.at(x))
    q = curve.key_for(curve.at(x), group.digest, s)
    group.add_numbers("r + n is just not of the field", x, s, flag="LargeX", valid=True, q=q)


def add_keys(group):
    """Keys that are none. They are refused when they are read, so whatever is signed with them is wrong."""
    curve, (x, y) = group.curve, group.q
    signature = group.encoded(group.r, group.s)
    number = curve.bytes
    for name, point in (("beside the curve", (x, y ^ 1)), ("at zero and zero", (0, 0))):
        assert not curve.has(point)
        group.add(f"a point {name}", signature, flag="Key", key=der.ec_key(curve, point))
    for name, point in (("the point at infinity", b"\0"), ("nothing", b""),
                        ("x beyond the field", b"\x02" + b"\xff" * number),
                        ("x alone", b"\x04" + x.to_bytes(number, "big")),
                        ("a compressed point with a wrong first byte", b"\x05" + x.to_bytes(number, "big"))):
        group.add(name, signature, flag="Key", key=der.ec_key(curve, point))
    even = b"\x02" if y % 2 == 0 else b"\x03"
    group.add("the same key compressed", signature, flag="Key", valid=True,
              key=der.ec_key(curve, even + x.to_bytes(number, "big")))
    group.add("the negated key compressed", signature, flag="Key",
              key=der.ec_key(curve, bytes([even[0] ^ 1]) + x.to_bytes(number, "big")))
    # CVE-2020-0601: somebody else's public key, and a generator that makes 1 its private key.
    forged = curve.times(3, group.q)[0] % curve.n
    s = pow(3, -1, curve.n) * (curve.number_of(group.digest) + forged) % curve.n
    group.add("a curve that is spelled out, with the public key as generator", group.encoded(forged, s),
              flag="SpelledOut", key=der.ec_key(curve, group.q, der.spelled_out(curve, group.q)))
    group.add("a curve that is spelled out", signature, flag="SpelledOut",
              key=der.ec_key(curve, group.q, der.spelled_out(curve, curve.g)))


def add_raw(group):
    curve, r, s, number = group.curve, group.r, group.s, group.curve.bytes
    signature = group.encoded(r, s)
    for name, one in special_numbers(curve):
        if 0 <= one < 256**number:
            group.add_numbers(f"r = {name}", one, s, flag="Range")
            group.add_numbers(f"s = {name}", r, one, flag="Range")
            group.add_numbers(f"r = s = {name}", one, one, flag="Range")
    k = 9
    x = curve.times(k)[0] % curve.n
    digest = curve.digest_of((k - x * group.d) % curve.n, len(group.digest))
    group.add_numbers("s = 1, rightly", x, 1, flag="Range", valid=True, digest=digest)
    group.add_numbers("s = n + 1 in place of 1", x, curve.n + 1, flag="Range", digest=digest)
    group.add("ones alone", b"\xff" * 2 * number, flag="Range")
    for name, wrong in (("nothing", b""), ("r alone", signature[:number]), ("without the last byte", signature[:-1]),
                        ("without the last byte of each", signature[:number - 1] + signature[number:-1]),
                        ("without the first byte", signature[1:]), ("with a byte behind it", signature + b"\0"),
                        ("with two bytes behind it", signature + b"\0\0"), ("with a zero before it", b"\0" + signature),
                        ("with a zero before each", b"\0" + signature[:number] + b"\0" + signature[number:]),
                        ("with zeros before each, in twice the length",
                         bytes(number) + signature[:number] + bytes(number) + signature[number:]),
                        ("twice", signature * 2), ("in DER", der.sequence(der.integer(r), der.integer(s))),
                        ("one byte", b"\1"), ("two bytes", b"\1\1"), ("backwards", signature[::-1])):
        group.add(name, wrong, flag="Length")
    group.add_numbers("each number backwards", int.from_bytes(signature[:number], "little") % curve.n,
                      int.from_bytes(signature[number:], "little") % curve.n, flag="Changed")


# Curve, hash, and the families beside plain values and digests.
MORE = [(P384, "SHA-384", (add_steps, add_keys, add_few_cuts)),
        (P521, "SHA-512", (add_numbers_of_note, add_lengths, add_few_cuts)),
        (P256, "SHA-1", ()), (P256, "SHA-512", ()), (P384, "SHA-512", ())]


def groups(stream):
    """(file name, content) of every curve and hash that firmsign verifies."""
    whole = Group(P256, "SHA-256", stream)
    add_plain(whole)
    add_ranges(whole)
    for add in (add_lengths, add_integers, add_elements, add_digests, add_steps, add_large_x, add_keys):
        add(whole)
    add_cuts(whole)
    yield "ecdsa_p256_sha256.json", whole.file("Every family of vectors.")
    for curve, hash_name, more in MORE:
        group = Group(curve, hash_name, stream)
        for add in (add_plain, add_digests, add_large_x, *more):
            add(group)
        name = f"ecdsa_{curve.name}_{hash_name}".lower().replace("-", "")
        yield f"{name}.json", group.file("What differs with the curve or the hash.")
    for curve, hash_name in ((P256, "SHA-256"), (P384, "SHA-384")):
        group = Group(curve, hash_name, stream, "raw")
        add_plain(group)
        add_raw(group)
        name = f"ecdsa_{curve.name}_{hash_name}_raw".lower().replace("-", "")
        yield f"{name}.json", group.file("r and s one after the other (RFC 7518 §3.4).")
