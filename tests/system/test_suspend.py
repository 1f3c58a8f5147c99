#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine sleeps and is woken by its real-time clock: right again within one burst, nothing of the sleep is corrected."""

import time
import unittest

import kernel_clock
from machine import ClockTest, until

SLEEP = 20  # s


@unittest.skipUnless(kernel_clock.can_suspend(), "this kernel does not sleep")
class Suspend(ClockTest):
    # The longest poll: only the burst after the resume may help.
    SERVER = "server 127.0.0.1 port 11123 iburst minpoll 6 maxpoll 10"

    def _asleep(self, *lines):
        kernel_clock.reset()
        daemon = self.start(*lines)
        until("synchronised", lambda: daemon.says("Selected source"))
        time.sleep(12)
        self.server.answers = False
        slept = kernel_clock.suspend(SLEEP)
        self.assertGreater(slept, SLEEP / 2)
        return daemon

    def test_the_clock_is_right_within_one_burst_of_the_resume(self):
        daemon = self._asleep("makestep 0.1 -1")
        # That wrong is the real-time clock, which counts whole seconds.
        self.server.offset_ns = 400_000_000
        self.server.answers = True
        began = kernel_clock.true_time_ns()
        until("the clock is right", lambda: abs(kernel_clock.error() - 0.4) < 0.005, 15)
        self.report(f"right {(kernel_clock.true_time_ns() - began) / 1e9:.1f} s after the resume")
        daemon.wait_for("The machine slept")
        until("synchronised", lambda: daemon.tracking()["leap"] == "normal")
        self.assertEqual(0, daemon.stop())

    def test_nothing_of_the_sleep_is_taken_for_a_wrong_clock(self):
        daemon = self._asleep("fallbackdrift 1 2")
        daemon.wait_for("The machine slept", 5)
        self.assertLess(abs(daemon.tracking()["system_time"]), 0.1)
        daemon.ask("makestep")
        time.sleep(8)  # fallbackdrift, too, has had its turn
        self.report(f"error {kernel_clock.error() * 1e3:+.3f} ms, rate {kernel_clock.rate_ppm():+.3f} ppm")
        self.assertLess(abs(kernel_clock.error()), 0.1)
        self.assertLess(abs(kernel_clock.rate_ppm()), 500)
        self.assertEqual(0, daemon.stop())


if __name__ == "__main__":
    unittest.main()
