# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of NTS-KE: sessions one at a time, or one after the other in the background."""

import socket
import ssl
import threading

from patience import PATIENCE

REQUEST = bytes.fromhex("80010002 0000 80040002 000f 80000000")
SERVED = bytes.fromhex("80010002 0000 80040002 000f")  # and eight cookies


def key_exchange(address, trusted, name="127.0.0.1"):
    """One session: the name in the certificate that was shown, verified, and the answer."""
    context = ssl.create_default_context(cafile=trusted)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["ntske/1"])
    with socket.create_connection(address, PATIENCE) as connection:
        with context.wrap_socket(connection, server_hostname=name) as session:
            session.sendall(REQUEST)
            answer = b""
            while piece := session.recv(4096):
                answer += piece
            return dict(pair[0] for pair in session.getpeercert()["subject"])["commonName"], answer


def is_served(answer):
    return answer.startswith(SERVED) and len(answer) > 800


class Sessions:
    """A client that comes all the time; `names` are those shown to it, `faults` what went wrong."""

    def __init__(self, address, trusted):
        self.names, self.faults = [], []
        self._where, self._end = (address, trusted), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._end.is_set():
            try:
                name, answer = key_exchange(*self._where)
                self.names.append(name)
                if not is_served(answer):
                    self.faults.append(f"answer {answer[:16].hex()} of {len(answer)} octets")
            except OSError as error:
                self.faults.append(repr(error))

    def end(self):
        self._end.set()
        self._thread.join()
        return self.faults
