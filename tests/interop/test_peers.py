#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Symmetric mode between gnomond and stock chronyd in both roles, each on port 123 of a machine of its own: configured on
both sides or on one, with keys and without, interleaved; what a peer sends that is none; broadcasts."""

import os
import socket
import struct
import subprocess
import sys
import unittest

import surroundings
from daemons import Chronyd, Scene, until
from other_machine import OURS, THEIRS, Machine

POLLING = "minpoll 0 maxpoll 1"
KEY = "1 SHA1 HEX:" + "a5" * 20
OTHER_KEY = "1 SHA1 HEX:" + "5a" * 20

# A packet of 48 octets: first octet, stratum, transmit timestamp; sent from the port that is given.
SEND = """
import socket, struct, sys
first, source, target, port = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(1)
    s.bind((source, port))
    s.sendto(struct.pack("!BBbb44x", first, 2, 6, -20)[:40] + struct.pack("!Q", 0xE5000000_12345678), (target, 123))
    try:
        print(s.recv(100).hex())
    except TimeoutError:
        print("")
"""


@unittest.skipUnless(surroundings.OWN_NETWORK, "needs a network of its own")
class Peers(Scene):
    def setUp(self):
        super().setUp()
        self.machine = Machine(self)

    def key_file(self, name, text):
        path = self.folder / name
        path.write_text(text + "\n", encoding="utf-8")
        os.chmod(path, 0o644)
        return path

    def chronyd(self, *lines):
        return Chronyd(self, "chronyd", ["allow", *lines], wrapper=self.machine.enter)

    def gnomond(self, *lines, name="gnomond"):
        commands = self.folder / name / "run" / "chronyd.sock"
        return self.start(name, "allow", f"bindcmdaddress {commands}", *lines).wait_until_ready()

    def chronyc(self, daemon, *command):
        return subprocess.run([surroundings.CHRONYC, "-n", "-h", str(daemon.command_socket), *command],
                              capture_output=True, text=True, check=False).stdout

    def data(self, daemon, address=THEIRS):
        reply = daemon.ask("ntpdata") or {"sources": []}
        return next((each for each in reply["sources"] if each["address"] == address), None)

    def wait_for_data(self, daemon, what, predicate, address=THEIRS):
        def look():
            daemon.still_there()
            data = self.data(daemon, address)
            return data if data and predicate(data) else None

        return until(what, look)

    def assert_good(self, daemon, mode, address=THEIRS):
        data = self.wait_for_data(daemon, "good packets of the peer", lambda each: each["total_good_rx"] >= 4, address)
        self.assertEqual((mode, "1111111111"), (data["mode"], data["tests"]), data)
        self.assertEqual("kernel", data["rx_stamp"])
        return data

    def test_we_follow_chronyd(self):
        self.chronyd("local stratum 3", f"peer {OURS} {POLLING} noselect")
        ours = self.gnomond("local stratum 9", f"peer {THEIRS} {POLLING}")
        self.assert_good(ours, 1)
        self.assertEqual("peer", ours.wait_until_selected(THEIRS)["kind"])
        self.assertRegex(self.chronyc(ours, "sources"), rf"=\* {THEIRS} +3 ")

    def test_chronyd_follows_us(self):
        theirs = self.chronyd("local stratum 9", f"peer {OURS} {POLLING}")
        self.gnomond("local stratum 3", f"peer {THEIRS} {POLLING} noselect")
        theirs.wait_until_selected(OURS)

    def test_passive_side_is_not_configured(self):
        self.chronyd("local stratum 3")
        self.assert_good(self.gnomond(f"peer {THEIRS} {POLLING}"), 2)

    def test_interleaved(self):
        self.chronyd("local stratum 3", f"peer {OURS} {POLLING} xleave")
        ours = self.gnomond(f"peer {THEIRS} {POLLING} xleave")
        data = self.wait_for_data(ours, "interleaved packets", lambda each: each["interleaved"] and each["total_good_rx"] > 6)
        self.assertEqual(("kernel", "kernel"), (data["tx_stamp"], data["rx_stamp"]))

    def test_keys(self):
        good, other = self.key_file("good", KEY), self.key_file("other", OTHER_KEY)
        theirs = self.chronyd("local stratum 3", f"peer {OURS} {POLLING} key 1", f"keyfile {good}")
        ours = self.gnomond(f"peer {THEIRS} {POLLING} key 1", f"keyfile {good}")
        self.assertTrue(self.assert_good(ours, 1)["authenticated"])
        ours.stop()
        wrong = self.gnomond(f"peer {THEIRS} {POLLING} key 1", f"keyfile {other}", name="wrong")
        data = self.wait_for_data(wrong, "packets with another key", lambda each: each["total_rx"] >= 4)
        self.assertEqual(0, data["total_valid_rx"])
        wrong.stop()
        plain = self.gnomond(f"peer {THEIRS} {POLLING}", name="plain")
        data = self.wait_for_data(plain, "packets with a MAC", lambda each: each["total_rx"] >= 4)
        self.assertEqual(0, data["total_valid_rx"])
        theirs.still_there()

    def test_nts_is_not_for_peers(self):
        ours = self.gnomond(f"peer {THEIRS} nts")
        self.assertIn(f"Peer {THEIRS} is not added: NTS protects clients and servers only", ours.log)

    def test_added_by_command(self):
        self.chronyd("local stratum 3", f"peer {OURS} {POLLING}")
        ours = self.gnomond()
        self.assertEqual("200 OK", self.chronyc(ours, "add", "peer", THEIRS, "minpoll", "0", "maxpoll", "1").strip())
        self.assert_good(ours, 1)
        self.assertEqual("200 OK", self.chronyc(ours, "delete", THEIRS).strip())
        until("it is gone", lambda: self.data(ours) is None)

    def test_a_daemon_without_the_port_gets_a_peer_by_command_and_then_clients(self):
        self.chronyd("local stratum 3", f"peer {OURS} {POLLING}")
        commands = self.folder / "client" / "run" / "chronyd.sock"
        ours = self.start("client", f"bindcmdaddress {commands}").wait_until_ready()
        self.assertEqual("200 OK", self.chronyc(ours, "add", "peer", THEIRS, "minpoll", "0", "maxpoll", "1").strip())
        self.assert_good(ours, 1)
        self.assertNotIn("Could not send", ours.log)
        self.assertEqual("200 OK", self.chronyc(ours, "allow", THEIRS).strip())
        until("clients are answered beside the peer", lambda: self.send(0x23, 5000))
        self.assert_good(ours, 1)

    def test_a_peer_that_is_ourselves_is_named(self):
        ours = self.gnomond("local stratum 3", f"peer 127.0.0.1 {POLLING}")
        ours.wait_for_log(r"127\.0\.0\.1.*this daemon itself")

    def send(self, first, port):
        sent = subprocess.run([*self.machine.enter, sys.executable, "-c", SEND, str(first), THEIRS, OURS, str(port)],
                              capture_output=True, text=True, check=True)
        return bytes.fromhex(sent.stdout.strip())

    def test_requests_of_the_peers_host_are_answered(self):
        ours = self.gnomond("local stratum 3", f"peer {THEIRS} {POLLING}")
        until("a packet to the peer", lambda: (self.data(ours) or {"total_tx": 0})["total_tx"] > 0)
        for port in (123, 5000):
            self.assertEqual(0x24, self.send(0x23, port)[0] & 0x3F, "a client's request")
        self.assertEqual(0x22, self.send(0x21, 5000)[0] & 0x3F, "a peer from a port that is not configured")

    def test_what_is_forged_is_not_followed(self):
        ours = self.gnomond("local stratum 9", f"peer {THEIRS} {POLLING}")
        until("a packet to the peer", lambda: (self.data(ours) or {"total_tx": 0})["total_tx"] > 0)
        for first in (0x21, 0x22, 0x24, 0x25, 0x27):
            self.send(first, 123)
        data = self.data(ours)
        self.assertGreaterEqual(data["total_rx"], 4)
        self.assertEqual((0, 0), (data["total_valid_rx"], data["total_good_rx"]))

    def test_broadcast(self):
        ours = self.gnomond("local stratum 4", f"broadcast 1 192.0.2.255 12300", f"broadcast 2 {THEIRS} 12300")
        receiver = ("import socket, sys\nwith socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:\n s.settimeout(20)\n"
                    " s.bind(('', 12300))\n for _ in range(4): print(s.recv(100).hex())\n")
        packets = subprocess.run([*self.machine.enter, sys.executable, "-c", receiver], capture_output=True, text=True,
                                 check=True, timeout=60).stdout.split()
        for packet in map(bytes.fromhex, packets):
            self.assertEqual(48, len(packet))
            self.assertEqual((0x25, 4), (packet[0] & 0x3F, packet[1]))
            self.assertEqual((0, 0), struct.unpack("!QQ", packet[24:40]))
            self.assertNotEqual(bytes(8), packet[40:])
        self.assertEqual({0, 1}, {bytes.fromhex(packet)[2] for packet in packets}, "poll exponents of both intervals")
        ours.still_there()

    def test_served_without_clients_allowed(self):
        """broadcast alone opens the port, and answers nobody."""
        self.start("alone", "local stratum 4", f"broadcast 1 {THEIRS} 12300").wait_until_ready()
        self.assertEqual(b"", self.send(0x23, 5000))


if __name__ == "__main__":
    unittest.main()
