#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The control interface by systemd's own client, varlinkctl (Debian 13): it reads our description, calls what it finds
there, and is refused what its user may not do.

VARLINKCTL: the words that start it, where it is not installed: that of a root tree, by that tree's own loader."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import unittest

import private_etc
import surroundings
from daemons import Scene, client_line

WORDS = shlex.split(os.environ.get("VARLINKCTL", "")) or [shutil.which("varlinkctl") or ""]
INTERFACE = "io.gnomon.Control"
SCHEMAS = pathlib.Path(surroundings.SOURCE_ROOT, "daemon/core/control")
OPERATORS = 61998  # the group's number here
GUEST = 61997  # somebody else than the daemon, whose own user may not control it


def environment():
    """An unpacked one has its library beside it."""
    folders = pathlib.Path(WORDS[0]).parent.parent.glob("lib/*/systemd")
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders))} if WORDS[0] != "/usr/bin/varlinkctl" else None


def run(*words, groups=None):
    """As root, or as a guest of these further groups."""
    user = [] if groups is None else ["setpriv", "--reuid", str(GUEST), "--regid", str(GUEST),
                                      *(["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"])]
    return subprocess.run([*user, *WORDS, *words], capture_output=True, text=True, timeout=surroundings.PATIENCE, check=False,
                          env=environment())


class VarlinkCtl(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        self.daemon = self.start("gnomond", client_line(self.server), "port 0")
        self.daemon.wait_until_selected("127.0.0.1")

    def call(self, method, parameters=None, *options, **others):
        done = run("-j", *options, "call", str(self.daemon.socket), f"{INTERFACE}.{method}", json.dumps(parameters or {}), **others)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def online(self):
        activity = self.daemon.ask("activity")
        return activity["online"] + activity["burst_online"]

    def test_it_reads_the_description_and_finds_nothing_wrong(self):
        for schema in sorted(SCHEMAS.glob("*.varlink")):
            done = run("validate-idl", str(schema))
            self.assertEqual(0, done.returncode, done.stderr)
        socket = str(self.daemon.socket)
        info = json.loads(run("-j", "info", socket).stdout)
        self.assertEqual(("gnomond", ["org.varlink.service", INTERFACE]), (info["product"], info["interfaces"]))
        self.assertIn(INTERFACE, run("list-interfaces", socket).stdout.split())
        done = run("introspect", socket, INTERFACE)
        self.assertEqual(0, done.returncode, done.stderr)
        for words in ("type Source (", "method Tracking() -> (", "method Metrics(", "error NotPermitted("):
            self.assertIn(words.split("(")[0].strip(), done.stdout)
        methods = run("list-methods", socket, INTERFACE).stdout
        self.assertIn(f"{INTERFACE}.Explain", methods)

    def test_guests_call_reports(self):
        for groups in (None, []):
            self.assertTrue(self.call("Tracking", groups=groups)["synchronised"])
            source, = self.call("Sources", groups=groups)["sources"]
            self.assertEqual(("127.0.0.1", "selected"), (source["name"], source["state"]))
            self.assertEqual("synchronised", self.call("Explain", {"source": "127.0.0.1"}, groups=groups)["state"])
            self.assertTrue(self.call("Metrics", groups=groups)["text"].endswith("# EOF\n"))
            for method in ("SourceStats", "AuthData", "NtpData", "SelectData"):
                self.assertEqual(1, len(self.call(method, groups=groups)["sources"]), method)
        self.assertGreater(len(self.call("Events", {"limit": 5})["events"]), 1)

    def test_only_operators_change_something_and_who_may_not_is_told_who_may(self):
        call = "call", str(self.daemon.socket), f"{INTERFACE}.Offline", "{}"
        done = run(*call, groups=[])
        self.assertNotEqual(0, done.returncode)
        self.assertIn(f"{INTERFACE}.NotPermitted", done.stderr)
        self.assertEqual(1, self.online())
        told = json.loads(run("-j", f"--graceful={INTERFACE}.NotPermitted", *call, groups=[]).stdout)
        self.assertIn("root and members of the group gnomon-operators", told["explanation"])
        self.call("Offline", groups=[OPERATORS])
        self.assertEqual(0, self.online())
        self.call("Online", groups=[GUEST, OPERATORS])
        self.assertEqual(1, self.online())
        self.call("Offline")
        self.assertEqual(0, self.online())

    def test_what_is_wrong_is_an_error_that_it_can_show(self):
        socket = str(self.daemon.socket)
        for method, parameters, error in (("NoSuch", {}, "org.varlink.service.MethodNotFound"),
                                          ("Explain", {"source": 7}, "org.varlink.service.InvalidParameter"),
                                          ("Explain", {"source": "nobody.example"}, f"{INTERFACE}.Failed"),
                                          ("Metrics", {"format": "xml"}, "org.varlink.service.InvalidParameter")):
            done = run("call", socket, f"{INTERFACE}.{method}", json.dumps(parameters))
            self.assertNotEqual(0, done.returncode)
            self.assertIn(error, done.stderr)


if __name__ == "__main__":
    if not WORDS[0]:
        print("SKIPPED: there is no varlinkctl (systemd 255 or later)")
        sys.exit(77)
    private_etc.enter_with_own_run_or_skip()
    lines = pathlib.Path("/etc/group").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.startswith("gnomon-operators:")]
    private_etc.put("group", "\n".join([*lines, f"gnomon-operators:x:{OPERATORS}:"]) + "\n")
    unittest.main()
