#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Between client and server lies a network that loses, repeats, reorders, cuts, falsifies, delays and replays."""

import concurrent.futures
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import bad_network
from bad_network import BadDatagrams, BadStream
from daemons import Scene, until
from scenes import ask_time

MISTREATED = 25  # datagrams before the network is good again
# Client and server have one clock: half of what the network adds at most, and the machine's own delays.
LARGEST_ERROR = bad_network.LONGEST_DELAY / 2 + 0.025


def is_protected(request):
    """Whether its last extension field is an authenticator."""
    place, kind = 48, 0
    while place + 4 <= len(request):
        kind, length = struct.unpack_from("!HH", request, place)
        place += max(length, 4)
    return kind == 0x0404 and place == len(request)


class Datagrams(Scene):
    def connect(self, nts, **how):
        authority = self.authority()
        # Key establishment names the port, so the network has the server's at another address.
        server = self.start_server(certificate=authority.issue("server"), extra=["bindaddress 127.0.0.2"])
        network = BadDatagrams(("127.0.0.2", server.port), server.port, **how)
        stream = BadStream(("127.0.0.2", server.ke_port), server.ke_port)
        for each in (network, stream):
            self.addCleanup(each.close)
        secure = f" nts ntsport {server.ke_port}" if nts else ""
        client = self.start("client", f"server 127.0.0.1 port {network.port}{secure} iburst minpoll -3 maxpoll -3",
                            "nosystemcert", f"ntstrustedcerts {authority.certificate}", "maxchange 1000 1 10")
        return client, server, network

    def watch_until_mistreated(self, client, network):
        """No sample that was taken is further off than the network can make it."""
        largest = 0.0

        def look():
            nonlocal largest
            client.still_there()
            source = client.source("127.0.0.1")
            if source and source["reach"]:
                largest = max(largest, abs(source["measured_offset"]))
            return network.total() >= MISTREATED

        until("the network has done enough", look)
        return largest

    def recovers(self, client, network):
        network.likelihood = 0
        client.wait_for_source("127.0.0.1", "is reached by every request",
                               lambda source: source["reach"] == 0o377 and source["state"] == "selected")

    def test_with_nts_nothing_false_is_taken(self):
        client, server, network = self.connect(nts=True)
        largest = self.watch_until_mistreated(client, network)
        self.recovers(client, network)
        self.assertLess(largest, LARGEST_ERROR)
        self.assertEqual([], [each for each in network.requests if not is_protected(each)])
        # A falsified cookie is refused, and a refusal means new keys: never none.
        self.assertEqual("nts", client.source("127.0.0.1")["auth"]["mode"])
        self.assertGreater(server.ask("serverstats")["ntp_auth_hits"], 10)
        print(f"{network.done}, largest offset {largest:.6f} s")

    def test_without_nts_nothing_but_falsification_can_harm(self):
        kinds = tuple(kind for kind in BadDatagrams.KINDS if kind != "falsified")
        client, server, network = self.connect(nts=False, kinds=kinds)
        largest = self.watch_until_mistreated(client, network)
        self.recovers(client, network)
        self.assertLess(largest, LARGEST_ERROR)
        print(f"{network.done}, largest offset {largest:.6f} s")

    def test_falsified_without_nts_harms_neither_side(self):
        client, server, network = self.connect(nts=False, kinds=("falsified", "cut"), likelihood=1.0)
        self.watch_until_mistreated(client, network)
        self.recovers(client, network)
        self.assertTrue(ask_time(server.port, "127.0.0.2"))


class Streams(Scene):
    """Key establishment over TCP that is cut, falsified, held up or half closed."""

    def setUp(self):
        super().setUp()
        self.ca = self.authority()
        self.server = self.start_server(certificate=self.ca.issue("server"))

    def ask(self, treatment, patience="3"):
        """One question with NTS through a stream that is treated so: exit status, messages, bytes passed."""
        stream = BadStream(("127.0.0.1", self.server.ke_port))
        stream.treatment = treatment
        try:
            done, _ = self.run_once(
                "-Q", "-t", patience, "nosystemcert", f"ntstrustedcerts {self.ca.certificate}",
                f"server 127.0.0.1 port {self.server.port} nts ntsport {stream.port} iburst maxsamples 1")
            return done, stream.connections
        finally:
            stream.close()

    def sizes(self):
        """How many octets a whole session has in each direction."""
        seen = {"up": 0, "down": 0}

        def count(way):
            def treat(before, octets):
                seen[way] = max(seen[way], before + len(octets))
                return octets
            return treat

        done, _ = self.ask({way: count(way) for way in seen}, "20")
        self.assertEqual(0, done.returncode, done.stderr)
        return seen

    def test_what_is_cut_or_false_gives_no_time_and_a_reason(self):
        sizes = self.sizes()
        cases = []
        for way, size in sizes.items():
            # Behind the last octets, the end of the session, nothing is to be lost any more.
            for place in range(0, size - 60, max(size // 6, 1)):
                for name in ("cut_at", "half_close_at", "falsify_at", "silent_at"):
                    cases.append((way, name, place))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(lambda case: self.ask({case[0]: getattr(bad_network, case[1])(case[2])}), cases))
        served = 0
        for case, (done, connections) in zip(cases, outcomes):
            with self.subTest(case):
                messages = done.stdout + done.stderr
                self.assertGreaterEqual(connections, 1)
                # A half-closed request that was whole is answered, as the RFC wants it.
                if done.returncode == 0:
                    served += 1
                    self.assertNotIn(case[1], ("falsify_at", "cut_at", "silent_at"))
                else:
                    self.assertEqual(1, done.returncode, messages)
                    self.assertRegex(messages, r"(?i)nts-ke|key exchange|certificate|TLS")
        print(f"{len(cases)} mistreated sessions of {sizes}, {served} of them were served")
        self.assertTrue(ask_time(self.server.port))
        self.assertEqual(0, self.ask({}, "20")[0].returncode, "the server no longer serves")

    def test_what_is_only_slow_is_served(self):
        for treatment in ({"up": bad_network.in_pieces, "down": bad_network.in_pieces},
                          {"down": bad_network.delayed(0.2)}, {"up": bad_network.delayed(0.2)}):
            with self.subTest(treatment):
                done, _ = self.ask(treatment, "20")
                self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
