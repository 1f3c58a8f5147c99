#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be changed while gnomond runs: who is served, and the file of -l; and how its processes are scheduled."""

import json
import pathlib
import re
import socket
import subprocess
import unittest

import surroundings
from daemons import Scene, until


def is_answered(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.3)
        client.sendto(b"\x23" + bytes(39) + b"12345678", ("127.0.0.1", port))
        try:
            return len(client.recv(2048)) == 48
        except (TimeoutError, ConnectionRefusedError):
            return False


def control(daemon, *words):
    return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), *words], capture_output=True,
                          text=True, check=False)


@unittest.skipUnless(surroundings.CHRONYC, "chrony is not installed")
@unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
class Access(Scene):
    """Through stock chronyc."""

    def start_serving(self, *lines):
        port = surroundings.free_port()
        folder = self.state_folder("run", mode=0o700)
        daemon = self.start("server", "local", f"port {port}", f"bindcmdaddress {folder}/chronyd.sock", *lines)
        daemon.command_socket = folder / "chronyd.sock"
        daemon.port = port
        return daemon.wait_until_ready()

    def chronyc(self, daemon, *words):
        return subprocess.run([surroundings.CHRONYC, "-h", str(daemon.command_socket), *words], capture_output=True, text=True,
                              check=False).stdout

    def test_an_allow_opens_the_port_that_nobody_needed_before(self):
        daemon = self.start_serving()
        self.assertFalse(is_answered(daemon.port))
        self.assertEqual("200 OK\n", self.chronyc(daemon, "allow", "127.0.0.1"))
        until("it is answered", lambda: is_answered(daemon.port))
        self.assertEqual("200 OK\n", self.chronyc(daemon, "deny", "127.0.0.1"))
        self.assertFalse(is_answered(daemon.port))
        self.assertEqual("200 OK\n", self.chronyc(daemon, "allow", "all"))
        until("it is answered again", lambda: is_answered(daemon.port))

    def test_many_who_allow_at_once_open_it_once(self):
        daemon = self.start_serving()
        call = json.dumps({"method": "io.gnomon.Control.ChangeAccess", "parameters": {"list": "ntp", "allow": True}})
        with socket.socket(socket.AF_UNIX) as operator:
            operator.connect(str(daemon.socket))
            operator.sendall((call + "\0").encode() * 50)
            replies = b""
            while replies.count(b"\0") < 50:
                more = operator.recv(4096)
                self.assertTrue(more, daemon.log)
                replies += more
        until("it is answered", lambda: is_answered(daemon.port))
        self.assertTrue(daemon.is_running(), daemon.log)

    def test_a_port_that_another_has_is_told_and_tried_again(self):
        daemon = self.start_serving()
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
            other.bind(("::", daemon.port))
            self.assertEqual("200 OK\n", self.chronyc(daemon, "allow"))
            daemon.wait_for_log("Nobody is served: .*another server has the port")
        self.assertEqual("200 OK\n", self.chronyc(daemon, "allow"))
        until("it is answered", lambda: is_answered(daemon.port))

    def test_a_port_that_is_closed_stays_closed(self):
        daemon = self.start_serving("port 0")
        self.assertNotEqual("200 OK\n", self.chronyc(daemon, "allow"))

    def start_with_nts(self, *lines):
        """A server, and how gnomond -Q ends that may ask it for so many seconds."""
        authority = self.authority()
        certificate = authority.issue("server")
        ke_port = surroundings.free_port()
        daemon = self.start_serving(*lines, f"ntsservercert {certificate[0]}", f"ntsserverkey {certificate[1]}",
                                    f"ntsport {ke_port}")
        words = (f"server 127.0.0.1 port {daemon.port} nts ntsport {ke_port} iburst maxsamples 1", "nosystemcert",
                 f"ntstrustedcerts {authority.certificate}")
        return daemon, lambda seconds: self.run_once("-Q", "-t", str(seconds), *words)[0].returncode

    def test_nts_is_served_to_who_is_allowed_later(self):
        daemon, question = self.start_with_nts()
        self.assertEqual(1, question(4))
        self.assertEqual("200 OK\n", self.chronyc(daemon, "allow", "127.0.0.1"))
        until("it is answered", lambda: is_answered(daemon.port))
        self.assertEqual(0, question(30))

    def test_nts_ke_hears_of_it_and_so_do_its_successors(self):
        daemon, question = self.start_with_nts("allow")
        self.assertEqual(0, question(30))
        self.assertEqual("200 OK\n", self.chronyc(daemon, "deny", "127.0.0.1"))
        self.assertEqual(1, question(4))
        before = set(daemon.children("gnomon-ntske", "server"))
        self.assertEqual(0, control(daemon, "rekey").returncode)
        until("another process serves", lambda: set(daemon.children("gnomon-ntske", "server")) - before)
        self.assertEqual(1, question(4))
        self.assertEqual("200 OK\n", self.chronyc(daemon, "allow", "127.0.0.1"))
        self.assertEqual(0, question(30))


class LogFile(Scene):
    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_cyclelogs_opens_the_file_of_l_again(self):
        folder = self.state_folder("logs", owner="root")
        file, renamed = folder / "log", folder / "log.1"
        daemon = self.start("logging", options=("-x", "-l", str(file))).wait_until_ready()
        until("the core has written", lambda: "version" in file.read_text(encoding="utf-8"))
        file.rename(renamed)
        self.assertEqual(0, control(daemon, "cyclelogs").returncode)
        until("there is another file", file.exists)
        self.assertEqual(0, control(daemon, "add", "server", "127.0.0.9").returncode)
        until("the core writes to it", lambda: "Added source 127.0.0.9" in file.read_text(encoding="utf-8"))
        daemon.stop()
        self.assertIn("exiting", file.read_text(encoding="utf-8"))
        self.assertNotIn("127.0.0.9", renamed.read_text(encoding="utf-8"))

    def test_what_the_roles_say_as_the_start_fails_is_in_the_file(self):
        file = self.state_folder("logs", owner="root") / "log"
        done, _ = self.run_once("-x", "-n", "-l", str(file), "cmdport 0", "bindcmdaddress /", "controlsocket /", "pidfile /",
                                "driftfile /no/such/folder/drift", "server 127.0.0.1 port 9", "-t", "0.2")
        self.assertEqual(1, done.returncode)
        self.assertRegex(file.read_text(encoding="utf-8"), r"version [\d.]+ starting")


@unittest.skipUnless(surroundings.IS_ROOT, "takes rights that only root has")
class Scheduling(Scene):
    def test_locked_memory_and_the_priority_of_those_who_keep_the_time(self):
        daemon = self.start("real-time", "lock_all", "sched_priority 2")
        until("it is ready, or may not do that", lambda: daemon.ask("tracking") or not daemon.is_running())
        if not daemon.is_running():
            self.assertRegex(daemon.log, "Could not (lock the memory|allow the real-time priority)")
            self.skipTest("these rights are not to be had here")
        for program, policy, priority in (("gnomon-core", "1", "2"), ("gnomon-resolve", "0", "0")):
            with self.subTest(program):
                # The core answers before the other roles have started.
                until("it has confined itself", lambda: any(map(daemon.has_confined_itself, daemon.children(program))))
                (pid,) = daemon.children(program)
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
                self.assertEqual((policy, priority), (stat[38], stat[37]))
                status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
                self.assertGreater(int(re.search(r"VmLck:\s*(\d+)", status)[1]), 1000)
                self.assertRegex(status, r"CapEff:\s*0+\n")


if __name__ == "__main__":
    unittest.main()
