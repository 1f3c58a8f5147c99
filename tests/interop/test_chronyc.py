#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Stock chronyc, unchanged, with gnomond and with stock chronyd in the same configuration: what it prints is the same but for
the numbers. CHRONYC=path runs another version than the system's."""

import os
import re
import socket
import struct
import subprocess
import unittest

import surroundings
from daemons import Chronyd, Scene, client_line

NUMBER = r"[-+]?\d+(?:\.\d+)?(?:ns|us|ms|[smhdy]\b)?"
WORDS = {"slow": "FAST", "fast": "FAST"}
REPORTS = (("tracking",), ("sources",), ("sourcestats",), ("authdata",), ("ntpdata",), ("ntpdata", "127.0.0.1"), ("selectdata",),
           ("serverstats",), ("activity",), ("smoothing",), ("manual", "list"), ("rtcdata",), ("sourcename", "127.0.0.1"),
           ("waitsync", "1"), ("accheck", "127.0.0.1"), ("accheck", "192.0.2.1"), ("cmdaccheck", "127.0.0.1"),
           ("clients",), ("clients", "-k"), ("clients", "-p", "5"))
OPTIONS = ((), ("-c",), ("-n",), ("-N",), ("-c", "-N"), ("-e",), ("-m",))
MORE = ("sources -a", "sources -v", "sourcestats -a", "sourcestats -v", "authdata -a", "selectdata -a", "selectdata -v")
# In this order; each changes something, or is refused for a reason that chronyc has words for.
COMMANDS = ("makestep 0.5 3", "maxupdateskew 500", "reselect", "reselectdist 0.001", "local stratum 9 orphan distance 0.5",
            "local off", "dfreq 0.0", "doffset 0.0", "manual on", "settime 2026-11-29 08:00:00", "manual list", "manual delete 0",
            "manual delete 0", "manual reset", "manual off", "settime 2026-11-29 08:00:00", "smoothtime reset", "smoothtime activate",
            "offline", "activity", "online", "activity", "offline 127.0.0.0/24", "online 255.255.255.0/127.0.0.1", "online 192.0.2.1",
            "onoffline", "burst 1/1", "burst 1/1 127.0.0.1", "maxdelay 127.0.0.1 0.5", "maxdelay 192.0.2.1 0.5",
            "maxdelayratio 127.0.0.1 3", "maxdelaydevratio 127.0.0.1 5", "minpoll 127.0.0.1 1", "maxpoll 127.0.0.1 3",
            "minstratum 127.0.0.1 1", "polltarget 127.0.0.1 12", "add server 192.0.2.9 port 9 iburst maxpoll 8", "sources",
            "add server 192.0.2.9 port 9", "delete 192.0.2.9", "delete 192.0.2.9",
            "add pool nosuch.invalid maxsources 2", "add peer 192.0.2.11", "delete 192.0.2.11", "reload sources", "refresh",
            "reset sources", "dump", "rekey", "cyclelogs", "trimrtc", "writertc", "allow 192.0.2.0/24", "accheck 192.0.2.1",
            "deny 192.0.2.128/25", "accheck 192.0.2.129", "allow all 192.0.2", "accheck 192.0.2.129", "deny all", "accheck 127.0.0.1",
            "allow", "accheck 127.0.0.1", "cmdallow 192.0.2.0/24", "cmdaccheck 192.0.2.1", "cmddeny all", "cmdaccheck 192.0.2.1",
            "cmdallow all", "cmdaccheck ::1", "cmddeny", "allow 192.0.2.0/33", "sourcename 192.0.2.1", "ntpdata 192.0.2.1")
# Codes that one version has and another has not.
DIFFERENT = (0, 10, 56, 72, 73, 74)
NEWER = ("selectopts 127.0.0.1 +prefer -noselect", "offset 127.0.0.1 0.001", "local stratum 9 activate 0.1 waitsynced 1")


def masked(text):
    """The words and the shape of a report, without its numbers, and without what selection thinks at the moment."""
    text = re.sub(r"(?m)^(\^,?)[-*+x~?]", r"\1S", text)
    text = re.sub(r"(?m)^[-NMsrd~wSOTxWPUD*+]([ ,])(?=\d)", r"S\1", text)
    text = re.sub(r"0x[0-9A-F]+|\b[0-9A-F]{8}\b", "HEX", text)
    text = re.sub(r"\[\s+", "[", re.sub(NUMBER, "N", text))
    text = re.sub(r"\w{3} \w{3} +N N:N:N N", "DATE", text)
    return re.sub(r"[ \t]+", " ", " ".join(WORDS.get(word, word) for word in re.split(r"(?<=\s)|(?=\s)", text)))


def version():
    found = re.search(r"version (\d+)\.(\d+)", subprocess.run([surroundings.CHRONYC, "-v"], capture_output=True, text=True,
                                                               check=False).stdout)
    return tuple(map(int, found.groups())) if found else (99, 0)


@unittest.skipUnless(surroundings.CHRONYC and surroundings.CHRONYD, "there is no chrony")
class StockChronyc(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        self.ports = {}

    def lines(self, name, *extra):
        """The same for both, except for the port of the commands."""
        self.ports[name] = surroundings.free_port()
        return [client_line(self.server), f"port {surroundings.free_port()}", "allow 127.0.0.1", "bindaddress 127.0.0.1",
                f"cmdport {self.ports[name]}", *extra]

    def start_both(self, *extra):
        self.chronyd = Chronyd(self, "chronyd", self.lines("chronyd", *extra))
        command_socket = self.folder / "gnomond" / "run" / "chronyd.sock"
        self.gnomond = self.start("gnomond", *self.lines("gnomond", *extra), f"bindcmdaddress {command_socket}")
        self.gnomond.wait_until_ready().wait_until_selected("127.0.0.1")
        self.chronyd.wait_until_ready().wait_until_selected("127.0.0.1")

    def chronyc(self, *words):
        done = subprocess.run([surroundings.CHRONYC, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              check=False)
        return done.returncode, done.stdout

    def both(self, *words, over="unix"):
        """What chronyc prints of one and of the other."""
        where = {"unix": {"gnomond": ("-h", str(self.gnomond.command_socket)), "chronyd": ("-h", str(self.chronyd.socket))},
                 "udp": {name: ("-h", "127.0.0.1", "-p", str(port)) for name, port in self.ports.items()}}[over]
        return tuple(self.chronyc(*where[name], *words) for name in ("gnomond", "chronyd"))

    def assert_same(self, *words, over="unix"):
        with self.subTest(words=words, over=over):
            ours, theirs = self.both(*words, over=over)
            if "smoothing" in words:  # whether it has begun is a matter of a second
                ours, theirs = ((status, re.sub(r"Yes|No", "", said)) for status, said in (ours, theirs))
            self.assertEqual(masked(theirs[1]), masked(ours[1]))
            self.assertEqual(theirs[0], ours[0], ours[1])

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_every_report_over_the_unix_socket(self):
        self.start_both("smoothtime 400 0.01")
        for options in OPTIONS:
            for words in REPORTS:
                if "-m" not in options:
                    self.assert_same(*options, *words)
            if "-m" in options:
                self.assert_same(*options, *(" ".join(words) for words in REPORTS[:3]))
        for line in MORE:
            self.assert_same("-n", *line.split())

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_authdata_of_sources_with_keys(self):
        keys = self.folder / "keys"
        keys.write_text("1 SHA256 HEX:00112233445566778899AABBCCDDEEFF\n77 MD5 secret\n", encoding="ascii")
        os.chmod(keys, 0o644)
        self.start_both(f"keyfile {keys}", "authselectmode ignore", "server 127.0.0.2 port 9 key 1", "server 127.0.0.3 port 9 key 77")
        ours, theirs = self.both("-n", "-c", "authdata")
        self.assertEqual(theirs[1], ours[1])
        self.assertIn("127.0.0.2,SK,1,", ours[1])
        self.assert_same("add", "server", "127.0.0.4", "key", "1")
        self.assert_same("-n", "authdata")
        self.assert_same("rekey")

    def test_what_opencommands_has_over_udp_and_nothing_else(self):
        """chronyd 4.3 does not know the directive: the statuses are those of its manual."""
        daemon = self.start("gnomond", *self.lines("gnomond", "opencommands sources serverstats")).wait_until_ready()
        over_udp = ("-n", "-h", "127.0.0.1", "-p", str(self.ports["gnomond"]))
        for word, is_open in (("sources", True), ("serverstats", True), ("tracking", False), ("activity", False), ("clients", False),
                              ("makestep", False), ("shutdown", False), ("online", False)):
            with self.subTest(word=word):
                status, said = self.chronyc(*over_udp, word)
                self.assertEqual(is_open, status == 0)
                self.assertEqual(is_open, "501 Not authorised" not in said)
        self.assertTrue(daemon.is_running())

    def test_what_is_open_by_default(self):
        self.start_both()
        for words in (*REPORTS, ("makestep",), ("shutdown",), ("online",), ("allow",), ("local", "off"), ("rekey",)):
            self.assert_same("-n", *words, over="udp")
        self.assertTrue(self.gnomond.is_running())

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_every_command(self):
        self.start_both("manual")
        for line in COMMANDS + (NEWER if version() >= (4, 6) else ()):
            if line in NEWER and "version 4.3" in self.chronyd.log:
                continue
            self.assert_same("-n", *line.split())

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_shutdown_ends_the_daemon(self):
        self.start_both()
        self.assert_same("shutdown")
        self.assertEqual(0, self.gnomond.wait())
        self.assertFalse(self.gnomond.command_socket.exists())

    def test_a_sender_with_the_daemons_user_may_only_look(self):
        self.start_both()
        account = self.gnomond.command_socket.parent.stat()

        def become():
            os.setgroups([])
            os.setgid(account.st_gid)
            os.setuid(account.st_uid)

        if account.st_uid != 0 and surroundings.IS_ROOT and not surroundings.RUNS_AS_OTHERS:
            self.skipTest("that user reaches no chronyc below /root")
        command = [surroundings.CHRONYC, "-h", str(self.gnomond.command_socket)]
        for words, expected in ((("tracking",), "Reference ID"), (("makestep",), "501 Not authorised"),
                                (("shutdown",), "501 Not authorised")):
            done = subprocess.run([*command, *words], capture_output=True, text=True, check=False, timeout=60,
                                  preexec_fn=become if surroundings.IS_ROOT and account.st_uid != 0 else None)
            if account.st_uid == 0:
                self.skipTest("the daemon runs as root here")
            self.assertIn(expected, done.stdout)
        self.assertTrue(self.gnomond.is_running())

    def test_others_are_not_answered_but_by_cmdallow(self):
        self.start_both("bindcmdaddress 0.0.0.0", "cmdallow 127.0.0.2")
        for source, answered in (("127.0.0.1", True), ("127.0.0.2", True), ("127.0.0.3", False)):
            with self.subTest(source=source):
                self.assertEqual((answered, answered), tuple(self.answers_from(source, port) for port in self.ports.values()))

    @staticmethod
    def answers_from(source, port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.bind((source, 0))
            asking.settimeout(1)
            asking.connect(("127.0.0.1", port))
            asking.send(struct.pack(">BBHHHIII", 6, 1, 0, 33, 0, 7, 0, 0).ljust(104, b"\0"))
            try:
                return len(asking.recv(2048)) == 104
            except TimeoutError:
                return False

    def test_bad_requests_get_the_same_replies(self):
        """Every length, and versions, types, codes and reserved octets that are wrong."""
        self.start_both()
        requests = [self.request(command=33, size=size) for size in range(1001)]
        requests += [self.request(command=code, size=860) for code in [*range(76), 255, 65535] if code not in DIFFERENT]
        requests += [self.request(version=number) for number in (0, 1, 4, 5, 6, 7, 255)]
        requests += [self.request(kind=kind) for kind in (0, 2, 255)]
        requests += [self.request(reserved=value) for value in (1, 0x100, 0xffff)]
        for request in requests:
            ours, theirs = (self.status_of(request, self.ports[name]) for name in ("gnomond", "chronyd"))
            self.assertEqual(theirs, ours, request.hex())
        self.assertTrue(self.gnomond.is_running())

    @staticmethod
    def request(version=6, kind=1, reserved=0, command=33, size=104):
        return struct.pack(">BBHHHIII", version, kind, reserved, command, 0, 7, 0, 0).ljust(size, b"\0")[:size]

    def status_of(self, request, port):
        """Reply code, status and length; None: no reply."""
        if not hasattr(self, "probes"):
            self.probes = {}
        probe = self.probes.get(port)
        if probe is None:
            probe = self.probes[port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.addCleanup(probe.close)
            probe.connect(("127.0.0.1", port))
            probe.settimeout(5)
        # What follows is answered, so that silence is known without waiting for it.
        probe.send(request)
        probe.send(struct.pack(">BBHHHIII", 6, 1, 0, 44, 0, 0xffffffff, 0, 0).ljust(48, b"\0"))
        first = probe.recv(2048)
        if first[16:20] == b"\xff" * 4:
            return None
        probe.recv(2048)
        self.assertLessEqual(len(first), len(request))
        return struct.unpack(">HH", first[6:10]), len(first)


if __name__ == "__main__":
    unittest.main(verbosity=2)
