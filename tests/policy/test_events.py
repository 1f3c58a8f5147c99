#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of events, the calls that write them, the journal's catalog and docs/events.md are the same set.

Arguments: the generated catalog, the program that prints the page."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
CATALOG, GENERATOR = map(pathlib.Path, sys.argv[1:3])
NOTES = "daemon/core/engine/values/note.hpp"
# Those who speak; the table itself, what prints it and the tests do not count.
SPEAKERS = ("base/os", "daemon", "helpers")


def table():
    """MESSAGE_ID by name, of every row."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "base/events").glob("*.inc")))
    return dict(re.findall(r'GNOMON_EVENT\(\s*(\w+),\s*"([0-9a-f]{32})"', text))


def used():
    """Names that some code gives to a log."""
    names = set()
    for folder in SPEAKERS:
        for path in (ROOT / folder).rglob("*.?pp"):
            names |= set(re.findall(r"\bLogEvent::(\w+)", path.read_text(encoding="utf-8")))
    return names


def notes():
    """Structs of the engine's messages, and those that somebody makes: where a note has its words does not count."""
    declared = set(re.findall(r"^struct (\w+)", (ROOT / NOTES).read_text(encoding="utf-8").split(" namespace note")[0], re.M))
    made = set()
    for path in (ROOT / "daemon/core").rglob("*.?pp"):
        if path.parent.relative_to(ROOT / "daemon/core").as_posix() not in ("engine/values", "engine/text"):
            made |= set(re.findall(r"\bnote::(\w+)", path.read_text(encoding="utf-8")))
    return declared, made


class Events(unittest.TestCase):
    def test_the_table_is_read(self):
        self.assertGreater(len(table()), 100)

    def test_every_event_is_written_by_somebody(self):
        self.assertEqual(set(), set(table()) - used())

    def test_every_note_of_the_engine_is_made_by_somebody(self):
        declared, made = notes()
        self.assertGreater(len(declared), 40)
        self.assertEqual(set(), declared - made)

    def test_the_catalog_has_every_event(self):
        text = CATALOG.read_text(encoding="utf-8")
        self.assertEqual(sorted(table().values()), sorted(re.findall(r"^-- ([0-9a-f]{32})$", text, re.M)))
        self.assertEqual(len(table()), len(re.findall(r"^What to do: \S", text, re.M)))

    def test_the_page_is_the_one_that_the_table_gives(self):
        printed = subprocess.run([GENERATOR, "page"], check=True, capture_output=True, text=True).stdout
        page = (ROOT / "docs/events.md").read_text(encoding="utf-8")
        self.assertEqual(printed, page, "run: ninja -C build update-events")
        self.assertEqual(sorted(table()), sorted(re.findall(r"^### (\w+)$", page, re.M)))

    @unittest.skipUnless(shutil.which("journalctl"), "there is no journalctl")
    def test_the_journal_takes_the_catalog(self):
        with tempfile.TemporaryDirectory() as root:
            catalogs = pathlib.Path(root, "usr/lib/systemd/catalog")
            catalogs.mkdir(parents=True)
            pathlib.Path(root, "var/lib/systemd/catalog").mkdir(parents=True)
            shutil.copy(CATALOG, catalogs / "gnomon.catalog")
            journalctl = ["journalctl", f"--root={root}"]
            done = subprocess.run([*journalctl, "--update-catalog"], capture_output=True, text=True, check=False)
            self.assertEqual((0, ""), (done.returncode, done.stderr))
            listed = subprocess.run([*journalctl, "--list-catalog"], capture_output=True, text=True, check=True)
            lines = re.findall(r"^([0-9a-f]{32}) gnomon: (.+)$", listed.stdout, re.M)
            self.assertEqual(sorted(table().values()), sorted(identifier for identifier, _ in lines))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
