#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What gnomond does for a core that somebody else controls: it is stopped, and sends what no core sends. Root on x86-64,
otherwise the status is 77."""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

import private_etc  # noqa: E402
from daemons import Scene, until  # noqa: E402
from patience import PATIENCE  # noqa: E402

import injection  # noqa: E402
from attempts import CALLS  # noqa: E402

CHANNEL = 3
MSG_DONTWAIT, MSG_NOSIGNAL = 0x40, 0x4000
OPEN_SOURCES, STATUS, READ_CONFIGURATION, COMMAND_REPLY = 74, 65, 103, 117
ENOUGH = 2000  # messages: more than a channel takes unread


def frame(kind, payload=b"", number=0):
    return struct.pack(">BBHI", 1, kind, len(payload), number) + payload


def channel_of(core, name):
    """The number that its command line gives it."""
    words = pathlib.Path(f"/proc/{core}/cmdline").read_bytes().decode().split("\0")
    return next(int(word.split("=")[1]) for word in words if word.startswith(name + "="))


class CompromisedCore(Scene):
    def core_of(self, daemon):
        (core,) = until("there is a core", lambda: daemon.children("gnomon-core"))
        return core

    def storm(self, core, messages, descriptor=CHANNEL, seconds=3.0, at_least=0):
        """Sends them in turn for as long as they are taken, and waits where they are not; how many were taken. On a busy machine
        it takes longer until at_least are."""
        taken, end = 0, time.monotonic() + seconds
        latest = end + (PATIENCE if at_least else 0)
        with injection.Stopped(core) as stopped:
            while taken < ENOUGH and time.monotonic() < (end if taken >= at_least else latest):
                message = messages[taken % len(messages)]
                try:
                    sent = stopped.call(CALLS["sendto"], descriptor, message, len(message), MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0)
                except OSError:  # gnomond has ended it
                    break
                taken += sent == len(message)
                if sent != len(message):
                    time.sleep(0.002)
        return taken

    def assert_ends(self, daemon):
        daemon.process.send_signal(signal.SIGTERM)
        try:
            daemon.process.wait(20)
        except subprocess.TimeoutExpired:
            daemon.process.kill()
            self.fail("gnomond does not end by SIGTERM")

    def test_one_that_does_not_read_what_it_asks_for_holds_up_nobody(self):
        daemon = self.start("sources", "port 0", f"sourcedir {self.state_folder('folder')}").wait_until_ready()
        core = self.core_of(daemon)
        channel = channel_of(core, "sources-fd")
        # Not the first request of a round, which costs more than the others.
        self.assertGreater(self.storm(core, [frame(OPEN_SOURCES, b"\0")], channel), 100)
        until("the core is ended", lambda: "whose replies it does not read" in daemon.log)
        self.assert_ends(daemon)

    def test_one_that_is_ended_while_a_test_holds_it_still_is_seen_to_end(self):
        daemon = self.start("held", "port 0").wait_until_ready()
        core = self.core_of(daemon)
        with injection.Stopped(core):
            os.kill(core, signal.SIGKILL)
        self.assert_ends(daemon)

    def test_the_service_manager_hears_no_more_than_it_should(self):
        path = self.folder / "notify"
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(path))
        notify.settimeout(0.1)
        path.chmod(0o666)
        self.addCleanup(notify.close)
        heard, done = [], threading.Event()

        def listen():
            while not done.is_set():
                try:
                    heard.append(notify.recv(4096))
                except TimeoutError:
                    pass

        listener = threading.Thread(target=listen)
        listener.start()
        daemon = self.start("status", "port 0", environment={**os.environ, "NOTIFY_SOCKET": str(path)}).wait_until_ready()
        began = time.monotonic()
        taken = self.storm(self.core_of(daemon), [frame(STATUS, b"\1\1x"), frame(STATUS, b"\0\1y")], seconds=4, at_least=1001)
        self.assert_ends(daemon)
        done.set()
        listener.join()
        self.assertGreater(taken, 1000)
        # Some at once, then the newest once a second; and it is read all the while, as is what tells that it lives.
        self.assertLess(len([each for each in heard if b"STATUS=" in each]), 25 + time.monotonic() - began)

    def test_the_log_grows_no_more_than_it_should(self):
        daemon = self.start("reload", "port 0").wait_until_ready()
        before = len(daemon.log)
        core = self.core_of(daemon)
        with open(daemon.configuration, "a", encoding="utf-8") as configuration:
            configuration.write("".join(f"no-such-directive{number} {'x' * 60}\n" for number in range(50)))
        self.storm(core, [frame(READ_CONFIGURATION)], seconds=4)
        self.assertLess(daemon.log.count("everything stays as it was"), 120)
        self.assertGreater(len(daemon.log), before)
        self.assert_ends(daemon)

    def client_of(self, daemon, name):
        """Who sends commands to the daemon's Unix socket."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(client.close)
        path = daemon.command_socket.parent / name
        client.bind(str(path))
        path.chmod(0o666)
        client.connect(str(daemon.command_socket))
        client.settimeout(1)
        return client

    def forged_reply(self, name, octets, number=1, bound_to=None):
        """What a client gets where the core says this in place of the reply that it owes."""
        daemon = self.start(name, "port 0", f"bindcmdaddress {self.folder}/{name}/run/chronyd.sock").wait_until_ready()
        core = self.core_of(daemon)
        client = self.client_of(daemon, "client")
        message = frame(COMMAND_REPLY, struct.pack(">H", len(octets)) + octets, number)
        with injection.Stopped(core) as stopped:
            client.send(b"twelve octets")
            if bound_to:
                os.unlink(client.getsockname())
                os.symlink(bound_to, client.getsockname())
            channel = channel_of(core, "command-relay-fd")
            with contextlib.suppress(OSError):  # gnomond has ended it at once
                sent = stopped.call(CALLS["sendto"], channel, message, len(message), MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0)
                self.assertEqual(len(message), sent)
            try:
                got = client.recv(2000)
            except TimeoutError:
                got = None
        return daemon, got

    def test_a_reply_to_chronyc_is_no_longer_than_its_request(self):
        daemon, got = self.forged_reply("same", b"twelve octet.")
        self.assertEqual(b"twelve octet.", got)
        self.assertIsNotNone(daemon.ask("tracking"))
        for name, octets, number in (("longer", bytes(14), 1), ("another", b"x", 2)):
            with self.subTest(name):
                daemon, got = self.forged_reply(name, octets, number)
                self.assertIsNone(got)
                until("the core is ended", lambda daemon=daemon: "where it owes chronyc a reply: it is killed" in daemon.log)

    def test_a_reply_to_chronyc_reaches_nobody_else(self):
        """Together with an operator, who puts a link to somebody's socket in the place of his own."""
        path = self.folder / "somebody"
        somebody = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(somebody.close)
        somebody.bind(str(path))
        path.chmod(0o666)
        somebody.settimeout(0.1)
        daemon, _ = self.forged_reply("link", b"x", bound_to=path)
        with self.assertRaises(TimeoutError):
            somebody.recv(10)
        self.assertIsNotNone(daemon.ask("tracking"))

    def test_replies_that_nobody_waits_for_are_not_read(self):
        daemon = self.start("unasked", "port 0", f"bindcmdaddress {self.folder}/unasked/run/chronyd.sock").wait_until_ready()
        core = self.core_of(daemon)
        self.assertLess(self.storm(core, [frame(COMMAND_REPLY, b"\0\1x")], channel_of(core, "command-relay-fd"), seconds=1), ENOUGH)
        self.assert_ends(daemon)


if __name__ == "__main__":
    impossible = injection.possible()
    if impossible:
        print(f"skipped: {impossible}")
        sys.exit(77)
    private_etc.enter_or_skip()
    unittest.main(verbosity=2)
