#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom a client believes: TLS 1.3, ALPN, the certificate's chain, dates and names. Behind every refusal stands a good
KE server whose cookies nobody comes to spend (RFC 8915 sections 3 and 8)."""

import datetime
import subprocess
import unittest

import conform
from certificates import DAY, Authority
from conform import PEER_ADDRESSES, ClientCase, host_name
from openssl import TLS_1_2, TLS_1_3

HOUR = datetime.timedelta(hours=1)


def openssl(*words):
    subprocess.run(("openssl",) + tuple(str(word) for word in words), check=True, stdin=subprocess.DEVNULL,
                   capture_output=True)


@unittest.skipUnless(conform.OWN_HOSTS, "no names without a mount namespace")
class Trust(ClientCase):
    def next_address(self):
        return PEER_ADDRESSES[len(self.peers)]

    def by_address(self, name, subject_names=None, authority=None, **dates):
        address = self.next_address()
        names = [each.format(address=address) for each in subject_names or ["IP:{address}"]]
        self.peer(name, certificate=(authority or self.ca).issue(f"cert{len(self.peers)}", names, **dates))

    def by_name(self, name, *subject_names, host="{host}"):
        own = host_name(self.next_address())
        names = [each.format(host=own) for each in subject_names]
        certificate = self.ca.issue(f"cert{len(self.peers)}", names)
        self.peer(name, certificate=certificate).host = host.format(host=own)

    def self_signed(self, name):
        certificate, key = self.folder / "self.pem", self.folder / "self.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "9",
                "-subj", "/CN=self", "-addext", f"subjectAltName=IP:{self.next_address()}", "-out", certificate,
                "-keyout", key)
        self.peer(name, certificate=(certificate, key))

    def below_a_leaf(self, name):
        """Signed by a good certificate that is no authority."""
        leaf, leaf_key = self.ca.issue("leaf", ["DNS:leaf.gnomon.test"])
        key, request, chain = self.folder / "sub.key", self.folder / "sub.csr", self.folder / "sub.pem"
        extensions = self.folder / "sub.ext"
        extensions.write_text(f"subjectAltName=IP:{self.next_address()}\n", encoding="ascii")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", "/CN=sub", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", leaf, "-CAkey", leaf_key, "-days", "9", "-set_serial", "77",
                "-extfile", extensions, "-out", chain)
        chain.write_bytes(chain.read_bytes() + leaf.read_bytes())
        self.peer(name, certificate=(chain, key))

    def settle(self):
        self.start_client()
        for name, peer in self.peers.items():
            self.wait_for(f"the end of a session with: {name}", peer.over)
        self.let_it_poll(3)

    def test_these_are_not_believed(self):
        # As long as nobody has told the time, a wrong clock may be to blame for a date: see test_wrong_clock.py.
        self.by_address("good")
        self.by_address("expired", start=-2 * DAY, end=-HOUR)
        self.by_address("not yet valid", start=HOUR, end=DAY)
        self.by_address("for another address", ["IP:127.0.3.3"])
        self.by_address("for the address as a name", ["DNS:{address}"])
        self.by_address("for a name only", ["DNS:localhost"])
        self.by_address("of an unknown authority", authority=Authority(self.folder / "foreign"))
        # Even with the same name an authority is its key.
        self.by_address("of a namesake of the authority", authority=Authority(self.folder / "namesake"))
        self.self_signed("self-signed")
        self.below_a_leaf("signed by what is no authority")
        self.by_name("for another name", "DNS:other.gnomon.test")
        self.by_name("for the parent name", "DNS:gnomon.test")
        self.by_name("for a name below", "DNS:below.{host}")
        self.by_name("a wildcard one level too high", "DNS:*.gnomon.test", host="below.{host}")
        self.by_name("a wildcard for everything", "DNS:*")
        self.by_name("a wildcard for a part of a label (RFC 9525)", "DNS:{host[0]}*.gnomon.test")
        self.by_name("a wildcard for the name itself", "DNS:*.{host}")
        self.peer("TLS 1.2 only", versions=(TLS_1_2, TLS_1_2))
        self.peer("no ALPN", alpn=())
        self.peer("another ALPN", force_alpn=b"ntske/2")
        self.peer("an ALPN nobody asked for", force_alpn=b"http/1.1")
        self.settle()
        del self.peers["good"]
        for name, peer in self.peers.items():
            with self.row(name):
                self.assertEqual([], peer.faults)
                self.assertEqual(0, len(peer.queries) + peer.unopened, "packets after a refusal")
                self.assertEqual([b""] * len(peer.sessions), [each.request for each in peer.sessions],
                                 "a request to somebody who is not believed")

    def test_these_are_believed(self):
        self.by_address("for the address")
        self.by_address("for several", ["DNS:other.gnomon.test", "IP:127.0.3.3", "IP:{address}"])
        self.by_address("valid for an hour more", start=-DAY, end=HOUR)
        self.by_name("for the name", "DNS:{host}")
        self.by_name("for the name among others", "DNS:other.gnomon.test", "IP:127.0.3.3", "DNS:{host}")
        self.by_name("a wildcard", "DNS:*.gnomon.test")
        self.by_name("a name with its final dot", "DNS:{host}", host="{host}.")
        self.by_name("a name in other letters", f"DNS:{host_name(self.next_address()).upper()}")
        self.peer("TLS 1.2 or 1.3", versions=(TLS_1_2, TLS_1_3))
        self.peer("P-256 only", groups=b"P-256")
        self.peer("P-384 only", groups=b"P-384")
        self.peer("X25519 only", groups=b"X25519")
        self.settle()
        for name, peer in self.peers.items():
            with self.row(name):
                self.assert_well_behaved(peer)
                self.assertNotEqual(0, self.valid_answers(peer), "no valid answers")


if __name__ == "__main__":
    conform.main()
