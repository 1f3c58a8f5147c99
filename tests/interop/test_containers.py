#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomond as the images of chronyd in container registries start theirs: process 1, a read-only root, few capabilities or none,
any user, no /run, no /dev/log, a time zone in the environment. container.py makes what an engine makes; the clients are
outside. Stock chronyd is started likewise, and its way to end or to answer is printed."""

import dataclasses
import json
import os
import pathlib
import pwd
import signal
import socket
import sys
import unittest

import surroundings
from container import CHOWN, DAC_OVERRIDE, NET_BIND_SERVICE, SETGID, SETPCAP, SETUID, Container
from daemons import Daemon, Scene, until
from plain_server import PlainServer

CONTAINER = pathlib.Path(__file__).with_name("container.py")


@unittest.skipUnless(surroundings.OWN_NETWORK, "needs root and a network of its own")
class Containers(Scene):
    def setUp(self):
        super().setUp()
        self.reference = PlainServer()
        self.addCleanup(self.reference.stop)
        self.state = self.folder / "state"  # memory of the container's
        self.state.mkdir()
        self.owner = pwd.getpwnam(self.user).pw_uid

    def of_root(self, **more):
        return Container(writable=(str(self.state), "/run"), owner=self.owner, **more)

    def lines(self, port, *more):
        return [f"server 127.0.0.1 port {self.reference.port} iburst minpoll 0 maxpoll 0", f"port {port}", "allow all", "cmdport 0",
                "makestep 0.1 3", "rtcsync", "local stratum 10", *more]

    def kept(self):
        """What images keep in a volume."""
        return [f"driftfile {self.state}/drift", f"dumpdir {self.state}", f"ntsdumpdir {self.state}"]

    def contain(self, name, settings, lines, options=("-d", "-x"), program=None):
        configuration = self.folder / f"{name}.conf"
        configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Daemon(self, name, [sys.executable, str(CONTAINER), json.dumps(dataclasses.asdict(settings)),
                                   str(program or surroundings.PROGRAM), *options, "-f", str(configuration)])

    def answer(self, port):
        """Stratum and root delay of an answer; None: there is none."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.sendto(b"\x23" + bytes(39) + bytes(range(1, 9)), ("127.0.0.1", port))
            try:
                return client.recv(2048)[1]
            except TimeoutError:
                return None

    def serves(self, name, settings, *more, options=("-d", "-x"), port=None):
        """It follows the server outside, serves its time, and ends as `docker stop` asks it to."""
        port = port or surroundings.free_port()
        daemon = self.contain(name, settings, self.lines(port, *more), options)
        until(f"{name} is synchronised", lambda: daemon.still_there() and self.answer(port) == 2)
        self.assertEqual(0, daemon.stop(), daemon.log)
        return daemon

    def test_as_root_with_docker_s_capabilities_and_a_read_only_root(self):
        """`docker run --read-only --tmpfs ...`, `chronyd -u chrony -d -x -L 0`"""
        daemon = self.serves("root", self.of_root(), *self.kept(), port=123,
                             options=("-u", self.user, "-d", "-x", "-L", "0"))
        self.assertNotIn("Could not", daemon.log)

    def test_as_any_user_with_nothing(self):
        """`docker run --user 1000 --cap-drop=ALL --read-only`: no account, no home, nothing that may be written."""
        daemon = self.serves("user", Container(uid=1000, gid=1000, capabilities=()))
        self.assertIn("No control socket", daemon.log)

    def test_as_any_user_with_a_volume(self):
        self.serves("volume", Container(uid=1000, gid=1000, writable=(str(self.state),), owner=1000), *self.kept(),
                    f"controlsocket {self.state}/control", f"pidfile {self.state}/pid")

    def test_options_of_images(self):
        """-u of a user who has not the rights to become another, -U, -4, a time zone that exists and one that does not."""
        for number, (options, zone) in enumerate(((("-d", "-U", "-x", "-4"), "Europe/Berlin"),
                                                  (("-n", "-x", "-u", "nobody"), "Nowhere/Else"),
                                                  (("-d", "-x", "-s", "-r", "-R"), ":/etc/nowhere"))):
            with self.subTest(options):
                self.serves(f"options-{number}", Container(uid=1000, gid=1000, environment={"TZ": zone, "HOME": "/"}), options=options)

    def test_as_root_without_capabilities(self):
        """`--cap-drop=ALL`, and then the one or the other given back."""
        as_user = (SETUID, SETGID), (SETUID, SETGID, SETPCAP, CHOWN, DAC_OVERRIDE)
        for number, (given, user) in enumerate((((), "root"), ((NET_BIND_SERVICE,), "root"),
                                                *((each, self.user) for each in as_user))):
            with self.subTest(given):
                self.serves(f"bare-{number}", Container(capabilities=given, writable=(str(self.state), "/run")), *self.kept(),
                            options=("-d", "-x", "-u", user))
        daemon = self.contain("stays root", Container(capabilities=()), self.lines(surroundings.free_port()),
                              ("-d", "-x", "-u", self.user))
        self.assertEqual(1, daemon.wait())
        self.assertIn(f"without the right to become the user '{self.user}'", daemon.log)

    def test_as_root_of_a_user_namespace(self):
        """Rootless engines."""
        self.serves("rootless", self.of_root(user_namespace=True), *self.kept(), options=("-d", "-x", "-u", self.user))

    def test_the_only_process_that_must_not_end(self):
        """Process 1 without a parent that reaps: roles that die are replaced, and nothing of them stays."""
        daemon = self.contain("first", self.of_root(), self.lines(surroundings.free_port()), ("-d", "-x", "-u", self.user))
        daemon.wait_for_log("Selected source")
        role = until("the resolver", lambda: self.process_of("gnomon-resolve", daemon))
        os.kill(role, signal.SIGKILL)
        daemon.wait_for_log("gnomon-resolve was killed by SIGKILL: restarted")
        until("another", lambda: self.process_of("gnomon-resolve", daemon) not in (None, role))
        self.assertFalse(pathlib.Path(f"/proc/{role}").exists())
        self.assertEqual(0, daemon.stop())

    @staticmethod
    def process_of(program, daemon):
        """Of this container: its grandparent is ours."""
        parents = {}
        for entry in pathlib.Path("/proc").iterdir():
            try:
                name, rest = (entry / "stat").read_text(encoding="utf-8").split("(", 1)[1].rsplit(")", 1)
                parents[int(entry.name)] = (name, int(rest.split()[1]))
            except (OSError, ValueError, IndexError):
                continue
        for pid, (name, parent) in parents.items():
            if name == program[:15] and parents.get(parent, (0, 0))[1] == daemon.process.pid:
                return pid
        return None

    @unittest.skipUnless(surroundings.CHRONYD, "needs chronyd")
    def test_chronyd_there(self):
        for name, settings, options in (
                ("docker", self.of_root(), ("-u", self.user, "-d", "-x", "-L", "0")),
                ("user 1000", Container(uid=1000, gid=1000, capabilities=(), writable=("/run",), owner=1000),
                 ("-d", "-x", "-U", "-u", self.user)),
                ("no capabilities", self.of_root(capabilities=()), ("-d", "-x", "-u", self.user))):
            port = surroundings.free_port()
            daemon = self.contain(f"chronyd {name}", settings, self.lines(port, "pidfile /run/pid", "bindcmdaddress /"), options,
                                  surroundings.CHRONYD)
            until("it answers or ends", lambda: not daemon.is_running() or self.answer(port))
            print(f"chronyd, {name}: {'serves' if daemon.is_running() else daemon.log.splitlines()[-1]}", flush=True)


if __name__ == "__main__":
    unittest.main()
