#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gnomonctl probe, without a daemon: stock chronyd and gnomond as servers, with filters between that nftables makes, with what
can be wrong with a certificate or a clock, and servers that mean no good. What it says of certificates is what openssl says."""

import datetime
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import time
import unittest

import hostile_servers
import surroundings
from certificates import DAY
from daemons import Chronyd, Scene, until
from plain_server import PlainServer

IN_OWN_NETWORK = surroundings.OWN_NETWORK
ADDRESSES = ("127.0.0.1", "::1") if surroundings.has_ipv6() else ("127.0.0.1",)
HOST = "time.example.net"
# A container that may not mount has no /etc/hosts of its own.
if not surroundings.enter_own_hosts([f"{address} {HOST}" for address in ADDRESSES]):
    HOST = "localhost"
NAMES = (f"DNS:{HOST}", "IP:127.0.0.1", "IP:::1")
NFT = shutil.which("nft", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3


class Report:
    def __init__(self, done, seconds):
        self.status, self.seconds, self.output = done.returncode, seconds, done.stdout + done.stderr
        self.all = json.loads(done.stdout)
        self.addresses = self.all["addresses"]

    def finding(self, check, address=None):
        fitting = (each for each in self.all["findings"]
                   if each["check"] == check and address in (None, each.get("address")))
        return next(fitting, {"grade": None, "text": ""})

    def grade(self, check, address=None):
        return self.finding(check, address)["grade"]

    def text(self, check, address=None):
        return self.finding(check, address)["text"]


class Probing(Scene):
    def setUp(self):
        super().setUp()
        self.ca = self.authority()

    def certificate(self, name=HOST, names=NAMES, **others):
        return self.ca.issue(name, names, **others)

    def words(self, server=None, *more, host=HOST):
        words = [surroundings.CONTROL_PROGRAM, "probe", "--no-burst"]
        if server is not None:
            words += ["--port", str(server.port)]
            words += ["--ke-port", str(server.ke_port)] if hasattr(server, "ke_port") else ["--no-nts"]
        return [*words, *more, host]

    def run_probe(self, words, **others):
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              timeout=surroundings.PATIENCE, **others)

    def probe(self, server=None, *more, host=HOST, trusted=True):
        began = time.monotonic()
        trust = ("--trusted", str(self.ca.certificate)) if trusted else ()
        done = self.run_probe(self.words(server, "--json", *trust, *more, host=host))
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        return Report(done, time.monotonic() - began)

    def nft(self, *rules):
        """Filters of the network of this test, gone with the next or the end of it."""
        if NFT is None or not IN_OWN_NETWORK:
            self.skipTest("there is no nft, or no network of one's own")
        subprocess.run([NFT, "flush", "ruleset"], check=True)
        self.addCleanup(subprocess.run, [NFT, "flush", "ruleset"], check=True)
        for rule in ("add table inet filters", "add chain inet filters in { type filter hook input priority 0; }",
                     *(f"add rule inet filters in {rule}" for rule in rules)):
            subprocess.run([NFT, rule], check=True)


class GoodServers(Probing):
    def check_good(self, report):
        self.assertEqual(OK, report.status, report.output)
        self.assertEqual("ok", report.all["status"])
        for at in report.addresses:
            self.assertEqual(4, len([each for each in at["ntp"]["sizes"] if each["sent"] < 600]))
            cookie = at["key_exchange"]["cookie_size"]
            least = at["nts"]["sizes"][0]["sent"]
            self.assertIn(least, (48 + 36 + (4 + cookie) + 40, 48 + 36 + (4 + cookie) + 36))  # by the AEAD's nonce
            self.assertEqual([least + number * (4 + cookie) for number in range(8)], [each["sent"] for each in at["nts"]["sizes"]])
            self.assertTrue(all(each["outcome"] == "answered" for each in at["nts"]["sizes"]))
            self.assertEqual(list(range(1, 9)), [each["cookies"] for each in at["nts"]["sizes"]])
            self.assertLess(abs(at["ntp"]["offset"]), 0.05)
            self.assertEqual(3, at["ntp"]["header"]["stratum"])
            self.assertTrue(at["version_3"] and at["interleaved"])
            self.assertEqual((8, True, True), tuple(at["key_exchange"][key] for key in ("cookies", "trusted", "name_fits")))

    def test_chronyd(self):
        server = self.start_chrony_server(certificate=self.certificate())
        report = self.probe(server)
        self.check_good(report)
        self.assertEqual({each[4][0] for each in socket.getaddrinfo(HOST, server.port)},
                         {each["address"] for each in report.addresses})
        self.compare_with_openssl(server, report)

    def compare_with_openssl(self, server, report):
        shown = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.ke_port}", "-alpn", "ntske/1",
                                "-servername", HOST, "-CAfile", self.ca.certificate, "-verify_hostname", HOST],
                               input="", capture_output=True, text=True, check=False, timeout=surroundings.PATIENCE).stdout
        self.assertIn("Verify return code: 0 (ok)", shown)
        facts = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-startdate", "-enddate"],
                               input=shown, capture_output=True, text=True, check=True).stdout
        certificate = report.addresses[0]["key_exchange"]["certificates"][0]
        self.assertEqual(re.search(r"Fingerprint=(.*)", facts)[1].replace(":", "").lower(), certificate["fingerprint"])
        for name, ours in (("notBefore", "not_before"), ("notAfter", "not_after")):
            date = datetime.datetime.strptime(re.search(name + "=(.*)", facts)[1], "%b %d %H:%M:%S %Y %Z")
            self.assertEqual(date.replace(tzinfo=datetime.timezone.utc).timestamp(), certificate[ours])
        self.assertRegex(shown, f"subject=CN ?= ?{HOST}")
        self.assertEqual(f"/CN={HOST}", certificate["subject"])

    def test_gnomond(self):
        report = self.probe(self.start_server(certificate=self.certificate()))
        self.check_good(report)
        aeads = {each["number"]: each["supported"] for each in report.addresses[0]["key_exchange"]["aeads"]}
        self.assertTrue(aeads[15] and aeads[30])

    def test_a_burst_is_answered_and_a_server_without_nts_is_good_unless_nts_is_needed(self):
        server = self.start_chrony_server()
        words = [word for word in self.words(server) if word != "--no-burst"]
        done = self.run_probe(words)
        self.assertEqual(OK, done.returncode, done.stdout)
        self.assertIn("16 of 16 requests at once answered", done.stdout)
        self.assertIn("no NTS: TCP port", done.stdout)
        report = self.probe(server, "--nts")
        self.assertEqual(CRITICAL, report.status)
        self.assertEqual("critical", report.grade("key exchange"))

    def test_neither_root_nor_a_daemon_is_needed_and_the_helpers_are_confined(self):
        if not surroundings.RUNS_AS_OTHERS:
            self.skipTest("this is the case in every other test, or nobody else reaches a program below /root")
        server = self.start_chrony_server(certificate=self.certificate())
        os.chmod(self.ca.folder, 0o755)
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all",
                 *self.words(server, "--trusted", str(self.ca.certificate))]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            seen = {}
            while process.poll() is None:
                for pid in pathlib.Path("/proc").glob("[0-9]*"):
                    try:
                        status = (pid / "status").read_text()
                    except OSError:
                        continue
                    if f"PPid:\t{process.pid}\n" in status:
                        seen[re.search("Name:\t(.*)", status)[1]] = status
                seen.pop("gnomonctl", None)  # one that is about to become a helper
                time.sleep(0.05)
            text = process.stdout.read()
        self.assertEqual(OK, process.returncode, text)
        self.assertIn("only root may use it", text)
        self.assertEqual({"gnomon-probe", "gnomon-ntske", "gnomon-resolve"}, set(seen))
        if "Seccomp:\t0" not in seen["gnomon-probe"]:  # a build with a sanitizer has no filters
            for status in seen.values():
                self.assertIn("Seccomp:\t2", status)
                self.assertIn("NoNewPrivs:\t1", status)

    def test_a_monitoring_system_gets_a_line_with_numbers(self):
        server = self.start_chrony_server(certificate=self.certificate())
        done = self.run_probe(self.words(server, "--nagios", "--trusted", str(self.ca.certificate)))
        self.assertEqual(OK, done.returncode)
        self.assertRegex(done.stdout.splitlines()[0],
                         rf"^NTP OK: {HOST} is a good time server with NTS, of its own clock alone, which follows no other: .* \| "
                         r"offset=-?0\.\d{9}s;0\.1;1 "
                         r"delay=0\.\d{9}s jitter=0\.\d{9}s stratum=3 certificate=29d$")


class Certificates(Probing):
    def check(self, check, pattern, certificate, **others):
        report = self.probe(self.start_chrony_server(certificate=certificate), **others)
        self.assertEqual(CRITICAL, report.status, report.output)
        self.assertEqual("critical", report.grade(check))
        self.assertRegex(report.text(check), pattern)
        self.assertEqual("ok", report.grade("NTS"), "the probe goes on")
        return report

    def test_expired(self):
        self.check("certificate", "expired on", self.certificate(start=-30 * DAY, end=-DAY))

    def test_not_valid_yet(self):
        self.check("certificate", "not valid before", self.certificate(start=DAY))

    def test_for_another_name(self):
        self.check("name", f"is for other.example, not for {HOST}", self.certificate("other", ("DNS:other.example",)))

    def test_of_an_unknown_authority_and_for_another_name(self):
        certificate = self.certificate("other", ("DNS:other.example",), start=-30 * DAY, end=-DAY)
        report = self.check("chain", "not trusted: issued by an authority that is not trusted: private CA", certificate, trusted=False)
        self.assertEqual(["critical"] * 3, [report.grade(check) for check in ("certificate", "name", "chain")])

    def test_signed_by_itself(self):
        paths = [self.folder / name for name in ("self.pem", "self.key")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "30",
                        "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
        self.check("chain", "signed by itself", paths, trusted=False)

    def test_about_to_expire(self):
        report = self.probe(self.start_chrony_server(certificate=self.certificate(start=-30 * DAY, end=3 * DAY)))
        self.assertEqual((WARNING, "warning"), (report.status, report.grade("certificate")), report.output)


class Filters(Probing):
    def setUp(self):
        super().setUp()
        self.server = self.start_chrony_server(certificate=self.certificate())
        self.udp = f"udp dport {self.server.port}"

    def test_long_packets(self):
        self.nft(f"{self.udp} udp length > 600 drop")
        report = self.probe(self.server, "-4")
        self.assertEqual(WARNING, report.status)
        for check in "sizes", "NTS":  # which sizes are tried depends on the cookies that the server makes
            sizes = re.fullmatch(r"requests of up to (\d+) octets are answered, of (\d+) and more not", report.text(check))
            self.assertTrue(sizes and 400 < int(sizes[1]) <= 592 < int(sizes[2]) <= 644, report.text(check))

    def test_long_answers(self):
        self.nft(f"udp sport {self.server.port} udp length > 150 drop")
        report = self.probe(self.server, "-4")
        self.assertEqual(CRITICAL, report.status)
        self.assertEqual("ok", report.grade("sizes"))
        self.assertIn("their answers are lost on the way back", report.text("NTS"))

    def test_extension_fields(self):
        self.nft(f"{self.udp} udp length != 56 drop")
        report = self.probe(self.server, "-4")
        self.assertEqual(CRITICAL, report.status)
        self.assertIn("requests with an extension field are not answered", report.text("sizes"))
        self.assertIn("plain ones of more than 48 octets are lost as well", report.text("NTS"))

    def test_all_of_ntp(self):
        self.nft(f"{self.udp} drop")
        report = self.probe(self.server, "-4")
        self.assertEqual(CRITICAL, report.status)
        self.assertIn("no answer to NTP, with NTS or without", report.text("NTS"))
        self.assertLess(report.addresses[0]["ntp"]["sent"], 8)

    def test_ipv6(self):
        if not surroundings.has_ipv6():
            self.skipTest("there is no IPv6")
        self.nft("ip6 daddr ::1 drop")
        report = self.probe(self.server)
        self.assertEqual(WARNING, report.status)
        self.assertEqual("no answer over IPv6: ::1", report.text("together"))

    def test_requests_from_other_ports_than_ntp_has(self):
        source = surroundings.free_port()
        self.nft(f"{self.udp} udp sport != {source} drop")
        report = self.probe(self.server, "-4", "--source-port", str(source))
        self.assertIn("no answer to requests from a port of the kernel's choice", report.text("NTP"))
        self.nft(f"{self.udp} udp sport {source} drop")
        report = self.probe(self.server, "-4", "--source-port", str(source))
        self.assertEqual((WARNING, "warning"), (report.status, report.grade("source port")))

    def test_the_key_exchange(self):
        self.nft(f"tcp dport {self.server.ke_port} drop")
        report = self.probe(self.server, "-4")
        self.assertEqual(OK, report.status, report.output)
        self.assertIn("no answer to the connection attempt", report.text("key exchange"))
        self.assertEqual(CRITICAL, self.probe(self.server, "-4", "--nts").status)


class WrongServers(Probing):
    def test_ten_seconds_off(self):
        server = PlainServer(offset=10)
        self.addCleanup(server.stop)
        report = self.probe(server, "-4")
        self.assertIn(report.status, (WARNING, CRITICAL))  # by whether this machine's clock is synchronised
        self.assertRegex(report.text("offset"), r"^\+10 s \+/-")
        self.assertEqual(OK, self.probe(server, "-4", "--warning", "11", "--critical", "12").status)

    def test_not_synchronised(self):
        port = surroundings.free_port()
        server = Chronyd(self, "idle", [f"port {port}", "allow"]).wait_until_ready()
        server.port = port
        report = self.probe(server)
        self.assertEqual(CRITICAL, report.status)
        self.assertRegex(report.text("state"), "^not synchronised: stratum 0")

    def test_that_limits_the_rate(self):
        port = surroundings.free_port()
        server = Chronyd(self, "limited", [f"port {port}", "allow", "local stratum 3", "ratelimit interval 3 burst 8 leak 2"])
        server.wait_until_ready().port = port
        report = self.probe(server, "-4")
        self.assertEqual((OK, "note"), (report.status, report.grade("sizes")), report.output)
        self.assertIn("it limits the rate", report.text("sizes"))

    def test_that_nobody_runs(self):
        server = PlainServer()
        server.stop()
        report = self.probe(server)
        self.assertEqual(CRITICAL, report.status)
        self.assertIn("nothing listens there", report.text("NTP"))

    def hostile_ntp(self, behaviour):
        server = hostile_servers.NtpServer(behaviour)
        self.addCleanup(server.stop)
        return self.probe(server, host="127.0.0.1")

    def test_that_floods(self):
        report = self.hostile_ntp(hostile_servers.floods)
        self.assertEqual(CRITICAL, report.status)
        self.assertIn("that were no answers", report.text("other packets"))
        self.assertLess(report.seconds, 20)

    def test_that_lies_in_every_field(self):
        report = self.hostile_ntp(hostile_servers.lies)
        self.assertEqual((CRITICAL, "critical"), (report.status, report.grade("state")))

    def test_amid_forgeries(self):
        report = self.hostile_ntp(hostile_servers.answers_amid_forgeries)
        self.assertEqual((WARNING, "ok", "warning"), (report.status, report.grade("offset"), report.grade("other packets")))

    def test_that_denies(self):
        self.assertEqual("the server sends kiss-o'-death DENY", self.hostile_ntp(hostile_servers.denies).text("NTP"))

    def test_that_sends_long_packets(self):
        self.assertEqual(CRITICAL, self.hostile_ntp(hostile_servers.sends_long_ones).status)

    def hostile_ke(self, behaviour, pattern):
        server = hostile_servers.KeServer(self.certificate(), behaviour)
        self.addCleanup(server.stop)
        plain = PlainServer()
        self.addCleanup(plain.stop)
        plain.ke_port = server.port
        report = self.probe(plain, host="127.0.0.1")
        self.assertEqual(CRITICAL, report.status)
        self.assertRegex(report.text("key exchange"), pattern)
        self.assertEqual(("ok", "ok"), (report.grade("certificate"), report.grade("NTP")))

    def test_of_keys(self):
        for behaviour, pattern in ((hostile_servers.huge_records, "longer than 65536 octets"),
                                   (hostile_servers.cut_off, "ended in the middle"),
                                   (hostile_servers.drips, "no complete answer"),
                                   (hostile_servers.names_a_terminal_sequence, "holds no address or name"),
                                   (hostile_servers.refuses, "Error record 2")):
            with self.subTest(behaviour.__name__):
                self.hostile_ke(behaviour, pattern)


class Endings(Probing):
    def test_interrupted(self):
        silent = self.hold_port(socket.SOCK_DGRAM)
        words = self.words(None, "--no-nts", "--port", str(silent.getsockname()[1]), host="127.0.0.1")
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            self.assertIn("addresses", process.stdout.readline())
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            text = process.stdout.read()
        self.assertEqual(UNKNOWN, process.returncode)
        self.assertLess(time.monotonic() - began, 5)
        self.assertIn("interrupted", text)

    def test_name_servers_that_never_answer(self):
        if not IN_OWN_NETWORK:
            self.skipTest("no network of one's own")
        holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(holder.close)
        holder.bind(("127.0.0.1", 53))  # of resolv.conf's default
        environment = {**os.environ, "RES_OPTIONS": "timeout:30 attempts:5"}
        words = ["unshare", "-m", "sh", "-c", f"mount --bind {self.resolv_conf()} /etc/resolv.conf && exec \"$@\"", "sh",
                 *self.words(None, "--timeout", "2", host="name.test.invalid")]
        began = time.monotonic()
        done = self.run_probe(words, env=environment)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(UNKNOWN, done.returncode, done.stdout + done.stderr)
        self.assertIn("not complete after 2 s", done.stdout)

    def resolv_conf(self):
        path = self.folder / "resolv.conf"
        path.write_text("nameserver 127.0.0.1\n")
        os.chmod(path, 0o644)
        return path

    def test_on_a_terminal_lines_come_as_they_are_found(self):
        server = self.start_chrony_server()
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        with subprocess.Popen(self.words(server, "-4"), stdin=subprocess.DEVNULL, stdout=theirs, env=environment) as process:
            os.close(theirs)
            text, times = b"", []
            while select.select([ours], [], [], surroundings.PATIENCE)[0]:
                try:
                    piece = os.read(ours, 4096)
                except OSError:
                    break
                text += piece
                times.append(time.monotonic())
        os.close(ours)
        self.assertEqual(OK, process.returncode)
        self.assertGreater(times[-1] - times[0], 1)
        self.assertIn(b"... sizes", text)
        self.assertIn(b"\x1b[32mok\x1b[0m", text)
        shown = [re.sub(rb"\x1b\[[0-9;]*m|\r", b"", line.split(b"\x1b[K")[-1]) for line in text.split(b"\n")]
        self.assertLessEqual(max(len(line) for line in shown), 80)


if __name__ == "__main__":
    unittest.main(verbosity=2)
