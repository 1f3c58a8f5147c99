#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody else steps the clock, a role dies in the middle of a slew, a change is larger than allowed."""

import os
import signal
import time
import unittest

import kernel_clock
from machine import ClockTest, until


class Disturbance(ClockTest):
    def test_a_step_by_hand_is_noticed_and_corrected_by_a_step(self):
        for wrong in (5.0, -5.0):
            with self.subTest(wrong=wrong):
                trace = self.wrong()
                daemon = self.start("makestep 1 -1")
                until("synchronised", lambda: daemon.says("Selected source"))
                time.sleep(8)
                kernel_clock.step(wrong)
                seconds = self.wait_until_right(0.005, patience=40)
                jumps = [round(each, 2) for each in trace.stop().jumps()]
                self.report(f"{wrong:+.0f} s by hand: right after {seconds:.1f} s, jumps {jumps}")
                self.assertEqual(2, len(jumps))
                self.assertEqual(0, daemon.stop())

    def test_a_step_by_hand_is_corrected_by_slewing_where_steps_are_not_allowed(self):
        trace = self.wrong()
        daemon = self.start("maxslewrate 100000")
        until("synchronised", lambda: daemon.says("Selected source"))
        time.sleep(8)
        kernel_clock.step(1.5)
        seconds = self.wait_until_right(0.005, patience=60)
        jumps = [round(each, 2) for each in trace.stop().jumps()]
        self.report(f"+1.5 s by hand: slewed right after {seconds:.1f} s")
        self.assertEqual([1.5], jumps)
        self.assertEqual(0, daemon.stop())

    def _in_the_middle_of_a_slew(self):
        self.wrong(by=0.5)
        daemon = self.start("maxslewrate 10000")
        until("a slew", lambda: abs(kernel_clock.rate_ppm()) > 5000)
        time.sleep(1)
        return daemon

    def test_the_slew_ends_when_the_core_is_killed(self):
        daemon = self._in_the_middle_of_a_slew()
        os.kill(daemon.role("core"), signal.SIGKILL)
        killed = time.monotonic()
        until("the slew's end", lambda: abs(kernel_clock.rate_ppm()) < 200, 5)
        self.report(f"rate back at {kernel_clock.rate_ppm():+.3f} ppm {(time.monotonic() - killed) * 1e3:.0f} ms "
                    "after the core was killed")
        self.assertNotEqual(0, daemon.wait())
        self.assertIsNone(daemon.role("clock"))

    def test_the_slew_ends_with_the_service(self):
        daemon = self._in_the_middle_of_a_slew()
        self.assertEqual(0, daemon.stop())
        self.assertLess(abs(kernel_clock.rate_ppm()), 200)

    def test_the_service_ends_when_the_clock_helper_is_killed(self):
        daemon = self._in_the_middle_of_a_slew()
        os.kill(daemon.role("clock"), signal.SIGKILL)
        self.assertNotEqual(0, daemon.wait())
        left = kernel_clock.rate_ppm()
        # Nobody was left to end the slew; the next clock helper does.
        self.server.answers = False
        next_daemon = self.start("maxslewrate 10000")
        next_daemon.wait_for("back to its own rate")
        self.report(f"rate left behind by a killed clock helper: {left:+.1f} ppm; the next daemon begins at "
                    f"{kernel_clock.rate_ppm():+.1f} ppm")
        self.assertLess(abs(kernel_clock.rate_ppm()), 200)
        self.assertEqual(0, next_daemon.stop())

    def _wrong_beyond_maxchange(self, limit):
        self.wrong()
        daemon = self.start("makestep 1 -1", limit)
        until("synchronised", lambda: daemon.says("Selected source"))
        time.sleep(8)
        kernel_clock.step(10.0)
        return daemon

    def test_after_a_change_beyond_maxchange_nothing_is_steered(self):
        daemon = self._wrong_beyond_maxchange("maxchange 2 1 3 stay")
        daemon.wait_for("The clock is no longer steered", 60)
        time.sleep(5)
        self.report(f"maxchange: clock left {kernel_clock.error():+.3f} s off")
        self.assertGreater(kernel_clock.error(), 9.9)
        self.assertEqual(0, daemon.stop())

    def test_a_change_beyond_maxchange_ends_the_daemon_for_good(self):
        daemon = self._wrong_beyond_maxchange("maxchange 2 1 3")
        self.assertEqual(3, daemon.wait(60))
        self.assertGreater(kernel_clock.error(), 9.9)

    def test_a_leap_second_is_inserted_by_the_kernel_and_survived(self):
        # A moment before the end of a 31 December, on the server's clock as well as on ours.
        midnight = 1_830_297_600  # 2028-01-01
        wanted = (midnight - 25) * 10**9
        self.server.offset_ns = wanted - kernel_clock.true_time_ns()
        self.server.leap = 1
        begun = self.server.offset_ns
        self.wrong(by=begun / 1e9)
        daemon = self.start("makestep 1 3")
        until("the kernel is told", lambda: kernel_clock.adjtimex().status & kernel_clock.STA_INS, 20)
        until("midnight", lambda: kernel_clock.true_time_ns() + begun > midnight * 10**9, 40)
        self.server.leap = 0
        self.server.offset_ns = begun - 10**9
        time.sleep(12)
        left = kernel_clock.error() - self.server.offset_ns / 1e9
        self.report(f"after the leap second: error {left * 1e6:.0f} us, status {kernel_clock.adjtimex().status:#x}")
        self.assertLess(abs(left), 0.005)
        self.assertEqual(0, daemon.stop())


if __name__ == "__main__":
    unittest.main()
