#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The first minute of a machine whose clock is years off, seen from the client: certificates of another time, and
servers that tell that time. The clock itself is not touched (-x)."""

import datetime
import struct
import time
import unittest

import conform
import packets
import surroundings
from certificates import DAY, Authority
from conform import ClientCase
from peer import sealed_cookies

YEAR = 365 * DAY


def at_another_time(shift):
    """A server whose clock is ahead of ours."""

    def respond(peer, query):
        value = time.time() + shift.total_seconds() + packets.UNIX_TO_NTP
        now = struct.pack(">II", int(value) & 0xFFFFFFFF, int(value % 1 * 2**32))
        front = packets.header(now, mode=4, stratum=2, reference=b"\x7f\x01\x02\x03", origin=query.transmit, receive=now,
                               referenced_at=now)
        front += packets.field(packets.IDENTIFIER, query.identifier)
        return [packets.protected(query.session.keys.s2c, front, sealed_cookies(peer, query))]

    return respond


@unittest.skipIf(conform.IS_CHRONY, "chronyd has no such thing")
class WrongClock(ClientCase):
    def server(self, name, shift, valid_at=None, authority=None):
        """Its certificate is good around the time it tells, unless told otherwise."""
        valid_at = shift if valid_at is None else valid_at
        address = conform.PEER_ADDRESSES[len(self.peers)]
        certificate = (authority or self.ca).issue(name, [f"IP:{address}"], start=valid_at - DAY, end=valid_at + 30 * DAY)
        return self.peer(name, certificate=certificate, respond=at_another_time(shift))

    def start_alone(self, *lines):
        sources = [f"server {peer.host} nts ntsport {peer.ke_port} port {peer.port} iburst minpoll 0 maxpoll 0"
                   for peer in self.peers.values()]
        self.client = self.start("client", *sources, "nosystemcert", f"ntstrustedcerts {self.ca.certificate}", *lines)
        return self.client.wait_until_ready()

    def assert_never_selected(self, client):
        for source in client.ask("sources")["sources"]:
            self.assertNotIn(source["state"], ("selected", "combined"))
        self.assertEqual(0, client.ask("tracking")["stratum"])

    def test_servers_that_agree_tell_the_time_and_then_their_certificates_must_hold(self):
        for number in range(3):
            self.server(f"server{number}", 5 * YEAR)
        client = self.start_alone()
        for step in (r"does not fit our clock: certificate is not yet valid \(valid from .* unless other sources confirm it, the next attempt in 8 s",
                     r"is provisional: it may say what date it is",
                     r"system clock seems to be slow by 1576\d{5} s, say [23] of 3 NTS sources",
                     r"NTS-KE with .* succeeded(?s:.*)Selected source",
                     r"System clock wrong by 1576\d{5}\.\d+ seconds"):
            client.wait_for_log(step)
        selected = next(each for each in client.ask("sources")["sources"] if each["state"] == "selected")
        self.assertEqual("best", selected["reason"])
        for peer in self.peers.values():
            self.assertEqual([], peer.faults)

    def test_one_server_is_enough_where_there_is_only_one(self):
        self.server("server", 5 * YEAR)
        client = self.start_alone()
        client.wait_for_log(r"say 1 of 1 NTS sources(?s:.*)Selected source")

    def test_a_majority_of_all_is_needed_however_long_the_others_are_silent(self):
        voter = self.server("voter", 5 * YEAR)
        dead = [f"server {address} nts ntsport {surroundings.free_port()} iburst" for address in conform.PEER_ADDRESSES[-2:]]
        client = self.start_alone(*dead)
        client.wait_for_log(r"1 of 3 NTS sources tell another date than our clock: more than half of all must agree")
        self.assertGreater(len(voter.queries), 0)
        self.assertNotIn("seems to be slow", client.log)
        self.assert_never_selected(client)

    def test_under_an_expired_certificate_no_ntp_packet_leaves(self):
        past = self.server("past", -YEAR)
        client = self.start_alone()
        client.wait_for_log(r"failed : certificate: certificate has expired .*if it is ahead, set it")
        time.sleep(10)  # a second attempt would have been 8 s later
        self.assertEqual([], past.queries)
        self.assertEqual([b""] * len(past.sessions), [each.request for each in past.sessions])
        self.assertNotIn("is provisional", client.log)
        self.assert_never_selected(client)

    def test_nor_does_one_in_the_only_try_of_who_asks_once(self):
        past = self.server("past", -YEAR)
        for saved in (None, -2 * YEAR):
            folder = self.state_folder(f"state-{saved is None}", mode=0o755)
            if saved:
                earlier = datetime.datetime.now(datetime.timezone.utc) + saved
                (folder / "gnomon.time").write_text(f"{int(earlier.timestamp())}\n", encoding="ascii")
            done, _ = self.run_once(
                "-Q", "-t", "12", f"server {past.host} nts ntsport {past.ke_port} port {past.port} iburst", "nosystemcert",
                f"ntstrustedcerts {self.ca.certificate}", f"ntsdumpdir {folder}")
            self.assertEqual(1, done.returncode, done.stderr)
            self.assertIn("certificate has expired", done.stdout + done.stderr)
        self.assertEqual([], past.queries)

    def test_a_certificate_that_does_not_hold_at_the_time_told_is_refused_for_good(self):
        self.server("server", 0 * DAY, valid_at=10 * DAY)
        client = self.start_alone()
        client.wait_for_log(r"NTS-KE with .* failed : certificate: certificate is not yet valid .*Check this machine's clock")
        (peer,) = self.peers.values()
        seen = len(peer.queries)
        self.assertGreater(seen, 0)  # it was asked for the date
        time.sleep(3)
        self.assertEqual(seen, len(peer.queries))
        self.assert_never_selected(client)

    def test_servers_that_disagree_are_not_believed(self):
        self.server("five", 5 * YEAR)
        self.server("four", 4 * YEAR)
        client = self.start_alone()
        client.wait_for_log(r"no majority \(no agreement among 2 sources\)")
        self.assert_never_selected(client)
        reasons = {each["reason"] for each in client.ask("sources")["sources"]}
        self.assertEqual({"provisional"}, reasons)
        self.assertTrue(all("find the date" in each["explanation"] for each in client.ask("sources")["sources"]))

    def test_other_faults_of_a_certificate_are_never_forgiven(self):
        self.server("foreign", 5 * YEAR, authority=Authority(self.folder / "foreign"))
        client = self.start_alone()
        client.wait_for_log(r"failed : certificate: ")
        (peer,) = self.peers.values()
        time.sleep(10)
        self.assertEqual([], peer.queries)
        self.assertEqual([b""] * len(peer.sessions), [each.request for each in peer.sessions])

    def test_a_healthy_source_settles_it_before_any_date_is_forgiven(self):
        future = self.server("future", 0 * DAY, valid_at=10 * DAY)
        self.server("healthy", 0 * DAY)
        client = self.start_alone()
        client.wait_for_log(r"failed : certificate: certificate is not yet valid")
        self.assertEqual([], future.queries)

    def test_the_saved_time_is_the_least_that_it_can_be(self):
        folder = self.state_folder("state", mode=0o755)
        later = datetime.datetime.now(datetime.timezone.utc) + 5 * YEAR
        (folder / "gnomon.time").write_text(f"{int(later.timestamp())}\n", encoding="ascii")
        self.server("server", 5 * YEAR + DAY)
        client = self.start_alone(f"ntsdumpdir {folder}")
        # The certificate holds at the saved time already: nothing needs to be forgiven.
        client.wait_for_log(rf"it is {later:%Y-%m-%d} .* at least(?s:.*)Selected source")
        self.assertNotIn("is provisional", client.log)
        client.stop()
        self.assertGreater(int((folder / "gnomon.time").read_text(encoding="ascii")), later.timestamp() + 86000)


if __name__ == "__main__":
    conform.main()
