# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server on loopback that knows a few names, each with one IPv4 address, and of some says nothing."""

import socket
import struct
import threading

TYPE_A, NO_SUCH_NAME = 1, 3


class NameServer:
    def __init__(self, address, names, silent=()):
        self._names, self._silent = names, silent
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._socket.settimeout(0.1)
        self._over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while not self._over:
            try:
                question, client = self._socket.recvfrom(512)
            except TimeoutError:
                continue
            answer = self._answer(question)
            if answer:
                self._socket.sendto(answer, client)

    def _answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        asked, = struct.unpack(">H", question[at + 1:at + 3])
        name = ".".join(labels).lower()
        if name in self._silent:
            return None
        address = self._names.get(name)
        records = b""
        if address and asked == TYPE_A:
            records = b"\xc0\x0c" + struct.pack(">HHIH", TYPE_A, 1, 60, 4) + socket.inet_aton(address)
        flags = 0x8580 | (0 if address else NO_SUCH_NAME)
        return (question[:2] + struct.pack(">HHHHH", flags, 1, bool(records), 0, 0) + question[12:at + 5] + records)

    def close(self):
        self._over = True
        self._thread.join()
        self._socket.close()
