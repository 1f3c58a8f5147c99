#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines whose /etc/resolv.conf is a link into /run that a service makes later: Debian's own systemd-resolved, NetworkManager
and dnsmasq, started after gnomond, each in a network, an /etc and a /run of its own. Names resolve without a restart.

Needs root. Programs that are not installed are looked for in build/peer, where tests/run unpacks them; without them their tests
are skipped."""

import glob
import os
import pathlib
import shutil
import subprocess
import time
import unittest

import private_etc
from daemons import Daemon, Scene, until
from name_server import NameServer

ADDRESS, UPSTREAM = "127.0.0.1", "127.0.0.9"
SOON = 10  # seconds from the name server's readiness to the first sample
BUS = """<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/>
<allow receive_type="signal"/></policy></busconfig>
"""
CONNECTION = """[connection]
id=wired
uuid=6c1f7a70-7c61-4d5d-9d2e-3b1f4f0f7a11
type=ethernet
interface-name=wired0
[ipv4]
method=manual
addresses=192.0.2.10/24
dns=127.0.0.9;
[ipv6]
method=disabled
"""


def peers():
    """Root trees of unpacked packages."""
    return [folder[:-len("/usr/sbin")] for folder in os.environ.get("PATH", "").split(":") if folder.endswith("/peer/usr/sbin")]


def environment():
    libraries = [folder for root in peers() for where in ("usr/lib", "lib") for folder in glob.glob(f"{root}/{where}/*-linux-gnu*")]
    return {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": ":".join(libraries)}


def find(program):
    """Its path, if it runs here."""
    for folder in ("/lib/systemd", "/usr/lib/systemd", "/usr/sbin", "/usr/bin"):
        for path in (f"{root}{folder}/{program}" for root in ("", *peers())):
            if os.access(path, os.X_OK) and subprocess.run([path, "--version"], env=environment(), capture_output=True,
                                                           check=False).returncode == 0:
                return path
    return None


def needs(*programs):
    missing = [program for program in programs if not find(program)]
    return unittest.skipIf(missing, f"{', '.join(missing)}: not here")


class NetworkServices(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        private_etc.resolve_hosts_by("files dns")
        private_etc.put("hosts", "127.0.0.1 localhost\n")
        names = NameServer(UPSTREAM, {"time.example": ADDRESS})
        self.addCleanup(names.close)
        self.addCleanup(subprocess.run, ["ip", "link", "del", "wired0"], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree("/run/dbus", ignore_errors=True)
        os.makedirs("/run/dbus")

    @staticmethod
    def plug_in(address=None):
        """A cable to nobody, as both services do nothing without one."""
        ip = lambda *words: subprocess.run(["ip", *words], check=True)
        ip("link", "add", "wired0", "type", "veth", "peer", "name", "far0")
        ip("link", "set", "far0", "up")
        if address:
            ip("addr", "add", address, "dev", "wired0")
            ip("link", "set", "wired0", "up")

    def resolve_by(self, target):
        os.remove("/etc/resolv.conf")
        os.symlink(target, "/etc/resolv.conf")

    def ours(self):
        """Started when nothing is there to resolve names by."""
        daemon = self.start("ours", f"server time.example port {self.server.port} iburst").wait_until_ready()
        daemon.wait_for_log("Could not resolve address of time.example")
        time.sleep(6)  # some lookups more have failed
        return daemon

    def service(self, *words):
        return Daemon(self, os.path.basename(words[0]), [find(words[0]), *words[1:]], environment=environment())

    def resolves(self):
        """Whether a program that begins now can resolve the name."""
        return subprocess.run(["getent", "ahosts", "time.example"], stdout=subprocess.DEVNULL, check=False).returncode == 0

    def is_soon_synchronised(self, daemon, service, limit=SOON):
        until("the name resolves", lambda: service.still_there() and self.resolves())
        began = time.monotonic()
        until("a sample", lambda: daemon.still_there() and any(source["reach"] for source in daemon.ask("sources")["sources"]))
        took = time.monotonic() - began
        print(f"{service.name}: {took:.1f} s", flush=True)
        self.assertLess(took, limit)
        self.assertNotIn("is lost", daemon.log)
        self.assertNotIn("not permitted", daemon.log)

    @needs("systemd-resolved")
    def test_systemd_resolved(self):
        self.resolve_by("../run/systemd/resolve/stub-resolv.conf")
        with open("/etc/passwd", "a", encoding="utf-8") as passwd, open("/etc/group", "a", encoding="utf-8") as group:
            passwd.write("systemd-resolve:x:61991:61991::/:/usr/sbin/nologin\n")
            group.write("systemd-resolve:x:61991:\n")
        pathlib.Path("/etc/systemd").mkdir(exist_ok=True)
        private_etc.put("systemd/resolved.conf", f"[Resolve]\nDNS={UPSTREAM}\nDNSSEC=no\nLLMNR=no\nMulticastDNS=no\n")
        daemon = self.ours()
        os.makedirs("/run/systemd", exist_ok=True)
        self.plug_in("192.0.2.10/24")
        self.is_soon_synchronised(daemon, self.service("systemd-resolved"))

    @needs("NetworkManager", "dbus-daemon")
    def test_network_manager(self):
        self.resolve_by("../run/NetworkManager/resolv.conf")
        folder = pathlib.Path("/etc/NetworkManager/system-connections")
        shutil.rmtree(folder.parent, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder.parent / "NetworkManager.conf").write_text(
            "[main]\nplugins=keyfile\ndns=default\nrc-manager=symlink\nno-auto-default=*\n[logging]\nlevel=INFO\n", encoding="ascii")
        connection = folder / "wired.nmconnection"
        connection.write_text(CONNECTION, encoding="ascii")
        connection.chmod(0o600)
        daemon = self.ours()
        bus = self.folder / "bus.conf"
        bus.write_text(BUS, encoding="ascii")
        self.service("dbus-daemon", f"--config-file={bus}", "--nofork", "--nopidfile")
        until("a bus", lambda: os.path.exists("/run/dbus/system_bus_socket"))
        self.plug_in()
        self.is_soon_synchronised(daemon, self.service("NetworkManager", "--no-daemon", "--debug"))

    @needs("dnsmasq")
    def test_dnsmasq(self):
        """Nothing changes but that somebody answers: within a minute."""
        private_etc.put("resolv.conf", "nameserver 127.0.0.1\n")
        daemon = self.ours()
        service = self.service("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--user=root",
                               "--listen-address=127.0.0.1", "--bind-interfaces", f"--server={UPSTREAM}", "--log-facility=-")
        self.is_soon_synchronised(daemon, service, 60)


if __name__ == "__main__":
    private_etc.enter_with_own_run_or_skip()
    unittest.main()
