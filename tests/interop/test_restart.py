#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that is started again keeps its cookie keys, and its clients their cookies."""

import unittest

import surroundings
from daemons import Scene, client_line, until


class Restart(Scene):
    def test_cookies_stay_valid_over_a_restart(self):
        authority = self.authority()
        keys = self.state_folder("keys", mode=0o750)
        certificate = authority.issue("server")
        ports = (surroundings.free_port(), surroundings.free_port())
        server = self.start_server(certificate=certificate, extra=[f"ntsdumpdir {keys}"], ports=ports)
        client = self.start("client", client_line(server, nts=True), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        client.wait_until_selected("127.0.0.1")
        self.assertEqual(0, server.stop())
        written = (keys / "ntskeys").read_text(encoding="ascii")
        self.assertTrue(written.startswith("NKS1\n"), written[:5])

        again = self.start_server("again", certificate=certificate, extra=[f"ntsdumpdir {keys}"], ports=ports)
        client.wait_for_source("127.0.0.1", "is answered by the new server",
                               lambda _: again.ask("serverstats")["ntp_auth_hits"] >= 3)
        auth = client.source("127.0.0.1")["auth"]
        self.assertEqual((1, 0), (auth["key_id"], auth["naks"]))
        self.assertEqual(0, again.ask("serverstats")["ke_hits"])

    def test_without_the_keys_the_client_establishes_new_ones(self):
        authority = self.authority()
        certificate = authority.issue("server")
        ports = (surroundings.free_port(), surroundings.free_port())
        server = self.start_server(certificate=certificate, ports=ports)
        client = self.start("client", client_line(server, nts=True), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        client.wait_until_selected("127.0.0.1")
        server.stop()
        again = self.start_server("again", certificate=certificate, ports=ports)
        client.wait_for_source("127.0.0.1", "has new keys", lambda source: source["auth"]["key_id"] >= 2)
        # The ends of sessions are told to the core in batches.
        until("the new session is counted", lambda: again.ask("serverstats")["ke_hits"] >= 1)


if __name__ == "__main__":
    unittest.main()
