# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenes in which system calls fail, each a run of a real program from its start to its end."""

import errno
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import injection
import state_files
import surroundings
from daemons import Daemon, Scene, client_line, until

# A server role that has just been started may still read its files when all ends.
LATE = r"gnomon-ntske .server \d+. did not exit and is killed"
HANGS = r"gnomon-(core|clock|resolve|ntske .client)\S* did not exit and is killed"
# How long a program may take to heal, or to end: a bound for what hangs.
HEALING = float(os.environ.get("GNOMON_FAULT_PATIENCE", "90"))


# A server role that cannot use its files says so and tries again after a minute; the rest goes on.
PAUSED = "cannot use its certificate or key: no NTS key exchange until that is fixed, everything else works"
# A client role that cannot read a trust anchor says so and does without until gnomond starts again.
NO_TRUST = r"cannot read \S*ca/ca\.pem: "
# These ask whether something is there: an error may well mean no.
QUESTIONS = ("newfstatat", "readlink", "lseek")


class Ended(Exception):
    """The program under test has ended by itself."""


class Paused(Exception):
    """It works but for the part that has said what is missing."""


def ask_time(port, address="127.0.0.1"):
    """One request as a client makes it: whether there is an answer to it."""
    request = bytearray(48)
    request[0] = 0x23
    request[40:] = os.urandom(8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(0.3)
        udp.connect((address, port))
        try:
            udp.send(request)
            answer = udp.recv(1024)
        except OSError:
            return False
    return len(answer) >= 48 and answer[24:32] == bytes(request[40:]) and struct.unpack("!B", answer[1:2])[0] > 0


def succeeds(daemon, command):
    done = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), command],
                          capture_output=True, check=False)
    return done.returncode == 0


def complaints_about_keys(path):
    """The keys that were on disk before must be there still: the current one and the one made ahead."""
    if not path.exists():
        return ["the server keys are gone"]
    old = {f"{number:02X}{'5A' * 31}" for number in (12, 13)}
    if not old & state_files.current_keys(path):
        return ["the server keys on disk are others: all clients would need a new key exchange"]
    return []


class FaultScene(Scene):
    """One run with one fault, or with none to list the call sites."""

    fault = None

    def setUp(self):
        super().setUp()
        self.report_path = self.folder / "report"
        self.final_report, self.final_log = injection.Report(), ""
        self.addCleanup(self.keep)

    def keep(self):
        """What is still wanted when the folder is gone."""
        if self.report_path.exists():
            self.final_report = self.report()
        self.final_log = "".join(f"--- {each.name}\n{each.log}" for each in self.daemons)

    def wrapper(self):
        return injection.wrapper(self.report_path, self.fault)

    def report(self):
        return injection.read_report(self.report_path)

    def until_works(self, what, daemon, predicate):
        """As long as it runs it must heal; when it ends by itself that is another way out."""
        def look():
            if not daemon.is_running():
                raise Ended
            if PAUSED in self.messages(daemon) or re.search(NO_TRUST, self.messages(daemon)):
                raise Paused
            return predicate()

        return until(what, look, HEALING)

    def stop(self, daemon):
        if not daemon.is_running():
            raise Ended
        daemon.process.terminate()
        return daemon.process.wait(HEALING)

    def play(self):
        """Starts what the scene has, keeps the program under test as self.daemon, and returns it when all works."""
        raise NotImplementedError

    def messages(self, daemon):
        return daemon.log

    def runTest(self):
        try:
            try:
                daemon = self.play()
            except Paused:
                daemon = self.daemon
                self.assertRegex(self.messages(daemon), rf"cannot start: .*ca/server\.(pem|key)|{NO_TRUST}")
            status = self.stop(daemon)
        except Ended:
            daemon = self.daemon
            status = daemon.process.wait(HEALING)
            self.check_end(status, self.messages(daemon))
        else:
            self.check_clean_end(daemon, status)
        self.check_deaths(self.messages(daemon))
        for complaint in self.file_complaints(status == 0):
            self.fail(complaint)

    def check_end(self, status, messages):
        """It has given up by itself: never quietly, and with the reason."""
        self.assertTrue(self.is_spoilt(), f"it ended by itself with {status}, without any fault")
        self.assertNotEqual(0, status, "it ended by itself as if all were well")
        self.assert_says_why(messages)

    def is_spoilt(self):
        return self.fault is not None

    def assert_says_why(self, messages):
        # libseccomp has its own words for what the kernel told it; ECONNRESET is told as "it has ended".
        if (self.fault.site.call in QUESTIONS or self.fault.error == "ECONNRESET"
                or any(name.startswith("seccomp_") for name in self.fault.site.names)):
            return
        # A socket with a time limit says so when it has passed, and a full one that nobody reads it.
        if self.fault.error == "EAGAIN" and re.search("in time|it does not read", messages):
            return
        reason = os.strerror(getattr(errno, self.fault.error))
        self.assertIn(reason, messages, "no message says why it ended")

    def check_clean_end(self, daemon, status):
        self.assertNotRegex(self.messages(daemon), HANGS)
        if status != 0:
            self.assert_says_why(self.messages(daemon))

    def check_deaths(self, messages):
        report = self.report()
        expected = [("gnomon-ntske", signal.SIGKILL)] if re.search(LATE, messages) else []
        if "it does not read: it is killed" in messages:
            expected.append(("gnomon-core", signal.SIGKILL))
        self.assertEqual([], [each for each in report.deaths if each not in expected], "died of a signal")
        for program in ("gnomond", "gnomon-core", "gnomon-clock", "gnomon-resolve", "gnomon-ntske"):
            self.assertNotRegex(messages, rf"{program}.* was killed by (?!SIGKILL)")

    def file_complaints(self, ended_well):
        return [each for folder in self.folder.iterdir() if folder.is_dir()
                for each in state_files.complaints(folder, ended_well)]


class NtsServer:
    """What every scene with an NTS server does, whatever hurts it: keys on disk, questions, a reload, a rekey."""

    options = ("-x",)

    def play(self):
        authority = self.authority()
        certificate = authority.issue("server")
        self.keys = self.state_folder("keys", mode=0o750)
        self.seed_keys()
        self.port, ke_port = surroundings.free_port(), surroundings.free_port()
        self.daemon = daemon = self.start_server_under_test(certificate, ke_port)
        once = ("-Q", "-t", "5", "nosystemcert", f"ntstrustedcerts {authority.certificate}",
                f"server 127.0.0.1 port {self.port} nts ntsport {ke_port} iburst maxsamples 1")
        self.until_answers(daemon)
        self.until_works("an authenticated answer", daemon, lambda: self.run_once(*once)[0].returncode == 0)
        self.reload(daemon)
        self.until_works("rekey", daemon, lambda: succeeds(daemon, "rekey"))
        self.until_works("an authenticated answer", daemon, lambda: self.run_once(*once)[0].returncode == 0)
        return daemon

    def until_answers(self, daemon):
        self.until_works("an answer to a request", daemon, lambda: ask_time(self.port))

    def seed_keys(self):
        path = self.keys / "ntskeys"
        path.write_text("NKS1\n5.0\n" + "".join(f"{number:08X} {number:02X}{'5A' * 31} 15\n"
                                                for number in (10, 11, 12, 13)), encoding="ascii")
        os.chmod(path, 0o600)
        stat = self.keys.stat()
        os.chown(path, stat.st_uid, stat.st_gid)
        self.seeded = path

    def file_complaints(self, ended_well):
        return super().file_complaints(ended_well) + complaints_about_keys(self.seeded)


class Server(NtsServer, FaultScene):
    """An NTS server with keys on disk: it is asked in every way, reloads, changes its keys and is stopped."""

    def start_server_under_test(self, certificate, ke_port):
        return self.start(
            "server", f"port {self.port}", "allow", "local stratum 3", f"ntsservercert {certificate[0]}",
            f"ntsserverkey {certificate[1]}", f"ntsport {ke_port}", f"ntsdumpdir {self.keys}", "ratelimit",
            f"dumpdir {self.keys}", wrapper=self.wrapper(), options=self.options)

    def play(self):
        daemon = super().play()
        self.until_answers(daemon)
        return daemon

    def until_answers(self, daemon):
        super().until_answers(daemon)
        self.until_works("an answer over control", daemon, lambda: daemon.ask("serverstats"))

    def reload(self, daemon):
        os.kill(self.report().pid, signal.SIGHUP)


class Client(FaultScene):
    """An NTS client with cookies, drift and history on disk, and a helper that may not steer."""

    options = ("-U", "-r")

    def play(self):
        authority = self.authority()
        server = self.start_server("upstream", certificate=authority.issue("server"))
        self.state = self.state_folder("state", mode=0o750)
        (self.state / "drift").write_text("             1.000000             0.100000\n", encoding="ascii")
        self.daemon = daemon = self.start(
            "client", client_line(server, "localhost", nts=True, options="iburst minpoll -2 maxpoll 0"),
            "nosystemcert", f"ntstrustedcerts {authority.certificate}", f"ntsdumpdir {self.state}",
            f"dumpdir {self.state}", f"driftfile {self.state / 'drift'}", f"sourcedir {self.sources()}",
            wrapper=self.wrapper(), options=self.options)
        self.until_works("an authenticated answer", daemon, lambda: self.reached(daemon))
        os.kill(self.report().pid, signal.SIGHUP)
        self.until_works("burst", daemon, lambda: succeeds(daemon, "online") and succeeds(daemon, "dump"))
        self.until_works("an authenticated answer", daemon, lambda: self.reached(daemon))
        return daemon

    def sources(self):
        folder = self.state_folder("sources")
        (folder / "more.sources").write_text("server 127.0.0.1 port 9\n", encoding="ascii")
        return folder

    @staticmethod
    def reached(daemon):
        source = daemon.source("localhost")
        return source and source["reach"] > 0 and source["auth"] and source["auth"]["key_id"] > 0


class Once(FaultScene):
    """One question with NTS, as gnomond -Q asks it."""

    def play(self):
        authority = self.authority()
        server = self.start_server("upstream", certificate=authority.issue("server"))
        self.daemon = Daemon(self, "once", [
            surroundings.PROGRAM, *self.user_options(), "-Q", "-t", "8", "nosystemcert",
            f"ntstrustedcerts {authority.certificate}",
            client_line(server, "localhost", nts=True, options="iburst maxsamples 1")], wrapper=self.wrapper())
        return self.daemon

    def stop(self, daemon):
        return daemon.process.wait(HEALING)

    def check_clean_end(self, daemon, status):
        if status == 0:
            lost = self.fault and "StreamLog" in str(self.fault.site)
            if not lost:
                self.assertRegex(daemon.log, r"System clock wrong by -?\d+\.\d{6} seconds \(ignored\)")
        else:
            self.assert_says_why(daemon.log)


class Logfile(FaultScene):
    """A server whose messages go to a file of its own."""

    def play(self):
        self.port = surroundings.free_port()
        self.messages_path = self.state_folder("messages") / "gnomon.log"
        self.daemon = daemon = self.start("daemon", f"port {self.port}", "allow", "local stratum 3",
                                          wrapper=self.wrapper(), options=("-x", "-l", str(self.messages_path)))
        self.until_works("an answer to a request", daemon, lambda: ask_time(self.port))
        self.until_works("an answer over control", daemon, lambda: daemon.ask("serverstats"))
        return daemon

    def messages(self, daemon):
        kept = self.messages_path.read_text(encoding="utf-8") if self.messages_path.exists() else ""
        return daemon.log + kept


class Control(FaultScene):
    """gnomonctl and its questions."""

    def play(self):
        server = self.start_server("upstream")
        self.daemon = Daemon(self, "ctl", [surroundings.CONTROL_PROGRAM, "--socket", str(server.socket),
                                           "serverstats"], wrapper=self.wrapper())
        return self.daemon

    def stop(self, daemon):
        return daemon.process.wait(HEALING)

    def check_clean_end(self, daemon, status):
        if status != 0:
            self.assert_says_why(daemon.log)


SCENES = {scene.__name__.lower(): scene for scene in (Server, Client, Once, Logfile, Control)}
