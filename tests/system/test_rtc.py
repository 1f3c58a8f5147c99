#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The real-time clock of the machine (rtc_cmos), under the unit with the package's example: rtcdata, trimrtc and writertc by
stock chronyc and by gnomonctl, and -s. Stock chronyd does the same in our place, and each goes on with the other's file. How
far the real-time clock is off is read by the test itself, when one of its seconds begins."""

import pathlib
import re
import time
import unittest

import devices
import kernel_clock
from machine import until
from reference_server import ReferenceServer
from service import configure, run
from stock_chrony import Chronyd, chronyc

SERVER = "server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 2"
FILE = pathlib.Path("/var/lib/gnomon/rtc")  # of both in turn
LINES = (f"rtcfile {FILE}", "rtconutc")
DROP_IN = pathlib.Path("/run/systemd/system/gnomond.service.d/from-rtc.conf")
DAYS = 30 * 86400.0


class Ours:
    name = "gnomond"

    def __init__(self, *lines, from_rtc=False):
        DROP_IN.parent.mkdir(parents=True, exist_ok=True)
        if from_rtc:
            DROP_IN.write_text("[Service]\nExecStart=\nExecStart=/usr/sbin/gnomond -n -s\n", encoding="ascii")
        else:
            DROP_IN.unlink(missing_ok=True)
        run("systemctl", "daemon-reload")
        configure(*lines, "port 0")

    def ask(self, *words):
        return chronyc(*words)

    def stop(self):
        run("systemctl", "stop", "gnomond")
        DROP_IN.unlink(missing_ok=True)


class OursByGnomonctl(Ours):
    name = "gnomond, gnomonctl"

    def ask(self, *words):
        return run("gnomonctl", *words, check=False)


class Theirs:
    name = "chronyd"

    def __init__(self, *lines, from_rtc=False):
        self.daemon = Chronyd(*lines, "port 0", options=("-s",) if from_rtc else ())

    def ask(self, *words):
        return self.daemon.ask(*words)

    def stop(self):
        self.daemon.process.terminate()
        self.daemon.process.wait()


class RealTimeClock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ReferenceServer()
        devices.put_examples()
        run("systemctl", "stop", "gnomond")

    def setUp(self):
        self.daemon = None
        kernel_clock.reset()
        self.addCleanup(self.stop)

    def stop(self):
        if self.daemon:
            self.daemon.stop()
        self.daemon = None

    def start(self, kind, *lines, **options):
        self.stop()
        self.daemon = kind(*lines, **options)

    def report(self, text):
        print(f"{self.id().split('.')[-1]}: {text}", flush=True)

    def fast(self):
        """What rtcdata says once something is known, in s."""
        shown = self.daemon.ask("rtcdata")
        known = re.search(r"Number of samples *: *[1-9]", shown)
        return float(re.search(r"RTC is fast by *: *(-?[\d.]+) seconds", shown)[1]) if known else None

    def wait_for_fast(self, near):
        """Until it is that, in s."""
        until(f"rtcdata says {near:.3f} s", lambda: (found := self.fast()) is not None and abs(found - near) < 0.1, 200)
        return self.fast()

    def measured(self, kind):
        """Daemon and file know how far the real-time clock is off, which is not set. The file is left there."""
        FILE.unlink(missing_ok=True)
        self.start(kind, SERVER, "makestep 0.1 3", *LINES)
        self.wait_for_fast(devices.rtc_fast())
        self.daemon.ask("writertc")
        until("the file is written", FILE.exists, 60)

    def test_01_it_is_measured_set_and_written_down(self):
        for kind in (Theirs, Ours, OursByGnomonctl):
            with self.subTest(kind.name):
                self.stop()
                devices.set_rtc(beyond=1000)
                self.measured(kind)
                before = self.fast()
                self.assertGreater(devices.rtc_fast(), 990)
                self.assertEqual("200 OK", self.daemon.ask("trimrtc"))
                until("it is set", lambda: abs(devices.rtc_fast()) < 1.5, 120)
                is_fast = devices.rtc_fast()
                shown = self.wait_for_fast(is_fast)
                self.report(f"{kind.name}: fast by {before:.3f} s; after trimrtc by {is_fast:+.4f} s, rtcdata {shown:+.4f}")
                self.assertLess(abs(is_fast), 1.0)  # it is set to whole seconds
                FILE.unlink()
                self.daemon.ask("writertc")
                until("the file is written", FILE.exists, 60)
                valid, reference, written, _ = (float(each) for each in FILE.read_text(encoding="ascii").split())
                self.assertEqual(1.0, valid)
                self.assertLess(abs(reference - kernel_clock.true_time_ns() / 1e9), 600)
                self.assertLess(abs(written - is_fast), 0.1)

    def set_from_it(self, kind):
        """The clock's error after -s, in s, and how long that took after the start."""
        kernel_clock.set_error(-DAYS)
        began = time.monotonic()
        self.start(kind, *LINES, from_rtc=True)
        until("the clock is set", lambda: abs(kernel_clock.error()) < 2.5, 60)
        took = time.monotonic() - began
        first = kernel_clock.error()
        time.sleep(15)  # chronyd goes on for nine seconds
        return kernel_clock.error(), first, took

    def test_02_the_clock_is_set_from_it(self):
        """Each with the other's file."""
        for writer, reader in ((Theirs, Ours), (Ours, Theirs)):
            with self.subTest(f"{reader.name} with the file of {writer.name}"):
                self.stop()
                devices.set_rtc(beyond=100)
                self.measured(writer)
                self.stop()
                error, first, took = self.set_from_it(reader)
                self.report(f"{reader.name} -s, file of {writer.name}: {first:+.4f} s after {took:.1f} s, then {error:+.4f} s")
                self.assertLess(abs(error), 0.1)

    def test_03_an_empty_battery(self):
        """A real-time clock that is behind the driftfile is not believed."""
        devices.set_rtc(beyond=-400 * 86400)
        self.addCleanup(lambda: (self.stop(), devices.set_rtc()))
        pathlib.Path("/var/lib/gnomon/drift").write_text("0.0 1.0\n", encoding="ascii")
        kernel_clock.set_error(-500 * 86400)
        FILE.unlink(missing_ok=True)
        self.start(Ours, *LINES, from_rtc=True)
        until("the clock is set", lambda: abs(kernel_clock.error()) < 120, 30)
        self.report(f"error {kernel_clock.error():+.3f} s, from the driftfile")


if __name__ == "__main__":
    unittest.main()
