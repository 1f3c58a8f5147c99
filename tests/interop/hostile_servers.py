# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that mean no good, on loopback: of NTS-KE behind proper TLS, and of NTP."""

import contextlib
import os
import socket
import ssl
import struct
import threading
import time

from plain_server import timestamp


def record(number, body):
    return struct.pack(">HH", number, len(body)) + body


PROTOCOL, AEAD, END = record(0x8001, b"\0\0"), record(0x8004, b"\0\x0f"), record(0x8000, b"")
COOKIES = record(5, b"c" * 100) * 8


def huge_records(session):
    session.sendall(record(0x4000, b"x" * 65535) * 20)


def cut_off(session):
    session.sendall(PROTOCOL + b"\x80")


def drips(session):
    with contextlib.suppress(OSError):
        while True:
            session.sendall(b"\x40")
            time.sleep(0.2)


def names_a_terminal_sequence(session):
    session.sendall(PROTOCOL + AEAD + COOKIES + record(0x8006, b"\x1b[31mevil") + END)


def refuses(session):
    session.sendall(record(0x8002, b"\0\2") + END)


class KeServer:
    """Each session reads a request and is then the behaviour's."""

    def __init__(self, certificate, behaviour):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._context.load_cert_chain(*certificate)
        self._context.set_alpn_protocols(["ntske/1"])
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self._listener.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._session, args=(connection,), daemon=True).start()

    def _session(self, connection):
        with contextlib.suppress(OSError), self._context.wrap_socket(connection, server_side=True) as session:
            session.recv(4096)
            self._behaviour(session)


def answer(request, stratum=2):
    now = timestamp(time.time())
    return struct.pack(">BBBb", 0x24, stratum, request[2], -23) + bytes(8) + b"\x7f\0\0\1" + bytes(8) + request[40:48] + now + now


def floods(request):
    for number in range(1500):
        yield os.urandom(48) if number % 2 else b"\x24" + bytes(47)


def lies(request):
    yield b"\xe4\xff\x7f\x7f" + b"\xff" * 8 + b"\x1b[3m" + os.urandom(8) + request[40:48] + os.urandom(16)


def answers_amid_forgeries(request):
    good = answer(request)
    for _ in range(5):
        yield good[:24] + os.urandom(8) + good[32:]
    yield good


def denies(request):
    yield b"\xe4\0\6\0" + bytes(8) + b"DENY" + bytes(8) + request[40:48] + bytes(16)


def sends_long_ones(request):
    yield bytes(60000)


class NtpServer:
    def __init__(self, behaviour):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._behaviour = behaviour
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self._socket.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                request, client = self._socket.recvfrom(4096)
                for datagram in self._behaviour(request):
                    self._socket.sendto(datagram, client)
