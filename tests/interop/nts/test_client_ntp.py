#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Protected NTP as a client must do it: what its requests look like, which responses it takes, what it does about
refusals, and that no cookie is ever spent twice (RFC 8915 section 5.7)."""

import functools
import os
import struct

import aead
import conform
import packets
from conform import ClientCase
from packets import AUTHENTICATOR, COOKIE, IDENTIFIER, UNKNOWN, field
from peer import answer_header, choose, good_answer, good_response, kiss, sealed_cookies
from records import PORT, numbers, record, response

FOREIGN = aead.make(15, bytes(range(32)))


def with_15(peer, session):
    return good_answer(peer, session, 15)


def good(**others):
    return functools.partial(good_response, **others)


def with_foreign_key(peer, query):
    return good_response(peer, query, cipher=FOREIGN)


def with_request_key(peer, query):
    return good_response(peer, query, cipher=query.session.keys.c2s)


def with_changed(at):
    def respond(peer, query):
        answer = bytearray(good_response(peer, query)[0])
        answer[at] ^= 1
        return [bytes(answer)]

    return respond


def without_authenticator(peer, query):
    return [answer_header(query) + field(IDENTIFIER, query.identifier)]


def without_identifier(peer, query):
    return [packets.protected(query.session.keys.s2c, answer_header(query), sealed_cookies(peer, query))]


def with_identifier_behind(peer, query):
    return [without_identifier(peer, query)[0] + field(IDENTIFIER, query.identifier)]


def with_two_identifiers(peer, query):
    return good_response(peer, query, between=field(IDENTIFIER, os.urandom(32)))


def with_lengths(*lengths):
    def respond(peer, query):
        front = answer_header(query) + field(IDENTIFIER, query.identifier)
        return [packets.protected(query.session.keys.s2c, front, sealed_cookies(peer, query), lengths=lengths)]

    return respond


def cut(size):
    return lambda peer, query: [good_response(peer, query)[0][:size]]


def echo(peer, query):
    return [query.datagram]


def nothing(peer, query):
    return []


def plain(peer, query):
    return [answer_header(query)]


def kisses(code, identifier=None):
    return lambda peer, query: [kiss(query, code, identifier)]


# None of these is a response to the outstanding request.
DROPPED = {
    "silence": nothing,
    "a plain response": plain,
    "a response without authenticator": without_authenticator,
    "a response under a foreign key": with_foreign_key,
    "a response under the request's key": with_request_key,
    "a changed header": with_changed(2),
    "a changed timestamp": with_changed(40),
    "a changed tag": with_changed(-1),
    "a foreign identifier": good(identifier=os.urandom(32)),
    "an identifier cut short": lambda peer, query: good_response(peer, query, identifier=query.identifier[:16]),
    "an identifier made longer": lambda peer, query: good_response(peer, query, identifier=query.identifier + bytes(4)),
    "no identifier": without_identifier,
    "an identifier that is not covered": with_identifier_behind,
    "two identifiers": with_two_identifiers,
    "a foreign origin": good(origin=os.urandom(8)),
    "an origin of zeros": good(origin=bytes(8)),
    "mode 3": good(mode=3),
    "mode 5": good(mode=5),
    "mode 2": good(mode=2),
    "a nonce length of 0": with_lengths(0, 100),
    "a nonce beyond the field": with_lengths(65535, 16),
    "a ciphertext beyond the field": with_lengths(16, 65535),
    "lengths whose sum wraps": with_lengths(65532, 65532),
    "a ciphertext without a tag": with_lengths(16, 15),
    "a response cut in the authenticator": cut(-4),
    "a response cut before it": cut(84),
    "a header cut short": cut(47),
    "the request sent back": echo,
    "DENY without identifier": kisses(b"DENY", b""),
    "RSTR with a foreign identifier": kisses(b"RSTR", os.urandom(32)),
    "RATE without identifier": kisses(b"RATE", b""),
}


def after_junk(peer, query):
    return [plain(peer, query)[0], with_foreign_key(peer, query)[0], without_authenticator(peer, query)[0],
            good_response(peer, query, identifier=os.urandom(32))[0], os.urandom(100),
            *good_response(peer, query)]


def after_a_nak(peer, query):
    return [kiss(query), *good_response(peer, query)]


def with_cookie_in_clear(peer, query):
    # Known to the peer, so that its use would be seen; but under the name of nobody.
    peer.in_clear = os.urandom(len(query.cookie))
    return good_response(peer, query, between=field(COOKIE, peer.in_clear))


def with_cookie_behind(peer, query):
    return good_response(peer, query, after=field(COOKIE, os.urandom(len(query.cookie))))


TAKEN = {
    "a good response": good(),
    "junk before the good response": after_junk,
    "a NAK before the good response": after_a_nak,
    "unknown fields before the authenticator": good(between=field(UNKNOWN, os.urandom(20))),
    "unknown encrypted fields": good(inner=field(UNKNOWN, os.urandom(20))),
    "fields after the authenticator": good(after=field(UNKNOWN, bytes(28))),
    "a cookie in the clear": with_cookie_in_clear,
    "a cookie behind the authenticator": with_cookie_behind,
    "a nonce of 12 octets": good(nonce=bytes(range(12))),
    "a nonce of 15 octets": good(nonce=bytes(range(15))),
    "a nonce of 32 octets": good(nonce=bytes(range(32))),
    "20 cookies": good(count=20, size=32),
    "cookies of 64 octets after those of 100": good(size=64),
    "cookies of 168 octets after those of 100": good(size=168),
}


class Responses(ClientCase):
    def prepare(self, table):
        for name, respond in table.items():
            self.peer(name, answer=with_15, respond=respond)
        self.start_client()
        for name, peer in self.peers.items():
            self.wait_for(f"a second query with: {name}", lambda peer=peer: len(peer.queries) > 1)
        self.let_it_poll(3)

    def test_what_is_no_response_is_dropped(self):
        self.prepare(DROPPED)
        for name, peer in self.peers.items():
            with self.row(name):
                self.assert_well_behaved(peer)
                self.assertEqual(0, self.valid_answers(peer), "taken for an answer")
                self.assertEqual(1, len(peer.sessions), "keys are thrown away for nothing")
                self.assertEqual(0, peer.unopened, "foreign cookies used")

    def test_good_responses_are_taken(self):
        self.prepare(TAKEN)
        for name, peer in self.peers.items():
            with self.row(name):
                self.assert_well_behaved(peer)
                self.assertGreater(self.valid_answers(peer), 1, "valid answers")
                self.assertEqual(1, len(peer.sessions), "keys are thrown away for nothing")
                self.assertEqual(0, peer.unopened, "foreign cookies used")

    def test_an_older_response_is_not_taken_again(self):
        first = []

        def respond(peer, query):
            if not first:
                first.extend(good_response(peer, query))
            return first

        peer = self.peer("server", answer=with_15, respond=respond)
        self.start_client()
        self.wait_for("three queries", lambda: len(peer.queries) > 3)
        self.assertEqual(1, self.valid_answers(peer))
        self.assert_well_behaved(peer)

    def test_the_same_response_twice_counts_once(self):
        peer = self.peer("server", answer=with_15, respond=lambda peer, query: good_response(peer, query) * 3)
        self.start_client()
        self.wait_for("three queries", lambda: len(peer.queries) > 3)
        self.assertLessEqual(self.valid_answers(peer), len(peer.queries))
        # Three copies bring the cookies of one: none is asked for beyond, and none is used twice.
        self.assert_well_behaved(peer)


class Requests(ClientCase):
    def test_requests_are_what_the_rfc_says(self):
        peers = [self.peer(f"AEAD {aead_id}", answer=functools.partial(good_answer, aead_id=aead_id))
                 for aead_id in conform.AEADS]
        self.start_client()
        for peer in peers:
            self.wait_for("four queries", lambda peer=peer: len(peer.queries) > 3)
            self.assert_well_behaved(peer)
            for query in list(peer.queries):
                self.assert_request(query)
            for what in ("identifier", "transmit", "cookie"):
                self.assertEqual(len(peer.queries), len({getattr(query, what) for query in peer.queries}), what)
            self.assertEqual(len(peer.queries), len({packets.nonce_of(query.datagram) for query in peer.queries}))
            self.assertEqual(len(peer.queries), len({query.address for query in peer.queries}), "one port for all")

    def assert_request(self, query):
        kinds = [kind for kind, _, _ in packets.fields(query.datagram)]
        self.assertEqual([IDENTIFIER, COOKIE], sorted(kinds[:2]))
        self.assertEqual([AUTHENTICATOR], kinds[2 + len(query.placeholders):])
        self.assertEqual(0x23, query.datagram[0] & 0x3F, "version and mode")
        self.assertGreaterEqual(len(query.identifier), 32)
        self.assertEqual([], query.placeholders, "placeholders without loss")
        (body,) = packets.bodies(query.datagram, AUTHENTICATOR)
        nonce, ciphertext = struct.unpack_from(">HH", body)
        required = 12 if query.session.aead_id == 30 else 16
        self.assertGreaterEqual(len(body), 4 + max(required, nonce + -nonce % 4) + ciphertext)
        self.assertEqual(bytes(12), query.datagram[4:16], "what identifies the client")

    def lossy(self, size, lost):
        """Answers nothing to the first `lost` queries."""
        return self.peer(f"{size}", answer=functools.partial(good_answer, aead_id=15, size=size),
                         respond=lambda peer, query: good_response(peer, query) if len(peer.queries) > lost else [])

    def test_placeholders_bring_the_store_back_to_eight(self):
        for size in (64, 100, 168):
            self.lossy(size, 3)
        self.start_client()
        for peer in self.peers.values():
            self.wait_for("queries after the loss", lambda peer=peer: len(peer.queries) > 7)
            self.assert_well_behaved(peer)
            wishes = [len(query.placeholders) for query in peer.queries]
            self.assertEqual([0, 1, 2, 3], wishes[:4])
            self.assertEqual(0, wishes[7], "placeholders when the store is full again")
            for query in peer.queries:
                self.assertEqual({len(query.cookie)}, {len(query.cookie), *map(len, query.placeholders)})
                self.assertLessEqual(len(query.datagram), 1280)
                self.assertLessEqual(len(query.placeholders), 7)

    def test_placeholders_never_make_a_packet_too_long(self):
        self.lossy(256, 5)
        self.start_client()
        peer = self.peers["256"]
        self.wait_for("queries after the loss", lambda: len(peer.queries) > 5)
        self.assert_well_behaved(peer)
        self.assertGreater(len(peer.queries[5].placeholders), 0)
        self.assertLessEqual(max(len(query.datagram) for query in peer.queries), 1280)

    def test_cookies_end_in_a_new_key_establishment(self):
        peer = self.peer("server", answer=functools.partial(good_answer, aead_id=15, count=2), respond=nothing)
        self.start_client()
        self.wait_for("another session", lambda: len(peer.sessions) > 1)
        self.assert_well_behaved(peer)
        self.assertEqual(2, sum(query.session is peer.sessions[0] for query in peer.queries))


class Refusals(ClientCase):
    def test_a_nak_leads_to_new_keys_and_to_them_only(self):
        def respond(peer, query):
            return [kiss(query)] if query.session is peer.sessions[0] else good_response(peer, query)

        peer = self.peer("server", answer=with_15, respond=respond)
        self.start_client()
        self.wait_for("an answer under new keys", lambda: self.valid_answers(peer))
        self.assert_well_behaved(peer)
        sessions = [peer.sessions.index(query.session) for query in peer.queries]
        self.assertEqual(sorted(sessions), sessions, "an old cookie after new ones")

    def test_a_nak_after_a_good_answer_leads_to_new_keys(self):
        def respond(peer, query):
            refused = query.session is peer.sessions[0] and len(peer.queries) > 2
            return [kiss(query)] if refused else good_response(peer, query)

        peer = self.peer("server", answer=with_15, respond=respond)
        self.start_client()
        self.wait_for("new keys", lambda: len(peer.sessions) > 1)
        self.wait_for("answers", lambda: self.valid_answers(peer) > 2)
        self.assert_well_behaved(peer)

    def test_forged_naks_do_not(self):
        forgeries = {
            "without identifier": lambda peer, query: [kiss(query, identifier=b"")],
            "with a foreign identifier": lambda peer, query: [kiss(query, identifier=os.urandom(32))],
            "with another origin": lambda peer, query: [
                answer_header(query, stratum=0, reference=packets.NTSN, origin=bytes(8))
                + field(IDENTIFIER, query.identifier)],
            "with a stratum": lambda peer, query: [
                answer_header(query, stratum=1, reference=packets.NTSN) + field(IDENTIFIER, query.identifier)],
        }
        for name, respond in forgeries.items():
            self.peer(name, answer=with_15, respond=respond)
        self.start_client()
        for name, peer in self.peers.items():
            self.wait_for("a query", lambda peer=peer: peer.queries)
        self.let_it_poll(6)
        for name, peer in self.peers.items():
            with self.row(f"a NAK {name}"):
                self.assert_well_behaved(peer)
                self.assertGreater(len(peer.queries), 2, "no more queries")
                self.assertEqual(1, len(peer.sessions), "keys are thrown away for nothing")

    def test_naks_for_ever_do_not_hammer_the_key_establishment(self):
        peer = self.peer("server", answer=with_15, respond=lambda peer, query: [kiss(query)])
        self.start_client()
        self.wait_for("the first session", peer.over)
        self.let_it_poll(8)
        self.assert_well_behaved(peer)
        self.assertLessEqual(len(peer.sessions), 2)
        self.assertGreater(len(peer.queries), 4, "it does not go on with the cookies it has")

    def test_failures_of_the_key_establishment_do_not_hammer_it(self):
        peers = [self.peer("nothing", answer=lambda peer, session: b""),
                 self.peer("garbage", answer=lambda peer, session: os.urandom(50))]
        self.start_client()
        for peer in peers:
            self.wait_for("the first session", peer.over)
        self.let_it_poll(8)
        for peer in peers:
            self.assert_well_behaved(peer)
            self.assertEqual(1, len(peer.sessions))
            self.assertEqual([], peer.queries)

    def test_forgeable_kisses_do_not_end_the_association(self):
        for code in (b"DENY", b"RSTR", b"RATE"):
            self.peer(code.decode(), answer=with_15, respond=kisses(code))
        self.start_client()
        for name, peer in self.peers.items():
            self.wait_for(f"queries after {name}", lambda peer=peer: len(peer.queries) > 3)
            self.assertEqual(1, len(peer.sessions))

    def test_the_older_keys_of_aead_30_are_given_up_at_a_nak(self):
        if 30 not in conform.AEADS:
            return

        def answer(peer, session):
            """Compliant keys without saying so."""
            choose(session, 30, compliant=True)
            port = record(PORT, numbers(peer.port), True)
            return response(30, peer.new_cookies(session), port)

        def respond(peer, query):
            return good_response(peer, query) if query.authentic else [kiss(query)]

        peer = self.peer("server", answer=answer, respond=respond)
        self.start_client()
        self.wait_for("an answer", lambda: self.valid_answers(peer))
        self.assertEqual([], peer.faults)
        self.assertEqual(1, len(peer.sessions), "a new session before the other keys were tried")
        self.assertEqual([False, True], [query.authentic for query in peer.queries][:2])

    def test_a_server_with_the_older_keys_of_aead_30_is_understood(self):
        if 30 not in conform.AEADS:
            return

        def answer(peer, session):
            choose(session, 30, compliant=False)
            return response(30, peer.new_cookies(session), record(PORT, numbers(peer.port), True))

        peer = self.peer("server", answer=answer)
        self.start_client()
        self.wait_for("an answer", lambda: self.valid_answers(peer))
        self.assert_well_behaved(peer)


if __name__ == "__main__":
    conform.main()
