# SPDX-License-Identifier: GPL-2.0-or-later
"""What every test of this folder shares: the daemon under test, chosen by NTS_TARGET (gnomond or chronyd), and the
table of where that daemon is known to differ from the RFC.

A test whose name stands in the table must fail, and for the reason that stands there: a daemon that changes, or a
test that stopped testing, is noticed either way."""

import contextlib
import dataclasses
import functools
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

import surroundings  # noqa: E402  (drops the right to set the clock before anything is started)
from daemons import Chronyd, Scene, server_lines, until  # noqa: E402
from deviations import KNOWN  # noqa: E402
from peer import Peer, Witness  # noqa: E402

TARGET = os.environ.get("NTS_TARGET", "gnomond")
IS_CHRONY = TARGET == "chronyd"


def _target_with_version():
    if not IS_CHRONY:
        return TARGET
    if not (surroundings.CHRONYD and surroundings.CHRONYC):
        print("chrony is not installed: nothing to compare the suite with")
        sys.exit(77)
    said = subprocess.run([surroundings.CHRONYD, "--version"], capture_output=True, text=True, check=True).stdout
    return f"{TARGET} {re.search(r'version ([^ ]+)', said)[1]}"


def _known():
    name = _target_with_version()
    if name not in KNOWN:
        print(f"nothing is known of {name}: run the suite against it, judge what fails, add a table to deviations.py")
        sys.exit(77)
    return KNOWN[name]


AEADS, DEVIATIONS = dataclasses.astuple(_known())
ALL_AEADS_LINE = () if IS_CHRONY else ("ntsaeads 30 15 17",)
PEER_ADDRESSES = [f"127.0.1.{number}" for number in range(1, 100)]


def host_name(address):
    """The name that /etc/hosts has for a peer's address, here only."""
    return f"host-{address.rsplit('.', 1)[1]}.gnomon.test"


def _host_lines():
    for address in PEER_ADDRESSES:
        name = host_name(address)
        yield f"{address} {name} {name}. below.{name} {name.replace('.gnomon', '-gnomon')}"


OWN_HOSTS = surroundings.enter_own_hosts(_host_lines())
# A file that is not there for the target: gnomond does without its primitives of libcrypto.
if os.environ.get("NTS_WITHOUT") and not surroundings.hide(os.environ["NTS_WITHOUT"]):
    print("only root can hide a file")
    sys.exit(77)


def _deviating(method, reason):
    @functools.wraps(method)
    def checked(self):
        try:
            method(self)
        except AssertionError as difference:
            if not re.search(reason, str(difference)):
                raise
            return
        self.fail(f"{TARGET} conforms where the table of deviations says: {reason}")

    return checked


class Conformance(Scene):
    """A Scene whose daemons are those of the target."""

    def __init_subclass__(cls, **others):
        super().__init_subclass__(**others)
        for name, reason in DEVIATIONS.items():
            if name in vars(cls):
                setattr(cls, name, _deviating(vars(cls)[name], reason))

    @contextlib.contextmanager
    def row(self, name):
        """A case of a table, by the name that it may have among the deviations."""
        reason = DEVIATIONS.get(name)
        with self.subTest(name):
            try:
                yield
            except AssertionError as difference:
                if not reason or not re.search(reason, str(difference)):
                    raise
            else:
                if reason:
                    self.fail(f"{TARGET} conforms where the table of deviations says: {reason}")

    def start_target(self, name, *lines):
        return Chronyd(self, name, lines) if IS_CHRONY else self.start(name, *lines)


def shared_server(test_class, *extra):
    """The target as an NTS server for all tests of a class, on loopback, with one worker: it answers in order."""
    scene = Conformance()
    scene.setUp()
    test_class.addClassCleanup(scene.doCleanups)
    authority = scene.authority()
    port, ke_port = surroundings.free_port(), surroundings.free_port()
    lines = server_lines(port, ke_port, authority.issue("server"))
    own = ("bindaddress 127.0.0.1",) + (() if IS_CHRONY else ("ntpworkers 1",))
    daemon = scene.start_target("server", *lines, *ALL_AEADS_LINE, *own, *extra)
    daemon.port, daemon.ke_port = port, ke_port
    return daemon.wait_until_ready()


class ClientCase(Conformance):
    """The target as a client of scripted servers, each at an address of its own."""

    def setUp(self):
        super().setUp()
        self.ca = self.authority()
        self.witness = Witness()
        self.addCleanup(self.witness.close)
        self.peers = {}

    @functools.cached_property
    def certificate(self):
        """Good for every address that peers have."""
        return self.ca.issue("server", [f"IP:{address}" for address in ["127.0.0.1", *PEER_ADDRESSES]] +
                             ["DNS:localhost"])

    def peer(self, name, certificate=None, **others):
        others.setdefault("address", PEER_ADDRESSES[len(self.peers)])
        peer = Peer(certificate or self.certificate, **others)
        self.addCleanup(peer.close)
        peer.host = peer.address
        self.peers[name] = peer
        return peer

    def start_client(self, *lines, options="minpoll 0 maxpoll 0", aeads=ALL_AEADS_LINE):
        sources = [f"server {peer.host} nts ntsport {peer.ke_port} port {peer.port} {options}"
                   for peer in self.peers.values()]
        self.client = self.start_target(
            "client", *sources, f"server {self.witness.address} port {self.witness.port} minpoll 0 maxpoll 0",
            "nosystemcert", f"ntstrustedcerts {self.ca.certificate}", *aeads, *lines)
        self.client.wait_until_ready()

    def wait_for(self, what, predicate):
        # What stock chronyd never does is not waited for that long.
        patience = 30 if IS_CHRONY else surroundings.PATIENCE
        return until(what, lambda: self.client.still_there() and predicate(), patience)

    def let_it_poll(self, times=2):
        """Returns when the client had every opportunity to poll so many times more."""
        seen = self.witness.count
        self.wait_for("polls of the witness", lambda: self.witness.count >= seen + times)

    def valid_answers(self, peer):
        """How many of the peer's answers the client took for good."""
        if IS_CHRONY:
            rows = [row for row in self.client.ask("ntpdata") if row[0] == peer.address]
            return int(rows[0][32]) if rows else 0
        reply = self.client.ask("ntpdata")
        return sum(each["total_valid_rx"] for each in reply["sources"] if each["address"] == peer.address)

    def assert_well_behaved(self, peer):
        """What holds in every case: nothing unprotected, no cookie twice, every request authentic."""
        self.assertEqual([], peer.faults)
        self.assertEqual([], [query.datagram.hex() for query in peer.queries if not query.authentic], "bad requests")


def main():
    unittest.main(verbosity=2 if os.environ.get("VERBOSE") else 1)
