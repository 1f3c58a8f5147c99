#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`activity` counts as chronyd's does: sources with and without an address, places of pools that are wanted and not filled, bursts.
Names are those of an /etc/hosts of its own."""

import subprocess
import unittest

import private_etc
import surroundings
from daemons import Chronyd, Scene
from patience import until

HOSTS = """127.0.0.1 localhost
127.0.0.11 two.example
127.0.0.12 two.example
127.0.0.13 three.example
127.0.0.14 three.example
127.0.0.15 three.example
127.0.0.21 one.example
"""
# Configuration, and what both count: online, offline, in a burst, the same and offline then, without an address. Every address with a name is a server's that answers. (As long as those of a pool do not,
# chronyd counts the places of the others that it would try.)
CASES = (
    ("server one.example", (1, 0, 0, 0, 0)),
    ("server none.example", (0, 0, 0, 0, 1)),
    ("server none.example offline", (0, 0, 0, 0, 1)),
    ("server 127.0.0.31 offline", (0, 1, 0, 0, 0)),
    ("pool two.example maxsources 4", (2, 0, 0, 0, 6)),
    ("pool two.example maxsources 2", (2, 0, 0, 0, 0)),
    ("pool three.example maxsources 2", (2, 0, 0, 0, 0)),
    ("pool none.example", (0, 0, 0, 0, 8)),
    ("pool none.example maxsources 2 offline", (0, 0, 0, 0, 4)),
    ("pool none.example maxsources 16", (0, 0, 0, 0, 16)),
    ("peer none.example", (0, 0, 0, 0, 1)),
    ("peer 127.0.0.32", (1, 0, 0, 0, 0)),
)


@unittest.skipUnless(surroundings.CHRONYC and surroundings.CHRONYD, "there is no chrony")
class Activity(Scene):
    def setUp(self):
        super().setUp()
        self.port = surroundings.free_port()
        self.server = Chronyd(self, "server", [f"port {self.port}", "allow", "local stratum 3", "cmdport 0"]).wait_until_ready()

    def start_both(self, *lines):
        for daemon in self.daemons[1:]:
            daemon.stop()
        lines = ["port 0", "cmdport 0", *(f"{line} port {self.port} minpoll 0" for line in lines)]
        self.theirs = Chronyd(self, "chronyd", lines)
        self.ours = self.start("gnomond", *lines, f"bindcmdaddress {self.folder}/gnomond/run/chronyd.sock")
        self.ours.wait_until_ready()
        self.theirs.wait_until_ready()

    def counts(self, where):
        """By chronyc, the same one for both."""
        said = subprocess.run([surroundings.CHRONYC, "-c", "-h", str(where), "activity"], capture_output=True, text=True, check=False)
        return tuple(map(int, said.stdout.strip().split(","))) if said.returncode == 0 else None

    def both(self):
        return self.counts(self.theirs.socket), self.counts(self.ours.command_socket)

    def both_count(self, wanted):
        counted = []

        def same():
            counted.append(self.both())
            return counted[-1] == (wanted, wanted)

        try:
            until(f"both count {wanted}", same)
        except AssertionError:
            self.fail(f"chronyd counts {counted[-1][0]}, gnomond {counted[-1][1]}, instead of {wanted}")

    def test_of_each_kind_alone_and_of_all_together(self):
        together = ("server one.example", "server none.example", "server 127.0.0.31 offline", "pool two.example maxsources 4",
                    "pool three.example maxsources 2", "pool none.example", "peer none2.example")
        for lines, wanted in [*CASES, ("\n".join(together), (5, 1, 0, 0, 16))]:
            with self.subTest(lines):
                self.start_both(*lines.splitlines())
                self.both_count(wanted)

    def command_both(self, *words):
        for where in (self.theirs.socket, self.ours.command_socket):
            subprocess.run([surroundings.CHRONYC, "-h", str(where), *words], check=True, stdout=subprocess.DEVNULL)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_in_a_burst_that_lasts(self):
        """Nobody answers, and a thousand questions take half an hour, while those of `iburst` are over before a slow machine looks."""
        self.port = surroundings.free_port()
        self.start_both("server 127.0.0.31")
        self.both_count((1, 0, 0, 0, 0))
        for words, wanted in ((("offline",), (0, 1, 0, 0, 0)), (("burst", "10/1000"), (0, 0, 0, 1, 0)), (("online",), (0, 0, 1, 0, 0))):
            with self.subTest(words):
                self.command_both(*words)
                self.both_count(wanted)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_after_commands(self):
        self.start_both("server one.example", "server none.example", "pool two.example maxsources 4")
        steps = (((), (3, 0, 0, 0, 7)), (("offline",), (0, 3, 0, 0, 7)), (("online",), (3, 0, 0, 0, 7)),
                 (("offline", "127.0.0.11"), (2, 1, 0, 0, 7)), (("online",), (3, 0, 0, 0, 7)), (("delete", "127.0.0.21"), (2, 0, 0, 0, 7)),
                 (("add", "server", "127.0.0.33"), (3, 0, 0, 0, 7)), (("delete", "127.0.0.11"), (2, 0, 0, 0, 7)))
        for words, wanted in steps:
            with self.subTest(words):
                if words:
                    self.command_both(*words)
                self.both_count(wanted)


if __name__ == "__main__":
    private_etc.enter_with_own_run_or_skip()
    private_etc.put("hosts", HOSTS)
    private_etc.resolve_hosts_by("files")
    unittest.main()
