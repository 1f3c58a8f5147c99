#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Configurations and commands of the documents are taken by the programs, links lead somewhere, messages are printed."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import documents
from documents import ROOT

GNOMOND = os.environ["GNOMOND"]
GNOMONCTL = os.environ["GNOMONCTL"]
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def check_configuration(text):
    """What gnomond has against it, "" for nothing. Nothing is started."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "gnomon.conf"
        path.write_text(text, encoding="utf-8")
        done = run(GNOMOND, "-p", "-f", str(path))
    return "" if done.returncode == 0 else done.stderr


def complete(block):
    """Of a pair of directives that belong together one may stand in another block."""
    names = {line.split()[0] for line in block if line.strip()}
    both = {"ntsservercert": "ntsserverkey /k", "ntsserverkey": "ntsservercert /c"}
    return block + [line for name, line in both.items() if name in names and line.split()[0] not in names]


def gnomond_complaint(words):
    """Of a command line that would start or ask: is it understood? -p comes last and counts: nothing is started."""
    if any(word in words for word in ("-f", "-h", "-v", "FILE", "...")) or any("some.conf" in word for word in words):
        return ""
    done = run(GNOMOND, *words[1:], "-p")
    return "" if done.returncode == 0 else done.stderr


def gnomonctl_complaint(words):
    """A command that is understood goes on to the socket, where nobody listens."""
    if "help" in words or "..." in words or all(word.startswith("-") for word in words[1:]):
        return ""
    if words[1] == "check-config":  # asks nobody; what it does not understand is on standard error
        return run(GNOMONCTL, *words[1:]).stderr
    if words[1] == "probe":  # asks a server, for which there is no time here, and reads files of another machine
        words = [os.devnull if before == "--trusted" else word for before, word in zip(["", *words], words)]
        return run(GNOMONCTL, *words[1:], *(() if "--timeout" in words else ("--timeout", "0"))).stderr
    if words[1] == "waitsync":
        words = words[:2] + ["1"] + words[3:]  # one try will do
    if words[1] == "watch":  # here is no terminal
        words = words[:2] + ["--once"] + words[2:]
    if words[1] == "wait":
        words = words[:words.index("--timeout")] if "--timeout" in words else words
        words = [*words, "--timeout", "0"]
    done = run(GNOMONCTL, "--socket", "/nowhere/control", *words[1:])
    if words[1] in ("keygen", "refclocks"):  # these need no daemon
        return done.stderr
    return "" if "/nowhere/control" in done.stderr + done.stdout else done.stderr or done.stdout


def complaint_about(words):
    if words and words[0].endswith("gnomond"):
        return gnomond_complaint(words)
    if words and words[0].endswith("gnomonctl"):
        return gnomonctl_complaint(words)
    return ""


def spoken():
    """All string literals of the programs, those side by side joined, one after another."""
    text = ""
    for folder in ("base", "config", "ctl", "daemon", "helpers", "ipc", "protocol"):
        for path in sorted((ROOT / folder).rglob("*.cpp")) + sorted((ROOT / folder).rglob("*.hpp")):
            source = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
            text += "\n".join(literal.replace('\\"', '"') for literal in LITERAL.findall(source)) + "\n"
    return text


def quoted_messages(path):
    """Messages in the first column of tables, as code; `…` stands for what differs from case to case."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("| `"):
            for message in re.findall(r"`([^`]+)`", line.split("|")[1]):
                yield number, message


def walked_files(text):
    """The files of each path through the daemon in docs/architecture.md. A bare name is in a room that its step has named."""
    for path in text.split("## A walk for the reader")[1].split("\n## ")[0].split("\n### ")[1:]:
        found = []
        for step in re.split(r"\n(?=\d+\. )|\n\n", path):
            rooms = []
            for name in re.findall(r"`([\w/]+\.[ch]pp)`", step):
                rooms += [str(pathlib.PurePath(name).parent)] if "/" in name else []
                fitting = [name] if "/" in name else [f"{room}/{name}" for room in rooms if (ROOT / room / name).is_file()]
                found.append(fitting[0] if fitting else name)
        yield path.splitlines()[0], found


class Documents(unittest.TestCase):
    def test_every_block_is_configuration_or_commands_or_a_known_other_thing(self):
        directives = self.directive_names()
        for place, block in documents.all_blocks():
            with self.subTest(place):
                first = block[0].split()[0]
                self.assertTrue(first in directives or documents.is_commands(block) or documents.OTHER.match(block[0]),
                                f"{place}: what is this? {block[0]}")

    def test_gnomond_takes_every_configuration(self):
        directives, found = self.directive_names(), 0
        for place, block in documents.all_blocks():
            if block[0].split()[0] not in directives:
                continue
            found += 1
            with self.subTest(place):
                self.assertEqual("", check_configuration("\n".join(complete(block)) + "\n"))
        self.assertGreater(found, 15)

    def test_the_sample_is_right_with_its_suggestions_too(self):
        sample = (ROOT / "config/sample/gnomon.conf").read_text(encoding="utf-8")
        self.assertEqual("", check_configuration(sample))
        self.assertEqual("", check_configuration(re.sub(r"(?m)^#(?=\S)", "", sample)))

    def test_check_config_finds_no_error_in_the_sample(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "gnomon.conf"
            sample = (ROOT / "config/sample/gnomon.conf").read_text(encoding="utf-8")
            path.write_text(sample + "user root\n", encoding="utf-8")  # the package makes the usual one
            done = run(GNOMONCTL, "check-config", str(path))
        self.assertNotIn("error: ", done.stdout)
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)

    def test_the_programs_understand_every_command_of_a_block(self):
        found = 0
        for place, block in documents.all_blocks():
            for command in documents.command_lines(block) if documents.is_commands(block) else ():
                words = documents.words_of(command)
                found += bool(words) and words[0] in ("gnomond", "gnomonctl")
                with self.subTest(place):
                    self.assertEqual("", complaint_about(words), command)
        self.assertGreater(found, 15)

    def test_the_programs_understand_every_command_in_the_text(self):
        found = 0
        for path in documents.pages():
            for place, command in documents.inline_commands(path, "gnomonctl"):
                found += 1
                with self.subTest(place):
                    words = [word for word in documents.words_of(command) if word != "…"]
                    self.assertEqual("", complaint_about(words), command)
        self.assertGreater(found, 10)

    def test_relative_links_lead_to_something(self):
        found = 0
        for path in documents.pages():
            text = path.read_text(encoding="utf-8")
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                found += 1
                with self.subTest(f"{path.name}: {target}"):
                    self.assertTrue((path.parent / target).exists())
        self.assertGreater(found, 10)

    def test_the_walk_through_the_sources_names_files_that_are_there_each_once(self):
        walks = dict(walked_files((ROOT / "docs/architecture.md").read_text(encoding="utf-8")))
        self.assertEqual(4, len(walks))
        for name, files in walks.items():
            with self.subTest(name):
                self.assertGreater(len(files), 8)
                self.assertEqual([], [each for each in files if not (ROOT / each).is_file()])
                self.assertEqual(sorted(set(files)), sorted(files))

    def test_the_messages_that_are_explained_are_those_that_are_printed(self):
        literals, found = spoken(), 0
        for path in [ROOT / "docs/guide/troubleshooting.md"]:
            for number, message in quoted_messages(path):
                found += 1
                with self.subTest(f"{path.name}:{number}"):
                    for part in (part.strip() for part in message.split("…")):
                        self.assertIn(part, literals, message)
        self.assertGreater(found, 20)

    def test_the_rules_can_fail(self):
        self.assertIn("unknown directive", check_configuration("serve time.example.net\n"))
        self.assertNotEqual("", gnomonctl_complaint(["gnomonctl", "trakcing"]))
        self.assertNotEqual("", gnomond_complaint(["gnomond", "-Q", "server"]))
        self.assertNotIn("The moon is not in reach", spoken())
        text = "## A walk for the reader\n### One\n1. `ctl/main.cpp`, `run.cpp`\n2. `run.cpp`\n## Else\n"
        self.assertEqual([("One", ["ctl/main.cpp", "ctl/run.cpp", "run.cpp"])], list(walked_files(text)))

    def directive_names(self):
        page = (documents.MANUAL_PAGES / "gnomon.conf.5").read_text(encoding="utf-8")
        names = set(re.findall(r"(?m)^\.TP\n\\fB(\S+?)\\fR", page))
        self.assertGreater(len(names), 100)
        return names


if __name__ == "__main__":
    unittest.main(verbosity=1)
