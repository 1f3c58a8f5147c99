#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports and interfaces as real configurations have them: questions that leave from the server's own port or from 123, an
interface of `binddevice` or `bindcmddevice` that comes after the daemon, an address of `bindaddress` that nobody has yet."""

import contextlib
import os
import socket
import subprocess
import sys
import unittest

import surroundings
from daemons import Scene, server_lines, until
from plain_server import PlainServer

REQUEST = b"\x23" + bytes(39) + bytes(range(1, 9))
ASK = f"""
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(0.3)
client.sendto({REQUEST!r}, (sys.argv[1], int(sys.argv[2])))
try:
    sys.exit(len(client.recv(2048)) != 48)
except TimeoutError:
    sys.exit(1)
"""

GET_KEYS = """
import sys
sys.path.insert(0, sys.argv[1])
import key_exchange
try:
    answer = key_exchange.key_exchange(("192.0.2.1", int(sys.argv[2])), sys.argv[3], "192.0.2.1")[1]
    sys.exit(not key_exchange.is_served(answer))
except OSError as error:
    sys.exit(1)
"""

# Those about the network.
RIGHTS_OF_UNIT = ("setpriv", "--bounding-set", "-net_raw,-net_admin")


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Away:
    """A network namespace at the other end of a cable; its interface here is made last."""

    def __init__(self, scene):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        scene.addCleanup(self.close)
        own = os.readlink("/proc/self/ns/net")
        until("the namespace is there", lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != own)

    def close(self):
        self.holder.terminate()
        self.holder.wait()

    def plug_in(self, interface):
        with contextlib.suppress(subprocess.CalledProcessError):
            ip("link", "del", interface)
        ip("link", "add", interface, "type", "veth", "peer", "name", "far", "netns", str(self.holder.pid))
        ip("addr", "add", "192.0.2.1/24", "dev", interface)
        ip("link", "set", interface, "up")
        for words in ("addr add 192.0.2.2/24 dev far", "link set far up"):
            self.run("ip", *words.split())

    def run(self, *words):
        return subprocess.run(["nsenter", "-t", str(self.holder.pid), "-n", *words], check=False).returncode

    def is_answered(self, port):
        return self.run(sys.executable, "-c", ASK, "192.0.2.1", str(port)) == 0

    def gets_keys(self, port, trusted):
        return self.run(sys.executable, "-c", GET_KEYS, os.path.dirname(__file__), str(port), str(trusted)) == 0


@unittest.skipUnless(surroundings.OWN_NETWORK, "needs a network of its own")
class Sockets(Scene):
    def plain_server(self):
        server = PlainServer()
        self.addCleanup(server.stop)
        return server

    def is_answered(self, port, address="127.0.0.1"):
        return subprocess.run([sys.executable, "-c", ASK, address, str(port)], check=False).returncode == 0

    def test_questions_leave_from_the_port_that_is_served(self):
        for port in (surroundings.free_port(), 123):
            with self.subTest(port):
                server = self.plain_server()
                daemon = self.start(f"both-{port}", f"port {port}", "allow", f"acquisitionport {port}", "local stratum 10",
                                    f"server 127.0.0.1 port {server.port} iburst minpoll 0 maxpoll 0")
                daemon.wait_until_selected("127.0.0.1")
                self.assertEqual({port}, {client[1] for client in server.clients})
                for _ in range(20):
                    self.assertTrue(self.is_answered(port))
                # Nobody else gets at the port by the same means.
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    with self.assertRaises(OSError):
                        other.bind(("0.0.0.0", port))
                daemon.stop()

    def test_a_privileged_port_needs_no_server(self):
        server = self.plain_server()
        daemon = self.start("client", "port 0", "acquisitionport 123",
                            f"server 127.0.0.1 port {server.port} iburst minpoll 0 maxpoll 0")
        daemon.wait_until_selected("127.0.0.1")
        self.assertEqual({123}, {client[1] for client in server.clients})

    def test_an_interface_that_comes_later_is_served_and_no_other(self):
        away, port, ke_port = Away(self), surroundings.free_port(), surroundings.free_port()
        authority = self.authority()
        lines = [*server_lines(port, ke_port, authority.issue("server", ("IP:192.0.2.1",))),
                 f"ntsdumpdir {self.state_folder('keys')}", "binddevice late0"]
        daemon = self.start("server", *lines, wrapper=RIGHTS_OF_UNIT)
        daemon.wait_until_ready()
        self.assertIn("binddevice late0: this machine does not have that interface (yet)", daemon.log)
        self.assertFalse(self.is_answered(port))
        self.assertFalse(self.is_connected(ke_port))
        for times in (1, 2):  # the second has another index
            away.plug_in("late0")
            until("a client at that interface is answered", lambda: away.is_answered(port))
            until("keys are given there", lambda: away.gets_keys(ke_port, authority.certificate))
            daemon.wait_for_log("(?s)" + "binddevice late0: the interface exists.*" * times)
            self.assertEqual(times, daemon.log.count("binddevice late0: the interface exists"), daemon.log)
            self.assertFalse(self.is_answered(port))
            self.assertFalse(self.is_connected(ke_port))

    def test_an_interface_that_goes_and_returns_is_served(self):
        away, port, ke_port = Away(self), surroundings.free_port(), surroundings.free_port()
        away.plug_in("there0")
        authority = self.authority()
        certificate = authority.issue("server", ("IP:192.0.2.1",))
        lines = [*server_lines(port, ke_port, certificate), f"ntsdumpdir {self.state_folder('keys')}", "binddevice there0"]
        daemon = self.start("server", *lines, wrapper=RIGHTS_OF_UNIT)
        daemon.wait_until_ready()
        for times in (0, 1, 2):  # each has another index
            if times:
                away.plug_in("there0")
                daemon.wait_for_log("(?s)" + "binddevice there0: the interface exists.*" * times)
            until("a client at that interface is answered", lambda: away.is_answered(port))
            until("keys are given there", lambda: away.gets_keys(ke_port, authority.certificate))
            self.assertFalse(self.is_answered(port))
            self.assertFalse(self.is_connected(ke_port))
        ip("link", "del", "there0")
        daemon.wait_for_log("binddevice there0: the interface is gone")
        self.assertFalse(self.is_answered(port))

    @unittest.skipUnless(surroundings.CHRONYC, "there is no chronyc")
    def test_an_interface_for_commands_comes_later_and_returns(self):
        away, command_port = Away(self), surroundings.free_port()
        daemon = self.start("server", f"cmdport {command_port}", "bindcmdaddress 0.0.0.0", "bindcmddevice late1", "cmdallow all",
                            wrapper=RIGHTS_OF_UNIT)
        daemon.wait_until_ready()
        self.assertIn("bindcmddevice late1: this machine does not have that interface (yet)", daemon.log)
        reaches = lambda host, run: run(surroundings.CHRONYC, "-n", "-h", host, "-p", str(command_port), "activity") == 0  # noqa: E731
        here = lambda *words: subprocess.run(words, check=False, capture_output=True).returncode  # noqa: E731
        for times in (1, 2):  # the second has another index
            self.assertFalse(reaches("127.0.0.1", here))
            away.plug_in("late1")
            until("chronyc is answered at that interface", lambda: reaches("192.0.2.1", away.run))
            daemon.wait_for_log("(?s)" + "bindcmddevice late1: the interface exists.*" * times)
            self.assertEqual(times, daemon.log.count("bindcmddevice late1: the interface exists"), daemon.log)

    def is_connected(self, port):
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return True
        except OSError:
            return False

    def test_an_address_that_comes_later_is_served(self):
        port = surroundings.free_port()
        daemon = self.start("server", f"port {port}", "allow", "local stratum 3", "bindaddress 192.0.2.77",
                            "bindaddress 2001:db8::77")
        daemon.wait_until_ready()
        self.assertFalse(self.is_answered(port))
        ip("addr", "add", "192.0.2.77/32", "dev", "lo")
        until("it is answered", lambda: self.is_answered(port, "192.0.2.77"))


if __name__ == "__main__":
    if not surroundings.OWN_NETWORK:
        sys.exit(77)
    unittest.main()
