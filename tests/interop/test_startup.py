#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What stops gnomond from starting, and what it says then; and what does not stop it."""

import os
import pathlib
import re
import socket
import subprocess
import unittest

import surroundings
from daemons import Daemon, Scene, client_line, server_lines, until


class Startup(Scene):
    def configuration(self, *lines):
        path = self.folder / "gnomon.conf"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    def test_every_error_of_a_configuration_is_shown_and_nothing_is_started(self):
        path = self.configuration("server 192.0.2.1 ibrust", "prot 123", "minsources many", "allow 10.0.0.0/99")
        done, _ = self.run_once("-d", "-x", "-f", path)
        self.assertEqual(1, done.returncode)
        for line, word in ((1, "iburst"), (2, "port"), (3, "many"), (4, "99")):
            self.assertRegex(done.stderr, rf"{path}:{line}:\d+: .*{word}")
        self.assertRegex(done.stderr, r"gnomond: configuration has 4 errors, not starting\n$")

    def test_errors_of_directives_on_the_command_line(self):
        done, _ = self.run_once("-d", "-x", "prot 123")
        self.assertEqual(1, done.returncode)
        self.assertIn("argument 1", done.stderr)
        self.assertIn("configuration has 1 error, not starting", done.stderr)

    def test_debugging_messages_tell_of_each_answer(self):
        server = self.start_server()
        for name, options in (("twice", ("-x", "-d")), ("level", ("-x", "-L", "-1")), ("usual", ("-x",))):
            client = self.start(name, client_line(server, "127.0.0.1"), options=options)
            client.wait_until_selected("127.0.0.1")
            said = client.log
            self.assertEqual(name != "usual", "Found saved message for 127.0.0.1: when it left, by the kernel" in said, said)
            self.assertEqual(name != "usual", re.search(r"Measurement: .* 127\.0\.0\.1 .* 111 111 1111 ", said) is not None, said)
            client.stop()

    def test_who_asks_for_the_filter_is_told_in_chrony_s_words(self):
        for name, options, said in (("one", ("-F", "1"), "Loaded seccomp filter (level 1)"), ("less", ("-F", "-1"), "(level -1)"), ("usual", (), "")):
            daemon = self.start(name, "port 0", options=("-x", *options)).wait_until_ready()
            status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii")
            if "Seccomp:\t0" not in status:  # a build with a sanitizer has none
                self.assertIn(said, daemon.log)
            self.assertEqual("Seccomp:\t0" not in status and said != "", "Loaded seccomp filter" in daemon.log, daemon.log)

    def test_a_missing_configuration_file_is_named(self):
        done, _ = self.run_once("-d", "-x", "-f", str(self.folder / "nowhere.conf"))
        self.assertEqual(1, done.returncode)
        self.assertIn("nowhere.conf", done.stderr)

    @unittest.skipUnless(surroundings.IS_ROOT, "root alone writes where others may not")
    def test_a_link_that_others_put_in_the_log_file_s_place_is_not_followed(self):
        precious = self.folder / "precious"
        precious.write_text("kept\n", encoding="ascii")
        theirs = self.state_folder("theirs")
        (theirs / "log").symlink_to(precious)
        ours = self.state_folder("ours", owner="root")
        (ours / "log").symlink_to(self.folder / "elsewhere.log")
        for folder in (theirs, ours):
            done, _ = self.run_once("-Q", "-t", "1", "-l", str(folder / "log"), "-f", self.configuration("server 127.0.0.1 port 9"))
            self.assertEqual(1, done.returncode)
            self.assertEqual(folder is theirs, "Could not open the log file" in done.stderr, done.stderr)
        self.assertEqual("kept\n", precious.read_text(encoding="ascii"))
        self.assertTrue((self.folder / "elsewhere.log").exists())

    @unittest.skipUnless(surroundings.OWN_NETWORK, "needs the right to make namespaces")
    def test_started_as_chronyd_it_reads_chrony_s_configuration(self):
        chronyd = self.folder / "chronyd"
        chronyd.symlink_to(surroundings.PROGRAM)
        for file in ("/etc/chrony/chrony.conf", "/etc/chrony.conf"):
            as_there = f"mount -t tmpfs none /etc && mkdir -p {os.path.dirname(file)} && echo 'port 1123' >{file} && exec {chronyd} -p"
            done = subprocess.run(["unshare", "-m", "sh", "-c", as_there], capture_output=True, text=True, check=False)
            self.assertEqual(("port 1123\n", ""), (done.stdout, done.stderr))
        said = subprocess.run([chronyd, "-v"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(said, r"^chronyd \(chrony\) version 4\.\d+ .*spoken by gnomon ")
        spoken = said.split()[3]
        done = subprocess.run([chronyd, "-x", "-Q", "-t", "1", "server 127.0.0.1 port 9"], capture_output=True, text=True, check=False)
        self.assertRegex(done.stderr, rf"chronyd version {spoken} starting \(gnomon [\d.]+\)\n")

    def test_nobody_need_read_the_messages_of_the_start(self):
        reader, writer = os.pipe()
        os.close(reader)
        control = self.folder / "control"
        configuration = self.configuration("port 0", "cmdport 0", f"pidfile {self.folder}/pid", f"controlsocket {control}",
                                           f"bindcmdaddress {self.folder}/chronyd.sock", "refclock SHM 77 refid SHM lock NOPE")
        daemon = subprocess.Popen([surroundings.PROGRAM, "-x", "-d", "-f", configuration, *self.user_options()], stdin=subprocess.DEVNULL,
                                  stdout=writer, stderr=writer)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        os.close(writer)
        ask = [surroundings.CONTROL_PROGRAM, "--socket", str(control), "tracking"]
        until("it answers, or has ended", lambda: daemon.poll() is not None
              or subprocess.run(ask, capture_output=True, timeout=surroundings.PATIENCE, check=False).returncode == 0)
        daemon.terminate()
        self.assertEqual(0, daemon.wait(surroundings.PATIENCE))

    def test_a_configuration_may_be_what_a_program_writes(self):
        done = subprocess.run([surroundings.PROGRAM, "-p", "-f", "/dev/stdin"], input="port 1123\n" + "# long\n" * 20000,
                              capture_output=True, text=True, check=False)
        self.assertEqual((0, "port 1123\n", ""), (done.returncode, done.stdout, done.stderr))
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        done, _ = self.run_once("-p", f"include {pipe}")  # which nobody may ever write to
        self.assertEqual(1, done.returncode)
        self.assertIn("it is a FIFO, not a file", done.stderr)

    def test_a_lock_that_no_reference_clock_has_is_named(self):
        client = self.start("client", f"refclock SOCK {self.folder}/sock lock NOPE", "refclock SHM 77 refid NMEA", "server 127.0.0.1 port 9")
        client.wait_for_log("Invalid lock refid NOPE: no reference clock has it, so the system clock numbers the pulses of SOC0")

    def test_an_unknown_option_is_refused(self):
        done, _ = self.run_once("-Z")
        self.assertEqual(1, done.returncode)
        self.assertIn("-Z", done.stderr + done.stdout)

    def test_the_frequency_of_the_driftfile_is_told_once(self):
        folder = self.state_folder("drift")
        (folder / "drift").write_text("1.5 0.25\n", encoding="ascii")
        server = self.start_server()
        client = self.start("client", f"server 127.0.0.1 port {server.port} iburst", f"driftfile {folder}/drift")
        client.wait_until_selected("127.0.0.1")
        told = [line for line in client.log.splitlines() if "Frequency 1.500" in line]
        self.assertEqual(1, len(told), told)
        self.assertIn("Frequency 1.500 +/- 0.250 ppm read from", told[0])

    def test_a_stale_pid_file_keeps_nobody_from_starting(self):
        """As in a container that was killed: the number is another process's now."""
        folder = self.state_folder("stale")
        (folder / "gnomond.pid").write_text("1\n", encoding="ascii")
        daemon = self.start("stale", "port 0").wait_until_ready()
        self.assertEqual(f"{daemon.process.pid}\n", daemon.pid_file.read_text(encoding="ascii"))

    def test_a_file_that_may_not_grow_is_an_error_like_a_full_disk(self):
        pid_file = self.state_folder("limit") / "gnomond.pid"
        configuration = self.configuration("port 0", "controlsocket /", "bindcmdaddress /", "cmdport 0", f"pidfile {pid_file}")
        started = subprocess.run(["prlimit", "--fsize=0", surroundings.PROGRAM, "-d", "-x", *self.user_options(), "-f", configuration],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=False)
        self.assertEqual(1, started.returncode, started.stdout)
        self.assertRegex(started.stdout, "Could not write the pid file .*File too large")

    def test_sources_that_are_none_here_are_named(self):
        clocks = self.start("clocks", "refclock PPS /dev/no-such-pps", "port 0").wait_until_ready()
        self.assertIn("The only configured sources give pulses without a time", clocks.log)

    def test_too_few_open_files_are_named_and_as_many_as_chronyd_needs_are_enough(self):
        for limit, refused in ((32, False), (18, True)):
            with self.subTest(limit):
                done = subprocess.run(["bash", "-c", f'ulimit -n {limit}; exec timeout 20 "$@"', "bash", surroundings.PROGRAM, "-d", "-x", "-t", "3",
                                       *self.user_options(), "port 0", "cmdport 0", "server 127.0.0.1 port 1", "pidfile /",
                                       f"controlsocket {self.folder}/control{limit}", "bindcmdaddress /"], capture_output=True, text=True, check=False,
                                      stdin=subprocess.DEVNULL)
                self.assertEqual(refused, "too few files may be open: raise LimitNOFILE= of the service" in done.stderr, done.stderr)
                self.assertEqual(refused, "Fatal error" in done.stderr, done.stderr)

    def test_a_port_in_use_is_a_sentence(self):
        held = self.hold_port(socket.SOCK_DGRAM)
        port = held.getsockname()[1]
        done, _ = self.run_once("-d", "-x", f"port {port}", "allow", "bindaddress 127.0.0.1", "controlsocket /",
                                "pidfile /")
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, rf"127\.0\.0\.1:{port}.*in use")
        self.assertIn("port", done.stderr)

    def test_the_clock_needs_a_privilege_or_an_option(self):
        done, _ = self.run_once("-d", "port 0", "controlsocket /", "pidfile /", "server 127.0.0.1 port 1")
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, r"-x")
        self.assertRegex(done.stderr, r"root|CAP_SYS_TIME")

    @unittest.skipUnless(surroundings.IS_ROOT, "only root changes users")
    def test_an_unknown_user_is_a_sentence_with_a_remedy(self):
        done = subprocess.run([surroundings.PROGRAM, "-d", "-x", "-u", "no-such-user", "port 0", "controlsocket /",
                               "pidfile /"], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stderr, r"no-such-user")
        self.assertRegex(done.stderr, r"user|-u")

    def test_a_second_daemon_is_refused_by_the_pid_file(self):
        first = self.start("first", "port 0", "server 127.0.0.1 port 1").wait_until_ready()
        done, _ = self.run_once("-d", "-x", "-f", str(first.configuration))
        self.assertEqual(1, done.returncode)
        self.assertIn(str(first.process.pid), done.stderr)
        self.assertTrue(first.is_running())
        self.assertIsNotNone(first.ask("tracking"))

    def test_leftovers_of_a_killed_daemon_are_no_obstacle(self):
        first = self.start("daemon", "port 0", "server 127.0.0.1 port 1").wait_until_ready()
        first.process.kill()
        first.process.wait()
        self.assertTrue(first.pid_file.exists())
        until("its core ends too", lambda: first.ask("tracking") is None)
        self.start("daemon", "port 0", "server 127.0.0.1 port 1").wait_until_ready()

    def test_directives_without_effect_are_named_once(self):
        daemon = self.start("daemon", "port 0", "server 127.0.0.1 port 1", "dumponexit", "dumponexit")
        daemon.wait_until_ready()
        self.assertEqual(1, len([line for line in daemon.log.splitlines() if "without effect" in line]))
        self.assertIn("dumponexit", daemon.log)

    def test_sockets_of_the_service_manager_are_used(self):
        manager = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(("127.0.0.1", 0))
        port = manager.getsockname()[1]
        # What systemd does: the socket on descriptor 3, and the environment that says so, for that process.
        shell = ('n=$1; shift; [ "$n" = 3 ] || eval "exec 3<&$n $n<&-"; '
                 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=ntp exec "$@"')
        folder = self.state_folder("daemon")
        log = folder / "log"
        arguments = [surroundings.PROGRAM, "-n", "-L", "-1", "-l", str(log), "-x", *self.user_options(), f"port {port}", "allow 127.0.0.1",
                     "bindaddress 127.0.0.1", "local", f"controlsocket {folder}/control", "pidfile /",
                     "bindaddress ::1"]
        daemon = Daemon(self, "daemon", ["bash", "-c", shell, "bash", str(manager.fileno()), *arguments],
                        pass_fds=[manager.fileno()])
        until("the control socket", lambda: os.path.exists(f"{folder}/control") or not daemon.is_running())
        manager.close()
        request = b"\x23" + bytes(39) + b"\x01\x02\x03\x04\x05\x06\x07\x08"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", port))
            client.settimeout(0.5)

            def answered():
                self.assertTrue(daemon.is_running())
                try:
                    client.send(request)
                    return client.recv(1024)
                except OSError:
                    return None

            self.assertEqual(request[40:48], until("an answer", answered)[24:32])
        self.assertIn(f"Reusing UDPv4 socket fd=3 local=127.0.0.1:{port}\n", log.read_text(encoding="utf-8"))


class Daemonising(Scene):
    def test_without_n_the_shell_gets_its_prompt_when_all_is_ready(self):
        folder = self.state_folder("daemon")
        done, _ = self.run_once("-x", "port 0", "server 127.0.0.1 port 1", f"controlsocket {folder}/control",
                                f"pidfile {folder}/pid", "-l", str(folder / "log"))
        self.assertEqual(0, done.returncode, done.stderr)
        pid = int((folder / "pid").read_text(encoding="ascii"))
        try:
            answer = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(folder / "control"), "tracking"],
                                    capture_output=True, text=True, check=False)
            self.assertEqual(0, answer.returncode, answer.stderr)
        finally:
            os.kill(pid, 15)
            until("the daemon ends", lambda: not os.path.exists(f"/proc/{pid}"))

    def test_256_kib_of_stack_are_enough_for_every_process(self):
        """gnomond says so where one dies by SIGSEGV. With 64 KiB each, they do not get as far as this."""
        limit = 256 * 1024
        with_limit = ("prlimit", f"--stack={limit}:{limit}")
        authority = self.authority()
        certificate = authority.issue("server")
        port, ke_port = surroundings.free_port(), surroundings.free_port()
        server = self.start("server", *server_lines(port, ke_port, certificate), f"metricsaddress 127.0.0.1 {surroundings.free_port()}",
                            wrapper=with_limit).wait_until_ready()
        client = self.start("client", f"server localhost port {port} nts ntsport {ke_port} iburst minpoll 0 maxpoll 0", "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}", wrapper=with_limit)
        client.wait_until_selected("localhost")
        for program in ("gnomon-core", "gnomon-ntske", "gnomon-resolve"):
            for daemon in (server, client):
                for pid in daemon.children(program):
                    limits = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
                    self.assertRegex(limits, rf"Max stack size +{limit} +{limit} ")
        self.assertIsNotNone(client.ask("explain"))
        self.assertEqual([0, 0], [client.stop(), server.stop()])

    def test_what_goes_wrong_at_the_start_is_the_exit_status_of_the_shell_command(self):
        held = self.hold_port(socket.SOCK_DGRAM)
        done, _ = self.run_once("-x", f"port {held.getsockname()[1]}", "allow", "bindaddress 127.0.0.1",
                                "controlsocket /", "pidfile /")
        self.assertEqual(1, done.returncode)
        self.assertIn("in use", done.stderr)


if __name__ == "__main__":
    unittest.main()
