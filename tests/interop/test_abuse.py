#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a server is sent by strangers: no answer to what is no request, and never an answer longer than its request."""

import os
import random
import socket
import struct
import unittest

from daemons import Scene

HEADER = 48


def request(version=4, mode=3, leap=0, transmit=b"\x01\x02\x03\x04\x05\x06\x07\x08"):
    return bytes([leap << 6 | version << 3 | mode, 0, 6, 0xEC]) + bytes(36) + transmit


def extension(kind, length, body=b""):
    return struct.pack(">HH", kind, length) + body.ljust(max(length - 4, 0), b"\0")


class Abuse(Scene):
    def setUp(self):
        super().setUp()
        # One worker on one socket: it answers in order, so that a later answer proves that there was none before.
        self.server = self.start_server(extra=["ntpworkers 1", "bindaddress 127.0.0.1", "bindaddress ::1"])
        self.stranger, self.witness = self.client(), self.client()
        self.stranger.setblocking(False)

    def client(self):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(client.close)
        client.connect(("127.0.0.1", self.server.port))
        client.settimeout(30)
        return client

    def answers_to(self, *datagrams):
        """What comes back to these, known to be complete because a request sent after them was answered."""
        for datagram in datagrams:
            self.stranger.send(datagram)
        transmit = os.urandom(8)
        self.witness.send(request(transmit=transmit))
        while self.witness.recv(4096)[24:32] != transmit:
            pass
        answers = []
        while True:
            try:
                answers.append(self.stranger.recv(65536))
            except BlockingIOError:
                return answers

    def test_control_and_private_modes_get_no_answer(self):
        queries = [bytes([version << 3 | mode]) + bytes([3, 0, 42]) + bytes(44) for version in range(1, 8)
                   for mode in (6, 7)]
        self.assertEqual([], self.answers_to(*queries))
        self.assertEqual([], self.answers_to(b"\x17\x00\x03\x2a" + bytes(4), b"\x16\x02\x00\x01" + bytes(8)))

    def test_answers_of_others_get_no_answer(self):
        self.assertEqual([], self.answers_to(*(request(mode=mode) for mode in (0, 2, 4, 5))))

    def test_unknown_versions_get_no_answer(self):
        self.assertEqual([], self.answers_to(*(request(version=version) for version in (0, 5, 6, 7))))

    def test_garbage_gets_no_answer(self):
        dice = random.Random(2026)
        garbage = [b"", b"\x23", request()[:47]]
        for length in (1, 12, 47, 48, 68, 100, 500, 1400):
            for _ in range(20):
                octets = bytearray(dice.randbytes(length))
                octets[0] = octets[0] & 0xC0 | dice.choice((0, 5, 6, 7)) << 3 | octets[0] & 7
                garbage.append(bytes(octets))
        self.assertEqual([], self.answers_to(*garbage))

    def test_an_answer_is_never_longer_than_its_request(self):
        dice = random.Random(8915)
        answered = 0
        for _ in range(200):
            datagram = request(version=dice.choice((1, 2, 3, 4)), transmit=dice.randbytes(8))
            for _ in range(dice.randrange(4)):
                kind = dice.choice((0x0104, 0x0204, 0x0304, 0x0404, dice.randrange(65536)))
                length = dice.choice((0, 4, 16, 28, 100, 500, dice.randrange(65536)))
                datagram += extension(kind, length, dice.randbytes(32))[:1400]
            datagram = datagram[: dice.choice((len(datagram), 1400))][:1400]
            for answer in self.answers_to(datagram):
                answered += 1
                self.assertLessEqual(len(answer), len(datagram), datagram.hex())
                self.assertEqual(datagram[40:48], answer[24:32])
        self.assertGreater(answered, 20)

    def test_an_ordinary_request_is_answered(self):
        (answer,) = self.answers_to(request())
        self.assertEqual(HEADER, len(answer))
        self.assertEqual((4, 4, 3), (answer[0] >> 3 & 7, answer[0] & 7, answer[1]))

    def test_who_is_not_allowed_gets_no_answer(self):
        self.server.stop()
        self.server = self.start_server("stricter", extra=["deny 127.0.0.1", "ntpworkers 1", "bindaddress 127.0.0.1",
                                                           "bindaddress ::1", "allow 127.0.0.2"])
        self.stranger, self.witness = self.client(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.stranger.setblocking(False)
        self.addCleanup(self.witness.close)
        self.witness.bind(("127.0.0.2", 0))
        self.witness.connect(("127.0.0.1", self.server.port))
        self.witness.settimeout(30)
        self.assertEqual([], self.answers_to(request()))


if __name__ == "__main__":
    unittest.main()
