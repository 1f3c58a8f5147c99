#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of clients, by stock chronyc and gnomonctl, beside stock chronyd's after the same traffic. CHRONYC=path runs another
version than the system's."""

import json
import socket
import subprocess
import threading
import time
import unittest

import surroundings
from daemons import Chronyd, Scene

REQUEST = bytes([0x23]) + bytes(47)
UNKNOWN = 127


def ask(port, source, count=1, gap=0.0, server="127.0.0.1"):
    """Requests from one address, from another port each, as clients have them."""
    answers = 0
    for number in range(count):
        if number:
            time.sleep(gap)
        with socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((source, 0))
            client.settimeout(0.3)
            client.sendto(REQUEST, (server, port))
            try:
                client.recv(1024)
                answers += 1
            except TimeoutError:
                pass
    return answers


def connect(port, source, count, gap):
    for _ in range(count):
        time.sleep(gap)
        with socket.create_connection(("127.0.0.1", port), timeout=5, source_address=(source, 0)):
            pass


@unittest.skipUnless(surroundings.CHRONYC and surroundings.CHRONYD, "there is no chrony")
@unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
class Clients(Scene):
    def start_both(self, *extra, nts=False):
        certificate = self.authority().issue("server") if nts else None
        self.ports = {name: surroundings.free_port() for name in ("gnomond", "chronyd")}
        self.command_ports = {name: surroundings.free_port() for name in self.ports}
        self.ke_ports = {name: surroundings.free_port() for name in self.ports}
        lines = {name: [f"port {self.ports[name]}", f"cmdport {self.command_ports[name]}", "allow", "local stratum 3", *extra]
                 for name in self.ports}
        if nts:
            for name, port in self.ke_ports.items():
                lines[name] += [f"ntsservercert {certificate[0]}", f"ntsserverkey {certificate[1]}", f"ntsport {port}"]
        self.chronyd = Chronyd(self, "chronyd", lines["chronyd"])
        command_socket = self.folder / "gnomond" / "run" / "chronyd.sock"
        self.gnomond = self.start("gnomond", *lines["gnomond"], f"bindcmdaddress {command_socket}", "ntpworkers 2")
        self.gnomond.wait_until_ready()
        self.chronyd.wait_until_ready()

    def chronyc(self, daemon, *words):
        done = subprocess.run([surroundings.CHRONYC, "-h", str(daemon), *words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, check=False)
        return done.returncode, done.stdout

    def listed(self, *words):
        """By address what chronyc lists of gnomond and of chronyd."""
        return tuple({fields[0]: [int(each) for each in fields[1:]] for fields in
                      (line.split(",") for line in self.chronyc(where, "-n", "-c", "clients", *words)[1].splitlines())}
                     for where in (self.gnomond.command_socket, self.chronyd.socket))

    def assert_same_clients(self, *words, ages=(4, 8)):
        ours, theirs = self.listed(*words)
        self.assertEqual(sorted(theirs), sorted(ours), words)
        for address, values in theirs.items():
            for place, value in enumerate(values):
                slack = 2 if place in ages and value < 1000 else 0
                self.assertAlmostEqual(value, ours[address][place], delta=slack, msg=f"{words} {address} {place}")
        return ours

    def traffic(self, name):
        jobs = [threading.Thread(target=ask, args=(self.ports[name], "127.0.0.1", 1)),
                threading.Thread(target=ask, args=(self.ports[name], "127.0.0.2", 14, 0.25)),
                threading.Thread(target=ask, args=(self.ports[name], "127.0.0.3", 4, 1.0)),
                threading.Thread(target=ask, args=(self.ports[name], "::1", 3, 0.5, "::1")),
                threading.Thread(target=connect, args=(self.ke_ports[name], "127.0.0.4", 3, 1.0))]
        for job in jobs:
            job.start()
        return jobs

    def test_the_same_traffic_gives_the_same_list(self):
        self.start_both(nts=True)
        for job in [*self.traffic("gnomond"), *self.traffic("chronyd")]:
            job.join()
        for _ in range(2):
            time.sleep(1)
            for name in self.ports:
                self.chronyc("127.0.0.1", "-p", str(self.command_ports[name]), "tracking")
        ours = self.assert_same_clients()
        self.assertEqual([14, 0, -2, UNKNOWN], ours["127.0.0.2"][:4])
        self.assertEqual([4, 0, 0, UNKNOWN], ours["127.0.0.3"][:4])
        self.assertEqual(2, ours["127.0.0.1"][5])
        self.assertIn("::1", ours)
        self.assertEqual(3, self.assert_same_clients("-k")["127.0.0.4"][5])
        self.assertEqual({"127.0.0.2"}, set(self.assert_same_clients("-p", "10")))
        self.assertEqual(14, self.assert_same_clients("-r", "-p", "10")["127.0.0.2"][0])
        self.assertEqual(0, sum(values[0] + values[5] for values in self.assert_same_clients().values()))
        tables = [self.chronyc(where, "-n", "clients", *words)[1].splitlines()[:2] for words in ((), ("-k",))
                  for where in (self.gnomond.command_socket, self.chronyd.socket)]
        self.assertEqual(tables[0], tables[1])
        self.assertEqual(tables[2], tables[3])

    def test_gnomonctl_prints_what_chronyc_prints(self):
        self.start_both(nts=True)
        for job in self.traffic("gnomond"):
            job.join()
        for words in ((), ("-k",), ("-p", "3"), ("-p", "10", "-k")):
            for options in (("-n",), ("-n", "-c"), ("-n", "-w") if self.has_wide() else ("-n",)):
                with self.subTest(words=words, options=options):
                    self.assert_gnomonctl_prints_the_same(*options, "clients", *words)
        self.assertIn("\n127.0.0.2,14,", "\n" + self.gnomonctl("-c", "clients", "-r", "-p", "10"))
        self.assertIn("\n127.0.0.3,0,0,", "\n" + self.gnomonctl("-c", "clients"))
        self.assert_gnomonctl_prints_the_same("-n", "clients")
        shown = json.loads(self.gnomonctl("--json", "clients", "-p", "0"))
        self.assertIn("127.0.0.2", [each["address"] for each in shown["clients"]])

    def assert_gnomonctl_prints_the_same(self, *words):
        """The seconds of an age may change between the two."""
        for _ in range(10):
            theirs, ours = self.chronyc(self.gnomond.command_socket, *words)[1], self.gnomonctl(*words)
            if theirs == ours:
                break
        self.assertEqual(theirs, ours)

    def has_wide(self):
        return "-w" in subprocess.run([surroundings.CHRONYC, "--help"], capture_output=True, text=True, check=False).stdout

    def gnomonctl(self, *words):
        return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(self.gnomond.socket), *words], capture_output=True, text=True,
                              timeout=60, check=True).stdout

    def test_requests_above_the_limit_are_drops(self):
        self.start_both("ratelimit interval 3 burst 4 leak 4")
        for name, port in self.ports.items():
            with self.subTest(name=name):
                self.assertLess(ask(port, "127.0.0.2", 20), 20)
        ours, theirs = self.listed()
        for values in (ours["127.0.0.2"], theirs["127.0.0.2"]):
            self.assertEqual(20, values[0])
            self.assertGreater(values[1], 8)
            self.assertNotEqual(UNKNOWN, values[3])
        for where, drops in ((self.gnomond.command_socket, ours["127.0.0.2"][1]), (self.chronyd.socket, theirs["127.0.0.2"][1])):
            status, said = self.chronyc(where, "-c", "serverstats")
            if status == 0:  # a chronyc that is newer than chronyd does not understand it
                self.assertEqual(["20", str(drops)], said.split(",")[:2])

    def test_without_a_client_log_there_is_no_list(self):
        self.start_both("noclientlog")
        ask(self.ports["gnomond"], "127.0.0.2")
        for words in (("clients",), ("-c", "clients"), ("clients", "-r")):
            self.assertEqual(self.chronyc(self.chronyd.socket, *words), self.chronyc(self.gnomond.command_socket, *words))
        self.assertIn("519 Client logging is not active in the daemon", self.chronyc(self.gnomond.command_socket, "clients")[1])

    def test_more_clients_than_there_is_room_for(self):
        self.start_both("clientloglimit 20000")
        for name, port in self.ports.items():
            for number in range(1000):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                    client.bind((f"127.1.{number // 250}.{number % 250 + 1}", 0))
                    client.sendto(REQUEST, ("127.0.0.1", port))
                    client.settimeout(2)
                    client.recv(100)
        ours, theirs = self.listed()
        self.assertGreaterEqual(len(ours), 64)
        self.assertLessEqual(len(ours), 20000 * 3 // 4 // 64 + 4)
        self.assertGreaterEqual(len(ours), len(theirs))
        stats = json.loads(self.gnomonctl("--json", "serverstats"))
        self.assertEqual(1000 - len(ours), stats["log_drops"])


if __name__ == "__main__":
    unittest.main()
