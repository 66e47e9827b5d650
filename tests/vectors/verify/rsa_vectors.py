# SPDX-License-Identifier: Apache-2.0
"""Vectors of RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2).

Verifying is making the one right encoding and comparing, so whatever else is signed is wrong, also where older texts
let a verifier parse it: a DigestInfo without NULL, or in BER. The generator has the private keys and signs anything.
"""

import hashlib
from dataclasses import dataclass

import der

TEXT = b"The text that is signed.\n"
NIST = "2.16.840.1.101.3.4.2."
OIDS = {"MD5": "1.2.840.113549.2.5", "SHA-1": "1.3.14.3.2.26", "SHA-256": NIST + "1", "SHA-384": NIST + "2",
        "SHA-512": NIST + "3", "SHA-512/256": NIST + "6"}
NULL = der.tlv(0x05, b"")
SMALL_PRIMES = [number for number in range(3, 2000) if all(number % other for other in range(2, int(number**0.5) + 1))]


def is_prime(number):
    if any(number % prime == 0 for prime in SMALL_PRIMES):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in SMALL_PRIMES[:12]:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def make_prime(bits, e, stream):
    while True:
        number = stream.bits(bits) | 3 << (bits - 2) | 1
        if (number - 1) % e != 0 and is_prime(number):
            return number


@dataclass(frozen=True)
class Key:
    n: int
    e: int
    d: int

    @property
    def bytes(self):
        return (self.n.bit_length() + 7) // 8

    @staticmethod
    def make(bits, e, stream):
        p, q = make_prime(bits // 2, e, stream), make_prime(bits // 2, e, stream)
        return Key(p * q, e, pow(e, -1, (p - 1) * (q - 1)))

    def sign(self, encoded):
        """Any encoded message, right or wrong."""
        number = int.from_bytes(encoded, "big")
        assert len(encoded) == self.bytes and number < self.n
        return pow(number, self.d, self.n).to_bytes(self.bytes, "big")


def digest_of(hash_name, text=TEXT):
    return hashlib.new(hash_name.replace("-", "").lower(), text).digest()


def digest_info(hash_name, digest, parameters=NULL):
    return der.sequence(der.sequence(der.oid(OIDS[hash_name]), parameters), der.tlv(0x04, digest))


class Group:
    def __init__(self, key, hash_name, stream):
        self.key, self.hash_name, self.stream = key, hash_name, stream
        self.digest = digest_of(hash_name)
        self.info = digest_info(hash_name, self.digest)
        self.right = self.padded(self.info)
        self.signature = key.sign(self.right)
        self.vectors = []

    def padded(self, info, *, kind=1, fill=b"\xff"):
        return bytes([0, kind]) + fill * (self.key.bytes - 3 - len(info)) + b"\0" + info

    def add(self, comment, signature, *, flag, valid=False, digest=None):
        opened = pow(int.from_bytes(signature, "big"), self.key.e, self.key.n).to_bytes(self.key.bytes, "big")
        is_right = (opened == self.right and len(signature) == self.key.bytes and digest is None and
                    int.from_bytes(signature, "big") < self.key.n)
        assert is_right == valid, comment
        vector = {"comment": comment, "flag": flag, "result": "valid" if valid else "invalid",
                  "signature": signature.hex()}
        if digest is not None:
            vector["digest"] = digest.hex()
        self.vectors.append(vector)

    def add_encoded(self, comment, encoded, flag):
        self.add(comment, self.key.sign(encoded), flag=flag)

    def add_info(self, comment, info, flag):
        self.add_encoded(comment, self.padded(info), flag)

    def file(self, about):
        return {"about": about, "algorithm": "RSASSA-PKCS1-v1_5", "encoding": "octets", "hash": self.hash_name,
                "digest": self.digest.hex(), "key": der.rsa_key(self.key.n, self.key.e), "vectors": self.vectors}


def add_plain(group):
    group.add("as it was signed", group.signature, flag="Plain", valid=True)
    group.add("of another text", group.signature, flag="Plain", digest=digest_of(group.hash_name, TEXT + b"x"))
    group.add("a digest of a byte less", group.signature, flag="DigestLength", digest=group.digest[:-1])
    group.add("a digest of a byte more", group.signature, flag="DigestLength", digest=group.digest + b"\0")
    group.add("a DigestInfo in place of the digest", group.signature, flag="DigestLength", digest=group.info)


def add_numbers(group):
    key, number = group.key, int.from_bytes(group.signature, "big")
    for name, wrong in (("0", 0), ("1", 1), ("2", 2), ("n - 1", key.n - 1), ("n", key.n), ("n + 1", key.n + 1),
                        ("n - signature", key.n - number), ("2^bits - 1", 256**key.bytes - 1)):
        group.add(f"the signature is {name}", wrong.to_bytes(key.bytes, "big"), flag="Number")
    more = number + key.n
    if more < 256**key.bytes:
        group.add("the signature + n", more.to_bytes(key.bytes, "big"), flag="Number")
    group.add("the signature + n * 256", (number + (key.n << 8)).to_bytes(key.bytes + 2, "big"), flag="Number")
    right = group.signature
    for name, wrong in (("nothing", b""), ("one zero", b"\0"), ("a zero before it", b"\0" + right),
                        ("a zero behind it", right + b"\0"), ("the first byte is missing", right[1:]),
                        ("the last byte is missing", right[:-1]), ("backwards", right[::-1]),
                        ("half", right[:key.bytes // 2]), ("the encoded message itself", group.right)):
        group.add(f"the signature's length or bytes: {name}", wrong, flag="Length")


def add_lengths(group):
    for name, wrong in (("twice", group.signature * 2), ("in a bit string", der.tlv(3, b"\0" + group.signature)),
                        ("a kilobyte of zeros before it", bytes(1024) + group.signature),
                        ("a kilobyte of zeros behind it", group.signature + bytes(1024))):
        group.add(f"the signature's length or bytes: {name}", wrong, flag="Length")


def add_digest_infos(group):
    digest, oid, hash_name = group.digest, der.oid(OIDS[group.hash_name]), group.hash_name
    octets = der.tlv(0x04, digest)
    bits = der.tlv(0x03, b"\0" + digest)
    group.add_info("without NULL", digest_info(hash_name, digest, b""), "NoNull")
    for name, parameters in (("a NULL with content", b"\x05\x01\0"), ("two NULLs", NULL * 2),
                             ("an empty sequence", b"\x30\0"),
                             ("an empty octet string", b"\x04\0"), ("a zero", b"\0\0"), ("another tag", b"\x06\0"),
                             ("garbage in an octet string", der.tlv(0x04, b"\x5a" * 20))):
        group.add_info(f"{name} as parameters", digest_info(hash_name, digest, parameters), "Parameters")
    algorithm = oid + NULL
    for zeros, name in ((0, "in the long form"), (1, "with a zero before it")):
        long = {"the sequence": der.tlv_long(0x30, der.sequence(algorithm) + octets, zeros),
                "the algorithm": der.sequence(der.tlv_long(0x30, algorithm, zeros), octets),
                "the OID": der.sequence(der.sequence(der.tlv_long(0x06, oid[2:], zeros), NULL), octets),
                "NULL": der.sequence(der.sequence(oid, der.tlv_long(0x05, b"", zeros)), octets),
                "the digest": der.sequence(der.sequence(algorithm), der.tlv_long(0x04, digest, zeros))}
        for place, info in long.items():
            group.add_info(f"the length of {place} {name}", info, "BerLength")
    group.add_info("an indefinite length", b"\x30\x80" + der.sequence(algorithm) + octets + b"\0\0", "BerLength")
    for name, info in (("behind the DigestInfo", group.info + b"\x5a"),
                       ("zeros behind the DigestInfo", group.info + bytes(8)),
                       ("a NULL behind the digest", der.sequence(der.sequence(algorithm), octets, NULL)),
                       ("within the digest", digest_info(hash_name, digest + b"\0")),
                       ("before the digest", digest_info(hash_name, b"\0" + digest)),
                       ("behind NULL", digest_info(hash_name, digest, NULL + b"\x5a"))):
        group.add_info(f"a byte or more: {name}", info, "Trailing")
    for name, info in (("the digest alone", digest), ("the digest in an octet string alone", octets),
                       ("no digest", digest_info(hash_name, b"")), ("the digest's last byte is missing",
                                                                    digest_info(hash_name, digest[:-1])),
                       ("the digest in a bit string", der.sequence(der.sequence(algorithm), bits)),
                       ("a DigestInfo in a DigestInfo", digest_info(hash_name, group.info)),
                       ("no OID", der.sequence(der.sequence(NULL), octets)),
                       ("a cut OID", der.sequence(der.sequence(der.tlv(0x06, oid[2:-1]), NULL), octets)),
                       ("the OID of a signature",
                        der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.11"), NULL), octets)),
                       ("nothing", b"")):
        group.add_info(f"what is signed: {name}", info, "DigestInfo")
    for other in OIDS:
        if other != hash_name:
            group.add_info(f"this digest called {other}", digest_info(other, digest), "OtherHash")
            if other not in ("SHA-512/256",):
                group.add_info(f"the {other} of the text", digest_info(other, digest_of(other)), "OtherHash")


def add_padding(group):
    right, key, info = group.right, group.key, group.info
    fill = len(right) - 3 - len(info)

    def changed(at, byte):
        return right[:at] + bytes([byte]) + right[at + 1:]

    for name, at in (("first", 2), ("middle", 2 + fill // 2), ("last", 1 + fill)):
        for byte in (0xFE, 0x00, 0x7F):
            group.add_encoded(f"the {name} byte of the padding is {byte:02x}", changed(at, byte), "Padding")
    group.add_encoded("the separator is 01", changed(2 + fill, 1), "Padding")
    group.add_encoded("the separator is ff", changed(2 + fill, 0xFF), "Padding")
    group.add_encoded("the first byte is 01", changed(0, 1), "Padding")
    group.add_encoded("block type 0", group.padded(info, kind=0), "BlockType")
    group.add_encoded("block type 0, padded with zeros", group.padded(info, kind=0, fill=b"\0"), "BlockType")
    group.add_encoded("block type 1, padded with zeros", group.padded(info, fill=b"\0"), "BlockType")
    group.add_encoded("block type 2", group.padded(info, kind=2), "BlockType")
    group.add_encoded("block type 2, padded with other bytes", group.padded(info, kind=2, fill=b"\x42"), "BlockType")
    group.add_encoded("block type ff", group.padded(info, kind=0xFF), "BlockType")
    group.add_encoded("no separator", right[:2] + b"\xff" * (fill + 1) + info, "Padding")
    group.add_encoded("two separators", right[:1 + fill] + b"\0\0" + info, "Padding")
    group.add_encoded("no padding before the DigestInfo, zeros alone", bytes(key.bytes - len(info)) + info, "Padding")
    for count in (0, 1, 7, 8, 9):
        short = b"\0\1" + b"\xff" * count + b"\0" + info
        rest = key.bytes - len(short)
        group.add_encoded(f"{count} bytes of padding, zeros at the end", short + bytes(rest), "ShortPadding")
        garbage = short + group.stream.bytes(rest)
        group.add_encoded(f"{count} bytes of padding, garbage at the end", garbage, "ShortPadding")
        longer = b"\0\1" + b"\xff" * count + b"\0" + digest_info(
            group.hash_name, group.digest, NULL + der.tlv(0x04, group.stream.bytes(rest - 12)))
        garbage = longer + group.stream.bytes(key.bytes - len(longer))
        group.add_encoded(f"{count} bytes of padding, garbage as parameters", garbage, "ShortPadding")
    group.add_encoded("another scheme: PSS", pss(group), "OtherScheme")


def pss(group):
    """EMSA-PSS (RFC 8017 §9.1.1) with a salt as long as the digest."""
    def hashed(data):
        return digest_of(group.hash_name, data)

    salt, count = group.stream.bytes(len(group.digest)), group.key.bytes
    top = hashed(bytes(8) + group.digest + salt)
    block = bytes(count - 2 * len(top) - 2) + b"\1" + salt
    mask = b"".join(hashed(top + counter.to_bytes(4, "big")) for counter in range(count // len(top) + 1))
    masked = bytes(a ^ b for a, b in zip(block, mask))
    return bytes([masked[0] & 0x7F]) + masked[1:] + top + b"\xbc"


def cube_root(number):
    """Rounded up."""
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < number else (low, middle)
    return low


def add_cubes(group):
    """Bleichenbacher's forgery of 2006 and its kin: e = 3, and no private key is needed."""
    key = group.key
    for count in (0, 8, 20):
        head = b"\0\1" + b"\xff" * count + b"\0" + group.info
        rest = 8 * (key.bytes - len(head))
        root = cube_root(int.from_bytes(head, "big") << rest)
        assert (root**3).to_bytes(key.bytes, "big").startswith(head), "the forgery has room"
        group.add(f"a cube that begins like a signature with {count} bytes of padding", root.to_bytes(key.bytes, "big"),
                  flag="Cube")
    # The end of a cube can be chosen, too, if it is odd: then its root is found bit by bit.
    tail = b"\0" + digest_info(group.hash_name, group.digest[:-1] + bytes([group.digest[-1] | 1]))
    root, bits = 1, 8 * len(tail)
    for bit in range(1, bits):
        if (root**3 - int.from_bytes(tail, "big")) >> bit & 1:
            root |= 1 << bit
    assert (root**3).to_bytes(key.bytes, "big").endswith(tail)
    digest = group.digest[:-1] + bytes([group.digest[-1] | 1])
    group.add("a cube that ends like a signature", root.to_bytes(key.bytes, "big"), flag="Cube", digest=digest)


def groups(stream):
    """(file name, content) of every length of key and hash that firmsign verifies."""
    keys = {bits: Key.make(bits, 65537, stream) for bits in (1024, 2048, 3072, 4096)}
    cubic = Key.make(2048, 3, stream)
    for key, hash_name, families in (
            (keys[2048], "SHA-256", (add_plain, add_numbers, add_lengths)), (cubic, "SHA-256", (add_plain, add_cubes)),
            (keys[1024], "SHA-1", (add_plain,)),
            (keys[1024], "SHA-256", (add_plain, add_digest_infos, add_padding)),
            (keys[2048], "SHA-1", (add_plain,)), (keys[2048], "SHA-384", (add_plain,)),
            (keys[2048], "SHA-512", (add_plain,)), (keys[3072], "SHA-384", (add_plain,)),
            (keys[4096], "SHA-512", (add_plain,))):
        group = Group(key, hash_name, stream)
        for add in families:
            add(group)
        name = f"rsa_{8 * key.bytes}{'_e3' if key.e == 3 else ''}_{hash_name.replace('-', '').lower()}.json"
        about = ", ".join(add.__name__.removeprefix("add_").replace("_", " ") for add in families)
        yield name, group.file(f"e = {key.e}: {about}.")
    # A key whose signatures everybody can write: the encoded message is its own. RFC 8017 §3.1: e is at least 3.
    group = Group(Key(keys[2048].n, 1, 1), "SHA-256", stream)
    group.vectors = [{"comment": "the encoded message itself, for a key with e = 1", "flag": "Exponent",
                      "result": "invalid", "signature": group.right.hex()}]
    yield "rsa_2048_e1_sha256.json", group.file("e = 1: no key.")
