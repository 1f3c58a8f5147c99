#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Server keys: of a file that chrony and gnomon hand to each other, and of a secret that two servers share."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import unittest

import surroundings
from daemons import Chronyd, Scene, server_lines, until

SLOW_ENOUGH = 6  # seconds a key: a client that asks each second has no cookie older than two keys


class Keys(Scene):
    def setUp(self):
        super().setUp()
        self.trust = self.authority()
        self.certificate = self.trust.issue("server")
        self.ports = (surroundings.free_port(), surroundings.free_port())

    def lines(self, *extra):
        return [*server_lines(*self.ports, self.certificate), *extra]

    def start_client(self, *extra):
        port, ke_port = self.ports
        return self.start("client", f"server 127.0.0.1 port {port} nts ntsport {ke_port} iburst minpoll 0 maxpoll 0",
                          "nosystemcert", f"ntstrustedcerts {self.trust.certificate}", *extra)

    def assert_first_keys(self, client, name="127.0.0.1"):
        """The client has the keys of its first key exchange, and no server has refused a cookie."""
        auth = client.source(name)["auth"]
        self.assertEqual((1, 0), (auth["key_id"], auth["naks"]), client.log)

    def make_chrony_keys(self):
        """A key file as the chronyd at hand writes it."""
        chronyd = Chronyd(self, "first-chronyd", self.lines(f"ntsdumpdir {self.folder / 'first-chronyd'}"))
        chronyd.wait_until_ready()
        chronyd.stop()
        return chronyd.folder / "ntskeys"

    def give(self, file, folder):
        """A copy that the user of the daemon owns."""
        given = folder / "ntskeys"
        shutil.copyfile(file, given)
        os.chmod(given, 0o600)
        os.chown(given, folder.stat().st_uid, folder.stat().st_gid)


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class Files(Keys):
    def test_cookies_of_chronyd_open_at_gnomond_that_has_its_file(self):
        chronyd = Chronyd(self, "chronyd", self.lines(f"ntsdumpdir {self.folder / 'chronyd'}"))
        chronyd.wait_until_ready()
        client = self.start_client()
        client.wait_until_selected("127.0.0.1")
        chronyd.stop()
        keys = self.state_folder("keys", mode=0o750)
        self.give(chronyd.folder / "ntskeys", keys)
        server = self.start_server(certificate=self.certificate, ports=self.ports, extra=[f"ntsdumpdir {keys}"])
        until("gnomond answers by those cookies", lambda: server.ask("serverstats")["ntp_auth_hits"] >= 3)
        self.assert_first_keys(client)
        self.assertEqual(0, server.ask("serverstats")["ke_hits"])

    def test_cookies_of_gnomond_open_at_chronyd_that_has_its_file_after_a_rotation(self):
        keys = self.state_folder("keys", mode=0o750)
        self.give(self.make_chrony_keys(), keys)
        server = self.start_server(certificate=self.certificate, ports=self.ports,
                                   extra=[f"ntsdumpdir {keys}", f"ntsrotate {SLOW_ENOUGH}"])
        client = self.start_client("ntsaeads 15")  # which every chronyd knows
        client.wait_until_selected("127.0.0.1")
        server.wait_for_log("Rotated the server keys")
        hits = server.ask("serverstats")["ntp_auth_hits"]
        until("a cookie under the new key", lambda: server.ask("serverstats")["ntp_auth_hits"] >= hits + 2)
        server.stop()
        folder = self.state_folder("chronyd", mode=0o700, owner="root")
        self.give(keys / "ntskeys", folder)
        chronyd = Chronyd(self, "chronyd", self.lines(f"ntsdumpdir {folder}"))
        chronyd.wait_until_ready()
        authenticated = 7  # column of chronyc's serverstats
        until("chronyd answers by those cookies",
              lambda: any(int(row[authenticated]) >= 3 for row in chronyd.ask("serverstats")))
        self.assert_first_keys(client)

    def test_keys_that_somebody_else_rotates_are_followed(self):
        keys = self.state_folder("keys", mode=0o750)
        server = self.start_server(certificate=self.certificate, ports=self.ports,
                                   extra=[f"ntsdumpdir {keys}", "ntsrotate 0"])
        server.wait_for_log("Could not read the server keys in .*ntskeys")
        self.give(self.make_chrony_keys(), keys)
        server.wait_for_log("Loaded server keys from")
        written = (keys / "ntskeys").read_bytes()
        (keys / "ntskeys").write_bytes(b"NKS1\nhalf")
        server.wait_for_log("Server keys in .* are damaged .*; the keys in use stay")
        self.assertIsNone(server.operate("rekey"))
        (keys / "ntskeys").write_bytes(written)
        self.assertIsNotNone(server.operate("rekey"))
        server.stop()
        self.assertEqual(written, (keys / "ntskeys").read_bytes())


class Fleet(Keys):
    def write_secret(self, name, *values):
        """Readable by root only: the launcher opens it, the core reads it."""
        path = self.folder / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write("# of a test\n" + "\n".join(values) + "\n")
        return path

    def start_two(self, first, second):
        """One makes key exchanges and sends the clients to the other, which has no certificate."""
        port, ke_port = self.ports
        exchange = self.start("exchange", *server_lines(port, ke_port, self.certificate), "bindaddress 127.0.0.1",
                              "ntsntpserver 127.0.0.2", f"ntskeysecret {first}", f"ntsrotate {SLOW_ENOUGH}", options=("-x", "-4"))
        time_server = self.start("time", f"port {port}", "bindaddress 127.0.0.2", "allow", "local stratum 3",
                                 f"ntskeysecret {second}", f"ntsrotate {SLOW_ENOUGH}", options=("-x", "-4"))
        return exchange.wait_until_ready(), time_server.wait_until_ready()

    def hits(self, server):
        return server.ask("serverstats")["ntp_auth_hits"]

    def follow(self, server, answers):
        """Until so many more, of which the client asks for one a second, have come."""
        before = self.hits(server)
        until("authenticated answers", lambda: self.hits(server) >= before + answers)

    def test_cookies_of_one_open_at_the_other_over_changes_of_the_period(self):
        secret = self.write_secret("secret", secrets.token_hex(32))
        exchange, time_server = self.start_two(secret, secret)
        client = self.start_client()
        client.wait_for_source("127.0.0.1", "is selected", lambda source: source["state"] == "selected")
        time_server.wait_for_log("(?s)Rotated the server keys.*Rotated the server keys")
        self.follow(time_server, 2)
        self.assert_first_keys(client)
        fingerprints = [re.search("Server keys follow from 1 secret; .*; fingerprint ([0-9a-f]{8})$", each.log, re.MULTILINE).group(1)
                        for each in (exchange, time_server)]
        self.assertEqual(1, len(set(fingerprints)), fingerprints)
        self.assertEqual((1, 0), (exchange.ask("serverstats")["ke_hits"], self.hits(exchange)))
        self.assertNotIn(secret.read_text(encoding="ascii").splitlines()[1], exchange.log + time_server.log)

    def test_a_secret_is_replaced_while_clients_go_on(self):
        old, new = secrets.token_hex(32), secrets.token_hex(64)
        first, second = self.write_secret("first", old), self.write_secret("second", old)
        exchange, time_server = self.start_two(first, second)
        client = self.start_client()
        client.wait_until_selected("127.0.0.1")
        self.write_secret("second", new, old)
        os.kill(time_server.process.pid, signal.SIGHUP)
        time_server.wait_for_log("Server keys follow from 2 secrets")
        self.write_secret("first", new, old)
        self.assertIsNotNone(exchange.operate("rekey"))
        exchange.wait_for_log("Server keys follow from 2 secrets")
        self.follow(time_server, 3 * SLOW_ENOUGH)
        self.write_secret("second", new)
        time_server.wait_for_log("(?s)2 secrets.*Server keys follow from 1 secret;")  # noticed by itself
        self.follow(time_server, SLOW_ENOUGH)
        self.assert_first_keys(client)

    def outcome(self, server, command):
        return subprocess.run((surroundings.CONTROL_PROGRAM, "--socket", str(server.socket), command), capture_output=True, text=True, check=False)

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_a_server_without_certificates_waits_for_its_secret_alone(self):
        secret = self.write_secret("secret", secrets.token_hex(32))
        server = self.start("time", f"port {self.ports[0]}", "allow", "local", f"ntskeysecret {secret}").wait_until_ready()

        def succeed():
            for command in ("reload", "rekey"):
                done = self.outcome(server, command)
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)

        def change(before, after):
            text = server.configuration.read_text(encoding="utf-8")
            self.assertIn(before, text)
            server.configuration.write_text(text.replace(before, after), encoding="utf-8")

        succeed()
        change("allow\n", "")  # it serves nobody any more
        succeed()
        succeed()
        other = self.write_secret("other", "garbage")
        change(str(secret), str(other))
        done = self.outcome(server, "reload")
        self.assertEqual(1, done.returncode)
        self.assertIn(f"The file {other} of `ntskeysecret` is rejected", " ".join((done.stdout + done.stderr).split()))

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_reload_and_rekey_fail_while_the_secret_cannot_be_used(self):
        secret = self.write_secret("secret", secrets.token_hex(32))
        server = self.start_server(certificate=self.certificate, ports=self.ports, extra=[f"ntskeysecret {secret}"])
        server.wait_for_log("Server keys follow from 1 secret;")

        def outcomes():
            return [self.outcome(server, command) for command in ("rekey", "reload")]

        for spoil, why in ((lambda: self.write_secret("secret", "garbage"), "is rejected"), (lambda: os.chmod(secret, 0o644), "could not be opened"),
                           (lambda: os.unlink(secret), "could not be opened")):
            spoil()
            for done in outcomes():
                self.assertEqual(1, done.returncode, done)
                self.assertIn(f"{why}", done.stdout + done.stderr)
                self.assertIn("the previous secrets are used", done.stdout + done.stderr)
        self.assertRegex(subprocess.run((surroundings.CONTROL_PROGRAM, "--socket", str(server.socket), "metrics"), capture_output=True,
                                        text=True, check=True).stdout, "(?m)^gnomon_server_key_secret_usable 0$")
        self.write_secret("secret", secrets.token_hex(32))
        os.chmod(secret, 0o600)
        self.assertEqual([0, 0], [done.returncode for done in outcomes()])

    def test_a_secret_that_others_may_read_is_not_used(self):
        secret = self.write_secret("secret", secrets.token_hex(32))
        os.chmod(secret, 0o644)
        server = self.start_server(certificate=self.certificate, ports=self.ports, extra=[f"ntskeysecret {secret}"])
        server.wait_for_log("ntskeysecret.* others can read")
        client = self.start_client()
        client.wait_until_selected("127.0.0.1")
        os.chmod(secret, 0o600)
        server.wait_for_log("Server keys follow from 1 secret;")
        client.wait_for_source("127.0.0.1", "has keys that follow from it",
                               lambda source: source["auth"]["key_id"] == 2)


if __name__ == "__main__":
    unittest.main()
