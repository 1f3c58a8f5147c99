#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles that die: what heals, and what ends the service."""

import os
import signal
import sys
import unittest

import surroundings
from daemons import Scene, client_line, kill, until

# With -U and without the capability the clock helper runs and refuses to move the clock.
WITH_CLOCK = ("-U",)


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


class Healing(Scene):
    def protected_server(self, **how):
        authority = self.authority()
        server = self.start_server(certificate=authority.issue("server"), **how)
        return server, ["nosystemcert", f"ntstrustedcerts {authority.certificate}"]

    def replaced(self, daemon, program, *words):
        """Kills that role and waits for its successor."""
        (old,) = until("one to be replaced", lambda: daemon.children(program, *words))
        kill(old)
        daemon.wait_for_log(r"was killed by SIGKILL: restarted")
        return until("a new process", lambda: [pid for pid in daemon.children(program, *words) if pid != old])[0]

    def test_a_dead_key_establishment_server_is_replaced(self):
        server, trust = self.protected_server()
        self.replaced(server, "gnomon-ntske", "server")
        client = self.start("client", client_line(server, nts=True), *trust)
        client.wait_until_selected("127.0.0.1")

    def test_a_dead_key_establishment_client_is_replaced(self):
        server, trust = self.protected_server()
        quiet = f"server 127.0.0.1 port {server.port} nts ntsport {server.ke_port} iburst minpoll 0 maxpoll 0"
        client = self.start("client", quiet, *trust)
        client.wait_until_ready()
        self.replaced(client, "gnomon-ntske", "client")
        client.wait_until_selected("127.0.0.1")

    def test_a_dead_resolver_is_replaced(self):
        server = self.start_server()
        client = self.start("client", client_line(server, "localhost")).wait_until_ready()
        self.replaced(client, "gnomon-resolve")
        client.wait_until_selected("localhost")

    def test_a_role_that_ends_again_and_again_says_its_first_messages_once(self):
        daemon = self.start("ours", "server 127.0.0.1 port 9 nts", "nosystemcert", f"ntstrustedcerts {self.folder}/nowhere")
        daemon.wait_until_ready()
        daemon.wait_for_log("nowhere")
        said = daemon.log.count("nowhere")
        for _ in range(3):
            successor = self.replaced(daemon, "gnomon-ntske", "client")
            # What it lacks it says before that, and who is killed earlier says nothing.
            until("it has confined itself", lambda pid=successor: daemon.has_confined_itself(pid))
        self.assertEqual(said, daemon.log.count("nowhere"), daemon.log)
        daemon.stop()  # the last one says how many were left out
        self.assertIn("nowhere: No such file or directory (and 2 more like this", daemon.log)

    def ends_with_a_sentence(self, program, options):
        daemon = self.start("daemon", "port 0", "server 127.0.0.1 port 1", options=options).wait_until_ready()
        (pid,) = daemon.children(program)
        kill(pid)
        self.assertNotEqual(0, daemon.wait())
        self.assertRegex(daemon.log, rf"{program} was killed by SIGKILL: .*gnomond .*stops")
        for role in ("gnomon-core", "gnomon-clock", "gnomon-resolve"):
            self.assertEqual([], daemon.children(role))
        self.assertFalse(daemon.pid_file.exists())

    def test_a_dead_core_ends_the_service(self):
        self.ends_with_a_sentence("gnomon-core", ("-x",))

    def test_a_dead_clock_helper_ends_the_service(self):
        self.ends_with_a_sentence("gnomon-clock", WITH_CLOCK)

    def test_signals_that_were_left_ignored_or_blocked_hide_no_process_that_ends(self):
        wrapper = (sys.executable, "-c", "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); "
                   "[signal.signal(each, signal.SIG_IGN) for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP)]; "
                   "os.execv(sys.argv[1], sys.argv[1:])")
        lines = "port 0", "server localhost port 1"
        daemon = self.start("healed", *lines, wrapper=wrapper).wait_until_ready()
        self.replaced(daemon, "gnomon-resolve")
        self.assertEqual(0, daemon.stop())
        self.assertNotIn("did not exit", daemon.log)
        daemon = self.start("ended", *lines, wrapper=wrapper).wait_until_ready()
        kill(*daemon.children("gnomon-core"))
        self.assertNotEqual(0, daemon.wait())

    def test_an_order_to_stop_ends_everything_with_status_0(self):
        server, _ = self.protected_server()
        programs = "gnomon-core", "gnomon-ntske", "gnomon-resolve"
        until("all are there", lambda: all(server.children(program) for program in programs))
        roles = [pid for program in programs for pid in server.children(program)]
        self.assertEqual(0, server.stop())
        for pid in roles:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertFalse(server.pid_file.exists())
        self.assertFalse(server.socket.exists())

    def test_a_core_that_hangs_is_killed(self):
        daemon = self.start("daemon", "port 0", "server 127.0.0.1 port 1").wait_until_ready()
        (core,) = daemon.children("gnomon-core")
        os.kill(core, signal.SIGSTOP)
        self.assertEqual(1, daemon.stop())
        self.assertIn("gnomon-core did not exit and is killed", daemon.log)

    @unittest.skipUnless(surroundings.IS_ROOT, "only root can drop privileges")
    def test_roles_run_without_privileges(self):
        server, trust = self.protected_server()
        client = self.start("client", client_line(server, nts=True), *trust, options=WITH_CLOCK).wait_until_ready()
        for daemon, programs in ((server, ("gnomon-core", "gnomon-resolve", "gnomon-ntske")),
                                 (client, ("gnomon-core", "gnomon-resolve", "gnomon-ntske", "gnomon-clock"))):
            for program in programs:
                for pid in daemon.children(program):
                    # A role may be a moment behind the daemon.
                    until(f"{program} is confined", lambda: daemon.has_confined_itself(pid) and status_of(pid)["Uid"][0] != "0")
                    status = status_of(pid)
                    with self.subTest(program):
                        self.assertNotIn("0", status["Uid"].split())
                        self.assertEqual(0, int(status["CapEff"], 16))
                        self.assertEqual(0, int(status["CapBnd"], 16))
                        self.assertEqual("1", status["NoNewPrivs"])

    def test_several_key_establishment_processes_share_the_port(self):
        authority = self.authority()
        server = self.start_server(certificate=authority.issue("server"), extra=["ntsprocesses 3"])
        until("there are three", lambda: len(server.children("gnomon-ntske", "server")) == 3)
        client = self.start("client", client_line(server, nts=True), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        client.wait_until_selected("127.0.0.1")


if __name__ == "__main__":
    unittest.main()
