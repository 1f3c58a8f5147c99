#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A gnomond takes time from a gnomond: plain and with NTS, over IPv4, IPv6 and by name."""

import unittest

import surroundings
from daemons import Scene, client_line, until


class GnomondToGnomond(Scene):
    def transfer(self, name, nts):
        trust = []
        certificate = None
        if nts:
            authority = self.authority()
            certificate = authority.issue("server")
            trust = ["nosystemcert", f"ntstrustedcerts {authority.certificate}"]
        server = self.start_server(certificate=certificate)
        client = self.start("client", client_line(server, name, nts), *trust)
        source = client.wait_until_selected(name)
        self.assertEqual(4, until("stratum", lambda: client.ask("tracking"))["stratum"])
        self.assertEqual(3, source["stratum"])
        return server, client

    def assert_protected(self, server, client, name, key_length=128):
        auth = client.source(name)["auth"]
        self.assertEqual("nts", auth["mode"])
        self.assertEqual(key_length, auth["key_length"])
        until("all cookies, none of them under way", lambda: client.source(name)["auth"]["cookies"] == 8)
        until("the session is counted", lambda: server.ask("serverstats")["ke_hits"] >= 1)
        self.assertGreaterEqual(server.ask("serverstats")["ntp_auth_hits"], 1)

    def test_plain_over_ipv4(self):
        server, client = self.transfer("127.0.0.1", nts=False)
        self.assertEqual("none", client.source("127.0.0.1")["auth"]["mode"])
        self.assertEqual(0, server.ask("serverstats")["ntp_auth_hits"])

    @unittest.skipUnless(surroundings.has_ipv6(), "this machine has no IPv6 loopback")
    def test_plain_over_ipv6(self):
        self.transfer("::1", nts=False)

    def test_plain_by_name(self):
        self.transfer("localhost", nts=False)

    def test_nts_over_ipv4(self):
        server, client = self.transfer("127.0.0.1", nts=True)
        self.assert_protected(server, client, "127.0.0.1")

    @unittest.skipUnless(surroundings.has_ipv6(), "this machine has no IPv6 loopback")
    def test_nts_over_ipv6(self):
        server, client = self.transfer("::1", nts=True)
        self.assert_protected(server, client, "::1")

    def test_nts_by_name(self):
        server, client = self.transfer("localhost", nts=True)
        self.assert_protected(server, client, "localhost")


if __name__ == "__main__":
    unittest.main()
