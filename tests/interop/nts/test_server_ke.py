#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Key establishment as a server must do it: which answer to which request (RFC 8915 section 4)."""

import os
import socket
import struct

import conform
from conform import Conformance, shared_server
from openssl import NTSKE, TLS_1_2, TLS_1_3, TlsError
from records import (AEAD, BAD_REQUEST, COMPLIANT, COMPLIANT_RECORD, COOKIE, END, END_RECORD, ERROR, NEXT_PROTOCOL,
                     PORT, SERVER, UNRECOGNIZED_CRITICAL, WARNING, aeads, ask, connect, numbers, protocols, record,
                     request)

UNKNOWN = 0x3ABC


class ServerCase(Conformance):
    @classmethod
    def setUpClass(cls):
        cls.server = shared_server(cls)

    def setUp(self):
        """The daemon is the class's."""

    def ask(self, message, **others):
        return ask(self.server.ke_port, message, **others)

    def assert_served(self, answer, aead_id=None):
        kinds = [each.kind for each in answer.records]
        self.assertEqual([], [kind for kind in kinds if kind in (ERROR, WARNING)], "an Error answers a good request")
        self.assertEqual(1, kinds.count(NEXT_PROTOCOL))
        self.assertEqual([numbers(0)], answer.bodies(NEXT_PROTOCOL))
        self.assertEqual(1, kinds.count(AEAD))
        if aead_id:
            self.assertEqual([numbers(aead_id)], answer.bodies(AEAD))
        self.assertEqual(8, len(answer.cookies))
        self.assertEqual(8, len(set(answer.cookies)), "a cookie is given twice")
        return answer

    def assert_error(self, code, answer):
        """Exactly one Error record with C=1 and two octets, then End of Message."""
        errors = [each for each in answer.records if each.kind == ERROR]
        self.assertEqual([numbers(code)], [each.body for each in errors], "which Error")
        self.assertTrue(errors[0].critical)
        self.assertEqual([], answer.cookies)

    def assert_refused_or_error(self, answer):
        if answer.message:
            self.assert_error(BAD_REQUEST, answer)


class GoodRequests(ServerCase):
    def test_the_minimal_request_is_served(self):
        self.assert_served(self.ask(bytes.fromhex("80010002000080040002000f80000000")), 15)

    def test_critical_bits_are_those_of_the_rfc(self):
        records = self.ask(request()).records
        self.assertLessEqual({NEXT_PROTOCOL, AEAD, COOKIE, END}, {each.kind for each in records})
        for each in records:
            if each.kind in (NEXT_PROTOCOL, END):
                self.assertTrue(each.critical, each)
            if each.kind in (COOKIE, COMPLIANT):
                self.assertFalse(each.critical, each)

    def test_the_port_is_told_when_it_is_not_123(self):
        self.assertEqual(self.server.port, self.ask(request()).number)

    def test_every_aead_is_agreed_on(self):
        for aead_id in conform.AEADS:
            self.assert_served(self.ask(request(aead_id)), aead_id)

    def test_unknown_aeads_beside_15_do_not_matter(self):
        self.assert_served(self.ask(request(1, 999, 40000, 15, 2)), 15)

    def test_one_of_those_offered_is_chosen(self):
        for offer in ((15, 30), (30, 15), (17, 15), (16, 15, 31)):
            answer = self.assert_served(self.ask(request(*offer)))
            self.assertIn(struct.unpack(">H", answer.bodies(AEAD)[0])[0], offer)

    def test_other_protocols_beside_ntpv4_do_not_matter(self):
        self.assert_served(self.ask(protocols(7, 0, 33000) + aeads(15) + END_RECORD), 15)

    def test_the_order_of_records_does_not_matter(self):
        self.assert_served(self.ask(aeads(15) + protocols(0) + END_RECORD), 15)

    def test_the_aead_record_need_not_be_critical(self):
        self.assert_served(self.ask(protocols(0) + aeads(15, critical=False) + END_RECORD), 15)

    def test_unknown_records_are_skipped(self):
        extra = record(UNKNOWN, b"abc") + record(17000) + record(0x7FFF, os.urandom(99))
        self.assert_served(self.ask(request(15, extra=extra)), 15)
        self.assert_served(self.ask(extra + request(15)), 15)

    def test_a_request_of_1024_octets_is_read(self):
        filled = request(15, extra=record(UNKNOWN, bytes(1024 - 16 - 4)))
        self.assertEqual(1024, len(filled))
        self.assert_served(self.ask(filled), 15)

    def test_wishes_for_server_and_port_are_no_error(self):
        wishes = record(SERVER, b"time.example") + record(PORT, numbers(123))
        self.assert_served(self.ask(request(15, extra=wishes)), 15)

    def test_critical_wishes_for_server_and_port_are_no_error(self):
        wishes = record(SERVER, b"time.example", True) + record(PORT, numbers(123), True)
        self.assert_served(self.ask(request(15, extra=wishes)), 15)

    def test_data_after_end_of_message_is_no_part_of_the_request(self):
        for rest in (b"x", request(15), record(ERROR, numbers(1), True), bytes(2000)):
            self.assert_served(self.ask(request(15) + rest), 15)

    def test_a_request_in_tls_records_of_one_octet_is_read(self):
        self.assert_served(self.ask(request(15, extra=record(UNKNOWN, b"abc")), piece=1), 15)

    def test_a_request_in_tcp_segments_of_one_octet_is_read(self):
        self.assert_served(self.ask(request(15), segment=1), 15)

    def test_record_1024_is_echoed_with_aead_30_only(self):
        answer = self.ask(request(15, extra=COMPLIANT_RECORD))
        self.assert_served(answer, 15)
        self.assertEqual([], answer.bodies(COMPLIANT))
        if 30 not in conform.AEADS:
            return
        answer = self.ask(request(30, extra=COMPLIANT_RECORD))
        self.assert_served(answer, 30)
        self.assertEqual([b""], answer.bodies(COMPLIANT))
        self.assertEqual([], self.assert_served(self.ask(request(30)), 30).bodies(COMPLIANT))

    def test_the_session_ends_with_close_notify(self):
        self.assertTrue(self.ask(request(15)).said_goodbye)

    def test_cookies_fit_an_extension_field_and_have_one_length(self):
        for aead_id in conform.AEADS:
            sizes = {len(cookie) for _ in range(3) for cookie in self.ask(request(aead_id)).cookies}
            self.assertEqual(1, len(sizes))
            self.assertEqual(0, sizes.pop() % 4)

    def test_a_second_request_in_the_same_session_is_not_answered(self):
        with connect(self.server.ke_port) as tls:
            tls.write(request(15))
            answer = tls.read()
            try:
                tls.write(request(15))
                rest = tls.read_to_end()
            except (TlsError, OSError):
                rest = b""
        self.assertEqual(1, (answer + rest).count(protocols(0)))


class BadRequests(ServerCase):
    def assert_bad(self, message):
        self.assert_error(BAD_REQUEST, self.ask(message))

    def test_an_unknown_critical_record_is_error_0(self):
        for kind in (UNKNOWN, 8, 1023, 0x7FFF):
            answer = self.ask(request(15, extra=record(kind, b"", True)))
            self.assert_error(UNRECOGNIZED_CRITICAL, answer)

    def test_no_next_protocol_is_error_1(self):
        self.assert_bad(aeads(15) + END_RECORD)

    def test_an_empty_message_is_error_1(self):
        self.assert_bad(END_RECORD)

    def test_two_next_protocols_are_error_1(self):
        self.assert_bad(protocols(0) + request(15))

    def test_an_odd_next_protocol_is_error_1(self):
        for body in (b"\0", b"\0\0\0"):
            self.assert_bad(record(NEXT_PROTOCOL, body, True) + aeads(15) + END_RECORD)

    def test_an_empty_next_protocol_is_error_1(self):
        self.assert_bad(protocols() + aeads(15) + END_RECORD)

    def test_a_next_protocol_that_is_not_critical_is_error_1(self):
        self.assert_bad(protocols(0, critical=False) + aeads(15) + END_RECORD)

    def test_no_aead_record_is_error_1(self):
        self.assert_bad(protocols(0) + END_RECORD)

    def test_two_aead_records_are_error_1(self):
        self.assert_bad(request(15, extra=aeads(15)))

    def test_an_odd_aead_record_is_error_1(self):
        for body in (b"\0", b"\0\x0f\0"):
            self.assert_bad(protocols(0) + record(AEAD, body, True) + END_RECORD)

    def test_an_empty_aead_record_is_error_1(self):
        self.assert_bad(protocols(0) + aeads() + END_RECORD)

    def test_an_error_record_is_error_1(self):
        self.assert_bad(request(15, extra=record(ERROR, numbers(0), True)))

    def test_a_warning_record_is_error_1(self):
        self.assert_bad(request(15, extra=record(WARNING, numbers(0), True)))

    def test_a_cookie_record_is_error_1(self):
        self.assert_bad(request(15, extra=record(COOKIE, bytes(96))))

    def test_a_record_1024_with_a_body_is_error_1(self):
        self.assert_bad(request(30, 15, extra=record(COMPLIANT, b"\0\0")))

    def test_an_end_of_message_with_a_body_is_error_1(self):
        self.assert_refused_or_error(self.ask(protocols(0) + aeads(15) + record(END, b"\0\0", True), end="close"))

    def test_an_end_of_message_that_is_not_critical_is_error_1(self):
        self.assert_refused_or_error(self.ask(protocols(0) + aeads(15) + record(END), end="close"))

    def test_a_stream_that_ends_early_gets_no_cookie(self):
        whole = request(15)
        for size in (0, 1, 3, 5, len(whole) - 4, len(whole) - 1):
            self.assert_refused_or_error(self.ask(whole[:size], end="close"))

    def test_a_stream_that_stalls_gets_no_cookie(self):
        for size in (0, 7, len(request(15)) - 1):
            self.assert_refused_or_error(self.ask(request(15)[:size]))

    def test_a_request_without_end_gets_no_cookie(self):
        with connect(self.server.ke_port) as tls:
            answer = b""
            try:
                for _ in range(40):
                    tls.write(record(UNKNOWN, bytes(16000)))
                answer = tls.read_to_end()
            except (TlsError, OSError):
                pass  # it was cut, as it may be
        self.assertNotIn(record(COOKIE)[:2] + b"\0", answer)

    def test_no_known_protocol_is_no_error(self):
        for message in (protocols(7) + END_RECORD, protocols(1, 65535) + aeads(15) + END_RECORD):
            answer = self.ask(message)
            self.assertEqual([b""], answer.bodies(NEXT_PROTOCOL))
            self.assertEqual([], answer.bodies(ERROR) + answer.cookies)

    def test_no_known_aead_is_no_error(self):
        answer = self.ask(request(1, 999, 65535))
        self.assertEqual([[numbers(0)], [b""]], [answer.bodies(NEXT_PROTOCOL), answer.bodies(AEAD)])
        self.assertEqual([], answer.bodies(ERROR) + answer.cookies)


class Transport(ServerCase):
    def assert_no_keys(self, **others):
        try:
            message = self.ask(request(15), **others).message
        except (TlsError, OSError):
            return
        self.assertEqual(b"", message)

    def test_tls_1_2_is_refused_in_the_handshake(self):
        with self.assertRaises(TlsError):
            connect(self.server.ke_port, versions=(TLS_1_2, TLS_1_2)).cut()

    def test_an_offer_of_both_gets_tls_1_3(self):
        with connect(self.server.ke_port, versions=(TLS_1_2, TLS_1_3)) as tls:
            self.assertEqual(TLS_1_3, tls.version)

    def test_no_alpn_gets_no_keys(self):
        self.assert_no_keys(alpn=())

    def test_foreign_alpn_gets_no_keys(self):
        for names in ((b"http/1.1",), (b"ntske/2", b"h2"), (b"NTSKE/1",)):
            self.assert_no_keys(alpn=names)

    def test_ntske_among_others_is_selected(self):
        with connect(self.server.ke_port, alpn=(b"h2", NTSKE)) as tls:
            self.assertEqual(NTSKE, tls.alpn)

    def test_a_client_without_server_name_is_served(self):
        self.assert_served(self.ask(request(15), server_name=None), 15)

    def test_an_unknown_server_name_is_served_or_refused_but_harms_nobody(self):
        try:
            self.ask(request(15), server_name="other.example")
        except (TlsError, OSError):
            pass
        self.assert_served(self.ask(request(15)), 15)

    def test_no_tls_at_all_harms_nobody(self):
        for octets in (request(15), b"GET / HTTP/1.0\r\n\r\n", bytes(5), os.urandom(300)):
            with socket.create_connection(("127.0.0.1", self.server.ke_port), 30) as plain:
                heard = b""
                try:
                    plain.sendall(octets)
                    plain.shutdown(socket.SHUT_WR)
                    while part := plain.recv(4096):
                        heard += part
                except OSError:
                    pass  # it was cut, as it may be
            self.assertNotIn(protocols(0), heard)
        self.assert_served(self.ask(request(15)), 15)


class NtpServerName(Conformance):
    def test_ntsntpserver_is_told(self):
        server = shared_server(type(self), "ntsntpserver time.example")
        answer = ask(server.ke_port, request(15))
        self.assertEqual([b"time.example"], answer.bodies(SERVER))
        self.assertTrue(all(each.critical for each in answer.records if each.kind == SERVER))


if __name__ == "__main__":
    conform.main()
