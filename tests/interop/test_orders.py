#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator orders while gnomond runs, and what comes of it."""

import subprocess
import time
import unittest

import surroundings
from daemons import Scene


class Orders(Scene):
    def order(self, daemon, *words):
        return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), *words], capture_output=True,
                              text=True, check=False)

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

    def test_times_by_hand_are_taken_when_they_are_wanted(self):
        daemon = self.start("by-hand").wait_until_ready()
        shown = time.strftime("%Y-%m-%d %H:%M:%S")
        self.assertIn("manual on", self.order(daemon, "settime", shown).stderr)
        self.assertEqual(0, self.order(daemon, "manual", "on").returncode)
        self.assertRegex(self.order(daemon, "settime", shown).stdout, r"^200 OK\nClock was -?\d+\.\d\d seconds fast\.")
        self.assertIn("n_samples = 1", self.order(daemon, "manual", "list").stdout)
        self.assertEqual(0, self.order(daemon, "manual", "delete", "0").returncode)
        self.assertIn("n_samples = 0", self.order(daemon, "manual", "list").stdout)

    def test_with_x_nothing_is_corrected(self):
        daemon = self.start("untouched").wait_until_ready()
        self.assertIn("(-x)", self.order(daemon, "makestep").stderr)
        self.assertEqual("200 OK\n", self.order(daemon, "makestep", "0.1", "-1").stdout)


if __name__ == "__main__":
    unittest.main()
