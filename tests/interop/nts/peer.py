# SPDX-License-Identifier: GPL-2.0-or-later
"""A KE server and an NTP server that do what a test tells them, to see what a client makes of it. They note everything
that a client may never do: an unprotected packet, a cookie sent twice."""

import contextlib
import dataclasses
import os
import socket
import threading
import time

import packets
import records
from openssl import NTSKE, TLS_1_3, Tls, TlsError

COOKIE_SIZE = 100


@dataclasses.dataclass
class Session:
    """One key establishment."""

    tls: Tls
    request: bytes = b""
    aead_id: int = 15
    keys: records.Keys = None
    failure: str = ""  # of the handshake, or what broke it off
    began: float = dataclasses.field(default_factory=time.monotonic)
    over: bool = False

    def offered(self):
        """AEAD ids in the client's order."""
        (body,) = [each.body for each in records.parse(self.request) if each.kind == records.AEAD]
        return [int.from_bytes(body[at : at + 2], "big") for at in range(0, len(body), 2)]


@dataclasses.dataclass
class Query:
    """One protected request, opened."""

    datagram: bytes
    address: tuple
    session: Session
    cookie: bytes
    identifier: bytes
    transmit: bytes
    placeholders: list
    authentic: bool


class Peer:
    """`answer(peer, session)` gives the octets of the KE response, or plays with session.tls and gives None;
    `respond(peer, query)` gives the datagrams that come back. The defaults are a good server's."""

    def __init__(self, certificate, answer=None, respond=None, address="127.0.0.1", alpn=(NTSKE,),
                 versions=(TLS_1_3, TLS_1_3), ports=(0, 0), force_alpn=None, groups=None):
        self.answer, self.respond = answer or good_answer, respond or good_response
        self.address = address
        self.sessions, self.queries, self.faults = [], [], []
        self.unopened = 0  # protected packets under cookies that nobody issued
        self.issued = {}
        self.used = set()
        self._tls_options = {"alpn": alpn, "versions": versions, "certificate": certificate,
                             "force_alpn": force_alpn, "groups": groups}
        self._listener = socket.create_server((address, ports[0]), backlog=64)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, ports[1]))
        self.ke_port, self.port = self._listener.getsockname()[1], self._socket.getsockname()[1]
        for work in (self._serve_ke, self._serve_ntp):
            threading.Thread(target=work, daemon=True).start()

    def close(self):
        self._listener.close()
        self._socket.close()

    def new_cookies(self, session, count=8, size=COOKIE_SIZE):
        cookies = [os.urandom(size) for _ in range(count)]
        self.issued.update({packets.pad4(cookie): session for cookie in cookies})
        return cookies

    def over(self):
        return [session for session in self.sessions if session.over]

    # --- key establishment

    def _serve_ke(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_session, args=(connection,), daemon=True).start()

    def _serve_session(self, connection):
        connection.settimeout(30)
        with Tls(connection, True, **self._tls_options) as tls:
            session = Session(tls)
            self.sessions.append(session)
            try:
                tls.handshake()
                while not session.request.endswith(records.END_RECORD):
                    part = tls.read()
                    if not part:
                        raise TlsError("no whole request")
                    session.request += part
                message = self.answer(self, session)
                if message is not None:
                    tls.write(message)
                    tls.close()
                tls.read_to_end()
            except (TlsError, OSError) as failure:
                session.failure = str(failure)
            session.over = True

    # --- time

    def _serve_ntp(self):
        while True:
            try:
                datagram, address = self._socket.recvfrom(65536)
            except OSError:
                return
            try:
                query = self._open(datagram, address)
            except AssertionError as fault:
                self.faults.append(str(fault))
                continue
            if query:
                self.queries.append(query)
                for each in self.respond(self, query):
                    with contextlib.suppress(OSError):  # closed at the end of the test
                        self._socket.sendto(each, address)

    def _open(self, datagram, address):
        kinds = [kind for kind, _, _ in packets.fields(datagram)]
        if packets.AUTHENTICATOR not in kinds:
            raise AssertionError(f"an unprotected packet: {datagram.hex()}")
        (cookie,) = packets.bodies(datagram, packets.COOKIE)
        (identifier,) = packets.bodies(datagram, packets.IDENTIFIER)
        if cookie in self.used:
            self.faults.append("a cookie was used twice")
        self.used.add(cookie)
        session = self.issued.get(cookie)
        if not session:
            self.unopened += 1
            return None
        authentic = packets.opened(datagram, session.keys.c2s) is not None
        return Query(datagram, address, session, cookie, identifier, packets.transmit_of(datagram),
                     packets.bodies(datagram, packets.PLACEHOLDER), authentic)


def choose(session, aead_id=None, compliant=None):
    """Settles on an AEAD, the client's first unless told, and takes the keys."""
    session.aead_id = aead_id or session.offered()[0]
    asked = any(each.kind == records.COMPLIANT for each in records.parse(session.request))
    compliant = asked if compliant is None else compliant
    exported_as = 15 if session.aead_id == 30 and not compliant else session.aead_id
    session.keys = records.Keys.of(session.tls, session.aead_id, exported_as)
    return records.COMPLIANT_RECORD if session.aead_id == 30 and compliant else b""


def good_answer(peer, session, aead_id=None, count=8, size=COOKIE_SIZE, extra=b""):
    echo = choose(session, aead_id)
    port = records.record(records.PORT, records.numbers(peer.port), True)
    cookies = peer.new_cookies(session, count, size)
    return records.response(session.aead_id, cookies, echo + port + extra)


def answer_header(query, **others):
    now = packets.now()
    usual = {"mode": 4, "stratum": 2, "reference": b"\x7f\x01\x02\x03", "origin": query.transmit, "receive": now,
             "referenced_at": now}
    return packets.header(now, **{**usual, **others})


def sealed_cookies(peer, query, count=None, size=None):
    """Encrypted fields with as many cookies as were asked for."""
    count = 1 + len(query.placeholders) if count is None else count
    size = size or len(query.cookie)
    return b"".join(packets.field(packets.COOKIE, cookie) for cookie in peer.new_cookies(query.session, count, size))


def good_response(peer, query, between=b"", after=b"", inner=b"", cipher=None, count=None, size=None, identifier=None,
                  nonce=None, **header):
    front = answer_header(query, **header)
    front += packets.field(packets.IDENTIFIER, query.identifier if identifier is None else identifier) + between
    plaintext = sealed_cookies(peer, query, count, size) + inner
    return [packets.protected(cipher or query.session.keys.s2c, front, plaintext, after, nonce=nonce)]


def kiss(query, code=packets.NTSN, identifier=None):
    """An unauthenticated kiss of death; identifier b"" leaves the field out."""
    identifier = query.identifier if identifier is None else identifier
    field = packets.field(packets.IDENTIFIER, identifier) if identifier else b""
    return answer_header(query, stratum=0, leap=3, reference=code) + field


class Witness:
    """A plain, healthy NTP server: what a client did not do while it asked this one several times, it does not do."""

    def __init__(self, address="127.0.0.2"):
        self.address, self.count = address, 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                datagram, address = self._socket.recvfrom(4096)
            except OSError:
                return
            self.count += 1
            now = packets.now()
            answer = packets.header(now, mode=4, stratum=2, reference=b"\x7f\x01\x02\x04",
                                    origin=packets.transmit_of(datagram), receive=now, referenced_at=now)
            with contextlib.suppress(OSError):
                self._socket.sendto(answer, address)
