# SPDX-License-Identifier: GPL-2.0-or-later
"""A test with a wrong clock, a reference server and gnomond as a systemd service of its own or in the foreground."""

import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import kernel_clock
from reference_server import ReferenceServer

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import patience as waiting  # noqa: E402

PROGRAM = os.environ.get("GNOMOND") or shutil.which("gnomond") or "/usr/local/sbin/gnomond"
CONTROL_PROGRAM = os.environ.get("GNOMONCTL") or shutil.which("gnomonctl") or "/usr/local/bin/gnomonctl"
USER = "_gnomon"


def until(what, predicate, patience=30.0):
    """At least as long as GNOMON_TEST_PATIENCE says, where that is given: the machine may be slower than others."""
    return waiting.until(what, predicate, max(patience, float(os.environ.get("GNOMON_TEST_PATIENCE", "0"))))


class Gnomond:
    """Run as root, with the user of the roles; messages go to a file."""

    def __init__(self, folder, lines, options=()):
        self.folder = folder
        self.log_path = folder / "log"
        self.socket = folder / "control"
        configuration = folder / "gnomon.conf"
        own = [f"controlsocket {self.socket}", f"pidfile {folder}/pid", "cmdport 0", "bindcmdaddress /", "port 0"]
        configuration.write_text("\n".join(list(lines) + own) + "\n", encoding="utf-8")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "-d", "-u", USER, "-f", str(configuration), *options],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def says(self, pattern):
        return re.search(pattern, self.log)

    def wait_for(self, pattern, patience=30.0):
        return until(f"gnomond says {pattern!r}", lambda: self.says(pattern), patience)

    def ask(self, command):
        answer = subprocess.run([CONTROL_PROGRAM, "--json", "--socket", str(self.socket), command],
                                capture_output=True, text=True, check=False)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def tracking(self):
        return until("gnomond answers", lambda: self.ask("tracking"))

    def role(self, name):
        """The process id of gnomon-<name>."""
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            state, parent = stat.rsplit(")", 1)[1].split()[:2]
            if os.path.basename(words[0]) == "gnomon-" + name and state != "Z" and int(parent) == self.process.pid:
                return int(entry.name)
        return None

    def wait(self, patience=30.0):
        return self.process.wait(patience)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


class ClockTest(unittest.TestCase):
    """Every test begins with the clock that `wrong()` makes, and ends with a right one."""

    SERVER = "server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 2"

    @classmethod
    def setUpClass(cls):
        cls.server = ReferenceServer()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gnomon-system-"))
        account = pwd.getpwnam(USER)
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        os.chmod(self.folder, 0o755)
        self.daemons, self.traces = [], []
        self.server.answers, self.server.leap, self.server.offset_ns = True, 0, 0
        kernel_clock.reset()
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        for trace in self.traces:
            trace.stop().save(self.id().split(".")[-1])
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                daemon.process.kill()
                daemon.process.wait()
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            for daemon in self.daemons:
                print(f"--- {self.id()}: messages of gnomond\n{daemon.log}")
        kernel_clock.reset()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wrong(self, by=0.0, ppm=0.0):
        kernel_clock.reset(by, ppm)
        self.traces.append(kernel_clock.Trace())
        return self.traces[-1]

    def end_all(self):
        for daemon in self.daemons:
            if daemon.process.poll() is None:
                daemon.stop()

    def start(self, *lines, options=(), server=True):
        self.end_all()
        daemon = Gnomond(self.folder, ([self.SERVER] if server else []) + list(lines), options)
        self.daemons.append(daemon)
        return daemon

    def wait_until_right(self, within, patience=60.0, hold=2.0):
        """The error stays within for that long. Returns the seconds until then."""
        began = good_since = kernel_clock.true_time_ns()
        while True:
            now = kernel_clock.true_time_ns()
            if abs(kernel_clock.error()) > within:
                good_since = now
            if now - good_since >= hold * 1e9:
                return (good_since - began) / 1e9
            if now - began > patience * 1e9:
                self.fail(f"after {patience:.0f} s the clock is wrong by {kernel_clock.error():.6f} s")
            time.sleep(0.02)

    def report(self, text):
        print(f"{self.id().split('.')[-1]}: {text}", flush=True)
