#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages say nothing that a formatter would not understand, and everything that they must."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

PAGES = sorted(pathlib.Path(os.environ["MANUAL_PAGES"]).glob("*.[1-8]"))
FORMATTERS = {
    "mandoc": ["mandoc", "-T", "lint", "-W", "warning"],
    "groff": ["groff", "-man", "-Tutf8", "-ww", "-z"],
}


def complaints(formatter, page):
    done = subprocess.run(FORMATTERS[formatter] + [str(page)], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def first_words(*command):
    """Of the help: what begins a line that is indented by two blanks, "-v,--version" as one option; not what it shows
    to begin with."""
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    lines = [line for line in text.splitlines() if line[:2] == "  " and line[2:3].strip() and not line.startswith("  gnomonctl ")]
    return [line.split()[0].split(",")[0] for line in lines]


class ManualPages(unittest.TestCase):
    def test_they_are_all_there(self):
        names = [page.name for page in PAGES]
        self.assertEqual(["gnomon-replay.1", "gnomon-security.7", "gnomon.conf.5", "gnomonctl.1", "gnomond.8"], names)

    def test_formatters_have_nothing_to_complain_about(self):
        for formatter in FORMATTERS:
            for page in PAGES if shutil.which(formatter) else ():
                with self.subTest(f"{formatter} {page.name}"):
                    self.assertEqual("", complaints(formatter, page))

    def test_they_name_all_that_the_help_of_the_programs_has(self):
        for variable, argument, name in (("GNOMOND", "-h", "gnomond.8"), ("GNOMONCTL", "help", "gnomonctl.1")):
            page = next(page for page in PAGES if page.name == name).read_text(encoding="utf-8").replace("\\-", "-")
            words = first_words(os.environ[variable], argument)
            self.assertGreater(len(words), 20)
            for word in words:
                with self.subTest(f"{name}: {word}"):
                    self.assertIn(f".TP\n\\fB{word}", page)

    def test_words_to_be_typed_are_bold_and_not_in_backticks(self):
        for page in PAGES:
            with self.subTest(page.name):
                self.assertNotIn("`", page.read_text(encoding="utf-8"))
        page = next(page for page in PAGES if page.name == "gnomon.conf.5").read_text(encoding="utf-8")
        self.assertIn("until \\fBgnomonctl makestep\\fR;", page)

    def test_references_name_pages_that_are_there(self):
        for page in PAGES:
            text = page.read_text(encoding="utf-8").replace("\\-", "-")
            for other in PAGES:
                name, section = other.name.rsplit(".", 1)
                if other != page:
                    with self.subTest(f"{page.name}: {other.name}"):
                        self.assertIn(f".BR {name} ({section})", text)


if __name__ == "__main__":
    if not any(shutil.which(formatter) for formatter in FORMATTERS):
        sys.exit("this test needs mandoc or groff: apt-get install mandoc")
    unittest.main(verbosity=1)
