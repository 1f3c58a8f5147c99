#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomond -x on a clock that is wrong serves right time all the same, as chronyd -x does beside it, and leaves files alone."""

import os
import pathlib
import pwd
import re
import subprocess
import unittest

import surroundings
from daemons import Chronyd, Scene, until
from plain_server import PlainServer

AHEAD = 0.4  # s, the sources
LARGE = 20.0  # more than the largest dispersion there is
MEASURED = re.compile(r"System clock wrong by (-?\d+\.\d{6}) seconds")


class MeasuringOnly(Scene):
    def sources(self, ahead):
        servers = [PlainServer(offset=ahead) for _ in range(3)]
        for server in servers:
            self.addCleanup(server.stop)
        return [f"server 127.0.0.1 port {server.port} iburst minpoll 0 maxpoll 2" for server in servers]

    def serve(self, name, kind, sources, *extra):
        port = surroundings.free_port()
        lines = [*sources, f"port {port}", "allow", *extra]
        daemon = self.start(name, *lines) if kind == "gnomond" else Chronyd(self, name, lines)
        daemon.port = port
        daemon.wait_until_ready()
        return daemon

    def offset_of(self, daemon, *options):
        """Of its time, as chronyd -Q measures it; None: it gets none."""
        done = subprocess.run([surroundings.CHRONYD, "-Q", "-U", "-u", pwd.getpwuid(os.geteuid()).pw_name, "-t", "10",
                               f"server 127.0.0.1 port {daemon.port} iburst {' '.join(options)}"],
                              capture_output=True, text=True, check=False)
        found = MEASURED.search(done.stdout + done.stderr)
        return float(found[1]) if found else None

    def beside_chronyd(self, ahead):
        sources = self.sources(ahead)
        ours, theirs = self.serve("ours", "gnomond", sources), self.serve("theirs", "chronyd", sources)
        offsets = {}
        for name, daemon in (("ours", ours), ("theirs", theirs)):
            offsets[name] = until(f"{name} is served", lambda daemon=daemon: self.offset_of(daemon))
        print(f"{ahead} s: {offsets}")
        for name, offset in offsets.items():
            self.assertAlmostEqual(ahead, offset, delta=5e-3, msg=name)
        return ours, theirs

    def test_what_is_served_is_the_sources_time(self):
        ours, theirs = self.beside_chronyd(AHEAD)
        tracking, row = ours.ask("tracking"), theirs.ask("tracking")[0]
        self.assertAlmostEqual(AHEAD, tracking["system_time"], delta=5e-3)
        self.assertAlmostEqual(float(row[4]), tracking["system_time"], delta=5e-3)
        self.assertLess(tracking["root_dispersion"], 0.05)
        self.assertGreater(tracking["error_bound"], AHEAD)  # that is the system clock's
        for source in ours.ask("sources")["sources"]:
            self.assertLess(abs(source["adjusted_offset"]), 5e-3)
        text = ours.ask("explain")["summary"]
        self.assertIn("gnomond only measures (-x): another program has to correct the clock", text)
        self.assertIn("The time that it serves is at most", text)

    def test_however_wrong_the_clock_is(self):
        self.beside_chronyd(LARGE)

    def test_interleaved_answers_too(self):
        ours = self.serve("ours", "gnomond", self.sources(AHEAD))
        offset = until("it is served", lambda: self.offset_of(ours, "xleave"))
        self.assertAlmostEqual(AHEAD, offset, delta=5e-3)

    def test_a_trial_leaves_the_files_as_they_are(self):
        state = self.state_folder("state")
        drift = state / "drift"
        drift.write_text("           25.123000             0.050000\n", encoding="ascii")
        before = drift.read_text(encoding="ascii")
        trial = self.start("trial", *self.sources(0), f"driftfile {drift}")
        trial.wait_for_source("127.0.0.1", "is measured", lambda source: source["reach"] > 0)
        until("it is synchronised", lambda: trial.ask("tracking")["stratum"] > 0)
        trial.stop()
        done, _ = self.run_once("-Q", "-t", "10", f"driftfile {drift}", self.sources(0)[0] + " maxsamples 1")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(["drift"], [each.name for each in pathlib.Path(state).iterdir()])
        self.assertEqual(before, drift.read_text(encoding="ascii"))

    def test_a_query_says_once_how_wrong_the_clock_is(self):
        done, _ = self.run_once("-Q", "-t", "10", self.sources(5.0)[0])
        said = done.stdout + done.stderr
        self.assertEqual(1, said.count("System clock wrong by"), said)
        self.assertIn("(ignored)", said)

    def test_a_start_begins_with_its_banner(self):
        daemon = self.start("ours", "port 0", "server 127.0.0.1 port 9", "dumponexit")
        daemon.wait_until_ready()
        self.assertRegex(daemon.log.splitlines()[0], r"gnomond version [\d.]+ starting$")

    def test_the_folder_of_the_pid_file_may_be_that_of_chronycs_socket(self):
        folder = self.state_folder("home") / "run"
        daemon = self.start("ours", "port 0", "server 127.0.0.1 port 9", f"bindcmdaddress {folder / 'chronyd.sock'}",
                            f"pidfile {folder / 'chronyd.pid'}")
        daemon.wait_until_ready()
        self.assertTrue((folder / "chronyd.sock").exists(), daemon.log)
        self.assertNotIn("chronyc cannot reach", daemon.log)


if __name__ == "__main__":
    unittest.main()
