# SPDX-License-Identifier: GPL-2.0-or-later
"""A network between a client and a server that does to datagrams and streams what a test asks for."""

import contextlib
import heapq
import itertools
import random
import select
import socket
import struct
import threading
import time

LONGEST_DELAY = 0.05


class BadDatagrams:
    """Loses, repeats, delays (and so reorders), cuts and falsifies datagrams of both directions, and sends old ones
    again; each with the same likelihood. `likelihood` 0: all is well."""

    KINDS = ("lost", "repeated", "delayed", "cut", "falsified", "replayed")

    def __init__(self, server, port=0, kinds=KINDS, likelihood=0.5, seed=1):
        self.kinds, self.likelihood = kinds, likelihood
        self.done = dict.fromkeys(self.KINDS, 0)
        self.requests = []  # as the clients sent them
        self._random = random.Random(seed)
        self._server = server
        self._outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._outside.bind(("127.0.0.1", port))
        self.port = self._outside.getsockname()[1]
        self._inside = {}  # a socket towards the server for each client
        self._old = {"up": [], "down": []}
        self._due = []
        self._order = itertools.count()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def close(self):
        self._ended.set()
        self._thread.join(10)
        for each in (self._outside, *self._inside.values()):
            each.close()

    def total(self):
        return sum(self.done.values())

    def _work(self):
        while not self._ended.is_set():
            wait = min(max(self._due[0][0] - time.monotonic(), 0), 0.1) if self._due else 0.1
            ready, _, _ = select.select([self._outside, *self._inside.values()], [], [], wait)
            for each in ready:
                with contextlib.suppress(OSError):
                    self._take(each)
            while self._due and self._due[0][0] <= time.monotonic():
                _, _, datagram, send = heapq.heappop(self._due)
                with contextlib.suppress(OSError):
                    send(datagram)

    def _take(self, source):
        datagram, address = source.recvfrom(65536)
        if source is self._outside:
            self.requests.append(datagram)
            if address not in self._inside:
                self._inside[address] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self._inside[address].connect(self._server)
            return self._mistreat("up", datagram, self._inside[address].send)
        client = next(client for client, inside in self._inside.items() if inside is source)
        return self._mistreat("down", datagram, lambda octets: self._outside.sendto(octets, client))

    def _mistreat(self, way, datagram, send):
        now, chance = time.monotonic(), self._random
        old = self._old[way]
        deliveries = [(now, datagram)]
        if chance.random() < self.likelihood:
            kind = chance.choice(self.kinds)
            self.done[kind] += 1
            deliveries = self._deliveries(kind, datagram, now, old)
        old.append(datagram)
        for when, octets in deliveries:
            heapq.heappush(self._due, (when, next(self._order), octets, send))

    def _deliveries(self, kind, datagram, now, old):
        chance = self._random
        later = now + chance.uniform(0.01, LONGEST_DELAY)
        if kind == "lost":
            return []
        if kind == "repeated":
            return [(now, datagram), (now, datagram), (later, datagram)]
        if kind == "delayed":
            return [(later, datagram)]
        if kind == "cut":
            return [(now, datagram[: chance.randrange(len(datagram))])]
        if kind == "falsified":
            octets = bytearray(datagram)
            for _ in range(chance.choice((1, 1, 2, 8))):
                octets[chance.randrange(len(octets))] ^= chance.randrange(1, 256)
            return [(now, bytes(octets))]
        return [(now, chance.choice(old or [datagram])), (now, datagram)]


class BadStream:
    """Passes connections on to a server. `treatment` has a function for each direction, up and down: of the number of
    octets before and of the new ones, it gives what to pass on, or None to have the connection torn down."""

    def __init__(self, server, port=0):
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.treatment = {}
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._pass_both, args=(client, dict(self.treatment)), daemon=True).start()

    def _pass_both(self, client, treatment):
        with contextlib.suppress(OSError), client, socket.create_connection(self._server) as server:
            ways = {client: (server, treatment.get("up")), server: (client, treatment.get("down"))}
            passed = {client: 0, server: 0}
            while ways:
                ready, _, _ = select.select(list(ways), [], [], 60)
                if not ready:
                    return
                for source in ready:
                    sink, treat = ways[source]
                    octets = source.recv(65536)
                    if not octets:
                        sink.shutdown(socket.SHUT_WR)
                        del ways[source]
                        continue
                    result = treat(passed[source], octets) if treat else octets
                    passed[source] += len(octets)
                    if result is None:
                        return reset(client, server)
                    if result is HALF:
                        sink.shutdown(socket.SHUT_WR)
                        del ways[source]
                        continue
                    for part in (result if isinstance(result, list) else [result]):
                        sink.sendall(part)


HALF = object()  # the stream ends here, the other direction goes on


def reset(*sockets):
    """The peers get a reset, no orderly end."""
    for each in sockets:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        each.close()


def cut_at(place):
    return lambda before, octets: None if before + len(octets) > place else octets


def half_close_at(place):
    return lambda before, octets: HALF if before + len(octets) > place else octets


def falsify_at(place):
    def treat(before, octets):
        if not before <= place < before + len(octets):
            return octets
        changed = bytearray(octets)
        changed[place - before] ^= 0x55
        return bytes(changed)

    return treat


def silent_at(place):
    return lambda before, octets: b"" if before + len(octets) > place else octets


def delayed(seconds):
    def treat(_, octets):
        time.sleep(seconds)
        return octets

    return treat


def in_pieces(_, octets):
    return [octets[at : at + 1] for at in range(len(octets))]
