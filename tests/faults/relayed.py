# SPDX-License-Identifier: GPL-2.0-or-later
"""A client and a server whose roles talk through relays, and what must be true after one message was mistreated or a
role was killed."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import signal

import scenes
import surroundings
from daemons import Gnomond, client_line, server_lines
from scenes import Ended, FaultScene

RELAY = os.environ.get("GNOMON_ROLE_RELAY", "")
BUILD = pathlib.Path(surroundings.PROGRAM).parent.parent.parent if surroundings.PROGRAM else None
ROLES = {"gnomon-core": "daemon/core", "gnomon-clock": "helpers/clock", "gnomon-resolve": "helpers/resolve",
         "gnomon-ntske": "helpers/ntske"}
TYPES = {1: "ReadClock", 2: "Adjust", 3: "Step", 4: "SetStatus", 5: "ClockReading", 6: "Adjusted", 7: "ClockRefused",
         16: "SealCookies", 17: "SealedCookies", 18: "SealRefused", 19: "SessionsEnded", 32: "Establish",
         33: "Established", 34: "EstablishFailed", 48: "Resolve", 49: "Resolved", 50: "ResolveFailed", 64: "Ready",
         65: "Status", 66: "Finished", 67: "Stop", 68: "RoleConnected", 69: "ReplaceKeServers", 70: "Reload",
         71: "Ping", 72: "Alive", 73: "KeySecretOpened",
         74: "OpenSources", 75: "SourcesOpened", 76: "SourcesEnd",
         77: "OpenSymmetricKeys", 78: "SymmetricKeysOpened", 80: "OpenFile", 81: "FileOpened", 82: "OpenSigndSocket",
         83: "SigndSocketOpened",
         88: "SendMail", 112: "WantRole", 113: "ReleaseRole", 114: "TrustChanged",
         115: "MessageWritten"}


@dataclasses.dataclass(frozen=True)
class Passed:
    """One message that a relay has seen."""

    role: str
    up: bool
    number: int
    type: int
    size: int
    descriptor: bool

    def __str__(self):
        arrow = "from" if self.up else "to"
        return f"{TYPES.get(self.type, self.type)} {arrow} {self.role}, number {self.number}"


@dataclasses.dataclass(frozen=True)
class Mistreatment:
    """That message is treated so."""

    message: Passed
    action: str
    value: int = 0

    def __str__(self):
        return f"{self.action}{f' {self.value}' if self.value else ''}: {self.message}"

    def line(self):
        direction = "up" if self.message.up else "down"
        return f"{self.message.role} {direction} {self.message.number} {self.action} {self.value}\n"

    @property
    def kills(self):
        return self.action.startswith("kill")


class RelayedGnomond(Gnomond):
    """Its own folder of programs, the relay under the name of each role."""

    def __init__(self, scene, name, lines, options, rule=None):
        self.programs = scene.folder / f"programs-{name}"
        self.programs.mkdir()
        shutil.copy(surroundings.PROGRAM, self.programs / "gnomond")
        for role, folder in ROLES.items():
            os.symlink(RELAY, self.programs / role)
            os.symlink(BUILD / folder / role, self.programs / f"real-{role}")
        if rule:
            (self.programs / "rule").write_text(rule, encoding="ascii")
        super().__init__(scene, name, lines, options, program=self.programs / "gnomond")

    def passed(self):
        """Messages, whether one was mistreated, and how the roles have ended."""
        messages, treated, ends = [], False, []
        with contextlib.suppress(FileNotFoundError):
            for line in (self.programs / "passed").read_text(encoding="ascii").splitlines():
                role, what, *values = line.split()
                if what in ("up", "down"):
                    number, kind, size, descriptor = map(int, values)
                    messages.append(Passed(role, what == "up", number, kind, size, bool(descriptor)))
                elif what == "treated":
                    treated = True
                else:
                    ends.append((role, what, int(values[0])))
        return messages, treated, ends


class Relayed(FaultScene):
    """Common to both sides: how a run ends, and what must be true then."""

    def __init__(self):
        super().__init__("runTest")
        self.mistreatment = None
        self.passed = ([], False, [])

    def keep(self):
        super().keep()
        if getattr(self, "daemon", None):
            self.passed = self.daemon.passed()

    def start_relayed(self, name, *lines, options):
        rule = self.mistreatment.line() if self.mistreatment else None
        return RelayedGnomond(self, name, lines, options, rule)

    def is_spoilt(self):
        return self.mistreatment is not None

    def assert_says_why(self, messages):
        self.assertRegex(messages, r"gnomon-|gnomond ", "no message says why it ended")

    def check_deaths(self, messages):
        _, _, ends = self.daemon.passed()
        killed = (signal.SIGKILL,) if self.mistreatment and self.mistreatment.kills else ()
        ended_by_us = signal.SIGKILL if "it is killed" in messages else None
        bad = [(role, code) for role, what, code in ends
               if what == "died" and code not in killed and code != ended_by_us]
        self.assertEqual([], bad, "died of a signal")
        self.assertNotRegex(messages, "Internal error in")

    def file_complaints(self, ended_well):
        return [each for each in super().file_complaints(ended_well) if not self.cut_short(each)]

    def cut_short(self, complaint):
        """A process that was killed while it wrote leaves its temporary file for the next one to remove."""
        return complaint.endswith("is left over") and self.mistreatment and self.mistreatment.kills


class RelayedServer(scenes.NtsServer, Relayed):
    def start_server_under_test(self, certificate, ke_port):
        return self.start_relayed("server", *server_lines(self.port, ke_port, certificate),
                                  f"ntsdumpdir {self.keys}", options=self.options)

    def reload(self, daemon):
        daemon.process.send_signal(signal.SIGHUP)


class RelayedClient(Relayed):
    """With a helper for the clock that may not steer, and cookies on disk."""

    options = ("-U",)

    def play(self):
        authority = self.authority()
        server = self.start_server("upstream", certificate=authority.issue("server"))
        self.state = self.state_folder("state", mode=0o750)
        self.daemon = daemon = self.start_relayed(
            "client", client_line(server, "localhost", nts=True, options="iburst minpoll -2 maxpoll 0"),
            "nosystemcert", f"ntstrustedcerts {authority.certificate}", f"ntsdumpdir {self.state}",
            f"driftfile {self.state / 'drift'}", options=self.options)
        self.until_works("an authenticated answer", daemon, lambda: scenes.Client.reached(daemon))
        self.until_works("all of it works", daemon, lambda: daemon.ask("tracking"))
        return daemon


SCENES = {"server": RelayedServer, "client": RelayedClient}
