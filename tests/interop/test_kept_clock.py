#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What gnomond and stock chronyd keep of a clock that they steer: the drift file, which either reads of the other, and
the samples of a source. Both run whole in virtual time, on a clock that gains or loses a known part."""

import os
import re
import struct
import subprocess
import unittest

import surroundings
from daemons import Scene

INTERPOSER = os.environ.get("GNOMON_INTERPOSER", "")
GAIN = 100e-6  # s/s
PPM = 1e-6
WRONG_AT_START = 10e-3  # s: the scenario's clock is ahead


@unittest.skipUnless(surroundings.CHRONYD and surroundings.IS_ROOT, "needs chronyd, which wants to be root")
class KeptClock(Scene):
    def setUp(self):
        super().setUp()
        self.state = self.state_folder("state", owner="root")
        self.drift = self.state / "drift"

    def run_daemon(self, program, gain, *lines, until, stop=None):
        """A whole run; what it said, and the error of the clock's rate in each second of it."""
        configuration, record = self.state / "conf", self.state / "record"
        configuration.write_text("\n".join([f"driftfile {self.drift}", "cmdport 0", "bindcmdaddress /",
                                            f"pidfile {self.state}/pid", *lines]) + "\n", encoding="ascii")
        record.unlink(missing_ok=True)
        command = {"gnomond": [surroundings.PROGRAM, "-d", "-f", configuration],
                   "chronyd": [surroundings.CHRONYD, "-d", "-u", "root", "-F", "0", "-f", configuration]}[program]
        variables = {"PATH": os.environ["PATH"], "TZ": "UTC0", "LD_PRELOAD": INTERPOSER, "GNOMON_SIM_SCENARIO": "lan",
                     "GNOMON_SIM_FREQUENCY": str(gain), "GNOMON_SIM_UNTIL": str(until), "GNOMON_SIM_OUTPUT": str(record)}
        if stop:
            variables["GNOMON_SIM_STOP"] = str(stop)
        done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=surroundings.PATIENCE * 4, check=False)
        self.assertEqual(0, done.returncode, done.stdout)
        rates = [rate for _, rate, _ in struct.iter_unpack("3f", record.read_bytes())] if record.exists() else []
        return done.stdout, rates

    def learn(self, program, gain, *lines, seconds=4000):
        """Without a drift file, until it knows the clock; then SIGTERM."""
        self.drift.unlink(missing_ok=True)
        return self.run_daemon(program, gain, "server 192.0.2.1 iburst maxpoll 6", *lines, until=seconds + 60,
                               stop=seconds)[0]

    def begin(self, program, gain):
        """A start without any source: the rate that the file alone gives."""
        said, rates = self.run_daemon(program, gain, until=60)
        self.assertEqual(60, len(rates), said)
        return said, max(abs(rate) for rate in rates[1:])

    def values(self):
        return [float(word) for word in self.drift.read_text(encoding="ascii").split()[:2]]

    def hand_over(self, writer, reader, gain):
        said = self.learn(writer, gain)
        self.assertTrue(self.drift.exists(), said)
        frequency, skew = self.values()
        self.assertAlmostEqual(gain / PPM, frequency, delta=0.5)
        self.assertTrue(0 < skew < 1, skew)
        said, error = self.begin(reader, gain)
        self.assertIn(f"Frequency {frequency:.3f} +/- {skew:.3f} ppm read from", said)
        self.assertLess(error, 0.5 * PPM)
        return said

    def test_what_chronyd_writes_is_right_for_gnomond(self):
        for gain in (GAIN, -GAIN):
            with self.subTest(gain=gain):
                said = self.hand_over("chronyd", "gnomond", gain)
                self.assertRegex(said, "Drift file .* was written by chrony: its frequency is used as it is")
                self.assertRegex(self.drift.read_text(encoding="ascii"), r"^ *-?\d+\.\d{6} +\d+\.\d{6} fast\n$")

    def test_what_gnomond_writes_is_right_for_chronyd(self):
        for gain in (GAIN, -GAIN):
            with self.subTest(gain=gain):
                self.hand_over("gnomond", "chronyd", gain)

    def test_what_gnomond_writes_is_right_for_gnomond(self):
        for gain in (GAIN, -GAIN):
            with self.subTest(gain=gain):
                self.assertNotIn("Drift file", self.hand_over("gnomond", "gnomond", gain))

    def test_chronyds_file_keeps_its_sign_where_a_gnomond_has_been_since(self):
        for gain in (GAIN, -GAIN):
            with self.subTest(gain=gain):
                self.drift.write_text(f"{gain / PPM:20.6f} {0.01:20.6f}\n", encoding="ascii")
                (self.state / "gnomon.time").write_text("1700000000\n", encoding="ascii")
                said, error = self.begin("gnomond", gain)
                self.assertRegex(said, "Drift file .* was written by chrony: its frequency is used as it is")
                self.assertLess(error, 0.5 * PPM)
                self.assertAlmostEqual(gain / PPM, self.values()[0])

    def samples(self, program, gain):
        """Of the only source, as kept at the end: rows of seven numbers."""
        self.learn(program, gain, f"dumpdir {self.state}", seconds=1000)  # the first ones are kept still
        path = self.state / "192.0.2.1.dat"
        lines = path.read_text(encoding="ascii").splitlines()
        path.unlink()
        self.assertEqual(["SRC0", "192.0.2.1"], lines[:2])
        self.assertRegex(lines[2], r"^0 377 8 1 0$")
        self.assertEqual(len(lines) - 4, int(lines[3].split()[0]))
        self.assertTrue(all(re.fullmatch(r"\d+\.\d{9}( -?\d\.\d{6}e[+-]\d\d){6}", line) for line in lines[4:]), lines)
        return [[float(word) for word in line.split()] for line in lines[4:]]

    def test_samples_are_kept_alike(self):
        for gain in (GAIN, -GAIN):
            for program in ("chronyd", "gnomond"):
                with self.subTest(gain=gain, program=program):
                    rows = self.samples(program, gain)
                    self.assertTrue(8 < len(rows) < 64)
                    for _, offset, _, delay, dispersion, root_delay, root_dispersion in rows:
                        # As the clock counts at the end, when it was right and ran right.
                        self.assertLess(abs(offset), 1e-3)
                        self.assertTrue(200e-6 < delay < 5e-3, delay)
                        self.assertTrue(0 < dispersion < 1e-3, dispersion)
                        self.assertAlmostEqual(delay, root_delay, delta=0.1e-3)  # the server is stratum 1
                        self.assertTrue(dispersion <= root_dispersion < dispersion + 1e-3, root_dispersion)
                    # As the clock counted then: ahead, and by more or less after the first seconds.
                    self.assertAlmostEqual(WRONG_AT_START, rows[0][2], delta=2e-3)


if __name__ == "__main__":
    unittest.main()
