#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages that are upgraded under a running gnomond: its own, before it is restarted, and the C library, after which
nobody restarts it. Roles are started again as before, those on demand among them."""

import os
import pathlib
import shutil
import tempfile
import unittest

import surroundings
from daemons import Scene, kill, until

HERE = pathlib.Path(surroundings.PROGRAM).parent
ROLES = [HERE / "../core/gnomon-core",
         *(HERE / f"../../helpers/{name}/gnomon-{name}" for name in ("clock", "resolve", "refclock", "metrics", "ntske"))]


def replace(path):
    """As a package manager does: another file, of the same name."""
    new = path.with_suffix(".new")
    shutil.copy(path, new)
    os.replace(new, path)


def loader_of(program):
    """The path in it, with the zero behind it; None where there is none."""
    octets = program.read_bytes()
    at = octets.find(b"/lib")
    path = octets[at:octets.index(b"\0", at) + 1] if at >= 0 else b""
    return path if b"/ld-" in path and os.path.exists(path[:-1]) else None


class Upgrade(Scene):
    def setUp(self):
        super().setUp()
        self.programs = self.state_folder("programs")
        for program in (pathlib.Path(surroundings.PROGRAM), *ROLES):
            shutil.copy(program, self.programs)

    def with_a_loader_of_its_own(self):
        """Copies of the programs are changed to be loaded by a copy of the system's loader, which can be replaced."""
        theirs = loader_of(self.programs / "gnomond")
        if not theirs:
            self.skipTest("gnomond has no loader that this test knows")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="l", dir="/tmp"))
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        loader = folder / "ld.so"
        shutil.copy(theirs[:-1].decode(), loader)
        ours = bytes(loader).ljust(len(theirs), b"\0")
        self.assertEqual(len(theirs), len(ours))
        for program in self.programs.iterdir():
            program.write_bytes(program.read_bytes().replace(theirs, ours, 1))
        return loader

    def start_it(self):
        daemon = self.start("daemon", "port 0", "server 127.0.0.1 port 1", program=str(self.programs / "gnomond"))
        daemon.wait_until_ready()
        until("a resolver", lambda: daemon.children("gnomon-resolve"))
        return daemon

    def assert_resolver_comes_back(self, daemon):
        (old,) = daemon.children("gnomon-resolve")
        kill(old)

        def another():
            self.assertNotIn("could not be started", daemon.log)
            return [pid for pid in daemon.children("gnomon-resolve") if pid != old]

        (new,) = until("another resolver", another)
        until("it has its name", lambda: pathlib.Path(f"/proc/{new}/comm").read_text(encoding="ascii") == "gnomon-resolve\n")
        self.assertEqual(0, daemon.stop())

    def test_programs_that_were_replaced_are_started_as_they_were(self):
        daemon = self.start_it()
        for program in self.programs.iterdir():
            replace(program)
        self.assert_resolver_comes_back(daemon)

    def test_programs_that_are_gone_are_started_as_they_were(self):
        daemon = self.start_it()
        (self.programs / "gnomon-resolve").unlink()
        self.assert_resolver_comes_back(daemon)

    def test_the_loader_may_be_another_one(self):
        loader = self.with_a_loader_of_its_own()
        daemon = self.start_it()
        replace(loader)
        self.assert_resolver_comes_back(daemon)


if __name__ == "__main__":
    unittest.main()
