#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""NTS servers of true time. In a test, or as a program of its own: nts_servers.py FOLDER [ADDRESS...]"""

import pathlib
import signal
import struct
import sys

import kernel_clock

INTEROP = pathlib.Path(__file__).resolve().parent.parent / "interop"
sys.path += [str(INTEROP), str(INTEROP / "nts")]

import packets  # noqa: E402
from certificates import Authority  # noqa: E402
from peer import Peer, sealed_cookies  # noqa: E402

KE_PORT, NTP_PORT = 14460, 11124


def true_time(peer, query):
    """Answers by the clock that is not under test."""
    seconds, rest = divmod(kernel_clock.true_time_ns(), 10**9)
    now = struct.pack(">II", (seconds + packets.UNIX_TO_NTP) & 0xFFFFFFFF, (rest << 32) // 10**9)
    front = packets.header(now, mode=4, stratum=2, reference=b"\x7f\x01\x02\x03", origin=query.transmit, receive=now,
                           referenced_at=now)
    front += packets.field(packets.IDENTIFIER, query.identifier)
    return [packets.protected(query.session.keys.s2c, front, sealed_cookies(peer, query))]


def certificates(folder, *addresses):
    """A certificate for each, of an authority in the folder; made while the clock is right, and only once."""
    folder = pathlib.Path(folder)
    pairs = [(folder / f"{address}.pem", folder / f"{address}.key") for address in addresses]
    if not folder.exists():
        authority = Authority(folder)
        for address in addresses:
            authority.issue(address, [f"IP:{address}"])
    return pairs


def serve(folder, *addresses, ports=(KE_PORT, NTP_PORT)):
    return [Peer(pair, respond=true_time, address=address, ports=ports)
            for address, pair in zip(addresses, certificates(folder, *addresses))]


def trust(folder):
    return ["nosystemcert", f"ntstrustedcerts {folder}/ca.pem"]


def source(address, ke_port=KE_PORT, ntp_port=NTP_PORT):
    return f"server {address} nts ntsport {ke_port} port {ntp_port} iburst minpoll 0 maxpoll 2"


if __name__ == "__main__":
    running = serve(*sys.argv[1:])
    signal.pause()
