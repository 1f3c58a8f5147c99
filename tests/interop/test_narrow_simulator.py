#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomond-sim needs no more of its system than the narrowest simulator gives: one that ends it when it asks for more
is preloaded, and it serves, measures and steps a clock all the same."""

import os
import subprocess
import time
import unittest

import surroundings
from daemons import Daemon, Scene

SIMULATOR = os.environ.get("NARROW_SIMULATOR", "")


def preloaded(offset=0):
    return {**os.environ, "LD_PRELOAD": SIMULATOR, "NARROW_OFFSET": str(offset)}


class NarrowSimulator(Scene):
    def serve(self, *lines):
        port = surroundings.free_port()
        server = Daemon(self, "server", [surroundings.PROGRAM, "-d", "-x", f"port {port}", "allow", "local stratum 3",
                                         "controlsocket /", "pidfile /", *lines], environment=preloaded())
        server.wait_for_log("Disabled control of system clock")
        return server, port

    def measure(self, *arguments, offset=0):
        done = subprocess.run([surroundings.PROGRAM, "-t", "10", "controlsocket /", "pidfile /", *arguments],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=surroundings.PATIENCE,
                              check=False, env=preloaded(offset))
        return done.returncode, done.stdout + done.stderr

    def test_time_is_served_and_measured(self):
        server, port = self.serve()
        status, said = self.measure("-Q", f"server 127.0.0.1 port {port} iburst maxsamples 1")
        self.assertEqual(0, status, said)
        self.assertRegex(said, r"System clock wrong by -?0\.\d{6} seconds \(ignored\)")
        self.assertEqual(0, server.stop(), server.log)

    def test_several_servers_are_measured_at_the_same_time(self):
        server, port = self.serve()
        sources = [f"server 127.0.0.{i} port {port} iburst" for i in range(1, 9)]
        # They are one server, and its answers' stamps are not good enough for eight to agree within nanoseconds.
        status, said = self.measure("-Q", "minsources 8", *sources)
        self.assertIn(status, (0, 1), said)
        for i in range(1, 9):
            self.assertIn(f"Source 127.0.0.{i} reachable", said)
        self.assertEqual(0, server.stop(), server.log)

    def test_departures_are_told_in_interleaved_mode(self):
        server, port = self.serve()
        line = f"server 127.0.0.1 port {port} iburst minpoll 0 maxpoll 0 minsamples 6 xleave"
        client = Daemon(self, "client", [surroundings.PROGRAM, "-d", "-x", line, "controlsocket /", "pidfile /"],
                        environment=preloaded())
        client.wait_for_log("Selected source 127.0.0.1")
        self.assertEqual((0, 0), (client.stop(), server.stop()), client.log + server.log)

    def test_keys_are_established_and_time_is_authenticated(self):
        authority = self.authority()
        certificate, key = authority.issue("server")
        ke_port = surroundings.free_port()
        server, port = self.serve(f"ntsservercert {certificate}", f"ntsserverkey {key}", f"ntsport {ke_port}")
        status, said = self.measure("-Q", "nosystemcert", f"ntstrustedcerts {authority.certificate}",
                                    f"server 127.0.0.1 port {port} nts ntsport {ke_port} iburst")
        self.assertEqual(0, status, said)
        self.assertEqual(0, server.stop(), server.log)

    def test_the_simulated_clock_is_stepped(self):
        _, port = self.serve()
        status, said = self.measure("-q", f"server 127.0.0.1 port {port} iburst", offset=1000)
        self.assertEqual(0, status, said)
        self.assertRegex(said, r"System clock wrong by -(1000|999)\.\d{6} seconds")
        self.assertRegex(said, r"narrow: the clock is off by -?0\.\d{3} s")

    def test_an_order_to_stop_is_heard_while_nothing_happens(self):
        server, _ = self.serve()
        time.sleep(0.1)  # so that it waits; when it does not, that is no failure
        self.assertEqual(0, server.stop(), server.log)

    def test_without_a_simulator_the_clock_is_not_steered(self):
        done, _ = self.run_once("server 127.0.0.1 port 1", "controlsocket /", "pidfile /")
        self.assertEqual(1, done.returncode)
        self.assertIn("no simulator is preloaded", done.stderr)


if __name__ == "__main__":
    unittest.main()
