#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What other programs see of the clock, and what the processes that keep it may do."""

import pathlib
import pwd
import subprocess
import time
import unittest

import kernel_clock
from machine import USER, ClockTest, until

CAP_SYS_TIME = 1 << 25


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


class KernelView(ClockTest):
    def test_the_kernel_is_called_synchronised_with_rtcsync(self):
        self.wrong()
        daemon = self.start("rtcsync")
        until("synchronised", lambda: not kernel_clock.adjtimex().status & kernel_clock.STA_UNSYNC)
        time.sleep(3)
        seen = kernel_clock.adjtimex()
        self.report(f"rtcsync: status {seen.status:#x}, maxerror {seen.maxerror} us, esterror {seen.esterror} us")
        self.assertLess(seen.maxerror, 100_000)
        self.assertLessEqual(seen.esterror, seen.maxerror)
        shown = subprocess.run(["timedatectl", "show", "-p", "NTPSynchronized", "--value"], capture_output=True,
                               text=True, check=False, timeout=60).stdout.strip()
        self.report(f"timedatectl: NTPSynchronized={shown or 'no answer'}")
        self.assertIn(shown, ("yes", ""))
        self.assertEqual(0, daemon.stop())
        self.assertTrue(kernel_clock.adjtimex().status & kernel_clock.STA_UNSYNC)

    def test_without_rtcsync_the_kernel_keeps_its_hands_off_the_rtc(self):
        # Linux copies the time to the RTC exactly when it is called synchronised.
        self.wrong()
        daemon = self.start()
        until("an error bound", lambda: kernel_clock.adjtimex().maxerror < 100_000)
        self.assertTrue(kernel_clock.adjtimex().status & kernel_clock.STA_UNSYNC)
        self.assertEqual(0, daemon.stop())

    def test_roles_have_no_more_than_they_need(self):
        self.wrong(by=0.05)
        uid = pwd.getpwnam(USER).pw_uid
        daemon = self.start()
        until("synchronised", lambda: daemon.says("Selected source"))
        others = set()
        for name, capabilities in (("clock", CAP_SYS_TIME), ("core", 0), ("resolve", 0)):
            with self.subTest(role=name):
                pid = daemon.role(name)
                if pid is None:
                    continue
                seen = status_of(pid)
                ids = set(seen["Uid"].split())
                self.assertEqual(1, len(ids), ids)
                self.assertFalse(ids & {"0", *others}, "a user of its own")
                self.assertEqual(name == "core", ids == {str(uid)})
                others |= ids
                for each in ("CapPrm", "CapEff"):
                    self.assertEqual(capabilities, int(seen[each], 16), each)
                for each in ("CapInh", "CapBnd", "CapAmb"):
                    self.assertEqual(0, int(seen[each], 16), each)
                self.assertEqual(("1", "2"), (seen["NoNewPrivs"], seen["Seccomp"]))
        self.assertIsNotNone(daemon.role("clock"))
        self.assertEqual(0, daemon.stop())

    def test_no_system_call_was_caught_by_a_filter(self):
        said = subprocess.run(["dmesg"], capture_output=True, text=True, check=False).stdout
        self.assertEqual([], [line for line in said.splitlines() if "type=1326" in line])


if __name__ == "__main__":
    unittest.main()
