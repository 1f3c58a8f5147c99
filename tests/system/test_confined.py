#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon says where the unit forbids something that a configuration asks for; and that keys and logs are neither
forbidden nor denied where the package has them."""

import pathlib
import time
import unittest

import kernel_clock
from machine import until
from reference_server import ReferenceServer
from service import apparmor_denials, ask, configure, run, said, value
from stock_chrony import Chronyd

KEY = "SHA256 HEX:" + "a5" * 32
LOGS = ("measurements", "statistics", "tracking", "selection")
SOURCE = "server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 0"


class Confined(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ReferenceServer()
        kernel_clock.reset()

    def wait_until_selected(self):
        until("the source is selected", lambda: any(source["state"] == "selected"
                                                    for source in (ask("sources") or {"sources": []})["sources"]))

    def test_a_log_directory_that_is_read_only_costs_one_message(self):
        folder = pathlib.Path("/srv/elsewhere")
        folder.mkdir(exist_ok=True)
        run("chown", "_gnomon:", str(folder))
        configure(SOURCE, "log measurements tracking", f"logdir {folder}")
        self.wait_until_selected()
        time.sleep(15)  # many lines more
        about = [line for line in said().splitlines() if str(folder) in line]
        print("\n".join(about), flush=True)
        self.assertEqual(2, len(about), "one for each log")
        self.assertEqual("active", value("gnomond", "ActiveState"))
        explained = run("journalctl", "-x", "--no-pager", "-u", "gnomond", "-n", "60")
        self.assertRegex(explained, r"ReadWritePaths|LogsDirectory")

    def test_keys_and_logs_where_the_package_has_them(self):
        denied = apparmor_denials()
        keys, folder = pathlib.Path("/etc/gnomon/gnomon.keys"), pathlib.Path("/var/log/gnomon")
        keys.write_text(f"1 {KEY}\n", encoding="ascii")
        keys.chmod(0o640)
        run("chown", "root:_gnomon", str(keys))
        self.addCleanup(Chronyd("local stratum 1", "allow", "port 11124", f"keyfile {keys}").stop)
        configure(SOURCE.replace("11123", "11124") + " key 1", f"keyfile {keys}", f"log {' '.join(LOGS)}", f"logdir {folder}")
        self.wait_until_selected()
        until("all logs are written", lambda: all((folder / f"{name}.log").exists() for name in LOGS), 60)
        for name in LOGS:
            (folder / f"{name}.log").rename(folder / f"{name}.log.1")
        run("gnomonctl", "cyclelogs")
        until("the measurements go on in a new file", lambda: (folder / "measurements.log").exists(), 60)
        keys.write_text(f"1 {KEY}\n2 {KEY}\n", encoding="ascii")
        run("gnomonctl", "rekey")
        run("systemctl", "restart", "gnomond")
        self.wait_until_selected()
        self.assertEqual([], [line for line in apparmor_denials() if line not in denied])
        self.assertNotIn(KEY[-8:], said())


if __name__ == "__main__":
    unittest.main()
