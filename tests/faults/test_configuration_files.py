#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration and the files it brings in, in every condition: read or refused with a message, never waited for; and
what stock chronyd reads is read."""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import file_conditions
import surroundings
from daemons import Chronyd, Scene, until
from test_files import CONDITIONS, DEATHS, HOPELESS

# chronyd would wait for a writer, or read to the end of /dev/zero.
NOT_FOR_CHRONYD = {"fifo", "device"}


def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=surroundings.PATIENCE, check=False)
    return done.returncode, done.stdout + done.stderr


class Configurations(Scene):
    """gnomond -p beside chronyd -p: each line is in use, or the file is named."""

    LINE = b"maxdistance 7.5\n"

    def check(self, what, condition, path, configuration):
        status, said = run(surroundings.PROGRAM, "-p", "-f", str(configuration))
        if status == 0:
            read = "maxdistance 7.5" in said
            self.assertTrue(read or condition in ("empty", "missing", "dangling", "circle") or str(path) in said,
                            f"{what} {condition}: passed over: {said}")
        else:
            self.assertIn(str(path), said, f"{what} {condition}")
        if condition in HOPELESS and what != "confdir" and self.is_closed(condition):
            self.assertNotEqual(0, status, f"{what} {condition}")
        if surroundings.CHRONYD and condition not in NOT_FOR_CHRONYD:
            theirs, _ = run(surroundings.CHRONYD, "-p", "-f", str(configuration))
            # A folder is an empty file to chronyd: as a name that was written down it is a mistake.
            mistake = condition == "folder" and what != "confdir"
            self.assertFalse(theirs == 0 and status != 0 and not mistake, f"{what} {condition}: chronyd takes it: {said}")

    @staticmethod
    def is_closed(condition):
        return condition != "unreadable" or not surroundings.IS_ROOT

    def test_each_condition(self):
        for condition in CONDITIONS:
            folder = self.folder / condition
            folder.mkdir()
            (folder / "conf").mkdir()
            main, included, part = folder / "main.conf", folder / "included", folder / "conf" / "part.conf"
            for what, path, line in (("-f", main, None), ("include", included, f"include {included}\n"),
                                     ("confdir", part, f"confdir {folder / 'conf'}\n")):
                if line:
                    file_conditions.put(main, "good", line.encode("ascii"))
                file_conditions.put(path, condition, self.LINE)
                with self.subTest(what=what, condition=condition):
                    self.check(what, condition, path, main)


class SourceFiles(Scene):
    """A sourcedir with every condition in it, at start, at reload, and made again."""

    def fill(self, folder, conditions, leave_out=()):
        folder.mkdir(exist_ok=True)
        os.chmod(folder, 0o755)
        for number, condition in enumerate(CONDITIONS, 1):
            if condition not in leave_out:
                file_conditions.put(folder / f"{condition}.sources", conditions(condition),
                                    f"server 127.1.0.{number} port 9 offline\n".encode("ascii"))

    def used(self, daemon):
        names = {source["name"] for source in daemon.ask("sources")["sources"]}
        return {condition for number, condition in enumerate(CONDITIONS, 1) if f"127.1.0.{number}" in names}

    def check(self, daemon, folder, begin, used):
        said = daemon.log[begin:]
        for condition in CONDITIONS:
            named = said.count(f"{folder}/{condition}.sources")
            silent = {"missing", "empty"}
            with self.subTest(condition=condition):
                self.assertTrue(condition in used or named == 1 or condition in silent, f"named {named} times: {said}")
                self.assertFalse(condition in used and condition in HOPELESS - {"unreadable"})
                self.assertFalse(condition in used and named, "in use and complained about")
        daemon.still_there()
        self.assertNotRegex(daemon.log, DEATHS)

    def reload(self, daemon, mistakes=False):
        begin = len(daemon.log)
        status, said = run(surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), "reload", "sources")
        self.assertEqual(1 if mistakes else 0, status, said)
        self.assertIn("All else in the files is used" if mistakes else "200 OK\n", said)
        return begin

    def theirs(self, folder):
        """Which of them chronyd reads."""
        self.fill(folder, lambda condition: condition, NOT_FOR_CHRONYD)
        chronyd = Chronyd(self, "chronyd", [f"sourcedir {folder}", "port 0"]).wait_until_ready()
        names = {row[2] for row in chronyd.ask("sources")}
        return {condition for number, condition in enumerate(CONDITIONS, 1) if f"127.1.0.{number}" in names}

    def test_start_reload_and_made_again(self):
        folder, later = self.folder / "sources", self.folder / "later"
        self.fill(folder, lambda condition: condition)
        daemon = self.start("daemon", f"sourcedir {folder}", f"sourcedir {later}", "port 0").wait_until_ready()
        first = self.used(daemon)
        self.check(daemon, folder, 0, first)
        self.assertEqual(1, daemon.log.count(f"Directory {later} does not exist"))
        self.fill(folder, lambda condition: "good")
        self.reload(daemon)
        self.assertEqual(set(CONDITIONS), self.used(daemon))
        self.fill(folder, lambda condition: condition)
        self.check(daemon, folder, self.reload(daemon, mistakes=True), self.used(daemon))
        file_conditions.clear(folder)
        self.reload(daemon)
        self.assertEqual(set(), self.used(daemon))
        self.fill(folder, lambda condition: condition)
        later.mkdir()
        (later / "x.sources").write_text("server 127.1.1.1 port 9", encoding="ascii")
        self.reload(daemon, mistakes=True)
        self.assertEqual(first, self.used(daemon))
        self.assertTrue(daemon.source("127.1.1.1"), "a folder that was made later is not read")
        if surroundings.CHRONYD:
            # The limit of a file's size is ours; chronyd is root here and reads what only root may.
            self.assertEqual(set(), self.theirs(self.folder / "theirs") - first - {"large", "unreadable"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
