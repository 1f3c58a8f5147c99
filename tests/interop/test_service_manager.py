#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What gnomond and a service manager say to each other: readiness, reload, watchdog, sockets over a restart."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import unittest

import surroundings
from daemons import Daemon, Scene, until

WATCHDOG = 4.0
REQUEST = b"\x23" + bytes(39) + b"\x01\x02\x03\x04\x05\x06\x07\x08"


def state_of(pid):
    """R, S, T, Z: a zombie."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]


class Manager:
    """systemd's side: what is told by sd_notify, and the descriptors that come with it."""

    def __init__(self, scene):
        self.address = scene.folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        scene.addCleanup(self.socket.close)
        self.socket.bind(str(self.address))
        os.chmod(self.address, 0o777)
        self.stored = []  # sockets
        self.memories = {}  # by name
        scene.addCleanup(lambda: [os.close(each) for each in [*self.stored, *self.memories.values()]])

    def environment(self, **others):
        return os.environ | {"NOTIFY_SOCKET": str(self.address)} | others

    def hear(self, patience=surroundings.PATIENCE):
        """One message; None when there is none in time."""
        self.socket.settimeout(patience)
        try:
            text, descriptors, _, _ = socket.recv_fds(self.socket, 4096, 32)
        except TimeoutError:
            return None
        memory = re.search(r"FDSTORE=1(?s:.*)FDNAME=(\S+-memory)", text.decode())
        if memory:
            (self.memories[memory.group(1)],) = descriptors
        elif b"FDSTORE=1" in text:
            self.stored += descriptors
        return text.decode()

    def wait_for(self, pattern):
        while True:
            said = self.hear()
            if said is None:
                raise AssertionError(f"nobody says {pattern}")
            if re.search(pattern, said):
                return said


class ServiceManager(Scene):
    CLIENT = ("port 0", "server 127.0.0.1 port 1")

    def test_readiness_and_the_end_are_told(self):
        manager = Manager(self)
        daemon = self.start("daemon", *self.CLIENT, environment=manager.environment())
        manager.wait_for("READY=1")
        self.assertIsNotNone(daemon.ask("tracking"))
        self.assertEqual(0, daemon.stop())
        manager.wait_for("STOPPING=1")

    def test_a_reload_is_done_when_the_core_has_done_it(self):
        manager = Manager(self)
        folder = self.state_folder("sources")
        daemon = self.start("daemon", *self.CLIENT, f"sourcedir {folder}", environment=manager.environment())
        manager.wait_for("READY=1")
        (folder / "more.sources").write_text("server 127.0.0.2 port 1\n", encoding="ascii")
        daemon.process.send_signal(signal.SIGHUP)
        self.assertRegex(manager.wait_for("RELOADING=1"), r"MONOTONIC_USEC=\d+")
        manager.wait_for("READY=1")
        self.assertIsNotNone(daemon.source("127.0.0.2"))

    def test_a_core_that_hangs_is_killed_before_the_watchdog_ends_all(self):
        """Then gnomon-clock ends in order, and the clock is not left running at any rate."""
        manager = Manager(self)
        daemon = self.start("daemon", *self.CLIENT,
                            environment=manager.environment(WATCHDOG_USEC=str(int(WATCHDOG * 1e6))))
        manager.wait_for("READY=1")
        for _ in range(2):
            manager.wait_for("WATCHDOG=1")
        (core,) = daemon.children("gnomon-core")
        os.kill(core, signal.SIGSTOP)
        self.assertEqual(1, daemon.wait())
        self.assertIn("gnomon-core does not answer: it is killed", daemon.log)
        self.assertIn("gnomon-core was killed by SIGKILL: gnomond cannot continue", daemon.log)

    def test_when_gnomond_hangs_the_clock_is_left_in_order(self):
        """The watchdog sends SIGABRT to all processes at once. gnomon-clock ends when the core has, and not before."""
        daemon = self.start("daemon", *self.CLIENT, options=("-U",))
        (core,) = until("there is a core", lambda: daemon.children("gnomon-core"))
        (clock,) = until("there is a clock", lambda: daemon.children("gnomon-clock"))
        daemon.wait_until_ready()
        daemon.process.send_signal(signal.SIGSTOP)
        os.kill(clock, signal.SIGABRT)
        self.assertIsNotNone(daemon.ask("tracking"))
        self.assertNotIn("Z", state_of(clock))
        os.kill(core, signal.SIGABRT)
        until("it has ended by the end of the core", lambda: "Z" in state_of(clock))
        daemon.process.send_signal(signal.SIGCONT)
        self.assertEqual(1, daemon.wait())
        self.assertIn("gnomon-core was killed by SIGABRT", daemon.log)
        self.assertNotIn("gnomon-clock was killed", daemon.log)

    def start_again(self, manager, port, workers=2):
        """As systemd does with a service that has sockets in its fd store: from descriptor 3 on, and their names."""
        count = len(manager.stored)
        moves = " ".join(f"exec {3 + i}<&{each} {each}<&-;" for i, each in enumerate(manager.stored))
        self.assertTrue(all(each >= 3 + count for each in manager.stored))
        folder = self.state_folder("again")
        names = ":".join(["kept"] * count)
        shell = f'{moves} LISTEN_PID=$$ LISTEN_FDS={count} LISTEN_FDNAMES={names} exec "$@"'
        arguments = [surroundings.PROGRAM, "-d", "-x", *self.user_options(), *self.server(port, workers),
                     f"controlsocket {folder}/control", "pidfile /"]
        return Daemon(self, "again", ["bash", "-c", shell, "bash", *arguments],
                                  pass_fds=manager.stored, environment=manager.environment())

    @staticmethod
    def server(port, workers=2):
        return [f"port {port}", "allow 127.0.0.1", "bindaddress 127.0.0.1", "bindaddress ::1", "local",
                f"ntpworkers {workers}"]

    def stopped_server(self):
        """What has its sockets, and their port."""
        manager = Manager(self)
        # Above the numbers that the next daemon finds its sockets at.
        padding = [os.open("/dev/null", os.O_RDONLY) for _ in range(16)]
        self.addCleanup(lambda: [os.close(each) for each in padding])
        port = surroundings.free_port()
        first = self.start("daemon", *self.server(port), environment=manager.environment())
        manager.wait_for("READY=1")
        self.assertGreaterEqual(len(manager.stored), 2)
        self.assertEqual(0, first.stop())
        return manager, port

    def test_a_daemon_with_fewer_workers_answers_all_requests(self):
        manager, port = self.stopped_server()
        self.start_again(manager, port, workers=1).wait_for_log("Using the UDP socket")
        for stored in manager.stored:
            os.close(stored)  # as systemd does with those that it is told to remove
        manager.stored.clear()
        for number in range(20):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.connect(("127.0.0.1", port))
                client.settimeout(surroundings.PATIENCE)
                client.send(REQUEST[:-1] + bytes([number]))
                self.assertEqual(number, client.recv(1024)[31])

    def test_requests_that_come_while_nobody_runs_are_answered_by_the_next_daemon(self):
        manager, port = self.stopped_server()
        clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
        for number, client in enumerate(clients):
            self.addCleanup(client.close)
            client.connect(("127.0.0.1", port))
            client.settimeout(surroundings.PATIENCE)
            client.send(REQUEST[:-1] + bytes([number]))
        self.start_again(manager, port)
        for number, client in enumerate(clients):
            self.assertEqual(number, client.recv(1024)[31])

    def test_a_socket_that_nothing_uses_is_named(self):
        held = self.hold_port(socket.SOCK_DGRAM)
        manager = Manager(self)
        manager.stored.append(os.dup(held.fileno()))
        folder = self.state_folder("unused")
        shell = (f'exec 3<&{manager.stored[0]}; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=ntp exec "$@"')
        daemon = Daemon(
            self, "unused", ["bash", "-c", shell, "bash", surroundings.PROGRAM, "-d", "-x", *self.user_options(),
                             *self.CLIENT, f"controlsocket {folder}/control", "pidfile /"], pass_fds=manager.stored)
        daemon.wait_for_log(rf"holds the socket ntp \(127\.0\.0\.1:{held.getsockname()[1]}\).*allow")

    def test_what_was_done_to_the_clock_is_kept_over_a_crash_and_not_over_an_order(self):
        manager = Manager(self)
        padding = [os.open("/dev/null", os.O_RDONLY) for _ in range(16)]
        self.addCleanup(lambda: [os.close(each) for each in padding])
        daemon = self.start("daemon", *self.CLIENT, options=("-U",), environment=manager.environment())
        manager.wait_for("FDSTORE=1(?s:.*)FDNAME=clock-memory")
        manager.wait_for("READY=1")
        memory = manager.memories["clock-memory"]
        (core,) = daemon.children("gnomon-core")
        os.kill(core, signal.SIGKILL)
        self.assertEqual(1, daemon.process.wait(surroundings.PATIENCE))

        folder = self.state_folder("again")
        shell = f'exec 3<&{memory}; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=clock-memory exec "$@"'
        again = Daemon(self, "again", ["bash", "-c", shell, "bash", surroundings.PROGRAM, "-d", "-U", *self.user_options(),
                                       *self.CLIENT, f"controlsocket {folder}/control", "pidfile /"],
                       pass_fds=[memory], environment=manager.environment())
        again.wait_for_log("gnomond ended without being told to: what was done to the clock before still counts")
        manager.wait_for("READY=1")
        self.assertEqual(0, again.stop())
        manager.wait_for("FDSTOREREMOVE=1(?s:.*)FDNAME=clock-memory")
        self.assertEqual(memory, manager.memories["clock-memory"])  # it was not given another

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_what_was_done_to_the_clock_is_kept_over_an_end_that_the_core_brings_about(self):
        """For systemd the unit has ended well then: it gives nothing back, and a socket unit may start it again."""
        manager = Manager(self)
        runtime = self.state_folder("runtime")
        environment = manager.environment(RUNTIME_DIRECTORY=f"{runtime}:/nowhere")
        kept, counts = runtime / "clock-memory", "what was done to the clock before still counts"
        for number in range(3):
            daemon = self.start(f"daemon{number}", *self.CLIENT, options=("-U",), environment=environment)
            manager.wait_for("READY=1")
            daemon.wait_until_ready()
            self.assertFalse(kept.exists())
            if number == 0:
                self.assertNotIn(counts, daemon.log)
            else:
                daemon.wait_for_log(counts)
            if number == 2:
                self.assertEqual(0, daemon.stop())
                break
            subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), "shutdown"], check=True)
            manager.wait_for("STOPPING=1")
            self.assertEqual(0, daemon.process.wait(surroundings.PATIENCE))
            self.assertEqual(0o600, kept.stat().st_mode & 0o7777)
        self.assertFalse(kept.exists())

    @staticmethod
    def events(daemon):
        done = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), "--json", "events"],
                              capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_the_last_messages_are_kept_over_a_crash(self):
        manager = Manager(self)
        padding = [os.open("/dev/null", os.O_RDONLY) for _ in range(16)]
        self.addCleanup(lambda: [os.close(each) for each in padding])
        daemon = self.start("daemon", *self.CLIENT, environment=manager.environment())
        manager.wait_for("FDSTORE=1(?s:.*)FDNAME=event-memory")
        daemon.wait_until_ready()
        before = self.events(daemon)
        (core,) = daemon.children("gnomon-core")
        os.kill(core, signal.SIGKILL)
        self.assertEqual(1, daemon.process.wait(surroundings.PATIENCE))

        shell = (f'exec 3<&{manager.memories["event-memory"]}; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=event-memory '
                 'exec "$@"')
        again = self.start("daemon", *self.CLIENT, environment=manager.environment(),
                           pass_fds=[manager.memories["event-memory"]], wrapper=["bash", "-c", shell, "bash"])
        after = self.events(again.wait_until_ready())
        self.assertEqual(before, after[:len(before)])
        self.assertEqual([str(number) for number in range(1, len(after) + 1)], [each["__SEQNUM"] for each in after])
        self.assertGreaterEqual(len(after), 2 * len(before))


if __name__ == "__main__":
    unittest.main()
