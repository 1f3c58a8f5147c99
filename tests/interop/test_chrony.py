#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomond and stock chronyd take time from each other, plain and with NTS."""

import unittest

import surroundings
from daemons import Chronyd, Scene, client_line, until


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class Chrony(Scene):
    def test_gnomond_takes_plain_time_from_chronyd(self):
        server = self.start_chrony_server()
        client = self.start("client", client_line(server))
        self.assertEqual("none", client.wait_until_selected("127.0.0.1")["auth"]["mode"])

    def test_gnomond_takes_authenticated_time_from_chronyd(self):
        authority = self.authority()
        server = self.start_chrony_server(certificate=authority.issue("server"))
        client = self.start("client", client_line(server, nts=True), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        auth = client.wait_until_selected("127.0.0.1")["auth"]
        self.assertEqual(("nts", 8), (auth["mode"], auth["cookies"]))

    def test_chronyd_takes_plain_time_from_gnomond(self):
        server = self.start_server()
        client = Chronyd(self, "client", [client_line(server)])
        client.wait_until_selected("127.0.0.1")

    def test_chronyd_takes_authenticated_time_from_gnomond(self):
        authority = self.authority()
        server = self.start_server(certificate=authority.issue("server"))
        client = Chronyd(self, "client", [client_line(server, nts=True), "nosystemcert",
                                          f"ntstrustedcerts {authority.certificate}"])
        client.wait_until_selected("127.0.0.1")
        row = client.ask("authdata")[0]
        self.assertEqual(("NTS", "1"), (row[1], row[2]))
        until("the session is counted", lambda: server.ask("serverstats")["ke_hits"] >= 1)
        self.assertGreaterEqual(server.ask("serverstats")["ntp_auth_hits"], 1)


if __name__ == "__main__":
    unittest.main()
