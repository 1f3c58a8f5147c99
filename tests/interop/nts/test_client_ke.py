#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Key establishment as a client must do it: which responses it takes, and that it sends no NTP packet after any other
(RFC 8915 section 4)."""

import functools
import os
import unittest

import conform
from conform import ClientCase
from peer import choose, good_answer
from records import (AEAD, COMPLIANT, COMPLIANT_RECORD, COOKIE, END, END_RECORD, ERROR, NEXT_PROTOCOL, PORT, SERVER,
                     WARNING, aeads, error, numbers, parse, protocols, record)

UNKNOWN = 0x3ABC


def port_of(peer):
    return record(PORT, numbers(peer.port))


def answering(make):
    """A response out of make(cookies, port record); always with AEAD 15."""

    def answer(peer, session):
        choose(session, 15)
        cookies = b"".join(record(COOKIE, each) for each in peer.new_cookies(session))
        return make(cookies, port_of(peer))

    return answer


def with_extra(extra):
    return answering(lambda cookies, port: protocols(0) + aeads(15) + extra + cookies + port + END_RECORD)


def in_place_of_protocol(*instead):
    return answering(lambda cookies, port: b"".join(instead) + aeads(15) + cookies + port + END_RECORD)


def in_place_of_aead(*instead):
    return answering(lambda cookies, port: protocols(0) + b"".join(instead) + cookies + port + END_RECORD)


def in_place_of_end(instead):
    return answering(lambda cookies, port: protocols(0) + aeads(15) + cookies + port + instead)


def without_port(extra):
    return answering(lambda cookies, port: protocols(0) + aeads(15) + cookies + extra + END_RECORD)


def instead(message):
    return lambda peer, session: message


def cut_after(size):
    """The connection ends without close_notify after so many octets of a good response."""

    def answer(peer, session):
        session.tls.write(good_answer(peer, session, 15)[:size])
        session.tls.cut()

    return answer


def endless(peer, session):
    session.tls.write(protocols(0) + aeads(15))
    for _ in range(100):
        session.tls.write(record(UNKNOWN, bytes(4000)))
    return END_RECORD


ONE_COOKIE = record(COOKIE, bytes(100))

REFUSED = {
    "Error 0": instead(error(0) + END_RECORD),
    "Error 1": instead(error(1) + END_RECORD),
    "Error 2": instead(error(2) + END_RECORD),
    "a private Error": instead(error(40000) + END_RECORD),
    "an Error beside good cookies": with_extra(error(1)),
    "an Error that is not critical": with_extra(record(ERROR, numbers(1))),
    "an Error after the cookies": in_place_of_end(error(2) + END_RECORD),
    "an unknown Warning": with_extra(record(WARNING, numbers(7), True)),
    "an unknown Warning that is not critical": with_extra(record(WARNING, numbers(40000))),
    "an unknown critical record": with_extra(record(UNKNOWN, b"", True)),
    "no Next Protocol": in_place_of_protocol(),
    "an empty Next Protocol": in_place_of_protocol(protocols()),
    "a foreign Next Protocol": in_place_of_protocol(protocols(7)),
    "an odd Next Protocol": in_place_of_protocol(record(NEXT_PROTOCOL, b"\0\0\0", True)),
    "a Next Protocol beyond what was asked": in_place_of_protocol(protocols(0, 7)),
    "two Next Protocols": in_place_of_protocol(protocols(0), protocols(0)),
    "no AEAD": in_place_of_aead(),
    "an empty AEAD record": in_place_of_aead(aeads()),
    "an odd AEAD record": in_place_of_aead(record(AEAD, b"\0\x0f\0", True)),
    "two AEADs in the record": in_place_of_aead(aeads(15, 15)),
    "two AEAD records": in_place_of_aead(aeads(15), aeads(15)),
    "an AEAD that was not offered": in_place_of_aead(aeads(16)),
    "an AEAD that does not exist": in_place_of_aead(aeads(999)),
    "no cookie": instead(protocols(0) + aeads(15) + END_RECORD),
    "only an empty cookie": instead(protocols(0) + aeads(15) + record(COOKIE) + END_RECORD),
    "a cookie that fits no packet": instead(protocols(0) + aeads(15) + record(COOKIE, bytes(60000)) + END_RECORD),
    "an empty Server": with_extra(record(SERVER, b"", True)),
    "a Server with a NUL": with_extra(record(SERVER, b"127.0.0.1\0", True)),
    "a Server with a zone": with_extra(record(SERVER, b"fe80::1%lo", True)),
    "a Server with a space": with_extra(record(SERVER, b"time example", True)),
    "a Server that is not ASCII": with_extra(record(SERVER, "zeit.würfel".encode(), True)),
    "an empty Port": without_port(record(PORT, b"", True)),
    "a Port of one octet": without_port(record(PORT, b"\x7b", True)),
    "a Port of four octets": without_port(record(PORT, b"\0\0\0\x7b", True)),
    "record 1024 with a body": with_extra(record(COMPLIANT, b"\0\0")),
    "an End of Message with a body": in_place_of_end(record(END, b"\0\0", True)),
    "no End of Message": in_place_of_end(b""),
    "nothing": instead(b""),
    "no answer but a reset": cut_after(0),
    "a reset in a record": cut_after(30),
    "a reset before End of Message": cut_after(-4),
    "a record cut short by close_notify": answering(lambda cookies, port: (protocols(0) + aeads(15) + cookies)[:-7]),
    "a response without end": endless,
}


def in_pieces(peer, session):
    session.tls.write(good_answer(peer, session, 15), piece=1)
    session.tls.close()


def in_segments(peer, session):
    session.tls.segment = 1
    return good_answer(peer, session, 15)


def of_64_kib(peer, session):
    usual = good_answer(peer, session, 15)
    room = 65536 - len(usual) - 4
    return usual[:-4] + record(UNKNOWN, bytes(room)) + END_RECORD


def many_records(peer, session):
    return good_answer(peer, session, 15, extra=record(UNKNOWN, b"x") * 3000)


def with_reset(peer, session):
    session.tls.write(good_answer(peer, session, 15))
    session.tls.cut()


def with_cookies(*sizes):
    def answer(peer, session):
        choose(session, 15)
        cookies = b"".join(record(COOKIE, peer.new_cookies(session, 1, size)[0]) for size in sizes)
        return protocols(0) + aeads(15) + port_of(peer) + cookies + END_RECORD

    return answer


def reversed_order(peer, session):
    parts = [record(each.kind, each.body, each.critical) for each in parse(good_answer(peer, session, 15))]
    return b"".join(reversed(parts[:-1])) + parts[-1]


def critical_cookies(cookies, port):
    marked = b"".join(record(each.kind, each.body, True) for each in parse(cookies + END_RECORD)[:-1])
    return protocols(0) + aeads(15) + port + marked + END_RECORD


def good(**others):
    return functools.partial(good_answer, **others)


TAKEN = {
    "a good response": good(),
    "AEAD 15": good(aead_id=15),
    "records in any order": reversed_order,
    "unknown records": with_extra(record(UNKNOWN, os.urandom(77)) + record(0x7FFF)),
    "critical cookies": answering(critical_cookies),
    "an AEAD record that is not critical": in_place_of_aead(aeads(15, critical=False)),
    "a Port that is critical": good(),
    "one cookie": good(aead_id=15, count=1),
    "64 cookies": good(aead_id=15, count=64),
    "cookies of 64 octets": good(aead_id=15, size=64),
    "cookies of 96 octets": good(aead_id=15, size=96),
    "cookies of 104 octets": good(aead_id=15, size=104),
    "cookies of 168 octets": good(aead_id=15, size=168),
    "cookies of 256 octets": good(aead_id=15, size=256),
    "cookies of differing lengths": with_cookies(64, 96, 100, 104, 168, 12, 200, 252),
    "an empty cookie among good ones": with_extra(record(COOKIE)),
    "cookies of lengths that fit no field, among others": with_cookies(97, 98, 99, 100),
    "cookies of 97 octets": good(aead_id=15, size=97),
    "a response of 64 KiB": of_64_kib,
    "a response of thousands of records": many_records,
    "a response in TLS records of one octet": in_pieces,
    "a response in TCP segments of one octet": in_segments,
    "data after End of Message": in_place_of_end(END_RECORD + bytes(99)),
    "an Error after End of Message": in_place_of_end(END_RECORD + error(1)),
    "a reset after End of Message": with_reset,
    "record 1024 with AEAD 15": with_extra(COMPLIANT_RECORD),
}
if 30 in conform.AEADS:
    TAKEN.update({f"AEAD {aead_id}": good(aead_id=aead_id) for aead_id in conform.AEADS})


class Responses(ClientCase):
    def test_after_these_there_is_no_packet(self):
        for name, answer in REFUSED.items():
            self.peer(name, answer=answer)
        self.start_client()
        for name, peer in self.peers.items():
            self.wait_for(f"the end of a session with: {name}", peer.over)
        self.let_it_poll(3)
        for name, peer in self.peers.items():
            with self.row(name):
                self.assert_well_behaved(peer)
                self.assertEqual(0, len(peer.queries) + peer.unopened, "packets after such a response")
                self.assertLessEqual(len(peer.sessions), 2, "tried again too soon")

    def test_after_these_there_is_time(self):
        for name, answer in TAKEN.items():
            self.peer(name, answer=answer)
        self.start_client()
        for name, peer in self.peers.items():
            self.wait_for(f"the end of a session with: {name}", peer.over)
        self.let_it_poll(4)
        for name, peer in self.peers.items():
            with self.row(name):
                self.assert_well_behaved(peer)
                self.assertNotEqual(0, len(peer.queries), "no packets after such a response")
                self.assertNotEqual(0, self.valid_answers(peer), "no valid answers")
                self.assertEqual(0, peer.unopened)


class Requests(ClientCase):
    def test_the_request_is_what_the_rfc_says(self):
        peer = self.peer("server")
        self.start_client()
        self.wait_for("the end of the session", peer.over)
        session = peer.sessions[0]
        found = parse(session.request)
        by_kind = {each.kind: each for each in found}
        self.assertEqual(len(found), len(by_kind), "a record comes twice")
        self.assertEqual(numbers(0), by_kind[NEXT_PROTOCOL].body)
        self.assertTrue(by_kind[NEXT_PROTOCOL].critical)
        self.assertEqual(list(conform.AEADS), session.offered())
        self.assertEqual(30 in session.offered(), COMPLIANT in by_kind)
        self.assertLessEqual(set(by_kind), {NEXT_PROTOCOL, AEAD, COMPLIANT, END})

    def test_a_literal_address_is_no_server_name(self):
        peer = self.peer("server")
        named = self.peer("named", address="127.0.0.1")
        named.host = "localhost"
        self.start_client()
        for each in (peer, named):
            self.wait_for("the end of the session", each.over)
        self.assertIsNone(peer.sessions[0].tls.server_name)
        self.assertEqual("localhost", named.sessions[0].tls.server_name)


class Negotiated(ClientCase):
    def check(self, answer, target):
        self.start_client()
        self.wait_for("queries where they should go", lambda: len(target.queries) > 1)
        self.wait_for("valid answers", lambda: self.valid_answers(target))
        self.assert_well_behaved(target)

    def redirected(self, extra):
        """A KE server whose cookies are another one's."""
        target = self.peer("target")
        del self.peers["target"]

        def answer(peer, session):
            choose(session, 15)
            cookies = b"".join(record(COOKIE, each) for each in target.new_cookies(session))
            return protocols(0) + aeads(15) + cookies + extra(target) + END_RECORD

        self.peer("server", answer=answer, address="127.0.2.1", certificate=self.ca.issue("other", ["IP:127.0.2.1"]))
        return target

    def test_server_and_port_are_honoured(self):
        for critical in (False, True):
            with self.subTest(critical=critical):
                target = self.redirected(lambda target, c=critical: record(SERVER, target.address.encode(), c)
                                         + record(PORT, numbers(target.port), c))
                self.check(None, target)
                self.assertEqual([], self.peers["server"].queries)
                self.client.stop()
                self.peers.clear()

    @unittest.skipUnless(conform.OWN_HOSTS, "no names without a mount namespace")
    def test_a_server_by_name_is_looked_up(self):
        target = self.peer("target", address=conform.PEER_ADDRESSES[50])
        self.peers.clear()

        def answer(peer, session):
            choose(session, 15)
            cookies = b"".join(record(COOKIE, each) for each in target.new_cookies(session))
            place = record(SERVER, conform.host_name(target.address).encode()) + record(PORT, numbers(target.port))
            return protocols(0) + aeads(15) + cookies + place + END_RECORD

        self.peer("server", answer=answer)
        self.check(answer, target)

    def test_without_a_port_record_the_configured_one_is_used(self):
        peer = self.peer("server", answer=without_port(b""))
        self.check(None, peer)


if __name__ == "__main__":
    conform.main()
