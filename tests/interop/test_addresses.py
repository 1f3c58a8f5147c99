#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that have dead addresses among their live ones: a live one is used within 15 s, and dead members of a pool are
replaced. In a network and with an /etc/hosts of its own."""

import ctypes
import socket
import struct
import sys
import time
import unittest

import surroundings
from daemons import Scene, until
from plain_server import PlainServer

# Nobody there says anything, as where a firewall drops what comes: not even that nobody is there.
DEAD = [f"127.0.5.{number}" for number in range(1, 7)]
LIVE = "127.0.6.1"
NO_ROUTE = ["2001:db8::1", "2001:db8::2"]
WRONG, RIGHT = "127.0.7.1", "127.0.7.2"


def names(name, addresses):
    return [f"{address} {name}" for address in addresses]


OWN_HOSTS = surroundings.OWN_NETWORK and surroundings.enter_own_hosts(
    names("four.gnomon.test", [*DEAD[:3], LIVE]) + names("seven.gnomon.test", [*DEAD, LIVE])
    + names("no-ipv6.gnomon.test", [*NO_ROUTE, LIVE]) + names("twin.gnomon.test", [WRONG, RIGHT]))
SO_ATTACH_FILTER = 26


def hear_nothing(held):
    """A filter that drops every packet for this socket."""
    program = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    held.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(program)))


@unittest.skipUnless(OWN_HOSTS, "needs a network and an /etc/hosts of its own")
class DeadAddresses(Scene):
    def setUp(self):
        super().setUp()
        self.port = surroundings.free_port()
        for address in DEAD:
            self.be_dead(address, self.port, socket.SOCK_DGRAM)

    def be_dead(self, address, port, kind):
        held = socket.socket(socket.AF_INET, kind)
        self.addCleanup(held.close)
        hear_nothing(held)
        held.bind((address, port))
        if kind == socket.SOCK_STREAM:
            held.listen()

    def plain_server(self):
        server = PlainServer(at=(LIVE, self.port))
        self.addCleanup(server.stop)
        return server

    def seconds_until(self, what, line):
        """Of the source at the live address, which may be one of several."""
        client = self.start("client", line)
        began = time.monotonic()

        def look():
            sources = client.still_there() and client.ask("sources") or {"sources": ()}
            return any(source.get("address") == LIVE and what(source) for source in sources["sources"])

        until(f"{line} leads to {LIVE}", look)
        seconds = time.monotonic() - began
        print(f"{line}: {seconds:.1f} s", flush=True)
        return seconds, client

    def seconds_until_selected(self, line):
        return self.seconds_until(lambda source: source["state"] == "selected", line)

    def test_one_live_address_of_four(self):
        self.plain_server()
        for options in ("iburst", "minpoll 6"):
            with self.subTest(options):
                seconds, client = self.seconds_until(lambda source: source["reach"] > 0,
                                                     f"server four.gnomon.test port {self.port} {options}")
                self.assertLess(seconds, 15)
                client.stop()

    def test_one_live_address_of_seven_in_a_pool(self):
        self.plain_server()
        seconds, client = self.seconds_until_selected(f"pool seven.gnomon.test port {self.port} iburst maxsources 4")
        self.assertLess(seconds, 15)
        sources = client.ask("sources")["sources"]
        self.assertEqual(4, len({source["address"] for source in sources}), sources)

    def test_addresses_without_a_route_cost_one_try(self):
        server = self.plain_server()
        _, client = self.seconds_until_selected(f"server no-ipv6.gnomon.test port {self.port} iburst")
        self.assertLessEqual(client.log.count("Could not send to 2001:db8::"), len(NO_ROUTE), client.log)
        self.assertTrue(server.asked)

    def test_key_establishment_at_the_one_live_address_of_four(self):
        authority = self.authority()
        certificate = authority.issue("server", subject_names=("DNS:four.gnomon.test",))
        server = self.start_server(certificate=certificate, ports=(self.port, surroundings.free_port()),
                                   extra=[f"bindaddress {LIVE}", "bindaddress ::1"])
        for address in DEAD[:3]:
            self.be_dead(address, server.ke_port, socket.SOCK_STREAM)
        client = self.start("client", f"server four.gnomon.test port {self.port} nts ntsport {server.ke_port} iburst",
                            f"ntstrustedcerts {authority.certificate}")
        began = time.monotonic()
        client.wait_until_selected("four.gnomon.test")
        self.assertLess(time.monotonic() - began, 20)

    def test_a_pool_without_an_address_says_so(self):
        client = self.start("client", "pool nowhere.gnomon.test iburst", "server nothing.gnomon.test iburst")
        for name in ("nowhere", "nothing"):
            client.wait_for_log(rf"Could not resolve address of {name}\.gnomon\.test: .*; next try in")



@unittest.skipUnless(OWN_HOSTS, "needs a network and an /etc/hosts of its own")
class WrongAddresses(Scene):
    def test_a_falseticker_gives_way_to_the_other_address_of_its_name(self):
        port = surroundings.free_port()
        for address, offset in ((WRONG, 10), (RIGHT, 0), ("127.0.7.3", 0), ("127.0.7.4", 0)):
            server = PlainServer(offset=offset, at=(address, port))
            self.addCleanup(server.stop)
        polls = "iburst minpoll 0 maxpoll 0"
        client = self.start("client", *(f"server {name} port {port} {polls}" for name in (
            "twin.gnomon.test", "127.0.7.3", "127.0.7.4")))
        until("the right one is used", lambda: client.still_there() and any(
            source.get("address") == RIGHT and source["state"] in ("selected", "combined", "selectable")
            for source in (client.ask("sources") or {"sources": ()})["sources"]))
        self.assertIn(f"Source {WRONG} replaced with {RIGHT} (twin.gnomon.test)", client.log)
        # One that has no other address stays.
        self.assertNotIn("127.0.7.3 replaced", client.log)


if __name__ == "__main__":
    if not OWN_HOSTS:
        sys.exit(77)
    unittest.main()
