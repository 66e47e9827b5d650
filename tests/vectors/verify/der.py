# SPDX-License-Identifier: Apache-2.0
"""DER (X.690), and what only looks like it."""

import base64


def length(count):
    if count < 0x80:
        return bytes([count])
    digits = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def tlv(tag, content):
    return bytes([tag]) + length(len(content)) + content


def tlv_long(tag, content, zeros=0):
    """BER: a length in the long form, with leading zeros, where the short one is due."""
    digits = bytes(zeros) + len(content).to_bytes(max(1, (len(content).bit_length() + 7) // 8), "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def integer_content(number):
    """Two's complement in as few bytes as possible."""
    count = (number.bit_length() if number >= 0 else (number + 1).bit_length()) // 8 + 1
    return number.to_bytes(count, "big", signed=True)


def integer(number):
    return tlv(0x02, integer_content(number))


def sequence(*elements):
    return tlv(0x30, b"".join(elements))


def oid(dotted):
    first, second, *rest = (int(number) for number in dotted.split("."))
    content = bytes([40 * first + second])
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.insert(0, 0x80 | number & 0x7F)
        content += bytes(digits)
    return tlv(0x06, content)


def pem(spki):
    text = base64.b64encode(spki).decode()
    lines = [text[at:at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def ec_key(curve, point, parameters=None):
    """PEM; `point` may be encoded already."""
    if isinstance(point, tuple):
        point = b"\x04" + b"".join(number.to_bytes(curve.bytes, "big") for number in point)
    algorithm = sequence(oid("1.2.840.10045.2.1"), parameters or oid(curve.oid))
    return pem(sequence(algorithm, tlv(0x03, b"\0" + point)))


def spelled_out(curve, generator):
    """ECParameters that name no curve, with a generator of one's own."""
    point = b"\x04" + b"".join(number.to_bytes(curve.bytes, "big") for number in generator)
    field = sequence(oid("1.2.840.10045.1.1"), integer(curve.p))
    numbers = sequence(tlv(0x04, (curve.p - 3).to_bytes(curve.bytes, "big")),
                       tlv(0x04, curve.b.to_bytes(curve.bytes, "big")))
    return sequence(integer(1), field, numbers, tlv(0x04, point), integer(curve.n), integer(1))


def rsa_key(n, e):
    algorithm = sequence(oid("1.2.840.113549.1.1.1"), tlv(0x05, b""))
    return pem(sequence(algorithm, tlv(0x03, b"\0" + sequence(integer(n), integer(e)))))
