#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The attempts of tests/sandbox in the installed service: the unit as it is, all processes of one user, gnomon-clock with
CAP_SYS_TIME, AppArmor's profile in force. Each attempt must fail; what fails there in another way than under tests/sandbox is
printed, as the unit forbids some of it first. Afterwards the service runs and the clock is where it was."""

import contextlib
import pathlib
import shutil
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "sandbox"), str(HERE.parent / "interop")]

import injection  # noqa: E402
import kernel_clock  # noqa: E402
from attempts import (ALLOWED, ATTEMPTS, CALLS, CLIENT, CLOCK, CORE, LAUNCHER, METRICS, NAMES_IN_ETC, NOT_TRIED,  # noqa: E402
                      REFCLOCK, RESOLVE, SECRETS, SERVER, Place, outcome)
from certificates import Authority  # noqa: E402
from machine import until  # noqa: E402
from process_status import filters  # noqa: E402
from reference_server import ReferenceServer  # noqa: E402
from service import apparmor_label, ask, configure, run  # noqa: E402

PROGRAMS = {LAUNCHER: "gnomond", CLOCK: "gnomon-clock", CORE: "gnomon-core", RESOLVE: "gnomon-resolve",
            REFCLOCK: "gnomon-refclock", METRICS: "gnomon-metrics"}
NTSKE = {"server": SERVER, "client": CLIENT}
# A process of the service has the journal's socket as standard error, may write there, and has nothing to read from it.
HARMLESS = {"send to a descriptor of its own", "shut a socket down for receiving"}
STATE = pathlib.Path("/var/lib/gnomon")
LOG = pathlib.Path("/var/log/gnomon/log")


def words_of(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    return [""]


def processes():
    """Process ids by role; incomplete while the service starts, none while systemd takes it down."""
    found = {}
    with contextlib.suppress(OSError):
        members = pathlib.Path("/sys/fs/cgroup/system.slice/gnomond.service/cgroup.procs").read_text(encoding="ascii")
        for pid in map(int, members.split()):
            program, *words = words_of(pid)
            name = pathlib.Path(program).name
            role = NTSKE.get(words[0] if words else "") if name == "gnomon-ntske" else None
            role = role or next((role for role, program in PROGRAMS.items() if program == name), None)
            if role:
                found[role] = pid
    return found


def is_complete():
    """The processes once each is confined: one that has just begun may still do what it needs to begin."""
    found = processes()
    with contextlib.suppress(OSError):
        confined = len(found) == len(PROGRAMS) + len(NTSKE) and all(filters(pid) > filters(found[LAUNCHER])
                                                                            for name, pid in found.items() if name != LAUNCHER)
        return found if confined and ask("tracking") else None
    return None


class Attacks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ReferenceServer()
        authority = Authority("/srv/test/authority")
        certificate = authority.issue("server")
        etc = pathlib.Path("/etc")
        for name in NAMES_IN_ETC:
            if name != "gnomon/gnomon.conf":
                (etc / name).parent.mkdir(parents=True, exist_ok=True)
                (etc / name).write_text("a secret\n", encoding="ascii")
                (etc / name).chmod(0o644)
        # Where the guide puts them, and as readable as it says.
        shutil.copyfile(certificate[1], "/etc/gnomon/time.key")
        shutil.copyfile(certificate[0], "/etc/gnomon/time.crt")
        run("chown", "root:_gnomon", "/etc/gnomon/time.key")
        pathlib.Path("/etc/gnomon/time.key").chmod(0o640)
        LOG.write_text("a secret\n", encoding="ascii")
        LOG.chmod(0o644)
        cls.lines = ["server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 2", "server 127.0.0.2 nts", "allow",
                     "ntsservercert /etc/gnomon/time.crt", "ntsserverkey /etc/gnomon/time.key", "makestep 0.1 3",
                     "metricsaddress 127.0.0.1 9123",
                     # The source with NTS and the reference clock are there for their processes and never answer.
                     "authselectmode ignore", "refclock SOCK /run/gnomon/samples.sock refid NONE noselect"]
        configure(*cls.lines)

    def subject(self):
        run("systemctl", "reset-failed", "gnomond", check=False)
        if not is_complete():
            run("systemctl", "restart", "gnomond")
        return until("all processes run", is_complete)

    def attempt(self, attempt, names):
        """The outcomes by process. All stand still meanwhile, so that none sees another's end."""
        pids = self.subject()
        for name in ("kept", "ntskeys", "192.0.2.1.nts", "gnomon.time"):
            if not (STATE / name).exists():
                (STATE / name).write_text("a secret\n", encoding="ascii")
                run("chown", "_gnomon:", str(STATE / name))
            (STATE / name).chmod(0o644)
        outcomes = {}
        with contextlib.ExitStack() as stack:
            stopped = {name: stack.enter_context(injection.Stopped(pid)) for name, pid in pids.items()}
            for name in names:
                victim = pids[CORE] if name != CORE else pids[SERVER]
                place = Place(victim=victim, victim_memory=f"/proc/{victim}/mem", key="/etc/gnomon/time.key", state=str(STATE),
                              state_file=str(STATE / "kept"), pid_file="/run/gnomon/gnomond.pid", log=str(LOG))
                call, *arguments = attempt.make(place)
                outcomes[name] = outcome(stopped[name].call(CALLS[call], *arguments))
        return outcomes

    def test_every_attempt_fails(self):
        print("profiles:", sorted({apparmor_label(pid) for pid in self.subject().values()}), flush=True)
        tried = 0
        for attempt in ATTEMPTS + SECRETS:
            expected = {name: value for name, value in attempt.expected.items()
                        if value != NOT_TRIED and name in (*PROGRAMS, *NTSKE.values())}
            with self.subTest(attempt.what):
                outcomes = self.attempt(attempt, expected)
                tried += len(outcomes)
                succeeded = {name for name, value in outcomes.items() if value == ALLOWED and expected[name] != ALLOWED}
                if attempt.what not in HARMLESS:
                    self.assertEqual(set(), succeeded, outcomes)
                others = {name: f"{outcomes[name]} for {value}" for name, value in expected.items() if outcomes[name] != value}
                if others:
                    print(f"{attempt.what}: {others}", flush=True)
        print(f"{tried} attempts", flush=True)
        self.subject()
        until("synchronised", lambda: (ask("tracking") or {}).get("leap") == "normal")
        self.assertLess(abs(kernel_clock.error()), 0.1)


if __name__ == "__main__":
    unittest.main()
