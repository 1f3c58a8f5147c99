#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The network comes after the daemon, by the services that Debian has for it: ifupdown, systemd-networkd with resolved,
NetworkManager, a dnsmasq of one's own. A name that could not be resolved is, what DHCP offers is a source, and goes again with its
network. Then every module of nsswitch.conf that Debian packages: an answer or none, and never the end of a role. Under the unit
and AppArmor's profile."""

import contextlib
import pathlib
import re
import subprocess
import time
import unittest

import cable
import kernel_clock
from machine import until
from reference_server import ReferenceServer
from service import apparmor_denials, ask, configure, processes, run, said, value
from stock_chrony import Chronyd

PACKAGES = pathlib.Path("/usr/share/test-packages")
OURS, ROUTER, NAMED, OFFERED = (f"192.0.2.{number}" for number in (1, 2, 3, 4))
NAME = "time.example"
LINES = (f"server {NAME} iburst minpoll 0 maxpoll 2", "sourcedir /run/chrony-dhcp", "makestep 1 3")
RESOLV = pathlib.Path("/etc/resolv.conf")
SWITCH = pathlib.Path("/etc/nsswitch.conf")
# As they are named there; wins is of libnss-winbind, both of libvirt's of one package.
MODULES = ("mymachines", "resolve", "mdns4_minimal", "mdns", "myhostname", "libvirt", "libvirt_guest", "winbind", "wins", "sss")
SERVICES = ("systemd-resolved", "avahi-daemon", "winbind", "nscd", "systemd-machined")
DHCPCD = pathlib.Path("/etc/dhcpcd.conf")
SOON = 60  # s from the network's readiness to an answer, where nothing but a name server has changed


def install(folder):
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", *map(str, (PACKAGES / folder).glob("*.deb")))


def resolve_by(target):
    RESOLV.unlink(missing_ok=True)
    RESOLV.symlink_to(target)


def resolve_hosts_by(*modules):
    text = re.sub(r"(?m)^hosts:.*$", "hosts: " + " ".join(modules), SWITCH.read_text(encoding="ascii"))
    SWITCH.write_text(text, encoding="ascii")


def reached():
    return {each["name"] for each in (ask("sources") or {"sources": []})["sources"] if each["reach"]}


def known():
    return {each["name"] for each in (ask("sources") or {"sources": []})["sources"]}


class Networks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        kernel_clock.reset()
        cable.plug_in(ROUTER, NAMED, OFFERED)
        cls.servers = cable.at_the_other_end(lambda: [ReferenceServer(123, each) for each in (NAMED, OFFERED)])
        install("router")
        # Names and addresses for whoever asks at the other end.
        cls.router = subprocess.Popen(
            ["ip", "netns", "exec", cable.AWAY, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv",
             "--user=root", "--interface=far", "--bind-interfaces", "--dhcp-range=192.0.2.100,192.0.2.120,2m",
             f"--dhcp-option=option:dns-server,{ROUTER}", f"--dhcp-option=option:ntp-server,{OFFERED}",
             f"--address=/{NAME}/{NAMED}", "--dhcp-leasefile=/run/leases", "--pid-file="], stdin=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.router.kill()
        cls.router.wait()

    def setUp(self):
        self.before = apparmor_denials()
        RESOLV.unlink(missing_ok=True)
        resolve_hosts_by("files", "dns")
        for words in (("addr", "flush", "dev", cable.CABLE), ("link", "set", cable.CABLE, "down")):
            run("ip", *words)

    def tearDown(self):
        text = said()
        if any(test is self for test, _ in self._outcome.result.failures + self._outcome.result.errors):
            print(text, run("ip", "addr"), run("journalctl", "--no-pager", "-n", "60", "-o", "cat"), sep="\n", flush=True)
        self.assertNotIn("was killed", text)
        self.assertEqual([], [line for line in apparmor_denials() if line not in self.before and "gnomon" in line])

    def report(self, text):
        print(f"{self.id().split('.')[-1]}: {text}", flush=True)

    def with_services(self):
        """Once they are installed, ifupdown's clients behave in another way."""
        install("network")
        for unit in ("NetworkManager", "systemd-resolved", "networking"):
            run("systemctl", "stop", unit, check=False)

    def start_resolved(self):
        # No answer of the servers here is signed.
        pathlib.Path("/etc/systemd/resolved.conf").write_text("[Resolve]\nDNSSEC=no\nLLMNR=no\nMulticastDNS=no\n", encoding="ascii")
        run("systemctl", "start", "systemd-resolved")
        self.addCleanup(run, "systemctl", "stop", "systemd-resolved")

    def start_without_network(self):
        configure(*LINES)
        self.chronyd = Chronyd(*LINES[:1], "port 0")
        self.addCleanup(self.chronyd.stop)
        kernel_clock.set_error(3.0)
        until("the name is asked for in vain", lambda: f"Could not resolve address of {NAME}" in said(), 60)
        time.sleep(6)  # some lookups more have failed

    def is_soon_right(self, sources):
        """From the moment when any program can resolve the name; chronyd beside us has that one only, for what DHCP offers is
        handed to it by its package, which is not installed."""
        until("the name resolves", lambda: NAMED in run("getent", "ahosts", NAME, check=False), 120)
        answered = {"gnomond": lambda: sources <= reached(), "chronyd": lambda: NAME in self.chronyd.reached()}
        seconds, began = {}, time.monotonic()
        while len(seconds) < len(answered) and time.monotonic() - began < 2 * SOON:
            seconds |= {who: time.monotonic() - began for who, has in answered.items() if who not in seconds and has()}
            time.sleep(0.5)
        self.report(f"s until {sources} answer: " + ", ".join(f"{who} {seconds.get(who, 'more')}" for who in answered))
        self.assertLess(seconds.get("gnomond", 2 * SOON), SOON + 30)
        until("the clock is right", lambda: abs(kernel_clock.error()) < 0.1, 60)
        self.assertEqual("active", value("gnomond", "ActiveState"))

    def by_ifupdown(self, client, *its_process):
        """With the one DHCP client that the machine has; ifupdown would rather have the older one."""
        install(client)
        self.addCleanup(run, "dpkg", "--remove", client)
        pathlib.Path("/etc/network").mkdir(exist_ok=True)
        pathlib.Path("/etc/network/interfaces").write_text(f"iface {cable.CABLE} inet dhcp\n", encoding="ascii")
        self.start_without_network()
        self.addCleanup(run, "ifdown", cable.CABLE, check=False)
        run("ifup", cable.CABLE)
        self.assertTrue(run("pgrep", *its_process))
        self.is_soon_right({NAME, OFFERED})

    def by_dhcpcd(self):
        """Debian 12's asks for NTP servers where the administrator takes away the # of that line."""
        install("dhcpcd-base")
        DHCPCD.write_text(DHCPCD.read_text(encoding="utf-8").replace("#option ntp_servers", "option ntp_servers"), encoding="utf-8")
        self.by_ifupdown("dhcpcd-base", "dhcpcd")

    def is_gone_with_the_network(self):
        run("ifdown", cable.CABLE)
        until("what was offered is gone", lambda: OFFERED not in known(), 60)

    def test_1_ifupdown_with_dhcpcd(self):
        """What Debian 13 recommends; it writes resolv.conf itself."""
        self.by_dhcpcd()
        self.assertIn("dhcpcd", RESOLV.read_text(encoding="ascii"))
        # The cable is pulled, and plugged in again.
        run("ip", "-n", cable.AWAY, "link", "set", "far", "down")
        until("what was offered is gone", lambda: OFFERED not in known(), 60)
        run("ip", "-n", cable.AWAY, "link", "set", "far", "up")
        until("it is there again, and answers", lambda: OFFERED in reached(), 60)
        self.is_gone_with_the_network()

    def test_2_ifupdown_with_dhclient(self):
        """What Debian 12 recommends, and a machine keeps that was one."""
        self.by_ifupdown("isc-dhcp-client", "dhclient")
        self.is_gone_with_the_network()

    def test_3_ifupdown_with_dhcpcd_and_resolved(self):
        """dhcpcd finds a resolvconf, which is resolved's."""
        self.with_services()
        resolve_by("../run/systemd/resolve/stub-resolv.conf")
        self.start_resolved()
        self.by_dhcpcd()
        self.assertNotIn("dhcpcd", RESOLV.read_text(encoding="ascii"))
        self.is_gone_with_the_network()

    def test_4_systemd_networkd_and_resolved(self):
        self.with_services()
        resolve_by("../run/systemd/resolve/stub-resolv.conf")
        resolve_hosts_by("files", "resolve", "[!UNAVAIL=return]", "dns")
        pathlib.Path("/etc/systemd/network").mkdir(exist_ok=True)
        pathlib.Path(f"/etc/systemd/network/{cable.CABLE}.network").write_text(
            f"[Match]\nName={cable.CABLE}\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n", encoding="ascii")
        run("systemctl", "unmask", "systemd-networkd.service", "systemd-networkd.socket")
        self.start_without_network()
        run("systemctl", "start", "systemd-networkd")
        self.addCleanup(run, "systemctl", "stop", "systemd-networkd.socket", "systemd-networkd")
        self.start_resolved()
        self.is_soon_right({NAME, OFFERED})

    def test_5_network_manager(self):
        self.with_services()
        resolve_by("../run/NetworkManager/resolv.conf")
        # What ifupdown has is not NetworkManager's, nor are virtual cables, unless it is told.
        pathlib.Path("/etc/network/interfaces").unlink(missing_ok=True)
        pathlib.Path("/etc/NetworkManager/conf.d/test.conf").write_text(
            "[main]\ndns=default\nrc-manager=symlink\nno-auto-default=*\n", encoding="ascii")
        connection = pathlib.Path("/etc/NetworkManager/system-connections/wired.nmconnection")
        connection.write_text(f"[connection]\nid=wired\ntype=ethernet\ninterface-name={cable.CABLE}\n[ipv4]\nmethod=auto\n"
                              "[ipv6]\nmethod=disabled\n", encoding="ascii")
        connection.chmod(0o600)
        self.start_without_network()
        run("systemctl", "start", "NetworkManager")
        self.addCleanup(run, "systemctl", "stop", "NetworkManager")
        until("it is known", lambda: cable.CABLE in run("nmcli", "device"), 60)
        run("nmcli", "device", "set", cable.CABLE, "managed", "yes")
        until("it is connected", lambda: "successfully" in run("nmcli", "connection", "up", "wired", check=False), 60)
        self.is_soon_right({NAME, OFFERED})
        run("nmcli", "connection", "down", "wired")
        until("what was offered is gone", lambda: OFFERED not in known(), 60)

    def test_6_a_dnsmasq_that_comes_late(self):
        RESOLV.write_text("nameserver 127.0.0.1\n", encoding="ascii")
        cable.address(OURS)
        self.start_without_network()
        words = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--user=root", "--interface=lo",
                 "--bind-interfaces", f"--server={ROUTER}", "--pid-file="]
        with subprocess.Popen(words, stdin=subprocess.DEVNULL) as local:
            self.addCleanup(local.kill)
            self.is_soon_right({NAME})
            local.kill()

    def resolver(self):
        return dict(processes()).get("gnomon-resolve")

    def looks_up_by(self, *modules):
        """The name is found, by the same process from the first lookup on."""
        resolve_hosts_by("files", *modules)
        configure(*LINES)
        until("it resolves and answers", lambda: NAME in reached(), 120)
        role = self.resolver()
        run("gnomonctl", "refresh")
        until("the answer comes again", lambda: NAME in reached(), 60)
        text = said()
        self.assertNotIn("gnomon-resolve was", text)
        self.assertEqual("active", value("gnomond", "ActiveState"))
        self.report(f"{' '.join(modules)}: resolver {role}, then {self.resolver()}")

    def test_7_modules_whose_services_are_not_there(self):
        cable.address(OURS)
        RESOLV.write_text(f"nameserver {ROUTER}\n", encoding="ascii")
        install("modules")
        for unit in SERVICES:
            run("systemctl", "stop", unit, *([f"{unit}.socket"] if unit == "avahi-daemon" else []), check=False)
        for module in MODULES:
            with self.subTest(module):
                self.looks_up_by(module, "dns")
        self.looks_up_by(*MODULES, "dns")

    def test_8_modules_with_their_services(self):
        cable.address(OURS)
        RESOLV.write_text(f"nameserver {ROUTER}\n", encoding="ascii")
        for unit in SERVICES:
            with contextlib.suppress(AssertionError):
                run("systemctl", "start", unit)
            self.report(f"{unit} is {value(unit, 'ActiveState')}")
            self.addCleanup(run, "systemctl", "stop", unit, check=False)
        for module in MODULES:
            with self.subTest(module):
                self.looks_up_by(module, "dns")
        self.looks_up_by(*MODULES, "dns")


if __name__ == "__main__":
    unittest.main()
