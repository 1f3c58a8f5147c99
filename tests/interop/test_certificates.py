#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates that must not be accepted: the reason is in the log and in authdata, the other source goes on."""

import datetime
import signal
import socket
import subprocess
import unittest

import surroundings
from certificates import ECDSA
from daemons import Scene, client_line, until

DAY = datetime.timedelta(days=1)


class BadCertificates(Scene):
    def setUp(self):
        super().setUp()
        self.trusted = self.authority()

    def refused(self, reason, name="127.0.0.1", authority=None, common_name="bad", **how):
        """Runs a client with this server and a good one; the reason is a regular expression."""
        bad = self.start_server("bad", certificate=(authority or self.trusted).issue(common_name, **how))
        good = self.start_server("good", certificate=self.trusted.issue("good"))
        client = self.start("client", client_line(bad, name, nts=True), client_line(good, "::1", nts=True),
                            "nosystemcert", f"ntstrustedcerts {self.trusted.certificate}")
        source = client.wait_for_source(name, "says why", lambda each: each["auth"].get("last_failure"))
        self.assertRegex(source["auth"]["last_failure"].lower(), reason)
        self.assertRegex(client.log.lower(), reason)
        self.assertNotEqual("selected", source["state"])
        self.assertEqual("nts", client.wait_until_selected("::1")["auth"]["mode"])
        self.assertEqual(0, client.source(name)["auth"]["cookies"])

    def test_expired(self):
        self.refused("expired", start=-10 * DAY, end=-DAY)

    def test_not_yet_valid(self):
        self.refused("not (yet )?valid (yet|before|until)|not yet valid", start=DAY, end=10 * DAY)

    def test_for_another_name(self):
        self.refused("name", name="localhost", subject_names=("DNS:time.example.net",))

    def test_named_by_its_common_name_only(self):
        self.refused("for another name", name="localhost", common_name="localhost", subject_names=())

    def test_of_an_unknown_issuer(self):
        self.refused("trust|issuer|unknown", authority=self.authority("stranger"))


class CaptivePortal(Scene):
    """Who is not logged in to a network may find its web server, with its own certificate, wherever he goes: openssl's here."""

    @staticmethod
    def listens(port):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    def told_of(self, reason, certificate):
        port, nothing = surroundings.free_port(), surroundings.free_port()
        portal = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate[0], "-key", certificate[1],
                                   "-www", "-quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(portal.wait)
        self.addCleanup(portal.kill)
        until("openssl listens", lambda: self.listens(port))
        client = self.start("client", f"server localhost port {nothing} nts ntsport {port} ipv4", "port 0", "nosystemcert",
                            f"ntstrustedcerts {self.trusted.certificate}")
        source = client.wait_for_source("localhost", "says why", lambda each: each["auth"].get("last_failure"))
        client.wait_for_log(f"{reason}.*captive portal")  # when what the clock cannot explain has failed as well
        self.assertRegex(source["auth"]["last_failure"], reason)
        self.assertEqual(0, source["auth"]["cookies"])

    def setUp(self):
        super().setUp()
        self.trusted = self.authority()

    def test_with_a_certificate_of_its_own(self):
        self.told_of("for another name", self.trusted.issue("portal", subject_names=("DNS:portal.example",)))

    def test_a_proxy_that_pretends_to_be_the_server(self):
        self.told_of("trust", self.authority("stranger").issue("proxy", subject_names=("DNS:localhost",)))


class UnusableServerFiles(Scene):
    def test_a_key_that_cannot_be_read_stops_only_the_key_establishment(self):
        certificate, key = self.authority().issue("server")
        key.unlink()
        server = self.start_server(certificate=(certificate, key))
        server.wait_for_log(str(key))
        server.wait_for_log("cannot use its certificate or key")
        client = self.start("client", client_line(server))
        client.wait_until_selected("127.0.0.1")
        self.assertTrue(server.is_running())
        # Who wants keys hears at once that there are none, and not by the timeout of TLS.
        secure = self.start("secure", client_line(server, nts=True), "nosystemcert",
                            f"ntstrustedcerts {self.folder / 'ca' / 'ca.pem'}")
        told = secure.wait_for_log(r"NTS-KE with 127\.0\.0\.1 failed.*")
        self.assertIn("connection closed by the server", told.group())

    def test_renewed_certificates_are_used_after_rekey_and_bad_ones_are_not(self):
        authority = self.authority()
        certificate, key = authority.issue("server", start=-10 * DAY, end=-DAY)
        server = self.start_server(certificate=(certificate, key))
        # What it presents it has read: the files may change from here on.
        early = self.start("early", client_line(server, nts=True), "nosystemcert", f"ntstrustedcerts {authority.certificate}")
        early.wait_for_log("expired")
        early.stop()
        first = server.children("gnomon-ntske", "server")

        certificate.write_bytes(b"this is no certificate")
        self.assertIsNone(server.operate("rekey"))
        server.wait_for_log(f"the previous ones stay in use: {certificate} holds no usable certificate chain")
        self.assertEqual(first, server.children("gnomon-ntske", "server"))

        renewed = authority.issue("renewed")
        certificate.write_bytes(renewed[0].read_bytes())
        key.write_bytes(renewed[1].read_bytes())
        self.assertIsNotNone(server.operate("rekey"))
        until("the old server process has ended", lambda: not set(first) & set(server.children("gnomon-ntske", "server")))
        client = self.start("client", client_line(server, nts=True), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        client.wait_until_selected("127.0.0.1")

    def test_sighup_reads_the_certificates_again(self):
        authority = self.authority()
        certificate, key = authority.issue("server", start=-10 * DAY, end=-DAY)
        server = self.start_server(certificate=(certificate, key))
        client = self.start("client", client_line(server, nts=True), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        client.wait_for_log("expired")
        client.stop()
        first = server.children("gnomon-ntske", "server")
        renewed = authority.issue("renewed")
        certificate.write_bytes(renewed[0].read_bytes())
        key.write_bytes(renewed[1].read_bytes())
        server.process.send_signal(signal.SIGHUP)
        until("the old server process has ended", lambda: not set(first) & set(server.children("gnomon-ntske", "server")))
        again = self.start("again", client_line(server, nts=True), "nosystemcert",
                           f"ntstrustedcerts {authority.certificate}")
        again.wait_until_selected("127.0.0.1")


class Trust(Scene):
    def test_each_source_is_believed_by_its_own_set(self):
        ours, theirs = self.authority("ours"), self.authority("theirs")
        pinned = self.folder / "pinned.pem", self.folder / "pinned.key"
        subprocess.run(("openssl", "req", "-x509", "-newkey", *ECDSA, "-nodes", "-days", "9", "-subj", "/CN=pinned",
                        "-addext", "subjectAltName=IP:127.0.0.4", "-keyout", pinned[1], "-out", pinned[0]),
                       check=True, capture_output=True)
        names = {f"127.0.0.{i}": ("IP:" + f"127.0.0.{i}",) for i in (2, 3, 5)}
        believed = {"127.0.0.2": (ours.issue("a", names["127.0.0.2"]), ""),
                    "127.0.0.3": (theirs.issue("b", names["127.0.0.3"]), " certset 1"),
                    "127.0.0.4": (pinned, " certset 2")}
        stranger = theirs.issue("c", names["127.0.0.5"])
        lines = [client_line(self.start_server(address, certificate=pair), address, nts=True) + certset
                 for address, (pair, certset) in believed.items()]
        lines.append(client_line(self.start_server("127.0.0.5", certificate=stranger), "127.0.0.5", nts=True))
        client = self.start("client", *lines, "nosystemcert", f"ntstrustedcerts {ours.certificate}",
                            f"ntstrustedcerts 1 {theirs.certificate}", f"ntstrustedcerts 2 {pinned[0]}")
        for address in believed:
            client.wait_for_source(address, "answers", lambda each: each["auth"]["cookies"] and each["reach"])
        refused = client.wait_for_source("127.0.0.5", "is refused", lambda each: each["auth"].get("last_failure"))
        self.assertEqual(0, refused["auth"]["cookies"])


if __name__ == "__main__":
    unittest.main()
