# SPDX-License-Identifier: GPL-2.0-or-later
"""NTS-KE messages as octets, and one side of a key establishment as a client plays it (RFC 8915 section 4)."""

import contextlib
import dataclasses
import socket
import struct

import aead
from openssl import NTSKE, TLS_1_3, Tls, TlsError

END, NEXT_PROTOCOL, ERROR, WARNING, AEAD, COOKIE, SERVER, PORT, COMPLIANT = 0, 1, 2, 3, 4, 5, 6, 7, 1024
UNRECOGNIZED_CRITICAL, BAD_REQUEST, INTERNAL = 0, 1, 2


def record(kind, body=b"", critical=False):
    return struct.pack(">HH", kind | (0x8000 if critical else 0), len(body)) + body


def numbers(*values):
    return struct.pack(f">{len(values)}H", *values)


def protocols(*ids, critical=True):
    return record(NEXT_PROTOCOL, numbers(*ids), critical)


def aeads(*ids, critical=True):
    return record(AEAD, numbers(*ids), critical)


def error(code):
    return record(ERROR, numbers(code), True)


END_RECORD = record(END, critical=True)
COMPLIANT_RECORD = record(COMPLIANT)


def request(*aead_ids, extra=b""):
    return protocols(0) + aeads(*(aead_ids or (15,))) + extra + END_RECORD


def response(aead_id, cookies, extra=b""):
    return protocols(0) + aeads(aead_id) + extra + b"".join(record(COOKIE, each) for each in cookies) + END_RECORD


@dataclasses.dataclass(frozen=True)
class Record:
    kind: int
    body: bytes
    critical: bool


class Malformed(AssertionError):
    """What came is no message of NTS-KE."""


def parse(message):
    """The records, the last one End of Message; else Malformed."""
    records, at = [], 0
    while at + 4 <= len(message):
        kind, length = struct.unpack_from(">HH", message, at)
        body = message[at + 4 : at + 4 + length]
        if len(body) != length:
            raise Malformed("a record is cut short")
        records.append(Record(kind & 0x7FFF, body, bool(kind & 0x8000)))
        at += 4 + length
        if kind & 0x7FFF == END:
            break
    if at != len(message) or not records or records[-1] != Record(END, b"", True):
        raise Malformed(f"not ended by End of Message: {message.hex()}")
    return records


def context(aead_id, direction):
    """Section 5.1 of RFC 8915: NTPv4, the AEAD, 0 for requests and 1 for responses."""
    return numbers(0, aead_id) + bytes([direction])


@dataclasses.dataclass(frozen=True)
class Keys:
    """Both directions' ciphers, as TLS exports them."""

    aead_id: int
    c2s: object
    s2c: object

    @staticmethod
    def of(tls, aead_id, exported_as=None):
        size = aead.KEY_SIZES[aead_id]
        return Keys(aead_id, *(aead.make(aead_id, tls.export(context(exported_as or aead_id, direction), size))
                               for direction in (0, 1)))


@dataclasses.dataclass
class Answer:
    """What a KE server did with a request."""

    message: bytes = b""
    said_goodbye: bool = False  # close_notify
    keys: Keys = None
    compliant_keys: Keys = None

    @property
    def records(self):
        return parse(self.message)

    def bodies(self, kind):
        return [each.body for each in self.records if each.kind == kind]

    @property
    def cookies(self):
        return self.bodies(COOKIE)

    @property
    def number(self):
        """Port of the NTP server."""
        (body,) = self.bodies(PORT)
        return struct.unpack(">H", body)[0]


def connect(port, alpn=(NTSKE,), versions=(TLS_1_3, TLS_1_3), server_name="localhost", segment=None, timeout=30,
            host="127.0.0.1"):
    """A TLS connection to a KE server whose certificate nobody looks at."""
    tls = Tls(socket.create_connection((host, port), timeout), False, alpn, versions, server_name=server_name,
              segment=segment)
    try:
        return tls.handshake()
    except Exception:
        tls.cut()
        raise


def ask(port, message, piece=None, end=None, **others):
    """One session. `end` says what comes after the message: None waits, "close" says close_notify."""
    answer = Answer()
    with connect(port, **others) as tls:
        with contextlib.suppress(ConnectionError, TlsError):  # cut off: what was read counts
            tls.write(message, piece)
            if end == "close":
                tls.close()
            while part := tls.read():
                answer.message += part
        answer.said_goodbye = tls.closed_by_peer
        try:
            chosen = answer.bodies(AEAD)
        except Malformed:
            chosen = []
        if chosen and len(chosen[0]) == 2:
            (chosen_id,) = struct.unpack(">H", chosen[0])
            older = chosen_id == 30 and not answer.bodies(COMPLIANT)
            answer.keys = Keys.of(tls, chosen_id, 15 if older else chosen_id)
            answer.compliant_keys = Keys.of(tls, chosen_id)
    return answer
