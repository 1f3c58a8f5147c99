#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The server's certificates while it runs: new files are used without an order, bad ones are not, nobody who comes
meanwhile is turned away; what is in use is reported, and an end that comes near is told."""

import datetime
import hashlib
import os
import pwd
import re
import shutil
import ssl
import subprocess
import unittest

import surroundings
from certificates import ECDSA, ED25519, RSA
from daemons import Daemon, Scene, server_lines, until
from key_exchange import is_served, key_exchange

DAY = datetime.timedelta(days=1)
IN_USE = "the previous ones stay in use"


def shown(server, authority, name="127.0.0.1"):
    return key_exchange(("127.0.0.1", server.ke_port), authority.certificate, name)[0]


class Renewal(Scene):
    def setUp(self):
        super().setUp()
        self.ca = self.authority()
        self.certificate, self.key = self.folder / "live.pem", self.folder / "live.key"

    def put(self, pair, how=shutil.copyfile):
        for source, target in zip(pair, (self.certificate, self.key)):
            how(source, target)

    def serve(self, *extra):
        self.put(self.ca.issue("first"))
        return self.start_server(certificate=(self.certificate, self.key), extra=extra)

    def shown(self, server):
        return shown(server, self.ca)

    def wait_until_shown(self, server, name):
        until(f"{name} is shown", lambda: self.shown(server) == name)

    def renewed(self, how):
        server = self.serve()
        self.wait_until_shown(server, "first")
        self.put(self.ca.issue("second"), how)
        self.wait_until_shown(server, "second")
        reported = server.ask("certificates")["certificates"]
        self.assertEqual(["/CN=second"], [each["subject"] for each in reported])

    def test_files_written_again(self):
        self.renewed(shutil.copyfile)

    def test_files_renamed_into_place(self):
        self.renewed(os.replace)

    def test_links_set_elsewhere(self):
        def link(source, target):
            target.unlink(missing_ok=True)
            target.symlink_to(source)

        self.renewed(link)

    def test_a_bad_pair_leaves_the_old_one_and_is_told_once(self):
        server = self.serve("ntsprocesses 3")
        until("there are three", lambda: len(server.children("gnomon-ntske", "server")) == 3)
        first = server.children("gnomon-ntske", "server")
        second = self.ca.issue("second")
        shutil.copyfile(second[0], self.certificate)  # and the key still is the first one's
        server.wait_for_log(f"{IN_USE}: the private key in {self.key} does not belong to the certificate in "
                            f"{self.certificate}")
        self.assertEqual("first", self.shown(server))
        self.assertEqual(sorted(first), sorted(server.children("gnomon-ntske", "server")))
        self.assertEqual(1, server.log.count(IN_USE))
        shutil.copyfile(second[1], self.key)
        until("all three have been replaced", lambda: not set(first) & set(server.children("gnomon-ntske", "server")))
        self.assertEqual("second", self.shown(server))
        until("there are three again", lambda: len(server.children("gnomon-ntske", "server")) == 3)
        self.assertEqual(1, server.log.count(IN_USE))

    def control(self, server, *words):
        done = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(server.socket), *words], capture_output=True,
                              text=True, timeout=surroundings.PATIENCE, check=False)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_who_asks_for_it_hears_that_a_bad_pair_is_not_used(self):
        server = self.serve()
        second, why = self.ca.issue("second"), "does not belong to the certificate in"
        shutil.copyfile(second[0], self.certificate)
        for words in (("reload",), ("rekey",)):
            status, said = self.control(server, *words)
            self.assertEqual(1, status, said)
            self.assertIn(why, said)
            self.assertIn("the certificates read before stay in use", said)
        self.assertEqual("first", self.shown(server))
        self.assertRegex(self.control(server, "certificates")[1], f"Files now : cannot be used, since .*{why}")
        self.assertRegex(self.control(server, "explain")[1], f"The certificates cannot be used, since .*{why}")
        self.assertIn("gnomon_server_certificate_files_usable{", self.control(server, "metrics")[1])
        self.assertRegex(self.control(server, "metrics")[1], r"gnomon_server_certificate_files_usable\{[^}]*\} 0")
        shutil.copyfile(second[1], self.key)
        self.assertEqual(0, self.control(server, "reload")[0])
        self.assertEqual("second", self.shown(server))
        self.assertNotIn("cannot be used", self.control(server, "certificates")[1] + self.control(server, "explain")[1])

    def test_after_a_restart_explain_names_a_bad_pair(self):
        self.put((self.ca.issue("first")[0], self.ca.issue("second")[1]))
        server = self.start_server(certificate=(self.certificate, self.key))
        until("explain names it", lambda: "There is no NTS key exchange" in self.control(server, "explain")[1])
        self.assertIn("does not belong", self.control(server, "certificates")[1])

    def test_an_expired_one_does_not_take_the_place_of_a_valid_one(self):
        server = self.serve()
        self.put(self.ca.issue("old", start=-9 * DAY, end=-DAY))
        server.wait_for_log(f"{IN_USE}: the certificate in {self.certificate} had expired before it was put there")
        self.assertEqual("first", self.shown(server))

    def test_nobody_who_comes_during_a_renewal_is_turned_away(self):
        server = self.serve("ntsprocesses 2")
        names, generations = [], ["second", "third", "fourth"]
        for name in generations:
            self.put(self.ca.issue(name))
            self.assertIsNotNone(server.operate("rekey"))
            while True:
                shown_name, answer = key_exchange(("127.0.0.1", server.ke_port), self.ca.certificate)
                self.assertTrue(is_served(answer), answer[:16])
                names.append(shown_name)
                if names[-1] == name and len(server.children("gnomon-ntske", "server")) == 2:
                    break
        self.assertTrue(set(generations) <= set(names))
        self.assertTrue(server.is_running())

    def test_a_key_that_our_user_may_not_read_is_used_once_it_may(self):
        if not surroundings.RUNS_AS_OTHERS:
            self.skipTest("runs the daemon as another user")
        self.put(self.ca.issue("first"))
        os.chmod(self.key, 0o600)
        port, ke_port = surroundings.free_port(), surroundings.free_port()
        account = pwd.getpwnam("nobody")
        home = self.state_folder("server", owner="nobody")
        configuration = home / "gnomon.conf"
        configuration.write_text("\n".join((*server_lines(port, ke_port, (self.certificate, self.key)), "cmdport 0",
                                            f"controlsocket {home}/control", "pidfile /")) + "\n", encoding="utf-8")
        server = Daemon(self, "unprivileged",
                        ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups",
                         surroundings.PROGRAM, "-U", "-x", "-d", "-f", str(configuration)])
        server.ke_port = ke_port
        server.wait_for_log(f"cannot read {self.key}: Permission denied. gnomond was started as the user with number "
                            f"{account.pw_uid}")
        os.chown(self.key, -1, account.pw_gid)
        os.chmod(self.key, 0o640)
        server.wait_for_log(f"{re.escape(str(self.key))} changed")

        def answers():
            server.still_there()
            try:
                return self.shown(server) == "first"
            except OSError:
                return False

        until("the key is used", answers)


class Report(Scene):
    def test_pairs_by_name_with_keys_of_every_kind(self):
        authority = self.authority()
        kinds = {"ecdsa": (ECDSA, 256), "rsa": (RSA, 2048), "ed25519": (ED25519, 256)}
        pairs = {kind: authority.issue(kind, (f"DNS:{kind}.example", "IP:127.0.0.1"), key_kind=words)
                 for kind, (words, _) in kinds.items()}
        more = [f"{directive} {path}" for kind in ("rsa", "ed25519")
                for directive, path in zip(("ntsservercert", "ntsserverkey"), pairs[kind])]
        server = self.start_server(certificate=pairs["ecdsa"], extra=more)
        for kind in kinds:
            self.assertEqual(kind, shown(server, authority, f"{kind}.example"))
        self.assertEqual("ecdsa", shown(server, authority))
        reported = server.ask("certificates")["certificates"]
        self.assertEqual([(kind, bits) for kind, (_, bits) in kinds.items()],
                         [(each["key"], each["key_bits"]) for each in reported])
        for each, kind in zip(reported, kinds):
            self.assertEqual([f"{kind}.example", "127.0.0.1"], each["names"])
            self.assertEqual(str(pairs[kind][0]), each["file"])
            der = ssl.PEM_cert_to_DER_cert(pairs[kind][0].read_text(encoding="ascii"))
            self.assertEqual(hashlib.sha256(der).hexdigest(), each["fingerprint"])
            self.assertEqual(29, each["days_left"])

    def test_an_end_that_comes_near_is_told_while_the_daemon_runs_and_once(self):
        pair = self.authority().issue("short", end=7 * DAY + datetime.timedelta(seconds=20))
        server = self.start_server(certificate=pair, extra=("ntsprocesses 2",))
        warning = f"{pair[0]}: the certificate expires on .* within 7 days"
        server.wait_for_log(warning)
        first = server.children("gnomon-ntske", "server")
        self.assertIsNotNone(server.operate("rekey"))
        until("the servers have been replaced", lambda: not set(first) & set(server.children("gnomon-ntske", "server")))
        self.assertEqual(1, len(re.findall(warning, server.log)))
        self.assertEqual(6, server.ask("certificates")["certificates"][0]["days_left"])

    def test_an_expired_one_is_told(self):
        pair = self.authority().issue("old", start=-10 * DAY, end=-2 * DAY)
        server = self.start_server(certificate=pair)
        server.wait_for_log(f"{pair[0]}: the certificate expired on ")
        self.assertEqual(-3, server.ask("certificates")["certificates"][0]["days_left"])

    def test_one_that_cannot_be_used_is_reported_by_its_file_and_why(self):
        certificate, key = self.authority().issue("server")
        key.unlink()
        server = self.start_server(certificate=(certificate, key))
        server.wait_for_log("cannot use its certificate or key")
        [told] = server.ask("certificates")["certificates"]
        self.assertEqual({"file", "refused_reason", "refused_since"}, set(told))
        self.assertIn(f"cannot read {key}: No such file or directory", told["refused_reason"])

    def test_who_serves_no_nts_has_none(self):
        self.assertEqual({"certificates": []}, self.start_server().ask("certificates"))


if __name__ == "__main__":
    unittest.main()
