# SPDX-License-Identifier: GPL-2.0-or-later
"""NTP packets with the extension fields of NTS (RFC 8915 section 5, RFC 7822): put together as a test likes them, right
or wrong."""

import os
import struct
import time

IDENTIFIER, COOKIE, PLACEHOLDER, AUTHENTICATOR, UNKNOWN = 0x0104, 0x0204, 0x0304, 0x0404, 0x7F04
HEADER_SIZE = 48
NTSN = b"NTSN"
UNIX_TO_NTP = 2208988800


def pad4(octets):
    return octets + bytes(-len(octets) % 4)


def now():
    """A timestamp of NTP."""
    value = time.time() + UNIX_TO_NTP
    return struct.pack(">II", int(value) & 0xFFFFFFFF, int(value % 1 * 2**32))


def header(transmit, mode=3, version=4, leap=0, stratum=0, poll=6, reference=bytes(4), origin=bytes(8),
           receive=bytes(8), referenced_at=bytes(8)):
    first = bytes([leap << 6 | version << 3 | mode, stratum, poll, 0xE8])
    return first + bytes(8) + reference + referenced_at + origin + receive + transmit


def field(kind, body, length=None):
    body = pad4(body)
    return struct.pack(">HH", kind, 4 + len(body) if length is None else length) + body


def authenticator(cipher, associated, plaintext=b"", nonce=None, padding=0, lengths=None):
    """The field; `lengths` overrides what it says of nonce and ciphertext."""
    nonce = os.urandom(cipher.nonce_size) if nonce is None else nonce
    sealed = cipher.seal(nonce, associated, plaintext)
    said = struct.pack(">HH", *(lengths or (len(nonce), len(sealed))))
    return field(AUTHENTICATOR, said + pad4(nonce) + pad4(sealed) + bytes(padding))


def protected(cipher, front, plaintext=b"", after=b"", **others):
    """Everything before the authenticator, then it, then what should count for nothing."""
    return front + authenticator(cipher, front, plaintext, **others) + after


class Malformed(AssertionError):
    """What came is no packet of NTP."""


def fields(datagram):
    """(type, body, offset) of each field; Malformed when they do not fit."""
    found, at = [], HEADER_SIZE
    while at < len(datagram):
        if at + 4 > len(datagram):
            raise Malformed("a field is cut short")
        kind, length = struct.unpack_from(">HH", datagram, at)
        if length < 4 or length % 4 or at + length > len(datagram):
            raise Malformed(f"a field of length {length}")
        found.append((kind, datagram[at + 4 : at + length], at))
        at += length
    return found


def bodies(datagram, kind):
    return [body for each, body, _ in fields(datagram) if each == kind]


def transmit_of(datagram):
    return datagram[40:48]


def origin_of(datagram):
    return datagram[24:32]


def opened(datagram, cipher):
    """The plaintext under the authenticator; None when it is not authentic or not there."""
    for kind, body, offset in fields(datagram):
        if kind != AUTHENTICATOR:
            continue
        nonce_size, size = struct.unpack_from(">HH", body)
        start = 4 + nonce_size + -nonce_size % 4
        return cipher.open(body[4 : 4 + nonce_size], datagram[:offset], body[start : start + size])
    return None


def nonce_of(datagram):
    (body,) = bodies(datagram, AUTHENTICATOR)
    return body[4 : 4 + struct.unpack_from(">H", body)[0]]


def inner_cookies(plaintext):
    return [body for kind, body, _ in fields(bytes(HEADER_SIZE) + plaintext) if kind == COOKIE]
