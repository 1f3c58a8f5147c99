#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomond -Q: one look at the time, a sentence, and an exit status."""

import re
import time
import unittest

import surroundings
from daemons import Scene
from plain_server import PlainServer


class OneShot(Scene):
    # Without `maxsamples 1` it would ask more often. A server that is slow to answer is asked a second time, at the most.
    FEW = range(1, 3)

    def test_the_offset_is_printed_and_the_clock_left_alone(self):
        server = PlainServer()
        self.addCleanup(server.stop)
        done, seconds = self.run_once("-Q", "-t", "30", f"server 127.0.0.1 port {server.port} iburst maxsamples 1")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"System clock wrong by -?\d+\.\d{6} seconds \(ignored\)")
        print(f"gnomond -Q took {seconds:.3f} s")
        self.assertIn(len(server.asked), self.FEW)

    def test_with_nts_it_takes_no_longer_than_the_handshake(self):
        authority = self.authority()
        server = self.start_server(certificate=authority.issue("server"))
        done, seconds = self.run_once("-Q", "-t", "30", "nosystemcert", f"ntstrustedcerts {authority.certificate}",
                                      f"server localhost port {server.port} nts ntsport {server.ke_port} iburst maxsamples 1")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"System clock wrong by -?\d+\.\d{6} seconds \(ignored\)")
        print(f"gnomond -Q with NTS took {seconds:.3f} s")
        counts = server.ask("serverstats")
        self.assertIn(counts["ntp_hits"], self.FEW, counts)

    def test_the_quickest_of_three_servers_is_a_liar_and_nobody_follows_it(self):
        servers = [PlainServer(offset=-1024 * 7 * 86400.0), PlainServer(delay=0.15), PlainServer(delay=0.15)]
        for server in servers:
            self.addCleanup(server.stop)
        lines = [f"server 127.0.0.1 port {server.port} iburst" for server in servers]
        done, seconds = self.run_once("-Q", "-t", "30", *lines)
        self.assertEqual(0, done.returncode, done.stderr)
        offset = re.search(r"System clock wrong by (-?\d+\.\d{6}) seconds", done.stdout + done.stderr)
        self.assertLess(abs(float(offset[1])), 0.2, done.stderr)
        print(f"right among three after {seconds:.3f} s, the slowest round trip is 0.3 s")

    def test_a_dead_server_is_waited_for_once(self):
        server = PlainServer(offset=3.0)
        self.addCleanup(server.stop)
        done, seconds = self.run_once("-Q", "-t", "30", f"server 127.0.0.1 port {surroundings.free_port()} iburst",
                                      f"server 127.0.0.1 port {server.port} iburst")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"System clock wrong by (2\.9|3\.0)")
        print(f"a dead one beside it: {seconds:.3f} s")

    def test_without_an_answer_it_ends_when_the_time_is_over(self):
        port = surroundings.free_port()
        began = time.monotonic()
        done, _ = self.run_once("-Q", "-t", "1", f"server 127.0.0.1 port {port} iburst")
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("Timeout reached", done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"127\.0\.0\.1 has not answered (any of \d+ requests|the one request that was sent to it); check")
        self.assertGreaterEqual(time.monotonic() - began, 1.0)

    def test_the_configuration_is_printed_as_it_counts(self):
        part = self.folder / "part.conf"
        part.write_text("minsources 2\n", encoding="ascii")
        whole = self.folder / "whole.conf"
        whole.write_text(f"# comment\n  port   0\ninclude {part}\nserver   192.0.2.1  iburst\n", encoding="ascii")
        done, _ = self.run_once("-p", "-f", str(whole))
        self.assertEqual((0, "port 0\nminsources 2\nserver 192.0.2.1 iburst\n"), (done.returncode, done.stdout))

    def test_version_and_help_need_nothing(self):
        done, _ = self.run_once("-v")
        self.assertEqual(0, done.returncode)
        self.assertRegex(done.stdout, r"^gnomond(-sim)? \(gnomon\) version \S+ \(.*\+NTS.*\)\n$")
        done, _ = self.run_once("-h")
        self.assertEqual(0, done.returncode)
        self.assertIn("gnomond", done.stdout)


if __name__ == "__main__":
    unittest.main()
