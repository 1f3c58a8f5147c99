#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole leap seconds with a real kernel: who makes them in each mode, what the kernel is told before and after."""

import hashlib
import time
import unittest

import kernel_clock
from kernel_clock import STA_DEL, STA_INS
from machine import ClockTest, until

MIDNIGHT = 1_830_297_600  # 2028-01-01
NTP_EPOCH_OFFSET = 2208988800
CLOCK_TAI = 11


def status():
    return kernel_clock.adjtimex().status


def leap_list(seconds):
    """TAI - UTC is 37 s, and changes at MIDNIGHT."""
    updated, expires = str(MIDNIGHT - 10**7 + NTP_EPOCH_OFFSET), str(MIDNIGHT + 10**7 + NTP_EPOCH_OFFSET)
    entries = [(3692217600, 37), (MIDNIGHT + NTP_EPOCH_OFFSET, 37 + seconds)]
    digits = updated + expires + "".join(f"{at}{offset}" for at, offset in entries)
    hashed = hashlib.sha1(digits.encode()).hexdigest()
    groups = " ".join(hashed[i:i + 8] for i in range(0, 40, 8))
    lines = [f"#$ {updated}", f"#@ {expires}"] + [f"{at} {offset}" for at, offset in entries] + [f"#h {groups}"]
    return "\n".join(lines) + "\n"


class Leap(ClockTest):
    # Many samples before midnight, in little time.
    SERVER = "server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 0"

    def setUp(self):
        super().setUp()
        self.utc_offset = 0  # of the reference server, ns, against true time

    def begin(self, *lines, announce=1, before=40):
        """The clock and the server that far before the end of a 31 December."""
        self.utc_offset = (MIDNIGHT - before) * 10**9 - kernel_clock.true_time_ns()
        self.server.offset_ns, self.server.leap = self.utc_offset, announce
        self.wrong(by=self.utc_offset / 1e9)
        daemon = self.start("makestep 1 3", *lines)
        until("synchronised", lambda: daemon.says("Selected source"))
        return daemon

    def reference(self):
        return (kernel_clock.true_time_ns() + self.utc_offset) / 1e9

    def pass_midnight(self, seconds):
        """The server makes the leap second; true seconds until it does are waited for."""
        instant = MIDNIGHT if seconds > 0 else MIDNIGHT - 1
        until("the leap second", lambda: self.reference() >= instant, 90)
        self.server.leap = 0
        self.utc_offset -= seconds * 10**9
        self.server.offset_ns = self.utc_offset

    def error(self):
        return kernel_clock.error() - self.utc_offset / 1e9

    def finish(self, daemon, within, patience=30):
        until(f"an error below {within} s", lambda: abs(self.error()) < within, patience)
        time.sleep(5)
        self.report(f"error {self.error() * 1e6:+.0f} us, status {status():#x}, TAI {kernel_clock.adjtimex().tai}")
        self.assertLess(abs(self.error()), within)
        self.assertFalse(status() & (STA_INS | STA_DEL))
        self.assertIsNone(daemon.says("time jump detected"))
        self.assertEqual("normal", daemon.tracking()["leap"])
        self.assertEqual(0, daemon.stop())

    def test_the_kernel_inserts_a_second(self):
        daemon = self.begin()
        until("the kernel is told", lambda: status() & STA_INS, 20)
        self.assertEqual("insert_second", daemon.tracking()["leap"])
        self.pass_midnight(1)
        time.sleep(0.2)
        self.assertEqual("normal", daemon.tracking()["leap"])
        daemon.wait_for("leap second was inserted", 5)
        self.finish(daemon, 0.005)

    def test_the_kernel_deletes_a_second(self):
        daemon = self.begin(announce=2)
        until("the kernel is told", lambda: status() & STA_DEL, 20)
        self.pass_midnight(-1)
        self.finish(daemon, 0.005)

    def test_we_step_a_second(self):
        for announce, seconds in ((1, 1), (2, -1)):
            with self.subTest(seconds=seconds):
                daemon = self.begin("leapsecmode step", announce=announce)
                daemon.wait_for("A leap second will be", 20)
                self.assertFalse(status() & (STA_INS | STA_DEL))
                self.pass_midnight(seconds)
                time.sleep(0.2)
                self.assertLess(abs(self.error()), 0.005)
                self.finish(daemon, 0.005)

    def test_we_slew_a_second(self):
        daemon = self.begin("leapsecmode slew", "maxchange 0.5 1 0")
        daemon.wait_for("A leap second will be", 20)
        self.pass_midnight(1)
        time.sleep(0.5)
        self.assertGreater(abs(self.error()), 0.9)
        self.finish(daemon, 0.005, patience=20)

    def test_an_ignored_second_is_corrected_by_measurements(self):
        daemon = self.begin("leapsecmode ignore")
        daemon.wait_for("A leap second will be", 20)
        self.pass_midnight(1)
        time.sleep(2)
        self.assertGreater(abs(self.error()), 0.9)
        self.finish(daemon, 0.01, patience=60)

    def test_the_list_announces_a_second_and_sets_the_offset_of_tai(self):
        path = self.folder / "leap-seconds.list"
        path.write_text(leap_list(1), encoding="ascii")
        daemon = self.begin(f"leapseclist {path}", announce=0)
        until("the kernel is told", lambda: status() & STA_INS, 20)
        self.assertEqual(37, kernel_clock.adjtimex().tai)
        tai = time.clock_gettime(CLOCK_TAI)
        began = kernel_clock.true_time_ns()
        self.pass_midnight(1)
        self.finish(daemon, 0.005)
        self.assertEqual(38, kernel_clock.adjtimex().tai)
        gone = (kernel_clock.true_time_ns() - began) / 1e9
        self.assertAlmostEqual(gone, time.clock_gettime(CLOCK_TAI) - tai, delta=0.02)

    def test_on_another_day_the_kernel_is_not_told(self):
        self.server.leap = 1
        self.wrong()
        daemon = self.start("makestep 1 3")
        until("synchronised", lambda: daemon.says("Selected source"))
        time.sleep(5)
        self.assertFalse(status() & (STA_INS | STA_DEL))
        self.assertEqual(0, daemon.stop())


if __name__ == "__main__":
    unittest.main()
