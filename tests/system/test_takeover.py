#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomon-chrony over a running chrony of Debian, and chrony over it again: one step each way, nothing lost.

The steps build on each other: unittest runs them in the order of their names."""

import os
import pathlib
import pwd
import re
import unittest

from machine import until
from reference_server import ReferenceServer
from service import run, value

PACKAGES = pathlib.Path("/usr/share/test-packages")
OURS = pathlib.Path(os.environ.get("GNOMON_DEB", "")).parent
STATE = pathlib.Path("/var/lib/chrony")
CONFIGURATION = """server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 2
driftfile /var/lib/chrony/chrony.drift
ntsdumpdir /var/lib/chrony
dumpdir /var/lib/chrony
keyfile /etc/chrony/chrony.keys
logdir /var/log/chrony
sourcedir /run/chrony-dhcp
makestep 1 3
rtcsync
allow 127.0.0.1
"""
DRIFT = (12.5, 0.5)


def drift():
    return float((STATE / "chrony.drift").read_text(encoding="ascii").split()[0])


def owner(path):
    return pwd.getpwuid(path.stat().st_uid).pw_name


def install(*files):
    run("apt-get", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "install", "-y", "-q", *map(str, files))


def chronyc(*words):
    return run("chronyc", "-n", *words)


class Takeover(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ReferenceServer()

    def wait_until_synchronised(self):
        until("the source is selected", lambda: re.search(r"(?m)^\^\* 127\.0\.0\.1 ", run("chronyc", "-n", "sources", check=False)))

    def program(self):
        return os.path.basename(os.readlink(f"/proc/{value('chrony', 'MainPID')}/exe"))

    def frequency(self):
        """In ppm, positive where the clock is fast, as in the drift file."""
        number, sense = re.search(r"Frequency +: ([\d.]+) ppm (fast|slow)", chronyc("tracking")).groups()
        return float(number) if sense == "fast" else -float(number)

    def test_1_chrony_runs(self):
        install(*PACKAGES.glob("*.deb"))
        run("systemctl", "stop", "chrony")
        pathlib.Path("/etc/chrony/chrony.conf").write_text(CONFIGURATION, encoding="ascii")
        (STATE / "chrony.drift").write_text(f"{DRIFT[0]:20.6f} {DRIFT[1]:20.6f}\n", encoding="ascii")
        run("systemctl", "start", "chrony")
        self.assertEqual("chronyd", self.program())
        self.wait_until_synchronised()

    def test_2_gnomon_takes_its_place_in_one_step(self):
        before = self.frequency()
        install(*OURS.glob("gnomon*.deb"))
        self.assertNotIn("ii", run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "chrony", check=False))
        for unit in ("chrony", "chronyd", "gnomond"):
            self.assertEqual("active", run("systemctl", "is-active", unit))
        self.assertEqual("gnomond", self.program())
        self.assertEqual("_gnomon", owner(STATE))
        self.wait_until_synchronised()
        taken_over = re.search(r"Frequency (-?[\d.]+) .*/var/lib/chrony/chrony.drift", run("journalctl", "--no-pager", "-u", "gnomond"))
        self.assertIsNotNone(taken_over, "the drift file of chronyd was not read")
        self.assertAlmostEqual(before, float(taken_over[1]), delta=5)

    def test_3_what_calls_chrony_keeps_working(self):
        run("systemctl", "restart", "chronyd")
        self.wait_until_synchronised()
        self.assertIn("127.0.0.1", chronyc("-c", "sources"))
        chronyc("-a", "makestep")
        run("chronyc", "-h", "127.0.0.1,::1", "waitsync", "10", "0.1", "0.0", "1")
        self.assertRegex(run("chronyd", "-v"), r"^chronyd ")
        self.assertIn("makestep 1 3", run("chronyd", "-p"))
        self.assertRegex(run("timedatectl"), r"NTP service: active")
        run("systemctl", "reload", "chrony")

    def test_4_the_state_is_kept_where_chrony_keeps_it(self):
        before = self.frequency()
        run("systemctl", "stop", "chrony")
        self.assertAlmostEqual(before, drift(), delta=5)
        run("systemctl", "start", "chrony")

    def test_5_chrony_returns_in_one_step(self):
        install(*PACKAGES.glob("chrony_*.deb"))
        self.assertEqual("chronyd", self.program())
        self.assertEqual("_chrony", owner(STATE))
        self.wait_until_synchronised()
        self.assertNotIn("ii", run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "gnomon", check=False))
        self.assertEqual("inactive", run("systemctl", "is-active", "gnomond", check=False))


if __name__ == "__main__":
    unittest.main()
