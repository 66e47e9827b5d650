# SPDX-License-Identifier: Apache-2.0
"""The NIST curves in plain integers (FIPS 186-4 §6.4, SP 800-186): slow, and open to all that a vector needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Curve:
    name: str
    oid: str
    p: int
    b: int
    n: int
    g: tuple

    @property
    def bytes(self):
        return (self.p.bit_length() + 7) // 8

    def has(self, point):
        x, y = point
        return (y * y - (x * x * x - 3 * x + self.b)) % self.p == 0

    def at(self, x):
        """The point with this x and the even y; None if there is none."""
        square = (x * x * x - 3 * x + self.b) % self.p
        y = pow(square, (self.p + 1) // 4, self.p)
        return (x, y if y % 2 == 0 else self.p - y) if y * y % self.p == square else None

    def add(self, a, b):
        """None is the point at infinity."""
        if a is None or b is None:
            return a or b
        (ax, ay), (bx, by) = a, b
        if ax == bx and (ay + by) % self.p == 0:
            return None
        if a == b:
            slope = (3 * ax * ax - 3) * pow(2 * ay, -1, self.p) % self.p
        else:
            slope = (by - ay) * pow(bx - ax, -1, self.p) % self.p
        x = (slope * slope - ax - bx) % self.p
        return x, (slope * (ax - x) - ay) % self.p

    def times(self, number, point=None):
        """number * point, or of the generator."""
        total, power, number = None, point or self.g, number % self.n
        while number:
            if number & 1:
                total = self.add(total, power)
            power, number = self.add(power, power), number >> 1
        return total

    def number_of(self, digest):
        """What of a digest is signed: its leftmost bits, as many as the order has."""
        number, surplus = int.from_bytes(digest, "big"), 8 * len(digest) - self.n.bit_length()
        return number >> surplus if surplus > 0 else number

    def digest_of(self, number, digest_bytes):
        """A digest whose number is this, with ones behind it; for hashes at least as long as the order."""
        surplus = 8 * digest_bytes - self.n.bit_length()
        assert surplus >= 0
        return (((number + 1) << surplus) - 1).to_bytes(digest_bytes, "big")

    def sign(self, d, digest, k):
        r = self.times(k)[0] % self.n
        return r, pow(k, -1, self.n) * (self.number_of(digest) + r * d) % self.n

    def verifies(self, q, digest, r, s):
        if not (0 < r < self.n and 0 < s < self.n):
            return False
        w = pow(s, -1, self.n)
        point = self.add(self.times(self.number_of(digest) * w), self.times(r * w, q))
        return point is not None and point[0] % self.n == r

    def key_for(self, point, digest, s):
        """The public key for which (point.x, s) is a signature of the digest whose k * G is `point`."""
        inverse = pow(point[0] % self.n, -1, self.n)
        return self.add(self.times(s * inverse, point), self.times(-self.number_of(digest) * inverse))


def _curve(name, oid, p, b, n, gx, gy):
    curve = Curve(name, oid, p, int(b, 16), int(n, 16), (int(gx, 16), int(gy, 16)))
    assert curve.has(curve.g)
    assert curve.add(curve.times(curve.n - 1), curve.g) is None
    return curve


P256 = _curve("P-256", "1.2.840.10045.3.1.7", 2**256 - 2**224 + 2**192 + 2**96 - 1,
              "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
              "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
              "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
              "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
P384 = _curve("P-384", "1.3.132.0.34", 2**384 - 2**128 - 2**96 + 2**32 - 1,
              "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
              "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
              "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
              "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f")
P521 = _curve("P-521", "1.3.132.0.35", 2**521 - 1,
              "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1"
              "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
              "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
              "a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
              "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dba"
              "a14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
              "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662"
              "c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650")
