#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What DHCP offers becomes sources: packaging/network as NetworkManager, systemd-networkd, dhclient and dhcpcd run it. The last two
are the real ones, against a DHCP server, where they are installed."""

import os
import pathlib
import shutil
import subprocess
import time
import unittest

import surroundings
from daemons import Gnomond, Scene, until

HOOKS = pathlib.Path(surroundings.SOURCE_ROOT) / "packaging/network"
HOSTILE = ["192.0.2.9\nallow", "-x", "$(id)", "a;b", "*", "a" * 256, "", "192.0.2.9 prefer"]


class Hooks(Scene):
    def setUp(self):
        super().setUp()
        self.offered = self.folder / "dhcp"
        self.offered.mkdir()
        self.environment = {**os.environ, "GNOMON_DHCP_FOLDER": str(self.offered), "GNOMONCTL": surroundings.CONTROL_PROGRAM,
                            "GNOMON_DHCP_SOURCES": str(HOOKS / "dhcp-sources"), "GNOMON_CONTROL": str(self.folder / "none")}

    def run_hook(self, name, *words, **environment):
        subprocess.run([HOOKS / name, *words], env={**self.environment, **environment}, cwd=self.folder, check=True,
                       timeout=surroundings.PATIENCE)

    def run_dhcp_client(self, **environment):
        """As dhclient's script and dhcpcd's do, which source it and go on."""
        script = f'set -e; . {HOOKS / "dhcp-client"}; case $- in *f*) exit 1 ;; esac'
        subprocess.run(["sh", "-c", script], env={**self.environment, **environment}, cwd=self.folder, check=True,
                       timeout=surroundings.PATIENCE)

    def files(self):
        return {each.name: each.read_text(encoding="ascii") for each in self.offered.iterdir()}


class NetworkHooks(Hooks):
    def start(self):
        daemon = Gnomond(self, "gnomond", ["port 0", f"sourcedir {self.offered}"]).wait_until_ready()
        self.environment["GNOMON_CONTROL"] = str(daemon.socket)
        return daemon

    def wait_for_names(self, daemon, *names):
        until(f"the sources are {names}", lambda: sorted(each["name"] for each in daemon.ask("sources")["sources"]) == sorted(names))

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_offered_servers_are_sources_and_go_again(self):
        daemon = self.start()
        self.run_hook("dhcp-sources", "eth0", "192.0.2.1", "192.0.2.2")
        self.wait_for_names(daemon, "192.0.2.1", "192.0.2.2")
        self.run_hook("dhcp-sources", "eth1", "192.0.2.3")
        self.run_hook("dhcp-sources", "eth0", "192.0.2.2")
        self.wait_for_names(daemon, "192.0.2.2", "192.0.2.3")
        self.run_hook("dhcp-sources", "eth0")
        self.wait_for_names(daemon, "192.0.2.3")

    def test_no_offered_word_becomes_a_line_or_an_option(self):
        self.run_hook("dhcp-sources", "eth0", *HOSTILE, "time.example")
        self.assertEqual(self.files(), {"eth0.sources": "server time.example iburst\n"})
        self.run_hook("dhcp-sources", "eth0", *HOSTILE)
        self.assertEqual(self.files(), {})

    def test_an_offered_pattern_is_no_list_of_files(self):
        (self.folder / "file.example").touch()
        links = self.folder / "links"
        links.mkdir()
        (links / "2").write_text("NTP=* time.example f*\n", encoding="ascii")
        offer = "* time.example f*"
        self.run_hook("networkmanager", "eth0", "up", DHCP4_NTP_SERVERS=offer)
        self.run_hook("networkd-sources", GNOMON_NETWORKD_LINKS=str(links))
        self.run_dhcp_client(reason="BOUND", interface="eth1", new_ntp_servers=offer)
        self.run_dhcp_client(reason="BOUND6", interface="eth1", new_dhcp6_sntp_servers=offer)
        self.assertEqual(self.files(), dict.fromkeys(("eth0.sources", "2_networkd.sources", "eth1.sources", "eth1_6.sources"),
                                                     "server time.example iburst\n"))

    def test_nobody_waits_for_a_gnomonctl_that_does_not_end(self):
        stuck = self.folder / "stuck"
        stuck.write_text("#!/bin/sh\nexec sleep 1000\n", encoding="ascii")
        stuck.chmod(0o755)
        before = time.monotonic()
        self.run_hook("networkmanager", "eth0", "connectivity-change", GNOMONCTL=str(stuck))
        self.run_hook("dhcp-sources", "eth0", "192.0.2.1", GNOMONCTL=str(stuck))
        self.assertLess(time.monotonic() - before, 100)

    def test_the_daemon_may_read_the_file_whatever_the_umask(self):
        subprocess.run(["sh", "-c", f"umask 077; {HOOKS}/dhcp-sources eth0 192.0.2.1"], env=self.environment, check=True)
        self.assertEqual((self.offered / "eth0.sources").stat().st_mode & 0o777, 0o644)

    def test_a_server_of_the_link_has_its_interface(self):
        self.run_hook("dhcp-sources", "eth0", "fe80::1")
        self.run_hook("dhcp-sources", "eth0_6", "fe80::2")
        self.assertEqual(self.files(), {"eth0.sources": "server fe80::1%eth0 iburst\n", "eth0_6.sources": "server fe80::2%eth0 iburst\n"})

    def test_a_name_that_leads_elsewhere_is_refused(self):
        for name in ("../evil", ".hidden", "a/b"):
            with self.assertRaises(subprocess.CalledProcessError):
                self.run_hook("dhcp-sources", name, "192.0.2.1")
        self.assertEqual(self.files(), {})

    def test_networkmanager(self):
        offer = {"DHCP4_NTP_SERVERS": "192.0.2.1 192.0.2.2", "DHCP6_DHCP6_NTP_SERVERS": "2001:db8::1"}
        self.run_hook("networkmanager", "eth0", "up", **offer)
        both = "server 192.0.2.1 iburst\nserver 192.0.2.2 iburst\nserver 2001:db8::1 iburst\n"
        self.assertEqual(self.files(), {"eth0.sources": both})
        self.run_hook("networkmanager", "eth0", "connectivity-change")
        self.assertEqual(self.files(), {"eth0.sources": both})
        self.run_hook("networkmanager", "eth0", "dhcp4-change", DHCP4_NTP_SERVERS="192.0.2.3")
        self.assertEqual(self.files(), {"eth0.sources": "server 192.0.2.3 iburst\n"})
        self.run_hook("networkmanager", "eth0", "down")
        self.assertEqual(self.files(), {})

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_networkmanager_takes_sources_off_line_with_the_network(self):
        daemon = self.start()
        self.run_hook("dhcp-sources", "eth0", "198.51.100.1")
        self.wait_for_names(daemon, "198.51.100.1")
        self.run_hook("networkmanager", "eth0", "connectivity-change")
        if surroundings.OWN_NETWORK:  # with loopback only there is no way to it
            until("it is off line", lambda: daemon.ask("activity")["offline"] == 1)

    def test_networkd(self):
        links = self.folder / "links"
        links.mkdir()
        self.environment["GNOMON_NETWORKD_LINKS"] = str(links)
        (links / "2").write_text("ADMIN_STATE=configured\nNTP=192.0.2.1 time.example\nDNS=192.0.2.53\n", encoding="ascii")
        (links / "3").write_text("ADMIN_STATE=unmanaged\n", encoding="ascii")
        self.run_hook("networkd-sources")
        self.assertEqual(self.files(), {"2_networkd.sources": "server 192.0.2.1 iburst\nserver time.example iburst\n"})
        (links / "2").unlink()
        (self.offered / "eth0.sources").write_text("server 192.0.2.7\n", encoding="ascii")
        self.run_hook("networkd-sources")
        self.assertEqual(self.files(), {"eth0.sources": "server 192.0.2.7\n"})


    def on_event(self, reason, **offer):
        """As the scripts of dhclient and dhcpcd source it."""
        subprocess.run(["sh", "-euc", f". {HOOKS}/dhcp-client"], check=True, timeout=surroundings.PATIENCE,
                       env={**self.environment, "reason": reason, "interface": "eth0",
                            "new_ntp_servers": "", "new_dhcp6_sntp_servers": "", "new_dhcp6_ntp_server_addr": "",
                            "new_dhcp6_ntp_server_fqdn": "", **offer})

    def test_what_a_dhcp_client_offered_goes_with_its_lease_and_with_the_cable(self):
        four, six = {"eth0.sources": "server 192.0.2.1 iburst\n"}, {"eth0_6.sources": "server 2001:db8::1 iburst\n"}
        for reason in ("EXPIRE", "FAIL", "RELEASE", "STOP", "STOPPED", "NAK", "NOCARRIER", "DEPARTED"):
            self.on_event("BOUND", new_ntp_servers="192.0.2.1")
            self.on_event("PREINIT")
            self.assertEqual(self.files(), four)
            self.on_event(reason)
            self.assertEqual(self.files(), {}, reason)
        for reason in ("EXPIRE6", "RELEASE6", "STOP6"):
            self.on_event("BOUND6", new_dhcp6_sntp_servers="2001:db8::1")
            self.on_event("NOCARRIER")
            self.assertEqual(self.files(), six)
            self.on_event(reason)
            self.assertEqual(self.files(), {}, reason)

    def test_ntp_servers_of_dhcpv6_by_address_and_by_name(self):
        self.on_event("INFORM6", new_dhcp6_ntp_server_addr="2001:db8::1", new_dhcp6_ntp_server_fqdn="time.example")
        self.assertEqual(self.files(), {"eth0_6.sources": "server 2001:db8::1 iburst\nserver time.example iburst\n"})


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Clients(Hooks):
    """Real DHCP clients on one end of a cable, dnsmasq on the other."""

    def setUp(self):
        super().setUp()
        if not surroundings.OWN_NETWORK or not shutil.which("dnsmasq"):
            self.skipTest("needs root, a network namespace and dnsmasq")
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        self.addCleanup(lambda: (self.holder.terminate(), self.holder.wait()))
        own = os.readlink("/proc/self/ns/net")
        until("the namespace is there", lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != own)
        subprocess.run(["ip", "link", "del", "plug"], capture_output=True, check=False)
        ip("link", "add", "plug", "type", "veth", "peer", "name", "far", "netns", str(self.holder.pid))
        self.addCleanup(ip, "link", "del", "plug")
        ip("link", "set", "plug", "up")
        self.far("ip", "addr", "add", "192.0.2.1/24", "dev", "far")
        self.far("ip", "link", "set", "far", "up")

    def far(self, *words):
        subprocess.run(["nsenter", "-t", str(self.holder.pid), "-n", *words], check=True)

    def serve(self, *servers):
        server = subprocess.Popen(
            ["nsenter", "-t", str(self.holder.pid), "-n", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
             "--dhcp-range=192.0.2.50,192.0.2.60,2m", "--dhcp-authoritative", f"--dhcp-leasefile={self.folder}/leases",
             f"--dhcp-option=option:ntp-server,{','.join(servers)}", "--user=root", "--interface=far", f"--pid-file={self.folder}/pid"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (server.terminate(), server.wait()))
        time.sleep(0.2)

    def run_client(self, words, folder, content):
        """In a mount namespace where `folder` has only this content, each name with a file or a text."""
        hooks = self.folder / "hooks"
        for name, what in content.items():
            file = hooks / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(what.read_text(encoding="utf-8") if isinstance(what, pathlib.Path) else what, encoding="utf-8")
        start = f"mount --make-rprivate / && mount --bind {hooks} {folder} && exec \"$@\""
        done = subprocess.run(["unshare", "-m", "sh", "-c", start, "sh", *words], env=self.environment, capture_output=True, text=True,
                              timeout=surroundings.PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_dhclient(self):
        if not shutil.which("dhclient"):
            self.skipTest("needs dhclient")
        self.serve("192.0.2.1", "192.0.2.2")
        # The environment of the client does not reach its script; neither may the machine's resolv.conf be touched.
        given = "".join(f"export {name}='{self.environment[name]}'\n" for name in
                        ("GNOMON_DHCP_FOLDER", "GNOMON_DHCP_SOURCES", "GNOMONCTL", "GNOMON_CONTROL"))
        content = {"dhclient-enter-hooks.d/test": given + "make_resolv_conf() { :; }\n",
                   "dhclient-exit-hooks.d/gnomon": HOOKS / "dhcp-client", "dhclient.conf": "request ntp-servers;\n"}
        words = ["dhclient", "-1", "-lf", f"{self.folder}/lease", "-pf", f"{self.folder}/dhclient.pid", "plug"]
        self.run_client(words, "/etc/dhcp", content)
        self.assertEqual(self.files(), {"plug.sources": "server 192.0.2.1 iburst\nserver 192.0.2.2 iburst\n"})
        self.run_client(["dhclient", "-r", *words[2:]], "/etc/dhcp", content)
        self.assertEqual(self.files(), {})

    def test_dhcpcd(self):
        hooks = next((each for each in ("/usr/lib/dhcpcd/dhcpcd-hooks", "/lib/dhcpcd/dhcpcd-hooks") if os.path.isdir(each)), None)
        if not shutil.which("dhcpcd") or not hooks:
            self.skipTest("needs dhcpcd")
        self.serve("192.0.2.3")
        content = {"63-gnomon.conf": HOOKS / "dhcp-client"}
        names = ("GNOMON_DHCP_FOLDER", "GNOMON_DHCP_SOURCES", "GNOMONCTL", "GNOMON_CONTROL")
        given = [word for name in names for word in ("-e", f"{name}={self.environment[name]}")]
        self.run_client(["dhcpcd", "-4", "-1", "-B", "-t", "20", "-f", "/dev/null", "-o", "ntp_servers", *given, "plug"], hooks, content)
        self.assertEqual(self.files(), {"plug.sources": "server 192.0.2.3 iburst\n"})


if __name__ == "__main__":
    unittest.main()
