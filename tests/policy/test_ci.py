#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What .ci/run and .ci/tidy do when time is short: no check that always runs is left out, being late is no fault, and a fault
is one however late it is. The checks themselves are stand-ins here."""

import importlib.machinery
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

ROOT = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
TOOLCHAIN = """
step() { printf '== %s\\n' "$*"; }
fail() { printf '%s\\n' "$*"; exit 1; }
install_packages() { :; }
build_packages() { :; }
test_packages() { :; }
choose_compiler() { CXX=c++; }
sanitizer_options() { :; }
"""
STAND_IN = """#!/bin/sh
echo "ran {name} $*"
exit {status}
"""


class Folder:
    """A folder with .ci/run, and programs in place of all that it calls."""

    def __init__(self, statuses):
        self.path = pathlib.Path(tempfile.mkdtemp())
        for name in (".ci/tidy", "tests/run", "tests/fuzz/run", "tests/system/run", "bin/git", "bin/meson", "bin/ninja",
                     "bin/clang-format-19"):
            self.program(name, STAND_IN.format(name=name, status=statuses.get(name, 0)))
        self.program(".ci/run", (ROOT / ".ci/run").read_text(encoding="utf-8"))
        self.program("packaging/toolchain.sh", TOOLCHAIN)
        (self.path / "build-asan").mkdir()

    def program(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def run(self, *words, budget="50"):
        environment = os.environ | {"PATH": f"{self.path}/bin:{os.environ['PATH']}", "BUDGET": budget}
        done = subprocess.run([self.path / ".ci/run", *words], env=environment, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.returncode, done.stdout


class Run(unittest.TestCase):
    def run_with(self, statuses, *words, budget="50"):
        folder = Folder(statuses)
        self.addCleanup(shutil.rmtree, folder.path)
        return folder.run(*words, budget=budget)

    def until(self, output, name):
        return [int(line.split()[-1]) for line in output.splitlines() if line.startswith(f"ran {name} ")][0]

    def test_the_rest_of_the_time_is_shared(self):
        began = int(time.time())
        status, output = self.run_with({})
        self.assertEqual(0, status, output)
        fuzz, machine, tidy = (self.until(output, name) for name in ("tests/fuzz/run", "tests/system/run", ".ci/tidy"))
        self.assertLess(fuzz, machine)
        self.assertLess(machine, tidy)
        self.assertAlmostEqual(began + 3000, tidy, delta=30)

    def test_without_time_all_that_always_runs_still_does(self):
        late = {"tests/fuzz/run": 125, "tests/system/run": 125, ".ci/tidy": 125}
        status, output = self.run_with(late, budget="0")
        self.assertEqual(0, status, output)
        self.assertEqual(2, output.count("ran tests/run"), output)
        self.assertEqual(3, output.split("All good")[1].count("Left out"), output)
        self.assertLessEqual(self.until(output, ".ci/tidy"), time.time())

    def test_by_hand_there_is_no_limit(self):
        status, output = self.run_with({}, "--all")
        self.assertEqual(0, status, output)
        self.assertNotIn("--until", output)

    def test_what_fails_fails_the_run(self):
        for name in ("bin/clang-format-19", "tests/run", "tests/fuzz/run", "tests/system/run", ".ci/tidy"):
            with self.subTest(name):
                status, output = self.run_with({name: 1}, budget="0")
                self.assertNotEqual(0, status, output)
                self.assertNotIn("All good", output)

    def test_a_build_beside_the_tests_that_fails_or_is_not_done_is_left_to_those_that_need_it(self):
        for what in ("exit 1", "exec sleep 100"):
            with self.subTest(what):
                folder = Folder({})
                self.addCleanup(shutil.rmtree, folder.path)
                folder.program("bin/ninja", f"#!/bin/sh\n{what}\n")
                began = time.monotonic()
                status, output = folder.run()
                self.assertEqual(0, status, output)
                self.assertEqual(2, output.count("ran tests/run"), output)
                self.assertLess(time.monotonic() - began, 60)


class Tidy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.dont_write_bytecode = True
        loader = importlib.machinery.SourceFileLoader("tidy", str(ROOT / ".ci/tidy"))
        cls.tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
        loader.exec_module(cls.tidy)

    def test_the_first_shows_most(self):
        changed = {"a.hpp": 50, "b.hpp": 5, "a.cpp": 1, "b.cpp": 2}
        parts = {"a.cpp": {"a.cpp", "a.hpp"}, "b.cpp": {"b.cpp", "a.hpp"}, "c.cpp": {"c.cpp", "a.hpp"},
                 "d.cpp": {"d.cpp", "a.hpp", "b.hpp"}}
        # b shows 52 lines and leaves one to a; of those that did not change d shows b.hpp, c nothing new.
        self.assertEqual(["b.cpp", "a.cpp", "d.cpp", "c.cpp"], list(self.tidy.by_worth(sorted(parts), parts, changed)))

    def test_every_source_comes_once_when_all_have_changed(self):
        sources = [f"{number}.cpp" for number in range(300)]
        parts = {source: {source, f"{number % 7}.hpp"} for number, source in enumerate(sources)}
        changed = {file: 1 for files in parts.values() for file in files}
        self.assertEqual(sources, sorted(self.tidy.by_worth(sources, parts, changed), key=sources.index))

    def test_nothing_is_begun_too_late(self):
        self.assertEqual((set(), ["no such file"]), self.tidy.look_at(["no such file"], time.time()))

    def test_together_is_what_is_compiled_alike_and_has_no_name_in_common(self):
        names = {"a": {"read"}, "b": {"write"}, "c": {"read"}, "d": set(), "e": set(), "f": set()}
        commands = {str(ROOT / source): ("build", ("-DX",) if source == "d" else ()) for source in "abcde"}
        with unittest.mock.patch.multiple(self.tidy, own_names=names.get, checks_of=lambda _: "same",
                                             commands=lambda: commands):
            # f is not in the build: nobody knows how it is compiled.
            self.assertEqual([["a", "b"], ["c", "e"], ["d"], ["f"]], self.tidy.in_units("abcdef", 2))

    def test_own_names_are_those_that_another_file_may_have_as_well(self):
        names = self.tidy.own_names("ctl/arguments.cpp")
        self.assertIn("number_of", names)
        self.assertNotIn("namespace", names)


if __name__ == "__main__":
    unittest.main()
