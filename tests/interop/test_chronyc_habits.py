#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written for chronyc works with gnomonctl: its options, commands on standard input, chrony-wait's line."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import surroundings
from daemons import Chronyd, Scene, client_line

# chrony-wait.service of Debian and Fedora.
WAIT_LINE = ("-h", "127.0.0.1,::1", "waitsync", "0", "0.1", "0", "1")
# Each is refused by chronyc with a status other than 0, or is a mistake by any measure.
MISTAKES = (("-h",), ("-Z",), ("nonsense",), ("waitsync", "soon"), ("-h", "192.0.2.1", "tracking"), ("-m", "nonsense"),
            ("-p", "3230", "tracking"), ("-m", "tracking", "nonsense"), ("sources", "-z"), ("tracking", "--socket"), ("-p",), ("makestep", "x", "y"))
# As of chronyc 4.6 and 4.7.
NEWER_QUESTIONS = (("-e", "tracking"), ("-en", "-m", "tracking", "sources"), ("-w", "sources", "-v"))
# Refused or carried out, chronyc and gnomonctl print the same, whoever asks first.
SAME = ("accheck 192.0.2.1", "allow 192.0.2.0/24", "accheck 192.0.2.1", "deny 192.0.2.128/25", "accheck 192.0.2.129", "allow all 192.0.2",
        "accheck 192.0.2.129", "accheck 2001:db8::1", "allow 2001:db8::/32", "accheck 2001:db8::1", "accheck localhost", "deny all",
        "accheck 127.0.0.1", "allow", "accheck 127.0.0.1", "cmdaccheck 192.0.2.1", "cmdallow 192.0.2", "cmdaccheck 192.0.2.1",
        "cmddeny all", "cmdaccheck 192.0.2.1", "clients", "dns -n", "dns +n", "dns -46", "timeout 500", "retries 3", "quit", "exit")
# The same question in different words: options before, all commands in one run.
QUESTIONS = (("-c", "tracking"), ("-c", "-n", "sources"), ("-n", "-4", "sources"), ("-a", "-c", "tracking"),
             ("-n", "-m", "dns +n", "dns -n", "timeout 900", "retries 1", "activity"),
             ("-c", "-p", "323", "sources"), ("-c", "-m", "tracking", "sources"), ("-cm", "tracking"))


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, words):
        self.words = words
        self.said = ""

    def __enter__(self):
        self.pid, self.end_of_terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", HOME="/nonexistent")
            os.execv(self.words[0], self.words)
        return self

    def __exit__(self, *_):
        os.close(self.end_of_terminal)

    def resize(self, columns, lines):
        fcntl.ioctl(self.end_of_terminal, termios.TIOCSWINSZ, struct.pack("4H", lines, columns, 0, 0))

    def type(self, text):
        os.write(self.end_of_terminal, text.encode())

    def wait_for(self, words):
        """What comes before them and they themselves are done with."""
        end = time.monotonic() + 20
        while words not in self.said:
            if not select.select([self.end_of_terminal], [], [], max(end - time.monotonic(), 0))[0]:
                raise AssertionError(f"'{words}' does not come, but: {self.said}")
            self.said += os.read(self.end_of_terminal, 4096).decode(errors="replace")
        self.said = self.said.split(words, 1)[1]

    def end(self):
        """By Ctrl-D. libedit prints its prompt before it takes keys: one of that moment becomes text, so Ctrl-U comes before the next."""
        hangs = False
        with contextlib.suppress(OSError):  # on Linux the end of a terminal is an error
            end = time.monotonic() + 20
            self.type("\x04")
            while not hangs:
                if select.select([self.end_of_terminal], [], [], 1)[0]:
                    if not os.read(self.end_of_terminal, 4096):
                        break
                else:
                    self.type("\x15\x04")
                hangs = time.monotonic() > end
        if hangs:
            os.kill(self.pid, signal.SIGHUP)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Habits(Scene):
    def gnomonctl(self, *words, typed=None, socket=None):
        environment = dict(os.environ, GNOMON_CONTROL=str(socket or self.daemon.socket))
        done = subprocess.run([surroundings.CONTROL_PROGRAM, *words], input=typed if typed is not None else "",
                              capture_output=True, text=True, timeout=60, env=environment, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_chrony_wait_waits(self):
        port = surroundings.free_port()
        self.daemon = self.start("client", f"server 127.0.0.1 port {port} iburst minpoll -2 maxpoll -1").wait_until_ready()
        environment = dict(os.environ, GNOMON_CONTROL=str(self.daemon.socket))
        with subprocess.Popen([surroundings.CONTROL_PROGRAM, *WAIT_LINE], stdout=subprocess.PIPE, text=True,
                              env=environment) as waiting:
            self.addCleanup(waiting.kill)
            time.sleep(2.5)
            self.assertIsNone(waiting.poll(), "it did not wait")
            self.start_server(ports=(port, surroundings.free_port()))
            said, _ = waiting.communicate(timeout=60)
        self.assertEqual(0, waiting.returncode, said)
        self.assertRegex(said, r"(?m)^try: 2, ")

    def test_no_mistake_ends_with_status_0(self):
        self.daemon = self.start("daemon", "port 0").wait_until_ready()
        for words in MISTAKES:
            with self.subTest(words=words):
                status, _, complaint = self.gnomonctl(*words)
                self.assertNotEqual(0, status)
                self.assertIn("gnomonctl: ", complaint)
        for typed in ("nonsense\n", "tracking\nnonsense\ntracking\n", "waitsync soon\n"):
            with self.subTest(typed=typed):
                self.assertEqual(1, self.gnomonctl(typed=typed)[0])

    def test_a_command_in_quotes_is_a_line(self):
        server = self.start_server()
        self.daemon = self.start("client", client_line(server)).wait_until_ready()
        self.daemon.wait_until_selected("127.0.0.1")
        for words in (("sources -v",), ("-n", "sources", "-a -v"), ("waitsync 3 0.5 0 1",), ("",), ("# nothing",)):
            with self.subTest(words=words):
                status, said, complaint = self.gnomonctl(*words)
                self.assertEqual((0, ""), (status, complaint), said)
                one_by_one = " ".join(words).split()
                if one_by_one and one_by_one[0] != "#":
                    self.assertEqual(self.gnomonctl(*one_by_one)[1].count("\n"), said.count("\n"))
                else:
                    self.assertEqual("", said)

    def test_under_chronyc_s_name_scripts_find_the_version_of_a_chrony(self):
        for name, program in (("chronyc", surroundings.CONTROL_PROGRAM), ("chronyd", surroundings.PROGRAM)):
            link = self.folder / name
            link.symlink_to(program)
            for option in ("-v", "--version"):
                with self.subTest(name=name, option=option):
                    said = subprocess.run([link, option], capture_output=True, text=True, check=True).stdout
                    self.assertRegex(said, rf"^{name} \(chrony\) version 4\.\d+ \(.*\), spoken by gnomon [\d.]+\n$")
                    self.assertGreaterEqual(float(re.search(r"\d+\.\d+", said)[0]), 4)
            said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stdout
            self.assertIn("(gnomon) version 0.", said)

    def test_options_of_chronyc_are_understood(self):
        server = self.start_server()
        self.daemon = self.start("client", client_line(server)).wait_until_ready()
        self.daemon.wait_until_selected("127.0.0.1")
        for words in QUESTIONS + NEWER_QUESTIONS:
            with self.subTest(words=words):
                status, said, complaint = self.gnomonctl(*words)
                self.assertEqual((0, ""), (status, complaint))
                self.assertTrue(said)

    def test_commands_on_standard_input(self):
        server = self.start_server()
        self.daemon = self.start("client", client_line(server)).wait_until_ready()
        status, said, _ = self.gnomonctl("-c", typed="# a comment\n\nactivity\nsources\nquit\nnonsense\n")
        self.assertEqual(0, status)
        self.assertEqual(2, len(said.splitlines()), said)
        if surroundings.IS_ROOT:  # our own user may only look
            self.assertEqual("200 OK\n", self.gnomonctl(typed="offline")[1])
        status, said, _ = self.gnomonctl("-c", "-m", "activity", "sources -a")
        self.assertEqual((0, 2), (status, len(said.splitlines())), said)

    def test_a_session_at_a_terminal(self):
        """Lines are edited, completed and remembered; Ctrl-D ends the session."""
        self.daemon = self.start("daemon", "port 0").wait_until_ready()
        with Terminal([surroundings.CONTROL_PROGRAM, "-n", "--socket", str(self.daemon.socket)]) as terminal:
            terminal.wait_for("gnomonctl> ")
            terminal.type("activ\t")
            terminal.wait_for("ity ")
            terminal.type("\n")
            terminal.wait_for("0 sources with unknown address")
            terminal.wait_for("gnomonctl> ")
            terminal.type("manual o\t")
            terminal.wait_for("off  on")
            terminal.type("\x15sourcex\x7fs\n")  # Ctrl-U, and a mistake taken back
            terminal.wait_for("MS Name/IP address")
            terminal.wait_for("gnomonctl> ")
            terminal.type("\x10\x10\n")  # Ctrl-P twice: the command before the last one
            terminal.wait_for("0 sources with unknown address")
            terminal.wait_for("gnomonctl> ")
            terminal.type("nonsense\n")
            terminal.wait_for("unknown command")
            terminal.wait_for("gnomonctl> ")
            terminal.resize(columns=80, lines=200)
            terminal.type("help\n")
            terminal.wait_for("Serve these clients too, or\r\n" + 30 * " " + "everyone\r\n")
            terminal.wait_for("gnomonctl> ")
            terminal.type("deny nobody/nothing\n")
            terminal.wait_for("subnet such as\r\n192.0.2.0/24")
            terminal.wait_for("gnomonctl> ")  # only there Ctrl-D is a key; before, it ends a line for the kernel
            self.assertEqual(1, terminal.end())

    @unittest.skipUnless(surroundings.CHRONYC and surroundings.IS_ROOT, "there is no chronyc that may ask")
    def test_what_chronyc_prints_gnomonctl_prints(self):
        daemon = self.folder / "daemon"
        self.daemon = self.start("daemon", f"port {surroundings.free_port()}", "allow 127.0.0.1", "bindaddress 127.0.0.1",
                                 f"bindcmdaddress {daemon / 'run' / 'chronyd.sock'}").wait_until_ready()
        marked = ("-e",) if "-e\t" in subprocess.run([surroundings.CHRONYC, "--help"], capture_output=True, text=True,
                                                    check=False).stdout else ()
        for options in (("-n",), ("-n", "-c"), ("-n", *marked)):
            for line in SAME:
                with self.subTest(options=options, line=line):
                    theirs = subprocess.run([surroundings.CHRONYC, "-h", str(self.daemon.command_socket), *options, *line.split()],
                                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
                    self.assertEqual((theirs.returncode, theirs.stdout), self.gnomonctl(*options, *line.split())[:2])
        typed = "activity\n# a comment\ndns -n\nclients\nquit\nactivity\n"
        theirs = subprocess.run([surroundings.CHRONYC, *marked, "-n", "-h", str(self.daemon.command_socket)], input=typed,
                                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(theirs.stdout, self.gnomonctl(*marked, "-n", typed=typed)[1])

    @unittest.skipUnless(surroundings.CHRONYC, "there is no chronyc")
    def test_chronyc_itself_takes_these_lines(self):
        """So that the tables above are chronyc's habits and not what we think of them."""
        chronyd = Chronyd(self, "chronyd", ["server 127.0.0.1 port 9", "port 0"]).wait_until_ready()
        for words in QUESTIONS:
            with self.subTest(words=words):
                if "-p" in words:
                    continue  # it would ask another port of the network
                done = subprocess.run([surroundings.CHRONYC, "-h", str(chronyd.socket), *words], capture_output=True,
                                      text=True, timeout=60, check=False)
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
