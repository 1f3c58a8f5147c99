#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Responses that Samba signs (MS-SNTP), with a program in place of Samba's ntp_signd; stock chronyd gets the same."""

import hashlib
import os
import socket
import struct
import threading
import unittest

import surroundings
from daemons import Chronyd, Scene, until

ACCOUNT, UNKNOWN = 1104, 99
SECRET = bytes(range(16))  # what the domain has for the account
SIGN, SUCCESS, FAILURE = 0, 3, 4


def digest(packet):
    return hashlib.md5(SECRET + packet).digest()


def request(account, transmit=b"\1\2\3\4\5\6\7\10", first=0x1B, trailer=bytes(16)):
    return bytes([first]) + bytes(39) + transmit + struct.pack("<I", account) + trailer


class Signd:
    """Signs for ACCOUNT, refuses UNKNOWN, and keeps what it was sent."""

    def __init__(self, folder, answers=True):
        self.answers, self.seen, self._connections = answers, [], []
        self.path = folder / "socket"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        os.chmod(self.path, 0o777)
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        while head := connection.recv(4, socket.MSG_WAITALL):
            body = connection.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL)
            version, operation, packet_id, _ = struct.unpack(">IIHH", body[:12])
            account = struct.unpack("<I", body[12:16])[0]
            packet = body[16:]
            self.seen.append((version, operation, account, packet))
            if not self.answers:
                continue
            signed = packet + struct.pack("<I", account) + digest(packet)
            reply = struct.pack(">III", 0, SUCCESS, packet_id) + signed
            if account == UNKNOWN:
                reply = struct.pack(">III", 0, FAILURE, packet_id)
            # In two pieces: a stream has no messages.
            connection.sendall(struct.pack(">I", len(reply)) + reply[:7])
            connection.sendall(reply[7:])

    def stop(self):
        self.path.unlink()
        for each in (self._listener, *self._connections):
            each.shutdown(socket.SHUT_RDWR)
            each.close()


class SignedScene(Scene):
    def setUp(self):
        super().setUp()
        self.place = self.state_folder("samba")
        self.port = surroundings.free_port()

    def lines(self, *extra):
        return [f"port {self.port}", "allow", "local stratum 3", f"ntpsigndsocket {self.place}", *extra]

    def signd(self, **options):
        made = Signd(self.place, **options)
        self.addCleanup(lambda: made.path.exists() and made.stop())
        return made

    def ask(self, datagram, patience=1.5):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(patience)
            client.connect(("127.0.0.1", self.port))
            client.send(datagram)
            try:
                return client.recv(2048)
            except TimeoutError:
                return None

    def check_answer(self, answer, transmit=b"\1\2\3\4\5\6\7\10"):
        self.assertEqual(68, len(answer))
        self.assertEqual(0x1C, answer[0] & 0x3F)
        self.assertEqual(transmit, answer[24:32])
        self.assertEqual(struct.pack("<I", ACCOUNT) + digest(answer[:48]), answer[48:])

    def check_server(self):
        signd = self.signd()
        self.check_answer(self.ask(request(ACCOUNT)))
        self.assertEqual((0, SIGN, ACCOUNT), signd.seen[0][:3])
        self.assertEqual(48, len(signd.seen[0][3]))
        self.assertIsNone(self.ask(request(UNKNOWN)))
        self.check_answer(self.ask(request(ACCOUNT)))
        self.assertEqual(48, len(self.ask(request(0)[:48])))
        asked = len(signd.seen)
        # What is no such request does not get there.
        for datagram in (request(0), request(ACCOUNT, first=0x23), request(ACCOUNT, trailer=bytes(15) + b"\1"),
                         request(ACCOUNT, trailer=bytes(20))):
            self.assertIsNone(self.ask(datagram, 0.5))
        self.assertEqual(asked, len(signd.seen))


class Gnomond(SignedScene):
    def test_an_account_gets_a_signed_response_and_nobody_else_does(self):
        server = self.start("server", *self.lines()).wait_until_ready()
        self.check_server()
        server.wait_for_log("does not sign for the account with RID 99")
        self.assertEqual(0, server.ask("serverstats")["ntp_auth_hits"])

    def test_without_samba_there_is_no_response_and_the_log_says_why(self):
        server = self.start("server", *self.lines()).wait_until_ready()
        self.assertIsNone(self.ask(request(ACCOUNT)))
        server.wait_for_log(r"Could not connect to signd socket \S+/samba/socket: connect: No such file")
        self.assertEqual(48, len(self.ask(request(0)[:48])))
        # It comes later, and goes, and comes again.
        first = self.signd()
        self.check_answer(until("a signed response", lambda: self.ask(request(ACCOUNT))))
        first.stop()
        self.assertIsNone(self.ask(request(ACCOUNT)))
        self.signd()
        self.check_answer(until("a signed response", lambda: self.ask(request(ACCOUNT))))
        self.assertTrue(server.is_running())

    def test_one_that_does_not_answer_holds_nothing_else_up(self):
        server = self.start("server", *self.lines()).wait_until_ready()
        self.signd(answers=False)
        for _ in range(40):
            self.assertIsNone(self.ask(request(ACCOUNT), 0.01))
        self.assertEqual(48, len(self.ask(request(0)[:48])))
        self.assertIsNotNone(server.ask("tracking"))

    def test_a_burst_is_answered_as_far_as_the_queue_holds_it(self):
        self.start("server", *self.lines()).wait_until_ready()
        self.signd()
        self.check_answer(self.ask(request(ACCOUNT)))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", self.port))
            client.settimeout(1.5)
            wanted = {struct.pack(">Q", i + 1) for i in range(10)}
            for each in wanted:
                client.send(request(ACCOUNT, each))
            got = set()
            while got != wanted:
                answer = client.recv(2048)
                self.check_answer(answer, answer[24:32])
                got.add(answer[24:32])

    def test_without_the_directive_such_requests_get_no_response(self):
        lines = [line for line in self.lines() if not line.startswith("ntpsigndsocket")]
        self.start("server", *lines).wait_until_ready()
        signd = self.signd()
        self.assertIsNone(self.ask(request(ACCOUNT), 0.5))
        self.assertEqual([], signd.seen)


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class StockChronyd(SignedScene):
    def test_it_does_the_same(self):
        Chronyd(self, "server", self.lines()).wait_until_ready()
        self.check_server()


if __name__ == "__main__":
    unittest.main()
