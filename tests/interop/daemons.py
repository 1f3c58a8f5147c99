# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons under test as objects: started with a configuration, asked over their control sockets, stopped by
process id."""

import contextlib
import csv
import io
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import surroundings
from certificates import Authority
from patience import until
from process_status import filters

PATIENCE = surroundings.PATIENCE


class Daemon:
    """A process in the foreground whose messages go to a file; a wrapper is a program that starts it."""

    def __init__(self, scene, name, arguments, environment=None, pass_fds=(), wrapper=()):
        self.name = name
        self.log_path = scene.folder / f"{name}.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([*wrapper, *arguments], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=environment, pass_fds=pass_fds)
        scene.daemons.append(self)

    @property
    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def is_running(self):
        return self.process.poll() is None

    def still_there(self):
        if not self.is_running():
            raise AssertionError(f"{self.name} ended with {self.process.returncode}")
        return True

    def wait_for_log(self, pattern):
        def look():
            found = re.search(pattern, self.log)
            return found or (self.still_there() and None)

        return until(f"{self.name} says {pattern!r}", look)

    def wait(self):
        """The exit status, of a process that ends by itself."""
        return self.process.wait(PATIENCE)

    def stop(self):
        """The exit status after SIGTERM."""
        if self.is_running():
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end on SIGTERM") from None

    def children(self, program, *words):
        """Process ids of those that it has started, by program name and words of their command line."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError, IndexError):
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
                arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                parent = int(stat.rsplit(")", 1)[1].split()[1])
                state = stat.rsplit(")", 1)[1].split()[0]
                if (parent == self.process.pid and state != "Z" and os.path.basename(arguments[0]) == program
                        and all(word in arguments for word in words)):
                    found.append(int(entry.name))
        return found

    def has_confined_itself(self, pid):
        """One of its children: it has a filter of system calls over gnomond's. A build with a sanitizer has none."""
        of_gnomond, its_own = map(filters, (self.process.pid, pid))
        return its_own > of_gnomond or not of_gnomond


class Gnomond(Daemon):
    """gnomond with a control socket; it never steers the clock: -x, or -U without the capability."""

    def __init__(self, scene, name, lines, options=("-x",), program=surroundings.PROGRAM, **others):
        self.folder = scene.state_folder(name)
        self.socket = self.folder / "control"
        self.pid_file = self.folder / "gnomond.pid"
        self.configuration = self.folder / "gnomon.conf"
        self.command_socket = self.folder / "run" / "chronyd.sock"
        own = [f"controlsocket {self.socket}", f"pidfile {self.pid_file}", *without_commands(lines)]
        self.configuration.write_text("\n".join(list(lines) + own) + "\n", encoding="utf-8")
        self.patterns = {}
        super().__init__(scene, name, [program, "-d", "-f", str(self.configuration),
                                       *scene.user_options(), *options], **others)

    def ask(self, *command):
        """The reply of the control interface as a dictionary; None while nobody answers."""
        answer = subprocess.run([surroundings.CONTROL_PROGRAM, "--json", "--socket", str(self.socket), *command],
                                capture_output=True, text=True, check=False)
        return json.loads(answer.stdout) if answer.returncode == 0 else None

    def operate(self, *command):
        """The same for a command that changes something. A daemon that runs as our own user lets us read reports only."""
        if not surroundings.IS_ROOT:
            raise unittest.SkipTest(f"{command[0]}: our own user may only read reports")
        return self.ask(*command)

    def wait_until_ready(self):
        until(f"{self.name} answers", lambda: self.still_there() and self.ask("tracking"))
        return self

    def source(self, name):
        """What `sources`, and under "auth" what `authdata`, say of the source of that name."""
        sources, auth = self.ask("sources"), self.ask("authdata")
        for source in sources["sources"] if sources and auth else ():
            if source["name"] == name:
                source["auth"] = next((each for each in auth["sources"] if each["id"] == source["id"]), None)
                return source
        return None

    def wait_for_source(self, name, what, predicate):
        def look():
            self.still_there()
            source = self.source(name)
            return source if source and predicate(source) else None

        return until(f"{self.name}: {name} {what}", look)

    def wait_until_selected(self, name):
        return self.wait_for_source(name, "is selected", lambda source: source["state"] == "selected")


class Chronyd(Daemon):
    """Stock chronyd as a stranger to talk to; always with -x."""

    def __init__(self, scene, name, lines, options=(), wrapper=()):
        self.folder = scene.state_folder(name, mode=0o700, owner="root")
        self.socket = self.folder / "chronyd.sock"
        configuration = self.folder / "chrony.conf"
        own = [f"bindcmdaddress {self.socket}", f"pidfile {self.folder}/pid"]
        own += [line for line in without_commands(lines) if line.startswith("cmdport")]
        configuration.write_text("\n".join(list(lines) + own) + "\n", encoding="utf-8")
        user = pwd.getpwuid(os.geteuid()).pw_name
        super().__init__(scene, name, [surroundings.CHRONYD, "-x", "-d", "-U", "-u", user, *options,
                                       "-f", str(configuration)], wrapper=wrapper)

    def ask(self, *command):
        """Rows of chronyc's comma-separated report; empty while nobody answers."""
        answer = subprocess.run([surroundings.CHRONYC, "-c", "-n", "-h", str(self.socket), *command],
                                capture_output=True, text=True, check=False)
        return list(csv.reader(io.StringIO(answer.stdout))) if answer.returncode == 0 else []

    def wait_until_ready(self):
        until(f"{self.name} answers", lambda: self.still_there() and self.ask("tracking"))
        return self

    def wait_until_selected(self, address):
        return until(f"{self.name} selects {address}",
                     lambda: [row for row in self.ask("sources") if row[1] == "*" and row[2] == address])


class Scene(unittest.TestCase):
    """A test with a folder, free ports and daemons that are gone when it ends."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gnomon-interop-"))
        os.chmod(self.folder, 0o755)
        self.daemons = []
        self.user = next((name for name in ("_gnomon", "nobody") if self._has_user(name)), "root")
        self.addCleanup(self._clean_up)

    @staticmethod
    def _has_user(name):
        try:
            return bool(pwd.getpwnam(name))
        except KeyError:
            return False

    def _clean_up(self):
        for daemon in self.daemons:
            if daemon.is_running():
                daemon.process.terminate()
        for daemon in self.daemons:
            try:
                daemon.process.wait(15)
            except subprocess.TimeoutExpired:
                daemon.process.kill()
                daemon.process.wait()
        failed = any(error for _, error in getattr(self._outcome, "errors", []) or [])
        result = getattr(self._outcome, "result", None)
        failed = failed or any(test is self for test, _ in (result.failures + result.errors if result else []))
        if failed:
            for daemon in self.daemons:
                print(f"--- {self.id()}: messages of {daemon.name}\n{daemon.log}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def user_options(self):
        return ("-u", self.user) if surroundings.IS_ROOT else ()

    def state_folder(self, name, mode=0o755, owner=None):
        """A folder that the daemon's user can write."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        os.chmod(folder, mode)
        if surroundings.IS_ROOT:
            account = pwd.getpwnam(owner or self.user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        return folder

    def authority(self, name="ca"):
        return Authority(self.folder / name)

    def start(self, name, *lines, options=("-x",), **others):
        return Gnomond(self, name, lines, options, **others)

    def start_server(self, name="server", extra=(), certificate=None, ports=None):
        """A gnomond that serves its own clock; with a certificate also NTS. Ports: .port and .ke_port."""
        port, ke_port = ports or (surroundings.free_port(), surroundings.free_port())
        daemon = self.start(name, *server_lines(port, ke_port, certificate), *extra)
        daemon.port, daemon.ke_port = port, ke_port
        return daemon.wait_until_ready()

    def start_chrony_server(self, name="chrony-server", certificate=None, extra=()):
        port, ke_port = surroundings.free_port(), surroundings.free_port()
        daemon = Chronyd(self, name, [*server_lines(port, ke_port, certificate), *extra])
        daemon.port, daemon.ke_port = port, ke_port
        return daemon.wait_until_ready()

    def run_once(self, *arguments):
        """gnomond run to its end: the completed process and the seconds it took."""
        began = time.monotonic()
        done = subprocess.run([surroundings.PROGRAM, *self.user_options(), *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        return done, time.monotonic() - began

    def hold_port(self, kind):
        """A bound socket on loopback, closed at the end of the test."""
        held = socket.socket(socket.AF_INET, kind)
        self.addCleanup(held.close)
        held.bind(("127.0.0.1", 0))
        return held


def without_commands(lines):
    """chrony's control protocol is served only where a test says so."""
    given = {line.split()[0] for line in lines if line.strip()}
    return [line for line in ("cmdport 0", "bindcmdaddress /") if line.split()[0] not in given]


def server_lines(port, ke_port, certificate):
    lines = [f"port {port}", "allow", "local stratum 3"]
    if certificate:
        lines += [f"ntsservercert {certificate[0]}", f"ntsserverkey {certificate[1]}", f"ntsport {ke_port}"]
    return lines


def client_line(server, name="127.0.0.1", nts=False, options="iburst minpoll 0 maxpoll 2"):
    secure = f" nts ntsport {server.ke_port}" if nts else ""
    return f"server {name} port {server.port}{secure} {options}"


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def has_ended(pid):
    """Also of a process that is nobody's child here and may go at any moment."""
    stat = pathlib.Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
