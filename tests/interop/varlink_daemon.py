# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon that says whatever a test likes at its control socket, so that gnomonctl sees a whole day, or lies."""

import json
import math
import random
import socket
import threading
import time


class VarlinkDaemon:
    """Replies to each method as `replies` has it: a function from the parameters to the reply's, or a text to be sent."""

    def __init__(self, path, replies):
        self.path, self.replies = str(path), replies
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.path)
        self._socket.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        pending = b""
        with connection:
            while octets := connection.recv(65536):
                pending += octets
                while b"\0" in pending:
                    message, pending = pending.split(b"\0", 1)
                    try:
                        connection.sendall(self._answer(json.loads(message)))
                    except BrokenPipeError:
                        return

    def _answer(self, call):
        reply = self.replies.get(call["method"].rpartition(".")[2])
        if reply is None:
            return json.dumps({"error": "io.gnomon.Control.Failed", "parameters": {"explanation": "not here"}}).encode() + b"\0"
        made = reply(call.get("parameters", {}))
        return made if isinstance(made, bytes) else json.dumps({"parameters": made}).encode() + b"\0"


NAMES = ["ntp1.example.net", "ntp2.example.net", "time.example.org", "pool.example.com"]
STATES = ("selected", "combined", "selectable", "falseticker", "jittery", "unselectable")


class Day:
    """A day as a daemon might have lived it: `names` asked every `poll` seconds, one of them over a route that is slow on the
    way back at times, one wrong for an hour; a clock that is steered, stepped once, and without sources for a while."""

    def __init__(self, names=None, poll=64, length=86400, now=None, seed=1):
        self.names, self.states = list(names or NAMES), STATES
        self.now = now or time.time()
        self.begin = self.now - length
        self.random = random.Random(seed)
        self.records = []  # (list, record) in the order of time
        self.events = []
        self._live(poll)
        for number, (_, record) in enumerate(self.records, 1):
            record["sequence"] = number

    def _source(self, index):
        return {"name": self.names[index], "address": f"192.0.2.{index + 1}", "port": 123}

    def _add(self, kind, at, **fields):
        self.records.append((kind, {"time": at, **fields}))

    def _event(self, at, priority, name, text):
        self.events.append({"sequence": len(self.events) + 1, "time": at,
                            "fields": {"PRIORITY": str(priority), "GNOMON_EVENT": name, "MESSAGE": text}})

    def _live(self, poll):
        self._add("starts", self.begin)
        self._event(self.begin, 6, "daemon_starting", "gnomond version 0.1.0 starting")
        at, step = self.begin, 0
        states = {}
        while at < self.now:
            hour = (at - self.begin) / 3600
            outage = 13 < hour < 14.2
            for index in range(len(self.names)):
                if not outage:
                    self._measure(at + index, index, hour, states)
            if not outage:
                self._steer(at, hour, step)
            elif step and hour - 13 < poll / 3600:
                self._event(at, 4, "no_selectable_sources", "Can't synchronise: no selectable sources")
            at, step = at + poll, step + 1

    def _measure(self, at, index, hour, states):
        base = (0.0004, 0.004, 0.018, 0.031)[index % 4]
        there, back = self.random.expovariate(1 / (base / 25)), self.random.expovariate(1 / (base / 25))
        if index % 4 == 2 and math.sin(hour) > 0.2:
            back += self.random.expovariate(1 / 0.006)
        wrong = index % 4 == 3 and 6 < hour < 7
        offset = self.random.gauss(0, 20e-6) + (back - there) / 2 + (0.4 if wrong else 0)
        used = self.random.random() > 0.02
        state = "falseticker" if wrong else ("selected", "combined", "selectable", "combined")[index % 4]
        if states.get(index) != state:
            states[index] = state
            self._add("selections", at, state=state, reason="best", **self._source(index))
            if wrong:
                self._event(at, 4, "falseticker", f"Detected falseticker {self.names[index]}")
        self._add("measurements", at, offset=offset, delay=base + there + back, error=base / 2 + 1e-4, stratum=1 + index % 3,
                  used=used, state=state, **self._source(index))

    def _steer(self, at, hour, step):
        frequency = -12.3 + 0.25 * math.sin(hour / 24 * 2 * math.pi) + self.random.gauss(0, 0.004)
        record = {"offset": self.random.gauss(0, 18e-6) if step else -0.52, "remaining": self.random.gauss(0, 4e-6),
                  "error_bound": 0.0008 + 0.05 * math.exp(-step / 3) + abs(self.random.gauss(0, 1e-4)), "error_growth": 1.4,
                  "frequency": frequency, "skew": 0.02 + 3 * math.exp(-step / 2)}
        if step == 0:
            record["step"] = 0.52
            self._event(at, 5, "clock_stepped", "System clock was stepped by 0.520000 seconds")
        else:
            record.update(slew=self.random.gauss(0, 1), slew_duration=20.0)
        self._add("clock", at, **record)

    # What the daemon's methods say of it.
    def measurements(self, parameters):
        return self.page(self.records, parameters, ("measurements", "clock", "selections", "starts"))

    def listed_events(self, parameters):
        return self.page([("events", event) for event in self.events], parameters, ("events",))

    @staticmethod
    def page(records, parameters, lists):
        reply = {name: [] for name in lists} | {"lost": 0}
        after = parameters.get("after", 0)
        if "limit" in parameters:
            after = max(after, len(records) - parameters["limit"])
        reply["last"] = min(after + 500, len(records))
        for kind, record in records[after:reply["last"]]:
            if record["time"] >= parameters.get("since", 0):
                reply[kind].append(record)
        return reply

    def explain(self, _):
        return {"synchronised": True, "state": "synchronised", "cause": "synchronised", "error_bound": 0.00091,
                "summary": f"The clock is synchronised. It follows {self.names[0]} and 2 more, and is wrong by at most 910 us.",
                "sources": []}

    def tracking(self, _):
        return {"synchronised": True, "name": self.names[0], "stratum": 2, "error_bound": 0.00091, "system_time": 3e-6,
                "last_offset": -12e-6, "frequency": -12.31, "skew": 0.02, "leap": "normal"}

    def sources(self, _):
        return {"sources": [{"id": index + 1, "name": name, "address": f"192.0.2.{index + 1}",
                             "state": self.states[index % len(self.states)], "stratum": 2, "poll": 6, "reach": 255 - 16 * index % 256,
                             "last_rx": 12.0 + index, "adjusted_offset": 12e-6 * (index + 1), "error": 0.0012}
                            for index, name in enumerate(self.names)]}

    def keys(self, _):
        return {"sources": [{"id": index + 1, "mode": ("nts", "none", "symmetric")[index % 3], "key_id": 5, "cookies": 8,
                             "last_ke": 7200.0, "ke_attempts": 0} for index in range(len(self.names))]}

    def replies(self):
        return {"Measurements": self.measurements, "Events": self.listed_events, "Explain": self.explain,
                "Tracking": self.tracking, "Sources": self.sources, "AuthData": self.keys}
