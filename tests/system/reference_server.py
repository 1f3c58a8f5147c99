# SPDX-License-Identifier: GPL-2.0-or-later
"""A stratum 1 server of true time, in a thread of the test. Its clock is not the one under test."""

import socket
import struct
import threading
import time

import kernel_clock

NTP_EPOCH_OFFSET = 2208988800
PORT = 11123
SO_TIMESTAMPNS = 35


def to_ntp(nanoseconds):
    seconds, rest = divmod(nanoseconds, 10**9)
    return ((seconds + NTP_EPOCH_OFFSET) % 2**32) << 32 | (rest << 32) // 10**9


class ReferenceServer:
    def __init__(self, port=PORT, address="127.0.0.1"):
        self.port = port
        self.answers = True
        self.leap = 0
        self.offset_ns = 0  # by how much it lies
        self.requests = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind((address, port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _now(self):
        return kernel_clock.true_time_ns() + self.offset_ns

    def _arrival(self, control):
        """The kernel's stamp is of the clock under test: what counts is how long ago it was taken."""
        for level, kind, data in control:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, fraction = struct.unpack("qq", data[:16])
                ago = time.time_ns() - (seconds * 10**9 + fraction)
                if 0 <= ago < 50_000_000:
                    return self._now() - ago
        return self._now()

    def _serve(self):
        while True:
            request, control, _, client = self._socket.recvmsg(512, 64)
            received = self._arrival(control)
            if not self.answers or len(request) < 48 or request[0] & 7 != 3:
                continue
            self.requests += 1
            version = request[0] >> 3 & 7
            head = struct.pack("!BBbbIIII", self.leap << 6 | version << 3 | 4, 1, max(request[2], 0), -20, 0, 0,
                               0x474E4D4E, 0)[:16]
            stamps = struct.pack("!Q8sQ", to_ntp(received - 10**9), request[40:48], to_ntp(received))
            self._socket.sendto(head + stamps + struct.pack("!Q", to_ntp(self._now())), client)

    def close(self):
        self._socket.close()
