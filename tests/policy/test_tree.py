#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the source tree that no compiler checks: who may include whom, and how long a file may be."""

import os
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
MAX_LINES = 500
CODE_FOLDERS = ("base", "protocol", "ipc", "config", "daemon", "helpers", "ctl", "tests", "packaging", "docs")
CODE_SUFFIXES = (".cpp", ".hpp", ".py", ".sh")
LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"

# Room: the project folders it may include besides itself. The longest matching folder counts.
ARROWS = {
    "base": (),
    "base/os": ("base",),
    "protocol": ("base",),
    "ipc": ("base", "protocol/nts"),  # the session keys that travel between core and ntske
    "config": ("base",),
    "daemon/core/engine": ("base", "protocol", "config"),
    "daemon/core": ("base", "base/os", "protocol", "ipc", "config", "daemon/core/engine", "helpers/asio"),
    "daemon/launcher": ("base", "base/os", "ipc", "config"),
    "helpers/asio": (),
    "helpers/clock": ("base", "base/os", "ipc"),
    "helpers/resolve": ("base", "base/os", "ipc"),
    "helpers/ntske": ("base", "base/os", "ipc", "protocol/nts", "helpers/asio"),
    "ctl": ("base", "config"),
}
# Third-party headers: a pattern of the include, and the rooms that may have it.
THIRD_PARTY = {
    r"seccomp\.h|linux/landlock\.h|linux/seccomp\.h": ("base/os",),
    r"systemd/.*": ("base/os",),
    r"wolfssl/wolfcrypt/.*|wolfssl/options\.h": ("protocol/crypto", "helpers/ntske"),
    r"wolfssl/(?!wolfcrypt/|options\.h).*": ("helpers/ntske",),
    r"boost/asio.*": ("helpers/asio", "helpers/ntske", "daemon/core"),
    r"boost/json.*": ("daemon/core", "ctl"),
    r"boost/(?!asio|json).*": ("helpers/asio", "helpers/ntske", "daemon/core"),
    r"CLI/.*": ("ctl",),
    r"(gnutls|openssl|nettle)/.*": (),
    r"catch2/.*": (),
}
# What needs the operating system stays out of the folders that only decide.
SANS_IO = ("protocol", "daemon/core/engine", "ipc")
OPERATING_SYSTEM = re.compile(r"(sys/(socket|epoll|timex|mman|prctl|ioctl)|unistd|fcntl|netdb|poll|thread|fstream)(\.h)?$")

OVERLOOKED_WAIT = re.compile(r"\s*(if \(.*\) )?co_await .*async_wait\(tok\);")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def files(*suffixes):
    for folder in CODE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.is_file() and path.suffix in suffixes and "corpus" not in relative.parts:
                yield relative


def room_of(relative):
    fitting = [room for room in ARROWS if relative.is_relative_to(room)]
    return max(fitting, key=len) if fitting else None


def includes(relative):
    for number, line in enumerate((ROOT / relative).read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1), found.group(2)


def inside(target, folders):
    return any(pathlib.PurePath(target).is_relative_to(folder) for folder in folders)


def may_include(room, target):
    """The target's own room decides: base is allowed is not base/os is allowed."""
    target_room = room_of(pathlib.PurePath(target))
    if target_room is None:
        return False
    if target_room == room:
        return True
    return any(
        inside(target, (allowed,)) and room_of(pathlib.PurePath(allowed) / "x") == target_room
        for allowed in ARROWS[room]
    )


class Tree(unittest.TestCase):
    def assert_none(self, complaints):
        self.assertEqual([], complaints, "\n" + "\n".join(complaints))

    def test_rooms_include_only_whom_they_may(self):
        complaints = []
        for relative in files(".cpp", ".hpp"):
            room = room_of(relative)
            for number, bracket, target in includes(relative) if room else ():
                if bracket == '"' and not may_include(room, target):
                    complaints.append(f'{relative}:{number}: {room} may not include "{target}"')
        self.assert_none(complaints)

    def test_project_headers_are_included_from_the_root(self):
        self.assert_none(
            [
                f'{relative}:{number}: "{target}" is not a path from the root'
                for relative in files(".cpp", ".hpp")
                for number, bracket, target in includes(relative)
                if bracket == '"' and not (ROOT / target).is_file() and not target.endswith(".inc")
                and not target.startswith("build/")
            ]
        )

    def test_third_party_headers_stay_in_their_rooms(self):
        complaints = []
        for relative in files(".cpp", ".hpp"):
            if room_of(relative) is None:
                continue
            for number, _, target in includes(relative):
                for pattern, rooms in THIRD_PARTY.items():
                    if re.fullmatch(pattern, target) and not inside(relative, rooms):
                        complaints.append(f"{relative}:{number}: <{target}> belongs to {', '.join(rooms) or 'no room'}")
        self.assert_none(complaints)

    def test_folders_that_decide_do_no_input_or_output(self):
        self.assert_none(
            [
                f"{relative}:{number}: <{target}> in a folder without input and output"
                for relative in files(".cpp", ".hpp")
                if inside(relative, SANS_IO)
                for number, _, target in includes(relative)
                if OPERATING_SYSTEM.match(target)
            ]
        )

    def test_no_file_is_longer_than_500_lines(self):
        complaints = []
        for relative in files(*CODE_SUFFIXES):
            lines = len((ROOT / relative).read_text(encoding="utf-8").splitlines())
            if lines > MAX_LINES:
                complaints.append(f"{relative}: {lines} lines, at most {MAX_LINES}")
        self.assert_none(complaints)

    def test_every_source_file_states_its_licence(self):
        self.assert_none(
            [
                f"{relative}: no licence line at the top"
                for relative in files(*CODE_SUFFIXES)
                if LICENCE not in "\n".join((ROOT / relative).read_text(encoding="utf-8").splitlines()[:3])
            ]
        )

    def test_headers_are_included_once(self):
        self.assert_none(
            [
                f"{relative}: no #pragma once"
                for relative in files(".hpp")
                if relative.parent.name != "pch"  # they only include, and g++ warns of it where a header is compiled by itself
                and "#pragma once" not in (ROOT / relative).read_text(encoding="utf-8")
            ]
        )

    def test_no_task_of_the_core_overlooks_that_a_wait_was_cancelled(self):
        self.assert_none(
            [
                f"{relative}:{number}: wait by pause_for() or wait_for() (daemon/core/pause.hpp), or look at the error"
                for relative in files(".cpp", ".hpp")
                if inside(relative, ("daemon/core", "helpers/ntske"))
                for number, line in enumerate((ROOT / relative).read_text(encoding="utf-8").splitlines(), 1)
                if OVERLOOKED_WAIT.match(line)
            ]
        )

    def test_the_rules_can_fail(self):
        self.assertTrue(OVERLOOKED_WAIT.match("    co_await timer.async_wait(tok);"))
        self.assertFalse(OVERLOOKED_WAIT.match("    const auto [error] = co_await timer.async_wait(tok);"))
        self.assertFalse(may_include("daemon/launcher", "protocol/ntp/packet.hpp"))
        self.assertFalse(may_include("daemon/core/engine", "daemon/core/source_task.hpp"))
        self.assertFalse(may_include("protocol", "base/os/fd.hpp"))
        self.assertFalse(may_include("helpers/ntske", "protocol/crypto/aead.hpp"))
        self.assertFalse(may_include("base", "config/config.hpp"))
        self.assertTrue(may_include("daemon/core", "daemon/core/engine/timekeeper.hpp"))
        self.assertTrue(may_include("helpers/ntske", "protocol/nts/records.hpp"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
