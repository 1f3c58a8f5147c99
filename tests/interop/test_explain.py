#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon explains itself: why it is synchronised or not, with stock chronyd as its servers and what can be wrong with them;
its last messages, kept over a crash; waiting for a good clock. Every sentence names the fault, and the exit status tells."""

import datetime
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

import surroundings
from daemons import Chronyd, Scene, client_line, until
from plain_server import PlainServer

OPTIONS = "iburst minpoll 0 maxpoll 0"
DAY = datetime.timedelta(days=1)


def gnomonctl(daemon, *words, **others):
    return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), *words], capture_output=True,
                          text=True, check=False, timeout=surroundings.PATIENCE, **others)


def explained(daemon, *words):
    """The exit status and the reply of `explain`."""
    done = gnomonctl(daemon, "--json", "explain", *words)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}


def varlink(path, method, parameters, more=False):
    """A client that knows nothing but varlink: one reply after the other."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(surroundings.PATIENCE)
        connection.connect(str(path))
        call = {"method": method, "parameters": parameters, "more": more}
        connection.sendall(json.dumps(call).encode() + b"\0")
        pending = b""
        while octets := connection.recv(65536):
            pending += octets
            while b"\0" in pending:
                message, pending = pending.split(b"\0", 1)
                reply = json.loads(message)
                yield reply
                if not reply.get("continues"):
                    return


class Situations(Scene):
    def plain(self, **how):
        server = PlainServer(**how)
        self.addCleanup(server.stop)
        return server

    def client(self, *lines, **others):
        return self.start("client", "port 0", *lines, **others).wait_until_ready()

    def expect(self, daemon, cause, status):
        """Waits for the cause; its summary and remedy, as `why-not-synchronised` prints them."""
        def look():
            daemon.still_there()
            got, reply = explained(daemon)
            return (got, reply) if reply.get("cause") == cause else None

        got, reply = until(f"{daemon.name} explains itself by {cause}", look)
        self.assertEqual(status, got, reply)
        self.assertEqual(status == 0, reply["synchronised"])
        return reply

    def source_of(self, reply, name):
        return next(each for each in reply["sources"] if each["name"] == name)

    def test_a_clock_that_is_synchronised_and_a_falseticker(self):
        servers = [self.start_chrony_server(f"chrony{number}") for number in range(3)]
        wrong = self.plain(offset=3)
        lines = [f"server 127.0.0.1 port {server.port} {OPTIONS}" for server in servers]
        daemon = self.client(*lines, f"server 127.0.0.1 port {wrong.port} {OPTIONS}")
        reply = self.expect(daemon, "synchronised", 0)
        self.assertIn("The clock is synchronised. It follows 127.0.0.1", reply["summary"])
        self.assertLess(reply["error_bound"], 0.1)

        def marked():
            return next((each for each in explained(daemon)[1]["sources"] if each["state"] == "falseticker"), None)

        text = until("the wrong one is found", marked)["explanation"]
        self.assertRegex(text, r"its time is (2\.9|3\.0)[0-9]+ s ahead of the one on which 3 of 4 sources agree")
        self.assertRegex(text, r"its route cannot explain that \(round trip [0-9.]+ (us|ms)\)")
        shown = gnomonctl(daemon, "explain")
        self.assertEqual(0, shown.returncode)
        self.assertIn("x 127.0.0.1 disagrees", shown.stdout)
        self.assertIn("  To do: Replace it if this persists.", shown.stdout)
        self.assertNotIn("\033", shown.stdout)

    def test_an_asymmetric_route_is_told_from_a_wrong_clock(self):
        good = [self.plain() for _ in range(3)]
        slow = self.plain(offset=0.2, delay=0.3)
        daemon = self.client(*[f"server 127.0.0.1 port {each.port} {OPTIONS}" for each in good],
                             f"server 127.0.0.1 port {slow.port} {OPTIONS}")
        self.expect(daemon, "synchronised", 0)
        far = until("the slow one is measured", lambda: next(
            (each for each in explained(daemon)[1]["sources"] if re.search(r"offset \+[12]\d\d\.\d ms", each["explanation"])), None))
        self.assertEqual("distant", far["reason"], far)

    def test_a_source_that_is_never_good_enough_keeps_no_other_waiting(self):
        good, far = self.plain(), self.plain(delay=0.1)
        daemon = self.client(f"server 127.0.0.1 port {good.port} {OPTIONS}", f"server 127.0.0.1 port {far.port} maxdelay 0.05 {OPTIONS}")
        reply = self.expect(daemon, "synchronised", 0)
        other = next(each for each in reply["sources"] if each["cause"] == "delay_limit")
        self.assertIn("is longer than maxdelay allows", other["explanation"])

    def test_nobody_answers(self):
        daemon = self.client("server 127.0.0.98 port 11 " + OPTIONS, "server 127.0.0.99 port 11 " + OPTIONS)
        reply = self.expect(daemon, "no_answer", 1)
        self.assertRegex(reply["summary"], r"None of the 2 sources can be used, all for the same reason: .*not answered (any|the one)")
        self.assertIn("UDP port 11", reply["remedy"])
        shown = gnomonctl(daemon, "why-not-synchronised")
        self.assertEqual(1, shown.returncode)
        self.assertEqual(2, len(shown.stdout.splitlines()), shown.stdout)

    def test_sources_contradict_each_other(self):
        right, wrong = self.plain(), self.plain(offset=-5)
        daemon = self.client(f"server 127.0.0.1 port {right.port} {OPTIONS}", f"server 127.0.0.1 port {wrong.port} {OPTIONS}")
        reply = self.expect(daemon, "no_majority", 1)
        self.assertIn("1 of 2 agree", reply["summary"])
        self.assertRegex(reply["summary"], r"-(5\.0|4\.9)\d\d s 127\.0\.0\.1")

    def test_a_chronyd_that_is_not_synchronised(self):
        port = surroundings.free_port()
        Chronyd(self, "chrony", [f"port {port}", "allow"]).wait_until_ready()
        daemon = self.client(f"server 127.0.0.1 port {port} {OPTIONS}")
        reply = self.expect(daemon, "unsynchronised", 1)
        self.assertRegex(reply["summary"], r"says of itself that it is not synchronised \(leap 3, stratum (0|16)\)")

    def test_a_key_that_the_server_does_not_have(self):
        keys = self.state_folder("keys") / "keys"
        keys.write_text("5 SHA1 HEX:0102030405060708090A0B0C0D0E0F1011121314\n", encoding="ascii")
        os.chmod(keys, 0o644)
        server = self.start_chrony_server()
        daemon = self.client(f"keyfile {keys}", f"server 127.0.0.1 port {server.port} key 5 {OPTIONS}",
                             f"server 127.0.0.1 port {server.port} key 6 {OPTIONS}".replace("127.0.0.1", "127.0.0.2"))
        # chronyd answers an unknown key with a crypto-NAK, or not at all.
        got = until("both are explained", lambda: explained(daemon)[1]["sources"][0]["cause"] in ("key_rejected", "no_answer")
                    and explained(daemon)[1])
        self.assertIn("key 5", got["sources"][0]["explanation"] + got["sources"][0]["remedy"])
        self.assertEqual("key_missing", got["sources"][1]["cause"])
        self.assertIn("gnomonctl rekey", got["sources"][1]["remedy"])

    def test_a_key_exchange_that_is_refused_and_a_certificate_that_has_expired(self):
        authority = self.authority()
        server = self.start_chrony_server()
        expired = self.start_chrony_server("expired", certificate=authority.issue("bad", start=-10 * DAY, end=-DAY))
        daemon = self.client(client_line(server, nts=True), client_line(expired, "::1", nts=True), "nosystemcert",
                             f"ntstrustedcerts {authority.certificate}")
        reply = until("both have failed", lambda: [each["cause"] for each in explained(daemon)[1]["sources"]] == ["ke_failed"] * 2
                      and explained(daemon)[1])
        refused, outdated = reply["sources"]
        self.assertIn("connection refused", refused["explanation"])
        self.assertIn(f"TCP port {server.ke_port}", refused["remedy"])
        self.assertIn("certificate has expired", outdated["explanation"])
        self.assertIn("operator must renew the certificate", outdated["remedy"])
        self.assertEqual("ke_failed", self.expect(daemon, "ke_failed", 1)["cause"])

    def test_what_servers_say_of_themselves(self):
        """One client for all, whose clock is right by three others: only the sentences about the sources count."""
        odd = {"127.0.0.1": dict(leap=3, stratum=0, reference=b"INIT"), "127.0.0.2": dict(leap=3, stratum=0, reference=b"DENY"),
               "127.0.0.3": dict(dispersion=5), "127.0.0.4": dict(leap=3, stratum=2), "127.0.0.5": dict(stratum=0, reference=b"NKEY")}
        servers = {name: self.plain(at=(name, 0), **how) for name, how in odd.items()}
        daemon = self.client(*(f"server {name} port {server.port} {OPTIONS}" for name, server in servers.items()),
                             "server no-such-host.invalid " + OPTIONS)
        wanted = {"127.0.0.1": ("unsynchronised", r"is not synchronised since its start \(kiss code INIT\)", "Wait until it has"),
                  "127.0.0.2": ("kiss_denied", "refuses to serve us", "Ask its operator for access"),
                  "127.0.0.3": ("distance_too_large", r"by its own account it may be 5\.000 s off", "Use another server"),
                  "127.0.0.4": ("unsynchronised", "says of itself that it is not synchronised", "Wait until it is"),
                  "127.0.0.5": ("kiss_other", "the kiss code NKEY in place of a time", "Ask its operator"),
                  "no-such-host.invalid": ("unresolved", "its name does not resolve", "getent ahosts no-such-host.invalid")}

        def look():
            found = {each["name"]: each for each in explained(daemon)[1]["sources"]}
            return found if all(found[name]["cause"] == cause for name, (cause, _, _) in wanted.items()) else None

        found = until("all are explained", look)
        for name, (_, what, remedy) in wanted.items():
            with self.subTest(name):
                self.assertRegex(found[name]["explanation"], what)
                self.assertIn(remedy, found[name]["remedy"])

    def test_a_trusted_source_that_others_disagree_with(self):
        good = [self.plain() for _ in range(2)]
        wrong = self.plain(offset=3, at=("127.0.0.2", 0))
        daemon = self.client(*(f"server 127.0.0.1 port {each.port} {OPTIONS}" for each in good),
                             f"server 127.0.0.2 port {wrong.port} trust {OPTIONS}")
        until("it decides", lambda: "trusted" in explained(daemon)[1]["summary"])
        reply = self.expect(daemon, "synchronised", 0)
        self.assertIn("2 of 3 sources disagree with those that are trusted", reply["summary"])
        self.assertIn("Find out who is right", reply["remedy"])
        self.assertIn("another program has to correct the clock, and none seems to", reply["summary"])
        others = [each["explanation"] for each in reply["sources"] if each["name"] == "127.0.0.1"]
        self.assertEqual(2, len(others))
        for text in others:
            self.assertRegex(text, r"disagrees with the trusted sources, .* behind theirs")
            self.assertNotIn("majority", text)
        self.assertIn("it is trusted, which counts although 2 of 3", self.source_of(reply, "127.0.0.2")["explanation"])

    def test_no_source_may_be_selected_and_too_few_are_good(self):
        server = self.plain()
        excluded = self.client(f"server 127.0.0.1 port {server.port} noselect {OPTIONS}")
        reply = self.expect(excluded, "no_select", 1)
        self.assertIn("All sources have the option noselect.", reply["summary"])
        self.assertIn("Remove noselect", reply["remedy"])
        few = self.start("few", "port 0", "minsources 3", f"server 127.0.0.1 port {server.port} {OPTIONS}").wait_until_ready()
        reply = self.expect(few, "waits_for_more", 1)
        self.assertIn("the only one that is, and minsources demands 3", reply["summary"])
        shown = gnomonctl(few, "watch", "--once")
        self.assertIn("To do: Add sources", " ".join(shown.stdout.split()))

    def test_we_are_our_own_source(self):
        own = surroundings.free_port()
        daemon = self.start("daemon", f"port {own}", "allow", "local stratum 10", f"server 127.0.0.1 port {own} {OPTIONS}")
        reply = self.expect(daemon.wait_until_ready(), "ourselves", 1)
        self.assertEqual("local", reply["state"])
        self.assertIn("its own time, at stratum 10", reply["summary"])
        self.assertIn("Remove it from the sources", reply["remedy"])

    def test_no_sources_and_sources_that_are_offline(self):
        self.assertIn("gnomonctl add server", self.expect(self.client(), "no_sources", 1)["remedy"])
        server = self.plain()
        offline = self.start("offline", "port 0", f"server 127.0.0.1 port {server.port} offline {OPTIONS}").wait_until_ready()
        self.assertIn("gnomonctl online", self.expect(offline, "offline", 1)["remedy"])

    def test_a_clock_that_must_not_be_set(self):
        server = self.plain(offset=0.5)
        daemon = self.client(f"server 127.0.0.1 port {server.port} {OPTIONS}", options=("-U",))
        reply = self.expect(daemon, "clock_refused", 1)
        self.assertIn("CAP_SYS_TIME", reply["summary"])

    def test_the_last_source_goes(self):
        server = PlainServer()
        daemon = self.client(f"server 127.0.0.1 port {server.port} maxunreach 4 {OPTIONS}")
        before = self.expect(daemon, "synchronised", 0)["error_bound"]
        server.stop()
        reply = self.expect(daemon, "holdover", 0)
        self.assertIn("runs on without a source", reply["summary"])
        later = until("the bound grows", lambda: explained(daemon)[1]["error_bound"] > reply["error_bound"]
                      and explained(daemon)[1]["error_bound"])
        self.assertGreater(later, before)

    def test_one_source_by_name_and_one_that_is_not_there(self):
        server = self.plain()
        daemon = self.client(f"server localhost port {server.port} ipv4 {OPTIONS}", "server 127.0.0.99 port 11")
        self.expect(daemon, "synchronised", 0)
        for name in ("localhost", "127.0.0.1"):
            self.assertEqual(["localhost"], [each["name"] for each in explained(daemon, name)[1]["sources"]])
        missing = gnomonctl(daemon, "explain", "nosuch")
        self.assertEqual((2, ""), (missing.returncode, missing.stdout))
        self.assertIn("There is no such source", missing.stderr)

    def test_nobody_to_ask(self):
        daemon = self.client()
        daemon.stop()
        done = gnomonctl(daemon, "explain")
        self.assertEqual(2, done.returncode)
        self.assertIn("cannot reach gnomond", done.stderr)


class Waiting(Scene):
    def test_a_wait_ends_with_the_bound_or_says_why_not(self):
        server = PlainServer()
        self.addCleanup(server.stop)
        daemon = self.start("client", "port 0", f"server 127.0.0.1 port {server.port} {OPTIONS}")
        done = gnomonctl(daemon, "wait", "--max-error", "100ms", "--timeout", "50")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"^Synchronised to 127\.0\.0\.1: the clock is at most [0-9.]+ (us|ms) wrong\.\n$")
        done = gnomonctl(daemon, "wait", "--max-error", "1ns", "--timeout", "0.5")
        self.assertEqual(1, done.returncode)
        self.assertIn("and 1 ns was asked for", done.stderr)
        nobody = self.start("nobody", "port 0", "server 127.0.0.99 port 11").wait_until_ready()
        done = gnomonctl(nobody, "wait", "--timeout", "0.5")
        self.assertEqual(1, done.returncode)
        self.assertIn("127.0.0.99", done.stderr)


class Events(Scene):
    def setUp(self):
        super().setUp()
        self.server = PlainServer()
        self.addCleanup(self.server.stop)
        self.lines = ["port 0", f"server 127.0.0.1 port {self.server.port} {OPTIONS}"]

    def listed(self, daemon, *words):
        done = gnomonctl(daemon, "events", "--json", *words)
        self.assertEqual(0, done.returncode, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_what_was_logged_is_kept_with_the_fields_of_the_journal(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        events = self.listed(daemon)
        self.assertEqual([str(number) for number in range(1, len(events) + 1)], [each["__SEQNUM"] for each in events])
        for each in events:
            self.assertIn(each["MESSAGE"], daemon.log)
            self.assertEqual("gnomond", each["SYSLOG_IDENTIFIER"])
            self.assertIn(each["GNOMON_ROLE"], ("core", "launcher"))
            self.assertLess(abs(int(each["__REALTIME_TIMESTAMP"]) / 1e6 - time.time()), 300)
        selected = next(each for each in events if each["GNOMON_EVENT"] == "selected_source")
        self.assertEqual("127.0.0.1", selected["GNOMON_SOURCE"])
        self.assertEqual([events[-1]], self.listed(daemon, "--lines", "1"))
        self.assertEqual(events, self.listed(daemon, "--since", "1h"))
        self.assertEqual([], self.listed(daemon, "--since", "2100-01-01 00:00"))
        text = gnomonctl(daemon, "events", "--utc").stdout
        self.assertRegex(text, r"(?m)^[0-9-]{10} [0-9:]{8} UTC info     Selected source 127\.0\.0\.1$")
        wrong = gnomonctl(daemon, "events", "--since", "soon")
        self.assertEqual(2, wrong.returncode)

    def test_what_gnomond_says_is_among_them(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        (resolver,) = daemon.children("gnomon-resolve")
        os.kill(resolver, signal.SIGKILL)
        restarts = until("the end of a role is told of", lambda: [each for each in self.listed(daemon)
                                                                  if each["GNOMON_EVENT"] == "role_restarts"])
        self.assertEqual("launcher", restarts[0]["GNOMON_ROLE"])
        self.assertIn("gnomon-resolve was killed by SIGKILL", restarts[0]["MESSAGE"])
        self.assertLess(abs(int(restarts[0]["__REALTIME_TIMESTAMP"]) / 1e6 - time.time()), 300)

    @unittest.skipUnless(shutil.which("jq"), "no jq")
    def test_jq_reads_them(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        lines = gnomonctl(daemon, "events", "--json").stdout
        done = subprocess.run(["jq", "-r", 'select(.GNOMON_EVENT == "selected_source") | .MESSAGE'], input=lines,
                              capture_output=True, text=True, check=True)
        self.assertEqual("Selected source 127.0.0.1\n", done.stdout)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_a_stranger_follows_by_varlink_alone(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        replies = varlink(daemon.socket, "io.gnomon.Control.Events", {"limit": 1}, more=True)
        first = next(replies)
        self.assertTrue(first["continues"])
        number = first["parameters"]["last"]
        self.assertEqual([number], [each["sequence"] for each in first["parameters"]["events"]])
        gnomonctl(daemon, "offline")
        came = next(replies)["parameters"]["events"]
        self.assertEqual(number + 1, came[0]["sequence"])
        self.assertEqual("source_offline", came[0]["fields"]["GNOMON_EVENT"])
        (reply,) = varlink(daemon.socket, "io.gnomon.Control.Events", {"after": number})
        self.assertEqual(came, reply["parameters"]["events"][:len(came)])

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_a_follower_hears_of_what_comes_and_survives_a_restart(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        heard = self.folder / "heard"
        with open(heard, "wb") as output:
            follower = subprocess.Popen([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), "events", "--follow"],
                                        stdout=output, stderr=subprocess.STDOUT)
        self.addCleanup(lambda: follower.poll() is None and follower.kill())
        until("what is there", lambda: "Selected source" in heard.read_text())
        gnomonctl(daemon, "offline")
        until("what comes", lambda: "offline" in heard.read_text())
        daemon.stop()
        until("it waits", lambda: "waiting until it is back" in heard.read_text())
        self.start("client", *self.lines)
        until("it goes on", lambda: heard.read_text().count("Selected source") >= 2)
        follower.terminate()
        follower.wait(surroundings.PATIENCE)

    def test_many_followers_and_deaf_ones_hold_up_nobody(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        call = json.dumps({"method": "io.gnomon.Control.Events", "parameters": {}, "more": True}).encode() + b"\0"
        sockets = []
        self.addCleanup(lambda: [each.close() for each in sockets])
        for _ in range(1000):
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            try:
                client.connect(str(daemon.socket))
                client.send(call)
            except (BlockingIOError, BrokenPipeError, ConnectionResetError):
                pass
            sockets.append(client)
        for _ in range(40):
            gnomonctl(daemon, "offline")
            gnomonctl(daemon, "online")
        self.assertTrue(daemon.is_running())
        for each in sockets:
            each.close()
        begun = time.monotonic()
        until("somebody is let in again", lambda: daemon.ask("tracking"))
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual(0, gnomonctl(daemon, "explain").returncode)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_the_memory_is_bounded_as_configured(self):
        daemon = self.start("client", *self.lines, "eventmemory 2048").wait_until_ready()
        for _ in range(10):
            gnomonctl(daemon, "offline")
            gnomonctl(daemon, "online")
        events = self.listed(daemon)
        self.assertLess(len(events), 12)
        self.assertGreater(int(events[0]["__SEQNUM"]), 1)
        none = self.start("none", *self.lines, "eventmemory 0").wait_until_ready()
        done = gnomonctl(none, "events")
        self.assertEqual(1, done.returncode)
        self.assertIn("eventmemory is 0", done.stderr)


if __name__ == "__main__":
    unittest.main()
