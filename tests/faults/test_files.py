#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever stands under the names that directives give: at start and at reload each file is in use, or one message names
it and the reason; no process ends, nothing is waited for."""

import os
import pathlib
import pwd
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import file_conditions
import surroundings
from daemons import Daemon, Scene, until

CONDITIONS = tuple(file_conditions.FILE)
# These can only end in a message.
HOPELESS = {"unreadable", "folder", "fifo", "socket", "device", "dangling", "circle"}
ABSENT = {"missing", "dangling"}
DEATHS = r"was killed|has exited|exited with status [1-9]|restarted in|broke|cannot continue|can no longer be read"
KEYS = "NKS1\n5.0\n" + "".join(f"{number:08X} {number:02X}{'5A' * 31} 15\n" for number in (10, 11, 12, 13))
LEAPS = "#$ 3676924800\n#@ 4600000000\n2272060800 10 # 1 Jan 1972\n3644697600 11 # 1 Jul 2015\n"
DUMP = "SRC0\n192.0.2.1\n1 377 8 1 1\n2 0\n1795422142.0 1e-3 1e-3 1e-3 0 0 0\n1795422143.0 -1e-3 1e-3 1e-3 0 1 1\n"
COOKIES = f"NNC0\ntime.example\n1795424400.5\n192.0.2.1 123\n3 15 {'A' * 64} {'B' * 64}\n0102030405060708\n"


class Cell:
    """One file of a directive: its good content, and what a message says of it when it is in use (None: nothing).

    quiet: conditions under which nothing need be said; by_root: it is opened before the user is changed; watched: it is
    opened as soon as it changes, perhaps between what it was and what it becomes, when it is missing."""

    def __init__(self, directive, path, content, used, *, reloads=False, quiet=(), by_root=False, mode=0o644,
                 written=False, watched=False):
        self.directive, self.path, self.content = directive, path, content.encode("ascii")
        self.used, self.reloads, self.quiet, self.mode = used, reloads, set(quiet), mode
        self.written, self.watched = written, watched
        if by_root and surroundings.IS_ROOT:
            self.quiet.add("unreadable")

    def put(self, condition, owner=None):
        file_conditions.put(self.path, condition, self.content)
        if self.path.is_file() and not self.path.is_symlink():
            if owner:
                os.chown(self.path, *owner)
            if condition != "unreadable":
                os.chmod(self.path, self.mode)

    def verdict(self, said, condition):
        """What is wrong with what was said of it; None: nothing."""
        lines = [line for line in said.splitlines() if re.search(re.escape(str(self.path)) + r"(?![\w.-])", line)]
        good = [line for line in lines if self.used and re.search(self.used, line)]
        bad = [line for line in lines if line not in good]
        silence_is_good = self.used is None and condition not in HOPELESS or condition in self.quiet
        if condition == "good":
            return None if not bad and (good or self.used is None) else f"not in use: {lines}"
        twice = self.watched or self.written and condition == "folder"  # once for reading, once for writing
        most = 2 if twice else 1
        if not bad and (good or silence_is_good) or not good and 1 <= len(bad) <= most:
            return None
        return f"{lines or 'nothing is said'}"


class FileScene(Scene):
    """Problems are gathered, so that one run names them all."""

    def setUp(self):
        super().setUp()
        self.problems = []

    def owner(self):
        account = pwd.getpwnam(self.user)
        return (account.pw_uid, account.pw_gid) if surroundings.IS_ROOT else None

    def check_alive(self, daemon, core):
        daemon.still_there()
        self.assertNotRegex(daemon.log, DEATHS)
        self.assertEqual(core, daemon.children("gnomon-core"), "the core is another process")
        self.assertTrue(daemon.ask("tracking"), "nobody answers")

    def judge(self, daemon, begin, conditions, what):
        """Until each cell has its outcome, or what it lacks is a problem. conditions: of the cells."""
        def wrong():
            daemon.still_there()
            said = daemon.log[begin:]
            return [f"{what}: {cell.directive} {condition}: {problem}" for cell, condition in conditions.items()
                    if (problem := cell.verdict(said, condition))]

        try:
            until("each file is in use or told", lambda: not wrong())
        except AssertionError:
            self.problems += wrong()

    def reload(self, daemon):
        begin = len(daemon.log)
        os.kill(daemon.process.pid, signal.SIGHUP)
        return begin

    def tearDown(self):
        self.assertEqual([], self.problems, "\n" + "\n".join(self.problems))


class SingleFiles(FileScene):
    """Files of which a daemon has one each: two daemons for each condition."""

    def prepare(self, name):
        folder = self.state_folder(name)
        for each in ("keys", "state", "leap", "tls"):
            self.state_folder(f"{name}/{each}")
        for name, text in zip(("cert.pem", "key.pem"), self.pair):
            file_conditions.put(folder / "tls" / name, "good", text.encode("ascii"))
        return folder

    def cells(self, folder, secret):
        keys, certificate, key = folder / "keys", *self.pair
        found = [Cell("driftfile", folder / "state" / "drift", "1.000000 0.100000\n", "is read as|is used as|read from", quiet=ABSENT),
                 Cell("leapseclist", folder / "leap" / "list", LEAPS, "Using leap second list", reloads=True),
                 Cell("saved time", keys / "gnomon.time", "1700000000\n", None, quiet=ABSENT)]
        if secret:
            return found + [
                Cell("ntsserverkey", folder / "tls" / "key.pem", key, None, reloads=True, by_root=True),
                Cell("ntskeysecret", folder / "tls" / "secret", "5a" * 32 + "\n", None, reloads=True, by_root=True,
                     mode=0o600, watched=True)]
        return found + [
            Cell("ntsservercert", folder / "tls" / "cert.pem", certificate, "expires on", reloads=True, by_root=True),
            Cell("ntskeys", keys / "ntskeys", KEYS, "Loaded server keys", reloads=True)]

    def lines(self, folder, secret):
        return [f"driftfile {folder}/state/drift", f"leapseclist {folder}/leap/list", f"ntsdumpdir {folder}/keys",
                f"ntsservercert {folder}/tls/cert.pem", f"ntsserverkey {folder}/tls/key.pem", "allow", "local",
                f"port {surroundings.free_port()}", f"ntsport {surroundings.free_port()}",
                f"ntskeysecret {folder}/tls/secret" if secret else "ntsrotate 0"]

    def play(self, condition, secret):
        folder = self.prepare(f"{condition}{'-secret' if secret else ''}")
        cells = self.cells(folder, secret)
        for cell in cells:
            cell.put(condition, self.owner())
        daemon = self.start(f"d-{folder.name}", *self.lines(folder, secret)).wait_until_ready()
        core = daemon.children("gnomon-core")
        self.judge(daemon, 0, dict.fromkeys(cells, condition), "at start")
        for state in ("good", condition):
            if state != "good":
                daemon.wait_for_log("the certificate expires on")  # the server of before has begun
            begin = len(daemon.log)  # what is watched is told as soon as it changes, and not again at the reload
            for cell in cells:
                if cell.reloads:
                    cell.put(state, self.owner())
            self.reload(daemon)
            until("the reload is over", lambda: "loaded again" in daemon.log[begin:])
            # What has been in use may go on without a word.
            told = [cell for cell in cells if cell.reloads and state in HOPELESS - cell.quiet]
            if "is not loaded again" in daemon.log[begin:]:  # for the sake of some of them; the others were not read
                told = [cell for cell in told if str(cell.path) in daemon.log[begin:]]
                if not any(str(cell.path) in daemon.log[begin:] for cell in cells):
                    self.problems.append(f"at reload: {state}: the reason of the refusal is not said")
            self.judge(daemon, begin, dict.fromkeys(told, state), "at reload")
            self.check_alive(daemon, core)
        daemon.stop()

    def test_start_and_reload(self):
        self.pair = [path.read_text(encoding="ascii") for path in self.authority().issue("server")]
        for condition in CONDITIONS:
            self.play(condition, False)
            self.play(condition, True)


class ManyFiles(FileScene):
    """Files of which a daemon has many: all conditions beside each other."""

    def test_kept_files_of_sources(self):
        """Of a run that was: samples (-r), cookies, and waits before the next key exchange."""
        state, lines, conditions = self.state_folder("kept"), [], {}
        for number, condition in enumerate(CONDITIONS, 1):
            plain, secure = f"127.2.0.{number}", f"127.3.0.{number}"
            lines += [f"server {plain} port 9", f"server {secure} nts ntsport 9"]
            for directive, name, content, used in (
                    ("dumpdir", f"{plain}.dat", DUMP, None), ("ntsdumpdir", f"{secure}.nts", COOKIES, None),
                    ("ntsdumpdir", f"{secure}.ke", f"gnomon-ke 1\n{secure}\n1 64.0 1795424400.5\n", None)):
                cell = Cell(directive, state / name, content, used, quiet=ABSENT, written=name.endswith(".ke"))
                cell.put(condition, self.owner())
                # Dumps of another source, and old cookies, are told as well.
                cell.quiet |= {condition} - HOPELESS
                conditions[cell] = condition if condition != "good" else "foreign"
        daemon = self.start("kept", *lines, f"dumpdir {state}", f"ntsdumpdir {state}", "port 0",
                            options=("-x", "-r")).wait_until_ready()
        core = daemon.children("gnomon-core")
        self.judge(daemon, 0, {cell: condition for cell, condition in conditions.items()
                               if cell.directive != "dumpdir" or condition != "dangling"}, "at start")
        self.check_alive(daemon, core)

    def test_trust_anchors(self):
        folder, conditions = self.state_folder("trust"), {}
        authority = self.authority().certificate.read_text(encoding="ascii")
        for number, condition in enumerate(CONDITIONS, 1):
            cell = Cell("ntstrustedcerts", folder / f"{condition}.pem", authority, None, by_root=True,
                        quiet={"folder"})
            cell.put(condition)
            conditions[cell] = condition
        lines = [f"ntstrustedcerts {number} {cell.path}" for number, cell in enumerate(conditions, 1)]
        daemon = self.start("trust", *lines, "nosystemcert", "server 127.4.0.1 nts ntsport 9",
                            "port 0").wait_until_ready()
        core = daemon.children("gnomon-core")
        self.judge(daemon, 0, conditions, "at start")
        for cell in conditions:
            cell.put("good")
        begin = len(daemon.log)
        daemon.wait_for_log("changed: reading the certificates of authorities again")
        self.judge(daemon, begin, {}, "later")
        self.check_alive(daemon, core)


class Folders(FileScene):
    """All folders in the same condition; then good, and in that condition again."""

    def play(self, condition):
        base = self.state_folder(f"folders-{condition}")
        names = {"sourcedir": "sources", "confdir": "conf", "dumpdir": "dumps", "ntsdumpdir": "keys", "driftfile": "drift",
                 "ntstrustedcerts": "trust", "leapseclist": "leap"}
        folders = {directive: base / name for directive, name in names.items()}
        fill = {"sourcedir": lambda path: (path / "a.sources").write_text("server 127.5.0.1 port 9\n", encoding="ascii")}
        for directive, path in folders.items():
            file_conditions.put_folder(path, condition, fill.get(directive, lambda path: None))
        tail = {"driftfile": "/drift", "leapseclist": "/list"}
        daemon = self.start(f"f-{condition}", *(f"{directive} {path}{tail.get(directive, '')}"
                                               for directive, path in folders.items()),
                            "server 127.5.0.2 nts ntsport 9", "port 0").wait_until_ready()
        core = daemon.children("gnomon-core")
        self.look(daemon, condition, folders, 0)
        file_conditions.put_folder(folders["sourcedir"], "good", fill["sourcedir"])
        self.reload(daemon)
        daemon.wait_for_source("127.5.0.1", "is there", lambda source: True)
        file_conditions.put_folder(folders["sourcedir"], condition, fill["sourcedir"])
        begin = self.reload(daemon)
        self.look(daemon, condition, {"sourcedir": folders["sourcedir"]}, begin)
        self.check_alive(daemon, core)
        daemon.stop()

    def look(self, daemon, condition, folders, begin):
        """Unusable folders are named; one with sources is used otherwise."""
        if condition in ("good", "foreign"):
            daemon.wait_for_source("127.5.0.1", "is there", lambda source: True)
            return
        # Made by gnomond where that is possible, or wanted at the end only.
        told = set(folders) - ({"dumpdir", "ntsdumpdir", "driftfile"} if condition == "missing" else set())
        told -= {"driftfile", "ntsdumpdir", "dumpdir", "ntstrustedcerts"} if condition == "unreadable" else set()
        told -= {"confdir"} if condition == "unreadable" and surroundings.IS_ROOT else set()
        try:
            until("the folders are named", lambda: all(str(folders[each]) in daemon.log[begin:] for each in told))
        except AssertionError:
            self.problems += [f"{each} {condition}: nothing is said" for each in told
                              if str(folders[each]) not in daemon.log[begin:]]

    def test_start_and_reload(self):
        for condition in file_conditions.FOLDER:
            self.play(condition)


class OwnFiles(FileScene):
    """What gnomond makes itself: it takes the place of what was there, or one message says why not."""

    def play(self, directive, condition):
        folder = self.state_folder(f"{directive}-{condition}")
        path = folder / "it"
        file_conditions.put(path, condition, b"1\n")
        other = {"pidfile": f"controlsocket {folder}/control", "controlsocket": f"pidfile {folder}/pid"}[directive]
        conf = folder / "gnomon.conf"
        conf.write_text(f"{directive} {path}\n{other}\nport 0\n", encoding="ascii")
        daemon = Daemon(self, f"{directive}-{condition}",
                        [surroundings.PROGRAM, "-d", "-x", "-t", "60", "-f", str(conf), *self.user_options()])
        until("it runs or says why not", lambda: not daemon.is_running() or "Disabled control" in daemon.log)
        if daemon.is_running():
            daemon.stop()
            self.assertNotRegex(daemon.log, DEATHS)
        elif str(path) not in daemon.log:
            self.problems.append(f"{directive} {condition}: ended without naming it: {daemon.log}")

    def test_start(self):
        for directive in ("pidfile", "controlsocket"):
            for condition in CONDITIONS[:CONDITIONS.index("zeros")]:
                self.play(directive, condition)


if __name__ == "__main__":
    unittest.main(verbosity=2)
