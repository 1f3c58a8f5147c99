#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomond corrects a wrong clock and finds its frequency."""

import time
import unittest

import kernel_clock
from machine import ClockTest


class Steering(ClockTest):
    def test_a_clock_far_off_is_stepped_within_the_first_burst(self):
        for wrong in (100.0, -100.0):
            with self.subTest(wrong=wrong):
                trace = self.wrong(by=wrong)
                daemon = self.start("makestep 1 3")
                seconds = self.wait_until_right(0.005, patience=30)
                self.assertTrue(daemon.says(r"stepped by"), daemon.log)
                self.assertEqual(1, len(trace.jumps()), trace.jumps())
                self.report(f"{wrong:+.0f} s off, right within 5 ms after {seconds:.1f} s; "
                            f"error now {kernel_clock.error() * 1e6:.0f} us")
                self.assertLess(seconds, 15)
                self.assertEqual(0, daemon.stop())

    def test_a_clock_of_another_century_is_stepped(self):
        # What a machine without a battery shows at its start.
        self.wrong(by=-1_780_000_000.0)
        daemon = self.start("makestep 1 3")
        seconds = self.wait_until_right(0.005, patience=30)
        self.report(f"right within 5 ms after {seconds:.1f} s")
        self.assertEqual(0, daemon.stop())

    def test_the_first_correction_may_be_larger_than_maxchange(self):
        self.wrong(by=100.0)
        (self.folder / "drift").write_text("1.0 0.1\n", encoding="ascii")
        daemon = self.start("makestep 1 3", "maxchange 5 1 2", f"driftfile {self.folder}/drift")
        self.wait_until_right(0.005, patience=20)
        self.assertFalse(daemon.says("[Rr]efused"), daemon.log)
        self.assertEqual(0, daemon.stop())

    def test_a_small_error_is_slewed_within_maxslewrate_and_never_stepped(self):
        for wrong in (0.3, -0.3):
            with self.subTest(wrong=wrong):
                trace = self.wrong(by=wrong)
                daemon = self.start("maxslewrate 20000")
                seconds = self.wait_until_right(0.002, patience=90)
                trace.stop()
                self.report(f"{wrong:+.1f} s off, right within 2 ms after {seconds:.1f} s, "
                            f"largest rate {trace.largest_rate():.0f} ppm")
                self.assertEqual([], trace.jumps())
                self.assertFalse(daemon.says("stepped by"))
                # The slew may come on top of a frequency found from the first few samples.
                self.assertLessEqual(trace.largest_rate(), 20000 + 500)
                self.assertLess(seconds, 60)
                self.assertEqual(0, daemon.stop())

    def test_a_clock_that_runs_fast_is_slowed_down(self):
        trace = self.wrong(ppm=50)
        daemon = self.start()
        time.sleep(70)
        errors = [abs(error) for t, error, _ in trace.stop().samples if t > 50]
        frequency = daemon.tracking()
        self.report(f"+50 ppm: rate after 70 s {kernel_clock.rate_ppm():+.3f} ppm, worst error of the last 20 s "
                    f"{max(errors) * 1e6:.0f} us; tracking {frequency}")
        self.assertLess(max(errors), 0.001)
        self.assertEqual(0, daemon.stop())
        self.assertLess(abs(kernel_clock.rate_ppm()), 5)

    def test_the_frequency_outlives_the_daemon_in_the_driftfile(self):
        self.wrong(ppm=0)
        drift = self.folder / "drift"
        first = self.start(f"driftfile {drift}")
        time.sleep(20)
        self.assertEqual(0, first.stop())
        frequency, skew = (float(word) for word in drift.read_text(encoding="ascii").split()[:2])
        self.report(f"driftfile after 20 s: {frequency:+.3f} ppm, skew {skew:.3f} ppm")
        self.assertLess(abs(frequency), 20)

        drift.write_text("33.000000 0.100000 fast\n", encoding="ascii")
        self.server.answers = False
        kernel_clock.reset()
        second = self.start(f"driftfile {drift}")
        second.wait_for(r"Frequency 33\.000")
        time.sleep(0.5)
        self.report(f"driftfile 33 ppm fast: rate {kernel_clock.rate_ppm():+.4f} ppm without any measurement")
        self.assertAlmostEqual(-33.0, kernel_clock.rate_ppm(), delta=0.001)
        self.assertEqual(0, second.stop())
        self.assertAlmostEqual(-33.0, kernel_clock.rate_ppm(), delta=0.001)
        self.assertEqual("33.000000 0.100000 fast\n", drift.read_text(encoding="ascii"))

    def test_set_once_corrects_the_clock_and_ends(self):
        for wrong in (50.0, 0.2, -3.0):
            with self.subTest(wrong=wrong):
                self.wrong(by=wrong)
                daemon = self.start(options=("-q",))
                self.assertEqual(0, daemon.wait(60), daemon.log)
                self.assertRegex(daemon.log, r"System clock wrong by -?\d+\.\d{6} seconds")
                self.report(f"-q, {wrong:+.1f} s off: error afterwards {kernel_clock.error() * 1e6:.0f} us, "
                            f"rate {kernel_clock.rate_ppm():+.3f} ppm")
                self.assertLess(abs(kernel_clock.error()), 0.005)
                self.assertEqual(0, kernel_clock.rate_ppm())

    def test_an_offset_left_by_another_daemon_does_not_disturb(self):
        self.wrong()
        kernel_clock.adjtimex(modes=kernel_clock.ADJ_OFFSET | kernel_clock.ADJ_STATUS,
                              status=kernel_clock.STA_PLL, offset=400000)
        daemon = self.start()
        self.wait_until_right(0.002, patience=30)
        time.sleep(5)
        self.report(f"error {kernel_clock.error() * 1e6:.0f} us, kernel offset left {kernel_clock.adjtimex().offset}")
        self.assertEqual(0, kernel_clock.adjtimex().offset)
        self.assertLess(abs(kernel_clock.error()), 0.002)
        self.assertEqual(0, daemon.stop())


if __name__ == "__main__":
    unittest.main()
