#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that can be resolved only some time after the start: a resolv.conf that comes later, a name server that does, other
files in the place of hosts and resolv.conf. Stock chronyd has the same to do beside us, and is only watched.

Needs root, for an /etc and a network of its own; else the status is 77, which meson counts as skipped."""

import os
import pathlib
import socket
import sys
import time
import unittest

import private_etc
import surroundings
from daemons import Chronyd, Scene, server_lines, until
from key_exchange import is_served, key_exchange
from name_server import NameServer

ADDRESS = "127.0.0.1"
LATER = float(os.environ.get("GNOMON_DNS_AFTER", "5"))  # seconds after the start
# From then to the first sample: the files are looked at every two seconds; without a change a name is asked for every minute.
SOON, WITHIN_A_MINUTE = 5, 65


class LateNames(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        private_etc.resolve_hosts_by("files dns")
        private_etc.put("hosts", "127.0.0.1 localhost\n")
        private_etc.put("resolv.conf", "nameserver 127.0.0.1\n")

    def name_server(self, address="127.0.0.1"):
        server = NameServer(address, {"time.example": ADDRESS, "pool.example": ADDRESS})
        self.addCleanup(server.close)

    def both(self, kind="server", name="time.example"):
        """Ours, and chronyd beside it, when they have asked for the name in vain."""
        line = f"{kind} {name} port {self.server.port} iburst"
        ours = self.start("ours", line).wait_until_ready()
        if kind == "server":
            ours.wait_for_log(f"Could not resolve address of {name}: .*; next try")
        chronyd = Chronyd(self, "chronyd", [line]).wait_until_ready() if surroundings.CHRONYD else None
        time.sleep(LATER)
        return ours, chronyd

    def measure(self, daemons, what, limit=SOON):
        """How long ours takes from now to its first answer, `limit` at most. chronyd, beside it, is not waited for."""
        began = time.monotonic()
        ours, chronyd = daemons
        until("the first answer", lambda: ours.still_there() and any(
            source["reach"] for source in ours.ask("sources")["sources"]), max(limit, surroundings.PATIENCE))
        took = time.monotonic() - began
        theirs = "-"
        if chronyd and any(int(row[5]) for row in chronyd.ask("sources")):
            theirs = "as fast"
        print(f"{what}: {took:.1f} s (chronyd: {theirs})", flush=True)
        self.assertLess(took, limit, what)

    def test_a_link_that_dangles_until_the_network_is_there(self):
        late = self.folder / "run" / "resolver" / "resolv.conf"
        os.remove("/etc/resolv.conf")
        os.symlink(late, "/etc/resolv.conf")
        daemons = self.both()
        self.name_server("127.0.0.53")
        late.parent.mkdir(parents=True)
        late.write_text("nameserver 127.0.0.53\n", encoding="ascii")
        self.measure(daemons, "a link that dangled")
        self.assertNotIn("is lost", daemons[0].log)
        self.assertNotIn("waiting for gnomond to start another", daemons[0].log)

    def test_another_file_in_the_place_of_resolv_conf(self):
        daemons = self.both()
        self.name_server("127.0.0.53")
        private_etc.put("resolv.conf", "nameserver 127.0.0.53\n")
        self.measure(daemons, "another resolv.conf")

    def test_other_words_in_the_same_file(self):
        daemons = self.both()
        self.name_server("127.0.0.53")
        pathlib.Path("/etc/resolv.conf").write_text("nameserver 127.0.0.53\n", encoding="ascii")
        self.measure(daemons, "the same resolv.conf written to")

    def test_a_name_server_that_does_not_answer_is_not_waited_for_when_the_file_changes(self):
        silent = self.hold_port_53()
        daemons = self.both()
        silent.close()
        self.name_server("127.0.0.53")
        private_etc.put("resolv.conf", "nameserver 127.0.0.53\n")
        self.measure(daemons, "a silent name server before")

    def hold_port_53(self):
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        held.bind(("127.0.0.1", 53))
        self.addCleanup(held.close)
        return held

    def test_names_that_nobody_answers_for_hold_up_no_other(self):
        """The system's resolver waits ten seconds for each of them."""
        silent = ("a.example", "b.example", "c.example")
        server = NameServer("127.0.0.1", {"time.example": ADDRESS}, silent)
        self.addCleanup(server.close)
        began = time.monotonic()
        port = self.server.port
        ours = self.start("ours", *(f"server {name} port {port} iburst" for name in (*silent, "time.example"))).wait_until_ready()
        until("an answer", lambda: any(source["reach"] for source in ours.ask("sources")["sources"]))
        took = time.monotonic() - began
        print(f"beside three silent names: {took:.1f} s", flush=True)
        self.assertLess(took, 8)

    def test_addresses_that_no_server_can_have_are_not_asked(self):
        names = {"many.example": "224.0.0.1", "all.example": "255.255.255.255", "none.example": "0.0.0.0"}
        server = NameServer("127.0.0.1", names)
        self.addCleanup(server.close)
        ours = self.start("ours", *(f"server {name} iburst" for name in names), "pool many.example iburst").wait_until_ready()
        for name, address in names.items():
            ours.wait_for_log(f"{name} has addresses that are not asked: {address}, ")
            ours.wait_for_log(f"Could not resolve address of {name}: no server can have the addresses that it has")
        self.assertFalse([source for source in ours.ask("sources")["sources"] if source.get("address")])

    def test_hosts_through_a_link_and_replaced(self):
        store = self.folder / "store"
        store.mkdir()
        (store / "hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")
        os.remove("/etc/hosts")
        os.symlink(store / "hosts", "/etc/hosts")
        daemons = self.both()
        (store / "new").write_text(f"127.0.0.1 localhost\n{ADDRESS} time.example\n", encoding="ascii")
        os.rename(store / "new", store / "hosts")
        self.measure(daemons, "hosts behind a link")

    def test_a_pool_waits_likewise(self):
        daemons = self.both("pool", "pool.example")
        self.name_server("127.0.0.53")
        private_etc.put("resolv.conf", "nameserver 127.0.0.53\n")
        self.measure(daemons, "a pool")

    def test_a_name_server_that_comes_later_without_a_word(self):
        daemons = self.both()
        self.name_server()
        self.measure(daemons, "a name server alone", WITHIN_A_MINUTE)

    def is_answered(self, port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.sendto(b"\x23" + bytes(39) + bytes(range(1, 9)), (ADDRESS, port))
            try:
                return len(client.recv(2048)) == 48
            except TimeoutError:
                return False

    def gives_keys(self, port, trusted):
        try:
            return is_served(key_exchange((ADDRESS, port), trusted)[1])
        except OSError:
            return False

    def test_hosts_of_allow_and_deny(self):
        """Nobody is served while it is not known whom `deny` means; then the host of `allow` is, with NTP and with NTS."""
        authority = self.authority()
        certificate = authority.issue("server")
        ports = surroundings.free_port(), surroundings.free_port()
        lines = ("allow time.example", "allow 192.0.2.0/24", "deny pool.example", "ntsprocesses 2", "ntsdumpdir " +
                 str(self.state_folder("keys")))
        served = [line for line in server_lines(*ports, certificate) if line != "allow"]
        ours = self.start("ours", *served, *lines).wait_until_ready()
        ours.wait_for_log("Could not resolve time.example, which is allowed: .*; it is not served until it resolves")
        ours.wait_for_log("Could not resolve pool.example, which is denied: .*; nobody is served until it resolves")
        self.assertFalse(self.is_answered(ports[0]))
        self.assertFalse(self.gives_keys(ports[1], authority.certificate))
        names = NameServer("127.0.0.1", {"time.example": ADDRESS, "pool.example": "192.0.2.7"})
        self.addCleanup(names.close)
        pathlib.Path("/etc/resolv.conf").touch()
        until("an answer", lambda: ours.still_there() and self.is_answered(ports[0]))
        for _ in range(4):  # both processes
            self.assertTrue(self.gives_keys(ports[1], authority.certificate))
        self.assertIn("Allowed is time.example: 127.0.0.1", ours.log)
        self.assertIn("Denied is pool.example: 192.0.2.7", ours.log)

    def test_a_host_that_is_denied_gets_no_answer(self):
        self.name_server()
        ports = surroundings.free_port(), surroundings.free_port()
        ours = self.start("ours", *server_lines(*ports, None), "deny time.example").wait_until_ready()
        ours.wait_for_log("Denied is time.example: 127.0.0.1")
        self.assertFalse(self.is_answered(ports[0]))

    @unittest.skipUnless(surroundings.CHRONYD, "needs chronyd")
    def test_chronyd_has_the_same_answers_for_a_host_that_resolves(self):
        self.name_server()
        for rule, expected in (("allow time.example", True), ("deny time.example", False)):
            with self.subTest(rule):
                port = surroundings.free_port()
                lines = [f"port {port}", "local stratum 3", *(["allow"] if "deny" in rule else []), rule]
                theirs = Chronyd(self, f"chronyd-{expected}", lines).wait_until_ready()
                self.assertEqual(expected, self.is_answered(port))
                theirs.stop()
                ours = self.start(f"ours-{expected}", *lines).wait_until_ready()
                ours.wait_for_log("time.example: 127.0.0.1")
                self.assertEqual(expected, self.is_answered(port))
                ours.stop()

    def test_nothing_is_looked_at_while_all_names_are_found(self):
        self.name_server()
        ours = self.start("ours", f"server time.example port {self.server.port} iburst").wait_until_ready()
        ours.wait_until_selected("time.example")
        resolver = ours.children("gnomon-resolve")
        private_etc.put("resolv.conf", "nameserver 127.0.0.53\n")
        time.sleep(3)
        self.assertEqual(resolver, ours.children("gnomon-resolve"))
        ours.operate("refresh")
        ours.wait_for_log("gnomon-resolve is restarted")


if __name__ == "__main__":
    try:
        if not surroundings.OWN_NETWORK:
            raise OSError("no network of its own")
        private_etc.enter()
    except OSError as error:
        print(f"SKIPPED: {error}")
        sys.exit(77)
    unittest.main()
