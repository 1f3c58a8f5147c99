#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The sandbox as it is in force: a daemon runs, its processes are stopped, and each is made to try what it may not do
(attempts.py). No copy, no mock: the real process makes the call, with its own credentials, filters and domain.

Needs root on x86-64; otherwise the status is 77, which meson counts as skipped. CAP_SYS_TIME is given up before
anything starts, and no attempt on the clock is one that could succeed with it."""

import contextlib
import ctypes
import errno
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import struct
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

import private_etc  # noqa: E402
import surroundings  # noqa: E402
from daemons import Daemon, Scene, until  # noqa: E402
from process_status import filters  # noqa: E402

import injection  # noqa: E402
from attempts import (ATTEMPTS, CALLS, CLIENT, CLOCK, CORE, LAUNCHER, METRICS, NAMES_IN_ETC, NOT_TRIED, PROBE,  # noqa: E402
                      PROCESSES, REFCLOCK, RESOLVE, SECRETS, SERVER, Place, outcome, table)

SYS_LANDLOCK_CREATE_RULESET = 444
ROLES = {CLOCK: ("gnomon-clock",), CORE: ("gnomon-core",), SERVER: ("gnomon-ntske", "server"),
         CLIENT: ("gnomon-ntske", "client"), RESOLVE: ("gnomon-resolve",), REFCLOCK: ("gnomon-refclock",),
         METRICS: ("gnomon-metrics",)}
DOCUMENT = HERE.parent.parent / "docs" / "sandbox.md"


def landlock_version():
    return max(0, ctypes.CDLL(None).syscall(SYS_LANDLOCK_CREATE_RULESET, None, 0, 1))


def owner(pid):
    return int(re.search(r"Uid:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii"))[1])


def table_of_secrets():
    return table(SECRETS, "file readable by everyone")


class Prober:
    """gnomonctl as it waits for an answer that never comes, its gnomon-probe confined. It stands still, so that it gives no order."""

    def __init__(self, scene):
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("127.0.0.1", 0))
        scene.addCleanup(silent.close)
        self._start = lambda: Daemon(scene, "probe", [surroundings.CONTROL_PROGRAM, "probe", "--no-nts", "--port",
                                                      str(silent.getsockname()[1]), "127.0.0.1"])
        self._gnomonctl = self._start()
        scene.addCleanup(self.end)
        self.pid = until("gnomon-probe is confined", self._catch)

    def _catch(self):
        if not self._gnomonctl.is_running():
            self._gnomonctl = self._start()
        for pid in self._gnomonctl.children("gnomon-probe"):
            if filters(pid) > filters("self"):
                self._gnomonctl.process.send_signal(signal.SIGSTOP)
                return pid
        return None

    def end(self):
        self._gnomonctl.process.kill()
        self._gnomonctl.process.wait()


class Subject:
    """A daemon with all of its processes confined, and what the attempts in it are aimed at."""

    def __init__(self, scene, number, options=(), wrapper=()):
        certificate = scene.certificate
        state = scene.state_folder(f"state{number}")
        # Everybody may read these: what keeps a process from them is then no file's mode.
        kept = [state / name for name in ("kept", "ntskeys", "192.0.2.1.nts", "gnomon.time")]
        for path in kept:
            scene.readable(path)
            shutil.chown(path, scene.user)
        port, ke_port = surroundings.free_port(), surroundings.free_port()
        command_socket = scene.folder / f"daemon{number}" / "run" / "chronyd.sock"
        self.daemon = scene.start(
            f"daemon{number}", f"bindcmdaddress {command_socket}", f"port {port}", "allow", f"ntsdumpdir {state}", f"ntsservercert {certificate[0]}",
            "ntsserverkey /etc/gnomon/time.key", f"ntsport {ke_port}", f"sourcedir {scene.state_folder('sources')}",
            f"refclock SOCK {scene.folder}/samples{number}", f"metricsaddress 127.0.0.1 {surroundings.free_port()}",
            options=("-U", *options), wrapper=wrapper)
        self.pids = {}
        until("all processes are confined", self._is_complete)
        self.prober = Prober(scene)
        self.pids[PROBE] = self.prober.pid
        for path in kept:
            os.chmod(path, 0o644)  # some have been written again
        core = self.pids[CORE]
        self.places = {name: Place(victim=core if name != CORE else self.pids[SERVER],
                                   victim_memory=f"/proc/{core if name != CORE else self.pids[SERVER]}/mem",
                                   key="/etc/gnomon/time.key", state=str(state), state_file=str(kept[0]),
                                   pid_file=str(self.daemon.pid_file), log=str(self.daemon.log_path))
                       for name in PROCESSES}

    def _is_complete(self):
        self.daemon.still_there()
        outer = filters("self")
        self.pids = {LAUNCHER: self.daemon.process.pid}
        for name, words in ROLES.items():
            found = self.daemon.children(*words)
            if len(found) != 1 or filters(found[0]) < outer + 2:
                return False
            self.pids[name] = found[0]
        return filters(self.pids[LAUNCHER]) == outer + 1

    def attempt(self, attempt, processes):
        """The outcome by process. All stand still meanwhile, so that none sees another's end."""
        outcomes = {}
        with contextlib.ExitStack() as stack:
            stopped = {name: stack.enter_context(injection.Stopped(pid)) for name, pid in self.pids.items()}
            for name in processes:
                call, *arguments = attempt.make(self.places[name])
                outcomes[name] = outcome(stopped[name].call(CALLS[call], *arguments))
        return outcomes

    def end(self):
        """Whatever is left of it."""
        self.prober.end()
        self.daemon.process.kill()
        self.daemon.process.wait()
        for name, pid in self.pids.items():
            if name != LAUNCHER:
                until(f"{name} is gone", lambda pid=pid: not os.path.exists(f"/proc/{pid}"))


class Sandbox(Scene):
    def setUp(self):
        super().setUp()
        self.count = 0
        self.certificate = self.authority().issue("server")
        for name in NAMES_IN_ETC:
            pathlib.Path("/etc", name).parent.mkdir(parents=True, exist_ok=True)
            pathlib.Path("/etc", name).parent.chmod(0o755)
            self.readable(pathlib.Path("/etc", name))
        shutil.copyfile(self.certificate[1], "/etc/gnomon/time.key")
        private_etc.resolve_hosts_by("files dns")

    @staticmethod
    def readable(path):
        path.write_text("a secret\n", encoding="ascii")
        os.chmod(path, 0o644)

    def subject(self, *options, wrapper=()):
        self.count += 1
        return Subject(self, self.count, options, wrapper)

    def test_every_attempt_fails_where_it_must(self):
        landlock = landlock_version() > 0
        subject = None
        for attempt in ATTEMPTS + SECRETS:
            expected = {name: value for name, value in attempt.expected.items() if value != NOT_TRIED
                        and (landlock or name not in attempt.needs_landlock)}
            if len(expected) < sum(value != NOT_TRIED for value in attempt.expected.values()):
                with self.subTest(attempt.what):
                    self.skipTest("no Landlock in this kernel")
            with self.subTest(attempt.what):
                subject = subject or self.subject()
                outcomes = subject.attempt(attempt, expected)
                if injection.KILLED in outcomes.values():
                    subject.end()
                    subject = None
                self.assertEqual(expected, outcomes)
        self.assertFalse(os.path.exists("/tmp/gnomon-attempt"))

    def test_all_threads_of_a_process_are_under_its_filter(self):
        subject = self.subject()
        for name, pid in subject.pids.items():
            counts = {filters(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}
            self.assertEqual(1, len(counts), name)
        self.assertGreater(len(list(pathlib.Path(f"/proc/{subject.pids[CORE]}/task").iterdir())), 1)

    def test_what_a_thread_may_not_no_other_thread_may(self):
        subject = self.subject()
        threads = [int(task.name) for task in pathlib.Path(f"/proc/{subject.pids[RESOLVE]}/task").iterdir()]
        self.assertEqual(6, len(threads))  # the main one, one that watches files, four that look names up
        for thread in threads:
            with injection.Stopped(thread) as stopped:
                if landlock_version():
                    self.assertEqual(-errno.EACCES, stopped.call(CALLS["openat"], -100, b"/etc/gnomon/time.key\0", 0, 0))
                self.assertEqual(-errno.ENOSYS, stopped.call(CALLS["prctl"], 4, 1, 0, 0, 0))

    def order_by(self, subject, pid):
        """What is answered to a process of the daemon that gives it an order."""
        call = json.dumps({"method": "io.gnomon.Control.AddSource", "parameters": {"name": "192.0.2.66", "trust": True}})
        path = str(subject.daemon.socket).encode() + b"\0"
        with injection.Stopped(pid) as stopped:
            ours = stopped.call(CALLS["socket"], socket.AF_UNIX, socket.SOCK_STREAM, 0)
            if ours == injection.KILLED or ours < 0:
                return ours
            to = struct.pack("H", socket.AF_UNIX) + path
            self.assertEqual(0, stopped.call(CALLS["connect"], ours, to, len(to)))
            order = call.encode() + b"\0"
            self.assertEqual(len(order), stopped.call(CALLS["sendto"], ours, order, len(order), 0, 0, 0))
            return stopped.receive(CALLS["recvfrom"], ours, 1000)

    def shut_down_by(self, subject, pid):
        """What sending chronyc's command to end the daemon gives in a process of the daemon."""
        request = struct.pack(">BBHHHIII", 6, 1, 0, 62, 0, 0, 0, 0).ljust(28, b"\0")
        with injection.Stopped(pid) as stopped:
            ours = stopped.call(CALLS["socket"], socket.AF_UNIX, socket.SOCK_DGRAM, 0)
            if ours == injection.KILLED or ours < 0:
                return ours
            to = struct.pack("H", socket.AF_UNIX) + str(subject.daemon.command_socket).encode() + b"\0"
            return stopped.call(CALLS["sendto"], ours, request, len(request), 0, to, len(to))

    def unix_sockets(self, pid):
        """Its descriptors that are, without the journal's: that one is tried by itself."""
        with open("/proc/net/unix", encoding="ascii") as table_of_kernel:
            inodes = {line.split()[6] for line in table_of_kernel}
        found = []
        for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                number = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(entry))
                if number and number[1] in inodes and entry.name != "0":
                    found.append(int(entry.name))
        return sorted(found)

    def test_the_core_reaches_nobody_through_its_unix_sockets(self):
        """Those that it needs: one to gnomond and one for commands, one to each role, and those who ask at the control socket."""
        subject = self.subject()
        subject.daemon.wait_until_ready()
        path = self.folder / "somebody"
        somebody = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(somebody.close)
        somebody.bind(str(path))
        path.chmod(0o666)
        somebody.setblocking(False)
        guest = socket.socket(socket.AF_UNIX)
        self.addCleanup(guest.close)
        guest.connect(str(subject.daemon.socket))
        call = json.dumps({"method": "io.gnomon.Control.Tracking"}).encode() + b"\0"
        guest.sendall(call)
        self.assertTrue(guest.recv(100))
        to = struct.pack("H", socket.AF_UNIX) + str(path).encode() + b"\0"
        tried = self.unix_sockets(subject.pids[CORE])
        self.assertGreater(len(tried), 8)
        with injection.Stopped(subject.pids[LAUNCHER]), injection.Stopped(subject.pids[CORE]) as core:
            for descriptor in tried:
                outcomes = (core.call(CALLS["sendto"], descriptor, b"x", 1, 0x4040, to, len(to)),
                            core.call(CALLS["connect"], descriptor, to, len(to)),
                            core.call(CALLS["sendto"], descriptor, b"x", 1, 0x4040, to, len(to)))
                self.assertLess(outcomes[1], 0, descriptor)
                with self.assertRaises(BlockingIOError, msg=f"descriptor {descriptor}: {outcomes}"):
                    somebody.recv(10)
        subject.end()

    def test_the_resolver_gives_no_orders(self):
        """It may have a Unix socket where a module of nsswitch.conf needs one, and the control socket is for everybody."""
        private_etc.resolve_hosts_by("files resolve dns")
        as_the_unit = ("setpriv", "--reuid", self.user, "--regid", str(pwd.getpwnam(self.user).pw_gid), "--clear-groups")
        for wrapper in ((), as_the_unit):
            with self.subTest("as root" if not wrapper else "as the unit does"):
                subject = self.subject(wrapper=wrapper)
                subject.daemon.wait_until_ready()
                owners = {name: owner(subject.pids[name]) for name in ROLES}
                self.assertEqual(1 if wrapper else len(ROLES), len(set(owners.values())), owners)
                self.assertIn(b"NotPermitted", self.order_by(subject, subject.pids[RESOLVE]))
                sources = subject.daemon.ask("sources")["sources"]
                self.assertEqual([], [source for source in sources if not source["reference_clock"]])
                # Its directory is closed to the resolver's own user; to the user of all, it is a guest's request.
                self.assertEqual(28 if wrapper else -errno.EACCES, self.shut_down_by(subject, subject.pids[RESOLVE]))
                self.assertIsNotNone(subject.daemon.ask("tracking"))

    def test_a_resolver_that_stays_root_has_no_unix_socket(self):
        private_etc.resolve_hosts_by("files resolve dns")
        subject = self.subject("-u", "root", wrapper=("setpriv", "--bounding-set", "-setgid"))
        self.assertEqual(0, owner(subject.pids[RESOLVE]))
        self.assertEqual(-errno.ENOSYS, self.order_by(subject, subject.pids[RESOLVE]))
        self.assertEqual(-errno.ENOSYS, self.shut_down_by(subject, subject.pids[RESOLVE]))

    def test_the_launcher_says_why_a_role_died_and_where_to_look(self):
        subject = self.subject()
        with injection.Stopped(subject.pids[RESOLVE]) as resolve:
            self.assertEqual(injection.KILLED, resolve.call(CALLS["setuid"], 0))
        subject.daemon.wait_for_log(r"gnomon-resolve was killed by SIGSYS, for a system call that its sandbox does not "
                                    r"allow .*-F -1")
        until("it is started again", lambda: subject.daemon.children("gnomon-resolve"))
        subject.daemon.wait_until_ready()

    def test_report_mode_names_the_call_and_lets_it_pass(self):
        subject = self.subject("-F", "-1")
        self.assertNotIn("its list does not allow", subject.daemon.log)
        names = {CLOCK: "gnomon-clock", CORE: "gnomon-core", SERVER: r"gnomon-ntske \(server\)",
                 CLIENT: r"gnomon-ntske \(client\)", RESOLVE: "gnomon-resolve", REFCLOCK: "gnomon-refclock", METRICS: "gnomon-metrics"}
        for name, title in names.items():
            with self.subTest(name):
                for _ in range(2):
                    with injection.Stopped(subject.pids[name]) as process:
                        self.assertGreater(process.call(CALLS["getppid"]), 0)
                        self.assertGreaterEqual(process.call(CALLS["fcntl"], 2, 1031, 0), -22)
                subject.daemon.wait_for_log(title + r" makes a system call that its list does not allow: getppid \(")
                self.assertEqual(1, len(re.findall(title + ".* allow: getppid", subject.daemon.log)))
        self.assertRegex(subject.daemon.log, r"gnomon-core .* allow: fcntl \(number 72, argument 1: 0x407\)")
        self.assertTrue(subject.daemon.ask("tracking"))
        self.assertEqual(0, subject.daemon.stop())

    def test_report_mode_has_nothing_to_report_of_a_daemon_that_works(self):
        subject = self.subject("-F", "-1")
        subject.daemon.wait_until_ready()
        os.kill(subject.pids[LAUNCHER], signal.SIGHUP)
        subject.daemon.wait_for_log("SIGHUP")
        subject.daemon.wait_until_ready()
        self.assertEqual(0, subject.daemon.stop())
        self.assertNotIn("its list does not allow", subject.daemon.log)

    def test_the_document_has_the_table_of_this_test(self):
        document = DOCUMENT.read_text(encoding="utf-8")
        self.assertIn(table(), document)
        self.assertIn(table_of_secrets(), document)


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        print(table(), table_of_secrets(), sep="\n", end="")
        sys.exit()
    reason = injection.possible()
    if reason:
        print(f"SKIPPED: {reason}: nothing has been proven")
        sys.exit(77)
    private_etc.enter_or_skip()
    unittest.main()
