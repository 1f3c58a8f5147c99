#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon in the background where there is no journal: its messages go to syslog, as those of chronyd do. In a /dev and a /run of
its own; what came there is compared with stock chronyd's, and read by the syslog daemons that this machine has."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

import private_etc
import surroundings
from daemons import Scene, has_ended, without_commands
from patience import until

LOG = pathlib.Path("/dev/log")
# RFC 3164, as the C library's syslog(3) writes it.
FORM = re.compile(r"<(\d+)>[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d ([^ \[]+)\[(\d+)\]: (.*)", re.DOTALL)
DAEMON, WARNING, INFO = 3 << 3, 4, 6


class Listener:
    """A syslog daemon that only collects."""

    def __init__(self):
        LOG.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(LOG))
        LOG.chmod(0o666)
        self.socket.setblocking(False)
        self.messages = []

    def close(self):
        self.socket.close()
        LOG.unlink(missing_ok=True)

    def hear(self):
        try:
            while True:
                self.messages.append(FORM.fullmatch(self.socket.recv(65536).decode()).groups())
        except BlockingIOError:
            return self.messages

    def wait_for(self, text):
        return until(f"syslog has {text!r}", lambda: next((each for each in self.hear() if text in each[3]), None))


class Rsyslogd:
    NAME = "rsyslogd"

    def words(self, folder):
        configuration = folder / "rsyslog.conf"
        form = "%syslogfacility-text%.%syslogseverity-text% %programname% %msg%\\n"
        configuration.write_text(f'global(workDirectory="{folder}")\nmodule(load="imuxsock")\n'
                                 f'template(name="all" type="string" string="{form}")\n'
                                 f'*.* action(type="omfile" file="{folder}/rsyslogd.txt" template="all")\n', encoding="ascii")
        return ["rsyslogd", "-n", "-f", str(configuration), "-i", str(folder / "rsyslogd.pid")]


class Busybox:
    NAME = "busybox"

    def words(self, folder):
        return ["busybox", "syslogd", "-n", "-O", str(folder / "busybox.txt")]


class Syslog(Scene):
    def setUp(self):
        super().setUp()
        LOG.unlink(missing_ok=True)
        self.offered = self.folder / "offered"
        self.offered.mkdir()
        self.started = 0

    def run_in_background(self, program=surroundings.PROGRAM, lines=()):
        """What it says at its start; it ends with the test."""
        self.started += 1
        state = self.state_folder(f"state{self.started}")
        self.pid_file, self.socket = state / "pid", state / "control"
        configuration = state / "conf"
        own = [] if program == surroundings.CHRONYD else [f"controlsocket {self.socket}"]
        text = ["port 0", f"pidfile {self.pid_file}", f"sourcedir {self.offered}", *without_commands(lines), *own, *lines]
        configuration.write_text("\n".join(text) + "\n", encoding="ascii")
        done = subprocess.run([program, "-x", "-f", str(configuration), "-u", self.user], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=surroundings.PATIENCE, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.pid = int(self.pid_file.read_text(encoding="ascii"))
        self.addCleanup(self.end, self.pid)
        return done.stderr

    def end(self, pid):
        with contextlib.suppress(ProcessLookupError):  # it is no child of ours, and may end at any moment
            os.kill(pid, signal.SIGTERM)
        until("it has ended", lambda: has_ended(pid))

    def listen(self):
        listener = Listener()
        self.addCleanup(listener.close)
        return listener

    def test_messages_have_the_form_and_the_level_that_stock_chronyd_gives_them(self):
        listener = self.listen()
        lines = ("server 127.0.0.1 port 1", "makestep 1 3")
        told = {}
        for program in filter(None, (surroundings.CHRONYD, surroundings.PROGRAM)):
            self.run_in_background(program, lines)
            pri, who, pid, _ = listener.wait_for("starting")
            self.assertEqual((DAEMON | INFO, self.pid), (int(pri), int(pid)))
            self.end(self.pid)
            listener.wait_for("exiting")
            told[who] = {int(each[0]) for each in listener.hear()}
            self.assertLessEqual(told[who], set(range(DAEMON + 2, DAEMON + 8)))
            listener.messages.clear()
        self.assertIn("gnomond", told)

    def test_a_warning_is_one_and_the_roles_have_their_names(self):
        listener = self.listen()
        authorities = self.folder / "none.pem"
        self.run_in_background(lines=(f"ntstrustedcerts {authorities}", "server 127.0.0.1 port 1 nts ntsport 1"))
        pri, _, pid, text = listener.wait_for("gnomon-ntske: ")
        self.assertEqual(self.pid, int(pid))
        self.assertIn(int(pri), (DAEMON | WARNING, DAEMON | 3), text)

    def test_a_name_with_line_breaks_and_control_characters_is_one_harmless_message(self):
        listener = self.listen()
        self.run_in_background()
        (self.offered / "x\n<0>Dec  1 00:00:00 kernel: \x1b[2Jpanic.sources").write_text("nonsense\n", encoding="ascii")
        os.kill(self.pid, signal.SIGHUP)
        pri, who, _, text = listener.wait_for("panic")
        self.assertEqual("gnomond", who)
        self.assertGreaterEqual(int(pri), DAEMON + 2)
        self.assertNotRegex(text, r"[\x00-\x1f\x7f]")

    def test_what_comes_while_the_syslog_daemon_is_away_is_not_lost(self):
        listener = self.listen()
        self.run_in_background()
        listener.wait_for("starting")
        listener.close()
        for _ in range(3):
            os.kill(self.pid, signal.SIGHUP)
            time.sleep(0.3)
        self.assertTrue(pathlib.Path(f"/proc/{self.pid}").exists())
        again = self.listen()
        again.wait_for("SIGHUP: reading the configuration again")
        os.kill(self.pid, signal.SIGTERM)
        again.wait_for("exiting")

    def test_a_syslog_daemon_that_comes_after_us_gets_everything(self):
        said = self.run_in_background()
        self.assertIn("messages wait", said)
        self.listen().wait_for("starting")

    def test_a_syslog_daemon_that_does_not_read_holds_nothing_up(self):
        self.listen()
        self.run_in_background()
        for _ in range(400):
            os.kill(self.pid, signal.SIGHUP)
            time.sleep(0.005)
        until("the daemon answers", lambda: subprocess.run(
            [surroundings.CONTROL_PROGRAM, "--socket", str(self.socket), "tracking"], capture_output=True,
            timeout=surroundings.PATIENCE, check=False).returncode == 0)

    def test_no_role_has_a_socket_to_it(self):
        listener = self.listen()
        self.run_in_background()
        listener.wait_for("starting")
        roles = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        self.assertGreaterEqual(len(roles), 2)
        for role in roles:
            self.assertEqual("/dev/null", os.readlink(f"/proc/{role}/fd/0"))
            for descriptor in (1, 2):
                self.assertRegex(os.readlink(f"/proc/{role}/fd/{descriptor}"), r"^pipe:")

    def test_as_chronyd_it_is_known_by_that_name(self):
        listener = self.listen()
        link = self.folder / "chronyd"
        link.symlink_to(surroundings.PROGRAM)
        self.run_in_background(link)
        self.assertEqual("chronyd", listener.wait_for("starting")[1])

    def test_real_syslog_daemons_before_and_after_their_restart(self):
        tried = [kind for kind in (Rsyslogd(), Busybox()) if shutil.which(kind.NAME)]
        if not tried:
            self.skipTest("needs rsyslogd or busybox")
        for kind in tried:
            with self.subTest(kind.NAME):
                LOG.unlink(missing_ok=True)
                file = self.folder / f"{kind.NAME}.txt"

                def has(text):
                    content = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
                    return [each for each in content.splitlines() if text in each]

                def start():
                    daemon = subprocess.Popen(kind.words(self.folder), stdin=subprocess.DEVNULL)
                    self.addCleanup(lambda: (daemon.kill(), daemon.wait()))
                    until(f"{kind.NAME} listens", LOG.exists)
                    return daemon

                first = start()
                self.run_in_background()
                (line,) = until("it has our start", lambda: has(" starting"))
                self.assertIn("daemon.info", line)
                self.assertIn("gnomond", line)
                first.terminate()
                first.wait()
                LOG.unlink(missing_ok=True)
                os.kill(self.pid, signal.SIGHUP)
                time.sleep(0.5)
                start()
                until("it has what came meanwhile", lambda: has("SIGHUP: reading"))
                self.end(self.pid)
                until("it has our end", lambda: has(" exiting"))


if __name__ == "__main__":
    if not surroundings.IS_ROOT:
        print("SKIPPED: needs root, for a /dev of its own")
        sys.exit(77)
    private_etc.enter_with_own_run_or_skip()
    try:
        private_etc.own_dev()
    except OSError as error:
        print(f"SKIPPED: no /dev of its own: {error}")
        sys.exit(77)
    unittest.main()
