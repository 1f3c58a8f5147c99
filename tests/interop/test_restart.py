#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that is started again keeps its cookie keys, and its clients their cookies; processes that take the place of others
know how often clients have come."""

import socket
import unittest

import surroundings
from daemons import Scene, client_line, kill, until


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

    def test_the_limit_of_key_exchanges_is_one_for_all_processes(self):
        certificate = self.authority().issue("server")
        server = self.start_server(certificate=certificate, extra=["ntsprocesses 4", "ntsratelimit interval 12 burst 32 leak 4"])
        children = until("four processes", lambda: len(server.children("gnomon-ntske", "server")) == 4
                         and server.children("gnomon-ntske", "server"))

        def knock(times):
            before = self.counted(server)
            for _ in range(times):
                with socket.create_connection(("127.0.0.1", server.ke_port), surroundings.PATIENCE) as client:
                    client.shutdown(socket.SHUT_WR)
                    client.recv(1)  # a session or a refusal, it ends at once
            until("all are counted", lambda: sum(self.counted(server)) == sum(before) + times)
            return self.counted(server)[0] - before[0]

        # Of those above the limit one in sixteen passes.
        self.assertIn(knock(200), range(32, 32 + 40))
        # Processes that take the others' places know what has been used.
        for child in children:
            kill(child)
        until("four others", lambda: len(set(server.children("gnomon-ntske", "server")) - set(children)) == 4)
        until("they accept", lambda: knock(1) >= 0)
        self.assertIn(knock(100), range(0, 25))

    @staticmethod
    def counted(server):
        totals = server.ask("serverstats")
        return totals["ke_hits"], totals["ke_drops"]


if __name__ == "__main__":
    unittest.main()
