#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records of real daemons, decided again: NAME.record beside NAME.decisions, what gnomon-replay prints of it today. A change of
the engine that decides otherwise shows as a difference of that file."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import zlib

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

    def test_nothing_in_a_record_reaches_the_terminal(self):
        """Whoever sends one in with a report may have altered it, check sums included."""
        lines = RECORDS[0].read_bytes().split(b"\n")
        name = b'"decided":{"verdicts":[{"source":1,"name":"'
        number, line = next((number, line) for number, line in enumerate(lines) if name in line)
        for evil in (b"\x1b]0;owned\x07", b"\xc2\x9b2J", b"\xe2\x80\xaegnp"):
            rest = line[len(b'{"check":"00000000",'):].replace(name, name + evil, 1)
            lines[number] = b'{"check":"%08x",%s' % (zlib.crc32(rest), rest)
            with self.subTest(evil), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "altered.record")
                path.write_bytes(b"\n".join(lines))
                for words in ((), ("--json",)):
                    done = subprocess.run([REPLAY, *words, str(path)], capture_output=True, check=False, timeout=120)
                    self.assertEqual(1, done.returncode, done.stderr)
                    for written in (done.stdout, done.stderr):
                        self.assertNotIn(evil, written)
                        self.assertNotRegex(written.decode(), "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e]")
                for each in done.stdout.splitlines():
                    json.loads(each)


if __name__ == "__main__":
    unittest.main()
