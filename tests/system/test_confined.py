#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon says where the unit forbids something that a configuration asks for."""

import pathlib
import time
import unittest

import kernel_clock
from machine import until
from reference_server import ReferenceServer
from service import ask, configure, run, value

SOURCE = "server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 0"


def said():
    """By this start of the daemon."""
    return run("journalctl", "--no-pager", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={value('gnomond', 'InvocationID')}")


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


if __name__ == "__main__":
    unittest.main()
