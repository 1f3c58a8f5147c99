#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine without an RTC, with NTS alone: the clock is years off, no certificate fits, and within a minute the time
is right, authenticated by certificates that hold."""

import unittest

import nts_servers
from machine import ClockTest

YEAR = 365 * 86400.0


class WrongClock(ClockTest):
    def servers(self, count=3):
        """Made while the clock is right; lines of the configuration."""
        addresses = [f"127.0.1.{number}" for number in range(1, count + 1)]
        folder = self.folder / f"authority-{count}"
        peers = nts_servers.serve(folder, *addresses, ports=(0, 0))
        for peer in peers:
            self.addCleanup(peer.close)
        return nts_servers.trust(folder) + [nts_servers.source(each.address, each.ke_port, each.port) for each in peers]

    def begin(self, by, *lines, count=3, server=False):
        servers = self.servers(count)
        self.wrong(by=by)
        return self.start(*servers, *lines, server=server)

    def test_years_behind(self):
        for count in (1, 3):
            with self.subTest(servers=count):
                daemon = self.begin(-20 * YEAR, "makestep 1 3", count=count)
                seconds = self.wait_until_right(0.05, patience=60)
                self.report(f"20 years behind, {count} servers: right after {seconds:.1f} s")
                self.assertTrue(daemon.says("stepped by"), daemon.log)
                self.assertEqual(0, daemon.stop())

    def test_years_ahead_expired_certificates_are_refused_and_the_message_says_what_to_do(self):
        daemon = self.begin(20 * YEAR, "makestep 1 3")
        daemon.wait_for(r"certificate has expired .*if it is ahead, set it", patience=60)
        self.assertFalse(daemon.says("is provisional"), daemon.log)
        self.assertFalse(daemon.says("was stepped by"), daemon.log)

    def test_years_ahead_a_plain_source_may_set_it(self):
        daemon = self.begin(20 * YEAR, "makestep 1 3", "authselectmode prefer", server=True)
        seconds = self.wait_until_right(0.05, patience=60)
        self.report(f"20 years ahead, with a plain source: right after {seconds:.1f} s")
        daemon.wait_for(r"NTS-KE with .* succeeded", patience=60)
        self.assertEqual(0, daemon.stop())

    def test_the_clock_is_stepped_once_and_by_certificates_that_hold(self):
        daemon = self.begin(-20 * YEAR, "makestep 1 3")
        self.wait_until_right(0.05, patience=60)
        self.assertEqual(1, daemon.log.count("was stepped by"), daemon.log)
        stepped = daemon.log.index("was stepped by")
        self.assertLess(daemon.log.index("their certificates are checked against that time"), stepped)

    def test_without_makestep_the_message_says_what_to_do(self):
        daemon = self.begin(-20 * YEAR)
        daemon.wait_for(r"wrong by .*makestep", patience=60)
        self.assertFalse(daemon.says("was stepped by"))

    def test_the_right_time_outlives_a_restart_with_a_wrong_clock(self):
        (self.folder / "nts").mkdir(mode=0o777, exist_ok=True)
        (self.folder / "nts").chmod(0o777)
        keep = f"ntsdumpdir {self.folder}/nts"
        daemon = self.begin(0.5 * YEAR / 365, "makestep 1 3", keep)
        self.wait_until_right(0.05, patience=60)
        self.assertEqual(0, daemon.stop())
        self.assertTrue((self.folder / "nts" / "gnomon.time").exists())
        self.wrong(by=-20 * YEAR)
        lines = [line for line in (self.folder / "gnomon.conf").read_text(encoding="utf-8").splitlines()
                 if line.startswith(("server", "nts", "nosys", "makestep"))]
        self.start(*lines, server=False)
        seconds = self.wait_until_right(0.05, patience=60)
        self.report(f"20 years behind after a restart, with cookies and a saved time: right after {seconds:.1f} s")


if __name__ == "__main__":
    unittest.main()
