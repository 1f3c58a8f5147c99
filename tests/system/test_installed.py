#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a machine: the package comes onto it while the clock is twenty years off and NTS is all there is; then
processes die, the disk is full, the network goes and comes back, somebody steps the clock, certificates
are renewed and passed on by systemd; all of it under AppArmor.

The steps build on each other: unittest runs them in the order of their names."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import cable
import kernel_clock
import nts_servers
from certificates import Authority
from key_exchange import Sessions, is_served, key_exchange
from machine import until
from service import CONFIGURATION, Traffic, apparmor_denials, apparmor_label, ask, processes, run, value

YEAR = 365 * 86400.0
STATE = pathlib.Path("/var/lib/gnomon")
AUTHORITY = pathlib.Path("/srv/authority")
SERVED = pathlib.Path("/srv/served/ca.pem")
CERTIFICATE, KEY = (CONFIGURATION.parent / name for name in ("time.crt", "time.key"))
ADDRESSES = [f"192.0.2.{number}" for number in (2, 3, 4)]


def journal():
    return run("journalctl", "--no-pager", "-o", "cat", "-u", "gnomond")


def synchronised():
    tracking = ask("tracking")
    return tracking is not None and tracking["leap"] != "unsynchronised" and abs(kernel_clock.error()) < 0.05


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cable.plug_in(*ADDRESSES)
        cable.address("192.0.2.1")
        kernel_clock.reset()
        cls.peers = cable.at_the_other_end(lambda: nts_servers.serve(AUTHORITY, *ADDRESSES))

    def report(self, text):
        print(f"{self.id().split('.')[-1]}: {text}", flush=True)

    def back(self, what, patience=90.0):
        began = time.monotonic()
        until(f"synchronised after {what}", synchronised, patience)
        self.report(f"{what}: synchronised after {time.monotonic() - began:.1f} s, wrong by "
                    f"{kernel_clock.error() * 1e3:.3f} ms")

    def test_01_installed_with_a_clock_of_another_time_and_nts_alone(self):
        CONFIGURATION.parent.mkdir()
        CONFIGURATION.write_text("\n".join([
            *nts_servers.trust(AUTHORITY), *map(nts_servers.source, ADDRESSES), "makestep 1 3", "rtcsync",
            f"driftfile {STATE}/drift", f"ntsdumpdir {STATE}", f"dumpdir {STATE}", "allow 127.0.0.1",
            "sourcedir /etc/gnomon/sources.d", "sourcedir /etc/gnomon/absent.d"]) + "\n", encoding="ascii")
        kernel_clock.reset(-20 * YEAR, 20.0)
        began = kernel_clock.true_time_ns()
        run("dpkg", "--force-confold", "-i", os.environ["GNOMON_DEB"])
        run("systemd-run", "--wait", "--unit=needs-time", "-p", "Wants=time-sync.target", "-p", "After=time-sync.target",
            "/bin/true")
        self.report(f"time-sync.target {(kernel_clock.true_time_ns() - began) / 1e9:.1f} s after dpkg began, the clock is "
                    f"wrong by {kernel_clock.error() * 1e3:.3f} ms")
        self.assertLess(abs(kernel_clock.error()), 0.1)
        self.assertEqual("active", run("systemctl", "is-active", "time-sync.target"))
        self.assertEqual([], [fault for peer in self.peers for fault in peer.faults])

    def test_02_everybody_says_so(self):
        until("System clock synchronized", lambda: "System clock synchronized: yes" in run("timedatectl"))
        self.assertRegex(run("timedatectl"), "NTP service: active")
        self.assertIn("Synchronised to 192.0.2.", value("gnomond", "StatusText"))
        sources = run("gnomonctl", "-n", "sources")
        self.assertRegex(sources, r"\^\* 192\.0\.2\.\d")
        self.assertEqual(3, len(re.findall(r"192\.0\.2\.\d +NTS", run("gnomonctl", "-n", "authdata"))))
        told = run("journalctl", "--no-pager", "-x", "-u", "gnomond")
        self.assertIn("stepped by", told)
        self.assertRegex(told, "Directory /etc/gnomon/absent.d does not exist: no sources are read from it until it does")
        self.assertIn("their certificates are checked against that time", told)

    def test_03_reload_takes_a_new_source_and_keeps_the_old(self):
        folder = pathlib.Path("/etc/gnomon/sources.d")
        (folder / "more.sources").write_text("server 192.0.2.9\n", encoding="ascii")
        before, established = value("gnomond", "MainPID"), [len(peer.sessions) for peer in self.peers]
        run("systemctl", "reload", "gnomond")
        until("the new source", lambda: "192.0.2.9" in json.dumps(ask("sources")))
        (folder / "more.sources").unlink()
        run("systemctl", "reload", "gnomond")
        until("it is gone", lambda: "192.0.2.9" not in json.dumps(ask("sources")))
        self.assertTrue(synchronised())
        self.assertEqual((before, established), (value("gnomond", "MainPID"), [len(peer.sessions) for peer in self.peers]))

    def test_04_every_process_may_be_killed(self):
        # Those that others can do without for a moment are replaced; with the others the whole service starts again.
        alone = ("gnomon-ntske", "gnomon-resolve")
        for name in sorted({name for name, _ in processes()}):
            with self.subTest(process=name):
                main, victim = value("gnomond", "MainPID"), dict(processes()).get(name)
                if victim is None and name in alone:
                    self.report(f"{name} rests")
                    continue
                os.kill(victim, signal.SIGKILL)
                until("it is replaced", lambda: victim not in dict(map(reversed, processes()))
                      and name in dict(processes()), 90)
                self.back(f"{name} killed")
                self.assertEqual(name in alone, main == value("gnomond", "MainPID"))
        self.assertEqual("active", run("systemctl", "is-active", "gnomond"))

    def test_05_a_full_disk(self):
        until("state", lambda: run("gnomonctl", "dump", check=False) is not None and any(STATE.glob("*.nts")))
        run("systemctl", "stop", "gnomond")
        before = {path.name: path.read_bytes() for path in STATE.iterdir()}
        self.report(f"state files: {sorted(before)}")
        run("mount", "-t", "tmpfs", "-o", "size=256k,mode=0750", "tmpfs", str(STATE))
        try:
            run("chown", "_gnomon:_gnomon", str(STATE))
            run("systemctl", "start", "gnomond")
            self.back("a start with an empty state folder")
            run("gnomonctl", "dump")
            whole = {path.name for path in STATE.iterdir()}
            run("dd", "if=/dev/zero", f"of={STATE}/filler", "bs=4096", check=False)
            main = value("gnomond", "MainPID")
            run("gnomonctl", "dump", check=False)
            until("it is told", lambda: "No space left on device" in journal(), 60)
            self.assertTrue(synchronised())
            self.assertEqual(main, value("gnomond", "MainPID"))
            self.whole(whole)
            run("systemctl", "restart", "gnomond")
            self.back("a restart with a full disk")
            # The spare cookie is used, so its file is gone until there is another one, for which it leaves room.
            until("cookies are kept again", lambda: all((STATE / name).exists() for name in whole if name.endswith(".nts")))
            self.whole({name for name in whole if not name.endswith(".dat")})
            (STATE / "filler").unlink()
            run("gnomonctl", "dump")
            self.whole(whole)
        finally:
            run("systemctl", "stop", "gnomond")
            run("umount", str(STATE))
            run("systemctl", "start", "gnomond")
        self.back("an end of it")

    def whole(self, names):
        self.assertLessEqual(names, {path.name for path in STATE.iterdir()})
        for path in STATE.iterdir():
            self.assertGreater(path.stat().st_size, 0, path)
            self.assertFalse(path.name.endswith(".tmp"), path)

    def test_06_the_network_goes_and_comes_back(self):
        main, established = value("gnomond", "MainPID"), [len(peer.sessions) for peer in self.peers]
        run("ip", "link", "set", cable.CABLE, "down")
        until("nobody is reached", lambda: all(each["reach"] == 0 for each in ask("sources")["sources"]), 120)
        self.report(f"without network: wrong by {kernel_clock.error() * 1e3:.3f} ms")
        self.assertLess(abs(kernel_clock.error()), 0.05)
        run("ip", "link", "set", cable.CABLE, "up")
        until("they are reached", lambda: all(each["reach"] != 0 for each in ask("sources")["sources"]), 120)
        self.back("the network's return")
        self.assertEqual(main, value("gnomond", "MainPID"))
        self.report(f"key exchanges before {established}, after {[len(peer.sessions) for peer in self.peers]}")

    def test_07_the_clock_is_stepped_by_hand(self):
        # Beyond the first three updates nothing is stepped unless somebody says so.
        kernel_clock.step(1000.0)
        until("it is told", lambda: "time jump detected" in journal(), 60)
        until("it is measured", lambda: abs(ask("tracking")["system_time"]) > 900, 60)
        run("gnomonctl", "makestep")
        self.back("a step by hand", 120)

    def test_08_a_renewed_certificate_is_served_and_nobody_is_turned_away(self):
        authority = Authority(SERVED.parent)

        def renew(name):
            certificate, key = authority.issue(name)
            run("install", "-m", "644", str(certificate), str(CERTIFICATE))
            run("install", "-m", "640", "-g", "_gnomon", str(key), str(KEY))

        renew("first")
        with CONFIGURATION.open("a", encoding="ascii") as configuration:
            configuration.write(f"ntsservercert {CERTIFICATE}\nntsserverkey {KEY}\n")
        run("systemctl", "restart", "gnomond")
        self.back("a restart as a server of NTS")
        main = value("gnomond", "MainPID")
        sessions, traffic = Sessions(("127.0.0.1", 4460), SERVED), Traffic()
        try:
            until("the first is shown", lambda: "first" in sessions.names)
            renew("second")
            run("systemctl", "reload", "gnomond")
            until("the second is shown, at an order", lambda: "second" in sessions.names)
            renew("third")
            until("the third is shown, by itself", lambda: "third" in sessions.names, 60)
            for _ in range(3):
                run("systemctl", "reload", "gnomond")
            self.assertEqual(main, value("gnomond", "MainPID"))
        finally:
            faults, lost = sessions.end(), traffic.end()
        self.report(f"{len(sessions.names)} key exchanges: {faults}; {traffic.sent} requests, {lost} lost")
        self.assertEqual(([], 0), (faults, lost))
        self.assertEqual(["/CN=third"], [each["subject"] for each in ask("certificates")["certificates"]])
        one_shot = run("gnomond", "-Q", "-t", "20", "server 127.0.0.1 iburst nts maxsamples 1",
                       "nosystemcert", f"ntstrustedcerts {SERVED}")
        self.report(one_shot)

    def test_09_a_key_for_root_alone_is_passed_on_by_systemd(self):
        os.chown(KEY, 0, 0)
        os.chmod(KEY, 0o600)
        drop_in = pathlib.Path("/etc/systemd/system/gnomond.service.d/credentials.conf")
        drop_in.parent.mkdir()
        drop_in.write_text("[Service]\n" + "".join(f"LoadCredential={path.name}:{path}\n" for path in (CERTIFICATE, KEY)),
                           encoding="ascii")
        lines = CONFIGURATION.read_text(encoding="ascii")
        for path in (CERTIFICATE, KEY):
            lines = lines.replace(str(path), f"/run/credentials/gnomond.service/{path.name}")
        CONFIGURATION.write_text(lines, encoding="ascii")
        run("systemctl", "daemon-reload")
        run("systemctl", "restart", "gnomond")
        name, answer = key_exchange(("127.0.0.1", 4460), SERVED)
        self.assertEqual(("third", True), (name, is_served(answer)))

    def test_10_all_of_it_under_apparmor(self):
        labels = {name: apparmor_label(pid) for name, pid in processes()}
        self.report(labels)
        for name, label in labels.items():
            self.assertRegex(label, rf"^(?=.*\b{name}\b).* \(enforce\)$")
        self.assertEqual([], apparmor_denials())
        pathlib.Path("/srv/odd").write_text("port 0\n", encoding="ascii")
        refused = subprocess.run(["gnomond", "-p", "-f", "/srv/odd"], capture_output=True, text=True, check=False)
        self.assertIn("/etc/apparmor.d/gnomond says which files may be read", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
