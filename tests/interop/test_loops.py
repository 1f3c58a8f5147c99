#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemons whose sources are themselves or follow them: by loopback, by another address of the machine, through port
forwarding, with NTS, and in a ring with each other and with stock chronyd."""

import ipaddress
import socket
import subprocess
import threading
import time
import unittest

import surroundings
from daemons import Chronyd, Scene, until

OPTIONS = "iburst minpoll 0 maxpoll 0"
ANOTHER_ADDRESS = "192.0.2.77"


class Relay:
    """A UDP port in front of `target`. Of each datagram that comes take() decides what becomes."""

    def __init__(self, scene, target=None):
        self.target = target
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.9", 0))
        self.port = self.socket.getsockname()[1]
        scene.addCleanup(self.socket.close)
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                self.take(*self.socket.recvfrom(2048))
            except OSError:
                return


class PortForwarding(Relay):
    """Packets go there and back, as NAT does it: each client has a port of its own."""

    def take(self, datagram, client):
        threading.Thread(target=self.exchange, args=(datagram, client), daemon=True).start()

    def exchange(self, datagram, client):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
            outside.settimeout(5)
            outside.sendto(datagram, self.target)
            try:
                self.socket.sendto(outside.recv(2048), client)
            except OSError:
                return


class Reflector(Relay):
    """Sends each request that it gets there twice, and passes the answer to the second on, if there is one."""

    copied = second_answers = 0

    def take(self, datagram, client):
        first, second = self.ask(datagram), self.ask(datagram)
        self.copied += first is not None
        self.second_answers += second is not None
        if second:
            self.socket.sendto(second, client)

    def ask(self, datagram):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
            outside.settimeout(0.3)
            outside.sendto(datagram, self.target)
            try:
                return outside.recv(2048)
            except TimeoutError:
                return None


class OwnSource(Scene):
    """One daemon with `local stratum 10` that is its own source."""

    def assert_left_alone(self, daemon, address):
        source = daemon.wait_for_source(address, "has answered several times", lambda each: each["reach"] >= 0o17)
        self.assertEqual("unselectable", source["state"])
        self.assertIn("is this daemon itself", source["explanation"])
        (data,) = daemon.ask("ntpdata")["sources"]
        self.assertEqual(("1111111110", 0), (data["tests"], data["total_good_rx"]))
        tracking = daemon.ask("tracking")
        self.assertEqual((10, "127.127.1.1"), (tracking["stratum"], str(ipaddress.IPv4Address(tracking["reference_id"]))))
        self.assertEqual(1, daemon.log.count("is this daemon itself"), daemon.log)
        self.assertNotIn("Selected source", daemon.log)

    def start_self(self, address, port=None, *lines, options=OPTIONS):
        own = surroundings.free_port()
        port = port(own) if port else own
        daemon = self.start("daemon", f"port {own}", "allow", "local stratum 10", *lines,
                            f"server {address} port {port} {options}")
        return daemon.wait_until_ready()

    def test_loopback(self):
        self.assert_left_alone(self.start_self("127.0.0.1"), "127.0.0.1")

    def test_the_address_that_ntpd_gave_its_own_clock(self):
        self.assert_left_alone(self.start_self("127.127.1.1"), "127.127.1.1")

    def test_interleaved(self):
        self.assert_left_alone(self.start_self("127.0.0.1", options=OPTIONS + " xleave"), "127.0.0.1")

    @unittest.skipUnless(surroundings.has_ipv6(), "no IPv6 here")
    def test_loopback_of_ipv6(self):
        self.assert_left_alone(self.start_self("::1"), "::1")

    @unittest.skipUnless(surroundings.OWN_NETWORK, "no network of our own")
    def test_another_address_of_the_machine(self):
        subprocess.run(["ip", "address", "replace", f"{ANOTHER_ADDRESS}/32", "dev", "lo"], check=True)
        self.assert_left_alone(self.start_self(ANOTHER_ADDRESS), ANOTHER_ADDRESS)

    def test_through_port_forwarding(self):
        forwarded = lambda port: PortForwarding(self, ("127.0.0.1", port)).port  # noqa: E731
        self.assert_left_alone(self.start_self("127.0.0.9", forwarded), "127.0.0.9")

    def test_with_nts(self):
        authority = self.authority()
        certificate, key = authority.issue("server")
        ke_port = surroundings.free_port()
        daemon = self.start_self("127.0.0.1", None, f"ntsservercert {certificate}", f"ntsserverkey {key}",
                                 f"ntsport {ke_port}", "nosystemcert", f"ntstrustedcerts {authority.certificate}",
                                 options=f"nts ntsport {ke_port} {OPTIONS}")
        self.assert_left_alone(daemon, "127.0.0.1")

    def test_a_copy_of_each_request_whose_answer_could_pass_for_the_source_s(self):
        """Somebody on the path who has no key: two copies go to our own server, and the second answer comes to us."""
        reflector = Reflector(self)
        keys = self.folder / "keys"
        keys.write_text("1 SHA1 HEX:000102030405060708090a0b0c0d0e0f10111213\n", encoding="ascii")
        keys.chmod(0o644)
        own = surroundings.free_port()
        reflector.target = ("127.0.0.1", own)
        daemon = self.start("daemon", f"port {own}", "allow", "local stratum 10", f"keyfile {keys}",
                            f"server 127.0.0.9 port {reflector.port} key 1 {OPTIONS}").wait_until_ready()
        until("requests were repeated", lambda: reflector.copied > 5)
        (data,) = daemon.ask("ntpdata")["sources"]
        self.assertEqual((0, 0), (data["total_good_rx"], reflector.second_answers))
        self.assertEqual(10, daemon.ask("tracking")["stratum"])

    def test_a_list_that_all_machines_share(self):
        servers = [self.start_server(f"server-{i}") for i in range(2)]
        own = surroundings.free_port()
        daemon = self.start("daemon", f"port {own}", "local stratum 10", f"server 127.0.0.1 port {own} {OPTIONS}",
                            *(f"server 127.0.0.1 port {server.port} {OPTIONS}" for server in servers))

        def look():
            daemon.still_there()
            reply = daemon.ask("sources")
            return reply["sources"] if reply and any(s["state"] == "selected" for s in reply["sources"]) else None

        itself, *others = until("a source is selected", look)
        self.assertEqual("unselectable", itself["state"])
        self.assertTrue(all(other["reach"] > 0 for other in others))
        self.assertEqual(4, daemon.ask("tracking")["stratum"])


class Ring(Scene):
    """Two daemons with `local stratum 10`, each the other's source."""

    SECONDS = 12

    def lines(self, own, other):
        return [f"port {own}", "allow", "local stratum 10", f"server 127.0.0.1 port {other} {OPTIONS}"]

    def gnomond(self, name, own, other):
        return self.start(name, *self.lines(own, other))

    def chronyd(self, name, own, other):
        return Chronyd(self, name, self.lines(own, other))

    @staticmethod
    def stratum(daemon):
        if isinstance(daemon, Chronyd):
            rows = daemon.ask("tracking")
            return int(rows[0][2]) if rows else 0
        reply = daemon.ask("tracking")
        return reply["stratum"] if reply else 0

    def assert_no_climb(self, first, second):
        ports = surroundings.free_port(), surroundings.free_port()
        daemons = first("first", *ports).wait_until_ready(), second("second", *reversed(ports)).wait_until_ready()
        highest = 0
        end = time.monotonic() + self.SECONDS
        while time.monotonic() < end:
            highest = max(highest, *(self.stratum(daemon) for daemon in daemons))
            time.sleep(0.5)
        # One above the other, and one more where both began to follow at once.
        self.assertIn(highest, (10, 11, 12))
        return daemons

    def test_gnomond_and_gnomond(self):
        daemons = self.assert_no_climb(self.gnomond, self.gnomond)

        def following():
            replies = [daemon.still_there() and daemon.ask("sources") for daemon in daemons]
            return [any(each["state"] == "selected" for each in reply["sources"]) for reply in replies if reply]

        until("one of them does not follow the other", lambda: following().count(False) >= 1)

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
    def test_gnomond_and_chronyd(self):
        # Where both began at once, chronyd goes on with what it had measured before it knew.
        self.assert_no_climb(self.gnomond, self.chronyd)

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
    def test_gnomond_follows_chronyd_that_follows_itself(self):
        port = surroundings.free_port()
        server = Chronyd(self, "chronyd", self.lines(port, port)).wait_until_ready()
        server.port = port
        client = self.start("client", f"server 127.0.0.1 port {port} {OPTIONS}")
        client.wait_until_selected("127.0.0.1")
        self.assertEqual(11, self.stratum(client))


if __name__ == "__main__":
    unittest.main()
