#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Symmetric keys between gnomond and stock chronyd in both directions: every type, in versions 3 and 4, with wrong and
missing keys, and keys that change."""

import hashlib
import os
import socket
import struct
import subprocess
import unittest

import surroundings
from daemons import Chronyd, Scene, until

# Type, chrony's number of it, bits.
TYPES = (("MD5", 1, 160), ("SHA1", 2, 160), ("SHA256", 3, 256), ("SHA384", 4, 256), ("SHA512", 5, 512), ("SHA3-224", 6, 224),
         ("SHA3-256", 7, 256), ("SHA3-384", 8, 384), ("SHA3-512", 9, 4096), ("AES128", 13, 128), ("AES256", 14, 256))
FIRST_ID = 10
GOOD, OTHER = "SHA1 HEX:" + "a5" * 20, "SHA1 HEX:" + "5a" * 20
POLLING = "iburst minpoll 0 maxpoll 0"


def keygen(*words):
    made = subprocess.run([surroundings.CONTROL_PROGRAM, "keygen", *map(str, words)], capture_output=True, text=True, check=True)
    return made.stdout


def sources_of_all_types(port):
    """A source for each type and version, at addresses of their own: 127.0.VERSION.ID."""
    return [f"server 127.0.{version}.{FIRST_ID + i} port {port} key {FIRST_ID + i} version {version} {POLLING}"
            for i in range(len(TYPES)) for version in (3, 4)]


class KeyScene(Scene):
    def setUp(self):
        super().setUp()
        self.keys = self.key_file("keys", f"1 {GOOD}\n")
        self.port = surroundings.free_port()

    def key_file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        os.chmod(path, 0o600)
        return path

    def server_lines(self, keys=None):
        return [f"port {self.port}", "allow", "local stratum 3", f"keyfile {keys or self.keys}"]

    def client_lines(self, keys=None, options=POLLING):
        return [f"server 127.0.0.1 port {self.port} key 1 {options}", f"keyfile {keys or self.keys}"]

    def start_gnomond(self, name, lines):
        return self.start(name, *lines).wait_until_ready()

    def ntpdata(self, client, address="127.0.0.1"):
        reply = client.ask("ntpdata") or {"sources": []}
        return next((each for each in reply["sources"] if each["address"] == address), None)

    def assert_stays_unreachable(self, client, requests=4):
        """It has asked so often, and nothing that came counted."""
        data = until("some requests", lambda: (lambda d: d if d and d["total_tx"] >= requests else None)(self.ntpdata(client)))
        self.assertEqual(0, data["total_valid_rx"], data)
        self.assertEqual(0, client.source("127.0.0.1")["reach"])


class Messages(KeyScene):
    def test_a_missing_key_sends_nothing_and_is_named(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", self.port))
            keys = self.key_file("other", f"2 {GOOD}\n")
            client = self.start_gnomond("client", self.client_lines(keys))
            client.wait_for_log(r"Key 1 is missing: 127\.0\.0\.1 gets no requests")
            self.assertIn("its key 1 is missing", client.source("127.0.0.1")["explanation"])
            server.settimeout(2)
            self.assertRaises(TimeoutError, server.recvfrom, 2048)
            keys.write_text(f"1 {GOOD}\n", encoding="utf-8")
            self.assertIsNotNone(client.operate("rekey"))
            server.settimeout(surroundings.PATIENCE)
            self.assertEqual(72, len(server.recvfrom(2048)[0]))
            auth = client.source("127.0.0.1")["auth"]
            self.assertEqual(("symmetric", 1, 2, 160), (auth["mode"], auth["key_id"], auth["key_type"], auth["key_length"]))

    def test_files_that_cannot_be_used_are_named_and_nothing_is_trusted(self):
        missing = self.start_gnomond("missing", self.client_lines(self.folder / "none"))
        missing.wait_for_log(r"\(`keyfile`\) in \S+/none cannot be used: open: No such file")
        missing.wait_for_log("Key 1 is missing")
        bad = self.key_file("bad-keys", "1 SHA1 HEX:nothexatall\n2 sha1 tulip\nsecret\n3 AES128 short-secret\n")
        daemon = self.start_gnomond("bad", self.client_lines(bad))
        daemon.wait_for_log(r"Key 1 in line 1 of \S+/bad-keys is not used")
        daemon.wait_for_log("Key 2 in line 2 .* invalid type")
        daemon.wait_for_log("Could not parse key: line 3 ")
        daemon.wait_for_log("Key 3 in line 4 .* needs 128")
        daemon.wait_for_log("Loaded 0 symmetric keys")
        for secret in ("nothexatall", "tulip", "secret"):
            self.assertNotIn(secret, daemon.log)

    def assert_rekey_fails(self, server, why):
        done = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(server.socket), "rekey"], capture_output=True, text=True,
                              timeout=surroundings.PATIENCE, check=False)
        self.assertEqual((1, ""), (done.returncode, done.stdout))
        self.assertIn(why, done.stderr.replace("\n", " "))

    def test_a_file_that_others_can_read_is_used_with_advice(self):
        os.chmod(self.keys, 0o644)
        daemon = self.start_gnomond("daemon", self.server_lines())
        daemon.wait_for_log(r"Others can read or change \S+/keys .*chmod 640")
        daemon.wait_for_log("Loaded 1 symmetric key from")

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_keys_stay_when_the_file_goes_and_change_when_it_does(self):
        server = self.start_gnomond("server", self.server_lines())
        client = self.start_gnomond("client", self.client_lines(self.key_file("client-keys", f"1 {GOOD}\n")))
        client.wait_for_source("127.0.0.1", "is reachable", lambda source: source["reach"] > 0)
        self.keys.rename(self.folder / "away")
        self.assert_rekey_fails(server, "could not be opened, the keys read before, if any, stay in use")
        server.wait_for_log("the keys read before, if any, stay in use")
        # A half-written file and one that is none of keys are no keys either.
        for text in ("garbage\n", f"1 {GOOD}\n2 "):
            self.key_file("keys", text)
            self.assert_rekey_fails(server, "the keys read before, if any, stay in use")
        good = self.ntpdata(client)["total_good_rx"]
        until("more answers", lambda: self.ntpdata(client)["total_good_rx"] > good + 1)
        self.key_file("keys", f"1 {OTHER}\n")
        self.assertIsNotNone(server.operate("rekey"))
        client.wait_for_source("127.0.0.1", "is refused", lambda source: source["reach"] & 7 == 0)
        self.key_file("client-keys", f"1 {OTHER}\n")
        os.kill(client.process.pid, 1)
        client.wait_for_source("127.0.0.1", "is reachable again", lambda source: source["reach"] & 1 == 1)


class OnTheWire(KeyScene):
    """Requests of our own making, with MD5 and SHA-1 as hashlib has them."""

    def ask(self, datagram):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            client.sendto(datagram, ("127.0.0.1", self.port))
            try:
                return client.recvfrom(2048)[0]
            except TimeoutError:
                return None

    def check_server(self):
        key = bytes.fromhex("a5" * 20)
        header = bytes([0x23]) + bytes(39) + b"\1\2\3\4\5\6\7\10"
        answer = self.ask(header + struct.pack(">I", 1) + hashlib.sha1(key + header).digest())
        self.assertEqual(72, len(answer))
        self.assertEqual(struct.pack(">I", 1) + hashlib.sha1(key + answer[:48]).digest(), answer[48:])
        self.assertEqual(48, len(self.ask(header)))
        for name, trailer in {"another key": struct.pack(">I", 2) + hashlib.sha1(key + header).digest(),
                              "a wrong digest": struct.pack(">I", 1) + bytes(20),
                              "a digest of another type": struct.pack(">I", 1) + hashlib.md5(key + header).digest(),
                              "a crypto-NAK": bytes(4)}.items():
            with self.subTest(name):
                self.assertIsNone(self.ask(header + trailer))

    def test_gnomond_answers_a_known_key_and_no_other(self):
        server = self.start_gnomond("server", self.server_lines())
        self.check_server()
        self.assertEqual(1, server.ask("serverstats")["ntp_auth_hits"])

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
    def test_chronyd_does_the_same(self):
        Chronyd(self, "server", self.server_lines()).wait_until_ready()
        self.check_server()

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
    def test_chronyd_asks_gnomond_in_interleaved_mode(self):
        server = self.start_gnomond("server", self.server_lines())
        client = Chronyd(self, "client", self.client_lines(options=POLLING + " xleave")).wait_until_ready()
        until("an interleaved answer with a MAC",
              lambda: [row for row in client.ask("ntpdata") if row[26:28] == ["Yes", "Yes"]])
        self.assertGreater(server.ask("serverstats")["ntp_interleaved_hits"], 0)


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class WithChrony(KeyScene):
    def setUp(self):
        super().setUp()
        self.all_keys = self.key_file("all-keys", "# of every type\n" + "".join(
            keygen(FIRST_ID + i, name, bits) for i, (name, _, bits) in enumerate(TYPES)))

    def test_chronyd_answers_gnomond_for_every_type_and_version(self):
        Chronyd(self, "server", self.server_lines(self.all_keys)).wait_until_ready()
        client = self.start_gnomond("client", [*sources_of_all_types(self.port), f"keyfile {self.all_keys}"])
        for i, (name, number, bits) in enumerate(TYPES):
            for version in (3, 4):
                with self.subTest(type=name, version=version):
                    address = f"127.0.{version}.{FIRST_ID + i}"
                    source = client.wait_for_source(address, "is reachable", lambda source: source["reach"] > 0)
                    auth, data = source["auth"], self.ntpdata(client, address)
                    self.assertEqual(("symmetric", FIRST_ID + i, number, bits),
                                     (auth["mode"], auth["key_id"], auth["key_type"], auth["key_length"]))
                    self.assertTrue(data["authenticated"])
                    self.assertEqual(version, data["version"])

    def test_gnomond_answers_chronyd_for_every_type_and_version(self):
        server = self.start_gnomond("server", self.server_lines(self.all_keys))
        server.wait_for_log(f"Loaded {len(TYPES)} symmetric keys")
        client = Chronyd(self, "client", [*sources_of_all_types(self.port), f"keyfile {self.all_keys}"]).wait_until_ready()
        addresses = {f"127.0.{version}.{FIRST_ID + i}" for i in range(len(TYPES)) for version in (3, 4)}
        until("all are reachable", lambda: addresses == {row[2] for row in client.ask("sources") if row[5] != "0"})
        self.assertEqual({"Yes"}, {row[27] for row in client.ask("ntpdata")})
        self.assertGreaterEqual(server.ask("serverstats")["ntp_auth_hits"], len(addresses))

    def test_authdata_is_what_chronyc_prints(self):
        lines = [*sources_of_all_types(self.port), f"keyfile {self.all_keys}"]
        chronyd = Chronyd(self, "chronyd", lines).wait_until_ready()
        gnomond = self.start_gnomond("gnomond", lines)
        ours = subprocess.run([surroundings.CONTROL_PROGRAM, "-c", "--socket", str(gnomond.socket), "authdata"],
                              capture_output=True, text=True, check=True).stdout
        rows = [line.split(",") for line in ours.splitlines()]
        self.assertEqual(sorted(chronyd.ask("authdata")), sorted(rows))

    def test_digests_of_any_length_in_the_version_that_each_side_chooses(self):
        for server_is_chronyd in (True, False):
            with self.subTest(server="chronyd" if server_is_chronyd else "gnomond"):
                self.port = surroundings.free_port()
                self.key_file("keys", "1 SHA512 HEX:" + "77" * 64 + "\n")
                lines = self.server_lines()
                if server_is_chronyd:
                    Chronyd(self, "server-chrony", lines).wait_until_ready()
                    client = self.start_gnomond("client", self.client_lines())
                    client.wait_until_selected("127.0.0.1")
                    self.assertEqual(3, self.ntpdata(client)["version"])
                else:
                    self.start_gnomond("server", lines)
                    Chronyd(self, "client-chrony", self.client_lines()).wait_until_selected("127.0.0.1")

    def test_another_key_on_the_other_side_makes_a_source_unreachable(self):
        other = self.key_file("others", f"1 {OTHER}\n")
        Chronyd(self, "server", self.server_lines(other)).wait_until_ready()
        client = self.start_gnomond("client", self.client_lines())
        self.assert_stays_unreachable(client)
        # And the other way round.
        self.port = surroundings.free_port()
        server = self.start_gnomond("gnomond-server", self.server_lines(other))
        chronyd = Chronyd(self, "chronyd-client", self.client_lines()).wait_until_ready()
        until("some requests", lambda: (server.ask("serverstats") or {}).get("ntp_drops", 0) >= 4)
        self.assertEqual("0", chronyd.ask("sources")[0][5])
        # Until it has the same.
        other.write_text(f"1 {GOOD}\n", encoding="utf-8")
        self.assertIsNotNone(server.operate("rekey"))
        chronyd.wait_until_selected("127.0.0.1")

    def test_interleaved_answers_of_chronyd_count_only_with_their_mac(self):
        Chronyd(self, "server", self.server_lines()).wait_until_ready()
        client = self.start_gnomond("client", self.client_lines(options=POLLING + " xleave"))
        data = until("an interleaved answer",
                     lambda: (lambda d: d if d and d["interleaved"] else None)(self.ntpdata(client)))
        self.assertTrue(data["authenticated"])
        client.wait_until_selected("127.0.0.1")


if __name__ == "__main__":
    unittest.main()
