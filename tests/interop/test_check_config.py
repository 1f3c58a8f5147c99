#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`gnomonctl check-config` finds what gnomond stumbles over: certificates, files, ports, names. What gnomond takes has no error."""

import datetime
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

import certificates
import surroundings

DAY = datetime.timedelta(days=1)
EXAMPLES = pathlib.Path(__file__).parent / "configurations"

# nosystemcert, and a source that is not in the set of ntstrustedcerts.
REAL_MISTAKES = {"public-nts-server.conf": ["no certificate authority is trusted: every key exchange will fail"]}


class CheckConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.own = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.own.name)
        cls.folder.chmod(0o755)
        cls.authority = certificates.Authority(cls.folder / "ca")
        os.environ["SSL_CERT_FILE"] = str(cls.authority.certificate)  # as if the machine trusted it

    @classmethod
    def tearDownClass(cls):
        os.environ.pop("SSL_CERT_FILE")
        cls.own.cleanup()

    def run_check(self, *words, **options):
        return subprocess.run((surroundings.CONTROL_PROGRAM, "check-config", *words), capture_output=True, text=True,
                              timeout=60, check=False, **options)

    def check(self, *lines, words=()):
        """The exit status, and severity, line, word and message of each finding."""
        path = self.folder / "gnomon.conf"
        path.write_text("\n".join((*lines, "user root", "")), encoding="utf-8")
        done = self.run_check("--json", *words, str(path))
        self.assertEqual("", done.stderr)
        found = [each for each in json.loads(done.stdout)["findings"] if "`user root`" not in each["message"]]
        return done.returncode, [(each["severity"], each.get("line"), each.get("word", ""), each["message"]) for each in found]

    def pair(self, certificate, key):
        return ("server a.example", "allow", "port 11123", "ntsport 11460", f"ntsservercert {certificate}", f"ntsserverkey {key}")

    def one(self, severity, pattern, *lines, words=()):
        status, found = self.check(*lines, words=words)
        fitting = [each for each in found if re.search(pattern, each[3])]
        self.assertEqual([severity], [each[0] for each in fitting], found)
        self.assertEqual({"error": 2, "warning": 1, "note": 0}[severity], status, found)
        return fitting[0]

    def test_a_good_pair_is_silent(self):
        self.assertEqual((0, []), self.check(*self.pair(*self.authority.issue("good", end=90 * DAY))))

    def test_a_helper_is_heard_although_sigchld_was_left_ignored(self):
        certificate, _ = self.authority.issue("first")
        _, key = self.authority.issue("second")
        path = self.folder / "ignored.conf"
        path.write_text("\n".join((*self.pair(certificate, key), "")), encoding="utf-8")
        shell = f"trap '' CHLD; exec {surroundings.CONTROL_PROGRAM} check-config {path}"
        done = subprocess.run(("bash", "-c", shell), capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("does not belong to the certificate", done.stdout)

    def test_a_key_of_another_certificate(self):
        certificate, _ = self.authority.issue("one")
        _, key = self.authority.issue("two")
        found = self.one("error", "does not belong to the certificate", *self.pair(certificate, key))
        self.assertEqual((6, str(key)), found[1:3])

    def test_dates_and_names(self):
        certificate, key = self.authority.issue("old", start=-3 * DAY, end=-DAY)
        self.assertEqual(5, self.one("error", "the certificate expired on", *self.pair(certificate, key))[1])
        self.one("warning", "expires on .*, within 30 days", *self.pair(*self.authority.issue("soon", end=10 * DAY)))
        self.one("warning", "is not valid before", *self.pair(*self.authority.issue("early", start=DAY, end=90 * DAY)))
        self.one("error", "no subject alternative name", *self.pair(*self.authority.issue("nameless", subject_names=())))

    def test_a_chain_that_clients_cannot_verify(self):
        other = certificates.Authority(self.folder / "other", "another authority")
        certificate, key = other.issue("unknown", end=90 * DAY)
        self.one("warning", "would reject it: issued by an authority that is not trusted", *self.pair(certificate, key))
        self.assertEqual((0, []), self.check(*self.pair(certificate, key), f"ntstrustedcerts {other.certificate}", "sourcedir /"))

    def test_files_that_are_no_certificates(self):
        certificate, key = self.authority.issue("usable")
        nonsense = self.folder / "nonsense.pem"
        nonsense.write_text("nonsense\n")
        self.assertEqual(5, self.one("error", "holds no usable certificate chain", *self.pair(nonsense, key))[1])
        self.one("error", "no usable private key|cannot be used", *self.pair(certificate, nonsense))
        self.one("error", "does not exist", *self.pair(certificate, self.folder / "missing.key"))

    @unittest.skipUnless(surroundings.RUNS_AS_OTHERS, "runs a program as another user")
    def test_a_key_that_the_daemon_may_not_read(self):
        certificate, key = self.authority.issue("private")
        lines = self.pair(certificate, key)
        path = self.folder / "nobody.conf"
        path.write_text("\n".join((*lines, "user nobody", "")), encoding="utf-8")
        done = self.run_check(str(path))
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn("warning: gnomon-ntske as the user nobody may not read it", done.stdout)
        for each in (self.authority.folder, certificate):
            os.chmod(each, 0o755)
        # The same by nobody: what it may not read it cannot try, and says so.
        path.chmod(0o644)
        with_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        done = self.run_check(str(path), **with_user)
        self.assertIn("note: the certificate was not tried", done.stdout)

    def test_a_pipe_is_read_as_a_file_is(self):
        text = "server 192.0.2.1\nport 70000\nuser root\n"
        for words, given in ((["-"], {"input": text}), (["/dev/stdin"], {"input": text})):
            done = self.run_check("--json", *words, **given)
            found = [each for each in json.loads(done.stdout)["findings"] if each["severity"] == "error"]
            self.assertEqual([("/dev/stdin", 2, "70000")], [(each["file"], each["line"], each["word"]) for each in found])
        shell = f"{surroundings.CONTROL_PROGRAM} check-config <(printf 'server 192.0.2.1\nport 70000\n')"
        done = subprocess.run(("bash", "-c", shell), capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("port 70000", done.stdout)
        self.assertEqual(2, done.returncode)

    def test_a_file_of_secrets(self):
        secret = self.folder / "fleet-secret"
        for text, severity, pattern in (("garbage\n", "error", "is rejected .line 1: .*hexadecimal digits"), ("", "error", "there is no secret in it"),
                                        ("a1" * 31 + "b\n", "error", "not an even number"), ("a1" * 31, "error", "shorter than 32 octets"),
                                        ("a1" * 4097, "error", "longer than 8192 octets"),
                                        ("# ours\n" + "0" * 64, "warning", "line 2 of .* repeats one digit")):
            secret.write_text(text)
            secret.chmod(0o600)
            with self.subTest(pattern):
                self.one(severity, pattern, "allow", "server 192.0.2.1", "port 11123", f"ntskeysecret {secret}")
        secret.write_text("a1" * 32)
        self.assertEqual((0, []), self.check("allow", "server 192.0.2.1", "port 11123", f"ntskeysecret {secret}"))
        self.assertNotIn("a1a1", self.run_check(str(self.folder / "gnomon.conf")).stdout)

    def test_a_file_of_keys(self):
        keys = self.folder / "symmetric.keys"
        keys.write_text("# ours\n 7 SHA1 HEX:00112233445566778899aaxx\n8 SHA1 HEX:00112233445566778899\n8 MD5 secretsecret\n")
        keys.chmod(0o644)
        lines = f"keyfile {keys}", "server 192.0.2.1 key 8", "server 192.0.2.2 key 7"
        status, found = self.check(*lines)
        self.assertEqual(2, status)
        self.assertEqual(
            [("warning", 1, str(keys), "others can read or change it (mode 0644)"),
             ("error", 3, "key", f"{keys} has no key 7 that can be used: the source is not queried"),
             ("warning", 2, "", "key 7 is not used: it has something other than hexadecimal digits after HEX:"),
             ("warning", 4, "", "key 8 is not used: it is a duplicate: the line before it with that ID counts")], found)
        done = self.run_check(str(self.folder / "gnomon.conf"))
        self.assertIn(f"{keys}:2:9: warning: key 7 is not used", done.stdout)
        self.assertIn(f"{keys}:4:1: warning: key 8 is not used", done.stdout)
        self.assertNotRegex(done.stdout, "00112233|secret")
        keys.chmod(0o640)
        keys.write_text("8 SHA1 HEX:00112233445566778899\n")
        self.assertEqual((0, []), self.check(*lines[:2]))

    def test_a_port_of_another_program(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            port = other.getsockname()[1]
            found = self.one("warning", f"UDP port {port} is in use by .*python", "server a.example", "allow", f"port {port}")
        self.assertEqual(2, found[1])

    def test_names_on_request(self):
        lines = "server no-such-host.invalid", "server localhost"
        self.assertEqual((0, []), self.check(*lines))
        self.assertEqual((1, "no-such-host.invalid"), self.one("warning", "has no address now", *lines, words=("--resolve",))[1:3])

    def test_the_line_is_shown_with_a_mark(self):
        path = self.folder / "marked.conf"
        path.write_text("server a.example iburst # a comment\n  server b.example ibrust\nuser root\n")
        done = self.run_check(str(path))
        self.assertEqual(2, done.returncode)
        self.assertIn(f"{path}:2:20: error: unknown option 'ibrust' in server directive\n"
                      "      server b.example ibrust\n"
                      "                       ^~~~~~\n"
                      "  did you mean 'iburst'?\n", done.stdout)
        self.assertRegex(done.stdout, r"marked\.conf: 1 error(, 1 note)?\n\Z")

    def test_what_it_is_called_with(self):
        self.assertEqual(2, self.run_check("/nowhere/gnomon.conf").returncode)
        done = self.run_check("a", "b")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("unexpected argument 'b'", done.stderr)

    def test_configurations_that_run_have_no_syntax_error(self):
        files = sorted(EXAMPLES.glob("*.conf"))
        self.assertGreater(len(files), 15)
        for path in files:
            with self.subTest(path.name):
                done = self.run_check(str(path))
                self.assertEqual("", done.stderr)
                # What they name on other machines is not here; apart from that there is no error.
                errors = [line for line in re.findall(r"^.* error: (.*)$", done.stdout, re.MULTILINE)
                          if not re.search(r"does not exist|could not read|there is no user", line)]
                self.assertEqual(REAL_MISTAKES.get(path.name, []), errors)


if __name__ == "__main__":
    surroundings.give_up_the_clock()
    surroundings.enter_own_network()
    unittest.main()
