# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of the daemons that this suite runs against: the AEADs they offer, the preferred one first, and where
they differ from the RFC or from what this suite asks beyond it: name of the test or of the row of its table, and a
pattern of the message with which that must then fail."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Known:
    aeads: tuple
    deviations: dict


CHRONY = {
    # --- server, NTS-KE: closes without an answer when more than the request has come
    "test_data_after_end_of_message_is_no_part_of_the_request": "not ended by End of Message: $",
    # Server and Port are only known to its client; critical ones are unknown critical records to its server.
    "test_critical_wishes_for_server_and_port_are_no_error": "an Error answers a good request",
    # --- server, NTP: the authenticator must be the last field
    "test_what_follows_is_discarded": "answers to a good request",
    # All of them are echoed.
    "test_two_identifiers_get_no_answer": "answers to what deserves none",
    # Refused aloud instead of dropped.
    "test_short_padding_gets_no_answer": "answers to what deserves none",
    # A plain request with extension fields is dropped.
    "test_a_plain_request_gets_its_identifier_back": "plain answers",
    # --- client, TLS: the dot is looked for in the certificate
    "a name with its final dot": "no valid answers",
    # --- client, NTS-KE: the last one counts
    "two Next Protocols": "packets after such a response",
    "two AEAD records": "packets after such a response",
    # Refused, as it may; gnomond pads it.
    "cookies of 97 octets": "no packets after such a response",
    # It reads 16 KiB at most, and nothing may follow the message.
    "a response of 64 KiB": "no packets after such a response",
    "data after End of Message": "no packets after such a response",
    "an Error after End of Message": "no packets after such a response",
    # --- client, NTP: the authenticator must be the last field
    "fields after the authenticator": "valid answers",
    "a cookie behind the authenticator": "valid answers",
    # The room that section 5.6 asks of requests is asked of responses, too.
    "a nonce of 12 octets": "valid answers",
    # The identifier alone tells it; and then, as below.
    "a NAK with another origin": "no more queries",
    # After any key establishment, a good one as well, the next comes 17 minutes later; nothing is asked meanwhile.
    "test_a_nak_leads_to_new_keys_and_to_them_only": "in vain for: an answer under new keys",
    "test_cookies_end_in_a_new_key_establishment": "in vain for: another session",
    "test_naks_for_ever_do_not_hammer_the_key_establishment": "it does not go on with the cookies it has",
}

CHRONY_4_3 = CHRONY | {
    # Record 1024 came with chrony 4.6.1.
    "test_a_record_1024_with_a_body_is_error_1": "which Error",
    "record 1024 with a body": "packets after such a response",
}

KNOWN = {
    "gnomond": Known((30, 15, 17), {}),
    "chronyd 4.3": Known((15,), CHRONY_4_3),
    "chronyd 4.6.1": Known((30, 15), CHRONY),
}
