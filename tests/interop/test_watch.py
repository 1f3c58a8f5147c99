#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`gnomonctl watch` in a real terminal, of any size, over a daemon's end and return; once, for scripts; and that the terminal is
as before, however it ends."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import surroundings
from daemons import Scene, client_line
from patience import until
from varlink_daemon import Day, VarlinkDaemon

TMUX = shutil.which("tmux")
BLOCKS = re.compile("[\u2580-\u259f\u2500]")


class Terminal:
    """A terminal of tmux with a shell in it."""

    def __init__(self, test, width, height, locale="C.UTF-8"):
        folder = tempfile.TemporaryDirectory(prefix="gnomon-tmux-")
        self._socket = os.path.join(folder.name, "tmux")
        environment = {"PATH": os.environ["PATH"], "HOME": folder.name, "TERM": "xterm-256color", "LC_ALL": locale}
        self._environment = environment
        test.addCleanup(folder.cleanup)
        test.addCleanup(lambda: self._tmux("kill-server", check=False))
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "sh")
        self._tmux("set-option", "-g", "status", "off")
        until("the shell is there", lambda: self.text().strip() in ("$", "#"))

    def _tmux(self, *words, check=True):
        return subprocess.run(["tmux", "-u", "-S", self._socket, *words], capture_output=True, text=True, check=check,
                              env=self._environment, timeout=surroundings.PATIENCE).stdout

    def keys(self, *keys):
        self._tmux("send-keys", *keys)

    def type(self, line):
        self._tmux("send-keys", "-l", line)
        self.keys("Enter")

    def text(self, *words):
        return self._tmux("capture-pane", "-p", *words)

    def resize(self, width, height):
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def mode(self):
        """Whether the other screen is shown, and the cursor."""
        return self._tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").strip()

    def process(self):
        """Of gnomonctl in it."""
        shell = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        done = subprocess.run(["pgrep", "-P", str(shell)], capture_output=True, text=True, check=False)
        return int(done.stdout)

    def see(self, pattern, *words):
        return until(f"the terminal shows {pattern!r}", lambda: re.search(pattern, self.text(*words), re.M) and self.text(*words))


class Watched(Scene):
    def once(self, path, locale="C.UTF-8", **variables):
        return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(path), "watch", "--once"], capture_output=True,
                              text=True, check=False, env=os.environ | {"LC_ALL": locale} | variables,
                              timeout=surroundings.PATIENCE)

    def played(self, **how):
        path = self.folder / "played"
        day = Day(**how)
        daemon = VarlinkDaemon(path, day.replies())
        self.addCleanup(daemon.stop)
        return path, day

    def test_once_is_text_for_scripts(self):
        server = self.start_chrony_server()
        daemon = self.start("client", "port 0", client_line(server))
        daemon.wait_until_selected("127.0.0.1")
        done = self.once(daemon.socket)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertNotIn("\033", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^\* Synchronised within [0-9.]+ (us|ms) of true time to 127\.0\.0\.1, stratum \d+$")
        self.assertRegex(done.stdout, r"(?m)^  \* 127\.0\.0\.1 .* [+-][0-9.]+ (ns|us|ms) ")
        self.assertIn("Selected source 127.0.0.1", done.stdout)
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()))
        daemon.stop()
        done = self.once(daemon.socket)
        self.assertEqual((1, ""), (done.returncode, done.stdout))
        self.assertIn("cannot reach gnomond", done.stderr)

    def test_a_terminal_without_unicode_gets_ascii(self):
        path, _ = self.played(names=["ntp.exämple.net", "b\u202e", "\033[2Jc"])
        self.assertRegex(self.once(path).stdout, BLOCKS)
        self.assertTrue(self.once(path, locale="C").stdout.isascii())
        self.assertTrue(self.once(path, TERM="linux").stdout.isascii())
        for locale in ("C", "C.UTF-8"):
            self.assertNotRegex(self.once(path, locale=locale).stdout, "[\033\u202e]")

    def test_no_terminal_is_no_place_to_draw(self):
        path, _ = self.played()
        done = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(path), "watch"], capture_output=True, text=True,
                              check=False, timeout=surroundings.PATIENCE)
        self.assertEqual(1, done.returncode)
        self.assertIn("gnomonctl watch --once", done.stderr)

    def watch(self, terminal, path):
        terminal.type(f"{surroundings.CONTROL_PROGRAM} --socket {path} watch; echo status $?, $(stty -a | grep -o -- '-*icanon'), "
                      "$(stty -a | grep -o -- '-*echo ')")
        terminal.see("^gnomon on ")

    def check_restored(self, terminal, status="status 0"):
        terminal.see(f"{status}, icanon, echo$")  # behind the prompt, where what is typed was echoed before that was cleared
        self.assertEqual("0 1", terminal.mode())

    @unittest.skipUnless(TMUX, "no tmux")
    def test_a_daemon_in_a_terminal_that_goes_and_comes_back(self):
        server = self.start_chrony_server()
        lines = ["port 0", client_line(server, options="iburst minpoll 0 maxpoll 0")]
        daemon = self.start("client", *lines)
        daemon.wait_until_selected("127.0.0.1")
        terminal = Terminal(self, 80, 24)
        self.watch(terminal, daemon.socket)
        self.assertEqual("1 0", terminal.mode())
        text = terminal.see(r"^  \* 127\.0\.0\.1")
        self.assertEqual(24, len(text.split("\n")) - 1)
        self.assertIn("q quit", text.splitlines()[-1])
        daemon.stop()
        terminal.see("^! cannot reach gnomond")
        self.assertIn("* 127.0.0.1", terminal.text())  # what was known stays
        self.start("client", *lines)
        terminal.see("^q quit")
        terminal.see(r"Synchronised within .* to 127\.0\.0\.1")
        terminal.keys("q")
        self.check_restored(terminal)

    @unittest.skipUnless(TMUX, "no tmux")
    def test_it_fits_every_size(self):
        path, _ = self.played(names=[f"server-{number}.example.net" for number in range(30)])
        terminal = Terminal(self, 80, 24)
        self.watch(terminal, path)
        terminal.see("^    [0-9]+ more")
        for width, height in ((120, 40), (40, 12), (20, 5), (1, 1), (2, 3), (200, 60), (80, 24)):
            terminal.resize(width, height)
            until(f"it is drawn again at {width}x{height}", lambda: len(terminal.text().split("\n")) - 1 == height
                  and terminal.text().startswith("gnomon on "[:width]))
        terminal.see("q quit")
        terminal.keys("+", "+")
        terminal.see("Error bound, 2 h|Error bound, 120 min")
        terminal.keys("q")
        self.check_restored(terminal)

    @unittest.skipUnless(TMUX, "no tmux")
    def test_the_terminal_is_restored_however_it_ends(self):
        path, _ = self.played(poll=600)
        terminal = Terminal(self, 80, 24)
        for number, status in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 0), (signal.SIGSEGV, 139), (signal.SIGABRT, 134)):
            with self.subTest(signal=number):
                terminal.type("clear")
                self.watch(terminal, path)
                os.kill(terminal.process(), number)
                self.check_restored(terminal, f"status {status}")

    @unittest.skipUnless(TMUX, "no tmux")
    def test_it_can_be_stopped_and_goes_on(self):
        path, _ = self.played(poll=600)
        terminal = Terminal(self, 80, 24)
        terminal.type("set -m")
        terminal.type(f"{surroundings.CONTROL_PROGRAM} --socket {path} watch")
        terminal.see("^gnomon on ")
        terminal.keys("C-z")
        until("it is stopped", lambda: terminal.mode() == "0 1")
        terminal.type("fg")
        terminal.see("^q quit")
        terminal.keys("C-c")
        until("it has ended", lambda: terminal.mode() == "0 1")

    @unittest.skipUnless(TMUX, "no tmux")
    def test_a_change_of_state_is_marked(self):
        path, day = self.played(poll=600)
        terminal = Terminal(self, 80, 24)
        self.watch(terminal, path)
        terminal.see(r"^  - time\.example\.org")
        day.states = ("selected", "combined", "falseticker", "combined")
        terminal.see(r"^->x time\.example\.org")
        terminal.keys("q")
        self.check_restored(terminal)

    @unittest.skipUnless(TMUX, "no tmux")
    def test_no_color_is_heeded(self):
        path, _ = self.played(poll=600)
        terminal = Terminal(self, 80, 24)
        colour = re.compile("\033\\[3[1-3]m")
        self.watch(terminal, path)
        terminal.see(r"x pool\.example\.com")
        self.assertRegex(terminal.text("-e"), colour)
        terminal.keys("q")
        self.check_restored(terminal)
        terminal.type("clear; export NO_COLOR=1")
        self.watch(terminal, path)
        terminal.see(r"x pool\.example\.com")
        self.assertNotRegex(terminal.text("-e"), colour)
        terminal.keys("q")


if __name__ == "__main__":
    unittest.main()
