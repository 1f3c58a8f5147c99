#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that watch chrony, unchanged, with gnomond and with stock chronyd: Debian's check_chrony (Nagios and its like), which
reads what chronyc prints, and collectd's plugin, which speaks chronyc's protocol itself.

Needs root, for the port and the socket that they know. Programs that are not installed are looked for in build/peer, where
tests/run unpacks them; without them their tests are skipped."""

import os
import pathlib
import subprocess
import unittest

import private_etc
import surroundings
from daemons import Chronyd, Daemon, Scene, client_line, until

PEERS = [pathlib.Path(folder).parents[1] for folder in os.environ.get("PATH", "").split(":") if folder.endswith("/peer/usr/sbin")]
CHECK, COLLECTD = "usr/lib/nagios/plugins/check_chrony", "usr/sbin/collectd"
WELL_KNOWN = ("cmdport 323", "bindcmdaddress 127.0.0.1", "bindcmdaddress /run/chrony/chronyd.sock")
WITHIN = 0.05  # s: both follow one server on this machine, with its clock


def find(path):
    return next((found for root in (*PEERS, pathlib.Path("/")) if (found := root / path).exists()), None)


def needs(path):
    return unittest.skipUnless(find(path), f"{path}: not here")


@unittest.skipUnless(surroundings.CHRONYC and surroundings.CHRONYD, "there is no chrony")
class Monitoring(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        os.makedirs("/run/chrony", mode=0o750, exist_ok=True)
        os.chown("/run/chrony", 0, 0)

    def daemon(self, kind, *lines):
        """Either of both where its monitors look for it."""
        if kind == "chronyd":
            return Chronyd(self, kind, [*lines, "cmdport 323", "port 0"]).wait_until_ready()
        return self.start(kind, *lines, *WELL_KNOWN, "port 0").wait_until_ready()

    def client(self, kind):
        daemon = self.daemon(kind, client_line(self.server))
        daemon.wait_until_selected("127.0.0.1")
        return daemon

    def check(self, *options):
        done = subprocess.run([find(CHECK), *options], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout.strip(), done.stderr

    @needs(CHECK)
    def test_check_chrony_says_ok_of_a_client_and_critical_of_one_without_a_source(self):
        for kind in ("chronyd", "gnomond"):
            with self.subTest(kind):
                daemon = self.client(kind)
                status, text, problem = self.check("-W", "4")
                self.assertEqual(0, status, text + problem)
                self.assertRegex(text, r"^chrony OK: System Time 0\.0\d+ seconds (slow|fast) of NTP time, Stratum 4$")
                self.assertEqual((1, "chrony stratum too high: 4 > 3"), self.check()[:2])
                self.assertEqual(2, self.check("-C", "3", "-W", "2")[0])
                daemon.stop()
                self.assertEqual(2, self.check()[0])
                idle = self.daemon(kind, "server 192.0.2.1")
                self.assertEqual((2, "chrony failed to connect to NTP server."), self.check()[:2])
                idle.stop()

    def collectd(self, name):
        """What collectd keeps of the daemon that runs: one value a series."""
        folder = self.folder / f"collectd-{name}"
        folder.mkdir()
        library = find("usr/lib/collectd/chrony.so").parent
        types = find("usr/share/collectd/types.db")
        configuration = folder / "collectd.conf"
        configuration.write_text(f"""Hostname "machine"
FQDNLookup false
Interval 1
BaseDir "{folder}"
PIDFile "{folder}/pid"
PluginDir "{library}"
TypesDB "{types}"
LoadPlugin logfile
<Plugin logfile>
  File "stderr"
</Plugin>
LoadPlugin chrony
<Plugin chrony>
  Host "127.0.0.1"
  Port "323"
  Timeout "2"
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "{folder}/data"
  StoreRates false
</Plugin>
""", encoding="ascii")
        program = Daemon(self, f"collectd-{name}", [find(COLLECTD), "-f", "-C", str(configuration)])

        def series():
            program.still_there()
            found, reads = {}, 0
            for file in (folder / "data").glob("machine/*/*"):
                lines = file.read_text(encoding="ascii").splitlines()
                reads = max(reads, len(lines) - 1)
                if len(lines) > 1:
                    found[f"{file.parent.name}/{file.name[:-11]}"] = float(lines[-1].split(",")[1])  # without the date
            whole = all(any(word in name for name in found) for word in ("time_offset_rms", "stratum"))
            return found if whole and reads > 2 else None  # the last of them may be half written

        found = until("collectd has its values", series)
        program.stop()
        self.assertNotRegex(program.log, r"(?i)chrony plugin: .*(fail|invalid|unexpected|timeout)")
        return found

    @needs(COLLECTD)
    def test_collectd_keeps_the_same_series_of_both(self):
        found = {}
        for kind in ("chronyd", "gnomond"):
            daemon = self.client(kind)
            found[kind] = self.collectd(kind)
            daemon.stop()
        print(sorted(found["gnomond"]), flush=True)
        self.assertEqual(sorted(found["chronyd"]), sorted(found["gnomond"]))
        for name, value in found["gnomond"].items():
            if "stratum" in name:
                self.assertEqual(found["chronyd"][name], value, name)
            if "time_offset" in name:
                self.assertAlmostEqual(0.0, value, delta=WITHIN, msg=name)


if __name__ == "__main__":
    private_etc.enter_with_own_run_or_skip()
    unittest.main()
