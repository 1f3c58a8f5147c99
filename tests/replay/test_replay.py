#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records of real daemons, decided again: NAME.record beside NAME.decisions, what gnomon-replay prints of it today. A change of
the engine that decides otherwise shows as a difference of that file."""

import os
import pathlib
import subprocess
import unittest

REPLAY = os.environ["GNOMON_REPLAY"]
RECORDS = sorted((pathlib.Path(os.environ["GNOMON_SOURCE_ROOT"]) / "tests/replay").glob("*.record"))


class Records(unittest.TestCase):
    maxDiff = None

    def test_there_are_some(self):
        self.assertTrue(RECORDS)

    def test_each_is_decided_as_is_written_beside_it(self):
        for record in RECORDS:
            with self.subTest(record.name):
                done = subprocess.run([REPLAY, str(record)], capture_output=True, text=True, check=False, timeout=120)
                self.assertNotEqual(2, done.returncode, done.stderr)
                self.assertEqual(record.with_suffix(".decisions").read_text(encoding="utf-8"), done.stdout, done.stderr)


if __name__ == "__main__":
    unittest.main()
