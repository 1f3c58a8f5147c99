#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole configuration read again while gnomond runs, with stock chronyd as servers and seen by stock chronyc: what is
the same is not touched, what is wrong changes nothing, and what needs a restart is named."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

import surroundings
from daemons import Scene, until
from test_service_manager import Manager

POLLING = "minpoll 0 maxpoll 0 iburst"


def is_answered(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.3)
        client.sendto(b"\x23" + bytes(39) + b"12345678", ("127.0.0.1", port))
        try:
            return len(client.recv(2048)) == 48
        except (TimeoutError, ConnectionRefusedError):
            return False


@unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
class Reload(Scene):
    def start_client(self, *lines, **others):
        self.own = None
        daemon = self.start("daemon", *lines, **others).wait_until_ready()
        # What Gnomond has added: the control socket and so on.
        self.own = daemon.configuration.read_text(encoding="utf-8").splitlines()[len(lines):]
        return daemon

    def rewrite(self, daemon, *lines):
        daemon.configuration.write_text("\n".join([*lines, *self.own]) + "\n", encoding="utf-8")

    @staticmethod
    def control(daemon, *words):
        return subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(daemon.socket), *words], capture_output=True,
                              text=True, check=False)

    def reload(self, daemon, *words):
        done = self.control(daemon, "--json", "reload", *words)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    @staticmethod
    def statistics(daemon, name):
        return next(each for each in daemon.ask("sourcestats")["sources"] if each["name"] == name)

    def names(self, daemon):
        return sorted(each["name"] for each in daemon.ask("sources")["sources"])

    def test_a_source_that_is_the_same_is_not_touched(self):
        server = self.start_chrony_server()
        kept = f"server 127.0.0.1 port {server.port} {POLLING}"
        retuned = f"server 127.0.0.2 port {server.port} {POLLING}"
        daemon = self.start_client(kept, retuned, f"server 127.0.0.3 port {server.port} {POLLING}", "port 0")
        for name in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
            daemon.wait_for_source(name, "has samples", lambda source: source["reach"] >= 0o17)
        before = {name: daemon.source(name) for name in ("127.0.0.1", "127.0.0.2")}
        samples = {name: self.statistics(daemon, name)["samples"] for name in before}
        self.rewrite(daemon, "# a comment", f"server 127.0.0.4 port {server.port} {POLLING}", retuned + " noselect",
                     "  ".join(kept.split()), "port 0")
        told = self.reload(daemon)
        self.assertTrue(told["applied"])
        self.assertEqual([], told["errors"])
        self.assertEqual({"added": "127.0.0.4", "changed": "127.0.0.2", "removed": "127.0.0.3"},
                         {each["kind"]: each["text"].split()[1] for each in told["changes"]})
        self.assertEqual({2, 3}, {each["line"] for each in told["changes"] if each["kind"] != "removed"})
        self.assertTrue(all(each["file"] == str(daemon.configuration) for each in told["changes"]))
        until("the removed one is gone", lambda: self.names(daemon) == ["127.0.0.1", "127.0.0.2", "127.0.0.4"])
        for name, then in before.items():
            now = daemon.source(name)
            self.assertEqual(then["id"], now["id"])
            self.assertGreaterEqual(now["reach"] & 0o17, 1)
            self.assertGreaterEqual(now["reach"], then["reach"])
            self.assertGreaterEqual(self.statistics(daemon, name)["samples"], samples[name])
        self.assertEqual("no_select", daemon.source("127.0.0.2")["reason"])
        daemon.wait_for_source("127.0.0.4", "is asked", lambda source: source["reach"] > 0)

    @unittest.skipUnless(surroundings.CHRONYC, "chrony is not installed")
    def test_stock_chronyc_sees_the_same_before_and_after(self):
        server = self.start_chrony_server()
        run = self.state_folder("run", mode=0o700)
        lines = (f"server 127.0.0.1 port {server.port} {POLLING}", "port 0", f"bindcmdaddress {run}/chronyd.sock")
        sources = self.state_folder("sources.d")
        daemon = self.start_client(*lines, f"sourcedir {sources}")

        def chronyc(*words):
            return subprocess.run([surroundings.CHRONYC, "-n", "-c", "-h", f"{run}/chronyd.sock", *words], check=False,
                                  capture_output=True, text=True).stdout
        daemon.wait_for_source("127.0.0.1", "has samples", lambda source: source["reach"] >= 0o17)
        self.assertEqual(1, len(chronyc("sources").splitlines()))
        count = int(chronyc("sourcestats").split(",")[1])
        self.rewrite(daemon, *lines, f"sourcedir {sources}", f"server 127.0.0.9 port {server.port} {POLLING}")
        self.assertTrue(self.reload(daemon)["applied"])
        rows = [row.split(",") for row in chronyc("sources").splitlines()]
        self.assertEqual(["127.0.0.1", "127.0.0.9"], sorted(row[2] for row in rows))
        (row,) = [row.split(",") for row in chronyc("sourcestats").splitlines() if row.startswith("127.0.0.1,")]
        self.assertGreaterEqual(int(row[1]), count)
        # What chrony has is as it was.
        (sources / "one.sources").write_text(f"server 127.0.0.5 port {server.port}\n", encoding="utf-8")
        self.assertEqual("200 OK\n", chronyc("reload", "sources"))
        until("the source is there", lambda: "127.0.0.5" in chronyc("sources"))
        self.assertEqual(0, self.control(daemon, "reload", "sources").returncode)
        (sources / "one.sources").write_text(f"server 127.0.0.5 port {server.port} ibrst\n", encoding="utf-8")
        self.assertEqual("200 OK\n", chronyc("reload", "sources"))
        refused = self.control(daemon, "reload", "sources")
        self.assertNotEqual(0, refused.returncode)
        self.assertIn("did you mean 'iburst'", refused.stderr)
        self.assertNotIn("127.0.0.5", chronyc("sources"))
        # A reload of everything, and one that only tells, say it in the same words.
        sentence = f"{sources}/one.sources:1:{len(f'server 127.0.0.5 port {server.port} ') + 1}: unknown option 'ibrst'"
        self.assertIn(sentence, refused.stderr.replace("\n", " "))
        for words in ("--dry-run",), ():
            told = self.reload(daemon, *words)
            self.assertEqual([], told["errors"])
            self.assertIn(sentence, told["left_out"][0])
            shown = self.control(daemon, "reload", *words)
            self.assertEqual(1, shown.returncode)
            self.assertIn(sentence, shown.stdout)
        (sources / "one.sources").write_text(f"server 127.0.0.5 port {server.port} iburst\n", encoding="utf-8")
        self.assertEqual(0, self.control(daemon, "reload", "--dry-run").returncode)
        self.assertNotIn("127.0.0.5", chronyc("sources"), "a dry run reads, and uses nothing")

    def test_with_mistakes_nothing_changes_and_all_are_named(self):
        daemon = self.start_client("server 127.0.0.1 port 1", "port 0")
        extra = self.folder / "extra.conf"
        extra.write_text("server 127.0.0.9\nmaxdistance zwei\n", encoding="utf-8")
        self.rewrite(daemon, "server 127.0.0.1 port 1 ibrust", "alow 10.0.0.0/8", f"include {extra}", "server 127.0.0.8")
        done = self.control(daemon, "reload")
        self.assertEqual(1, done.returncode)
        self.assertIn(f"{daemon.configuration}:1:25: error: unknown option 'ibrust'", done.stdout)
        self.assertIn("\n    server 127.0.0.1 port 1 ibrust\n" + " " * (4 + 24) + "^~~~~~\n", done.stdout)
        self.assertIn(f"{daemon.configuration}:2:1: error: unknown directive 'alow', did you mean 'allow'?", done.stdout)
        self.assertIn(f"{extra}:2:13: error:", done.stdout)
        self.assertIn("3 errors", done.stdout)
        self.assertEqual(["127.0.0.1"], self.names(daemon))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for_log(r"3 errors and is not loaded again")
        self.assertEqual(["127.0.0.1"], self.names(daemon))

    def test_the_name_of_an_interface_is_known_again(self):
        """The core, which reads what is handed over, may not ask for it."""
        if not surroundings.OWN_NETWORK:
            self.skipTest("the address would be the machine's")
        address = "fe80::1%lo"
        subprocess.run(["ip", "address", "replace", "fe80::1/64", "dev", "lo", "nodad"], check=True)
        lines = (f"bindacqaddress {address}", f"bindaddress {address}", f"port {surroundings.free_port()}", "allow")
        daemon = self.start_client("server 127.0.0.1 port 1", *lines)
        self.rewrite(daemon, "server 127.0.0.2 port 1", *lines)
        daemon.process.send_signal(signal.SIGHUP)
        until("the other source is there", lambda: self.names(daemon) == ["127.0.0.2"])
        self.rewrite(daemon, "server 127.0.0.2 port 1", *lines[1:], "bindacqaddress fe80::1%no-such")
        self.assertIn("must be an IPv4 or IPv6 address", self.reload(daemon)["errors"][0]["message"])

    def test_a_dry_run_changes_nothing_and_says_what_needs_a_restart(self):
        daemon = self.start_client("server 127.0.0.1 port 1", "port 0")
        self.rewrite(daemon, "server 127.0.0.2 port 1", f"port {surroundings.free_port()}", "maxdistance 7")
        told = self.reload(daemon, "--dry-run")
        self.assertFalse(told["applied"])
        by_name = {each["directive"] + " " + each["kind"]: each["needs_restart"] for each in told["changes"]}
        self.assertEqual({"server added": False, "server removed": False, "port changed": True,
                          "maxdistance added": False}, by_name)
        self.assertEqual(["127.0.0.1"], self.names(daemon))
        shown = self.control(daemon, "reload", "--dry-run").stdout
        self.assertRegex(shown, r"Would change:\n  added    server 127\.0\.0\.2 port 1 +\(.*gnomon\.conf:1\)")
        self.assertRegex(shown, r"Needs a restart .*:\n  changed  port \d+ +\(.*gnomon\.conf:2\), was: port 0")
        shown = self.control(daemon, "reload").stdout
        self.assertIn("Changed:", shown)
        daemon.wait_for_log(r"gnomon\.conf:2: port takes effect after a restart")
        # Until the restart the old value stays, and is said to.
        self.assertEqual(["port"], [each["directive"] for each in self.reload(daemon)["changes"]])

    def test_who_may_ask_changes_and_what_an_operator_allowed_stays_otherwise(self):
        port = surroundings.free_port()
        daemon = self.start_client("local", f"port {port}")
        self.assertFalse(is_answered(port))
        self.rewrite(daemon, "local", f"port {port}", "allow 127.0.0.1")
        self.assertTrue(self.reload(daemon)["applied"])
        until("it is answered", lambda: is_answered(port))
        self.assertEqual(0, self.control(daemon, "deny", "127.0.0.1").returncode)
        self.rewrite(daemon, "local", f"port {port}", "allow 127.0.0.1", "maxdistance 2")
        self.assertTrue(self.reload(daemon)["applied"])
        self.assertFalse(is_answered(port))
        self.rewrite(daemon, "local", f"port {port}", "allow 127.0.0.0/8")
        self.assertTrue(self.reload(daemon)["applied"])
        until("it is answered", lambda: is_answered(port))
        self.rewrite(daemon, "local", f"port {port}", "allow 127.0.0.0/8", "ratelimit interval 10 burst 1 leak 4")
        self.assertTrue(self.reload(daemon)["applied"])
        self.assertLess(sum(is_answered(port) for _ in range(10)), 6)
        self.rewrite(daemon, f"port {port}", "allow 127.0.0.0/8")
        self.assertTrue(self.reload(daemon)["applied"])
        self.assertEqual(10, sum(is_answered(port) for _ in range(10)))

    def test_symmetric_keys_of_another_file(self):
        server_port = surroundings.free_port()
        keys = {name: self.folder / name for name in ("first", "second")}
        for name, key in (("first", "a5"), ("second", "5a")):
            keys[name].write_text(f"1 SHA1 HEX:{key * 20}\n", encoding="utf-8")
            os.chmod(keys[name], 0o600)
        server = self.start("server", f"port {server_port}", "allow", "local", f"keyfile {keys['second']}")
        server.wait_until_ready()
        source = f"server 127.0.0.1 port {server_port} key 1 {POLLING}"
        daemon = self.start_client(source, "port 0", f"keyfile {keys['first']}")
        time.sleep(1.5)
        self.assertEqual(0, daemon.source("127.0.0.1")["reach"])
        self.rewrite(daemon, source, "port 0", f"keyfile {keys['second']}")
        self.assertTrue(self.reload(daemon)["applied"])
        daemon.wait_for_source("127.0.0.1", "answers", lambda each: each["reach"] > 0)
        self.rewrite(daemon, source, "port 0", f"keyfile {self.folder}/missing", "server 127.0.0.2 port 1")
        told = self.reload(daemon)
        self.assertRegex(told["errors"][0]["message"], r"could not read '.*/missing': No such file or directory")
        self.assertEqual(3, told["errors"][0]["line"])
        self.assertEqual(["127.0.0.1"], self.names(daemon))

    def test_files_in_force_that_are_gone_hold_no_source_up(self):
        keys = self.folder / "keys"
        keys.write_text(f"1 SHA1 HEX:{'a5' * 20}\n", encoding="utf-8")
        os.chmod(keys, 0o600)
        certificate, key = self.authority().issue("server")
        lines = (f"port {surroundings.free_port()}", "allow", f"ntsport {surroundings.free_port()}", f"ntsservercert {certificate}",
                 f"ntsserverkey {key}", f"keyfile {keys}")
        daemon = self.start_client("server 127.0.0.1 port 1 key 1", *lines)
        for path in (certificate, keys):
            os.rename(path, f"{path}.away")
        self.rewrite(daemon, "server 127.0.0.1 port 1 key 1", "server 127.0.0.2 port 1", *lines)
        told = self.reload(daemon)
        self.assertEqual((True, []), (told["applied"], told["errors"]))
        self.assertIn("The certificates cannot be used", told["keys_refused"])
        self.assertIn("keyfile could not be opened", told["keys_refused"])
        self.assertEqual(["127.0.0.1", "127.0.0.2"], self.names(daemon))
        self.assertEqual(1, self.control(daemon, "reload").returncode)

    def test_nts_for_the_first_time(self):
        authority = self.authority()
        server = self.start_chrony_server(certificate=authority.issue("server"))
        daemon = self.start_client(f"server 127.0.0.2 port {server.port} {POLLING}", "port 0")
        self.assertEqual([], daemon.children("gnomon-ntske"))
        self.rewrite(daemon, f"server 127.0.0.1 nts port {server.port} ntsport {server.ke_port} {POLLING}", "port 0",
                     f"ntstrustedcerts {authority.certificate}")
        self.assertTrue(self.reload(daemon)["applied"])
        source = daemon.wait_for_source("127.0.0.1", "is authenticated",
                                        lambda each: each["reach"] > 0 and each["auth"] and each["auth"]["cookies"] > 0)
        self.assertEqual("NTS", source["auth"]["mode"].upper())

    def test_files_that_are_gone_unreadable_or_half_written(self):
        daemon = self.start_client("server 127.0.0.1 port 1", "port 0")
        text = daemon.configuration.read_text(encoding="utf-8")
        daemon.configuration.unlink()
        told = self.reload(daemon)
        self.assertRegex(told["errors"][0]["message"], r"could not read '.*gnomon\.conf': No such file or directory")
        daemon.configuration.mkdir()
        self.assertIn("it is a directory", self.reload(daemon)["errors"][0]["message"])
        daemon.configuration.rmdir()
        daemon.configuration.write_bytes(text.encode()[:10] + b"\0\0\0\nserver")
        self.assertEqual(2, len(self.reload(daemon)["errors"]))
        self.assertEqual(["127.0.0.1"], self.names(daemon))
        # Written all the time.
        going_on = threading.Event()

        def write():
            while not going_on.is_set():
                daemon.configuration.write_text(text + "# more\n" * 20000, encoding="utf-8")

        writer = threading.Thread(target=write)
        writer.start()
        self.addCleanup(writer.join)
        self.addCleanup(going_on.set)
        outcomes = [self.reload(daemon) for _ in range(3)]
        going_on.set()
        writer.join()
        self.assertEqual(["127.0.0.1"], self.names(daemon))
        for each in outcomes:
            self.assertTrue(each["applied"] or each["errors"])
        self.assertTrue(self.reload(daemon)["applied"])

    def test_many_reloads_at_once_and_three_thousand_sources(self):
        daemon = self.start_client("server 127.0.0.1 port 1", "port 0")
        many = [f"server 127.{1 + i // 60000}.{i // 250 % 240}.{1 + i % 250} port 1 offline" for i in range(3000)]
        self.rewrite(daemon, "server 127.0.0.1 port 1", "port 0", *many)
        began = time.monotonic()
        told = self.reload(daemon)
        took = time.monotonic() - began
        print(f"3000 sources were added in {took:.1f} s")
        self.assertTrue(told["applied"])
        self.assertEqual(2000, len(told["changes"]))
        self.assertEqual(1000, told["further"])
        self.assertLess(took, surroundings.PATIENCE)
        self.rewrite(daemon, "server 127.0.0.1 port 1", "port 0")
        callers = [subprocess.Popen([surroundings.CONTROL_PROGRAM, "--json", "--socket", str(daemon.socket), "reload"],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(8)]
        said = [caller.communicate(timeout=surroundings.PATIENCE) for caller in callers]
        self.assertTrue(all(caller.returncode == 0 or "Another reload is in progress" in err
                            for caller, (_, err) in zip(callers, said)), said)
        self.assertTrue(any(caller.returncode == 0 for caller in callers))
        until("they are gone", lambda: self.names(daemon) == ["127.0.0.1"])

    def test_the_service_manager_hears_the_end_of_every_reload(self):
        manager = Manager(self)
        daemon = self.start_client("server 127.0.0.1 port 1", "port 0", environment=manager.environment())
        manager.wait_for("READY=1")
        self.rewrite(daemon, "server 127.0.0.2 port 1", "port 0")
        daemon.process.send_signal(signal.SIGHUP)
        self.assertRegex(manager.wait_for("RELOADING=1"), r"MONOTONIC_USEC=\d+")
        manager.wait_for("READY=1")
        self.assertEqual(["127.0.0.2"], self.names(daemon))
        self.rewrite(daemon, "nonsense")
        daemon.process.send_signal(signal.SIGHUP)
        manager.wait_for("RELOADING=1")
        manager.wait_for("READY=1")
        self.assertEqual(["127.0.0.2"], self.names(daemon))

    @unittest.skipUnless(surroundings.RUNS_AS_OTHERS, "runs gnomonctl as another user")
    def test_who_may_not(self):
        daemon = self.start_client("port 0", "server 127.0.0.1 port 1")
        done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", surroundings.CONTROL_PROGRAM, "--socket",
                               str(daemon.socket), "reload"], capture_output=True, text=True, check=False)
        self.assertEqual(2, done.returncode)
        self.assertIn("gnomon-operators", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
