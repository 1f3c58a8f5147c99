#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations such as distributions, clouds, containers, appliances and administrators write for chronyd (configurations/,
or the folder CONFIGURATIONS) start, answer and go on running, on a machine that has not all of what the file names. Paths lead
into a folder of the test."""

import os
import pathlib
import pwd
import re
import unittest

import surroundings
from daemons import Scene

AT_ONCE = 8
FOLDER = pathlib.Path(os.environ.get("CONFIGURATIONS", pathlib.Path(__file__).parent / "configurations"))
FILES = sorted(FOLDER.glob("*.conf"))
# What a machine lends its daemon, and this one may not have.
PATH = re.compile(r"(?<=\s)/(?=(?:etc|var|run|home|opt|mnt|data|tmp)/)")
OTHERS = re.compile(r"^\s*(?:ntsserverkey|ntsservercert|ntstrustedcerts|keyfile|include|leapseclist)\s+(?:\d+\s+)?(\S+)",
                    re.IGNORECASE | re.MULTILINE)
FOLDERS = re.compile(r"^\s*(?:driftfile|ntsdumpdir|dumpdir|logdir|rtcfile|pidfile)\s+(\S+)", re.IGNORECASE | re.MULTILINE)


@unittest.skipUnless(surroundings.IS_ROOT and surroundings.OWN_NETWORK, "port 123 is for root, in a network of its own")
class Configurations(Scene):
    def prepare(self, file):
        """The file as the daemon gets it: paths below our folder, with the files that its package or its author put there."""
        root = self.folder / file.stem
        text = PATH.sub(f"{root}/", file.read_text(encoding="utf-8"))
        for path in FOLDERS.findall(text):
            folder = pathlib.Path(path) if "dir" in text[: text.find(path)].splitlines()[-1] else pathlib.Path(path).parent
            if folder.is_relative_to(root):
                folder.mkdir(parents=True, exist_ok=True)
        self.provide_files(root, text)
        for folder, _, names in os.walk(self.folder):
            for each in (folder, *(os.path.join(folder, name) for name in names)):
                os.chown(each, *self.owner)
        return text.splitlines()

    def provide_files(self, root, text):
        paths = [pathlib.Path(path) for path in OTHERS.findall(text) if pathlib.Path(path).is_relative_to(root)]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        certificate, key = self.certificate
        for word, source in (("ntsserverkey", key), ("ntsservercert", certificate), ("ntstrustedcerts", certificate)):
            for path in re.findall(rf"^\s*{word}\s+(?:\d+\s+)?(\S+)", text, re.IGNORECASE | re.MULTILINE):
                if pathlib.Path(path).is_relative_to(root):
                    pathlib.Path(path).write_bytes(pathlib.Path(source).read_bytes())

    def starts(self, files):
        """Started side by side, each in a network without interfaces: sockets wait for what is not there yet."""
        daemons = {file: self.start(f"{file.stem}-daemon", *self.prepare(file), wrapper=("unshare", "--net")) for file in files}
        for file, daemon in daemons.items():
            with self.subTest(file.name):
                daemon.wait_until_ready()
                self.assertEqual([], re.findall(r".*(?:SIGSYS|SIGABRT|was killed|exited with status).*", daemon.log))
                self.assertEqual(0, daemon.stop())

    def test_each_runs(self):
        account = pwd.getpwnam(self.user)
        self.owner = account.pw_uid, account.pw_gid
        self.certificate = self.authority().issue("server")
        self.assertTrue(FILES)
        for first in range(0, len(FILES), AT_ONCE):
            self.starts(FILES[first:first + AT_ONCE])


if __name__ == "__main__":
    unittest.main()
