#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Interleaved mode between gnomond and stock chronyd in both roles, plain and with NTS. Every request comes from a port
of its own, so that gnomond's workers must know of each other's clients."""

import unittest

import surroundings
from daemons import Chronyd, Scene, client_line, until

OPTIONS = "iburst minpoll 0 maxpoll 1 xleave"
WORKERS = ["ntpworkers 4"]


class InterleavedScene(Scene):
    def client_of(self, server, authority=None):
        trust = ["nosystemcert", f"ntstrustedcerts {authority.certificate}"] if authority else []
        return self.start("client", client_line(server, nts=authority is not None, options=OPTIONS), *trust)

    def assert_takes_interleaved_time(self, client):
        def look():
            client.still_there()
            reply = client.ask("ntpdata")
            return next((source for source in reply["sources"] if source["interleaved"]), None) if reply else None

        data = until("an interleaved answer", look)
        self.assertEqual(("kernel", "1111111111"), (data["tx_stamp"], data["tests"]))
        client.wait_until_selected("127.0.0.1")
        # Later answers are interleaved as well: the tie between requests holds.
        good = data["total_good_rx"]
        data = until("more answers", lambda: next((s for s in (client.ask("ntpdata") or {"sources": []})["sources"]
                                                   if s["total_good_rx"] > good + 2), None))
        self.assertTrue(data["interleaved"])
        return data

    def assert_serves_interleaved_time(self, server):
        def look():
            statistics = server.ask("serverstats")
            return statistics if statistics and statistics["kernel_tx"] >= 2 else None

        statistics = until("interleaved answers", look)
        self.assertGreaterEqual(statistics["ntp_interleaved_hits"], 2)
        self.assertGreaterEqual(statistics["ntp_timestamps"], 3)
        return statistics


class Interleaved(InterleavedScene):
    def test_gnomond_from_gnomond(self):
        server = self.start_server(extra=WORKERS)
        self.assert_takes_interleaved_time(self.client_of(server))
        self.assert_serves_interleaved_time(server)

    def test_gnomond_from_gnomond_with_nts(self):
        authority = self.authority()
        server = self.start_server(extra=WORKERS, certificate=authority.issue("server"))
        data = self.assert_takes_interleaved_time(self.client_of(server, authority))
        self.assertTrue(data["authenticated"])
        statistics = self.assert_serves_interleaved_time(server)
        self.assertGreaterEqual(statistics["ntp_auth_hits"], statistics["ntp_interleaved_hits"])

    def test_a_server_without_client_log_answers_in_basic_mode(self):
        server = self.start_server(extra=["noclientlog"])
        client = self.client_of(server)
        client.wait_until_selected("127.0.0.1")
        self.assertFalse(client.ask("ntpdata")["sources"][0]["interleaved"])
        self.assertEqual(0, server.ask("serverstats")["ntp_timestamps"])


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class InterleavedWithChrony(InterleavedScene):
    INTERLEAVED_COLUMN, TX_COLUMN = 26, 28

    def assert_chrony_takes_interleaved_time(self, client):
        row = until("chronyd reports an interleaved answer",
                    lambda: next((row for row in client.ask("ntpdata") if row[self.INTERLEAVED_COLUMN] == "Yes"), None))
        self.assertEqual("Kernel", row[self.TX_COLUMN], row)
        client.wait_until_selected("127.0.0.1")

    def test_gnomond_from_chronyd(self):
        server = self.start_chrony_server()
        self.assert_takes_interleaved_time(self.client_of(server))
        self.assertGreaterEqual(int(server.ask("serverstats")[0][8]), 2)

    def test_gnomond_from_chronyd_with_nts(self):
        authority = self.authority()
        server = self.start_chrony_server(certificate=authority.issue("server"))
        data = self.assert_takes_interleaved_time(self.client_of(server, authority))
        self.assertTrue(data["authenticated"])

    def test_chronyd_from_gnomond(self):
        server = self.start_server(extra=WORKERS)
        client = Chronyd(self, "client", [client_line(server, options=OPTIONS)])
        self.assert_chrony_takes_interleaved_time(client)
        self.assert_serves_interleaved_time(server)

    def test_chronyd_from_gnomond_with_nts(self):
        authority = self.authority()
        server = self.start_server(extra=WORKERS, certificate=authority.issue("server"))
        client = Chronyd(self, "client", [client_line(server, nts=True, options=OPTIONS), "nosystemcert",
                                          f"ntstrustedcerts {authority.certificate}"])
        self.assert_chrony_takes_interleaved_time(client)
        self.assert_serves_interleaved_time(server)


if __name__ == "__main__":
    unittest.main()
