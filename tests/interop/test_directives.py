#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Directives and options of sources whose effect is seen in what the daemon does to a clock: each is a row, run once
with it and once without, whole and in virtual time. Where stock chronyd has the directive, it must show the effect as
well. tests/policy/directive_effects.py says where the others are tried."""

import os
import re
import socket
import struct
import subprocess
import time
import unittest
from dataclasses import dataclass, field
from typing import Callable

import surroundings
from daemons import Scene
from patience import until

INTERPOSER = os.environ.get("GNOMON_INTERPOSER", "")
SERVER = "server 192.0.2.1 iburst minpoll 4 maxpoll 4"
FOUR = [f"server 192.0.2.{i} iburst minpoll 4 maxpoll 4" for i in range(1, 5)]


class Run:
    """What came of one run."""

    def __init__(self, folder, log):
        self.folder, self.log = folder, log
        record = folder / "record"
        self.record = list(struct.iter_unpack("3f", record.read_bytes())) if record.exists() else []

    def error(self, at=-1):
        return abs(self.record[at][0])

    def rate_error(self):
        return abs(self.record[-1][1])

    def requests(self, second=-1):
        return self.record[second][2] if self.record else 0

    def says(self, pattern):
        return len(re.findall(pattern, self.log))

    def rows(self, log):
        """Of a file of `log`, as lists of words, without headings."""
        path = self.folder / f"{log}.log"
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        return [line.split() for line in lines if line[:1].isdigit()]

    def headings(self, log):
        path = self.folder / f"{log}.log"
        return path.read_text(encoding="ascii").count("Date (UTC)") if path.exists() else 0

    def column(self, log, number):
        return [row[number] for row in self.rows(log)]

    def numbers(self, log, number):
        return [float(value) for value in self.column(log, number)]

    def exists(self, name):
        return (self.folder / name).exists()


@dataclass
class Effect:
    """`measure` of the run with `line` must not be that of the run without it, as `seen` says of both."""

    name: str  # the directive, or "server OPTION"
    line: str
    measure: Callable
    seen: Callable  # (with, without)
    sources: list = field(default_factory=lambda: [SERVER])
    further: list = field(default_factory=list)  # in both runs
    scenario: str = "lan"
    until: int = 400
    frequency: float | None = None
    stops: bool = False  # by SIGTERM
    chronyd: bool = True  # 4.3 has it, and shows it in the same way


def option(name, value, measure, seen, source=SERVER, **others):
    """Of the first source."""
    line = f"{source} {name} {value}".rstrip()
    return Effect(f"server {name}", line, measure, seen, sources=[source], **others)


def more(least=1):
    return lambda present, absent: present >= absent + least


def fewer(least=1):
    return lambda present, absent: present <= absent - least


def above(limit):
    return lambda present, absent: present > limit >= absent


def below(limit):
    return lambda present, absent: present < limit <= absent


SELECTED = r"Selected source"
MEASURED = ["log measurements"]
TRACKED = ["log tracking"]
STATISTICS = ["log statistics"]

EFFECTS = [
    # the clock
    Effect("makestep", "makestep 1 3", Run.error, below(1), scenario="offset1000", until=60),
    Effect("maxslewrate", "maxslewrate 100", Run.error, above(5e-3), until=40),
    Effect("maxchange", "maxchange 0.001 0 0", lambda r: r.says("exceeds|exceeded|exiting"), more(), chronyd=False),
    Effect("maxdrift", "maxdrift 100", Run.rate_error, above(50e-6), frequency=500e-6),
    Effect("maxupdateskew", "maxupdateskew 0.000001", Run.rate_error, above(50e-6), frequency=100e-6, until=1000),
    Effect("maxclockerror", "maxclockerror 100000", lambda r: max(r.numbers("measurements", 13)), above(1e-5),
           further=MEASURED, chronyd=False),
    Effect("driftfile", "driftfile {folder}/drift", lambda r: r.exists("drift"), more(), stops=True),
    Effect("logchange", "logchange 0.001", lambda r: r.says("System clock wrong by"), more()),
    Effect("leapsectz", "leapsectz right/UTC", lambda r: r.says("Using (time zone )?.*right/UTC.* leap second"), more()),
    # selection
    Effect("combinelimit", "combinelimit 0", lambda r: max(r.numbers("tracking", 8)), below(2), sources=FOUR,
           further=TRACKED, scenario="wan4"),
    Effect("maxdistance", "maxdistance 0.000001", lambda r: r.says(SELECTED), fewer()),
    Effect("maxjitter", "maxjitter 0.000000001", lambda r: r.says(SELECTED), fewer()),
    Effect("minsources", "minsources 2", lambda r: r.says(SELECTED), fewer()),
    Effect("minstratum", "minstratum 3", lambda r: r.says(SELECTED), fewer(), chronyd=False),
    Effect("maxstratum", "maxstratum 1\nmaxstratum 0", lambda r: r.says(SELECTED), fewer(), chronyd=False),
    Effect("maxsamples", "maxsamples 5", lambda r: max(r.numbers("statistics", 9)), below(10), further=STATISTICS),
    Effect("minsamples", "minsamples 40", lambda r: min(r.numbers("statistics", 9)[-100:]), above(35),
           further=STATISTICS, scenario="wander", until=6000),
    # logs
    Effect("log", "log tracking", lambda r: len(r.rows("tracking")), more(10)),
    Effect("logdir", "logdir {folder}", lambda r: len(r.rows("tracking")), more(10),
           further=["log tracking", "logdir {folder}/elsewhere"]),
    Effect("logbanner", "logbanner 5", lambda r: r.headings("tracking"), more(3), further=TRACKED),
    Effect("dumpdir", "dumpdir {folder}", lambda r: r.exists("192.0.2.1.dat"), more(), stops=True),
    Effect("tempcomp", "tempcomp {folder}/sensor 30 0 5 0 0", lambda r: len(r.rows("tempcomp")), more(5),
           further=["log tempcomp"]),
    # sources
    Effect("server", SERVER, Run.requests, more(10), sources=[]),
    Effect("peer", "peer 192.0.2.1 minpoll 4 maxpoll 4", Run.requests, more(5), sources=[]),
    option("minpoll", "2", Run.requests, more(8), source="server 192.0.2.1 maxpoll 6", chronyd=False),
    option("maxpoll", "4", Run.requests, more(20), source="server 192.0.2.1 minpoll 4", until=4000),
    option("iburst", "", lambda r: r.requests(12), more(2), source="server 192.0.2.1"),
    option("offset", "0.1", lambda r: r.error(), above(0.05)),
    option("filter", "4", lambda r: len(r.rows("statistics")), fewer(5), further=STATISTICS),
    option("maxdelay", "0.000001", lambda r: r.says(SELECTED), fewer()),
    option("xleave", "", lambda r: sum(mode.endswith("I") for mode in r.column("measurements", 17)), more(5),
           further=MEASURED),
    option("noselect", "", lambda r: r.says(SELECTED), fewer()),
    option("offline", "", Run.requests, fewer(10)),
    option("minstratum", "5", lambda r: max(r.numbers("tracking", 3)), above(4), further=TRACKED),
    option("maxsamples", "5", lambda r: max(r.numbers("statistics", 9)), below(10), further=STATISTICS),
    option("minsamples", "40", lambda r: min(r.numbers("statistics", 9)[-100:]), above(35), further=STATISTICS,
           scenario="wander", until=6000),
    option("port", "1123", lambda r: r.says(SELECTED), fewer()),
    option("presend", "4", Run.requests, more(10), chronyd=False),
]


class Directives(Scene):
    def play(self, effect, program, present):
        name = f"{program}-{effect.name.replace(' ', '-')}-{'with' if present else 'without'}"
        folder = self.state_folder(name, owner="root")
        (folder / "sensor").write_text("1\n", encoding="ascii")
        lines = ["cmdport 0", "bindcmdaddress /", f"pidfile {folder}/pid", f"logdir {folder}", *effect.further]
        is_option = effect.name.startswith("server ")
        lines += [] if is_option and present else effect.sources
        lines += [effect.line] if present else []
        configuration = folder / "conf"
        configuration.write_text("\n".join(lines).format(folder=folder) + "\n", encoding="ascii")
        command = {"gnomond": [surroundings.PROGRAM, "-d", "-f", configuration],
                   "chronyd": [surroundings.CHRONYD, "-d", "-u", "root", "-F", "0", "-f", configuration]}[program]
        variables = {"PATH": os.environ["PATH"], "TZ": "UTC0", "LD_PRELOAD": INTERPOSER,
                     "GNOMON_SIM_SCENARIO": effect.scenario, "GNOMON_SIM_SEED": "1",
                     "GNOMON_SIM_UNTIL": str(effect.until), "GNOMON_SIM_OUTPUT": str(folder / "record")}
        if effect.stops:  # what it writes as it ends; the record is of whole runs alone
            variables |= {"GNOMON_SIM_UNTIL": str(effect.until + 60), "GNOMON_SIM_STOP": str(effect.until)}
        if effect.frequency is not None:
            variables["GNOMON_SIM_FREQUENCY"] = str(effect.frequency)
        done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=surroundings.PATIENCE * 4, check=False)
        return Run(folder, done.stdout)

    def check(self, effect, program):
        runs = {present: self.play(effect, program, present) for present in (True, False)}
        values = {present: effect.measure(run) for present, run in runs.items()}
        self.assertTrue(effect.seen(values[True], values[False]),
                        f"{program}, {effect.line!r}: {values[True]} with it, {values[False]} without\n"
                        f"{runs[True].log}\n--- without:\n{runs[False].log}")

    def test_each_has_its_effect(self):
        for effect in EFFECTS:
            with self.subTest(effect.name):
                self.check(effect, "gnomond")

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.IS_ROOT, "needs chronyd, which wants to be root")
    def test_chronyd_shows_the_same(self):
        for effect in EFFECTS:
            if effect.chronyd:
                with self.subTest(effect.name):
                    self.check(effect, "chronyd")


class Listener:
    """Where a client's requests arrive: they are only looked at."""

    def __init__(self, at="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        self.socket.bind((at, port))
        self.port = self.socket.getsockname()[1]

    def close(self):
        self.socket.close()

    def next(self):
        """Request, sender and type of service; None: there is none."""
        try:
            request, ancillary, _, sender = self.socket.recvmsg(2048, 256, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        tos = next((data[0] for _, kind, data in ancillary if kind == socket.IP_TOS), 0)
        return request, sender, tos


class Server:
    """The daemon's own server, asked from an address of loopback."""

    def __init__(self, port):
        self.port = port

    def ask(self, client="127.0.0.1", server="127.0.0.1"):
        """The answer; None: there was none within a moment."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.bind((client, 0))
            asking.settimeout(0.3)
            asking.sendto(b"\x23" + bytes(39) + b"12345678", (server, self.port))
            try:
                return asking.recv(2048)
            except TimeoutError:
                return None


@dataclass
class Socket:
    """`look` becomes true of what the daemon sends or answers with `lines`, and not without them."""

    name: str
    lines: list
    look: Callable  # (listener, server); tried again and again
    without: list = field(default_factory=list)  # lines in their place
    further: list = field(default_factory=lambda: ["server 127.0.0.1 port {asked} minpoll 0 maxpoll 0 iburst"])


def arrives(test):
    """A request that passes the test."""
    def look(listener, _):
        while found := listener.next():
            if test(*found):
                return True
        return False

    return look


def answers(test, **where):
    return lambda _, server: (answer := server.ask(**where)) is not None and test(answer)


def silent(**where):
    return lambda _, server: server.ask(**where) is None


def is_limited(_, server):
    return sum(server.ask() is not None for _ in range(12)) < 8


ALLOWED = ["allow", "local", "port {own}", "bindaddress 127.0.0.1"]
ANY = lambda *_: True  # noqa: E731
STRATUM = 1  # octet of an answer

SOCKETS = [
    Socket("dscp", ["dscp 46"], arrives(lambda _, __, tos: tos == 46 << 2)),
    Socket("bindacqaddress", ["bindacqaddress 127.0.0.2"], arrives(lambda _, sender, __: sender[0] == "127.0.0.2")),
    Socket("acquisitionport", ["acquisitionport {free}"],
           lambda listener, server: arrives(lambda _, sender, __: sender[1] == server.free)(listener, server)),
    Socket("server version", ["server 127.0.0.1 port {asked} version 3 iburst"],
           arrives(lambda request, _, __: request[0] == 0x1b), further=[]),
    Socket("server ipv4", ["server localhost port {asked} iburst ipv4"], arrives(ANY),
           without=["server localhost port {asked} iburst ipv6"], further=[]),
    Socket("server burst", ["server 127.0.0.1 port {asked} minpoll 6 iburst"], arrives(ANY), further=[]),
    Socket("allow", ["allow"], answers(ANY), further=["local", "port {own}"]),
    Socket("deny", ["deny 127.0.0.3"], silent(client="127.0.0.3"), further=ALLOWED),
    Socket("port", ["port {own}"], answers(ANY), without=["port {free}"], further=["allow", "local"]),
    Socket("bindaddress", ["bindaddress 127.0.0.4"], silent(), further=["allow", "local", "port {own}"]),
    Socket("local", ["local"], answers(lambda answer: answer[STRATUM] == 10), further=["allow", "port {own}"]),
    Socket("local stratum", ["local stratum 7"], answers(lambda answer: answer[STRATUM] == 7), further=ALLOWED),
    Socket("local activate", ["local activate 0.001"], answers(lambda answer: answer[STRATUM] == 0), further=ALLOWED),
    Socket("local waitunsynced", ["local waitunsynced 1000"], answers(lambda answer: answer[STRATUM] == 0),
           further=ALLOWED),
    Socket("ratelimit", ["ratelimit interval 3 burst 1 leak 4"], is_limited, further=ALLOWED),
    Socket("include", ["include {folder}/included"], answers(ANY), further=["local", "port {own}"]),
    Socket("confdir", ["confdir {folder}"], answers(ANY), further=["local", "port {own}"]),
]


class OnLoopback(Scene):
    def play(self, row, present):
        """Whether the effect is seen."""
        name = f"{row.name.replace(' ', '-')}-{'with' if present else 'without'}"
        listener = Listener()
        self.addCleanup(listener.close)
        server = Server(surroundings.free_port())
        server.free = surroundings.free_port()
        folder = self.state_folder(f"{name}-files")
        for file in ("included", "10.conf"):
            (folder / file).write_text("allow\n", encoding="ascii")
        places = {"asked": listener.port, "own": server.port, "free": server.free, "folder": folder}
        lines = row.further + (row.lines if present else row.without)
        daemon = self.start(name, *(line.format(**places) for line in lines)).wait_until_ready()
        try:
            if present:
                until(f"{row.name} has an effect", lambda: row.look(listener, server))
                return True
            time.sleep(0.3)
            return row.look(listener, server)
        finally:
            daemon.stop()

    def test_each_is_seen_from_outside(self):
        for row in SOCKETS:
            with self.subTest(row.name):
                self.assertFalse(self.play(row, False))
                self.assertTrue(self.play(row, True))


if __name__ == "__main__":
    unittest.main()
