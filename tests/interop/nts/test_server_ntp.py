#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Protected NTP as a server must do it: what is answered, with what, and what is not (RFC 8915 section 5)."""

import os
import socket
import struct

import aead
import conform
import packets
from conform import Conformance, shared_server
from packets import AUTHENTICATOR, COOKIE, IDENTIFIER, NTSN, PLACEHOLDER, UNKNOWN, field, header, protected
from records import COMPLIANT_RECORD, ask, request

OTHER_CIPHER = aead.make(15, bytes(range(32)))


class Asked:
    """A request with what its answer must match."""

    def __init__(self, keys, cookie, between=b"", identifier=None, plaintext=b"", after=b"", version=4, mode=3,
                 front=None, cipher=None, **others):
        self.keys, self.cookie = keys, cookie
        self.transmit, self.identifier = os.urandom(8), identifier or os.urandom(32)
        usual = field(IDENTIFIER, self.identifier) + field(COOKIE, cookie)
        covered = header(self.transmit, mode, version) + (usual if front is None else front) + between
        self.datagram = protected(cipher or keys.c2s, covered, plaintext, after, **others)


class Protected(Conformance):
    @classmethod
    def setUpClass(cls):
        cls.server = shared_server(cls)

    def setUp(self):
        self.stranger, self.witness = self.connect(), self.connect()
        self.stranger.setblocking(False)
        self.keys, self.cookies = self.establish(15)

    def connect(self, own_address="127.0.0.1"):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(client.close)
        client.bind((own_address, 0))
        client.connect(("127.0.0.1", self.server.port))
        client.settimeout(30)
        return client

    def establish(self, aead_id, extra=b""):
        answer = ask(self.server.ke_port, request(aead_id, extra=extra))
        return answer.keys, answer.cookies

    def asked(self, **others):
        return Asked(others.pop("keys", self.keys), others.pop("use", None) or self.cookies.pop(), **others)

    def answers_to(self, datagram, stranger=None):
        """Complete, as a request sent after it was answered; and none is longer than the request."""
        stranger = stranger or self.stranger
        stranger.send(datagram)
        transmit = os.urandom(8)
        self.witness.send(header(transmit))
        while packets.origin_of(self.witness.recv(4096)) != transmit:
            pass
        answers = []
        while True:
            try:
                answers.append(stranger.recv(65536))
            except BlockingIOError:
                break
        for answer in answers:
            self.assertLessEqual(len(answer), len(datagram), "an answer longer than the request")
        return answers

    def authentic(self, asked, **others):
        """The answer's cookies, after everything else about it was checked."""
        answers = self.answers_to(asked.datagram, **others)
        self.assertEqual(1, len(answers), "answers to a good request")
        answer = answers[0]
        self.assertEqual((4, 4), (answer[0] >> 3 & 7, answer[0] & 7))
        self.assertNotEqual(0, answer[1], "a good request gets a kiss of death")
        self.assertEqual(asked.transmit, packets.origin_of(answer))
        self.assertEqual([IDENTIFIER, AUTHENTICATOR], [kind for kind, _, _ in packets.fields(answer)])
        self.assertEqual([packets.pad4(asked.identifier)], packets.bodies(answer, IDENTIFIER))
        plaintext = packets.opened(answer, asked.keys.s2c)
        self.assertIsNotNone(plaintext, "the answer is not authentic")
        return packets.inner_cookies(plaintext)

    def assert_nak(self, asked):
        answers = self.answers_to(asked.datagram)
        self.assertEqual(1, len(answers), "answers to what deserves a NAK")
        answer = answers[0]
        self.assertEqual((0, NTSN), (answer[1], answer[12:16]), "stratum and kiss code")
        self.assertEqual((3, 4, 4), (answer[0] >> 6, answer[0] >> 3 & 7, answer[0] & 7))
        self.assertEqual(asked.transmit, packets.origin_of(answer))
        self.assertEqual([(IDENTIFIER, asked.identifier)], [each[:2] for each in packets.fields(answer)])

    def assert_silence(self, asked):
        self.assertEqual([], self.answers_to(asked.datagram), "answers to what deserves none")

    def assert_no_cookie_or(self, most, asked):
        """Answered with at most so many cookies, or not at all."""
        for answer in self.answers_to(asked.datagram):
            plaintext = packets.opened(answer, asked.keys.s2c)
            self.assertLessEqual(len(packets.inner_cookies(plaintext or b"")), most, "too many cookies")


class GoodRequests(Protected):
    def test_a_request_brings_a_time_and_one_cookie(self):
        self.assertEqual(1, len(self.authentic(self.asked())))

    def test_every_aead_works(self):
        for aead_id in conform.AEADS:
            for extra in (b"", COMPLIANT_RECORD):
                keys, cookies = self.establish(aead_id, extra)
                with self.subTest(aead=aead_id, compliant=bool(extra)):
                    new = self.authentic(Asked(keys, cookies[0]))
                    self.assertEqual([len(cookies[0])], [len(each) for each in new])
                    self.authentic(Asked(keys, new[0]))

    def test_aead_30_without_record_1024_has_the_older_keys(self):
        if 30 not in conform.AEADS:
            return
        answer = ask(self.server.ke_port, request(30))
        self.authentic(Asked(answer.keys, answer.cookies[0]))
        self.assert_nak(Asked(answer.compliant_keys, answer.cookies[1]))

    def test_placeholders_bring_as_many_cookies_more(self):
        for count in range(8):
            cookie = self.cookies[0]
            new = self.authentic(self.asked(use=cookie, between=field(PLACEHOLDER, bytes(len(cookie))) * count))
            self.assertEqual(1 + count, len(set(new)))
            self.assertEqual({len(cookie)}, {len(each) for each in new})

    def test_a_response_is_as_long_as_a_request_at_most_with_any_aead(self):
        for aead_id in conform.AEADS:
            keys, (cookie, *_) = self.establish(aead_id, COMPLIANT_RECORD)
            for count in (0, 1, 7):
                self.authentic(Asked(keys, cookie, field(PLACEHOLDER, bytes(len(cookie))) * count))

    def test_what_stands_in_placeholders_does_not_matter(self):
        size = len(self.cookies[0])
        self.assertEqual(2, len(self.authentic(self.asked(between=field(PLACEHOLDER, os.urandom(size))))))

    def test_every_new_cookie_works(self):
        between = field(PLACEHOLDER, bytes(len(self.cookies[0]))) * 7
        for cookie in self.authentic(self.asked(between=between)):
            self.authentic(self.asked(use=cookie))

    def test_a_replayed_request_gets_a_fresh_answer(self):
        asked = self.asked()
        cookies = self.authentic(asked) + self.authentic(asked)
        self.assertEqual(2, len(set(cookies)))

    def test_no_nonce_is_used_twice(self):
        nonces = [packets.nonce_of(self.answers_to(self.asked(use=self.cookies[0]).datagram)[0]) for _ in range(20)]
        self.assertEqual(20, len(set(nonces)))

    def test_a_cookie_works_from_any_address(self):
        elsewhere = self.connect("127.0.0.9")
        elsewhere.setblocking(False)
        # Its answer is known to be there when the other stranger's has come through the same worker.
        self.authentic(self.asked(), stranger=elsewhere)

    def test_a_longer_unique_identifier_is_echoed_in_full(self):
        for size in (33, 36, 64, 200):
            self.authentic(self.asked(identifier=os.urandom(size - size % 4)))

    def test_unknown_fields_are_skipped(self):
        self.authentic(self.asked(between=field(UNKNOWN, os.urandom(40))))
        cookie, identifier = self.cookies.pop(), os.urandom(32)
        front = field(UNKNOWN, bytes(12)) + field(COOKIE, cookie) + field(IDENTIFIER, identifier)
        self.authentic(self.asked(identifier=identifier, front=front))

    def test_unknown_encrypted_fields_are_skipped(self):
        self.assertEqual(1, len(self.authentic(self.asked(plaintext=field(UNKNOWN, os.urandom(40))))))

    def test_nonces_of_any_length_are_taken_with_room_for_16(self):
        for size in (1, 4, 12, 15, 16, 17, 24, 64):
            padding = max(0, 16 - (size + -size % 4))
            self.authentic(self.asked(use=self.cookies[0], nonce=os.urandom(size), padding=padding))

    def test_more_padding_is_no_harm(self):
        for padding in (4, 16, 200):
            self.authentic(self.asked(use=self.cookies[0], padding=padding))

    def test_a_plain_request_gets_its_identifier_back(self):
        transmit, identifier = os.urandom(8), os.urandom(32)
        answers = self.answers_to(header(transmit) + field(IDENTIFIER, identifier))
        self.assertEqual([[identifier]], [packets.bodies(each, IDENTIFIER) for each in answers], "plain answers")


class AfterTheAuthenticator(Protected):
    def test_what_follows_is_discarded(self):
        self.assertEqual(1, len(self.authentic(self.asked(after=field(UNKNOWN, bytes(28))))))

    def test_a_placeholder_there_does_not_count(self):
        self.assert_no_cookie_or(1, self.asked(after=field(PLACEHOLDER, bytes(len(self.cookies[0])))))

    def test_a_cookie_there_does_not_count(self):
        cookie, identifier = self.cookies.pop(), os.urandom(32)
        asked = self.asked(identifier=identifier, front=field(IDENTIFIER, identifier), after=field(COOKIE, cookie))
        self.assert_no_cookie_or(0, asked)

    def test_an_identifier_there_does_not_count(self):
        cookie, identifier = self.cookies.pop(), os.urandom(32)
        asked = self.asked(identifier=identifier, front=field(COOKIE, cookie), after=field(IDENTIFIER, identifier))
        self.assert_no_cookie_or(0, asked)

    def test_a_second_authenticator_gives_no_second_answer(self):
        asked = self.asked()
        asked.datagram += packets.authenticator(self.keys.c2s, asked.datagram)
        self.assert_no_cookie_or(1, asked)


class Refused(Protected):
    def test_an_unknown_cookie_gets_a_nak(self):
        size = len(self.cookies[0])
        for cookie in (os.urandom(size), bytes(size), self.cookies[0][:-4], self.cookies[0] + bytes(4),
                       self.cookies[0][:4] + os.urandom(size - 4), bytes(12), os.urandom(256)):
            with self.subTest(size=len(cookie)):
                self.assert_nak(self.asked(use=cookie))

    def test_every_octet_of_a_cookie_counts(self):
        for at in range(len(self.cookies[0])):
            cookie = bytearray(self.cookies[0])
            cookie[at] ^= 1
            self.assert_nak(self.asked(use=bytes(cookie)))

    def test_foreign_keys_get_a_nak(self):
        self.assert_nak(self.asked(cipher=OTHER_CIPHER))
        self.assert_nak(self.asked(cipher=self.keys.s2c))
        other_keys, _ = self.establish(15)
        self.assert_nak(self.asked(cipher=other_keys.c2s))

    def test_a_changed_header_gets_a_nak(self):
        asked = self.asked()
        asked.datagram = asked.datagram[:2] + bytes([asked.datagram[2] ^ 1]) + asked.datagram[3:]
        self.assert_nak(asked)

    def test_a_changed_tag_gets_a_nak(self):
        asked = self.asked()
        asked.datagram = asked.datagram[:-1] + bytes([asked.datagram[-1] ^ 0x80])
        self.assert_nak(asked)

    def test_no_identifier_gets_no_cookie(self):
        self.assert_no_cookie_or(0, self.asked(front=field(COOKIE, self.cookies.pop())))

    def test_two_identifiers_get_no_answer(self):
        self.assert_silence(self.asked(between=field(IDENTIFIER, os.urandom(32))))

    def test_no_cookie_field_gets_no_cookie(self):
        self.assert_no_cookie_or(0, self.asked(front=field(IDENTIFIER, os.urandom(32))))

    def test_two_cookies_get_no_answer(self):
        self.assert_silence(self.asked(between=field(COOKIE, self.cookies[1])))

    def test_a_cookie_without_authenticator_gets_no_cookie(self):
        asked = self.asked()
        size = len(packets.authenticator(self.keys.c2s, b""))
        asked.datagram = asked.datagram[:-size]
        self.assert_no_cookie_or(0, asked)

    def test_other_versions_and_modes_get_no_cookie(self):
        for version, mode in ((3, 3), (2, 3), (1, 3), (5, 3), (7, 3), (4, 0), (4, 1), (4, 2), (4, 4), (4, 5), (4, 6)):
            with self.subTest(version=version, mode=mode):
                self.assert_no_cookie_or(0, self.asked(use=self.cookies[0], version=version, mode=mode))

    def test_an_authentic_answer_sent_back_gets_none(self):
        (answer,) = self.answers_to(self.asked().datagram)
        self.assertEqual([], self.answers_to(answer))

    def test_placeholders_of_other_lengths_do_not_count(self):
        size = len(self.cookies[0])
        for other in (12, size - 4, size + 4, 4 + 2 * size):
            self.assert_no_cookie_or(1, self.asked(use=self.cookies[0], between=field(PLACEHOLDER, bytes(other))))
            self.assert_no_cookie_or(1, self.asked(use=self.cookies[0], between=field(PLACEHOLDER, bytes(other)) * 7))

    def test_encrypted_placeholders_count_only_in_full_length(self):
        size = len(self.cookies[0])
        self.assert_no_cookie_or(3, self.asked(plaintext=field(PLACEHOLDER, bytes(size)) * 2))
        for other in (0, 4, 12, size - 4, size + 4):
            self.assert_no_cookie_or(1, self.asked(use=self.cookies[0], plaintext=field(PLACEHOLDER, bytes(other)) * 7))

    def test_more_than_seven_placeholders_bring_no_more(self):
        size = len(self.cookies[0])
        self.assert_no_cookie_or(8, self.asked(between=field(PLACEHOLDER, bytes(size)) * 9))

    def test_short_padding_gets_no_answer(self):
        for size in (1, 4, 8, 12):
            self.assert_silence(self.asked(use=self.cookies[0], nonce=os.urandom(size)))

    def test_lengths_beyond_the_field_get_no_cookie(self):
        for lengths in ((0, 16), (16, 0), (16, 15), (16, 20), (65535, 16), (16, 65535), (65535, 65535), (65533, 65533),
                        (32, 16), (0, 0)):
            with self.subTest(lengths=lengths):
                self.assert_no_cookie_or(0, self.asked(use=self.cookies[0], lengths=lengths))

    def test_fields_of_wrong_length_get_no_cookie(self):
        for length in (0, 1, 2, 3, 5, 18, 1000, 65532, 65535):
            with self.subTest(length=length):
                self.assert_no_cookie_or(0, self.asked(use=self.cookies[0],
                                                       between=struct.pack(">HH", UNKNOWN, length) + bytes(24)))

    def test_a_cut_request_gets_no_cookie(self):
        asked = self.asked()
        whole = asked.datagram
        for size in range(0, len(whole), 3):
            asked.datagram = whole[:size]
            self.assert_no_cookie_or(0, asked)

    def test_a_nak_is_never_longer_than_the_request(self):
        # The shortest that can be refused: a cookie of 12 octets.
        asked = self.asked(use=bytes(12))
        answers = self.answers_to(asked.datagram)
        self.assertEqual([84], [len(each) for each in answers])


if __name__ == "__main__":
    conform.main()
