#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The AppArmor profiles in force: in a machine with AppArmor, the profile file named by GNOMON_APPARMOR (default: where the
package puts it), and the programs where it says that they are. Server and client of NTS work, reload and restart as well,
nothing is denied meanwhile, and gnomond can execute nothing but its roles."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "interop"), str(HERE.parent / "sandbox")]

PROFILE = os.environ.get("GNOMON_APPARMOR", "/etc/apparmor.d/gnomond")
os.environ.setdefault("GNOMOND", "/usr/sbin/gnomond")
os.environ.setdefault("GNOMONCTL", "/usr/bin/gnomonctl")

import injection  # noqa: E402
from attempts import CALLS, text  # noqa: E402
from certificates import DAY  # noqa: E402
from daemons import Scene, client_line, until  # noqa: E402
from service import apparmor_denials, apparmor_label  # noqa: E402

ENABLED = pathlib.Path("/sys/module/apparmor/parameters/enabled")
STATE, CONFIGURATION = pathlib.Path("/var/lib/gnomon"), pathlib.Path("/etc/gnomon")


class AppArmor(Scene):
    @classmethod
    def setUpClass(cls):
        if not ENABLED.exists() or ENABLED.read_text(encoding="ascii").strip() != "Y":
            raise AssertionError("AppArmor is not enabled here")
        subprocess.run(["apparmor_parser", "-r", "-K", PROFILE], check=True)

    def state_folder(self, name, mode=0o755, owner=None):
        with self.folder_is(STATE):
            return super().state_folder(name, mode, owner)

    def authority(self, name="ca"):
        with self.folder_is(CONFIGURATION):
            return super().authority(name)

    @contextlib.contextmanager
    def folder_is(self, folder):
        """Where the profiles have such files."""
        folder.mkdir(exist_ok=True)
        real, self.folder = self.folder, folder
        yield
        self.folder = real

    def test_the_daemon_works_under_its_profiles_and_can_execute_nothing_else(self):
        before = apparmor_denials()
        authority = self.authority()
        certificate = authority.issue("server", end=10 * 365 * DAY)  # the machine's clock may be before the build
        ports = None
        for name in ("server", "again"):
            keys = self.state_folder("keys", mode=0o750)
            server = self.start_server(name, certificate=certificate, extra=[f"ntsdumpdir {keys}"], ports=ports)
            ports = (server.port, server.ke_port)
            client = self.start(f"client-{name}", client_line(server, nts=True), "nosystemcert",
                                f"ntstrustedcerts {authority.certificate}", f"driftfile {keys}/drift", options=("-U",))
            client.wait_until_selected("127.0.0.1")
            self.labels_are_right(server, client)
            os.kill(server.process.pid, 1)
            server.wait_for_log("Reading the NTS certificates again")
            until("a new server process", lambda server=server: len(server.children("gnomon-ntske", "server")) == 1
                  and server.ask("tracking"))
            self.assertEqual([], [line for line in apparmor_denials() if line not in before])
            if name == "again":
                self.only_roles_are_executed(server)
            client.stop()
            server.stop()

    def labels_are_right(self, *daemons):
        for daemon in daemons:
            self.assertEqual("gnomond (enforce)", apparmor_label(daemon.process.pid))
            for program in ("gnomon-core", "gnomon-resolve", "gnomon-ntske", "gnomon-clock"):
                for pid in daemon.children(program):
                    self.assertRegex(apparmor_label(pid), rf"gnomond//&{program} \(enforce\)|{program}//&gnomond \(enforce\)")

    def only_roles_are_executed(self, server):
        loader = re.search(r"\S*/ld-linux\S*", subprocess.run(["ldd", "/bin/true"], capture_output=True, text=True,
                                                              check=True).stdout)[0]
        with injection.Stopped(server.process.pid) as gnomond:
            for program in ("/bin/true", "/bin/sh", loader):
                self.assertEqual(-13, gnomond.call(CALLS["execve"], text(program), 0, 0), program)
            self.assertEqual(-13, gnomond.call(CALLS["openat"], -100, text("/etc/shadow"), 0, 0))
        self.assertIn("gnomond", apparmor_denials()[-1])


if __name__ == "__main__":
    if injection.possible():
        print(f"SKIPPED: {injection.possible()}")
        sys.exit(77)
    unittest.main()
