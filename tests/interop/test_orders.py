#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator orders while gnomond runs, and what comes of it."""

import os
import socket
import subprocess
import time
import unittest

import surroundings
from daemons import Scene


def connect_as(user, daemon):
    """A connection to the control socket; the kernel says whose it is."""
    connection = socket.socket(socket.AF_UNIX)
    os.seteuid(user)
    try:
        connection.connect(str(daemon.socket))
    finally:
        os.seteuid(0)
    connection.settimeout(20)
    return connection


class Orders(Scene):
    def order(self, daemon, *words):
        return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), *words], capture_output=True,
                              text=True, check=False)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_local_comes_and_goes(self):
        daemon = self.start("alone").wait_until_ready()
        self.assertEqual(0, daemon.ask("tracking")["stratum"])
        self.assertEqual("200 OK\n", self.order(daemon, "local", "stratum", "8").stdout)
        self.assertEqual(8, daemon.ask("tracking")["stratum"])
        self.assertEqual("200 OK\n", self.order(daemon, "local", "off").stdout)
        self.assertEqual(0, daemon.ask("tracking")["stratum"])
        refused = self.order(daemon, "local", "stratum", "99")
        self.assertEqual(1, refused.returncode)
        self.assertIn("'stratum'", refused.stderr)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_times_by_hand_are_taken_when_they_are_wanted(self):
        daemon = self.start("by-hand").wait_until_ready()
        shown = time.strftime("%Y-%m-%d %H:%M:%S")
        self.assertIn("manual on", self.order(daemon, "settime", shown).stderr)
        self.assertEqual(0, self.order(daemon, "manual", "on").returncode)
        self.assertRegex(self.order(daemon, "settime", shown).stdout, r"^200 OK\nClock was -?\d+\.\d\d seconds fast\.")
        self.assertIn("n_samples = 1", self.order(daemon, "manual", "list").stdout)
        self.assertEqual(0, self.order(daemon, "manual", "delete", "0").returncode)
        self.assertIn("n_samples = 0", self.order(daemon, "manual", "list").stdout)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_with_x_nothing_is_corrected(self):
        daemon = self.start("untouched").wait_until_ready()
        self.assertIn("(-x)", self.order(daemon, "makestep").stderr)
        self.assertEqual("200 OK\n", self.order(daemon, "makestep", "0.1", "-1").stdout)

    @unittest.skipUnless(surroundings.IS_ROOT, "needs several users")
    def test_users_who_fill_the_control_socket_keep_no_other_out(self):
        daemon = self.start("full").wait_until_ready()
        for user in range(100000, 100006):
            for _ in range(16):
                self.addCleanup(connect_as(user, daemon).close)
        for user in (65534, 100010):
            with connect_as(user, daemon) as connection:
                connection.sendall(b'{"method":"io.gnomon.Control.Tracking"}\0')
                self.assertIn(b'"parameters"', connection.recv(65536))


if __name__ == "__main__":
    unittest.main()
