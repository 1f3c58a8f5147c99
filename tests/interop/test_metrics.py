#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Metrics as they are fetched: by Debian's Prometheus, whose promtool judges the text, the alert rules and the dashboard;
and by clients that mean no good, during which the core has nothing to do."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import surroundings
from daemons import Daemon, Scene, client_line, kill
from patience import until

MONITORING = pathlib.Path(surroundings.SOURCE_ROOT, "packaging/monitoring")
RULES = MONITORING / "gnomon.rules.yml"
DASHBOARD = MONITORING / "gnomon-dashboard.json"
PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
needs_prometheus = unittest.skipUnless(PROMETHEUS and PROMTOOL, "there is no prometheus (Debian's package)")
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
ODD_NAME = "a_name%of.all-kinds"


def processor_time(pid):
    """Seconds that the process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Prometheus(Daemon):
    """A real one, which scrapes each second."""

    def __init__(self, scene, target):
        folder = scene.folder / "prometheus"
        folder.mkdir()
        self.port = surroundings.free_port()
        (folder / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{RULES}]
scrape_configs:
  - job_name: gnomon
    static_configs: [{{targets: ["127.0.0.1:{target}"]}}]
""", encoding="ascii")
        super().__init__(scene, "prometheus", [
            PROMETHEUS, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}"])

    def get(self, path, **parameters):
        """The data of a successful answer; None while nobody answers."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None  # it is starting
            raise AssertionError(f"{path} {parameters}: {error.read()}") from error
        except OSError:
            return None

    def values(self, query):
        """One for each series."""
        data = self.get("query", query=query)
        return [float(series["value"][1]) for series in data["result"]] if data else []


class Metrics(Scene):
    def setUp(self):
        super().setUp()
        self.port = surroundings.free_port()

    def watched(self, *lines, name="gnomond"):
        return self.start(name, f"metricsaddress 127.0.0.1 {self.port}", *lines).wait_until_ready()

    def connect(self, timeout=surroundings.PATIENCE):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def fetch(self, method="GET", target="/metrics", accept=None):
        connection = self.connect()
        connection.request(method, target, headers={"Accept": accept} if accept else {})
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response, body

    def control(self, daemon, *words):
        return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), *words], capture_output=True,
                              text=True, timeout=surroundings.PATIENCE, check=False)

    @needs_prometheus
    def test_prometheus_scrapes_and_its_rules_work(self):
        certificate = self.authority().issue("127.0.0.1")
        server = self.start_server(certificate=certificate)
        daemon = self.watched(client_line(server), client_line(server, name="127.0.0.2", nts=True), f"server {ODD_NAME} offline",
                              "refclock SHM 7 refid GPS", "authselectmode ignore", "port 0")
        prometheus = Prometheus(self, self.port)
        until("it is scraped", lambda: prometheus.still_there() and prometheus.values('up{job="gnomon"} == 1'))
        daemon.wait_until_selected("127.0.0.1")
        until("Prometheus knows", lambda: prometheus.values("gnomon_clock_synchronised == 1"))
        target, = prometheus.get("targets")["activeTargets"]
        self.assertEqual(("up", ""), (target["health"], target["lastError"]))
        self.assertGreater(prometheus.values("scrape_samples_scraped")[0], 100)
        # Nothing was thrown away: no sample twice, none out of order.
        self.assertEqual(prometheus.values("scrape_samples_scraped"),
                         prometheus.values("scrape_samples_post_metric_relabeling"))
        self.assertNotRegex(prometheus.log, r"level=(warn|error).*scrape")
        known = prometheus.get("metadata")
        self.assertEqual(("counter", ""), tuple(known["gnomon_source_requests"][0][key] for key in ("type", "unit")))
        self.assertEqual(("gauge", "seconds"), tuple(known["gnomon_clock_error_bound_seconds"][0][key] for key in ("type", "unit")))
        self.assertEqual("info", known["gnomon_build"][0]["type"])
        self.assertEqual("stateset", known["gnomon_source_state"][0]["type"])
        # The same numbers as the reports have.
        self.assertEqual([float(daemon.ask("tracking")["stratum"])], prometheus.values("gnomon_clock_stratum"))
        self.assertEqual([1.0], prometheus.values('gnomon_source_state{source="127.0.0.1",gnomon_source_state="selected"}'))
        names = {series["metric"].get("source") for series in prometheus.get("query", query="gnomon_source_info")["result"]}
        self.assertEqual({"127.0.0.1", "127.0.0.2", "GPS", ODD_NAME}, names)
        self.assertGreaterEqual(prometheus.values('gnomon_source_responses_total{source="127.0.0.1",outcome="good"}')[0], 1)
        self.check_rules(prometheus)
        self.check_dashboard(prometheus)

    def check_rules(self, prometheus):
        until("all rules are evaluated", lambda: all(
            rule["health"] != "unknown" for group in prometheus.get("rules")["groups"] for rule in group["rules"]))
        rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        self.assertGreater(len(rules), 10)
        self.assertEqual([], [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"])

    def check_dashboard(self, prometheus):
        """Every expression of every panel is one that Prometheus can evaluate."""
        dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
        self.assertGreater(len(expressions), 20)
        for expression in expressions:
            query = expression.replace("$__rate_interval", "30s").replace("$job", ".*").replace("$instance", ".*")
            self.assertIsNotNone(prometheus.get("query", query=query), expression)
        for expression in ("gnomon_clock_synchronised", "gnomon_source_offset_seconds", "gnomon_role_processes"):
            self.assertTrue(prometheus.values(expression), expression)

    @needs_prometheus
    def test_promtool_finds_nothing_to_criticise(self):
        server = self.start_server()
        daemon = self.watched(client_line(server), "allow", f"port {surroundings.free_port()}")
        daemon.wait_until_selected("127.0.0.1")
        text = self.control(daemon, "metrics", "prometheus").stdout
        for command, given in ((("check", "metrics"), text), (("check", "rules", str(RULES)), ""),
                               (("test", "rules", str(RULES.with_suffix(".test.yml"))), "")):
            with self.subTest(command):
                done = subprocess.run([PROMTOOL, *command], input=given, capture_output=True, text=True, check=False)
                self.assertEqual((0, ""), (done.returncode, done.stderr), done.stdout)

    def test_http_as_it_is_spoken(self):
        path = self.state_folder("run") / "metrics.sock"
        daemon = self.watched(f"metricsaddress ::1 {self.port}" if surroundings.has_ipv6() else "", f"metricsaddress {path}")
        for accept, kind, end in ((None, TEXT, "\n"), ("*/*", TEXT, "\n"), ("application/openmetrics-text", OPENMETRICS, "\n# EOF\n"),
                                  ("application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5", OPENMETRICS, "\n# EOF\n")):
            response, body = self.fetch(accept=accept)
            self.assertEqual((200, kind), (response.status, response.headers["Content-Type"]))
            self.assertTrue(body.endswith(end), body[-100:])
            self.assertEqual(end == "\n", "# EOF" not in body)
        response, body = self.fetch("HEAD")
        self.assertEqual((200, ""), (response.status, body))
        self.assertGreater(int(response.headers["Content-Length"]), 1000)
        self.assertEqual(404, self.fetch(target="/")[0].status)
        response, body = self.fetch("POST")
        self.assertEqual((405, "GET, HEAD"), (response.status, response.headers["Allow"]))
        # Many on one connection.
        connection = self.connect()
        for _ in range(50):
            connection.request("GET", "/metrics")
            self.assertIn(b"\ngnomon_build_info{", connection.getresponse().read())
        connection.close()
        # What gnomonctl prints is the same but for the values.
        def without_values(text):
            return [line.rsplit(" ", 1)[0] for line in text.splitlines() if not line.startswith("gnomon_events_total")]

        printed = self.control(daemon, "metrics").stdout
        self.assertEqual(without_values(self.fetch(accept="application/openmetrics-text")[1]), without_values(printed))
        self.assertEqual(2, self.control(daemon, "metrics", "xml").returncode)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            self.assertIn(b"gnomon_build_info", b"".join(iter(lambda: client.recv(65536), b"")))
        self.assertEqual(0, daemon.stop())
        self.assertFalse(path.exists())

    def test_requests_that_are_none_are_told_so(self):
        daemon = self.watched()
        for octets, status in ((b"GET /metrics HTTP/1.1\r\nA: " + b"x" * 65536 + b"\r\n\r\n", b"431"),
                               (b"GET /" + b"x" * 65536 + b" HTTP/1.1\r\n\r\n", b"431"),
                               (b"A: b\r\n" * 10000, b"400"),
                               (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), b"400"),
                               (b"GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", b"413")):
            with socket.create_connection(("127.0.0.1", self.port), timeout=surroundings.PATIENCE) as client:
                client.sendall(octets)
                answer = b"".join(iter(lambda: client.recv(65536), b""))
            self.assertTrue(answer.startswith(b"HTTP/1.1 " + status), answer[:200])
        # Half a request, and an end.
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(b"GET /metrics HT")
        self.assertEqual(200, self.fetch()[0].status)
        self.assertEqual(1, len(daemon.children("gnomon-metrics")))

    def test_slow_clients_and_many_of_them_keep_nobody_out(self):
        daemon = self.watched()
        slow = []
        self.addCleanup(lambda: [each.close() for each in slow])
        for _ in range(500):
            slow.append(socket.create_connection(("127.0.0.1", self.port), source_address=("127.0.0.66", 0)))
            slow[-1].sendall(b"GET /metrics HTTP/1.1\r\nX-a: ")
        watcher = self.connect()
        began = time.monotonic()
        for _ in range(20):
            watcher.request("GET", "/metrics")
            self.assertIn(b"gnomon_build_info", watcher.getresponse().read())
            for each in slow:
                try:
                    each.send(b"b", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
                except OSError:
                    pass
            slow.append(socket.create_connection(("127.0.0.1", self.port), source_address=("127.0.0.66", 0)))
        self.assertLess(time.monotonic() - began, surroundings.PATIENCE)
        watcher.close()
        # A header that is not whole within 5 s is not waited for.
        last = slow[-1]
        last.settimeout(surroundings.PATIENCE)
        last.sendall(b"GET ")
        began = time.monotonic()
        self.assertEqual(b"", last.recv(100))
        self.assertLess(time.monotonic() - began, 60)  # half of what it would have between two requests
        role, = daemon.children("gnomon-metrics")
        if surroundings.IS_ROOT:  # nobody else sees into a role
            self.assertLess(len(os.listdir(f"/proc/{role}/fd")), 150)

    def test_a_thousand_scrapes_a_second_are_nothing_to_the_core(self):
        """The core is asked twice a second, whatever comes; the server answers meanwhile."""
        port = surroundings.free_port()
        daemon = self.watched("allow", "local stratum 3", f"port {port}")
        core, = daemon.children("gnomon-core")
        role, = until("there is one to ask", lambda: daemon.children("gnomon-metrics"))
        stop = threading.Event()

        def scrape():
            connection = self.connect()
            count = 0
            while not stop.is_set():
                connection.request("GET", "/metrics", headers={"Accept": OPENMETRICS})
                connection.getresponse().read()
                count += 1
            connection.close()
            return count

        seconds = 4
        before, role_before = processor_time(core), processor_time(role)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            scrapers = [pool.submit(scrape) for _ in range(8)]
            began = time.monotonic()
            answered = 0
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(surroundings.PATIENCE)
                while time.monotonic() - began < seconds:
                    client.sendto(b"\x23" + bytes(47), ("127.0.0.1", port))
                    answered += len(client.recv(100)) == 48
                    time.sleep(0.05)
            stop.set()
            scrapes = sum(each.result() for each in scrapers)
        took = time.monotonic() - began
        used, role_used = processor_time(core) - before, processor_time(role) - role_before
        print(f"{scrapes / took:.0f} scrapes a second: gnomon-core {100 * used / took:.1f} % of a processor, "
              f"gnomon-metrics {100 * role_used / took:.0f} %, {answered} NTP requests answered")
        self.assertGreater(scrapes, 8)
        self.assertGreater(answered, 1)
        self.assertLessEqual(used / took, 0.05)
        self.assertEqual(10, os.getpriority(os.PRIO_PROCESS, role))

    def test_a_role_that_dies_is_started_again_and_a_core_that_hangs_is_said_to(self):
        daemon = self.watched()
        first, = until("there is one to ask", lambda: daemon.children("gnomon-metrics"))
        kill(first)
        until("another is there", lambda: [pid for pid in daemon.children("gnomon-metrics") if pid != first])
        body = until("it answers", lambda: self.fetch()[1])
        self.assertIn('gnomon_role_restarts_total{role="metrics"} 1', body)
        core, = daemon.children("gnomon-core")
        os.kill(core, signal.SIGSTOP)
        try:
            time.sleep(0.6)
            response, body = self.fetch()
            self.assertEqual((503, "1"), (response.status, response.headers["Retry-After"]))
        finally:
            os.kill(core, signal.SIGCONT)
        until("the core answers again", lambda: self.fetch()[0].status == 200)

    def test_an_address_that_is_taken_is_said_and_time_goes_on(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", self.port))
            other.listen()
            daemon = self.watched()
        self.assertRegex(daemon.log, rf"Nobody can ask for metrics at 127\.0\.0\.1:{self.port}: bind: Address already in use")
        self.assertEqual([], daemon.children("gnomon-metrics"))
        self.assertIn("gnomon_build_info", self.control(daemon, "metrics").stdout)
        self.assertNotRegex(self.control(daemon, "metrics").stdout, re.compile('role="metrics"'))


if __name__ == "__main__":
    unittest.main()
