#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What gnomond's processes send to the journal: every message an event of the catalog, with its fields."""

import os
import pathlib
import re
import socket
import subprocess
import unittest

import journal_socket
import surroundings
from daemons import Gnomond, Scene, client_line, kill, server_lines, until

OWN_RUN_FOLDER = journal_socket.enter_own_run_folder()
CATALOG = pathlib.Path(os.environ["GNOMON_CATALOG"]).read_text(encoding="utf-8")
TABLE = "".join(path.read_text(encoding="utf-8")
                for path in pathlib.Path(surroundings.SOURCE_ROOT, "base/events").glob("*.inc"))
EVENTS = {name: (identifier, level) for name, identifier, level in
          re.findall(r'GNOMON_EVENT\(\s*(\w+),\s*"([0-9a-f]{32})",\s*(\w+)', TABLE)}
FIELDS = set(re.findall(r'GNOMON_FIELD\(\s*\w+, "(\w+)"', TABLE)) | {
    "MESSAGE", "MESSAGE_ID", "PRIORITY", "SYSLOG_IDENTIFIER", "GNOMON_EVENT", "GNOMON_ROLE", "GNOMON_SUPPRESSED"}
PRIORITIES = {"critical": "2", "error": "3", "warning": "4", "notice": "5", "info": "6", "debug": "7"}


class Service(Gnomond):
    """gnomond with the journal on its standard error, as systemd says it: by device and inode."""

    def __init__(self, scene, name, lines, options=("-x",)):
        log = scene.folder / f"{name}.log"
        log.touch()
        about = log.stat()
        environment = {**os.environ, "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"}
        super().__init__(scene, name, lines, options, environment=environment)


@unittest.skipUnless(OWN_RUN_FOLDER, "only root has a /run of its own")
class ToTheJournal(Scene):
    def setUp(self):
        super().setUp()
        self.journal = journal_socket.Journal()
        self.addCleanup(lambda: self.journal.close())
        self.addCleanup(lambda: [each.stop() for each in self.daemons])

    def heard(self, **fields):
        return until(f"a message with {fields}", lambda: self.journal.said(**fields))

    def assert_every_message_is_of_the_catalog(self):
        for message in self.journal.messages:
            self.assertIn(message.get("GNOMON_EVENT"), EVENTS, message)
            identifier, level = EVENTS[message["GNOMON_EVENT"]]
            self.assertEqual(identifier, message.get("MESSAGE_ID"), message)
            self.assertEqual(PRIORITIES[level], message.get("PRIORITY"), message)
            self.assertEqual("gnomond", message.get("SYSLOG_IDENTIFIER"), message)
            self.assertIn(message.get("GNOMON_ROLE"),
                          {"launcher", "core", "clock", "resolve", "ntske-server", "ntske-client"}, message)
            self.assertTrue(message.get("MESSAGE"), message)
            self.assertLessEqual(set(message), FIELDS)
            self.assertIn(f"\n-- {message['MESSAGE_ID']}\n", CATALOG)

    def test_every_message_of_a_server_and_its_client_is_an_event_of_the_catalog(self):
        authority = self.authority()
        port, ke_port = surroundings.free_port(), surroundings.free_port()
        server = Service(self, "server", server_lines(port, ke_port, authority.issue("server")))
        server.port, server.ke_port = port, ke_port
        server.wait_until_ready()
        client = Service(self, "client", [client_line(server, "localhost", nts=True),
                                          "nosystemcert",
                                          f"ntstrustedcerts {authority.certificate}",
                                          "server 127.0.0.1 port 1 iburst minpoll 0 maxpoll 0", "dumponexit"])
        client.wait_until_ready()
        client.wait_until_selected("localhost")
        selected = self.heard(GNOMON_EVENT="selected_source", GNOMON_SOURCE="localhost")[0]
        self.assertEqual("core", selected["GNOMON_ROLE"])
        self.assertRegex(selected["MESSAGE"], r"^Selected source \S+ \(localhost\)$")
        self.assertRegex(selected["GNOMON_ADDRESS"], r"^(127\.0\.0\.1|::1)$")
        succeeded = self.heard(GNOMON_EVENT="ke_succeeded")[0]
        self.assertIn(succeeded["GNOMON_AEAD"], ("15", "30"))
        self.heard(GNOMON_EVENT="directives_without_effect", GNOMON_ROLE="launcher")
        client.stop()
        server.stop()
        self.heard(GNOMON_EVENT="daemon_exiting")
        self.assert_every_message_is_of_the_catalog()
        self.assertEqual(("", ""), (client.log, server.log))

    def test_a_failed_key_exchange_says_stage_and_reason_in_fields(self):
        client = Service(self, "client", [f"server 127.0.0.1 nts ntsport {surroundings.free_port()} iburst"])
        failed = self.heard(GNOMON_EVENT="ke_failed")[0]
        self.assertEqual("connection", failed["GNOMON_STAGE"])
        self.assertEqual("connection refused", failed["GNOMON_REASON"])
        self.assertEqual("127.0.0.1", failed["GNOMON_SOURCE"])
        self.assertGreater(float(failed["GNOMON_NEXT_TRY"]), 0)
        client.stop()
        self.assert_every_message_is_of_the_catalog()

    def test_each_process_speaks_for_itself_from_inside_its_sandbox(self):
        daemon = Service(self, "daemon", ["port 0", "server 127.0.0.1 port 1"]).wait_until_ready()
        kill(until("there is a resolver", lambda: daemon.children("gnomon-resolve"))[0])
        restarts = self.heard(GNOMON_EVENT="role_restarts", GNOMON_ROLE="launcher")[0]
        self.assertEqual("gnomon-resolve", restarts["GNOMON_PROCESS"])
        lost = self.heard(GNOMON_EVENT="helper_lost", GNOMON_ROLE="core")[0]
        self.assertEqual("gnomon-resolve", lost["GNOMON_PROCESS"])
        self.assertEqual(0, daemon.stop())
        self.assert_every_message_is_of_the_catalog()

    def test_what_repeats_is_left_out_and_counted(self):
        daemon = Service(self, "daemon", ["port 0", "server 127.0.0.1 port 1"]).wait_until_ready()
        killed = set()
        for _ in range(7):
            resolver = until("a new resolver", lambda: set(daemon.children("gnomon-resolve")) - killed).pop()
            kill(resolver)
            killed.add(resolver)
        until("the last one is noticed", lambda: set(daemon.children("gnomon-resolve")) - killed)
        self.assertEqual(5, len(self.journal.said(GNOMON_EVENT="role_restarts")))
        self.assertEqual(0, daemon.stop())
        told = self.journal.said(GNOMON_EVENT="role_restarts")
        self.assertEqual(6, len(told))
        self.assertEqual("1", told[-1]["GNOMON_SUPPRESSED"])
        self.assertIn("(and 1 more like this in the last 1 minute)", told[-1]["MESSAGE"])
        self.assert_every_message_is_of_the_catalog()

    def test_the_clock_helper_speaks_from_inside_its_sandbox(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs, open(self.folder / "clock.log", "ab") as log:
            about = os.fstat(log.fileno())
            environment = {"JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"}
            helper = subprocess.Popen(["/bin/sh", "-c", f'exec "$0" 3<&{theirs.fileno()}', os.environ["GNOMON_CLOCK"]],
                                      stderr=log, env=environment, pass_fds=[theirs.fileno()])
            ours.send(b"nonsense")
            self.assertEqual(1, helper.wait(surroundings.PATIENCE))
        broken = self.heard(GNOMON_EVENT="channel_broken", GNOMON_ROLE="clock")[0]
        self.assertEqual("not a request", broken["GNOMON_REASON"])
        self.assert_every_message_is_of_the_catalog()

    def test_a_fatal_error_is_critical(self):
        daemon = Service(self, "daemon", ["port 0", "server 127.0.0.1 port 1"], options=())
        self.assertEqual(1, daemon.wait())
        self.assertEqual("2", self.heard(GNOMON_EVENT="fatal_error")[0]["PRIORITY"])
        self.assert_every_message_is_of_the_catalog()

    def test_without_the_socket_the_stream_gets_the_text_with_its_priority(self):
        self.journal.close()
        daemon = Service(self, "daemon", ["port 0", "server 127.0.0.1 port 1", "dumponexit"])
        daemon.wait_until_ready()
        daemon.wait_for_log(r"(?m)^<6>gnomond version .* starting$")
        daemon.wait_for_log(r"(?m)^<4>Unsupported in this version")
        self.assertEqual(0, daemon.stop())

    def test_a_journal_that_goes_away_leaves_the_stream(self):
        daemon = Service(self, "daemon", ["port 0", "server 127.0.0.1 port 1"])
        daemon.wait_until_ready()
        self.heard(GNOMON_EVENT="daemon_starting")
        self.journal.close()
        self.assertEqual(0, daemon.stop())
        self.assertIn("<6>gnomond exiting\n", daemon.log)


if __name__ == "__main__":
    unittest.main(verbosity=1)
