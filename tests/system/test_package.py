#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The installed package in a machine with systemd: units, a wrong clock made right, reload, restart, watchdog, purge.

The steps build on each other and end with the package gone: unittest runs them in the order of their names."""

import json
import os
import pathlib
import re
import signal
import socket
import time
import unittest

import kernel_clock
from machine import until
from reference_server import ReferenceServer
from service import CONFIGURATION, REQUEST, Traffic, ask, capabilities, configure, overflown, roles, run, value

SERVER = "server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 2"


def spans(numbers):
    """As first and last of each run."""
    ordered = sorted(numbers)
    firsts = [each for each in ordered if each - 1 not in numbers]
    return list(zip(firsts, [each for each in ordered if each + 1 not in numbers]))


def newer(package):
    """The same files as a package of a later version."""
    files = pathlib.Path(package).parent / "newer"
    run("dpkg-deb", "-R", package, str(files))
    control = files / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^(Version: .*)$", r"\1+newer", control.read_text(encoding="utf-8")), encoding="utf-8")
    run("dpkg-deb", "--root-owner-group", "-b", str(files), f"{files}.deb")
    return f"{files}.deb"


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ReferenceServer()

    def report(self, text):
        print(f"{self.id().split('.')[-1]}: {text}", flush=True)

    def lost_over(self, action):
        traffic, dropped = Traffic(), overflown()
        until("answers", lambda: len(traffic.answered) > 20)
        action()
        after = traffic.sent
        until("answers again", lambda: max(traffic.answered) > after)
        lost = traffic.end()
        self.report(f"{traffic.sent} requests, {lost} lost, {overflown() - dropped} datagrams dropped by full buffers; "
                    f"not answered: {spans(set(range(traffic.sent)) - traffic.answered)}; the action was over at {after}")
        return lost

    def test_01_it_runs_and_will_run_after_the_next_boot(self):
        self.assertEqual("active", run("systemctl", "is-active", "gnomond"))
        self.assertEqual("enabled", run("systemctl", "is-enabled", "gnomond"))
        self.assertEqual("enabled", run("systemctl", "is-enabled", "gnomon-wait"))
        for name in ("ntp", "nts", "control"):
            self.assertEqual("disabled", run("systemctl", "is-enabled", f"gnomond-{name}.socket", check=False))

    def test_02_a_wrong_clock_becomes_right_and_time_sync_target_is_reached(self):
        kernel_clock.reset(-1000.0, 20.0)
        configure(SERVER, "makestep 1 3", "rtcsync", "allow 127.0.0.1")
        began = time.monotonic()
        run("systemd-run", "--wait", "--unit=needs-time", "-p", "Wants=time-sync.target", "-p", "After=time-sync.target",
            "/bin/true")
        self.assertLess(abs(kernel_clock.error()), 0.1)
        self.report(f"time-sync.target after {time.monotonic() - began:.1f} s, the clock is wrong by "
                    f"{kernel_clock.error() * 1e3:.3f} ms")
        self.assertEqual(["active"] * 2, run("systemctl", "is-active", "gnomon-wait", "time-sync.target").split())
        self.assertIn("Synchronised to 127.0.0.1", value("gnomond", "StatusText"))
        self.assertTrue(os.path.exists("/run/systemd/timesync/synchronized"))
        self.assertIn("The clock is synchronised", run("gnomonctl", "explain"))
        self.assertIn("clock_stepped", run("gnomonctl", "--json", "events"))

    def test_02_the_journal_explains_what_gnomond_says(self):
        stepped = json.loads(run("journalctl", "--no-pager", "-o", "json", "-n", "1", "-u", "gnomond",
                                 "GNOMON_EVENT=clock_stepped"))
        self.assertEqual(("core", "4"), (stepped["GNOMON_ROLE"], stepped["PRIORITY"]))
        self.assertAlmostEqual(1000.0, float(stepped["GNOMON_OFFSET"]), delta=1)
        said = run("journalctl", "--no-pager", "-x", "-u", "gnomond", "GNOMON_EVENT=clock_stepped")
        self.assertRegex(said, r"Subject: The clock was stepped")
        self.assertRegex(said, r"What to do: ")
        all_of_it = run("journalctl", "--no-pager", "-o", "json", "-u", "gnomond", "_COMM=gnomon-core").splitlines()
        self.assertTrue(all_of_it)
        for message in map(json.loads, all_of_it):
            self.assertIn("GNOMON_EVENT", message)

    def test_03_timedatectl_knows_it(self):
        lines = run("timedatectl")
        self.assertRegex(lines, r"NTP service: active")
        until("System clock synchronized", lambda: "System clock synchronized: yes" in run("timedatectl"))

    def test_04_only_the_clock_helper_may_set_the_clock(self):
        clock = 1 << 25
        # Others rest while nobody needs them.
        running = until("all roles", lambda: {"gnomond", "gnomon-clock", "gnomon-core"} <= set(roles()) and roles())
        for name, pid in running.items():
            held = capabilities(pid)
            self.report(f"{name} {held}")
            if name == "gnomond":
                continue
            self.assertEqual(clock if name == "gnomon-clock" else 0, held["CapPrm"])
            self.assertEqual(0, held["CapAmb"])

    def test_05_the_unit_is_confined(self):
        text = run("systemd-analyze", "security", "--no-pager", "gnomond.service")
        exposure = float(re.search(r"Overall exposure level for gnomond.service: ([\d.]+)", text)[1])
        self.report(f"exposure {exposure}")
        self.assertLessEqual(exposure, 2.0)

    def test_06_when_reload_returns_the_new_source_is_there(self):
        folder = pathlib.Path("/etc/gnomon/sources.d")
        configure(SERVER, "makestep 1 3", "rtcsync", "allow 127.0.0.1", f"sourcedir {folder}")
        (folder / "more.sources").write_text("server 127.0.0.2 port 1\n", encoding="ascii")
        self.addCleanup((folder / "more.sources").unlink)
        before = value("gnomond", "MainPID")
        run("systemctl", "reload", "gnomond")
        self.assertIn("127.0.0.2", json.dumps(ask("sources")))
        self.assertEqual("active", value("gnomond", "ActiveState"))
        self.assertEqual(before, value("gnomond", "MainPID"))

    def test_07_a_restart_loses_no_request(self):
        self.assertEqual(0, self.lost_over(lambda: run("systemctl", "restart", "gnomond")))

    def test_08_nor_does_one_of_a_core_that_died(self):
        before = value("gnomond", "MainPID")

        def kill():
            os.kill(roles()["gnomon-core"], signal.SIGKILL)
            until("a new daemon", lambda: value("gnomond", "MainPID") not in ("0", before))

        self.assertEqual(0, self.lost_over(kill))

    def test_09_nor_with_socket_units(self):
        sockets = [f"gnomond-{name}.socket" for name in ("ntp", "control")]
        run("systemctl", "stop", "gnomond")
        run("systemctl", "start", *sockets)
        run("systemctl", "start", "gnomond")
        self.assertIsNotNone(until("an answer", lambda: ask("tracking")))
        self.assertIn("socket of the service manager", run("journalctl", "--no-pager", "-u", "gnomond"))
        self.assertEqual(0, self.lost_over(lambda: run("systemctl", "restart", "gnomond")))
        # Requests wait while it is stopped, and start it.
        run("systemctl", "stop", *sockets, "gnomond")
        run("systemctl", "start", *sockets)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", 123))
            client.settimeout(30)
            client.send(REQUEST + bytes(8))
            self.assertEqual(48, len(client.recv(512)))
        run("systemctl", "stop", *sockets, "gnomond")
        run("systemctl", "start", "gnomond")

    def test_10_a_core_that_hangs_is_ended_by_the_watchdog(self):
        folder = pathlib.Path("/run/systemd/system/gnomond.service.d")
        folder.mkdir(parents=True)
        (folder / "watchdog.conf").write_text("[Service]\nWatchdogSec=10s\n", encoding="ascii")
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", "gnomond")
        before = value("gnomond", "MainPID")
        began = time.monotonic()
        os.kill(roles()["gnomon-core"], signal.SIGSTOP)
        until("a new daemon", lambda: value("gnomond", "MainPID") not in ("0", before))
        until("it answers", lambda: ask("tracking"))
        self.report(f"a new daemon after {time.monotonic() - began:.1f} s")
        self.assertIn("watchdog", run("journalctl", "--no-pager", "-u", "gnomond").lower())
        (folder / "watchdog.conf").unlink()
        folder.rmdir()
        run("systemctl", "daemon-reload")

    def test_11_an_upgrade_keeps_the_state_and_loses_no_request(self):
        until("a drift file", lambda: pathlib.Path("/var/lib/gnomon/drift").exists())
        configuration = CONFIGURATION.read_text(encoding="ascii")
        before = value("gnomond", "MainPID")
        package = newer(os.environ["GNOMON_DEB"])
        self.assertEqual(0, self.lost_over(lambda: run("dpkg", "--force-confold", "-i", package)))
        self.assertTrue(run("dpkg-query", "-W", "-f", "${Version}", "gnomon").endswith("+newer"))
        self.assertNotEqual(before, value("gnomond", "MainPID"))
        self.assertEqual(configuration, CONFIGURATION.read_text(encoding="ascii"))
        self.assertTrue(pathlib.Path("/var/lib/gnomon/drift").exists())

    def test_12_a_purge_leaves_nothing_but_the_user(self):
        run("systemctl", "restart", "gnomond")
        run("dpkg", "--purge", "gnomon")
        left = run("find", "/etc", "/usr", "/var", "/run", "/lib", "-xdev", "-name", "*gnomon*", "-not", "-name",
                   "*.deb", "-not", "-path", "/run/gnomon-test-vm", check=False).splitlines()
        self.assertEqual([], [path for path in left if not path.startswith("/run/systemd/units/")])
        self.assertEqual({}, roles())


if __name__ == "__main__":
    unittest.main(verbosity=2)
