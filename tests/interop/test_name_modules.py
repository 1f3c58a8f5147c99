#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The modules that Debian packages for the hosts line of nsswitch.conf, one by one and together, and nscd: the real ones, in the
confined resolver. Whatever a module needs, the name resolves by the one after it, and the role goes on.

Needs root, for an /etc, a /run and a network of its own. What is not installed is taken from build/peer, where tests/run unpacks
it; without it its test is skipped."""

import glob
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import private_etc
from daemons import Daemon, Scene, until
from name_server import NameServer
from test_network_services import peers

MODULES = ("mymachines", "resolve", "mdns4_minimal", "mdns4", "mdns", "myhostname", "libvirt", "libvirt_guest", "winbind", "wins", "sss")
LIBRARIES = "/usr/local/lib"  # where the loader looks, and the resolver may read
NAME, ADDRESS = "time.example", "127.0.0.1"
NSCD = """
logfile /dev/stderr
enable-cache hosts yes
persistent hosts no
shared hosts no
"""


def put_libraries():
    """Those of the unpacked packages into the loader's cache, which is ours alone."""
    folder = pathlib.Path("/run/libraries")
    folder.mkdir()
    for root in peers():
        for where in ("usr/lib", "lib"):
            for path in glob.glob(f"{root}/{where}/*-linux-gnu*/**/*.so*", recursive=True):
                if os.path.exists(path) and "/security/" not in path:
                    shutil.copy(path, folder / os.path.basename(path))
    private_etc.mount_over(folder, LIBRARIES)
    os.makedirs("/run/cache")
    if os.path.isdir("/var/cache/ldconfig"):
        private_etc.mount_over("/run/cache", "/var/cache/ldconfig")
    subprocess.run(["ldconfig"], stderr=subprocess.DEVNULL, check=True)


def is_there(module):
    return subprocess.run([sys.executable, "-c", f"import ctypes; ctypes.CDLL('libnss_{module}.so.2')"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


class NameModules(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        private_etc.put("hosts", "127.0.0.1 localhost\n")
        private_etc.put("resolv.conf", "nameserver 127.0.0.9\n")
        names = NameServer("127.0.0.9", {NAME: ADDRESS})
        self.addCleanup(names.close)

    def resolves_by(self, *modules):
        """The first lookup finds the name, a second one too, and the process is the same."""
        private_etc.resolve_hosts_by(" ".join(("files", *modules, "dns")))
        name = f"by-{modules[0]}-{len(modules)}" if modules else "by-nscd"
        ours = self.start(name, f"server {NAME} port {self.server.port} iburst").wait_until_ready()
        ours.wait_until_selected(NAME)
        role = ours.children("gnomon-resolve")
        loaded = pathlib.Path(f"/proc/{role[0]}/maps").read_text(encoding="utf-8", errors="replace")
        self.assertEqual([], [module for module in modules if f"libnss_{module}.so" not in loaded])
        ours.operate("refresh")
        ours.wait_until_selected(NAME)
        self.assertEqual(role, ours.children("gnomon-resolve"))
        for fault in ("was killed", "is lost", "not permitted", "Could not resolve"):
            self.assertNotIn(fault, ours.log)
        ours.stop()

    def test_each_module_finds_or_leaves_it_to_the_next(self):
        here = [module for module in MODULES if is_there(module)]
        print("here:", *here, flush=True)
        if not here:
            self.skipTest("no module is here")
        for module in here:
            with self.subTest(module):
                self.resolves_by(module)
        self.resolves_by(*here)

    def test_nscd(self):
        nscd = next((path for path in ("/usr/sbin/nscd", *(f"{root}/usr/sbin/nscd" for root in peers())) if os.access(path, os.X_OK)), None)
        if nscd is None:
            self.skipTest("nscd is not here")
        os.makedirs("/run/nscd", exist_ok=True)
        configuration = self.folder / "nscd.conf"
        configuration.write_text(NSCD, encoding="ascii")
        private_etc.resolve_hosts_by("files dns")
        Daemon(self, "nscd", [nscd, "--foreground", "-f", str(configuration)])
        until("its socket", lambda: os.path.exists("/run/nscd/socket"))
        self.resolves_by()


if __name__ == "__main__":
    private_etc.enter_with_own_run_or_skip()
    put_libraries()
    unittest.main()
