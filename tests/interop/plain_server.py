# SPDX-License-Identifier: GPL-2.0-or-later
"""A plain NTP server that tells any time, as late as it is asked to, and says anything of itself."""

import heapq
import socket
import struct
import threading
import time

NTP_EPOCH = 2208988800


def timestamp(seconds):
    return struct.pack(">Q", int((seconds + NTP_EPOCH) * 2**32) & (2**64 - 1))


class PlainServer:
    """On loopback. offset: seconds that its clock is ahead; delay: seconds on each way; dispersion: to its root, in seconds."""

    def __init__(self, offset=0.0, delay=0.0, at=("127.0.0.1", 0), *, leap=0, stratum=1, reference=b"GPS\0", dispersion=0.0):
        self.offset, self.delay = offset, delay
        self._self_description = leap << 6 | 0x24, stratum, reference, round(dispersion * 2**16)
        self.asked = []  # when, by time.monotonic()
        self.clients = []  # their addresses and ports
        self._waiting = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(at)
        self.port = self._socket.getsockname()[1]
        self._over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self):
        self._over = True
        self._thread.join()
        self._socket.close()

    def _answer(self, request):
        received = timestamp(time.time() + self.delay + self.offset)
        first, stratum, reference, dispersion = self._self_description
        header = struct.pack(">BBbbII4s", first, stratum, request[2], -20, 0, dispersion, reference)
        return header + received + request[40:48] + received + received

    def _serve(self):
        while not self._over:
            due = self._waiting[0][0] - time.monotonic() if self._waiting else 0.1
            self._socket.settimeout(min(max(due, 0.001), 0.1))
            try:
                request, client = self._socket.recvfrom(2048)
                self.asked.append(time.monotonic())
                self.clients.append(client)
                heapq.heappush(self._waiting, (time.monotonic() + 2 * self.delay, self._answer(request), client))
            except TimeoutError:
                pass
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, answer, client = heapq.heappop(self._waiting)
                self._socket.sendto(answer, client)
