#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `gnomonctl record` writes down of a running daemon, `gnomon-replay` decides again, word for word; a file that was cut or
altered is told from one that is whole, and whoever records disturbs nobody."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import unittest

import surroundings
from daemons import Scene, client_line, until
from plain_server import PlainServer
from test_explain import gnomonctl, varlink

REPLAY = os.environ["GNOMON_REPLAY"]
OFTEN = "iburst minpoll -4 maxpoll -4"


def replayed(path, *words):
    return subprocess.run([REPLAY, *words, str(path)], capture_output=True, text=True, check=False,
                          timeout=surroundings.PATIENCE)


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Recorded(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_chrony_server()
        self.path = os.path.join(self.folder, "clock.record")

    def client(self, *lines, **others):
        return self.start("client", "port 0", client_line(self.server, options=OFTEN), *lines, **others).wait_until_ready()

    def recording(self, daemon, *words):
        """gnomonctl at work; it has written the state already."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        command = [surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), "record", *words, self.path]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        until("the recording has begun", lambda: os.path.exists(self.path) and '"kind":"state"' in self.text())
        return process

    def text(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def end(self, process):
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=surroundings.PATIENCE)
        return process.returncode, said, complaint

    def recorded(self, daemon, meanwhile=lambda: None, inputs=40):
        """The path of a record that is whole, of so many inputs at least."""
        process = self.recording(daemon)
        meanwhile()
        until("enough has happened", lambda: self.text().count('"kind":"input"') > inputs)
        self.assertEqual((0, ""), self.end(process)[::2])
        return self.path

    def assert_same(self, path):
        done = replayed(path)
        self.assertEqual(0, done.returncode, done.stdout[-2000:] + done.stderr)
        self.assertIn("all as the daemon had made them", done.stderr)
        return done


class Same(Recorded):
    def test_a_start_is_decided_again(self):
        daemon = self.start("client", "port 0").wait_until_ready()
        words = client_line(self.server, options=OFTEN).split()

        def meanwhile():
            self.assertEqual(0, gnomonctl(daemon, "add", *words).returncode)
            daemon.wait_until_selected("127.0.0.1")

        done = self.assert_same(self.recorded(daemon, meanwhile))
        self.assertIn("127.0.0.1 is selected, best", done.stdout)
        self.assertIn("Selected source 127.0.0.1", done.stdout)

    def test_what_went_before_the_recording_is_known(self):
        daemon = self.client()
        daemon.wait_until_selected("127.0.0.1")
        until("there is a history", lambda: self.samples(daemon) > 20)
        done = self.assert_same(self.recorded(daemon, inputs=100))
        self.assertIn("frequency", done.stdout)

    def samples(self, daemon):
        return daemon.ask("sourcestats")["sources"][0]["samples"]

    def test_liars_and_commands_are_decided_again(self):
        liars = [PlainServer(offset=offset) for offset in (0.3, 0.31)]
        for liar in liars:
            self.addCleanup(liar.stop)
        lines = [f"server 127.0.0.1 port {liar.port} iburst minpoll 0 maxpoll 0" for liar in liars]
        daemon = self.client(lines[0])
        words = lines[1].split()[1:]

        def meanwhile():
            for command in (["add", "server", *words], ["reselect"], ["offline"], ["online"], ["local", "stratum", "8"],
                            ["local", "off"], ["reselectdist", "0.001"], ["reset", "sources"], ["burst", "2/4"]):
                done = gnomonctl(daemon, *command)
                self.assertEqual(0, done.returncode, (command, done.stderr))
            until("the liars are found", lambda: "falseticker" in self.text() or "no_majority" in self.text()
                  or "Can't synchronise" in self.text())

        self.assert_same(self.recorded(daemon, meanwhile, inputs=120))
        names = {line["input"] for line in lines_of(self.path) if line["kind"] == "input"}
        self.assertLessEqual({"add", "update", "tick", "command", "reset"}, names)

    def test_it_is_decided_again_as_json_too(self):
        daemon = self.client()
        path = self.recorded(daemon, lambda: daemon.wait_until_selected("127.0.0.1"))
        decisions = [json.loads(line) for line in replayed(path, "--json").stdout.splitlines()]
        recorded = [line["decided"] for line in lines_of(path) if "decided" in line]
        self.assertEqual(recorded, [each["decided"] for each in decisions])

    def test_the_end_of_the_daemon_is_the_end_of_the_record(self):
        daemon = self.client()
        process = self.recording(daemon)
        daemon.stop()
        complaint = process.communicate(timeout=surroundings.PATIENCE)[1]
        self.assertEqual(1, process.returncode)
        self.assertIn("ends before its time", complaint)
        self.assert_same(self.path)
        self.assertEqual("daemon_ended", lines_of(self.path)[-1]["reason"])

    def test_it_ends_after_the_time_that_was_asked_for(self):
        done = gnomonctl(self.client(), "record", "--for", "1s", self.path)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertEqual("time", lines_of(self.path)[-1]["reason"])
        self.assert_same(self.path)


class Format(Recorded):
    def test_packets_and_configuration_are_in_it_and_no_key(self):
        secret = "SecretOfTheKeyFile"
        keys = os.path.join(self.folder, "keys")
        with open(keys, "w", encoding="utf-8") as file:
            file.write(f"1 SHA1 ASCII:{secret}\n")
        daemon = self.client(f"keyfile {keys}")
        lines = lines_of(self.recorded(daemon))
        self.assertEqual(("record", 1), (lines[0]["kind"], lines[0]["format"]))
        self.assertIn(f"keyfile {keys}", [line["text"] for line in lines if line["kind"] == "configuration"])
        self.assertNotIn(secret, self.text())
        packets = [line for line in lines if line["kind"] == "packet"]
        self.assertGreater(len(packets), 10)
        for packet in packets:
            self.assertEqual(("127.0.0.1", self.server.port, 48), (packet["from"], packet["port"], packet["octets"]))
            self.assertLessEqual(packet["sent_ns"], packet["received_ns"])
            self.assertLess(abs(packet["server_received_ns"] - packet["sent_ns"]), 1e9)
        self.assertEqual(0o600, os.stat(self.path).st_mode & 0o777)

    @unittest.skipUnless(shutil.which("jq"), "needs jq")
    def test_jq_reads_it(self):
        path = self.recorded(self.client())
        program = ('select(.kind=="packet") | [.from, ((.server_received_ns-.sent_ns)+(.server_sent_ns-.received_ns))/2e9]')
        done = subprocess.run(["jq", "-c", program, path], capture_output=True, text=True, check=True)
        offsets = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertGreater(len(offsets), 10)
        for address, offset in offsets:
            self.assertEqual("127.0.0.1", address)
            self.assertLess(abs(offset), 0.1)

    def damaged(self, octets):
        path = os.path.join(self.folder, "damaged.record")
        with open(path, "wb") as file:
            file.write(octets)
        done = replayed(path)
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertRegex(done.stderr, r"damaged\.record:\d+: .*inputs before it were replayed")
        return done.stderr

    def test_a_cut_is_found_wherever_it_is(self):
        with open(self.recorded(self.client()), "rb") as file:
            whole = file.read()
        breaks = [at for at, octet in enumerate(whole) if octet == 10]
        cuts = {0, 1, len(whole) - 1, len(whole) - 2, *breaks[:5], *(at + 1 for at in breaks[:5] + breaks[-3:-1]),
                *random.Random(1).sample(range(len(whole)), 40)}
        for cut in sorted(cuts):
            with self.subTest(cut=cut):
                self.damaged(whole[:cut])

    def test_an_altered_octet_is_named_with_its_line(self):
        with open(self.recorded(self.client()), "rb") as file:
            whole = file.read()
        first = whole.index(b"\n") + 1
        chosen = random.Random(2)
        for at in [*range(first), *chosen.sample(range(len(whole)), 60)]:
            with self.subTest(at=at):
                altered = bytearray(whole)
                altered[at] = chosen.choice([octet for octet in range(256) if octet != whole[at]])
                line = whole[:at].count(b"\n") + 1
                self.assertIn(f"damaged.record:{line}:", self.damaged(bytes(altered)))

    def test_lines_that_are_missing_or_in_another_order_are_found(self):
        with open(self.recorded(self.client()), "rb") as file:
            lines = file.readlines()
        self.assertIn("another number", self.damaged(b"".join(lines[:5] + lines[6:])))
        self.assertIn("another number", self.damaged(b"".join([*lines[:5], lines[6], lines[5], *lines[7:]])))
        self.assertIn("follows the end", self.damaged(b"".join(lines + lines[-1:])))
        self.assertIn("follows the end", self.damaged(b"".join(lines) + b"x"))

    def test_its_help_has_examples(self):
        self.assertIn("\n  gnomon-replay clock.record ", replayed("--help").stdout)

    def test_what_is_no_record_is_said_to_be_none(self):
        for octets in (b"", b"\n", b"\0" * 4096, b"{}\n", os.urandom(4096)):
            self.damaged(octets)
        done = replayed(os.path.join(self.folder, "missing"))
        self.assertEqual(2, done.returncode)
        self.assertIn("No such file", done.stderr)
        done = replayed(self.folder)
        self.assertEqual((2, f"gnomon-replay: {self.folder}: Is a directory\n"), (done.returncode, done.stderr))


class Trouble(Recorded):
    def test_a_file_that_is_there_stays_unless_told(self):
        daemon = self.client()
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("precious")
        os.chmod(self.path, 0o644)
        done = gnomonctl(daemon, "record", "--for", "1s", self.path)
        self.assertEqual((1, "precious"), (done.returncode, self.text()))
        self.assertIn("--force", done.stderr)
        self.assertEqual(0, gnomonctl(daemon, "record", "--for", "1s", "--force", self.path).returncode)
        self.assertEqual(0o600, os.stat(self.path).st_mode & 0o777)
        self.assert_same(self.path)

    def test_a_full_disk_is_said_and_the_daemon_goes_on(self):
        daemon = self.client()
        done = gnomonctl(daemon, "record", "--force", "/dev/full")
        self.assertEqual(1, done.returncode)
        self.assertIn("No space left on device", done.stderr)
        daemon.wait_until_selected("127.0.0.1")

    def test_there_is_one_recording_at_a_time(self):
        daemon = self.client()
        process = self.recording(daemon)
        other = os.path.join(self.folder, "other.record")
        done = gnomonctl(daemon, "record", other)
        self.assertEqual((1, False), (done.returncode, os.path.exists(other)))
        self.assertIn("Another recording is under way", done.stderr)
        self.assertEqual(0, self.end(process)[0])
        until("another one may begin", lambda: gnomonctl(daemon, "record", "--force", "--for", "1s", other).returncode == 0)
        self.assert_same(other)

    def test_who_calls_without_more_is_told(self):
        (reply,) = varlink(self.client().socket, "io.gnomon.Control.Record", {})
        self.assertIn("`more`", reply["parameters"]["explanation"])

    def test_who_does_not_read_loses_lines_and_holds_up_nobody(self):
        often = "iburst minpoll -6 maxpoll -6"
        servers = [self.start_chrony_server(f"server{i}") for i in range(3)]
        daemon = self.start("fast", "port 0", *(client_line(server, options=often) for server in servers)).wait_until_ready()
        process = self.recording(daemon)
        process.send_signal(signal.SIGSTOP)
        self.addCleanup(process.send_signal, signal.SIGCONT)
        count = lambda: sum(each["total_rx"] for each in daemon.ask("ntpdata")["sources"])
        until("more has happened than there is memory for", lambda: count() > 6000, 4 * surroundings.PATIENCE)
        process.send_signal(signal.SIGCONT)
        until("it knows of the loss", lambda: '"kind":"lost"' in self.text())
        status, _, complaint = self.end(process)
        self.assertEqual(1, status)
        self.assertIn("lines were lost", complaint)
        done = replayed(self.path)
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertIn("lines were lost here", done.stderr)


if __name__ == "__main__":
    unittest.main()
