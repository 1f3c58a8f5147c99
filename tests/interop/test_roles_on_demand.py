#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles without anything to do end, and come back when there is something (docs/decisions/0052)."""

import subprocess
import unittest

import surroundings
from daemons import Scene, client_line, kill, until

IDLE_LIMIT = 60
MANY = [f"127.0.1.{number}" for number in range(1, 41)]


class RolesOnDemand(Scene):
    def setUp(self):
        super().setUp()
        authority = self.authority()
        names = ["DNS:localhost", *(f"IP:{address}" for address in MANY)]
        self.server = self.start_server(certificate=authority.issue("server", names))
        self.trust = ["nosystemcert", f"ntstrustedcerts {authority.certificate}"]
        self.client = self.start("client", client_line(self.server, "localhost", nts=True), *self.trust)
        self.client.wait_until_selected("localhost")

    def both(self):
        return self.client.children("gnomon-resolve"), self.client.children("gnomon-ntske", "client")

    def add_sources(self, addresses):
        """NTS sources, each of which needs a key exchange of its own."""
        for address in addresses:
            subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(self.client.socket), "add", "server", address, "port",
                            str(self.server.port), "nts", "ntsport", str(self.server.ke_port), "iburst", "maxpoll", "4"],
                           check=True, capture_output=True)

    @unittest.skipUnless(surroundings.IS_ROOT, "adds sources")
    def test_roles_that_rest_end_and_come_back(self):
        until("both roles rest", lambda: self.both() == ([], []), surroundings.PATIENCE + IDLE_LIMIT)
        self.assertNotIn("restarted", self.client.log)
        self.assertEqual("selected", self.client.source("localhost")["state"])
        self.client.operate("refresh")
        until("a resolver", lambda: self.both()[0])
        self.assertEqual([], self.both()[1])
        self.add_sources(MANY)
        until("a key exchange client", lambda: self.both()[1])
        kill(self.both()[1][0])
        for address in MANY:
            self.client.wait_for_source(address, "has cookies", lambda source: source["auth"]["mode"] == "nts" and source["reach"])
        self.assertEqual(1, self.client.log.count("was killed by SIGKILL: restarted"))


if __name__ == "__main__":
    unittest.main()
