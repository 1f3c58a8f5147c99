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
CODE_FOLDERS = ("base", "async", "protocol", "ipc", "config", "daemon", "helpers", "ctl", "tests", "packaging", "docs")
CODE_SUFFIXES = (".cpp", ".hpp", ".py", ".sh")
LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"

BASE = ("base", "base/os")
SANDBOXED = (*BASE, "base/os/sandbox")  # of a room whose process confines itself
CRYPTO = ("protocol/crypto", "protocol/mac", "protocol/ntp", "protocol/nts")
VALUES = "daemon/core/engine/values"
# Room: the rooms, or headers, that it may include besides itself. Every folder with code is a room.
ARROWS = {
    "base": (),
    "base/os": ("base",),
    "base/os/sandbox": ("base/os",),
    "protocol/crypto": ("base",),
    "protocol/ntp": ("base",),
    "protocol/mac": ("base", "protocol/crypto", "protocol/ntp"),
    "protocol/nts": ("base", "protocol/crypto", "protocol/ntp"),
    "protocol/cmdmon": ("base",),
    "ipc": ("base", "protocol/nts"),  # the session keys that travel between core and ntske
    "config": ("base", "base/os/regular_file.hpp"),
    "async": ("base", "base/os", "ipc"),
    VALUES: ("base", "config"),
    "daemon/core/engine/text": ("base", "config", "protocol/nts", VALUES),
    "daemon/core/engine/association": ("base", "config", *CRYPTO, VALUES, "daemon/core/engine/text/ke_messages.hpp"),
    "daemon/core/engine/estimation": ("base",),
    "daemon/core/engine/selection": ("base", "config", VALUES),
    "daemon/core/engine/leap": ("base", "config", "protocol/crypto/sha1.hpp", VALUES),
    "daemon/core/engine/refclock": ("base", "config", VALUES, "daemon/core/engine/estimation/timescale.hpp"),
    "daemon/core/engine/discipline": (
        "base", "config", VALUES, "daemon/core/engine/estimation", "daemon/core/engine/selection", "daemon/core/engine/leap"),
    "daemon/core/engine/replay": (
        "base", "config", "protocol/ntp/packet.hpp", VALUES, "daemon/core/engine/association/events.hpp",
        "daemon/core/engine/discipline", "daemon/core/engine/leap/leap_table.hpp", "daemon/core/engine/text"),
    "daemon/core/engine/serving": ("base", "protocol/mac", "protocol/ntp", "protocol/nts", VALUES),
    "daemon/core/links": (*BASE, "async", "ipc", VALUES, "daemon/core/engine/association"),
    "daemon/core/events": BASE,
    "daemon/core/metrics": (
        "base", "ipc", "daemon/core/control/report_values.hpp", "daemon/core/control/reporter.hpp",
        "daemon/core/clock/clock_totals.hpp", "daemon/core/server/server_counters.hpp"),
    "daemon/core/measurements": ("base", VALUES, "daemon/core/events", "daemon/core/clock"),
    "daemon/core/control": (
        *BASE, "async", "ipc", "config", VALUES, "daemon/core/engine/text", "daemon/core/events", "daemon/core/measurements"),
    "daemon/core/cmdmon": (
        *BASE, "async", "config", "ipc", "protocol/cmdmon", VALUES, "daemon/core/engine/serving/client_log.hpp",
        "daemon/core/engine/text", "daemon/core/control"),
    "daemon/core/keys": (*BASE, "async", "ipc", "config", "protocol/crypto/keyed_digest.hpp", "protocol/mac", "protocol/nts", "daemon/core/control"),
    "daemon/core/logs": (*BASE, "ipc", "config", VALUES, "daemon/core/engine/text/messages.hpp"),
    "daemon/core/clock": (
        *BASE, "async", "ipc", "config", VALUES, "daemon/core/engine/discipline",
        "daemon/core/engine/estimation/nic_clock.hpp", "daemon/core/engine/estimation/rtc_tracker.hpp", "daemon/core/engine/leap", "daemon/core/engine/replay/input.hpp", "daemon/core/links"),
    "daemon/core/recording": (
        "base", VALUES, "daemon/core/engine/association/events.hpp", "daemon/core/engine/replay", "daemon/core/events",
        "daemon/core/control/recording.hpp"),
    "daemon/core/sources": (
        *BASE, "async", "ipc", "config", "protocol/mac", "protocol/ntp", VALUES, "daemon/core/engine/association",
        "daemon/core/engine/refclock",
        "daemon/core/engine/discipline", "daemon/core/engine/text", "daemon/core/engine/serving/clock_header.hpp",
        "daemon/core/links", "daemon/core/control", "daemon/core/clock"),
    "daemon/core/server": (
        *BASE, "async", "config", "protocol/mac", "protocol/ntp", VALUES, "daemon/core/engine/serving", "daemon/core/sources/own_requests.hpp"),
    "daemon/core": (
        *SANDBOXED, "async", "ipc", "config", VALUES, "daemon/core/engine/text", "daemon/core/engine/discipline", "daemon/core/links",
        "daemon/core/control", "daemon/core/cmdmon", "daemon/core/keys", "daemon/core/clock", "daemon/core/sources",
        "daemon/core/server", "daemon/core/logs", "daemon/core/events", "daemon/core/measurements", "daemon/core/metrics",
        "daemon/core/recording"),
    "daemon/launcher/files": (*BASE, "ipc", "config"),
    "daemon/launcher/sockets": (*BASE, "ipc", "config", "daemon/launcher/files"),
    "daemon/launcher/roles": (*BASE, "ipc", "config", "daemon/launcher/files", "daemon/launcher/sockets"),
    "daemon/launcher": (
        *SANDBOXED, "ipc", "config", "daemon/launcher/files", "daemon/launcher/sockets", "daemon/launcher/roles"),
    "helpers/clock": (*SANDBOXED, "ipc"),
    "helpers/refclock": (*SANDBOXED, "ipc"),
    "helpers/metrics": (*SANDBOXED, "async", "ipc"),
    "helpers/resolve": (*SANDBOXED, "ipc"),
    "helpers/ntske/primitives": (),
    "helpers/ntske/tls": (*BASE, "async", "ipc", "protocol/nts", "helpers/ntske/primitives/primitives.hpp"),
    "helpers/ntske/client": ("base", "async", "ipc", "protocol/nts", "helpers/ntske/tls"),
    "helpers/ntske/server": (
        *BASE, "async", "ipc", "protocol/nts", "protocol/crypto/aead_id.hpp", "helpers/ntske/tls"),
    "helpers/ntske": ("base/os", "base/os/sandbox", "async", "ipc", "helpers/ntske/client", "helpers/ntske/server", "helpers/ntske/primitives"),
    "helpers/probe": (*SANDBOXED, "ipc", "protocol/crypto", "protocol/ntp", "protocol/nts"),
    "ctl/render": ("base",),
    "ctl/line_editor": (),
    "ctl/terminal": (),
    "ctl/session": (),
    "ctl/varlink": ("ctl/render/prose.hpp", "ctl/render/record.hpp"),
    "ctl/devices": (),
    "ctl/report": ("base/os/fd.hpp", "base/os/file.hpp", "ctl/render"),
    "ctl/record": ("base/raw_text.hpp", "ipc/base64.hpp", "ctl/render/record.hpp"),
    "ctl/replay": ("base", "ctl/record/sealed_line.hpp", "ctl/render/prose.hpp", "daemon/core/engine/replay"),
    "ctl/watch": ("ctl/render", "ctl/report/ask.hpp", "ctl/report/history.hpp"),
    "ctl/check": ("base", "base/os/fd.hpp", "base/os/file.hpp", "base/os/spawn.hpp", "config", "protocol/mac/symmetric_key_file.hpp", "protocol/nts/key_secret_file.hpp", "ctl/render/render.hpp"),
    "ctl/probe": ("base", "config/network.hpp", "ipc", "protocol/crypto/aead_id.hpp", "ctl/render"),
    "ctl/probe/roles": ("base", "base/os", "ipc", "ctl/probe"),
    "ctl": ("base", "config", "protocol/crypto/key_type.hpp", "ctl/check", "ctl/devices", "ctl/probe", "ctl/probe/roles", "ctl/render", "ctl/line_editor", "ctl/record", "ctl/report",
            "ctl/session", "ctl/terminal", "ctl/varlink", "ctl/watch"),
}
MAX_UNITS = 25
MAX_FUNCTION = 60
# Units that need each other, and are not yet apart: this list may only become shorter.
CIRCLES = (
    {"base/bytes", "base/secret"},
    {"ipc/argument_words", "ipc/role_setup"},
    {"ipc/codec", "ipc/codec_impl", "ipc/frame", "ipc/session_fields"},  # with all messages of ipc
    {"daemon/core/engine/text/messages", "daemon/core/engine/text/note_writer"},
    {"daemon/core/engine/text/explanation", "daemon/core/engine/text/missing_samples", "daemon/core/engine/text/refclock_text"},
)
IPC_MESSAGES = re.compile(r"ipc/\w+_messages")  # codec.hpp includes them all: one more makes no other circle
# Third-party headers: a pattern of the include, and the rooms that may have it.
THIRD_PARTY = {
    r"seccomp\.h|linux/landlock\.h|linux/seccomp\.h": ("base/os",),
    r"systemd/.*": ("base/os",),
    r"wolfssl/wolfcrypt/.*|wolfssl/options\.h": ("protocol/crypto", "helpers/ntske"),
    r"wolfssl/(?!wolfcrypt/|options\.h).*": ("helpers/ntske",),
    r"boost/asio.*": ("async", "helpers/ntske", "helpers/metrics", "daemon/core"),
    r"boost/beast.*": ("helpers/metrics",),
    r"boost/json.*": ("daemon/core", "ctl"),
    r"boost/(?!asio|beast|json).*": ("async", "helpers/ntske", "daemon/core"),
    r"CLI/.*": ("ctl",),
    r"histedit\.h": ("ctl/line_editor",),
    r"openssl/.*": ("helpers/ntske/primitives",),
    r"(gnutls|nettle)/.*": (),
    r"catch2/.*": (),
}
# What needs the operating system stays out of the folders that only decide.
SANS_IO = ("protocol", "daemon/core/engine", "ipc")
OPERATING_SYSTEM = re.compile(r"(sys/(socket|epoll|timex|mman|prctl|ioctl)|unistd|fcntl|netdb|poll|thread|fstream)(\.h)?$")

# What base may have besides itself: headers of the language. C++ has theirs without .h.
STANDARD_HEADER = re.compile(r"[a-z_]+")

OVERLOOKED_WAIT = re.compile(r"\s*(if \(.*\) )?(static_cast<void>\()?co_await (\w+\.wait\(\)|.*async_wait\(tok\))\)?;")

MESSAGE = re.compile(r"struct (\w+) \{[^}]*?static constexpr auto type = MessageType")
REAL_WAIT = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|steady_clock::now)\b")
# What tries a sandbox forks, and is confined in the place of the test.
STARTS_PROGRAM = re.compile(r"\bstd::system\(|\bpopen\(|\bposix_spawnp?\(|\bbase::spawn\(|#!/bin/sh")

# Text of a page or a script is no code.
RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.DOTALL)
FUNCTION = re.compile(r"(?!TEST_CASE|namespace|struct|class|enum|union|extern)[A-Za-z_:\[]")
BODY = re.compile(r"  \S|\}")

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
    return target_room is not None and (target_room == room or target_room in ARROWS[room] or target in ARROWS[room])


def circle():
    """Rooms that lead back to where they begin, or nothing."""
    known = {}

    def visit(room, path):
        if room in path:
            return path[path.index(room):] + [room]
        if room not in known:
            known[room] = next(filter(None, (visit(room_of(pathlib.PurePath(to) / "x"), path + [room]) for to in ARROWS[room])), None)
        return known[room]

    return next(filter(None, (visit(room, []) for room in ARROWS)), None)


def unit_of(path):
    return str(pathlib.PurePath(path).with_suffix(""))


def circles_of(needs):
    """Sets of nodes that lead to each other. needs: of each node the nodes that it needs."""
    order, seen = [], set()

    def walk(graph, start, found):
        """In the order in which their walks end."""
        stack = [(start, iter(graph.get(start, ())))]
        seen.add(start)
        while stack:
            node, rest = stack[-1]
            following = next((each for each in rest if each not in seen), None)
            if following is None:
                found.append(stack.pop()[0])
            else:
                seen.add(following)
                stack.append((following, iter(graph.get(following, ()))))

    for node in needs:
        if node not in seen:
            walk(needs, node, order)
    users = {}
    for node, targets in needs.items():
        for target in targets:
            users.setdefault(target, set()).add(node)
    seen.clear()
    for node in reversed(order):
        if node not in seen:
            circle_of_node = []
            walk(users, node, circle_of_node)
            if len(circle_of_node) > 1:
                yield set(circle_of_node)


def long_functions(text):
    """The first lines of those that are not in a class. Counted as clang-tidy does, from the brace to its end."""
    head = begin = None
    lines = RAW_STRING.sub('""', text).splitlines()
    for number, line in enumerate(lines):
        if FUNCTION.match(line) and begin is None:
            head = head if head is not None else line
        if head is not None and begin is None:
            if line.endswith(";"):
                head = None
            elif line.endswith("{") and number + 1 < len(lines) and BODY.match(lines[number + 1]):
                begin = number
        if line.startswith("}"):
            if line == "}" and begin is not None and number - begin > MAX_FUNCTION:
                yield head
            head = begin = None


def rooms_of_cell(cell):
    """Of a cell of CONTRIBUTING's table: "ctl; ctl/render, check" is ctl, ctl/render and ctl/check, and "x/y; z" x/y and x/y/z."""
    groups = [group.split(", ") for group in cell.split("; ")]
    whole = groups[0][0]
    for first, *others in groups:
        first = first if "/" in first or first == whole else f"{whole}/{first}"
        for name in (first, *(str(pathlib.PurePath(first).parent / other) for other in others)):
            yield "daemon/" + name if name.split("/")[0] == "core" else name


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

    def test_every_arrow_is_one_that_somebody_needs(self):
        used = {(room_of(relative), end) for relative in files(".cpp", ".hpp") if room_of(relative)
                for _, bracket, target in includes(relative) if bracket == '"'
                for end in (target, room_of(pathlib.PurePath(target)))}
        self.assert_none([f"{room} includes nothing of {target}" for room, targets in ARROWS.items()
                          for target in targets if (room, target) not in used])

    def test_no_arrow_between_rooms_leads_back(self):
        self.assertIsNone(circle())

    def test_no_units_lead_back_to_each_other(self):
        needs = {}
        for relative in files(".cpp", ".hpp"):
            for _, bracket, target in includes(relative) if room_of(relative) else ():
                if bracket == '"' and unit_of(target) != unit_of(relative) and room_of(pathlib.PurePath(target)):
                    needs.setdefault(unit_of(relative), set()).add(unit_of(target))
        self.assert_none([f"these need each other: {', '.join(sorted(found))}" for found in circles_of(needs)
                          if not any({unit for unit in found if not IPC_MESSAGES.fullmatch(unit)} <= known for known in CIRCLES)])

    def test_no_function_is_longer_than_60_lines(self):
        self.assert_none([f"{relative}: {function}: more than {MAX_FUNCTION} lines" for relative in files(".cpp", ".hpp")
                          for function in long_functions((ROOT / relative).read_text(encoding="utf-8"))])

    def test_every_folder_with_code_is_a_room_of_a_size_one_can_look_over(self):
        units = {}
        for relative in files(".cpp", ".hpp"):
            if relative.parts[0] != "docs":
                units.setdefault(relative.parent, set()).add(relative.stem)
        self.assert_none(
            [f"{folder}: {len(names)} units, at most {MAX_UNITS}" for folder, names in units.items() if len(names) > MAX_UNITS]
            + [f"{folder}: no room of tests/policy/test_tree.py" for folder in units
               if folder.parts[0] not in ("tests", "packaging") and folder.name != "pch" and str(folder) not in ARROWS]
        )

    def test_the_table_in_contributing_has_every_room(self):
        table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("| room | subject |\n|---|---|\n")[1].split("\n\n")[0]
        listed = [room for line in table.splitlines() for room in rooms_of_cell(line.split("|")[1].strip())]
        self.assertEqual(sorted(ARROWS), sorted(room for room in listed if room.split("/")[0] not in ("docs", "packaging", "tests")))

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

    def test_base_knows_the_standard_library_and_how_addresses_are_written(self):
        self.assert_none(
            [
                f"{relative}:{number}: <{target}> is not of the standard library; base/os may have it"
                for relative in files(".cpp", ".hpp")
                if str(relative.parent) == "base"
                for number, bracket, target in includes(relative)
                if bracket == "<" and target != "arpa/inet.h" and not STANDARD_HEADER.fullmatch(target)
            ]
        )

    def test_every_unit_of_the_engine_has_its_own_unit_test(self):
        self.assert_none(
            [
                f"{header}: no tests/unit/engine/{header.parent.name}/test_{header.stem}.cpp"
                for header in files(".hpp")
                if inside(header, ("daemon/core/engine",)) and (ROOT / header).with_suffix(".cpp").is_file()
                and not (ROOT / "tests/unit/engine" / header.parent.name / f"test_{header.stem}.cpp").is_file()
            ]
        )

    def test_every_message_between_processes_is_fuzzed(self):
        fuzzed = set(re.findall(r"\w+", (ROOT / "tests/fuzz/fuzz_ipc.cpp").read_text(encoding="utf-8")))
        self.assert_none(
            [
                f"{header}: {message} is not in tests/fuzz/fuzz_ipc.cpp"
                for header in files(".hpp")
                if inside(header, ("ipc",))
                for message in MESSAGE.findall((ROOT / header).read_text(encoding="utf-8"))
                if message not in fuzzed
            ]
        )

    def test_unit_tests_wait_for_no_clock(self):
        self.assert_none(
            [
                f"{relative}:{number}: unit tests go by virtual time (tests/unit/async/virtual_loop.hpp)"
                for relative in files(".cpp", ".hpp")
                if inside(relative, ("tests/unit",))
                for number, line in enumerate((ROOT / relative).read_text(encoding="utf-8").splitlines(), 1)
                if REAL_WAIT.search(line)
            ]
        )

    def test_unit_tests_start_no_program(self):
        self.assert_none(
            [
                f"{relative}:{number}: a test that needs a program is one of tests/interop/programs"
                for relative in files(".cpp", ".hpp")
                if inside(relative, ("tests/unit",))
                for number, line in enumerate((ROOT / relative).read_text(encoding="utf-8").splitlines(), 1)
                if STARTS_PROGRAM.search(line)
            ]
        )

    def test_decisions_are_numbered_without_gaps(self):
        numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
        self.assertEqual(list(range(1, len(numbers) + 1)), numbers)

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
                f"{relative}:{number}: wait by pause_for() or wait_for() (async/loop.hpp), or look at the error"
                for relative in files(".cpp", ".hpp")
                if inside(relative, ("daemon/core", "helpers/ntske"))
                for number, line in enumerate((ROOT / relative).read_text(encoding="utf-8").splitlines(), 1)
                if OVERLOOKED_WAIT.match(line)
            ]
        )

    def test_the_rules_can_fail(self):
        self.assertEqual([{"b", "c"}], list(circles_of({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}})))
        body = "  x();\n" * MAX_FUNCTION  # with the brace one more
        self.assertEqual(["int f(", "void g() {"], list(long_functions(f"int f(\n    int) {{\n{body}}}\n\nvoid g() {{\n{body}}}\n")))
        self.assertEqual([], list(long_functions(f"void h() {{\n  y();\n}}\nconstexpr int t[]{{\n{body}}};\nstruct S {{\n{body}}}\n")))
        self.assertTrue(OVERLOOKED_WAIT.match("    co_await timer.async_wait(tok);"))
        self.assertTrue(OVERLOOKED_WAIT.match("    co_await timer.wait();"))
        self.assertFalse(OVERLOOKED_WAIT.match("    const auto [error] = co_await timer.async_wait(tok);"))
        self.assertEqual(["A"], MESSAGE.findall("struct A {  // why\n  static constexpr auto type = MessageType::a;\n};\nstruct B {};"))
        self.assertTrue(REAL_WAIT.search("std::this_thread::sleep_for(1s);"))
        self.assertTrue(STARTS_PROGRAM.search("if (std::system(command.c_str()) != 0)"))
        self.assertFalse(STARTS_PROGRAM.search("const auto time = timescale.system(local);"))
        self.assertTrue(STANDARD_HEADER.fullmatch("string_view"))
        self.assertFalse(STANDARD_HEADER.fullmatch("arpa/inet.h") or STANDARD_HEADER.fullmatch("unistd.h"))
        self.assertFalse(may_include("daemon/launcher", "protocol/ntp/packet.hpp"))
        self.assertFalse(may_include("daemon/core/engine/association", "daemon/core/sources/source_task.hpp"))
        self.assertFalse(may_include("protocol/nts", "base/os/fd.hpp"))
        self.assertFalse(may_include("helpers/ntske/server", "protocol/crypto/aead.hpp"))
        self.assertFalse(may_include("base", "config/config.hpp"))
        self.assertFalse(may_include("daemon/core/engine/selection", "daemon/core/engine/discipline/timekeeper.hpp"))
        self.assertFalse(may_include("daemon/core/engine/serving", "daemon/core/engine/discipline/timekeeper.hpp"))
        self.assertFalse(may_include("daemon/core/engine/discipline", "daemon/core/engine/association/association.hpp"))
        self.assertTrue(may_include("daemon/core", "daemon/core/engine/discipline/timekeeper.hpp"))
        self.assertTrue(may_include("helpers/ntske/client", "protocol/nts/records.hpp"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
